package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"cosignatory/store"
	"cosignatory/web"
)

// program is the path of a program that a test needs. Where there is none the test says so; CI insists on it.
func program(t *testing.T, variable string, names ...string) string {
	t.Helper()
	if variable != "" && os.Getenv(variable) != "" {
		return os.Getenv(variable)
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%v is not installed: this test cannot run", names)
	}
	t.Skipf("%v is not installed", names)
	return ""
}

// eventually asks until the answer is yes, for a minute.
func eventually(t *testing.T, what string, yes func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	end := time.NewTimer(time.Minute)
	defer end.Stop()
	for !yes() {
		select {
		case <-tick.C:
		case <-end.C:
			t.Fatalf("waited a minute in vain: %s", what)
		}
	}
}

// logged is a log that may be read while it is written.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// servingOn serves a database, until the test ends or stop is called. It returns all that was said first, up to the address.
func servingOn(t *testing.T, db string, args ...string) (base, said string, log *logged, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, in := io.Pipe()
	log = &logged{}
	ended := make(chan int, 1)
	go func() {
		ended <- Main(ctx, append([]string{"serve", "--db", db, "--addr", "127.0.0.1:0"}, args...), in, log)
		in.Close()
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case code := <-ended:
			if code != done {
				t.Errorf("serve ended with %d: %s", code, log)
			}
		case <-time.After(30 * time.Second):
			t.Error("serve did not stop")
		}
	})
	t.Cleanup(stop)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		said += lines.Text() + "\n"
		if _, address, ok := strings.Cut(lines.Text(), " on http://"); ok {
			go io.Copy(io.Discard, out)
			return "http://" + address, said, log, stop
		}
	}
	t.Fatalf("serve ended before it listened: %s", log)
	return "", "", nil, nil
}

func seeded(t *testing.T) string {
	t.Helper()
	db := filepath.Join(t.TempDir(), "register.db")
	if code, _, errs := run("seed", "--db", db); code != done {
		t.Fatal(errs)
	}
	return db
}

// presented publishes who presented a declaration, and returns the revision.
func presented(t *testing.T, db, by string) int {
	t.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	v, err := s.At(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	e, err := v.Declaration(ctx, "tech-trafficking-2025")
	if err != nil {
		t.Fatal(err)
	}
	d := e.Declaration
	d.PresentedBy = by
	made, err := s.Publish(ctx, store.Publication{Declaration: &d, ID: e.ID, Base: v.Revision, Reason: "Made up for a test", ReasonLang: "en", Role: "publisher"})
	if err != nil {
		t.Fatal(err)
	}
	return made[0].Number
}

// health is what /healthz says.
type health struct {
	Status   string
	Reason   string
	Revision int
	ReadOnly bool `json:"read_only"`
	Copy     struct {
		PublishedAt    string `json:"published_at"`
		ChangedAt      string `json:"changed_at"`
		SourceRevision int    `json:"source_revision"`
		Behind         *int   `json:"behind_revisions"`
		BehindSeconds  *int   `json:"behind_seconds"`
		Failed         string
	}
	Backup struct {
		Revision, Kept int
		Last, Failed   string
	}
}

func healthOf(t *testing.T, base string) (h health) {
	t.Helper()
	_, _, body := get(t, base+"/healthz")
	if err := json.Unmarshal([]byte(body), &h); err != nil {
		t.Fatal(err, body)
	}
	return h
}

// TestReadOnly: a copy is served without staff, without a way to set anything up, and without a byte written.
func TestReadOnly(t *testing.T) {
	db := seeded(t)
	before, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	source, _, _, _ := servingOn(t, seeded(t))
	base, said, _, _ := servingOn(t, db, "--read-only", "--source", source)
	if strings.Contains(said, "administrator") || !strings.Contains(said, "read-only") {
		t.Errorf("it says %s", said)
	}
	for _, x := range []string{"/en/", "/ar/declarations/tech-trafficking-2025", "/data/register.zip", "/feeds/changes.atom"} {
		if status, _, _ := get(t, base+x); status != http.StatusOK {
			t.Errorf("%s: %d", x, status)
		}
	}
	for _, x := range []struct{ path, says string }{
		{"/en/staff", "for reading only"}, {"/fr/staff/sign-in", "réservée à la consultation"}, {"/zh/staff/drafts/1", "仅供阅读"},
	} {
		status, h, body := get(t, base+x.path)
		if status != http.StatusForbidden || !strings.Contains(body, x.says) || h.Get("Cache-Control") != "no-store" || h.Get("Set-Cookie") != "" {
			t.Errorf("GET %s: %d %s", x.path, status, h)
		}
		r, err := http.PostForm(base+x.path, map[string][]string{"login": {"a"}, "password": {"b"}})
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(r.Body)
		r.Body.Close()
		if r.StatusCode != http.StatusForbidden || !strings.Contains(string(b), x.says) || r.Header.Get("Set-Cookie") != "" {
			t.Errorf("POST %s: %d", x.path, r.StatusCode)
		}
	}
	if after, err := os.ReadFile(db); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the copy was written to: %v", err)
	}
	h := healthOf(t, base)
	if !h.ReadOnly || h.Revision != 27 || h.Copy.PublishedAt == "" || h.Copy.ChangedAt == "" {
		t.Errorf("%+v", h)
	}
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"--read-only", "--backup-dir", "x"}, "writes nothing"}, {[]string{"--source", source}, "goes with --read-only"},
		{[]string{"--read-only", "--source", "register"}, "http://"}, {[]string{"--backup-dir", "x", "--backup-keep", "0"}, "1 or more"},
		{[]string{"--backup-dir", "x", "--backup-every", "1s"}, "a minute"}, {[]string{"--slow", "-1s"}, "--slow"},
	} {
		if code, _, errs := run(append([]string{"serve", "--db", db}, c.args...)...); code != usage || !strings.Contains(errs, c.says) {
			t.Errorf("%v: %d %s", c.args, code, errs)
		}
	}
}

