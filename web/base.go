package web

import (
	"net/http"
	"strconv"
	"strings"

	"cosignatory/store/register"
	"cosignatory/templates/i18n"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
	"cosignatory/web/export"
)

func itoa(n int) string { return strconv.Itoa(n) }

// section is one entry of the main navigation.
var sections = []struct{ path, key string }{
	{"/declarations", "nav.declarations"}, {"/participants", "nav.participants"}, {"/groups", "nav.groups"},
	{"/changes", "nav.changes"}, {"/data", "nav.data"}, {"/about", "nav.about"},
}

// frame is what a page has whatever the register says: it needs no store.
func (s *Server) frame(p *i18n.Printer, section string) pages.Page {
	lang := p.Lang()
	v := pages.Page{P: p, HomeURL: address(lang, "/", "", nil), SearchURL: address(lang, "/search", "", nil), SuggestURL: address(lang, "/suggest", "json", nil),
		DataURL: address(lang, "/data", "", nil), AboutURL: address(lang, "/about", "", nil),
		CSS: s.assets.byName["app.css"], PrintCSS: s.assets.byName["print.css"], JS: s.assets.byName["app.js"], Icon: s.assets.byName["favicon.svg"]}
	for _, x := range sections {
		v.Nav = append(v.Nav, ui.Link{Text: p.T(x.key), URL: address(lang, x.path, "", nil), Current: x.path == section})
	}
	return v
}

// base is what every page of the register carries. section is the path of its entry in the navigation.
func (r *request) base(title ui.Text, section string) pages.Page {
	p := r.p
	v := r.s.frame(p, section)
	v.Title, v.TitleLang = title.S, title.Lang
	r.cited = title.S
	v.Print = r.query["print"] == "1"
	v.NoIndex = r.dayGiven || r.pinned || v.Print || r.query["q"] != "" && r.path != "/search" || r.query[sinceParam] != ""
	v.Canonical = r.inWhole(r.lang)
	for _, l := range i18n.Languages() {
		v.Languages = append(v.Languages, ui.Language{Code: l.Code, Name: l.Name, Dir: l.Dir, URL: r.in(l.Code), Current: l.Code == r.lang})
		v.Alternates = append(v.Alternates, ui.Alternate{Lang: l.Code, URL: r.inWhole(l.Code)})
	}
	v.Alternates = append(v.Alternates, ui.Alternate{Lang: "x-default", URL: r.inDefault()})
	v.Feed, v.Calendar = r.followed()
	v.Linked = r.linkedPlace(title.S, section)
	v.Revision, v.PublishedAt, v.Head = r.view.Revision, p.Date(register.Today(r.published.PublishedAt).Date()), r.published.Hash
	v.RevisionURL = r.revisionURL(r.published)
	v.Address = r.s.BaseURL + r.fixed("")
	if !r.timeless {
		v.AsOf, v.AsOfISO = p.Date(r.day.Date()), r.day.String()
	}
	asked := r.dayGiven && !r.timeless && (r.pinned || !r.today())
	switch {
	case asked && r.pinned:
		v.Past = &pages.Past{Sentence: p.T("past.both", "AsOf", v.AsOf, "Revision", r.view.Revision)}
	case r.pinned:
		v.Past = &pages.Past{Sentence: p.T("past.revision", "Revision", r.view.Revision)}
	case asked && r.day > r.current:
		v.Past = &pages.Past{Sentence: p.T("past.ahead", "AsOf", v.AsOf)}
	case asked:
		v.Past = &pages.Past{Sentence: p.T("past.as_of", "AsOf", v.AsOf)}
	}
	r.watched(&v)
	if v.Past != nil {
		v.Past.URL = r.here("as_of", "", "revision", "", "page", "")
	}
	return v
}

// text is a text that may be in another language than the page.
func (r *request) text(s, lang string) ui.Text {
	if s == "" || lang == "" || lang == r.lang {
		return ui.Plain(s)
	}
	t := ui.Text{S: s, Lang: lang, Dir: "ltr"}
	if rightToLeft[lang] {
		t.Dir = "rtl"
	}
	return t
}

// titled is a title as lists show it: one in another language than the page says which (D21).
func (r *request) titled(t register.Title) ui.Text {
	x := r.text(t.Text, t.Lang)
	if x.Lang != "" {
		x.Mark = r.language(t.Lang)
	}
	return x
}

