package register_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"cosignatory/seed"
	"cosignatory/store/register"
)

func reference(t testing.TB) *register.Reference {
	t.Helper()
	ref, err := seed.Reference()
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func TestWordsAreThoseMeant(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Déclaration pour l’avenir d’Internet", "declaration pour avenir internet"},
		{"women's Health, U.S.-Pacific", "women health us pacific"},
		{"Côte d’Ivoire", "cote ivoire"},
		{"الاتحاد الأوروبي", "اتحاد اوروبي"},
		{"وبالإنترنت المملكه", "وبالانترنت مملكه"},
		{"المـمـلكة", "مملكه"},
		{"Артём СЪЁМКА", "артем съемка"},
		{"韓國人權2025年", "韩 国 人 权 2025 年"},
		{"٢٠٢٥", "2025"},
		{"COP28 EU‑27", "cop28 eu 27"},
		{"Strasse Straße Æ", "strasse strasse ae"},
		{"a\u202Eb\u200Bc", "abc"},
		{"bad\xff\xfebytes", "bad bytes"},
		{"☮️ 🕊 ́", ""},
	} {
		var got []string
		for _, w := range register.Words(c.text) {
			got = append(got, w.Text)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("words of %q: %q, want %q", c.text, s, c.want)
		}
	}
}

func TestNear(t *testing.T) {
	for _, c := range []struct {
		a, b  string
		limit int
		want  int
	}{{"artemis", "artmeis", 2, 1}, {"trafficking", "traficking", 2, 1}, {"korea", "korea", 1, 0}, {"abcd", "wxyz", 1, -1}, {"казахстан", "казакстан", 2, 1}, {"", "a", 1, 1}, {strings.Repeat("x", 100), "x", 2, -1}} {
		if got := register.Near(c.a, c.b, c.limit); got != c.want {
			t.Errorf("%q and %q: %d errors, want %d", c.a, c.b, got, c.want)
		}
	}
}

