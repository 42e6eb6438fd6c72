package web

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"cosignatory/store/register"
)

// countsOf are the totals of a declaration by the API's names.
func (s *site) countsOf(t *testing.T, target string) map[string]int {
	t.Helper()
	var got struct {
		Data struct {
			Counts map[string]json.RawMessage `json:"counts"`
		} `json:"data"`
	}
	a := s.ask(t, "GET", target)
	if err := json.Unmarshal([]byte(a.body), &got); err != nil {
		t.Fatalf("%s: %v\n%s", target, err, a.body)
	}
	counts := map[string]int{}
	for name, raw := range got.Data.Counts {
		var split struct {
			Total int `json:"total"`
		}
		if json.Unmarshal(raw, &split) == nil {
			counts[name] = split.Total
		}
	}
	return counts
}

// rowOf is the row of a participant in a file or an answer.
func rowOf(t *testing.T, rows []map[string]string, code string) map[string]string {
	t.Helper()
	i := slices.IndexFunc(rows, func(r map[string]string) bool { return r["participant"] == code })
	if i < 0 {
		t.Fatalf("no row of %s", code)
	}
	return rows[i]
}

// withSource adds a second source, of which some actions are.
func withSource(d *register.Declaration) *register.Declaration {
	d.Sources = append(d.Sources, register.Source{Key: "second-source", Publisher: "Second Press", Title: "Later", URL: "https://example.org/2", Lang: "en",
		Kind: "press", Published: register.MustDate("2022-01-03"), ReadOn: register.MustDate("2026-11-01"), Supports: "What came later"})
	return d
}

// TestD2_D3_FromTheListToBesideIt: who goes from the list to beside it stays named, and the page says where it is now and by
// which source.
func TestD2_D3_FromTheListToBesideIt(t *testing.T) {
	s := newSite(t)
	s.add(t, withSource(madeUp(
		register.Action{Participant: "FRA", Kind: register.Signed},
		register.Action{Participant: "ITA", Kind: register.Signed},
		register.Action{Participant: "DEU", Kind: register.Signed, Date: register.MustDate("2019-03-01")},
		register.Action{Participant: "DEU", Kind: register.AlignedItself, Capacity: register.Aligned, Date: register.MustDate("2022-01-01"), Source: "second-source"},
	)))
	s.page(t, "/en/declarations/made-up-2019?as_of=2021-12-31").saysNot(t, "No longer on the list")
	a := s.page(t, "/en/declarations/made-up-2019?as_of=2022-01-01&participant=DEU")
	a.says(t, "3 named · 2 in effect · 1 left", "One participant left", "One participant stands beside the list and is not counted as on it",
		"Germany: beside the list (aligned), in no count of signatories.", "Stood on the list until 1 January 2022.")
	left, rows := a.table("left")
	if !slices.Equal(left, []string{"Germany"}) {
		t.Fatalf("no longer on the list: %v", left)
	}
	// The signing and the move each with its own source.
	for _, want := range []string{"1 Mar 2019", "1 Jan 2022", "beside the list since 1 January 2022 (aligned)", "signed Test Press", "aligned itself Second Press"} {
		if !strings.Contains(textOf(rows[0]), want) {
			t.Errorf("the row does not say %q: %s", want, textOf(rows[0]))
		}
	}
	if got := a.tiles()["DEU"][0]; got != "by" {
		t.Errorf("its tile is %q", got)
	}
	c := s.countsOf(t, "/api/v1/declarations/made-up-2019?as_of=2022-01-01")
	if c["named"] != 3 || c["in_effect"] != 2 || c["left"] != 1 || c["ever"] != 3 || c["aligned"] != 1 {
		t.Errorf("by the API: %v", c)
	}
	if r := rowOf(t, s.answered(t, "/en/declarations/made-up-2019/growth.csv?as_of=2022-01-01")[3:], "DEU"); r["date"] != "2022-01-01" || r["change"] != "left" {
		t.Errorf("it grew: %v", r)
	}
	if r := rowOf(t, s.answered(t, "/en/declarations/made-up-2019.csv?as_of=2022-01-01"), "DEU"); r["status"] != "in_effect" || r["capacity"] != "aligned" || r["since"] != "2022-01-01" {
		t.Errorf("its row: %v", r)
	}
	s.page(t, "/en/participants/DEU?as_of=2022-01-01").says(t, "Made-up Statement", "Stood on the list until 1 January 2022.")
	// The same in the reader's language, without words left over.
	for _, lang := range register.Languages {
		if b := s.page(t, "/"+lang+"/declarations/made-up-2019?as_of=2022-01-01").body; strings.Contains(b, "left.beside") || strings.Contains(b, "{{") {
			t.Errorf("in %s a word is missing", lang)
		}
	}
}

