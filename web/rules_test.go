package web

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"cosignatory/store"
	"cosignatory/store/register"
)

// TestD3_StatedNamedNotNamed is the mission's own case: the counts, and a source for every name.
func TestD3_StatedNamedNotNamed(t *testing.T) {
	s := newSite(t)
	a := s.page(t, "/en/declarations/tech-trafficking-2025")
	a.says(t, "44 stated · 12 named · 32 not named in any source on record", "Republic of Korea", "24 November 2025")
	names, rows := a.table("signatories")
	if len(names) != 12 {
		t.Fatalf("%d rows, want 12: %v", len(names), names)
	}
	for i, row := range rows {
		links := all(row, func(n *html.Node) bool { return strings.HasPrefix(attr(n, "href"), "#source-") })
		if len(links) == 0 {
			t.Errorf("%s has no source", names[i])
			continue
		}
		id := strings.TrimPrefix(attr(links[0], "href"), "#")
		if len(all(a.doc, func(n *html.Node) bool { return attr(n, "id") == id })) != 1 {
			t.Errorf("%s of %s is nowhere on the page", id, names[i])
		}
	}
	// Who left is named, and in its own number.
	s.page(t, "/en/declarations/geneva-consensus-2020").says(t, "40 stated · 41 named · 39 in effect · 2 left · 1 not named")
}

func TestPeaceFrameworkHistoricLists(t *testing.T) {
	s := newSite(t)
	on := func(day string) []string {
		a := s.page(t, "/en/declarations/peace-framework-ukraine-2024?as_of="+day)
		names, _ := a.table("signatories")
		if day == "2024-06-17" {
			a.says(t, "3 participants left", "dropped from the list without explanation", "78 states stated · 85 named · 82 in effect · 3 left")
			left, _ := a.table("left")
			if !slices.Equal(left, []string{"Iraq", "Jordan", "Rwanda"}) {
				t.Errorf("left: %v", left)
			}
		} else {
			a.says(t, "80 states stated · 84 named")
			a.saysNot(t, "No longer on the list")
		}
		return names
	}
	first, second := on("2024-06-16"), on("2024-06-17")
	if len(first) != 84 || len(second) != 82 {
		t.Errorf("%d and %d on the lists, want 84 and 82", len(first), len(second))
	}
	for _, name := range []string{"Iraq", "Jordan", "Rwanda"} {
		if !slices.Contains(first, name) || slices.Contains(second, name) {
			t.Errorf("%s is not on the first list, or on the second", name)
		}
	}
	if who := "Ecumenical Patriarchate of Constantinople"; slices.Contains(first, who) || !slices.Contains(second, who) {
		t.Errorf("%s is on the first list, or not on the second", who)
	}
}

func TestD1_GenevaUnitedStates(t *testing.T) {
	s := newSite(t)
	const usa = "United States of America"
	for _, c := range []struct {
		day      string
		on, left bool
	}{{"2020-12-31", true, false}, {"2021-01-28", false, true}, {"2022-01-01", false, true}, {"2026-11-23", true, false}} {
		a := s.page(t, "/en/declarations/geneva-consensus-2020?as_of="+c.day)
		on, _ := a.table("signatories")
		left, rows := a.table("left")
		if slices.Contains(on, usa) != c.on || slices.Contains(left, usa) != c.left {
			t.Errorf("%s: on the list %v, left %v; want %v, %v", c.day, slices.Contains(on, usa), slices.Contains(left, usa), c.on, c.left)
		}
		if i := slices.Index(left, usa); i >= 0 && !strings.Contains(textOf(rows[i]), "28 Jan 2021 withdrawal reported") {
			t.Errorf("%s: %s", c.day, textOf(rows[i]))
		}
	}
	a := s.page(t, "/en/declarations/geneva-consensus-2020")
	a.says(t, "back on the list", "First on the list since 22 October 2020; left and rejoined.", "One participant rejoined:", "Disputed: A Colombian press report dates the withdrawal")
	s.page(t, "/en/participants/USA").says(t, "back on the list")
}

