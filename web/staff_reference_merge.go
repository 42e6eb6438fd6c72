package web

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/pages"
	"cosignatory/templates/staff"
	"cosignatory/templates/ui"
	"cosignatory/web/form"
)

// formOf is an entry of reference data as its form says it, so that versions can be compared field by field.
func (e *edit) formOf(entry any) *form.Form {
	f := &form.Form{Fields: map[string]string{}, Rows: map[string][]map[string]string{}}
	date := func(to map[string]string, name string, d register.Date) {
		x := staff.DateFields(d)
		to[name+".day"], to[name+".month"], to[name+".year"] = x.Day, x.Month, x.Year
	}
	names := func(prefix string, m map[string]string) {
		for lang, name := range m {
			f.Fields[prefix+"."+lang] = name
		}
	}
	add := func(list string, row map[string]string) { f.Rows[list] = append(f.Rows[list], row) }
	who := func(code string) string { return staff.PrintParticipant(e.view.Ref, code, e.lang) }
	switch x := entry.(type) {
	case *register.Participant:
		maps.Copy(f.Fields, map[string]string{"kind": string(x.Kind), "iso2": x.Alpha2, "iso3": x.Alpha3, "m49": x.M49, "user_assigned_code": x.UserAssigned,
			"regional_group": x.RegionalGroup, "note": x.Note})
		names("names", x.Names)
		names("formal", x.Formal)
		date(f.Fields, "un_admission", x.Admitted)
		date(f.Fields, "valid_from", x.ValidFrom)
		date(f.Fields, "valid_to", x.ValidTo)
		for _, a := range x.Aliases {
			row := map[string]string{"text": a.Text, "lang": a.Lang, "kind": a.Kind}
			date(row, "from", a.From)
			date(row, "to", a.To)
			add("aliases", row)
		}
		for _, s := range x.Successors {
			row := map[string]string{"code": who(s.Code)}
			date(row, "from", s.From)
			add("successors", row)
		}
	case *register.Group:
		f.Fields["kind"], f.Fields["note"] = x.Kind, x.Note
		names("names", x.Names)
		for _, m := range x.Members {
			row := map[string]string{"code": who(m.Code)}
			date(row, "from", m.From)
			date(row, "to", m.To)
			add("members", row)
		}
	case *register.Topic:
		names("names", x.Names)
	}
	return f
}

// overtaken brings what was typed together with what was published since it was begun: what only others changed is taken over;
// of what both changed hers stays, and theirs is said beside it. The form shows all of it before anything is published.
func (e *edit) overtaken(then, now *store.View, entry any) error {
	rev, err := e.lastChange(then, now)
	if err != nil {
		return err
	}
	base, theirs := e.formOf(e.of(then.Ref)), e.formOf(e.of(now.Ref))
	m := form.MergeReference(base, e.formOf(entry), theirs)
	merged := m.With(nil)
	maps.DeleteFunc(e.values, func(name string, _ []string) bool {
		return !slices.Contains([]string{"reason", "reason_lang", "confirm_name"}, name)
	})
	for name, v := range merged.Fields {
		e.values.Set(name, v)
	}
	for list, rows := range merged.Rows {
		for i, row := range rows {
			for name, v := range row {
				e.values.Set(rowPath(list, i)+"."+name, v)
			}
		}
	}
	e.values.Set("version", strconv.Itoa(now.Revision))
	v := &staff.Overlap{Revision: ui.Link{Text: e.p.T("staff.reference.see", "Revision", rev.Number), URL: e.now("/changes/" + strconv.Itoa(rev.Number))}}
	e.wrong("", "staff.problem.reference_changed", "Revision", rev.Number, "Who", e.role(rev), "At", e.moment(rev.PublishedAt))
	for _, t := range m.Taken {
		if !t.Mine {
			v.Taken = append(v.Taken, pages.Difference{About: e.aboutRow(t.List, t.Row), Field: e.labelOf(t.List, t.Field), Before: e.saidOf(t.List, t.Field, t.Before),
				After: e.saidOf(t.List, t.Field, t.After)})
		}
	}
	for _, c := range m.Clashes {
		x := staff.Clash{Name: m.Path(c), About: e.aboutRow(c.List, c.Row), Field: e.labelOf(c.List, c.Field), Base: e.saidOf(c.List, c.Field, c.Base),
			Yours: e.saidOf(c.List, c.Field, c.Mine), Theirs: e.saidOf(c.List, c.Field, c.Theirs)}
		v.Clashes = append(v.Clashes, x)
		said := x.Theirs.S
		if said == "" {
			said = e.p.T("staff.nothing")
		}
		e.wrong(x.Name, "staff.problem.changed_by_both", "Revision", rev.Number, "Value", shorten(said))
	}
	e.changed = v
	return nil
}

// lastChange is the last revision that changed the entry between two.
func (e *edit) lastChange(then, now *store.View) (*register.Revision, error) {
	is := e.formOf(e.of(now.Ref))
	last, err := now.OfReference(e.ctx, then.Revision+1, now.Revision-then.Revision)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(last, func(a, b register.Revision) int { return b.Number - a.Number })
	for i := range last {
		before, err := e.s.Store.AtDesk(e.ctx, last[i].Number-1)
		if err != nil {
			return nil, err
		}
		if !form.SameReference(e.formOf(e.of(before.Ref)), is) {
			return &last[i], nil
		}
	}
	return now.RevisionOf(e.ctx, now.Revision)
}

