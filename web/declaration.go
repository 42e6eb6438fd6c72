package web

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
	"cosignatory/web/export"
)

// The orders of a list of signatories, as addresses name them; the first is the one unless asked.
var listOrders = []string{"name", "region", "printed"}

// entry is the declaration that the address names. Where there is none at this revision but one today, the page says so.
func (r *request) entry() (*store.Entry, error) {
	slug := r.c.Param("slug")
	e, err := r.view.Declaration(r.ctx, slug)
	var circle *store.Circle
	if !errors.Is(err, store.ErrNotFound) || errors.As(err, &circle) {
		return e, err
	}
	if r.pinned {
		if now, err := r.s.Store.At(r.ctx, 0); err == nil {
			if later, err := now.Declaration(r.ctx, slug); err == nil {
				return nil, unknown("error.revision_before", "Title", later.TitleIn(r.lang).Text, "Revision", r.view.Revision).
					or(r.p.T("onward.declaration"), r.now(declarationPath(later.Slug)))
			}
		}
	}
	return nil, unknown("error.declaration_unknown", "Value", shorten(slug)).accepting("accepted.declaration")
}

// sheet is a declaration on a day, folded once for all parts of its page.
type sheet struct {
	*request
	*store.Entry
	lines   []register.Timeline
	counts  register.Counts
	numbers map[string]int // of sources, by key
	own     string         // language of the register's own words on it
	prefix  string         // before fragments of sources: empty on the declaration's own page
	places  bool           // rows say their place in the printed list: its order is asked for
	where   map[string]placing
}

func (r *request) sheet(e *store.Entry) *sheet {
	lines := e.Timelines()
	s := &sheet{request: r, Entry: e, lines: lines, counts: e.TallyOf(lines, r.view.Ref, r.day), numbers: make(map[string]int, len(e.Sources)), own: "en"}
	for i, at := range byWeight(e) {
		s.numbers[e.Sources[at].Key] = i + 1
	}
	if len(e.Texts) > 0 {
		s.own = e.Texts[0].Lang
	}
	return s
}

// byWeight are the places of the sources of a declaration, the weightiest first: that is the order in which they are listed and
// numbered (D19).
func byWeight(e *store.Entry) []int {
	order := make([]int, len(e.Sources))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(slices.Index(register.SourceKinds, e.Sources[a].Kind), slices.Index(register.SourceKinds, e.Sources[b].Kind))
	})
	return order
}

// listOrder is the order of the list of signatories that the address asks for, empty where it asks for none.
func (r *request) listOrder() (string, error) {
	order := r.query["order"]
	if order != "" && !slices.Contains(listOrders, order) {
		var list []ui.Option
		for _, o := range listOrders {
			list = append(list, ui.Option{Value: o, Label: r.p.T("order." + o)})
		}
		return "", r.badValue("order", order).oneOf(list)
	}
	return order, nil
}

func showDeclaration(r *request) error {
	order, err := r.listOrder()
	if err != nil {
		return err
	}
	if err := r.knownGroup(r.query["missing"]); err != nil {
		return err
	}
	e, err := r.entry()
	if err != nil {
		return err
	}
	s := r.sheet(e)
	p := r.p
	title := e.TitleIn(r.lang)
	text := e.TextIn(r.lang)
	v := pages.Declaration{Page: r.base(r.text(title.Text, title.Lang), "/declarations"), DeclarationsURL: r.to("/declarations")}
	v.Description = text.Summary
	v.Kind, v.Title = p.T("kind."+string(e.Kind)), r.text(title.Text, title.Lang)
	if d := e.Date(); d.Known() {
		v.Date, v.DateISO = p.Date(d), d.String()
	}
	v.TitleStanding, v.TitleNote = p.T("standing_title."+string(title.Standing)), r.text(title.Note, s.own)
	if v.Title.Lang != "" {
		// There is none in the reader's language: that is said (D21).
		v.TitleStanding = sentences(v.TitleStanding, p.T("declaration.title_language", "Language", r.language(title.Lang)))
	}
	for _, t := range e.Titles {
		if t != title {
			v.OtherTitles = append(v.OtherTitles, pages.Title{Text: r.text(t.Text, t.Lang), Language: r.language(t.Lang),
				Standing: p.T("standing." + string(t.Standing)), Note: r.text(t.Note, s.own)})
		}
	}
	v.Place, v.Summary, v.Occasion = r.text(text.Place, text.Lang), r.text(text.Summary, text.Lang), r.text(text.Event, text.Lang)
	v.LedBy, v.LedByNote = r.participants(e.Sponsors), s.leadNote()
	v.ReadBy, v.ReadByNote = r.text(e.PresentedBy, s.own), s.readNote()
	if e.PresenterDelegation != "" {
		v.ReadFor = r.participant(e.PresenterDelegation)
	}
	for _, d := range s.dates() {
		v.Dates = append(v.Dates, pages.DateFact{Label: p.T("date." + d.name), Date: p.Date(d.date), ISO: d.date.String()})
	}
	if e.Open != "" {
		v.Open = p.T("open." + string(e.Open))
	}
	for i, code := range e.Topics {
		l := ui.TextLink{Text: r.topic(code), URL: r.to("/declarations", "topic", code)}
		if i == 0 {
			v.Topic = l
		}
		v.Topics = append(v.Topics, l)
	}
	if v.Links, err = s.links(); err != nil {
		return err
	}
	v.AsOfForm = r.asOfForm("participant", "order", "missing")
	if r.dayGiven || r.pinned {
		v.AsOfForm.ChangesURL = r.now(historyPath(e.Slug))
	}
	v.Counts = s.pageCounts()
	v.Bench = pages.BenchOf(p, v.Counts)
	if order == "" {
		order = listOrders[0]
	}
	for _, o := range []string{"region", "name", "printed"} {
		value := o
		if o == listOrders[0] {
			value = ""
		}
		v.Signatories.Orders = append(v.Signatories.Orders, ui.Link{Text: p.T("order." + o), URL: r.here("order", value) + "#signatories", Current: o == order})
	}
	s.places = order == "printed"
	v.Signatories.Sections, v.Signatories.Total = s.signatories(order)
	v.Signatories.Regions = order != "region"
	v.GroupLines, v.Beside, v.Left, v.Unsettled = s.groupLines(true), s.beside(), s.departures(true), s.unsettled()
	v.NotKnown, v.Timeline, v.Sources = s.notKnown(), s.timeline(), s.sourceList()
	v.Missing, v.OnList, v.Map = s.missing(), s.onList(), s.tileMap()
	v.SourceKinds = s.sourceKinds()
	v.Foot = r.foot(title.Text)
	if first, err := r.view.RevisionOf(r.ctx, e.First); err != nil {
		return err
	} else {
		v.OnRecordSince = p.Date(register.Today(first.PublishedAt).Date())
	}
	v.HistoryURL, v.Revisions = r.to(historyPath(e.Slug)), e.Count
	steps, _ := register.Growth(s.lines, r.day)
	v.Growth, v.GrowthURL, v.CompareURL = s.chart(steps), r.to(growthPath(e.Slug)), r.to("/compare", "d", e.Slug)
	v.Linked = s.linked()
	return r.show(v.Show())
}

