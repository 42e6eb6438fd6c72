package register

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// TermKind says what a part of what was typed is taken for.
type TermKind string

// The kinds of term: words as they are; a participant; a group; a topic; a time.
const (
	WordTerm        TermKind = "word"
	ParticipantTerm TermKind = "participant"
	GroupTerm       TermKind = "group"
	TopicTerm       TermKind = "topic"
	TimeTerm        TermKind = "time"
)

// Term is a part of what was typed, from Start to End in bytes, and what it is taken for. A name can be that of a
// participant, a group and a topic at once: Kind is the first of them, and the codes of all are given.
type Term struct {
	Kind       TermKind
	Start, End int
	Words      []Word

	Participants []string // any of them is meant; more than one where the name leaves it open
	Group, Topic string
	Others       []string // participants that the name can mean too, though it is not taken so
	From, To     Date     // either may be unknown: since, before
}

// Open says that a name leaves open which participant is meant.
func (p *Term) Open() bool { return len(p.Participants) > 1 }

// Question is what was typed, parted.
type Question struct {
	Typed string
	Terms []Term
	Sense bool // at least one part is taken for more than words
	Blank bool // there is nothing in it to look for: no letter and no figure, or nothing but articles
}

// Without is what was typed without one of the parts.
func (q *Question) Without(i int) string { return q.With(i, "") }

// With is what was typed with other words in place of one of the parts.
func (q *Question) With(i int, words string) string {
	p := &q.Terms[i]
	return strings.Join(strings.Fields(q.Typed[:p.Start]+" "+words+" "+q.Typed[p.End:]), " ")
}

// meaning is what a name in a question can stand for.
type meaning struct {
	participants, others []string
	group, topic         string
	rank                 int    // of the participant's name: the lower, the better known
	code                 bool   // not a name but a code
	capitals             bool   // a name only where it is written in capitals
	exact                string // a name only where it is written so, marks included
	phrase               bool   // contains a name and means something else: where it is nothing besides, its words are words
}

// meanings are what names and codes of one reference can stand for, by their words.
type meanings struct {
	byName  map[string]*meaning
	longest int // words of the longest
}

// nameRanks are the kinds of name by which a participant can be meant. Adjectives are none: they are words.
var nameRanks = map[string]int{"short": 0, "formal": 1, "former": 2, "abbreviation": 2, "variant": 2, "misspelling": 3}

// WordsKey is words as one text, a blank between each two: by it names and titles are compared.
func WordsKey(ws []Word) string {
	var b strings.Builder
	for i := range ws {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(ws[i].Text)
	}
	return b.String()
}

// mostWords is how many words a name can have in a question.
const mostWords = 16

func (r *Reference) meant() *meanings {
	r.meaning.once.Do(func() { r.meaning.made = newMeanings(r) })
	return r.meaning.made
}

