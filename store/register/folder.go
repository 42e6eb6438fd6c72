package register

import (
	"cmp"
	"slices"
)

// Folder folds declarations one after the other in memory that it keeps, for files of a million rows. The rules are those
// of Timelines: Settle and StateOn. It is not safe for concurrent use.
type Folder struct {
	order     []int32
	lines     []Timeline
	moments   []Moment
	sources   []Source
	published func(key string) Date
}

// Fold is Timelines in another order: group lines first, by the group's code, then participants by code. What it returns
// stands until the next call and points into d.
func (f *Folder) Fold(d *Declaration) []Timeline {
	if f.published == nil {
		f.published = func(key string) (date Date) {
			for i := range f.sources {
				if f.sources[i].Key == key {
					date = f.sources[i].Published
				}
			}
			return date
		}
	}
	n := len(d.Actions)
	f.sources, f.order, f.lines = d.Sources, f.order[:0], f.lines[:0]
	f.moments = slices.Grow(f.moments[:0], n)[:n]
	for i := range d.Actions {
		f.order = append(f.order, int32(i))
	}
	slices.SortFunc(f.order, func(i, j int32) int {
		a, b := &d.Actions[i], &d.Actions[j]
		if c := cmp.Compare(a.Participant, b.Participant); c != 0 {
			return c
		}
		if c := cmp.Compare(a.Group, b.Group); c != 0 {
			return c
		}
		return int(i - j)
	})
	date := d.Date()
	for from := 0; from < n; {
		first := &d.Actions[f.order[from]]
		to := from
		for to < n {
			a := &d.Actions[f.order[to]]
			if a.Participant != first.Participant || a.Group != first.Group {
				break
			}
			f.moments[to] = Moment{Action: a}
			to++
		}
		moments := f.moments[from:to:to]
		Settle(moments, date, f.published)
		f.lines = append(f.lines, Timeline{Participant: first.Participant, Group: first.Group, Moments: moments})
		from = to
	}
	return f.lines
}
