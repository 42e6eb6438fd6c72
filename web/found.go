package web

import (
	"bufio"
	"context"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/i18n"
	"cosignatory/templates/pages"
	"cosignatory/web/export"
	"cosignatory/web/feed"
)

// What search engines read: what a page is about (JSON-LD), where its other languages are, which pages there are, and which
// they are asked to leave alone.

// inDefault is the absolute address of this page for readers of any other language. The front page asks the browser.
func (r *request) inDefault() string {
	if r.path == "/" && len(r.query) == 0 {
		return r.s.BaseURL + "/"
	}
	return r.inWhole(i18n.Languages()[0].Code)
}

// object is a JSON object; encoding/json writes its keys in alphabetical order, so that the same page has the same bytes.
type object map[string]any

// linkedData is JSON-LD of schema.org's words for things. It can stand in a script element: encoding/json escapes <, >, & and
// the two line separators of Unicode.
func linkedData(things ...object) string {
	b, err := json.Marshal(object{"@context": "https://schema.org", "@graph": things})
	if err != nil {
		panic(err) // nothing in it can fail
	}
	return string(b)
}

// registerID names the register as a thing, the same on all pages of a site.
func (s *Server) registerID() string { return s.BaseURL + "/#register" }

// breadcrumbs are the page's place below the front page: names and absolute addresses in turns. The last needs no address.
func (r *request) breadcrumbs(namesAndURLs ...string) object {
	var list []object
	for i := 0; i+1 < len(namesAndURLs); i += 2 {
		x := object{"@type": "ListItem", "position": i/2 + 1, "name": namesAndURLs[i]}
		if namesAndURLs[i+1] != "" {
			x["item"] = namesAndURLs[i+1]
		}
		list = append(list, x)
	}
	return object{"@type": "BreadcrumbList", "itemListElement": list}
}

// place is where a page of a section stands.
func (r *request) place(title, section string) object {
	home := r.s.BaseURL + address(r.lang, "/", "", nil)
	for _, x := range sections {
		if x.path != section {
			continue
		}
		above := r.p.T(x.key)
		if r.path == section {
			return r.breadcrumbs(r.p.T("site.name"), home, above, "")
		}
		return r.breadcrumbs(r.p.T("site.name"), home, above, r.s.BaseURL+r.now(section), title, "")
	}
	return nil
}

// linkedPlace is the JSON-LD of pages that have no more to say than where they stand.
func (r *request) linkedPlace(title, section string) string {
	if p := r.place(title, section); p != nil {
		return linkedData(p)
	}
	return ""
}

// linkedSite is the JSON-LD of the front page: the site and how it is searched.
func (r *request) linkedSite() string {
	base := r.s.BaseURL
	return linkedData(object{"@type": "WebSite", "@id": base + "/#site", "name": r.p.T("site.name"), "alternateName": r.p.T("site.tagline"),
		"url": base + address(r.lang, "/", "", nil), "description": r.p.T("front.lead"), "inLanguage": r.lang, "about": object{"@id": r.s.registerID()},
		"potentialAction": object{"@type": "SearchAction", "query-input": "required name=q",
			"target": object{"@type": "EntryPoint", "urlTemplate": base + address(r.lang, "/search", "", nil) + "?q={q}"}}})
}

// linkedRegister is the JSON-LD of the data page: the register as a data set, with every file it can be had in.
func (r *request) linkedRegister(files []pages.DataFile) (string, error) {
	root, err := r.root()
	if err != nil {
		return "", err
	}
	base := r.s.BaseURL
	var languages []string
	for _, l := range i18n.Languages() {
		languages = append(languages, l.Code)
	}
	keeper := object{"@type": "Organization", "@id": base + "/#keeper", "name": r.p.T("site.name"), "url": base + "/"}
	var distribution []object
	for _, f := range files {
		name, _, _ := strings.Cut(f.Name, ".")
		for _, x := range f.Formats {
			kind, _, _ := strings.Cut(export.ContentType(export.Format(x.Name)), ";")
			d := object{"@type": "DataDownload", "name": name + "." + x.Name, "description": f.Row, "contentUrl": base + x.URL}
			if kind != "" {
				d["encodingFormat"] = kind
			}
			distribution = append(distribution, d)
		}
	}
	data := object{"@type": "Dataset", "@id": r.s.registerID(), "name": r.p.T("site.title"), "description": r.p.T("front.lead") + " " + r.p.T("data.lead"),
		"url": base + r.now("/data"), "identifier": "urn:uuid:" + feed.UUID(root.Hash, "register"), "license": licenceURL, "isAccessibleForFree": true,
		"inLanguage": languages, "creator": keeper, "publisher": object{"@id": base + "/#keeper"}, "version": itoa(r.view.Revision),
		"datePublished": day(root), "dateModified": day(r.published), "distribution": distribution}
	return linkedData(data, r.place("", "/data")), nil
}

func day(r *register.Revision) string { return register.Today(r.PublishedAt).String() }

