package intake

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// brought opens what must be readable.
func brought(t *testing.T, name string, b []byte) *Brought {
	t.Helper()
	got, err := Open(name, b)
	if err != nil {
		t.Fatalf("Open(%q): %v", name, err)
	}
	return got
}

// refused opens what must not be readable, and gives the refusal.
func refused(t *testing.T, name string, b []byte, key string) *Refusal {
	t.Helper()
	got, err := Open(name, b)
	var r *Refusal
	if !errors.As(err, &r) || r.Key != key {
		t.Fatalf("Open(%q) = %+v, %v; want the refusal %s", name, got, err, key)
	}
	return r
}

func keys(b *Brought) []string {
	out := []string{}
	for _, r := range b.Remarks {
		out = append(out, r.Key)
	}
	return out
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %#v\nwant %#v", what, got, want)
	}
}

func encoded(t *testing.T, e encoding.Encoding, s string) []byte {
	t.Helper()
	b, err := e.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func inUTF16(s string, order binary.ByteOrder, mark bool) []byte {
	var b bytes.Buffer
	if mark {
		s = "\uFEFF" + s
	}
	if err := binary.Write(&b, order, utf16.Encode([]rune(s))); err != nil {
		panic(err)
	}
	return b.Bytes()
}

const (
	french  = "Ont signé : l’Albanie, l’Égypte, la Côte d’Ivoire, la Guinée équatoriale,\nla République tchèque, São Tomé-et-Príncipe et la Türkiye.\n"
	spanish = "Los siguientes países: España, México, Panamá, Perú y la República Árabe Siria.\n"
	german  = "Österreich, Rumänien, die Türkei und Südkorea haben am 3. März unterzeichnet.\n"
	polish  = "Państwa: Łotwa, Węgry, Włochy, Słowacja, Księstwo Liechtensteinu, Grecja, Szwecja, Słowenia oraz Bośnia\n"
	russian = "Заявление подписали: Австрия, Азербайджан, Республика Беларусь, Китай и Российская Федерация.\n"
	arabic  = "وقعت الدول التالية على الإعلان: المملكة العربية السعودية، الإمارات العربية المتحدة، مصر، الأردن\n"
	chinese = "中国、法国、德国、巴西和阿拉伯联合酋长国代表签署了联合声明。\n"
	chinaTw = "中國、法國、德國、巴西和沙烏地阿拉伯等國代表簽署了聯合聲明，並表示歡迎。\n"
	koreanT = "대한민국, 일본, 프랑스, 독일, 오스트레일리아가 공동성명에 서명했다.\n"
)

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		what     string
		in       []byte
		text     string
		encoding string
	}{
		{"ASCII", []byte("Albania, Andorra"), "Albania, Andorra", "utf-8"},
		{"UTF-8", []byte(french + russian + chinese), french + russian + chinese, "utf-8"},
		{"UTF-8 with a mark", []byte("\xEF\xBB\xBF" + arabic), arabic, "utf-8"},
		{"UTF-16 little", inUTF16(french, binary.LittleEndian, true), french, "utf-16le"},
		{"UTF-16 big", inUTF16(arabic, binary.BigEndian, true), arabic, "utf-16be"},
		{"UTF-16 little without a mark", inUTF16(french, binary.LittleEndian, false), french, "utf-16le"},
		{"UTF-16 big without a mark", inUTF16(french, binary.BigEndian, false), french, "utf-16be"},
		{"UTF-16 Arabic without a mark", inUTF16(arabic, binary.LittleEndian, false), arabic, "utf-16le"},
		{"UTF-16 Chinese without a mark", inUTF16(chinese+chinese, binary.BigEndian, false), chinese + chinese, "utf-16be"},
		{"French", encoded(t, charmap.Windows1252, french), french, "windows-1252"},
		{"Spanish", encoded(t, charmap.ISO8859_1, spanish), spanish, "windows-1252"},
		{"German", encoded(t, charmap.Windows1252, german), german, "windows-1252"},
		{"one accent", encoded(t, charmap.Windows1252, "Côte d'Ivoire\n"), "Côte d'Ivoire\n", "windows-1252"},
		{"one sign", encoded(t, charmap.Windows1252, "The Lao People’s Democratic Republic – and others\n"), "The Lao People’s Democratic Republic – and others\n", "windows-1252"},
		{"Polish", encoded(t, charmap.Windows1250, polish), polish, "windows-1250"},
		{"Polish, ISO", encoded(t, charmap.ISO8859_2, polish), polish, "iso-8859-2"},
		{"French, Mac", encoded(t, charmap.Macintosh, french), french, "macintosh"},
		{"Russian", encoded(t, charmap.Windows1251, russian), russian, "windows-1251"},
		{"Russian capitals", encoded(t, charmap.Windows1251, strings.ToUpper(russian)), strings.ToUpper(russian), "windows-1251"},
		{"Russian name alone", encoded(t, charmap.Windows1251, "Россия"), "Россия", "windows-1251"},
		{"Russian, KOI8", encoded(t, charmap.KOI8R, russian), russian, "koi8-r"},
		{"Russian, ISO", encoded(t, charmap.ISO8859_5, russian), russian, "iso-8859-5"},
		{"Russian, DOS", encoded(t, charmap.CodePage866, russian), russian, "ibm866"},
		{"Arabic", encoded(t, charmap.Windows1256, arabic), arabic, "windows-1256"},
		{"Arabic, ISO", encoded(t, charmap.ISO8859_6, arabic), arabic, "iso-8859-6"},
		{"Chinese", encoded(t, simplifiedchinese.GB18030, chinese), chinese, "gb18030"},
		{"Chinese names", encoded(t, simplifiedchinese.GBK, "中国\n俄罗斯联邦\n塔吉克斯坦\n"), "中国\n俄罗斯联邦\n塔吉克斯坦\n", "gb18030"},
		{"Chinese, Big5", encoded(t, traditionalchinese.Big5, chinaTw), chinaTw, "big5"},
		{"Korean", encoded(t, korean.EUCKR, koreanT), koreanT, "euc-kr"},
		{"ends of lines and controls", []byte("a\r\nb\rc\fd\u2028e\x01\x1b\u0085f\tg"), "a\nb\nc\nd\ne\nf\tg", "utf-8"},
	} {
		text, encoding, err := Decode(c.in)
		if err != nil || text != c.text || encoding != c.encoding {
			t.Errorf("%s: %q, %s, %v; want %s", c.what, text, encoding, err, c.encoding)
		}
	}
}

