package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

// serving runs the program's own Main on a free port with a new database, and stops it with the test. It returns the
// address and the database.
func serving(t *testing.T, args ...string) (base, db string) {
	t.Helper()
	base, db, _ = servingNew(t, args...)
	return base, db
}

// servingNew is serving with the one-time address for the first administrator.
func servingNew(t *testing.T, args ...string) (base, db, setup string) {
	t.Helper()
	db = filepath.Join(t.TempDir(), "register.db")
	ctx, cancel := context.WithCancel(context.Background())
	out, in := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- Main(ctx, append([]string{"serve", "--db", db, "--addr", "127.0.0.1:0"}, args...), in, io.Discard)
		in.Close()
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case code := <-ended:
			if code != done {
				t.Errorf("serve ended with %d, want %d", code, done)
			}
		case <-time.After(30 * time.Second):
			t.Error("serve did not stop")
		}
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, address, ok := strings.Cut(lines.Text(), " on http://"); ok {
			base = "http://" + address
		}
		if _, address, ok := strings.Cut(lines.Text(), "within 24 hours: "); ok {
			go io.Copy(io.Discard, out)
			return base, db, address
		}
	}
	t.Fatal("serve ended before it listened")
	return "", "", ""
}

func get(t *testing.T, url string) (int, http.Header, string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, r.Header, string(b)
}

func run(args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = Main(context.Background(), args, &o, &e)
	return code, o.String(), e.String()
}

// The command line and the server give the same bytes for the same file.
func TestExportIsTheFileServed(t *testing.T) {
	base, db := serving(t)
	for file, args := range map[string][]string{
		"/data/declarations.csv?revision=27":                        {"declarations"},
		"/data/signatories.csv?revision=27&as_of=2024-06-17":        {"--as-of", "2024-06-17", "signatories"},
		"/data/actions.csv":                                         {"actions"},
		"/data/sources.csv?revision=27":                             {"sources"},
		"/data/participants.json?revision=27":                       {"--format", "json", "participants"},
		"/data/groups.csv?revision=27":                              {"groups"},
		"/data/signatories.xlsx?revision=27&as_of=2024-06-17":       {"--format", "xlsx", "--as-of", "2024-06-17", "signatories"},
		"/data/declarations.xlsx?revision=27&lang=ar":               {"--format", "xlsx", "--lang", "ar", "declarations"},
		"/data/signatories.json?revision=27&include=implied":        {"--format", "json", "--include-implied", "signatories"},
		"/data/register.json?revision=27&lang=ru":                   {"--format", "json", "--lang", "ru", "register"},
		"/data/register.sqlite?revision=27":                         {"--format", "sqlite", "register"},
		"/data/register.zip?revision=27":                            {"--format", "zip", "register"},
		"/data/group_members.csv?revision=27":                       {"group_members"},
		"/data/revisions.csv?revision=27":                           {"revisions"},
		"/data/signatories.csv?revision=5&as_of=2026-11-23&lang=fr": {"--revision", "5", "--as-of", "2026-11-23", "--lang", "fr", "signatories"},
	} {
		status, _, served := get(t, base+file)
		if status != http.StatusOK {
			t.Errorf("%s: %d", file, status)
			continue
		}
		if strings.Contains(file, "revision=27") {
			args = append([]string{"--revision", "27"}, args...)
		}
		code, out, errs := run(append([]string{"export", "--db", db, "--base-url", base}, args...)...)
		if code != done {
			t.Errorf("export %v: %d %s", args, code, errs)
		}
		if out != served {
			t.Errorf("%s: the command line gives %d bytes, the server %d others", file, len(out), len(served))
		}
	}
}