func newMeanings(r *Reference) *meanings {
	m := &meanings{byName: map[string]*meaning{}}
	rules := map[string]*Ambiguous{}
	for i := range r.Ambiguous {
		rules[r.Ambiguous[i].Text] = &r.Ambiguous[i]
	}
	at := func(text string) *meaning {
		ws := Words(text)
		if len(ws) == 0 || len(ws) > mostWords {
			return nil
		}
		key := WordsKey(ws)
		x := m.byName[key]
		if x == nil {
			x = &meaning{rank: 9}
			m.byName[key] = x
			m.longest = max(m.longest, len(ws))
		}
		return x
	}
	name := func(code, text, kind string) {
		rank, ok := nameRanks[kind]
		rule := rules[text]
		if !ok || rule != nil && rule.Rule == "never" {
			return
		}
		x := at(text)
		if x == nil {
			return
		}
		if len(x.participants) == 0 && rule != nil {
			x.capitals = rule.Rule == "capitals"
			if rule.Rule == "marks" {
				x.exact = text
			}
		} else if rule == nil {
			x.capitals, x.exact = false, ""
		}
		switch {
		case slices.Contains(x.participants, code):
			x.rank = min(x.rank, rank)
		case rank < x.rank:
			x.others = append(x.others, x.participants...)
			x.participants, x.rank = []string{code}, rank
		case rank == x.rank:
			x.participants = append(x.participants, code)
		default:
			x.others = append(x.others, code)
		}
	}
	for _, p := range r.Participants {
		for _, n := range p.Names {
			name(p.Code, n, "short")
		}
		for _, n := range p.Formal {
			name(p.Code, n, "formal")
		}
		for _, a := range p.Aliases {
			name(p.Code, a.Text, a.Kind)
		}
	}
	for i := range r.Ambiguous {
		a := &r.Ambiguous[i]
		if a.Rule == "never" || a.Rule == "ask" && len(a.Codes) == 1 {
			// South Georgia is not Georgia, and who Scotland is has to be chosen: neither is a name, nor is any name in it.
			if x := at(a.Text); x != nil && len(x.participants) == 0 {
				x.phrase = true
				if a.Rule == "ask" {
					x.others = append(x.others, a.Codes...)
				}
			}
			continue
		}
		if len(a.Codes) < 2 || a.Rule != "ask" && a.Rule != "pair" && a.Rule != "longest" || r.Participant(a.Codes[0]) == nil {
			continue
		}
		x := at(a.Text)
		if x == nil {
			continue
		}
		if a.Rule == "longest" {
			x.participants = a.Codes[:1]
			// Lists of names are read with care for all of them; but who asks for one is shown another only where it is called alike.
			for _, code := range a.Codes[1:] {
				if r.calledLike(code, a.Text) {
					x.others = append(x.others, code)
				}
			}
		} else {
			x.participants = a.Codes
		}
	}
	// A code is the participant's, whatever else the letters are: AUS is no misspelling.
	for _, p := range r.Participants {
		for _, code := range []string{p.Code, p.Alpha3, p.UserAssigned, p.Alpha2, p.M49} {
			if code == "" {
				continue
			}
			if x := at(code); x != nil && !slices.Contains(x.participants, p.Code) {
				if len(x.participants) == 0 {
					x.code, x.participants = true, []string{p.Code}
				} else {
					x.others = append(x.others, p.Code)
				}
			}
		}
	}
	for _, g := range r.Groups {
		texts := []string{g.Code}
		for _, n := range g.Names {
			texts = append(texts, n)
		}
		for _, a := range g.Aliases {
			if a.Kind != "adjective" && (rules[a.Text] == nil || rules[a.Text].Rule != "never") {
				texts = append(texts, a.Text)
			}
		}
		for _, t := range texts {
			if x := at(t); x != nil && (x.group == "" || t == g.Code) {
				x.group = g.Code
			}
		}
	}
	for _, t := range r.Topics {
		for _, n := range t.Names {
			if x := at(n); x != nil {
				x.topic = t.Code
			}
		}
	}
	for _, x := range m.byName {
		slices.Sort(x.others)
		x.others = slices.DeleteFunc(slices.Compact(x.others), func(c string) bool {
			p := r.Participant(c)
			return slices.Contains(x.participants, c) || p == nil || p.Kind != Member
		})
	}
	return m
}

// calledLike says that a participant has a name, in any language, that holds the words of another name, or begins or ends as it does
// and differs from it by at most half of its letters: Niger and Nigeria, Guinea and Guinea-Bissau.
func (r *Reference) calledLike(code, text string) bool {
	p := r.Participant(code)
	if p == nil {
		return false
	}
	key := WordsKey(Words(text))
	letters := []rune(key)
	like := func(name string) bool {
		other := WordsKey(Words(name))
		if strings.Contains(" "+other+" ", " "+key+" ") {
			return true
		}
		theirs := []rune(other)
		n, m := len(letters), len(theirs)
		if n == 0 || m == 0 || letters[0] != theirs[0] && letters[n-1] != theirs[m-1] {
			return false
		}
		limit := (min(n, m) + 1) / 2
		return distance(letters, theirs, limit) <= limit
	}
	for _, names := range []map[string]string{p.Names, p.Formal} {
		for _, n := range names {
			if like(n) {
				return true
			}
		}
	}
	return slices.ContainsFunc(p.Aliases, func(a Alias) bool { return a.Kind != "adjective" && a.Kind != "abbreviation" && like(a.Text) })
}

