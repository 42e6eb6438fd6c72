package web

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/staff"
	"cosignatory/templates/ui"
	"cosignatory/web/form"
)

// draftRoutes are the addresses of the desk, drafts, checks, histories and reference data, below /{lang}/staff.
var draftRoutes []staffRoute

// The pages offer what the routes allow, so the routes are filled in late.
func init() {
	draftRoutes = []staffRoute{
		{"GET", "", store.Reader, showDesk},
		{"GET", "/suggest", store.Reader, suggest},
		{"POST", "/drafts", store.Editor, beginDraft},
		{"GET", "/drafts/:id", store.Reader, showDraft},
		{"POST", "/drafts/:id", store.Editor, writeDraft},
		{"POST", "/drafts/:id/keep", store.Editor, keepDraft},
		{"GET", "/drafts/:id/check", store.Reader, showCheck},
		{"POST", "/drafts/:id/check", store.Editor, decideDraft},
		{"GET", "/drafts/:id/history", store.Reader, showSteps},
		{"POST", "/drafts/:id/history", store.Editor, remarkDraft},
		{"GET", "/drafts/:id/conflict", store.Editor, showConflict},
		{"POST", "/drafts/:id/conflict", store.Editor, takeConflict},
		{"GET", "/declarations/:slug", store.Reader, showRevisions},
		{"GET", "/declarations/:slug/compare", store.Reader, compareRevisions},
		{"POST", "/declarations/:slug/start", store.Editor, startDraft},
		{"POST", "/declarations/:slug/start/:number", store.Editor, startDraft},
		{"GET", "/declarations/:slug/retire", store.Editor, showRetire},
		{"POST", "/declarations/:slug/retire", store.Editor, retire},
		{"GET", "/reference", store.Reader, showReference},
		{"GET", "/reference/participants", store.Reader, listParticipants},
		{"GET", "/reference/participants/:code", store.Reader, showParticipantForm},
		{"POST", "/reference/participants/:code", store.Publisher, saveParticipant},
		{"GET", "/reference/groups", store.Reader, listGroups},
		{"GET", "/reference/groups/:code", store.Reader, showGroupForm},
		{"POST", "/reference/groups/:code", store.Publisher, saveGroup},
		{"GET", "/reference/topics", store.Reader, listTopics},
		{"GET", "/reference/topics/:code", store.Reader, showTopicForm},
		{"POST", "/reference/topics/:code", store.Publisher, saveTopic},
	}
}

// work is a draft that somebody looks at or writes in.
type work struct {
	*staffRequest
	draft  *store.Draft
	form   *form.Form
	public *store.Entry // what the public sees of the declaration, nil for one that is new
	agreed bool         // the page that was sent said what saving takes the draft back from
}

// work is the draft that the address names.
func (r *staffRequest) work() (*work, error) {
	id, err := strconv.ParseInt(r.c.Param("id"), 10, 64)
	if err != nil {
		return nil, store.ErrNotFound
	}
	d, err := r.s.Store.Draft(r.ctx, id)
	if err != nil {
		return nil, err
	}
	return r.workOn(d)
}