// TestD2_D19_AsItLastStood: who left, or went beside the list, is shown as it last stood there, with every source that says so.
func TestD2_D19_AsItLastStood(t *testing.T) {
	s := newSite(t)
	s.add(t, withSource(madeUp(
		register.Action{Participant: "DEU", Kind: register.Signed, Date: register.MustDate("2019-03-01"), NameAsPrinted: "Germany (FRG)"},
		register.Action{Participant: "DEU", Kind: register.Joined, Capacity: register.Sponsor, Date: register.MustDate("2020-01-01"), NameAsPrinted: "F.R. Germany", Source: "second-source"},
		register.Action{Participant: "DEU", Kind: register.AlignedItself, Capacity: register.Aligned, Date: register.MustDate("2022-01-01")},
		register.Action{Participant: "ITA", Kind: register.Signed, Date: register.MustDate("2019-03-01")},
		register.Action{Participant: "ITA", Kind: register.Withdrew, Reason: "dropped_unexplained", Date: register.MustDate("2020-01-01")},
		register.Action{Participant: "ITA", Kind: register.Rejoined, Capacity: register.Aligned},
	)))
	left, rows := s.page(t, "/en/declarations/made-up-2019?as_of=2022-01-01").table("left")
	if len(left) != 2 {
		t.Fatalf("no longer on the list: %v", left)
	}
	row := textOf(rows[slices.Index(left, "Germany")])
	for _, want := range []string{"printed: F.R. Germany sponsor 1 Mar 2019", "signed Test Press", "joined Second Press", "aligned itself Test Press"} {
		if !strings.Contains(row, want) {
			t.Errorf("the row does not say %q: %s", want, row)
		}
	}
	// Italy left on a day that is recorded; when it came back beside the list is not, and is no departure (D11).
	s.page(t, "/en/declarations/made-up-2019/growth?as_of=2022-01-01").saysNot(t, "The departure is counted from the date of the source:")
}

// TestD2_D3_MayHaveMoved: while it is open whether it moved, it is unsettled on the list, since when it came.
func TestD2_D3_MayHaveMoved(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(
		register.Action{Participant: "DEU", Kind: register.Signed, Date: register.MustDate("2019-03-01")},
		register.Action{Participant: "DEU", Kind: register.AlignedItself, Capacity: register.Aligned, Date: register.MustDate("2022")},
	))
	s.page(t, "/en/declarations/made-up-2019?as_of=2022-06-01").says(t, "1 named · 0 in effect · 1 unsettled", "Left between 1 January 2022 and 31 December 2022.")
	r := rowOf(t, s.answered(t, "/en/declarations/made-up-2019.csv?as_of=2022-06-01"), "DEU")
	if r["status"] != "unsettled" || r["capacity"] != "signatory" || r["since"] != "2019-03-01" || r["until"] != "2022" || r["until_precision"] != "year" {
		t.Errorf("its row: %v", r)
	}
}

// TestD1_D11_AChangeOfCapacityIsNoArrival: since when somebody is on the list does not change with its capacity, and what may
// have come only later changes neither.
func TestD1_D11_AChangeOfCapacityIsNoArrival(t *testing.T) {
	s := newSite(t)
	s.add(t, withSource(madeUp(
		register.Action{Participant: "DEU", Kind: register.Signed, Date: register.MustDate("2019-03-01"), PrintedPosition: 4},
		register.Action{Participant: "DEU", Kind: register.Joined, Capacity: register.CoSponsor, Date: register.MustDate("2022-02-01"), Source: "second-source", PrintedPosition: 1},
		register.Action{Participant: "ITA", Kind: register.Signed, Capacity: register.CoSponsor, Date: register.MustDate("2019-03-01")},
		register.Action{Participant: "ITA", Kind: register.Joined, Date: register.MustDate("2022")},
	)))
	a := s.page(t, "/en/declarations/made-up-2019?as_of=2022-02-01&participant=DEU")
	names, rows := a.table("signatories")
	if !slices.Equal(names, []string{"Germany", "Italy"}) {
		t.Fatalf("on the list: %v", names)
	}
	for i, wants := range [][]string{{"1 Mar 2019", "In this capacity (co-sponsor) since 1 February 2022.", "co-sponsor", "Second Press (press) and one more:"}, {"1 Mar 2019", "co-sponsor"}} {
		for _, want := range wants {
			if !strings.Contains(textOf(rows[i]), want) {
				t.Errorf("%s: no %q in %s", names[i], want, textOf(rows[i]))
			}
		}
	}
	if strings.Contains(textOf(rows[1]), "Only the year is known") {
		t.Errorf("what may come later is told as there: %s", textOf(rows[1]))
	}
	a.says(t, "Germany: on the list since 1 March 2019 (co-sponsor).")
	joined := map[string]string{}
	for _, r := range s.answered(t, "/en/declarations/made-up-2019/growth.csv") {
		joined[r["participant"]] = r["date"]
	}
	for _, day := range []string{"2022-02-01", "2026-01-01"} {
		file := s.answered(t, "/en/declarations/made-up-2019.csv?as_of="+day)
		for _, code := range []string{"DEU", "ITA"} {
			if r := rowOf(t, file, code); r["since"] != joined[code] || r["since_precision"] != "day" {
				t.Errorf("%s on %s: since %s (%s), it grew on %s", code, day, r["since"], r["since_precision"], joined[code])
			}
		}
		want := map[string]string{"2022-02-01": "co-sponsor", "2026-01-01": "signatory"}[day]
		if r := rowOf(t, file, "ITA"); r["capacity"] != want {
			t.Errorf("Italy is %s on %s, want %s", r["capacity"], day, want)
		}
		if r := rowOf(t, file, "DEU"); r["source"] != "second-source" || r["printed_position"] != "1" {
			t.Errorf("what is printed is not that of the newest action: %v", r)
		}
	}
	s.page(t, "/en/participants/DEU").says(t, "1 Mar 2019", "In this capacity (co-sponsor) since 1 February 2022.")
}

