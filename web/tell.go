package web

import (
	"slices"
	"strconv"
	"strings"

	"cosignatory/store/register"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
)

// changedNamesShown is how many changed participants, groups or topics a sentence names; the rest is counted.
const changedNamesShown = 5

// teller says changes in the reader's language. A change is recorded, and hashed, with the keys of sources and the addresses of
// declarations: those are for programs, readers are told publishers and titles.
type teller struct {
	*request
	sources map[string]string   // by key
	titles  map[string]string   // of declarations, by address
	changed map[string][]string // names of participants, groups and topics that a revision of the reference data changed
}

// telling looks up what the words for changes need. The number is that of their revision, 0 where they are not published;
// declarations that are at hand go before the register's.
func (r *request) telling(number int, changes []register.Change, known ...*register.Declaration) (*teller, error) {
	t := &teller{request: r, sources: map[string]string{}, titles: map[string]string{}, changed: map[string][]string{}}
	var keys, slugs []string
	for i := range changes {
		c := &changes[i]
		base, _, _ := strings.Cut(c.Field, ".")
		for _, v := range []string{c.Before, c.After} {
			switch {
			case c.What == register.FieldChanged && base == "links":
				slugs = append(slugs, parted(v)...)
			case c.What == register.FieldChanged && slices.Contains([]string{"title", "stated", "disputes"}, base):
				keys = append(keys, parted(v)...)
			case c.What == register.ActionCorrected && base == "source", c.What == register.ActionCorrected && base == "also_sources":
				keys = append(keys, strings.Split(v, "|")...)
			}
		}
		if c.What == register.SourceChanged {
			keys = append(keys, c.Field)
		}
		if number > 0 && slices.Contains([]string{register.ParticipantsSet, register.GroupsSet, register.TopicsSet}, c.What) {
			codes, err := r.view.ReferenceChanged(r.ctx, number, c.What)
			if err != nil {
				return nil, err
			}
			t.changed[c.What] = t.names(c.What, codes)
		}
	}
	if len(keys) > 0 {
		sources, err := r.view.SourcesNamed(r.ctx, keys)
		if err != nil {
			return nil, err
		}
		for _, d := range known {
			if d == nil {
				continue
			}
			for _, s := range d.Sources {
				sources[s.Key] = s
			}
		}
		for key, s := range sources {
			t.sources[key] = r.sourceWords(s)
		}
		// Two texts of one publisher can have one title.
		t.apart(t.sources, func(key string) string { return sources[key].URL })
	}
	if len(slugs) > 0 {
		heads, err := r.headsBySlug(slugs)
		if err != nil {
			return nil, err
		}
		for slug, e := range heads {
			t.titles[slug] = e.TitleIn(r.lang).Text
		}
		// One declaration can have had two addresses.
		t.apart(t.titles, func(slug string) string { return slug })
	}
	return t, nil
}

// apart tells apart, by an address in brackets, what is called alike.
func (t *teller) apart(called map[string]string, address func(key string) string) {
	alike := map[string]int{}
	for _, words := range called {
		alike[words]++
	}
	for key, words := range called {
		if alike[words] > 1 {
			called[key] = words + " " + t.p.Aside(address(key))
		}
	}
}

func (r *request) sourceWords(s register.Source) string {
	switch {
	case s.Publisher == "":
		return s.Title
	case s.Title == "":
		return s.Publisher
	}
	return r.p.T("change.source_words", "Publisher", s.Publisher, "Title", s.Title)
}

// names are participants, groups or topics by name, in the order of the reader's language.
func (t *teller) names(what string, codes []string) []string {
	if what == register.ParticipantsSet {
		t.view.Ref.SortCodes(codes, t.lang)
	}
	names := make([]string, len(codes))
	for i, code := range codes {
		switch what {
		case register.ParticipantsSet:
			names[i] = t.view.Ref.Name(code, t.lang)
		case register.GroupsSet:
			names[i] = t.who("", code)
		default:
			names[i] = t.topic(code).S
		}
	}
	return names
}

