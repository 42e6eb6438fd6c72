package register

import "slices"

// BesideRecord is how somebody named in a text stands to the record of a declaration.
type BesideRecord string

// What a find, or a group of a text, is to the record: not on it; on it already; off it since a departure, so that the
// text says it rejoined, or is mistaken; named once more in the same text.
const (
	IsNew      BesideRecord = "new"
	IsOnList   BesideRecord = "on_list"
	HadLeft    BesideRecord = "left"
	NamedTwice BesideRecord = "twice"
)

// Besides lists them.
var Besides = []BesideRecord{IsNew, IsOnList, HadLeft, NamedTwice}

// Place is what a find or a group is to the record.
type Place struct {
	Beside BesideRecord
	// State is where it stands on the record; its zero value where it is new.
	State State
	// Last is the last action on record by which it came onto the list; nil where it is new.
	Last *Action
}

// Absence is somebody on record whom the text does not name. It says nothing of why (D7): it may have left, or only not be
// printed.
type Absence struct {
	Participant string // code; empty for a group line
	Group       string
	State       State
}

// Comparison is a text beside the record of a declaration on one day.
type Comparison struct {
	Finds  []Place // as Recognition.Finds
	Groups []Place // as Recognition.Groups
	// Missing are those in effect, or unsettled, on the list of the day whom the text names neither by name nor through a
	// group, nor as one of the candidates of a find that nobody has decided; in the order of the record.
	Missing []Absence
	// New, OnList, Left and Twice count the finds that stand for one participant.
	New, OnList, Left, Twice int
}

// Against compares what was read in a text with the record of a declaration. The day is the one that the text's list holds
// for. A find without a participant is new: whom it means is not decided yet. What the record only dates after the day, or
// ends after it, is on record all the same: a departure makes a find one that had left where it is the last thing recorded.
func Against(d *Declaration, ref *Reference, rec *Recognition, on Day) Comparison {
	type key struct{ participant, group string }
	lines := d.Timelines()
	place := make(map[key]Place, len(lines))
	for i := range lines {
		t := &lines[i]
		p := Place{Beside: IsOnList, State: t.On(on)}
		for j := range t.Moments {
			if a := t.Moments[j].Action; !a.Kind.Departure() {
				p.Last = a
			}
		}
		if last := t.Moments[len(t.Moments)-1]; last.Action.Kind.Departure() && last.First <= on {
			p.Beside = HadLeft
		}
		place[key{t.Participant, t.Group}] = p
	}
	of := func(k key) Place {
		if p, ok := place[k]; ok {
			return p
		}
		return Place{Beside: IsNew}
	}
	var c Comparison
	named, groups := map[string]bool{}, map[string]bool{}
	for _, f := range rec.Finds {
		p := Place{Beside: IsNew}
		switch {
		case f.Participant == "":
			for _, code := range f.Candidates {
				named[code] = true
			}
			c.Finds = append(c.Finds, p)
			continue
		case named["="+f.Participant]:
			p.Beside = NamedTwice
			c.Twice++
		default:
			p = of(key{participant: f.Participant})
			switch p.Beside {
			case IsNew:
				c.New++
			case IsOnList:
				c.OnList++
			case HadLeft:
				c.Left++
			}
		}
		named[f.Participant], named["="+f.Participant] = true, true
		c.Finds = append(c.Finds, p)
	}
	for _, g := range rec.Groups {
		p := of(key{group: g.Group})
		if groups[g.Group] {
			p.Beside = NamedTwice
		}
		groups[g.Group] = true
		c.Groups = append(c.Groups, p)
		for _, code := range g.Members {
			named[code] = true
		}
	}
	for i := range lines {
		t := &lines[i]
		s := t.On(on)
		if !s.Counted() || named[t.Participant] && t.Participant != "" || groups[t.Group] && t.Group != "" {
			continue
		}
		if t.Group != "" {
			// A group line whose members the text names one by one is not missing.
			if g := ref.Group(t.Group); g != nil {
				members := g.On(on)
				if len(members) > 0 && !slices.ContainsFunc(members, func(code string) bool { return !named[code] }) {
					continue
				}
			}
		}
		c.Missing = append(c.Missing, Absence{Participant: t.Participant, Group: t.Group, State: s})
	}
	return c
}