func (r *staffRequest) workOn(d *store.Draft) (*work, error) {
	w := &work{staffRequest: r, draft: d}
	var err error
	if w.form, err = formOf(d.Typed, &d.Document); err != nil {
		return nil, err
	}
	w.form.Fields["reason"], w.form.Fields["reason_lang"] = d.Reason, d.ReasonLang
	if d.DeclarationID != 0 {
		if w.public, err = r.view.ByID(r.ctx, d.DeclarationID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
	}
	return w, nil
}

// formOf is the form of what was typed, or where nothing was kept of that, of the document.
func formOf(typed string, d *register.Declaration) (*form.Form, error) {
	if typed == "" {
		return form.Of(d), nil
	}
	f := &form.Form{}
	err := json.Unmarshal([]byte(typed), f)
	if f.Fields == nil {
		f.Fields = map[string]string{}
	}
	if f.Rows == nil {
		f.Rows = map[string][]map[string]string{}
	}
	return f, err
}

// putForm writes a form into a draft.
func putForm(d *store.Draft, f *form.Form, ref *register.Reference) error {
	doc, _ := f.Copy().Compact().Declaration(ref)
	doc.Clean()
	d.Document = *doc
	d.Reason, d.ReasonLang = f.Fields["reason"], cmp.Or(f.Fields["reason_lang"], "en")
	b, err := json.Marshal(f)
	d.Typed = string(b)
	return err
}

// errUnasked says that saving would take a draft back from review or from its schedule, and that nobody was told.
var errUnasked = errors.New("web: draft is in review or scheduled")

// save keeps a form in the draft, if the draft is still at the version. One that is in review or scheduled is only written in by
// who was told what that does: the form of a draft is no longer offered then, but it may be open in another window.
func (w *work) save(f *form.Form, version int) error {
	if w.draft.State != store.Drafting && version == w.draft.Version && !w.agreed {
		return errUnasked
	}
	d := *w.draft
	d.Version = version
	if err := putForm(&d, f, w.view.Ref); err != nil {
		return err
	}
	if err := w.s.Store.SaveDraft(w.ctx, &d, w.account); err != nil {
		return err
	}
	w.draft, w.form = &d, f
	return nil
}

// Addresses of a draft.
func (r *staffRequest) draftURL(id int64, parts ...string) string {
	return r.staffURL(append([]string{"drafts", strconv.FormatInt(id, 10)}, parts...)...)
}

// titleOf is the title in a form for a reader of lang, empty where it has none.
func (r *request) titleOf(f *form.Form) ui.Text {
	best, rank := ui.Text{}, 0
	for _, row := range f.Rows["titles"] {
		n := 1
		switch row["lang"] {
		case r.lang:
			n = 3
		case "en":
			n = 2
		}
		if t := register.CleanText(row["text"]); t != "" && n > rank {
			best, rank = r.text(t, row["lang"]), n
		}
	}
	return best
}

// moment is a time in words, with the time of day.
func (r *request) moment(t time.Time) string { return r.p.DateTime(t.UTC()) }

func iso(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// author is the name of who began a draft.
func author(d *store.Draft) string {
	if s := d.Last(store.Begun); s != nil && s.Who != "" {
		return s.Who
	}
	return d.Author
}

// head is the line over all pages about the draft.
func (w *work) head() staff.Draft {
	d := w.draft
	v := staff.Draft{ID: d.ID, Title: w.titleOf(w.form), New: w.public == nil, State: string(d.State), Author: author(d), Mine: d.AuthorID == w.account.ID,
		Revision: d.Base, SavedAt: w.moment(d.Changed), CheckURL: w.draftURL(d.ID, "check"), HistoryURL: w.draftURL(d.ID, "history")}
	if w.public != nil {
		v.PublicURL, v.Revision = address(w.lang, declarationPath(w.public.Slug), "", nil), w.public.Last
		if rev, err := w.view.RevisionOf(w.ctx, w.public.Last); err == nil {
			v.PublicAt = w.p.Date(register.Today(rev.PublishedAt).Date())
		}
	}
	if d.State == store.Drafting && w.may(store.Editor) {
		v.FormURL = w.draftURL(d.ID)
	}
	if d.Overtaken != 0 && w.may(store.Editor) {
		v.ConflictURL = w.draftURL(d.ID, "conflict")
	}
	if !d.PublishAt.IsZero() {
		v.PublishAt = w.moment(d.PublishAt)
	}
	if back := d.Last(store.SentBack, store.Reviewed, store.PublishedAs); back != nil && back.What == store.SentBack && d.State == store.Drafting {
		v.Remark = &staff.Remark{Who: back.Who, At: w.moment(back.At), Text: ui.Plain(back.Text)}
	}
	return v
}

func (r *staffRequest) may(role store.Role) bool { return r.s.may(r.account, role) }

// draftPath is a page of a draft, below the language.
func draftPath(id int64, parts ...string) string {
	return strings.Join(append([]string{"/staff/drafts", strconv.FormatInt(id, 10)}, parts...), "/")
}

// saying leads on to a page of a draft that says what was done.
func (r *staffRequest) saying(path, what string, args ...any) error {
	return r.seeSaying(path, staff.Notice(r.p, what, args...))
}

func beginDraft(r *staffRequest) error {
	f := form.Of(&register.Declaration{})
	f.Fields["reason_lang"] = r.lang
	f.Do("add:sources")
	f.Do("add:titles")
	f.Rows["titles"][0]["lang"] = r.lang
	d := &store.Draft{Base: r.view.Revision}
	if err := putForm(d, f, r.view.Ref); err != nil {
		return err
	}
	if err := r.s.Store.SaveDraft(r.ctx, d, r.account); err != nil {
		return err
	}
	return r.saying(draftPath(d.ID)+"?focus=sources%5B0%5D", "begun")
}

// startDraft begins a draft of a published declaration, from the newest revision or an older one: that is how a change is
// undone, a retirement too.
func startDraft(r *staffRequest) error {
	e, _, err := r.declaration()
	if err != nil {
		return err
	}
	from := e
	if typed := r.c.Param("number"); typed != "" {
		n, err := strconv.Atoi(typed)
		if err != nil || n < e.First || n > r.view.Revision {
			return store.ErrNotFound
		}
		view, err := r.s.Store.AtDesk(r.ctx, n)
		if err != nil {
			return err
		}
		if from, err = view.ByID(r.ctx, e.ID); err != nil {
			return err
		}
	}
	f := form.Of(&from.Declaration)
	f.Fields["reason_lang"] = r.lang
	d := &store.Draft{DeclarationID: e.ID, Base: r.view.Revision}
	if err := putForm(d, f, r.view.Ref); err != nil {
		return err
	}
	if err := r.s.Store.SaveDraft(r.ctx, d, r.account); err != nil {
		return err
	}
	return r.saying(draftPath(d.ID), "begun")
}

func showDraft(r *staffRequest) error {
	w, err := r.work()
	if err != nil {
		return err
	}
	if w.draft.State.Closed() {
		return r.see(draftPath(w.draft.ID, "history"))
	}
	if w.draft.State != store.Drafting || !w.may(store.Editor) {
		return r.see(draftPath(w.draft.ID, "check"))
	}
	focus := r.c.Request().URL.Query().Get("focus")
	if focus == "" {
		w.form.Compact()
	}
	return w.show(http.StatusOK, w.form, focus, nil, nil)
}

// show shows the form of the draft with what was typed.
func (w *work) show(status int, f *form.Form, focus string, problems, warnings []register.Problem) error {
	return w.showAs(status, w.page(f, w.draft.Version, focus, problems, warnings).Show())
}

// page is the page of a form that was made from the draft at a version.
func (w *work) page(f *form.Form, version int, focus string, problems, warnings []register.Problem) *staff.DeclarationForm {
	d := w.draft
	v := &staff.DeclarationForm{Page: w.staffPage(w.p.T("staff.form.new")), Draft: w.head(), Action: w.draftURL(d.ID), AutosaveURL: w.draftURL(d.ID, "keep"),
		SuggestURL: w.staffURL("suggest"), SignInURL: w.staffURL("sign-in"), Version: strconv.Itoa(version), Choices: w.s.staffChoices(w.request), Focus: focus,
		CanReview: d.State == store.Drafting, CanDiscard: w.mayDiscard()}
	if t := v.Draft.Title; !t.Empty() {
		v.Page.Title, v.Page.TitleLang = t.S, t.Lang
	}
	if last := d.Last(store.Begun, store.Saved, store.Merged); last != nil && last.By != w.account.ID {
		v.SavedByOther = true
	}
	if list, _, ok := strings.Cut(focus, "["); ok && strings.HasSuffix(focus, "]") {
		v.Focus += firstField[list]
	}
	v.Fields = w.fields(f)
	v.Problems, v.Warnings = staff.Problems(w.p, w.view.Ref, problems), staff.Problems(w.p, w.view.Ref, warnings)
	for i := range v.Problems {
		switch p := &v.Problems[i]; p.Field {
		case "change.participant":
			p.Message = staff.Wrong(w.p, "change_participant")
		case "change.kind":
			p.Message = staff.Wrong(w.p, "change_kind")
		}
	}
	v.OnList = w.onList(f)
	return v
}

// withoutLanguages is for a page that carries what was typed and is not saved: the way to another language would lose it.
func (r *staffRequest) withoutLanguages(v *staff.Page) {
	if r.c.Request().Method == http.MethodPost {
		v.Languages = nil
	}
}

// held says that the draft is scheduled and that the account may not take that back.
func (w *work) held() bool { return w.draft.State == store.Scheduled && !w.may(store.Publisher) }

// heldBack says who scheduled the draft, and when: key is scheduled, or scheduled_typed where something was typed.
func (w *work) heldBack(key string) string {
	by, set := "", ""
	if s := w.draft.Last(store.ScheduledFor); s != nil {
		by, set = s.Who, w.moment(s.At)
	}
	return w.p.T("staff.conflict."+key, "Who", by, "Set", set, "At", w.moment(w.draft.PublishAt))
}

// showHeld is the form with what was typed into a draft that somebody may not take back from its schedule. It is that of the
// version it was made from: once the schedule is taken back, it is saved or brought together like any other.
func (w *work) showHeld(f *form.Form, version int) error {
	w.logRefusal("needs " + string(store.Publisher))
	v := w.page(f, version, "", nil, nil)
	v.Problems = []ui.Problem{{Message: w.heldBack("scheduled_typed")}}
	w.withoutLanguages(&v.Page)
	return w.showAs(http.StatusForbidden, v.Show())
}

// firstField is the field of a row that gets the focus.
var firstField = map[string]string{"sources": ".publisher", "titles": ".text", "texts": ".event", "stated": ".count", "links": ".target", "actions": ".participant",
	"disputes": ".participant"}

// staffChoices are the lists that forms offer, made once for a revision and language.
func (s *Server) staffChoices(r *request) *staff.Choices {
	s.staffOffers.mu.Lock()
	defer s.staffOffers.mu.Unlock()
	if s.staffOffers.ref != r.view.Ref {
		s.staffOffers.ref, s.staffOffers.byLang = r.view.Ref, map[string]*staff.Choices{}
	}
	c := s.staffOffers.byLang[r.lang]
	if c == nil {
		c = staff.NewChoices(r.p, r.view.Ref)
		s.staffOffers.byLang[r.lang] = c
	}
	return c
}

// fields are the answers of a form as its page shows them.
func (w *work) fields(f *form.Form) staff.Fields {
	who := func(typed string) string {
		if typed == "" {
			return ""
		}
		return staff.PrintParticipant(w.view.Ref, typed, w.lang)
	}
	date := func(row map[string]string, name string) staff.Date {
		return staff.Date{Year: row[name+".year"], Month: row[name+".month"], Day: row[name+".day"]}
	}
	x := f.Fields
	v := staff.Fields{Slug: x["slug"], Kind: x["kind"], Adopted: date(x, "adopted"), Presented: date(x, "presented"), Published: date(x, "published"),
		Opened: date(x, "opened"), Closed: date(x, "closed"), PresentedBy: x["presented_by"], PresenterDelegation: who(x["presenter_delegation"]),
		PresenterCounted: x["presenter_counted"], Open: x["open"], ListComplete: x["list_complete"], Reason: x["reason"], ReasonLang: x["reason_lang"]}
	for _, t := range strings.Split(x["topics"], "|") {
		if t != "" {
			v.Topics = append(v.Topics, t)
		}
	}
	for _, row := range f.Rows["titles"] {
		v.Titles = append(v.Titles, staff.TitleFields{Lang: row["lang"], Text: row["text"], Standing: row["standing"], Source: row["source"], Note: row["note"]})
	}
	for _, row := range f.Rows["texts"] {
		v.Texts = append(v.Texts, staff.TextFields{Lang: row["lang"], Event: row["event"], Place: row["place"], Summary: row["summary"], Notes: row["notes"]})
	}
	for _, row := range f.Rows["sponsors"] {
		v.Sponsors = append(v.Sponsors, who(row["code"]))
	}
	for _, row := range f.Rows["stated"] {
		v.Stated = append(v.Stated, staff.StatedFields{Count: row["count"], Counts: row["counts"], Date: date(row, "date"), Source: row["source"], Note: row["note"]})
	}
	var targets []string
	for _, row := range f.Rows["links"] {
		targets = append(targets, strings.TrimSpace(row["target"]))
	}
	heads, _ := w.headsBySlug(targets) // a title that cannot be shown beside the slug keeps nobody from writing
	for i, row := range f.Rows["links"] {
		l := staff.LinkFields{Kind: row["kind"], Target: row["target"], Note: row["note"]}
		if e := heads[targets[i]]; e != nil {
			t := e.TitleIn(w.lang)
			l.TargetTitle = w.text(t.Text, t.Lang)
		}
		v.Links = append(v.Links, l)
	}
	for _, row := range f.Rows["sources"] {
		v.Sources = append(v.Sources, staff.SourceFields{Key: row["key"], Publisher: row["publisher"], Title: row["title"], URL: row["url"], Lang: row["lang"],
			Kind: row["kind"], Published: date(row, "published"), ReadOn: date(row, "read_on"), Supports: row["supports"]})
	}
	old := map[string]map[string]string{}
	if w.public != nil {
		for _, row := range form.Of(&w.public.Declaration).Rows["actions"] {
			old[row["id"]] = row
		}
	}
	for _, row := range f.Rows["actions"] {
		_, group := row["group"]
		a := staff.ActionFields{ID: row["id"], GroupLine: group && row["participant"] == "", Participant: who(row["participant"]), Group: row["group"],
			Action: row["action"], Capacity: row["capacity"], CapacityAsPrinted: row["capacity_as_printed"], Date: date(row, "date"), PublicDate: date(row, "public_date"),
			Reason: row["reason"], JoiningNotRecorded: row["joining_not_recorded"] == "yes", NameAsPrinted: row["name_as_printed"],
			PrintedPosition: row["printed_position"], Source: row["source"], AlsoSources: row["also_sources"], PlaceInSource: row["place_in_source"], Note: row["note"]}
		if was := old[row["id"]]; w.public != nil && was == nil {
			a.Public = "new"
		} else if was != nil && !form.Value(was).Same(row) {
			a.Public = "changed"
		}
		v.Actions = append(v.Actions, a)
	}
	for _, row := range f.Rows["disputes"] {
		x := staff.DisputeFields{Participant: who(row["participant"]), Source: row["source"]}
		for i := range form.Claims(row) {
			at := "claim[" + strconv.Itoa(i) + "]."
			x.Claim = append(x.Claim, staff.PhraseFields{Lang: row[at+"lang"], Text: row[at+"text"]})
		}
		v.Disputes = append(v.Disputes, x)
	}
	return v
}

// onList are the participants that stand on the list by the lines of a form: those that can be “no longer on the list”.
func (w *work) onList(f *form.Form) []ui.Option {
	on := map[string]bool{}
	var codes []string
	for _, row := range f.Rows["actions"] {
		code := row["participant"]
		if w.view.Ref.Participant(code) == nil {
			continue
		}
		if on[code] = row["action"] != string(register.Withdrew); !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	w.view.Ref.SortCodes(codes, w.lang)
	var list []ui.Option
	for _, code := range codes {
		if on[code] {
			list = append(list, ui.Option{Value: code, Label: w.view.Ref.Name(code, w.lang)})
		}
	}
	return list
}

// change does what the chooser asks for a participant that is no longer on the list (D2): a departure, a departure of one
// that was listed in error, or a look at the line that the register got wrong.
func change(f *form.Form, participant, kind string) (focus string, problems []register.Problem) {
	last := -1
	for i, row := range f.Rows["actions"] {
		if row["participant"] == participant && participant != "" {
			last = i
		}
	}
	if last < 0 {
		problems = append(problems, register.Problem{Field: "change.participant", Key: "change_participant"})
	}
	if kind != "withdrew" && kind != "publisher" && kind != "register" {
		problems = append(problems, register.Problem{Field: "change.kind", Key: "change_kind"})
	}
	if len(problems) > 0 {
		return "", problems
	}
	at := last
	if kind != "register" {
		row := map[string]string{"participant": participant, "action": string(register.Withdrew), "capacity": f.Rows["actions"][last]["capacity"]}
		if kind == "publisher" {
			row["reason"] = "listed_in_error_sponsor"
		}
		at = last + 1
		f.Rows["actions"] = slices.Insert(f.Rows["actions"], at, row)
	}
	return "actions[" + strconv.Itoa(at) + "]", nil
}

// writeDraft takes what was typed and does what the button says. Whatever is wrong with it, it is kept.
func writeDraft(r *staffRequest) error {
	w, err := r.work()
	if err != nil {
		return err
	}
	values, err := r.form()
	if err != nil {
		return err
	}
	f, problems := form.Parse(values)
	if len(problems) > 0 {
		return w.show(http.StatusUnprocessableEntity, w.form, "", problems, nil)
	}
	w.settle(f, values)
	do, version := values.Get("do"), atLeast(values.Get("version"))
	if w.draft.State.Closed() {
		return w.rescue(f, version)
	}
	if do == "discard" && !w.mayDiscard() {
		return r.refuse(store.Publisher)
	}
	if do == "check" || do == "review" {
		f.SuggestSlug(w.taken)
	}
	var focus string
	switch verb, _, _ := strings.Cut(do, ":"); {
	case do == "change":
		var wrong []register.Problem
		if focus, wrong = change(f, values.Get("change.participant"), values.Get("change.kind")); len(wrong) > 0 {
			v := w.page(f, version, "", wrong, nil) // not saved: it stays the form of the version it was made from
			w.withoutLanguages(&v.Page)
			return w.showAs(http.StatusUnprocessableEntity, v.Show())
		}
	case strings.Contains(do, ":"):
		var ok bool
		if focus, ok = f.Do(do); !ok {
			return bad("error.form", "Value", shorten(verb))
		}
	}
	if err := w.save(f, version); err != nil {
		return w.failed(err, f, version)
	}
	switch do {
	case "check", "review":
		problems, warnings, err := w.check()
		if err != nil {
			return err
		}
		if len(problems) > 0 {
			return w.show(http.StatusUnprocessableEntity, w.form, "", problems, warnings)
		}
		if do == "review" {
			if _, err := w.s.Store.MoveDraft(w.ctx, w.draft.ID, w.draft.Version, w.account, store.Step{What: store.Reviewed}); err != nil {
				return w.failed(err, f, version)
			}
			return r.saying(draftPath(w.draft.ID, "check"), "reviewed")
		}
		return r.see(draftPath(w.draft.ID, "check"))
	case "discard":
		if _, err := w.s.Store.MoveDraft(w.ctx, w.draft.ID, w.draft.Version, w.account, store.Step{What: store.ThrownAway}); err != nil {
			return w.failed(err, f, version)
		}
		return r.saying("/staff", "discarded")
	}
	if focus != "" {
		return r.see(draftPath(w.draft.ID) + "?focus=" + url.QueryEscape(focus) + "#" + url.PathEscape(focus))
	}
	return r.saying(draftPath(w.draft.ID), "saved", "At", w.moment(w.draft.Changed))
}

func atLeast(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// settle completes a form that was sent: what its page does not ask stays as it was.
func (w *work) settle(f *form.Form, values url.Values) {
	if !values.Has("merged_into") && w.form.Fields["merged_into"] != "" {
		f.Fields["merged_into"] = w.form.Fields["merged_into"]
	}
	// The form has topics in the order of their names; those on record keep the order that they have there.
	old, topics := strings.Split(w.form.Fields["topics"], "|"), strings.Split(f.Fields["topics"], "|")
	place := func(topic string) int {
		if i := slices.Index(old, topic); i >= 0 {
			return i
		}
		return len(old)
	}
	slices.SortStableFunc(topics, func(a, b string) int { return cmp.Compare(place(a), place(b)) })
	f.Fields["topics"] = strings.Join(topics, "|")
	f.Settle(w.view.Ref)
}

// taken says that a slug is, or was, another declaration's.
func (w *work) taken(slug string) bool {
	ids, err := w.view.IDs(w.ctx, []string{slug})
	return err == nil && ids[slug] != 0 && ids[slug] != w.draft.DeclarationID
}

// failed shows what kept a draft from being saved or moved.
func (w *work) failed(err error, f *form.Form, version int) error {
	var stale *store.DraftConflict
	switch {
	case errors.As(err, &stale):
		newer, err := w.workOn(stale.Newer)
		if err != nil {
			return err
		}
		if newer.draft.State.Closed() {
			return newer.rescue(f, version)
		}
		return newer.stale(http.StatusConflict, f, version, nil, false)
	case errors.Is(err, store.ErrDraftClosed):
		return w.rescue(f, version)
	case errors.Is(err, errUnasked):
		return w.stale(http.StatusConflict, f, version, nil, false)
	case errors.Is(err, store.ErrScheduled):
		return w.showHeld(f, version)
	}
	return err
}

// rescue keeps what somebody typed into a draft that was published or discarded in the meantime: in a new draft, brought
// together with what is public now.
func (w *work) rescue(f *form.Form, version int) error {
	base, err := w.versionForm(version)
	if err != nil {
		return err
	}
	if same(base, f) {
		return w.see(draftPath(w.draft.ID, "history"))
	}
	d := &store.Draft{DeclarationID: w.draft.DeclarationID, Base: w.draft.Base}
	if w.public != nil && w.draft.State == store.Published {
		f = form.Merge(base, f, form.Of(&w.public.Declaration)).With(nil)
		d.Base = w.view.Revision
	}
	if err := putForm(d, f, w.view.Ref); err != nil {
		return err
	}
	if err := w.s.Store.SaveDraft(w.ctx, d, w.account); err != nil {
		return err
	}
	return w.saying(draftPath(d.ID), "rescued")
}

func same(a, b *form.Form) bool {
	m := form.Merge(a, b, a)
	return len(m.Taken)+len(m.Clashes) == 0
}

// versionForm is the form as the draft stood at a version; of one too old to be kept, or unknown, the oldest known: the
// public one.
func (w *work) versionForm(version int) (*form.Form, error) {
	typed, document, err := w.s.Store.DraftVersion(w.ctx, w.draft.ID, version)
	if err == nil {
		return formOf(typed, document)
	}
	if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	return w.baseForm()
}

// baseForm is the form of the published version that the draft was begun from; an empty one for a new declaration.
func (w *work) baseForm() (*form.Form, error) {
	if w.draft.DeclarationID == 0 || w.draft.Base == 0 {
		return form.Of(&register.Declaration{}), nil
	}
	view, err := w.s.Store.AtDesk(w.ctx, w.draft.Base)
	if err != nil {
		return nil, err
	}
	e, err := view.ByID(w.ctx, w.draft.DeclarationID)
	if errors.Is(err, store.ErrNotFound) {
		return form.Of(&register.Declaration{}), nil
	}
	if err != nil {
		return nil, err
	}
	return form.Of(&e.Declaration), nil
}

// keepDraft keeps what the script sends every few seconds. It answers with the version of the draft, which the next sending
// names, or 409 where somebody else wrote in it, or where it is in review or scheduled by now.
func keepDraft(r *staffRequest) error {
	w, err := r.work()
	if err != nil {
		return err
	}
	values, err := r.form()
	if err != nil {
		return err
	}
	f, problems := form.Parse(values)
	if len(problems) > 0 {
		return r.c.NoContent(http.StatusUnprocessableEntity)
	}
	w.settle(f, values)
	err = w.save(f, atLeast(values.Get("version")))
	var stale *store.DraftConflict
	if errors.As(err, &stale) || errors.Is(err, store.ErrDraftClosed) || errors.Is(err, errUnasked) {
		return r.c.NoContent(http.StatusConflict)
	}
	if err != nil {
		return err
	}
	return r.c.JSON(http.StatusOK, map[string]string{"version": strconv.Itoa(w.draft.Version)})
}

// suggested is how many participants are offered for what was typed.
const suggested = 8

// suggest finds participants by code or by any name in the six languages, as somebody types.
func suggest(r *staffRequest) error {
	type person struct {
		Code string `json:"code"`
		Name string `json:"name"`
		Kind string `json:"kind"`
		Note string `json:"note,omitempty"`
		rank int
	}
	typed := r.c.Request().URL.Query().Get("q")
	q := register.Fold(staff.ReadParticipant(typed))
	found := []person{}
	code := strings.ToUpper(strings.TrimSpace(staff.ReadParticipant(typed)))
	for i, x := range r.view.Ref.Participants {
		best := 9
		take := func(rank int) { best = min(best, rank) }
		if x.Code == code || code != "" && (x.Alpha2 == code || x.Alpha3 == code || x.M49 == code || x.UserAssigned == code) {
			take(0)
		}
		note := ""
		name := func(s, kind string) {
			f := register.Fold(s)
			switch {
			case f == "" || q == "":
				return
			case f == q:
				take(1)
			case strings.HasPrefix(f, q):
				take(2)
			case strings.Contains(" "+f, " "+q):
				take(3)
			default:
				return
			}
			if kind == "former" && note == "" {
				note = s
			}
		}
		for _, s := range x.Names {
			name(s, "")
		}
		for _, s := range x.Formal {
			name(s, "")
		}
		byName := best
		for _, a := range x.Aliases {
			if a.Kind != "misspelling" {
				name(a.Text, a.Kind)
			}
		}
		if byName <= best {
			note = ""
		}
		if len(q) >= 2 && strings.HasPrefix(x.Code, code) {
			take(4)
		}
		if best == 9 {
			continue
		}
		if x.ValidTo.Known() {
			note = r.p.T("staff.suggest.until", "Date", r.p.Date(x.ValidTo))
			best += 5
		}
		found = append(found, person{x.Code, x.Name(r.lang), string(x.Kind), note, best*1000 + r.view.Ref.Rank(i, r.lang)})
	}
	slices.SortFunc(found, func(a, b person) int { return a.rank - b.rank })
	return r.c.JSON(http.StatusOK, found[:min(len(found), suggested)])
}
