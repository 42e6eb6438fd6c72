package main

import (
	"archive/zip"
	"bytes"
	"database/sql"
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

// TestVerifyAgainstPartOfAPackage: what a folder still holds is compared, what it lacks is named, and nothing that was not
// compared is said to be the same.
func TestVerifyAgainstPartOfAPackage(t *testing.T) {
	db, pack := exported(t)
	z, err := zip.OpenReader(pack)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	// unpacked is a folder of the package in which some files are changed: from, to; or taken away where there is no from.
	unpacked := func(t *testing.T, changes map[string][2]string) string {
		t.Helper()
		folder := t.TempDir()
		if err := os.CopyFS(folder, z); err != nil {
			t.Fatal(err)
		}
		for name, c := range changes {
			path := filepath.Join(folder, name)
			if c[0] == "" {
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
				continue
			}
			b, err := os.ReadFile(path)
			if err != nil || !bytes.Contains(b, []byte(c[0])) {
				t.Fatalf("%s has no %q: %v", name, c[0], err)
			}
			if err := os.WriteFile(path, bytes.Replace(b, []byte(c[0]), []byte(c[1]), 1), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return folder
	}
	gone, left := [2]string{}, [2]string{",in_effect,", ",left,"}
	const altered = "signatories.csv: line 2: status is “left” in the copy, “in_effect” in the register"
	for name, c := range map[string]struct {
		changes map[string][2]string
		want    int
		says    []string
		not     string
	}{
		"whole": {nil, done, []string{": the same, up to revision 27. Its 21 tables are those of revision 27.\n"}, "not "},
		"without the history": {map[string][2]string{"history.jsonl": gone}, done,
			[]string{": its revisions are the same, up to revision 27. Its 21 tables are those of revision 27. It has no history.jsonl, so its revisions were compared by revisions.csv"}, ""},
		"without the history, altered": {map[string][2]string{"history.jsonl": gone, "signatories.csv": left}, failed, []string{altered}, "the same,"},
		"without the history, revisions altered": {map[string][2]string{"history.jsonl": gone, "revisions.csv": {"Shipped with", "Taken from"}}, failed,
			[]string{"Revision 3 differs: its reason"}, "the same,"},
		"without the descriptor": {map[string][2]string{"datapackage.json": gone, "signatories.csv": left}, done,
			[]string{": its revisions are the same, up to revision 27. It has no datapackage.json, so its tables were not compared: ", "signatories.csv", "revisions.csv"}, ": the same"},
		"without both": {map[string][2]string{"datapackage.json": gone, "history.jsonl": gone, "signatories.csv": left}, done,
			[]string{": its revisions are the same, up to revision 27. ", "its tables were not compared: ", "signatories.csv"}, ": the same"},
		"without a table":     {map[string][2]string{"signatories.csv": gone}, failed, []string{"it has no signatories.csv, which its datapackage.json lists"}, "the same,"},
		"without revisions":   {map[string][2]string{"revisions.csv": gone}, failed, []string{"it has no revisions.csv, which its datapackage.json lists"}, "the same,"},
		"without both chains": {map[string][2]string{"revisions.csv": gone, "history.jsonl": gone}, failed, []string{"holds neither history.jsonl nor revisions.csv"}, "the same,"},
		"a table that is not listed": {map[string][2]string{"topics.csv": gone, "datapackage.json": {`"path": "topics.csv"`, `"path": "CHANGELOG.md"`}}, done,
			[]string{": its revisions are the same", "Its 20 tables are those of revision 27.", "lists none of them: topics.csv.", "These were not compared, for this version of the program does not know them: CHANGELOG.md."}, ": the same"},
		"a list of what is not there": {map[string][2]string{"datapackage.json": {`"path": "topics.csv"`, `"path": "../../gone.csv"`}}, failed, []string{"it has no ../../gone.csv, which"}, "the same,"},
		"a column less than listed":   {map[string][2]string{"datapackage.json": {`"name": "topic"`, `"name": "theme"`}}, failed, []string{"but its datapackage.json lists "}, "the same,"},
		"another revision":            {map[string][2]string{"datapackage.json": {`"revision": 27`, `"revision": 26`}}, failed, []string{"says revision 26, its history.jsonl ends at 27"}, "the same,"},
		"another hash":                {map[string][2]string{"datapackage.json": {`"hash": "`, `"hash": "0`}}, failed, []string{"says that revision 27 has the hash 0"}, "the same,"},
	} {
		code, out, errs := run("verify", "--db", db, "--against", unpacked(t, c.changes))
		if code != c.want {
			t.Errorf("%s: %d %s%s", name, code, out, errs)
		}
		for _, s := range c.says {
			if !strings.Contains(out+errs, s) {
				t.Errorf("%s: it does not say %q: %s%s", name, s, out, errs)
			}
		}
		if c.not != "" && strings.Contains(out+errs, c.not) {
			t.Errorf("%s: it says %q: %s%s", name, c.not, out, errs)
		}
	}
}

// TestVerifyAgainstAlteredDatabase: a file whose chain is the register's, but whose rows are not what the chain published, is
// another register to whoever reads it.
func TestVerifyAgainstAlteredDatabase(t *testing.T) {
	db := seeded(t)
	const at = "https://register.example.org"
	if code, _, errs := run("release", "--db", db, "--revision", "20", "--base-url", at, "2026.1"); code != done {
		t.Fatal(errs)
	}
	altered := func(t *testing.T, statements ...string) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), "alt.db")
		if code, _, errs := run("backup", "--db", db, path); code != done {
			t.Fatal(errs)
		}
		raw, err := sql.Open("sqlite3", path)
		if err != nil {
			t.Fatal(err)
		}
		defer raw.Close()
		for _, s := range statements {
			if r, err := raw.Exec(s); err != nil {
				t.Fatal(err)
			} else if n, err := r.RowsAffected(); err != nil || n != 1 && !strings.HasPrefix(s, "D") {
				t.Fatalf("%s: %d rows, %v", s, n, err)
			}
		}
		return path
	}
	const same = " is not the same as the register: its revisions are the same up to revision 27, but it does not hold what they published: "
	for name, c := range map[string]struct {
		path string
		want int
		says []string
	}{
		"as it is":        {altered(t), done, []string{": the same, up to revision 27. Its rows are what its revisions published.\n"}},
		"a name":          {altered(t, "UPDATE action SET name_as_printed = 'Xyz' WHERE id = 200"), failed, []string{same + "A row of revision ", "is not what was published. It reads ", "Xyz"}},
		"a row less":      {altered(t, "DELETE FROM action WHERE id = 200"), failed, []string{same + "A row of revision ", "is missing. Published was "}},
		"a row in secret": {altered(t, "INSERT INTO topic_name SELECT 'secret', lang, 28, rev_to, name FROM topic_name LIMIT 1"), failed, []string{same + "The table topic_name has 1 rows with a rev_from of their own"}},
		"a frozen file":   {altered(t, "DROP TRIGGER release_file_no_update", "UPDATE release_file SET sha256 = '0' WHERE file = 'sources.csv'"), failed, []string{same + "Release 2026.1 was altered"}},
		// What the program of schema 4 left, which knew no releases.
		"an older program": {altered(t, "UPDATE action SET name_as_printed = 'Xyz' WHERE id = 200", "DROP TABLE release_file", "DROP TABLE release", "DELETE FROM goose_db_version WHERE version_id > 4"), done,
			[]string{": its revisions are the same, up to revision 27. Its rows were not compared, for an older version of the program wrote them: ", "cosignatory restore "}},
	} {
		code, out, errs := run("verify", "--db", db, "--against", c.path)
		if code != c.want {
			t.Errorf("%s: %d %s%s", name, code, out, errs)
		}
		for _, s := range c.says {
			if !strings.Contains(out+errs, s) {
				t.Errorf("%s: it does not say %q: %s%s", name, s, out, errs)
			}
		}
		if strings.Contains(errs, "Restore the newest backup") {
			t.Errorf("%s: a copy that differs is no reason to restore the register: %s", name, errs)
		}
	}
}

// TestVerifyAgainstOneDocument: a file of one revision alone is told from a copy that differs.
func TestVerifyAgainstOneDocument(t *testing.T) {
	db, document := seeded(t), filepath.Join(t.TempDir(), "register.json")
	if code, _, errs := run("export", "--db", db, "--format", "json", "-o", document, "register"); code != 0 {
		t.Fatal(errs)
	}
	if code, out, errs := run("verify", "--db", db, "--against", document); code != failed || !strings.Contains(errs, "holds one revision and not what led to it") || strings.Contains(out+errs, "differs") {
		t.Errorf("%d %s %s", code, out, errs)
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
