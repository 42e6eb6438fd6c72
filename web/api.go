package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/labstack/echo/v4"

	"cosignatory/store/register"
	"cosignatory/templates/i18n"
	"cosignatory/web/export"
)

// The API answers programs: JSON over GET and HEAD, below one address that names its version. It only grows: within a version
// no member of an answer is renamed, taken out or given another meaning.
const (
	apiRoot = "/api/v1"
	api     = "api" // in place of the format of a file
)

// apiPath says that an address belongs to the API, whether there is anything at it or not.
func apiPath(path string) bool { return path == "/api" || strings.HasPrefix(path, "/api/") }

// The rows of one answer: as many as limit asks for.
const (
	defaultLimit = 100
	maxLimit     = 500
)

// maxLines is how many bytes of history one answer of changes holds, roughly: a revision that alone has more still comes whole.
const maxLines = 4 << 20

// operation is one question of the API. The description that is served, the guide for readers, the routes and the tests are all
// made from this list.
type operation struct {
	id      string   // in the description; the message "api_operation.<id>" says in words what it answers
	pattern string   // below apiRoot
	params  []string // besides the clocks, the language and, for a list, limit and page
	list    bool     // answers many, a page at a time
	answer  any      // a value of the type of data: of one row of a list
	example string   // an address below apiRoot that the guide shows
	do      func(*question) (reply, error)
}

// question is a request to the API.
type question struct {
	*request
	op    *operation
	limit int
	at    int64 // where the page begins, as the reply before it said; 0 for the first
}

// reply is what an operation answers: data, of a list its rows, how many there are in all and where the next page begins, 0
// where there is none.
type reply struct {
	data  any
	total int
	next  int64
}

// The parameters of every operation, and those of lists besides.
var (
	apiParams  = []string{"as_of", "revision", "lang"}
	pageParams = []string{"limit", "page"}
)

// accepted are all parameters of an operation.
func (o *operation) accepted() []string {
	all := append(slices.Clone(o.params), apiParams...)
	if o.list {
		all = append(all, pageParams...)
	}
	return all
}

// placeholders are the names that stand for a part of the path.
func (o *operation) placeholders() []string {
	var names []string
	for part := range strings.SplitSeq(o.pattern, "/") {
		if name, ok := strings.CutPrefix(part, ":"); ok {
			names = append(names, name)
		}
	}
	return names
}

// template is the path below apiRoot as RFC 6570 and OpenAPI write it.
func (o *operation) template() string {
	path := o.pattern
	for _, name := range o.placeholders() {
		path = strings.Replace(path, ":"+name, "{"+name+"}", 1)
	}
	return path
}

// apiOperations lists every question in the order of the description. It is a function, for the index tells of them all.
func apiOperations() []operation {
	return []operation{
		{id: "getIndex", pattern: "/", answer: apiIndex{}, example: "/", do: answerIndex},
		{id: "listDeclarations", pattern: "/declarations", list: true, answer: apiDeclarationRow{}, example: "/declarations?topic=climate-change&sort=-in_effect&limit=10",
			params: append(slices.Clone(filterNames), "sort"), do: answerDeclarations},
		{id: "getDeclaration", pattern: "/declarations/:slug", answer: apiDeclaration{}, example: "/declarations/tech-trafficking-2025", do: answerDeclaration},
		{id: "listSignatories", pattern: "/declarations/:slug/signatories", list: true, answer: apiSignatory{},
			example: "/declarations/peace-framework-ukraine-2024/signatories?status=left", params: []string{"status", "include"}, do: answerSignatories},
		{id: "listDeclarationRevisions", pattern: "/declarations/:slug/history", list: true, answer: apiRevision{},
			example: "/declarations/tech-trafficking-2025/history", do: answerHistory},
		{id: "listParticipants", pattern: "/participants", list: true, answer: apiParticipantRow{}, example: "/participants?group=ASEAN&as_of=2024-06-17",
			params: []string{"q", "kind", "group", "sort"}, do: answerParticipants},
		{id: "getParticipant", pattern: "/participants/:code", answer: apiParticipant{}, example: "/participants/KOR", do: answerParticipant},
		{id: "listParticipations", pattern: "/participants/:code/declarations", list: true, answer: apiParticipation{}, example: "/participants/KOR/declarations",
			params: []string{"include"}, do: answerParticipations},
		{id: "listGroups", pattern: "/groups", list: true, answer: apiGroupRow{}, example: "/groups", do: answerGroups},
		{id: "getGroup", pattern: "/groups/:code", answer: apiGroup{}, example: "/groups/EU?as_of=2020-01-31", do: answerGroup},
		{id: "listTopics", pattern: "/topics", list: true, answer: apiTopic{}, example: "/topics?lang=fr", do: answerTopics},
		{id: "listRevisions", pattern: "/revisions", list: true, answer: apiRevision{}, example: "/revisions?limit=5", do: answerRevisions},
		{id: "getRevision", pattern: "/revisions/:number", answer: apiRevision{}, example: "/revisions/27", do: answerRevision},
		{id: "listChanges", pattern: "/changes", list: true, answer: apiRevision{}, example: "/changes?since=25&history=1", params: []string{"since", "history"},
			do: answerChanges},
	}
}

