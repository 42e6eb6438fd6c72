package staff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"cosignatory/store/register"
	"cosignatory/templates/i18n"
	"cosignatory/templates/ui"
)

// Draft is the amber line over everything that is about one draft: whose it is, what the public sees instead.
type Draft struct {
	ID     int64
	Title  ui.Text
	New    bool   // a declaration that is not public yet
	State  string // draft, in_review, scheduled, published, discarded
	Author string // name
	Mine   bool

	Revision  int    // of the public version that the draft was begun from; 0 for a new one
	PublicURL string // the public page; empty for a new one
	PublicAt  string // when that revision was published, in words
	SavedAt   string // when the draft was kept last, in words with the time of day
	PublishAt string // of a scheduled draft, in words with the time of day
	Remark    *Remark

	FormURL    string // empty where the role may not write
	CheckURL   string // the difference to what is public
	HistoryURL string // of the draft, with remarks
	// ConflictURL is set when a publication overtook the draft.
	ConflictURL string
}

// Remark is what a reviewer said when sending a draft back.
type Remark struct {
	Who, At string
	Text    ui.Text
}

// DeclarationForm is the one form of a declaration. It posts to Action with do = save, check, review, discard, change,
// add:LIST, add5:actions, add:groups, remove:LIST[i], up:LIST[i], down:LIST[i], remove:disputes[i].claim[j],
// add:disputes[i].claim, and every field under its path. The script sends the same, do=autosave, to AutosaveURL.
type DeclarationForm struct {
	Page
	Draft
	Action      string
	AutosaveURL string
	SuggestURL  string // participants by name or code: GET ?q=
	SignInURL   string // for the script, when the session has ended
	// Version is what the form was made from; posted as version. When the draft is another by then, it is a conflict.
	Version string
	Choices *Choices
	Fields  Fields
	// Focus is the path of the row or field that gets the focus, as actions[12]; empty for none.
	Focus string
	// Warnings are worth a look and keep nobody from publishing.
	Warnings []ui.Problem
	// OnList are those the chooser "no longer on the list" offers: value is the code.
	OnList []ui.Option
	// CanReview offers sending to review from here, CanDiscard throwing the draft away.
	CanReview, CanDiscard bool
	// SavedByOther says that somebody else saved the draft last: a copy in the reader's browser is not yet in it.
	SavedByOther bool
}

// Fields are the answers of the form, as typed. The names of the inputs are the paths that register.Problem uses:
// titles[0].lang, adopted.day, actions[12].date.year, actions[12].also_sources (keys with | between them).
type Fields struct {
	Slug                                          string
	Kind                                          string
	Titles                                        []TitleFields
	Adopted, Presented, Published, Opened, Closed Date
	Texts                                         []TextFields
	// A participant is typed as a code, a name in any language, or both as PrintParticipant writes them.
	Sponsors            []string
	PresentedBy         string
	PresenterDelegation string
	PresenterCounted    string
	Stated              []StatedFields
	Open, ListComplete  string
	Topics              []string // codes; checkboxes named topics
	Links               []LinkFields
	Sources             []SourceFields
	Actions             []ActionFields
	Disputes            []DisputeFields
	Reason, ReasonLang  string
}

// TitleFields is a title in one language.
type TitleFields struct{ Lang, Text, Standing, Source, Note string }

// TextFields is what the register says in its own words in one language.
type TextFields struct{ Lang, Event, Place, Summary, Notes string }

// StatedFields is a number that the text or its sponsor claims.
type StatedFields struct {
	Count, Counts string
	Date          Date
	Source, Note  string
}

// LinkFields is a link to another declaration. TargetTitle is what the slug stands for; it is shown, not posted.
type LinkFields struct {
	Kind, Target, Note string
	TargetTitle        ui.Text
}

// SourceFields is a source. An empty key is given by the register.
type SourceFields struct {
	Key, Publisher, Title, URL, Lang, Kind string
	Published, ReadOn                      Date
	Supports                               string
}

// ActionFields is a row of the participations.
type ActionFields struct {
	ID string // hidden; empty for a row that is new
	// GroupLine rows have a group and no participant: the row posts group instead.
	GroupLine                                bool
	Participant, Group                       string
	Action, Capacity, CapacityAsPrinted      string
	Date, PublicDate                         Date
	Reason                                   string
	JoiningNotRecorded                       bool // posts yes
	NameAsPrinted, PrintedPosition           string
	Source, AlsoSources, PlaceInSource, Note string
	// Public says how the row stands to what is public: "" as it is, "new", "changed".
	Public string
}