// TestD6_D11_AGroupsActionOfAYear: where the year leaves open who was a member, no day is made up, and whoever was one on some of
// its days is unsettled wherever members are listed.
func TestD6_D11_AGroupsActionOfAYear(t *testing.T) {
	s := newSite(t)
	d := madeUp(register.Action{Participant: "FRA", Kind: register.Signed}, register.Action{Group: "EU", Kind: register.Joined, Date: register.MustDate("2020")})
	s.add(t, d)
	a := s.page(t, "/en/declarations/made-up-2019?as_of=2024-01-01&participant=GBR&missing=NATO")
	a.says(t, "European Union (2020): 27 members, implied by the group (1 unsettled)", "26 more are implied by a group",
		"For one more the dates on record do not tell whether it is implied by a group.",
		"Unsettled: one more was a member on some of the days that the dates on record can mean: United Kingdom",
		"only through a group: European Union (unsettled)")
	a.saysNot(t, "1 January 2020", "31 January 2020", "28 members")
	if got := a.tiles(); got["GBR"][0] != "may" || got["DEU"][0] != "via" {
		t.Errorf("tiles: %v, %v", got["GBR"], got["DEU"])
	}
	c := s.countsOf(t, "/api/v1/declarations/made-up-2019?as_of=2024-01-01")
	if c["implied"] != 26 || c["implied_unsettled"] != 1 {
		t.Errorf("by the API: %v", c)
	}
	file := s.answered(t, "/en/declarations/made-up-2019.csv?include=implied&as_of=2024-01-01")
	for code, want := range map[string]string{"GBR": "unsettled", "DEU": "in_effect"} {
		if r := rowOf(t, file, code); r["status"] != want || r["basis"] != "implied_by_group" || r["since"] != "2020" || r["since_precision"] != "year" {
			t.Errorf("%s: %v", code, r)
		}
		if r := rowOf(t, s.answered(t, "/en/matrix.csv?include=implied&as_of=2024-01-01"), code); r["made-up-2019"] != want {
			t.Errorf("%s in the matrix: %s", code, r["made-up-2019"])
		}
	}
	if b := s.ask(t, "GET", "/api/v1/declarations/made-up-2019/signatories?include=implied&status=unsettled&as_of=2024-01-01").body; !strings.Contains(b, `"GBR"`) || strings.Contains(b, `"DEU"`) {
		t.Errorf("unsettled by the API: %s", b)
	}
	s.page(t, "/en/participants/GBR?as_of=2024-01-01").says(t, "Made-up Statement 1 Mar 2019 European Union (unsettled)")
	s.page(t, "/en/participants/DEU?as_of=2024-01-01").says(t, "Made-up Statement 1 Mar 2019 European Union")
	for _, r := range s.answered(t, "/en/compare.csv?d=made-up-2019&d=tech-trafficking-2025&as_of=2024-01-01") {
		if want := map[string]string{"GBR": "unsettled", "DEU": "implied_by_group"}[r["participant"]]; want != "" && r["made-up-2019"] != want {
			t.Errorf("compared, %s: %s", r["participant"], r["made-up-2019"])
		}
	}
	for _, lang := range register.Languages {
		b := s.page(t, "/"+lang+"/declarations/made-up-2019?as_of=2024-01-01").body
		if strings.Contains(b, "group_line.") || strings.Contains(b, "counts.implied_unsettled") {
			t.Errorf("in %s a word is missing", lang)
		}
	}
}
