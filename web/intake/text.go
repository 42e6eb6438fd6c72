package intake

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// Decode turns the bytes of a text into UTF-8 and tells what they were read as, by the names of the WHATWG Encoding
// Standard: by a byte order mark, by being valid UTF-8, by the zeros of UTF-16, and else by which encoding makes plausible
// words of them. Lines end with \n in the result, and other control characters but the tab are gone. What is no text, or
// no encoding makes sense of, is a *Refusal.
func Decode(b []byte) (text, encoding string, err error) {
	text, encoding, _, r := decode(b)
	if r != nil {
		return "", "", r
	}
	return text, encoding, nil
}

// decode also says whether the encoding is a guess.
func decode(b []byte) (text, encoding string, guessed bool, r *Refusal) {
	text, encoding, guessed, r = toUTF8(b)
	if r != nil {
		return "", "", false, r
	}
	if text, r = clean(text); r != nil {
		return "", "", false, r
	}
	return text, encoding, guessed, nil
}

func toUTF8(b []byte) (text, name string, guessed bool, r *Refusal) {
	switch {
	case bytes.HasPrefix(b, []byte("\xEF\xBB\xBF")):
		b = b[3:]
		if !utf8.Valid(b) {
			return "", "", false, refuse("invalid_utf8", "Line", invalidLine(b))
		}
		return string(b), "utf-8", false, nil
	case bytes.HasPrefix(b, []byte("\xFF\xFE\x00\x00")), bytes.HasPrefix(b, []byte("\x00\x00\xFE\xFF")):
		return "", "", false, refuse("encoding")
	case bytes.HasPrefix(b, []byte("\xFF\xFE")):
		return fromUTF16(b[2:], false)
	case bytes.HasPrefix(b, []byte("\xFE\xFF")):
		return fromUTF16(b[2:], true)
	case bytes.HasPrefix(b, []byte("\x84\x31\x95\x33")):
		if text, ok := strictly(simplifiedchinese.GB18030, b[4:]); ok {
			return text, "gb18030", false, nil
		}
		return "", "", false, refuse("encoding")
	case bytes.IndexByte(b, 0) >= 0:
		return unmarkedUTF16(b)
	case bytes.Contains(b, []byte("\x1b$")):
		// The seven-bit encodings of Japanese and Korean mail are ASCII to the eye.
		if text, ok := strictly(japanese.ISO2022JP, b); ok {
			return text, "iso-2022-jp", true, nil
		}
		return "", "", false, refuse("encoding")
	case utf8.Valid(b):
		return string(b), "utf-8", false, nil
	}
	if text, label, ok := declared(b); ok {
		return text, label, false, nil
	}
	if damagedUTF8(b) {
		return "", "", false, refuse("invalid_utf8", "Line", invalidLine(b))
	}
	text, name = guess(b)
	if name == "" {
		return "", "", false, refuse("encoding")
	}
	return text, name, true, nil
}

// invalidLine is the number of the line, from 1, with the first byte that is not UTF-8.
func invalidLine(b []byte) int {
	line := 1
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n <= 1 {
			break
		}
		if r == '\n' {
			line++
		}
		b = b[n:]
	}
	return line
}

// damagedUTF8 says that bytes are UTF-8 but for a few: read as anything else they would be nonsense throughout.
func damagedUTF8(b []byte) bool {
	good, bad := 0, 0
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n <= 1:
			bad++
		case r >= utf8.RuneSelf:
			good++
		}
		b = b[n:]
	}
	return good > bad
}

func fromUTF16(b []byte, big bool) (string, string, bool, *Refusal) {
	name := "utf-16le"
	if big {
		name = "utf-16be"
	}
	text, ok := utf16Text(b, big)
	if !ok {
		return "", "", false, refuse("encoding")
	}
	return text, name, false, nil
}

