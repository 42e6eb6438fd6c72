package web

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"cosignatory/store/register"
	"cosignatory/templates/i18n"
)

// questionPages are the pages of questions about the shipped register.
var questionPages = []string{"/compare", "/compare?d=geneva-consensus-2020", "/compare?d=geneva-consensus-2020&d=tech-trafficking-2025", "/compare?p=KOR&p=JPN&p=FRA",
	"/compare?d=geneva-consensus-2020&d=tech-trafficking-2025&group=ASEAN&only=tech-trafficking-2025", "/matrix", "/matrix?order=similarity&group=EU", "/matrix?order=name&topic=none-of-it",
	"/declarations/geneva-consensus-2020/growth", "/participants/KOR/together", "/participants/KOR/led", "/groups/EU/signing"}

// answered is a CSV file as rows by the names of its columns.
func (s *site) answered(t *testing.T, target string) []map[string]string {
	t.Helper()
	a := s.ask(t, "GET", target)
	if a.StatusCode != 200 || a.Header.Get("Content-Type") != "text/csv; charset=utf-8; header=present" {
		t.Fatalf("%s answers %d %s: %.300s", target, a.StatusCode, a.Header.Get("Content-Type"), a.text)
	}
	all, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
	if err != nil {
		t.Fatal(target, err)
	}
	var rows []map[string]string
	for _, line := range all[1:] {
		row := map[string]string{}
		for i, name := range all[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func TestQuestionsInEveryLanguage(t *testing.T) {
	s := newSite(t)
	for _, l := range i18n.Languages() {
		for _, path := range questionPages {
			if strings.Contains(path, "none-of-it") {
				continue
			}
			a := s.page(t, "/"+l.Code+path)
			if strings.Contains(a.text, "{{") || strings.Contains(a.text, "%!") {
				t.Errorf("%s in %s has a message that is not filled in", path, l.Code)
			}
			ids := map[string]bool{}
			for _, n := range all(a.doc, func(n *html.Node) bool { return attr(n, "id") != "" }) {
				if ids[attr(n, "id")] {
					t.Errorf("%s in %s: the id %s stands twice", path, l.Code, attr(n, "id"))
				}
				ids[attr(n, "id")] = true
			}
			for _, n := range all(a.doc, func(n *html.Node) bool { return n.Data == "a" && strings.HasPrefix(attr(n, "href"), "/") }) {
				if l.Code != "en" || strings.Contains(attr(n, "href"), "/staff") {
					continue
				}
				if href := attr(n, "href"); strings.Contains(href, "compare") || strings.Contains(href, "matrix") || strings.Contains(href, "/together") {
					if r := s.ask(t, "HEAD", strings.SplitN(href, "#", 2)[0]); r.StatusCode != 200 {
						t.Errorf("%s leads to %s: %d", path, href, r.StatusCode)
					}
				}
			}
		}
	}
}

// Of the statement of 24 November 2025 and the Geneva declaration Indonesia alone is on both.
func TestCompareDeclarations(t *testing.T) {
	s := newSite(t)
	const two = "?d=geneva-consensus-2020&d=tech-trafficking-2025"
	a := s.page(t, "/en/compare"+two)
	a.says(t, "On all of them (1)", "On some of them (49)", "Indonesia", "0.02", "on A, not on B", "who is not on the list, by group", "Jaccard is the number on both")
	a.saysNot(t, "On none of them")
	rows := s.answered(t, "/en/compare.csv"+two)
	if len(rows) != 50 || rows[0]["participant"] != "IDN" || rows[0]["part"] != "all" || rows[0]["on_count"] != "2" || rows[0]["geneva-consensus-2020"] != "in_effect" {
		t.Errorf("%d rows, the first %v", len(rows), rows[0])
	}
	only := s.answered(t, "/en/compare.csv"+two+"&only=tech-trafficking-2025")
	var who []string
	for _, r := range only {
		who = append(who, r["participant"])
		if r["part"] != "only" || r["tech-trafficking-2025"] != "in_effect" {
			t.Errorf("only: %v", r)
		}
		if r["participant"] == "BRA" && r["geneva-consensus-2020"] != "left" {
			t.Errorf("Brazil had left the first: %v", r)
		}
	}
	if len(who) != 11 || slices.Contains(who, "IDN") {
		t.Errorf("only on the second: %v", who)
	}
	asean := s.page(t, "/en/compare"+two+"&group=ASEAN")
	asean.says(t, "On none of them (4)", "Only members of the group", "Myanmar")
	if r := s.answered(t, "/en/compare.csv"+two+"&group=ASEAN"); len(r) != 11 {
		t.Errorf("%d members of ASEAN, want 11", len(r))
	}
	h := s.ask(t, "HEAD", "/en/compare.csv"+two+"&group=ASEAN").Header.Get("Content-Disposition")
	if !strings.Contains(h, "cosignatory-compare-2026-11-23-r27-filtered.csv") {
		t.Errorf("a filtered file is called %s", h)
	}
	if pairs := s.answered(t, "/en/compare.csv"+two+"&table=pairs"); len(pairs) != 1 || pairs[0]["common_count"] != "1" || pairs[0]["first_count"] != "39" ||
		pairs[0]["second_count"] != "12" || pairs[0]["jaccard"] != "0.0200" {
		t.Errorf("pairs: %v", pairs)
	}
	// In December 2020 the second had not been made; Brazil had not left the first.
	then := s.answered(t, "/en/compare.csv"+two+"&as_of=2020-12-31")
	for _, r := range then {
		if r["tech-trafficking-2025"] != "" || r["participant"] == "BRA" && r["geneva-consensus-2020"] != "in_effect" {
			t.Errorf("in 2020: %v", r)
		}
	}
	if len(then) != 32 {
		t.Errorf("%d in 2020, want 32", len(then))
	}
	// A form leaves fields empty.
	s.page(t, "/en/compare?d=geneva-consensus-2020&d=&d=tech-trafficking-2025&d=&group=").says(t, "On all of them (1)")
}

func TestCompareKeepsClassesApart(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(
		register.Action{Participant: "KOR", Kind: register.Signed},
		register.Action{Participant: "JPN", Kind: register.AlignedItself, Capacity: register.Aligned},
		register.Action{Participant: "THA", Kind: register.Joined, Date: register.MustDate("2026")},
		register.Action{Group: "EU", Kind: register.Signed},
	))
	const two = "?d=made-up-2019&d=tech-trafficking-2025"
	a := s.page(t, "/en/compare"+two+"&as_of=2026-06-01")
	a.says(t, "On all of them (1)", "Unsettled on at least one (1)", "Implied by a group only (28)", "supporter or aligned", "implied by a group")
	marks := map[string]string{}
	for _, r := range s.answered(t, "/en/compare.csv"+two+"&as_of=2026-06-01") {
		marks[r["participant"]] = r["part"] + " " + r["made-up-2019"] + " " + r["tech-trafficking-2025"]
	}
	for who, want := range map[string]string{"KOR": "all in_effect in_effect", "JPN": "some beside in_effect", "THA": "unsettled unsettled in_effect",
		"FRA": "implied_by_group implied_by_group ", "AUS": "some  in_effect"} {
		if marks[who] != want {
			t.Errorf("%s: %q, want %q", who, marks[who], want)
		}
	}
	g := s.page(t, "/en/declarations/made-up-2019/growth?as_of=2026-06-01")
	g.says(t, "1 Jan 2026", "Thailand", "unsettled besides", "counted from the declaration’s date")
	rows := s.answered(t, "/en/declarations/made-up-2019/growth.csv?as_of=2026-06-01")
	if len(rows) != 2 || rows[0]["change"] != "joined" || rows[0]["counted_from"] != "declaration_date" || rows[1]["change"] != "unsettled" || rows[1]["unsettled_count"] != "1" {
		t.Errorf("growth: %v", rows)
	}
}

func TestCompareParticipants(t *testing.T) {
	s := newSite(t)
	a := s.page(t, "/en/compare?p=KOR&p=Japan&p=FRA")
	a.says(t, "With all, with some, with none", "With all of them (6)", "With some of them (8)", "with Japan, without the others", "Republic of Korea", "have none of them on it")
	rows := s.answered(t, "/en/compare.csv?p=KOR&p=JPN&only=JPN")
	if len(rows) != 4 {
		t.Errorf("%d only with Japan, want 4 (11 less 7)", len(rows))
	}
	var doc struct {
		File string
		Rows []map[string]any
	}
	if err := json.Unmarshal([]byte(s.ask(t, "GET", "/en/compare.json?p=KOR&p=JPN").body), &doc); err != nil || doc.File != "compared_declarations" || len(doc.Rows) != 11 {
		t.Errorf("JSON: %v, %+v", err, doc)
	}
}

func TestCompareRefuses(t *testing.T) {
	s := newSite(t)
	many := "?d=geneva-consensus-2020"
	for i := range 499 {
		many += fmt.Sprintf("&d=x%d", i)
	}
	for target, want := range map[string]string{
		"/en/compare" + many: "Two to six",
		"/en/compare?p=KOR&p=JPN&p=FRA&p=USA&p=DEU&p=ITA&p=ESP": "Two to six",
		"/en/compare.csv?d=geneva-consensus-2020":               "Fewer than two",
		"/en/compare.csv": "Fewer than two",
		"/en/compare?d=geneva-consensus-2020&d=geneva-consensus-2020":          "is named twice",
		"/en/compare?p=KOR&p=Republic of Korea":                                "is named twice",
		"/en/compare?d=geneva-consensus-2020&p=KOR":                            "not both at once",
		"/en/compare?d=geneva-consensus-2020&d=nothing":                        "No declaration is called",
		"/en/compare?p=KOR&p=ZZZ":                                              "No participant has the code",
		"/en/compare?p=KOR&p=JPN&only=FRA":                                     "is not among those compared",
		"/en/compare?p=KOR&p=JPN&group=EU":                                     "only where declarations are compared",
		"/en/compare?d=geneva-consensus-2020&d=tech-trafficking-2025&group=XX": "No group has the code",
		"/en/compare?p=KOR&p=JPN&as_of=2025-13-40":                             "is no day of the calendar",
		"/en/compare?p=KOR&p=JPN&revision=99999":                               "has not been published",
		"/en/compare?p=KOR&p=JPN&table=all":                                    "is no value of",
		"/en/compare?p=KOR&p=JPN&page=0":                                       "is no page",
		"/en/matrix?order=chance":                                              "is no value of",
		"/en/participants/KOR/together?sort=luck":                              "cannot be sorted",
		"/en/participants/KOR/led?sort=lift":                                   "cannot be sorted",
		"/en/matrix?d=geneva-consensus-2020":                                   "There is no filter called",
	} {
		a := s.ask(t, "GET", strings.ReplaceAll(target, " ", "%20"))
		if a.StatusCode != 400 || !strings.Contains(a.text, want) {
			t.Errorf("%.80s answers %d: %.300s", target, a.StatusCode, a.text)
		}
	}
	for _, target := range []string{"/en/participants/ZZZ/together", "/en/groups/XX/signing.csv", "/en/declarations/nothing/growth", "/en/participants/together",
		"/en/compare?p=KOR&p=JPN&page=9", "/en/matrix?page=9"} {
		if a := s.ask(t, "GET", target); a.StatusCode != 404 {
			t.Errorf("%s answers %d", target, a.StatusCode)
		}
	}
}

// Whatever is compared, the clocks of the address hold for the links of the page, and a slug of old leads to that of today.
func TestCompareFollowsRetiredSlugs(t *testing.T) {
	s := newSite(t)
	s.change(t, "tech-trafficking-2025", func(d *register.Declaration) { d.Slug = "trafficking-2025" })
	s.page(t, "/en/compare?d=geneva-consensus-2020&d=tech-trafficking-2025").says(t, "On all of them (1)")
	if rows := s.answered(t, "/en/compare.csv?d=geneva-consensus-2020&d=tech-trafficking-2025"); rows[0]["trafficking-2025"] != "in_effect" {
		t.Errorf("%v", rows[0])
	}
	if a := s.ask(t, "GET", "/en/declarations/tech-trafficking-2025/growth.csv"); a.StatusCode != 308 || a.Header.Get("Location") != "/en/declarations/trafficking-2025/growth.csv" {
		t.Errorf("%d to %s", a.StatusCode, a.Header.Get("Location"))
	}
}

func TestTogetherPages(t *testing.T) {
	s := newSite(t)
	a := s.page(t, "/en/participants/KOR")
	a.says(t, "Who signs with it most", "The first 10 of", "of the 7 lists", "with fewer than 5 in common", "What it leads, and whom it brings")
	rows := s.answered(t, "/en/participants/KOR/together.csv")
	if r := rows[0]; r["other"] != "JPN" || r["common_count"] != "7" || r["share"] != "1.0000" || r["base_count"] != "25" || r["lift"] != "2.2727" { // 7 × 25 / (7 × 11)
		t.Errorf("the first: %v", r)
	}
	for _, r := range rows {
		if few := r["common_count"] < "5"; few != (r["lift"] == "") {
			t.Errorf("a lift on too few, or none on enough: %v", r)
		}
	}
	names, _ := s.page(t, "/en/participants/KOR/together?sort=name").table("companions")
	if len(names) != len(rows) || names[0] != "Afghanistan" && names[0] != "Albania" {
		t.Errorf("by name: %v", names[:3])
	}
	led := s.answered(t, "/en/participants/KOR/led.csv")
	if len(led) != 11 || led[0]["led_count"] != "1" || led[0]["share"] != "1.0000" {
		t.Errorf("led: %d rows, %v", len(led), led[0])
	}
	if pairs := s.answered(t, "/en/participants/together.csv"); len(pairs) < 5000 {
		t.Errorf("%d pairs", len(pairs))
	}
	s.page(t, "/en/participants/VAT/led").says(t, "It leads no declaration")
	s.page(t, "/en/participants/KOR/together?as_of=1990-01-01").says(t, "It stands on no list")
}

func TestSigningPages(t *testing.T) {
	s := newSite(t)
	a := s.page(t, "/en/groups/EU")
	a.says(t, "How its members sign", "Cohesion", "The newest 10 of", "being on no list is no position")
	rows := s.answered(t, "/en/groups/EU/signing.csv")
	sum := 0.0
	for _, r := range rows {
		var f float64
		if _, err := fmt.Sscan(r["share"], &f); err != nil {
			t.Fatal(err)
		}
		sum += f
	}
	p, _ := i18n.For("en")
	a.says(t, "Cohesion "+p.Percent(sum/float64(len(rows))))
}

func TestMatrixPage(t *testing.T) {
	s := newSite(t)
	a := s.page(t, "/en/matrix?group=EU")
	a.says(t, "Shown: participants, 27; declarations,", "the file has all of them", "Eastern European States", "in effect")
	file := s.answered(t, "/en/matrix.csv?group=EU")
	if len(file) != 27 {
		t.Errorf("%d rows in the file", len(file))
	}
	heads := 0
	for _, n := range all(a.doc, func(n *html.Node) bool { return n.Data == "table" && hasClass(n, "matrix") }) {
		heads = len(all(n, func(n *html.Node) bool { return n.Data == "th" && attr(n, "scope") == "col" }))
	}
	if heads != len(file[0])-1 {
		t.Errorf("%d columns on the page, %d in the file", heads, len(file[0])-1)
	}
	if first, second := s.page(t, "/en/matrix?order=similarity").body, s.page(t, "/en/matrix?order=similarity").body; first != second {
		t.Error("the order by similarity changes")
	}
}

func TestGrowthPage(t *testing.T) {
	s := newSite(t)
	a := s.page(t, "/en/declarations/geneva-consensus-2020/growth")
	a.says(t, "32 in effect at first, 39 at the end", "28 Jan 2021", "United States of America", "Date not recorded", "Oman")
	svg := all(a.doc, func(n *html.Node) bool { return n.Data == "svg" && attr(n, "role") == "img" })
	if len(svg) != 1 || len(all(svg[0], func(n *html.Node) bool { return n.Data == "title" || n.Data == "desc" })) != 2 {
		t.Error("the chart has no title and description")
	}
	s.page(t, "/en/declarations/geneva-consensus-2020").says(t, "How the list grew", "Day by day, with names", "Compare with another declaration")
	s.page(t, "/en/declarations/geneva-consensus-2020/growth?as_of=2019-01-01").says(t, "Nobody is named on this list by this day")
	still := s.page(t, "/en/declarations/tech-trafficking-2025?as_of=2026-01-31")
	still.says(t, "No change from 24 November 2025 to 31 January 2026: 12 in effect throughout.")
	still.saysNot(t, "12 in effect at first")
	s.page(t, "/en/declarations/tech-trafficking-2025?as_of=2025-11-24").says(t, "24 November 2025: 12 in effect.")
	rows := s.answered(t, "/en/declarations/geneva-consensus-2020/growth.csv")
	if last := rows[len(rows)-1]; last["participant"] != "USA" || last["date"] != "2025-01-24" || last["in_effect_count"] != "39" {
		t.Errorf("the last: %v", last)
	}
}
