package store

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"cosignatory/store/register"
)

// An index is made of the whole register once. From then on a publication touches little of it: the index of a revision is
// made of that of another one by reading only the declarations that the revisions between them touched. It does not matter
// which of the two is the newer one, nor which process published.

// The days kept for one revision, and the revisions kept.
const (
	daysKept      = 8
	revisionsKept = 3
)

// making is something that is being made, for those who wait for it.
type making[T any] struct {
	done chan struct{}
	made T
	err  error
}

func (m *making[T]) wait(ctx context.Context) (T, error) {
	select {
	case <-m.done:
		return m.made, m.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// Index is the index of the view's revision on a day. It is made when it is first asked for; those who ask meanwhile wait
// for it and share it.
func (v *View) Index(ctx context.Context, day register.Day) (*Index, error) {
	b, err := v.store.baseAt(ctx, v)
	if err != nil {
		return nil, err
	}
	return v.store.indexOn(ctx, b, day)
}

// baseAt is the base of a view's revision.
func (s *Store) baseAt(ctx context.Context, v *View) (*base, error) {
	for {
		s.mu.Lock()
		for i, b := range s.indexes {
			if b.revision == v.Revision {
				s.indexes = append(slices.Delete(s.indexes, i, i+1), b)
				s.mu.Unlock()
				return b, nil
			}
		}
		if m := s.basing[v.Revision]; m != nil {
			s.mu.Unlock()
			b, err := m.wait(ctx)
			if err != nil && ctx.Err() == nil {
				continue // whoever made it may have gone away
			}
			return b, err
		}
		m := &making[*base]{done: make(chan struct{}), err: errBroken}
		if s.basing == nil {
			s.basing = map[int]*making[*base]{}
		}
		s.basing[v.Revision] = m
		near, newest := s.nearest(v.Revision), true
		for _, b := range s.indexes {
			newest = newest && b.revision < v.Revision
		}
		s.mu.Unlock()
		s.makeBase(ctx, v, near, newest, m)
		return m.made, m.err
	}
}

// keptBase is the base of a revision, nil where it is not kept.
func (s *Store) keptBase(revision int) *base {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.indexes {
		if b.revision == revision {
			return b
		}
	}
	return nil
}

// entry is what a base has of a living declaration, nil for none.
func (b *base) entry(id int64) *entry {
	i, ok := slices.BinarySearchFunc(b.entries, id, compareIDs)
	if !ok || b.entries[i].retired {
		return nil
	}
	return b.entries[i]
}

func compareIDs(e *entry, id int64) int { return cmp.Compare(e.id, id) }

// errBroken is what those are told who wait for something whose making broke off.
var errBroken = errors.New("store: broke off")

// nearest is the base kept of the revision nearest to one, nil for none. s.mu is held.
func (s *Store) nearest(revision int) (near *base) {
	for _, b := range s.indexes {
		if near == nil || distance(b.revision, revision) < distance(near.revision, revision) {
			near = b
		}
	}
	return near
}

func distance[T ~int | ~int32](a, b T) T { return max(a-b, b-a) }

// makeBase makes a base and keeps it.
func (s *Store) makeBase(ctx context.Context, v *View, near *base, newest bool, m *making[*base]) {
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.basing, v.Revision)
		if m.err == nil {
			s.indexes = append(s.indexes, m.made)
			for len(s.indexes) > revisionsKept {
				oldest := 0 // used longest ago, but never the newest revision: the next publication begins with it
				if s.indexes[0].revision == slices.MaxFunc(s.indexes, func(a, b *base) int { return a.revision - b.revision }).revision {
					oldest = 1
				}
				gone := s.indexes[oldest]
				s.indexes = slices.Delete(s.indexes, oldest, oldest+1)
				s.forgetHeads(gone)
			}
		}
		close(m.done)
	}()
	if !newest {
		// Older revisions are made one at a time: the newest one never waits for more than one of them.
		s.indexingOld.Lock()
		defer s.indexingOld.Unlock()
	}
	m.made, m.err = v.following(ctx, near)
	if m.err == nil && m.made == nil {
		s.indexing.Lock() // one reader of the whole register at a time
		defer s.indexing.Unlock()
		s.built.Add(1)
		m.made, m.err = v.buildBase(ctx)
	}
	m.err = plain(m.err)
}

