package store

import (
	"math"
	"slices"
	"sync"

	"cosignatory/store/register"
)

// asked is what questions have made an index work out: once, when first asked for. The index's lock is not needed.
type asked struct {
	throughMu  sync.Mutex
	through    []bitset // by participant: implied by a group and not named among those on the list
	mayThrough []bitset // the same, where that is unsettled (D11)
	listedOnce sync.Once
	listed     bitset // with anybody in effect

	mu      sync.Mutex
	signing map[string]*Signing // by group
}

// listed are the declarations on whose list anybody stands on the day: those that chance can choose among.
func (x *Index) listed() bitset {
	x.asked.listedOnce.Do(func() {
		all := newBitset(len(x.rows))
		for _, s := range x.inEffect {
			all.or(s)
		}
		x.asked.listed = all
	})
	return x.asked.listed
}

// throughGroups is by participant where it stands through a group only (D6), and where it may, because the line of the group
// is unsettled, or whether it was a member then (D11). Who is named beside the list and implied by a group is implied: register's Tally counts it so. Only
// declarations with a group line are folded.
func (x *Index) throughGroups() (stands, may []bitset) {
	x.asked.throughMu.Lock()
	defer x.asked.throughMu.Unlock()
	if x.asked.through == nil {
		through, may := copiesOf(make([]bitset, len(x.inEffect)), len(x.rows)), copiesOf(make([]bitset, len(x.inEffect)), len(x.rows))
		for place := range x.base.entries {
			x.putThrough(place, through, may)
		}
		x.asked.through, x.asked.mayThrough = through.done(), may.done()
	}
	return x.asked.through, x.asked.mayThrough
}

// putThrough says who stands on the declaration at a place through a group only.
func (x *Index) putThrough(place int, through, may *copies) {
	e := x.base.entries[place]
	if !e.implied {
		return
	}
	for _, m := range register.Implied(e.doc.Timelines(), x.base.ref, x.Day) {
		i := x.base.ref.Index(m.Participant)
		if i < 0 || x.inEffect[i].has(place) || x.unsettled[i].has(place) || x.left[i].has(place) {
			continue
		}
		if m.State.Status == register.Unsettled {
			may.put(i, place, true)
		} else {
			through.put(i, place, true)
		}
	}
}

// newest are the places of all declarations, the newest first and the undated last (D11).
func (x *Index) newest() []int32 {
	order := x.base.byDate
	dated := len(order)
	for dated > 0 && !x.rows[order[dated-1]].Date.Known() {
		dated--
	}
	all := slices.Clone(order)
	slices.Reverse(all[:dated])
	return all
}

// mark is where the participant with an index stands on the declaration at a place.
func (x *Index) mark(participant, place int) register.Mark {
	through, mayThrough := x.throughGroups()
	switch {
	case x.inEffect[participant].has(place):
		return register.MarkOn
	case x.unsettled[participant].has(place):
		return register.MarkMayBe
	case through[participant].has(place):
		return register.MarkGroup
	case mayThrough[participant].has(place):
		return register.MarkMayBe
	case x.beside[participant].has(place): // whoever moved there from the list too
		return register.MarkBeside
	case x.left[participant].has(place):
		return register.MarkLeft
	}
	return register.NoMark
}

// Companion is how one participant stands with the one asked about.
type Companion struct {
	Code string
	// Overlap is over declarations: A those of the one asked about, B those of the companion.
	register.Overlap
	Unsettled int     // of those of the one asked about, where the companion is unsettled
	Share     float64 // of those of the one asked about on which the companion stands too; not a number for none
	Lift      float64 // how many times chance; not a number where too few are common
}

// Base is what companions are counted on: the declarations of the one asked about, and all with anybody on their list.
type Base struct{ Own, Declarations int }

// Together is everybody who stands on any list on the day, with what they have in common with a participant: in effect on
// both sides. The order is that of the codes.
func (x *Index) Together(code string) (all []Companion, base Base) {
	i := x.base.ref.Index(code)
	if i < 0 {
		return nil, Base{}
	}
	return x.companions(x.inEffect[i], i)
}

