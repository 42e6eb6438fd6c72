package register_test

import (
	"encoding/csv"
	"os"
	"strings"
	"sync"
	"testing"

	. "cosignatory/store/register"
)

// shipped is the shipped reference data, read straight from its files: the tests of the domain need neither store nor loader.
var shipped = sync.OnceValue(func() *Reference {
	read := func(name string) []map[string]string {
		f, err := os.Open("../../seed/" + name)
		if err != nil {
			panic(err)
		}
		defer f.Close()
		lines, err := csv.NewReader(f).ReadAll()
		if err != nil {
			panic(err)
		}
		var rows []map[string]string
		for _, line := range lines[1:] {
			row := map[string]string{}
			for i, name := range lines[0] {
				row[name] = line[i]
			}
			rows = append(rows, row)
		}
		return rows
	}
	byCode := map[string]*Participant{}
	var people []*Participant
	for _, r := range read("participants.csv") {
		p := &Participant{Code: r["code"], Kind: ParticipantKind(r["kind"]), Alpha2: r["alpha2"], M49: r["m49"], RegionalGroup: r["regional_group"],
			ValidFrom: MustDate(r["valid_from"]), ValidTo: MustDate(r["valid_to"]), Names: map[string]string{}, Note: r["notes"],
			Formal: map[string]string{"en": r["formal_en"], "fr": r["formal_fr"]}}
		for _, lang := range Languages {
			p.Names[lang] = r["name_"+lang]
		}
		if strings.HasPrefix(p.Code, "X") {
			p.UserAssigned, p.Alpha2 = p.Code, ""
		} else if p.Kind != Organization {
			p.Alpha3 = p.Code
		}
		byCode[p.Code] = p
		people = append(people, p)
	}
	for _, r := range read("aliases.csv") {
		p := byCode[r["code"]]
		p.Aliases = append(p.Aliases, Alias{Text: r["alias"], Lang: r["lang"], Kind: r["kind"], From: MustDate(r["valid_from"]), To: MustDate(r["valid_to"])})
	}
	for _, r := range read("successors.csv") {
		p := byCode[r["predecessor"]]
		p.Successors = append(p.Successors, Successor{Code: r["successor"], From: MustDate(r["from"])})
	}
	groups := map[string]*Group{}
	var sets []*Group
	for _, r := range read("groups.csv") {
		g := &Group{Code: r["group_code"], Kind: r["kind"], Names: map[string]string{}}
		for _, lang := range Languages {
			g.Names[lang] = r["name_"+lang]
		}
		groups[g.Code] = g
		sets = append(sets, g)
	}
	for _, r := range read("group_members.csv") {
		g := groups[r["group_code"]]
		g.Members = append(g.Members, Membership{Code: r["code"], From: MustDate(r["from"]), To: MustDate(r["to"])})
	}
	for _, r := range read("group_aliases.csv") {
		g := groups[r["group_code"]]
		g.Aliases = append(g.Aliases, Alias{Text: r["alias"], Lang: r["lang"], Kind: r["kind"]})
	}
	var words []Ambiguous
	for _, r := range read("ambiguous.csv") {
		words = append(words, Ambiguous{Text: r["alias"], Codes: strings.Split(r["codes"], "|"), Rule: r["rule"], Note: r["note"]})
	}
	return NewReference(people, sets, []*Topic{{Code: "human-rights", Names: map[string]string{"en": "human rights"}}}, words)
})

// declared is a sound declaration adopted on a date, with actions written one a line: participant (or @group), action,
// date (- for none), and any of as=capacity, why=reason, src=source, also=source, nojoin. The source s has no date, the
// source s:2023-05-02 was published then.
func declared(adopted string, actions ...string) *Declaration {
	d := &Declaration{Slug: "made-up", Kind: "joint-statement", Adopted: MustDate(adopted),
		Titles: []Title{{Lang: "en", Text: "Made up", Standing: Unofficial}}}
	source := func(key string) string {
		key, published, _ := strings.Cut(key, ":")
		if published != "" {
			key += "." + published
		}
		if d.Source(key) == nil {
			d.Sources = append(d.Sources, Source{Key: key, Publisher: "P", Title: "T", URL: "https://example.org/" + key, Kind: "official", Published: MustDate(published)})
		}
		return key
	}
	source("s")
	for i, line := range actions {
		f := strings.Fields(line)
		a := Action{ID: int64(i + 1), Participant: f[0], Kind: ActionKind(f[1]), Capacity: Signatory, Source: "s"}
		if g, ok := strings.CutPrefix(f[0], "@"); ok {
			a.Participant, a.Group = "", g
		}
		if a.Kind == AlignedItself {
			a.Capacity = Aligned
		}
		if a.Kind == Withdrew {
			a.Reason = "withdrew_by_notice"
		}
		if f[2] != "-" {
			a.Date = MustDate(f[2])
		}
		for _, extra := range f[3:] {
			name, value, _ := strings.Cut(extra, "=")
			switch name {
			case "as":
				a.Capacity = Capacity(value)
			case "why":
				a.Reason = Reason(value)
			case "src":
				a.Source = source(value)
			case "also":
				a.AlsoSources = append(a.AlsoSources, source(value))
			case "nojoin":
				a.JoiningNotRecorded = true
			default:
				panic(extra)
			}
		}
		d.Actions = append(d.Actions, a)
	}
	return d
}

func day(s string) Day { return MustDate(s).First() }

func line(d *Declaration, who string) *Timeline {
	lines := d.Timelines()
	for i := range lines {
		if lines[i].Participant == who || lines[i].Group == who {
			return &lines[i]
		}
	}
	return &Timeline{}
}

// stands checks the status of a participant on days, written as "2023-05-01 in_effect".
func stands(t *testing.T, d *Declaration, who string, days ...string) {
	t.Helper()
	l := line(d, who)
	for _, x := range days {
		on, want, _ := strings.Cut(x, " ")
		if got := l.On(day(on)); string(got.Status) != want {
			t.Errorf("%s on %s is %s, want %s", who, on, got.Status, want)
		}
	}
}

// problems are the problems of a draft as "field key", in order.
func problems(d *Declaration) []string {
	var found []string
	for _, p := range d.Validate(shipped()) {
		found = append(found, p.Field+" "+p.Key)
	}
	return found
}

func wantProblems(t *testing.T, d *Declaration, want ...string) {
	t.Helper()
	if got := problems(d); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("problems are %q, want %q", got, want)
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}