// DisputeFields is a conflict between sources.
type DisputeFields struct {
	Participant string
	Claim       []PhraseFields
	Source      string
}

// PhraseFields is a sentence in one language.
type PhraseFields struct{ Lang, Text string }

// Choices are the lists that the form offers, in one language. They are immutable: one is enough for a revision and
// language.
type Choices struct {
	Langs, Kinds, Standings, Capacities, Actions, Reasons, SourceKinds, LinkKinds, Tristates, StatedCounts, Groups *options
	Topics                                                                                                         []ui.Option
}

// languages are the languages offered for titles and sources, after the six.
var languages = append(append([]string{}, register.Languages...), "de", "id", "it", "ja", "ko", "pl", "pt", "th", "tr", "uk", "vi")

// NewChoices makes the lists of the form in one language from the reference data.
func NewChoices(p *i18n.Printer, ref *register.Reference) *Choices {
	c := &Choices{
		Langs:       prepared(p, "language.", languages, p.T("staff.form.choose")),
		Kinds:       prepared(p, "kind.", register.Kinds, p.T("staff.form.choose")),
		Standings:   prepared(p, "standing.", []register.Standing{register.Authentic, register.Official, register.Unofficial}, ""),
		Capacities:  prepared(p, "capacity.", register.Capacities, ""),
		Actions:     prepared(p, "action.", register.ActionKinds, ""),
		Reasons:     prepared(p, "reason.", register.Reasons, p.T("staff.form.not_departure")),
		SourceKinds: prepared(p, "source_kind.", register.SourceKinds, p.T("staff.form.choose")),
		LinkKinds:   prepared(p, "link.", register.LinkKinds, ""),
		Tristates:   prepared(p, "tristate.", []register.Tristate{register.Yes, register.No, register.NotRecorded}, ""),
		StatedCounts: newOptions([]ui.Option{{Value: register.StatesOnly, Label: p.T("staff.form.counts_states")},
			{Value: register.AllParticipants, Label: p.T("staff.form.counts_participants")}}),
	}
	groups := []ui.Option{{Label: p.T("staff.form.choose")}}
	for _, g := range ref.Groups {
		groups = append(groups, ui.Option{Value: g.Code, Label: g.Name(p.Lang())})
	}
	c.Groups = newOptions(groups)
	for _, t := range ref.Topics {
		c.Topics = append(c.Topics, ui.Option{Value: t.Code, Label: t.Name(p.Lang())})
	}
	return c
}

func prepared[T ~string](p *i18n.Printer, prefix string, values []T, none string) *options {
	var list []ui.Option
	if none != "" {
		list = append(list, ui.Option{Label: none})
	}
	for _, v := range values {
		list = append(list, ui.Option{Value: string(v), Label: p.T(prefix + string(v))})
	}
	return newOptions(list)
}

// PrintParticipant is how a field of the form holds a participant: "Viet Nam (VNM)". Whatever stands before the code in
// brackets does not count when it is read again. A code the register does not know stays as it is.
func PrintParticipant(ref *register.Reference, code, lang string) string {
	if ref.Participant(code) == nil {
		return code
	}
	return ref.Name(code, lang) + " (" + code + ")"
}

// ReadParticipant is the code in a text as PrintParticipant writes it, else the text itself without blanks at its ends.
func ReadParticipant(typed string) string {
	typed = strings.TrimSpace(typed)
	if open := strings.LastIndexByte(typed, '('); open >= 0 && strings.HasSuffix(typed, ")") {
		return strings.TrimSpace(typed[open+1 : len(typed)-1])
	}
	return typed
}

// DateFields are the parts of a date as the form shows them.
func DateFields(d register.Date) Date {
	part := func(n int) string {
		if n == 0 {
			return ""
		}
		return fmt.Sprint(n)
	}
	return Date{part(int(d.Year)), part(int(d.Month)), part(int(d.Day))}
}

