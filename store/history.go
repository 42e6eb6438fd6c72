package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"cosignatory/store/register"
)

// The history is the whole chain of revisions as a file of JSON lines: one revision a line, from 1 on. Whoever has it can
// make the register of any of its revisions again, and can check every hash alone.
//
// A line is one JSON object with these keys in this order, without blanks:
//
//	revision, published_at, subject, declaration_id, declaration, changes, summary, reason, reason_language, author_role,
//	author_name, previous_hash, hash, rows
//
// rows are the row versions that the revision ended ("-") and began ("+"): ["+","sponsor",[1,0,"KOR"]]. Texts are escaped as
// encoding/json does: besides what JSON asks for, <, >, &, U+2028 and U+2029 are written \u003c, \u003e, \u0026, \u2028 and
// \u2029. To check a line:
//
//  1. Write each element of rows on a line of its own, as it stands in the file, each ended by one LF. Take the SHA-256.
//  2. Write the JSON array ["cosignatory revision 1", revision, published_at, subject, declaration_id, declaration, changes,
//     summary, reason, reason_language, author_role, author_name, previous_hash, the SHA-256 of step 1], each as it stands in
//     the file, without blanks. Its SHA-256 is hash, and hash is the next line's previous_hash.

// historyKeys stand before the values of a line, in order.
var historyKeys = [...]string{`{"revision":`, `,"published_at":`, `,"subject":`, `,"declaration_id":`, `,"declaration":`, `,"changes":`,
	`,"summary":`, `,"reason":`, `,"reason_language":`, `,"author_role":`, `,"author_name":`, `,"previous_hash":`, `,"hash":`, `,"rows":[`}

// WriteHistory writes the revisions up to the view's, oldest first, as lines of JSON: the same bytes for the same revision,
// for ever. Memory is bounded by the largest revision. Line n is revision n.
func (v *View) WriteHistory(ctx context.Context, w io.Writer) error {
	conn, err := v.store.export.Conn(ctx)
	if err != nil {
		return plain(err)
	}
	defer conn.Close()
	return v.eachLine(ctx, conn, "number <= ? ORDER BY number", []any{v.Revision}, func(line []byte) error {
		_, err := w.Write(line)
		return err
	})
}

// HistoryLines are the lines of the history of the revisions after one, oldest first, each with its LF: what WriteHistory writes
// from there on. There are at most limit, and fewer where more than most bytes came together; but one at least, where there is
// one by the view's revision.
func (v *View) HistoryLines(ctx context.Context, after, limit, most int) ([][]byte, error) {
	var lines [][]byte
	size := 0
	err := v.eachLine(ctx, v.reader, "number > ? AND number <= ? ORDER BY number LIMIT ?", []any{after, v.Revision, limit}, func(line []byte) error {
		lines = append(lines, bytes.Clone(line))
		if size += len(line); size >= most {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return lines, err
}

// errEnough ends a reading that has what was asked for.
var errEnough = errors.New("store: enough")

// eachLine calls f with the lines of revisions, each with its LF; a line stands until f returns.
func (v *View) eachLine(ctx context.Context, q queryer, where string, args []any, f func(line []byte) error) error {
	rows, err := q.QueryContext(ctx, `SELECT number, published_at, subject, declaration_id, declaration, changes, summary, reason, reason_lang,
		author_role, author_name, previous_hash, hash, change FROM revision WHERE `+where, args...)
	if err != nil {
		return plain(err)
	}
	defer rows.Close()
	var b []byte
	var unpack inflater
	for rows.Next() {
		var number, declaration int64
		var at, subject, slug, changes, summary, reason, lang, role, name, previous, hash string
		var change []byte
		if err := rows.Scan(&number, &at, &subject, &declaration, &slug, &changes, &summary, &reason, &lang, &role, &name, &previous, &hash, &change); err != nil {
			return plain(err)
		}
		lines, err := unpack.all(change)
		if err != nil {
			return fmt.Errorf("revision %d: %w: %w", number, err, ErrDamaged)
		}
		b = strconv.AppendInt(append(b[:0], historyKeys[0]...), number, 10)
		for i, s := range []string{at, subject, "", slug, "", summary, reason, lang, role, name, previous, hash} {
			b = append(b, historyKeys[i+1]...)
			switch i {
			case 2:
				b = strconv.AppendInt(b, declaration, 10)
			case 4:
				b = append(b, changes...)
			default:
				b = appendText(b, s)
			}
		}
		b = append(b, historyKeys[13]...)
		// A text has its line breaks escaped: a line feed is always the end of a row.
		for from := 0; from < len(lines); {
			end := bytes.IndexByte(lines[from:], '\n')
			if end < 0 {
				return fmt.Errorf("revision %d: its change has no end: %w", number, ErrDamaged)
			}
			if from > 0 {
				b = append(b, ',')
			}
			b = append(b, lines[from:from+end]...)
			from += end + 1
		}
		b = append(b, "]}\n"...)
		if err := f(b); err != nil {
			return err
		}
	}
	return plain(rows.Err())
}

// plainByte says of a byte that it stands for itself in a canonical JSON text.
var plainByte = func() (t [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' && c != 0x7f
	}
	t[0x7f] = true
	return t
}()

const hexDigits = "0123456789abcdef"

// appendText appends a text as encoding/json writes it.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); {
		if plainByte[s[i]] {
			i++
			continue
		}
		if c := s[i]; c < utf8.RuneSelf {
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
			case '\b':
				b = append(b, '\\', 'b')
			case '\f':
				b = append(b, '\\', 'f')
			default:
				b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			}
			i++
			from = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b = append(append(b, s[from:i]...), `\ufffd`...)
			from = i + 1
		case r == '\u2028' || r == '\u2029':
			b = append(append(b, s[from:i]...), '\\', 'u', '2', '0', '2', hexDigits[r&15])
			from = i + size
		}
		i += size
	}
	return append(append(b, s[from:]...), '"')
}

