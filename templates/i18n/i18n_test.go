package i18n

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cosignatory/store/register"
)

// printersOf loads catalogues written in a test.
func printersOf(t testing.TB, catalogues map[string]string) map[string]*Printer {
	t.Helper()
	b := map[string][]byte{}
	for code, s := range catalogues {
		b[code] = []byte(s)
	}
	ps, err := load(b)
	if err != nil {
		t.Fatal(err)
	}
	return ps
}

// built are the printers of all six languages over the real English catalogue, whether or not the others exist yet.
func built(t testing.TB) map[string]*Printer {
	t.Helper()
	en, err := files.ReadFile("en.json")
	if err != nil {
		t.Fatal(err)
	}
	return printersOf(t, map[string]string{"en": string(en)})
}

func TestLanguages(t *testing.T) {
	var codes []string
	for _, l := range All() {
		codes = append(codes, l.Code)
		if l.Name == "" || (l.Dir == "rtl") != (l.Code == "ar") || l.Dir != "rtl" && l.Dir != "ltr" {
			t.Errorf("odd language %+v", l)
		}
	}
	if got := strings.Join(codes, " "); got != "en fr es ar zh ru" {
		t.Errorf("All is %q", got)
	}

	at := -1
	for _, l := range Languages() {
		i := slices.Index(codes, l.Code)
		if i <= at {
			t.Errorf("%s is out of order", l.Code)
		}
		at = i
		p, ok := For(l.Code)
		if !ok || p.Lang() != l.Code || p.Dir() != l.Dir {
			t.Errorf("For(%q) is %v, %v", l.Code, p, ok)
		}
	}
	entries, err := files.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(Languages()), len(entries); got != want {
		t.Errorf("%d languages from %d catalogues", got, want)
	}

	for _, code := range []string{"", "EN", "en-GB", "de", "en.json"} {
		if p, ok := For(code); ok || p != nil {
			t.Errorf("For(%q) gives a printer", code)
		}
	}
	All()[0].Code, Languages()[0].Code = "x", "x"
	if All()[0].Code != "en" || Languages()[0].Code != "en" {
		t.Error("a caller can change the languages")
	}
}

