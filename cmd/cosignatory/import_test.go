package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cosignatory/seed"
	"cosignatory/store"
	"cosignatory/store/register"
)

// exported is a register and its package.
func exported(t *testing.T) (db, pack string) {
	t.Helper()
	folder := t.TempDir()
	db, pack = filepath.Join(folder, "a.db"), filepath.Join(folder, "register.zip")
	if code, _, errs := run("seed", "--db", db); code != done {
		t.Fatal(errs)
	}
	if code, _, errs := run("export", "--db", db, "-o", pack, "register"); code != done {
		t.Fatal(errs)
	}
	return db, pack
}

func TestImportMessages(t *testing.T) {
	db, pack := exported(t)
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	fresh := filepath.Join(folder, "new.db")
	for _, c := range []struct {
		args []string
		want int
		out  string
		errs string
	}{
		{[]string{"import", "--db", fresh, "--dry-run", pack}, done, "A trial run: nothing was changed. It would do this.\nRevisions made again as they were published: 27 (1 to 27).\nDeclarations: 25 new, 0 changed, 0 unchanged.\n", ""},
		{[]string{"verify", "--db", fresh}, failed, "", "cosignatory: there is no register at " + fresh + ": check --db (“cosignatory seed” or “cosignatory serve” makes a new one)\n"},
		{[]string{"import", "--db", fresh, pack}, done, "Revisions made again as they were published: 27 (1 to 27).\nDeclarations: 25 new, 0 changed, 0 unchanged.\n", ""},
		{[]string{"import", "--db", fresh, pack}, done, "There is nothing to import: the register is the same, at revision 27.\n", ""},
		{[]string{"seed", "--db", fresh}, done, "0 revisions published, 25 declarations stood already as shipped.\n", ""},
		{[]string{"import", "--db", fresh, "--reason", "A topic more", file("topics.csv", "topic,name_en\ngardens,gardens\n")}, done, "New revisions: 1. The newest is 28.\nDeclarations: 0 new, 0 changed, 0 unchanged.\nTopics: 1 new, 0 changed.\n", ""},
		{[]string{"import", "--db", fresh, pack}, done, "The register has all of this and more: it stands at revision 28. There is nothing to import.\n", ""},
		{[]string{"import", "--db", fresh, file("titles.csv", "declaration,language,title\nnone,en,x\ntech-trafficking-2025,,x\n")}, failed, "",
			"cosignatory: Nothing was imported. Problems: 2.\ntitles.csv line 2, declaration: The register has no declaration none. Bring it in declarations.csv, with its kind.\ntitles.csv line 3, language: “” is no language code.\n"},
		{[]string{"import", "--db", fresh, filepath.Join(folder, "none.zip")}, failed, "",
			"cosignatory: Nothing was imported. Problems: 1.\n" + filepath.Join(folder, "none.zip") + ": There is no such file or folder, or it cannot be read.\n"},
		{[]string{"import"}, usage, "", "cosignatory: “import” takes one folder, zip or CSV file, as in “cosignatory import register.zip”\nRun “cosignatory help” for the commands, “cosignatory help COMMAND” for one of them.\n"},
		{[]string{"export", "--db", db, "--format", "csv", "register"}, usage, "", "cosignatory: register cannot be had as \"csv\": choose zip, sqlite or json\nRun “cosignatory help” for the commands, “cosignatory help COMMAND” for one of them.\n"},
		{[]string{"export", "--db", db, "--format", "zip", "actions"}, usage, "", "cosignatory: actions cannot be had as \"zip\": choose csv, xlsx or json\nRun “cosignatory help” for the commands, “cosignatory help COMMAND” for one of them.\n"},
		{[]string{"export", "--db", db, "--bom", "register"}, usage, "", "cosignatory: --bom and --raw are for CSV: register as zip takes neither\nRun “cosignatory help” for the commands, “cosignatory help COMMAND” for one of them.\n"},
	} {
		if code, out, errs := run(c.args...); code != c.want || out != c.out || errs != c.errs {
			t.Errorf("%v: %d, want %d\n%q, want\n%q\n%q, want\n%q", c.args, code, c.want, out, c.out, errs, c.errs)
		}
	}
	if code, out, errs := run("export", "--db", fresh, "--revision", "27", "--format", "jsonl", "history"); code != done || strings.Count(out, "\n") != 27 {
		t.Errorf("history: %d %s", code, errs)
	}
}