func TestExitStatus(t *testing.T) {
	_, db := serving(t)
	folder := t.TempDir()
	for _, c := range []struct {
		args []string
		want int
		says string
	}{
		{[]string{"verify", "--db", db}, done, "27 revisions"},
		{[]string{"seed", "--db", db}, done, "0 revisions published, 25"},
		{[]string{"backup", "--db", db, filepath.Join(folder, "b.db")}, done, "checked copy"},
		{[]string{"restore", "--db", db, filepath.Join(folder, "b.db")}, failed, "stop the server first"},
		{[]string{"restore", "--db", filepath.Join(folder, "new.db"), filepath.Join(folder, "b.db")}, done, "is now what"},
		{[]string{"verify", "--db", filepath.Join(folder, "none.db")}, failed, "there is no register at " + filepath.Join(folder, "none.db") + ": check --db"},
		{[]string{"backup", "--db", filepath.Join(folder, "none.db"), filepath.Join(folder, "c.db")}, failed, "check --db"},
		{[]string{"release", "--db", filepath.Join(folder, "no", "none.db"), "--base-url", "https://register.example.org", "2026.1"}, failed, "check --db"},
		{[]string{"user", "list", "--db", filepath.Join(folder, "none.db")}, failed, "check --db"},
		{[]string{"export", "--db", db, "everything"}, usage, "signatories"},
		{[]string{"export", "--db", db, "--as-of", "2025-13-40", "declarations"}, usage, "YYYY-MM-DD"},
		{[]string{"export", "--db", db, "--revision", "999999", "declarations"}, usage, "27"},
		{[]string{"export", "--db", db, "--revision", "0", "declarations"}, usage, "there is no revision 0: they are numbered from 1 on. Leave --revision out for the newest"},
		{[]string{"export", "--db", db, "--revision", "-1", "declarations"}, usage, "there is no revision -1"},
		{[]string{"export", "--db", db, "--revision", "x", "declarations"}, usage, `cosignatory: --revision is "x": it has to be a whole number`},
		{[]string{"export", "--db", db, "--raw=maybe", "declarations"}, usage, `cosignatory: --raw is "maybe": it has to be true or false`},
		{[]string{"serve", "--db", db, "--slow", "1 day"}, usage, `cosignatory: --slow is "1 day": it has to be a time, as in 24h or 90s`},
		{[]string{"export", "--db", db, "--lang", "xx", "declarations"}, usage, "en"},
		{[]string{"export", "--db", db, "-o", filepath.Join(folder, "no", "such", "file.csv"), "declarations"}, failed, "the folder " + filepath.Join(folder, "no", "such") + " does not exist. Make it first"},
		{[]string{"export", "--db", db, "-o", filepath.Join(db, "file.csv"), "declarations"}, failed, "no file can be made in the folder " + db + " (not a directory). Choose another one"},
		{[]string{"export", "--db", db, "-o", folder, "declarations"}, failed, "cosignatory: cannot write " + folder + ": it is a folder. Add the name of a file, as in " + filepath.Join(folder, "register.csv") + "\n"},
		{[]string{"backup"}, usage, "takes one file"},
		{[]string{"serve", "--port", "80"}, usage, "unknown flag"},
		{[]string{"dance"}, usage, "dance"},
		{[]string{"help"}, done, "serve"},
	} {
		code, out, errs := run(c.args...)
		if code != c.want || !strings.Contains(out+errs, c.says) {
			t.Errorf("%v: %d, want %d and %q; said %q %q", c.args, code, c.want, c.says, out, errs)
		}
		if code != done && (out != "" || !strings.HasPrefix(errs, "cosignatory: ")) {
			t.Errorf("%v: an error stands on standard output, or without the program's name: %q %q", c.args, out, errs)
		}
	}
}

// TestServeRefusesBeforeItTouchesTheFile: an address that cannot be served leaves no file behind and no schema changed: an older
// server may be running there.
func TestServeRefusesBeforeItTouchesTheFile(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	db := filepath.Join(t.TempDir(), "register.db")
	for _, c := range []struct {
		args []string
		want int
		says string
	}{
		{[]string{"--addr", taken.Addr().String()}, failed, taken.Addr().String() + ": another program is using the port. Choose another one with --addr\n"},
		{[]string{"--addr", "192.0.2.1:8080"}, failed, "cannot listen on 192.0.2.1:8080: this machine has no such address. Give --addr one that it has"},
		{[]string{"--addr", "nowhere"}, usage, `--addr is "nowhere": it has to be a host and a port`},
		{[]string{"--addr", "127.0.0.1:80800"}, usage, "from 0 to 65535"},
		{[]string{"--addr", "http://127.0.0.1:8080"}, usage, "as in 127.0.0.1:8080"},
		{[]string{"--addr", ""}, usage, "as in 127.0.0.1:8080"},
		{[]string{"--addr", "127.0.0.1:0", "--metrics-addr", "9100"}, usage, `--metrics-addr is "9100"`},
		{[]string{"--addr", "127.0.0.1:0", "--metrics-addr", taken.Addr().String()}, failed, "another one with --metrics-addr"},
		{[]string{"--addr", "127.0.0.1:0", "--base-url", "register"}, usage, "https://register.example.org"},
	} {
		code, out, errs := run(append([]string{"serve", "--db", db}, c.args...)...)
		if code != c.want || !strings.Contains(errs, c.says) {
			t.Errorf("%v: %d %q %q", c.args, code, out, errs)
		}
		if _, err := os.Stat(db); err == nil {
			t.Fatalf("%v: the file was made", c.args)
		}
	}
}

