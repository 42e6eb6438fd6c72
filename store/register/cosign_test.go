package register_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	. "cosignatory/store/register"
)

func places(at ...int) []uint64 {
	s := make([]uint64, 4)
	for _, i := range at {
		s[i/64] |= 1 << (i % 64)
	}
	return s
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9 && !(math.IsNaN(got) && math.IsNaN(want)) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// Two lists of eight and six places share five of the nine in either; of a base of forty.
func TestOverlap(t *testing.T) {
	a, b := places(0, 1, 2, 63, 64, 65, 128, 200), places(1, 2, 64, 128, 200, 201)
	equal(t, "common", Common(a, b), 5)
	equal(t, "common with a shorter set", Common(a, b[:1]), 2)
	equal(t, "common with none", Common(a, nil), 0)
	o := Overlap{A: 8, B: 6, Both: 5}
	equal(t, "union", o.Union(), 9)
	equal(t, "only A", o.OnlyA(), 3)
	equal(t, "only B", o.OnlyB(), 1)
	near(t, "Jaccard", o.Jaccard(), 5.0/9)
	near(t, "lift", o.Lift(40), 5.0*40/48)
	near(t, "lift of fewer than five", Overlap{A: 4, B: 4, Both: 4}.Lift(40), math.NaN())
	near(t, "Jaccard of nothing", Overlap{}.Jaccard(), math.NaN())
	near(t, "lift of the same", Overlap{A: 10, B: 10, Both: 10}.Lift(10), 1)
}

func TestCohesion(t *testing.T) {
	// A quarter, a half and all of the members; a list without any says nothing (D7).
	mean, lists := Cohesion([]Share{{1, 4}, {2, 4}, {4, 4}, {0, 4}, {0, 0}})
	near(t, "cohesion", mean, (0.25+0.5+1)/3)
	equal(t, "lists", lists, 3)
	mean, lists = Cohesion([]Share{{0, 4}})
	near(t, "cohesion of none", mean, math.NaN())
	equal(t, "lists of none", lists, 0)
	near(t, "share of no members", Share{}.Part(), math.NaN())
}

func TestParts(t *testing.T) {
	for _, c := range []struct {
		marks []Mark
		part  string
		only  string // of the first, then of the second
	}{
		{[]Mark{MarkOn, MarkOn}, "all", "- -"},
		{[]Mark{MarkOn, NoMark}, "some", "only -"},
		{[]Mark{MarkOn, MarkLeft}, "some", "only -"},
		{[]Mark{MarkOn, MarkBeside}, "some", "only -"},
		{[]Mark{MarkOn, MarkGroup}, "some", "only -"},
		{[]Mark{MarkOn, MarkMayBe}, "unsettled", "unsettled -"},
		{[]Mark{MarkMayBe, NoMark}, "unsettled", "unsettled -"},
		{[]Mark{MarkMayBe, MarkMayBe}, "unsettled", "unsettled unsettled"},
		{[]Mark{MarkGroup, NoMark}, "implied_by_group", "- -"},
		{[]Mark{MarkLeft, MarkBeside}, "none", "- -"},
		{[]Mark{NoMark, NoMark}, "none", "- -"},
		{[]Mark{MarkOn, NoMark, MarkOn}, "some", "- -"},
	} {
		if got := PartOf(c.marks).String(); got != c.part {
			t.Errorf("%v is %s, want %s", c.marks, got, c.part)
		}
		var only []string
		for i := range 2 {
			p, ok := PartOnly(c.marks, i)
			if !ok {
				only = append(only, "-")
				continue
			}
			only = append(only, p.String())
		}
		if got := strings.Join(only, " "); got != c.only {
			t.Errorf("%v: only is %s, want %s", c.marks, got, c.only)
		}
	}
}

func TestSeriate(t *testing.T) {
	// Two families of three, mixed: 0 2 4 are alike, and 1 3 5; 4 and 1 share a little.
	alike := func(i, j int) float64 {
		switch {
		case i%2 == j%2:
			return 0.8 - 0.01*float64(i+j)
		case i == 1 && j == 4:
			return 0.3
		}
		return 0.1
	}
	got := Seriate(6, alike)
	family := make([]int, 0, 6)
	for _, i := range got {
		family = append(family, i%2)
	}
	if changes := len(slices.Compact(slices.Clone(family))); changes != 2 {
		t.Errorf("the families are mixed: %v", got)
	}
	if again := Seriate(6, alike); !slices.Equal(got, again) {
		t.Errorf("%v, then %v", got, again)
	}
	for n := range 5 {
		if got := Seriate(n, func(i, j int) float64 { return math.NaN() }); len(got) != n {
			t.Errorf("%d things give %v", n, got)
		} else if slices.Sort(got); n > 0 && got[n-1] != n-1 {
			t.Errorf("%d things give %v", n, got)
		}
	}
}

func written(steps []Step) []string {
	var list []string
	for _, s := range steps {
		part := func(sign string, codes []string) string {
			if len(codes) == 0 {
				return ""
			}
			return " " + sign + strings.Join(codes, "")
		}
		list = append(list, strings.TrimSpace(s.Day.String()+part("+", s.Joined)+part("-", s.Left)+part("?", s.Opened))+
			" = "+string(rune('0'+s.InEffect))+" "+string(rune('0'+s.Unsettled)))
	}
	return list
}

func TestGrowth(t *testing.T) {
	d := declared("2020-01-10",
		"FRA signed 2020-01-10", "DEU signed 2020-01-10", "ITA signed 2020-01-10",
		"JPN joined 2021-03-05",
		"FRA withdrew 2021-06-01", "FRA rejoined 2022-02-02", // left and came back
		"KOR joined 2023-05",                                 // some day in May
		"CAN aligned 2020-01-10",                             // not on the list (D4)
		"@EU signed 2020-01-10",                              // not exploded (D6)
		"ITA withdrew 2024-01-01", "ITA rejoined 2024-01-01", // on one day
		"BRA joined -", // nobody can date it
	)
	want := []string{"2020-01-10 +FRADEUITA ?BRA = 3 1", "2021-03-05 +JPN = 4 1", "2021-06-01 -FRA = 3 1", "2022-02-02 +FRA = 4 1",
		"2023-05-01 ?KOR = 4 2", "2023-05-31 +KOR = 5 1", "2024-01-01 +ITA -ITA = 5 1"}
	steps, undated := Growth(d.Timelines(), day("2025-01-01"))
	if got := written(steps); !slices.Equal(got, want) {
		t.Errorf("grew as\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(undated) != 1 || undated[0] != (Undated{"BRA", Nowhere, day("2020-01-10"), 0}) {
		t.Errorf("undated: %+v", undated)
	}
	steps, _ = Growth(d.Timelines(), day("2021-12-31")) // as it stood then
	if got := written(steps); !slices.Equal(got, want[:3]) {
		t.Errorf("until 2021: %q", got)
	}
	if steps, undated = Growth(nil, day("2025-01-01")); steps != nil || undated != nil {
		t.Error("nothing grew")
	}
}

// D11: a departure without a date is told as one, a dated one and one of whoever only stood beside the list is not.
func TestGrowthTellsUndatedDepartures(t *testing.T) {
	d := declared("2020-01-10", "CHL signed 2020-01-10", "CHL withdrew -", "FRA signed 2020-01-10", "FRA withdrew 2021-06-01", "CAN aligned 2020-01-10", "CAN withdrew -")
	_, undated := Growth(d.Timelines(), day("2025-01-01"))
	if len(undated) != 1 || undated[0] != (Undated{"CHL", Nowhere, day("2020-01-10"), LastDay}) {
		t.Errorf("undated: %+v", undated)
	}
}

// TestD3_GrowthTellsWhoMovedBesideTheList: whoever goes from the list to beside it has left it, in steps as in the counts.
func TestD3_GrowthTellsWhoMovedBesideTheList(t *testing.T) {
	d := declared("2021-03-01", "FRA signed 2021-03-01", "ITA signed 2021-03-01", "ITA joined 2021-06-01 as=co-sponsor", "DEU signed 2021-03-01", "DEU aligned 2022-01-01",
		"JPN joined 2023-01-01", "JPN aligned 2023-01-01", // on one day
		"FRA aligned 2024-01-01", "FRA joined 2024-01-01", // and back, on one day
		"KOR signed 2021-03-01", "KOR aligned - src=press:2025-01-01") // founding kinds count from the declaration
	want := []string{"2021-03-01 +FRAITADEUKOR -KOR = 3 0", "2022-01-01 -DEU = 2 0", "2023-01-01 +JPN -JPN = 2 0", "2024-01-01 +FRA -FRA = 2 0"}
	steps, undated := Growth(d.Timelines(), day("2025-01-01"))
	if got := written(steps); !slices.Equal(got, want) {
		t.Errorf("grew as\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(undated) != 1 || undated[0] != (Undated{"KOR", FromDeclaration, day("2021-03-01"), day("2021-03-01")}) {
		t.Errorf("undated: %+v", undated)
	}
}

// However actions fall, the steps end at the counts of the day.
func TestGrowthEndsAtTheCounts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	dates := []string{"2020-01-10", "2020-01", "2020", "2020-03-05", "2020-03", "2021", "2021-06-01", "2021-06", "-"}
	people := []string{"FRA", "DEU", "ITA", "JPN", "KOR"}
	for range 400 {
		var actions []string
		for _, who := range people {
			all := [][]string{{"signed", "withdrew", "rejoined", "withdrew"}, {"signed", "aligned", "joined", "withdrew"}, {"aligned", "joined", "aligned", "withdrew"}}[r.IntN(3)]
			kinds := all[:1+r.IntN(4)]
			at := r.IntN(3)
			for _, kind := range kinds {
				line := who + " " + kind + " " + dates[min(at, len(dates)-1)]
				if kind != "withdrew" && kind != "aligned" && r.IntN(3) == 0 {
					line += []string{" as=supporter", " as=co-sponsor"}[r.IntN(2)]
				}
				actions = append(actions, line)
				at += r.IntN(3)
			}
		}
		d := declared([]string{"2020-01-10", "2020-01", ""}[r.IntN(3)], actions...)
		for _, on := range []string{"2019-12-31", "2020-01-10", "2020-01-31", "2020-03-05", "2020-12-31", "2021-06-15", "2022-01-01"} {
			steps, _ := Growth(d.Timelines(), day(on))
			var last Step
			if len(steps) > 0 {
				last = steps[len(steps)-1]
			}
			c := d.Tally(shipped(), day(on))
			if last.InEffect != c.InEffect.Total || last.Unsettled != c.Unsettled.Total {
				t.Fatalf("on %s: %d and %d, the counts are %d and %d\n%s\n%s", on, last.InEffect, last.Unsettled, c.InEffect.Total, c.Unsettled.Total,
					strings.Join(actions, "\n"), strings.Join(written(steps), "\n"))
			}
		}
	}
}
