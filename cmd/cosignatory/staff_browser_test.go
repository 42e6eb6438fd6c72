package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"cosignatory/templates/i18n"
)

// script switches the scripts of pages on or off.
func script(on bool) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
		return err
	})
}

func fill(t *testing.T, ctx context.Context, values map[string]string) {
	t.Helper()
	for name, v := range values {
		do(t, ctx, chromedp.SetValue(`[name="`+name+`"]`, v))
	}
}

// TestBrowserPasswordShown: a password can be shown while it is typed, and hidden again; it is sent as one.
func TestBrowserPasswordShown(t *testing.T) {
	_, _, setup := servingNew(t)
	ctx := browser(t)
	do(t, ctx, chromedp.EmulateViewport(390, 844), chromedp.Navigate(strings.Replace(setup, "/en/", "/ar/", 1)))
	fill(t, ctx, map[string]string{"login": "ada", "name": "Ada", "password": "a long walk by the river", "password_again": "a long walk by the river"})
	types := func() string {
		t.Helper()
		return read(t, ctx, chromedp.Evaluate[string](`[...document.querySelectorAll('input[name^=password]')].map(i => i.type).join(' ')`))
	}
	if got := types(); got != "password password" {
		t.Fatalf("at first they are %s", got)
	}
	if label := read(t, ctx, chromedp.Text(`label[for="password-show"]`)); label != "إظهار كلمة السر" {
		t.Errorf("the box is called %q", label)
	}
	do(t, ctx, chromedp.Click(`label[for="password-show"]`))
	if got := types(); got != "text text" {
		t.Errorf("shown they are %s", got)
	}
	do(t, ctx, chromedp.Click(`#password-show`))
	if got := types(); got != "password password" {
		t.Errorf("hidden again they are %s", got)
	}
	do(t, ctx, chromedp.Click(`#password-show`))
	// What is sent is told to the next page.
	read(t, ctx, chromedp.Evaluate[string](`document.querySelector('input[name=password]').form.addEventListener('submit', () => { window.name = document.querySelector('input[name=password]').type }), ""`))
	follow(t, ctx, `main form button`)
	if at := read(t, ctx, chromedp.Location()); !strings.HasSuffix(at, "/ar/staff") {
		t.Errorf("after the set-up the administrator is at %s", at)
	}
	if as := read(t, ctx, chromedp.Evaluate[string](`window.name`)); as != "password" {
		t.Errorf("it was sent as %q", as)
	}
}

