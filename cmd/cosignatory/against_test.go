package main

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestVerifyAgainst: whoever kept a copy can have it compared, and is told the first difference.
func TestVerifyAgainst(t *testing.T) {
	db, pack := exported(t)
	folder := t.TempDir()
	path := func(name string) string { return filepath.Join(folder, name) }
	for name, args := range map[string][]string{
		"revisions.csv":     {"revisions"},
		"raw.csv":           {"--revision", "20", "revisions"},
		"history.jsonl":     {"--format", "jsonl", "history"},
		"old-history.jsonl": {"--format", "jsonl", "--revision", "20", "history"},
	} {
		if code, _, errs := run(append([]string{"export", "--db", db, "-o", path(name)}, args...)...); code != done {
			t.Fatal(errs)
		}
	}
	if code, _, errs := run("backup", "--db", db, path("backup.db")); code != done {
		t.Fatal(errs)
	}
	read := func(name string) string {
		b, err := os.ReadFile(path(name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	write := func(name, text string) string {
		if err := os.WriteFile(path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	swap := func(name, from, to string) string {
		was := read(name)
		if !strings.Contains(was, from) {
			t.Fatalf("%s has no %q", name, from)
		}
		return strings.Replace(was, from, to, 1)
	}
	b, err := os.ReadFile(pack)
	if err != nil {
		t.Fatal(err)
	}
	write("register.zip", string(b))
	lines := strings.SplitAfter(read("history.jsonl"), "\n")
	csv := strings.SplitAfter(read("revisions.csv"), "\n")
	for _, c := range []struct {
		file string
		want int
		says []string
	}{
		{"revisions.csv", done, []string{"the same, up to revision 27."}},
		{"raw.csv", done, []string{"the same up to revision 20, where the copy ends; the register has gone on to 27."}},
		{"history.jsonl", done, []string{"the same, up to revision 27."}},
		{"old-history.jsonl", done, []string{"the same up to revision 20"}},
		{"register.zip", done, []string{"the same, up to revision 27.", "tables are those of revision 27."}},
		{"backup.db", done, []string{"the same, up to revision 27."}},
		{write("bom.csv", "\ufeff"+read("revisions.csv")), done, []string{"the same, up to revision 27."}},

		{write("reason.csv", swap("revisions.csv", "Shipped with", "Taken from")), failed, []string{"Revision 3 differs: its reason is “Shipped", "in the register, “Taken"}},
		{write("gap.csv", strings.Join(append(csv[:5:5], csv[6:]...), "")), failed, []string{"Revision 5 is not where it belongs in the copy: revision 6", "The same up to revision 4."}},
		{write("words.csv", strings.ReplaceAll(read("revisions.csv"), "previous_hash", "before")), failed, []string{"no column previous_hash", "/data/revisions.csv"}},
		{write("row.jsonl", strings.Join(append(append(lines[:4:4], strings.Replace(lines[4], `"+"`, `"-"`, 1)), lines[5:]...), "")), failed,
			[]string{"Revision 5 differs: a row is [\"+\"", "the copy was changed after it was written", "The same up to revision 4."}},
		{write("twice.jsonl", strings.Join(append(lines[:3:3], lines[2:]...), "")), failed, []string{"Revision 4 differs: its revision is 4 in the register, 3 in the copy"}},
		{write("garbage.jsonl", "{\n"), failed, []string{"Revision 1 differs: the copy's line 1 is no line of history."}},
		{write("letter.txt", "Dear colleague, this is no register at all."), failed, []string{"none of the files", "give revisions.csv"}},
		{write("empty.csv", csv[0]), failed, []string{"has no revision in it"}},
		{"nothing.csv", failed, []string{"cannot be opened"}},
	} {
		code, out, errs := run("verify", "--db", db, "--against", path(c.file))
		if code != c.want {
			t.Errorf("%s: %d %s%s", c.file, code, out, errs)
		}
		for _, s := range c.says {
			if !strings.Contains(out+errs, s) {
				t.Errorf("%s does not say %q: %s%s", c.file, s, out, errs)
			}
		}
	}

	// A table of the package that was altered, with everything else as it was.
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	unpacked := path("unpacked")
	if err := os.Mkdir(unpacked, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == "signatories.csv" {
			content = bytes.Replace(content, []byte(",in_effect,"), []byte(",left,"), 1)
		}
		write(filepath.Join("unpacked", f.Name), string(content))
	}
	if code, _, errs := run("verify", "--db", db, "--against", unpacked); code != failed || !strings.Contains(errs, "signatories.csv: line 2: status is “left” in the copy, “in_effect” in the register") {
		t.Errorf("%d %s", code, errs)
	}

	// The register has gone on in one copy and was put back to an earlier state: what was published since is missed.
	publish(t, db)
	if code, out, errs := run("verify", "--db", db, "--against", path("backup.db")); code != done || !strings.Contains(out, "the register has gone on to 28") {
		t.Errorf("%d %s%s", code, out, errs)
	}
	if code, out, errs := run("verify", "--db", path("backup.db"), "--against", db); code != failed || !strings.Contains(errs, "goes on to revision 28, but the register ends at revision 27") {
		t.Errorf("%d %s%s", code, out, errs)
	}
	// Two histories: each holds together, but one was written anew.
	if code, _, errs := run("import", "--db", path("backup.db"), "--reason", "A topic more", path(write("topics.csv", "topic,name_en\ngardens,gardens\n"))); code != done {
		t.Fatal(errs)
	}
	if code, _, errs := run("verify", "--db", path("backup.db"), "--against", db); code != failed || !strings.Contains(errs, "Revision 28 differs: its ") ||
		!strings.Contains(errs, "these are two histories") {
		t.Errorf("%d %s", code, errs)
	}
}

// TestDatabaseForReaders: register.sqlite is told from a register, and it is said what to take in its place.
func TestDatabaseForReaders(t *testing.T) {
	db := seeded(t)
	readers := filepath.Join(t.TempDir(), "register.sqlite")
	if code, _, errs := run("export", "--db", db, "--format", "sqlite", "-o", readers, "register"); code != done {
		t.Fatal(errs)
	}
	before, err := os.ReadFile(readers)
	if err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(t.TempDir(), "backup.db")
	if code, _, errs := run("backup", "--db", db, backup); code != done {
		t.Fatal(errs)
	}
	for _, args := range [][]string{
		{"verify", "--db", db, "--against", readers}, {"verify", "--db", readers}, {"serve", "--db", readers, "--addr", "127.0.0.1:0"},
		{"serve", "--db", readers, "--addr", "127.0.0.1:0", "--read-only"}, {"restore", "--db", readers, backup}, {"restore", "--db", db, readers}, {"seed", "--db", readers},
	} {
		code, _, errs := run(args...)
		if want := "cosignatory: " + readers + ": the file is register.sqlite, which readers download"; code != failed || !strings.HasPrefix(errs, want) || !strings.Contains(errs, "take register.zip") {
			t.Errorf("%v: %d %s", args, code, errs)
		}
	}
	if after, err := os.ReadFile(readers); err != nil || !bytes.Equal(before, after) {
		t.Errorf("it was changed: %v", err)
	}
}