// Brought is everybody with the number of declarations that a participant leads on whose lists they stand: what it leads and
// nobody is on, on the day, is not counted.
func (x *Index) Brought(code string) (all []Companion, base Base) {
	i := x.base.ref.Index(code)
	if i < 0 {
		return nil, Base{}
	}
	led := newBitset(len(x.rows))
	led.or(x.base.sponsor[code])
	for w := range led {
		led[w] &= x.listed()[w]
	}
	return x.companions(led, i)
}

func (x *Index) companions(own bitset, but int) (all []Companion, base Base) {
	base = Base{own.count(), x.listed().count()}
	for j, s := range x.inEffect {
		if j == but || s == nil && x.unsettled[j] == nil {
			continue
		}
		c := Companion{Code: x.base.ref.Participants[j].Code, Unsettled: register.Common(own, x.unsettled[j]),
			Overlap: register.Overlap{A: base.Own, B: s.count(), Both: register.Common(own, s)}, Share: math.NaN()}
		if base.Own > 0 {
			c.Share = float64(c.Both) / float64(base.Own)
		}
		c.Lift = c.Overlap.Lift(base.Declarations)
		all = append(all, c)
	}
	return all, base
}

// Pairs calls f with every two participants that stand on a list together, the codes in order, and what they share; base is
// the number of declarations with anybody on their list.
func (x *Index) Pairs(f func(a, b string, o register.Overlap) error) (base int, err error) {
	base = x.listed().count()
	sizes := make([]int, len(x.inEffect))
	for i, s := range x.inEffect {
		sizes[i] = s.count()
	}
	for i, s := range x.inEffect {
		if sizes[i] == 0 {
			continue
		}
		for j := i + 1; j < len(x.inEffect); j++ {
			if sizes[j] == 0 {
				continue
			}
			if both := register.Common(s, x.inEffect[j]); both > 0 {
				o := register.Overlap{A: sizes[i], B: sizes[j], Both: both}
				if err := f(x.base.ref.Participants[i].Code, x.base.ref.Participants[j].Code, o); err != nil {
					return base, err
				}
			}
		}
	}
	return base, nil
}

// Base is the number of declarations with anybody on their list on the day.
func (x *Index) Base() int { return x.listed().count() }

// Compared is what a comparison of a few lists gives: the rows that stand on any of them, and the overlap of each two.
type Compared struct {
	Rows     []ComparedRow
	Overlaps []PairOverlap // of the first with the second, the first with the third …
	None     int           // rows that stand on none of them, of all that could
}

// ComparedRow is a participant, where declarations are compared, or a declaration.
type ComparedRow struct {
	Code  string // of the participant
	Row   *Row   // of the declaration
	Marks []register.Mark
	Part  register.Part
}

// PairOverlap is the overlap of two of those compared, by their places among them.
type PairOverlap struct {
	A, B int
	register.Overlap
}

// everything asks for all rows of a comparison, as against “on this one, on none of the others”.
const everything = -1

// CompareDeclarations compares the lists of declarations, which the index must have. Members restricts rows and overlaps to
// some participants and gives those on none too; nil is everybody who is on any. Only is a place among slugs, or -1 for all rows.
func (x *Index) CompareDeclarations(slugs, members []string, only int) *Compared {
	places := make([]int, len(slugs))
	for i, slug := range slugs {
		places[i], _ = x.base.bySlug.at(slug)
	}
	var people []int
	if members == nil {
		for i := range x.base.ref.Participants {
			people = append(people, i)
		}
	}
	for _, code := range members {
		if i := x.base.ref.Index(code); i >= 0 {
			people = append(people, i)
		}
	}
	c := &Compared{}
	lists := make([]bitset, len(slugs)) // of participants
	for k := range lists {
		lists[k] = newBitset(len(x.inEffect))
	}
	for _, i := range people {
		marks := make([]register.Mark, len(places))
		for k, place := range places {
			marks[k] = x.mark(i, place)
			if marks[k] == register.MarkOn {
				lists[k].add(i)
			}
		}
		c.add(ComparedRow{Code: x.base.ref.Participants[i].Code, Marks: marks}, only, members != nil)
	}
	c.overlaps(lists)
	return c
}