// labelOf is what a field of a form of reference data is called; of no field, what a row of the list is.
func (e *edit) labelOf(list, field string) string {
	if field == "" {
		return strings.TrimSpace(e.p.T("staff.at."+list, "N", ""))
	}
	if lang, ok := strings.CutPrefix(field, "names."); ok {
		return e.p.T("column.name") + " · " + e.p.T("language."+lang)
	}
	if lang, ok := strings.CutPrefix(field, "formal."); ok {
		return e.p.T("staff.reference.formal", "Language", e.p.T("language."+lang))
	}
	for _, key := range []string{list + "." + field, "." + field} {
		if label := map[string]string{".kind": "column.kind", ".iso2": "participant.code_iso2", ".iso3": "participant.code_iso3", ".m49": "participant.code_m49",
			".user_assigned_code": "participant.code_user_assigned", ".regional_group": "participant.region", ".un_admission": "participant.admission",
			".valid_from": "staff.participant.valid_from", ".valid_to": "staff.participant.valid_to", ".text": "column.name", ".lang": "staff.form.lang", ".code": "field.participant",
			"aliases.from": "staff.official_from", "aliases.to": "staff.official_to", "members.from": "column.from", "members.to": "column.to", ".from": "staff.from"}[key]; label != "" {
			return e.p.T(label)
		}
	}
	return e.p.T("field." + field)
}

// aboutRow names a row of a list: the name, the participant.
func (e *edit) aboutRow(list string, row map[string]string) ui.Text {
	if list == "aliases" {
		return e.text(row["text"], row["lang"])
	}
	return ui.Plain(row["code"])
}

// saidOf is what a field says, in words; a whole row says what its fields say.
func (e *edit) saidOf(list, field string, v form.Value) ui.Text {
	if field == "" {
		var all []string
		for _, x := range []string{"text", "code", "lang", "kind", "from", "to"} {
			if t := e.saidOf(list, x, of(v, x)); !t.Empty() {
				all = append(all, t.S)
			}
		}
		return ui.Plain(strings.Join(all, " · "))
	}
	if d, wrong, typed := form.ReadDate(v[field+".day"], v[field+".month"], v[field+".year"]); wrong != "" {
		return ui.Plain(typed)
	} else if d.Known() {
		return ui.Plain(e.p.Date(d))
	}
	typed := v[field]
	switch prefix, lang, _ := strings.Cut(field, "."); {
	case typed == "":
		return ui.Text{}
	case prefix == "names" || prefix == "formal":
		return e.text(typed, lang)
	case field == "lang":
		return ui.Plain(e.language(typed))
	case field == "kind" && list == "aliases":
		return ui.Plain(e.worded("staff.alias."+typed, typed))
	case field == "kind" && e.what == "groups":
		return ui.Plain(e.worded("group_kind_one."+typed, typed))
	case field == "kind":
		return ui.Plain(e.worded("participant_kind."+typed, typed))
	case field == "regional_group":
		return ui.Plain(e.worded("regional_group."+typed, typed))
	}
	return ui.Plain(typed)
}

// namesakes asks before a name is published that is somebody else's too: from then on it is clear in no list who is meant.
// What stands there already, and what the ambiguous names of the register know of, is not asked.
func (e *edit) namesakes(p *register.Participant) {
	had := map[string]bool{}
	if old := e.view.Ref.Participant(p.Code); old != nil {
		for _, n := range register.NamesOf(old) {
			had[register.NameKey(n)] = true
		}
	}
	others := map[string][]string{}
	for _, o := range e.view.Ref.Participants {
		if o.Code == p.Code {
			continue
		}
		for _, n := range register.NamesOf(o) {
			if k := register.NameKey(n); k != "" && !slices.Contains(others[k], o.Code) {
				others[k] = append(others[k], o.Code)
			}
		}
	}
	known := map[string]bool{}
	for _, a := range e.view.Ref.Ambiguous {
		for _, code := range a.Codes {
			known[register.NameKey(a.Text)+" "+code] = slices.Contains(a.Codes, p.Code)
		}
	}
	for _, n := range register.NamesOf(p) {
		k := register.NameKey(n)
		if k == "" || had[k] {
			continue
		}
		had[k] = true
		codes := slices.DeleteFunc(slices.Clone(others[k]), func(code string) bool { return known[k+" "+code] })
		if len(codes) == 0 {
			continue
		}
		var names []string
		for _, code := range codes {
			names = append(names, staff.PrintParticipant(e.view.Ref, code, e.lang))
		}
		// Confirmed is this name of these, not whatever is typed next.
		value := k + "|" + strings.Join(codes, "|")
		e.asked = append(e.asked, ui.Option{Value: value, Label: e.p.T("staff.reference.namesake", "Name", n, "Others", e.p.List(names))})
		if !slices.Contains(e.values["confirm_name"], value) {
			e.wrong(e.fieldOfName(n), "staff.problem.namesake", "Name", n, "Others", e.p.List(names))
		} else {
			e.ticked = append(e.ticked, value)
		}
	}
}

// fieldOfName is the field that a name was typed in.
func (e *edit) fieldOfName(name string) string {
	for _, field := range slices.Sorted(maps.Keys(e.values)) {
		prefix, _, _ := strings.Cut(field, ".")
		if (slices.Contains([]string{"names", "formal", "renamed"}, prefix) || strings.HasPrefix(field, "aliases[") && strings.HasSuffix(field, ".text")) &&
			register.CleanText(e.values.Get(field)) == name {
			return field
		}
	}
	return ""
}