// Ask parts what was typed. known says whether a word stands in some text of the register: small letters that are one are
// taken for a code only alone.
func (r *Reference) Ask(typed string, known func(word string) bool) *Question {
	q := &Question{Typed: typed}
	ws := Words(typed)
	m := r.meant()
	shouting := shouted(typed, ws)
	for i := 0; i < len(ws); {
		if p, n := timeAt(typed, ws, i); n > 0 {
			p.Kind, p.Words, p.Start, p.End = TimeTerm, ws[i:i+n], ws[i].Start, ws[i+n-1].End
			q.Terms = append(q.Terms, p)
			i += n
			continue
		}
		if x, n := m.find(typed, ws, i, shouting, known); n > 0 {
			p := Term{Kind: ParticipantTerm, Start: ws[i].Start, End: ws[i+n-1].End, Words: ws[i : i+n],
				Participants: x.participants, Others: x.others, Group: x.group, Topic: x.topic}
			switch {
			case x.phrase && len(x.participants) == 0 && x.group == "" && x.topic == "":
				p.Kind = WordTerm
			case x.group != "" && (len(x.participants) == 0 || x.code || !statelike(r, x.participants)):
				p.Kind = GroupTerm
			case len(x.participants) == 0:
				p.Kind = TopicTerm
			}
			q.Terms = append(q.Terms, p)
			i += n
			continue
		}
		if w, ok := asOne(ws, i); ok && known(w.Text) {
			q.Terms = append(q.Terms, Term{Kind: WordTerm, Start: w.Start, End: w.End, Words: []Word{w}})
			i += 2
			continue
		}
		n := 1
		if ws[i].Sign {
			for i+n < len(ws) && ws[i+n].Sign && ws[i+n].Start == ws[i+n-1].End {
				if _, found := m.find(typed, ws, i+n, shouting, known); found > 0 {
					break
				}
				if _, found := timeAt(typed, ws, i+n); found > 0 {
					break
				}
				n++
			}
		}
		q.Terms = append(q.Terms, Term{Kind: WordTerm, Start: ws[i].Start, End: ws[i+n-1].End, Words: ws[i : i+n]})
		i += n
	}
	q.tidy()
	return q
}

// Plainly parts what was typed into words and nothing else.
func Plainly(typed string) *Question {
	q := &Question{Typed: typed}
	ws := Words(typed)
	for i := 0; i < len(ws); {
		n := 1
		for ws[i].Sign && i+n < len(ws) && ws[i+n].Sign && ws[i+n].Start == ws[i+n-1].End {
			n++
		}
		q.Terms = append(q.Terms, Term{Kind: WordTerm, Start: ws[i].Start, End: ws[i+n-1].End, Words: ws[i : i+n]})
		i += n
	}
	q.tidy()
	return q
}

// tidy leaves out the words that say nothing beside others.
func (q *Question) tidy() {
	all := q.Terms
	q.Terms = nil
	for _, p := range all {
		if p.Kind != WordTerm || len(p.Words) > 1 || !p.Words[0].Little() {
			q.Terms = append(q.Terms, p)
		}
		q.Sense = q.Sense || p.Kind != WordTerm
	}
	q.Blank = len(q.Terms) == 0
}

// statelike says that one of the participants is no organisation.
func statelike(r *Reference, codes []string) bool {
	return slices.ContainsFunc(codes, func(c string) bool { p := r.Participant(c); return p != nil && p.Kind != Organization })
}

