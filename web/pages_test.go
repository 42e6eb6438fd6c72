package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/labstack/echo/v4"
	"golang.org/x/net/html"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/i18n"
)

// publicPages are addresses below the language, one or more of every page.
var publicPages = []string{
	"/", "/declarations", "/declarations?topic=xinjiang&sort=-named", "/declarations?q=zzzz",
	"/declarations/tech-trafficking-2025", "/declarations/peace-framework-ukraine-2024?as_of=2024-06-17&missing=EU",
	"/declarations/geneva-consensus-2020?order=region", "/declarations/safe-schools-2015?order=printed", "/declarations/artemis-accords-2020?revision=27",
	"/declarations/arbitrary-detention-2021?as_of=2021-02-15&revision=27", "/declarations/military-ai-2023?as_of=2023-11-05", "/declarations/safe-schools-2015?print=1",
	"/declarations/tech-trafficking-2025/history", "/declarations/tech-trafficking-2025/history/3",
	"/participants", "/participants?sort=region", "/participants?sort=declarations&group=EU", "/participants/USA", "/participants/EUE", "/participants/CSK", "/participants/XKX",
	"/groups", "/groups/EU", "/groups/ASEAN?as_of=1990-01-01", "/search", "/search?q=korea", "/search?q=zzzz", "/changes", "/changes?revision=2", "/data", "/api", "/about",
	// Error pages are pages.
	"/nothing", "/declarations/nothing", "/declarations?page=99", "/declarations?as_of=x", "/declarations?topic=nothing", "/participants/ZZZ", "/declarations?nothing=1",
}

var (
	linkedBlock = regexp.MustCompile(`(?s)<script type="application/ld\+json">.*?</script>`)
	emptyKey    = regexp.MustCompile(`^[a-z_]+\.[a-z_.]+$`)
	void        = map[string]bool{"meta": true, "link": true, "input": true, "br": true, "hr": true, "img": true, "wbr": true}
)

// areas are the beginnings of the catalogue's keys: publishers too are called online.ua.
var areas = sync.OnceValue(func() map[string]bool {
	b, err := os.ReadFile("../templates/i18n/en.json")
	if err != nil {
		panic(err)
	}
	var keys map[string]any
	if err := json.Unmarshal(b, &keys); err != nil {
		panic(err)
	}
	list := map[string]bool{}
	for key := range keys {
		area, _, _ := strings.Cut(key, ".")
		list[area] = true
	}
	return list
})

// faults is what is wrong with a page whatever it is about.
func (a *answer) faults(lang, dir string) []string {
	var list []string
	say := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	root := all(a.doc, func(n *html.Node) bool { return n.Data == "html" })[0]
	if attr(root, "lang") != lang || attr(root, "dir") != dir {
		say("html has lang %q and dir %q, want %q and %q", attr(root, "lang"), attr(root, "dir"), lang, dir)
	}
	if n := len(all(a.doc, func(n *html.Node) bool { return n.Data == "h1" })); n != 1 {
		say("%d h1", n)
	}
	if n := len(all(a.doc, func(n *html.Node) bool { return n.Data == "main" })); n != 1 {
		say("%d main", n)
	}
	body := linkedBlock.ReplaceAllString(a.body, "") // JSON has braces of its own
	for _, s := range []string{"%!", "{{", "}}", "<nil>", "javascript:"} {
		if strings.Contains(body, s) {
			say("holds %q", s)
		}
	}
	ids := map[string]bool{}
	for _, n := range all(a.doc, func(*html.Node) bool { return true }) {
		if id := attr(n, "id"); id != "" {
			if ids[id] {
				say("id %q stands twice", id)
			}
			ids[id] = true
		}
		for _, x := range n.Attr {
			if x.Key == "style" || strings.HasPrefix(x.Key, "on") {
				say("%s has the attribute %s", n.Data, x.Key)
			}
			if x.Key == "lang" && x.Val == "" {
				say("%s has an empty lang: %s", n.Data, textOf(n))
			}
		}
		if n.Data == "style" || n.Data == "script" && attr(n, "type") != "application/ld+json" && (attr(n, "src") == "" || n.FirstChild != nil) {
			say("%s within the page", n.Data)
		}
		if n.Data == "a" && textOf(n) == "" {
			say("a link without words to %s", attr(n, "href"))
		}
	}
	for d := range a.doc.Descendants() {
		words := strings.TrimSpace(d.Data)
		area, rest, _ := strings.Cut(words, ".")
		if d.Type == html.TextNode && emptyKey.MatchString(words) && areas()[area] && rest != "csv" && rest != "json" && rest != "xlsx" && rest != "jsonl" && rest != "sqlite" {
			say("the key %q in place of words", words)
		}
	}
	for _, n := range all(a.doc, func(n *html.Node) bool { return n.Data == "a" && strings.HasPrefix(attr(n, "href"), "#") }) {
		if id := attr(n, "href")[1:]; !ids[id] {
			say("a link to %q, which is nowhere on the page", id)
		}
	}
	for _, n := range all(a.doc, func(n *html.Node) bool { return n.Data == "label" && attr(n, "for") != "" }) {
		if !ids[attr(n, "for")] {
			say("a label for %q, which is nowhere on the page", attr(n, "for"))
		}
	}
	return append(list, a.unbalanced()...)
}

