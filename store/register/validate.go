package register

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Problem is one thing that is wrong with a draft: the field (a path such as actions[3].source), the key of a message and
// the message's arguments. What a reader is told is made from these; there is no prose here.
type Problem struct {
	Field string         `json:"field"`
	Key   string         `json:"key"`
	Args  map[string]any `json:"args,omitempty"`
}

// Invalid is the error of a draft that cannot be published as it is: every problem at once.
type Invalid struct{ Problems []Problem }

func (e *Invalid) Error() string {
	var b strings.Builder
	for i, p := range e.Problems {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s: %s", p.Field, p.Key)
		for _, k := range slices.Sorted(maps.Keys(p.Args)) {
			fmt.Fprintf(&b, " %s=%v", k, p.Args[k])
		}
	}
	return b.String()
}

var (
	slugShape   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	sourceShape = regexp.MustCompile(`^[a-z0-9]+([-_.][a-z0-9]+)*$`)
	langShape   = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
)

// MaxText is how many bytes one text of a declaration may have; notes and summaries are far shorter.
const MaxText = 20_000

// MaxRows is how many actions, sources, titles … one declaration may have.
const MaxRows = 5_000

// Clean normalises every text of a draft: NFC (D22), no blanks at the ends, no blank or control characters but spaces and,
// in notes, line breaks. Printed names keep their spelling (D14). A source that an action names twice as saying the same is named
// once (D19).
func (d *Declaration) Clean() {
	clean := func(texts ...*string) {
		for _, t := range texts {
			*t = CleanText(*t)
		}
	}
	clean(&d.Slug, (*string)(&d.Kind), &d.PresentedBy, &d.PresenterDelegation)
	for i := range d.Sponsors {
		clean(&d.Sponsors[i])
	}
	for i := range d.Titles {
		t := &d.Titles[i]
		clean(&t.Lang, &t.Text, &t.Source, &t.Note)
	}
	for i := range d.Texts {
		t := &d.Texts[i]
		clean(&t.Lang, &t.Event, &t.Place, &t.Summary, &t.Notes)
	}
	for i := range d.Stated {
		clean(&d.Stated[i].Source, &d.Stated[i].Note)
	}
	for i := range d.Links {
		clean(&d.Links[i].Target, &d.Links[i].Note)
	}
	for i := range d.Sources {
		s := &d.Sources[i]
		clean(&s.Key, &s.Publisher, &s.Title, &s.URL, &s.Lang, &s.Supports)
	}
	for i := range d.Actions {
		a := &d.Actions[i]
		clean(&a.Participant, &a.Group, &a.CapacityAsPrinted, &a.NameAsPrinted, &a.Source, &a.PlaceInSource, &a.Note)
		for j := range a.AlsoSources {
			clean(&a.AlsoSources[j])
		}
		a.AlsoSources = once(a.AlsoSources)
	}
	for i := range d.Disputes {
		clean(&d.Disputes[i].Participant, &d.Disputes[i].Source)
		for j := range d.Disputes[i].Claim {
			clean(&d.Disputes[i].Claim[j].Lang, &d.Disputes[i].Claim[j].Text)
		}
	}
	for _, t := range []*Tristate{&d.PresenterCounted, &d.Open, &d.ListComplete} {
		if *t == "" {
			*t = NotRecorded
		}
	}
}

// once is a short list with each text in its first place only.
func once(list []string) []string {
	for i, s := range list {
		if !slices.Contains(list[:i], s) {
			continue
		}
		kept := slices.Clone(list[:i])
		for _, s := range list[i:] {
			if !slices.Contains(kept, s) {
				kept = append(kept, s)
			}
		}
		return kept
	}
	return list
}

// CleanText is one text as Clean leaves it.
func CleanText(s string) string {
	plain := true
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] >= 0x7f {
			plain = false
			break
		}
	}
	if !plain {
		s = norm.NFC.String(strings.Map(func(r rune) rune {
			switch {
			case r == '\n':
				return r
			case r == '\t' || r == '\r' || r == 0x85 || r == 0x2028 || r == 0x2029:
				return ' '
			case unicode.IsControl(r) || r == unicode.ReplacementChar || r == 0xFEFF:
				return -1
			}
			return r
		}, norm.NFC.String(s)))
	}
	return strings.TrimSpace(s)
}

