package export_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cosignatory/templates/pages"
	"cosignatory/web/export"
)

// The programs that readers use read every file, with the one-line calls of the data page. Each program is started once, or
// once a format: they are slow to start.

// needs skips a test whose program is missing, but not in CI, where all are there.
func needs(t *testing.T, ok bool, what string) {
	t.Helper()
	switch {
	case ok:
	case os.Getenv("CI") == "true":
		t.Fatalf("%s is missing", what)
	default:
		t.Skipf("%s is missing", what)
	}
}

// modules is the folder of npm packages that COSIGNATORY_NODE_MODULES names, with one of them in it.
func modules(t *testing.T, name string) (node, folder string) {
	t.Helper()
	folder = os.Getenv("COSIGNATORY_NODE_MODULES")
	_, err := os.Stat(filepath.Join(folder, name))
	needs(t, folder != "" && err == nil, "the npm package "+name+", in the folder that COSIGNATORY_NODE_MODULES names,")
	node, err = exec.LookPath("node")
	needs(t, err == nil, "node")
	return node, folder
}

// lot is every file of the shipped register and of its questions, with a declaration besides that has everything
// spreadsheets stumble over: in a folder as CSV, and what its cells are.
type lot struct {
	options export.Options
	dir     string
	names   []string
	cells   map[string][][]string // of the CSV file
	raw     map[string][][]string // with no apostrophes
	types   map[string][]string
}

// files writes the files, as spreadsheets too where sheets says so.
func files(t *testing.T, sheets bool) *lot {
	t.Helper()
	o := hostile(t, loaded(t))
	l := &lot{options: o, dir: t.TempDir(), cells: map[string][][]string{}, raw: map[string][][]string{}, types: map[string][]string{}}
	write := func(name string, columns []export.Column, f func(w io.Writer, o export.Options) error) {
		cells := func(o export.Options) ([]byte, [][]string) {
			b := made(t, func(w io.Writer) error { return f(w, o) })
			all, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			return b, all
		}
		keep := func(ext string, b []byte) {
			if err := os.WriteFile(filepath.Join(l.dir, name+ext), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		o := o
		var b []byte
		l.names = append(l.names, name)
		b, l.cells[name] = cells(o)
		keep(".csv", b)
		o.Raw = true
		_, l.raw[name] = cells(o)
		for i := range l.cells[name][0] {
			l.types[name] = append(l.types[name], columns[min(i, len(columns)-1)].Type)
		}
		if sheets {
			o.Raw, o.Format = false, export.XLSX
			keep(".xlsx", made(t, func(w io.Writer) error { return f(w, o) }))
		}
	}
	for _, name := range export.Names() {
		columns := export.Columns(name)
		if name == "matrix" {
			columns = append(columns, export.MatrixColumn("a-declaration"))
		}
		write(name, columns, func(w io.Writer, o export.Options) error { return export.Write(context.Background(), w, name, o) })
	}
	questions := questionFiles(t, o)
	for _, name := range export.QuestionNames() {
		columns := export.QuestionColumns(name)
		if strings.HasPrefix(name, "compared_") {
			columns = append(columns, export.MatrixColumn("a-declaration"))
		}
		write(name, columns, questions[name])
	}
	return l
}

func compare(t *testing.T, name string, got, want [][]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d rows, want %d", name, len(got), len(want))
		return
	}
	damaged := 0
	for i := range want {
		if slices.Equal(got[i], want[i]) {
			continue
		}
		for j := range want[i] {
			if j >= len(got[i]) || got[i][j] != want[i][j] {
				if damaged++; damaged < 5 {
					t.Errorf("%s row %d, %s: %q, want %q", name, i, want[0][j], append(got[i], make([]string, len(want[i]))...)[j], want[i][j])
				}
			}
		}
	}
	if damaged > 0 {
		t.Errorf("%s: %d damaged cells", name, damaged)
	}
}

// command runs a program and gives its output.
func command(t *testing.T, dir, input, name string, args ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	c.Dir, c.Stdin = dir, strings.NewReader(input)
	c.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s\n%s", name, err, errs.String(), out[:min(len(out), 2000)])
	}
	return out
}

// keys are the columns by which files are joined and read: no program may damage one, even where nobody sets anything.
var keys = []string{"declaration", "declaration_title", "participant", "participant_name", "name", "name_en", "source", "group", "title", "name_as_printed", "topic",
	"successor", "other", "other_name", "first", "second", "alias", "iso3", "hash", "merged_into", "leads_to"}

