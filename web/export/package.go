package export

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/flate"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/i18n"
)

// Names of the files of a package that are no tables.
const (
	HistoryFile    = "history.jsonl"
	DescriptorFile = "datapackage.json"
	ChangesFile    = "CHANGELOG.md"
	SumsFile       = "SHA256SUMS"
)

const licenceAddress = "https://creativecommons.org/publicdomain/zero/1.0/"

// WritePackage writes the whole register as a zip: every table as raw CSV, the history, a Data Package descriptor (v2) with
// dictionary and SHA-256 of each, for people README.md, LICENSE.txt, CITATION.cff and CHANGELOG.md, and the SHA-256 of all of these
// as sha256sum -c reads them. It imports again to the same register. The bytes are a function of the revision, the day, the language and the address of the register alone: entries
// have a fixed order and bear the revision's time. Memory does not grow with the register, but as for the matrix.
func WritePackage(ctx context.Context, w io.Writer, o Options) error {
	o = o.whole()
	o.Format, o.Raw, o.BOM, o.IncludeImplied, o.Filtered = CSV, true, false, false, false
	head, err := o.View.RevisionOf(ctx, o.View.Revision)
	if errors.Is(err, store.ErrNotFound) {
		head, err = &register.Revision{PublishedAt: time.Unix(0, 0).UTC()}, nil
	}
	if err != nil {
		return err
	}
	x := &archive{zip: zip.NewWriter(w), at: head.PublishedAt.UTC(), sum: sha256.New()}
	// A compressor of the module's own: it is three times as fast, and other Go versions do not change what it writes.
	x.zip.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.DefaultCompression) })
	d := newDescriptor(o, head)
	cited := registerCitation(o, head)
	for _, text := range []struct{ name, body string }{{"README.md", readme(o, head)}, {"LICENSE.txt", licence}, {"CITATION.cff", cited.cff()}} {
		if _, err := x.add(text.name, func(w io.Writer) error {
			_, err := io.WriteString(w, text.body)
			return err
		}); err != nil {
			return err
		}
	}
	if _, err := x.add(ChangesFile, func(w io.Writer) error { return writeChangelog(ctx, w, o) }); err != nil {
		return err
	}
	names := Names()
	for i, name := range names {
		o.step(i, len(names)+1)
		var written []Column
		o.heading = func(columns []Column) { written = columns }
		entry, err := x.add(name+".csv", func(w io.Writer) error { return Write(ctx, w, name, o) })
		if err != nil {
			return err
		}
		d.table(name, written, entry)
	}
	o.step(len(names), len(names)+1)
	entry, err := x.add(HistoryFile, func(w io.Writer) error { return o.View.WriteHistory(ctx, w) })
	if err != nil {
		return err
	}
	d.Resources = append(d.Resources, resource{Name: History, Path: HistoryFile, Format: string(JSONLines), MediaType: "application/jsonl", Encoding: "utf-8",
		Description: "The whole chain of revisions, one a line: what each ended and began, its circumstances, its hash and the hash before. README.md says how to check it.",
		Bytes:       entry.bytes, Hash: entry.hash})
	// The descriptor comes after what it describes: it knows the hashes then.
	b, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	if _, err := x.add(DescriptorFile, func(w io.Writer) error {
		_, err := w.Write(append(b, '\n'))
		return err
	}); err != nil {
		return err
	}
	sums := x.sums.String()
	if _, err := x.add(SumsFile, func(w io.Writer) error {
		_, err := io.WriteString(w, sums)
		return err
	}); err != nil {
		return err
	}
	return x.zip.Close()
}

// archive is a zip in work.
type archive struct {
	zip  *zip.Writer
	at   time.Time
	sum  hash.Hash
	sums strings.Builder // of the files so far, a line each
}

type entry struct {
	bytes int64
	hash  string
}

// add adds a file. Its length and hash are those of what write writes.
func (x *archive) add(name string, write func(io.Writer) error) (entry, error) {
	h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: x.at}
	h.SetMode(0o644)
	f, err := x.zip.CreateHeader(h)
	if err != nil {
		return entry{}, err
	}
	x.sum.Reset()
	n := &counted{}
	if err := write(io.MultiWriter(f, x.sum, n)); err != nil {
		return entry{}, err
	}
	sum := hex.EncodeToString(x.sum.Sum(nil))
	fmt.Fprintf(&x.sums, "%s  %s\n", sum, name)
	return entry{n.n, "sha256:" + sum}, nil
}

