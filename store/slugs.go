package store

import (
	"hash/maphash"
	"maps"
	"slices"
)

// slugs are the places of declarations by slug. They are in many maps, so that few bytes are copied where one changes.
type slugs []map[string]int32

// slugMaps is how many maps there are: a power of two.
const slugMaps = 256

var slugSeed = maphash.MakeSeed()

func slugMap(slug string) int { return int(maphash.String(slugSeed, slug) % slugMaps) }

// at is the place of a slug, 0 and false where there is none.
func (s slugs) at(slug string) (place int, ok bool) {
	if len(s) == 0 {
		return 0, false
	}
	p, ok := s[slugMap(slug)][slug]
	return int(p), ok
}

// with is s where some slugs lead nowhere any more and others to places. s stays as it is.
func (s slugs) with(gone []string, come map[string]int32) slugs {
	if len(gone)+len(come) == 0 && len(s) > 0 {
		return s
	}
	n, own := make(slugs, slugMaps), [slugMaps]bool{}
	copy(n, s)
	mine := func(slug string) map[string]int32 {
		i := slugMap(slug)
		if !own[i] {
			if n[i], own[i] = maps.Clone(n[i]), true; n[i] == nil {
				n[i] = map[string]int32{}
			}
		}
		return n[i]
	}
	for _, slug := range gone {
		delete(mine(slug), slug)
	}
	for slug, place := range come {
		mine(slug)[slug] = place
	}
	return n
}

// reordered is an order without some places and with others added where compare puts them: it tells any two places apart,
// and the places that are not among the changed ones stand as it says already.
func reordered(order []int32, changed bitset, added []int32, compare func(a, b int32) int) []int32 {
	kept := make([]int32, 0, len(order)+len(added))
	for _, i := range order {
		if !changed.has(int(i)) {
			kept = append(kept, i)
		}
	}
	slices.SortFunc(added, compare)
	// From the end, each kept place moves once.
	from := len(kept)
	kept = kept[:from+len(added)]
	for k := len(added) - 1; k >= 0; k-- {
		at, _ := slices.BinarySearchFunc(kept[:from], added[k], compare)
		copy(kept[at+k+1:], kept[at:from])
		kept[at+k] = added[k]
		from = at
	}
	return kept
}