// some is a list of names, of which the last are counted where there are many.
func (t *teller) some(names []string) string {
	if n := len(names) - changedNamesShown; n > 1 {
		names = append(slices.Clone(names[:changedNamesShown]), t.p.T("change.names_more", "Count", n))
	}
	return t.p.List(names)
}

// source is what readers know a source by, the key where the register has none of that key.
func (t *teller) source(key string) string {
	if words := t.sources[key]; words != "" {
		return words
	}
	return key
}

// facts are what is recorded of a source, in words.
func (t *teller) facts(s *register.Source) string {
	var parts []string
	for _, x := range []string{s.Publisher, s.Title, s.URL, t.language(s.Lang), t.worded("source_kind."+string(s.Kind), string(s.Kind)), t.day(s.Published.String()),
		t.day(s.ReadOn.String()), s.Supports} {
		if x != "" {
			parts = append(parts, x)
		}
	}
	return strings.Join(parts, factMark)
}

func (t *teller) day(v string) string { return t.request.value("date", v) }

// factMark is what register.Diff puts between the facts of one row.
const factMark = " · "

func parted(v string) []string { return strings.Split(v, factMark) }

// value is what a field holds, in words.
func (t *teller) value(field, v string) string {
	if v == "" {
		return ""
	}
	base, _, _ := strings.Cut(field, ".")
	parts := parted(v)
	// first is the first of the parts from one on that has words of its own.
	first := func(from int, words func(string) string) {
		for i := from; i < len(parts); i++ {
			if w := words(parts[i]); w != "" && w != parts[i] {
				parts[i] = w
				return
			}
		}
	}
	source := func(key string) string { return t.sources[key] }
	switch base {
	case "source", "also_sources":
		keys := strings.Split(v, "|")
		for i := range keys {
			keys[i] = t.source(keys[i])
		}
		return t.p.List(keys)
	case "title": // text, standing, source, note
		first(1, func(s string) string { return t.worded("standing."+s, "") })
		first(2, source)
	case "stated": // number and what it counts, date, source, note
		n, counts, _ := strings.Cut(parts[0], " ")
		if count, err := strconv.Atoi(n); err == nil && counts == register.StatesOnly {
			parts[0] = t.p.T("composition.states", "Count", count)
		} else if err == nil && counts == register.AllParticipants {
			parts[0] = t.p.T("participants.count", "Count", count)
		}
		if len(parts) > 1 {
			parts[1] = t.day(parts[1])
		}
		first(1, source)
	case "links": // how, which declaration, note
		parts[0] = t.worded("link."+parts[0], parts[0])
		first(1, func(s string) string { return t.titles[s] })
	case "disputes": // who, what is claimed, source
		if t.view.Ref.Participant(parts[0]) != nil {
			parts[0] = t.who(parts[0], "")
		}
		first(1, source)
	default:
		return t.request.value(field, v)
	}
	return strings.Join(parts, factMark)
}

// sentence is one difference in the reader's language.
func (t *teller) sentence(c *register.Change) string {
	p := t.p
	who := t.who(c.Participant, c.Group)
	switch c.What {
	case register.Created:
		if c.Stated == 0 {
			return p.T("change.created_no_number", "Count", c.Count)
		}
		return p.T("change.created", "Count", c.Count, "Stated", p.Number(c.Stated))
	case register.Retired:
		return p.T("change.retired", "After", c.After)
	case register.FieldChanged:
		field := t.field(c.Field)
		before, after := t.value(c.Field, c.Before), t.value(c.Field, c.After)
		switch {
		case c.Field == "order":
			return p.T("change.order")
		case c.Field == "merged_into" && after == "":
			return p.T("change.unretired", "Before", before)
		case c.Field == "merged_into":
			return p.T("change.retired", "After", after)
		case len(c.Before)+len(c.After) > 200: // as recorded: names in place of keys make no text
			return p.T("change.field_rewritten", "Field", field)
		case before == "":
			return p.T("change.field_added", "Field", field, "After", after)
		case after == "":
			return p.T("change.field_removed", "Field", field, "Before", before)
		}
		return p.T("change.field", "Field", field, "Before", before, "After", after)
	case register.ActionAdded:
		if !c.Date.Known() {
			return p.T("change."+string(c.Action)+"_undated", "Who", who)
		}
		if c.Date.Precision() != register.ByDay {
			return p.T("change."+string(c.Action)+"_in", "Who", who, "Date", p.Date(c.Date))
		}
		return p.T("change."+string(c.Action), "Who", who, "Date", p.Date(c.Date))
	case register.ActionCorrected:
		field := t.field(c.Field)
		before, after := t.value(c.Field, c.Before), t.value(c.Field, c.After)
		switch {
		case before == "":
			return p.T("change.action_corrected_added", "Who", who, "Field", field, "After", after)
		case after == "":
			return p.T("change.action_corrected_removed", "Who", who, "Field", field, "Before", before)
		}
		return p.T("change.action_corrected", "Who", who, "Field", field, "Before", before, "After", after)
	case register.ActionRemoved:
		return p.T("change.action_removed", "Who", who)
	case register.SourceAdded:
		return p.T("change.source_added", "Source", c.After)
	case register.SourceRemoved:
		return p.T("change.source_removed", "Source", c.Before)
	case register.SourceChanged:
		return p.T("change.source_changed", "Source", t.source(c.Field))
	}
	if names := t.changed[c.What]; len(names) > 0 {
		return p.T("change."+c.What+"_named", "Count", c.Count, "Names", t.some(names))
	}
	return p.T("change."+c.What, "Count", c.Count)
}

