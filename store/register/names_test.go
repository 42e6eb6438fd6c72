package register_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	. "cosignatory/store/register"
)

func TestD13_CodesAreTexts(t *testing.T) {
	ref := shipped()
	equal(t, "Afghanistan's M49", ref.Participant("AFG").M49, "004")
	equal(t, "Namibia's alpha-2", ref.Participant("NAM").Alpha2, "NA")
	k := ref.Participant("XKX")
	if k.Alpha2 != "" || k.Alpha3 != "" || k.M49 != "" || k.UserAssigned != "XKX" {
		t.Errorf("Kosovo: %+v", k)
	}
	if ref.Participant("nam") != nil || ref.Participant("") != nil || ref.Index("ZZ9") != -1 {
		t.Error("a code that is none is found")
	}
	for i, p := range ref.Participants {
		if ref.Participant(p.Code) != p || ref.Index(p.Code) != i {
			t.Errorf("%s is not found by its code", p.Code)
		}
		if p.M49 != "" && len(p.M49) != 3 {
			t.Errorf("%s has the M49 %q", p.Code, p.M49)
		}
	}
	equal(t, "the name of a code that is none", ref.Name("ZZ9", "fr"), "ZZ9")
	wantProblems(t, declared("2023-01-01", "ZZ9 signed 2023-01-01"), "actions[0].participant participant_unknown")
}

// Who ended has no code at the same time as who came after, as far as that is known.
func TestD13_OneCodeAtATime(t *testing.T) {
	for _, c := range []struct {
		from, to, otherFrom, otherTo string
		want                         bool
	}{
		{"", "", "", "", true}, {"1990", "", "", "", true}, {"", "1990-05-22", "", "", false}, {"", "1990-05-22", "1990-05-22", "", false},
		{"", "1990-05-22", "1990-05-21", "", true}, {"", "1990", "1990", "", false}, {"", "1991", "1990", "", true}, {"", "1990", "", "1991", false},
		{"", "1990", "1985", "1991", true}, {"", "1990", "", "1990", true}, {"1980", "", "1980", "1981", true}, {"1982", "", "1980", "1981", false},
	} {
		p := &Participant{Code: "QQA", Kind: Other, M49: "999", ValidFrom: MustDate(c.from), ValidTo: MustDate(c.to)}
		o := &Participant{Code: "QQB", Kind: Other, M49: "999", ValidFrom: MustDate(c.otherFrom), ValidTo: MustDate(c.otherTo)}
		want := 0
		if c.want {
			want = 2 // each says it of the other
		}
		if found := NewReference([]*Participant{p, o}, nil, nil, nil).Validate(nil); len(found) != want || want > 0 && (found[0].Key != "code_shared" || found[0].Field != "participants[QQA].m49") {
			t.Errorf("%s to %s beside %s to %s: %v", c.from, c.to, c.otherFrom, c.otherTo, found)
		}
	}
}

func TestD14_NamesAsPrintedAndAsOfficialOnTheDay(t *testing.T) {
	tur := shipped().Participant("TUR")
	for _, c := range [][3]string{
		{"en", "2022-05-31", "Turkey"}, {"en", "2022-06-01", "Türkiye"}, {"en", "2022", "Turkey"}, {"en", "2023", "Türkiye"}, {"en", "", "Türkiye"},
		{"fr", "2022-05-31", "Turquie"}, {"fr", "2022-06-01", "Türkiye"}, {"es", "2022-05-31", "Turquía"}, {"zh", "2022-05-31", "土耳其"}, {"ru", "2022-06-01", "Турция"},
	} {
		equal(t, "the name in "+c[0]+" on "+c[1], tur.NameOn(c[0], MustDate(c[1])), c[2])
	}
	for _, c := range [][3]string{
		{"SWZ", "2018-05-29", "Swaziland"}, {"SWZ", "2018-05-30", "Eswatini"}, {"CZE", "2016-05-16", "Czech Republic"}, {"CZE", "2016-05-17", "Czechia"},
		{"MKD", "2019-02-13", "the former Yugoslav Republic of Macedonia"}, {"MKD", "2019-02-14", "North Macedonia"},
		{"COD", "1997-05-16", "Zaire"}, {"COD", "1997-05-17", "Democratic Republic of the Congo"}, {"KOR", "1999-01-01", "Republic of Korea"},
	} {
		equal(t, c[0]+" on "+c[1], shipped().Participant(c[0]).NameOn("en", MustDate(c[1])), c[2])
	}
	equal(t, "a language that has no names", tur.Name("pt"), "Türkiye")
	equal(t, "no names at all", (&Participant{Code: "ZZ9"}).Name("fr"), "ZZ9")
	t.Run("never fixed", func(t *testing.T) {
		d := declared("2023-01-01", "TUR signed 2023-01-01", "CIV signed 2023-01-01")
		for i, printed := range []string{"TURKEY*", "Cote d'Ivoire  (the)"} {
			d.Actions[i].NameAsPrinted, d.Actions[i].PrintedPosition = printed, 2-i
		}
		d.Clean()
		wantProblems(t, d)
		equal(t, "as printed", d.Actions[0].NameAsPrinted+"|"+d.Actions[1].NameAsPrinted, "TURKEY*|Cote d'Ivoire  (the)")
		equal(t, "in its place", d.Actions[0].PrintedPosition, 2)
		d.Actions[0].PrintedPosition = -1
		wantProblems(t, d, "actions[0].printed_position position_out_of_range")
	})
}

