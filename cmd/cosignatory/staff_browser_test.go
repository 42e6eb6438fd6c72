package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
		"/staff/declarations/tech-trafficking-2025/revisions", "/staff/declarations/tech-trafficking-2025/retire"} {
		for _, l := range i18n.Languages() {
			for _, width := range []int64{360, 1280} {
				if width == 1280 && l.Code != "en" && l.Code != "ar" {
					continue
				}
				do(t, ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate(base+"/"+l.Code+path))
				over := read(t, ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`))
				heads := read(t, ctx, chromedp.Evaluate[int](`document.querySelectorAll('main h1').length`))
				if l.Code == "en" || l.Code == "ar" {
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
