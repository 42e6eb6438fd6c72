package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"cosignatory/store"
	"cosignatory/store/register"
)

// server is the server that answers for a site.
func (s *site) server() *Server { return s.Config.Handler.(*Server) }

// until waits for what must come true.
func until(t *testing.T, what string, true func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !true(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("in vain waited for: %s", what)
		}
	}
}

// factory is a site with one file more, /en/large.csv, that tests make.
type factory struct {
	*site
	made   atomic.Int64
	maker  atomic.Pointer[func(ctx context.Context, w io.Writer) error]
	folder string
}

func newFactory(t *testing.T, spoolBytes int64) *factory {
	t.Helper()
	plain := newSite(t)
	f := &factory{folder: t.TempDir()}
	server, err := New(Config{Store: plain.store, BaseURL: testBase, Now: func() time.Time { return testNow }, Spool: f.folder, SpoolBytes: spoolBytes})
	if err != nil {
		t.Fatal(err)
	}
	server.echo.GET("/:lang/large", func(c echo.Context) error { return f.answer(server, c) })
	server.echo.HEAD("/:lang/large", func(c echo.Context) error { return f.answer(server, c) })
	h := httptest.NewServer(server)
	t.Cleanup(func() { h.Close(); server.Close() })
	f.site = &site{h, plain.store, plain.path}
	f.makes(writes(5 << 20))
	return f
}

func (f *factory) answer(s *Server, c echo.Context) error {
	format, _ := c.Get(extension).(string)
	r, err := s.parse(c, "en", "/large", format, nil)
	if err != nil {
		return err
	}
	return r.file("large.csv", "text/csv; charset=utf-8", func(ctx context.Context, w io.Writer) error {
		f.made.Add(1)
		return (*f.maker.Load())(ctx, w)
	})
}

func (f *factory) makes(maker func(ctx context.Context, w io.Writer) error) { f.maker.Store(&maker) }

// content is so many bytes of lines that are all different.
func content(size int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "%d,%d\r\n", i, i*i)
	}
	return b.Bytes()[:size]
}

// writes makes a file of so many bytes, in pieces.
func writes(size int) func(context.Context, io.Writer) error {
	whole := content(size)
	return func(ctx context.Context, w io.Writer) error {
		for rest := whole; len(rest) > 0; {
			n := min(len(rest), 100_000)
			if _, err := w.Write(rest[:n]); err != nil {
				return err
			}
			rest = rest[n:]
		}
		return nil
	}
}

// onDisk are the files in the spool's folders, and how many bytes they take.
func (f *factory) onDisk(t *testing.T) (files int, size int64) {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(f.folder, spoolFolder+"*", "*.file"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range list {
		if info, err := os.Stat(path); err == nil {
			files, size = files+1, size+info.Size()
		}
	}
	return files, size
}

// begin asks for a file and returns when its header has come.
func (f *factory) begin(t *testing.T, ctx context.Context, target string, headers ...string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, "GET", f.URL+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "identity")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	a, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Body.Close() })
	return a
}

const identity = "identity"

