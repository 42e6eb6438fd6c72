package web

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/labstack/echo/v4"
	"golang.org/x/text/language"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/i18n"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
	"cosignatory/web/export"
)

// request is one reader's question, parsed: the language, both clocks, the filters of the address.
type request struct {
	s     *Server
	c     echo.Context
	ctx   context.Context
	p     *i18n.Printer
	lang  string
	path  string // without language and extension: /declarations/tech-trafficking-2025
	query params
	set   params // the clocks among them: links to other pages of the register keep them
	// format is the extension asked for: empty for the page, else that of a file or of a citation.
	format string

	view      *store.View
	published *register.Revision // the view's revision
	pinned    bool               // the address names a revision
	day       register.Day
	dayGiven  bool             // the address names a day
	current   register.Day     // today
	timeless  bool             // the page shows no day's state
	overlong  bool             // the question is longer than a search reads
	names     []string         // of the parameters that the address takes besides the clocks
	since     *pages.Since     // what has changed since the revision that the address remembers
	releases  int              // how many there were before anything of them was read
	sum       string           // of the address, for ETags; empty until it is asked for
	released  string           // the name of the release that the page says its revision is; of the pages of releases, that of the newest
	cited     string           // what the page is called where it is cited
	citation  *export.Citation // of a page that is cited in a way of its own

	beside string // the header Link of a file that cannot say itself what it is

	keeping bool     // the page is for everybody: show keeps it
	asked   *knownBy // of the page as it was asked for: that of a release shows another revision
	shown   *kept    // it
}

// today says that the page shows the state of the day of asking.
func (r *request) today() bool { return r.day == r.current }

// problem is an error that a reader has caused or must know of: a status, what is wrong, what would be right.
type problem struct {
	status int
	key    string // of the message that says what is wrong
	args   []any  // name, value pairs of the message
	accept string // key of the message that says what would be right; empty for none
	with   []any  // its arguments
	values []ui.Option
	links  []ui.Link // onward, before those of every error
	field  string    // the parameter that the error page offers for mending; empty for none
	cause  error     // for the log
}

func (p *problem) Error() string {
	if p.cause != nil {
		return fmt.Sprint(p.status, " ", p.key, ": ", p.cause)
	}
	return fmt.Sprint(p.status, " ", p.key)
}
func (p *problem) Unwrap() error { return p.cause }

// bad is a request that cannot be answered as it is asked.
func bad(key string, args ...any) *problem {
	return &problem{status: http.StatusBadRequest, key: key, args: args}
}

// unknown is an address of something that is not on the register.
func unknown(key string, args ...any) *problem {
	return &problem{status: http.StatusNotFound, key: key, args: args}
}

// accepting says what would be right.
func (p *problem) accepting(key string, args ...any) *problem {
	p.accept, p.with = key, args
	return p
}

// oneOf names the values that would be right.
func (p *problem) oneOf(values []ui.Option) *problem {
	p.accept, p.values = "accepted.values", values
	return p
}

// at names the parameter that is to be mended.
func (p *problem) at(field string) *problem {
	p.field = field
	return p
}

// or adds a link to where the right values are found.
func (p *problem) or(text, url string) *problem {
	p.links = append(p.links, ui.Link{Text: text, URL: url})
	return p
}

func panicked(what any) error {
	return &problem{status: http.StatusInternalServerError, key: "error.internal", cause: fmt.Errorf("panic: %v\n%s", what, debug.Stack())}
}

// validText says that a text from outside is UTF-8 without control characters.
func validText(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) < 0
}

// tracking are parameters that others hang on links; they mean nothing here and are passed over.
func tracking(name string) bool {
	return strings.HasPrefix(name, "utm_") || name == "fbclid" || name == "gclid" || name == "mc_cid" || name == "mc_eid"
}

// matcher finds the reader's language among those of the register. It is made when it is first asked for: the command line
// has no use for the catalogues.
var matcher = sync.OnceValue(func() language.Matcher {
	var tags []language.Tag
	for _, l := range i18n.Languages() {
		tags = append(tags, language.Make(l.Code))
	}
	return language.NewMatcher(tags)
})

// readerLanguage is the language that a reader's browser asks for, as far as the register has it.
func readerLanguage(r *http.Request) string {
	tags, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil || len(tags) == 0 {
		return i18n.Languages()[0].Code
	}
	_, i, _ := matcher().Match(tags...)
	return i18n.Languages()[i].Code
}

// neighbours are languages that the register does not have, each with the one of its six that most of its readers read: by
// descent or because both are official where it is spoken.
var neighbours = map[string]string{"pt": "es", "gl": "es", "ca": "es", "eu": "es", "ast": "es", "gn": "es", "qu": "es",
	"arz": "ar", "apc": "ar", "ary": "ar", "it": "fr", "ro": "fr", "oc": "fr", "br": "fr", "wa": "fr", "ht": "fr", "be": "ru", "kk": "ru", "ky": "ru", "yue": "zh", "wuu": "zh", "nan": "zh", "hak": "zh"}

