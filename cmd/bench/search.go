package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"time"

	"cosignatory/store/register"
)

// searches are what is typed: words that all declarations have, that one has, beginnings, typing errors, names, and several
// at once. Each takes another way through the index, and fills a page of both registers: what is shown is not what is compared.
var searches = []struct{ what, query string }{
	{"words that all have", "made up declaration"},
	{"a slug", "madeup-00100"},
	{"a typing error", "declaratoin"},
	{"a word that stands nowhere", "zzyzx qwrtp"},
	{"a participant", "Birmania"},
	{"participant, word and years", "KOR declaration since 2001"},
	{"a group and a topic", "ASEAN human rights"},
	{"Chinese", "韩国人权"},
	{"a beginning", "mad"},
}

// search measures P9: searches of the large register of the same on the small one, and the slowest in a hundred.
func (b *bench) search(ctx context.Context, smallFile, largeFile string) error {
	day := register.Today(time.Now())
	small, err := b.open(ctx, smallFile, day)
	if err != nil {
		return err
	}
	defer small.store.Close()
	before := heapInUse()
	large, err := b.open(ctx, largeFile, day)
	if err != nil {
		return err
	}
	defer large.store.Close()
	b.note("The store, index and server of %d declarations hold %.0f MiB.", b.large, float64(heapInUse()-before)/(1<<20))
	var all []float64
	for _, q := range searches {
		address := "/en/search?q=" + url.QueryEscape(q.query)
		for _, s := range []*side{small, large} { // what is made once is not measured here
			s.handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", address, nil))
		}
		x, y := &request{handler: small.handler, address: address}, &request{handler: large.handler, address: address}
		ours, theirs, err := b.inTurn(y, x)
		if err != nil {
			return err
		}
		b.line("P9", fmt.Sprintf("search, %s, at %d, of the same at %d (%.0f and %.0f kB)", q.what, b.large, b.small, float64(y.size)/1000, float64(x.size)/1000),
			ours/theirs, 5, seconds(ours), seconds(theirs))
		b.line(beyondSearch, fmt.Sprintf("search, %s, at %d, of the same at %d", q.what, b.large, b.small), ours/theirs, 2, seconds(ours), seconds(theirs))
		for range 40 {
			begin := time.Now()
			large.handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", address, nil))
			all = append(all, time.Since(begin).Seconds())
		}
	}
	slices.Sort(all)
	slowest := all[len(all)*99/100]
	b.line("P9", fmt.Sprintf("the slowest search in a hundred at %d, of 25 ms", b.large), slowest/0.025, 1, seconds(slowest), "25 ms")
	return nil
}

// heapInUse is the bytes that are in use. What has finalizers, or is kept in a sync.Pool, goes with the second collection alone:
// were that left to chance, what other parts of the benchmark left behind could be taken off the difference of two.
func heapInUse() int64 {
	var m runtime.MemStats
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
