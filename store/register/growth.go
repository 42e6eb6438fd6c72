package register

import "slices"

// Step is a day on which a list changed: who is settled to have joined or left, of whom a partial date leaves it open from
// that day on, and how many stand on the list at its end. Participants are given by code, in the order of the record.
type Step struct {
	Day                  Day // FirstDay where not even the declaration's date is known
	Joined, Left, Opened []string
	InEffect, Unsettled  int
}

// Undated is a participant whose joining, or departure, bears no date, and what it is counted from instead (D11).
type Undated struct {
	Participant string
	Rests       Assumption
	On          Day // the first day that it is counted from
	Left        Day // of a departure the day by which it is settled, 0 of a joining
}

// Growth is how a list grew until a day: a step for each day on which a joining or a departure is settled, or begins to be
// open. Supporters, aligned participants and group lines are not on the list (D4, D6). After each step the two numbers are
// those that Tally gives for its day.
func Growth(lines []Timeline, day Day) (steps []Step, undated []Undated) {
	byDay := map[Day]*change{}
	of := func(on Day) *change {
		c := byDay[on]
		if c == nil {
			c = &change{}
			byDay[on] = c
		}
		return c
	}
	for i := range lines {
		t := &lines[i]
		if t.Participant == "" || len(t.Moments) == 0 {
			continue
		}
		if m := undatedArrival(t.Moments); m != nil && m.First <= day {
			undated = append(undated, Undated{Participant: t.Participant, Rests: m.Rests, On: m.First})
		}
		on, counted := false, false // the list, by the actions so far; and so where it last stood
		for j := range t.Moments {
			m := &t.Moments[j]
			if (on || counted && m.Action.Kind.Departure()) && m.leaves() && m.Rests != Recorded && m.First <= day {
				undated = append(undated, Undated{t.Participant, m.Rests, m.First, m.Last})
			}
			if on = m.Counted() && !m.Action.Kind.Departure(); !m.Action.Kind.Departure() {
				counted = on
			}
		}
		was := notOn
		for _, on := range turns(t.Moments, day) {
			state := StateOn(t.Moments, on)
			is := standingOf(state)
			left, came := settledOn(t.Moments, on)
			switch {
			case is == was && !(is == isOn && left && came):
				continue
			case is == was:
				c := of(on) // left and rejoined on one day
				c.Left, c.Joined = append(c.Left, t.Participant), append(c.Joined, t.Participant)
				continue
			}
			c := of(on)
			switch {
			case is == isOn:
				c.Joined = append(c.Joined, t.Participant)
			case is == mayBeOn:
				c.Opened = append(c.Opened, t.Participant)
			case was != notOn:
				c.Left = append(c.Left, t.Participant)
			case is == wasOn && came:
				c.Joined, c.Left = append(c.Joined, t.Participant), append(c.Left, t.Participant)
			}
			c.inEffect += oneIf(is == isOn) - oneIf(was == isOn)
			c.unsettled += oneIf(is == mayBeOn) - oneIf(was == mayBeOn)
			if is == wasOn {
				is = notOn
			}
			was = is
		}
	}
	days := make([]Day, 0, len(byDay))
	for on := range byDay {
		days = append(days, on)
	}
	slices.Sort(days)
	inEffect, unsettled := 0, 0
	for _, on := range days {
		c := byDay[on]
		inEffect, unsettled = inEffect+c.inEffect, unsettled+c.unsettled
		if len(c.Joined)+len(c.Left)+len(c.Opened) == 0 {
			continue
		}
		c.Day, c.InEffect, c.Unsettled = on, inEffect, unsettled
		steps = append(steps, c.Step)
	}
	return steps, undated
}

// change is a step in the making: by how much it changes the numbers.
type change struct {
	Step
	inEffect, unsettled int
}

type stand uint8

const (
	notOn stand = iota
	isOn
	mayBeOn
	wasOn
)

func standingOf(s State) stand {
	switch {
	case s.WentOff != nil:
		return wasOn
	case s.Status == NotYet || !s.Capacity.Counted():
		return notOn
	case s.Status == InEffect:
		return isOn
	}
	return mayBeOn
}

// turns are the days, until one, on which the state of a timeline can change.
func turns(moments []Moment, until Day) []Day {
	days := []Day{moments[0].began}
	for i := range moments {
		days = append(days, moments[i].First, moments[i].Last)
	}
	days = slices.DeleteFunc(days, func(d Day) bool { return d > until || d == LastDay })
	slices.Sort(days)
	return slices.Compact(days)
}

// leaves says that the action takes off the list whoever is on it: it leaves, or stands beside it from then on.
func (m *Moment) leaves() bool { return m.Action.Kind.Departure() || !m.Counted() }

// settledOn says whether an action that takes off the list, and whether a counted arrival, is settled from a day on.
func settledOn(moments []Moment, on Day) (left, came bool) {
	for i := range moments {
		if m := &moments[i]; m.Last == on {
			if m.leaves() {
				left = true
			} else {
				came = true
			}
		}
	}
	return left, came
}

// undatedArrival is the first counted arrival, where it bears no date of its own.
func undatedArrival(moments []Moment) *Moment {
	for i := range moments {
		if m := &moments[i]; !m.Action.Kind.Departure() && m.Action.Capacity.Counted() {
			if m.Rests == Recorded {
				return nil
			}
			return m
		}
	}
	return nil
}

func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
