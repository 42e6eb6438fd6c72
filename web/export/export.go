// Package export writes the register's files. It knows no HTTP: encoders write to an io.Writer and serve the web and the
// command line alike, with the same bytes.
//
// The bytes are a function of the view, the day and the other options alone (D26). “Today” would break that: where an
// address names a revision and no as_of, the day is the one on which that revision was published (DayOf), whoever asks and
// whenever.
package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"cosignatory/store"
	"cosignatory/store/register"
)

// Format is a file format, named as its extension.
type Format string

// The formats of tables.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
	JSON Format = "json"
)

// Formats are the formats in which every table can be had.
func Formats() []Format { return []Format{CSV, XLSX, JSON} }

// Known says that every table can be had in a format.
func Known(f Format) bool { return slices.Contains(Formats(), f) }

// Files that are not tables: the whole register in one, and its history.
const (
	Register = "register" // a Data Package, a database or one JSON document: see WritePackage, WriteDatabase, WriteDocument
	History  = "history"  // JSON lines: see store.View.WriteHistory

	Zip       Format = "zip"
	SQLite    Format = "sqlite"
	JSONLines Format = "jsonl"
)

// FormatsOf are the formats in which a file of the whole register can be had, none for a name that is no file.
func FormatsOf(name string) []Format {
	switch {
	case name == Register:
		return []Format{Zip, SQLite, JSON}
	case name == History:
		return []Format{JSONLines}
	case columns[name] != nil:
		return Formats()
	}
	return nil
}

// ContentType is the media type of a format, empty for an unknown one.
func ContentType(f Format) string {
	switch f {
	case CSV:
		return "text/csv; charset=utf-8; header=present"
	case JSON:
		return "application/json; charset=utf-8"
	case JSONLines:
		return "application/jsonl; charset=utf-8"
	case XLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case Zip:
		return "application/zip"
	case SQLite:
		return "application/vnd.sqlite3"
	case BibTeX:
		return "application/x-bibtex; charset=utf-8"
	case RIS:
		return "application/x-research-info-systems; charset=utf-8"
	case CSLJSON:
		return "application/vnd.citationstyles.csl+json"
	case CFF:
		return "application/yaml"
	}
	return ""
}

// Licence and Disclaimer go with every file that has room for them (D16).
const (
	Licence    = "CC0-1.0"
	Disclaimer = "The designations used and the presentation of the material in this register do not imply the expression of any " +
		"opinion whatsoever concerning the legal status of any country, territory, city or area, or of its authorities, or concerning the " +
		"delimitation of its frontiers or boundaries. References to Kosovo are to be understood in the context of Security Council " +
		"resolution 1244 (1999). Names printed by a source are kept as printed."
)

// Options say which register a file is made of, and how.
type Options struct {
	View *store.View
	// Day is the day that statuses and counts hold for. AsOfGiven says that the reader named it; the bytes do not depend on
	// that.
	Day       register.Day
	AsOfGiven bool
	Lang      string // of titles, names and the register's own words; English where empty
	BaseURL   string // before addresses of pages, without a slash at the end
	Format    Format // CSV where empty

	BOM            bool // CSV begins with a byte order mark, for Excel (D22)
	Raw            bool // CSV text is left as it is, even where a spreadsheet would run it (D23)
	IncludeImplied bool // signatories and matrix: those too that stand on a list through a group only (D6)
	Filtered       bool // the rows are chosen by a filter: file name and metadata say so (D25)
	Gentle         bool // the file is made when nothing else wants the processor: see GiveWay

	// Order, where not nil, orders the signatories of each declaration; those that it holds for equal stay in the order of codes.
	Order func(a, b Placed) int

	// Address is where the same rows can be had for ever in this format, for files that say where they are from; that of the
	// file of the whole register where empty. Filters are the parameters of the address by which rows are chosen.
	Address string
	Filters []Filter
	// Folder is for a database while it is made; the system's temporary folder where empty. Step, where not nil, is told of
	// each part of the whole register that is begun, and of the parts there are: a database is written late.
	Folder string
	Step   func(done, of int)

	within  bool                   // a table within a document of the whole register
	sink    func(b []byte) error   // takes native rows
	heading func(columns []Column) // is told the columns of a table
}