// appendValues appends the values of a row as encoding/json writes them: integers and texts.
func appendValues(b []byte, values []any) []byte {
	b = append(b, '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		switch v := v.(type) {
		case int64:
			b = strconv.AppendInt(b, v, 10)
		case string:
			b = appendText(b, v)
		default:
			panic(fmt.Sprintf("store: a value of type %T in a row", v))
		}
	}
	return append(b, ']')
}

// Unsound says what is wrong with a history that was to be replayed: the line in its file, the revision that the line is or
// should be, and the message that says it. Nothing was written.
type Unsound struct {
	Line, Revision int
	Key            string // of a message: history_shape, history_chain …
	Args           map[string]any
}

func (e *Unsound) Error() string {
	return fmt.Sprintf("store: history line %d, revision %d: %s %v", e.Line, e.Revision, e.Key, e.Args)
}

// Diverged says that a history is not the continuation of a register's own: from Revision on they differ. Nothing was
// written.
type Diverged struct {
	Revision     int
	Ours, Theirs string // the hashes of that revision
}

func (e *Diverged) Error() string {
	return fmt.Sprintf("store: revision %d differs: here its hash is %s, in the history %s", e.Revision, e.Ours, e.Theirs)
}

// past is a revision as a line of history tells it.
type past struct {
	line int
	register.Revision
	at          string // PublishedAt as written
	declaration int64
	changes     string // Changes as written
	summary     string
	ended       []row
	begun       []row
	change      []byte // packed lines, for the table of revisions

	// What the rows make of a declaration, where they are all that there is of it, and whether that keeps the rules, as far as
	// the reference data checked is that of the revision.
	state    *register.Declaration
	stateErr error
	checked  *register.Reference
	sound    bool

	err error // what is wrong with it; the fields before are filled as far as they could be read
}

// shapeOf are the types of a table's values, a letter each: i whole number from 0, s text, d date.
func shapeOf(t *table) string {
	whole := map[string]bool{"id": true, "declaration": true, "position": true, "number": true, "printed_position": true, "joining_not_recorded": true}
	dates := map[string]bool{"adopted": true, "presented": true, "published": true, "opened": true, "closed": true, "date": true, "public_date": true,
		"read_on": true, "un_admission": true, "valid_from": true, "valid_to": true, "since": true, "until": true}
	var shape strings.Builder
	for _, c := range append(append([]string{}, t.key...), t.columns...) {
		switch {
		case whole[c]:
			shape.WriteByte('i')
		case dates[c]:
			shape.WriteByte('d')
		default:
			shape.WriteByte('s')
		}
	}
	return shape.String()
}

var declarationShapes, referenceShapes = shapes(declarationTables), shapes(referenceTables)

func shapes(tables []table) []string {
	all := make([]string, len(tables))
	for i := range tables {
		all[i] = shapeOf(&tables[i])
	}
	return all
}

func tablesOf(subject string) ([]table, []string) {
	if subject == register.OfReference {
		return referenceTables, referenceShapes
	}
	return declarationTables, declarationShapes
}

// scanner reads the canonical JSON of one line. What is not canonical is an error: its hash could not be made again.
type scanner struct {
	s string
	i int
}

var errShape = errors.New("not as the register writes it")

func (x *scanner) expect(s string) error {
	if !strings.HasPrefix(x.s[x.i:], s) {
		return errShape
	}
	x.i += len(s)
	return nil
}

