package i18n

import (
	"math"
	"strconv"
	"strings"
	"unicode"
)

// The spaces and marks of numbers, by name because nobody can tell them apart by sight.
const (
	noBreak       = "\u00a0" // NO-BREAK SPACE
	narrowNoBreak = "\u202f" // NARROW NO-BREAK SPACE
	minus         = "\u2212" // MINUS SIGN
	leftToRight   = "\u200e" // LEFT-TO-RIGHT MARK
)

// style is how a language writes dates, numbers and lists.
type style struct {
	calendar
	mark     string // before a sign: keeps it left of its digits in right-to-left text
	group    string // between groups of three digits
	grouped  uint64 // the smallest number that is grouped
	decimal  string
	percent  string                   // after the number, with the space it wants; marks keep it right of Arabic's digits
	separate string                   // between the items of a list
	and      func(next string) string // between the last two, which depends on the last in Spanish
}

// styles holds the six languages' ways, after CLDR; dates and Spanish grouping after the United Nations' usage. It is
// never written to.
var styles = map[string]*style{
	"en": {english, "", ",", 1_000, ".", "%", ", ", always(" and ")},
	"fr": {french, "", narrowNoBreak, 1_000, ",", narrowNoBreak + "%", ", ", always(" et ")},
	"es": {spanish, "", noBreak, 10_000, ",", noBreak + "%", ", ", spanishAnd},
	"ar": {arabic, leftToRight, ",", 1_000, ".", leftToRight + "%" + leftToRight, " و", always(" و")},
	"zh": {chinese, "", ",", 1_000, ".", "%", "、", always("和")},
	"ru": {russian, "", noBreak, 1_000, ",", noBreak + "%", ", ", always(" и ")},
}

func always(s string) func(string) string { return func(string) string { return s } }

// spanishAnd is "y", or "e" before a word that begins with the sound of i (Irán, Hiroshima), which hie-, hia- and hio-
// do not (hielo).
func spanishAnd(next string) string {
	word := strings.TrimLeftFunc(next, func(r rune) bool { return !unicode.IsLetter(r) })
	r := []rune(strings.ToLower(word))
	if len(r) > 0 && r[0] == 'h' {
		r = r[1:]
		if len(r) > 1 && r[0] == 'i' && strings.ContainsRune("aeoáéó", r[1]) {
			return " y "
		}
	}
	if len(r) > 0 && (r[0] == 'i' || r[0] == 'í') {
		return " e "
	}
	return " y "
}

// Number writes a whole number with the language's grouping: 1,000,000 in English, 1 000 000 with U+202F in French and
// U+00A0 in Russian; Spanish groups from 10 000 on; Arabic takes the digits 0-9, as the United Nations do.
func (p *Printer) Number(n int) string {
	var room [32]byte
	return string(p.style.appendNumber(room[:0], int64(n)))
}

func (s *style) appendNumber(b []byte, n int64) []byte {
	u := uint64(n)
	if n < 0 {
		b = append(b, s.mark...)
		b = append(b, minus...)
		u = -u
	}
	if u < s.grouped {
		return strconv.AppendUint(b, u, 10)
	}
	var room [20]byte
	digits := strconv.AppendUint(room[:0], u, 10)
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b = append(b, s.group...)
		}
		b = append(b, d)
	}
	return b
}

// Percent writes a share of 1, so 0.43 is 43%. It rounds to whole percents, but never a part to nothing or to the whole: below 1%
// and above 99% it keeps one decimal, and beyond that says <0.1% and >99.9%. No number (0 of 0) is a dash.
func (p *Printer) Percent(f float64) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "–"
	}
	s := p.style
	var lead, figure string
	v := math.Abs(f) * 100
	switch {
	case 0 < v && v < 0.1:
		lead, figure = "<", "0.1"
	case 0.1 <= v && v < 1, 99 < v && v <= 99.9:
		figure = strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
	case 99.9 < v && v < 100:
		lead, figure = ">", "99.9"
	default:
		n := int64(math.Round(min(v, 1e15)))
		return s.sign(f < 0 && n != 0, "") + string(s.appendNumber(nil, n)) + s.percent
	}
	return s.sign(f < 0, lead) + strings.Replace(figure, ".", s.decimal, 1) + s.percent
}

// sign is what stands before the digits: a mark of comparison, a minus, or both.
func (s *style) sign(negative bool, lead string) string {
	if negative {
		lead = minus + lead
	}
	if lead == "" {
		return ""
	}
	return s.mark + lead
}

// List joins items as the language enumerates: "A, B and C", "A, B et C", "A, B y C" ("e" before the sound of i),
// "A وB وC", "A、B和C", "A, B и C". No items give the empty string.
func (p *Printer) List(items []string) string {
	switch len(items) {
	case 0:
		return ""
	case 1:
		return items[0]
	}
	last := len(items) - 1
	return strings.Join(items[:last], p.style.separate) + p.style.and(items[last]) + items[last]
}

// Aside puts brackets around words, the full-width ones among Chinese.
func (p *Printer) Aside(words string) string {
	if p.language.Code == "zh" {
		return "（" + words + "）"
	}
	return "(" + words + ")"
}