// pandas reads with the calls of the data page, then with nothing set. With those defaults every key and every name survives:
// an empty cell becomes a missing value. What the page says of iso2 and m49 is so.
func pandas(l *lot) string {
	var s strings.Builder
	s.WriteString(`
import json, sys, datetime
import pandas as pd
types = json.loads(sys.stdin.readline())
keys = json.loads(sys.stdin.readline())
def cell(v, kind):
    if isinstance(v, pd.Timestamp):
        v = v.to_pydatetime()
    if isinstance(v, datetime.datetime):
        return v.strftime("%Y-%m-%dT%H:%M:%SZ" if kind == "time" else "%Y-%m-%d")
    if kind == "decimal" and v != "":
        return "%.4f" % v
    return str(v)
def tell(d):
    print(json.dumps([list(d.columns)] + d.values.tolist()))
`)
	for _, name := range l.names {
		fmt.Fprintf(&s, `
name = %q
d = %s
tell(d)
e = pd.read_csv(name + ".csv")
for c in e.columns:
    if c in keys:
        for i, (x, y) in enumerate(zip(e[c], d[c])):
            if x != y and not (x != x and y == ""):
                sys.exit("%%s %%s row %%d: %%r, not %%r" %% (name, c, i, x, y))
if name == "participants":
    e = e.set_index("participant")
    assert e["iso2"]["NAM"] != e["iso2"]["NAM"] and e["m49"]["AFG"] == 4
x = %s
assert [str(c) for c in x.columns] == list(d.columns), name
print(json.dumps([list(x.columns)] + [[cell(v, k) for v, k in zip(r, types[name])] for r in x.astype(object).values.tolist()]))
`, name, pages.PandasCSV(name+".csv"), pages.PandasXLSX(name+".xlsx"))
	}
	return s.String()
}

func TestPandasReadsEveryCell(t *testing.T) {
	needs(t, exec.Command("/usr/bin/python3", "-c", "import pandas, openpyxl").Run() == nil, "pandas with openpyxl")
	l := files(t, true)
	types, err := json.Marshal(l.types)
	if err != nil {
		t.Fatal(err)
	}
	names, err := json.Marshal(keys)
	if err != nil {
		t.Fatal(err)
	}
	out := command(t, l.dir, string(types)+"\n"+string(names)+"\n", "/usr/bin/python3", "-W", "ignore", "-c", pandas(l))
	d := json.NewDecoder(bytes.NewReader(out))
	for _, name := range l.names {
		var got [][]string
		if err := d.Decode(&got); err != nil {
			t.Fatal(err)
		}
		compare(t, name+".csv", got, l.cells[name])
		if err := d.Decode(&got); err != nil {
			t.Fatal(err)
		}
		compare(t, name+".xlsx", got, l.raw[name])
	}
}

