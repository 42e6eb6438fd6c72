package web

import (
	"context"
	"errors"
	"io"
	"strings"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
	"cosignatory/web/export"
)

// A release is never changed, so its address takes no revision: the name says which. Of the list of releases there is no
// earlier state that the clocks of the register could ask for.

// releasePattern is the address of a release below the language.
const releasePattern = "/releases/:name"

// revisionsTold is how many revisions of one declaration the page of a release tells one by one.
const revisionsTold = 12

// findRelease looks up the release that a page names: that of its revision or, on the pages of releases, the newest, with
// which they change. A page whose address names a revision names no release: it could be made later, and the page is the same
// for ever (D26).
func (r *request) findRelease() (err error) {
	switch {
	case strings.HasPrefix(r.path, "/releases/"):
		r.released = strings.TrimPrefix(r.path, "/releases/")
	case r.path == "/releases":
		r.released, err = r.s.Store.NewestRelease(r.ctx)
	case r.format == "" && !r.pinned:
		r.released, err = r.s.Store.ReleaseOf(r.ctx, r.view.Revision)
	}
	return err
}

func showReleases(r *request) error {
	if err := r.takes(); err != nil {
		return err
	}
	r.timeless = true
	all, err := r.s.Store.Releases(r.ctx)
	if err != nil {
		return err
	}
	v := pages.Releases{Page: r.base(ui.Plain(r.p.T("releases.title")), "/data"), Foot: r.releaseFoot(), Columns: r.columnsOf("releases"), DataURL: r.now("/data")}
	v.Description, v.Address = r.p.T("releases.lead"), r.s.BaseURL+r.here("print", "")
	for _, x := range all {
		row := pages.ReleaseRow{Name: x.Name, URL: r.now(releasePath(x.Name)), Revision: x.Revision, RevisionURL: r.now("/changes", "revision", itoa(x.Revision)),
			Released: r.p.Date(register.Today(x.ReleasedAt).Date()), ReleasedISO: register.Today(x.ReleasedAt).String()}
		if f := x.File("declarations.csv"); f != nil {
			row.Declarations = f.Rows
		}
		if f := x.File(wholeRegister); f != nil {
			row.SHA256 = f.SHA256
		}
		v.Rows = append(v.Rows, row)
	}
	return r.show(v.Show())
}

// wholeRegister is the file that holds all others.
const wholeRegister = export.Register + "." + string(export.Zip)

// releaseFoot is the line under the tables of releases, which are the same whatever the day.
func (r *request) releaseFoot() ui.TableFoot {
	var f ui.TableFoot
	for _, x := range export.Formats() {
		f.Formats = append(f.Formats, ui.Format{Name: string(x), URL: address(r.lang, r.path, string(x), nil)})
	}
	f.Formats = append(f.Formats, ui.Format{Name: "print", URL: r.here("print", "1")})
	return f
}

func fileReleases(r *request) error {
	if err := r.takes("bom", "raw"); err != nil {
		return err
	}
	all, err := r.s.Store.Releases(r.ctx)
	if err != nil {
		return err
	}
	return r.send("releases", false, func(ctx context.Context, w io.Writer, o export.Options) error {
		return export.WriteReleases(ctx, w, o, all)
	})
}

// release is the release of the address and the one before it. From here on the request is about its revision.
func (r *request) release() (found, before *store.Release, err error) {
	name := r.c.Param("name")
	found, before, err = r.s.Store.Release(r.ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil, unknown("error.release_unknown", "Value", shorten(name)).or(r.p.T("releases.title"), r.now("/releases"))
	}
	if err != nil {
		return nil, nil, err
	}
	if r.view, err = r.s.Store.At(r.ctx, found.Revision); err != nil {
		return nil, nil, err
	}
	if r.published, err = r.view.RevisionOf(r.ctx, found.Revision); err != nil {
		return nil, nil, err
	}
	r.day, r.timeless = register.Today(r.published.PublishedAt), true
	r.pinned = r.format != "" // nothing that is not in the address can change a file
	return found, before, nil
}

