package web

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"maps"
	"slices"
	"strings"

	"cosignatory/store/register"
)

// A page token says where a page of a list begins, at which revision and on which day: whoever follows “next” reads one state of
// the register, whatever is published meanwhile. Its checksum covers the question that it belongs to and the hash of the revision.
// There is no secret in it, so that it holds after a restart and on a mirror: who makes one up gets nothing that the address would
// not give anyway.
type pageToken struct {
	revision int
	day      register.Day
	at       int64
}

// tokenVersion is the first byte of a token; tokenSum is how many bytes of its checksum are kept.
const (
	tokenVersion = 1
	tokenSum     = 12
)

var tokenText = base64.RawURLEncoding.Strict()

// seal writes a token for a question.
func (t pageToken) seal(question string) string {
	b := t.bytes()
	return tokenText.EncodeToString(append(b, t.sum(question)...))
}

func (t pageToken) bytes() []byte {
	b := binary.AppendUvarint([]byte{tokenVersion}, uint64(t.revision)) // #nosec G115 -- a revision is above 0
	b = binary.AppendVarint(b, int64(t.day))
	return binary.AppendUvarint(b, uint64(t.at)) // #nosec G115 -- a place in a list is not below 0
}

func (t pageToken) sum(question string) []byte {
	sum := sha256.Sum256(append([]byte("cosignatory page\x00"+question+"\x00"), t.bytes()...))
	return sum[:tokenSum]
}

// readToken reads what seal wrote. The checksum can only be checked when the question is known.
func readToken(s string) (t pageToken, sum []byte, ok bool) {
	b, err := tokenText.DecodeString(s)
	if err != nil || len(b) < 4+tokenSum || b[0] != tokenVersion {
		return t, nil, false
	}
	b, sum = b[1:len(b)-tokenSum], b[len(b)-tokenSum:]
	revision, n := binary.Uvarint(b)
	if n <= 0 || revision == 0 || revision > 1<<30 {
		return t, nil, false
	}
	b = b[n:]
	day, n := binary.Varint(b)
	if n <= 0 || int64(int32(day)) != day || !register.Day(day).Date().Known() { // #nosec G115 -- this is what finds out
		return t, nil, false
	}
	b = b[n:]
	at, n := binary.Uvarint(b)
	if n <= 0 || n != len(b) || at == 0 || at > 1<<40 {
		return t, nil, false
	}
	t = pageToken{int(revision), register.Day(day), int64(at)} // #nosec G115 -- all three were checked above
	// One token has one text: the decoder passes over line breaks, and numbers can be written too long.
	return t, sum, tokenText.EncodeToString(append(t.bytes(), sum...)) == s
}

func wrongToken() error { return bad("error.page_token").accepting("accepted.page_token").at("page") }

// bound is the question that a token belongs to: everything that decides which rows come in which order, and the hash of the
// revision, so that a token of another register is refused. How many rows a page has is not in it.
func (q *question) bound() string {
	var b strings.Builder
	b.WriteString(q.published.Hash + "\x00" + q.path + "\x00" + q.lang)
	for _, name := range slices.Sorted(maps.Keys(q.query)) {
		switch name {
		case "page", "limit", "lang", "as_of", "revision", "history":
		default:
			b.WriteString("\x00" + name + "=" + q.query[name])
		}
	}
	return b.String()
}

// clocksAndPage reads both clocks and the page token, which names them too.
func (q *question) clocksAndPage() error {
	typed, ok := q.query["page"]
	if !ok {
		return q.clocks()
	}
	t, sum, ok := readToken(typed)
	if !ok {
		return wrongToken()
	}
	revision, day := itoa(t.revision), t.day.String()
	given := params{"revision": q.query["revision"], "as_of": q.query["as_of"]}
	if given["revision"] != "" && given["revision"] != revision || given["as_of"] != "" && given["as_of"] != day {
		return wrongToken()
	}
	if head, err := q.s.Store.Head(q.ctx); err != nil {
		return err
	} else if t.revision > head {
		return wrongToken()
	}
	q.query["revision"], q.query["as_of"] = revision, day
	if err := q.clocks(); err != nil {
		return err
	}
	// What rows lead to is the same on every page of a list: at the clocks that the reader named, else the newest.
	for name, value := range given {
		if value == "" {
			delete(q.set, name)
		}
	}
	if string(t.sum(q.bound())) != string(sum) {
		return wrongToken()
	}
	q.at = t.at
	return nil
}

// nextPage is the address of the page that begins at a place, empty for 0.
func (q *question) nextPage(at int64) text {
	if at == 0 {
		return ""
	}
	t := pageToken{q.view.Revision, q.day, at}
	return text(q.s.BaseURL + address("", q.path, "", q.query.with("page", t.seal(q.bound()), "revision", q.set["revision"], "as_of", q.set["as_of"])))
}