// forgetHeads lets go of what Heads keeps for the states of declarations that only a base had which is no longer kept: with each
// publication one more. s.mu is held.
func (s *Store) forgetHeads(gone *base) {
	near := s.nearest(gone.revision)
	if near == nil {
		return
	}
	i := 0
	for _, e := range gone.entries {
		for i < len(near.entries) && near.entries[i].id < e.id {
			i++
		}
		if i < len(near.entries) && near.entries[i] == e { // as nearly all are
			continue
		}
		if !slices.ContainsFunc(s.indexes, func(b *base) bool { return b.entry(e.id) == e }) {
			delete(s.heads, e)
		}
	}
}

// indexOn is a base's index on a day.
func (s *Store) indexOn(ctx context.Context, b *base, day register.Day) (*Index, error) {
	b.mu.Lock()
	for i, x := range b.byDay {
		if x.Day == day {
			b.byDay = append(slices.Delete(b.byDay, i, i+1), x)
			b.mu.Unlock()
			return x, nil
		}
	}
	if m := b.making[day]; m != nil {
		b.mu.Unlock()
		return m.wait(ctx)
	}
	m := &making[*Index]{done: make(chan struct{}), err: errBroken}
	if b.making == nil {
		b.making = map[register.Day]*making[*Index]{}
	}
	b.making[day] = m
	var near *Index
	for _, x := range b.byDay {
		if near == nil || distance(x.Day, day) < distance(near.Day, day) {
			near = x
		}
	}
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.making, day)
		if m.err == nil {
			b.byDay = append(b.byDay, m.made)
			if len(b.byDay) > daysKept {
				b.byDay = slices.Delete(b.byDay, 0, 1)
			}
		}
		close(m.done)
	}()
	m.made = b.fromDay(near, day)
	if m.made == nil {
		s.indexingDay.Lock() // one at a time, whatever the revision
		m.made = b.on(day)
		s.indexingDay.Unlock()
	}
	m.err = nil
	return m.made, nil
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

// newEntry is what a base keeps of a declaration.
func newEntry(e *Entry, ref *register.Reference) (*entry, error) {
	if e.MergedInto != "" {
		return &entry{id: e.ID, retired: true}, nil
	}
	x := &entry{id: e.ID, slug: e.Slug, date: e.Date(), stated: e.Stated, title: map[string]titled{}, sources: len(e.Sources)}
	x.first, x.last = x.date.First(), x.date.Last()
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
	x.settled = x.first
	changes := func(day register.Day) {
		if day < register.LastDay {
			x.settled = max(x.settled, day)
		}
	}
	for _, s := range x.stated {
		changes(s.Date.Last())
	}
	lines := e.Timelines()
	n := 0
	for _, t := range lines {
		x.actions += len(t.Moments)
		if t.Group == "" {
			n += len(t.Moments)
		}
	}
	x.moments = make([]register.Moment, 0, n)
	for _, t := range lines {
		for _, m := range t.Moments {
			changes(m.First)
			changes(m.Last)
			if t.Group != "" && m.First == register.FirstDay {
				x.settled = register.LastDay // members of the day asked for are counted
			}
		}
		if t.Group != "" {
			x.implied = true
			continue
		}
		p := ref.Index(t.Participant)
		if p < 0 {
			return nil, fmt.Errorf("participant %s of %s is not in the reference data: %w", t.Participant, e.Slug, ErrDamaged)
		}
		from := int32(len(x.moments))
		for _, m := range t.Moments {
			m.Action = plainActions[[2]bool{m.Action.Kind.Departure(), m.Action.Capacity.Counted()}]
			x.moments = append(x.moments, m)
		}
		x.lines = append(x.lines, line{int16(p), from, int32(len(x.moments))})
	}
	if x.implied {
		d := e.Declaration
		x.doc = &d
	}
	x.lines = slices.Clip(x.lines)
	return x, nil
}

// gather adds the words of a declaration's texts.
func gather(e *Entry, place int, texts, events gathered) {
	if e.MergedInto != "" {
		return
	}
	for _, t := range e.Titles {
		texts.add(t.Text, place, uint8(InTitle))
	}
	for _, t := range e.Texts {
		texts.add(t.Event, place, uint8(InEvent))
		texts.add(t.Place, place, uint8(InPlace))
		texts.add(t.Summary, place, uint8(InSummary))
		events.addFolded(register.Fold(t.Event), place)
	}
	texts.add(e.PresentedBy, place, uint8(InPresenter))
	texts.add(e.Slug, place, uint8(InSlug))
}

