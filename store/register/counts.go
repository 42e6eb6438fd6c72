package register

// Split is a number of participants by kind (D4), and of the UN members among them by regional group.
type Split struct {
	Total        int
	Members      int
	Observers    int
	Others       int
	Orgs         int
	ByGroup      map[string]int // UN regional group of members and observers, "" for none; only filled by Tally
	Unrecognised int            // codes that the reference does not know
}

func (s *Split) add(p *Participant) {
	s.Total++
	if p == nil {
		s.Unrecognised++
		return
	}
	switch p.Kind {
	case Member:
		s.Members++
	case Observer:
		s.Observers++
	case Organization:
		s.Orgs++
	default:
		s.Others++
	}
	if p.Kind == Member || p.Kind == Observer {
		if s.ByGroup == nil {
			s.ByGroup = map[string]int{}
		}
		s.ByGroup[p.RegionalGroup]++
	}
}

// States is the number of those that are no organisation.
func (s Split) States() int { return s.Total - s.Orgs }

// Counts are the numbers of one declaration on one day, never blended (D3).
type Counts struct {
	// Stated is the newest claim made by that day, nil where nobody claims a number. There may be others.
	Stated *Stated
	// Named are the participants that a source names as having come onto the list by that day, those that left included.
	Named Split
	// InEffect stand on the list on that day; Unsettled may, by what is recorded.
	InEffect, Unsettled Split
	// Left are no longer on it by that day: they have left it, or stand beside it now. NotYet come later.
	Left, NotYet Split
	// Ever is Named and those that came, or may have come, only through a group.
	Ever Split
	// Implied came only through a group and are not named on the list (D6); ImpliedUnsettled may have, by what is recorded of
	// the group's dates and of those of its members (D11).
	Implied, ImpliedUnsettled Split
	// Supporters and Aligned stand beside the list and are in none of the other numbers (D4), unless they stood on it before,
	// or a group that is on the list implies them.
	Supporters, Aligned Split
	// NotNamed is how many of Stated no source on record names; 0 where more are named than stated. The number is compared
	// with those who may have stood on the list on the day it is said of: who left or joined since makes no difference.
	NotNamed int
}

// StatedOn is the newest number claimed by a day: of those dated on or before it the latest, of equals the one recorded
// last; else the first undated one; nil where there is none.
func (d *Declaration) StatedOn(day Day) *Stated {
	var best *Stated
	for i := range d.Stated {
		s := &d.Stated[i]
		switch {
		case !s.Date.Known():
			if best == nil {
				best = s
			}
		case s.Date.Last() > day:
		case best == nil || !best.Date.Known() || s.Date.First() >= best.Date.First():
			best = s
		}
	}
	return best
}

// On is the day whose list a number is to be compared with, for a reader who asks about a day: the day it is said of.
// For an undated number that is unknown; everybody named by the day asked for counts then.
func (s *Stated) On(day Day) (on Day, known bool) { return min(day, s.Date.Last()), s.Date.Known() }

// Tally counts a declaration on a day. A participant both named and implied by a group counts once, as named (D6).
func (d *Declaration) Tally(ref *Reference, day Day) Counts {
	return tally(d, d.Timelines(), ref, day)
}

// TallyOf is Tally for whoever has the declaration's timelines already.
func (d *Declaration) TallyOf(lines []Timeline, ref *Reference, day Day) Counts {
	return tally(d, lines, ref, day)
}

