package web

import (
	"cmp"
	"context"
	"io"
	"math"
	"slices"
	"strings"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
	"cosignatory/web/export"
)

func togetherPath(code string) string { return participantPath(code) + "/together" }
func ledPath(code string) string      { return participantPath(code) + "/led" }
func signingPath(code string) string  { return groupPath(code) + "/signing" }
func growthPath(slug string) string   { return declarationPath(slug) + "/growth" }

// companionsShown is how many of them a participant's own page shows, and declarationsShown how many declarations a group's.
const (
	companionsShown   = 10
	declarationsShown = 10
)

// companionOrders are the columns that companions can be sorted by.
var companionOrders = map[bool][]string{
	false: {"common", "share", "lift", "declarations", "name"},
	true:  {"common", "share", "name"}, // of those whom a participant brings
}

// companions puts those with anything in common in the order that the address asks for: the most in common first unless
// asked, equals in alphabetical order, those without a lift last.
func (r *request) companions(all []store.Companion, led bool, typed string) ([]store.Companion, register.Sort, error) {
	by := register.Sort{By: "common", Descending: true}
	if typed != "" {
		by.By, by.Descending = strings.CutPrefix(typed, "-")
		if !slices.Contains(companionOrders[led], by.By) {
			var list []ui.Option
			for _, o := range companionOrders[led] {
				label := r.p.T("column." + companionColumns[o])
				list = append(list, ui.Option{Value: o, Label: label}, ui.Option{Value: "-" + o, Label: r.p.T("sort.descending", "Column", label)})
			}
			return nil, by, bad("error.sort", "Value", shorten(typed)).oneOf(list)
		}
	}
	all = slices.DeleteFunc(all, func(c store.Companion) bool { return c.Both == 0 && c.Unsettled == 0 })
	number := func(c store.Companion) float64 {
		switch by.By {
		case "lift":
			return c.Lift
		case "declarations":
			return float64(c.B)
		}
		return float64(c.Both) // the share is in proportion to it
	}
	slices.SortFunc(all, func(a, b store.Companion) int {
		names := cmp.Compare(r.rank(a.Code), r.rank(b.Code))
		if by.By == "name" {
			if by.Descending {
				return -names
			}
			return names
		}
		x, y := number(a), number(b)
		switch {
		case math.IsNaN(x) || math.IsNaN(y):
			if math.IsNaN(x) != math.IsNaN(y) {
				if math.IsNaN(x) {
					return 1
				}
				return -1
			}
			return cmp.Or(cmp.Compare(b.Both, a.Both), names)
		case by.Descending:
			x, y = y, x
		}
		return cmp.Or(cmp.Compare(x, y), names)
	})
	return all, by, nil
}

// companionColumns are the heads of the columns that companions are sorted by.
var companionColumns = map[string]string{"common": "common", "share": "share", "lift": "lift", "declarations": "own", "name": "name"}

// companionHead is a column that sorts: numbers begin with the greatest.
func (r *request) companionHead(column string, now register.Sort) ui.Head {
	next, h := "-"+column, ui.Head{}
	if column == "name" {
		next = column
	}
	if now.By == column {
		h.Order, next = ui.Ascending, "-"+column
		if now.Descending {
			h.Order, next = ui.Descending, column
		}
	}
	h.URL = r.here("sort", next)
	return h
}

func (r *request) companionRows(code string, all []store.Companion) []pages.CompanionRow {
	rows := make([]pages.CompanionRow, len(all))
	for i, c := range all {
		l := r.participant(c.Code)
		rows[i] = pages.CompanionRow{Name: l.Text, URL: l.URL, Region: r.region(r.view.Ref.Participant(c.Code)), Common: c.Both, Of: c.B, Unsettled: c.Unsettled,
			Share: r.p.Percent(c.Share), Bar: pages.BarOf(c.Share), CompareURL: r.to("/compare", "p", code+between+c.Code)}
		if !math.IsNaN(c.Lift) {
			rows[i].Lift = r.p.Decimal(c.Lift, 2)
		}
	}
	return rows
}

