package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// complained asks for everything on the page that its content security policy refused, from its beginning on.
const complained = `new Promise(done => {
	const found = [];
	new ReportingObserver(reports => found.push(...reports.map(r => JSON.stringify(r.body))), {types: ['csp-violation'], buffered: true}).observe();
	requestAnimationFrame(() => requestAnimationFrame(() => done(found.join('\n'))));
})`

// What pages tell machines is data: a browser that keeps to the register's own content security policy reads it without a
// complaint, and runs none of it.
func TestBrowserTakesLinkedData(t *testing.T) {
	base, _ := serving(t)
	ctx := browser(t)
	for _, path := range []string{"/en/", "/ar/declarations/tech-trafficking-2025", "/en/data", "/en/participants/KOR"} {
		do(t, ctx, chromedp.Navigate(base+path))
		if n := read(t, ctx, chromedp.Evaluate[int](`[...document.querySelectorAll('script[type="application/ld+json"]')]
			.filter(s => JSON.parse(s.textContent)['@graph'].length > 0).length`)); n != 1 {
			t.Errorf("%s: the browser finds %d data blocks", path, n)
		}
		complaints := read(t, ctx, chromedp.Evaluate[string](complained, chromedp.EvalAwaitPromise))
		if complaints != "" {
			t.Errorf("%s: the browser complains: %s", path, complaints)
		}
	}
	// The same question finds a script that the policy refuses: the test above can fail.
	read(t, ctx, chromedp.Evaluate[bool](`(() => {
		const s = document.createElement('script');
		s.textContent = 'document.title = "run"';
		document.head.append(s);
		return true;
	})()`))
	if complaints := read(t, ctx, chromedp.Evaluate[string](complained, chromedp.EvalAwaitPromise)); !strings.Contains(complaints, "script-src") {
		t.Errorf("an inline script is refused by %q", complaints)
	}
}
