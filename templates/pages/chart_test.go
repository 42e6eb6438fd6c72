package pages

import (
	"strings"
	"testing"

	"cosignatory/store/register"
)

// Ten on the first day, two unsettled from the eleventh, twelve from the twenty-first; drawn until the twenty-first.
func TestStepChart(t *testing.T) {
	day := func(n int) register.Day { return register.Day(n) }
	c := StepChartOf([]ChartPoint{{day(0), 10, 0}, {day(10), 10, 2}, {day(20), 12, 0}}, day(20))
	// A box of 1000 × 200, one day of room before the first: 21 days. Twelve stand at 3, ten at 36, none at 199.
	if want := "M0 199H47V36H523V36H1000V3H1000"; c.Line != want {
		t.Errorf("the line is %s, want %s", c.Line, want)
	}
	if want := "M0 199H47V36H523V3H1000V3H1000V3H1000V36H523V36H47V199Z"; c.Band != want {
		t.Errorf("the band is %s, want %s", c.Band, want)
	}
	if c := StepChartOf([]ChartPoint{{day(5), 3, 0}}, day(5)); c.Band != "" || !strings.HasPrefix(c.Line, "M0 199H") {
		t.Errorf("one day: %+v", c)
	}
	if c := StepChartOf(nil, day(5)); c.Line != "" {
		t.Errorf("nothing: %+v", c)
	}
}

func TestBar(t *testing.T) {
	for part, want := range map[float64]Bar{0: 0, 0.001: 1, 0.5: 50, 1: 100, 1.2: 0, -1: 0} {
		if got := BarOf(part); got != want {
			t.Errorf("the bar of %v is %d, want %d", part, got, want)
		}
	}
}