// FieldsOf are the fields of a declaration, with participants in the language of the reader. public is what the public sees,
// nil for a new declaration: rows that differ are marked.
func FieldsOf(d, public *register.Declaration, ref *register.Reference, lang string) Fields {
	who := func(code string) string {
		if code == "" {
			return ""
		}
		return PrintParticipant(ref, code, lang)
	}
	f := Fields{Slug: d.Slug, Kind: string(d.Kind), Adopted: DateFields(d.Adopted), Presented: DateFields(d.Presented), Published: DateFields(d.Published),
		Opened: DateFields(d.Opened), Closed: DateFields(d.Closed), PresentedBy: d.PresentedBy, PresenterDelegation: who(d.PresenterDelegation),
		PresenterCounted: tristate(d.PresenterCounted), Open: tristate(d.Open), ListComplete: tristate(d.ListComplete), Topics: d.Topics}
	for _, t := range d.Titles {
		f.Titles = append(f.Titles, TitleFields{t.Lang, t.Text, string(t.Standing), t.Source, t.Note})
	}
	for _, t := range d.Texts {
		f.Texts = append(f.Texts, TextFields(t))
	}
	for _, code := range d.Sponsors {
		f.Sponsors = append(f.Sponsors, who(code))
	}
	for _, s := range d.Stated {
		n := ""
		if s.Count != 0 {
			n = fmt.Sprint(s.Count)
		}
		f.Stated = append(f.Stated, StatedFields{n, s.Counts, DateFields(s.Date), s.Source, s.Note})
	}
	for _, l := range d.Links {
		f.Links = append(f.Links, LinkFields{Kind: string(l.Kind), Target: l.Target, Note: l.Note})
	}
	for _, s := range d.Sources {
		f.Sources = append(f.Sources, SourceFields{s.Key, s.Publisher, s.Title, s.URL, s.Lang, string(s.Kind), DateFields(s.Published), DateFields(s.ReadOn), s.Supports})
	}
	old := map[int64]register.Action{}
	if public != nil {
		for _, a := range public.Actions {
			old[a.ID] = a
		}
	}
	for _, a := range d.Actions {
		x := ActionFields{GroupLine: a.Group != "" && a.Participant == "", Participant: who(a.Participant), Group: a.Group, Action: string(a.Kind), Capacity: string(a.Capacity),
			CapacityAsPrinted: a.CapacityAsPrinted, Date: DateFields(a.Date), PublicDate: DateFields(a.PublicDate), Reason: string(a.Reason),
			JoiningNotRecorded: a.JoiningNotRecorded, NameAsPrinted: a.NameAsPrinted, Source: a.Source, AlsoSources: strings.Join(a.AlsoSources, "|"),
			PlaceInSource: a.PlaceInSource, Note: a.Note}
		if a.ID != 0 {
			x.ID = fmt.Sprint(a.ID)
		}
		if a.PrintedPosition != 0 {
			x.PrintedPosition = fmt.Sprint(a.PrintedPosition)
		}
		if public != nil {
			if was, ok := old[a.ID]; !ok || a.ID == 0 {
				x.Public = "new"
			} else if fmt.Sprint(was) != fmt.Sprint(a) {
				x.Public = "changed"
			}
		}
		f.Actions = append(f.Actions, x)
	}
	for _, x := range d.Disputes {
		y := DisputeFields{Participant: who(x.Participant), Source: x.Source}
		for _, c := range x.Claim {
			y.Claim = append(y.Claim, PhraseFields(c))
		}
		f.Disputes = append(f.Disputes, y)
	}
	return f
}

func tristate(t register.Tristate) string {
	if t == "" {
		return string(register.NotRecorded)
	}
	return string(t)
}

// state is what every field of the form looks up: words, choices, problems, the sources to cite, the field with the focus.
type state struct {
	p     *i18n.Printer
	c     *Choices
	w     wrong
	src   *options
	focus string
	fixed bool // the page may only be read: nothing is added, moved or taken out
}

func (v DeclarationForm) state() state {
	return state{p: v.P, c: v.Choices, w: v.wrongs(), src: sourceOptions(v.Fields.Sources, v.P.T("staff.form.choose")), focus: v.Focus}
}

// blank is the state of a row that is not there yet.
func (s state) blank() state {
	s.w, s.focus = nil, ""
	return s
}

func (s state) in(name, label, value string) In {
	return In{Name: name, Label: label, Value: value, Wrong: s.w[name], Focus: s.focus == name && name != ""}
}

