package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/i18n"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
	"cosignatory/web/feed"
)

// The formats by which readers follow the register.
const (
	atom     = "atom"
	calendar = "ics"
)

// What a feed holds: entries a page, and sentences an entry; the page of the revision has them all.
const (
	feedSize      = 50
	feedSentences = 30
)

// following is what a feed is about.
type following struct {
	concern         store.Concern
	name            []string // in the feed's identity: what is renamed is no part of it
	title, subtitle string
	page            string // path of the page that tells the same
	pairs           []string
	entry           *store.Entry // of the feed of a declaration
}

// feedRoutes are the feeds and calendars, below /feeds. What each follows is asked of the request.
var feedRoutes = []struct {
	pattern string
	formats []string
	of      func(*request) (following, error)
}{
	{"/changes", []string{atom}, followAll},
	{"/calendar", []string{calendar}, followAll},
	{"/declarations/:slug", []string{atom, calendar}, followDeclaration},
	{"/participants/:code", []string{atom}, followParticipant},
	{"/topics/:code", []string{atom}, followTopic},
	{"/groups/:code", []string{atom}, followGroup},
}

func followAll(r *request) (following, error) {
	return following{name: []string{"changes"}, title: r.p.T("site.page_title", "Title", r.p.T("changes.title")), subtitle: r.p.T("changes.lead"),
		page: "/changes"}, nil
}

func followDeclaration(r *request) (following, error) {
	e, err := r.entry()
	if err != nil {
		return following{}, err
	}
	return following{concern: store.Concern{Declaration: e.ID}, name: []string{"declaration", strconv.FormatInt(e.ID, 10)},
		title: r.p.T("site.page_title", "Title", e.TitleIn(r.lang).Text), subtitle: r.p.T("feed.of_declaration"), page: declarationPath(e.Slug), entry: e}, nil
}

func followParticipant(r *request) (following, error) {
	q, err := r.subject()
	if err != nil {
		return following{}, err
	}
	return following{concern: store.Concern{Participant: q.Code}, name: []string{"participant", q.Code},
		title: r.p.T("site.page_title", "Title", q.Name(r.lang)), subtitle: r.p.T("feed.of_participant"), page: participantPath(q.Code)}, nil
}

func followTopic(r *request) (following, error) {
	code := r.c.Param("code")
	if r.view.Ref.Topic(code) == nil {
		p := unknown("error.topic_unknown", "Value", shorten(code))
		var list []ui.Option
		for _, t := range r.view.Ref.Topics {
			list = append(list, ui.Option{Value: t.Code, Label: t.Name(r.lang)})
		}
		return following{}, p.oneOf(list)
	}
	return following{concern: store.Concern{Topic: code}, name: []string{"topic", code},
		title: r.p.T("site.page_title", "Title", r.topic(code).S), subtitle: r.p.T("feed.of_topic"), page: "/declarations", pairs: []string{"topic", code}}, nil
}

func followGroup(r *request) (following, error) {
	g, err := r.named()
	if err != nil {
		return following{}, err
	}
	return following{concern: store.Concern{Group: g.Code}, name: []string{"group", g.Code},
		title: r.p.T("site.page_title", "Title", g.Name(r.lang)), subtitle: r.p.T("feed.of_group"), page: groupPath(g.Code)}, nil
}

// follow answers for a feed or a calendar. It has no page and so no language in its address: lang= asks for one.
func (s *Server) follow(c echo.Context, formats []string, of func(*request) (following, error)) error {
	format, _ := c.Get(extension).(string)
	if !slices.Contains(formats, format) {
		p := unknown("error.format_unknown", "Value", shorten(format)).accepting("accepted.formats")
		for _, f := range formats {
			p.values = append(p.values, ui.Option{Value: f})
		}
		return p
	}
	lang, err := askedLanguage(c)
	if err != nil {
		return err
	}
	accepted := []string{"lang", "revision"}
	if format == atom {
		accepted = append(accepted, "before")
	}
	r, err := s.parse(c, lang, c.Request().URL.Path, format, accepted)
	if err != nil {
		return err
	}
	if err := r.takes(accepted...); err != nil {
		return err
	}
	f, err := of(r)
	if err != nil {
		return err
	}
	if format == calendar {
		return r.sendCalendar(f)
	}
	return r.sendFeed(f)
}

// askedLanguage is the language that an address without one asks for by lang=, else English.
func askedLanguage(c echo.Context) (string, error) {
	asked := c.QueryParam("lang")
	if asked == "" {
		return i18n.Languages()[0].Code, nil
	}
	if _, ok := i18n.For(asked); !ok {
		p := bad("error.language_unknown", "Value", shorten(strings.ToValidUTF8(asked, "?"))).accepting("accepted.languages")
		p.values = languageOptions(i18n.Languages())
		return "", p
	}
	return asked, nil
}

