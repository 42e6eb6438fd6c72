package register

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// This file takes a text apart into pieces for recognition. Names on record and texts go through the same code, so that
// whatever is folded away on one side is folded away on the other.

// piece is a word, a number, a sign of a script without blanks, or a mark.
type piece struct {
	text       string // folded; of a mark the mark itself
	start, end int    // bytes of the text
	kind       pieceKind
	script     script
	before     gap  // what parts it from the piece before
	capital    bool // a word that begins with a capital letter
	capitals   bool // a word of at least two capital letters and no small one
	odd        bool // has letters of another script, or invisible ones, inside
	cues       cue  // what the word says about the names around it; set by cues.go
}

type pieceKind uint8

const (
	word   pieceKind = iota
	number           // digits, made ASCII
	sign             // one Han character
	mark             // punctuation: text is one of those below, or the sign itself
	note             // a footnote mark: *, †, ¹, [1]
)

// Marks that mean the same are one: all commas are ",", all full stops ".", all bullets "•".
const (
	comma, semicolon, colon, stop, bullet, dash, slash, pipe, open, closing, quote = ",", ";", ":", ".", "•", "–", "/", "|", "(", ")", `"`
)

// gap is what stands between two pieces, the widest of it.
type gap uint8

const (
	glued gap = iota
	hyphen
	apostrophe
	blank
	wide      // two blanks or more, a tab: columns
	line      // a line break
	paragraph // an empty line
)

type script uint8

const (
	otherScript script = iota
	latin
	cyrillic
	greek
	arabic
	han
	kana
	hiragana
	hangul
)

func scriptOf(r rune) script {
	switch {
	case r < 0x250:
		return latin
	case r >= 0x370 && r < 0x400:
		return greek
	case r >= 0x400 && r < 0x530:
		return cyrillic
	case r >= 0x600 && r < 0x780 || r >= 0xFB50 && r < 0xFE00 || r >= 0xFE70 && r < 0xFEFF:
		return arabic
	case r >= 0x1E00 && r < 0x1F00 || r >= 0xFF21 && r < 0xFF5B:
		return latin
	case r >= 0x1F00 && r < 0x2000:
		return greek
	case r >= 0x3040 && r < 0x30A0:
		return hiragana
	case r >= 0x30A0 && r < 0x3100 || r >= 0x31F0 && r < 0x3200 || r >= 0xFF66 && r < 0xFFA0:
		return kana
	case r >= 0x1100 && r < 0x1200 || r >= 0x3130 && r < 0x3190 || r >= 0xAC00 && r < 0xD7B0:
		return hangul
	case r == '々' || r == '〇' || unicode.Is(unicode.Han, r):
		return han
	}
	return otherScript
}

// Letters that look like one of another script, by the script in whose words they are found.
var (
	likeLatin    = pairs("АA ВB ЕE КK МM НH ОO РP СC ТT ХX УY ІI ЈJ ЅS аa еe оo рp сc хx уy іi јj ѕs һh ԁd ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX οo νv αa ιi ρp κk υu ɑa ɡg ı́i")
	likeCyrillic = pairs("AА BВ EЕ KК MМ HН OО PР CС TТ XХ YУ aа eе oо pр cс xх yу iі jј sѕ")
)

func pairs(s string) map[rune]rune {
	m := map[rune]rune{}
	for _, p := range strings.Fields(s) {
		r := []rune(p)
		m[r[0]] = r[len(r)-1]
	}
	return m
}

// invisible characters say nothing and are passed over wherever they stand.
func invisible(r rune) bool {
	return r == 0xAD || r >= 0x200B && r <= 0x200F || r >= 0x202A && r <= 0x202E || r >= 0x2060 && r <= 0x2069 || r == 0xFEFF ||
		r == 0x61C || r >= 0xFE00 && r <= 0xFE0F || r == 0x34F
}