// unbalanced says which elements do not close as they opened.
func (a *answer) unbalanced() []string {
	z := html.NewTokenizer(strings.NewReader(a.body))
	var open []string
	for {
		switch z.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				return []string{"not closed: " + strings.Join(open, " ")}
			}
			return nil
		case html.StartTagToken:
			name, _ := z.TagName()
			if !void[string(name)] {
				open = append(open, string(name))
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if len(open) == 0 || open[len(open)-1] != string(name) {
				return []string{fmt.Sprintf("</%s> closes %v", name, open)}
			}
			open = open[:len(open)-1]
		}
	}
}

func TestEveryPageInEveryLanguage(t *testing.T) {
	s := newSite(t)
	for _, l := range i18n.Languages() {
		p, _ := i18n.For(l.Code)
		for _, path := range publicPages {
			a := s.ask(t, "GET", "/"+l.Code+path)
			if a.doc == nil {
				t.Errorf("/%s%s is no page: %d", l.Code, path, a.StatusCode)
				continue
			}
			if a.StatusCode >= 500 {
				t.Errorf("/%s%s answers %d", l.Code, path, a.StatusCode)
			}
			for _, f := range a.faults(l.Code, l.Dir) {
				t.Errorf("/%s%s: %s", l.Code, path, f)
			}
			if a.Header.Get("Content-Language") != l.Code {
				t.Errorf("/%s%s says it is in %q", l.Code, path, a.Header.Get("Content-Language"))
			}
			// D16: that designations imply no opinion, and how Kosovo is to be understood.
			if words := p.T("footer.designations"); !strings.Contains(words, "1244") || !strings.Contains(a.text, words) {
				t.Errorf("/%s%s does not say %q", l.Code, path, words)
			}
		}
	}
}

// TestCrawl follows every link of the register from the front page: each must lead somewhere.
func TestCrawl(t *testing.T) {
	s := newSite(t)
	const limit = 1500
	queue, seen := []string{"/en/"}, map[string]string{"/en/": "the start"}
	pages := 0
	for len(queue) > 0 && pages < limit {
		target := queue[0]
		queue = queue[1:]
		a := s.ask(t, "GET", target)
		pages++
		if target == "/" && a.StatusCode == http.StatusFound {
			continue // the front page of whoever has said no language
		}
		if a.StatusCode != http.StatusOK {
			t.Errorf("%s, linked from %s, answers %d", target, seen[target], a.StatusCode)
			continue
		}
		if a.doc == nil {
			continue
		}
		ids := map[string]bool{}
		for _, n := range all(a.doc, func(n *html.Node) bool { return attr(n, "id") != "" }) {
			ids[attr(n, "id")] = true
		}
		for _, n := range all(a.doc, func(n *html.Node) bool { return attr(n, "href") != "" || attr(n, "src") != "" }) {
			to, err := url.Parse(attr(n, "href") + attr(n, "src"))
			if err != nil {
				t.Errorf("%s links to %q: %v", target, attr(n, "href"), err)
				continue
			}
			if to.Host != "" {
				if to.Scheme+"://"+to.Host != testBase {
					continue
				}
				to.Scheme, to.Host = "", ""
			}
			if to.Path == "" {
				continue
			}
			to.Fragment = ""
			if next := to.String(); seen[next] == "" {
				// Earlier days, revisions, orders and files multiply the same pages: some of each do.
				if strings.ContainsAny(next, "?") && len(seen) > limit/2 || strings.Contains(next, "print=1") && len(seen) > 100 {
					continue
				}
				seen[next] = target
				queue = append(queue, next)
			}
		}
	}
	t.Logf("%d addresses", pages)
	if pages < 300 {
		t.Errorf("only %d addresses were found", pages)
	}
}

