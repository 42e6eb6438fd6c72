package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"cosignatory/seed"
	"cosignatory/store"
	"cosignatory/store/register"
)

// answers are what an index says to every question there is, line by line, with values that a register of madeUp has and
// some that it has not.
func answers(v *store.View, x *store.Index, seed uint64) []string {
	var lines []string
	say := func(what string, args ...any) { lines = append(lines, what+": "+fmt.Sprintf("%+v", args)) }
	row := func(r *store.Row) string {
		if r == nil {
			return "none"
		}
		return fmt.Sprintf("%+v", *r)
	}
	rows := func(list []*store.Row) (all []string) {
		for _, r := range list {
			all = append(all, row(r))
		}
		return all
	}
	r := rand.New(rand.NewPCG(seed, 3))
	one := func(list ...string) string { return list[r.IntN(len(list))] }
	say("day", x.Revision, x.Day)
	say("totals", x.Totals())
	all, total := x.Find(register.Filter{}, register.Sort{By: "date"}, "en", 0, 0)
	say("all", rows(all), total)
	for _, f := range [][]store.Facet{x.Topics(), x.Sponsors(), x.Kinds()} {
		say("facets", f)
	}
	var codes, slugs []string
	for _, p := range v.Ref.Participants {
		codes = append(codes, p.Code)
	}
	codes = append(codes, "ZZZ")
	for _, d := range all {
		slugs = append(slugs, d.Slug)
	}
	for n := range 12 {
		var f register.Filter
		if n > 0 {
			for range 1 + r.IntN(2) {
				switch r.IntN(10) {
				case 0:
					f.Query = one(vocabulary...)
				case 1:
					f.Query = one(vocabulary...)[:1] + " " + one(vocabulary...)
				case 2:
					f.Topic = one("human-rights", "migration", "health", "made-up")
				case 3:
					f.Kind = register.Kinds[r.IntN(len(register.Kinds))]
				case 4:
					f.Sponsor = one(codes...)
				case 5:
					f.Signatory = one(codes...)
				case 6:
					f.Group = one("EU", "G7", "AFRICAN", "ZZZ")
				case 7:
					f.Event = register.Fold(one(vocabulary...))
				case 8:
					f.From = register.MustDate(one("2019", "2020-06", "2021-03-04"))
				case 9:
					f.Open = register.Tristate(one("yes", "no", "not_recorded"))
				}
			}
		}
		for _, by := range register.SortKeys {
			sort := register.Sort{By: by, Descending: r.IntN(2) == 0}
			lang := one(register.Languages...)
			skip, limit := r.IntN(3), r.IntN(8)
			found, total := x.Find(f, sort, lang, skip, limit)
			say(fmt.Sprintf("find %+v by %+v in %s from %d, %d", f, sort, lang, skip, limit), rows(found), total)
		}
		say(fmt.Sprintf("facets of %+v", f), *x.Facets(f), x.Count(f))
	}
	for range 12 {
		words := []string{one(vocabulary...)}
		for range r.IntN(3) {
			w := one(vocabulary...)
			switch r.IntN(6) {
			case 0: // with a typing error
				if letters := []rune(w); len(letters) > 4 {
					letters[2], letters[3] = letters[3], letters[2]
					w = string(letters)
				}
			case 1:
				w = one(codes...)
			case 2:
				w = one("2020", "since 2021", "European Union", "human rights", "Germany", "france", "migrations")
			case 3:
				w = w[:len(w)/2+1]
			}
			words = append(words, strings.ToValidUTF8(w, ""))
		}
		typed := strings.Join(words, " ")
		for _, w := range words {
			say("known "+w, x.Known(register.Fold(w)))
		}
		lang := one(register.Languages...)
		f := x.Search(v.Ref.Ask(typed, x.Known), lang, r.IntN(2), 5)
		var hits []string
		for _, h := range f.Hits {
			hits = append(hits, fmt.Sprint(row(h.Row), h.Tier, h.Where))
		}
		say("search "+typed+" in "+lang, f.Reading, f.Sought, f.Alike, f.Names, f.Total, hits)
	}
	for _, code := range codes {
		of, n := x.OfParticipant(code, false, 1, 4)
		say("participant "+code, x.Participant(code), rows(of), n, x.Years(code))
		of, n = x.OfParticipant(code, true, 0, 0)
		say("participant, with groups "+code, rows(of), n)
		together, base := x.Together(code)
		say("together "+code, together, base)
		brought, base := x.Brought(code)
		say("brought "+code, brought, base)
		through, n := x.Through(code, 3)
		for _, t := range through {
			say("through "+code, row(t.Row), t.Group, t.Unsettled)
		}
		say("through "+code, n)
		for _, d := range all {
			say("stands "+code+" "+d.Slug, x.Stands(d, code))
		}
		for _, g := range []string{"EU", "G7"} {
			for _, w := range x.Without(code, g) {
				say("without "+code+" "+g, row(w.Row), w.On, w.Of, w.Mark)
			}
		}
	}
	for _, g := range []string{"EU", "G7", "AFRICAN", "ZZZ"} {
		s := x.GroupSigning(g)
		for _, r := range s.Rows {
			say("signing "+g, row(r.Row), r.Share, r.Unsettled, r.Implied)
		}
		say("signing "+g, s.Cohesion, s.Lists, s.Whole)
	}
	base, err := x.Pairs(func(a, b string, o register.Overlap) error { say("pair", a, b, o); return nil })
	say("pairs", base, err, x.Base())
	compared := func(what string, c *store.Compared) {
		for _, r := range c.Rows {
			say(what, r.Code, row(r.Row), r.Marks, r.Part)
		}
		say(what, c.Overlaps, c.None)
	}
	if len(all) > 2 {
		three := []string{slugs[0], slugs[len(slugs)/2], slugs[len(slugs)-1]}
		compared("compare declarations", x.CompareDeclarations(three, nil, -1))
		compared("compare declarations among a few", x.CompareDeclarations(three, codes[:3], 1))
		compared("compare participants", x.CompareParticipants([]string{codes[1], codes[2], codes[4]}, -1))
		compared("compare participants, only one", x.CompareParticipants([]string{codes[1], codes[3]}, 0))
		for _, similar := range []bool{false, true} {
			g := x.Grid(codes, all[:min(12, len(all))], similar)
			say("grid", g.Codes, rows(g.Columns), g.Marks)
		}
	}
	for i := range 80 {
		for _, name := range []string{"peace", "migration", "a-made-up", "renamed"} {
			found, ok := x.BySlug(fmt.Sprintf("%s-%d", name, i))
			say("slug", name, i, row(found), ok)
		}
	}
	for _, slug := range slugs {
		for _, lang := range register.Languages {
			say("title "+slug+" "+lang, x.Titled(slug, lang))
		}
	}
	return lines
}

