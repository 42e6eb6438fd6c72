package web

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
)

// Watching without an account: an address remembers in since= what its reader has seen, and the page says what was published
// after that and concerns it. Nothing is kept about anybody.

// How much of what has changed a page tells: the rest is among all changes.
const (
	sinceShown = 20
	sinceMost  = 200
)

// sinceParam is the parameter that every page that can be watched takes.
const sinceParam = "since"

// seen is the newest revision that the reader has seen, as the address gives it: a number, or a day before which it was
// published. The words name it within a sentence.
func (r *request) seen(typed string) (revision int, words string, err error) {
	if d, err := register.ParseDate(typed); err == nil && d.Precision() == register.ByDay {
		if d.First() > r.current {
			return 0, "", bad("error.since_future", "Value", typed).accepting("accepted.since", "Newest", r.view.Revision)
		}
		n, err := r.view.Before(r.ctx, d.First())
		return n, r.p.T("since.day", "Date", r.p.Date(d)), err
	}
	n, err := strconv.Atoi(typed)
	if err != nil || n < 1 || typed[0] == '+' {
		return 0, "", bad("error.since", "Value", shorten(typed)).accepting("accepted.since", "Newest", r.view.Revision)
	}
	if n > r.view.Revision {
		return 0, "", bad("error.since_future", "Value", typed).accepting("accepted.since", "Newest", r.view.Revision)
	}
	x, err := r.view.RevisionOf(r.ctx, n)
	if err != nil {
		return 0, "", err
	}
	return n, r.p.T("since.revision", "Revision", n, "Date", r.p.Date(register.Today(x.PublishedAt).Date())), nil
}

// concern is what a page is about, for whoever watches it: one declaration, one participant, one group, the declarations of
// a list, or everything.
func (r *request) concern() (store.Concern, *store.Entry, error) {
	var c store.Concern
	slug, code := r.c.Param("slug"), r.c.Param("code")
	switch {
	case slug != "":
		e, err := r.entry()
		if err != nil {
			return c, nil, err
		}
		c.Declaration = e.ID
		return c, e, nil
	case strings.HasPrefix(r.path, "/participants/") && code != "":
		q, err := r.subject()
		if err != nil {
			return c, nil, err
		}
		c.Participant = q.Code
	case strings.HasPrefix(r.path, "/groups/") && code != "":
		g, err := r.named()
		if err != nil {
			return c, nil, err
		}
		c.Group = g.Code
	case r.path == "/declarations" || r.path == "/matrix":
		f, err := r.filter()
		if err != nil || f.Empty() {
			return c, nil, err
		}
		if topic := (register.Filter{Topic: f.Topic}); f == topic {
			c.Topic = f.Topic
			return c, nil, nil
		}
		x, err := r.view.Index(r.ctx, r.day)
		if err != nil {
			return c, nil, err
		}
		rows, _ := x.Find(f, register.Sort{By: "date"}, r.lang, 0, 0)
		c.Declarations = make([]int64, len(rows))
		for i, row := range rows {
			c.Declarations[i] = row.ID
		}
	case r.path == "/search":
		x, err := r.view.Index(r.ctx, r.day)
		if err != nil {
			return c, nil, err
		}
		_, q := r.question(x, visible(r.query["q"]))
		if r.query["q"] == "" || q.Blank {
			break
		}
		found := x.Search(q, r.lang, 0, x.Totals().Declarations)
		c.Declarations = make([]int64, len(found.Hits))
		for i, h := range found.Hits {
			c.Declarations[i] = h.ID
		}
	case r.path == "/compare":
		x, err := r.view.Index(r.ctx, r.day)
		if err != nil {
			return c, nil, err
		}
		compared, err := r.comparison(x)
		if err != nil || compared.result == nil {
			return c, nil, err
		}
		if compared.participants {
			c.Participants = compared.keys
			break
		}
		ids, err := r.view.IDs(r.ctx, compared.keys)
		if err != nil {
			return c, nil, err
		}
		for _, slug := range compared.keys {
			c.Declarations = append(c.Declarations, ids[slug])
		}
	}
	return c, nil, nil
}

