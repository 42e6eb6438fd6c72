package web

import (
	"context"
	"io"
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
	"cosignatory/web/export"
)

// filterNames are the parameters that choose declarations, in the order of the form.
var filterNames = []string{"q", "topic", "kind", "sponsor", "signatory", "group", "event", "from", "to", "open"}

// filter reads the filters of the address. What is not accepted is a *problem.
func (r *request) filter() (register.Filter, error) {
	q, ref := r.query, r.view.Ref
	f := register.Filter{Query: q["q"], Topic: q["topic"], Kind: register.Kind(q["kind"]), Sponsor: q["sponsor"], Signatory: q["signatory"],
		Group: q["group"], Event: q["event"], Open: register.Tristate(q["open"])}
	if f.Topic != "" && ref.Topic(f.Topic) == nil {
		p := bad("error.topic_unknown", "Value", shorten(f.Topic))
		var list []ui.Option
		for _, t := range ref.Topics {
			list = append(list, ui.Option{Value: t.Code, Label: t.Name(r.lang)})
		}
		return f, p.oneOf(list)
	}
	if f.Kind != "" && !slices.Contains(register.Kinds, f.Kind) {
		return f, r.badValue("kind", q["kind"]).oneOf(r.kindOptions())
	}
	for _, name := range []string{"sponsor", "signatory"} {
		if code := q[name]; code != "" && ref.Participant(code) == nil {
			return f, r.perhaps(bad("error.participant_unknown", "Value", shorten(code)), code, func(code string) string { return r.here(name, code) })
		}
	}
	if err := r.knownGroup(f.Group); err != nil {
		return f, err
	}
	if f.Open != "" && f.Open != register.Yes && f.Open != register.No && f.Open != register.NotRecorded {
		return f, r.badValue("open", q["open"]).oneOf(r.openOptions())
	}
	for _, d := range []struct {
		name string
		to   *register.Date
	}{{"from", &f.From}, {"to", &f.To}} {
		date, err := register.ParseDate(q[d.name])
		if err != nil {
			return f, bad("error.date", "Value", shorten(q[d.name])).accepting("accepted.date")
		}
		*d.to = date
	}
	if f.From.Known() && f.To.Known() && f.From.First() > f.To.Last() {
		return f, bad("error.date_order", "From", r.p.Date(f.From), "To", r.p.Date(f.To)).accepting("accepted.date")
	}
	return f, nil
}

// knownGroup is a *problem for a code that no group has; the empty one is no filter.
func (r *request) knownGroup(code string) error {
	if code == "" || r.view.Ref.Group(code) != nil {
		return nil
	}
	return bad("error.group_unknown", "Value", shorten(code)).accepting("accepted.group").or(r.p.T("onward.groups"), r.now("/groups"))
}

// sorting reads sort: a column, with a minus before it for the other way round. The newest come first unless asked.
func (r *request) sorting() (register.Sort, error) {
	typed, ok := r.query["sort"]
	if !ok {
		return register.Sort{By: "date", Descending: true}, nil
	}
	by, down := strings.CutPrefix(typed, "-")
	if !slices.Contains(register.SortKeys, by) {
		p := bad("error.sort", "Value", shorten(typed))
		var list []ui.Option
		for _, k := range register.SortKeys {
			list = append(list, ui.Option{Value: k, Label: r.p.T("column." + sortColumns[k])}, ui.Option{Value: "-" + k, Label: r.p.T("sort.descending", "Column", r.p.T("column."+sortColumns[k]))})
		}
		return register.Sort{}, p.oneOf(list)
	}
	return register.Sort{By: by, Descending: down}, nil
}

// sortColumns are the heads of the columns that a table can be sorted by.
var sortColumns = map[string]string{"date": "date", "title": "declaration", "stated": "stated", "named": "named", "in_effect": "in_effect"}