func (s *Server) apiHandlers(get func(string, echo.HandlerFunc)) {
	operations := apiOperations()
	for i := range operations {
		op := &operations[i]
		h := func(c echo.Context) error { return s.answerAPI(c, op) }
		get(apiRoot+op.pattern, h)
		if op.pattern == "/" {
			get(apiRoot, h)
		}
	}
	get(apiRoot+"/openapi.yaml", func(c echo.Context) error {
		return s.description(c, "application/yaml", []string{"application/yaml", "application/vnd.oai.openapi", "application/openapi+yaml", "text/yaml", "text/x-yaml", "text/plain"}, openAPI)
	})
	get(apiRoot+"/openapi.json", func(c echo.Context) error {
		return s.description(c, "application/json", []string{"application/json", "application/vnd.oai.openapi+json", "application/openapi+json"}, openAPIJSON())
	})
	nothing := func(echo.Context) error {
		return unknown("error.api_unknown").accepting("accepted.api", "Address", s.BaseURL+apiRoot+"/")
	}
	get("/api", nothing)
	get("/api/*", nothing)
}

// open lets the pages of other sites read the API, and answers what browsers ask beforehand. The data are public, and no answer
// depends on who asks.
func (s *Server) open(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !apiPath(c.Request().URL.Path) {
			return next(c)
		}
		h := c.Response().Header()
		openToOthers(h)
		if c.Request().Method == http.MethodOptions {
			h.Set("Allow", "GET, HEAD, OPTIONS")
			h.Set("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
			h.Set("Access-Control-Allow-Headers", "Accept, Accept-Language, Content-Type, If-None-Match, Cache-Control, X-Request-Id")
			h.Set("Access-Control-Max-Age", "86400")
			h.Set("Cache-Control", "public, max-age=86400")
			return c.NoContent(http.StatusNoContent)
		}
		return next(c)
	}
}

// readElsewhere lets programs on other sites read an answer.
func readElsewhere(h http.Header) {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
}

// openToOthers is readElsewhere for the API, whose answers say something in their headers as well.
func openToOthers(h http.Header) {
	readElsewhere(h)
	h.Set("Access-Control-Expose-Headers", "ETag, Link, Content-Language, Retry-After, X-Request-Id")
}

