package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/web"
)

// editor publishes changes of the declarations of a register, one after the other: each a revision in a transaction of its own,
// on the disk before the next.
type editor struct {
	store *store.Store
	large int
	done  int
}

func (e *editor) once(ctx context.Context) error {
	e.done++
	return publish(ctx, e.store, 1+e.done*7919%e.large, func(_ int, d *register.Declaration) bool {
		d.PresentedBy = fmt.Sprintf("Made-up presenter %d", e.done)
		return true
	})
}

// perSecond is how often f is done in a second, done for a while.
func perSecond(while time.Duration, f func() error) (float64, error) {
	begin, n := time.Now(), 0
	for ; n == 0 || time.Since(begin) < while; n++ {
		if err := f(); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(begin).Seconds(), nil
}

// edits measures P10: durable edits beside the disk's own rate, alone and with 64 readers of pages that have to be made. What is
// read before it is changed is part of an edit.
func (b *bench) edits(ctx context.Context, large string) error {
	db, remove, err := b.copied(ctx, large)
	if err != nil {
		return err
	}
	defer remove()
	s, err := store.Open(ctx, db)
	if err != nil {
		return err
	}
	defer s.Close()
	// The disk's rate: a block written over another, as in a write-ahead log that has been checkpointed.
	log, err := os.Create(filepath.Join(filepath.Dir(db), "blocks"))
	if err != nil {
		return err
	}
	defer log.Close()
	block, blocks := make([]byte, 4096), int64(1024)
	if _, err := log.Write(make([]byte, int64(len(block))*blocks)); err != nil {
		return err
	}
	if err := log.Sync(); err != nil {
		return err
	}
	at := int64(0)
	disk := func() error {
		at++
		block[0] = byte(at)
		if _, err := log.WriteAt(block, at%blocks*int64(len(block))); err != nil {
			return err
		}
		return synced(log)
	}
	handler, err := web.New(web.Config{Store: s, BaseURL: baseURL, Spool: filepath.Dir(db), CacheBytes: -1})
	if err != nil {
		return err
	}
	defer handler.Close()
	e := &editor{store: s, large: b.large}
	edit := func() error { return e.once(ctx) }
	// Readers of declarations from the store, as 64 requests that all have to be answered from it are.
	reads := func(i int) error {
		v, err := s.At(ctx, 0)
		if err == nil {
			_, err = v.Declaration(ctx, fmt.Sprintf("madeup-%05d", 1+i%b.large))
		}
		return err
	}
	pages := func(i int) error {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, fmt.Sprintf("/en/declarations/madeup-%05d", 1+i%b.large), nil))
		if w.Code != http.StatusOK {
			return fmt.Errorf("a page answers %d", w.Code)
		}
		return nil
	}
	crowded := func(read func(int) error) (rate, readRate float64, err error) {
		var readers sync.WaitGroup
		var stop atomic.Bool
		var n atomic.Int64
		failed := make([]error, connections)
		begin := time.Now()
		for i := range connections {
			readers.Go(func() {
				for !stop.Load() {
					if failed[i] = read(int(n.Add(1)) * 31); failed[i] != nil {
						return
					}
				}
			})
		}
		rate, err = perSecond(time.Second, edit)
		stop.Store(true)
		readers.Wait()
		return rate, float64(n.Load()) / time.Since(begin).Seconds(), errors.Join(append(failed, err)...)
	}
	var disks, quiet, withReads, withPages, readRates, pageRates, costs []float64
	for i := range 2*b.runs + 1 {
		d, err := perSecond(time.Second/2, disk)
		if err != nil {
			return err
		}
		before, done := processor(), e.done
		q, err := perSecond(time.Second/2, edit)
		if err != nil {
			return err
		}
		cost := (processor() - before) / float64(e.done-done)
		c, cr, err := crowded(reads)
		if err != nil {
			return err
		}
		p, pr, err := crowded(pages)
		if err != nil {
			return err
		}
		if i > 0 { // the first round warms up
			disks, quiet, withReads, withPages = append(disks, d), append(quiet, q), append(withReads, c), append(withPages, p)
			readRates, pageRates = append(readRates, cr), append(pageRates, pr)
			costs = append(costs, cost)
		}
	}
	each := func(x []float64) string { return fmt.Sprintf("%.0f/s", median(x)) }
	b.least("P10", "durable edits, of the disk's fdatasync rate", median(quiet)/median(disks), 0.4, each(quiet), each(disks))
	b.least("P10", fmt.Sprintf("durable edits with %d readers of declarations, of the quiet rate", connections), median(withReads)/median(quiet), 0.25, each(withReads), each(quiet))
	b.note("Processor time of an edit, with reading what it changes: %s; the disk alone takes %s.", seconds(median(costs)), seconds(1/median(disks)))
	b.note("With %d readers of declarations from the store these read %.0f a second. With %d readers of pages that are all made, on the same cores as the edits, there are %s edits, %.0f %% of the quiet rate, and %.0f pages a second.",
		connections, median(readRates), connections, each(withPages), 100*median(withPages)/median(quiet), median(pageRates))
	return nil
}

