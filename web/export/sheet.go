package export

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/klauspost/compress/flate"

	"cosignatory/templates/i18n"
)

// Spreadsheets are written here, part by part, as their rows come: a library that keeps the packed file in memory takes
// 300 MB and more for a million rows and puts sheets in any order, where these rows go straight into the zip, in constant
// memory and always in the same bytes (D26).
//
// Cells are typed: numbers are numbers, a column of whole days (type day) or instants (type time) has real dates. A date that may be partial,
// a code, a word is text and stays as it is: "004", "NA", "2023-06". No formula is ever written, so text needs no apostrophe.

// The limits of a sheet, Excel's own.
const (
	SheetRows    = 1 << 20 // with the head
	SheetColumns = 1 << 14
	SheetCell    = 32767 // UTF-16 units of one text

	// sheetBytes is where a sheet ends at the latest: the readers of spreadsheets are not at ease with parts of 4 GB and more.
	sheetBytes = 7 << 29
)

// TooWide says that a table has more columns than a sheet can hold: nothing was written.
type TooWide struct{ Columns int }

func (e *TooWide) Error() string {
	return fmt.Sprintf("the table has %d columns and a spreadsheet holds %d: choose fewer declarations, or another format", e.Columns, SheetColumns)
}

// A sheet counts days so that 1970-01-01 is sheetEpoch. Before 1 March 1900 its count is wrong for Excel, which believes that
// 1900 was a leap year: dates before that day stay text.
const (
	sheetEpoch    = 25569
	firstSheetDay = 61
)

// The styles of cells, by their place in sheetStyles.
const (
	plainStyle = iota
	headStyle
	textStyle // a code or date stays text even where somebody edits it
	dayStyle
	timeStyle
	decimalStyle
	wrapStyle
)