var markOf = map[rune]string{
	',': comma, '،': comma, '，': comma, '、': comma, '﹐': comma, '､': comma, ';': semicolon, '；': semicolon, '؛': semicolon, '·': semicolon, '・': semicolon,
	':': colon, '：': colon, '.': stop, '。': stop, '．': stop, '｡': stop, '!': stop, '！': stop, '?': stop, '？': stop, '؟': stop, '…': stop, '।': stop,
	'•': bullet, '▪': bullet, '‣': bullet, '◦': bullet, '●': bullet, '○': bullet, '■': bullet, '□': bullet, '►': bullet, '✓': bullet, '✔': bullet,
	'–': dash, '—': dash, '―': dash, '−': dash, '-': dash, '‒': dash, '‐': dash, '‑': dash, '－': dash, '~': dash,
	'/': slash, '／': slash, '\\': slash, '|': pipe, '¦': pipe, '│': pipe,
	'(': open, '（': open, '[': open, '［': open, '【': open, '〔': open, '{': open, '﴾': open, '﴿': closing,
	')': closing, '）': closing, ']': closing, '］': closing, '】': closing, '〕': closing, '}': closing,
	'"': quote, '“': quote, '”': quote, '„': quote, '«': quote, '»': quote, '《': quote, '》': quote, '〈': quote, '〉': quote, '「': quote, '」': quote, '『': quote, '』': quote,
	'‹': quote, '›': quote,
}

func isApostrophe(r rune) bool {
	return r == '\'' || r == '’' || r == '‘' || r == 'ʼ' || r == '`' || r == '´' || r == 'ʻ' || r == '′'
}

func isHyphen(r rune) bool { return r == '-' || r == '‐' || r == '‑' || r == '־' || r == '﹣' }

// abbreviated are words whose full stop ends no sentence.
var abbreviated = set("st ste rep dem fed mr mrs ms dr prof amb gen hon no nos art sr sra srta dr dra govt gov isl dem pop soc arab u k h e s m mme mm mlle ee uu vs approx ca cf resp г гг т рф тов")