func TestBadInput(t *testing.T) {
	s := newSite(t)
	long := strings.Repeat("x", 100_000)
	for _, c := range []struct {
		target string
		status int
		says   []string
	}{
		{"/en/declarations/no-such-thing", 404, []string{"No declaration is called “no-such-thing”.", "The list of declarations gives every name.", "All declarations"}},
		{"/en/participants/QQQ", 404, []string{"No participant has the code “QQQ”.", "ISO 3166-1 alpha-3"}},
		{"/en/participants/usa", 404, []string{"No participant has the code “usa”."}},
		{"/en/groups/NIX", 404, []string{"No group has the code “NIX”."}},
		{"/xx/declarations", 404, []string{"The register does not speak “xx”.", "en English"}},
		{"/en/nothing", 404, []string{"There is no page at this address."}},
		{"/nothing/at/all", 404, []string{"There is no page at this address."}},
		{"/en/declarations?page=2", 404, []string{"This table has one page; page 2 was asked for.", "The first page of this table"}},
		{"/en/declarations?page=0", 400, []string{"“0” is no page of this table."}},
		{"/en/declarations?page=x", 400, []string{"“x” is no page of this table.", "Pages are numbered from 1."}},
		{"/en/changes?page=7", 404, []string{"page 7 was asked for"}},
		{"/en/participants/USA?page=99999999999999999999", 400, nil},
		{"/en/declarations?as_of=2025-13-40", 400, []string{"“2025-13-40” is no day of the calendar.", "A day is written as year, month and day: 2025-11-24."}},
		{"/en/declarations?as_of=2025-11", 400, []string{"no day of the calendar"}},
		{"/en/declarations/tech-trafficking-2025?as_of=0000-00-00", 400, nil},
		{"/en/declarations?revision=999999", 400, []string{"Revision 999999 has not been published. The newest is 27.", "A revision is a whole number from 1 to 27."}},
		{"/en/declarations?revision=-1", 400, []string{"“-1” is no revision."}},
		{"/en/declarations?revision=1e3", 400, nil},
		{"/en/declarations/tech-trafficking-2025?revision=2", 404, []string{"was not yet on record at revision 2", "This declaration now"}},
		{"/en/declarations/tech-trafficking-2025/history/2", 404, []string{"Revision 2 did not change"}},
		{"/en/declarations/tech-trafficking-2025/history/x", 404, nil},
		{"/en/declarations?topic=nix", 400, []string{"No topic is called “nix”.", "human-rights"}},
		{"/en/declarations?kind=nix", 400, []string{"“nix” is no value of the filter Kind.", "joint-statement Joint statement"}},
		{"/en/declarations?sponsor=nix", 400, []string{"No participant has the code “nix”.", "All participants"}},
		{"/en/declarations?group=nix", 400, []string{"All groups"}},
		{"/en/declarations?open=maybe", 400, []string{"unknown not known"}},
		{"/en/declarations?from=yesterday", 400, []string{"“yesterday” is no date.", "A date is written as 2025, 2025-11 or 2025-11-24."}},
		{"/en/declarations?from=2025&to=2024", 400, []string{"The first date, 2025, is later than the last, 2024."}},
		{"/en/declarations?sort=size", 400, []string{"The table cannot be sorted by “size”.", "in_effect In effect"}},
		{"/en/declarations?sort=title&sort=date", 400, []string{"“sort” stands in the address more than once.", "Each filter may stand in the address once."}},
		{"/en/declarations?colour=red", 400, []string{"There is no filter called “colour”.", "signatory Signed by"}},
		{"/en/declarations/tech-trafficking-2025?order=size", 400, []string{"printed as printed"}},
		{"/en/declarations/tech-trafficking-2025?missing=NIX", 400, []string{"No group has the code “NIX”."}},
		{"/en/participants?kind=letter", 400, []string{"observer Observer states"}},
		{"/en/search?q=" + long, 414, []string{"The address is longer than this register reads."}},
		{"/en/search?q=" + strings.Repeat("x", 500), 400, []string{"The search reads at most 200 characters. Shorten what stands in the field."}},
		{"/en/" + strings.Repeat("x", 5000), 414, nil},
		{"/en/declarations?q=%ff", 400, []string{"The address holds bytes that are no text in UTF-8."}},
		{"/en/declarations?%ff=1", 400, nil},
		{"/en/declarations?q=%00", 400, nil},
		{"/en/declarations?q=%zz", 400, nil},
		{"/en/declarations?q=a;b", 400, nil},
		{"/en/%ff", 400, []string{"The address holds bytes that are no text in UTF-8."}},
		{"/en/declarations/%ff", 400, nil},
		{"/%ff/declarations", 400, nil},
		{"/en/declarations/tech-trafficking-2025%00", 400, nil},
		{"/en/declarations.pdf", 404, []string{"This page is not offered as “pdf”.", "csv"}},
		{"/en/about.csv", 404, nil},
		{"/en/declarations.csv?topic=nix", 400, []string{"No topic is called “nix”."}},
		{"/en/declarations.csv?bom=yes", 400, nil},
		{"/en/declarations.csv?page=x", 400, nil},
		{"/en/declarations/nix.csv", 404, []string{"No declaration is called “nix”."}},
		{"/en/declarations?bom=1", 400, nil},
		{"/data/nix.csv", 404, []string{"There is no file called “nix”.", "register.zip register.sqlite register.json history.jsonl", "signatories.csv signatories.xlsx signatories.json"}},
		{"/en/declarations/tech-trafficking-2025.csv?participant=kenya&order=printed", 400, []string{"“participant” is for the page alone: the rows of its file are the same without it.", "The file without that parameter"}},
		{"/data/signatories.csv?print=1", 400, []string{"There is no filter called “print”."}},
		{"/data/signatories.pdf", 404, nil},
		{"/data/signatories", 404, nil},
		{"/data/signatories.csv?lang=xx", 400, []string{"The register does not speak “xx”."}},
		{"/data/signatories.csv?revision=99", 400, []string{"The newest is 27."}},
		{"/data/signatories.csv?lang=%ff", 400, nil},
		{"/assets/nothing.css", 404, nil},
		{"/en/declarations/../../etc/passwd", 404, nil},
		{"/en/declarations/tech-trafficking-2025'--", 404, nil},
	} {
		a := s.ask(t, "GET", c.target)
		name := shorten(c.target)
		if a.StatusCode != c.status {
			t.Errorf("%s answers %d, want %d", name, a.StatusCode, c.status)
		}
		if a.doc == nil {
			t.Errorf("%s is no page but %s", name, a.Header.Get("Content-Type"))
			continue
		}
		for _, want := range c.says {
			if !strings.Contains(a.text, want) {
				t.Errorf("%s does not say %q: %s", name, want, a.text[:min(len(a.text), 1500)])
			}
		}
		for _, f := range a.faults("en", "ltr") {
			t.Errorf("%s: %s", name, f)
		}
		if a.Header.Get("ETag") != "" || strings.Contains(a.Header.Get("Cache-Control"), "immutable") || a.Header.Get("Content-Disposition") != "" {
			t.Errorf("%s: headers of an answer on an error: %v", name, a.Header)
		}
		if h := s.ask(t, "HEAD", c.target); h.StatusCode != c.status || h.body != "" {
			t.Errorf("HEAD %s answers %d with %d bytes", name, h.StatusCode, len(h.body))
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH"} {
		if a := s.ask(t, method, "/en/declarations"); a.StatusCode != 405 || a.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s answers %d, allowing %q", method, a.StatusCode, a.Header.Get("Allow"))
		}
	}
	// A question to the page alone: the file is one step away.
	if a := s.ask(t, "GET", "/fr/compare.csv?p=KOR&since=20&p=VNM&group=ASEAN"); a.StatusCode != 400 || !strings.Contains(a.body, `href="/fr/compare.csv?group=ASEAN&amp;p=KOR&amp;p=VNM"`) {
		t.Errorf("%d, it does not lead to the file: %s", a.StatusCode, a.text)
	}
	// What was typed is kept for mending.
	a := s.ask(t, "GET", "/en/declarations/tech-trafficking-2025?as_of=2025-13-40&revision=5&order=region")
	for _, want := range []string{`value="2025-13-40"`, `name="revision" value="5"`, `type="hidden" name="order" value="region"`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the error page has no %s", want)
		}
	}
}

