package register_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	. "cosignatory/store/register"
)

var recogniser = sync.OnceValue(func() *Recogniser { return NewRecogniser(shipped()) })

// said is a recognition in one line: code:certainty, groups as @CODE, numbers as #44.
func said(text, on string) string {
	r := recogniser().Read(text, MustDate(on))
	var parts []string
	for _, f := range r.Finds {
		who := f.Participant
		if who == "" {
			who = strings.Join(f.Candidates, "/")
		}
		if who == "" {
			who = "(" + f.Text + ")"
		}
		parts = append(parts, who+":"+f.Reason)
	}
	for _, g := range r.Groups {
		parts = append(parts, fmt.Sprintf("@%s(%d)", g.Group, len(g.Members)))
	}
	for _, n := range r.Stated {
		parts = append(parts, fmt.Sprint("#", n.Count))
	}
	return strings.Join(parts, " ")
}

// Names inside names, inverted names, formal names, abbreviations, capitals, footnote marks: each is the one it is.
func TestNamesInTexts(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Guinea, Guinea-Bissau, Equatorial Guinea, Papua New Guinea", "GIN:official_name GNB:official_name GNQ:official_name PNG:official_name"},
		{"Niger\nNigeria", "NER:official_name NGA:official_name"},
		{"Dominica; Dominican Republic", "DMA:official_name DOM:official_name"},
		{"Sudan, South Sudan, Ireland, United Kingdom of Great Britain and Northern Ireland", "SDN:official_name SSD:official_name IRL:official_name GBR:official_name"},
		{"Congo, Democratic Republic of the Congo, Gabon", "COG:named_beside COD:official_name GAB:official_name"},
		{"Congo, Gabon, Kenya", "COG/COD:ambiguous GAB:official_name KEN:official_name"},
		{"Korea, Republic of\nMoldova, Republic of\nNiger (the)", "KOR:known_name MDA:known_name NER:known_name"},
		{"North Korea, Republic of Moldova, Japan", "PRK:known_name MDA:official_name JPN:official_name"},
		{"Bolivia (Plurinational State of), Iran (Islamic Republic of)", "BOL:official_name IRN:official_name"},
		{"REPUBLIC OF KOREA, COTE D'IVOIRE, BRAZIL", "KOR:official_name CIV:official_name BRA:official_name"},
		{"the Netherlands, the Kingdom of Spain and the Republic of Ireland", "NLD:known_name ESP:official_name IRL:known_name"},
		{"UK, USA, UAE, DRC, ROK", "GBR:abbreviation USA:abbreviation ARE:abbreviation COD:abbreviation KOR:abbreviation"},
		{"Kosovo*, Serbia¹, Türkiye [2], Malta†", "XKX:official_name SRB:official_name TUR:official_name MLT:official_name"},
		{"Liech-\ntenstein, Bosnia and\nHerzegovina, Re-\npublic of Moldova", "LIE:official_name BIH:official_name MDA:official_name"},
		{"1. Albania\n2. Andorra\n3. Austria", "ALB:official_name AND:official_name AUT:official_name"},
		{"Albania   Greece   Poland\nAndorra   Hungary   Portugal", "ALB:official_name GRC:official_name POL:official_name AND:official_name HUN:official_name PRT:official_name"},
		{"France, Germany, Espagne, Италия, 日本, كينيا", "FRA:official_name DEU:official_name ESP:official_name ITA:official_name JPN:official_name KEN:official_name"},
		{"لاتفيا وليتوانيا وإستونيا والإمارات العربية المتحدة", "LVA:official_name LTU:official_name EST:official_name ARE:official_name"},
		{"Germany, Serbia and Montenegro, Spain", "DEU:official_name SRB:official_name MNE:official_name ESP:official_name"},
	} {
		equal(t, c.text, said(c.text, "2025-11-24"), c.want)
	}
}

