package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"cosignatory/seed"
	"cosignatory/store"
	"cosignatory/store/register"
)

// The clock of all tests.
var testNow = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const testBase = "https://register.example.org"

// template is a loaded register that tests copy: made once.
var template = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "cosignatory-web-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "register.db")
	s, err := store.Open(context.Background(), path, store.WithClock(func() time.Time { return testNow }))
	if err != nil {
		return "", err
	}
	if _, err := seed.Load(context.Background(), s); err != nil {
		return "", err
	}
	return path, s.Close()
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := template(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// site is a server on a copy of the shipped register.
type site struct {
	*httptest.Server
	store *store.Store
	path  string
}

func newSite(t *testing.T) *site {
	t.Helper()
	from, err := template()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "register.db")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(context.Background(), path, store.WithClock(func() time.Time { return testNow }))
	if err != nil {
		t.Fatal(err)
	}
	server, err := New(Config{Store: s, BaseURL: testBase, Now: func() time.Time { return testNow }, Spool: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(server)
	t.Cleanup(func() { h.Close(); s.Close() })
	return &site{h, s, path}
}

// answer is what came back: text is what a reader sees of a page, blanks made one.
type answer struct {
	*http.Response
	body, text string
	doc        *html.Node
}

// ask sends a request as it is written, following no redirect.
func (s *site) ask(t *testing.T, method, target string, headers ...string) *answer {
	t.Helper()
	req, err := http.NewRequest(method, s.URL+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := &answer{Response: r, body: string(b)}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
		if a.doc, err = html.Parse(strings.NewReader(a.body)); err != nil {
			t.Fatal(err)
		}
		a.text = textOf(a.doc)
	}
	return a
}

// page is a page that must be there.
func (s *site) page(t *testing.T, target string) *answer {
	t.Helper()
	a := s.ask(t, "GET", target)
	if a.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %d: %.400s", target, a.StatusCode, a.text)
	}
	return a
}

// says checks what a reader reads.
func (a *answer) says(t *testing.T, sentences ...string) {
	t.Helper()
	for _, s := range sentences {
		if !strings.Contains(a.text, s) {
			t.Errorf("%s does not say %q", a.Request.URL.RequestURI(), s)
		}
	}
}

func (a *answer) saysNot(t *testing.T, sentences ...string) {
	t.Helper()
	for _, s := range sentences {
		if strings.Contains(a.text, s) {
			t.Errorf("%s says %q", a.Request.URL.RequestURI(), s)
		}
	}
}

// block are elements that part words in a text.
var block = map[string]bool{"p": true, "li": true, "tr": true, "td": true, "th": true, "div": true, "h1": true, "h2": true, "caption": true,
	"dt": true, "dd": true, "option": true, "summary": true, "section": true, "label": true, "title": true, "a": false}

func textOf(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style" || n.Data == "svg") {
			return
		}
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		if n.Type == html.ElementNode && block[n.Data] {
			b.WriteByte(' ')
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
		if n.Type == html.ElementNode && block[n.Data] {
			b.WriteByte(' ')
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// all are the elements that pass, in the order of the document.
func all(n *html.Node, pass func(*html.Node) bool) []*html.Node {
	var found []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && pass(d) {
			found = append(found, d)
		}
	}
	return found
}

func hasClass(n *html.Node, class string) bool {
	for _, c := range strings.Fields(attr(n, "class")) {
		if c == class {
			return true
		}
	}
	return false
}

// table is the first table of a class: the texts of the row heads (names) and the rows.
func (a *answer) table(class string) (names []string, rows []*html.Node) {
	tables := all(a.doc, func(n *html.Node) bool { return n.Data == "table" && hasClass(n, class) })
	if len(tables) == 0 {
		return nil, nil
	}
	for _, tr := range all(tables[0], func(n *html.Node) bool { return n.Data == "tr" }) {
		for _, th := range all(tr, func(n *html.Node) bool { return n.Data == "th" && attr(n, "scope") == "row" }) {
			if links := all(th, func(n *html.Node) bool { return n.Data == "a" }); len(links) > 0 {
				names, rows = append(names, textOf(links[0])), append(rows, tr)
			}
		}
	}
	return names, rows
}

// change publishes a changed declaration.
func (s *site) change(t *testing.T, slug string, edit func(*register.Declaration)) {
	t.Helper()
	ctx := context.Background()
	v, err := s.store.At(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	e, err := v.Declaration(ctx, slug)
	if err != nil {
		t.Fatal(err)
	}
	d := e.Declaration
	edit(&d)
	if _, err := s.store.Publish(ctx, store.Publication{Declaration: &d, ID: e.ID, Base: v.Revision, Reason: "Tested", ReasonLang: "en", Role: "editor"}); err != nil {
		t.Fatal(err)
	}
}

// add publishes a new declaration.
func (s *site) add(t *testing.T, d *register.Declaration) {
	t.Helper()
	if _, err := s.store.Publish(context.Background(), store.Publication{Declaration: d, Reason: "Tested", ReasonLang: "en", Role: "editor"}); err != nil {
		var invalid *register.Invalid
		if errors.As(err, &invalid) {
			t.Fatal(invalid.Error())
		}
		t.Fatal(err)
	}
}

// madeUp is a small declaration of 1 March 2019 with one source.
func madeUp(actions ...register.Action) *register.Declaration {
	for i := range actions {
		if actions[i].Source == "" {
			actions[i].Source = "test-source"
		}
		if actions[i].Capacity == "" {
			actions[i].Capacity = register.Signatory
		}
	}
	day := register.MustDate("2019-03-01")
	return &register.Declaration{Slug: "made-up-2019", Kind: "joint-statement", Adopted: day, Open: register.Yes, ListComplete: register.No,
		PresenterCounted: register.NotRecorded,
		Titles:           []register.Title{{Lang: "en", Text: "Made-up Statement", Standing: register.Authentic}},
		Texts:            []register.Text{{Lang: "en", Event: "A test", Place: "Nowhere", Summary: "Nothing."}},
		Sources: []register.Source{{Key: "test-source", Publisher: "Test Press", Title: "Tested", URL: "https://example.org/", Lang: "en", Kind: "press",
			Published: register.MustDate("2019-03-05"), ReadOn: register.MustDate("2026-11-01"), Supports: "Everything"}},
		Actions: actions}
}
