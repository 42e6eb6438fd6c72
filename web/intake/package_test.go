package intake_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cosignatory/seed"
	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/i18n"
	"cosignatory/web/export"
	"cosignatory/web/intake"
)

var published = time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)

// shipped is the file of a loaded register that tests copy: made once.
var shipped = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "cosignatory-intake-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "register.db")
	s, err := store.Open(context.Background(), path, store.WithClock(func() time.Time { return published }))
	if err != nil {
		return nil, err
	}
	if _, err := seed.Load(context.Background(), s); err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func loaded(t testing.TB) *store.Store {
	t.Helper()
	b, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "register.db")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return opened(t, path)
}

func opened(t testing.TB, path string) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), path, store.WithClock(func() time.Time { return published.AddDate(0, 0, 1) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func empty(t testing.TB) *store.Store { return opened(t, filepath.Join(t.TempDir(), "new.db")) }

func head(t testing.TB, s *store.Store) int {
	t.Helper()
	n, err := s.Head(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func change(t testing.TB, s *store.Store, slug string, f func(d *register.Declaration)) {
	t.Helper()
	v, err := s.At(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	e, err := v.Declaration(context.Background(), slug)
	if err != nil {
		t.Fatal(err)
	}
	f(&e.Declaration)
	if _, err := s.Publish(context.Background(), store.Publication{Declaration: &e.Declaration, ID: e.ID, Base: v.Revision, Reason: "Staff", ReasonLang: "en", Role: "publisher"}); err != nil {
		t.Fatal(err)
	}
}

// edited is the shipped register after a withdrawal, a correction, a rename, a merger and an account and a draft besides.
func edited(t testing.TB) *store.Store {
	t.Helper()
	s := loaded(t)
	change(t, s, "tech-trafficking-2025", func(d *register.Declaration) {
		d.Actions = append(d.Actions, register.Action{Participant: "THA", Kind: register.Withdrew, Capacity: register.Signatory,
			Date: register.MustDate("2026-03"), Reason: "withdrew_by_notice", Source: "tip-sbs1", Note: "=1+1, \"so\"\nand so"})
	})
	change(t, s, "geneva-consensus-2020", func(d *register.Declaration) {
		d.Actions = slices.Delete(d.Actions, 3, 4)
		d.Actions[0].NameAsPrinted = "@x"
	})
	change(t, s, "artemis-accords-2020", func(d *register.Declaration) { d.Slug = "artemis-2020" })
	change(t, s, "artemis-2020", func(d *register.Declaration) { d.Slug = "artemis-accords" })
	change(t, s, "xinjiang-2022", func(d *register.Declaration) { d.MergedInto = "xinjiang-hong-kong-2020" })
	editor := &store.Account{Login: "ed", Name: "Secret Editor", Role: store.Editor}
	if err := s.SaveAccount(context.Background(), editor, store.Logged{}); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveDraft(context.Background(), &store.Draft{Reason: "r", Document: register.Declaration{Slug: "secret-draft"}}, editor); err != nil {
		t.Fatal(err)
	}
	return s
}

// files are all files of a register at a revision, the package among them.
func files(t testing.TB, s *store.Store, revision int) map[string][]byte {
	t.Helper()
	ctx := context.Background()
	v, err := s.At(ctx, revision)
	if err != nil {
		t.Fatal(err)
	}
	o := export.Options{View: v, BaseURL: "https://example.org", Raw: true}
	if o.Day, err = export.DayOf(ctx, v); err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, name := range append([]string{export.Register, export.History}, export.Names()...) {
		var b bytes.Buffer
		if err := export.Write(ctx, &b, name, o); err != nil {
			t.Fatal(err)
		}
		all[name+"."+string(export.FormatsOf(name)[0])] = b.Bytes()
	}
	return all
}

// unpacked is a package as a folder, without some of its files.
func unpacked(t testing.TB, pack []byte, without ...string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(pack), int64(len(pack)))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for _, f := range z.File {
		if slices.Contains(without, f.Name) {
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
		write(t, filepath.Join(folder, f.Name), string(b))
	}
	return folder
}

func write(t testing.TB, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func bring(t testing.TB, s *store.Store, path string, o intake.Options) (intake.Summary, error) {
	t.Helper()
	p, err := intake.OpenPackage(path)
	if err != nil {
		return intake.Summary{}, err
	}
	defer p.Close()
	return p.Import(context.Background(), s, o)
}

func brought(t testing.TB, s *store.Store, path string) intake.Summary {
	t.Helper()
	r, err := bring(t, s, path, intake.Options{})
	if err != nil {
		t.Fatal(said(err))
	}
	return r
}

// said is what the command line says of an error.
func said(err error) string {
	var problems *intake.Problems
	if !errors.As(err, &problems) {
		return err.Error()
	}
	english, _ := i18n.For("en")
	var lines []string
	for _, p := range problems.Problems {
		lines = append(lines, intake.Sentence(english, p))
	}
	return strings.Join(lines, "\n")
}

func sameFiles(t *testing.T, what string, got, want map[string][]byte) {
	t.Helper()
	for name, b := range want {
		if !bytes.Equal(got[name], b) {
			t.Errorf("%s: %s has other bytes (%d, want %d)", what, name, len(got[name]), len(b))
		}
	}
}

// What is exported imports again to the same register, byte for byte, at every revision.
func TestRoundTripWithHistory(t *testing.T) {
	from := edited(t)
	last := head(t, from)
	for _, revision := range []int{5, 27, last} {
		want := files(t, from, revision)
		if b := want["history.jsonl"]; bytes.Contains(b, []byte("secret-draft")) || bytes.Contains(b, []byte("Secret Editor")) {
			t.Error("a draft or an account is in the history")
		}
		to := empty(t)
		path := write(t, filepath.Join(t.TempDir(), "register.zip"), string(want["register.zip"]))
		r := brought(t, to, path)
		if !r.History || r.From != 0 || r.To != revision {
			t.Errorf("%+v", r)
		}
		if err := to.Verify(context.Background(), nil); err != nil {
			t.Error(err)
		}
		sameFiles(t, "newest", files(t, to, 0), want)
		sameFiles(t, "revision 4", files(t, to, 4), files(t, from, 4))
		if r := brought(t, to, unpacked(t, want["register.zip"])); !r.Same {
			t.Errorf("a second time: %+v", r)
		}
		// A mirror catches up.
		if r := brought(t, to, unpacked(t, files(t, from, last)["register.zip"])); r.To != last || r.From != revision {
			t.Errorf("catching up: %+v", r)
		}
		sameFiles(t, "caught up", files(t, to, 0), files(t, from, 0))
	}
}

// without leaves out columns that number what every register numbers for itself.
func without(t *testing.T, b []byte, columns ...string) string {
	t.Helper()
	s := string(b)
	rows := parse(t, s)
	var out strings.Builder
	var keep []int
	for i, c := range rows[0] {
		if !slices.Contains(columns, c) {
			keep = append(keep, i)
		}
	}
	for _, row := range rows {
		for _, i := range keep {
			out.WriteString(row[i] + "\x1f")
		}
		out.WriteString("\n")
	}
	return out.String()
}

// The CSV files alone hold the whole current state.
func TestRoundTripWithoutHistory(t *testing.T) {
	from := edited(t)
	want := files(t, from, 0)
	for name, without := range map[string][]string{"with the descriptor": {"history.jsonl"}, "tables alone": {"history.jsonl", "datapackage.json", "signatories.csv", "revisions.csv", "matrix.csv"}} {
		for into, to := range map[string]*store.Store{"an empty register": empty(t), "the shipped register": loaded(t)} {
			folder := unpacked(t, want["register.zip"], without...)
			if name == "tables alone" && into == "the shipped register" {
				continue // rows that are gone stay there: see TestRowsOnlyAdd
			}
			brought(t, to, folder)
			if err := to.Verify(context.Background(), nil); err != nil {
				t.Errorf("%s: %v", into, err)
			}
			sameTables(t, name+" into "+into, files(t, to, 0), want)
			if r := brought(t, to, unpacked(t, files(t, to, 0)["register.zip"], "history.jsonl")); !r.Same {
				t.Errorf("%s into %s, its own files: %+v", name, into, r)
			}
		}
	}
}

// What was retired into one that was retired later comes in by the files alone, in whatever order; a circle does not.
func TestRetiredOneAfterTheOther(t *testing.T) {
	const one, two, three = "xinjiang-2022", "xinjiang-hong-kong-2020", "tech-trafficking-2025"
	from := loaded(t)
	change(t, from, one, func(d *register.Declaration) { d.MergedInto = two })
	change(t, from, two, func(d *register.Declaration) { d.MergedInto = three })
	dir := unpacked(t, files(t, from, 0)["register.zip"], "history.jsonl")
	to := empty(t)
	brought(t, to, dir)
	v, err := to.At(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	var moved *store.Moved
	if _, err := v.Declaration(context.Background(), one); !errors.As(err, &moved) || moved.Slug != three {
		t.Errorf("%s leads to %v", one, err)
	}
	rows, err := os.ReadFile(filepath.Join(dir, "retired.csv"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "retired.csv"), strings.ReplaceAll(string(rows), three, one))
	if _, err := bring(t, empty(t), dir, intake.Options{}); err == nil || !strings.Contains(said(err), one+" is retired itself: "+two+" answers for it.") {
		t.Errorf("a circle: %v", err)
	}
}

func sameTables(t *testing.T, what string, got, want map[string][]byte) {
	t.Helper()
	for _, name := range export.Names() {
		if name == "revisions" {
			continue
		}
		a, b := without(t, got[name+".csv"], "revision", "action_id", "as_of", "record"), without(t, want[name+".csv"], "revision", "action_id", "as_of", "record")
		if a != b {
			x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
			for i := range min(len(x), len(y)) {
				if x[i] != y[i] {
					t.Errorf("%s: %s row %d\n%q, want\n%q", what, name, i, x[i], y[i])
					break
				}
			}
			if len(x) != len(y) {
				t.Errorf("%s: %s has %d rows, want %d", what, name, len(x), len(y))
			}
		}
	}
}

// parse reads CSV to the letter: encoding/csv would turn CRLF within a cell into LF.
func parse(t testing.TB, s string) [][]string {
	t.Helper()
	var rows [][]string
	var row []string
	var cell strings.Builder
	quoted := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quoted && c == '"' && i+1 < len(s) && s[i+1] == '"':
			cell.WriteByte('"')
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
			cell.WriteByte(c)
		case c == ',' || c == '\n':
			row = append(row, cell.String())
			cell.Reset()
			if c == '\n' {
				rows, row = append(rows, row), nil
			}
		case c != '\r':
			cell.WriteByte(c)
		}
	}
	return rows
}