func TestD4_Composition(t *testing.T) {
	s := newSite(t)
	s.page(t, "/en/declarations/arbitrary-detention-2021?as_of=2021-02-15").says(t, "58 states and the European Union", "58 states stated · 59 named")
	s.page(t, "/en/declarations/tech-trafficking-2025").says(t, "12 UN members", "9 Asia-Pacific")
	s.add(t, madeUp(
		register.Action{Participant: "FRA", Kind: register.Signed},
		register.Action{Participant: "VAT", Kind: register.Signed},
		register.Action{Participant: "XKX", Kind: register.Signed},
		register.Action{Participant: "EUE", Kind: register.Signed},
		register.Action{Participant: "JPN", Kind: register.AlignedItself, Capacity: register.Aligned},
		register.Action{Participant: "KOR", Kind: register.Endorsed, Capacity: register.Supporter},
	))
	a := s.page(t, "/en/declarations/made-up-2019")
	a.says(t, "one UN member, one observer state, one other entity and the European Union", "4 named", "no number is stated",
		"2 participants stand beside the list and are not counted as on it", "1 no group")
	if names, _ := a.table("signatories"); slices.Contains(names, "Japan") || slices.Contains(names, "Republic of Korea") {
		t.Errorf("those beside the list are on it: %v", names)
	}
}

func TestD6_GroupLines(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(register.Action{Participant: "FRA", Kind: register.Signed}, register.Action{Group: "EU", Kind: register.Signed}))
	a := s.page(t, "/en/declarations/made-up-2019?missing=EU")
	a.says(t, "European Union: 28 members on 1 March 2019, implied by the group", "27 more are implied by a group, and counted neither as named nor as not named.",
		"27 of 27 members are on the list: European Union.", "Every member of the group is on the list.")
	if names, _ := a.table("signatories"); !slices.Equal(names, []string{"France"}) {
		t.Errorf("named: %v", names)
	}
}

// TestD3_Ever: the fourth count is told in words where it is another than that of the names.
func TestD3_Ever(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(register.Action{Participant: "FRA", Kind: register.Signed}, register.Action{Participant: "JPN", Kind: register.Signed},
		register.Action{Participant: "JPN", Kind: register.Withdrew, Reason: "withdrew_by_notice", Date: register.MustDate("2020-01-01")},
		register.Action{Group: "EU", Kind: register.Signed}))
	a := s.page(t, "/en/declarations/made-up-2019")
	a.says(t, "2 named · 1 in effect · 1 left", "27 more are implied by a group",
		"29 participants in all were ever on the list, by name or through a group, those that left included.")
	s.page(t, "/en/declarations/geneva-consensus-2020").saysNot(t, "ever on the list")
}

func TestD7_NotOnTheList(t *testing.T) {
	s := newSite(t)
	a := s.page(t, "/en/declarations/tech-trafficking-2025?missing=ASEAN")
	a.says(t, "of 11 members are on the list: Association of Southeast Asian Nations.", "Timor-Leste",
		"“Not on the list” says only that no source on record names the participant. It does not say that it refused or abstained.")
	a.saysNot(t, "did not sign", "declined", "boycott")
}

func TestD9_LinksBothWays(t *testing.T) {
	s := newSite(t)
	d := madeUp(register.Action{Participant: "FRA", Kind: register.Signed})
	d.Links = []register.Link{{Kind: "responds_to", Target: "tech-trafficking-2025", Note: "A test"}}
	s.add(t, d)
	s.page(t, "/en/declarations/made-up-2019").says(t, "responds to Joint Statement on Combating Technology-Facilitated Trafficking in Persons")
	s.page(t, "/en/declarations/tech-trafficking-2025").says(t, "answered by Made-up Statement")
}

