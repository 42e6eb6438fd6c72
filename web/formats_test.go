package web

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/net/html"

	"cosignatory/templates/i18n"
	"cosignatory/web/export"
)

// tables are addresses of every kind of table, and the name that its file bears.
var tables = map[string]string{
	"/en/declarations":                                 "declarations-2026-11-23-r27",
	"/en/declarations?sponsor=KOR":                     "declarations-2026-11-23-r27-filtered",
	"/en/declarations/geneva-consensus-2020":           "geneva-consensus-2020-2026-11-23-r27",
	"/en/declarations/geneva-consensus-2020/history":   "geneva-consensus-2020-history-2026-11-23-r27",
	"/en/declarations/geneva-consensus-2020/growth":    "geneva-consensus-2020-growth-2026-11-23-r27",
	"/en/participants":                                 "participants-2026-11-23-r27",
	"/en/participants?group=EU":                        "participants-2026-11-23-r27-filtered",
	"/en/participants/KOR":                             "KOR-2026-11-23-r27",
	"/en/participants/KOR/together":                    "together-KOR-2026-11-23-r27",
	"/en/participants/KOR/led":                         "led-KOR-2026-11-23-r27",
	"/en/participants/together":                        "together-2026-11-23-r27",
	"/en/groups":                                       "groups-2026-11-23-r27",
	"/en/groups/EU":                                    "EU-2026-11-23-r27-filtered",
	"/en/groups/EU/signing":                            "signing-EU-2026-11-23-r27",
	"/en/matrix":                                       "matrix-2026-11-23-r27",
	"/en/matrix?group=ASEAN":                           "matrix-2026-11-23-r27-filtered",
	"/en/changes":                                      "changes-2026-11-23-r27",
	"/en/compare?p=KOR&p=JPN":                          "compare-2026-11-23-r27",
	"/en/compare?p=KOR&p=JPN&table=pairs":              "compare-pairs-2026-11-23-r27",
	"/en/declarations?as_of=2024-06-17&revision=20":    "declarations-2024-06-17-r20",
	"/data/signatories":                                "signatories-2026-11-23-r27",
	"/data/topics?lang=fr&as_of=2024-06-17&revision=9": "topics-2024-06-17-r9",
}

func inFormat(address, format string) string {
	path, query, more := strings.Cut(address, "?")
	if path += "." + format; more {
		path += "?" + query
	}
	return path
}