func (x *scanner) number() (int64, error) {
	from, n := x.i, int64(0)
	for x.i < len(x.s) && x.s[x.i] >= '0' && x.s[x.i] <= '9' {
		n = n*10 + int64(x.s[x.i]-'0')
		if x.i++; x.i-from > 18 {
			return 0, errShape
		}
	}
	if x.i == from || x.s[from] == '0' && x.i-from > 1 {
		return 0, errShape
	}
	return n, nil
}

// text reads a text. Control characters other than tabs and line breaks are no part of a register.
func (x *scanner) text() (string, error) {
	if x.i >= len(x.s) || x.s[x.i] != '"' {
		return "", errShape
	}
	x.i++
	from := x.i
	var escaped []byte // what was read before from, once an escape was met
	for x.i < len(x.s) {
		c := x.s[x.i]
		if plainByte[c] {
			x.i++
			continue
		}
		switch {
		case c == '"':
			s := x.s[from:x.i]
			x.i++
			if escaped != nil {
				return string(append(escaped, s...)), nil
			}
			return s, nil
		case c == '\\':
			escaped = append(escaped, x.s[from:x.i]...)
			rest := x.s[x.i+1:]
			if rest == "" {
				return "", errShape
			}
			size := 2
			switch rest[0] {
			case '"', '\\':
				escaped = append(escaped, rest[0])
			case 'n':
				escaped = append(escaped, '\n')
			case 'r':
				escaped = append(escaped, '\r')
			case 't':
				escaped = append(escaped, '\t')
			default:
				size = 6
				if len(rest) < 5 {
					return "", errShape
				}
				switch rest[:5] {
				case "u003c":
					escaped = append(escaped, '<')
				case "u003e":
					escaped = append(escaped, '>')
				case "u0026":
					escaped = append(escaped, '&')
				case "u2028":
					escaped = append(escaped, "\u2028"...)
				case "u2029":
					escaped = append(escaped, "\u2029"...)
				default:
					return "", errShape
				}
			}
			x.i += size
			from = x.i
		case c < utf8.RuneSelf:
			return "", errShape
		default:
			r, size := utf8.DecodeRuneInString(x.s[x.i:])
			if r == utf8.RuneError && size == 1 || r == '\u2028' || r == '\u2029' {
				return "", errShape
			}
			x.i += size
		}
	}
	return "", errShape
}

// raw reads one JSON array and gives it as it stands.
func (x *scanner) raw() (string, error) {
	from, depth := x.i, 0
	for x.i < len(x.s) {
		switch x.s[x.i] {
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth == 0 {
				x.i++
				return x.s[from:x.i], nil
			}
		case '"':
			for x.i++; x.i < len(x.s) && x.s[x.i] != '"'; x.i++ {
				if x.s[x.i] == '\\' {
					x.i++
				}
			}
		}
		if depth == 0 {
			return "", errShape
		}
		x.i++
	}
	return "", errShape
}

// parsePast reads a line of history and checks all that the line alone can tell: its shape, its hash, that it is written as
// this program writes it. w hashes and packs.
func parsePast(line string, n int, w *pastWorker) *past {
	p := &past{line: n}
	p.Number = n
	p.err = p.parse(&scanner{s: line}, w)
	return p
}

// pastWorker is what one reader of histories uses again and again.
type pastWorker struct {
	lines, head []byte
	pack        deflater
	ref         *atomic.Pointer[register.Reference] // the reference data of the newest revision that was made again
}

func (p *past) wrong(key string, args ...any) *Unsound {
	e := &Unsound{Line: p.line, Revision: p.Number, Key: key}
	for i := 0; i+1 < len(args); i += 2 {
		if e.Args == nil {
			e.Args = map[string]any{}
		}
		e.Args[args[i].(string)] = args[i+1]
	}
	return e
}

