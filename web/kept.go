package web

import (
	"bytes"
	"container/list"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/labstack/echo/v4"

	"cosignatory/store/register"
)

// cacheMost is how many bytes of answers are kept in memory, where the configuration says nothing else.
const cacheMost = 64 << 20

// Levels of compression: an answer that is kept is compressed once and sent often; a large file is compressed while it is
// made, and must not hold that up.
const (
	keptLevel = 6
	fileLevel = 1
)

// kept is an answer that is the same for everybody who asks for its address, until the register changes or, for a page, the
// day ends. It holds nothing of the request that it was made for: not its id, not the fate of its connection.
type kept struct {
	address  string // of the answer, as canonical gives it
	names    []string
	pattern  string       // of the route, for whoever counts by it
	revision int          // the newest one for which it holds; 0 for any: the address names one
	releases int          // how many there are: a page says what its revision is called
	day      register.Day // of asking, where the answer depends on it
	today    bool         // it does
	ranges   bool         // parts of it may be asked for
	header   []headerLine
	plain    *coded
	gzip     atomic.Pointer[coded] // made when it is first asked for
	gzipTag  string
	squeeze  sync.Once
	size     int64
	place    *list.Element
}

type headerLine struct {
	name      string
	value     []string
	unchanged bool // it goes with the word that nothing has changed
}

// goesWith304 are the headers that RFC 9110 asks for in a 304, and that which lets programs on other sites read it.
var goesWith304 = map[string]bool{"Cache-Control": true, "Vary": true, "Access-Control-Allow-Origin": true}

// coded is an answer's bytes in one encoding, with the headers that depend on it.
type coded struct {
	body            []byte
	tag             string
	tagLine, length []string
	encoding        []string              // nil for the bytes as they are
	lines           atomic.Pointer[lines] // made when they are first sent
}

// lines are the headers of an answer as they are sent on a wire: those of all of it, and those of the word that nothing has
// changed. Its type is apart: net/http looks at that, and writes it.
type lines struct {
	whole, unchanged []byte
	kind             []string
}

func (s *Server) linesOf(k *kept, f *coded) *lines {
	if l := f.lines.Load(); l != nil {
		return l
	}
	l := &lines{}
	whole, unchanged := http.Header{"Etag": f.tagLine}, http.Header{"Etag": f.tagLine}
	if f.encoding != nil {
		whole["Content-Encoding"] = f.encoding
	}
	if k.ranges {
		whole["Accept-Ranges"] = bytesUnit
	}
	for _, x := range k.header {
		switch {
		case x.name == "Content-Type":
			l.kind = x.value
			continue
		case x.unchanged:
			unchanged[x.name] = x.value
		}
		whole[x.name] = x.value
	}
	l.whole, l.unchanged = headerLines(whole), headerLines(unchanged)
	if f.lines.CompareAndSwap(nil, l) {
		s.answers.grew(k, int64(len(l.whole)+len(l.unchanged)))
	}
	return f.lines.Load()
}

func headerLines(h http.Header) []byte {
	var b bytes.Buffer
	h.Write(&b) // never fails
	return b.Bytes()
}

func newCoded(body []byte, tag, encoding string) *coded {
	f := &coded{body: body, tag: tag, tagLine: []string{tag}, length: []string{strconv.Itoa(len(body))}}
	if encoding != "" {
		f.encoding = []string{encoding}
	}
	return f
}

// answers keeps answers, those that were asked for longest ago going first when they are too many bytes.
type answers struct {
	most int64 // bytes; below 0: nothing is kept

	// Counted for whoever watches the server: answers that were given from memory, those that were made to be kept, those that
	// somebody who asked at the same time had made, and those that went to make room for others.
	hits, filled, waited, dropped atomic.Int64

	mu      sync.Mutex
	used    int64
	byName  map[string]*kept
	order   list.List // the one asked for longest ago first
	filling map[string]*filling
}

// filling is an answer being made, for those who wait for it.
type filling struct {
	done chan struct{}
	k    *kept // nil where nothing came of it
}

func newAnswers(most int64) *answers {
	if most == 0 {
		most = cacheMost
	}
	return &answers{most: most, byName: map[string]*kept{}, filling: map[string]*filling{}}
}

// overhead is about what an answer takes besides its bytes.
const overhead = 2 << 10

// keptNames is how many addresses lead straight to one answer: the same filters may be written in any order.
const keptNames = 4