// Every table is there in every format: with the same rows, under a name that says what it holds, of which day and revision, and
// whether it is filtered (D25); what it says of itself leads to the same bytes for ever (D26).
func TestD25_EveryTableInEveryFormat(t *testing.T) {
	s := newSite(t)
	for address, name := range tables {
		rows := -1
		for _, format := range export.Formats() {
			at := inFormat(address, string(format))
			a := s.ask(t, "GET", at)
			if a.StatusCode != 200 || a.Header.Get("Content-Type") != export.ContentType(format) ||
				a.Header.Get("Content-Disposition") != `attachment; filename="cosignatory-`+name+"."+string(format)+`"` {
				t.Errorf("%s: %d, %s, %s", at, a.StatusCode, a.Header.Get("Content-Type"), a.Header.Get("Content-Disposition"))
				continue
			}
			n, permalink := 0, ""
			switch format {
			case export.CSV:
				rows = len(csvRows(t, a.body)) - 1
				continue
			case export.JSON:
				var doc struct {
					Address  string
					Filtered bool
					Filters  map[string][]string
					Rows     []json.RawMessage
				}
				if err := json.Unmarshal([]byte(a.body), &doc); err != nil {
					t.Errorf("%s: %v", at, err)
				}
				n, permalink = len(doc.Rows), doc.Address
				if strings.Contains(address, "sponsor=KOR") && (!doc.Filtered || !slices.Equal(doc.Filters["sponsor"], []string{"KOR"})) || doc.Filtered && len(doc.Filters) == 0 {
					t.Errorf("%s: filters %v", at, doc.Filters)
				}
			case export.XLSX:
				f, err := excelize.OpenReader(strings.NewReader(a.body))
				if err != nil {
					t.Errorf("%s: %v", at, err)
					continue
				}
				sheets := f.GetSheetList()
				all, err := f.GetRows(sheets[0])
				about, err2 := f.GetRows(sheets[1])
				if err != nil || err2 != nil {
					t.Fatal(err, err2)
				}
				n = len(all) - 1
				for _, r := range about {
					if len(r) > 1 && strings.HasPrefix(r[1], testBase) && permalink == "" {
						permalink = r[1]
					}
				}
				f.Close()
			}
			if n != rows {
				t.Errorf("%s has %d rows, as CSV %d", at, n, rows)
			}
			again := s.ask(t, "GET", strings.TrimPrefix(permalink, testBase))
			if again.body != a.body || again.Header.Get("Cache-Control") != immutable {
				t.Errorf("%s says that it is found at %s, which gives %d, %d bytes, %s", at, permalink, again.StatusCode, len(again.body), again.Header.Get("Cache-Control"))
			}
		}
	}
	for _, f := range export.FormatsOf(export.Register) {
		a := s.ask(t, "GET", "/data/register."+string(f))
		if a.StatusCode != 200 || a.Header.Get("Content-Disposition") != `attachment; filename="cosignatory-register-2026-11-23-r27.`+string(f)+`"` || len(a.body) < 100_000 {
			t.Errorf("register.%s: %d, %s, %d bytes", f, a.StatusCode, a.Header.Get("Content-Disposition"), len(a.body))
		}
	}
}

