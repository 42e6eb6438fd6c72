package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"cosignatory/templates/i18n"
)

// everyPage are addresses of readers below the language, each kind of page at least once.
var everyPage = []string{"/", "/declarations", "/declarations/tech-trafficking-2025", "/declarations/peace-framework-ukraine-2024?missing=EU",
	"/declarations/tech-trafficking-2025/history", "/declarations/geneva-consensus-2020/growth", "/participants", "/participants/KOR", "/participants/KOR/together",
	"/participants/KOR/led", "/groups", "/groups/ASEAN", "/groups/EU/signing", "/changes", "/data", "/about", "/search?q=korea", "/compare",
	"/compare?d=geneva-consensus-2020&d=tech-trafficking-2025&group=ASEAN", "/compare?p=KOR&p=JPN&p=FRA", "/matrix?order=similarity", "/components", "/nothing-here",
	"/declarations/tech-trafficking-2025?print=1", "/declarations/safe-schools-2015", "/declarations/military-ai-2023", "/compare?p=GBR&p=COD&p=IRN", "/groups/EU"}

// prefers sets what the reader's system asks for: prefers-color-scheme, prefers-contrast, forced-colors.
func prefers(name, value string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: name, Value: value}}})
		return err
	})
}

// sideways is how many pixels a page is too wide, and by what; a table's own scroll region is no fault.
const sideways = `(() => {
	const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
	return over <= 0 ? "" : over + " pixels too wide: " + [...document.querySelectorAll('body *')].filter(e => {
		const b = e.getBoundingClientRect(); return b.right > innerWidth + 0.5 || b.left < -0.5;
	}).map(e => e.outerHTML.slice(0, 120)).slice(-2).join(' … ');
})()`

// small are targets of less than 24 by 24 pixels that are no words within a sentence and have another so near that a finger could
// hit it (WCAG 2.5.8).
const small = `(() => {
	const boxes = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary')].map(e => ({e, b: e.getBoundingClientRect()}))
		.filter(x => x.b.width > 1 && x.b.height > 1 && x.b.bottom > 0);
	const near = (x, y) => {
		const cx = x.b.left + x.b.width / 2, cy = x.b.top + x.b.height / 2;
		return cx + 12 > y.b.left && cx - 12 < y.b.right && cy + 12 > y.b.top && cy - 12 < y.b.bottom;
	};
	return boxes.filter(x => (x.b.width < 23.9 || x.b.height < 23.9) && !(x.e.matches('a') && getComputedStyle(x.e).display === 'inline')
		&& boxes.some(y => y !== x && !x.e.contains(y.e) && near(x, y))).map(x => x.e.outerHTML.slice(0, 120)).slice(0, 3).join('\n');
})()`

// Every page in every language: axe finds nothing, in light and in dark, wide and on a phone; nothing is pushed sideways at 320
// pixels, which is 1280 at 400 %; and what can be touched is large enough.
func TestBrowserEveryPageForEverybody(t *testing.T) {
	base, _ := serving(t)
	ctx := browserFor(t, 25*time.Minute)
	for _, l := range i18n.Languages() {
		for i, path := range everyPage {
			where := "/" + l.Code + path
			scheme := []string{"light", "dark"}[i%2]
			if l.Code == "ru" || l.Code == "ar" || l.Code == "fr" {
				scheme = []string{"dark", "light"}[i%2]
			}
			do(t, ctx, prefers("prefers-color-scheme", scheme), chromedp.EmulateViewport(1280, 800), chromedp.Navigate(base+where))
			if says := read(t, ctx, chromedp.Evaluate[string](`document.documentElement.lang + " " + document.documentElement.dir`)); says != l.Code+" "+l.Dir {
				t.Errorf("%s says %q", where, says)
			}
			if over := read(t, ctx, chromedp.Evaluate[string](sideways)); over != "" {
				t.Errorf("%s at 1280: %s", where, over)
			}
			slow := "" // what axe takes longest for, and no language changes
			if l.Code != "en" && l.Code != "ar" {
				slow = "color-contrast"
			}
			accessibleBut(t, ctx, where+", wide and "+scheme, slow)
			do(t, ctx, chromedp.EmulateViewport(320, 640))
			if over := read(t, ctx, chromedp.Evaluate[string](sideways)); over != "" {
				t.Errorf("%s at 320: %s", where, over)
			}
			if tight := read(t, ctx, chromedp.Evaluate[string](small)); tight != "" {
				t.Errorf("%s at 320 has targets that are too small:\n%s", where, tight)
			}
			if l.Code == "ar" {
				accessible(t, ctx, where+", narrow and "+scheme)
			}
		}
	}
}

