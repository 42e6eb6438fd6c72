package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"cosignatory/seed"
	"cosignatory/store"
	"cosignatory/store/register"
)

// template is a loaded register that tests copy: made once.
var template = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "cosignatory-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "register.db")
	s, err := store.Open(context.Background(), path)
	if err != nil {
		return "", err
	}
	if _, err := seed.Load(context.Background(), s); err != nil {
		return "", err
	}
	return path, s.Close()
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := template(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// copied is the path of a fresh copy of the loaded register.
func copied(t *testing.T) string {
	t.Helper()
	from, err := template()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "register.db")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func opened(t *testing.T, path string, options ...store.Option) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), path, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func at(t *testing.T, s *store.Store, revision int) *store.View {
	t.Helper()
	v, err := s.At(context.Background(), revision)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func entry(t *testing.T, v *store.View, slug string) *store.Entry {
	t.Helper()
	e, err := v.Declaration(context.Background(), slug)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// change publishes a changed copy of a declaration.
func change(t *testing.T, s *store.Store, slug, reason string, f func(d *register.Declaration)) register.Revision {
	t.Helper()
	v := at(t, s, 0)
	e := entry(t, v, slug)
	d := e.Declaration
	f(&d)
	made, err := s.Publish(context.Background(), store.Publication{Declaration: &d, ID: e.ID, Base: v.Revision, Reason: reason, ReasonLang: "en", Role: "publisher"})
	if err != nil {
		t.Fatal(err)
	}
	return made[0]
}

func TestBothClocks(t *testing.T) {
	s := opened(t, copied(t))
	before := at(t, s, 0)
	r := change(t, s, "tech-trafficking-2025", "Thailand’s mission says that it has left", func(d *register.Declaration) {
		d.Actions = append(d.Actions, register.Action{Participant: "THA", Kind: register.Withdrew, Capacity: register.Signatory,
			Date: register.MustDate("2026-03-01"), Reason: "withdrew_by_notice", Source: "tip-sbs1"})
	})
	if r.Number != before.Revision+1 {
		t.Fatalf("revision %d, want %d", r.Number, before.Revision+1)
	}
	after := at(t, s, 0)
	for _, c := range []struct {
		view *store.View
		day  string
		want int
	}{
		{after, "2026-02-28", 12}, {after, "2026-03-01", 11}, // valid time
		{before, "2026-03-01", 12}, // record time: the register did not know yet
	} {
		e := entry(t, c.view, "tech-trafficking-2025")
		if got := e.Tally(c.view.Ref, register.MustDate(c.day).First()).InEffect.Total; got != c.want {
			t.Errorf("at revision %d as of %s: %d in effect, want %d", c.view.Revision, c.day, got, c.want)
		}
		x, err := c.view.Index(context.Background(), register.MustDate(c.day).First())
		if err != nil {
			t.Fatal(err)
		}
		if row, _ := x.BySlug("tech-trafficking-2025"); row.InEffect != c.want {
			t.Errorf("the index at revision %d as of %s: %d in effect, want %d", c.view.Revision, c.day, row.InEffect, c.want)
		}
	}
	if _, err := s.At(context.Background(), after.Revision+1); !errors.Is(err, store.ErrFuture) {
		t.Errorf("a revision that is not published yet: %v", err)
	}
	history, err := after.History(context.Background(), entry(t, after, "tech-trafficking-2025").ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(history) != 2 || len(history[0].Changes) != 1 || history[0].Changes[0].What != register.ActionAdded || history[0].Changes[0].Participant != "THA" {
		t.Errorf("history: %+v", history)
	}
}

// D2: a departure is an action beside the others, a correction ends the mistaken row and is a visible revision; the row
// can still be read at the revision before.
func TestD2NothingIsDeleted(t *testing.T) {
	s := opened(t, copied(t))
	r := change(t, s, "tech-trafficking-2025", "Recorded by mistake", func(d *register.Declaration) {
		d.Actions = d.Actions[:11]
	})
	if len(r.Changes) != 1 || r.Changes[0].What != register.ActionRemoved {
		t.Fatalf("a removed action reads as %+v", r.Changes)
	}
	if n := len(entry(t, at(t, s, r.Number-1), "tech-trafficking-2025").Actions); n != 12 {
		t.Errorf("before the correction %d actions, want 12", n)
	}
	if n := len(entry(t, at(t, s, 0), "tech-trafficking-2025").Actions); n != 11 {
		t.Errorf("after the correction %d actions, want 11", n)
	}
}

func TestPublishingRefuses(t *testing.T) {
	ctx := context.Background()
	s := opened(t, copied(t))
	v := at(t, s, 0)
	e := entry(t, v, "geneva-consensus-2020")
	// D19: a participation without a source is refused, and so is everything else at once.
	d := e.Declaration
	d.Actions = append([]register.Action{{Participant: "FRA", Kind: register.Signed, Capacity: register.Signatory}}, d.Actions...)
	d.Kind = "treaty"
	_, err := s.Publish(ctx, store.Publication{Declaration: &d, ID: e.ID, Base: v.Revision, Role: "publisher"})
	var invalid *register.Invalid
	if !errors.As(err, &invalid) {
		t.Fatalf("a bad draft: %v", err)
	}
	keys := map[string]bool{}
	for _, p := range invalid.Problems {
		keys[p.Field+" "+p.Key] = true
	}
	for _, want := range []string{"actions[0].source source_missing", "kind not_in_list", "reason reason_for_revision_missing"} {
		if !keys[want] {
			t.Errorf("no problem %q among %v", want, keys)
		}
	}
	// A stale draft.
	change(t, s, "geneva-consensus-2020", "Closed", func(d *register.Declaration) { d.Open = register.No })
	d = e.Declaration
	d.Open = register.NotRecorded
	_, err = s.Publish(ctx, store.Publication{Declaration: &d, ID: e.ID, Base: v.Revision, Reason: "x", ReasonLang: "en", Role: "publisher"})
	var conflict *store.Conflict
	if !errors.As(err, &conflict) || conflict.Current != v.Revision+1 {
		t.Errorf("a stale draft: %v", err)
	}
	// Nothing to change, a slug that is taken, a link into nothing.
	d = entry(t, at(t, s, 0), "geneva-consensus-2020").Declaration
	if _, err = s.Publish(ctx, store.Publication{Declaration: &d, ID: e.ID, Base: v.Revision + 1, Reason: "x", ReasonLang: "en", Role: "publisher"}); !errors.Is(err, store.ErrUnchanged) {
		t.Errorf("an unchanged draft: %v", err)
	}
	if _, err = s.Publish(ctx, store.Publication{Declaration: &d, Reason: "x", ReasonLang: "en", Role: "publisher"}); !errors.Is(err, store.ErrSlugTaken) {
		t.Errorf("a slug that is taken: %v", err)
	}
	d.Slug = "another-statement"
	if _, err = s.Publish(ctx, store.Publication{Declaration: &d, Reason: "x", ReasonLang: "en", Role: "publisher"}); !errors.As(err, &invalid) || invalid.Problems[0].Key != "source_key_taken" {
		t.Errorf("a source key that another declaration uses: %v", err)
	}
	d.Slug = e.Slug
	d.Links = []register.Link{{Kind: "related", Target: "no-such-declaration"}}
	if _, err = s.Publish(ctx, store.Publication{Declaration: &d, ID: e.ID, Base: v.Revision + 1, Reason: "x", ReasonLang: "en", Role: "publisher"}); !errors.As(err, &invalid) {
		t.Errorf("a link into nothing: %v", err)
	}
	if head := at(t, s, 0).Revision; head != v.Revision+1 {
		t.Errorf("refused publications left %d revisions, want %d", head, v.Revision+1)
	}
	if err := s.Verify(ctx, nil); err != nil {
		t.Error(err)
	}
}

func TestBatchIsAllOrNothing(t *testing.T) {
	ctx := context.Background()
	s := opened(t, copied(t))
	v := at(t, s, 0)
	good := entry(t, v, "artemis-accords-2020")
	changed, bad := good.Declaration, good.Declaration
	changed.Open = register.No
	bad.Kind = "treaty"
	_, err := s.Publish(ctx, store.Publication{Declaration: &changed, ID: good.ID, Base: v.Revision, Reason: "x", ReasonLang: "en", Role: "publisher"},
		store.Publication{Declaration: &bad, ID: good.ID, Base: v.Revision + 1, Reason: "x", ReasonLang: "en", Role: "publisher"})
	if err == nil {
		t.Fatal("a batch with a bad draft was published")
	}
	if head := at(t, s, 0).Revision; head != v.Revision {
		t.Errorf("half a batch was published: %d revisions, want %d", head, v.Revision)
	}
}

func TestRenamedAndMergedSlugsLeadOn(t *testing.T) {
	s := opened(t, copied(t))
	before := at(t, s, 0).Revision
	change(t, s, "xinjiang-2022", "Clearer address", func(d *register.Declaration) { d.Slug = "xinjiang-third-committee-2022" })
	var moved *store.Moved
	if _, err := at(t, s, 0).Declaration(context.Background(), "xinjiang-2022"); !errors.As(err, &moved) || moved.Slug != "xinjiang-third-committee-2022" {
		t.Errorf("the old address: %v", err)
	}
	if _, err := at(t, s, before).Declaration(context.Background(), "xinjiang-2022"); err != nil {
		t.Errorf("the old address at the old revision: %v", err)
	}
	change(t, s, "xinjiang-third-committee-2022", "Same as another", func(d *register.Declaration) { d.MergedInto = "xinjiang-hong-kong-2020" })
	if _, err := at(t, s, 0).Declaration(context.Background(), "xinjiang-third-committee-2022"); !errors.As(err, &moved) || moved.Slug != "xinjiang-hong-kong-2020" {
		t.Errorf("a merged declaration: %v", err)
	}
	n := 0
	if err := at(t, s, 0).Each(context.Background(), func(*store.Entry) error { n++; return nil }); err != nil || n != 24 {
		t.Errorf("%d living declarations, %v", n, err)
	}
}

// What is read all at once, one by one and by rows must be the same.
// TestRetiredIntoRetired: nothing is retired into a declaration that does not answer itself, so that mergers end; what was
// retired leads on to the one that answers in the end; and a circle that an older program published is told, not followed.
// A declaration that is published under the addresses it had elsewhere keeps the ids that its actions were given first.
func TestFormerAddressesRenumberNothing(t *testing.T) {
	s := opened(t, copied(t))
	before := at(t, s, 0)
	highest := int64(0)
	if err := before.Each(context.Background(), func(e *store.Entry) error {
		for _, a := range e.Actions {
			highest = max(highest, a.ID)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	d := register.Declaration{Slug: "third-2026", Kind: "letter", Adopted: register.MustDate("2026"),
		Titles:  []register.Title{{Lang: "en", Text: "A letter", Standing: register.Unofficial}},
		Sources: []register.Source{{Key: "third-a", Publisher: "UN", Title: "Text", URL: "https://example.org/", Kind: "official"}},
		Actions: []register.Action{{Participant: "KOR", Kind: register.Signed, Capacity: register.Signatory, Source: "third-a"},
			{Participant: "FRA", Kind: register.Signed, Capacity: register.Signatory, Source: "third-a"}}}
	made, err := s.Publish(context.Background(), store.Publication{Declaration: &d, Base: before.Revision, Former: []string{"first-2026", "second-2026"},
		Reason: "Brought over", ReasonLang: "en", Role: "import"})
	if err != nil {
		t.Fatal(err)
	}
	if len(made) != 3 {
		t.Fatalf("%d revisions, want 3", len(made))
	}
	for _, r := range made[1:] {
		if len(r.Changes) != 1 || r.Changes[0].Field != "slug" {
			t.Errorf("revision %d: %+v", r.Number, r.Changes)
		}
	}
	for i, a := range entry(t, at(t, s, 0), "third-2026").Actions {
		if want := highest + 1 + int64(i); a.ID != want {
			t.Errorf("action %d of %s, want %d", a.ID, a.Participant, want)
		}
	}
	for _, slug := range []string{"first-2026", "second-2026"} {
		var moved *store.Moved
		if _, err := at(t, s, 0).Declaration(context.Background(), slug); !errors.As(err, &moved) || moved.Slug != "third-2026" {
			t.Errorf("%s leads to %v", slug, err)
		}
	}
	if err := s.Verify(context.Background(), nil); err != nil {
		t.Error(err)
	}
}

func TestRetiredIntoRetired(t *testing.T) {
	ctx := context.Background()
	s := opened(t, copied(t))
	const one, two, three = "online-scams-partnership-2025", "counter-ransomware-2024", "tech-trafficking-2025"
	ids := map[string]int64{}
	for _, slug := range []string{one, two, three} {
		ids[slug] = entry(t, at(t, s, 0), slug).ID
	}
	publication := func(slug, into string) store.Publication {
		t.Helper()
		v := at(t, s, 0)
		e, err := v.ByID(ctx, ids[slug])
		if err != nil {
			t.Fatal(err)
		}
		d := e.Declaration
		d.MergedInto = into
		return store.Publication{Declaration: &d, ID: e.ID, Base: v.Revision, Reason: "x", ReasonLang: "en", Role: "publisher"}
	}
	refused := func(what, key, now string, p ...store.Publication) {
		t.Helper()
		head := at(t, s, 0).Revision
		_, err := s.Publish(ctx, p...)
		var invalid *register.Invalid
		if !errors.As(err, &invalid) || invalid.Problems[0].Key != key || invalid.Problems[0].Field != "merged_into" || now != "" && invalid.Problems[0].Args["Now"] != now {
			t.Errorf("%s: %v", what, err)
		}
		if at(t, s, 0).Revision != head {
			t.Errorf("%s: something was published", what)
		}
	}
	leads := func(v *store.View, from, to string) {
		t.Helper()
		var moved *store.Moved
		if _, err := v.Declaration(ctx, from); !errors.As(err, &moved) || moved.Slug != to {
			t.Errorf("at revision %d %s leads to %v, want %s", v.Revision, from, err, to)
		}
	}
	refused("into nothing", "link_unknown", "", publication(one, "no-such-declaration"))
	refused("into each other at once", "target_retired", "", publication(one, two), publication(two, one))
	if _, err := s.Publish(ctx, publication(one, two)); err != nil {
		t.Fatal(err)
	}
	middle := at(t, s, 0)
	refused("into each other", "target_retired", two, publication(two, one))
	refused("into one that was retired", "target_retired", two, publication(three, one))
	_, publisher, _ := staff(t, s)
	p := publication(two, one)
	d := &store.Draft{DeclarationID: p.ID, Base: p.Base, Document: *p.Declaration, Reason: "x"}
	if err := s.SaveDraft(ctx, d, publisher); err != nil {
		t.Fatal(err)
	}
	if err := s.SetSetting(ctx, store.OnePersonOffice, "yes"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.MoveDraft(ctx, d.ID, 0, publisher, store.Step{What: store.ScheduledFor, For: time.Now().Add(-time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if made, err := s.PublishDue(ctx); err != nil || len(made) > 0 {
		t.Errorf("scheduled: %v, %v", made, err)
	}
	if now, err := s.Draft(ctx, d.ID); err != nil || now.Last(store.NotPublished) == nil || now.Last(store.NotPublished).Text != "problems" {
		t.Errorf("scheduled: %+v, %v", now, err)
	}

	if _, err := s.Publish(ctx, publication(two, three)); err != nil {
		t.Fatal("what others were retired into is retired itself:", err)
	}
	leads(at(t, s, 0), one, three)
	leads(at(t, s, 0), two, three)
	leads(middle, one, two)
	if err := s.Verify(ctx, nil); err != nil {
		t.Error(err)
	}
	// A mirror makes the same again, and an import of the files alone retires both at once.
	mirror := opened(t, filepath.Join(t.TempDir(), "mirror.db"))
	if _, err := mirror.Replay(ctx, bytes.NewReader(history(t, s, 0)), store.ReplayOptions{}); err != nil {
		t.Fatal(err)
	}
	leads(at(t, mirror, 0), one, three)
	other := opened(t, copied(t))
	first, second := publication(two, three), publication(one, two)
	first.Base, second.Base = at(t, other, 0).Revision, at(t, other, 0).Revision
	if _, err := other.Publish(ctx, first, second); err != nil {
		t.Fatal(err)
	}
	leads(at(t, other, 0), one, three)

	// By an address that it had: the declaration would lead to itself.
	renamed := publication(three, "")
	renamed.Declaration.Slug = "renamed-2025"
	if _, err := s.Publish(ctx, renamed); err != nil {
		t.Fatal(err)
	}
	refused("into itself by its old address", "link_to_itself", "", publication(three, three))

	if err := store.PublishUnchecked(ctx, s, publication(three, one)); err != nil {
		t.Fatal(err)
	}
	var circle *store.Circle
	if _, err := at(t, s, 0).Declaration(ctx, one); !errors.As(err, &circle) || !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a circle: %v", err)
	}
	var broken *store.Broken
	if err := s.Verify(ctx, nil); !errors.As(err, &broken) || !strings.Contains(err.Error(), "renamed-2025 → "+one+" → "+two) {
		t.Errorf("a circle is verified: %v", err)
	}
	if _, err := s.Publish(ctx, publication(three, "")); err != nil {
		t.Fatal("out of a circle:", err)
	}
	leads(at(t, s, 0), one, "renamed-2025")
	if err := s.Verify(ctx, nil); err != nil {
		t.Error(err)
	}
}

// TestOnlyTheOwnerReads: copies of a register are their owner's alone, whoever may read it; what is put in its place may be
// read by those who might read it before.
func TestOnlyTheOwnerReads(t *testing.T) {
	ctx := context.Background()
	rights := func(path string, want os.FileMode) {
		t.Helper()
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want %o", filepath.Base(path), info.Mode(), err, want)
		}
	}
	path := copied(t)
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, any := store.OthersMay(path); any {
		t.Error("those of its group are not others")
	}
	s := opened(t, path)
	backup := filepath.Join(t.TempDir(), "backup.db")
	if err := s.Backup(ctx, backup, nil); err != nil {
		t.Fatal(err)
	}
	rights(backup, 0o600)
	plan, err := s.PlanBackups(store.BackupPlan{Dir: t.TempDir(), Every: time.Hour, Keep: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Make(ctx); err != nil {
		t.Fatal(err)
	}
	rights(plan.State().Path, 0o600)
	rights(path, 0o640)
	s.Close()
	if err := store.Restore(ctx, backup, path, nil); err != nil {
		t.Fatal(err)
	}
	rights(path, 0o640)
	rights(path+".before-restore", 0o600)
	if err := os.Chmod(backup, 0o644); err != nil {
		t.Fatal(err)
	}
	if mode, any := store.OthersMay(backup); !any || mode != 0o644 {
		t.Errorf("%o %v", mode, any)
	}
	fresh := filepath.Join(t.TempDir(), "fresh.db")
	if err := store.Restore(ctx, backup, fresh, nil); err != nil {
		t.Fatal(err)
	}
	rights(fresh, 0o600)
}

func TestReadersAgree(t *testing.T) {
	ctx := context.Background()
	s := opened(t, copied(t))
	v := at(t, s, 0)
	shipped, err := seed.Declarations()
	if err != nil {
		t.Fatal(err)
	}
	i := 0
	err = v.Each(ctx, func(e *store.Entry) error {
		one, err := v.ByID(ctx, e.ID)
		if err != nil {
			return err
		}
		if changes := register.Diff(&one.Declaration, &e.Declaration); len(changes) > 0 {
			t.Errorf("%s: read alone and read with all differ: %+v", e.Slug, changes)
		}
		want := shipped[i]
		want.Clean()
		for j := range want.Actions {
			want.Actions[j].ID = e.Actions[j].ID
		}
		if changes := register.Diff(want, &e.Declaration); len(changes) > 0 {
			t.Errorf("%s: shipped and read differ: %+v", e.Slug, changes)
		}
		i++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	e := entry(t, v, "geneva-consensus-2020")
	some, err := v.Participations(ctx, "USA", false, []int64{e.ID, 999})
	if err != nil || len(some) != 1 || len(some[0].Actions) != 3 {
		t.Fatalf("participations of one: %+v, %v", some, err)
	}
	lines := some[0].Timelines()
	if st := lines[0].On(register.MustDate("2022-01-01").First()); st.Status != register.Left {
		t.Errorf("the United States on 1 January 2022: %s", st.Status)
	}
}

func TestVerifyNamesTheAlteredRow(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct{ sql, names string }{
		"a name":                 {"UPDATE action SET name_as_printed = 'Elbonia' WHERE name_as_printed = '캄보디아'", "Elbonia"},
		"a date":                 {"UPDATE action SET date = '2025-11-25' WHERE declaration = 1 AND participant = 'JPN'", "JPN"},
		"a source":               {"UPDATE source SET url = 'https://example.org/' WHERE source = 'tip-nocut'", "tip-nocut"},
		"a row gone":             {"DELETE FROM action WHERE declaration = 1 AND participant = 'KHM'", "KHM"},
		"a row ended":            {"UPDATE action SET rev_to = 20 WHERE declaration = 1 AND participant = 'KHM'", "KHM"},
		"a row more":             {"INSERT INTO sponsor (declaration, position, rev_from, rev_to, participant) VALUES (1, 1, 3, 2147483647, 'FRA')", "FRA"},
		"a row of no revision":   {"INSERT INTO sponsor (declaration, position, rev_from, rev_to, participant) VALUES (1, 1, 9, 2147483647, 'FRA')", "1 1"},
		"a participant's name":   {"UPDATE participant_name SET name = 'Elbonia' WHERE participant = 'KHM' AND lang = 'en'", "Elbonia"},
		"a reason":               {"UPDATE revision SET reason = 'Nothing' WHERE number = 5", "Revision 5"},
		"a hash":                 {"UPDATE revision SET hash = 'abc' WHERE number = 5", "Revision 5"},
		"a recorded change":      {"UPDATE revision SET change = x'00' WHERE number = 5", "revision 5"},
		"a revision":             {"DELETE FROM revision WHERE number = 5", "Revision 5"},
		"the last revision":      {"DELETE FROM revision WHERE number = 27", "rows"},
		"the text of a revision": {"UPDATE revision SET summary = 'x' WHERE number = 7", "Revision 7"},
	} {
		t.Run(name, func(t *testing.T) {
			path := copied(t)
			s := opened(t, path)
			if err := s.Verify(ctx, nil); err != nil {
				t.Fatal(err)
			}
			db, err := sql.Open("sqlite3", path)
			if err != nil {
				t.Fatal(err)
			}
			r, err := db.Exec(c.sql)
			if err != nil {
				t.Fatal(err)
			}
			if n, _ := r.RowsAffected(); n != 1 {
				t.Fatalf("%d rows altered, want 1", n)
			}
			db.Close()
			err = s.Verify(ctx, nil)
			var broken *store.Broken
			if !errors.As(err, &broken) || !strings.Contains(err.Error(), c.names) {
				t.Errorf("verify says %v, want it to name %q", err, c.names)
			}
		})
	}
}

func TestAnotherProcessIsSeenAtOnce(t *testing.T) {
	path := copied(t)
	server, command := opened(t, path), opened(t, path)
	before := at(t, server, 0).Revision
	if _, err := at(t, server, 0).Index(context.Background(), 0); err != nil {
		t.Fatal(err)
	}
	change(t, command, "artemis-accords-2020", "Closed", func(d *register.Declaration) { d.Open = register.No })
	v := at(t, server, 0)
	if v.Revision != before+1 || entry(t, v, "artemis-accords-2020").Open != register.No {
		t.Errorf("what another process published is not seen: revision %d", v.Revision)
	}
}

func TestFilesThatCannotBeOpened(t *testing.T) {
	ctx := context.Background()
	folder := t.TempDir()
	write := func(name, text string) string {
		p := filepath.Join(folder, name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	foreign := filepath.Join(folder, "foreign.db")
	run := func(path, statement string) {
		db, err := sql.Open("sqlite3", path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	run(foreign, "CREATE TABLE notes (text TEXT)")
	newer := copied(t)
	run(newer, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)")
	for name, c := range map[string]struct {
		path string
		want error
	}{
		"no database":       {write("letter.txt", strings.Repeat("Dear colleague, ", 400)), store.ErrNotOurs},
		"another program's": {foreign, store.ErrNotOurs},
		"a newer program's": {newer, store.ErrNewer},
		"a folder":          {folder, store.ErrNoFile},
		"no such folder":    {filepath.Join(folder, "no", "such.db"), store.ErrNoFile},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := store.Open(ctx, c.path)
			if s != nil {
				s.Close()
			}
			if !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			if text := err.Error(); strings.Contains(text, "\n") || !strings.Contains(text, c.path) {
				t.Errorf("not one plain sentence that names the file: %q", text)
			}
		})
	}
	if _, err := store.OpenExisting(ctx, filepath.Join(folder, "nothing.db")); !errors.Is(err, store.ErrNoFile) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := os.Stat(filepath.Join(folder, "nothing.db")); err == nil {
		t.Error("looking for a file made it")
	}
}

func TestLockedFile(t *testing.T) {
	path := copied(t)
	s := opened(t, path)
	v := at(t, s, 0)
	e := entry(t, v, "artemis-accords-2020")
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	d := e.Declaration
	d.Open = register.No
	_, err = s.Publish(context.Background(), store.Publication{Declaration: &d, ID: e.ID, Base: v.Revision, Reason: "x", ReasonLang: "en", Role: "publisher"})
	if !errors.Is(err, store.ErrLocked) {
		t.Errorf("publishing while another program writes: %v", err)
	}
	if _, err := at(t, s, 0).Declaration(context.Background(), "artemis-accords-2020"); err != nil {
		t.Errorf("reading while another program writes: %v", err)
	}
}

func TestBackupAndRestore(t *testing.T) {
	ctx := context.Background()
	path := copied(t)
	s, err := store.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(t.TempDir(), "backup.db")
	// The copying and the checking are told, each to its end.
	var ends, told int
	progress := func(done, of int) {
		if told++; done < 1 || done > of {
			t.Errorf("%d of %d is done", done, of)
		}
		if done == of {
			ends++
		}
	}
	if err := s.Backup(ctx, backup, progress); err != nil {
		t.Fatal(err)
	}
	if ends != 2 || told < 1+27 {
		t.Errorf("a backup tells %d times how far it is, %d ends", told, ends)
	}
	if err := s.Backup(ctx, backup, nil); err == nil {
		t.Error("a backup was overwritten")
	}
	before := at(t, s, 0).Revision
	change(t, s, "artemis-accords-2020", "Closed", func(d *register.Declaration) { d.Open = register.No })
	if err := store.Restore(ctx, backup, path, nil); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("restoring over an open register: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	ends, told = 0, 0
	if err := store.Restore(ctx, backup, path, progress); err != nil {
		t.Fatal(err)
	}
	if ends < 2 || told < 1+27 {
		t.Errorf("restoring tells %d times how far it is, %d ends", told, ends)
	}
	if head := at(t, opened(t, path), 0).Revision; head != before {
		t.Errorf("restored to revision %d, want %d", head, before)
	}
	if head := at(t, opened(t, path+".before-restore"), 0).Revision; head != before+1 {
		t.Errorf("what was there is kept at revision %d, want %d", head, before+1)
	}
	// A register is no backup of itself, whatever it is called.
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(backup, link); err != nil {
		t.Fatal(err)
	}
	for _, same := range []string{backup, link} {
		if err := store.Restore(ctx, same, backup, nil); err == nil || !strings.Contains(err.Error(), "itself") {
			t.Errorf("restoring a register over itself: %v", err)
		}
		if _, err := os.Stat(backup); err != nil {
			t.Fatal("the register is gone")
		}
	}
	// A second restore keeps what the first one kept.
	other := filepath.Join(t.TempDir(), "other.db")
	for range 2 {
		if err := store.Restore(ctx, backup, other, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Restore(ctx, backup, other, nil); err != nil {
		t.Fatal(err)
	}
	for _, kept := range []string{other, other + ".before-restore", other + ".before-restore-2"} {
		if _, err := os.Stat(kept); err != nil {
			t.Errorf("%s is not there", kept)
		}
	}
	// A damaged backup is refused and nothing changes.
	b, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	torn := filepath.Join(t.TempDir(), "torn.db")
	if err := os.WriteFile(torn, b[:len(b)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := store.Restore(ctx, torn, filepath.Join(t.TempDir(), "new.db"), nil); err == nil {
		t.Error("half a backup was restored")
	}
}

func TestDraftsAreApart(t *testing.T) {
	ctx := context.Background()
	s := opened(t, copied(t), store.WithClock(func() time.Time { return time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC) }))
	v := at(t, s, 0)
	editor, publisher := &store.Account{Login: "ed", Name: "Ed", Role: store.Editor}, &store.Account{Login: "pub", Name: "Pub", Role: store.Publisher}
	for _, a := range []*store.Account{editor, publisher} {
		if err := s.SaveAccount(ctx, a, store.Logged{}); err != nil {
			t.Fatal(err)
		}
	}
	d := &store.Draft{Reason: "A new statement", Document: register.Declaration{Slug: "secret-2026"}}
	if err := s.SaveDraft(ctx, d, editor); err != nil {
		t.Fatal(err)
	}
	if at(t, s, 0).Revision != v.Revision {
		t.Error("saving a draft made a revision")
	}
	if _, err := at(t, s, 0).Declaration(ctx, "secret-2026"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a draft can be read in public: %v", err)
	}
	var invalid *register.Invalid
	if _, err := s.PublishDraft(ctx, d.ID, 0, publisher); !errors.As(err, &invalid) {
		t.Fatalf("an unfinished draft: %v", err)
	}
	d.Document = register.Declaration{Slug: "secret-2026", Kind: "letter", Adopted: register.MustDate("2026-11"),
		Titles: []register.Title{{Lang: "en", Text: "Letter", Standing: register.Authentic}}}
	if err := s.SaveDraft(ctx, d, editor); err != nil {
		t.Fatal(err)
	}
	r, err := s.PublishDraft(ctx, d.ID, 0, publisher)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.PublishedAt.Format(time.RFC3339); got != "2026-12-01T09:00:00Z" {
		t.Errorf("published at %s", got)
	}
	if err := s.SaveDraft(ctx, d, editor); !errors.Is(err, store.ErrDraftClosed) {
		t.Errorf("a published draft was changed: %v", err)
	}
	if err := s.Verify(ctx, nil); err != nil {
		t.Error(err)
	}
}

func TestFind(t *testing.T) {
	ctx := context.Background()
	s := opened(t, copied(t))
	x, err := at(t, s, 0).Index(ctx, register.MustDate("2026-11-23").First())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		filter register.Filter
		want   int
	}{
		{"all", register.Filter{}, 25},
		{"sponsor", register.Filter{Sponsor: "KOR"}, 1},
		{"words in any order, folded, in a title or the name of a topic", register.Filter{Query: "PERSONS trafficking"}, 3},
		{"a word in French", register.Filter{Query: "traite"}, 0},
		{"years", register.Filter{From: register.MustDate("2025"), To: register.MustDate("2025")}, 2},
		{"a partial date overlaps", register.Filter{From: register.MustDate("2010-11-15"), To: register.MustDate("2010-12")}, 1},
		{"nothing but marks", register.Filter{Query: "…"}, 0},
		{"who left is not on it", register.Filter{Signatory: "RWA", Query: "peace framework"}, 0},
	} {
		rows, total := x.Find(c.filter, register.Sort{By: "date", Descending: true}, "en", 0, 50)
		if c.name == "a word in French" {
			if total == 0 {
				t.Errorf("%s: nothing found", c.name)
			}
			continue
		}
		if total != c.want || len(rows) != c.want {
			t.Errorf("%s: %d found, %d shown, want %d", c.name, total, len(rows), c.want)
		}
	}
	var seen []string
	for skip := 0; skip < 25; skip += 10 {
		rows, _ := x.Find(register.Filter{}, register.Sort{By: "title"}, "en", skip, 10)
		for _, r := range rows {
			seen = append(seen, r.Slug)
		}
	}
	if len(seen) != 25 || seen[0] != "atlantic-cooperation-2023" && seen[0] == seen[1] {
		t.Errorf("pages of titles: %v", seen)
	}
	if rows, _ := x.Find(register.Filter{}, register.Sort{By: "date"}, "en", 0, 1); rows[0].Slug != "brasilia-refugees-2010" {
		t.Errorf("the oldest is %s", rows[0].Slug)
	}
}

// TestLogShrinks: what is published while somebody reads for long waits in the write-ahead log; afterwards the log is short again,
// while the server still runs.
func TestLogShrinks(t *testing.T) {
	path := copied(t)
	s := opened(t, path)
	length := func() int64 {
		log, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return log.Size()
	}
	publish := func(i int) {
		change(t, s, "tech-trafficking-2025", strings.Repeat("Made up for a test. ", 900), func(d *register.Declaration) {
			d.PresentedBy = fmt.Sprint(i)
		})
	}
	// Another program, as the command that exports is.
	db, err := sql.Open("sqlite3", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	reading, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer reading.Rollback()
	var newest int
	if err := reading.QueryRow("SELECT max(number) FROM revision").Scan(&newest); err != nil {
		t.Fatal(err)
	}
	for i := 0; length() < store.LogKept+store.LogKept/2; i++ {
		publish(i)
	}
	if err := reading.Rollback(); err != nil {
		t.Fatal(err)
	}
	for i := range 2 { // the first moves all of the log into the file, the second begins it anew
		publish(-1 - i)
	}
	if n := length(); n > store.LogKept {
		t.Errorf("the log is %d bytes long after a long reading, want at most %d", n, store.LogKept)
	}
}
