package web

import (
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"cosignatory/store/register"
)

// TestD7_Outreach: who of a group is not on the list, as a text to copy and as a file, in neutral words.
func TestD7_Outreach(t *testing.T) {
	s := newSite(t)
	text := func(target string) string {
		a := s.page(t, target)
		boxes := all(a.doc, func(n *html.Node) bool { return n.Data == "textarea" && attr(n, "id") == "outreach" })
		if len(boxes) != 1 {
			t.Fatalf("%s has %d texts to copy", target, len(boxes))
		}
		return textOf(boxes[0])
	}
	en := text("/en/declarations/tech-trafficking-2025?missing=ASEAN")
	for _, want := range []string{"Joint Statement on Combating Technology-Facilitated Trafficking in Persons, 24 November 2025",
		"Association of Southeast Asian Nations: members not on the list on 23 November 2026, by revision 27 of the register", "Myanmar (Republic of the Union of Myanmar)",
		"It does not say that it refused or abstained.", testBase + "/en/declarations/tech-trafficking-2025?missing=ASEAN&as_of=2026-11-23&revision=27"} {
		if !strings.Contains(en, want) {
			t.Errorf("the text does not say %q: %s", want, en)
		}
	}
	if fr := text("/fr/declarations/tech-trafficking-2025?missing=ASEAN"); !strings.Contains(fr, "Myanmar (République de l’Union du Myanmar)") || !strings.Contains(fr, "24 novembre 2025") {
		t.Errorf("in French: %s", fr)
	}
	if zh := text("/zh/declarations/tech-trafficking-2025?missing=ASEAN"); !strings.Contains(zh, "缅甸") || strings.Contains(zh, "Union of Myanmar") {
		t.Errorf("in Chinese: %s", zh)
	}
	a := s.ask(t, "GET", "/fr/declarations/tech-trafficking-2025/missing.csv?group=ASEAN&revision=27")
	rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
	if err != nil || a.StatusCode != 200 || a.Header.Get("Cache-Control") != immutable {
		t.Fatal(a.StatusCode, err, a.Header.Get("Cache-Control"))
	}
	if !slices.Equal(rows[0], []string{"declaration", "declaration_title", "declaration_date", "group", "group_name", "participant", "participant_name", "formal_name",
		"formal_name_language", "participant_kind", "iso3", "m49", "user_assigned_code", "regional_group", "mark", "as_of", "revision", "declaration_date_precision"}) {
		t.Errorf("columns: %v", rows[0])
	}
	i := slices.IndexFunc(rows, func(r []string) bool { return r[5] == "MMR" })
	if i < 0 || rows[i][6] != "Myanmar" || rows[i][7] != "République de l’Union du Myanmar" || rows[i][8] != "fr" || rows[i][14] != "" {
		t.Errorf("Myanmar: %v", rows)
	}
	// A page lists as many as the file.
	page := s.page(t, "/fr/declarations/tech-trafficking-2025?missing=ASEAN&revision=27")
	names := all(page.doc, func(n *html.Node) bool { return n.Data == "ul" && hasClass(n, "names") })
	if n := len(all(names[0], func(n *html.Node) bool { return n.Data == "li" })); n != len(rows)-1 {
		t.Errorf("%d on the page, %d in the file", n, len(rows)-1)
	}
	for target, want := range map[string]int{
		"/en/declarations/tech-trafficking-2025/missing.csv":             400,
		"/en/declarations/tech-trafficking-2025/missing.csv?group=ZZZ":   400,
		"/en/declarations/nothing/missing.csv?group=ASEAN":               404,
		"/en/declarations/tech-trafficking-2025/missing.json?group=G7":   200,
		"/en/declarations/tech-trafficking-2025/missing?group=ASEAN":     302,
		"/en/declarations/tech-trafficking-2025/missing.csv?missing=G77": 400,
	} {
		if a := s.ask(t, "GET", target); a.StatusCode != want {
			t.Errorf("%s answers %d, want %d", target, a.StatusCode, want)
		}
	}
}

