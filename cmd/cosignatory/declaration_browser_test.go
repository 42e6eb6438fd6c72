package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// A delegate on a phone, with the keyboard alone: is my country on it, who of my group is not, and what has changed since the
// page was remembered.
func TestBrowserThirtySeconds(t *testing.T) {
	base, db := serving(t)
	ctx := browser(t)
	do(t, ctx, chromedp.EmulateViewport(360, 800), chromedp.Navigate(base+"/en/declarations/tech-trafficking-2025"))
	remember := read(t, ctx, chromedp.Evaluate[string](`document.querySelector('.watch a[href*="since="]').href`))
	do(t, ctx, chromedp.SendKeys("#participant", "Tailandia"))
	follow(t, ctx, ".on-list button")
	if says := read(t, ctx, chromedp.Text("#answer")); !strings.Contains(says, "Thailand: on the list since 24 November 2025") {
		t.Errorf("is Tailandia on it? %q", says)
	}
	do(t, ctx, chromedp.SetValue("#missing", "ASEAN"))
	follow(t, ctx, "#not-on-list ~ form button")
	if says := read(t, ctx, chromedp.Text(".result")); !strings.Contains(says, "Myanmar") {
		t.Errorf("who of ASEAN is not? %q", says)
	}
	if says := read(t, ctx, chromedp.Text("#answer")); !strings.Contains(says, "Thailand") {
		t.Errorf("the second question forgets the first: %q", says)
	}
	do(t, ctx, chromedp.Click(".outreach summary"))
	if text := read(t, ctx, chromedp.Value("#outreach")); !strings.Contains(text, "Myanmar (Republic of the Union of Myanmar)\n") {
		t.Errorf("the text to copy is %q", text)
	}
	publish(t, db)
	do(t, ctx, chromedp.Navigate(remember))
	if says := read(t, ctx, chromedp.Text(".since")); !strings.Contains(says, "Thailand left on 5 January 2026.") || !strings.Contains(says, "In effect: 12 before, 11 now") {
		t.Errorf("what has changed? %q", says)
	}
}

// The map: no square is smaller than a finger needs, none lies on another, all squares keep within the page, and each leads to
// its participant.
func TestBrowserMap(t *testing.T) {
	base, _ := serving(t)
	ctx := browser(t)
	for _, lang := range []string{"en", "ar"} {
		for _, width := range []int64{320, 360, 900, 1280} {
			do(t, ctx, chromedp.EmulateViewport(width, 800), chromedp.Navigate(base+"/"+lang+"/declarations/peace-framework-ukraine-2024?as_of=2024-06-17"))
			wrong := read(t, ctx, chromedp.Evaluate[string](`(() => {
				const all = [...document.querySelectorAll('.tiles a')].map(a => ({code: a.textContent, r: a.getBoundingClientRect()}));
				if (all.length < 195) return all.length + ' squares';
				const bad = all.filter(t => t.r.width < 24 || t.r.height < 24 || t.r.left < 0 || t.r.right > innerWidth).map(t => t.code + ' ' + t.r.width + '×' + t.r.height);
				for (let i = 0; i < all.length; i++) for (let j = i + 1; j < all.length; j++) {
					const a = all[i].r, b = all[j].r;
					if (a.left < b.right - .5 && b.left < a.right - .5 && a.top < b.bottom - .5 && b.top < a.bottom - .5) bad.push(all[i].code + ' on ' + all[j].code);
				}
				const cut = [...document.querySelectorAll('.tiles a')].filter(a => a.scrollWidth > a.clientWidth + 1).map(a => a.textContent + ' is cut');
				return bad.concat(cut).slice(0, 5).join(', ');
			})()`))
			if wrong != "" {
				t.Errorf("%s at %d: %s", lang, width, wrong)
			}
			// West is left, in every script.
			if west := read(t, ctx, chromedp.Evaluate[bool](`(f => f('USA') < f('GTM') + 200 && f('PRT') < f('UKR') && f('CPV') < f('SOM') && f('CYP') < f('JPN'))
				(c => [...document.querySelectorAll('.tiles a')].find(a => a.textContent == c).getBoundingClientRect().left)`)); !west {
				t.Errorf("%s at %d: the map is mirrored", lang, width)
			}
		}
	}
	do(t, ctx, chromedp.EmulateViewport(1280, 800), chromedp.Navigate(base+"/en/declarations/peace-framework-ukraine-2024"))
	follow(t, ctx, `.tiles a[href*="/participants/KEN"]`)
	if h := read(t, ctx, chromedp.Text("h1")); h != "Kenya" {
		t.Errorf("Kenya’s square leads to %q", h)
	}
}

// axe finds nothing on these pages with every part of them shown, on a phone and on a desk, in both directions.
func TestBrowserAnswersAccessible(t *testing.T) {
	base, _ := serving(t)
	ctx := browser(t)
	for _, x := range []struct {
		path  string
		width int64
	}{
		{"/en/declarations/geneva-consensus-2020?participant=guinea&missing=ASEAN&since=2&as_of=2023-01-01", 360},
		{"/ar/declarations/tech-trafficking-2025?participant=guinea&missing=ASEAN&since=2", 1280},
		{"/ar/participants/USA?without=G7&since=3", 360},
		{"/en/declarations?since=20&sponsor=KOR", 1280},
	} {
		do(t, ctx, chromedp.EmulateViewport(x.width, 800), chromedp.Navigate(base+x.path))
		do(t, ctx, chromedp.Evaluate[chromedp.Void](`document.querySelectorAll('details').forEach(d => d.open = true)`))
		if over := read(t, ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`)); over > 0 {
			t.Errorf("%s is %d pixels too wide at %d", x.path, over, x.width)
		}
		accessible(t, ctx, x.path)
	}
}