func (p *past) parse(x *scanner, w *pastWorker) error {
	shape := func(what string) error {
		near := x.s[min(x.i, len(x.s)):]
		if len(near) > 40 {
			near = strings.ToValidUTF8(near[:40], "") + "…"
		}
		return p.wrong("history_shape", "What", what, "Near", near)
	}
	if err := x.expect(historyKeys[0]); err != nil {
		return shape("revision")
	}
	number, err := x.number()
	if err != nil || number > 1<<30 {
		return shape("revision")
	}
	if int(number) != p.line {
		return p.wrong("history_number", "Found", number)
	}
	head := append(w.head[:0], `["cosignatory revision 1",`...)
	head = strconv.AppendInt(head, number, 10)
	for i, to := range []*string{&p.at, &p.Subject, nil, &p.Declaration, &p.changes, &p.summary, &p.Reason, &p.ReasonLang, &p.AuthorRole, &p.AuthorName,
		&p.PreviousHash, &p.Hash} {
		name := strings.Trim(historyKeys[i+1], `,":`)
		if err := x.expect(historyKeys[i+1]); err != nil {
			return shape(name)
		}
		from := x.i
		switch i {
		case 2:
			p.declaration, err = x.number()
		case 4:
			*to, err = x.raw()
		default:
			*to, err = x.text()
		}
		if err != nil {
			return shape(name)
		}
		if i < 11 {
			head = append(append(head, ','), x.s[from:x.i]...)
		}
	}
	if p.PublishedAt, err = time.Parse(time.RFC3339, p.at); err != nil || p.PublishedAt.UTC().Format(time.RFC3339) != p.at {
		return shape("published_at")
	}
	if p.Subject != register.OfDeclaration && p.Subject != register.OfReference || (p.Subject == register.OfReference) != (p.declaration == 0) {
		return shape("subject")
	}
	if err := json.Unmarshal([]byte(p.changes), &p.Changes); err != nil {
		return shape("changes")
	}
	if b, err := json.Marshal(p.Changes); err != nil || string(b) != p.changes {
		return shape("changes")
	}
	if err := x.expect(historyKeys[13]); err != nil {
		return shape("rows")
	}
	w.lines = w.lines[:0]
	if err := p.parseRows(x, w); err != nil {
		if errors.Is(err, errShape) {
			return shape("rows")
		}
		return err
	}
	if x.expect("}") != nil || x.i != len(x.s) {
		return shape("rows")
	}
	head = append(append(head, `,"`...), hexSum(w.lines)...)
	head = append(head, `"]`...)
	w.head = head
	if h := hexSum(head); h != p.Hash {
		return p.wrong("history_hash", "Recorded", p.Hash, "Found", h)
	}
	if tables, _ := tablesOf(p.Subject); twice(tables, p.begun) {
		return p.wrong("history_row_twice", "Row", p.begun[0].text())
	}
	p.change = w.pack.all(w.lines)
	if p.declaration > 0 && len(p.ended) == 0 {
		if p.state, p.stateErr = declarationOf(p.begun); p.stateErr == nil {
			p.checked = w.ref.Load()
			p.sound = len(p.state.Validate(p.checked)) == 0
		}
	}
	return nil
}

// parseRows reads the rows up to the bracket after them, and appends each as a line to what is hashed.
func (p *past) parseRows(x *scanner, w *pastWorker) error {
	tables, shapes := tablesOf(p.Subject)
	at, before, text := 0, false, "" // of the row before
	for first := true; ; first = false {
		if x.expect("]") == nil {
			if first {
				return p.wrong("history_rows_none")
			}
			return nil
		}
		if !first {
			if err := x.expect(","); err != nil {
				return err
			}
		}
		from := x.i
		if err := x.expect(`["`); err != nil || x.i >= len(x.s) {
			return errShape
		}
		begun := x.s[x.i] == '+'
		if !begun && x.s[x.i] != '-' {
			return errShape
		}
		x.i++
		if err := x.expect(`",`); err != nil {
			return err
		}
		name, err := x.text()
		if err != nil {
			return err
		}
		var r row
		for r.table = 0; r.table < len(tables) && tables[r.table].name != name; r.table++ {
		}
		if r.table == len(tables) {
			return p.wrong("history_table", "Table", name)
		}
		if err := x.expect(","); err != nil {
			return err
		}
		start := x.i
		if r.values, err = x.values(shapes[r.table]); err != nil {
			return err
		}
		previous := text
		text = x.s[start:x.i]
		if err := x.expect("]"); err != nil {
			return err
		}
		if p.declaration != 0 && r.values[0].(int64) != p.declaration {
			return p.wrong("history_foreign_row", "Row", text)
		}
		// The order is that of changeLines: a change has one text only.
		if !first && (r.table < at || r.table == at && (begun == before && text <= previous || before && !begun)) {
			return p.wrong("history_order", "Row", text)
		}
		at, before = r.table, begun
		if begun {
			p.begun = append(p.begun, r)
		} else {
			p.ended = append(p.ended, r)
		}
		w.lines = append(append(w.lines, x.s[from:x.i]...), '\n')
	}
}

func (x *scanner) values(shape string) ([]any, error) {
	if err := x.expect("["); err != nil {
		return nil, err
	}
	values := make([]any, len(shape))
	for i := range len(shape) {
		if i > 0 {
			if err := x.expect(","); err != nil {
				return nil, err
			}
		}
		if shape[i] == 'i' {
			n, err := x.number()
			if err != nil {
				return nil, err
			}
			values[i] = n
			continue
		}
		s, err := x.text()
		if err != nil {
			return nil, err
		}
		if shape[i] == 'd' {
			if _, err := register.ParseDate(s); err != nil {
				return nil, errShape
			}
		}
		values[i] = s
	}
	return values, x.expect("]")
}