func set(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// plain makes one letter as Fold does, and appends it.
func plain(b []byte, r rune) []byte {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return append(b, byte(r))
	}
	if r >= 0xAC00 && r < 0xD7A4 {
		return utf8.AppendRune(b, r) // syllables stay whole: particles are taken off their ends
	}
	var buf [16]byte
	var in [utf8.UTFMax]byte
	n := utf8.EncodeRune(in[:], r)
	for _, r := range string(norm.NFKD.Append(buf[:0], in[:n]...)) {
		switch {
		case unicode.Is(unicode.Mn, r) || r == 'ـ' || r == 'ʼ':
			continue
		case r == 'ی':
			r = 'ي'
		case r == 'ک':
			r = 'ك'
		case r == 'ð' || r == 'Ð':
			r = 'd'
		case r == 'þ' || r == 'Þ':
			b = append(b, "th"...)
			continue
		}
		r = unicode.ToLower(spelt(r))
		if r == 'ς' {
			r = 'σ'
		}
		if two := spreads[r]; two != "" {
			b = append(b, two...)
		} else {
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}

// mostBroken is how many bytes a word has at most that goes on after the end of a line: no name on record has a word a tenth as
// long, and where every line ends in a hyphen the word would be written again for each.
const mostBroken = 1000

// pieces takes a text apart.
func pieces(text string) []piece {
	out := make([]piece, 0, len(text)/5+8)
	before, newlines := paragraph, 0
	part := func(g gap) {
		if g > before {
			before = g
		}
	}
	add := func(p piece) {
		p.before = before
		out = append(out, p)
		before, newlines = glued, 0
	}
	blanks := 0
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if invisible(r) {
			i += n
			continue
		}
		switch {
		case r == '\n' || r == '\r' || r == 0x2028 || r == 0x2029 || r == 0x85 || r == '\f' || r == '\v':
			if r == '\r' && strings.HasPrefix(text[i+n:], "\n") {
				n++
			}
			if newlines++; newlines > 1 || r == '\f' {
				part(paragraph)
			}
			part(line)
			blanks = 0
			i += n
			continue
		case r == '\t':
			part(wide)
			i += n
			continue
		case r == '_' || r == '＿': // a line to write on
			part(wide)
			i += n
			continue
		case unicode.IsSpace(r):
			if blanks++; blanks > 1 || r == 0x3000 {
				part(wide)
			}
			part(blank)
			i += n
			continue
		}
		blanks = 0
		if r == '<' {
			if size, tag, inner := htmlTag(text[i:]); size > 0 {
				switch tag {
				case "br", "p", "li", "tr", "div", "h1", "h2", "h3", "h4", "ul", "ol", "table":
					part(line)
				case "td", "th":
					part(wide)
				case "sup":
					if inner != "" {
						add(piece{text: inner, start: i, end: i + size, kind: note})
					}
				}
				i += size
				continue
			}
		}
		if r == '&' {
			if size, plainText := entity(text[i:]); size > 0 {
				e, _ := utf8.DecodeRuneInString(plainText)
				switch {
				case unicode.IsSpace(e):
					part(blank)
				case e == '&':
					add(piece{text: "and", start: i, end: i + size, kind: word, script: latin})
				case isApostrophe(e):
					part(apostrophe)
				case !unicode.IsLetter(e):
					if m := markOf[e]; m != "" {
						add(piece{text: m, start: i, end: i + size, kind: mark})
					}
				default:
					// A letter written as an entity begins or continues a word.
					if p, end := oneWord(text, i); end > i {
						add(p)
						i = end
						continue
					}
				}
				i += size
				continue
			}
			add(piece{text: "and", start: i, end: i + n, kind: word, script: latin})
			i += n
			continue
		}
		switch {
		case (r == '・' || r == '·' || r == '゠') && before == glued && len(out) > 0 && out[len(out)-1].script == kana:
			before = hyphen
			i += n
		case isApostrophe(r):
			if before == glued {
				before = apostrophe
			}
			i += n
			continue
		case isHyphen(r) && before == glued && len(out) > 0 && (out[len(out)-1].kind == word || out[len(out)-1].kind == sign):
			// Inside a word, or at the end of a line.
			next, size := utf8.DecodeRuneInString(text[i+n:])
			for invisible(next) && size > 0 {
				n += size
				next, size = utf8.DecodeRuneInString(text[i+n:])
			}
			if unicode.IsLetter(next) || unicode.IsDigit(next) {
				before = hyphen
				i += n
				continue
			}
			if rest := strings.TrimLeft(text[i+n:], " \t\u00a0"); strings.HasPrefix(rest, "\n") || strings.HasPrefix(rest, "\r\n") {
				rest = strings.TrimLeft(rest, " \t\r\n\u00a0")
				next, _ := utf8.DecodeRuneInString(rest)
				at := len(text) - len(rest)
				last := &out[len(out)-1]
				if unicode.IsLower(next) && len(last.text) < mostBroken {
					// A word broken at the end of a line: put together again.
					if p, end := oneWord(text, at); end > at && p.kind == word {
						last.text += p.text
						last.end = end
						last.capitals = false
						i = end
						continue
					}
				}
				if unicode.IsUpper(next) {
					before = hyphen
					i = at
					continue
				}
			}
			add(piece{text: dash, start: i, end: i + n, kind: mark})
			i += n
		case r == '*' || r == '†' || r == '‡' || r == '§' || r == '¶' || r == '#' || r == '＊' || r == '※':
			add(piece{text: string(r), start: i, end: i + n, kind: note})
			i += n
		case superscript(r):
			j := i + n
			for j < len(text) {
				r, n := utf8.DecodeRuneInString(text[j:])
				if !superscript(r) {
					break
				}
				j += n
			}
			add(piece{text: text[i:j], start: i, end: j, kind: note})
			i = j
		case unicode.IsDigit(r):
			j := i
			var b []byte
			for j < len(text) {
				r, n := utf8.DecodeRuneInString(text[j:])
				d := digitOf(r)
				if d < 0 {
					break
				}
				b = append(b, byte('0'+d))
				j += n
			}
			if len(b) == 0 { // a digit of a script that is read nowhere
				add(piece{text: "#", start: i, end: i + n, kind: mark})
				i += n
				continue
			}
			add(piece{text: string(b), start: i, end: j, kind: number})
			i = j
		case unicode.IsLetter(r) || unicode.Is(unicode.Mn, r) || r == '〇':
			if scriptOf(r) == han {
				add(piece{text: string(plain(nil, r)), start: i, end: i + n, kind: sign, script: han})
				i += n
				continue
			}
			p, end := oneWord(text, i)
			if p.text != "" {
				add(p)
			}
			i = end
		case r == '.' && strings.HasPrefix(text[i:], "..."): // leaders between columns
			for i < len(text) && text[i] == '.' {
				i++
			}
			part(wide)
		default:
			m := markOf[r]
			if m == "" {
				m = string(r)
			}
			if m == stop && len(out) > 0 && r == '.' && before == glued {
				if last := &out[len(out)-1]; last.kind == word && (abbreviated[last.text] || utf8.RuneCountInString(last.text) == 1) {
					// U.S., U. K., St. Lucia, H.E.
					i += n
					if utf8.RuneCountInString(last.text) == 1 || last.capitals && len(out) > 0 {
						i = initials(text, i, last)
					}
					continue
				}
			}
			add(piece{text: m, start: i, end: i + n, kind: mark})
			i += n
		}
	}
	return splitNotes(out)
}

// initials takes the further letters of an abbreviation with full stops into one word: U.S.A., U. K., É.-U.
func initials(text string, i int, last *piece) int {
	var letters []byte // put behind the word once: there may be as many as the text has
	defer func() { last.text += string(letters) }()
	for {
		j := i
		for j < len(text) && (text[j] == ' ' || text[j] == '-') && j-i < 1 {
			j++
		}
		r, n := utf8.DecodeRuneInString(text[j:])
		if n == 0 || !unicode.IsUpper(r) || !strings.HasPrefix(text[j+n:], ".") {
			return i
		}
		if !last.capital {
			return i
		}
		letters = plain(letters, r)
		i = j + n + 1
		last.end = j + n
		last.capitals = true
	}
}

func superscript(r rune) bool {
	return r == '¹' || r == '²' || r == '³' || r >= 0x2070 && r <= 0x2079 || r == 'ª' || r == 'º' || r >= 0x1D43 && r <= 0x1D61
}

func digitOf(r rune) int {
	switch {
	case '0' <= r && r <= '9':
		return int(r - '0')
	case 0x660 <= r && r <= 0x669:
		return int(r - 0x660)
	case 0x6F0 <= r && r <= 0x6F9:
		return int(r - 0x6F0)
	case 0xFF10 <= r && r <= 0xFF19:
		return int(r - 0xFF10)
	case 0x966 <= r && r <= 0x96F:
		return int(r - 0x966)
	}
	return -1
}

// oneWord reads a word that begins at i: letters of one script with their marks. A small letter followed by a capital one
// ends it: PDFs lose blanks.
func oneWord(text string, i int) (piece, int) {
	p := piece{start: i, kind: word}
	var runes [24]rune
	letters := runes[:0]
	upper, lower, hidden := 0, 0, false
	counts := [9]int{}
	for j := i; j < len(text); {
		r, n := utf8.DecodeRuneInString(text[j:])
		if r == '&' {
			size, plainText := entity(text[j:])
			e, _ := utf8.DecodeRuneInString(plainText)
			if size == 0 || !unicode.IsLetter(e) {
				break
			}
			r, n = e, size
		}
		if invisible(r) {
			hidden = hidden || r != 0xAD && len(letters) > 0
			j += n
			continue
		}
		if unicode.IsDigit(r) && len(letters) > 0 && p.script != arabic {
			// G7, NB8; and Serbia1, whose digit splitNotes takes off.
			letters = append(letters, r)
			j += n
			i = j
			continue
		}
		if !unicode.IsLetter(r) && !unicode.IsMark(r) {
			break
		}
		s := scriptOf(r)
		if unicode.IsMark(r) {
			s = p.script
		}
		if s == han {
			break
		}
		if p.script == otherScript {
			p.script = s
		} else if s != p.script && s != otherScript && p.script != otherScript {
			mixed := (s == latin || s == cyrillic || s == greek) && (p.script == latin || p.script == cyrillic || p.script == greek)
			if !mixed {
				break
			}
		}
		if unicode.IsUpper(r) {
			if lower > 0 && lower >= upper && unicode.IsLower(letters[len(letters)-1]) {
				break
			}
			upper++
		} else if unicode.IsLower(r) {
			lower++
		}
		counts[s]++
		letters = append(letters, r)
		j += n
		i = j
	}
	if len(letters) == 0 {
		_, n := utf8.DecodeRuneInString(text[i:])
		return piece{}, i + n
	}
	p.end = i
	if counts[latin] > 0 && counts[cyrillic]+counts[greek] > 0 || counts[cyrillic] > 0 && counts[greek] > 0 {
		p.odd = true
		like, s := likeLatin, latin
		if counts[cyrillic] > counts[latin] {
			like, s = likeCyrillic, cyrillic
		}
		for k, r := range letters {
			if l, ok := like[r]; ok && scriptOf(r) != s {
				letters[k] = l
			}
		}
		p.script = s
	}
	if hidden && (p.script == latin || p.script == cyrillic || p.script == greek) && p.end > 0 {
		p.odd = p.odd || insideHidden(text[p.start:p.end])
	}
	b := make([]byte, 0, 24)
	for _, r := range letters {
		if d := digitOf(r); d >= 0 {
			r = rune('0' + d)
		}
		b = plain(b, r)
	}
	p.text = string(b)
	p.capital = unicode.IsUpper(letters[0]) || unicode.IsTitle(letters[0])
	p.capitals = upper >= 2 && lower == 0
	if p.text == "" {
		return p, i
	}
	return p, i
}

func insideHidden(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r == 0x200B || r == 0x200C || r == 0x200D || r == 0x2060 || r == 0xFEFF })
}

