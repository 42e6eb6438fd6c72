package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"cosignatory/store"
	"cosignatory/templates/pages"
	"cosignatory/templates/staff"
	"cosignatory/templates/ui"
	"cosignatory/web/form"
)

// stale shows what somebody typed beside what happened to the same draft since: another one saved it, or it was sent to review
// or scheduled. w is the draft as it is now.
func (w *work) stale(status int, mine *form.Form, version int, chosen url.Values, asked bool) error {
	base, err := w.versionForm(version)
	if err != nil {
		return err
	}
	if w.draft.State != store.Drafting && same(base, mine) { // nothing to save: nothing to take the draft back for
		return w.see(draftPath(w.draft.ID))
	}
	if w.held() {
		return w.showHeld(mine, version)
	}
	v := w.conflictOf(form.Merge(base, mine, w.form), chosen, asked)
	if last := w.draft.Last(store.Begun, store.Saved, store.Merged); last != nil {
		v.Who = w.whose(last)
	}
	for _, s := range w.draft.Since(version) {
		v.Since = append(v.Since, staff.DraftEvent{At: w.moment(s.At), ISO: iso(s.At), Who: w.whose(&s), What: w.step(&s)})
	}
	v.Hidden = []ui.Hidden{{Name: "base_version", Value: strconv.Itoa(version)}}
	values := mine.Encode()
	for _, name := range sortedKeys(values) {
		v.Hidden = append(v.Hidden, ui.Hidden{Name: name, Value: values[name]})
	}
	return w.showAs(status, v.Show())
}

// whose is who did something to the draft elsewhere, as the page of a conflict names it.
func (w *work) whose(s *store.Step) string {
	if s.By == w.account.ID {
		return w.p.T("staff.conflict.elsewhere")
	}
	return s.Who
}

// overtaken is the draft brought together with what was published since it was begun.
func (w *work) overtaken() (*form.Merger, error) {
	base, err := w.baseForm()
	if err != nil {
		return nil, err
	}
	return form.Merge(base, w.form.Copy().Compact(), form.Of(&w.public.Declaration)), nil
}

func (w *work) conflictPage(status int) error {
	now, err := w.s.Store.Draft(w.ctx, w.draft.ID)
	if err != nil {
		return err
	}
	view, err := w.s.Store.AtDesk(w.ctx, 0)
	if err != nil {
		return err
	}
	r := *w.staffRequest
	inner := *r.request
	inner.view, r.request = view, &inner
	fresh, err := r.workOn(now)
	if err != nil {
		return err
	}
	if fresh.draft.Overtaken == 0 || fresh.public == nil {
		return fresh.see(draftPath(now.ID, "check"))
	}
	return fresh.showOvertaken(status, nil, false)
}

func (w *work) showOvertaken(status int, chosen url.Values, asked bool) error {
	m, err := w.overtaken()
	if err != nil {
		return err
	}
	v := w.conflictOf(m, chosen, asked)
	v.Published = true
	rev, err := w.view.RevisionOf(w.ctx, w.draft.Overtaken)
	if err != nil {
		return err
	}
	v.Who, v.At = w.role(rev), w.moment(rev.PublishedAt)
	if closed, err := w.s.Store.Drafts(w.ctx, store.DraftFilter{State: store.Published, DeclarationID: w.draft.DeclarationID}); err == nil {
		for _, d := range closed {
			if s := d.Last(store.PublishedAs); s != nil && s.Revision == rev.Number && s.Who != "" {
				v.Who = s.Who
			}
		}
	}
	v.Hidden = []ui.Hidden{{Name: "onto", Value: strconv.Itoa(w.draft.Overtaken)}}
	return w.showAs(status, v.Show())
}

// conflictOf is the page of a merge. asked says that choices were sent: those missing are problems.
func (w *work) conflictOf(m *form.Merger, chosen url.Values, asked bool) staff.Conflict {
	v := staff.Conflict{Page: w.staffPage(staff.Title(w.p, "conflict")), Draft: w.head(), Action: w.draftURL(w.draft.ID, "conflict"),
		Version: strconv.Itoa(w.draft.Version)}
	w.withoutLanguages(&v.Page)
	switch {
	case w.held():
		v.Refused = w.heldBack("scheduled")
	case w.draft.State == store.Scheduled:
		v.Undoes = w.p.T("staff.conflict.unschedules", "At", w.moment(w.draft.PublishAt))
	case w.draft.State == store.InReview:
		v.Undoes = w.p.T("staff.conflict.withdraws")
	}
	for i, c := range m.Clashes {
		x := staff.Clash{Name: clashName(i), About: w.rowName(c.List, c.Row), Field: w.fieldName(c.List, c.Field), Base: w.said(c.List, c.Field, c.Base, c.Row),
			Yours: w.said(c.List, c.Field, c.Mine, c.Row), Theirs: w.said(c.List, c.Field, c.Theirs, c.Row), Choice: chosen.Get(clashName(i))}
		if asked && side(x.Choice) == "" {
			v.Problems = append(v.Problems, ui.Problem{Field: x.Name, Message: staff.Wrong(w.p, "choice_missing")})
		}
		v.Clashes = append(v.Clashes, x)
	}
	for _, t := range m.Taken {
		v.Merged = append(v.Merged, staff.Merged{Difference: pages.Difference{About: w.rowName(t.List, t.Row), Field: w.fieldName(t.List, t.Field),
			Before: w.said(t.List, t.Field, t.Before, t.Row), After: w.said(t.List, t.Field, t.After, t.Row)}, Yours: t.Mine})
	}
	return v
}

