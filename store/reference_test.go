package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"cosignatory/store"
	"cosignatory/store/register"
)

// changedReference is the reference data of a register with a change made to copies of its participants and groups.
func changedReference(ref *register.Reference, change func(people map[string]*register.Participant, groups map[string]*register.Group, topics *[]*register.Topic)) *register.Reference {
	people, groups, topics := map[string]*register.Participant{}, map[string]*register.Group{}, slices.Clone(ref.Topics)
	for _, p := range ref.Participants {
		q := *p
		people[p.Code] = &q
	}
	for _, g := range ref.Groups {
		h := *g
		groups[g.Code] = &h
	}
	change(people, groups, &topics)
	var list []*register.Participant
	for _, p := range people {
		list = append(list, p)
	}
	var sets []*register.Group
	for _, g := range ref.Groups {
		sets = append(sets, groups[g.Code])
	}
	return register.NewReference(list, sets, topics, ref.Ambiguous)
}

// TestReferenceRules: reference data has rules as declarations have, whoever publishes it and by whatever way: what a spreadsheet
// would run as a code, texts without end, rows without end, a state that follows itself. Nothing is written then.
func TestReferenceRules(t *testing.T) {
	ctx := context.Background()
	s := opened(t, copied(t))
	ref := at(t, s, 0).Ref
	alias := func(a register.Alias) func(map[string]*register.Participant, map[string]*register.Group, *[]*register.Topic) {
		return func(people map[string]*register.Participant, _ map[string]*register.Group, _ *[]*register.Topic) {
			people["KOR"].Aliases = append(slices.Clone(people["KOR"].Aliases), a)
		}
	}
	participant := func(f func(p *register.Participant)) func(map[string]*register.Participant, map[string]*register.Group, *[]*register.Topic) {
		return func(people map[string]*register.Participant, _ map[string]*register.Group, _ *[]*register.Topic) {
			f(people["KOR"])
		}
	}
	last := len(ref.Participant("KOR").Aliases)
	aliasField := func(field string) string { return fmt.Sprintf("participants[KOR].aliases[%d].%s", last, field) }
	for _, c := range []struct {
		what   string
		change func(map[string]*register.Participant, map[string]*register.Group, *[]*register.Topic)
		want   string
	}{
		{"a formula as language", alias(register.Alias{Text: "a", Lang: `=HYPERLINK("http://x/")`, Kind: "variant"}), aliasField("lang") + " language_shape"},
		{"a line break in a language", alias(register.Alias{Text: "a", Lang: "@x\n=2+2", Kind: "variant"}), aliasField("lang") + " language_shape"},
		{"markup as language", alias(register.Alias{Text: "a", Lang: `"><script>`, Kind: "variant"}), aliasField("lang") + " language_shape"},
		{"a kind that is none", alias(register.Alias{Text: "a", Lang: "en", Kind: "=1"}), aliasField("kind") + " not_in_list"},
		{"no text", alias(register.Alias{Lang: "en", Kind: "variant"}), aliasField("text") + " text_missing"},
		{"a name of two lines", alias(register.Alias{Text: "a\nb", Lang: "en", Kind: "variant"}), aliasField("text") + " text_unclean"},
		{"a name without end", participant(func(p *register.Participant) {
			p.Names = map[string]string{"en": "Republic of Korea", "fr": strings.Repeat("x", 200_000)}
		}), "participants[KOR].names.fr text_too_long"},
		{"a note without end", participant(func(p *register.Participant) { p.Note = strings.Repeat("x", 3_000_000) }), "participants[KOR].note text_too_long"},
		{"a formula as code", participant(func(p *register.Participant) { p.Alpha2 = "=1" }), "participants[KOR].iso2 alpha2_shape"},
		{"aliases without end", participant(func(p *register.Participant) {
			p.Aliases = nil
			for i := range register.MaxRows + 1 {
				p.Aliases = append(p.Aliases, register.Alias{Text: fmt.Sprint("a", i), Lang: "en", Kind: "variant"})
			}
		}), "participants[KOR].aliases too_many_rows"},
		{"its own successor", participant(func(p *register.Participant) { p.Successors = []register.Successor{{Code: "KOR"}} }), "participants[KOR].successors[0].code successor_circle"},
		{"a successor that it follows", func(people map[string]*register.Participant, _ map[string]*register.Group, _ *[]*register.Topic) {
			people["KOR"].Successors = []register.Successor{{Code: "FRA"}}
			people["FRA"].Successors = []register.Successor{{Code: "KOR"}}
		}, "participants[FRA].successors[0].code successor_circle; participants[KOR].successors[0].code successor_circle"},
		{"a successor that nobody knows", participant(func(p *register.Participant) { p.Successors = []register.Successor{{Code: "ZZ9"}} }), "participants[KOR].successors[0].code participant_unknown"},
		{"a topic's code without end", func(_ map[string]*register.Participant, _ map[string]*register.Group, topics *[]*register.Topic) {
			*topics = append(*topics, &register.Topic{Code: strings.Repeat("a", 300_000), Names: map[string]string{"en": "A"}})
		}, "topics[" + strings.Repeat("a", 60) + "…].code slug_shape"},
		{"a member that nobody knows", func(_ map[string]*register.Participant, groups map[string]*register.Group, _ *[]*register.Topic) {
			groups["EU"].Members = []register.Membership{{Code: "ZZ9"}}
		}, "groups[EU].members[0].code participant_unknown"},
	} {
		before, err := s.Head(ctx)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.PublishReference(ctx, changedReference(ref, c.change), before, store.Publication{Reason: "Because", ReasonLang: "en", Role: "publisher"})
		var invalid *register.Invalid
		if !errors.As(err, &invalid) {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		var got []string
		for _, p := range invalid.Problems {
			got = append(got, p.Field+" "+p.Key)
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s: %s, want %s", c.what, strings.Join(got, "; "), c.want)
		}
		if len(err.Error()) > 1000 {
			t.Errorf("%s: the error has %d bytes", c.what, len(err.Error()))
		}
		if now, _ := s.Head(ctx); now != before {
			t.Errorf("%s: revision %d was made", c.what, now)
		}
	}
	if problems := ref.Validate(nil); len(problems) > 0 {
		t.Errorf("the shipped reference data breaks rules: %v", problems)
	}
}

// TestReferenceRulesOfOld: what stands from before a rule keeps nobody from publishing something else.
func TestReferenceRulesOfOld(t *testing.T) {
	ref := at(t, opened(t, copied(t)), 0).Ref
	old := changedReference(ref, func(people map[string]*register.Participant, _ map[string]*register.Group, _ *[]*register.Topic) {
		people["KOR"].Note = strings.Repeat("x", 30_000)
	})
	now := changedReference(old, func(people map[string]*register.Participant, _ map[string]*register.Group, _ *[]*register.Topic) {
		people["FRA"].Note = "A note"
	})
	if problems := now.Validate(old); len(problems) > 0 {
		t.Errorf("a change of France is refused for what stands of Korea: %v", problems)
	}
	if problems := old.Validate(ref); len(problems) != 1 {
		t.Errorf("%v", problems)
	}
}
