package intake

import (
	"bytes"
	"compress/zlib"
	"io"
)

// pdfLook is how many bytes of a PDF's packed objects are unpacked to look for fonts.
const pdfLook = 20 << 20

// pdfStreams is how many of them are looked into.
const pdfStreams = 1000

// pdfHasFonts says whether a PDF has text that can be copied: a page that is only a picture has no font. The objects that
// name fonts may stand in packed streams. An encrypted PDF cannot be looked into and counts as having text.
func pdfHasFonts(b []byte) bool {
	if bytes.Contains(b, []byte("/Font")) || bytes.Contains(b, []byte("/Encrypt")) {
		return true
	}
	left, rest := int64(pdfLook), b
	for range pdfStreams {
		if left <= 0 {
			return false
		}
		i := bytes.Index(rest, []byte("/ObjStm"))
		if i < 0 {
			return false
		}
		rest = rest[i:]
		// The packed bytes begin in the line after the word.
		j := bytes.Index(rest[:min(len(rest), 1000)], []byte("stream"))
		if j < 0 {
			rest = rest[len("/ObjStm"):]
			continue
		}
		rest = rest[j+len("stream"):]
		z, err := zlib.NewReader(bytes.NewReader(bytes.TrimLeft(rest, "\r\n")))
		if err != nil {
			continue
		}
		// What is unpacked before an error still counts.
		unpacked, _ := io.ReadAll(io.LimitReader(z, left))
		left -= int64(len(unpacked))
		if bytes.Contains(unpacked, []byte("/Font")) {
			return true
		}
	}
	return false
}
