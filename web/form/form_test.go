package form

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"cosignatory/seed"
	"cosignatory/store"
	"cosignatory/store/register"
)

var loaded = sync.OnceValues(func() (*store.View, error) {
	folder, err := os.MkdirTemp("", "cosignatory-form-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	ctx := context.Background()
	s, err := store.Open(ctx, filepath.Join(folder, "register.db"))
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if _, err := seed.Load(ctx, s); err != nil {
		return nil, err
	}
	v, err := s.At(ctx, 0)
	if err == nil {
		err = v.Each(ctx, func(e *store.Entry) error { declarations = append(declarations, &e.Declaration); return nil })
	}
	return v, err
})

var declarations []*register.Declaration

// shipped is the reference data and the declarations of the shipped register.
func shipped(t testing.TB) (*register.Reference, []*register.Declaration) {
	t.Helper()
	v, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return v.Ref, declarations
}

func sent(f *Form) url.Values {
	values := url.Values{}
	for name, v := range f.Encode() {
		values.Set(name, v)
	}
	return values
}

// TestRoundTrip: what is published comes back from its form, sent and read again, unchanged.
func TestRoundTrip(t *testing.T) {
	ref, all := shipped(t)
	if len(all) < 3 {
		t.Fatal("no declarations")
	}
	all = append(all, &register.Declaration{Slug: "x", Kind: "letter", MergedInto: "y", Topics: []string{"a", "b"}, PresenterCounted: "unknown", Open: "yes", ListComplete: "no",
		Disputes: []register.Dispute{{Claim: []register.Phrase{{Lang: "es", Text: "sí"}, {Lang: "ru", Text: "да"}}, Source: "s"}},
		Actions:  []register.Action{{Group: "EU", Kind: "signed", Capacity: "signatory", Source: "s", AlsoSources: []string{"a", "b"}, JoiningNotRecorded: true}}})
	for _, d := range all {
		f, problems := Parse(sent(Of(d)))
		if len(problems) > 0 {
			t.Errorf("%s: %v", d.Slug, problems)
		}
		f.Settle(ref)
		got, problems := f.Declaration(ref)
		if len(problems) > 0 {
			t.Errorf("%s: %v", d.Slug, problems)
		}
		a, _ := json.Marshal(d)
		b, _ := json.Marshal(got)
		if string(a) != string(b) {
			t.Errorf("%s became\n%s\nof\n%s", d.Slug, b, a)
		}
		if again := Of(got); !reflect.DeepEqual(again, Of(d)) {
			t.Errorf("%s: the forms differ", d.Slug)
		}
		var kept Form
		text, _ := json.Marshal(f)
		if err := json.Unmarshal(text, &kept); err != nil || !reflect.DeepEqual(&kept, f) {
			t.Errorf("%s is kept as another form: %v", d.Slug, err)
		}
	}
}

func TestParse(t *testing.T) {
	f, problems := Parse(url.Values{"adopted.day": {"3"}, "adopted.month": {""}, "topics": {"a", "b"}, "nothing": {"x"}, "actions[7].participant": {"Viet Nam (VNM)"},
		"actions[7].nonsense": {"x"}, "actions[2].participant": {""}, "actions[2].action": {"signed"}, "actions[9].group": {""}, "actions[9].note": {"a\r\nb"},
		"sponsors[0]": {"france"}, "disputes[4].claim[0].text": {"c"}, "disputes[4].claim[1].lang": {"fr"}, "titles[0].lang": {"en"}})
	if len(problems) > 0 {
		t.Error(problems)
	}
	want := &Form{Fields: map[string]string{"adopted.day": "3", "topics": "a|b", "presenter_counted": "unknown", "open": "unknown", "list_complete": "unknown"},
		Rows: map[string][]map[string]string{
			"actions":  {{"participant": "Viet Nam (VNM)"}, {"group": "", "note": "a\nb"}},
			"sponsors": {{"code": "france"}},
			"disputes": {{"claim[0].text": "c", "claim[1].lang": "fr"}}}}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("%+v\nwant\n%+v", f, want)
	}
	many := url.Values{}
	for i := range 10_000 {
		many.Set(fmt.Sprintf("actions[%d].participant", i), "FRA")
	}
	if _, problems := Parse(many); len(problems) != 1 || problems[0].Key != "too_many_rows" || problems[0].Args["Count"] != 10_000 {
		t.Errorf("10,000 rows: %v", problems)
	}
}

