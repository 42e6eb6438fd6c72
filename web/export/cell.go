package export

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

func define(file, list string) []Column {
	var all []Column
	for _, c := range strings.Split(list, ", ") {
		name, kind, _ := strings.Cut(c, " ")
		key := "dictionary." + name
		if special[file+"."+name] {
			key = "dictionary." + file + "." + name
		}
		all = append(all, Column{name, kind, key})
	}
	return all
}

// quoted marks the bytes for which a CSV cell is put in quotation marks.
var quoted = [256]bool{',': true, '"': true, '\r': true, '\n': true}

// runs says that a spreadsheet may run a cell that begins with this byte (D23).
func runs(c byte) bool {
	return c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' || c == '\r'
}

// appendCSV appends a cell by RFC 4180, in quotation marks only where it needs them: for a comma, a quotation mark, a line
// break, or a blank at either end, which some readers would trim. guard puts an apostrophe before what would run (D23).
func appendCSV(b []byte, s string, guard bool) []byte {
	if s == "" {
		return b
	}
	guard = guard && runs(s[0])
	quote := s[0] == ' ' || s[len(s)-1] == ' '
	for i := 0; !quote && i < len(s); i++ {
		quote = quoted[s[i]]
	}
	if !quote {
		if guard {
			b = append(b, '\'')
		}
		return append(b, s...)
	}
	b = append(b, '"')
	if guard {
		b = append(b, '\'')
	}
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			break
		}
		b = append(b, s[:i]...)
		b = append(b, '"', '"')
		s = s[i+1:]
	}
	b = append(b, s...)
	return append(b, '"')
}

const hexDigits = "0123456789abcdef"

// appendJSON appends a text as a JSON string. Bytes that are no UTF-8 become the replacement character.
func appendJSON(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				b = append(b, s[from:i]...)
				b = append(b, "\ufffd"...)
				from = i + 1
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, s[from:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		from = i
	}
	b = append(b, s[from:]...)
	return append(b, '"')
}

// layout is what all rows of a file share.
type layout struct {
	columns []Column
	format  Format
	guard   []bool   // by column: text that must not run
	keys    []string // JSON: what stands before a value, with the brace or comma
}

func newLayout(columns []Column, format Format, raw bool) *layout {
	l := &layout{columns: columns, format: format, guard: make([]bool, len(columns)), keys: make([]string, len(columns))}
	for i, c := range columns {
		l.guard[i] = c.Type == "text" && !raw
		before := byte(',')
		if i == 0 {
			before = '{'
		}
		l.keys[i] = string(append(appendJSON([]byte{before}, c.Name), ':'))
	}
	return l
}

// row appends cells, each in the next column. No call allocates but to grow the buffer.
type row struct {
	*layout
	b []byte
	n int // the next column
}

// next begins a cell.
func (r *row) next() {
	if r.format == JSON {
		r.b = append(r.b, r.keys[r.n]...)
	} else if r.n > 0 {
		r.b = append(r.b, ',')
	}
	r.n++
}

// put adds a text, code or date; an empty one leaves the cell empty.
func (r *row) put(s string) {
	r.next()
	switch {
	case r.format != JSON:
		r.b = appendCSV(r.b, s, r.guard[r.n-1])
	case s == "":
		r.b = append(r.b, "null"...)
	default:
		r.b = appendJSON(r.b, s)
	}
}

// token adds what is known to need no quotation marks: one of the register's own words.
func (r *row) token(s string) {
	r.next()
	switch {
	case r.format != JSON:
		r.b = append(r.b, s...)
	case s == "":
		r.b = append(r.b, "null"...)
	default:
		r.b = append(append(append(r.b, '"'), s...), '"')
	}
}

func (r *row) number(n int64) {
	r.next()
	r.b = strconv.AppendInt(r.b, n, 10)
}

// position is a number that is empty for 0.
func (r *row) position(n int) {
	if n == 0 {
		r.token("")
		return
	}
	r.number(int64(n))
}

func (r *row) yesNo(yes bool) {
	if yes {
		r.token("yes")
	} else {
		r.token("no")
	}
}

// ready adds n cells that another row of the same layout made in the same columns.
func (r *row) ready(cells []byte, n int) {
	r.b = append(r.b, cells...)
	r.n += n
}

// piece makes cells for ready, of the columns from the given one on.
func (l *layout) piece(from int, fill func(r *row)) []byte {
	r := row{layout: l, n: from}
	fill(&r)
	return r.b
}