// TestServeEndedWhileItBegins: SIGTERM at any moment of the start is an end as any other, and the next start finds all it needs.
func TestServeEndedWhileItBegins(t *testing.T) {
	db := filepath.Join(t.TempDir(), "register.db")
	for after := time.Duration(0); after < 300*time.Millisecond; after += 25 * time.Millisecond {
		ctx, cancel := context.WithTimeout(context.Background(), after)
		var out, errs bytes.Buffer
		if code := Main(ctx, []string{"serve", "--db", db, "--addr", "127.0.0.1:0"}, &out, &errs); code != done || strings.Contains(errs.String(), "context") {
			t.Errorf("ended after %v: %d %s", after, code, errs.String())
		}
		cancel()
	}
	if code, _, errs := run("seed", "--db", db); code != done {
		t.Fatal(errs)
	}
	if code, out, errs := run("verify", "--db", db); code != done || !strings.Contains(out, "27 revisions") {
		t.Errorf("%d %s %s", code, out, errs)
	}
}

// TestFileByItself: once a new register is being served, its file has what was loaded, should somebody take it without its log.
func TestFileByItself(t *testing.T) {
	_, db := serving(t)
	b, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	taken := filepath.Join(t.TempDir(), "taken.db")
	if err := os.WriteFile(taken, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := run("verify", "--db", taken); code != done || !strings.Contains(out, "27 revisions") {
		t.Errorf("%d %s %s", code, out, errs)
	}
}

// TestVariables: one that no option has is told, for it may be misspelt; a value that is none says what it has to be.
func TestVariables(t *testing.T) {
	t.Setenv("COSIGNATORY_BACKUPDIR", "/backups")
	if unknown := unknownVariables(); !slices.Contains(unknown, "COSIGNATORY_BACKUPDIR") || slices.Contains(unknown, "COSIGNATORY_DB") {
		t.Errorf("%v", unknown)
	}
	for name, c := range map[string][2]string{"COSIGNATORY_READ_ONLY": {"yes", "true or false"}, "COSIGNATORY_BACKUP_EVERY": {"1 day", "as in 24h"}, "COSIGNATORY_BACKUP_KEEP": {"many", "a whole number"}} {
		t.Setenv(name, c[0])
		if code, _, errs := run("serve", "--db", filepath.Join(t.TempDir(), "register.db")); code != usage || !strings.Contains(errs, name) || !strings.Contains(errs, c[1]) {
			t.Errorf("%s: %d %s", name, code, errs)
		}
		os.Unsetenv(name)
	}
}

func TestVerifyFailsOnAnAlteredRow(t *testing.T) {
	_, db := serving(t)
	raw, err := sql.Open("sqlite3", db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw.Exec("UPDATE action SET name_as_printed = 'Elbonia' WHERE name_as_printed = '캄보디아'"); err != nil {
		t.Fatal(err)
	}
	raw.Close()
	code, _, errs := run("verify", "--db", db)
	if code != failed || !strings.Contains(errs, "Elbonia") || !strings.Contains(errs, "tech-trafficking-2025") {
		t.Errorf("verify: %d %s", code, errs)
	}
}

func TestVariablesGoBeforeDefaultsAndAfterFlags(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("COSIGNATORY_DB", filepath.Join(folder, "variable.db"))
	if code, _, errs := run("seed"); code != done {
		t.Fatal(errs)
	}
	if _, err := os.Stat(filepath.Join(folder, "variable.db")); err != nil {
		t.Error("the variable was not used")
	}
	if code, _, errs := run("seed", "--db", filepath.Join(folder, "flag.db")); code != done {
		t.Fatal(errs)
	}
	if _, err := os.Stat(filepath.Join(folder, "flag.db")); err != nil {
		t.Error("the flag does not go before the variable")
	}
}

// D26: the same address at the same revision gives the same bytes after more has been published.
func TestD26PermalinksKeepTheirBytes(t *testing.T) {
	base, db := serving(t)
	files := []string{"/data/signatories.csv?revision=27", "/en/declarations.csv?revision=27", "/fr/declarations/tech-trafficking-2025.csv?revision=27",
		"/en/participants/KOR.csv?revision=27", "/en/declarations/tech-trafficking-2025.json?revision=27",
		"/fr/declarations/tech-trafficking-2025.xlsx?revision=27", "/data/register.sqlite?revision=27", "/data/register.json?revision=27", "/data/register.zip?revision=27"}
	before := map[string]string{}
	for _, f := range files {
		status, h, body := get(t, base+f)
		if status != http.StatusOK || !strings.Contains(h.Get("Cache-Control"), "immutable") {
			t.Fatalf("%s: %d %s", f, status, h.Get("Cache-Control"))
		}
		before[f] = body
	}
	publish(t, db)
	for _, f := range files {
		if _, _, body := get(t, base+f); body != before[f] {
			t.Errorf("%s: other bytes after a publication", f)
		}
	}
	if _, _, body := get(t, base+"/en/declarations/tech-trafficking-2025.csv"); !strings.Contains(body, "left") {
		t.Error("the newest revision does not show the withdrawal that another process published")
	}
}
