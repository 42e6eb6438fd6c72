package pages

import "cosignatory/templates/ui"

// History is the list of the revisions of one declaration.
type History struct {
	Page
	Declaration    ui.Text
	DeclarationURL string
	Revisions      []HistoryRow // newest first
	Foot           ui.TableFoot
}

// HistoryRow is one revision of a declaration.
type HistoryRow struct {
	Change
	AtRevisionURL string // the declaration as it stood at that revision
}

// Revision is one published change with its differences.
type Revision struct {
	Page
	Change        Change
	ChangesURL    string // the list of all changes
	HistoryURL    string // the history of the declaration; empty where it is about none
	AtRevisionURL string // the declaration at this revision
	BeforeURL     string // the declaration before it; empty for the first
	Joined, Left  []ui.Link
	Corrected     []ui.Link // rows of participants that were corrected, named for the summary
	Differences   []Difference
	PrevURL       string
	NextURL       string
	Hash          string
	PreviousHash  string
}

// Difference is one field before and after.
type Difference struct {
	About  ui.Text // the participant, source or title it belongs to; empty: the declaration itself
	Field  string  // in words, field.stated_count …
	Before ui.Text // empty: was not on record
	After  ui.Text // empty: is no longer on record
}

// Changes is the list of all published revisions, newest first.
type Changes struct {
	Page
	Rows  []Change
	Total int
	Pager ui.Pager
	Foot  ui.TableFoot
}
