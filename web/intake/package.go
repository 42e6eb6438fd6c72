package intake

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/klauspost/compress/flate"

	"cosignatory/web/export"
)

// Limits of a package. What is larger is refused, with the limit.
const (
	maxEntries  = 64      // files in a zip or folder
	maxUnpacked = 4 << 30 // bytes of all files together, unpacked
	maxRatio    = 200     // unpacked to packed, of the whole zip, beyond bombFrom
	bombFrom    = 64 << 20
	maxCell     = 1 << 20 // bytes of one cell
	maxColumns  = 25_000  // of one file: a matrix has one for each declaration
	maxSmall    = 8 << 20 // bytes of the descriptor
)

// Problem is one thing that is wrong with a package: where, the key of a message and its arguments. Line is 0 where the
// whole file is meant, Column empty where a whole line is. The messages are "import.problem.<Key>" and, for what a
// declaration's rules say, "staff.problem.<Key>".
type Problem struct {
	File   string
	Line   int
	Column string
	Key    string
	Args   map[string]any
}

// Problems is the error of a package that cannot be imported: everything that is wrong, by file, line and column, the first
// MaxProblems of it. More counts the others. Nothing was written.
type Problems struct {
	Problems []Problem
	More     int
}

// MaxProblems is how many problems are told.
const MaxProblems = 200

func (e *Problems) Error() string {
	var b strings.Builder
	for i, p := range e.Problems {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s line %d, %s: %s %v", p.File, p.Line, p.Column, p.Key, p.Args)
	}
	return b.String()
}

// one is the error of a single problem.
func one(file string, line int, column, key string, args ...any) *Problems {
	c := &collector{}
	c.add(file, line, column, key, args...)
	return c.err()
}

// collector gathers problems.
type collector struct{ found []Problem }

func (c *collector) add(file string, line int, column, key string, args ...any) {
	p := Problem{File: file, Line: line, Column: column, Key: key}
	for i := 0; i+1 < len(args); i += 2 {
		if p.Args == nil {
			p.Args = map[string]any{}
		}
		p.Args[args[i].(string)] = args[i+1]
	}
	c.found = append(c.found, p)
}

// full says that so much is wrong that reading on helps nobody.
func (c *collector) full() bool { return len(c.found) > 50*MaxProblems }

// err is everything that was found, nil for nothing.
func (c *collector) err() *Problems {
	if len(c.found) == 0 {
		return nil
	}
	place := map[string]int{}
	for i, f := range packFiles {
		place[f.name+".csv"] = i + 1
	}
	sort.SliceStable(c.found, func(i, j int) bool {
		a, b := &c.found[i], &c.found[j]
		if a.File != b.File {
			if place[a.File] != place[b.File] {
				return place[a.File] < place[b.File]
			}
			return a.File < b.File
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Column < b.Column
	})
	e := &Problems{Problems: c.found}
	if len(e.Problems) > MaxProblems {
		e.Problems, e.More = e.Problems[:MaxProblems:MaxProblems], len(c.found)-MaxProblems
	}
	return e
}

// Package is a package of the register's files that was opened and not read yet: a folder, a zip or a single CSV.
type Package struct {
	files      map[string]*packFile // by name
	others     map[string]*packFile // what is not read, by name: their checksums may stand in the descriptor
	descriptor *descriptor          // nil where there is none
	single     string               // the only file, where it was given alone
	close      func() error
}

type packFile struct {
	name string
	size int64
	open func() (io.ReadCloser, error)
}

// descriptor is what is read of datapackage.json.
type descriptor struct {
	Cosignatory struct {
		Revision int    `json:"revision"`
		Hash     string `json:"hash"`
		Raw      bool   `json:"raw"`
	} `json:"cosignatory"`
	Resources []struct {
		Path string `json:"path"`
		Hash string `json:"hash"`
	} `json:"resources"`
}

// OpenPackage opens a folder, a zip or one CSV file. The error is *Problems where it is none of these, or breaks a limit.
func OpenPackage(path string) (*Package, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, one(path, 0, "", "no_file")
	}
	name := filepath.Base(path)
	if info.IsDir() {
		return openFolder(path)
	}
	if !info.Mode().IsRegular() {
		return nil, one(name, 0, "", "no_plain_file")
	}
	f, err := os.Open(path) // #nosec G304 -- named on the command line; what comes over the network is never opened by name
	if err != nil {
		return nil, one(name, 0, "", "no_file")
	}
	p, err := ReadPackage(f, info.Size(), name)
	if err != nil {
		f.Close()
		return nil, err
	}
	p.close = f.Close
	return p, nil
}

