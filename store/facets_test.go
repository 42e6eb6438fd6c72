package store_test

import (
	"context"
	"testing"

	"cosignatory/store/register"
)

// Each number beside a filter's value is what the list holds that the reader gets by choosing it, the other filters kept.
func TestFacetsSayWhatOneGets(t *testing.T) {
	x, err := at(t, opened(t, copied(t)), 0).Index(context.Background(), register.MustDate("2026-11-23").First())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []register.Filter{{}, {Topic: "human-rights"}, {Topic: "human-rights", Sponsor: "USA"}, {Query: "migration"},
		{Group: "EU", From: register.MustDate("2022"), To: register.MustDate("2023")}, {Signatory: "KOR", Kind: "joint-statement"}, {Query: "zzz"}} {
		facets := x.Facets(f)
		check := func(what string, value string, n int, g register.Filter) {
			t.Helper()
			if _, total := x.Find(g, register.Sort{By: "date"}, "en", 0, 1); total != n {
				t.Errorf("under %+v: %s %s is said to have %d, the list has %d", f, what, value, n, total)
			}
		}
		some := 0
		for _, v := range facets.Topics {
			g := f
			g.Topic = v.Value
			check("topic", v.Value, v.Count, g)
			some++
		}
		for _, v := range facets.Kinds {
			g := f
			g.Kind = register.Kind(v.Value)
			check("kind", v.Value, v.Count, g)
		}
		for _, v := range facets.Sponsors {
			g := f
			g.Sponsor = v.Value
			check("sponsor", v.Value, v.Count, g)
		}
		for _, v := range facets.Signatories {
			g := f
			g.Signatory = v.Value
			check("signatory", v.Value, v.Count, g)
		}
		for _, v := range facets.Groups {
			g := f
			g.Group = v.Value
			check("group", v.Value, v.Count, g)
		}
		for _, v := range facets.Open {
			g := f
			g.Open = register.Tristate(v.Value)
			check("open", v.Value, v.Count, g)
		}
		for _, v := range facets.Years {
			g := f
			g.From, g.To = register.MustDate(v.Value), register.MustDate(v.Value)
			check("year", v.Value, v.Count, g)
		}
		if (some == 0) != (f.Query == "zzz") {
			t.Errorf("%+v leaves %d topics", f, some)
		}
	}
}
