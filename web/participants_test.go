package web

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

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
