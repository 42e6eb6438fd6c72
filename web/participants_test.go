package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"cosignatory/store/register"
	"cosignatory/web/export"
)

// TestInitials: Chinese names stand under the initial of their sound, as the order of the list has it (D15); what is written in
// other scripts stands under its own letter.
func TestInitials(t *testing.T) {
	for name, want := range map[string]string{"阿富汗": "A", "不丹": "B", "德国": "D", "俄罗斯联邦": "E", "厄瓜多尔": "E", "芬兰": "F", "冈比亚": "G", "国际移民组织": "G",
		"吉布提": "J", "津巴布韦": "J", "挪威": "N", "欧洲联盟": "O", "日本": "R", "瓦努阿图": "W", "乌克兰": "W", "越南": "Y", "秘鲁": "B", "中国": "Z", "Ibero-American Conference": "I"} {
		if got := initial(name, "zh"); got != want {
			t.Errorf("%s under %q, want %q", name, got, want)
		}
	}
	if !slices.IsSortedFunc(pinyin.from, bytes.Compare) {
		t.Error("the characters that begin a letter do not stand in the order of the letters")
	}
	if got := initial("الاتحاد الأوروبي", "ar"); got != "ا" {
		t.Errorf("an Arabic name under %q", got)
	}
}

// TestD1_D6_AParticipantsFileHasAllItsRows: the file of a participant, its page and the API have of the signatories all that are
// its own, whatever their status on the day, and those that a group implies where that is asked for.
func TestD1_D6_AParticipantsFileHasAllItsRows(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(
		register.Action{Participant: "FRA", Kind: register.Signed},
		register.Action{Participant: "KOR", Kind: register.Joined, Date: register.MustDate("2022-05")},
		register.Action{Participant: "JPN", Kind: register.AlignedItself, Capacity: register.Aligned},
		register.Action{Participant: "JPN", Kind: register.Withdrew, Date: register.MustDate("2021-02-01"), Reason: "withdrew_by_notice", Capacity: register.Aligned},
		register.Action{Participant: "HUN", Kind: register.AlignedItself, Capacity: register.Aligned},
		register.Action{Group: "EU", Kind: register.Signed},
	))
	second := madeUp(
		register.Action{Participant: "HUN", Kind: register.Joined, Date: register.MustDate("2023-01-01")},
		register.Action{Group: "EU", Kind: register.Joined, Date: register.MustDate("2020")},
	)
	second.Slug, second.Sources[0].Key = "made-up-too-2019", "test-source-too"
	for i := range second.Actions {
		second.Actions[i].Source = "test-source-too"
	}
	s.add(t, second)
	statuses := map[string]bool{}
	for _, clocks := range []string{"", "as_of=1990-01-01", "as_of=2020-01-01", "as_of=2020-06-01", "as_of=2022-05-10", "as_of=2026-11-23"} {
		for _, include := range []string{"", "include=implied"} {
			options := "?" + strings.Trim(clocks+"&"+include, "&")
			all := map[string][]string{}
			for _, r := range s.answered(t, "/data/signatories.csv"+options) {
				all[r["participant"]] = append(all[r["participant"]], fmt.Sprint(r))
				statuses[r["status"]+" "+r["basis"]] = true
			}
			for _, code := range []string{"HUN", "KOR", "JPN", "FRA", "GBR", "USA", "UKR"} {
				var got []string
				for _, r := range s.answered(t, "/en/participants/"+code+".csv"+options) {
					got = append(got, fmt.Sprint(r))
				}
				slices.Sort(got)
				slices.Sort(all[code])
				if !slices.Equal(got, all[code]) {
					t.Errorf("%s%s has %d rows, of the signatories %d are its own", code, options, len(got), len(all[code]))
				}
				var file struct{ Rows []any }
				if err := json.Unmarshal([]byte(s.ask(t, "GET", "/en/participants/"+code+".json"+options).body), &file); err != nil || len(file.Rows) != len(got) {
					t.Errorf("%s%s as JSON has %d rows, want %d: %v", code, options, len(file.Rows), len(got), err)
				}
				var told []struct {
					Participation, Implied *struct{ Status, Basis string }
				}
				s.asks(t, "/participants/"+code+"/declarations"+options+"&limit=500", &told)
				n := 0
				for _, d := range told {
					if d.Participation != nil {
						n++
					}
					if d.Implied != nil && d.Implied.Basis == "implied_by_group" {
						n++
					}
				}
				if n != len(got) {
					t.Errorf("%s%s: the API tells of %d rows, want %d", code, options, n, len(got))
				}
				if include == "" {
					if names, _ := s.page(t, "/en/participants/"+code+options).table("participations"); len(names) < len(got) {
						t.Errorf("%s%s: the page shows %d declarations, the file has %d", code, options, len(names), len(got))
					}
				}
			}
		}
	}
	for _, status := range []string{"in_effect named", "left named", "unsettled named", "not_yet named", "in_effect implied_by_group", "unsettled implied_by_group"} {
		if !statuses[status] {
			t.Errorf("no row tried is %s", status)
		}
	}
}

