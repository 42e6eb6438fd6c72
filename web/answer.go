package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// What caches may do. An address that names a revision never changes; any other is asked for again, which costs a 304.
const (
	immutable  = "public, max-age=31536000, immutable"
	revalidate = "public, max-age=0, must-revalidate"
)

// etag names what an address gives: the revision, the day, the language and the build of the program's own files. The
// address itself is not in it: an ETag belongs to one address.
func (r *request) etag() string {
	switch r.format {
	case "":
	case atom, calendar, sitemap:
		// Their words are the program's own.
		return fmt.Sprintf(`"r%d-%s-%s-%s"`, r.view.Revision, r.lang, r.format, r.s.assets.build)
	case api:
		return fmt.Sprintf(`"r%d-%s-%s-%s-%s"`, r.view.Revision, r.day, r.lang, r.format, r.s.assets.build)
	default:
		return fmt.Sprintf(`"r%d-%s-%s-%s"`, r.view.Revision, r.day, r.lang, r.format)
	}
	now := ""
	if r.dayGiven && !r.pinned && r.day >= r.current {
		now = "-" + r.current.String() // a day that is still to come, or is today, reads differently once it is past
	}
	return fmt.Sprintf(`"r%d-%s%s-%s-%s"`, r.view.Revision, r.day, now, r.lang, r.s.assets.build)
}

// caching sets the headers that let an answer be kept, and says whether the reader has it already.
func (r *request) caching() (unchanged bool) {
	h := r.c.Response().Header()
	tag := r.etag()
	h.Set("ETag", tag)
	h.Set("Content-Language", r.lang)
	h.Set("Cache-Control", revalidate)
	if r.pinned {
		h.Set("Cache-Control", immutable)
	}
	return matches(r.c.Request().Header.Get("If-None-Match"), tag)
}

// matches is the weak comparison of If-None-Match.
func matches(header, tag string) bool {
	if header == "*" {
		return true
	}
	for _, t := range strings.Split(header, ",") {
		if strings.TrimPrefix(strings.TrimSpace(t), "W/") == tag {
			return true
		}
	}
	return false
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// show writes a page: whole, or an error page in its place.
func (r *request) show(page templ.Component) error {
	return write(r.c, http.StatusOK, page)
}

func write(c echo.Context, status int, page templ.Component) error {
	b := buffers.Get().(*bytes.Buffer)
	defer func() {
		if b.Cap() < 1<<20 {
			b.Reset()
			buffers.Put(b)
		}
	}()
	if err := page.Render(c.Request().Context(), b); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	c.Response().WriteHeader(status)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	_, err := c.Response().Write(b.Bytes())
	return err
}

// spoolInMemory is how much of a file is held in memory before it goes to disk; most files fit.
const spoolInMemory = 1 << 20

// file sends a file that is made as it is sent. It is made at the speed of the register, into memory and then to disk, and
// sent from there at the speed of the reader, so that a slow reader holds nothing up. An error before the first byte is
// an error page; after it the connection breaks off, so that no client takes part of a file for the whole (D25). A file
// without a name is not offered for saving.
func (r *request) file(name, contentType string, make func(ctx context.Context, w io.Writer) error) error {
	if r.caching() {
		return r.c.NoContent(http.StatusNotModified)
	}
	h := r.c.Response().Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	head := func() {
		h.Set("Content-Type", contentType)
		if name != "" {
			h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
		}
	}
	if r.c.Request().Method == http.MethodHead {
		head()
		return r.c.NoContent(http.StatusOK)
	}
	select {
	case r.s.exports <- struct{}{}:
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
	ctx, cancel := context.WithCancel(r.ctx)
	defer cancel()
	sp := &spool{folder: r.s.Spool}
	sp.changed.L = &sp.mu
	defer sp.close()
	go func() {
		defer func() { <-r.s.exports }()
		var err error
		defer func() {
			if p := recover(); p != nil {
				err = panicked(p)
			}
			sp.end(err)
		}()
		err = make(ctx, sp)
	}()
	stop := context.AfterFunc(ctx, func() { sp.end(ctx.Err()) })
	defer stop()
	// Wait until there is something to send, or all of it.
	n, done, err := sp.wait(spoolInMemory - 1)
	if done && err != nil {
		return err
	}
	head()
	if done {
		h.Set("Content-Length", strconv.FormatInt(n, 10))
	}
	r.c.Response().WriteHeader(http.StatusOK)
	if err := sp.copyTo(r.c.Response()); err != nil {
		if !errors.Is(err, context.Canceled) {
			r.s.Log.ErrorContext(r.ctx, "file broke off", "file", name, "error", err)
		}
		panic(http.ErrAbortHandler)
	}
	return nil
}

// spool is a file between its maker and its reader.
type spool struct {
	folder  string
	mu      sync.Mutex
	changed sync.Cond
	memory  []byte
	disk    *os.File // once memory is full: all that follows
	size    int64
	ended   bool
	err     error
}

func (s *spool) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return 0, s.cause()
	}
	rest := b
	if room := spoolInMemory - len(s.memory); s.disk == nil && room > 0 {
		n := min(room, len(rest))
		s.memory = append(s.memory, rest[:n]...)
		rest = rest[n:]
	}
	if len(rest) > 0 {
		if s.disk == nil {
			f, err := os.CreateTemp(s.folder, "cosignatory-*.spool")
			if err != nil {
				return 0, err
			}
			os.Remove(f.Name()) // gone with the last who has it open
			s.disk = f
		}
		if _, err := s.disk.WriteAt(rest, s.size+int64(len(b)-len(rest))-spoolInMemory); err != nil {
			return 0, err
		}
	}
	s.size += int64(len(b))
	s.changed.Broadcast()
	return len(b), nil
}

func (s *spool) cause() error {
	if s.err != nil {
		return s.err
	}
	return io.ErrClosedPipe
}

// end says that nothing more comes; the first word counts.
func (s *spool) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.ended, s.err = true, err
		s.changed.Broadcast()
	}
}

// wait waits until more than n bytes are there or all are.
func (s *spool) wait(n int64) (size int64, done bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.size <= n && !s.ended {
		s.changed.Wait()
	}
	return s.size, s.ended, s.err
}

// copyTo sends everything, waiting for what is not made yet.
func (s *spool) copyTo(w io.Writer) error {
	var sent int64
	buffer := make([]byte, 64<<10)
	for {
		size, done, err := s.wait(sent)
		if done && err != nil {
			return err
		}
		for sent < size {
			var piece []byte
			if sent < spoolInMemory {
				s.mu.Lock()
				piece = s.memory[sent:min(size, int64(len(s.memory)))]
				s.mu.Unlock()
			} else {
				n, err := s.disk.ReadAt(buffer[:min(int64(len(buffer)), size-sent)], sent-spoolInMemory)
				if n == 0 {
					return err
				}
				piece = buffer[:n]
			}
			if _, err := w.Write(piece); err != nil {
				return context.Canceled // the reader has gone
			}
			sent += int64(len(piece))
		}
		if done {
			return nil
		}
	}
}

func (s *spool) close() {
	s.end(io.ErrClosedPipe)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.disk != nil {
		s.disk.Close()
	}
}
