// Command bench measures what the register promises about speed on made-up registers, and prints a report: ratios of
// what was measured in turn, this machine's times beside them. “make bench” runs it.
//
//	go run ./cmd/bench [-dir FOLDER] [-runs 3] [-only serving,search] [-report REPORT.md] [-strict]
//
// The registers are made once and kept in the folder. It needs Go and, for the comparisons, the sqlite3 command line, nginx and
// PocketBase (whose command is named by POCKETBASE, or found as “pocketbase”); the report says which are not there.
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
	flag.IntVar(&b.runs, "runs", 3, "how often each thing is measured, in turn with what it is compared with")
	flag.IntVar(&b.small, "small", 200, "declarations of the small register")
	flag.IntVar(&b.large, "large", 20_000, "declarations of the large register")
	flag.IntVar(&b.each, "each", 50, "participants on each declaration")
	only := flag.String("only", "", "measure these parts alone, with commas between them: "+strings.Join(partNames(), ", "))
	file := flag.String("report", "", "also write the report to this file, as Markdown")
	strict := flag.Bool("strict", false, "exit status 1 also where a promise does not hold")
	flag.Parse()
	var chosen []string
	if *only != "" {
		chosen = strings.Split(*only, ",")
	}
	if flag.NArg() > 0 || b.runs < 1 || slices.ContainsFunc(chosen, func(name string) bool { return !slices.Contains(partNames(), name) }) {
		flag.Usage()
		os.Exit(2)
	}
	failed := b.all(context.Background(), chosen)
	report := b.report()
	fmt.Print(report)
	if *file != "" {
		failed = errors.Join(failed, os.WriteFile(*file, []byte(report), 0o644))
	}
	if failed != nil {
		fmt.Fprintln(os.Stderr, "bench:", failed)
		os.Exit(1)
	}
	if n := b.broken(); n > 0 {
		fmt.Fprintf(os.Stderr, "bench: %d promises not held\n", n)
		if *strict {
			os.Exit(1)
		}
	}
}

// bench is one run of everything.
type bench struct {
	dir                      string
	runs, small, large, each int

	program  []string // what writes signatories.csv of a database to standard output: the database goes last
	machine  string
	measured []measurement
	left     [][2]string // promises of which something was not measured, and why
	notes    []string
	tables   []string // after the notes
	times    []partTime
	unread   int // sets of texts whose recognition is not what it should be
}

type partTime struct {
	name string
	took time.Duration
}

// part is some of the measurements. It needs both registers and stands on nothing that another part did.
type part struct {
	name     string
	promises []string
	measure  func(ctx context.Context, b *bench, small, large string) error
}

var parts = []part{
	{"files", []string{"P1", "P3"}, func(ctx context.Context, b *bench, small, large string) error {
		if err := b.findProgram(ctx, small); err != nil {
			return err
		}
		if err := b.exports(ctx, small, large); err != nil {
			return err
		}
		return b.firstByte(ctx, large)
	}},
	{"serving", []string{"P2", "P4", "P5", beyondNginx}, func(ctx context.Context, b *bench, _, large string) error { return b.serving(ctx, large) }},
	{"pages", []string{"P6", "P7"}, func(ctx context.Context, b *bench, small, large string) error { return b.pages(ctx, small, large) }},
	{"questions", []string{"P8"}, func(ctx context.Context, b *bench, small, large string) error { return b.questions(ctx, small, large) }},
	{"search", []string{"P9", beyondSearch}, func(ctx context.Context, b *bench, small, large string) error { return b.search(ctx, small, large) }},
	{"edits", []string{"P10"}, func(ctx context.Context, b *bench, _, large string) error { return b.edits(ctx, large) }},
	{"publishing", []string{beyondBusy}, func(ctx context.Context, b *bench, _, large string) error { return b.publishing(ctx, large) }},
	{"indexing", nil, func(ctx context.Context, b *bench, _, large string) error { return b.indexing(ctx, large) }},
	{"import", []string{"P11"}, func(ctx context.Context, b *bench, _, large string) error { return b.imports(ctx, large) }},
	{"starting", []string{"P12"}, func(ctx context.Context, b *bench, _, large string) error { return b.starting(ctx, large) }},
	{"backup", []string{"P13"}, func(ctx context.Context, b *bench, _, large string) error { return b.backups(ctx, large) }},
	{"pocketbase", []string{"P14"}, func(ctx context.Context, b *bench, _, large string) error { return b.pocketbase(ctx, large) }},
	{"recognise", nil, func(_ context.Context, b *bench, _, _ string) error { return b.recognitions() }},
}