// fileDeclaration sends the signatories: by code, or in the order of the page where the address asks for one (D15).
func fileDeclaration(r *request) error {
	order, err := r.listOrder()
	if err != nil {
		return err
	}
	e, err := r.entry()
	if err != nil {
		return err
	}
	return r.send(e.Slug, false, func(ctx context.Context, w io.Writer, o export.Options) error {
		o.Order = r.inFile(order)
		return export.WriteSignatories(ctx, w, o, []int64{e.ID}, "")
	})
}

// inFile orders the rows of a file as the page orders its list, nil for an order that is not asked for.
func (r *request) inFile(order string) func(a, b export.Placed) int {
	byName := func(a, b export.Placed) int { return cmp.Compare(r.rank(a.Participant), r.rank(b.Participant)) }
	switch order {
	case "printed":
		return func(a, b export.Placed) int {
			if (a.Position > 0) != (b.Position > 0) {
				return cmp.Compare(b.Position, a.Position) // those without a place come last
			}
			return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.Recorded, b.Recorded)) // as on the page
		}
	case "region":
		parts := append(slices.Clone(register.RegionalGroups), "none", "other", "organization")
		at := func(x export.Placed) int { return slices.Index(parts, r.part(x.Participant)) }
		return func(a, b export.Placed) int { return cmp.Or(cmp.Compare(at(a), at(b)), byName(a, b)) }
	case "name":
		return byName
	}
	return nil
}

// namedDate is one of the dates of a declaration.
type namedDate struct {
	name string // adopted, presented, published, opened, closed
	date register.Date
}

func (s *sheet) dates() []namedDate {
	var list []namedDate
	for _, d := range []namedDate{{"adopted", s.Adopted}, {"presented", s.Presented}, {"published", s.Published}, {"opened", s.Opened}, {"closed", s.Closed}} {
		if d.date.Known() {
			list = append(list, d)
		}
	}
	return list
}

// leadNote says whether the delegations that lead are themselves on the list (D5), where that is one thing for all of them. Of a
// presenter that leads alone it is said beside the presenter.
func (s *sheet) leadNote() string {
	if len(s.Sponsors) == 0 || len(s.Sponsors) == 1 && s.Sponsors[0] == s.PresenterDelegation && s.readNote() != "" {
		return ""
	}
	words := s.counted(s.Sponsors[0])
	for _, code := range s.Sponsors[1:] {
		if s.counted(code) != words {
			return ""
		}
	}
	return words
}

// readNote says of the presenter's delegation, where no action of its own tells, whether a source counts it (D5).
func (s *sheet) readNote() string {
	code := s.PresenterDelegation
	if code == "" || slices.ContainsFunc(s.lines, func(t register.Timeline) bool { return t.Participant == code }) {
		return ""
	}
	return s.counted(code)
}

// counted says whether a delegation that leads, or had the text read out, is itself on the list; where no action of its own
// tells, what is recorded of it. Empty where its row says so, as it came later, has left or stands beside the list, or where a
// group implies it.
func (s *sheet) counted(code string) string {
	for i := range s.lines {
		if s.lines[i].Participant == code {
			if s.lines[i].On(s.day).Counted() {
				return s.p.T("declaration.lead_counted")
			}
			return ""
		}
	}
	answer := register.NotRecorded
	if slices.Contains(s.CountedOf(), code) {
		answer = s.PresenterCounted
	}
	switch {
	case answer == register.No:
		return s.p.T("declaration.lead_not_counted")
	case slices.ContainsFunc(register.Implied(s.lines, s.view.Ref, s.day), func(m register.ImpliedMember) bool { return m.Participant == code }):
		return ""
	case answer == register.Yes:
		return s.p.T("declaration.lead_unlisted")
	}
	return s.p.T("declaration.lead_unknown")
}

