package main

import (
	"context"
	"encoding/csv"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"cosignatory/store"
	"cosignatory/store/register"
)

// publish records on the register in a file that Thailand left the statement of 24 November 2025: a made-up change, as
// another process would make it.
func publish(t *testing.T, db string) {
	t.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	v, err := s.At(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	e, err := v.Declaration(ctx, "tech-trafficking-2025")
	if err != nil {
		t.Fatal(err)
	}
	d := e.Declaration
	d.Actions = append(d.Actions, register.Action{Participant: "THA", Kind: register.Withdrew, Capacity: register.Signatory,
		Date: register.MustDate("2026-01-05"), Reason: "withdrew_by_notice", Source: "tip-sbs1"})
	if _, err := s.Publish(ctx, store.Publication{Declaration: &d, ID: e.ID, Base: v.Revision, Reason: "Made up for a test", ReasonLang: "en", Role: "publisher"}); err != nil {
		t.Fatal(err)
	}
}

// browser starts Debian's chromium. Where there is none the test is skipped and says so; CI insists on one.
func browser(t *testing.T) context.Context {
	t.Helper()
	return browserFor(t, 3*time.Minute)
}

// browserFor is a browser for a test that takes longer.
func browserFor(t *testing.T, long time.Duration) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("chromium is not installed: browser tests cannot run")
		}
		t.Skip("chromium is not installed: install it (Debian: apt-get install chromium) to run the browser tests")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.UserDataDir(t.TempDir()))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, long)
	t.Cleanup(cancel)
	return ctx
}

// do runs steps in the browser, read reads something from it; either ends the test where it fails.
func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// follow clicks and waits for the page that the click leads to.
func follow(t *testing.T, ctx context.Context, selector string) {
	t.Helper()
	r, err := chromedp.RunResponse(ctx, chromedp.Click(selector))
	if err != nil {
		t.Fatal(selector, err)
	}
	if r.Status != 200 {
		t.Fatalf("%s leads to %s: %d", selector, r.URL, r.Status)
	}
}

// accessible runs axe on the page that the browser shows. COSIGNATORY_AXE is the path of its script (npm: axe-core); CI sets
// it. Without it nothing is checked, and the test that needs it says so.
func accessible(t *testing.T, ctx context.Context, where string) {
	t.Helper()
	accessibleBut(t, ctx, where, "")
}

// accessibleBut is accessible without one of axe's rules; an empty one leaves out none.
func accessibleBut(t *testing.T, ctx context.Context, where, rule string) {
	t.Helper()
	path := os.Getenv("COSIGNATORY_AXE")
	if path == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("COSIGNATORY_AXE is not set: pages cannot be checked with axe")
		}
		return
	}
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	do(t, ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, runtime.Evaluate, runtime.EvaluateParams{Expression: string(source)})
		return err
	}))
	found := read(t, ctx, chromedp.Evaluate[string](`axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'],
			rules: `+without(rule)+`})
		.then(r => (r.passes.length < 10 ? 'axe checked hardly anything\\n' : '') + r.violations.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' (' + n.any.concat(n.all).map(c => c.message).join('; ') + ')').join(' … ')).join('\n'))`, chromedp.EvalAwaitPromise))
	if found != "" {
		t.Errorf("%s: axe finds\n%s", where, found)
	}
}

// without switches a rule of axe off.
func without(rule string) string {
	if rule == "" {
		return "{}"
	}
	return `{"` + rule + `": {enabled: false}}`
}

func read[T any](t *testing.T, ctx context.Context, what chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(ctx, what)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A reader finds the statement of 24 November 2025 from the front page, reads who is on it, opens one of them and takes
// the list home as a file.
func TestBrowserFrontToFile(t *testing.T) {
	base, _ := serving(t)
	ctx := browser(t)
	do(t, ctx, chromedp.EmulateViewport(360, 800), chromedp.Navigate(base+"/en/"))
	front := read(t, ctx, chromedp.Text("h1"))
	do(t, ctx, chromedp.SendKeys(`main input[name=q]`, "technology-facilitated trafficking"))
	follow(t, ctx, `main form[role=search] button`)
	found := read(t, ctx, chromedp.Location())
	follow(t, ctx, `main a[href*="/en/declarations/tech-trafficking-2025"]`)
	counts := read(t, ctx, chromedp.Text("main"))
	rows := read(t, ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll('table.signatories a[href*="/en/participants/"]')].map(a => a.textContent.trim())`))
	file := read(t, ctx, chromedp.Evaluate[string](`document.querySelector('a[href*="tech-trafficking-2025.csv"]').href`))
	follow(t, ctx, `table.signatories a[href*="/en/participants/KOR"]`)
	participant := read(t, ctx, chromedp.Text("h1"))
	if front == "" || !strings.Contains(found, "q=") {
		t.Errorf("front page %q, search at %s", front, found)
	}
	if !strings.Contains(strings.Join(strings.Fields(counts), " "), "44 stated · 12 named · 32 not named in any source on record") {
		t.Errorf("the page does not say the three numbers: %.400q", counts)
	}
	if len(rows) != 12 {
		t.Errorf("%d signatories on the page, want 12: %v", len(rows), rows)
	}
	if !strings.Contains(participant, "Republic of Korea") {
		t.Errorf("the participant’s page is headed %q", participant)
	}
	status, h, body := get(t, file)
	records, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if status != 200 || err != nil || len(records) != 13 {
		t.Fatalf("the file of the page: %d, %d records, %v", status, len(records), err)
	}
	if h.Get("Content-Type") != "text/csv; charset=utf-8; header=present" {
		t.Errorf("the file is called %q", h.Get("Content-Type"))
	}
	for _, r := range records[1:] {
		if r[22] == "" || !strings.HasPrefix(r[23], "http") {
			t.Errorf("%s stands in the file without a source", r[4])
		}
	}
}
