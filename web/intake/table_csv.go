package intake

import (
	"regexp"
	"strings"
)

// delimiters are what may stand between the cells of a line, the likeliest first: a comma is used in many texts.
var delimiters = []byte{'\t', ';', '|', ','}

// judged is how many records are looked at to tell the delimiter, out of the first bytes of that number.
const (
	judged      = 200
	judgedBytes = 64 << 10
)

// sepLine is a first line by which Excel is told the delimiter.
var sepLine = regexp.MustCompile(`^(?i:sep)=([^\n])\n?`)

// delimited reads lines of cells between delimiters. The name's ending says that a file is a table; without it, a text is
// one only where its lines leave no doubt. It is nil for a text that is none.
func delimited(text, ext string, got *Brought) (*Table, *Refusal) {
	named := ext == ".csv" || ext == ".tsv" || ext == ".tab"
	line := 1
	var sep byte
	if m := sepLine.FindStringSubmatch(text); m != nil && strings.ContainsAny(m[1], "\t;|,") && len(m[1]) == 1 {
		sep, text, line, named = m[1][0], text[len(m[0]):], 2, true
	}
	if sep == 0 {
		var sure bool
		sep, sure = delimiter(text, ext)
		if !named && (!sure || !evident(text, sep)) {
			return nil, nil
		}
		// Running text has commas too.
		if named && (sep == 0 || sep == ',' && !sure) && !mostlyShort(text, sep) {
			return nil, nil
		}
	}
	t := newTableReader(got)
	if r := t.sheet(""); r != nil {
		return nil, r
	}
	q := &quotes{text: text, sep: sep, line: line}
	if q.unclosed() {
		// A quotation mark that is never closed would swallow the rest of the file: read the marks as letters.
		got.remark("quote_open", "Line", q.at)
		q = &quotes{text: text, sep: sep, line: line, letters: true}
	}
	width, uneven, first := 0, 0, 0
	for q.next() {
		t.row(q.start)
		for i, cell := range q.cells {
			if r := t.cell(i, cell); r != nil {
				return nil, r
			}
		}
		if r := t.endRow(); r != nil {
			return nil, r
		}
		if t.filled {
			if width == 0 {
				width = q.fields
			} else if q.fields != width {
				if uneven++; uneven == 1 {
					first = q.start
				}
			}
		}
	}
	if q.loose > 0 {
		got.remark("quotes", "Count", q.loose, "Line", q.looseAt)
	}
	if uneven > 0 {
		got.remark("uneven", "Count", uneven, "Line", first, "Columns", width)
	}
	return t.finish()
}

// quotes reads records by the rules of RFC 4180, with tolerance.
type quotes struct {
	text    string
	sep     byte // 0: a line is one cell
	letters bool // quotation marks are letters like others
	pos     int
	line    int
	over    bool // a delimiter stands at the very end of the text, with an empty cell after it

	cells   []string // of the record, at most MaxColumns but for those that have something in them
	fields  int      // of the record, all counted
	start   int      // the line where the record begins
	loose   int      // records with quotation marks in wrong places, and the line of the first
	looseAt int
	at      int // the line where a quotation mark is open at the end of the text, 0 if none is
}

// unclosed reads all to see whether the last quotation mark is open.
func (q *quotes) unclosed() bool {
	if !strings.Contains(q.text, `"`) {
		return false
	}
	probe := &quotes{text: q.text, sep: q.sep, line: q.line}
	for probe.next() {
	}
	q.at = probe.at
	return q.at > 0
}

func (q *quotes) next() bool {
	if q.pos >= len(q.text) {
		return false
	}
	q.cells, q.fields, q.start = q.cells[:0], 0, q.line
	loose := false
	for {
		cell, end, ok := q.cell()
		loose = loose || !ok
		// Empty cells past the last column that a table may have are not worth keeping.
		if q.fields < MaxColumns || strings.TrimSpace(cell) != "" && len(q.cells) <= MaxColumns {
			for len(q.cells) < min(q.fields, MaxColumns) {
				q.cells = append(q.cells, "")
			}
			q.cells = append(q.cells, cell)
		}
		if q.fields++; end {
			break
		}
	}
	if q.over {
		q.fields++
	}
	if loose {
		if q.loose++; q.loose == 1 {
			q.looseAt = q.start
		}
	}
	return true
}

