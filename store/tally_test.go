package store_test

import (
	"path/filepath"
	"slices"
	"testing"

	"cosignatory/store"
	"cosignatory/store/register"
)

// However a search goes about it, by sets of declarations or one by one, it answers the same.
func TestSearchByClassesOrOneByOne(t *testing.T) {
	s := opened(t, filepath.Join(t.TempDir(), "register.db"))
	m := newMadeUp(t, 4, s)
	for range 120 {
		m.goOn()
	}
	v := at(t, s, 0)
	x, err := v.Index(t.Context(), register.MustDate("2021-06-01").First())
	if err != nil {
		t.Fatal(err)
	}
	said := func(classes, places int, seed uint64) []string {
		defer store.KeepClasses(classes, places)()
		return answers(v, x, seed)
	}
	for seed := range uint64(40) {
		one := said(0, 1024, seed)
		alikeIn(t, v, said(32, 1024, seed), one, "classes")
		alikeIn(t, v, said(1000, 1, seed), one, "classes and sets of words")
		alikeIn(t, v, said(3, 1, seed), one, "few classes")
	}
}

// D11: a declaration is between two dates where its own can be, whatever is known of each.
func TestFilterByDates(t *testing.T) {
	s := opened(t, filepath.Join(t.TempDir(), "register.db"))
	m := newMadeUp(t, 5, s)
	for range 120 {
		m.goOn()
	}
	x, err := at(t, s, 0).Index(t.Context(), register.MustDate("2021-06-01").First())
	if err != nil {
		t.Fatal(err)
	}
	all, _ := x.Find(register.Filter{}, register.Sort{By: "date"}, "en", 0, 0)
	dates := []register.Date{{}, register.MustDate("1900"), register.MustDate("2100-02-03")}
	for _, r := range all {
		if d := r.Date; d.Known() {
			dates = append(dates, d, register.Date{Year: d.Year}, register.Date{Year: d.Year, Month: 7}, register.Date{Year: d.Year, Month: 7, Day: 2})
		}
	}
	slices.SortFunc(dates, register.Date.Compare)
	dates = slices.Compact(dates)
	some := 0
	for _, from := range dates {
		for _, to := range dates {
			if !from.Known() && !to.Known() {
				continue
			}
			var want []string
			for _, r := range all {
				if r.Date.Known() && (!from.Known() || r.Date.Last() >= from.First()) && (!to.Known() || r.Date.First() <= to.Last()) {
					want = append(want, r.Slug)
				}
			}
			rows, total := x.Find(register.Filter{From: from, To: to}, register.Sort{By: "date"}, "en", 0, 0)
			var got []string
			for _, r := range rows {
				got = append(got, r.Slug)
			}
			if !slices.Equal(got, want) || total != len(want) {
				t.Fatalf("from %v to %v: %v, not %v", from, to, got, want)
			}
			if len(want) > 0 && len(want) < len(all) {
				some++
			}
		}
	}
	if some < 20 {
		t.Fatalf("only %d spans tell declarations apart", some)
	}
}