func TestFileParts(t *testing.T) {
	f := newFactory(t, 0)
	want := content(5 << 20)
	if h := f.ask(t, "HEAD", "/en/large.csv"); h.StatusCode != 200 || f.made.Load() != 0 {
		t.Errorf("HEAD answers %d and made %d files", h.StatusCode, f.made.Load())
	}
	first := f.ask(t, "GET", "/en/large.csv", "Accept-Encoding", identity)
	again := f.ask(t, "GET", "/en/large.csv", "Accept-Encoding", identity)
	tag := first.Header.Get("ETag")
	if first.body != string(want) || again.body != string(want) || again.ContentLength != int64(len(want)) || again.Header.Get("ETag") != tag {
		t.Fatalf("%d and %d bytes of %d, length %d", len(first.body), len(again.body), len(want), again.ContentLength)
	}
	if h := f.ask(t, "HEAD", "/en/large.csv", "Accept-Encoding", identity); h.ContentLength != int64(len(want)) || h.Header.Get("ETag") != tag {
		t.Errorf("HEAD says %d bytes, %s", h.ContentLength, h.Header.Get("ETag"))
	}
	for _, c := range []struct {
		headers []string
		status  int
		body    string
	}{
		{[]string{"Range", "bytes=1000000-1000009"}, 206, string(want[1000000:1000010])},
		{[]string{"Range", "bytes=-7"}, 206, string(want[len(want)-7:])},
		{[]string{"Range", "bytes=5242800-"}, 206, string(want[5242800:])},
		{[]string{"Range", "bytes=0-3", "If-Range", tag}, 206, string(want[:4])},
		{[]string{"Range", "bytes=0-3", "If-Range", `"r1-another"`}, 200, string(want)}, // what the reader has a part of has changed
		{[]string{"If-None-Match", tag}, 304, ""},
		{[]string{"If-None-Match", `"r1-another"`}, 200, string(want)},
		{[]string{"If-Match", `"r1-another"`}, 412, ""},
	} {
		a := f.ask(t, "GET", "/en/large.csv", append(c.headers, "Accept-Encoding", identity)...)
		if a.StatusCode != c.status || a.body != c.body {
			t.Errorf("%q: %d with %d bytes, want %d with %d", c.headers, a.StatusCode, len(a.body), c.status, len(c.body))
		}
	}
	if a := f.ask(t, "GET", "/en/large.csv", "Range", "bytes=99999999-", "Accept-Encoding", identity); a.StatusCode != 416 || a.Header.Get("Content-Range") != "bytes */"+strconv.Itoa(len(want)) {
		t.Errorf("a part beyond the end answers %d, %v", a.StatusCode, a.Header)
	}
	// Compressed it is another representation, with a tag of its own; unpacked it is the same.
	packed := f.ask(t, "GET", "/en/large.csv", "Accept-Encoding", "gzip, br")
	z, err := gzip.NewReader(strings.NewReader(packed.body))
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(z)
	if err != nil || !bytes.Equal(unpacked, want) {
		t.Errorf("compressed it is %d other bytes: %v", len(unpacked), err)
	}
	h := packed.Header
	if h.Get("Content-Encoding") != "gzip" || h.Get("ETag") == tag || h.Get("Vary") != "Accept-Encoding" {
		t.Errorf("compressed: %v", h)
	}
	part := f.ask(t, "GET", "/en/large.csv", "Accept-Encoding", "gzip", "Range", "bytes=10-19", "If-Range", h.Get("ETag"))
	if part.StatusCode != 206 || part.body != packed.body[10:20] || part.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("a part of it compressed: %d, %d bytes", part.StatusCode, len(part.body))
	}
	if whole := f.ask(t, "GET", "/en/large.csv", "Accept-Encoding", "gzip"); whole.ContentLength != int64(len(packed.body)) || whole.body != packed.body {
		t.Errorf("compressed again it has length %d, %d bytes, not %d", whole.ContentLength, len(whole.body), len(packed.body))
	}
	if f.made.Load() != 1 {
		t.Errorf("it was made %d times", f.made.Load())
	}
}

// TestSmallFileParts: a file that is kept in memory has parts as well.
func TestSmallFileParts(t *testing.T) {
	s := newSite(t)
	for range 2 { // made and kept
		whole := s.ask(t, "GET", "/data/participants.csv", "Accept-Encoding", identity)
		part := s.ask(t, "GET", "/data/participants.csv", "Accept-Encoding", identity, "Range", "bytes=10-29")
		if part.StatusCode != 206 || part.body != whole.body[10:30] || whole.ContentLength != int64(len(whole.body)) {
			t.Errorf("%d: %q", part.StatusCode, part.body)
		}
	}
}

// TestFileMadeOnce: those who ask at the same time share one making, and the first bytes come before the last are made.
func TestFileMadeOnce(t *testing.T) {
	f := newFactory(t, 0)
	want := content(5 << 20)
	more := make(chan struct{})
	f.makes(func(ctx context.Context, w io.Writer) error {
		if _, err := w.Write(want[:3<<20]); err != nil {
			return err
		}
		<-more
		_, err := w.Write(want[3<<20:])
		return err
	})
	var answers []*http.Response
	for i := range 6 {
		encoding := []string{identity, "gzip"}[i%2]
		a := f.begin(t, t.Context(), "/en/large.csv", "Accept-Encoding", encoding)
		var one [1]byte
		if _, err := io.ReadFull(a.Body, one[:]); err != nil { // while it is being made
			t.Fatal(err)
		}
		if encoding == identity && one[0] != want[0] || a.ContentLength >= 0 {
			t.Errorf("begins with %q, length %d", one, a.ContentLength)
		}
		a.Body = io.NopCloser(io.MultiReader(bytes.NewReader(one[:]), a.Body))
		answers = append(answers, a)
	}
	close(more)
	for i, a := range answers {
		var body io.Reader = a.Body
		if i%2 == 1 {
			z, err := gzip.NewReader(a.Body)
			if err != nil {
				t.Fatal(err)
			}
			body = z
		}
		if b, err := io.ReadAll(body); err != nil || !bytes.Equal(b, want) {
			t.Errorf("%d: %d bytes, %v", i, len(b), err)
		}
	}
	if f.made.Load() != 1 {
		t.Errorf("made %d times", f.made.Load())
	}
}

