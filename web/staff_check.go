package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/pages"
	"cosignatory/templates/staff"
	"cosignatory/templates/ui"
	"cosignatory/web/form"
)

// check is everything that keeps the draft from being published, and what is worth a look.
func (w *work) check() (problems, warnings []register.Problem, err error) {
	f := w.form.Copy().Compact()
	d, problems, warnings := f.Check(w.view.Ref, w.current)
	if register.ValidSlug(d.Slug) && w.taken(d.Slug) {
		problems = append(problems, register.Problem{Field: "slug", Key: "slug_taken", Args: map[string]any{"Slug": d.Slug}})
	}
	var targets []string
	for _, l := range d.Links {
		targets = append(targets, l.Target)
	}
	ids, err := w.view.IDs(w.ctx, targets)
	if err != nil {
		return nil, nil, err
	}
	for i, l := range d.Links {
		if register.ValidSlug(l.Target) && ids[l.Target] == 0 {
			problems = append(problems, register.Problem{Field: "links[" + strconv.Itoa(i) + "].target", Key: "link_unknown", Args: map[string]any{"Target": l.Target}})
		}
	}
	if register.ValidSlug(d.MergedInto) && d.MergedInto != d.Slug && (w.public == nil || w.public.MergedInto != d.MergedInto) {
		wrong, err := w.answers(d.MergedInto, w.draft.DeclarationID)
		if err != nil {
			return nil, nil, err
		}
		if wrong != nil {
			problems = append(problems, *wrong)
		}
	}
	return problems, warnings, nil
}

// answers is what keeps a declaration from being retired into the one with that slug: there is none, it is the same one, or it
// was retired itself. It is nil where nothing does.
func (r *staffRequest) answers(slug string, id int64) (wrong *register.Problem, err error) {
	ids, err := r.view.IDs(r.ctx, []string{slug})
	if err != nil {
		return nil, err
	}
	if ids[slug] == 0 {
		return &register.Problem{Field: "merged_into", Key: "link_unknown", Args: map[string]any{"Target": slug}}, nil
	}
	if ids[slug] == id {
		return &register.Problem{Field: "merged_into", Key: "link_to_itself"}, nil
	}
	into, err := r.view.ByID(r.ctx, ids[slug])
	if err != nil || into.MergedInto == "" {
		return nil, err
	}
	now := into.MergedInto
	_, err = r.view.Declaration(r.ctx, slug)
	var moved *store.Moved
	if errors.As(err, &moved) {
		now = moved.Slug
	} else if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	return &register.Problem{Field: "merged_into", Key: "target_retired", Args: map[string]any{"Target": slug, "Now": now}}, nil
}

// mayDiscard says that the account may throw the draft away: a scheduled one only who may also take it back.
func (w *work) mayDiscard() bool {
	return w.may(store.Publisher) || w.may(store.Editor) && w.draft.State != store.Scheduled
}

// changes are the differences between what is public and the draft; of a new declaration, everything it says.
func (w *work) changes() (before *register.Declaration, changes []register.Change) {
	before = &register.Declaration{}
	if w.public != nil {
		before = &w.public.Declaration
	}
	return before, register.Diff(before, &w.draft.Document)
}

func showCheck(r *staffRequest) error {
	w, err := r.work()
	if err != nil {
		return err
	}
	return w.showCheck(http.StatusOK, nil, nil)
}

// asked is what was typed on the page of the check.
type asked struct {
	at     staff.Date
	time   string
	remark string
	wrong  []ui.Problem // of these fields
}

