package web

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"cosignatory/store"
	"cosignatory/store/register"
)

// TestKeptUnderPressure: while more pages are being made than there are processors for, readers are given the page of the revision
// just before for less than a second, under its own ETag, and then the new one; staff, files, and whoever would be two revisions
// behind never are.
func TestKeptUnderPressure(t *testing.T) {
	o := newOffice(t)
	server := o.server()
	const slug = "tech-trafficking-2025"
	const page, another, file, pinned = "/en/declarations/" + slug, "/fr/declarations/" + slug, "/en/declarations/" + slug + ".json", "/en/declarations/" + slug + "?revision=27"
	keep := func() {
		t.Helper()
		for range 2 {
			for _, target := range []string{page, another, page + "/history", file, pinned} {
				if a := o.ask(t, "GET", target); a.StatusCode != 200 {
					t.Fatalf("%s answers %d", target, a.StatusCode)
				}
			}
		}
	}
	published := 0
	publish := func() string {
		t.Helper()
		published++
		who := fmt.Sprintf("Presenter %d", published)
		o.change(t, slug, func(d *register.Declaration) { d.PresentedBy = who })
		return who
	}
	// Pages that are being made until they may end, and a queue that does not move until it may.
	var making sync.WaitGroup
	var more chan struct{}
	begun := func() {
		more = make(chan struct{})
		for i := range server.press.most {
			making.Go(func() {
				server.press.making.Add(1)
				defer server.press.making.Add(-1)
				server.answers.fill(t.Context(), fmt.Sprint("slow ", i), func() (*kept, error) { <-more; return nil, nil })
			})
		}
		until(t, "pressure", server.press.pressed)
		for range cap(server.press.slots) {
			server.press.slots <- struct{}{}
		}
	}
	ended := func() {
		close(more)
		making.Wait()
		for range cap(server.press.slots) {
			<-server.press.slots
		}
		until(t, "an empty queue", func() bool { return server.press.due.Load() == 0 && server.press.making.Load() == 0 })
	}
	at := func(target, who string, headers ...string) *answer {
		t.Helper()
		a := o.ask(t, "GET", target, headers...)
		if a.StatusCode != 200 || !strings.Contains(a.body, who) {
			t.Errorf("%s %q: %d, without %s", target, headers, a.StatusCode, who)
		}
		return a
	}

	first := publish()
	keep()
	at(page, first)
	frozen := o.ask(t, "GET", pinned).body
	// Without pressure a publication is seen at once.
	second := publish()
	at(page, second)
	keep()
	before, list := at(page, second), o.ask(t, "GET", file)

	begun()
	third := publish()
	if old := at(page, second); old.body != before.body || old.Header.Get("ETag") != before.Header.Get("ETag") || old.Header.Get("Cache-Control") != revalidate {
		t.Errorf("the old page has become another: %v", old.Header)
	}
	if a := o.ask(t, "GET", page, "If-None-Match", before.Header.Get("ETag"), "Accept-Encoding", "gzip"); a.StatusCode != 304 {
		t.Errorf("who has the old page already is answered %d", a.StatusCode)
	}
	at(page, second) // however often it is asked for, it is made once
	if n := server.press.due.Load(); n != 1 {
		t.Errorf("%d pages are to be made anew, not one", n)
	}
	if a := o.ask(t, "GET", file); a.Header.Get("ETag") == list.Header.Get("ETag") || a.StatusCode != 200 {
		t.Errorf("an old file is given: %d %v", a.StatusCode, a.Header)
	}
	at(page+"?as_of=2026-11-20", third)
	if a := o.ask(t, "GET", pinned); a.body != frozen {
		t.Error("a page of a revision changes")
	}
	at(another, third, "Cookie", server.sessions.Cookie.Name+"=somebody")
	filled := server.answers.filled.Load()
	ended()
	if n := server.answers.filled.Load() - filled; n != 1 {
		t.Errorf("behind those who asked %d pages were made", n)
	}
	begun()
	if a := at(page, third); a.Header.Get("ETag") == before.Header.Get("ETag") || server.answers.filled.Load()-filled != 1 {
		t.Error("what was made behind is not given")
	}
	ended()

	// Not for a second.
	keep()
	begun()
	fourth := publish()
	at(page, third)
	o.wait(time.Second)
	at(page, fourth)
	ended()

	// Not two revisions behind, however fast they come.
	keep()
	begun()
	publish()
	sixth := publish()
	at(page, sixth)
	ended()

	// Not where nobody knows for how long it has been old.
	keep()
	begun()
	o.wait(time.Minute)
	seventh := publish()
	at(page, seventh)
	ended()

	// Not past the end of the day.
	o.clock.Store(time.Date(2026, 11, 30, 23, 59, 59, 0, time.UTC).Unix())
	keep()
	begun()
	eighth := publish()
	at(page, seventh)
	o.clock.Store(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC).Unix())
	at(page, eighth)
	ended()

	// Who works on the register sees what they have published.
	keep()
	staff := o.as(t, "ed", store.Editor)
	begun()
	ninth := publish()
	if a := staff.send("GET", page, nil); !strings.Contains(a.body, ninth) {
		t.Error("staff are given an old page")
	}
	ended()
}
