package intake

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"
)

const (
	// maxParts is how many files a packed file may hold: an office file has some dozens, with pictures some hundreds.
	maxParts = 10_000
	// A part that unpacks to more than partRatio times its size, and is large, was made to do harm. Sheets of real tables
	// unpack to some thirty times.
	partRatio = 200
	smallPart = 10 << 20
	// maxToken is how many bytes one tag or one text between tags may have.
	maxToken = 1 << 20
	// maxElements is how many elements of a packed file are read: the largest table that may be has eight million.
	maxElements = 12_000_000
	// maxDepth is how deep elements may stand in each other.
	maxDepth = 500
)

var (
	errToken = errors.New("intake: a tag or text without end")
	errLeft  = errors.New("intake: unpacks to too much")
)

// packed is an office file: a zip of XML parts, of which only those asked for are unpacked, piece by piece.
type packed struct {
	zip      *zip.Reader
	left     int64  // bytes that may still be unpacked
	elements int    // that may still be read
	main     string // the part with the document itself
}

func unpack(b []byte) (*packed, *Refusal) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, refuse("damaged")
	}
	if len(z.File) > maxParts {
		return nil, refuse("unpacked", "Max", MaxUnpacked/megabyte)
	}
	var total uint64
	for _, f := range z.File {
		if total += f.UncompressedSize64; total > MaxUnpacked || f.UncompressedSize64 > MaxUnpacked ||
			f.UncompressedSize64 > smallPart && f.UncompressedSize64/partRatio > f.CompressedSize64 {
			return nil, refuse("unpacked", "Max", MaxUnpacked/megabyte)
		}
		if f.Flags&1 != 0 {
			return nil, refuse("encrypted")
		}
	}
	return &packed{zip: z, left: MaxUnpacked, elements: maxElements}, nil
}

// openPacked tells the office formats apart by their parts.
func openPacked(b []byte) (*Brought, *Refusal) {
	p, r := unpack(b)
	if r != nil {
		return nil, r
	}
	got := &Brought{}
	kind, r := p.kind()
	if r != nil {
		return nil, r
	}
	switch kind {
	case "xlsx":
		got.Table, r = readXLSX(p, got)
	case "ods":
		got.Table, r = readODS(p, got)
	case "docx":
		got.Text, r = readDOCX(p, got)
	case "odt":
		got.Text, r = readODT(p)
	default:
		return nil, refuse(kind)
	}
	if r != nil {
		return nil, r
	}
	if got.Table == nil {
		return finishText(got)
	}
	return got, nil
}