// Placed is a signatory as an order knows it: by its code and the place in the printed list that its row says, 0 for none.
type Placed struct {
	Participant string
	Position    int
	Recorded    int // its place in the order of the record
}

// ErrUnknown says that there is no file of that name or no such format.
var ErrUnknown = errors.New("export: no such file or format")

// DayOf is the day of a file at a named revision for a reader who names no day: the calendar day, in UTC, on which the view's revision was
// published; 1970-01-01 for an empty register.
func DayOf(ctx context.Context, v *store.View) (register.Day, error) {
	r, err := v.RevisionOf(ctx, v.Revision)
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return register.Today(r.PublishedAt), nil
}

// FileName is the name under which a file is saved: what it holds, the day, the revision and whether it is filtered.
func FileName(scope string, o Options) string {
	o = o.whole()
	name := fmt.Sprintf("cosignatory-%s-%s-r%d", scope, o.Day, o.View.Revision)
	if o.Filtered {
		name += "-filtered"
	}
	return name + "." + string(o.Format)
}

// english is the language of files where none is asked for. It is not asked of the catalogues: reading them takes memory that a
// table has no use for.
const english = "en"

// whole fills in the defaults.
func (o Options) whole() Options {
	if o.Lang == "" {
		o.Lang = english
	}
	if o.Format == "" {
		o.Format = CSV
	}
	o.BaseURL = strings.TrimRight(o.BaseURL, "/")
	return o
}

// Write writes a whole file of the register: one of Names, Register (a package where the options name none of its other
// formats) or History, whatever the options say of its format. The first bytes come at once; memory does not grow with the
// register, but for the matrix: a byte a cell. Where it returns an error, what was written is no file.
func Write(ctx context.Context, w io.Writer, name string, o Options) error {
	switch name {
	case "participants":
		return WriteParticipants(ctx, w, o, nil)
	case "groups":
		return WriteGroups(ctx, w, o, nil)
	case "group_members":
		return writeMemberships(ctx, w, o, o.View.Ref.Groups, func(g *register.Group) []register.Membership { return g.Members })
	case "revisions":
		return writeRevisions(ctx, w, o, o.View.EachRevision)
	case "matrix":
		return writeMatrix(ctx, w, o, nil, true, nil)
	case Register:
		switch o.Format {
		case JSON:
			return WriteDocument(ctx, w, o)
		case SQLite:
			return WriteDatabase(ctx, w, o)
		}
		return WritePackage(ctx, w, o)
	case History:
		return o.View.WriteHistory(ctx, w)
	}
	if rows := records[name]; rows != nil {
		x, err := begin(ctx, w, name, columns[name], o)
		if err != nil {
			return err
		}
		return x.simple(func(p *pen) error {
			if err := rows(ctx, x, p); err != nil {
				return err
			}
			return ctx.Err()
		})
	}
	kind, ok := kinds[name]
	if !ok {
		return fmt.Errorf("%w: %s", ErrUnknown, name)
	}
	last, err := o.View.LastID(ctx)
	if err != nil {
		return err
	}
	x, err := begin(ctx, w, name, columns[name], o)
	if err != nil {
		return err
	}
	return x.declarations(ctx, kind, spans(last))
}

// WriteSome writes the rows of declarations, signatories, actions or sources that belong to chosen declarations, in the
// order of ids.
func WriteSome(ctx context.Context, w io.Writer, name string, o Options, ids []int64) error {
	return writeSome(ctx, w, name, o, ids, "")
}

func writeSome(ctx context.Context, w io.Writer, name string, o Options, ids []int64, participant string) error {
	kind, ok := kinds[name]
	if !ok {
		return fmt.Errorf("%w: %s", ErrUnknown, name)
	}
	x, err := begin(ctx, w, name, columns[name], o)
	if err != nil {
		return err
	}
	return x.declarations(ctx, kind, chosen(ids, participant))
}

