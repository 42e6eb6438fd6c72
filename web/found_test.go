package web

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/i18n"
)

// linked are the things that a page's JSON-LD tells of, by their type.
func (a *answer) linked(t *testing.T) map[string]map[string]any {
	t.Helper()
	things := map[string]map[string]any{}
	for _, n := range all(a.doc, func(n *html.Node) bool { return n.Data == "script" && attr(n, "type") == "application/ld+json" }) {
		var data struct {
			Context string           `json:"@context"`
			Graph   []map[string]any `json:"@graph"`
		}
		d := json.NewDecoder(strings.NewReader(n.FirstChild.Data))
		d.DisallowUnknownFields()
		if err := d.Decode(&data); err != nil || data.Context != "https://schema.org" || len(data.Graph) == 0 {
			t.Fatalf("%s: no JSON-LD: %v: %.200s", a.Request.URL, err, n.FirstChild.Data)
		}
		if strings.ContainsAny(n.FirstChild.Data, "<>\u2028\u2029") {
			t.Errorf("%s: JSON-LD that is not escaped: %.200s", a.Request.URL, n.FirstChild.Data)
		}
		for _, x := range data.Graph {
			kind, _ := x["@type"].(string)
			if kind == "" || things[kind] != nil {
				t.Errorf("%s: %q", a.Request.URL, kind)
			}
			things[kind] = x
		}
	}
	return things
}

// TestFoundOnEveryPage: every public page names its own address and that in every language, and what it tells machines is
// JSON in all of them.
func TestFoundOnEveryPage(t *testing.T) {
	s := newSite(t)
	for _, page := range publicPages {
		for _, l := range i18n.Languages() {
			a := s.ask(t, "GET", "/"+l.Code+page)
			links := func(rel, hreflang string) []string {
				var list []string
				for _, n := range all(a.doc, func(n *html.Node) bool {
					return n.Data == "link" && attr(n, "rel") == rel && attr(n, "hreflang") == hreflang && attr(n, "type") == ""
				}) {
					list = append(list, attr(n, "href"))
				}
				return list
			}
			canonical := links("canonical", "")
			things := a.linked(t)
			if a.StatusCode != http.StatusOK {
				if len(canonical) > 0 || len(things) > 0 || !strings.Contains(a.body, `content="noindex"`) {
					t.Errorf("%s%s is an error and wants to be found", l.Code, page)
				}
				continue
			}
			if len(canonical) != 1 || !strings.HasPrefix(canonical[0], testBase+"/"+l.Code+"/") {
				t.Errorf("%s%s: canonical %q", l.Code, page, canonical)
				continue
			}
			u, err := url.Parse(canonical[0])
			if err != nil || s.page(t, u.RequestURI()).StatusCode != http.StatusOK {
				t.Errorf("%s leads nowhere", canonical[0])
			}
			asked, err := url.Parse(page)
			if err != nil {
				t.Fatal(err)
			}
			for _, clock := range []string{"as_of", "revision"} {
				if u.Query().Get(clock) != asked.Query().Get(clock) {
					t.Errorf("%s%s: canonical %s", l.Code, page, canonical[0])
				}
			}
			if asked.Path == "/search" && (u.Query().Has("q") || u.Query().Has("page")) {
				t.Errorf("%s%s: an answer wants to be found beside the page of the search: %s", l.Code, page, canonical[0])
			}
			own := links("alternate", l.Code)
			if !slices.Equal(own, canonical) {
				t.Errorf("%s%s: canonical %s, in its own language %s", l.Code, page, canonical, own)
			}
			for _, other := range i18n.Languages() {
				if x := links("alternate", other.Code); len(x) != 1 || x[0] != strings.Replace(canonical[0], testBase+"/"+l.Code+"/", testBase+"/"+other.Code+"/", 1) {
					t.Errorf("%s%s in %s: %v", l.Code, page, other.Code, x)
				}
			}
			if x := links("alternate", "x-default"); len(x) != 1 || page == "/" && x[0] != testBase+"/" {
				t.Errorf("%s%s for others: %v", l.Code, page, x)
			}
			old := asked.Query().Has("as_of") || asked.Query().Has("revision") || asked.Query().Has("q") && asked.Path != "/search" || asked.Query().Has("print")
			if hidden := strings.Contains(a.body, `<meta name="robots" content="noindex">`); hidden != old {
				t.Errorf("%s%s: noindex is %v", l.Code, page, hidden)
			}
			if section := strings.Split(asked.Path, "/")[1]; section != "" && section != "search" && things["BreadcrumbList"] == nil {
				t.Errorf("%s%s does not say where it stands", l.Code, page)
			}
		}
	}
	for _, page := range []string{"/en/staff/sign-in"} {
		a := s.ask(t, "GET", page)
		if a.Header.Get("X-Robots-Tag") != "noindex" || strings.Contains(a.body, `rel="canonical"`) {
			t.Errorf("%s wants to be found", page)
		}
	}
}

