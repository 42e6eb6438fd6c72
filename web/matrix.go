package web

import (
	"slices"

	"cosignatory/store/register"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
)

// The orders of the matrix, as addresses name them; the first is the one unless asked.
var matrixOrders = []string{"region", "name", "similarity"}

// showMatrix shows all participants, or the members of a group, and as many declarations as a page of any table holds: the
// file has all. The work is bounded by that, however many declarations there are.
func showMatrix(r *request) error {
	order := r.query["order"]
	if order != "" && !slices.Contains(matrixOrders, order) {
		var list []ui.Option
		for _, o := range matrixOrders {
			list = append(list, ui.Option{Value: o, Label: r.p.T("order." + o)})
		}
		return r.badValue("order", order).oneOf(list)
	}
	if order == "" {
		order = matrixOrders[0]
	}
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
	columns, total := x.Find(f, by, r.lang, skipTo(number), pageSize)
	pager, err := r.pager(number, total)
	if err != nil {
		return err
	}
	p := r.p
	v := pages.Matrix{Page: r.base(ui.Plain(p.T("matrix.title")), "/declarations"), Filter: r.declarationFilter(x, f), Similar: order == "similarity", Total: total, Pager: pager,
		AsOfForm: r.asOfForm(append(slices.Clone(filterNames), "sort", "order")...)}
	v.Description = p.T("matrix.lead")
	for _, o := range matrixOrders {
		value := o
		if o == matrixOrders[0] {
			value = ""
		}
		v.Orders = append(v.Orders, ui.Link{Text: p.T("order." + o), URL: r.here("order", value), Current: o == order})
	}
	var codes []string
	if g := r.view.Ref.Group(f.Group); g != nil {
		codes = g.On(r.day)
	} else {
		for _, q := range r.view.Ref.Participants {
			codes = append(codes, q.Code)
		}
	}
	r.view.Ref.SortCodes(codes, r.lang)
	if order == "region" {
		slices.SortStableFunc(codes, func(a, b string) int {
			return regionPlace(r.view.Ref.Participant(a)) - regionPlace(r.view.Ref.Participant(b))
		})
	}
	grid := x.Grid(codes, columns, v.Similar)
	shown, err := r.declarationRows(grid.Columns)
	if err != nil {
		return err
	}
	for i, d := range shown {
		c := pages.MatrixColumn{Title: d.Title, URL: d.URL}
		if date := grid.Columns[i].Date; date.Known() {
			c.Year = p.Date(register.Date{Year: date.Year})
		}
		v.Columns = append(v.Columns, c)
	}
	for i, code := range grid.Codes {
		heading := ""
		if order == "region" {
			heading = r.sectionOf(r.view.Ref.Participant(code))
		}
		if n := len(v.Sections); n == 0 || v.Sections[n-1].Heading != heading {
			v.Sections = append(v.Sections, pages.MatrixSection{Heading: heading})
		}
		l := r.participant(code)
		s := &v.Sections[len(v.Sections)-1]
		s.Rows = append(s.Rows, pages.MatrixRow{Name: l.Text, URL: l.URL, Marks: grid.Marks[i]})
	}
	v.Shown = p.T("matrix.shown", "Rows", p.Number(len(grid.Codes)), "Columns", p.Number(len(shown)), "Of", p.Number(total), "Most", pageSize)
	v.Foot = r.foot(v.Title)
	return r.show(v.Show())
}