// htmlTag is the length of a tag that a text begins with, 0 where it begins with none, with its lower-case name; of <sup> with
// what stands in it.
func htmlTag(s string) (size int, tag, inner string) {
	end := strings.IndexByte(s[:min(len(s), 300)], '>')
	if end < 2 {
		return 0, "", ""
	}
	name := strings.TrimPrefix(s[1:end], "/")
	i := 0
	for i < len(name) && (name[i] >= 'a' && name[i] <= 'z' || name[i] >= 'A' && name[i] <= 'Z' || i > 0 && name[i] >= '0' && name[i] <= '9') {
		i++
	}
	if i == 0 || i < len(name) && name[i] != ' ' && name[i] != '/' && name[i] != '\n' {
		return 0, "", ""
	}
	tag = strings.ToLower(name[:i])
	if tag == "sup" && s[1] != '/' {
		if close := strings.Index(s[end+1:min(len(s), end+40)], "</"); close >= 0 {
			inner = strings.TrimSpace(s[end+1 : end+1+close])
			if len(inner) <= 4 && !strings.ContainsFunc(inner, unicode.IsLetter) || len(inner) == 1 {
				return end + 1 + close, tag, inner
			}
			return end + 1, tag, ""
		}
	}
	return end + 1, tag, ""
}

