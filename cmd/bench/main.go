// Command bench measures what the register promises about speed on made-up registers, and prints a report: ratios of
// what was measured in turn, this machine's times beside them. “make bench” runs it.
//
//	go run ./cmd/bench [-dir FOLDER] [-runs 5] [-only serving] [-o REPORT.md]
//
// The registers are made once and kept in the folder. It needs Go and, for the comparisons, the sqlite3 command line and nginx;
// the report says which are not there.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/web/export"
)

const baseURL = "https://register.example.org"

// day is the day that the files hold for: one on which nearly all of what is made up has happened.
const day = "2026-01-02"

func main() {
	// The benchmark runs itself as the program to be measured where there is no “cosignatory export”.
	if len(os.Args) == 3 && os.Args[1] == "write" {
		if err := writeFile(context.Background(), os.Args[2], os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	// And as the bare handler that the program is compared with.
	if len(os.Args) == 4 && os.Args[1] == "bare" {
		fmt.Fprintln(os.Stderr, "bench:", serveBare(os.Args[2], os.Args[3]))
		os.Exit(1)
	}
	if len(os.Args) == 2 && os.Args[1] == "lighthouse" {
		if err := lighthouse(context.Background(), os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if len(os.Args) > 2 && os.Args[1] == "recognise" {
		if _, err := recognition(os.Args[2:], os.Stdout, os.Stderr); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	b := &bench{}
	flag.StringVar(&b.dir, "dir", filepath.Join(os.TempDir(), "cosignatory-bench"), "folder for the made-up registers, which are kept")
	flag.IntVar(&b.runs, "runs", 5, "how often each thing is measured, in turn with what it is compared with")
	flag.IntVar(&b.small, "small", 200, "declarations of the small register")
	flag.IntVar(&b.large, "large", 20_000, "declarations of the large register")
	flag.IntVar(&b.each, "each", 50, "participants on each declaration")
	only := flag.String("only", "", "measure this alone: serving or files")
	output := flag.String("o", "", "also write the report to this file")
	flag.Parse()
	if flag.NArg() > 0 || b.runs < 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := b.all(context.Background(), *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	report := b.report()
	fmt.Print(report)
	if *output != "" {
		if err := os.WriteFile(*output, []byte(report), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
	}
	if b.broken > 0 {
		fmt.Fprintf(os.Stderr, "bench: %d promises not kept\n", b.broken)
		os.Exit(1)
	}
}

// bench is one run of everything.
type bench struct {
	dir                      string
	runs, small, large, each int

	program []string // what writes signatories.csv of a database to standard output: the database goes last
	lines   []string // of the report's table
	notes   []string
	tables  []string // after the notes
	broken  int
}

func (b *bench) note(format string, args ...any) {
	b.notes = append(b.notes, fmt.Sprintf(format, args...))
}

// line adds a line to the table: what was measured, the ratio and its limit, and the two absolute figures.
func (b *bench) line(promise, what string, ratio, limit float64, ours, theirs string) {
	kept := "kept"
	if ratio > limit {
		kept = "**not kept**"
		b.broken++
	}
	b.lines = append(b.lines, fmt.Sprintf("| %s | %s | %.2f | %.2f | %s | %s | %s |", promise, what, ratio, limit, kept, ours, theirs))
}

func (b *bench) all(ctx context.Context, only string) error {
	if err := os.MkdirAll(b.dir, 0o755); err != nil {
		return err
	}
	small, err := b.register(ctx, b.small)
	if err != nil {
		return err
	}
	large, err := b.register(ctx, b.large)
	if err != nil {
		return err
	}
	if only == "serving" {
		return b.serving(ctx, large)
	}
	if err := b.findProgram(ctx, small); err != nil {
		return err
	}
	if err := b.exports(ctx, small, large); err != nil {
		return err
	}
	if err := b.firstByte(ctx, large); err != nil || only == "files" {
		return err
	}
	if err := b.imports(ctx, large); err != nil {
		return err
	}
	if err := b.serving(ctx, large); err != nil {
		return err
	}
	if err := b.pages(ctx, small, large); err != nil {
		return err
	}
	if err := b.questions(ctx, small, large); err != nil {
		return err
	}
	if err := b.search(ctx, small, large); err != nil {
		return err
	}
	return b.recognitions()
}

// register is a made-up register of n declarations, made where the folder does not have it yet.
func (b *bench) register(ctx context.Context, n int) (string, error) {
	file := filepath.Join(b.dir, fmt.Sprintf("madeup-%d-%d.db", n, b.each))
	if s, err := store.OpenExisting(ctx, file); err == nil {
		return file, s.Close()
	}
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(file + end); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
	}
	made := file + ".making"
	os.Remove(made)
	fmt.Fprintf(os.Stderr, "making a register of %d declarations (once)\n", n)
	c := exec.CommandContext(ctx, "go", "run", "./cmd/madeup", "-o", made, "-declarations", fmt.Sprint(n), "-each", fmt.Sprint(b.each))
	c.Stderr = os.Stderr
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("go run ./cmd/madeup, in %s: %w (run the benchmark in the module's folder)", ".", err)
	}
	return file, os.Rename(made, file)
}

// findProgram builds the program and takes its export command where that gives the rows that this one writes itself.
func (b *bench) findProgram(ctx context.Context, small string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	b.program = []string{self, "write"}
	var want bytes.Buffer
	if err := writeFile(ctx, small, &want); err != nil {
		return err
	}
	built := filepath.Join(b.dir, "cosignatory")
	if err := exec.CommandContext(ctx, "go", "build", "-o", built, "./cmd/cosignatory").Run(); err != nil {
		b.note("cosignatory does not build here: the benchmark's own process wrote the file.")
		return nil
	}
	program := []string{built, "export", "signatories", "--as-of", day, "--base-url", baseURL, "--db"}
	got, err := exec.CommandContext(ctx, program[0], append(slices.Clone(program[1:]), small)...).Output()
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		b.note("“cosignatory export signatories” does not give the expected bytes: the benchmark's own process wrote the file.")
		return nil
	}
	b.program = program
	return nil
}

func options(ctx context.Context, s *store.Store) (export.Options, error) {
	v, err := s.At(ctx, 0)
	if err != nil {
		return export.Options{}, err
	}
	return export.Options{View: v, Day: register.MustDate(day).First(), AsOfGiven: true, Lang: "en", BaseURL: baseURL}, nil
}

func writeFile(ctx context.Context, file string, w io.Writer) error {
	s, err := store.OpenExisting(ctx, file)
	if err != nil {
		return err
	}
	defer s.Close()
	o, err := options(ctx, s)
	if err != nil {
		return err
	}
	return export.Write(ctx, w, "signatories", o)
}

// rowsSQL gives the rows of signatories.csv. For made-up registers a status needs no fold: everybody acts once, dated.
const rowsSQL = `.mode csv
.headers on
SELECT d.slug AS declaration, t.title AS declaration_title,
  CASE WHEN d.adopted <> '' THEN d.adopted WHEN d.presented <> '' THEN d.presented WHEN d.published <> '' THEN d.published ELSE d.opened END AS declaration_date,
  a.participant, n.name AS participant_name, p.kind AS participant_kind, p.iso3, p.m49, p.user_assigned_code, p.regional_group,
  a.name_as_printed, nullif(a.printed_position, 0) AS printed_position, a.capacity, a.capacity_as_printed, 'named' AS basis,
  CASE WHEN a.date <= '{day}' THEN 'in_effect' ELSE 'not_yet' END AS status, a.date AS since,
  CASE length(a.date) WHEN 10 THEN 'day' WHEN 7 THEN 'month' WHEN 4 THEN 'year' ELSE 'unknown' END AS since_precision,
  '' AS until, '' AS until_precision, '' AS departure_reason,
  CASE WHEN EXISTS (SELECT 1 FROM dispute x WHERE x.declaration = a.declaration AND x.participant = a.participant
    AND x.rev_from <= {revision} AND {revision} < x.rev_to) THEN 'yes' ELSE 'no' END AS disputed,
  a.source, s.url AS source_url, '{day}' AS as_of, {revision} AS revision
FROM declaration d
  JOIN title t ON t.declaration = d.id AND t.lang = 'en' AND t.rev_from <= {revision} AND {revision} < t.rev_to
  JOIN action a ON a.declaration = d.id AND a.rev_from <= {revision} AND {revision} < a.rev_to
  JOIN participant p ON p.code = a.participant AND p.rev_from <= {revision} AND {revision} < p.rev_to
  JOIN participant_name n ON n.participant = a.participant AND n.lang = 'en' AND n.rev_from <= {revision} AND {revision} < n.rev_to
  JOIN source s ON s.declaration = d.id AND s.source = a.source AND s.rev_from <= {revision} AND {revision} < s.rev_to
WHERE d.rev_from <= {revision} AND {revision} < d.rev_to AND d.merged_into = ''
ORDER BY d.id, a.participant;
`

// exports measures P1 and the memory of P3.
func (b *bench) exports(ctx context.Context, small, large string) error {
	s, err := store.OpenExisting(ctx, large)
	if err != nil {
		return err
	}
	o, err := options(ctx, s)
	s.Close()
	if err != nil {
		return err
	}
	sql := strings.NewReplacer("{day}", day, "{revision}", fmt.Sprint(o.View.Revision)).Replace(rowsSQL)
	compared := true
	if _, err := exec.LookPath("sqlite3"); err != nil {
		compared = false
		b.note("There is no sqlite3 command line here: P1 was not compared with it.")
	}
	var ours, theirs []float64
	var memory int64
	if compared {
		same, err := b.sameRows(ctx, large, sql)
		if err != nil {
			return err
		}
		b.note("%s", same)
	}
	for range b.runs {
		took, peak, err := run(ctx, nil, append(slices.Clone(b.program), large)...)
		if err != nil {
			return err
		}
		ours, memory = append(ours, took), max(memory, peak)
		if !compared {
			continue
		}
		if took, _, err = run(ctx, strings.NewReader(sql), "sqlite3", "-batch", "-init", os.DevNull, large); err != nil {
			return err
		}
		theirs = append(theirs, took)
	}
	if compared {
		b.line("P1", fmt.Sprintf("signatories.csv, %d rows, of the sqlite3 command line", b.large*b.each), median(ours)/median(theirs), 0.6,
			seconds(median(ours)), seconds(median(theirs)))
	}
	b.line("P3", "peak resident memory of that export, of 64 MiB", float64(memory)/(64<<20), 1, fmt.Sprintf("%.0f MiB", float64(memory)/(1<<20)), "64 MiB")
	if ducks, err := b.duckdb(ctx, large); err != nil {
		return err
	} else if ducks != nil {
		b.note("DuckDB writes the same rows, in an order of its own, from its own tables in %s with all cores: signatories.csv takes %.2f of that.", seconds(median(ducks)), median(ours)/median(ducks))
	}
	return b.spreadsheets(ctx, small, large, median(ours))
}

// run runs a program with its output thrown away: seconds and the peak of its resident memory in bytes.
func run(ctx context.Context, in io.Reader, command ...string) (took float64, memory int64, err error) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return 0, 0, err
	}
	defer null.Close()
	c := exec.CommandContext(ctx, command[0], command[1:]...)
	var errs bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = in, null, &errs
	begin := time.Now()
	if err := c.Run(); err != nil {
		return 0, 0, fmt.Errorf("%s: %w: %s", command[0], err, errs.String())
	}
	took = time.Since(begin).Seconds()
	if u, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		memory = int64(u.Maxrss) << 10
	}
	return took, memory, nil
}

// sameRows says whether both programs write the same cells.
func (b *bench) sameRows(ctx context.Context, large, sql string) (string, error) {
	rows := func(in io.Reader, command ...string) (*cells, error) {
		c := exec.CommandContext(ctx, command[0], command[1:]...)
		c.Stdin = in
		out, err := c.StdoutPipe()
		if err != nil {
			return nil, err
		}
		return newCells(out, c), c.Start()
	}
	x, err := rows(nil, append(slices.Clone(b.program), large)...)
	if err != nil {
		return "", err
	}
	y, err := rows(strings.NewReader(sql), "sqlite3", "-batch", "-init", os.DevNull, large)
	if err != nil {
		return "", err
	}
	defer x.stop()
	defer y.stop()
	for n := 0; ; n++ {
		a, err1 := x.next()
		c, err2 := y.next()
		if err1 == io.EOF && err2 == io.EOF {
			return fmt.Sprintf("Both programs of P1 write the same %d rows, cell by cell.", n-1), nil
		}
		if err := errors.Join(err1, err2); err != nil {
			return "", fmt.Errorf("row %d: %w", n, err)
		}
		if !slices.Equal(a, c) {
			return "", fmt.Errorf("row %d: the export says %q, sqlite3 says %q", n, a, c)
		}
	}
}

// firstByte measures how long an export takes to its first rows.
func (b *bench) firstByte(ctx context.Context, large string) error {
	s, err := store.OpenExisting(ctx, large)
	if err != nil {
		return err
	}
	defer s.Close()
	o, err := options(ctx, s)
	if err != nil {
		return err
	}
	var all []float64
	for range max(b.runs, 5) {
		w := &stopwatch{}
		begin := time.Now()
		if err := export.Write(ctx, w, "signatories", o); !errors.Is(err, errEnough) {
			return fmt.Errorf("the export ended with %v, not with its reader", err)
		}
		all = append(all, w.at.Sub(begin).Seconds())
	}
	b.line("P3", "first rows of the export, of 50 ms", median(all)/0.050, 1, seconds(median(all)), "50 ms")
	return nil
}

var errEnough = errors.New("enough")

// stopwatch stops at the first rows, which come after the header.
type stopwatch struct {
	writes int
	at     time.Time
}

func (w *stopwatch) Write(b []byte) (int, error) {
	if w.writes++; w.writes < 2 {
		return len(b), nil
	}
	w.at = time.Now()
	return 0, errEnough
}

func (b *bench) report() string {
	var r strings.Builder
	fmt.Fprintf(&r, "# Speed of the register\n\nMade-up registers of %d and %d declarations with %d participants each; %d runs in turn, medians. Files: wall time of whole\nprocesses (P1, P3) or of whole downloads (P2); pages that are made: processor time of an answer (P6 to P8); pages from memory:\nanswers a second (P5).\n", b.small, b.large, b.each, b.runs)
	fmt.Fprintf(&r, "%s\n\n", machine())
	r.WriteString("| promise | measured | ratio | at most | | ours | compared with |\n| --- | --- | ---: | ---: | --- | ---: | ---: |\n")
	for _, l := range b.lines {
		r.WriteString(l + "\n")
	}
	r.WriteString("\n")
	for _, n := range b.notes {
		r.WriteString("- " + n + "\n")
	}
	for _, t := range b.tables {
		r.WriteString("\n" + t)
	}
	return r.String()
}

func machine() string {
	model := "processor unknown"
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for _, l := range strings.Split(string(b), "\n") {
			if name, value, ok := strings.Cut(l, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	version := "no sqlite3 command line"
	if b, err := exec.Command("sqlite3", "--version").Output(); err == nil {
		version = "sqlite3 " + strings.Fields(string(b))[0]
	}
	return fmt.Sprintf("%d cores (%s), %s/%s, %s, %s.", runtime.NumCPU(), model, runtime.GOOS, runtime.GOARCH, runtime.Version(), version)
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