// head is a column that sorts: by it, or the other way round where it does so already. Numbers and dates begin with the
// greatest.
func (r *request) head(column string, now register.Sort) ui.Head {
	next := column
	if column != "title" {
		next = "-" + column
	}
	h := ui.Head{}
	if now.By == column {
		h.Order = ui.Ascending
		next = "-" + column
		if now.Descending {
			h.Order, next = ui.Descending, column
		}
	}
	h.URL = r.here("sort", next, "page", "")
	return h
}

func (r *request) kindOptions() []ui.Option {
	var list []ui.Option
	for _, k := range register.Kinds {
		list = append(list, ui.Option{Value: string(k), Label: r.p.T("kind." + string(k))})
	}
	return list
}

func (r *request) openOptions() []ui.Option {
	var list []ui.Option
	for _, t := range []register.Tristate{register.Yes, register.No, register.NotRecorded} {
		list = append(list, ui.Option{Value: string(t), Label: r.p.T("tristate." + string(t))})
	}
	return list
}

// choices are the choices of the filter forms of one revision in one language. They are made once and shared.
type choices struct {
	kinds, signatories, groups, open, missing, participantKinds *ui.Options // from the reference data
	topics, sponsors                                            *ui.Options // those that occur
	topicOrder, groupOrder                                      []ui.Option // all of them in the alphabetical order of the language
	// The same with the number of declarations that have each, where nothing is filtered, on one day.
	counted *counted
}

// counted are choices that say how many declarations a reader gets by each.
type counted struct{ topics, kinds, sponsors, signatories, groups, open *ui.Options }

// choicesKept is how many of them are kept: six languages with two states of the reference data, and at two revisions.
const choicesKept = 24

type choicesKey struct {
	ref      *register.Reference
	lang     string
	revision int // 0 where nothing of a revision but its reference data matters
	day      register.Day
}

type choicesCache struct {
	mu   sync.Mutex
	made map[choicesKey]*madeChoices
}

// madeChoices are made by whoever asks first; the others wait.
type madeChoices struct {
	once sync.Once
	*choices
}

// choices are those from the reference data.
func (r *request) choices() *choices {
	return r.cached(choicesKey{ref: r.view.Ref, lang: r.lang}, r.makeChoices)
}

// choicesOf are those and the values that occur in the register, with their numbers where nothing is filtered.
func (r *request) choicesOf(x *store.Index) *choices {
	return r.cached(choicesKey{r.view.Ref, r.lang, r.view.Revision, r.day}, func() *choices {
		c := *r.choices()
		r.addOccurring(&c, x)
		c.counted = r.count(&c, x.Facets(register.Filter{}), register.Filter{})
		return &c
	})
}

// count makes choices of the values that a filter leaves, with their numbers. What is chosen already stays among them.
func (r *request) count(c *choices, f *store.Facets, chosen register.Filter) *counted {
	any := ui.Option{Label: r.p.T("filter.any")}
	before, after, _ := strings.Cut(r.p.T("filter.counted", "Label", "\x01", "Number", "\x02"), "\x01")
	between, after, _ := strings.Cut(after, "\x02")
	with := func(list []store.Facet, chosen string, order func(numbers map[string]int) []ui.Option) *ui.Options {
		numbers := make(map[string]int, len(list)+1)
		if chosen != "" {
			numbers[chosen] = 0
		}
		for _, x := range list {
			numbers[x.Value] = x.Count
		}
		options := order(numbers)
		for i, o := range options {
			options[i].Label = before + o.Label + between + r.p.Number(numbers[o.Value]) + after
		}
		return first(any, options)
	}
	listed := func(all []ui.Option) func(map[string]int) []ui.Option {
		return func(numbers map[string]int) (some []ui.Option) {
			for _, o := range all {
				if _, ok := numbers[o.Value]; ok {
					some = append(some, o)
				}
			}
			return some
		}
	}
	named := func(numbers map[string]int) []ui.Option { return r.nameOptions(slices.Collect(maps.Keys(numbers))) }
	return &counted{topics: with(f.Topics, chosen.Topic, listed(c.topicOrder)), kinds: with(f.Kinds, string(chosen.Kind), listed(r.kindOptions())),
		sponsors: with(f.Sponsors, chosen.Sponsor, named), signatories: with(f.Signatories, chosen.Signatory, named),
		groups: with(f.Groups, chosen.Group, listed(c.groupOrder)), open: with(f.Open, string(chosen.Open), listed(r.openOptions()))}
}

