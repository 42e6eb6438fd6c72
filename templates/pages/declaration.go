package pages

import (
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"cosignatory/templates/i18n"
	"cosignatory/templates/ui"
)

// Declaration is one declaration on a day: facts, counts, who is on it, who left, what is not known, sources, history.
type Declaration struct {
	Page
	DeclarationsURL string
	Topic           ui.TextLink // the first topic, for the way back; zero leaves it out
	Growth          StepChart   // how its list grew
	GrowthURL       string
	CompareURL      string

	Kind          string // in words
	Date          string // of adoption (or the declaration's date), in words
	DateISO       string
	Place         ui.Text
	Title         ui.Text
	TitleStanding string // authentic, official translation, unofficial, in words; empty leaves it out
	TitleNote     ui.Text
	OtherTitles   []Title
	Summary       ui.Text

	LedBy      []ui.Link
	LedByNote  string // D5 in a sentence: whether the leading delegation is itself on the list; empty leaves it out
	ReadBy     ui.Text
	ReadFor    ui.Link // the delegation of the presenter
	ReadByNote string  // the like of that delegation
	Occasion   ui.Text
	Dates      []DateFact
	Open       string // in words: open for signature, closed, not known
	Topics     []ui.TextLink
	Links      []DeclarationLink

	AsOfForm AsOfForm
	Counts   Counts
	Bench    ui.Bench
	OnList   OnList

	Signatories Signatories
	GroupLines  []GroupLine
	Beside      Beside
	Left        Leavers
	Unsettled   []Unsettled
	NotKnown    []Note // gaps and conflicts
	Missing     Missing
	Map         TileMap
	Timeline    []TimelineEntry
	Sources     []Source
	SourceKinds string       // how many of each weight, in words
	Foot        ui.TableFoot // under the signatories

	OnRecordSince string // day of the first revision of this declaration, in words
	HistoryURL    string
	Revisions     int // of this declaration
}

// Title is the title in another language.
type Title struct {
	Text     ui.Text
	Language string // name of the language in the reader's language
	Standing string // in words, standing.authentic …
	Note     ui.Text
}

// DateFact is one of the dates of a declaration.
type DateFact struct {
	Label string // date.adopted, date.presented, date.published, date.opened, date.closed
	Date  string // in words
	ISO   string
}

// DeclarationLink leads to another declaration.
type DeclarationLink struct {
	Relation string // in words, link.responds_to …
	Title    ui.Text
	URL      string
	Date     string
	DateISO  string
	Note     ui.Text
	Self     bool // the declaration that the page is about, in its place among them
}

// Counts are the four counts of a declaration, never blended, and how those in effect are made up.
type Counts struct {
	Stated    []Stated // newest first; the first one heads the page. Empty: no number is stated
	Named     int      // participants with a source, in effect or not
	InEffect  int
	Unsettled int
	Ever      int // those named and those that came through a group, in effect or not: told where there are any of the latter
	NotNamed  int // of those stated, how many no source on record names; never below 0
	// StatesOnly says that the number heading the page counts states, while there are organizations on the list too: the
	// line then says which of its numbers are of states.
	StatesOnly bool
	Before     bool // the day shown lies before the declaration
	Implied    int  // on the list only through a group, in no other number
	Aligned    int  // aligned or supporting, not on the list
	Left       int  // were on the list and are no more: they left it, or stand beside it now
	Founding   bool // the day shown is the day of adoption: the sentence says "at the adoption"

	ImpliedUnsettled int // may be on the list only through a group, in no other number

	Members, Observers, Others int      // of those in effect, by kind
	Organisations              []string // their names, as InSentence gives them
	Regions                    []RegionCount
}

// Stated is a number of participants that a text or a sponsor states.
type Stated struct {
	N      int
	On     string  // as at, in words; empty when not known
	Words  ui.Text // as the source counts it: "58 countries and the European Union"; empty leaves it out
	Source SourceRef
}

// RegionCount is the UN members and observer states in effect of one regional group. An empty code stands for no group.
type RegionCount struct {
	Code string // African, Asia-Pacific, Eastern European, GRULAC, WEOG or empty
	Name string // in words
	N    int
}

