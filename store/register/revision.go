package register

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Revision is one published change of the register, numbered 1, 2, 3 … without a gap: the register's own clock.
type Revision struct {
	Number      int
	PublishedAt time.Time // UTC, whole seconds
	// Subject says what changed: "declaration", or "reference" for participants, groups and topics.
	Subject string
	// Declaration is the slug of the declaration that changed, empty for reference data.
	Declaration string
	Changes     []Change
	// Reason is the one the public reads, and ReasonLang its language.
	Reason, ReasonLang string
	// Role of the author and, where the account allows it, the name; never more of a person.
	AuthorRole, AuthorName string
	// PreviousHash and Hash chain the revisions: each covers the change, its circumstances and the hash before. Hex SHA-256.
	PreviousHash, Hash string
}

// What a revision is about.
const (
	OfDeclaration = "declaration"
	OfReference   = "reference"
)

// Change is one difference between two published states, ready to be said in any language: What names the sentence.
type Change struct {
	What        string     `json:"what"`
	Field       string     `json:"field,omitempty"`
	Participant string     `json:"participant,omitempty"`
	Group       string     `json:"group,omitempty"`
	Action      ActionKind `json:"action,omitempty"`
	Date        Date       `json:"date,omitzero"`
	Before      string     `json:"before,omitempty"`
	After       string     `json:"after,omitempty"`
	Count       int        `json:"count,omitempty"`
	Stated      int        `json:"stated,omitempty"`
}

// What a change says. An action that is added is something that happened; an action or name that is removed or changed is
// the register's own correction (D2).
const (
	Created         = "created"          // Count named, Stated claimed
	Retired         = "retired"          // After: the slug that answers now
	FieldChanged    = "field"            // Field, Before, After
	ActionAdded     = "action_added"     // Participant or Group, Action, Date
	ActionCorrected = "action_corrected" // Participant or Group, Field, Before, After
	ActionRemoved   = "action_removed"   // Participant or Group, Action, Date: recorded by mistake
	SourceAdded     = "source_added"     // After: publisher
	SourceRemoved   = "source_removed"   // Before: publisher
	SourceChanged   = "source_changed"   // Field, Before, After
	ParticipantsSet = "participants"     // Count changed participants
	GroupsSet       = "groups"           // Count changed groups
	TopicsSet       = "topics"           // Count changed topics
	WordsSet        = "ambiguous"        // Count changed ambiguous names
)