func tally(d *Declaration, lines []Timeline, ref *Reference, day Day) Counts {
	var c Counts
	c.Stated = d.StatedOn(day)
	named := map[string]bool{}
	for i := range lines {
		t := &lines[i]
		if t.Participant == "" {
			continue
		}
		s, p := t.On(day), ref.Participant(t.Participant)
		switch {
		case s.Status == NotYet:
			c.NotYet.add(p)
		case s.Aside() && s.Capacity == Supporter:
			c.Supporters.add(p)
		case s.Aside():
			c.Aligned.add(p)
		}
		if !s.Named() {
			continue
		}
		named[t.Participant] = true
		c.Named.add(p)
		c.Ever.add(p)
		switch {
		case s.WentOff != nil:
			c.Left.add(p)
		case s.Status == InEffect:
			c.InEffect.add(p)
		case s.Status == Unsettled:
			c.Unsettled.add(p)
		}
	}
	for _, m := range Implied(lines, ref, day) {
		switch {
		case named[m.Participant]:
		case m.State.Status == Unsettled:
			c.ImpliedUnsettled.add(ref.Participant(m.Participant))
		default:
			c.Implied.add(ref.Participant(m.Participant))
		}
	}
	for _, m := range implied(lines, ref, day, true) {
		if !named[m.Participant] {
			c.Ever.add(ref.Participant(m.Participant))
		}
	}
	if c.Stated != nil {
		c.NotNamed = max(0, c.Stated.Count-c.Stated.named(&c, lines, ref, day))
	}
	return c
}

// named is how many of the list that a number is said of a source names, for a reader who asks about a day on which the
// counts are c.
func (s *Stated) named(c *Counts, lines []Timeline, ref *Reference, day Day) int {
	size := func(x Split) int {
		if s.Counts == StatesOnly {
			return x.States()
		}
		return x.Total
	}
	on, known := s.On(day)
	if !known {
		return size(c.Ever)
	}
	var stood Split
	seen := map[string]bool{}
	for i := range lines {
		if t := &lines[i]; t.Participant != "" && MayHaveStood(t.Moments, on) {
			seen[t.Participant] = true
			stood.add(ref.Participant(t.Participant))
		}
	}
	for _, m := range Implied(lines, ref, on) {
		if !seen[m.Participant] {
			stood.add(ref.Participant(m.Participant))
		}
	}
	return size(stood)
}

// ImpliedMember is a participant that stands on a list through a group line.
type ImpliedMember struct {
	Participant string
	Group       string
	Line        *Timeline
	State       State
}

// Implied works out who stands on the list through a group on a day: the members on the date of the group's action
// (D6). Where that date is partial, or a membership's, whoever was not surely a member on every day that it can mean is
// unsettled (D11). A participant of several groups is listed once, with the first, or with the first that settles it.
func Implied(lines []Timeline, ref *Reference, day Day) []ImpliedMember {
	return implied(lines, ref, day, false)
}

func implied(lines []Timeline, ref *Reference, day Day, gone bool) []ImpliedMember {
	var found []ImpliedMember
	places := map[string]int{}
	for i := range lines {
		t := &lines[i]
		if t.Group == "" {
			continue
		}
		s := t.On(day)
		if s.Status == NotYet || s.Status == Left && !gone || !s.Capacity.Counted() {
			continue
		}
		g := ref.Group(t.Group)
		if g == nil || s.Arrival == nil {
			continue
		}
		first, last := s.MembersOf(day)
		for _, m := range g.Between(first, last) {
			x := ImpliedMember{m.Code, t.Group, t, s}
			if !m.Throughout && s.Status == InEffect {
				x.State.Status, x.State.From, x.State.To = Unsettled, FirstDay, LastDay
			}
			at, ok := places[m.Code]
			switch {
			case !ok:
				places[m.Code] = len(found)
				found = append(found, x)
			case found[at].State.Status == Unsettled && x.State.Status == InEffect:
				found[at] = x
			}
		}
	}
	return found
}

// MembersOf are the first and the last of the days of which a group's members are meant, by a day on which its line has come:
// those that the date of its action can mean. Where nobody knows when it came they are those of the day asked for.
func (s State) MembersOf(day Day) (first, last Day) {
	if s.Arrival.First == FirstDay {
		return day, day
	}
	return s.Arrival.First, min(s.Arrival.Last, max(day, s.Arrival.First))
}
