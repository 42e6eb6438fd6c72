package web

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"cosignatory/store/register"
)

// outreach is the text to copy about who is not on a list; empty where the page has none.
func (a *answer) outreach() string {
	for _, n := range all(a.doc, func(n *html.Node) bool { return n.Data == "textarea" && attr(n, "id") == "outreach" }) {
		return textOf(n)
	}
	return ""
}

// TestD7_D11_UnsettledIsNotMissing: whoever may be on the list is not told as not being on it.
func TestD7_D11_UnsettledIsNotMissing(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(
		register.Action{Participant: "FRA", Kind: register.Signed},
		register.Action{Participant: "JPN", Kind: register.Joined, Date: register.MustDate("2022-05")},
	))
	a := s.page(t, "/en/declarations/made-up-2019?missing=G7&as_of=2022-05-10")
	a.says(t, "1 of 8 members are on the list", "One member may be on the list; the dates on record do not tell: Japan (unsettled: between 1 May 2022 and 31 May 2022)",
		"6 members are not on the list:")
	if text := a.outreach(); strings.Contains(text, "Japan") || !strings.Contains(text, "Germany") {
		t.Errorf("the text to copy: %s", text)
	}
	mark := "no row"
	for _, r := range s.answered(t, "/en/declarations/made-up-2019/missing.csv?group=G7&as_of=2022-05-10") {
		if r["participant"] == "JPN" {
			mark = r["mark"]
		}
	}
	if mark != "unsettled" {
		t.Errorf("the file has Japan as %q", mark)
	}
	// What a group signed without it, likewise.
	count := func(target string) string { return s.page(t, target).text }
	before := count("/en/participants/JPN?without=G7&as_of=2022-04-10")
	then := count("/en/participants/JPN?without=G7&as_of=2022-05-10")
	sentence := func(text string) string {
		_, text, _ = strings.Cut(text, "Group of Seven: on ")
		text, _, _ = strings.Cut(text, " ")
		return text
	}
	if was, is := sentence(before), sentence(then); was == is {
		t.Errorf("an unsettled list is counted among those without Japan: %s and %s", was, is)
	}
	if !strings.Contains(then, "On one more declaration members stand and it may be on the list") || strings.Contains(before, "it may be on the list") {
		t.Error("nothing says that Japan may be on the list")
	}
}

// TestD6_D11_UnsettledGroupLine: a group that may have joined brings nobody onto the list for sure.
func TestD6_D11_UnsettledGroupLine(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(
		register.Action{Participant: "FRA", Kind: register.Signed},
		register.Action{Group: "EU", Kind: register.Joined, Date: register.MustDate("2022-05")},
	))
	const day = "as_of=2022-05-10"
	a := s.page(t, "/en/declarations/made-up-2019?missing=EU&participant=DEU&"+day)
	want := [2]string{"may", "DEU, Germany: only through a group: European Union (unsettled: between 1 May 2022 and 31 May 2022)"}
	if got := a.tiles()["DEU"]; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	a.says(t, "1 of 27 members are on the list", "26 members may be on the list", "implied by the group (unsettled: between",
		"Germany: only through a group: European Union (unsettled: between 1 May 2022 and 31 May 2022).")
	a.saysNot(t, "members are not on the list:", "on the list only through a group")
	s.page(t, "/en/participants/DEU?"+day).says(t, "Made-up Statement 1 Mar 2019 European Union (unsettled)")
	for _, r := range s.answered(t, "/en/compare.csv?d=made-up-2019&d=tech-trafficking-2025&"+day) {
		if r["participant"] == "DEU" && r["made-up-2019"] != "unsettled" {
			t.Errorf("compared: %s", r["made-up-2019"])
		}
	}
	for _, r := range s.answered(t, "/en/groups/EU/signing.csv?"+day) {
		if r["declaration"] == "made-up-2019" && (r["implied_count"] != "0" || r["unsettled_count"] == "0") {
			t.Errorf("how it signs: %v", r)
		}
	}
	// When the month is over they stand there.
	if got := s.page(t, "/en/declarations/made-up-2019?as_of=2022-06-01").tiles()["DEU"][0]; got != "via" {
		t.Errorf("in June: %q", got)
	}
}

