// Package ui holds the components that every page is made of, and the small values they show. Everything in it is already
// localised: a component never looks at the register.
package ui

// Text is a text that may be in another language than the page it stands on: a title, a name as printed, a place, a note.
// An empty Lang means the page's own language. Dir is "rtl" for right-to-left scripts, else "ltr" or empty. Mark is what is said
// after it of its being in another language: the name of that language, of a title that has none in the page's (D21).
type Text struct {
	S, Lang, Dir string
	Mark         string
}

// Plain is a text in the language of the page.
func Plain(s string) Text { return Text{S: s} }

// Empty says that there is nothing to show.
func (t Text) Empty() bool { return t.S == "" }

// Link is an address with its words. Current marks the page or order that the reader is on: it is shown, not linked.
type Link struct {
	Text    string
	URL     string
	Current bool
}

// TextLink is a link whose words may be in another language than the page.
type TextLink struct {
	Text Text
	URL  string
}

// Language is one language of the register and the address of this very page, filters included, in it.
type Language struct {
	Code, Name, Dir string
	URL             string
	Current         bool
}

// Alternate is the absolute address of this page in another language, for search engines; Lang "x-default" names none.
type Alternate struct {
	Lang, URL string
}

// Hidden is a parameter that a form carries along unseen: sort, as_of, revision.
type Hidden struct {
	Name, Value string
}

// Option is one choice of a select. An empty Value is "any".
type Option struct {
	Value, Label string
}

// Order is the direction in which a column is sorted.
type Order string

// The directions of a column; Unsorted is the zero value.
const (
	Unsorted   Order = ""
	Ascending  Order = "ascending"
	Descending Order = "descending"
)

// Head is the sortable head of a column. URL sorts by it (the other way round when it is the sorted one); an empty URL makes it
// plain text. The words of a head belong to the page.
type Head struct {
	URL   string
	Order Order
}

// Format is one way to take a table along. Name is csv, json, xlsx or print: its label is looked up as format.Name.
type Format struct {
	Name, URL string
}

// TableFoot is the quiet line under a table. Citation is the finished text that "cite this view" opens; empty leaves it out.
type TableFoot struct {
	Formats  []Format
	Citation string
	Cites    []Format // the permanent address and the files of the citation
	Release  Link     // the release that the view's revision is; without words where it is none
}

// Pager leads through the pages of a long table. The zero value shows nothing.
type Pager struct {
	First, Last, Total int // the rows shown, counted from 1, and all of them
	Page, Pages        int
	FirstURL, LastURL  string // empty on that page itself
	PrevURL, NextURL   string // empty where there is none
}

// Problem is one thing wrong in a form: a whole sentence, and the id of the field it is about (empty: the form as a whole).
type Problem struct {
	Field, Message string
}

// Fact is a label with a value, as in a list of facts.
type Fact struct {
	Label string
	Value Text
	URL   string
}

// Bench draws one square for each place on a list. The words that say the same stand beside it; Label is what is spoken.
type Bench struct {
	InEffect  int // filled
	Unsettled int // half filled
	NotNamed  int // hollow: stated, but named in no source on record
	Left      int // barred
	Label     string
}

// Total is the number of squares.
func (b Bench) Total() int { return b.InEffect + b.Unsettled + b.NotNamed + b.Left }

// BenchLimit is the number of squares above which no bench is drawn: the words stay.
const BenchLimit = 400
