package store_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cosignatory/store"
	"cosignatory/store/register"
)

// old is a register as the program of schema 3 left it: a declaration of three signatories, one of whom left, and an open
// draft.
func old(t *testing.T) string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "schema-3.db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "old.db")
	if err := os.WriteFile(path, b, 0o640); err != nil {
		t.Fatal(err)
	}
	return path
}

const oldHash = "180341b202c474eec2434f87ec9e13aa22a6896ff54d93d79adbc60b313c80dd"

// TestUpgrade: an old file with a new program is copied, migrated, and is the same register.
func TestUpgrade(t *testing.T) {
	ctx := context.Background()
	path := old(t)
	if _, err := store.OpenExisting(ctx, path); !errors.Is(err, store.ErrOlder) {
		t.Fatalf("a command that only reads: %v", err)
	}
	s := opened(t, path)
	if err := s.Verify(ctx, nil); err != nil {
		t.Fatal(err)
	}
	r, err := at(t, s, 0).RevisionOf(ctx, 3)
	if err != nil || r.Hash != oldHash {
		t.Fatalf("%v %v", r, err)
	}
	e := entry(t, at(t, s, 0), "test-declaration-2025")
	if len(e.Actions) != 4 || e.Actions[3].Kind != register.Withdrew || e.Actions[3].Date != register.MustDate("2025-09") {
		t.Errorf("%+v", e.Actions)
	}
	if d, err := s.Drafts(ctx, store.DraftFilter{}); err != nil || len(d) != 1 || d[0].Document.PresentedBy != "Somebody" {
		t.Errorf("the open draft: %v %v", d, err)
	}
	change(t, s, "test-declaration-2025", "Goes on", func(d *register.Declaration) { d.PresentedBy = "Somebody else" })

	copies, err := filepath.Glob(path + ".before-migration-*")
	if err != nil || len(copies) != 1 || strings.Contains(copies[0], ".part") {
		t.Fatalf("%v %v", copies, err)
	}
	if info, err := os.Stat(copies[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("whoever may not read the register may read its copy: %v %v", info.Mode(), err)
	}
	raw, err := sql.Open("sqlite3", copies[0])
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	var version int
	if err := raw.QueryRow("SELECT max(version_id) FROM goose_db_version").Scan(&version); err != nil || version != 3 {
		t.Errorf("the copy has schema %d, %v", version, err)
	}
	// The copy is of an older schema, but its chain can be compared.
	a, err := at(t, s, 0).CompareDatabase(ctx, copies[0])
	if err != nil || a.Difference != "" || a.Copy != 3 || a.Same != 3 || a.Register != 4 {
		t.Errorf("%+v %v", a, err)
	}
}

// TestUpgradeBesideAnOldServer: the schema of a file is not changed while an old program has it open, which would go on writing
// into what it does not know.
func TestUpgradeBesideAnOldServer(t *testing.T) {
	ctx := context.Background()
	path := old(t)
	server, err := sql.Open("sqlite3", path+"?_journal_mode=WAL")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	version := func() (n int) {
		t.Helper()
		if err := server.QueryRow("SELECT max(version_id) FROM goose_db_version").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	version()
	if s, err := store.Open(ctx, path); !errors.Is(err, store.ErrOlderInUse) {
		t.Fatalf("%v %v", s, err)
	} else {
		sentence(t, err)
	}
	if copies, _ := filepath.Glob(path + ".before-migration-*"); version() != 3 || len(copies) > 0 {
		t.Errorf("schema %d, %v", version(), copies)
	}
	server.Close()
	if err := opened(t, path).Verify(ctx, nil); err != nil {
		t.Error(err)
	}
}

// TestRestoreOlder: the backups of before an upgrade can be restored after it: they are brought up to date and checked, and the
// backup itself is left as it is.
func TestRestoreOlder(t *testing.T) {
	ctx := context.Background()
	backup := old(t)
	before, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	path := copied(t)
	if err := store.Restore(ctx, backup, path, nil); err != nil {
		t.Fatal(err)
	}
	s, err := store.OpenExisting(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Verify(ctx, nil); err != nil {
		t.Error(err)
	}
	if r, err := at(t, s, 0).RevisionOf(ctx, 3); err != nil || r.Hash != oldHash {
		t.Errorf("%v %v", r, err)
	}
	if after, err := os.ReadFile(backup); err != nil || !slices.Equal(before, after) {
		t.Error("the backup was changed", err)
	}
	all, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		switch f.Name() {
		case "register.db", "register.db.before-restore":
		default:
			if !strings.HasSuffix(f.Name(), "-shm") && !strings.HasSuffix(f.Name(), "-wal") {
				t.Errorf("%s is left over", f.Name())
			}
		}
	}
	// A damaged one is refused, and nothing changes.
	damaged := slices.Clone(before)
	damaged[strings.Index(string(damaged), oldHash)] ^= 1
	if err := os.WriteFile(backup, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	var broken *store.Broken
	if err := store.Restore(ctx, backup, path, nil); !errors.As(err, &broken) {
		t.Errorf("an altered one: %v", err)
	}
}

// TestSoundOlder: a backup of an older version can be checked without being changed.
func TestSoundOlder(t *testing.T) {
	path := old(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n, hash, err := store.SoundOlder(context.Background(), path)
	if err != nil || n != 3 || hash != oldHash {
		t.Errorf("%d %s %v", n, hash, err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !slices.Equal(before, after) {
		t.Error("it was changed", err)
	}
	damaged := slices.Clone(before)
	i := strings.Index(string(damaged), oldHash)
	damaged[i] ^= 1
	if err := os.WriteFile(path, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	var broken *store.Broken
	if _, _, err := store.SoundOlder(context.Background(), path); !errors.As(err, &broken) {
		t.Errorf("an altered one: %v", err)
	}
}

// TestBackupRotation: the newest so many are kept, others are nobody's to remove, and failures are known.
func TestBackupRotation(t *testing.T) {
	ctx := context.Background()
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	s := opened(t, copied(t), store.WithClock(func() time.Time { return now }))
	dir := filepath.Join(t.TempDir(), "a", "backups")
	plan := store.BackupPlan{Dir: dir, Every: 24 * time.Hour, Keep: 3}
	b, err := s.PlanBackups(plan)
	if err != nil {
		t.Fatal(err)
	}
	if !b.Next().Before(now) {
		t.Error("with no backup, one is not due at once")
	}
	strange := filepath.Join(dir, "mine.db")
	if err := os.WriteFile(strange, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	list := func() []string {
		all, err := filepath.Glob(filepath.Join(dir, "cosignatory-*"))
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(all)
		return all
	}
	for range 5 {
		now = now.Add(24 * time.Hour)
		if err := b.Make(ctx); err != nil {
			t.Fatal(err)
		}
	}
	all := list()
	if len(all) != 3 || b.State().Kept != 3 || !strings.Contains(all[0], "20261130T120000Z-r27.db") {
		t.Errorf("%v", all)
	}
	if _, err := os.Stat(strange); err != nil {
		t.Error("a file that is no backup was removed")
	}
	if want := now.Add(24 * time.Hour); !b.Next().Equal(want) {
		t.Errorf("next at %v, want %v", b.Next(), want)
	}
	// Another program finds what is there.
	again, err := s.PlanBackups(plan)
	if err != nil || again.State().Revision != 27 || !again.State().Last.Equal(now) || again.State().Kept != 3 {
		t.Errorf("%+v %v", again.State(), err)
	}
	// A clock that was set back does not cost the newest backup.
	now = now.AddDate(-1, 0, 0)
	if err := b.Make(ctx); err != nil {
		t.Fatal(err)
	}
	if all = list(); len(all) != 3 || !strings.Contains(all[0], "20251202") || b.State().Path != all[0] {
		t.Errorf("%v", all)
	}
	// When backups fail, the old ones stay, and the failure is known.
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := b.Make(ctx); err == nil || b.State().Failed == nil || b.State().FailedAt.IsZero() {
		t.Errorf("%+v", b.State())
	}
	if !b.Next().After(now) {
		t.Errorf("with a folder that is gone, the next one is due at %v, at once", b.Next())
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := b.Make(ctx); err != nil || b.State().Failed != nil {
		t.Errorf("%v %+v", err, b.State())
	}
	for _, p := range []store.BackupPlan{{Dir: dir, Every: time.Hour}, {Dir: dir, Keep: 1}} {
		if _, err := s.PlanBackups(p); err == nil {
			t.Errorf("%+v is accepted", p)
		}
	}
}

// TestDamagedRegisterIsNotKept: a backup of a register that was altered is not kept, and costs none of those before.
func TestDamagedRegisterIsNotKept(t *testing.T) {
	ctx := context.Background()
	path := copied(t)
	s := opened(t, path)
	b, err := s.PlanBackups(store.BackupPlan{Dir: t.TempDir(), Every: time.Hour, Keep: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Make(ctx); err != nil {
		t.Fatal(err)
	}
	good := b.State().Path
	raw, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Exec("UPDATE revision SET reason = 'Another' WHERE number = 12"); err != nil {
		t.Fatal(err)
	}
	var broken *store.Broken
	if err := b.Make(ctx); !errors.As(err, &broken) || !strings.Contains(err.Error(), "Revision 12") {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(good); err != nil || b.State().Path != good || b.State().Kept != 1 {
		t.Errorf("the good backup is gone: %v %+v", err, b.State())
	}
}

// TestReplacedFile: what is written to a file that is no longer at its path would be lost, so it is refused.
func TestReplacedFile(t *testing.T) {
	ctx := context.Background()
	path := copied(t)
	s := opened(t, path)
	if s.Replaced() {
		t.Fatal("nothing was replaced")
	}
	v := at(t, s, 0)
	e := entry(t, v, aSlug)
	if err := os.Rename(path, path+".moved"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d := e.Declaration
	d.PresentedBy = "Somebody else"
	_, err := s.Publish(ctx, store.Publication{Declaration: &d, ID: e.ID, Base: v.Revision, Reason: "Made up", ReasonLang: "en", Role: "publisher"})
	if !errors.Is(err, store.ErrReplaced) || !s.Replaced() {
		t.Errorf("%v", err)
	}
	if err := s.SetSetting(ctx, "x", "y"); !errors.Is(err, store.ErrReplaced) {
		t.Errorf("%v", err)
	}
}

// TestBackupFolderGone: it is said which folder is gone or not to be written to, and how many backups there are in truth.
func TestBackupFolderGone(t *testing.T) {
	ctx := context.Background()
	s := opened(t, copied(t))
	dir := filepath.Join(t.TempDir(), "backups")
	b, err := s.PlanBackups(store.BackupPlan{Dir: dir, Every: time.Hour, Keep: 3})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Make(ctx); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		err := b.Make(ctx)
		if !errors.Is(err, store.ErrBackupFolder) || !strings.Contains(err.Error(), "the folder for backups "+dir+" is gone or cannot be written to: ") {
			t.Errorf("%v", err)
		}
		if x := b.State(); x.Kept != 0 || x.Path != "" || !x.Last.IsZero() {
			t.Errorf("%+v", x)
		}
		// A file in its place is no folder either.
		if err := os.Rename(file, dir); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Remove(dir), os.Mkdir(dir, 0o700)); err != nil {
		t.Fatal(err)
	}
	if err := b.Make(ctx); err != nil || b.State().Kept != 1 {
		t.Errorf("%v %+v", err, b.State())
	}
	if all, err := os.ReadDir(dir); err != nil || len(all) != 1 {
		t.Errorf("%v %v", all, err)
	}
}

// TestFollowedCopyIsNotWritten: two programs that write one file would make it worth nothing.
func TestFollowedCopyIsNotWritten(t *testing.T) {
	ctx := context.Background()
	path, backup := copied(t), copied(t)
	if err := os.WriteFile(path+"-txid", []byte("0000000000000001"), 0o600); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := store.Open(ctx, path); !errors.Is(err, store.ErrFollows) {
		t.Errorf("opened to write: %v %v", s, err)
	} else {
		sentence(t, err)
	}
	if err := store.Restore(ctx, backup, path, nil); !errors.Is(err, store.ErrFollows) {
		t.Errorf("restored over it: %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the copy was changed: %v", err)
	}
	s, err := store.OpenExisting(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	if err := os.Remove(path + "-txid"); err != nil {
		t.Fatal(err)
	}
	opened(t, path)
}

// TestRestoreOverOthers: what is another program's is not put aside for a register.
func TestRestoreOverOthers(t *testing.T) {
	ctx := context.Background()
	backup := copied(t)
	made := func(statements string) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), "other.db")
		raw, err := sql.Open("sqlite3", path)
		if err == nil {
			_, err = raw.Exec(statements)
			err = errors.Join(err, raw.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	files := func(path string) string {
		t.Helper()
		all, err := os.ReadDir(filepath.Dir(path))
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(all)
	}
	for statements, says := range map[string]string{
		"CREATE TABLE bookmark (url TEXT)":                            "another program",
		"PRAGMA journal_mode = WAL; CREATE TABLE bookmark (url TEXT)": "another program",
		"PRAGMA application_id = 1131369315; CREATE TABLE t (x)":      "register.zip", // “CoSc”
	} {
		path := made(statements)
		before := files(path)
		if err := store.Restore(ctx, backup, path, nil); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", statements, err)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if s, err := store.Open(ctx, path); !errors.Is(err, store.ErrNotOurs) && !errors.Is(err, store.ErrReaders) {
			t.Errorf("%s: opened: %v, %v", statements, s, err)
		}
		if now, err := os.ReadFile(path); err != nil || !slices.Equal(now, content) {
			t.Errorf("%s: it was changed by being opened: %v", statements, err)
		}
		if after := files(path); after != before {
			t.Errorf("%s: beside it there are %s, before %s", statements, after, before)
		}
	}
	// An empty file, a damaged register and what is no database any more make way, and are kept.
	empty := made("VACUUM")
	nothing := filepath.Join(t.TempDir(), "nothing.db")
	rubbish := filepath.Join(t.TempDir(), "rubbish.db")
	torn := filepath.Join(t.TempDir(), "torn.db")
	b, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string][]byte{nothing: nil, rubbish: bytes.Repeat([]byte("no database "), 1000), torn: b[:len(b)/2]} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{empty, nothing, rubbish, torn} {
		if err := store.Restore(ctx, backup, path, nil); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if _, err := os.Stat(path + ".before-restore"); err != nil {
			t.Error(err)
		}
	}
}

// TestNothingLeftBeside: reading a file in WAL mode leaves nothing beside it, and takes away nothing that was there or is in use.
func TestNothingLeftBeside(t *testing.T) {
	ctx := context.Background()
	path := copied(t)
	beside := func() string {
		t.Helper()
		all, err := filepath.Glob(path + "-*")
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, x := range all {
			names = append(names, strings.TrimPrefix(x, path))
		}
		return strings.Join(names, " ")
	}
	reading := func() *store.Store {
		t.Helper()
		s, err := store.OpenExisting(ctx, path)
		if err == nil {
			err = s.Sound(ctx, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	before, err := os.ReadFile(path)
	if err != nil || before[18] != 2 {
		t.Fatal("the file is not in WAL mode: the test does not see what it is for", err)
	}
	if err := reading().Close(); err != nil || beside() != "" {
		t.Errorf("left beside it: %s %v", beside(), err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was changed: %v", err)
	}
	// Who reads it as well still needs them.
	first, second := reading(), reading()
	if err := first.Close(); err != nil || beside() != "-shm -wal" {
		t.Errorf("beside a file that is read: %s %v", beside(), err)
	}
	if err := errors.Join(second.Sound(ctx, nil), second.Close()); err != nil {
		t.Error(err)
	}
	for _, side := range []string{"-shm", "-wal"} {
		os.Remove(path + side)
	}
	// A program that was killed leaves a log with publications in it: it is read, and stays.
	c := publishing(t, path, aSlug)
	c.some(2)
	c.kill()
	log, err := os.ReadFile(path + "-wal")
	if err != nil || len(log) == 0 {
		t.Fatal("no log was left behind: the test does not see what it is for", err)
	}
	s := reading()
	acknowledged(t, s, c)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if after, err := os.ReadFile(path + "-wal"); err != nil || !bytes.Equal(log, after) {
		t.Errorf("the log was touched: %v", err)
	}
}