// TestD4_D6_BesideAndImplied: who supports the list beside it and is implied by a group on it is implied, on every page and in
// every file, and once.
func TestD4_D6_BesideAndImplied(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(
		register.Action{Participant: "FRA", Kind: register.Signed},
		register.Action{Participant: "DEU", Kind: register.Endorsed, Capacity: register.Supporter},
		register.Action{Participant: "ITA", Kind: register.AlignedItself, Capacity: register.Aligned},
		register.Action{Participant: "ITA", Kind: register.Withdrew, Capacity: register.Aligned, Reason: "withdrew_by_notice", Date: register.MustDate("2020-01-01")},
		register.Action{Group: "EU", Kind: register.Signed},
	))
	a := s.page(t, "/en/declarations/made-up-2019?missing=EU&participant=DEU")
	want := [2]string{"via", "DEU, Germany: only through a group: European Union (beside the list: supporter)"}
	if got := a.tiles()["DEU"]; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	a.says(t, "27 more are implied by a group", "27 of 27 members are on the list", "Germany: only through a group: European Union (beside the list: supporter).")
	marks := map[string]string{}
	for _, r := range s.answered(t, "/en/compare.csv?d=made-up-2019&d=tech-trafficking-2025") {
		marks[r["participant"]] = r["made-up-2019"]
	}
	if marks["DEU"] != "implied_by_group" || marks["ITA"] != "implied_by_group" || marks["FRA"] != "in_effect" {
		t.Errorf("compared: %v", marks)
	}
	for _, r := range s.answered(t, "/en/matrix.csv?include=implied") {
		if r["participant"] == "ITA" && r["made-up-2019"] != "in_effect" {
			t.Errorf("in the matrix Italy is %q", r["made-up-2019"])
		}
	}
}

// TestD8_D19_BriefingSheet: paper tells of disputes and of notes as the page does.
func TestD8_D19_BriefingSheet(t *testing.T) {
	s := newSite(t)
	d := madeUp(
		register.Action{Participant: "FRA", Kind: register.Signed, Note: "Dissociated itself from paragraph 4."},
		register.Action{Participant: "KOR", Kind: register.Signed},
		register.Action{Participant: "JPN", Kind: register.Joined, Date: register.MustDate("2022-05")},
		register.Action{Participant: "CHN", Kind: register.Signed},
		register.Action{Participant: "CHN", Kind: register.Withdrew, Reason: "withdrew_by_notice", Date: register.MustDate("2020-01-01"), Note: "By a letter."},
		register.Action{Participant: "BRA", Kind: register.Endorsed, Capacity: register.Supporter, Note: "Explained itself."},
	)
	for _, code := range []string{"KOR", "JPN", "CHN", "BRA"} {
		d.Disputes = append(d.Disputes, register.Dispute{Participant: code, Source: "test-source", Claim: []register.Phrase{{Lang: "en", Text: code + " denied it."}}})
	}
	s.add(t, d)
	a := s.page(t, "/en/declarations/made-up-2019?as_of=2022-05-10")
	sheet := textOf(all(a.doc, func(n *html.Node) bool { return n.Data == "section" && hasClass(n, "sheet") })[0])
	for _, want := range []string{"Dissociated itself from paragraph 4.", "By a letter.", "Explained itself.", "Disputed: KOR denied it. [1]",
		"Disputed: JPN denied it. [1]", "Disputed: CHN denied it. [1]", "Disputed: BRA denied it. [1]"} {
		if !strings.Contains(sheet, want) {
			t.Errorf("the sheet does not say %q: %s", want, sheet)
		}
	}
	if body := s.page(t, "/ar/declarations/made-up-2019?as_of=2022-05-10").body; strings.Count(body, `<bdi lang="en" dir="ltr">JPN denied it.</bdi>`) < 2 {
		t.Error("a claim in English does not say on an Arabic page that it is in English")
	}
	if n := strings.Count(a.text, "JPN denied it."); n < 2 {
		t.Error("the page does not say that what is unsettled is disputed")
	}
}

