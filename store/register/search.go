package register

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Word is a word of a text as search compares it, and where it stands: the bytes from Start to End of the text. In scripts
// that put no blanks between words each character is a word of its own, a Sign.
type Word struct {
	Text       string
	Start, End int
	Sign       bool
}

// Words are the words of a text, folded as Fold does it and then as a searcher means them: without an article that is
// written into the word (l’avenir, الاتحاد), without the English possessive, figures of every script as 0 to 9, traditional
// Chinese characters as their simplified ones. Bytes that are no UTF-8 part words.
func Words(text string) []Word {
	x := words{text: text, all: make([]Word, 0, len(text)/6+1)}
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			x.plain(rune(c), i, i+1)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		x.rune(r, i, i+n)
		i += n
	}
	x.end()
	return x.all
}

// words is the reading of one text.
type words struct {
	text       string
	all        []Word
	now        []byte // of the word being read
	from, to   int
	apostrophe int // length of now at the last apostrophe in it, 0 for none
	arabic     bool
}

func (x *words) rune(r rune, from, to int) {
	switch {
	case r == utf8.RuneError && to-from == 1:
		x.end()
		return
	case hidden(r):
		if len(x.now) > 0 {
			x.to = to
		}
		return
	case 0x4E00 <= r && r <= 0x9FFF:
		x.sign(r, from, to)
		return
	}
	decomposed := norm.NFKD.String(x.text[from:to])
	if utf8.RuneCountInString(decomposed) == 1 {
		d, _ := utf8.DecodeRuneInString(decomposed)
		x.plain(d, from, to)
		return
	}
	// A character that stands for several is one word or a part of one: ½, ﷺ, ㍿.
	spoken := strings.IndexFunc(decomposed, func(d rune) bool { return unicode.IsLetter(d) || unicode.IsNumber(d) })
	if spoken < 0 && strings.IndexFunc(decomposed, func(d rune) bool { return !unicode.Is(unicode.Mn, d) }) >= 0 {
		x.end()
		return
	}
	for _, d := range decomposed {
		if n := len(x.all); unicode.IsLetter(d) || unicode.IsNumber(d) || unicode.Is(unicode.Mn, d) {
			if x.plain(d, from, to); len(x.all) > n && x.all[n].Sign {
				return
			}
		}
	}
}

// hidden are characters that are seen only by what they do to the order of others, or not at all: they part no words.
func hidden(r rune) bool {
	return r == 0xAD || r == 0x61C || 0x200B <= r && r <= 0x200F || 0x202A <= r && r <= 0x202E || 0x2060 <= r && r <= 0x2069 || r == 0xFEFF
}

func (x *words) sign(r rune, from, to int) {
	x.end()
	if s, ok := simplified[r]; ok {
		r = s
	}
	x.all = append(x.all, Word{string(r), from, to, true})
}

// plain takes a character of the decomposed text.
func (x *words) plain(r rune, from, to int) {
	if r >= utf8.RuneSelf {
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) && unicode.IsLetter(r) {
			x.sign(r, from, to)
			return
		}
		if d := digitOf(r); d >= 0 && unicode.Is(unicode.Nd, r) {
			r = rune('0' + d)
		}
	}
	n := len(x.now)
	var kept bool
	x.now, kept = appendFolded(x.now, r)
	switch {
	case len(x.now) > n:
		if n == 0 {
			x.from = from
		}
		x.to = to
		if r >= 0x600 && r <= 0x6FF {
			x.arabic = true
		}
	case kept:
		x.end()
	case n > 0 && (r == '\'' || r == '’' || r == 'ʼ'):
		if elided[string(x.now)] {
			x.now = x.now[:0]
			x.apostrophe = 0
			return
		}
		x.apostrophe = n
	case n > 0 && r != '.':
		x.to = to // a mark belongs to its letter
	case n == 0 && len(x.all) > 0 && x.all[len(x.all)-1].Sign && x.all[len(x.all)-1].End == from:
		x.all[len(x.all)-1].End = to
	}
}

// elided are the words that are written into the next one with an apostrophe.
var elided = set("l d j m t s n c qu jusqu lorsqu puisqu dell all nell sull")

func (x *words) end() {
	n := len(x.now)
	if n == 0 {
		return
	}
	if x.apostrophe > 0 && x.apostrophe == n-1 && x.now[n-1] == 's' {
		n--
	}
	w := string(x.now[:n])
	if x.arabic {
		w = withoutArticle(w)
	}
	x.all = append(x.all, Word{w, x.from, x.to, false})
	x.now, x.apostrophe, x.arabic = x.now[:0], 0, false
}