// Diff is the readable difference between two states of a declaration, in the order of the page. A nil before is a
// declaration that is new.
func Diff(before, after *Declaration) []Change {
	if before == nil {
		c := Change{What: Created}
		for _, t := range after.Timelines() {
			if t.Participant != "" && t.Moments[0].Action.Capacity.Counted() {
				c.Count++
			}
		}
		if s := after.StatedOn(LastDay); s != nil {
			c.Stated = s.Count
		}
		return []Change{c}
	}
	var changes []Change
	if before.MergedInto == "" && after.MergedInto != "" {
		changes = append(changes, Change{What: Retired, After: after.MergedInto})
	}
	field := func(name, a, b string) {
		if a != b {
			changes = append(changes, Change{What: FieldChanged, Field: name, Before: a, After: b})
		}
	}
	if before.MergedInto != "" {
		field("merged_into", before.MergedInto, after.MergedInto)
	}
	field("slug", before.Slug, after.Slug)
	field("kind", string(before.Kind), string(after.Kind))
	keyed(before.Titles, after.Titles, func(t Title) string { return t.Lang }, func(lang string, a, b *Title) {
		field("title."+lang, say(a, titleText), say(b, titleText))
	})
	field("adopted", before.Adopted.String(), after.Adopted.String())
	field("presented", before.Presented.String(), after.Presented.String())
	field("published", before.Published.String(), after.Published.String())
	field("opened", before.Opened.String(), after.Opened.String())
	field("closed", before.Closed.String(), after.Closed.String())
	field("sponsors", strings.Join(before.Sponsors, "|"), strings.Join(after.Sponsors, "|"))
	field("presented_by", before.PresentedBy, after.PresentedBy)
	field("presenter_delegation", before.PresenterDelegation, after.PresenterDelegation)
	field("presenter_counted", string(before.PresenterCounted), string(after.PresenterCounted))
	field("open", string(before.Open), string(after.Open))
	field("list_complete", string(before.ListComplete), string(after.ListComplete))
	field("topics", strings.Join(before.Topics, "|"), strings.Join(after.Topics, "|"))
	keyed(before.Texts, after.Texts, func(t Text) string { return t.Lang }, func(lang string, a, b *Text) {
		if a == nil {
			a = &Text{}
		}
		if b == nil {
			b = &Text{}
		}
		field("event."+lang, a.Event, b.Event)
		field("place."+lang, a.Place, b.Place)
		field("summary."+lang, a.Summary, b.Summary)
		field("notes."+lang, a.Notes, b.Notes)
	})
	keyed(before.Stated, after.Stated, func(s Stated) string { return s.Counts + " " + s.Date.String() + " " + s.Source },
		func(_ string, a, b *Stated) { field("stated", say(a, statedText), say(b, statedText)) })
	keyed(before.Links, after.Links, func(l Link) string { return l.Target },
		func(_ string, a, b *Link) { field("links", say(a, linkText), say(b, linkText)) })
	keyed(before.Disputes, after.Disputes, func(x Dispute) string { return x.Participant + " " + x.Source + " " + In(x.Claim, "en").Text },
		func(_ string, a, b *Dispute) { field("disputes", say(a, disputeText), say(b, disputeText)) })
	changes = append(changes, diffActions(before, after)...)
	keyed(before.Sources, after.Sources, func(s Source) string { return s.Key }, func(key string, a, b *Source) {
		switch {
		case a == nil:
			changes = append(changes, Change{What: SourceAdded, Field: key, After: b.Publisher})
		case b == nil:
			changes = append(changes, Change{What: SourceRemoved, Field: key, Before: a.Publisher})
		case *a != *b:
			changes = append(changes, Change{What: SourceChanged, Field: key, Before: sourceText(a), After: sourceText(b)})
		}
	})
	if len(changes) == 0 && !reflect.DeepEqual(before, after) && !same(before, after) {
		// Nothing but the order of titles, actions … differs, or a text was moved from one field to another.
		changes = append(changes, Change{What: FieldChanged, Field: "order"})
	}
	return changes
}

// same says that two declarations are one as published, whatever is nil or empty in them.
func same(a, b *Declaration) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

func diffActions(before, after *Declaration) []Change {
	old := map[int64]*Action{}
	for i := range before.Actions {
		old[before.Actions[i].ID] = &before.Actions[i]
	}
	kept := map[int64]bool{}
	var changes []Change
	for i := range after.Actions {
		b := &after.Actions[i]
		a := old[b.ID]
		if b.ID == 0 || a == nil {
			changes = append(changes, Change{What: ActionAdded, Participant: b.Participant, Group: b.Group, Action: b.Kind, Date: b.Date})
			continue
		}
		kept[b.ID] = true
		for _, f := range actionFields(a, b) {
			if f.before != f.after {
				changes = append(changes, Change{What: ActionCorrected, Participant: b.Participant, Group: b.Group, Action: b.Kind,
					Field: f.name, Before: f.before, After: f.after})
			}
		}
	}
	for i := range before.Actions {
		if a := &before.Actions[i]; !kept[a.ID] {
			changes = append(changes, Change{What: ActionRemoved, Participant: a.Participant, Group: a.Group, Action: a.Kind, Date: a.Date})
		}
	}
	return changes
}

type fieldPair struct{ name, before, after string }