// A CSV file holds rows alone (D22): its header Link leads to its dictionary, on a page with the disclaimer (D16), and to the same
// rows as JSON, which say the disclaimer and by which filter they were chosen (D25): all of the revision that the file is of,
// whether it is made now, kept or asked for its head.
func TestD16_D25_CSVLeadsToWhatDescribesIt(t *testing.T) {
	s := newSite(t)
	linkOf := regexp.MustCompile(`<([^>]+)>; rel="([^"]+)"(?:; type="([^"]+)")?`)
	for address, name := range tables {
		at := inFormat(address, "csv")
		a := s.ask(t, "GET", at, "Accept-Encoding", identity)
		if len(a.Header["Link"]) != 1 || !strings.Contains(a.Header.Get("Access-Control-Expose-Headers"), "Link") {
			t.Errorf("%s: %q", at, a.Header["Link"])
			continue
		}
		for what, again := range map[string]*answer{"kept": s.ask(t, "GET", at, "Accept-Encoding", identity), "compressed": s.ask(t, "GET", at, "Accept-Encoding", gzipped),
			"its head": s.ask(t, "HEAD", at), "a part": s.ask(t, "GET", at, "Accept-Encoding", identity, "Range", "bytes=0-9")} {
			if again.Header.Get("Link") != a.Header.Get("Link") {
				t.Errorf("%s, %s: %q", at, what, again.Header.Get("Link"))
			}
		}
		if b := s.ask(t, "GET", at, "Accept-Encoding", identity, "If-None-Match", a.Header.Get("ETag")); b.StatusCode != 304 || b.Header.Get("Link") != "" {
			t.Errorf("%s again: %d, %v", at, b.StatusCode, b.Header)
		}
		found := map[string]string{}
		for _, l := range linkOf.FindAllStringSubmatch(a.Header.Get("Link"), -1) {
			found[l[2]+" "+l[3]] = l[1]
		}
		filtered := strings.HasSuffix(name, "-filtered")
		relation := "alternate application/json"
		if filtered {
			relation = "alternate describedby application/json"
		}
		if len(found) != 3 || found["license "] != licenceURL {
			t.Fatalf("%s: %v", at, found)
		}
		revision := regexp.MustCompile(`-r(\d+)`).FindStringSubmatch(name)[1]
		dictionary, place, _ := strings.Cut(found["describedby text/html"], "#")
		page := s.page(t, strings.TrimPrefix(dictionary, testBase))
		p, _ := i18n.For(attr(all(page.doc, func(n *html.Node) bool { return n.Data == "html" })[0], "lang"))
		if !strings.HasSuffix(dictionary, "/data?revision="+revision) || p.Lang() != a.Header.Get("Content-Language") || !strings.Contains(page.text, p.T("footer.designations")) ||
			len(all(page.doc, func(n *html.Node) bool { return attr(n, "id") == place })) != 1 {
			t.Errorf("%s is described at %s#%s", at, dictionary, place)
		}
		var doc struct {
			Revision   int
			Disclaimer string
			Filtered   bool
			Filters    map[string][]string
			Rows       []json.RawMessage
		}
		same := s.ask(t, "GET", strings.TrimPrefix(found[relation], testBase))
		if err := json.Unmarshal([]byte(same.body), &doc); err != nil || same.Header.Get("Link") != "" || same.Header.Get("Cache-Control") != immutable {
			t.Errorf("%s leads to %s: %d, %v, %v", at, found[relation], same.StatusCode, err, same.Header)
		}
		if itoa(doc.Revision) != revision || doc.Disclaimer != export.Disclaimer || doc.Filtered != filtered || filtered != (len(doc.Filters) > 0) || len(doc.Rows) != len(csvRows(t, a.body))-1 {
			t.Errorf("%s leads to %+v", at, doc)
		}
	}
	for at, want := range map[string]string{"/data/signatories.csv?lang=ar": "<" + testBase + "/ar/data?revision=27#file-signatories>", "/en/declarations.csv?sponsor=KOR&raw=1&bom=1": "<" + testBase +
		`/en/declarations.json?sponsor=KOR&as_of=2026-11-23&revision=27>; rel="alternate describedby"`} {
		if a := s.ask(t, "GET", at); !strings.Contains(a.Header.Get("Link"), want) {
			t.Errorf("%s: %q", at, a.Header.Get("Link"))
		}
	}
	// No filter makes the headers longer than what stands between a server and its readers takes.
	long := s.ask(t, "GET", "/en/declarations.csv?q="+url.QueryEscape(strings.Repeat("声明", 50)+strings.Repeat("𝄞", 100))+"&event="+url.QueryEscape(strings.Repeat("𝄞", 100)))
	if l := long.Header.Get("Link"); long.StatusCode != 200 || len(l) > longestLink || !strings.Contains(l, "describedby") || strings.Contains(l, "json") {
		t.Errorf("a long filter: %d, %d bytes", long.StatusCode, len(l))
	}
	if a := s.ask(t, "GET", "/en/declarations.csv?sponsor=NOBODY"); a.StatusCode != 400 || a.Header.Get("Link") != "" {
		t.Errorf("what is no file: %d, %v", a.StatusCode, a.Header)
	}
}