func (r *request) togetherWords(name string, base store.Base) string {
	return r.p.T("together.explain", "Own", r.p.Number(base.Own), "Name", name, "Base", r.p.Number(base.Declarations), "Least", register.LeastCommon)
}

// withMost are the first of those who stand on lists together with a participant, for its own page.
func (r *request) withMost(x *store.Index, q *register.Participant) (pages.Companions, error) {
	all, base := x.Together(q.Code)
	all, _, err := r.companions(all, false, "")
	if err != nil {
		return pages.Companions{}, err
	}
	shown := all[:min(len(all), companionsShown)]
	v := pages.Companions{Explain: r.togetherWords(pages.InSentence(r.p, q.Code, q.Name(r.lang)), base), Rows: r.companionRows(q.Code, shown)}
	v.Caption = r.p.T("together.first", "N", r.p.Number(len(shown)), "Of", r.p.Number(len(all)))
	return v, nil
}

func showTogether(r *request) error { return showCompanions(r, false) }
func showLed(r *request) error      { return showCompanions(r, true) }

// askedCompanions are those that an address asks for, in its order.
func (r *request) askedCompanions(led bool) (q *register.Participant, all []store.Companion, base store.Base, by register.Sort, err error) {
	if q, err = r.subject(); err != nil {
		return
	}
	x, err := r.view.Index(r.ctx, r.day)
	if err != nil {
		return
	}
	if led {
		all, base = x.Brought(q.Code)
	} else {
		all, base = x.Together(q.Code)
	}
	all, by, err = r.companions(all, led, r.query["sort"])
	return
}

func showCompanions(r *request, led bool) error {
	q, all, base, by, err := r.askedCompanions(led)
	if err != nil {
		return err
	}
	p, name := r.p, q.Name(r.lang)
	inside := pages.InSentence(p, q.Code, name)
	heading, file := p.T("together.title", "Name", inside), "together"
	if led {
		heading, file = p.T("led.title", "Name", inside), "led"
	}
	v := pages.Companions{Page: r.base(ui.Plain(heading), "/participants"), Heading: heading, Led: led, AsOfForm: r.asOfForm("sort"), Columns: r.columnsOf(file)}
	v.Crumbs = []ui.TextLink{{Text: ui.Plain(p.T("nav.participants")), URL: r.to("/participants")}, {Text: ui.Plain(name), URL: r.to(participantPath(q.Code))}}
	v.Rows, v.Caption = r.companionRows(q.Code, all), p.T("participants.count", "Count", len(all))
	v.ByName, v.ByCommon, v.ByShare = r.companionHead("name", by), r.companionHead("common", by), r.companionHead("share", by)
	if led {
		v.Explain, v.Empty = p.T("led.explain", "Count", base.Own, "Name", inside), p.T("led.none")
		v.Links = []ui.Link{{Text: p.T("led.declarations"), URL: r.to("/declarations", "sponsor", q.Code)}}
		for i := range v.Rows {
			v.Rows[i].CompareURL = ""
		}
	} else {
		v.Explain, v.Empty = r.togetherWords(inside, base), p.T("together.none")
		v.ByLift, v.ByOwn = r.companionHead("lift", by), r.companionHead("declarations", by)
		v.Links = []ui.Link{{Text: p.T("together.pairs"), URL: address(r.lang, "/participants/together", "csv", r.set.with("revision", itoa(r.view.Revision), "as_of", r.day.String()))}}
	}
	v.Description = v.Explain
	v.Foot = r.foot(heading)
	return r.show(v.Show())
}

func fileTogether(r *request) error {
	q, all, base, _, err := r.askedCompanions(false)
	if err != nil {
		return err
	}
	return r.send("together-"+q.Code, false, func(ctx context.Context, w io.Writer, o export.Options) error {
		return export.WriteTogether(ctx, w, o, q.Code, all, base)
	})
}

