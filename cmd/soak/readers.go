package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// world is what questions are made of.
type world struct {
	languages    []string
	participants []string
	groups       []string
	topics       []string
	revisions    []int // of the register as it was made, from which earlier states are asked for
	newest       int   // of the register as it was made
	early        int   // declarations that were there at the first of those revisions
}

// look asks the server what there is to be asked about.
func (w *world) look(ctx context.Context, s *soak) error {
	w.languages = []string{"en", "fr", "es", "ar", "zh", "ru"}
	w.newest = s.declarations + 1 // the reference data, then one for each declaration
	for i := range 4 {
		w.revisions = append(w.revisions, w.newest*(i+1)/4)
	}
	w.early = w.revisions[0] - 1
	for path, into := range map[string]*[]string{"participants": &w.participants, "groups": &w.groups, "topics": &w.topics} {
		req, err := http.NewRequestWithContext(ctx, "GET", s.base+"/api/v1/"+path+"?limit=500", nil)
		if err != nil {
			return err
		}
		r, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		var list struct{ Data []map[string]any }
		err = json.NewDecoder(r.Body).Decode(&list)
		r.Body.Close()
		if err != nil {
			return fmt.Errorf("/api/v1/%s: %w", path, err)
		}
		for _, x := range list.Data {
			if code, ok := x[strings.TrimSuffix(path, "s")].(string); ok {
				*into = append(*into, code)
			}
		}
		if len(*into) == 0 {
			return fmt.Errorf("/api/v1/%s has none", path)
		}
	}
	return nil
}

