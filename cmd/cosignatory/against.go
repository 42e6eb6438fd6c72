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
	"maps"
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
// the copy cannot be read. check looks at the rows of a copy that is a database, which can take as long as those of the register.
func compareWith(ctx context.Context, s *store.Store, v *store.View, path string, check func(*store.Store) error) (string, error) {
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
		return compareDatabase(ctx, v, path, check)
	case bytes.HasPrefix(start, []byte(`{"title"`)), bytes.HasPrefix(start, []byte("{\n  \"")):
		// register.json and datapackage.json: one document of one revision, which has no history to compare.
		return "", fmt.Errorf("%s holds one revision and not what led to it: %s", path, copiesAccepted)
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

// compareDatabase compares another database file: its chain of revisions, then its own rows with what that chain published. The
// chain alone would say nothing of what is served from the file.
func compareDatabase(ctx context.Context, v *store.View, path string, check func(*store.Store) error) (string, error) {
	c, err := v.CompareDatabase(ctx, path)
	if err != nil {
		return "", err // it names the file itself
	}
	said, err := standing(path, c, nil)
	if err != nil {
		return "", err
	}
	other, err := store.OpenExisting(ctx, path)
	if errors.Is(err, store.ErrOlder) {
		return fmt.Sprintf("its revisions are %s Its rows were not compared, for an older version of the program wrote them: make a register of it with “cosignatory restore %s --db NEW”, and compare NEW.", said, path), nil
	}
	if err != nil {
		return "", err
	}
	defer other.Close()
	var broken *store.Broken
	if err := check(other); errors.As(err, &broken) {
		return "", fmt.Errorf("%s is not the same as the register: its revisions are the same up to revision %d, but it does not hold what they published: %s", path, c.Same, broken.What)
	} else if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return said + " Its rows are what its revisions published.", nil
}

// described is what datapackage.json says of a package.
type described struct {
	Homepage    string `json:"homepage"`
	Cosignatory struct {
		Revision int    `json:"revision"`
		Hash     string `json:"hash"`
		AsOf     string `json:"as_of"`
		Language string `json:"language"`
		Raw      bool   `json:"raw"`
	} `json:"cosignatory"`
	Resources []struct {
		Path   string `json:"path"`
		Schema struct {
			Fields []struct {
				Name string `json:"name"`
			} `json:"fields"`
		} `json:"schema"`
	} `json:"resources"`
}

// comparePackage compares register.zip, or the folder that it was unpacked into: the revisions first, then every table with the
// one that the register gives for the package's own revision, day and language. It says what was not compared.
func comparePackage(ctx context.Context, s *store.Store, v *store.View, path string, files fs.FS) (string, error) {
	chain := export.HistoryFile
	f, err := files.Open(chain)
	if errors.Is(err, fs.ErrNotExist) {
		chain = "revisions.csv"
		if f, err = files.Open(chain); errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("%s holds neither %s nor revisions.csv: %s", path, export.HistoryFile, copiesAccepted)
		}
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	defer f.Close()
	var c store.Against
	if chain == export.HistoryFile {
		c, err = v.CompareHistory(ctx, f)
	} else {
		c, err = compareRevisions(ctx, v, f)
	}
	said, err := standing(path, c, err)
	if err != nil {
		return "", err
	}
	differs := func(format string, args ...any) (string, error) {
		return "", fmt.Errorf("%s is not the same as the register: %s", path, fmt.Sprintf(format, args...))
	}
	var remarks []string
	if chain != export.HistoryFile {
		remarks = append(remarks, fmt.Sprintf("It has no %s, so its revisions were compared by %s, without the rows that they changed.", export.HistoryFile, chain))
	}
	d, err := files.Open(export.DescriptorFile)
	if err != nil {
		var tables []string
		for _, name := range export.Names() {
			if _, err := fs.Stat(files, name+".csv"); err == nil && name+".csv" != chain {
				tables = append(tables, name+".csv")
			}
		}
		if len(tables) > 0 {
			remarks = append(remarks, fmt.Sprintf("It has no %s, so its tables were not compared: %s.", export.DescriptorFile, strings.Join(tables, ", ")))
		}
		return partly(said, "", remarks), nil
	}
	defer d.Close()
	b, err := io.ReadAll(io.LimitReader(d, descriptorMost))
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	var made described
	if err := json.Unmarshal(b, &made); err != nil {
		return differs("its %s cannot be read", export.DescriptorFile)
	}
	if made.Cosignatory.Revision != c.Copy {
		return differs("its %s says revision %d, its %s ends at %d", export.DescriptorFile, made.Cosignatory.Revision, chain, c.Copy)
	}
	o := export.Options{Lang: made.Cosignatory.Language, BaseURL: strings.TrimSuffix(made.Homepage, "/"), Format: export.CSV, Raw: made.Cosignatory.Raw, AsOfGiven: true}
	if o.View, err = s.At(ctx, made.Cosignatory.Revision); err != nil {
		return "", err
	}
	r, err := o.View.RevisionOf(ctx, o.View.Revision)
	if err != nil {
		return "", err
	}
	if hash := made.Cosignatory.Hash; hash != "" && hash != r.Hash {
		return differs("its %s says that revision %d has the hash %s, but it is %s", export.DescriptorFile, o.View.Revision, hash, r.Hash)
	}
	day, err := register.ParseDate(made.Cosignatory.AsOf)
	if err != nil || !day.Known() {
		return differs("its %s has no day", export.DescriptorFile)
	}
	o.Day = day.First()
	listed := map[string][]string{} // the columns, by file
	for _, r := range made.Resources {
		columns := []string{}
		for _, f := range r.Schema.Fields {
			columns = append(columns, f.Name)
		}
		listed[r.Path] = columns
	}
	tables := 0
	var absent []string
	for _, name := range export.Names() {
		file := name + ".csv"
		columns, ok := listed[file]
		delete(listed, file)
		f, err := files.Open(file)
		switch {
		case errors.Is(err, fs.ErrNotExist) && ok:
			return differs("it has no %s, which its %s lists", file, export.DescriptorFile)
		case errors.Is(err, fs.ErrNotExist):
			absent = append(absent, file) // a part of a package, or one of before there was that file
			continue
		case err != nil:
			return "", fmt.Errorf("%s: %w", path, err)
		}
		err = compareTable(ctx, name, o, f, columns)
		f.Close()
		if err != nil {
			return "", fmt.Errorf("%s is not the same as the register at revision %d: %s: %w", path, o.View.Revision, file, err)
		}
		tables++
	}
	// What is left is not of this program's tables. That history.jsonl may be away is said above: whoever changes tables
	// removes it.
	delete(listed, export.HistoryFile)
	unknown := slices.Sorted(maps.Keys(listed))
	for _, file := range unknown {
		if _, err := fs.Stat(files, file); err != nil {
			return differs("it has no %s, which its %s lists", file, export.DescriptorFile)
		}
	}
	if len(absent) > 0 {
		remarks = append(remarks, fmt.Sprintf("It has none of these, and its %s lists none of them: %s.", export.DescriptorFile, strings.Join(absent, ", ")))
	}
	if len(unknown) > 0 {
		remarks = append(remarks, "These were not compared, for this version of the program does not know them: "+strings.Join(unknown, ", ")+".")
	}
	return partly(said, fmt.Sprintf("Its %d tables are those of revision %d.", tables, o.View.Revision), remarks), nil
}

// partly joins what is said of the revisions with what is said of the rest. Where something was not compared, “the same” is
// said of the revisions alone.
func partly(said, tables string, remarks []string) string {
	if len(remarks) > 0 {
		said = "its revisions are " + said
	}
	if tables != "" {
		remarks = append([]string{tables}, remarks...)
	}
	return strings.Join(append([]string{said}, remarks...), " ")
}

// compareTable compares a table of a package with what the register gives. Columns that a later program has added at the end
// are passed over, but the copy has to have those that its descriptor lists, if it lists any.
func compareTable(ctx context.Context, name string, o export.Options, in io.Reader, listed []string) error {
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
	if len(listed) > 0 && !slices.Equal(theirs.header, listed) {
		return fmt.Errorf("its columns are %s, but its %s lists %s", strings.Join(theirs.header, ", "), export.DescriptorFile, strings.Join(listed, ", "))
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
