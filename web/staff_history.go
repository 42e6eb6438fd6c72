package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/staff"
	"cosignatory/templates/ui"
	"cosignatory/web/form"
)

// step is something that happened to a draft, in words.
func (r *request) step(s *store.Step) string {
	switch s.What {
	case store.Begun:
		if s.Revision > 0 {
			return staff.Event(r.p, "begun", "Revision", s.Revision)
		}
		return staff.Event(r.p, "begun_new")
	case store.PublishedAs:
		return staff.Event(r.p, s.What, "Revision", s.Revision)
	case store.ScheduledFor:
		return staff.Event(r.p, s.What, "At", r.moment(s.For))
	case store.NotPublished:
		why := s.Text
		if why == "author" {
			why = "author_due" // who reads it need not be who wrote
		}
		return staff.Event(r.p, s.What, "Why", staff.Why(r.p, why))
	}
	return staff.Event(r.p, s.What)
}

func showSteps(r *staffRequest) error {
	w, err := r.work()
	if err != nil {
		return err
	}
	return w.showSteps(http.StatusOK, "", nil)
}

func (w *work) showSteps(status int, typed string, problems []ui.Problem) error {
	v := staff.DraftHistory{Page: w.staffPage(staff.Title(w.p, "draft")), Draft: w.head(), Typed: typed}
	v.Problems = problems
	if typed != "" {
		v.Languages = nil // the way there would leave behind what was typed
	}
	if w.may(store.Editor) {
		v.Action = w.draftURL(w.draft.ID, "history")
	}
	accounts, err := w.s.Store.Accounts(w.ctx)
	if err != nil {
		return err
	}
	logins := map[int64]string{} // names change, and may be given up to somebody else
	for _, a := range accounts {
		logins[a.ID] = a.Login
	}
	for i := len(w.draft.Steps) - 1; i >= 0; i-- {
		s := &w.draft.Steps[i]
		e := staff.DraftEvent{At: w.moment(s.At), ISO: iso(s.At), Who: s.Who, Login: logins[s.By], What: w.step(s)}
		if s.What != store.NotPublished {
			e.Remark = ui.Plain(s.Text)
		}
		v.Events = append(v.Events, e)
	}
	return w.showAs(status, v.Show())
}

func remarkDraft(r *staffRequest) error {
	w, err := r.work()
	if err != nil {
		return err
	}
	values, err := r.form()
	if err != nil {
		return err
	}
	typed := values.Get("remark")
	text := register.CleanText(typed)
	if text == "" || len(text) > register.MaxText {
		return w.showSteps(http.StatusUnprocessableEntity, typed, []ui.Problem{{Field: "remark", Message: r.p.T("staff.problem.text_missing")}})
	}
	if _, err := r.s.Store.MoveDraft(r.ctx, w.draft.ID, 0, r.account, store.Step{What: store.Remarked, Text: text}); err != nil {
		return err
	}
	return r.saying(draftPath(w.draft.ID, "history"), "remark_added")
}

// declaration is the one that the address names, with its revisions, newest first. One that was retired is found by its own
// address here.
func (r *staffRequest) declaration() (*store.Entry, []register.Revision, error) {
	slug := r.c.Param("slug")
	ids, err := r.view.IDs(r.ctx, []string{slug})
	if err != nil {
		return nil, nil, err
	}
	if ids[slug] == 0 {
		return nil, nil, store.ErrNotFound
	}
	e, err := r.view.ByID(r.ctx, ids[slug])
	if err != nil {
		return nil, nil, err
	}
	revisions, err := r.view.History(r.ctx, e.ID)
	return e, revisions, err
}

func (r *staffRequest) revisionRow(e *store.Entry, x *register.Revision, most int) (staff.RevisionRow, error) {
	c, err := r.change(x, most)
	row := staff.RevisionRow{Revision: x.Number, URL: c.URL, At: c.At, ISO: c.AtISO, Who: c.Who, Why: c.Why, What: c.What, Current: x.Number == e.Last}
	if r.may(store.Editor) {
		row.StartAction = r.staffURL("declarations", e.Slug, "start", itoa(x.Number))
	}
	return row, err
}

func showRevisions(r *staffRequest) error {
	e, revisions, err := r.declaration()
	if err != nil {
		return err
	}
	t := e.TitleIn(r.lang)
	v := staff.Revisions{Page: r.staffPage(staff.Title(r.p, "revisions")), Declaration: r.text(t.Text, t.Lang), PublicURL: r.now(declarationPath(e.Slug)),
		CompareAction: r.staffURL("declarations", e.Slug, "compare"), From: atLeast(r.query["from"]), To: atLeast(r.query["to"])}
	if e.MergedInto == "" && r.may(store.Editor) {
		v.RetireURL, v.BringURL = r.staffURL("declarations", e.Slug, "retire"), r.staffURL("bring")+"?declaration="+e.Slug
	}
	drafts, err := r.s.Store.Drafts(r.ctx, store.DraftFilter{DeclarationID: e.ID})
	if err != nil {
		return err
	}
	v.Draft = r.openDraft(drafts, e.ID)
	for i := range revisions {
		row, err := r.revisionRow(e, &revisions[i], sentencesShown)
		if err != nil {
			return err
		}
		v.Rows = append(v.Rows, row)
	}
	return r.showAs(http.StatusOK, v.Show())
}