// sorting is the sets of a base while it is made.
type sorting struct {
	sponsor, topic, presents, year *named[string]
	kind                           *named[register.Kind]
	open                           *named[register.Tristate]
}

func (b *base) sorting(n int) *sorting {
	return &sorting{namedOf(b.sponsor, n), namedOf(b.topic, n), namedOf(b.presents, n), namedOf(b.year, n), namedOf(b.kind, n), namedOf(b.open, n)}
}

// add adds a declaration at a place that no set has.
func (s *sorting) add(e *Entry, place int) {
	s.sponsor.add(place, e.Sponsors...)
	s.topic.add(place, e.Topics...)
	s.presents.add(place, some(e.PresenterDelegation)...)
	s.year.add(place, some(yearOf(e))...)
	s.kind.add(place, e.Kind)
	s.open.add(place, e.Open)
}

// put puts a declaration, nil for a retired one, at a place that sets may have.
func (s *sorting) put(e *Entry, place int) {
	if e == nil {
		for _, sets := range []*named[string]{s.sponsor, s.topic, s.presents, s.year} {
			sets.put(place)
		}
		s.kind.put(place)
		s.open.put(place)
		return
	}
	s.sponsor.put(place, e.Sponsors...)
	s.topic.put(place, e.Topics...)
	s.presents.put(place, some(e.PresenterDelegation)...)
	s.year.put(place, some(yearOf(e))...)
	s.kind.put(place, e.Kind)
	s.open.put(place, e.Open)
}

// some is a name, or none where it is empty.
func some(name string) []string {
	if name == "" {
		return nil
	}
	return []string{name}
}

// yearOf is the year of a declaration's date, empty where it is unknown.
func yearOf(e *Entry) string {
	if d := e.Date(); d.Known() {
		return strconv.Itoa(int(d.Year))
	}
	return ""
}

func (s *sorting) done(b *base) {
	b.sponsor, b.topic, b.presents, b.year, b.kind, b.open = s.sponsor.done(), s.topic.done(), s.presents.done(), s.year.done(), s.kind.done(), s.open.done()
}

// hashOf is the hash of a revision as the file has it, empty where it has none with that number.
func (s *Store) hashOf(ctx context.Context, revision int) (hash string, err error) {
	err = s.reader.QueryRowContext(ctx, "SELECT hash FROM revision WHERE number = ?", revision).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return hash, err
}

// buildBase makes a base of all of the register.
func (v *View) buildBase(ctx context.Context) (*base, error) {
	b := &base{revision: v.Revision, ref: v.Ref, names: func() *names { return v.store.names(v.Ref) }}
	var err error
	if b.hash, err = v.store.hashOf(ctx, v.Revision); err != nil {
		return nil, err
	}
	var n int
	if err := v.reader.QueryRowContext(ctx, "SELECT count(*) FROM declaration WHERE rev_from <= ? AND ? < rev_to", v.Revision, v.Revision).Scan(&n); err != nil {
		return nil, err
	}
	b.living = newBitset(n)
	sets, texts, events, bySlug := b.sorting(n), gathered{}, gathered{}, map[string]int32{}
	err = v.each(ctx, true, func(e *Entry) error {
		i := len(b.entries)
		if i >= n {
			return fmt.Errorf("more declarations than counted: %w", ErrDamaged)
		}
		x, err := newEntry(e, v.Ref)
		if err != nil {
			return err
		}
		b.entries = append(b.entries, x)
		if x.retired {
			return nil
		}
		b.living.add(i)
		b.byDate = append(b.byDate, int32(i))
		bySlug[x.slug] = int32(i)
		sets.add(e, i)
		gather(e, i, texts, events)
		b.sum(x, 1)
		return nil
	})
	if err != nil {
		return nil, err
	}
	sets.done(b)
	b.bySlug = slugs(nil).with(nil, bySlug)
	b.texts, b.events = texts.ready(), events.ready()
	slices.SortFunc(b.byDate, b.compareDates)
	return b, nil
}

