package staff

import "cosignatory/templates/ui"

// Desk is what is to be done: drafts by their state, what was published, gaps worth closing.
type Desk struct {
	Page
	Mine     bool // only the own drafts
	MineURL  string
	AllURL   string
	Sections []DeskSection // in the order of work: conflict, in_review, draft, scheduled
	Recent   []RecentRow
	Gaps     []GapSection

	// NewAction starts an empty declaration (posts nothing); empty where the role may not write.
	NewAction string
	// BringURL is where a list of signatories is brought in; empty where the role may not write.
	BringURL string
	// FindAction is where the search for a declaration to start from leads (GET: q).
	FindAction string
	Query      string
	Found      []FoundRow // of Query
	Searched   bool
}

// DeskSection is the drafts of one state.
type DeskSection struct {
	State string // draft, in_review, scheduled, conflict
	Rows  []DraftRow
}

// DraftRow is a draft on the desk.
type DraftRow struct {
	Title   ui.Text // of the declaration; "without a title" is said where it has none
	URL     string  // where its work goes on: form, check or conflict
	Author  string
	Mine    bool
	Changed string // when, in words
	ISO     string
	What    string // in one line: "new declaration", "2 joined, 1 corrected", "9 new participations"
	Note    string // "Sent back by Bo Li: the date of Chad", "To be published on 24 November 2026, 09:00 UTC"; empty for none
}

// RecentRow is a published change.
type RecentRow struct {
	Title ui.Text
	URL   string // the revision's page
	At    string
	ISO   string
	What  string
	Who   string
}

// GapSection is one kind of gap. Kind: count, weak, undated, unread (addresses not read for a year).
type GapSection struct {
	Kind  string
	Total int
	Rows  []GapRow // the first few
	URL   string   // all of them; empty where these are all
}

// GapRow is one declaration with a gap.
type GapRow struct {
	Title ui.Text
	URL   string // the declaration's public page
	What  string // "44 stated, 12 named"
	// StartAction begins a draft of it (a post); empty where the role may not write.
	StartAction string
}

// FoundRow is a declaration that a draft can be started from.
type FoundRow struct {
	Title       ui.Text
	URL         string // public page
	Kind, Date  string
	StartAction string
	HistoryURL  string  // revisions, for comparing and undoing
	Draft       ui.Link // a draft that is already open; zero for none
}