// An error whose language is the one that the browser asks for says so to caches; one whose address decides it does not.
func TestErrorsVaryByLanguage(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct {
		target string
		status int
		varies bool
	}{
		{"/nope", 404, true}, {"/nope/", 404, true}, {"/nope/there", 404, true}, {"/xx", 404, true}, {"/xx/", 404, true}, {"/xx/declarations", 404, true}, {"/xx/declarations.csv", 404, true}, {"/data/", 404, true},
		{"/data/nope.csv", 404, true}, {"/data/signatories.csv?lang=de", 400, true}, {"/feeds/changes.atom?lang=de", 400, true}, {"/feeds/changes.atom?revision=99", 400, true},
		{"/en/nope", 404, false}, {"/fr/declarations/nope", 404, false}, {"/en/declarations.csv?kind=nix", 400, false}, {"/pt/declarations", 404, false}, {"/zh-TW/declarations", 404, false},
		{"/data/nope.csv?lang=fr", 404, false}, {"/feeds/changes.atom?revision=99&lang=es", 400, false}, {"/api/v1/nope", 404, false}, {"/api/v1/topics?lang=de", 400, false},
	} {
		for _, accept := range []string{"text/html, */*;q=0.1", "application/json"} {
			fr, ar := s.ask(t, "GET", c.target, "Accept-Language", "fr", "Accept", accept), s.ask(t, "GET", c.target, "Accept-Language", "ar", "Accept", accept)
			for _, a := range []*answer{fr, ar} {
				n := strings.Count(strings.Join(a.Header.Values("Vary"), ", "), "Accept-Language")
				if a.StatusCode != c.status || c.varies != (n == 1) || n > 1 {
					t.Errorf("%s as %s: %d, Vary %q", c.target, accept, a.StatusCode, a.Header.Values("Vary"))
				}
			}
			if one := fr.Header.Get("Content-Language") == ar.Header.Get("Content-Language"); one == c.varies {
				t.Errorf("%s as %s speaks %s and %s", c.target, accept, fr.Header.Get("Content-Language"), ar.Header.Get("Content-Language"))
			}
		}
	}
}

func TestProblemJSON(t *testing.T) {
	s := newSite(t)
	a := s.ask(t, "GET", "/en/declarations.json?kind=nix")
	var p struct {
		Type, Title, Detail string
		Status              int
		Accepted            []string
	}
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		t.Fatal(err)
	}
	if a.StatusCode != 400 || a.Header.Get("Content-Type") != "application/problem+json" || p.Status != 400 || len(p.Accepted) != len(register.Kinds) || !strings.Contains(p.Detail, "nix") {
		t.Errorf("%d %s: %+v", a.StatusCode, a.Header.Get("Content-Type"), p)
	}
	if a := s.ask(t, "GET", "/en/declarations/nix.json"); a.StatusCode != 404 || a.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %s", a.StatusCode, a.Header.Get("Content-Type"))
	}
}