func TestD15_AlphabeticalOrderOfTheReadersLanguage(t *testing.T) {
	ref := shipped()
	for lang, want := range map[string]string{
		"en": "AFG CIV HRV PRK COD GMB DEU NLD PRT QAT KOR MDA ROU THA TLS TUR TKM GBR TZA USA VNM YEM ZWE",
		"fr": "ZAF DEU BLR BEN CPV EGY ARE ECU ERI ESP EST SWZ USA ETH RUS MHL ISL NLD KOR COD DOM GBR TCD CZE TUR VNM YEM",
		"es": "AFG DEU ARG BEL BLZ BEN TCD CHL CIV EGY SLV ARE ERI SVK ESP USA EST RUS FJI GBR KOR DOM TUR VNM YEM",
		"ru": "AUS ARG VEN VNM DEU COD DOM EGY YEM PRK CIV ARE KOR RUS SAU USA TUR JPN",
		"ar": "RUS ETH AZE ARG JOR ARM ERI ESP AUS BHR BRA PRT KOR SAU GBR USA JPN YEM GRC",
		"zh": "ALB EGY PAK PER BTN PRK GBR KOR DEU RUS FRA USA JPN CHE ESP YEM ISR VNM CHN",
	} {
		codes := strings.Fields(want)
		sorted := slices.Clone(codes)
		slices.Sort(sorted)
		ref.SortCodes(sorted, lang)
		if !slices.Equal(sorted, codes) {
			var names []string
			for _, c := range sorted {
				names = append(names, c+" "+ref.Name(c, lang))
			}
			t.Errorf("%s: %s\n%s", lang, strings.Join(sorted, " "), strings.Join(names, "; "))
		}
	}
	t.Run("a rank for everybody", func(t *testing.T) {
		for _, lang := range Languages {
			seen := map[int]bool{}
			for i := range ref.Participants {
				seen[ref.Rank(i, lang)] = true
			}
			equal(t, "ranks in "+lang, len(seen), len(ref.Participants))
		}
		equal(t, "another language has the English order", ref.Rank(ref.Index("USA"), "ko"), ref.Rank(ref.Index("USA"), "en"))
	})
	t.Run("a leading article", func(t *testing.T) {
		for _, c := range [][4]string{{"en", "France", "the Gambia", "Georgia"}, {"en", "France", "The Gambia", "Georgia"}, {"fr", "Danemark", "L’Équateur", "Finlande"},
			{"fr", "Autriche", "Les Bahamas", "Belgique"}, {"es", "Finlandia", "La Gambia", "Guatemala"}, {"ar", "أذربيجان", "الأردن", "إستونيا"}} {
			k := NewCollator(c[0])
			if a, b, d := string(k.Key(c[1])), string(k.Key(c[2])), string(k.Key(c[3])); a >= b || b >= d {
				t.Errorf("%s: %s is not between %s and %s", c[0], c[2], c[1], c[3])
			}
		}
	})
	t.Run("unknown codes last", func(t *testing.T) {
		codes := []string{"ZZ9", "YEM", "AFG"}
		ref.SortCodes(codes, "en")
		equal(t, "the order", fmt.Sprint(codes), "[AFG YEM ZZ9]")
	})
}