// TestD21_TitlesElsewhere: a title in another language than the page says which in what is found, suggested, compared and released.
func TestD21_TitlesElsewhere(t *testing.T) {
	s := newSite(t)
	s.released(t, "2026.1", 26)
	d := madeUp(register.Action{Participant: "FRA", Kind: register.Signed})
	d.Titles = []register.Title{{Lang: "fr", Text: "Déclaration inventée de toutes pièces", Standing: register.Authentic}}
	s.add(t, d)
	s.released(t, "2026.2", 0)
	s.page(t, "/en/search?q=inventee").says(t, "Déclaration inventée de toutes pièces French")
	s.page(t, "/fr/search?q=inventee").saysNot(t, "Déclaration inventée de toutes pièces français")
	s.page(t, "/en/releases/2026.2").says(t, "Déclaration inventée de toutes pièces French")
	offered := all(s.page(t, "/en/compare").doc, func(n *html.Node) bool { return n.Data == "option" && attr(n, "value") == "made-up-2019" })
	for _, o := range offered {
		if textOf(o) != "Déclaration inventée de toutes pièces (French)" {
			t.Errorf("offered: %s", textOf(o))
		}
	}
	s.ask(t, "GET", "/en/compare?d=made-up-2019&d=tech-trafficking-2025&only=x").says(t, "Déclaration inventée de toutes pièces (French)")
	var answer struct{ Items []suggestion }
	if err := json.Unmarshal([]byte(s.ask(t, "GET", "/en/suggest.json?q=inventee").body), &answer); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(answer.Items, func(x suggestion) bool { return strings.HasPrefix(x.Text, "Déclaration inventée") })
	if i < 0 || answer.Items[i].Lang != "fr" || answer.Items[i].Note != "French" {
		t.Errorf("suggested: %+v", answer.Items)
	}
}

// TestD6_MembersOfWhichDay: how many of the members of a declaration's day stand on it leads to the members of the day shown, and
// that page says so.
func TestD6_MembersOfWhichDay(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(register.Action{Participant: "FRA", Kind: register.Signed}))
	_, rows := s.page(t, "/en/participants/DEU?without=EU").table("without")
	i := slices.IndexFunc(rows, func(n *html.Node) bool { return strings.Contains(textOf(n), "Made-up Statement") })
	if i < 0 || !strings.Contains(textOf(rows[i]), "1 of 28") {
		t.Fatal("the Union had 28 members on the declaration’s day")
	}
	for _, l := range all(rows[i], func(n *html.Node) bool { return n.Data == "a" && textOf(n) == "1 of 28" }) {
		target, _, _ := strings.Cut(attr(l, "href"), "#")
		s.page(t, target).says(t, "1 of 27 members are on the list: European Union. Members of the group on 23 November 2026")
	}
}

// Where more has changed than a page tells, it leads to a page of HTML that has all of it.
func TestD2_SinceLeadsOn(t *testing.T) {
	s := newSite(t)
	d := madeUp(register.Action{Participant: "FRA", Kind: register.Signed})
	topic := s.topicOf(t, "tech-trafficking-2025")
	d.Topics = []string{topic}
	s.add(t, d)
	for i := range sinceShown + 1 {
		s.change(t, "made-up-2019", func(d *register.Declaration) { d.Actions[0].Note = fmt.Sprint("Version ", i) })
	}
	for _, target := range []string{"/en/matrix?topic=" + topic, "/en/declarations?topic=" + topic, "/en/participants/FRA", "/en/groups/EU", "/en/declarations/made-up-2019"} {
		mark := "?"
		if strings.Contains(target, "?") {
			mark = "&"
		}
		a := s.page(t, target+mark+"since=27")
		var to []string
		for _, l := range all(a.doc, func(n *html.Node) bool {
			return n.Data == "a" && (textOf(n) == "All changes" || textOf(n) == "All of them") && hasClass(n, "go")
		}) {
			to = append(to, attr(l, "href"))
		}
		if len(to) != 1 {
			t.Errorf("%s leads on to %v", target, to)
			continue
		}
		if b := s.ask(t, "GET", to[0]); b.StatusCode != 200 || !strings.HasPrefix(b.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s leads on to %s: %d %s", target, to[0], b.StatusCode, b.Header.Get("Content-Type"))
		}
	}
}

