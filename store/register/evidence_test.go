package register_test

import (
	"reflect"
	"strings"
	"testing"

	. "cosignatory/store/register"
)

func TestD19_EveryParticipationCitesASource(t *testing.T) {
	d := declared("2023-01-01", "KOR signed 2023-01-01", "JPN signed 2023-01-01")
	wantProblems(t, d)
	d.Actions[0].Source, d.Actions[1].Source = "", "lost"
	wantProblems(t, d, "actions[0].source source_missing", "actions[1].source source_unknown")
	d.Actions[0].Source, d.Actions[1].Source = "s", "s"
	d.Actions[0].AlsoSources = []string{"s", "lost", ""}
	wantProblems(t, d, "actions[0].also_sources[0] source_twice", "actions[0].also_sources[1] source_unknown", "actions[0].also_sources[2] source_missing")
	d.Sources = append(d.Sources, Source{Key: "u", Publisher: "P", Title: "T", URL: "https://example.org/", Kind: "press"}, Source{Key: "v", Publisher: "P", Title: "T", URL: "https://example.org/", Kind: "press"})
	twice := []string{"u", "v", " u", "v"}
	d.Actions[0].AlsoSources = twice
	d.Clean()
	wantProblems(t, d)
	equal(t, "what is named twice", strings.Join(d.Actions[0].AlsoSources, "|"), "u|v")
	d.Actions[0].AlsoSources, d.Sources = nil, d.Sources[:1]

	d.Sources = append(d.Sources, Source{Key: "s", Publisher: "P", Title: "T", URL: "https://example.org/", Kind: "press"},
		Source{Key: "Bad Key", Lang: "english", URL: "javascript:alert(1)", Kind: "rumour"})
	wantProblems(t, d, "sources[0].key source_key_twice", "sources[1].key source_key_twice", "sources[2].key source_key_shape", "sources[2].publisher text_missing",
		"sources[2].title text_missing", "sources[2].url address_shape", "sources[2].lang language_shape", "sources[2].kind not_in_list")
	for _, address := range []string{"", "example.org", "/path", "ftp://example.org/", "https://", "//example.org/", "https://example.org/" + strings.Repeat("x", 2000)} {
		d.Sources = []Source{{Key: "s", Publisher: "P", Title: "T", URL: address, Kind: "official"}}
		wantProblems(t, d, "sources[0].url address_shape")
	}

	t.Run("disputed", func(t *testing.T) {
		d := declared("2023-01-01", "KOR signed 2023-01-01")
		d.Disputes = []Dispute{{Participant: "USA", Claim: []Phrase{{Lang: "en", Text: "One report names the United States."}, {Lang: "fr", Text: "Un reportage nomme les États-Unis."}}, Source: "s"},
			{Claim: []Phrase{{Lang: "en", Text: "It was read twice."}}}}
		wantProblems(t, d)
		equal(t, "who is on the list by a claim that is not followed", line(d, "USA").On(day("2024-01-01")).Status, NotYet)
		equal(t, "the claim in French", In(d.Disputes[0].Claim, "fr").Text, "Un reportage nomme les États-Unis.")
		equal(t, "the claim in Russian", In(d.Disputes[0].Claim, "ru").Lang, "en")
		d.Disputes = []Dispute{{Participant: "ZZ9", Source: "lost"}}
		wantProblems(t, d, "disputes[0].participant participant_unknown", "disputes[0].claim text_missing", "disputes[0].source source_unknown")
	})
	t.Run("every problem at once, said the same way twice", func(t *testing.T) {
		d := &Declaration{Slug: "No", Kind: "treaty", Closed: MustDate("2020"), Opened: MustDate("2021"), Actions: []Action{{Kind: "signed", Capacity: Signatory}}}
		first := (&Invalid{d.Validate(shipped())}).Error()
		for range 20 {
			equal(t, "the error", (&Invalid{d.Validate(shipped())}).Error(), first)
		}
		for _, part := range []string{"slug: slug_shape Slug=No", "kind: not_in_list List=kind Value=treaty", "titles: title_missing", "closed: closed_before_opened", "actions[0].source: source_missing"} {
			if !strings.Contains(first, part) {
				t.Errorf("%q lacks %q", first, part)
			}
		}
	})
}

func TestD20_TheRegisterHoldsNoTexts(t *testing.T) {
	for _, name := range []string{"Body", "FullText", "Content", "HTML"} {
		if _, found := reflect.TypeFor[Declaration]().FieldByName(name); found {
			t.Errorf("a declaration has the field %s", name)
		}
	}
	d := declared("2023-01-01")
	d.Texts = []Text{{Lang: "en", Summary: strings.Repeat("x", MaxText)}, {Lang: "fr", Event: "Sommet"}}
	wantProblems(t, d)
	d.Texts[0].Summary += "x"
	d.Texts[1].Lang = "en"
	wantProblems(t, d, "texts[0].summary text_too_long", "texts[1].lang language_twice")
	equal(t, "the event for a reader of Arabic", d.TextIn("ar").Lang, "en")
	equal(t, "no words at all", new(Declaration).TextIn("en"), Text{})
	d.Texts = []Text{{Lang: "en", Summary: "e\u0301\x00\r\n\u202ax "}}
	wantProblems(t, d, "texts[0].summary text_unclean")
	d.Clean()
	wantProblems(t, d)
}

func TestD21_TitlesPerLanguageWithTheirStanding(t *testing.T) {
	d := declared("2023-01-01")
	d.Titles = []Title{{Lang: "fr", Text: "Déclaration", Standing: Unofficial}, {Lang: "es", Text: "Declaración", Standing: Authentic}, {Lang: "en", Text: "Declaration", Standing: Official, Source: "s"}}
	wantProblems(t, d)
	for lang, want := range map[string]string{"fr": "Déclaration", "en": "Declaration", "es": "Declaración", "ru": "Declaración"} {
		equal(t, "the title in "+lang, d.TitleIn(lang).Text, want)
	}
	d.Titles[1].Standing = Official
	equal(t, "the title in Russian where none is authentic", d.TitleIn("ru").Lang, "fr")
	equal(t, "the title of what has none", (&Declaration{Slug: "made-up"}).TitleIn("en").Text, "made-up")
	d.Titles = []Title{{Lang: "fr", Text: "A", Standing: "certified"}, {Lang: "fr", Standing: Official, Source: "lost"}, {Lang: "French", Text: "C", Standing: Official}}
	wantProblems(t, d, "titles[0].standing not_in_list", "titles[1].lang language_twice", "titles[1].text text_missing", "titles[1].source source_unknown", "titles[2].lang language_shape")
	d.Titles = nil
	wantProblems(t, d, "titles title_missing")
}
