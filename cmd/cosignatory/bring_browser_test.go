package main

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"cosignatory/store"
	"cosignatory/store/register"
)

// statement is the statement of 24 November 2025 in words of our own: twelve states in four languages, and the number.
const statement = `Joint statement on technology-facilitated trafficking in persons
United Nations Headquarters, New York, 24 November 2025

The Republic of Korea read the statement on behalf of 44 states. The following states joined it:
Republic of Korea, Australia, Brazil and Costa Rica.

Déclaration commune prononcée au nom de 44 États. Les États suivants l’ont signée :
le Cambodge, la Thaïlande et le Viet Nam.

بيان مشترك ألقي باسم 44 دولة. وقّعت عليه الدول التالية:
إندونيسيا وماليزيا والفلبين.

44개국을 대표하여 발표된 공동성명. 참여국:
싱가포르, 일본.
`

// printed are the names as the statement prints them, by participant.
var printed = map[string]string{"KOR": "Republic of Korea", "AUS": "Australia", "BRA": "Brazil", "CRI": "Costa Rica", "KHM": "Cambodge", "THA": "Thaïlande",
	"VNM": "Viet Nam", "IDN": "إندونيسيا", "MYS": "ماليزيا", "PHL": "الفلبين", "SGP": "싱가포르", "JPN": "일본"}

// bringIn opens the form of a list as the first administrator, fills it in for a new declaration and sends it.
func bringIn(t *testing.T, ctx context.Context, base, setup, text string) {
	t.Helper()
	do(t, ctx, chromedp.Navigate(setup))
	fill(t, ctx, map[string]string{"login": "ada", "name": "Ada", "password": "a long walk by the river", "password_again": "a long walk by the river"})
	follow(t, ctx, `main form button`)
	follow(t, ctx, `main a[href="/en/staff/bring"]`)
	fill(t, ctx, map[string]string{"text": text, "title": "Joint Statement on Trafficking by Technology", "kind": "joint-statement", "declared.day": "24", "declared.month": "11",
		"declared.year": "2025", "source.publisher": "Made-up mission", "source.title": "Made-up release", "source.url": "https://example.org/release", "source.kind": "official"})
	do(t, ctx, chromedp.Click(`#to-new`))
	follow(t, ctx, `button[value="read"]`)
}

