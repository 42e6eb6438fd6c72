package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/web/export"
)

// told is an answer of the API.
type told struct {
	Revision int             `json:"revision"`
	AsOf     string          `json:"as_of"`
	Hash     string          `json:"hash"`
	Address  string          `json:"address"`
	Language string          `json:"language"`
	Total    int             `json:"total"`
	Next     string          `json:"next"`
	Data     json.RawMessage `json:"data"`
}

// asks asks the API something that it must answer. An address of an answer is asked of this site.
func (s *site) asks(t *testing.T, target string, into any) told {
	t.Helper()
	target = strings.TrimPrefix(target, testBase)
	if !strings.HasPrefix(target, "/api/") {
		target = apiRoot + target
	}
	a := s.ask(t, "GET", target)
	if a.StatusCode != 200 {
		t.Fatalf("%s answers %d: %s", target, a.StatusCode, a.body)
	}
	var x told
	if err := json.Unmarshal([]byte(a.body), &x); err != nil {
		t.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(x.Data, into); err != nil {
			t.Fatalf("%s: %v: %.300s", target, err, x.Data)
		}
	}
	if next := a.Header.Get("Link"); x.Next != "" && !strings.HasPrefix(next, "<"+x.Next+`>; rel="next"`) {
		t.Errorf("%s: the header Link is %q, next is %q", target, next, x.Next)
	}
	return x
}

type rows []map[string]any

// D6, D19: the API tells of every signatory what the file tells, and declarations as the file counts them.
func TestAPISaysWhatTheFilesSay(t *testing.T) {
	s := newSite(t)
	same := func(what string, got map[string]any, columns []string, want map[string]any) {
		for _, c := range columns {
			g, w := got[c], want[c]
			switch x := g.(type) {
			case bool:
				g = map[bool]string{true: "yes", false: "no"}[x]
			case []any:
				var list []string
				for _, y := range x {
					list = append(list, y.(string))
				}
				if g = strings.Join(list, "|"); g == "" {
					g = nil
				}
			}
			if c == "as_of" || c == "revision" {
				continue
			}
			if fmt.Sprint(g) != fmt.Sprint(w) {
				t.Errorf("%s: %s is %v, in the file %v", what, c, g, w)
			}
		}
	}
	file := func(target string) (list rows) {
		var f struct{ Rows rows }
		if err := json.Unmarshal([]byte(s.ask(t, "GET", target).body), &f); err != nil {
			t.Fatal(err)
		}
		return f.Rows
	}
	names := func(name string) (list []string) {
		for _, c := range export.Columns(name) {
			// What the API does not say: its dates are as precise as they are written, its codes are looked up.
			if c.MeaningKey != "dictionary.precision" && !slices.Contains([]string{"sponsor_names", "presenter_delegation_name", "topic_names"}, c.Name) {
				list = append(list, c.Name)
			}
		}
		return list
	}
	for _, clocks := range []string{"revision=27", "as_of=2023-06-30&revision=27", "as_of=1990-01-01&lang=ar", "lang=fr"} {
		lang := "en"
		if _, l, ok := strings.Cut(clocks, "lang="); ok {
			lang = l
		}
		inFile := strings.TrimSuffix(strings.TrimSuffix(strings.Split(clocks, "lang=")[0], "&"), "&")
		var declarations rows
		s.asks(t, "/declarations?limit=500&"+clocks, &declarations)
		want := map[string]map[string]any{}
		for _, r := range file("/" + lang + "/declarations.json?" + inFile) {
			want[r["declaration"].(string)] = r
		}
		if len(want) != len(declarations) || len(want) != 25 {
			t.Fatalf("%d declarations, in the file %d", len(declarations), len(want))
		}
		for _, d := range declarations {
			slug := d["declaration"].(string)
			columns := slices.DeleteFunc(names("declarations"), func(c string) bool {
				return d[c] == nil && slices.Contains([]string{"adopted", "presented", "published", "opened", "closed", "presenter_counted", "list_complete"}, c)
			})
			same(slug, d, columns, want[slug])
			var whole map[string]any
			s.asks(t, "/declarations/"+slug+"?"+clocks, &whole)
			same(slug+", whole", whole, names("declarations"), want[slug])
			for name := range d {
				if fmt.Sprint(d[name]) != fmt.Sprint(whole[name]) {
					t.Errorf("%s: in the list %s is %v, alone %v", slug, name, d[name], whole[name])
				}
			}
			var list rows
			s.asks(t, "/declarations/"+slug+"/signatories?include=implied&limit=500&"+clocks, &list)
			inList := map[string]map[string]any{}
			for _, r := range file("/" + lang + "/declarations/" + slug + ".json?include=implied&" + inFile) {
				inList[r["participant"].(string)] = r
			}
			if len(list) != len(inList) {
				t.Errorf("%s: %d signatories, in the file %d", slug, len(list), len(inList))
			}
			for _, r := range list {
				same(slug, r, names("signatories"), inList[r["participant"].(string)])
			}
		}
	}
}

