package intake

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// This file writes a table so that pages can carry it along in a field of a form, and reads such a field again. Nobody knows
// who wrote what a form sends: it is held to the limits that a file is held to, while it is read.

const (
	// MaxPacked is how many bytes a table may have as pages carry it along.
	MaxPacked = 4 << 20
	// maxCarried is how many bytes it may have when unpacked: all that cells may hold, with a little for what is between them.
	maxCarried = MaxTable + 1<<20
)

// errPacked says that a table is more than pages carry along.
var errPacked = errors.New("intake: the table is too large to be carried along")

// Pack is the table as a field of a form. It is an error where Unpack would not read it again.
func (t *Table) Pack() (string, error) {
	var plain, packed bytes.Buffer
	out := json.NewEncoder(&plain)
	out.SetEscapeHTML(false) // it stands in no page as it is
	if err := out.Encode(t); err != nil {
		return "", err
	}
	w, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		return "", err
	}
	if _, err := w.Write(plain.Bytes()); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	if plain.Len() > maxCarried || base64.RawURLEncoding.EncodedLen(packed.Len()) > MaxPacked {
		return "", errPacked
	}
	return base64.RawURLEncoding.EncodeToString(packed.Bytes()), nil
}

// Unpack reads the field that Pack wrote. The error is a *Refusal.
func Unpack(s string) (*Table, error) {
	if len(s) > MaxPacked {
		return nil, refuse("carried")
	}
	packed, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, refuse("carried")
	}
	u := &unpacker{in: json.NewDecoder(whole{io.LimitReader(flate.NewReader(bytes.NewReader(packed)), maxCarried)})}
	t := u.table()
	if u.refused == nil {
		u.refused = t.Valid()
	}
	if u.refused != nil {
		return nil, u.refused
	}
	return t, nil
}

// Valid says what keeps a table from being one that was read from a file: nil for nothing. A table that is not valid is not to be
// guessed about or shown.
func (t *Table) Valid() *Refusal {
	if len(t.Sheets) == 0 {
		return refuse("carried")
	}
	if len(t.Sheets) > MaxSheets {
		return refuse("sheets", "Max", MaxSheets)
	}
	rows, size := 0, 0
	for i := range t.Sheets {
		s := &t.Sheets[i]
		if rows += len(s.Rows); rows > MaxRows {
			return refuse("rows", "Max", MaxRows)
		}
		if len(s.Rows) == 0 || len(s.Rows[0]) == 0 || len(s.Lines) != len(s.Rows) || len(s.Columns) != len(s.Rows[0]) || s.Header < -1 || s.Header >= len(s.Rows) ||
			len(s.Name) > maxSheetName || !asRead(s.Name) || slices.ContainsFunc(s.Columns, func(r Role) bool { return r != NoRole && !slices.Contains(Roles, r) }) {
			return refuse("carried")
		}
		for n, row := range s.Rows {
			if len(row) > MaxColumns {
				return refuse("columns", "Max", MaxColumns, "Cell", cellName(MaxColumns, s.Lines[n]))
			}
			if len(row) != len(s.Rows[0]) {
				return refuse("carried")
			}
			for _, cell := range row {
				if len(cell) > MaxCell || !asRead(cell) {
					return refuse("carried")
				}
				if size += len(cell); size > MaxTable {
					return refuse("table_big", "Max", MaxTable/megabyte)
				}
			}
		}
	}
	return nil
}

// asRead says that a text is as reading leaves it: UTF-8 without control characters, and no blanks around it.
func asRead(s string) bool {
	cleaned, r := clean(s)
	return utf8.ValidString(s) && r == nil && cleaned == s && strings.TrimFunc(s, blank) == s
}

// whole fills what it is given to read into. The decoder looks through a long piece again with every reading, which is the square of
// its length where each brings the same few bytes, and no more than twice its length where its buffer doubles.
type whole struct{ io.Reader }

func (r whole) Read(b []byte) (int, error) {
	n, err := io.ReadFull(r.Reader, b)
	if n > 0 {
		err = nil // the next reading says it
	}
	return n, err
}

// unpacker reads a table sign by sign. A decoder that is given the whole would make a million sheets of a kilobyte before anybody
// could count them.
type unpacker struct {
	in      *json.Decoder
	rows    int // in all sheets
	refused *Refusal
}

func (u *unpacker) refuse(r *Refusal) {
	if u.refused == nil {
		u.refused = r
	}
}

func (u *unpacker) next() json.Token {
	if u.refused != nil {
		return nil
	}
	t, err := u.in.Token()
	if err != nil {
		u.refuse(refuse("carried"))
	}
	return t
}

// expect reads a bracket.
func (u *unpacker) expect(bracket json.Delim) {
	if u.next() != bracket {
		u.refuse(refuse("carried"))
	}
}

func (u *unpacker) list(item func()) {
	u.expect('[')
	for u.refused == nil && u.in.More() {
		item()
	}
	u.expect(']')
}

func (u *unpacker) fields(field func(name string)) {
	u.expect('{')
	for u.refused == nil && u.in.More() {
		field(u.text())
	}
	u.expect('}')
}

func (u *unpacker) text() string {
	s, ok := u.next().(string)
	if !ok {
		u.refuse(refuse("carried"))
	}
	return s
}

func (u *unpacker) number() int {
	n, ok := u.next().(float64)
	if !ok || n != math.Trunc(n) || n < -1 || n > math.MaxInt32 {
		u.refuse(refuse("carried"))
		return 0
	}
	return int(n)
}

func (u *unpacker) truth() bool {
	is, ok := u.next().(bool)
	if !ok {
		u.refuse(refuse("carried"))
	}
	return is
}

func (u *unpacker) table() *Table {
	t := &Table{}
	u.fields(func(name string) {
		if name != "Sheets" || t.Sheets != nil {
			u.refuse(refuse("carried"))
		}
		u.list(func() {
			if len(t.Sheets) == MaxSheets {
				u.refuse(refuse("sheets", "Max", MaxSheets))
				return
			}
			t.Sheets = append(t.Sheets, u.sheet())
		})
	})
	return t
}

func (u *unpacker) sheet() (s Sheet) {
	seen := map[string]bool{}
	u.fields(func(name string) {
		if seen[name] {
			u.refuse(refuse("carried"))
		}
		switch seen[name] = true; name {
		case "Name":
			s.Name = u.text()
		case "Rows":
			u.list(func() {
				if u.rows++; u.rows > MaxRows {
					u.refuse(refuse("rows", "Max", MaxRows))
					return
				}
				s.Rows = append(s.Rows, u.row())
			})
		case "Lines":
			u.list(func() {
				if len(s.Lines) == MaxRows {
					u.refuse(refuse("carried"))
					return
				}
				s.Lines = append(s.Lines, u.number())
			})
		case "Header":
			s.Header = u.number()
		case "Columns":
			u.list(func() {
				if len(s.Columns) == MaxColumns {
					u.refuse(refuse("carried"))
					return
				}
				s.Columns = append(s.Columns, Role(u.text()))
			})
		case "Hidden":
			s.Hidden = u.truth()
		default:
			u.refuse(refuse("carried"))
		}
	})
	return s
}

func (u *unpacker) row() (cells []string) {
	u.list(func() {
		if len(cells) == MaxColumns {
			u.refuse(refuse("columns", "Max", MaxColumns, "Cell", cellName(MaxColumns, u.rows)))
			return
		}
		cells = append(cells, u.text())
	})
	return cells
}