func TestD11_PartialDates(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(
		register.Action{Participant: "FRA", Kind: register.Signed},
		register.Action{Participant: "JPN", Kind: register.Joined, Date: register.MustDate("2022-05")},
		register.Action{Participant: "KOR", Kind: register.Joined},
		register.Action{Participant: "CHN", Kind: register.Signed}, register.Action{Participant: "CHN", Kind: register.Withdrew, Reason: "withdrew_by_notice", Date: register.MustDate("2022")},
	))
	a := s.page(t, "/en/declarations/made-up-2019?as_of=2022-05-10")
	a.says(t, "4 named · 2 in effect · 2 unsettled", "Japan Joined between 1 May 2022 and 31 May 2022.", "China Left between 1 January 2022 and 31 December 2022.",
		"Date not recorded; counted from the declaration’s date, 1 March 2019.", "Date not recorded; counted from the date of its source, 5 March 2019.")
	if names, _ := a.table("signatories"); !slices.Equal(names, []string{"France", "Republic of Korea"}) {
		t.Errorf("in effect: %v", names)
	}
	a = s.page(t, "/en/declarations/made-up-2019?as_of=2019-03-02")
	a.says(t, "after 2 March 2019", "2 more participants joined later.")
	a.saysNot(t, "Japan Joined")
	a = s.page(t, "/en/declarations/made-up-2019")
	a.says(t, "Only the month is known; counted from its last day.")
	i, j := strings.Index(a.text, "What happened"), strings.LastIndex(a.text, "date not recorded")
	if i < 0 || j < strings.LastIndex(a.text, "One participant left, withdrew by notice:") {
		t.Error("what nobody can date does not come last")
	}
	s.page(t, "/en/participants/JPN?as_of=2022-05-10").says(t, "unsettled: between 1 May 2022 and 31 May 2022")
	s.page(t, "/en/participants/CHN").says(t, "left 2022: withdrew by notice")
}

func TestD14_Names(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(register.Action{Participant: "TUR", Kind: register.Signed, NameAsPrinted: "TURKEY*"}, register.Action{Participant: "FRA", Kind: register.Signed, NameAsPrinted: "France"}))
	a := s.page(t, "/en/declarations/made-up-2019")
	a.says(t, "Türkiye named Turkey on the declaration’s date printed: TURKEY*")
	if strings.Contains(a.text, "printed: France") {
		t.Error("a printed name that is the one shown is repeated")
	}
	// A printed name in another language than the page is marked.
	a = s.page(t, "/en/declarations/tech-trafficking-2025")
	if n := all(a.doc, func(n *html.Node) bool { return attr(n, "lang") == "ko" && textOf(n) == "일본" }); len(n) != 1 {
		t.Error("일본 is not marked as Korean")
	}
}

func TestD15_Orders(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(
		register.Action{Participant: "VNM", Kind: register.Signed, PrintedPosition: 2, NameAsPrinted: "Viet Nam"},
		register.Action{Participant: "YEM", Kind: register.Signed},
		register.Action{Participant: "KOR", Kind: register.Signed, PrintedPosition: 1},
		register.Action{Participant: "GMB", Kind: register.Signed},
		register.Action{Participant: "EUE", Kind: register.Signed},
	))
	for _, c := range []struct{ query, want string }{
		{"", "European Union|Gambia|Republic of Korea|Viet Nam|Yemen"},
		{"?order=name", "European Union|Gambia|Republic of Korea|Viet Nam|Yemen"},
		{"?order=region", "Gambia|Republic of Korea|Viet Nam|Yemen|European Union"},
		{"?order=printed", "Republic of Korea|Viet Nam|Yemen|Gambia|European Union"},
	} {
		a := s.page(t, "/en/declarations/made-up-2019"+c.query)
		if names, _ := a.table("signatories"); strings.Join(names, "|") != c.want {
			t.Errorf("%s: %s, want %s", c.query, strings.Join(names, "|"), c.want)
		}
	}
	// The file has the order that is asked for, and that of codes where none is.
	plain := s.page(t, "/en/declarations/made-up-2019.csv?revision=28").body
	for _, c := range []struct{ query, want string }{
		{"?", "EUE|GMB|KOR|VNM|YEM"}, {"?order=printed", "KOR|VNM|YEM|GMB|EUE"}, {"?order=region", "GMB|KOR|VNM|YEM|EUE"}, {"?order=name", "EUE|GMB|KOR|VNM|YEM"},
	} {
		a := s.page(t, "/en/declarations/made-up-2019.csv"+c.query+"&revision=28")
		var codes []string
		for _, row := range csvRows(t, a.body)[1:] {
			codes = append(codes, row[3])
		}
		if strings.Join(codes, "|") != c.want || len(a.body) != len(plain) {
			t.Errorf("%s: %s, want %s", c.query, strings.Join(codes, "|"), c.want)
		}
		var j struct {
			Rows []struct{ Participant string }
		}
		if err := json.Unmarshal([]byte(s.page(t, "/en/declarations/made-up-2019.json"+c.query).body), &j); err != nil {
			t.Fatal(err)
		}
		codes = codes[:0]
		for _, row := range j.Rows {
			codes = append(codes, row.Participant)
		}
		if strings.Join(codes, "|") != c.want {
			t.Errorf("%s as JSON: %s, want %s", c.query, strings.Join(codes, "|"), c.want)
		}
		for _, format := range []string{"csv", "json", "xlsx"} {
			want := "/en/declarations/made-up-2019." + format + c.query
			if links := s.page(t, "/en/declarations/made-up-2019"+strings.TrimSuffix(c.query, "?")).links(isFoot); !slices.ContainsFunc(links, func(l string) bool {
				return strings.HasPrefix(l, want) && strings.Contains(l, "order=") == (c.query != "?")
			}) {
				t.Errorf("the page does not lead to %s: %v", want, links)
			}
			s.page(t, want)
		}
	}
	if a := s.ask(t, "GET", "/en/declarations/made-up-2019.csv?order=size", "Accept", "text/html"); a.StatusCode != 400 || !strings.Contains(a.text, "printed as printed") {
		t.Errorf("an order that there is not: %d", a.StatusCode)
	}
	s.page(t, "/en/declarations/made-up-2019?order=printed").says(t, "Place in the printed list not recorded; in the order of the record", "No. 1 in the printed list")
}