func TestLinkedDeclaration(t *testing.T) {
	s := newSite(t)
	x := s.page(t, "/fr/declarations/tech-trafficking-2025").linked(t)["CreativeWork"]
	if x == nil {
		t.Fatal("nothing is told of a declaration")
	}
	for key, want := range map[string]string{"datePublished": "2025-11-24", "url": testBase + "/fr/declarations/tech-trafficking-2025",
		"@id": testBase + "/en/declarations/tech-trafficking-2025#declaration", "genre": "Déclaration commune"} {
		if key == "genre" {
			p, _ := i18n.For("fr")
			want = p.T("kind.joint-statement")
		}
		if x[key] != want {
			t.Errorf("%s is %v, want %s", key, x[key], want)
		}
	}
	names, _ := x["name"].([]any)
	if len(names) == 0 || names[0].(map[string]any)["@language"] != "en" || !strings.HasPrefix(names[0].(map[string]any)["@value"].(string), "Joint Statement on Combating") {
		t.Errorf("names %v", names)
	}
	if part, _ := x["isPartOf"].(map[string]any); part["@type"] != "Dataset" || part["@id"] != testBase+"/#register" {
		t.Errorf("part of %v", part)
	}
	sources, _ := x["citation"].([]any)
	topics, _ := x["about"].([]any)
	if len(sources) < 2 || len(topics) != 4 || sources[0].(map[string]any)["url"] == "" {
		t.Errorf("sources %v, topics %v", sources, topics)
	}
	for _, q := range topics {
		u, err := url.Parse(q.(map[string]any)["url"].(string))
		if err != nil || s.page(t, u.RequestURI()).StatusCode != http.StatusOK {
			t.Errorf("a topic leads to %v", q)
		}
	}
	// A date is as precise as it is known.
	d := madeUp(register.Action{Participant: "KOR", Kind: register.Signed})
	d.Adopted = register.MustDate("2019-03")
	d.Titles[0].Text = `</script><script>alert(1)</script><!-- & "x"`
	s.add(t, d)
	a := s.page(t, "/en/declarations/made-up-2019")
	x = a.linked(t)["CreativeWork"]
	if x["datePublished"] != "2019-03" || x["name"].([]any)[0].(map[string]any)["@value"] != d.Titles[0].Text {
		t.Errorf("%v", x)
	}
	if scripts := all(a.doc, func(n *html.Node) bool { return n.Data == "script" }); len(scripts) != 2 {
		t.Errorf("a title has become %d scripts", len(scripts))
	}
}

// TestLinkedDataEscapes: what would end the element, or a line of an older reader, is written as JSON escapes.
func TestLinkedDataEscapes(t *testing.T) {
	nasty := "</script>\u2028\u2029<!--&\x00\x1b\xff"
	s := linkedData(object{"@type": "Thing", "name": nasty})
	if strings.ContainsAny(s, "<>&\u2028\u2029\x00\x1b") || strings.Contains(s, "\xff") {
		t.Errorf("%q", s)
	}
	var back map[string]any
	if err := json.Unmarshal([]byte(s), &back); err != nil {
		t.Fatal(err)
	}
	if name := back["@graph"].([]any)[0].(map[string]any)["name"]; name != strings.ToValidUTF8(nasty, "\ufffd") {
		t.Errorf("%q", name)
	}
}

