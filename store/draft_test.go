package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cosignatory/store"
	"cosignatory/store/register"
)

// staff are an editor and two publishers.
func staff(t *testing.T, s *store.Store) (editor, publisher, other *store.Account) {
	t.Helper()
	list := []*store.Account{{Login: "ed", Name: "Ed", Role: store.Editor}, {Login: "pub", Name: "Pub", Role: store.Publisher}, {Login: "other", Name: "Other", Role: store.Publisher}}
	for _, a := range list {
		if err := s.SaveAccount(context.Background(), a); err != nil {
			t.Fatal(err)
		}
	}
	return list[0], list[1], list[2]
}

// draftOf is a draft of a published declaration with a change in it.
func draftOf(t *testing.T, s *store.Store, by *store.Account, slug, presenter string) *store.Draft {
	t.Helper()
	v := at(t, s, 0)
	e := entry(t, v, slug)
	d := &store.Draft{DeclarationID: e.ID, Base: v.Revision, Document: e.Declaration, Reason: "Because", Typed: presenter}
	d.Document.PresentedBy = presenter
	if err := s.SaveDraft(context.Background(), d, by); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestDeskApartFromReaders: whoever edits does all that an editor does while readers have every connection of theirs.
func TestDeskApartFromReaders(t *testing.T) {
	s := opened(t, copied(t))
	editor, publisher, _ := staff(t, s)
	const slug = "tech-trafficking-2025"
	giveBack, err := store.TakeReaders(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	defer giveBack()
	// Nobody gives back a connection while this goes on: what needs one ends with the time.
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	v, err := s.AtDesk(ctx, 0)
	if err != nil {
		t.Fatal("the register:", err)
	}
	e, err := v.Declaration(ctx, slug)
	if err != nil {
		t.Fatal("a declaration:", err)
	}
	d := &store.Draft{DeclarationID: e.ID, Base: v.Revision, Document: e.Declaration, Reason: "Because", ReasonLang: "en"}
	d.Document.PresentedBy = "Made up for the test"
	if err := s.SaveDraft(ctx, d, editor); err != nil {
		t.Fatal("saving:", err)
	}
	if d, err = s.Draft(ctx, d.ID); err != nil {
		t.Fatal("the draft:", err)
	}
	if _, err := s.Account(ctx, publisher.ID); err != nil {
		t.Fatal("the account:", err)
	}
	if _, err := v.History(ctx, e.ID); err != nil {
		t.Fatal("the history:", err)
	}
	if _, err := s.PublishDraft(ctx, d.ID, d.Version, publisher); err != nil {
		t.Fatal("publishing:", err)
	}
}

// TestDraftStates: every step from every state is allowed or refused as the rules say, and nothing refused changes anything.
func TestDraftStates(t *testing.T) {
	ctx := context.Background()
	s := opened(t, copied(t))
	editor, publisher, _ := staff(t, s)
	reach := map[store.DraftState][]store.Step{
		store.Drafting: nil, store.InReview: {{What: store.Reviewed}}, store.Scheduled: {{What: store.ScheduledFor, For: time.Now().Add(time.Hour)}},
		store.Discarded: {{What: store.ThrownAway}},
	}
	want := map[string]map[store.DraftState]store.DraftState{
		store.Reviewed:     {store.Drafting: store.InReview},
		store.SentBack:     {store.InReview: store.Drafting, store.Scheduled: store.Drafting},
		store.Withdrawn:    {store.InReview: store.Drafting},
		store.ScheduledFor: {store.Drafting: store.Scheduled, store.InReview: store.Scheduled},
		store.Unscheduled:  {store.Scheduled: store.InReview},
		store.ThrownAway:   {store.Drafting: store.Discarded, store.InReview: store.Discarded, store.Scheduled: store.Discarded},
		store.Remarked:     {store.Drafting: store.Drafting, store.InReview: store.InReview, store.Scheduled: store.Scheduled, store.Discarded: store.Discarded},
		"nonsense":         {},
	}
	n := 0
	for from, steps := range reach {
		for what, to := range want {
			n++
			d := draftOf(t, s, editor, "tech-trafficking-2025", fmt.Sprint("P", n))
			for _, step := range steps {
				var err error
				if d, err = s.MoveDraft(ctx, d.ID, d.Version, publisher, step); err != nil {
					t.Fatal(err)
				}
			}
			moved, err := s.MoveDraft(ctx, d.ID, d.Version, publisher, store.Step{What: what, Text: "T", For: time.Now().Add(time.Hour)})
			state, ok := to[from]
			if ok != (err == nil) || ok && moved.State != state {
				t.Errorf("%s of a draft that is %s: %v", what, from, err)
			}
			now, err := s.Draft(ctx, d.ID)
			if err != nil || !ok && (now.State != from || now.Version != d.Version) {
				t.Errorf("%s of a draft that is %s changed it: %v", what, from, err)
			}
			if _, err := s.MoveDraft(ctx, d.ID, d.Version+7, publisher, store.Step{What: store.ThrownAway}); err == nil {
				t.Errorf("a draft at another version was moved")
			}
		}
	}
	// Writing in one that is in review or scheduled takes it back; in a scheduled one only who publishes writes.
	for _, step := range []store.Step{{What: store.Reviewed}, {What: store.ScheduledFor, For: time.Now().Add(time.Hour)}} {
		n++
		d := draftOf(t, s, editor, "tech-trafficking-2025", fmt.Sprint("P", n))
		d, err := s.MoveDraft(ctx, d.ID, d.Version, publisher, step)
		if err != nil {
			t.Fatal(err)
		}
		d.Document.PresentedBy = "Changed"
		by := editor
		if step.What == store.ScheduledFor {
			tried := *d
			if err := s.SaveDraft(ctx, &tried, editor); !errors.Is(err, store.ErrScheduled) {
				t.Errorf("an editor writes in a scheduled draft: %v", err)
			}
			now, err := s.Draft(ctx, d.ID)
			if err != nil || now.State != store.Scheduled || now.Version != d.Version || now.PublishAt.IsZero() || now.Document.PresentedBy == "Changed" {
				t.Errorf("what was refused changed the draft: %+v, %v", now, err)
			}
			by = publisher
		}
		version := d.Version
		if err := s.SaveDraft(ctx, d, by); err != nil || d.State != store.Drafting || !d.PublishAt.IsZero() {
			t.Errorf("after %s: %s, %v", step.What, d.State, err)
		}
		var since []string
		for _, x := range d.Since(version) {
			since = append(since, x.What)
		}
		back := map[string]string{store.Reviewed: store.Withdrawn, store.ScheduledFor: store.Unscheduled}[step.What]
		if !slices.Equal(since, []string{back, store.Saved}) {
			t.Errorf("since version %d after %s: %v", version, step.What, since)
		}
	}
}

// TestStepsSince: what happened to a draft after a version is told step by step, without remarks; of steps that an older program
// wrote, which name no version, the last one is.
func TestStepsSince(t *testing.T) {
	d := &store.Draft{Steps: []store.Step{{What: store.Begun, Version: 1}, {What: store.Saved, Version: 4}, {What: store.Reviewed, Version: 5},
		{What: store.Remarked, Version: 5}, {What: store.SentBack, Version: 6}}}
	old := &store.Draft{Steps: []store.Step{{What: store.Begun}, {What: store.Reviewed}, {What: store.Remarked}}}
	for _, c := range []struct {
		of      *store.Draft
		version int
		want    []string
	}{
		{d, 2, []string{store.Saved, store.Reviewed, store.SentBack}},
		{d, 4, []string{store.Reviewed, store.SentBack}},
		{d, 5, []string{store.SentBack}},
		{d, 6, []string{store.SentBack}},
		{old, 1, []string{store.Reviewed}},
		{&store.Draft{}, 1, nil},
	} {
		var got []string
		for _, s := range c.of.Since(c.version) {
			got = append(got, s.What)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("since version %d: %v, want %v", c.version, got, c.want)
		}
	}
}

func TestDraftVersions(t *testing.T) {
	ctx := context.Background()
	s := opened(t, copied(t))
	editor, publisher, other := staff(t, s)
	d := draftOf(t, s, editor, "tech-trafficking-2025", "First")
	mine, theirs := *d, *d
	theirs.Document.PresentedBy, theirs.Typed = "Theirs", "Theirs"
	if err := s.SaveDraft(ctx, &theirs, other); err != nil || theirs.Version != 2 {
		t.Fatalf("version %d, %v", theirs.Version, err)
	}
	mine.Document.PresentedBy, mine.Typed = "Mine", "Mine"
	var stale *store.DraftConflict
	if err := s.SaveDraft(ctx, &mine, editor); !errors.As(err, &stale) || stale.Newer.Typed != "Theirs" || stale.Newer.Version != 2 {
		t.Fatalf("%v", err)
	}
	if typed, document, err := s.DraftVersion(ctx, d.ID, 1); err != nil || typed != "First" || document.PresentedBy != "First" {
		t.Errorf("%q %v %v", typed, document, err)
	}
	same := theirs
	if err := s.SaveDraft(ctx, &same, other); err != nil || same.Version != 2 {
		t.Errorf("what changes nothing is version %d, %v", same.Version, err)
	}
	// Who wrote last does not publish, nor the author, nor an editor.
	for by, want := range map[*store.Account]error{editor: store.ErrRole, other: store.ErrOwnDraft} {
		if _, err := s.PublishDraft(ctx, d.ID, 2, by); !errors.Is(err, want) {
			t.Errorf("%s publishes: %v", by.Login, err)
		}
	}
	if _, err := s.PublishDraft(ctx, d.ID, 1, publisher); !errors.As(err, &stale) {
		t.Errorf("an older version is published: %v", err)
	}
	r, err := s.PublishDraft(ctx, d.ID, 2, publisher)
	if err != nil || r.AuthorRole != "publisher" || r.AuthorName != "" {
		t.Fatalf("%+v, %v", r, err)
	}
	if list, err := s.Drafts(ctx, store.DraftFilter{State: store.Published, DeclarationID: d.DeclarationID}); err != nil || len(list) != 1 || list[0].Last(store.PublishedAs).Revision != r.Number {
		t.Errorf("%v, %v", list, err)
	}
	// A draft that a publication overtook says so.
	d = draftOf(t, s, editor, "tech-trafficking-2025", "Second")
	change(t, s, "tech-trafficking-2025", "Quicker", func(d *register.Declaration) { d.PresentedBy = "Quicker" })
	if now, err := s.Draft(ctx, d.ID); err != nil || now.Overtaken != r.Number+1 {
		t.Errorf("%+v, %v", now, err)
	}
	var overtaken *store.Conflict
	if _, err := s.PublishDraft(ctx, d.ID, 0, publisher); !errors.As(err, &overtaken) {
		t.Errorf("%v", err)
	}
}

// TestWhoWroteDoesNotPublish: whoever began a draft or ever wrote in it, or only in its reason, neither publishes nor schedules
// it, whoever wrote after them and however often. A remark is no writing.
func TestWhoWroteDoesNotPublish(t *testing.T) {
	ctx := context.Background()
	s := opened(t, copied(t))
	editor, publisher, other := staff(t, s)
	write := func(d *store.Draft, by *store.Account, f func(d *store.Draft)) {
		t.Helper()
		f(d)
		if err := s.SaveDraft(ctx, d, by); err != nil {
			t.Fatal(err)
		}
	}
	for name, first := range map[string]func(d *store.Draft){
		"content": func(d *store.Draft) { d.Document.PresentedBy = "Publisher" },
		"reason":  func(d *store.Draft) { d.Reason = "Better" },
		"merged":  func(d *store.Draft) { d.Base++ },
	} {
		d := draftOf(t, s, editor, "tech-trafficking-2025", "Editor "+name)
		if name == "merged" {
			write(d, editor, func(d *store.Draft) { d.Base-- }) // so that there is a newer one to bring it together with
		}
		write(d, publisher, first)
		for i := range 20 {
			write(d, editor, func(d *store.Draft) { d.Typed = fmt.Sprint(name, i) })
		}
		if _, err := s.MoveDraft(ctx, d.ID, 0, other, store.Step{What: store.Remarked, Text: "Looks right"}); err != nil {
			t.Fatal(err)
		}
		d, err := s.MoveDraft(ctx, d.ID, d.Version, editor, store.Step{What: store.Reviewed})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.PublishDraft(ctx, d.ID, d.Version, publisher); !errors.Is(err, store.ErrOwnDraft) {
			t.Errorf("%s: the publisher who wrote in it publishes it: %v", name, err)
		}
		if _, err := s.MoveDraft(ctx, d.ID, d.Version, publisher, store.Step{What: store.ScheduledFor, For: time.Now().Add(time.Hour)}); !errors.Is(err, store.ErrOwnDraft) {
			t.Errorf("%s: the publisher who wrote in it schedules it: %v", name, err)
		}
		if r, err := s.PublishDraft(ctx, d.ID, d.Version, other); err != nil || r.AuthorRole != "publisher" {
			t.Errorf("%s: another publisher: %+v, %v", name, r, err)
		}
	}
	// One that an office of one scheduled is not published once the office has become one of two.
	d := draftOf(t, s, publisher, "tech-trafficking-2025", "Alone")
	write(d, editor, func(d *store.Draft) { d.Typed = "Saved" })
	if err := s.SetSetting(ctx, store.OnePersonOffice, "yes"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.MoveDraft(ctx, d.ID, d.Version, publisher, store.Step{What: store.ScheduledFor, For: time.Now().Add(-time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if err := s.SetSetting(ctx, store.OnePersonOffice, ""); err != nil {
		t.Fatal(err)
	}
	if made, err := s.PublishDue(ctx); err != nil || len(made) > 0 {
		t.Errorf("%v, %v", made, err)
	}
	if d, err := s.Draft(ctx, d.ID); err != nil || d.State != store.InReview || d.Last(store.NotPublished) == nil || d.Last(store.NotPublished).Text != "author" {
		t.Errorf("%+v, %v", d, err)
	}
}

// TestWritersAtOnce: of many who save the same version at once exactly one is taken; the others learn of it.
func TestWritersAtOnce(t *testing.T) {
	ctx := context.Background()
	s := opened(t, copied(t))
	editor, _, _ := staff(t, s)
	d := draftOf(t, s, editor, "tech-trafficking-2025", "First")
	var wg sync.WaitGroup
	taken := make(chan int, 20)
	for i := range 20 {
		wg.Go(func() {
			mine := *d
			mine.Typed = fmt.Sprint(i)
			var stale *store.DraftConflict
			switch err := s.SaveDraft(ctx, &mine, editor); {
			case err == nil:
				taken <- i
			case !errors.As(err, &stale):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	close(taken)
	n := 0
	for range taken {
		n++
	}
	if n != 1 {
		t.Errorf("%d saves of one version were taken", n)
	}
}

// TestActionNumbers: numbers of actions are given once in the whole register, however many are new at a time.
func TestActionNumbers(t *testing.T) {
	s := opened(t, copied(t))
	change(t, s, "tech-trafficking-2025", "Added", func(d *register.Declaration) {
		for _, code := range []string{"FRA", "DEU", "ITA"} {
			d.Actions = append(d.Actions, register.Action{Participant: code, Kind: register.Joined, Capacity: register.Signatory, Date: register.MustDate("2026-01-01"), Source: d.Sources[0].Key})
		}
	})
	seen := map[int64]string{}
	if err := at(t, s, 0).Each(context.Background(), func(e *store.Entry) error {
		for _, a := range e.Actions {
			if was := seen[a.ID]; was != "" || a.ID == 0 {
				t.Errorf("action %d is of %s and of %s", a.ID, was, e.Slug)
			}
			seen[a.ID] = e.Slug
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// The child of TestKilled publishes drafts in a loop and says which revision it was told is published.
const publishLoop = "COSIGNATORY_TEST_PUBLISH_LOOP"

func loop(path string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	editor, err := s.AccountByLogin(ctx, "ed")
	if err != nil {
		return err
	}
	publisher, err := s.AccountByLogin(ctx, "pub")
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		v, err := s.At(ctx, 0)
		if err != nil {
			return err
		}
		e, err := v.Declaration(ctx, "tech-trafficking-2025")
		if err != nil {
			return err
		}
		d := &store.Draft{DeclarationID: e.ID, Base: v.Revision, Document: e.Declaration, Reason: "Loop"}
		d.Document.PresentedBy = fmt.Sprint(os.Getpid(), ".", i)
		d.Document.Actions = append(d.Document.Actions, register.Action{Participant: "FRA", Kind: register.Rejoined, Capacity: register.Signatory, Source: "tip-sbs1"})
		if n := len(d.Document.Actions); n > 60 || d.Document.Actions[n-2].Kind != register.Withdrew {
			d.Document.Actions = d.Document.Actions[:n-1]
			if n%2 == 0 && n < 60 {
				d.Document.Actions = append(d.Document.Actions, register.Action{Participant: "FRA", Kind: register.Withdrew, Capacity: register.Signatory, Reason: "withdrew_by_notice",
					JoiningNotRecorded: true, Source: "tip-sbs1"})
			}
		}
		if err := s.SaveDraft(ctx, d, editor); err != nil {
			return err
		}
		r, err := s.PublishDraft(ctx, d.ID, 0, publisher)
		if err != nil {
			return err
		}
		fmt.Println("published", r.Number, r.Hash, d.ID, d.Document.PresentedBy)
	}
}

// TestKilled kills a program at random points of publishing. Every publication that it was told of is there, every other
// wholly or not at all, and the register verifies. COSIGNATORY_KILLS says how often, 20 times where it says nothing.
func TestKilled(t *testing.T) {
	if path := os.Getenv(publishLoop); path != "" {
		t.Fatal(loop(path))
	}
	kills := 20
	if n, err := strconv.Atoi(os.Getenv("COSIGNATORY_KILLS")); err == nil && n > 0 {
		kills = n
	} else if testing.Short() {
		kills = 5
	}
	ctx := context.Background()
	path := copied(t)
	s := opened(t, path)
	staff(t, s)
	s.Close()
	total := 0
	for kill := range kills {
		c := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		c.Env = append(os.Environ(), publishLoop+"="+path)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		type told struct {
			number    int
			hash      string
			draft     int64
			presenter string
		}
		var acknowledged []told
		scanner := bufio.NewScanner(out)
		var timer *time.Timer
		for scanner.Scan() {
			var x told
			if _, err := fmt.Sscanf(scanner.Text(), "published %d %s %d %s", &x.number, &x.hash, &x.draft, &x.presenter); err != nil {
				if strings.Contains(scanner.Text(), "draft_test.go") {
					t.Fatal(scanner.Text())
				}
				continue
			}
			acknowledged = append(acknowledged, x)
			if timer == nil { // it is at work: kill it at any point from now on
				timer = time.AfterFunc(time.Duration(rand.Int64N(int64(80*time.Millisecond))), func() { c.Process.Kill() })
			}
		}
		c.Wait()
		if len(acknowledged) == 0 {
			t.Fatalf("kill %d: the program published nothing", kill)
		}
		total += len(acknowledged)
		s, err := store.Open(ctx, path)
		if err != nil {
			t.Fatalf("kill %d: %v", kill, err)
		}
		v := at(t, s, 0)
		for _, x := range acknowledged {
			r, err := v.RevisionOf(ctx, x.number)
			if err != nil || r.Hash != x.hash {
				t.Fatalf("kill %d: revision %d, which was acknowledged: %v", kill, x.number, err)
			}
			if e := entry(t, at(t, s, x.number), "tech-trafficking-2025"); e.PresentedBy != x.presenter {
				t.Fatalf("kill %d: revision %d says %q", kill, x.number, e.PresentedBy)
			}
			if d, err := s.Draft(ctx, x.draft); err != nil || d.State != store.Published {
				t.Fatalf("kill %d: the draft of revision %d is not closed: %v", kill, x.number, err)
			}
		}
		// At most the one that was under way is there unacknowledged, and then its draft is closed too.
		last := acknowledged[len(acknowledged)-1].number
		if v.Revision > last+1 {
			t.Fatalf("kill %d: revision %d, but %d was the last acknowledged", kill, v.Revision, last)
		}
		open, err := s.Drafts(ctx, store.DraftFilter{})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range open {
			if d.Base < v.Revision && v.Revision == last+1 && d.Document.PresentedBy == entry(t, v, "tech-trafficking-2025").PresentedBy {
				t.Fatalf("kill %d: revision %d is there, but its draft is open", kill, v.Revision)
			}
			if _, err := s.MoveDraft(ctx, d.ID, 0, nil, store.Step{What: store.ThrownAway}); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Verify(ctx, nil); err != nil {
			t.Fatalf("kill %d: %v", kill, err)
		}
		s.Close()
	}
	t.Logf("%d publications, %d kills", total, kills)
}