// find is the longest name that begins with a word, and how many words it has.
func (m *meanings) find(typed string, ws []Word, i int, shouting bool, known func(string) bool) (*meaning, int) {
	for n := min(m.longest, len(ws)-i); n > 0; n-- {
		x := m.byName[WordsKey(ws[i:i+n])]
		if x == nil {
			continue
		}
		whole := n == len(ws)
		written := typed[ws[i].Start:ws[i+n-1].End]
		small := strings.ToLower(written) == written
		switch {
		case whole:
		case n == 1 && (ws[i].Sign || small && (ws[i].Little() || commonWords[ws[i].Text])):
			continue
		case x.exact != "" && !strings.EqualFold(written, x.exact) && x.group == "" && x.topic == "":
			continue
		case n == 1 && x.code && x.group == "" && x.topic == "":
			// In a sentence two letters are a code only as capitals, and figures are none.
			if written[0] < utf8.RuneSelf && unicode.IsDigit(rune(written[0])) || shouting || small && (len(written) < 3 || known(ws[i].Text)) ||
				!small && strings.ToUpper(written) != written {
				continue
			}
		case x.capitals && x.topic == "" && (small || shouting) && (x.group == "" || len(written) < 3):
			continue
		}
		return x, n
	}
	if w, ok := asOne(ws, i); ok {
		if x := m.byName[w.Text]; x != nil && !x.code && x.exact == "" {
			return x, 2
		}
	}
	return nil, 0
}

// asOne is two words that follow each other as one word, since some part what others write together: cyber security. Short ones
// are none.
func asOne(ws []Word, i int) (Word, bool) {
	if i+1 >= len(ws) || ws[i].Sign || ws[i+1].Sign || ws[i].Little() || ws[i+1].Little() || len(ws[i].Text) < 3 || len(ws[i+1].Text) < 3 ||
		len(ws[i].Text)+len(ws[i+1].Text) < 8 || strings.ContainsAny(ws[i].Text+ws[i+1].Text, "0123456789") {
		return Word{}, false
	}
	return Word{Text: ws[i].Text + ws[i+1].Text, Start: ws[i].Start, End: ws[i+1].End}, true
}

// commonWords are codes that are also words which stand between others.
var commonWords = set("can and per nor mar fin pan col dom tun gin com est isl ind pol lie are cub civ pa au as in to so me us no be it is my at")

// shouted says that all of it is in capitals, so that capitals say nothing.
func shouted(typed string, ws []Word) bool {
	long := 0
	for _, w := range ws {
		s := typed[w.Start:w.End]
		if strings.ToUpper(s) != s {
			return false
		}
		if strings.ToLower(s) != s && utf8.RuneCountInString(s) > 4 {
			long++
		}
	}
	return long > 0
}

// The years that a question can mean.
const (
	firstYear = 1941
	lastYear  = 2100
)

func yearOf(w Word) int {
	n := figure(w)
	if len(w.Text) != 4 || n < firstYear || n > lastYear {
		return 0
	}
	return n
}

// figure is a word of figures as a number, 0 for any other.
func figure(w Word) int {
	if len(w.Text) > 4 {
		return 0
	}
	n := 0
	for i := range len(w.Text) {
		if w.Text[i] < '0' || w.Text[i] > '9' {
			return 0
		}
		n = n*10 + int(w.Text[i]-'0')
	}
	return n
}

var (
	sinceWords  = set("since after depuis apres desde despues من منذ بعد после")
	beforeWords = set("before until avant jusqu jusque antes hasta до قبل حتى")
	toWords     = set("to a au до по الي and et y")
)

// monthWords are the months by their words as Words gives them.
var monthWords = func() map[string]int8 {
	m := map[string]int8{}
	for name, month := range monthNames {
		m[WordsKey(Words(name))] = month
	}
	return m
}()

// monthAt is the month that begins with a word, and how many words name it: 十月 is 10月 in figures only.
func monthAt(ws []Word, i int) (int8, int) {
	for n := min(2, len(ws)-i); n > 0; n-- {
		if m := monthWords[WordsKey(ws[i:i+n])]; m > 0 {
			return m, n
		}
	}
	return 0, 0
}

func signAt(ws []Word, i int, s string) bool { return i < len(ws) && ws[i].Sign && ws[i].Text == s }