func (s state) hinted(name, label, hint, value string) In {
	f := s.in(name, label, value)
	f.Hint = hint
	return f
}

// code is a field for a key or an address: left to right in every language.
func (s state) code(name, label, hint, value string) In {
	f := s.hinted(name, label, hint, value)
	f.Code, f.Auto = true, "off"
	return f
}

func (s state) number(name, label, value string) In {
	f := s.in(name, label, value)
	f.Mode, f.Size, f.Auto = "numeric", "5", "off"
	return f
}

// folded says that a field of a row that is folded away is wrong.
func (w wrong) folded(row string) bool {
	for _, f := range [...]string{"reason", "joining_not_recorded", "name_as_printed", "printed_position", "capacity_as_printed", "public_date",
		"place_in_source", "also_sources", "note"} {
		if w.under(row + "." + f) {
			return true
		}
	}
	return false
}

// count is the number of fields below a path that are wrong.
func (w wrong) count(paths []string) int {
	n := 0
	for f := range w {
		for _, path := range paths {
			if strings.HasPrefix(f, path) && (len(f) == len(path) || f[len(path)] == '.' || f[len(path)] == '[') {
				n++
				break
			}
		}
	}
	return n
}

// more is the number of answers of a row that are folded away.
func (r ActionFields) more() int {
	n := 0
	for _, on := range [...]bool{r.Reason != "", r.JoiningNotRecorded, r.NameAsPrinted != "", r.PrintedPosition != "", r.CapacityAsPrinted != "",
		!r.PublicDate.empty(), r.PlaceInSource != "", r.AlsoSources != "", r.Note != ""} {
		if on {
			n++
		}
	}
	return n
}

// question is an entry of the table of contents, with the paths of its fields.
type question struct {
	ui.Link
	id []string
}

// questions are in the order in which a press release answers them; where it stands comes first, since every later answer
// cites it.
func (v DeclarationForm) questions() []question {
	var list []question
	for _, q := range [...]struct {
		key, id string
		fields  []string
	}{
		{"sources", "sources", []string{"sources"}}, {"titles", "titles", []string{"titles"}}, {"kind", "q-kind", []string{"kind", "slug"}},
		{"dates", "q-dates", []string{"adopted", "presented", "published", "opened", "closed"}}, {"texts", "texts", []string{"texts"}},
		{"sponsors", "sponsors", []string{"sponsors"}}, {"presenter", "q-presenter", []string{"presented_by", "presenter_delegation", "presenter_counted"}},
		{"stated", "stated", []string{"stated"}}, {"actions", "actions", []string{"actions", "change"}}, {"open", "q-open", []string{"open", "list_complete"}},
		{"topics", "q-topics", []string{"topics"}}, {"links", "links", []string{"links"}}, {"disputes", "disputes", []string{"disputes"}},
		{"reason", "q-reason", []string{"reason", "reason_lang"}},
	} {
		list = append(list, question{ui.Link{Text: v.P.T("staff.contents." + q.key), URL: "#" + q.id}, q.fields})
	}
	return list
}

// said are the words that the script needs, as data attributes of the form.
func (v DeclarationForm) said() templ.Attributes {
	a := templ.Attributes{}
	for _, k := range [...]string{"kept", "keeping", "failing", "expired", "sign-in-link", "conflict", "restore", "restore-do", "restore-no", "none", "moved", "removed"} {
		a["data-say-"+k] = v.P.T("staff.script." + k)
	}
	if v.SavedByOther {
		a["data-saved-by-other"] = true
	}
	return a
}

// number is the number of the draft as the script knows it, "new" for one that was not kept yet.
func (v DeclarationForm) number() string {
	if v.ID == 0 {
		return "new"
	}
	return fmt.Sprint(v.ID)
}

func (v DeclarationForm) onList() *options {
	return newOptions(append([]ui.Option{{Label: v.P.T("staff.form.choose")}}, v.OnList...))
}

func (x Fields) has(topic string) bool { return slices.Contains(x.Topics, topic) }

// otherTopics are those of the draft that the register does not know: they are kept until somebody takes them off.
func (x Fields) otherTopics(known []ui.Option) []string {
	var list []string
	for _, t := range x.Topics {
		if !slices.ContainsFunc(known, func(o ui.Option) bool { return o.Value == t }) {
			list = append(list, t)
		}
	}
	return list
}
