package store_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cosignatory/seed"
	"cosignatory/store"
	"cosignatory/store/register"
)

// few is a register that can be reckoned by hand: nine declarations, of the last of which nobody is named.
func few(t testing.TB) *store.Store {
	t.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, filepath.Join(t.TempDir(), "few.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	ref, err := seed.Reference()
	if err != nil {
		t.Fatal(err)
	}
	publications := []store.Publication{{Reference: ref, Reason: "Reference data", ReasonLang: "en", Role: "editor"}}
	for i, line := range []string{
		"2020-01-01 by=FRA FRA DEU JPN",
		"2020-02-01 by=FRA FRA DEU JPN",
		"2020-03-01 FRA DEU",
		"2020-04-01 FRA DEU KOR",
		"2020-05-01 FRA DEU KOR",
		"2021-01-01 by=FRA FRA DEU:joined:2021-06 JPN:aligned:2021-01-01 @EU",
		"2021-02-01 FRA FRA:withdrew:2022-01-01 FRA:rejoined:2023-01-01 DEU",
		"2022-05-01 KOR",
		"2023-07-01 by=FRA",
	} {
		d := &register.Declaration{Slug: fmt.Sprintf("d%d-made-up", i+1), Kind: "joint-statement", Open: register.NotRecorded, ListComplete: register.NotRecorded,
			PresenterCounted: register.NotRecorded, Titles: []register.Title{{Lang: "en", Text: fmt.Sprintf("Made up %d", i+1), Standing: register.Authentic}},
			Texts: []register.Text{{Lang: "en", Event: "A test", Place: "Nowhere", Summary: "Nothing."}},
			Sources: []register.Source{{Key: fmt.Sprintf("s%d", i+1), Publisher: "P", Title: "T", URL: "https://example.org/", Lang: "en", Kind: "press",
				Published: register.MustDate("2024-06-01"), ReadOn: register.MustDate("2024-06-01"), Supports: "Everything"}}}
		for k, word := range strings.Fields(line) {
			if k == 0 {
				d.Adopted = register.MustDate(word)
				continue
			}
			if by, ok := strings.CutPrefix(word, "by="); ok {
				d.Sponsors = []string{by}
				continue
			}
			f := strings.Split(word, ":")
			a := register.Action{Participant: f[0], Kind: register.Signed, Capacity: register.Signatory, Date: d.Adopted, Source: d.Sources[0].Key}
			if g, ok := strings.CutPrefix(f[0], "@"); ok {
				a.Participant, a.Group = "", g
			}
			if len(f) > 1 {
				a.Kind, a.Date = register.ActionKind(f[1]), register.MustDate(f[2])
			}
			switch a.Kind {
			case register.AlignedItself:
				a.Capacity = register.Aligned
			case register.Withdrew:
				a.Reason = "withdrew_by_notice"
			}
			d.Actions = append(d.Actions, a)
		}
		publications = append(publications, store.Publication{Declaration: d, Reason: "Made up", ReasonLang: "en", Role: "editor"})
	}
	if _, err := s.Publish(ctx, publications...); err != nil {
		var invalid *register.Invalid
		if errors.As(err, &invalid) {
			t.Fatal(invalid.Error())
		}
		t.Fatal(err)
	}
	return s
}

func asOf(t testing.TB, s *store.Store, day string) *store.Index {
	t.Helper()
	v, err := s.At(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	x, err := v.Index(context.Background(), register.MustDate(day).First())
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func alike(a, b float64) bool { return math.Abs(a-b) < 1e-9 || math.IsNaN(a) && math.IsNaN(b) }

func TestTogether(t *testing.T) {
	s, none := few(t), math.NaN()
	for _, c := range []struct {
		day, code, other string
		own, n           int // the base
		both, of, open   int
		share, lift      float64
	}{
		{"2024-01-01", "FRA", "DEU", 7, 8, 7, 7, 0, 1, 7.0 * 8 / 49},
		{"2024-01-01", "FRA", "JPN", 7, 8, 2, 2, 0, 2.0 / 7, none}, // aligned once: not counted
		{"2024-01-01", "FRA", "KOR", 7, 8, 2, 3, 0, 2.0 / 7, none},
		{"2024-01-01", "KOR", "FRA", 3, 8, 2, 7, 0, 2.0 / 3, none},
		{"2021-06-15", "FRA", "DEU", 7, 7, 6, 6, 1, 6.0 / 7, 1},      // some day in June 2021
		{"2022-06-01", "FRA", "DEU", 6, 8, 6, 7, 0, 1, 6.0 * 8 / 42}, // France had left one and not yet come back
		{"2020-02-15", "FRA", "DEU", 2, 2, 2, 2, 0, 1, none},
		{"2019-01-01", "FRA", "", 0, 0, 0, 0, 0, none, none},
	} {
		all, base := asOf(t, s, c.day).Together(c.code)
		if base != (store.Base{Own: c.own, Declarations: c.n}) {
			t.Errorf("%s of %s rests on %+v, want %d of %d", c.day, c.code, base, c.own, c.n)
		}
		i := slices.IndexFunc(all, func(x store.Companion) bool { return x.Code == c.other })
		if i < 0 {
			if c.other != "" || len(all) > 0 {
				t.Errorf("%s: %s with %s is missing in %+v", c.day, c.code, c.other, all)
			}
			continue
		}
		if x := all[i]; x.Both != c.both || x.B != c.of || x.Unsettled != c.open || !alike(x.Share, c.share) || !alike(x.Lift, c.lift) {
			t.Errorf("%s: %s with %s: %+v, want %+v", c.day, c.code, c.other, x, c)
		}
	}
	if all, base := asOf(t, s, "2024-01-01").Together("XXX"); all != nil || base.Own != 0 {
		t.Errorf("nobody: %+v", all)
	}
}

func TestPairsAgreeWithTogether(t *testing.T) {
	x := asOf(t, opened(t, copied(t)), "2026-01-01")
	found := map[string]register.Overlap{}
	base, err := x.Pairs(func(a, b string, o register.Overlap) error {
		found[a+b] = o
		return nil
	})
	if err != nil || base != x.Base() || len(found) < 1000 {
		t.Fatal(base, len(found), err)
	}
	all, _ := x.Together("KOR")
	for _, c := range all {
		o, ok := found["KOR"+c.Code]
		if c.Code < "KOR" {
			o, ok = found[c.Code+"KOR"]
			o.A, o.B = o.B, o.A
		}
		if ok != (c.Both > 0) || ok && o != c.Overlap {
			t.Errorf("%s: %+v and %+v", c.Code, o, c.Overlap)
		}
	}
	stop := errors.New("enough")
	if _, err := x.Pairs(func(string, string, register.Overlap) error { return stop }); err != stop {
		t.Error(err)
	}
}

func TestBrought(t *testing.T) {
	s := few(t)
	all, base := asOf(t, s, "2024-01-01").Brought("FRA")
	if base.Own != 3 { // of four that it leads, one has nobody on its list
		t.Errorf("France leads %d", base.Own)
	}
	got := map[string]int{}
	for _, c := range all {
		got[c.Code] = c.Both
	}
	if got["DEU"] != 3 || got["JPN"] != 2 || got["KOR"] != 0 || got["FRA"] != 0 {
		t.Errorf("brings %v", got)
	}
}

func marks(list []register.Mark) string {
	var words []string
	for _, m := range list {
		words = append(words, m.String())
	}
	return strings.Join(words, ",")
}

func TestCompareDeclarations(t *testing.T) {
	s := few(t)
	x := asOf(t, s, "2024-01-01")
	rows := func(c *store.Compared) []string {
		var list []string
		for _, r := range c.Rows {
			who := r.Code
			if r.Row != nil {
				who = r.Row.Slug[:2]
			}
			list = append(list, who+" "+r.Part.String()+" "+marks(r.Marks))
		}
		return list
	}
	check := func(what string, c *store.Compared, want ...string) {
		t.Helper()
		if got := rows(c); !slices.Equal(got, want) {
			t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	c := x.CompareDeclarations([]string{"d3-made-up", "d4-made-up"}, nil, -1)
	check("two", c, "DEU all in_effect,in_effect", "FRA all in_effect,in_effect", "KOR some ,in_effect")
	if o := c.Overlaps[0]; len(c.Overlaps) != 1 || o.Overlap != (register.Overlap{A: 2, B: 3, Both: 2}) || !alike(o.Jaccard(), 2.0/3) {
		t.Errorf("overlaps %+v", c.Overlaps)
	}
	check("only the second", x.CompareDeclarations([]string{"d3-made-up", "d4-made-up"}, nil, 1), "KOR only ,in_effect")
	check("only the first", x.CompareDeclarations([]string{"d3-made-up", "d4-made-up"}, nil, 0))
	check("among a few", x.CompareDeclarations([]string{"d3-made-up", "d4-made-up"}, []string{"JPN", "KOR"}, -1), "JPN none ,", "KOR some ,in_effect")
	// The Union came as one line: 25 of its 27 members are not named, and are not counted.
	c = x.CompareDeclarations([]string{"d1-made-up", "d6-made-up"}, nil, -1)
	parts := map[string]int{}
	for _, r := range c.Rows {
		parts[r.Part.String()]++
	}
	if parts["all"] != 2 || parts["some"] != 1 || parts["implied_by_group"] != 25 || c.Overlaps[0].Overlap != (register.Overlap{A: 3, B: 2, Both: 2}) {
		t.Errorf("with a group: %v, %+v", parts, c.Overlaps)
	}
	i := slices.IndexFunc(c.Rows, func(r store.ComparedRow) bool { return r.Code == "JPN" })
	if got := marks(c.Rows[i].Marks); got != "in_effect,beside" {
		t.Errorf("Japan: %s", got)
	}
	// While a partial date is open, and after a departure.
	then := asOf(t, s, "2021-06-15").CompareDeclarations([]string{"d3-made-up", "d6-made-up"}, []string{"DEU", "FRA"}, -1)
	check("unsettled", then, "DEU unsettled in_effect,unsettled", "FRA all in_effect,in_effect")
	check("left", asOf(t, s, "2022-06-01").CompareDeclarations([]string{"d3-made-up", "d7-made-up"}, []string{"FRA"}, -1), "FRA some in_effect,left")
	check("rejoined", x.CompareDeclarations([]string{"d3-made-up", "d7-made-up"}, []string{"FRA"}, -1), "FRA all in_effect,in_effect")

	p := x.CompareParticipants([]string{"FRA", "KOR", "JPN"}, -1)
	check("participants", p, "d8 some ,in_effect,", "d7 some in_effect,,", "d6 some in_effect,,beside", "d5 some in_effect,in_effect,", "d4 some in_effect,in_effect,",
		"d3 some in_effect,,", "d2 some in_effect,,in_effect", "d1 some in_effect,,in_effect")
	if len(p.Overlaps) != 3 || p.Overlaps[0].Overlap != (register.Overlap{A: 7, B: 3, Both: 2}) || p.Overlaps[2].Overlap != (register.Overlap{A: 3, B: 2}) || p.None != 0 {
		t.Errorf("overlaps of participants %+v, none %d", p.Overlaps, p.None)
	}
	p = x.CompareParticipants([]string{"JPN", "KOR"}, 1)
	check("only Korea", p, "d8 only ,in_effect", "d5 only ,in_effect", "d4 only ,in_effect")
	if p.None != 3 {
		t.Errorf("%d declarations have neither, want 3 (d3, d6, d7)", p.None)
	}
}

func TestGroupSigning(t *testing.T) {
	s := few(t)
	g := asOf(t, s, "2024-01-01").GroupSigning("EU")
	var got []string
	for _, r := range g.Rows {
		got = append(got, fmt.Sprint(r.Slug[:2], " ", r.On, "/", r.Of, " ", r.Unsettled, " ", r.Implied))
	}
	want := []string{"d7 2/27 0 0", "d6 2/27 0 25", "d5 2/27 0 0", "d4 2/27 0 0", "d3 2/27 0 0", "d2 2/27 0 0", "d1 2/28 0 0"}
	if !slices.Equal(got, want) {
		t.Errorf("the Union signs\n%q, want\n%q", got, want)
	}
	if !alike(g.Cohesion, (6*2.0/27+2.0/28)/7) || g.Lists != 7 || g.Whole != 0 {
		t.Errorf("cohesion %v of %d lists, %d whole", g.Cohesion, g.Lists, g.Whole)
	}
	then := asOf(t, s, "2021-06-15").GroupSigning("EU")
	if r := then.Rows[1]; r.On != 1 || r.Unsettled != 1 || r.Implied != 25 {
		t.Errorf("in June 2021: %+v", r)
	}
	if n := asOf(t, s, "2019-01-01").GroupSigning("EU"); len(n.Rows) != 0 || !math.IsNaN(n.Cohesion) {
		t.Errorf("before all: %+v", n)
	}
	if n := asOf(t, s, "2024-01-01").GroupSigning("NOBODY"); len(n.Rows) != 0 {
		t.Errorf("no group: %+v", n)
	}
}

func TestGrid(t *testing.T) {
	x := asOf(t, few(t), "2024-01-01")
	rows, _ := x.Find(register.Filter{}, register.Sort{By: "date"}, "en", 0, 0)
	g := x.Grid([]string{"KOR", "BRA", "JPN", "FRA", "DEU"}, rows, false)
	if !slices.Equal(g.Codes, []string{"KOR", "BRA", "JPN", "FRA", "DEU"}) || marks(g.Marks[2]) != "in_effect,in_effect,,,,beside,,," || marks(g.Marks[0]) != ",,,in_effect,in_effect,,,in_effect," {
		t.Errorf("as given: %v\n%v", g.Codes, g.Marks)
	}
	g = x.Grid([]string{"KOR", "BRA", "JPN", "FRA", "DEU"}, rows, true)
	i, j := slices.Index(g.Codes, "FRA"), slices.Index(g.Codes, "DEU")
	if max(i-j, j-i) != 1 || g.Codes[4] != "BRA" || len(g.Columns) != 9 {
		t.Errorf("by likeness: %v", g.Codes)
	}
	again := x.Grid([]string{"KOR", "BRA", "JPN", "FRA", "DEU"}, rows, true)
	if !slices.Equal(again.Codes, g.Codes) {
		t.Errorf("%v, then %v", g.Codes, again.Codes)
	}
}
