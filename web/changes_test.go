package web

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/i18n"
)

// A retirement that is undone is told in words wherever changes are told, to readers and to staff.
func TestRetirementUndone(t *testing.T) {
	s := newSite(t)
	const into = "tech-trafficking-2025"
	s.add(t, madeUp(register.Action{Participant: "FRA", Kind: register.Signed}))
	id, first := s.entry(t, "made-up-2019").ID, s.view(t).Revision
	s.change(t, "made-up-2019", func(d *register.Declaration) { d.MergedInto = into })

	editor, publisher := s.as(t, "ed", store.Editor), s.as(t, "pub", store.Publisher)
	editor.send("POST", fmt.Sprintf("/en/staff/declarations/made-up-2019/start/%d", first), map[string][]string{})
	editor.open(editor.at.Header.Get("Location"))
	editor.press("review", "reason", "They are two after all")
	at := editor.draft()
	publisher.open(at+"/check").says(t, "entry it is merged into")
	publisher.at.saysNot(t, "field.")
	publisher.press("publish").says(t, "Published as revision")
	last := s.view(t).Revision
	if x, err := s.view(t).RevisionOf(t.Context(), last); err != nil || len(x.Changes) != 1 || x.Changes[0].Field != "merged_into" {
		t.Fatalf("%+v %v", x, err)
	}
	sentence := map[string]string{"en": "An entry of its own again, no longer merged into", "fr": "De nouveau une entrée distincte", "es": "Vuelve a ser una entrada propia",
		"ar": "عاد قيداً قائماً بذاته", "zh": "恢复为独立条目", "ru": "Снова самостоятельная запись"}
	for _, l := range i18n.Languages() {
		for _, path := range []string{"/", "/changes", "/declarations/made-up-2019/history", fmt.Sprintf("/declarations/made-up-2019/history/%d", last)} {
			a := s.page(t, "/"+l.Code+path)
			a.says(t, sentence[l.Code])
			a.saysNot(t, "field.", "change.", "merged_into")
		}
		for _, path := range []string{"/feeds/changes.atom?lang=", "/feeds/declarations/made-up-2019.atom?lang=", fmt.Sprintf("/api/v1/changes?since=%d&lang=", last-1)} {
			a := s.ask(t, "GET", path+l.Code)
			if !strings.Contains(a.body, sentence[l.Code]) || strings.Contains(a.body, "field.") {
				t.Errorf("%s%s: %.600s", path, l.Code, a.body)
			}
		}
		for _, path := range []string{"/staff", "/staff/declarations/made-up-2019", fmt.Sprintf("/staff/declarations/made-up-2019/compare?from=%d&to=%d", last-1, last)} {
			a := publisher.open("/" + l.Code + path)
			a.saysNot(t, "field.")
			if !strings.Contains(path, "compare") {
				a.says(t, sentence[l.Code])
			}
		}
	}
	if e, err := s.view(t).ByID(t.Context(), id); err != nil || e.MergedInto != "" {
		t.Error(e, err)
	}
}

// fieldsOfChanges are the fields that register.Diff can name, read off its source: those of a declaration, which it hands to its
// helper field or writes into a Change itself, and those of an action. A dot at the end stands for a language.
func fieldsOfChanges(t *testing.T) (declaration, action []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../store/register/revision.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	add := func(to *[]string, x ast.Expr) {
		if b, ok := x.(*ast.BinaryExpr); ok {
			x = b.X // "title."+lang
		}
		if l, ok := x.(*ast.BasicLit); ok && l.Kind == token.STRING {
			text, err := strconv.Unquote(l.Value)
			if err != nil {
				t.Fatal(err)
			}
			*to = append(*to, text)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.CallExpr:
			if f, ok := x.Fun.(*ast.Ident); ok && f.Name == "field" {
				add(&declaration, x.Args[0])
			}
		case *ast.KeyValueExpr:
			if k, ok := x.Key.(*ast.Ident); ok && k.Name == "Field" {
				add(&declaration, x.Value)
			}
		case *ast.CompositeLit:
			if a, ok := x.Type.(*ast.ArrayType); ok {
				if of, ok := a.Elt.(*ast.Ident); ok && of.Name == "fieldPair" {
					for _, e := range x.Elts {
						add(&action, e.(*ast.CompositeLit).Elts[0])
					}
				}
			}
		}
		return true
	})
	return declaration, action
}

// Whatever field a change names, every language has words for it: no key of a message or of a field comes out.
func TestChangesHaveWordsForEveryField(t *testing.T) {
	s := newSite(t)
	server := s.Config.Handler.(*Server)
	fields, ofActions := fieldsOfChanges(t)
	for _, known := range []string{"merged_into", "slug", "title.", "also_sources", "order", "disputes"} {
		if !slices.Contains(slices.Concat(fields, ofActions), known) {
			t.Fatalf("the fields read off the source lack %s: %q, %q", known, fields, ofActions)
		}
	}
	for _, l := range i18n.Languages() {
		p, _ := i18n.For(l.Code)
		r := &request{s: server, ctx: t.Context(), view: s.view(t), p: p, lang: l.Code}
		try := func(what, field string) {
			if strings.HasSuffix(field, ".") {
				field += "fr"
			}
			for _, x := range [][2]string{{"x", "y"}, {"", "y"}, {"x", ""}} {
				c := register.Change{What: what, Field: field, Participant: "FRA", Action: register.Signed, Before: x[0], After: x[1]}
				told, err := r.telling(1, []register.Change{c})
				if err != nil {
					t.Fatal(err)
				}
				words := told.sentence(&c)
				for _, d := range told.differences(nil, nil, []register.Change{c}) {
					words += " " + d.Field
				}
				// A field of one word may be called just that in English.
				base, _, _ := strings.Cut(field, ".")
				if strings.Contains(words, "field.") || strings.Contains(words, "change.") || strings.Contains(base, "_") && strings.Contains(words, base) {
					t.Errorf("%s, %s %q: %s", l.Code, what, field, words)
				}
			}
		}
		for _, field := range fields {
			try(register.FieldChanged, field)
		}
		for _, field := range ofActions {
			try(register.ActionCorrected, field)
		}
	}
}

