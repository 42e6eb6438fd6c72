package store

import (
	"bytes"
	"context"
	"fmt"
	"math/bits"
	"slices"
	"sort"
	"strings"
	"sync"

	"cosignatory/store/register"
)

// Index answers lists, filters and counts of one revision on one day from memory, in time that hardly grows with the
// register. It is read-only once made and safe for concurrent use. Declarations are known in it by their place, from 0 in
// the order in which they came onto the register.
type Index struct {
	Revision int
	Day      register.Day

	base *base
	rows []Row
	// By index of the participant: on the list, may be on it, has left it (in a counted capacity); beside it.
	inEffect, unsettled, left, beside []bitset
	totals                            Totals

	mu       sync.Mutex
	byNumber map[string][]int32 // orders by a number, made when they are first asked for
	groups   []bitset           // see ofGroups
	whole    *Facets            // of the filter that chooses all
	asked    asked
}

// Row is one declaration in the index.
type Row struct {
	ID                                                               int64
	Slug                                                             string
	Date                                                             register.Date
	Stated, Named, InEffect, Unsettled, NotNamed                     int
	StatedCounts                                                     string // what Stated counts
	InEffectMembers, InEffectObservers, InEffectOthers, InEffectOrgs int
}

// Totals are the register in numbers on a day.
type Totals struct {
	Participations, Actions                                    int // participants on declarations, in whatever status; what happened to them and to groups
	Declarations, Participants, Signatures, Sources, Revisions int
	Stated, NotNamed                                           int // over declarations that state a number
}

// base is what the index knows of a revision whatever the day.
type base struct {
	revision int
	ref      *register.Reference
	entries  []entry
	moments  []register.Moment // of all timelines, one after the other
	bySlug   map[string]int
	sponsor  map[string]bitset
	topic    map[string]bitset
	kind     map[register.Kind]bitset
	open     map[register.Tristate]bitset
	presents map[string]bitset // by delegation
	byDate   []int32           // places by date, undated last, then by slug
	byTitle  map[string][]int32
	sources  int
	actions  int   // with those of group lines
	lines    int   // timelines of participants
	texts    terms // of titles, events, places, summaries, presenters and slugs, with their fields
	events   words
	names    func() *names
	recent   struct { // see recency
		once     sync.Once
		rank, at []int32
	}

	mu    sync.Mutex
	byDay []*Index // the newest use last
}

// entry is one declaration in a base.
type entry struct {
	id      int64
	slug    string
	date    register.Date
	stated  []register.Stated
	lines   []line
	implied bool         // has group lines
	first   register.Day // that the date can mean, and the last
	last    register.Day
	doc     *register.Declaration // only where a group line needs the whole fold
	title   map[string]titled     // by the reader's language where it is not that of "", the English reader's
}

// titled is a title and the language that it is in.
type titled struct{ text, lang string }

// titleIn is the title for a reader of a language.
func (e *entry) titleIn(lang string) titled {
	if t, ok := e.title[lang]; ok {
		return t
	}
	return e.title[""]
}

// line is one timeline: moments[from:to] of the participant with that index.
type line struct {
	participant int16
	from, to    int32
}

// The days kept for one revision, and the revisions kept.
const (
	daysKept      = 8
	revisionsKept = 3
)

// Index is the index of the view's revision on a day. The first call at a revision reads the register once; later ones
// wait for it and share it.
func (v *View) Index(ctx context.Context, day register.Day) (*Index, error) {
	b, err := v.store.baseAt(ctx, v)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, x := range b.byDay {
		if x.Day == day {
			b.byDay = append(slices.Delete(b.byDay, i, i+1), x)
			return x, nil
		}
	}
	x := b.on(day)
	b.byDay = append(b.byDay, x)
	if len(b.byDay) > daysKept {
		b.byDay = slices.Delete(b.byDay, 0, 1)
	}
	return x, nil
}

