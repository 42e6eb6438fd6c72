package store

import (
	"bytes"
	"slices"
	"sort"
	"strings"
	"sync"

	"cosignatory/store/register"
)

// Index answers lists, filters and counts of one revision on one day from memory, in time that hardly grows with the
// register. It is read-only once made and safe for concurrent use. Declarations are known in it by their place, from 0 in
// the order in which they came onto the register; those that are retired keep theirs, and stand in no set and no order.
type Index struct {
	Revision int
	Day      register.Day

	base *base
	rows []*Row // by place; nil for the retired
	// By index of the participant: on the list, may be on it, no longer on it; beside it, those too that are no longer on it. Those
	// of nobody are nil.
	inEffect, unsettled, left, beside []bitset
	notYet, stoodBeside               []bitset // the same: comes only later; has left from beside it
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

// base is what the index knows of a revision whatever the day. What follows a base shares with it all that is the same, so
// nothing of it is ever changed, but for what is made when it is first asked for.
type base struct {
	revision int
	hash     string // of that revision: a file that was restored may have another history
	ref      *register.Reference
	entries  []*entry // by place, ascending by id
	living   bitset   // those that are not retired
	count    int      // of the living
	bySlug   slugs
	sponsor  map[string]bitset
	topic    map[string]bitset
	kind     map[register.Kind]bitset
	open     map[register.Tristate]bitset
	presents map[string]bitset // by delegation
	year     map[string]bitset // of the date; the undated are in none
	byDate   []int32           // places by date, undated last, then by slug
	sources  int
	actions  int    // with those of group lines
	lines    int    // timelines of participants
	texts    *terms // of titles, events, places, summaries, presenters and slugs, with their fields
	events   *terms // of events, folded
	names    func() *names
	recent   struct { // see recency
		once     sync.Once
		rank, at []int32
	}

	mu      sync.Mutex
	byTitle map[string][]int32 // see titleOrder
	byDay   []*Index           // the newest use last
	making  map[register.Day]*making[*Index]
}

// entry is one declaration in a base.
type entry struct {
	id      int64
	retired bool // nothing else is known of it then
	slug    string
	date    register.Date
	stated  []register.Stated
	lines   []line
	moments []register.Moment // of all lines, one after the other
	implied bool              // has group lines
	first   register.Day      // that the date can mean, and the last
	last    register.Day
	settled register.Day          // from this day on nothing of it changes with the day
	doc     *register.Declaration // only where a group line needs the whole fold
	title   map[string]titled     // by the reader's language where it is not that of "", the English reader's

	sources, actions int
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

// titleOrder is the order of titles in a language, made when it is first asked for. The base's lock is not held.
func (b *base) titleOrder(lang string) []int32 {
	b.mu.Lock()
	defer b.mu.Unlock()
	if order := b.byTitle[lang]; order != nil {
		return order
	}
	keys := make([][]byte, len(b.entries))
	c := register.NewCollator(lang)
	order := make([]int32, 0, b.count)
	for i, e := range b.entries {
		if !e.retired {
			keys[i], order = c.Key(e.titleIn(lang).text), append(order, int32(i))
		}
	}
	sort.SliceStable(order, func(i, j int) bool { return bytes.Compare(keys[order[i]], keys[order[j]]) < 0 })
	if b.byTitle == nil {
		b.byTitle = map[string][]int32{}
	}
	b.byTitle[lang] = order
	return order
}

// Totals are the register in numbers.
func (x *Index) Totals() Totals { return x.totals }

// BySlug is the row of a living declaration.
func (x *Index) BySlug(slug string) (*Row, bool) {
	i, ok := x.base.bySlug.at(slug)
	if !ok {
		return nil, false
	}
	return x.rows[i], true
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
		rows = append(rows, x.rows[i])
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

// rowNumbers are those by which declarations can be sorted.
var rowNumbers = map[string]func(r *Row) int{
	"stated":    func(r *Row) int { return r.Stated },
	"named":     func(r *Row) int { return r.Named },
	"in_effect": func(r *Row) int { return r.InEffect },
}

func (x *Index) order(by register.Sort, lang string) []int32 {
	if by.By == "title" {
		return x.base.titleOrder(lang)
	}
	number := rowNumbers[by.By]
	if number == nil {
		return x.base.byDate
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	order := x.byNumber[by.By]
	if order == nil {
		order = slices.Clone(x.base.byDate)
		sort.SliceStable(order, func(i, j int) bool { return number(x.rows[order[i]]) < number(x.rows[order[j]]) })
		if x.byNumber == nil {
			x.byNumber = map[string][]int32{}
		}
		x.byNumber[by.By] = order
	}
	return order
}

func (x *Index) choose(f register.Filter) bitset {
	b := x.base
	chosen := slices.Clone(b.living)
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
		with(b.events.containing(word, b.living, b.count))
	}
	if f.From.Known() || f.To.Known() {
		with(b.dated(f.From, f.To))
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
// aligned, leads, and those read out for its delegation; none of those that came only after the day. NotYet are those on whose
// lists it comes only after the day.
type Standing struct{ On, Unsettled, Left, Beside, Led, Presented, NotYet int }

// Participant is a participant's numbers on the day.
func (x *Index) Participant(code string) Standing {
	i := x.base.ref.Index(code)
	if i < 0 {
		return Standing{}
	}
	return Standing{x.inEffect[i].count(), x.unsettled[i].count(), x.left[i].count(), x.beside[i].count(),
		x.begun(x.base.sponsor[code]), x.begun(x.base.presents[code]), x.notYet[i].count()}
}

// begun is how many of a set of declarations were there on the day: an undated one was.
func (x *Index) begun(s bitset) int {
	n := s.count()
	s.each(func(i int) bool {
		if e := x.base.entries[i]; e.date.Known() && e.first > x.Day {
			n--
		}
		return true
	})
	return n
}

// OfParticipant is the declarations that concern a participant: those on which a source names it, whatever its status on the
// day, and those that it leads or presented; with implied those too on which it stands, or may stand, through a group only (D6).
// The newest come first and the undated last (D11), but those on whose lists it is not yet after all the others.
func (x *Index) OfParticipant(code string, implied bool, skip, limit int) (rows []*Row, total int) {
	i := x.base.ref.Index(code)
	if i < 0 {
		return nil, 0
	}
	all, later := newBitset(len(x.rows)), newBitset(len(x.rows))
	for _, s := range []bitset{x.inEffect[i], x.unsettled[i], x.left[i], x.beside[i], x.stoodBeside[i], x.base.sponsor[code], x.base.presents[code]} {
		all.or(s)
	}
	later.or(x.notYet[i])
	if implied {
		through, mayThrough := x.throughGroups()
		for _, s := range []bitset{through[i], mayThrough[i]} {
			all.or(s)
			later.without(s)
		}
	}
	all.without(later)
	total = all.count() + later.count()
	newest := x.newest()
	for _, set := range []bitset{all, later} {
		for _, place := range newest {
			if limit != 0 && len(rows) == limit {
				return rows, total
			}
			if !set.has(int(place)) {
				continue
			}
			if skip > 0 {
				skip--
				continue
			}
			rows = append(rows, x.rows[place])
		}
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
