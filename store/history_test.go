package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cosignatory/store"
	"cosignatory/store/register"
)

func history(t testing.TB, s *store.Store, revision int) []byte {
	t.Helper()
	v, err := s.At(context.Background(), revision)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := v.WriteHistory(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// edited is the shipped register after a withdrawal, a correction, a rename and a merger.
func edited(t *testing.T) *store.Store {
	t.Helper()
	s := opened(t, copied(t))
	change(t, s, "tech-trafficking-2025", "Thailand’s mission says that it has left", func(d *register.Declaration) {
		d.Actions = append(d.Actions, register.Action{Participant: "THA", Kind: register.Withdrew, Capacity: register.Signatory,
			Date: register.MustDate("2026-03-01"), Reason: "withdrew_by_notice", Source: "tip-sbs1", Note: "<&> \u2028 “x”"})
	})
	change(t, s, "geneva-consensus-2020", "Recorded by mistake", func(d *register.Declaration) {
		d.Titles[0].Note = "Mended"
		d.Sources[0].Supports = "a\nb \"c\" \\ d"
		d.Actions = d.Actions[:len(d.Actions)-1]
	})
	change(t, s, "xinjiang-2022", "Clearer address", func(d *register.Declaration) { d.Slug = "xinjiang-third-committee-2022" })
	change(t, s, "xinjiang-third-committee-2022", "Same as another", func(d *register.Declaration) { d.MergedInto = "xinjiang-hong-kong-2020" })
	return s
}

func TestReplayMakesTheSameRegister(t *testing.T) {
	ctx := context.Background()
	from := edited(t)
	all := history(t, from, 0)
	to := opened(t, filepath.Join(t.TempDir(), "copy.db"))
	done, err := to.Replay(ctx, bytes.NewReader(all), store.ReplayOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if done.From != 0 || done.To != 31 || done.Declarations != 25 || done.Changed != 0 {
		t.Errorf("%+v", done)
	}
	if err := to.Verify(ctx, nil); err != nil {
		t.Fatal(err)
	}
	for revision := 1; revision <= 31; revision++ {
		if !bytes.Equal(history(t, from, revision), history(t, to, revision)) {
			t.Errorf("revision %d has another history", revision)
		}
	}
	// Numbers go on where they were.
	for _, s := range []*store.Store{from, to} {
		change(t, s, "tech-trafficking-2025", "France came", func(d *register.Declaration) {
			d.Actions = append(d.Actions, register.Action{Participant: "FRA", Kind: register.Joined, Capacity: register.Signatory, Source: "tip-sbs1"})
		})
	}
	a, b := entry(t, at(t, from, 0), "tech-trafficking-2025"), entry(t, at(t, to, 0), "tech-trafficking-2025")
	if x, y := a.Actions[len(a.Actions)-1].ID, b.Actions[len(b.Actions)-1].ID; x != y {
		t.Errorf("the next action has the number %d, in the copy %d", x, y)
	}
}

func TestReplayOfAMirror(t *testing.T) {
	ctx := context.Background()
	from := edited(t)
	to := opened(t, filepath.Join(t.TempDir(), "mirror.db"))
	for _, c := range []struct{ upTo, from, to, declarations, changed int }{{20, 0, 20, 18, 0}, {20, 20, 20, 0, 0}, {28, 20, 28, 7, 1}, {25, 28, 28, 0, 0}, {31, 28, 31, 0, 2}} {
		done, err := to.Replay(ctx, bytes.NewReader(history(t, from, c.upTo)), store.ReplayOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if done.From != c.from || done.To != c.to || done.Declarations != c.declarations || done.Changed != c.changed || done.Older != (c.upTo < c.from) {
			t.Errorf("up to %d: %+v", c.upTo, done)
		}
	}
	if !bytes.Equal(history(t, from, 0), history(t, to, 0)) {
		t.Error("the mirror is another register")
	}
	if err := to.Verify(ctx, nil); err != nil {
		t.Error(err)
	}
	// Once it goes its own way it cannot follow any more, and nothing of the other is taken.
	change(t, to, "artemis-accords-2020", "Closed", func(d *register.Declaration) { d.Open = register.No })
	change(t, from, "artemis-accords-2020", "Closed for good", func(d *register.Declaration) { d.Open = register.No })
	change(t, from, "artemis-accords-2020", "Not closed", func(d *register.Declaration) { d.Open = register.NotRecorded })
	var diverged *store.Diverged
	if _, err := to.Replay(ctx, bytes.NewReader(history(t, from, 0)), store.ReplayOptions{}); !errors.As(err, &diverged) || diverged.Revision != 32 {
		t.Errorf("a diverging history: %v", err)
	}
	if head := at(t, to, 0).Revision; head != 32 {
		t.Errorf("%d revisions, want 32", head)
	}
}

// lineOf changes one line of a history.
func lineOf(b []byte, n int, f func(line string) string) []byte {
	lines := strings.SplitAfter(string(b), "\n")
	lines[n-1] = f(lines[n-1])
	return []byte(strings.Join(lines, ""))
}

// resealed is a line with the right hash for what stands in it: what a forger would write.
func resealed(t *testing.T, line string) string {
	t.Helper()
	var r struct {
		Revision      int
		PublishedAt   string `json:"published_at"`
		Subject       string
		DeclarationID int `json:"declaration_id"`
		Declaration   string
		Changes       json.RawMessage
		Summary       string
		Reason        string
		Lang          string `json:"reason_language"`
		Role          string `json:"author_role"`
		Name          string `json:"author_name"`
		Previous      string `json:"previous_hash"`
		Hash          string
		Rows          []json.RawMessage
	}
	if err := json.Unmarshal([]byte(line), &r); err != nil {
		t.Fatal(err)
	}
	rows := sha256.New()
	for _, x := range r.Rows {
		rows.Write(append(x, '\n'))
	}
	head, err := json.Marshal([]any{"cosignatory revision 1", r.Revision, r.PublishedAt, r.Subject, r.DeclarationID, r.Declaration, r.Changes, r.Summary, r.Reason, r.Lang,
		r.Role, r.Name, r.Previous, hex.EncodeToString(rows.Sum(nil))})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(head)
	return strings.Replace(line, r.Hash, hex.EncodeToString(sum[:]), 1)
}

func TestReplayRefuses(t *testing.T) {
	ctx := context.Background()
	all := history(t, edited(t), 0)
	last := func(f func(line string) string) func(*testing.T, []byte) []byte {
		return func(t *testing.T, b []byte) []byte { return lineOf(b, 31, f) }
	}
	forged := func(n int, f func(line string) string) func(*testing.T, []byte) []byte {
		return func(t *testing.T, b []byte) []byte {
			b = lineOf(b, n, func(line string) string {
				changed := f(line)
				if changed == line {
					t.Fatal("the line does not hold what is to be forged")
				}
				return resealed(t, changed)
			})
			return []byte(strings.Join(strings.SplitAfter(string(b), "\n")[:n], ""))
		}
	}
	replace := func(old, new string) func(string) string {
		return func(line string) string { return strings.Replace(line, old, new, 1) }
	}
	for name, c := range map[string]struct {
		spoil    func(*testing.T, []byte) []byte
		key      string
		revision int
	}{
		"a name":   {func(_ *testing.T, b []byte) []byte { return lineOf(b, 3, replace("캄보디아", "Elbonia")) }, "history_hash", 3},
		"a reason": {last(replace("Same as another", "Nothing")), "history_hash", 31},
		"a date that is none": {func(_ *testing.T, b []byte) []byte {
			return bytes.Replace(b, []byte("2025-11-24"), []byte("2025-11-34"), 1)
		}, "history_hash", 3},
		"a line gone":               {func(_ *testing.T, b []byte) []byte { return lineOf(b, 9, func(string) string { return "" }) }, "history_number", 9},
		"half a line":               {func(_ *testing.T, b []byte) []byte { return b[:len(b)-20] }, "history_shape", 31},
		"blanks":                    {last(replace(`,"subject"`, `, "subject"`)), "history_shape", 31},
		"no JSON":                   {func(*testing.T, []byte) []byte { return []byte("PK\x03\x04") }, "history_shape", 1},
		"nothing":                   {func(*testing.T, []byte) []byte { return nil }, "history_empty", 1},
		"another previous hash":     {forged(31, func(line string) string { return strings.Replace(line, `"previous_hash":"`, `"previous_hash":"0`, 1) }), "history_chain", 31},
		"a row that does not stand": {forged(31, replace(`["-","declaration",[7,"xinjiang-third-committee-2022"`, `["-","declaration",[7,"xinjiang-nowhere"`)), "history_row_missing", 31},
		"a table that is none":      {forged(31, replace(`["-","declaration"`, `["-","account"`)), "history_table", 31},
		"a row of another":          {forged(31, replace(`["+","declaration",[7,`, `["+","declaration",[6,`)), "history_foreign_row", 31},
		"another slug":              {forged(31, replace(`"declaration":"xinjiang-third-committee-2022"`, `"declaration":"xinjiang-2022"`)), "history_slug", 31},
		"a slug that is taken": {forged(30, func(line string) string {
			return strings.ReplaceAll(line, "xinjiang-third-committee-2022", "artemis-accords-2020")
		}), "history_slug_taken", 30},
		"a rule broken in the end": {forged(31, replace(`["+","declaration",[7,"xinjiang-third-committee-2022","joint-statement"`, `["+","declaration",[7,"xinjiang-third-committee-2022","treaty"`)), "history_rule", 31},
		"an action's number again": {forged(28, func(line string) string {
			return regexp.MustCompile(`\["\+","action",\[1,"THA",\d+`).ReplaceAllString(line, `["+","action",[1,"THA",5`)
		}), "history_action_id", 28},
		"a number with zeros before": {last(replace(`"declaration_id":7`, `"declaration_id":07`)), "history_shape", 31},
		"a text written otherwise":   {forged(28, replace(`\u003c`, `<`)), "history_shape", 28},
	} {
		t.Run(name, func(t *testing.T) {
			s := opened(t, filepath.Join(t.TempDir(), "new.db"))
			_, err := s.Replay(ctx, bytes.NewReader(c.spoil(t, all)), store.ReplayOptions{})
			var unsound *store.Unsound
			if !errors.As(err, &unsound) || unsound.Key != c.key && !(c.key == "history_hash" && unsound.Key == "history_shape") || unsound.Revision != c.revision {
				t.Errorf("%v, want %s at revision %d", err, c.key, c.revision)
			}
			if head := at(t, s, 0).Revision; head != 0 {
				t.Errorf("%d revisions were kept", head)
			}
			// The register is as usable as before.
			if _, err := s.Replay(ctx, bytes.NewReader(all), store.ReplayOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestReplayThatIsBrokenOff(t *testing.T) {
	all := history(t, edited(t), 0)
	s := opened(t, filepath.Join(t.TempDir(), "new.db"))
	if done, err := s.Replay(context.Background(), bytes.NewReader(all), store.ReplayOptions{DryRun: true}); err != nil || done.To != 31 {
		t.Errorf("a trial: %+v, %v", done, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	if _, err := s.Replay(ctx, &ending{bytes.NewReader(all), cancel, len(all) / 2}, store.ReplayOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("whoever asked has gone: %v", err)
	}
	if _, err := s.Replay(context.Background(), bytes.NewReader(all), store.ReplayOptions{Done: func(store.Replayed) error { return errors.New("no") }}); err == nil || err.Error() != "no" {
		t.Errorf("refused at the end: %v", err)
	}
	if head := at(t, s, 0).Revision; head != 0 {
		t.Errorf("%d revisions were kept", head)
	}
}

// ending cancels a context once it was read so far.
type ending struct {
	io.Reader
	cancel context.CancelFunc
	left   int
}

func (r *ending) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b[:min(len(b), 4096)])
	if r.left -= n; r.left < 0 {
		r.cancel()
	}
	return n, err
}

// sealed is a sound history of one revision.
const sealed = `{"revision":1,"published_at":"2026-01-01T00:00:00Z","subject":"reference","declaration_id":0,"declaration":"","changes":[{"what":"topics","count":1}],"summary":"s","reason":"r","reason_language":"en","author_role":"seed","author_name":"","previous_hash":"","hash":"c1ea85d66ecd13faed6b835a427125334c8117bed89290171c1668e8f5892233","rows":[["+","topic_name",["a","en","A"]]]}` + "\n"

func FuzzHistory(f *testing.F) {
	f.Add([]byte(`{"revision":1,"published_at":"2026-01-01T00:00:00Z","subject":"reference","declaration_id":0,"declaration":"","changes":[{"what":"topics","count":1}],"summary":"s","reason":"r","reason_language":"en","author_role":"seed","author_name":"","previous_hash":"","hash":"x","rows":[["+","topic_name",["a","en","A"]]]}`))
	f.Add([]byte("{}\n{}"))
	f.Add([]byte(sealed))
	trial, err := store.Open(context.Background(), filepath.Join(f.TempDir(), "trial.db"))
	if err != nil {
		f.Fatal(err)
	}
	defer trial.Close()
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := trial.Replay(context.Background(), bytes.NewReader(b), store.ReplayOptions{DryRun: true}); err != nil {
			var unsound *store.Unsound
			if !errors.As(err, &unsound) {
				t.Errorf("%v", err)
			}
			return
		}
		s := opened(t, filepath.Join(t.TempDir(), "new.db"))
		if _, err := s.Replay(context.Background(), bytes.NewReader(b), store.ReplayOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := s.Verify(context.Background(), nil); err != nil {
			t.Errorf("what was taken does not verify: %v", err)
		}
	})
}
