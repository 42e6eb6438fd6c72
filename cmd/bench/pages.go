package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"syscall"
	"time"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/web"
)

// side is one register and its server.
type side struct {
	store   *store.Store
	view    *store.View
	index   *store.Index
	handler http.Handler
}

func (b *bench) open(ctx context.Context, file string, day register.Day) (*side, error) {
	s, err := store.OpenExisting(ctx, file)
	if err != nil {
		return nil, err
	}
	x := &side{store: s}
	if x.view, err = s.At(ctx, 0); err != nil {
		return nil, err
	}
	begin := time.Now()
	if x.index, err = x.view.Index(ctx, day); err != nil {
		return nil, err
	}
	b.note("The index of %d declarations is made of the whole register in %s; from then on it follows the publications.", x.index.Totals().Declarations, seconds(time.Since(begin).Seconds()))
	x.handler, err = web.New(web.Config{Store: s, BaseURL: baseURL, Spool: os.TempDir(), CacheBytes: -1}) // what is measured is the making
	return x, err
}

// page is an address on both registers whose pages are equally long.
type page struct {
	what         string
	small, large string
}

// pages measures P6 and P7.
func (b *bench) pages(ctx context.Context, smallFile, largeFile string) error {
	day := register.Today(time.Now())
	small, err := b.open(ctx, smallFile, day)
	if err != nil {
		return err
	}
	defer small.store.Close()
	large, err := b.open(ctx, largeFile, day)
	if err != nil {
		return err
	}
	defer large.store.Close()
	const slug = "madeup-00100"
	same := func(what, address string) page { return page{what, address, address} }
	all := []page{
		same("declaration page", "/en/declarations/"+slug),
		same("declaration page with as_of", "/en/declarations/"+slug+"?as_of=2015-06-30"),
		same("list without a filter", "/en/declarations"),
		same("list with as_of", "/en/declarations?as_of=2015-06-30"),
		same("list by number in effect", "/en/declarations?sort=in_effect"),
		same("participant page", "/en/participants/"+busiest(small)),
	}
	for _, f := range filters(small) {
		all = append(all, b.equal(f.what, f.Filter, small, large))
	}
	for _, p := range all {
		x, y := &request{handler: small.handler, address: p.small}, &request{handler: large.handler, address: p.large}
		ours, theirs, err := b.inTurn(y, x)
		if err != nil {
			return err
		}
		b.line("P7", fmt.Sprintf("%s at %d, of the same at %d (%.0f and %.0f kB)", p.what, b.large, b.small, float64(y.size)/1000, float64(x.size)/1000),
			ours/theirs, 1.5, seconds(ours), seconds(theirs))
	}
	return b.processorTime(ctx, largeFile, large, slug)
}

func busiest(s *side) string {
	best, most := "", -1
	for _, p := range s.view.Ref.Participants {
		if n := s.index.Participant(p.Code).On; n > most {
			best, most = p.Code, n
		}
	}
	return best
}

type filtered struct {
	what string
	register.Filter
}

// filters are the filters of a list, each with the value that most declarations of the register have.
func filters(s *side) []filtered {
	return []filtered{
		{"list, q", register.Filter{Query: "made up declaration"}},
		{"list, topic", register.Filter{Topic: s.index.Topics()[0].Value}},
		{"list, kind", register.Filter{Kind: register.Kind(s.index.Kinds()[0].Value)}},
		{"list, sponsor", register.Filter{Sponsor: s.index.Sponsors()[0].Value}},
		{"list, signatory", register.Filter{Signatory: busiest(s)}},
		{"list, group", register.Filter{Group: "EU"}},
		{"list, event", register.Filter{Event: "made up meeting"}},
		{"list, from and to", register.Filter{From: register.MustDate("2006"), To: register.MustDate("2020")}},
		{"list, open", register.Filter{Open: register.Yes}},
	}
}

// equal gives a filtered list on both registers with equally many rows: where fewer declarations of the small one are
// chosen than a page holds, the list of the large one ends with a day before which as many are.
func (b *bench) equal(what string, f register.Filter, small, large *side) page {
	byDate := register.Sort{By: "date"}
	_, n := small.index.Find(f, byDate, "en", 0, 1)
	rows, total := large.index.Find(f, byDate, "en", 0, max(n, 1))
	p := page{what, address(f), address(f)}
	if n > 0 && n < 50 && total > n && !f.To.Known() {
		f.To = register.MustDate("2100")
		p.small = address(f)
		f.To = rows[n-1].Date
		p.large = address(f)
	}
	return p
}

