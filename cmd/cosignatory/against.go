package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/web/export"
)

// What a copy to compare with may be.
const copiesAccepted = "give revisions.csv, history.jsonl, register.zip or the folder it was unpacked into, or a database file"

// descriptorMost is how many bytes of datapackage.json are read.
const descriptorMost = 8 << 20

// compareWith compares a copy with the register and says how they stand. The error names the first difference, or says why
// the copy cannot be read.
func compareWith(ctx context.Context, s *store.Store, v *store.View, path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("%s cannot be opened: %s", path, copiesAccepted)
	}
	if info.IsDir() {
		return comparePackage(ctx, s, v, path, os.DirFS(path))
	}
	f, err := os.Open(path) // #nosec G304 -- named on the command line
	if err != nil {
		return "", fmt.Errorf("%s cannot be opened: %w", path, err)
	}
	defer f.Close()
	in := bufio.NewReader(f)
	start, _ := in.Peek(16)
	var c store.Against
	switch {
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		z, err := zip.NewReader(f, info.Size())
		if err != nil {
			return "", fmt.Errorf("%s is a damaged zip file: download it again", path)
		}
		return comparePackage(ctx, s, v, path, z)
	case bytes.Equal(start, []byte("SQLite format 3\x00")):
		if c, err = v.CompareDatabase(ctx, path); err != nil {
			return "", err // it names the file itself
		}
	case bytes.HasPrefix(start, []byte("{")):
		c, err = v.CompareHistory(ctx, in)
	case bytes.Contains(start, []byte("revision")):
		c, err = compareRevisions(ctx, v, in)
	default:
		return "", fmt.Errorf("%s is none of the files that a register gives: %s", path, copiesAccepted)
	}
	return standing(path, c, err)
}

// standing says how a copy stands to the register.
func standing(path string, c store.Against, err error) (string, error) {
	switch {
	case err != nil:
		return "", fmt.Errorf("%s: %w", path, err)
	case c.Difference != "":
		return "", fmt.Errorf("%s is not the same as the register: %s (The same up to revision %d.)", path, c.Difference, c.Same)
	case c.Copy == 0:
		return "", fmt.Errorf("%s has no revision in it: %s", path, copiesAccepted)
	case c.Copy < c.Register:
		return fmt.Sprintf("the same up to revision %d, where the copy ends; the register has gone on to %d.", c.Same, c.Register), nil
	}
	return fmt.Sprintf("the same, up to revision %d.", c.Same), nil
}

// compareRevisions compares revisions.csv.
func compareRevisions(ctx context.Context, v *store.View, in io.Reader) (store.Against, error) {
	rows, err := rowsOf(in)
	if err != nil {
		return store.Against{}, err
	}
	columns := map[string]int{}
	for i, name := range rows.header {
		columns[name] = i
	}
	for _, name := range []string{"revision", "published_at", "declaration", "summary", "reason", "previous_hash", "hash"} {
		if _, ok := columns[name]; !ok {
			return store.Against{}, fmt.Errorf("it has no column %s: download /data/revisions.csv, or %s", name, copiesAccepted)
		}
	}
	return v.CompareRevisions(ctx, func() (r register.Revision, summary string, more bool, err error) {
		row, err := rows.next()
		if err != nil || row == nil {
			return r, "", false, err
		}
		cell := func(name string) string { return unprotected(row[columns[name]]) }
		if r.Number, err = strconv.Atoi(cell("revision")); err != nil {
			return r, "", false, fmt.Errorf("line %d: %q is no revision", rows.line(), cell("revision"))
		}
		if r.PublishedAt, err = time.Parse(time.RFC3339, cell("published_at")); err != nil {
			return r, "", false, fmt.Errorf("line %d: %q is no time", rows.line(), cell("published_at"))
		}
		r.Declaration, r.Reason, r.PreviousHash, r.Hash = cell("declaration"), cell("reason"), cell("previous_hash"), cell("hash")
		return r, cell("summary"), true, nil
	})
}

// unprotected is a cell without the apostrophe that keeps a spreadsheet from running it (D23).
func unprotected(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && rest != "" && strings.ContainsRune("=+-@\t\r", rune(rest[0])) {
		return rest
	}
	return cell
}

// table reads a CSV file row by row.
type table struct {
	r      *csv.Reader
	header []string
}

func rowsOf(in io.Reader) (*table, error) {
	b := bufio.NewReader(in)
	if mark, _ := b.Peek(3); string(mark) == "\ufeff" {
		b.Discard(3)
	}
	t := &table{r: csv.NewReader(b)}
	t.r.ReuseRecord = true
	header, err := t.r.Read()
	if err != nil {
		return nil, fmt.Errorf("it is no CSV file: %w", err)
	}
	t.header = slices.Clone(header)
	return t, nil
}