// ReadPackage opens a zip or one CSV file that somebody sent. What it is, its first bytes say, not its name.
func ReadPackage(r io.ReaderAt, size int64, name string) (*Package, error) {
	start := make([]byte, 4)
	n, _ := r.ReadAt(start, 0)
	if n == 4 && bytes.Equal(start, []byte("PK\x03\x04")) || bytes.HasPrefix(start, []byte("PK\x05\x06")) {
		return openZip(r, size, name)
	}
	if size > maxUnpacked {
		return nil, one(name, 0, "", "too_large", "Max", maxUnpacked>>30)
	}
	p := &Package{single: name, files: map[string]*packFile{name: {name: name, size: size, open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.NewSectionReader(r, 0, size)), nil
	}}}}
	return p, nil
}

// Close gives back what the package holds open.
func (p *Package) Close() error {
	if p.close == nil {
		return nil
	}
	return p.close()
}

// hidden are files that systems leave behind.
func hidden(name string) bool { return strings.HasPrefix(name, ".") }

// read says that a file of a package is one that this program reads.
func read(name string) bool {
	stem, ok := strings.CutSuffix(name, ".csv")
	return name == export.HistoryFile || name == export.DescriptorFile || ok && packFileNamed(stem) != nil
}

// data says that a file looks like one to be read. Any other is for people (README.md), and is passed over.
func data(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	return ext == ".csv" || ext == ".jsonl"
}

// take adds a file of a folder or zip.
func (p *Package) take(c *collector, name string, size int64, open func() (io.ReadCloser, error)) {
	f := &packFile{name, size, open}
	switch {
	case hidden(name):
	case p.files[name] != nil || p.others[name] != nil && data(name):
		c.add(name, 0, "", "file_twice")
	case read(name):
		p.files[name] = f
	default:
		p.others[name] = f
	}
}

func openFolder(path string) (*Package, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, one(path, 0, "", "no_file")
	}
	p := &Package{files: map[string]*packFile{}, others: map[string]*packFile{}, close: root.Close}
	if err := p.readFolder(root); err != nil {
		root.Close()
		return nil, err
	}
	return p, nil
}

func (p *Package) readFolder(root *os.Root) error {
	c := &collector{}
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return one(root.Name(), 0, "", "no_file")
	}
	if len(entries) > maxEntries {
		return one(filepath.Base(root.Name()), 0, "", "too_many_files", "Max", maxEntries)
	}
	var total int64
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || hidden(name) {
			continue
		}
		info, err := root.Stat(name) // a link out of the folder is not followed
		if err != nil || !info.Mode().IsRegular() {
			c.add(name, 0, "", "no_plain_file")
			continue
		}
		if total += info.Size(); total > maxUnpacked {
			return one(filepath.Base(root.Name()), 0, "", "too_large", "Max", maxUnpacked>>30)
		}
		p.take(c, name, info.Size(), func() (io.ReadCloser, error) { return root.Open(name) })
	}
	return p.finish(c, filepath.Base(root.Name()))
}