// D3, D4: the four counts and their kinds. D26: without a day the answer is of the day on which the revision was published.
func TestAPIClocks(t *testing.T) {
	s := newSite(t)
	var d apiTestDeclaration
	x := s.asks(t, "/declarations/peace-framework-ukraine-2024?as_of=2024-06-17&revision=27", &d)
	page := s.page(t, "/en/declarations/peace-framework-ukraine-2024?as_of=2024-06-17&revision=27")
	c := d.Counts
	if c.InEffect.Total != c.InEffect.ByKind.Member+c.InEffect.ByKind.Observer+c.InEffect.ByKind.Other+c.InEffect.ByKind.Organization || c.InEffect.ByKind.Organization == 0 {
		t.Errorf("in effect by kind: %+v", c.InEffect)
	}
	page.says(t, strconv.Itoa(c.InEffect.ByKind.Member)+" UN members", strconv.Itoa(c.Stated.Number))
	if x.AsOf != "2024-06-17" || x.Revision != 27 || x.Hash == "" {
		t.Errorf("%+v", x)
	}
	if again := s.asks(t, x.Address, nil); again.Address != x.Address || string(again.Data) != string(x.Data) {
		t.Errorf("the address %s gives another answer", x.Address)
	}
	for _, target := range []string{"/groups/EU?as_of=2020-01-31", "/groups/EU?as_of=2020-02-01"} {
		var g struct {
			Count int `json:"member_count"`
		}
		s.asks(t, target, &g)
		if want := map[string]int{"31": 28, "01": 27}[target[len(target)-2:]]; g.Count != want {
			t.Errorf("D6: %s has %d members, want %d", target, g.Count, want)
		}
	}
	x = s.asks(t, "/", nil)
	if x.AsOf != "2026-11-23" || x.Revision != 27 {
		t.Errorf("without clocks: %+v", x)
	}
	var list rows
	if s.asks(t, "/participants?limit=500&as_of=1999-01-01&revision=3", &list); len(list) < 200 || list[0]["m49"] != "004" {
		t.Errorf("D13: %d participants, the first %v", len(list), list[0])
	}
}

type apiTestDeclaration struct {
	Counts struct {
		Stated   struct{ Number int }
		InEffect struct {
			Total  int
			ByKind struct{ Member, Observer, Other, Organization int } `json:"by_kind"`
		} `json:"in_effect"`
	}
}

// collect follows a list to its end.
func (s *site) collect(t *testing.T, target, key string, between func(page int)) (keys []string, first told) {
	t.Helper()
	for n := 1; target != ""; n++ {
		var list rows
		x := s.asks(t, target, &list)
		if n == 1 {
			first = x
		} else if x.Revision != first.Revision || x.AsOf != first.AsOf || x.Total != first.Total {
			t.Errorf("page %d of %s is of revision %d and %s, the first of %d and %s", n, target, x.Revision, x.AsOf, first.Revision, first.AsOf)
		}
		for _, r := range list {
			keys = append(keys, fmt.Sprint(r[key]))
		}
		if n > 1000 {
			t.Fatal("there is no end to " + target)
		}
		target = x.Next
		if between != nil {
			between(n)
		}
	}
	if len(keys) != first.Total {
		t.Errorf("%d rows of %d", len(keys), first.Total)
	}
	return keys, first
}

