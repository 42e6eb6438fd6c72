package web

import (
	"net/url"
	"slices"
	"strings"

	"cosignatory/web/export"
)

// params are parameters of an address by name; an empty value is left out.
type params map[string]string

// parameterOrder is the order in which addresses name their parameters, so that the same page has one address.
var parameterOrder = []string{"lang", "q", "plain", "topic", "kind", "sponsor", "signatory", "group", "event", "from", "to", "open", "sort", "order",
	"participant", "missing", "without", "status", "since", "history", "account", "d", "p", "only", "table", "limit", "page", "before", "include", "bom", "raw", "as_of", "revision", "print"}

// repeated are the parameters that an address may name more than once. In params their values stand one after the other, with
// a character between them that no value can have.
var repeated = map[string]bool{"d": true, "p": true}

const between = "\n"

// address is a path below the server: of a page in a language (lang may be empty), of a file where format is an extension.
// path begins with a slash.
func address(lang, path, format string, query params) string {
	var b strings.Builder
	if lang != "" {
		b.WriteByte('/')
		b.WriteString(lang)
	}
	if plainPath(path) {
		b.WriteString(path)
	} else {
		b.WriteString((&url.URL{Path: path}).EscapedPath())
	}
	if format != "" {
		b.WriteByte('.')
		b.WriteString(format)
	}
	if len(query) == 0 {
		return b.String()
	}
	mark := byte('?')
	for _, name := range parameterOrder {
		if v := query[name]; v != "" {
			for one := range strings.SplitSeq(v, between) { // no other value has that character
				b.WriteByte(mark)
				b.WriteString(name)
				b.WriteByte('=')
				b.WriteString(url.QueryEscape(one))
				mark = '&'
			}
		}
	}
	return b.String()
}

// plainPath says that a path stands in an address as it is, as almost all do: a page has hundreds of them.
func plainPath(path string) bool {
	for i := range len(path) {
		switch c := path[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '/', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return true
}

// with is a copy of parameters in which some, given as name, value, name, value …, are set or, by an empty value, taken out.
func (q params) with(pairs ...string) params {
	c := make(params, len(q)+len(pairs)/2)
	for name, value := range q {
		c[name] = value
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		c[pairs[i]] = pairs[i+1]
	}
	return c
}

// Paths of the pages about one thing.
func declarationPath(slug string) string { return "/declarations/" + slug }
func historyPath(slug string) string     { return "/declarations/" + slug + "/history" }
func participantPath(code string) string { return "/participants/" + code }
func groupPath(code string) string       { return "/groups/" + code }
func releasePath(name string) string     { return "/releases/" + name }

// movedAddress is the public address asked for with another slug in place of a retired one. u is as routing left it: without
// the extension.
func movedAddress(u *url.URL, format, slug string) string {
	parts, at := strings.Split(u.Path, "/"), 3 // "", lang, declarations, slug …
	if apiPath(u.Path) {
		at = 4 // "", api, v1, declarations, slug …
	}
	if len(parts) > at {
		parts[at] = slug
	}
	to := (&url.URL{Path: strings.Join(parts, "/")}).EscapedPath()
	if format != "" {
		to += "." + format
	}
	if u.RawQuery != "" {
		to += "?" + u.RawQuery
	}
	return to
}

// to is another page in the reader's language, with the clocks that the reader has set.
func (r *request) to(path string, pairs ...string) string {
	if len(pairs) == 0 {
		return address(r.lang, path, "", r.set)
	}
	return address(r.lang, path, "", r.set.with(pairs...))
}

// now is another page in the reader's language as it stands today.
func (r *request) now(path string, pairs ...string) string {
	return address(r.lang, path, "", params{}.with(pairs...))
}

// here is this page with some parameters changed.
func (r *request) here(pairs ...string) string {
	return address(r.lang, r.path, "", r.query.with(pairs...))
}

// fixed is this view for ever: its rows as a file in that format (all of them, on no page), or for an empty format the
// page itself, or for one of citations a reference to it, with the day and the revision that it was made from.
func (r *request) fixed(format string) string {
	q := r.query.with("revision", itoa(r.view.Revision), "print", "", sinceParam, "")
	if !r.timeless {
		q["as_of"] = r.day.String()
	}
	if format != "" && !slices.Contains(export.Citations(), export.Format(format)) {
		if r.path == "/matrix" {
			q["order"] = "" // the file of the matrix is in the order of codes
		}
		q = q.with("page", "", "participant", "", "missing", "", "without", "", "table", "")
	}
	return address(r.lang, r.path, format, q)
}

// in is this page in another language.
func (r *request) in(lang string) string { return address(lang, r.path, "", r.query) }

// inWhole is the absolute address of this page in a language: what search engines are to know it by. Another day or revision
// is another page; the order of a list is not.
func (r *request) inWhole(lang string) string {
	q := r.query.with("print", "", "order", "", "participant", "", "missing", "", "without", "", sinceParam, "")
	if q["page"] == "1" {
		q["page"] = ""
	}
	if r.path == "/search" { // there is an answer for every question in the world: what is to be found is where to ask
		q = q.with("q", "", "plain", "", "page", "")
	}
	return r.s.BaseURL + address(lang, r.path, "", q)
}
