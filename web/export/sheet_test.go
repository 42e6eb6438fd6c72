package export_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"cosignatory/store/register"
	"cosignatory/web/export"
)

// workbook opens a spreadsheet with another program's reader.
func workbook(t testing.TB, b []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// sheetRows are the cells of a sheet as they are shown, rows as wide as the head.
func sheetRows(t testing.TB, b []byte, sheet int) [][]string {
	t.Helper()
	f := workbook(t, b)
	rows, err := f.GetRows(f.GetSheetList()[sheet])
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		for len(rows[i]) < len(rows[0]) {
			rows[i] = append(rows[i], "")
		}
	}
	return rows
}

// Every table as a spreadsheet shows the cells of its raw CSV, in every language.
func TestSheetsShowWhatCSVShows(t *testing.T) {
	o := hostile(t, loaded(t))
	for _, name := range export.Names() {
		o.Lang = "ar"
		o.Format, o.Raw = export.CSV, true
		want, err := csv.NewReader(bytes.NewReader(whole(t, name, o))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		o.Format, o.Raw = export.XLSX, false
		b := whole(t, name, o)
		if again := whole(t, name, o); !bytes.Equal(again, b) {
			t.Errorf("%s: other bytes the second time (D26)", name)
		}
		f := workbook(t, b)
		if sheets := f.GetSheetList(); len(sheets) != 2 || sheets[0] != name || sheets[1] != "عن هذا الملف" {
			t.Errorf("%s has the sheets %v", name, sheets)
		}
		for _, sheet := range f.GetSheetList() {
			v, err := f.GetSheetView(sheet, 0)
			if err != nil || v.RightToLeft == nil || !*v.RightToLeft {
				t.Errorf("%s, %s: an Arabic sheet does not run from the right", name, sheet)
			}
		}
		if p, err := f.GetPanes(name); err != nil || !p.Freeze || p.YSplit != 1 {
			t.Errorf("%s: the head is not frozen: %+v, %v", name, p, err)
		}
		compare(t, name, sheetRows(t, b, 0), want)
	}
}

// What stands in a sheet, part by part: well-formed, typed, nothing that runs.
func TestSheetsAreTyped(t *testing.T) {
	o := hostile(t, loaded(t))
	o.Format = export.XLSX
	for name, cells := range map[string]map[string][2]string{ // cell: type, value as recorded
		"declarations": {"B27": {"inlineStr", `=HYPERLINK("http://x.example","a, b")`}, "E27": {"inlineStr", "2024-05"}, "L27": {"n", "5"}, "T27": {"n", "45432"}},
		"participants": {"A2": {"inlineStr", "ABW"}},
		"revisions":    {"A2": {"n", "1"}, "B2": {"n", "46349.39583333333"}},
	} {
		f := workbook(t, whole(t, name, o))
		for at, want := range cells {
			kind, err := f.GetCellType(name, at)
			got := map[excelize.CellType]string{excelize.CellTypeInlineString: "inlineStr", excelize.CellTypeNumber: "n", excelize.CellTypeUnset: "n"}[kind]
			value, err2 := f.GetCellValue(name, at, excelize.Options{RawCellValue: true})
			if name == "participants" {
				want[1] = value // which comes first is the reference data's business
			}
			if errors.Join(err, err2) != nil || got != want[0] || value != want[1] {
				t.Errorf("%s %s is %s %q, want %v", name, at, got, value, want)
			}
		}
	}
	b := whole(t, "participants", o)
	rows := sheetRows(t, b, 0)
	for _, r := range rows {
		if r[0] == "AFG" && r[5] != "004" || r[0] == "NAM" && r[3] != "NA" {
			t.Errorf("%v", r)
		}
	}
	for _, name := range export.Names() {
		for part, text := range parts(t, whole(t, name, o)) {
			d := xml.NewDecoder(strings.NewReader(text))
			for {
				token, err := d.Token()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatalf("%s, %s: %v", name, part, err)
				}
				if e, ok := token.(xml.StartElement); ok && e.Name.Local == "f" {
					t.Fatalf("%s, %s: a formula", name, part)
				}
			}
		}
	}
}

