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
	// Left have left it by that day; NotYet come later.
	Left, NotYet Split
	// Ever is Named and those that came only through a group.
	Ever Split
	// Implied came only through a group and are not named (D6).
	Implied Split
	// Supporters and Aligned stand beside the list and are in none of the other numbers (D4).
	Supporters, Aligned Split
	// NotNamed is how many of Stated no source on record names; 0 where more are named than stated.
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
		case s.Date.First() > day:
		case best == nil || !best.Date.Known() || s.Date.First() >= best.Date.First():
			best = s
		}
	}
	return best
}

// Tally counts a declaration on a day. A participant both named and implied by a group counts once, as named (D6).
func (d *Declaration) Tally(ref *Reference, day Day) Counts {
	return tally(d, d.Timelines(), ref, day)
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
			continue
		case s.Capacity == Supporter:
			if s.Status != Left {
				c.Supporters.add(p)
			}
			continue
		case s.Capacity == Aligned:
			if s.Status != Left {
				c.Aligned.add(p)
			}
			continue
		}
		named[t.Participant] = true
		c.Named.add(p)
		c.Ever.add(p)
		switch s.Status {
		case InEffect:
			c.InEffect.add(p)
		case Unsettled:
			c.Unsettled.add(p)
		case Left:
			c.Left.add(p)
		}
	}
	for _, m := range Implied(lines, ref, day) {
		if named[m.Participant] {
			continue
		}
		p := ref.Participant(m.Participant)
		c.Implied.add(p)
		c.Ever.add(p)
	}
	if c.Stated != nil {
		present := c.InEffect.Total + c.Unsettled.Total + c.Implied.Total
		if c.Stated.Counts == StatesOnly {
			present = c.InEffect.States() + c.Unsettled.States() + c.Implied.States()
		}
		c.NotNamed = max(0, c.Stated.Count-present)
	}
	return c
}

// ImpliedMember is a participant that stands on a list through a group line.
type ImpliedMember struct {
	Participant string
	Group       string
	Line        *Timeline
	State       State
}

// Implied works out who stands on the list through a group on a day: the members on the date of the group's action
// (D6). A participant of several groups is listed once, with the first.
func Implied(lines []Timeline, ref *Reference, day Day) []ImpliedMember {
	var found []ImpliedMember
	seen := map[string]bool{}
	for i := range lines {
		t := &lines[i]
		if t.Group == "" {
			continue
		}
		s := t.On(day)
		if s.Status != InEffect && s.Status != Unsettled || !s.Capacity.Counted() {
			continue
		}
		g := ref.Group(t.Group)
		if g == nil || s.Arrival == nil {
			continue
		}
		on := s.Arrival.First
		if on == FirstDay {
			on = day
		}
		for _, code := range g.On(on) {
			if !seen[code] {
				seen[code] = true
				found = append(found, ImpliedMember{code, t.Group, t, s})
			}
		}
	}
	return found
}