func openZip(r io.ReaderAt, size int64, name string) (*Package, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, one(name, 0, "", "zip_damaged")
	}
	z.RegisterDecompressor(zip.Deflate, flate.NewReader)
	var entries []*zip.File
	var unpacked, packed uint64
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") || strings.HasPrefix(f.Name, "__MACOSX/") {
			continue
		}
		entries = append(entries, f)
		if f.UncompressedSize64 > maxUnpacked {
			return nil, one(name, 0, "", "too_large", "Max", maxUnpacked>>30)
		}
		unpacked += f.UncompressedSize64
		packed += f.CompressedSize64
	}
	switch {
	case len(entries) > maxEntries:
		return nil, one(name, 0, "", "too_many_files", "Max", maxEntries)
	case unpacked > maxUnpacked:
		return nil, one(name, 0, "", "too_large", "Max", maxUnpacked>>30)
	case unpacked > bombFrom && unpacked/max(min(packed, uint64(size)), 1) > maxRatio: // #nosec G115 -- the size of a file
		return nil, one(name, 0, "", "zip_bomb", "Max", maxRatio)
	}
	// A folder that was zipped as a whole stands before every name.
	folder := ""
	if len(entries) > 0 {
		if before, _, ok := strings.Cut(entries[0].Name, "/"); ok && before != "" && before != ".." && before != "." {
			folder = before + "/"
		}
	}
	for _, f := range entries {
		if !strings.HasPrefix(f.Name, folder) {
			folder = ""
		}
	}
	p, c := &Package{files: map[string]*packFile{}, others: map[string]*packFile{}}, &collector{}
	for _, f := range entries {
		inner := strings.TrimPrefix(f.Name, folder)
		if inner == "" || strings.ContainsAny(inner, "/\\:\x00") || inner == ".." || !f.Mode().IsRegular() {
			c.add(name, 0, "", "zip_name", "Name", strings.ToValidUTF8(f.Name, "?"))
			continue
		}
		if f.Flags&1 != 0 {
			c.add(inner, 0, "", "zip_locked")
			continue
		}
		p.take(c, inner, int64(f.UncompressedSize64), func() (io.ReadCloser, error) { // #nosec G115 -- at most maxUnpacked, as checked above
			r, err := f.Open()
			if err != nil {
				return nil, err
			}
			return &measured{r, int64(f.UncompressedSize64)}, nil // #nosec G115 -- at most maxUnpacked, as checked above
		})
	}
	if err := p.finish(c, name); err != nil {
		return nil, err
	}
	return p, nil
}

// measured ends what is longer than it said it was.
type measured struct {
	io.ReadCloser
	left int64
}

var errLonger = errors.New("intake: longer than declared")

func (m *measured) Read(b []byte) (int, error) {
	n, err := m.ReadCloser.Read(b)
	if m.left -= int64(n); m.left < 0 {
		return 0, errLonger
	}
	return n, err
}

// finish looks at what was taken and reads the descriptor. A later version of the program may write files that this one does
// not know: those that the descriptor lists are passed over. What looks like data and is listed nowhere is a name misspelt.
func (p *Package) finish(c *collector, name string) error {
	problem := p.describe()
	var listed []string
	if p.descriptor != nil {
		for _, r := range p.descriptor.Resources {
			listed = append(listed, r.Path)
		}
	}
	for other := range p.others {
		if data(other) && !slices.Contains(listed, other) {
			c.add(other, 0, "", "file_unknown", "Files", strings.Join(fileNames(), ", "))
		}
	}
	if err := c.err(); err != nil {
		return err
	}
	if len(p.files) == 0 || len(p.files) == 1 && p.files[export.DescriptorFile] != nil {
		return one(name, 0, "", "package_empty", "Files", strings.Join(fileNames(), ", "))
	}
	if problem != nil {
		return problem
	}
	return nil
}

// describe reads the descriptor, where there is one.
func (p *Package) describe() *Problems {
	f := p.files[export.DescriptorFile]
	if f == nil {
		return nil
	}
	if f.size > maxSmall {
		return one(f.name, 0, "", "too_large_megabytes", "Max", maxSmall>>20)
	}
	b, err := f.read()
	if err != nil {
		return one(f.name, 0, "", "unreadable")
	}
	d := &descriptor{}
	if err := json.Unmarshal(bytes.TrimPrefix(b, []byte("\ufeff")), d); err != nil {
		return one(f.name, 0, "", "descriptor_shape")
	}
	p.descriptor = d
	return nil
}