// parts are the parts of a spreadsheet, and that all bear the revision's time.
func parts(t testing.TB, b []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range z.File {
		if !f.Modified.Equal(published) {
			t.Errorf("%s is of %s", f.Name, f.Modified)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all[f.Name] = string(text)
	}
	return all
}

// A sheet about the file says what it is, in the reader's language, whether it is filtered and by what, and what its columns mean (D16, D25).
func TestSheetAboutTheFile(t *testing.T) {
	o := options(t, loaded(t), "2024-06-17")
	o.Format, o.Lang, o.Filtered = export.XLSX, "fr", true
	o.Filters = []export.Filter{{Name: "sponsor", Values: []string{"KOR"}}}
	o.Address = "https://example.org/fr/declarations.xlsx?sponsor=KOR&as_of=2024-06-17&revision=27"
	b := made(t, func(w io.Writer) error { return export.WriteDeclarations(context.Background(), w, o, []int64{1, 2}) })
	text := ""
	for _, r := range sheetRows(t, b, 1) {
		text += strings.Join(r, "\t") + "\n"
	}
	for _, want := range []string{"Le registre des déclarations conjointes\u00a0: à propos de ce fichier", "2024-06-17", "27", "sponsor = KOR", o.Address, "CC0-1.0", "n’impliquent", "https://example.org/fr/data?revision=27#file-declarations",
		"title\tTitre dans la langue du fichier.\ttexte", "day · month · year · unknown"} {
		if !strings.Contains(text, want) {
			t.Errorf("nothing of %q:\n%s", want, text)
		}
	}
}

// Texts that XML, or a sheet, cannot hold as they are.
func TestSheetTexts(t *testing.T) {
	s := loaded(t)
	o := hostile(t, s)
	o.Format = export.XLSX
	d := &register.Declaration{Slug: "texts", Kind: "joint-statement", Adopted: register.MustDate("2024-05"), Open: register.No,
		Titles:  []register.Title{{Lang: "en", Text: "_x000D_ & <b> ]]> \"q\" 'a'", Standing: register.Unofficial}},
		Sources: []register.Source{{Key: "l", Publisher: "p", Title: "t", URL: "https://example.org/", Kind: "official"}},
		Actions: []register.Action{{Participant: "FRA", Kind: register.Signed, Capacity: register.Signatory, Source: "l"}}}
	publish(t, s, d)
	o = options(t, s, "")
	o.Format = export.XLSX
	titles := whole(t, "titles", o)
	rows := sheetRows(t, titles, 0)
	if got := rows[len(rows)-1][3]; got != d.Titles[0].Text {
		t.Errorf("%q, want %q", got, d.Titles[0].Text)
	}
	if !strings.Contains(parts(t, titles)["xl/worksheets/sheet1.xml"], "_x005F_x000D_ &amp; &lt;b&gt; ]]&gt;") {
		t.Error("what looks like an escape is not escaped")
	}
	for text, want := range map[string]string{"a\r\n\tb ": "a\r\n\tb ", "\x01": "\x01", "\xff": "\ufffd", "\uffff": "\ufffd", "😀": "😀"} {
		b := made(t, func(w io.Writer) error { return export.WriteRows(w, o.View, 1, text) })
		parts(t, b)
		if got := sheetRows(t, b, 0)[1][0]; got != want {
			t.Errorf("%q is read as %q", text, got)
		}
	}
	// Three units each: what a cell cannot hold is cut between characters, and the file says so.
	long := strings.Repeat("é😀", 20_000)
	b := made(t, func(w io.Writer) error { return export.WriteRows(w, o.View, 1, long) })
	if got := sheetRows(t, b, 0)[1][0]; len(utf16.Encode([]rune(got))) != export.SheetCell || !strings.HasPrefix(long, got) {
		t.Errorf("%d units", len(utf16.Encode([]rune(got))))
	}
	if about := fmt.Sprint(sheetRows(t, b, 1)); !strings.Contains(about, "Cells cut short 1") || !strings.Contains(about, "32,767") {
		t.Errorf("nothing says that a cell was cut: %s", about)
	}
}

// A matrix that is wider than a sheet is refused before its first byte.
func TestASheetThatWouldBeTooWide(t *testing.T) {
	o := options(t, loaded(t), "")
	o.Format = export.XLSX
	ids := slices.Repeat([]int64{1}, export.SheetColumns)
	var b bytes.Buffer
	err := export.WriteMatrix(context.Background(), &b, o, ids, []string{"KOR"})
	var wide *export.TooWide
	if !errors.As(err, &wide) || wide.Columns != export.SheetColumns+2 || b.Len() > 0 {
		t.Errorf("%v, %d bytes", err, b.Len())
	}
}

// More rows than a sheet holds go on in the next one, under the same head.
func TestSheetsAreSplit(t *testing.T) {
	names := map[string]int{}
	o := options(t, loaded(t), "")
	b := made(t, func(w io.Writer) error { return export.WriteRows(w, o.View, 2*export.SheetRows, "a") })
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if path.Dir(f.Name) != "xl/worksheets" {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		n, err := rowsIn(r)
		if err != nil {
			t.Fatal(err)
		}
		names[path.Base(f.Name)] = n
	}
	if names["sheet1.xml"] != export.SheetRows || names["sheet2.xml"] != export.SheetRows || names["sheet3.xml"] != 3 || len(names) != 4 {
		t.Errorf("%v", names)
	}
}

// rowsIn counts the rows of a sheet.
func rowsIn(r io.Reader) (int, error) {
	n, buffer, rest := 0, make([]byte, 1<<16), 0
	for {
		m, err := r.Read(buffer[rest:])
		b := buffer[:rest+m]
		n += bytes.Count(b, []byte("</row>"))
		if rest = min(5, len(b)); rest > 0 {
			copy(buffer, b[len(b)-rest:])
		}
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}
