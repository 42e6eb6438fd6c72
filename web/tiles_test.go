package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"cosignatory/store/register"
	"cosignatory/templates/pages"
)

// The map has every UN member and observer state once, in the region of the M49 list, and no two in one place.
func TestTileGrid(t *testing.T) {
	s := newSite(t)
	v, err := s.store.At(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	times := map[string]int{}
	cells := map[string]string{}
	widest := map[string]int{}
	for _, p := range pages.TileGrid() {
		times[p.Code]++
		cell := fmt.Sprint(p.Region, " ", p.Column, " ", p.Row)
		if other := cells[cell]; other != "" {
			t.Errorf("%s and %s lie on %s", other, p.Code, cell)
		}
		cells[cell] = p.Code
		widest[p.Region] = max(widest[p.Region], p.Column, p.Row)
		q := v.Ref.Participant(p.Code)
		if q == nil {
			t.Errorf("%s is nobody", p.Code)
		} else if q.Region != p.Region {
			t.Errorf("%s lies in %s, by the M49 list in %s", p.Code, p.Region, q.Region)
		}
	}
	members := 0
	for _, q := range v.Ref.Participants {
		if q.Kind == register.Member {
			members++
		}
		if (q.Kind == register.Member || q.Kind == register.Observer) && times[q.Code] != 1 {
			t.Errorf("%s lies on the map %d times", q.Code, times[q.Code])
		}
	}
	if members != 193 {
		t.Errorf("%d UN members", members)
	}
	for region, n := range widest {
		if n > 11 {
			t.Errorf("%s is %d wide or high: the style sheet places 11, and a phone has no room for more", region, n)
		}
	}
}

// tiles are the marks and names of the squares of a page, by the codes on them.
func (a *answer) tiles() map[string][2]string {
	found := map[string][2]string{}
	for _, ul := range all(a.doc, func(n *html.Node) bool { return n.Data == "ul" && hasClass(n, "tiles") }) {
		for _, l := range all(ul, func(n *html.Node) bool { return n.Data == "a" }) {
			found[textOf(l)] = [2]string{attr(l, "class"), attr(l, "aria-label")}
		}
	}
	return found
}

// TestD7_Tiles holds that a square says in words where somebody stands, and no more than that.
func TestD7_Tiles(t *testing.T) {
	s := newSite(t)
	a := s.page(t, "/en/declarations/peace-framework-ukraine-2024?as_of=2024-06-17")
	found := a.tiles()
	for code, want := range map[string][2]string{
		"KEN": {"on", "KEN, Kenya: in effect since 16 June 2024"},
		"IRQ": {"gone", "IRQ, Iraq: left 17 June 2024: dropped from the list without explanation"},
		"IND": {"", "IND, India: not on the list"},
		"XKX": {"on", "XKX, Kosovo: in effect since 16 June 2024"},
	} {
		if found[code] != want {
			t.Errorf("%s: %q, want %q", code, found[code], want)
		}
	}
	if _, there := found["TWN"]; there {
		t.Error("who is neither UN member nor observer state has a square without standing on the list")
	}
	if len(all(a.doc, func(n *html.Node) bool { return n.Data == "table" && hasClass(n, "by-region") })) != 1 {
		t.Error("no table says the same")
	}
	// The squares in effect are the members and observers in the table beside them.
	on := 0
	for _, x := range found {
		if x[0] == "on" {
			on++
		}
	}
	if on != 82 {
		t.Errorf("%d squares in effect, the list has 82", on)
	}
	// Before there was a state there is no square of it.
	if _, there := s.page(t, "/en/declarations/safe-schools-2015?as_of=2010-01-01").tiles()["SSD"]; there {
		t.Error("South Sudan has a square in 2010")
	}
}

// TestD6_D11_Tiles: unsettled, beside the list and through a group are neither on it nor off it.
func TestD6_D11_Tiles(t *testing.T) {
	s := newSite(t)
	s.add(t, madeUp(
		register.Action{Participant: "FRA", Kind: register.Signed},
		register.Action{Participant: "JPN", Kind: register.Joined, Date: register.MustDate("2022-05")},
		register.Action{Participant: "KOR", Kind: register.Endorsed, Capacity: register.Supporter},
		register.Action{Participant: "EUE", Kind: register.Signed},
		register.Action{Group: "EU", Kind: register.Signed},
	))
	a := s.page(t, "/en/declarations/made-up-2019?as_of=2022-05-10")
	found := a.tiles()
	for code, want := range map[string][2]string{
		"FRA": {"on", "FRA, France: in effect, date not recorded"},
		"JPN": {"may", "JPN, Japan: unsettled: between 1 May 2022 and 31 May 2022"},
		"KOR": {"by", "KOR, Republic of Korea: beside the list: supporter"},
		"DEU": {"via", "DEU, Germany: only through a group: European Union"},
		"EUE": {"on", "EUE, European Union: in effect, date not recorded"}, // it has no place, but a square
		"SRB": {"", "SRB, Serbia: not on the list"},
	} {
		if found[code] != want {
			t.Errorf("%s: %q, want %q", code, found[code], want)
		}
	}
}

// TestD7_IsItOnTheList: the answer in a sentence, with since when and by what source.
func TestD7_IsItOnTheList(t *testing.T) {
	s := newSite(t)
	const page = "/en/declarations/peace-framework-ukraine-2024?participant="
	for typed, want := range map[string][]string{
		"ken":                            {"Kenya: on the list since 16 June 2024 (endorser). Evidence"},
		"Birmania":                       {"Myanmar: not on the list on 23 November 2026.", "It does not say that it refused or abstained."},
		"%D0%9A%D0%B5%D0%BD%D0%B8%D1%8F": {"Kenya: on the list since"},
		"congo":                          {"Congo: not on the list", "Democratic Republic of the Congo: not on the list"},
		"Switzerland":                    {"Switzerland: on the list since", "Leads the declaration."},
		"zzzz":                           {"No participant on the register has the name or code “zzzz”."},
		"%20":                            {"Is it on the list?"},
		"%CC%81":                         {"No participant on the register has the name or code"},
		"%22%3E%3Cscript%3E":             {"No participant on the register has the name or code"},
		"a":                              {"have a name that fits"},
		"Yugoslavia":                     {"Yugoslavia: not on the list", "Succeeded by Serbia (in effect since 16 June 2024)."},
	} {
		a := s.page(t, page+typed)
		a.says(t, want...)
		if strings.Contains(a.body, `"><script>`) {
			t.Error("what was typed is not escaped")
		}
	}
	s.page(t, page+"IRQ&as_of=2024-06-17").says(t, "Iraq: no longer on the list; left 17 June 2024: dropped from the list without explanation.")
	s.page(t, page+"IRQ&as_of=2024-06-16").says(t, "Iraq: on the list since 16 June 2024")
	a := s.page(t, page+"KEN")
	if links := all(a.doc, func(n *html.Node) bool { return n.Data == "a" && strings.HasPrefix(attr(n, "href"), "#source-") }); len(links) == 0 {
		t.Error("the answer has no source")
	}
	if a := s.ask(t, "GET", "/en/declarations/peace-framework-ukraine-2024.csv?participant=KEN"); a.StatusCode != 400 {
		t.Errorf("a file that cannot answer takes the question: %d", a.StatusCode)
	}
}

// TestD13_WhoIsAskedFor: a name that is somebody's answers for that participant alone, one that leaves it open for all that it can
// mean, and half a word for nobody in whose name it stands in the middle.
func TestD13_WhoIsAskedFor(t *testing.T) {
	s := newSite(t)
	for typed, want := range map[string]string{
		"UK": "United Kingdom of Great Britain and Northern Ireland", "Mali": "Mali", "Oman": "Oman", "United%20States": "United States of America", "China": "China",
		"%E4%B8%AD%E5%9B%BD": "China", "Ireland": "Ireland", "Congo": "Congo|Democratic Republic of the Congo", "Kosovo": "Kosovo", "Georgia": "Georgia",
		"Northern%20Ireland": "United Kingdom of Great Britain and Northern Ireland", "Swit": "Switzerland", "%D8%B3%D9%88%D8%AF%D8%A7%D9%86": "Sudan",
	} {
		a := s.page(t, "/en/declarations/geneva-consensus-2020?participant="+typed)
		var got []string
		for _, n := range all(a.doc, func(n *html.Node) bool {
			return n.Data == "a" && strings.Contains(attr(n, "href"), "/en/participants/") && n.Parent != nil && n.Parent.Data == "b"
		}) {
			got = append(got, textOf(n))
		}
		if g := strings.Join(got, "|"); g != want {
			t.Errorf("%s is answered for %q, want %q", typed, g, want)
		}
	}
	// In the search too, for one who stands on no list of its own.
	s.page(t, "/en/search?q=Scotland").says(t, "“Scotland” is not a participant under that name. Perhaps meant:", "United Kingdom of Great Britain and Northern Ireland")
	// Where the address has to have a code, those that are called as typed are a step away.
	for path, want := range map[string]int{"/en/participants/kor": 404, "/en/declarations?sponsor=Korea": 400, "/en/participants/Corea": 404} {
		a := s.ask(t, "GET", path)
		if a.StatusCode != want {
			t.Errorf("%s: %d", path, a.StatusCode)
		}
		a.says(t, "Republic of Korea", "All participants")
		if n := strings.Count(a.text, "All participants"); n != 1 {
			t.Errorf("%s leads to all participants %d times", path, n)
		}
	}
}

// zipped is how many bytes are sent of something that is compressed.
func zipped(t *testing.T, b []byte) int {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}

// A page of a list of 200 is under 60 kB with its style and its script, in every language, however it is asked.
func TestWeightOfAListOf200(t *testing.T) {
	s := newSite(t)
	v, err := s.store.At(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	d := madeUp()
	for i := range v.Ref.Participants {
		if len(d.Actions) == 200 {
			break
		}
		q := v.Ref.Participants[i]
		if q.ValidFrom.Known() || q.ValidTo.Known() {
			continue
		}
		d.Actions = append(d.Actions, register.Action{Participant: q.Code, Kind: register.Joined, Capacity: register.Endorser, CapacityAsPrinted: "endorsing state",
			NameAsPrinted: strings.ToUpper(q.Names["en"]) + "*", PrintedPosition: i + 1, Date: register.MustDate(fmt.Sprintf("20%02d-%02d-%02d", 20+i%6, i%12+1, i%28+1)),
			Source: "test-source", PlaceInSource: fmt.Sprintf("page %d", i/20+1)})
	}
	s.add(t, d)
	assets := 0
	for _, name := range []string{"app.css", "print.css", "app.js"} {
		b, err := assetFiles.ReadFile("assets/" + name)
		if err != nil {
			t.Fatal(err)
		}
		assets += zipped(t, b)
	}
	most := 0
	for _, lang := range register.Languages {
		for _, query := range []string{"", "?order=printed&missing=G77&participant=a&since=27"} {
			a := s.page(t, "/"+lang+"/declarations/made-up-2019"+query)
			if names, _ := a.table("signatories"); len(names) != 200 {
				t.Fatalf("%d on the list", len(names))
			}
			n := assets + zipped(t, []byte(a.body))
			most = max(most, n)
			if n > 60_000 {
				t.Errorf("%s%s: %d bytes, %d of them style and script", lang, query, n, assets)
			}
		}
	}
	t.Logf("at most %d bytes", most)
}

// Every square of the map leads to its participant, and nothing is said by colour alone: a class for each mark.
func TestTilesLead(t *testing.T) {
	s := newSite(t)
	a := s.page(t, "/ar/declarations/geneva-consensus-2020?as_of=2023-01-01")
	links := all(a.doc, func(n *html.Node) bool {
		return n.Data == "a" && n.Parent.Parent != nil && hasClass(n.Parent.Parent, "tiles")
	})
	if len(links) < 195 {
		t.Fatalf("%d squares", len(links))
	}
	for _, l := range links {
		if !strings.HasPrefix(attr(l, "href"), "/ar/participants/") || !strings.HasSuffix(attr(l, "href"), "?as_of=2023-01-01") {
			t.Errorf("%s leads to %s", textOf(l), attr(l, "href"))
		}
		if !slices.Contains([]string{"", "on", "may", "gone", "by", "via"}, attr(l, "class")) {
			t.Errorf("%s is drawn as %s", textOf(l), attr(l, "class"))
		}
	}
}
