package web

import (
	"encoding/json"
	"html"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// searched is one line of testdata/searches.tsv.
type searched struct {
	line              int
	lang, query, want string
}

func searches(t *testing.T) (list []searched) {
	t.Helper()
	b, err := os.ReadFile("testdata/searches.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(b), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		columns := strings.Split(line, "\t")
		if len(columns) < 3 {
			t.Fatalf("line %d has %d columns", i+1, len(columns))
		}
		list = append(list, searched{i + 1, columns[0], columns[1], columns[2]})
	}
	return list
}

var hitLinks = regexp.MustCompile(`(?s)<h3[^>]*>\s*<a href="/../([^"]*)"`)

// firstOf are what the first things found lead to: participants/KOR, topics/human-rights, declarations/….
func firstOf(page string, n int) (list []string) {
	for _, m := range hitLinks.FindAllStringSubmatch(page, n) {
		list = append(list, strings.Replace(m[1], "declarations?topic=", "topics/", 1))
	}
	return list
}

// foundBy says whether what is wanted stands among the first found.
func foundBy(want string, first []string) bool {
	for either := range strings.SplitSeq(want, "|") {
		all := true
		for each := range strings.SplitSeq(either, "+") {
			all = all && slices.Contains(first, each)
		}
		if all {
			return true
		}
	}
	return false
}

// Of what readers type, at least 98 in 100 find what they should among the first three.
func TestSearchFinds(t *testing.T) {
	s := newSite(t)
	list := searches(t)
	missed := 0
	for _, c := range list {
		a := s.page(t, "/"+c.lang+"/search?q="+url.QueryEscape(c.query))
		if first := firstOf(a.body, 3); !foundBy(c.want, first) {
			missed++
			t.Logf("line %d: %q in %s finds %v, not %s", c.line, c.query, c.lang, first, c.want)
		}
	}
	t.Logf("%d of %d found among the first three", len(list)-missed, len(list))
	if len(list) < 60 || missed*50 > len(list) {
		t.Errorf("%d of %d searches do not find what they should among the first three", missed, len(list))
	}
}

// Whatever is typed there is an answer, or a sentence that says what to do, with what was typed still in its field.
func TestSearchTakesAnything(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct {
		query  string
		status int
		says   []string
	}{
		{`"`, 200, []string{"Type at least one letter or figure.", `value="&#34;"`}},
		{"%", 200, []string{"Type at least one letter or figure.", "All declarations"}},
		{"…!؟", 200, []string{"Type at least one letter or figure."}},
		{"'; drop table declaration; --", 200, []string{"Search: '; drop table declaration; --"}},
		{"the", 200, []string{"“the” alone says nothing."}},
		{"ال", 200, []string{"alone says nothing."}},
		{"\u202Egnikciffart\u202C Geneva", 200, []string{"Search: gnikciffart Geneva"}},
		{"\u2066\u202E\u200F", 200, []string{"Type at least one letter or figure."}},
		{"🇰🇷 ☮️", 200, []string{"Type at least one letter or figure."}},
		{"zzyzxq", 200, []string{"Nothing on the register matches “zzyzxq”.", "You can go on from here:"}},
		{strings.Repeat("人权 ", 66), 200, nil},
		{strings.Repeat("a ", 99), 200, nil},
		{strings.Repeat("ab", 150), 400, []string{"The search reads at most 200 characters.", `value="` + strings.Repeat("ab", 150) + `"`}},
		{strings.Repeat("ab", 5000), 414, []string{"The address is longer than this register reads."}},
		{"\x00", 400, []string{"The address holds bytes that are no text in UTF-8."}},
		{"\xed\xa0\x80", 400, nil},
		{"<script>alert(1)</script>", 200, []string{"&lt;script&gt;"}},
	} {
		a := s.ask(t, "GET", "/en/search?q="+url.QueryEscape(c.query))
		if a.StatusCode != c.status {
			t.Errorf("%.40q answers %d, want %d", c.query, a.StatusCode, c.status)
		}
		for _, w := range c.says {
			if !strings.Contains(a.body, w) && !strings.Contains(html.UnescapeString(a.body), w) {
				t.Errorf("%.40q: the page does not say %.60q", c.query, w)
			}
		}
		if strings.Contains(a.body, "<script>alert") || strings.Contains(a.body, "<h1>Search: \u202E") {
			t.Errorf("%.40q is not made harmless", c.query)
		}
		if s.ask(t, "GET", "/en/suggest.json?q="+url.QueryEscape(c.query)).StatusCode >= 500 {
			t.Errorf("%.40q breaks the suggestions", c.query)
		}
	}
}

// What was understood is said and can be taken away; what is ambiguous is asked; what was typed wrongly is said (D13, D14).
func TestSearchSaysWhatItUnderstood(t *testing.T) {
	s := newSite(t)
	a := s.page(t, "/en/search?q=KOR+trafficking+2025")
	a.says(t, "participant: Republic of Korea", "word: trafficking", "time: 2025", "Search for the words as typed instead", "Republic of Korea: leads, read out for it, in effect")
	for _, link := range []string{`href="/en/search?q=trafficking+2025"`, `href="/en/search?q=KOR+2025"`, `href="/en/search?q=KOR+trafficking"`,
		`href="/en/search?q=KOR+trafficking+2025&amp;plain=1"`, `href="/en/declarations?q=trafficking&amp;signatory=KOR&amp;from=2025&amp;to=2025"`, "<mark>Trafficking</mark>"} {
		if !strings.Contains(a.body, link) {
			t.Errorf("the page has no %s", link)
		}
	}
	s.page(t, "/en/search?q=KOR+trafficking+2025&plain=1").says(t, "Search for what the words name")
	s.page(t, "/en/search?q=Congo").says(t, "“Congo” can mean more than one participant. Choose one:", "Congo Democratic Republic of the Congo")
	s.page(t, "/en/search?q=Guinea").says(t, "Participants with a name like “Guinea”:", "Equatorial Guinea")
	s.page(t, "/en/search?q=Birmania").says(t, "Name that matches: Birmania (Spanish)")
	s.page(t, "/en/search?q=traficking").says(t, "“traficking” does not occur in the register. Words with a similar spelling were searched for.")
	s.page(t, "/en/search?q=Uruguay+Kampala+moon").says(t, "Nothing has all of this. Shown is what has a part of it.")
	if a := s.page(t, "/en/search?q=Consenso+de+Ginebra"); !strings.Contains(a.body, `<bdi lang="es" dir="ltr">`) {
		t.Error("a title in another language does not say its language")
	}
}

// Suggestions are few, in the reader's language, and say by which name something was found.
func TestSuggestions(t *testing.T) {
	s := newSite(t)
	a := s.page(t, "/fr/suggest.json?q=birman")
	var got struct {
		Said  string
		Items []struct{ Kind, Text, Note, URL string }
	}
	if err := json.Unmarshal([]byte(a.body), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Items) == 0 || got.Items[0].Text != "Myanmar" || got.Items[0].URL != "/fr/participants/MMR" || !strings.HasPrefix(got.Items[0].Note, "Birman") || !strings.Contains(got.Said, "suggestion") {
		t.Errorf("%+v", got)
	}
	if a.Header.Get("Content-Type") != "application/json" || a.Header.Get("ETag") == "" {
		t.Errorf("suggestions are sent as %v", a.Header)
	}
	// People who read out, occasions and places lead to a declaration that does not name them in its title: it says which.
	for q, note := range map[string]string{"Cha%20Ji-hoon": `"note":"Read out by: Ambassador Cha Ji-hoon`, "headquarters%20new%20york": `"note":"Place: United Nations Headquarters, New York"`,
		"high-level%20meeting%20appraisal": `"note":"Occasion: `, "joint%20statement%20technology-facilitated": `"text":"Joint Statement on Combating Technology-Facilitated Trafficking in Persons","url"`} {
		if a := s.page(t, "/en/suggest.json?q="+q); !strings.Contains(a.body, note) {
			t.Errorf("%s: no %s in %s", q, note, a.body)
		}
	}
	if a := s.page(t, "/en/suggest.json?q=republic"); strings.Count(a.body, `"url"`) != suggestionsShown {
		t.Errorf("not %d suggestions: %s", suggestionsShown, a.body)
	}
	if a := s.page(t, "/en/suggest.json"); !strings.Contains(a.body, `"items":[]`) {
		t.Errorf("suggestions for nothing: %s", a.body)
	}
	for _, address := range []string{"/en/suggest", "/en/suggest.csv"} {
		if a := s.ask(t, "GET", address); a.StatusCode != 404 {
			t.Errorf("%s answers %d", address, a.StatusCode)
		}
	}
}

// Filters say how many declarations each of their values leaves, under all the others, and can be taken away one by one.
func TestFiltersCount(t *testing.T) {
	s := newSite(t)
	a := s.page(t, "/en/declarations?topic=human-rights&from=2022&to=2023")
	a.says(t, "human rights (", "topic: human rights", "from: 2022", "Narrow the list")
	for _, link := range []string{`href="/en/declarations?from=2022&amp;to=2023"`, `<option value="xinjiang">xinjiang`, `href="/en/declarations?topic=human-rights&amp;from=2022&amp;to=2022"`} {
		if !strings.Contains(strings.ToLower(a.body), link) {
			t.Errorf("the page has no %s", link)
		}
	}
	if strings.Contains(a.body, `<option value="moon">`) == true {
		if m := regexp.MustCompile(`<option value="moon">[^<]*\((\d+)\)`).FindStringSubmatch(a.body); m == nil || m[1] == "0" {
			t.Errorf("a topic that leaves nothing is offered: %v", m)
		}
	}
}

// The first day of 1970 is a day as any other, also where the lists of filters are made.
func TestFirstDayOf1970(t *testing.T) {
	s := newSite(t)
	for _, at := range []string{"/en/declarations", "/en/declarations?as_of=1970-01-01", "/en/matrix?as_of=1970-01-01"} {
		if a := s.ask(t, "GET", at); a.StatusCode != 200 {
			t.Errorf("%s answers %d", at, a.StatusCode)
		}
	}
	if a := s.ask(t, "GET", "/en/search?revision=1&q="+strings.Repeat("a", 201)); a.StatusCode != 400 || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("a question that is too long: %d, %q", a.StatusCode, a.Header.Get("Cache-Control"))
	}
}