// kind is the format, or the key of its refusal.
func (p *packed) kind() (string, *Refusal) {
	// The main part usually has the usual name, but for some programs that number it.
	relations, r := p.relations("_rels/.rels", "")
	if r != nil {
		return "", r
	}
	for _, rel := range relations {
		if rel.kind == "officeDocument" {
			p.main = strings.TrimPrefix(path.Clean("/"+rel.target), "/")
		}
	}
	for _, f := range p.zip.File {
		name := strings.ReplaceAll(f.Name, `\`, "/")
		low := strings.ToLower(name)
		switch main := low == strings.ToLower(p.main); {
		case low == "xl/workbook.xml", main && strings.HasPrefix(low, "xl/") && strings.HasSuffix(low, ".xml"):
			p.main = name
			return "xlsx", nil
		case low == "xl/workbook.bin":
			return "old_xls", nil
		case low == "word/document.xml", main && strings.HasPrefix(low, "word/"):
			p.main = name
			return "docx", nil
		case strings.HasPrefix(low, "ppt/"):
			return "presentation", nil
		case low == "index/document.iwa", low == "index.zip":
			return "apple", nil
		case low == "mimetype":
			switch mime := p.small(f, 200); {
			case strings.HasPrefix(mime, "application/vnd.oasis.opendocument.spreadsheet"):
				return p.open("ods"), nil
			case strings.HasPrefix(mime, "application/vnd.oasis.opendocument.text"):
				return p.open("odt"), nil
			case strings.HasPrefix(mime, "application/vnd.oasis.opendocument.presentation"):
				return "presentation", nil
			}
		}
	}
	return "archive", nil
}

// open is an OpenDocument format, unless the file is encrypted: its manifest says so.
func (p *packed) open(kind string) string {
	for _, f := range p.zip.File {
		if f.Name == "META-INF/manifest.xml" && strings.Contains(p.small(f, megabyte), "encryption-data") {
			return "encrypted"
		}
	}
	return kind
}

// small is the beginning of a part.
func (p *packed) small(f *zip.File, most int64) string {
	r, err := f.Open()
	if err != nil {
		return ""
	}
	defer r.Close()
	b, _ := io.ReadAll(io.LimitReader(r, most))
	return string(b)
}

// part is one XML part, read tag by tag. Names of elements and attributes are compared without their prefixes: the strict
// and the transitional formats differ only there.
type part struct {
	file    io.ReadCloser
	in      *bufio.Reader
	decoder *xml.Decoder
	packed  *packed
	token   int // bytes that the token may still have
	depth   int
	err     error
}

// part opens a part by its name, in small or capital letters; nil where there is none.
func (p *packed) part(name string) (*part, *Refusal) {
	name = strings.TrimPrefix(path.Clean("/"+name), "/")
	for _, f := range p.zip.File {
		if strings.EqualFold(strings.ReplaceAll(f.Name, `\`, "/"), name) {
			file, err := f.Open()
			if err != nil {
				return nil, refuse("damaged")
			}
			x := &part{file: file, in: bufio.NewReader(file), packed: p}
			x.decoder = xml.NewDecoder(x)
			return x, nil
		}
	}
	return nil, nil
}

func (x *part) close() { x.file.Close() }

// ReadByte is what the decoder reads by: it holds each token, and all parts together, to their limits.
func (x *part) ReadByte() (byte, error) {
	if x.token--; x.token < 0 {
		x.err = errToken
		return 0, errToken
	}
	if x.packed.left--; x.packed.left < 0 {
		x.err = errLeft
		return 0, errLeft
	}
	return x.in.ReadByte()
}

// Read is not used by the decoder, which reads byte by byte.
func (x *part) Read(b []byte) (int, error) {
	c, err := x.ReadByte()
	if err != nil || len(b) == 0 {
		return 0, err
	}
	b[0] = c
	return 1, nil
}

// next is the next token, nil at the end of the part. Its bytes are valid until the one after it.
func (x *part) next() (xml.Token, *Refusal) {
	x.token = maxToken
	t, err := x.decoder.RawToken()
	switch {
	case errors.Is(x.err, errLeft):
		return nil, refuse("unpacked", "Max", MaxUnpacked/megabyte)
	case err == io.EOF && x.depth == 0:
		return nil, nil
	case err != nil:
		return nil, refuse("damaged")
	}
	switch t.(type) {
	case xml.StartElement:
		if x.depth++; x.depth > maxDepth {
			return nil, refuse("damaged")
		}
		if x.packed.elements--; x.packed.elements < 0 {
			return nil, refuse("unpacked", "Max", MaxUnpacked/megabyte)
		}
	case xml.EndElement:
		if x.depth--; x.depth < 0 {
			return nil, refuse("damaged")
		}
	}
	return t, nil
}

// skip passes over the element that was just begun.
func (x *part) skip() *Refusal {
	for above := x.depth - 1; x.depth > above; {
		if t, r := x.next(); r != nil || t == nil {
			return r
		}
	}
	return nil
}

type relation struct{ kind, target string }

// relations are the parts that a part refers to, by their ids. Those outside of the file are left
// alone. It is nil where the file says nothing about it.
func (p *packed) relations(name, folder string) (map[string]relation, *Refusal) {
	x, r := p.part(name)
	if r != nil {
		return nil, r
	}
	if x == nil {
		return nil, nil
	}
	targets := map[string]relation{}
	r = x.each(func(t xml.Token) *Refusal {
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "Relationship" && attribute(e, "TargetMode") != "External" && len(targets) < maxParts {
			target := attribute(e, "Target")
			if !strings.HasPrefix(target, "/") {
				target = folder + "/" + target
			}
			targets[attribute(e, "Id")] = relation{path.Base(attribute(e, "Type")), target}
		}
		return nil
	})
	return targets, r
}

// each calls a function for every token of a part, until it refuses.
func (x *part) each(f func(t xml.Token) *Refusal) *Refusal {
	defer x.close()
	for {
		t, r := x.next()
		if r != nil {
			return r
		}
		if t == nil {
			return nil
		}
		if r := f(t); r != nil {
			return r
		}
	}
}

// attribute is the value of an attribute by its local name.
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space != "xmlns" {
			return a.Value
		}
	}
	return ""
}

// truth reads an attribute that says yes or no; absent is no.
func truth(s string) bool { return s == "1" || s == "true" || s == "on" }