// answerAPI parses a question, has it answered and sends the answer, whole or not at all.
func (s *Server) answerAPI(c echo.Context, op *operation) error {
	if err := acceptable(c, "application/json"); err != nil {
		return err
	}
	lang, err := askedLanguage(c)
	if err != nil {
		return err
	}
	path := strings.TrimSuffix(c.Request().URL.Path, "/")
	if op.pattern == "/" {
		path += "/"
	}
	r, err := s.read(c, lang, path, api, op.accepted())
	if err != nil {
		return err
	}
	q := &question{request: r, op: op, limit: defaultLimit}
	if typed, ok := r.query["limit"]; ok {
		n, err := strconv.Atoi(typed)
		if err != nil || n < 1 || n > maxLimit || itoa(n) != typed {
			return bad("error.limit", "Value", shorten(typed)).accepting("accepted.limit", "Max", maxLimit).at("limit")
		}
		q.limit = n
	}
	if err := q.clocksAndPage(); err != nil {
		return err
	}
	if r.caching(false) {
		return c.NoContent(http.StatusNotModified)
	}
	answered, err := op.do(q)
	if err != nil {
		return err
	}
	if r.caching(true) {
		return c.NoContent(http.StatusNotModified)
	}
	return q.send(answered)
}

// acceptable refuses a request that accepts none of the media types in which its address can be answered.
func acceptable(c echo.Context, types ...string) error {
	if accepts(c.Request().Header.Values("Accept"), types...) {
		return nil
	}
	p := &problem{status: http.StatusNotAcceptable, key: "error.not_acceptable", accept: "accepted.formats"}
	for _, t := range types {
		p.values = append(p.values, option(t))
	}
	return p
}

// apiHead is what every answer tells of itself.
type apiHead struct {
	Revision    int    `json:"revision" doc:"The revision of the register that the answer was made from."`
	AsOf        string `json:"as_of" format:"date" doc:"The day that statuses and counts hold for."`
	Hash        string `json:"hash" doc:"Hash of that revision. It covers the whole register up to it."`
	PublishedAt string `json:"published_at" format:"date-time" doc:"When that revision was published."`
	Language    string `json:"language" enum:"languages" doc:"Language of names, titles and sentences, where there is one in it."`
	Address     string `json:"address" format:"uri" doc:"The address that gives this very answer again, for ever: both clocks are in it."`
	Licence     string `json:"licence" doc:"Licence of the data, as SPDX names it."`
	Disclaimer  string `json:"disclaimer" doc:"What names and codes do not imply."`
}

// send writes the answer with what it tells of itself.
func (q *question) send(a reply) error {
	head := apiHead{Revision: q.view.Revision, AsOf: q.day.String(), Hash: q.published.Hash, PublishedAt: instant(q.published.PublishedAt), Language: q.lang,
		Address: q.s.BaseURL + address("", q.path, "", q.query.with("revision", itoa(q.view.Revision), "as_of", q.day.String())), Licence: export.Licence, Disclaimer: export.Disclaimer}
	links := []string{"<" + q.s.BaseURL + apiRoot + `/openapi.yaml>; rel="service-desc"; type="application/yaml"`,
		"<" + q.s.BaseURL + address(q.lang, "/api", "", nil) + `>; rel="service-doc"`, "<" + licenceURL + `>; rel="license"`}
	var body any
	if q.op.list {
		next := q.nextPage(a.next)
		if next != "" {
			links = append([]string{"<" + string(next) + `>; rel="next"`}, links...)
		}
		body = struct {
			apiHead
			Total int  `json:"total"`
			Limit int  `json:"limit"`
			Next  text `json:"next"`
			Data  any  `json:"data"`
		}{head, a.total, q.limit, next, a.data}
	} else {
		body = struct {
			apiHead
			Data any `json:"data"`
		}{head, a.data}
	}
	b, err := encode(body)
	if err != nil {
		return err
	}
	q.c.Response().Header().Set("Link", strings.Join(links, ", "))
	return sendPacked(q.c, "application/json; charset=utf-8", b)
}

// sendPacked writes an answer of the API, compressed for whoever accepts that.
func sendPacked(c echo.Context, contentType string, body []byte) error {
	if !acceptsGzip(c.Request().Header) {
		return plainAnswer(c, http.StatusOK, contentType, string(body))
	}
	b := buffers.Get().(*bytes.Buffer)
	defer putBuffer(b)
	z := packers.Get().(*gzip.Writer)
	defer packers.Put(z)
	z.Reset(b)
	_, err := z.Write(body)
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return err
	}
	c.Response().Header().Set("Content-Encoding", gzipped)
	return plainAnswer(c, http.StatusOK, contentType, b.String())
}

