package register

// Status is what a participant's dated actions make of it on one day. It is derived, never stored (D1).
type Status string

// The statuses, as files print them.
const (
	InEffect  Status = "in_effect"
	Left      Status = "left"
	Unsettled Status = "unsettled" // a partial or unknown date leaves it open on that day (D11)
	NotYet    Status = "not_yet"   // it came later than the day asked for
)

// Assumption says which date an undated action is counted from (D11).
type Assumption int8

// What an action's days rest on.
const (
	Recorded        Assumption = iota // its own date
	FromDeclaration                   // an undated signature counts from the declaration's date
	FromSource                        // an undated joining counts from its source's date
	Nowhere                           // neither is known: unsettled from the declaration's date on
)

// Moment is one action in time: it happened on some day from First to Last, both included.
type Moment struct {
	Action      *Action
	First, Last Day
	Rests       Assumption
	began       Day // the declaration's first day: nobody stood on its list before it
}

// Timeline is everything that happened to one participant, or one group line, on one declaration, in order.
type Timeline struct {
	Participant string // empty for a group line
	Group       string
	Moments     []Moment
}

// State is where a timeline stands on one day.
type State struct {
	Status Status
	// Arrival is the action by which it last came, or may have come, onto the list, or beside it; Departure the one by which
	// it then left, or may have left: where it may have moved from the list to beside it, that is the move. Either is nil
	// where there is none by that day. For NotYet, Arrival is the one to come.
	Arrival, Departure *Moment
	// Newest is the last action of the stay that began with Arrival: that one itself, or a later one that changed the capacity.
	// What a source prints of it, and the source, are those of the newest. It is nil where Arrival is.
	Newest *Moment
	// Capacity is that of the newest action. Unsettled between standing on the list and beside it, it is the one on the list.
	Capacity Capacity
	// From and To bound the days around the one asked for on which the status is unsettled without a break: FirstDay and
	// LastDay where nothing recorded settles it.
	From, To Day
	// CameOn and WentOff are how whoever is no longer on the list came onto it last, and then went off it: by a departure, or by
	// an action that put it beside the list. Both are nil where it never was on the list, or still is, or may be; CameOn alone
	// where no source tells when it came. StoodAs is the newest action of that stay, as Newest is of the one that began with
	// Arrival.
	CameOn, WentOff, StoodAs *Moment
}

// Since is the date of arrival as recorded; the unknown date where there is none (D11). A change of capacity is no arrival.
func (s State) Since() Date { return s.Arrival.date() }

// Until is the date of departure as recorded; the unknown date where there is none.
func (s State) Until() Date { return s.Departure.date() }

func (m *Moment) date() Date {
	if m == nil {
		return Date{}
	}
	return m.Action.Date
}

// Counted says that the action is one on the list, not beside it; of no action it is false.
func (m *Moment) Counted() bool { return m != nil && m.Action.Capacity.Counted() }

// Named says that a source names it as on the list by that day, where it stands or may stand, or from which it has gone since:
// it has left, or stands beside the list now (D3).
func (s State) Named() bool {
	return s.Status != NotYet && (s.Capacity.Counted() || s.WentOff != nil)
}

// Aside says that it stands, or may stand, beside the list and not on it (D4).
func (s State) Aside() bool {
	return (s.Status == InEffect || s.Status == Unsettled) && !s.Capacity.Counted()
}

// Counted says that the state adds one to the signatories in effect, or to the unsettled ones: supporters and aligned
// participants never do (D4).
func (s State) Counted() bool {
	return (s.Status == InEffect || s.Status == Unsettled) && s.Capacity.Counted()
}

// Timelines folds the actions of a declaration: one timeline a participant or group, in the order of their first action.
// Every status, count, list and file is made from these.
func (d *Declaration) Timelines() []Timeline {
	date := d.Date()
	sources := make(map[string]Date, len(d.Sources))
	for _, s := range d.Sources {
		sources[s.Key] = s.Published
	}
	type key struct{ participant, group string }
	place := make(map[key]int, len(d.Actions))
	var lines []Timeline
	for i := range d.Actions {
		a := &d.Actions[i]
		k := key{a.Participant, a.Group}
		at, ok := place[k]
		if !ok {
			at = len(lines)
			place[k] = at
			lines = append(lines, Timeline{Participant: a.Participant, Group: a.Group})
		}
		lines[at].Moments = append(lines[at].Moments, Moment{Action: a})
	}
	for i := range lines {
		Settle(lines[i].Moments, date, func(key string) Date { return sources[key] })
	}
	return lines
}

