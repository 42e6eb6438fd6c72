package register

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// MaxName is how many bytes a name, an alias or a word of reference data may have: the longest formal name of a state has some
// two hundred, in scripts that take three bytes a letter.
const MaxName = 1_000

// AliasKinds are what another name can be.
var AliasKinds = []string{"former", "short", "formal", "variant", "abbreviation", "adjective", "misspelling"}

var (
	codeShape   = regexp.MustCompile(`^[A-Za-z0-9]+([-_.][A-Za-z0-9]+)*$`)
	alpha2Shape = regexp.MustCompile(`^[A-Z]{2}$`)
	alpha3Shape = regexp.MustCompile(`^[A-Z]{3}$`)
	m49Shape    = regexp.MustCompile(`^[0-9]{3}$`)
)

// ValidCode says that a text can be a code of reference data: letters and figures with single marks between them, at most so many bytes.
func ValidCode(code string, most int) bool { return len(code) <= most && codeShape.MatchString(code) }

// Validate returns everything that keeps reference data from being published: in the participants, groups, topics and ambiguous
// names that are not in before as they are here. What stands in a register from before there was a rule keeps nobody from
// publishing something else. A field begins with what it is of: participants[KOR].aliases[2].lang.
func (r *Reference) Validate(before *Reference) []Problem {
	if before == nil {
		before = NewReference(nil, nil, nil, nil)
	}
	v := &validation{ref: r}
	for _, list := range []struct {
		name string
		n    int
	}{{"participants", len(r.Participants)}, {"groups", len(r.Groups)}, {"topics", len(r.Topics)}, {"ambiguous", len(r.Ambiguous)}} {
		v.rows(list.name, list.n)
	}
	for _, p := range r.Participants {
		if old := before.Participant(p.Code); old == nil || !reflect.DeepEqual(old, p) {
			v.referenceParticipant(fmt.Sprintf("participants[%s].", brief(p.Code)), p)
		}
	}
	for _, g := range r.Groups {
		if old := before.Group(g.Code); old == nil || !reflect.DeepEqual(old, g) {
			v.group(fmt.Sprintf("groups[%s].", brief(g.Code)), g)
		}
	}
	for _, t := range r.Topics {
		if old := before.Topic(t.Code); old == nil || !reflect.DeepEqual(old, t) {
			f := fmt.Sprintf("topics[%s].", brief(t.Code))
			if !ValidSlug(t.Code) {
				v.add(f+"code", "slug_shape", "Slug", brief(t.Code))
			}
			v.names(f+"names", t.Names)
		}
	}
	known := make(map[string]*Ambiguous, len(before.Ambiguous))
	for i := range before.Ambiguous {
		known[before.Ambiguous[i].Text] = &before.Ambiguous[i]
	}
	for i := range r.Ambiguous {
		a := &r.Ambiguous[i]
		if old := known[a.Text]; old != nil && reflect.DeepEqual(old, a) {
			continue
		}
		f := fmt.Sprintf("ambiguous[%d].", i)
		v.name(f+"alias", a.Text, true)
		for _, code := range a.Codes {
			v.participant(f+"codes", code)
		}
		v.oneOf(f+"rule", a.Rule, "ambiguous_rule", slices.Contains(AmbiguousRules, a.Rule))
		v.text(f+"note", a.Note, false)
	}
	return v.problems
}

func (v *validation) rows(field string, n int) {
	if n > MaxRows {
		v.add(field, "too_many_rows", "Count", n, "Max", MaxRows)
	}
}

// name checks a text of one line.
func (v *validation) name(field, s string, needed bool) {
	switch {
	case needed && s == "":
		v.add(field, "text_missing")
	case len(s) > MaxName:
		v.add(field, "text_too_long", "Count", len(s), "Max", MaxName)
	case s != CleanText(s) || strings.Contains(s, "\n"):
		v.add(field, "text_unclean")
	}
}

func (v *validation) names(field string, names map[string]string) {
	for _, lang := range slices.Sorted(maps.Keys(names)) {
		v.lang(field+"."+lang, lang)
		v.name(field+"."+lang, names[lang], false)
	}
}