// noise is bytes beyond ASCII without any sense.
func noise(n int) []byte {
	b := make([]byte, n)
	source := rand.New(rand.NewPCG(1, 2))
	for i := range b {
		b[i] = byte(0x80 + source.IntN(0x80))
	}
	return b
}

func TestDecodeRefuses(t *testing.T) {
	for _, c := range []struct {
		what string
		in   []byte
		key  string
		args map[string]any
	}{
		{"UTF-8 cut in the middle", []byte("Côte d’Ivoire, Türkiye\nAlg\xc3rie, Guinée\n"), "invalid_utf8", map[string]any{"Line": 2}},
		{"a mark and then none of it", []byte("\xEF\xBB\xBFC\xf4te"), "invalid_utf8", map[string]any{"Line": 1}},
		{"half a unit of UTF-16", []byte("\xFF\xFEA\x00B"), "encoding", map[string]any{}},
		{"noise", noise(200), "encoding", map[string]any{}},
		{"zeros", []byte("abc\x00\x01\x02\x00\x00\xff\xfe\x00"), "binary", map[string]any{}},
		{"controls", []byte(strings.Repeat("\x01\x02ab", 50)), "binary", map[string]any{}},
	} {
		text, encoding, err := Decode(c.in)
		var r *Refusal
		if !errors.As(err, &r) || r.Key != c.key || !reflect.DeepEqual(r.Args, c.args) {
			t.Errorf("%s: %q, %s, %v; want %s %v", c.what, text, encoding, err, c.key, c.args)
		}
	}
}

