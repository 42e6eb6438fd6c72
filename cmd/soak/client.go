package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// ask is one request, and what is right of its answer.
type ask struct {
	kind    string
	path    string
	header  []string // name, value, name, value …
	head    bool
	gzip    bool
	status  []int              // 200 where empty
	forever bool               // the address names a revision: its bytes never change
	check   func(*given) error // further, of a whole body of at most bodyKept bytes
}

// given is an answer.
type given struct {
	status int
	header http.Header
	body   []byte // as it is once it is decompressed, where it is not too long
	first  []byte // of a long one
	last   []byte
	length int64
	sum    string
}

// bodyKept is how much of a body is held here.
const bodyKept = 4 << 20

// client asks the server and holds each answer against what is always true of answers.
type client struct {
	s    *soak
	http *http.Client

	mu   sync.Mutex
	tags map[string]tagged // by address and encoding: what was given last
	ever map[string]string // by address: the sum of what it gives for ever
}

type tagged struct{ tag, sum string }

func (s *soak) client(connections int) *client {
	return &client{s: s, tags: map[string]tagged{}, ever: map[string]string{}, http: &http.Client{
		Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       5 * time.Minute, // a tired machine; the server gives up after fifteen
	}}
}

// do asks. due is when it should have been asked: what waited for its turn counts as waiting. An answer that is wrong is a
// fault; the end of the run in the middle of one is not.
func (c *client) do(ctx context.Context, a ask, due time.Time) *given {
	g, err := c.send(ctx, a)
	if ctx.Err() != nil {
		return nil
	}
	status := 0
	if g != nil {
		status = g.status
	}
	c.s.tally.answered(a.kind, status, time.Since(due))
	if err != nil {
		c.s.tally.fault("%s %s: %v", a.kind, a.path, err)
		return nil
	}
	return g
}

func (c *client) send(ctx context.Context, a ask) (*given, error) {
	method := http.MethodGet
	if a.head {
		method = http.MethodHead
	}
	req, err := http.NewRequestWithContext(ctx, method, c.s.base+a.path, nil)
	if err != nil {
		return nil, err
	}
	for i := 0; i+1 < len(a.header); i += 2 {
		req.Header.Set(a.header[i], a.header[i+1])
	}
	if a.gzip {
		req.Header.Set("Accept-Encoding", "gzip")
	}
	r, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	g := &given{status: r.StatusCode, header: r.Header}
	if err := g.read(r); err != nil {
		return g, fmt.Errorf("the body is broken: %w", err)
	}
	want := a.status
	if want == nil {
		want = []int{http.StatusOK}
	}
	if !slices.Contains(want, g.status) {
		return g, fmt.Errorf("status %d, want one of %v: %.300q", g.status, want, g.body)
	}
	if g.status != http.StatusOK || a.head {
		return g, nil
	}
	if err := g.whole(); err != nil {
		return g, err
	}
	key := a.path + " " + r.Header.Get("Content-Encoding")
	tag := r.Header.Get("ETag")
	c.mu.Lock()
	was, ever := c.tags[key], c.ever[a.path]
	if len(c.tags) > 20_000 {
		clear(c.tags)
	}
	if tag != "" {
		c.tags[key] = tagged{tag, g.sum}
	}
	if a.forever {
		c.ever[a.path] = g.sum
	}
	c.mu.Unlock()
	switch {
	case tag != "" && was.tag == tag && was.sum != g.sum:
		return g, fmt.Errorf("other bytes under the ETag %s than before", tag)
	case a.forever && ever != "" && ever != g.sum:
		return g, errors.New("other bytes than before at an address whose bytes never change")
	case a.forever && !strings.Contains(r.Header.Get("Cache-Control"), "immutable"):
		return g, fmt.Errorf("an address with a revision is not immutable: %q", r.Header.Get("Cache-Control"))
	case a.check != nil:
		return g, a.check(g)
	}
	return g, nil
}

// known is the ETag that an address had last, empty for none.
func (c *client) known(path string, gzip bool) string {
	key := path + " "
	if gzip {
		key += "gzip"
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tags[key].tag
}

// read reads all of a body, decompressed, with its sum. net/http says itself where it is shorter than was declared.
func (g *given) read(r *http.Response) error {
	counted := &counting{r: r.Body}
	var body io.Reader = counted
	if r.Header.Get("Content-Encoding") == "gzip" && r.Request.Method != http.MethodHead && r.StatusCode != http.StatusNotModified {
		z, err := gzip.NewReader(counted)
		if err != nil {
			return err
		}
		body = z // it checks its own sum at its end
	}
	hash := sha256.New()
	var kept bytes.Buffer
	buffer := make([]byte, 64<<10)
	for {
		n, err := body.Read(buffer)
		b := buffer[:n]
		hash.Write(b)
		g.length += int64(n)
		if len(g.first) < 16 {
			g.first = append(g.first, b[:min(n, 16-len(g.first))]...)
		}
		g.last = append(g.last, b...)
		g.last = append([]byte(nil), g.last[max(0, len(g.last)-64):]...)
		if g.length <= bodyKept {
			kept.Write(b)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	if _, err := io.Copy(io.Discard, counted); err != nil {
		return err
	}
	if r.ContentLength >= 0 && r.Request.Method != http.MethodHead && r.StatusCode != http.StatusNotModified && counted.n != r.ContentLength {
		return fmt.Errorf("%d bytes, %d were declared", counted.n, r.ContentLength)
	}
	if g.length <= bodyKept {
		g.body = kept.Bytes()
	}
	g.sum = hex.EncodeToString(hash.Sum(nil))
	return nil
}

type counting struct {
	r io.Reader
	n int64
}

func (c *counting) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}

// whole says what is missing of an answer by its type: nothing that is cut short passes for whole.
func (g *given) whole() error {
	kind, _, _ := strings.Cut(g.header.Get("Content-Type"), ";")
	ends := func(with string) error {
		if !bytes.HasSuffix(bytes.TrimRight(g.last, "\r\n "), []byte(with)) {
			return fmt.Errorf("a body of %s does not end with %q but %q", kind, with, g.last)
		}
		return nil
	}
	switch {
	case g.length == 0:
		return errors.New("an empty body")
	case kind == "text/html":
		return ends("</html>")
	case kind == "text/csv":
		if !bytes.HasSuffix(g.last, []byte("\n")) {
			return fmt.Errorf("the last line of a CSV file is cut: %q", g.last)
		}
	case strings.HasSuffix(kind, "json"):
		if g.body != nil && !json.Valid(g.body) {
			return errors.New("no valid JSON")
		}
		if b := bytes.TrimSpace(g.last); !bytes.HasSuffix(b, []byte("}")) && !bytes.HasSuffix(b, []byte("]")) {
			return errors.New("JSON is cut")
		}
	case strings.HasSuffix(kind, "xml"):
		return ends(">")
	case strings.Contains(kind, "zip") || strings.Contains(kind, "spreadsheet"):
		if !bytes.HasPrefix(g.first, []byte("PK\x03\x04")) || !bytes.Contains(g.last, []byte("PK\x05\x06")) {
			return errors.New("a zip without its directory")
		}
	case strings.Contains(kind, "sqlite"):
		if !bytes.HasPrefix(g.first, []byte("SQLite format 3")) {
			return errors.New("no SQLite file")
		}
	}
	return nil
}
