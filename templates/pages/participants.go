package pages

import "cosignatory/templates/ui"

// Participants is the list of participants.
type Participants struct {
	Page
	Filter ParticipantFilter
	Orders []ui.Link // alphabetical, by region
	// Letters leads to the sections: initials in alphabetical order, regional groups by region. One without a URL has none.
	Letters  []ui.Link
	Sections []ParticipantSection
	Total    int
	ByName,
	ByDeclarations ui.Head
	Pager ui.Pager
	Foot  ui.TableFoot
	// The page that compares some.
	CompareURL string
}

// ParticipantFilter is the form above the list.
type ParticipantFilter struct {
	Filter
	Groups, Kinds *ui.Options
	Group, Kind   string
}

// ParticipantSection is one initial or one regional group. ID is its fragment.
type ParticipantSection struct {
	ID, Heading string
	Rows        []ParticipantRow
}

// ParticipantRow is a participant in a list.
type ParticipantRow struct {
	Code         string // the register's own
	Name         string
	URL          string
	Formal       string
	Kind         string // in words
	Region       string // in words
	ISO3         string // or the user-assigned code
	Declarations int    // on how many it stands on the day shown
	Ended        string // years of an entity that has ended, in words; else empty
}

// Participant is one participant: names, codes, groups, and every declaration it is or was on.
type Participant struct {
	Page
	ParticipantsURL string
	Name            string
	Formal          string
	Names           []ui.Text    // in the languages of the register, each with its language
	FormerNames     []FormerName // newest first
	Kind            string       // in words
	Region          string
	Admission       string    // to the United Nations, in words
	Existed         string    // from when to when, of an entity that has ended or is young
	Codes           []ui.Fact // ISO alpha-3, alpha-2, M49, user-assigned, the register's own
	Groups          []MembershipRow
	Predecessors    []Succession
	Successors      []Succession
	Note            ui.Text
	On, Led, Left   int // declarations
	Unsettled       int
	Beside          int // aligned or supporting
	NotYet          int // on whose lists it comes only after the day
	Rows            []ParticipationRow
	Total           int
	ByDate, ByTitle ui.Head
	Presented       int // read out for its delegation
	Years           Years
	Through         Through
	Without         Without
	Pager           ui.Pager
	Foot            ui.TableFoot
	AsOfForm        AsOfForm
	Together        Companions // who signs with it most, the first few
	TogetherURL     string
	LedURL          string // what it leads and whom it brings; empty where it leads nothing
}

// FormerName is a name that was official until a day.
type FormerName struct {
	Text ui.Text
	When string // "until 31 May 2022"
}

// MembershipRow is the membership of a group.
type MembershipRow struct {
	Name string
	URL  string
	When string // "since 1 May 2004", "until 31 January 2020", or empty
	Now  bool   // on the day shown
}

// Succession leads from an entity to the one before or after it.
type Succession struct {
	Name, URL, When string
}

// ParticipationRow is a declaration on a participant's page.
type ParticipationRow struct {
	Declaration ui.Text
	URL         string
	Kind        string
	Date        string
	DateISO     string
	Status      string // in words: in effect, left: dropped from the list …
	Since       string
	SinceISO    string
	SinceNote   string
	Until       string
	UntilISO    string
	UntilNote   string
	Capacity    string
	Printed     ui.Text
	Evidence    []SourceRef // URLs lead to the declaration's page
	Disputed    bool
	Uncounted   bool // aligned or supporting: in no count
}