func (w *work) showCheck(status int, problems []register.Problem, typed *asked) error {
	d := w.draft
	found, warnings, err := w.check()
	if err != nil {
		return err
	}
	type about struct{ field, key string }
	said := map[about]bool{} // there may be some for each of thousands of rows
	for _, p := range problems {
		said[about{p.Field, p.Key}] = true
	}
	for _, p := range found {
		if x := (about{p.Field, p.Key}); !said[x] {
			said[x] = true
			problems = append(problems, p)
		}
	}
	before, changes := w.changes()
	v := staff.Check{Page: w.staffPage(staff.Title(w.p, "check")), Draft: w.head(), Action: w.draftURL(d.ID, "check"), Version: strconv.Itoa(d.Version)}
	v.Joined, v.Left, v.Corrected = w.concerned(changes)
	if v.Differences, err = w.differencesOf(before, &d.Document, changes); err != nil {
		return err
	}
	if before.MergedInto != d.Document.MergedInto && d.Document.MergedInto != "" && len(v.Differences) == 0 {
		v.Differences = []pages.Difference{{Field: w.p.T("difference.declaration"), After: ui.Plain(d.Document.MergedInto)}}
	}
	v.Sum, v.Bench = w.sum(before, changes)
	v.Order = onlyOrder(changes)
	if retires(before, &d.Document) {
		v.Retires = w.p.T("staff.check.retires", "Title", w.titleAt(d.Document.MergedInto))
	}
	v.Reason = w.text(register.CleanText(d.Reason), d.ReasonLang)
	v.Warnings = staff.Problems(w.p, w.view.Ref, warnings)
	if slices.ContainsFunc(warnings, form.Future) && w.may(store.Publisher) {
		v.Confirm = w.p.T("staff.check.confirm_future")
	}
	v.Problems = staff.Problems(w.p, w.view.Ref, problems)
	if typed != nil {
		v.PublishAt, v.Time, v.Typed = typed.at, typed.time, typed.remark
		v.Problems = append(v.Problems, typed.wrong...)
	}
	editor, publisher := w.may(store.Editor), w.may(store.Publisher)
	if d.State.Closed() { // to be read only
		v.Problems, v.Warnings, v.Confirm, v.Why = nil, nil, "", staff.Why(w.p, "state")
		return w.showAs(status, v.Show())
	}
	sound := len(problems) == 0 && len(changes) > 0 && d.Overtaken == 0
	alone, err := w.s.Store.Setting(w.ctx, store.OnePersonOffice)
	if err != nil {
		return err
	}
	own := d.WrittenBy(w.account.ID)
	switch {
	case d.Overtaken != 0:
		v.Why = staff.Why(w.p, "conflict")
	case len(problems) > 0:
		v.Why = staff.Why(w.p, "problems")
	case len(changes) == 0:
		v.Why = staff.Why(w.p, "nothing")
	case !publisher:
		v.Why = staff.Why(w.p, "role")
	case own && alone != "yes":
		v.Why = staff.Why(w.p, "author")
	}
	v.CanPublish = sound && publisher && (!own || alone == "yes")
	v.OnePerson = v.CanPublish && own
	v.CanSchedule = v.CanPublish && d.State != store.Scheduled
	v.CanReview = sound && editor && d.State == store.Drafting
	v.CanWithdraw = editor && d.State == store.InReview
	v.CanSendBack = publisher && (d.State == store.InReview || d.State == store.Scheduled)
	v.CanUnschedule = publisher && d.State == store.Scheduled
	v.CanDiscard = w.mayDiscard()
	return w.showAs(status, v.Show())
}

// onlyOrder says that nothing but the order of entries differs.
func onlyOrder(changes []register.Change) bool {
	return len(changes) == 1 && changes[0].What == register.FieldChanged && changes[0].Field == "order"
}

// retires says that another declaration answers for the one that is published.
func retires(before, after *register.Declaration) bool {
	return after.MergedInto != "" && before.MergedInto != after.MergedInto
}

// titleAt is the title of the declaration with a slug; where there is none, the slug.
func (r *staffRequest) titleAt(slug string) string {
	heads, err := r.headsBySlug([]string{slug})
	if err != nil || heads[slug] == nil {
		return slug
	}
	return heads[slug].TitleIn(r.lang).Text
}

