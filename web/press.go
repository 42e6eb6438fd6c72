package web

import (
	"context"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cosignatory/store"
)

// A publication makes all kept pages old at once. Whoever asks for one then has it made anew, so that what is published is seen
// at once. Where so many ask that pages are made faster than the processors can (see pressed), a reader is given the page of the
// revision just before, which says so itself and has its own ETag, and the new one is made behind it: once, in a queue that is
// worked off beside those who wait. This holds
//
//   - for pages alone: never for files, feeds, references or the API, whose readers are programs;
//   - never for an address that names a revision, which does not change, and never for whoever has a session of staff: they see
//     at once what they have published;
//   - for less than a second after the revision before was last known to be the newest, never two revisions behind, never past
//     the end of a day that the page shows, and not where a release has been made since.
//
// Caches on the way keep such a page no longer than any other: every page says max-age=0, must-revalidate.
const (
	laterBy  = time.Second - 2*store.HeadAge // what another process publishes is known that much later
	mostDue  = 512                           // pages in the queue
	renewing = 1                             // pages of the queue that are made at a time
)

// newest is the newest revision as this server has seen it.
type newest struct {
	revision int
	last     atomic.Int64 // when it was last the newest, in nanoseconds of the server's clock
	before   int          // the revision that was the newest until then; 0 where it is not known
	until    int64        // when that was last the newest
}

// see remembers which revision is the newest at a time.
func (s *Server) see(revision int, now int64) *newest {
	for {
		x := s.newest.Load()
		switch {
		case x != nil && revision == x.revision:
			if now > x.last.Load() {
				x.last.Store(now)
			}
			return x
		case x != nil && revision < x.revision:
			return x // said by somebody who looked before; of a restored copy nothing is given that is old
		}
		y := &newest{revision: revision}
		if x != nil {
			y.before, y.until = x.revision, x.last.Load()
		}
		y.last.Store(now)
		if s.newest.CompareAndSwap(x, y) {
			return y
		}
	}
}

// justBefore says that an answer is a page of the revision just before the newest, and may still be given.
func (s *Server) justBefore(k *kept, x *newest, releases int, now int64) bool {
	return k.today && k.revision > 0 && k.revision == x.before && k.revision == x.revision-1 && k.releases == releases && now >= x.until && now-x.until < int64(laterBy)
}

// ofStaff says that a request has a cookie of a session.
func (s *Server) ofStaff(r *http.Request) bool {
	for _, line := range r.Header["Cookie"] {
		if strings.Contains(line, s.sessions.Cookie.Name+"=") {
			return true
		}
	}
	return false
}

// press is how many pages are being made, and which are to be made behind readers who were given old ones.
type press struct {
	most   int64 // pages in the making from which on readers are given old ones
	making atomic.Int64
	due    atomic.Int64
	slots  chan struct{}
	ctx    context.Context
	end    context.CancelFunc

	mu      sync.Mutex
	of      map[string]bool // addresses in the queue
	ended   bool
	running sync.WaitGroup
}

func newPress() *press {
	p := &press{most: 2 * int64(runtime.NumCPU()), slots: make(chan struct{}, renewing), of: map[string]bool{}}
	p.ctx, p.end = context.WithCancel(context.Background())
	return p
}

// pressed says that as many pages are being made, or due, as twice the number of cores.
func (p *press) pressed() bool { return p.making.Load()+p.due.Load() >= p.most }

// close ends what is made behind readers, and waits for it.
func (p *press) close() {
	p.mu.Lock()
	p.ended = true
	p.mu.Unlock()
	p.end()
	p.running.Wait()
}

// renewKey is the key under which a context says that a request is the server's own: nobody waits for its answer.
type renewKey struct{}

func renewal(r *http.Request) bool { return r.Context().Value(renewKey{}) != nil }

// renew makes a page anew, behind whoever was given the old one.
func (s *Server) renew(k *kept, uri string) {
	p := s.press
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended || p.of[k.address] || len(p.of) >= mostDue {
		return
	}
	u, err := url.ParseRequestURI(uri)
	if err != nil {
		return
	}
	p.of[k.address] = true
	p.due.Add(1)
	p.running.Go(func() {
		defer func() {
			if x := recover(); x != nil {
				s.Log.Error("page not made anew", "error", x)
			}
			p.mu.Lock()
			delete(p.of, k.address)
			p.mu.Unlock()
			p.due.Add(-1)
		}()
		select {
		case p.slots <- struct{}{}:
			defer func() { <-p.slots }()
		case <-p.ctx.Done():
			return
		}
		if s.answers.superseded(k) {
			return // somebody who found no pressure has had it made
		}
		r := (&http.Request{Method: http.MethodGet, URL: u, RequestURI: uri, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Body: http.NoBody}).
			WithContext(context.WithValue(p.ctx, renewKey{}, true))
		if k.gzip.Load() != nil {
			r.Header.Set("Accept-Encoding", gzipped) // it is compressed before anybody asks
		}
		s.echo.ServeHTTP(nowhere{http.Header{}}, r)
	})
}

// nowhere is where an answer goes that nobody waits for.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (n nowhere) WriteHeader(int)             {}