// linked is the JSON-LD of a declaration. Who signed is left out: schema.org has no word for participants of which some are
// no countries, nor for a list as of a day.
func (s *sheet) linked() string {
	base, path := s.s.BaseURL, declarationPath(s.Slug)
	var names []object
	for _, t := range s.Titles {
		names = append(names, object{"@language": t.Lang, "@value": t.Text})
	}
	x := object{"@type": "CreativeWork", "@id": base + address(i18n.Languages()[0].Code, path, "", nil) + "#declaration", "url": base + s.now(path),
		"name": names, "genre": s.p.T("kind." + string(s.Kind)), "isPartOf": object{"@type": "Dataset", "@id": s.s.registerID(), "name": s.p.T("site.title"),
			"url": base + s.now("/data"), "license": licenceURL}, "version": itoa(s.Last)}
	if d := s.Date(); d.Known() {
		x["datePublished"] = d.String() // as precise as it is known, as ISO 8601 allows
	}
	if s.Adopted.Known() {
		x["dateCreated"] = s.Adopted.String()
	}
	text := s.TextIn(s.lang)
	if text.Summary != "" {
		x["abstract"] = object{"@language": text.Lang, "@value": text.Summary}
	}
	if text.Place != "" {
		x["locationCreated"] = object{"@type": "Place", "name": text.Place}
	}
	var about, sources []object
	for _, code := range s.Topics {
		about = append(about, object{"@type": "Thing", "name": s.topic(code).S, "url": base + s.now("/declarations", "topic", code)})
	}
	for i := range s.Sources {
		q := &s.Sources[i]
		c := object{"@type": "CreativeWork", "name": q.Title, "publisher": object{"@type": "Organization", "name": q.Publisher}}
		if q.Title == "" {
			c["name"] = q.Publisher
		}
		if strings.HasPrefix(q.URL, "https://") || strings.HasPrefix(q.URL, "http://") {
			c["url"] = q.URL
		}
		if q.Lang != "" {
			c["inLanguage"] = q.Lang
		}
		if q.Published.Known() {
			c["datePublished"] = q.Published.String()
		}
		sources = append(sources, c)
	}
	if len(about) > 0 {
		x["about"] = about
	}
	if len(sources) > 0 {
		x["citation"] = sources
	}
	return linkedData(x, s.place(s.TitleIn(s.lang).Text, "/declarations"))
}

// robots lets search engines read every page as it stands, and spares them earlier days and revisions, filters by words, the
// pages of staff and the inside of paged answers. Answers to searches may be read; each names the page of the search as its own.
func (s *Server) robots(c echo.Context) error {
	var b strings.Builder
	b.WriteString("User-agent: *\nDisallow: /*?*as_of=\nDisallow: /*?*revision=\nDisallow: /*?*print=\nDisallow: /*?*since=\nDisallow: /*/declarations?*q=\nDisallow: /*/participants?*q=\nDisallow: /*/matrix?*q=\nDisallow: /*/suggest\nDisallow: /feeds/*?*before=\nDisallow: /api/v1/*?\n")
	for _, l := range i18n.Languages() {
		b.WriteString("Disallow: /" + l.Code + "/staff\n")
	}
	b.WriteString("\nSitemap: " + s.BaseURL + "/sitemap.xml\n")
	h, tag := c.Response().Header(), `"robots-`+s.assets.build+"-"+s.place+`"`
	h.Set("ETag", tag)
	h.Set("Cache-Control", "public, max-age=86400")
	if matches(c.Request().Header.Get("If-None-Match"), tag) {
		return c.NoContent(http.StatusNotModified)
	}
	return plainAnswer(c, http.StatusOK, "text/plain; charset=utf-8", b.String())
}

// sitemap is the format of sitemaps, as they are told apart from other answers.
const sitemap = "xml"

// sitemapThings is how many pages one sitemap names, each in every language. Sitemaps may have 50,000 addresses and 50 MiB;
// with the addresses of the other languages beside each, the bytes run out first.
const sitemapThings = 4000

// sitemap answers for the sitemap: one file, or for a large register an index of several. /sitemap-0.xml has all pages but
// those of declarations, /sitemap-1.xml and on have declarations by their numbers, so that a new one changes the last only.
func (s *Server) sitemap(c echo.Context) error {
	part := -1
	if name := c.Param("part"); name != "" {
		number, ok := strings.CutSuffix(name, "."+sitemap)
		n, err := strconv.Atoi(number)
		if !ok || err != nil || n < 0 || itoa(n) != number {
			return unknown("error.page_unknown")
		}
		part = n
	}
	r, err := s.parse(c, i18n.Languages()[0].Code, c.Request().URL.Path, sitemap, nil)
	if err != nil {
		return err
	}
	if err := r.takes(); err != nil {
		return err
	}
	return r.sendSitemap(part, sitemapThings)
}

