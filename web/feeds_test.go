package web

import (
	"context"
	"encoding/xml"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/mmcdole/gofeed"
	"golang.org/x/net/html"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/i18n"
)

// feedPaths are feeds of every sort.
var feedPaths = []string{"/feeds/changes.atom", "/feeds/declarations/tech-trafficking-2025.atom", "/feeds/participants/KOR.atom", "/feeds/participants/CSK.atom",
	"/feeds/topics/human-rights.atom", "/feeds/groups/ASEAN.atom"}

// atomDocument is what RFC 4287 asks of a feed, as the test reads it.
type atomDocument struct {
	XMLName xml.Name
	Lang    string     `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	ID      []string   `xml:"http://www.w3.org/2005/Atom id"`
	Title   []string   `xml:"http://www.w3.org/2005/Atom title"`
	Updated []string   `xml:"http://www.w3.org/2005/Atom updated"`
	Rights  string     `xml:"http://www.w3.org/2005/Atom rights"`
	Author  []string   `xml:"http://www.w3.org/2005/Atom author>name"`
	Links   []linkRead `xml:"http://www.w3.org/2005/Atom link"`
	Entries []struct {
		ID        []string   `xml:"http://www.w3.org/2005/Atom id"`
		Title     []string   `xml:"http://www.w3.org/2005/Atom title"`
		Updated   []string   `xml:"http://www.w3.org/2005/Atom updated"`
		Published []string   `xml:"http://www.w3.org/2005/Atom published"`
		Links     []linkRead `xml:"http://www.w3.org/2005/Atom link"`
		Category  []struct {
			Term string `xml:"term,attr"`
		} `xml:"http://www.w3.org/2005/Atom category"`
		Content []struct {
			Type string `xml:"type,attr"`
			Text string `xml:",chardata"`
		} `xml:"http://www.w3.org/2005/Atom content"`
	} `xml:"http://www.w3.org/2005/Atom entry"`
}

type linkRead struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

func (d *atomDocument) link(rel string) string {
	for _, l := range d.Links {
		if l.Rel == rel {
			return l.Href
		}
	}
	return ""
}

// entries are the entries by their ids: everything that a follower sees of each.
func (d *atomDocument) entries() map[string]string {
	m := map[string]string{}
	for _, e := range d.Entries {
		m[e.ID[0]] = strings.Join([]string{e.Title[0], e.Updated[0], e.Links[0].Href, e.Content[0].Text}, "\n")
	}
	return m
}

// text is what a reader sees of an entry.
func (d *atomDocument) text(t *testing.T, i int) string {
	t.Helper()
	if i >= len(d.Entries) {
		t.Fatalf("the feed has %d entries, want more than %d", len(d.Entries), i)
	}
	n, err := html.Parse(strings.NewReader(d.Entries[i].Content[0].Text))
	if err != nil {
		t.Fatal(err)
	}
	return textOf(n)
}

// feed is a feed that must be there and be valid.
func (s *site) feed(t *testing.T, target string) *atomDocument {
	t.Helper()
	a := s.page(t, target)
	if h := a.Header; h.Get("Content-Type") != "application/atom+xml; charset=utf-8" || h.Get("Access-Control-Allow-Origin") != "*" || h.Get("ETag") == "" {
		t.Errorf("%s: %v", target, h)
	}
	if _, err := gofeed.NewParser().ParseString(a.body); err != nil {
		t.Fatalf("%s: a feed reader says: %v", target, err)
	}
	d := xml.NewDecoder(strings.NewReader(a.body))
	d.Strict = true
	var f atomDocument
	if err := d.Decode(&f); err != nil {
		t.Fatalf("%s: %v", target, err)
	}
	say := func(what string, args ...any) { t.Helper(); t.Errorf(target+": "+what, args...) }
	if f.XMLName != (xml.Name{Space: "http://www.w3.org/2005/Atom", Local: "feed"}) || len(f.ID) != 1 || len(f.Title) != 1 || len(f.Updated) != 1 || len(f.Author) != 1 {
		say("not what RFC 4287 asks: %+v", f.XMLName)
	}
	if self := f.link("self"); self != testBase+target {
		say("rel=self is %s", self)
	}
	if !strings.Contains(f.Rights, "CC0") || !strings.HasPrefix(f.link("alternate"), testBase+"/") {
		say("rights %q, alternate %q", f.Rights, f.link("alternate"))
	}
	seen := map[string]bool{f.ID[0]: true}
	last := ""
	for i, e := range f.Entries {
		if len(e.ID) != 1 || len(e.Title) != 1 || len(e.Updated) != 1 || len(e.Published) != 1 || len(e.Links) != 1 || len(e.Content) != 1 || e.Content[0].Type != "html" {
			t.Fatalf("%s: entry %d is not what RFC 4287 asks", target, i)
		}
		if seen[e.ID[0]] || !strings.HasPrefix(e.ID[0], "urn:uuid:") {
			say("id %q", e.ID[0])
		}
		seen[e.ID[0]] = true
		if _, err := time.Parse(time.RFC3339, e.Updated[0]); err != nil || e.Updated[0] != e.Published[0] || last != "" && e.Updated[0] > last {
			say("updated %s after %s: %v", e.Updated[0], last, err)
		}
		last = e.Updated[0]
		if i == 0 && e.Updated[0] != f.Updated[0] {
			say("updated %s, its newest entry %s", f.Updated[0], e.Updated[0])
		}
		if strings.TrimSpace(e.Title[0]) == "" || strings.ContainsAny(e.Content[0].Text, "\x00\x1b") {
			say("entry %d: %q", i, e.Title[0])
		}
		n, err := html.Parse(strings.NewReader(e.Content[0].Text))
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range all(n, func(n *html.Node) bool { return n.Data == "a" }) {
			if !strings.HasPrefix(attr(l, "href"), testBase+"/") {
				say("a link to %q, which leads nowhere from a feed reader", attr(l, "href"))
			}
		}
	}
	return &f
}

func TestFeeds(t *testing.T) {
	s := newSite(t)
	ids := map[string]string{}
	for _, path := range feedPaths {
		for _, l := range i18n.Languages() {
			target := path
			if l.Code != "en" {
				target += "?lang=" + l.Code
			}
			f := s.feed(t, target)
			if f.Lang != l.Code || len(f.Entries) == 0 {
				t.Errorf("%s is in %q with %d entries", target, f.Lang, len(f.Entries))
			}
			if other := ids[f.ID[0]]; other != "" {
				t.Errorf("%s and %s are one feed", target, other)
			}
			ids[f.ID[0]] = target
			if l.Code == "en" && len(f.Entries) > 0 {
				for _, link := range []string{f.link("alternate"), f.Entries[0].Links[0].Href} {
					s.page(t, strings.TrimPrefix(link, testBase))
				}
			}
			p, _ := i18n.For(l.Code)
			if len(f.Entries) > 0 && !strings.Contains(f.text(t, 0), strings.Join(strings.Fields(p.T("change.why")), " ")) {
				t.Errorf("%s does not say why", target)
			}
		}
	}
	// One revision is one entry, whichever feed it stands in.
	all := s.feed(t, "/feeds/changes.atom").entries()
	for _, path := range feedPaths[1:] {
		for id, e := range s.feed(t, path).entries() {
			if all[id] != e {
				t.Errorf("%s tells an entry otherwise than the feed of all changes", path)
			}
		}
	}
}

// TestFeedTellsADeparture: what a follower reads when a participant leaves, when a number is corrected, and when the register
// itself was wrong.
func TestFeedTellsADeparture(t *testing.T) {
	s := newSite(t)
	before := map[string]int{}
	for _, path := range append(feedPaths, "/feeds/participants/THA.atom") {
		before[path] = len(s.feed(t, path).Entries)
	}
	const slug = "tech-trafficking-2025"
	s.change(t, slug, func(d *register.Declaration) {
		d.Actions = append(d.Actions, register.Action{Participant: "THA", Kind: register.Withdrew, Capacity: register.Signatory,
			Date: register.MustDate("2026-01-05"), Reason: "withdrew_by_notice", Source: "tip-sbs1"})
	})
	for path, want := range map[string]int{"/feeds/changes.atom": 1, feedPaths[1]: 1, "/feeds/participants/THA.atom": 1, "/feeds/groups/ASEAN.atom": 1,
		"/feeds/topics/human-rights.atom": 1, "/feeds/participants/KOR.atom": 0, "/feeds/participants/CSK.atom": 0} {
		f := s.feed(t, path)
		if got := len(f.Entries) - before[path]; got != want {
			t.Errorf("%s has %d entries more, want %d", path, got, want)
			continue
		}
		if want == 0 {
			continue
		}
		text := f.text(t, 0)
		for _, says := range []string{"Thailand left on 5 January 2026.", "In effect on 23 November 2026: 11; before this change 12.", "Why: Tested", "an editor of the register"} {
			if !strings.Contains(text, says) {
				t.Errorf("%s does not say %q: %s", path, says, text)
			}
		}
		if strings.Contains(text, "Stated") {
			t.Errorf("%s tells a number that did not change: %s", path, text)
		}
		if c := f.Entries[0].Category; len(c) != 1 || c[0].Term != "withdrew" {
			t.Errorf("%s: %v", path, c)
		}
		if want := "Joint Statement on Combating Technology-Facilitated Trafficking in Persons: Thailand left on 5 January 2026."; f.Entries[0].Title[0] != want {
			t.Errorf("%s: %s", path, f.Entries[0].Title[0])
		}
	}
	if text := s.feed(t, feedPaths[1]+"?lang=fr").text(t, 0); !strings.Contains(text, "Sur la liste au 23 novembre 2026 : 11 ; avant cette modification : 12.") {
		t.Errorf("in French: %s", text)
	}
	// The register's own mistakes: a number that was read wrongly, a name that was never there.
	s.change(t, slug, func(d *register.Declaration) { d.Stated[0].Count++ })
	f := s.feed(t, feedPaths[1])
	if text := f.text(t, 0); !strings.Contains(text, "Stated: 45; before this change 44.") || strings.Contains(text, "In effect on") {
		t.Errorf("a corrected number: %s", text)
	}
	s.change(t, slug, func(d *register.Declaration) {
		d.Actions = slices.DeleteFunc(d.Actions, func(a register.Action) bool { return a.Participant == "THA" })
	})
	f = s.feed(t, "/feeds/participants/THA.atom")
	text := f.text(t, 0)
	if c := f.Entries[0].Category; len(c) != 1 || c[0].Term != "correction" || !strings.Contains(text, "Corrected: an entry for Thailand had been recorded by mistake and was taken out.") {
		t.Errorf("a correction: %v %s", c, text)
	}
	if strings.Contains(text, "In effect on") {
		t.Errorf("Thailand had left before the correction: %s", text)
	}
	s.change(t, slug, func(d *register.Declaration) {
		d.Actions = slices.DeleteFunc(d.Actions, func(a register.Action) bool { return a.Participant == "KOR" })
		d.Sponsors, d.PresenterDelegation = nil, ""
	})
	if text := s.feed(t, "/feeds/participants/KOR.atom").text(t, 0); !strings.Contains(text, "In effect on 23 November 2026: 10; before this change 11.") {
		t.Errorf("a corrected name: %s", text)
	}
	// A group is told of its members of today, not of those who left it.
	union := len(s.feed(t, "/feeds/groups/EU.atom").Entries)
	s.add(t, madeUp(register.Action{Participant: "GBR", Kind: register.Signed}))
	if n := len(s.feed(t, "/feeds/groups/EU.atom").Entries); n != union {
		t.Errorf("the European Union is told of what the United Kingdom signed: %d entries more", n-union)
	}
	// Whoever is not concerned is not told.
	s.change(t, slug, func(d *register.Declaration) { d.Texts[0].Summary += " More." })
	if n := len(s.feed(t, "/feeds/participants/VNM.atom").Entries); n != len(s.feed(t, "/feeds/participants/VNM.atom?revision=27").Entries) {
		t.Errorf("another's correction is an entry of Viet Nam")
	}
}

// TestFeedEntriesStay: nothing that is published later changes an entry, not even another title, another address or the end
// of a declaration.
func TestFeedEntriesStay(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(register.Action{ID: 0, Participant: "KOR", Kind: register.Signed}))
	was := map[string]*atomDocument{}
	paths := append([]string{"/feeds/declarations/made-up-2019.atom", "/feeds/changes.atom?lang=ar"}, feedPaths...)
	for _, path := range paths {
		was[path] = s.feed(t, path)
	}
	pinned := s.page(t, "/feeds/participants/KOR.atom?revision=28")
	if pinned.Header.Get("Cache-Control") != immutable {
		t.Errorf("an address with a revision: %s", pinned.Header.Get("Cache-Control"))
	}
	s.change(t, "made-up-2019", func(d *register.Declaration) { d.Titles[0].Text = "Another Title"; d.Slug = "made-up-again-2019" })
	s.change(t, "tech-trafficking-2025", func(d *register.Declaration) { d.Stated[0].Count = 50 })
	a := s.ask(t, "GET", "/feeds/declarations/made-up-2019.atom?lang=fr")
	if a.StatusCode != http.StatusPermanentRedirect || a.Header.Get("Location") != "/feeds/declarations/made-up-again-2019.atom?lang=fr" {
		t.Errorf("a retired address answers %d to %q", a.StatusCode, a.Header.Get("Location"))
	}
	if a := s.ask(t, "GET", "/feeds/declarations/made-up-2019.ics"); a.Header.Get("Location") != "/feeds/declarations/made-up-again-2019.ics" {
		t.Errorf("its calendar moved to %q", a.Header.Get("Location"))
	}
	for _, path := range paths {
		now := s.feed(t, strings.Replace(path, "made-up-2019", "made-up-again-2019", 1))
		if now.ID[0] != was[path].ID[0] {
			t.Errorf("%s is another feed now", path)
		}
		entries := now.entries()
		for id, e := range was[path].entries() {
			if entries[id] != e {
				t.Errorf("%s: an entry has changed from\n%s\nto\n%s", path, e, entries[id])
			}
		}
	}
	s.change(t, "made-up-again-2019", func(d *register.Declaration) { d.MergedInto = "tech-trafficking-2025" })
	if a := s.ask(t, "GET", "/feeds/declarations/made-up-2019.atom"); a.StatusCode != http.StatusPermanentRedirect {
		t.Errorf("a merged declaration answers %d", a.StatusCode)
	}
	f := s.feed(t, "/feeds/participants/KOR.atom")
	if c := f.Entries[0].Category; len(c) == 0 || c[0].Term != "retired" {
		t.Errorf("the end of a declaration is not told to who follows its signatory: %v", c)
	}
	for i := range f.Entries[:3] {
		s.page(t, strings.TrimPrefix(f.Entries[i].Links[0].Href, testBase))
	}
	if again := s.page(t, "/feeds/participants/KOR.atom?revision=28"); again.body != pinned.body {
		t.Error("the same address at the same revision gives other bytes")
	}
}

func TestFeedPages(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(register.Action{Participant: "KOR", Kind: register.Signed}))
	const more = 111
	for i := range more {
		s.change(t, "made-up-2019", func(d *register.Declaration) { d.Texts[0].Summary = "Version " + strconv.Itoa(i) })
	}
	var sizes []int
	seen := map[string]bool{}
	target, back := "/feeds/declarations/made-up-2019.atom", ""
	for target != "" {
		f := s.feed(t, target)
		sizes = append(sizes, len(f.Entries))
		for _, e := range f.Entries {
			if seen[e.ID[0]] {
				t.Errorf("an entry stands on two pages")
			}
			seen[e.ID[0]] = true
		}
		if f.link("first") != testBase+"/feeds/declarations/made-up-2019.atom" {
			t.Errorf("first is %s", f.link("first"))
		}
		if f.link("previous") != back {
			t.Errorf("%s leads back to %q, not %q", target, f.link("previous"), back)
		}
		back = testBase + target
		target = strings.TrimPrefix(f.link("next"), testBase)
	}
	if !slices.Equal(sizes, []int{50, 50, 12}) || len(seen) != more+1 {
		t.Errorf("pages of %v entries, %d in all", sizes, len(seen))
	}
	// An old revision has pages of its own.
	if f := s.feed(t, "/feeds/changes.atom?revision=80"); len(f.Entries) != 50 || !strings.HasSuffix(f.link("next"), "?before=31&revision=80") {
		t.Errorf("%d entries, next is %s", len(f.Entries), f.link("next"))
	}
}

func TestFeedsAreKept(t *testing.T) {
	s := newSite(t)
	for _, target := range append(feedPaths, "/feeds/calendar.ics", "/feeds/declarations/tech-trafficking-2025.ics", "/sitemap.xml") {
		a := s.page(t, target)
		tag := a.Header.Get("ETag")
		if tag == "" || a.Header.Get("Cache-Control") != revalidate {
			t.Errorf("%s: %v", target, a.Header)
		}
		if b := s.ask(t, "GET", target, "If-None-Match", tag); b.StatusCode != http.StatusNotModified || b.body != "" {
			t.Errorf("%s again answers %d", target, b.StatusCode)
		}
		if b := s.ask(t, "HEAD", target); b.StatusCode != http.StatusOK || b.body != "" || b.Header.Get("Content-Type") != a.Header.Get("Content-Type") {
			t.Errorf("HEAD %s answers %d, %s", target, b.StatusCode, b.Header.Get("Content-Type"))
		}
		if b := s.page(t, target); b.body != a.body {
			t.Errorf("%s gives other bytes the second time", target)
		}
	}
	tag := s.page(t, feedPaths[0]).Header.Get("ETag")
	s.change(t, "tech-trafficking-2025", func(d *register.Declaration) { d.Stated[0].Count++ })
	if b := s.ask(t, "GET", feedPaths[0], "If-None-Match", tag); b.StatusCode != http.StatusOK {
		t.Errorf("after a publication: %d", b.StatusCode)
	}
}

func TestFeedsBadInput(t *testing.T) {
	s := newSite(t)
	long := strings.Repeat("a", 500)
	for _, x := range []struct {
		target string
		status int
		says   string
	}{
		{"/feeds/declarations/" + long + ".atom", 404, "No declaration is called"},
		{"/feeds/declarations/nothing.ics", 404, "No declaration is called “nothing”."},
		{"/feeds/participants/ZZZ.atom", 404, "No participant has the code “ZZZ”."},
		{"/feeds/topics/" + long + ".atom", 404, "No topic is called"},
		{"/feeds/groups/" + long + ".atom", 404, "No group has the code"},
		{"/feeds/participants/" + strings.Repeat("a", 2000) + ".atom", 414, ""},
		{"/feeds/participants/K%00R.atom", 400, ""},
		{"/feeds/participants/%ff.atom", 400, ""},
		{"/feeds/participants/KOR.ics", 404, "is not offered as “ics”"},
		{"/feeds/participants/KOR.rss", 404, "is not offered as “rss”"},
		{"/feeds/participants/KOR", 404, ""},
		{"/feeds/changes", 404, ""},
		{"/feeds/nothing.atom", 404, "There is no page at this address."},
		{"/feeds/changes.atom?lang=xx", 400, "The register does not speak “xx”."},
		{"/feeds/changes.atom?lang=" + long, 400, "The register does not speak"},
		{"/feeds/changes.atom?lang=en&lang=fr", 400, "once"},
		{"/feeds/changes.atom?before=x", 400, "A revision is a whole number from 1 to 27."},
		{"/feeds/changes.atom?before=0", 400, "A revision is a whole number from 1 to 27."},
		{"/feeds/changes.atom?before=-1", 400, "A revision is a whole number from 1 to 27."},
		{"/feeds/changes.atom?before=28", 400, "A revision is a whole number from 1 to 27."},
		{"/feeds/changes.atom?before=99999999999999999999", 400, "A revision is a whole number from 1 to 27."},
		{"/feeds/changes.atom?before=20&revision=10", 400, "A revision is a whole number from 1 to 10."},
		{"/feeds/changes.atom?revision=28", 400, "Revision 28 has not been published."},
		{"/feeds/changes.atom?as_of=2020-01-01", 400, "There is no filter called “as_of”."},
		{"/feeds/changes.atom?bom=1", 400, "There is no filter called “bom”."},
		{"/feeds/calendar.ics?before=3", 400, "There is no filter called “before”."},
		{"/feeds/changes.atom?q=x", 400, "There is no filter called “q”."},
		{"/sitemap.xml?revision=3", 400, "There is no filter called “revision”."},
		{"/sitemap-0.xml", 404, ""}, {"/sitemap-x.xml", 404, ""}, {"/sitemap-01.xml", 404, ""}, {"/sitemap-99999999999999999999.xml", 404, ""},
	} {
		a := s.ask(t, "GET", x.target)
		if a.StatusCode != x.status || a.doc == nil {
			t.Errorf("%.80s answers %d, want %d", x.target, a.StatusCode, x.status)
			continue
		}
		if !strings.Contains(a.text, x.says) {
			t.Errorf("%.80s does not say %q: %.300s", x.target, x.says, a.text)
		}
		for _, f := range a.faults("en", "ltr") {
			t.Errorf("%.80s: %s", x.target, f)
		}
	}
	if a := s.ask(t, "GET", "/feeds/participants/ZZZ.atom?lang=fr"); a.Header.Get("Content-Language") != "fr" {
		t.Errorf("the error is in %q", a.Header.Get("Content-Language"))
	}
	// The first of all revisions has none before it: an empty page is a feed.
	if f := s.feed(t, "/feeds/changes.atom?before=1"); len(f.Entries) != 0 || f.link("previous") == "" || f.link("next") != "" {
		t.Errorf("before the first revision: %d entries, previous %q", len(f.Entries), f.link("previous"))
	}
}

// TestFeedsHoldWhatPagesHold: texts that look like markup are texts in a feed too.
func TestFeedsHoldWhatPagesHold(t *testing.T) {
	s := newSite(t)
	d := madeUp(register.Action{Participant: "KOR", Kind: register.Signed})
	d.Titles[0].Text = `A <script>alert(1)</script> & "Title" ]]>`
	d.Texts[0].Place = "One, two; three\\ four"
	s.add(t, d)
	f := s.feed(t, "/feeds/declarations/made-up-2019.atom")
	if !strings.HasPrefix(f.Entries[0].Title[0], d.Titles[0].Text+": ") {
		t.Errorf("the title became %q", f.Entries[0].Title[0])
	}
	if text := f.text(t, 0); !strings.Contains(text, d.Titles[0].Text) {
		t.Errorf("the title became %q", text)
	}
	if strings.Contains(f.Entries[0].Content[0].Text, "<script") {
		t.Error("a title runs in a feed reader")
	}
	c := s.calendar(t, "/feeds/declarations/made-up-2019.ics")
	if len(c) != 1 || c[0]["SUMMARY"] != "Adopted: "+d.Titles[0].Text || c[0]["LOCATION"] != d.Texts[0].Place {
		t.Errorf("%v", c)
	}
}

var (
	contentLine = regexp.MustCompile(`^([A-Z][A-Z0-9-]*)((?:;[A-Z-]+=[A-Za-z0-9/-]+)*):(.*)$`)
	plainEscape = regexp.MustCompile(`^(?:[^\\;,]|\\[\\;,nN])*$`)
)

// calendar is a calendar that must be there and keep to RFC 5545: its events, property by property, texts unescaped.
func (s *site) calendar(t *testing.T, target string) []map[string]string {
	t.Helper()
	a := s.page(t, target)
	if a.Header.Get("Content-Type") != "text/calendar; charset=utf-8" {
		t.Errorf("%s is %s", target, a.Header.Get("Content-Type"))
	}
	lines := strings.Split(a.body, "\r\n")
	if last := len(lines) - 1; lines[last] != "" {
		t.Fatalf("%s: the last line does not end", target)
	} else {
		lines = lines[:last]
	}
	var whole []string
	for _, l := range lines {
		if len(l) > 75 || !utf8.ValidString(l) || strings.IndexFunc(l, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) >= 0 || l == "" {
			t.Fatalf("%s: a line of %d octets: %q", target, len(l), l)
		}
		if l[0] == ' ' || l[0] == '\t' {
			whole[len(whole)-1] += l[1:]
		} else {
			whole = append(whole, l)
		}
	}
	texts := []string{"NAME", "X-WR-CALNAME", "DESCRIPTION", "X-WR-CALDESC", "SUMMARY", "LOCATION"}
	var open []string
	var events []map[string]string
	own := map[string]int{}
	components := 0
	var event map[string]string
	for _, l := range whole {
		m := contentLine.FindStringSubmatch(l)
		if m == nil {
			t.Fatalf("%s: no content line: %q", target, l)
		}
		name, value := m[1], m[3]
		if slices.Contains(texts, name) {
			if !plainEscape.MatchString(value) {
				t.Errorf("%s: not escaped: %q", target, l)
			}
			value = strings.NewReplacer(`\\`, `\`, `\;`, ";", `\,`, ",", `\n`, "\n").Replace(value)
		}
		switch {
		case name == "BEGIN":
			if len(open) == 1 {
				components++
			}
			if open = append(open, value); value == "VEVENT" {
				event = map[string]string{}
			}
		case name == "END":
			if len(open) == 0 || open[len(open)-1] != value {
				t.Fatalf("%s: %s does not end what is open: %v", target, value, open)
			}
			if open = open[:len(open)-1]; value == "VEVENT" {
				events = append(events, event)
				event = nil
			}
		case len(open) == 0:
			t.Fatalf("%s: %q stands outside", target, l)
		case event != nil:
			if _, twice := event[name]; twice {
				t.Errorf("%s: %s stands twice in an event", target, name)
			}
			event[name] = value
			if name == "DTSTART" && m[2] != ";VALUE=DATE" {
				t.Errorf("%s: %q is no day", target, l)
			}
		case len(open) == 1:
			own[name]++
		}
	}
	if len(open) > 0 || whole[0] != "BEGIN:VCALENDAR" || own["VERSION"] != 1 || own["PRODID"] != 1 || components == 0 {
		t.Errorf("%s: not what RFC 5545 asks: %v, %d components", target, own, components)
	}
	uids := map[string]bool{}
	for _, e := range events {
		for _, name := range []string{"UID", "DTSTAMP", "DTSTART", "SUMMARY", "URL", "LAST-MODIFIED", "SEQUENCE"} {
			if e[name] == "" {
				t.Errorf("%s: an event without %s: %v", target, name, e)
			}
		}
		if uids[e["UID"]] {
			t.Errorf("%s: two events are %s", target, e["UID"])
		}
		uids[e["UID"]] = true
		if _, err := time.Parse("20060102", e["DTSTART"]); err != nil {
			t.Errorf("%s: %v", target, err)
		}
		if _, err := time.Parse("20060102T150405Z", e["DTSTAMP"]); err != nil {
			t.Errorf("%s: %v", target, err)
		}
	}
	return events
}

func TestCalendars(t *testing.T) {
	s := newSite(t)
	v, err := s.store.At(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	days := 0
	if err := v.Each(context.Background(), func(e *store.Entry) error {
		own := 0
		made := e.Adopted // of what nobody adopted its reading, else its publication
		for _, d := range []register.Date{e.Presented, e.Published} {
			if !made.Known() {
				made = d
			}
		}
		for _, d := range []register.Date{made, e.Opened, e.Closed} {
			if d.Precision() == register.ByDay {
				own++
			}
		}
		if got := s.calendar(t, "/feeds/declarations/"+e.Slug+".ics"); len(got) != own {
			t.Errorf("%s has %d days and %d events", e.Slug, own, len(got))
		}
		days += own
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, l := range i18n.Languages() {
		if got := s.calendar(t, "/feeds/calendar.ics?lang="+l.Code); len(got) != days || days == 0 {
			t.Errorf("%d events in %s, want %d", len(got), l.Code, days)
		}
	}
	e := s.calendar(t, "/feeds/declarations/tech-trafficking-2025.ics")[0]
	if e["DTSTART"] != "20251124" || e["SUMMARY"] != "Read out: Joint Statement on Combating Technology-Facilitated Trafficking in Persons" ||
		e["URL"] != testBase+"/en/declarations/tech-trafficking-2025" || e["DTSTAMP"] != "20261123T120000Z" || e["SEQUENCE"] != "3" {
		t.Errorf("%v", e)
	}
	// A month and a year are no events, and a calendar without events is one.
	d := madeUp(register.Action{Participant: "KOR", Kind: register.Signed})
	d.Adopted, d.Opened, d.Closed = register.MustDate("2019-03"), register.MustDate("2019"), register.Date{}
	s.add(t, d)
	if got := s.calendar(t, "/feeds/declarations/made-up-2019.ics"); len(got) != 0 {
		t.Errorf("a month is an event: %v", got)
	}
	s.change(t, "made-up-2019", func(d *register.Declaration) {
		d.Adopted, d.Closed = register.MustDate("2019-03-01"), register.MustDate("2019-12-31")
	})
	was := s.calendar(t, "/feeds/declarations/made-up-2019.ics")
	if len(was) != 2 || was[1]["SUMMARY"] != "Closed for signature: Made-up Statement" || was[1]["DTSTART"] != "20191231" {
		t.Fatalf("%v", was)
	}
	// A day that is corrected is the same event, moved.
	s.change(t, "made-up-2019", func(d *register.Declaration) {
		d.Closed = register.MustDate("2020-01-01")
		d.Slug = "made-up-again-2019"
	})
	now := s.calendar(t, "/feeds/declarations/made-up-again-2019.ics")
	if len(now) != 2 || now[1]["UID"] != was[1]["UID"] || now[1]["DTSTART"] != "20200101" || now[1]["SEQUENCE"] <= was[1]["SEQUENCE"] {
		t.Errorf("%v\n%v", was, now)
	}
	// A text that nobody adopted has the day of its reading.
	s.change(t, "made-up-again-2019", func(d *register.Declaration) {
		d.Adopted, d.Presented, d.Closed = register.Date{}, register.MustDate("2019-03-02"), register.Date{}
	})
	if now = s.calendar(t, "/feeds/declarations/made-up-again-2019.ics"); len(now) != 1 || now[0]["SUMMARY"] != "Read out: Made-up Statement" {
		t.Errorf("%v", now)
	}
	s.page(t, "/en/about").says(t, "A date that is known only by its month or its year is no event")
}

// TestFollowLinks: pages that a feed tells of lead to it, in the head for programs and under the table for readers.
func TestFollowLinks(t *testing.T) {
	s := newSite(t)
	for _, x := range []struct{ page, feed, calendar string }{
		{"/en/", "/feeds/changes.atom", "/feeds/calendar.ics"},
		{"/fr/changes", "/feeds/changes.atom?lang=fr", "/feeds/calendar.ics?lang=fr"},
		{"/en/declarations", "/feeds/changes.atom", "/feeds/calendar.ics"},
		{"/en/declarations?topic=human-rights&sort=title", "/feeds/topics/human-rights.atom", ""},
		{"/en/declarations?topic=human-rights&kind=pledge", "", ""},
		{"/en/declarations?sponsor=KOR", "", ""},
		{"/ar/declarations/tech-trafficking-2025", "/feeds/declarations/tech-trafficking-2025.atom?lang=ar", "/feeds/declarations/tech-trafficking-2025.ics?lang=ar"},
		{"/en/declarations/tech-trafficking-2025?revision=27", "/feeds/declarations/tech-trafficking-2025.atom", "/feeds/declarations/tech-trafficking-2025.ics"},
		{"/en/declarations/tech-trafficking-2025/history", "/feeds/declarations/tech-trafficking-2025.atom", "/feeds/declarations/tech-trafficking-2025.ics"},
		{"/en/participants/KOR", "/feeds/participants/KOR.atom", ""},
		{"/en/groups/ASEAN", "/feeds/groups/ASEAN.atom", ""},
		{"/en/participants", "", ""}, {"/en/about", "", ""},
	} {
		a := s.page(t, x.page)
		for kind, want := range map[string]string{"application/atom+xml": x.feed, "text/calendar": x.calendar} {
			for _, tag := range []string{"link", "a"} {
				links := all(a.doc, func(n *html.Node) bool { return n.Data == tag && attr(n, "type") == kind })
				if want == "" && len(links) == 0 || len(links) == 1 && attr(links[0], "href") == want {
					continue
				}
				t.Errorf("%s: %d <%s> of %s, want %q", x.page, len(links), tag, kind, want)
			}
		}
		for _, target := range []string{x.feed, x.calendar} {
			if u, err := url.Parse(target); err != nil || target != "" && s.page(t, u.RequestURI()).StatusCode != 200 {
				t.Errorf("%s leads to %s", x.page, target)
			}
		}
	}
}