// drafted is the only draft of the register in a file.
func drafted(t *testing.T, db string) *store.Draft {
	t.Helper()
	s, err := store.Open(context.Background(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	drafts, err := s.Drafts(context.Background(), store.DraftFilter{})
	if err != nil || len(drafts) != 1 {
		t.Fatalf("%d drafts, %v", len(drafts), err)
	}
	return drafts[0]
}

// twelve checks that a draft is what the statement says.
func twelve(t *testing.T, d *register.Declaration) {
	t.Helper()
	if len(d.Sources) != 1 || d.Sources[0].Publisher != "Made-up mission" || d.Sources[0].Kind != "official" || !d.Sources[0].ReadOn.Known() {
		t.Fatalf("the source is %+v", d.Sources)
	}
	if len(d.Actions) != len(printed) {
		t.Errorf("%d lines, want %d", len(d.Actions), len(printed))
	}
	for i, a := range d.Actions {
		if want, ok := printed[a.Participant]; !ok || strings.TrimPrefix(strings.TrimPrefix(a.NameAsPrinted, "le "), "la ") != want && a.NameAsPrinted != "و"+want {
			t.Errorf("line %d is %s, printed %q, want %q", i, a.Participant, a.NameAsPrinted, want)
		}
		if a.Source != d.Sources[0].Key || a.Date.String() != "2025-11-24" || a.Kind != register.Signed || a.Capacity != register.Signatory {
			t.Errorf("line %d is %+v", i, a)
		}
	}
	if len(d.Stated) != 1 || d.Stated[0].Count != 44 || d.Stated[0].Counts != register.StatesOnly || d.Stated[0].Source != d.Sources[0].Key {
		t.Errorf("stated: %+v", d.Stated)
	}
	if d.Date().String() != "2025-11-24" || !strings.HasPrefix(d.Slug, "joint-statement-on-trafficking") {
		t.Errorf("%s of %s", d.Slug, d.Date())
	}
}

// The statement of 24 November 2025 is recorded from a pasted text, in a browser without scripts: nothing but one paste, the
// source, and one acceptance.
func TestBrowserBringWithoutScripts(t *testing.T) {
	base, db, setup := servingNew(t)
	ctx, cancel := context.WithTimeout(browser(t), 90*time.Second)
	defer cancel()
	do(t, ctx, chromedp.EmulateViewport(1280, 900), script(false))
	bringIn(t, ctx, base, setup, statement)
	says := read(t, ctx, chromedp.Text("main"))
	for _, want := range []string{"44 states stated", "12 ticked", "32 not named in this text"} {
		if !strings.Contains(strings.Join(strings.Fields(says), " "), want) {
			t.Errorf("the review does not say %q: %.600s", want, says)
		}
	}
	follow(t, ctx, `button[value="accept"]`)
	if at := read(t, ctx, chromedp.Location()); !strings.Contains(at, "/en/staff/drafts/") {
		t.Fatalf("accepting leads to %s", at)
	}
	twelve(t, &drafted(t, db).Document)
	if status, _, page := get(t, base+"/en/search?q=trafficking+by+technology"); status != 200 || strings.Contains(page, "Made-up mission") || strings.Contains(page, "Trafficking by Technology") {
		t.Error("the draft can be found by the public")
	}
}

// The same with keys alone, from the first find to the last; and the pages fit a phone in both directions of writing.
func TestBrowserBringWithKeys(t *testing.T) {
	base, db, setup := servingNew(t)
	ctx, cancel := context.WithTimeout(browser(t), 150*time.Second)
	defer cancel()
	do(t, ctx, chromedp.EmulateViewport(1280, 900))
	bringIn(t, ctx, base, setup, statement)
	finds := read(t, ctx, chromedp.Evaluate[int](`document.querySelectorAll("[data-find]").length`))
	if finds < len(printed) {
		t.Fatalf("%d finds", finds)
	}
	press := func(keys string) {
		t.Helper()
		for _, k := range keys {
			do(t, ctx, chromedp.KeyEvent(string(k)))
		}
	}
	ticked := func() string {
		t.Helper()
		return read(t, ctx, chromedp.Evaluate[string](`document.querySelector("[data-ticked]").textContent`))
	}
	press("j" + strings.Repeat("r", len(printed)))
	if got := ticked(); got != "0 ticked" {
		t.Errorf("after rejecting all: %q", got)
	}
	press(strings.Repeat("k", len(printed)) + strings.Repeat("a", len(printed)))
	if got := ticked(); got != strconv.Itoa(len(printed))+" ticked" {
		t.Errorf("after accepting all: %q", got)
	}
	if got := read(t, ctx, chromedp.Evaluate[string](`document.querySelector("[data-not-named]").textContent`)); got != "32 not named in this text" {
		t.Errorf("the rest: %q", got)
	}
	// What is typed into a field is no command.
	press("e")
	press("rk")
	if typed := read(t, ctx, chromedp.Evaluate[string](`document.activeElement.value`)); typed != "rk" {
		t.Errorf("the field holds %q", typed)
	}
	read(t, ctx, chromedp.Evaluate[string](`document.activeElement.value = ""`))
	// The place in the text is marked, and its mark leads back.
	if now := read(t, ctx, chromedp.Evaluate[int](`document.querySelectorAll(".mark.now").length`)); now != 1 {
		t.Errorf("%d places in the text are marked", now)
	}
	follow(t, ctx, `button[value="accept"]`)
	twelve(t, &drafted(t, db).Document)
	draft := strings.TrimPrefix(read(t, ctx, chromedp.Location()), base+"/en/staff/drafts/")
	draft, _, _ = strings.Cut(draft, "#")
	fits(t, ctx, base, draft)
}

// fits looks at the pages of a list at both widths in both directions of writing.
func fits(t *testing.T, ctx context.Context, base, draft string) {
	t.Helper()
	hard := statement + "\nFrance*, the Nordic countries, Germny, Congo, Atlantis and <b>Spain</b>, 3/4/2024. The war in Ukraine goes on.\n"
	table := "Name\tDate\tNote\nFrance\t03/04/2024\tfirst\nSpain\t05/06/2024\t\nAtlantis\t13/01/2024\tsunk\n"
	shots := os.Getenv("COSIGNATORY_SHOTS")
	shoot := func(name string) {
		t.Helper()
		over := read(t, ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`))
		heads := read(t, ctx, chromedp.Evaluate[int](`document.querySelectorAll('main h1').length`))
		accessible(t, ctx, name)
		if over > 0 || heads != 1 {
			out := read(t, ctx, chromedp.Evaluate[string](`[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 0.5 || e.getBoundingClientRect().left < -0.5)
				.map(e => e.outerHTML.slice(0, 100)).slice(-3).join(' … ')`))
			t.Errorf("%s: %d pixels too wide, %d main headings: %s", name, over, heads, out)
		}
		if shots != "" {
			if err := os.WriteFile(filepath.Join(shots, name+".png"), read(t, ctx, chromedp.FullScreenshot(100)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, lang := range []string{"en", "ar"} {
		for _, width := range []int64{360, 1280} {
			at := lang + "-" + strconv.FormatInt(width, 10)
			do(t, ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate(base+"/"+lang+"/staff/bring?draft="+draft))
			shoot("bring-" + at)
			fill(t, ctx, map[string]string{"text": hard, "source.title": "T", "source.url": "https://example.org/2", "source.kind": "official"})
			r, err := chromedp.RunResponse(ctx, chromedp.Click(`button[value="read"]`))
			if err != nil || r.Status != 422 {
				t.Fatalf("without a publisher: %v, %v", r, err)
			}
			shoot("bring-wrong-" + at)
			fill(t, ctx, map[string]string{"source.publisher": "P"})
			follow(t, ctx, `button[value="read"]`)
			shoot("bring-review-" + at)
			read(t, ctx, chromedp.Evaluate[int](`document.querySelectorAll("details").forEach(d => d.open = true), 1`))
			shoot("bring-review-open-" + at)
			follow(t, ctx, `button[value="back"]`)
			fill(t, ctx, map[string]string{"text": table})
			follow(t, ctx, `button[value="read"]`)
			shoot("bring-columns-" + at)
			follow(t, ctx, `button[value="columns"]`)
			shoot("bring-table-" + at)
			do(t, ctx, chromedp.Navigate(base+"/"+lang+"/staff/import"))
			shoot("bring-import-" + at)
		}
	}
}