func TestRReadsEveryCell(t *testing.T) {
	r, err := exec.LookPath("Rscript")
	needs(t, err == nil && exec.Command(r, "-e", "library(readr)").Run() == nil, "R with readr")
	l := files(t, false)
	var s strings.Builder
	fmt.Fprintf(&s, "suppressMessages(library(readr))\noptions(readr.show_progress = FALSE)\nkeys <- c(%q)\n", strings.Join(keys, `", "`))
	script := strings.ReplaceAll(s.String(), `\"`, `"`)
	s.Reset()
	s.WriteString(script)
	for _, name := range l.names {
		fmt.Fprintf(&s, `
d <- %s
d[is.na(d)] <- ""
write.table(d, "%s.out", sep = ",", qmethod = "double", row.names = FALSE, fileEncoding = "UTF-8")
e <- read.csv("%[2]s.csv", check.names = FALSE)
for (k in intersect(keys, names(e))) {
  x <- as.character(e[[k]]); x[is.na(x)] <- ""
  if (!identical(x, gsub("\r\n", "\n", d[[k]]))) stop(paste("%[2]s", k, paste(head(x[x != d[[k]]], 3), collapse = " | ")))
}
`, pages.RCSV(name+".csv"), name)
	}
	s.WriteString(`
e <- read.csv("participants.csv")
stopifnot(is.na(e$iso2[e$participant == "NAM"]), e$m49[e$participant == "AFG"] == 4)
`)
	if err := os.WriteFile(filepath.Join(l.dir, "read.R"), []byte(s.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	command(t, l.dir, "", r, "read.R")
	for _, name := range l.names {
		compare(t, name+", as R writes it,", table(t, filepath.Join(l.dir, name+".out")), l.cells[name])
	}
}

// table reads a CSV file that a program wrote.
func table(t *testing.T, path string) [][]string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return all
}

func TestLibreOfficeReadsEveryCell(t *testing.T) {
	office, err := exec.LookPath("soffice")
	needs(t, err == nil, "LibreOffice")
	l := files(t, true)
	widest := 0
	for _, all := range l.cells {
		widest = max(widest, len(all[0]))
	}
	// Separator, quotation mark, UTF-8, from line 1, every column as text.
	var columns []string
	for i := range widest {
		columns = append(columns, fmt.Sprintf("%d/2", i+1))
	}
	profile := t.TempDir()
	convert := func(ext string, more ...string) string {
		out := t.TempDir()
		args := append([]string{"-env:UserInstallation=file://" + profile, "--headless", "--norestore"}, more...)
		args = append(args, "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true", "--outdir", out)
		for _, name := range l.names {
			args = append(args, filepath.Join(l.dir, name+ext))
		}
		command(t, l.dir, "", office, args...)
		return out
	}
	out := convert(".csv", "--infilter=Text - txt - csv (StarCalc):44,34,76,1,"+strings.Join(columns, "/"))
	for _, name := range l.names {
		compare(t, name+".csv", table(t, filepath.Join(out, name+".csv")), l.cells[name])
	}
	out = convert(".xlsx") // nothing set at all
	for _, name := range l.names {
		compare(t, name+".xlsx", table(t, filepath.Join(out, name+".csv")), l.raw[name])
	}
}

// whole register files of the lot, unpacked where they are packed.
func (l *lot) register(t *testing.T, f export.Format) string {
	t.Helper()
	o := l.options
	o.Format = f
	path := filepath.Join(l.dir, "register."+string(f))
	if err := os.WriteFile(path, whole(t, export.Register, o), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSQLiteReadsEveryCell(t *testing.T) {
	program, err := exec.LookPath("sqlite3")
	needs(t, err == nil, "sqlite3")
	l := files(t, false)
	l.register(t, export.SQLite)
	var s strings.Builder
	s.WriteString("PRAGMA integrity_check;\nPRAGMA foreign_key_check;\n.mode csv\n.headers on\n")
	for _, name := range export.DocumentNames() {
		fmt.Fprintf(&s, ".once %s.out\nSELECT * FROM \"%s\";\n", name, name)
	}
	s.WriteString(".headers off\n.mode list\nSELECT type || ' ' || name FROM sqlite_schema WHERE type <> 'index' ORDER BY 1;\n" +
		"SELECT (SELECT count(*) FROM signatories_in_effect) = (SELECT sum(in_effect_count) FROM declarations), (SELECT count(*) FROM status) = (SELECT count(*) FROM signatories);\n" +
		"SELECT group_concat(participant || ' ' || participant_name, ', ') FROM declaration_sponsors WHERE declaration = 'hostile';\n" +
		"SELECT value FROM about WHERE name = 'revision';\nSELECT \"values\" FROM dictionary WHERE \"table\" = 'signatories' AND \"column\" = 'basis';\n" +
		"SELECT typeof(revision) FROM signatories LIMIT 1;\nSELECT count(*) FROM declaration_topics, members LIMIT 1;\n")
	out := strings.Split(strings.TrimSpace(string(command(t, l.dir, s.String(), program, "-bail", "register.sqlite"))), "\n")
	var want []string
	want = append(want, "ok")
	var tables []string
	for _, name := range append(export.DocumentNames(), "about", "dictionary") {
		tables = append(tables, "table "+name)
	}
	slices.Sort(tables)
	want = append(append(want, tables...), "view declaration_sponsors", "view declaration_topics", "view members", "view signatories_in_effect", "view status",
		"1|1", "KOR Republic of Korea, NAM Namibia", "28", "named|implied_by_group", "integer")
	if got := out[:len(out)-1]; !slices.Equal(got, want) {
		t.Errorf("sqlite3 says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, name := range export.DocumentNames() {
		want, got := l.raw[name], [][]string(nil)
		if len(want) > 1 {
			got = table(t, filepath.Join(l.dir, name+".out"))
		} else {
			got = want // it writes no head over nothing
		}
		compare(t, name, got, want)
	}
	// The call of the data page.
	shell, err := exec.LookPath("sh")
	needs(t, err == nil, "sh")
	if n := bytes.Count(command(t, l.dir, "", shell, "-c", pages.SQLite("register.sqlite")), []byte("|in_effect|")); n < 500 {
		t.Errorf("%d signatories in effect", n)
	}
}

const duckdb = `
const {DuckDBInstance} = require(process.argv[1] + "/@duckdb/node-api");
const {readFileSync} = require("fs");
(async () => {
  const c = await (await DuckDBInstance.create(":memory:")).connect();
  for (const [name, query] of JSON.parse(readFileSync(0))) {
    const r = await c.runAndReadAll(query);
    console.log(JSON.stringify([r.columnNames(), ...r.getRowsJson().map((row) => row.map((v) => v === null ? "" : String(v)))]));
  }
})().catch((e) => { console.error(e); process.exit(1); });
`

// DuckDB reads the CSV files and the JSON files. Its reader of SQLite files is an extension that it would have to fetch.
func TestDuckDBReadsEveryCell(t *testing.T) {
	node, folder := modules(t, "@duckdb/node-api")
	l := files(t, false)
	var queries [][2]string
	for _, name := range l.names {
		queries = append(queries, [2]string{name, pages.DuckDBCSV(name + ".csv")})
	}
	o := l.options
	o.Format = export.JSON
	if err := os.WriteFile(filepath.Join(l.dir, "participants.json"), whole(t, "participants", o), 0o600); err != nil {
		t.Fatal(err)
	}
	l.register(t, export.JSON)
	queries = append(queries, [2]string{"", "SELECT unnest(rows, max_depth := 2) FROM read_json('participants.json', maximum_object_size = 100000000)"},
		[2]string{"", "SELECT len(files.signatories.rows), files.participants.columns[1] FROM read_json('register.json', maximum_object_size = 100000000)"})
	in, err := json.Marshal(queries)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(command(t, l.dir, string(in), node, "-e", duckdb, folder)))
	for _, q := range queries {
		var got [][]string
		if err := d.Decode(&got); err != nil {
			t.Fatal(err)
		}
		switch {
		case q[0] != "":
			compare(t, q[0], got, l.cells[q[0]])
		case strings.Contains(q[1], "register"):
			if want := fmt.Sprint(len(l.raw["signatories"])-1, " participant"); strings.Join(got[1], " ") != want {
				t.Errorf("register.json: %v, want %s", got[1], want)
			}
		default:
			if len(got) != len(l.raw["participants"]) || !slices.Contains(got[1], l.raw["participants"][1][0]) {
				t.Errorf("participants.json: %d rows, %v", len(got), got[1])
			}
		}
	}
}

const dataPackage = `
const {Package} = require(process.argv[1] + "/datapackage");
(async () => {
  const p = await Package.load("datapackage.json", {basePath: process.cwd()});
  if (!p.valid) throw new Error(p.errors.join("; "));
  for (const r of p.resources) {
    if (!r.tabular) { console.log(JSON.stringify([r.name, -1, []])); continue; }
    const rows = await r.read().catch((e) => { throw new Error(r.name + ": " + [e, ...(e.errors || [])].join("; ")); });
    console.log(JSON.stringify([r.name, rows.length, (rows[0] || []).map((v) => v === null ? "null" : typeof v)]));
  }
})().catch((e) => { console.error(e); process.exit(1); });
`

func TestDataPackageLibraryReadsEveryResource(t *testing.T) {
	node, folder := modules(t, "datapackage")
	l := files(t, false)
	_, packed, _ := packed(t, l.options)
	dir := t.TempDir()
	for name, b := range packed {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d := json.NewDecoder(bytes.NewReader(command(t, dir, "", node, "-e", dataPackage, folder)))
	for _, name := range append(export.Names(), export.History) {
		var got []any
		if err := d.Decode(&got); err != nil {
			t.Fatal(err)
		}
		rows := float64(len(l.raw[name]) - 1)
		if name == export.History {
			rows = -1
		}
		if got[0] != name || got[1] != rows {
			t.Errorf("%v, want %s with %.0f rows", got[:2], name, rows)
		}
		if name == "declarations" && !strings.HasPrefix(fmt.Sprint(got[2]), "[string string string string string string ") {
			t.Errorf("declarations: %v", got[2])
		}
		if name == "declarations" && got[2].([]any)[12] != "number" {
			t.Errorf("named_count is read as %v", got[2].([]any)[12])
		}
	}
}