// Settle works out the days of each action of one timeline, given in order with Action set: from its own date, or for an
// undated one by D11 from the declaration's date or its source's date. No action can have happened before the one it
// follows, nor an undated one after the one that follows it: a source that came out only after the participant had left
// again says nothing of when it came.
func Settle(moments []Moment, declaration Date, published func(source string) Date) {
	began := declaration.First()
	for i := range moments {
		m := &moments[i]
		m.began = began
		date, rests := m.Action.Date, Recorded
		if !date.Known() {
			if m.Action.Kind.Founding() {
				date, rests = declaration, FromDeclaration
			}
			if !date.Known() {
				date, rests = sourceDate(m.Action, published), FromSource
			}
		}
		if date.Known() {
			m.First, m.Last, m.Rests = date.First(), date.Last(), rests
			// A text that names a joiner was published after the declaration: a joining is never counted from before it.
			if rests == FromSource {
				m.First, m.Last = max(m.First, began), max(m.Last, began)
			}
		} else {
			m.First, m.Last, m.Rests = began, LastDay, Nowhere
		}
	}
	for i := len(moments) - 2; i >= 0; i-- {
		m, next := &moments[i], &moments[i+1]
		if m.Rests == FromSource && m.First > next.Last {
			m.First, m.Rests = began, Nowhere
		}
		m.Last = min(m.Last, next.Last)
		if m.Rests != Recorded {
			m.First = min(m.First, max(next.First, began))
		}
		m.First = min(m.First, m.Last)
	}
	for i := 1; i < len(moments); i++ {
		m, before := &moments[i], &moments[i-1]
		m.First = max(m.First, before.First)
		m.Last = max(m.Last, m.First)
	}
}

// sourceDate is the date of the source an action follows; where that has none, the earliest of those that say the same.
func sourceDate(a *Action, published func(source string) Date) Date {
	date := published(a.Source)
	if date.Known() {
		return date
	}
	for _, key := range a.AlsoSources {
		if d := published(key); d.Compare(date) < 0 {
			date = d
		}
	}
	return date
}

// On is the state on a day. Among all the ways in which the actions can have happened within their days, and in their
// order, it is settled where all agree, else unsettled (D11). Coming and going on one day leaves it gone at the day's
// end (D1).
func (t *Timeline) On(day Day) State { return StateOn(t.Moments, day) }

// StateOn is Timeline.On for moments that Settle has worked on.
func StateOn(moments []Moment, day Day) State {
	if len(moments) == 0 {
		return State{Status: NotYet}
	}
	// The actions certainly done are those up to certain; those up to possible may be done.
	certain, possible := -1, -1
	for i := range moments {
		if moments[i].First > day {
			break
		}
		possible = i
		if moments[i].Last <= day {
			certain = i
		}
	}
	s := State{Status: statusOf(moments, certain, possible, day)}
	last := max(possible, 0)
	if s.Status == InEffect {
		last = certain // what only may have happened since changes nothing but the capacity
	}
	for i := 0; i <= last; i++ {
		m := &moments[i]
		there := s.Newest != nil && s.Departure == nil
		// Who leaves and was not there had come, nobody knows when.
		off := there && s.Newest.Counted() && (m.Action.Kind.Departure() || !m.Counted()) || !there && m.Action.Kind.Departure() && m.Counted()
		if off {
			s.CameOn, s.WentOff, s.StoodAs = nil, m, nil
			if s.Newest.Counted() {
				s.CameOn, s.StoodAs = s.Arrival, s.Newest
			} else {
				s.Arrival, s.Newest = nil, nil // how it stood beside the list before is not how it came onto it
			}
		}
		switch {
		case m.Action.Kind.Departure():
			s.Departure = m
		case there && s.Newest.Counted() == m.Counted():
			s.Newest = m
		default:
			s.Arrival, s.Newest, s.Departure = m, m, nil
		}
		if !m.Action.Kind.Departure() && m.Counted() {
			s.CameOn, s.WentOff, s.StoodAs = nil, nil, nil
		}
	}
	if s.WentOff != nil && s.WentOff.Last > day {
		if !s.Newest.Counted() {
			s.Arrival, s.Newest, s.Departure = s.CameOn, s.StoodAs, s.WentOff // it may be on the list still
		}
		s.CameOn, s.WentOff, s.StoodAs = nil, nil, nil
	}
	if s.Newest != nil {
		s.Capacity = s.Newest.Action.Capacity
	} else {
		s.Capacity = s.Departure.Action.Capacity
	}
	if possible < 0 {
		s.Departure = nil
	}
	if s.Status == Unsettled {
		s.From, s.To = unsettledAround(moments, day)
		if s.Capacity.Counted() {
			s.CameOn, s.WentOff, s.StoodAs = nil, nil, nil
		}
	}
	return s
}