// Signatories is the table of those in effect on the day shown.
type Signatories struct {
	Orders   []ui.Link // by region, alphabetical, as printed
	Sections []SignatorySection
	Total    int
	// Regions adds the column of the regional group: false where the sections say it already.
	Regions bool
}

// SignatorySection is a part of the table under one heading; an order without parts has one section without a heading.
type SignatorySection struct {
	Heading string
	Rows    []Signatory
}

// Signatory is a participant's row.
type Signatory struct {
	Code            string
	Name            string // official short name in the reader's language
	URL             string
	NameThen        string  // name valid on the declaration's date, where it differs
	Printed         ui.Text // as printed in the source, where it differs from Name
	PrintedMark     string  // footnote mark taken off the printed name, with what it says; a sentence
	Position        int     // in the printed list; 0 not known
	Kind            string  // in words where it is no UN member, else empty
	Region          string  // in words; "no group" is said
	Since           string  // in words
	SinceISO        string
	SinceNote       string // a sentence: date not recorded; counted from …
	Status          string // in words where it is not plainly in effect, else empty
	Capacity        string // in words
	CapacityPrinted ui.Text
	Act                     // by which it last came
	Disputed        []Claim // what sources say against each other; empty when they agree
}

// Act is what is recorded of one thing that happened besides its date.
type Act struct {
	What     string      // in words, action.signed …, where several are told of side by side
	Evidence []SourceRef // strongest first
	Remark   ui.Text     // among the notes that which hangs on the participation itself (D8)
	Notes    []ui.Text   // explanations, dissociations, remarks
}

// GroupLine is the row of a group that stands on the list, or beside it, as such: its members are not counted (D6).
type GroupLine struct {
	Signatory
	Words       string // a sentence: "The European Union and its Member States: 27 members on 24 November 2025, implied by the group."
	Members     []ui.Link
	Unsettled   []ui.Link // members on some only of the days that partial dates can mean
	MembersURL  string    // the group on that day; empty where the day is not recorded
	MembersNote string    // a sentence: what the members are to the list
}

// Beside are those that stand beside the list, supporters and aligned, and those that did: on the page but in no count (D4).
type Beside struct {
	Signatories []Signatory
	Groups      []GroupLine
	Left        Leavers
}

// Leavers are those that were on the list, or beside it, and are no more. A group is no participant: it is counted with none.
type Leavers struct {
	Participants []Departure
	Groups       []Departure
}

// Departure is the row of somebody that was there and is no more, as it stood there.
type Departure struct {
	Signatory
	Until     string
	UntilISO  string
	UntilNote string // a sentence: date not recorded …
	Reason    string // in words, reason.withdrew_by_notice …
	Acts      []Act  // how it came, where that is recorded, and how it left
}

// Unsettled is the row of a participant whose status on the day shown cannot be told from partial dates.
type Unsettled struct {
	Signatory
	Words string // a sentence: "Unsettled: joined between 1 and 31 May 2022."
	Acts  []Act  // those that happened by the day, or may have
}

// Missing is the question which members of a group are not on the list, and its answer.
type Missing struct {
	Action   string
	Groups   *ui.Options
	Group    string // as asked for
	Hidden   []ui.Hidden
	Result   *MissingResult
	Problems []ui.Problem
}

// MissingResult answers in neutral words: "not on the list" is no refusal (D7).
type MissingResult struct {
	Group     string
	GroupURL  string
	MembersOn string // the day whose members these are, in words
	On, Of    int
	NotOn     []ui.Link
	MayBe     []ui.Link // unsettled: in neither number (D11)
	Outreach  string    // their official names as a plain text, to copy
	Foot      ui.TableFoot
}

// TimelineEntry is what happened on one day.
type TimelineEntry struct {
	Date         string // in words; "date not recorded" for the unknown, which come last
	ISO          string
	Words        string    // a sentence: "12 participants endorsed."
	Participants []ui.Link // may be empty where Words names the only one
	Notes        []ui.Text
	Sources      []SourceRef
}

// Source is a source as it is listed.
type Source struct {
	Number    int
	ID        string // fragment: source-3
	Publisher ui.Text
	Title     ui.Text
	URL       string // http or https; anything else is shown as text
	Kind      string // in words, source_kind.official …
	Weight    string // what that kind means, source_weight.official …
	Language  string // in words; empty when not known
	Published string
	ReadOn    string
	Supports  ui.Text
	Copy      string // address of an archived copy; empty when there is none
}