func (v *validation) aliases(field string, aliases []Alias) {
	v.rows(strings.TrimSuffix(field, "["), len(aliases))
	for i, a := range aliases {
		f := fmt.Sprintf("%s%d].", field, i)
		v.name(f+"text", a.Text, true)
		v.lang(f+"lang", a.Lang)
		v.oneOf(f+"kind", a.Kind, "alias_kind", slices.Contains(AliasKinds, a.Kind))
	}
}

func (v *validation) code(field, code string, most int) {
	if !ValidCode(code, most) {
		v.add(field, "code_shape", "Value", brief(code))
	}
}

func (v *validation) referenceParticipant(f string, p *Participant) {
	v.code(f+"code", p.Code, 20)
	v.oneOf(f+"kind", string(p.Kind), "participant_kind", slices.Contains(ParticipantKinds, p.Kind))
	for _, x := range []struct {
		field, code string
		shape       *regexp.Regexp
		key         string
		of          func(*Participant) string
	}{{"iso2", p.Alpha2, alpha2Shape, "alpha2_shape", func(o *Participant) string { return o.Alpha2 }},
		{"iso3", p.Alpha3, alpha3Shape, "alpha3_shape", func(o *Participant) string { return o.Alpha3 }},
		{"m49", p.M49, m49Shape, "m49_shape", func(o *Participant) string { return o.M49 }}} {
		if x.code == "" {
			continue
		}
		if !x.shape.MatchString(x.code) {
			v.add(f+x.field, x.key, "Value", brief(x.code))
			continue
		}
		for _, o := range v.ref.Participants {
			if o.Code != p.Code && x.of(o) == x.code && p.alongside(o) {
				v.add(f+x.field, "code_shared", "Value", x.code, "Who", o.Code)
				break
			}
		}
	}
	if p.UserAssigned != "" {
		v.code(f+"user_assigned_code", p.UserAssigned, 20)
	}
	v.oneOf(f+"regional_group", p.RegionalGroup, "regional_group", p.RegionalGroup == "" || slices.Contains(RegionalGroups, p.RegionalGroup))
	if p.ValidFrom.Known() && p.ValidTo.Known() && p.ValidTo.Last() < p.ValidFrom.First() {
		v.add(f+"valid_to", "ends_before_begins")
	}
	for _, x := range []struct{ field, text string }{{"region", p.Region}, {"subregion", p.Subregion}} {
		v.name(f+x.field, x.text, false)
	}
	v.names(f+"names", p.Names)
	v.names(f+"formal", p.Formal)
	v.text(f+"note", p.Note, false)
	v.aliases(f+"aliases[", p.Aliases)
	v.rows(f+"successors", len(p.Successors))
	for i, s := range p.Successors {
		field := fmt.Sprintf("%ssuccessors[%d].code", f, i)
		v.participant(field, s.Code)
		if s.Code == p.Code || v.leadsTo(s.Code, p.Code) {
			v.add(field, "successor_circle", "Code", brief(s.Code))
		}
	}
}

// leadsTo says that a participant's successors, theirs and so on come to another one.
func (v *validation) leadsTo(from, to string) bool {
	seen, next := map[string]bool{from: true}, []string{from}
	for len(next) > 0 {
		p := v.ref.Participant(next[0])
		next = next[1:]
		if p == nil {
			continue
		}
		for _, s := range p.Successors {
			if s.Code == to {
				return true
			}
			if !seen[s.Code] {
				seen[s.Code], next = true, append(next, s.Code)
			}
		}
	}
	return false
}

func (v *validation) group(f string, g *Group) {
	v.code(f+"code", g.Code, 40)
	v.name(f+"kind", g.Kind, true)
	v.names(f+"names", g.Names)
	v.text(f+"note", g.Note, false)
	v.rows(f+"members", len(g.Members))
	rows := map[string][]int{}
	for i, m := range g.Members {
		field := fmt.Sprintf("%smembers[%d].code", f, i)
		v.participant(field, m.Code)
		for _, j := range rows[m.Code] {
			if m.overlaps(g.Members[j]) {
				v.add(field, "membership_overlaps", "Who", brief(m.Code), "First", j+1, "Second", i+1)
				break
			}
		}
		rows[m.Code] = append(rows[m.Code], i)
	}
	v.aliases(f+"aliases[", g.Aliases)
}
