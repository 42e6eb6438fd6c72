package store

import (
	"slices"
	"sort"

	"cosignatory/store/register"
)

// Facets are the values of each filter with the number of declarations that have them and fit all the other filters: what
// a reader would get who chose that value next, or in place of the one chosen. Values that none has are left out.
type Facets struct {
	Topics, Kinds, Sponsors, Signatories, Groups, Open []Facet // the most frequent first
	Years                                              []Facet // the newest first; undated declarations are in none
}

// Facets are those under a filter.
func (x *Index) Facets(f register.Filter) *Facets {
	if f.Empty() {
		x.mu.Lock()
		whole := x.whole
		x.mu.Unlock()
		if whole != nil {
			return whole
		}
	}
	b := x.base
	all := x.choose(f)
	// without is what is chosen where one of the filters is left out: all of it, where that one is not set.
	without := func(set bool, leave func(f *register.Filter)) bitset {
		if !set {
			return all
		}
		g := f
		leave(&g)
		return x.choose(g)
	}
	v := &Facets{}
	v.Topics = among(b.topic, without(f.Topic != "", func(f *register.Filter) { f.Topic = "" }))
	v.Kinds = among(b.kind, without(f.Kind != "", func(f *register.Filter) { f.Kind = "" }))
	v.Sponsors = among(b.sponsor, without(f.Sponsor != "", func(f *register.Filter) { f.Sponsor = "" }))
	v.Open = among(b.open, without(f.Open != "", func(f *register.Filter) { f.Open = "" }))
	of := without(f.Signatory != "", func(f *register.Filter) { f.Signatory = "" })
	for i, p := range b.ref.Participants {
		if n := both(of, x.inEffect[i], x.unsettled[i]); n > 0 {
			v.Signatories = append(v.Signatories, Facet{p.Code, n})
		}
	}
	of = without(f.Group != "", func(f *register.Filter) { f.Group = "" })
	groups := x.ofGroups()
	for i, g := range b.ref.Groups {
		if n := both(of, groups[i], nil); n > 0 {
			v.Groups = append(v.Groups, Facet{g.Code, n})
		}
	}
	mostFirst(v.Signatories)
	mostFirst(v.Groups)
	of = without(f.From.Known() || f.To.Known(), func(f *register.Filter) { f.From, f.To = register.Date{}, register.Date{} })
	v.Years = among(b.year, of)
	slices.SortFunc(v.Years, func(a, b Facet) int {
		if a.Value > b.Value {
			return -1
		}
		return 1
	})
	if f.Empty() {
		x.mu.Lock()
		x.whole = v
		x.mu.Unlock()
	}
	return v
}

// ofGroups is ofGroup of each group of the reference, made when it is first asked for.
func (x *Index) ofGroups() []bitset {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.groups == nil {
		x.groups = make([]bitset, len(x.base.ref.Groups))
		for i, g := range x.base.ref.Groups {
			x.groups[i] = x.ofGroup(g.Code)
		}
	}
	return x.groups
}

// among are the values that occur in a set.
func among[K ~string](sets map[K]bitset, of bitset) []Facet {
	var list []Facet
	for value, set := range sets {
		if n := both(of, set, nil); n > 0 && value != "" {
			list = append(list, Facet{string(value), n})
		}
	}
	mostFirst(list)
	return list
}

func mostFirst(list []Facet) {
	sort.Slice(list, func(i, j int) bool {
		if list[i].Count != list[j].Count {
			return list[i].Count > list[j].Count
		}
		return list[i].Value < list[j].Value
	})
}