// What of a filter's values stand beside the form as links.
const (
	yearsLinked  = 12
	topicsLinked = 8
	othersLinked = 6
)

// narrower are the values that most declarations have, each a link to the list narrowed by it.
func (r *request) narrower(f *store.Facets, chosen register.Filter) (list []pages.Narrow) {
	add := func(label string, facets []store.Facet, most int, chosen string, say func(value string) ui.Text, to func(value string) string) {
		n := pages.Narrow{Label: label}
		for _, x := range facets {
			if x.Value != chosen && len(n.Links) < most {
				n.Links = append(n.Links, pages.Topic{Name: say(x.Value), URL: to(x.Value), N: x.Count})
			}
		}
		if len(n.Links) > 0 {
			list = append(list, n)
		}
	}
	by := func(name string) func(string) string {
		return func(value string) string { return r.here(name, value, "page", "") }
	}
	year := ""
	if chosen.From == chosen.To && chosen.From.Precision() == register.ByYear {
		year = chosen.From.String()
	}
	add(r.p.T("filter.year"), f.Years, yearsLinked, year, ui.Plain, func(value string) string { return r.here("from", value, "to", value, "page", "") })
	add(r.p.T("filter.topic"), f.Topics, topicsLinked, chosen.Topic, r.topic, by("topic"))
	add(r.p.T("filter.kind"), f.Kinds, othersLinked, string(chosen.Kind), func(value string) ui.Text { return ui.Plain(r.p.T("kind." + value)) }, by("kind"))
	add(r.p.T("filter.sponsor"), f.Sponsors, othersLinked, chosen.Sponsor, func(value string) ui.Text { return ui.Plain(r.view.Ref.Name(value, r.lang)) }, by("sponsor"))
	add(r.p.T("filter.group"), f.Groups, othersLinked, chosen.Group, func(value string) ui.Text { return ui.Plain(r.view.Ref.Group(value).Name(r.lang)) }, by("group"))
	return list
}

func (r *request) cached(key choicesKey, make func() *choices) *choices {
	cache := &r.s.choices
	cache.mu.Lock()
	if cache.made == nil {
		cache.made = map[choicesKey]*madeChoices{}
	}
	m := cache.made[key]
	if m == nil {
		if len(cache.made) >= choicesKept {
			// Those of a revision go first: the next publication makes others of them anyway.
			maps.DeleteFunc(cache.made, func(k choicesKey, _ *madeChoices) bool { return k.revision != 0 })
		}
		if len(cache.made) >= choicesKept {
			clear(cache.made)
		}
		m = &madeChoices{}
		cache.made[key] = m
	}
	cache.mu.Unlock()
	m.once.Do(func() { m.choices = make() })
	return m.choices
}

// first puts a choice before the others.
func first(o ui.Option, list []ui.Option) *ui.Options {
	return ui.NewOptions(append([]ui.Option{o}, list...))
}

func (r *request) nameOptions(codes []string) []ui.Option {
	r.view.Ref.SortCodes(codes, r.lang)
	var list []ui.Option
	for _, code := range codes {
		list = append(list, ui.Option{Value: code, Label: r.view.Ref.Name(code, r.lang)})
	}
	return list
}

