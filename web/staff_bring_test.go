package web

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/i18n"
	"cosignatory/web/intake"
)

// source fills in the source of a list.
var source = []string{"source.publisher", "Ministry of Tests", "source.title", "The list", "source.url", "https://example.org/list", "source.kind", "official"}

// bring sends a text for a declaration and shows what was recognised.
func (b *browser) bring(slug, text string, fields ...string) *answer {
	b.t.Helper()
	b.open("/en/staff/bring?declaration=" + slug)
	return b.press("read", append(append(slices.Clone(source), "text", text), fields...)...)
}

// bringNew sends a text for a declaration that is new.
func (b *browser) bringNew(text string, fields ...string) *answer {
	b.t.Helper()
	b.open("/en/staff/bring?new=1")
	return b.press("read", append(append(slices.Clone(source), "text", text, "title", "Statement on Tests", "kind", "joint-statement", "declared.day", "24", "declared.month", "11",
		"declared.year", "2025"), fields...)...)
}

// find is the name of the fields of the find that prints a name.
func (b *browser) find(printed string) string {
	b.t.Helper()
	_, values := b.filled("accept")
	for name, all := range values {
		if prefix, ok := strings.CutSuffix(name, ".text"); ok && all[0] == printed {
			return prefix
		}
	}
	b.t.Fatalf("nothing prints %q: %.600s", printed, b.at.text)
	return ""
}

// ticked are the printed names that are ticked, in the order of the text.
func (b *browser) ticked() (names []string) {
	b.t.Helper()
	for _, li := range all(b.at.doc, func(n *html.Node) bool { _, ok := attrOf(n, "data-find"); return ok }) {
		for _, box := range all(li, func(n *html.Node) bool { return attr(n, "type") == "checkbox" }) {
			if _, on := attrOf(box, "checked"); on {
				names = append(names, textOf(all(li, func(n *html.Node) bool { return n.Data == "bdi" })[0]))
			}
		}
	}
	return names
}