// pageCounts are the four counts with what they are made of (D3, D4).
func (s *sheet) pageCounts() pages.Counts {
	c, p := &s.counts, s.p
	v := pages.Counts{Named: c.Named.Total, InEffect: c.InEffect.Total, Unsettled: c.Unsettled.Total, Ever: c.Ever.Total, NotNamed: c.NotNamed,
		Implied: c.Implied.Total, ImpliedUnsettled: c.ImpliedUnsettled.Total, Aligned: c.Supporters.Total + c.Aligned.Total, Left: c.Left.Total, Founding: s.day == s.Date().First(),
		Before:  s.Date().Known() && s.day < s.Date().First(),
		Members: c.InEffect.Members, Observers: c.InEffect.Observers, Others: c.InEffect.Others + c.InEffect.Unrecognised}
	for _, g := range append(slices.Clone(register.RegionalGroups), "") {
		if n := c.InEffect.ByGroup[g]; n > 0 {
			name := p.T("regional_group_short.none")
			if g != "" {
				name = p.T("regional_group_short." + g)
			}
			v.Regions = append(v.Regions, pages.RegionCount{Code: g, Name: name, N: n})
		}
	}
	for _, l := range s.inOrder(func(t *register.Timeline, state register.State) bool {
		q := s.view.Ref.Participant(t.Participant)
		return state.Status == register.InEffect && state.Capacity.Counted() && q != nil && q.Kind == register.Organization
	}) {
		code := l.line.Participant
		v.Organisations = append(v.Organisations, pages.InSentence(p, code, s.view.Ref.Name(code, s.lang)))
	}
	// The number that heads the page first, then what others say, the newest first. What is said of a later day is left out.
	var stated []*register.Stated
	for i := range s.Entry.Stated {
		x := &s.Entry.Stated[i]
		if x != c.Stated && (!x.Date.Known() || x.Date.Last() <= s.day) {
			stated = append(stated, x)
		}
	}
	slices.SortStableFunc(stated, func(a, b *register.Stated) int {
		switch {
		case !a.Date.Known() || !b.Date.Known():
			return a.Date.Compare(b.Date)
		}
		return b.Date.Compare(a.Date)
	})
	if c.Stated != nil {
		v.StatesOnly = c.Stated.Counts == register.StatesOnly && c.Ever.Orgs > 0
		stated = append([]*register.Stated{c.Stated}, stated...)
	}
	for _, x := range stated {
		n := pages.Stated{N: x.Count, Words: s.text(x.Note, s.own)}
		if x.Date.Known() {
			n.On = p.Date(x.Date)
		}
		if n.Words.Empty() && (c.Ever.Orgs > 0 || c.Ever.Others > 0) {
			if x.Counts == register.StatesOnly {
				n.Words = ui.Plain(p.T("counts.of_states"))
			} else {
				n.Words = ui.Plain(p.T("counts.of_participants"))
			}
		}
		if refs := s.evidence(x.Source, nil); len(refs) > 0 {
			n.Source = refs[0]
		}
		v.Stated = append(v.Stated, n)
	}
	return v
}

// standing is one line of the list with its state on the day.
type standing struct {
	line  *register.Timeline
	state register.State
	rank  int // place in the alphabetical order of the reader's language (D15)
}

// inOrder are the lines of participants that pass, in alphabetical order.
func (s *sheet) inOrder(pass func(*register.Timeline, register.State) bool) []standing {
	var list []standing
	for i := range s.lines {
		t := &s.lines[i]
		if t.Participant == "" {
			continue
		}
		state := t.On(s.day)
		if !pass(t, state) {
			continue
		}
		rank := len(s.view.Ref.Participants)
		if at := s.view.Ref.Index(t.Participant); at >= 0 {
			rank = s.view.Ref.Rank(at, s.lang)
		}
		list = append(list, standing{t, state, rank})
	}
	slices.SortStableFunc(list, func(a, b standing) int { return cmp.Compare(a.rank, b.rank) })
	return list
}

// signatories are those in effect on the day, in sections as the order wants them.
func (s *sheet) signatories(order string) (list []pages.SignatorySection, total int) {
	on := s.inOrder(func(_ *register.Timeline, state register.State) bool {
		return state.Status == register.InEffect && state.Capacity.Counted()
	})
	section := func(heading string, some []standing) {
		if len(some) == 0 {
			return
		}
		rows := make([]pages.Signatory, len(some))
		for i, x := range some {
			rows[i] = s.signatory(x)
		}
		list = append(list, pages.SignatorySection{Heading: heading, Rows: rows})
	}
	p := s.p
	switch order {
	case "printed":
		place := map[*register.Timeline]int{}
		for i := range s.lines {
			place[&s.lines[i]] = i
		}
		slices.SortStableFunc(on, func(a, b standing) int {
			x, y := a.state.Newest.Action.PrintedPosition, b.state.Newest.Action.PrintedPosition
			if x != y && x*y != 0 {
				return cmp.Compare(x, y)
			}
			if x != y {
				return cmp.Compare(y, x) // those without a place come last
			}
			return cmp.Compare(place[a.line], place[b.line])
		})
		known := 0
		for known < len(on) && on[known].state.Newest.Action.PrintedPosition > 0 {
			known++
		}
		section("", on[:known])
		section(p.T("order.position_unknown"), on[known:])
	case "region":
		in := map[string][]standing{}
		for _, x := range on {
			in[s.part(x.line.Participant)] = append(in[s.part(x.line.Participant)], x)
		}
		for _, g := range register.RegionalGroups {
			section(p.T("regional_group."+g), in[g])
		}
		section(p.T("regional_group.none"), in["none"])
		section(p.T("participant_kinds.other"), in["other"])
		section(p.T("participant_kinds.organization"), in["organization"])
	default:
		section("", on)
	}
	return list, len(on)
}