// TestSmallFileMadeOnce: as many ask at once for a file of the register that nobody has asked for at this revision.
func TestSmallFileMadeOnce(t *testing.T) {
	s := newSite(t)
	server := s.server()
	for range cap(server.exports) {
		server.exports <- struct{}{} // nothing is made yet
	}
	const askers = 8
	bodies := make([]string, askers)
	var asking sync.WaitGroup
	for i := range askers {
		asking.Go(func() { bodies[i] = s.ask(t, "GET", "/data/signatories.csv").body })
	}
	until(t, "all ask", func() bool {
		server.spool.mu.Lock()
		defer server.spool.mu.Unlock()
		n := 0
		for _, m := range server.spool.table {
			n += m.readers
		}
		return n == askers
	})
	for range cap(server.exports) {
		<-server.exports
	}
	asking.Wait()
	if n := server.spool.begun.Load(); n != 1 {
		t.Errorf("made %d times", n)
	}
	for _, b := range bodies {
		if b == "" || b != bodies[0] {
			t.Errorf("%d bytes, not %d", len(b), len(bodies[0]))
		}
	}
	s.page(t, "/data/signatories.csv")
	if n := server.spool.begun.Load(); n != 1 {
		t.Errorf("made %d times, the last when it was asked for again", n)
	}
}

// TestFileHangUp: a reader who hangs up half-way costs nothing more, unless others wait.
func TestFileHangUp(t *testing.T) {
	f := newFactory(t, 0)
	want := content(5 << 20)
	more, stopped := make(chan struct{}), make(chan struct{}, 10)
	f.makes(func(ctx context.Context, w io.Writer) error {
		if _, err := w.Write(want[:3<<20]); err != nil {
			return err
		}
		select {
		case <-more:
		case <-ctx.Done():
			stopped <- struct{}{}
			return ctx.Err()
		}
		_, err := w.Write(want[3<<20:])
		return err
	})
	spool := f.server().spool
	// Two read it, the one that asked first hangs up.
	first, hangUp := context.WithCancel(t.Context())
	f.begin(t, first, "/en/large.csv")
	second := f.begin(t, t.Context(), "/en/large.csv")
	hangUp()
	until(t, "the first has gone", func() bool {
		spool.mu.Lock()
		defer spool.mu.Unlock()
		for _, m := range spool.table {
			return m.readers == 1
		}
		return false
	})
	more <- struct{}{}
	if b, err := io.ReadAll(second.Body); err != nil || !bytes.Equal(b, want) {
		t.Errorf("the second gets %d bytes: %v", len(b), err)
	}
	// The only one hangs up.
	only, hangUp := context.WithCancel(t.Context())
	f.begin(t, only, "/en/large.csv?as_of=2026-01-01")
	hangUp()
	<-stopped
	until(t, "its file is gone", func() bool { n, _ := f.onDisk(t); return n == 1 })
	go func() { more <- struct{}{} }()
	if a := f.ask(t, "GET", "/en/large.csv?as_of=2026-01-01", "Accept-Encoding", identity); a.body != string(want) {
		t.Errorf("asked again it gives %d bytes", len(a.body))
	}
}