func TestCaching(t *testing.T) {
	s := newSite(t)
	for _, target := range []string{"/en/", "/en/declarations/tech-trafficking-2025", "/en/declarations.csv", "/data/participants.json", "/en/participants/KOR?as_of=2024-01-01", "/robots.txt"} {
		a := s.page(t, target)
		tag := a.Header.Get("ETag")
		if caching := a.Header.Get("Cache-Control"); tag == "" || caching != revalidate && target != "/robots.txt" {
			t.Errorf("%s: ETag %q, Cache-Control %q", target, tag, a.Header.Get("Cache-Control"))
		}
		if again := s.ask(t, "GET", target, "If-None-Match", "W/"+tag); again.StatusCode != 304 || again.body != "" || again.Header.Get("ETag") != tag {
			t.Errorf("%s: %d, %d bytes on a second visit", target, again.StatusCode, len(again.body))
		}
		if h := s.ask(t, "HEAD", target); h.StatusCode != 200 || h.body != "" || h.Header.Get("Content-Type") != a.Header.Get("Content-Type") {
			t.Errorf("HEAD %s: %d, %d bytes", target, h.StatusCode, len(h.body))
		}
	}
	if a, b := s.page(t, "/en/declarations?as_of=2026-11-23"), s.page(t, "/en/declarations?as_of=2024-01-01"); a.Header.Get("ETag") == b.Header.Get("ETag") {
		t.Error("two days have one ETag")
	}
	// The same address at the same revision gives the same bytes after more has been published (D26).
	pinned := []string{"/en/declarations/tech-trafficking-2025?revision=27", "/en/declarations/tech-trafficking-2025?as_of=2026-11-23&revision=27", "/en/?revision=27",
		"/en/changes?revision=27", "/en/data?revision=27", "/en/declarations.csv?revision=27", "/data/signatories.json?revision=27", "/en/declarations/tech-trafficking-2025/history?revision=27"}
	before := map[string]string{}
	for _, target := range pinned {
		a := s.page(t, target)
		if a.Header.Get("Cache-Control") != immutable {
			t.Errorf("%s: Cache-Control %q", target, a.Header.Get("Cache-Control"))
		}
		before[target] = a.body
	}
	tag := s.page(t, "/en/declarations/tech-trafficking-2025").Header.Get("ETag")
	s.change(t, "tech-trafficking-2025", func(d *register.Declaration) { d.Open = register.Yes })
	for _, target := range pinned {
		if s.page(t, target).body != before[target] {
			t.Errorf("%s gives other bytes after more was published", target)
		}
	}
	if a := s.ask(t, "GET", "/en/declarations/tech-trafficking-2025", "If-None-Match", tag); a.StatusCode != 200 {
		t.Errorf("a changed page answers %d to its old ETag", a.StatusCode)
	}
}

// TestFileOfThePrintedPage: how a page is shown is nothing to its file, which has the same rows and name.
func TestFileOfThePrintedPage(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/en/declarations.csv", "/en/declarations/tech-trafficking-2025.json?order=printed", "/en/releases.csv", "/en/matrix.xlsx?group=ASEAN", "/en/declarations.bib"} {
		mark := "?"
		if strings.Contains(path, "?") {
			mark = "&"
		}
		a, b := s.page(t, path), s.page(t, path+mark+"print=1")
		if a.body != b.body || a.Header.Get("Content-Disposition") != b.Header.Get("Content-Disposition") {
			t.Errorf("%s differs from the file of its printed page: %q, %q", path, a.Header.Get("Content-Disposition"), b.Header.Get("Content-Disposition"))
		}
	}
}

// TestUnchangedWhereThereIsNothing: an address without an answer says so, whatever the reader says he has of it.
func TestUnchangedWhereThereIsNothing(t *testing.T) {
	s := newSite(t)
	plain := s.page(t, "/en/declarations/tech-trafficking-2025").Header.Get("ETag")
	program := s.page(t, "/api/v1/topics").Header.Get("ETag")
	for target, want := range map[string]int{"/en/declarations/nope": 404, "/en/nothing": 404, "/en/participants/QQQ": 404, "/en/groups/NIX": 404, "/en/declarations?page=2": 404, "/en/declarations?kind=nix": 400,
		"/en/compare?d=nope&d=nix": 400, "/en/declarations/nope/history": 404, "/en/releases/2026.7": 404, "/en/declarations/nope.csv": 404, "/en/declarations.csv?kind=nix": 400, "/en/participants/QQQ.json": 404,
		"/en/declarations/nope.bib": 404, "/data/nope.csv": 404, "/feeds/declarations/nope.atom": 404, "/api/v1/declarations/nope": 404, "/api/v1/declarations?kind=nix": 400, "/api/v1/nope": 404,
		"/sitemap-9.xml": 404, "/en/declarations/tech-trafficking-2025/missing.csv?group=ZZZ": 400, "/en/matrix.xlsx?topic=nix": 400, "/en/participants/KOR/without.csv?group=NIX": 400} {
		for _, has := range []string{"*", plain, program, strings.TrimSuffix(plain, `"`) + "-" + gzipped + `"`} {
			for _, encoding := range []string{"identity", gzipped} {
				if a := s.ask(t, "GET", target, "If-None-Match", has, "Accept-Encoding", encoding); a.StatusCode != want || a.Header.Get("ETag") != "" {
					t.Errorf("%s answers %d with the ETag %q to whoever has %s, want %d", target, a.StatusCode, a.Header.Get("ETag"), has, want)
				}
			}
		}
	}
	// Whoever has any answer of an address that has one has it.
	for _, target := range []string{"/en/", "/en/declarations/tech-trafficking-2025", "/en/declarations.csv", "/en/declarations.bib", "/data/participants.json", "/api/v1/topics", "/feeds/changes.atom", "/robots.txt", "/sitemap.xml"} {
		for range 2 { // from what is made, and from what is kept
			if a := s.ask(t, "GET", target, "If-None-Match", "*"); a.StatusCode != 304 || a.body != "" || a.Header.Get("ETag") == "" {
				t.Errorf("%s answers %d with the ETag %q to whoever has any answer of it", target, a.StatusCode, a.Header.Get("ETag"))
			}
		}
	}
}