// sum adds a declaration's numbers to those of all, or with -1 takes them away.
func (b *base) sum(e *entry, sign int) {
	if e.retired {
		return
	}
	b.count += sign
	b.sources += sign * e.sources
	b.actions += sign * e.actions
	b.lines += sign * len(e.lines)
}

// compareDates orders places by date, undated last, then by slug.
func (b *base) compareDates(i, j int32) int {
	x, y := b.entries[i], b.entries[j]
	if c := x.date.Compare(y.date); c != 0 {
		return c
	}
	return cmp.Compare(x.slug, y.slug)
}

// sides is in how many parts a register is divided for the question whether more than one of them was touched: then all of
// it is read again. A few declarations are always read by themselves.
const (
	sides   = 8
	fewRead = 64
)

// following is the base of the view's revision, made of that of another one; nil where all of the register has to be read.
func (v *View) following(ctx context.Context, old *base) (*base, error) {
	if old == nil {
		return nil, nil
	}
	hash, err := v.store.hashOf(ctx, old.revision)
	if err != nil || hash != old.hash {
		return nil, err // the file has another history now
	}
	b := &base{revision: v.Revision, ref: v.Ref, names: func() *names { return v.store.names(v.Ref) }, count: old.count, sources: old.sources,
		actions: old.actions, lines: old.lines}
	if b.hash, err = v.store.hashOf(ctx, v.Revision); err != nil {
		return nil, err
	}
	ids, err := v.store.touched(ctx, old.revision, v.Revision)
	if err != nil || len(ids) > max(fewRead, len(old.entries)/sides) {
		return nil, err
	}
	now, err := v.found(ctx, ids, everyPart)
	if err != nil {
		return nil, err
	}
	was, err := (&View{Revision: old.revision, Ref: old.ref, store: v.store, reader: v.reader}).found(ctx, ids, []string{"title", "text"})
	if err != nil {
		return nil, err
	}

	b.entries = append(make([]*entry, 0, len(old.entries)+len(ids)), old.entries...)
	places := make([]int32, len(ids))
	for k, id := range ids {
		i, found := slices.BinarySearchFunc(b.entries, id, compareIDs)
		if !found {
			if i < len(b.entries) {
				return nil, nil // it came between others, which have their places
			}
			b.entries = append(b.entries, &entry{id: id, retired: true})
		}
		places[k] = int32(i)
	}
	n := len(b.entries)
	b.living = old.living.copy(n)
	touched := newBitset(n)
	sets := old.sorting(n)
	texts, events, textsBefore, eventsBefore := gathered{}, gathered{}, gathered{}, gathered{}
	var gone []string
	come := map[string]int32{}
	redated, retitled := newBitset(n), map[string]bitset{}
	titles := old.titleOrders()
	for lang := range titles {
		retitled[lang] = newBitset(n)
	}
	for k, id := range ids {
		i := int(places[k])
		touched.add(i)
		before, after := b.entries[i], &entry{id: id, retired: true}
		e := now[id]
		if e != nil {
			if after, err = newEntry(e, v.Ref); err != nil {
				return nil, err
			}
			gather(e, i, texts, events)
		}
		if after.retired {
			e = nil
			b.living.remove(i)
		} else {
			b.living.add(i)
		}
		if x := was[id]; x != nil {
			gather(x, i, textsBefore, eventsBefore)
		}
		sets.put(e, i)
		b.sum(before, -1)
		b.sum(after, 1)
		b.entries[i] = after
		if before.slug != after.slug {
			if before.slug != "" {
				gone = append(gone, before.slug)
			}
			if after.slug != "" {
				come[after.slug] = int32(i)
			}
		}
		if before.retired != after.retired || before.slug != after.slug || before.date != after.date {
			redated.add(i)
		}
		for lang, set := range retitled {
			if before.retired != after.retired || before.titleIn(lang).text != after.titleIn(lang).text {
				set.add(i)
			}
		}
	}
	sets.done(b)
	b.bySlug = old.bySlug.with(gone, come)
	b.texts, b.events = old.texts.with(touched, textsBefore, texts), old.events.with(touched, eventsBefore, events)
	b.byDate = b.put(old.byDate, redated, b.compareDates)
	for lang, order := range titles {
		if b.byTitle == nil {
			b.byTitle = map[string][]int32{}
		}
		b.byTitle[lang] = b.put(order, retitled[lang], b.compareTitles(lang))
	}

	// The days that are kept, with all that the reference data says anew.
	again, numbers := touched, []int(nil)
	if v.Ref != old.ref {
		again = touched.copy(n)
		if numbers, err = b.recode(old.ref, touched, again); err != nil {
			return nil, err
		}
	}
	var list []int32
	again.each(func(i int) bool { list = append(list, int32(i)); return true })
	old.mu.Lock()
	days := slices.Clone(old.byDay)
	old.mu.Unlock()
	for _, x := range days {
		b.byDay = append(b.byDay, b.fromIndex(x, x.Day, list, numbers))
	}
	return b, nil
}