// get is the answer kept under a name.
func (a *answers) get(name string) *kept {
	a.mu.Lock()
	defer a.mu.Unlock()
	k := a.byName[name]
	if k != nil {
		a.order.MoveToBack(k.place)
	}
	return k
}

// keep keeps an answer, in place of what was kept for its address before.
func (a *answers) keep(k *kept) {
	a.filled.Add(1)
	k.size = int64(len(k.plain.body)) + int64(len(k.address)) + overhead
	if a.most < 0 || k.size > a.most/4 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if old := a.byName[k.address]; old != nil {
		if old.revision > k.revision && k.revision > 0 {
			return // made for a revision that is no longer the newest
		}
		a.drop(old)
		if k.straight() {
			k.names = old.names // they are writings of the same address: they lead to what it gives now
		}
	}
	if k.names == nil {
		k.names = []string{k.address}
	}
	for _, name := range k.names {
		a.byName[name] = k
	}
	for _, name := range k.names[1:] {
		k.size += int64(len(name))
	}
	k.place = a.order.PushBack(k)
	a.grow(k.size)
}

// name lets another writing of its address lead to an answer.
func (a *answers) name(k *kept, name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if k.place == nil || len(k.names) >= keptNames || a.byName[name] != nil && a.byName[name] == k {
		return
	}
	if old := a.byName[name]; old != nil {
		old.names = slices.DeleteFunc(old.names, func(n string) bool { return n == name })
	}
	k.names = append(k.names, name)
	a.byName[name] = k
	k.size += int64(len(name))
	a.grow(int64(len(name)))
}

// grew counts bytes that an answer has got since it was kept.
func (a *answers) grew(k *kept, n int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if k.place != nil {
		k.size += n
		a.grow(n)
	}
}

func (a *answers) grow(n int64) {
	for a.used += n; a.used > a.most && a.order.Len() > 0; {
		a.dropped.Add(1)
		a.drop(a.order.Front().Value.(*kept))
	}
}

// holding is how many answers are kept, and their bytes.
func (a *answers) holding() (n int, bytes int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.order.Len(), a.used
}

func (a *answers) drop(k *kept) {
	for _, name := range k.names {
		delete(a.byName, name)
	}
	a.order.Remove(k.place)
	k.place = nil
	a.used -= k.size
}

// fill is the answer that f makes for an address at a revision, made by one of those who ask for it at the same time. It is
// nil for the one that called f, where f kept nothing; others whose wait was for nothing make their own.
func (a *answers) fill(ctx context.Context, key string, f func() (*kept, error)) (k *kept, err error) {
	a.mu.Lock()
	if w := a.filling[key]; w != nil {
		a.mu.Unlock()
		select {
		case <-w.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if w.k != nil {
			a.waited.Add(1)
			return w.k, nil
		}
		return f()
	}
	w := &filling{done: make(chan struct{})}
	a.filling[key] = w
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		delete(a.filling, key)
		a.mu.Unlock()
		w.k = k
		close(w.done)
	}()
	return f()
}

// canonical is the one way in which an address is written here: its parameters in order, without those that mean nothing. It
// holds all that is asked, so that two questions never have one answer.
func canonical(c echo.Context) string {
	u := c.Request().URL
	var b strings.Builder
	b.WriteByte(' ') // no request line has it: see at
	b.WriteString(u.Path)
	if format, _ := c.Get(extension).(string); format != "" {
		b.WriteByte('.')
		b.WriteString(format)
	}
	if values, err := url.ParseQuery(u.RawQuery); err == nil && len(values) > 0 {
		for name := range values {
			if tracking(name) {
				delete(values, name)
			}
		}
		if asked := values.Encode(); asked != "" {
			b.WriteByte('?')
			b.WriteString(asked)
		}
	} else if err != nil {
		b.WriteByte('?')
		b.WriteString(u.RawQuery)
	}
	return b.String()
}

// holds says that an answer may still be given: because nothing has changed, or under pressure, with what is given behind it.
func (s *Server) holds(r *http.Request, k *kept) bool {
	now := s.Now()
	if k.today && k.day != register.Today(now) {
		return false
	}
	revision, releases, err := s.Store.Newest(r.Context())
	if err != nil {
		return false
	}
	x := s.see(revision, now.UnixNano())
	if (k.revision == 0 || k.revision == revision) && k.releases == releases {
		return true
	}
	if s.press.pressed() && s.justBefore(k, x, releases, now.UnixNano()) && !s.ofStaff(r) {
		s.renew(k, r.RequestURI)
		return true
	}
	return false
}