func clashName(i int) string { return "clash." + strconv.Itoa(i) }

func side(s string) form.Side {
	switch x := form.Side(s); x {
	case form.Yours, form.Theirs, form.Base:
		return x
	}
	return ""
}

// sides are the choices that were sent; all says that none is missing.
func sides(m *form.Merger, values url.Values) (chosen []form.Side, all bool) {
	all = true
	for i := range m.Clashes {
		s := side(values.Get(clashName(i)))
		chosen = append(chosen, s)
		all = all && s != ""
	}
	return chosen, all
}

func showConflict(r *staffRequest) error {
	w, err := r.work()
	if err != nil {
		return err
	}
	if w.draft.Overtaken == 0 || w.public == nil || w.draft.State.Closed() {
		return r.see(draftPath(w.draft.ID, "check"))
	}
	return w.showOvertaken(http.StatusOK, nil, false)
}

// takeConflict takes the choices of the page of a conflict. Where anything has changed since it was made, it is made again.
func takeConflict(r *staffRequest) error {
	w, err := r.work()
	if err != nil {
		return err
	}
	values, err := r.form()
	if err != nil {
		return err
	}
	version := atLeast(values.Get("version"))
	w.agreed = true         // the page says what going on takes back; of another version it is made again below
	if values.Has("onto") { // the page of a publication; that of a draft saved by another has the whole form in it, and base_version
		if w.draft.State.Closed() || w.draft.Overtaken == 0 || w.public == nil {
			return r.see(draftPath(w.draft.ID, "check"))
		}
		if atLeast(values.Get("onto")) != w.draft.Overtaken || version != w.draft.Version {
			return w.showOvertaken(http.StatusConflict, nil, false)
		}
		m, err := w.overtaken()
		if err != nil {
			return err
		}
		chosen, all := sides(m, values)
		if !all {
			return w.showOvertaken(http.StatusUnprocessableEntity, values, true)
		}
		base := w.draft.Base
		w.draft.Base = w.draft.Overtaken
		if err := w.save(m.With(chosen), version); err != nil {
			var stale *store.DraftConflict
			if errors.As(err, &stale) {
				return w.conflictPage(http.StatusConflict)
			}
			if errors.Is(err, store.ErrScheduled) {
				w.logRefusal("needs " + string(store.Publisher))
				w.draft.Base = base
				return w.showOvertaken(http.StatusForbidden, values, true)
			}
			return w.failed(err, w.form, version)
		}
		return r.saying(draftPath(w.draft.ID), "merged")
	}
	mine, problems := form.Parse(values)
	if len(problems) > 0 {
		return w.show(http.StatusUnprocessableEntity, w.form, "", problems, nil)
	}
	from := atLeast(values.Get("base_version"))
	if w.draft.State.Closed() {
		return w.rescue(mine, from)
	}
	if version != w.draft.Version {
		return w.stale(http.StatusConflict, mine, from, nil, false)
	}
	base, err := w.versionForm(from)
	if err != nil {
		return err
	}
	m := form.Merge(base, mine, w.form)
	chosen, all := sides(m, values)
	if !all {
		return w.stale(http.StatusUnprocessableEntity, mine, from, values, true)
	}
	if err := w.save(m.With(chosen), version); err != nil {
		return w.failed(err, mine, from)
	}
	return r.saying(draftPath(w.draft.ID), "merged")
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// labels are the keys of what fields of a form are called, by list and field, where field.NAME is not what it is called.
var labels = map[string]string{
	".adopted": "date.adopted", ".presented": "date.presented", ".published": "date.published", ".opened": "date.opened", ".closed": "date.closed",
	".reason": "staff.contents.reason", ".reason_lang": "staff.reason.lang", ".merged_into": "staff.retire.target",
	"titles.lang": "staff.form.lang", "titles.text": "field.title", "titles.standing": "staff.form.standing", "texts.lang": "staff.form.lang",
	"sponsors.code": "field.sponsors", "stated.count": "staff.form.count", "stated.counts": "staff.form.counts", "stated.date": "staff.form.as_at",
	"links.kind": "staff.form.link_kind", "links.target": "field.links", "sources.key": "staff.form.key", "sources.publisher": "staff.form.publisher",
	"sources.title": "staff.form.source_title", "sources.url": "staff.form.url", "sources.lang": "staff.form.lang", "sources.kind": "column.kind",
	"sources.published": "staff.form.published", "sources.read_on": "staff.form.read_on", "sources.supports": "staff.form.supports",
	"disputes.claim": "staff.form.claim", "disputes.source": "staff.form.dispute_source",
}

// fieldName is what a field of a form is called; of no field, what a row of the list is.
func (r *request) fieldName(list, field string) string {
	switch {
	case field == "":
		return r.p.T("staff.contents." + list)
	case labels[list+"."+field] != "":
		return r.p.T(labels[list+"."+field])
	}
	return r.p.T("field." + field)
}

// rowName names a row: the participant, the source, the language of a title.
func (r *request) rowName(list string, row map[string]string) ui.Text {
	switch list {
	case "titles", "texts":
		return ui.Plain(r.language(row["lang"]))
	case "sponsors":
		return ui.Plain(r.view.Ref.Name(row["code"], r.lang))
	case "actions":
		return ui.Plain(r.who(row["participant"], row["group"]))
	case "disputes":
		return ui.Plain(r.view.Ref.Name(row["participant"], r.lang))
	case "sources":
		return ui.Plain(row["publisher"])
	case "stated":
		return ui.Plain(row["count"])
	case "links":
		return ui.Plain(row["target"])
	}
	return ui.Text{}
}

// said is what a field of a form says, in words; a whole row says what its fields say.
func (r *request) said(list, field string, v form.Value, row map[string]string) ui.Text {
	if v == nil {
		return ui.Text{}
	}
	if field == "" {
		var all []string
		for _, x := range [...]string{"participant", "group", "action", "capacity", "code", "publisher", "title", "text", "event", "place", "summary", "notes", "count",
			"counts", "target", "kind", "url", "date", "published", "read_on", "reason", "name_as_printed", "printed_position", "capacity_as_printed", "public_date",
			"source", "also_sources", "place_in_source", "supports", "note"} {
			if t := r.said(list, x, of(v, x), row); !t.Empty() {
				all = append(all, t.S)
			}
		}
		for _, name := range sortedKeys(v) {
			if strings.HasPrefix(name, "claim[") && strings.HasSuffix(name, ".text") && v[name] != "" {
				all = append(all, v[name])
			}
		}
		return ui.Plain(strings.Join(all, " · "))
	}
	for name := range v {
		base, _, ok := strings.Cut(name, ".")
		if !ok || strings.HasPrefix(name, "claim") {
			continue
		}
		if d, wrong, typed := form.ReadDate(v[base+".day"], v[base+".month"], v[base+".year"]); wrong != "" {
			return ui.Plain(typed)
		} else if d.Known() {
			return ui.Plain(r.p.Date(d))
		}
		return ui.Text{}
	}
	if field == "claim" {
		var all []string
		for _, name := range sortedKeys(v) {
			if strings.HasSuffix(name, ".text") && v[name] != "" {
				all = append(all, v[name])
			}
		}
		return ui.Plain(strings.Join(all, " · "))
	}
	typed := strings.TrimSpace(v[field])
	switch {
	case typed == "":
		return ui.Text{}
	case field == "code":
		return ui.Plain(r.view.Ref.Name(typed, r.lang))
	case field == "lang" || field == "reason_lang":
		return ui.Plain(r.language(typed))
	case list == "titles" && field == "text", list == "texts":
		return r.text(typed, row["lang"])
	case list == "" && field == "reason":
		return ui.Plain(typed)
	case list == "sources" && field == "kind":
		return ui.Plain(r.worded("source_kind."+typed, typed))
	case list == "links" && field == "kind":
		return ui.Plain(r.worded("link."+typed, typed))
	case field == "standing":
		return ui.Plain(r.worded("standing."+typed, typed))
	case field == "source" || field == "key" || field == "target":
		return ui.Plain(typed)
	}
	return ui.Plain(r.value(field, typed))
}

// worded is a message, or where there is none, what was typed.
func (r *request) worded(key, typed string) string {
	if r.p.Has(key) {
		return r.p.T(key)
	}
	return typed
}

// of is the part of a row that is one field.
func of(row form.Value, field string) form.Value {
	v := form.Value{}
	for name, s := range row {
		if name == field || strings.HasPrefix(name, field+".") {
			v[name] = s
		}
	}
	return v
}