// takes refuses those of the options of files that mean nothing here.
func (r *request) takes(names ...string) error {
	for _, name := range fileOptions {
		if _, given := r.query[name]; given && !slices.Contains(names, name) {
			p := bad("error.filter_unknown", "Name", name)
			if len(names) > 0 {
				p.accepting("accepted.filters")
			}
			for _, n := range names {
				p.values = append(p.values, ui.Option{Value: n, Label: r.parameter(n)})
			}
			return p
		}
	}
	return nil
}

// feedAddress is the address of a feed or a calendar in the reader's language, by its path below /feeds.
func (r *request) feedAddress(path, format string, pairs ...string) string {
	lang := r.lang
	if lang == i18n.Languages()[0].Code {
		lang = ""
	}
	return address("", "/feeds"+path, format, params{"lang": lang}.with(pairs...))
}

// followed is the feed and the calendar of this page, empty where it has none. They are of the register as it goes on,
// whatever day or revision the page shows.
func (r *request) followed() (feedURL, calendarURL string) {
	if r.format != "" {
		return "", ""
	}
	slug, code := r.c.Param("slug"), r.c.Param("code")
	switch {
	case strings.HasPrefix(r.path, "/declarations/") && slug != "":
		return r.feedAddress(declarationPath(slug), atom), r.feedAddress(declarationPath(slug), calendar)
	case strings.HasPrefix(r.path, "/participants/") && code != "":
		return r.feedAddress(participantPath(code), atom), ""
	case strings.HasPrefix(r.path, "/groups/") && code != "":
		return r.feedAddress(groupPath(code), atom), ""
	case r.path == "/declarations":
		filters := 0
		for _, name := range filterNames {
			if r.query[name] != "" {
				filters++
			}
		}
		if topic := r.query["topic"]; topic != "" && filters == 1 && r.view.Ref.Topic(topic) != nil {
			return r.feedAddress("/topics/"+topic, atom), ""
		}
		if filters > 0 {
			return "", "" // no feed is of these filters
		}
	case r.path != "/" && r.path != "/changes":
		return "", ""
	}
	return r.feedAddress("/changes", atom), r.feedAddress("/calendar", calendar)
}

// root is what tells this register from every other: its first revision. A copy of it, wherever it is served from, has the
// same feeds with the same entries.
func (r *request) root() (*register.Revision, error) { return r.view.RevisionOf(r.ctx, 1) }

// beforeRevision is the revision before which the entries of a page of a feed end, 0 on the first page.
func (r *request) beforeRevision() (int, error) {
	typed, ok := r.query["before"]
	if !ok {
		return 0, nil
	}
	n, err := strconv.Atoi(typed)
	if err != nil || n < 1 || typed[0] == '+' || n > r.view.Revision {
		return 0, r.badValue("before", typed).accepting("accepted.revision", "Newest", r.view.Revision)
	}
	return n, nil
}

func (r *request) sendFeed(f following) error {
	before, err := r.beforeRevision()
	if err != nil {
		return err
	}
	return r.file("", feed.AtomType, func(_ context.Context, w io.Writer) error { return r.writeFeed(w, f, before) })
}

func (r *request) writeFeed(w io.Writer, f following, before int) error {
	root, err := r.root()
	if err != nil {
		return err
	}
	to := r.view.Revision
	if before > 0 {
		to = before - 1
	}
	revisions, err := r.view.Concerning(r.ctx, f.concern, 1, to, feedSize+1, false)
	if err != nil {
		return err
	}
	page := func(pairs ...string) string {
		return r.s.BaseURL + r.feedAddress(strings.TrimPrefix(r.path, "/feeds"), atom, append([]string{"revision", r.set["revision"]}, pairs...)...)
	}
	x := feed.Atom{ID: "urn:uuid:" + feed.UUID(append([]string{root.Hash, "feed", r.lang}, f.name...)...), Lang: r.lang, Title: f.title, Subtitle: f.subtitle,
		Author: r.p.T("site.name"), AuthorURL: r.s.BaseURL + "/", Rights: r.p.T("footer.licence") + " " + r.p.T("footer.designations"), Generator: "Cosignatory",
		Self: page("before", r.query["before"]), Alternate: r.s.BaseURL + r.to(f.page, f.pairs...), First: page(), Updated: root.PublishedAt}
	if len(revisions) > feedSize {
		revisions = revisions[:feedSize]
		x.Next = page("before", itoa(revisions[feedSize-1].Number))
	}
	if before > 0 {
		newer, err := r.view.Concerning(r.ctx, f.concern, before, r.view.Revision, feedSize+1, true)
		if err != nil {
			return err
		}
		switch {
		case len(newer) > feedSize:
			x.Previous = page("before", itoa(newer[feedSize].Number))
		case len(newer) > 0:
			x.Previous = page()
		}
	}
	for i := range revisions {
		e, err := r.feedEntry(&revisions[i])
		if err != nil {
			return err
		}
		x.Entries = append(x.Entries, e)
	}
	if len(revisions) > 0 {
		x.Updated = revisions[0].PublishedAt
	}
	return x.Write(w)
}