// Nothing fuzzy is ever certain.
func TestLikelyIsNotCertain(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Austria, Belguim, Chile", "AUT:official_name BEL:misspelling CHL:official_name"},
		{"Austria, Bresil, Swaziland, Chile", "AUT:official_name BRA:folded SWZ:former_name CHL:official_name"},
		{"Аlbania, Austria, Chile", "ALB:look_alike AUT:official_name CHL:official_name"}, // Cyrillic А
		{"Austria, SaudiArabia, Chile", "AUT:official_name SAU:broken CHL:official_name"},
		{"Austria, Atlantis, Chile", "AUT:official_name (Atlantis):no_name CHL:official_name"},
		{"Austria, Abkhazia, Chile", "AUT:official_name (Abkhazia):no_code CHL:official_name"},
		{"Austria, England, Chile", "AUT:official_name GBR:part CHL:official_name"},
	} {
		equal(t, c.text, said(c.text, "2025-11-24"), c.want)
	}
	f := recogniser().One("Belguim", Date{})
	equal(t, "distance", f.Distance, 1)
	equal(t, "the name it is like", f.Known, "Belgium")
}

// D17: an ended state is itself in a text of its time, and is asked about later; a successor never stands for it.
func TestD17HistoricNames(t *testing.T) {
	text := "Austria, Czechoslovakia, Hungary"
	equal(t, "1985", said(text, "1985-06-19"), "AUT:official_name CSK:official_name HUN:official_name")
	equal(t, "2025", said(text, "2025-06-19"), "AUT:official_name CSK:not_then HUN:official_name")
	equal(t, "Turkey in 2021", said("Turkey, Spain", "2021-01-01"), "TUR:known_name ESP:official_name")
	equal(t, "Turkey in 2025", said("Turkey, Spain", "2025-01-01"), "TUR:former_name ESP:official_name")
}

// D6: groups are phrases with the members of the day, and no participants.
func TestD6GroupsInTexts(t *testing.T) {
	text := "Signed by the European Union and its member states, Norway and Iceland"
	equal(t, "28 until the end of January 2020", said(text, "2020-01-31"), "EUE:official_name NOR:official_name ISL:official_name @EU(28)")
	equal(t, "27 after", said(text, "2020-02-01"), "EUE:official_name NOR:official_name ISL:official_name @EU(27)")
	equal(t, "phrases", said("We, the Nordic and Baltic countries, the Benelux countries, GCC members and Japan, declare:", "2024-01-01"),
		"JPN:official_name @NB8(8) @BENELUX(3) @GCC(6)")
	equal(t, "French", said("Nous, les pays du Benelux, la France et l’Italie, déclarons", "2024-01-01"), "FRA:official_name ITA:official_name @BENELUX(3)")
	r := recogniser().Read("Signed by the Benelux countries, Belgium and Poland.", MustDate("2024-01-01"))
	equal(t, "named besides", fmt.Sprint(r.Groups[0].Named), "[BEL]")
}

// D5: who speaks for others is asked about. D7: a denial is a question, never an answer.
func TestD5PresentersAndDenials(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Panama, speaking on behalf of 52 countries, read the statement.", "PAN:presenter #52"},
		{"Norway and 21 others have signed the declaration.", "NOR:official_name #21"},
		{"Italy and Greece did not sign the declaration.", "ITA:negated GRC:negated"},
		{"L’Italie et la Grèce n’ont pas signé.", "ITA:negated GRC:negated"},
		{"除日本、韩国外，各国均已签署。", "JPN:negated KOR:negated"},
		{"58 states and the European Union have endorsed the declaration.", "EUE:official_name #58"},
	} {
		equal(t, c.text, said(c.text, "2025-11-24"), c.want)
	}
}

// What is named in another role is shown and not asked about.
func TestMentions(t *testing.T) {
	text := "The war in Ukraine and the Cambodian compounds were not discussed. The statement was signed by Japan, Kenya, Malta, Peru and Qatar, and calls on Russia to act."
	r := recogniser().Read(text, MustDate("2025-11-24"))
	equal(t, "finds", said(text, "2025-11-24"), "JPN:official_name KEN:official_name MLT:official_name PER:official_name QAT:official_name")
	var mentioned []string
	for _, m := range r.Mentions {
		mentioned = append(mentioned, m.Participant+" "+m.Text)
	}
	equal(t, "mentions", strings.Join(mentioned, ", "), "UKR Ukraine, KHM Cambodian, RUS Russia")
}

