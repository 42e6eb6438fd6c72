package web

import (
	"slices"
	"strings"
	"sync"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/staff"
	"cosignatory/templates/ui"
)

// offers are the lists that forms offer, by language, for the reference data of one revision.
type offers struct {
	mu     sync.Mutex
	ref    *register.Reference
	byLang map[string]*staff.Choices
}

// How many rows the desk shows of what was published, of each kind of gap, and of what was looked for.
const (
	recentShown = 8
	gapsShown   = 5
	foundShown  = 20
)

func showDesk(r *staffRequest) error {
	everyone := r.query["all"] == "1"
	v := staff.Desk{Page: r.staffPage(staff.Title(r.p, "desk")), Mine: !everyone, MineURL: r.staffURL(), AllURL: r.staffURL() + "?all=1", FindAction: r.staffURL(),
		Query: r.query["q"]}
	if r.may(store.Editor) {
		v.NewAction, v.BringURL = r.staffURL("drafts"), r.staffURL("bring")
	}
	drafts, err := r.s.Store.Drafts(r.ctx, store.DraftFilter{})
	if err != nil {
		return err
	}
	sections := map[string][]staff.DraftRow{}
	for _, d := range drafts {
		if !everyone && !d.WrittenBy(r.account.ID) && !(d.State == store.InReview && r.may(store.Publisher)) {
			continue
		}
		row, err := r.draftRow(d)
		if err != nil {
			return err
		}
		state := string(d.State)
		if d.Overtaken != 0 {
			state = "conflict"
		}
		sections[state] = append(sections[state], row)
	}
	for _, state := range []string{"conflict", "in_review", "draft", "scheduled"} {
		if rows := sections[state]; len(rows) > 0 || state != "conflict" {
			v.Sections = append(v.Sections, staff.DeskSection{State: state, Rows: rows})
		}
	}
	revisions, err := r.view.Changes(r.ctx, 0, recentShown)
	if err != nil {
		return err
	}
	changes, err := r.changes(revisions)
	if err != nil {
		return err
	}
	for _, c := range changes {
		row := staff.RecentRow{Title: c.Declaration, URL: c.URL, At: c.At, ISO: c.AtISO, What: strings.Join(c.What[:min(2, len(c.What))], " "), Who: c.Who}
		if row.Title.Empty() {
			row.Title = ui.Plain(r.p.T("staff.bar.reference"))
		}
		v.Recent = append(v.Recent, row)
	}
	if v.Gaps, err = r.gaps(); err != nil {
		return err
	}
	if v.Query != "" {
		v.Searched = true
		if v.Found, err = r.found(v.Query, drafts); err != nil {
			return err
		}
	}
	return r.showAs(200, v.Show())
}

// draftRow is a draft as the desk shows it.
func (r *staffRequest) draftRow(d *store.Draft) (staff.DraftRow, error) {
	w, err := r.workOn(d)
	if err != nil {
		return staff.DraftRow{}, err
	}
	row := staff.DraftRow{Title: r.titleOf(w.form), URL: r.draftURL(d.ID, "check"), Author: author(d), Mine: d.AuthorID == r.account.ID, Changed: r.moment(d.Changed),
		ISO: iso(d.Changed)}
	if row.Title.Empty() && w.public != nil {
		t := w.public.TitleIn(r.lang)
		row.Title = r.text(t.Text, t.Lang)
	}
	switch {
	case d.Overtaken != 0 && r.may(store.Editor):
		row.URL = r.draftURL(d.ID, "conflict")
		row.Note = staff.What(r.p, "overtaken", "Revision", d.Overtaken)
	case d.State == store.Drafting && r.may(store.Editor):
		row.URL = r.draftURL(d.ID)
	}
	if back := d.Last(store.SentBack, store.Reviewed, store.NotPublished); back != nil && row.Note == "" {
		switch {
		case back.What == store.SentBack && d.State == store.Drafting:
			row.Note = staff.What(r.p, "sent_back", "Who", back.Who, "Remark", back.Text)
		case back.What == store.NotPublished && d.State == store.InReview:
			row.Note = r.step(back)
		}
	}
	if d.State == store.Scheduled {
		row.Note = staff.What(r.p, "publish_at", "At", r.moment(d.PublishAt))
	}
	row.What = w.inOneLine()
	return row, nil
}