// next is the next row, nil after the last. It stands until the next call.
func (t *table) next() ([]string, error) {
	row, err := t.r.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("it is no CSV file any more: %w", err)
	}
	return row, nil
}

func (t *table) line() int {
	line, _ := t.r.FieldPos(0)
	return line
}

// comparePackage compares register.zip, or the folder that it was unpacked into: the history first, then every table with the
// one that the register gives for the package's own revision, day and language.
func comparePackage(ctx context.Context, s *store.Store, v *store.View, path string, files fs.FS) (string, error) {
	f, err := files.Open(export.HistoryFile)
	if err != nil {
		if f, err = files.Open("revisions.csv"); err != nil {
			return "", fmt.Errorf("%s holds neither %s nor revisions.csv: %s", path, export.HistoryFile, copiesAccepted)
		}
		defer f.Close()
		c, err := compareRevisions(ctx, v, f)
		return standing(path, c, err)
	}
	defer f.Close()
	c, err := v.CompareHistory(ctx, f)
	said, err := standing(path, c, err)
	if err != nil {
		return "", err
	}
	var made struct {
		Homepage    string `json:"homepage"`
		Cosignatory struct {
			Revision int    `json:"revision"`
			AsOf     string `json:"as_of"`
			Language string `json:"language"`
			Raw      bool   `json:"raw"`
		} `json:"cosignatory"`
	}
	d, err := files.Open(export.DescriptorFile)
	if err != nil {
		return said + " It has no " + export.DescriptorFile + ", so its tables were not compared.", nil
	}
	defer d.Close()
	b, err := io.ReadAll(io.LimitReader(d, descriptorMost))
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	if err := json.Unmarshal(b, &made); err != nil {
		return "", fmt.Errorf("%s is not the same as the register: its %s cannot be read", path, export.DescriptorFile)
	}
	o := export.Options{Lang: made.Cosignatory.Language, BaseURL: strings.TrimSuffix(made.Homepage, "/"), Format: export.CSV, Raw: made.Cosignatory.Raw, AsOfGiven: true}
	if o.View, err = s.At(ctx, made.Cosignatory.Revision); err != nil || made.Cosignatory.Revision != c.Copy {
		return "", fmt.Errorf("%s is not the same as the register: its %s says revision %d, its history ends at %d", path, export.DescriptorFile, made.Cosignatory.Revision, c.Copy)
	}
	day, err := register.ParseDate(made.Cosignatory.AsOf)
	if err != nil || !day.Known() {
		return "", fmt.Errorf("%s is not the same as the register: its %s has no day", path, export.DescriptorFile)
	}
	o.Day = day.First()
	tables := 0
	for _, name := range export.Names() {
		f, err := files.Open(name + ".csv")
		if errors.Is(err, fs.ErrNotExist) {
			continue // a part of a package, or one of before there was that file
		}
		if err != nil {
			return "", fmt.Errorf("%s: %w", path, err)
		}
		err = compareTable(ctx, name, o, f)
		f.Close()
		if err != nil {
			return "", fmt.Errorf("%s is not the same as the register at revision %d: %s.csv: %w", path, o.View.Revision, name, err)
		}
		tables++
	}
	return fmt.Sprintf("%s Its %d tables are those of revision %d.", said, tables, o.View.Revision), nil
}

// compareTable compares a table of a package with what the register gives. Columns that a later program has added at the end
// are passed over.
func compareTable(ctx context.Context, name string, o export.Options, in io.Reader) error {
	ctx, cancel := context.WithCancel(ctx)
	own, to := io.Pipe()
	written := make(chan struct{})
	go func() {
		defer close(written)
		to.CloseWithError(export.Write(ctx, to, name, o))
	}()
	defer func() {
		cancel()
		own.Close()
		<-written
	}()
	mine, err := rowsOf(own)
	if err != nil {
		return err
	}
	theirs, err := rowsOf(in)
	if err != nil {
		return err
	}
	if len(theirs.header) > len(mine.header) || !slices.Equal(mine.header[:len(theirs.header)], theirs.header) {
		return fmt.Errorf("its columns are %s, but the register's are %s", strings.Join(theirs.header, ", "), strings.Join(mine.header, ", "))
	}
	for {
		a, err := mine.next()
		if err != nil {
			return err
		}
		b, err := theirs.next()
		if err != nil {
			return err
		}
		switch {
		case a == nil && b == nil:
			return nil
		case a == nil:
			return fmt.Errorf("line %d: the register does not have this row: %s", theirs.line(), strings.Join(b, ", "))
		case b == nil:
			return fmt.Errorf("it ends before this row of the register: %s", strings.Join(a, ", "))
		}
		for i := range b {
			if a[i] != b[i] {
				return fmt.Errorf("line %d: %s is “%s” in the copy, “%s” in the register", theirs.line(), theirs.header[i], b[i], a[i])
			}
		}
	}
}