// accepted presses the button and reads the draft that it leads to.
func (b *browser) accepted(fields ...string) *store.Draft {
	b.t.Helper()
	b.press("accept", fields...)
	b.status(200)
	id, err := strconv.ParseInt(strings.TrimPrefix(b.draft(), "/en/staff/drafts/"), 10, 64)
	if err != nil {
		b.t.Fatal(err)
	}
	d, err := b.site.store.Draft(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return d
}

// upload sends the form of the page with a file.
func (b *browser) upload(name string, content []byte, fields ...string) *answer {
	b.t.Helper()
	action, values := b.filled("read")
	for i := 0; i+1 < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	values.Set("do", "read")
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, key := range sortedNames(values) {
		for _, v := range values[key] {
			if err := w.WriteField(key, v); err != nil {
				b.t.Fatal(err)
			}
		}
	}
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := part.Write(content); err != nil {
		b.t.Fatal(err)
	}
	w.Close()
	return b.post(action, w.FormDataContentType(), &body)
}

func sortedNames(values url.Values) []string {
	var names []string
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (b *browser) post(target, kind string, body *bytes.Buffer) *answer {
	b.t.Helper()
	req, err := http.NewRequest("POST", b.site.URL+target, body)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Cookie", b.cookie)
	req.Header.Set("Content-Type", kind)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer r.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(r.Body); err != nil {
		b.t.Fatal(err)
	}
	a := &answer{Response: r, body: text.String()}
	if a.doc, err = html.Parse(strings.NewReader(a.body)); err != nil {
		b.t.Fatal(err)
	}
	a.text = textOf(a.doc)
	b.at = a
	return a
}

// A text is read, ticked as it is certain, and becomes one draft with names as printed, places, marks and the source.
func TestBringTextToDraft(t *testing.T) {
	s := newSite(t)
	b := s.as(t, "ed", store.Editor)
	a := b.bringNew("Statement of 44 states, joined by:\n\nAustralia, Brésil, the Republic of Korea, Türkiye* and Kenya.\n")
	b.status(200)
	a.says(t, "44 states stated · 5 ticked · 39 not named in this text", "Statement on Tests")
	d := b.accepted().Document
	var got []string
	for _, x := range d.Actions {
		got = append(got, fmt.Sprint(x.Participant, " ", x.NameAsPrinted, " ", x.PrintedPosition, " ", x.Kind, " ", x.Capacity, " ", x.Date, " ", x.Note))
		if x.Source != d.Sources[0].Key {
			t.Errorf("%s cites %q", x.Participant, x.Source)
		}
	}
	want := []string{"AUS Australia 1 signed signatory 2025-11-24 ", "BRA Brésil 2 signed signatory 2025-11-24 ", "KOR Republic of Korea 3 signed signatory 2025-11-24 ",
		"TUR Türkiye 4 signed signatory 2025-11-24 *", "KEN Kenya 5 signed signatory 2025-11-24 "}
	if !slices.Equal(got, want) {
		t.Errorf("the lines are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(d.Stated) != 1 || d.Stated[0].Count != 44 || d.Stated[0].Source != d.Sources[0].Key || d.Slug != "statement-on-tests-2025" {
		t.Errorf("%+v, %s", d.Stated, d.Slug)
	}
	b.at.says(t, "lines were added or completed")
	if err := s.store.Verify(t.Context(), nil); err != nil {
		t.Error(err)
	}
	// Nothing of it is public.
	for _, path := range []string{"/en/declarations/statement-on-tests-2025", "/en/search?q=statement+on+tests", "/en/changes", "/en/declarations.csv"} {
		if a := s.ask(t, "GET", path); strings.Contains(a.body, "Ministry of Tests") || a.StatusCode == 200 && strings.Contains(a.body, "Statement on Tests") {
			t.Errorf("%s tells of the draft", path)
		}
	}
}

// Readers may not; the page is offered to whoever may.
func TestBringRoles(t *testing.T) {
	s := newSite(t)
	for role, want := range map[store.Role]int{store.Reader: 403, store.Editor: 200, store.Publisher: 200, store.Administrator: 200} {
		b := s.as(t, string(role), role)
		if a := b.get("/en/staff/bring"); a.StatusCode != want {
			t.Errorf("a %s gets %d, want %d", role, a.StatusCode, want)
		}
		if offered := strings.Contains(b.open("/en/staff").body, `href="/en/staff/bring"`); offered != (want == 200) {
			t.Errorf("the desk offers it to a %s: %v", role, offered)
		}
		if a := b.send("POST", "/en/staff/bring", url.Values{"do": {"accept"}, "text": {"France"}}); role == store.Reader && a.StatusCode != 403 {
			t.Errorf("a reader posts: %d", a.StatusCode)
		}
		if offered := strings.Contains(b.open("/en/staff/declarations/tech-trafficking-2025").body, `/en/staff/bring?declaration=tech-trafficking-2025`); offered != (want == 200) {
			t.Errorf("the declaration's page offers it to a %s: %v", role, offered)
		}
	}
}

// Whatever is wrong, everything typed is kept, and everything wrong is said at once.
func TestBringNothingIsLost(t *testing.T) {
	s := newSite(t)
	b := s.as(t, "ed", store.Editor)
	b.open("/en/staff/bring?new=1")
	typed := []string{"to", "new", "title", "A title", "title_lang", "fr", "kind", "pledge", "declared.day", "31", "declared.month", "2", "declared.year", "2025", "on.day", "1",
		"source.publisher", "Somebody", "source.title", "Some title", "source.url", "nowhere", "source.lang", "ko", "source.kind", "press", "action", "joined",
		"capacity", "endorser", "capacity_as_printed", "Friends", "dated", "none"}
	a := b.press("read", typed...)
	b.status(422)
	a.says(t, "Paste a text, or choose a file.", "is no date of the calendar", "Enter the year too", "Enter the whole address")
	_, values := b.filled("read")
	for i := 0; i+1 < len(typed); i += 2 {
		if values.Get(typed[i]) != typed[i+1] {
			t.Errorf("%s is %q, want %q", typed[i], values.Get(typed[i]), typed[i+1])
		}
	}
	if first := all(a.doc, func(n *html.Node) bool { return attr(n, "id") == "main" })[0]; !strings.HasPrefix(strings.TrimSpace(textOf(first)), "4 things need another look") {
		t.Errorf("the summary does not stand first: %.120s", textOf(first))
	}
	// An unknown button, and a form that says nothing of what it belongs to.
	if a := b.send("POST", "/en/staff/bring", url.Values{"do": {"explode"}}); a.StatusCode != 400 {
		t.Errorf("an unknown button: %d", a.StatusCode)
	}
	if a := b.send("POST", "/en/staff/bring", url.Values{"do": {"accept"}}); a.StatusCode != 422 {
		t.Errorf("an empty form: %d", a.StatusCode)
	}
	// Of the review: decisions, and what was changed in the questions.
	b.bringNew("Joined by:\n\nAustralia, Brazil, Atlantis, Kenya\n")
	unknown, kenya := b.find("Atlantis"), b.find("Kenya")
	a = b.press("accept", unknown+".other", "Nobody at all", kenya+".take", "\x00", "source.url", "nowhere", "capacity_as_printed", "Friends")
	b.status(422)
	a.says(t, "“Atlantis”: the register knows nobody called “Nobody at all”.", "Enter the whole address")
	if got := b.ticked(); !slices.Equal(got, []string{"Australia", "Brazil"}) {
		t.Errorf("ticked are %v", got)
	}
	_, values = b.filled("accept")
	if values.Get(unknown+".other") != "Nobody at all" || values.Get("source.url") != "nowhere" || values.Get("capacity_as_printed") != "Friends" {
		t.Errorf("what was typed is gone: %v", values)
	}
	d := b.accepted(unknown+".other", "vnm", "source.url", "https://example.org/").Document
	var codes []string
	for _, x := range d.Actions {
		codes = append(codes, x.Participant+" "+x.NameAsPrinted+" "+x.CapacityAsPrinted)
	}
	if want := []string{"AUS Australia Friends", "BRA Brazil Friends", "VNM Atlantis Friends"}; !slices.Equal(codes, want) {
		t.Errorf("%v, want %v", codes, want)
	}
	b.bringNew("Joined by:\n\nAustralia, Brazil, Kenya\n")
	var none []string
	for _, name := range []string{"Australia", "Brazil", "Kenya"} {
		none = append(none, b.find(name)+".take", "\x00")
	}
	b.press("accept", none...).says(t, "Nothing is ticked. Tick what is to be recorded.")
	b.status(422)
}

// Only what is certain is ticked; what several can be is chosen; nobody is taken twice.
func TestBringDecisions(t *testing.T) {
	s := newSite(t)
	b := s.as(t, "ed", store.Editor)
	a := b.bringNew("The statement was joined by:\n\nAustralia, Brazil, Congo, Germny, Kenya\n")
	b.status(200)
	if got := b.ticked(); slices.Contains(got, "Congo") || slices.Contains(got, "Germny") || !slices.Contains(got, "Australia") {
		t.Errorf("ticked are %v", got)
	}
	a.says(t, "several have this name", "misspelt", "on record as “Germany”")
	congo, germany := b.find("Congo"), b.find("Germny")
	b.press("accept", congo+".who", "COD", germany+".take", "yes", b.find("Kenya")+".other", "COD").says(t, "“Kenya”: Democratic Republic of the Congo is ticked twice.")
	b.status(422)
	d := b.accepted(b.find("Kenya")+".other", "").Document
	var codes []string
	for _, x := range d.Actions {
		codes = append(codes, x.Participant+" "+x.NameAsPrinted)
	}
	if want := []string{"AUS Australia", "BRA Brazil", "COD Congo", "DEU Germny", "KEN Kenya"}; !slices.Equal(codes, want) {
		t.Errorf("%v, want %v", codes, want)
	}
}

// Read again, with another day or a mended text, decisions stay with the names that are unchanged.
func TestBringReadAgain(t *testing.T) {
	s := newSite(t)
	b := s.as(t, "ed", store.Editor)
	b.bringNew("The statement was joined by:\n\nAustralia, Brazil, Kenya\n")
	kenya, brazil := b.find("Kenya"), b.find("Brazil")
	b.press("again", kenya+".take", "\x00", brazil+".take", "\x00", "text", "New York.\n\nThe statement was joined by:\n\nAustralia, Brazil, Congo, Kenya\n", "on.year", "2024")
	b.status(200)
	if got := b.ticked(); !slices.Equal(got, []string{"Australia"}) {
		t.Errorf("ticked are %v", got)
	}
	b.press("again")
	if got := b.ticked(); !slices.Equal(got, []string{"Australia"}) {
		t.Errorf("read once more, ticked are %v", got)
	}
	if _, values := b.filled("accept"); values.Get("on.year") != "2024" {
		t.Errorf("the day is gone: %v", values)
	}
	b.press("back")
	if _, values := b.filled("read"); !strings.Contains(values.Get("text"), "Congo") || values.Get("title") != "Statement on Tests" {
		t.Errorf("back on the first page: %v", values)
	}
	b.press("read")
	if got := b.ticked(); !slices.Equal(got, []string{"Australia"}) {
		t.Errorf("there and back, ticked are %v", got)
	}
}

// Against the record: on the list, left, missing; nothing is dropped unasked (D2), and a source is added to whoever was there.
func TestBringAgainstTheRecord(t *testing.T) {
	s := newSite(t)
	b := s.as(t, "ed", store.Editor)
	before, err := s.view(t).Declaration(t.Context(), "peace-framework-ukraine-2024")
	if err != nil {
		t.Fatal(err)
	}
	a := b.bring("peace-framework-ukraine-2024", "The communiqué was joined by:\n\nFrance, Iraq, Kenya, Paraguay\n", "on.day", "1", "on.month", "11", "on.year", "2026")
	b.status(200)
	a.says(t, "already on the list, since", "left on 17 June 2024; ticked, it rejoins", "not yet on record", "On record, but not in this text:", "Did they leave, or are they only not printed?")
	if got := b.ticked(); slices.Contains(got, "Iraq") || !slices.Contains(got, "France") {
		t.Errorf("ticked are %v", got)
	}
	d := b.accepted(b.find("Iraq")+".take", "yes", "absent.DEU", "note", "absent.ITA", "withdrew").Document
	old := map[int64]bool{}
	for _, x := range before.Actions {
		old[x.ID] = true
	}
	key := d.Sources[len(d.Sources)-1].Key
	if !strings.HasPrefix(key, "peace-framework-ukraine-2024-") {
		t.Errorf("the source has the key %q", key)
	}
	var added []string
	for _, x := range d.Actions {
		switch {
		case x.ID == 0:
			added = append(added, fmt.Sprint(x.Participant, " ", x.Kind, " ", x.Date, " ", x.Reason, " ", x.Source == key))
		case x.Participant == "FRA" && !slices.Contains(x.AlsoSources, key):
			t.Errorf("France does not cite the source: %+v", x)
		case x.Participant == "DEU" && !strings.Contains(x.Note, "Not printed in the list of 1 November 2026: Ministry of Tests: The list"):
			t.Errorf("Germany has the note %q", x.Note)
		}
		delete(old, x.ID)
	}
	if len(old) > 0 {
		t.Errorf("%d lines on record are gone", len(old))
	}
	slices.Sort(added)
	for _, want := range []string{"ITA withdrew 2026-11-01 dropped_unexplained true", "IRQ rejoined   true", "PRY signed   true"} {
		if !slices.Contains(added, want) {
			t.Errorf("%q is not among %q", want, added)
		}
	}
	if strings.Contains(strings.Join(added, " "), "FRA") {
		t.Errorf("France is added twice: %v", added)
	}
	// The same once more into that draft: nothing twice.
	at := b.draft()
	b.open("/en/staff/bring?draft=" + strings.TrimPrefix(at, "/en/staff/drafts/"))
	b.press("read", append(slices.Clone(source), "text", "The communiqué was joined by:\n\nFrance, Iraq, Kenya, Paraguay\n", "source", key, "on.day", "1", "on.month", "11", "on.year", "2026")...)
	b.status(200)
	b.press("accept")
	b.status(200)
	again := b.saved(at)
	if len(again.Actions) != len(d.Actions) || len(again.Sources) != len(d.Sources) {
		t.Errorf("%d lines and %d sources, want %d and %d", len(again.Actions), len(again.Sources), len(d.Actions), len(d.Sources))
	}
	// Without “also”, nobody’s line is touched.
	b.bring("peace-framework-ukraine-2024", "The communiqué was joined by:\n\nFrance, Paraguay\n")
	d = b.accepted("also", "\x00").Document
	for _, x := range d.Actions {
		if x.Participant == "FRA" && slices.Contains(x.AlsoSources, d.Sources[len(d.Sources)-1].Key) {
			t.Error("France cites the source though it was not asked for")
		}
	}
}

// Who left in a month that is all that is recorded left in it, not on it.
func TestBringBesidePartialDates(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(register.Action{Participant: "FJI", Kind: register.Signed},
		register.Action{Participant: "FJI", Kind: register.Withdrew, Date: register.MustDate("2026-09"), Reason: "withdrew_by_notice"}))
	b := s.as(t, "ed", store.Editor)
	a := b.bring("made-up-2019", "Joined by:\n\nFiji, Kenya\n", "on.day", "1", "on.month", "11", "on.year", "2026")
	b.status(200)
	a.says(t, "left in September 2026; ticked, it rejoins")
}

func (b *browser) saved(at string) *register.Declaration {
	b.t.Helper()
	id, _ := strconv.ParseInt(strings.TrimPrefix(at, "/en/staff/drafts/"), 10, 64)
	d, err := b.site.store.Draft(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return &d.Document
}

// A group is one line, with its members of that day told apart (D6).
func TestBringGroups(t *testing.T) {
	s := newSite(t)
	b := s.as(t, "ed", store.Editor)
	a := b.bringNew("The statement was joined by:\n\nAustralia, the European Union and its member states, Japan\n", "declared.year", "2019")
	b.status(200)
	a.says(t, "Groups: 1", "Members on 24 November 2019: 28", "Implied by the group:")
	d := b.accepted().Document
	groups := 0
	for _, x := range d.Actions {
		if x.Group == "EU" && x.Participant == "" && x.NameAsPrinted != "" {
			groups++
		}
		if x.Participant == "FRA" {
			t.Error("the group was taken apart")
		}
	}
	if groups != 1 {
		t.Errorf("%d group lines: %+v", groups, d.Actions)
	}
}

// A table: its columns are chosen, days and months asked about once, rows become lines.
func TestBringTable(t *testing.T) {
	s := newSite(t)
	b := s.as(t, "ed", store.Editor)
	table := "No.,State,Signed on,Role,Remarks\n1,France,03/04/2025,endorser,with a note\n2,Atlantis,05/06/2025,,\n3,Japan,06/07/2025,supporter,\n7,<script>alert(1)</script>,x,,\n"
	b.open("/en/staff/bring?new=1")
	a := b.upload("list.csv", []byte(table), append(slices.Clone(source), "title", "Statement on Tests", "kind", "joint-statement", "declared.year", "2025")...)
	b.status(200)
	a.says(t, "What do the columns hold?", "The first rows of 4")
	_, values := b.filled("columns")
	for i, want := range []string{"position", "name", "date", "capacity", "note"} {
		if got := values.Get(columnName(i)); got != want {
			t.Errorf("column %d is guessed to hold %q, want %q", i, got, want)
		}
	}
	a = b.press("columns", "col.1", "", "col.0", "")
	b.status(422)
	a.says(t, "Say which column holds the names, the codes or the groups.")
	b.press("columns", "col.1", "name", "col.2", "name").says(t, "Two columns are said to hold this: name.")
	b.status(422)
	a = b.press("columns", "col.0", "position", "col.1", "name", "col.2", "date", "col.3", "capacity", "col.4", "note")
	b.status(200)
	a.says(t, "Is the day or the month first?", "3 April 2025", "4 March 2025", "“x” is no date")
	if strings.Contains(a.body, "<script>alert") {
		t.Error("a cell is not escaped")
	}
	b.press("accept").says(t, "Say whether the day or the month stands first.")
	b.status(422)
	d := b.accepted("order", "dm").Document
	var got []string
	for _, x := range d.Actions {
		got = append(got, fmt.Sprint(x.Participant, " ", x.NameAsPrinted, " ", x.PrintedPosition, " ", x.Date, " ", x.Capacity, " ", x.CapacityAsPrinted, " ", x.Note))
	}
	if want := []string{"FRA France 1 2025-04-03 endorser endorser with a note", "JPN Japan 3 2025-07-06 supporter supporter "}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	// A table is carried along where something else is wrong, and need not be sent again.
	b.open("/en/staff/bring?new=1")
	a = b.upload("list.csv", []byte(table), source...)
	b.status(422)
	a.says(t, "Enter the title of the new declaration.", "need not be sent again: list.csv")
	b.press("read", "title", "T", "kind", "pledge")
	b.status(200).at.says(t, "What do the columns hold?")
	// What is carried is no more believed than what is typed.
	_, values = b.filled("columns")
	carried := func(plain string) string {
		var packed bytes.Buffer
		w, err := flate.NewWriter(&packed, flate.BestSpeed)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, plain); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(packed.Bytes())
	}
	uneven := carried(`{"Sheets":[{"Rows":[["a"],["b","c","d"]]}]}`)
	for _, x := range []struct{ what, table, says string }{
		{"no base64", "x", "did not arrive as it was read"},
		{"no deflate", "AAAA", "did not arrive as it was read"},
		{"no table", strings.Repeat("_", 50), "did not arrive as it was read"},
		{"rows of different widths", uneven, "did not arrive as it was read"},
		{"300,000 sheets in a kilobyte", carried(`{"Sheets":[` + strings.Repeat("{},", 299_999) + `{}]}`), "more than 50 sheets"},
		{"more rows than a page shows", carried(`{"Sheets":[{"Rows":[` + strings.Repeat(`["a"],`, maxFinds+2) + `["a"]],"Lines":[` + strings.Repeat("1,", maxFinds+2) +
			`1],"Header":-1,"Columns":["name"]}]}`), "did not arrive as it was read"},
	} {
		for _, do := range []string{"read", "sheet", "columns", "table", "again", "accept", "back"} {
			values.Set("table", x.table)
			values.Set("do", do)
			a := b.send("POST", "/en/staff/bring", values)
			if a.StatusCode != 400 || len(a.text) > 100<<10 {
				t.Errorf("%s, %s: %d with %d bytes", x.what, do, a.StatusCode, len(a.text))
			}
			a.says(t, x.says, "Bring")
			if v := a.doc; !strings.Contains(a.body, `value="https://example.org/list"`) || v == nil {
				t.Errorf("%s, %s: what was typed is lost", x.what, do)
			}
		}
	}
}

// The register's own file is read as what it is, without anything to choose: the date of each name and not that of the
// declaration, and whoever is not on the list any more is not ticked.
func TestBringOwnFile(t *testing.T) {
	s := newSite(t)
	b := s.as(t, "ed", store.Editor)
	csv := s.ask(t, "GET", "/en/declarations/peace-framework-ukraine-2024.csv")
	b.open("/en/staff/bring?new=1")
	b.upload("peace-framework-ukraine-2024.csv", []byte(csv.body), append(slices.Clone(source), "title", "Statement on Tests", "kind", "joint-statement", "declared.year", "2024")...)
	b.status(200).at.says(t, "What do the columns hold?", "whether on the list")
	a := b.press("columns")
	b.status(200)
	if a.doc == nil || strings.Count(a.text, "the table says: left; not ticked unless you tick it") < 3 {
		t.Errorf("it is not said who left: %.2000s", a.text)
	}
	d := b.accepted().Document
	got := map[string]register.Action{}
	for _, x := range d.Actions {
		got[x.Participant] = x
	}
	e := s.entry(t, "peace-framework-ukraine-2024")
	view := s.view(t)
	later := 0
	for _, l := range e.Timelines() {
		if l.Participant == "" {
			continue
		}
		state := l.On(register.Today(testNow))
		x, ticked := got[l.Participant]
		switch {
		case state.Status == register.Left && ticked:
			t.Errorf("%s left and is ticked", view.Ref.Name(l.Participant, "en"))
		case state.Status == register.InEffect && !ticked:
			t.Errorf("%s is not ticked", view.Ref.Name(l.Participant, "en"))
		case ticked && state.Since().Known() && state.Since() != x.Date:
			t.Errorf("%s since %s, brought as of %s", l.Participant, state.Since(), x.Date)
		}
		if ticked && x.Date != e.Date() {
			later++
		}
	}
	if later == 0 {
		t.Error("nobody joined later")
	}
	for _, code := range []string{"IRQ", "JOR", "RWA"} {
		if _, ok := got[code]; ok {
			t.Errorf("%s is ticked", code)
		}
	}
}

// Of a file with the rows of many declarations only those of the one at hand are ticked.
func TestBringOwnFileOfAll(t *testing.T) {
	s := newSite(t)
	b := s.as(t, "ed", store.Editor)
	csv := s.ask(t, "GET", "/data/signatories.csv")
	b.open("/en/staff/bring?declaration=tech-trafficking-2025")
	b.upload("signatories.csv", []byte(csv.body), source...)
	b.status(200)
	a := b.press("columns")
	b.status(200)
	if !strings.Contains(a.text, "the table says: Declaration xinjiang-2022; not ticked unless you tick it") {
		t.Errorf("it is not said that rows are of another declaration: %.2000s", a.text)
	}
	before := s.entry(t, "tech-trafficking-2025")
	if d := b.accepted().Document; len(d.Actions) != len(before.Actions) {
		t.Errorf("%d actions, %d before", len(d.Actions), len(before.Actions))
	}
}

// What is not read is said in the reader's language, with what to do; nothing is stored.
func TestBringRefusals(t *testing.T) {
	s := newSite(t)
	b := s.as(t, "ed", store.Editor)
	files := map[string][]byte{"picture": []byte("\x89PNG\r\n\x1a\n0000000000000000"), "pdf_scanned": []byte("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n1 0 obj\n"), "empty": []byte(" \n"),
		"binary": append([]byte("\x7fELF"), make([]byte, 400)...), "archive": []byte("\x1F\x8B\x08\x00aaaaaaaaaaaaaaaa"), "rtf": []byte(`{\rtf1 France}`)}
	for _, l := range i18n.Languages() {
		p, _ := i18n.For(l.Code)
		for key, content := range files {
			b.open("/" + l.Code + "/staff/bring?declaration=tech-trafficking-2025")
			a := b.upload("list", content, source...)
			if a.StatusCode != 422 || !strings.Contains(a.text, strings.Join(strings.Fields(p.T("intake.refused."+key)), " ")) {
				t.Errorf("%s in %s: %d, and not %q: %.200s", key, l.Code, a.StatusCode, p.T("intake.refused."+key), a.text)
			}
			if _, values := b.filled("read"); values.Get("source.publisher") != "Ministry of Tests" || values.Get("declaration") != "tech-trafficking-2025" {
				t.Errorf("%s in %s: what was typed is gone", key, l.Code)
			}
		}
	}
	b.open("/en/staff/bring?declaration=tech-trafficking-2025")
	b.press("read", append(slices.Clone(source), "text", "France\x00Spain")...)
	b.status(422)
	b.press("read", "text", "France").status200(t)
	b.open("/en/staff/bring?declaration=tech-trafficking-2025")
	b.upload("list.txt", []byte("France"), append(slices.Clone(source), "text", "Spain")...).says(t, "There is a text and a file.")
	b.status(422)
	if drafts, err := s.store.Drafts(t.Context(), store.DraftFilter{}); err != nil || len(drafts) > 0 {
		t.Errorf("%d drafts, %v", len(drafts), err)
	}
}

func (a *answer) status200(t *testing.T) {
	t.Helper()
	if a.StatusCode != 200 {
		t.Errorf("%d: %.300s", a.StatusCode, a.text)
	}
}

// Limits are said in numbers, and what was typed is kept as far as it can be.
func TestBringLimits(t *testing.T) {
	s := newSite(t)
	b := s.as(t, "ed", store.Editor)
	five := strings.Repeat("France, Spain, Japan and others.\n", 5<<20/33)
	b.open("/en/staff/bring?declaration=tech-trafficking-2025")
	a := b.press("read", append(slices.Clone(source), "text", five)...)
	b.status(422)
	a.says(t, "longer than 1 MB", "Bring only the part with the list.")
	b.open("/en/staff/bring?declaration=tech-trafficking-2025")
	b.upload("big.txt", bytes.Repeat([]byte("France\n"), 11<<20/7), source...).says(t, "at most 10 MB are read")
	b.status(422)
	b.open("/en/staff/bring?declaration=tech-trafficking-2025")
	huge := b.upload("huge.txt", bytes.Repeat([]byte("x"), intake.MaxUpload+4*MaxForm), source...)
	if huge.StatusCode != 413 && huge.StatusCode != 422 {
		t.Errorf("a huge file: %d", huge.StatusCode)
	}
	b.open("/en/staff/bring?declaration=tech-trafficking-2025")
	rows := "Name,Note\n" + strings.Repeat("France,x\n", maxFinds+5)
	b.upload("rows.csv", []byte(rows), source...)
	b.status(200)
	b.press("columns", "col.0", "name").says(t, "This sheet has more than 2,000 rows. Bring it in parts.")
	b.status(422)
	// Two thousand rows still make a page, and come back.
	b.open("/en/staff/bring?declaration=tech-trafficking-2025")
	b.upload("rows.csv", []byte("Name,Note\n"+strings.Repeat("Nowhere land,x\n", 1990)+"France,y\n"), source...)
	b.press("columns", "col.0", "name")
	b.status(200).at.says(t, "1,991 names found")
	if d := b.accepted(); len(d.Document.Actions) < 13 {
		t.Errorf("%d lines", len(d.Document.Actions))
	}
}

// A text is shown as text, whatever it holds, and directions do not run into each other.
func TestBringEscapes(t *testing.T) {
	s := newSite(t)
	b := s.as(t, "ed", store.Editor)
	a := b.bringNew("Joined by:\n\nFrance, <script>alert(1)</script>, \"><img src=x onerror=alert(2)>, مصر, Japan\n", "title", "<i>T</i>", "source.title", "</textarea><b>")
	b.status(200)
	for _, bad := range []string{"<script>alert", "<img src=x", "<i>T</i>", "</textarea><b>"} {
		if strings.Contains(a.body, bad) {
			t.Errorf("%s is not escaped", bad)
		}
	}
	if n := len(all(a.doc, func(n *html.Node) bool { return n.Data == "bdi" && attr(n, "dir") == "auto" })); n == 0 {
		t.Error("printed names do not stand apart")
	}
	if faults := a.faults("en", "ltr"); len(faults) > 0 {
		t.Errorf("the page: %v", faults)
	}
	_, values := b.filled("accept")
	if !strings.Contains(values.Get("text"), "<script>alert(1)</script>") {
		t.Errorf("the text comes back as %q", values.Get("text"))
	}
}

// Somebody else wrote in the draft while the list was looked at: both versions are shown, and nothing is lost.
func TestBringIntoADraftThatMoved(t *testing.T) {
	s := newSite(t)
	ann, bob := s.as(t, "ann", store.Editor), s.as(t, "bob", store.Editor)
	at := ann.start("tech-trafficking-2025")
	id := strings.TrimPrefix(at, "/en/staff/drafts/")
	ann.open("/en/staff/bring?draft=" + id)
	ann.press("read", append(slices.Clone(source), "text", "The statement was joined by:\n\nFrance, Kenya, Paraguay\n")...)
	ann.status(200)
	bob.open(at)
	bob.press("save", "presented_by", "Bob’s Person")
	bob.status(200)
	ann.press("accept")
	ann.status(409)
	ann.press("take")
	d := ann.saved(at)
	if d.PresentedBy != "Bob’s Person" || len(d.Actions) != 15 {
		t.Errorf("%q, %d lines", d.PresentedBy, len(d.Actions))
	}
	// A draft that is closed, or in review, takes nothing more.
	ann.open(at)
	ann.press("discard")
	ann.get("/en/staff/bring?draft="+id).says(t, "This draft takes nothing more as it stands")
	ann.open("/en/staff/bring")
	ann.press("read", append(slices.Clone(source), "to", "draft", "draft", "99999", "text", "France")...).says(t, "Choose one of the open drafts.")
	ann.status(422)
}

// A declaration is found by its address, words of its title, or not at all.
func TestBringFindsTheDeclaration(t *testing.T) {
	s := newSite(t)
	b := s.as(t, "ed", store.Editor)
	for typed, want := range map[string]string{"tech-trafficking-2025": "", "https://register.example.org/fr/declarations/tech-trafficking-2025/history": "",
		"Technology-Facilitated Trafficking": "", "no such thing at all": "No declaration on the register is called “no such thing at all”.", "": "Enter the declaration’s address",
		"joint": "Enter the end of the address"} {
		b.open("/en/staff/bring")
		a := b.press("read", append(slices.Clone(source), "declaration", typed, "text", "France")...)
		if want == "" {
			b.status(200)
			if _, values := b.filled("accept"); values.Get("declaration") != "tech-trafficking-2025" {
				t.Errorf("%q is %q", typed, values.Get("declaration"))
			}
			continue
		}
		b.status(422)
		a.says(t, want)
	}
}

// sendFile sends a file to the import of packages.
func (b *browser) sendFile(name string, content []byte) *answer {
	b.t.Helper()
	b.open("/en/staff/import")
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	if err := w.WriteField("do", "try"); err != nil {
		b.t.Fatal(err)
	}
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := part.Write(content); err != nil {
		b.t.Fatal(err)
	}
	w.Close()
	return b.post("/en/staff/import", w.FormDataContentType(), &body)
}

// A package is tried before anything changes; what is wrong is said with file, line and column; publishers alone import.
func TestImportByForm(t *testing.T) {
	s := newSite(t)
	editor, publisher, other := s.as(t, "ed", store.Editor), s.as(t, "pub", store.Publisher), s.as(t, "other", store.Publisher)
	if a := editor.get("/en/staff/import"); a.StatusCode != 403 {
		t.Errorf("an editor gets %d", a.StatusCode)
	}
	if strings.Contains(editor.open("/en/staff/bring").body, "/en/staff/import") || !strings.Contains(publisher.open("/en/staff/bring").body, "/en/staff/import") {
		t.Error("the import is not offered to whom it is open")
	}
	before := s.view(t).Revision
	whole := s.ask(t, "GET", "/data/register.zip")
	publisher.sendFile("register.zip", []byte(whole.body))
	publisher.status(200)
	if strings.Contains(publisher.at.body, `value="import"`) {
		t.Error("the register’s own files would change something")
	}
	actions := s.ask(t, "GET", "/data/actions.csv").body
	lines := strings.SplitAfter(actions, "\r\n")
	broken := lines[0] + strings.Replace(lines[1], ",signed,", ",singed,", 1) + strings.Replace(lines[2], ",signed,", ",singed,", 1)
	if broken == lines[0]+lines[1]+lines[2] {
		broken = lines[0] + strings.Replace(lines[1]+lines[2], ",endorsed,", ",singed,", 2)
	}
	a := publisher.sendFile("actions.csv", []byte(broken))
	publisher.status(422)
	a.says(t, "actions.csv", "singed")
	publisher.sendFile("nothing.csv", nil).says(t, "Choose a file.")
	publisher.sendFile("picture.png", []byte("\x89PNG\r\n\x1a\n<script>alert(1)</script>"))
	publisher.status(422)
	if strings.Contains(publisher.at.body, "<script>alert") {
		t.Error("what was sent is not escaped")
	}
	if got := s.view(t).Revision; got != before {
		t.Fatalf("trying made revision %d", got)
	}
	at := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "tech-trafficking-2025,KHM") })
	changed := lines[0] + strings.Replace(lines[at], "캄보디아", "캄보디아왕국", 1)
	publisher.sendFile("actions.csv", []byte(changed))
	publisher.status(200)
	if s.view(t).Revision != before {
		t.Fatal("trying published")
	}
	publisher.at.says(t, "published at once, without a second reader")
	if strings.Contains(publisher.at.body, `value="import"`) {
		t.Error("one person alone may import where two have to publish")
	}
	if err := s.store.SetSetting(t.Context(), store.OnePersonOffice, "yes", store.Logged{}); err != nil {
		t.Fatal(err)
	}
	publisher.sendFile("actions.csv", []byte(changed))
	publisher.status(200)
	_, values := publisher.filled("import")
	values.Set("do", "import")
	values.Set("reason", "A reason")
	if a := other.send("POST", "/en/staff/import", values); a.StatusCode != 422 || !strings.Contains(a.text, "The file is no longer kept here") {
		t.Errorf("somebody else imports the file: %d", a.StatusCode)
	}
	publisher.press("import").says(t, "Say why. The public reads it.")
	publisher.status(422)
	_, again := publisher.filled("import")
	publisher.press("import", "reason", "The name was printed in full")
	publisher.status(200)
	if got := s.view(t).Revision; got != before+1 {
		t.Fatalf("revision %d, want %d", got, before+1)
	}
	s.page(t, "/en/declarations/tech-trafficking-2025").says(t, "캄보디아왕국")
	s.page(t, "/en/declarations/tech-trafficking-2025/history").says(t, "The name was printed in full", "a publisher of the register")
	again.Set("do", "import")
	again.Set("reason", "Twice")
	if a := publisher.send("POST", "/en/staff/import", again); a.StatusCode != 422 {
		t.Errorf("the same file is imported twice: %d", a.StatusCode)
	}
	if err := s.store.Verify(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// Few files are kept, each for a while, and none leaves anything behind.
func TestShelf(t *testing.T) {
	var s shelf
	folder := t.TempDir()
	put := func(account int64, at time.Time) (string, *shelfFile) {
		t.Helper()
		file, err := os.CreateTemp(folder, "")
		if err != nil {
			t.Fatal(err)
		}
		f := &shelfFile{File: file, account: account, at: at}
		return s.put(f), f
	}
	first, _ := put(1, testNow)
	second, _ := put(1, testNow)
	if s.take(first, 1, testNow) != nil || s.take(second, 2, testNow) != nil {
		t.Error("a file that was replaced, or is another account’s, is handed out")
	}
	if s.take(second, 1, testNow.Add(shelfLife+time.Second)) != nil || s.take(second, 1, testNow) != nil {
		t.Error("a file is kept for ever")
	}
	var tokens []string
	for i := range int64(shelved + 1) {
		token, _ := put(i, testNow.Add(time.Duration(i)*time.Second))
		tokens = append(tokens, token)
	}
	if s.take(tokens[0], 0, testNow) != nil || len(s.files) != shelved {
		t.Errorf("%d files are kept", len(s.files))
	}
	for i, token := range tokens[1:] {
		s.take(token, int64(i+1), testNow).discard()
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("%d files are left behind, %v", len(left), err)
	}
}

// A text may be nothing but dates: each is offered once, and no more of them than a page shows.
func TestBringManyDates(t *testing.T) {
	p, _ := i18n.For("en")
	b, l := &bringing{staffRequest: &staffRequest{request: &request{p: p}}, values: url.Values{}}, &listed{}
	for year := range 3 * maxFinds {
		for range 2 {
			l.rec.Dates = append(l.rec.Dates, register.FoundDate{Date: register.MustDate(fmt.Sprintf("%04d", 1000+year))})
		}
	}
	if list := b.declarable(l); len(list) != maxFinds || list[1].Value != "1001" {
		t.Errorf("%d dates are offered", len(list))
	}
	x := &listItem{Find: register.Find{Dates: l.rec.Dates}}
	if b.dated(l, x, "", ""); len(x.dates) != 3*maxFinds || x.dates[1].String() != "1001" {
		t.Errorf("%d dates beside a name", len(x.dates))
	}
}
