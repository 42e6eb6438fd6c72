package store_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cosignatory/store"
	"cosignatory/store/register"
)

func TestReleaseNames(t *testing.T) {
	for _, name := range []string{"2026.1", "2026.12", "1999.999"} {
		if _, _, err := store.ParseReleaseName(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"", "2026", "2026.", "2026.0", "2026.01", "2026.1000", "26.1", "v2026.1", "2026.1 ", "2026-1", "2026.1.1", "٢٠٢٦.١", "2026.1\n", "../2026.1"} {
		var u *store.Unreleasable
		if _, _, err := store.ParseReleaseName(name); !errors.As(err, &u) {
			t.Errorf("%q is taken for the name of a release: %v", name, err)
		}
	}
}

// Releases follow each other: in name, revision and hash. What cannot be one is refused with a sentence, and nothing is written.
func TestReleasesFollowEachOther(t *testing.T) {
	ctx := context.Background()
	s := opened(t, copied(t))
	files := []store.ReleaseFile{{Name: "register.zip", Bytes: 5, Rows: -1, SHA256: strings.Repeat("a", 64)}, {Name: "declarations.csv", Bytes: 7, Rows: 1, SHA256: strings.Repeat("b", 64)}}
	refused := func(name string, revision int, says string) {
		t.Helper()
		var u *store.Unreleasable
		if err := s.Releasable(ctx, name, revision); !errors.As(err, &u) || !strings.Contains(u.What, says) {
			t.Errorf("%s of revision %d: %v", name, revision, err)
		}
		if _, err := s.AddRelease(ctx, name, revision, "https://example.org", files); !errors.As(err, &u) || !strings.Contains(u.What, says) {
			t.Errorf("%s of revision %d is made: %v", name, revision, err)
		}
	}
	name := func(number string) string { return time.Now().UTC().Format("2006") + "." + number }
	refused(name("1"), 99999, "is not published")
	refused("1900.1", 3, "begin the name with")
	refused("9999.1", 3, "begin the name with")
	first, err := s.AddRelease(ctx, name("2"), 3, "https://example.org", files)
	if err != nil {
		t.Fatal(err)
	}
	if first.PreviousHash != "" || len(first.Hash) != 64 {
		t.Errorf("the first release: %+v", first)
	}
	refused(name("2"), 3, "is made already")
	refused(name("2"), 4, "is the name of revision 3 already")
	refused(name("3"), 3, "names a later revision")
	refused(name("3"), 2, "names a later revision")
	refused(name("1"), 5, "the next is called "+name("3"))
	second, err := s.AddRelease(ctx, name("10"), 5, "https://example.org", files) // after 2 as a number, not as a text
	if err != nil {
		t.Fatal(err)
	}
	if second.PreviousHash != first.Hash {
		t.Errorf("the second release follows %q, not %q", second.PreviousHash, first.Hash)
	}
	all, err := s.Releases(ctx)
	if err != nil || len(all) != 2 || all[0].Name != name("10") || all[1].Name != name("2") || len(all[0].Files) != 2 || all[0].Files[1] != files[1] {
		t.Fatalf("%v %+v", err, all)
	}
	found, before, err := s.Release(ctx, name("10"))
	if err != nil || found.Revision != 5 || before == nil || before.Revision != 3 {
		t.Errorf("%+v after %+v, %v", found, before, err)
	}
	if _, before, err = s.Release(ctx, name("2")); err != nil || before != nil {
		t.Errorf("the first comes after %+v, %v", before, err)
	}
	if _, _, err = s.Release(ctx, name("3")); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
	if n, err := s.ReleaseOf(ctx, 3); err != nil || n != name("2") {
		t.Errorf("revision 3 is release %q, %v", n, err)
	}
	if n, err := s.ReleaseOf(ctx, 4); err != nil || n != "" {
		t.Errorf("revision 4 is release %q, %v", n, err)
	}
	if err := s.Verify(ctx, nil); err != nil {
		t.Error(err)
	}
}

// The file itself refuses to change a release. Whoever takes that away is found by verify, whatever is changed.
func TestAlteredReleaseIsFound(t *testing.T) {
	ctx := context.Background()
	year := time.Now().UTC().Format("2006")
	files := []store.ReleaseFile{{Name: "register.zip", Bytes: 5, Rows: -1, SHA256: strings.Repeat("a", 64)}}
	for change, says := range map[string]string{
		"UPDATE release SET name = '" + year + ".7' WHERE revision = 3":               "",
		"UPDATE release SET released_at = '2020-01-01T00:00:00Z' WHERE revision = 3":  "was altered",
		"UPDATE release SET address = 'https://elsewhere.example' WHERE revision = 5": "was altered",
		"UPDATE release SET revision = 4 WHERE revision = 3":                          "names revision 4 with the hash",
		"UPDATE release SET revision = 99999 WHERE revision = 5":                      "which does not exist",
		"UPDATE release_file SET sha256 = 'c' WHERE release = '" + year + ".1'":       "was altered",
		"DELETE FROM release_file WHERE release = '" + year + ".1'":                   "was altered",
		"DELETE FROM release WHERE revision = 3":                                      "does not follow the one before",
		"INSERT INTO release_file VALUES ('" + year + ".9', 0, 'x.csv', 1, 1, 'd')":   "no such release",
		"INSERT INTO release_file VALUES ('" + year + ".1', 5, 'x.csv', 1, 1, 'd')":   "was altered",
	} {
		s := opened(t, copied(t))
		for i, revision := range []int{3, 5} {
			if _, err := s.AddRelease(ctx, year+"."+string(rune('1'+i)), revision, "https://example.org", files); err != nil {
				t.Fatal(err)
			}
		}
		db, err := sql.Open("sqlite3", "file:"+s.Path())
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(change, year+".9'") {
			if _, err := db.Exec(change); err == nil || !strings.Contains(err.Error(), "a release is never changed") {
				t.Errorf("%s: %v", change, err)
			}
		}
		for _, trigger := range []string{"release_no_update", "release_no_delete", "release_no_replace", "release_file_no_update", "release_file_no_delete", "release_file_no_more"} {
			if _, err := db.Exec("DROP TRIGGER " + trigger); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := db.Exec(change); err != nil {
			t.Fatal(change, err)
		}
		db.Close()
		var b *store.Broken
		if err := s.Verify(ctx, nil); !errors.As(err, &b) || !strings.Contains(b.What, says) {
			t.Errorf("%s: %v", change, err)
		}
	}
}

// What became of declarations between two revisions is told by what stands at both, not by what happened between.
func TestSince(t *testing.T) {
	s := opened(t, copied(t))
	head := at(t, s, 0).Revision
	note := func(words string) func(d *register.Declaration) {
		return func(d *register.Declaration) { d.Texts[0].Notes = words }
	}
	change(t, s, "tech-trafficking-2025", "One", note("One"))
	change(t, s, "tech-trafficking-2025", "Two", note("Two"))
	change(t, s, "geneva-consensus-2020", "Merged", func(d *register.Declaration) { d.MergedInto = "tech-trafficking-2025" })
	v := at(t, s, 0)
	all, err := v.Since(context.Background(), head)
	if err != nil || len(all) != 2 || all[0].Fate != store.Changed || all[0].Revisions != 2 || all[0].Last != head+2 || all[1].Fate != store.Retired || all[1].Revisions != 1 {
		t.Errorf("%+v %v", all, err)
	}
	all, err = v.Since(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	count := map[store.Fate]int{}
	for _, f := range all {
		count[f.Fate]++
	}
	if count[store.Added] != 24 || count[store.Changed] != 0 || count[store.Retired] != 1 || count[store.Data] != 1 {
		t.Errorf("since the beginning: %v", count)
	}
	if all, err = v.Since(context.Background(), v.Revision); err != nil || len(all) != 0 {
		t.Errorf("since now: %v %v", all, err)
	}
}

// A backup and what is restored from it have the releases.
func TestBackupHasReleases(t *testing.T) {
	ctx := context.Background()
	s := opened(t, copied(t))
	name := time.Now().UTC().Format("2006") + ".1"
	if _, err := s.AddRelease(ctx, name, 3, "https://example.org", []store.ReleaseFile{{Name: "register.zip", Bytes: 5, Rows: -1, SHA256: strings.Repeat("a", 64)}}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := s.Backup(ctx, filepath.Join(dir, "backup.db"), nil); err != nil {
		t.Fatal(err)
	}
	if err := store.Restore(ctx, filepath.Join(dir, "backup.db"), filepath.Join(dir, "restored.db"), nil); err != nil {
		t.Fatal(err)
	}
	restored, err := store.OpenExisting(ctx, filepath.Join(dir, "restored.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer restored.Close()
	before, err := s.Releases(ctx)
	if err != nil {
		t.Fatal(err)
	}
	after, err := restored.Releases(ctx)
	if err != nil || len(after) != 1 || after[0].Hash != before[0].Hash || len(after[0].Files) != 1 {
		t.Errorf("%v %+v", err, after)
	}
}