// packers keep their memory, of which each takes far more than the answers that it packs.
var packers = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(nil, fileLevel)
	if err != nil {
		panic(err) // the level is a constant
	}
	return z
}}

// encode writes a value as JSON, with the letters of all scripts as they are.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// description sends the description of the API. It changes with the program only.
func (s *Server) description(c echo.Context, contentType string, types []string, body []byte) error {
	if err := acceptable(c, types...); err != nil {
		return err
	}
	h := c.Response().Header()
	tag := `"openapi-` + s.assets.build + `"`
	h.Add("Vary", "Accept-Encoding")
	if acceptsGzip(c.Request().Header) {
		tag = `"openapi-` + s.assets.build + "-" + gzipped + `"`
	}
	h.Set("ETag", tag)
	h.Set("Cache-Control", revalidate)
	if matches(c.Request().Header.Get("If-None-Match"), tag) {
		return c.NoContent(http.StatusNotModified)
	}
	return sendPacked(c, contentType+"; charset=utf-8", body)
}

// accepts says whether an Accept header (RFC 9110, 12.5.1) allows one of some media types. The most specific range that fits a
// type decides; no header allows all.
func accepts(headers []string, types ...string) bool {
	header := strings.Join(headers, ",")
	if strings.TrimSpace(header) == "" {
		return true
	}
	for _, t := range types {
		best, allowed := 0, false
		group, _, _ := strings.Cut(t, "/")
		for one := range strings.SplitSeq(header, ",") {
			kind, params, _ := strings.Cut(one, ";")
			fits := map[string]int{"*/*": 1, group + "/*": 2, t: 3}[strings.ToLower(strings.TrimSpace(kind))]
			if fits > best || fits > 0 && fits == best && !allowed {
				best, allowed = fits, weight(params) > 0
			}
		}
		if allowed {
			return true
		}
	}
	return false
}

// weight is the q of a media range, 1 where there is none that can be read.
func weight(params string) float64 {
	for p := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if strings.EqualFold(name, "q") {
			if w, err := strconv.ParseFloat(value, 64); err == nil {
				return w
			}
		}
	}
	return 1
}

// self is the address of something in the API, as it stands at the clocks that the address of the question names.
func (q *question) self(path string) string {
	return q.s.BaseURL + address("", apiRoot+path, "", q.inLanguage(q.set))
}

// The page is as the files name it: of the register as it goes on.
func (q *question) pageURL(path string) string { return q.s.BaseURL + address(q.lang, path, "", nil) }

// inLanguage adds the language to parameters, where it is not the first one.
func (q *question) inLanguage(p params) params {
	if q.lang == i18n.Languages()[0].Code {
		return p
	}
	return p.with("lang", q.lang)
}

// pageOf are the rows of one page of a list that is all there, and where the next one begins.
func pageOf[T any](q *question, all []T) (some []T, next int64) {
	from := int(min(q.at, int64(len(all))))
	to := min(from+q.limit, len(all))
	if to < len(all) {
		next = int64(to)
	}
	return all[from:to], next
}

// some are rows of an answer: none is an empty list, not a missing one.
func some[T any](n int) []T { return make([]T, 0, n) }

func answerIndex(q *question) (reply, error) {
	x := apiIndex{Name: q.p.T("site.title"), Documentation: q.s.BaseURL + address(q.lang, "/api", "", nil), Description: q.s.BaseURL + apiRoot + "/openapi.yaml",
		Data: q.s.BaseURL + address(q.lang, "/data", "", nil), Languages: register.Languages}
	for _, op := range apiOperations() {
		o := apiOperation{ID: op.id, What: q.p.T("api_operation." + op.id), Template: q.s.BaseURL + apiRoot + op.template(), Parameters: op.accepted(),
			Example: q.s.BaseURL + apiRoot + op.example}
		x.Operations = append(x.Operations, o)
	}
	return reply{data: x}, nil
}
