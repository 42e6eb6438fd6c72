package pages

import (
	"strconv"

	"cosignatory/store/register"
	"cosignatory/templates/i18n"
	"cosignatory/templates/ui"
)

// Compare is two to six declarations or participants side by side. With none chosen it is the form alone.
type Compare struct {
	Page
	Declarations, Participants CompareForm
	Sides                      []CompareSide
	OfParticipants             bool   // participants are compared, and rows are declarations
	OneMore                    bool   // one is chosen, and one is no comparison
	Among                      string // a sentence: only members of a group
	Active                     []ui.Link
	ClearURL                   string
	Pairs                      []ComparePair
	Parts                      []ComparePart
	Total                      int
	None                       string // how many declarations have none of the participants, in a sentence
	Pager                      ui.Pager
	AsOfForm                   AsOfForm
	PairsFoot, Foot            ui.TableFoot
	Columns                    []Column // of the file
}

// CompareForm asks what is to be compared.
type CompareForm struct {
	Action string
	Name   string // of the parameter: d or p
	Values []string
	Offers []ui.Option // suggested values with their names
	Groups *ui.Options // nil where there is no choice of a group
	Group  string
	Hidden []ui.Hidden
	Open   bool
}

// CompareSide is one of those compared. Letter stands for it where its name is too long.
type CompareSide struct {
	Letter     string
	Name       ui.Text
	URL        string
	Note       string // its date, or its regional group
	Numbers    []string
	MissingURL string  // who of a group is not on its list; empty for a participant
	Only       ui.Link // the rows on this one, on none of the others
}

// label is what a column of the comparison is called.
func (s CompareSide) label() string {
	if s.Letter != "" {
		return s.Letter
	}
	return s.Name.S
}

// ComparePair is what two of those compared share. A and B are their places.
type ComparePair struct {
	A, B               int
	Both, OnlyA, OnlyB int
	Jaccard            string
	Bar                Bar
}

// ComparePart is the rows of one part: on all, on some, …
type ComparePart struct {
	Heading string
	Rows    []CompareRow
}

// CompareRow is a participant or a declaration with its marks.
type CompareRow struct {
	Name    ui.Text
	URL     string
	Note    string
	NoteISO string // where the note is a date
	Marks   []register.Mark
}

// markWord is a mark in words. The empty one is “not on the list”, no more than that (D7).
func markWord(p *i18n.Printer, m register.Mark) string {
	if m == register.NoMark {
		return p.T("mark.none")
	}
	return p.T("mark." + m.String())
}

// markLetter is the letter of a mark in the matrix.
func markLetter(p *i18n.Printer, m register.Mark) string { return p.T("mark_letter." + m.String()) }

// markClass is how a mark is drawn.
func markClass(m register.Mark) string {
	return [...]string{register.NoMark: "", register.MarkOn: "m-on", register.MarkMayBe: "m-may", register.MarkLeft: "m-left", register.MarkBeside: "m-beside",
		register.MarkGroup: "m-group"}[m]
}

// Bar is a share as the length of a bar, in whole percents. It is not drawn where there is none.
type Bar int

// BarOf is the bar of a part of 1; anything else draws none.
func BarOf(part float64) Bar {
	if part > 0 && part <= 1 {
		return Bar(max(1, int(part*100+.5)))
	}
	return 0
}

func (b Bar) width() string { return strconv.Itoa(int(b)) }

// Companions is the whole list of those who stand with a participant: on its lists, or on those that it leads.
type Companions struct {
	Page
	Crumbs           []ui.TextLink
	Heading, Explain string
	Led              bool
	Links            []ui.Link
	Rows             []CompanionRow
	Empty            string // said where there are no rows
	Caption          string // how many
	ByName, ByCommon, ByShare,
	ByLift, ByOwn ui.Head
	AsOfForm AsOfForm
	Foot     ui.TableFoot
	Columns  []Column
}

// CompanionRow is one of them.
type CompanionRow struct {
	Name, URL, Region string
	Common, Of        int // of those of the participant; on how many lists it stands at all
	Unsettled         int
	Share             string
	Bar               Bar
	Lift              string // empty where too few are common
	CompareURL        string
}

// Signs is how a group signs.
type Signs struct {
	Page
	Crumbs                                 []ui.TextLink
	Heading, Explain, Cohesion, Whole, Few string
	Rows                                   []SignsRow
	Caption                                string // how many
	Total                                  int
	Pager                                  ui.Pager
	AsOfForm                               AsOfForm
	Foot                                   ui.TableFoot
	Columns                                []Column
	AllURL                                 string // on the group's own page: the whole table
}

// SignsRow is one declaration.
type SignsRow struct {
	Title         ui.Text
	URL           string
	Date, DateISO string
	Of, Share     string // “2 of 27”, and in percent
	Bar           Bar
	Notes         []string
}

type mark = register.Mark

// width is how many columns the table of rows has.
func (v Compare) width() string { return strconv.Itoa(len(v.Sides) + 1) }

// field is the id of a field of the form.
func (f CompareForm) field(i int) string { return f.Name + "-" + strconv.Itoa(i+1) }

func (f CompareForm) label(p *i18n.Printer, i int) string {
	if f.Name == "p" {
		return p.T("compare.participant_n", "Number", i+1)
	}
	return p.T("compare.declaration_n", "Number", i+1)
}