// TestReplacedCopy: a copy that is put in the place of the one served is served from then on, and says how far behind it is.
func TestReplacedCopy(t *testing.T) {
	db := seeded(t)
	copied := filepath.Join(t.TempDir(), "copy.db")
	replace := func() {
		t.Helper()
		fresh := copied + ".fresh"
		if code, _, errs := run("backup", "--db", db, fresh); code != done {
			t.Fatal(errs)
		}
		if err := os.Rename(fresh, copied); err != nil {
			t.Fatal(err)
		}
	}
	replace()
	source, _, _, _ := servingOn(t, db)
	base, _, log, _ := servingOn(t, copied, "--read-only", "--source", source)
	newest := presented(t, db, "Somebody else")
	eventually(t, "the copy knows that it is behind", func() bool {
		h := healthOf(t, base)
		return h.Revision == 27 && h.Copy.SourceRevision == newest && h.Copy.Behind != nil && *h.Copy.Behind == 1 && h.Status == "ok"
	})
	replace()
	eventually(t, "the new copy is served", func() bool {
		h := healthOf(t, base)
		return h.Revision == newest && h.Copy.Behind != nil && *h.Copy.Behind == 0 && *h.Copy.BehindSeconds == 0
	})
	if _, _, body := get(t, base+"/en/declarations/tech-trafficking-2025"); !strings.Contains(body, "Somebody else") {
		t.Error("the page is of the copy before")
	}
	// What cannot be served does not take the place of what can.
	if err := os.WriteFile(copied+".fresh", []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(copied+".fresh", copied); err != nil {
		t.Fatal(err)
	}
	served := healthOf(t, base).Copy.ChangedAt
	refused := func() int { return strings.Count(log.String(), "the one before goes on") }
	eventually(t, "the log says that the new file cannot be served", func() bool { return refused() > 0 })
	if h := healthOf(t, base); h.Status != "ok" || h.Revision != newest || !strings.Contains(h.Copy.Failed, "not a Cosignatory database") || h.Copy.ChangedAt != served {
		t.Errorf("%+v, changed at %s before", h, served)
	}
	since := time.Now()
	eventually(t, "the file is looked at again, and again", func() bool { return time.Since(since) > 3*time.Second })
	if n := refused(); n != 1 {
		t.Errorf("it is logged %d times that one file cannot be served: %s", n, log)
	}
	// Another reason is told.
	if code, _, errs := run("export", "--db", db, "--format", "sqlite", "-o", copied+".fresh", "register"); code != done {
		t.Fatal(errs)
	}
	if err := os.Rename(copied+".fresh", copied); err != nil {
		t.Fatal(err)
	}
	eventually(t, "another reason is logged", func() bool { return refused() == 2 })
	if h := healthOf(t, base); !strings.Contains(h.Copy.Failed, "register.zip") || strings.Contains(h.Copy.Failed, copied) {
		t.Errorf("%+v", h)
	}
	replace()
	eventually(t, "a good copy is served again", func() bool { h := healthOf(t, base); return h.Copy.Failed == "" && h.Revision == newest })
}

// TestServeBackups: a server keeps backups, says so, and goes on when they fail.
func TestServeBackups(t *testing.T) {
	db := seeded(t)
	dir := filepath.Join(t.TempDir(), "backups")
	base, _, log, stop := servingOn(t, db, "--backup-dir", dir)
	eventually(t, "the first backup", func() bool { return healthOf(t, base).Backup.Kept == 1 })
	if h := healthOf(t, base); h.Backup.Revision != 27 || h.Backup.Last == "" || h.Backup.Failed != "" {
		t.Errorf("%+v", h)
	}
	all, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	if code, out, errs := run("verify", "--db", all[0], "--against", db); code != done || !strings.Contains(out, "the same, up to revision 27") {
		t.Errorf("%s%s", out, errs)
	}
	stop()
	if !strings.Contains(log.String(), `"msg":"backup"`) {
		t.Errorf("the log does not say so: %s", log)
	}
	// The folder is there, but nothing can be written into it.
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	away := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(away, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := run("serve", "--db", db, "--addr", "127.0.0.1:0", "--backup-dir", filepath.Join(away, "x")); code != failed || !strings.Contains(errs, "folder for backups") {
		t.Errorf("%d %s", code, errs)
	}
}

// rightsChild tells the child of TestRightsToFiles the folder in which it makes its files.
const rightsChild = "COSIGNATORY_TEST_RIGHTS"

// TestRightsToFiles: whatever the machine's umask is, a register and its copies are their owner's alone. One that others may
// read already is served, and the log says what to do.
func TestRightsToFiles(t *testing.T) {
	if dir := os.Getenv(rightsChild); dir != "" {
		db := filepath.Join(dir, "register.db")
		for _, args := range [][]string{{"seed", "--db", db}, {"backup", "--db", db, filepath.Join(dir, "backup.db")}, {"export", "--db", db, "-o", filepath.Join(dir, "register.zip"), "--format", "zip", "register"},
			{"import", "--db", filepath.Join(dir, "imported.db"), filepath.Join(dir, "register.zip")}, {"restore", "--db", db, filepath.Join(dir, "backup.db")},
			{"restore", "--db", filepath.Join(dir, "restored.db"), filepath.Join(dir, "backup.db")}} {
			if code, _, errs := run(args...); code != done {
				t.Fatalf("%v: %s", args, errs)
			}
		}
		// While it is served there are files beside it.
		base, _, _, stop := servingOn(t, filepath.Join(dir, "served.db"), "--backup-dir", filepath.Join(dir, "backups"))
		eventually(t, "the first backup", func() bool { return healthOf(t, base).Backup.Kept == 1 })
		private(t, dir, "served.db", "served.db-wal", "served.db-shm", "backups/cosignatory-*.db", "register.db", "backup.db", "imported.db", "restored.db", "register.db.before-restore")
		stop()
		return
	}
	dir := t.TempDir()
	c := exec.Command("sh", "-c", `umask 0; exec "$0" "$@"`, os.Args[0], "-test.run=^TestRightsToFiles$", "-test.v")
	c.Env = append(os.Environ(), rightsChild+"="+dir)
	out, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "PASS: TestRightsToFiles") {
		t.Fatalf("%v: %s", err, out)
	}

	db := filepath.Join(dir, "register.db")
	served := func() string {
		t.Helper()
		base, _, log, stop := servingOn(t, db)
		healthOf(t, base)
		stop()
		return log.String()
	}
	if log := served(); strings.Contains(log, "others on this machine") {
		t.Errorf("it warns of a database that only its owner may read: %s", log)
	}
	if err := os.Chmod(db, 0o644); err != nil {
		t.Fatal(err)
	}
	log := served()
	if n := strings.Count(log, "others on this machine"); n != 1 || !strings.Contains(log, "chmod 600 "+db) {
		t.Errorf("%d lines say that others may read the database: %s", n, log)
	}
}

// private says which files of a folder anybody but their owner may read or write.
func private(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		all, err := filepath.Glob(filepath.Join(dir, name))
		if err != nil || len(all) != 1 {
			t.Errorf("%s: %v, %v", name, all, err)
			continue
		}
		info, err := os.Stat(all[0])
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode&0o077 != 0 {
			t.Errorf("%s has the rights %04o", name, mode)
		}
	}
}

