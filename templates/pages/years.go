package pages

import (
	"strconv"
	"strings"

	"cosignatory/templates/ui"
)

// Years is a participant's declarations by the years of their dates.
type Years struct {
	Chart YearChart
	Rows  []YearRow // the earliest first, the unknown one last
}

// YearRow is one year of the table.
type YearRow struct {
	Year                        string
	URL                         string // those declarations; empty for the unknown year
	On, Unsettled, Left, Beside int
}

// YearBar is one bar: squares on each other, in effect below, unsettled on them, left above.
type YearBar struct{ Year, On, Unsettled, Left int }

// YearChart draws a bar a year: what is in effect filled, what is unsettled half filled, what was left barred, as the bench
// does. The table says the same.
type YearChart struct {
	Description       string
	First, Last, Most string // at the ends and the top
	Top               int    // the greatest number of one year
	Width             int    // pixels, and the units that the paths are drawn in
	Full, Half, Line  string // paths; an empty one is not drawn
}

const (
	yearPitch  = 20 // from one year to the next, of which the bar takes 16
	yearHeight = 100
	yearsMost  = 60 // bars; of a longer time only the last ones are drawn, the table has all
)

// YearChartOf draws bars, in the order of their years, with room for the years between them.
func YearChartOf(bars []YearBar) YearChart {
	var c YearChart
	if len(bars) == 0 {
		return c
	}
	last := bars[len(bars)-1].Year
	first := max(bars[0].Year, last-yearsMost+1)
	for _, b := range bars {
		c.Top = max(c.Top, b.On+b.Unsettled+b.Left)
	}
	if c.Top == 0 {
		return c // it stands beside lists only, which the table tells
	}
	c.Width = (last - first + 1) * yearPitch
	var full, half, line strings.Builder
	put := func(to *strings.Builder, parts ...any) { // numbers and words of a path
		for _, p := range parts {
			switch p := p.(type) {
			case string:
				to.WriteString(p)
			case int:
				to.WriteString(strconv.Itoa(p))
			}
		}
	}
	for _, b := range bars {
		if b.Year < first {
			continue
		}
		x, y := (b.Year-first)*yearPitch+2, yearHeight
		up := func(n int) (height int) {
			height = n * (yearHeight - 4) / c.Top
			if n > 0 {
				height = max(height, 2)
			}
			y -= height
			return height
		}
		if h := up(b.On); h > 0 {
			put(&full, "M", x, " ", y, "h16v", h, "h-16z")
		}
		if h := up(b.Unsettled); h > 0 {
			put(&half, "M", x, " ", y, "h16L", x, " ", y+h, "z")
			put(&line, "M", x, " ", y, "h16v", h, "h-16z")
		}
		if h := up(b.Left); h > 0 {
			put(&line, "M", x, " ", y, "h16v", h, "h-16zM", x, " ", y+h, "l16 ", -h)
		}
	}
	c.Full, c.Half, c.Line = full.String(), half.String(), line.String()
	return c
}

func (c YearChart) width() string { return strconv.Itoa(c.Width) }
func (c YearChart) box() string   { return "0 0 " + strconv.Itoa(c.Width) + " 101" }

// has says that any year has a number of its kind.
func (v Years) has(of func(YearRow) int) bool {
	for _, r := range v.Rows {
		if of(r) > 0 {
			return true
		}
	}
	return false
}

func yearUnsettled(r YearRow) int { return r.Unsettled }
func yearLeft(r YearRow) int      { return r.Left }
func yearBeside(r YearRow) int    { return r.Beside }

// Through is the lists on which a participant stands through a group only (D6): the first few, and how many there are.
type Through struct {
	Rows  []ThroughRow
	Total int
}

// ThroughRow is one of them.
type ThroughRow struct {
	Declaration   ui.TextLink
	Date, DateISO string
	Group         ui.Link
}

// Without is what a group of the participant signed without it, in neutral words (D7).
type Without struct {
	Action   string
	Hidden   []ui.Hidden
	Groups   *ui.Options // nil where it belongs to no group
	Group    string      // as asked for
	Sentence string
	MayBe    string       // how many rows more there are where it may be on the list (D11); empty for none
	Rows     []WithoutRow // the first few
	Total    int
	Foot     ui.TableFoot
}

// WithoutRow is a declaration on which members of the group stand.
type WithoutRow struct {
	Declaration   ui.TextLink
	Date, DateISO string
	Members       string // "7 of 11"
	Words         string // what is on record of the participant all the same: unsettled, left; empty for nothing
	MissingURL    string // who else of the group is not on that list
}