// TestD26_MovedThen: the address of today leads to the one of then.
func TestD26_MovedThen(t *testing.T) {
	s := newSite(t)
	s.change(t, "tech-trafficking-2025", func(d *register.Declaration) { d.Slug = "tip-2025" })
	s.change(t, "tip-2025", func(d *register.Declaration) { d.Slug = "ttip-2025" })
	for _, name := range []string{"tip-2025", "ttip-2025"} {
		for _, of := range []string{"/en/declarations/%s?revision=27", "/en/declarations/%s.json?revision=27", "/en/declarations/%s.csv?as_of=2025-12-01&revision=27", "/fr/declarations/%s/history?revision=27", "/en/declarations/%s.bib?revision=27",
			"/api/v1/declarations/%s?revision=27", "/api/v1/declarations/%s/signatories?revision=27", "/feeds/declarations/%s.atom?revision=27"} {
			from, to := fmt.Sprintf(of, name), fmt.Sprintf(of, "tech-trafficking-2025")
			if a := s.ask(t, "GET", from); a.StatusCode != http.StatusPermanentRedirect || a.Header.Get("Location") != to {
				t.Errorf("%s answers %d to %q, want %q", from, a.StatusCode, a.Header.Get("Location"), to)
			}
			s.page(t, to)
		}
		s.page(t, "/en/compare?d="+name+"&d=xinjiang-2022&revision=27").says(t, "Technology-Facilitated")
		if got, want := s.page(t, "/en/compare.csv?d="+name+"&d=xinjiang-2022&revision=27"), s.page(t, "/en/compare.csv?d=tech-trafficking-2025&d=xinjiang-2022&revision=27"); got.body != want.body {
			t.Errorf("compared by the name %s, it gives other rows", name)
		}
	}
	s.page(t, "/en/declarations/ttip-2025?revision=29")
	if a := s.ask(t, "GET", "/en/declarations/ttip-2025?revision=28"); a.Header.Get("Location") != "/en/declarations/tip-2025?revision=28" {
		t.Errorf("between two names it leads to %q", a.Header.Get("Location"))
	}
	// Before it was on record there was nothing to lead to.
	s.ask(t, "GET", "/en/declarations/ttip-2025?revision=2").says(t, "was not yet on record at revision 2", "This declaration now")
}

func TestMoved(t *testing.T) {
	s := newSite(t)
	s.change(t, "tech-trafficking-2025", func(d *register.Declaration) { d.Slug = "renamed-2025" })
	for from, to := range map[string]string{
		"/en/declarations/tech-trafficking-2025":                        "/en/declarations/renamed-2025",
		"/en/declarations/tech-trafficking-2025.csv?as_of=2025-12-01":   "/en/declarations/renamed-2025.csv?as_of=2025-12-01",
		"/en/declarations/tech-trafficking-2025/history?revision=28":    "/en/declarations/renamed-2025/history?revision=28",
		"/en/declarations/tech-trafficking-2025/history/3":              "/en/declarations/renamed-2025/history/3",
		"/en/declarations/tech-trafficking-2025.json?bom=0&revision=28": "/en/declarations/renamed-2025.json?bom=0&revision=28",
	} {
		a := s.ask(t, "GET", from)
		if a.StatusCode != http.StatusPermanentRedirect || a.Header.Get("Location") != to {
			t.Errorf("%s answers %d to %q, want %q", from, a.StatusCode, a.Header.Get("Location"), to)
		}
		s.page(t, strings.SplitN(to, "/history/", 2)[0])
	}
	s.page(t, "/en/declarations/tech-trafficking-2025?revision=27").says(t, "44 stated")
	s.change(t, "renamed-2025", func(d *register.Declaration) { d.MergedInto = "online-scams-partnership-2025" })
	if a := s.ask(t, "GET", "/en/declarations/renamed-2025"); a.Header.Get("Location") != "/en/declarations/online-scams-partnership-2025" {
		t.Errorf("a retired slug answers %d to %q", a.StatusCode, a.Header.Get("Location"))
	}
	s.page(t, "/en/changes").says(t, "Merged into another entry: “online-scams-partnership-2025” answers in its place.")
}

