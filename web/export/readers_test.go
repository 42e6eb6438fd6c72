package export_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cosignatory/web/export"
)

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

// files writes every file of the shipped register, with a declaration besides that has everything spreadsheets stumble
// over, and gives their cells.
func files(t *testing.T) (dir string, cells map[string][][]string) {
	t.Helper()
	dir, cells = t.TempDir(), map[string][][]string{}
	o := hostile(t, loaded(t))
	for _, name := range export.Names() {
		b := whole(t, name, o)
		if err := os.WriteFile(filepath.Join(dir, name+".csv"), b, 0o600); err != nil {
			t.Fatal(err)
		}
		all, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		cells[name] = all
	}
	return dir, cells
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

const pandas = `
import json, sys, pandas
for name in sys.argv[2:]:
    d = pandas.read_csv(sys.argv[1] + "/" + name + ".csv", dtype=str, keep_default_na=False)
    print(json.dumps([list(d.columns)] + d.values.tolist()))
    # With its defaults every key and every name still survives; an empty cell becomes a missing value.
    e = pandas.read_csv(sys.argv[1] + "/" + name + ".csv")
    for c in e.columns:
        if c in ("declaration", "participant", "participant_name", "name", "source", "group", "title", "declaration_title", "name_as_printed"):
            for i, (x, y) in enumerate(zip(e[c], d[c])):
                if x != y and not (x != x and y == ""):
                    sys.exit("%s %s row %d: %r, not %r" % (name, c, i, x, y))
`

func TestPandasReadsEveryCell(t *testing.T) {
	needs(t, exec.Command("/usr/bin/python3", "-c", "import pandas").Run() == nil, "pandas")
	dir, want := files(t)
	command := exec.Command("/usr/bin/python3", append([]string{"-c", pandas, dir}, export.Names()...)...)
	var errs bytes.Buffer
	command.Stderr = &errs
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	d := json.NewDecoder(bytes.NewReader(out))
	for _, name := range export.Names() {
		var got [][]string
		if err := d.Decode(&got); err != nil {
			t.Fatal(err)
		}
		compare(t, name, got, want[name])
	}
}

func TestLibreOfficeReadsEveryCell(t *testing.T) {
	office, err := exec.LookPath("soffice")
	needs(t, err == nil, "LibreOffice")
	dir, want := files(t)
	widest := 0
	for _, all := range want {
		widest = max(widest, len(all[0]))
	}
	// Separator, quotation mark, UTF-8, from line 1, every column as text.
	var columns []string
	for i := range widest {
		columns = append(columns, fmt.Sprintf("%d/2", i+1))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	out := t.TempDir()
	args := []string{"-env:UserInstallation=file://" + t.TempDir(), "--headless", "--norestore",
		"--infilter=Text - txt - csv (StarCalc):44,34,76,1," + strings.Join(columns, "/"),
		"--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false", "--outdir", out}
	for _, name := range export.Names() {
		args = append(args, filepath.Join(dir, name+".csv"))
	}
	if b, err := exec.CommandContext(ctx, office, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	for _, name := range export.Names() {
		b, err := os.ReadFile(filepath.Join(out, name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
		if err != nil {
			t.Fatalf("%s as LibreOffice writes it: %v", name, err)
		}
		compare(t, name, got, want[name])
	}
}
