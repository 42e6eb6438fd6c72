package main

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/mattn/go-sqlite3"
)

// promises are what the register promises about speed, in words. Each is a row of the report, measured or not.
var promises = []struct{ number, words string }{
	{"P1", "The whole CSV, fresh from the register, of the sqlite3 command line's time for the same rows: at most 0.6"},
	{"P2", "The same file at the same revision again: at most 1.5 × nginx sending it; compressed 0.2 ×"},
	{"P3", "Memory of an export at most 64 MiB whatever the rows; its first rows within 50 ms"},
	{"P4", "While one export runs, p99 of uncached pages at most 3 × idle; with any number of slow readers cached pages keep 0.9 of their rate"},
	{"P5", "A cached page: at least 45 % of nginx's rate with the same bytes, 85 % of a bare net/http handler's; a 304 half of nginx's"},
	{"P6", "An uncached page: processor time at most 3 × its SQL through database/sql"},
	{"P7", "Lists with any filter, declarations, earlier days, participants: 20,000 declarations at most 1.5 × 200, pages of equal length"},
	{"P8", "One participant with all others, and all with all: at most 2 × from 200 to 20,000; at least 300 × faster than SQL's self-join"},
	{"P9", "Search: at most 5 × from 200 to 20,000, p99 under 25 ms"},
	{"P10", "A durable edit with its revision: at least 40 % of the disk's fdatasync rate; with 64 readers 25 % of the quiet rate"},
	{"P11", "Import of 1,000,000 rows with look-ups: at most the time of .import and a join"},
	{"P12", "Start to first page within 0.5 s; resident at most 64 MiB (uncached)"},
	{"P13", "A consistent backup while serving: at most 6 × cp"},
	{"P14", "Like pages at 20,000, uncached: at least 5 × PocketBase's list API, 50 × Datasette's table page"},
	{beyondNginx, "Beyond: cached pages at least 60 % of nginx's rate"},
	{beyondBusy, "Beyond: p99 under 25 ms on 64 connections while a publication happens each second"},
	{beyondSearch, "Beyond: search at most 2 × from 200 to 20,000"},
}

// The numbers of what goes beyond the promises.
const (
	beyondNginx  = "B1"
	beyondBusy   = "B2"
	beyondSearch = "B3"
)

// inTheWay says, of a promise that does not hold, what stands in the way. It is written by whoever looked into it, and printed
// only where the run at hand finds the promise not held.
var inTheWay = map[string]string{
	"P6":  "a declaration is read with one statement, a third of what its twelve took when the promise was made; the 90 kB of the page (names in the reader's language, evidence, the map) are what remains",
	"P10": "an edit is a revision: read, compared with the one before, checked against the rules of the field, written in its canonical form and hashed, some 0.6 ms of processor beside a disk that syncs in 0.1 ms; where a sync takes a millisecond, as on most disks that keep what they say, the disk decides",
	"P11": "the ratio moves between 0.8 and 1.0 from run to run",
	"P12": "the front page counts over all of the register, so its first reader waits until a million participations are in the index, which is most of its memory; declarations do not wait for it. Of their 66 MiB 30 are the program's own text",
	"P13": "a backup is read back whole before it gets its name (SQLite's integrity and the chain of hashes), which cp does not do",
	"P14": "pages of 65 to 100 kB for people are compared with 15 kB of JSON from one table; the API, which answers the like, and filters, which PocketBase has to look for, are shown beside them",
}

// measurement is one thing measured: a ratio and its bound.
type measurement struct {
	promise, what string
	ratio, bound  float64
	atLeast       bool
	ours, theirs  string
}

// over is how far it is from its bound: above 1 it does not hold.
func (m *measurement) over() float64 {
	if m.atLeast {
		return m.bound / m.ratio
	}
	return m.ratio / m.bound
}

func (m *measurement) held() string {
	if m.over() > 1 {
		return "**not held**"
	}
	return "held"
}

func (m *measurement) limit() string {
	if m.atLeast {
		return fmt.Sprintf("≥ %.2f", m.bound)
	}
	return fmt.Sprintf("≤ %.2f", m.bound)
}

