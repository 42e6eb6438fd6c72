package main

import (
	"context"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// elsewhere ends all sessions of an account but its own, as somebody does from another browser.
func elsewhere(t *testing.T, base, login, password string) (end func()) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	post := func(path string, values url.Values) {
		t.Helper()
		r, err := client.PostForm(base+path, values)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d", path, r.StatusCode)
		}
	}
	post("/en/staff/sign-in", url.Values{"login": {login}, "password": {password}})
	return func() { t.Helper(); post("/en/staff/account", url.Values{"do": {"revoke_others"}}) }
}

// What was typed outlives a session that ended meanwhile, in every form of staff; the page that asks to sign in promises it
// only where it is so; and no copy outlives what became of it.
func TestBrowserKeptOverTheSession(t *testing.T) {
	base, db, setup := servingNew(t)
	ctx, cancel := context.WithTimeout(browser(t), 150*time.Second)
	defer cancel()
	const password = "a long walk by the river"
	do(t, ctx, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(setup))
	fill(t, ctx, map[string]string{"login": "ada", "name": "Ada", "password": password, "password_again": password})
	follow(t, ctx, `main form button`)
	end := elsewhere(t, base, "ada", password)
	at := func() string { t.Helper(); return strings.TrimPrefix(read(t, ctx, chromedp.Location()), base) }
	says := func(want string) {
		t.Helper()
		if got := read(t, ctx, chromedp.Text("main")); !strings.Contains(got, want) {
			t.Errorf("%s does not say %q: %.400s", at(), want, got)
		}
	}
	silent := func(what string) {
		t.Helper()
		if got := read(t, ctx, chromedp.Text("main")); strings.Contains(got, what) {
			t.Errorf("%s says %q", at(), what)
		}
	}
	signIn := func() {
		t.Helper()
		fill(t, ctx, map[string]string{"login": "ada", "password": password})
		follow(t, ctx, `main form button:not([type=button])`)
	}
	value := func(name string) string {
		t.Helper()
		return read(t, ctx, chromedp.Evaluate[string](`(document.querySelector('main form[data-keep] [name="`+name+`"]') || {value: 'none'}).value`))
	}
	copies := func() int {
		t.Helper()
		return read(t, ctx, chromedp.Evaluate[int](`Object.keys(localStorage).filter(k => k.startsWith('cosignatory.form.')).length`))
	}
	const promise, offer, putBack = "the browser kept a copy", "This browser holds a copy", `.restore button:nth-of-type(1)`

	// Nothing was typed, nothing was sent: nothing is promised.
	do(t, ctx, chromedp.Navigate(base+"/en/staff/bring"))
	end()
	do(t, ctx, chromedp.Navigate(base+"/en/staff/bring"))
	says("Your session has ended. Sign in to go on.")
	silent(promise)
	signIn()
	silent(offer)

	// A list that is brought in, on its first page.
	first := map[string]string{"text": "Signed by Australia,\nBrazil and Côte d’Ivoire.", "title": "Made-up statement", "kind": "joint-statement", "declared.day": "24", "declared.month": "11",
		"declared.year": "2025", "source.publisher": "Made-up mission", "source.title": "Made-up release", "source.url": "https://example.org/release", "source.kind": "official"}
	fill(t, ctx, first)
	do(t, ctx, chromedp.Click(`#to-new`))
	end()
	follow(t, ctx, `button[value="read"]`)
	says(promise)
	signIn()
	says(offer)
	if got := value("text"); got != "" {
		t.Errorf("the copy is put back unasked: %q", got)
	}
	follow(t, ctx, putBack)
	for name, want := range first {
		if got := value(name); got != want {
			t.Errorf("%s was put back as %q, want %q", name, got, want)
		}
	}

	// The questions about what was found, which no address shows.
	follow(t, ctx, `button[value="read"]`)
	do(t, ctx, chromedp.Click(`[data-find][data-code=BRA] input[type=checkbox]`))
	end()
	follow(t, ctx, `button[value="accept"]`)
	says(promise)
	signIn()
	if got := at(); got != "/en/staff/bring" {
		t.Fatalf("after signing in: %s", got)
	}
	says(offer)
	follow(t, ctx, putBack)
	if ticked := read(t, ctx, chromedp.Evaluate[string](`[...document.querySelectorAll('[data-find] input[type=checkbox]')].map(i => i.closest('[data-find]').dataset.code + i.checked).join()`)); ticked != "AUStrue,BRAfalse,CIVtrue" {
		t.Errorf("the decisions come back as %s", ticked)
	}
	follow(t, ctx, `button[value="accept"]`)
	if n := copies(); n != 0 {
		t.Errorf("%d copies are left of what was taken", n)
	}
	if d := drafted(t, db); len(d.Document.Actions) != 2 {
		t.Errorf("the draft is %+v", d.Document.Actions)
	}
	draft, _, _ := strings.Cut(at(), "#")

	// A remark, typed and sent; the sign-in in another language.
	do(t, ctx, chromedp.Navigate(base+draft+"/history"))
	fill(t, ctx, map[string]string{"remark": "A remark\nin two lines"})
	end()
	follow(t, ctx, `form[data-keep=remark] button`)
	says(promise)
	follow(t, ctx, `nav.languages a[hreflang=fr]`)
	says("le navigateur en a conservé une copie")
	signIn()
	says("Ce navigateur")
	do(t, ctx, chromedp.Click(putBack))
	if got := value("remark"); got != "A remark\nin two lines" {
		t.Errorf("the remark was put back as %q", got)
	}
	follow(t, ctx, `form[data-keep=remark] button`)
	says("A remark")
	silent("Ce navigateur")
	if n := copies(); n != 0 {
		t.Errorf("%d copies are left of a remark", n)
	}

	// A sending that never arrived: a page that comes next, redirected or not, is no proof that the remark was taken.
	fill(t, ctx, map[string]string{"remark": "Never arrived"})
	read(t, ctx, chromedp.Evaluate[int](`(document.addEventListener('submit', e => e.preventDefault()), document.querySelector('form[data-keep=remark] button').click(), 1)`))
	do(t, ctx, chromedp.Navigate(base+draft+"/conflict"))
	if got := at(); got != draft+"/check" {
		t.Errorf("the page of no conflict leads to %s", got)
	}
	if n := copies(); n != 1 {
		t.Errorf("%d copies are left of a remark that never arrived", n)
	}
	do(t, ctx, chromedp.Navigate(base+draft+"/history"))
	says(offer)
	do(t, ctx, chromedp.Click(`.restore button:nth-of-type(2)`))

	// An account that is added: its page answers the form at once, without leading on.
	do(t, ctx, chromedp.Navigate(base+"/en/staff/accounts"))
	fill(t, ctx, map[string]string{"login": "bea", "name": "Bea"})
	follow(t, ctx, `form[data-keep=account] button`)
	says("/en/staff/invitation")
	if n := copies(); n != 0 {
		t.Errorf("%d copies are left of an account that was added", n)
	}

	// Reference data, with a row that the script added.
	do(t, ctx, chromedp.Navigate(base+"/en/staff/reference/groups/ASEAN"))
	rows := read(t, ctx, chromedp.Evaluate[int](`document.querySelectorAll('[data-rows=members] > *').length`))
	do(t, ctx, chromedp.Click(`[data-add=members]:not([data-times])`))
	member := "members[" + string(rune('0'+rows/10)) + string(rune('0'+rows%10)) + "].code"
	if rows < 10 {
		member = "members[" + string(rune('0'+rows)) + "].code"
	}
	fill(t, ctx, map[string]string{member: "Fiji", "note": "A made-up note", "reason": "Made up"})
	end()
	follow(t, ctx, `.finish button`)
	says(promise)
	signIn()
	follow(t, ctx, putBack)
	if value(member) != "Fiji" || value("note") != "A made-up note" || value("reason") != "Made up" {
		t.Errorf("the group comes back as %q, %q, %q", value(member), value("note"), value("reason"))
	}
	follow(t, ctx, `.finish button`)
	says("Published as revision")

	// The retiring of a declaration, typed and thrown away.
	do(t, ctx, chromedp.Navigate(base+"/en/staff/declarations/tech-trafficking-2025/retire"))
	fill(t, ctx, map[string]string{"target": "nothing", "reason": "Made up"})
	end()
	follow(t, ctx, `form[data-keep=retire] button`)
	signIn()
	says(offer)
	do(t, ctx, chromedp.Click(`.restore button:nth-of-type(2)`))
	if n := copies(); n != 0 || value("target") != "" {
		t.Errorf("thrown away, %d copies are left and %q", n, value("target"))
	}

	// A file cannot be kept: that is said. What is sent by somebody else is no secret of the browser, and none outlives the
	// signing out.
	do(t, ctx, chromedp.Navigate(base+"/en/staff/bring"))
	fill(t, ctx, map[string]string{"title": "With a file"})
	read(t, ctx, chromedp.Evaluate[int](`(() => { const d = new DataTransfer(); d.items.add(new File(['France'], 'list.txt')); document.querySelector('#file').files = d.files; return 1 })()`))
	end()
	follow(t, ctx, `button[value="read"]`)
	says("A file cannot be kept: choose it again.")
	if kept := read(t, ctx, chromedp.Evaluate[string](`JSON.stringify(localStorage)`)); strings.Contains(kept, password) || strings.Contains(kept, "France") {
		t.Errorf("the browser keeps %s", kept)
	}
	signIn()
	says("A file cannot be kept: choose it again.")
	read(t, ctx, chromedp.Evaluate[int](`(() => { const k = Object.keys(localStorage).find(k => k.startsWith('cosignatory.form.')); localStorage.setItem(k.replace(' ', 'x '), localStorage.getItem(k)); localStorage.removeItem(k); return 1 })()`))
	do(t, ctx, chromedp.Navigate(base+"/en/staff/bring"))
	silent(offer)

	// A draft keeps a copy of its own: promised and offered in any language, to nobody else, and gone with the signing out.
	do(t, ctx, chromedp.Navigate(base+draft))
	fill(t, ctx, map[string]string{"presented_by": "Somebody made up"})
	end()
	read(t, ctx, chromedp.Evaluate[int](`(document.querySelector('form.declare button[value=save]').click(), 1)`))
	do(t, ctx, chromedp.WaitVisible(`input[name=password]`))
	says(promise)
	follow(t, ctx, `nav.languages a[hreflang=fr]`)
	says("le navigateur en a conservé une copie")
	signIn()
	if n := read(t, ctx, chromedp.Evaluate[int](`document.querySelectorAll('.restore').length`)); n != 1 {
		t.Errorf("%s offers %d copies of the draft", at(), n)
	}
	moveKey := `(([a, b]) => { const k = Object.keys(localStorage).find(k => k.startsWith('cosignatory.draft.')); localStorage.setItem(k.replace(a, b), localStorage.getItem(k)); localStorage.removeItem(k); return 1 })`
	read(t, ctx, chromedp.Evaluate[int](moveKey+`(['.ada ', '.bea '])`))
	do(t, ctx, chromedp.Navigate(base+draft))
	if n := read(t, ctx, chromedp.Evaluate[int](`document.querySelectorAll('.restore').length`)); n != 0 {
		t.Error("the copy of a draft is offered to somebody else")
	}
	follow(t, ctx, `form[action="/en/staff/sign-out"] button`)
	if n := read(t, ctx, chromedp.Evaluate[int](`Object.keys(localStorage).filter(k => k.startsWith('cosignatory.draft.')).length`)); n != 0 {
		t.Errorf("%d copies of drafts outlive the signing out", n)
	}
	if n := copies(); n != 0 {
		t.Errorf("%d copies outlive the signing out", n)
	}
}