// CompareParticipants compares the declarations of participants, the newest first. Only is a place among codes, or -1.
func (x *Index) CompareParticipants(codes []string, only int) *Compared {
	c := &Compared{}
	people, lists := make([]int, len(codes)), make([]bitset, len(codes))
	any := newBitset(len(x.rows))
	through, mayThrough := x.throughGroups()
	for k, code := range codes {
		i := x.base.ref.Index(code)
		people[k], lists[k] = i, x.inEffect[i]
		any.or(x.inEffect[i])
		any.or(x.unsettled[i])
		any.or(through[i])
		any.or(mayThrough[i])
	}
	marks := make([]register.Mark, any.count()*len(codes)) // one piece of memory for all rows
	for _, at := range x.newest() {
		place := int(at)
		if !any.has(place) {
			continue
		}
		row := ComparedRow{Row: x.rows[place], Marks: marks[:len(codes):len(codes)]}
		marks = marks[len(codes):]
		for k, i := range people {
			row.Marks[k] = x.mark(i, place)
		}
		c.add(row, only, false)
	}
	c.None = x.listed().count()
	for i := range x.listed() {
		if w := x.listed()[i] & any[i]; w != 0 {
			c.None -= register.Common([]uint64{w}, []uint64{w})
		}
	}
	c.overlaps(lists)
	return c
}

func (c *Compared) add(row ComparedRow, only int, none bool) {
	row.Part = register.PartOf(row.Marks)
	if row.Part == register.OnNone {
		c.None++
	}
	if only != everything {
		var ok bool
		if row.Part, ok = register.PartOnly(row.Marks, only); !ok {
			return
		}
	}
	if row.Part != register.OnNone || none {
		c.Rows = append(c.Rows, row)
	}
}

func (c *Compared) overlaps(lists []bitset) {
	for a := range lists {
		for b := a + 1; b < len(lists); b++ {
			c.Overlaps = append(c.Overlaps, PairOverlap{a, b, register.Overlap{A: lists[a].count(), B: lists[b].count(), Both: register.Common(lists[a], lists[b])}})
		}
	}
}

// Grid is participants × declarations.
type Grid struct {
	Codes   []string
	Columns []*Row
	Marks   [][]register.Mark // by participant, then by column
}

// Grid is where some participants stand on some declarations, given by rows of this index. Similar orders both by how alike
// they are (Jaccard); else they stay as given, but for participants without any mark, which come last.
func (x *Index) Grid(codes []string, columns []*Row, similar bool) *Grid {
	places := make([]int, len(columns))
	for k, r := range columns {
		places[k], _ = x.base.bySlug.at(r.Slug)
	}
	var people []int
	for _, code := range codes {
		if i := x.base.ref.Index(code); i >= 0 {
			people = append(people, i)
		}
	}
	marks := make([][]register.Mark, len(people))
	across, down := make([]bitset, len(people)), make([]bitset, len(columns)) // who is on what, both ways
	for k := range down {
		down[k] = newBitset(len(people))
	}
	for n, i := range people {
		marks[n], across[n] = make([]register.Mark, len(places)), newBitset(len(places))
		for k, place := range places {
			marks[n][k] = x.mark(i, place)
			if marks[n][k] == register.MarkOn {
				across[n].add(k)
				down[k].add(n)
			}
		}
	}
	rows, cols := inPlace(len(people)), inPlace(len(columns))
	if similar {
		rows, cols = byLikeness(across), byLikeness(down)
	}
	g := &Grid{}
	for _, k := range cols {
		g.Columns = append(g.Columns, columns[k])
	}
	for _, n := range rows {
		line := make([]register.Mark, 0, len(cols))
		for _, k := range cols {
			line = append(line, marks[n][k])
		}
		g.Codes, g.Marks = append(g.Codes, x.base.ref.Participants[people[n]].Code), append(g.Marks, line)
	}
	return g
}

