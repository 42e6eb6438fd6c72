package staff

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"cosignatory/store/register"
	"cosignatory/templates/i18n"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
)

// whole is a declaration with something in every field.
func whole() *register.Declaration {
	date := register.MustDate
	return &register.Declaration{Slug: "x", Kind: "pledge", Adopted: date("2025-11-24"), Presented: date("2025-11"), Published: date("2025"),
		Opened: date("2025-11-24"), Closed: date("2026"), Sponsors: []string{"AAA", "ZZZ"}, PresentedBy: "P", PresenterDelegation: "AAA",
		PresenterCounted: register.Yes, Open: register.No, ListComplete: register.NotRecorded, Topics: []string{"t", "gone"},
		Titles: []register.Title{{Lang: "en", Text: "T", Standing: "authentic", Source: "s", Note: "n"}, {Lang: "tlh", Text: "U", Standing: "odd"}},
		Texts:  []register.Text{{Lang: "en", Event: "e", Place: "p", Summary: "s", Notes: "n"}},
		Stated: []register.Stated{{Count: 44, Counts: "states", Date: date("2025"), Source: "s", Note: "n"}},
		Links:  []register.Link{{Kind: "follows", Target: "y", Note: "n"}},
		Sources: []register.Source{{Key: "s", Publisher: "P", Title: "T", URL: "https://x.example/", Lang: "en", Kind: "press", Published: date("2025"), ReadOn: date("2026-01-02"), Supports: "all"},
			{Key: "u"}},
		Actions: []register.Action{{ID: 3, Participant: "AAA", Kind: "signed", Capacity: "signatory", CapacityAsPrinted: "c", NameAsPrinted: "N", PrintedPosition: 4,
			Date: date("2025-11"), PublicDate: date("2025-12-01"), Source: "s", AlsoSources: []string{"u", "v"}, PlaceInSource: "p. 3", Note: "n"},
			{Participant: "AAA", Kind: "withdrew", Capacity: "signatory", Reason: "dropped_unexplained", JoiningNotRecorded: true, Source: "s"},
			{Group: "G", Kind: "signed", Capacity: "signatory", Source: "s"}},
		Disputes: []register.Dispute{{Participant: "ZZZ", Claim: []register.Phrase{{Lang: "en", Text: "c"}}, Source: "s"}}}
}

func reference() *register.Reference {
	name := func(s string) map[string]string { return map[string]string{"en": s} }
	return register.NewReference([]*register.Participant{{Code: "AAA", Kind: register.Member, Names: name("Aland")}, {Code: "ZZZ", Kind: register.Member, Names: name("Zedland")}},
		[]*register.Group{{Code: "G", Kind: "political", Names: name("Group")}}, []*register.Topic{{Code: "t", Names: name("Topic")}}, nil)
}

func form(t *testing.T, d *register.Declaration) (DeclarationForm, *i18n.Printer) {
	p, ok := i18n.For("en")
	if !ok {
		t.Fatal("no English")
	}
	return DeclarationForm{Page: Page{Page: pages.Page{P: p, Title: "T"}, Bar: &Bar{}}, Draft: Draft{ID: 7, State: "draft"}, Action: "/save", AutosaveURL: "/auto",
		Choices: NewChoices(p, reference()), Fields: FieldsOf(d, nil, reference(), "en"), OnList: []ui.Option{{Value: "AAA", Label: "Aland"}}}, p
}

func shown(t *testing.T, v DeclarationForm) string {
	t.Helper()
	var b bytes.Buffer
	if err := v.Show().Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var (
	id       = regexp.MustCompile(` id="([^"]+)"`)
	fragment = regexp.MustCompile(`href="#([^"]+)"`)
	template = regexp.MustCompile(`(?s)<template.*?</template>`)
	refers   = regexp.MustCompile(` (?:for|aria-describedby)="([^"]+)"`)
)

// TestFormHoldsEverything: what was typed or recorded stands in the form again, whatever it is.
func TestFormHoldsEverything(t *testing.T) {
	v, _ := form(t, whole())
	v.Fields.Adopted = Date{"2O25", "13", "<4>"}
	html := shown(t, v)
	for _, want := range []string{
		`name="titles[1].text"`, `value="tlh" selected`, `value="odd" selected`, `name="adopted.day" value="&lt;4&gt;"`, `name="adopted.year" value="2O25"`,
		`name="sponsors[1]" value="Zedland (ZZZ)"`, `name="actions[0].id" value="3"`, `name="actions[0].also_sources" value="u|v"`,
		`name="actions[0].date.month" value="11"`, `name="actions[1].joining_not_recorded" value="yes" checked`, `name="actions[2].group"`,
		`name="topics" value="gone" checked`, `name="disputes[0].claim[0].text"`, `name="version"`, `value="remove:actions[2]"`, `value="add5:actions"`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the form lacks %s", want)
		}
	}
	for _, never := range []string{" required", " style=", "<style", "onclick", "<script>"} {
		if strings.Contains(html, never) {
			t.Errorf("the form has %s", never)
		}
	}
	if strings.Contains(html, `name="actions[2].participant"`) {
		t.Error("a group line asks for a participant")
	}
}