// topicOf is the first topic of a declaration.
func (s *site) topicOf(t *testing.T, slug string) string {
	t.Helper()
	v, err := s.store.At(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	e, err := v.Declaration(t.Context(), slug)
	if err != nil || len(e.Topics) == 0 {
		t.Fatal(err, slug)
	}
	return e.Topics[0]
}

// TestD2_SinceIsNet: a joining that was recorded and taken back as the register's mistake is not told as one that is on record.
func TestD2_SinceIsNet(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(register.Action{Participant: "FRA", Kind: register.Signed}))
	join := func(code string) {
		s.change(t, "made-up-2019", func(d *register.Declaration) {
			d.Actions = append(d.Actions, register.Action{Participant: code, Kind: register.Joined, Capacity: register.Signatory, Date: register.MustDate("2020-01-01"), Source: "test-source"})
		})
	}
	join("KOR")
	s.change(t, "made-up-2019", func(d *register.Declaration) {
		d.Actions = slices.DeleteFunc(d.Actions, func(a register.Action) bool { return a.Participant == "KOR" })
	})
	join("JPN")
	for since, want := range map[int]string{28: "One participant added", 27: "One participant added"} {
		box := s.page(t, fmt.Sprint("/en/declarations/made-up-2019?since=", since)).since()
		lists, _, _ := strings.Cut(box, "Change by change")
		if strings.Contains(lists, "Republic of Korea") || !strings.Contains(lists, "Japan") || !strings.Contains(lists, want) {
			t.Errorf("since %d: %s", since, lists)
		}
	}
}

// sheet is what the printed sheet of a page says.
func (a *answer) sheet() string {
	for _, n := range all(a.doc, func(n *html.Node) bool { return n.Data == "section" && hasClass(n, "sheet") }) {
		return textOf(n)
	}
	return ""
}

// section is what a page says under the heading with an id, its table heads and captions included; empty where there is no such heading.
func (a *answer) section(id string) string {
	for _, n := range all(a.doc, func(n *html.Node) bool {
		return n.Data == "section" && len(all(n, func(h *html.Node) bool { return h.Data == "h2" && attr(h, "id") == id })) > 0
	}) {
		return textOf(n)
	}
	return ""
}

// has says which of the sentences a part of a page or sheet lacks.
func has(t *testing.T, part, text string, sentences ...string) {
	t.Helper()
	for _, s := range sentences {
		if !strings.Contains(text, s) {
			t.Errorf("%s does not say %q: %s", part, s, text)
		}
	}
}