// compareRevisions shows what differs between any two revisions of a declaration, the older first however they are asked for.
func compareRevisions(r *staffRequest) error {
	e, revisions, err := r.declaration()
	if err != nil {
		return err
	}
	var chosen []*register.Revision
	for _, name := range []string{"from", "to"} {
		n := atLeast(r.query[name])
		i := slices.IndexFunc(revisions, func(x register.Revision) bool { return x.Number == n })
		if i < 0 {
			return unknown("error.revision_other", "Revision", shorten(r.query[name]), "Title", e.TitleIn(r.lang).Text)
		}
		chosen = append(chosen, &revisions[i])
	}
	if chosen[0].Number > chosen[1].Number {
		chosen[0], chosen[1] = chosen[1], chosen[0]
	}
	var states [2]*register.Declaration
	for i, x := range chosen {
		view, err := r.s.Store.AtDesk(r.ctx, x.Number)
		if err != nil {
			return err
		}
		found, err := view.ByID(r.ctx, e.ID)
		if err != nil {
			return err
		}
		states[i] = &found.Declaration
	}
	t := e.TitleIn(r.lang)
	v := staff.Compare{Page: r.staffPage(r.p.T("staff.compare.title", "From", chosen[0].Number, "To", chosen[1].Number)), Declaration: r.text(t.Text, t.Lang),
		RevisionsURL: r.staffURL("declarations", e.Slug), CompareAction: r.staffURL("declarations", e.Slug, "compare")}
	if v.From, err = r.revisionRow(e, chosen[0], sentencesShown); err != nil {
		return err
	}
	if v.To, err = r.revisionRow(e, chosen[1], sentencesShown); err != nil {
		return err
	}
	if v.Differences, err = r.differencesOf(states[0], states[1], register.Diff(states[0], states[1])); err != nil {
		return err
	}
	return r.showAs(http.StatusOK, v.Show())
}

func showRetire(r *staffRequest) error {
	e, _, err := r.declaration()
	if err != nil {
		return err
	}
	return r.showRetire(http.StatusOK, e, "", "", "", nil)
}

func (r *staffRequest) showRetire(status int, e *store.Entry, target, reason, lang string, problems []ui.Problem) error {
	t := e.TitleIn(r.lang)
	v := staff.Retire{Page: r.staffPage(staff.Title(r.p, "retire")), Declaration: r.text(t.Text, t.Lang), RevisionsURL: r.staffURL("declarations", e.Slug),
		Action: r.staffURL("declarations", e.Slug, "retire"), Target: target, Reason: reason, ReasonLang: lang}
	v.Problems = problems
	if r.c.Request().Method == http.MethodPost {
		v.Languages = nil // the way there would leave behind what was typed
	}
	return r.showAs(status, v.Show())
}

// retire begins the draft that retires a declaration: it is reviewed and published like any other.
func retire(r *staffRequest) error {
	e, _, err := r.declaration()
	if err != nil {
		return err
	}
	values, err := r.form()
	if err != nil {
		return err
	}
	target, reason, lang := strings.TrimSpace(values.Get("target")), values.Get("reason"), values.Get("reason_lang")
	var problems []ui.Problem
	wrong := func(field, key string, args ...any) {
		problems = append(problems, ui.Problem{Field: field, Message: staff.Wrong(r.p, key, args...)})
	}
	if target == "" {
		wrong("target", "target_missing")
	} else if p, err := r.answers(target, e.ID); err != nil {
		return err
	} else if p != nil && p.Key == "link_unknown" {
		wrong("target", "target_unknown", "Value", shorten(target))
	} else if p != nil {
		problems = append(problems, ui.Problem{Field: "target", Message: staff.Problems(r.p, r.view.Ref, []register.Problem{*p})[0].Message})
	}
	if register.CleanText(reason) == "" {
		wrong("reason", "reason_missing")
	}
	if len(problems) > 0 {
		return r.showRetire(http.StatusUnprocessableEntity, e, target, reason, lang, problems)
	}
	f := form.Of(&e.Declaration)
	f.Fields["merged_into"], f.Fields["reason"], f.Fields["reason_lang"] = target, reason, lang
	d := &store.Draft{DeclarationID: e.ID, Base: r.view.Revision}
	if err := putForm(d, f, r.view.Ref); err != nil {
		return err
	}
	if err := r.s.Store.SaveDraft(r.ctx, d, r.account); err != nil {
		return err
	}
	return r.saying("/staff/drafts/"+strconv.FormatInt(d.ID, 10)+"/check", "begun")
}