// Whoever follows “next” reads one state of the register, whatever is published meanwhile.
func TestAPIPaging(t *testing.T) {
	s := newSite(t)
	for target, key := range map[string]string{
		"/declarations?limit=%d&sort=-in_effect": "declaration", "/declarations?limit=%d&topic=human-rights&sort=title&lang=ru": "declaration",
		"/declarations/artemis-accords-2020/signatories?limit=%d": "participant", "/participants?limit=%d&group=EU": "participant", "/participants/USA/declarations?limit=%d": "declaration",
		"/groups?limit=%d": "group", "/topics?limit=%d": "topic", "/revisions?limit=%d": "revision", "/changes?limit=%d&since=3": "revision",
		"/declarations/tech-trafficking-2025/history?limit=%d": "revision",
	} {
		all, _ := s.collect(t, fmt.Sprintf(target, 500), key, nil)
		few, _ := s.collect(t, fmt.Sprintf(target, 4), key, nil)
		if !slices.Equal(all, few) {
			t.Errorf("%s: in pages %v, at once %v", target, few, all)
		}
	}
	all, _ := s.collect(t, "/declarations?limit=500", "declaration", nil)
	few, first := s.collect(t, "/declarations?limit=5", "declaration", func(n int) {
		d := madeUp(register.Action{Participant: "KOR", Kind: register.Signed, Source: "test-source-" + strconv.Itoa(n)})
		d.Slug, d.Sources[0].Key = "made-up-"+strconv.Itoa(n), "test-source-"+strconv.Itoa(n)
		s.add(t, d)
	})
	if !slices.Equal(all, few) || first.Revision != 27 {
		t.Errorf("while others publish a list reads %v, want %v", few, all)
	}
	// Item links of all pages are at the clocks that the reader named: none.
	var list rows
	x := s.asks(t, "/declarations?limit=1", nil)
	s.asks(t, x.Next, &list)
	if self := list[0]["self"].(string); strings.Contains(self, "revision=") {
		t.Errorf("a row of the second page leads to %s", self)
	}
}

func TestAPIPageTokens(t *testing.T) {
	s := newSite(t)
	next, err := url.Parse(s.asks(t, "/declarations?limit=2&sort=title", nil).Next)
	if err != nil {
		t.Fatal(err)
	}
	token := next.Query().Get("page")
	if a := s.ask(t, "GET", next.RequestURI()); a.Header.Get("Cache-Control") != immutable {
		t.Errorf("a page that never changes may be kept: %s", a.Header.Get("Cache-Control"))
	}
	good := []string{"/declarations?sort=title&page=" + token, "/declarations?sort=title&limit=10&page=" + token, "/declarations?sort=title&revision=27&as_of=2026-11-23&page=" + token,
		"/declarations?sort=title&lang=en&page=" + token}
	for _, target := range good {
		s.asks(t, target, nil)
	}
	wrong := []string{"/declarations?page=" + token, "/declarations?sort=-title&page=" + token, "/declarations?sort=title&topic=climate-change&page=" + token, "/declarations?sort=title&lang=fr&page=" + token,
		"/participants?page=" + token, "/declarations?sort=title&revision=26&page=" + token, "/declarations?sort=title&as_of=2026-11-22&page=" + token, "/declarations?sort=title&page=2",
		"/declarations?sort=title&page=" + token + "A", "/declarations?sort=title&page=" + token[1:], "/declarations?sort=title&page=" + url.QueryEscape(token+"="),
		"/declarations?sort=title&page=" + pageToken{999, 20000, 2}.seal("x"), "/declarations?sort=title&page=" + strings.Repeat("A", 190)}
	for i := range token {
		for _, c := range []byte("A_") {
			if token[i] != c {
				wrong = append(wrong, "/declarations?sort=title&page="+token[:i]+string(c)+token[i+1:])
			}
		}
	}
	for _, target := range wrong {
		a := s.ask(t, "GET", apiRoot+target)
		var p problemRead
		if err := json.Unmarshal([]byte(a.body), &p); err != nil {
			t.Fatal(err)
		}
		if a.StatusCode != 400 || p.Type != testBase+"/en/api#invalid-page" || p.Parameter != "page" || !strings.Contains(p.Detail, "next") {
			t.Errorf("%s: %d %+v", target, a.StatusCode, p)
		}
	}
	// A token of another register is of no use, though everything else is the same.
	other := newSite(t)
	other.change(t, "tech-trafficking-2025", func(d *register.Declaration) { d.Open = register.Yes })
	s.change(t, "tech-trafficking-2025", func(d *register.Declaration) { d.Open = register.No })
	next, err = url.Parse(other.asks(t, "/declarations?limit=2", nil).Next)
	if err != nil {
		t.Fatal(err)
	}
	if a := s.ask(t, "GET", next.RequestURI()); a.StatusCode != 400 {
		t.Errorf("a token of another register: %d", a.StatusCode)
	}
	other.asks(t, next.RequestURI(), nil)
}