type counted struct{ n int64 }

func (c *counted) Write(b []byte) (int, error) {
	c.n += int64(len(b))
	return len(b), nil
}

// descriptor is datapackage.json (https://datapackage.org/standard/data-package/).
type descriptor struct {
	Schema       string        `json:"$schema"`
	Name         string        `json:"name"`
	Title        string        `json:"title"`
	Description  string        `json:"description"`
	Homepage     string        `json:"homepage"`
	Version      string        `json:"version"`
	Created      string        `json:"created"`
	Keywords     []string      `json:"keywords"`
	Licenses     []license     `json:"licenses"`
	Contributors []contributor `json:"contributors"`
	Sources      []origin      `json:"sources"`
	Cosignatory  options       `json:"cosignatory"`
	Resources    []resource    `json:"resources"`
}

// options say how the package was made, for those who make it again.
type options struct {
	Revision int    `json:"revision"`
	Hash     string `json:"hash"`
	AsOf     string `json:"as_of"`
	Language string `json:"language"`
	Raw      bool   `json:"raw"`
}

type license struct {
	Name  string `json:"name"`
	Path  string `json:"path"`
	Title string `json:"title"`
}

type contributor struct {
	Title string   `json:"title"`
	Path  string   `json:"path"`
	Roles []string `json:"roles"`
}

type origin struct {
	Title string `json:"title"`
	Path  string `json:"path"`
}

type resource struct {
	Name        string   `json:"name"`
	Type        string   `json:"type,omitempty"`
	Path        string   `json:"path"`
	Title       string   `json:"title,omitempty"`
	Description string   `json:"description,omitempty"`
	Format      string   `json:"format"`
	MediaType   string   `json:"mediatype"`
	Encoding    string   `json:"encoding"`
	Bytes       int64    `json:"bytes"`
	Hash        string   `json:"hash"`
	Dialect     *dialect `json:"dialect,omitempty"`
	Schema      *schema  `json:"schema,omitempty"`
}

type dialect struct {
	Header         bool   `json:"header"`
	Delimiter      string `json:"delimiter"`
	LineTerminator string `json:"lineTerminator"`
	QuoteChar      string `json:"quoteChar"`
	DoubleQuote    bool   `json:"doubleQuote"`
}

type schema struct {
	Fields        []field      `json:"fields"`
	MissingValues []string     `json:"missingValues"`
	PrimaryKey    []string     `json:"primaryKey,omitempty"`
	ForeignKeys   []foreignKey `json:"foreignKeys,omitempty"`
}

type field struct {
	Name        string       `json:"name"`
	Type        string       `json:"type"`
	Description string       `json:"description,omitempty"`
	TrueValues  []string     `json:"trueValues,omitempty"`
	FalseValues []string     `json:"falseValues,omitempty"`
	Constraints *constraints `json:"constraints,omitempty"`
}

type constraints struct {
	Required bool     `json:"required,omitempty"`
	Unique   bool     `json:"unique,omitempty"`
	Minimum  *int     `json:"minimum,omitempty"`
	Pattern  string   `json:"pattern,omitempty"`
	Enum     []string `json:"enum,omitempty"`
}

type foreignKey struct {
	Fields    []string  `json:"fields"`
	Reference reference `json:"reference"`
}

type reference struct {
	Resource string   `json:"resource"`
	Fields   []string `json:"fields"`
}

const registerTitle = "Cosignatory: the public register of joint declarations"

func newDescriptor(o Options, head *register.Revision) *descriptor {
	return &descriptor{
		Schema: "https://datapackage.org/profiles/2.0/datapackage.json", Name: "cosignatory-register", Title: registerTitle,
		Description: "Joint declarations of states: who signed, since when, who left, and how we know. " + Disclaimer,
		Homepage:    o.BaseURL + "/", Version: strconv.Itoa(o.View.Revision), Created: head.PublishedAt.UTC().Format(time.RFC3339),
		Keywords:     []string{"joint declarations", "joint statements", "diplomacy", "United Nations", "signatories"},
		Licenses:     []license{{Licence, licenceAddress, "Creative Commons Zero 1.0 Universal"}},
		Contributors: []contributor{{"The keepers of this copy of the register", o.BaseURL + "/", []string{"publisher"}}},
		Sources:      []origin{{"The sources cited in sources.csv, each with its address and the day on which it was read", "sources.csv"}},
		Cosignatory:  options{o.View.Revision, head.Hash, o.Day.String(), o.Lang, true},
	}
}

