package web

import (
	"crypto/rand"
	"slices"
	"sort"
	"strconv"
	"strings"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/web/form"
)

// accept makes one draft of everything that is ticked and chosen. Where something is wrong, the review is shown again with
// every decision kept.
func (b *bringing) accept(l *listed) error {
	b.undecided(l)
	if len(b.problems) > 0 {
		return b.again(l)
	}
	f, d := b.start()
	lines := b.record(f, l)
	if len(f.Rows["actions"]) > form.MaxRows {
		b.wrong("", "too_many", "Max", b.p.Number(form.MaxRows))
		return b.again(l)
	}
	if b.work != nil {
		version := atLeast(b.v("version"))
		f.Settle(b.view.Ref)
		if err := b.work.save(f, version); err != nil {
			return b.work.failed(err, f, version)
		}
		return b.saying(draftPath(b.work.draft.ID), "brought", "Count", lines)
	}
	f.Settle(b.view.Ref)
	if err := putForm(d, f, b.view.Ref); err != nil {
		return err
	}
	if err := b.s.Store.SaveDraft(b.ctx, d, b.account); err != nil {
		return err
	}
	return b.saying(draftPath(d.ID), "brought", "Count", lines)
}

// undecided notes what has to be decided before anything can be recorded.
func (b *bringing) undecided(l *listed) {
	names := form.NewNames(b.view.Ref)
	seen := map[string]bool{}
	taken := 0
	for _, x := range slices.Concat(l.items, l.mentions) {
		if x.other != "" && x.code == "" {
			switch codes := names.Find(x.other); {
			case len(codes) == 0:
				b.wrong(x.name+".other", "nobody", "Name", shorten(x.Text), "Value", shorten(x.other))
			case len(codes) > 1:
				var who []string
				for _, c := range codes {
					who = append(who, b.view.Ref.Name(c, b.lang)+" ("+c+")")
				}
				b.wrong(x.name+".other", "several", "Name", shorten(x.Text), "Value", shorten(x.other), "Candidates", strings.Join(who, ", "))
			}
			continue
		}
		if !x.take {
			continue
		}
		taken++
		field := x.name + ".take"
		if !x.definite() {
			field = x.name + ".who"
		}
		if seen[x.code] {
			b.wrong(field, "twice", "Name", shorten(x.Text), "Who", b.view.Ref.Name(x.code, b.lang))
		}
		seen[x.code] = true
		if x.vague && !b.isWrong("order") {
			b.wrong("order", "order")
		}
		if len(x.dates) > 1 && x.date == "" {
			b.wrong(x.name+".date", "which", "Name", shorten(x.Text))
		}
	}
	for _, g := range l.groups {
		if g.take {
			taken++
		}
	}
	for _, n := range l.stated {
		if !n.take {
			continue
		}
		taken++
		if c, err := strconv.Atoi(strings.TrimSpace(n.count)); err != nil || c < 1 || c > 10_000 {
			b.wrong(n.name+".count", "number", "Value", shorten(n.count))
		}
	}
	for _, m := range l.missing {
		if m.value != "" {
			taken++
		}
	}
	if taken == 0 {
		b.wrong("", "nothing_ticked")
	}
}

// start is the form that the list is written into, with the draft of a new one.
func (b *bringing) start() (*form.Form, *store.Draft) {
	switch {
	case b.work != nil:
		return b.work.form.Copy().Compact(), nil
	case b.entry != nil:
		f := form.Of(&b.entry.Declaration)
		f.Fields["reason_lang"] = b.lang
		return f, &store.Draft{DeclarationID: b.entry.ID, Base: b.view.Revision}
	}
	f := form.Of(&register.Declaration{})
	f.Fields["reason_lang"], f.Fields["kind"] = b.lang, b.v("kind")
	putDate(f.Fields, "adopted", b.document.Adopted)
	f.Rows["titles"] = []map[string]string{{"lang": b.v("title_lang"), "text": b.v("title"), "standing": string(register.Unofficial)}}
	f.SuggestSlug(func(slug string) bool {
		ids, err := b.view.IDs(b.ctx, []string{slug})
		return err == nil && ids[slug] != 0
	})
	return f, &store.Draft{Base: b.view.Revision}
}

// putDate writes a date into a row, in its parts.
func putDate(row map[string]string, name string, d register.Date) {
	for part, n := range map[string]int{"year": int(d.Year), "month": int(d.Month), "day": int(d.Day)} {
		if n != 0 {
			row[name+"."+part] = strconv.Itoa(n)
		}
	}
}

// cite is the key of the source of the list, which is added to the form where it is new. Keys name a source in the whole
// register: they begin with the address of the declaration and end by chance.
func (b *bringing) cite(f *form.Form) string {
	if key := b.v("source"); key != "" {
		return key
	}
	slug := f.Fields["slug"]
	if !register.ValidSlug(slug) {
		slug = "source"
	}
	key := strings.Trim(slug[:min(len(slug), 60)], "-") + "-" + strings.ToLower(rand.Text()[:5])
	row := map[string]string{"key": key}
	for _, name := range []string{"publisher", "title", "url", "lang", "kind", "published.day", "published.month", "published.year", "read_on.day", "read_on.month",
		"read_on.year"} {
		if v := strings.TrimSpace(b.v("source." + name)); v != "" {
			row[name] = v
		}
	}
	f.Rows["sources"] = append(f.Rows["sources"], row)
	return key
}

