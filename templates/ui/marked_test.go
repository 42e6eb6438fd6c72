package ui

import (
	"strings"
	"testing"
)

// TestCut: where a text was cut off it says so within itself, so that the ellipsis takes its direction, and no comma hangs before it.
func TestCut(t *testing.T) {
	said := func(m Marked) string {
		var b strings.Builder
		for _, p := range m.Pieces {
			b.WriteString(p.S)
		}
		return b.String()
	}
	whole := Mark(Plain("prevention, prosecution,"), [][2]int{{12, 23}})
	for _, c := range []struct {
		before, behind bool
		want           string
	}{
		{false, false, "prevention, prosecution,"}, {true, false, "… prevention, prosecution,"},
		{false, true, "prevention, prosecution …"}, {true, true, "… prevention, prosecution …"},
	} {
		if got := said(whole.Cut(c.before, c.behind)); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	if got := said(whole); got != "prevention, prosecution," {
		t.Errorf("cutting changed the text itself: %q", got)
	}
	if got := said(Mark(Plain("a b"), [][2]int{{2, 3}}).Cut(false, true)); got != "a b …" {
		t.Errorf("%q", got)
	}
}
