package web

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
	"cosignatory/web/export"
)

func showHistory(r *request) error {
	r.timeless = true
	e, err := r.entry()
	if err != nil {
		return err
	}
	revisions, err := r.view.History(r.ctx, e.ID)
	if err != nil {
		return err
	}
	t := e.TitleIn(r.lang)
	v := pages.History{Page: r.base(ui.Plain(r.p.T("history.heading", "Title", t.Text)), "/declarations"), Declaration: r.titled(t),
		DeclarationURL: r.to(declarationPath(e.Slug))}
	v.Description = r.p.T("history.lead")
	for i := range revisions {
		c, err := r.change(&revisions[i], sentencesShown)
		if err != nil {
			return err
		}
		row := pages.HistoryRow{Change: c, AtRevisionURL: r.now(declarationPath(e.Slug), "revision", itoa(revisions[i].Number))}
		v.Revisions = append(v.Revisions, row)
	}
	v.Foot = r.foot(v.Title)
	return r.show(v.Show())
}

func fileHistory(r *request) error {
	e, err := r.entry()
	if err != nil {
		return err
	}
	return r.send(e.Slug+"-history", false, func(ctx context.Context, w io.Writer, o export.Options) error {
		return export.WriteChanges(ctx, w, o, e.ID)
	})
}

func showHistoryEntry(r *request) error {
	r.timeless = true
	e, err := r.entry()
	if err != nil {
		return err
	}
	revisions, err := r.view.History(r.ctx, e.ID)
	if err != nil {
		return err
	}
	title := e.TitleIn(r.lang)
	typed := r.c.Param("number")
	number, err := strconv.Atoi(typed)
	place := func() int {
		return slices.IndexFunc(revisions, func(x register.Revision) bool { return x.Number == number })
	}
	at, under := place(), e.Slug
	if err == nil && at < 0 {
		// A revision of a declaration that was merged into this one: its addresses lead here, and its history stays readable.
		merged, err := r.mergedInto(e.Slug, number)
		if err != nil {
			return err
		}
		if merged != nil {
			if revisions, err = r.view.History(r.ctx, merged.ID); err != nil {
				return err
			}
			e, title, at = merged, merged.TitleIn(r.lang), place()
		}
	}
	if err != nil || at < 0 || itoa(number) != typed {
		p := unknown("error.revision_other", "Revision", shorten(typed), "Title", title.Text)
		return p.or(r.p.T("history.title"), r.now(historyPath(e.Slug)))
	}
	rev := &revisions[at]
	told, err := r.change(rev, len(rev.Changes))
	if err != nil {
		return err
	}
	v := pages.Revision{Page: r.base(ui.Plain(r.p.T("revision.title", "Revision", number)), "/declarations"), Change: told,
		ChangesURL: r.now("/changes"), HistoryURL: r.to(historyPath(under)), AtRevisionURL: r.now(declarationPath(e.Slug), "revision", itoa(number)),
		Hash: rev.Hash, PreviousHash: rev.PreviousHash}
	v.Change.Declaration, v.Change.DeclarationURL = r.text(title.Text, title.Lang), r.to(declarationPath(under))
	if at+1 < len(revisions) {
		v.PrevURL = r.to(historyPath(under) + "/" + itoa(revisions[at+1].Number))
		v.BeforeURL = r.now(declarationPath(e.Slug), "revision", itoa(number-1))
	}
	if at > 0 {
		v.NextURL = r.to(historyPath(under) + "/" + itoa(revisions[at-1].Number))
	}
	v.Joined, v.Left, v.Corrected = r.concerned(rev.Changes)
	if v.Differences, err = r.differences(e, rev); err != nil {
		return err
	}
	return r.show(v.Show())
}

// mergedInto is the declaration that a revision changed, where it has been merged, at once or over others, into the one with
// that slug; nil where it has not.
func (r *request) mergedInto(slug string, number int) (*store.Entry, error) {
	x, err := r.view.RevisionOf(r.ctx, number)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil || x.Subject != register.OfDeclaration {
		return nil, err
	}
	ids, err := r.view.IDs(r.ctx, []string{x.Declaration})
	if err != nil {
		return nil, err
	}
	merged, err := r.view.ByID(r.ctx, ids[x.Declaration])
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var moved *store.Moved
	if _, err := r.view.Declaration(r.ctx, merged.Slug); !errors.As(err, &moved) || moved.Slug != slug {
		return nil, nil
	}
	return merged, nil
}

// concerned are the participants that a revision adds to a list, takes off it, and corrects.
func (r *request) concerned(changes []register.Change) (joined, left, corrected []ui.Link) {
	var sets [3][]string
	for _, c := range changes {
		i := -1
		switch {
		case c.What == register.ActionAdded && c.Action.Departure():
			i = 1
		case c.What == register.ActionAdded:
			i = 0
		case c.What == register.ActionCorrected || c.What == register.ActionRemoved:
			i = 2
		}
		if i >= 0 && c.Participant != "" && !slices.Contains(sets[i], c.Participant) { // #nosec G602 -- i is 0, 1 or 2
			sets[i] = append(sets[i], c.Participant) // #nosec G602 -- i is 0, 1 or 2
		}
	}
	for i := range sets {
		r.view.Ref.SortCodes(sets[i], r.lang)
	}
	return r.participants(sets[0]), r.participants(sets[1]), r.participants(sets[2])
}

// differences are the fields before and after a revision. That of a new declaration are its rows: they are not told one by
// one.
func (r *request) differences(e *store.Entry, rev *register.Revision) ([]pages.Difference, error) {
	var before, after *register.Declaration
	for _, x := range []struct {
		number int
		to     **register.Declaration
	}{{rev.Number - 1, &before}, {rev.Number, &after}} {
		if x.number == 0 {
			continue
		}
		view, err := r.s.Store.At(r.ctx, x.number)
		if err != nil {
			return nil, err
		}
		found, err := view.ByID(r.ctx, e.ID)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		*x.to = &found.Declaration
	}
	return r.differencesOf(before, after, rev.Changes)
}