// vocabulary is what texts of madeUp are made of.
var vocabulary = strings.Fields("declaration statement migration trafficking persons human rights the of peace security childhood children cyber cybersecurity " +
	"déclaration conjointe paix école élèves Éducation derechos niñez seguridad مكافحة الاتجار بالأشخاص السلام 打击 贩运人口 和平 安全 декларация мир безопасность " +
	"co-operation twenty-five 2020 A/RES/75")

// madeUp makes a register up and goes on publishing in it.
type madeUp struct {
	*rand.Rand
	t       *testing.T
	stores  []*store.Store // of one file
	all     []*register.Participant
	codes   []string // of participants now
	renamed map[string]string
	kinds   map[string]register.ParticipantKind
	members []string // of the EU, as the register has it
	joined  string   // the day of the newest member
	topics  int
	made    int  // declarations
	took    bool // the register took what was published last
}

func newMadeUp(t *testing.T, seedNumber uint64, stores ...*store.Store) *madeUp {
	ref, err := seed.Reference()
	if err != nil {
		t.Fatal(err)
	}
	m := &madeUp{Rand: rand.New(rand.NewPCG(seedNumber, 9)), t: t, stores: stores, renamed: map[string]string{}, kinds: map[string]register.ParticipantKind{}}
	m.codes = strings.Fields("AUS BRA DEU EU FRA GBR JPN KEN POL USA VAT XKX")
	m.all = append(m.all, ref.Participants...)
	m.members, m.joined = []string{"DEU", "FRA", "POL"}, "2004-05-01"
	m.publish(store.Publication{Reference: m.reference()})
	return m
}

