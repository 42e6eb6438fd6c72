package store

import (
	"cmp"
	"math/bits"
	"slices"
)

// tallying is declarations with what they have of something asked for. The ways in which a declaration has a word, of which the
// best counts, are added up to the words that a term needs; those are one way to have a term, of which the best counts again;
// and the terms are added up to the question.
type tallying interface {
	// begin empties it. Only declarations among others are taken from then on, nil for any.
	begin(among tallying)
	// words adds the declarations that have words from one to before another, by their numbers.
	words(t *terms, from, to int, m manner)
	// set adds declarations.
	set(set bitset, score int32, tier Tier, where Field)
	// ways adds all of another as ways to have this.
	ways(of tallying)
	// meet leaves the declarations that have the next part as well, which is all of the next where it is the first. It empties
	// the next.
	meet(next tallying, first bool)
	// none says that nothing is left, or can be kept.
	none() bool
}

// manner is how a word answers to the one that was typed: what that is worth, in quarters, what is added to that, and whether
// it is the very word or only written like it.
type manner struct {
	of, more     int32
	exact, alike bool
}

func (m manner) in(where Field) (score int32, tier Tier) {
	switch {
	case m.alike:
		tier = Alike
	case where&(InTitle|InSlug) == 0:
		tier = Elsewhere
	case m.exact:
		tier = InName
	default:
		tier = Beginning
	}
	return worths[where]*m.of/4 + m.more, tier
}

// tally is what a declaration has of what is asked for.
type tally struct {
	round uint32 // in which it was tallied: what is of another round is none
	score int32
	count uint16 // of the parts it is added up of
	tier  Tier
	where Field
}

// tallies are those of declarations one by one, by place. Beginning anew costs nothing, whatever their number.
type tallies struct {
	round uint32
	of    []tally
	list  []int32 // the places that have one
	among *tallies
}

// room makes room for n declarations.
func (t *tallies) room(n int) {
	if len(t.of) < n {
		t.of = make([]tally, n)
	}
	t.begin(nil)
}

func (t *tallies) begin(among tallying) {
	t.list = t.list[:0]
	if t.round++; t.round == 0 {
		clear(t.of) // the rounds before are told apart no more
		t.round = 1
	}
	t.among, _ = among.(*tallies)
}

func (t *tallies) none() bool { return len(t.list) == 0 }

func (t *tallies) has(i int32) bool { return t.of[i].round == t.round }

// best adds a way to have what is asked for: the best of them counts, and all of their fields.
func (t *tallies) best(i int32, score int32, tier Tier, where Field) {
	if t.among != nil && !t.among.has(i) {
		return
	}
	x := &t.of[i]
	if x.round != t.round {
		*x = tally{round: t.round, score: score, count: 1, tier: tier, where: where}
		t.list = append(t.list, i)
		return
	}
	x.score, x.tier, x.where = max(x.score, score), max(x.tier, tier), x.where|where
}

func (t *tallies) words(of *terms, from, to int, m manner) {
	for _, p := range of.posts[of.from[from]:of.from[to]] {
		score, tier := m.in(Field(p))
		t.best(int32(p>>placeBits), score, tier, Field(p))
	}
}

func (t *tallies) set(set bitset, score int32, tier Tier, where Field) {
	for w, word := range set {
		for ; word != 0; word &= word - 1 {
			t.best(int32(w*64+bits.TrailingZeros64(word)), score, tier, where)
		}
	}
}

func (t *tallies) ways(of tallying) {
	o := of.(*tallies)
	for _, i := range o.list {
		x := &o.of[i]
		t.best(i, x.score, x.tier, x.where)
	}
}

func (t *tallies) meet(n tallying, first bool) {
	next := n.(*tallies)
	list := t.list[:0]
	round := t.round
	t.begin(nil)
	for _, i := range next.list {
		y := next.of[i]
		if x := &t.of[i]; !first && x.round == round { // who has the next part had the others: no more were looked for
			y.score, y.count, y.tier, y.where = x.score+y.score, x.count+1, min(x.tier, y.tier), x.where|y.where
		}
		y.round = t.round
		t.of[i] = y
	}
	t.list, next.list = next.list, list
	next.begin(nil)
}

// join adds a part that not all need to have.
func (t *tallies) join(next *tallies) {
	for _, i := range next.list {
		y := next.of[i]
		x := &t.of[i]
		if x.round == t.round {
			x.score, x.count, x.tier, x.where = x.score+y.score, x.count+1, min(x.tier, y.tier), x.where|y.where
			continue
		}
		y.round = t.round
		*x = y
		t.list = append(t.list, i)
	}
	next.begin(nil)
}

// class is declarations that all have what is asked for in the same way.
type class struct {
	set   bitset
	score int32
	tier  Tier
	where Field
}

// mostClasses is how many classes are kept apart: where there are more, declarations are tallied one by one.
var mostClasses = 32