// TestFileFails: a file that could not be made is an error page or a connection that breaks off, and nothing of it is kept.
func TestFileFails(t *testing.T) {
	f := newFactory(t, 0)
	want := content(5 << 20)
	broken := errors.New("the register went away")
	f.makes(func(ctx context.Context, w io.Writer) error {
		if _, err := w.Write(want[:3<<20]); err != nil {
			return err
		}
		return broken
	})
	for _, encoding := range []string{identity, "gzip"} {
		a := f.begin(t, t.Context(), "/en/large.csv", "Accept-Encoding", encoding)
		if a.StatusCode == 200 {
			if b, err := io.ReadAll(a.Body); err == nil {
				t.Errorf("%s: a file that failed is whole for its reader: %d bytes", encoding, len(b))
			}
		} else if a.StatusCode != 500 || a.Header.Get("ETag") != "" || a.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: %d, %v", encoding, a.StatusCode, a.Header)
		}
	}
	f.makes(func(ctx context.Context, w io.Writer) error {
		w.Write(want[:1000])
		return broken
	})
	for range 2 {
		a := f.ask(t, "GET", "/en/large.csv")
		if a.StatusCode != 500 || a.Header.Get("ETag") != "" || a.Header.Get("Content-Disposition") != "" || a.Header.Get("Cache-Control") != noStore {
			t.Errorf("a file that failed before its first byte: %d, %v", a.StatusCode, a.Header)
		}
	}
	f.makes(func(ctx context.Context, w io.Writer) error { panic("a fault of the program") })
	if a := f.ask(t, "GET", "/en/large.csv"); a.StatusCode != 500 {
		t.Errorf("a panic answers %d", a.StatusCode)
	}
	f.makes(writes(5 << 20))
	if a := f.ask(t, "GET", "/en/large.csv", "Accept-Encoding", identity); a.StatusCode != 200 || a.body != string(want) {
		t.Errorf("once it can be made: %d, %d bytes", a.StatusCode, len(a.body))
	}
}

// TestFileNoRoom: where the disk does not take a file, whoever asks is told so; half of it never looks whole.
func TestFileNoRoom(t *testing.T) {
	f := newFactory(t, 3<<20)
	// A connection that is broken off before anything came is as plain as one broken off in the middle.
	if a, err := http.Get(f.URL + "/en/large.csv"); err == nil {
		b, err := io.ReadAll(a.Body)
		a.Body.Close()
		if err == nil && a.StatusCode == 200 {
			t.Errorf("%d bytes of a file that does not fit look whole", len(b))
		}
	}
	// From now on nothing is sent before all of it is there.
	for _, encoding := range []string{identity, "gzip"} {
		again := f.ask(t, "GET", "/en/large.csv", "Accept-Encoding", encoding)
		if again.StatusCode != 503 || again.Header.Get("Retry-After") == "" || again.Header.Get("ETag") != "" || again.Header.Get("Content-Encoding") != "" {
			t.Errorf("%d, %v", again.StatusCode, again.Header)
		}
		again.says(t, "Please try again in a moment")
	}
	until(t, "nothing is on disk", func() bool { n, _ := f.onDisk(t); return n == 0 })
	f.makes(writes(2 << 20))
	if a := f.ask(t, "GET", "/en/large.csv", "Accept-Encoding", identity); a.StatusCode != 200 || len(a.body) != 2<<20 {
		t.Errorf("a file that fits: %d, %d bytes", a.StatusCode, len(a.body))
	}
	// A folder that is not there: small files need none, large ones are refused before their first byte.
	g := newFactory(t, 0)
	if err := os.RemoveAll(g.folder); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if a := g.ask(t, "GET", "/en/large.csv"); a.StatusCode != 503 {
			t.Errorf("without a folder: %d", a.StatusCode)
		}
	}
	g.page(t, "/data/participants.csv")
}