// contrast is the least contrast of any words on the page, with the words: text may be read by seven to one everywhere, button and
// placeholder included, but for what is switched off.
const contrast = `(() => {
	const lum = c => { const [r, g, b] = c.map(v => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
	const rgba = s => { const m = s.match(/[\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
	const ground = e => { for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor); if (c[3] > 0) return c; } return [255, 255, 255, 1]; };
	let worst = [99, ''];
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const e = walk.currentNode.parentElement, words = walk.currentNode.data.trim();
		if (!words || !e.checkVisibility() || e.closest('script, style, .spoken')) continue;
		const a = lum(rgba(getComputedStyle(e).color).slice(0, 3)), b = lum(ground(e).slice(0, 3));
		const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
		if (ratio < worst[0]) worst = [ratio, words];
	}
	return worst[0].toFixed(2) + ' ' + worst[1].slice(0, 60);
})()`

// Text stands out from its ground by seven to one, by day and by night, and whoever asks for more contrast gets more.
func TestBrowserContrast(t *testing.T) {
	base, _ := serving(t)
	ctx := browser(t)
	for _, scheme := range []string{"light", "dark"} {
		for _, path := range []string{"/en/", "/en/declarations", "/en/declarations/peace-framework-ukraine-2024?as_of=2024-06-17&missing=EU", "/en/participants/KOR", "/en/components", "/en/matrix",
			"/en/compare?d=geneva-consensus-2020&d=tech-trafficking-2025&group=ASEAN", "/en/declarations?from=x", "/en/staff/sign-in"} {
			do(t, ctx, chromedp.EmulateViewport(1280, 800), prefers("prefers-color-scheme", scheme), chromedp.Navigate(base+path))
			said := read(t, ctx, chromedp.Evaluate[string](contrast))
			number, words, _ := strings.Cut(said, " ")
			if ratio, err := strconv.ParseFloat(number, 64); err != nil || ratio < 7 {
				t.Errorf("%s in %s: “%s” has a contrast of %s", path, scheme, words, number)
			}
		}
	}
	quiet := func(path string) string {
		do(t, ctx, chromedp.Navigate(base+path))
		return read(t, ctx, chromedp.Evaluate[string](`getComputedStyle(document.querySelector('caption')).color`))
	}
	do(t, ctx, prefers("prefers-contrast", "no-preference"))
	plain := quiet("/en/declarations")
	do(t, ctx, prefers("prefers-contrast", "more"))
	if more := quiet("/en/declarations"); more == plain || more != read(t, ctx, chromedp.Evaluate[string](`getComputedStyle(document.body).color`)) {
		t.Errorf("captions are %s, and %s for whoever asks for more contrast", plain, more)
	}
	do(t, ctx, prefers("forced-colors", "active"), chromedp.Navigate(base+"/en/declarations/tech-trafficking-2025"))
	if seen := read(t, ctx, chromedp.Evaluate[bool](`[...document.querySelectorAll('.bench .full')].every(e => getComputedStyle(e).fill !== getComputedStyle(document.body).backgroundColor)`)); !seen {
		t.Error("the squares vanish in forced colours")
	}
}