// touched are the declarations, by id, that the revisions between two touched.
func (s *Store) touched(ctx context.Context, a, b int) (ids []int64, err error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT DISTINCT declaration_id FROM revision WHERE number > ? AND number <= ? AND subject = ?", min(a, b), max(a, b),
		register.OfDeclaration)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids, rows.Err()
}

// everyPart is the tables of all that a declaration has.
var everyPart = func() (tables []string) {
	for _, c := range children {
		tables = append(tables, c.table)
	}
	return tables
}()

// found are declarations of the view by their numbers.
func (v *View) found(ctx context.Context, ids []int64, tables []string) (map[int64]*Entry, error) {
	list, err := v.chosen(ctx, v.reader, ids, tables, "", false)
	m := make(map[int64]*Entry, len(list))
	for _, e := range list {
		m[e.ID] = e
	}
	return m, err
}

// put puts the living of some places where they belong in an order.
func (b *base) put(order []int32, changed bitset, compare func(i, j int32) int) []int32 {
	if changed.empty() {
		return order
	}
	var living []int32
	changed.each(func(i int) bool {
		if b.living.has(i) {
			living = append(living, int32(i))
		}
		return true
	})
	return reordered(order, changed, living, compare)
}

// titleOrders are the orders of titles that have been made.
func (b *base) titleOrders() map[string][]int32 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.byTitle)
}

// compareTitles orders places by title in a language, then by place. It is not safe for concurrent use.
func (b *base) compareTitles(lang string) func(i, j int32) int {
	c, keys := register.NewCollator(lang), map[int32][]byte{}
	key := func(i int32) []byte {
		k := keys[i]
		if k == nil {
			k = c.Key(b.entries[i].titleIn(lang).text)
			keys[i] = k
		}
		return k
	}
	return func(i, j int32) int {
		if c := bytes.Compare(key(i), key(j)); c != 0 {
			return c
		}
		return int(i - j)
	}
}

// recode brings a base to its reference data from older ones: it gives the participants their new indexes and adds to again
// the declarations whose counts the reference data may change. The entries of touched have the new indexes already. numbers
// are the new indexes by the older ones, -1 for participants that are no more, nil where they stay as they were.
func (b *base) recode(old *register.Reference, touched, again bitset) (numbers []int, err error) {
	rekinded := map[int16]bool{}
	same := len(old.Participants) == len(b.ref.Participants)
	numbers = make([]int, len(old.Participants))
	for i, p := range old.Participants {
		numbers[i] = b.ref.Index(p.Code)
		same = same && numbers[i] == i
		if numbers[i] >= 0 && b.ref.Participants[numbers[i]].Kind != p.Kind {
			rekinded[int16(numbers[i])] = true
		}
	}
	for i, e := range b.entries {
		if !same && !touched.has(i) && len(e.lines) > 0 {
			c := *e
			c.lines = slices.Clone(e.lines)
			for k, l := range c.lines {
				if c.lines[k].participant = int16(numbers[l.participant]); numbers[l.participant] < 0 {
					return nil, fmt.Errorf("participant %s of %s is not in the reference data: %w", old.Participants[l.participant].Code, e.slug, ErrDamaged)
				}
			}
			e = &c
			b.entries[i] = e
		}
		if e.implied || len(rekinded) > 0 && slices.ContainsFunc(e.lines, func(l line) bool { return rekinded[l.participant] }) {
			again.add(i)
		}
	}
	if same {
		numbers = nil
	}
	return numbers, nil
}

