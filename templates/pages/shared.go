package pages

import (
	"slices"
	"strconv"

	"cosignatory/templates/ui"
)

// Change is one published revision as a reader follows it: what changed, why, who.
type Change struct {
	Revision       int
	URL            string // the page of this revision with its differences
	At             string // day of publication, in words
	AtTime         string // the time of day with its zone, as 14:05 UTC; empty leaves it out
	AtISO          string // RFC 3339, UTC
	Declaration    ui.Text
	DeclarationURL string   // empty where the change is not about one declaration
	What           []string // whole sentences
	Why            ui.Text
	Who            string // role, never a person: "staff", "the register's keeper"
}

// DeclarationRow is a declaration in a list.
type DeclarationRow struct {
	Title     ui.Text
	URL       string
	Kind      string // in words
	Date      string // in words, as precise as known
	DateISO   string // the partial date as written in files; empty when unknown
	LedBy     []ui.Link
	Stated    int // newest stated count; 0: no number is stated
	Named     int
	InEffect  int
	Unsettled int
	Open      bool
	// Note is a sentence under the title where the row alone would mislead, as the reason why a search found it.
	Note string
}

// SourceRef points from a row to an entry of the list of sources on the same page.
type SourceRef struct {
	Number int    // its number in that list
	Name   string // publisher, as printed
	Kind   string // official, copy, press, other, in words
	URL    string // #source-3 on the same page, or an address elsewhere
}

// inOrder are the same sources as they are numbered.
func inOrder(refs []SourceRef) []SourceRef {
	return slices.SortedFunc(slices.Values(refs), func(a, b SourceRef) int { return a.Number - b.Number })
}

// Claim is what one source says where sources disagree.
type Claim struct {
	Words  ui.Text // a whole sentence, in the language in which it is on record
	Source SourceRef
}

// Note is a sentence or a note, with what stands before and after it in the reader's language where its own may be another.
type Note struct {
	Before, After string
	Text          ui.Text
}

// Filter is the part that all filter forms share.
type Filter struct {
	Action   string // address of the form, without a query
	Q        string
	Hidden   []ui.Hidden // sort, as_of, revision: what the form keeps
	Active   []ui.Link   // filters in force; each URL is the page without it
	ClearURL string      // the page without any
	Problems []ui.Problem
}

// AsOfForm asks for another day or another revision of the same page.
type AsOfForm struct {
	Action     string
	Date       string // YYYY-MM-DD, or what was typed
	Revision   int    // as asked for; 0 leaves the field empty: the newest
	Newest     int    // the newest revision
	Typed      string // what was typed for a revision where it is no number; shown instead of Revision
	Hidden     []ui.Hidden
	ChangesURL string // what changed since; empty leaves it out
	Problems   []ui.Problem
}

func (f AsOfForm) revision() string {
	if f.Typed != "" {
		return f.Typed
	}
	if f.Revision == 0 {
		return ""
	}
	return strconv.Itoa(f.Revision)
}

// newest is what an empty field for a revision stands for.
func (f AsOfForm) newest() string {
	if f.Newest == 0 {
		return ""
	}
	return strconv.Itoa(f.Newest)
}
