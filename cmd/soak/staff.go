package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/html"
)

// desk is the browser of one who keeps the register: it follows redirects, fills in the forms of pages and presses buttons.
type desk struct {
	s    *soak
	http *http.Client
	who  string
	at   string // the address of the page
	body string
	doc  *html.Node
}

func (s *soak) desk(who string) *desk {
	jar, _ := cookiejar.New(nil) // never fails
	return &desk{s: s, who: who, http: &http.Client{Jar: jar, Timeout: 2 * time.Minute}}
}

// send asks for a page, or sends a form, and goes where that leads. want are the statuses that are right.
func (d *desk) send(ctx context.Context, address string, values url.Values, want ...int) error {
	kind, method, begin := "staff page", http.MethodGet, time.Now()
	var body io.Reader
	if values != nil {
		kind, method, body = "staff form", http.MethodPost, strings.NewReader(values.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, method, d.s.base+address, body)
	if err != nil {
		return err
	}
	if values != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", d.s.base)
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	r, err := d.http.Do(req)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	d.s.tally.answered(kind, r.StatusCode, time.Since(begin))
	d.at, d.body = r.Request.URL.RequestURI(), string(b)
	if !slices.Contains(append(want, http.StatusOK), r.StatusCode) {
		return fmt.Errorf("%s %s answers %d: %.400q", method, address, r.StatusCode, textOf(d.body))
	}
	if !strings.HasSuffix(strings.TrimSpace(d.body), "</html>") {
		return fmt.Errorf("%s %s: the page is cut", method, address)
	}
	d.doc, err = html.Parse(strings.NewReader(d.body))
	return err
}

var markup = regexp.MustCompile(`(?s)<(script|style).*?</(script|style)>|<[^>]*>|\s+`)

// textOf is about what a page says.
func textOf(page string) string {
	_, page, _ = strings.Cut(page, "<main")
	return strings.Join(strings.Fields(markup.ReplaceAllString(page, " ")), " ")
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func each(n *html.Node, f func(*html.Node) (into bool)) {
	if n.Type == html.ElementNode && !f(n) {
		return
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		each(c, f)
	}
}

// form is the first form of the page whose action ends so, or has an address below what ends with a slash, and that has the
// button, with its values as a browser sends them.
func (d *desk) form(action, button string) (to string, values url.Values, err error) {
	each(d.doc, func(f *html.Node) bool {
		if f.Data != "form" || values != nil {
			return values == nil
		}
		at, _ := attr(f, "action")
		found, has := url.Values{}, button == ""
		each(f, func(n *html.Node) bool {
			name, named := attr(n, "name")
			value, _ := attr(n, "value")
			switch n.Data {
			case "template":
				return false
			case "button":
				has = has || value == button
			case "input":
				kind, _ := attr(n, "type")
				_, on := attr(n, "checked")
				if named && (kind != "checkbox" && kind != "radio" || on) {
					found.Add(name, value)
				}
			case "textarea":
				if n.FirstChild != nil {
					value = n.FirstChild.Data
				}
				found.Add(name, value)
			case "select":
				first, chosen, some := "", "", false
				options := 0
				each(n, func(o *html.Node) bool {
					if o.Data == "option" {
						v, _ := attr(o, "value")
						if options++; options == 1 {
							first = v
						}
						if _, on := attr(o, "selected"); on && !some {
							chosen, some = v, true
						}
					}
					return true
				})
				if !some {
					chosen = first
				}
				found.Add(name, chosen)
				return false
			}
			return true
		})
		if has && (strings.HasSuffix(at, action) || strings.HasSuffix(action, "/") && strings.Contains(at, action)) {
			to, values = at, found
		}
		return false
	})
	if values == nil {
		return "", nil, fmt.Errorf("no form to %q with the button %q on %s: %.400q", action, button, d.at, textOf(d.body))
	}
	return to, values, nil
}

// press fills in fields (name, value …) and presses a button of a form of the page.
func (d *desk) press(ctx context.Context, action, button string, fields ...string) error {
	to, values, err := d.form(action, button)
	if err != nil {
		return err
	}
	for i := 0; i+1 < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	if button != "" {
		values.Set("do", button)
	}
	return d.send(ctx, to, values)
}

func (d *desk) signIn(ctx context.Context) error {
	if err := d.send(ctx, "/en/staff/sign-in", nil); err != nil {
		return err
	}
	if err := d.press(ctx, "/sign-in", "", "login", d.who, "password", password); err != nil {
		return err
	}
	if !strings.HasSuffix(d.at, "/staff") {
		return fmt.Errorf("%s is at %s after signing in", d.who, d.at)
	}
	return nil
}

func (d *desk) signOut(ctx context.Context) error { return d.press(ctx, "/sign-out", "") }

// resign is after how many publications staff sign out and in again.
const resign = 100

// staff writes and publishes, each pair of an editor and a publisher at declarations of its own.
func (s *soak) staff(ctx context.Context, running *sync.WaitGroup) {
	for i := range editors {
		running.Go(func() {
			editor, publisher := s.desk(fmt.Sprintf("editor-%d", i)), s.desk(fmt.Sprintf("publisher-%d", i))
			r := rand.New(rand.NewPCG(uint64(i), 7))
			tick := time.NewTicker(s.publish * editors)
			defer tick.Stop()
			failed := 0
			for n := 0; ctx.Err() == nil; n++ {
				if err := s.one(ctx, editor, publisher, i, n, r); err != nil && ctx.Err() == nil {
					s.tally.fault("%s: %v", editor.who, err)
					if failed++; failed >= 20 {
						return // nothing works any more: said often enough
					}
				}
				select {
				case <-ctx.Done():
				case <-tick.C:
				}
			}
		})
	}
}

var draftAddress = regexp.MustCompile(`/en/staff/drafts/(\d+)`)
var publishedAs = regexp.MustCompile(`Published as revision ([\d.,\x{00a0}\x{202f}]+)\.`)

// one is the way of one change from a draft to the public page.
func (s *soak) one(ctx context.Context, editor, publisher *desk, i, n int, r *rand.Rand) error {
	if n%resign == 0 {
		for _, d := range []*desk{editor, publisher} {
			if n > 0 {
				if err := d.send(ctx, "/en/staff", nil); err != nil {
					return err
				}
				if err := d.signOut(ctx); err != nil {
					return err
				}
			}
			if err := d.signIn(ctx); err != nil {
				return err
			}
		}
	}
	mark := fmt.Sprintf("soak %d.%d", i, n)
	slug := slugOf(1 + editors*r.IntN(s.declarations/editors) + i%editors)
	fields := []string{"reason", "Made up: " + mark, "reason_lang", "en", "presented_by", mark}
	switch {
	case n%10 == 9: // a new declaration
		slug = fmt.Sprintf("soak-%d-%d", i, n)
		if err := editor.send(ctx, "/en/staff", nil); err != nil {
			return err
		}
		if err := editor.press(ctx, "/staff/drafts", ""); err != nil {
			return err
		}
		fields = append(fields, "slug", slug, "sources[0].publisher", "Made-up publisher", "sources[0].kind", "official", "sources[0].title", "Made-up source",
			"sources[0].url", "https://example.org/"+slug, "sources[0].lang", "en", "sources[0].read_on.day", "2", "sources[0].read_on.month", "1", "sources[0].read_on.year", "2026",
			"titles[0].lang", "en", "titles[0].text", "Made-up declaration "+slug, "titles[0].standing", "unofficial", "kind", "joint-statement",
			"adopted.day", "20", "adopted.month", "11", "adopted.year", "2025", "list_complete", "yes", "sponsors[0]", one(r, s.world.participants))
	case n%10 == 4: // back to how it first was
		slug = s.earlyOf(i, r)
		if err := editor.send(ctx, "/en/staff/declarations/"+slug, nil); err != nil {
			return err
		}
		if err := editor.send(ctx, fmt.Sprintf("/en/staff/declarations/%s/start/%d", slug, s.world.revisions[0]), url.Values{}); err != nil {
			return err
		}
	default:
		if err := editor.send(ctx, "/en/staff/declarations/"+slug, nil); err != nil {
			return err
		}
		if err := editor.press(ctx, "/declarations/"+slug+"/start/", ""); err != nil {
			return err
		}
		if n%10 == 7 {
			fields = append(fields, "titles[0].text", "Made-up declaration, corrected by "+mark)
		}
	}
	m := draftAddress.FindStringSubmatch(editor.at)
	if m == nil {
		return fmt.Errorf("no draft at %s: %.300q", editor.at, textOf(editor.body))
	}
	draft := m[0]
	if err := editor.press(ctx, draft, "save", fields...); err != nil {
		return err
	}
	if err := editor.press(ctx, draft, "review"); err != nil {
		return err
	}
	if !strings.HasSuffix(editor.at, "/check") {
		return fmt.Errorf("%s was not sent to review: %.400q", draft, textOf(editor.body))
	}
	if err := publisher.send(ctx, draft+"/check", nil); err != nil {
		return err
	}
	var confirmed []string
	if strings.Contains(publisher.body, `name="confirm"`) { // somebody joins on a day that is still to come
		confirmed = []string{"confirm", "yes"}
	}
	if err := publisher.press(ctx, draft+"/check", "publish", confirmed...); err != nil {
		return err
	}
	m = publishedAs.FindStringSubmatch(publisher.body)
	if m == nil {
		return fmt.Errorf("%s is not said to be published: %.400q", draft, textOf(publisher.body))
	}
	revision, err := strconv.Atoi(strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, m[1]))
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.acknowledged = append(s.acknowledged, published{revision: revision, slug: slug, reason: "Made up: " + mark})
	s.mu.Unlock()
	// The next reader sees it.
	begin := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+"/fr/declarations/"+slug, nil)
	if err != nil {
		return err
	}
	a, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		return err
	}
	s.tally.answered("just published", a.StatusCode, time.Since(begin))
	if a.StatusCode != http.StatusOK || !strings.Contains(string(b), mark) {
		return errors.New("revision " + strconv.Itoa(revision) + " of " + slug + " is not on the page that was asked for after its publication")
	}
	return nil
}

// earlyOf is a declaration of a pair's own that was there early.
func (s *soak) earlyOf(i int, r *rand.Rand) string {
	return slugOf(1 + editors*r.IntN(s.world.early/editors) + i%editors)
}
