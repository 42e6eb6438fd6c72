package register

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold is a text as search and recognition compare it: compatibility forms made plain, marks dropped, small letters,
// the Arabic letters that are written in several ways made one, ё as е, every run of other characters one space. Marks
// that carry sound in scripts without case (Thai, Devanagari) are dropped too: both sides are folded alike.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(s, " ")) {
		switch {
		case unicode.Is(unicode.Mn, r) || r == 'ـ' || r == '’' || r == '\'' || r == 'ʼ' || r == '.':
			continue
		}
		r = spelt(r)
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) {
			space = b.Len() > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		r = unicode.ToLower(r)
		if r < utf8.RuneSelf {
			b.WriteByte(byte(r))
		} else if two := spreads[r]; two != "" {
			b.WriteString(two)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// spelt is a letter in the one form that search and recognition compare, where it is written in several.
func spelt(r rune) rune {
	switch r {
	case 'أ', 'إ', 'آ', 'ٱ':
		return 'ا'
	case 'ى':
		return 'ي'
	case 'ة':
		return 'ه'
	case 'ł', 'Ł':
		return 'l'
	case 'ø', 'Ø':
		return 'o'
	case 'đ', 'Đ':
		return 'd'
	case 'ı':
		return 'i'
	}
	return r
}

// spreads are small letters that are compared as two.
var spreads = map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe"}