// readersPause is each reader's pause between two questions, by which 64 of them ask 1,160 a second: ten million readers a day of ten pages each.
const readersPause = 55 * time.Millisecond

// publishing measures what readers notice of publications: 64 connections that ask for pages, most of them from memory, while
// a publication a second makes all of them old. The publications come from another process, as from a command beside the server.
func (b *bench) publishing(ctx context.Context, large string) error {
	db, remove, err := b.copied(ctx, large)
	if err != nil {
		return err
	}
	defer remove()
	ours, err := b.cosignatory(ctx, db, filepath.Dir(db))
	defer ours.stop()
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, db)
	if err != nil {
		return err
	}
	defer s.Close()
	gzip := []string{"Accept-Encoding", "gzip"}
	var pages []question
	for i := range 100 {
		pages = append(pages, question{fmt.Sprintf("/en/declarations/madeup-%05d", 1+i), gzip, 200})
	}
	for i := range 10 {
		pages = append(pages, question{fmt.Sprintf("/en/declarations?page=%d", 1+i), gzip, 200})
	}
	for _, q := range searches {
		pages = append(pages, question{"/en/search?q=" + url.QueryEscape(q.query), gzip, 200})
	}
	pages = append(pages, question{"/en/", gzip, 200})
	ask := func(int) question { return pages[rand.IntN(len(pages))] }
	e := &editor{store: s, large: b.large}
	while := time.Duration(4+2*b.runs) * time.Second
	measure := func(publish, paced bool) (m measured, n int, err error) {
		within, stop := context.WithTimeout(ctx, while)
		defer stop()
		var publishing sync.WaitGroup
		var failed error
		if publish {
			publishing.Go(func() {
				tick := time.NewTicker(time.Second)
				defer tick.Stop()
				for {
					select {
					case <-within.Done():
						return
					case <-tick.C:
						if failed = e.once(ctx); failed != nil {
							return
						}
						n++
					}
				}
			})
		}
		if paced {
			m, err = steady(ctx, ours.host, connections, while, readersPause, ask)
		} else {
			m, err = load(ctx, ours.host, connections, while, ask)
		}
		publishing.Wait()
		return m, n, errors.Join(err, failed)
	}
	if _, err := load(ctx, ours.host, connections, time.Second, ask); err != nil { // each page is made once
		return err
	}
	for _, x := range []struct {
		what  string
		paced bool
	}{{fmt.Sprintf("%d connections, each asking every %s", connections, readersPause), true}, {fmt.Sprintf("%d connections, each asking as soon as it is answered", connections), false}} {
		quiet, _, err := measure(false, x.paced)
		if err != nil {
			return err
		}
		busy, n, err := measure(true, x.paced)
		if err != nil {
			return err
		}
		if x.paced {
			b.line(beyondBusy, fmt.Sprintf("p99 of pages on %d connections, %.0f a second, with a publication each second, of 25 ms", connections, busy.rate), busy.p99.Seconds()/0.025, 1, seconds(busy.p99.Seconds()), "25 ms")
		}
		b.note("%s, for one of %d pages: without publications %.0f/s, half within %s, 99 of 100 within %s, all within %s; with %d publications in %s %.0f/s, %s, %s, %s.",
			x.what, len(pages), quiet.rate, seconds(quiet.p50.Seconds()), seconds(quiet.p99.Seconds()), seconds(slices.Max(quiet.all).Seconds()),
			n, while, busy.rate, seconds(busy.p50.Seconds()), seconds(busy.p99.Seconds()), seconds(slices.Max(busy.all).Seconds()))
	}
	return nil
}