func (r *request) addOccurring(c *choices, x *store.Index) {
	any := ui.Option{Label: r.p.T("filter.any")}
	var topics []ui.Option
	for _, f := range x.Topics() {
		topics = append(topics, ui.Option{Value: f.Value, Label: r.topic(f.Value).S})
	}
	r.alphabetical(topics)
	c.topicOrder = topics
	var sponsors []string
	for _, f := range x.Sponsors() {
		sponsors = append(sponsors, f.Value)
	}
	c.topics, c.sponsors = first(any, topics), first(any, r.nameOptions(sponsors))
}

func (r *request) makeChoices() *choices {
	any := ui.Option{Label: r.p.T("filter.any")}
	var all []string
	for _, p := range r.view.Ref.Participants {
		all = append(all, p.Code)
	}
	var groups, kinds []ui.Option
	for _, g := range r.view.Ref.Groups {
		groups = append(groups, ui.Option{Value: g.Code, Label: g.Name(r.lang)})
	}
	r.alphabetical(groups)
	for _, k := range register.ParticipantKinds {
		kinds = append(kinds, ui.Option{Value: string(k), Label: r.p.T("participant_kinds." + string(k))})
	}
	return &choices{groupOrder: groups, kinds: first(any, r.kindOptions()), signatories: first(any, r.nameOptions(all)), groups: first(any, groups), open: first(any, r.openOptions()),
		missing: first(ui.Option{Label: r.p.T("missing.choose")}, groups), participantKinds: first(any, kinds)}
}

// alphabetical orders options by their labels as the reader's language does.
func (r *request) alphabetical(list []ui.Option) {
	c := register.NewCollator(r.lang)
	keys := make(map[string]string, len(list))
	for _, o := range list {
		keys[o.Value] = string(c.Key(o.Label))
	}
	sort.SliceStable(list, func(i, j int) bool { return keys[list[i].Value] < keys[list[j].Value] })
}

// active are the filters in force, each a link to this page without it.
func (r *request) active(names []string, say func(name, value string) string) []ui.Link {
	var list []ui.Link
	for _, name := range names {
		if v := r.query[name]; v != "" {
			list = append(list, ui.Link{Text: r.p.T("filter."+"is_"+name, "Value", say(name, v)), URL: r.here(name, "", "page", "")})
		}
	}
	return list
}

// without is this page without some parameters.
func (r *request) without(names []string) string {
	var pairs []string
	for _, name := range names {
		pairs = append(pairs, name, "")
	}
	return r.here(append(pairs, "page", "")...)
}

func showDeclarations(r *request) error {
	f, err := r.filter()
	if err != nil {
		return err
	}
	by, err := r.sorting()
	if err != nil {
		return err
	}
	x, err := r.view.Index(r.ctx, r.day)
	if err != nil {
		return err
	}
	number, err := r.pageNumber()
	if err != nil {
		return err
	}
	rows, total := x.Find(f, by, r.lang, skipTo(number), pageSize)
	pager, err := r.pager(number, total)
	if err != nil {
		return err
	}
	v := pages.Declarations{Page: r.base(ui.Plain(r.p.T("declarations.title")), "/declarations"), Total: total, Pager: pager}
	v.Description = r.p.T("declarations.lead")
	if v.Rows, err = r.declarationRows(rows); err != nil {
		return err
	}
	v.Filter = r.declarationFilter(x, f)
	v.MatrixURL = address(r.lang, "/matrix", "", r.query.with("page", "", "print", ""))
	v.CompareURL = r.to("/compare")
	v.ByDate, v.ByTitle, v.ByStated, v.ByNamed, v.ByInEffect = r.head("date", by), r.head("title", by), r.head("stated", by), r.head("named", by), r.head("in_effect", by)
	v.Foot = r.foot(v.Title)
	return r.show(v.Show())
}

