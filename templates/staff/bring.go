package staff

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"

	"cosignatory/store/register"
	"cosignatory/templates/i18n"
	"cosignatory/templates/ui"
)

// Bring is the page on which a list of signatories is brought in: what it belongs to, the text or file, and the source. It
// posts to Action with do = read, as multipart/form-data.
type Bring struct {
	Page
	Draft      *Draft  // the draft that the list goes into; nil where it goes into none that is there
	Action     string  //
	PackageURL string  // the import of a whole register; empty where the role may not
	OpenDraft  ui.Link // a draft of the declaration that is open already; zero for none
	Fields     BringFields
	Limits     BringLimits
	// Carried are what was read from a file that was sent before: it need not be sent again.
	Hidden  []ui.Hidden
	Carried string // the name of the file that is carried along; empty for none
}

// BringLimits are the limits beside the fields, as sentences.
type BringLimits struct{ Text, File string }

// BringFields are the questions about a list, as typed. The first page asks them, the review keeps them.
type BringFields struct {
	Choices *Choices
	To      string // declaration, draft or new

	Declaration      string // its slug, or what was typed of it
	DeclarationTitle ui.Text
	Declarations     []ui.Option // suggestions: value is the slug
	Draft            string
	Drafts           []ui.Option
	Title, TitleLang string
	Kind             string
	Declared         Date

	Text string
	On   Date

	Source  string // the key of a source that the declaration has; empty for a new one
	Sources []ui.Option
	New     SourceFields

	Kinds                                  []ui.Option // of actions that put somebody on a list
	ActionKind, Capacity, AsPrinted, Dated string
}

// ArrivalKinds are the actions that a list can stand for.
var ArrivalKinds = []register.ActionKind{register.Signed, register.Endorsed, register.Joined, register.AlignedItself}

// NewArrivals are they in words.
func NewArrivals(p *i18n.Printer) []ui.Option {
	var list []ui.Option
	for _, k := range ArrivalKinds {
		list = append(list, ui.Option{Value: string(k), Label: p.T("action." + string(k))})
	}
	return list
}

// BringColumns asks what the columns of a table hold. It posts to Action with do = columns, sheet or back, and Hidden.
type BringColumns struct {
	Page
	Draft   *Draft // the draft that the list goes into; nil where it goes into none that is there
	Action  string
	Hidden  []ui.Hidden
	Remarks []string
	Sheets  []ui.Option // none where there is one
	Sheet   string
	Header  bool
	Columns []BringColumn
	Rows    [][]string // the first rows, without the head
	Total   int        // of rows, without the head
}

// BringColumn is one column of a table. Its choice is posted as col.N.
type BringColumn struct {
	Name, Label, Value string
}

// ColumnRoles are what a column can hold.
var ColumnRoles = []string{"", "name", "code", "date", "capacity", "note", "position", "group", "state"}

// BringOrder is the question whether 3/4 is the third of April or the fourth of March. It is posted as order = dm or md.
type BringOrder struct {
	Example string // as printed
	DM, MD  string // both readings, in words
	Value   string
	HowMany int
}

// BringReview shows a text beside what was recognised in it. It posts to Action with do = again, accept, columns or back.
type BringReview struct {
	Page
	Draft     *Draft // the draft that the list goes into; nil where it goes into none that is there
	Action    string
	Hidden    []ui.Hidden
	Fields    BringFields
	Of        ui.Text // the declaration
	OfURL     string
	OpenDraft ui.Link
	Remarks   []string
	FromTable bool

	Pieces   []Piece
	Certain  int // how many finds of each certainty
	Likely   int
	Ask      int
	Unknown  int
	Sum      BringSum
	Order    *BringOrder
	Which    string // of several dates beside a name: "", first or last
	Several  int    // how many names have several dates
	Items    []BringItem
	Groups   []BringGroup
	Mentions []BringItem
	Missing  []BringMissing
	Stated   []BringStated
	Declared []ui.Option // dates found, for a declaration that has none
	Adopted  string      // of them
	Also     bool        // also a source for those already there
	OnList   int         // finds that are on the list already
	People   []ui.Option // every participant: value as PrintParticipant writes it
	Orgs     string      // codes of organisations, which no number of states counts
	Source   string      // what is recorded cites it, in words
}

