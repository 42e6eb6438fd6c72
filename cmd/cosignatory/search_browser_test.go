package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// Who types sees suggestions, goes through them with the arrow keys without the focus leaving the field, puts them away with
// Escape and opens one with Enter.
func TestBrowserSuggests(t *testing.T) {
	base, _ := serving(t)
	ctx := browser(t)
	for _, c := range []struct{ page, field, typed, first, lands string }{
		{"/en/", "#find-big", "birman", "Myanmar", "/en/participants/MMR"},
		{"/ar/declarations", "#find", "ميانما", "ميانمار", "/ar/participants/MMR"},
	} {
		do(t, ctx, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(base+c.page))
		do(t, ctx, chromedp.SendKeys(c.field, c.typed))
		waitFor := func(what string) string {
			return `new Promise(done => { const look = () => (` + what + `) ? done(true) : requestAnimationFrame(look); look(); })`
		}
		read(t, ctx, chromedp.Evaluate[bool](waitFor(`document.querySelectorAll('`+c.field+`-list [role=option]').length > 0`), chromedp.EvalAwaitPromise))
		if got := read(t, ctx, chromedp.Evaluate[string](`document.querySelector('`+c.field+`').getAttribute('aria-expanded') + ' ' +
			document.querySelector('`+c.field+`-list b').textContent + ' ' + document.activeElement.id`)); got != "true "+c.first+" "+c.field[1:] {
			t.Errorf("%s: %q", c.page, got)
		}
		if said := read(t, ctx, chromedp.Evaluate[string](`document.querySelector('.combo [role=status]').textContent`)); said == "" {
			t.Errorf("%s: nothing is said of the suggestions", c.page)
		}
		accessible(t, ctx, c.page+" with suggestions")
		press := func(key string) string {
			return read(t, ctx, chromedp.Evaluate[string](`(() => { const f = document.querySelector('`+c.field+`');
				f.dispatchEvent(new KeyboardEvent('keydown', {key: '`+key+`', bubbles: true, cancelable: true}));
				return [f.getAttribute('aria-expanded'), f.getAttribute('aria-activedescendant') || '', document.activeElement === f].join(' '); })()`))
		}
		if got := press("Escape"); got != "false  true" {
			t.Errorf("%s: after Escape: %q", c.page, got)
		}
		if got := press("ArrowDown"); got != "true "+c.field[1:]+"-list-0 true" {
			t.Errorf("%s: after the arrow: %q", c.page, got)
		}
		if got := press("ArrowUp"); got != "true  true" {
			t.Errorf("%s: after the arrow back: %q", c.page, got)
		}
		press("ArrowDown")
		press("Enter")
		// A question put to the page that is being left would never be answered.
		do(t, ctx, chromedp.WaitReady(`link[rel=canonical][href$="`+c.lands+`"]`))
	}
}

// The pages of a search fit a phone, marks and chips too, and axe finds nothing on them.
func TestBrowserSearchPages(t *testing.T) {
	base, _ := serving(t)
	ctx := browser(t)
	for _, path := range []string{"/en/search?q=KOR+trafficking+2025", "/ar/search?q=Birmania", "/zh/search?q=%E4%BA%BA%E6%9D%83", "/en/search?q=Congo", "/en/search?q=traficking+2025",
		"/ar/search?q=zzzzqq", "/en/search?q=the", "/en/declarations?topic=human-rights&from=2020&to=2023", "/ar/declarations?group=EU"} {
		for _, width := range []int64{360, 1280} {
			do(t, ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate(base+path))
			over := read(t, ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`))
			if over > 0 {
				t.Errorf("%s is %d pixels too wide at %d", path, over, width)
			}
			read(t, ctx, chromedp.Evaluate[bool](`(document.querySelectorAll('details').forEach(d => d.open = true), true)`))
			accessible(t, ctx, path)
		}
		if !strings.Contains(path, "zzzz") && !strings.Contains(path, "=the") {
			if n := read(t, ctx, chromedp.Evaluate[int](`document.querySelectorAll('.active a').length`)); n == 0 {
				t.Errorf("%s shows nothing that can be taken away", path)
			}
		}
	}
}