func (f *packFile) read() ([]byte, error) {
	r, err := f.open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, maxSmall))
}

// History says that the package brings the history of a register, so that importing it makes the same register.
func (p *Package) History() bool { return p.files[export.HistoryFile] != nil }

// altered are the files that the descriptor describes otherwise than they are, or that are missing.
func (p *Package) altered() error {
	if p.descriptor == nil {
		return nil
	}
	c := &collector{}
	buffer := make([]byte, 1<<18)
	for _, r := range p.descriptor.Resources {
		want, ok := strings.CutPrefix(r.Hash, "sha256:")
		if !ok {
			continue
		}
		f := p.files[r.Path]
		if f == nil {
			f = p.others[r.Path]
		}
		if f == nil {
			c.add(r.Path, 0, "", "file_missing")
			continue
		}
		in, err := f.open()
		if err != nil {
			c.add(f.name, 0, "", "unreadable")
			continue
		}
		sum := sha256.New()
		_, err = io.CopyBuffer(struct{ io.Writer }{sum}, struct{ io.Reader }{in}, buffer)
		in.Close()
		if err != nil {
			c.add(f.name, 0, "", "unreadable")
		} else if got := hex.EncodeToString(sum.Sum(nil)); got != want {
			c.add(f.name, 0, "", "hash_differs", "Recorded", short(want), "Found", short(got))
		}
	}
	if err := c.err(); err != nil {
		return err
	}
	return nil
}

func short(hash string) string { return hash[:min(len(hash), 12)] }

func fileNames() []string {
	var names []string
	for _, f := range packFiles {
		if !f.derived {
			names = append(names, f.name+".csv")
		}
	}
	return append(names, export.HistoryFile, export.DescriptorFile)
}

// packTable is what is known of a file: what it must have, what is worked out and so not read.
type packTable struct {
	name    string
	needed  []string // columns without which nothing can be said
	derived bool     // the whole file is worked out
}

// packFiles are the files in the order in which they are read, and in which what is wrong with them is told.
var packFiles = []packTable{
	{name: "participants", needed: []string{"participant"}},
	{name: "aliases", needed: []string{"participant", "alias", "language"}},
	{name: "successors", needed: []string{"participant", "successor"}},
	{name: "groups", needed: []string{"group"}},
	{name: "group_members", needed: []string{"group", "participant"}},
	{name: "group_aliases", needed: []string{"group", "alias", "language"}},
	{name: "topics", needed: []string{"topic"}},
	{name: "ambiguous", needed: []string{"alias", "participants", "rule"}},
	{name: "addresses", needed: []string{"declaration", "leads_to"}},
	{name: "declarations", needed: []string{"declaration"}},
	{name: "titles", needed: []string{"declaration", "language", "title"}},
	{name: "texts", needed: []string{"declaration", "language"}},
	{name: "sources", needed: []string{"source", "declaration"}},
	{name: "stated", needed: []string{"declaration", "number"}},
	{name: "links", needed: []string{"declaration", "kind", "target"}},
	{name: "actions", needed: []string{"declaration", "action"}},
	{name: "signatories", needed: []string{"declaration", "participant", "status"}},
	{name: "disputes", needed: []string{"declaration", "language", "claim"}},
	{name: "retired", needed: []string{"declaration", "merged_into", "record"}},
	{name: "revisions", needed: []string{"revision", "published_at", "hash"}, derived: true},
	{name: "matrix", needed: []string{"participant", "participant_name"}, derived: true},
}

func packFileNamed(name string) *packTable {
	i := slices.IndexFunc(packFiles, func(f packTable) bool { return f.name == name })
	if i < 0 {
		return nil
	}
	return &packFiles[i]
}