// TestD1_NotYetInWords: what a participant comes onto only later stands in its page's table as such, after what stands on the day,
// and a sentence says how much it is.
func TestD1_NotYetInWords(t *testing.T) {
	s := newSite(t)
	a := s.page(t, "/en/participants/USA?as_of=2021-01-01")
	now, later := 0, 0
	_, rows := a.table("participations")
	for _, row := range rows {
		switch {
		case strings.Contains(textOf(row), "not yet on the list"):
			later++
		case later > 0:
			t.Errorf("after what comes later stands %s", textOf(row))
		default:
			now++
		}
	}
	if now == 0 || later < 2 {
		t.Fatalf("%d declarations of the day, %d of later days", now, later)
	}
	a.says(t, fmt.Sprintf("On %d more lists only after this day.", later))
	s.page(t, "/en/participants/USA").saysNot(t, "only after this day")
	var p struct{ Standing map[string]int }
	if s.asks(t, "/participants/USA?as_of=2021-01-01", &p); p.Standing["not_yet"] != later {
		t.Errorf("the API counts %v", p.Standing)
	}
}

// TestBesideListsOnly: the page of a participant that stands on no list but beside one is a page, without a chart.
func TestBesideListsOnly(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(register.Action{Participant: "HUN", Kind: register.AlignedItself, Capacity: register.Aligned}))
	a := s.page(t, "/en/participants/HUN?as_of=1990-01-01")
	a.saysNot(t, "Year by year")
	a = s.page(t, "/en/participants/HUN?as_of=2019-03-02")
	a.says(t, "Beside one list")
	if strings.Contains(a.body, `class="years"`) {
		t.Error("a chart of nothing")
	}
}

// TestD11_UndatedComesLast: among a participant's declarations the one of an unknown day stands last.
func TestD11_UndatedComesLast(t *testing.T) {
	s := newSite(t)
	d := madeUp(register.Action{Participant: "KOR", Kind: register.Signed})
	d.Adopted = register.Date{}
	s.add(t, d)
	if names, _ := s.page(t, "/en/participants/KOR").table("participations"); len(names) < 3 || names[len(names)-1] != "Made-up Statement" {
		t.Errorf("in this order: %v", names)
	}
}

// TestD6_AGroupsFileIsOfItsDay: the file at a group's address has the members of the day, as the page above it, and says that the
// day chose them; group_members has all memberships.
func TestD6_AGroupsFileIsOfItsDay(t *testing.T) {
	s := newSite(t)
	all := 0
	for _, r := range s.answered(t, "/data/group_members.csv?as_of=2020-02-01") {
		if r["group"] == "EU" {
			all++
		}
	}
	if all != 28 {
		t.Errorf("group_members has %d memberships of the European Union", all)
	}
	for day, want := range map[string]int{"2020-01-31": 28, "2020-02-01": 27, "1950-01-01": 0} {
		names, _ := s.page(t, "/en/groups/EU?as_of="+day).table("members")
		rows := s.answered(t, "/en/groups/EU.csv?as_of="+day)
		if want > 0 && len(names) != want || len(rows) != want {
			t.Errorf("%s: %d members in the file, %d on the page, want %d", day, len(rows), len(names), want)
		}
		if slices.ContainsFunc(rows, func(r map[string]string) bool { return r["participant"] == "GBR" }) != (want == 28) {
			t.Errorf("%s: the United Kingdom", day)
		}
		a := s.ask(t, "GET", "/en/groups/EU.json?as_of="+day)
		var doc struct {
			Filtered bool
			Filters  map[string][]string
			Rows     []any
		}
		if err := json.Unmarshal([]byte(a.body), &doc); err != nil || len(doc.Rows) != want || !doc.Filtered || !slices.Equal(doc.Filters["as_of"], []string{day}) {
			t.Errorf("%s as JSON: %d rows, filtered %v by %v, %v", day, len(doc.Rows), doc.Filtered, doc.Filters, err)
		}
	}
	if a := s.page(t, "/en/groups/EU?as_of=2020-02-01"); !slices.Contains(a.links(isFoot), "/en/groups/EU."+string(export.CSV)+"?as_of=2020-02-01&revision=27") || !strings.Contains(a.body, `href="/data/group_members.csv?as_of=2020-02-01&amp;revision=27"`) {
		t.Errorf("the page leads to %v", a.links(isFoot))
	}
}