// table adds the resource of a table of those columns.
func (d *descriptor) table(name string, written []Column, e entry) {
	s := &schema{MissingValues: []string{""}, PrimaryKey: primaryKeys[name]}
	for i, c := range written {
		f := field{Name: c.Name, Type: "string"}
		told := name != "matrix" || i <= len(columns["matrix"]) // the columns of declarations all mean the same
		if told {
			f.Description = i18n.Plain(c.MeaningKey)
		}
		var k constraints
		switch c.Type {
		case "number":
			zero := 0
			f.Type, k.Minimum = "integer", &zero
		case "time":
			f.Type = "datetime"
		case "day":
			f.Type = "date"
		case "date":
			k.Pattern = `[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?` // a part may not be known
		case "yes_no":
			f.Type, f.TrueValues, f.FalseValues = "boolean", c.Values[:1], c.Values[1:]
		case "choice":
			if told {
				k.Enum = c.Values
			}
		}
		for i, key := range s.PrimaryKey {
			if key == c.Name {
				k.Required, k.Unique = true, i == 0 && len(s.PrimaryKey) == 1
			}
		}
		if k.Required || k.Minimum != nil || k.Pattern != "" || k.Enum != nil {
			f.Constraints = &k
		}
		s.Fields = append(s.Fields, f)
		if to, ok := foreignKeys[name+"."+c.Name]; ok {
			s.ForeignKeys = append(s.ForeignKeys, foreignKey{[]string{c.Name}, reference{to, []string{primaryKeys[to][0]}}})
		}
	}
	d.Resources = append(d.Resources, resource{Name: name, Type: "table", Path: name + ".csv", Title: "One row is " + i18n.Plain("file."+name), Format: "csv", MediaType: "text/csv", Encoding: "utf-8",
		Bytes: e.bytes, Hash: e.hash, Dialect: &dialect{true, ",", "\r\n", `"`, true}, Schema: s})
}

var primaryKeys = map[string][]string{"declarations": {"declaration"}, "signatories": {"declaration", "participant"}, "actions": {"action_id"},
	"sources": {"source"}, "participants": {"participant"}, "groups": {"group"}, "revisions": {"revision"}, "matrix": {"participant"},
	"titles": {"declaration", "language"}, "texts": {"declaration", "language"}, "stated": {"declaration", "position"}, "disputes": {"declaration", "position", "language"},
	"retired": {"declaration"}, "addresses": {"declaration"}, "successors": {"participant", "successor"}, "topics": {"topic"}}

// foreignKeys say to which file's only key a column leads. The target of a link may be retired or renamed since.
var foreignKeys = map[string]string{"signatories.declaration": "declarations", "actions.declaration": "declarations", "sources.declaration": "declarations",
	"titles.declaration": "declarations", "texts.declaration": "declarations", "stated.declaration": "declarations", "links.declaration": "declarations",
	"disputes.declaration": "declarations", "signatories.participant": "participants", "actions.participant": "participants", "group_members.participant": "participants",
	"aliases.participant": "participants", "successors.participant": "participants", "successors.successor": "participants", "disputes.participant": "participants",
	"matrix.participant": "participants", "group_members.group": "groups", "group_aliases.group": "groups", "actions.via_group": "groups",
	"signatories.source": "sources", "actions.source": "sources", "stated.source": "sources", "titles.source": "sources", "disputes.source": "sources",
	"declarations.presenter_delegation": "participants"}

const licence = `The data of this package is dedicated to the public domain: CC0 1.0 Universal (CC0-1.0).
` + licenceAddress + `

You may copy, change and use it for any purpose, without asking. Please name the register and its revision, so that
others can check what you say. The texts of the declarations are their authors' and are not part of it.
`

