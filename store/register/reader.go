package register

import (
	"html"
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// Recogniser reads who signed out of texts. It is made of one state of the reference data, read-only once made and safe for
// concurrent use.
type Recogniser struct {
	ref  *Reference
	tree *tree
}

// NewRecogniser prepares the names of the reference data for reading. It takes some 150 ms: keep it as long as the
// reference data stands.
func NewRecogniser(ref *Reference) *Recogniser {
	r := &Recogniser{ref: ref}
	r.grow()
	return r
}

// Read finds the signatories, groups and stated numbers in a text of at most MaxRead bytes, as of the text's day: names are
// those of that day, groups have the members of that day. The unknown date reads every name as today's and takes today's
// members.
func (r *Recogniser) Read(text string, on Date) *Recognition {
	x := r.begin(text, on)
	x.link()
	for i := range x.lists {
		x.judge(&x.lists[i])
	}
	x.weigh()
	return x.result()
}

// One reads a text that is known to be one item of a list of signatories: a cell of a table, a line of a list. What stands
// beside the name in it (a date, a footnote mark, "the Government of") is taken off. Start and End are bytes of item. An
// item without a name is a find of certainty Unmatched; an empty one has the empty text.
func (r *Recogniser) One(item string, on Date) Find {
	x := r.begin(item, on)
	best := -1
	for i := range x.names {
		o := &x.names[i]
		if o.group != "" {
			continue
		}
		if best < 0 || o.best.kind != "adjective" && x.names[best].best.kind == "adjective" {
			best = i
		}
	}
	whole := strings.TrimSpace(item)
	start := strings.Index(item, whole)
	f := Find{Span: Span{start, start + len(whole), whole}, Certainty: Unmatched, Reason: "no_name", Candidates: []string{}}
	switch {
	case best < 0:
		if near, ok := x.nearest(0, len(x.ps)); ok {
			f = near
		}
	default:
		o := &x.names[best]
		f = x.find(o)
		words := 0 // besides the name
		for i := range x.ps {
			p := &x.ps[i]
			if (i < o.from || i >= o.to) && p.kind != mark && p.kind != note && x.dateOf[i] < 0 && p.kind != number && p.cues&(small|title|leaders|formal|joining|signing|behalf|heading) == 0 && !x.inBrackets(i) {
				words++
			}
		}
		more := 0
		for i := range x.names {
			if i != best && x.names[i].group == "" && x.names[i].code != o.code && x.names[i].best.kind != "adjective" {
				more++
			}
		}
		if f.Certainty == Certain && (words > 0 || more > 0) {
			f.Certainty, f.Reason = Ask, "prose"
			for i := range x.names {
				if c := x.names[i].code; c != "" && !slices.Contains(f.Candidates, c) {
					f.Candidates = append(f.Candidates, c)
				}
			}
		}
	}
	f.Dates = x.dates
	return f
}

// begin takes a text apart and finds the names in it.
func (r *Recogniser) begin(text string, on Date) *reading {
	x := &reading{Recogniser: r, text: text, on: on, likes: map[string]Find{}}
	x.ps = pieces(text)
	markCues(x.ps)
	x.findDates()
	x.findNames()
	x.findGroups()
	return x
}

// reading is one text being read.
type reading struct {
	*Recogniser
	text    string
	on      Date
	ps      []piece
	dates   []FoundDate
	dateOf  []int  // by piece: the date it is part of, -1 none
	names   []name // in the order of the text
	groups  []group
	lists   []list
	nameAt  []int           // by piece: the name it is part of, -1 none
	likes   map[string]Find // what unknown items are like, by their folded letters
	quiet   bool            // the text has hardly a capital letter
	loud    bool            // the text has hardly a small one
	codedIs int             // 1 no, 2 yes: the text is one of codes
}

// name is one place where a name stands.
type name struct {
	from, to   int // pieces
	code       string
	codes      []string // all that it can mean, where several
	group      string   // a group's code: the name means its members
	best       *known
	prefix     bool // "and" is glued to it
	suffix     string
	owner      bool // "France’s": it owns something
	oblique    bool // "to France", by its ending
	attached   bool // part of a longer name: "Japan Times", "土耳其通讯社"
	whole      bool // the formal name that is built around it is not on record: "Republic of Ireland"
	list       int  // index in lists, -1 none
	place      int  // in its list, from 1
	phrase     int  // its place in groups, from 1; 0 where it is in no phrase for members
	unmatched  bool
	former     bool // a name that the participant no longer has
	presenter  bool
	notes      string
	inBrackets bool
}

// group is a phrase that stands for members.
type group struct {
	from, to int // pieces
	code     string
	name     int // index in names: the name of the group
	keeps    bool
}

// list is a chain of names that stand beside each other.
type list struct {
	names   []int
	from    int // pieces
	to      int
	lines   bool // one a line
	verdict verdict
	// strong says that the list is plainly that of those who signed; evidence that its sentence speaks of signing.
	strong, evidence, headed bool
	number                   int // from 1 in the order of the text, 0 for what is no list
}

type verdict uint8

const (
	undecided verdict = iota
	signed
	denied
	spokenOf // in another role
	asked
)

func (x *reading) findDates() {
	x.dateOf = make([]int, len(x.ps))
	for i := range x.dateOf {
		x.dateOf[i] = -1
	}
	for i := 0; i < len(x.ps); i++ {
		d, n := dateAt(x.text, x.ps, i)
		if n == 0 {
			continue
		}
		for j := range n {
			x.dateOf[i+j] = len(x.dates)
		}
		x.dates = append(x.dates, d)
		i += n - 1
	}
	// One date that can be told only in one way tells the order of all that are written like it.
	dayFirst, monthFirst := false, false
	for i := range x.dates {
		d := &x.dates[i]
		if d.Other.Known() || d.Date.Precision() != ByDay {
			continue
		}
		ps := pieces(d.Text)
		if len(ps) >= 3 && ps[0].kind == number && len(ps[0].text) <= 2 && strings.ContainsAny(d.Text, "/") {
			n, _ := digits(ps[0].text)
			dayFirst = dayFirst || n == int(d.Date.Day) && n > 12
			monthFirst = monthFirst || n == int(d.Date.Month) && d.Date.Day > 12
		}
	}
	for i := range x.dates {
		if d := &x.dates[i]; d.Other.Known() && dayFirst != monthFirst {
			if monthFirst {
				d.Date = d.Other
			}
			d.Other = Date{}
		}
	}
}

// ended says that a participant was no more on the day of the text.
func (x *reading) ended(code string) bool {
	p := x.ref.Participant(code)
	return p != nil && p.ValidTo.Known() && (!x.on.Known() || x.on.First() > p.ValidTo.Last())
}

// begun says that a participant was there on the day of the text.
func (x *reading) begun(code string) bool {
	p := x.ref.Participant(code)
	return p == nil || !p.ValidFrom.Known() || !x.on.Known() || x.on.Last() >= p.ValidFrom.First()
}

func (x *reading) findNames() {
	upper, lower := 0, 0
	for i := range x.ps {
		if p := &x.ps[i]; p.kind == word && (p.script == latin || p.script == cyrillic || p.script == greek) {
			if p.capital || p.capitals {
				upper++
			} else {
				lower++
			}
		}
	}
	x.quiet = upper == 0 && lower > 0
	x.loud = upper > 3 && lower*10 < upper
	if x.loud {
		small := 0
		for i := range x.ps {
			if p := &x.ps[i]; p.kind == word && p.capital && !p.capitals && len(p.text) > 2 {
				small++
			}
		}
		x.loud = small*4 < upper
	}
	x.nameAt = make([]int, len(x.ps))
	for i := range x.nameAt {
		x.nameAt[i] = -1
	}
	for i := 0; i < len(x.ps); i++ {
		p := &x.ps[i]
		if p.kind != word && p.kind != sign || x.dateOf[i] >= 0 {
			continue
		}
		if p.kind == sign && i > 0 && p.text == "中" && x.ps[i-1].text == "其" {
			continue // 其中国家: "among them, states"
		}
		h, ok := x.tree.at(x.ps, i, x.may)
		if !ok {
			continue
		}
		o, ok := x.nameOf(h)
		if !ok {
			continue
		}
		if leading[p.text] && i+1 < len(x.ps) && x.ps[i+1].kind == word {
			// The article is part of the name only where the official name has it.
			if h, ok := x.tree.at(x.ps, i+1, x.may); ok && (h.to > o.to || h.to == o.to && o.best.kind != "name") {
				if bare, ok := x.nameOf(h); ok {
					o = bare
				}
			}
		}
		for j := o.from; j < o.to; j++ {
			x.nameAt[j] = len(x.names)
		}
		x.names = append(x.names, o)
		i = o.to - 1
	}
	x.singles()
	x.around()
}

// singles keeps names of one Chinese sign only where several stand together before what they are: 美英法三国.
func (x *reading) singles() {
	single := func(n int) bool {
		return n < len(x.names) && x.ps[x.names[n].from].kind == sign && x.names[n].to-x.names[n].from == 1
	}
	for n := 0; n < len(x.names); n++ {
		if !single(n) {
			continue
		}
		end := n + 1
		for single(end) && x.names[end].from == x.names[end-1].to {
			end++
		}
		next := x.names[end-1].to
		ok := end-n >= 2 && next < len(x.ps) && x.ps[next].before == glued && (strings.Contains(hanDigits+"两等", x.ps[next].text) || x.ps[next].cues&leaders != 0) &&
			(x.names[n].from == 0 || x.ps[x.names[n].from-1].text != quote)
		for ; n < end; n++ {
			if !ok {
				x.names[n].unmatched = true
				x.nameAt[x.names[n].from] = -1
			}
		}
		n--
	}
}

// may says whether a known name may be read in a place: capitals, accents, its time.
func (x *reading) may(k *known, h *hit) bool {
	first := &x.ps[h.from]
	if first.script == hangul && len(k.text) <= 3 && !x.beforePower(h) {
		return false
	}
	if (k.rule == "marks" || k.marks) && !first.capital && !x.quiet && cased(firstRune(k.text)) {
		return false
	}
	if k.kind == "code" && !x.coded() {
		return false
	}
	if k.rule == "marks" || k.marks {
		if !exact(x.text[first.start:x.ps[h.to-1].end], k.text) {
			return false
		}
	}
	if h.suffix == "s" && (k.lang != "de" && k.lang != "da" && k.lang != "sv" && k.lang != "no" || k.kind == "adjective" || k.kind == "abbreviation") {
		return false
	}
	if first.script == latin && h.to-h.from == 1 && first.capitals && !x.loud && len([]rune(k.text)) <= 3 && !capitalsOnly(k.text) {
		return false // NGA is a code, and no Nga
	}
	if first.script == latin && first.capitals && h.to-h.from == 1 && len(first.text) <= 3 && x.codes(h.from) {
		return false
	}
	if first.script == latin || first.script == cyrillic || first.script == greek {
		switch k.cases {
		case "initial":
			if !first.capital && !x.quiet {
				return false
			}
		case "all":
			for j := h.from; j < h.to; j++ {
				if p := &x.ps[j]; p.kind == word && !p.capitals && !(p.capital && len(p.text) == 1) {
					return false
				}
			}
			if x.loud && k.rule == "capitals" && !x.alone(h.from, h.to) {
				return false // US, WHO, CAR: words as well, where all is in capitals
			}
		}
	}
	// "Serbia and Montenegro" are two since 2006.
	if k.code != "" && k.pieces > 2 && x.on.Known() && x.ended(k.code) {
		for j := h.from; j < h.to; j++ {
			if x.ps[j].cues&joining != 0 {
				return false
			}
		}
	}
	return true
}

// coded says that the text is one of codes: most lines begin with one, or most words are codes.
func (x *reading) coded() bool {
	if x.codedIs == 0 {
		lines, heads, words, codes := 0, 0, 0, 0
		for i := range x.ps {
			p := &x.ps[i]
			if p.kind != word {
				continue
			}
			words++
			code := p.capitals && len(p.text) == 3 && x.ref.Participant(strings.ToUpper(p.text)) != nil
			if code {
				codes++
			}
			if p.before >= line || i == 0 {
				lines++
				if code {
					heads++
				}
			}
		}
		x.codedIs = 1
		if codes >= 3 && (heads*10 >= lines*6 && lines > 3 || codes*10 >= words*7) {
			x.codedIs = 2
		}
	}
	return x.codedIs == 2
}

// codes says that a word stands in a column of codes: AU;AUS;Australia.
func (x *reading) codes(i int) bool {
	code := func(i int) bool {
		return i >= 0 && i < len(x.ps) && x.ps[i].kind == word && x.ps[i].capitals && (len(x.ps[i].text) == 2 || len(x.ps[i].text) == 3)
	}
	between := func(i int) bool { return isMark(x.ps, i, comma+semicolon+pipe) && x.ps[i].before <= blank }
	plain := func(i int) bool { return i < len(x.ps) && x.ps[i].kind == word && !x.ps[i].capitals }
	differ := func(i, j int) bool { return code(j) && len(x.ps[i].text) != len(x.ps[j].text) }
	return code(i) && (between(i+1) && differ(i, i+2) && between(i+3) && plain(i+4) || between(i-1) && differ(i, i-2) && between(i+1) && plain(i+2) || between(i+1) && plain(i+2) && i > 0 && x.ps[i].before >= line)
}

// beforePower says that a Korean name of one syllable stands before what it can stand before: 미 행정부, 한·미·일 3국.
func (x *reading) beforePower(h *hit) bool {
	if h.to >= len(x.ps) || h.suffix != "" {
		return false
	}
	t := x.ps[h.to].text
	return x.ps[h.to].before <= blank && (strings.HasPrefix(t, "행정부") || strings.HasPrefix(t, "정부") || strings.HasPrefix(t, "국무") || strings.HasPrefix(t, "대통령"))
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// alone says that pieces stand between marks or line breaks, like an item of a list.
func (x *reading) alone(from, to int) bool {
	left := from == 0 || x.ps[from].before >= wide || x.ps[from-1].kind == mark || x.ps[from-1].cues&(joining|small) != 0
	right := to >= len(x.ps) || x.ps[to].before >= wide || x.ps[to].kind == mark || x.ps[to].kind == note || x.ps[to].cues&joining != 0
	return left && right
}

var kindOrder = map[string]int{"name": 0, "formal": 1, "short": 2, "ambiguous": 3, "variant": 4, "abbreviation": 5, "code": 5, "former": 6, "misspelling": 7, "adjective": 8}

// printed is a piece of the text without what its bringing did to it: words broken at the ends of lines, character entities, tags.
func (x *reading) printed(from, to int) string {
	s := x.text[x.ps[from].start:x.ps[to-1].end]
	if strings.ContainsAny(s, "&<") {
		s = tags.ReplaceAllString(html.UnescapeString(s), "")
	}
	if strings.ContainsAny(s, "\r\n") {
		s = brokenWord.ReplaceAllString(s, "$1")
	}
	return s
}

var (
	brokenWord = regexp.MustCompile(`[-\x{ad}\x{2010}\x{2011}][ \t]*\r?\n[ \t]*(\p{Ll})`)
	tags       = regexp.MustCompile(`<[^>]{1,200}>`)
)

func (x *reading) nameOf(h hit) (name, bool) {
	o := name{from: h.from, to: h.to, prefix: h.prefix, suffix: h.suffix, list: -1}
	names := make([]*known, 0, len(h.names))
	for _, n := range h.names {
		names = append(names, &x.tree.names[n])
	}
	printed := x.printed(h.from, h.to)
	loud := capitalsOnly(printed) && h.to-h.from > 1 // capitals lose their accents: COTE D'IVOIRE
	sort.SliceStable(names, func(i, j int) bool {
		a, b := names[i], names[j]
		if loud && a.kind != b.kind {
			return kindOrder[a.kind] < kindOrder[b.kind]
		}
		if ea, eb := exact(printed, a.text), exact(printed, b.text); ea != eb {
			return ea
		}
		return kindOrder[a.kind] < kindOrder[b.kind]
	})
	anyName := slices.ContainsFunc(names, func(k *known) bool { return k.kind != "adjective" && k.group == "" })
	var exactly, official bool
	for _, k := range names {
		if k.group != "" {
			if o.group == "" {
				o.group = k.group
			}
			if o.best == nil {
				o.best = k
			}
			continue
		}
		if k.rule == "never" {
			o.best, o.code, o.codes = k, "", k.codes
			return o, true
		}
		if k.kind == "adjective" && anyName {
			continue
		}
		e := exact(printed, k.text)
		if k.kind == "former" && k.to.Known() && (e || loud) && (!x.on.Known() || x.on.Last() >= k.to.First()) {
			o.former = true
		}
		if k.kind == "name" || k.kind == "formal" {
			official = official || e || loud
		}
		if o.code == "" {
			exactly = e
		}
		if exactly && !e {
			continue // accents tell it from the other
		}
		if o.best == nil || o.best.group != "" {
			o.best = k
		}
		if o.code == "" {
			o.code = k.code
		}
		for _, c := range append([]string{k.code}, ruled(k)...) {
			if c != "" && !slices.Contains(o.codes, c) {
				o.codes = append(o.codes, c)
			}
		}
	}
	if o.best == nil {
		return o, false
	}
	o.former = o.former && !official
	return o, true
}

// ruled are the further codes that a person has to choose among.
func ruled(k *known) []string {
	if k.rule == "ask" || k.rule == "pair" {
		return k.codes
	}
	return nil
}

// around looks at what stands directly before and after each name.
func (x *reading) around() {
	for n := range x.names {
		o := &x.names[n]
		cjk := x.ps[o.from].kind == sign || x.ps[o.from].script == kana
		// The Republic of …, where the register has no such formal name.
		if i := o.from - 1; i > 0 && x.ps[i].cues&small != 0 && x.nameAt[i] < 0 && x.ps[o.from].before <= line && !cjk && x.ps[i].script != arabic {
			if i > 1 && silent[x.ps[i].text] && isJoint(key(&x.ps[i-1])) {
				i--
			}
			j := i
			for j > 0 && x.nameAt[j-1] < 0 && x.ps[j-1].cues&formal != 0 && x.ps[j-1].capital && x.ps[j].before <= line {
				j--
			}
			if j < i && isJoint(key(&x.ps[i])) && x.ps[i].text != "and" {
				for k := j; k < o.from; k++ {
					x.nameAt[k] = n
				}
				o.from, o.whole = j, true
			}
		}
		// Latvia, Republic of; Latvia (Republic of); Niger (the)
		if to := x.after(o.to); to > o.to {
			for k := o.to; k < to; k++ {
				x.nameAt[k] = n
			}
			o.to = to
		}
		if o.to < len(x.ps) {
			p := &x.ps[o.to]
			if p.before == apostrophe && p.kind == word && o.best.lang != "tr" && (p.text == "s" || p.script == latin && len(p.text) <= 4) && p.text != "and" {
				o.owner = true
			}
			if p.before <= blank && p.kind == word && cased(rune(p.text[0])) && !cjk && p.capital && x.nameAt[o.to] < 0 && !x.loud &&
				p.cues&(joining|title|formal|leaders|signing|members|we|heading|behalf) == 0 && x.ps[o.from].script == latin && p.before != hyphen {
				o.attached = true
			}
			if p.before == hyphen && p.kind == word && x.nameAt[o.to] < 0 {
				o.attached = true
			}
			if cjk && p.before == glued && p.kind == sign && x.nameAt[o.to] < 0 &&
				p.cues&(joining|signing|issuing|leaders|saying|states|members|others|negation|exception|behalf|between) == 0 && p.text != "等" && p.text != "外" && !strings.Contains(hanDigits+"十百两", p.text) {
				o.attached = true
			}
			if cjk && p.before == glued && (p.script == hiragana) && strings.HasPrefix(p.text, "に") {
				o.oblique = true
			}
		}
		if o.from > 0 {
			p := &x.ps[o.from-1]
			if p.kind == word && x.ps[o.from].before <= blank && x.nameAt[o.from-1] < 0 && p.capital && !cjk && !x.loud && p.script == latin && !sentenceStart(x.ps, o.from-1) &&
				p.cues&^others == 0 && len(p.text) > 1 && x.ps[o.from].before != hyphen {
				o.attached = true
			}
			if x.ps[o.from].before == hyphen && p.kind == word && x.nameAt[o.from-1] < 0 {
				o.attached = true
			}
		}
		if o.suffix != "" && o.suffix != "s" {
			for _, p := range particles {
				if p.text == o.suffix {
					o.oblique = p.oblique && !(o.suffix == "의" && o.to < len(x.ps) && x.ps[o.to].cues&leaders != 0)
				}
			}
		}
		o.inBrackets = x.inBrackets(o.from)
		// Footnote marks.
		for i := o.to; i < len(x.ps) && x.ps[i].kind == note && x.ps[i].before <= blank; i++ {
			if x.ps[i].text == "*" && o.from > 0 && x.ps[o.from-1].kind == note && x.ps[o.from-1].text == "*" {
				break // *emphasis*
			}
			if o.notes != "" {
				o.notes += " "
			}
			o.notes += x.text[x.ps[i].start:x.ps[i].end]
		}
		o.presenter = x.presents(o)
	}
}

func sentenceStart(ps []piece, i int) bool {
	return i == 0 || ps[i].before >= line || ps[i-1].kind == mark && ps[i-1].text != comma && ps[i-1].text != dash
}

// after is where a name ends that goes on with its formal part: ", Republic of", "(Republic of)", "(the)".
func (x *reading) after(i int) int {
	if i+1 >= len(x.ps) || x.ps[i].kind != mark || x.ps[i].text != comma && x.ps[i].text != open || x.ps[i].before > blank {
		return i
	}
	bracket := x.ps[i].text == open
	j, formals := i+1, 0
	for ; j < len(x.ps) && x.ps[j].kind == word && x.ps[j].before <= line && x.nameAt[j] < 0 && x.ps[j].cues&(formal|small) != 0 && j-i < 7; j++ {
		if x.ps[j].cues&formal != 0 {
			formals++
		}
	}
	last := key(&x.ps[j-1])
	switch {
	case bracket && j > i+1 && isMark(x.ps, j, closing) && (formals > 0 || j == i+2 && silent[last]):
		return j + 1
	case !bracket && formals > 0 && (isJoint(last) || silent[last]) && last != "and" && (j >= len(x.ps) || x.ps[j].kind == mark || x.ps[j].kind == note || x.ps[j].before >= line || x.ps[j].cues&joining != 0):
		return j
	}
	return i
}

func (x *reading) inBrackets(i int) bool {
	depth := 0
	for j := i - 1; j >= 0 && i-j < 40; j-- {
		if x.ps[j].kind == mark {
			switch x.ps[j].text {
			case closing:
				depth++
			case open:
				if depth == 0 {
					return true
				}
				depth--
			case stop:
				if x.ps[j+1].before >= blank {
					return false
				}
			}
		}
	}
	return false
}

// presents says that a name is followed by "on behalf of", whether in brackets or not.
func (x *reading) presents(o *name) bool {
	for i := o.to; i < len(x.ps) && i < o.to+5; i++ {
		p := &x.ps[i]
		if p.cues&behalf != 0 && !(p.kind == sign && p.cues&leaders != 0 && p.before == glued && i == o.to) {
			return true
		}
		if p.before >= paragraph || p.kind == mark && p.text != comma && p.text != open || x.nameAt[i] >= 0 || p.cues&(joining|signing) != 0 {
			return false
		}
	}
	return false
}