// inOneLine is what a draft changes, counted.
func (w *work) inOneLine() string {
	var parts []string
	before, changes := w.changes()
	if w.public == nil {
		c := register.Diff(nil, &w.draft.Document)[0]
		parts = append(parts, staff.What(w.p, "new_declaration"), staff.What(w.p, "n_named", "Count", c.Count))
		return strings.Join(parts, ", ")
	}
	joined, left, corrected := w.concerned(changes)
	for _, x := range []struct {
		key string
		n   int
	}{{"n_joined", len(joined)}, {"n_left", len(left)}, {"n_corrected", len(corrected)}} {
		if x.n > 0 {
			parts = append(parts, staff.What(w.p, x.key, "Count", x.n))
		}
	}
	if retires(before, &w.draft.Document) {
		parts = append(parts, staff.What(w.p, "retired"))
	}
	if len(parts) == 0 {
		if onlyOrder(changes) {
			return staff.What(w.p, "order")
		}
		if n := len((&teller{request: w.request}).differences(before, &w.draft.Document, changes)); n > 0 {
			return staff.What(w.p, "n_differences", "Count", n)
		}
		return staff.What(w.p, "nothing")
	}
	return strings.Join(parts, ", ")
}

// found are declarations that a draft can be started from.
func (r *staffRequest) found(q string, drafts []*store.Draft) ([]staff.FoundRow, error) {
	x, err := r.view.Index(r.ctx, r.current)
	if err != nil {
		return nil, err
	}
	rows, _ := x.Find(register.Filter{Query: q}, register.Sort{By: "date", Descending: true}, r.lang, 0, foundShown)
	var ids []int64
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	heads, err := r.view.Heads(r.ctx, ids)
	if err != nil {
		return nil, err
	}
	var list []staff.FoundRow
	for _, e := range heads {
		t := e.TitleIn(r.lang)
		f := staff.FoundRow{Title: r.text(t.Text, t.Lang), URL: r.now(declarationPath(e.Slug)), Kind: r.p.T("kind." + string(e.Kind)), HistoryURL: r.staffURL("declarations", e.Slug)}
		if d := e.Date(); d.Known() {
			f.Date = r.p.Date(d)
		}
		if r.may(store.Editor) {
			f.StartAction = r.staffURL("declarations", e.Slug, "start")
		}
		f.Draft = r.openDraft(drafts, e.ID)
		list = append(list, f)
	}
	return list, nil
}

// openDraft leads to a draft of a declaration that is already open; zero for none.
func (r *staffRequest) openDraft(drafts []*store.Draft, id int64) ui.Link {
	for _, d := range drafts {
		if d.DeclarationID == id && !d.State.Closed() {
			to := r.draftURL(d.ID, "check")
			if d.State == store.Drafting && r.may(store.Editor) {
				to = r.draftURL(d.ID)
			}
			return ui.Link{Text: r.p.T("staff.desk.draft_of", "Who", author(d), "At", r.moment(d.Changed)), URL: to}
		}
	}
	return ui.Link{}
}

// gapKinds are the kinds of gap, in the order of the desk.
var gapKinds = []string{"count", "weak", "undated", "unread"}

// gap is one declaration that lacks something.
type gap struct {
	id            int64
	stated, named int           // of count
	count         int           // of undated and unread
	oldest        register.Date // of unread
}

// gapsCache are the gaps of one revision on one day.
type gapsCache struct {
	mu       sync.Mutex
	revision int
	day      register.Day
	byKind   map[string][]gap
}