// TestTyped: what is typed is understood as a person means it, and what is not is said of its field.
func TestTyped(t *testing.T) {
	ref, _ := shipped(t)
	n := NewNames(ref)
	for typed, code := range map[string]string{"VNM": "VNM", " vnm ": "VNM", "Viet Nam (VNM)": "VNM", "Вьетнам": "VNM", "فرنسا": "FRA", "法国": "FRA", "Francia": "FRA",
		"cote d'ivoire": "CIV", "Côte d’Ivoire": "CIV", "Bolivia (Plurinational State of)": "BOL", "Turkey": "TUR", "Türkiye": "TUR"} {
		if got := n.Find(typed); len(got) != 1 || got[0] != code {
			t.Errorf("%q is %v, want %s", typed, got, code)
		}
	}
	if got := n.Find("Atlantis"); len(got) != 0 {
		t.Errorf("Atlantis is %v", got)
	}
	for _, c := range []struct{ day, month, year, date, key string }{
		{"", "", "", "unknown", ""}, {"24", "11", "2025", "2025-11-24", ""}, {"", "6", "2023", "2023-06", ""}, {"", "", "2023", "2023", ""},
		{"٢٤", "١١", "٢٠٢٥", "2025-11-24", ""}, {"31", "2", "2025", "", "date_shape"}, {"24", "", "2025", "", "date_month"}, {"24", "11", "", "", "date_year"},
		{"24", "11", "25", "", "date_year"}, {"x", "1", "2025", "", "date_shape"}, {"", "13", "2025", "", "date_shape"}, {"", "", "0000", "", "date_shape"},
	} {
		d, key, _ := ReadDate(c.day, c.month, c.year)
		if key != c.key || key == "" && d != register.MustDate(strings.Replace(c.date, "unknown", "", 1)) {
			t.Errorf("%q %q %q is %s, %q", c.day, c.month, c.year, d, key)
		}
	}
	for s, want := range map[string]string{"plain\nß 国": "", "a\x00b": "text_unclean", "a\u202eb": "text_direction", "\u2067x": "text_direction", "\u200fx": "", "\uFEFFx": "text_unclean", "\xff": "text_unclean"} {
		if got := Dirty(s); got != want {
			t.Errorf("%q is %q, want %q", s, got, want)
		}
	}
}

// TestCheck: every problem at once, each at its field; warnings apart.
func TestCheck(t *testing.T) {
	ref, _ := shipped(t)
	f := Of(&register.Declaration{Kind: "letter", Sponsors: []string{"FRA"}, Sources: []register.Source{{Key: "s", Publisher: "P", Title: "T", URL: "https://example.org/", Kind: "press"}},
		Actions: []register.Action{{Participant: "DEU", Kind: "signed", Capacity: "signatory", Source: "s", Date: register.MustDate("2027-01-01")},
			{Participant: "DEU", Kind: "signed", Capacity: "signatory", Source: "s"}, {Participant: "ITA", Kind: "withdrew", Capacity: "signatory", Reason: "withdrew_by_notice"}}})
	f.Rows["titles"] = []map[string]string{{"lang": "", "text": "A\u202eB", "standing": "authentic"}}
	f.Rows["stated"] = []map[string]string{{"count": "many", "counts": "states", "source": "s"}}
	f.Rows["actions"] = append(f.Rows["actions"], map[string]string{"participant": "Atlantis", "action": "signed", "capacity": "signatory", "source": "s", "date.day": "31", "date.month": "2", "date.year": "2026"})
	f.Rows["actions"] = append(f.Rows["actions"], map[string]string{"participant": "Congo", "action": "signed", "capacity": "signatory", "source": "s"})
	_, problems, warnings := f.Check(ref, register.MustDate("2026-11-23").First())
	var got []string
	for _, p := range problems {
		got = append(got, p.Field+" "+p.Key)
	}
	for _, want := range []string{"slug slug_missing", "titles[0].lang language_missing", "titles[0].text text_direction", "stated[0].count number_shape", "actions[1].action already_on_list",
		"actions[2].source source_missing", "actions[2].action departure_without_joining", "actions[3].participant participant_unknown", "actions[3].date date_shape", "reason reason_for_revision_missing"} {
		if !slices.Contains(got, want) {
			t.Errorf("no problem %q in %q", want, got)
		}
	}
	if slices.Contains(got, "stated[0].count stated_out_of_range") {
		t.Error("what cannot be read is also out of range")
	}
	got = nil
	for _, p := range warnings {
		got = append(got, p.Field+" "+p.Key)
	}
	for _, want := range []string{"actions[0].date date_future", "sponsors[0] sponsor_not_listed", "sources only_press"} {
		if !slices.Contains(got, want) {
			t.Errorf("no warning %q in %q", want, got)
		}
	}
}