// declarationFilter is the form that chooses declarations, with what is chosen.
func (r *request) declarationFilter(x *store.Index, f register.Filter) pages.DeclarationFilter {
	all := r.choicesOf(x)
	c := all.counted
	facets := x.Facets(f)
	if !f.Empty() {
		c = r.count(all, facets, f)
	}
	v := pages.DeclarationFilter{Narrow: r.narrower(facets, f),
		Filter: pages.Filter{Action: address(r.lang, r.path, "", nil), Q: f.Query, Hidden: r.hidden("sort", "order", "as_of", "revision")},
		Topics: c.topics, Kinds: c.kinds, Sponsors: c.sponsors, Signatories: c.signatories, Groups: c.groups, Open: c.open,
		Topic: f.Topic, Kind: string(f.Kind), Sponsor: f.Sponsor, Signatory: f.Signatory, Group: f.Group, Event: f.Event,
		From: f.From.String(), To: f.To.String(), OpenValue: string(f.Open)}
	if v.Active = r.active(filterNames, r.filterValue); len(v.Active) > 0 {
		v.ClearURL = r.without(filterNames)
	}
	return v
}

// filterValue is the value of a filter in words.
func (r *request) filterValue(name, value string) string {
	ref := r.view.Ref
	switch name {
	case "topic":
		return r.topic(value).S
	case "kind":
		if r.path == "/participants" {
			return r.p.T("participant_kinds." + value)
		}
		return r.p.T("kind." + value)
	case "sponsor", "signatory":
		return ref.Name(value, r.lang)
	case "group":
		return ref.GroupName(value, r.lang)
	case "open":
		return r.p.T("tristate." + value)
	case "from", "to":
		if d, err := register.ParseDate(value); err == nil {
			return r.p.Date(d)
		}
	}
	return value
}

// declarationRows are rows of the index as tables show them.
func (r *request) declarationRows(rows []*store.Row) ([]pages.DeclarationRow, error) {
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	heads, err := r.view.Heads(r.ctx, ids)
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]*store.Entry, len(heads))
	for _, e := range heads {
		byID[e.ID] = e
	}
	list := make([]pages.DeclarationRow, 0, len(rows))
	for _, row := range rows {
		e := byID[row.ID]
		if e == nil {
			continue
		}
		t := e.TitleIn(r.lang)
		note, ahead := "", row.Date.Known() && row.Date.First() > r.day
		if ahead {
			note = r.p.T("counts.before_adoption")
		}
		list = append(list, pages.DeclarationRow{Title: r.titled(t), URL: r.to(declarationPath(e.Slug)), Kind: r.p.T("kind." + string(e.Kind)),
			Date: r.p.ShortDate(row.Date), DateISO: row.Date.String(), LedBy: r.participants(e.Sponsors), Stated: row.Stated, Named: row.Named,
			InEffect: row.InEffect, Unsettled: row.Unsettled, Open: e.Open == register.Yes && !ahead, Note: note})
	}
	return list, nil
}

// options are those of a file that is asked for. scope says what it holds, for its name; filtered that rows are chosen.
func (r *request) options(filtered bool) export.Options {
	var filters []export.Filter
	if filtered { // else what the address names beside the rows is the question that they answer
		filters = r.filters()
	}
	return export.Options{View: r.view, Day: r.day, AsOfGiven: r.dayGiven, Lang: r.lang, BaseURL: r.s.BaseURL, Format: export.Format(r.format),
		BOM: r.query["bom"] == "1", Raw: r.query["raw"] == "1", IncludeImplied: r.query["include"] == "implied", Filtered: filtered, Filters: filters, Address: r.permalink(), Folder: r.s.Spool, Gentle: true}
}

// permalink is the absolute address of the file asked for, with both clocks: the same bytes for ever. It is empty for a file of
// the whole register, of which package export knows it.
func (r *request) permalink() string {
	if r.wholeTable() != "" {
		return ""
	}
	return r.lasting(r.format)
}

// wholeTable is the name of the file of the whole register that is asked for, empty for a file that has a page.
func (r *request) wholeTable() string {
	name, ok := strings.CutPrefix(r.path, wholePath(""))
	if !ok {
		return ""
	}
	return name
}

