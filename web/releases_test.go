package web

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/web/export"
)

// released makes a release of a revision as the command does.
func (s *site) released(t *testing.T, name string, revision int) *store.Release {
	t.Helper()
	ctx := context.Background()
	v, err := s.store.At(ctx, revision)
	if err != nil {
		t.Fatal(err)
	}
	files, err := export.Freeze(ctx, v, testBase, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.store.AddRelease(ctx, name, v.Revision, testBase, files)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// links are the addresses on a page that are of this register, below the elements that pass.
func (a *answer) links(within func(*html.Node) bool) []string {
	var list []string
	for _, n := range all(a.doc, within) {
		for _, link := range all(n, func(n *html.Node) bool { return n.Data == "a" }) {
			if href := strings.TrimPrefix(attr(link, "href"), testBase); strings.HasPrefix(href, "/") {
				list = append(list, href)
			}
		}
	}
	return list
}

func isFoot(n *html.Node) bool { return hasClass(n, "foot") }

// D26: the same permalinks give the same bytes after fifty more publications by another process, and forty days later.
func TestPermalinksKeepTheirBytes(t *testing.T) {
	s := newSite(t)
	s.released(t, "2026.1", 20)
	s.released(t, "2026.2", 27)
	var addresses []string
	add := func(href string) {
		if !slices.Contains(addresses, href) {
			addresses = append(addresses, href)
		}
	}
	for _, page := range []string{"/en/declarations?sponsor=KOR", "/fr/declarations?q=traite&sort=title", "/ar/declarations/tech-trafficking-2025", "/en/declarations/geneva-consensus-2020?as_of=2023-01-01",
		"/en/declarations/tech-trafficking-2025?revision=5", "/zh/participants?group=ASEAN", "/ru/participants/KOR", "/es/groups", "/en/groups/ASEAN?as_of=2020-06-01", "/en/matrix?group=ASEAN",
		"/en/compare?p=KOR&p=JPN", "/fr/compare?d=geneva-consensus-2020&d=tech-trafficking-2025&group=EU", "/en/declarations/geneva-consensus-2020/growth", "/en/participants/KOR/together",
		"/en/participants/KOR/led", "/en/groups/EU/signing", "/en/changes"} {
		found := 0
		for _, href := range s.page(t, page).links(isFoot) {
			if strings.Contains(href, "revision=") {
				add(href)
				found++
			}
		}
		if found < 6 {
			t.Errorf("%s offers %d permanent addresses", page, found)
		}
	}
	for _, name := range export.Names() {
		for _, format := range export.Formats() {
			add("/data/" + name + "." + string(format) + "?revision=27")
		}
	}
	for _, name := range []string{export.Register, export.History} {
		for _, format := range export.FormatsOf(name) {
			add("/data/" + name + "." + string(format) + "?revision=27&lang=fr")
		}
	}
	for _, lang := range register.Languages {
		for _, name := range []string{"2026.1", "2026.2"} {
			for _, end := range []string{"", ".bib", ".ris", ".csl", ".cff", ".csv", ".json"} {
				add("/" + lang + "/releases/" + name + end)
			}
		}
		add("/" + lang + "/data.bib?revision=27")
		add("/" + lang + "/declarations/tech-trafficking-2025/history.ris?revision=27")
	}
	for _, href := range s.page(t, "/en/releases/2026.2").links(func(n *html.Node) bool { return n.Data == "table" && hasClass(n, "frozen") }) {
		add(href)
	}
	if len(addresses) < 250 {
		t.Errorf("only %d addresses", len(addresses))
	}
	type kept struct{ body, tag, caching string }
	before := map[string]kept{}
	for _, href := range addresses {
		a := s.page(t, href)
		before[href] = kept{a.body, a.Header.Get("ETag"), a.Header.Get("Cache-Control")}
	}
	publishFifty(t, s.path)
	later := testNow.AddDate(0, 0, 40)
	server, err := New(Config{Store: s.store, BaseURL: testBase, Now: func() time.Time { return later }, Spool: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	again := &site{httptest.NewServer(server), s.store, s.path}
	defer again.Close()
	if head, err := s.store.Head(context.Background()); err != nil || head != 27+50 {
		t.Fatalf("the register is at revision %d: %v", head, err)
	}
	for _, href := range addresses {
		a, was := again.page(t, href), before[href]
		if a.body != was.body {
			t.Errorf("%s gives other bytes: %s", href, difference(was.body, a.body))
		}
		release := strings.Contains(href, "/releases/")
		if a.Header.Get("Cache-Control") != was.caching || a.Header.Get("ETag") != was.tag && !release {
			t.Errorf("%s: %s %s, was %+v", href, a.Header.Get("Cache-Control"), a.Header.Get("ETag"), was)
		}
		if strings.Contains(href, "revision=") && was.caching != immutable {
			t.Errorf("%s may be kept as %q", href, was.caching)
		}
	}
}

// D26: an address that names a revision says nothing that can come later, nor does its ETag: a release of that revision neither.
func TestPermalinksBeforeARelease(t *testing.T) {
	s := newSite(t)
	var addresses []string
	add := func(address string) {
		if !slices.Contains(addresses, address) {
			addresses = append(addresses, address)
		}
	}
	places := strings.NewReplacer(":slug", "tech-trafficking-2025", ":number", "27", ":code", "KOR")
	for _, r := range publicRoutes {
		if strings.HasPrefix(r.pattern, "/releases") {
			continue // they take no revision
		}
		path := places.Replace(r.pattern)
		switch {
		case strings.HasPrefix(r.pattern, "/groups/"):
			path = strings.Replace(r.pattern, ":code", "ASEAN", 1)
		case strings.HasSuffix(r.pattern, "/:number"):
			path = "/declarations/geneva-consensus-2020/history/" + revisionOf(t, s, "geneva-consensus-2020")
		}
		extra := ""
		switch path {
		case "/search", "/suggest":
			extra = "&q=trafficking"
		case "/compare":
			extra = "&p=KOR&p=JPN"
		case "/declarations/tech-trafficking-2025/missing", "/participants/KOR/without":
			extra = "&group=OECD"
		}
		part := strings.HasSuffix(path, "/missing") || strings.HasSuffix(path, "/without") // of another page, to which its own leads
		if r.page != nil && !part {
			add("/en" + path + "?revision=27" + extra)
			add("/ar" + path + "?as_of=2026-01-05&revision=27" + extra)
		}
		if strings.HasSuffix(path, "/suggest") {
			add("/en/suggest.json?revision=27" + extra)
			continue
		}
		for _, f := range r.formats() {
			if !part || slices.Contains(export.Formats(), f) {
				add("/fr" + path + "." + string(f) + "?revision=27" + extra)
			}
		}
	}
	for _, name := range append(export.Names(), export.Register, export.History) {
		for _, f := range export.FormatsOf(name) {
			add("/data/" + name + "." + string(f) + "?revision=27")
		}
	}
	for _, path := range feedPaths {
		add(path + "?revision=27")
	}
	for _, op := range apiOperations() {
		mark := "?"
		if strings.Contains(op.example, "?") {
			mark = "&"
		}
		add(apiRoot + op.example + mark + "revision=27")
	}
	if len(addresses) < 150 {
		t.Errorf("only %d addresses", len(addresses))
	}
	before := map[string]*answer{}
	for _, address := range addresses {
		a := s.ask(t, "GET", address)
		if c := a.Header.Get("Cache-Control"); a.StatusCode != http.StatusOK || c != immutable {
			t.Errorf("%s answers %d and may be kept as %q", address, a.StatusCode, c)
		}
		before[address] = a
	}
	newest := s.page(t, "/en/declarations/tech-trafficking-2025")
	s.released(t, "2026.1", 27)
	// Of a server that has kept nothing, and of the one that was asked before.
	server, err := New(Config{Store: s.store, BaseURL: testBase, Now: func() time.Time { return testNow }, Spool: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	fresh := &site{httptest.NewServer(server), s.store, s.path}
	defer fresh.Close()
	for _, address := range addresses {
		was := before[address]
		for _, x := range []*site{fresh, s} {
			if a := x.ask(t, "GET", address); a.body != was.body || a.Header.Get("ETag") != was.Header.Get("ETag") {
				t.Errorf("%s: ETag %s, was %s: %s", address, a.Header.Get("ETag"), was.Header.Get("ETag"), difference(was.body, a.body))
			}
		}
		if a := fresh.ask(t, "GET", address, "If-None-Match", was.Header.Get("ETag")); a.StatusCode != http.StatusNotModified {
			t.Errorf("%s answers %d to its ETag", address, a.StatusCode)
		}
	}
	// The page of today says it, and has another ETag for it.
	a := s.page(t, "/en/declarations/tech-trafficking-2025")
	a.says(t, "Revision 27 is release 2026.1")
	if a.Header.Get("ETag") == newest.Header.Get("ETag") {
		t.Error("a page that tells of the release has the ETag of before")
	}
	// Which revision a release is, the pages of releases say.
	s.page(t, "/en/releases").says(t, "2026.1")
	s.page(t, "/en/releases/2026.1").says(t, "revision 27")
}

// revisionOf is the number of the first revision of a declaration.
func revisionOf(t *testing.T, s *site, slug string) string {
	t.Helper()
	v, err := s.store.At(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	e, err := v.Declaration(context.Background(), slug)
	if err != nil {
		t.Fatal(err)
	}
	return itoa(e.First)
}

// The same register at another address gives other bytes under another ETag: whoever has the old ones is given the new.
func TestETagKnowsTheBaseURL(t *testing.T) {
	s := newSite(t)
	server, err := New(Config{Store: s.store, BaseURL: "https://corrected.example", Now: func() time.Time { return testNow }, Spool: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	corrected := &site{httptest.NewServer(server), s.store, s.path}
	defer corrected.Close()
	differing := 0
	for _, address := range []string{"/en/", "/en/declarations", "/en/declarations?revision=27", "/en/releases", "/en/declarations.csv", "/en/declarations.json", "/en/declarations.xlsx", "/en/declarations.bib", "/en/data.csl",
		"/data/declarations.csv", "/data/declarations.json", "/data/declarations.xlsx", "/data/history.jsonl", "/data/register.zip", "/data/register.sqlite", "/data/register.json", "/data/register.zip?revision=20",
		"/api/v1/declarations", "/api/v1/", "/feeds/changes.atom", "/feeds/calendar.ics", "/sitemap.xml"} {
		for _, encoding := range []string{identity, "gzip"} {
			was := s.ask(t, "GET", address, "Accept-Encoding", encoding)
			tag := was.Header.Get("ETag")
			a := corrected.ask(t, "GET", address, "Accept-Encoding", encoding, "If-None-Match", tag)
			if was.StatusCode != http.StatusOK || a.StatusCode != http.StatusOK || tag == "" || a.Header.Get("ETag") == tag {
				t.Errorf("%s in %s: %d with ETag %s, then %d with %s", address, encoding, was.StatusCode, tag, a.StatusCode, a.Header.Get("ETag"))
			}
			if a.body != was.body {
				differing++
			}
		}
	}
	if differing < 30 {
		t.Errorf("only %d answers hold addresses", differing)
	}
	// A slash at the end of the base address is no other place.
	server, err = New(Config{Store: s.store, BaseURL: testBase + "/", Now: func() time.Time { return testNow }, Spool: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	same := &site{httptest.NewServer(server), s.store, s.path}
	defer same.Close()
	if a, b := s.page(t, "/data/declarations.csv"), same.page(t, "/data/declarations.csv"); a.Header.Get("ETag") != b.Header.Get("ETag") || a.body != b.body {
		t.Error("one base address has two ETags")
	}
}

func difference(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	return fmt.Sprintf("…%.100q instead of …%.100q", b[max(0, min(i-20, len(b))):], a[max(0, min(i-20, len(a))):])
}

// publishFifty publishes fifty revisions in a file as another process would: new declarations, changes of lists, texts,
// addresses and reference data, and a declaration that goes into another.
func publishFifty(t *testing.T, path string) {
	t.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, path, store.WithClock(func() time.Time { return testNow.AddDate(0, 0, 30) }))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	other := &site{store: s}
	day := register.MustDate("2019-03-01")
	for i := range 15 {
		d := madeUp(register.Action{Participant: "KOR", Kind: register.Signed, Date: day}, register.Action{Participant: "JPN", Kind: register.Signed, Date: day})
		d.Slug, d.Sources[0].Key, d.Sponsors = fmt.Sprintf("made-up-%d", i), fmt.Sprintf("made-up-source-%d", i), []string{"KOR"}
		for j := range d.Actions {
			d.Actions[j].Source = d.Sources[0].Key
		}
		other.add(t, d)
	}
	for i := range 16 {
		other.change(t, "tech-trafficking-2025", func(d *register.Declaration) {
			kind, reason := register.Withdrew, register.Reason("withdrew_by_notice")
			if i%2 == 1 {
				kind, reason = register.Rejoined, ""
			}
			d.Actions = append(d.Actions, register.Action{Participant: "KOR", Kind: kind, Capacity: register.Signatory, Date: register.MustDate(fmt.Sprintf("2025-12-%02d", i+1)), Reason: reason, Source: "tip-sbs1"})
		})
		other.change(t, "geneva-consensus-2020", func(d *register.Declaration) {
			d.Titles[0].Text, d.Texts[0].Summary = fmt.Sprint("Renamed ", i), fmt.Sprint("Rewritten ", i)
		})
	}
	v, err := s.At(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	groups := slices.Clone(v.Ref.Groups)
	for i, g := range groups {
		if g.Code == "ASEAN" {
			smaller := *g
			smaller.Members = slices.Clone(g.Members[1:])
			groups[i] = &smaller
		}
	}
	ref := register.NewReference(v.Ref.Participants, groups, v.Ref.Topics, v.Ref.Ambiguous)
	if _, err := s.Publish(ctx, store.Publication{Reference: ref, Base: v.Revision, Reason: "Tested", ReasonLang: "en", Role: "editor"}); err != nil {
		t.Fatal(err)
	}
	other.change(t, "tech-trafficking-2025", func(d *register.Declaration) { d.Slug = "tech-trafficking-moved" })
	other.change(t, "made-up-3", func(d *register.Declaration) { d.MergedInto = "made-up-4" })
}

// The pages of releases: names with a point within, files by extension, what is new, and what is refused.
func TestReleasePages(t *testing.T) {
	s := newSite(t)
	s.page(t, "/en/releases").says(t, "No release has been made yet")
	tag := s.page(t, "/en/releases").Header.Get("ETag")
	front := s.page(t, "/en/declarations").Header.Get("ETag")
	before := map[string]*answer{}
	for _, f := range export.Formats() {
		for _, path := range []string{"/en/releases.", "/en/declarations.", "/data/signatories."} {
			before[path+string(f)] = s.page(t, path+string(f))
		}
	}
	first := s.released(t, "2026.1", 20)
	// Of files the list of releases changes with a release, and nothing else (D26).
	for path, was := range before {
		tag, changes := was.Header.Get("ETag"), strings.HasPrefix(path, "/en/releases.")
		if a := s.ask(t, "GET", path, "If-None-Match", tag); changes && (a.StatusCode != http.StatusOK || a.body == was.body || a.Header.Get("ETag") == tag) || !changes && a.StatusCode != http.StatusNotModified {
			t.Errorf("%s answers %d after a release, with the ETag %q for %q", path, a.StatusCode, a.Header.Get("ETag"), tag)
		}
	}
	s.change(t, "tech-trafficking-2025", func(d *register.Declaration) {
		d.Actions = append(d.Actions, register.Action{Participant: "THA", Kind: register.Withdrew, Capacity: register.Signatory, Date: register.MustDate("2026-01-05"), Reason: "withdrew_by_notice", Source: "tip-sbs1"})
	})
	s.change(t, "arbitrary-detention-2021", func(d *register.Declaration) { d.MergedInto = "tech-trafficking-2025" })
	second := s.released(t, "2026.12", 0)
	if s.page(t, "/en/releases").Header.Get("ETag") == tag || s.page(t, "/en/declarations").Header.Get("ETag") == front {
		t.Error("a page that tells of the release has the ETag of before")
	}
	list := s.page(t, "/en/releases")
	list.says(t, "2 releases", "2026.12", "2026.1", second.File("register.zip").SHA256)
	if names, _ := list.table("releases"); !slices.Equal(names, []string{"2026.12", "2026.1"}) {
		t.Errorf("the list has %v", names)
	}
	s.page(t, "/en/releases/2026.1").says(t, "Release 2026.1", "This is the first release", "Cosignatory, the public register of joint declarations. Release 2026.1 (revision 20), 23 November 2026. "+testBase+"/en/releases/2026.1",
		"@misc{cosignatory-2026.1,", "TY - DATA", `"version": "2026.1"`, "cff-version: 1.2.0", first.Hash)
	p := s.page(t, "/en/releases/2026.12")
	p.says(t, "9 revisions since release 2026.1", "7 declarations added", "One declaration changed", "One declaration merged into another", "Rows in 2026.1", second.File("signatories.csv").SHA256, first.Hash)
	names, rows := p.table("since")
	if len(names) != 7 || len(rows) != 7 {
		t.Errorf("added: %v", names)
	}
	for _, row := range all(p.doc, func(n *html.Node) bool {
		return n.Data == "tr" && strings.Contains(textOf(n), "Technology-Facilitated")
	}) {
		if text := textOf(row); !strings.Contains(text, "12 11") || !strings.Contains(text, "Thailand") || !strings.Contains(text, "Tested") {
			t.Errorf("the changed declaration: %s", text)
		}
	}
	for lang, words := range map[string]string{"fr": "Version 2026.12", "es": "Versión 2026.12", "zh": "2026.12版", "ru": "Выпуск 2026.12"} {
		s.page(t, "/"+lang+"/releases/2026.12").says(t, words)
	}
	// Each file is what its address gives.
	f := s.page(t, "/en/releases/2026.12.csv")
	all, err := csv.NewReader(strings.NewReader(f.body)).ReadAll()
	if err != nil || len(all) != len(second.Files)+1 {
		t.Fatalf("%v, %d rows", err, len(all))
	}
	for _, row := range all[1:] {
		a := s.page(t, strings.TrimPrefix(row[6], testBase))
		if fmt.Sprint(len(a.body)) != row[4] || hexSum(a.body) != row[5] || a.Header.Get("Cache-Control") != immutable {
			t.Errorf("%s has %d bytes, %s", row[6], len(a.body), hexSum(a.body))
		}
	}
	var j struct {
		File string
		Rows []struct {
			Release  string
			Revision int
			SHA256   string
		}
	}
	if err := json.Unmarshal([]byte(s.page(t, "/en/releases.json").body), &j); err != nil || j.File != "releases" || len(j.Rows) != 2 || j.Rows[1].Release != "2026.1" || j.Rows[1].SHA256 != first.File("register.zip").SHA256 {
		t.Errorf("%v %+v", err, j)
	}
	for path, want := range map[string]struct {
		kind, says string
	}{
		"/en/releases/2026.12.bib": {"application/x-bibtex; charset=utf-8", "note         = {Release 2026.12, revision 29}"},
		"/fr/releases/2026.12.ris": {"application/x-research-info-systems; charset=utf-8", "ET  - 2026.12\r\n"},
		"/ar/releases/2026.12.csl": {"application/vnd.citationstyles.csl+json", `"URL": "` + testBase + `/ar/releases/2026.12"`},
		"/en/releases/2026.12.cff": {"application/yaml", `value: "sha256:` + second.File("register.zip").SHA256 + `"`},
	} {
		a := s.page(t, path)
		if a.Header.Get("Content-Type") != want.kind || !strings.Contains(a.body, want.says) || a.Header.Get("Cache-Control") != immutable || !strings.Contains(a.Header.Get("Content-Disposition"), "cosignatory-2026.12.") {
			t.Errorf("%s: %v %s", path, a.Header, a.body)
		}
		if a := s.ask(t, "GET", path, "If-None-Match", a.Header.Get("ETag")); a.StatusCode != http.StatusNotModified {
			t.Errorf("%s again: %d", path, a.StatusCode)
		}
		if a := s.ask(t, "HEAD", path); a.StatusCode != http.StatusOK || a.body != "" {
			t.Errorf("HEAD %s: %d", path, a.StatusCode)
		}
	}
	for path, want := range map[string]int{"/en/releases/2026.2": 404, "/en/releases/2026": 404, "/en/releases/x": 404, "/en/releases/2026.1.xyz": 404, "/en/releases/2026.2.bib": 404, "/en/releases.bib": 404, "/en/releases/2026.1/": 308,
		"/en/releases/2026.1?revision=3": 400, "/en/releases/2026.1.csv?as_of=2020-01-01": 400, "/en/releases?revision=27": 400, "/en/releases.csv?revision=27": 400, "/en/releases/2026.12?page=2": 404, "/en/releases/2026.12?page=x": 400,
		"/en/declarations.cff": 404, "/en/declarations.1": 404, "/en/search.bib?q=a": 404, "/en/about.bib": 404} {
		if a := s.ask(t, "GET", path); a.StatusCode != want {
			t.Errorf("%s answers %d, want %d", path, a.StatusCode, want)
		}
	}
	s.ask(t, "GET", "/en/releases/2026.2").says(t, "There is no release “2026.2”")
	// A server at another address says that the files carry the old one.
	server, err := New(Config{Store: s.store, BaseURL: "https://mirror.example", Now: func() time.Time { return testNow }, Spool: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	mirror := &site{httptest.NewServer(server), s.store, s.path}
	defer mirror.Close()
	a := mirror.page(t, "/en/releases/2026.1")
	a.says(t, "This server has another one", "cosignatory export --revision 20 --base-url "+testBase+" --format zip -o register.zip register")
	if !strings.Contains(a.body, `href="`+testBase+`/data/register.zip?as_of=2026-11-23&amp;revision=20"`) {
		t.Error("the files of the release are not linked where they are the same")
	}
	// The ways to the pages.
	for _, page := range []string{"/en/data", "/en/about"} {
		if !slices.Contains(s.page(t, page).links(func(n *html.Node) bool { return n.Data == "main" }), "/en/releases") {
			t.Errorf("%s does not lead to the releases", page)
		}
	}
	if !strings.Contains(s.page(t, "/sitemap.xml").body, "<loc>"+testBase+"/en/releases</loc>") {
		t.Error("the sitemap does not know the releases")
	}
}

// Every table can be cited: in words with its permanent address, with the release that the newest revision is, and as files, which
// say what the page is called and which rows are chosen (D25).
func TestCiteThisView(t *testing.T) {
	s := newSite(t)
	s.released(t, "2026.1", 27)
	p := s.page(t, "/en/declarations?sponsor=KOR&from=2025&page=1")
	p.says(t, "cite this view", "Cosignatory, the public register of joint declarations: Declarations (led by: Republic of Korea; from: 2025). As of 23 November 2026, revision 27. "+testBase+
		"/en/declarations?sponsor=KOR&from=2025&page=1&as_of=2026-11-23&revision=27", "Revision 27 is release 2026.1", "permanent address", "BibTeX", "RIS", "CSL-JSON")
	s.page(t, "/en/declarations?revision=26").saysNot(t, "is release")
	s.page(t, "/en/declarations?revision=27").saysNot(t, "is release") // it may have been read before there was one
	for _, page := range []string{"/ar/declarations?q=%D8%A7", "/fr/declarations/tech-trafficking-2025", "/en/participants/KOR?as_of=2025-12-01", "/zh/groups/EU", "/en/matrix", "/en/compare?p=KOR&p=JPN", "/ru/changes"} {
		links := s.page(t, page).links(isFoot)
		for _, end := range []string{".bib?", ".ris?", ".csl?"} {
			i := slices.IndexFunc(links, func(l string) bool { return strings.Contains(l, end) && strings.Contains(l, "revision=27") })
			if i < 0 {
				t.Errorf("%s offers no %s", page, end)
				continue
			}
			a := s.page(t, links[i])
			if a.Header.Get("Cache-Control") != immutable || !strings.Contains(a.body, testBase+strings.SplitN(page, "?", 2)[0]) || strings.Contains(a.body, "2026.1") || a.Header.Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("%s: %v %s", links[i], a.Header, a.body)
			}
		}
	}
	for path, says := range map[string]string{
		"/en/declarations.bib?sponsor=KOR&from=2025":                      "title        = {{Declarations (led by: Republic of Korea; from: 2025)}}",
		"/en/declarations/tech-trafficking-2025.bib":                      "title        = {{Register entry: Joint Statement on Combating Technology-Facilitated Trafficking in Persons}}",
		"/en/declarations/tech-trafficking-2025/history/27.bib":           "",
		"/es/compare.ris?p=KOR&p=JPN":                                     "TI  - Comparar",
		"/en/compare.csl?d=geneva-consensus-2020&d=tech-trafficking-2025": "Geneva Consensus",
		"/en/data.csl": `"title": "Cosignatory: the public register of joint declarations"`,
		"/en/participants/KOR.bib?as_of=2025-12-01":     "note         = {Revision 27, as of 1 December 2025}",
		"/en/groups/EU.bib?revision=5&as_of=2019-01-01": "groups/EU?as_of=2019-01-01&revision=5}",
		"/en/declarations.ris":                          "DA  - 2026/11/23/\r\n", // the publication of the revision, never the day of asking
	} {
		a := s.ask(t, "GET", path)
		if says == "" {
			if a.StatusCode != http.StatusNotFound { // revision 27 is another declaration's
				t.Errorf("%s: %d", path, a.StatusCode)
			}
			continue
		}
		if a.StatusCode != http.StatusOK || !strings.Contains(a.body, says) {
			t.Errorf("%s: %d %s", path, a.StatusCode, a.body)
		}
	}
	// What is wrong with a page is wrong with its citation.
	for path, want := range map[string]int{"/en/declarations.bib?sponsor=XXX": 400, "/en/declarations/nowhere.ris": 404, "/en/declarations.csl?revision=99": 400, "/en/declarations.bib?bom=1": 400, "/xx/declarations.bib": 404,
		"/en/declarations.bib?page=99": 404, "/en/compare.bib?p=KOR&p=KOR": 400} {
		if a := s.ask(t, "GET", path); a.StatusCode != want {
			t.Errorf("%s answers %d, want %d", path, a.StatusCode, want)
		}
	}
}

func hexSum(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