// utf16Text is false where units are halves of no pair, or half a unit is left over.
func utf16Text(b []byte, big bool) (string, bool) {
	if len(b)%2 != 0 {
		return "", false
	}
	var out strings.Builder
	out.Grow(len(b))
	for i := 0; i < len(b); i += 2 {
		r := unit(b[i:], big)
		if utf16.IsSurrogate(r) {
			if i+3 >= len(b) {
				return "", false
			}
			if r = utf16.DecodeRune(r, unit(b[i+2:], big)); r == unicode.ReplacementChar {
				return "", false
			}
			i += 2
		}
		out.WriteRune(r)
	}
	return out.String(), true
}

func unit(b []byte, big bool) rune {
	if big {
		return rune(b[0])<<8 | rune(b[1])
	}
	return rune(b[1])<<8 | rune(b[0])
}

// unmarkedUTF16 reads text that has zero bytes: UTF-16 without a mark, or no text at all. The right order of the bytes is
// the one in which blanks, line ends and stops come out; in the other they are characters that nobody uses.
func unmarkedUTF16(b []byte) (string, string, bool, *Refusal) {
	best, name, most := "", "", 0
	for _, big := range []bool{false, true} {
		text, ok := utf16Text(b, big)
		if !ok {
			continue
		}
		good, all := 0, 0
		for _, r := range text {
			all++
			switch {
			case strings.ContainsRune("\n\r\t ,.;:()0123456789、。，；：（）،؛", r):
				good += 2
			case r < 0x80 && unicode.IsGraphic(r), unicode.Is(letters, r) && r >= 0x80:
				good++
			default:
				good -= 2
			}
		}
		if good > most && good*10 >= all*8 {
			best, most, name = text, good, "utf-16le"
			if big {
				name = "utf-16be"
			}
		}
	}
	if name == "" {
		return "", "", false, refuse("binary")
	}
	return best, name, true, nil
}

// letters are the scripts in which names of the register are written.
var letters = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x00C0, Hi: 0x024F, Stride: 1}, {Lo: 0x0370, Hi: 0x052F, Stride: 1}, {Lo: 0x0590, Hi: 0x06FF, Stride: 1},
	{Lo: 0x0900, Hi: 0x097F, Stride: 1}, {Lo: 0x0E00, Hi: 0x0E7F, Stride: 1}, {Lo: 0x10A0, Hi: 0x10FF, Stride: 1},
	{Lo: 0x1E00, Hi: 0x1EFF, Stride: 1}, {Lo: 0x2010, Hi: 0x2026, Stride: 1}, {Lo: 0x3001, Hi: 0x30FF, Stride: 1},
	{Lo: 0x4E00, Hi: 0x9FFF, Stride: 1}, {Lo: 0xAC00, Hi: 0xD7A3, Stride: 1}, {Lo: 0xFF00, Hi: 0xFFEF, Stride: 1},
}}

// declared reads a page in the encoding that it names itself, if that fits.
func declared(b []byte) (text, name string, ok bool) {
	head := bytes.ToLower(b[:min(len(b), 2048)])
	if !bytes.Contains(head, []byte("<meta")) && !bytes.HasPrefix(head, []byte("<?xml")) {
		return "", "", false
	}
	for _, mark := range []string{"charset=", "encoding="} {
		_, rest, found := bytes.Cut(head, []byte(mark))
		if !found {
			continue
		}
		rest = bytes.TrimLeft(rest, `"' `)
		end := bytes.IndexAny(rest, "\"' />;\n")
		if end < 0 {
			continue
		}
		e, err := htmlindex.Get(string(rest[:end]))
		if err != nil {
			continue
		}
		if name, err = htmlindex.Name(e); err != nil || name == "utf-8" || strings.HasPrefix(name, "utf-16") || name == "replacement" {
			continue
		}
		if text, ok = strictly(e, b); ok {
			return text, name, true
		}
	}
	return "", "", false
}

// strictly decodes bytes that must all have a meaning.
func strictly(e encoding.Encoding, b []byte) (string, bool) {
	out, err := e.NewDecoder().Bytes(b)
	if err != nil || bytes.Contains(out, []byte("\uFFFD")) {
		return "", false
	}
	return string(out), true
}

// A tongue is an encoding with the characters that texts in it mostly consist of.
type tongue struct {
	name   string
	label  string // as people know it
	code   encoding.Encoding
	common map[rune]bool
	script *unicode.RangeTable
	wide   bool // two bytes a character
}

