package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"cosignatory/templates/i18n"
	"cosignatory/templates/ui"
	"cosignatory/web/export"
)

// route is one address: the parameters it takes besides the clocks, the page it shows and, where that is a table, the file
// that its extension gives.
type route struct {
	pattern string // below the language
	params  []string
	page    func(*request) error
	file    func(*request) error
}

var listFilters = []string{"q", "topic", "kind", "sponsor", "signatory", "group", "event", "from", "to", "open", "sort", "page"}

// watchable are the parameters of a page that tells what has changed since a revision.
func watchable(names ...string) []string { return append(slices.Clone(names), sinceParam) }

// publicRoutes are the pages of readers. An address not listed here does not exist.
var publicRoutes = []route{
	{"/", watchable(), showFront, nil},
	{"/declarations", watchable(listFilters...), showDeclarations, fileDeclarations},
	{"/declarations/:slug", watchable("participant", "order", "missing"), showDeclaration, fileDeclaration},
	{"/declarations/:slug/missing", []string{"group"}, showMissing, fileMissing},
	{"/declarations/:slug/history", watchable(), showHistory, fileHistory},
	{"/declarations/:slug/history/:number", nil, showHistoryEntry, nil},
	{"/participants", watchable("q", "kind", "group", "sort"), showParticipants, fileParticipants},
	{"/participants/:code", watchable("page", "without"), showParticipant, fileParticipant},
	{"/participants/:code/without", []string{"group"}, showWithout, fileWithout},
	{"/groups", watchable(), showGroups, fileGroups},
	{"/groups/:code", watchable(), showGroup, fileGroup},
	{"/matrix", watchable(append(slices.Clone(listFilters), "order")...), showMatrix, fileMatrix},
	{"/compare", watchable("d", "p", "group", "only", "table", "page"), showCompare, fileCompare},
	{"/declarations/:slug/growth", watchable(), showGrowth, fileGrowth},
	{"/participants/together", nil, nil, filePairs},
	{"/participants/:code/together", watchable("sort"), showTogether, fileTogether},
	{"/participants/:code/led", watchable("sort"), showLed, fileLed},
	{"/groups/:code/signing", watchable("page"), showSigning, fileSigning},
	{"/search", watchable("q", "plain", "page"), showSearch, nil},
	{"/suggest", []string{"q"}, nil, fileSuggest},
	{"/changes", watchable("page"), showChanges, fileChanges},
	{"/data", nil, showData, nil},
	{"/releases", nil, showReleases, fileReleases},
	{releasePattern, []string{"page"}, showRelease, fileRelease},
	{"/api", nil, showAPI, nil},
	{"/about", nil, showAbout, nil},
	{componentsPath, []string{"sample", "sample-wrong", "sample-choice"}, showComponents, nil},
}

func (s *Server) routes() {
	e := s.echo
	e.Pre(split)
	get := func(pattern string, h echo.HandlerFunc) {
		e.GET(pattern, h)
		e.HEAD(pattern, h)
	}
	get("/", func(c echo.Context) error {
		c.Response().Header().Set("Vary", "Accept-Language")
		c.Response().Header().Set("Cache-Control", "private, max-age=0")
		return c.Redirect(http.StatusFound, frontPage(readerLanguage(c.Request()), c))
	})
	for _, r := range publicRoutes {
		get("/:lang"+r.pattern, func(c echo.Context) error { return s.answer(c, r) })
	}
	s.staffHandlers()
	get("/:lang", func(c echo.Context) error {
		lang := c.Param("lang")
		if _, ok := i18n.For(lang); !ok {
			return noSuchLanguage(c, lang)
		}
		return c.Redirect(http.StatusPermanentRedirect, frontPage(lang, c))
	})
	get("/data/:file", s.wholeFile)
	get("/assets/:name", s.asset)
	get("/healthz", s.health)
	for _, f := range feedRoutes {
		get("/feeds"+f.pattern, func(c echo.Context) error { return s.follow(c, f.formats, f.of) })
	}
	s.apiHandlers(get)
	get("/robots.txt", s.robots)
	get("/sitemap.xml", s.sitemap)
	get("/sitemap-:part", s.sitemap)
	get("/favicon.ico", func(c echo.Context) error { return c.Redirect(http.StatusFound, s.assets.byName["favicon.svg"]) })
}

// frontPage is the address of the front page in a language, with what was asked of it where that names none: a day, a revision.
func frontPage(lang string, c echo.Context) string {
	to := url.URL{Path: "/" + lang + "/", RawQuery: c.Request().URL.RawQuery}
	return to.RequestURI()
}

// split takes the extension off an address below a language, /data or /feeds before it is routed: the extension is the format,
// and slugs and codes have no dots; of those of releases, see below. A slash at the end is taken off as well.
func split(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		u := c.Request().URL
		// Routes, what is kept and what is logged know an address by its letters, however these were encoded. A slash that is
		// encoded is none: no address here has one, and it must not become one either.
		if u.RawPath != "" {
			if strings.Count(u.RawPath, "/") != strings.Count(u.Path, "/") {
				return unknown("error.page_unknown")
			}
			u.RawPath = ""
		}
		path := u.Path
		if len(path) > 4 && path != apiRoot+"/" && strings.HasSuffix(path, "/") && strings.HasPrefix(path, "/") {
			to := *u
			to.Path, to.RawPath = "/"+strings.Trim(path, "/"), ""
			if strings.Count(to.Path, "/") == 1 {
				return next(c) // /en/ is the front page
			}
			return c.Redirect(http.StatusPermanentRedirect, to.RequestURI())
		}
		first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
		dot := strings.LastIndexByte(path, '.')
		if len(first) == 2 && strings.HasPrefix(path, "/"+first+"/releases/") && digits(path[dot+1:]) {
			dot = -1 // names of releases have a dot within: 2026.1
		}
		if dot > strings.LastIndexByte(path, '/')+1 && (len(first) == 2 || first == "data" || first == "feeds") {
			c.Set(extension, path[dot+1:])
			u.Path, u.RawPath = path[:dot], ""
		}
		return next(c)
	}
}

const extension = "extension"

// digits says that a text is made of digits alone.
func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// answer parses a request for one of the public routes and shows its page or sends its file.
func (s *Server) answer(c echo.Context, to route) error {
	lang := c.Param("lang")
	_, path, _ := strings.Cut(strings.TrimPrefix(c.Request().URL.Path, "/"), "/")
	format, _ := c.Get(extension).(string)
	formats := to.formats()
	switch {
	case format == "" && to.page == nil, format != "" && len(formats) == 0:
		return unknown("error.page_unknown")
	case format != "" && !slices.Contains(formats, export.Format(format)):
		p := unknown("error.format_unknown", "Value", shorten(format)).accepting("accepted.formats")
		for _, f := range formats {
			p.values = append(p.values, ui.Option{Value: string(f)})
		}
		return p
	}
	names := to.params
	if format != "" && to.page != nil {
		names = append(slices.Clone(names), "print") // how the page is shown, to no effect: its address with an extension gives its table
	}
	r, err := s.parse(c, lang, "/"+path, format, names)
	if err != nil {
		return err
	}
	if err := r.findRelease(); err != nil {
		return err
	}
	switch {
	case r.citing():
		return to.page(r)
	case format != "":
		return to.file(r)
	case r.caching(false):
		return c.NoContent(http.StatusNotModified)
	}
	return r.page(func(r *request) error {
		if err := r.watch(); err != nil {
			return err
		}
		return to.page(r)
	})
}
