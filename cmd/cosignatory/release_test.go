package main

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"cosignatory/templates/i18n"
)

// A release is made while the register is served, is what the server gives for its files, travels with a backup, is verified,
// and can be made again by a mirror with the same checksums.
func TestRelease(t *testing.T) {
	base, db := serving(t)
	year := time.Now().UTC().Format("2006")
	one, two := year+".1", year+".2"
	if code, out, errs := run("releases", "--db", db); code != done || out != "" || !strings.Contains(errs, "No release yet") {
		t.Errorf("releases: %d %q %q", code, out, errs)
	}
	code, sums, errs := run("release", "--db", db, "--revision", "20", "--base-url", base+"/", one)
	if code != done || !strings.Contains(errs, "Release "+one+" names revision 20") {
		t.Fatalf("release: %d %s", code, errs)
	}
	publish(t, db) // revision 28
	if code, _, errs := run("release", "--db", db, "--base-url", base, two); code != done || !strings.Contains(errs, "names revision 28") {
		t.Fatalf("release: %d %s", code, errs)
	}
	files := 0
	status, _, table := get(t, base+"/en/releases/"+one+".csv")
	if status != http.StatusOK {
		t.Fatal(status)
	}
	for line := range strings.Lines(sums) {
		sum, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok {
			t.Errorf("no line of sha256sum: %q", line)
		}
		_, after, _ := strings.Cut(table, sum+",")
		address, _, _ := strings.Cut(after, "\r\n")
		status, _, body := get(t, address)
		got := sha256.Sum256([]byte(body))
		if status != http.StatusOK || hex.EncodeToString(got[:]) != sum {
			t.Errorf("%s is frozen as %s, but %s gives %d, %x", name, sum, address, status, got)
		}
		files++
	}
	if files < 20 {
		t.Errorf("only %d files are frozen", files)
	}
	zip, _, _ := strings.Cut(sums, " ")
	if code, out, _ := run("releases", "--db", db); code != done || strings.Count(out, "\n") != 2 || !strings.HasPrefix(out, two+"  28  ") || !strings.Contains(out, one+"  20  ") || !strings.Contains(out, "  "+zip+"\n") {
		t.Errorf("releases: %d %q", code, out)
	}
	if status, _, page := get(t, base+"/en/releases/"+two); status != http.StatusOK || !strings.Contains(page, "Thailand") {
		t.Errorf("the page of the release: %d", status)
	}
	for _, c := range []struct {
		args []string
		want int
		says string
	}{
		{[]string{"release", "--db", db}, usage, "takes a name"},
		{[]string{"release", "--db", db, "a", "b"}, usage, "takes a name"},
		{[]string{"release", "--db", db, "spring"}, usage, "as in 2026.1"},
		{[]string{"release", "--db", db, "--base-url", "register", year + ".3"}, usage, "https://register.example.org"},
		{[]string{"release", "--db", db, "--revision", "99", "--base-url", base, year + ".3"}, usage, "the newest is 28"},
		// A release is never taken back: a 0 that a script meant otherwise does not freeze the newest revision.
		{[]string{"release", "--db", db, "--revision", "0", "--base-url", base, year + ".3"}, usage, "there is no revision 0"},
		{[]string{"release", "--db", db, "--revision", "-1", "--base-url", base, year + ".3"}, usage, "there is no revision -1"},
		{[]string{"release", "--db", db, "--revision", "20", "--base-url", base, one}, failed, "is made already"},
		{[]string{"release", "--db", db, "--base-url", base, year + ".3"}, failed, "a new release names a later revision"},
		// The address is frozen with the files: none is taken for granted.
		{[]string{"release", "--db", db, year + ".3"}, usage, "needs --base-url"},
		{[]string{"release", "--db", filepath.Join(t.TempDir(), "none.db"), "--base-url", base, year + ".3"}, failed, "cosignatory seed"},
		{[]string{"releases", "--db", filepath.Join(t.TempDir(), "none.db")}, failed, "cosignatory seed"},
		{[]string{"releases", "--db", db, one}, usage, "takes no argument"},
		{[]string{"verify", "--db", db}, done, "newest release " + two},
		{[]string{"verify", "--db", db, "--without-files"}, done, "newest release " + two},
	} {
		code, out, errs := run(c.args...)
		if code != c.want || !strings.Contains(out+errs, c.says) {
			t.Errorf("%v: %d, want %d and %q; said %q %q", c.args, code, c.want, c.says, out, errs)
		}
	}
	folder := t.TempDir()
	backup, restored := filepath.Join(folder, "backup.db"), filepath.Join(folder, "restored.db")
	if code, _, errs := run("backup", "--db", db, backup); code != done {
		t.Fatal(errs)
	}
	if code, _, errs := run("restore", backup, "--db", restored); code != done {
		t.Fatal(errs)
	}
	_, list, _ := run("releases", "--db", db)
	if _, out, _ := run("releases", "--db", restored); out != list {
		t.Errorf("restored: %q, was %q", out, list)
	}
	// A package carries the chain and no releases: they are its keeper's. A mirror makes them again, with the same checksums.
	pack, mirror, again := filepath.Join(folder, "register.zip"), filepath.Join(folder, "mirror.db"), filepath.Join(folder, "again.zip")
	for _, args := range [][]string{{"export", "--db", db, "--base-url", base, "--format", "zip", "-o", pack, "register"}, {"import", "--db", mirror, pack},
		{"export", "--db", mirror, "--base-url", base, "--format", "zip", "-o", again, "register"}} {
		if code, _, errs := run(args...); code != done {
			t.Fatal(args, errs)
		}
	}
	a, err := os.ReadFile(pack)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(again); err != nil || !bytes.Equal(a, b) {
		t.Errorf("the mirror’s package is another one: %v", err)
	}
	if _, out, _ := run("releases", "--db", mirror); out != "" {
		t.Errorf("the mirror has releases: %q", out)
	}
	if code, out, errs := run("release", "--db", mirror, "--revision", "20", "--base-url", base, one); code != done || out != sums {
		t.Errorf("the mirror’s release: %d %s %s", code, out, errs)
	}
	if code, _, errs := run("import", "--db", mirror, pack); code != done {
		t.Errorf("a mirror with a release takes no package: %s", errs)
	}
	// What is altered under a release is found, and that it is the release.
	raw, err := sql.Open("sqlite3", restored)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	for _, statement := range []string{"DROP TRIGGER release_file_no_update", "UPDATE release_file SET sha256 = '" + strings.Repeat("0", 64) + "' WHERE file = 'sources.csv'"} {
		if _, err := raw.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if code, _, errs := run("verify", "--db", restored); code != failed || !strings.Contains(errs, "Release "+one+" was altered") {
		t.Errorf("verify: %d %s", code, errs)
	}
}

// The pages of releases fit a phone in every language and are accessible; the citation opens without a script.
func TestBrowserReleases(t *testing.T) {
	base, db := serving(t)
	ctx := browser(t)
	year := time.Now().UTC().Format("2006")
	if code, _, errs := run("release", "--db", db, "--revision", "20", "--base-url", base, year+".1"); code != done {
		t.Fatal(errs)
	}
	publish(t, db)
	if code, _, errs := run("release", "--db", db, "--base-url", base, year+".2"); code != done {
		t.Fatal(errs)
	}
	for _, path := range []string{"/releases", "/releases/" + year + ".2", "/declarations/tech-trafficking-2025"} {
		for _, l := range i18n.Languages() {
			for _, width := range []int64{360, 1280} {
				if width == 1280 && l.Code != "en" && l.Code != "ar" {
					continue
				}
				do(t, ctx, chromedp.EmulateViewport(width, 800), chromedp.Navigate(base+"/"+l.Code+path))
				read(t, ctx, chromedp.Evaluate[bool](`document.querySelectorAll('details').forEach(d => d.open = true) || true`))
				if over := read(t, ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`)); over > 0 {
					t.Errorf("%s in %s is %d pixels too wide at %d", path, l.Code, over, width)
				}
			}
			if l.Code == "en" || l.Code == "ar" {
				accessible(t, ctx, path+" in "+l.Code)
			}
		}
	}
	do(t, ctx, chromedp.Navigate(base+"/en/declarations/tech-trafficking-2025"))
	do(t, ctx, chromedp.Click(".foot summary"))
	cited := strings.Join(strings.Fields(read(t, ctx, chromedp.Text(".foot details"))), " ")
	if !strings.Contains(cited, "Revision 28 is release "+year+".2") || !strings.Contains(cited, "BibTeX") || !strings.Contains(cited, "revision=28") {
		t.Errorf("the citation opens as %q", cited)
	}
	follow(t, ctx, ".foot details p a")
	if title := read(t, ctx, chromedp.Text("h1")); title != "Release "+year+".2" {
		t.Errorf("the release of the page is headed %q", title)
	}
}