// problemRead is an error as a program reads it.
type problemRead struct {
	Type, Title, Detail, Instance, Request, Parameter string
	Status                                            int
	Accepted                                          []string
}

func TestAPIProblems(t *testing.T) {
	s := newSite(t)
	var slugs strings.Builder
	for i := range 500 {
		fmt.Fprintf(&slugs, "d=slug-%d&", i)
	}
	for _, c := range []struct {
		method, target, accept string
		status                 int
		kind, parameter        string
		says                   string
	}{
		{"GET", "/api/v1/nothing", "", 404, "not-found", "", "The API has no question at this address."},
		{"GET", "/api/v2/declarations", "", 404, "not-found", "", "The API has no question"},
		{"GET", "/api", "", 404, "not-found", "", testBase + "/api/v1/"},
		{"GET", "/api/declarations", "text/html", 404, "not-found", "", ""},
		{"GET", "/api/v1/declarations/nix", "", 404, "not-found", "", "No declaration is called “nix”."},
		{"GET", "/api/v1/declarations/tech-trafficking-2025?revision=2", "", 404, "not-found", "", "was not yet on record at revision 2"},
		{"GET", "/api/v1/declarations.json", "", 404, "not-found", "", ""},
		{"GET", "/api/v1/participants/usa", "", 404, "not-found", "", "No participant has the code “usa”."},
		{"GET", "/api/v1/revisions/028", "", 404, "not-found", "", ""},
		{"GET", "/api/v1/revisions/x", "", 404, "not-found", "", ""},
		{"GET", "/api/v1/declarations?kind=nix", "", 400, "invalid-parameter", "kind", "joint-statement, "},
		{"GET", "/api/v1/declarations?sponsor=nix", "", 400, "invalid-parameter", "sponsor", "No participant has the code “nix”."},
		{"GET", "/api/v1/declarations?to=yesterday", "", 400, "invalid-parameter", "to", "“yesterday” is no date."},
		{"GET", "/api/v1/declarations?as_of=2025-13-40", "", 400, "invalid-parameter", "as_of", "A day is written as"},
		{"GET", "/api/v1/declarations?revision=999", "", 400, "invalid-parameter", "revision", "The newest is 27."},
		{"GET", "/api/v1/declarations?limit=501", "", 400, "invalid-parameter", "limit", "A page has 1 to 500 rows."},
		{"GET", "/api/v1/declarations?limit=1e2", "", 400, "invalid-parameter", "limit", ""},
		{"GET", "/api/v1/declarations?limit=%2B5", "", 400, "invalid-parameter", "limit", ""},
		{"GET", "/api/v1/declarations?colour=red", "", 400, "unknown-parameter", "colour", "There is no filter called “colour”."},
		{"GET", "/api/v1/declarations?bom=1", "", 400, "unknown-parameter", "bom", ""},
		{"GET", "/api/v1/topics?" + slugs.String(), "", 400, "unknown-parameter", "d", ""},
		{"GET", "/api/v1/declarations?sort=title&sort=date", "", 400, "invalid-parameter", "sort", "more than once"},
		{"GET", "/api/v1/declarations?lang=xx", "", 400, "invalid-parameter", "lang", "The register does not speak “xx”."},
		{"GET", "/api/v1/declarations?kind=nix&lang=fr", "", 400, "invalid-parameter", "kind", "n’est pas admise"},
		{"GET", "/api/v1/changes?since=28", "", 400, "invalid-parameter", "since", "since names revision 28, but the register is read at revision 27"},
		{"GET", "/api/v1/changes?since=28&lang=es", "", 400, "invalid-parameter", "since", "después todavía no hay nada"},
		{"GET", "/api/v1/changes?since=20&revision=10", "", 400, "invalid-parameter", "since", "a whole number from 0 to 10"},
		{"GET", "/api/v1/changes?since=-1", "", 400, "invalid-parameter", "since", ""},
		{"GET", "/api/v1/changes?history=yes", "", 400, "invalid-parameter", "history", ""},
		{"GET", "/api/v1/declarations?q=%ff", "", 400, "not-text", "", ""},
		{"GET", "/api/v1/declarations/%ff", "", 400, "not-text", "", ""},
		{"GET", "/api/v1/declarations?q=%zz", "", 400, "not-text", "", ""},
		{"GET", "/api/v1/declarations?q=" + strings.Repeat("x", 9000), "", 414, "address-too-long", "", ""},
		{"GET", "/api/v1/declarations", "text/html", 406, "not-acceptable", "", "application/json"},
		{"GET", "/api/v1/declarations", "application/xml, application/json;q=0", 406, "not-acceptable", "", ""},
		{"GET", "/api/v1/declarations", "application/json;q=0, */*", 406, "not-acceptable", "", ""},
		{"GET", "/api/v1/openapi.yaml", "image/png", 406, "not-acceptable", "", "application/yaml"},
		{"POST", "/api/v1/declarations", "", 405, "method-not-allowed", "", ""},
		{"DELETE", "/api/v1/declarations/tech-trafficking-2025", "", 405, "method-not-allowed", "", ""},
		// Files, for programs.
		{"GET", "/en/declarations.csv?kind=nix", "application/json", 400, "invalid-parameter", "kind", "joint-statement"},
		{"GET", "/en/declarations.json?kind=nix", "", 400, "invalid-parameter", "kind", ""},
		{"GET", "/data/nix.csv", "application/problem+json, text/csv", 404, "not-found", "", ""},
	} {
		var headers []string
		if c.accept != "" {
			headers = []string{"Accept", c.accept}
		}
		a := s.ask(t, c.method, c.target, append(headers, "Accept-Language", "ru")...)
		name := c.method + " " + shorten(c.target)
		var p problemRead
		if err := json.Unmarshal([]byte(a.body), &p); err != nil || a.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %v: %d %s %.200s", name, err, a.StatusCode, a.Header.Get("Content-Type"), a.body)
			continue
		}
		if a.StatusCode != c.status || p.Status != c.status || p.Type != testBase+"/en/api#"+c.kind || p.Parameter != c.parameter || !strings.Contains(p.Detail, c.says) {
			t.Errorf("%s: %d %+v", name, a.StatusCode, p)
		}
		if p.Title == "" || p.Detail == "" || p.Request != a.Header.Get("X-Request-Id") || p.Instance != "#"+p.Request {
			t.Errorf("%s: %+v", name, p)
		}
		if a.Header.Get("Access-Control-Allow-Origin") != "*" || a.Header.Get("ETag") != "" || strings.Contains(a.Header.Get("Cache-Control"), "immutable") || a.Header.Get("Content-Length") != strconv.Itoa(len(a.body)) {
			t.Errorf("%s: %v", name, a.Header)
		}
		if c.method == "GET" {
			if h := s.ask(t, "HEAD", c.target, headers...); h.StatusCode != c.status || h.body != "" {
				t.Errorf("HEAD %s: %d, %d bytes", c.target, h.StatusCode, len(h.body))
			}
		}
	}
	// A browser is shown a page.
	for _, target := range []string{"/en/declarations.csv?kind=nix", "/en/declarations.json?kind=nix", "/data/nix.json"} {
		a := s.ask(t, "GET", target, "Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
		if a.doc == nil || a.StatusCode < 400 || !slices.Contains(a.Header.Values("Vary"), "Accept") {
			t.Errorf("%s shows a browser %d %s, Vary %v", target, a.StatusCode, a.Header.Get("Content-Type"), a.Header.Values("Vary"))
		}
	}
}