const sheetStyles = xmlHead + `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` +
	`<numFmts count="3"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/><numFmt numFmtId="165" formatCode="yyyy\-mm\-dd&quot;T&quot;hh:mm:ss&quot;Z&quot;"/>` +
	`<numFmt numFmtId="166" formatCode="0.0000"/></numFmts>` +
	`<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font><font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>` +
	`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
	`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
	`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
	`<cellXfs count="7"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
	`<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>` +
	`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="166" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf></cellXfs>` +
	`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

// rowMark stands in a row where its number belongs. The number is known only when the row is written; no text holds that byte,
// since XML cannot.
const rowMark = 0

var rowStart, rowEnd = []byte("<row r=\"\x00\">"), []byte("</row>")

// columnStyles are the styles of the cells of a type, plainStyle where none is given.
var columnStyles = map[string]int{"code": textStyle, "date": textStyle, "list": textStyle, "day": dayStyle, "time": timeStyle, "decimal": decimalStyle}

// columnWidths are in characters, by type.
var columnWidths = map[string]int{"text": 32, "address": 40, "list": 20, "code": 14, "choice": 16, "date": 12, "day": 12, "time": 22}

// cellStart is what every cell of a column begins with.
func cellStart(column int, kind string) string {
	s := `<c r="` + columnLetters(column) + string(rune(rowMark)) + `"`
	if style := columnStyles[kind]; style != plainStyle {
		s += ` s="` + strconv.Itoa(style) + `"`
	}
	return s
}

// columnLetters is the name of a column, counted from 0: A to Z, AA …
func columnLetters(n int) string {
	s := ""
	for n++; n > 0; n = (n - 1) / 26 {
		s = string(rune('A'+(n-1)%26)) + s
	}
	return s
}

// appendSheetText appends a cell of text; nothing for an empty one.
func appendSheetText[T string | []byte](b []byte, start string, s T) []byte {
	if len(s) == 0 {
		return b
	}
	b = append(b, start...)
	b = append(b, ` t="inlineStr"><is><t`...)
	if blank(s[0]) || blank(s[len(s)-1]) {
		b = append(b, ` xml:space="preserve"`...)
	}
	b = append(b, '>')
	b = appendXML(b, s)
	return append(b, "</t></is></c>"...)
}

// fits is as much of a text as a cell of a sheet can hold. What is cut is counted: the sheet about the file says so (D25).
func (l *layout) fits(s string) string {
	units := 0
	for i, r := range s {
		n := 1
		if r > 0xffff {
			n = 2
		}
		if units += n; units > SheetCell {
			l.cut.Add(1)
			return s[:i]
		}
	}
	return s
}

func blank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// appendXML appends a text as XML. Characters that XML cannot hold are written as spreadsheets write them, _x0001_; a text that
// looks like that already is kept from being read so.
func appendXML[T string | []byte](b []byte, s T) []byte {
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		width, with := 1, ""
		switch {
		case c >= utf8.RuneSelf:
			var r rune
			r, width = utf8.DecodeRuneInString(string(s[i:min(i+utf8.UTFMax, len(s))]))
			if r == utf8.RuneError && width == 1 || r == 0xfffe || r == 0xffff {
				with = "\ufffd"
			}
		case c == '&':
			with = "&amp;"
		case c == '<':
			with = "&lt;"
		case c == '>':
			with = "&gt;"
		case c == '\r':
			with = "&#13;"
		case c < ' ' && c != '\n' && c != '\t':
			with = "_x00" + string(hexDigits[c>>4]) + string(hexDigits[c&15]) + "_"
		case c == '_' && escapeAt(s[i:]):
			with = "_x005F_"
		}
		if with != "" {
			b = append(append(b, s[from:i]...), with...)
			from = i + width
		}
		i += width
	}
	return append(b, s[from:]...)
}

// escapeAt says that a text begins like the escape of a character: _x000D_.
func escapeAt[T string | []byte](s T) bool {
	if len(s) < 7 || s[1] != 'x' || s[6] != '_' {
		return false
	}
	for i := 2; i < 6; i++ {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

// book is a spreadsheet in work: sheets of rows, one after the other, and at the end one about the file.
type book struct {
	o       Options
	about   about
	name    string
	columns []Column
	zip     *zip.Writer
	at      time.Time
	dir     bool // of the sheets: from the right
	cut     *atomic.Int64

	sheets []sheet
	out    io.Writer // the sheet in work
	buf    []byte
	size   int64
}

type sheet struct {
	name string
	rows int
	wide int
}

// newBook writes what stands before the rows.
func newBook(ctx context.Context, w io.Writer, name string, l *layout, o Options) (*book, error) {
	columns := l.columns
	if len(columns) > SheetColumns {
		return nil, &TooWide{len(columns)}
	}
	a, err := o.about(ctx, name)
	if err != nil {
		return nil, err
	}
	x := &book{o: o, about: a, name: name, columns: columns, zip: zip.NewWriter(w), at: a.head.PublishedAt.UTC(), dir: o.Lang == "ar", cut: &l.cut}
	x.zip.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, sheetLevel) })
	if err := x.part("_rels/.rels", xmlHead+`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`+
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>`+
		`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/>`+
		`</Relationships>`); err != nil {
		return nil, err
	}
	var core []byte
	core = append(core, xmlHead+`<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" `+
		`xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>`...)
	core = appendXML(core, registerTitle+": "+FileName(a.scope(), o))
	core = append(core, `</dc:title><dc:creator>Cosignatory</dc:creator><dc:identifier>`...)
	core = appendXML(core, a.address)
	when := x.at.Format(time.RFC3339)
	core = append(core, `</dc:identifier><dcterms:created xsi:type="dcterms:W3CDTF">`+when+`</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">`+when+
		`</dcterms:modified></cp:coreProperties>`...)
	if err := x.part("docProps/core.xml", string(core)); err != nil {
		return nil, err
	}
	if err := x.part("xl/styles.xml", sheetStyles); err != nil {
		return nil, err
	}
	return x, x.begin(sheetName(name))
}