// reference is the reference data as it stands: nothing of it is shared with any other.
func (m *madeUp) reference() *register.Reference {
	var people []*register.Participant
	for _, p := range m.all {
		if !slices.Contains(m.codes, p.Code) {
			continue
		}
		c := *p
		c.Names, c.Formal, c.Successors = maps.Clone(p.Names), maps.Clone(p.Formal), nil
		if name := m.renamed[p.Code]; name != "" {
			c.Names["en"] = name
		}
		if kind := m.kinds[p.Code]; kind != "" {
			c.Kind = kind
		}
		people = append(people, &c)
	}
	group := func(code string, members ...string) *register.Group {
		g := &register.Group{Code: code, Kind: "political", Names: map[string]string{"en": "Group " + code}}
		for i, p := range members {
			one := register.Membership{Code: p, From: register.MustDate("1990-01-01")}
			if i+1 == len(members) && code == "EU" {
				one.From = register.MustDate(m.joined)
			}
			g.Members = append(g.Members, one)
		}
		return g
	}
	groups := []*register.Group{group("EU", m.members...), group("G7", "DEU", "FRA", "GBR", "JPN", "USA"), group("AFRICAN", "KEN")}
	topics := []*register.Topic{{Code: "human-rights", Names: map[string]string{"en": "Human rights", "fr": "Droits de l’homme"}},
		{Code: "migration", Names: map[string]string{"en": "Migration"}}, {Code: "health", Names: map[string]string{"en": "Health"}}}
	for i := range m.topics {
		topics = append(topics, &register.Topic{Code: fmt.Sprintf("made-up-%d", i), Names: map[string]string{"en": fmt.Sprintf("Peace %d", i)}})
	}
	return register.NewReference(people, groups, topics, nil)
}

// publish publishes through any of the stores, and says whether the register took it.
func (m *madeUp) publish(list ...store.Publication) bool {
	m.t.Helper()
	for i := range list {
		list[i].Reason, list[i].ReasonLang, list[i].Role = "Made up", "en", "publisher"
	}
	_, err := m.stores[m.IntN(len(m.stores))].Publish(context.Background(), list...)
	var invalid *register.Invalid
	switch {
	case err == nil:
		m.took = true
		return true
	case errors.As(err, &invalid), errors.Is(err, store.ErrUnchanged), errors.Is(err, store.ErrSlugTaken):
		return false
	}
	m.t.Fatal(err)
	return false
}

func (m *madeUp) some(n int) string {
	var words []string
	for range n {
		words = append(words, vocabulary[m.IntN(len(vocabulary))])
	}
	return strings.Join(words, " ")
}

func (m *madeUp) date() register.Date { return m.after(register.DayOf(2018, 1, 1)) }

// after is a date, known more or less, of the two years after a day.
func (m *madeUp) after(day register.Day) register.Date {
	d := (day + register.Day(m.IntN(730))).Date()
	switch m.IntN(10) {
	case 0:
		return register.Date{Year: d.Year}
	case 1:
		return register.Date{Year: d.Year, Month: d.Month}
	}
	return d
}

func (m *madeUp) code() string { return m.codes[m.IntN(len(m.codes))] }

// declaration is a new one, dated before and after those that are there.
func (m *madeUp) declaration() *register.Declaration {
	m.made++
	d := &register.Declaration{Slug: fmt.Sprintf("%s-%d", []string{"peace", "migration", "a-made-up"}[m.IntN(3)], m.made)}
	d.Sources = []register.Source{{Key: fmt.Sprintf("s%d", m.made), Publisher: "P", Title: "T", URL: "https://example.org/", Lang: "en", Kind: "press",
		ReadOn: register.MustDate("2025-06-01"), Supports: "Everything"}}
	if m.IntN(2) == 0 {
		d.Sources[0].Published = m.date()
	}
	for range 9 {
		m.correct(d)
	}
	if d.Titles == nil {
		d.Titles = []register.Title{{Lang: "en", Text: m.some(3), Standing: register.Unofficial}}
	}
	if m.IntN(6) > 0 && !d.Adopted.Known() {
		d.Adopted = m.date()
	}
	if d.Kind == "" {
		d.Kind = "pledge"
	}
	for range 2 + m.IntN(6) {
		m.act(d)
	}
	return d
}

