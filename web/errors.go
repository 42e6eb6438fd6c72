package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"cosignatory/store"
	"cosignatory/templates/i18n"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
	"cosignatory/web/export"
)

// What caches may do with an error page: an address that is unknown now may be a declaration tomorrow.
const (
	soonStale = "public, max-age=60"
	noStore   = "no-store"
)

// fail is the one place where an error becomes a status and a page. It needs no store: the store may be what failed.
func (s *Server) fail(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	h := c.Response().Header()
	for _, name := range []string{"ETag", "Content-Disposition", "Content-Length", "Content-Language", "Cache-Control", "Access-Control-Allow-Origin", "Cross-Origin-Resource-Policy",
		"Content-Encoding", "Accept-Ranges", "Link", "Access-Control-Expose-Headers"} {
		h.Del(name)
	}
	if errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil {
		// Whoever asked has gone, or at least says nothing more. Without a word of ours that would be a 200 with nothing in it,
		// which something in between might keep.
		h.Set("Cache-Control", noStore)
		c.Response().WriteHeader(http.StatusRequestTimeout)
		return
	}
	format, _ := c.Get(extension).(string)
	if apiPath(c.Request().URL.Path) {
		openToOthers(h)
	}
	var moved *store.Moved
	if errors.As(err, &moved) && staffPath(c.Request().URL.Path) {
		err = store.ErrNotFound // where staff works on a declaration, it is found by any address of its own; none leads to another's
	} else if errors.As(err, &moved) {
		h.Set("Cache-Control", revalidate)
		if err := c.Redirect(http.StatusPermanentRedirect, movedAddress(c.Request().URL, format, moved.Slug)); err != nil {
			s.Log.ErrorContext(c.Request().Context(), "redirect failed", "error", err)
		}
		return
	}
	p := problemOf(err)
	if p.status >= 500 && s.replaced() && !errors.As(err, new(*problem)) {
		err = because(err)
		p = problemOf(err)
		s.noticed(c.Request().Context(), err)
	}
	if p.status >= 500 {
		s.Log.ErrorContext(c.Request().Context(), "request failed", "id", c.Get(requestID), "error", err)
	}
	switch {
	case p.status >= 500:
		h.Set("Cache-Control", noStore)
		if p.status == http.StatusServiceUnavailable {
			h.Set("Retry-After", "5")
		}
	case p.status == http.StatusTooManyRequests:
		h.Set("Cache-Control", noStore)
		h.Set("Retry-After", "5")
	case p.status == http.StatusNotAcceptable, p.status == http.StatusRequestedRangeNotSatisfiable:
		h.Set("Cache-Control", noStore)
	case p.status == http.StatusNotFound:
		h.Set("Cache-Control", soonStale)
	default:
		h.Set("Cache-Control", revalidate)
	}
	if staffPath(c.Request().URL.Path) {
		h.Set("Cache-Control", noStore)
		h.Set("X-Robots-Tag", "noindex")
	}
	printer, guessed := printer(c.Request())
	if guessed {
		h.Add("Vary", "Accept-Language")
	}
	h.Set("Content-Language", printer.Lang())
	if format != "" {
		h.Add("Vary", "Accept")
	}
	if forProgram(c, format) {
		err = s.problemJSON(c, printer, p)
	} else {
		err = write(c, p.status, s.errorPage(c, printer, p, format).Show())
	}
	if err != nil && !c.Response().Committed {
		s.Log.ErrorContext(c.Request().Context(), "error page failed", "id", c.Get(requestID), "error", err)
		http.Error(c.Response(), http.StatusText(p.status), p.status)
	}
}

// problemOf says what any error means to a reader.
func problemOf(err error) *problem {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	var h *echo.HTTPError
	if errors.As(err, &h) {
		switch h.Code {
		case http.StatusNotFound:
			return unknown("error.page_unknown")
		case http.StatusMethodNotAllowed:
			return &problem{status: h.Code, key: "error.method"}
		case http.StatusRequestEntityTooLarge:
			return &problem{status: h.Code, key: "error.too_large"}
		}
		if h.Code >= 400 && h.Code < 500 {
			return &problem{status: http.StatusBadRequest, key: "error.encoding", cause: err}
		}
	}
	var wide *export.TooWide
	if errors.As(err, &wide) {
		return bad("error.too_wide", "Count", wide.Columns).accepting("accepted.too_wide", "Most", export.SheetColumns)
	}
	var circle *store.Circle
	switch {
	case errors.As(err, &circle):
		return unknown("error.declaration_circle", "Value", shorten(circle.Slug))
	case errors.Is(err, store.ErrNotFound):
		return unknown("error.page_unknown")
	case errors.Is(err, store.ErrFuture), errors.Is(err, store.ErrLocked), errors.Is(err, context.DeadlineExceeded):
		return &problem{status: http.StatusServiceUnavailable, key: "error.unavailable", cause: err}
	case errors.Is(err, store.ErrNoFile), errors.Is(err, store.ErrNotOurs), errors.Is(err, store.ErrFull), errors.Is(err, store.ErrDamaged),
		errors.Is(err, store.ErrReadOnly), errors.Is(err, store.ErrNewer), errors.Is(err, store.ErrDisk), errors.Is(err, store.ErrReplaced):
		return &problem{status: http.StatusServiceUnavailable, key: "error.store", cause: err}
	}
	return &problem{status: http.StatusInternalServerError, key: "error.internal", cause: err}
}

