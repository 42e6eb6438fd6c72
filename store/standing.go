package store

import (
	"slices"
	"strconv"

	"cosignatory/store/register"
)

// ThroughRow is a declaration on which a participant stands through a group only.
type ThroughRow struct {
	*Row
	Group     string // by whose line
	Unsettled bool   // that line is unsettled on the day, or whether the participant was a member then (D11)
}

// Through is where a participant stands, or may stand, on the day through a group and no source names it on the list (D6),
// newest first: at most limit of them, and their number.
func (x *Index) Through(code string, limit int) (rows []ThroughRow, total int) {
	i := x.base.ref.Index(code)
	if i < 0 {
		return nil, 0
	}
	through, mayThrough := x.throughGroups()
	set := newBitset(len(x.rows))
	set.or(through[i])
	set.or(mayThrough[i])
	total = set.count()
	for _, place := range x.newest() {
		if len(rows) == limit || len(rows) == total {
			break
		}
		if !set.has(int(place)) {
			continue
		}
		r := ThroughRow{Row: x.rows[place]}
		for _, m := range register.Implied(x.base.entries[place].doc.Timelines(), x.base.ref, x.Day) {
			if m.Participant == code {
				r.Group, r.Unsettled = m.Group, m.State.Status == register.Unsettled
			}
		}
		rows = append(rows, r)
	}
	return rows, total
}

// Year is how many declarations of a year a participant stands on, by where it stands on the day. Year 0 is the unknown one.
type Year struct{ Year, On, Unsettled, Left, Beside int }

// Years is a participant's declarations by the years of their dates: the earliest first, the unknown one last, years without
// any left out.
func (x *Index) Years(code string) []Year {
	i := x.base.ref.Index(code)
	if i < 0 {
		return nil
	}
	sets := [4]bitset{x.inEffect[i], x.unsettled[i], x.left[i], x.beside[i]}
	var all []Year
	unknown := Year{On: sets[0].count(), Unsettled: sets[1].count(), Left: sets[2].count(), Beside: sets[3].count()}
	for name, set := range x.base.year {
		y := Year{On: register.Common(sets[0], set), Unsettled: register.Common(sets[1], set), Left: register.Common(sets[2], set),
			Beside: register.Common(sets[3], set)}
		if y == (Year{}) {
			continue
		}
		unknown = Year{On: unknown.On - y.On, Unsettled: unknown.Unsettled - y.Unsettled, Left: unknown.Left - y.Left, Beside: unknown.Beside - y.Beside}
		y.Year, _ = strconv.Atoi(name)
		all = append(all, y)
	}
	if unknown != (Year{}) {
		all = append(all, unknown)
	}
	slices.SortFunc(all, func(a, b Year) int {
		if (a.Year == 0) != (b.Year == 0) {
			return b.Year - a.Year // the unknown one last
		}
		return a.Year - b.Year
	})
	return all
}

// WithoutRow is a declaration on which members of a group stand and one member does not. Members are those of the
// declaration's own day.
type WithoutRow struct {
	*Row
	On, Of int
	// Mark is what is on record of the one member all the same: nothing, unsettled, left, beside the list.
	Mark register.Mark
}

// Without is the declarations on which members of a group stand on the day and a participant, a member too on the declaration's
// day, does not: those with the most members first, of equals the newest. It says no more than that (D7): where the mark is
// register.MarkMayBe it may stand there too, and is not to be told as not on the list (D11).
func (x *Index) Without(code, group string) []WithoutRow {
	i, g := x.base.ref.Index(code), x.base.ref.Group(group)
	if i < 0 || g == nil {
		return nil
	}
	var rows []WithoutRow
	for _, s := range x.GroupSigning(group).Rows {
		place, _ := x.base.bySlug.at(s.Slug)
		day := x.base.entries[place].first
		if day == register.FirstDay {
			day = x.Day
		}
		mark := x.mark(i, place)
		if s.On == 0 || mark == register.MarkOn || mark == register.MarkGroup || !slices.ContainsFunc(g.Members, func(m register.Membership) bool { return m.Code == code && m.On(day) }) {
			continue
		}
		rows = append(rows, WithoutRow{Row: s.Row, On: s.On, Of: s.Of, Mark: mark})
	}
	slices.SortStableFunc(rows, func(a, b WithoutRow) int { return b.On - a.On })
	return rows
}