func TestD16_FootnoteMarksAreStrippedForMatching(t *testing.T) {
	for _, printed := range []string{"Kosovo*", "Kosovo¹", "KOSOVO (*)", "Kosovo†", " Kosovo ", "**Kosovo"} {
		if got := strings.TrimRight(Fold(printed), " 1"); got != "kosovo" {
			t.Errorf("%q is matched as %q", printed, got)
		}
	}
	for a, b := range map[string]string{"CÔTE D’IVOIRE": "Cote d'Ivoire", "Türkiye": "TURKIYE", "São Tomé": "Sao Tome", "Королёв": "Королев", "Straße": "STRASSE", "STRAẞE": "strasse",
		"الأردن": "الاردن", "Łódź": "Lodz", "Ærø": "aero", "U.S.A.": "USA", "Guinea–Bissau": "Guinea-Bissau", "ﬁji": "Fiji", "Nam\u200bibia": "nam ibia"} {
		equal(t, a+" as matched", Fold(a), Fold(b))
	}
	d := declared("2023-01-01", "XKX signed 2023-01-01")
	d.Actions[0].NameAsPrinted, d.Actions[0].Note = "Kosovo*", "* This designation is without prejudice to positions on status."
	wantProblems(t, d)
	equal(t, "as printed", d.Actions[0].NameAsPrinted, "Kosovo*")
}

func TestD17_FormerEntitiesStayThemselves(t *testing.T) {
	ref := shipped()
	d := declared("1990-06-01", "CSK signed 1990-06-01")
	wantProblems(t, d)
	equal(t, "of its successor", line(d, "CZE").On(day("2000-01-01")).Status, NotYet)
	equal(t, "of itself", line(d, "CSK").On(day("1991-01-01")).Status, InEffect)
	var successors []string
	for _, s := range ref.Participant("CSK").Successors {
		successors = append(successors, s.Code+" "+s.From.String())
	}
	equal(t, "successors", fmt.Sprint(successors), "[CZE 1993-01-01 SVK 1993-01-01]")
	equal(t, "its kind", ref.Participant("CSK").Kind, Other)

	wantProblems(t, declared("1990-06-01", "CSK joined 1992-12-31"))
	wantProblems(t, declared("1990-06-01", "CSK joined 1993-01-01"), "actions[0].date entity_ended")
	wantProblems(t, declared("1990-06-01", "CSK joined 1992"))
	wantProblems(t, declared("1990-06-01", "DDR joined 1990")) // until 3 October
	wantProblems(t, declared("1993-06-01", "CSK signed -"), "actions[0].date entity_ended")
	wantProblems(t, declared("1990-06-01", "CSK signed 1990-06-01", "CSK withdrew 1993-01-01 why=entity_ceased"))
}

func TestD18_NoGroupIsSaid(t *testing.T) {
	ref := shipped()
	s := declared("2023-01-01", "KOR signed 2023-01-01", "TUR signed 2023-01-01", "FRA signed 2023-01-01", "VAT signed 2023-01-01", "XKX signed 2023-01-01", "EUE signed 2023-01-01").
		Tally(ref, day("2023-01-01")).InEffect
	equal(t, "by group", fmt.Sprint(s.ByGroup), "map[:1 Asia-Pacific:1 WEOG:2]")
	equal(t, "the Holy See's group", ref.Participant("VAT").RegionalGroup, "")
	equal(t, "Kosovo's group", ref.Participant("XKX").RegionalGroup, "")
	g := NewReference(nil, []*Group{{Code: "G", Members: []Membership{{Code: "A", To: MustDate("2020-01-31")}, {Code: "B", From: MustDate("2020-02-01")}, {Code: "C"},
		{Code: "D", From: MustDate("2004"), To: MustDate("2010-06")}}}}, nil, nil).Group("G")
	for on, want := range map[string]string{"2020-01-31": "[A C]", "2020-02-01": "[B C]", "2003-12-31": "[A C]", "2004-01-01": "[A C D]", "2010-06-30": "[A C D]", "2010-07-01": "[A C]"} {
		equal(t, "members on "+on, fmt.Sprint(g.On(day(on))), want)
	}
}
