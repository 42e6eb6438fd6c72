package export

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// unquote reads one row by RFC 4180, to the letter: encoding/csv turns CRLF within a cell into LF.
func unquote(t *testing.T, s string) []string {
	t.Helper()
	var cells []string
	for {
		var cell strings.Builder
		if strings.HasPrefix(s, `"`) {
			s = s[1:]
			for {
				i := strings.IndexByte(s, '"')
				if i < 0 {
					t.Fatalf("no closing quotation mark: %q", s)
				}
				cell.WriteString(s[:i])
				s = s[i+1:]
				if !strings.HasPrefix(s, `"`) {
					break
				}
				cell.WriteByte('"')
				s = s[1:]
			}
		} else {
			i := strings.IndexAny(s, ",\r\n")
			if i < 0 {
				i = len(s)
			}
			cell.WriteString(s[:i])
			s = s[i:]
		}
		cells = append(cells, cell.String())
		if s == "\r\n" {
			return cells
		}
		if !strings.HasPrefix(s, ",") {
			t.Fatalf("after a cell stands %q", s)
		}
		s = s[1:]
	}
}

func FuzzCell(f *testing.F) {
	for _, s := range []string{"", "a", "a,b", `a"b`, `"`, "a\r\nb", "\r", "\n", " a", "a ", "=1", "'=1", "\t", "@", "-", "é", "\xff", "\x00", " ", `","`} {
		f.Add(s, "x")
		f.Add("x", s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		line := append(appendCSV(append(appendCSV(nil, a, false), ','), b, false), '\r', '\n')
		if got := unquote(t, string(line)); len(got) != 2 || got[0] != a || got[1] != b {
			t.Errorf("%q, %q are written %q and read %q", a, b, line, got)
		}
		// The standard library agrees, but for its CRLF.
		lf := func(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
		got, err := csv.NewReader(strings.NewReader(string(line))).Read()
		if err != nil || len(got) != 2 || got[0] != lf(a) || got[1] != lf(b) {
			t.Errorf("%q, %q are written %q; encoding/csv reads %q, %v", a, b, line, got, err)
		}
		guarded := unquote(t, string(append(appendCSV(nil, a, true), '\r', '\n')))[0]
		switch {
		case guarded == a && (a == "" || !runs(a[0])), guarded == "'"+a && a != "" && runs(a[0]):
		default:
			t.Errorf("%q is guarded as %q", a, guarded)
		}
		var text string
		if err := json.Unmarshal(appendJSON(nil, a), &text); err != nil {
			t.Errorf("%q as JSON: %v", a, err)
		} else if utf8.ValidString(a) && text != a {
			t.Errorf("%q as JSON is %q", a, text)
		}
	})
}

// No cell allocates.
func TestCellsDoNotAllocate(t *testing.T) {
	for _, format := range Formats() {
		r := row{layout: newLayout(Columns("groups"), format, false), b: make([]byte, 0, 1024)}
		if n := testing.AllocsPerRun(100, func() {
			r.b, r.n = r.b[:0], 0
			r.put(`a, "quoted" text`)
			r.number(12)
			r.token("day")
		}); n != 0 {
			t.Errorf("%s: %.0f allocations a row", format, n)
		}
	}
}

// TestD23_CodesThatAreNone: a code never begins like a formula; one that does, from before it was refused, does not run either.
func TestD23_CodesThatAreNone(t *testing.T) {
	for kind, guarded := range map[string]bool{"text": true, "code": true, "choice": true, "list": true, "address": true, "number": false, "date": false, "day": false, "time": false, "yes_no": false} {
		for _, raw := range []bool{false, true} {
			r := row{layout: newLayout([]Column{{Name: "x", Type: kind}}, CSV, raw)}
			r.put("=1+1")
			want := "=1+1"
			if guarded && !raw {
				want = "'=1+1"
			}
			if string(r.b) != want {
				t.Errorf("%s, raw %v: %s, want %s", kind, raw, r.b, want)
			}
		}
	}
}