// part is the section of a list by region that a participant belongs to.
func (r *request) part(code string) string {
	q := r.view.Ref.Participant(code)
	switch {
	case q == nil || q.Kind == register.Other:
		return "other"
	case q.Kind == register.Organization:
		return "organization"
	case q.RegionalGroup == "":
		return "none"
	}
	return q.RegionalGroup
}

// telling is the action that tells how somebody is named on the list and in which capacity. Where none is reached by the day, it
// is the departure before which it stood there since nobody knows when (D1).
func (x standing) telling() *register.Moment {
	return cmp.Or(x.state.Newest, x.state.Departure, &x.line.Moments[0])
}

// offTheList is it as it stood on the list before it went off it, whether it left or stands beside the list now.
func (x standing) offTheList() standing {
	state := &x.state
	state.Status, state.Arrival, state.Newest, state.Departure = register.Left, state.CameOn, state.StoodAs, state.WentOff
	state.Capacity = x.telling().Action.Capacity
	return x
}

// signatory is one row of a list: a participant, or a group that stands there as such.
func (s *sheet) signatory(x standing) pages.Signatory {
	p, m := s.p, x.telling()
	a := m.Action
	var v pages.Signatory
	if code := x.line.Participant; code != "" {
		q := s.view.Ref.Participant(code)
		v = pages.Signatory{Code: code, Name: s.view.Ref.Name(code, s.lang), URL: s.to(participantPath(code)), Region: s.region(q), Disputed: s.disputed(code)}
		if q != nil {
			if q.Kind != register.Member {
				v.Kind = p.T("participant_kind." + string(q.Kind))
			}
			if then := q.NameOn(s.lang, s.Date()); then != v.Name {
				v.NameThen = then
			}
		}
	} else {
		v = pages.Signatory{Code: x.line.Group, Name: s.view.Ref.GroupName(x.line.Group, s.lang), URL: s.to(groupPath(x.line.Group))}
	}
	v.Position = a.PrintedPosition
	v.Printed = s.printed(a.NameAsPrinted, v.Name, a.Source)
	v.Since, v.SinceISO, v.SinceNote = s.when(x.state.Arrival)
	if d := x.state.Departure; x.state.Arrival == nil || d != nil && d.Action.JoiningNotRecorded {
		v.SinceNote = p.T("since_note.joining_not_recorded")
	}
	v.SinceNote = sentences(v.SinceNote, s.changed(x.state))
	if x.state.Arrival != nil && x.state.Arrival.Action.Kind == register.Rejoined {
		v.Status = p.T("status.rejoined")
		if first := x.line.Moments[0].Action; first.Date.Known() && !first.Kind.Departure() {
			v.SinceNote = sentences(v.SinceNote, p.T("since_note.rejoined", "Date", p.Date(first.Date)))
		}
	}
	switch x.state.Status {
	case register.Unsettled:
		v.Status = s.unsettledStatus(x.state)
	case register.Left:
		v.Status = "" // it is not back: until when and why it was there is told in columns of their own
	}
	v.Capacity = p.T("capacity." + string(x.state.Capacity))
	v.CapacityPrinted = s.printed(a.CapacityAsPrinted, v.Capacity, a.Source)
	v.Act = s.act(a)
	v.Evidence = s.evidenceOf(m, x.state.Arrival)
	return v
}

// act is what is recorded of an action besides its date, which columns tell.
func (s *sheet) act(a *register.Action) pages.Act {
	v := pages.Act{Evidence: s.evidence(a.Source, a.AlsoSources), Remark: s.remark(a), Notes: s.notes(a)}
	if s.places && a.PrintedPosition > 0 {
		v.Notes = append([]ui.Text{ui.Plain(s.p.T("signatory.printed_position", "Position", a.PrintedPosition))}, v.Notes...)
	}
	return v
}

// acts are the action by which somebody last came and the one by which it left, or may have: the evidence of one is not that of
// the other, nor is its note (D8, D19).
func (s *sheet) acts(x standing) []pages.Act {
	var list []pages.Act
	for i, m := range []*register.Moment{x.state.Arrival, x.state.Newest, x.state.Departure} {
		if m == nil || i == 1 && m == x.state.Arrival {
			continue
		}
		v := s.act(m.Action)
		v.What = s.p.T("action." + string(m.Action.Kind))
		if m.Action.Kind.Departure() && !x.state.Capacity.Counted() {
			v.What = s.p.T("action.withdrew_beside")
		}
		list = append(list, v)
	}
	if list == nil {
		list = append(list, s.act(x.telling().Action))
	}
	return list
}