// TestD7_WithoutIt: what the group of a participant signed without it.
func TestD7_WithoutIt(t *testing.T) {
	s := newSite(t)
	a := s.page(t, "/en/participants/MMR?without=ASEAN")
	a.says(t, "Association of Southeast Asian Nations: on", "members stand and it is not on the list", "It does not say that it refused or abstained.")
	a.saysNot(t, "boycott", "declined")
	names, rows := a.table("without")
	i := slices.Index(names, "Joint Statement on Combating Technology-Facilitated Trafficking in Persons")
	if i < 0 || !strings.Contains(textOf(rows[i]), "of 11") {
		t.Fatalf("without Myanmar: %v", names)
	}
	f := s.ask(t, "GET", "/en/participants/MMR/without.csv?group=ASEAN")
	all, err := csv.NewReader(strings.NewReader(f.body)).ReadAll()
	if err != nil || f.StatusCode != 200 || len(all)-1 < len(names) {
		t.Errorf("the file: %d, %d rows, %v", f.StatusCode, len(all), err)
	}
	// Whoever stands there is not told as absent.
	for _, r := range all[1:] {
		if p := s.ask(t, "GET", "/en/declarations/"+r[3]+"?participant=MMR"); strings.Contains(p.text, "Myanmar: on the list since") {
			t.Errorf("%s has Myanmar on its list", r[3])
		}
	}
	if a := s.ask(t, "GET", "/en/participants/MMR?without=EU"); a.StatusCode != 400 || !strings.Contains(a.text, "is in no way a member") {
		t.Errorf("a group of others answers %d: %.200s", a.StatusCode, a.text)
	}
	if a := s.ask(t, "GET", "/en/participants/MMR.csv?without=ASEAN"); a.StatusCode != 400 {
		t.Errorf("a file that cannot answer takes the question: %d", a.StatusCode)
	}
}

// TestD6_ThroughAGroup: a participant's page tells the lists on which it stands through a group only, in none of its numbers.
func TestD6_ThroughAGroup(t *testing.T) {
	s := newSite(t)
	before := s.page(t, "/en/participants/MLT")
	line := func(a *answer) string {
		return textOf(all(a.doc, func(n *html.Node) bool { return n.Data == "p" && hasClass(n, "line") })[0])
	}
	s.add(t, madeUp(register.Action{Participant: "FRA", Kind: register.Signed}, register.Action{Group: "EU", Kind: register.Signed}))
	after := s.page(t, "/en/participants/MLT")
	if line(before) != line(after) {
		t.Errorf("a list that does not name it changes its numbers: %q, %q", line(before), line(after))
	}
	after.says(t, "only through a group.", "Made-up Statement 1 Mar 2019 European Union")
	s.page(t, "/en/participants/FRA").saysNot(t, "Made-up Statement 1 Mar 2019 European Union")
	// Who watches it by its feed is told.
	feed := s.ask(t, "GET", "/feeds/participants/MLT.atom")
	if !strings.Contains(feed.body, "Made-up Statement") {
		t.Error("the feed of a participant does not tell of a list on which it stands through a group")
	}
	if feed := s.ask(t, "GET", "/feeds/participants/GBR.atom"); !strings.Contains(feed.body, "Made-up Statement") {
		t.Error("the United Kingdom, a member on the list’s day, is not told")
	}
	if feed := s.ask(t, "GET", "/feeds/participants/NOR.atom"); strings.Contains(feed.body, "Made-up Statement") {
		t.Error("Norway, no member, is told")
	}
}