// sendSitemap sends a part of the sitemap, for -1 the whole where it is small enough, else the index of its parts.
func (r *request) sendSitemap(part, things int) error {
	last, err := r.view.LastID(r.ctx)
	if err != nil {
		return err
	}
	parts := 1 + (int(last)+things-1)/things
	whole := int(last)+len(r.view.Ref.Participants)+len(r.view.Ref.Groups)+len(mapped) <= things
	if part >= parts || part >= 0 && whole {
		return unknown("error.page_unknown")
	}
	// All of it is about the newest revision, of which the day is the day of publication.
	return r.file("", "application/xml; charset=utf-8", func(ctx context.Context, w io.Writer) error {
		touched, err := r.view.LastTouched(ctx)
		if err != nil {
			return err
		}
		m := &siteMap{Writer: bufio.NewWriterSize(w, 32<<10), r: r, touched: touched}
		m.WriteString(xml.Header)
		switch {
		case part < 0 && !whole:
			m.index(parts, things)
		default:
			m.WriteString(`<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">` + "\n")
			if part <= 0 {
				if err := m.frontMatter(ctx); err != nil {
					return err
				}
			}
			from, to := int64(1), last
			if part >= 0 {
				from, to = int64((part-1)*things+1), int64(part*things)
			}
			if part != 0 {
				if err := r.view.Span(ctx, from, to, 0, func(e *store.Entry) error {
					m.page(declarationPath(e.Slug), touched[e.ID].At)
					return nil
				}); err != nil {
					return err
				}
			}
			m.WriteString("</urlset>\n")
		}
		return m.Flush()
	})
}

// mapped are the pages that are about nothing in particular. Those that are asked questions, as the search, are not for
// search engines.
var mapped = []string{"/", "/declarations", "/participants", "/groups", "/changes", "/data", "/releases", "/api", "/about"}

// siteMap writes a sitemap. Errors of writing are kept by the buffer until Flush.
type siteMap struct {
	*bufio.Writer
	r       *request
	touched map[int64]store.Touch
}

func (m *siteMap) index(parts, things int) {
	newest := make([]string, parts)
	newest[0] = stampOf(m.r.published)
	for id, t := range m.touched {
		if id > 0 {
			i := 1 + (int(id)-1)/things
			newest[i] = max(newest[i], t.At)
		}
	}
	m.WriteString(`<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	for i, at := range newest {
		m.WriteString("<sitemap><loc>")
		m.escaped(m.r.s.BaseURL + "/sitemap-" + itoa(i) + "." + sitemap)
		m.WriteString("</loc>")
		m.changed(at)
		m.WriteString("</sitemap>\n")
	}
	m.WriteString("</sitemapindex>\n")
}

// frontMatter names all pages but those of declarations. A participant's page changes with every declaration that it has to do
// with, a group's with those of its members.
func (m *siteMap) frontMatter(ctx context.Context) error {
	for _, path := range mapped {
		at := stampOf(m.r.published)
		if path == "/about" {
			at = ""
		}
		m.page(path, at)
	}
	x, err := m.r.view.Index(ctx, m.r.day)
	if err != nil {
		return err
	}
	newest := make(map[string]string, len(m.r.view.Ref.Participants))
	for _, p := range m.r.view.Ref.Participants {
		at := m.touched[0].At
		rows, _ := x.OfParticipant(p.Code, false, 0, 0)
		for _, row := range rows {
			at = max(at, m.touched[row.ID].At)
		}
		newest[p.Code] = at
		m.page(participantPath(p.Code), at)
	}
	for _, g := range m.r.view.Ref.Groups {
		at := m.touched[0].At
		for _, b := range g.Members {
			at = max(at, newest[b.Code])
		}
		m.page(groupPath(g.Code), at)
	}
	return nil
}

// page names a page in all languages, each with all the others beside it.
func (m *siteMap) page(path, at string) {
	base := m.r.s.BaseURL
	languages := i18n.Languages()
	for _, l := range languages {
		m.WriteString("<url><loc>")
		m.escaped(base + address(l.Code, path, "", nil))
		m.WriteString("</loc>")
		m.changed(at)
		for _, other := range languages {
			m.alternate(other.Code, base+address(other.Code, path, "", nil))
		}
		if path == "/" {
			m.alternate("x-default", base+"/")
		} else {
			m.alternate("x-default", base+address(languages[0].Code, path, "", nil))
		}
		m.WriteString("</url>\n")
	}
}

func (m *siteMap) alternate(lang, url string) {
	m.WriteString(`<xhtml:link rel="alternate" hreflang="` + lang + `" href="`)
	m.escaped(url)
	m.WriteString(`"/>`)
}

func (m *siteMap) changed(at string) {
	if at != "" {
		m.WriteString("<lastmod>" + at + "</lastmod>")
	}
}

func (m *siteMap) escaped(s string) { xml.EscapeText(m, []byte(s)) }

func stampOf(r *register.Revision) string { return r.PublishedAt.UTC().Format("2006-01-02T15:04:05Z") }