func address(f register.Filter) string {
	q := url.Values{}
	for name, value := range map[string]string{"q": f.Query, "topic": f.Topic, "kind": string(f.Kind), "sponsor": f.Sponsor, "signatory": f.Signatory,
		"group": f.Group, "event": f.Event, "open": string(f.Open), "from": f.From.String(), "to": f.To.String()} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return "/en/declarations?" + q.Encode()
}

// request is one address asked for again and again.
type request struct {
	handler http.Handler
	address string
	size    int // of the last answer
}

func (r *request) once() error {
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, r.address, nil))
	if w.Code != http.StatusOK {
		return fmt.Errorf("%s: status %d", r.address, w.Code)
	}
	r.size = w.Body.Len()
	return nil
}

// inTurn is the median processor time of one answer of each of two things, measured in turn, in short rounds: what else
// the machine does falls on both, and time spent waiting for a core does not count.
func (b *bench) inTurn(x, y *request) (float64, float64, error) {
	var all [2][]float64
	for i := range 4*b.runs + 1 {
		for j, r := range []*request{x, y} {
			took, err := cost(r.once)
			if err != nil {
				return 0, 0, err
			}
			if i > 0 { // the first round warms up
				all[j] = append(all[j], took)
			}
		}
	}
	return median(all[0]), median(all[1]), nil
}

// cost is the processor time that f takes, called for a tenth of a second; collecting its garbage is part of it.
func cost(f func() error) (float64, error) {
	begin, before, n := time.Now(), processor(), 0
	for n == 0 || time.Since(begin) < 100*time.Millisecond {
		if err := f(); err != nil {
			return 0, err
		}
		n++
	}
	return (processor() - before) / float64(n), nil
}

// processor is the processor time of this process so far, in seconds.
func processor() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

// processorTime measures P6: a page's processor time, collecting its garbage included, and that of the same questions to a
// store that keeps no answers: SQL, by prepared statements, through database/sql and the making of values of it.
func (b *bench) processorTime(ctx context.Context, file string, large *side, slug string) error {
	plain, err := store.OpenExisting(ctx, file, store.WithNothingKept())
	if err != nil {
		return err
	}
	defer plain.Close()
	list, _ := large.index.Find(register.Filter{}, register.Sort{By: "date", Descending: true}, "en", 0, 50)
	var ids []int64
	for _, r := range list {
		ids = append(ids, r.ID)
	}
	every := func(s *store.Store) (*store.View, error) {
		head, err := s.Head(ctx)
		if err != nil {
			return nil, err
		}
		v, err := s.At(ctx, head)
		if err != nil {
			return nil, err
		}
		_, err = v.RevisionOf(ctx, head)
		return v, err
	}
	for _, p := range []struct {
		what, address string
		read          func(*store.Store) error
	}{
		{"declaration page", "/en/declarations/" + slug, func(s *store.Store) error {
			v, err := every(s)
			if err != nil {
				return err
			}
			e, err := v.Declaration(ctx, slug)
			if err != nil {
				return err
			}
			if _, err = v.RevisionOf(ctx, e.First); err != nil {
				return err
			}
			_, err = v.LinksTo(ctx, e.ID)
			return err
		}},
		{"list of 50", "/en/declarations", func(s *store.Store) error {
			v, err := every(s)
			if err != nil {
				return err
			}
			_, err = v.Heads(ctx, ids)
			return err
		}},
	} {
		r := &request{handler: large.handler, address: p.address}
		var pages, reads, kept []float64
		for range 2 * b.runs {
			for _, m := range []struct {
				f    func() error
				into *[]float64
			}{{r.once, &pages}, {func() error { return p.read(plain) }, &reads}, {func() error { return p.read(large.store) }, &kept}} {
				took, err := cost(m.f)
				if err != nil {
					return err
				}
				*m.into = append(*m.into, took)
			}
		}
		b.line("P6", p.what+": processor time, of its SQL through database/sql", median(pages)/median(reads), 3, seconds(median(pages)), seconds(median(reads)))
		b.note("%s: its questions to the store as it serves, which keeps answers, take %s of processor time.", p.what, seconds(median(kept)))
	}
	return nil
}