func TestLinkedRegister(t *testing.T) {
	s := newSite(t)
	for _, l := range i18n.Languages() {
		x := s.page(t, "/"+l.Code+"/data").linked(t)["Dataset"]
		if x == nil || x["@id"] != testBase+"/#register" || x["license"] != licenceURL || x["version"] != "27" || x["dateModified"] != "2026-11-23" {
			t.Fatalf("in %s: %v", l.Code, x)
		}
		files, _ := x["distribution"].([]any)
		if len(files) < 18 {
			t.Errorf("%d files", len(files))
		}
		if n := len([]rune(x["description"].(string))); n < 50 || n > 5000 {
			t.Errorf("a description of %d characters", n) // what Google takes
		}
		if l.Code != "en" {
			continue
		}
		for _, f := range files {
			u, err := url.Parse(f.(map[string]any)["contentUrl"].(string))
			if err != nil {
				t.Fatal(err)
			}
			a := s.ask(t, "HEAD", u.RequestURI())
			kind, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
			if a.StatusCode != http.StatusOK || f.(map[string]any)["encodingFormat"] != kind {
				t.Errorf("%s answers %d, %s; told as %v", u, a.StatusCode, kind, f)
			}
		}
	}
	if x := s.page(t, "/en/").linked(t)["WebSite"]; x == nil || x["url"] != testBase+"/en/" {
		t.Errorf("the front page tells %v", x)
	}
}

// urlset is a sitemap or an index of sitemaps, as the test reads it.
type urlset struct {
	XMLName xml.Name
	URLs    []struct {
		Loc     string `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 loc"`
		LastMod string `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 lastmod"`
		Links   []struct {
			Rel      string `xml:"rel,attr"`
			Hreflang string `xml:"hreflang,attr"`
			Href     string `xml:"href,attr"`
		} `xml:"http://www.w3.org/1999/xhtml link"`
	} `xml:"url"`
	Sitemaps []struct {
		Loc     string `xml:"loc"`
		LastMod string `xml:"lastmod"`
	} `xml:"sitemap"`
}

// TestSitemap: every page that is about something is named, in every language, and nothing else.
func TestSitemap(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(register.Action{Participant: "KOR", Kind: register.Signed}))
	s.change(t, "made-up-2019", func(d *register.Declaration) { d.MergedInto = "tech-trafficking-2025" })
	a := s.page(t, "/sitemap.xml")
	if !strings.HasPrefix(a.Header.Get("Content-Type"), "application/xml") || a.Header.Get("Content-Disposition") != "" {
		t.Errorf("%v", a.Header)
	}
	var m urlset
	if err := xml.Unmarshal([]byte(a.body), &m); err != nil {
		t.Fatal(err)
	}
	if m.XMLName != (xml.Name{Space: "http://www.sitemaps.org/schemas/sitemap/0.9", Local: "urlset"}) || len(m.URLs) > 50_000 {
		t.Errorf("%v with %d addresses", m.XMLName, len(m.URLs))
	}
	named := map[string]bool{}
	for _, u := range m.URLs {
		if named[u.Loc] {
			t.Errorf("%s stands twice", u.Loc)
		}
		named[u.Loc] = true
		if _, err := time.Parse(time.RFC3339, u.LastMod); err != nil && !strings.HasSuffix(u.Loc, "/about") {
			t.Errorf("%s: %v", u.Loc, err)
		}
		if len(u.Links) != len(i18n.Languages())+1 || u.Links[len(u.Links)-1].Hreflang != "x-default" {
			t.Errorf("%s has %d alternates", u.Loc, len(u.Links))
		}
		for _, bad := range []string{"/staff", "?", "/search", "/feeds", "made-up-2019", "/api/"} {
			if strings.Contains(u.Loc, bad) {
				t.Errorf("%s is named", u.Loc)
			}
		}
		if strings.HasPrefix(u.Loc, testBase+"/en/") {
			s.page(t, strings.TrimPrefix(u.Loc, testBase))
		}
	}
	v, err := s.store.At(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	want := func(path string) {
		for _, l := range i18n.Languages() {
			if !named[testBase+"/"+l.Code+path] {
				t.Errorf("%s is not named in %s", path, l.Code)
			}
		}
	}
	if err := v.Each(context.Background(), func(e *store.Entry) error { want(declarationPath(e.Slug)); return nil }); err != nil {
		t.Fatal(err)
	}
	for _, p := range v.Ref.Participants {
		want(participantPath(p.Code))
	}
	for _, g := range v.Ref.Groups {
		want(groupPath(g.Code))
	}
	want("/")
	for _, u := range m.URLs {
		// What a page says is that of every language.
		for _, l := range u.Links[:len(i18n.Languages())] {
			if !named[l.Href] {
				t.Errorf("%s leads to %s, which is not named", u.Loc, l.Href)
			}
		}
	}
}