// Piece is a stretch of the text. One that was recognised has a Kind: certain, likely, ask, unknown, group, repeat, mention,
// number or date; and leads to URL.
type Piece struct {
	Text    string
	Kind    string
	ID, URL string
	Says    string // what it is, in words
}

// sign stands beside a mark, for those who see no colours.
func (x Piece) sign() string {
	switch x.Kind {
	case "certain":
		return "✓"
	case "likely":
		return "≈"
	case "ask":
		return "?"
	case "unknown":
		return "∅"
	case "group":
		return "⊞"
	case "number":
		return "#"
	}
	return ""
}

// pieces writes a text with what was recognised in it marked, each mark leading to its find. Not a template: blanks and line
// breaks are those of the text.
func pieces(list []Piece) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		for _, x := range list {
			text := templ.EscapeString(x.Text)
			switch {
			case x.Kind == "":
				b.WriteString(text)
				continue
			case x.URL == "":
				b.WriteString(`<span class="` + x.Kind + `" id="` + x.ID + `" title="` + templ.EscapeString(x.Says) + `">` + text + `</span>`)
				continue
			}
			b.WriteString(`<a class="mark ` + x.Kind + `" id="` + x.ID + `" href="` + x.URL + `" title="` + templ.EscapeString(x.Says) + `"><mark>` + text + `</mark>`)
			if s := x.sign(); s != "" {
				b.WriteString(`<span class="sign" aria-hidden="true">` + s + `</span>`)
			}
			b.WriteString("</a>")
		}
		_, err := io.WriteString(w, b.String())
		return err
	})
}

// BringSum is the number stated beside what is ticked. A Stated of 0: the text states none.
type BringSum struct {
	Stated, Ticked, NotNamed int
	StatesOnly               bool
}

// BringItem is one find. Name is the beginning of the names of its inputs: Name.take, Name.who, Name.other, Name.date, and
// Name.text, by which it is known again when the text is read once more.
type BringItem struct {
	Name, ID, MarkURL string
	Printed           string
	Kind              string // certain, likely, ask, unknown, mention
	KindSays          string // in words
	Why               string
	// Definite finds have one participant and a tick box; the others a choice.
	Definite   bool
	Take       bool
	Code       string
	Who        string // name of the participant
	Candidates []ui.Option
	Chosen     string // code of the candidate; empty: leave out; "other"
	Other      string // as typed
	Beside     string // new, on_list, left, twice
	BesideSays string
	Position   string
	Note       string
	Dates      []ui.Option // the first is the day of the list
	Date       string
	Repeats    int
	Capacity   string // of the row of a table, in words; empty for that of the list
	NotADate   string // what stands in the column of dates and is none
	NotSigned  string // what the row of a table says of whoever is not on the list, in words
}

// BringGroup is a phrase that stands for the members of a group.
type BringGroup struct {
	Name, ID, MarkURL string
	Printed           string
	Kind, KindSays    string
	Take              bool
	Group             string // in words
	BesideSays        string
	Named, Implied    []string // in words
	Codes             string   // of all members, for the script
	Members           int
	On                string // the day in words
}

// BringMissing is somebody on record whom the text does not name. Its choice is posted under Name: empty, note or withdrew.
type BringMissing struct {
	Name, Who, Since string
	Value            string
}

// BringStated is a number that the text states.
type BringStated struct {
	Name, ID, MarkURL string
	Printed           string
	Count             string // as typed
	Counts            string
	Take              bool
	Loose, Others     bool
	Already           bool
}

// wrongField is the message beside a field.
func (v Page) wrongField(name string) string { return v.wrongs()[name] }