// What was typed is parted into what it names; a name that leaves open whom it means says so, whatever it is taken for (D17
// and D13: codes are codes, a name is a name).
func TestQuestionsAreUnderstood(t *testing.T) {
	ref := reference(t)
	for _, c := range []struct{ typed, want string }{
		{"KOR trafficking 2025", "participant:KOR word:trafficking time:2025..2025"},
		{"kor trafficking", "participant:KOR word:trafficking"},
		{"Republic of Korea", "participant:KOR"},
		{"Viet Nam and the scams", "participant:VNM word:scams"},
		{"Guinea-Bissau 2020", "participant:GNB time:2020..2020"},
		{"Congo", "participant:COG/COD"},
		{"Korea 2020–2023", "participant:KOR/PRK time:2020..2023"},
		{"Guinea", "participant:GIN like:GNB/GNQ/PNG"},
		// Alike is who is called alike, not who is somewhere on the same ground (D13).
		{"Niger", "participant:NER like:NGA"}, {"Paraguay", "participant:PRY like:URY"}, {"Mauritius", "participant:MUS like:MRT"},
		{"Kosovo", "participant:XKX"}, {"Macedonia", "participant:MKD"}, {"Chinese Taipei", "participant:TWN"}, {"Georgia", "participant:GEO"},
		{"Mexico", "participant:MEX"}, {"Luxembourg", "participant:LUX"}, {"Granada", "participant:GRD"}, {"Timor", "participant:TLS"},
		{"Formosa", "participant:TWN"},
		// A phrase that holds a name and means something else is words, and who is meant by a part is asked.
		{"South Georgia", "word:South Georgia"}, {"New Mexico 2020", "word:New Mexico time:2020..2020"}, {"Niger Delta", "word:Niger Delta"},
		{"Northern Ireland", "word:Northern Ireland perhaps:GBR"}, {"Scotland", "word:Scotland perhaps:GBR"}, {"Western Sahara", "participant:ESH"},
		{"EU human rights", "group:EU topic:human-rights"},
		{"since 2020 peace", "time:2020.. topic:peace"},
		{"avant 2015", "time:..2015"},
		{"24 November 2025", "time:2025-11-24..2025-11-24"},
		{"octobre 2020", "time:2020-10..2020-10"},
		{"6 de octubre de 2020", "time:2020-10-06..2020-10-06"},
		{"октября 2020", "time:2020-10..2020-10"},
		{"تشرين الأول 2020", "time:2020-10..2020-10"},
		{"2020年10月6日", "time:2020-10-06..2020-10-06"},
		{"2025-11-24 KOR", "time:2025-11-24..2025-11-24 participant:KOR"},
		{"2025-99", "time:2025..2025 word:99"},
		{"2020-05-257", "time:2020-05..2020-05 word:257"}, // not the first of May, whose number it has in eight bits
		{"韩国人口贩运2025年", "participant:KOR topic:trafficking-in-persons time:2025..2025"},
		{"HUMAN RIGHTS IN CHINA", "topic:human-rights participant:CHN"},
		{"states can join", "word:states word:can word:join"},
		{"100 states", "word:100 word:states"},
		{"410", "participant:KOR"},
		{"la", "participant:LAO"},
		{"cyber security", "topic:cybersecurity"},
		{"the", ""},
		{"ال", ""},
		{"  …!? ", ""},
	} {
		q := ref.Ask(c.typed, func(string) bool { return false })
		var got []string
		for _, x := range q.Terms {
			switch x.Kind {
			case register.ParticipantTerm:
				got = append(got, "participant:"+strings.Join(x.Participants, "/"))
				if len(x.Others) > 0 {
					got = append(got, "like:"+strings.Join(x.Others, "/"))
				}
			case register.GroupTerm:
				got = append(got, "group:"+x.Group)
			case register.TopicTerm:
				got = append(got, "topic:"+x.Topic)
			case register.TimeTerm:
				got = append(got, fmt.Sprintf("time:%s..%s", x.From, x.To))
			default:
				got = append(got, "word:"+c.typed[x.Start:x.End])
				if len(x.Others) > 0 {
					got = append(got, "perhaps:"+strings.Join(x.Others, "/"))
				}
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%q is understood as %q, want %q", c.typed, s, c.want)
		}
	}
	q := ref.Ask("KOR trafficking 2025", func(string) bool { return false })
	if q.Without(0) != "trafficking 2025" || q.Without(1) != "KOR 2025" || q.With(0, "JPN") != "JPN trafficking 2025" {
		t.Errorf("without its parts: %q, %q, %q", q.Without(0), q.Without(1), q.With(0, "JPN"))
	}
}

func TestMarksStandOnTheText(t *testing.T) {
	for _, c := range []struct{ text, typed, want string }{
		{"Déclaration de Genève", "geneve", "Déclaration de [Genève]"},
		{"Côte d’Ivoire", "cote d'ivoire", "[Côte] d’[Ivoire]"},
		{"Ambassador Cha Ji-hoon", "jihoon", "Ambassador Cha [Ji]-[hoon]"},
		{"حقوق الإنسان", "الانسان", "حقوق [الإنسان]"},
		{"联合国人权高专办", "人權", "联合国[人权]高专办"},
		{"Nothing here", "geneva", "Nothing here"},
		{"Żółć é", "e", "Żółć [é]"},
	} {
		var sought []register.Sought
		ws := register.Words(c.typed)
		if len(ws) > 0 && ws[0].Sign {
			text := ""
			for _, w := range ws {
				text += w.Text
			}
			sought = append(sought, register.Sought{Word: register.Word{Text: text, Sign: true}})
		} else {
			for _, w := range ws {
				sought = append(sought, register.Sought{Word: w})
			}
		}
		got, at := "", 0
		for _, m := range register.Marks(c.text, sought) {
			got += c.text[at:m[0]] + "[" + c.text[m[0]:m[1]] + "]"
			at = m[1]
		}
		if got += c.text[at:]; got != c.want {
			t.Errorf("%q in %q: %q, want %q", c.typed, c.text, got, c.want)
		}
	}
	text := strings.Repeat("Ünd so weiter ", 40) + "Wien" + strings.Repeat(" ünd so fort", 40)
	marks := register.Marks(text, []register.Sought{{Word: register.Word{Text: "wien"}}})
	from, to := register.Excerpt(text, marks, 120)
	if cut := text[from:to]; !strings.Contains(cut, "Wien") || len(cut) > 200 || !utf8.ValidString(cut) || strings.HasPrefix(cut, " ") {
		t.Errorf("the excerpt is %q", cut)
	}
}

// Whatever is typed and whatever it is looked for in: the parts lie in what was typed, one after the other, marks lie in the
// text on whole characters, and Fold and Words agree on which letters there are.
func FuzzQuestion(f *testing.F) {
	ref := reference(f)
	for _, s := range []string{"KOR trafficking 2025", "Congo", "\"", "%", "'; drop", "\u202Ea\u202C", "\x00", "\xed\xa0\x80", "🇰🇷", "ال", "2020–2023", "人权2025年10月", "l’l’l’", "İstanbul ǅ ŉ ﷺ", "Ⅷ ½ ﬁ", "d'", "á́́́"} {
		f.Add(s, "Joint Statement on Combating Technology-Facilitated Trafficking in Persons: 人权, حقوق الإنسان, "+s)
	}
	f.Fuzz(func(t *testing.T, typed, text string) {
		if len(typed) > 1000 || len(text) > 4000 {
			return
		}
		for _, q := range []*register.Question{ref.Ask(typed, func(w string) bool { return len(w)%2 == 0 }), register.Plainly(typed)} {
			at := 0
			var sought []register.Sought
			for i := range q.Terms {
				p := &q.Terms[i]
				if p.Start < at || p.End <= p.Start || p.End > len(typed) {
					t.Fatalf("%q: part %d lies from %d to %d", typed, i, p.Start, p.End)
				}
				at = p.End
				q.Without(i)
				for _, w := range p.Words {
					sought = append(sought, register.Sought{Word: w, Beginning: i%2 == 0, Within: i%3 == 0})
				}
			}
			marks := register.Marks(text, sought)
			at = 0
			for _, m := range marks {
				if m[0] < at || m[1] <= m[0] || m[1] > len(text) || utf8.ValidString(text) && !utf8.ValidString(text[m[0]:m[1]]) {
					t.Fatalf("%q in %q: marks %v", typed, text, marks)
				}
				at = m[1]
			}
			from, to := register.Excerpt(text, marks, 120)
			if from < 0 || to < from || to > len(text) || utf8.ValidString(text) && !utf8.ValidString(text[from:to]) {
				t.Fatalf("%q in %q: excerpt from %d to %d of %d", typed, text, from, to, len(text))
			}
			if len(marks) > 0 && (marks[0][0] < from || marks[0][0] >= to) {
				t.Fatalf("%q in %q: the excerpt %d to %d leaves the mark %v out", typed, text, from, to, marks[0])
			}
		}
		ws := register.Words(text)
		if !slices.IsSortedFunc(ws, func(a, b register.Word) int { return a.Start - b.Start }) {
			t.Fatalf("%q: words out of order", text)
		}
	})
}