func TestLanguageOfTheReader(t *testing.T) {
	s := newSite(t)
	for header, want := range map[string]string{"": "/en/", "en-GB,en;q=0.8": "/en/", "xx": "/en/", "\xff": "/en/"} {
		a := s.ask(t, "GET", "/", "Accept-Language", header)
		if a.StatusCode != http.StatusFound || a.Header.Get("Location") != want || a.Header.Get("Vary") != "Accept-Language" {
			t.Errorf("%q: %d to %q", header, a.StatusCode, a.Header.Get("Location"))
		}
	}
	if a := s.ask(t, "GET", "/en"); a.StatusCode != http.StatusPermanentRedirect || a.Header.Get("Location") != "/en/" {
		t.Errorf("/en answers %d to %q", a.StatusCode, a.Header.Get("Location"))
	}
	// What was asked of the front page is asked of it in a language: the day, the revision.
	for target, want := range map[string]string{"/en?revision=27": "/en/?revision=27", "/fr?as_of=2026-01-05&revision=5": "/fr/?as_of=2026-01-05&revision=5", "/?revision=27": "/ru/?revision=27",
		"/?since=20&utm_source=x%0d%0a": "/ru/?since=20&utm_source=x%0d%0a", "/zh?": "/zh/"} {
		for _, method := range []string{"GET", "HEAD"} {
			a := s.ask(t, method, target, "Accept-Language", "ru")
			status := http.StatusPermanentRedirect
			if strings.HasPrefix(target, "/?") {
				status = http.StatusFound
			}
			if a.StatusCode != status || a.Header.Get("Location") != want {
				t.Errorf("%s %s answers %d to %q, want %d to %q", method, target, a.StatusCode, a.Header.Get("Location"), status, want)
			}
		}
	}
	s.page(t, "/en/?revision=26").says(t, "Revision 26")
	// What is no language of the register leads nowhere.
	for target, says := range map[string]string{"/nope": "There is no page at this address.", "/nope.html": "There is no page at this address.", "/data": "There is no page at this address.", "/data?revision=27": "There is no page at this address.",
		"/nope/": "There is no page at this address.", "/xx": "The register does not speak “xx”.", "/xx/": "The register does not speak “xx”.", "/pt-BR": "El registro"} {
		for _, method := range []string{"GET", "HEAD"} {
			a := s.ask(t, method, target)
			if a.StatusCode != http.StatusNotFound || a.Header.Get("Location") != "" {
				t.Errorf("%s %s answers %d to %q", method, target, a.StatusCode, a.Header.Get("Location"))
			}
			if method == "GET" {
				a.says(t, says)
			}
		}
	}
	if a := s.ask(t, "GET", "/en/declarations/"); a.StatusCode != http.StatusPermanentRedirect || a.Header.Get("Location") != "/en/declarations" {
		t.Errorf("/en/declarations/ answers %d to %q", a.StatusCode, a.Header.Get("Location"))
	}
	a := s.page(t, "/en/declarations?topic=xinjiang&as_of=2024-01-01")
	for _, l := range i18n.Languages() {
		if !strings.Contains(a.body, `hreflang="`+l.Code+`" href="`+testBase+"/"+l.Code+`/declarations?topic=xinjiang&amp;as_of=2024-01-01"`) {
			t.Errorf("no alternate in %s with the filters and the day", l.Code)
		}
		if l.Code != "en" && !strings.Contains(a.body, `href="/`+l.Code+`/declarations?topic=xinjiang&amp;as_of=2024-01-01"`) {
			t.Errorf("the language switch to %s loses the filters", l.Code)
		}
	}
	if !strings.Contains(a.body, `rel="canonical" href="`+testBase+`/en/declarations?topic=xinjiang&amp;as_of=2024-01-01"`) || !strings.Contains(a.body, `content="noindex"`) {
		t.Error("canonical or noindex")
	}
	a.says(t, "You are reading the lists as they stood on 1 January 2024, by what is on record today.", "Show the current state")
	s.page(t, "/en/declarations?as_of=2026-11-23").saysNot(t, "Show the current state")
	s.page(t, "/en/declarations?as_of=2030-01-01").says(t, "as they will stand on 1 January 2030")
}

// An address in a language that the register does not have is answered in the nearest one, which is offered first, with the
// same page and its filters.
func TestNearestLanguage(t *testing.T) {
	s := newSite(t)
	for _, x := range []struct{ named, asks, want string }{
		{"pt", "", "es"}, {"pt-BR", "en", "es"}, {"fr-CA", "en", "fr"}, {"it", "ru", "fr"}, {"zh-TW", "en", "zh"}, {"arz", "en", "ar"}, {"be", "en", "ru"},
		{"xx", "zh-CN", "zh"}, {"ja", "ru", "ru"}, {"sw", "", "en"}, {"e n", "ar", "ar"}, {"-", "es", "es"},
	} {
		a := s.ask(t, "GET", "/"+url.PathEscape(x.named)+"/declarations?topic=xinjiang", "Accept-Language", x.asks)
		if a.StatusCode != 404 || a.doc == nil {
			t.Errorf("/%s: %d", x.named, a.StatusCode)
			continue
		}
		if got := a.Header.Get("Content-Language"); got != x.want {
			t.Errorf("/%s to a reader of %q is answered in %s, want %s", x.named, x.asks, got, x.want)
		}
		first := all(a.doc, func(n *html.Node) bool { return n.Data == "dt" })
		if len(first) != len(i18n.Languages()) || textOf(first[0]) != x.want {
			t.Errorf("/%s does not offer %s first of six", x.named, x.want)
		}
		if to := `<a href="/` + x.want + `/declarations?topic=xinjiang">`; !strings.Contains(a.body, to) {
			t.Errorf("/%s does not lead to %s", x.named, to)
		}
	}
}