// where is what has the focus: what it is, whether its outline is seen, and whether anything hides it.
const focused = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body) return '';
	const s = getComputedStyle(e), b = e.getBoundingClientRect();
	const seen = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2;
	const inside = b.bottom > 0 && b.right > 0 && b.top < innerHeight && b.left < innerWidth && b.width > 0 && b.height > 0;
	const boxes = [...e.getClientRects()];
	const free = boxes.some(r => { const at = document.elementFromPoint(Math.min(Math.max(r.left + r.width / 2, 0), innerWidth - 1), Math.min(Math.max(r.top + r.height / 2, 0), innerHeight - 1));
		return at && (at === e || e.contains(at) || at.contains(e)); });
	e.dataset.step = document.querySelectorAll('[data-step]').length;
	const name = (e.getAttribute('aria-label') || e.textContent || (e.labels && e.labels[0] && e.labels[0].textContent) || '').trim().slice(0, 40);
	return (seen ? '' : 'NO OUTLINE ') + (inside ? '' : 'OUTSIDE ') + (free ? '' : 'HIDDEN ') + (name ? '' : 'NAMELESS ') + e.tagName.toLowerCase() + ' ' + name;
})()`

// With the keyboard alone: the first step skips to the content, every step shows where it is, nothing hides it, the order is that
// of the page, and the end is reached.
func TestBrowserKeyboardAlone(t *testing.T) {
	base, _ := serving(t)
	ctx := browserFor(t, 12*time.Minute)
	for _, path := range []string{"/en/", "/en/declarations", "/en/declarations/tech-trafficking-2025", "/ar/declarations/tech-trafficking-2025", "/en/participants/KOR", "/en/search?q=korea", "/en/data"} {
		do(t, ctx, chromedp.EmulateViewport(1000, 700), chromedp.Navigate(base+path), chromedp.KeyEvent(kb.Tab))
		if skip := read(t, ctx, chromedp.Evaluate[string](`document.activeElement.getAttribute('href') + ' ' + (document.activeElement.getBoundingClientRect().left >= 0 && document.activeElement.getBoundingClientRect().right <= innerWidth)`)); skip != "#main true" {
			t.Errorf("%s: the first step is not seen to skip to the content: %s", path, skip)
		}
		do(t, ctx, chromedp.KeyEvent(kb.Enter), chromedp.KeyEvent(kb.Tab))
		if in := read(t, ctx, chromedp.Evaluate[bool](`document.querySelector('main').contains(document.activeElement)`)); !in {
			t.Errorf("%s: after skipping, the next step is not in the content", path)
		}
		do(t, ctx, chromedp.Navigate(base+path))
		all := read(t, ctx, chromedp.Evaluate[int](`[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary, [tabindex="0"]')].filter(e => e.checkVisibility()).length`))
		steps := 0
		for range min(all+20, 120) {
			do(t, ctx, chromedp.KeyEvent(kb.Tab))
			at := read(t, ctx, chromedp.Evaluate[string](focused))
			if at == "" {
				break
			}
			steps++
			if strings.ToUpper(at[:4]) == at[:4] && strings.Contains(at, " ") && regexp.MustCompile(`^(NO OUTLINE|OUTSIDE|HIDDEN|NAMELESS) `).MatchString(at) {
				t.Errorf("%s, step %d: %s", path, steps, at)
			}
		}
		if steps < min(all-2, 110) {
			t.Errorf("%s: %d steps to %d things that can be used", path, steps, all)
		}
		order := read(t, ctx, chromedp.Evaluate[string](`[...document.querySelectorAll('[data-step]')].map((e, i, all) => i && +e.dataset.step < +all[i-1].dataset.step ? e.outerHTML.slice(0, 80) : '').filter(Boolean).join(' … ')`))
		if order != "" {
			t.Errorf("%s: the steps do not follow the page at %s", path, order)
		}
	}
}

// Without scripts every main page says what it says with them, and every form leads somewhere.
func TestBrowserWithoutScripts(t *testing.T) {
	base, _ := serving(t)
	ctx := browser(t)
	for _, path := range []string{"/en/", "/en/declarations?sponsor=KOR", "/en/declarations/tech-trafficking-2025?missing=ASEAN", "/en/participants/KOR", "/en/groups/ASEAN", "/en/search?q=korea", "/en/matrix",
		"/en/compare", "/en/changes", "/en/data"} {
		words := map[bool]string{}
		for _, on := range []bool{true, false} {
			do(t, ctx, script(on), chromedp.Navigate(base+path))
			words[on] = read(t, ctx, chromedp.Text("main"))
		}
		if words[true] != words[false] || len(words[false]) < 200 {
			t.Errorf("%s says %d characters with scripts and %d without", path, len(words[true]), len(words[false]))
		}
	}
	do(t, ctx, script(false), chromedp.Navigate(base+"/en/"), chromedp.SendKeys(`main input[name=q]`, "trafficking"))
	follow(t, ctx, `main form[role=search] button`)
	do(t, ctx, chromedp.Navigate(base+"/en/declarations/tech-trafficking-2025"), chromedp.SetValue(`select[name=missing]`, "ASEAN"))
	follow(t, ctx, `form:has(select[name=missing]) button`)
	if said := read(t, ctx, chromedp.Text("main")); !strings.Contains(said, "ASEAN") && !strings.Contains(said, "Association of Southeast Asian Nations") {
		t.Error("the group that was chosen is not told without scripts")
	}
}

// paper prints a page and gives the number of its pages and the text of each.
func paper(t *testing.T, ctx context.Context, address string, size chromedp.PaperSize) []string {
	t.Helper()
	do(t, ctx, chromedp.Navigate(address))
	b := read(t, ctx, chromedp.PrintToPDF(chromedp.PDFPaper(size)))
	name := filepath.Join(t.TempDir(), "sheet.pdf")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command("pdftotext", "-layout", name, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(bytes.ReplaceAll(text, []byte("\u00a0"), []byte(" "))), "\f"), "\f")
}

// outside names the texts of a sheet that stand outside of it, where paper cuts them off.
const outside = `(() => {
	const sheet = document.querySelector('.sheet').getBoundingClientRect(), out = [];
	const walk = document.createTreeWalker(document.querySelector('.sheet'), NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const range = document.createRange();
		range.selectNodeContents(walk.currentNode);
		if ([...range.getClientRects()].some(r => r.width > 1 && (r.left < sheet.left - 1 || r.right > sheet.right + 1))) out.push(walk.currentNode.data.trim().slice(0, 60));
	}
	return out.join(' … ');
})()`