// superseded says that another answer is kept for an address.
func (a *answers) superseded(k *kept) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.byName[k.address]
	return now != nil && now != k
}

// knownBy is what an answer is known by.
type knownBy struct {
	tag, gzipTag string
	revision     int
	pinned       bool
}

func (r *request) knownBy() *knownBy {
	return &knownBy{r.tag(""), r.tag(gzipped), r.view.Revision, r.pinned}
}

// newKept is an answer of a request whose headers are set, with a body that nobody changes any more.
func (r *request) newKept(body []byte) *kept {
	h := r.c.Response().Header()
	as := r.asked
	if as == nil {
		as = r.knownBy()
	}
	k := &kept{address: canonical(r.c), pattern: r.c.Path(), plain: newCoded(body, as.tag, ""), releases: r.releases}
	if !as.pinned {
		k.revision = as.revision
		k.day, k.today = r.current, r.format == ""
	}
	if compressible(r.format) {
		k.gzipTag = as.gzipTag
	}
	for name, value := range h {
		switch name {
		case echo.HeaderXRequestID, "Etag", "Content-Length", "Content-Encoding", "Set-Cookie":
		default:
			k.header = append(k.header, headerLine{name, slices.Clip(slices.Clone(value)), goesWith304[name]})
		}
	}
	return k
}

// compressed is the answer in gzip, nil where that is not worth it.
func (s *Server) compressed(k *kept) *coded {
	if f := k.gzip.Load(); f != nil || k.gzipTag == "" {
		return f
	}
	k.squeeze.Do(func() {
		var b bytes.Buffer
		b.Grow(len(k.plain.body) / 4)
		z, err := gzip.NewWriterLevel(&b, keptLevel)
		if err == nil {
			_, err = z.Write(k.plain.body)
		}
		if err == nil {
			err = z.Close()
		}
		if err == nil {
			k.gzip.Store(newCoded(slices.Clip(b.Bytes()), k.gzipTag, gzipped))
			s.answers.grew(k, int64(b.Len()))
		}
	})
	return k.gzip.Load()
}

// coded is an answer in the encoding that a reader takes.
func (s *Server) coded(r *http.Request, k *kept) *coded {
	if k.gzipTag != "" && acceptsGzip(r.Header) {
		if z := s.compressed(k); z != nil {
			return z
		}
	}
	return k.plain
}

// unchangedFor says that a reader has these bytes already.
func (f *coded) unchangedFor(r *http.Request) bool {
	asked := r.Header["If-None-Match"]
	return asked != nil && matches(strings.Join(asked, ","), f.tag)
}

// give sends a kept answer: all of it, a part of it, or the word that the reader has it already. It returns the status and
// the bytes sent.
func (s *Server) give(w http.ResponseWriter, r *http.Request, k *kept) (status int, sent int64) {
	f := s.coded(r, k)
	h := w.Header()
	h["Etag"] = f.tagLine
	if f.unchangedFor(r) {
		// What the reader has keeps its other headers.
		for _, l := range k.header {
			if l.unchanged {
				h[l.name] = l.value
			}
		}
		delete(h, "Content-Type")
		delete(h, "Content-Disposition")
		w.WriteHeader(http.StatusNotModified)
		return http.StatusNotModified, 0
	}
	for _, l := range k.header {
		h[l.name] = l.value
	}
	if f.encoding != nil {
		h["Content-Encoding"] = f.encoding
	}
	if k.ranges {
		h["Accept-Ranges"] = bytesUnit
		if r.Header["Range"] != nil || r.Header["If-Match"] != nil {
			c := &counting{ResponseWriter: w, status: http.StatusOK, length: f.length}
			http.ServeContent(c, r, "", time.Time{}, bytes.NewReader(f.body))
			return c.status, c.n
		}
	}
	h["Content-Length"] = f.length
	if r.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return http.StatusOK, 0
	}
	n, _ := w.Write(f.body)
	return http.StatusOK, int64(n)
}

var bytesUnit = []string{"bytes"}

// counting remembers what was answered.
type counting struct {
	http.ResponseWriter
	status int
	n      int64
	length []string // of the whole: net/http does not say it of what is compressed
}

