package web

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"cosignatory/store/register"
)

// since is the box that says what has changed; empty where the page has none.
func (a *answer) since() string {
	for _, n := range all(a.doc, func(n *html.Node) bool { return n.Data == "section" && hasClass(n, "since") }) {
		return textOf(n)
	}
	return ""
}

// A reader remembers a page, things are published, and the page says which of them concern it, up to the revision it shows.
func TestSince(t *testing.T) {
	s := newSite(t)
	remembered := func(target string) string {
		a := s.page(t, target)
		for _, n := range all(a.doc, func(n *html.Node) bool { return n.Data == "aside" && hasClass(n, "watch") }) {
			for _, l := range all(n, func(n *html.Node) bool { return n.Data == "a" && strings.Contains(attr(n, "href"), "since=27") }) {
				return attr(l, "href")
			}
		}
		t.Fatalf("%s cannot be remembered", target)
		return ""
	}
	pages := map[string]string{}
	for _, p := range []string{"/en/", "/en/declarations", "/en/declarations?topic=xinjiang", "/en/declarations?sponsor=KOR", "/en/declarations/tech-trafficking-2025",
		"/en/declarations/tech-trafficking-2025?revision=27", "/en/declarations/artemis-accords-2020", "/en/participants/THA", "/en/participants/BRA", "/en/groups/ASEAN", "/en/groups/NORDIC", "/en/changes", "/en/matrix",
		"/en/search?q=technology-facilitated", "/en/search?q=Arbitrary+Detention", "/en/search", "/en/compare?d=tech-trafficking-2025&d=artemis-accords-2020",
		"/en/compare?d=peace-framework-ukraine-2024&d=artemis-accords-2020", "/en/compare?p=THA&p=KOR", "/en/compare?p=BRA&p=MEX"} {
		pages[p] = remembered(p)
		if box := s.page(t, pages[p]).since(); !strings.Contains(box, "Nothing on this page has changed since revision 27 of 23 November 2026.") {
			t.Errorf("%s before anything changed: %q", p, box)
		}
	}
	if strings.Contains(pages["/en/declarations/tech-trafficking-2025?revision=27"], "&revision=") {
		t.Error("a remembered page stays at its revision")
	}
	s.change(t, "tech-trafficking-2025", func(d *register.Declaration) {
		d.Actions = append(d.Actions, register.Action{Participant: "THA", Kind: register.Withdrew, Capacity: register.Signatory,
			Date: register.MustDate("2026-01-05"), Reason: "withdrew_by_notice", Source: "tip-sbs1"})
	})
	s.add(t, madeUp(register.Action{Participant: "FRA", Kind: register.Signed}))
	for p, want := range map[string][]string{
		"/en/":                            {"2 published changes concern this page", "Thailand left on 5 January 2026.", "Made-up Statement", "In effect on 23 November 2026: 11; before this change 12."},
		"/en/declarations":                {"2 published changes concern this page"},
		"/en/declarations?topic=xinjiang": {"Nothing on this page has changed"},
		"/en/declarations?sponsor=KOR":    {"One published change concerns this page", "Thailand left"},
		"/en/declarations/tech-trafficking-2025": {"One published change concerns this page since revision 27 of 23 November 2026.", "In effect: 12 before, 11 now", "Left: 0 before, 1 now",
			"One departure recorded", "Thailand", "Revision 28", "Why: Tested"},
		"/en/declarations/artemis-accords-2020": {"Nothing on this page has changed"},
		"/en/participants/THA":                  {"One published change concerns this page", "Joint Statement on Combating", "Thailand left"},
		"/en/participants/BRA":                  {"Nothing on this page has changed"},
		"/en/groups/ASEAN":                      {"One published change", "Thailand left"},
		"/en/groups/NORDIC":                     {"Nothing on this page has changed"},
		"/en/search?q=technology-facilitated":   {"One published change concerns this page", "Thailand left"},
		"/en/search?q=Arbitrary+Detention":      {"Nothing on this page has changed"},
		"/en/search":                            {"2 published changes"},
		"/en/compare?d=tech-trafficking-2025&d=artemis-accords-2020":        {"One published change concerns this page", "Thailand left"},
		"/en/compare?d=peace-framework-ukraine-2024&d=artemis-accords-2020": {"Nothing on this page has changed"},
		"/en/compare?p=THA&p=KOR": {"One published change concerns this page", "Thailand left"},
		"/en/compare?p=BRA&p=MEX": {"Nothing on this page has changed"},
		"/en/changes":             {"2 published changes"},
		"/en/matrix":              {"2 published changes"},
	} {
		a := s.page(t, pages[p])
		box := a.since()
		for _, w := range want {
			if !strings.Contains(box, w) {
				t.Errorf("%s does not say %q: %q", pages[p], w, box)
			}
		}
		for _, l := range all(a.doc, func(n *html.Node) bool { return n.Data == "a" && hasClass(n.Parent, "when") }) {
			if strings.Contains(box, textOf(l)) && s.ask(t, "GET", attr(l, "href")).StatusCode != 200 {
				t.Errorf("%s leads to %s, which is nowhere", p, attr(l, "href"))
			}
		}
	}
	// With the other clock: only up to the revision shown; and on another day.
	if box := s.page(t, "/en/declarations/tech-trafficking-2025?since=2&revision=27").since(); strings.Contains(box, "Thailand left") || !strings.Contains(box, "One published change") {
		t.Errorf("up to revision 27: %q", box)
	}
	if box := s.page(t, "/en/declarations/tech-trafficking-2025?since=27&as_of=2025-12-01").since(); strings.Contains(box, "In effect: ") || !strings.Contains(box, "Left") && !strings.Contains(box, "left") {
		t.Errorf("on a day before the departure: %q", box)
	}
	// Since a day: what was published on it and after.
	if box := s.page(t, "/en/declarations/tech-trafficking-2025?since=2026-11-23").since(); !strings.Contains(box, "2 published changes concern this page since 23 November 2026.") {
		t.Errorf("since a day: %q", box)
	}
	// In another language, right to left.
	if box := s.page(t, "/ar/declarations/tech-trafficking-2025?since=27").since(); !strings.Contains(box, "تغيير منشور واحد يخص هذه الصفحة") {
		t.Errorf("in Arabic: %q", box)
	}
}