func fileLed(r *request) error {
	q, all, base, _, err := r.askedCompanions(true)
	if err != nil {
		return err
	}
	return r.send("led-"+q.Code, false, func(ctx context.Context, w io.Writer, o export.Options) error {
		return export.WriteLed(ctx, w, o, q.Code, all, base)
	})
}

// filePairs is every two participants that stand on a list together.
func filePairs(r *request) error {
	x, err := r.view.Index(r.ctx, r.day)
	if err != nil {
		return err
	}
	return r.send("together", false, func(ctx context.Context, w io.Writer, o export.Options) error {
		return export.WritePairs(ctx, w, o, x)
	})
}

// signs is how a group signs, by its rows from one on, at most limit.
func (r *request) signs(x *store.Index, g *register.Group, from, limit int) (pages.Signs, error) {
	s, p := x.GroupSigning(g.Code), r.p
	v := pages.Signs{Explain: p.T("signing.explain"), Total: len(s.Rows)}
	if s.Lists > 0 {
		v.Cohesion = p.T("signing.cohesion", "Share", p.Percent(s.Cohesion), "Count", s.Lists)
		v.Whole = p.T("signing.whole_none")
		if s.Whole > 0 {
			v.Whole = p.T("signing.whole", "Count", s.Whole)
		}
	}
	v.Caption = p.T("declarations.count", "Count", len(s.Rows))
	if limit < pageSize && limit < len(s.Rows) {
		v.Caption = p.T("signing.newest", "N", p.Number(limit), "Of", p.Number(len(s.Rows)))
	}
	some := s.Rows[min(from, len(s.Rows)):min(from+limit, len(s.Rows))]
	rows := make([]*store.Row, len(some))
	for i := range some {
		rows[i] = some[i].Row
	}
	shown, err := r.declarationRows(rows)
	if err != nil {
		return v, err
	}
	for i, d := range shown {
		m := some[i]
		row := pages.SignsRow{Title: d.Title, URL: d.URL, Date: d.Date, DateISO: d.DateISO, Of: p.T("signing.of", "On", p.Number(m.On), "Of", p.Number(m.Of)),
			Share: p.Percent(m.Part()), Bar: pages.BarOf(m.Part())}
		if m.Unsettled > 0 {
			row.Notes = append(row.Notes, p.T("counts.unsettled", "Count", m.Unsettled))
		}
		if m.Implied > 0 {
			row.Notes = append(row.Notes, p.T("signing.implied", "Count", m.Implied))
		}
		v.Rows = append(v.Rows, row)
	}
	return v, nil
}

func showSigning(r *request) error {
	g, err := r.named()
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
	v, err := r.signs(x, g, skipTo(number), pageSize)
	if err != nil {
		return err
	}
	if v.Pager, err = r.pager(number, v.Total); err != nil {
		return err
	}
	name := g.Name(r.lang)
	v.Heading = r.p.T("signing.title", "Group", name)
	v.Page = r.base(ui.Plain(v.Heading), "/groups")
	v.Description = v.Explain
	v.Crumbs = []ui.TextLink{{Text: ui.Plain(r.p.T("nav.groups")), URL: r.to("/groups")}, {Text: ui.Plain(name), URL: r.to(groupPath(g.Code))}}
	v.AsOfForm, v.Foot, v.Columns = r.asOfForm(), r.foot(v.Heading), r.columnsOf("signing")
	return r.show(v.Show())
}

func fileSigning(r *request) error {
	g, err := r.named()
	if err != nil {
		return err
	}
	x, err := r.view.Index(r.ctx, r.day)
	if err != nil {
		return err
	}
	if _, err := r.pageNumber(); err != nil {
		return err
	}
	return r.send("signing-"+g.Code, false, func(ctx context.Context, w io.Writer, o export.Options) error {
		return export.WriteSigning(ctx, w, o, x, g.Code, x.GroupSigning(g.Code))
	})
}