func partNames() []string {
	var names []string
	for _, p := range parts {
		names = append(names, p.name)
	}
	return names
}

// all makes what is measured and measures it.
func (b *bench) all(ctx context.Context, chosen []string) error {
	if err := os.MkdirAll(b.dir, 0o755); err != nil {
		return err
	}
	b.machine = b.describe(ctx)
	small, err := b.register(ctx, b.small)
	if err != nil {
		return err
	}
	large, err := b.register(ctx, b.large)
	if err != nil {
		return err
	}
	if err := b.build(ctx); err != nil {
		return err
	}
	return b.measure(ctx, chosen, small, large)
}

// measure measures the chosen parts, all where none are chosen. One that fails does not keep the others from being measured:
// the report says so, and so does the error.
func (b *bench) measure(ctx context.Context, chosen []string, small, large string) error {
	var failed error
	for _, p := range parts {
		if len(chosen) > 0 && !slices.Contains(chosen, p.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "measuring: %s\n", p.name)
		begin := time.Now()
		if err := p.measure(ctx, b, small, large); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", p.name, err))
			for _, n := range p.promises {
				b.missing(n, "the part “%s” failed: %v", p.name, err)
			}
		}
		b.times = append(b.times, partTime{p.name, time.Since(begin)})
	}
	return failed
}

// build builds the program that is measured.
func (b *bench) build(ctx context.Context) error {
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", b.built(), "./cmd/cosignatory").CombinedOutput(); err != nil {
		return fmt.Errorf("go build ./cmd/cosignatory: %w: %s (run the benchmark in the module's folder)", err, out)
	}
	return nil
}

// built is where the program is.
func (b *bench) built() string { return filepath.Join(b.dir, "cosignatory") }

// copied is a copy of a register for a part that changes it, in a new folder that remove takes away.
func (b *bench) copied(ctx context.Context, db string) (file string, remove func(), err error) {
	folder, err := os.MkdirTemp(b.dir, "changed-")
	if err != nil {
		return "", nil, err
	}
	remove = func() { os.RemoveAll(folder) }
	file = filepath.Join(folder, "register.db")
	s, err := store.OpenExisting(ctx, db)
	if err == nil {
		err = errors.Join(s.Backup(ctx, file, nil), s.Close()) // with what stands in the write-ahead log
	}
	if err != nil {
		remove()
		return "", nil, err
	}
	return file, remove, nil
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

// findProgram takes the program's export command where that gives the rows that this one writes itself.
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
	program := []string{b.built(), "export", "signatories", "--as-of", day, "--base-url", baseURL, "--db"}
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
  a.source, s.url AS source_url, '{day}' AS as_of, {revision} AS revision,
  CASE length(CASE WHEN d.adopted <> '' THEN d.adopted WHEN d.presented <> '' THEN d.presented WHEN d.published <> '' THEN d.published ELSE d.opened END)
    WHEN 10 THEN 'day' WHEN 7 THEN 'month' WHEN 4 THEN 'year' ELSE 'unknown' END AS declaration_date_precision
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
		b.missing("P1", "there is no sqlite3 command line here")
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

// newest is the newest revision of a register.
func newest(ctx context.Context, file string) (int, error) {
	s, err := store.OpenExisting(ctx, file)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	return s.Head(ctx)
}