// Sources and declarations are told as readers know them, in pages, feeds and the sentences of the API; its fields for programs
// keep the keys, and what is stored and hashed stays as it is.
func TestChangesNameSources(t *testing.T) {
	s := newSite(t)
	const other = "tech-trafficking-2025"
	d := madeUp(register.Action{Participant: "FRA", Kind: register.Signed})
	second := d.Sources[0]
	second.Key, second.Publisher, second.Title, second.URL = "made-up-2019-nxmzr", "Second Press", "Told again", "https://example.org/2"
	third := second
	third.Key, third.URL = "made-up-2019-qqqqq", "https://example.org/3"
	d.Sources = append(d.Sources, second, third)
	s.add(t, d)
	s.change(t, d.Slug, func(d *register.Declaration) { d.Actions[0].AlsoSources = []string{second.Key} })
	s.change(t, d.Slug, func(d *register.Declaration) {
		d.Stated = []register.Stated{{Count: 44, Counts: register.StatesOnly, Date: register.MustDate("2019-03-12"), Source: second.Key}}
	})
	s.change(t, d.Slug, func(d *register.Declaration) { d.Actions[0].AlsoSources = []string{second.Key, third.Key} })
	s.change(t, d.Slug, func(d *register.Declaration) { d.Links = []register.Link{{Kind: "follows", Target: other}} })
	s.change(t, d.Slug, func(d *register.Declaration) { d.Sources[1].Kind = "official" })
	last := s.view(t).Revision
	e := s.entry(t, other)
	title := e.TitleIn("en").Text
	sentences := []string{"Corrected for France: further sources is “Second Press: Told again”, which had not been recorded.",
		"number stated: “44 states · 12 March 2019 · Second Press: Told again” was added.",
		"other declarations: “follows · " + title + "” was added.", "Source corrected: Second Press: Told again."}
	a := s.page(t, "/en/changes")
	a.says(t, sentences...)
	a.saysNot(t, second.Key, third.Key)
	a = s.page(t, "/en/declarations/made-up-2019/history")
	a.says(t, sentences...)
	a.saysNot(t, second.Key, third.Key)
	// Two texts of one publisher under one title are told apart.
	a = s.page(t, fmt.Sprintf("/en/declarations/made-up-2019/history/%d", last-2))
	a.says(t, "Second Press: Told again (https://example.org/2) and Second Press: Told again (https://example.org/3)")
	a.saysNot(t, second.Key, third.Key)
	a = s.page(t, fmt.Sprintf("/en/declarations/made-up-2019/history/%d", last))
	a.says(t, "English", "official")
	a.saysNot(t, second.Key)
	for _, feed := range []string{"/feeds/changes.atom", "/feeds/declarations/made-up-2019.atom"} {
		if x := s.ask(t, "GET", feed); !strings.Contains(x.body, "Second Press: Told again") || strings.Contains(x.body, second.Key) {
			t.Errorf("%s: %.2000s", feed, x.body)
		}
	}
	x := s.ask(t, "GET", fmt.Sprintf("/api/v1/changes?since=%d", last-5))
	if !strings.Contains(x.body, `further sources is “Second Press: Told again”`) || !strings.Contains(x.body, `"after":"made-up-2019-nxmzr"`) && !strings.Contains(x.body, `"after": "made-up-2019-nxmzr"`) {
		t.Errorf("%.3000s", x.body)
	}
	if err := s.store.Verify(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// Whose entries of the reference data changed is told by name, of many the first few.
func TestChangesNameParticipants(t *testing.T) {
	s := newSite(t)
	publish := func(edit func(*register.Reference)) {
		t.Helper()
		v := s.view(t)
		people := make([]*register.Participant, len(v.Ref.Participants))
		for i, p := range v.Ref.Participants {
			own := *p
			people[i] = &own
		}
		ref := register.NewReference(people, v.Ref.Groups, v.Ref.Topics, v.Ref.Ambiguous)
		edit(ref)
		if _, err := s.store.Publish(t.Context(), store.Publication{Reference: ref, Reason: "Tested", ReasonLang: "en", Role: "editor"}); err != nil {
			t.Fatal(err)
		}
	}
	publish(func(ref *register.Reference) { ref.Participant("FJI").Note = "Noted" })
	s.page(t, "/en/changes").says(t, "The entry of one participant was changed: Fiji.")
	s.page(t, "/fr/changes").says(t, "Fiche modifiée pour 1 participant : Fidji.")
	publish(func(ref *register.Reference) {
		for _, code := range []string{"FJI", "FRA", "GRC", "DEU", "ISL", "JPN", "KEN"} {
			ref.Participant(code).Note = "Noted again"
		}
	})
	a := s.page(t, "/en/changes")
	a.says(t, "The entries of 7 participants were changed: Fiji, France, Germany, Greece, Iceland and 2 more.", "The entry of one participant was changed: Fiji.")
	if x := s.ask(t, "GET", "/feeds/changes.atom"); !strings.Contains(x.body, "were changed: Fiji, France, Germany, Greece, Iceland and 2 more.") {
		t.Errorf("%.2000s", x.body)
	}
}