// sentences joins sentences, leaving out empty ones.
func sentences(list ...string) string {
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), " ")
}

// printed is what the source prints, where it is not what the page shows anyway (D14).
func (s *sheet) printed(words, shown, source string) ui.Text {
	if words == "" || words == shown {
		return ui.Text{}
	}
	lang := ""
	if x := s.Source(source); x != nil {
		lang = x.Lang
	}
	return s.text(words, lang)
}

// when is the day of an action in words, as recorded (D11), with a note on what an unknown one is counted from.
func (s *sheet) when(m *register.Moment) (words, iso, note string) {
	p := s.p
	if m == nil {
		return p.T("date.unknown"), "", ""
	}
	a := m.Action
	switch a.Date.Precision() {
	case register.ByDay:
		words, iso = p.ShortDate(a.Date), a.Date.String()
	case register.ByMonth:
		words, iso, note = p.ShortDate(a.Date), a.Date.String(), p.T("since_note.month")
	case register.ByYear:
		words, iso, note = p.ShortDate(a.Date), a.Date.String(), p.T("since_note.year")
	default:
		switch m.Rests {
		case register.FromDeclaration:
			note = p.T("since_note.declaration", "Date", p.Date(s.Date()))
		case register.FromSource:
			from := m.First.Date()
			if x := s.Source(a.Source); x != nil && x.Published.Known() && x.Published.First() == m.First {
				from = x.Published // as precise as it is known
			}
			note = p.T("since_note.source", "Date", p.Date(from))
		default:
			note = p.T("since_note.nowhere")
		}
	}
	if a.PublicDate.Known() && a.PublicDate != a.Date {
		note = sentences(note, p.T("since_note.public", "Date", p.Date(a.PublicDate)))
	}
	return words, iso, note
}

// evidence are the source that an entry follows and those that say the same.
func (s *sheet) evidence(source string, also []string) []pages.SourceRef {
	refs := make([]pages.SourceRef, 0, 1+len(also))
	for i := -1; i < len(also); i++ {
		key := source
		if i >= 0 {
			key = also[i]
		}
		x := s.Source(key)
		if x == nil {
			continue
		}
		n := s.numbers[key]
		refs = append(refs, pages.SourceRef{Number: n, Name: x.Publisher, Kind: s.p.T("source_kind." + string(x.Kind)), URL: s.prefix + "#source-" + itoa(n)})
	}
	return refs
}

// evidenceOf are the sources of several actions, those of the first one first, each once.
func (s *sheet) evidenceOf(moments ...*register.Moment) []pages.SourceRef {
	var refs []pages.SourceRef
	for _, m := range moments {
		if m == nil {
			continue
		}
		for _, ref := range s.evidence(m.Action.Source, m.Action.AlsoSources) {
			if !slices.Contains(refs, ref) {
				refs = append(refs, ref)
			}
		}
	}
	return refs
}

// changed says since when it stands there in the capacity shown, where that is not since it came, and until when whoever is
// beside the list now stood on it.
func (s *sheet) changed(state register.State) string {
	var capacity, moved string
	if state.Newest != state.Arrival && state.Newest.Action.Date.Known() {
		capacity = s.p.T("since_note.capacity", "Capacity", s.p.T("capacity."+string(state.Capacity)), "Date", s.p.Date(state.Newest.Action.Date))
	}
	if state.Aside() && state.WentOff != nil && state.WentOff.Action.Date.Known() {
		moved = s.p.T("since_note.moved", "Date", s.p.Date(state.WentOff.Action.Date))
	}
	return sentences(capacity, moved)
}

// disputed are the claims of sources against what is recorded of a participant (D19).
func (s *sheet) disputed(code string) []pages.Claim {
	var list []pages.Claim
	for _, x := range s.Disputes {
		if x.Participant != code {
			continue
		}
		claim := register.In(x.Claim, s.lang)
		c := pages.Claim{Words: s.text(claim.Text, claim.Lang)}
		if refs := s.evidence(x.Source, nil); len(refs) > 0 {
			c.Source = refs[0]
		}
		list = append(list, c)
	}
	return list
}

// remark is the note that hangs on an action: an explanation, a dissociation (D8).
func (s *sheet) remark(a *register.Action) ui.Text { return s.text(a.Note, s.own) }

// notes are remarks on an action and its place in the source.
func (s *sheet) notes(a *register.Action) []ui.Text {
	var list []ui.Text
	if x := s.remark(a); !x.Empty() {
		list = append(list, x)
	}
	if a.PlaceInSource != "" {
		list = append(list, ui.Plain(s.p.T("evidence.place", "Place", a.PlaceInSource)))
	}
	return list
}

// beside are supporters and aligned participants, and groups that are: in no count of signatories (D4). Who is so no longer stays
// in sight (D2).
func (s *sheet) beside() pages.Beside {
	v := pages.Beside{Groups: s.groupLines(false), Left: s.departures(false)}
	for _, x := range s.inOrder(func(_ *register.Timeline, state register.State) bool {
		return state.Aside()
	}) {
		v.Signatories = append(v.Signatories, s.signatory(x))
	}
	return v
}

