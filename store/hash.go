package store

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"sort"
	"time"

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
	sum := sha256.Sum256(lines)
	text, err := json.Marshal([]any{"cosignatory revision 1", r.Number, r.PublishedAt.UTC().Format(time.RFC3339), r.Subject,
		declaration, r.Declaration, json.RawMessage(changes), summary, r.Reason, r.ReasonLang, r.AuthorRole, r.AuthorName,
		r.PreviousHash, hex.EncodeToString(sum[:])})
	if err != nil {
		panic(err)
	}
	hash := sha256.Sum256(text)
	return hex.EncodeToString(hash[:])
}

func deflate(b []byte) []byte {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.DefaultCompression)
	if err != nil {
		panic(err)
	}
	if _, err := w.Write(b); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// maxChange bounds what inflate unpacks: the largest change that publishing accepts is far below it.
const maxChange = 256 << 20

func inflate(b []byte) ([]byte, error) {
	return io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(b)), maxChange))
}
