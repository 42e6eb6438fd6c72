package seed_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"cosignatory/seed"
	"cosignatory/store"
	"cosignatory/store/register"
)

func loaded(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), filepath.Join(t.TempDir(), "register.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if _, err := seed.Load(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	return s
}

// The figures are those of the README beside the data: what stands on record today, and what is stated.
func TestShippedRegister(t *testing.T) {
	ctx := context.Background()
	s := loaded(t)
	v, err := s.At(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	if v.Revision != 27 {
		t.Errorf("%d revisions, want 27: two of reference data and one a declaration", v.Revision)
	}
	want := map[string][2]int{ // in effect, stated
		"tech-trafficking-2025": {12, 44}, "geneva-consensus-2020": {39, 40}, "peace-framework-ukraine-2024": {94, 94},
		"arbitrary-detention-2021": {59, 69}, "xinjiang-hong-kong-2020": {39, 39}, "xinjiang-support-2020": {45, 45},
		"xinjiang-2022": {50, 50}, "hrc51-china-ohchr-2022": {28, 0}, "commercial-spyware-2023": {21, 21},
		"counter-ransomware-2024": {68, 68}, "los-angeles-migration-2022": {21, 22}, "atlantic-cooperation-2023": {32, 32},
		"future-of-internet-2022": {61, 61}, "military-ai-2023": {46, 56}, "triple-nuclear-2023": {31, 31}, "safe-schools-2015": {120, 120},
		"p5-nuclear-war-2022": {5, 5}, "artemis-accords-2020": {61, 61}, "online-scams-partnership-2025": {5, 5},
		"kampala-migration-climate-2022": {10, 15}, "san-jose-trafficking-2023": {15, 0}, "brasilia-refugees-2010": {18, 18},
		"brasilia-consensus-ecuador-2024": {11, 0}, "us-pacific-2022": {15, 0}, "export-controls-rights-2021": {4, 0},
	}
	day := register.DayOf(2026, 11, 23)
	n := 0
	err = v.Each(ctx, func(e *store.Entry) error {
		n++
		c := e.Tally(v.Ref, day)
		stated := 0
		if c.Stated != nil {
			stated = c.Stated.Count
		}
		if got := [2]int{c.InEffect.Total, stated}; got != want[e.Slug] {
			t.Errorf("%s: in effect and stated are %v, want %v (unsettled %d)", e.Slug, got, want[e.Slug], c.Unsettled.Total)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n != len(want) {
		t.Errorf("%d declarations, want %d", n, len(want))
	}
	if err := s.Verify(ctx, nil); err != nil {
		t.Error(err)
	}
}

// The index counts by itself, for speed; it must say what the fold says, on any day.
func TestIndexAgreesWithTheFold(t *testing.T) {
	ctx := context.Background()
	s := loaded(t)
	v, err := s.At(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, date := range []string{"2026-11-23", "2024-06-16", "2024-06-17", "2024-11-13", "2023-02-16", "2022-05-15", "2020-10-22", "2015-05-29", "2000-01-01"} {
		day := register.MustDate(date).First()
		x, err := v.Index(ctx, day)
		if err != nil {
			t.Fatal(err)
		}
		err = v.Each(ctx, func(e *store.Entry) error {
			c := e.Tally(v.Ref, day)
			stated := 0
			if c.Stated != nil {
				stated = c.Stated.Count
			}
			want := store.Row{ID: e.ID, Slug: e.Slug, Date: e.Date(), Stated: stated, Named: c.Named.Total, InEffect: c.InEffect.Total, Unsettled: c.Unsettled.Total,
				NotNamed: c.NotNamed, InEffectMembers: c.InEffect.Members, InEffectObservers: c.InEffect.Observers, InEffectOthers: c.InEffect.Others,
				InEffectOrgs: c.InEffect.Orgs}
			if c.Stated != nil {
				want.StatedCounts = c.Stated.Counts
			}
			if r, ok := x.BySlug(e.Slug); !ok || *r != want {
				t.Errorf("%s on %s: the index says %+v, the fold %+v", e.Slug, date, *r, want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestTwiceIsAsOnce(t *testing.T) {
	ctx := context.Background()
	s := loaded(t)
	r, err := seed.Load(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	if r.Published != 0 || r.Unchanged != 25 || len(r.Kept) != 0 {
		t.Errorf("a second load: %+v, want nothing published and 25 unchanged", r)
	}
}

func TestStaffChangesAreKept(t *testing.T) {
	ctx := context.Background()
	s := loaded(t)
	v, err := s.At(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	e, err := v.Declaration(ctx, "tech-trafficking-2025")
	if err != nil {
		t.Fatal(err)
	}
	d := e.Declaration
	d.Open = register.No
	if _, err := s.Publish(ctx, store.Publication{Declaration: &d, ID: e.ID, Base: v.Revision, Reason: "The mission says that the list is closed", ReasonLang: "en", Role: "publisher"}); err != nil {
		t.Fatal(err)
	}
	r, err := seed.Load(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	if r.Published != 0 || len(r.Kept) != 1 || r.Kept[0] != "tech-trafficking-2025" {
		t.Errorf("loading again after staff changed a declaration: %+v", r)
	}
}

// What recognition rests on: a name read as search and recognition read it is of one participant, or on record as ambiguous.
func TestNamesAreOfOneParticipant(t *testing.T) {
	v, err := loaded(t).At(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	ambiguous := map[string]register.Ambiguous{}
	marked := map[string]register.Ambiguous{} // names by their marks alone
	for _, a := range v.Ref.Ambiguous {
		if a.Rule == "marks" {
			marked[a.Text] = a
			continue
		}
		key := register.Fold(a.Text)
		if b, ok := ambiguous[key]; ok && (a.Rule != b.Rule || !slices.Equal(a.Codes, b.Codes)) {
			t.Errorf("%q and %q are read alike and are %v by rule %s, %v by rule %s", b.Text, a.Text, b.Codes, b.Rule, a.Codes, a.Rule)
		}
		ambiguous[key] = a
	}
	codes := map[string][]string{}
	for _, p := range v.Ref.Participants {
		var names []string
		for _, n := range p.Names {
			names = append(names, n)
		}
		for _, n := range p.Formal {
			names = append(names, n)
		}
		for _, a := range p.Aliases {
			if a.Kind != "adjective" {
				names = append(names, a.Text)
			}
		}
		for _, n := range names {
			if a, ok := marked[n]; ok {
				if !slices.Contains(a.Codes, p.Code) {
					t.Errorf("%q is a name of %s, and by its marks of %v only", n, p.Code, a.Codes)
				}
				continue
			}
			key := register.Fold(n)
			if key == "" {
				t.Errorf("%s: nothing is left of the name %q", p.Code, n)
			}
			if !slices.Contains(codes[key], p.Code) {
				codes[key] = append(codes[key], p.Code)
			}
		}
	}
	for key, of := range codes {
		a, ok := ambiguous[key]
		switch {
		case !ok && len(of) > 1:
			t.Errorf("%q is a name of %v and not on record as ambiguous", key, of)
		case ok && a.Rule == "never":
			t.Errorf("%q is a name of %v and by its rule of nobody", a.Text, of)
		case ok:
			for _, code := range of {
				if !slices.Contains(a.Codes, code) {
					t.Errorf("%q is a name of %s, and ambiguous between %v only", a.Text, code, a.Codes)
				}
			}
		}
	}
}

// A phrase stands for the members of one group.
func TestNamesOfGroupsAreOfOneGroup(t *testing.T) {
	v, err := loaded(t).At(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]string{}
	for _, g := range v.Ref.Groups {
		var names []string
		for _, n := range g.Names {
			names = append(names, n)
		}
		for _, a := range g.Aliases {
			names = append(names, a.Text)
		}
		for _, n := range names {
			key := register.Fold(n)
			if other, ok := of[key]; ok && other != g.Code {
				t.Errorf("%q is a name of %s and of %s", n, other, g.Code)
			}
			of[key] = g.Code
		}
		if len(g.Aliases) == 0 {
			t.Errorf("%s has no names besides its own", g.Code)
		}
	}
}