// chart draws how a list grew.
func (s *sheet) chart(steps []register.Step) pages.StepChart {
	p := s.p
	var points []pages.ChartPoint
	most := 0
	for _, x := range steps {
		if x.Day == register.FirstDay {
			continue // before any date: nowhere to draw it
		}
		points = append(points, pages.ChartPoint{Day: x.Day, InEffect: x.InEffect, Unsettled: x.Unsettled})
		most = max(most, x.InEffect+x.Unsettled)
	}
	if len(points) == 1 && points[0].Unsettled == 0 {
		first := points[0]
		from, n := p.Date(first.Day.Date()), p.Number(first.InEffect)
		if s.day <= first.Day {
			return pages.StepChart{Unchanged: p.T("growth.one_day", "From", from, "N", n)}
		}
		return pages.StepChart{Unchanged: p.T("growth.unchanged", "From", from, "To", p.Date(s.day.Date()), "N", n)}
	}
	c := pages.StepChartOf(points, s.day)
	if len(points) == 0 {
		return c
	}
	first, last := points[0], points[len(points)-1]
	c.First, c.Last, c.Most = p.ShortDate(first.Day.Date()), p.ShortDate(s.day.Date()), p.Number(most)
	c.Title = p.T("growth.title")
	c.Description = p.T("growth.chart", "From", p.Date(first.Day.Date()), "To", p.Date(s.day.Date()), "First", p.Number(first.InEffect), "Last", p.Number(last.InEffect))
	return c
}

func showGrowth(r *request) error {
	e, err := r.entry()
	if err != nil {
		return err
	}
	s, p := r.sheet(e), r.p
	title := e.TitleIn(r.lang)
	steps, undated := register.Growth(s.lines, r.day)
	v := pages.Growth{Page: r.base(ui.Plain(p.T("growth.title")+" · "+title.Text), "/declarations"), Heading: r.titled(title), Chart: s.chart(steps),
		Empty: len(steps) == 0, AsOfForm: r.asOfForm(), Foot: r.foot(title.Text), Columns: r.columnsOf("growth")}
	v.Description = p.T("growth.explain")
	v.Crumbs = []ui.TextLink{{Text: ui.Plain(p.T("nav.declarations")), URL: r.to("/declarations")}, {Text: v.Heading, URL: r.to(declarationPath(e.Slug))}}
	who := func(codes []string) []ui.Link {
		codes = slices.Clone(codes)
		r.view.Ref.SortCodes(codes, r.lang)
		return r.participants(codes)
	}
	for _, x := range steps {
		row := pages.GrowthStep{Date: p.T("growth.before"), Joined: who(x.Joined), Left: who(x.Left), Opened: who(x.Opened), InEffect: x.InEffect, Unsettled: x.Unsettled}
		if x.Day != register.FirstDay {
			row.Date, row.DateISO = p.ShortDate(x.Day.Date()), x.Day.String()
		}
		v.Steps = append(v.Steps, row)
	}
	for _, kind := range []struct {
		rests register.Assumption
		left  bool
		words string
	}{{register.FromDeclaration, false, "growth_from.declaration"}, {register.FromSource, false, "growth_from.source"}, {register.Nowhere, false, "growth_from.nowhere"},
		{register.FromSource, true, "growth_left.source"}, {register.Nowhere, true, "growth_left.nowhere"}} {
		var codes []string
		for _, u := range undated {
			if u.Rests == kind.rests && (u.Left != 0) == kind.left {
				codes = append(codes, u.Participant)
			}
		}
		if len(codes) > 0 {
			v.Undated = append(v.Undated, pages.GrowthUndated{Words: p.T(kind.words, "Count", len(codes)), Who: who(codes)})
		}
	}
	return r.show(v.Show())
}

func fileGrowth(r *request) error {
	e, err := r.entry()
	if err != nil {
		return err
	}
	steps, undated := register.Growth(e.Timelines(), r.day)
	return r.send(e.Slug+"-growth", false, func(ctx context.Context, w io.Writer, o export.Options) error {
		return export.WriteGrowth(ctx, w, o, e.Slug, steps, undated)
	})
}