// state is what the fields look up.
func (x BringFields) state(v Page) state {
	return state{p: v.P, c: x.Choices, w: v.wrongs()}
}

func (x BringFields) kinds() *options { return newOptions(x.Kinds) }

func (x BringFields) sources(p *i18n.Printer) *options {
	return newOptions(append([]ui.Option{{Label: p.T("staff.bring.new_source")}}, x.Sources...))
}

func (x BringFields) drafts(p *i18n.Printer) *options {
	return newOptions(append([]ui.Option{{Label: p.T("staff.form.choose")}}, x.Drafts...))
}

func (x BringFields) dated(p *i18n.Printer) *options {
	var list []ui.Option
	for _, k := range [...]string{"", "list", "none"} {
		label := p.T("staff.bring.dated.own")
		if k != "" {
			label = p.T("staff.bring.dated." + k)
		}
		list = append(list, ui.Option{Value: k, Label: label})
	}
	return newOptions(list)
}

func (v BringColumns) sheets() *options { return newOptions(v.Sheets) }

func (v BringColumns) roles() *options {
	var list []ui.Option
	for _, role := range ColumnRoles {
		key := role
		if key == "" {
			key = "none"
		}
		list = append(list, ui.Option{Value: role, Label: v.P.T("staff.bring.role." + key)})
	}
	return newOptions(list)
}

func (v BringReview) which() *options {
	var list []ui.Option
	for _, k := range [...]string{"", "first", "last"} {
		label := v.P.T("staff.form.choose")
		if k != "" {
			label = v.P.T("staff.bring.which." + k)
		}
		list = append(list, ui.Option{Value: k, Label: label})
	}
	return newOptions(list)
}

func (v BringReview) declared() *options {
	return newOptions(append([]ui.Option{{Label: v.P.T("staff.bring.declared_none")}}, v.Declared...))
}

// open says that the questions of the first page have to be seen, since something in them is wrong.
func (v BringReview) open() bool {
	for _, x := range v.Problems {
		if !strings.HasPrefix(x.Field, "f.") && !strings.HasPrefix(x.Field, "n.") && x.Field != "order" && x.Field != "which" && x.Field != "" {
			return true
		}
	}
	return false
}

// wrongText says that the text itself is wrong.
func (v BringReview) wrongText() bool { return v.wrongField("text") != "" }

// said are the words that the script needs.
func (v BringReview) said() templ.Attributes {
	a := templ.Attributes{"data-orgs": v.Orgs, "data-say-ticked": v.P.T("staff.bring.n_ticked", "N", "{n}"), "data-say-not-named": v.P.T("staff.bring.n_not_named", "N", "{n}")}
	if v.Sum.Stated > 0 {
		a["data-stated"] = itoa(v.Sum.Stated)
	}
	if v.Sum.StatesOnly {
		a["data-states-only"] = true
	}
	return a
}

// options of the choice for somebody missing.
func missingOptions(p *i18n.Printer) *options {
	return newOptions([]ui.Option{{Label: p.T("staff.bring.missing_do.nothing")}, {Value: "note", Label: p.T("staff.bring.missing_do.note")},
		{Value: "withdrew", Label: p.T("staff.bring.missing_do.withdrew")}})
}

// dirOrAuto is the direction of a cell or a printed name: its own.
const dirAuto = "auto"

// Import is the import of files of the register itself. It posts to Action: do = try with a file, as multipart/form-data, which
// shows what it would do; then do = import, with the file that is kept under Token.
type Import struct {
	Page
	Action string
	Limit  string // as a sentence
	Token  string // of the file that was tried; empty before
	File   string // its name
	// Would is what it would do, in sentences; Failed what keeps it from being imported, and More how many problems there are
	// besides.
	Would, Failed []string
	FailedSays    string
	More          string
	// CanImport says that there is something to do.
	CanImport    bool
	Reason, Lang string
}