func one(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

func (s *soak) slug(r *rand.Rand) string { return slugOf(1 + r.IntN(s.declarations)) }

func slugOf(n int) string { return fmt.Sprintf("madeup-%05d", n) }

// early is a declaration that was there at every revision that is asked for.
func (s *soak) early(r *rand.Rand) string { return slugOf(1 + r.IntN(min(s.world.early, 60))) }

func (s *soak) revision(r *rand.Rand) int {
	return s.world.revisions[r.IntN(len(s.world.revisions))]
}

// searched is what people type: words, beginnings, codes, errors, other scripts, nothing at all.
var searched = []string{"made up declaration", "madeup-00017", "declaratoin", "zzyzx", "Birmania", "KOR declaration 2015", "ASEAN human rights", "韩国人权", "mad", "كوريا",
	"Россия 2010", "côte", "France Germany", "2012", "meeting 37", "Made-up", "eu", "climate"}

// sort of question, and how many of a hundred are of it.
type sort struct {
	kind  string
	share int
	make  func(s *soak, c *client, r *rand.Rand) ask
}

var sorts = []sort{
	{"front page", 5, func(s *soak, _ *client, r *rand.Rand) ask { return page(s, r, "/") }},
	{"declaration", 20, func(s *soak, _ *client, r *rand.Rand) ask {
		path := "/declarations/" + s.slug(r)
		switch r.IntN(6) {
		case 0:
			path += "?participant=" + one(r, s.world.participants)
		case 1:
			path += "?missing=" + url.QueryEscape(one(r, s.world.groups))
		case 2:
			path += "/history"
		}
		return page(s, r, path)
	}},
	{"list", 10, func(s *soak, _ *client, r *rand.Rand) ask {
		q := url.Values{}
		switch r.IntN(6) {
		case 0:
			q.Set("sponsor", one(r, s.world.participants))
		case 1:
			q.Set("signatory", one(r, s.world.participants))
		case 2:
			q.Set("topic", one(r, s.world.topics))
		case 3:
			q.Set("from", fmt.Sprint(2005+r.IntN(15)))
		case 4:
			q.Set("page", fmt.Sprint(1+r.IntN(4)))
		}
		return page(s, r, "/declarations?"+q.Encode())
	}},
	{"participant or group", 11, func(s *soak, _ *client, r *rand.Rand) ask {
		if r.IntN(4) == 0 {
			return page(s, r, "/groups/"+one(r, s.world.groups))
		}
		return page(s, r, "/participants/"+one(r, s.world.participants))
	}},
	{"changes, since", 6, func(s *soak, _ *client, r *rand.Rand) ask {
		if r.IntN(2) == 0 {
			return page(s, r, "/changes")
		}
		return page(s, r, "/declarations/"+s.slug(r)+fmt.Sprintf("?since=%d", s.revision(r)))
	}},
	{"comparison", 3, func(s *soak, _ *client, r *rand.Rand) ask {
		switch r.IntN(4) {
		case 0:
			one, other := s.slug(r), s.slug(r)
			if one == other {
				return page(s, r, "/declarations/"+one)
			}
			return page(s, r, "/compare?d="+one+"&d="+other)
		case 1:
			return page(s, r, "/participants/"+one(r, s.world.participants)+"/together")
		case 2:
			return page(s, r, "/declarations/"+s.slug(r)+"/growth")
		}
		return page(s, r, "/matrix")
	}},
	{"earlier day", 6, func(s *soak, _ *client, r *rand.Rand) ask {
		day := fmt.Sprintf("as_of=%d-%02d-15", 2006+r.IntN(18), 1+r.IntN(12))
		if r.IntN(3) == 0 {
			return page(s, r, "/declarations?"+day)
		}
		return page(s, r, "/declarations/"+s.slug(r)+"?"+day)
	}},
	{"earlier revision", 8, func(s *soak, _ *client, r *rand.Rand) ask {
		a := page(s, r, fmt.Sprintf("/declarations/%s?revision=%d", s.early(r), s.revision(r)))
		a.forever = true
		return a
	}},
	{"search", 8, func(s *soak, _ *client, r *rand.Rand) ask {
		return page(s, r, "/search?q="+url.QueryEscape(one(r, searched)))
	}},
	{"suggestion", 7, func(s *soak, _ *client, r *rand.Rand) ask {
		q := []rune(one(r, searched))
		return ask{path: "/" + one(r, s.world.languages) + "/suggest.json?q=" + url.QueryEscape(string(q[:1+r.IntN(len(q))]))}
	}},
	{"API", 6, func(s *soak, _ *client, r *rand.Rand) ask {
		switch r.IntN(4) {
		case 0:
			return ask{path: "/api/v1/declarations/" + s.slug(r)}
		case 1:
			return ask{path: "/api/v1/declarations/" + s.slug(r) + "/signatories?limit=200"}
		case 2:
			return ask{path: "/api/v1/participants/" + one(r, s.world.participants) + "/declarations?limit=50"}
		}
		return ask{path: "/api/v1/declarations?limit=100&sponsor=" + one(r, s.world.participants)}
	}},
	{"feed, sitemap", 2, func(s *soak, _ *client, r *rand.Rand) ask {
		return ask{path: []string{"/feeds/changes.atom", "/feeds/declarations/" + s.slug(r) + ".atom", "/sitemap.xml", "/feeds/calendar.ics"}[r.IntN(4)]}
	}},
	{"small file", 4, func(s *soak, _ *client, r *rand.Rand) ask {
		format := one(r, []string{"csv", "json", "xlsx"})
		if r.IntN(3) == 0 {
			return ask{path: "/" + one(r, s.world.languages) + "/declarations." + format + "?sponsor=" + one(r, s.world.participants)}
		}
		return ask{path: fmt.Sprintf("/%s/declarations/%s.%s?revision=%d", one(r, s.world.languages), s.early(r), format, s.revision(r)), forever: true}
	}},
	{"HEAD", 1, func(s *soak, _ *client, r *rand.Rand) ask {
		a := page(s, r, "/declarations/"+s.slug(r))
		a.head = true
		return a
	}},
	{"mistaken address", 2, func(s *soak, _ *client, r *rand.Rand) ask {
		a := page(s, r, one(r, []string{"/declarations/no-such-one", "/declarations?as_of=2019-02-30", "/declarations?sponsor=XXQ", "/nothing", "/declarations.pdf", "/declarations?page=0"}))
		a.status = []int{http.StatusBadRequest, http.StatusNotFound}
		return a
	}},
	{"health", 1, func(*soak, *client, *rand.Rand) ask { return ask{path: "/healthz"} }},
}

// page is a page in one of the languages.
func page(s *soak, r *rand.Rand, path string) ask {
	return ask{path: "/" + one(r, s.world.languages) + strings.TrimSuffix(path, "?")}
}

// waiting is how many questions may wait for a connection; more are left out and counted.
const waiting, connections = 2000, 24

// readers asks at the rate of the run, whatever the server does: the questions of one second do not wait for its answers.
func (s *soak) readers(ctx context.Context) {
	type due struct {
		at   time.Time
		sort *sort
		seed uint64
	}
	questions := make(chan due, waiting)
	c := s.client(connections)
	defer c.http.CloseIdleConnections()
	var asking sync.WaitGroup
	for range connections {
		asking.Go(func() {
			for q := range questions {
				if ctx.Err() != nil {
					continue
				}
				r := rand.New(rand.NewPCG(q.seed, 1))
				a := q.sort.make(s, c, r)
				a.kind, a.gzip = q.sort.kind, r.IntN(3) > 0
				if tag := c.known(a.path, a.gzip); tag != "" && len(a.status) == 0 && r.IntN(5) < 2 {
					a.header = append(a.header, "If-None-Match", tag)
					a.status = []int{http.StatusOK, http.StatusNotModified}
				}
				g := c.do(ctx, a, q.at)
				if a.kind == "API" && g != nil && g.status == http.StatusOK {
					c.follow(ctx, g)
				}
			}
		})
	}
	random := rand.New(rand.NewPCG(2, 2))
	tick := time.NewTicker(time.Duration(float64(time.Second) / s.rate))
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case at := <-tick.C:
			n, i := random.IntN(100), 0
			for n -= sorts[0].share; n >= 0 && i < len(sorts)-1; n -= sorts[i].share {
				i++
			}
			select {
			case questions <- due{at, &sorts[i], random.Uint64()}:
			default:
				s.tally.mu.Lock()
				s.tally.late++
				s.tally.mu.Unlock()
			}
		}
	}
	close(questions)
	asking.Wait()
}