// rightToLeft are the languages of sources that are written from the right.
var rightToLeft = map[string]bool{"ar": true, "he": true, "fa": true, "ur": true, "ps": true, "dv": true, "ckb": true, "yi": true, "ug": true, "sd": true}

// language is the name of a language in the reader's own, its code where the catalogue has no name for it.
func (r *request) language(code string) string {
	if key := "language." + code; r.p.Has(key) {
		return r.p.T(key)
	}
	return code
}

// region is the UN regional group of a participant in words; “no group” is said, not guessed (D18).
func (r *request) region(p *register.Participant) string {
	if p == nil || p.RegionalGroup == "" {
		return r.p.T("regional_group_short.none")
	}
	return r.p.T("regional_group_short." + p.RegionalGroup)
}

// participant is a link to a participant's page.
func (r *request) participant(code string) ui.Link {
	return ui.Link{Text: r.view.Ref.Name(code, r.lang), URL: r.to(participantPath(code))}
}

// participants are links in the alphabetical order of the reader's language.
func (r *request) participants(codes []string) []ui.Link {
	links := make([]ui.Link, 0, len(codes))
	for _, code := range codes {
		links = append(links, r.participant(code))
	}
	return links
}

// foot is the line under a table: its files, print, and how to cite this view.
func (r *request) foot(title string) ui.TableFoot {
	f := ui.TableFoot{Formats: tableFormats(r.fixed)}
	f.Formats = append(f.Formats, ui.Format{Name: "print", URL: r.here("print", "1")})
	feedURL, calendarURL := r.followed()
	for _, x := range []ui.Format{{Name: atom, URL: feedURL}, {Name: calendar, URL: calendarURL}} {
		if x.URL != "" {
			f.Formats = append(f.Formats, x)
		}
	}
	r.cite(&f, title)
	return f
}

// tableFormats are a table's files; url gives the address in a format.
func tableFormats(url func(format string) string) []ui.Format {
	var list []ui.Format
	for _, f := range export.Formats() {
		list = append(list, ui.Format{Name: string(f), URL: url(string(f))})
	}
	return list
}

// asOfForm asks for another day or revision of this page.
func (r *request) asOfForm(keep ...string) pages.AsOfForm {
	f := pages.AsOfForm{Action: address(r.lang, r.path, "", nil), Date: r.day.String(), Newest: r.view.Revision, Hidden: r.hidden(keep...)}
	if r.pinned {
		f.Revision = r.view.Revision
	}
	return f
}

// hidden are the parameters of the address that a form carries along.
func (r *request) hidden(names ...string) []ui.Hidden {
	var list []ui.Hidden
	for _, name := range names {
		if v := r.query[name]; v != "" {
			for one := range strings.SplitSeq(v, between) {
				list = append(list, ui.Hidden{Name: name, Value: one})
			}
		}
	}
	return list
}

// pageSize is the number of rows on one page of a long table.
const pageSize = 50

// pageNumber is the page of a table that the address asks for. Anything but a whole number from 1 on is a *problem.
func (r *request) pageNumber() (int, error) {
	typed, ok := r.query["page"]
	if !ok {
		return 1, nil
	}
	n, err := strconv.Atoi(typed)
	if err != nil || n < 1 || typed[0] == '+' {
		return 0, bad("error.page", "Value", shorten(typed)).accepting("accepted.page_number")
	}
	return n, nil
}

// skipTo is how many rows stand before a page.
func skipTo(page int) int { return min(page-1, 1<<24) * pageSize }

// pager leads through a table of total rows. A page beyond the end is a *problem.
func (r *request) pager(number, total int) (g ui.Pager, err error) {
	count := max(1, (total+pageSize-1)/pageSize)
	if number > count {
		p := &problem{status: http.StatusNotFound, key: "error.page_beyond", args: []any{"Count", count, "Page", number}}
		return g, p.accepting("accepted.page", "Count", count).or(r.p.T("onward.first_page"), r.here("page", ""))
	}
	at := func(n int) string {
		if n == 1 {
			return r.here("page", "")
		}
		return r.here("page", itoa(n))
	}
	skip := skipTo(number)
	g = ui.Pager{First: skip + 1, Last: min(skip+pageSize, total), Total: total, Page: number, Pages: count}
	if number > 1 {
		g.FirstURL, g.PrevURL = at(1), at(number-1)
	}
	if number < count {
		g.NextURL, g.LastURL = at(number+1), at(count)
	}
	return g, nil
}