// correct changes something of a declaration.
func (m *madeUp) correct(d *register.Declaration) {
	tristate := []register.Tristate{register.Yes, register.No, register.NotRecorded}[m.IntN(3)]
	switch m.IntN(11) {
	case 0:
		d.Adopted = m.date()
	case 1:
		d.Titles = nil
		for _, i := range m.Perm(len(register.Languages))[:1+m.IntN(2)] {
			d.Titles = append(d.Titles, register.Title{Lang: register.Languages[i], Text: m.some(1 + m.IntN(3)), Standing: register.Authentic})
		}
	case 2:
		d.Texts = []register.Text{{Lang: "en", Event: m.some(m.IntN(3)), Place: m.some(m.IntN(2)), Summary: m.some(m.IntN(4))}}
	case 3:
		d.Kind = register.Kinds[m.IntN(3)]
	case 4:
		d.Open = tristate
	case 5:
		d.Topics = []string{"human-rights", "migration", "health"}[m.IntN(3):]
		if m.topics > 0 && m.IntN(2) == 0 {
			d.Topics = []string{"made-up-0"}
		}
	case 6:
		d.Sponsors = nil
		for _, i := range m.Perm(len(m.codes))[:m.IntN(3)] {
			d.Sponsors = append(d.Sponsors, m.codes[i])
		}
	case 7:
		d.PresentedBy, d.PresenterDelegation = m.some(1), m.code()
	case 8:
		d.PresentedBy, d.PresenterDelegation = "", ""
	case 9:
		d.Stated = nil
		for range m.IntN(4) {
			s := register.Stated{Count: 1 + m.IntN(12), Counts: []string{register.StatesOnly, register.AllParticipants}[m.IntN(2)], Source: d.Sources[0].Key}
			if m.IntN(3) > 0 {
				s.Date = m.date()
			}
			d.Stated = append(d.Stated, s)
		}
	case 10:
		if n := len(d.Actions); n > 0 && d.Date().Known() {
			d.Actions[m.IntN(n)].Date = m.after(d.Date().First())
		}
	}
}

// act adds an action of a participant or a group.
func (m *madeUp) act(d *register.Declaration) {
	a := register.Action{Participant: m.code(), Source: d.Sources[0].Key, Kind: register.Signed, Capacity: register.Signatory}
	if m.IntN(8) == 0 {
		a.Participant, a.Group = "", []string{"EU", "G7"}[m.IntN(2)]
	}
	on, been, as, from := false, false, register.Signatory, max(d.Date().First(), register.DayOf(2018, 1, 1))
	for _, b := range d.Actions {
		if b.Participant == a.Participant && b.Group == a.Group {
			on, been, as, from = !b.Kind.Departure(), true, b.Capacity, max(from, b.Date.First())
		}
	}
	if m.IntN(5) > 0 && (a.Group == "" || m.IntN(2) == 0) {
		a.Date = m.after(from)
	}
	switch {
	case on && m.IntN(2) == 0: // another capacity: on the list, or from it to beside it, or back
		a.Kind, a.Capacity = register.Joined, []register.Capacity{register.CoSponsor, register.Supporter, register.Signatory}[m.IntN(3)]
		if a.Capacity == as {
			a.Kind, a.Capacity = register.AlignedItself, register.Aligned
		}
		if slices.ContainsFunc(d.Actions, func(b register.Action) bool {
			return b.Participant == a.Participant && b.Group == a.Group && b.Kind.Departure()
		}) && a.Kind != register.AlignedItself {
			a.Kind = register.Rejoined
		}
	case on, !been && m.IntN(8) == 0:
		a.Kind, a.Reason, a.JoiningNotRecorded = register.Withdrew, "withdrew_by_notice", !on
	case been:
		a.Kind = register.Rejoined
	case m.IntN(6) == 0:
		a.Kind, a.Capacity = register.AlignedItself, register.Aligned
	case m.IntN(3) == 0:
		a.Kind = register.Joined
	}
	d.Actions = append(d.Actions, a)
}

// goOn publishes something that the register takes, and says what.
func (m *madeUp) goOn() (what string) {
	for m.took = false; !m.took; {
		what = m.try()
	}
	return what
}

