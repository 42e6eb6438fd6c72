package web

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/i18n"
	"cosignatory/web/form"
)

// browser is a browser without scripts: it follows redirects, fills in the forms of pages and presses their buttons.
type browser struct {
	t       *testing.T
	site    *site
	cookie  string
	account *store.Account
	at      *answer
}

// as is a browser in which an account of that role is signed in.
func (s *site) as(t *testing.T, login string, role store.Role) *browser {
	t.Helper()
	ctx := context.Background()
	a, err := s.store.AccountByLogin(ctx, login)
	if err != nil {
		a = &store.Account{Login: login, Name: "Name of " + login, Role: role, Lang: "en", Password: "none"}
		if err := s.store.SaveAccount(ctx, a); err != nil {
			t.Fatal(err)
		}
	}
	server := s.Config.Handler.(*Server)
	owner := &store.Owner{Account: a.ID}
	ctx, err = server.sessions.Load(store.WithOwner(ctx, owner), "")
	if err != nil {
		t.Fatal(err)
	}
	server.sessions.Put(ctx, keyStamp, stamp(a))
	server.sessions.Put(ctx, keyAccount, a.ID)
	token, _, err := server.sessions.Commit(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, site: s, cookie: server.sessions.Cookie.Name + "=" + token, account: a}
}

// send sends one request and follows at most one redirect after a post.
func (b *browser) send(method, target string, values url.Values) *answer {
	b.t.Helper()
	var body io.Reader
	if values != nil {
		body = strings.NewReader(values.Encode())
	}
	req, err := http.NewRequest(method, b.site.URL+target, body)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Cookie", b.cookie)
	if values != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	a := &answer{Response: r, body: string(text)}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
		if a.doc, err = html.Parse(strings.NewReader(a.body)); err != nil {
			b.t.Fatal(err)
		}
		a.text = textOf(a.doc)
	}
	b.at = a
	return a
}

func (b *browser) get(target string) *answer {
	b.t.Helper()
	for range 5 {
		a := b.send("GET", target, nil)
		if a.StatusCode != http.StatusSeeOther {
			return a
		}
		target, _, _ = strings.Cut(a.Header.Get("Location"), "#")
	}
	b.t.Fatalf("%s: redirects without end", target)
	return nil
}

// open is a page that must be there.
func (b *browser) open(target string) *answer {
	b.t.Helper()
	a := b.get(target)
	if a.StatusCode != http.StatusOK {
		b.t.Fatalf("%s answers %d: %.300s", target, a.StatusCode, a.text)
	}
	return a
}

// filled are the values of a form of the page, as a browser would send them. The form is the one that has the button.
func (b *browser) filled(button string) (action string, values url.Values) {
	b.t.Helper()
	for _, f := range all(b.at.doc, func(n *html.Node) bool { return n.Data == "form" }) {
		has := button == ""
		values := url.Values{}
		var walk func(n *html.Node)
		walk = func(n *html.Node) {
			if n.Type == html.ElementNode {
				name := attr(n, "name")
				switch n.Data {
				case "template":
					return
				case "button":
					has = has || attr(n, "value") == button || textOf(n) == button
				case "input":
					kind := attr(n, "type")
					_, on := attrOf(n, "checked")
					if name != "" && (kind != "checkbox" && kind != "radio" || on) {
						values.Add(name, attr(n, "value"))
					}
				case "textarea":
					text := ""
					if n.FirstChild != nil {
						text = n.FirstChild.Data
					}
					values.Add(name, text)
				case "select":
					chosen := ""
					for i, o := range all(n, func(n *html.Node) bool { return n.Data == "option" }) {
						if _, on := attrOf(o, "selected"); on || i == 0 {
							chosen = attr(o, "value")
							if on {
								break
							}
						}
					}
					values.Add(name, chosen)
				}
			}
			for c := n.FirstChild; c != nil; c = c.NextSibling {
				walk(c)
			}
		}
		walk(f)
		if has && attr(f, "method") == "post" {
			return attr(f, "action"), values
		}
	}
	b.t.Fatalf("no form with the button %q on %s: %.300s", button, b.at.Request.URL, b.at.text)
	return "", nil
}