// cell reads one cell and what ends it: end says that the record is over. Not ok is a quotation mark in a wrong place.
func (q *quotes) cell() (cell string, end, ok bool) {
	ok = true
	if !q.letters && q.pos < len(q.text) && q.text[q.pos] == '"' {
		var b strings.Builder
		opened := q.line
		q.pos++
		for {
			i := strings.IndexByte(q.text[q.pos:], '"')
			if i < 0 {
				q.at = opened
				b.WriteString(q.text[q.pos:])
				q.line += strings.Count(q.text[q.pos:], "\n")
				q.pos = len(q.text)
				return b.String(), true, false
			}
			b.WriteString(q.text[q.pos : q.pos+i])
			q.line += strings.Count(q.text[q.pos:q.pos+i], "\n")
			q.pos += i + 1
			if q.pos < len(q.text) && q.text[q.pos] == '"' {
				b.WriteByte('"')
				q.pos++
				continue
			}
			// Blanks after the closing mark are let pass.
			after := q.pos
			for after < len(q.text) && q.text[after] == ' ' {
				after++
			}
			switch {
			case after >= len(q.text):
				q.pos = after
				return b.String(), true, ok
			case q.text[after] == '\n':
				q.pos = after + 1
				q.line++
				return b.String(), true, ok
			case q.sep != 0 && q.text[after] == q.sep:
				q.pos = after + 1
				q.over = q.pos == len(q.text)
				return b.String(), q.over, ok
			}
			// A mark within the cell that was not doubled.
			ok = false
			b.WriteByte('"')
		}
	}
	i := q.pos
	for i < len(q.text) && q.text[i] != '\n' && (q.sep == 0 || q.text[i] != q.sep) {
		if q.text[i] == '"' && !q.letters {
			ok = false
		}
		i++
	}
	cell = q.text[q.pos:i]
	if i >= len(q.text) {
		q.pos = i
		return cell, true, ok
	}
	q.pos = i + 1
	if q.text[i] == '\n' {
		q.line++
		return cell, true, ok
	}
	q.over = q.pos == len(q.text)
	return cell, q.over, ok
}

// delimiter is what stands between the cells of most lines, 0 where nothing does. It is sure where all lines agree.
func delimiter(text, ext string) (sep byte, sure bool) {
	best := 0.0
	for _, d := range delimiters {
		counts := map[int]int{}
		records := 0
		for q := (&quotes{text: start(text), sep: d, line: 1}); records < judged && q.next(); {
			if q.fields > 1 || q.cells[0] != "" {
				counts[q.fields]++
				records++
			}
		}
		fields, most := 0, 0
		for f, n := range counts {
			if n > most || n == most && f > fields {
				fields, most = f, n
			}
		}
		if fields < 2 {
			continue
		}
		share := float64(most) / float64(records)
		if d == '\t' && (ext == ".tsv" || ext == ".tab") {
			share++
		}
		if share > best && share >= 0.5 {
			best, sep, sure = share, d, most == records && records > 1
		}
	}
	return sep, sure
}

// start is the whole lines of the first judgedBytes.
func start(text string) string {
	if len(text) <= judgedBytes {
		return text
	}
	text = text[:judgedBytes]
	if end := strings.LastIndexByte(text, '\n'); end > 0 {
		return text[:end]
	}
	return text
}

// evident says that a text of equally many cells a line is a table even though no name says so: words that head columns
// stand in its first line, or between tabs a column is all dates or numbers. A list of names that goes across in columns is
// a text.
func evident(text string, sep byte) bool {
	var rows [][]string
	width := 0
	for q := (&quotes{text: start(text), sep: sep, line: 1}); len(rows) < judged && q.next(); {
		if q.fields == 1 && q.cells[0] == "" {
			continue
		}
		row := make([]string, len(q.cells))
		for i, cell := range q.cells {
			if row[i] = strings.TrimSpace(cell); len(cell) > 300 {
				return false
			}
		}
		rows = append(rows, row)
		width = max(width, len(row))
	}
	heads := 0
	for _, cell := range rows[0] {
		if role, strength := headed(cell); role != NoRole && strength >= exactly {
			heads++
		}
	}
	if sep != '\t' {
		return len(rows) > 2 && heads > 1
	}
	if heads > 0 {
		return true
	}
	for column := range width {
		dates, numbers, filled := 0, 0, 0
		for _, row := range rows {
			if column < len(row) && row[column] != "" {
				filled++
				if isDate(row[column]) {
					dates++
				} else if _, ok := number(row[column]); ok {
					numbers++
				}
			}
		}
		if filled*5 >= len(rows)*4 && max(dates, numbers)*5 >= filled*4 {
			return true
		}
	}
	return false
}

// mostlyShort says that what stands between the delimiters is mostly short, as names are and running text is not.
func mostlyShort(text string, sep byte) bool {
	cells, total := 0, 0
	for q := (&quotes{text: start(text), sep: sep, line: 1}); q.next(); {
		for _, cell := range q.cells {
			if n := len(strings.TrimSpace(cell)); n > 0 {
				cells++
				total += n
			}
		}
	}
	if sep == ',' {
		return cells > 0 && total/cells <= 30
	}
	return cells > 0 && total/cells <= 60
}
