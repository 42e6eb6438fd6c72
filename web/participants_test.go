package web

import (
	"bytes"
	"slices"
	"testing"
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