// hanzi are the characters that Chinese declarations and the names in them use most.
const hanzi = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严" +
	"阿尔巴尼亚阿根廷澳大利亚奥地利孟加拉国巴西加拿大智利哥伦比亚埃及法兰西德国希腊印度尼西亚伊朗伊拉克爱尔兰以色列意大利日本约旦肯尼亚科威特韩国朝鲜黎巴嫩马来西亚墨西哥摩洛哥荷兰新西兰尼日利亚挪威巴基斯坦菲律宾波兰葡萄牙卡塔尔俄罗斯沙特南非西班牙瑞典瑞士泰国土耳其乌克兰英国美国越南声明联合宣言签署共同代表部长外交"

const hanziTraditional = "的一是不了在有人我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得于著下自之年過發後作里用道行所然家種事成方多經么去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重并物手應戰向頭文體政美相見被利什二等產或新己制身果加西斯月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員解水名真論處走義各入幾口認條平系氣題活爾更別打女變四神總何電數安少報才結反受目太量再感建務做接必場件計管期市直德資命山金指克許統區保至隊形社便空決治展馬科司五基眼書非則聽白卻界達光放強即像難且權思王象完設式色路記南品住告類求據程北邊死張該交規萬取拉格望覺術領共確傳師觀清今切院讓識候帶導爭運國亞蘭聯韓臺灣簽署宣言"

// tongues are what a text without a mark may be written in. Where several fit equally, the first is taken.
var tongues = []tongue{
	{"windows-1252", "Windows-1252 (Western European)", charmap.Windows1252, runes("éèêëàâáãäåæçíîïìñóôöõòøœúûüùÿßÉÈÊÀÂÁÄÅÇÍÓÔÖØÚÜÑ’‘“”«»–—°º§…•·"), unicode.Latin, false},
	{"windows-1251", "Windows-1251 (Cyrillic)", charmap.Windows1251, runes("оеаинтсрвлкмдпуяызбгчйхжюОЕАИНТСРВЛКМДПУЯБГЧЙХ«»–—№"), unicode.Cyrillic, false},
	{"windows-1256", "Windows-1256 (Arabic)", charmap.Windows1256, runes("اليمونرتبةعدسفهكقحجإأشصطخء،ىذثضزغ"), unicode.Arabic, false},
	{"gb18030", "GB18030 (Chinese)", simplifiedchinese.GB18030, runes(hanzi + "，。、；：（）《》“”"), unicode.Han, true},
	{"windows-1250", "Windows-1250 (Central European)", charmap.Windows1250, runes("ąćęłńóśźżáčďéěíňřšťúůýžäöüőűôľĺŕăâîşţđĄĆŁŃÓŚŹŻČĎŘŠŤŽÁÉÍŐ„”–—’"), unicode.Latin, false},
	{"windows-1254", "Windows-1254 (Turkish)", charmap.Windows1254, runes("çğıöşüÇĞİÖŞÜâîû’“”–—"), unicode.Latin, false},
	{"windows-1253", "Windows-1253 (Greek)", charmap.Windows1253, runes("αοιετνσρπκςλμηυάίόέήύώωγδχθφβζξΑΟΙΕΤΝΣΡΠΚΛΜΗΥΓΔΧΘΦΒ«»"), unicode.Greek, false},
	{"windows-1255", "Windows-1255 (Hebrew)", charmap.Windows1255, runes("יוהלאמתרבשנםדקעחטפזכסגצןךץףה"), unicode.Hebrew, false},
	{"koi8-r", "KOI8-R (Cyrillic)", charmap.KOI8R, runes("оеаинтсрвлкмдпуяызбгчйхжюОЕАИНТСРВЛКМДПУЯБГЧЙХ"), unicode.Cyrillic, false},
	{"iso-8859-5", "ISO 8859-5 (Cyrillic)", charmap.ISO8859_5, runes("оеаинтсрвлкмдпуяызбгчйхжюОЕАИНТСРВЛКМДПУЯБГЧЙХ№"), unicode.Cyrillic, false},
	{"ibm866", "IBM 866 (Cyrillic)", charmap.CodePage866, runes("оеаинтсрвлкмдпуяызбгчйхжюОЕАИНТСРВЛКМДПУЯБГЧЙХ№"), unicode.Cyrillic, false},
	{"iso-8859-6", "ISO 8859-6 (Arabic)", charmap.ISO8859_6, runes("اليمونرتبةعدسفهكقحجإأشصطخء،ىذثضزغ"), unicode.Arabic, false},
	{"iso-8859-2", "ISO 8859-2 (Central European)", charmap.ISO8859_2, runes("ąćęłńóśźżáčďéěíňřšťúůýžäöüőűôľĺŕăâîşţđĄĆŁŃÓŚŹŻČĎŘŠŤŽÁÉÍŐ"), unicode.Latin, false},
	{"macintosh", "Mac OS Roman", charmap.Macintosh, runes("éèêëàâáãäåæçíîïìñóôöõòøœúûüùÿßÉÈÊÀÂÁÄÅÇÍÓÔÖØÚÜÑ’‘“”«»–—"), unicode.Latin, false},
	{"big5", "Big5 (Chinese)", traditionalchinese.Big5, runes(hanziTraditional + "，。、；：（）《》「」"), unicode.Han, true},
	{"euc-kr", "EUC-KR (Korean)", korean.EUCKR, nil, unicode.Hangul, true},
	{"shift_jis", "Shift_JIS (Japanese)", japanese.ShiftJIS, nil, unicode.Hiragana, true},
	{"euc-jp", "EUC-JP (Japanese)", japanese.EUCJP, nil, unicode.Hiragana, true},
}

