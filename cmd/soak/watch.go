package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"cosignatory/store"
)

// sampleEvery is how often the server is looked at.
const sampleEvery = 2 * time.Second

// watch is what was seen of the server, from sample to sample.
type watch struct {
	mu      sync.Mutex
	samples []sample
}

// sample is the server at one time.
type sample struct {
	resident, heap, goroutines, files    float64 // bytes, bytes, how many, how many
	spool, spoolFiles, wal, database     float64
	answers, answersMade, filesMade      float64
	processor                            float64 // seconds so far
	dropped, waited, backups, keptOnDisk float64
}

// sample looks at the server until the context ends.
func (s *soak) sample(ctx context.Context) {
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		x, err := s.seen(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			s.tally.fault("the numbers of the server: %v", err)
			continue
		}
		s.watch.mu.Lock()
		s.watch.samples = append(s.watch.samples, x)
		s.watch.mu.Unlock()
	}
}

func (s *soak) seen(ctx context.Context) (x sample, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.metrics, nil)
	if err != nil {
		return x, err
	}
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		return x, err
	}
	defer r.Body.Close()
	numbers := map[string]float64{}
	for lines := bufio.NewScanner(r.Body); lines.Scan(); {
		name, value, ok := strings.Cut(lines.Text(), " ")
		if n, err := strconv.ParseFloat(value, 64); ok && err == nil {
			numbers[name] = n
		}
	}
	for name, into := range map[string]*float64{"process_resident_memory_bytes": &x.resident, "go_gc_heap_live_bytes": &x.heap, "go_goroutines": &x.goroutines,
		"process_open_fds": &x.files, "cosignatory_spool_bytes": &x.spool, "cosignatory_spool_files": &x.keptOnDisk, `cosignatory_answers_total{from="memory"}`: &x.answers,
		`cosignatory_answers_total{from="made"}`: &x.answersMade, `cosignatory_answers_total{from="waited"}`: &x.waited, "cosignatory_answers_dropped_total": &x.dropped,
		"cosignatory_files_made_total": &x.filesMade, "process_cpu_seconds_total": &x.processor, "cosignatory_backups_kept": &x.backups} {
		n, ok := numbers[name]
		if !ok {
			return x, fmt.Errorf("there is no %s", name)
		}
		*into = n
	}
	size := func(name string) float64 {
		if info, err := os.Stat(s.file(name)); err == nil {
			return float64(info.Size())
		}
		return 0
	}
	x.wal, x.database = size("register.db-wal"), size("register.db")
	err = filepath.WalkDir(s.file("spool"), func(_ string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			x.spoolFiles++
		}
		return nil // files come and go
	})
	return x, err
}

