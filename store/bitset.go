package store

import (
	"maps"
	"math/bits"
	"slices"
)

// bitset is a set of places. A nil one is empty.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (s bitset) add(i int)      { s[i/64] |= 1 << (i % 64) }
func (s bitset) remove(i int)   { s[i/64] &^= 1 << (i % 64) }
func (s bitset) has(i int) bool { return i/64 < len(s) && s[i/64]&(1<<(i%64)) != 0 }

func (s bitset) or(o bitset) {
	for i := range o {
		s[i] |= o[i]
	}
}

func (s bitset) without(o bitset) {
	for i := range min(len(s), len(o)) {
		s[i] &^= o[i]
	}
}

// and is what is in both sets, nil for nothing.
func (s bitset) and(o bitset) (both bitset) {
	for i := range min(len(s), len(o)) {
		if w := s[i] & o[i]; w != 0 {
			if both == nil {
				both = make(bitset, len(s))
			}
			both[i] = w
		}
	}
	return both
}

// copy is the set in memory of its own, for n places.
func (s bitset) copy(n int) bitset {
	c := newBitset(n)
	copy(c, s)
	return c
}

func (s bitset) empty() bool {
	for _, w := range s {
		if w != 0 {
			return false
		}
	}
	return true
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

// copies makes sets out of others that readers still have: a set is copied when it is first changed. All are of n places in
// the end, and the empty ones nil.
type copies struct {
	n    int
	sets []bitset
	own  []bool
}

func copiesOf(sets []bitset, n int) *copies {
	c := &copies{n, slices.Clone(sets), make([]bool, len(sets))}
	for i, s := range sets {
		if s != nil && len(s) != (n+63)/64 {
			c.sets[i], c.own[i] = s.copy(n), true
		}
	}
	return c
}

// put says whether a set has a place.
func (c *copies) put(set, place int, has bool) {
	s := c.sets[set]
	if s.has(place) == has {
		return
	}
	if !c.own[set] {
		s = s.copy(c.n)
		c.sets[set], c.own[set] = s, true
	}
	if has {
		s.add(place)
	} else {
		s.remove(place)
	}
}

func (c *copies) done() []bitset {
	for i, s := range c.sets {
		if c.own[i] && s.empty() {
			c.sets[i] = nil
		}
	}
	return c.sets
}

// named is copies of sets that have names. A set that is empty in the end is left out.
type named[K ~string] struct {
	n    int
	sets map[K]bitset
	own  map[K]bool
}

func namedOf[K ~string](sets map[K]bitset, n int) *named[K] {
	c := &named[K]{n, maps.Clone(sets), map[K]bool{}}
	if c.sets == nil {
		c.sets = map[K]bitset{}
	}
	for name, s := range sets {
		if len(s) != (n+63)/64 {
			c.sets[name], c.own[name] = s.copy(n), true
		}
	}
	return c
}

// add says that sets have a place, which others may have too.
func (c *named[K]) add(place int, names ...K) {
	for _, name := range names {
		c.mine(name).add(place)
	}
}

// put says which sets have a place, and no others.
func (c *named[K]) put(place int, names ...K) {
	for name, s := range c.sets {
		if s.has(place) && !slices.Contains(names, name) {
			c.mine(name).remove(place)
		}
	}
	for _, name := range names {
		if !c.sets[name].has(place) {
			c.mine(name).add(place)
		}
	}
}

func (c *named[K]) mine(name K) bitset {
	if !c.own[name] {
		c.sets[name], c.own[name] = c.sets[name].copy(c.n), true
	}
	return c.sets[name]
}

func (c *named[K]) done() map[K]bitset {
	for name := range c.own {
		if c.sets[name].empty() {
			delete(c.sets, name)
		}
	}
	return c.sets
}
