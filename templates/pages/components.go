package pages

import "cosignatory/templates/ui"

// Components is the page for whoever goes on with the design: what pages are made of, shown by the components themselves.
type Components struct {
	Page
	Scripts  []ui.Language // the rows of its table, and the names in other scripts
	Options  *ui.Options
	Foot     ui.TableFoot
	Pager    ui.Pager
	Problems []ui.Problem
	Example  string // an address that leads back here
	Today    string // in words
	TodayISO string
}

// bench is one with a square of every kind, more than a line of ten.
func (v Components) bench() ui.Bench {
	return BenchOf(v.P, Counts{InEffect: 8, Unsettled: 2, NotNamed: 5, Left: 1})
}