// statusOf is the status on a day on which the actions up to certain have happened and those up to possible may have.
func statusOf(moments []Moment, certain, possible int, day Day) Status {
	status := statusAfter(moments, certain, day)
	for i := certain + 1; i <= possible && status != Unsettled; i++ {
		if statusAfter(moments, i, day) != status ||
			status == InEffect && moments[i].Action.Capacity.Counted() != moments[certain].Action.Capacity.Counted() {
			status = Unsettled
		}
	}
	return status
}

// statusAfter is the status on a day on which the actions up to i, and no more, have happened. Whoever leaves next had
// been there: where no joining before is recorded, nobody knows since when (D1).
func statusAfter(moments []Moment, i int, day Day) Status {
	leavesNext := i+1 < len(moments) && moments[i+1].Action.Kind.Departure()
	switch {
	case i < 0 && leavesNext && day >= moments[0].began:
		return Unsettled
	case i < 0:
		return NotYet
	case !moments[i].Action.Kind.Departure():
		return InEffect
	case leavesNext:
		return Unsettled
	}
	return Left
}

// unsettledAround is the unbroken run of unsettled days around an unsettled one.
func unsettledAround(moments []Moment, day Day) (from, to Day) {
	on, first, last, unsettled := FirstDay, 0, 0, false
	for {
		for first < len(moments) && moments[first].First <= on {
			first++
		}
		for last < first && moments[last].Last <= on {
			last++
		}
		was := unsettled
		unsettled = statusOf(moments, last-1, first-1, on) == Unsettled
		if unsettled && !was {
			from = on
		}
		if !unsettled && on > day {
			return from, on - 1
		}
		next := LastDay
		if first < len(moments) {
			next = min(next, moments[first].First)
		}
		if last < len(moments) {
			next = min(next, moments[last].Last)
		}
		if on < moments[0].began {
			next = min(next, moments[0].began)
		}
		if next <= on || next == LastDay {
			return from, LastDay
		}
		on = next
	}
}

// MayHaveStood says whether moments that Settle has worked on leave it possible that somebody stood on the list, in a
// counted capacity, at the end of a day. Unlike StateOn it assumes nothing of undated arrivals: whoever a source names had
// come on some day until then. It is what numbers stated by others are compared with.
func MayHaveStood(moments []Moment, day Day) bool {
	ever := false
	for i := range moments {
		m := &moments[i]
		ever = ever || m.Action.Capacity.Counted()
		if i+1 < len(moments) && moments[i+1].Last <= day {
			continue // what came next was over by then
		}
		first, counted := m.First, m.Action.Capacity.Counted()
		if m.Action.Kind.Departure() {
			if m.Last <= day || i > 0 && !moments[i-1].Action.Kind.Departure() {
				continue
			}
			first, counted = m.began, ever // it had been there, nobody knows since when
		} else if m.Rests == FromSource {
			first = m.began
		}
		if i > 0 {
			first = max(first, moments[i-1].First)
		}
		if first <= day && counted {
			return true
		}
	}
	return false
}

// Arrivals and departures are counted by the day from which they are settled. SettledFrom is that day for a moment, and
// false where nothing settles it.
func (m *Moment) SettledFrom() (Day, bool) { return m.Last, m.Last != LastDay }

// Ever says that the timeline may have stood on the list by a day, however it stands now.
func (t *Timeline) Ever(day Day) bool {
	return len(t.Moments) > 0 && (t.Moments[0].First <= day || statusAfter(t.Moments, -1, day) == Unsettled)
}