func runes(s string) map[rune]bool {
	set := map[rune]bool{}
	for _, r := range s {
		set[r] = true
	}
	return set
}

// encodingName is an encoding as people know it from the dialogues of their programs.
func encodingName(name string) string {
	for _, t := range tongues {
		if t.name == name {
			return t.label
		}
	}
	return strings.ToUpper(name)
}

// sample is how many bytes are judged; the whole text is decoded only in what wins.
const sample = 64 << 10

// plausible is the least that an encoding must reach to be taken, out of 1 for a text wholly of its common letters; those
// that hardly anybody uses today must reach more.
const (
	plausible = 0.5
	certain   = 0.8
)

// rarelyUsed are encodings that must fit very well.
var rarelyUsed = map[string]bool{"koi8-r": true, "iso-8859-5": true, "ibm866": true, "iso-8859-6": true, "windows-1253": true, "windows-1255": true}

// guess finds the encoding that makes the most plausible words; none is the empty name.
func guess(b []byte) (text, name string) {
	// The sample begins with the first line that is not ASCII and ends with a line, so as to cut no character in two.
	first := bytes.IndexFunc(b, func(r rune) bool { return r >= utf8.RuneSelf })
	start := bytes.LastIndexByte(b[:max(first, 0)], '\n') + 1
	part := b[start:]
	if len(part) > sample {
		part = part[:sample]
		if end := bytes.LastIndexByte(part, '\n'); end > 0 {
			part = part[:end]
		}
	}
	var best float64
	var code encoding.Encoding
	for i := range tongues {
		t := &tongues[i]
		out, err := t.code.NewDecoder().Bytes(part)
		if err != nil {
			continue
		}
		if s := t.score(out); s > best+0.02 && s >= plausible && (s >= certain || !rarelyUsed[t.name]) {
			best, name, code = s, t.name, t.code
		}
	}
	if name == "" {
		return "", ""
	}
	text, ok := strictly(code, b)
	if !ok {
		return "", ""
	}
	return text, name
}

