// Package intake reads what staff bring from elsewhere: pasted text, text and word-processor files, and tables. It gives
// plain text or a table of text cells, and says in the reader's language, by message keys, what it could not read and what
// it had to guess. Nothing is fetched, run or calculated, and work and memory are bounded by the limits below.
package intake

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"unicode"
)

// The limits. Messages say them in numbers: bytes as whole megabytes.
const (
	// MaxUpload is how many bytes a file may have, MaxText how many a text read from it.
	MaxUpload = 10 << 20
	MaxText   = 1 << 20
	// MaxRows is how many rows with something in them a table may have, in all its sheets together; MaxColumns is of a row,
	// MaxSheets of a workbook.
	MaxRows    = 20_000
	MaxColumns = 200
	MaxSheets  = 50
	// MaxCell is how many bytes of a cell are kept, MaxTable how many of all cells of a table together.
	MaxCell  = 10_000
	MaxTable = 16 << 20
	// MaxUnpacked is how many bytes the parts of a packed file (.xlsx, .docx, .ods, .odt) may have when unpacked.
	MaxUnpacked = 200 << 20
)

// megabyte is the unit in which messages say sizes.
const megabyte = 1 << 20

// Refusal says why something brought is not read, or what to know about something read. Its sentence has the message key
// "intake.refused." + Key, with the arguments Args: numbers as int, everything else as string.
type Refusal struct {
	Key  string
	Args map[string]any
}

// Error is for developers; people are told by the message key.
func (r *Refusal) Error() string {
	if len(r.Args) == 0 {
		return "intake: " + r.Key
	}
	return fmt.Sprintf("intake: %s %v", r.Key, r.Args)
}

func refuse(key string, args ...any) *Refusal {
	r := &Refusal{Key: key, Args: map[string]any{}}
	for i := 0; i+1 < len(args); i += 2 {
		r.Args[args[i].(string)] = args[i+1]
	}
	return r
}

// Brought is what was read: a text or a table.
type Brought struct {
	// Text is valid UTF-8 as it was written (no normalisation), with \n at the ends of lines and no other control
	// character but the tab.
	Text  string
	Table *Table
	// Encoding is what the bytes were read as ("utf-8", "windows-1251"); empty for formats that say it themselves.
	Encoding string
	// Remarks are things to know that do not stop the reading.
	Remarks []Refusal
}

func (b *Brought) remark(key string, args ...any) {
	b.Remarks = append(b.Remarks, *refuse(key, args...))
}

// Open reads a file, or a pasted text under the empty name. What it is is told by its content; the name only decides
// between a text and a table that look the same. The error is a *Refusal.
func Open(name string, b []byte) (brought *Brought, err error) {
	defer func() {
		// A reader that trips over a damaged file must not take the server's request with it.
		if recover() != nil {
			brought, err = nil, refuse("damaged")
		}
	}()
	got, r := open(name, b)
	if r != nil {
		return nil, r
	}
	return got, nil
}