// sum is the participants in effect today before and after: previous + joined − left = new; beside it who is unsettled, and the
// number stated with the number named, of states where only states are stated, which is another than that in effect.
func (w *work) sum(before *register.Declaration, changes []register.Change) (staff.Sum, ui.Bench) {
	on := func(d *register.Declaration) (in, unsettled map[string]bool) {
		in, unsettled = map[string]bool{}, map[string]bool{}
		for _, t := range d.Timelines() {
			s := t.On(w.current)
			switch {
			case t.Participant == "" || !s.Capacity.Counted():
			case s.Status == register.InEffect:
				in[t.Participant] = true
			case s.Status == register.Unsettled:
				unsettled[t.Participant] = true
			}
		}
		return in, unsettled
	}
	was, open := on(before)
	is, opened := on(&w.draft.Document)
	came, went := map[string]bool{}, map[string]bool{}
	for _, c := range changes {
		if c.What != register.ActionAdded || c.Participant == "" {
			continue
		}
		went[c.Participant] = true // an action that puts it beside the list takes it off it as well
		if !c.Action.Departure() {
			came[c.Participant] = true
		}
	}
	s := staff.Sum{Previous: len(was), New: len(is), Unsettled: len(opened)}
	for code := range opened {
		if !open[code] {
			s.Opened++
		}
	}
	for code := range is {
		if !was[code] && came[code] {
			s.Joined++
		}
	}
	for code := range was {
		if !is[code] && went[code] {
			s.Left++
		}
	}
	s.Corrected = s.New - s.Previous - s.Joined + s.Left
	counts := w.draft.Document.Tally(w.view.Ref, w.current)
	if counts.Stated != nil {
		s.Stated, s.StatesOnly, s.Named, s.NotNamed = counts.Stated.Count, counts.Stated.Counts == register.StatesOnly, counts.Named.Total, counts.NotNamed
		if s.StatesOnly {
			s.Named = counts.Named.States()
		}
	}
	parts := []string{w.p.T("counts.in_effect", "Count", counts.InEffect.Total)}
	for _, x := range []struct {
		key string
		n   int
	}{{"counts.unsettled", counts.Unsettled.Total}, {"counts.not_named", counts.NotNamed}, {"counts.left", counts.Left.Total}} {
		if x.n > 0 {
			parts = append(parts, w.p.T(x.key, "Count", x.n))
		}
	}
	return s, ui.Bench{InEffect: counts.InEffect.Total, Unsettled: counts.Unsettled.Total, NotNamed: counts.NotNamed, Left: counts.Left.Total,
		Label: strings.Join(parts, ", ")}
}

// decideDraft does what a button of the check asks.
func decideDraft(r *staffRequest) error {
	w, err := r.work()
	if err != nil {
		return err
	}
	values, err := r.form()
	if err != nil {
		return err
	}
	d, do, version := w.draft, values.Get("do"), atLeast(values.Get("version"))
	typed := &asked{at: staff.Date{Year: values.Get("publish_at.year"), Month: values.Get("publish_at.month"), Day: values.Get("publish_at.day")},
		time: values.Get("publish_at.time"), remark: values.Get("remark")}
	if do == "publish" || do == "schedule" || do == "send_back" || do == "unschedule" {
		if !r.may(store.Publisher) {
			return r.refuse(store.Publisher)
		}
	}
	if do == "discard" && !w.mayDiscard() {
		return r.refuse(store.Publisher)
	}
	if d.State.Closed() {
		return w.closed(typed)
	}
	if version != d.Version { // somebody changed it since the page was made: look again
		return w.showCheck(http.StatusConflict, []register.Problem{{Key: "draft_changed"}}, typed)
	}
	if do == "review" || do == "publish" || do == "schedule" {
		problems, warnings, err := w.check()
		if err != nil {
			return err
		}
		if do != "review" && slices.ContainsFunc(warnings, form.Future) && values.Get("confirm") != "yes" {
			typed.wrong = append(typed.wrong, ui.Problem{Field: "confirm", Message: r.p.T("staff.problem.confirm_missing")})
		}
		if len(problems)+len(typed.wrong) > 0 {
			return w.showCheck(http.StatusUnprocessableEntity, nil, typed)
		}
	}
	var step store.Step
	notice := ""
	switch do {
	case "publish":
		rev, err := r.s.Store.PublishDraft(r.ctx, d.ID, version, r.account)
		if err != nil {
			return w.unpublished(err, typed)
		}
		return r.saying("/staff", "published", "Revision", rev.Number)
	case "schedule":
		at, key := publishAt(typed, r.s.Now())
		if key != "" {
			typed.wrong = []ui.Problem{{Field: "publish_at", Message: staff.Wrong(r.p, key)}}
			return w.showCheck(http.StatusUnprocessableEntity, nil, typed)
		}
		step, notice = store.Step{What: store.ScheduledFor, For: at}, staff.Notice(r.p, "scheduled", "At", r.moment(at))
	case "send_back":
		if register.CleanText(typed.remark) == "" {
			typed.wrong = []ui.Problem{{Field: "remark", Message: staff.Wrong(r.p, "remark_missing")}}
			return w.showCheck(http.StatusUnprocessableEntity, nil, typed)
		}
		step, notice = store.Step{What: store.SentBack, Text: typed.remark}, staff.Notice(r.p, "sent_back")
	case "review":
		step, notice = store.Step{What: store.Reviewed}, staff.Notice(r.p, "reviewed")
	case "unschedule":
		step, notice = store.Step{What: store.Unscheduled}, staff.Notice(r.p, "unscheduled")
	case "withdraw":
		step, notice = store.Step{What: store.Withdrawn}, staff.Notice(r.p, "withdrawn")
	case "discard":
		step, notice = store.Step{What: store.ThrownAway}, staff.Notice(r.p, "discarded")
	default:
		return bad("error.form", "Value", shorten(do))
	}
	if _, err := r.s.Store.MoveDraft(r.ctx, d.ID, version, r.account, step); err != nil {
		return w.unpublished(err, typed)
	}
	switch do {
	case "discard":
		return r.seeSaying("/staff", notice)
	case "withdraw":
		return r.seeSaying(draftPath(d.ID), notice)
	}
	return r.seeSaying(draftPath(d.ID, "check"), notice)
}