func attrOf(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// press presses a button of the page with some fields filled in (name, value …) and goes where that leads.
func (b *browser) press(button string, fields ...string) *answer {
	b.t.Helper()
	action, values := b.filled(button)
	for i := 0; i+1 < len(fields); i += 2 {
		if fields[i+1] == "\x00" {
			values.Del(fields[i])
		} else {
			values.Set(fields[i], fields[i+1])
		}
	}
	if !strings.Contains(button, " ") {
		values.Set("do", button)
	}
	a := b.send("POST", action, values)
	if a.StatusCode == http.StatusSeeOther {
		to, _, _ := strings.Cut(a.Header.Get("Location"), "#")
		return b.open(to)
	}
	return a
}

func (b *browser) status(want int) *browser {
	b.t.Helper()
	if b.at.StatusCode != want {
		b.t.Fatalf("%s answers %d, want %d: %.600s", b.at.Request.URL, b.at.StatusCode, want, b.at.text)
	}
	return b
}

var draftAddress = regexp.MustCompile(`/en/staff/drafts/(\d+)`)

// draft is the number of the draft of the page.
func (b *browser) draft() string {
	b.t.Helper()
	m := draftAddress.FindStringSubmatch(b.at.body)
	if m == nil {
		b.t.Fatalf("no draft on %s", b.at.Request.URL)
	}
	return "/en/staff/drafts/" + m[1]
}

// five fills in a declaration with five participants.
var five = []string{
	"sources[0].publisher", "Ministry of Tests", "sources[0].kind", "official", "sources[0].title", "The statement", "sources[0].url", "https://example.org/statement",
	"sources[0].lang", "en", "sources[0].read_on.day", "22", "sources[0].read_on.month", "11", "sources[0].read_on.year", "2026",
	"titles[0].lang", "en", "titles[0].text", "Joint Statement on Tests", "titles[0].standing", "authentic",
	"kind", "joint-statement", "adopted.day", "20", "adopted.month", "11", "adopted.year", "2026", "sponsors[0]", "Republic of Korea",
	"reason", "First record of the statement", "reason_lang", "en", "list_complete", "yes"}

// TestStory tells the whole story of a declaration by forms alone.
func TestStory(t *testing.T) {
	s := newSite(t)
	editor, publisher := s.as(t, "ed", store.Editor), s.as(t, "pub", store.Publisher)

	editor.open("/en/staff")
	editor.press("Start a new declaration")
	at := editor.draft()
	// Nothing typed is lost where something is wrong, and everything wrong is said at once.
	a := editor.press("check", "titles[0].text", "Joint Statement on Tests", "adopted.day", "31", "adopted.month", "2", "adopted.year", "2026")
	editor.status(422)
	a.says(t, "is no date of the calendar", "Say why. The public reads it.")
	if _, values := editor.filled("save"); values.Get("adopted.day") != "31" || values.Get("titles[0].text") != "Joint Statement on Tests" {
		t.Errorf("what was typed is gone: %v", values)
	}
	editor.press("save", five...)
	editor.status(200)
	_, values := editor.filled("save")
	key := values.Get("sources[0].key")
	if !strings.HasPrefix(key, "ministry-of-tests-") {
		t.Fatalf("the source has the key %q", key)
	}
	if got := values.Get("sponsors[0]"); got != "Republic of Korea (KOR)" {
		t.Errorf("the sponsor is %q", got)
	}
	editor.press("add5:actions")
	fields := []string{}
	for i, who := range []string{"KOR", "Вьетнам", "Côte d’Ivoire", "ja", "法国"} {
		if who == "ja" {
			who = "Japan"
		}
		f := fmt.Sprintf("actions[%d].", i)
		fields = append(fields, f+"participant", who, f+"action", "signed", f+"capacity", "signatory", f+"source", key, f+"date.day", "20", f+"date.month", "11", f+"date.year", "2026")
	}
	editor.press("check", fields...)
	editor.status(200).at.says(t, "Joint Statement on Tests", "First record of the statement", "Your role does not publish")
	if !strings.Contains(editor.at.body, "Viet Nam") {
		t.Error("the check does not name Viet Nam")
	}
	editor.press("review")
	editor.at.says(t, "Sent to review", "In review.")
	if a := editor.send("POST", at+"/check", url.Values{"do": {"publish"}, "version": {"99"}}); a.StatusCode != http.StatusForbidden {
		t.Errorf("an editor publishes: %d", a.StatusCode)
	}

	// Sent back, mended, sent again.
	publisher.open("/en/staff")
	publisher.at.says(t, "Joint Statement on Tests")
	publisher.open(at + "/check")
	publisher.press("send_back").says(t, "Say what should be mended.")
	publisher.status(422)
	publisher.press("send_back", "remark", "Please add the place")
	publisher.at.says(t, "Sent back")
	editor.open(at).says(t, "Please add the place")
	editor.press("add:texts")
	editor.press("review", "texts[0].lang", "en", "texts[0].place", "Geneva")
	editor.status(200)

	publisher.open(at + "/check")
	if !strings.Contains(publisher.at.body, "Publish: 5 joined") {
		t.Errorf("the button does not say what it does: %.2000s", publisher.at.text)
	}
	publisher.press("publish")
	publisher.at.says(t, "Published as revision")
	page := "/en/declarations/joint-statement-on-tests-2026"
	s.page(t, page).says(t, "Joint Statement on Tests", "5 participants in effect", "Viet Nam", "Geneva")

	// A withdrawal.
	editor.open("/en/staff?all=1&q=tests")
	editor.press("Start a draft: Joint Statement on Tests")
	editor.press("change").says(t, "Choose the participant.", "Choose which of the three it is.")
	editor.status(422)
	editor.press("change", "change.participant", "JPN", "change.kind", "withdrew")
	_, values = editor.filled("save")
	row := ""
	for i := range 6 {
		if values.Get(fmt.Sprintf("actions[%d].action", i)) == "withdrew" {
			row = fmt.Sprintf("actions[%d].", i)
		}
	}
	if row == "" || values.Get(row+"participant") != "Japan (JPN)" {
		t.Fatalf("no line for the departure: %v", values)
	}
	editor.press("review", row+"reason", "withdrew_by_notice", row+"source", key, row+"date.day", "22", row+"date.month", "11", row+"date.year", "2026",
		"reason", "Japan gave notice")
	at = editor.draft()
	editor.status(200).at.says(t, "Sent to review")
	publisher.open(at + "/check")
	if !strings.Contains(publisher.at.body, "Publish: 1 left") {
		t.Errorf("the button does not say what it does: %.2000s", publisher.at.text)
	}
	publisher.press("publish")
	s.page(t, page).says(t, "4 participants in effect", "Japan")
	if file := s.ask(t, "GET", page+".csv"); !strings.Contains(file.body, "JPN") || !strings.Contains(file.body, "withdrew_by_notice") {
		t.Errorf("the file does not tell of the departure: %s", file.body)
	}
	v, _ := s.store.At(t.Context(), 0)
	withdrawn := v.Revision

	// The register was wrong: a correction.
	editor.open("/en/staff?all=1&q=tests")
	editor.press("Start a draft: Joint Statement on Tests")
	_, values = editor.filled("save")
	for i := range 6 {
		if values.Get(fmt.Sprintf("actions[%d].participant", i)) == "France (FRA)" {
			row = fmt.Sprintf("actions[%d]", i)
		}
	}
	editor.press("remove:" + row)
	editor.press("review", "reason", "France was entered by mistake")
	at = editor.draft()
	publisher.open(at + "/check")
	publisher.press("publish")
	s.page(t, page).says(t, "3 participants in effect")
	if names, _ := s.page(t, page).table("signatories"); slices.Contains(names, "France") {
		t.Error("France is on the list")
	}
	s.page(t, page+"?participant=FRA").says(t, "France: not on the list")
	s.page(t, page+"/history").says(t, "an entry for France had been recorded by mistake", "Japan left on", "Japan gave notice", "a publisher of the register")
	s.page(t, page+"/history").saysNot(t, "Name of pub", "Name of ed")

	// Undone, from the revision before.
	editor.open("/en/staff/declarations/joint-statement-on-tests-2026").says(t, "France was entered by mistake")
	editor.open(fmt.Sprintf("/en/staff/declarations/joint-statement-on-tests-2026/compare?from=%d&to=%d", withdrawn+1, withdrawn)).says(t, "France")
	editor.open("/en/staff/declarations/joint-statement-on-tests-2026")
	editor.press(fmt.Sprintf("Go back to revision %d in a draft", withdrawn))
	editor.press("review", "reason", "France had signed after all")
	at = editor.draft()
	publisher.open(at + "/check")
	publisher.press("publish")
	s.page(t, page).says(t, "4 participants in effect", "France")
	if file := s.ask(t, "GET", page+".csv"); !strings.Contains(file.body, "FRA") {
		t.Error("the file lacks what was undone")
	}
	if err := s.store.Verify(t.Context(), nil); err != nil {
		t.Error(err)
	}
	// A name that was given up may be somebody else's by now: the login beside it says whose it was.
	if _, err := s.store.ChangeAccount(t.Context(), editor.account.ID, func(a *store.Account) error { a.Name = "Another name"; return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.ChangeAccount(t.Context(), publisher.account.ID, func(a *store.Account) error { a.Name = "Name of ed"; return nil }); err != nil {
		t.Fatal(err)
	}
	editor.open(at+"/history").says(t, "Sent to review. Name of ed · ed", "Published as revision", "Name of pub · pub")
	editor.open("/en/staff").says(t, "Recently published")
}

// TestWhoPublishes: the author does not, but in an office of one, and then the revision says so.
func TestWhoPublishes(t *testing.T) {
	s := newSite(t)
	ctx := context.Background()
	b := s.as(t, "pub", store.Publisher)
	b.open("/en/staff?all=1&q=trafficking")
	b.press(startOf(b, "tech-trafficking-2025"))
	b.press("check", "reason", "A test", "presented_by", "Somebody else")
	b.status(200).at.says(t, "You wrote in this draft: a publisher who did not publishes it.")
	at := b.draft()
	_, values := b.filled("discard")
	if a := b.send("POST", at+"/check", url.Values{"do": {"publish"}, "version": values["version"]}); a.StatusCode != http.StatusForbidden {
		t.Errorf("the author publishes: %d", a.StatusCode)
	}
	if err := s.store.SetSetting(ctx, store.OnePersonOffice, "yes", store.Logged{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.ChangeAccount(ctx, b.account.ID, func(a *store.Account) error { a.ShowName = true; return nil }); err != nil {
		t.Fatal(err)
	}
	b.open(at+"/check").says(t, "You wrote in this draft. The settings allow you to publish it")
	b.press("publish")
	b.status(200)
	s.page(t, "/en/declarations/tech-trafficking-2025/history").says(t, "Name of pub, a publisher of the register, who also wrote the change (one-person office)")
}

// TestWhoWroteInItDoesNotPublish: whoever wrote in a draft publishes and schedules it neither at once nor after somebody else
// has saved it; a third person does.
func TestWhoWroteInItDoesNotPublish(t *testing.T) {
	s := newSite(t)
	editor, publisher, other := s.as(t, "ed", store.Editor), s.as(t, "pub", store.Publisher), s.as(t, "other", store.Publisher)
	at := editor.start("tech-trafficking-2025")
	publisher.open(at)
	publisher.press("save", "presented_by", "Written by the publisher", "reason", "A test")
	publisher.status(200)
	editor.open(at)
	editor.press("save", "reason", "A test, saved again")
	if a := publisher.open("/en/staff"); !strings.Contains(a.body, at+"\"") {
		t.Error("the draft left the desk of somebody who wrote in it")
	}
	editor.open(at)
	editor.press("review")
	editor.status(200)
	publisher.open(at+"/check").says(t, "You wrote in this draft: a publisher who did not publishes it.", "an administrator can allow one person")
	for _, do := range []string{"publish", "schedule"} {
		_, values := publisher.filled("discard")
		values.Set("do", do)
		for name, value := range map[string]string{"day": "24", "month": "11", "year": "2026", "time": "09:30"} {
			values.Set("publish_at."+name, value)
		}
		if a := publisher.send("POST", at+"/check", values); a.StatusCode != http.StatusForbidden {
			t.Errorf("who wrote in the draft may %s it: %d", do, a.StatusCode)
		}
		publisher.at.says(t, "You wrote in this draft")
		publisher.open(at + "/check")
	}
	// A remark is no writing.
	other.open(at + "/history")
	other.press("Add", "remark", "Looks right")
	other.status(200)
	other.open(at + "/check")
	other.press("publish")
	other.status(200).at.says(t, "Published as revision")
	s.page(t, "/en/declarations/tech-trafficking-2025/history").saysNot(t, "one-person office")
}

// startOf is the button that starts a draft of a declaration found on the desk: its form is opened as a page of its own.
func startOf(b *browser, slug string) string {
	b.t.Helper()
	for _, f := range all(b.at.doc, func(n *html.Node) bool {
		return n.Data == "form" && attr(n, "action") == "/en/staff/declarations/"+slug+"/start"
	}) {
		for _, button := range all(f, func(n *html.Node) bool { return n.Data == "button" }) {
			return textOf(button)
		}
	}
	b.t.Fatalf("no draft of %s can be started from the desk: %.500s", slug, b.at.text)
	return ""
}

// start begins a draft of a declaration and opens its form.
func (b *browser) start(slug string) string {
	b.t.Helper()
	a := b.send("POST", "/en/staff/declarations/"+slug+"/start", url.Values{})
	if a.StatusCode != http.StatusSeeOther {
		b.t.Fatalf("starting a draft answers %d", a.StatusCode)
	}
	b.open(a.Header.Get("Location"))
	return b.draft()
}

func TestSchedule(t *testing.T) {
	s := newSite(t)
	ctx := context.Background()
	editor, publisher := s.as(t, "ed", store.Editor), s.as(t, "pub", store.Publisher)
	at := editor.start("tech-trafficking-2025")
	editor.press("review", "reason", "Embargoed", "presented_by", "Embargoed Person")
	editor.status(200)
	publisher.open(at + "/check")
	for _, wrong := range [][]string{{"publish_at.day", "x"}, {"publish_at.day", "1", "publish_at.month", "1", "publish_at.year", "2020", "publish_at.time", "09:00"}} {
		publisher.press("schedule", wrong...)
		publisher.status(422)
	}
	publisher.press("schedule", "publish_at.day", "24", "publish_at.month", "11", "publish_at.year", "2026", "publish_at.time", "9:30")
	publisher.status(200).at.says(t, "It will be published on 24 November 2026")
	if made, err := s.store.PublishDue(ctx); err != nil || len(made) > 0 {
		t.Fatalf("published before its time: %v %v", made, err)
	}
	editor.open("/en/staff").says(t, "To be published on 24 November 2026")
	// Who may not take it back may not throw it away either.
	editor.open(at + "/check")
	_, values := publisher.filled("unschedule")
	for _, do := range []string{"unschedule", "discard"} {
		values.Set("do", do)
		if a := editor.send("POST", at+"/check", values); a.StatusCode != http.StatusForbidden {
			t.Errorf("an editor may %s a scheduled draft: %d", do, a.StatusCode)
		}
		editor.at.says(t, "This is open to: publisher")
	}
	if a := editor.send("POST", at, url.Values{"do": {"discard"}, "version": values["version"]}); a.StatusCode != http.StatusForbidden {
		t.Errorf("an editor discards a scheduled draft by its form: %d", a.StatusCode)
	}
	for _, b := range all(editor.open(at+"/check").doc, func(n *html.Node) bool { return n.Data == "button" && attr(n, "value") == "discard" }) {
		t.Errorf("an editor is offered to discard a scheduled draft: %s", textOf(b))
	}
	// The embargo holds over a restart: another program opens the file later.
	for _, c := range []struct {
		now  time.Time
		want int
	}{{time.Date(2026, 11, 24, 9, 29, 59, 0, time.UTC), 0}, {time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC), 1}, {time.Date(2026, 11, 24, 9, 31, 0, 0, time.UTC), 0}} {
		again, err := store.Open(ctx, s.path, store.WithClock(func() time.Time { return c.now }))
		if err != nil {
			t.Fatal(err)
		}
		made, err := again.PublishDue(ctx)
		if err != nil || len(made) != c.want {
			t.Errorf("at %s: %v, %v", c.now, made, err)
		}
		again.Close()
	}
	until(t, "what another program published", func() bool {
		return strings.Contains(s.page(t, "/en/declarations/tech-trafficking-2025").text, "Embargoed Person")
	})

	// One that was overtaken goes back to review, with the reason.
	at = editor.start("safe-schools-2015")
	editor.press("review", "reason", "Later", "presented_by", "Later Person")
	publisher.open(at + "/check")
	publisher.press("schedule", "publish_at.day", "24", "publish_at.month", "11", "publish_at.year", "2026", "publish_at.time", "09:30")
	s.change(t, "safe-schools-2015", func(d *register.Declaration) { d.PresentedBy = "Earlier Person" })
	again, err := store.Open(ctx, s.path, store.WithClock(func() time.Time { return time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC) }))
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if made, err := again.PublishDue(ctx); err != nil || len(made) > 0 {
		t.Errorf("%v, %v", made, err)
	}
	editor.open(at+"/history").says(t, "Not published at its time", "Another revision was published since this draft was begun")
}

// TestOvertaken: a publication overtakes a draft; what is unrelated is merged by itself, the rest is chosen.
func TestOvertaken(t *testing.T) {
	s := newSite(t)
	editor, publisher := s.as(t, "ed", store.Editor), s.as(t, "pub", store.Publisher)
	at := editor.start("tech-trafficking-2025")
	editor.press("review", "reason", "Mine", "presented_by", "My Person", "adopted.day", "1", "adopted.month", "11", "adopted.year", "2025")
	publisher.open(at + "/check")
	s.change(t, "tech-trafficking-2025", func(d *register.Declaration) { d.PresentedBy, d.Open = "Their Person", register.Yes })
	a := publisher.press("publish")
	if a.StatusCode != http.StatusConflict {
		publisher.t.Fatalf("publishing a draft that was overtaken answers %d", a.StatusCode)
	}
	a.says(t, "My Person", "Their Person", "One field was changed by both")
	editor.open("/en/staff").says(t, "In conflict: 1")
	editor.open(at + "/conflict")
	editor.press("take").says(t, "Choose one of the versions.")
	editor.status(422)
	editor.press("take", "clash.0", "yours").says(t, "Both versions are one again.")
	_, values := editor.filled("save")
	if values.Get("presented_by") != "My Person" || values.Get("open") != "yes" || values.Get("adopted.day") != "1" || values.Get("reason") != "Mine" {
		t.Errorf("merged: %v", values)
	}
	editor.press("review")
	publisher.open(at + "/check")
	publisher.press("publish")
	publisher.status(200).at.says(t, "Published as revision")
	s.page(t, "/en/declarations/tech-trafficking-2025").says(t, "My Person")
}

// TestTwoSessions: two people write in one draft for a hundred rounds, in any order and from any old page. After every round
// the draft says in each field what the rule of three says of it: what only one changed is taken from that one; of what both
// changed both stand on the page of the conflict, and what was chosen stands in the draft.
func TestTwoSessions(t *testing.T) {
	s := newSite(t)
	ann, bob := s.as(t, "ann", store.Editor), s.as(t, "bob", store.Editor)
	at := ann.start("tech-trafficking-2025")
	r := rand.New(rand.NewPCG(7, 2026))
	fields := []string{"presented_by", "texts[0].notes", "texts[0].summary", "sources[0].supports", "actions[1].note"}
	type tab struct {
		*browser
		values, base url.Values
	}
	load := func(x *tab) {
		x.open(at)
		_, x.values = x.filled("save")
		_, x.base = x.filled("save")
	}
	tabs := []*tab{{browser: ann}, {browser: bob}}
	for _, x := range tabs {
		load(x)
	}
	truth := map[string]string{}
	for _, f := range fields {
		truth[f] = tabs[0].values.Get(f)
	}
	lines := map[string]bool{}
	conflicts, clashes := 0, 0
	for round := range 100 {
		x := tabs[r.IntN(2)]
		if r.IntN(6) == 0 {
			load(x) // looks again before writing; else writes on an old page
		}
		for range 1 + r.IntN(2) {
			f := fields[r.IntN(len(fields))]
			x.values.Set(f, fmt.Sprintf("%s wrote %d in %s", x.account.Login, round, f))
		}
		if r.IntN(4) == 0 { // a new line
			n := 0
			for x.values.Has(fmt.Sprintf("actions[%d].id", n)) || x.values.Has(fmt.Sprintf("actions[%d].participant", n)) {
				n++
			}
			line := fmt.Sprintf("line of %s in round %d", x.account.Login, round)
			x.values.Set(fmt.Sprintf("actions[%d].participant", n), fmt.Sprintf("%s %d", x.account.Login, round))
			x.values.Set(fmt.Sprintf("actions[%d].note", n), line)
			lines[line] = true
		}
		x.values.Set("do", "save")
		answer := x.send("POST", at, x.values)
		side := []string{"yours", "theirs"}[r.IntN(2)]
		both := map[string]bool{}
		want := map[string]string{}
		for _, f := range fields {
			base, mine, theirs := x.base.Get(f), x.values.Get(f), truth[f]
			switch {
			case mine == base:
				want[f] = theirs
			case theirs == base || mine == theirs:
				want[f] = mine
			default:
				both[f] = true
				want[f] = map[string]string{"yours": mine, "theirs": theirs}[side]
			}
		}
		if answer.StatusCode == http.StatusConflict {
			conflicts++
			for f := range both {
				clashes++
				for _, word := range []string{x.values.Get(f), truth[f]} {
					if !strings.Contains(answer.text, word) {
						t.Fatalf("round %d: %q is not to be read on the page of the conflict", round, word)
					}
				}
			}
			action, chosen := x.filled("take")
			chosen.Set("do", "take")
			for i := 0; strings.Contains(answer.body, fmt.Sprintf(`name="clash.%d"`, i)); i++ {
				chosen.Set(fmt.Sprintf("clash.%d", i), side)
			}
			answer = x.send("POST", action, chosen)
		} else if len(both) > 0 {
			t.Fatalf("round %d: both changed %v, and nobody was asked", round, both)
		}
		if answer.StatusCode != http.StatusSeeOther {
			t.Fatalf("round %d: saving answers %d: %.300s", round, answer.StatusCode, x.at.text)
		}
		load(x)
		for _, f := range fields {
			if got := x.values.Get(f); got != want[f] {
				t.Fatalf("round %d: %s is %q, want %q", round, f, got, want[f])
			}
			truth[f] = want[f]
		}
		for line := range lines {
			if !strings.Contains(x.at.body, line) {
				t.Fatalf("round %d: %q is lost", round, line)
			}
		}
	}
	t.Logf("%d conflicts, %d fields changed by both", conflicts, clashes)
	if conflicts < 20 || clashes < 10 {
		t.Errorf("only %d conflicts with %d clashes in 100 rounds", conflicts, clashes)
	}
}

// TestConflictPageCarriesTheForm: the page of a conflict hands on every field that was typed as it was, each under a name of its
// own: what the page says of itself stands under names that are no field's.
func TestConflictPageCarriesTheForm(t *testing.T) {
	s := newSite(t)
	anna, emil := s.as(t, "anna", store.Editor), s.as(t, "emil", store.Editor)
	at := anna.start("tech-trafficking-2025")
	emil.open(at)
	anna.press("save", "reason", "Anna's reason", "presented_by", "Anna's person")
	_, typed := emil.filled("save")
	typed.Set("titles[0].note", "Emil's note")
	typed.Set("presented_by", "Emil's person")
	mine, _ := form.Parse(typed)
	mine.Settle(s.view(t).Ref)
	emil.press("save", "titles[0].note", "Emil's note", "presented_by", "Emil's person")
	emil.status(http.StatusConflict)
	carried := func() {
		t.Helper()
		_, values := emil.filled("take")
		for name, all := range values {
			if len(all) > 1 {
				t.Errorf("%s stands twice on the page of the conflict: %q", name, all)
			}
		}
		for name, v := range mine.Encode() {
			got, want := strings.Split(values.Get(name), "|"), strings.Split(v, "|")
			if name == "topics" { // those on record in their order there
				slices.Sort(got)
				slices.Sort(want)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s was %q and is handed on as %q", name, v, values.Get(name))
			}
		}
	}
	carried()
	// A choice is missing: the page comes again and says of the kind nothing, as nobody changed it.
	emil.press("take").says(t, "Choose one of the versions.")
	emil.status(http.StatusUnprocessableEntity)
	emil.at.saysNot(t, "Joint statement", "kind")
	carried()
	emil.press("take", "clash.0", "yours").says(t, "Both versions are one again.")
	_, values := emil.filled("save")
	for name, want := range map[string]string{"kind": typed.Get("kind"), "titles[0].note": "Emil's note", "reason": "Anna's reason", "presented_by": "Emil's person"} {
		if got := values.Get(name); got != want || got == "" {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	emil.press("check")
	emil.status(200).at.says(t, "What changes for the public")
}

// state is the state of a draft, and who did the last thing to it.
func (s *site) state(t *testing.T, at string) *store.Draft {
	t.Helper()
	id, err := strconv.ParseInt(at[strings.LastIndexByte(at, '/')+1:], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.store.Draft(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// tomorrow are the fields of a publication at a time to come.
var tomorrow = []string{"publish_at.day", "24", "publish_at.month", "11", "publish_at.year", "2026", "publish_at.time", "09:30"}

// TestOldFormOfAScheduledDraft: who may not take back a schedule does not do it by an old form either, and is told who set it;
// what was typed comes back and is saved once the schedule is gone.
func TestOldFormOfAScheduledDraft(t *testing.T) {
	s := newSite(t)
	anna, paul := s.as(t, "anna", store.Editor), s.as(t, "paul", store.Publisher)
	at := anna.start("tech-trafficking-2025")
	anna.press("save", "reason", "A test", "presented_by", "First")
	action, old := anna.filled("save") // the second window
	anna.press("review")
	paul.open(at + "/check")
	paul.press("schedule", tomorrow...)
	paul.status(200)
	scheduled := s.state(t, at)
	untouched := func(what string) {
		t.Helper()
		if d := s.state(t, at); d.State != store.Scheduled || d.Version != scheduled.Version || !d.PublishAt.Equal(scheduled.PublishAt) {
			t.Fatalf("%s: the draft is %s at version %d, to be published at %s", what, d.State, d.Version, d.PublishAt)
		}
	}
	old.Set("presented_by", "Typed in the second window")
	current := url.Values{}
	for name, all := range old {
		current[name] = slices.Clone(all)
	}
	current.Set("version", strconv.Itoa(scheduled.Version))
	for _, values := range []url.Values{old, current} {
		for _, do := range []string{"save", "check", "review"} {
			values.Set("do", do)
			a := anna.send("POST", action, values)
			anna.status(http.StatusForbidden)
			a.says(t, "Name of paul scheduled this draft on", "it is to be published on 24 November 2026", "Ask Name of paul or another publisher to take that back",
				"What you typed stands below and is not saved")
			_, again := anna.filled("save")
			if again.Get("presented_by") != "Typed in the second window" || again.Get("version") != values.Get("version") {
				t.Errorf("%s: the form comes back with %q at version %s, want %s", do, again.Get("presented_by"), again.Get("version"), values.Get("version"))
			}
			for _, n := range all(a.doc, func(n *html.Node) bool { return attr(n, "class") == "languages" || attr(n, "value") == "discard" }) {
				t.Errorf("the page offers what would lose what was typed: %s", textOf(n))
			}
			untouched(do)
		}
		if a := anna.send("POST", at+"/keep", values); a.StatusCode != http.StatusConflict {
			t.Errorf("the script saves in a scheduled draft: %d", a.StatusCode)
		}
		untouched("keep")
		taken := url.Values{"do": {"take"}, "base_version": {old.Get("version")}}
		for name, all := range values {
			if name != "do" {
				taken[name] = all
			}
		}
		taken.Set("version", strconv.Itoa(scheduled.Version))
		anna.send("POST", at+"/conflict", taken).says(t, "Name of paul scheduled this draft")
		anna.status(http.StatusForbidden)
		untouched("take")
	}
	// Who typed nothing is shown how the draft stands.
	old.Set("do", "save")
	old.Set("presented_by", "First")
	if a := anna.send("POST", action, old); a.StatusCode != http.StatusSeeOther {
		t.Errorf("a form in which nothing was typed answers %d", a.StatusCode)
	}
	untouched("nothing typed")

	// Taken back, the same form is brought together with the draft.
	paul.open(at + "/check")
	paul.press("send_back", "remark", "Anna has more")
	old.Set("presented_by", "Typed in the second window")
	a := anna.send("POST", action, old)
	anna.status(http.StatusConflict)
	a.says(t, "Sent to review. you, in another window", "Scheduled for 24 November 2026, 09:30 UTC. Name of paul", "Sent back. Name of paul")
	a.saysNot(t, "while you were writing", "If you go on")
	anna.press("take").says(t, "Both versions are one again.")
	if _, values := anna.filled("save"); values.Get("presented_by") != "Typed in the second window" {
		t.Errorf("what was typed is lost: %q", values.Get("presented_by"))
	}

	// A publisher may take it back, and is told that going on does.
	paul.open(at)
	action, old = paul.filled("save")
	anna.open(at)
	anna.press("review")
	third := s.as(t, "third", store.Publisher)
	third.open(at + "/check")
	third.press("schedule", tomorrow...)
	third.status(200)
	old.Set("do", "save")
	old.Set("presented_by", "By Paul")
	paul.send("POST", action, old).says(t, "Sent to review. Name of anna", "Scheduled for 24 November 2026, 09:30 UTC. Name of third",
		"The draft is to be published on 24 November 2026, 09:30 UTC. If you go on, it will not be published then", "Take the draft back")
	paul.status(http.StatusConflict)
	if d := s.state(t, at); d.State != store.Scheduled {
		t.Errorf("the page of the conflict alone takes the draft back: %s", d.State)
	}
	paul.press("take").says(t, "Both versions are one again.")
	if d := s.state(t, at); d.State != store.Drafting || d.Document.PresentedBy != "By Paul" {
		t.Errorf("%s, presented by %s", d.State, d.Document.PresentedBy)
	}
}

// TestOldFormOfADraftInReview: saving takes no draft out of review before the page has said so, whatever version the form names.
func TestOldFormOfADraftInReview(t *testing.T) {
	s := newSite(t)
	anna, emil := s.as(t, "anna", store.Editor), s.as(t, "emil", store.Editor)
	at := anna.start("tech-trafficking-2025")
	anna.press("save", "reason", "A test")
	action, old := anna.filled("save")
	emil.open(at)
	emil.press("review")
	emil.status(200)
	in := s.state(t, at)
	old.Set("presented_by", "Anna's person")
	for _, version := range []string{old.Get("version"), strconv.Itoa(in.Version)} {
		old.Set("version", version)
		old.Set("do", "save")
		a := anna.send("POST", action, old)
		anna.status(http.StatusConflict)
		a.says(t, "Sent to review. Name of emil", "The draft is in review. If you go on, it is withdrawn from review", "Take the draft back")
		a.saysNot(t, "Name of anna saved")
		if a := anna.send("POST", at+"/keep", old); a.StatusCode != http.StatusConflict {
			t.Errorf("the script saves in a draft in review: %d", a.StatusCode)
		}
		if d := s.state(t, at); d.State != store.InReview || d.Version != in.Version {
			t.Fatalf("the draft is %s at version %d", d.State, d.Version)
		}
	}
	anna.send("POST", action, old)
	for _, n := range all(anna.at.doc, func(n *html.Node) bool { return attr(n, "class") == "languages" }) {
		t.Errorf("the page of the conflict leads away from what was typed: %s", textOf(n))
	}
	anna.press("take").says(t, "Both versions are one again.")
	if d := s.state(t, at); d.State != store.Drafting || d.Document.PresentedBy != "Anna's person" || d.Last(store.Withdrawn) == nil {
		t.Errorf("%s, presented by %s", d.State, d.Document.PresentedBy)
	}
}

// TestRefusedChangeKeepsItsVersion: a form that was not saved stays the form of the version it was made from, so that what
// others saved meanwhile is not overwritten by it.
func TestRefusedChangeKeepsItsVersion(t *testing.T) {
	s := newSite(t)
	anna, emil := s.as(t, "anna", store.Editor), s.as(t, "emil", store.Editor)
	at := anna.start("tech-trafficking-2025")
	emil.open(at)
	anna.press("save", "presented_by", "Anna's person")
	emil.press("change", "open", "yes").says(t, "Choose the participant.")
	emil.status(422)
	emil.press("save").says(t, "Anna's person")
	emil.status(http.StatusConflict)
}

// TestOvertakenAndScheduled: bringing a scheduled draft together with what was published since takes it back as well.
func TestOvertakenAndScheduled(t *testing.T) {
	s := newSite(t)
	anna, paul := s.as(t, "anna", store.Editor), s.as(t, "paul", store.Publisher)
	at := anna.start("tech-trafficking-2025")
	anna.press("review", "reason", "A test", "presented_by", "Mine")
	paul.open(at + "/check")
	paul.press("schedule", tomorrow...)
	s.change(t, "tech-trafficking-2025", func(d *register.Declaration) { d.Open = register.Yes })
	anna.open(at+"/conflict").says(t, "Name of paul scheduled this draft on")
	for _, n := range all(anna.at.doc, func(n *html.Node) bool { return attr(n, "value") == "take" }) {
		t.Errorf("an editor is offered to go on: %s", textOf(n))
	}
	paul.open(at+"/conflict").says(t, "If you go on, it will not be published then")
	action, values := paul.filled("take")
	values.Set("do", "take")
	anna.send("POST", action, values).says(t, "Name of paul scheduled this draft on")
	anna.status(http.StatusForbidden)
	if d := s.state(t, at); d.State != store.Scheduled {
		t.Errorf("an editor takes a scheduled draft back: %s", d.State)
	}
	paul.press("take").says(t, "Both versions are one again.")
}

// TestKeeping: what the script sends is kept, an old page gets a 409, and a draft that was closed takes nothing but gives what
// was typed a new draft.
func TestKeeping(t *testing.T) {
	s := newSite(t)
	a, b := s.as(t, "ann", store.Editor), s.as(t, "bob", store.Publisher)
	at := a.start("tech-trafficking-2025")
	_, values := a.filled("save")
	values.Set("do", "autosave")
	values.Set("presented_by", "Kept")
	old := values.Get("version")
	r := a.send("POST", at+"/keep", values)
	var kept struct{ Version string }
	if r.StatusCode != http.StatusOK || json.Unmarshal([]byte(r.body), &kept) != nil || kept.Version == old {
		t.Fatalf("%d %s", r.StatusCode, r.body)
	}
	if r := b.send("POST", at+"/keep", values); r.StatusCode != http.StatusConflict {
		t.Errorf("an old page is kept: %d", r.StatusCode)
	}
	values.Set("version", kept.Version)
	if r := a.send("POST", at+"/keep", values); r.StatusCode != http.StatusOK || !strings.Contains(r.body, kept.Version) {
		t.Errorf("what changes nothing makes a version: %s", r.body)
	}
	many := url.Values{"do": {"save"}, "version": {kept.Version}}
	for i := range 10_000 {
		many.Set(fmt.Sprintf("actions[%d].participant", i), "FRA")
	}
	if r := a.send("POST", at, many); r.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("10,000 rows: %d", r.StatusCode)
	} else {
		r.says(t, "10,000 rows", "5,000 are allowed")
	}
	a.open(at)
	a.press("review", "reason", "R")
	b.open(at + "/check")
	b.press("publish")
	b.status(200)
	values.Set("do", "save")
	values.Set("presented_by", "Typed after it was published")
	r = a.send("POST", at, values)
	if r.StatusCode != http.StatusSeeOther {
		t.Fatalf("%d", r.StatusCode)
	}
	a.open(r.Header.Get("Location")).says(t, "What you typed stands in this new draft.")
	if !strings.Contains(a.at.body, "Typed after it was published") {
		t.Error("what was typed is lost")
	}
}

// TestNoDraftLeaks plants a marker in every field of drafts and searches every public address for it.
func TestNoDraftLeaks(t *testing.T) {
	s := newSite(t)
	const marker = "Zanzimarkerbar"
	editor, publisher := s.as(t, "ed", store.Editor), s.as(t, "pub", store.Publisher)

	addresses := s.publicAddresses(t)
	tags := map[string]string{}
	for _, x := range addresses {
		tags[x] = s.ask(t, "GET", x).Header.Get("ETag")
	}

	marked := func(f *form.Form) url.Values {
		values := url.Values{}
		for name, v := range f.Encode() {
			values.Set(name, v)
			if !strings.Contains(name, ".day") && !strings.Contains(name, ".month") && !strings.Contains(name, ".year") && !strings.HasSuffix(name, ".id") {
				values.Set(name, v+" "+marker)
			}
		}
		values.Set("reason", marker)
		for _, list := range []string{"sources", "titles", "texts", "sponsors", "stated", "actions", "links", "disputes"} {
			f.Do("add:" + list)
		}
		for list, inputs := range map[string][]string{"sources": {"publisher", "title", "url", "supports", "key"}, "titles": {"text", "note", "lang"}, "stated": {"count", "note", "source"},
			"texts": {"event", "place", "summary", "notes"}, "links": {"target", "note"}, "actions": {"participant", "name_as_printed", "note", "place_in_source", "capacity_as_printed"},
			"disputes": {"participant", "claim[0].text"}} {
			for _, input := range inputs {
				values.Set(fmt.Sprintf("%s[900].%s", list, input), marker)
			}
		}
		values.Set("sponsors[900]", marker)
		return values
	}
	// One in draft, one sent back with a remark, one that is valid and under embargo, one that is new.
	v, err := s.store.At(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	e, err := v.Declaration(t.Context(), "tech-trafficking-2025")
	if err != nil {
		t.Fatal(err)
	}
	at := editor.start("tech-trafficking-2025")
	_, page := editor.filled("save")
	values := marked(form.Of(&e.Declaration))
	values.Set("version", page.Get("version"))
	values.Set("do", "save")
	if r := editor.send("POST", at, values); r.StatusCode != http.StatusSeeOther {
		t.Fatalf("%d: %.300s", r.StatusCode, editor.at.text)
	}
	editor.open(at)
	if n := strings.Count(editor.at.body, marker); n < 40 {
		t.Errorf("the draft holds only %d markers", n)
	}
	editor.open(at + "/history")
	editor.press("Add", "remark", marker)

	at = editor.start("safe-schools-2015")
	editor.press("add:titles")
	_, page = editor.filled("save")
	n := 0
	for page.Has(fmt.Sprintf("titles[%d].text", n+1)) {
		n++
	}
	editor.press("review", "reason", marker, "presented_by", marker, fmt.Sprintf("titles[%d].lang", n), "vi", fmt.Sprintf("titles[%d].text", n), marker)
	editor.status(200)
	publisher.open(at + "/check")
	publisher.press("send_back", "remark", marker)
	editor.open(at)
	editor.press("review")
	publisher.open(at + "/check")
	publisher.press("schedule", "publish_at.day", "24", "publish_at.month", "11", "publish_at.year", "2026", "publish_at.time", "09:00").says(t, "It will be published")

	editor.open("/en/staff")
	editor.press("Start a new declaration")
	editor.press("save", append(slices.Clone(five), "titles[0].text", marker, "slug", strings.ToLower(marker), "reason", marker)...)

	for _, x := range append(addresses, s.publicAddresses(t)...) {
		a := s.ask(t, "GET", x)
		if strings.Contains(strings.ToLower(a.body), strings.ToLower(marker)) && !strings.Contains(x, marker) {
			t.Errorf("%s shows a draft", x)
		}
		if was, ok := tags[x]; ok && was != a.Header.Get("ETag") {
			t.Errorf("%s has another ETag for a draft: %s, %s", x, was, a.Header.Get("ETag"))
		}
		for name, h := range a.Header {
			if strings.Contains(strings.Join(h, " "), marker) {
				t.Errorf("%s: the header %s shows a draft", x, name)
			}
		}
	}
	for _, x := range []string{"/en/search?q=" + marker, "/en/declarations?q=" + marker, "/en/declarations/" + strings.ToLower(marker), "/en/participants?q=" + marker,
		"/en/declarations.csv?q=" + marker, "/en/declarations.json?q=" + marker} {
		a := s.ask(t, "GET", x)
		if n := strings.Count(strings.ToLower(a.body), strings.ToLower(marker)); n > 0 && a.StatusCode == 200 && strings.Contains(a.body, "Ministry of Tests") {
			t.Errorf("%s finds a draft", x)
		}
	}
	// Staff pages are nobody's without signing in.
	for _, x := range []string{"/en/staff", at, at + "/check", at + "/history", "/en/staff/suggest?q=fra", "/en/staff/reference"} {
		if a := s.ask(t, "GET", x); a.StatusCode == http.StatusOK || strings.Contains(a.body, marker) {
			t.Errorf("%s answers %d to anybody", x, a.StatusCode)
		}
	}
}

// publicAddresses are all that can be reached from the front pages by links, with files, other days and old revisions.
func (s *site) publicAddresses(t *testing.T) []string {
	t.Helper()
	v, err := s.store.At(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	seen := map[string]bool{}
	add := func(x string) {
		if !seen[x] && strings.HasPrefix(x, "/") && !strings.Contains(x, "/staff") && !strings.HasPrefix(x, "//") {
			seen[x] = true
			list = append(list, x)
		}
	}
	for _, x := range []string{"/", "/robots.txt", "/healthz", "/sitemap.xml", "/feeds/changes.atom", "/feeds/calendar.ics", "/feeds/declarations/tech-trafficking-2025.atom",
		"/feeds/declarations/tech-trafficking-2025.ics", "/feeds/participants/KOR.atom", "/feeds/topics/human-rights.atom", "/feeds/groups/ASEAN.atom", "/api/v1/openapi.yaml", "/api/v1/declarations"} {
		add(x)
	}
	for _, f := range []string{"declarations", "signatories", "actions", "sources", "participants", "groups", "group_members", "revisions", "matrix"} {
		add("/data/" + f + ".csv")
	}
	for _, f := range []string{"register.json", "register.zip"} {
		add("/data/" + f)
	}
	for _, x := range publicPages {
		add("/en" + x)
		add("/fr" + x)
	}
	if err := v.Each(t.Context(), func(e *store.Entry) error {
		p := "/en/declarations/" + e.Slug
		for _, x := range []string{p, p + ".csv", p + ".json", p + "/history", p + "/history.csv", p + "?as_of=2026-11-25", p + "?as_of=2024-01-01", p + ".csv?as_of=2026-12-31", p + "?revision=" + strconv.Itoa(v.Revision)} {
			add(x)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, x := range []string{"/en/declarations.csv", "/en/declarations.json", "/en/changes.csv", "/en/changes.json", "/en/matrix.csv", "/en/participants.csv", "/en/groups.csv",
		"/en/participants/KOR.csv", "/en/participants/KOR.json"} {
		add(x)
	}
	// One step further: what the front pages link to.
	for _, from := range []string{"/en/", "/en/declarations", "/en/changes", "/en/data", "/en/declarations/tech-trafficking-2025"} {
		a := s.ask(t, "GET", from)
		for _, n := range all(a.doc, func(n *html.Node) bool { return n.Data == "a" }) {
			x, _, _ := strings.Cut(attr(n, "href"), "#")
			add(x)
		}
	}
	return list
}

// TestReferenceForms: a renaming with its date, a new organisation, a group's membership and a topic are revisions with reasons.
func TestReferenceForms(t *testing.T) {
	s := newSite(t)
	reader, b := s.as(t, "reader", store.Reader), s.as(t, "pub", store.Publisher)
	reader.open("/en/staff/reference/participants/NLD").says(t, "Your role may read this, not change it.")
	if a := reader.send("POST", "/en/staff/reference/participants/NLD", url.Values{"do": {"save"}}); a.StatusCode != http.StatusForbidden {
		t.Errorf("a reader changes reference data: %d", a.StatusCode)
	}
	b.open("/en/staff/reference/participants/NLD")
	b.press("save").says(t, "Say why")
	b.status(422)
	b.press("save", "renamed.names.en", "Lowlands", "reason", "Renamed").says(t, "whole day")
	b.press("save", "renamed.names.en", "Lowlands", "renamed.on.day", "1", "renamed.on.month", "10", "renamed.on.year", "2026", "reason", "Renamed by a note of that day")
	b.status(200).at.says(t, "Published as revision")
	s.page(t, "/en/participants/NLD").says(t, "Lowlands")
	s.page(t, "/en/changes").says(t, "Renamed by a note of that day", "The entry of one participant was changed: Lowlands.")
	v, _ := s.store.At(t.Context(), 0)
	if got := v.Ref.Participant("NLD").NameOn("en", register.MustDate("2026-09-30")); got == "Lowlands" {
		t.Error("the new name is shown before its day")
	}
	b.open("/en/staff/reference/participants/new")
	b.press("save", "code", "NLD", "names.en", "X", "reason", "R").says(t, "This code is taken.")
	b.press("save", "code", "TST", "names.en", "Test Organisation", "kind", "organization", "reason", "A new organisation")
	b.status(200)
	s.page(t, "/en/participants/TST").says(t, "Test Organisation")
	b.open("/en/staff/reference/groups/ASEAN")
	b.press("add:members")
	_, values := b.filled("save")
	n := 0
	for values.Has(fmt.Sprintf("members[%d].code", n+1)) {
		n++
	}
	b.press("save", fmt.Sprintf("members[%d].code", n), "Papua New Guinea", fmt.Sprintf("members[%d].from.year", n), "2026", "reason", "Joined").says(t, "Published as revision")
	v, _ = s.store.At(t.Context(), 0)
	if !slices.ContainsFunc(v.Ref.Group("ASEAN").Members, func(m register.Membership) bool { return m.Code == "PNG" }) {
		t.Error("the membership is not on record")
	}
	b.open("/en/staff/reference/topics/new")
	b.press("save", "code", "test-topic", "names.en", "Tests", "reason", "A new topic").says(t, "Published as revision")
	// Two write at once: the second is told.
	b.open("/en/staff/reference/topics/test-topic")
	action, values := b.filled("save")
	values.Set("names.en", "First")
	values.Set("reason", "R")
	values.Set("do", "save")
	if a := b.send("POST", action, values); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%d", a.StatusCode)
	}
	values.Set("names.en", "Second")
	if a := b.send("POST", action, values); a.StatusCode != http.StatusConflict {
		t.Errorf("an entry that was changed meanwhile is overwritten: %d", a.StatusCode)
	}
	// What breaks a rule is told at its field, and all that was typed is there still.
	for typed, says := range map[string]string{"=1+1": "“=1+1” is no language code.", `"><script>`: "is no language code.", "a\nb": "is no language code."} {
		b.open("/en/staff/reference/participants/KOR")
		b.press("add:aliases")
		_, values := b.filled("save")
		n := 0
		for values.Has(fmt.Sprintf("aliases[%d].text", n+1)) {
			n++
		}
		b.press("save", fmt.Sprintf("aliases[%d].text", n), "Typed name", fmt.Sprintf("aliases[%d].lang", n), typed, "reason", "A variant").says(t, says)
		b.status(422)
		if _, values := b.filled("save"); values.Get(fmt.Sprintf("aliases[%d].text", n)) != "Typed name" || values.Get(fmt.Sprintf("aliases[%d].lang", n)) != typed || values.Get("reason") != "A variant" {
			t.Errorf("what was typed is lost: %v", values)
		}
	}
	b.open("/en/staff/reference/participants/KOR")
	b.press("save", "note", strings.Repeat("x", register.MaxText+1), "reason", "A note").says(t, "This is longer than 20,000 bytes.")
	b.status(422)
	if err := s.store.Verify(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// A list of reference data has as many rows as a form takes, and none more; the fields of a row stay together.
func TestReferenceRows(t *testing.T) {
	s := newSite(t)
	b := s.as(t, "pub", store.Publisher)
	const said = "There are 5,001 rows; 5,000 are allowed."
	for _, x := range []struct{ path, list, field string }{
		{"/en/staff/reference/participants/FRA", "aliases", "text"}, {"/en/staff/reference/participants/FRA", "successors", "code"}, {"/en/staff/reference/groups/ASEAN", "members", "code"},
	} {
		b.open(x.path)
		action, values := b.filled("save")
		values.Set("reason", "Many")
		for i := range form.MaxRows + 1 {
			values.Set(fmt.Sprintf("%s[%d].%s", x.list, i, x.field), "Germany")
		}
		for _, do := range []string{"save", "add:" + x.list} {
			values.Set("do", do)
			a := b.send("POST", action, values)
			if a.StatusCode != http.StatusUnprocessableEntity || len(a.body) > 1<<20 {
				t.Errorf("%s, %s: %d with %d bytes", x.list, do, a.StatusCode, len(a.body))
			}
			a.says(t, said)
		}
		// The one too many can be taken out.
		values.Set("do", fmt.Sprintf("remove:%s[7]", x.list))
		if a := b.send("POST", action, values); a.StatusCode != http.StatusOK || strings.Contains(a.text, said) {
			t.Errorf("%s without the row too many: %d", x.list, a.StatusCode)
		}
	}
	b.open("/en/staff/reference/participants/FRA")
	action, values := b.filled("save")
	for name := range values {
		if strings.HasPrefix(name, "aliases[") {
			values.Del(name)
		}
	}
	for i := range form.MaxRows {
		row := fmt.Sprintf("aliases[%d].", 3*i) // as after rows were taken out
		values.Set(row+"text", fmt.Sprintf("Frankland %d", i))
		values.Set(row+"lang", "en")
		values.Set(row+"kind", "variant")
		values.Set(row+"from.year", strconv.Itoa(1900+i%100))
	}
	values.Set("aliases[2].lang", "en") // a fresh row that nobody filled in
	values.Set("reason", "As many as there may be")
	values.Set("do", "save")
	if a := b.send("POST", action, values); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%d: %.500s", a.StatusCode, a.text)
	}
	v, err := s.store.At(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	aliases := v.Ref.Participant("FRA").Aliases
	if len(aliases) != form.MaxRows {
		t.Fatalf("%d aliases", len(aliases))
	}
	for _, a := range aliases {
		if n, err := strconv.Atoi(strings.TrimPrefix(a.Text, "Frankland ")); err != nil || int(a.From.Year) != 1900+n%100 || a.Kind != "variant" {
			t.Errorf("%+v", a)
		}
	}
	// A member who stands twice is told, in whatever row.
	b.open("/en/staff/reference/groups/ASEAN")
	b.press("save", "members[40].code", "THA", "members[41].code", "THA", "members[42].code", "THA", "reason", "R").says(t, "This membership stands twice.")
	b.status(422)
}

// numbered is a made-up declaration of the first UN members of the reference, with a number stated.
func numbered(s *site, t *testing.T, n, stated int) *register.Declaration {
	var actions []register.Action
	for _, p := range s.view(t).Ref.Participants {
		if p.Kind == register.Member && len(actions) < n {
			actions = append(actions, register.Action{Participant: p.Code, Kind: register.Signed})
		}
	}
	d := madeUp(actions...)
	d.Stated = []register.Stated{{Count: stated, Counts: register.AllParticipants, Source: "test-source"}}
	return d
}

// TestD3_CheckCountsStates: a number of states is compared with the states that are named, and both numbers say so.
func TestD3_CheckCountsStates(t *testing.T) {
	s := newSite(t)
	d := numbered(s, t, 14, 20)
	d.Stated[0].Counts = register.StatesOnly
	d.Actions = append(d.Actions, register.Action{Participant: "EUE", Kind: register.Signed, Capacity: register.Signatory, Source: "test-source"})
	s.add(t, d)
	b := s.as(t, "ed", store.Editor)
	b.start("made-up-2019")
	b.press("check", "reason", "R").says(t, "States: 20 are stated, 14 are named. That can be right.",
		"20 states stated · 14 states named · 6 states not named in any source on record")
	b.at.saysNot(t, "15 are named", "14 named")
}

// TestCheckTellsNamedFromInEffect: the number stated is compared with those named, who left or not (D3).
func TestCheckTellsNamedFromInEffect(t *testing.T) {
	s := newSite(t)
	s.add(t, numbered(s, t, 20, 44))
	b := s.as(t, "ed", store.Editor)
	b.start("made-up-2019")
	_, values := b.filled("save")
	b.press("change", "change.participant", s.entry(t, "made-up-2019").Actions[0].Participant, "change.kind", "withdrew")
	b.press("check", "actions[1].date.year", "2020", "actions[1].date.month", "1", "actions[1].date.day", "2", "actions[1].reason", "withdrew_by_notice",
		"actions[1].source", values.Get("actions[0].source"), "reason", "One left")
	b.status(200).at.says(t, "In effect after this 19", "44 stated · 20 named · 24 not named in any source on record", "44 are stated, 20 are named")
	b.at.saysNot(t, "25", "Unsettled")
	// More named than stated, though fewer are in effect.
	d := numbered(s, t, 20, 20)
	d.Slug, d.Sources[0].Key, d.Stated[0].Source = "made-up-2020", "other-source", "other-source"
	for i := range d.Actions {
		d.Actions[i].Source = "other-source"
	}
	s.add(t, d)
	b.start("made-up-2020")
	b.press("change", "change.participant", d.Actions[0].Participant, "change.kind", "withdrew")
	b.press("check", "actions[1].date.year", "2020", "actions[1].date.month", "1", "actions[1].date.day", "2", "actions[1].reason", "withdrew_by_notice",
		"actions[1].source", "other-source", "reason", "One left")
	b.status(200).at.says(t, "In effect after this 19", "As many as stated: 20.")
}

// TestCheckTellsUnsettled: who may be in effect is counted apart, in the sum and on the button, and each line without a date is
// named with what settles it (D11).
func TestCheckTellsUnsettled(t *testing.T) {
	s := newSite(t)
	d := madeUp(register.Action{Participant: "FRA", Kind: register.Signed})
	d.Sources[0].Published = register.Date{}
	s.add(t, d)
	editor, publisher := s.as(t, "ed", store.Editor), s.as(t, "pub", store.Publisher)
	at := editor.start("made-up-2019")
	_, values := editor.filled("save")
	editor.press("add5:actions")
	row := func(i int, who, kind string) []string {
		f := "actions[" + strconv.Itoa(i) + "]."
		return []string{f + "participant", who, f + "action", kind, f + "capacity", "signatory", f + "source", values.Get("actions[0].source")}
	}
	editor.press("review", slices.Concat(row(1, "JPN", "joined"), row(2, "KOR", "joined"), row(3, "NOR", "signed"), []string{"reason", "Two joined"})...)
	editor.status(200)
	publisher.open(at+"/check").says(t, "In effect after this 2", "Unsettled after this, counted apart 2", "Japan: no date is recorded, and the source has no date of publication",
		"Republic of Korea: no date is recorded", "Give a date, or the source’s date of publication", "No date is recorded: it counts from the declaration’s date.")
	publisher.at.saysNot(t, "Norway: no date")
	if !strings.Contains(publisher.at.body, "Publish: 1 joined, 2 unsettled") {
		t.Error("the button does not say that two stay unsettled")
	}
	publisher.press("publish")
	s.page(t, "/en/declarations/made-up-2019").says(t, "2 unsettled")
	// What settles them is offered by the notice: the source's date.
	editor.start("made-up-2019")
	editor.press("check", "sources[0].published.year", "2020", "reason", "The date of the source")
	editor.status(200).at.says(t, "In effect after this 4")
	editor.at.saysNot(t, "Unsettled after this")
}

// TestCheckTellsOrder: a draft in which only the order differs says so, on its check, its button and the desk.
func TestCheckTellsOrder(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(register.Action{Participant: "FRA", Kind: register.Signed}, register.Action{Participant: "JPN", Kind: register.Signed}))
	editor, publisher := s.as(t, "ed", store.Editor), s.as(t, "pub", store.Publisher)
	at := editor.start("made-up-2019")
	editor.press("down:actions[0]")
	editor.press("review", "reason", "As printed")
	editor.status(200).at.says(t, "Only the order of entries changes.")
	editor.open("/en/staff").says(t, "the order of entries")
	publisher.open(at + "/check")
	publisher.at.saysNot(t, "does not differ")
	if !strings.Contains(publisher.at.body, "Publish: the order of entries") {
		t.Error("the button does not say what it publishes")
	}
	publisher.press("publish")
	publisher.status(200).at.says(t, "Published as revision")
	s.page(t, "/en/declarations/made-up-2019/history").says(t, "The order of entries was changed.")
}

// TestSavingKeepsTheOrderOfTopics: a draft in which nothing was touched differs in nothing, though the form has topics by name.
func TestSavingKeepsTheOrderOfTopics(t *testing.T) {
	s := newSite(t)
	editor := s.as(t, "ed", store.Editor)
	at := editor.start("geneva-consensus-2020")
	editor.press("save", "reason", "Nothing yet").says(t, "")
	if got, want := editor.saved(at).Topics, s.entry(t, "geneva-consensus-2020").Topics; !slices.Equal(got, want) {
		t.Errorf("topics %v, on record %v", got, want)
	}
	editor.press("check")
	editor.status(200).at.says(t, "This draft does not differ from what the public sees.")
}

// TestOpenDraftIsSaidOnce: the page of revisions says once that a draft is open.
func TestOpenDraftIsSaidOnce(t *testing.T) {
	s := newSite(t)
	b := s.as(t, "ed", store.Editor)
	b.start("tech-trafficking-2025")
	if a := b.open("/en/staff/declarations/tech-trafficking-2025"); strings.Count(a.text, "A draft is already open") != 1 {
		t.Errorf("“A draft is already open” stands there %d times", strings.Count(a.text, "A draft is already open"))
	}
}

func TestRetire(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(register.Action{Participant: "FRA", Kind: register.Signed}))
	editor, publisher := s.as(t, "ed", store.Editor), s.as(t, "pub", store.Publisher)
	editor.open("/en/staff/declarations/made-up-2019/retire")
	editor.press("Start the draft that retires it", "target", "nothing").says(t, "No declaration is called", "Say why.")
	editor.status(422)
	editor.press("Start the draft that retires it", "target", "tech-trafficking-2025", "reason", "Stood twice")
	at := editor.draft()
	editor.status(200)
	editor.press("review")
	publisher.open(at+"/check").says(t, "This entry is retired", "its address leads to “"+s.entry(t, "tech-trafficking-2025").TitleIn("en").Text+"”")
	publisher.at.saysNot(t, "In effect after this")
	if !strings.Contains(publisher.at.body, "Publish: entry retired") {
		t.Error("the button does not say that the entry is retired")
	}
	publisher.press("publish").says(t, "Published as revision")
	if a := s.ask(t, "GET", "/en/declarations/made-up-2019"); a.StatusCode != http.StatusPermanentRedirect || a.Header.Get("Location") != "/en/declarations/tech-trafficking-2025" {
		t.Errorf("%d %s", a.StatusCode, a.Header.Get("Location"))
	}
}

// TestRetiredOnes: what was retired leads on to the one that answers in the end, everywhere; nothing is retired into a retired
// one; and any revision of a retired one can be the start of a draft.
func TestRetiredOnes(t *testing.T) {
	s := newSite(t)
	const one, two, three = "online-scams-partnership-2025", "counter-ransomware-2024", "tech-trafficking-2025"
	last := s.entry(t, one).Last
	s.change(t, one, func(d *register.Declaration) { d.MergedInto = two })
	editor := s.as(t, "ed", store.Editor)

	// By the form, and by a draft that was begun before.
	editor.open("/en/staff/declarations/" + two + "/retire")
	editor.press("Start the draft that retires it", "target", one, "reason", "Stood twice").says(t, one+" is retired itself: "+two+" answers for it.")
	editor.status(422)
	late := &store.Draft{DeclarationID: s.entry(t, two).ID, Base: s.view(t).Revision, Document: s.entry(t, two).Declaration, Reason: "Stood twice"}
	late.Document.MergedInto = one
	if err := s.store.SaveDraft(t.Context(), late, editor.account); err != nil {
		t.Fatal(err)
	}
	editor.open(fmt.Sprintf("/en/staff/drafts/%d/check", late.ID)).says(t, one+" is retired itself: "+two+" answers for it.")

	s.change(t, two, func(d *register.Declaration) { d.MergedInto = three })
	for from, to := range map[string]string{
		"/en/declarations/" + one:                                                 "/en/declarations/" + three,
		"/en/declarations/" + one + ".csv":                                        "/en/declarations/" + three + ".csv",
		"/en/declarations/" + one + ".bib":                                        "/en/declarations/" + three + ".bib",
		"/en/declarations/" + one + "/history":                                    "/en/declarations/" + three + "/history",
		"/api/v1/declarations/" + one:                                             "/api/v1/declarations/" + three,
		"/feeds/declarations/" + one + ".atom":                                    "/feeds/declarations/" + three + ".atom",
		"/en/declarations/" + two + "?as_of=2025-12-01":                           "/en/declarations/" + three + "?as_of=2025-12-01",
		fmt.Sprintf("/en/declarations/%s?revision=%d", one, s.view(t).Revision-1): fmt.Sprintf("/en/declarations/%s?revision=%d", two, s.view(t).Revision-1),
	} {
		a := s.ask(t, "GET", from)
		if a.StatusCode != http.StatusPermanentRedirect || a.Header.Get("Location") != to {
			t.Errorf("%s answers %d to %q, want %q", from, a.StatusCode, a.Header.Get("Location"), to)
		}
		if a := s.ask(t, "GET", to); a.StatusCode != http.StatusOK {
			t.Errorf("%s answers %d", to, a.StatusCode)
		}
	}
	s.page(t, "/en/compare?d="+one+"&d=artemis-accords-2020")
	s.page(t, fmt.Sprintf("/en/declarations/%s/history/%d", three, last))

	// Any revision is the start of the next.
	for _, x := range []string{"/start", fmt.Sprintf("/start/%d", last)} {
		if a := editor.send("POST", "/en/staff/declarations/"+one+x, url.Values{}); a.StatusCode != http.StatusSeeOther {
			t.Fatalf("%s of a retired one answers %d to %s", x, a.StatusCode, a.Header.Get("Location"))
		}
	}
	editor.open(editor.at.Header.Get("Location"))
	editor.press("review", "reason", "It did not stand twice")
	at := editor.draft()
	publisher := s.as(t, "pub", store.Publisher)
	publisher.open(at + "/check")
	publisher.press("publish").says(t, "Published as revision")
	s.page(t, "/en/declarations/"+one)
	if err := s.store.Verify(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// TestRetiredInACircle: what an older program published in a circle is a page that says so, not redirects without end.
func TestRetiredInACircle(t *testing.T) {
	s := newSite(t)
	const one, two = "online-scams-partnership-2025", "counter-ransomware-2024"
	db, err := sql.Open("sqlite3", s.path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("UPDATE declaration SET merged_into = CASE slug WHEN ?1 THEN ?2 ELSE ?1 END WHERE slug IN (?1, ?2)", one, two); err != nil {
		t.Fatal(err)
	}
	for _, x := range []string{"/en/declarations/" + one, "/en/declarations/" + two + ".csv", "/api/v1/declarations/" + one} {
		a := s.ask(t, "GET", x)
		if a.StatusCode != http.StatusNotFound || !strings.Contains(a.body, "were merged into each other") {
			t.Errorf("%s answers %d: %.300s", x, a.StatusCode, a.body)
		}
	}
	editor := s.as(t, "ed", store.Editor)
	editor.open("/en/staff/declarations/" + one)
	if a := editor.send("POST", "/en/staff/declarations/"+one+"/start", url.Values{}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("a draft of it: %d", a.StatusCode)
	}
}

func (s *site) entry(t *testing.T, slug string) *store.Entry {
	t.Helper()
	e, err := s.view(t).Declaration(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestSuggest(t *testing.T) {
	s := newSite(t)
	b := s.as(t, "ed", store.Editor)
	for q, code := range map[string]string{"vie": "VNM", "вьет": "VNM", "法": "FRA", "cote": "CIV", "KR": "KOR", "kor": "KOR", "turkey": "TUR", "المملكة": "", "Viet Nam (VNM)": "VNM", "côte d'iv": "CIV"} {
		a := b.send("GET", "/en/staff/suggest?q="+url.QueryEscape(q), nil)
		var found []struct{ Code, Name, Kind string }
		if err := json.Unmarshal([]byte(a.body), &found); err != nil {
			t.Fatalf("%s: %v", a.body, err)
		}
		if code == "" && len(found) < 2 || code != "" && (len(found) == 0 || found[0].Code != code && !(q == "法")) {
			t.Errorf("%q finds %v", q, found)
		}
	}
}

// TestFuture: a date to come is confirmed before it is published.
func TestFuture(t *testing.T) {
	s := newSite(t)
	editor, publisher := s.as(t, "ed", store.Editor), s.as(t, "pub", store.Publisher)
	at := editor.start("tech-trafficking-2025")
	editor.press("review", "reason", "R", "published.day", "1", "published.month", "1", "published.year", "2027")
	editor.status(200).at.says(t, "is in the future")
	publisher.open(at + "/check")
	publisher.press("publish").says(t, "Confirm that it is meant so")
	publisher.status(422)
	publisher.press("publish", "confirm", "yes")
	publisher.status(200).at.says(t, "Published as revision")
}

// TestProblemWords: every problem that the rules and the form can find has words in every catalogue.
func TestProblemWords(t *testing.T) {
	keys := map[string]bool{"not_in_list": true, "choose": true}
	for _, path := range []string{"../store/register/validate.go", "../store/publish.go", "form/form.go", "form/check.go", "staff_check.go"} {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		literal := func(e ast.Expr) {
			if l, ok := e.(*ast.BasicLit); ok && l.Kind == token.STRING {
				if s, err := strconv.Unquote(l.Value); err == nil && s != "" {
					keys[s] = true
				}
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.KeyValueExpr:
				if k, ok := n.Key.(*ast.Ident); ok && k.Name == "Key" {
					literal(n.Value)
				}
			case *ast.AssignStmt:
				if s, ok := n.Lhs[0].(*ast.SelectorExpr); ok && s.Sel.Name == "Key" {
					literal(n.Rhs[0])
				}
			case *ast.CallExpr:
				name := ""
				switch f := n.Fun.(type) {
				case *ast.SelectorExpr:
					name = f.Sel.Name
				case *ast.Ident:
					if filepath.Base(path) != "form.go" { // there it adds rows
						name = f.Name
					}
				}
				if name == "add" && len(n.Args) > 1 && filepath.Base(path) != "publish.go" {
					literal(n.Args[1])
				}
			case *ast.ReturnStmt: // ReadDate and Dirty return keys
				for _, r := range n.Results {
					if l, ok := r.(*ast.BasicLit); ok && (strings.HasPrefix(l.Value, `"date_`) || strings.HasPrefix(l.Value, `"text_`)) {
						literal(r)
					}
				}
			}
			return true
		})
	}
	for k := range keys {
		if !regexp.MustCompile(`^[a-z_]+$`).MatchString(k) {
			delete(keys, k)
		}
	}
	for _, k := range []string{"date_shape", "text_direction", "slug_taken", "too_many_rows", "source_missing", "sponsor_not_listed", "draft_changed", "slug_missing"} {
		if !keys[k] {
			t.Errorf("the test does not find the key %s", k)
		}
	}
	languages := i18n.Languages()
	if len(languages) == 0 {
		t.Fatal("no catalogue")
	}
	for _, l := range languages {
		b, err := os.ReadFile("../templates/i18n/" + l.Code + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var catalogue map[string]any
		if err := json.Unmarshal(b, &catalogue); err != nil {
			t.Fatal(err)
		}
		for k := range keys {
			if catalogue["staff.problem."+k] == nil {
				t.Errorf("%s has no words for the problem %s", l.Code, k)
			}
		}
	}
}

// TestStaffPages: every page of drafts and reference data is sound in every language of the build, and 200 lines stay quick.
func TestStaffPages(t *testing.T) {
	s := newSite(t)
	b := s.as(t, "pub", store.Publisher)
	at := b.start("tech-trafficking-2025")
	b.press("save", "presented_by", "Mine", "reason", "R")
	other := s.as(t, "ed", store.Editor)
	overtaken := other.start("tech-trafficking-2025")
	other.press("save", "presented_by", "Other", "reason", "R")
	s.change(t, "tech-trafficking-2025", func(d *register.Declaration) { d.PresentedBy = "Quicker" })
	for _, l := range i18n.Languages() {
		for _, x := range []string{"", "?all=1&q=korea", "?gap=count", strings.TrimPrefix(at, "/en/staff"), strings.TrimPrefix(at, "/en/staff") + "/check", strings.TrimPrefix(at, "/en/staff") + "/history",
			strings.TrimPrefix(overtaken, "/en/staff") + "/conflict", "/declarations/tech-trafficking-2025", "/declarations/tech-trafficking-2025/retire", "/reference", "/reference/participants",
			"/reference/participants/NLD", "/reference/participants/new", "/reference/groups", "/reference/groups/EU", "/reference/groups/new", "/reference/topics", "/reference/topics/xinjiang",
			"/reference/topics/new"} {
			a := b.get("/" + l.Code + "/staff" + x)
			if a.StatusCode != http.StatusOK {
				t.Errorf("/%s/staff%s answers %d: %.300s", l.Code, x, a.StatusCode, a.text)
				continue
			}
			for _, f := range a.faults(l.Code, l.Dir) {
				if strings.Contains(f, "[#]") {
					continue // in templates that only the script copies
				}
				t.Errorf("/%s/staff%s: %s", l.Code, x, f)
			}
		}
	}
	for _, x := range []string{"/drafts/999", "/drafts/x", "/drafts/999/check", "/declarations/nothing", "/declarations/tech-trafficking-2025/compare?from=1&to=99", "/reference/participants/ZZZ"} {
		if a := b.get("/en/staff" + x); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s answers %d", x, a.StatusCode)
		}
	}
	b.open(at)
	action, values := b.filled("save")
	n := 0
	for _, p := range s.view(t).Ref.Participants {
		f := fmt.Sprintf("actions[%d].", 100+n)
		values.Set(f+"participant", p.Code)
		values.Set(f+"action", "signed")
		values.Set(f+"capacity", "signatory")
		values.Set(f+"name_as_printed", p.Names["en"])
		if n++; n == 200 {
			break
		}
	}
	values.Set("do", "check")
	begin := time.Now()
	if a := b.send("POST", action, values); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("200 lines without a source: %d", a.StatusCode)
	}
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("200 lines took %s", took)
	} else {
		t.Logf("200 lines took %s", took)
	}
}

func (s *site) view(t *testing.T) *store.View {
	t.Helper()
	v, err := s.store.At(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestServePublishes: the server itself publishes what is due, also what came due while it was off.
func TestServePublishes(t *testing.T) {
	s := newSite(t)
	editor, publisher := s.as(t, "ed", store.Editor), s.as(t, "pub", store.Publisher)
	at := editor.start("tech-trafficking-2025")
	editor.press("review", "reason", "Embargoed", "presented_by", "Embargoed Person")
	publisher.open(at + "/check")
	publisher.press("schedule", "publish_at.day", "24", "publish_at.month", "11", "publish_at.year", "2026", "publish_at.time", "09:30")
	before := s.view(t).Revision
	later, err := store.Open(t.Context(), s.path, store.WithClock(func() time.Time { return testNow.Add(48 * time.Hour) }))
	if err != nil {
		t.Fatal(err)
	}
	defer later.Close()
	server, err := New(Config{Store: later, BaseURL: testBase, Spool: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, l) }()
	for deadline := time.Now().Add(10 * time.Second); s.view(t).Revision == before && time.Now().Before(deadline); {
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	until(t, "what another program published", func() bool {
		return strings.Contains(s.page(t, "/en/declarations/tech-trafficking-2025").text, "Embargoed Person")
	})
}

// What was typed to send a draft back is not lost where the draft was published meanwhile: it can be added as a remark.
func TestRemarkOnAPublishedDraft(t *testing.T) {
	s := newSite(t)
	editor, one, two := s.as(t, "ed", store.Editor), s.as(t, "one", store.Publisher), s.as(t, "two", store.Publisher)
	at := editor.start("tech-trafficking-2025")
	editor.press("review", "reason", "R", "presented_by", "Somebody").says(t, "Somebody")
	one.open(at + "/check")
	two.open(at + "/check")
	two.press("publish").says(t, "Published as revision")
	action, values := one.filled("send_back")
	one.press("send_back", "remark", "The date is wrong")
	one.status(http.StatusConflict).at.says(t, "The draft was changed since this page was made", "The date is wrong")
	action2, remark := one.filled("Add")
	if remark.Get("remark") != "The date is wrong" {
		t.Fatalf("the remark is lost: %v", remark)
	}
	if a := one.send("POST", action2, remark); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("the remark is not taken: %d", a.StatusCode)
	}
	one.open(at+"/history").says(t, "The date is wrong")
	// Where nothing was typed there is nothing to show again.
	values.Set("do", "publish")
	values.Set("remark", " ")
	if a := one.send("POST", action, values); a.StatusCode != http.StatusSeeOther {
		t.Errorf("without a remark: %d", a.StatusCode)
	}
}
