package store

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"cosignatory/store/register"
)

// Against says how a copy of the revisions stands to a register.
type Against struct {
	Register, Copy int // the newest revision of each
	Same           int // up to which revision they say the same
	// Difference is a sentence about the first revision that they do not have alike; empty where the copy says the same as far
	// as it goes.
	Difference string
}

// differs records the first difference.
func (c *Against) differs(format string, args ...any) {
	c.Difference = fmt.Sprintf(format, args...)
}

// newer says that a copy goes on where the register ends.
func (c *Against) newer() {
	c.differs("The copy goes on to revision %d, but the register ends at revision %d: it is an older state, or revisions were taken from it.", c.Copy, c.Register)
}

// CompareHistory compares history.jsonl with the register, line by line, in memory bounded by the largest revision. It reads no
// further than the first difference. An error is one of reading, never a difference.
func (v *View) CompareHistory(ctx context.Context, history io.Reader) (Against, error) {
	ctx, cancel := context.WithCancel(ctx)
	own, to := io.Pipe()
	written := make(chan struct{})
	go func() {
		defer close(written)
		to.CloseWithError(v.WriteHistory(ctx, to))
	}()
	defer func() {
		cancel()
		own.Close()
		<-written
	}()
	c := Against{Register: v.Revision}
	a, b := bufio.NewReaderSize(own, 1<<18), bufio.NewReaderSize(history, 1<<18)
	for {
		theirs, more, err := nextLine(b)
		if errors.Is(err, errLong) {
			c.differs("Revision %d is longer in the copy than any revision can be.", c.Copy+1)
			return c, nil
		}
		if err != nil {
			return c, err
		}
		if !more {
			return c, nil
		}
		c.Copy++
		if c.Copy > v.Revision {
			// How far it goes on is worth knowing; what it says there is not to be compared with anything.
			for more {
				if _, more, err = nextLine(b); err != nil {
					return c, err
				} else if more {
					c.Copy++
				}
			}
			c.newer()
			return c, nil
		}
		mine, _, err := nextLine(a)
		if err != nil {
			return c, err
		}
		if mine != strings.TrimSuffix(theirs, "\r") {
			c.differs("%s", unlike(c.Copy, mine, theirs))
			return c, nil
		}
		c.Same = c.Copy
	}
}

// nextLine is a line of history without its end; more is false where there is none.
func nextLine(in *bufio.Reader) (line string, more bool, err error) {
	line, err = readLine(in)
	if err == io.EOF {
		return line, line != "", nil
	}
	return line, err == nil, err
}

// CompareDatabase compares the revisions of another database file with the register's: of this program's schema or an older
// one, and whether it is being served or not. Whether the file's rows are what those published is for Faithful to say.
func (v *View) CompareDatabase(ctx context.Context, path string) (Against, error) {
	s, _, err := openAny(ctx, path, nil)
	if err != nil {
		return Against{}, err
	}
	defer s.Close()
	// Not Head: an older schema lacks what that looks at beside the revisions.
	var head int
	if err := s.reader.QueryRowContext(ctx, "SELECT coalesce(max(number), 0) FROM revision").Scan(&head); err != nil {
		return Against{}, fmt.Errorf("%s: %w", path, plain(err))
	}
	other := &View{Revision: head, store: s, reader: s.reader}
	r, w := io.Pipe()
	written := make(chan struct{})
	go func() {
		defer close(written)
		w.CloseWithError(other.WriteHistory(ctx, w))
	}()
	c, err := v.CompareHistory(ctx, r)
	r.Close()
	<-written
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	c.Copy = max(c.Copy, head)
	return c, err
}