// What fails inside is told without insides.
func TestAPIFailing(t *testing.T) {
	s := newSite(t)
	s.store.Close()
	a := s.ask(t, "GET", "/api/v1/declarations")
	var p problemRead
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		t.Fatal(err)
	}
	if a.StatusCode < 500 || strings.Contains(a.body, "sql") || strings.Contains(a.body, s.path) || a.Header.Get("Cache-Control") != noStore || a.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("%d %s %v", a.StatusCode, a.body, a.Header)
	}
}

func TestAPIHeaders(t *testing.T) {
	s := newSite(t)
	for _, target := range []string{"/api/v1", "/api/v1/", "/api/v1/declarations?lang=ar", "/api/v1/participants/KOR?as_of=2024-01-01", "/api/v1/changes?since=3", "/api/v1/openapi.yaml", "/api/v1/openapi.json"} {
		a := s.ask(t, "GET", target, "Origin", "https://elsewhere.example", "Accept-Encoding", "identity")
		h := a.Header
		if a.StatusCode != 200 || h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Cross-Origin-Resource-Policy") != "cross-origin" || h.Get("ETag") == "" || h.Get("Cache-Control") != revalidate ||
			h.Get("Content-Length") != strconv.Itoa(len(a.body)) || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v", target, a.StatusCode, h)
		}
		for _, name := range []string{"ETag", "Link", "X-Request-Id"} {
			if !strings.Contains(h.Get("Access-Control-Expose-Headers"), name) {
				t.Errorf("%s hides %s", target, name)
			}
		}
		again := s.ask(t, "GET", target, "If-None-Match", `"other", W/`+h.Get("ETag"), "Accept-Encoding", "identity")
		if again.StatusCode != 304 || again.body != "" || again.Header.Get("ETag") != h.Get("ETag") || again.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d on a second visit", target, again.StatusCode)
		}
		head := s.ask(t, "HEAD", target)
		if head.StatusCode != 200 || head.body != "" || head.Header.Get("Content-Length") != h.Get("Content-Length") || head.Header.Get("Content-Type") != h.Get("Content-Type") {
			t.Errorf("HEAD %s: %d %v", target, head.StatusCode, head.Header)
		}
		pre := s.ask(t, "OPTIONS", target, "Origin", "https://elsewhere.example", "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "if-none-match")
		if pre.StatusCode != 204 || pre.Header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(pre.Header.Get("Access-Control-Allow-Methods"), "GET") ||
			!strings.Contains(pre.Header.Get("Access-Control-Allow-Headers"), "If-None-Match") {
			t.Errorf("OPTIONS %s: %d %v", target, pre.StatusCode, pre.Header)
		}
	}
	if a := s.ask(t, "GET", "/api/v1/declarations?lang=fr"); a.Header.Get("Content-Language") != "fr" {
		t.Errorf("Content-Language %q", a.Header.Get("Content-Language"))
	}
	// D26: pinned answers are the same bytes after more was published.
	pinned := []string{"/declarations?revision=27&limit=500", "/declarations/tech-trafficking-2025?revision=27", "/participants/KOR?revision=27", "/changes?since=0&revision=27&history=1", "/revisions/27?revision=27",
		"/declarations/tech-trafficking-2025/signatories?revision=27&as_of=2026-01-01", "/topics?revision=27"}
	before := map[string]string{}
	for _, target := range pinned {
		a := s.ask(t, "GET", apiRoot+target)
		if a.StatusCode != 200 || a.Header.Get("Cache-Control") != immutable {
			t.Errorf("%s: %d %s", target, a.StatusCode, a.Header.Get("Cache-Control"))
		}
		before[target] = a.body
	}
	tag := s.ask(t, "GET", "/api/v1/topics").Header.Get("ETag")
	s.change(t, "tech-trafficking-2025", func(d *register.Declaration) { d.Open = register.Yes })
	for _, target := range pinned {
		if s.ask(t, "GET", apiRoot+target).body != before[target] {
			t.Errorf("%s gives other bytes after more was published", target)
		}
	}
	if a := s.ask(t, "GET", "/api/v1/topics", "If-None-Match", tag); a.StatusCode != 200 {
		t.Errorf("an answer of an earlier revision passes for new: %d", a.StatusCode)
	}
	// Addresses lead on for ever, for pages of other sites too.
	s.change(t, "tech-trafficking-2025", func(d *register.Declaration) { d.Slug = "renamed-2025" })
	for from, to := range map[string]string{
		"/api/v1/declarations/tech-trafficking-2025?lang=fr":          "/api/v1/declarations/renamed-2025?lang=fr",
		"/api/v1/declarations/tech-trafficking-2025/signatories":      "/api/v1/declarations/renamed-2025/signatories",
		"/api/v1/declarations/tech-trafficking-2025/history?limit=10": "/api/v1/declarations/renamed-2025/history?limit=10",
	} {
		a := s.ask(t, "GET", from)
		if a.StatusCode != http.StatusPermanentRedirect || a.Header.Get("Location") != to || a.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d to %q, %v", from, a.StatusCode, a.Header.Get("Location"), a.Header)
		}
		s.asks(t, to, nil)
	}
}