// departures are those that were on the list, or beside it, and are no more, with the reason that a source gives (D2), or that they
// stand beside the list now.
func (s *sheet) departures(onList bool) pages.Leavers {
	left := func(_ *register.Timeline, state register.State) bool {
		if onList {
			return state.WentOff != nil
		}
		return state.Status == register.Left && !state.Capacity.Counted()
	}
	row := func(x standing) pages.Departure {
		now := x.state
		if onList {
			x = x.offTheList()
		}
		went := x.state.Departure
		v := pages.Departure{Signatory: s.signatory(x), Acts: s.acts(x)}
		v.Until, v.UntilISO, v.UntilNote = s.when(went)
		words := ""
		if onList {
			words = s.wentBeside(now)
		}
		if went.Action.Kind.Departure() {
			v.Reason = s.reason(went.Action.Reason)
			if words != "" { // it came back beside the list
				again := s.act(now.Newest.Action)
				again.What = words
				v.Acts = append(v.Acts, again)
			}
		} else {
			v.Reason = words
		}
		return v
	}
	var list pages.Leavers
	for _, x := range s.inOrder(left) {
		list.Participants = append(list.Participants, row(x))
	}
	for i := range s.lines {
		t := &s.lines[i]
		if state := t.On(s.day); t.Participant == "" && left(t, state) {
			list.Groups = append(list.Groups, row(standing{line: t, state: state}))
		}
	}
	return list
}

// wentBeside says that whoever went off the list stands beside it, or did so before it left that too; empty where it does not.
func (s *sheet) wentBeside(state register.State) string {
	if state.WentOff == nil || state.Newest == nil || state.Newest.Counted() {
		return ""
	}
	capacity := s.p.T("capacity." + string(state.Capacity))
	words := s.p.T("position.beside", "Capacity", capacity)
	if d := state.Since(); d.Known() {
		words = s.p.T("left.beside", "Capacity", capacity, "Date", s.p.Date(d))
	}
	if state.Status == register.Left {
		words = s.p.T("missing.but", "Who", words, "Words", s.status(state))
	}
	return words
}

// reason is why a participant left, in words.
func (r *request) reason(x register.Reason) string {
	if x == "" {
		return r.p.T("cell.not_recorded")
	}
	return r.p.T("reason." + string(x))
}

// openAction is the action that leaves a state unsettled: it may or may not have happened by the day. Nil where what is not
// recorded is the joining before a departure.
func openAction(state register.State, day register.Day) *register.Moment {
	for _, m := range []*register.Moment{state.Departure, state.Arrival} {
		if m != nil && m.First <= day && m.Last > day {
			return m
		}
	}
	return nil
}

// unsettled are those of which the dates on record do not tell whether they stand on the list (D11).
func (s *sheet) unsettled() []pages.Unsettled {
	var list []pages.Unsettled
	for _, x := range s.inOrder(func(_ *register.Timeline, state register.State) bool {
		return state.Status == register.Unsettled && state.Capacity.Counted()
	}) {
		v := pages.Unsettled{Signatory: s.signatory(x), Acts: s.acts(x)}
		m := openAction(x.state, s.day)
		switch {
		case m == nil:
			v.Words = s.p.T("since_note.joining_not_recorded")
		case m == x.state.Departure: // or a move beside the list
			v.Words = s.p.T("unsettled.left_undated")
			if from, to, ok := s.bounds(m); ok {
				v.Words = s.p.T("unsettled.left_between", "From", from, "To", to)
			}
		default:
			v.Words = s.p.T("unsettled.joined_undated")
			if from, to, ok := s.bounds(m); ok {
				v.Words = s.p.T("unsettled.joined_between", "From", from, "To", to)
			}
		}
		list = append(list, v)
	}
	return list
}

// bounds are the first and the last day on which an action can have happened, false where either is not known.
func (r *request) bounds(m *register.Moment) (from, to string, ok bool) {
	first, last := m.First.Date(), m.Last.Date()
	return r.p.Date(first), r.p.Date(last), first.Known() && last.Known()
}

// unsettledStatus is an unsettled state in words, with the days between which the open action happened.
func (r *request) unsettledStatus(state register.State) string {
	first, last := state.From.Date(), state.To.Date()
	if m := openAction(state, r.day); m != nil {
		first, last = m.First.Date(), m.Last.Date()
	}
	switch {
	case first.Known() && last.Known():
		return r.p.T("status.unsettled", "From", r.p.Date(first), "To", r.p.Date(last))
	case first.Known():
		return r.p.T("status.unsettled_from", "From", r.p.Date(first))
	case last.Known():
		return r.p.T("status.unsettled_to", "To", r.p.Date(last))
	}
	return r.p.T("status.unsettled_plain")
}