// The package served is the one exported, and imports again to the same.
func TestPackageIsTheFileServed(t *testing.T) {
	base, db := serving(t)
	status, h, served := get(t, base+"/data/register.zip?revision=27")
	if status != http.StatusOK || h.Get("Content-Type") != "application/zip" || !strings.Contains(h.Get("Content-Disposition"), "cosignatory-register-") || !strings.Contains(h.Get("Cache-Control"), "immutable") {
		t.Fatalf("%d %v", status, h)
	}
	code, out, errs := run("export", "--db", db, "--revision", "27", "--base-url", base, "--format", "zip", "register")
	if code != done || out != served {
		t.Errorf("the command line gives %d bytes, the server %d: %s", len(out), len(served), errs)
	}
	pack := filepath.Join(t.TempDir(), "register.zip")
	if err := os.WriteFile(pack, []byte(served), 0o600); err != nil {
		t.Fatal(err)
	}
	fresh := filepath.Join(t.TempDir(), "new.db")
	if code, _, errs := run("import", "--db", fresh, pack); code != done {
		t.Fatal(errs)
	}
	if _, again, _ := run("export", "--db", fresh, "--base-url", base, "register"); again != served {
		t.Error("what is imported is exported otherwise")
	}
	if status, _, _ := get(t, base+"/data/register.csv"); status != http.StatusNotFound {
		t.Errorf("register.csv: %d", status)
	}
	if status, _, _ := get(t, base+"/data/register.zip?bom=1"); status != http.StatusBadRequest {
		t.Errorf("register.zip with a byte order mark: %d", status)
	}
	if status, _, body := get(t, base+"/data/history.jsonl"); status != http.StatusOK || strings.Count(body, "\n") != 27 {
		t.Errorf("history.jsonl: %d", status)
	}
}

// importChild tells the child of TestKilledImport: it imports and says when it is done.
const importChild = "COSIGNATORY_TEST_IMPORT"

func TestKilledImport(t *testing.T) {
	if args := os.Getenv(importChild); args != "" {
		db, pack, _ := strings.Cut(args, "|")
		p, err := os.Open(pack)
		if err != nil {
			t.Fatal(err)
		}
		s, err := store.Open(context.Background(), db)
		if err != nil {
			t.Fatal(err)
		}
		os.Stdout.WriteString("began\n")
		if _, err := s.Replay(context.Background(), p, store.ReplayOptions{}); err != nil {
			t.Fatal(err)
		}
		os.Stdout.WriteString("done\n")
		return
	}
	_, pack := exported(t)
	z, err := zip.OpenReader(pack)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	f, err := z.Open("history.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	history := filepath.Join(t.TempDir(), "history.jsonl")
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(history, b, 0o600); err != nil {
		t.Fatal(err)
	}
	// A register at revision 3 of the history, which is to be caught up.
	lines := bytes.SplitAfter(b, []byte("\n"))
	begin := filepath.Join(t.TempDir(), "begin.db")
	s, err := store.Open(t.Context(), begin)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Replay(t.Context(), bytes.NewReader(bytes.Join(lines[:3], nil)), store.ReplayOptions{}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	start, err := os.ReadFile(begin)
	if err != nil {
		t.Fatal(err)
	}
	midway, whole := 0, 0
	for range 12 {
		db := filepath.Join(t.TempDir(), "mirror.db")
		if err := os.WriteFile(db, start, 0o600); err != nil {
			t.Fatal(err)
		}
		c := exec.Command(os.Args[0], "-test.run=^TestKilledImport$")
		c.Env = append(os.Environ(), importChild+"="+db+"|"+history)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		said := ""
		for lines := bufio.NewScanner(out); lines.Scan(); {
			switch lines.Text() {
			case "began":
				time.AfterFunc(time.Duration(rand.Int64N(int64(60*time.Millisecond))), func() { c.Process.Kill() })
				said = "began"
			case "done":
				said = "done"
			}
		}
		c.Wait()
		if said == "" {
			t.Fatal("the import did not begin")
		}
		s, err := store.Open(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		n, err := s.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n != 27 && (n != 3 || said == "done") {
			t.Errorf("killed after it %s: revision %d", said, n)
		}
		if n == 3 {
			midway++
		} else {
			whole++
		}
		if err := s.Verify(t.Context(), nil); err != nil {
			t.Error(err)
		}
		s.Close()
	}
	t.Logf("killed midway %d times, at its end or later %d times", midway, whole)
}

// A register that staff keep is not overwritten by what was shipped.
func TestImportOfChangedFiles(t *testing.T) {
	db, pack := exported(t)
	s, err := store.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.At(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	e, err := v.Declaration(t.Context(), "p5-nuclear-war-2022")
	if err != nil {
		t.Fatal(err)
	}
	if role, _ := v.LastRole(t.Context(), e.ID); role != seed.Role {
		t.Fatalf("shipped by %s", role)
	}
	e.Open = register.No
	e.Kind = "letter"
	if _, err := s.Publish(t.Context(), store.Publication{Declaration: &e.Declaration, ID: e.ID, Base: v.Revision, Reason: "x", ReasonLang: "en", Role: "publisher"}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	z, err := zip.OpenReader(pack)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	folder := t.TempDir()
	for _, f := range z.File {
		if f.Name == "history.jsonl" {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, f.Name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, _, errs := run("import", "--db", db, folder)
	if code != failed || !strings.Contains(errs, "declaration: Staff changed p5-nuclear-war-2022 in revision 28, after revision 27 that these rows carry.") {
		t.Errorf("%d %s", code, errs)
	}
}