// yearAgo is how many days ago an address has to have been read to be worth reading again.
const yearAgo = 365

func (r *staffRequest) allGaps() (map[string][]gap, error) {
	c := &r.s.staffGaps
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byKind != nil && c.revision == r.view.Revision && c.day == r.current {
		return c.byKind, nil
	}
	x, err := r.view.Index(r.ctx, r.current)
	if err != nil {
		return nil, err
	}
	by := map[string][]gap{}
	rows, _ := x.Find(register.Filter{}, register.Sort{By: "date", Descending: true}, "en", 0, 0)
	for _, row := range rows {
		if row.Stated > 0 && row.NotNamed > 0 {
			by["count"] = append(by["count"], gap{id: row.ID, stated: row.Stated, named: row.Named})
		}
	}
	err = r.view.Each(r.ctx, func(e *store.Entry) error {
		weighty := false
		unread := gap{id: e.ID}
		for _, s := range e.Sources {
			weighty = weighty || s.Kind == "official" || s.Kind == "copy"
			if s.ReadOn.Known() && s.ReadOn.Last() < r.current-yearAgo {
				if unread.count == 0 || s.ReadOn.Compare(unread.oldest) < 0 {
					unread.oldest = s.ReadOn
				}
				unread.count++
			}
		}
		undated := gap{id: e.ID}
		for _, a := range e.Actions {
			if !a.Date.Known() {
				undated.count++
			}
		}
		if !weighty && len(e.Sources) > 0 {
			by["weak"] = append(by["weak"], gap{id: e.ID})
		}
		if undated.count > 0 {
			by["undated"] = append(by["undated"], undated)
		}
		if unread.count > 0 {
			by["unread"] = append(by["unread"], unread)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(by["undated"], func(a, b gap) int { return b.count - a.count })
	slices.SortStableFunc(by["unread"], func(a, b gap) int { return a.oldest.Compare(b.oldest) })
	slices.SortStableFunc(by["count"], func(a, b gap) int { return (b.stated - b.named) - (a.stated - a.named) })
	c.revision, c.day, c.byKind = r.view.Revision, r.current, by
	return by, nil
}

// gaps are what the record lacks: the first of each kind, or all of the kind that the address asks for.
func (r *staffRequest) gaps() ([]staff.GapSection, error) {
	by, err := r.allGaps()
	if err != nil {
		return nil, err
	}
	var sections []staff.GapSection
	for _, kind := range gapKinds {
		all := by[kind]
		if len(all) == 0 {
			continue
		}
		s := staff.GapSection{Kind: kind, Total: len(all)}
		if len(all) > gapsShown && r.query["gap"] != kind {
			all = all[:gapsShown]
			s.URL = r.staffURL() + "?gap=" + kind
			if r.query["all"] == "1" {
				s.URL += "&all=1"
			}
		}
		var ids []int64
		for _, g := range all {
			ids = append(ids, g.id)
		}
		heads, err := r.view.Heads(r.ctx, ids)
		if err != nil {
			return nil, err
		}
		for i, e := range heads {
			g := all[i]
			t := e.TitleIn(r.lang)
			row := staff.GapRow{Title: r.text(t.Text, t.Lang), URL: r.now(declarationPath(e.Slug))}
			switch kind {
			case "count":
				row.What = staff.Gap(r.p, kind, "Stated", g.stated, "Named", g.named)
			case "unread":
				row.What = staff.Gap(r.p, kind, "Count", g.count, "Date", r.p.Date(g.oldest))
			default:
				row.What = staff.Gap(r.p, kind, "Count", g.count)
			}
			if r.may(store.Editor) {
				row.StartAction = r.staffURL("declarations", e.Slug, "start")
			}
			s.Rows = append(s.Rows, row)
		}
		sections = append(sections, s)
	}
	return sections, nil
}