// entity is the length of a character entity that a text begins with, and what it stands for.
func entity(s string) (int, string) {
	end := strings.IndexByte(s[:min(len(s), 12)], ';')
	if end < 2 {
		return 0, ""
	}
	t := html.UnescapeString(s[:end+1])
	if t == s[:end+1] {
		return 0, ""
	}
	return end + 1, t
}

// splitNotes makes footnote marks of what stands for them in poor texts: digits glued to a long word, a number or an asterisk in
// brackets after a word, a small letter in brackets.
func splitNotes(in []piece) []piece {
	out := make([]piece, 0, len(in)+4)
	for i := 0; i < len(in); i++ {
		p := in[i]
		if p.kind == word && len(p.text) > 4 {
			n := len(p.text)
			for n > 0 && p.text[n-1] >= '0' && p.text[n-1] <= '9' {
				n--
			}
			if digits := len(p.text) - n; digits > 0 && digits <= 2 && n >= 4 && p.end-p.start >= len(p.text) {
				w := p
				w.text, w.end = p.text[:n], p.end-digits
				out = append(out, w, piece{text: p.text[n:], start: p.end - digits, end: p.end, kind: note, before: glued})
				continue
			}
		}
		if p.kind == mark && p.text == open && i > 0 && i+2 < len(in) && in[i+2].kind == mark && in[i+2].text == closing && p.before <= blank {
			q := in[i+1]
			short := q.kind == note || q.kind == number && len(q.text) <= 2 && p.end-p.start == 1 || q.kind == word && len(q.text) == 1 && !q.capital
			if short && (in[i-1].kind == word || in[i-1].kind == sign || in[i-1].kind == note || in[i-1].text == closing) {
				out = append(out, piece{text: q.text, start: p.start, end: in[i+2].end, kind: note, before: p.before})
				i += 2
				continue
			}
		}
		out = append(out, p)
	}
	return out
}
