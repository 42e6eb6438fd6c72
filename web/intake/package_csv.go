package intake

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"cosignatory/store/register"
	"cosignatory/web/export"
)

// sheetReader reads one CSV file of a package, row by row: RFC 4180, strictly. A quotation mark that stands where none can
// stand, a row of another width than the header, a cell that is too long are problems of their line.
type sheetReader struct {
	*collector
	table *packTable
	file  string
	raw   bool // texts have no apostrophes before what would run

	in      *bufio.Reader
	closer  io.Closer
	line    int // where the row that was read begins
	next    int // the line that comes
	cells   []string
	ends    []int
	buf     []byte
	columns []string       // of the header
	at      map[string]int // by column
	text    []bool         // by place: free words
	ended   bool
}

// openSheet opens a file and reads its header. It is nil where the file cannot be read at all; the collector says why.
func openSheet(f *packFile, table *packTable, raw bool, c *collector) *sheetReader {
	in, err := f.open()
	if err != nil {
		c.add(f.name, 0, "", "unreadable")
		return nil
	}
	s := &sheetReader{collector: c, table: table, file: f.name, raw: raw, in: bufio.NewReaderSize(in, 1<<18), closer: in, next: 1, at: map[string]int{}}
	if !s.begin() {
		in.Close()
		return nil
	}
	return s
}

func (s *sheetReader) close() { s.closer.Close() }

// begin looks at the first bytes and reads the header.
func (s *sheetReader) begin() bool {
	start, err := s.in.Peek(4096)
	switch {
	case err != nil && err != io.EOF:
		s.add(s.file, 0, "", "unreadable")
		return false
	case len(start) == 0:
		s.add(s.file, 0, "", "file_empty")
		return false
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")), wide(start):
		s.add(s.file, 0, "", "file_utf16")
		return false
	case bytes.IndexByte(start, 0) >= 0, bytes.HasPrefix(start, []byte("%PDF")), bytes.HasPrefix(start, []byte("\xd0\xcf\x11\xe0")):
		s.add(s.file, 0, "", "file_binary")
		return false
	}
	if bytes.HasPrefix(start, []byte("\ufeff")) {
		s.in.Discard(3)
	}
	if !s.record() {
		if len(s.found) == 0 {
			s.add(s.file, 0, "", "file_empty")
		}
		return false
	}
	s.columns = slices.Clone(s.cells)
	if len(s.columns) == 1 && strings.ContainsAny(s.columns[0], ";\t") {
		s.add(s.file, 1, "", "separator")
		return false
	}
	for i, name := range s.columns {
		name = strings.TrimSpace(name)
		s.columns[i] = name
		if _, ok := s.at[name]; ok {
			s.add(s.file, 1, name, "column_twice")
			return false
		}
		s.at[name] = i
	}
	return true
}

// wide says that every other byte is 0: UTF-16 without its mark.
func wide(b []byte) bool {
	n := 0
	for i := 1; i < len(b); i += 2 {
		if b[i] == 0 && b[i-1] != 0 {
			n++
		}
	}
	m := 0
	for i := 0; i < len(b); i += 2 {
		if b[i] == 0 && i+1 < len(b) && b[i+1] != 0 {
			m++
		}
	}
	return len(b) >= 8 && max(n, m) > len(b)*3/8
}

// known looks at the header: all that is needed is there, and nothing that is not known.
func (s *sheetReader) known() bool {
	ok := true
	known := export.Columns(s.table.name)
	for _, name := range s.table.needed {
		if _, there := s.at[name]; !there {
			s.add(s.file, 1, name, "column_missing")
			ok = false
		}
	}
	s.text = make([]bool, len(s.columns))
	for i, name := range s.columns {
		j := slices.IndexFunc(known, func(c export.Column) bool { return c.Name == name })
		if j < 0 {
			var names []string
			for _, c := range known {
				names = append(names, c.Name)
			}
			s.add(s.file, 1, name, "column_unknown", "Columns", strings.Join(names, ", "))
			ok = false
			continue
		}
		s.text[i] = known[j].Type == "text"
	}
	return ok
}

// row reads the next row that has as many cells as the header; others are problems. False at the end of the file.
func (s *sheetReader) row() bool {
	for !s.full() && s.record() {
		if len(s.cells) != len(s.columns) {
			if len(s.cells) == 1 && s.cells[0] == "" {
				continue // an empty line
			}
			s.add(s.file, s.line, "", "row_width", "Found", len(s.cells), "Expected", len(s.columns))
			continue
		}
		bad := false
		for i, cell := range s.cells {
			if !utf8.ValidString(cell) {
				s.add(s.file, s.line, s.columns[i], "file_encoding")
				bad = true
				break
			}
		}
		if !bad {
			return true
		}
		if s.found[len(s.found)-1].Key == "file_encoding" {
			return false // the whole file is in another encoding
		}
	}
	return false
}

// has says that the file has a column.
func (s *sheetReader) has(column string) bool { _, ok := s.at[column]; return ok }