// groupLines are groups on the list, or beside it, as such: their members are worked out for the day of the action (D6). Where its
// date or a membership's is partial, the line says who was a member on some of the days only (D11). Those of a group beside the
// list are implied by nothing (D4).
func (s *sheet) groupLines(onList bool) []pages.GroupLine {
	var list []pages.GroupLine
	for i := range s.lines {
		t := &s.lines[i]
		state := t.On(s.day)
		g := s.view.Ref.Group(t.Group)
		if t.Participant != "" || g == nil || state.Arrival == nil || state.Status != register.InEffect && state.Status != register.Unsettled {
			continue
		}
		if state.Capacity.Counted() != onList {
			continue
		}
		var codes, unsettled []string
		for _, m := range g.Between(state.MembersOf(s.day)) {
			if m.Throughout {
				codes = append(codes, m.Code)
			} else {
				unsettled = append(unsettled, m.Code)
			}
		}
		s.view.Ref.SortCodes(codes, s.lang)
		s.view.Ref.SortCodes(unsettled, s.lang)
		line := pages.GroupLine{Signatory: s.signatory(standing{line: t, state: state}), Members: s.participants(codes),
			Unsettled: s.participants(unsettled), MembersNote: s.p.T("group_line.implied")}
		day, span := "group_line.words", "group_line.words_in"
		if !onList {
			day, span = "group_line.beside", "group_line.beside_in"
			line.MembersNote = s.p.T("group_line.beside_note")
		}
		if at := state.Arrival; at.First == at.Last || at.First == register.FirstDay {
			on, _ := state.MembersOf(s.day)
			line.Words = s.p.T(day, "Count", len(codes), "Group", g.Name(s.lang), "Date", s.p.Date(on.Date()))
			line.MembersURL = s.now(groupPath(t.Group), "as_of", on.String())
		} else {
			line.Words = s.p.T(span, "Count", len(codes), "Group", g.Name(s.lang), "Date", s.restsOn(at))
		}
		if state.Status == register.Unsettled {
			line.Words = s.p.T("missing.but", "Who", line.Words, "Words", s.unsettledStatus(state))
			line.Status = "" // the words say it
		} else if n := len(unsettled); n > 0 {
			line.Words = s.p.T("missing.but", "Who", line.Words, "Words", s.p.T("counts.unsettled", "Count", n))
		}
		list = append(list, line)
	}
	return list
}

// restsOn is the partial date that an action is counted from, as it is recorded (D11).
func (s *sheet) restsOn(m *register.Moment) string {
	date := m.Action.Date
	if x := s.Source(m.Action.Source); m.Rests == register.FromSource && x != nil {
		date = x.Published
	} else if m.Rests == register.FromDeclaration {
		date = s.Date()
	}
	if !date.Known() {
		return s.p.T("date.unknown")
	}
	return s.p.Date(date)
}

// notKnown are gaps and conflicts that the reader is told of: whether the list is complete, the register's notes, and what
// sources say against each other about others than those with a line of their own.
func (s *sheet) notKnown() []pages.Note {
	var list []pages.Note
	switch s.ListComplete {
	case register.No:
		list = append(list, pages.Note{Text: ui.Plain(s.p.T("declaration.list_incomplete"))})
	case register.Yes:
	default:
		list = append(list, pages.Note{Text: ui.Plain(s.p.T("declaration.list_unknown"))})
	}
	text := s.TextIn(s.lang)
	for line := range strings.Lines(text.Notes) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, pages.Note{Text: s.text(line, text.Lang)})
		}
	}
	shown := map[string]bool{}
	for i := range s.lines {
		shown[s.lines[i].Participant] = true
	}
	for _, x := range s.Disputes {
		claim := register.In(x.Claim, s.lang)
		claimed := func(key string, args ...any) pages.Note {
			before, after, _ := strings.Cut(s.p.T(key, append(args, "Claim", "\x00")...), "\x00")
			return pages.Note{Before: before, Text: s.text(claim.Text, claim.Lang), After: after}
		}
		switch {
		case x.Participant == "":
			list = append(list, claimed("dispute.heading"))
		case !shown[x.Participant]:
			list = append(list, claimed("dispute.about", "Who", s.view.Ref.Name(x.Participant, s.lang)))
		}
	}
	return list
}

// timeline is what happened, day by day; what nobody can date comes last (D11). It ends on the day shown, and says how many
// came later without saying who.
func (s *sheet) timeline() []pages.TimelineEntry {
	type event struct {
		date   register.Date
		place  int // of the kind of event within a day
		kind   string
		reason register.Reason
	}
	type group struct {
		event
		ranks   []int
		links   []ui.Link
		sources []pages.SourceRef
	}
	var groups []*group
	at := map[event]*group{}
	of := func(e event) *group {
		g := at[e]
		if g == nil {
			g = &group{event: e}
			at[e], groups = g, append(groups, g)
		}
		return g
	}
	for i, d := range s.dates() {
		if d.date.First() <= s.day {
			of(event{date: d.date, place: i - 10, kind: d.name})
		}
	}
	for i := range s.lines {
		t := &s.lines[i]
		var stood register.Capacity // that in which it last came
		for j := range t.Moments {
			m := &t.Moments[j]
			a := m.Action
			if m.First > s.day {
				continue
			}
			e := event{date: a.Date, kind: string(a.Kind), reason: a.Reason, place: slices.Index(register.ActionKinds, a.Kind)}
			switch {
			case !a.Kind.Departure():
				stood = a.Capacity
				if a.Capacity == register.Supporter {
					e.kind, e.place = "supported", 10
				}
			case !cmp.Or(stood, a.Capacity).Counted():
				e.kind, e.place = "withdrew_beside", 11 // it was never on the list (D4)
			}
			g := of(e)
			if t.Participant != "" {
				g.links = append(g.links, s.participant(t.Participant))
				g.ranks = append(g.ranks, s.rank(t.Participant))
			} else {
				g.links = append(g.links, ui.Link{Text: s.view.Ref.GroupName(t.Group, s.lang), URL: s.to(groupPath(t.Group))})
				g.ranks = append(g.ranks, -1)
			}
			for _, ref := range s.evidence(a.Source, nil) {
				if !slices.Contains(g.sources, ref) {
					g.sources = append(g.sources, ref)
				}
			}
		}
	}
	slices.SortStableFunc(groups, func(a, b *group) int {
		return cmp.Or(a.date.Compare(b.date), cmp.Compare(a.place, b.place), cmp.Compare(a.reason, b.reason))
	})
	var list []pages.TimelineEntry
	for _, g := range groups {
		e := pages.TimelineEntry{Date: s.p.Date(g.date), ISO: g.date.String(), Sources: g.sources}
		if g.place < 0 {
			e.Words = s.p.T("timeline." + g.kind)
		} else {
			order := make([]int, len(g.links))
			for i := range order {
				order[i] = i
			}
			slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(g.ranks[a], g.ranks[b]) })
			for _, i := range order {
				e.Participants = append(e.Participants, g.links[i])
			}
			e.Words = s.p.T("timeline."+g.kind, "Count", len(g.links), "Reason", s.reason(g.reason))
		}
		list = append(list, e)
	}
	if n := s.counts.NotYet.Total; n > 0 {
		list = append(list, pages.TimelineEntry{Date: s.p.T("timeline.after", "Date", s.p.Date(s.day.Date())), Words: s.p.T("timeline.later", "Count", n)})
	}
	return list
}