// feedEntry tells a revision as it was published: with the names, the title and the counts of that revision, so that an
// entry never changes.
func (r *request) feedEntry(x *register.Revision) (feed.Entry, error) {
	then := *r
	var err error
	if then.view, err = r.s.Store.At(r.ctx, x.Number); err != nil {
		return feed.Entry{}, err
	}
	r = &then
	revision := params{"revision": itoa(x.Number)}
	e := feed.Entry{ID: "urn:uuid:" + feed.UUID(x.Hash, "entry", r.lang), Published: x.PublishedAt, Categories: happened(x.Changes)}
	if e.Title, err = r.headline(x); err != nil {
		return e, err
	}
	v := pages.FeedEntry{P: r.p}
	if v.Change, err = r.change(x, feedSentences); err != nil {
		return e, err
	}
	if x.Subject != register.OfDeclaration {
		e.Link = r.s.BaseURL + address(r.lang, "/changes", "", revision)
	} else {
		// The revision in the address keeps the link good once the declaration has another address, or none.
		e.Link = r.s.BaseURL + address(r.lang, historyPath(x.Declaration)+"/"+itoa(x.Number), "", revision)
		ids, err := r.view.IDs(r.ctx, []string{x.Declaration})
		if err != nil {
			return e, err
		}
		after, err := r.view.ByID(r.ctx, ids[x.Declaration])
		if err != nil {
			return e, err
		}
		title := after.TitleIn(r.lang)
		e.Title = r.p.T("feed.entry", "Title", title.Text, "What", e.Title)
		v.Declaration = r.text(title.Text, title.Lang)
		v.DeclarationURL = r.s.BaseURL + address(r.lang, declarationPath(x.Declaration), "", nil)
		if after.MergedInto != "" {
			// Another declaration answers at its address: the revision stands among all changes.
			e.Link = r.s.BaseURL + address(r.lang, "/changes", "", revision)
		} else {
			v.AtRevisionURL = r.s.BaseURL + address(r.lang, declarationPath(x.Declaration), "", revision)
			if v.Counts, err = r.countsChanged(after, x); err != nil {
				return e, err
			}
		}
	}
	v.RevisionURL = e.Link
	var b bytes.Buffer
	if err := v.Show().Render(r.ctx, &b); err != nil {
		return e, err
	}
	e.Content = b.String()
	return e, nil
}

// countsChanged says the counts of a declaration that a revision changed, old and new, on the day of its publication: what
// differs is the revision's doing, not the calendar's.
func (r *request) countsChanged(after *store.Entry, x *register.Revision) ([]string, error) {
	day := register.Today(x.PublishedAt)
	now := after.Tally(r.view.Ref, day)
	var was *register.Counts
	if x.Number > 1 {
		view, err := r.s.Store.At(r.ctx, x.Number-1)
		if err != nil {
			return nil, err
		}
		before, err := view.ByID(r.ctx, after.ID)
		if err == nil {
			c := before.Tally(view.Ref, day)
			was = &c
		} else if !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
	}
	number := func(s *register.Stated) string {
		if s == nil {
			return ""
		}
		return r.p.Number(s.Count)
	}
	on, stated := r.p.Date(day.Date()), number(now.Stated)
	if was == nil {
		words := []string{r.p.T("feed.in_effect", "Date", on, "After", r.p.Number(now.InEffect.Total))}
		if stated != "" {
			words = append(words, r.p.T("feed.stated", "After", stated))
		}
		return words, nil
	}
	var words []string
	if was.InEffect.Total != now.InEffect.Total {
		words = append(words, r.p.T("feed.in_effect_changed", "Date", on, "After", r.p.Number(now.InEffect.Total), "Before", r.p.Number(was.InEffect.Total)))
	}
	switch before := number(was.Stated); {
	case before == stated:
	case before == "":
		words = append(words, r.p.T("feed.stated_first", "After", stated))
	case stated == "":
		words = append(words, r.p.T("feed.stated_gone", "Before", before))
	default:
		words = append(words, r.p.T("feed.stated_changed", "After", stated, "Before", before))
	}
	return words, nil
}