// The first administrator sets up the register and records a declaration with five participants, in a browser without
// scripts; a careless mistake is said with everything kept; and nothing of the draft is public.
func TestBrowserStaffWithoutScripts(t *testing.T) {
	base, _, setup := servingNew(t)
	ctx := browser(t)
	do(t, ctx, chromedp.EmulateViewport(1280, 900), script(false), chromedp.Navigate(setup))
	fill(t, ctx, map[string]string{"login": "ada", "name": "Ada", "password": "a long walk by the river", "password_again": "a long walk by the river"})
	follow(t, ctx, `main form button`)
	if at := read(t, ctx, chromedp.Location()); !strings.HasSuffix(at, "/en/staff") {
		t.Fatalf("after the set-up the administrator is at %s", at)
	}
	follow(t, ctx, `form[action="/en/staff/drafts"] button`)
	fill(t, ctx, map[string]string{"sources[0].publisher": "Made-up ministry", "sources[0].title": "Made-up release", "sources[0].url": "https://example.org/release",
		"titles[0].text": "Made-up statement", "adopted.day": "31", "adopted.month": "2", "adopted.year": "2026"})
	press := func(value string, status int64) {
		t.Helper()
		r, err := chromedp.RunResponse(ctx, chromedp.Click(`button[name="do"][value="`+value+`"]:not(.spoken)`))
		if err != nil {
			t.Fatal(value, err)
		}
		if r.Status != status {
			t.Fatalf("%s: %d, want %d", value, r.Status, status)
		}
	}
	press("add5:actions", 200)
	form, _, _ := strings.Cut(read(t, ctx, chromedp.Location()), "?")
	for i, name := range []string{"Birmania", "KOR", "大韩民国", "Viet Nam", "France"} {
		fill(t, ctx, map[string]string{"actions[" + string(rune('0'+i)) + "].participant": name})
	}
	press("check", 422)
	says := read(t, ctx, chromedp.Text("main"))
	values := read(t, ctx, chromedp.Evaluate[string](`[...document.querySelectorAll('main input, main textarea')].map(i => i.value).join('|')`))
	for _, kept := range []string{"Myanmar (MMR)", "|31|", "Made-up statement", "https://example.org/release"} {
		if !strings.Contains(values, kept) {
			t.Errorf("%s is gone from the form: %s", kept, values)
		}
	}
	if !strings.Contains(says, "twice") && !strings.Contains(says, "already") {
		t.Errorf("that one participant stands twice is not said: %.600q", says)
	}
	status, _, page := get(t, base+"/en/search?q=made-up+statement")
	if status != 200 || strings.Contains(page, "Made-up ministry") || strings.Contains(page, "/declarations/made-up") {
		t.Error("the draft can be found by the public")
	}
	if status, _, page := get(t, form); status == 200 && strings.Contains(page, "Made-up ministry") {
		t.Error("the draft can be read without signing in")
	}
	// The pages of staff fit a phone, in both directions of writing.
	do(t, ctx, script(true))
	draft := strings.TrimPrefix(form, base+"/en")
	shots := os.Getenv("COSIGNATORY_SHOTS")
	for _, path := range []string{"/staff", draft, draft + "/check", draft + "/history", "/staff/accounts", "/staff/settings", "/staff/log", "/staff/account", "/staff/reference",
		"/staff/declarations/tech-trafficking-2025", "/staff/declarations/tech-trafficking-2025/retire"} {
		for _, l := range i18n.Languages() {
			for _, width := range []int64{360, 1280} {
				if width == 1280 && l.Code != "en" && l.Code != "ar" {
					continue
				}
				do(t, ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate(base+"/"+l.Code+path))
				over := read(t, ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`))
				heads := read(t, ctx, chromedp.Evaluate[int](`document.querySelectorAll('main h1').length`))
				if l.Code == "en" || l.Code == "ar" {
					// The whole page at once: what the bar of buttons at the foot covers for now is there when one scrolls.
					height := read(t, ctx, chromedp.Evaluate[int64](`document.documentElement.scrollHeight`))
					do(t, ctx, chromedp.EmulateViewport(width, max(height+200, 900)))
					accessible(t, ctx, "/"+l.Code+path)
				}
				if over > 0 || heads != 1 {
					t.Errorf("/%s%s at %d pixels: %d pixels too wide, %d main headings", l.Code, path, width, over, heads)
				}
				if shots != "" && (l.Code == "en" || l.Code == "ar") {
					b := read(t, ctx, chromedp.FullScreenshot(100))
					name := strings.ReplaceAll(strings.Trim(path, "/"), "/", "-") + "-" + l.Code + "-" + map[int64]string{360: "360", 1280: "1280"}[width] + ".png"
					if err := os.WriteFile(filepath.Join(shots, name), b, 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
}

var oneTime = regexp.MustCompile(`http://[^\s"<]+/staff/invitation/[A-Za-z0-9_-]+`)

// What a new user does, in a browser without scripts: the administrator invites an editor and a publisher; the editor
// records a declaration with five participants and sends it to review; the publisher publishes; a withdrawal is recorded
// and published, a mistake of the register corrected, and the correction undone. The public pages, the file and the history
// tell the story.
func TestBrowserStory(t *testing.T) {
	base, db, setup := servingNew(t)
	ctx, cancel := context.WithTimeout(browser(t), 90*time.Second)
	defer cancel()
	const password = "a long walk by the river"
	press := func(selector string) {
		t.Helper()
		soon, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		r, err := chromedp.RunResponse(soon, chromedp.Click(selector))
		if err != nil {
			t.Fatalf("%s: %v, at %s: %.1500s", selector, err, read(t, ctx, chromedp.Location()), read(t, ctx, chromedp.Evaluate[string](`document.querySelector('main').outerHTML`)))
		}
		if r.Status != 200 {
			t.Fatalf("%s: %d: %.900s", selector, r.Status, read(t, ctx, chromedp.Text("main")))
		}
	}
	command := func(value string) { t.Helper(); press(`button[name="do"][value="` + value + `"]:not(.spoken)`) }
	value := func(name string) string {
		t.Helper()
		return read(t, ctx, chromedp.Evaluate[string](`document.querySelector('[name="`+name+`"]').value`))
	}
	signOut := func() { t.Helper(); press(`form[action="/en/staff/sign-out"] button`) }
	signIn := func(login string) {
		t.Helper()
		do(t, ctx, chromedp.Navigate(base+"/en/staff/sign-in"))
		fill(t, ctx, map[string]string{"login": login, "password": password})
		press(`main form button`)
	}
	do(t, ctx, chromedp.EmulateViewport(1280, 900), script(false), chromedp.Navigate(setup))
	fill(t, ctx, map[string]string{"login": "ada", "name": "Ada", "password": password, "password_again": password})
	press(`main form button`)
	for _, role := range []string{"editor", "publisher"} {
		do(t, ctx, chromedp.Navigate(base+"/en/staff/accounts"))
		fill(t, ctx, map[string]string{"login": role, "name": "The " + role})
		do(t, ctx, chromedp.Click(`#role-`+role))
		press(`form[action="/en/staff/accounts"] button`)
		page := read(t, ctx, chromedp.Evaluate[string](`document.querySelector('main').outerHTML`))
		invitation := oneTime.FindString(page)
		if invitation == "" {
			t.Fatalf("no address to hand over to the %s", role)
		}
		signOut()
		do(t, ctx, chromedp.Navigate(invitation))
		fill(t, ctx, map[string]string{"password": password, "password_again": password})
		press(`main form button`)
		signOut()
		signIn("ada")
	}
	signOut()

	signIn("editor")
	press(`form[action="/en/staff/drafts"] button`)
	fill(t, ctx, map[string]string{"sources[0].publisher": "Made-up ministry", "sources[0].title": "Made-up release", "sources[0].url": "https://example.org/release",
		"sources[0].kind": "official", "titles[0].text": "Made-up statement", "titles[0].standing": "authentic", "kind": "joint-statement", "adopted.day": "2", "adopted.month": "3", "adopted.year": "2026",
		"reason": "Made up for a test"})
	command("add5:actions")
	key := value("sources[0].key")
	for i, name := range []string{"Birmania", "KOR", "Côte d’Ivoire", "Viet Nam", "France"} {
		row := "actions[" + string(rune('0'+i)) + "]."
		fill(t, ctx, map[string]string{row + "participant": name, row + "source": key, row + "date.day": "2", row + "date.month": "3", row + "date.year": "2026"})
	}
	command("save")
	slug := "made-up-statement-2026" // made of the title and the year
	command("review")
	signOut()
	publish := func() {
		t.Helper()
		signIn("publisher")
		press(`main a[href^="/en/staff/drafts/"]`)
		if !strings.HasSuffix(read(t, ctx, chromedp.Location()), "/check") {
			press(`main a[href$="/check"], header a[href$="/check"], a[href$="/check"]`)
		}
		command("publish")
		signOut()
	}
	publish()
	public := base + "/en/declarations/" + slug
	expect := func(when string, address string, all ...string) {
		t.Helper()
		status, _, page := get(t, address)
		for _, want := range all {
			if status != 200 || !strings.Contains(page, want) {
				t.Errorf("%s: %s (%d) does not say %q", when, address, status, want)
			}
		}
	}
	expect("published", public, "Made-up statement", "Myanmar", "Republic of Korea", "Viet Nam")
	expect("published", public+".csv", "in_effect", "Côte d’Ivoire")

	start := func(selector string) {
		t.Helper()
		signIn("editor")
		do(t, ctx, chromedp.Navigate(base+"/en/staff/declarations/"+slug))
		press(selector)
	}
	start(`form[action^="/en/staff/declarations/` + slug + `/start"] button`)
	command("add:actions")
	fill(t, ctx, map[string]string{"actions[5].participant": "VNM", "actions[5].action": "withdrew", "actions[5].reason": "withdrew_by_notice", "actions[5].source": key,
		"actions[5].date.day": "4", "actions[5].date.month": "5", "actions[5].date.year": "2026", "reason": "Viet Nam gave notice, in this made-up story"})
	command("review")
	signOut()
	publish()
	expect("withdrawn", public, "4 in effect", "withdrew by notice")
	expect("withdrawn", public+".csv", "left,2026-03-02,day,2026-05-04,day,withdrew_by_notice")

	start(`form[action^="/en/staff/declarations/` + slug + `/start"] button`)
	fill(t, ctx, map[string]string{"actions[4].participant": "FIN", "reason": "France was recorded by mistake: it was Finland"})
	command("review")
	signOut()
	publish()
	expect("corrected", public, "Finland")
	expect("corrected", public+"/history", "Viet Nam gave notice", "France was recorded by mistake")

	// The revision before the correction as the start of a new draft undoes it.
	signIn("editor")
	do(t, ctx, chromedp.Navigate(base+"/en/staff/declarations/"+slug))
	press(`tbody tr:nth-child(2) form[action^="/en/staff/declarations/` + slug + `/start"] button`)
	fill(t, ctx, map[string]string{"reason": "The first record was right after all"})
	command("review")
	signOut()
	publish()
	expect("undone", public+".csv", "France")
	expect("undone", public+"/history", "The first record was right after all")
	if code, out, errs := run("verify", "--db", db); code != done || !strings.Contains(out, "31 revisions") {
		t.Errorf("verify: %d %s %s", code, out, errs)
	}
}