// cell is a cell as it is to be recorded: without blanks at its ends, without what keeps spreadsheets from running it. A line
// of it may end in CRLF, as all lines of a file do that was saved on Windows; a record's lines end in LF.
func (s *sheetReader) cell(column string) string {
	i, ok := s.at[column]
	if !ok {
		return ""
	}
	c := s.cells[i]
	if !s.raw && s.text[i] && len(c) > 1 && c[0] == '\'' && strings.IndexByte("=+-@\t\r", c[1]) >= 0 {
		c = c[1:]
	}
	return register.CleanText(strings.ReplaceAll(c, "\r\n", "\n"))
}

// wrong is a problem of a cell of the row.
func (s *sheetReader) wrong(column, key string, args ...any) {
	s.add(s.file, s.line, column, key, args...)
}

// date reads a date.
func (s *sheetReader) date(column string) register.Date {
	c := s.cell(column)
	d, err := register.ParseDate(c)
	if err != nil {
		s.wrong(column, "date", "Value", excerpt(c))
	}
	return d
}

// number reads a whole number, 0 for an empty cell.
func (s *sheetReader) number(column string) int {
	c := s.cell(column)
	n := 0
	for i := 0; i < len(c); i++ {
		if c[i] < '0' || c[i] > '9' || i > 9 {
			s.wrong(column, "number", "Value", excerpt(c))
			return 0
		}
		n = n*10 + int(c[i]-'0')
	}
	return n
}

// list reads codes parted by “|”.
func (s *sheetReader) list(column string) []string {
	c := s.cell(column)
	if c == "" {
		return nil
	}
	all := strings.Split(c, "|")
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}

// yes reads yes or no, no for an empty cell.
func (s *sheetReader) yes(column string) bool {
	switch c := s.cell(column); c {
	case "yes":
		return true
	case "no", "":
	default:
		s.wrong(column, "yes_no", "Value", excerpt(c))
	}
	return false
}

// excerpt keeps what is repeated in a message short.
func excerpt(s string) string {
	r := []rune(s)
	if len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// record reads one row into cells, whatever its width. False at the end, or where nothing more can be read.
func (s *sheetReader) record() bool {
	if s.ended {
		return false
	}
	s.buf, s.ends, s.line = s.buf[:0], s.ends[:0], s.next
	const (
		outside = iota // at the beginning of a cell
		plain
		inside // between quotation marks
		after  // behind the closing one
	)
	state, from, quoted := outside, 0, false
	bad := func(key string, args ...any) bool {
		s.add(s.file, s.line, "", key, args...)
		s.ended = true
		return false
	}
	for {
		piece, err := s.in.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) && err != io.EOF {
			return bad("unreadable")
		}
		if len(piece) == 0 && err == io.EOF {
			s.ended = true
			if state == outside && len(s.ends) == 0 && len(s.buf) == 0 && !quoted {
				return false
			}
			if state == inside {
				return bad("quote_open")
			}
			s.ends = append(s.ends, len(s.buf))
			break
		}
		// A row without quotation marks is cut at its commas.
		done := false
		if state == outside && from == 0 && len(s.ends) == 0 && err == nil && bytes.IndexByte(piece, '"') < 0 && bytes.IndexByte(piece, '\r') == endOf(piece) {
			s.next++
			line := piece[:len(piece)-1]
			if n := len(line); n > 0 && line[n-1] == '\r' {
				line = line[:n-1]
			}
			for {
				i := bytes.IndexByte(line, ',')
				if i < 0 {
					break
				}
				s.buf = append(s.buf, line[:i]...)
				s.ends = append(s.ends, len(s.buf))
				line = line[i+1:]
			}
			s.buf = append(s.buf, line...)
			s.ends = append(s.ends, len(s.buf))
			break
		}
		for i := 0; i < len(piece) && !done; i++ {
			c := piece[i]
			if c == '\n' {
				s.next++
			}
			switch {
			case state == inside:
				if c == '"' {
					state = after
				} else {
					s.buf = append(s.buf, c)
				}
			case c == '"' && state == outside:
				state, quoted = inside, true
			case c == '"' && state == after:
				s.buf = append(s.buf, '"')
				state = inside
			case c == '"':
				s.line = s.next
				return bad("quote_stray")
			case c == ',':
				s.ends = append(s.ends, len(s.buf))
				state, from = outside, len(s.buf)
			case c == '\n':
				// CRLF or LF: the CR was taken for a part of the cell, unless it stood behind a quotation mark.
				if state != after && len(s.buf) > from && s.buf[len(s.buf)-1] == '\r' {
					s.buf = s.buf[:len(s.buf)-1]
				}
				s.ends = append(s.ends, len(s.buf))
				done = true
			case state == after:
				if c != '\r' {
					return bad("quote_after")
				}
			default:
				s.buf = append(s.buf, c)
				state = plain
			}
			if len(s.buf)-from > maxCell {
				return bad("cell_long", "Max", maxCell>>20)
			}
			if len(s.ends) > maxColumns {
				return bad("row_wide", "Max", maxColumns)
			}
		}
		if done {
			break
		}
	}
	all := string(s.buf)
	s.cells = s.cells[:0]
	from = 0
	for _, end := range s.ends {
		s.cells = append(s.cells, all[from:end])
		from = end
	}
	return true
}

// endOf is where the only CR of a line that ends in CRLF stands, -1 for a line that ends in LF.
func endOf(line []byte) int {
	if n := len(line); n > 1 && line[n-2] == '\r' {
		return n - 2
	}
	return -1
}