// TestSitemapIndex: a large register has an index, and its parts together have what one sitemap would.
func TestSitemapIndex(t *testing.T) {
	s := newSite(t)
	server, err := New(Config{Store: s.store, BaseURL: testBase, Now: func() time.Time { return testNow }, Spool: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	const things = 10 // as if ten pages were many
	get := func(part int) (*urlset, error) {
		rec := httptest.NewRecorder()
		path := "/sitemap.xml"
		if part >= 0 {
			path = "/sitemap-" + itoa(part) + ".xml"
		}
		c := server.echo.NewContext(httptest.NewRequest("GET", path, nil), rec)
		r, err := server.parse(c, "en", path, sitemap, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.sendSitemap(part, things); err != nil {
			return nil, err
		}
		var m urlset
		if err := xml.Unmarshal(rec.Body.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		return &m, nil
	}
	index, err := get(-1)
	if err != nil || index.XMLName.Local != "sitemapindex" || len(index.Sitemaps) != 4 {
		t.Fatalf("%v, %+v", err, index)
	}
	parts := map[string]bool{}
	for i, x := range index.Sitemaps {
		if x.Loc != testBase+"/sitemap-"+itoa(i)+".xml" || x.LastMod == "" {
			t.Errorf("%+v", x)
		}
		m, err := get(i)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range m.URLs {
			if parts[u.Loc] {
				t.Errorf("%s stands in two parts", u.Loc)
			}
			parts[u.Loc] = true
		}
	}
	if _, err := get(len(index.Sitemaps)); err == nil {
		t.Error("there is a part too many")
	}
	var whole urlset
	if err := xml.Unmarshal([]byte(s.page(t, "/sitemap.xml").body), &whole); err != nil {
		t.Fatal(err)
	}
	if len(whole.URLs) != len(parts) {
		t.Errorf("%d addresses in parts, %d in one", len(parts), len(whole.URLs))
	}
}

func TestRobots(t *testing.T) {
	s := newSite(t)
	a := s.page(t, "/robots.txt")
	if !strings.HasSuffix(a.body, "\nSitemap: "+testBase+"/sitemap.xml\n") {
		t.Errorf("%s", a.body)
	}
	// The rules as a search engine applies them: * stands for anything, what is not asked for is allowed.
	var rules []string
	for l := range strings.Lines(a.body) {
		if rule, ok := strings.CutPrefix(strings.TrimSpace(l), "Disallow: "); ok {
			rules = append(rules, rule)
		}
	}
	refused := func(target string) bool {
		return slices.ContainsFunc(rules, func(rule string) bool {
			pieces := strings.Split(rule, "*")
			rest, ok := strings.CutPrefix(target, pieces[0])
			for _, p := range pieces[1:] {
				if ok {
					_, rest, ok = strings.Cut(rest, p)
				}
			}
			return ok
		})
	}
	for target, want := range map[string]bool{"/en/": false, "/ar/declarations/tech-trafficking-2025": false, "/en/declarations/staff-college-2020": false,
		"/data/signatories.csv": false, "/feeds/changes.atom": false, "/en/declarations?topic=xinjiang": false, "/api/v1/openapi.yaml": false,
		"/en/staff": true, "/fr/staff/sign-in": true, "/zh/search?q=x": false, "/zh/suggest.json?q=x": true, "/en/declarations?q=x": true, "/en/participants?group=asean&q=x": true, "/en/declarations?as_of=2020-01-01": true,
		"/en/declarations/x?order=name&revision=3": true, "/api/v1/declarations?token=x": true} {
		if refused(target) != want {
			t.Errorf("%s is refused: %v", target, !want)
		}
	}
}