// withoutArticle takes the Arabic article off a folded word, with the little words that are written before it.
func withoutArticle(w string) string {
	for _, front := range []string{"وال", "فال", "بال", "كال", "لل", "ال"} {
		if rest, ok := strings.CutPrefix(w, front); ok && utf8.RuneCountInString(rest) >= 2 {
			return rest
		}
	}
	return w
}

// simplified are the characters of names and titles that are written otherwise in Taiwan, Hong Kong and Macao.
var simplified = func() map[rune]rune {
	pairs := []rune("國国韓韩緬缅聯联歐欧亞亚東东馬马烏乌蘭兰愛爱爾尔羅罗維维納纳約约頓顿寧宁岡冈剛刚幾几內内賓宾貝贝達达盧卢諾诺鲁鲁魯鲁" +
		"權权販贩運运難难貿贸經经濟济與与聲声開开關关際际義义務务動动會会議议員员條条環环網网絡络詐诈騙骗犯犯組组織织護护無无戰战爭争" +
		"裝装軍军備备減减風风險险協协執执課课學学對对話话間间變变氣气發发續续業业農农糧粮災灾樂乐電电訊讯資资術术監监視视" +
		"體体設设計计劃划導导領领勞劳婦妇兒儿產产權权類类種种語语獨独憲宪選选舉举僑侨歸归島岛灣湾澳澳門门廣广華华號号處处" +
		"實实現现應应當当從从來来見见長长專专為为這这個个們们時时過过還还進进連连遠远邊边後后後后復复陸陆陽阳陳陈張张趙赵劉刘" +
		"紐纽蘇苏聖圣薩萨維维薊蓟慶庆節节總总統统黨党爾尔麥麦麗丽墨墨荷荷葡葡銀银錢钱鐵铁鋼钢鑽钻頭头題题額额願愿顧顾飛飞館馆" +
		"驗验髮发魚鱼鳥鸟龍龙齊齐點点據据擔担擁拥擊击擴扩標标樹树橋桥機机檢检殺杀毒毒沒没溝沟滅灭漢汉潔洁澤泽濱滨營营獲获現现" +
		"瓊琼畫画異异療疗癥症盡尽監监確确禮礼禍祸穩稳窮穷競竞筆笔築筑簡简簽签糾纠約约純纯級级紅红細细終终結结給给維维綜综線线編编" +
		"緊紧緩缓縣县縱纵繼继罰罚職职腦脑臨临興兴舊旧葉叶蓋盖藝艺藥药蟲虫衛卫規规親亲覺觉觀观訂订訪访許许訴诉評评試试該该認认誌志說说" +
		"調调談谈請请論论證证識识警警譯译讀读讓让豐丰貢贡財财責责貧贫貨货貴贵買买費费賠赔質质賴赖贊赞贏赢趨趋跡迹踐践車车軌轨輕轻載载" +
		"輸输辦办辭辞遞递遲迟遷迁適适遺遗鄉乡鄰邻醫医釋释針针鈾铀鎖锁鎮镇鏈链閉闭閣阁阿阿陣阵陰阴隊队階阶隨随隱隐雙双雜杂離离響响")
	m := make(map[rune]rune, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] != pairs[i+1] {
			m[pairs[i]] = pairs[i+1]
		}
	}
	return m
}()

// littleWords say nothing alone: a text need not have them to be found.
var littleWords = set(`the a an of on in at by to for from and or with against as is are
	le la les un une des de du et en au aux sur pour par dans avec contre d l
	el los las una y e del al por para con sin o do da dos das
	и в во на о об по с со для от к из за против
	في من على عن الى و او مع ضد ال
	的 和 与 及 在 之 于 年 月 日 der die das und von`)

// Little says that a word is an article or another that says nothing alone.
func (w Word) Little() bool { return littleWords[w.Text] }

// Hyphened says that two words that follow each other in a text are written as one with a hyphen.
func Hyphened(text string, a, b Word) bool {
	r, n := utf8.DecodeRuneInString(text[a.End:])
	return !a.Sign && !b.Sign && isHyphen(r) && a.End+n == b.Start
}

// Near says how many typing errors lie between two words, at most limit of them: a letter missing, too many, another one, or
// two exchanged. It is -1 beyond the limit.
func Near(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 64 || len(y) > 64 || len(x)-len(y) > limit || len(y)-len(x) > limit {
		return -1
	}
	var rows [3][66]int
	for j := 0; j <= len(y); j++ {
		rows[0][j] = j
	}
	before, last, now := &rows[2], &rows[0], &rows[1]
	for i := 1; i <= len(x); i++ {
		now[0] = i
		least := i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			d := min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d = min(d, before[j-2]+1)
			}
			now[j] = d
			least = min(least, d)
		}
		if least > limit {
			return -1
		}
		before, last, now = last, now, before
	}
	if last[len(y)] > limit {
		return -1
	}
	return last[len(y)]
}