// TestProblemsLeadToFields: every problem that a draft can have leads to an element that is there, and no id stands twice.
func TestProblemsLeadToFields(t *testing.T) {
	v, p := form(t, whole())
	var list []register.Problem
	for _, f := range []string{"slug", "kind", "titles", "titles[0].lang", "titles[0].text", "titles[0].note", "titles[0].standing", "titles[0].source", "texts[0].lang",
		"texts[0].summary", "closed", "adopted", "sponsors[1]", "presenter_delegation", "presented_by", "presenter_counted", "open", "list_complete", "topics[1]",
		"stated[0].count", "stated[0].counts", "stated[0].source", "stated[0].date", "links", "links[0].target", "links[0].kind", "sources[1].key", "sources[1].publisher",
		"sources[1].url", "sources[1].lang", "sources[1].kind", "sources[1].read_on", "actions", "actions[0].participant", "actions[2].group", "actions[0].action", "actions[0].date",
		"actions[1].reason", "actions[0].also_sources[1]", "actions[0].printed_position", "actions[0].joining_not_recorded", "disputes[0].participant",
		"disputes[0].claim", "disputes[0].claim[0].text", "disputes[0].source", "reason"} {
		list = append(list, register.Problem{Field: f, Key: "text_missing"})
	}
	v.Problems = Problems(p, reference(), list)
	html := template.ReplaceAllString(shown(t, v), "")
	ids := map[string]int{}
	for _, m := range id.FindAllStringSubmatch(html, -1) {
		if ids[m[1]]++; ids[m[1]] == 2 {
			t.Errorf("the id %s stands twice", m[1])
		}
	}
	links := fragment.FindAllStringSubmatch(html, -1)
	if len(links) < len(list) {
		t.Errorf("%d links for %d problems", len(links), len(list))
	}
	for _, m := range links {
		to, err := url.PathUnescape(m[1])
		if err != nil || ids[to] == 0 {
			t.Errorf("a problem leads to #%s, which is not there", m[1])
		}
	}
	for _, m := range refers.FindAllStringSubmatch(html, -1) {
		for _, to := range strings.Fields(m[1]) {
			if ids[to] == 0 {
				t.Errorf("something refers to %s, which is not there", to)
			}
		}
	}
	if !strings.Contains(html, "autofocus") || strings.Index(html, `id="problems"`) > strings.Index(html, "<h1") {
		t.Error("the problems do not stand first with the focus")
	}
}

// TestParticipant: what is printed in a field reads back as the same code.
func TestParticipant(t *testing.T) {
	ref := reference()
	for _, code := range []string{"AAA", "ZZZ", "???"} {
		if got := ReadParticipant(PrintParticipant(ref, code, "en")); got != code {
			t.Errorf("%s reads back as %s", code, got)
		}
	}
	for typed, want := range map[string]string{" aaa ": "aaa", "Congo (COD)": "COD", "Viet Nam": "Viet Nam", "(": "("} {
		if got := ReadParticipant(typed); got != want {
			t.Errorf("%q reads as %q", typed, got)
		}
	}
}

// TestLong: a form of 200 participations stays within what a browser lays out at once.
func TestLong(t *testing.T) {
	d := whole()
	for i := range 200 {
		d.Actions = append(d.Actions, register.Action{ID: int64(i + 10), Participant: "AAA", Kind: "signed", Capacity: "signatory", Source: "s"})
	}
	v, _ := form(t, d)
	if n := len(shown(t, v)); n > 2<<20 {
		t.Errorf("%d bytes", n)
	}
}
