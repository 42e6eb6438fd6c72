package export

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"cosignatory/store"
)

// Native rows are cells one after the other, each a byte that says what it is: nothing, a number (a varint), a text (its
// length, its bytes).
const (
	nativeNothing = iota
	nativeNumber
	nativeText
)

func appendNativeNumber(b []byte, n int64) []byte {
	return binary.AppendVarint(append(b, nativeNumber), n)
}

func appendNativeText[T string | []byte](b []byte, s T) []byte {
	if len(s) == 0 {
		return append(b, nativeNothing)
	}
	return append(binary.AppendUvarint(append(b, nativeText), uint64(len(s))), s...)
}

// native reads a cell: nil, an int64 or a string.
func native(b []byte) (value any, rest []byte, err error) {
	if len(b) == 0 {
		return nil, nil, errNative
	}
	kind, b := b[0], b[1:]
	switch kind {
	case nativeNothing:
		return nil, b, nil
	case nativeNumber:
		if v, n := binary.Varint(b); n > 0 {
			return v, b[n:], nil
		}
	case nativeText:
		if size, n := binary.Uvarint(b); n > 0 && size <= uint64(len(b)-n) { // #nosec G115 -- n is at most the length of b
			return string(b[n : n+int(size)]), b[n+int(size):], nil // #nosec G115 -- size is at most the length of b
		}
	}
	return nil, nil, errNative
}

var errNative = errors.New("export: a row for the database is not whole")

// databaseIndexes are the columns of a database by which rows are looked up, besides those of the keys.
var databaseIndexes = map[string][]string{"signatories": {"participant"}, "actions": {"declaration", "participant"}, "sources": {"declaration"},
	"group_members": {"group", "participant"}, "links": {"declaration"}, "aliases": {"participant"}, "group_aliases": {"group"}}

// WriteDatabase writes the whole register as a SQLite file: each of DocumentNames as a table with its keys, views that join
// them, the dictionary, and what the file is. It holds what the files hold and nothing else: no drafts, no accounts. A
// database is not written from its beginning to its end, so it is made in a file first, in the folder of the options. Memory does
// not grow with the register.
func WriteDatabase(ctx context.Context, w io.Writer, o Options) (err error) {
	o = o.whole()
	o.Format, o.Raw, o.BOM, o.IncludeImplied, o.Filtered = SQLite, true, false, false, false
	a, err := o.about(ctx, Register)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp(o.Folder, "cosignatory-*.database")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "register.sqlite")
	c, err := store.NewCopy(ctx, path)
	if err != nil {
		return err
	}
	defer c.Close()
	names := DocumentNames()
	for i, name := range names {
		o.step(i, len(names))
		if err := o.table(ctx, c, name); err != nil {
			return err
		}
	}
	if err := a.tables(ctx, c); err != nil {
		return err
	}
	if err := c.Finish(ctx, o.View.Revision); err != nil {
		return err
	}
	f, err := os.Open(path) // #nosec G304 -- a file that was made above, in a folder of its own
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, while{ctx, f})
	return err
}

// while reads until its context ends.
type while struct {
	ctx context.Context
	r   io.Reader
}

func (r while) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(b)
}

// table writes a file of the register into a database.
func (o Options) table(ctx context.Context, c *store.Copy, name string) error {
	t := store.CopyTable{Name: name, Key: primaryKeys[name], Indexes: databaseIndexes[name]}
	for _, col := range columns[name] {
		kind := store.CopyText
		if col.Type == "number" {
			kind = store.CopyInteger
		}
		t.Columns = append(t.Columns, store.CopyColumn{Name: col.Name, Kind: kind})
		if to, ok := foreignKeys[name+"."+col.Name]; ok && to != "matrix" {
			t.Foreign = append(t.Foreign, store.CopyForeign{Column: col.Name, Table: to, To: primaryKeys[to][0]})
		}
	}
	if err := c.Table(ctx, t); err != nil {
		return err
	}
	values := make([]any, len(t.Columns))
	o.sink = func(b []byte) (err error) {
		for len(b) > 0 {
			for i := range values {
				if values[i], b, err = native(b); err != nil {
					return err
				}
			}
			if err := c.Row(ctx, values); err != nil {
				return err
			}
		}
		return nil
	}
	return Write(ctx, io.Discard, name, o)
}

// tables writes what the database says of itself: about, and the dictionary in the language of the file.
func (a about) tables(ctx context.Context, c *store.Copy) error {
	p := printer(a.o.Lang)
	text := func(names ...string) (all []store.CopyColumn) {
		for _, n := range names {
			all = append(all, store.CopyColumn{Name: n, Kind: store.CopyText})
		}
		return all
	}
	if err := c.Table(ctx, store.CopyTable{Name: "about", Columns: text("name", "value"), Key: []string{"name"}}); err != nil {
		return err
	}
	for _, l := range [][2]string{{"title", registerTitle}, {"revision", strconv.Itoa(a.o.View.Revision)}, {"hash", a.head.Hash},
		{"published_at", a.head.PublishedAt.UTC().Format(time.RFC3339)}, {"as_of", a.o.Day.String()}, {"language", a.o.Lang}, {"address", a.address},
		{"licence", Licence}, {"licence_address", licenceAddress}, {"disclaimer", p.T("footer.designations")}, {"citation", a.citation(p)}} {
		if err := c.Row(ctx, []any{l[0], l[1]}); err != nil {
			return err
		}
	}
	t := store.CopyTable{Name: "dictionary", Columns: text("table", "one_row_is", "column", "type", "values", "meaning"), Key: []string{"table", "column"}}
	t.Columns = append(t.Columns, store.CopyColumn{Name: "position", Kind: store.CopyInteger})
	if err := c.Table(ctx, t); err != nil {
		return err
	}
	for _, name := range DocumentNames() {
		for i, col := range columns[name] {
			var values any
			if len(col.Values) > 0 {
				values = strings.Join(col.Values, "|")
			}
			if err := c.Row(ctx, []any{name, p.T("file." + name), col.Name, col.Type, values, p.T(col.MeaningKey), int64(i + 1)}); err != nil {
				return err
			}
		}
	}
	return nil
}