func TestD17_SuccessorsAndFormerNames(t *testing.T) {
	s := newSite(t)
	s.page(t, "/en/participants/TUR").says(t, "Former name Turkey", "until 1 June 2022")
	s.page(t, "/en/participants/CSK").says(t, "After it", "Czechia", "Slovakia")
	s.page(t, "/en/participants/VAT").says(t, "observer state", "no group")
	s.page(t, "/en/participants/SVK").says(t, "Before it", "Czechoslovakia")
	s.page(t, "/en/participants/NAM").says(t, "ISO 3166-1 alpha-2 NA", "M49 516")
	s.page(t, "/en/participants/AFG").says(t, "M49 004")
}

func TestD5_Lead(t *testing.T) {
	s := newSite(t)
	d := madeUp(register.Action{Participant: "FRA", Kind: register.Signed})
	d.Sponsors = []string{"DEU"}
	s.add(t, d)
	a := s.page(t, "/en/declarations/made-up-2019")
	a.says(t, "Led by Germany Not counted among the signatories: no source says that it is one.", "1 named")
	s.page(t, "/en/participants/DEU").says(t, "no signature on record", "led it")
}

// TestD5_PresenterCounted: the recorded answer is told of the delegation that it is about, and makes nobody a signatory.
func TestD5_PresenterCounted(t *testing.T) {
	const (
		no      = "Not counted among the signatories: a source says so."
		yes     = "A source counts it among the signatories, but no participation is recorded: it is not on the list, and in none of the counts."
		unknown = "Not counted among the signatories: no source says that it is one."
		on      = "Counted among the signatories: a source says so."
	)
	s := newSite(t)
	d := madeUp(register.Action{Participant: "JPN", Kind: register.Signed})
	d.Stated = []register.Stated{{Count: 44, Counts: register.StatesOnly, Source: "test-source", Date: d.Adopted}}
	s.add(t, d)
	for _, c := range []struct {
		sponsors  []string
		presenter string
		answer    register.Tristate
		led, read string // what is said beside them
	}{
		{[]string{"KOR"}, "KOR", register.Yes, "", yes},
		{[]string{"KOR"}, "KOR", register.No, "", no},
		{[]string{"KOR"}, "KOR", register.NotRecorded, "", unknown},
		{[]string{"DEU"}, "KOR", register.No, unknown, no},
		{[]string{"KOR", "BRA"}, "KOR", register.No, "", no},
		{[]string{"KOR", "BRA"}, "KOR", register.NotRecorded, unknown, unknown},
		{nil, "KOR", register.Yes, "", yes},
		{[]string{"DEU", "JPN"}, "KOR", register.Yes, "", yes},
		{[]string{"DEU"}, "", register.Yes, yes, ""},
		{[]string{"DEU", "BRA"}, "", register.No, no, ""},
		{[]string{"JPN"}, "JPN", register.Yes, on, ""},
		{[]string{"JPN"}, "KOR", register.Yes, on, yes},
	} {
		s.change(t, "made-up-2019", func(d *register.Declaration) {
			d.Sponsors, d.PresenterDelegation, d.PresenterCounted = c.sponsors, c.presenter, c.answer
		})
		a := s.page(t, "/en/declarations/made-up-2019")
		a.says(t, "44 stated · 1 named · 43 not named")
		facts := map[string]string{}
		for _, dl := range all(a.doc, func(n *html.Node) bool { return n.Data == "dl" && hasClass(n, "facts") }) {
			for _, dd := range all(dl, func(n *html.Node) bool { return n.Data == "dd" }) {
				for _, sub := range all(dd, func(n *html.Node) bool {
					return hasClass(n, "sub") && strings.Contains(textOf(n), "among the signatories")
				}) {
					facts[textOf(all(dd.Parent, func(n *html.Node) bool { return n.Data == "dt" })[0])] += textOf(sub)
				}
			}
		}
		if facts["Led by"] != c.led || facts["Read by"] != c.read {
			t.Errorf("%v lead, %s read it out, %s: %q, want %q and %q", c.sponsors, c.presenter, c.answer, facts, c.led, c.read)
		}
	}
	// Whoever a group implies is no stranger to the list.
	s.change(t, "made-up-2019", func(d *register.Declaration) {
		d.Sponsors, d.PresenterDelegation, d.PresenterCounted = []string{"DEU"}, "", register.NotRecorded
		d.Actions = append(slices.Clone(d.Actions), register.Action{Group: "EU", Kind: register.Signed, Capacity: register.Signatory, Source: "test-source"})
	})
	s.page(t, "/en/declarations/made-up-2019").saysNot(t, unknown)
	// On the register as it is shipped, every presenter is on the list.
	v, err := s.store.At(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Each(t.Context(), func(e *store.Entry) error {
		if e.Slug != "made-up-2019" {
			s.page(t, "/en/declarations/"+e.Slug).saysNot(t, no, yes, unknown)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestD19_Disputes(t *testing.T) {
	s := newSite(t)
	s.page(t, "/en/declarations/tech-trafficking-2025").says(t, "What is not known", "United States of America: A report by SBS News", "The list on record is not complete.")
	a := s.page(t, "/en/declarations/peace-framework-ukraine-2024?as_of=2024-06-17")
	a.says(t, "Disputed: A Ukrainian official said that Iraq had been listed through a technical failure")
	a.says(t, "Report of the press.")
}

func TestHistorySentences(t *testing.T) {
	s := newSite(t)
	s.change(t, "tech-trafficking-2025", func(d *register.Declaration) {
		d.Open = register.Yes
		d.Actions = append(slices.Clone(d.Actions), register.Action{Participant: "TLS", Kind: register.Joined, Capacity: register.Signatory,
			Date: register.MustDate("2026-02"), Source: d.Sources[0].Key})
		d.Actions[1].NameAsPrinted = "Japan"
	})
	a := s.page(t, "/en/declarations/tech-trafficking-2025/history")
	a.says(t, "Timor-Leste joined in February 2026.", "open for signature: “not known” became “yes”.", "Corrected for Japan: name as printed, from “일본” to “Japan”.",
		"Why: Tested", "an editor of the register", "Entered on the register: 12 participants named, 44 stated.")
	a = s.page(t, "/en/declarations/tech-trafficking-2025/history/28")
	a.says(t, "Revision 28", "One participant added Timor-Leste", "One entry corrected Japan", "name as printed 일본 Japan", "Hash of this revision", "previous revision")
	s.page(t, "/en/changes").says(t, "Timor-Leste joined", "28 published changes")
	s.page(t, "/en/").says(t, "Timor-Leste joined")
	// Record time: what the register said before.
	before := s.page(t, "/en/declarations/tech-trafficking-2025?revision=27")
	before.says(t, "44 stated · 12 named", "You are reading what the register said at revision 27.")
	before.saysNot(t, "Timor-Leste joined")
	s.page(t, "/en/declarations/tech-trafficking-2025").says(t, "13 named")
	if a := s.ask(t, "GET", "/en/declarations/tech-trafficking-2025/history/27"); a.StatusCode != 404 {
		t.Errorf("a revision of another declaration answers %d", a.StatusCode)
	}
}

func TestSearch(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct{ query, want string }{
		{"Birmania", "Myanmar"}, {"turkey", "Türkiye"}, {"%E6%97%A5%E6%9C%AC", "Japan"}, {"Cote+d%27Ivoire", "Côte d’Ivoire"},
		{"trafficking+technology", "Joint Statement on Combating Technology-Facilitated Trafficking in Persons"},
		{"ASEAN", "Association of Southeast Asian Nations"}, {"004", "Afghanistan"}, {"%D8%A7%D9%84%D8%A3%D8%B1%D8%AF%D9%86", "Jordan"},
		{"zzzzqq", "Nothing on the register matches"}, {"%2E%2E", "Type at least one letter or figure."},
	} {
		s.page(t, "/en/search?q="+c.query).says(t, c.want)
	}
	if a := s.page(t, "/en/search?q=%3Cscript%3Ealert(1)%3C/script%3E"); strings.Contains(a.body, "<script>alert") {
		t.Error("what was typed is not escaped")
	}
}

func TestFilters(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct {
		query string
		want  []string
		not   string
	}{
		{"?sponsor=KOR", []string{"One declaration", "led by: Republic of Korea", "Joint Statement on Combating"}, "Artemis Accords"},
		{"?topic=xinjiang", []string{"4 declarations"}, "Artemis Accords"},
		{"?kind=accords", []string{"One declaration", "Artemis"}, "Combating"},
		{"?from=2025", []string{"2 declarations"}, "Artemis Accords"},
		{"?q=ransomware", []string{"Ransomware"}, "Combating"},
		{"?signatory=KOR&group=ASEAN&open=unknown", []string{"open for signature: not known"}, ""},
		{"?q=zzzz", []string{"No declaration on the register fits these filters.", "Remove all filters"}, ""},
		{"?sort=title", []string{"25 declarations"}, ""},
	} {
		a := s.page(t, "/en/declarations"+c.query)
		a.says(t, c.want...)
		names, _ := a.table("declarations")
		if c.not != "" && slices.ContainsFunc(names, func(n string) bool { return strings.Contains(n, c.not) }) {
			t.Errorf("%s shows %s", c.query, c.not)
		}
	}
	names, _ := s.page(t, "/en/declarations?sort=title").table("declarations")
	if len(names) != 25 || !strings.HasPrefix(names[0], "The Artemis Accords") || !strings.HasPrefix(names[1], "Brasilia Declaration") || !strings.HasPrefix(names[24], "Safe Schools") {
		t.Errorf("not by title: %v", names)
	}
	names, _ = s.page(t, "/en/participants?group=ASEAN").table("participants")
	if len(names) != 11 {
		t.Errorf("%d members of ASEAN: %v", len(names), names)
	}
	s.page(t, "/en/participants?kind=observer").says(t, "2 participants", "Holy See", "State of Palestine")
	s.page(t, "/en/participants?q=Birmania").says(t, "One participant", "Myanmar")
	s.page(t, "/en/groups/EU?as_of=2020-01-31").says(t, "28 members")
	s.page(t, "/en/groups/EU?as_of=2020-02-01").says(t, "27 members", "United Kingdom")
}

// TestD12_NobodyAdoptedIt: a statement that was read out has the day of its reading, and no page says that it was adopted.
func TestD12_NobodyAdoptedIt(t *testing.T) {
	s := newSite(t)
	for slug, says := range map[string]string{
		"tech-trafficking-2025": "Read out 24 November 2025", "xinjiang-2022": "Read out 31 October 2022", "brasilia-consensus-ecuador-2024": "Published 10 January 2024",
		"geneva-consensus-2020": "Adopted 22 October 2020",
	} {
		a := s.page(t, "/en/declarations/"+slug)
		a.says(t, says)
		if slug != "geneva-consensus-2020" && strings.Contains(a.text, "dopted") {
			t.Errorf("%s is said to be adopted", slug)
		}
	}
}

// TestD1_ADayKnowsNothingLater: on an earlier day a declaration to come is said not to be there, whoever leads it leads nothing yet, and
// who came back has not left.
func TestD1_ADayKnowsNothingLater(t *testing.T) {
	s := newSite(t)
	list := s.page(t, "/en/declarations?as_of=2021-06-01")
	list.says(t, "The declaration is of a later day.")
	for _, row := range all(list.doc, func(n *html.Node) bool { return n.Data == "tr" }) {
		if w := textOf(row); strings.Contains(w, "of a later day") && strings.Contains(w, "open for signature") {
			t.Errorf("what did not exist was open: %s", w)
		}
	}
	s.page(t, "/en/participants/KOR?as_of=2021-06-01").says(t, "led 0")
	s.page(t, "/en/participants/KOR").says(t, "led 1", "read one out")
	if a := s.page(t, "/en/participants/USA"); strings.Contains(a.text, "left 0") {
		t.Error("who left and came back is said never to have left")
	}
	s.page(t, "/en/participants/USA?as_of=2022-01-01").says(t, "left 1")
}

// TestD11_DeparturesWithoutADate: they are marked as such where a list's growth is told, as joinings are.
func TestD11_DeparturesWithoutADate(t *testing.T) {
	s := newSite(t)
	const growth = "/en/declarations/peace-framework-ukraine-2024/growth"
	s.page(t, growth).says(t, "The departure is counted from the date of the source: Ecumenical Patriarchate")
	for _, line := range strings.Split(s.ask(t, "GET", growth+".csv").text, "\r\n") {
		if strings.Contains(line, ",left,") && strings.Contains(line, "XPC") != strings.Contains(line, ",source_date,") {
			t.Errorf("counted from: %s", line)
		}
	}
}

// TestD11_DatedTooLate: a source that came out when the participant had left again settles nothing, and is not said to be undated.
func TestD11_DatedTooLate(t *testing.T) {
	s := newSite(t)
	d := madeUp(register.Action{Participant: "FRA", Kind: register.Signed}, register.Action{Participant: "JPN", Kind: register.Joined},
		register.Action{Participant: "JPN", Kind: register.Withdrew, Reason: "withdrew_by_notice", Date: register.MustDate("2022-04-01")})
	d.Sources[0].Published = register.MustDate("2022-05-05")
	s.add(t, d)
	a := s.page(t, "/en/declarations/made-up-2019/growth")
	a.says(t, "One participant is unsettled from the declaration’s date on, as no source bears a date that settles the joining: Japan")
	a.saysNot(t, "no source bears a date either")
	for _, lang := range []string{"fr", "es", "ar", "ru", "zh"} {
		s.page(t, "/"+lang+"/declarations/made-up-2019/growth").saysNot(t, "datée non plus", "tampoco tiene fecha", "لا تاريخ لأي مصدر", "тоже не датирован", "来源亦无日期")
	}
}

// TestD11_OpenDepartures: of a departure that no date settles, the file says that nothing bears a date, not what the joining rests on.
func TestD11_OpenDepartures(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(register.Action{Participant: "KOR", Kind: register.Signed, Date: register.MustDate("2019-03-01")}, register.Action{Participant: "KOR", Kind: register.Withdrew, Reason: "withdrew_by_notice"}))
	s.change(t, "made-up-2019", func(d *register.Declaration) { d.Sources[0].Published = register.Date{} })
	for _, row := range csvRows(t, s.page(t, "/en/declarations/made-up-2019/growth.csv").body)[1:] {
		if row[2] == "unsettled" && row[5] != "nowhere" {
			t.Errorf("counted from: %v", row)
		}
	}
}

// TestD14_FormerNames: one name for one time, the official one, until the day that the next one began.
func TestD14_FormerNames(t *testing.T) {
	s := newSite(t)
	for path, want := range map[string]int{"/en/participants/MKD": 2, "/fr/participants/MKD": 2, "/en/participants/BLR": 2, "/en/participants/TUR": 2} { // with the printed sheet
		a := s.page(t, path)
		n := 0
		for _, dt := range all(a.doc, func(n *html.Node) bool {
			return n.Data == "dt" && strings.HasPrefix(textOf(n), map[string]string{"en": "Former name", "fr": "Ancien"}[path[1:3]])
		}) {
			for d := dt.NextSibling; d != nil && d.Data != "dt"; d = d.NextSibling {
				if d.Data == "dd" {
					n++
				}
			}
		}
		if n != want {
			t.Errorf("%s has %d former names, want %d", path, n, want)
		}
	}
	s.page(t, "/en/participants/TUR").says(t, "until 1 June 2022")
	s.page(t, "/en/participants/CSK").says(t, "ISO 3166-1 alpha-3, withdrawn")
	if a := s.page(t, "/en/participants/XKX"); strings.Contains(a.text, "Existed") {
		t.Error("the register says since when an entity exists that is no member")
	}
}