func (c *counting) WriteHeader(status int) {
	c.status = status
	if status == http.StatusRequestedRangeNotSatisfiable {
		return // what net/http says of it, in English, is not for readers
	}
	if status == http.StatusOK && c.length != nil {
		c.Header()["Content-Length"] = c.length
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *counting) Write(b []byte) (int, error) {
	if c.status == http.StatusRequestedRangeNotSatisfiable {
		return len(b), nil
	}
	n, err := c.ResponseWriter.Write(b)
	c.n += int64(n)
	return n, err
}

// ReadFrom lets the system send a file by itself, without it passing through the program.
func (c *counting) ReadFrom(r io.Reader) (int64, error) {
	n, err := io.Copy(c.ResponseWriter, r)
	c.n += n
	return n, err
}

// Unwrap is for http.ResponseController.
func (c *counting) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// gzipped is the encoding in which answers are sent to readers that accept it.
const gzipped = "gzip"

// acceptsGzip says that a reader accepts answers in gzip.
func acceptsGzip(h http.Header) bool {
	for _, line := range h["Accept-Encoding"] {
		for one := range strings.SplitSeq(line, ",") {
			coding, weight, weighted := strings.Cut(one, ";")
			if coding = strings.TrimSpace(coding); !strings.EqualFold(coding, gzipped) && !strings.EqualFold(coding, "x-gzip") {
				continue
			}
			if !weighted {
				return true
			}
			name, value, _ := strings.Cut(strings.TrimSpace(weight), "=")
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			return strings.EqualFold(strings.TrimSpace(name), "q") && err == nil && q > 0
		}
	}
	return false
}

// compressible says that files of a format, or for an empty one pages, become smaller by being compressed.
func compressible(format string) bool { return format != "zip" && format != "xlsx" }

// quick answers a request from what is kept, before anything of it is parsed, and says whether it did.
func (s *Server) quick(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead || s.answers.most < 0 {
		return false
	}
	k := s.answers.get(r.RequestURI)
	if k == nil || !s.holds(r, k) || r.Header["Range"] != nil || r.Header["If-Match"] != nil {
		return false
	}
	begin := time.Now()
	s.Metrics.begin()
	s.answers.hits.Add(1)
	id := identify(r)
	w.Header()[echo.HeaderXRequestID] = []string{id}
	var status int
	var sent int64
	if c := wireOf(r); c != nil {
		status, sent = s.giveOn(c, w, r, k)
	} else {
		status, sent = s.give(w, r, k)
	}
	s.observed(r.Context(), id, k.pattern, r.Method, r.RequestURI, status, sent, time.Since(begin))
	return true
}

// giveOn is give on a wire, where no part is asked for and none of the answer's headers is set.
func (s *Server) giveOn(c *wire, w http.ResponseWriter, r *http.Request, k *kept) (status int, sent int64) {
	f := s.coded(r, k)
	l := s.linesOf(k, f)
	if f.unchangedFor(r) {
		c.hold(l.unchanged)
		status = http.StatusNotModified
		w.WriteHeader(status)
	} else {
		h := w.Header()
		h["Content-Type"], h["Content-Length"] = l.kind, f.length
		c.hold(l.whole)
		status = http.StatusOK
		if r.Method == http.MethodHead {
			w.WriteHeader(status)
		} else {
			n, _ := w.Write(f.body)
			sent = int64(n)
		}
	}
	if all, ok := w.(http.Flusher); ok {
		all.Flush() // what is less than a piece
	}
	c.release()
	return status, sent
}

// longestName is the longest address that leads straight to a kept answer.
const longestName = 1 << 10

// recall lets the address as it was asked for lead to an answer the next time.
func (s *Server) recall(c echo.Context, k *kept) {
	uri := c.Request().RequestURI
	if uri == "" || uri[0] != '/' || len(uri) > longestName || strings.HasPrefix(uri, "/api") {
		return
	}
	if !k.straight() {
		return
	}
	s.answers.name(k, uri)
}

// straight says that an answer depends on nothing of a request but its address and the encoding: all else only its handler knows.
func (k *kept) straight() bool {
	for _, l := range k.header {
		if l.name == "Vary" && (len(l.value) != 1 || l.value[0] != "Accept-Encoding") {
			return false
		}
	}
	return true
}

// hand gives an answer to whoever asked for it through the routes.
func (s *Server) hand(c echo.Context, k *kept) error {
	answer := c.Response()
	status, sent := s.give(answer.Writer, c.Request(), k)
	if status == http.StatusRequestedRangeNotSatisfiable {
		return noSuchPart()
	}
	answer.Status, answer.Size, answer.Committed = status, sent, true
	return nil
}

// noSuchPart is a range of a file that lies beyond its end. The answer says how long the file is, in its header Content-Range.
func noSuchPart() error {
	return &problem{status: http.StatusRequestedRangeNotSatisfiable, key: "error.range"}
}