// follow reads the next pages of a list of the API, all of one revision, while staff publish.
func (c *client) follow(ctx context.Context, g *given) {
	type list struct {
		Revision int
		Next     string
	}
	var first list
	if g.body == nil || json.Unmarshal(g.body, &first) != nil {
		return
	}
	at := first
	for range 3 {
		u, err := url.Parse(at.Next)
		if at.Next == "" || err != nil {
			return
		}
		var next list
		a := ask{kind: "API, next page", path: u.RequestURI(), check: func(g *given) error {
			if err := json.Unmarshal(g.body, &next); err != nil {
				return err
			}
			if next.Revision != first.Revision {
				return fmt.Errorf("the next page is of revision %d, the first of %d", next.Revision, first.Revision)
			}
			return nil
		}}
		if c.do(ctx, a, time.Now()) == nil {
			return
		}
		at = next
	}
}

// The pace of what is large, slow or broken.
const (
	exportEvery = 5 * time.Second
	partEvery   = time.Second
	breakEvery  = 3 * time.Second
	slowReaders = 3
	slowRate    = 512 << 10 // bytes a second
)

// exports asks for the large files: whole, in parts, slowly, and breaking off.
func (s *soak) exports(ctx context.Context) {
	c := s.client(16)
	defer c.http.CloseIdleConnections()
	var running sync.WaitGroup
	defer running.Wait()
	every := func(pause time.Duration, seed uint64, f func(r *rand.Rand)) {
		running.Go(func() {
			r := rand.New(rand.NewPCG(seed, 3))
			tick := time.NewTicker(pause)
			defer tick.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
					f(r)
				}
			}
		})
	}
	// One in three is of the newest revision, which nobody asked for before.
	large := func(r *rand.Rand, name string) ask {
		a := ask{path: "/data/" + name, gzip: r.IntN(2) == 0}
		if r.IntN(3) > 0 {
			a.path, a.forever = fmt.Sprintf("%s?revision=%d", a.path, s.revision(r)), true
		}
		return a
	}
	every(exportEvery, 1, func(r *rand.Rand) {
		a := large(r, one(r, []string{"signatories.csv", "signatories.csv", "signatories.csv", "actions.csv", "declarations.csv", "declarations.xlsx", "sources.csv", "history.jsonl"}))
		a.kind = "large file"
		c.do(ctx, a, time.Now())
	})
	every(6*exportEvery, 2, func(r *rand.Rand) {
		a := large(r, one(r, []string{"signatories.xlsx", "signatories.json", "register.sqlite", "register.zip", "register.json"}))
		a.kind = "largest file"
		c.do(ctx, a, time.Now())
	})
	// Parts of one file, against the whole of it.
	whole := fmt.Sprintf("/data/declarations.csv?revision=%d", s.world.newest)
	g := c.do(ctx, ask{kind: "large file", path: whole, forever: true}, time.Now())
	if g == nil || len(g.body) < 1000 {
		s.tally.fault("there is no whole file to compare parts with")
		return
	}
	every(partEvery, 3, func(r *rand.Rand) {
		from := r.IntN(len(g.body) - 100)
		to := from + r.IntN(min(64<<10, len(g.body)-from))
		a := ask{kind: "part of a file", path: whole, status: []int{http.StatusPartialContent}, header: []string{"Range", fmt.Sprintf("bytes=%d-%d", from, to)}}
		if part := c.do(ctx, a, time.Now()); part != nil && !bytes.Equal(part.body, g.body[from:to+1]) {
			s.tally.fault("bytes %d to %d of %s are not those of the whole", from, to, whole)
		}
	})
	every(breakEvery, 4, func(r *rand.Rand) {
		a := large(r, one(r, []string{"signatories.csv", "signatories.json", "actions.csv", "register.zip"}))
		a.kind = "broken off"
		c.partly(ctx, a, int64(r.IntN(256<<10)), 0)
	})
	for i := range slowReaders {
		running.Go(func() {
			r := rand.New(rand.NewPCG(uint64(i), 5))
			for ctx.Err() == nil {
				a := ask{kind: "slow reader", path: fmt.Sprintf("/data/signatories.csv?revision=%d", s.revision(r))}
				c.partly(ctx, a, int64(4<<20+r.IntN(16<<20)), slowRate)
			}
		})
	}
}