// CompareRevisions compares rows of revisions.csv with the register: each as register.Revision, with its summary, in the order of
// the file. next gives them one by one and false after the last.
func (v *View) CompareRevisions(ctx context.Context, next func() (r register.Revision, summary string, more bool, err error)) (Against, error) {
	c := Against{Register: v.Revision}
	end := errors.New("store: the copy has ended")
	err := v.EachRevision(ctx, func(own *register.Revision, summary string) error {
		theirs, says, more, err := next()
		if err != nil {
			return err
		}
		if !more {
			return end
		}
		c.Copy = theirs.Number
		if theirs.Number != own.Number {
			c.differs("Revision %d is not where it belongs in the copy: revision %d stands in its place.", own.Number, theirs.Number)
			return end
		}
		for _, x := range [...]struct{ what, own, theirs string }{
			{"published_at", own.PublishedAt.UTC().Format(time.RFC3339), theirs.PublishedAt.UTC().Format(time.RFC3339)},
			{"declaration", own.Declaration, theirs.Declaration},
			{"summary", summary, says},
			{"reason", own.Reason, theirs.Reason},
			{"previous_hash", own.PreviousHash, theirs.PreviousHash},
			{"hash", own.Hash, theirs.Hash},
		} {
			if x.own != x.theirs {
				c.differs("Revision %d differs: its %s is %s in the register, %s in the copy.", own.Number, x.what, quoted(x.own), quoted(x.theirs))
				return end
			}
		}
		c.Same = own.Number
		return nil
	})
	if errors.Is(err, end) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	for {
		theirs, _, more, err := next()
		if err != nil {
			return c, err
		}
		if !more {
			break
		}
		c.Copy = theirs.Number
	}
	if c.Copy > c.Same {
		c.newer()
	}
	return c, nil
}

// unlike says what is not the same in two lines of history of one revision, and which of them was tampered with where that
// can be known.
func unlike(revision int, own, theirs string) string {
	var a, b map[string]json.RawMessage
	if err := json.Unmarshal([]byte(theirs), &b); err != nil {
		return fmt.Sprintf("Revision %d differs: the copy's line %d is no line of history.", revision, revision)
	}
	if err := json.Unmarshal([]byte(own), &a); err != nil {
		return fmt.Sprintf("Revision %d differs: the register's cannot be read.", revision)
	}
	what := "its parts are the same, but not how they are written"
	for _, key := range historyKeys {
		name := strings.Trim(key, `{,:"[`)
		if bytes.Equal(a[name], b[name]) {
			continue
		}
		if name == "rows" {
			what = unlikeRows(a[name], b[name])
		} else {
			what = fmt.Sprintf("its %s is %s in the register, %s in the copy", name, shown(a[name]), shown(b[name]))
		}
		break
	}
	judged := "The copy's line does not give its own hash: the copy was changed after it was written."
	if hashOf(b) == text(b["hash"]) {
		judged = "Each line gives its own hash: these are two histories, and one of them was written anew."
	}
	return fmt.Sprintf("Revision %d differs: %s. %s", revision, what, judged)
}

// hashOf is the hash of a line of history, worked out as anybody can: see the top of history.go.
func hashOf(line map[string]json.RawMessage) string {
	var rows []json.RawMessage
	if err := json.Unmarshal(line["rows"], &rows); err != nil {
		return ""
	}
	var all bytes.Buffer
	for _, r := range rows {
		all.Write(r)
		all.WriteByte('\n')
	}
	var b bytes.Buffer
	b.WriteString(`["cosignatory revision 1"`)
	for _, key := range historyKeys[:len(historyKeys)-2] { // all but hash and rows
		b.WriteByte(',')
		b.Write(line[strings.Trim(key, `{,:"[`)])
	}
	b.WriteString(`,"` + hexSum(all.Bytes()) + `"]`)
	return hexSum(b.Bytes())
}

// unlikeRows names the first row that only one of two lines has.
func unlikeRows(own, theirs json.RawMessage) string {
	var a, b []json.RawMessage
	if json.Unmarshal(own, &a) != nil || json.Unmarshal(theirs, &b) != nil {
		return "its rows cannot be read"
	}
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(a):
			return "the register does not have the row " + shown(b[i])
		case i >= len(b):
			return "the copy does not have the row " + shown(a[i])
		case !bytes.Equal(a[i], b[i]):
			return fmt.Sprintf("a row is %s in the register, %s in the copy", shown(a[i]), shown(b[i]))
		}
	}
	return "its rows are the same, but not how they are written"
}

func text(b json.RawMessage) string {
	var s string
	if json.Unmarshal(b, &s) != nil {
		return ""
	}
	return s
}

// shown is a value of a line, short enough for a sentence.
func shown(b json.RawMessage) string {
	if b == nil {
		return "missing"
	}
	return short(string(b))
}

func quoted(s string) string { return short("“" + s + "”") }

func short(s string) string {
	const most = 300
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
