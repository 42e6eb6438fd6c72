package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A server that answers wrongly in one way each is found out: what says that nothing went wrong for an hour must be able to say
// the contrary.
func TestWrongAnswersAreFaults(t *testing.T) {
	const page = "<!doctype html><html><body>made up</body></html>"
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte(page))
	z.Close()
	n := 0
	html := func(w http.ResponseWriter) { w.Header().Set("Content-Type", "text/html; charset=utf-8") }
	for _, c := range []struct {
		what   string
		ask    ask
		answer http.HandlerFunc
		fault  string // empty where the answers are right
	}{
		{"right", ask{}, func(w http.ResponseWriter, r *http.Request) {
			html(w)
			w.Header().Set("ETag", `"a"`)
			fmt.Fprint(w, page)
		}, ""},
		{"right, compressed", ask{gzip: true}, func(w http.ResponseWriter, r *http.Request) {
			html(w)
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(packed.Bytes())
		}, ""},
		{"not found, as it should be", ask{status: []int{404}}, http.NotFound, ""},
		{"an error", ask{}, func(w http.ResponseWriter, r *http.Request) { http.Error(w, "broken", 500) }, "status 500"},
		{"no error where there should be one", ask{status: []int{400}}, func(w http.ResponseWriter, r *http.Request) { html(w); fmt.Fprint(w, page) }, "status 200"},
		{"shorter than declared", ask{}, func(w http.ResponseWriter, r *http.Request) {
			html(w)
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, page)
		}, "broken"},
		{"compressed and cut", ask{gzip: true}, func(w http.ResponseWriter, r *http.Request) {
			html(w)
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(packed.Bytes()[:packed.Len()-6])
		}, "broken"},
		{"a page without its end", ask{}, func(w http.ResponseWriter, r *http.Request) { html(w); fmt.Fprint(w, page[:20]) }, "does not end"},
		{"JSON that is cut", ask{}, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"data":[`)
		}, "no valid JSON"},
		{"a spreadsheet that is cut", ask{}, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
			fmt.Fprint(w, "PK\x03\x04 and nothing more")
		}, "without its directory"},
		{"nothing", ask{}, func(w http.ResponseWriter, r *http.Request) { html(w) }, "empty"},
		{"other bytes under one ETag", ask{}, func(w http.ResponseWriter, r *http.Request) {
			html(w)
			n++
			w.Header().Set("ETag", `"a"`)
			fmt.Fprint(w, strings.Replace(page, "made up", fmt.Sprint(n), 1))
		}, "other bytes under the ETag"},
		{"other bytes for ever", ask{forever: true}, func(w http.ResponseWriter, r *http.Request) {
			html(w)
			n++
			w.Header().Set("Cache-Control", "public, immutable")
			fmt.Fprint(w, strings.Replace(page, "made up", fmt.Sprint(n), 1))
		}, "never change"},
		{"a permalink that may not be kept", ask{forever: true}, func(w http.ResponseWriter, r *http.Request) { html(w); fmt.Fprint(w, page) }, "not immutable"},
		{"a connection that breaks off", ask{}, func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }, "EOF"},
	} {
		server := httptest.NewServer(c.answer)
		s := &soak{base: server.URL}
		x := s.client(2)
		c.ask.kind, c.ask.path = "page", "/en/"
		for range 2 {
			x.do(context.Background(), c.ask, time.Now())
		}
		server.Close()
		said := strings.Join(s.tally.first, "\n")
		if c.fault == "" && said != "" || c.fault != "" && !strings.Contains(said, c.fault) {
			t.Errorf("%s: the faults are %q, want %q", c.what, said, c.fault)
		}
		if got := len(s.tally.kinds["page"].took); got != 2 {
			t.Errorf("%s: %d answers are counted, want 2", c.what, got)
		}
	}
}

// A leak of a kilobyte for each question is found in the ten minutes of CI, and one goroutine or file that is forgotten each
// second; what only varies is not, nor what fills up at the beginning.
func TestGrowthIsFound(t *testing.T) {
	const samples = 300 // ten minutes
	for _, c := range []struct {
		what   string
		at     func(second float64) sample
		faults string
	}{
		{"steady", func(s float64) sample {
			return sample{resident: 440*mib + float64(int(s)%7)*mib, heap: 160*mib + float64(int(s)%5)*mib, goroutines: 100 + float64(int(s)%9), files: 90, wal: 5 * mib}
		}, ""},
		{"filling up in the first quarter", func(s float64) sample { return sample{resident: min(s*4, 400) * mib, heap: min(s*2, 160) * mib} }, ""},
		{"a leak on a small heap", func(s float64) sample { return sample{resident: 100*mib + s*40*1024*3, heap: 20*mib + s*40*1024} }, "heap"},
		{"an index forgotten with every publication", func(s float64) sample { return sample{resident: 300*mib + s*mib, heap: 100*mib + s*mib} }, "resident heap"},
		{"goroutines", func(s float64) sample { return sample{goroutines: 50 + s} }, "goroutines"},
		{"files", func(s float64) sample { return sample{files: 50 + s} }, "open files"},
		{"files kept for the next reader", func(s float64) sample { return sample{files: 50 + s/3, keptOnDisk: s / 3} }, ""},
		{"a log that is never folded in", func(s float64) sample { return sample{wal: s * mib} }, "write-ahead"},
	} {
		w := &watch{}
		for i := range samples {
			w.samples = append(w.samples, c.at(float64(i)*sampleEvery.Seconds()))
		}
		said := strings.Join(w.grown(), "; ")
		for _, want := range strings.Fields(c.faults) {
			if !strings.Contains(said, want) {
				t.Errorf("%s: %q, want word of %s", c.what, said, want)
			}
		}
		if c.faults == "" && said != "" {
			t.Errorf("%s: %q", c.what, said)
		}
	}
}