// sheetLevel is how hard sheets are packed: they are full of what repeats, and harder costs more than it saves.
const sheetLevel = 3

// sheetName is what a sheet may be called.
func sheetName(s string) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]`, r) {
			return '-'
		}
		return r
	}, s)
	return string([]rune(s)[:min(len([]rune(s)), 31)])
}

func (x *book) create(name string) (io.Writer, error) {
	return x.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: x.at})
}

// part adds a part of the file.
func (x *book) part(name, text string) error {
	w, err := x.create(name)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, text)
	return err
}

// open begins a sheet: widths are those of its columns, in characters; frozen keeps the first row in sight.
func (x *book) open(name string, widths []int, frozen bool) error {
	var err error
	if x.out, err = x.create(fmt.Sprintf("xl/worksheets/sheet%d.xml", len(x.sheets)+1)); err != nil {
		return err
	}
	x.sheets = append(x.sheets, sheet{name: name, wide: len(widths)})
	b := append(x.buf[:0], xmlHead+`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"`...)
	if x.dir {
		b = append(b, ` rightToLeft="1"`...)
	}
	if len(x.sheets) == 1 {
		b = append(b, ` tabSelected="1"`...)
	}
	if frozen {
		b = append(b, `><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/></sheetView></sheetViews><cols>`...)
	} else {
		b = append(b, `/></sheetViews><cols>`...)
	}
	for i, width := range widths {
		b = fmt.Appendf(b, `<col min="%d" max="%d" width="%d" customWidth="1"/>`, i+1, i+1, width)
	}
	x.buf = append(b, `</cols><sheetData>`...)
	x.size = 0
	return nil
}

// begin begins a sheet of rows with its head.
func (x *book) begin(name string) error {
	widths := make([]int, len(x.columns))
	for i, c := range x.columns {
		widths[i] = min(max(columnWidths[c.Type], len(c.Name)+4), 60)
	}
	if err := x.open(name, widths, true); err != nil {
		return err
	}
	b := slices.Clone(rowStart)
	for i, c := range x.columns {
		b = appendSheetText(b, fmt.Sprintf("<c r=\"%s\x00\" s=\"%d\"", columnLetters(i), headStyle), c.Name)
	}
	return x.row(append(b, rowEnd...))
}