// TestSpoolBounds: the files on disk stay within their bytes, those that are asked for stay, and in the end none is left.
func TestSpoolBounds(t *testing.T) {
	const most = 8 << 20
	f := newFactory(t, most)
	f.makes(writes(3 << 20))
	ask := func(day int) {
		t.Helper()
		target := fmt.Sprintf("/en/large.csv?as_of=2026-01-%02d", day)
		if a := f.ask(t, "GET", target, "Accept-Encoding", identity); a.StatusCode != 200 || len(a.body) != 3<<20 {
			t.Fatalf("%s: %d, %d bytes", target, a.StatusCode, len(a.body))
		}
		if files, size := f.onDisk(t); size > most || files > 2 {
			t.Errorf("%d files with %d bytes on disk", files, size)
		}
	}
	ask(1)
	ask(2)
	ask(1)
	ask(3) // in the place of 2, which was asked for longest ago
	if ask(1); f.made.Load() != 3 {
		t.Errorf("made %d times", f.made.Load())
	}
	if ask(2); f.made.Load() != 4 {
		t.Errorf("made %d times", f.made.Load())
	}
	if err := f.server().Close(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(f.folder); len(left) > 0 {
		t.Errorf("the server leaves %v", left)
	}
}

// TestSpoolLeftovers: what a process left that was killed is removed, what a living one uses is not.
func TestSpoolLeftovers(t *testing.T) {
	parent := t.TempDir()
	dead, living := filepath.Join(parent, spoolFolder+"1"), filepath.Join(parent, spoolFolder+"2")
	for _, folder := range []string{dead, living} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		f, err := holdFolder(folder)
		if err != nil {
			t.Fatal(err)
		}
		if folder == dead {
			f.Close()
		} else {
			defer f.Close()
		}
	}
	newSpool(parent, 0)
	if _, err := os.Stat(dead); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a dead process's folder is there: %v", err)
	}
	if _, err := os.Stat(living); err != nil {
		t.Errorf("a living process's folder: %v", err)
	}
}

// TestPagesKept: a page is made once for a revision and a day, and is the same from memory, whoever asks.
func TestPagesKept(t *testing.T) {
	s := newSite(t)
	server := s.server()
	filled := func() int64 { return server.answers.filled.Load() }
	for _, target := range []string{"/en/", "/ar/declarations/tech-trafficking-2025", "/fr/declarations?topic=education&sort=date", "/en/participants/KOR"} {
		before := filled()
		first := s.ask(t, "GET", target, "Accept-Encoding", identity, "Cookie", "cosignatory=somebody")
		again := s.ask(t, "GET", target, "Accept-Encoding", identity)
		if first.StatusCode != 200 || first.body != again.body || again.ContentLength != int64(len(again.body)) || filled() != before+1 {
			t.Errorf("%s: %d, made %d times", target, first.StatusCode, filled()-before)
		}
		if a, b := first.Header.Get("X-Request-Id"), again.Header.Get("X-Request-Id"); a == b || b == "" {
			t.Errorf("%s: two requests have the ids %q and %q", target, a, b)
		}
		a, b := first.Header.Clone(), again.Header.Clone()
		for _, h := range []http.Header{a, b} {
			h.Del("X-Request-Id")
			h.Del("Date")
		}
		if fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("%s: from memory it has other headers:\n%v\n%v", target, a, b)
		}
		if named := s.ask(t, "GET", target, "X-Request-Id", "given-id-1"); named.Header.Get("X-Request-Id") != "given-id-1" {
			t.Errorf("%s: a given id is not kept: %q", target, named.Header.Get("X-Request-Id"))
		}
		packed := s.ask(t, "GET", target, "Accept-Encoding", "gzip;q=0.5")
		z, err := gzip.NewReader(strings.NewReader(packed.body))
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(z); err != nil || string(b) != first.body || packed.Header.Get("ETag") == first.Header.Get("ETag") || packed.ContentLength != int64(len(packed.body)) {
			t.Errorf("%s compressed: %d bytes, %v, %v", target, len(b), err, packed.Header)
		}
		if none := s.ask(t, "GET", target, "Accept-Encoding", "gzip;q=0, br"); none.body != first.body || none.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: compressed for a reader who does not take it", target)
		}
		for tag, encoding := range map[string]string{first.Header.Get("ETag"): identity, packed.Header.Get("ETag"): "gzip"} {
			if a := s.ask(t, "GET", target, "Accept-Encoding", encoding, "If-None-Match", tag); a.StatusCode != 304 || a.body != "" || a.Header.Get("ETag") != tag ||
				a.Header.Get("Cache-Control") != revalidate || a.Header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s, %s: %d %v", target, tag, a.StatusCode, a.Header)
			}
		}
		if h := s.ask(t, "HEAD", target, "Accept-Encoding", identity); h.StatusCode != 200 || h.body != "" || h.ContentLength != int64(len(first.body)) {
			t.Errorf("HEAD %s: %d, length %d", target, h.StatusCode, h.ContentLength)
		}
		if filled() != before+1 {
			t.Errorf("%s was made %d times", target, filled()-before)
		}
	}
	// The same filters in another order, and what others hang on links, are the same page.
	before := filled()
	for range 2 {
		s.page(t, "/fr/declarations?sort=date&topic=education")
		s.page(t, "/fr/declarations?utm_source=x&topic=education&sort=date")
	}
	if filled() != before {
		t.Errorf("the same page in other words was made %d times more", filled()-before)
	}
	// What is no page is not kept.
	for _, target := range []string{"/en/nothing", "/en/declarations/nix", "/en/declarations?kind=nix", "/en/declarations?page=99", "/", "/healthz", "/en/staff/sign-in",
		"/en/declarations.csv?kind=nix", "/data/nix.csv"} {
		s.ask(t, "GET", target)
		if k := server.answers.get(target); k != nil || filled() != before {
			t.Errorf("%s is kept", target)
		}
	}
}

