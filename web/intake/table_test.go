package intake

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// zipped makes a zip of names and contents in turn.
func zipped(t testing.TB, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(parts[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func deflated(s string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	fmt.Fprint(w, s)
	w.Close()
	return b.String()
}

func TestCSV(t *testing.T) {
	for _, c := range []struct {
		what, name, in string
		rows           [][]string
		lines          []int
		remarks        []Refusal
	}{
		{"commas", "a.csv", "Country,Date\r\n\"Congo, Republic of the\",2024-03-12\r\n\r\nChad,\r\n",
			[][]string{{"Country", "Date"}, {"Congo, Republic of the", "2024-03-12"}, {"Chad", ""}}, []int{1, 2, 4}, nil},
		{"semicolons", "a.csv", "Pays;Note\nTchad;\"dit \"\"le Tchad\"\"\"\nPérou;1,5\n",
			[][]string{{"Pays", "Note"}, {"Tchad", `dit "le Tchad"`}, {"Pérou", "1,5"}}, []int{1, 2, 3}, nil},
		{"tabs", "a.tsv", "Albania\tAL\nChad\tTD", [][]string{{"Albania", "AL"}, {"Chad", "TD"}}, []int{1, 2}, nil},
		{"pipes", "a.csv", "Albania|AL\nChad|TD", [][]string{{"Albania", "AL"}, {"Chad", "TD"}}, []int{1, 2}, nil},
		{"the delimiter said", "a.txt", "sep=|\nAlbania, Republic of|AL\nChad|TD", [][]string{{"Albania, Republic of", "AL"}, {"Chad", "TD"}}, []int{2, 3}, nil},
		{"one column", "a.csv", "Albania\nChad\n", [][]string{{"Albania"}, {"Chad"}}, []int{1, 2}, nil},
		{"lines within a cell", "a.csv", "Name,Note\nChad,\"one\ntwo\"\nPeru,x\n", [][]string{{"Name", "Note"}, {"Chad", "one\ntwo"}, {"Peru", "x"}}, []int{1, 2, 4}, nil},
		{"marks in wrong places", "a.csv", "Name,Note\nChad,the \"old\" one\nPeru,\"a \"b\" c\"\nFiji,\"x\"  \n",
			[][]string{{"Name", "Note"}, {"Chad", `the "old" one`}, {"Peru", `a "b" c`}, {"Fiji", "x"}}, []int{1, 2, 3, 4}, []Refusal{{"quotes", map[string]any{"Count": 2, "Line": 2}}}},
		{"a mark never closed", "a.csv", "Name,Note\nChad,\"open\nPeru,x\n", [][]string{{"Name", "Note"}, {"Chad", `"open`}, {"Peru", "x"}}, []int{1, 2, 3}, []Refusal{{"quote_open", map[string]any{"Line": 2}}}},
		{"rows of other lengths", "a.csv", "Name,Code,Note\nChad,TD\nPeru,PE,x\n", [][]string{{"Name", "Code", "Note"}, {"Chad", "TD", ""}, {"Peru", "PE", "x"}}, []int{1, 2, 3}, []Refusal{{"uneven", map[string]any{"Count": 1, "Line": 2, "Columns": 3}}}},
		{"a formula is text", "a.csv", "Name,Note\nChad,\"=HYPERLINK(\"\"http://x\"\")\"\n", [][]string{{"Name", "Note"}, {"Chad", `=HYPERLINK("http://x")`}}, []int{1, 2}, nil},
		{"a delimiter at the end", "a.csv", "Chad,TD,\nPeru,PE,", [][]string{{"Chad", "TD"}, {"Peru", "PE"}}, []int{1, 2}, nil},
		{"pasted from a spreadsheet", "", "No\tCountry\n1\tChad\n2\tPeru\n", [][]string{{"No", "Country"}, {"1", "Chad"}, {"2", "Peru"}}, []int{1, 2, 3}, nil},
		{"pasted numbered", "", "1.\tChad\n2.\tPeru\n", [][]string{{"1.", "Chad"}, {"2.", "Peru"}}, []int{1, 2}, nil},
		{"a table by its header", "list.txt", "country,date,note\nChad,2024-03-12,\nPeru,2024-03-12,x\n", [][]string{{"country", "date", "note"}, {"Chad", "2024-03-12", ""}, {"Peru", "2024-03-12", "x"}}, []int{1, 2, 3}, nil},
	} {
		got := brought(t, c.name, []byte(c.in))
		if got.Table == nil || len(got.Table.Sheets) != 1 {
			t.Errorf("%s: not one table: %+v", c.what, got)
			continue
		}
		same(t, c.what, got.Table.Sheets[0].Rows, c.rows)
		same(t, c.what+", lines", got.Table.Sheets[0].Lines, c.lines)
		same(t, c.what+", remarks", got.Remarks, c.remarks)
	}
}

func TestTextIsNoTable(t *testing.T) {
	for _, in := range []string{
		"Albania, Andorra, Angola\nBrazil, Chad, Chile\nPeru, Poland, Qatar\n",
		"Albania\tAndorra\tAngola\nBrazil\tChad\tChile\n",
		"Albania\nAndorra\n",
		"On 12 March 2024, the Governments of Albania, Andorra and Chad;\nthe country, date and note are given below.\n",
	} {
		if got := brought(t, "", []byte(in)); got.Table != nil || got.Text != in {
			t.Errorf("%q is read as %+v", in, got)
		}
	}
	prose := strings.Repeat("The undersigned, meeting in Geneva, have agreed on what follows, and invite others to join them in it without delay. ", 3)
	if got := brought(t, "a.csv", []byte(prose)); got.Table != nil {
		t.Errorf("running text named as a table is a table: %+v", got.Table)
	}
}

func TestCSVEncodings(t *testing.T) {
	russian := "Страна;Дата\nАвстрия;12.03.2024\nРоссийская Федерация;13.03.2024\n"
	got := brought(t, "a.csv", encoded(t, charmap.Windows1251, russian))
	same(t, "rows", got.Table.Sheets[0].Rows, [][]string{{"Страна", "Дата"}, {"Австрия", "12.03.2024"}, {"Российская Федерация", "13.03.2024"}})
	same(t, "columns", got.Table.Sheets[0].Columns, []Role{Name, Date})
	same(t, "remarks", keys(got), []string{"guessed_encoding"})
	got = brought(t, "a.csv", inUTF16("Pays\tDate\nPérou\t12/03/2024\n", binary.LittleEndian, true))
	same(t, "rows", got.Table.Sheets[0].Rows, [][]string{{"Pays", "Date"}, {"Pérou", "12/03/2024"}})
	got = brought(t, "a.csv", encoded(t, simplifiedchinese.GBK, "国家,日期\n中国,2024年3月12日\n"))
	same(t, "rows", got.Table.Sheets[0].Rows, [][]string{{"国家", "日期"}, {"中国", "2024年3月12日"}})
	same(t, "columns", got.Table.Sheets[0].Columns, []Role{Name, Date})
}

func TestCSVLimits(t *testing.T) {
	same(t, "rows", refused(t, "a.csv", []byte(strings.Repeat("a,b\n", MaxRows+1)), "rows").Args, map[string]any{"Max": MaxRows})
	if got := brought(t, "a.csv", []byte(strings.Repeat("a,b\n", MaxRows))); len(got.Table.Sheets[0].Rows) != MaxRows {
		t.Error("the most rows that may be are not read")
	}
	same(t, "columns", refused(t, "a.csv", []byte(strings.Repeat("a,", MaxColumns)+"a\n"), "columns").Args, map[string]any{"Max": MaxColumns, "Cell": "GS1"})
	// Empty cells and lines beyond the limits are nothing.
	same(t, "commas", brought(t, "a.csv", []byte("a"+strings.Repeat(",", 5<<20)+"\nb"+strings.Repeat("\n", 5<<19))).Table.Sheets[0].Rows, [][]string{{"a"}, {"b"}})
	long := strings.Repeat("é", MaxCell)
	got := brought(t, "a.csv", []byte("name,note\nChad,"+long+"\n"))
	same(t, "cut", len(got.Table.Sheets[0].Rows[1][1]), MaxCell)
	same(t, "remarks", got.Remarks, []Refusal{{"cells_cut", map[string]any{"Count": 1, "Max": MaxCell, "Cell": "B2"}}})
}

// book is a workbook written by excelize.
func book(t testing.TB, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func must(t testing.TB, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestXLSX(t *testing.T) {
	b := book(t, func(f *excelize.File) {
		style := func(code string) int {
			id, err := f.NewStyle(&excelize.Style{CustomNumFmt: &code})
			must(t, err)
			return id
		}
		day, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		must(t, err)
		s := "Sheet1"
		must(t, f.SetSheetRow(s, "A1", &[]any{"Country", "Date", "Code", "Remarks"}),
			f.SetSheetRow(s, "A2", &[]any{"  Côte d’Ivoire ", 45363, 4, 100000}), f.SetCellStyle(s, "B2", "B2", day), f.SetCellStyle(s, "C2", "C2", style("000")),
			f.SetSheetRow(s, "A4", &[]any{"Chad", 45363.5, "007", 0.1 + 0.2}), f.SetCellStyle(s, "B4", "B4", style("dd/mm/yyyy hh:mm")),
			f.SetSheetRow(s, "A5", &[]any{"中国", 45363, true, 0.125}), f.SetCellStyle(s, "B5", "B5", style(`[$-804]yyyy"年"m"月"`)), f.SetCellStyle(s, "D5", "D5", style("0.0%")),
			f.SetSheetRow(s, "A6", &[]any{"Peru", 60, nil, 1e22}), f.SetCellStyle(s, "B6", "B6", style("yyyy-mm-dd")),
			f.SetSheetRow(s, "A7", &[]any{"Fiji", 59, nil, 12.50}), f.SetCellStyle(s, "B7", "B7", style("d. mmmm yyyy")),
			f.SetCellRichText(s, "A8", []excelize.RichTextRun{{Text: "France"}, {Text: "1", Font: &excelize.Font{VertAlign: "superscript"}}}),
			f.SetCellValue(s, "D8", "multi\nline"),
			f.SetCellFormula(s, "D9", "A1&1"), f.SetCellValue(s, "A9", "Merged"), f.MergeCell(s, "A9", "B10"),
			f.SetRowVisible(s, 4, false), f.SetColVisible(s, "C", false))
		_, err = f.NewSheet("Old")
		must(t, err, f.SetCellValue("Old", "B3", "Ghana"), f.SetSheetVisible("Old", false))
		_, err = f.NewSheet("Empty")
		must(t, err)
	})
	got := brought(t, "list.txt", b)
	same(t, "sheets", len(got.Table.Sheets), 2)
	s := got.Table.Sheets[0]
	same(t, "name", s.Name, "Sheet1")
	same(t, "rows", s.Rows, [][]string{
		{"Country", "Date", "Code", "Remarks"},
		{"Côte d’Ivoire", "2024-03-12", "004", "100000"},
		{"Chad", "2024-03-12 12:00", "007", "0.3"},
		{"中国", "2024-03", "TRUE", "12.5%"},
		{"Peru", "60", "", "10000000000000000000000"},
		{"Fiji", "1900-02-28", "", "12.5"},
		{"France[1]", "", "", "multi\nline"},
		{"Merged", "", "", ""},
	})
	same(t, "lines", s.Lines, []int{1, 2, 4, 5, 6, 7, 8, 9})
	same(t, "header", s.Header, 0)
	same(t, "columns", s.Columns, []Role{Name, Date, Code, Note})
	same(t, "hidden sheet", got.Table.Sheets[1].Rows, [][]string{{"", "Ghana"}})
	same(t, "hidden", got.Table.Sheets[1].Hidden, true)
	same(t, "remarks", got.Remarks, []Refusal{
		{"hidden_sheet", map[string]any{"Sheet": "Old"}},
		{"uncalculated", map[string]any{"Count": 1, "Cell": "Sheet1!D9"}},
		{"merged", map[string]any{"Count": 1, "Cell": "Sheet1!A9"}},
		{"hidden_rows", map[string]any{"Count": 1, "Cell": "Sheet1!4"}},
		{"hidden_columns", map[string]any{"Count": 1, "Cell": "Sheet1!C"}},
	})
}

// workbookOf is a workbook with sheets of XML, its styles and shared texts.
func workbookOf(t testing.TB, properties, styles, shared string, sheets ...string) []byte {
	t.Helper()
	var list, relations strings.Builder
	parts := []string{"[Content_Types].xml", "<Types/>"}
	for i, s := range sheets {
		fmt.Fprintf(&list, `<sheet name="S%d" sheetId="%d" r:id="r%d"/>`, i+1, i+1, i+1)
		fmt.Fprintf(&relations, `<Relationship Id="r%d" Type="x/worksheet" Target="worksheets/sheet%d.xml"/>`, i+1, i+1)
		parts = append(parts, fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), `<worksheet>`+s+`</worksheet>`)
	}
	return zipped(t, append(parts,
		"xl/workbook.xml", `<workbook xmlns:r="r">`+properties+`<sheets>`+list.String()+`</sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships>`+relations.String()+`</Relationships>`,
		"xl/styles.xml", `<styleSheet>`+styles+`</styleSheet>`,
		"xl/sharedStrings.xml", `<sst>`+shared+`</sst>`)...)
}

func TestXLSXByHand(t *testing.T) {
	got := brought(t, "", workbookOf(t, `<workbookPr date1904="1"/>`, `<cellStyleXfs><xf numFmtId="0"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="20"/></cellXfs>`,
		`<si><t>unused</t></si><si><r><t>Ja</t></r><r><t>pan</t></r><rPh><t>read so</t></rPh></si><si><t>a_x000D_
b_x0001_</t></si>`,
		`<dimension ref="A1:XFD2000000"/><sheetData>
<row><c t="s"><v>1</v></c><c s="1"><v>43901</v></c><c s="2"><v>0.5</v></c></row>
<row r="5"><c r="B5" t="s"><v>2</v></c><c r="C5" t="s"><v>1</v></c><c t="inlineStr"><is><t>in</t></is></c></row>
<row><c t="e"><v>#REF!</v></c><c t="str"><f>A1</f><v>cached</v></c><c><f>1+1</f><v>2</v></c><c t="d"><v>2024-03-12T00:00:00</v></c><c t="b"><v>0</v></c></row>
</sheetData>`))
	same(t, "rows", got.Table.Sheets[0].Rows, [][]string{{"Japan", "2024-03-12", "12:00", "", ""}, {"", "a\nb", "Japan", "in", ""}, {"#REF!", "cached", "2", "2024-03-12", "FALSE"}})
	same(t, "lines", got.Table.Sheets[0].Lines, []int{1, 5, 6})
	same(t, "remarks", got.Remarks, []Refusal{{"formulas", map[string]any{"Count": 2, "Cell": "S1!B6"}}, {"cell_errors", map[string]any{"Count": 1, "Cell": "S1!A6"}}})

	cell := `<row><c><v>1</v></c></row>`
	for what, b := range map[string][]byte{
		"a text that is not there":  workbookOf(t, "", "", "<si/>", `<sheetData><row><c t="s"><v>7</v></c></row></sheetData>`),
		"a part that breaks off":    workbookOf(t, "", "", "", `<sheetData>`+cell),
		"a sheet without its part":  zipped(t, "xl/workbook.xml", `<workbook xmlns:r="r"><sheet name="S" r:id="a"/></workbook>`, "xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="a" Type="x/worksheet" Target="s.xml"/></Relationships>`),
		"no relations":              zipped(t, "xl/workbook.xml", `<workbook/>`),
		"an entity of its own":      workbookOf(t, "", "", "", `<!DOCTYPE x [<!ENTITY a "b">]><sheetData><row><c t="str"><v>&a;</v></c></row></sheetData>`),
		"no document":               zipped(t, "xl/workbook.xml", "", "_rels/.rels", "<Relationships>"),
		"a text of a million bytes": workbookOf(t, "", "", "", `<sheetData><row><c t="str"><v>`+strings.Repeat("x", maxToken+1)+`</v></c></row></sheetData>`),
	} {
		if got, err := Open("", b); err == nil || err.(*Refusal).Key != "damaged" {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
	}
	refused(t, "", workbookOf(t, "", "", "", `<sheetData/>`), "no_rows")
	same(t, "sheets", refused(t, "", workbookOf(t, "", "", "", slicesOf(`<sheetData/>`, MaxSheets+1)...), "sheets").Args, map[string]any{"Max": MaxSheets})
	same(t, "columns", refused(t, "", workbookOf(t, "", "", "", `<sheetData><row><c r="XFD1"><v>1</v></c></row></sheetData>`), "columns").Args, map[string]any{"Max": MaxColumns, "Cell": "XFD1"})
	// Rows count in all sheets together.
	refused(t, "", workbookOf(t, "", "", "", varied(MaxRows/2+1), varied(MaxRows/2)), "rows")
	// Elements with nothing in them are work all the same.
	p, r := unpack(workbookOf(t, "", "", "", "<sheetData>"+strings.Repeat("<row/>", 1000)+"</sheetData>"))
	if r != nil {
		t.Fatal(r)
	}
	p.elements = 1000
	if _, r := readXLSX(p, &Brought{}); r == nil || r.Key != "damaged" {
		t.Errorf("without a main part: %v", r)
	}
	p.main = "xl/workbook.xml"
	if _, r := readXLSX(p, &Brought{}); r == nil || r.Key != "unpacked" {
		t.Errorf("a thousand elements of which none is left: %v", r)
	}
	// A text that many cells share is many texts to whoever shows them.
	shared := "<sheetData>" + strings.Repeat(`<row><c t="s"><v>0</v></c></row>`, 2000) + "</sheetData>"
	same(t, "shared", refused(t, "", workbookOf(t, "", "", "<si><t>"+strings.Repeat("x", MaxCell)+"</t></si>", shared), "table_big").Args, map[string]any{"Max": 16})
}

func slicesOf(s string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = s
	}
	return out
}

// varied is a sheet of rows that do not pack away to nothing.
func varied(rows int) string {
	var b strings.Builder
	b.WriteString(`<dimension ref="A1:A2000000"/><sheetData>`)
	for i := range rows {
		b.WriteString(`<row r="` + strconv.Itoa(i+1) + `"><c><v>` + strconv.Itoa(i*7919%1009) + `</v></c></row>`)
	}
	b.WriteString(`</sheetData>`)
	return b.String()
}

// soon says that a reading ends soon and takes little memory: the limits are many times what is measured.
func soon(t *testing.T, what string, most time.Duration, memory uint64, read func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	read()
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	t.Logf("%s: %v, %d kB allocated in all", what, took, (after.TotalAlloc-before.TotalAlloc)>>10)
	if took > most || after.TotalAlloc-before.TotalAlloc > memory {
		t.Errorf("%s took %v and %d MB", what, took, (after.TotalAlloc-before.TotalAlloc)>>20)
	}
}

func TestMainPartElsewhere(t *testing.T) {
	got := brought(t, "", zipped(t, "word/document2.xml", wordStart+`<w:p><w:r><w:t>Chad</w:t></w:r></w:p>`+wordEnd,
		"_rels/.rels", `<Relationships><Relationship Id="a" Type="http://x/officeDocument" Target="/word/document2.xml"/></Relationships>`))
	same(t, "text", got.Text, "Chad")
	got = brought(t, "", zipped(t, "xl/book.xml", `<workbook xmlns:r="r"><sheet name="S" r:id="a"/></workbook>`,
		"xl/_rels/book.xml.rels", `<Relationships><Relationship Id="a" Type="x/worksheet" Target="/xl/s.xml"/><Relationship Id="b" Type="x/hyperlink" Target="http://x" TargetMode="External"/></Relationships>`,
		"xl/s.xml", `<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>`,
		"_rels/.rels", `<Relationships><Relationship Id="a" Type="http://x/officeDocument" Target="xl/book.xml"/></Relationships>`))
	same(t, "rows", got.Table.Sheets[0].Rows, [][]string{{"1"}})
}

func TestBombs(t *testing.T) {
	bomb := workbookOf(t, "", "", "", "<sheetData>"+strings.Repeat(" ", 100<<20)+"</sheetData>")
	t.Logf("a bomb of %d kB", len(bomb)>>10)
	soon(t, "100 MB of blanks", time.Second, 1<<20, func() { refused(t, "", bomb, "unpacked") })
	letter := document(t, "<w:p>"+strings.Repeat(" ", 15<<20)+"</w:p>")
	t.Logf("a document of 15 MB in %d kB", len(letter)>>10)
	soon(t, "a document of 15 MB in a few kB", time.Second, 1<<20, func() { refused(t, "", letter, "unpacked") })
	million := workbookOf(t, "", "", "", varied(1_000_000))
	t.Logf("a million rows in %d kB", len(million)>>10)
	soon(t, "a million rows", 5*time.Second, 200<<20, func() {
		same(t, "arguments", refused(t, "", million, "rows").Args, map[string]any{"Max": MaxRows})
	})
	lie := workbookOf(t, "", "", "", `<dimension ref="A1:XFD2000000"/><sheetData><row r="2000000"><c r="A2000000"><v>1</v></c></row></sheetData>`)
	soon(t, "a declared size of two million rows", time.Second, 1<<20, func() {
		same(t, "rows", brought(t, "", lie).Table.Sheets[0].Rows, [][]string{{"1"}})
	})
	var blank strings.Builder
	for i := range 200_000 {
		blank.WriteString(`<row ht="` + strconv.Itoa(i*7919%409) + `"><c s="` + strconv.Itoa(i*31%977) + `"/></row>`)
	}
	blanks := workbookOf(t, "", "", "", `<sheetData>`+blank.String()+`</sheetData>`)
	t.Logf("200,000 empty rows in %d kB", len(blanks)>>10)
	soon(t, "200,000 empty rows", 20*time.Second, 500<<20, func() { refused(t, "", blanks, "no_rows") })
	ods := func(rows string) []byte {
		return zipped(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml", `<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><table:table table:name="A">`+rows+`</table:table></office:document-content>`)
	}
	soon(t, "an .ods row repeated a million times", 2*time.Second, 100<<20, func() {
		refused(t, "", ods(`<table:table-row table:number-rows-repeated="1048576"><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row>`), "rows")
	})
	soon(t, "an .ods cell repeated a million times", time.Second, 20<<20, func() {
		refused(t, "", ods(`<table:table-row><table:table-cell table:number-columns-repeated="1000000"><text:p>x</text:p></table:table-cell></table:table-row>`), "columns")
	})
	// What the directory of the zip says is too small is found out while unpacking.
	liar := bytes.ReplaceAll(bomb, le32(uint32(100<<20+len("<worksheet><sheetData></sheetData></worksheet>"))), le32(1000))
	soon(t, "a bomb that lies about its size", 10*time.Second, 50<<20, func() { refused(t, "", liar, "damaged") })
	// A field of a form is packed as well.
	for _, sheets := range []int{300_000, 1_200_000} {
		many := field(t, `{"Sheets":[`+strings.Repeat("{},", sheets-1)+`{}]}`)
		t.Logf("%d sheets in a field of %d bytes", sheets, len(many))
		soon(t, "a field of many sheets", time.Second, 1<<20, func() { unpackRefused(t, "many sheets", many, "sheets") })
	}
	for _, x := range []struct{ what, rows, key string }{{"rows", strings.Repeat("[],", MaxRows) + "[]", "rows"}, {"cells", "[" + strings.Repeat(`"",`, 1<<20) + `""]`, "columns"}} {
		many := field(t, `{"Sheets":[{"Rows":[`+x.rows+`]}]}`)
		soon(t, "a field of many "+x.what, time.Second, 8<<20, func() { unpackRefused(t, x.what, many, x.key) })
	}
	uneven := field(t, `{"Sheets":[{"Rows":[["a"],["b","c","d"]]}]}`)
	soon(t, "a field of uneven rows", time.Second, 1<<20, func() { unpackRefused(t, "uneven rows", uneven, "carried") })
}

func le32(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }

func TestODS(t *testing.T) {
	got := brought(t, "a.ods", zipped(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml", `<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x" xmlns:style="s">
<office:automatic-styles><style:style style:name="ta2"><style:table-properties table:display="false"/></style:style></office:automatic-styles>
<table:table table:name="List"><table:table-column table:number-columns-repeated="1024"/>
<table:table-row><table:table-cell office:value-type="string"><text:p>Country</text:p></table:table-cell><table:table-cell><text:p>Date</text:p></table:table-cell><table:table-cell table:number-columns-repeated="1022"/></table:table-row>
<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-spanned="2"><text:p>Ch<text:span>ad</text:span></text:p><office:annotation><text:p>no</text:p></office:annotation></table:table-cell><table:covered-table-cell/><table:table-cell office:value-type="float" office:value="100000"><text:p>1E+05</text:p></table:table-cell></table:table-row>
<table:table-row table:number-rows-repeated="1000"><table:table-cell table:number-columns-repeated="1024"/></table:table-row>
<table:table-row><table:table-cell><text:p>Peru</text:p></table:table-cell><table:table-cell office:value-type="date" office:date-value="2024-03-12" table:formula="of:=TODAY()"><text:p>12.03.24</text:p></table:table-cell></table:table-row>
<table:table-row table:number-rows-repeated="1040000"><table:table-cell table:number-columns-repeated="1024"/></table:table-row></table:table>
<table:table table:name="Old" table:style-name="ta2"><table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row></table:table></office:document-content>`))
	s := got.Table.Sheets[0]
	same(t, "rows", s.Rows, [][]string{{"Country", "Date", ""}, {"Chad", "", "100000"}, {"Chad", "", "100000"}, {"Peru", "2024-03-12", ""}})
	same(t, "lines", s.Lines, []int{1, 2, 3, 1004})
	same(t, "remarks", got.Remarks, []Refusal{{"hidden_sheet", map[string]any{"Sheet": "Old"}}, {"formulas", map[string]any{"Count": 1, "Cell": "List!B1004"}}, {"merged", map[string]any{"Count": 1, "Cell": "List!A2"}}})
}

func TestGuess(t *testing.T) {
	names := map[string]bool{}
	for _, n := range []string{"Chad", "Peru", "Fiji", "Egypt", "Albania", "مصر", "Франция", "中国"} {
		names[n] = true
	}
	known := func(cell string) bool { return names[cell] }
	for _, c := range []struct {
		what    string
		rows    [][]string
		header  int
		columns []Role
	}{
		{"English", [][]string{{"No.", "Country", "ISO code", "Date of signature", "Capacity", "Remarks"}, {"1", "Chad", "TD", "12 March 2024", "host", ""}}, 0, []Role{Position, Name, Code, Date, Capacity, Note}},
		{"French", [][]string{{"N°", "Pays", "Signé le", "En qualité de", "Remarques"}, {"1", "Tchad", "12 mars 2024", "hôte", ""}}, 0, []Role{Position, Name, Date, Capacity, Note}},
		{"Spanish", [][]string{{"País", "Fecha de firma", "Observaciones", "Grupo"}, {"Chad", "12/3/2024", "", "G7"}}, 0, []Role{Name, Date, Note, Group}},
		{"Arabic", [][]string{{"الرقم", "الدولة", "تاريخ التوقيع", "ملاحظات"}, {"1", "مصر", "2024", ""}}, 0, []Role{Position, Name, Date, Note}},
		{"Chinese", [][]string{{"序号", "国家名称", "签署日期", "备注"}, {"1", "中国", "2024年3月12日", ""}}, 0, []Role{Position, Name, Date, Note}},
		{"Russian", [][]string{{"№", "Государство", "Дата подписания", "Примечание"}, {"1", "Франция", "12 марта 2024 г.", ""}}, 0, []Role{Position, Name, Date, Note}},
		{"German", [][]string{{"Lfd. Nr.", "Land", "Datum", "Bemerkung"}, {"1", "Tschad", "12. März 2024", ""}}, 0, []Role{Position, Name, Date, Note}},
		{"Portuguese", [][]string{{"País", "Data de assinatura", "Observações"}, {"Chade", "12 de março de 2024", ""}}, 0, []Role{Name, Date, Note}},
		{"no header", [][]string{{"1", "Chad", "TD", "2024-03-12"}, {"2", "Peru", "PE", "2024-03-12"}, {"3", "Fiji", "FJ", "2024-03-13"}}, -1, []Role{Position, Name, Code, Date}},
		{"a title above", [][]string{{"List of signatories as of 12 March", "", ""}, {"Country", "Date", "x"}, {"Chad", "2024-03-12", "a"}, {"Peru", "2024-03-12", "b"}}, 1, []Role{Name, Date, NoRole}},
		{"a header of other words", [][]string{{"Wer", "Wann"}, {"Chad", "2024-03-12"}, {"Peru", "2024-03-12"}, {"Fiji", "2024-03-12"}}, 0, []Role{Name, Date}},
		{"names of people too", [][]string{{"Name", "Country", "Signature date"}, {"A. Person", "Chad", "2024-03-12"}, {"B. Person", "Peru", "2024-03-12"}}, 0, []Role{NoRole, Name, Date}},
		{"codes that look like headers", [][]string{{"NO", "Chad"}, {"IS", "Peru"}, {"TD", "Fiji"}}, -1, []Role{Code, Name}},
		{"words of headers in the list", [][]string{{"Chad", "member"}, {"Peru", "member"}}, -1, []Role{Name, NoRole}},
		{"names alone", [][]string{{"Chad"}, {"Peru"}}, -1, []Role{Name}},
		{"the register's signatories", [][]string{
			{"declaration", "declaration_title", "declaration_date", "participant", "participant_name", "iso3", "name_as_printed", "printed_position", "capacity", "basis", "status",
				"since", "until", "departure_reason", "source", "as_of", "revision"},
			{"x-2024", "X", "2024-06-16", "TCD", "Chad", "TCD", "Chad", "1", "signatory", "named", "in_effect", "2024-06-16", "", "", "s", "2026-11-23", "30"},
			{"x-2024", "X", "2024-06-16", "PER", "Peru", "PER", "Peru", "2", "signatory", "named", "left", "2024-07-01", "2025-01-02", "withdrawal_reported", "s", "2026-11-23", "30"}},
			0, []Role{NoRole, NoRole, NoRole, Code, NoRole, NoRole, Name, Position, Capacity, State, State, Date, NoRole, NoRole, NoRole, NoRole, NoRole}},
		{"the register's actions, few with printed names", [][]string{
			{"action_id", "declaration", "participant", "participant_name", "action", "capacity", "date", "date_precision", "public_date", "via_group", "name_as_printed", "note"},
			{"1", "x-2024", "TCD", "Chad", "signed", "signatory", "2024-06-16", "day", "2024-06-17", "", "", ""},
			{"2", "x-2024", "PER", "Peru", "withdrew", "signatory", "2024-06-18", "day", "2024-06-19", "", "", ""}},
			0, []Role{NoRole, NoRole, Code, Name, State, Capacity, Date, NoRole, NoRole, Group, NoRole, Note}},
		{"some columns of the register's actions, of those that came later", [][]string{
			{"declaration", "participant", "action", "date", "public_date_precision", "via_group_name"},
			{"x-2024", "TCD", "signed", "2024-06-16", "day", "Chad"},
			{"x-2024", "PER", "withdrew", "2024-06-18", "month", "Peru"}},
			0, []Role{NoRole, Code, State, Date, NoRole, NoRole}},
		{"another table with a column of ours", [][]string{{"Country", "declaration_date", "Status"}, {"Chad", "2024-03-12", "host"}, {"Peru", "2024-03-12", "guest"}}, 0,
			[]Role{Name, NoRole, Capacity}},
		{"numbers that do not rise", [][]string{{"5", "Chad"}, {"5", "Peru"}, {"1", "Fiji"}}, -1, []Role{NoRole, Name}},
	} {
		s := Sheet{Rows: c.rows}
		Guess(&s, known)
		if s.Header != c.header {
			t.Errorf("%s: the header is %d", c.what, s.Header)
		}
		same(t, c.what, s.Columns, c.columns)
	}
	s := Sheet{Rows: [][]string{{"Chad"}, {"Peru"}}}
	Guess(&s, nil)
	same(t, "without names", s.Columns, []Role{Name})
	Guess(&Sheet{}, nil)
}

// seeds are one of each format, for fuzzing.
func seeds(f *testing.F) {
	f.Add("", []byte(french))
	f.Add("a.csv", []byte("Country;Date\n\"Chad\";2024-03-12\n"))
	f.Add("a.csv", []byte("sep=,\na,\"b\"c\",d\n\""))
	f.Add("a.html", []byte("<html><p>Albania<sup>1</sup><table><tr><td>x</table>"))
	f.Add("a.xls", []byte("<table><tr><td colspan=3 rowspan=2>x<td>y<tr><td>z</table>"))
	f.Add("", inUTF16(french, binary.LittleEndian, false))
	f.Add("", inUTF16(chinese, binary.BigEndian, true))
	for _, e := range []struct {
		text string
		b    func(s string) ([]byte, error)
	}{
		{french, func(s string) ([]byte, error) { return charmap.Windows1252.NewEncoder().Bytes([]byte(s)) }},
		{russian, func(s string) ([]byte, error) { return charmap.Windows1251.NewEncoder().Bytes([]byte(s)) }},
		{arabic, func(s string) ([]byte, error) { return charmap.Windows1256.NewEncoder().Bytes([]byte(s)) }},
		{chinese, func(s string) ([]byte, error) { return simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(s)) }},
	} {
		b, err := e.b(e.text)
		must(f, err)
		f.Add("a.txt", b)
	}
	f.Add("a.pdf", []byte("%PDF-1.7\n9 0 obj<</Type/ObjStm>>stream\n"+deflated("<</Type /Font>>")))
	f.Add("a.xlsx", book(f, func(b *excelize.File) {
		must(f, b.SetSheetRow("Sheet1", "A1", &[]any{"Country", "Date"}), b.SetSheetRow("Sheet1", "A2", &[]any{"Chad", time.Date(2024, 3, 12, 0, 0, 0, 0, time.UTC)}))
	}))
	f.Add("a.xlsx", workbookOf(f, "", `<cellXfs><xf numFmtId="14"/></cellXfs>`, "<si><t>x</t></si>", `<sheetData><row><c t="s"><v>0</v></c><c s="0"><v>45363</v></c></row></sheetData>`))
	f.Add("a.docx", zipped(f, "word/document.xml", wordStart+`<w:tbl><w:tr><w:tc><w:p><w:r><w:t>x</w:t><w:footnoteReference/></w:r></w:p></w:tc></w:tr></w:tbl>`+wordEnd))
	f.Add("a.ods", zipped(f, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml", `<a><table name="t"><table-row number-rows-repeated="3"><table-cell number-columns-repeated="2"><p>x</p></table-cell></table-row></table></a>`))
	f.Add("a.odt", zipped(f, "mimetype", "application/vnd.oasis.opendocument.text", "content.xml", `<a><p>x<note><note-citation>1</note-citation></note></p></a>`))
}