// ownDay is the day of an action that has no date beside its name: the day of the list where that is asked for, or where the
// list is that of the declaration's own day. A later list only says who was on it by then (D11).
func (b *bringing) ownDay(kind register.ActionKind) register.Date {
	declared := b.document.Date()
	if b.entry == nil && b.work == nil && !declared.Known() {
		declared = b.on
	}
	switch {
	case b.v("dated") == "none":
		return register.Date{}
	case b.v("dated") == "list", kind.Founding() && b.on == declared:
		return b.on
	}
	return register.Date{}
}

// record writes everything decided into the form, and says how many lines that made.
func (b *bringing) record(f *form.Form, l *listed) (lines int) {
	if d, err := register.ParseDate(b.v("adopted")); err == nil && d.Known() && !b.document.Date().Known() {
		putDate(f.Fields, "adopted", d)
		b.document.Adopted = d
	}
	key := b.cite(f)
	arrival := register.ActionKind(b.v("action"))
	also := b.v("also") == "yes"
	type line struct {
		start int
		row   map[string]string
	}
	var added []line
	row := func(p register.Place, printed string, position int) map[string]string {
		kind := arrival
		if p.Beside == register.HadLeft {
			kind = register.Rejoined
		}
		r := map[string]string{"action": string(kind), "capacity": b.v("capacity"), "source": key, "name_as_printed": printed}
		if c := strings.TrimSpace(b.v("capacity_as_printed")); c != "" {
			r["capacity_as_printed"] = c
		}
		if position > 0 {
			r["printed_position"] = strconv.Itoa(position)
		}
		return r
	}
	// there finds the line by which somebody came onto the list last, to add the source to it.
	there := func(field, code string) map[string]string {
		rows := f.Rows["actions"]
		for i := len(rows) - 1; i >= 0; i-- {
			if rows[i][field] == code && rows[i]["action"] != string(register.Withdrew) {
				return rows[i]
			}
		}
		return nil
	}
	confirm := func(field, code string) {
		if r := there(field, code); r != nil && also && r["source"] != key && !slices.Contains(strings.Split(r["also_sources"], "|"), key) {
			r["also_sources"] = strings.Trim(r["also_sources"]+"|"+key, "|")
			lines++
		}
	}
	for _, x := range slices.Concat(l.items, l.mentions) {
		if !x.take {
			continue
		}
		r := row(x.place, x.Text, x.Position)
		r["participant"] = x.code
		if x.row.asPrinted != "" {
			r["capacity_as_printed"] = x.row.asPrinted
			if x.row.capacity != "" {
				r["capacity"] = string(x.row.capacity)
			}
		}
		if x.Note != "" {
			r["note"] = x.Note
		}
		if c := register.Capacity(r["capacity"]); x.place.Beside == register.IsOnList && (x.place.State.Capacity.Counted() || !c.Counted()) {
			confirm("participant", x.code)
			continue
		}
		if d, err := register.ParseDate(x.date); err == nil && d.Known() {
			putDate(r, "date", d)
		} else {
			putDate(r, "date", b.ownDay(register.ActionKind(r["action"])))
		}
		added = append(added, line{x.Start, r})
	}
	for _, g := range l.groups {
		if !g.take || g.place.Beside == register.NamedTwice {
			continue
		}
		if g.place.Beside == register.IsOnList {
			confirm("group", g.Group)
			continue
		}
		r := row(g.place, g.Text, g.Position)
		r["group"] = g.Group
		putDate(r, "date", b.ownDay(register.ActionKind(r["action"])))
		added = append(added, line{g.Start, r})
	}
	for _, m := range l.missing {
		field, code := "participant", m.Participant
		if m.Group != "" {
			field, code = "group", m.Group
		}
		r := there(field, code)
		if r == nil || m.value == "" {
			continue
		}
		lines++
		if m.value == "note" {
			note := b.p.T("staff.bring.missing_note", "Source", b.sourceSays())
			if b.on.Known() {
				note = b.p.T("staff.bring.missing_note_on", "Source", b.sourceSays(), "Date", b.p.Date(b.on))
			}
			r["note"] = strings.TrimSpace(r["note"] + "\n" + note)
			continue
		}
		gone := map[string]string{field: code, "action": string(register.Withdrew), "capacity": r["capacity"], "reason": "dropped_unexplained", "source": key}
		putDate(gone, "date", b.on)
		f.Rows["actions"] = append(f.Rows["actions"], gone)
	}
	sort.SliceStable(added, func(i, j int) bool { return added[i].start < added[j].start })
	for _, x := range added {
		f.Rows["actions"] = append(f.Rows["actions"], x.row)
	}
	lines += len(added)
	for _, n := range l.stated {
		if !n.take {
			continue
		}
		r := map[string]string{"count": strings.TrimSpace(n.count), "counts": n.counts, "source": key}
		if n.Loose || n.Others {
			r["note"] = n.Text
		}
		putDate(r, "date", b.on)
		f.Rows["stated"] = append(f.Rows["stated"], r)
		lines++
	}
	return lines
}
