package pages

import "cosignatory/templates/ui"

// Groups is the list of groups, by kind.
type Groups struct {
	Page
	Sections []GroupSection
	Total    int
	Foot     ui.TableFoot
}

// GroupSection is the groups of one kind.
type GroupSection struct {
	Heading string
	Rows    []GroupRow
}

// GroupRow is a group in the list.
type GroupRow struct {
	Code, Name, URL string
	Members         int // on the day shown
}

// Group is one group with its members on a day.
type Group struct {
	Page
	GroupsURL string
	Code      string
	Name      string
	Kind      string // in words
	Note      ui.Text
	AsOfForm  AsOfForm
	Members   []GroupMember // on the day shown
	Former    []GroupMember // not on that day, but at another
	AllURL    string        // the file of all memberships
	Foot      ui.TableFoot
	Signs     Signs // the newest few declarations
}

// GroupMember is one membership.
type GroupMember struct {
	Name, URL, Code string
	Kind            string // in words where it is no UN member
	Region          string
	From, FromISO   string // empty: founder, or not recorded
	To, ToISO       string
	Declarations    int
}