// lasting is the absolute address of the rows asked for in a format, with both clocks, with some parameters changed.
func (r *request) lasting(format string, pairs ...string) string {
	lang := r.lang
	if r.wholeTable() != "" {
		lang = "" // it is a parameter
	}
	q := r.query.with("as_of", r.day.String(), "revision", itoa(r.view.Revision), "page", "", "print", "")
	return r.s.BaseURL + address(lang, r.path, format, q.with(pairs...))
}

// filters are the parameters of the address by which rows are chosen, in the order in which addresses name them.
func (r *request) filters() []export.Filter {
	var list []export.Filter
	for _, name := range parameterOrder {
		if v := r.query[name]; v != "" && !slices.Contains(fileOptions, name) && !slices.Contains(unfiltering, name) {
			list = append(list, export.Filter{Name: name, Values: strings.Split(v, between)})
		}
	}
	return list
}

// unfiltering are parameters that choose no rows.
var unfiltering = []string{"lang", "sort", "order", "page", "print", "missing"}

// send sends a file of the register.
func (r *request) send(scope string, filtered bool, make func(ctx context.Context, w io.Writer, o export.Options) error) error {
	o := r.options(filtered)
	if o.Format == export.CSV {
		r.beside = r.describedBy(o)
	}
	return r.file(export.FileName(scope, o), export.ContentType(o.Format), func(ctx context.Context, w io.Writer) error { return make(ctx, w, o) })
}

// longestLink keeps the headers of an answer to what every proxy takes: a filter may be long.
const longestLink = 2 << 10

// describedBy is the header Link of a CSV file, which has no room for words of its own (D22): it leads to its dictionary, on a page
// with the disclaimer (D16), to the licence, and to the same rows as JSON, which say both, and by which filter they were chosen
// (D25). All of it is of the revision that the file is of.
func (r *request) describedBy(o export.Options) string {
	links := []string{"<" + o.Dictionary(r.wholeTable()) + `>; rel="describedby"; type="text/html"; hreflang="` + o.Lang + `"`, "<" + licenceURL + `>; rel="license"`}
	relation := "alternate"
	if o.Filtered {
		relation = "alternate describedby"
	}
	if same := r.lasting(string(export.JSON), "bom", "", "raw", ""); len(same) <= longestLink {
		links = append(links, "<"+same+`>; rel="`+relation+`"; type="application/json"`)
	}
	return strings.Join(links, ", ")
}

// chosen are the numbers of the declarations that the filters of the address choose, all of them, in the order asked for.
func (r *request) chosen() (ids []int64, filtered bool, err error) {
	f, err := r.filter()
	if err != nil {
		return nil, false, err
	}
	by, err := r.sorting()
	if err != nil {
		return nil, false, err
	}
	x, err := r.view.Index(r.ctx, r.day)
	if err != nil {
		return nil, false, err
	}
	if _, err := r.pageNumber(); err != nil { // a file has all rows, whatever the page
		return nil, false, err
	}
	rows, _ := x.Find(f, by, r.lang, 0, 0)
	ids = make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	return ids, !f.Empty(), nil
}

func fileDeclarations(r *request) error {
	ids, filtered, err := r.chosen()
	if err != nil {
		return err
	}
	return r.send("declarations", filtered, func(ctx context.Context, w io.Writer, o export.Options) error {
		return export.WriteDeclarations(ctx, w, o, ids)
	})
}

func fileMatrix(r *request) error {
	ids, filtered, err := r.chosen()
	if err != nil {
		return err
	}
	var codes []string
	if code := r.query["group"]; code != "" {
		codes = r.view.Ref.Group(code).On(r.day)
	}
	return r.send("matrix", filtered, func(ctx context.Context, w io.Writer, o export.Options) error {
		return export.WriteMatrix(ctx, w, o, ids, codes)
	})
}