// rows writes whole rows, the next sheet where one is full.
func (x *book) rows(b []byte) error {
	for len(b) > 0 {
		n := bytes.Index(b, rowEnd)
		if n < 0 {
			return errors.New("export: a row of a sheet does not end")
		}
		n += len(rowEnd)
		if s := &x.sheets[len(x.sheets)-1]; s.rows == SheetRows || x.size > sheetBytes {
			if err := x.close(); err != nil {
				return err
			}
			if err := x.begin(fmt.Sprintf("%s %d", sheetName(x.name), len(x.sheets)+1)); err != nil {
				return err
			}
		}
		if err := x.row(b[:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// row writes one row, with its number in place of the marks.
func (x *book) row(b []byte) error {
	s := &x.sheets[len(x.sheets)-1]
	s.rows++
	var room [8]byte
	number := strconv.AppendInt(room[:0], int64(s.rows), 10)
	for {
		i := bytes.IndexByte(b, rowMark)
		if i < 0 {
			break
		}
		x.buf = append(append(x.buf, b[:i]...), number...)
		b = b[i+1:]
	}
	x.buf = append(x.buf, b...)
	if len(x.buf) < pieceSize {
		return nil
	}
	return x.flush()
}

func (x *book) flush() error {
	x.size += int64(len(x.buf))
	_, err := x.out.Write(x.buf)
	x.buf = x.buf[:0]
	return err
}

// close ends a sheet of rows. Its head filters; codes that look like numbers are no mistake.
func (x *book) close() error {
	s := x.sheets[len(x.sheets)-1]
	all := fmt.Sprintf("A1:%s%d", columnLetters(s.wide-1), s.rows)
	x.buf = fmt.Appendf(x.buf, `</sheetData><autoFilter ref="%s"/><ignoredErrors><ignoredError sqref="%s" numberStoredAsText="1"/></ignoredErrors></worksheet>`, all, all)
	return x.flush()
}

// end writes the sheet about the file and what holds the parts together.
func (x *book) end() error {
	if err := x.close(); err != nil {
		return err
	}
	if err := x.aboutSheet(); err != nil {
		return err
	}
	types := xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>`
	relations := xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
	list, names := "", ""
	for i, s := range x.sheets {
		types += fmt.Sprintf(`<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`, i+1)
		relations += fmt.Sprintf(`<Relationship Id="rId%d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet%d.xml"/>`, i+1, i+1)
		name := string(appendXML(nil, s.name))
		list += fmt.Sprintf(`<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, name, i+1, i+1)
		if i < len(x.sheets)-1 {
			names += fmt.Sprintf(`<definedName name="_xlnm._FilterDatabase" localSheetId="%d" hidden="1">'%s'!$A$1:$%s$%d</definedName>`, i,
				strings.ReplaceAll(name, "'", "''"), columnLetters(s.wide-1), s.rows)
		}
	}
	relations += fmt.Sprintf(`<Relationship Id="rId%d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`, len(x.sheets)+1)
	for _, p := range [][2]string{{"xl/workbook.xml", xmlHead + `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" ` +
		`xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><workbookPr/><bookViews><workbookView/></bookViews><sheets>` + list +
		`</sheets><definedNames>` + names + `</definedNames></workbook>`},
		{"xl/_rels/workbook.xml.rels", relations}, {"[Content_Types].xml", types + `</Types>`}} {
		if err := x.part(p[0], p[1]); err != nil {
			return err
		}
	}
	return x.zip.Close()
}

// aboutSheet says in the reader's language what the file is and what its columns mean.
func (x *book) aboutSheet() error {
	p := printer(x.o.Lang)
	name := sheetName(p.T("sheet.about"))
	if err := x.open(name, []int{28, 90, 24, 40}, false); err != nil {
		return err
	}
	line := func(styles []int, cells ...string) error {
		b := slices.Clone(rowStart)
		for i, c := range cells {
			b = appendSheetText(b, fmt.Sprintf("<c r=\"%s\x00\" s=\"%d\"", columnLetters(i), styles[min(i, len(styles)-1)]), c)
		}
		return x.row(append(b, rowEnd...))
	}
	head, both := []int{headStyle}, []int{headStyle, wrapStyle}
	if err := line(head, p.T("sheet.title")); err != nil {
		return err
	}
	lines := x.about.lines(p)
	if n := x.cut.Load(); n > 0 {
		lines = append(lines, [2]string{p.T("sheet.cut"), strconv.FormatInt(n, 10)})
	}
	for _, l := range lines {
		if err := line(both, l[0], l[1]); err != nil {
			return err
		}
	}
	if err := line(head, ""); err != nil {
		return err
	}
	if err := line(head, p.T("column.column"), p.T("column.meaning"), p.T("column.type"), p.T("column.values")); err != nil {
		return err
	}
	for i, c := range x.columns {
		// A declaration is a column of the matrix: one says it for all.
		if x.name == "matrix" && i > len(columns["matrix"]) {
			break
		}
		if err := line([]int{plainStyle, wrapStyle}, c.Name, p.T(c.MeaningKey), p.T("column_type."+c.Type), strings.Join(c.Values, " · ")); err != nil {
			return err
		}
	}
	x.buf = append(x.buf, `</sheetData></worksheet>`...)
	return x.flush()
}

// printer says the words of a file: English where the program has no catalogue of its language.
func printer(lang string) *i18n.Printer {
	if p, ok := i18n.For(lang); ok {
		return p
	}
	p, _ := i18n.For(english)
	return p
}