// rank is the place of a participant in the alphabetical order of the reader's language.
func (r *request) rank(code string) int {
	if at := r.view.Ref.Index(code); at >= 0 {
		return r.view.Ref.Rank(at, r.lang)
	}
	return len(r.view.Ref.Participants)
}

// sourceList are the sources with their numbers and what each kind of source weighs (D19).
func (s *sheet) sourceList() []pages.Source {
	list := make([]pages.Source, len(s.Entry.Sources))
	for i, at := range byWeight(s.Entry) {
		x, p := &s.Entry.Sources[at], s.p
		v := pages.Source{Number: i + 1, ID: "source-" + itoa(i+1), Publisher: s.text(x.Publisher, ""), Title: s.text(x.Title, x.Lang), URL: x.URL,
			Kind: p.T("source_kind." + string(x.Kind)), Weight: p.T("source_weight." + string(x.Kind)), Supports: s.text(x.Supports, s.own)}
		if x.Lang != "" {
			v.Language = s.language(x.Lang)
		}
		if x.Published.Known() {
			v.Published = p.Date(x.Published)
		}
		if x.ReadOn.Known() {
			v.ReadOn = p.Date(x.ReadOn)
		}
		list[i] = v
	}
	return list
}

// sourceKinds says how many sources of each weight there are: “2 official, 5 press”.
func (s *sheet) sourceKinds() string {
	var parts []string
	for _, kind := range register.SourceKinds {
		n := 0
		for i := range s.Entry.Sources {
			if s.Entry.Sources[i].Kind == kind {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, s.p.T("sources_of."+string(kind), "Count", n))
		}
	}
	return strings.Join(parts, " · ")
}

// links lead to other declarations, in both directions (D9), in the order of their dates with the declaration itself in its
// place: what led to it stands before it, what followed after it. One that leads both ways is shown once; of one that was
// retired, the one that answers for it.
func (s *sheet) links() ([]pages.DeclarationLink, error) {
	back, err := s.view.LinksTo(s.ctx, s.ID)
	if err != nil || len(back)+len(s.Links) == 0 {
		return nil, err
	}
	var slugs []string
	for _, l := range s.Links {
		slugs = append(slugs, l.Target)
	}
	for _, l := range back {
		slugs = append(slugs, l.From)
	}
	heads, err := s.heads(slugs, s.view.Answering)
	if err != nil {
		return nil, err
	}
	type dated struct {
		pages.DeclarationLink
		date register.Date
	}
	var list []dated
	shown := map[string]bool{s.Slug: true}
	add := func(relation, slug, note string) {
		l := dated{DeclarationLink: pages.DeclarationLink{Relation: relation, Title: ui.Plain(slug), Note: s.text(note, s.own)}}
		if e := heads[slug]; e != nil {
			slug, l.date = e.Slug, e.Date()
			l.Title, l.Date, l.DateISO = s.titled(e.TitleIn(s.lang)), s.p.Date(l.date), l.date.String()
		}
		if slug != s.Slug { // what was retired into this one
			l.URL, shown[slug] = s.to(declarationPath(slug)), true
			list = append(list, l)
		}
	}
	for _, l := range s.Links {
		add(s.p.T("link."+string(l.Kind)), l.Target, l.Note)
	}
	for _, l := range back {
		if !shown[l.From] {
			add(s.p.T("link_back."+string(l.Kind)), l.From, l.Note)
		}
	}
	if len(list) == 0 {
		return nil, nil
	}
	t := s.TitleIn(s.lang)
	list = append(list, dated{pages.DeclarationLink{Title: s.text(t.Text, t.Lang), Date: s.p.Date(s.Date()), DateISO: s.Date().String(), Self: true}, s.Date()})
	slices.SortStableFunc(list, func(a, b dated) int { return a.date.Compare(b.date) }) // the unknown date last (D11)
	sorted := make([]pages.DeclarationLink, len(list))
	for i := range list {
		sorted[i] = list[i].DeclarationLink
	}
	return sorted, nil
}