func (s *Store) baseAt(ctx context.Context, v *View) (*base, error) {
	s.mu.Lock()
	for i, b := range s.indexes {
		if b.revision == v.Revision {
			s.indexes = append(slices.Delete(s.indexes, i, i+1), b)
			s.mu.Unlock()
			return b, nil
		}
	}
	s.mu.Unlock()
	s.indexing.Lock() // one reader of the whole register at a time
	defer s.indexing.Unlock()
	s.mu.Lock()
	for _, b := range s.indexes {
		if b.revision == v.Revision {
			s.mu.Unlock()
			return b, nil
		}
	}
	s.mu.Unlock()
	b, err := v.buildBase(ctx)
	if err != nil {
		return nil, plain(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.indexes = append(s.indexes, b)
	if len(s.indexes) > revisionsKept {
		s.indexes = slices.Delete(s.indexes, 0, 1)
	}
	return b, nil
}

// plainActions stand for every action in the index: the fold asks a moment's action only whether it is a departure and
// whether its capacity is counted.
var plainActions = func() map[[2]bool]*register.Action {
	m := map[[2]bool]*register.Action{}
	for _, departure := range []bool{false, true} {
		for _, counted := range []bool{false, true} {
			a := &register.Action{Kind: register.Signed, Capacity: register.Signatory}
			if departure {
				a.Kind = register.Withdrew
			}
			if !counted {
				a.Capacity = register.Aligned
			}
			m[[2]bool{departure, counted}] = a
		}
	}
	return m
}()

func (v *View) buildBase(ctx context.Context) (*base, error) {
	b := &base{revision: v.Revision, ref: v.Ref, bySlug: map[string]int{}, sponsor: map[string]bitset{}, topic: map[string]bitset{},
		kind: map[register.Kind]bitset{}, open: map[register.Tristate]bitset{}, presents: map[string]bitset{}, byTitle: map[string][]int32{}}
	b.names = func() *names { return v.store.names(v.Ref) }
	var n int
	if err := v.store.reader.QueryRowContext(ctx, "SELECT count(*) FROM declaration WHERE rev_from <= ? AND ? < rev_to AND merged_into = ''",
		v.Revision, v.Revision).Scan(&n); err != nil {
		return nil, err
	}
	set := func(m map[string]bitset, key string, i int) {
		if m[key] == nil {
			m[key] = newBitset(n)
		}
		m[key].add(i)
	}
	err := v.Each(ctx, func(e *Entry) error {
		i := len(b.entries)
		if i >= n {
			return fmt.Errorf("more declarations than counted: %w", ErrDamaged)
		}
		x := entry{id: e.ID, slug: e.Slug, date: e.Date(), stated: e.Stated, title: map[string]titled{}}
		x.first, x.last = x.date.First(), x.date.Last()
		for _, t := range e.Titles {
			b.texts.add(t.Text, i, uint8(InTitle))
		}
		for _, t := range e.Texts {
			b.texts.add(t.Event, i, uint8(InEvent))
			b.texts.add(t.Place, i, uint8(InPlace))
			b.texts.add(t.Summary, i, uint8(InSummary))
			b.events.add(register.Fold(t.Event), i)
		}
		b.texts.add(e.PresentedBy, i, uint8(InPresenter))
		b.texts.add(e.Slug, i, uint8(InSlug))
		of := func(lang string) titled {
			t := e.TitleIn(lang)
			return titled{t.Text, t.Lang}
		}
		first := of("en")
		x.title[""] = first
		for _, lang := range register.Languages {
			if t := of(lang); t != first {
				x.title[lang] = t
			}
		}
		for _, t := range e.Timelines() {
			b.actions += len(t.Moments)
			if t.Group != "" {
				x.implied = true
				continue
			}
			p := v.Ref.Index(t.Participant)
			if p < 0 {
				return fmt.Errorf("participant %s of %s is not in the reference data: %w", t.Participant, e.Slug, ErrDamaged)
			}
			b.lines++
			from := int32(len(b.moments))
			for _, m := range t.Moments {
				m.Action = plainActions[[2]bool{m.Action.Kind.Departure(), m.Action.Capacity.Counted()}]
				b.moments = append(b.moments, m)
			}
			x.lines = append(x.lines, line{int16(p), from, int32(len(b.moments))})
		}
		if x.implied {
			d := e.Declaration
			x.doc = &d
		}
		for _, code := range e.Sponsors {
			set(b.sponsor, code, i)
		}
		for _, code := range e.Topics {
			set(b.topic, code, i)
		}
		if e.PresenterDelegation != "" {
			set(b.presents, e.PresenterDelegation, i)
		}
		if b.kind[e.Kind] == nil {
			b.kind[e.Kind] = newBitset(n)
		}
		b.kind[e.Kind].add(i)
		if b.open[e.Open] == nil {
			b.open[e.Open] = newBitset(n)
		}
		b.open[e.Open].add(i)
		b.sources += len(e.Sources)
		b.bySlug[e.Slug] = i
		b.entries = append(b.entries, x)
		return nil
	})
	if err != nil {
		return nil, err
	}
	b.texts.done()
	b.events.done(n)
	b.byDate = make([]int32, len(b.entries))
	for i := range b.byDate {
		b.byDate[i] = int32(i)
	}
	sort.SliceStable(b.byDate, func(i, j int) bool {
		x, y := &b.entries[b.byDate[i]], &b.entries[b.byDate[j]]
		if c := x.date.Compare(y.date); c != 0 {
			return c < 0
		}
		return x.slug < y.slug
	})
	return b, nil
}

// titleOrder is the order of titles in a language, made when it is first asked for. The base's lock is not held.
func (b *base) titleOrder(lang string) []int32 {
	b.mu.Lock()
	defer b.mu.Unlock()
	if order := b.byTitle[lang]; order != nil {
		return order
	}
	keys := make([][]byte, len(b.entries))
	c := register.NewCollator(lang)
	order := make([]int32, len(b.entries))
	for i := range b.entries {
		t := b.entries[i].titleIn(lang).text
		keys[i], order[i] = c.Key(t), int32(i)
	}
	sort.SliceStable(order, func(i, j int) bool { return bytes.Compare(keys[order[i]], keys[order[j]]) < 0 })
	b.byTitle[lang] = order
	return order
}

// on works out the day: who stands where, and the counts. It must say of every declaration what register's Tally says;
// a test holds it to that.
func (b *base) on(day register.Day) *Index {
	n, people := len(b.entries), len(b.ref.Participants)
	x := &Index{Revision: b.revision, Day: day, base: b, rows: make([]Row, n)}
	for _, sets := range []*[]bitset{&x.inEffect, &x.unsettled, &x.left, &x.beside} {
		*sets = make([]bitset, people)
	}
	mark := func(sets []bitset, participant int16, i int) {
		if sets[participant] == nil {
			sets[participant] = newBitset(n)
		}
		sets[participant].add(i)
	}
	for i := range b.entries {
		e := &b.entries[i]
		r := &x.rows[i]
		r.ID, r.Slug, r.Date = e.id, e.slug, e.date
		d := register.Declaration{Stated: e.stated}
		stated := d.StatedOn(day)
		var counted register.Day // the day that the stated number is held against
		var dated bool
		if stated != nil {
			counted, dated = stated.On(day)
		}
		stood, stoodStates := 0, 0
		for _, l := range e.lines {
			moments := b.moments[l.from:l.to]
			kind := b.ref.Participants[l.participant].Kind
			if dated && register.MayHaveStood(moments, counted) {
				stood++
				if kind != register.Organization {
					stoodStates++
				}
			}
			s := register.StateOn(moments, day)
			if s.Status == register.NotYet {
				continue
			}
			if !s.Capacity.Counted() {
				if s.Status != register.Left {
					mark(x.beside, l.participant, i)
				}
				continue
			}
			r.Named++
			if !dated {
				stood++
				if kind != register.Organization {
					stoodStates++
				}
			}
			switch s.Status {
			case register.InEffect:
				r.InEffect++
				switch kind {
				case register.Member:
					r.InEffectMembers++
				case register.Observer:
					r.InEffectObservers++
				case register.Organization:
					r.InEffectOrgs++
				default:
					r.InEffectOthers++
				}
				mark(x.inEffect, l.participant, i)
			case register.Unsettled:
				r.Unsettled++
				mark(x.unsettled, l.participant, i)
			case register.Left:
				mark(x.left, l.participant, i)
			}
		}
		if stated != nil {
			r.Stated, r.StatedCounts, r.NotNamed = stated.Count, stated.Counts, max(0, stated.Count-stood)
			if stated.Counts == register.StatesOnly {
				r.NotNamed = max(0, stated.Count-stoodStates)
			}
			if e.implied {
				r.NotNamed = e.doc.Tally(b.ref, day).NotNamed
			}
			x.totals.Stated += r.Stated
			x.totals.NotNamed += r.NotNamed
		}
		x.totals.Signatures += r.InEffect
	}
	for p := range people {
		if x.inEffect[p] != nil {
			x.totals.Participants++
		}
	}
	x.totals.Declarations, x.totals.Sources, x.totals.Revisions = n, b.sources, b.revision
	x.totals.Participations, x.totals.Actions = b.lines, b.actions
	return x
}

// Totals are the register in numbers.
func (x *Index) Totals() Totals { return x.totals }

// BySlug is the row of a living declaration.
func (x *Index) BySlug(slug string) (*Row, bool) {
	i, ok := x.base.bySlug[slug]
	if !ok {
		return nil, false
	}
	return &x.rows[i], true
}

// Find chooses and orders declarations: the rows from skip on, at most limit (all of them for a limit of 0), and how many
// there are in all. Titles are ordered in lang's collation.
func (x *Index) Find(f register.Filter, by register.Sort, lang string, skip, limit int) (rows []*Row, total int) {
	chosen := x.choose(f)
	total = chosen.count()
	if limit == 0 {
		limit = total
	}
	order := x.order(by, lang)
	take := func(i int32) bool {
		if !chosen.has(int(i)) {
			return true
		}
		if skip > 0 {
			skip--
			return true
		}
		rows = append(rows, &x.rows[i])
		return len(rows) < limit
	}
	if skip >= total {
		return nil, total
	}
	dated := len(order)
	if by.By == "date" {
		for dated > 0 && !x.rows[order[dated-1]].Date.Known() {
			dated--
		}
	}
	if by.Descending {
		for i := dated - 1; i >= 0; i-- {
			if !take(order[i]) {
				return rows, total
			}
		}
		for _, i := range order[dated:] {
			if !take(i) {
				return rows, total
			}
		}
		return rows, total
	}
	for _, i := range order {
		if !take(i) {
			break
		}
	}
	return rows, total
}

func (x *Index) order(by register.Sort, lang string) []int32 {
	var number func(r *Row) int
	switch by.By {
	case "title":
		return x.base.titleOrder(lang)
	case "stated":
		number = func(r *Row) int { return r.Stated }
	case "named":
		number = func(r *Row) int { return r.Named }
	case "in_effect":
		number = func(r *Row) int { return r.InEffect }
	default:
		return x.base.byDate
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	order := x.byNumber[by.By]
	if order == nil {
		order = slices.Clone(x.base.byDate)
		sort.SliceStable(order, func(i, j int) bool { return number(&x.rows[order[i]]) < number(&x.rows[order[j]]) })
		if x.byNumber == nil {
			x.byNumber = map[string][]int32{}
		}
		x.byNumber[by.By] = order
	}
	return order
}

func (x *Index) choose(f register.Filter) bitset {
	b := x.base
	n := len(b.entries)
	chosen := newBitset(n)
	chosen.fill(n)
	with := func(s bitset) {
		for i := range chosen {
			if s == nil {
				chosen[i] = 0
			} else {
				chosen[i] &= s[i]
			}
		}
	}
	if f.Topic != "" {
		with(b.topic[f.Topic])
	}
	if f.Kind != "" {
		with(b.kind[f.Kind])
	}
	if f.Sponsor != "" {
		with(b.sponsor[f.Sponsor])
	}
	if f.Open != "" {
		with(b.open[f.Open])
	}
	if f.Signatory != "" {
		with(x.present(f.Signatory))
	}
	if f.Group != "" {
		with(x.ofGroup(f.Group))
	}
	asked := sought(register.Words(f.Query))
	if f.Query != "" && len(asked) == 0 {
		with(nil) // nothing in it that could stand in a text
	}
	for _, w := range asked {
		with(x.having(w))
	}
	folded := strings.Fields(register.Fold(f.Event))
	if f.Event != "" && len(folded) == 0 {
		with(nil)
	}
	for _, word := range folded {
		with(b.events.containing(word, n))
	}
	if f.From.Known() || f.To.Known() {
		from, to := register.FirstDay, register.LastDay-1
		if f.From.Known() {
			from = f.From.First()
		}
		if f.To.Known() {
			to = f.To.Last()
		}
		chosen.each(func(i int) bool {
			if e := &b.entries[i]; !e.date.Known() || e.last < from || e.first > to {
				chosen.remove(i)
			}
			return true
		})
	}
	return chosen
}

// present is the declarations on which a participant stands, or may stand, on the day.
func (x *Index) present(code string) bitset {
	i := x.base.ref.Index(code)
	if i < 0 || x.inEffect[i] == nil && x.unsettled[i] == nil {
		return nil
	}
	s := newBitset(len(x.rows))
	s.or(x.inEffect[i])
	s.or(x.unsettled[i])
	return s
}

// Standing is a participant in numbers: declarations it stands on, may stand on, has left, stands beside as supporter or
// aligned, leads, and those read out for its delegation.
type Standing struct{ On, Unsettled, Left, Beside, Led, Presented int }

// Participant is a participant's numbers on the day.
func (x *Index) Participant(code string) Standing {
	i := x.base.ref.Index(code)
	if i < 0 {
		return Standing{}
	}
	return Standing{x.inEffect[i].count(), x.unsettled[i].count(), x.left[i].count(), x.beside[i].count(),
		x.base.sponsor[code].count(), x.base.presents[code].count()}
}

// OfParticipant is the declarations that concern a participant, newest first: those it stands on, may stand on, has left,
// stands beside, leads or presented.
func (x *Index) OfParticipant(code string, skip, limit int) (rows []*Row, total int) {
	i := x.base.ref.Index(code)
	if i < 0 {
		return nil, 0
	}
	all := newBitset(len(x.rows))
	for _, s := range []bitset{x.inEffect[i], x.unsettled[i], x.left[i], x.beside[i], x.base.sponsor[code], x.base.presents[code]} {
		all.or(s)
	}
	total = all.count()
	for j := len(x.base.byDate) - 1; j >= 0 && (limit == 0 || len(rows) < limit); j-- {
		k := x.base.byDate[j]
		if !all.has(int(k)) {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		rows = append(rows, &x.rows[k])
	}
	return rows, total
}

// Facet is a value of a filter with the number of declarations that have it.
type Facet struct {
	Value string
	Count int
}

// Topics, Sponsors and Kinds are the values that occur, with their numbers, the most frequent first.
func (x *Index) Topics() []Facet { return facets(x.base.topic) }

// Sponsors are the codes of delegations that lead a declaration.
func (x *Index) Sponsors() []Facet { return facets(x.base.sponsor) }

// Kinds are the kinds of declarations that occur.
func (x *Index) Kinds() []Facet { return facets(x.base.kind) }

func facets[K ~string](sets map[K]bitset) []Facet {
	all := make([]Facet, 0, len(sets))
	for k, s := range sets {
		all = append(all, Facet{string(k), s.count()})
	}
	mostFirst(all)
	return all
}

// bitset is a set of places. A nil one is empty.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (s bitset) add(i int)      { s[i/64] |= 1 << (i % 64) }
func (s bitset) remove(i int)   { s[i/64] &^= 1 << (i % 64) }
func (s bitset) has(i int) bool { return i/64 < len(s) && s[i/64]&(1<<(i%64)) != 0 }

func (s bitset) fill(n int) {
	for i := range s {
		s[i] = ^uint64(0)
	}
	if n%64 != 0 {
		s[len(s)-1] = 1<<(n%64) - 1
	}
}

func (s bitset) or(o bitset) {
	for i := range o {
		s[i] |= o[i]
	}
}

// both is how many are in of and in one of two sets.
func both(of, a, b bitset) int {
	n := 0
	switch {
	case a == nil && b == nil:
	case a == nil:
		return both(of, b, nil)
	case b == nil:
		for i, w := range of {
			n += bits.OnesCount64(w & a[i])
		}
	default:
		for i, w := range of {
			n += bits.OnesCount64(w & (a[i] | b[i]))
		}
	}
	return n
}

func (s bitset) count() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

func (s bitset) each(f func(i int) bool) {
	for w, word := range s {
		for word != 0 {
			i := w*64 + bits.TrailingZeros64(word)
			if !f(i) {
				return
			}
			word &= word - 1
		}
	}
}