func (m *madeUp) try() string {
	ctx := context.Background()
	head := at(m.t, m.stores[0], 0)
	any := func(v *store.View) *store.Entry {
		var all []*store.Entry
		if err := store.EachWhole(ctx, v, func(e *store.Entry) error { all = append(all, e); return nil }); err != nil {
			m.t.Fatal(err)
		}
		if len(all) == 0 {
			return nil
		}
		return all[m.IntN(len(all))]
	}
	e := any(head)
	kind := m.IntN(20)
	if e == nil {
		kind = 0
	}
	replace := func(change func(d *register.Declaration)) {
		d := e.Declaration
		d.Actions = slices.Clone(d.Actions)
		change(&d)
		m.publish(store.Publication{Declaration: &d, ID: e.ID, Base: head.Revision})
	}
	switch {
	case kind < 5:
		var list []store.Publication
		for range 1 + m.IntN(3) {
			list = append(list, store.Publication{Declaration: m.declaration()})
		}
		m.publish(list...)
		return "new declarations"
	case kind < 8:
		replace(m.act)
		return "an action on " + e.Slug
	case kind < 11:
		replace(func(d *register.Declaration) { m.correct(d); m.correct(d) })
		return "a correction of " + e.Slug
	case kind < 12:
		m.made++
		replace(func(d *register.Declaration) { d.Slug = fmt.Sprintf("renamed-%d", m.made) })
		return "another address for " + e.Slug
	case kind < 14:
		replace(func(d *register.Declaration) {
			if d.MergedInto == "" {
				d.MergedInto = any(head).Slug
			} else {
				d.MergedInto = ""
			}
		})
		return "retiring " + e.Slug + " or its return"
	case kind < 16 && head.Revision > 3:
		before := at(m.t, m.stores[0], 2+m.IntN(head.Revision-2))
		if old, err := before.ByID(ctx, e.ID); err == nil {
			d := old.Declaration
			m.publish(store.Publication{Declaration: &d, ID: e.ID, Base: head.Revision})
		}
		return "undoing what was done to " + e.Slug
	case kind < 17:
		var list []store.Publication
		for range 3 {
			if x := any(head); !slices.ContainsFunc(list, func(p store.Publication) bool { return p.ID == x.ID }) {
				d := x.Declaration
				d.Actions = slices.Clone(d.Actions)
				m.act(&d)
				m.correct(&d)
				list = append(list, store.Publication{Declaration: &d, ID: x.ID, Base: head.Revision})
			}
		}
		m.publish(list...)
		return "several at once"
	}
	before := *m
	what := "reference data"
	switch m.IntN(7) {
	case 0:
		p := m.all[m.IntN(len(m.all))]
		if m.codes = slices.Clone(m.codes); !slices.Contains(m.codes, p.Code) {
			m.codes = append(m.codes, p.Code)
			slices.Sort(m.codes)
		}
		what = "a new participant, " + p.Code
	case 1:
		if i := m.IntN(len(m.codes)); !slices.Contains(strings.Fields("DEU FRA POL GBR JPN USA KEN EU"), m.codes[i]) && !used(m.t, head, m.codes[i]) {
			what = m.codes[i] + " taken out"
			m.codes = slices.Delete(slices.Clone(m.codes), i, i+1)
		}
	case 2:
		m.renamed = maps.Clone(m.renamed)
		m.renamed[m.code()] = "Peace of " + m.some(1)
		what = "a new name"
	case 3:
		m.kinds = maps.Clone(m.kinds)
		m.kinds[m.code()] = register.ParticipantKinds[m.IntN(4)]
		what = "another kind"
	case 4:
		m.members = []string{"DEU", "FRA", "POL"}[:1+m.IntN(3)]
		what = "other members"
	case 5:
		m.joined = fmt.Sprintf("20%d-05-01", 19+m.IntN(4))
		what = "another day of joining a group"
	case 6:
		m.topics++
		what = "a new topic"
	}
	if !m.publish(store.Publication{Reference: m.reference()}) {
		m.codes, m.renamed, m.kinds, m.members, m.joined, m.topics = before.codes, before.renamed, before.kinds, before.members, before.joined, before.topics
	}
	return what
}

