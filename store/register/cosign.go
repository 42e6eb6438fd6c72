package register

import (
	"math"
	"math/bits"
	"slices"
)

// LeastCommon is the number of declarations in common below which no lift is given: by so few, chance alone makes any
// figure.
const LeastCommon = 5

// Mark is where a participant stands on a declaration, as comparisons and the matrix show it on one day.
type Mark uint8

// The marks. Only MarkOn is counted; what is unsettled is shown apart (D11), whoever stands beside the list or came
// through a group only is no signatory (D4, D6).
const (
	NoMark     Mark = iota // no source on record names it for that day: no more than that (D7)
	MarkOn                 // in effect, in a counted capacity
	MarkMayBe              // unsettled, in a counted capacity or through a group's unsettled line
	MarkLeft               // had been on it
	MarkBeside             // a supporter, or aligned, and implied by no group
	MarkGroup              // implied by a group, not named on the list
)

// markNames are the marks as files print them.
var markNames = [...]string{NoMark: "", MarkOn: "in_effect", MarkMayBe: "unsettled", MarkLeft: "left", MarkBeside: "beside", MarkGroup: "implied_by_group"}

// String is the mark as files print it, empty for none.
func (m Mark) String() string { return markNames[m] }

// Part is what a comparison makes of one row.
type Part uint8

// The parts, in the order in which comparisons show them.
const (
	OnAll    Part = iota // in effect on every one
	OnSome               // in effect on at least one, nothing unsettled
	NotSure              // unsettled on at least one: which of the others it is cannot be said
	ByGroup              // in effect on none, implied by a group on at least one
	OnNone               // none of these
	OnlyHere             // in effect on the one asked about, on none of the others
)

// partNames are the parts as files print them.
var partNames = [...]string{OnAll: "all", OnSome: "some", NotSure: "unsettled", ByGroup: "implied_by_group", OnNone: "none", OnlyHere: "only"}

// String is the part as files print it.
func (p Part) String() string { return partNames[p] }

// PartOf says which part a row with these marks belongs to.
func PartOf(marks []Mark) Part {
	on, may, groups := tallyMarks(marks)
	switch {
	case on == len(marks):
		return OnAll
	case may > 0:
		return NotSure
	case on > 0:
		return OnSome
	case groups > 0:
		return ByGroup
	}
	return OnNone
}

// PartOnly says whether a row belongs to “on the one at this place, on none of the others”: OnlyHere, or NotSure where
// only what is unsettled stands against it.
func PartOnly(marks []Mark, place int) (part Part, ok bool) {
	part = OnlyHere
	for i, m := range marks {
		switch {
		case i == place && m != MarkOn && m != MarkMayBe, i != place && m == MarkOn:
			return 0, false
		case m == MarkMayBe:
			part = NotSure
		}
	}
	return part, true
}

func tallyMarks(marks []Mark) (on, may, groups int) {
	for _, m := range marks {
		switch m {
		case MarkOn:
			on++
		case MarkMayBe:
			may++
		case MarkGroup:
			groups++
		}
	}
	return on, may, groups
}

// Common is how many places two bitsets share. The shorter one ends where it ends.
func Common(a, b []uint64) int {
	n := min(len(a), len(b))
	a, b = a[:n], b[:n]
	count := 0
	for i, w := range a {
		count += bits.OnesCount64(w & b[i])
	}
	return count
}

// Overlap is what two sets share: their sizes and the size of what stands in both.
type Overlap struct{ A, B, Both int }

// OnlyA is how many stand in the first alone.
func (o Overlap) OnlyA() int { return o.A - o.Both }

// OnlyB is how many stand in the second alone.
func (o Overlap) OnlyB() int { return o.B - o.Both }

// Union is how many stand in either.
func (o Overlap) Union() int { return o.A + o.B - o.Both }

// Jaccard is the share of those in either that stand in both: from 0 for nothing in common to 1 for the same. It is not a
// number where both sets are empty.
func (o Overlap) Jaccard() float64 {
	if o.Union() == 0 {
		return math.NaN()
	}
	return float64(o.Both) / float64(o.Union())
}

// Lift is how many times as many are common as chance would make it if each of the two stood on as many of the base as it
// does, but on any of them alike: both × base / (a × b). It is not a number below LeastCommon.
func (o Overlap) Lift(base int) float64 {
	if o.Both < LeastCommon || o.A == 0 || o.B == 0 {
		return math.NaN()
	}
	return float64(o.Both) * float64(base) / (float64(o.A) * float64(o.B))
}

// Share is a number of members on a list out of those that the group had.
type Share struct{ On, Of int }

// Part is the share as a part of 1, not a number for a group without members.
func (s Share) Part() float64 {
	if s.Of == 0 {
		return math.NaN()
	}
	return float64(s.On) / float64(s.Of)
}

// Cohesion is the mean share of a group's members that stood together on a list, over the lists on which at least one
// stood, and the number of those lists. Being on no list is no position (D7), so lists without any member say nothing. It
// is not a number where there is none.
func Cohesion(shares []Share) (mean float64, lists int) {
	sum := 0.0
	for _, s := range shares {
		if s.On > 0 && s.Of > 0 {
			sum += s.Part()
			lists++
		}
	}
	if lists == 0 {
		return math.NaN(), 0
	}
	return sum / float64(lists), lists
}

// Seriate orders n things so that alike ones stand beside each other: it begins with the two that are most alike and goes
// on at whichever end has the likest neighbour left. Of equals it takes the one that stands first, so that the order
// depends on nothing else. It asks for every pair once, i < j.
func Seriate(n int, alike func(i, j int) float64) []int {
	if n < 3 {
		order := make([]int, n)
		for i := range order {
			order[i] = i
		}
		return order
	}
	near := make([]float64, n*n)
	from, to := 0, 1
	for i := range n {
		for j := i + 1; j < n; j++ {
			a := alike(i, j)
			if math.IsNaN(a) {
				a = 0
			}
			near[i*n+j], near[j*n+i] = a, a
			if a > near[from*n+to] {
				from, to = i, j
			}
		}
	}
	placed := make([]bool, n)
	placed[from], placed[to] = true, true
	front, back := []int{from}, []int{to} // front grows away from the middle
	for range n - 2 {
		best, at, atFront := -1.0, 0, false
		for i := range n {
			if placed[i] {
				continue
			}
			if a := near[back[len(back)-1]*n+i]; a > best {
				best, at, atFront = a, i, false
			}
			if a := near[front[len(front)-1]*n+i]; a > best {
				best, at, atFront = a, i, true
			}
		}
		placed[at] = true
		if atFront {
			front = append(front, at)
		} else {
			back = append(back, at)
		}
	}
	slices.Reverse(front)
	return append(front, back...)
}