// TestD4_D6_GroupBesideTheList: a group that aligned itself stands beside the list as a group, brings nobody onto it, and has never
// been on it when it withdraws.
func TestD4_D6_GroupBesideTheList(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(
		register.Action{Participant: "FRA", Kind: register.Signed},
		register.Action{Group: "EU", Kind: register.AlignedItself, Capacity: register.Aligned, Date: register.MustDate("2019-05-01")},
		register.Action{Group: "EU", Kind: register.Withdrew, Capacity: register.Aligned, Reason: "withdrew_by_notice", Date: register.MustDate("2021-01-01")},
		register.Action{Group: "ASEAN", Kind: register.Signed},
		register.Action{Group: "ASEAN", Kind: register.Withdrew, Reason: "withdrawal_reported", Date: register.MustDate("2021-02-01")},
	))
	const page = "/en/declarations/made-up-2019"
	a := s.page(t, page+"?as_of=2020-01-01")
	if on := a.section("signatories"); strings.Contains(on, "European Union") || !strings.Contains(on, "Association of Southeast Asian Nations") {
		t.Errorf("on the list: %s", on)
	}
	has(t, "beside the list", a.section("aligned"), "European Union 1 May 2019 aligned", "European Union: 28 members on 1 May 2019 The source names the group beside the list")
	a.saysNot(t, "28 members on 1 May 2019, implied", "No longer on the list")
	sheet := a.sheet()
	has(t, "the sheet", sheet, "European Union: 28 members on 1 May 2019 (aligned)")
	if strings.Index(sheet, "European Union") < strings.Index(sheet, "Beside the list") {
		t.Errorf("the sheet has a group beside the list on it: %s", sheet)
	}
	// Both withdrew: only the one that was on the list left it, and neither is counted as a participant.
	a = s.page(t, page)
	left := a.section("left")
	has(t, "no longer on the list", left, "One group, named as such", "Association of Southeast Asian Nations signatory", "1 Feb 2021 withdrawal reported")
	if strings.Contains(left, "European Union") || strings.Contains(left, "participant left") {
		t.Errorf("no longer on the list: %s", left)
	}
	has(t, "beside the list", a.section("aligned"), "European Union aligned 1 May 2019 1 Jan 2021 withdrew by notice")
	a.saysNot(t, "28 members on 1 May 2019", "1 left")
	has(t, "the sheet", a.sheet(), "European Union (aligned) · no longer beside the list · 1 May 2019 – 1 Jan 2021 · withdrew by notice")
}

// TestD2_D4_LeftFromBesideTheList: who supported the text, or aligned itself, and does so no longer stays in sight, and is none of
// those who left the list.
func TestD2_D4_LeftFromBesideTheList(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(
		register.Action{Participant: "FRA", Kind: register.Signed},
		register.Action{Participant: "ITA", Kind: register.AlignedItself, Capacity: register.Aligned, Note: "With a reservation."},
		register.Action{Participant: "ITA", Kind: register.Withdrew, Capacity: register.Aligned, Reason: "withdrew_by_notice", Date: register.MustDate("2020-01-01"), Note: "By a letter."},
		register.Action{Participant: "BRA", Kind: register.Withdrew, Capacity: register.Supporter, Reason: "dropped_unexplained", Date: register.MustDate("2022-01-01"), JoiningNotRecorded: true},
	))
	const page = "/en/declarations/made-up-2019"
	a := s.page(t, page+"?as_of=2021-01-01")
	a.says(t, "One participant stands beside the list")
	has(t, "beside the list", a.section("aligned"), "One participant beside the list", "Brazil date not recorded No source on record tells when it joined. unsettled", "supporter Test Press (press)",
		"One participant no longer beside the list", "Italy aligned Date not recorded; counted from the declaration’s date, 1 March 2019. 1 Jan 2020", "1 Jan 2020 withdrew by notice aligned itself Test Press (press) With a reservation. no longer beside the list")
	has(t, "what happened", a.section("timeline"), "One participant no longer beside the list, withdrew by notice: Italy")
	a = s.page(t, page)
	a.saysNot(t, "participant left", "participants left,", "No longer on the list", "1 left", "stand beside the list", "stands beside the list")
	aligned := a.section("aligned")
	has(t, "beside the list", aligned, "2 participants no longer beside the list", "1 Jan 2022 dropped from the list without explanation",
		"aligned itself Test Press (press) With a reservation. no longer beside the list Test Press (press) By a letter.")
	has(t, "the sheet", a.sheet(), "Italy (aligned) · no longer beside the list", "1 Jan 2020 · withdrew by notice [1] With a reservation. By a letter.", "Brazil (supporter) · no longer beside the list")
}