// fileOfRelease is the permanent address of a frozen file: at the address that the register had then, which the file carries.
func (r *request) fileOfRelease(x *store.Release, f *store.ReleaseFile) string {
	name, format, _ := strings.Cut(f.Name, ".")
	return x.Address + address("", wholePath(name), format, params{"revision": itoa(x.Revision), "as_of": r.day.String()})
}

func fileRelease(r *request) error {
	if err := r.takes("bom", "raw"); err != nil {
		return err
	}
	x, _, err := r.release()
	if err != nil {
		return err
	}
	return r.send("release-"+x.Name, false, func(ctx context.Context, w io.Writer, o export.Options) error {
		return export.WriteReleaseFiles(ctx, w, o, x, func(f *store.ReleaseFile) string { return r.fileOfRelease(x, f) })
	})
}

func showRelease(r *request) error {
	if err := r.takes(); err != nil {
		return err
	}
	number, err := r.pageNumber()
	if err != nil {
		return err
	}
	x, before, err := r.release()
	if err != nil {
		return err
	}
	p := r.p
	cited := r.releaseCitation(x)
	r.citation = &cited
	if r.citing() {
		return r.sendCitation()
	}
	released := p.Date(register.Today(x.ReleasedAt).Date())
	v := pages.Release{Page: r.base(ui.Plain(p.T("release.title", "Name", x.Name)), "/data"), ReleasesURL: r.now("/releases"), Name: x.Name, Hash: x.Hash, PreviousHash: x.PreviousHash,
		RevisionHash: x.RevisionHash, ReleasedOn: released, ReleasedISO: register.Today(x.ReleasedAt).String(), DayOfFiles: p.Date(r.day.Date()), Columns: r.columnsOf("release_files"),
		Citation: p.T("citation.release", "Name", x.Name, "Revision", x.Revision, "Released", released, "Address", cited.URL)}
	v.Description, v.Address = p.T("releases.lead"), cited.URL
	for _, f := range append(export.Citations(), export.CFF) {
		text, _ := cited.Write(f)
		v.Cites = append(v.Cites, pages.CitedAs{Name: string(f), URL: address(r.lang, r.path, string(f), nil), Text: text})
	}
	if x.Address != r.s.BaseURL {
		v.Elsewhere = x.Address
	}
	for i := range x.Files {
		v.Files = append(v.Files, r.frozenFile(x, before, &x.Files[i]))
	}
	v.Foot = r.releaseFoot()
	if before != nil {
		v.Before = ui.Link{Text: before.Name, URL: r.now(releasePath(before.Name))}
		if err := r.newSince(&v, before, number); err != nil {
			return err
		}
	} else if _, err := r.pager(number, 1); err != nil {
		return err
	}
	return r.show(v.Show())
}

// frozenFile is a line of the table of files, with what the release before had of it.
func (r *request) frozenFile(x, before *store.Release, f *store.ReleaseFile) pages.FrozenFile {
	row := pages.FrozenFile{Name: f.Name, URL: r.fileOfRelease(x, f), Bytes: r.p.Number(int(f.Bytes)), SHA256: f.SHA256}
	if x.Address == r.s.BaseURL {
		row.URL = strings.TrimPrefix(row.URL, x.Address)
	}
	if f.Rows < 0 {
		return row
	}
	row.Rows = r.p.Number(f.Rows)
	if before != nil {
		if was := before.File(f.Name); was != nil {
			row.Was = r.p.Number(was.Rows)
		}
	}
	return row
}

// releaseCitation is the reference to a release, in the reader's language.
func (r *request) releaseCitation(x *store.Release) export.Citation {
	c := export.Citation{Key: "cosignatory-" + x.Name, Title: r.p.T("site.title"), Version: x.Name, Note: r.p.T("citation.release_note", "Name", x.Name, "Revision", x.Revision),
		Issued: x.ReleasedAt, URL: r.s.BaseURL + address(r.lang, releasePath(x.Name), "", nil), Lang: r.lang, Hash: x.RevisionHash}
	if f := x.File(wholeRegister); f != nil {
		c.SHA256 = f.SHA256
	}
	return c
}

