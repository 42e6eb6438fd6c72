package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"sort"
	"time"

	"github.com/klauspost/compress/flate"

	"cosignatory/store/register"
)

// changeLines are the row versions that a revision ends and begins, one JSON array a line: the sign, the table, the row.
// They are sorted by table and text, ended rows first, so that the same change always gives the same lines.
func changeLines(tables []table, ended, begun []row) []byte {
	type line struct {
		table int
		sign  string
		text  string
	}
	lines := make([]line, 0, len(ended)+len(begun))
	for _, r := range ended {
		lines = append(lines, line{r.table, "-", r.text()})
	}
	for _, r := range begun {
		lines = append(lines, line{r.table, "+", r.text()})
	}
	sort.Slice(lines, func(i, j int) bool {
		a, b := lines[i], lines[j]
		if a.table != b.table {
			return a.table < b.table
		}
		if a.sign != b.sign {
			return a.sign > b.sign // "-" sorts after "+"
		}
		return a.text < b.text
	})
	var b bytes.Buffer
	for _, l := range lines {
		b.WriteString(`["` + l.sign + `","` + tables[l.table].name + `",` + l.text + "]\n")
	}
	return b.Bytes()
}

// revisionHash chains a revision to the one before: the hash covers the row versions, the circumstances and the hash of
// the revision before. Hex SHA-256 of one JSON array.
func revisionHash(r *register.Revision, declaration int64, summary string, lines []byte) string {
	changes, err := json.Marshal(r.Changes)
	if err != nil {
		panic(err)
	}
	text, err := json.Marshal([]any{"cosignatory revision 1", r.Number, r.PublishedAt.UTC().Format(time.RFC3339), r.Subject,
		declaration, r.Declaration, json.RawMessage(changes), summary, r.Reason, r.ReasonLang, r.AuthorRole, r.AuthorName,
		r.PreviousHash, hexSum(lines)})
	if err != nil {
		panic(err)
	}
	return hexSum(text)
}

// deflater packs changes, inflater unpacks them; each keeps its memory from one to the next. How a change is packed is
// nobody's business: hashes cover the lines themselves. The fastest level is a tenth larger, and revisions are made while
// somebody waits.
type deflater struct {
	w   *flate.Writer
	out bytes.Buffer
}

// all is b packed, in memory of its own.
func (d *deflater) all(b []byte) []byte {
	d.out.Reset()
	if d.w == nil {
		var err error
		if d.w, err = flate.NewWriter(&d.out, flate.BestSpeed); err != nil {
			panic(err)
		}
	} else {
		d.w.Reset(&d.out)
	}
	if _, err := d.w.Write(b); err != nil {
		panic(err)
	}
	if err := d.w.Close(); err != nil {
		panic(err)
	}
	return bytes.Clone(d.out.Bytes())
}

// maxChange bounds what is unpacked: the largest change that publishing accepts is far below it.
const maxChange = 256 << 20

type inflater struct {
	r   io.ReadCloser
	in  bytes.Reader
	out bytes.Buffer
}

// all is b unpacked. It stands until the next call.
func (f *inflater) all(b []byte) ([]byte, error) {
	f.in.Reset(b)
	if f.r == nil {
		f.r = flate.NewReader(&f.in)
	} else if err := f.r.(flate.Resetter).Reset(&f.in, nil); err != nil {
		return nil, err
	}
	f.out.Reset()
	_, err := io.Copy(&f.out, io.LimitReader(f.r, maxChange))
	return f.out.Bytes(), err
}

func deflate(b []byte) []byte {
	var d deflater
	return d.all(b)
}

func inflate(b []byte) ([]byte, error) {
	var f inflater
	return f.all(b)
}

// hexSum is the SHA-256 of b in hexadecimal figures.
func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