// WriteDeclarations writes the declarations of a list in its order.
func WriteDeclarations(ctx context.Context, w io.Writer, o Options, ids []int64) error {
	return WriteSome(ctx, w, "declarations", o, ids)
}

// WriteSignatories writes the signatories of declarations, in the order of ids: of all participants or, where one is
// given, of that one alone. It is the file of a declaration and of a participant.
func WriteSignatories(ctx context.Context, w io.Writer, o Options, ids []int64, participant string) error {
	return writeSome(ctx, w, "signatories", o, ids, participant)
}

// WriteChanges writes revisions, newest first: all up to the view's, or those of one declaration where id is not 0.
func WriteChanges(ctx context.Context, w io.Writer, o Options, id int64) error {
	return writeRevisions(ctx, w, o, func(ctx context.Context, f func(*register.Revision, string) error) error {
		return o.View.EachChange(ctx, id, f)
	})
}

// WriteMatrix writes participants × declarations: a row for each of codes (every participant for nil), a column for each
// of ids, in their order.
func WriteMatrix(ctx context.Context, w io.Writer, o Options, ids []int64, codes []string) error {
	return writeMatrix(ctx, w, o, ids, false, codes)
}

// file is one file being written.
type file struct {
	Options
	layout *layout
	w      io.Writer
	book   *book  // a spreadsheet
	begun  bool   // JSON: a row stands before the next one
	only   string // signatories: this participant alone
}

// begin writes what stands before the rows.
func begin(ctx context.Context, w io.Writer, name string, columns []Column, o Options) (*file, error) {
	o = o.whole()
	if !Known(o.Format) && o.sink == nil {
		return nil, fmt.Errorf("%w: format %s", ErrUnknown, o.Format)
	}
	if o.heading != nil {
		o.heading(columns)
	}
	x := &file{Options: o, layout: newLayout(columns, o.Format, o.Raw), w: w}
	var b []byte
	var err error
	switch o.Format {
	case XLSX:
		x.book, err = newBook(ctx, w, name, x.layout, o)
		return x, err
	case JSON:
		if b, err = documentHead(ctx, name, columns, o); err != nil {
			return nil, err
		}
	case CSV:
		if o.BOM {
			b = append(b, "\ufeff"...)
		}
		for i, c := range columns {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendCSV(b, c.Name, false)
		}
		b = append(b, '\r', '\n')
	default:
		return x, nil
	}
	_, err = w.Write(b)
	return x, err
}

// write writes whole rows. In JSON each begins with a comma, which the first one does without.
func (x *file) write(b []byte) error {
	switch {
	case len(b) == 0:
		return nil
	case x.book != nil:
		return x.book.rows(b)
	case x.sink != nil:
		return x.sink(b)
	}
	if x.Format == JSON && !x.begun {
		b = b[1:]
	}
	x.begun = true
	_, err := x.w.Write(b)
	return err
}

func (x *file) end() error {
	if x.book != nil {
		return x.book.end()
	}
	if x.Format != JSON {
		return nil
	}
	end := "\n]}\n"
	if x.within {
		end = "\n]}"
	}
	_, err := io.WriteString(x.w, end)
	return err
}

// pieceSize is how many bytes of rows are handed on at a time, and piecesAhead how many pieces a part of a file that is
// not yet due may make before it has to wait: together they bound the memory of an export.
var (
	pieceSize   = 128 << 10
	piecesAhead = 24
)

var pieces = sync.Pool{New: func() any { b := make([]byte, 0, pieceSize+16<<10); return &b }}

// pen writes rows of one part of a file.
type pen struct {
	row
	hand func(b *[]byte) error // takes the piece
	buf  *[]byte
}

func (p *pen) begin() {
	if p.b == nil {
		p.buf = pieces.Get().(*[]byte)
		p.b = (*p.buf)[:0]
	}
	p.n = 0
	switch p.kind {
	case jsonRows:
		p.b = append(p.b, ',', '\n')
	case sheetRows:
		p.b = append(p.b, rowStart...)
	}
}