// printer is the language of an error page: that of the address, else the nearest to it, else the one that the reader's browser
// asks for: then guessed says so, and caches must know.
func printer(r *http.Request) (p *i18n.Printer, guessed bool) {
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch first {
	case "data", "feeds":
		first = r.URL.Query().Get("lang")
	case "api":
		// Programs ask by lang alone, so that their language is that of the address.
		if first = r.URL.Query().Get("lang"); !slices.ContainsFunc(i18n.Languages(), func(l i18n.Language) bool { return l.Code == first }) {
			first = i18n.Languages()[0].Code
		}
	}
	if p, ok := i18n.For(first); ok {
		return p, false
	}
	code, guessed := nearest(first, r)
	p, _ = i18n.For(code)
	return p, guessed
}

// title is the heading of an error page.
func title(p *i18n.Printer, status int) string {
	if key := "error." + "title_" + itoa(status); p.Has(key) {
		return p.T(key)
	}
	if status >= 500 {
		return p.T("error.title_500")
	}
	return p.T("error.title_400")
}

func (s *Server) errorPage(c echo.Context, p *i18n.Printer, x *problem, format string) pages.Error {
	lang := p.Lang()
	v := pages.Error{Page: s.frame(p, ""), Status: x.status, Sentence: p.T(x.key, x.args...), Values: x.values, Links: x.links}
	v.Title, v.NoIndex = title(p, x.status), true
	if x.status == http.StatusRequestURITooLong && strings.HasSuffix(c.Request().URL.Path, "/search") {
		if typed := c.Request().URL.Query().Get("q"); validText(typed) {
			v.Query = string([]rune(typed)[:min(maxValue, utf8.RuneCountInString(typed))]) // its beginning stays in the field
		}
	}
	if x.accept != "" {
		v.Accepted = p.T(x.accept, x.with...)
	}
	u := c.Request().URL
	_, path, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	path = "/" + path
	known := i18n.Languages()
	if first, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/"); (len(first) == 2 || x.key == "error.language_unknown") && validText(u.Path) && len(u.Path) <= MaxPath {
		// The same address in the other languages is the same error, but readable.
		raw := ""
		if u.RawQuery != "" && len(u.RawQuery) <= MaxQuery {
			raw = "?" + u.RawQuery
		}
		for _, l := range known {
			v.Languages = append(v.Languages, ui.Language{Code: l.Code, Name: l.Name, Dir: l.Dir, URL: address(l.Code, path, format, nil) + raw, Current: l.Code == lang})
		}
	} else {
		for _, l := range known {
			v.Languages = append(v.Languages, ui.Language{Code: l.Code, Name: l.Name, Dir: l.Dir, URL: address(l.Code, "/", "", nil), Current: l.Code == lang})
		}
	}
	if x.key == "error.language_unknown" {
		for _, l := range v.Languages {
			if l.Current {
				v.Links = append(v.Links, ui.Link{Text: p.T("onward.in_language", "Language", l.Name), URL: l.URL})
			}
		}
	}
	for _, l := range []struct{ key, path string }{{"onward.home", "/"}, {"onward.declarations", "/declarations"}, {"onward.participants", "/participants"},
		{"onward.groups", "/groups"}, {"onward.changes", "/changes"}, {"onward.data", "/data"}} {
		if text := p.T(l.key); !slices.ContainsFunc(v.Links, func(l ui.Link) bool { return l.Text == text }) {
			v.Links = append(v.Links, ui.Link{Text: text, URL: address(lang, l.path, "", nil)})
		}
	}
	if x.status >= 500 {
		v.Request, _ = c.Get(requestID).(string)
	}
	if x.field != "" {
		if v.Form = mend(c, p, x, path, format); v.Form != nil {
			v.Accepted = "" // the field says it
		}
	}
	return v
}

// mend offers the clocks that were typed for mending; the other parameters are kept.
func mend(c echo.Context, p *i18n.Printer, x *problem, path, format string) *pages.ErrorForm {
	lang := p.Lang()
	if _, ok := i18n.For(lang); !ok || format != "" || strings.HasPrefix(c.Request().URL.Path, "/data/") {
		return nil
	}
	f := &pages.ErrorForm{Action: address(lang, path, "", nil)}
	query := c.Request().URL.Query()
	for _, name := range []struct{ name, key string }{{"as_of", "as_of.day"}, {"revision", "as_of.revision"}} {
		field := pages.ErrorField{Name: name.name, Label: p.T(name.key), Value: shorten(query.Get(name.name))}
		if x.field == name.name {
			field.Wrong = p.T(x.accept, x.with...)
		}
		f.Fields = append(f.Fields, field)
	}
	for _, name := range parameterOrder {
		for i, v := range query[name] {
			if v != "" && name != "as_of" && name != "revision" && validText(v) && i < mostCompared {
				f.Hidden = append(f.Hidden, ui.Hidden{Name: name, Value: v})
			}
		}
	}
	return f
}