func TestGuessIsSaid(t *testing.T) {
	got := brought(t, "list.txt", encoded(t, charmap.Windows1251, russian))
	same(t, "text", got.Text, russian)
	same(t, "remarks", got.Remarks, []Refusal{{"guessed_encoding", map[string]any{"Encoding": "Windows-1251 (Cyrillic)"}}})
	if got := brought(t, "", []byte(french)); len(got.Remarks) > 0 || got.Table != nil || got.Text != french {
		t.Errorf("a plain text is %+v", got)
	}
}

func TestGarbledIsSaid(t *testing.T) {
	got := brought(t, "", []byte("Albania\nCÃ´te d’Ivoire, TÃ¼rkiye\nð\uFFFD\n"))
	same(t, "remarks", got.Remarks, []Refusal{{"garbled", map[string]any{"Count": 3, "Line": 2}}})
	same(t, "Russian", brought(t, "", []byte("ÐœÐ¾Ñ€Ðµ")).Remarks, []Refusal{{"garbled", map[string]any{"Count": 4, "Line": 1}}})
	for _, good := range []string{french, spanish, german, polish, russian, arabic, chinese, koreanT, "grâce à\u00a0«\u00a0l’accord\u00a0», São Tomé, ÅLAND, 20\u00a0°C…”—"} {
		same(t, good, keys(brought(t, "", []byte(good))), []string{})
	}
}

func TestNotRead(t *testing.T) {
	pdf := "%PDF-1.7\n1 0 obj\n<</Type/Page>>\nendobj\n"
	ole := "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + strings.Repeat("\x00", 504)
	utf16le := func(s string) string { return string(inUTF16(s, binary.LittleEndian, false)) }
	for _, c := range []struct{ what, in, key string }{
		{"nothing", "", "empty"},
		{"blanks", " \r\n\t ", "empty"},
		{"marks without width", "\u200b\u200e \u00a0", "no_text"},
		{"PDF with fonts", pdf + "2 0 obj <</Font <</F1 3 0 R>>>>", "pdf"},
		{"PDF with packed fonts", pdf + "9 0 obj<</Type/ObjStm/Filter/FlateDecode/Length 99>>stream\r\n" + deflated("<</Type /Font>>") + "\nendstream", "pdf"},
		{"PDF that is locked", pdf + "/Encrypt 5 0 R", "pdf"},
		{"PDF of a scanner", pdf + "3 0 obj <</Subtype/Image>>stream\n\xff\xd8\x00\nendstream", "pdf_scanned"},
		{"PDF of a scanner, packed", pdf + "9 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\n" + deflated("<</Type /Page>>") + "\nendstream", "pdf_scanned"},
		{"PNG", "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR", "picture"},
		{"JPEG", "\xff\xd8\xff\xe0\x00\x10JFIF", "picture"},
		{"GIF", "GIF89a\x01\x00", "picture"},
		{"TIFF", "II*\x00\x08\x00", "picture"},
		{"TIFF, big", "MM\x00*\x00\x08", "picture"},
		{"WebP", "RIFF\x10\x00\x00\x00WEBPVP8 ", "picture"},
		{"HEIC", "\x00\x00\x00\x18ftypheic\x00\x00", "picture"},
		{"BMP", "BM\x36\x00\x0c\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00", "picture"},
		{"SVG", `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><text>Albania</text></svg>`, "picture"},
		{"a film", "\x00\x00\x00\x18ftypisom\x00\x00", "binary"},
		{"RTF", `{\rtf1\ansi Albania}`, "rtf"},
		{"old Excel", ole + utf16le("Workbook"), "old_xls"},
		{"old Word", ole + utf16le("WordDocument"), "old_doc"},
		{"old PowerPoint", ole + utf16le("PowerPoint Document"), "presentation"},
		{"locked Excel", ole + utf16le("EncryptedPackage"), "encrypted"},
		{"other compound file", ole, "binary"},
		{"Excel's first XML", `<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>`, "old_xls"},
		{"zip of files", string(zipped(t, "a.txt", "Albania")), "archive"},
		{"empty zip", "PK\x05\x06" + strings.Repeat("\x00", 18), "archive"},
		{"slides", string(zipped(t, "ppt/presentation.xml", "<p/>")), "presentation"},
		{"binary workbook", string(zipped(t, "xl/workbook.bin", "x")), "old_xls"},
		{"Numbers", string(zipped(t, "Index/Document.iwa", "x")), "apple"},
		{"cut zip", "PK\x03\x04 and no more", "damaged"},
		{"gzip", "\x1f\x8b\x08\x00", "archive"},
		{"7z", "7z\xbc\xaf\x27\x1c", "archive"},
		{"rar", "Rar!\x1a\x07\x00", "archive"},
		{"tar", "a.txt" + strings.Repeat("\x00", 252) + "ustar\x00" + strings.Repeat("\x00", 250), "archive"},
		{"program of Windows", "MZ\x90\x00\x03", "binary"},
		{"program of Linux", "\x7fELF\x02\x01", "binary"},
		{"SQLite", "SQLite format 3\x00", "binary"},
	} {
		// The name says otherwise and is not believed.
		for _, name := range []string{"", "list.txt", "list.csv", "list.xlsx"} {
			if got, err := Open(name, []byte(c.in)); err == nil || err.(*Refusal).Key != c.key {
				t.Errorf("%s as %q: %+v, %v; want %s", c.what, name, got, err, c.key)
			}
		}
	}
}

