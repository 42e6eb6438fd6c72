package pages

import (
	"strconv"
	"strings"

	"cosignatory/store/register"
	"cosignatory/templates/ui"
)

// Growth is how the list of a declaration grew.
type Growth struct {
	Page
	Crumbs   []ui.TextLink
	Heading  ui.Text
	Chart    StepChart
	Steps    []GrowthStep
	Undated  []GrowthUndated
	Empty    bool
	AsOfForm AsOfForm
	Foot     ui.TableFoot
	Columns  []Column
}

// GrowthStep is a day on which the list changed.
type GrowthStep struct {
	Date, DateISO        string
	Joined, Left, Opened []ui.Link
	InEffect, Unsettled  int
}

// GrowthUndated are participants whose joining bears no date, with a sentence on what it is counted from.
type GrowthUndated struct {
	Words string
	Who   []ui.Link
}

// StepChart draws numbers that change on days: a line for those in effect, a band above it for the unsettled. The table says
// the same. Paths lie in a box of chartWidth × chartHeight, which is stretched as the page is wide.
type StepChart struct {
	Title, Description string
	First, Last        string // the days at either end, in words
	Most               string // the number at the top
	Line, Band, Area   string // paths; an empty one is not drawn
	// Unchanged is said in place of a chart that would show one number from end to end.
	Unchanged string
}

const (
	chartWidth  = 1000
	chartHeight = 200
)

// ChartPoint is what holds from a day on.
type ChartPoint struct {
	Day                 register.Day
	InEffect, Unsettled int
}

// StepChartOf draws points, in order, until a day. With fewer than one there is nothing to draw.
func StepChartOf(points []ChartPoint, until register.Day) StepChart {
	var c StepChart
	if len(points) == 0 {
		return c
	}
	from := points[0].Day
	until = max(until, from)
	// A hair of room before the first step, so that it is seen to rise; the date below it stays that of the step.
	lead := max(1, int(until-from)/250)
	span := int(until-from) + lead
	most := 1
	for _, p := range points {
		most = max(most, p.InEffect+p.Unsettled)
	}
	x := func(d register.Day) string { return strconv.Itoa((int(d-from) + lead) * chartWidth / span) }
	y := func(n int) string { return strconv.Itoa(chartHeight - n*(chartHeight-4)/most - 1) }
	end := strconv.Itoa(chartWidth)
	var line, top, back strings.Builder
	line.WriteString("M0 " + y(0))
	top.WriteString("M0 " + y(0))
	open := false
	for _, p := range points {
		line.WriteString("H" + x(p.Day) + "V" + y(p.InEffect))
		top.WriteString("H" + x(p.Day) + "V" + y(p.InEffect+p.Unsettled))
		open = open || p.Unsettled > 0
	}
	c.Line = line.String() + "H" + end
	c.Area = c.Line + "V" + y(0) + "Z"
	if open {
		// Along the top to the end, and back along the line.
		back.WriteString("H" + end)
		for i := len(points) - 1; i >= 0; i-- {
			back.WriteString("V" + y(points[i].InEffect) + "H" + x(points[i].Day))
		}
		c.Band = top.String() + back.String() + "V" + y(0) + "Z"
	}
	return c
}