// partly reads the beginning of a file, at a rate where one is given, and goes.
func (c *client) partly(ctx context.Context, a ask, most int64, rate int64) {
	begin := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.s.base+a.path, nil)
	if err != nil {
		c.s.tally.fault("%s: %v", a.path, err)
		return
	}
	if a.gzip {
		req.Header.Set("Accept-Encoding", "gzip")
	}
	r, err := c.http.Do(req)
	if ctx.Err() != nil {
		return
	}
	if err == nil {
		defer r.Body.Close()
		if r.StatusCode != http.StatusOK {
			err = fmt.Errorf("status %d", r.StatusCode)
		}
		const piece = 64 << 10
		for read := int64(0); err == nil && read < most; read += piece {
			if _, err = io.CopyN(io.Discard, r.Body, min(piece, most-read)); errors.Is(err, io.EOF) {
				err = nil
				break
			}
			if rate > 0 {
				select {
				case <-ctx.Done():
					return
				case <-time.After(time.Second * piece / time.Duration(rate)):
				}
			}
		}
		if ctx.Err() != nil {
			return
		}
	}
	status := 0
	if r != nil {
		status = r.StatusCode
	}
	c.s.tally.answered(a.kind, status, time.Since(begin))
	if err != nil {
		c.s.tally.fault("%s %s: %v", a.kind, a.path, err)
	}
}