func csvRows(t *testing.T, body string) [][]string {
	t.Helper()
	all, err := readCSV(body)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// bom and raw are of CSV; what knows nothing of them says so, and what it takes.
func TestOptionsOfOtherFormats(t *testing.T) {
	s := newSite(t)
	for _, at := range []string{"/en/declarations.xlsx?raw=1", "/data/signatories.xlsx?bom=1", "/data/register.sqlite?raw=1", "/data/register.json?bom=0",
		"/data/register.json?include=implied", "/data/register.sqlite?include=implied", "/data/history.jsonl?include=implied"} {
		a := s.ask(t, "GET", at)
		option := strings.TrimSuffix(at[strings.Index(at, "?")+1:strings.Index(at, "=")], "=")
		if a.StatusCode != 400 || !strings.Contains(a.body, option) || !strings.Contains(a.body, "as_of") {
			t.Errorf("%s: %d %s", at, a.StatusCode, a.text)
		}
	}
	for _, at := range []string{"/data/register.csv", "/data/register.xlsx", "/data/signatories.sqlite", "/data/history.json", "/en/declarations.sqlite", "/en/declarations.ods"} {
		a := s.ask(t, "GET", at)
		if a.StatusCode != 404 || !strings.Contains(a.body, "offered") {
			t.Errorf("%s: %d %s", at, a.StatusCode, a.text)
		}
	}
}

// The dictionary of the data page and that of the package are one: every column of every file has a meaning in every
// language, and the type and the values that it has in datapackage.json.
func TestDictionaryIsThatOfThePackage(t *testing.T) {
	s := newSite(t)
	a := s.ask(t, "GET", "/data/register.zip")
	z, err := zip.NewReader(strings.NewReader(a.body), int64(len(a.body)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(export.DescriptorFile)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	type field struct {
		Name, Type, Description string
		TrueValues, FalseValues []string
		Constraints             struct{ Enum []string }
	}
	var d struct {
		Resources []struct {
			Name   string
			Schema struct{ Fields []field }
		}
	}
	if err := json.NewDecoder(bytes.NewReader(b)).Decode(&d); err != nil {
		t.Fatal(err)
	}
	packed := map[string][]field{}
	for _, r := range d.Resources {
		packed[r.Name] = r.Schema.Fields
	}
	types := map[string]string{"number": "integer", "day": "date", "time": "datetime", "yes_no": "boolean"}
	for _, l := range i18n.Languages() {
		p, _ := i18n.For(l.Code)
		page := s.page(t, "/"+l.Code+"/data")
		for _, name := range append(export.Names(), export.QuestionNames()...) {
			columns := export.Columns(name)
			if columns == nil {
				columns = export.QuestionColumns(name)
			}
			if !p.Has("file." + name) {
				t.Errorf("%s is not explained in %s", name, l.Code)
			}
			var rows [][]string
			for _, table := range all(page.doc, func(n *html.Node) bool { return n.Data == "details" && attr(n, "id") == "file-"+name }) {
				for _, tr := range all(table, func(n *html.Node) bool { return n.Data == "tr" })[1:] {
					var cells []string
					for _, c := range all(tr, func(n *html.Node) bool { return n.Data == "th" || n.Data == "td" }) {
						cells = append(cells, textOf(c))
					}
					rows = append(rows, cells)
				}
			}
			if len(rows) != len(columns) {
				t.Errorf("%s in %s: %d rows of the dictionary, %d columns", name, l.Code, len(rows), len(columns))
				continue
			}
			for i, c := range columns {
				want := []string{c.Name, p.T("column_type." + c.Type), strings.Join(strings.Fields(p.T(c.MeaningKey)+" "+strings.Join(c.Values, " · ")), " ")}
				if !p.Has(c.MeaningKey) || !p.Has("column_type."+c.Type) || !slices.Equal(rows[i], want) {
					t.Errorf("%s in %s: %q, want %q", name, l.Code, rows[i], want)
				}
				if export.Columns(name) == nil {
					continue
				}
				k := packed[name][i]
				kind := types[c.Type]
				if kind == "" {
					kind = "string"
				}
				values := append(slices.Clone(k.TrueValues), k.FalseValues...)
				if kind != "boolean" {
					values = k.Constraints.Enum
				}
				if k.Name != c.Name || k.Type != kind || !slices.Equal(values, c.Values) || k.Description == "" || l.Code == "en" && k.Description != p.T(c.MeaningKey) {
					t.Errorf("%s: datapackage.json has %+v, the dictionary %+v", name, k, c)
				}
			}
		}
	}
	if n := len(packed["matrix"]); n != 2+25 {
		t.Errorf("the matrix has %d fields: each of its columns is one", n)
	}
}

func readCSV(body string) ([][]string, error) {
	return csv.NewReader(strings.NewReader(body)).ReadAll()
}
