package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
	"cosignatory/web/export"
)

// Every view can be cited: its address with .bib, .ris or .csl is a reference to it, with the day and the revision. The page
// itself is made for that and left unwritten: so what is refused, moved or unknown as a page is so as a citation, and its
// title is the page's own.

// citing says that a reference to the page is asked for, not the page.
func (r *request) citing() bool {
	f := export.Format(r.format)
	return f == export.CFF || slices.Contains(export.Citations(), f)
}

// citable says that the pages of a route can be cited in a format: those that show a table, the data and single revisions.
// Only a release has a CITATION.cff, which is of data as a whole.
func (to *route) citable(f export.Format) bool {
	switch {
	case to.page == nil, to.pattern == "/releases": // of which there is no state to refer to
		return false
	case f == export.CFF:
		return to.pattern == releasePattern
	}
	return slices.Contains(export.Citations(), f) && (to.file != nil || to.pattern == "/data" || to.pattern == "/declarations/:slug/history/:number")
}

// formats are those in which an address of a route can be had besides the page.
func (to *route) formats() []export.Format {
	var all []export.Format
	if to.file != nil {
		all = export.Formats()
	}
	for _, f := range append(export.Citations(), export.CFF) {
		if to.citable(f) {
			all = append(all, f)
		}
	}
	return all
}

// citedTitle is what a view is called where it is cited: the title of the page with what it compares and the filters in
// force, since rows that are chosen are to be told as such (D25).
func (r *request) citedTitle(title string) string {
	var chosen []string
	for _, name := range parameterOrder {
		v := r.query[name]
		if v == "" {
			continue
		}
		switch key := "filter.is_" + name; {
		case name == "p":
			var names []string
			for code := range strings.SplitSeq(v, between) {
				names = append(names, r.view.Ref.Name(code, r.lang))
			}
			chosen = append(chosen, r.p.List(names))
		case name == "d":
			heads, err := r.headsBySlug(strings.Split(v, between))
			if err != nil {
				continue // the slug says as much
			}
			var names []string
			for slug := range strings.SplitSeq(v, between) {
				if e := heads[slug]; e != nil {
					slug = e.TitleIn(r.lang).Text
				}
				names = append(names, slug)
			}
			chosen = append(chosen, r.p.List(names))
		case r.p.Has(key):
			chosen = append(chosen, r.p.T(key, "Value", r.filterValue(name, v)))
		}
	}
	if len(chosen) == 0 {
		return title
	}
	filters := chosen[0]
	for _, f := range chosen[1:] {
		filters = r.p.T("citation.and", "First", filters, "Next", f)
	}
	return r.p.T("citation.filtered", "Title", title, "Filters", filters)
}

// citationOf is the reference to this view under a title.
func (r *request) citationOf(title string) export.Citation {
	c := export.Citation{Key: r.citationKey(), Title: title, Within: r.p.T("site.tagline"), Version: itoa(r.view.Revision), Issued: r.published.PublishedAt,
		URL: r.s.BaseURL + r.fixed(""), Lang: r.lang}
	if r.timeless {
		c.Note = r.p.T("citation.revision", "Revision", r.view.Revision)
	} else {
		c.Note = r.p.T("citation.revision_as_of", "Revision", r.view.Revision, "AsOf", r.p.Date(r.day.Date()))
	}
	return c
}

// citationKey is a name for this view by its path, day and revision; where the address says more, with the beginning of a
// sum of it.
func (r *request) citationKey() string {
	parts := []string{"cosignatory"}
	for part := range strings.SplitSeq(r.path, "/") {
		if part = strings.Map(plainLetter, part); part != "" {
			parts = append(parts, part)
		}
	}
	if !r.timeless {
		parts = append(parts, r.day.String())
	}
	parts = append(parts, "r"+itoa(r.view.Revision))
	if q := address("", "", "", r.query.with("as_of", "", "revision", "", "print", "")); q != "" {
		sum := sha256.Sum256([]byte(q))
		parts = append(parts, hex.EncodeToString(sum[:3]))
	}
	return strings.Join(parts, "-")
}

// plainLetter lets through what may stand in the key of a citation.
func plainLetter(c rune) rune {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-':
		return c
	}
	return '-'
}

// sendCitation sends the reference to the page that was made.
func (r *request) sendCitation() error {
	if r.citation == nil {
		title := r.citedTitle(r.cited)
		if r.c.Param("slug") != "" || r.c.Param("code") != "" {
			// The register is the author of its entry, and of nothing that the entry is about.
			title = r.p.T("citation.entry", "Title", title)
		}
		c := r.citationOf(title)
		r.citation = &c
	}
	f := export.Format(r.format)
	text, ok := r.citation.Write(f)
	if !ok {
		return unknown("error.format_unknown", "Value", r.format)
	}
	if r.caching(true) {
		return r.c.NoContent(http.StatusNotModified)
	}
	h := r.c.Response().Header()
	readElsewhere(h)
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+r.citation.Key+"."+r.format+`"`)
	return plainAnswer(r.c, http.StatusOK, export.ContentType(f), text)
}

// cite offers references to this view under its table: the text, the files and, where its address names no revision, the
// release that the newest one is.
func (r *request) cite(f *ui.TableFoot, title string) {
	r.cited = title
	if r.citing() {
		return
	}
	title = r.citedTitle(title)
	permalink := r.fixed("")
	if r.timeless {
		f.Citation = r.p.T("citation.changes", "Title", title, "Revision", r.view.Revision, "Address", r.s.BaseURL+permalink)
	} else {
		f.Citation = r.p.T("citation.view", "Title", title, "AsOf", r.p.Date(r.day.Date()), "Revision", r.view.Revision, "Address", r.s.BaseURL+permalink)
	}
	f.Cites = append(f.Cites, ui.Format{Name: "permalink", URL: permalink})
	for _, x := range export.Citations() {
		f.Cites = append(f.Cites, ui.Format{Name: string(x), URL: r.fixed(string(x))})
	}
	if r.released != "" {
		f.Release = ui.Link{Text: r.p.T("release.is", "Revision", r.view.Revision, "Name", r.released), URL: r.now(releasePath(r.released))}
	}
}

// citeRegister offers references to the register as a whole.
func (r *request) citeRegister(v *pages.Data) {
	c := r.citationOf(r.p.T("site.title"))
	c.Within, c.Hash = "", r.published.Hash
	r.citation = &c
	for _, x := range export.Citations() {
		v.Cites = append(v.Cites, ui.Format{Name: string(x), URL: r.fixed(string(x))})
	}
}