// TestD14_D17_Participant: former names with dates, successors, and the years.
func TestD14_D17_Participant(t *testing.T) {
	s := newSite(t)
	s.page(t, "/en/participants/TUR").says(t, "Former name", "Turkey", "until 1 June 2022")
	s.page(t, "/en/participants/CSK").says(t, "After it", "Czechia", "Slovakia")
	a := s.page(t, "/en/participants/USA")
	a.says(t, "Year by year", "led", "left")
	figures := all(a.doc, func(n *html.Node) bool { return n.Data == "figure" && hasClass(n, "years") })
	if len(figures) != 1 || !strings.Contains(textOf(figures[0]), "by the years of the declarations") {
		t.Errorf("no chart of the years")
	}
	links := all(a.doc, func(n *html.Node) bool {
		return strings.Contains(attr(n, "href"), "signatory=USA") && strings.Contains(attr(n, "href"), "from=2024")
	})
	if len(links) != 1 {
		t.Fatalf("%d links to 2024", len(links))
	}
	s.page(t, attr(links[0], "href")).says(t, "2024")
}

// TestD9_InOrder: what led to a declaration stands before it, what followed after it.
func TestD9_InOrder(t *testing.T) {
	s := newSite(t)
	d := madeUp(register.Action{Participant: "FRA", Kind: register.Signed})
	d.Links = []register.Link{{Kind: "responds_to", Target: "safe-schools-2015", Note: "A test"}, {Kind: "related", Target: "tech-trafficking-2025", Note: "A test"}}
	s.add(t, d)
	order := func(target string) []string {
		var words []string
		a := s.page(t, target)
		for _, ol := range all(a.doc, func(n *html.Node) bool { return n.Data == "ol" && hasClass(n, "links") }) {
			for _, li := range all(ol, func(n *html.Node) bool { return n.Data == "li" }) {
				words = append(words, textOf(li))
			}
		}
		return words
	}
	got := order("/en/declarations/made-up-2019")
	if len(got) != 3 || !strings.Contains(got[0], "responds to Safe Schools") || !strings.Contains(got[1], "1 March 2019 this declaration") || !strings.Contains(got[2], "related Joint Statement on Combating") {
		t.Errorf("%q", got)
	}
	got = order("/en/declarations/safe-schools-2015")
	if n := len(got); n < 2 || !strings.Contains(got[n-1], "answered by Made-up Statement") {
		t.Errorf("%q", got)
	}
}