// A briefing sheet is one page of A4 or Letter where the content allows; every page says of what register it is, of what day and
// revision, where to find it and which page of how many it is; and a long list repeats the head of its table.
func TestBrowserBriefingSheets(t *testing.T) {
	if _, err := exec.LookPath("pdftotext"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("pdftotext is not installed: briefing sheets cannot be checked")
		}
		t.Skip("pdftotext is not installed: install it (Debian: apt-get install poppler-utils) to check the briefing sheets")
	}
	base, _ := serving(t)
	ctx := browserFor(t, 15*time.Minute)
	sizes := map[string]chromedp.PaperSize{"A4": {Width: 210 / 25.4, Height: 297 / 25.4}, "Letter": {Width: 8.5, Height: 11}}
	for _, l := range i18n.Languages() {
		p, _ := i18n.For(l.Code)
		for _, x := range []struct {
			path  string
			pages int // at most
		}{
			{"/declarations/tech-trafficking-2025", 1}, {"/declarations/geneva-consensus-2020", 2}, {"/declarations/peace-framework-ukraine-2024", 2},
			{"/declarations/arbitrary-detention-2021", 2}, {"/declarations/military-ai-2023?as_of=2023-11-15", 1}, {"/declarations/safe-schools-2015", 4},
			{"/participants/KOR", 1}, {"/participants/USA", 2},
		} {
			path, _, asked := strings.Cut(x.path, "?")
			shown := "?print=1"
			if asked {
				shown = "&print=1"
			}
			do(t, ctx, chromedp.EmulateViewport(1000, 1400), chromedp.Navigate(base+"/"+l.Code+x.path+shown))
			if cut := read(t, ctx, chromedp.Evaluate[string](outside)); cut != "" {
				t.Errorf("/%s%s: paper cuts off %q", l.Code, x.path, cut)
			}
			for paperName, size := range sizes {
				if l.Code != "en" && l.Code != "ar" && paperName == "Letter" && x.pages > 1 {
					continue // the same as on A4, and time
				}
				where := "/" + l.Code + x.path + " on " + paperName
				sheets := paper(t, ctx, base+"/"+l.Code+x.path, size)
				if len(sheets) > x.pages {
					t.Errorf("%s has %d pages, want at most %d", where, len(sheets), x.pages)
				}
				for i, text := range sheets {
					for _, want := range []string{p.T("site.name"), base + "/" + l.Code + path + "?as_of=", "revision=27"} {
						if !strings.Contains(text, want) {
							t.Errorf("%s, page %d does not say %q", where, i+1, want)
						}
					}
					if !regexp.MustCompile(fmt.Sprintf(`\b%d ?/ ?%d\b`, i+1, len(sheets))).MatchString(text) {
						t.Errorf("%s, page %d is not numbered %d / %d", where, i+1, i+1, len(sheets))
					}
				}
				if l.Code != "en" {
					continue
				}
				all := strings.Join(sheets, "\n")
				for _, want := range []string{"As of ", "revision 27", "The designations used"} {
					if !strings.Contains(all, want) {
						t.Errorf("%s does not say %q", where, want)
					}
				}
				switch x.path {
				case "/declarations/tech-trafficking-2025":
					for _, want := range []string{"44 stated · 12 named · 32 not named in any source on record", "Viet Nam", "Republic of Korea", "(sponsor)", "news1.kr/amp/world/usa-canada/5986646", "Read out"} {
						if !strings.Contains(all, want) {
							t.Errorf("%s does not say %q", where, want)
						}
					}
				case "/declarations/geneva-consensus-2020", "/declarations/peace-framework-ukraine-2024":
					if strings.Contains(all, "more notes") || !strings.Contains(all, "Disputed:") || !strings.Contains(all, "Sources disagree:") {
						t.Errorf("%s leaves out what is not known", where)
					}
				case "/declarations/military-ai-2023?as_of=2023-11-15":
					for _, once := range []string{"You are reading the lists as they stood on 15 November 2023", "On the list as of 1 Nov 2023", "Joined between 1 November 2023 and 30 November 2023"} {
						if n := strings.Count(all, once); n != 1 {
							t.Errorf("%s says %d times %q", where, n, once)
						}
					}
				case "/declarations/safe-schools-2015":
					if n := strings.Count(all, "Capacity"); n < len(sheets)-1 {
						t.Errorf("%s repeats the head of its table on %d of %d pages", where, n, len(sheets))
					}
				case "/participants/KOR":
					for _, want := range []string{"on 7 declarations", "Asia-Pacific", "Declaration to Triple Nuclear Energy"} {
						if !strings.Contains(strings.Join(strings.Fields(all), " "), want) && !strings.Contains(strings.ToLower(all), strings.ToLower(want)) {
							t.Errorf("%s does not say %q", where, want)
						}
					}
				}
			}
		}
	}
}