// TestPageMadeOnce: of those who ask at the same time one makes the answer; an answer that cannot be made is no one's.
func TestPageMadeOnce(t *testing.T) {
	a := newAnswers(0)
	k := &kept{address: " /en/", plain: newCoded([]byte("page"), `"t"`, "")}
	const askers = 8
	var calls, given atomic.Int64
	var asking sync.WaitGroup
	more := make(chan struct{})
	for range askers {
		asking.Go(func() {
			got, err := a.fill(t.Context(), "key", func() (*kept, error) {
				calls.Add(1)
				<-more
				a.keep(k)
				return k, nil
			})
			if err == nil && got == k {
				given.Add(1)
			}
		})
	}
	until(t, "one makes it", func() bool { return calls.Load() == 1 })
	close(more)
	asking.Wait()
	if given.Load() != askers {
		t.Errorf("%d of %d were given it", given.Load(), askers)
	}
	if _, err := a.fill(t.Context(), "key", func() (*kept, error) { return nil, errors.New("no") }); err == nil || len(a.filling) != 0 {
		t.Error("an error is kept")
	}
}

// TestPublicationSeen: what is published is seen right after, in pages and files, also where another process publishes; what
// names a revision stays.
func TestPublicationSeen(t *testing.T) {
	s := newSite(t)
	const page, file, pinned = "/en/declarations/tech-trafficking-2025", "/en/declarations/tech-trafficking-2025/history.csv", "/en/declarations/tech-trafficking-2025?revision=27"
	old := s.page(t, pinned).body
	for i := range 5 {
		for range 2 {
			s.page(t, page)
			s.page(t, file)
		}
		who := fmt.Sprintf("Presenter %d", i)
		s.change(t, "tech-trafficking-2025", func(d *register.Declaration) { d.PresentedBy = who })
		s.page(t, page).says(t, who)
		if lines := strings.Count(s.page(t, file).body, "\r\n"); lines != strings.Count(s.page(t, file+"?revision=27").body, "\r\n")+i+1 {
			t.Errorf("after %d publications the history has %d lines", i+1, lines)
		}
	}
	if s.page(t, pinned).body != old {
		t.Error("a page of a revision changes")
	}
	other, err := store.Open(t.Context(), s.path, store.WithClock(func() time.Time { return testNow }))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	s.page(t, page)
	(&site{s.Server, other, s.path}).change(t, "tech-trafficking-2025", func(d *register.Declaration) { d.PresentedBy = "Presenter Elsewhere" })
	until(t, "what another process published", func() bool { return strings.Contains(s.page(t, page).text, "Presenter Elsewhere") })
}

// TestKeptByDay: a page that says what day it is ends with the day.
func TestKeptByDay(t *testing.T) {
	o := newOffice(t)
	for _, target := range []string{"/en/", "/en/declarations/tech-trafficking-2025"} {
		today := o.page(t, target)
		o.wait(24 * time.Hour)
		if tomorrow := o.page(t, target); tomorrow.Header.Get("ETag") == today.Header.Get("ETag") || tomorrow.body == today.body {
			t.Errorf("%s is the same tomorrow", target)
		}
	}
	pinned := o.page(t, "/en/declarations/tech-trafficking-2025?revision=27")
	o.wait(24 * time.Hour)
	if again := o.page(t, "/en/declarations/tech-trafficking-2025?revision=27"); again.body != pinned.body {
		t.Error("a page of a revision changes with the day")
	}
}

