package export_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/web/export"
)

// What staff write and who they are is in no file, in no format, not in a single byte.
func TestNothingOfStaffIsInAnyFile(t *testing.T) {
	ctx := context.Background()
	s := loaded(t)
	secret := "Zwischenablage-7f3a"
	a := &store.Account{Login: "x" + strings.ToLower(secret), Name: secret, Role: store.Editor, Password: secret, Secret: secret, Lang: "en"}
	if err := s.SaveAccount(ctx, a); err != nil {
		t.Fatal(err)
	}
	if err := s.KeepOneTime(ctx, secret, store.Invitation, a.ID, published.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	d := &store.Draft{Document: register.Declaration{Slug: "draft-" + strings.ToLower(secret), Titles: []register.Title{{Lang: "en", Text: secret}}}, Typed: secret, Reason: secret, ReasonLang: "en"}
	if err := s.SaveDraft(ctx, d, a); err != nil {
		t.Fatal(err)
	}
	o := options(t, s, "")
	holds := func(name string, b []byte) {
		if bytes.Contains(bytes.ToLower(b), []byte(strings.ToLower(secret))) {
			t.Errorf("%s holds what only staff may see", name)
		}
		if z, err := zip.NewReader(bytes.NewReader(b), int64(len(b))); err == nil {
			for _, f := range z.File {
				r, err := f.Open()
				if err != nil {
					t.Fatal(err)
				}
				text, err := io.ReadAll(r)
				if err != nil {
					t.Fatal(err)
				}
				if bytes.Contains(bytes.ToLower(text), []byte(strings.ToLower(secret))) {
					t.Errorf("%s, %s holds what only staff may see", name, f.Name)
				}
			}
		}
	}
	for _, name := range append([]string{export.Register, export.History}, export.Names()...) {
		for _, f := range export.FormatsOf(name) {
			o.Format = f
			b := whole(t, name, o)
			holds(fmt.Sprint(name, ".", f), b)
		}
	}
}

// The whole register as one document is each file's own document within one, and says what it is (D16).
func TestTheRegisterAsOneDocument(t *testing.T) {
	o := options(t, loaded(t), "2024-06-17")
	o.Lang, o.Format = "es", export.JSON
	type file struct {
		Columns []string
		Types   map[string]string
		Rows    json.RawMessage
	}
	var doc struct {
		Title, Language, Licence, Disclaimer, Address, Dictionary string
		Revision                                                  int
		AsOf                                                      string `json:"as_of"`
		Hash                                                      string `json:"revision_hash"`
		Files                                                     map[string]file
	}
	b := whole(t, export.Register, o)
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Title == "" || doc.Language != "es" || doc.Licence != "CC0-1.0" || doc.Disclaimer == "" || doc.Revision != 27 || doc.AsOf != "2024-06-17" || len(doc.Hash) != 64 ||
		doc.Address != "https://example.org/data/register.json?lang=es&as_of=2024-06-17&revision=27" || doc.Dictionary != "https://example.org/es/data?revision=27#dictionary" {
		t.Errorf("%+v", doc)
	}
	if len(doc.Files) != len(export.DocumentNames()) {
		t.Errorf("%d files", len(doc.Files))
	}
	for _, name := range export.DocumentNames() {
		var own struct {
			file
			File, Address string
			Filters       map[string][]string
		}
		if err := json.Unmarshal(whole(t, name, o), &own); err != nil {
			t.Fatal(err)
		}
		got := doc.Files[name]
		if !bytes.Equal(got.Rows, own.Rows) || strings.Join(got.Columns, " ") != strings.Join(own.Columns, " ") || own.File != name || len(own.Filters) != 0 ||
			own.Address != "https://example.org/data/"+name+".json?lang=es&as_of=2024-06-17&revision=27" {
			t.Errorf("%s in the document is not %s.json, %s", name, name, own.Address)
		}
		for _, c := range export.Columns(name) {
			if got.Types[c.Name] != c.Type {
				t.Errorf("%s, %s: type %q", name, c.Name, got.Types[c.Name])
			}
		}
	}
	// What a filtered document is filtered by (D25).
	o.Filtered, o.Filters = true, []export.Filter{{Name: "sponsor", Values: []string{"KOR"}}, {Name: "q", Values: []string{`"a"`}}}
	var filtered struct {
		Filtered bool
		Filters  map[string][]string
	}
	if err := json.Unmarshal(made(t, func(w io.Writer) error { return export.WriteDeclarations(context.Background(), w, o, nil) }), &filtered); err != nil ||
		!filtered.Filtered || filtered.Filters["sponsor"][0] != "KOR" || filtered.Filters["q"][0] != `"a"` {
		t.Errorf("%+v, %v", filtered, err)
	}
}
