package web

import (
	"context"
	"io"
	"net/http"
	"slices"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
	"cosignatory/web/export"
)

func withoutPath(code string) string { return participantPath(code) + "/without" }

// How many rows of these a participant's own page shows.
const (
	withoutShown = 15
	throughShown = 15
)

// groupsOf are the groups that a participant is or was a member of, in alphabetical order.
func (r *request) groupsOf(code string) []ui.Option {
	var list []ui.Option
	for _, g := range r.view.Ref.Groups {
		if slices.ContainsFunc(g.Members, func(m register.Membership) bool { return m.Code == code }) {
			list = append(list, ui.Option{Value: g.Code, Label: g.Name(r.lang)})
		}
	}
	r.alphabetical(list)
	return list
}

// ownGroup is one of the participant's groups by the code that a parameter gives; nil for the empty one.
func (r *request) ownGroup(q *register.Participant, code string) (*register.Group, error) {
	if err := r.knownGroup(code); err != nil || code == "" {
		return nil, err
	}
	groups := r.groupsOf(q.Code)
	if !slices.ContainsFunc(groups, func(o ui.Option) bool { return o.Value == code }) {
		p := bad("error.group_not_of", "Name", q.Name(r.lang), "Group", r.view.Ref.Group(code).Name(r.lang))
		if len(groups) > 0 {
			p.oneOf(groups)
		}
		return nil, p
	}
	return r.view.Ref.Group(code), nil
}

// withoutIt is what a group that the participant belongs to signed without it.
func (r *request) withoutIt(x *store.Index, q *register.Participant, g *register.Group) (pages.Without, error) {
	v := pages.Without{Action: address(r.lang, r.path, "", nil), Hidden: r.hidden("since", "as_of", "revision")}
	groups := r.groupsOf(q.Code)
	if len(groups) == 0 {
		return v, nil
	}
	v.Groups = ui.NewOptions(append([]ui.Option{{Label: r.p.T("missing.choose")}}, groups...))
	if g == nil {
		return v, nil
	}
	v.Group = g.Code
	all := x.Without(q.Code, g.Code)
	v.Total = len(all)
	may := 0
	for _, w := range all {
		if w.Mark == register.MarkMayBe {
			may++
		}
	}
	v.Sentence = r.p.T("without.count", "Count", len(all)-may, "Group", g.Name(r.lang))
	if may > 0 {
		v.MayBe = r.p.T("without.may_be", "Count", may)
	}
	all = all[:min(len(all), withoutShown)]
	rows := make([]*store.Row, len(all))
	for i := range all {
		rows[i] = all[i].Row
	}
	links, err := r.rowLinks(rows)
	if err != nil {
		return v, err
	}
	for i, w := range all {
		row := pages.WithoutRow{Declaration: links[i], Date: r.p.ShortDate(w.Date), DateISO: w.Date.String(), Members: r.p.T("without.members", "On", r.p.Number(w.On), "Of", r.p.Number(w.Of)),
			MissingURL: r.to(declarationPath(w.Slug), "missing", g.Code) + "#not-on-list"}
		if w.Mark != register.NoMark {
			row.Words = r.p.T("mark." + w.Mark.String())
		}
		v.Rows = append(v.Rows, row)
	}
	if v.Total > 0 {
		for _, format := range export.Formats() {
			v.Foot.Formats = append(v.Foot.Formats, ui.Format{Name: string(format), URL: address(r.lang, withoutPath(q.Code), string(format),
				params{"group": g.Code, "revision": itoa(r.view.Revision), "as_of": r.day.String()})})
		}
	}
	return v, nil
}

// rowLinks are links to declarations of the index by their titles, in their order.
func (r *request) rowLinks(rows []*store.Row) ([]ui.TextLink, error) {
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	heads, err := r.view.Heads(r.ctx, ids)
	if err != nil {
		return nil, err
	}
	titles := make(map[int64]ui.Text, len(heads))
	for _, e := range heads {
		titles[e.ID] = r.titled(e.TitleIn(r.lang))
	}
	links := make([]ui.TextLink, len(rows))
	for i, row := range rows {
		links[i] = ui.TextLink{Text: titles[row.ID], URL: r.to(declarationPath(row.Slug))}
	}
	return links, nil
}

// through is where the participant stands through a group only (D6).
func (r *request) through(x *store.Index, code string) (pages.Through, error) {
	all, total := x.Through(code, throughShown)
	v := pages.Through{Total: total}
	rows := make([]*store.Row, len(all))
	for i := range all {
		rows[i] = all[i].Row
	}
	links, err := r.rowLinks(rows)
	if err != nil {
		return v, err
	}
	for i, t := range all {
		v.Rows = append(v.Rows, pages.ThroughRow{Declaration: links[i], Date: r.p.ShortDate(t.Date), DateISO: t.Date.String(),
			Group: ui.Link{Text: r.who("", t.Group), URL: r.to(groupPath(t.Group))}})
		if t.Unsettled {
			g := &v.Rows[i].Group
			g.Text = r.p.T("missing.but", "Who", g.Text, "Words", r.p.T("mark.unsettled"))
		}
	}
	return v, nil
}

// years are a participant's declarations by year, as a chart and as a table.
func (r *request) years(x *store.Index, q *register.Participant) pages.Years {
	p := r.p
	var bars []pages.YearBar
	var v pages.Years
	for _, y := range x.Years(q.Code) {
		row := pages.YearRow{Year: p.T("date.unknown"), On: y.On, Unsettled: y.Unsettled, Left: y.Left, Beside: y.Beside}
		if y.Year > 0 {
			year := register.Date{Year: int16(y.Year)} // #nosec G115 -- the year of a date of the register
			row.Year = p.Date(year)
			row.URL = r.to("/declarations", "signatory", q.Code, "from", year.String(), "to", year.String())
			bars = append(bars, pages.YearBar{Year: y.Year, On: y.On, Unsettled: y.Unsettled, Left: y.Left})
		}
		v.Rows = append(v.Rows, row)
	}
	v.Chart = pages.YearChartOf(bars)
	if n := len(bars); n > 0 {
		v.Chart.First, v.Chart.Last = p.Date(register.Date{Year: int16(bars[0].Year)}), p.Date(register.Date{Year: int16(bars[n-1].Year)}) // #nosec G115 -- the years of dates of the register
		v.Chart.Most = p.Number(v.Chart.Top)
		v.Chart.Description = p.T("years.chart", "From", v.Chart.First, "To", v.Chart.Last, "Most", v.Chart.Most)
	}
	return v
}

// showWithout leads to the page that shows what the file holds.
func showWithout(r *request) error {
	q, err := r.subject()
	if err != nil {
		return err
	}
	g, err := r.ownGroup(q, r.query["group"])
	if err != nil {
		return err
	}
	code := ""
	if g != nil {
		code = g.Code
	}
	return r.c.Redirect(http.StatusFound, r.to(participantPath(q.Code), "without", code)+"#without-it")
}

func fileWithout(r *request) error {
	q, err := r.subject()
	if err != nil {
		return err
	}
	if _, err := r.askedGroup(); err != nil {
		return err
	}
	g, err := r.ownGroup(q, r.query["group"])
	if err != nil {
		return err
	}
	x, err := r.view.Index(r.ctx, r.day)
	if err != nil {
		return err
	}
	all := x.Without(q.Code, g.Code)
	return r.send(q.Code+"-without-"+g.Code, false, func(ctx context.Context, w io.Writer, o export.Options) error {
		return export.WriteWithout(ctx, w, o, x, q.Code, g.Code, all)
	})
}
