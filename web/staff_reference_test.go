package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"cosignatory/store"
	"cosignatory/store/register"
)

// Two change the same entry: what only the other one changed is taken over, what both changed stands side by side, and nothing
// is published before it was seen.
func TestReferenceTogether(t *testing.T) {
	s := newSite(t)
	b := s.as(t, "pub", store.Publisher)
	b.open("/en/staff/reference/participants/new")
	b.press("save", "code", "XFS", "kind", "organization", "names.en", "Freedonian Society", "note", "A note", "reason", "New")
	b.status(200)
	paul, petra := s.as(t, "paul", store.Publisher), s.as(t, "petra", store.Publisher)
	const at = "/en/staff/reference/participants/XFS"
	paul.open(at)
	petra.open(at)
	paul.press("add:aliases")
	paul.press("save", "names.es", "Sociedad Fredonia", "note", "Paul’s note", "aliases[0].text", "Fredonians", "aliases[0].lang", "en", "reason", "The Spanish name").says(t, "Published as revision")
	view, _ := s.store.At(t.Context(), 0)
	published := view.Revision
	petra.press("save", "names.ru", "Фридония", "note", "Petra’s note", "reason", "The Russian name")
	petra.status(http.StatusConflict).at.says(t, fmt.Sprintf("Revision %d, on ", published), "changed this entry while you were writing (", "a publisher of the register", "One field was changed by both: yours is kept",
		"Changed by both. Revision "+fmt.Sprint(published)+" says: Paul’s note. Yours is kept.", "2 changes of theirs were taken over", "Sociedad Fredonia", "Fredonians")
	if now, _ := s.store.At(t.Context(), 0); now.Revision != published {
		t.Fatal("it is published before it was seen")
	}
	if len(all(petra.at.doc, func(n *html.Node) bool { return n.Data == "nav" && attr(n, "class") == "languages" })) > 0 {
		t.Error("the page leads to other languages, and leaves behind what was typed")
	}
	_, values := petra.filled("save")
	for name, want := range map[string]string{"names.es": "Sociedad Fredonia", "names.ru": "Фридония", "note": "Petra’s note", "aliases[0].text": "Fredonians", "reason": "The Russian name"} {
		if got := values.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	petra.press("save").says(t, "Published as revision")
	view, _ = s.store.At(t.Context(), 0)
	p := view.Ref.Participant("XFS")
	if p.Names["es"] != "Sociedad Fredonia" || p.Names["ru"] != "Фридония" || p.Note != "Petra’s note" || len(p.Aliases) != 1 {
		t.Errorf("what both wrote became %+v", p)
	}

	// A group: one adds a member, the other ends a membership that the first took out.
	const group = "/en/staff/reference/groups/ASEAN"
	paul.open(group)
	petra.open(group)
	before := len(view.Ref.Group("ASEAN").Members)
	first := view.Ref.Group("ASEAN").Members[0].Code
	paul.press("remove:members[0]")
	paul.press("save", "names.fr", "Une association", "reason", "R").says(t, "Published as revision")
	petra.press("save", "members[0].to.year", "2020", fmt.Sprintf("members[%d].code", before), "FJI", "reason", "R")
	petra.status(http.StatusConflict).at.says(t, "Changed by both.", "Une association")
	petra.press("save").says(t, "Published as revision")
	view, _ = s.store.At(t.Context(), 0)
	g := view.Ref.Group("ASEAN")
	if g.Names["fr"] != "Une association" || len(g.Members) != before+1 || g.Members[0].Code != first || g.Members[0].To.String() != "2020" {
		t.Errorf("the group became %+v", g)
	}
}

// Whoever may only read gets nothing to write in.
func TestReferenceReadOnly(t *testing.T) {
	s := newSite(t)
	editor := s.as(t, "ed", store.Editor)
	for _, path := range []string{"/en/staff/reference/participants/FRA", "/en/staff/reference/groups/ASEAN", "/en/staff/reference/topics/human-rights"} {
		a := editor.open(path)
		a.says(t, "Your role may read this, not change it.")
		main := all(a.doc, func(n *html.Node) bool { return n.Data == "main" })[0]
		if n := len(all(main, func(n *html.Node) bool { return n.Data == "button" || n.Data == "form" || n.Data == "template" })); n > 0 {
			t.Errorf("%s has %d buttons, forms and templates", path, n)
		}
		for _, n := range all(main, func(n *html.Node) bool { return n.Data == "input" || n.Data == "textarea" || n.Data == "select" }) {
			up := n
			for up != nil && (up.Data != "fieldset" || !disabled(up)) {
				up = up.Parent
			}
			if up == nil {
				t.Errorf("%s: %s can be written in", path, attr(n, "name"))
				break
			}
		}
	}
}

func disabled(n *html.Node) bool { _, ok := attrOf(n, "disabled"); return ok }

// Nobody belongs to a group twice at once.
func TestMembershipsOverlap(t *testing.T) {
	s := newSite(t)
	b := s.as(t, "pub", store.Publisher)
	b.open("/en/staff/reference/groups/new")
	b.press("save", "code", "G2X", "kind", "political", "names.en", "Group of two", "members[0].code", "TCD", "members[0].from.year", "2020", "members[0].to.year", "2023",
		"members[1].code", "FRA", "members[2].code", "TCD", "members[2].from.year", "2022", "reason", "R").says(t, "Chad stands twice at the same time, in rows 1 and 3.")
	b.status(422)
	b.press("save", "members[2].from.year", "2023", "members[2].from.month", "12", "members[2].from.day", "31", "members[0].to.month", "12", "members[0].to.day", "31").says(t, "Published as revision")
	a := s.page(t, "/en/groups/G2X?as_of=2023-12-31")
	a.says(t, "2 members")
	v, _ := s.store.At(t.Context(), 0)
	if on := v.Ref.Group("G2X").On(register.MustDate("2023-12-31").First()); len(on) != 2 {
		t.Errorf("the members are %v", on)
	}
}

// A name that is somebody else's is published only where that is meant.
func TestNamesakes(t *testing.T) {
	s := newSite(t)
	b := s.as(t, "pub", store.Publisher)
	b.open("/en/staff/reference/participants/new")
	b.press("save", "code", "XFR", "kind", "organization", "names.en", "Freedonia", "reason", "New").says(t, "Published as revision")
	b.open("/en/staff/reference/participants/new")
	b.press("save", "code", "XFS", "kind", "organization", "names.en", "The FREEDONIA", "reason", "New").says(t, "is also a name of Freedonia (XFR)")
	b.status(422)
	b.open("/en/staff/reference/participants/XFR")
	b.press("add:aliases")
	b.press("save", "aliases[0].text", "chad", "aliases[0].lang", "en", "aliases[0].kind", "variant", "reason", "R")
	b.status(422).at.says(t, "“chad” is also a name of Chad (TCD).", "from now on every list with this name asks who it is")
	// A tick confirms the name that was asked about, no other one.
	b.press("save", "confirm_name", "chad|TCD", "aliases[0].text", "Fiji").says(t, "is also a name of Fiji (FJI)")
	b.status(422)
	b.press("save", "confirm_name", "chad|TCD", "aliases[0].text", "chad").says(t, "Published as revision")
	// What is on record is not asked again, nor what the register knows to be ambiguous.
	b.open("/en/staff/reference/participants/XFR")
	b.press("save", "note", "N", "reason", "R").says(t, "Published as revision")
	b.open("/en/staff/reference/participants/COD")
	_, values := b.filled("save")
	n := 0
	for values.Has(fmt.Sprintf("aliases[%d].text", n)) {
		n++
	}
	row := fmt.Sprintf("aliases[%d].", n)
	b.press("save", row+"text", "Congo", row+"lang", "en", row+"kind", "variant", "reason", "R").says(t, "Published as revision")
}

// Problems of codes say of which code; and no page that holds what was typed leads away from it.
func TestReferenceProblemsNamed(t *testing.T) {
	s := newSite(t)
	b := s.as(t, "pub", store.Publisher)
	b.open("/en/staff/reference/participants/FRA")
	b.press("save", "iso2", "f", "m49", "1", "reason", "R").says(t, "ISO 3166-1 alpha-2", "M49")
	var list []string
	for _, n := range all(b.at.doc, func(n *html.Node) bool {
		return n.Data == "li" && n.Parent.Parent != nil && attr(n.Parent.Parent, "id") == "problems"
	}) {
		list = append(list, strings.Join(strings.Fields(textOf(n)), " "))
	}
	if len(list) != 2 || !strings.Contains(list[0], "alpha-2") || !strings.Contains(list[1], "M49") {
		t.Errorf("the list says %q", list)
	}
	retire := s.as(t, "ed", store.Editor)
	retire.open("/en/staff/declarations/tech-trafficking-2025/retire")
	retire.press("Start the draft that retires it", "target", "nothing", "reason", "R")
	retire.status(422)
	for _, a := range []*answer{b.at, retire.at} {
		if n := len(all(a.doc, func(n *html.Node) bool { return n.Data == "nav" && attr(n, "class") == "languages" })); n > 0 {
			t.Errorf("%d ways to other languages leave behind what was typed", n)
		}
	}
}

// The form takes no code that cannot be, nor one that somebody else has at the same time, and says all that is wrong at once.
func TestD13_CodesInTheForm(t *testing.T) {
	s := newSite(t)
	b := s.as(t, "pub", store.Publisher)
	b.open("/en/staff/reference/participants/new")
	b.press("save", "code", "QQA", "kind", "other", "names.en", "", "iso2", "AFG", "iso3", "JPN", "m49", "4", "valid_from.year", "2002", "valid_to.year", "2001", "regional_group", "Mars")
	b.status(422).at.says(t, "“AFG” is no alpha-2 code. Such a code is two capital letters.", "“4” is no M49 code. Such a code is three figures with their zeros, as 004.", "It ends before it begins.",
		"“Mars” is not one of the choices.", "Say why. The public reads it.")
	b.press("save", "names.en", "A", "iso2", "", "m49", "", "valid_from.year", "", "valid_to.year", "", "regional_group", "", "reason", "R")
	b.status(422).at.says(t, "Another participant, Japan, has the code JPN at the same time.")
	b.press("save", "iso3", "", "m49", "890", "valid_from.year", "1993").says(t, "Published as revision")
}

// What is put back is shown as it was typed, and nothing of it is published.
func TestReferencePutBack(t *testing.T) {
	s := newSite(t)
	b := s.as(t, "pub", store.Publisher)
	before, _ := s.store.At(t.Context(), 0)
	for at, code := range map[string]string{"participants/NLD": "", "groups/ASEAN": "", "topics/" + before.Ref.Topics[0].Code: "", "participants/new": "XPB", "groups/new": "XPB", "topics/new": "put-back"} {
		b.open("/en/staff/reference/" + at)
		typed := []string{"names.en", "Put back", "reason", "A reason put back"}
		if code != "" {
			typed = append(typed, "code", code)
		}
		action, values := b.filled("save")
		for i := 0; i < len(typed); i += 2 {
			values.Set(typed[i], typed[i+1])
		}
		values.Set("do", "again")
		if a := b.send("POST", action, values); a.StatusCode != http.StatusOK {
			t.Errorf("%s: putting back answers %d", at, a.StatusCode)
			continue
		}
		_, values = b.filled("save")
		for i := 0; i < len(typed); i += 2 {
			if got := values.Get(typed[i]); got != typed[i+1] {
				t.Errorf("%s: %s comes back as %q, want %q", at, typed[i], got, typed[i+1])
			}
		}
	}
	if now, _ := s.store.At(t.Context(), 0); now.Revision != before.Revision {
		t.Errorf("putting back published revision %d", now.Revision)
	}
}