// Errors is how many typing errors a word is allowed: none in short words and in those with figures.
func Errors(word string) int {
	n := utf8.RuneCountInString(word)
	if n < 4 || n > 40 || strings.ContainsAny(word, "0123456789") {
		return 0
	}
	if n < 8 {
		return 1
	}
	return 2
}

// Stem is a Cyrillic or Arabic word without what its ending changes with its place in the sentence: беженцы and беженцев,
// لاجئون and لاجئين are one word. It is empty for short words and other scripts, where a word has few forms.
func Stem(word string) string {
	r, _ := utf8.DecodeRuneInString(word)
	if n := utf8.RuneCountInString(word); n < 6 || n > 40 || !unicode.In(r, unicode.Cyrillic, unicode.Arabic) {
		return ""
	}
	for range 2 {
		_, n := utf8.DecodeLastRuneInString(word)
		word = word[:len(word)-n]
	}
	return word
}

// Sought is a word that was looked for, and how it was found: as it is, as the beginning of words, within them, or as the
// words Near that are written almost like it.
type Sought struct {
	Word
	Beginning, Within bool
	Near              []string
}

// finds says whether a word of a text is what was sought.
func (s *Sought) finds(w string) bool {
	if w == s.Text || s.Beginning && strings.HasPrefix(w, s.Text) || s.Within && strings.Contains(w, s.Text) {
		return true
	}
	for _, n := range s.Near {
		if w == n {
			return true
		}
	}
	return false
}

// Marks are the places of a text, as bytes from and to, in order and apart, where something sought stands: whole words, or
// the signs that stand together where they were sought together.
func Marks(text string, sought []Sought) [][2]int {
	if len(sought) == 0 {
		return nil
	}
	ws := Words(text)
	hit := make([]bool, len(ws))
	for k := range sought {
		s := &sought[k]
		if s.Sign {
			markSigns(ws, s.Text, hit)
			continue
		}
		for i := range ws {
			if !ws[i].Sign && s.finds(ws[i].Text) {
				hit[i] = true
			} else if i+1 < len(ws) && Hyphened(text, ws[i], ws[i+1]) && s.finds(ws[i].Text+ws[i+1].Text) {
				hit[i], hit[i+1] = true, true
			}
		}
	}
	var marks [][2]int
	for i, w := range ws {
		switch last := len(marks) - 1; {
		case !hit[i]:
		case last >= 0 && marks[last][1] >= w.Start:
			marks[last][1] = max(marks[last][1], w.End)
		default:
			marks = append(marks, [2]int{w.Start, w.End})
		}
	}
	return marks
}

// markSigns marks signs that follow each other as they do in what was sought.
func markSigns(ws []Word, sought string, hit []bool) {
	signs := strings.Split(sought, "")
	for i := 0; i+len(signs) <= len(ws); i++ {
		same := true
		for k, s := range signs {
			w := &ws[i+k]
			same = same && w.Sign && w.Text == s && (k == 0 || w.Start == ws[i+k-1].End)
		}
		for k := range signs {
			hit[i+k] = hit[i+k] || same
		}
	}
}

// Excerpt is the part of a text, at most about size bytes, around its first mark: whole words, and bytes from and to.
func Excerpt(text string, marks [][2]int, size int) (from, to int) {
	if len(text) <= size || len(marks) == 0 {
		if len(text) <= size {
			return 0, len(text)
		}
		marks = [][2]int{{0, 0}}
	}
	from = max(0, marks[0][0]-size/3)
	to = min(len(text), from+size)
	to = max(to, min(marks[0][1], from+2*size))
	from = max(0, min(from, to-size))
	cut := func(i, step, most int) int {
		j := i
		for n := 0; 0 < j && j < len(text) && n < most; n++ {
			if text[j] == ' ' {
				break
			}
			j += step
		}
		if 0 < j && j < len(text) && text[j] != ' ' {
			j = i
		}
		// In a text that is no UTF-8 there may be no letter to begin with for as far as it goes.
		for n := 0; n < utf8.UTFMax && 0 < j && j < len(text) && !utf8.RuneStart(text[j]); n++ {
			j += step
		}
		return j
	}
	if from > 0 {
		if at := cut(from, 1, 24); at <= marks[0][0] {
			from = at
		} else {
			from = cut(from, -1, 24)
		}
	}
	if to < len(text) {
		to = cut(to, -1, 24)
	}
	for from < to && text[from] == ' ' {
		from++
	}
	return from, max(from, to)
}