// score judges the characters beyond ASCII: common letters of the script count 1, others of it less, and against it count
// what no reader would expect: unassigned bytes, signs within words, capitals after small letters, letters of two scripts
// in one word.
func (t *tongue) score(text []byte) float64 {
	sum, n := 0.0, 0
	var before, prior rune = ' ', ' '
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		text = text[size:]
		next, _ := utf8.DecodeRune(text)
		if r >= utf8.RuneSelf {
			n++
			switch {
			case r == utf8.RuneError, r < 0xA0, unicode.Is(unicode.Co, r):
				return 0
			case r == 0xA0:
				sum += 0.8
			case t.common[r]:
				sum++
			case unicode.Is(t.script, r):
				sum += t.rare(r)
			case t.common == nil && unicode.Is(unicode.Katakana, r), t.common == nil && r >= 0x3001 && r <= 0x3002:
				sum++
			case t.common == nil && unicode.Is(unicode.Han, r):
				sum += 0.45
			case unicode.IsLetter(r), unicode.IsLetter(before) && unicode.IsLetter(next):
				sum--
			default:
				sum += 0.2
			}
			if unicode.IsUpper(r) && unicode.IsLower(before) {
				sum--
			}
			// Two letters of one word, one ASCII: only Latin script has that. Wide scripts stand beside ASCII freely.
			if !t.wide && t.script != unicode.Latin && unicode.IsLetter(r) && (asciiLetter(before) || asciiLetter(next)) {
				sum -= 1.5
			}
			// Latin words are ASCII for the most part: three others in a row are rare.
			if t.script == unicode.Latin && unicode.IsLetter(r) && before >= utf8.RuneSelf && unicode.IsLetter(before) && prior >= utf8.RuneSelf && unicode.IsLetter(prior) {
				sum -= 1.5
			}
		} else if unicode.IsUpper(r) && before >= utf8.RuneSelf && unicode.IsLower(before) && t.script == unicode.Latin {
			sum--
		}
		prior, before = before, r
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// rare is what a letter of the script counts that is not among its common ones.
func (t *tongue) rare(r rune) float64 {
	switch {
	case t.common == nil:
		return 1
	case t.name == "gb18030":
		// The first level of GB 2312 holds the characters in use, ordered by sound; the rest is for names and old texts.
		if out, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(string(r))); err == nil && len(out) == 2 && out[1] >= 0xA1 {
			switch {
			case out[0] >= 0xB0 && out[0] <= 0xD7:
				return 0.4
			case out[0] >= 0xD8 && out[0] <= 0xF7:
				return 0
			}
		}
		return -0.5
	case t.wide:
		return 0.3
	}
	return 0.2
}

func asciiLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }

// garbled counts characters that were lost or taken for others before the text came here, and gives the line of the first:
// replacement characters, and UTF-8 that was read as Windows-1252 ("CÃ´te").
func garbled(text string) (count, line int) {
	at, newlines := 0, 1
	found := func(i int) {
		if count++; count == 1 {
			newlines += strings.Count(text[at:i], "\n")
			line = newlines
		}
	}
	var run []byte
	start := 0
	for i, r := range text {
		if r == utf8.RuneError {
			found(i)
		}
		b, ok := byte(0), false
		if r >= utf8.RuneSelf {
			b, ok = charmap.Windows1252.EncodeRune(r)
		}
		if ok && len(run) < 4 {
			if len(run) == 0 {
				start = i
			}
			run = append(run, b)
			if c, n := utf8.DecodeRune(run); n == len(run) && n > 1 && unicode.Is(letters, c) {
				found(start)
				run = run[:0]
			}
			continue
		}
		run = run[:0]
		if ok {
			run, start = append(run, b), i
		}
	}
	return count, line
}

// clean makes every end of line one \n and takes out control characters. Bytes with many of them are no text.
func clean(text string) (string, *Refusal) {
	plain := true
	for _, r := range text {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || r == '\u2028' || r == '\u2029') {
			plain = false
			break
		}
	}
	if plain {
		return text, nil
	}
	var out strings.Builder
	out.Grow(len(text))
	removed := 0
	var before rune
	for _, r := range text {
		switch {
		case r == '\n' && before == '\r':
		case r == '\r', r == '\u2028', r == '\u2029', r == '\u0085', r == '\f', r == '\v':
			out.WriteByte('\n')
		case r == 0:
			return "", refuse("binary")
		case r != '\n' && r != '\t' && unicode.IsControl(r):
			removed++
		default:
			out.WriteRune(r)
		}
		before = r
	}
	if removed > 20 && removed > len(text)/50 {
		return "", refuse("binary")
	}
	return out.String(), nil
}