func TestTextLimits(t *testing.T) {
	text := strings.Repeat("Albania and Andorra signed it.\n", MaxText/31+1)
	same(t, "arguments", refused(t, "a.txt", []byte(text), "text_long").Args, map[string]any{"Size": 2, "Max": 1})
	same(t, "arguments", refused(t, "a.txt", bytes.Repeat([]byte("Albania\n"), MaxUpload/8+1), "big").Args, map[string]any{"Size": 11, "Max": 10})
	if got := brought(t, "", []byte(text[:MaxText])); len(got.Text) != MaxText {
		t.Errorf("a text of %d bytes is kept with %d", MaxText, len(got.Text))
	}
}

const wordStart = `<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:mc="m"><w:body>`
const wordEnd = `</w:body></w:document>`

func document(t *testing.T, body string) []byte {
	t.Helper()
	return zipped(t, "[Content_Types].xml", "<Types/>", "word/document.xml", wordStart+body+wordEnd)
}

func TestDOCX(t *testing.T) {
	got := brought(t, "", document(t, `
<w:p><w:pPr><w:tabs><w:tab w:val="left" w:pos="720"/></w:tabs></w:pPr><w:r><w:t>Signed by:</w:t></w:r></w:p>
<w:p><w:r><w:t xml:space="preserve">1.</w:t><w:tab/><w:t>Alba</w:t></w:r><w:r><w:t>nia</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>
<w:p><w:r><w:t>Côte d’Ivoire &amp; others</w:t><w:br/><w:t>Kenya</w:t></w:r><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>2</w:t></w:r></w:p>
<w:p><w:r><w:t>on the 12</w:t></w:r><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>th</w:t></w:r></w:p>
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>France</w:t></w:r></w:p><w:p><w:r><w:t>(Paris)</w:t></w:r></w:p></w:tc><w:tc><w:p/></w:tc><w:tc><w:p><w:r><w:t>12 March 2024</w:t></w:r></w:p></w:tc></w:tr>
<w:tr><w:tc><w:p><w:r><w:t>Ghana</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
<w:p><w:r><w:t>End</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r><w:r><w:instrText>HYPERLINK "x"</w:instrText></w:r></w:p>
<mc:AlternateContent><mc:Choice><w:p><w:r><w:t>Box</w:t></w:r></w:p></mc:Choice><mc:Fallback><w:p><w:r><w:t>Box</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent>`))
	same(t, "text", got.Text, "Signed by:\n1.\tAlbania[1]\nCôte d’Ivoire & others\nKenya[2]\non the 12th\nFrance (Paris)\t\t12 March 2024\nGhana\tx\nEnd\nBox")
	same(t, "remarks", got.Remarks, []Refusal{{"tracked", map[string]any{"Count": 1}}, {"hidden_text", map[string]any{"Count": 1}}})

	refused(t, "a.docx", document(t, `<w:p><w:r><w:drawing/></w:r></w:p>`), "picture_inside")
	refused(t, "a.docx", document(t, `<w:p/>`), "no_text")
	refused(t, "a.docx", document(t, `<w:p><w:r>`), "damaged")
	refused(t, "a.docx", document(t, strings.Repeat(`<w:p><w:r><w:t>Albania and Andorra</w:t></w:r></w:p>`, 110_000)), "text_long")
	refused(t, "a.docx", document(t, strings.Repeat(`<w:tbl>`, 2000)), "damaged")
}