// differencesOf are the fields before and after changes; either declaration may be nil.
func (r *request) differencesOf(before, after *register.Declaration, changes []register.Change) ([]pages.Difference, error) {
	t, err := r.telling(0, changes, before, after)
	if err != nil {
		return nil, err
	}
	return t.differences(before, after, changes), nil
}

func (t *teller) differences(before, after *register.Declaration, changes []register.Change) []pages.Difference {
	own := "en"
	if after != nil && len(after.Texts) > 0 {
		own = after.Texts[0].Lang
	}
	var list []pages.Difference
	for i := range changes {
		c := &changes[i]
		d := pages.Difference{Field: t.p.T("difference.declaration")}
		switch c.What {
		case register.FieldChanged:
			if c.Field == "order" {
				continue
			}
			d.Field = t.field(c.Field)
			lang := own
			if _, l, ok := strings.Cut(c.Field, "."); ok {
				lang = l
			}
			before, after := t.value(c.Field, c.Before), t.value(c.Field, c.After)
			if before != c.Before || after != c.After {
				lang = "" // said in the reader's language
			}
			d.Before, d.After = t.text(before, lang), t.text(after, lang)
		case register.ActionAdded, register.ActionRemoved:
			d.About, d.Field = ui.Plain(t.who(c.Participant, c.Group)), t.p.T("field.action")
			words := ui.Plain(t.p.T("action." + string(c.Action)))
			if c.Date.Known() {
				words.S = t.p.T("difference.dated", "What", words.S, "Date", t.p.Date(c.Date))
			}
			if c.What == register.ActionAdded {
				d.After = words
			} else {
				d.Before = words
			}
		case register.ActionCorrected:
			d.About, d.Field = ui.Plain(t.who(c.Participant, c.Group)), t.field(c.Field)
			d.Before, d.After = ui.Plain(t.value(c.Field, c.Before)), ui.Plain(t.value(c.Field, c.After))
		case register.SourceAdded:
			d.Field, d.After = t.p.T("field.source"), ui.Plain(c.After)
		case register.SourceRemoved:
			d.Field, d.Before = t.p.T("field.source"), ui.Plain(c.Before)
		case register.SourceChanged:
			d.About, d.Field = ui.Plain(t.source(c.Field)), t.p.T("field.source")
			d.Before, d.After = ui.Plain(c.Before), ui.Plain(c.After)
			for _, x := range []struct {
				of *register.Declaration
				to *ui.Text
			}{{before, &d.Before}, {after, &d.After}} {
				if x.of == nil {
					continue
				}
				if s := x.of.Source(c.Field); s != nil {
					d.About, *x.to = ui.Plain(s.Publisher), ui.Plain(t.facts(s))
				}
			}
		case register.Retired:
			d.After = ui.Plain(c.After)
		default:
			continue
		}
		list = append(list, d)
	}
	return list
}
