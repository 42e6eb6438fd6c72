package register_test

import (
	"fmt"
	"slices"
	"sort"
	"testing"
	"time"

	. "cosignatory/store/register"
)

func TestD10_ADateIsNeverShifted(t *testing.T) {
	for _, zone := range []string{"America/New_York", "Asia/Seoul", "Pacific/Kiritimati"} {
		t.Run(zone, func(t *testing.T) {
			z, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			local := time.Local
			time.Local = z
			defer func() { time.Local = local }()
			d := MustDate("2025-11-24")
			equal(t, "the date", d.First().String(), "2025-11-24")
			equal(t, "its day", d.First(), DayOf(2025, 11, 24))
			equal(t, "its day back", d.First().Date(), d)
			stands(t, declared("2025-11-24", "KOR endorsed 2025-11-24"), "KOR", "2025-11-23 not_yet", "2025-11-24 in_effect")
		})
	}
	equal(t, "the register's own clock", Today(time.Date(2025, 11, 24, 23, 0, 0, 0, time.FixedZone("", -5*3600))).String(), "2025-11-25")
	equal(t, "day 0", Day(0).String(), "1970-01-01")
	equal(t, "the day before", DayOf(1970, 1, 1)-1, day("1969-12-31"))
}

func TestD11_PartialDatesAreData(t *testing.T) {
	t.Run("reading and writing", func(t *testing.T) {
		for text, p := range map[string]Precision{"2023": ByYear, "2023-06": ByMonth, "2023-06-01": ByDay, "2024-02-29": ByDay, "1000": ByYear, "9999-12-31": ByDay, "": Unknown} {
			d, err := ParseDate(text)
			if err != nil || d.String() != text || d.Precision() != p || d.Known() != (text != "") {
				t.Errorf("%q is read as %+v (%s), %v", text, d, d.Precision(), err)
			}
		}
		for _, text := range []string{"0000-00-00", "2025-13-40", "2023-00", "2023-06-00", "2023-02-29", "1900-02-29", "2023-6-1", "0999", "999", "20230601", "2023-06-01T00:00:00Z",
			" 2023", "2023 ", "２０２３", "2023/06/01", "2023-06-31", "-023", "unknown", "2023-0a", "2023-06-1x"} {
			if d, err := ParseDate(text); err == nil || d.Known() {
				t.Errorf("%q is read as %s", text, d)
			}
		}
		for _, c := range [][3]string{{"2023", "2023-01-01", "2023-12-31"}, {"2024-02", "2024-02-01", "2024-02-29"}, {"2023-06-05", "2023-06-05", "2023-06-05"}, {"", "", ""}} {
			d := MustDate(c[0])
			equal(t, "first day of "+c[0], d.First().String(), c[1])
			equal(t, "last day of "+c[0], d.Last().String(), c[2])
		}
		equal(t, "no day at all", LastDay.String()+FirstDay.String()+(LastDay-1).String()+(FirstDay+1).String()+DayOf(999, 12, 31).String()+DayOf(10000, 1, 1).String(), "")
	})
	t.Run("unknown sorts last", func(t *testing.T) {
		var dates []Date
		for _, s := range []string{"", "2024", "2023-01", "2023-01-01", "2023", "2023-06", "", "2022-12-31"} {
			dates = append(dates, MustDate(s))
		}
		sort.SliceStable(dates, func(i, j int) bool { return dates[i].Compare(dates[j]) < 0 })
		equal(t, "the order", fmt.Sprint(dates), "[2022-12-31 2023-01-01 2023-01 2023 2023-06 2024  ]")
	})
	t.Run("unsettled from the first day to the day before the last", func(t *testing.T) {
		stands(t, declared("2023-01-01", "KOR joined 2023-06"), "KOR", "2023-05-31 not_yet", "2023-06-01 unsettled", "2023-06-29 unsettled", "2023-06-30 in_effect")
		stands(t, declared("2022-06-01", "KOR joined 2023"), "KOR", "2022-12-31 not_yet", "2023-01-01 unsettled", "2023-12-30 unsettled", "2023-12-31 in_effect")
		stands(t, declared("2023-01-01", "KOR joined 2023-01-02", "KOR withdrew 2023-06", "KOR rejoined 2023-08"), "KOR", "2023-05-31 in_effect",
			"2023-06-01 unsettled", "2023-06-30 left", "2023-07-31 left", "2023-08-01 unsettled", "2023-08-31 in_effect")
		s := line(declared("2023-01-01", "KOR joined 2023-06"), "KOR").On(day("2023-06-10"))
		equal(t, "unsettled from", s.From.String(), "2023-06-01")
		equal(t, "unsettled to", s.To.String(), "2023-06-29")
		equal(t, "shown as written", s.Since().String(), "2023-06")
	})
	t.Run("two vague dates that meet", func(t *testing.T) {
		d := declared("2023-01-01", "KOR joined 2023-06", "KOR withdrew 2023-06")
		stands(t, d, "KOR", "2023-05-31 not_yet", "2023-06-01 unsettled", "2023-06-29 unsettled", "2023-06-30 left")
		d = declared("2023-01-01", "KOR joined 2023", "KOR withdrew 2023-03-10")
		stands(t, d, "KOR", "2022-12-31 not_yet", "2023-01-01 unsettled", "2023-03-09 unsettled", "2023-03-10 left")
		d = declared("2023-01-01", "KOR joined 2023-03-10", "KOR withdrew 2023")
		stands(t, d, "KOR", "2023-03-09 not_yet", "2023-03-10 unsettled", "2023-12-30 unsettled", "2023-12-31 left")
		d = declared("2023-01-01", "KOR joined 2023-05", "KOR withdrew 2023-05", "KOR rejoined 2023-06")
		s := line(d, "KOR").On(day("2023-05-20"))
		equal(t, "unsettled", s.From.String()+" to "+s.To.String(), "2023-05-01 to 2023-05-30")
		d = declared("2023-01-01", "KOR joined 2023-05", "KOR withdrew 2023-05-31", "KOR rejoined 2023-05")
		s = line(d, "KOR").On(day("2023-05-31"))
		equal(t, "back on the last day", s.Status, InEffect)
	})
	t.Run("90 in effect, 2 unsettled", func(t *testing.T) {
		var actions []string
		for _, p := range shipped().Participants {
			if p.Kind == Member && len(actions) < 92 {
				on := "2023-01-01"
				if len(actions) >= 90 {
					on = "2023-06"
				}
				actions = append(actions, p.Code+" joined "+on)
			}
		}
		c := declared("2023-01-01", actions...).Tally(shipped(), day("2023-06-15"))
		equal(t, "in effect and unsettled", fmt.Sprint(c.InEffect.Total, " ", c.Unsettled.Total), "90 2")
	})
	rests := func(d *Declaration, i int) Assumption { return line(d, "KOR").Moments[i].Rests }
	t.Run("undated signature", func(t *testing.T) {
		for _, kind := range []string{"signed", "endorsed", "aligned"} {
			d := declared("2023-05-02", "KOR "+kind+" - src=press:2024-01-01")
			stands(t, d, "KOR", "2023-05-01 not_yet", "2023-05-02 in_effect")
			equal(t, "rests on", rests(d, 0), FromDeclaration)
			equal(t, "date recorded", line(d, "KOR").On(day("2023-06-01")).Since().Known(), false)
		}
		d := declared("2023-05", "KOR signed -")
		stands(t, d, "KOR", "2023-04-30 not_yet", "2023-05-01 unsettled", "2023-05-31 in_effect")
		d = declared("", "KOR signed - src=press:2024-01-01")
		stands(t, d, "KOR", "2023-12-31 not_yet", "2024-01-01 in_effect")
		equal(t, "rests on", rests(d, 0), FromSource)
	})
	t.Run("undated joining", func(t *testing.T) {
		d := declared("2023-01-01", "KOR joined - src=press:2023-05-02")
		stands(t, d, "KOR", "2023-05-01 not_yet", "2023-05-02 in_effect")
		equal(t, "rests on", rests(d, 0), FromSource)
		stands(t, declared("2023-01-01", "KOR joined - src=press:2023-05"), "KOR", "2023-04-30 not_yet", "2023-05-01 unsettled", "2023-05-31 in_effect")
		stands(t, declared("2023-01-01", "KOR joined - src=old:2022-05-02"), "KOR", "2022-12-31 not_yet", "2023-01-01 in_effect")
		stands(t, declared("2023-01-01", "KOR joined - also=a:2023-07-02 also=b:2023-06-02"), "KOR", "2023-06-01 not_yet", "2023-06-02 in_effect")
		stands(t, declared("2023-01-01", "KOR joined 2023-02-02 src=press:2023-05-02"), "KOR", "2023-02-01 not_yet", "2023-02-02 in_effect")
	})
	t.Run("undated departure and return", func(t *testing.T) {
		d := declared("2023-01-01", "KOR signed -", "KOR withdrew - src=press:2023-05-02", "KOR rejoined - src=later:2023-07")
		stands(t, d, "KOR", "2023-01-01 in_effect", "2023-05-01 in_effect", "2023-05-02 left", "2023-06-30 left", "2023-07-01 unsettled", "2023-07-31 in_effect")
		equal(t, "rests on", rests(d, 1), FromSource)
	})
	t.Run("neither", func(t *testing.T) {
		d := declared("2023-05-02", "KOR joined -")
		stands(t, d, "KOR", "2023-05-01 not_yet", "2023-05-02 unsettled", "2999-01-01 unsettled")
		equal(t, "rests on", rests(d, 0), Nowhere)
		s := line(d, "KOR").On(day("2024-01-01"))
		equal(t, "unsettled from", s.From.String(), "2023-05-02")
		equal(t, "unsettled to the end", s.To, LastDay)
		if _, ok := line(d, "KOR").Moments[0].SettledFrom(); ok {
			t.Error("something settles it")
		}
		stands(t, declared("2023-05", "KOR joined -"), "KOR", "2023-04-30 not_yet", "2023-05-01 unsettled")
		d = declared("", "KOR joined -")
		stands(t, d, "KOR", "1000-01-01 unsettled", "2999-01-01 unsettled")
		equal(t, "unsettled from the first day", line(d, "KOR").On(day("2024-01-01")).From, FirstDay)
		d = declared("2023-01-01", "KOR joined -", "KOR withdrew 2023-05-02")
		stands(t, d, "KOR", "2022-12-31 not_yet", "2023-01-01 unsettled", "2023-05-01 unsettled", "2023-05-02 left")
		d = declared("2023-01-01", "KOR signed 2023-02-02", "KOR withdrew -", "KOR rejoined 2023-05-02")
		stands(t, d, "KOR", "2023-02-01 not_yet", "2023-02-02 unsettled", "2023-05-01 unsettled", "2023-05-02 in_effect")
		d = declared("2023-01-01", "KOR withdrew - nojoin")
		stands(t, d, "KOR", "2022-12-31 not_yet", "2023-01-01 unsettled", "2999-01-01 unsettled")
		equal(t, "unsettled to the end", line(d, "KOR").On(day("2023-01-01")).To, LastDay)
	})
	t.Run("a source from after the departure says nothing of the joining", func(t *testing.T) {
		d := declared("2023-01-01", "KOR joined - src=press:2024-05-02", "KOR withdrew 2023-05-02")
		stands(t, d, "KOR", "2022-12-31 not_yet", "2023-01-01 unsettled", "2023-05-01 unsettled", "2023-05-02 left")
		equal(t, "rests on", rests(d, 0), Nowhere)
	})
	t.Run("never before the declaration", func(t *testing.T) {
		d := declared("2023-10-22", "KOR signed -", "KOR withdrew 2023")
		stands(t, d, "KOR", "2023-03-01 not_yet", "2023-10-21 not_yet", "2023-10-22 unsettled", "2023-12-31 left")
	})
	t.Run("the joining not recorded", func(t *testing.T) {
		s := line(declared("2023-01-01", "KOR withdrew 2023-05 nojoin", "KOR rejoined 2023-05"), "KOR").On(day("2023-02-01"))
		equal(t, "unsettled", s.From.String()+" to "+s.To.String(), "2023-01-01 to 2023-05-30")
	})
	t.Run("a declaration without a date and without a name", func(t *testing.T) {
		wantProblems(t, declared(""), "adopted date_missing")
	})
}