// watch works out what has changed since the revision in the address, where there is one.
func (r *request) watch() error {
	typed := r.query[sinceParam]
	if typed == "" {
		return nil
	}
	from, words, err := r.seen(typed)
	if err != nil {
		return err
	}
	c, e, err := r.concern()
	if err != nil {
		return err
	}
	revisions, err := r.view.Concerning(r.ctx, c, from+1, r.view.Revision, sinceMost+1, false)
	if err != nil {
		return err
	}
	v := &pages.Since{ClearURL: r.here(sinceParam, "")}
	switch n := len(revisions); {
	case n == 0:
		v.Sentence = r.p.T("since.nothing", "Since", words)
	case n > sinceMost:
		v.Sentence = r.p.T("since.many", "Since", words, "N", r.p.Number(sinceMost))
	default:
		v.Sentence = r.p.T("since.some", "Since", words, "Count", n)
	}
	if e != nil && len(revisions) > 0 {
		if v.Sums, err = r.sums(e, from); err != nil {
			return err
		}
		if v.Joined, v.Left, v.Corrected, err = r.net(e, from); err != nil {
			return err
		}
	}
	if len(revisions) > sinceShown {
		// Only a declaration has a page of its own changes.
		v.More, revisions = ui.Link{Text: r.p.T("onward.changes"), URL: r.now("/changes")}, revisions[:sinceShown]
		if e != nil {
			v.More = ui.Link{Text: r.p.T("since.more"), URL: r.now(historyPath(e.Slug))}
		}
	}
	for i := range revisions {
		revisions[i].Changes = r.first(c, revisions[i].Changes)
	}
	if v.Changes, err = r.changes(revisions); err != nil {
		return err
	}
	for i := range revisions {
		x := &revisions[i]
		if e != nil {
			v.Changes[i].Declaration = ui.Text{} // the page is about it
			continue
		}
		if x.Subject != register.OfDeclaration {
			continue
		}
		then, err := r.s.Store.At(r.ctx, x.Number)
		if err != nil {
			return err
		}
		ids, err := then.IDs(r.ctx, []string{x.Declaration})
		if err != nil {
			return err
		}
		after, err := then.ByID(r.ctx, ids[x.Declaration])
		if err != nil {
			return err
		}
		if after.MergedInto == "" {
			counts, err := r.countsChanged(after, x)
			if err != nil {
				return err
			}
			v.Changes[i].What = append(v.Changes[i].What, counts...)
		}
	}
	r.since = v
	return nil
}

// first puts what is about the participant or the group watched before what else a revision changed.
func (r *request) first(c store.Concern, changes []register.Change) []register.Change {
	if c.Participant == "" && c.Group == "" && c.Participants == nil {
		return changes
	}
	about := func(x register.Change) bool {
		switch {
		case slices.Contains(c.Participants, x.Participant):
			return true
		case c.Participant != "" && x.Participant == c.Participant, c.Group != "" && x.Group == c.Group:
			return true
		case c.Group != "" && x.Participant != "":
			g := r.view.Ref.Group(c.Group)
			return g != nil && slices.ContainsFunc(g.Members, func(m register.Membership) bool { return m.Code == x.Participant })
		case c.Participant != "" && x.What == register.FieldChanged:
			return slices.Contains(strings.Split(x.Before+"|"+x.After, "|"), c.Participant)
		}
		return false
	}
	list := slices.Clone(changes)
	slices.SortStableFunc(list, func(a, b register.Change) int {
		switch x, y := about(a), about(b); {
		case x && !y:
			return -1
		case y && !x:
			return 1
		}
		return 0
	})
	return list
}

// net is who came onto the list, left it and was corrected between an earlier revision, or the first of the declaration, and the
// one shown: what one revision recorded and a later one took back as the register's mistake is none of it (D2).
func (r *request) net(e *store.Entry, from int) (joined, left, corrected []ui.Link, err error) {
	then, err := r.s.Store.At(r.ctx, max(from, e.First))
	if err != nil {
		return nil, nil, nil, err
	}
	before, err := then.ByID(r.ctx, e.ID)
	if err != nil {
		return nil, nil, nil, err
	}
	joined, left, corrected = r.concerned(register.Diff(&before.Declaration, &e.Declaration))
	return joined, left, corrected, nil
}

// sums are the counts of a declaration that differ between an earlier revision and the one shown, both for the day shown: what
// differs is the register's doing, not the calendar's.
func (r *request) sums(e *store.Entry, from int) ([]string, error) {
	if from == 0 {
		return nil, nil
	}
	then, err := r.s.Store.At(r.ctx, from)
	if err != nil {
		return nil, err
	}
	before, err := then.ByID(r.ctx, e.ID)
	if errors.Is(err, store.ErrNotFound) {
		return []string{r.p.T("since.was_absent", "Revision", from)}, nil
	}
	if err != nil {
		return nil, err
	}
	was, now := before.Tally(then.Ref, r.day), e.Tally(r.view.Ref, r.day)
	stated := func(s *register.Stated) int {
		if s == nil {
			return 0
		}
		return s.Count
	}
	var words []string
	for _, x := range []struct {
		name   string
		was, n int
	}{{"in_effect", was.InEffect.Total, now.InEffect.Total}, {"named", was.Named.Total, now.Named.Total}, {"unsettled", was.Unsettled.Total, now.Unsettled.Total},
		{"left", was.Left.Total, now.Left.Total}, {"stated", stated(was.Stated), stated(now.Stated)}} {
		if x.was != x.n {
			words = append(words, r.p.T("since.count", "What", r.p.T("since_of."+x.name), "Before", r.p.Number(x.was), "After", r.p.Number(x.n)))
		}
	}
	return words, nil
}

// watched fills in how a page can be watched: the box of what has changed, the form that asks, and the address to remember.
func (r *request) watched(v *pages.Page) {
	if !slices.Contains(r.names, sinceParam) {
		return
	}
	var keep []string
	for _, name := range parameterOrder {
		if name != sinceParam && name != "revision" && name != "page" && name != "print" {
			keep = append(keep, name)
		}
	}
	v.Watch = &pages.Watch{Since: r.since, Action: address(r.lang, r.path, "", nil), Hidden: r.hidden(keep...), Typed: r.query[sinceParam],
		RememberURL: r.here(sinceParam, itoa(r.view.Revision), "revision", "", "page", "", "print", "")}
}
