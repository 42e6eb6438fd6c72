package register

import (
	"runtime"
	"slices"
	"strings"
	"testing"
)

// A word as long as a text is looked at no further than the longest stem, and is put together once.
func TestLongWords(t *testing.T) {
	table := cueTables()
	for _, letter := range []string{"a", "ا", "я", "한"} {
		word := strings.Repeat(letter, MaxRead/len(letter))
		if n := len(slices.Collect(table.beginnings(word, 1))); n == 0 || n > table.longest || table.longest > 100 {
			t.Errorf("%d beginnings of a word of %s are looked at, the longest stem has %d bytes", n, letter, table.longest)
		}
	}
	for _, c := range []struct{ word, want string }{{"signatories", "signatories"}, {"signé", "sign"}} {
		all := slices.Collect(table.beginnings(c.word, 1))
		if !slices.Contains(all, c.want) {
			t.Errorf("%q begins with %q, and not with %q", c.word, all, c.want)
		}
	}
	// The bytes that are taken for a text rise as the text does, not as its square.
	for _, c := range []struct{ what, unit string }{{"letters with full stops", "A."}, {"lines that end in a hyphen", "a-\n"}} {
		small, large := taken(func() { pieces(strings.Repeat(c.unit, 20_000)) }), taken(func() { pieces(strings.Repeat(c.unit, 160_000)) })
		if large > 16*small {
			t.Errorf("%s: %d bytes are taken for a text, %d for one eight times as long", c.what, small, large)
		}
	}
	// Digits without an end are no number.
	for _, n := range []int{mostHanSigns + 1, 100_000} {
		if v, size := numberAt(pieces(strings.Repeat("三", n)), 0); v != 0 || size != 0 {
			t.Errorf("%d digits are read as %d, of %d signs", n, v, size)
		}
	}
	if v, size := numberAt(pieces("九百九十九国"), 0); v != 999 || size != 5 {
		t.Errorf("999 is read as %d, of %d signs", v, size)
	}
	if p := pieces("Re-\npublic of Liech-\ntenstein"); len(p) != 3 || p[0].text != "republic" || p[2].text != "liechtenstein" {
		t.Errorf("broken words are %+v", p)
	}
	if p := pieces("U.S.A., É.-U."); len(p) != 3 || p[0].text != "usa" || p[2].text != "eu" {
		t.Errorf("initials are %+v", p)
	}
}

// taken is how many bytes of memory something takes, given back or not.
func taken(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