// TestD8_D12_D14_D19_GroupLines: what is recorded of a group's line is shown as it is of a participant's.
func TestD8_D12_D14_D19_GroupLines(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(
		register.Action{Participant: "FRA", Kind: register.Signed},
		register.Action{Group: "EU", Kind: register.Signed, Capacity: register.Endorser, CapacityAsPrinted: "associated", NameAsPrinted: "The EU and its Member States", PrintedPosition: 7,
			Date: register.MustDate("2019-03-02"), PublicDate: register.MustDate("2019-03-09"), PlaceInSource: "page 3", Note: "Except paragraph 4."},
	))
	a := s.page(t, "/en/declarations/made-up-2019?order=printed")
	has(t, "the list", a.section("signatories"), "One group, named as such", "European Union printed: The EU and its Member States 2 Mar 2019 Became public on 9 March 2019. endorser printed: associated Test Press (press)",
		"No. 7 in the printed list Except paragraph 4. Place in the source: page 3", "European Union: 28 members on 2 March 2019, implied by the group")
	has(t, "the sheet", a.sheet(), "European Union: 28 members on 2 March 2019, implied by the group (endorser) · Since 2 Mar 2019 [1]", "Except paragraph 4.")
}

// TestD8_D14_LeftAndUnsettledRows: who left, or may have, keeps the name and the capacity that were printed, the name of the time and
// the note of its signing.
func TestD8_D14_LeftAndUnsettledRows(t *testing.T) {
	s := newSite(t)
	signed := func(code string, left register.Date) []register.Action {
		return []register.Action{
			{Participant: code, Kind: register.Signed, Capacity: register.Endorser, CapacityAsPrinted: "associated", NameAsPrinted: "TURKEY*", PrintedPosition: 7, PlaceInSource: "page 3", Note: "Except paragraph 4."},
			{Participant: code, Kind: register.Withdrew, Capacity: register.Endorser, Reason: "withdrew_by_notice", Date: left, Note: "By a letter."},
		}
	}
	s.add(t, madeUp(append(signed("TUR", register.MustDate("2022")), register.Action{Participant: "FRA", Kind: register.Signed})...))
	for part, day := range map[string]string{"unsettled": "2022-05-10", "left": "2023-01-01"} {
		a := s.page(t, "/en/declarations/made-up-2019?order=printed&as_of="+day)
		has(t, part, a.section(part), "named Turkey on the declaration’s date printed: TURKEY* endorser printed: associated",
			"signed Test Press (press) No. 7 in the printed list Except paragraph 4. Place in the source: page 3 left Test Press (press) By a letter.")
		has(t, "the sheet", a.sheet(), "Türkiye (endorser)", "Except paragraph 4. By a letter.")
	}
	s.page(t, "/en/declarations/made-up-2019").says(t, "Date not recorded; counted from the declaration’s date, 1 March 2019. 2022 Only the year is known")
}

// TestD1_JoiningNotRecorded: on a day before a departure of which no source tells the joining, every page shows whoever left then as
// somebody that may have been there.
func TestD1_JoiningNotRecorded(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(register.Action{Participant: "MEX", Kind: register.Withdrew, Reason: "dropped_unexplained", Date: register.MustDate("2022-01-01"), JoiningNotRecorded: true}))
	s.page(t, "/en/participants/MEX?as_of=2020-01-01").says(t, "No source on record tells when it joined.", "unsettled: between 1 March 2019 and 31 December 2021")
	has(t, "unsettled", s.page(t, "/en/declarations/made-up-2019?as_of=2020-01-01").section("unsettled"), "Mexico No source on record tells when it joined.", "Test Press (press)")
	// From that day on it is one that left, and no more than that.
	a := s.page(t, "/en/declarations/made-up-2019?as_of=2022-01-01")
	has(t, "left", a.section("left"), "Mexico", "No source on record tells when it joined.", "dropped from the list without explanation")
	a.saysNot(t, "beside the list")
	s.page(t, "/en/participants/MEX?as_of=2022-01-01").says(t, "Made-up Statement")
}