// fates are the tables of what became of declarations since the release before, in their order.
var fates = []struct {
	fate store.Fate
	key  string
}{{store.Added, "release.added"}, {store.Changed, "release.changed"}, {store.Retired, "release.retired"}, {store.Data, "release.reference"}}

// since tells what the revisions since the release before did, a page of it.
func (r *request) newSince(v *pages.Release, before *store.Release, number int) error {
	all, err := r.view.Since(r.ctx, before.Revision)
	if err != nil {
		return err
	}
	if v.Pager, err = r.pager(number, len(all)); err != nil {
		return err
	}
	count := map[store.Fate]int{}
	for _, f := range all {
		count[f.Fate]++
	}
	v.Summary = r.p.T("release.since", "Name", before.Name, "Count", r.view.Revision-before.Revision)
	from := min(skipTo(number), len(all))
	shown := all[from:min(from+pageSize, len(all))]
	was, err := r.s.Store.At(r.ctx, before.Revision)
	if err != nil {
		return err
	}
	for _, x := range fates {
		part := pages.ReleasePart{Caption: r.p.T(x.key, "Count", count[x.fate]), Counts: x.fate == store.Added || x.fate == store.Changed, Before: x.fate == store.Changed}
		for _, f := range shown {
			if f.Fate != x.fate {
				continue
			}
			row, err := r.fated(f, was)
			if err != nil {
				return err
			}
			part.Rows = append(part.Rows, row)
		}
		if len(part.Rows) > 0 {
			v.Parts = append(v.Parts, part)
		}
	}
	return nil
}

// fated is what became of one declaration, or of the reference data, since another view. Counts are those of the day of the
// release: what differs is the doing of the revisions, not of the calendar.
func (r *request) fated(f store.Fated, was *store.View) (pages.ReleaseChange, error) {
	row := pages.ReleaseChange{Title: ui.Plain(r.p.T("release.reference_data"))}
	if f.ID != 0 {
		e, err := r.view.ByID(r.ctx, f.ID)
		if err != nil {
			return row, err
		}
		row.Title, row.URL = r.titled(e.TitleIn(r.lang)), address(r.lang, declarationPath(e.Slug), "", params{"revision": itoa(r.view.Revision)})
		now := e.Tally(r.view.Ref, r.day)
		row.Now = r.p.Number(now.InEffect.Total)
		if f.Fate == store.Changed {
			old, err := was.ByID(r.ctx, f.ID)
			if err != nil {
				return row, err
			}
			row.Was = r.p.Number(old.Tally(was.Ref, r.day).InEffect.Total)
		}
	}
	var revisions []register.Revision
	var err error
	if f.ID != 0 {
		revisions, err = r.view.Concerning(r.ctx, store.Concern{Declaration: f.ID}, was.Revision+1, r.view.Revision, revisionsTold, false)
	} else {
		revisions, err = r.view.OfReference(r.ctx, was.Revision+1, revisionsTold)
	}
	if err != nil {
		return row, err
	}
	for i := range revisions {
		x := &revisions[i]
		what, err := r.headline(x)
		if err != nil {
			return row, err
		}
		row.Revisions = append(row.Revisions, pages.ReleaseRevision{Number: x.Number, URL: r.revisionURL(x), What: what, Why: r.text(x.Reason, x.ReasonLang)})
	}
	if more := f.Revisions - len(revisions); more > 0 {
		row.More = r.p.T("release.more_revisions", "Count", more)
		row.MoreURL = r.now("/changes", "revision", itoa(r.view.Revision))
		if f.ID != 0 {
			row.MoreURL = r.now(historyPath(revisions[0].Declaration))
		}
	}
	return row, nil
}