// nearest is the language of the register that comes nearest to the one an address names: its own for pt-BR, fr-CA and zh-TW, a
// neighbour, or else the one that the reader's browser asks for: then guessed says that another reader may get another one.
func nearest(named string, r *http.Request) (code string, guessed bool) {
	tag, err := language.Parse(named)
	if err != nil {
		return readerLanguage(r), true
	}
	if _, i, sure := matcher().Match(tag); sure >= language.High {
		return i18n.Languages()[i].Code, false
	}
	base, _ := tag.Base()
	if _, ok := i18n.For(base.String()); ok {
		return base.String(), false // whatever its script or region
	}
	if near, ok := neighbours[base.String()]; ok {
		return near, false
	}
	return readerLanguage(r), true
}

// noSuchLanguage is an address in a language that the register does not have: the nearest is offered first. One of a single
// word, as /nope, that is too long for a code names no language but a page that is not there.
func noSuchLanguage(c echo.Context, named string) *problem {
	if base, _, _ := strings.Cut(named, "-"); len(base) > 3 && strings.Trim(c.Request().URL.Path, "/") == named {
		return unknown("error.page_unknown")
	}
	p := unknown("error.language_unknown", "Value", shorten(named)).accepting("accepted.languages")
	p.values = languageOptions(i18n.Languages())
	near, _ := nearest(named, c.Request())
	slices.SortStableFunc(p.values, func(a, b ui.Option) int {
		switch {
		case a.Value == near && b.Value != near:
			return -1
		case b.Value == near && a.Value != near:
			return 1
		}
		return 0
	})
	return p
}

// The parameters that every page takes.
var clocks = []string{"as_of", "revision", "print"}

// The options that files take instead of print; bom and raw mean something for CSV alone.
var fileOptions = []string{"as_of", "revision", "bom", "raw", "include"}

// pageOnly are parameters that say what a page answers besides its table: a file has no such thing, and does not take them as
// if it had (D25): whoever asks is led to the file without them.
var pageOnly = []string{"participant", "since", "without"}

// choices are parameters that have few values whatever the register holds.
var fewValues = map[string][]string{"print": {"1"}, "plain": {"1"}, "bom": {"0", "1"}, "raw": {"0", "1"}, "include": {"implied"}, "history": {"0", "1"}}

// maxValue is how many characters the value of a parameter may have.
const maxValue = 200

// mostCompared is how many values a parameter that may be repeated can have.
const mostCompared = 6

// several are the values of a parameter that may be repeated, empty ones left out, as params keep them.
func several(name string, all []string) (string, error) {
	var some []string
	for _, v := range all {
		if v = strings.TrimSpace(v); v == "" {
			continue
		}
		if utf8.RuneCountInString(v) > maxValue {
			return "", bad("error.parameter_too_long", "Name", name).accepting("accepted.length", "Count", maxValue)
		}
		if slices.Contains(some, v) {
			return "", bad("error.compare_twice", "Value", shorten(v)).accepting("accepted.compare")
		}
		some = append(some, v)
		if len(some) > mostCompared {
			return "", bad("error.compare_many").accepting("accepted.compare")
		}
	}
	return strings.Join(some, between), nil
}

// parse reads a request for an address that takes the parameters named and, where it shows the register, both clocks. It
// returns a *problem for anything that is not accepted.
func (s *Server) parse(c echo.Context, lang, path, format string, names []string) (*request, error) {
	r, err := s.read(c, lang, path, format, names)
	if err != nil {
		return nil, err
	}
	return r, r.clocks()
}