// line adds a ratio that may be at most so much; ours and theirs are the absolute figures.
func (b *bench) line(promise, what string, ratio, bound float64, ours, theirs string) {
	b.measured = append(b.measured, measurement{promise, what, ratio, bound, false, ours, theirs})
}

// least adds a ratio that must be at least so much.
func (b *bench) least(promise, what string, ratio, bound float64, ours, theirs string) {
	b.measured = append(b.measured, measurement{promise, what, ratio, bound, true, ours, theirs})
}

// missing says why something of a promise was not measured.
func (b *bench) missing(promise, format string, args ...any) {
	b.left = append(b.left, [2]string{promise, fmt.Sprintf(format, args...)})
}

func (b *bench) note(format string, args ...any) {
	b.notes = append(b.notes, fmt.Sprintf(format, args...))
}

// broken is how many promises do not hold.
func (b *bench) broken() int {
	n := 0
	for _, p := range promises {
		if m := b.worst(p.number); m != nil && m.over() > 1 {
			n++
		}
	}
	return n + b.unread
}

// worst is the measurement of a promise that is nearest to its bound, or farthest beyond it; nil where none was made.
func (b *bench) worst(promise string) (worst *measurement) {
	for i := range b.measured {
		if m := &b.measured[i]; m.promise == promise && (worst == nil || m.over() > worst.over()) {
			worst = m
		}
	}
	return worst
}

func (b *bench) report() string {
	var r strings.Builder
	fmt.Fprintf(&r, `# Speed of the register

Made-up registers of %d and %d declarations with %d participants each; %d runs, medians. Everything is measured in turn with what it is
compared with, in one run on one machine: the ratios say something, the times beside them only of this machine.

%s
## Promises

A promise holds where all that was measured of it does; shown is what comes nearest to its bound, or goes farthest beyond it.

| | promise | measured | bound | | what stands in the way |
| --- | --- | --- | ---: | --- | --- |
`, b.small, b.large, b.each, b.runs, b.machine)
	for _, p := range promises {
		var why []string
		for _, l := range b.left {
			if l[0] == p.number && !slices.Contains(why, l[1]) {
				why = append(why, l[1])
			}
		}
		m := b.worst(p.number)
		if m == nil {
			if why == nil {
				why = []string{"not part of this run"}
			}
			fmt.Fprintf(&r, "| %s | %s | | | not measured | %s |\n", p.number, p.words, strings.Join(why, "; "))
			continue
		}
		if why != nil {
			why = []string{"not measured: " + strings.Join(why, "; ")}
		}
		if m.over() > 1 {
			way := inTheWay[p.number]
			if way == "" {
				way = "to be found out"
			}
			why = append([]string{way}, why...)
		}
		fmt.Fprintf(&r, "| %s | %s | %.2f: %s | %s | %s | %s |\n", p.number, p.words, m.ratio, m.what, m.limit(), m.held(), strings.Join(why, "; "))
	}
	r.WriteString("\n## All measurements\n\n| | measured | ratio | bound | | ours | compared with |\n| --- | --- | ---: | ---: | --- | ---: | ---: |\n")
	for _, p := range promises {
		for i := range b.measured {
			if m := &b.measured[i]; m.promise == p.number {
				fmt.Fprintf(&r, "| %s | %s | %.2f | %s | %s | %s | %s |\n", m.promise, m.what, m.ratio, m.limit(), m.held(), m.ours, m.theirs)
			}
		}
	}
	r.WriteString("\nFiles (P1 to P3, P11, P13): wall time of whole processes or downloads. Pages that are made (P6 to P9): processor time of an answer, except\nwhere a percentile is said. Rates (P5, P14): answers a second.\n\n")
	for _, n := range b.notes {
		r.WriteString("- " + n + "\n")
	}
	for _, t := range b.tables {
		r.WriteString("\n" + t)
	}
	r.WriteString("\n| part | took |\n| --- | ---: |\n")
	for _, t := range b.times {
		fmt.Fprintf(&r, "| %s | %.0f s |\n", t.name, t.took.Seconds())
	}
	return r.String()
}

