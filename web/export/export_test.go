package export_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"cosignatory/seed"
	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/i18n"
	"cosignatory/web/export"
)

var published = time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)

func loaded(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), filepath.Join(t.TempDir(), "register.db"), store.WithClock(func() time.Time { return published }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if _, err := seed.Load(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	return s
}

func options(t testing.TB, s *store.Store, day string) export.Options {
	t.Helper()
	v, err := s.At(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	o := export.Options{View: v, BaseURL: "https://example.org", Lang: "en"}
	if day == "" {
		if o.Day, err = export.DayOf(context.Background(), v); err != nil {
			t.Fatal(err)
		}
	} else {
		o.Day, o.AsOfGiven = register.MustDate(day).First(), true
	}
	return o
}

func id(t testing.TB, o export.Options, slug string) int64 {
	t.Helper()
	e, err := o.View.Declaration(context.Background(), slug)
	if err != nil {
		t.Fatal(err)
	}
	return e.ID
}

// made is a file as it is written.
func made(t testing.TB, write func(w io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func whole(t testing.TB, name string, o export.Options) []byte {
	t.Helper()
	return made(t, func(w io.Writer) error { return export.Write(context.Background(), w, name, o) })
}

// records parses a CSV file strictly: every row is as wide as the first.
func records(t testing.TB, b []byte) []map[string]string {
	t.Helper()
	all, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, line := range all[1:] {
		r := map[string]string{}
		for i, cell := range line {
			r[all[0][i]] = cell
		}
		rows = append(rows, r)
	}
	return rows
}

func signatories(t testing.TB, o export.Options, slug string) []map[string]string {
	t.Helper()
	return records(t, made(t, func(w io.Writer) error {
		return export.WriteSignatories(context.Background(), w, o, []int64{id(t, o, slug)}, "")
	}))
}

func codes(rows []map[string]string, status string) []string {
	var all []string
	for _, r := range rows {
		if r["status"] == status {
			all = append(all, r["participant"])
		}
	}
	return all
}

// The columns of INTERFACE.md, word for word, and what came at their end since.
var headers = map[string]string{
	"declarations":  "declaration, title, title_language, kind, date, date_precision, event, place, sponsors, presented_by, presenter_delegation, stated_count, named_count, in_effect_count, unsettled_count, open, topics, summary, url, as_of, revision" + ", adopted, presented, published, opened, closed, presenter_counted, list_complete" + ", adopted_precision, presented_precision, published_precision, opened_precision, closed_precision, sponsor_names, presenter_delegation_name, topic_names",
	"signatories":   "declaration, declaration_title, declaration_date, participant, participant_name, participant_kind, iso3, m49, user_assigned_code, regional_group, name_as_printed, printed_position, capacity, capacity_as_printed, basis, status, since, since_precision, until, until_precision, departure_reason, disputed, source, source_url, as_of, revision" + ", declaration_date_precision",
	"actions":       "action_id, declaration, participant, participant_name, action, capacity, date, date_precision, public_date, reason, via_group, name_as_printed, source, note, revision" + ", capacity_as_printed, printed_position, also_sources, place_in_source, joining_not_recorded, public_date_precision, via_group_name",
	"sources":       "source, declaration, publisher, title, url, language, kind, published, read_on, supports" + ", published_precision, read_on_precision",
	"participants":  "participant, name, kind, iso2, iso3, m49, user_assigned_code, regional_group, un_admission, valid_from, valid_to, name_en, name_fr, name_es, name_ar, name_zh, name_ru" + ", formal_en, formal_fr, formal_es, formal_ar, formal_zh, formal_ru, region, subregion, note, un_admission_precision, valid_from_precision, valid_to_precision",
	"groups":        "group, name, kind" + ", name_en, name_fr, name_es, name_ar, name_zh, name_ru, note",
	"group_members": "group, participant, from, to" + ", group_name, participant_name, from_precision, to_precision",
	"revisions":     "revision, published_at, declaration, summary, reason, previous_hash, hash",
	"matrix":        "participant, participant_name",
	"titles":        "declaration, position, language, title, standing, source, note",
	"texts":         "declaration, position, language, event, place, summary, notes",
	"stated":        "declaration, position, number, counts, date, source, note, date_precision",
	"links":         "declaration, kind, target, note",
	"disputes":      "declaration, position, participant, language, claim, source, participant_name",
	"retired":       "declaration, merged_into, title, title_language, kind, date, record, date_precision",
	"addresses":     "declaration, leads_to",
	"aliases":       "participant, alias, language, kind, valid_from, valid_to, participant_name, valid_from_precision, valid_to_precision",
	"successors":    "participant, successor, from, participant_name, successor_name, from_precision",
	"topics":        "topic, name, name_en, name_fr, name_es, name_ar, name_zh, name_ru",
	"group_aliases": "group, alias, language, kind, group_name",
	"ambiguous":     "alias, participants, rule, note, participant_names",
}

// mayBeEmpty are the files of the shipped register that may have no rows.
var mayBeEmpty = []string{"retired", "addresses", "group_aliases"}

func TestColumns(t *testing.T) {
	if len(headers) != len(export.Names()) {
		t.Errorf("%d files, want %d", len(export.Names()), len(headers))
	}
	english, _ := i18n.For("en")
	types := []string{"text", "code", "date", "time", "number", "choice", "yes_no", "address", "list", "day"}
	for _, name := range export.Names() {
		var got []string
		for _, c := range export.Columns(name) {
			got = append(got, c.Name)
			if !slices.Contains(types, c.Type) || !english.Has(c.MeaningKey) {
				t.Errorf("%s: %+v", name, c)
			}
		}
		if s := strings.Join(got, ", "); s != headers[name] {
			t.Errorf("%s:\n%s, want\n%s", name, s, headers[name])
		}
	}
}

func TestD22_EveryFileIsPlainCSV(t *testing.T) {
	o := options(t, loaded(t), "2026-11-23")
	if got := export.ContentType(export.CSV); got != "text/csv; charset=utf-8; header=present" {
		t.Errorf("content type %q", got)
	}
	rows := map[string]int{"declarations": 25, "participants": len(o.View.Ref.Participants), "groups": len(o.View.Ref.Groups), "revisions": 27,
		"matrix": len(o.View.Ref.Participants)}
	for _, name := range export.Names() {
		for _, lang := range register.Languages {
			o.Lang = lang
			b := whole(t, name, o)
			head, rest, _ := strings.Cut(string(b), "\r\n")
			if want := strings.ReplaceAll(headers[name], ", ", ","); head != want && name != "matrix" || !strings.HasPrefix(head, want) {
				t.Errorf("%s begins with %q", name, head)
			}
			if !utf8.Valid(b) || !norm.NFC.IsNormal(b) || !strings.HasSuffix(rest, "\r\n") && !(rest == "" && slices.Contains(mayBeEmpty, name)) || bytes.Contains(b, []byte("\ufeff")) {
				t.Errorf("%s in %s: not UTF-8, not NFC, no CRLF at the end, or a byte order mark", name, lang)
			}
			// Line breaks outside quotation marks are CRLF: no bare LF remains once quoted cells are gone.
			bare := regexp.MustCompile(`"[^"]*"`).ReplaceAllString(string(b), "")
			if strings.Count(bare, "\n") != strings.Count(bare, "\r\n") {
				t.Errorf("%s in %s has a bare line feed", name, lang)
			}
			got := records(t, b)
			if want, ok := rows[name]; ok && len(got) != want || len(got) == 0 && !slices.Contains(mayBeEmpty, name) {
				t.Errorf("%s in %s has %d rows, want %d", name, lang, len(got), want)
			}
		}
	}
	o.BOM = true
	if b := whole(t, "groups", o); !bytes.HasPrefix(b, []byte("\ufeffgroup,name,kind,name_en,")) {
		t.Errorf("with bom the file begins with %q", b[:40])
	}
}

// A declaration whose texts want to run, with every kind of line.
func hostile(t testing.TB, s *store.Store) export.Options {
	t.Helper()
	d := &register.Declaration{Slug: "hostile", Kind: "joint-statement", Adopted: register.MustDate("2024-05"), Open: register.Yes,
		Sponsors: []string{"KOR", "NAM"}, PresentedBy: "@ambassador",
		Titles: []register.Title{{Lang: "en", Text: "=HYPERLINK(\"http://x.example\",\"a, b\")", Standing: register.Unofficial}},
		Texts:  []register.Text{{Lang: "en", Event: "+1", Place: "-2", Summary: "-3 and a\nline, \"quoted\"", Notes: "-"}},
		Sources: []register.Source{{Key: "h", Publisher: "=p", Title: "Côte d’Ivoire, Türkiye", URL: "https://example.org/?a=b,c", Kind: "official",
			Published: register.MustDate("2024-05-10")}},
		Stated: []register.Stated{{Count: 5, Counts: register.StatesOnly, Source: "h"}},
		Actions: []register.Action{
			{Participant: "NAM", Kind: register.Signed, Capacity: register.Sponsor, NameAsPrinted: "-Namibia", Date: register.MustDate("2024-05"), Source: "h", Note: "=1+1"},
			{Group: "EU", Kind: register.Signed, Capacity: register.Signatory, NameAsPrinted: "@EU", Date: register.MustDate("2024-05-10"), Source: "h"},
			{Participant: "FRA", Kind: register.Signed, Capacity: register.Signatory, NameAsPrinted: "France", Source: "h"},
			{Participant: "CIV", Kind: register.Signed, Capacity: register.Supporter, NameAsPrinted: "Côte d’Ivoire", Date: register.MustDate("2024-05-11"), Source: "h"},
			{Participant: "KOR", Kind: register.Withdrew, Capacity: register.Signatory, Reason: "dropped_unexplained", JoiningNotRecorded: true,
				Date: register.MustDate("2024-06-01"), Source: "h"},
		}}
	if _, err := s.Publish(context.Background(), store.Publication{Declaration: d, Reason: "=reason", ReasonLang: "en", Role: "publisher"}); err != nil {
		t.Fatal(err)
	}
	return options(t, s, "2024-05-20")
}

// publish puts a new declaration on the register.
func publish(t testing.TB, s *store.Store, d *register.Declaration) {
	t.Helper()
	if _, err := s.Publish(context.Background(), store.Publication{Declaration: d, Reason: "r", ReasonLang: "en", Role: "publisher"}); err != nil {
		t.Fatal(err)
	}
}

func TestD23_TextsThatASpreadsheetWouldRun(t *testing.T) {
	o := hostile(t, loaded(t))
	ids := []int64{id(t, o, "hostile")}
	some := func(name string) map[string]string {
		return records(t, made(t, func(w io.Writer) error { return export.WriteSome(context.Background(), w, name, o, ids) }))[0]
	}
	check := func(name string, want map[string]string) {
		t.Helper()
		got := some(name)
		for column, cell := range want {
			if got[column] != cell {
				t.Errorf("raw %v, %s %s is %q, want %q", o.Raw, name, column, got[column], cell)
			}
		}
	}
	check("declarations", map[string]string{"title": `'=HYPERLINK("http://x.example","a, b")`, "event": "'+1", "place": "'-2", "presented_by": "'@ambassador",
		"summary": "'-3 and a\nline, \"quoted\"", "date": "2024-05", "date_precision": "month", "sponsors": "KOR|NAM", "stated_count": "5"})
	check("actions", map[string]string{"name_as_printed": "'-Namibia", "note": "'=1+1", "date": "2024-05", "participant": "NAM"})
	check("sources", map[string]string{"publisher": "'=p", "url": "https://example.org/?a=b,c", "title": "Côte d’Ivoire, Türkiye"})
	o.Raw = true
	check("declarations", map[string]string{"title": `=HYPERLINK("http://x.example","a, b")`, "event": "+1", "place": "-2", "presented_by": "@ambassador"})
	o.Raw = false
	b := made(t, func(w io.Writer) error { return export.WriteChanges(context.Background(), w, o, ids[0]) })
	if r := records(t, b); len(r) != 1 || r[0]["reason"] != "'=reason" {
		t.Errorf("revisions of the declaration: %v", r)
	}
	// JSON is no spreadsheet: its texts are as they are.
	o.Format = export.JSON
	b = made(t, func(w io.Writer) error { return export.WriteDeclarations(context.Background(), w, o, ids) })
	var doc struct{ Rows []map[string]any }
	if err := json.Unmarshal(b, &doc); err != nil || doc.Rows[0]["event"] != "+1" {
		t.Errorf("JSON: %v, %v", doc.Rows, err)
	}
}

func TestD24_OneThingAColumn(t *testing.T) {
	s := loaded(t)
	o := options(t, s, "2026-11-23")
	allowed := map[string][]string{"status": {"in_effect", "left", "unsettled", "not_yet"}, "basis": {"named"}, "disputed": {"yes", "no"},
		"since_precision": {"day", "month", "year", "unknown"}, "until_precision": {"", "day", "month", "year", "unknown"},
		"capacity": {"sponsor", "co-sponsor", "signatory", "endorser", "supporter", "aligned"}}
	precise := map[int]string{0: "unknown", 4: "year", 7: "month", 10: "day"}
	seen := map[string]bool{}
	for _, r := range records(t, whole(t, "signatories", o)) {
		for column, values := range allowed {
			if !slices.Contains(values, r[column]) {
				t.Errorf("%s of %s on %s is %q", column, r["participant"], r["declaration"], r[column])
			}
		}
		if r["since_precision"] != precise[len(r["since"])] || r["until_precision"] != precise[len(r["until"])] && r["until_precision"] != "" ||
			(r["departure_reason"] != "") != (r["until_precision"] != "") || r["participant_name"] == "" || r["source"] == "" || r["source_url"] == "" {
			t.Errorf("%v", r)
		}
		key := r["declaration"] + " " + r["participant"]
		if seen[key] {
			t.Errorf("%s stands twice", key)
		}
		seen[key] = true
	}
	if len(seen) < 900 {
		t.Errorf("%d rows", len(seen))
	}
}

// everyFile calls f for each file of the register and of its questions: its columns and its rows.
func everyFile(t *testing.T, o export.Options, f func(name string, columns []export.Column, rows []map[string]string)) {
	t.Helper()
	for _, name := range export.Names() {
		f(name, export.Columns(name), records(t, whole(t, name, o)))
	}
	for name, write := range questionFiles(t, o) {
		f(name, export.QuestionColumns(name), records(t, made(t, func(w io.Writer) error { return write(w, o) })))
	}
}

// A date that may be partial has its precision in a column of its own, in whatever file it stands.
func TestD11_EveryPartialDateHasItsPrecision(t *testing.T) {
	s := loaded(t)
	publish(t, s, &register.Declaration{Slug: "partial", Kind: "joint-statement", Open: register.Yes, Adopted: register.MustDate("2024-05"), Opened: register.MustDate("2024"),
		Titles:  []register.Title{{Lang: "en", Text: "Partial", Standing: register.Unofficial}},
		Sources: []register.Source{{Key: "partial", Publisher: "P", Title: "T", URL: "https://example.org/", Kind: "official", Published: register.MustDate("2024-06"), ReadOn: register.MustDate("2024")}},
		Stated:  []register.Stated{{Count: 5, Counts: register.StatesOnly, Source: "partial", Date: register.MustDate("2024")}, {Count: 6, Counts: register.StatesOnly, Source: "partial"}},
		Actions: []register.Action{{Participant: "NAM", Kind: register.Signed, Capacity: register.Signatory, Date: register.MustDate("2024-05"), PublicDate: register.MustDate("2024-07"), Source: "partial"}}})
	precise := map[int]string{0: "unknown", 4: "year", 7: "month", 10: "day"}
	// Whoever has no such date has no precision of it; all else has a date, known or not.
	optional := []string{"adopted", "presented", "declarations.published", "opened", "closed", "until", "public_date", "un_admission", "valid_from", "valid_to", "group_members.from", "to"}
	seen := map[string]bool{}
	everyFile(t, options(t, s, "2026-11-23"), func(name string, columns []export.Column, rows []map[string]string) {
		for _, c := range columns {
			if c.Type != "date" {
				continue
			}
			i := slices.IndexFunc(columns, func(p export.Column) bool { return p.Name == c.Name+"_precision" })
			if i < 0 {
				t.Errorf("%s says nothing of the precision of %s", name, c.Name)
				continue
			}
			if p := columns[i]; p.Type != "choice" || !slices.Equal(p.Values, []string{"day", "month", "year", "unknown"}) {
				t.Errorf("%s: %+v", name, p)
			}
			for _, r := range rows {
				got, want := r[c.Name+"_precision"], precise[len(r[c.Name])]
				if r[c.Name] == "" && (slices.Contains(optional, c.Name) || slices.Contains(optional, name+"."+c.Name)) && got == "" {
					want = ""
				}
				if got != want {
					t.Errorf("%s: the precision of %s %q is %q", name, c.Name, r[c.Name], got)
				}
				if r["declaration"] == "partial" {
					seen[name+"."+c.Name+" "+got] = true
				}
			}
		}
	})
	for _, want := range []string{"declarations.adopted month", "declarations.presented ", "declarations.opened year", "signatories.declaration_date month", "actions.public_date month",
		"sources.published month", "sources.read_on year", "stated.date year", "stated.date unknown"} {
		if !seen[want] {
			t.Errorf("not seen: %s", want)
		}
	}
}

// A column of codes has a column of names, in the language of the file; names of a list stand as their codes do.
func TestD24_CodesHaveNamesBeside(t *testing.T) {
	o := hostile(t, loaded(t))
	o.Lang = "fr"
	ref := o.View.Ref
	named := map[string]string{"participant": "participant_name", "successor": "successor_name", "presenter_delegation": "presenter_delegation_name", "sponsors": "sponsor_names",
		"topics": "topic_names", "group": "group_name", "via_group": "via_group_name", "participants": "participant_names", "first": "first_name", "second": "second_name", "other": "other_name"}
	own := map[string]bool{"participants.participant": true, "groups.group": true} // their column is name
	found := map[string]int{}
	everyFile(t, o, func(name string, columns []export.Column, rows []map[string]string) {
		for _, c := range columns {
			beside, ok := named[c.Name]
			if own[name+"."+c.Name] {
				beside = "name"
			}
			if !ok {
				continue
			}
			if !slices.ContainsFunc(columns, func(n export.Column) bool { return n.Name == beside }) {
				t.Errorf("%s does not name its %s", name, c.Name)
				continue
			}
			for _, r := range rows {
				var want []string
				for _, code := range strings.Split(r[c.Name], "|") {
					switch {
					case code == "":
						want = append(want, "")
					case c.Name == "topics":
						want = append(want, ref.Topic(code).Name("fr"))
					case c.Name == "group" || c.Name == "via_group":
						want = append(want, ref.Group(code).Name("fr"))
					default:
						want = append(want, ref.Participant(code).Name("fr"))
					}
				}
				if got := r[beside]; got != strings.Join(want, "|") {
					t.Errorf("%s: %s of %s is %q, want %q", name, beside, r[c.Name], got, strings.Join(want, "|"))
				} else if got != "" {
					found[name+"."+beside]++
				}
			}
		}
	})
	for _, want := range []string{"declarations.sponsor_names", "declarations.presenter_delegation_name", "declarations.topic_names", "actions.via_group_name", "disputes.participant_name",
		"group_members.group_name", "group_members.participant_name", "successors.participant_name", "successors.successor_name", "aliases.participant_name", "ambiguous.participant_names"} {
		if found[want] == 0 {
			t.Errorf("%s is empty everywhere", want)
		}
	}
}

func TestD25_AFilteredFileSaysSo(t *testing.T) {
	o := options(t, loaded(t), "2026-11-23")
	if got := export.FileName("declarations", o); got != "cosignatory-declarations-2026-11-23-r27.csv" {
		t.Error(got)
	}
	o.Filtered, o.Format = true, export.JSON
	if got := export.FileName("declarations", o); got != "cosignatory-declarations-2026-11-23-r27-filtered.json" {
		t.Error(got)
	}
	var doc struct {
		File, Language, Licence, Disclaimer string
		AsOf                                string `json:"as_of"`
		Revision                            int
		Filtered                            bool
		Columns                             []string
		Rows                                []map[string]any
	}
	b := made(t, func(w io.Writer) error {
		return export.WriteDeclarations(context.Background(), w, o, []int64{id(t, o, "p5-nuclear-war-2022"), id(t, o, "artemis-accords-2020")})
	})
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.File != "declarations" || doc.Revision != 27 || doc.AsOf != "2026-11-23" || !doc.Filtered || doc.Licence != "CC0-1.0" || doc.Disclaimer == "" ||
		doc.Language != "en" || len(doc.Columns) != 36 || len(doc.Rows) != 2 {
		t.Errorf("%+v", doc)
	}
	if r := doc.Rows[0]; r["declaration"] != "p5-nuclear-war-2022" || r["in_effect_count"] != 5.0 || r["presented_by"] != nil || doc.Rows[1]["declaration"] != "artemis-accords-2020" {
		t.Errorf("%v", doc.Rows)
	}
	// Nothing chosen is a file with a header and no rows, in either format.
	none := func() []byte {
		return made(t, func(w io.Writer) error { return export.WriteDeclarations(context.Background(), w, o, nil) })
	}
	if err := json.Unmarshal(none(), &doc); err != nil || len(doc.Rows) != 0 {
		t.Errorf("%d rows, %v", len(doc.Rows), err)
	}
	o.Format = export.CSV
	if b := none(); bytes.Count(b, []byte("\r\n")) != 1 {
		t.Errorf("%q", b)
	}
}

func TestD26_TheSameBytesForEver(t *testing.T) {
	ctx := context.Background()
	s := loaded(t)
	v, err := s.At(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	files := func() map[string][]byte {
		v, err := s.At(ctx, v.Revision)
		if err != nil {
			t.Fatal(err)
		}
		all := map[string][]byte{}
		day, err := export.DayOf(ctx, v) // no as_of in the address
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range export.FormatsOf(export.Register) {
			all["register."+string(f)] = whole(t, export.Register, export.Options{View: v, Day: day, Lang: "fr", BaseURL: "https://example.org", Format: f})
		}
		for _, f := range export.Formats() {
			for _, name := range export.Names() {
				all[name+"."+string(f)] = whole(t, name, export.Options{View: v, Day: day, Lang: "fr", BaseURL: "https://example.org", Format: f, IncludeImplied: true})
			}
		}
		return all
	}
	before := files()
	// Years later more is published: a change, a new declaration, other reference data.
	published = published.AddDate(3, 0, 0)
	defer func() { published = published.AddDate(-3, 0, 0) }()
	e, err := v.Declaration(ctx, "geneva-consensus-2020")
	if err != nil {
		t.Fatal(err)
	}
	d := e.Declaration
	d.Actions = append(slices.Clone(d.Actions), register.Action{Participant: "FRA", Kind: register.Joined, Capacity: register.Signatory, Date: register.MustDate("2027"), Source: d.Sources[0].Key})
	d.Titles = append(slices.Clone(d.Titles), register.Title{Lang: "ru", Text: "Женевская", Standing: register.Unofficial})
	if _, err := s.Publish(ctx, store.Publication{Declaration: &d, ID: e.ID, Base: v.Revision, Reason: "later", ReasonLang: "en", Role: "publisher"}); err != nil {
		t.Fatal(err)
	}
	hostile(t, s)
	ref, err := seed.Reference()
	if err != nil {
		t.Fatal(err)
	}
	ref.Participant("FRA").Names["fr"] = "Autre nom"
	if _, err := s.Publish(ctx, store.Publication{Reference: ref, Reason: "later", ReasonLang: "en", Role: "publisher"}); err != nil {
		t.Fatal(err)
	}
	for name, b := range files() {
		if !bytes.Equal(b, before[name]) {
			t.Errorf("%s at revision %d has other bytes", name, v.Revision)
		}
	}
	now := options(t, s, "")
	now.Lang = "fr"
	if now.Day.String() != "2029-11-23" || bytes.Equal(whole(t, "signatories", now), before["signatories.csv"]) {
		t.Errorf("the newest revision, of %s, gives the old file", now.Day)
	}
}

func TestTechTrafficking(t *testing.T) {
	o := options(t, loaded(t), "2026-11-23")
	rows := signatories(t, o, "tech-trafficking-2025")
	if len(rows) != 12 || len(codes(rows, "in_effect")) != 12 {
		t.Errorf("%d rows, in effect %v", len(rows), codes(rows, "in_effect"))
	}
	for _, r := range rows {
		if r["source"] == "" || !strings.HasPrefix(r["source_url"], "http") || r["since"] != "2025-11-24" || r["revision"] != "27" || r["as_of"] != "2026-11-23" {
			t.Errorf("%v", r)
		}
	}
	d := records(t, made(t, func(w io.Writer) error {
		return export.WriteDeclarations(context.Background(), w, o, []int64{id(t, o, "tech-trafficking-2025")})
	}))[0]
	if d["stated_count"] != "44" || d["named_count"] != "12" || d["in_effect_count"] != "12" || d["unsettled_count"] != "0" || d["sponsors"] != "KOR" ||
		d["url"] != "https://example.org/en/declarations/tech-trafficking-2025" {
		t.Errorf("%v", d)
	}
}

// The two historic lists of 16 and 17 June 2024.
func TestPeaceFramework(t *testing.T) {
	s := loaded(t)
	on := func(day string) []map[string]string {
		return signatories(t, options(t, s, day), "peace-framework-ukraine-2024")
	}
	if n := len(codes(on("2024-06-16"), "in_effect")); n != 84 {
		t.Errorf("%d in effect on 16 June, want 84", n)
	}
	rows := on("2024-06-17")
	if n := len(codes(rows, "in_effect")); n != 82 {
		t.Errorf("%d in effect on 17 June, want 82", n)
	}
	if got := codes(rows, "left"); !slices.Equal(got, []string{"IRQ", "JOR", "RWA"}) {
		t.Errorf("left by 17 June: %v", got)
	}
	if !slices.Contains(codes(rows, "in_effect"), "XPC") {
		t.Error("the Ecumenical Patriarchate is not in effect on 17 June")
	}
	for _, r := range rows {
		if r["status"] == "left" && (r["until"] == "" || r["until_precision"] != "day" || r["departure_reason"] == "" || r["source"] == "") {
			t.Errorf("%v", r)
		}
		if r["status"] == "not_yet" && r["since"] != "" && r["since"] <= "2024-06-17" {
			t.Errorf("%v", r)
		}
	}
}

func TestGenevaConsensus(t *testing.T) {
	s := loaded(t)
	for day, want := range map[string]string{"2020-10-22": "in_effect", "2022-01-01": "left", "2026-11-23": "in_effect"} {
		o := options(t, s, day)
		rows := records(t, made(t, func(w io.Writer) error {
			return export.WriteSignatories(context.Background(), w, o, []int64{id(t, o, "geneva-consensus-2020")}, "USA")
		}))
		if len(rows) != 1 || rows[0]["status"] != want || rows[0]["participant"] != "USA" {
			t.Errorf("%s: %v, want %s", day, rows, want)
		}
	}
}

// A participant's file is the signatories file with that participant's rows alone.
func TestParticipantsFile(t *testing.T) {
	o := options(t, loaded(t), "2024-06-17")
	var want []string
	var ids []int64
	for _, r := range records(t, whole(t, "signatories", o)) {
		if r["participant"] == "KOR" {
			want = append(want, fmt.Sprint(r))
			ids = append(ids, id(t, o, r["declaration"]))
		}
	}
	var got []string
	for _, r := range records(t, made(t, func(w io.Writer) error { return export.WriteSignatories(context.Background(), w, o, ids, "KOR") })) {
		got = append(got, fmt.Sprint(r))
	}
	if len(want) < 5 || !slices.Equal(got, want) {
		t.Errorf("%d rows, want %d", len(got), len(want))
	}
}

func TestD13_CodesAreTexts(t *testing.T) {
	o := options(t, loaded(t), "2026-11-23")
	byCode := map[string]map[string]string{}
	for _, r := range records(t, whole(t, "participants", o)) {
		byCode[r["participant"]] = r
	}
	if r := byCode["AFG"]; r["m49"] != "004" || r["un_admission"] != "1946-11-19" {
		t.Errorf("%v", r)
	}
	if r := byCode["NAM"]; r["iso2"] != "NA" || r["iso3"] != "NAM" {
		t.Errorf("%v", r)
	}
	if r := byCode["XKX"]; r["iso3"] != "" || r["user_assigned_code"] != "XKX" {
		t.Errorf("%v", r)
	}
	o.Format = export.JSON
	if b := whole(t, "participants", o); !bytes.Contains(b, []byte(`"m49":"004"`)) || !bytes.Contains(b, []byte(`"iso2":"NA"`)) {
		t.Error("JSON does not keep codes as texts")
	}
}

func TestD6_GroupsAreNotExploded(t *testing.T) {
	o := hostile(t, loaded(t))
	rows := signatories(t, o, "hostile")
	status := map[string]string{}
	for _, r := range rows {
		status[r["participant"]] = r["status"]
		if r["basis"] != "named" {
			t.Errorf("%v", r)
		}
	}
	want := map[string]string{"NAM": "unsettled", "FRA": "unsettled", "CIV": "in_effect", "KOR": "unsettled"}
	if fmt.Sprint(status) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", status, want)
	}
	o.IncludeImplied = true
	implied := 0
	rows = signatories(t, o, "hostile")
	for _, r := range rows {
		if r["basis"] == "implied_by_group" {
			implied++
			if r["name_as_printed"] != "'@EU" || r["participant"] == "FRA" || r["status"] != "in_effect" || r["since"] != "2024-05-10" {
				t.Errorf("%v", r)
			}
		}
	}
	e, err := o.View.Declaration(context.Background(), "hostile")
	if err != nil {
		t.Fatal(err)
	}
	if c := e.Tally(o.View.Ref, o.Day); implied != c.Implied.Total || implied != 26 || len(rows) != 30 {
		t.Errorf("%d implied of %d rows, the fold says %d", implied, len(rows), c.Implied.Total)
	}
	if !slices.IsSortedFunc(rows, func(a, b map[string]string) int { return strings.Compare(a["participant"], b["participant"]) }) {
		t.Error("rows are not in the order of codes")
	}
	// One participant through its group.
	one := records(t, made(t, func(w io.Writer) error {
		return export.WriteSignatories(context.Background(), w, o, []int64{e.ID}, "DEU")
	}))
	if len(one) != 1 || one[0]["basis"] != "implied_by_group" {
		t.Errorf("%v", one)
	}
	// A group line stands in the actions, without a participant.
	for _, r := range records(t, made(t, func(w io.Writer) error { return export.WriteSome(context.Background(), w, "actions", o, []int64{e.ID}) })) {
		if (r["via_group"] == "EU") != (r["participant"] == "") {
			t.Errorf("%v", r)
		}
	}
}

func TestMatrix(t *testing.T) {
	o := options(t, loaded(t), "2024-06-17")
	ids := []int64{id(t, o, "peace-framework-ukraine-2024"), id(t, o, "tech-trafficking-2025")}
	rows := records(t, made(t, func(w io.Writer) error {
		return export.WriteMatrix(context.Background(), w, o, ids, []string{"KOR", "IRQ", "AFG"})
	}))
	want := "[[KOR Republic of Korea in_effect not_yet] [IRQ Iraq left ] [AFG Afghanistan  ]]"
	var got [][]string
	for _, r := range rows {
		got = append(got, []string{r["participant"], r["participant_name"], r["peace-framework-ukraine-2024"], r["tech-trafficking-2025"]})
	}
	if fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
	// The whole one says of each participant what the signatories say.
	cells := map[string]string{}
	for _, r := range records(t, whole(t, "signatories", o)) {
		cells[r["declaration"]+" "+r["participant"]] = r["status"]
	}
	n := 0
	for _, r := range records(t, whole(t, "matrix", o)) {
		for column, status := range r {
			if column != "participant" && column != "participant_name" {
				if status != cells[column+" "+r["participant"]] {
					t.Errorf("%s on %s: %q", r["participant"], column, status)
				}
				if status != "" {
					n++
				}
			}
		}
	}
	if n != len(cells) {
		t.Errorf("%d cells, want %d", n, len(cells))
	}
}

func TestWhatCannotBeWritten(t *testing.T) {
	ctx := context.Background()
	o := options(t, loaded(t), "2026-11-23")
	if err := export.Write(ctx, io.Discard, "users", o); !errors.Is(err, export.ErrUnknown) {
		t.Errorf("an unknown file: %v", err)
	}
	o.Format = "doc"
	if err := export.Write(ctx, io.Discard, "groups", o); !errors.Is(err, export.ErrUnknown) {
		t.Errorf("an unknown format: %v", err)
	}
	o.Format = export.CSV
	gone, cancel := context.WithCancel(ctx)
	cancel()
	for _, f := range export.Formats() {
		o.Format = f
		for _, name := range export.Names() {
			if err := export.Write(gone, io.Discard, name, o); err == nil {
				t.Errorf("%s.%s is written for a reader who is gone", name, f)
			}
			full := errors.New("disk full")
			w := &limited{left: 10, err: full}
			if err := export.Write(ctx, w, name, o); !errors.Is(err, full) {
				t.Errorf("%s.%s to a full disk: %v", name, f, err)
			}
		}
	}
	for _, f := range export.FormatsOf(export.Register) {
		o.Format, o.Folder = f, t.TempDir()
		if err := export.Write(gone, io.Discard, export.Register, o); err == nil {
			t.Errorf("register.%s is written for a reader who is gone", f)
		}
		full := errors.New("disk full")
		if err := export.Write(ctx, &limited{left: 1000, err: full}, export.Register, o); !errors.Is(err, full) {
			t.Errorf("register.%s to a full disk: %v", f, err)
		}
		if left, err := os.ReadDir(o.Folder); err != nil || len(left) > 0 {
			t.Errorf("register.%s leaves %v behind, %v", f, left, err)
		}
	}
}

type limited struct {
	left int
	err  error
}

func (w *limited) Write(b []byte) (int, error) {
	if w.left -= len(b); w.left < 0 {
		return 0, w.err
	}
	return len(b), nil
}

func TestEmptyRegister(t *testing.T) {
	s, err := store.Open(context.Background(), filepath.Join(t.TempDir(), "empty.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	o := options(t, s, "")
	for _, name := range export.Names() {
		for _, f := range export.Formats() {
			o.Format = f
			b := whole(t, name, o)
			if f == export.CSV && bytes.Count(b, []byte("\r\n")) != 1 || f == export.JSON && !json.Valid(b) {
				t.Errorf("%s: %q", name, b)
			}
			if f == export.XLSX {
				if rows := sheetRows(t, b, 0); len(rows) != 1 {
					t.Errorf("%s as a spreadsheet has %d rows", name, len(rows))
				}
			}
		}
	}
}

// TestManyFilesAtOnce: files whose parts are longer than what is made ahead, many at a time, all come to their end: none holds the
// connections that another one needs for a part which comes before, and whoever else reads the whole register gets a turn.
func TestManyFilesAtOnce(t *testing.T) {
	defer export.SmallPieces(1<<10, 1)()
	s := loaded(t)
	o := options(t, s, "2026-11-23")
	o.Format = export.JSON
	var want bytes.Buffer
	if err := export.Write(t.Context(), &want, "signatories", o); err != nil {
		t.Fatal(err)
	}
	// Nobody waits for a file for so long: one that is not there by then never comes.
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			for range 20 {
				var got bytes.Buffer
				if err := export.Write(ctx, &got, "signatories", o); err != nil {
					t.Error(err)
					return
				}
				if !bytes.Equal(got.Bytes(), want.Bytes()) {
					t.Error("another file than alone")
				}
			}
		})
	}
	for range 20 {
		if err := o.View.Each(ctx, func(*store.Entry) error { return nil }); err != nil {
			t.Error(err)
			break
		}
	}
	all.Wait()
}
