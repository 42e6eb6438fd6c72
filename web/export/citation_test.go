package export_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cosignatory/web/export"
)

// hostileTitle has everything that BibTeX, RIS, JSON and YAML take for something else, and other scripts than the Latin.
const hostileTitle = `100 % & #1_a {b} ~c^d \e $f$ "g" 'h' @i = <j>: – الإعلانات «ك» 联合宣言 Ёлка`

var cited = export.Citation{Key: "cosignatory-declarations-2026-11-23-r27-0a1b2c", Title: hostileTitle, Within: "Registre public des déclarations conjointes & Co.",
	Version: "27", Note: "Révision 27, état au 23 novembre 2026", Issued: time.Date(2026, 3, 5, 23, 59, 0, 0, time.UTC),
	URL: "https://example.org/fr/declarations?q=%7B%7D%25%26_%23~&as_of=2026-11-23&revision=27", Lang: "fr", Hash: strings.Repeat("0a", 32), SHA256: strings.Repeat("0b", 32)}

func TestCitationsReadByLibraries(t *testing.T) {
	dir := t.TempDir()
	for _, f := range append(export.Citations(), export.CFF) {
		text, ok := cited.Write(f)
		if !ok {
			t.Fatal(f)
		}
		if err := os.WriteFile(filepath.Join(dir, "cited."+string(f)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := cited.Write("csv"); ok {
		t.Error("a citation as CSV")
	}
	t.Run("bibutils", func(t *testing.T) {
		_, err := exec.LookPath("bib2xml")
		needs(t, err == nil, "bibutils")
		for _, program := range [][2]string{{"bib2xml", "cited.bib"}, {"ris2xml", "cited.ris"}} {
			var said bytes.Buffer
			c := exec.Command(program[0], filepath.Join(dir, program[1]))
			c.Stderr = &said
			out, err := c.Output()
			if err != nil || !strings.Contains(said.String(), "Processed 1 references") {
				t.Fatalf("%s: %v %s", program[0], err, said.String())
			}
			var x struct {
				Mods []struct {
					ID    string   `xml:"ID,attr"`
					Name  string   `xml:"name>namePart"`
					Date  string   `xml:"originInfo>dateIssued"`
					URL   string   `xml:"location>url"`
					Notes []string `xml:"note"`
				} `xml:"mods"`
			}
			if err := xml.Unmarshal(bytes.TrimPrefix(out, []byte("\ufeff")), &x); err != nil {
				t.Fatal(err)
			}
			if len(x.Mods) != 1 || x.Mods[0].ID != cited.Key || x.Mods[0].Name != export.Author || !strings.HasPrefix(x.Mods[0].Date, "2026-03") || x.Mods[0].URL != cited.URL ||
				!slices.Contains(x.Mods[0].Notes, cited.Note) {
				t.Errorf("%s reads %+v", program[0], x.Mods)
			}
		}
	})
	t.Run("citation-js", func(t *testing.T) {
		path := os.Getenv("COSIGNATORY_CITATION_JS")
		needs(t, path != "", "COSIGNATORY_CITATION_JS, the folder of npm’s citation-js,")
		for _, f := range export.Citations() {
			c := exec.Command("node", "-e", `const Cite = require(process.argv[1]); const fs = require('fs')
				const c = new Cite(fs.readFileSync(process.argv[2], 'utf8'))
				console.log(JSON.stringify(c.data)); console.log(c.format('bibliography', {template: 'apa'}))`, path, filepath.Join(dir, "cited."+string(f)))
			c.Stderr = os.Stderr
			out, err := c.Output()
			if err != nil {
				t.Fatal(f, err)
			}
			var read []struct {
				ID, Title, Note, URL string
				Author               []struct{ Family, Literal string }
				Issued               struct {
					Parts [][]int `json:"date-parts"`
				}
			}
			line, prose, _ := bytes.Cut(out, []byte("\n"))
			if err := json.Unmarshal(line, &read); err != nil {
				t.Fatal(f, err)
			}
			if len(read) != 1 {
				t.Fatalf("%s: %d references", f, len(read))
			}
			x := read[0]
			if x.ID != cited.Key || x.Title != hostileTitle || x.Note != cited.Note || x.URL != cited.URL || len(x.Author) != 1 || x.Author[0].Family+x.Author[0].Literal != export.Author ||
				len(x.Issued.Parts) != 1 || !slices.Equal(x.Issued.Parts[0][:2], []int{2026, 3}) {
				t.Errorf("%s is read as %+v", f, x)
			}
			if !strings.Contains(string(prose), "Cosignatory. (2026") || !strings.Contains(string(prose), "联合宣言") {
				t.Errorf("%s is cited as %s", f, prose)
			}
		}
	})
	t.Run("yaml", func(t *testing.T) {
		needs(t, exec.Command("/usr/bin/python3", "-c", "import yaml").Run() == nil, "python3-yaml")
		out, err := exec.Command("/usr/bin/python3", "-c", "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1], encoding='utf-8'))))", filepath.Join(dir, "cited.cff")).Output()
		if err != nil {
			t.Fatal(err)
		}
		var x map[string]any
		if err := json.Unmarshal(out, &x); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{"cff-version": "1.2.0", "message": "Please cite the version that you used.", "type": "dataset", "title": hostileTitle, "version": "27",
			"commit": cited.Hash, "date-released": "2026-03-05", "license": "CC0-1.0", "url": cited.URL}
		for key, v := range want {
			if x[key] != v {
				t.Errorf("%s: %v, want %v", key, x[key], v)
			}
		}
		authors, _ := x["authors"].([]any)
		identifiers, _ := x["identifiers"].([]any)
		if len(authors) != 1 || authors[0].(map[string]any)["name"] != "Cosignatory" || len(identifiers) != 1 || identifiers[0].(map[string]any)["value"] != "sha256:"+cited.SHA256 || len(x) != len(want)+2 {
			t.Errorf("%v", x)
		}
	})
}

// Texts come onto one line, and the marks that keep directions apart on a page stay behind.
func TestCitationIsOneLine(t *testing.T) {
	c := cited
	c.Title, c.Note = "A\r\nTY  - BOOK\n\u2068title\u2069", "\u200fnote "
	for _, f := range append(export.Citations(), export.CFF) {
		text, _ := c.Write(f)
		if !strings.Contains(text, "A TY - BOOK title") || strings.ContainsAny(text, "\u2068\u2069\u200f") {
			t.Errorf("%s: %s", f, text)
		}
	}
	if ris, _ := c.Write(export.RIS); strings.Count(ris, "\r\n") != strings.Count(ris, "\n") || strings.Count(ris, "TY  - ") != 1 {
		t.Errorf("%q", ris)
	}
}

func sum(b []byte) string {
	x := sha256.Sum256(b)
	return hex.EncodeToString(x[:])
}

// D26: what a release freezes is what the files are, and rows are counted as a reader of CSV counts them.
func TestFreeze(t *testing.T) {
	s := loaded(t)
	o := hostile(t, s) // with line breaks and quotation marks within cells
	ctx := context.Background()
	var told []int
	files, err := export.Freeze(ctx, o.View, o.BaseURL, func(done, of int) { told = append(told, done, of) })
	if err != nil {
		t.Fatal(err)
	}
	if len(told) != 2*len(files) || told[0] != 0 || told[1] != len(files) {
		t.Errorf("progress: %v", told)
	}
	if o.Day, err = export.DayOf(ctx, o.View); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, f := range files {
		names[f.Name] = true
		name, format, _ := strings.Cut(f.Name, ".")
		o.Format = export.Format(format)
		b := made(t, func(w io.Writer) error { return export.Write(ctx, w, name, o) })
		rows := -1
		if format == "csv" {
			rows = len(records(t, b))
		}
		if f.SHA256 != sum(b) || f.Bytes != int64(len(b)) || f.Rows != rows {
			t.Errorf("%+v, but the file has %d bytes, %d rows, %s", f, len(b), rows, sum(b))
		}
	}
	for _, name := range export.Names() {
		if !names[name+".csv"] {
			t.Errorf("%s is not frozen", name)
		}
	}
	for _, name := range []string{"register.zip", "history.jsonl"} {
		if !names[name] {
			t.Errorf("%s is not frozen", name)
		}
	}
	r, err := s.AddRelease(ctx, published.Format("2006")+".1", o.View.Revision, o.BaseURL, files)
	if err != nil {
		t.Fatal(err)
	}
	if err := export.CheckRelease(ctx, s, r, nil); err != nil {
		t.Error(err)
	}
	// A program that writes a file otherwise, or not at all, is told from an altered register.
	other := *r
	other.Address = "https://elsewhere.example"
	if err := export.CheckRelease(ctx, s, &other, nil); err == nil || !strings.Contains(err.Error(), "no longer comes out as it was frozen") {
		t.Error(err)
	}
	other = *r
	other.Files = append(slices.Clone(r.Files), r.Files[0])
	other.Files[len(r.Files)].Name = "register.tar"
	if err := export.CheckRelease(ctx, s, &other, nil); err == nil || !strings.Contains(err.Error(), "which this program does not make") {
		t.Error(err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := export.Freeze(gone, o.View, o.BaseURL, nil); err == nil {
		t.Error("it is frozen although nobody waits for it")
	}
}