// used says that a declaration, retired ones too, has to do with a participant.
func used(t *testing.T, v *store.View, code string) bool {
	found := false
	err := store.EachWhole(context.Background(), v, func(e *store.Entry) error {
		found = found || slices.Contains(e.Sponsors, code) || e.PresenterDelegation == code ||
			slices.ContainsFunc(e.Actions, func(a register.Action) bool { return a.Participant == code })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// alikeIn fails where two indexes do not say the same.
func alikeIn(t *testing.T, v *store.View, got, want []string, what string) {
	t.Helper()
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("revision %d, after %s:\nthe index kept says %s\none made afresh says %s", v.Revision, what, got[min(i, len(got)-1)], want[i])
		}
	}
	if len(got) > len(want) {
		t.Fatalf("revision %d, after %s: the index kept says too: %s", v.Revision, what, got[len(want)])
	}
}

// countsAreTallied compares the rows and the sets of an index with what the fold of the register says of every declaration.
func countsAreTallied(t *testing.T, v *store.View, x *store.Index) {
	t.Helper()
	err := store.EachWhole(context.Background(), v, func(e *store.Entry) error {
		r, ok := x.BySlug(e.Slug)
		if !ok || e.MergedInto != "" {
			return nil
		}
		c := e.Tally(v.Ref, x.Day)
		got := fmt.Sprint(r.Named, r.InEffect, r.Unsettled, r.NotNamed, r.InEffectMembers, r.InEffectOrgs)
		if want := fmt.Sprint(c.Named.Total, c.InEffect.Total, c.Unsettled.Total, c.NotNamed, c.InEffect.Members, c.InEffect.Orgs); got != want {
			t.Fatalf("revision %d, %s on %s: the index has %s, the fold %s\n%+v", v.Revision, e.Slug, x.Day, got, want, e.Actions)
		}
		var on, unsettled, left, beside, group int
		for _, p := range v.Ref.Participants {
			for _, s := range x.Stands(r, p.Code) {
				switch s {
				case store.OnList:
					on++
				case store.MayBeOnList:
					unsettled++
				case store.HasLeft:
					left++
				case store.BesideList:
					beside++
				}
			}
			rows, _ := x.Through(p.Code, 1<<20)
			for _, t := range rows {
				if t.Slug == e.Slug && !t.Unsettled {
					group++
				} else if t.Slug == e.Slug {
					group += 1000
				}
			}
		}
		got = fmt.Sprint(on, unsettled, left, beside, group)
		if want := fmt.Sprint(c.InEffect.Total, c.Unsettled.Total, c.Left.Total, c.Supporters.Total+c.Aligned.Total, c.Implied.Total+1000*c.ImpliedUnsettled.Total); got != want {
			t.Fatalf("revision %d, %s on %s: the sets of the index have %s, the fold %s\n%+v", v.Revision, e.Slug, x.Day, got, want, e.Actions)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// headsAreRead compares what is kept of declarations for lists with what the register says.
func headsAreRead(t *testing.T, v *store.View, x *store.Index) {
	t.Helper()
	ctx := context.Background()
	rows, _ := x.Find(register.Filter{}, register.Sort{By: "date"}, "en", 0, 0)
	var ids []int64
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	heads, err := v.Heads(ctx, ids)
	if err != nil || len(heads) != len(ids) {
		t.Fatalf("%d heads of %d: %v", len(heads), len(ids), err)
	}
	for i, h := range heads {
		e, err := v.ByID(ctx, ids[i])
		if err != nil {
			t.Fatal(err)
		}
		say := func(e *store.Entry) string {
			return fmt.Sprintf("%+v", []any{e.ID, e.Slug, e.Kind, e.Date(), e.Open, e.Titles, e.Texts, e.Sponsors, e.Topics, e.PresentedBy})
		}
		if say(h) != say(e) {
			t.Fatalf("revision %d: a list shows %s, the register has %s", v.Revision, say(h), say(e))
		}
	}
}

// TestOldHeadsAreForgotten: what lists keep of declarations does not grow with the publications, but holds for those that read a
// revision which is still kept.
func TestOldHeadsAreForgotten(t *testing.T) {
	s := opened(t, copied(t))
	ctx := context.Background()
	read := func(v *store.View) {
		x, err := v.Index(ctx, register.MustDate("2026-06-01").First())
		if err != nil {
			t.Fatal(err)
		}
		headsAreRead(t, v, x)
	}
	read(at(t, s, 0))
	most := store.HeadsKept(s) + 3 // as many older states as there are indexes
	for i := range 20 {
		before := at(t, s, 0)
		change(t, s, "tech-trafficking-2025", "Made up for a test", func(d *register.Declaration) { d.PresentedBy = fmt.Sprint(i) })
		read(at(t, s, 0))
		read(before)
		if n := store.HeadsKept(s); n > most {
			t.Fatalf("%d are kept after %d publications, want at most %d", n, i+1, most)
		}
	}
}

// An index that follows the publications, of its own process and of another one, says what one made of the whole register
// says, and what the fold of each declaration says, on every day and of every revision, and the older ones go on to say what they said.
func TestIndexFollowsPublications(t *testing.T) {
	seeds, rounds := []uint64{1, 2, 3}, 60
	if n, err := strconv.Atoi(os.Getenv("COSIGNATORY_INDEX_SEEDS")); err == nil {
		seeds = nil
		for i := range n {
			seeds = append(seeds, uint64(i+10))
		}
	}
	for _, number := range seeds {
		t.Run(fmt.Sprint(number), func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			path := filepath.Join(t.TempDir(), "register.db")
			s, other := opened(t, path), opened(t, path)
			m := newMadeUp(t, number, s, other)
			type said struct {
				view *store.View
				x    *store.Index
				says []string
				seed uint64
			}
			var before []said
			today := register.MustDate("2021-06-01").First()
			if _, err := at(t, s, 0).Index(ctx, today); err != nil {
				t.Fatal(err)
			}
			for round := range rounds {
				what := m.goOn()
				if m.IntN(4) == 0 {
					today += register.Day(m.IntN(60))
				}
				v := at(t, s, 0)
				days := []register.Day{today}
				switch m.IntN(4) {
				case 0:
					days = append(days, m.date().Last())
				case 1:
					if m.IntN(3) == 0 && v.Revision > 2 {
						v = at(t, s, 1+m.IntN(v.Revision-1))
						what = "going back, " + what
					}
				}
				for _, day := range days {
					x, err := v.Index(ctx, day)
					if err != nil {
						t.Fatal(err)
					}
					fresh, err := store.Afresh(ctx, v, day)
					if err != nil {
						t.Fatal(err)
					}
					headsAreRead(t, v, x)
					countsAreTallied(t, v, x)
					n := uint64(round)
					got := answers(v, x, n)
					alikeIn(t, v, got, answers(v, fresh, n), what)
					before = append(before, said{v, x, got, n})
				}
				if k := m.IntN(len(before)); round%3 == 0 {
					alikeIn(t, before[k].view, answers(before[k].view, before[k].x, before[k].seed), before[k].says, "later publications")
				}
			}
			if n := store.Built(s); n != 1 {
				t.Errorf("all of the register was read %d times", n)
			}
		})
	}
}

// Readers of older indexes are not disturbed by the ones that follow.
func TestIndexesAreReadWhileOthersFollow(t *testing.T) {
	ctx := context.Background()
	s := opened(t, filepath.Join(t.TempDir(), "register.db"))
	m := newMadeUp(t, 77, s)
	day := register.MustDate("2021-06-01").First()
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				v, err := s.At(ctx, 0)
				if err != nil {
					t.Error(err)
					return
				}
				x, err := v.Index(ctx, day)
				if err != nil {
					t.Error(err)
					return
				}
				if a, b := answers(v, x, 5), answers(v, x, 5); !slices.Equal(a, b) {
					t.Error("an index changed while it was read")
					return
				}
			}
		})
	}
	for range 15 {
		m.goOn()
	}
	close(done)
	readers.Wait()
}