// read is parse before the clocks.
func (s *Server) read(c echo.Context, lang, path, format string, names []string) (*request, error) {
	r := &request{s: s, c: c, ctx: c.Request().Context(), lang: lang, path: path, format: format, query: params{}, set: params{}, names: names}
	var ok bool
	if r.p, ok = i18n.For(lang); !ok && format != "" && slices.Contains(register.Languages, lang) {
		// Names and titles are data: files speak all six languages, whatever catalogues there are.
		r.p, ok = i18n.For(i18n.Languages()[0].Code)
	}
	if !ok {
		return nil, noSuchLanguage(c, lang)
	}
	values, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return nil, bad("error.encoding")
	}
	accepted := append(slices.Clone(names), clocks...)
	switch {
	case r.citing():
		accepted = append(slices.Clone(names), "as_of", "revision")
	case format == api:
		accepted = names
	case format != "":
		accepted = append(slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(pageOnly, name) }), fileOptions...)
		if format != string(export.CSV) && format != string(export.JSON) { // which took them, to no effect, when it was first cited
			accepted = slices.DeleteFunc(accepted, func(name string) bool { return name == "bom" || name == "raw" })
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		all := values[name]
		if tracking(name) {
			continue
		}
		if !validText(name) || slices.ContainsFunc(all, func(v string) bool { return !validText(v) }) {
			return nil, bad("error.encoding")
		}
		if slices.Contains(names, name) && slices.Contains(pageOnly, name) && !slices.Contains(accepted, name) {
			return nil, bad("error.page_alone", "Name", name).or(r.p.T("onward.file_without"), r.withoutQuestions(values))
		}
		if !slices.Contains(accepted, name) {
			p := bad("error.filter_unknown", "Name", shorten(name)).accepting("accepted.filters")
			for _, n := range accepted {
				p.values = append(p.values, ui.Option{Value: n, Label: r.parameter(n)})
			}
			return nil, p
		}
		if repeated[name] {
			joined, err := several(name, all)
			if err != nil {
				return nil, err
			}
			if joined != "" {
				r.query[name] = joined
			}
			continue
		}
		if len(all) > 1 {
			return nil, bad("error.parameter_repeated", "Name", name).accepting("accepted.once")
		}
		v := strings.TrimSpace(all[0])
		if utf8.RuneCountInString(v) > maxValue {
			if name != "q" || path != "/search" {
				return nil, bad("error.parameter_too_long", "Name", name).accepting("accepted.length", "Count", maxValue)
			}
			r.overlong = true // the page of the search itself says so: what was typed stays in its field
		}
		if few := fewValues[name]; v != "" && few != nil && !slices.Contains(few, v) {
			p := r.badValue(name, v).accepting("accepted.values")
			for _, x := range few {
				p.values = append(p.values, ui.Option{Value: x})
			}
			return nil, p
		}
		if v != "" {
			r.query[name] = v
		}
	}
	return r, nil
}

// withoutQuestions is the address of the file asked for without what only its page answers.
func (r *request) withoutQuestions(values url.Values) string {
	q := params{}
	for name, all := range values {
		if !slices.Contains(pageOnly, name) {
			q[name] = strings.Join(all, between)
		}
	}
	return address(r.lang, r.path, r.format, q)
}

// parameter is what a parameter is called in words.
func (r *request) parameter(name string) string {
	if key := "filter." + name; r.p.Has(key) {
		return r.p.T(key)
	}
	return r.p.T("parameter." + name)
}

// badValue is a value that a parameter cannot have.
func (r *request) badValue(name, typed string) *problem {
	return bad("error.filter_value", "Name", r.parameter(name), "Value", shorten(typed))
}

// clocks reads as_of and revision. Without as_of a page shows today; a file, and an address that names a revision, shows the
// day on which that was published, so that it gives the same for ever (D26).
func (r *request) clocks() error {
	head, err := r.s.Store.Head(r.ctx)
	if err != nil {
		return err
	}
	if _, r.releases, err = r.s.Store.Newest(r.ctx); err != nil {
		return err
	}
	if head == 0 {
		return &problem{status: http.StatusServiceUnavailable, key: "error.unavailable"}
	}
	revision := head
	if typed, ok := r.query["revision"]; ok {
		n, err := strconv.Atoi(typed)
		if err != nil || n < 1 || typed[0] == '+' {
			return bad("error.revision", "Value", shorten(typed)).accepting("accepted.revision", "Newest", head).at("revision")
		}
		if n > head {
			return bad("error.revision_future", "Value", typed, "Newest", head).accepting("accepted.revision", "Newest", head).at("revision")
		}
		revision, r.pinned = n, true
		r.set["revision"] = itoa(n)
		r.query["revision"] = itoa(n)
	}
	if r.view, err = r.s.Store.At(r.ctx, revision); err != nil {
		return err
	}
	if r.published, err = r.view.RevisionOf(r.ctx, revision); err != nil {
		return err
	}
	r.current = register.Today(r.s.Now())
	r.day = r.current
	if r.pinned || r.format != "" {
		r.day = register.Today(r.published.PublishedAt)
	}
	if typed, ok := r.query["as_of"]; ok {
		d, err := register.ParseDate(typed)
		if err != nil || d.Precision() != register.ByDay {
			return bad("error.as_of", "Value", shorten(typed)).accepting("accepted.day").at("as_of")
		}
		r.day, r.dayGiven = d.First(), true
		r.set["as_of"] = typed
	}
	return nil
}

func languageOptions(languages []i18n.Language) []ui.Option {
	var list []ui.Option
	for _, l := range languages {
		list = append(list, ui.Option{Value: l.Code, Label: l.Name})
	}
	return list
}

// shorten keeps what is repeated to a reader short.
func shorten(s string) string {
	if utf8.RuneCountInString(s) <= 80 {
		return s
	}
	return string([]rune(s)[:80]) + "…"
}