// headline is a revision in one line: its one change, else how many came, left and were corrected.
func (r *request) headline(x *register.Revision) (string, error) {
	if len(x.Changes) == 1 || x.Subject == register.OfReference {
		t, err := r.telling(x.Number, x.Changes)
		if err != nil {
			return "", err
		}
		var all []string
		for i := range x.Changes {
			all = append(all, t.sentence(&x.Changes[i]))
		}
		return sentences(all...), nil
	}
	joined, left, corrected := r.concerned(x.Changes)
	var parts []string
	for _, n := range []struct {
		key   string
		count int
	}{{"revision.joined", len(joined)}, {"revision.left", len(left)}, {"revision.corrected", len(corrected)}} {
		if n.count > 0 {
			parts = append(parts, r.p.T(n.key, "Count", n.count))
		}
	}
	if len(parts) == 0 {
		return r.p.T("revision.differences", "Count", len(x.Changes)), nil
	}
	return strings.Join(parts, " · "), nil
}

// happened is what a revision's changes are, in words for programs: created, retired, the kinds of actions, correction,
// source, detail and reference. A departure is what happened to a list, a correction what happened to the register (D2).
func happened(changes []register.Change) []string {
	var terms []string
	for _, c := range changes {
		term := "detail"
		switch c.What {
		case register.Created, register.Retired:
			term = c.What
		case register.ActionAdded:
			term = string(c.Action)
		case register.ActionCorrected, register.ActionRemoved:
			term = "correction"
		case register.SourceAdded, register.SourceRemoved, register.SourceChanged:
			term = "source"
		case register.ParticipantsSet, register.GroupsSet, register.TopicsSet, register.WordsSet:
			term = "reference"
		}
		if !slices.Contains(terms, term) {
			terms = append(terms, term)
		}
	}
	slices.Sort(terms)
	return terms
}

// sendCalendar sends the days of one declaration or of all. Only a date that is known by its day is an event (D11).
func (r *request) sendCalendar(f following) error {
	name := "calendar"
	head := feed.Head{Name: r.p.T("feed.calendar"), Description: r.p.T("feed.calendar_lead"), Lang: r.lang, URL: r.s.BaseURL + r.to("/declarations")}
	if f.entry != nil {
		name, head.Name, head.URL = f.entry.Slug, f.title, r.s.BaseURL+r.to(f.page)
	}
	root, err := r.root()
	if err != nil {
		return err
	}
	return r.file("cosignatory-"+name+".ics", feed.CalendarType, func(ctx context.Context, w io.Writer) error {
		c := feed.NewCalendar(w, head)
		touched, err := r.view.LastTouched(ctx)
		if err != nil {
			return err
		}
		add := func(e *store.Entry) error { return r.events(c, root.Hash, e, touched[e.ID]) }
		if f.entry != nil {
			err = add(f.entry)
		} else {
			last, failed := r.view.LastID(ctx)
			if failed != nil {
				return failed
			}
			err = r.view.Span(ctx, 1, last, store.Titles|store.Texts, add)
		}
		if err != nil {
			return err
		}
		return c.Close()
	})
}

// events adds the days of a declaration: adopted, opened, closed and, of a text that nobody adopted, that of its reading or
// publication.
func (r *request) events(c *feed.Calendar, root string, e *store.Entry, last store.Touch) error {
	changed, err := time.Parse(time.RFC3339, last.At)
	if err != nil {
		return err
	}
	title, text := e.TitleIn(r.lang).Text, e.TextIn(r.lang)
	dates := []namedDate{{"adopted", e.Adopted}, {"opened", e.Opened}, {"closed", e.Closed}}
	switch {
	case e.Adopted.Known():
	case e.Presented.Known():
		dates[0] = namedDate{"presented", e.Presented}
	case e.Published.Known():
		dates[0] = namedDate{"published", e.Published}
	}
	for _, d := range dates {
		if d.date.Precision() != register.ByDay {
			continue
		}
		v := feed.Event{UID: feed.UUID(root, "event", strconv.FormatInt(e.ID, 10), d.name), Day: d.date.First(), Location: text.Place,
			Summary:     r.p.T("feed.entry", "Title", r.p.T("date."+d.name), "What", title),
			Description: strings.Join(slices.DeleteFunc([]string{r.p.T("kind." + string(e.Kind)), text.Event, text.Summary}, func(s string) bool { return s == "" }), "\n"),
			URL:         r.s.BaseURL + address(r.lang, declarationPath(e.Slug), "", r.set), Changed: changed, Sequence: last.Revision}
		if err := c.Add(v); err != nil {
			return err
		}
	}
	return nil
}
