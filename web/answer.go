package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"
	"github.com/klauspost/compress/gzip"
	"github.com/labstack/echo/v4"

	"cosignatory/web/export"
)

// What caches may do. An address that names a revision never changes; any other is asked for again, which costs a 304.
const (
	immutable  = "public, max-age=31536000, immutable"
	revalidate = "public, max-age=0, must-revalidate"
)

// etag names what an address gives: the revision, the day, the language, the build of the program's own files and where the
// register is found, since almost all answers hold addresses: an operator may correct that. The address itself is in it where
// the ETag is compared before it is known whether there is anything at the address: nobody has one of an address without an
// answer.
func (r *request) etag() string {
	if r.format != "" && r.format != api {
		return `"` + r.state() + "-" + r.s.place + `"`
	}
	if r.sum == "" {
		h := fnv.New64a()
		io.WriteString(h, canonical(r.c)) // never fails
		r.sum = strconv.FormatUint(h.Sum64(), 36)
	}
	return `"` + r.state() + "-" + r.s.place + "-" + r.sum + `"`
}

// layout is the number of the columns and rows of files without words of the program: raised with each change to them, so that who
// holds a file of an older program does not take it for the same.
const layout = 2

// state is what an ETag says of the register and of the program.
func (r *request) state() string {
	switch r.format {
	case "":
	case atom, calendar, sitemap:
		// Their words are the program's own.
		return fmt.Sprintf("r%d-%s-%s-%s", r.view.Revision, r.lang, r.format, r.s.assets.build)
	case api:
		return fmt.Sprintf("r%d-%s-%s-%s-%s", r.view.Revision, r.day, r.lang, r.format, r.s.assets.build)
	case string(export.CSV), string(export.JSONLines):
		made := ""
		if r.released != "" {
			made = "-" + r.released // no other file changes when a release is made
		}
		return fmt.Sprintf("r%d-%s-%s-%s%d%s", r.view.Revision, r.day, r.lang, r.format, layout, made)
	default: // words of the program stand in them
		if r.citing() || r.released != "" {
			return fmt.Sprintf("r%d-%s-%s-%s-%s-%s", r.view.Revision, r.day, r.lang, r.format, r.s.assets.build, r.released)
		}
		return fmt.Sprintf("r%d-%s-%s-%s-%s", r.view.Revision, r.day, r.lang, r.format, r.s.assets.build)
	}
	now := ""
	if r.dayGiven && !r.pinned && r.day >= r.current {
		now = "-" + r.current.String() // a day that is still to come, or is today, reads differently once it is past
	}
	if r.released != "" {
		now += "-" + r.released // a page says so
	}
	return fmt.Sprintf("r%d-%s%s-%s-%s", r.view.Revision, r.day, now, r.lang, r.s.assets.build)
}

// tag is the ETag of an address in an encoding: other bytes have another one. The bytes of a compressed file depend on the
// program, those of the file itself do not.
func (r *request) tag(encoding string) string {
	tag := r.etag()
	if encoding == "" {
		return tag
	}
	tag = strings.TrimSuffix(tag, `"`) + "-" + encoding
	if r.format != "" {
		tag += "-" + r.s.assets.build
	}
	return tag + `"`
}

// short says that an answer is sent as it is, never compressed: a reference, suggestions.
func (r *request) short() bool { return r.citing() || r.path == "/suggest" }

// caching sets the headers that let an answer be kept, and says whether the reader has it already. found says that there is an
// answer: before that “*”, which means any, is no word of one.
func (r *request) caching(found bool) (unchanged bool) {
	h, asked := r.c.Response().Header(), r.c.Request().Header
	tag := r.tag("")
	if compressible(r.format) && !r.short() {
		if !slices.Contains(h["Vary"], "Accept-Encoding") {
			h.Add("Vary", "Accept-Encoding")
		}
		if acceptsGzip(asked) {
			tag = r.tag(gzipped)
		}
	}
	h.Set("ETag", tag)
	h.Set("Content-Language", r.lang)
	h.Set("Cache-Control", revalidate)
	if r.pinned {
		h.Set("Cache-Control", immutable)
	}
	header := asked.Get("If-None-Match")
	return matches(header, tag) && (found || header != anyAnswer)
}

