package form

import (
	"fmt"
	"slices"
	"strings"

	"cosignatory/store/register"
)

// Check is the declaration that was typed, cleaned as it would be published, with everything that keeps it from being
// published and, apart, what is worth a look and keeps nobody: dates in the future, sponsors and counted presenters that are not on
// the list, sources and disputes of which something is not recorded, evidence by the press alone, new lines without a date, a
// stated number that is not the number named.
func (f *Form) Check(ref *register.Reference, today register.Day) (d *register.Declaration, problems, warnings []register.Problem) {
	d, problems = f.Declaration(ref)
	f.each(func(path, typed string) {
		if key := Dirty(typed); key != "" {
			problems = append(problems, register.Problem{Field: path, Key: key})
		}
	})
	said := map[string]bool{}
	for _, p := range problems {
		said[p.Field] = true
	}
	d.Clean()
	for _, p := range d.Validate(ref) {
		if said[p.Field] || p.Field == "adopted" && p.Key == "date_missing" && slices.ContainsFunc(problems, isDate) {
			continue // what cannot be read is not also against the rules
		}
		switch {
		case p.Key == "slug_shape" && p.Args["Slug"] == "":
			p.Key = "slug_missing"
		case p.Key == "language_shape" && p.Args["Lang"] == "":
			p.Key = "language_missing"
		}
		problems = append(problems, p)
	}
	if register.CleanText(f.Fields["reason"]) == "" {
		problems = append(problems, register.Problem{Field: "reason", Key: "reason_for_revision_missing"})
	} else if len(f.Fields["reason"]) > register.MaxText {
		problems = append(problems, register.Problem{Field: "reason", Key: "text_too_long", Args: map[string]any{"Count": len(f.Fields["reason"]), "Max": register.MaxText}})
	}
	if lang := f.Fields["reason_lang"]; lang != "" && !slices.Contains(register.Languages, lang) {
		problems = append(problems, register.Problem{Field: "reason_lang", Key: "language_shape", Args: map[string]any{"Lang": lang}})
	}
	return d, problems, f.warnings(d, ref, today)
}

func isDate(p register.Problem) bool { return strings.HasPrefix(p.Key, "date_") }

// Future says that a warning is about a date to come: publishing asks to confirm it.
func Future(p register.Problem) bool { return p.Key == "date_future" }

func (f *Form) warnings(d *register.Declaration, ref *register.Reference, today register.Day) []register.Problem {
	var list []register.Problem
	add := func(field, key string, args map[string]any) {
		list = append(list, register.Problem{Field: field, Key: key, Args: args})
	}
	ahead := func(field string, x register.Date) {
		if x.Known() && x.First() > today {
			add(field, "date_future", map[string]any{"Date": x.String()})
		}
	}
	ahead("adopted", d.Adopted)
	ahead("presented", d.Presented)
	ahead("published", d.Published)
	for i, s := range d.Sources {
		ahead(fmt.Sprintf("sources[%d].published", i), s.Published)
		ahead(fmt.Sprintf("sources[%d].read_on", i), s.ReadOn)
		if s.Lang == "" {
			add(fmt.Sprintf("sources[%d].lang", i), "source_language_missing", nil)
		}
		if !s.ReadOn.Known() {
			add(fmt.Sprintf("sources[%d].read_on", i), "source_unread", nil)
		}
	}
	for i, x := range d.Disputes {
		if x.Source == "" {
			add(fmt.Sprintf("disputes[%d].source", i), "dispute_without_source", nil)
		}
	}
	nowhere := map[*register.Action]bool{} // what has no date, and neither has its source nor, of a signature, the declaration
	for _, t := range d.Timelines() {
		for _, m := range t.Moments {
			nowhere[m.Action] = m.Rests == register.Nowhere
		}
	}
	listed := map[string]bool{}
	for i := range d.Actions {
		a := &d.Actions[i]
		ahead(fmt.Sprintf("actions[%d].date", i), a.Date)
		listed[a.Participant] = true
		switch {
		case a.ID != 0 || a.Date.Known():
		case nowhere[a]:
			who := a.Participant
			if who == "" {
				who = "group " + a.Group
			}
			add(fmt.Sprintf("actions[%d].date", i), "undated_unsettled", map[string]any{"Who": who})
		case a.Kind.Founding():
			add(fmt.Sprintf("actions[%d].date", i), "undated", nil)
		}
	}
	counted := map[string]bool{}
	if d.PresenterCounted == register.Yes {
		for _, code := range d.CountedOf() {
			if counted[code] = true; code != "" && !listed[code] {
				add("presenter_counted", "counted_not_listed", map[string]any{"Who": code})
			}
		}
	}
	for i, code := range d.Sponsors {
		if code != "" && !listed[code] && !counted[code] {
			add(fmt.Sprintf("sponsors[%d]", i), "sponsor_not_listed", map[string]any{"Who": code})
		}
	}
	if len(d.Sources) > 0 && !slices.ContainsFunc(d.Sources, func(s register.Source) bool { return s.Kind == "official" || s.Kind == "copy" }) {
		add("sources", "only_press", nil)
	}
	if c := d.Tally(ref, today); c.Stated != nil {
		named, key := c.Named.Total, "stated_differs"
		if c.Stated.Counts == register.StatesOnly {
			named, key = c.Named.States(), "stated_differs_states"
		}
		if c.NotNamed > 0 || named > c.Stated.Count {
			add("stated", key, map[string]any{"Stated": c.Stated.Count, "Named": named})
		}
	}
	return list
}

// each calls f with every input that is not empty, in the order of the form.
func (f *Form) each(do func(path, typed string)) {
	for _, field := range single {
		for _, name := range parts(field) {
			if v := f.Fields[name]; v != "" {
				do(name, v)
			}
		}
	}
	for _, list := range order {
		for i, row := range f.Rows[list] {
			names := make([]string, 0, len(row))
			for name := range row {
				names = append(names, name)
			}
			slices.Sort(names)
			for _, name := range names {
				if row[name] == "" {
					continue
				}
				if list == "sponsors" {
					do(fmt.Sprintf("%s[%d]", list, i), row[name])
				} else {
					do(fmt.Sprintf("%s[%d].%s", list, i, name), row[name])
				}
			}
		}
	}
}

// Encode are the values of the form as its page would send them.
func (f *Form) Encode() map[string]string {
	values := map[string]string{}
	f.each(func(path, typed string) { values[path] = typed })
	for i, row := range f.Rows["actions"] {
		for _, name := range []string{"group", "participant"} {
			if _, ok := row[name]; ok {
				values[fmt.Sprintf("actions[%d].%s", i, name)] = row[name]
			}
		}
	}
	return values
}