// Validate returns everything that keeps a draft from being published, in the order of the form; none for a sound one.
// It does not know other declarations: that a slug is free and a link's target exists is the store's to say.
func (d *Declaration) Validate(ref *Reference) []Problem {
	v := &validation{ref: ref}
	v.slug("slug", d.Slug)
	v.oneOf("kind", string(d.Kind), "kind", contains(Kinds, d.Kind))
	if len(d.Titles) == 0 {
		v.add("titles", "title_missing")
	}
	langs := map[string]bool{}
	sources := map[string]int{}
	for _, s := range d.Sources {
		sources[s.Key]++
	}
	for i, t := range d.Titles {
		f := fmt.Sprintf("titles[%d]", i)
		v.lang(f+".lang", t.Lang)
		if langs[t.Lang] {
			v.add(f+".lang", "language_twice", "Lang", t.Lang)
		}
		langs[t.Lang] = true
		v.text(f+".text", t.Text, true)
		v.text(f+".note", t.Note, false)
		v.oneOf(f+".standing", string(t.Standing), "standing", t.Standing == Authentic || t.Standing == Official || t.Standing == Unofficial)
		if t.Source != "" {
			v.source(f+".source", t.Source, sources)
		}
	}
	langs = map[string]bool{}
	for i, t := range d.Texts {
		f := fmt.Sprintf("texts[%d]", i)
		v.lang(f+".lang", t.Lang)
		if langs[t.Lang] {
			v.add(f+".lang", "language_twice", "Lang", t.Lang)
		}
		langs[t.Lang] = true
		v.text(f+".event", t.Event, false)
		v.text(f+".place", t.Place, false)
		v.text(f+".summary", t.Summary, false)
		v.text(f+".notes", t.Notes, false)
	}
	if d.Opened.Known() && d.Closed.Known() && d.Closed.Last() < d.Opened.First() {
		v.add("closed", "closed_before_opened", "Opened", d.Opened.String(), "Closed", d.Closed.String())
	}
	if d.MergedInto != "" {
		v.slug("merged_into", d.MergedInto)
		if d.MergedInto == d.Slug {
			v.add("merged_into", "link_to_itself")
		}
	}
	if !d.Date().Known() && len(d.Actions) == 0 {
		v.add("adopted", "date_missing")
	}
	seen := map[string]bool{}
	for i, code := range d.Sponsors {
		f := fmt.Sprintf("sponsors[%d]", i)
		v.participant(f, code)
		if seen[code] {
			v.add(f, "sponsor_twice", "Code", code)
		}
		seen[code] = true
	}
	if d.PresenterDelegation != "" {
		v.participant("presenter_delegation", d.PresenterDelegation)
	}
	v.text("presented_by", d.PresentedBy, false)
	for _, t := range []struct {
		field string
		value Tristate
	}{{"presenter_counted", d.PresenterCounted}, {"open", d.Open}, {"list_complete", d.ListComplete}} {
		v.oneOf(t.field, string(t.value), "tristate", t.value == Yes || t.value == No || t.value == NotRecorded || t.value == "")
	}
	seen = map[string]bool{}
	for i, code := range d.Topics {
		f := fmt.Sprintf("topics[%d]", i)
		if ref.Topic(code) == nil {
			v.add(f, "topic_unknown", "Topic", code)
		}
		if seen[code] {
			v.add(f, "topic_twice", "Topic", code)
		}
		seen[code] = true
	}
	for i, s := range d.Stated {
		f := fmt.Sprintf("stated[%d]", i)
		if s.Count < 1 || s.Count > 10_000 {
			v.add(f+".count", "stated_out_of_range", "Number", s.Count)
		}
		v.oneOf(f+".counts", s.Counts, "stated_counts", s.Counts == StatesOnly || s.Counts == AllParticipants)
		v.source(f+".source", s.Source, sources)
		v.text(f+".note", s.Note, false)
	}
	for i, l := range d.Links {
		f := fmt.Sprintf("links[%d]", i)
		v.oneOf(f+".kind", string(l.Kind), "link", contains(LinkKinds, l.Kind))
		v.slug(f+".target", l.Target)
		if l.Target == d.Slug {
			v.add(f+".target", "link_to_itself")
		}
		v.text(f+".note", l.Note, false)
	}
	for i, s := range d.Sources {
		f := fmt.Sprintf("sources[%d]", i)
		if !sourceShape.MatchString(s.Key) || len(s.Key) > 80 {
			v.add(f+".key", "source_key_shape", "Source", s.Key)
		} else if sources[s.Key] > 1 {
			v.add(f+".key", "source_key_twice", "Source", s.Key)
		}
		v.text(f+".publisher", s.Publisher, true)
		v.text(f+".title", s.Title, true)
		v.text(f+".supports", s.Supports, false)
		if u, err := url.Parse(s.URL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || len(s.URL) > 2000 {
			v.add(f+".url", "address_shape", "Address", s.URL)
		}
		if s.Lang != "" {
			v.lang(f+".lang", s.Lang)
		}
		v.oneOf(f+".kind", string(s.Kind), "source_kind", contains(SourceKinds, s.Kind))
	}
	v.actions(d, sources)
	for i, x := range d.Disputes {
		f := fmt.Sprintf("disputes[%d]", i)
		if x.Participant != "" {
			v.participant(f+".participant", x.Participant)
		}
		if len(x.Claim) == 0 {
			v.add(f+".claim", "text_missing")
		}
		for j, p := range x.Claim {
			v.lang(fmt.Sprintf("%s.claim[%d].lang", f, j), p.Lang)
			v.text(fmt.Sprintf("%s.claim[%d].text", f, j), p.Text, true)
		}
		if x.Source != "" {
			v.source(f+".source", x.Source, sources)
		}
	}
	for _, list := range []struct {
		name string
		n    int
	}{{"titles", len(d.Titles)}, {"texts", len(d.Texts)}, {"sponsors", len(d.Sponsors)}, {"topics", len(d.Topics)}, {"stated", len(d.Stated)},
		{"links", len(d.Links)}, {"sources", len(d.Sources)}, {"actions", len(d.Actions)}, {"disputes", len(d.Disputes)}} {
		v.rows(list.name, list.n)
	}
	return v.problems
}

type validation struct {
	ref      *Reference
	problems []Problem
}

func (v *validation) add(field, key string, args ...any) {
	p := Problem{Field: field, Key: key}
	for i := 0; i+1 < len(args); i += 2 {
		if p.Args == nil {
			p.Args = map[string]any{}
		}
		p.Args[args[i].(string)] = args[i+1]
	}
	v.problems = append(v.problems, p)
}

func (v *validation) oneOf(field, value, list string, ok bool) {
	if !ok {
		v.add(field, "not_in_list", "Value", value, "List", list)
	}
}

func (v *validation) slug(field, s string) {
	if !ValidSlug(s) {
		v.add(field, "slug_shape", "Slug", s)
	}
}

// ValidSlug says that a text can be a declaration's address: small letters, digits and single hyphens, at most 100.
func ValidSlug(s string) bool { return len(s) <= 100 && slugShape.MatchString(s) }

func (v *validation) lang(field, s string) {
	if len(s) > 20 || !langShape.MatchString(s) {
		v.add(field, "language_shape", "Lang", brief(s))
	}
}

// brief is as much of a wrong value as a message needs to name it.
func brief(s string) string {
	const most = 60
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	return s
}

func (v *validation) text(field, s string, needed bool) {
	switch {
	case needed && s == "":
		v.add(field, "text_missing")
	case len(s) > MaxText:
		v.add(field, "text_too_long", "Count", len(s), "Max", MaxText)
	case s != CleanText(s):
		v.add(field, "text_unclean")
	}
}

func (v *validation) participant(field, code string) {
	if v.ref.Participant(code) == nil {
		v.add(field, "participant_unknown", "Code", code)
	}
}

func (v *validation) source(field, key string, known map[string]int) {
	switch {
	case key == "":
		v.add(field, "source_missing")
	case known[key] == 0:
		v.add(field, "source_unknown", "Source", key)
	}
}

// actionPaths are the paths of an action's fields. Most declarations have fewer actions than are made ready: a register of a
// million of them is validated in one go when it is imported.
type actionPaths struct {
	participant, group, date, action, capacity, reason, source, nameAsPrinted, capacityAsPrinted, note, placeInSource, printedPosition, joiningNotRecorded string
}

var readyPaths = func() (all [128]actionPaths) {
	for i := range all {
		all[i] = newActionPaths(i)
	}
	return all
}()

func newActionPaths(i int) actionPaths {
	f := fmt.Sprintf("actions[%d].", i)
	return actionPaths{f + "participant", f + "group", f + "date", f + "action", f + "capacity", f + "reason", f + "source", f + "name_as_printed", f + "capacity_as_printed", f + "note", f + "place_in_source", f + "printed_position", f + "joining_not_recorded"}
}

func pathsOf(i int) *actionPaths {
	if i < len(readyPaths) {
		return &readyPaths[i]
	}
	f := newActionPaths(i)
	return &f
}

// actions checks every action by itself and each participant's actions in their order.
func (v *validation) actions(d *Declaration, sources map[string]int) {
	type past struct {
		on       bool
		capacity Capacity
		left     bool
		unclear  bool // one of its actions is none of those that there are: what follows may be right
		last     Date
	}
	done := map[string]*past{}
	date := d.Date()
	began := date // names may be gathered before the text is adopted or read out
	for _, x := range []Date{d.Adopted, d.Presented, d.Published, d.Opened} {
		if x.Known() && x.First() < began.First() {
			began = x
		}
	}
	for i := range d.Actions {
		a := &d.Actions[i]
		f := pathsOf(i)
		who := a.Participant
		switch {
		case a.Participant == "" && a.Group == "":
			v.add(f.participant, "participant_missing")
		case a.Participant != "" && a.Group != "":
			v.add(f.group, "participant_and_group")
		case a.Group != "":
			who = "group " + a.Group
			if v.ref.Group(a.Group) == nil {
				v.add(f.group, "group_unknown", "Group", a.Group)
			}
		default:
			v.participant(f.participant, a.Participant)
			on := a.Date
			if !on.Known() && a.Kind.Founding() {
				on = date // as it will be counted (D11)
			}
			if p := v.ref.Participant(a.Participant); p != nil && p.ValidTo.Known() && on.Known() &&
				!a.Kind.Departure() && on.First() > p.ValidTo.Last() {
				v.add(f.date, "entity_ended", "Code", a.Participant, "Date", p.ValidTo.String())
			}
		}
		sound := contains(ActionKinds, a.Kind)
		v.oneOf(f.action, string(a.Kind), "action", sound)
		v.oneOf(f.capacity, string(a.Capacity), "capacity", contains(Capacities, a.Capacity))
		if a.Kind == AlignedItself && a.Capacity != Aligned {
			v.add(f.capacity, "aligned_capacity")
		}
		if a.Kind.Departure() {
			if a.Reason == "" {
				v.add(f.reason, "reason_missing")
			} else {
				v.oneOf(f.reason, string(a.Reason), "reason", contains(Reasons, a.Reason))
			}
		} else if a.Reason != "" && sound {
			v.add(f.reason, "reason_without_departure")
		}
		v.source(f.source, a.Source, sources)
		for j, key := range a.AlsoSources {
			if sources[key] == 0 {
				v.source(fmt.Sprintf("actions[%d].also_sources[%d]", i, j), key, sources)
			}
			if key == a.Source {
				v.add(fmt.Sprintf("actions[%d].also_sources[%d]", i, j), "source_twice", "Source", key)
			}
		}
		v.text(f.nameAsPrinted, a.NameAsPrinted, false)
		v.text(f.capacityAsPrinted, a.CapacityAsPrinted, false)
		v.text(f.note, a.Note, false)
		v.text(f.placeInSource, a.PlaceInSource, false)
		if a.PrintedPosition < 0 || a.PrintedPosition > MaxRows {
			v.add(f.printedPosition, "position_out_of_range", "Number", a.PrintedPosition)
		}
		if a.Date.Known() && began.Known() && a.Date.Last() < began.First() {
			v.add(f.date, "before_declaration", "Date", a.Date.String(), "Declaration", began.String())
		}
		p := done[who]
		if p == nil {
			p = &past{}
			done[who] = p
		}
		p.unclear = p.unclear || !sound || who == ""
		switch {
		case p.unclear:
		case a.Kind.Departure():
			if !p.on && !a.JoiningNotRecorded {
				v.add(f.action, "departure_without_joining", "Who", who)
			}
			p.on, p.left = false, true
		default:
			if a.JoiningNotRecorded {
				v.add(f.joiningNotRecorded, "not_a_departure")
			}
			switch {
			case p.on && a.Capacity == p.capacity:
				v.add(f.action, "already_on_list", "Who", who)
			case a.Kind == Rejoined && !p.left:
				v.add(f.action, "rejoined_without_departure", "Who", who)
			case a.Kind != Rejoined && p.left && !p.on:
				v.add(f.action, "back_without_rejoining", "Who", who)
			}
			p.on, p.capacity = true, a.Capacity
		}
		if a.Date.Known() {
			if p.last.Known() && a.Date.Last() < p.last.First() {
				v.add(f.date, "out_of_order", "Date", a.Date.String(), "Before", p.last.String())
			}
			// The latest so far, so that a vague date in between hides nothing.
			if !p.last.Known() || a.Date.First() > p.last.First() {
				p.last = a.Date
			}
		}
	}
}

func contains[T comparable](list []T, x T) bool {
	for _, y := range list {
		if x == y {
			return true
		}
	}
	return false
}