// done ends a row. Every row has every column.
func (p *pen) done() error {
	if p.n != len(p.columns) {
		return fmt.Errorf("export: a row of %d cells in a file of %d columns", p.n, len(p.columns))
	}
	switch p.kind {
	case csvRows:
		p.b = append(p.b, '\r', '\n')
	case jsonRows:
		p.b = append(p.b, '}')
	case sheetRows:
		p.b = append(p.b, rowEnd...)
	}
	if len(p.b) < pieceSize {
		return nil
	}
	return p.flush()
}

func (p *pen) flush() error {
	if p.b == nil {
		return nil
	}
	*p.buf = p.b
	b := p.buf
	p.b, p.buf = nil, nil
	return p.hand(b)
}

// simple writes a file whose rows are made one after the other.
func (x *file) simple(rows func(p *pen) error) error {
	p := &pen{row: row{layout: x.layout}, hand: func(b *[]byte) error {
		defer pieces.Put(b)
		return x.write(*b)
	}}
	if err := rows(p); err != nil {
		return err
	}
	if err := p.flush(); err != nil {
		return err
	}
	return x.end()
}

// part is one part of a file in work: what it hands on, in order, and the error that ended it.
type part struct {
	number int
	pieces chan *[]byte
	err    error // set before pieces is closed
}

// workers is how many parts of a file are made at a time: one for each connection that the store keeps for exports.
const workers = 2

// maker makes one part of a file: it reads what it needs by the connection it is given, and writes the part's rows.
type maker func(ctx context.Context, r *store.Connection, number int, p *pen) error

// parallel makes the parts 0 to n-1 of a file side by side and writes them in their order. worker gives each worker a
// maker of its own. The first error, in the order of the file, ends all.
func (x *file) parallel(ctx context.Context, n int, worker func() maker) error {
	ctx, cancel := context.WithCancelCause(ctx) // the cause is why a worker got no connection
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel(nil)
	inOrder, begun := make(chan *part, workers), make(chan *part)
	running.Go(func() {
		defer close(inOrder)
		defer close(begun)
		for i := range n {
			p := &part{number: i, pieces: make(chan *[]byte, piecesAhead)}
			select {
			case inOrder <- p:
			case <-ctx.Done():
				return
			}
			select {
			case begun <- p:
			case <-ctx.Done():
				p.err = ctx.Err()
				close(p.pieces)
				return
			}
		}
	})
	for range max(1, min(workers, runtime.GOMAXPROCS(0), n)) {
		running.Go(func() {
			if x.Gentle {
				GiveWay()
			}
			f := worker()
			for {
				// First a connection, then a part: see store.Connection.
				r, err := x.View.Connect(ctx)
				if err != nil {
					cancel(err)
					return
				}
				out, more := <-begun
				if more {
					out.err = x.one(ctx, r, out, f)
				}
				r.Close()
				if !more {
					return
				}
				close(out.pieces)
			}
		})
	}
	for p := range inOrder {
		for b := range p.pieces {
			if err := x.write(*b); err != nil {
				return err
			}
			pieces.Put(b)
		}
		if p.err != nil {
			if errors.Is(p.err, context.Canceled) && ctx.Err() != nil {
				return context.Cause(ctx) // why the part was given up
			}
			return p.err
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return x.end()
}

// one makes one part. A panic on this goroutine would end the whole program, so it becomes an error.
func (x *file) one(ctx context.Context, r *store.Connection, out *part, f maker) (err error) {
	defer func() {
		if x := recover(); x != nil {
			err = fmt.Errorf("export: %v\n%s", x, debug.Stack())
		}
	}()
	p := &pen{row: row{layout: x.layout}, hand: func(b *[]byte) error {
		select {
		case out.pieces <- b:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}
	if err := f(ctx, r, out.number, p); err != nil {
		return err
	}
	return p.flush()
}