func TestT(t *testing.T) {
	ps := printersOf(t, map[string]string{
		"en": `{
			"plain": "About",
			"named": "{{.Name}} and { .Name }: {{ .Count }}, {{.Name}}",
			"stated": {"one": "{{.Count}} state of {{.Name}}", "other": "{{.Count}} states of {{.Name}}"},
			"english": {"one": "{{.Count}} text", "other": "{{.Count}} texts"},
			"form": {"one": "one only"},
			"empty": "", "blank": {"other": ""},
			"branch": {"one": "one{{if .Name}} of {{.Name}}{{end}}", "other": "{{.Count}}{{if .Name}} of {{.Name}}{{end}}"},
			"broken": "{{.Name", "fails": "{{index .Name 3}}"
		}`,
		"fr": `{"plain": "À propos", "stated": {"one": "{{.Count}} État", "many": "{{.Count}} d’États", "other": "{{.Count}} États"},
			"empty": "", "broken": "fr {{.Name", "branch": {"other": "{{.Count}}{{if .Name}} de {{.Name}}{{end}}"}}`,
		"ru": `{"stated": {"one": "{{.Count}} государство", "few": "{{.Count}} государства", "many": "{{.Count}} государств", "other": "{{.Count}} государства"}}`,
	})
	type named int
	for _, test := range []struct {
		lang, key string
		args      []any
		want      string
	}{
		{"en", "plain", nil, "About"},
		{"en", "plain", []any{"Count", 1, "Name", "x"}, "About"},
		{"fr", "plain", nil, "À propos"},
		{"en", "named", []any{"Name", "A", "Count", 1234567}, "A and { .Name }: 1,234,567, A"},
		{"en", "named", []any{"Name", 2025, "Count", "many"}, "2025 and { .Name }: many, 2025"},
		{"en", "named", []any{"Name", "{{.Count}}", "Count", 2}, "{{.Count}} and { .Name }: 2, {{.Count}}"},
		{"en", "named", []any{"Name", register.MustDate("2025-11"), "Count", nil}, "2025-11 and { .Name }: <nil>, 2025-11"},
		{"en", "named", nil, "{{.Name}} and { .Name }: {{.Count}}, {{.Name}}"},
		{"en", "named", []any{"Name"}, "{{.Name}} and { .Name }: {{.Count}}, {{.Name}}"},
		{"en", "named", []any{1, 2, nil, nil, "Name", "A", "Count"}, "A and { .Name }: {{.Count}}, A"},
		{"en", "named", []any{"Name", "A", "Name", "B", "Count", 0}, "A and { .Name }: 0, A"},

		{"en", "stated", []any{"Count", 1, "Name", "X"}, "1 state of X"},
		{"en", "stated", []any{"Name", "X", "Count", 0}, "0 states of X"},
		{"en", "stated", []any{"Count", int64(1), "Name", "X"}, "1 state of X"},
		{"en", "stated", []any{"Count", uint8(1), "Name", "X"}, "1 state of X"},
		{"en", "stated", []any{"Count", named(1), "Name", "X"}, "1 state of X"},
		{"en", "stated", []any{"Count", uint64(1 << 63), "Name", "X"}, "9,223,372,036,854,775,807 states of X"},
		{"en", "stated", []any{"Count", -1, "Name", "X"}, "−1 state of X"},
		{"en", "stated", []any{"Name", "X"}, "{{.Count}} states of X"},
		{"fr", "stated", []any{"Count", 0, "Name", "X"}, "0 État"},
		{"fr", "stated", []any{"Count", 1000000}, "1\u202f000\u202f000 d’États"},
		{"ru", "stated", []any{"Count", 21}, "21 государство"},
		{"ru", "stated", []any{"Count", 1003}, "1\u00a0003 государства"},

		// Fallbacks: an English text takes English plurals and numbers.
		{"ru", "english", []any{"Count", 21}, "21 texts"},
		{"fr", "english", []any{"Count", 0}, "0 texts"},
		{"fr", "english", []any{"Count", 1}, "1 text"},
		{"fr", "english", []any{"Count", 1000}, "1,000 texts"},
		{"ar", "plain", nil, "About"},
		{"en", "form", []any{"Count", 1}, "one only"},
		{"fr", "form", []any{"Count", 2}, "form"},
		{"en", "empty", nil, "empty"},
		{"fr", "empty", nil, "empty"},
		{"zh", "blank", nil, "blank"},
		{"zh", "no.such.key", []any{"Count", 3}, "no.such.key"},

		// What go-i18n's templates do.
		{"en", "branch", []any{"Count", 1, "Name", "X"}, "one of X"},
		{"en", "branch", []any{"Count", 1000}, "1,000"},
		{"en", "branch", []any{"Name", "X"}, "<no value> of X"},
		{"fr", "branch", []any{"Count", 1, "Name", "X"}, "1 de X"},
		{"ru", "branch", []any{"Count", 21, "Name", "X"}, "21 of X"},
		{"en", "broken", []any{"Name", "X"}, "broken"},
		{"fr", "broken", []any{"Name", "X"}, "broken"},
		{"en", "fails", []any{"Name", 1}, "fails"},
	} {
		if got := ps[test.lang].T(test.key, test.args...); got != test.want {
			t.Errorf("%s %s %v:\n got %q\nwant %q", test.lang, test.key, test.args, got, test.want)
		}
	}

	for key, want := range map[string]bool{"plain": true, "english": true, "form": true, "empty": false, "blank": false, "x": false} {
		if got := ps["fr"].Has(key); got != want {
			t.Errorf("Has(%q) is %v", key, got)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, s := range []string{`{`, `[1]`, `{"a": 1}`, `{"a": {"one": "x", "uno": "y"}}`, `"text"`} {
		if _, err := load(map[string][]byte{"fr": []byte(s)}); err == nil || !strings.Contains(err.Error(), "fr.json") {
			t.Errorf("load of %s: %v", s, err)
		}
	}
}

func TestPluralForms(t *testing.T) {
	names := map[form]string{other: "other", zero: "zero", one: "one", two: "two", few: "few", many: "many"}
	ps := built(t)
	for lang, cases := range map[string]map[string][]int64{
		"en": {"one": {1, -1}, "other": {0, 2, 11, 21, 101, 1000000}},
		"fr": {"one": {0, 1}, "many": {1000000, 2000000}, "other": {2, 11, 21, 100, 101, 1000001}},
		"es": {"one": {1}, "many": {1000000, 3000000}, "other": {0, 2, 21, 101, 1000001}},
		"ar": {"zero": {0}, "one": {1}, "two": {2}, "few": {3, 10, 103, 110, 1003}, "many": {11, 26, 99, 111, 199}, "other": {100, 101, 102, 200, 1000}},
		"zh": {"other": {0, 1, 2, 11, 1000000}},
		"ru": {"one": {1, 21, 101, 131, 1001}, "few": {2, 4, 22, 34, 102, 132}, "many": {0, 5, 11, 12, 14, 20, 111, 127, 128, 211, 1000}},
	} {
		for want, ns := range cases {
			for _, n := range ns {
				if got := names[ps[lang].plural.form(n)]; got != want {
					t.Errorf("%s %d is %q, want %q", lang, n, got, want)
				}
			}
		}
	}
}

func TestDates(t *testing.T) {
	ps := built(t)
	unknown := ps["en"].T(unknownDate)
	if unknown == unknownDate {
		t.Error("en.json lacks " + unknownDate)
	}
	for lang, cases := range map[string][][3]string{
		"en": {
			{"2025-11-24", "24 November 2025", "24 Nov 2025"}, {"2025-11", "November 2025", "Nov 2025"}, {"2025", "2025", "2025"},
			{"2024-02-29", "29 February 2024", "29 Feb 2024"}, {"2025-01-01", "1 January 2025", "1 Jan 2025"}, {"1864-08", "August 1864", "Aug 1864"},
		},
		"fr": {
			{"2025-11-24", "24 novembre 2025", "24 nov. 2025"}, {"2025-01-01", "1er janvier 2025", "1er janv. 2025"},
			{"2025-08", "août 2025", "août 2025"}, {"2025", "2025", "2025"}, {"2025-12-11", "11 décembre 2025", "11 déc. 2025"},
		},
		"es": {
			{"2025-11-24", "24 de noviembre de 2025", "24 nov. 2025"}, {"2025-01-01", "1 de enero de 2025", "1 ene. 2025"},
			{"2025-09", "septiembre de 2025", "sept. 2025"}, {"2025", "2025", "2025"},
		},
		"ar": {
			{"2025-11-24", "24 تشرين الثاني/نوفمبر 2025", "24 تشرين الثاني/نوفمبر 2025"}, {"2025-06", "حزيران/يونيه 2025", "حزيران/يونيه 2025"},
			{"2025", "2025", "2025"},
		},
		"zh": {
			{"2025-11-24", "2025年11月24日", "2025年11月24日"}, {"2025-01-01", "2025年1月1日", "2025年1月1日"}, {"2025-11", "2025年11月", "2025年11月"},
			{"2025", "2025年", "2025年"},
		},
		"ru": {
			{"2025-11-24", "24 ноября 2025 года", "24.11.2025"}, {"2025-01-01", "1 января 2025 года", "01.01.2025"},
			{"2025-11", "ноябрь 2025 года", "11.2025"}, {"2025", "2025 год", "2025"},
		},
	} {
		p := ps[lang]
		for _, c := range append(cases, [3]string{"", unknown, unknown}) {
			d := register.MustDate(c[0])
			if got := p.Date(d); got != c[1] {
				t.Errorf("%s Date(%s) is %q, want %q", lang, c[0], got, c[1])
			}
			if got := p.ShortDate(d); got != c[2] {
				t.Errorf("%s ShortDate(%s) is %q, want %q", lang, c[0], got, c[2])
			}
		}
		// No month may be missing, doubled or the same as another.
		for _, write := range []func(register.Date) string{p.Date, p.ShortDate} {
			seen := map[string]int8{}
			for m := int8(1); m <= 12; m++ {
				for _, day := range []int8{0, 2} {
					s := write(register.Date{Year: 2025, Month: m, Day: day})
					if was := seen[s]; was != 0 || strings.Contains(s, "  ") || strings.TrimSpace(s) != s {
						t.Errorf("%s: month %d is %q, as %d", lang, m, s, was)
					}
					seen[s] = m
				}
			}
		}
		// Dates that nobody should make do not panic.
		for _, d := range []register.Date{{Year: 2025, Month: 13, Day: 1}, {Year: -5, Month: -1}, {Month: 3}, {Year: 2025, Month: 1, Day: -1}, {Year: 2025, Day: 5}} {
			if p.Date(d) == "" || p.ShortDate(d) == "" {
				t.Errorf("%s: %+v is empty", lang, d)
			}
		}
	}
}

func TestDateTime(t *testing.T) {
	ps := built(t)
	// The same instant in New York, where it is still afternoon, and one that UTC moves to the next day.
	york := time.FixedZone("EST", -5*3600)
	for lang, want := range map[string][2]string{
		"en": {"23 November 2026, 20:20 UTC", "1 January 2027, 04:05 UTC"},
		"fr": {"23 novembre 2026 à 20\u00a0h\u00a020 UTC", "1er janvier 2027 à 04\u00a0h\u00a005 UTC"},
		"es": {"23 de noviembre de 2026, 20:20 UTC", "1 de enero de 2027, 04:05 UTC"},
		"ar": {"23 تشرين الثاني/نوفمبر 2026، 20:20 بالتوقيت العالمي المنسق", "1 كانون الثاني/يناير 2027، 04:05 بالتوقيت العالمي المنسق"},
		"zh": {"2026年11月23日 20:20 UTC", "2027年1月1日 04:05 UTC"},
		"ru": {"23 ноября 2026 года, 20:20 UTC", "1 января 2027 года, 04:05 UTC"},
	} {
		p := ps[lang]
		for i, at := range []time.Time{time.Date(2026, 11, 23, 15, 20, 59, 0, york), time.Date(2026, 12, 31, 23, 5, 0, 0, york)} {
			if got := p.DateTime(at); got != want[i] {
				t.Errorf("%s is %q, want %q", lang, got, want[i])
			}
		}
		if got := p.DateTime(time.Time{}); got != p.T(unknownDate) {
			t.Errorf("%s: the zero time is %q", lang, got)
		}
	}
}

func TestNumber(t *testing.T) {
	ps := built(t)
	numbers := []int{0, 7, 999, 1000, 9999, 10000, 1000000, -12345, -7}
	for lang, want := range map[string][]string{
		"en": {"0", "7", "999", "1,000", "9,999", "10,000", "1,000,000", "−12,345", "−7"},
		"fr": {"0", "7", "999", "1\u202f000", "9\u202f999", "10\u202f000", "1\u202f000\u202f000", "−12\u202f345", "−7"},
		"es": {"0", "7", "999", "1000", "9999", "10\u00a0000", "1\u00a0000\u00a0000", "−12\u00a0345", "−7"},
		"ar": {"0", "7", "999", "1,000", "9,999", "10,000", "1,000,000", "\u200e−12,345", "\u200e−7"},
		"zh": {"0", "7", "999", "1,000", "9,999", "10,000", "1,000,000", "−12,345", "−7"},
		"ru": {"0", "7", "999", "1\u00a0000", "9\u00a0999", "10\u00a0000", "1\u00a0000\u00a0000", "−12\u00a0345", "−7"},
	} {
		for i, n := range numbers {
			if got := ps[lang].Number(n); got != want[i] {
				t.Errorf("%s %d is %q, want %q", lang, n, got, want[i])
			}
		}
	}
	if got := ps["en"].Number(-1 << 63); got != "−9,223,372,036,854,775,808" {
		t.Errorf("the smallest number is %q", got)
	}
}

func TestPercent(t *testing.T) {
	ps := built(t)
	for f, want := range map[float64]string{
		0: "0%", 0.00001: "<0.1%", 0.001: "0.1%", 0.004: "0.4%", 0.0099: "1%", 0.01: "1%", 0.43: "43%", 12.0 / 44: "27%", 0.985: "99%",
		192.0 / 193: "99.5%", 0.9999: ">99.9%", 1: "100%", 1.5: "150%", 12: "1,200%", -0.05: "−5%",
	} {
		if got := ps["en"].Percent(f); got != want {
			t.Errorf("%v is %q, want %q", f, got, want)
		}
	}
	var none float64
	for lang, want := range map[string][2]string{
		"en": {"43%", "0.4%"}, "fr": {"43\u202f%", "0,4\u202f%"}, "es": {"43\u00a0%", "0,4\u00a0%"}, "ar": {"43\u200e%\u200e", "0.4\u200e%\u200e"},
		"zh": {"43%", "0.4%"}, "ru": {"43\u00a0%", "0,4\u00a0%"},
	} {
		p := ps[lang]
		if got := [2]string{p.Percent(0.43), p.Percent(0.004)}; got != want {
			t.Errorf("%s is %q, want %q", lang, got, want)
		}
		if got := p.Percent(none / none); got != "–" {
			t.Errorf("%s: 0 of 0 is %q", lang, got)
		}
	}
	if got := ps["ar"].Percent(0.00001); got != "\u200e<0.1\u200e%\u200e" {
		t.Errorf("ar is %q", got)
	}
}

func TestList(t *testing.T) {
	ps := built(t)
	for lang, want := range map[string][4]string{
		"en": {"", "A", "A and B", "A, B and C"},
		"fr": {"", "A", "A et B", "A, B et C"},
		"es": {"", "A", "A y B", "A, B y C"},
		"ar": {"", "A", "A وB", "A وB وC"},
		"zh": {"", "A", "A和B", "A、B和C"},
		"ru": {"", "A", "A и B", "A, B и C"},
	} {
		for i, w := range want {
			if got := ps[lang].List([]string{"A", "B", "C"}[:i]); got != w {
				t.Errorf("%s is %q, want %q", lang, got, w)
			}
		}
	}
	for last, want := range map[string]string{
		"Irán": "e", "Islas Salomón": "e", "italia": "e", "Hiroshima": "e", "Ítaca": "e", "«Iraq»": "e", "(India)": "e",
		"Yemen": "y", "hielo": "y", "Hiato": "y", "Haití": "y", "Egipto": "y", "Honduras": "y", "": "y", "—": "y", "H": "y", "Hi": "e",
	} {
		if got := ps["es"].List([]string{"Omán", last}); got != "Omán "+want+" "+last {
			t.Errorf("es is %q, want %q", got, want)
		}
	}
}

// TestShared lets the race detector see printers at work in many goroutines.
func TestShared(t *testing.T) {
	ps := printersOf(t, map[string]string{"en": `{"a": {"one": "{{.Count}} a", "other": "{{.Count}}{{if .B}} {{.B}}{{end}}"}}`})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for n := range 300 {
				for _, p := range ps {
					p.T("a", "Count", n, "B", "b")
					p.Date(register.Date{Year: 2025, Month: int8(n%12 + 1), Day: 1})
				}
			}
		})
	}
	all.Wait()
}

func BenchmarkT(b *testing.B) {
	ps := printersOf(b, map[string]string{
		"en": `{"nav.about": "About", "said": "{{.Name}} said so", "branch": "{{if .Name}}{{.Name}}{{end}}"}`,
		"ru": `{"stated": {"one": "{{.Count}} государство", "few": "{{.Count}} государства", "many": "{{.Count}} государств", "other": "{{.Count}} государства"}}`,
	})
	en, ru := ps["en"], ps["ru"]
	for name, f := range map[string]func() string{
		"plain":    func() string { return en.T("nav.about") },
		"name":     func() string { return en.T("said", "Name", "Republic of Korea") },
		"plural":   func() string { return ru.T("stated", "Count", 44) },
		"large":    func() string { return ru.T("stated", "Count", 44_000) },
		"fallback": func() string { return ru.T("nav.about") },
		"template": func() string { return en.T("branch", "Name", "Republic of Korea") },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if f() == "" {
					b.Fatal("empty")
				}
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		built(b)
	}
}