// warned are the warnings about a declaration, each with its field and whom it is about.
func warned(t *testing.T, d *register.Declaration) (list []string) {
	t.Helper()
	ref, _ := shipped(t)
	_, _, warnings := Of(d).Check(ref, register.MustDate("2026-11-23").First())
	for _, p := range warnings {
		list = append(list, strings.TrimSpace(fmt.Sprint(p.Field, " ", p.Key, " ", cmp.Or(p.Args["Who"], any("")))))
	}
	return list
}

// TestD19_Gaps: what is not recorded of a source, and a claim without one, are worth a look; a date of publication may be unknown.
func TestD19_Gaps(t *testing.T) {
	d := &register.Declaration{Slug: "x", Kind: "letter", Adopted: register.MustDate("2025-01-01"), Titles: []register.Title{{Lang: "en", Text: "T", Standing: register.Authentic}},
		Sources: []register.Source{{Key: "s", Publisher: "P", Title: "T", URL: "https://example.org/", Lang: "en", Kind: "official", ReadOn: register.MustDate("2026-01-01")},
			{Key: "u", Publisher: "P", Title: "T", URL: "https://example.org/", Kind: "press"}},
		Disputes: []register.Dispute{{Claim: []register.Phrase{{Lang: "en", Text: "C"}}, Source: "s"}, {Claim: []register.Phrase{{Lang: "en", Text: "D"}}}}}
	want := []string{"sources[1].lang source_language_missing", "sources[1].read_on source_unread", "disputes[1].source dispute_without_source"}
	if got := warned(t, d); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestD5_CountedNotListed: whom a source counts among the signatories is asked for a line, and not twice.
func TestD5_CountedNotListed(t *testing.T) {
	for _, c := range []struct {
		sponsors  []string
		presenter string
		answer    register.Tristate
		want      []string
	}{
		{[]string{"KOR"}, "KOR", register.Yes, []string{"presenter_counted counted_not_listed KOR"}},
		{[]string{"KOR"}, "KOR", register.No, []string{"sponsors[0] sponsor_not_listed KOR"}},
		{[]string{"DEU"}, "KOR", register.Yes, []string{"presenter_counted counted_not_listed KOR", "sponsors[0] sponsor_not_listed DEU"}},
		{[]string{"DEU", "JPN"}, "", register.Yes, []string{"presenter_counted counted_not_listed DEU"}},
		{nil, "KOR", register.NotRecorded, nil},
		{[]string{"JPN"}, "JPN", register.Yes, nil},
	} {
		d := &register.Declaration{Slug: "x", Kind: "letter", Adopted: register.MustDate("2025-01-01"), Titles: []register.Title{{Lang: "en", Text: "T", Standing: register.Authentic}},
			Sponsors: c.sponsors, PresenterDelegation: c.presenter, PresenterCounted: c.answer,
			Sources: []register.Source{{Key: "s", Publisher: "P", Title: "T", URL: "https://example.org/", Lang: "en", Kind: "official", ReadOn: register.MustDate("2026-01-01")}},
			Actions: []register.Action{{Participant: "JPN", Kind: register.Signed, Capacity: register.Signatory, Date: register.MustDate("2025-01-01"), Source: "s"}}}
		if got := warned(t, d); !slices.Equal(got, c.want) {
			t.Errorf("%v lead, %s read it out, %s: %q, want %q", c.sponsors, c.presenter, c.answer, got, c.want)
		}
	}
}

func TestDo(t *testing.T) {
	f := newForm()
	for _, c := range []struct{ command, focus, state string }{
		{"add:actions", "actions[0]", "1"}, {"add5:actions", "actions[1]", "6"}, {"add:groups", "actions[6]", "7"}, {"remove:actions[6]", "actions[5]", "6"},
		{"up:actions[5]", "actions[4]", "6"}, {"down:actions[5]", "actions[5]", "6"}, {"remove:actions[9]", "", "6"}, {"add:nothing", "", "6"}, {"up:", "", "6"}, {"remove:actions", "", "6"},
		{"remove:actions[-1]", "", "6"}, {"add9:actions", "", "6"},
	} {
		focus, ok := f.Do(c.command)
		if ok != (c.focus != "") || focus != c.focus || fmt.Sprint(len(f.Rows["actions"])) != c.state {
			t.Errorf("%s: %q %v, %d rows", c.command, focus, ok, len(f.Rows["actions"]))
		}
	}
	f.Do("add:disputes")
	f.Do("add:disputes[0].claim")
	if n := Claims(f.Rows["disputes"][0]); n != 2 {
		t.Errorf("%d claims", n)
	}
	if _, ok := f.Do("remove:disputes[0].claim[0]"); ok {
		t.Error("a claim in the middle was removed")
	}
	if _, ok := f.Do("remove:disputes[0].claim[1]"); !ok || Claims(f.Rows["disputes"][0]) != 1 {
		t.Error("the last claim was not removed")
	}
	if f.Compact(); len(f.Rows) != 0 {
		t.Errorf("rows nobody filled in stay: %v", f.Rows)
	}
}

func TestSlug(t *testing.T) {
	f := newForm()
	f.Rows["titles"] = []map[string]string{{"lang": "fr", "text": "Déclaration commune"}, {"lang": "en", "text": "Joint Statement on the Théâtre of 2024's “Things”"}}
	f.Fields["presented.year"] = "2024"
	f.SuggestSlug(func(s string) bool { return s == "joint-statement-on-the-theatre-of-2024s-things-2024" })
	if got := f.Fields["slug"]; got != "joint-statement-on-the-theatre-of-2024s-things-2024-2" {
		t.Error(got)
	}
	f.Fields["slug"] = "own"
	if f.SuggestSlug(nil); f.Fields["slug"] != "own" {
		t.Error("a typed slug was overwritten")
	}
}

// values are everything that a form says, each with its list and field.
func values(f *Form) map[string]int {
	all := map[string]int{}
	for name, v := range f.Fields {
		if v = strings.TrimSpace(v); v != "" {
			all["."+name+"="+v]++
		}
	}
	for list, rows := range f.Rows {
		for _, row := range rows {
			for name, v := range row {
				if v = strings.TrimSpace(v); v != "" {
					all[list+"."+name+"="+v]++
				}
			}
		}
	}
	return all
}

func valuesOf(v Value, list string) map[string]int {
	all := map[string]int{}
	for name, s := range v {
		if s = strings.TrimSpace(s); s != "" {
			all[list+"."+name+"="+s]++
		}
	}
	return all
}

// lost are the values of a side that are new since the base and stand neither in the merged form nor in a clash.
func lost(m *Merger, base, side *Form) []string {
	was, is := values(base), values(m.With(nil))
	for _, c := range m.Clashes {
		for _, v := range []Value{c.Mine, c.Theirs} {
			for k, n := range valuesOf(v, c.List) {
				is[k] += n
			}
		}
	}
	var list []string
	for k, n := range values(side) {
		if n > was[k] && is[k] == 0 && !strings.HasPrefix(k, "actions.id=") {
			list = append(list, k)
		}
	}
	return list
}

// edited is a form that somebody changed here and there.
func edited(r *rand.Rand, f *Form, who string) *Form {
	c := f.Copy()
	for range 1 + r.IntN(6) {
		word := fmt.Sprint(who, r.IntN(1000))
		switch r.IntN(7) {
		case 0:
			c.Fields[[]string{"slug", "presented_by", "reason", "kind", "adopted.year"}[r.IntN(5)]] = word
		case 1, 2, 3:
			list := order[r.IntN(len(order))]
			if rows := c.Rows[list]; len(rows) > 0 {
				field := lists[list][r.IntN(len(lists[list]))]
				if field != "id" && field != "claim" {
					rows[r.IntN(len(rows))][parts(field)[0]] = word
				}
			}
		case 4:
			list := order[r.IntN(len(order))]
			row := fresh(list, nil)
			field := parts(lists[list][1%len(lists[list])])[0]
			if list == "disputes" {
				field = claim(0, "text")
			}
			row[field] = word
			c.Rows[list] = slices.Insert(c.Rows[list], r.IntN(len(c.Rows[list])+1), row)
		case 5:
			list := order[r.IntN(len(order))]
			if n := len(c.Rows[list]); n > 0 {
				i := r.IntN(n)
				c.Rows[list] = slices.Delete(c.Rows[list], i, i+1)
			}
		case 6:
			list := order[r.IntN(len(order))]
			if rows := c.Rows[list]; len(rows) > 1 {
				i, j := r.IntN(len(rows)), r.IntN(len(rows))
				rows[i], rows[j] = rows[j], rows[i]
			}
		}
	}
	return c.Compact()
}

func checkMerge(t *testing.T, base, mine, theirs *Form) {
	t.Helper()
	m := Merge(base, mine, theirs)
	for _, side := range []*Form{mine, theirs} {
		if l := lost(m, base, side); len(l) > 0 {
			t.Fatalf("lost: %.300q", l)
		}
	}
	// With theirs chosen everywhere, nothing of theirs is missing; with mine, nothing of mine.
	for side, of := range map[Side]*Form{Yours: mine, Theirs: theirs} {
		chosen := slices.Repeat([]Side{side}, len(m.Clashes))
		is, was := values(m.With(chosen)), values(base)
		for k, n := range values(of) {
			if n > was[k] && is[k] == 0 && !strings.HasPrefix(k, "actions.id=") {
				t.Fatalf("%s chosen everywhere, and %q is missing", side, k)
			}
		}
	}
	// The other way round finds the same clashes.
	if other := Merge(base, theirs, mine); len(other.Clashes) != len(m.Clashes) {
		t.Fatalf("%d clashes one way, %d the other", len(m.Clashes), len(other.Clashes))
	}
}

func TestMergeLosesNothing(t *testing.T) {
	_, all := shipped(t)
	r := rand.New(rand.NewPCG(3, 14))
	for range 1000 {
		base := Of(all[r.IntN(min(len(all), 6))])
		checkMerge(t, base, edited(r, base, "mine"), edited(r, base, "theirs"))
	}
}

func TestMerge(t *testing.T) {
	base := Of(&register.Declaration{Slug: "a", Kind: "letter", Actions: []register.Action{{ID: 1, Participant: "FRA", Kind: "signed", Capacity: "signatory"},
		{ID: 2, Participant: "DEU", Kind: "signed", Capacity: "signatory"}}})
	mine, theirs := base.Copy(), base.Copy()
	mine.Rows["actions"][0]["note"] = "mine"
	theirs.Rows["actions"][0]["date.year"] = "2025"
	mine.Fields["kind"], theirs.Fields["kind"] = "pledge", "accords"
	mine.Rows["actions"] = slices.Delete(mine.Rows["actions"], 1, 2)
	theirs.Rows["actions"][1]["note"] = "theirs"
	// Both add the same; theirs was published and has its number.
	mine.Rows["actions"] = append(mine.Rows["actions"], map[string]string{"participant": "ITA", "action": "signed", "capacity": "signatory", "place_in_source": "p. 2"})
	theirs.Rows["actions"] = append(theirs.Rows["actions"], map[string]string{"id": "7", "participant": "ITA", "action": "signed", "capacity": "signatory", "note": "n"})
	m := Merge(base, mine, theirs)
	if len(m.Clashes) != 2 || m.Clashes[0].Field != "kind" || m.Clashes[1].Field != "" {
		t.Fatalf("%+v", m.Clashes)
	}
	f := m.With([]Side{Theirs, Theirs})
	if f.Fields["kind"] != "accords" || len(f.Rows["actions"]) != 3 {
		t.Errorf("%v", f)
	}
	if row := f.Rows["actions"][0]; row["note"] != "mine" || row["date.year"] != "2025" {
		t.Errorf("%v", row)
	}
	last := f.Rows["actions"][2]
	if last["id"] != "7" || last["note"] != "n" || last["place_in_source"] != "p. 2" {
		t.Errorf("%v", last)
	}
	if f := m.With([]Side{Base, Yours}); f.Fields["kind"] != "letter" || len(f.Rows["actions"]) != 2 {
		t.Errorf("%v", f)
	}
	if m := Merge(base, base, base); len(m.Clashes)+len(m.Taken) > 0 {
		t.Errorf("%+v", m)
	}
}

// Rows alike stay apart, however many there are, and their keys stay short.
func TestMergeRowsAlike(t *testing.T) {
	base, mine, theirs := newForm(), newForm(), newForm()
	for i := range MaxRows {
		row := map[string]string{"participant": "FRA", "action": "signed", "note": strconv.Itoa(i)}
		mine.Rows["actions"], theirs.Rows["actions"] = append(mine.Rows["actions"], row), append(theirs.Rows["actions"], maps.Clone(row))
	}
	theirs.Rows["actions"] = append(theirs.Rows["actions"], map[string]string{"participant": "DEU", "action": "signed"})
	length := 0
	for _, k := range index("actions", mine.Rows["actions"], nil).order {
		length = max(length, len(k))
	}
	if length > 100 {
		t.Errorf("a key of %d bytes", length)
	}
	m := Merge(base, mine, theirs)
	rows := m.With(nil).Rows["actions"]
	if len(rows) != MaxRows+1 || len(m.Clashes) != 0 || rows[MaxRows]["participant"] != "DEU" {
		t.Fatalf("%d rows, %d clashes", len(rows), len(m.Clashes))
	}
	for i, row := range rows[:MaxRows] {
		if row["note"] != strconv.Itoa(i) {
			t.Fatalf("row %d is %v", i, row)
		}
	}
}

func FuzzMerge(f *testing.F) {
	base := Of(&register.Declaration{Slug: "a", Kind: "letter", Titles: []register.Title{{Lang: "en", Text: "T"}, {Lang: "fr", Text: "U"}}, Sponsors: []string{"FRA", "DEU"},
		Sources: []register.Source{{Key: "s", Publisher: "P"}, {Key: "t", Publisher: "Q"}}, Stated: []register.Stated{{Count: 4, Counts: "states", Source: "s"}},
		Actions: []register.Action{{ID: 1, Participant: "FRA", Kind: "signed", Capacity: "signatory"}, {ID: 2, Participant: "DEU", Kind: "signed", Capacity: "signatory"},
			{ID: 3, Participant: "DEU", Kind: "withdrew", Capacity: "signatory"}}})
	for seed := range uint64(8) {
		f.Add(seed, seed*7)
	}
	f.Fuzz(func(t *testing.T, a, b uint64) {
		checkMerge(t, base, edited(rand.New(rand.NewPCG(a, 1)), base, "mine"), edited(rand.New(rand.NewPCG(b, 2)), base, "theirs"))
	})
}

func FuzzParse(f *testing.F) {
	f.Add("actions[0].participant=FRA&adopted.year=2025&do=save")
	f.Add("disputes[0].claim[0].text=x&disputes[99].claim[99].lang=y&topics=a&topics=b")
	ref := register.NewReference([]*register.Participant{{Code: "FRA", Kind: register.Member, Names: map[string]string{"en": "France"}}}, nil, nil, nil)
	f.Fuzz(func(t *testing.T, body string) {
		v, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		form, problems := Parse(v)
		if len(problems) > 0 {
			return
		}
		form.Settle(ref)
		again, _ := Parse(sent(form))
		again.Settle(ref)
		if !reflect.DeepEqual(values(form), values(again)) {
			t.Fatalf("%v is sent as %v", form, again)
		}
		form.Check(ref, register.MustDate("2026-11-23").First())
	})
}