func TestHeaders(t *testing.T) {
	s := newSite(t)
	for _, target := range []string{"/en/", "/en/nothing", "/en/declarations.csv", "/healthz"} {
		h := s.ask(t, "GET", target).Header
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; " +
				"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			"Permissions-Policy":         "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
			"Referrer-Policy":            "strict-origin-when-cross-origin",
			"X-Frame-Options":            "DENY",
			"Cross-Origin-Opener-Policy": "same-origin",
		} {
			if got := h.Values(name); len(got) != 1 || got[0] != want {
				t.Errorf("%s: %s is %q, want %q", target, name, got, want)
			}
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("X-Request-Id") == "" {
			t.Errorf("%s: %v", target, h)
		}
	}
	a := s.page(t, "/healthz")
	if a.body != `{"status":"ok","revision":27}`+"\n" || a.Header.Get("Cache-Control") != noStore {
		t.Errorf("healthz: %s", a.body)
	}
	if a := s.page(t, "/robots.txt"); !strings.HasPrefix(a.body, "User-agent: *\n") {
		t.Errorf("robots: %s", a.body)
	}
}

// TestFormatLinks: every table offers its rows as files, pinned to the day and the revision shown.
func TestFormatLinks(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/declarations?topic=xinjiang&sort=title", "/declarations/geneva-consensus-2020?as_of=2022-01-01&order=region", "/participants?group=EU",
		"/participants/KOR", "/groups", "/groups/EU", "/changes"} {
		a := s.page(t, "/en"+path)
		for _, format := range []string{"csv", "xlsx", "json"} {
			links := all(a.doc, func(n *html.Node) bool {
				u, err := url.Parse(attr(n, "href"))
				return n.Data == "a" && err == nil && strings.HasSuffix(u.Path, "."+format) && strings.HasPrefix(u.Path, "/en/")
			})
			if len(links) == 0 {
				t.Errorf("%s offers no %s", path, format)
				continue
			}
			file := s.page(t, attr(links[0], "href"))
			if file.Header.Get("Cache-Control") != immutable || !strings.Contains(file.Header.Get("Content-Disposition"), "attachment") {
				t.Errorf("%s: %v", attr(links[0], "href"), file.Header)
			}
		}
	}
	f := s.page(t, "/en/declarations.csv?topic=xinjiang")
	if !strings.Contains(f.Header.Get("Content-Disposition"), "filtered") || strings.Count(f.body, "\r\n") != 5 {
		t.Errorf("a filtered file: %s, %d lines", f.Header.Get("Content-Disposition"), strings.Count(f.body, "\r\n"))
	}
	f = s.page(t, "/en/declarations/tech-trafficking-2025.csv")
	if strings.Count(f.body, "\r\n") != 13 || f.Header.Get("Content-Type") != "text/csv; charset=utf-8; header=present" {
		t.Errorf("%s: %d lines", f.Header.Get("Content-Type"), strings.Count(f.body, "\r\n"))
	}
	f = s.page(t, "/en/matrix.csv?group=ASEAN")
	if strings.Count(f.body, "\r\n") != 12 {
		t.Errorf("the matrix of ASEAN has %d lines", strings.Count(f.body, "\r\n"))
	}
	a := s.page(t, "/en/declarations/geneva-consensus-2020?as_of=2022-01-01")
	a.says(t, "As of 1 January 2022, revision 27. "+testBase+"/en/declarations/geneva-consensus-2020?as_of=2022-01-01&revision=27")
}

// TestErrorsOfTheStore: the error page must not need the store, and says nothing of its insides.
func TestErrorsOfTheStore(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
	}{
		{store.ErrDamaged, 503}, {store.ErrLocked, 503}, {store.ErrNotFound, 404}, {store.ErrFuture, 503}, {errors.New("secret"), 500},
		{echo.NewHTTPError(404, "secret"), 404}, {echo.NewHTTPError(405, "secret"), 405}, {echo.NewHTTPError(413, "secret"), 413},
		{context.DeadlineExceeded, 503}, {panicked("secret"), 500},
	} {
		if p := problemOf(c.err); p.status != c.status {
			t.Errorf("%v: %d, want %d", c.err, p.status, c.status)
		}
	}
	s := newSite(t)
	s.store.Close()
	a := s.ask(t, "GET", "/en/declarations")
	if a.StatusCode < 500 || a.doc == nil || a.Header.Get("Cache-Control") != noStore || strings.Contains(a.text, "sql") {
		t.Errorf("without a store: %d %s", a.StatusCode, a.text)
	}
	for _, f := range a.faults("en", "ltr") {
		t.Error(f)
	}
	a.says(t, "If you report this, please give the number of the request:")
	if h := s.ask(t, "GET", "/healthz"); h.StatusCode != 503 {
		t.Errorf("healthz answers %d without a store", h.StatusCode)
	}
	s = newSite(t)
	if err := os.WriteFile(filepath.Clean(s.path), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if a := s.ask(t, "GET", "/en/declarations/safe-schools-2015"); a.StatusCode < 500 || a.doc == nil {
		t.Errorf("with a damaged file: %d", a.StatusCode)
	}
}