func actionFields(a, b *Action) []fieldPair {
	yes := func(b bool) string {
		if b {
			return "yes"
		}
		return "no"
	}
	number := func(n int) string {
		if n == 0 {
			return ""
		}
		return fmt.Sprint(n)
	}
	return []fieldPair{
		{"participant", a.Participant, b.Participant},
		{"group", a.Group, b.Group},
		{"action", string(a.Kind), string(b.Kind)},
		{"capacity", string(a.Capacity), string(b.Capacity)},
		{"capacity_as_printed", a.CapacityAsPrinted, b.CapacityAsPrinted},
		{"name_as_printed", a.NameAsPrinted, b.NameAsPrinted},
		{"printed_position", number(a.PrintedPosition), number(b.PrintedPosition)},
		{"date", a.Date.String(), b.Date.String()},
		{"public_date", a.PublicDate.String(), b.PublicDate.String()},
		{"reason", string(a.Reason), string(b.Reason)},
		{"joining_not_recorded", yes(a.JoiningNotRecorded), yes(b.JoiningNotRecorded)},
		{"source", a.Source, b.Source},
		{"also_sources", strings.Join(a.AlsoSources, "|"), strings.Join(b.AlsoSources, "|")},
		{"place_in_source", a.PlaceInSource, b.PlaceInSource},
		{"note", a.Note, b.Note},
	}
}

// keyed calls f for every key of two lists, those of the second in its order first, with the elements that have it: the
// first with the first where several have the same.
func keyed[T any](before, after []T, key func(T) string, f func(key string, a, b *T)) {
	old := make(map[string][]*T, len(before))
	for i := range before {
		k := key(before[i])
		old[k] = append(old[k], &before[i])
	}
	for i := range after {
		k := key(after[i])
		var a *T
		if had := old[k]; len(had) > 0 {
			a, old[k] = had[0], had[1:]
		}
		f(k, a, &after[i])
	}
	for i := range before {
		k := key(before[i])
		if left := old[k]; len(left) > 0 && left[0] == &before[i] {
			f(k, &before[i], nil)
			old[k] = left[1:]
		}
	}
}

func say[T any](x *T, text func(*T) string) string {
	if x == nil {
		return ""
	}
	return text(x)
}

func joined(parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, " · ")
}

func titleText(t *Title) string {
	return joined(t.Text, string(t.Standing), t.Source, t.Note)
}

func statedText(s *Stated) string {
	return joined(fmt.Sprint(s.Count, " ", s.Counts), s.Date.String(), s.Source, s.Note)
}

func linkText(l *Link) string { return joined(string(l.Kind), l.Target, l.Note) }

func disputeText(x *Dispute) string {
	parts := []string{x.Participant}
	for _, p := range x.Claim {
		parts = append(parts, p.Text)
	}
	return joined(append(parts, x.Source)...)
}

func sourceText(s *Source) string {
	return joined(s.Publisher, s.Title, s.URL, s.Lang, string(s.Kind), s.Published.String(), s.ReadOn.String(), s.Supports)
}

// Summary says changes in one English line, for files (pages say them in the reader's language). At most three changes
// are told one by one, the rest is counted.
func Summary(changes []Change, ref *Reference) string {
	var parts []string
	for i, c := range changes {
		if i == 3 && len(changes) > 4 {
			parts = append(parts, fmt.Sprintf("and %d more changes", len(changes)-3))
			break
		}
		who := c.Group
		if c.Participant != "" {
			who = ref.Name(c.Participant, "en")
		}
		switch c.What {
		case Created:
			s := fmt.Sprintf("new declaration, %d named", c.Count)
			if c.Stated > 0 {
				s += fmt.Sprintf(" of %d stated", c.Stated)
			}
			parts = append(parts, s)
		case Retired:
			parts = append(parts, "retired in favour of "+c.After)
		case FieldChanged:
			parts = append(parts, c.Field+" changed")
		case ActionAdded:
			s := who + " " + string(c.Action)
			if c.Date.Known() {
				s += " " + c.Date.String()
			}
			parts = append(parts, s)
		case ActionCorrected:
			parts = append(parts, "correction: "+who+", "+c.Field)
		case ActionRemoved:
			parts = append(parts, "correction: "+who+" "+string(c.Action)+" recorded by mistake")
		case SourceAdded:
			parts = append(parts, "source added: "+c.After)
		case SourceRemoved:
			parts = append(parts, "source removed: "+c.Before)
		case SourceChanged:
			parts = append(parts, "source changed: "+c.Field)
		case ParticipantsSet, GroupsSet, TopicsSet, WordsSet:
			parts = append(parts, fmt.Sprintf("reference data: %d %s", c.Count, c.What))
		default:
			parts = append(parts, c.What)
		}
	}
	return strings.Join(parts, "; ")
}