// TestNothingOfStaffKept: pages of staff, drafts and whatever belongs to one browser never come among the answers for all.
func TestNothingOfStaffKept(t *testing.T) {
	s := newSite(t)
	const marker = "Marker Never Published"
	editor := s.as(t, "ed", store.Editor)
	at := editor.start("tech-trafficking-2025")
	editor.press("review", "reason", "Mine", "presented_by", marker)
	for range 2 {
		for _, target := range []string{at, at + "/check", at + "/history", "/en/staff", "/en/staff/account", "/en/declarations/tech-trafficking-2025", "/en/", "/data/declarations.csv", "/feeds/changes.atom"} {
			editor.send("GET", target, nil)
		}
	}
	server := s.server()
	server.answers.mu.Lock()
	defer server.answers.mu.Unlock()
	if len(server.answers.byName) == 0 {
		t.Error("nothing is kept at all")
	}
	for name, k := range server.answers.byName {
		if staffPath(strings.TrimSpace(name)) || bytes.Contains(k.plain.body, []byte(marker)) || bytes.Contains(k.plain.body, []byte("/staff/sign-out")) {
			t.Errorf("%s is kept", name)
		}
		for _, l := range k.header {
			if l.name == "Set-Cookie" || l.name == "X-Request-Id" || l.name == "Cache-Control" && strings.Contains(fmt.Sprint(l.value), "no-store") {
				t.Errorf("%s is kept with %s: %v", name, l.name, l.value)
			}
		}
	}
}

// TestAnswersBounds: answers stay within their bytes; those that are asked for stay.
func TestAnswersBounds(t *testing.T) {
	plain := newSite(t)
	const most = 600 << 10
	server, err := New(Config{Store: plain.store, BaseURL: testBase, Now: func() time.Time { return testNow }, Spool: t.TempDir(), CacheBytes: most})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(server)
	defer h.Close()
	s := &site{h, plain.store, plain.path}
	for i := range 60 {
		s.page(t, "/en/about")
		s.page(t, fmt.Sprintf("/en/declarations?as_of=2024-%02d-%02d", 1+i%12, 1+i/12))
		s.page(t, fmt.Sprintf("/data/groups.csv?as_of=2024-%02d-%02d", 1+i%12, 1+i/12))
		a := server.answers
		a.mu.Lock()
		sum, names := int64(0), 0
		for e := a.order.Front(); e != nil; e = e.Next() {
			k := e.Value.(*kept)
			sum, names = sum+k.size, names+len(k.names)
		}
		if a.used > most || sum != a.used || names != len(a.byName) {
			t.Fatalf("%d bytes counted, %d there, at most %d; %d names of %d", a.used, sum, most, len(a.byName), names)
		}
		a.mu.Unlock()
	}
	if n := server.answers.filled.Load(); n != 121 {
		t.Errorf("%d answers were made for 121 addresses: one that is asked for all the time was dropped", n)
	}
}

// TestNoSuchPart: who asks for a part of a file beyond its end is told so in words, in the language of the file, and how long it
// is; nothing keeps that answer.
func TestNoSuchPart(t *testing.T) {
	s := newSite(t)
	for target, says := range map[string]string{"/fr/declarations.csv": "Le fichier n’a pas cette partie", "/ar/participants.csv": "لا يتضمن الملف هذا الجزء", "/zh/declarations.json": "文件没有这一部分"} {
		for _, how := range []string{"made now", "kept"} {
			for _, encoding := range []string{"identity", "gzip"} {
				a := s.ask(t, "GET", target, "Range", "bytes=99999999-", "Accept-Encoding", encoding)
				if a.StatusCode != 416 || !strings.Contains(a.body, says) || a.doc == nil && !strings.HasSuffix(target, ".json") {
					t.Errorf("%s, %s: %d, %s: %.200s", target, how, a.StatusCode, a.Header.Get("Content-Type"), a.body)
				}
				if h := a.Header; !strings.HasPrefix(h.Get("Content-Range"), "bytes */") || h.Get("Content-Encoding") != "" || h.Get("ETag") != "" || h.Get("Cache-Control") != noStore || h.Get("Content-Disposition") != "" {
					t.Errorf("%s, %s: %v", target, how, h)
				}
			}
			if a := s.ask(t, "GET", target); a.StatusCode != 200 {
				t.Errorf("%s answers %d", target, a.StatusCode)
			}
		}
	}
}
