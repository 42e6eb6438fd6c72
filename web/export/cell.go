package export

import (
	"math"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"cosignatory/store/register"
)

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

// rowKind says how the rows of a file are written.
type rowKind byte

const (
	csvRows    rowKind = iota
	jsonRows           // objects
	sheetRows          // of a spreadsheet: see sheet.go
	nativeRows         // values for a database: see native.go
)

// layout is what all rows of a file share.
type layout struct {
	columns []Column
	kind    rowKind
	guard   []bool       // by column: text that must not run
	keys    []string     // JSON: what stands before a value, with the brace or comma. A sheet: the beginning of the cell
	cut     atomic.Int64 // a sheet: texts that no cell can hold whole
}

// mayRun are the types of columns whose cells are looked at for what would run. No code, choice or address begins like a formula
// (D23); should a register hold one that does, from before it was refused, it does not run either.
var mayRun = map[string]bool{"text": true, "code": true, "choice": true, "list": true, "address": true}

func newLayout(columns []Column, format Format, raw bool) *layout {
	l := &layout{columns: columns, guard: make([]bool, len(columns)), keys: make([]string, len(columns))}
	switch format {
	case JSON:
		l.kind = jsonRows
	case XLSX:
		l.kind = sheetRows
	case SQLite:
		l.kind = nativeRows
	}
	for i, c := range columns {
		switch l.kind {
		case csvRows:
			l.guard[i] = !raw && mayRun[c.Type]
		case jsonRows:
			before := byte(',')
			if i == 0 {
				before = '{'
			}
			l.keys[i] = string(append(appendJSON([]byte{before}, c.Name), ':'))
		case sheetRows:
			l.keys[i] = cellStart(i, c.Type)
		}
	}
	return l
}

// row appends cells, each in the next column. No call allocates but to grow the buffer.
type row struct {
	*layout
	b []byte
	n int // the next column
}

// next begins a cell and gives its column.
func (r *row) next() int {
	switch {
	case r.kind == jsonRows:
		r.b = append(r.b, r.keys[r.n]...)
	case r.kind == csvRows && r.n > 0:
		r.b = append(r.b, ',')
	}
	r.n++
	return r.n - 1
}

// put adds a text, code or date; an empty one leaves the cell empty.
func (r *row) put(s string) {
	i := r.next()
	switch r.kind {
	case csvRows:
		r.b = appendCSV(r.b, s, r.guard[i])
	case sheetRows:
		if len(s) > SheetCell {
			s = r.fits(s)
		}
		r.b = appendSheetText(r.b, r.keys[i], s)
	case nativeRows:
		r.b = appendNativeText(r.b, s)
	default:
		if s == "" {
			r.b = append(r.b, "null"...)
		} else {
			r.b = appendJSON(r.b, s)
		}
	}
}

// token adds what is known to need no quotation marks: one of the register's own words.
func (r *row) token(s string) {
	if r.kind != csvRows {
		r.put(s)
		return
	}
	r.next()
	r.b = append(r.b, s...)
}

func (r *row) number(n int64) {
	i := r.next()
	switch r.kind {
	case sheetRows:
		r.b = append(append(r.b, r.keys[i]...), "><v>"...)
		r.b = append(strconv.AppendInt(r.b, n, 10), "</v></c>"...)
	case nativeRows:
		r.b = appendNativeNumber(r.b, n)
	default:
		r.b = strconv.AppendInt(r.b, n, 10)
	}
}

// position is a number that is empty for 0.
func (r *row) position(n int) {
	if n == 0 {
		r.token("")
		return
	}
	r.number(int64(n))
}

// decimal adds a measure to four places, empty where it is not a number. Its type is decimal.
func (r *row) decimal(f float64) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		r.token("")
		return
	}
	i := r.next()
	switch r.kind {
	case sheetRows:
		r.b = append(append(r.b, r.keys[i]...), "><v>"...)
		r.b = append(strconv.AppendFloat(r.b, f, 'f', 4, 64), "</v></c>"...)
	case nativeRows:
		panic("export: a measure in a table of the register: the database has no type for it yet")
	default:
		r.b = strconv.AppendFloat(r.b, f, 'f', 4, 64)
	}
}

// date adds a date as recorded, empty for the unknown one.
func (r *row) date(d register.Date) {
	if r.kind == sheetRows && r.columns[r.n].Type == "day" {
		if serial := int64(d.First()) + sheetEpoch; d.Precision() == register.ByDay && serial >= firstSheetDay {
			r.number(serial)
			return
		}
	}
	i := r.next()
	switch {
	case r.kind == csvRows:
		r.b = d.Append(r.b)
	case r.kind == jsonRows && !d.Known():
		r.b = append(r.b, "null"...)
	case r.kind == jsonRows:
		r.b = append(d.Append(append(r.b, '"')), '"')
	default:
		var room [10]byte
		text := d.Append(room[:0])
		if r.kind == nativeRows {
			r.b = appendNativeText(r.b, text)
		} else {
			r.b = appendSheetText(r.b, r.keys[i], text)
		}
	}
}

// dated adds a date and its precision.
func (r *row) dated(d register.Date) {
	r.date(d)
	r.precision(d)
}

// precision adds how much of a date is known whose column stands elsewhere. A date that everything has is unknown where it is not
// recorded; see ifAny for one that there may not be.
func (r *row) precision(d register.Date) { r.token(string(d.Precision())) }

// ifAny is precision for a date that not everything has: without one, nothing is known to be missing, and the cell is empty.
func (r *row) ifAny(d register.Date) {
	if d.Known() {
		r.precision(d)
	} else {
		r.token("")
	}
}

// time adds an instant, in UTC, to the second.
func (r *row) time(t time.Time) {
	if r.kind != sheetRows || t.Unix() < (firstSheetDay-sheetEpoch)*86400 {
		r.put(t.UTC().Format(time.RFC3339))
		return
	}
	i := r.next()
	r.b = append(append(r.b, r.keys[i]...), "><v>"...)
	r.b = append(strconv.AppendFloat(r.b, float64(t.Unix())/86400+sheetEpoch, 'f', -1, 64), "</v></c>"...)
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