// standings are how a participant may stand to a declaration in an index: the number of the set that has it, from 1.
const (
	noStanding uint8 = iota
	standsOn
	standsUnsettled
	standsLeft
	standsBeside
	standsNotYet
	stoodBeside // and is not any more
	numberOfSets
	standsMoved // beside the list now, and on it before: in both of those sets
)

// isIn says whether a standing is one of those that a set has.
func isIn(standing, set uint8) bool {
	return standing == set || standing == standsMoved && (set == standsLeft || set == standsBeside)
}

// row counts a declaration on a day. It must say of every declaration what register's Tally says; a test holds it to that.
// standings are cleared and filled, by index of the participant.
func (b *base) row(e *entry, day register.Day, standings []uint8) *Row {
	clear(standings)
	r := &Row{ID: e.id, Slug: e.slug, Date: e.date}
	d := register.Declaration{Stated: e.stated}
	stated := d.StatedOn(day)
	var counted register.Day // the day that the stated number is held against
	var dated bool
	if stated != nil {
		counted, dated = stated.On(day)
	}
	stood, stoodStates := 0, 0
	for _, l := range e.lines {
		moments := e.moments[l.from:l.to]
		kind := b.ref.Participants[l.participant].Kind
		if dated && register.MayHaveStood(moments, counted) {
			stood++
			if kind != register.Organization {
				stoodStates++
			}
		}
		s := register.StateOn(moments, day)
		switch {
		case s.Status == register.NotYet:
			standings[l.participant] = standsNotYet
		case s.Aside():
			standings[l.participant] = standsBeside
		case !s.Named():
			standings[l.participant] = stoodBeside
		}
		if !s.Named() {
			continue
		}
		r.Named++
		if !dated {
			stood++
			if kind != register.Organization {
				stoodStates++
			}
		}
		switch {
		case s.WentOff != nil && s.Aside():
			standings[l.participant] = standsMoved
		case s.WentOff != nil:
			standings[l.participant] = standsLeft
		case s.Status == register.InEffect:
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
			standings[l.participant] = standsOn
		case s.Status == register.Unsettled:
			r.Unsettled++
			standings[l.participant] = standsUnsettled
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
	}
	return r
}

// sum adds a row's numbers to those of all, or with -1 takes them away.
func (t *Totals) sum(r *Row, sign int) {
	if r != nil {
		t.Stated += sign * r.Stated
		t.NotNamed += sign * r.NotNamed
		t.Signatures += sign * r.InEffect
	}
}

// on works out a day from nothing: who stands where, and the counts.
func (b *base) on(day register.Day) *Index {
	n, people := len(b.entries), len(b.ref.Participants)
	x := &Index{Revision: b.revision, Day: day, base: b, rows: make([]*Row, n)}
	var sets [numberOfSets][]bitset
	for k := range sets {
		sets[k] = make([]bitset, people)
	}
	standings := make([]uint8, people)
	for i, e := range b.entries {
		if e.retired {
			continue
		}
		x.rows[i] = b.row(e, day, standings)
		x.totals.sum(x.rows[i], 1)
		for _, l := range e.lines {
			put := func(k uint8) {
				s := &sets[k][l.participant]
				if *s == nil {
					*s = newBitset(n)
				}
				s.add(i)
			}
			if k := standings[l.participant]; k == standsMoved {
				put(standsLeft)
				put(standsBeside)
			} else {
				put(k)
			}
		}
	}
	x.inEffect, x.unsettled, x.left, x.beside = sets[standsOn], sets[standsUnsettled], sets[standsLeft], sets[standsBeside]
	x.notYet, x.stoodBeside = sets[standsNotYet], sets[stoodBeside]
	x.count()
	return x
}

// count fills in the totals that the rows do not say.
func (x *Index) count() {
	t := &x.totals
	t.Participants = 0
	for _, s := range x.inEffect {
		if s != nil {
			t.Participants++
		}
	}
	b := x.base
	t.Declarations, t.Sources, t.Revisions = b.count, b.sources, b.revision
	t.Participations, t.Actions = b.lines, b.actions
}

// fromDay is the index of a day made of another one's: what is settled by the earlier of the two stands as it did. It is
// nil where that is not most of all.
func (b *base) fromDay(near *Index, day register.Day) *Index {
	if near == nil {
		return nil
	}
	var again []int32
	for i, e := range b.entries {
		if !e.retired && e.settled > min(near.Day, day) {
			again = append(again, int32(i))
		}
	}
	if len(again) > max(fewRead, len(b.entries)/sides) {
		return nil
	}
	return b.fromIndex(near, day, again, nil)
}

// fromIndex is b's index of a day, made of one that differs from it in some places alone. numbers are the new indexes of
// participants by the old ones, nil where they are the same.
func (b *base) fromIndex(old *Index, day register.Day, again []int32, numbers []int) *Index {
	n, people := len(b.entries), len(b.ref.Participants)
	x := &Index{Revision: b.revision, Day: day, base: b, rows: make([]*Row, n), totals: old.totals}
	copy(x.rows, old.rows)
	standings := make([]uint8, people)
	sets := [numberOfSets]*copies{standsOn: recoded(old.inEffect, numbers, people, n), standsUnsettled: recoded(old.unsettled, numbers, people, n),
		standsLeft: recoded(old.left, numbers, people, n), standsBeside: recoded(old.beside, numbers, people, n),
		standsNotYet: recoded(old.notYet, numbers, people, n), stoodBeside: recoded(old.stoodBeside, numbers, people, n)}
	for _, place := range again {
		i := int(place)
		x.totals.sum(x.rows[i], -1)
		x.rows[i] = nil
		if e := b.entries[i]; e.retired {
			clear(standings)
		} else {
			x.rows[i] = b.row(e, day, standings)
			x.totals.sum(x.rows[i], 1)
		}
		for k := standsOn; k < numberOfSets; k++ {
			for p, s := range standings {
				sets[k].put(p, i, isIn(s, k))
			}
		}
	}
	x.inEffect, x.unsettled, x.left, x.beside = sets[standsOn].done(), sets[standsUnsettled].done(), sets[standsLeft].done(), sets[standsBeside].done()
	x.notYet, x.stoodBeside = sets[standsNotYet].done(), sets[stoodBeside].done()
	x.count()
	x.take(old, again)
	return x
}

// recoded is copies of sets by participant, the participants having other indexes where numbers are given.
func recoded(old []bitset, numbers []int, people, n int) *copies {
	if numbers != nil {
		sets := make([]bitset, people)
		for i, s := range old {
			if s != nil && numbers[i] >= 0 {
				sets[numbers[i]] = s
			}
		}
		old = sets
	}
	return copiesOf(old, n)
}

// take takes over what readers have made the older index work out, where that still holds but for some places.
func (x *Index) take(old *Index, again []int32) {
	n := len(x.rows)
	changed := newBitset(n)
	for _, i := range again {
		changed.add(int(i))
	}
	old.mu.Lock()
	orders, groups := maps.Clone(old.byNumber), old.groups
	old.mu.Unlock()
	for by, order := range orders {
		number := rowNumbers[by]
		orders[by] = x.base.put(order, changed, func(i, j int32) int {
			if c := number(x.rows[i]) - number(x.rows[j]); c != 0 {
				return c
			}
			return x.base.compareDates(i, j)
		})
	}
	x.byNumber = orders
	if x.Day != old.Day || x.base.ref != old.base.ref {
		return // who is a member of what may be another matter
	}
	if groups != nil {
		sets := copiesOf(groups, n)
		for k, g := range x.base.ref.Groups {
			var members []int
			for _, code := range g.On(x.Day) {
				if i := x.base.ref.Index(code); i >= 0 {
					members = append(members, i)
				}
			}
			for _, place := range again {
				i := int(place)
				sets.put(k, i, slices.ContainsFunc(members, func(m int) bool { return x.inEffect[m].has(i) || x.unsettled[m].has(i) }))
			}
		}
		x.groups = sets.sets
	}
	old.asked.throughMu.Lock()
	through, mayThrough := old.asked.through, old.asked.mayThrough
	old.asked.throughMu.Unlock()
	if through != nil {
		stands, may := copiesOf(through, n), copiesOf(mayThrough, n)
		for _, place := range again {
			i := int(place)
			for p := range through {
				stands.put(p, i, false)
				may.put(p, i, false)
			}
			x.putThrough(i, stands, may)
		}
		x.asked.through, x.asked.mayThrough = stands.done(), may.done()
	}
}