// Composition says how those in effect are made up, in one sentence: "58 states and the European Union", or by kind and
// regional group. Empty where nobody is in effect.
func (c Counts) Composition(p *i18n.Printer) string {
	states := c.Members + c.Observers + c.Others
	if states+len(c.Organisations) == 0 {
		return ""
	}
	var parts []string
	count := func(key string, n int) {
		if n > 0 {
			parts = append(parts, p.T("composition."+key, "Count", n))
		}
	}
	if c.Observers == 0 && c.Others == 0 && len(c.Organisations) > 0 {
		count("states", c.Members)
	} else {
		count("members", c.Members)
		count("observers", c.Observers)
		count("others", c.Others)
	}
	if n := len(c.Organisations); n > 3 {
		count("organisations", n)
	} else {
		parts = append(parts, c.Organisations...)
	}
	made := p.List(parts)
	var regions []string
	for _, r := range c.Regions {
		if r.N > 0 {
			regions = append(regions, p.T("composition.region", "Count", r.N, "Region", r.Name))
		}
	}
	switch {
	case len(regions) == 0:
		return p.T("composition.sentence", "Who", made)
	case len(parts) == 1:
		return p.T("composition.only_by_region", "Who", made, "Regions", strings.Join(regions, p.T("search.comma")))
	}
	return p.T("composition.by_region", "Who", made, "Regions", strings.Join(regions, p.T("search.comma")))
}

// rows is the height of the text to copy, in lines.
func (r MissingResult) rows() string { return strconv.Itoa(min(20, strings.Count(r.Outreach, "\n")+2)) }

// ownPlace marks the declaration itself among those that led to it and followed it.
func ownPlace(l DeclarationLink) templ.Attributes {
	if l.Self {
		return templ.Attributes{"aria-current": "true"}
	}
	return nil
}

func (s Signatories) columns() string {
	if s.Regions {
		return "5"
	}
	return "4"
}

// all are the participants, and after them the groups.
func (l Leavers) all() []Departure { return slices.Concat(l.Participants, l.Groups) }

func (b Beside) some() bool { return len(b.Signatories)+len(b.Groups)+len(b.Left.all()) > 0 }

func (s Source) value() string { return strconv.Itoa(s.Number) }

// BenchOf is the bench of these counts, with the words that are spoken in its place.
func BenchOf(p *i18n.Printer, c Counts) ui.Bench {
	b := ui.Bench{InEffect: c.InEffect, Unsettled: c.Unsettled, NotNamed: c.NotNamed, Left: c.Left}
	var words []string
	for _, x := range [...]struct {
		n    int
		said func() string
	}{
		{b.InEffect, func() string { return p.T("counts.in_effect", "Count", b.InEffect) }},
		{b.Unsettled, func() string { return p.T("counts.unsettled", "Count", b.Unsettled) }},
		{b.NotNamed, func() string { return p.T("counts.not_named", "Count", b.NotNamed) }},
		{b.Left, func() string { return p.T("counts.left", "Count", b.Left) }},
	} {
		if x.n > 0 {
			words = append(words, x.said())
		}
	}
	b.Label = p.List(words)
	return b
}

// InSentence is the name of a participant as it stands within a sentence, with its article where the language wants one:
// "the European Union". Most names stand as they are.
func InSentence(p *i18n.Printer, code, name string) string {
	if key := "in_sentence." + code; p.Has(key) {
		return p.T(key)
	}
	return name
}

// stated is the number that heads the page, in words.
func (c Counts) stated(p *i18n.Printer) string {
	if c.StatesOnly {
		return p.T("counts.stated_states", "Count", c.Stated[0].N)
	}
	return p.T("counts.stated", "Count", c.Stated[0].N)
}

// notNamed is how many of them no source names, in words.
func (c Counts) notNamed(p *i18n.Printer) string {
	if c.StatesOnly {
		return p.T("counts.not_named_states", "Count", c.NotNamed)
	}
	return p.T("counts.not_named", "Count", c.NotNamed)
}