func inPlace(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return order
}

// byLikeness orders sets by how alike they are; empty ones come last, as they stood.
func byLikeness(sets []bitset) []int {
	var full, empty []int
	sizes := make([]int, len(sets))
	for i, s := range sets {
		if sizes[i] = s.count(); sizes[i] > 0 {
			full = append(full, i)
		} else {
			empty = append(empty, i)
		}
	}
	order := make([]int, 0, len(sets))
	for _, i := range register.Seriate(len(full), func(i, j int) float64 {
		a, b := full[i], full[j]
		return register.Overlap{A: sizes[a], B: sizes[b], Both: register.Common(sets[a], sets[b])}.Jaccard()
	}) {
		order = append(order, full[i])
	}
	return append(order, empty...)
}

// Signing is how a group signs: the declarations on which a member stands or may stand, newest first, and its cohesion.
type Signing struct {
	Rows     []SigningRow
	Cohesion float64 // not a number where no member stands on any
	Lists    int     // that it is the mean of
	Whole    int     // on which all members stand
}

// SigningRow is how many of the members that a group had on a declaration's day stand on it.
type SigningRow struct {
	*Row
	register.Share
	Unsettled, Implied int // members besides: unsettled, or implied by a group and not named
}

// GroupSigning is how a group signs by what stands on the day asked for; members are those of each declaration's own day,
// its first where it is only partly known, and of the day asked for where it is not known at all.
func (x *Index) GroupSigning(code string) *Signing {
	g := x.base.ref.Group(code)
	if g == nil {
		return &Signing{Cohesion: math.NaN()}
	}
	x.asked.mu.Lock()
	defer x.asked.mu.Unlock()
	if s := x.asked.signing[code]; s != nil {
		return s
	}
	s := x.groupSigning(g)
	if x.asked.signing == nil {
		x.asked.signing = map[string]*Signing{}
	}
	x.asked.signing[code] = s
	return s
}

func (x *Index) groupSigning(g *register.Group) *Signing {
	type member struct {
		from, to register.Day
		at       int
	}
	var members []member
	for _, m := range g.Members {
		i := x.base.ref.Index(m.Code)
		if i < 0 {
			continue
		}
		from, to := register.FirstDay, register.LastDay
		if m.From.Known() {
			from = m.From.First()
		}
		if m.To.Known() {
			to = m.To.Last()
		}
		members = append(members, member{from, to, i})
	}
	rows := make([]SigningRow, len(x.rows))
	through, mayThrough := x.throughGroups()
	for place := range rows {
		day := x.base.entries[place].first
		if day == register.FirstDay {
			day = x.Day
		}
		r := &rows[place]
		for _, m := range members {
			if day < m.from || day > m.to {
				continue
			}
			r.Of++
			switch {
			case x.inEffect[m.at].has(place):
				r.On++
			case x.unsettled[m.at].has(place), mayThrough[m.at].has(place):
				r.Unsettled++
			case through[m.at].has(place):
				r.Implied++
			}
		}
	}
	s := &Signing{}
	var shares []register.Share
	for _, place := range x.newest() {
		r := rows[place]
		if r.On+r.Unsettled+r.Implied == 0 {
			continue
		}
		r.Row = x.rows[place]
		s.Rows = append(s.Rows, r)
		shares = append(shares, r.Share)
		if r.On == r.Of {
			s.Whole++
		}
	}
	s.Cohesion, s.Lists = register.Cohesion(shares)
	return s
}

// Title is the title of a declaration of the index in a language, as TitleIn gives it, without its language.
func (x *Index) Title(slug, lang string) string { return x.Titled(slug, lang).Text }

// Titled is the title of a declaration of the index for a reader of lang with the language that it is in (D21), without its
// standing; empty where the index does not have the declaration.
func (x *Index) Titled(slug, lang string) register.Title {
	i, ok := x.base.bySlug.at(slug)
	if !ok {
		return register.Title{}
	}
	t := x.base.entries[i].titleIn(lang)
	return register.Title{Text: t.text, Lang: t.lang}
}