func open(name string, b []byte) (*Brought, *Refusal) {
	if len(b) > MaxUpload {
		return nil, refuse("big", "Size", (len(b)+megabyte-1)/megabyte, "Max", MaxUpload/megabyte)
	}
	if len(bytes.TrimSpace(b)) == 0 {
		return nil, refuse("empty")
	}
	if r := notRead(b); r != nil {
		return nil, r
	}
	if bytes.HasPrefix(b, []byte("PK\x03\x04")) {
		return openPacked(b)
	}
	text, encoding, guessed, r := decode(b)
	if r != nil {
		return nil, r
	}
	if strings.TrimFunc(text, blank) == "" {
		return nil, refuse("no_text")
	}
	got := &Brought{Encoding: encoding}
	if guessed {
		got.remark("guessed_encoding", "Encoding", encodingName(encoding))
	}
	if n, line := garbled(text); n > 0 {
		got.remark("garbled", "Count", n, "Line", line)
	}
	ext := strings.ToLower(path.Ext(strings.ReplaceAll(name, `\`, "/")))
	switch kind := markup(text); {
	case kind == "svg":
		return nil, refuse("picture")
	case kind == "workbook":
		return nil, refuse("old_xls")
	case kind == "html" && (ext == ".xls" || ext == ".xlsx" || ext == ".csv"):
		got.Table, r = htmlTable(text, got)
	case kind == "html":
		got.Text, r = htmlText(text)
	default:
		if got.Table, r = delimited(text, ext, got); got.Table == nil && r == nil {
			got.Text = text
		}
	}
	if r != nil {
		return nil, r
	}
	if got.Table == nil {
		return finishText(got)
	}
	return got, nil
}

// finishText holds a text to its limit.
func finishText(got *Brought) (*Brought, *Refusal) {
	if len(got.Text) > MaxText {
		return nil, refuse("text_long", "Size", (len(got.Text)+megabyte-1)/megabyte, "Max", MaxText/megabyte)
	}
	if strings.TrimFunc(got.Text, blank) == "" {
		return nil, refuse("no_text")
	}
	return got, nil
}

// blank says that a rune shows nothing: spaces of every kind, and marks without width.
func blank(r rune) bool {
	return unicode.IsSpace(r) || r == '\uFEFF' || r >= '\u200B' && r <= '\u200F' || r == '\u2060' || r == '\u00AD' ||
		r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069'
}

// magics are the first bytes of formats that are not read, with the key that says so.
var magics = []struct{ start, key string }{
	{"\x89PNG\r\n", "picture"}, {"\xFF\xD8\xFF", "picture"}, {"GIF87a", "picture"}, {"GIF89a", "picture"}, {"II*\x00", "picture"}, {"MM\x00*", "picture"},
	{"8BPS\x00", "picture"}, {"\x00\x00\x01\x00", "picture"}, {"\xFF\x0A", "picture"}, {"AT&TFORM", "picture"},
	{`{\rtf`, "rtf"},
	{"PK\x05\x06", "archive"}, {"Rar!\x1A\x07", "archive"}, {"7z\xBC\xAF\x27\x1C", "archive"}, {"\x1F\x8B", "archive"},
	{"BZh91AY&SY", "archive"}, {"\xFD7zXZ\x00", "archive"}, {"\x28\xB5\x2F\xFD", "archive"},
	{"MZ\x90", "binary"}, {"\x7FELF", "binary"}, {"\xFE\xED\xFA", "binary"}, {"\xCF\xFA\xED\xFE", "binary"}, {"\xCA\xFE\xBA\xBE", "binary"},
	{"SQLite format 3\x00", "binary"}, {"ID3\x02", "binary"}, {"ID3\x03", "binary"}, {"ID3\x04", "binary"}, {"OggS", "binary"}, {"\x00asm", "binary"},
}

// brands are the names in the fifth to twelfth byte by which pictures of the HEIF family are known.
var brands = []string{"heic", "heix", "hevc", "mif1", "msf1", "avif"}

// notRead tells by content the formats that are refused, with what to do instead.
func notRead(b []byte) *Refusal {
	// A PDF may have other bytes before its mark.
	if i := bytes.Index(b[:min(len(b), 1024)], []byte("%PDF-")); i >= 0 {
		if pdfHasFonts(b) {
			return refuse("pdf")
		}
		return refuse("pdf_scanned")
	}
	for _, m := range magics {
		if bytes.HasPrefix(b, []byte(m.start)) {
			return refuse(m.key)
		}
	}
	if len(b) >= 12 {
		switch {
		case string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP":
			return refuse("picture")
		case string(b[:4]) == "RIFF":
			return refuse("binary")
		case string(b[4:8]) == "ftyp":
			for _, brand := range brands {
				if string(b[8:12]) == brand {
					return refuse("picture")
				}
			}
			return refuse("binary")
		}
	}
	// A bitmap is known by two letters, which a text may begin with as well: its reserved bytes are zero.
	if len(b) >= 14 && b[0] == 'B' && b[1] == 'M' && bytes.Equal(b[6:10], make([]byte, 4)) {
		return refuse("picture")
	}
	if len(b) > 262 && string(b[257:262]) == "ustar" {
		return refuse("archive")
	}
	if bytes.HasPrefix(b, []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")) {
		return oldOffice(b)
	}
	return nil
}

// oldOffice tells the formats in Microsoft's compound files by the names of their streams, which stand there in UTF-16.
func oldOffice(b []byte) *Refusal {
	has := func(name string) bool {
		wide := make([]byte, 0, 2*len(name))
		for i := range len(name) {
			wide = append(wide, name[i], 0)
		}
		return bytes.Contains(b, wide)
	}
	switch {
	case has("EncryptedPackage"):
		return refuse("encrypted")
	case has("WordDocument"):
		return refuse("old_doc")
	case has("PowerPoint Document"):
		return refuse("presentation")
	case has("Workbook"), has("Book"):
		return refuse("old_xls")
	}
	return refuse("binary")
}