// follower is a mirror: a history that it adds to, and a register made of it.
type follower struct {
	history bytes.Buffer
	last    int
	hash    string
	pages   int
}

// follow asks for what came since, and checks that it goes on from what is there.
func (f *follower) follow(t *testing.T, s *site, limit int) {
	t.Helper()
	for target := fmt.Sprintf("/changes?since=%d&history=1&limit=%d", f.last, limit); target != ""; {
		var list []struct {
			Revision     int
			PreviousHash *string `json:"previous_hash"`
			Hash         string
			Line         string `json:"history_line"`
		}
		x := s.asks(t, target, &list)
		f.pages++
		for _, r := range list {
			previous := ""
			if r.PreviousHash != nil {
				previous = *r.PreviousHash
			}
			if r.Revision != f.last+1 || previous != f.hash {
				t.Fatalf("revision %d follows %d, its hash before is %q, mine %q", r.Revision, f.last, previous, f.hash)
			}
			f.last, f.hash = r.Revision, r.Hash
			f.history.WriteString(r.Line + "\n")
		}
		target = x.Next
	}
}

// A mirror that follows by changes?since alone is the same register, byte for byte.
func TestMirrorFollows(t *testing.T) {
	s := newSite(t)
	ctx := context.Background()
	mirror, err := store.Open(ctx, filepath.Join(t.TempDir(), "mirror.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer mirror.Close()
	copied, err := New(Config{Store: mirror, BaseURL: testBase, Now: func() time.Time { return testNow }, Spool: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(copied)
	defer h.Close()
	m := &site{h, mirror, ""}
	var f follower
	catchUp := func() {
		t.Helper()
		f.follow(t, s, 5)
		if _, err := mirror.Replay(ctx, bytes.NewReader(f.history.Bytes()), store.ReplayOptions{}); err != nil {
			t.Fatal(err)
		}
		for _, target := range []string{"/data/history.jsonl", "/data/signatories.csv", "/en/declarations.csv"} {
			if a, b := s.ask(t, "GET", target), m.ask(t, "GET", target); a.body != b.body || a.StatusCode != 200 {
				t.Errorf("the mirror's %s is another (%d, %d bytes, %d)", target, b.StatusCode, len(b.body), len(a.body))
			}
		}
		if s.ask(t, "GET", "/data/history.jsonl").body != f.history.String() {
			t.Error("the lines that were told are not the file")
		}
		if a, b := s.asks(t, "/", nil), m.asks(t, "/", nil); a.Hash != b.Hash || a.Hash != f.hash || a.Revision != f.last {
			t.Errorf("revision %d %s, the mirror %d %s", a.Revision, a.Hash, b.Revision, b.Hash)
		}
	}
	catchUp()
	for i := range 8 {
		s.change(t, "tech-trafficking-2025", func(d *register.Declaration) {
			d.Open = []register.Tristate{register.Yes, register.No}[i%2]
			d.Texts[0].Notes = strings.Repeat("n \"<&> ", i)
		})
	}
	s.change(t, "tech-trafficking-2025", func(d *register.Declaration) { d.Slug = "renamed-2025" })
	catchUp()
	pages := f.pages
	catchUp() // nothing new
	if f.last != 36 || f.pages != pages+1 {
		t.Errorf("revision %d, %d pages", f.last, f.pages-pages)
	}
	// An address that names a revision ends there.
	if x := s.asks(t, "/changes?since=20&revision=25", nil); x.Total != 5 {
		t.Errorf("%d changes from 20 to 25", x.Total)
	}
}

// FuzzPageToken: no token but those that are sealed for a question is taken, and none breaks anything.
func FuzzPageToken(f *testing.F) {
	f.Add(pageToken{27, 20780, 100}.seal("q"), "q")
	f.Add("AQ", "q")
	f.Add(pageToken{1, -1, 1}.seal(""), "")
	f.Add("AQEBARvBX7a-Nfr\r8mY0XiQ", "")
	f.Fuzz(func(t *testing.T, token, question string) {
		p, sum, ok := readToken(token)
		if !ok {
			return
		}
		if p.revision < 1 || p.at < 1 || !p.day.Date().Known() {
			t.Fatalf("%q reads as %+v", token, p)
		}
		if string(sum) == string(p.sum(question)) && p.seal(question) != token {
			t.Fatalf("%q and %q are one token", token, p.seal(question))
		}
	})
}

// FuzzAPI: whatever stands in an address, the answer is JSON that is whole, or a problem that says why not.
func FuzzAPI(f *testing.F) {
	from, err := template()
	if err != nil {
		f.Fatal(err)
	}
	s, err := store.OpenExisting(context.Background(), from)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	server, err := New(Config{Store: s, BaseURL: testBase, Now: func() time.Time { return testNow }, Spool: f.TempDir()})
	if err != nil {
		f.Fatal(err)
	}
	for _, target := range apiAddresses {
		path, query, _ := strings.Cut(target, "?")
		f.Add(path, query, "application/json")
	}
	f.Add("/declarations", "page="+pageToken{27, 20780, 100}.seal("q"), "*/*;q=0.1")
	f.Fuzz(func(t *testing.T, path, query, accept string) {
		req := &http.Request{Method: "GET", URL: &url.URL{Path: apiRoot + path, RawQuery: query}, Header: http.Header{"Accept": {accept}}, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Host: "x", Body: http.NoBody}
		w := httptest.NewRecorder()
		server.ServeHTTP(w, req)
		switch {
		case w.Code >= 500:
			t.Fatalf("%d %s", w.Code, w.Body)
		case w.Code == http.StatusPermanentRedirect:
		case strings.HasPrefix(w.Header().Get("Content-Type"), "application/yaml"):
		case !json.Valid(w.Body.Bytes()) || w.Header().Get("Access-Control-Allow-Origin") != "*":
			t.Fatalf("%d %v %.300q", w.Code, w.Header(), w.Body)
		case w.Body.Len() > 8<<20:
			t.Fatalf("%d bytes", w.Body.Len())
		}
	})
}

// TestAPICompressed: whoever accepts it gets answers of the API, and its description, compressed: the same bytes when unpacked, known
// by a tag of their own, which is answered with 304; caches in between are told what the answer depends on.
func TestAPICompressed(t *testing.T) {
	s := newSite(t)
	for _, target := range []string{"/api/v1/declarations?limit=500", "/api/v1/participants/KOR?lang=zh", "/api/v1/declarations?revision=20&as_of=2020-01-01", "/api/v1/openapi.yaml", "/api/v1/openapi.json"} {
		plain, small := s.ask(t, "GET", target, "Accept-Encoding", "identity"), s.ask(t, "GET", target, "Accept-Encoding", "gzip, br")
		if plain.StatusCode != 200 || plain.Header.Get("Content-Encoding") != "" || small.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: %d, %q and %q", target, plain.StatusCode, plain.Header.Get("Content-Encoding"), small.Header.Get("Content-Encoding"))
			continue
		}
		z, err := gzip.NewReader(strings.NewReader(small.body))
		if err != nil {
			t.Errorf("%s: %v", target, err)
			continue
		}
		if b, err := io.ReadAll(z); err != nil || string(b) != plain.body {
			t.Errorf("%s is not the same when unpacked: %v", target, err)
		}
		if len(small.body)*4 > len(plain.body)*3 {
			t.Errorf("%s has %d bytes, compressed %d", target, len(plain.body), len(small.body))
		}
		if small.Header.Get("ETag") == plain.Header.Get("ETag") || !strings.Contains(strings.Join(plain.Header.Values("Vary"), ","), "Accept-Encoding") || !strings.Contains(strings.Join(small.Header.Values("Vary"), ","), "Accept-Encoding") {
			t.Errorf("%s: %v and %v", target, plain.Header, small.Header)
		}
		for encoding, tag := range map[string]string{"identity": plain.Header.Get("ETag"), "gzip": small.Header.Get("ETag")} {
			if a := s.ask(t, "GET", target, "Accept-Encoding", encoding, "If-None-Match", tag); a.StatusCode != 304 || a.body != "" {
				t.Errorf("%s with %s answers %d", target, tag, a.StatusCode)
			}
		}
		if h := s.ask(t, "HEAD", target, "Accept-Encoding", "gzip"); h.Header.Get("Content-Length") != small.Header.Get("Content-Length") || h.body != "" {
			t.Errorf("%s: HEAD says %v", target, h.Header)
		}
	}
}