// classes are declarations by how they have what is asked for. Most differ in few ways, so whole sets are met at once, which
// hardly takes longer for many declarations than for few.
type classes struct {
	n    int // declarations of the index
	list []class
	over bool // more classes than are kept apart: what they have is not all
}

func (c *classes) begin(tallying) { c.list, c.over = nil, false }

func (c *classes) none() bool { return len(c.list) == 0 || c.over }

// like is the set of the declarations that are had in a way; nil where there would be too many ways.
func (c *classes) like(score int32, tier Tier, where Field) bitset {
	for k := len(c.list) - 1; k >= 0; k-- {
		if x := &c.list[k]; x.score == score && x.tier == tier && x.where == where {
			return x.set
		}
	}
	if len(c.list) >= mostClasses {
		c.over = true
		return nil
	}
	s := newBitset(c.n)
	c.list = append(c.list, class{s, score, tier, where})
	return s
}

func (c *classes) words(t *terms, from, to int, m manner) {
	places := t.posts[t.from[from]:t.from[to]]
	if to-from == 1 && len(places) >= max(manyPlaces, c.n/manyShare) {
		for _, f := range t.byField(from) {
			score, tier := m.in(f.where)
			c.set(f.set, score, tier, f.where)
		}
		return
	}
	var into bitset
	var last Field
	for _, p := range places {
		if where := Field(p); into == nil || where != last {
			score, tier := m.in(where)
			if into, last = c.like(score, tier, where), where; into == nil {
				return
			}
		}
		into.add(int(p >> placeBits))
	}
}

func (c *classes) set(set bitset, score int32, tier Tier, where Field) {
	if set.empty() {
		return
	}
	if into := c.like(score, tier, where); into != nil {
		into.or(set)
	}
}

func (c *classes) ways(of tallying) {
	o := of.(*classes)
	c.over = c.over || o.over
	for _, x := range o.list {
		c.set(x.set, x.score, x.tier, x.where)
	}
}

// apart makes each declaration be in one class: who was in several is in that of the best of them, with all of their fields.
func (c *classes) apart() {
	raw := c.list
	c.list = nil
	for _, x := range raw {
		for k := range c.list {
			y := &c.list[k]
			score, tier, where := max(x.score, y.score), max(x.tier, y.tier), x.where|y.where
			switch {
			case score == y.score && tier == y.tier && where == y.where:
				x.set.without(y.set)
			case score == x.score && tier == x.tier && where == x.where:
				y.set.without(x.set)
			default:
				if both := y.set.and(x.set); both != nil {
					x.set.without(both)
					y.set.without(both)
					c.set(both, score, tier, where)
				}
			}
		}
		c.set(x.set, x.score, x.tier, x.where)
	}
	c.list = slices.DeleteFunc(c.list, func(x class) bool { return x.set.empty() })
}

func (c *classes) meet(n tallying, first bool) {
	next := n.(*classes)
	next.apart()
	mine := c.list
	c.over = c.over || next.over
	if c.list = nil; first {
		c.list = next.list
	}
	for _, x := range mine {
		for _, y := range next.list {
			if c.over {
				break
			}
			if both := x.set.and(y.set); both != nil {
				c.set(both, x.score+y.score, min(x.tier, y.tier), x.where|y.where)
			}
		}
	}
	next.begin(nil)
}

// best are the numbers by which the best are ordered, as searching.order makes them, the greatest first, at most most of them,
// and how many declarations there are in all. It leaves the classes in that order.
func (c *classes) best(count, most int, rank, at []int32) (top []uint64, total int) {
	slices.SortFunc(c.list, func(a, b class) int { return cmp.Or(cmp.Compare(b.tier, a.tier), cmp.Compare(b.score, a.score)) })
	for k := 0; k < len(c.list); {
		x := c.list[k]
		set := x.set
		for k++; k < len(c.list) && c.list[k].tier == x.tier && c.list[k].score == x.score; k++ {
			set = set.copy(c.n)
			set.or(c.list[k].set)
		}
		n := set.count()
		total += n
		n = min(n, most-len(top))
		if n <= 0 {
			continue
		}
		key := orderKey(count, x.tier, x.score, 0)
		from := len(top)
		if set.count() > c.n/16 { // the newest are found soon
			for r := len(at) - 1; r >= 0 && len(top) < from+n; r-- {
				if set.has(int(at[r])) {
					top = append(top, key|uint64(r))
				}
			}
			continue
		}
		set.each(func(i int) bool { top = append(top, key|uint64(rank[i])); return true })
		slices.SortFunc(top[from:], func(a, b uint64) int { return cmp.Compare(b, a) })
		top = top[:from+n]
	}
	return top, total
}

// where is the fields in which a declaration has what is asked for.
func (c *classes) where(i int32) Field {
	for _, x := range c.list {
		if x.set.has(int(i)) {
			return x.where
		}
	}
	return 0
}