// What is no revision and no day, or lies after what is shown, is refused with a sentence.
func TestSinceRefused(t *testing.T) {
	s := newSite(t)
	for query, want := range map[string]string{
		"since=28":                   "“28” lies after what this page shows.",
		"since=0":                    "“0” is neither a revision nor a day.",
		"since=-1":                   "“-1” is neither a revision nor a day.",
		"since=%2B3":                 "“+3” is neither a revision nor a day.",
		"since=abc":                  "“abc” is neither a revision nor a day. A revision is a whole number from 1 to 27",
		"since=2027-01-01":           "“2027-01-01” lies after what this page shows.",
		"since=2026-02-31":           "is neither a revision nor a day.",
		"since=9&revision=5":         "“9” lies after what this page shows. A revision is a whole number from 1 to 5",
		"since=99999999999999999999": "is neither a revision nor a day.",
		"since=3&since=4":            "since",
	} {
		a := s.ask(t, "GET", "/en/declarations/tech-trafficking-2025?"+query)
		if a.StatusCode != 400 || !strings.Contains(a.text, want) {
			t.Errorf("%s answers %d, does not say %q: %.300s", query, a.StatusCode, want, a.text)
		}
	}
	for target, want := range map[string]int{
		"/en/declarations/tech-trafficking-2025.csv?since=3": 400,
		"/en/declarations/nothing?since=3":                   404,
		"/en/participants/ZZZ?since=3":                       404,
		"/en/groups/ZZZ?since=3":                             404,
		"/en/declarations?topic=nothing&since=3":             400,
		"/en/about?since=3":                                  400,
		"/en/declarations?since=":                            200,
	} {
		if a := s.ask(t, "GET", target); a.StatusCode != want {
			t.Errorf("%s answers %d, want %d", target, a.StatusCode, want)
		}
	}
	// It can be kept as any other page can, and search engines are told which page it is.
	a := s.page(t, "/en/declarations/tech-trafficking-2025?since=3&revision=27")
	if a.Header.Get("Cache-Control") != immutable || a.Header.Get("ETag") == "" || !strings.Contains(a.body, `content="noindex"`) {
		t.Errorf("%s, ETag %q", a.Header.Get("Cache-Control"), a.Header.Get("ETag"))
	}
	if !strings.Contains(a.body, `rel="canonical" href="`+testBase+`/en/declarations/tech-trafficking-2025?revision=27"`) {
		t.Error("the canonical address remembers a revision")
	}
}

// What led to a merger stays readable: the revisions of the merged declaration answer at its addresses, which lead on.
func TestHistoryOfAMergedDeclaration(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(register.Action{Participant: "FRA", Kind: register.Signed}))
	s.change(t, "made-up-2019", func(d *register.Declaration) { d.MergedInto = "tech-trafficking-2025" })
	a := s.page(t, "/en/changes")
	seen := map[string]bool{}
	for _, l := range all(a.doc, func(n *html.Node) bool { return n.Data == "a" && strings.HasPrefix(textOf(n), "Revision ") }) {
		to := attr(l, "href")
		answer := s.ask(t, "GET", to)
		for range 3 {
			if answer.StatusCode == 308 {
				answer = s.ask(t, "GET", answer.Header.Get("Location"))
			}
		}
		if answer.StatusCode != 200 {
			t.Errorf("%s (%s) answers %d", textOf(l), to, answer.StatusCode)
		}
		if strings.Contains(to, "made-up-2019") {
			seen[to] = true
			answer.says(t, "Made-up Statement")
			for _, on := range all(answer.doc, func(n *html.Node) bool { return strings.Contains(attr(n, "href"), "/declarations/") && n.Data == "a" }) {
				if x := s.ask(t, "GET", attr(on, "href")); x.StatusCode >= 400 {
					t.Errorf("%s leads to %s: %d", to, attr(on, "href"), x.StatusCode)
				}
			}
		}
	}
	if len(seen) != 2 {
		t.Errorf("%d revisions of the merged declaration among the changes", len(seen))
	}
	if a := s.ask(t, "GET", "/en/declarations/tech-trafficking-2025/history/4"); a.StatusCode != 404 {
		t.Errorf("a revision of another declaration answers %d", a.StatusCode)
	}
}