// quarter is the median of a number in the nth quarter of the run, n from 0.
func (w *watch) quarter(n int, of func(sample) float64) float64 {
	var all []float64
	for _, x := range w.samples[len(w.samples)*n/4 : len(w.samples)*(n+1)/4] {
		all = append(all, of(x))
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// most is the largest that a number was.
func (w *watch) most(of func(sample) float64) float64 {
	m := 0.0
	for _, x := range w.samples {
		m = max(m, of(x))
	}
	return m
}

// bound is a number that must not grow. In the first quarter what is kept in memory fills up, so that the second is what the
// last is compared with: it may be larger by a share and by a little. The share is for the register, which itself grows with
// what is published in the run; the little is for what the numbers vary by from sample to sample. What leaks does not stop
// there: a kilobyte for each of 40 questions a second is 12 MB between the two in ten minutes and 72 MB in an hour, and one
// forgotten index of the register a publication would be gigabytes.
type bound struct {
	what, unit string
	of         func(sample) float64
	share      float64
	little     float64
	scale      float64
}

const mib = 1 << 20

var bounds = []bound{
	{"resident memory", "MiB", func(x sample) float64 { return x.resident }, 0.15, 24 * mib, mib},
	{"heap that the last collection left", "MiB", func(x sample) float64 { return x.heap }, 0.10, 8 * mib, mib},
	{"goroutines", "", func(x sample) float64 { return x.goroutines }, 0.10, 10, 1},
	// Files that are kept for the next reader are held open, and have a bound of their own.
	{"open files besides those kept", "", func(x sample) float64 { return x.files - x.keptOnDisk }, 0.10, 10, 1},
	{"write-ahead log", "MiB", func(x sample) float64 { return x.wal }, 0.5, 8 * mib, mib},
}

// growthFrom is how long a run has to be for growth to be judged: in a shorter one memory is still filling up in the second
// quarter.
const growthFrom = 5 * time.Minute

// grown says what grew beyond its bound.
func (w *watch) grown() (all []string) {
	for _, b := range bounds {
		second, last := w.quarter(1, b.of), w.quarter(3, b.of)
		if last > second*(1+b.share)+b.little {
			all = append(all, fmt.Sprintf("%s grew: %.1f %s in the second quarter, %.1f in the last", b.what, second/b.scale, b.unit, last/b.scale))
		}
	}
	return all
}

// The bounds of the whole run.
const (
	walMost        = 128 * mib // a checkpoint comes every 4 MB, where no export is reading just then
	spoolMost      = 4 << 30   // as README says
	spoolFilesMost = 256 + 16  // kept, and being made
)

// after is what is held together once the load is over: the server ends, and its register is whole.
func (s *soak) after(ctx context.Context) {
	w := &s.watch
	if s.took >= growthFrom {
		for _, grown := range w.grown() {
			s.tally.fault("%s", grown)
		}
	}
	for _, x := range []struct {
		what string
		is   float64
		most float64
	}{{"bytes of the write-ahead log", w.most(func(x sample) float64 { return x.wal }), walMost},
		{"bytes of files that are sent", w.most(func(x sample) float64 { return x.spool }), spoolMost},
		{"files on disk that are sent", w.most(func(x sample) float64 { return x.spoolFiles }), spoolFilesMost}} {
		if x.is > x.most {
			s.tally.fault("%s: %.0f, at most %.0f", x.what, x.is, x.most)
		}
	}
	if n := w.samples[len(w.samples)-1].backups; s.took > 3*time.Minute && n < 2 || n > backupsKept {
		s.tally.fault("%.0f backups are kept, of %d", n, backupsKept)
	}
	if err := s.end(); err != nil {
		s.tally.fault("the server: %v", err)
	}
	for _, level := range []string{"ERROR", "WARN", "no JSON"} {
		if n := s.log.count(level); n > 0 {
			s.tally.fault("%d lines of the log are %s, the first %.600s", n, level, strings.Join(s.log.lines()[:1], ""))
		}
	}
	left, _ := filepath.Glob(s.file("spool/*"))
	parts, _ := filepath.Glob(s.file("backups/*.part*"))
	if left = append(left, parts...); len(left) > 0 {
		s.tally.fault("the server left %v", left)
	}
	if err := s.present(ctx); err != nil {
		s.tally.fault("%v", err)
	}
	files := []string{s.file("register.db")}
	kept, _ := filepath.Glob(s.file("backups/*.db"))
	if len(kept) > 0 {
		files = append(files, slices.Max(kept))
	}
	for _, file := range files {
		if out, err := exec.CommandContext(ctx, s.program, "verify", "--db", file).CombinedOutput(); err != nil {
			s.tally.fault("verify of %s: %v: %s", filepath.Base(file), err, out)
		}
	}
}

// end ends the server as an operator does.
func (s *soak) end() error {
	if err := s.server.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() {
		<-s.log.ended
		ended <- s.server.Wait()
	}()
	select {
	case err := <-ended:
		return err
	case <-time.After(90 * time.Second):
		s.server.Process.Kill()
		return fmt.Errorf("it does not end on SIGTERM")
	}
}

// present looks for every publication that was acknowledged.
func (s *soak) present(ctx context.Context) error {
	st, err := store.OpenExisting(ctx, s.file("register.db"))
	if err != nil {
		return err
	}
	defer st.Close()
	v, err := st.At(ctx, 0)
	if err != nil {
		return err
	}
	for _, p := range s.acknowledged {
		r, err := v.RevisionOf(ctx, p.revision)
		if err != nil {
			return fmt.Errorf("revision %d, which was acknowledged: %w", p.revision, err)
		}
		if r.Declaration != p.slug || r.Reason != p.reason {
			s.tally.fault("revision %d was acknowledged for %s (%s) and is of %s (%s)", p.revision, p.slug, p.reason, r.Declaration, r.Reason)
		}
	}
	return nil
}

// report prints what was asked and seen.
func (s *soak) report(to io.Writer, took time.Duration) {
	t, w := &s.tally, &s.watch
	all := 0
	for _, k := range t.kinds {
		all += len(k.took)
	}
	last := w.samples[len(w.samples)-1]
	fmt.Fprintf(to, "Mixed load for %s on %d declarations of %d participants: %d answers (%.0f a second), %d publications, %d questions left out.\n\n",
		took.Round(time.Second), s.declarations, s.each, all, float64(all)/took.Seconds(), len(s.acknowledged), t.late)
	fmt.Fprintf(to, "%-22s %8s  %9s %9s %9s  %s\n", "", "answers", "half in", "99 % in", "all in", "statuses")
	for _, name := range t.order {
		k := t.kinds[name]
		slices.Sort(k.took)
		var statuses []string
		for _, status := range sorted(k.statuses) {
			statuses = append(statuses, fmt.Sprintf("%d: %d", status, k.statuses[status]))
		}
		at := func(percent int) time.Duration {
			return k.took[min(len(k.took)-1, len(k.took)*percent/100)].Round(100 * time.Microsecond)
		}
		fmt.Fprintf(to, "%-22s %8d  %9s %9s %9s  %s\n", name, len(k.took), at(50), at(99), at(100), strings.Join(statuses, ", "))
	}
	fmt.Fprintf(to, "\n%-36s %9s %9s %9s %9s\n", "medians by quarter of the run", "first", "second", "third", "last")
	for _, b := range bounds {
		what := b.what
		if b.unit != "" {
			what += ", " + b.unit
		}
		fmt.Fprintf(to, "%-36s", what)
		for n := range 4 {
			fmt.Fprintf(to, " %9.1f", w.quarter(n, b.of)/b.scale)
		}
		fmt.Fprintln(to)
	}
	fmt.Fprintf(to, "\nAt most: write-ahead log %.1f MiB, files that are sent %.0f MiB in %.0f files. Database: %.1f MiB in the end. Backups kept: %.0f.\n",
		w.most(func(x sample) float64 { return x.wal })/mib, w.most(func(x sample) float64 { return x.spool })/mib, w.most(func(x sample) float64 { return x.spoolFiles }), last.database/mib, last.backups)
	fmt.Fprintf(to, "Answers from memory %.0f, made %.0f, waited for %.0f, dropped for others %.0f; files made %.0f. Processor time of the server: %.2f of a core.\n",
		last.answers, last.answersMade, last.waited, last.dropped, last.filesMade, last.processor/took.Seconds())
	fmt.Fprintf(to, "Lines of the log: %d, warnings and errors: %d.\n", s.log.count("INFO"), s.log.count("WARN")+s.log.count("ERROR")+s.log.count("no JSON"))
	if n := t.faults(); n > 0 {
		fmt.Fprintf(to, "\n%d faults, the first:\n", n)
		for _, f := range t.first {
			fmt.Fprintln(to, "-", f)
		}
		return
	}
	growth := "nothing grew"
	if s.took < growthFrom {
		growth = fmt.Sprintf("too short to say whether anything grew (%s)", growthFrom)
	}
	fmt.Fprintf(to, "No fault: no unexpected status, no broken body, every acknowledged publication is there, %s, the register and its newest backup verify.\n", growth)
}

func sorted(m map[int]int) []int {
	var all []int
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}