// timeAt is the time that begins with a word: a year, a month of one, a day, a span of years, since or before one. n is how
// many words it has, 0 for none.
func timeAt(typed string, ws []Word, i int) (p Term, n int) {
	if sinceWords[ws[i].Text] || beforeWords[ws[i].Text] {
		if d, k := dateIn(typed, ws, i+1); k > 0 {
			if sinceWords[ws[i].Text] {
				p.From = d
			} else {
				p.To = d
			}
			return p, k + 1
		}
		return p, 0
	}
	d, k := dateIn(typed, ws, i)
	if k == 0 {
		return p, 0
	}
	p.From, p.To = d, d
	// 2020-2023, 2020–2023, 2020/2023, 2020 to 2023, 2020至2023年
	next := i + k
	if d.Precision() != ByYear || next >= len(ws) {
		return p, k
	}
	between := strings.TrimSpace(typed[ws[next-1].End:ws[next].Start])
	if toWords[ws[next].Text] || signAt(ws, next, "至") || signAt(ws, next, "到") {
		next++
	} else if !slices.Contains([]string{"-", "–", "—", "/", "..", "…", "‑"}, between) {
		return p, k
	}
	if next < len(ws) {
		if y := yearOf(ws[next]); y > 0 && y >= int(d.Year) {
			p.To = Date{Year: int16(y)}
			next++
			if signAt(ws, next, "年") {
				next++
			}
			return p, next - i
		}
	}
	return p, k
}

// dateIn is the date that begins with a word.
func dateIn(typed string, ws []Word, i int) (Date, int) {
	if i >= len(ws) {
		return Date{}, 0
	}
	valid := func(y, m, d int) (Date, bool) {
		if d == 0 {
			first, ok := asDate(y, m, 1)
			return Date{Year: first.Year, Month: first.Month}, ok
		}
		return asDate(y, m, d)
	}
	little := func(j int) int { // de, of, г
		for j < len(ws) && (ws[j].Text == "de" || ws[j].Text == "of" || ws[j].Text == "del") {
			j++
		}
		return j
	}
	if y := yearOf(ws[i]); y > 0 {
		switch {
		case i+1 < len(ws) && Hyphened(typed, ws[i], ws[i+1]) && len(ws[i+1].Text) == 2:
			if i+2 < len(ws) && Hyphened(typed, ws[i+1], ws[i+2]) {
				if d, ok := valid(y, figure(ws[i+1]), figure(ws[i+2])); ok && figure(ws[i+2]) > 0 {
					return d, 3
				}
			}
			if d, ok := valid(y, figure(ws[i+1]), 0); ok {
				return d, 2
			}
		case signAt(ws, i+1, "年"):
			if i+3 < len(ws) && signAt(ws, i+3, "月") {
				if i+5 < len(ws) && signAt(ws, i+5, "日") {
					if d, ok := valid(y, figure(ws[i+2]), figure(ws[i+4])); ok && d.Day > 0 {
						return d, 6
					}
				}
				if d, ok := valid(y, figure(ws[i+2]), 0); ok {
					return d, 4
				}
			}
			return Date{Year: int16(y)}, 2
		}
		if m, n := monthAt(ws, i+1); n > 0 && len(ws[i+1].Text) > 3 {
			return Date{Year: int16(y), Month: m}, 1 + n
		}
		return Date{Year: int16(y)}, 1
	}
	if day := figure(ws[i]); day >= 1 && day <= 31 {
		j := little(i + 1)
		if m, n := monthAt(ws, j); n > 0 {
			j = little(j + n)
			if j < len(ws) && yearOf(ws[j]) > 0 {
				if d, ok := valid(yearOf(ws[j]), int(m), day); ok {
					return d, j + 1 - i
				}
			}
		}
		return Date{}, 0
	}
	if m, n := monthAt(ws, i); n > 0 {
		j := little(i + n)
		if j < len(ws) && yearOf(ws[j]) > 0 {
			return Date{Year: int16(yearOf(ws[j])), Month: m}, j + 1 - i
		}
	}
	return Date{}, 0
}