// closed answers what was asked of a draft that was published or thrown away meanwhile: with its history. A remark that was typed
// is not lost: it stands in the form there, and can be added to the draft still.
func (w *work) closed(typed *asked) error {
	if register.CleanText(typed.remark) == "" {
		return w.see(draftPath(w.draft.ID, "history"))
	}
	return w.showSteps(http.StatusConflict, typed.remark, staff.Problems(w.p, w.view.Ref, []register.Problem{{Key: "draft_changed"}}))
}

// publishAt reads the time of a scheduled publication, UTC; key says what is wrong with it.
func publishAt(typed *asked, now time.Time) (at time.Time, key string) {
	d, wrong, _ := form.ReadDate(typed.at.Day, typed.at.Month, typed.at.Year)
	clock, err := time.Parse("15:04", strings.TrimSpace(typed.time))
	if wrong != "" || d.Precision() != register.ByDay || err != nil {
		return at, "publish_at_shape"
	}
	at = time.Date(int(d.Year), time.Month(d.Month), int(d.Day), clock.Hour(), clock.Minute(), 0, 0, time.UTC)
	if !at.After(now) {
		return at, "publish_at_past"
	}
	return at, ""
}

// unpublished says why a draft was not published or moved.
func (w *work) unpublished(err error, typed *asked) error {
	again := func(status int, problems ...register.Problem) error {
		now, err := w.s.Store.Draft(w.ctx, w.draft.ID)
		if err != nil {
			return err
		}
		fresh, err := w.workOn(now)
		if err != nil {
			return err
		}
		if now.State.Closed() {
			return fresh.closed(typed)
		}
		return fresh.showCheck(status, problems, typed)
	}
	var stale *store.DraftConflict
	var overtaken *store.Conflict
	var invalid *register.Invalid
	switch {
	case errors.As(err, &stale), errors.Is(err, store.ErrDraftState):
		return again(http.StatusConflict, register.Problem{Key: "draft_changed"})
	case errors.Is(err, store.ErrDraftClosed):
		return again(http.StatusConflict)
	case errors.As(err, &overtaken):
		return w.conflictPage(http.StatusConflict)
	case errors.As(err, &invalid):
		return again(http.StatusUnprocessableEntity, invalid.Problems...)
	case errors.Is(err, store.ErrSlugTaken):
		return again(http.StatusUnprocessableEntity, register.Problem{Field: "slug", Key: "slug_taken", Args: map[string]any{"Slug": w.draft.Document.Slug}})
	case errors.Is(err, store.ErrUnchanged):
		return again(http.StatusUnprocessableEntity, register.Problem{Key: "nothing_changed"})
	case errors.Is(err, store.ErrOwnDraft):
		return w.refuseSaying(store.Publisher, staff.Why(w.p, "author"))
	case errors.Is(err, store.ErrRole):
		return w.refuse(store.Publisher)
	}
	return err
}

// Publications whose time has come are looked for this often, and at the start.
const dueEvery = 2 * time.Second

// publishDue publishes scheduled drafts when their time comes, until the context ends.
func (s *Server) publishDue(ctx context.Context) {
	tick := time.NewTicker(dueEvery)
	defer tick.Stop()
	for {
		made, err := s.Store.PublishDue(ctx)
		for _, r := range made {
			s.Log.InfoContext(ctx, "scheduled publication", "revision", r.Number, "declaration", r.Declaration)
		}
		if err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrReadOnly) {
			s.Log.ErrorContext(ctx, "scheduled publication failed; tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