// describe is the machine and what runs on it, as a list.
func (b *bench) describe(ctx context.Context) string {
	first := func(file, name string) string {
		text, err := os.ReadFile(file)
		if err != nil {
			return ""
		}
		for line := range strings.Lines(string(text)) {
			if n, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(n) == name {
				return strings.TrimSpace(value)
			}
		}
		return ""
	}
	said := func(command ...string) string {
		out, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput()
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(out))
	}
	or := func(s, otherwise string) string {
		if s == "" {
			return otherwise
		}
		return s
	}
	memory := "unknown"
	if kb, err := strconv.ParseFloat(strings.TrimSuffix(first("/proc/meminfo", "MemTotal"), " kB"), 64); err == nil {
		memory = fmt.Sprintf("%.1f GiB", kb/(1<<20))
	}
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	load, _ := os.ReadFile("/proc/loadavg")
	embedded, _, _ := sqlite3.Version()
	commandLine := "none"
	if v := strings.Fields(said("sqlite3", "--version")); len(v) > 0 {
		commandLine = v[0]
	}
	server := "none"
	if program := nginxProgram(); program != "" {
		_, v, _ := strings.Cut(said(program, "-v"), "nginx/")
		server = or(v, "version unknown")
	}
	commit := said("git", "rev-parse", "--short=12", "HEAD")
	if commit != "" && said("git", "status", "--porcelain") != "" {
		commit += ", with changes"
	}
	var s strings.Builder
	for _, x := range [][2]string{
		{"processor", fmt.Sprintf("%s, %d cores", or(first("/proc/cpuinfo", "model name"), "unknown"), runtime.NumCPU())},
		{"memory", memory},
		{"disk", filesystem(b.dir)},
		{"system", fmt.Sprintf("%s/%s, kernel %s", runtime.GOOS, runtime.GOARCH, or(strings.TrimSpace(string(kernel)), "unknown"))},
		{"Go", runtime.Version()},
		{"SQLite", fmt.Sprintf("%s in the program, %s at the command line", embedded, commandLine)},
		{"nginx", server},
		{"PocketBase", pocketbaseVersion()},
		{"commit", or(commit, "unknown")},
		{"date", time.Now().UTC().Format("2006-01-02 15:04 UTC")},
		{"load average at the start", or(strings.TrimSpace(string(load)), "unknown")},
	} {
		fmt.Fprintf(&s, "- %s: %s\n", x[0], x[1])
	}
	return s.String()
}

// filesystem says what a folder is on.
func filesystem(folder string) string {
	full, err := filepath.Abs(folder)
	if err != nil {
		return "unknown"
	}
	mounts, err := os.ReadFile("/proc/mounts")
	if err != nil {
		return "unknown"
	}
	best, said := "", "unknown"
	for line := range strings.Lines(string(mounts)) {
		f := strings.Fields(line)
		if len(f) > 2 && len(f[1]) >= len(best) && (full == f[1] || strings.HasPrefix(full, strings.TrimSuffix(f[1], "/")+"/")) {
			best, said = f[1], f[2]+" on "+f[0]
		}
	}
	var stat syscall.Statfs_t
	if syscall.Statfs(full, &stat) == nil {
		said += fmt.Sprintf(", %.0f of %.0f GB free", float64(stat.Bavail)*float64(stat.Bsize)/1e9, float64(stat.Blocks)*float64(stat.Bsize)/1e9)
	}
	return said
}

// pocketbaseVersion is the version of PocketBase that a command is built of.
func pocketbaseVersion() string {
	program := pocketbaseProgram()
	if program == "" {
		return "none"
	}
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return "version unknown"
	}
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path == "github.com/pocketbase/pocketbase" {
			return m.Version
		}
	}
	return "version unknown"
}

func median(all []float64) float64 {
	all = slices.Sorted(slices.Values(all))
	if n := len(all); n%2 == 0 {
		return (all[n/2-1] + all[n/2]) / 2
	}
	return all[len(all)/2]
}

func seconds(s float64) string {
	switch {
	case s < 0.001:
		return fmt.Sprintf("%.0f µs", s*1e6)
	case s < 1:
		return fmt.Sprintf("%.1f ms", s*1e3)
	}
	return fmt.Sprintf("%.2f s", s)
}
