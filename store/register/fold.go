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
	b := make([]byte, 0, len(s))
	space := false
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(s, " ")) {
		n := len(b)
		var kept bool
		if b, kept = appendFolded(b, r); !kept {
			continue
		}
		if len(b) == n {
			space = n > 0
			continue
		}
		if space {
			b = append(b, 0)
			copy(b[n+1:], b[n:])
			b[n] = ' '
			space = false
		}
	}
	return string(b)
}

// appendFolded appends what a character of a decomposed text is compared as: nothing for a blank or mark between words,
// and nothing with kept false for one that stands in no comparison, so that the word goes on.
func appendFolded(b []byte, r rune) (_ []byte, kept bool) {
	if r < utf8.RuneSelf {
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			return append(b, byte(r)), true
		case 'A' <= r && r <= 'Z':
			return append(b, byte(r)+'a'-'A'), true
		}
		return b, r != '\'' && r != '.'
	}
	if unicode.Is(unicode.Mn, r) || r == 'ـ' || r == '’' || r == 'ʼ' {
		return b, false
	}
	r = spelt(r)
	if !unicode.IsLetter(r) && !unicode.IsNumber(r) {
		return b, true
	}
	r = unicode.ToLower(r)
	if two := spreads[r]; two != "" {
		return append(b, two...), true
	}
	return utf8.AppendRune(b, r), true
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

// Begins says that a word of a text begins so, both folded: “mali” begins none of “somalia”. Where words are written without blanks
// between them (Chinese, Japanese, Thai, Khmer, Lao), and after the Arabic article, any place in the text will do.
func Begins(text, beginning string) bool {
	first, _ := utf8.DecodeRuneInString(beginning)
	unspaced := unicode.In(first, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Khmer, unicode.Lao)
	for from := 0; ; {
		i := strings.Index(text[from:], beginning)
		if i < 0 {
			return false
		}
		before := text[:from+i]
		if unspaced || before == "" || strings.HasSuffix(before, " ") || before == "ال" || strings.HasSuffix(before, " ال") {
			return true
		}
		from += i + max(1, utf8.RuneLen(first))
	}
}