// D3: numbers that the text claims, in words and digits.
func TestD3StatedNumbers(t *testing.T) {
	for text, want := range map[string]int{
		"on behalf of 44 states": 44, "thirty-six States have signed": 36, "« 43 pays » ont signé": 43, "quarante-trois pays": 43,
		"四十四个国家": 44, "八国外长": 8, "44 государства подписали": 44, "сорок четыре государства": 44, "٤٤ دولة": 44, "أربع وأربعون دولة": 44,
		"cuarenta y cuatro Estados": 44, "vierundvierzig Staaten": 44, "11 nước": 11, "11개국": 11, "12か国": 12, "Signatories (44): Chile": 44, "one hundred and five countries": 105,
	} {
		r := recogniser().Read(text, Date{})
		if len(r.Stated) != 1 || r.Stated[0].Count != want {
			t.Errorf("%s: %v, want %d", text, r.Stated, want)
		}
	}
	for _, text := range []string{"in 2025 countries met", "44 % of states", "paragraph 44", "12 March 2024"} {
		if r := recogniser().Read(text, Date{}); len(r.Stated) != 0 {
			t.Errorf("%s: %v is no number of states", text, r.Stated)
		}
	}
}

// D11: dates as people write them; an order of day and month that cannot be told is two dates.
func TestD11DatesInTexts(t *testing.T) {
	for text, want := range map[string]string{
		"12 March 2024": "2024-03-12", "12.3.2024": "2024-03-12", "2024年3月12日": "2024-03-12", "12 марта 2024 г.": "2024-03-12", "March 12, 2024": "2024-03-12",
		"1er juin 2024": "2024-06-01", "12 de marzo de 2024": "2024-03-12", "28. September 2006": "2006-09-28", "٢٤ نوفمبر ٢٠٢٥": "2025-11-24",
		"17 نيسان/أبريل 2025": "2025-04-17", "2024-03-12": "2024-03-12", "2024년 3월 12일": "2024-03-12", "12 tháng 3 năm 2024": "2024-03-12", "12-Mar-2024": "2024-03-12",
		"March 2024": "2024-03", "2024": "2024", "03/04/2024": "2024-04-03 or 2024-03-04", "25/04/2024": "2024-04-25", "04/25/2024": "2024-04-25", "3rd of April, 2024": "2024-04-03",
	} {
		d, ok := ReadDate(text)
		got := d.Date.String()
		if d.Other.Known() {
			got += " or " + d.Other.String()
		}
		if !ok || got != want {
			t.Errorf("%s: %q %v, want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "Albania", "31.2.2024", "12", "44 states", "12 March", "2024-13-01", "12 March 2024 and 13 March 2024"} {
		if d, ok := ReadDate(text); ok {
			t.Errorf("%q is read as %s", text, d.Date)
		}
	}
	r := recogniser().Read("1. Angola\t12 March 2024\n2. Barbados\t14 March 2024\n3. Chile\t3.4.2024", Date{})
	var dates []string
	for _, f := range r.Finds {
		dates = append(dates, f.Participant+" "+f.Dates[0].Date.String())
	}
	equal(t, "dates beside names", strings.Join(dates, ", "), "AGO 2024-03-12, BRB 2024-03-14, CHL 2024-04-03")
	r = recogniser().Read("Signed by Fiji (03/04/2024), Palau (25/04/2024) and Samoa.", Date{})
	equal(t, "one date tells the order of all", r.Finds[0].Dates[0].Date.String()+r.Finds[0].Dates[0].Other.String(), "2024-04-03")
}

// The Arabic months as the United Nations and as others write them: one name, the other, and both in either order.
func TestD11ArabicMonths(t *testing.T) {
	for i, m := range [][2]string{{"كانون الثاني", "يناير"}, {"شباط", "فبراير"}, {"آذار", "مارس"}, {"نيسان", "أبريل"}, {"أيار", "مايو"}, {"حزيران", "يونيه"}, {"تموز", "يوليه"},
		{"آب", "أغسطس"}, {"أيلول", "سبتمبر"}, {"تشرين الأول", "أكتوبر"}, {"تشرين الثاني", "نوفمبر"}, {"كانون الأول", "ديسمبر"}} {
		month := fmt.Sprintf("2026-%02d", i+1)
		for _, words := range []string{m[0], m[1], m[0] + "/" + m[1], m[1] + "/" + m[0], m[0] + " / " + m[1], m[1] + " (" + m[0] + ")"} {
			for text, want := range map[string]string{"3 " + words + " 2026": month + "-03", "٣ " + words + " ٢٠٢٦": month + "-03", words + " 2026": month, words + " ٢٠٢٦": month} {
				if d, ok := ReadDate(text); !ok || d.Date.String() != want || d.Text != text {
					t.Errorf("%s: %s %v, want %s", text, d.Date, ok, want)
				}
			}
		}
	}
	for _, text := range []string{"3 حزيران/يوليه 2026", "3 كانون/يناير 2026"} { // two months, and no month
		if d, ok := ReadDate(text); ok {
			t.Errorf("%s is read as %s", text, d.Date)
		}
	}
	r := recogniser().Read("فرنسا (3 حزيران/يونيه 2026)", Date{})
	if len(r.Finds) != 1 || len(r.Finds[0].Dates) != 1 || r.Finds[0].Dates[0].Date != MustDate("2026-06-03") {
		t.Errorf("a date beside a name: %+v", r.Finds)
	}
}

// D14, D16: the name as printed, its place in the list, its footnote mark apart.
func TestD14PrintedNamesAndPlaces(t *testing.T) {
	text := "Signatories:\nthe Republic of Türkiye²\nAtlantis\nCzechia*\nFrance"
	r := recogniser().Read(text, MustDate("2025-01-01"))
	var got []string
	for _, f := range r.Finds {
		equal(t, "the bytes of a find", text[f.Start:f.End], f.Text)
		got = append(got, fmt.Sprintf("%d %s %s", f.Position, f.Text, f.Note))
	}
	equal(t, "printed", strings.Join(got, ", "), "1 Republic of Türkiye ², 2 Atlantis , 3 Czechia *, 4 France ")
	r = recogniser().Read("Signed by Chile, Kenya, Chile and Japan.", Date{})
	equal(t, "named twice", fmt.Sprintf("%s %v %d", r.Finds[0].Participant, r.Finds[0].Twice, len(r.Finds)), "CHL true 3")
}

// pasted are the texts of a folder with what a careful reader records of each.
type pastedText struct {
	name, text       string
	Lang, Form, Date string
	List             *bool
	Signatories      []string
	NotSignatories   []string `json:"not_signatories"`
	Ask, Ambiguous   []string
	Unknown          []string
	Printed          map[string]string
	Dates            map[string]string
	Stated           []int
	StatedCount      *int `json:"stated_count"`
	Groups           []struct {
		Phrase             string
		Members, Expansion []string
	}
}

func pasted(t *testing.T, folder string) []pastedText {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []pastedText
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		p := pastedText{name: filepath.Base(f)}
		if err := json.Unmarshal(b, &p); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		text, err := os.ReadFile(strings.TrimSuffix(f, "json") + "txt")
		if err != nil {
			t.Fatal(err)
		}
		p.text = string(text)
		all = append(all, p)
	}
	return all
}

// measured reads texts and holds them to what is promised: no wrong name is ticked, at least so many of a hundred
// signatories are offered and, in lists, ticked; so few questions of ten names are needless.
func measured(t *testing.T, texts []pastedText, offeredAim, tickedAim int) {
	named, offered, inLists, ticked, needless := 0, 0, 0, 0, 0
	for _, p := range texts {
		on, err := ParseDate(p.Date)
		if err != nil {
			t.Fatalf("%s: date %q", p.name, p.Date)
		}
		r := recogniser().Read(p.text, on)
		seen, tick := map[string]bool{}, map[string]bool{}
		var members []string
		for _, g := range p.Groups {
			members = append(append(members, g.Members...), g.Expansion...)
		}
		fair := append(append(slices.Clone(p.Ask), p.Ambiguous...), p.Unknown...)
		for _, f := range r.Finds {
			if p.text[f.Start:f.End] != f.Text {
				t.Errorf("%s: %q is not what stands at its place", p.name, f.Text)
			}
			if FindReasons[f.Reason] != f.Certainty {
				t.Errorf("%s: %q is %s because %q", p.name, f.Text, f.Certainty, f.Reason)
			}
			is := slices.Contains(p.Signatories, f.Participant)
			// A state that is no more has a code of ours though the answers know none.
			historic := shipped().Participant(f.Participant) != nil && shipped().Participant(f.Participant).ValidTo.Known()
			if f.Certainty == Certain && !is && !historic {
				t.Errorf("%s: %q is ticked as %s (%s), who did not sign", p.name, f.Text, f.Participant, f.Reason)
			}
			for _, c := range f.Candidates {
				is = is || slices.Contains(p.Signatories, c)
				seen[c] = true
			}
			seen[f.Participant] = true
			tick[f.Participant] = tick[f.Participant] || f.Certainty == Certain
			if !is && f.Certainty != Certain && f.Reason != "negated" && f.Reason != "presenter" && !slices.Contains(members, f.Participant) &&
				!slices.ContainsFunc(fair, func(a string) bool { return strings.Contains(a, f.Text) || strings.Contains(f.Text, a) }) {
				needless++
			}
			if printed := p.Printed[f.Participant]; printed != "" && f.Certainty == Certain {
				clean := strings.Join(strings.Fields(f.Text), " ")
				if !strings.Contains(clean, printed) && !strings.Contains(printed, clean) {
					t.Errorf("%s: %s is printed %q, not %q", p.name, f.Participant, printed, f.Text)
				}
			}
			if want := p.Dates[f.Participant]; want != "" && f.Certainty == Certain {
				if len(f.Dates) == 0 || f.Dates[0].Date.String() != want && f.Dates[0].Other.String() != want {
					t.Errorf("%s: the date of %s is %v, want %s", p.name, f.Participant, f.Dates, want)
				}
			}
		}
		for _, c := range p.Signatories {
			named++
			if seen[c] {
				offered++
			}
			if p.List == nil || *p.List {
				inLists++
				if tick[c] {
					ticked++
				}
			}
		}
	}
	t.Logf("%d texts, %d named, %d offered, %d of %d in lists ticked, %d needless questions", len(texts), named, offered, ticked, inLists, needless)
	if offered*100 < named*offeredAim {
		t.Errorf("%d of %d signatories are offered, less than %d %%", offered, named, offeredAim)
	}
	if ticked*100 < inLists*tickedAim {
		t.Errorf("%d of %d signatories in lists are ticked, less than %d %%", ticked, inLists, tickedAim)
	}
	if needless*10 > named {
		t.Errorf("%d needless questions on %d names, more than one in ten", needless, named)
	}
}

// Our own texts, twelve languages, every form that lists come in.
func TestRecognitionOnOurTexts(t *testing.T) { measured(t, pasted(t, "testdata/recognise"), 98, 90) }

// Other people's texts, where they are: they are no part of the project.
func TestRecognitionOnExamples(t *testing.T) {
	folder := "../../../shared/examples/paste"
	if dir := os.Getenv("COSIGNATORY_EXAMPLES"); dir != "" {
		folder = dir
	}
	texts := pasted(t, folder)
	if len(texts) == 0 {
		t.Log("no examples beside the project: nothing to compare with")
		return
	}
	measured(t, texts, 98, 90)
}

// Whatever is pasted, finds lie in the text, in order, and their certainty follows from their reason.
func FuzzRecognise(f *testing.F) {
	for _, s := range []string{"", "Albania, Andorra and Austria", "日本、韩国、中国", "وقعت فرنسا وألمانيا", "\xff\xfe", "Аlbania\u200b, <b>Chile</b> &amp; Peru", "1. A\n2. B\n\n\n- Fiji (3/4/2024)",
		"«" + strings.Repeat("Chile, ", 300), "한국과 일본은", "(((((((", "U.S.A.", "Congo, Democratic Republic of the", strings.Repeat("the European Union and its ", 40)} {
		f.Add(s, "2025-11-24")
	}
	f.Fuzz(func(t *testing.T, text, day string) {
		on, err := ParseDate(day)
		if err != nil || len(text) > 20_000 {
			return
		}
		r := recogniser().Read(text, on)
		last := -1
		for _, x := range r.Finds {
			if x.Start < last || x.End > len(text) || x.Start >= x.End || text[x.Start:x.End] != x.Text {
				t.Fatalf("a find out of place: %+v", x)
			}
			last = x.Start
			if FindReasons[x.Reason] != x.Certainty {
				t.Fatalf("%s because %s", x.Certainty, x.Reason)
			}
			if x.Certainty == Certain && shipped().Participant(x.Participant) == nil {
				t.Fatalf("%q is certain and nobody", x.Text)
			}
		}
		for _, g := range r.Groups {
			if shipped().Group(g.Group) == nil || text[g.Start:g.End] != g.Text {
				t.Fatalf("a group out of place: %+v", g)
			}
		}
		recogniser().One(text, on)
		ReadDate(text)
	})
}

func BenchmarkRecognise(b *testing.B) {
	text := strings.Repeat("We, the Ministers of Foreign Affairs of Albania, Andorra, Austria, Chile, Côte d’Ivoire, the Republic of Korea and Viet Nam, reaffirm our support and call on Russia to act. ", 60)[:10_000]
	b.SetBytes(int64(len(text)))
	recogniser()
	for b.Loop() {
		recogniser().Read(text, Date{})
	}
}

// BenchmarkLongWords reads texts of a single word, or without blanks: twice the text takes about twice the time.
func BenchmarkLongWords(b *testing.B) {
	recogniser()
	for _, unit := range []string{"a", "ا", "三", "A.", "a-\n", "Chile"} {
		for _, size := range []int{MaxRead / 16, MaxRead / 4, MaxRead} {
			text := strings.Repeat(unit, size/len(unit))
			b.Run(fmt.Sprintf("%q/%dKB", unit, size>>10), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					recogniser().Read(text, Date{})
				}
			})
		}
	}
}