func TestD12_DatesPerDeclarationAndPerAction(t *testing.T) {
	d := declared("")
	for _, set := range []func(Date){func(x Date) { d.Opened = x }, func(x Date) { d.Published = x }, func(x Date) { d.Presented = x }, func(x Date) { d.Adopted = x }} {
		on := MustDate(fmt.Sprintf("2023-0%d-01", len(d.Actions)+1))
		set(on)
		equal(t, "the declaration's date", d.Date(), on)
		d.Actions = append(d.Actions, Action{})
	}
	d = declared("2023-01-01", "KOR signed 2023-02-01")
	d.Actions[0].PublicDate = MustDate("2023-03-01")
	stands(t, d, "KOR", "2023-01-31 not_yet", "2023-02-01 in_effect")
	d.Opened, d.Closed = MustDate("2023-05"), MustDate("2023-04-30")
	wantProblems(t, d, "closed closed_before_opened")
	d.Closed = MustDate("2023-05")
	wantProblems(t, d)
	fields := []string{}
	for _, c := range Diff(declared("2023-01-01"), func() *Declaration {
		x := declared("2023-01-02")
		x.Presented, x.Published, x.Opened, x.Closed = x.Adopted, x.Adopted, x.Adopted, x.Adopted
		return x
	}()) {
		fields = append(fields, c.Field)
	}
	if !slices.Equal(fields, []string{"adopted", "presented", "published", "opened", "closed"}) {
		t.Errorf("changed dates: %s", fields)
	}
}