// Where nobody knows when a group came onto a list, its members are those of the day asked for: the index of a day that is
// made of another day's counts them anew (D6, D11).
func TestIndexOfAnotherDayCountsItsMembers(t *testing.T) {
	ctx := context.Background()
	s := opened(t, filepath.Join(t.TempDir(), "register.db"))
	m := newMadeUp(t, 1, s)
	d := &register.Declaration{Slug: "undated", Kind: "pledge", Titles: []register.Title{{Lang: "en", Text: "Undated", Standing: register.Unofficial}},
		Stated:  []register.Stated{{Count: 5, Counts: register.StatesOnly, Source: "s"}},
		Sources: []register.Source{{Key: "s", Publisher: "P", Title: "T", URL: "https://example.org/", Kind: "press"}},
		Actions: []register.Action{{Group: "EU", Kind: register.Signed, Capacity: register.Signatory, Source: "s"}}}
	if !m.publish(store.Publication{Declaration: d}) {
		t.Fatal("it is refused")
	}
	v := at(t, s, 0)
	for _, c := range []struct {
		day  string
		want int
	}{{"2000-01-01", 3}, {"2010-01-01", 2}, {"2000-01-02", 3}} {
		x, err := v.Index(ctx, register.MustDate(c.day).First())
		if err != nil {
			t.Fatal(err)
		}
		if r, _ := x.BySlug("undated"); r.NotNamed != c.want {
			t.Errorf("on %s %d of the five are not named, want %d", c.day, r.NotNamed, c.want)
		}
	}
}