func TestODT(t *testing.T) {
	got := brought(t, "a.odt", zipped(t, "mimetype", "application/vnd.oasis.opendocument.text", "content.xml", `<office:document-content xmlns:office="o" xmlns:text="t" xmlns:table="b"><office:body><office:text>
<text:tracked-changes><text:p>gone</text:p></text:tracked-changes>
<text:h>Signed by</text:h><text:p>Albania<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>With reservations.</text:p></text:note-body></text:note><text:tab/>2024</text:p>
<table:table><table:table-row><table:table-cell><text:p>France</text:p></table:table-cell><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row></table:table></office:text></office:body></office:document-content>`))
	same(t, "text", got.Text, "Signed by\nAlbania[1]\t2024\nFrance\tx")
	refused(t, "a.odt", zipped(t, "mimetype", "application/vnd.oasis.opendocument.text", "META-INF/manifest.xml", "<encryption-data/>", "content.xml", "x"), "encrypted")
}

// FuzzOpen opens anything: what is read keeps its promises, and nothing panics out of Open.
func FuzzOpen(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		got, err := Open(name, b)
		if err != nil {
			var r *Refusal
			if !errors.As(err, &r) || r.Key == "" {
				t.Fatalf("the error is no refusal: %v", err)
			}
			if got != nil {
				t.Fatal("refused and read")
			}
			return
		}
		for _, r := range got.Remarks {
			if r.Key == "" {
				t.Fatal("a remark without a key")
			}
		}
		if got.Table == nil {
			if got.Text == "" || len(got.Text) > MaxText {
				t.Fatalf("a text of %d bytes", len(got.Text))
			}
			shown(t, got.Text)
			return
		}
		rows := 0
		if len(got.Table.Sheets) == 0 || len(got.Table.Sheets) > MaxSheets {
			t.Fatalf("%d sheets", len(got.Table.Sheets))
		}
		for _, s := range got.Table.Sheets {
			rows += len(s.Rows)
			if len(s.Rows) == 0 || len(s.Lines) != len(s.Rows) || len(s.Columns) != len(s.Rows[0]) || s.Header < -1 || s.Header >= len(s.Rows) {
				t.Fatalf("a sheet of %d rows, %d lines, %d columns, header %d", len(s.Rows), len(s.Lines), len(s.Columns), s.Header)
			}
			for _, row := range s.Rows {
				if len(row) != len(s.Rows[0]) || len(row) > MaxColumns || len(row) == 0 {
					t.Fatalf("a row of %d cells beside one of %d", len(row), len(s.Rows[0]))
				}
				for _, cell := range row {
					if len(cell) > MaxCell || cell != strings.TrimFunc(cell, blank) {
						t.Fatalf("the cell %q", cell)
					}
					shown(t, cell)
				}
			}
		}
		if rows > MaxRows {
			t.Fatalf("%d rows", rows)
		}
	})
}

func shown(t *testing.T, s string) {
	if !utf8.ValidString(s) {
		t.Fatalf("not UTF-8: %q", s)
	}
	if cleaned, r := clean(s); r != nil || cleaned != s {
		t.Fatalf("with control characters: %q", s)
	}
}