// TestBackupFolderGone: a folder for backups that goes away while the register is served is told from a register that cannot be opened.
func TestBackupFolderGone(t *testing.T) {
	db := seeded(t)
	dir := filepath.Join(t.TempDir(), "backups")
	log := &logged{}
	logBackup(slog.New(slog.NewJSONHandler(log, nil)), store.BackupState{Failed: store.ErrFull, Kept: 2})
	if !strings.Contains(log.String(), "those before are kept") {
		t.Errorf("%s", log)
	}
	s, err := store.Open(context.Background(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	b, err := s.PlanBackups(store.BackupPlan{Dir: dir, Every: time.Hour, Keep: 2})
	if err != nil {
		t.Fatal(err)
	}
	server, err := web.New(web.Config{Store: s, BaseURL: "http://127.0.0.1", Backups: b, Spool: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(server)
	defer h.Close()
	if err := b.Make(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := b.Make(context.Background()); err == nil {
		t.Fatal("a backup was made in a folder that is gone")
	}
	if x := healthOf(t, h.URL).Backup; x.Kept != 0 || !strings.Contains(x.Failed, "the folder for backups is gone or cannot be written to") || strings.Contains(x.Failed, dir) {
		t.Errorf("%+v", x)
	}
	log = &logged{}
	logBackup(slog.New(slog.NewJSONHandler(log, nil)), b.State())
	if strings.Contains(log.String(), "are kept") || !strings.Contains(log.String(), "the folder for backups "+dir) {
		t.Errorf("%s", log)
	}
}

// TestMovedWhileServed: whoever asks is told why the register cannot answer, and the log says it once.
func TestMovedWhileServed(t *testing.T) {
	db := seeded(t)
	base, _, log, _ := servingOn(t, db)
	addr := strings.TrimPrefix(base, "http://")
	if h := healthOf(t, base); h.Status != "ok" {
		t.Fatalf("%+v", h)
	}
	if err := os.Rename(db, db+".moved"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if h := healthOf(t, base); h.Status != "unavailable" || h.Reason != store.ErrReplaced.Error() {
			t.Errorf("%+v", h)
		}
	}
	if code, _, errs := run("health", "--addr", addr); code != failed || !strings.Contains(errs, store.ErrReplaced.Error()) {
		t.Errorf("%d %s", code, errs)
	}
	// A file needs a connection that was not open before.
	if status, _, _ := get(t, base+"/data/history.jsonl"); status != http.StatusServiceUnavailable {
		t.Errorf("a file is answered with %d", status)
	}
	if !strings.Contains(log.String(), "request failed") {
		t.Error("no request failed: the test does not see what it is for")
	}
	for _, line := range strings.Split(log.String(), "\n") {
		if strings.Contains(line, "request failed") && !strings.Contains(line, `"error":"`+store.ErrReplaced.Error()) {
			t.Errorf("%s", line)
		}
	}
	if n := strings.Count(log.String(), `"msg":"the register cannot answer"`); n != 1 {
		t.Errorf("it is logged %d times: %s", n, log)
	}
	if err := os.Rename(db+".moved", db); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if h := healthOf(t, base); h.Status != "ok" || h.Reason != "" {
			t.Errorf("%+v", h)
		}
	}
	if n := strings.Count(log.String(), `"msg":"the register can answer again"`); n != 1 {
		t.Errorf("it is logged %d times that it can answer again: %s", n, log)
	}
}

// TestMetrics: the numbers are on a listener of their own, by pattern and not by address.
func TestMetrics(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	metrics := l.Addr().String()
	l.Close()
	base, said, _, _ := servingOn(t, seeded(t), "--metrics-addr", metrics)
	if !strings.Contains(said, "http://"+metrics+"/metrics") {
		t.Errorf("%s", said)
	}
	for _, x := range []string{"/en/declarations/tech-trafficking-2025", "/fr/declarations/safe-schools-2015", "/en/declarations.csv", "/wp/login/x", "/en/declarations?as_of=x"} {
		get(t, base+x)
	}
	// One of them again, from memory, in two ways of writing its address.
	get(t, base+"/fr/declarations/safe-schools-2015")
	get(t, base+"/fr/declarations/safe-schools-2015?utm_source=x")
	// A request is counted once it has been answered, which its reader may know before.
	var text string
	eventually(t, "no request to be under way", func() bool {
		_, _, text = get(t, "http://"+metrics+"/metrics")
		return strings.Contains(text, "cosignatory_http_requests_in_flight 0")
	})
	for _, line := range []string{
		`cosignatory_http_requests_total{method="GET",route="/:lang/declarations/:slug",status="200"} 4`,
		`cosignatory_http_requests_total{method="GET",route="none",status="404"} 1`,
		`cosignatory_http_requests_total{method="GET",route="/:lang/declarations",status="400"} 1`,
		`cosignatory_http_request_duration_seconds_count{route="/:lang/declarations/:slug"} 4`,
		`cosignatory_answers_total{from="memory"} 2`, `cosignatory_answers_total{from="made"} 3`, `cosignatory_answers_total{from="waited"} 0`,
		"cosignatory_answers_kept 3", "cosignatory_answers_dropped_total 0", "cosignatory_files_made_total 1", "cosignatory_spool_files 0", "cosignatory_spool_bytes 0",
		"cosignatory_revision 27", "cosignatory_http_requests_in_flight 0", "go_goroutines", "process_resident_memory_bytes", "cosignatory_database_bytes", "go_gc_heap_live_bytes",
		"cosignatory_answers_kept_bytes", "cosignatory_files_shared_total",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("no %s", line)
		}
	}
	if strings.Contains(text, "trafficking") || strings.Contains(text, "login/x") {
		t.Error("the numbers name what readers asked for")
	}
	if status, _, _ := get(t, base+"/metrics"); status != http.StatusNotFound {
		t.Errorf("the numbers are given to readers: %d", status)
	}
}

// TestLogs: what was slow is told from what was not, and readers' addresses are nowhere.
func TestLogs(t *testing.T) {
	base, _, log, _ := servingOn(t, seeded(t), "--slow", "1ns")
	get(t, base+"/en/?q=")
	c, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	own := c.LocalAddr().String()
	fmt.Fprint(c, "GET /en/ HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.7\r\nConnection: close\r\n\r\n")
	io.Copy(io.Discard, c)
	c.Close()
	eventually(t, "two slow requests", func() bool { return strings.Count(log.String(), `"msg":"slow request"`) == 2 })
	for _, x := range []string{"203.0.113.7", own, "127.0.0.1"} {
		if strings.Contains(log.String(), x) {
			t.Errorf("the log has the address %s: %s", x, log)
		}
	}
}

// TestHealthCommand: a container needs no other program to ask whether the server is well.
func TestHealthCommand(t *testing.T) {
	base, _, _, stop := servingOn(t, seeded(t))
	addr := strings.TrimPrefix(base, "http://")
	if code, out, errs := run("health", "--addr", addr); code != done || !strings.Contains(out, `"status":"ok"`) {
		t.Errorf("%d %s%s", code, out, errs)
	}
	_, port, _ := net.SplitHostPort(addr)
	if code, _, errs := run("health", "--addr", "0.0.0.0:"+port); code != done {
		t.Errorf("%d %s", code, errs)
	}
	stop()
	if code, _, errs := run("health", "--addr", addr); code != failed || !strings.Contains(errs, "is the server running? Start it, or give --addr the address that it listens on\n") {
		t.Errorf("%d %s", code, errs)
	}
	if code, _, _ := run("health", "--addr", "here"); code != usage {
		t.Error("a wrong address is not said to be one")
	}
}

// TestPrintConfig: every file is printed and says where it goes; the unit is one that systemd takes.
func TestPrintConfig(t *testing.T) {
	for _, p := range printable {
		code, out, errs := run("print-config", p.name)
		if code != done || len(out) < 200 || p.file != "" && !strings.Contains(out, "Printed by “cosignatory print-config "+p.name+"”") {
			t.Errorf("%s: %d %s", p.name, code, errs)
		}
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range printable {
		names = append(names, p.name)
	}
	if !strings.Contains(string(readme), "cosignatory print-config "+strings.Join(names, "|")+"\n") {
		t.Errorf("the README does not list print-config %s", strings.Join(names, "|"))
	}
	if code, _, errs := run("print-config", "apache"); code != usage || !strings.Contains(errs, "nginx") {
		t.Errorf("%d %s", code, errs)
	}
	if code, _, errs := run("litestream-config"); code != usage || !strings.Contains(errs, "s3://") {
		t.Errorf("%d %s", code, errs)
	}
	_, page, _ := run("print-config", "unavailable")
	if _, err := html.Parse(strings.NewReader(page)); err != nil {
		t.Fatal(err)
	}
	for _, says := range []string{"The register cannot answer at the moment", `lang="ar" dir="rtl"`, `lang="zh"`, "noindex"} {
		if !strings.Contains(page, says) {
			t.Errorf("the page does not say %q", says)
		}
	}
	if strings.Contains(page, "http:") || strings.Contains(page, "src=") || strings.Contains(page, "href=") {
		t.Error("the page needs other files")
	}
}

// TestSystemd: the units are ones that systemd takes without a word.
func TestSystemd(t *testing.T) {
	analyze := program(t, "", "systemd-analyze")
	for _, name := range []string{"systemd", "systemd-copy", "follow", "litestream-unit"} {
		_, unit, _ := run("print-config", name)
		// One user and one folder for all that touch a register; shut off alike; a wrong setting does not start for ever.
		for _, line := range []string{"User=cosignatory", "StateDirectory=cosignatory", "StateDirectoryMode=0700", "UMask=0077", "ProtectSystem=strict", "CapabilityBoundingSet="} {
			if !strings.Contains(unit, "\n"+line+"\n") {
				t.Errorf("%s has no %s", name, line)
			}
		}
		ours := strings.Contains(unit, "/usr/local/bin/cosignatory serve")
		if ours != strings.Contains(unit, "\nRestartPreventExitStatus=2\n") || ours != strings.Contains(unit, "\nEnvironment=GOTRACEBACK=crash\n") {
			t.Errorf("%s: a wrong setting and a breakdown both have status 2, unless the latter ends by a signal", name)
		}
		// The programs need not be installed for their units to be looked at.
		unit = regexp.MustCompile(`/usr/local/bin/\w+`).ReplaceAllString(unit, "/bin/true")
		path := filepath.Join(t.TempDir(), "cosignatory-test.service")
		if err := os.WriteFile(path, []byte(unit), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(analyze, "verify", "--man=no", path).CombinedOutput()
		if err != nil || strings.Contains(string(out), "cosignatory-test") {
			t.Errorf("%s: %v %s", name, err, out)
		}
		// In tenths: systemd calls up to 4.9 sound, and a unit without any restriction is at 9.6.
		if out, err := exec.Command(analyze, "security", "--offline=true", "--threshold=20", path).CombinedOutput(); err != nil {
			t.Errorf("%s: %v %s", name, err, out)
		}
	}
}

// TestCopyUnit: the settings of the unit for a copy are ones that serve takes; with a folder for backups they are not.
func TestCopyUnit(t *testing.T) {
	_, unit, _ := run("print-config", "systemd-copy")
	db := seeded(t)
	for _, m := range regexp.MustCompile(`(?m)^Environment=(COSIGNATORY_\w+)=(.*)$`).FindAllStringSubmatch(unit, -1) {
		if strings.HasSuffix(m[1], "_ADDR") {
			m[2] = "127.0.0.1:0"
		}
		t.Setenv(m[1], m[2])
	}
	if _, said, _, _ := servingOn(t, db); !strings.Contains(said, "read-only") {
		t.Errorf("it says %s", said)
	}
	t.Setenv("COSIGNATORY_BACKUP_DIR", t.TempDir())
	if code, _, errs := run("serve", "--db", db); code != usage || !strings.Contains(errs, "writes nothing") {
		t.Errorf("%d %s", code, errs)
	}
}

// TestLitestream drills what the README says: a replica of record from which any moment is restored, and a copy that follows
// while it is served.
func TestLitestream(t *testing.T) {
	litestream := program(t, "COSIGNATORY_LITESTREAM", "litestream")
	db := seeded(t)
	folder := t.TempDir()
	path := func(name string) string { return filepath.Join(folder, name) }
	base, _, _, stop := servingOn(t, db)
	_, config, errs := run("litestream-config", "--db", db, "--replica", "file://"+path("replica"))
	if errs != "" {
		t.Fatal(errs)
	}
	if err := os.WriteFile(path("litestream.yml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	start := func(args ...string) (*exec.Cmd, *logged) {
		t.Helper()
		log := &logged{}
		c := exec.Command(litestream, args...)
		c.Stdout, c.Stderr = log, log
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Process.Kill(); c.Wait() })
		return c, log
	}
	replicating, log := start("replicate", "-config", path("litestream.yml"))
	n := 0
	restored := func(args ...string) (string, bool) {
		n++
		to := path(fmt.Sprintf("restored-%d.db", n))
		c := exec.Command(litestream, append(append([]string{"restore", "-config", path("litestream.yml"), "-o", to}, args...), db)...)
		_, err := c.CombinedOutput()
		return to, err == nil
	}
	revisions := func(file string) string {
		_, out, _ := run("verify", "--db", file)
		_, out, _ = strings.Cut(out, "holds together: ")
		out, _, _ = strings.Cut(out, " revisions")
		return out
	}
	first := presented(t, db, "The first")
	var moment time.Time
	eventually(t, "the first publication is in the replica", func() bool {
		file, ok := restored()
		moment = time.Now().Truncate(time.Second).Add(time.Second)
		return ok && revisions(file) == fmt.Sprint(first)
	})
	// Another second, so that the two are told apart.
	eventually(t, "a second later", func() bool { return time.Since(moment) > time.Second })
	second := presented(t, db, "The second")
	eventually(t, "the second publication is in the replica", func() bool {
		file, ok := restored()
		return ok && revisions(file) == fmt.Sprint(second)
	})
	file, ok := restored("-timestamp", moment.UTC().Format(time.RFC3339))
	if !ok || revisions(file) != fmt.Sprint(first) {
		t.Fatalf("as of %s there are %s revisions, not %d: %s", moment, revisions(file), first, log)
	}
	if code, out, errs := run("verify", "--db", db, "--against", file); code != done || !strings.Contains(out, fmt.Sprintf("the same up to revision %d", first)) {
		t.Errorf("%s%s", out, errs)
	}

	// A copy that follows.
	copied := path("copy.db")
	_, following := start("restore", "-f", "-follow-interval", "200ms", "-config", path("litestream.yml"), "-o", copied, db)
	eventually(t, "the copy is there", func() bool { _, err := os.Stat(copied + "-txid"); return err == nil })
	other, _, _, _ := servingOn(t, copied, "--read-only", "--source", base)
	for i := range 5 {
		by := fmt.Sprint("Follower ", i)
		number := presented(t, db, by)
		eventually(t, fmt.Sprintf("the copy shows revision %d; %s", number, following), func() bool {
			_, _, body := get(t, other+"/en/declarations/tech-trafficking-2025")
			return strings.Contains(body, by)
		})
		second = number
	}
	if h := healthOf(t, other); h.Revision != second || h.Status != "ok" {
		t.Errorf("%+v", h)
	}
	for _, args := range [][]string{{"user", "add", "--db", copied, "--role", "editor", "editor"}, {"serve", "--db", copied, "--addr", "127.0.0.1:0"}, {"restore", "--db", copied, file}} {
		if code, _, errs := run(args...); code != failed || !strings.Contains(errs, store.ErrFollows.Error()) {
			t.Errorf("%v writes to the copy: %d %s", args, code, errs)
		}
	}
	if code, out, errs := run("verify", "--db", copied, "--against", db); code != done || !strings.Contains(out, fmt.Sprintf("the same, up to revision %d", second)) {
		t.Errorf("%s%s", out, errs)
	}

	// The machine burns down.
	stop()
	replicating.Process.Kill()
	replicating.Wait()
	for _, side := range []string{"", "-wal", "-shm"} {
		os.Remove(db + side)
	}
	file, ok = restored()
	if !ok || revisions(file) != fmt.Sprint(second) {
		t.Fatalf("%s revisions, not %d", revisions(file), second)
	}
	if beside, err := filepath.Glob(file + "-*"); err != nil || len(beside) != 0 {
		t.Errorf("verify left %v beside %s", beside, file)
	}
	if code, _, errs := run("restore", "--db", db, file); code != done {
		t.Error(errs)
	}
	again, _, _, _ := servingOn(t, db)
	if h := healthOf(t, again); h.Revision != second {
		t.Errorf("%+v", h)
	}
}