// anyAnswer is the If-None-Match of whoever has any answer of an address.
const anyAnswer = "*"

// matches is the weak comparison of If-None-Match.
func matches(header, tag string) bool {
	if header == anyAnswer {
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

// show shows a page: whole, or an error page in its place; where the page is to be cited, the reference to it. A page for everybody is not written yet but kept, for those who
// wait for it too.
func (r *request) show(page templ.Component) error {
	if r.citing() {
		return r.sendCitation()
	}
	if !r.keeping || r.c.Response().Header()["Set-Cookie"] != nil {
		return write(r.c, http.StatusOK, page)
	}
	b := buffers.Get().(*bytes.Buffer)
	defer putBuffer(b)
	if err := page.Render(r.ctx, b); err != nil {
		return err
	}
	r.c.Response().Header().Set("Content-Type", "text/html; charset=utf-8")
	r.shown = r.newKept(bytes.Clone(b.Bytes()))
	return nil
}

func putBuffer(b *bytes.Buffer) {
	if b.Cap() < 1<<20 {
		b.Reset()
		buffers.Put(b)
	}
}

// page answers with a page for everybody, from what is kept or made now by one of those who ask for it at this time.
func (r *request) page(show func(*request) error) error {
	s, address, tag := r.s, canonical(r.c), r.tag("")
	known := func() *kept {
		if k := s.answers.get(address); k != nil && k.plain.tag == tag && k.releases == r.releases {
			return k
		}
		return nil
	}
	k := known()
	if k != nil {
		s.answers.hits.Add(1)
	} else {
		var err error
		k, err = s.answers.fill(r.ctx, address+"\n"+tag, func() (*kept, error) {
			if k := known(); k != nil {
				s.answers.hits.Add(1)
				return k, nil // while this one was about to
			}
			s.press.making.Add(1)
			defer s.press.making.Add(-1)
			r.keeping, r.asked = true, r.knownBy()
			if err := show(r); err != nil || r.shown == nil {
				return nil, err
			}
			s.answers.keep(r.shown)
			return r.shown, nil
		})
		if err != nil || k == nil {
			return err
		}
	}
	s.recall(r.c, k)
	return s.hand(r.c, k)
}

func write(c echo.Context, status int, page templ.Component) error {
	b := buffers.Get().(*bytes.Buffer)
	defer putBuffer(b)
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

// brief says that a file is soon made, whatever the size of the register: it does not wait for those that are not.
func (r *request) brief() bool {
	switch r.format {
	case atom, calendar, sitemap:
		return true
	}
	return strings.HasPrefix(r.path, "/declarations/") || r.path == "/suggest"
}

// file sends a file. It is made once for an address and a revision, at the speed of the register, and sent at the speed of
// each reader; the one that asked first gets its beginning while the rest is made. An error before the first byte is an error
// page; after it the connection breaks off, so that no client takes part of a file for the whole (D25). A file without a name
// is not offered for saving. make writes the same bytes whenever it is called for this address at this revision; it may call
// upon the request, which ends after it.
func (r *request) file(name, contentType string, make func(ctx context.Context, w io.Writer) error) error {
	if r.caching(true) {
		return r.c.NoContent(http.StatusNotModified)
	}
	s, req, ctx := r.s, r.c.Request(), r.c.Request().Context()
	h := r.c.Response().Header()
	readElsewhere(h)
	h.Set("Content-Type", contentType)
	if r.beside != "" {
		openToOthers(h)
		h.Set("Link", r.beside)
	}
	if name != "" {
		h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	}
	address, tag := canonical(r.c), r.tag("")
	key := address + "\n" + tag + "\n"
	k := r.newKept(nil)
	k.ranges = true
	known := func() *kept {
		if k := s.answers.get(address); k != nil && k.plain.tag == tag && k.releases == r.releases {
			return k
		}
		return nil
	}
	begin := func(making context.Context) maker {
		if req.Method == http.MethodHead || known() != nil {
			return nil // made a moment ago, or not wanted
		}
		r.ctx = making // others may wait for it when this reader has gone
		return func(m *made) error {
			slots := s.exports
			if r.brief() {
				slots = s.briefs
			}
			select {
			case slots <- struct{}{}:
				defer func() { <-slots }()
			case <-making.Done():
				return making.Err()
			}
			if err := make(making, m); err != nil || making.Err() != nil {
				return err
			}
			if body, small := m.small(); small {
				k.plain = newCoded(body, tag, "")
				m.answer = k
				s.answers.keep(k)
			}
			s.spool.superseded(address, key)
			return nil
		}
	}
	var m *made
	for m == nil {
		if k := known(); k != nil {
			s.answers.hits.Add(1)
			s.recall(r.c, k)
			return s.hand(r.c, k)
		}
		whole, began := s.spool.join(key, begin)
		if m = whole; m != nil {
			defer func() {
				whole.leave()
				if began {
					<-whole.over // what is made may ask this request
				}
			}()
		} else if req.Method == http.MethodHead && known() == nil {
			return r.c.NoContent(http.StatusOK)
		}
	}
	// Wait until there is more than fits in memory, or all of it; for part of a file, and where the disk has just failed, for
	// all of it.
	least := int64(spoolInMemory + 1)
	if req.Header["Range"] != nil || s.spool.troubled() || req.Method == http.MethodHead {
		least = math.MaxInt64
	}
	size, done, err := m.wait(ctx, least)
	if err != nil {
		return stopped(ctx, err)
	}
	if k := m.answer; done && k != nil {
		s.recall(r.c, k)
		return s.hand(r.c, k)
	}
	if compressible(r.format) && acceptsGzip(req.Header) {
		whole := m
		m, _ = s.spool.join(key+gzipped, func(making context.Context) maker {
			whole.readers++ // under the spool's lock, as join's own
			return func(z *made) error { return s.compress(making, z, whole) }
		})
		defer m.leave()
		if size, done, err = m.wait(ctx, min(least, 1)); err != nil {
			return stopped(ctx, err)
		}
		if least == math.MaxInt64 {
			if size, done, err = m.wait(ctx, least); err != nil {
				return stopped(ctx, err)
			}
		}
		h.Set("Content-Encoding", gzipped)
	}
	h.Set("Accept-Ranges", "bytes")
	answer := r.c.Response()
	if done {
		c := &counting{ResponseWriter: answer.Writer, status: http.StatusOK, length: []string{strconv.FormatInt(size, 10)}}
		var content io.ReadSeeker = io.NewSectionReader(m.disk, 0, size)
		if f, err := m.open(); err == nil {
			defer f.Close()
			content = f
		}
		http.ServeContent(c, req, "", time.Time{}, content)
		if c.status == http.StatusRequestedRangeNotSatisfiable {
			return noSuchPart()
		}
		answer.Status, answer.Size, answer.Committed = c.status, c.n, true
		return nil
	}
	answer.WriteHeader(http.StatusOK)
	if err := m.copyTo(ctx, answer, answer.Flush); err != nil {
		if !errors.Is(err, errReader) && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "file broke off", "file", name, "error", err)
		}
		panic(http.ErrAbortHandler)
	}
	return nil
}

// compress makes the compressed form of a file, while that is made itself.
func (s *Server) compress(ctx context.Context, z, whole *made) error {
	defer whole.leave()
	select {
	case s.compressing <- struct{}{}:
		defer func() { <-s.compressing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	export.GiveWay()
	z.large = true
	w, err := gzip.NewWriterLevel(z, fileLevel)
	if err != nil {
		return err
	}
	if err := whole.copyTo(ctx, w, nil); err != nil {
		return err
	}
	return w.Close()
}

// stopped is what an error of a making means to a reader who is still there: the server stops.
func stopped(ctx context.Context, err error) error {
	if errors.Is(err, context.Canceled) && ctx.Err() == nil {
		return &problem{status: http.StatusServiceUnavailable, key: "error.unavailable", cause: err}
	}
	return err
}