func BenchmarkNewRecogniser(b *testing.B) {
	ref := shipped()
	for b.Loop() {
		NewRecogniser(ref)
	}
}

// TestUnknownItemsAreAsked: an item of a numbered or dashed list that no name on record fits is asked about, wherever it stands.
func TestUnknownItemsAreAsked(t *testing.T) {
	for _, list := range []string{
		"1. Chad\n2. Freedonia\n3. Mali\n4. Niger\n", "1. Chad\n2. Mali\n3. Niger\n4. Freedonia\n", "1) Chad\n2) Freedonia\n3) Mali\n4) Niger",
		"Signatories:\n- Chad\n- Freedonia\n- Mali\n- Niger\n", "Firmantes:\n- Chad\n- Malí\n- Freedonia\n- Níger\n", "• Chad\n• Freedonia\n• Mali\n• Niger",
	} {
		unknown := ""
		for _, f := range recogniser().Read(list, MustDate("2025-01-01")).Finds {
			if f.Certainty == Unmatched {
				unknown += f.Text
			}
		}
		if unknown != "Freedonia" {
			t.Errorf("%q: asked about %q", list, unknown)
		}
	}
	// What stands beside a list and is no item of it is not asked about: headings, what comes after an empty line, other numbers.
	for _, text := range []string{
		"1. Introduction\n2. Scope\n3. Signatories: Albania, Andorra, Armenia\n4. Entry into force\n5. Depositary", "4. Signatories\n1. Albania\n2. Andorra\n3. Armenia\n\n5. Contact",
		"1. Albania\n2. Andorra\n3. Armenia\n\n4. Vienna\n5. New York", "- Vienna\n- New York\n\n- Albania\n- Andorra\n- Armenia",
		"1. Africa\nGhana, Kenya, Mali\n2. Eastern Europe\nAlbania, Poland, Romania\n3. Asia\nJapan, India", "1. Albania\n2. Andorra\n3. Armenia\n14:30 Meeting\n15:30 Coffee",
	} {
		for _, f := range recogniser().Read(text, MustDate("2025-01-01")).Finds {
			if f.Certainty != Certain {
				t.Errorf("%q: asked about %q", text, f.Text)
			}
		}
	}
}