func address(o Options) string {
	return fmt.Sprintf("%s/data/register.zip?revision=%d", o.BaseURL, o.View.Revision)
}

func readme(o Options, head *register.Revision) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# %s

This is the whole register at revision %d, published %s, with the statuses and counts of %s. Hash of the revision:
%s

| file | one row is |
| --- | --- |
`, registerTitle, o.View.Revision, head.PublishedAt.UTC().Format(time.RFC3339), o.Day, head.Hash)
	for _, name := range Names() {
		fmt.Fprintf(&b, "| %s.csv | %s |\n", name, i18n.Plain("file."+name))
	}
	fmt.Fprintf(&b, `| history.jsonl | a revision: what it changed, row by row |

datapackage.json is the dictionary: every column with its meaning, and the SHA-256 of each of these files (Data Package v2,
https://datapackage.org). SHA256SUMS has the SHA-256 of every file here: "sha256sum -c SHA256SUMS" finds what was altered.
CHANGELOG.md says what each revision changed, and why. The CSV is UTF-8, comma, CRLF, with a header row, as RFC 4180 says. Lists in a cell are parted by
"|". Dates may be partial: 2023, 2023-06; the column of that name with _precision says so. Texts are raw: a spreadsheet may run those that begin with = + - or @.

## Import

    cosignatory import register.zip

In an empty register this makes the same register again, revision by revision; in a copy that is behind, it adds what
came since. To change something by CSV instead: unpack the zip, remove history.jsonl, change the files and import the
folder. What you change then becomes a revision of the register that imports it. signatories, matrix, revisions, and the
columns that say a name, a count, a precision or an address are worked out: changes of them are not read.

## Check the history without this program

Each line of history.jsonl is one JSON object, without blanks, its keys always in the same order.

1. Write each element of rows on a line of its own, as it stands in the file, each ended by one line feed. Take the SHA-256.
2. Write the array ["cosignatory revision 1", revision, published_at, subject, declaration_id, declaration, changes, summary,
   reason, reason_language, author_role, author_name, previous_hash, the SHA-256 of step 1], each as it stands in the file,
   without blanks, as UTF-8. Its SHA-256 is hash. hash is the previous_hash of the next line.

Texts are escaped as JSON asks for and besides: < > & and U+2028, U+2029 are written \u003c \u003e \u0026 \u2028 \u2029.

    import hashlib, json
    def text(x):
        s = json.dumps(x, ensure_ascii=False, separators=(",", ":"))
        for c in "<>&\u2028\u2029":
            s = s.replace(c, "\\u%%04x" %% ord(c))
        return s.encode()
    previous = ""
    for line in open("history.jsonl", encoding="utf-8", newline="\n"):
        r = json.loads(line)
        rows = hashlib.sha256(b"".join(text(x) + b"\n" for x in r.pop("rows"))).hexdigest()
        recorded = r.pop("hash")
        assert r["previous_hash"] == previous, r["revision"]
        assert hashlib.sha256(text(["cosignatory revision 1", *r.values(), rows])).hexdigest() == recorded, r["revision"]
        previous = recorded

## Licence and names

CC0-1.0: see LICENSE.txt. How to cite: CITATION.cff.

%s
`, Disclaimer)
	return b.String()
}

// writeChangelog writes what each revision changed, newest first.
func writeChangelog(ctx context.Context, w io.Writer, o Options) error {
	if _, err := io.WriteString(w, "# What changed, revision by revision\n"); err != nil {
		return err
	}
	return o.View.EachChange(ctx, 0, func(r *register.Revision, summary string) error {
		about := ""
		if r.Declaration != "" {
			about = " · " + r.Declaration
		}
		_, err := fmt.Fprintf(w, "\n## %d · %s%s\n\n%s\n", r.Number, r.PublishedAt.UTC().Format(time.RFC3339), about, inMarkdown(summary))
		if err == nil && r.Reason != "" {
			_, err = fmt.Fprintf(w, "\n> %s\n", inMarkdown(r.Reason))
		}
		return err
	})
}

// inMarkdown keeps somebody's words from being read as marks, on one line.
func inMarkdown(s string) string {
	var b strings.Builder
	for _, r := range strings.Join(strings.Fields(s), " ") {
		if strings.ContainsRune("\\`*_[]<>#|", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
