package intake

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Table is a file of rows and columns.
type Table struct {
	Sheets []Sheet
}

// Sheet is one table of a file.
type Sheet struct {
	Name string // as in a workbook; empty for files that are one table
	// Rows are the rows that have something in them. Every row has the same number of cells; a cell is text as shown,
	// without blanks around it, of at most MaxCell bytes.
	Rows [][]string
	// Lines are the numbers that the rows have in the file, from 1: of the row in a workbook, of the line where it begins
	// in a text.
	Lines []int
	// Header is the index of the row that likely names the columns, -1 if there is none.
	Header int
	// Columns is what each column is guessed to hold.
	Columns []Role
	// Hidden says that the workbook does not show the sheet.
	Hidden bool
}

// Role is what a column holds of a declaration's participants.
type Role string

// The roles. A sheet has at most one column of each but for notes and states; NoRole is a column of anything else.
const (
	NoRole   Role = ""
	Name     Role = "name"
	Code     Role = "code"
	Date     Role = "date"
	Capacity Role = "capacity"
	Note     Role = "note"
	Position Role = "position"
	Group    Role = "group"
	State    Role = "state" // whether whoever the row names is on the list, in the words of the register's own files
)

// Roles lists the roles that a column can be given.
var Roles = []Role{Name, Code, Date, Capacity, Note, Position, Group, State}

// tableReader takes a table cell by cell and holds it to the limits. It is what every format writes into.
type tableReader struct {
	got    *Brought
	table  Table
	rows   int // with something in them, in all sheets
	bytes  int // of all cells
	now    []string
	line   int
	cut    int // cells that were longer than MaxCell
	cutAt  string
	filled bool
}

func newTableReader(got *Brought) *tableReader { return &tableReader{got: got} }

// maxSheetName is how many bytes of a sheet's name are kept; Excel allows 31 characters.
const maxSheetName = 200

// sheet begins a sheet.
func (t *tableReader) sheet(name string) *Refusal {
	if len(t.table.Sheets) == MaxSheets {
		return refuse("sheets", "Max", MaxSheets)
	}
	name = strings.ToValidUTF8(name[:min(len(name), maxSheetName)], "")
	name, r := clean(name)
	if r != nil {
		name = ""
	}
	t.table.Sheets = append(t.table.Sheets, Sheet{Name: strings.TrimFunc(name, blank), Header: -1})
	return nil
}

func (t *tableReader) current() *Sheet { return &t.table.Sheets[len(t.table.Sheets)-1] }

// row begins a row, with its number in the file.
func (t *tableReader) row(line int) {
	t.now, t.line, t.filled = nil, line, false
}

// cell puts a text into a column of the row, from 0. Empty cells need no call.
func (t *tableReader) cell(column int, text string) *Refusal {
	text, r := t.text(text, column, t.line)
	if text == "" || r != nil {
		return r
	}
	return t.put(column, text)
}

// put is cell for a text that text has seen already.
func (t *tableReader) put(column int, text string) *Refusal {
	if column >= MaxColumns {
		return refuse("columns", "Max", MaxColumns, "Cell", cellName(column, t.line))
	}
	for len(t.now) <= column {
		t.now = append(t.now, "")
	}
	t.now[column] = text
	t.filled = true
	return nil
}

// text is a cell's text within the limits.
func (t *tableReader) text(text string, column, line int) (string, *Refusal) {
	// Far more than is kept need not be looked at.
	long := len(text) > 2*MaxCell
	if long {
		text = text[:2*MaxCell]
	}
	text = strings.ToValidUTF8(text, "")
	if cleaned, r := clean(text); r == nil {
		text = cleaned
	} else {
		text = ""
	}
	text = strings.TrimFunc(text, blank)
	if len(text) > MaxCell {
		end := MaxCell
		for end > 0 && !utf8.RuneStart(text[end]) {
			end--
		}
		text, long = text[:end], true
	}
	if long {
		if t.cut++; t.cut == 1 {
			t.cutAt = cellName(column, line)
		}
	}
	if t.bytes += len(text); t.bytes > MaxTable {
		return "", refuse("table_big", "Max", MaxTable/megabyte)
	}
	return text, nil
}

// endRow ends a row; an empty one leaves nothing behind.
func (t *tableReader) endRow() *Refusal {
	if !t.filled {
		return nil
	}
	if t.rows++; t.rows > MaxRows {
		return refuse("rows", "Max", MaxRows)
	}
	s := t.current()
	s.Rows = append(s.Rows, t.now)
	s.Lines = append(s.Lines, t.line)
	t.now = nil
	return nil
}

// finish makes the rows of each sheet equally wide, leaves empty sheets out and guesses what the columns hold.
func (t *tableReader) finish() (*Table, *Refusal) {
	table := &Table{}
	for _, s := range t.table.Sheets {
		width := 0
		rows, lines := s.Rows[:0], s.Lines[:0]
		for i, row := range s.Rows {
			for len(row) > 0 && row[len(row)-1] == "" {
				row = row[:len(row)-1]
			}
			if len(row) > 0 {
				rows, lines = append(rows, row), append(lines, s.Lines[i])
				width = max(width, len(row))
			}
		}
		if len(rows) == 0 {
			continue
		}
		for i, row := range rows {
			if len(row) < width {
				wide := make([]string, width)
				copy(wide, row)
				rows[i] = wide
			}
		}
		s.Rows, s.Lines = rows, lines
		Guess(&s, nil)
		if s.Hidden {
			t.got.remark("hidden_sheet", "Sheet", s.Name)
		}
		table.Sheets = append(table.Sheets, s)
	}
	if len(table.Sheets) == 0 {
		return nil, refuse("no_rows")
	}
	if t.cut > 0 {
		t.got.remark("cells_cut", "Count", t.cut, "Max", MaxCell, "Cell", t.cutAt)
	}
	return table, nil
}

// cellName is a cell as spreadsheets name it: B7 is in the second column of the seventh row.
func cellName(column, row int) string {
	name := ""
	for column++; column > 0; column = (column - 1) / 26 {
		name = string(rune('A'+(column-1)%26)) + name
	}
	return name + strconv.Itoa(row)
}