// TestD9_LinksThroughRenamesAndMergers: a link leads to the declaration that answers for its address, and that one leads back.
func TestD9_LinksThroughRenamesAndMergers(t *testing.T) {
	s := newSite(t)
	d := madeUp(register.Action{Participant: "FRA", Kind: register.Signed})
	d.Links = []register.Link{{Kind: "follows", Target: "tech-trafficking-2025"}}
	s.add(t, d)
	const tech = "Joint Statement on Combating Technology-Facilitated Trafficking in Persons"
	linked := func(slug, query string) (from []string) {
		var answer struct {
			Data struct {
				LinkedFrom []struct{ Declaration, Kind string } `json:"linked_from"`
			}
		}
		if err := json.Unmarshal([]byte(s.page(t, "/api/v1/declarations/"+slug+query).body), &answer); err != nil {
			t.Fatal(err)
		}
		for _, l := range answer.Data.LinkedFrom {
			from = append(from, l.Kind+" "+l.Declaration)
		}
		return from
	}
	back := []string{"follows made-up-2019"}
	if got := linked("tech-trafficking-2025", ""); !slices.Equal(got, back) {
		t.Errorf("linked from %q", got)
	}
	s.change(t, "tech-trafficking-2025", func(d *register.Declaration) { d.Slug = "tech-2025" })
	v, err := s.store.At(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	renamed := "?revision=" + itoa(v.Revision)
	s.page(t, "/en/declarations/tech-2025").says(t, "followed by Made-up Statement")
	if got := linked("tech-2025", ""); !slices.Equal(got, back) {
		t.Errorf("after a new address: linked from %q", got)
	}
	if a := s.page(t, "/en/declarations/made-up-2019"); !strings.Contains(a.body, `href="/en/declarations/tech-2025"`) {
		t.Error("the link leads to the address before")
	}
	// Retired into one that is retired in its turn.
	s.change(t, "tech-2025", func(d *register.Declaration) { d.MergedInto = "counter-ransomware-2024" })
	s.change(t, "counter-ransomware-2024", func(d *register.Declaration) { d.MergedInto = "online-scams-partnership-2025" })
	s.page(t, "/en/declarations/online-scams-partnership-2025").says(t, "followed by Made-up Statement")
	if got := linked("online-scams-partnership-2025", ""); !slices.Equal(got, back) {
		t.Errorf("after a merger: linked from %q", got)
	}
	a := s.page(t, "/en/declarations/made-up-2019")
	a.saysNot(t, tech)
	if !strings.Contains(a.body, `href="/en/declarations/online-scams-partnership-2025"`) {
		t.Error("the link does not lead to the declaration that answers")
	}
	// At the revision before, all is as it was then.
	if got := linked("online-scams-partnership-2025", renamed); got != nil {
		t.Errorf("before the merger: linked from %q", got)
	}
	if got := linked("tech-2025", renamed); !slices.Equal(got, back) {
		t.Errorf("before the merger: linked from %q", got)
	}
	s.page(t, "/en/declarations/made-up-2019"+renamed).says(t, "follows "+tech)
	// Retired into the one that links to it, it leads nowhere else.
	s.change(t, "online-scams-partnership-2025", func(d *register.Declaration) { d.MergedInto = "made-up-2019" })
	s.page(t, "/en/declarations/made-up-2019").saysNot(t, "follows", "followed by")
	if got := linked("made-up-2019", ""); got != nil {
		t.Errorf("of itself: linked from %q", got)
	}
}

// TestD19_Weight: official sources are listed before copies, copies before the press.
func TestD19_Weight(t *testing.T) {
	s := newSite(t)
	for _, slug := range []string{"tech-trafficking-2025", "artemis-accords-2020", "safe-schools-2015", "peace-framework-ukraine-2024"} {
		a := s.page(t, "/en/declarations/"+slug)
		last := 0
		for _, li := range all(a.doc, func(n *html.Node) bool { return n.Data == "li" && strings.HasPrefix(attr(n, "id"), "source-") }) {
			words := textOf(li)
			for i, kind := range []string{"(official)", "(copy)", "(press)", "(other)"} {
				if strings.Contains(words, kind) {
					if i < last {
						t.Errorf("%s: %s stands after weightier ones: %.80s", slug, kind, words)
					}
					last = i
					break
				}
			}
		}
	}
	s.page(t, "/en/declarations/tech-trafficking-2025").says(t, "of the press")
}

// TestD21_MarkedTitles: where there is no title in the reader's language the authentic one stands, and says what it is.
func TestD21_MarkedTitles(t *testing.T) {
	s := newSite(t)
	for target, want := range map[string]string{
		"/zh/declarations":                       "英文",
		"/zh/participants/KOR":                   "英文",
		"/zh/changes":                            "英文",
		"/zh/declarations/tech-trafficking-2025": "标题语文：英文。",
	} {
		a := s.page(t, target)
		a.says(t, want)
	}
	a := s.page(t, "/es/declarations")
	marked := 0
	for _, m := range all(a.doc, func(n *html.Node) bool { return n.Data == "small" && hasClass(n, "tongue") }) {
		marked++
		before := m.PrevSibling
		for before != nil && before.Type != html.ElementNode {
			before = before.PrevSibling
		}
		if before == nil || attr(before, "lang") == "" {
			t.Errorf("marked without a language: %s", textOf(m.Parent))
		}
	}
	others := all(a.doc, func(n *html.Node) bool {
		return n.Data == "bdi" && attr(n, "lang") != "" && n.Parent.Data == "a" && hasClass(n.Parent, "work")
	})
	if marked == 0 || marked != len(others) {
		t.Errorf("%d titles marked, %d in another language on the Spanish list", marked, len(others))
	}
	s.page(t, "/en/declarations").saysNot(t, "(English)")
}
