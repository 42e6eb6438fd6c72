package register

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// This file holds every name on record as a tree of folded words, in which the longest name at a place of a text is found.

// known is one name on record.
type known struct {
	code, group string   // a participant's, or a group's
	text        string   // as recorded
	lang, kind  string   // an alias' kind; "name" and "formal" for the official ones
	from, to    Date     // of a former name
	rule        string   // of an ambiguous name, else empty
	codes       []string // of an ambiguous name
	cases       string   // which letters have to be capital: "", "initial" or "all"
	marks       bool     // only with its accents and tone marks
	bent        bool     // a form of the name made by grammar
	parts       uint32   // bit n: a comma or bracket may stand before word n
	pieces      int
}

// node is a place in the tree: the names that end there.
type node struct {
	names []int32
}

// tree finds names. words numbers the folded words, next leads from a node by a word to the next.
type tree struct {
	words map[string]int32
	next  map[uint64]int32
	nodes []node
	names []known
	flat  map[string][]int32 // names by their folded words without blanks: broken and misspelt ones are looked up there
	sizes map[int][]flatName // flat names by number of letters
}

type flatName struct {
	text  []rune
	names []int32
}

func newTree() *tree {
	return &tree{words: map[string]int32{}, next: map[uint64]int32{}, nodes: []node{{}}, flat: map[string][]int32{}}
}

// key is a word as the tree compares it. Prepositions of the Romance languages are one, so that "República de Perú" finds
// "República del Perú".
func key(p *piece) string {
	if p.script == arabic {
		return arabicKey(p.text)
	}
	switch p.text {
	case "del", "du", "des", "da", "do", "dos", "das", "d":
		return "de"
	case "saint", "sainte", "ste":
		return "st"
	case "democratique", "democratic":
		return "dem"
	case "republic", "republique", "republica":
		return "rep"
	}
	return p.text
}

// arabicKey is an Arabic word without its article.
func arabicKey(s string) string {
	if r, ok := strings.CutPrefix(s, "ال"); ok && len(r) >= 4 {
		return r
	}
	return s
}

// silent are articles that may stand or be missing inside a name, after "of" and the like.
var silent = set("the la le les l el los las o a os as")

var leading = set("the la le les l el los las os as der die das il gli lo")

func isJoint(w string) bool {
	return w == "de" || w == "of" || w == "and" || w == "et" || w == "y" || w == "e"
}

// add puts a name into the tree.
func (t *tree) add(k known) {
	ps := pieces(k.text)
	t.addPieces(k, ps)
	if len(ps) > 1 && ps[0].kind == word && leading[ps[0].text] {
		t.addPieces(k, ps[1:])
	}
}

func (t *tree) addPieces(k known, ps []piece) {
	at, n := int32(0), 0
	joint := false
	k.parts = 0
	var flat strings.Builder
	for i := range ps {
		p := &ps[i]
		if p.kind == mark || p.kind == note {
			if n > 0 && n < 32 {
				k.parts |= 1 << n
			}
			continue
		}
		w := key(p)
		if n > 0 && joint && silent[w] {
			continue
		}
		joint = isJoint(w)
		at = t.step(at, w, true)
		flat.WriteString(p.text)
		n++
	}
	if n == 0 || n > 30 {
		return
	}
	k.pieces = n
	for _, old := range t.nodes[at].names {
		if o := &t.names[old]; o.code == k.code && o.group == k.group && o.rule == k.rule && o.kind == k.kind && o.text == k.text {
			return
		}
	}
	t.names = append(t.names, k)
	i := int32(len(t.names) - 1)
	t.nodes[at].names = append(t.nodes[at].names, i)
	if k.kind != "adjective" && k.group == "" && k.kind != "abbreviation" && k.kind != "code" && !k.bent && k.rule != "never" {
		f := flat.String()
		t.flat[f] = append(t.flat[f], i)
	}
}

func (t *tree) step(at int32, w string, grow bool) int32 {
	id, ok := t.words[w]
	if !ok {
		if !grow {
			return -1
		}
		id = int32(len(t.words))
		t.words[w] = id
	}
	edge := uint64(uint32(at))<<32 | uint64(uint32(id))
	to, ok := t.next[edge]
	if !ok {
		if !grow {
			return -1
		}
		to = int32(len(t.nodes))
		t.nodes = append(t.nodes, node{})
		t.next[edge] = to
	}
	return to
}

// finish orders the flat names by length.
func (t *tree) finish() {
	t.sizes = map[int][]flatName{}
	for f, names := range t.flat {
		r := []rune(f)
		t.sizes[len(r)] = append(t.sizes[len(r)], flatName{r, names})
	}
	for n := range t.sizes {
		slices.SortFunc(t.sizes[n], func(a, b flatName) int { return slices.Compare(a.text, b.text) })
	}
}

// hit is a name found: pieces from..to-1.
type hit struct {
	from, to int
	names    []int32
	prefix   bool // a word glued to its front was taken off: Arabic "and"
	suffix   string
}

// particles are what Korean glues to the end of a name, and whether the name is then no subject: "to", "of", "in".
var particles = []struct {
	text    string
	oblique bool
}{
	{"으로부터", true}, {"에서는", true}, {"에서", true}, {"에게", true}, {"으로", true}, {"이나", false}, {"측은", false}, {"측", false}, {"등은", false}, {"등", false},
	{"은", false}, {"는", false}, {"이", false}, {"가", false}, {"와", false}, {"과", false}, {"및", false}, {"도", false}, {"의", true}, {"에", true},
	{"을", true}, {"를", true}, {"로", true}, {"만", false},
}

// at finds the longest name that begins with piece i; names hold all that are equally long. ok says whether a name may be
// read in this place.
func (t *tree) at(ps []piece, i int, ok func(k *known, h *hit) bool) (best hit, found bool) {
	type state struct {
		node  int32
		i, n  int
		joint bool
		inner uint32 // bit n: a comma or bracket stood before word n
		pre   bool
		open  bool
	}
	var stack [24]state
	depth := 0
	push := func(s state) {
		if depth < len(stack) {
			stack[depth] = s
			depth++
		}
	}
	try := func(s state, to int, suffix string) {
		names := t.nodes[s.node].names
		if len(names) == 0 {
			return
		}
		h := hit{from: i, to: to, prefix: s.pre, suffix: suffix}
		for _, n := range names {
			k := &t.names[n]
			if s.inner&^k.parts != 0 {
				continue
			}
			if ok(k, &h) {
				h.names = append(h.names, n)
			}
		}
		if len(h.names) == 0 {
			return
		}
		// Sudan, South Sudan: what stands after a comma belongs to a name only where no more follows.
		if s.inner != 0 && !s.open && to < len(ps) && ps[to].before < line && (ps[to].kind == word || ps[to].kind == sign) && ps[to].cues&joining == 0 && !isJoint(key(&ps[to-1])) {
			return
		}
		// Congo, Democratic Republic of the
		if last := &ps[to-1]; last.kind == word && isJoint(key(last)) {
			end := to
			if end < len(ps) && ps[end].kind == word && silent[ps[end].text] && ps[end].before <= blank {
				end++
			}
			if end < len(ps) && ps[end].before < line && ps[end].kind == word && ps[end].cues&joining == 0 {
				return // the preposition belongs to what follows
			}
			h.to = end
		}
		// A bracket opened inside the name is closed with it.
		if s.open && h.to < len(ps) && ps[h.to].kind == mark && ps[h.to].text == closing {
			h.to++
		}
		if !found || h.to > best.to || h.to == best.to && len(suffix) < len(best.suffix) {
			best, found = h, true
		}
	}
	push(state{node: 0, i: i})
	for depth > 0 {
		depth--
		s := stack[depth]
		j := s.i
		if s.n > 0 {
			if j >= len(ps) {
				continue
			}
			// What may stand between two words of a name.
			if ps[j].before == paragraph {
				continue
			}
			for j < len(ps) && ps[j].kind == mark && (ps[j].text == comma || ps[j].text == open || s.open && ps[j].text == closing) && ps[j].before <= blank && j-s.i < 2 {
				s.inner |= 1 << min(s.n, 31)
				s.open = ps[j].text == open
				j++
			}
			if j >= len(ps) || ps[j].before == paragraph {
				continue
			}
		}
		p := &ps[j]
		if p.kind == mark || p.kind == note {
			continue
		}
		w := key(p)
		if s.n > 0 && s.joint && silent[w] {
			push(state{s.node, j + 1, s.n, true, s.inner, s.pre, s.open})
		}
		follow := func(w string, pre bool, suffix string) {
			to := t.step(s.node, w, false)
			if to < 0 {
				return
			}
			next := state{to, j + 1, s.n + 1, isJoint(w), s.inner, s.pre || pre, s.open}
			try(next, j+1, suffix)
			if suffix == "" {
				push(next)
			}
		}
		follow(w, false, "")
		switch p.script {
		case arabic:
			if s.n == 0 {
				for _, v := range arabicFronts(p.text) {
					follow(arabicKey(v), true, "")
				}
			}
		case hangul:
			for _, x := range particles {
				if v, ok := strings.CutSuffix(p.text, x.text); ok && v != "" {
					follow(v, false, x.text)
				}
			}
		case latin:
			if v, ok := strings.CutSuffix(p.text, "s"); ok && len(v) > 4 && p.capital {
				follow(v, false, "s") // a German genitive; ok decides
			}
		}
	}
	return best, found
}

// arabicFronts are a word without the small words glued to its front: and, so, by, to, like.
func arabicFronts(s string) []string {
	var out []string
	cut := func(s string, fronts ...string) (all []string) {
		for _, f := range fronts {
			if r, ok := strings.CutPrefix(s, f); ok && len(r) >= 4 {
				all = append(all, r)
			}
		}
		return all
	}
	one := cut(s, "و", "ف")
	out = append(out, one...)
	for _, v := range append([]string{s}, one...) {
		two := cut(v, "ب", "ك", "ل")
		out = append(out, two...)
		if r, ok := strings.CutPrefix(v, "لل"); ok && len(r) >= 4 {
			out = append(out, "ال"+r, r)
		}
	}
	return out
}

// exact says that a text has a name letter by letter, but for case, apostrophes, hyphens and blanks.
func exact(printed, recorded string) bool {
	return strings.EqualFold(typed(printed), typed(recorded))
}

// typed is a text without what typing changes: kinds of apostrophes, hyphens and blanks, full stops, invisible characters.
func typed(s string) string {
	var b strings.Builder
	space := false
	for _, r := range norm.NFC.String(s) {
		switch {
		case invisible(r), r == '.', r == 'ـ':
			continue
		case r == 'ё':
			r = 'е'
		case r == 'Ё':
			r = 'Е'
		case isApostrophe(r), isHyphen(r), unicode.IsSpace(r), markOf[r] != "":
			space = b.Len() > 0
			continue
		case r == '&':
			b.WriteString(" and")
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// unmarked are the letters of a text without their accents, in capitals: PEROU is Pérou.
func capitalsOnly(s string) bool {
	upper := false
	for _, r := range s {
		if unicode.IsLower(r) {
			return false
		}
		upper = upper || unicode.IsUpper(r)
	}
	return upper
}

// grow puts all names of the reference data into a tree.
func (r *Recogniser) grow() {
	t := newTree()
	rules := map[string]*Ambiguous{}
	for i := range r.ref.Ambiguous {
		a := &r.ref.Ambiguous[i]
		rules[Fold(a.Text)] = a
		rules[a.Text] = a
	}
	caseOf := func(text, kind string) string {
		letters, lower, n := false, false, 0
		for _, r := range text {
			if unicode.IsLetter(r) {
				letters, n = true, n+1
				lower = lower || unicode.IsLower(r)
			}
		}
		first, _ := firstLetter(text)
		switch {
		case !letters || !cased(first):
			return ""
		case n >= 2 && n <= 7 && !lower && (kind == "abbreviation" || kind == "ambiguous" || kind == "variant" || kind == "short"):
			return "all"
		case unicode.IsLower(first):
			return ""
		case n <= 3 && kind == "abbreviation":
			return "all"
		}
		return "initial"
	}
	put := func(k known) {
		a := rules[k.text]
		if a == nil && k.kind != "adjective" {
			a = rules[Fold(k.text)]
			if a != nil && a.Rule == "marks" {
				a = nil
			}
		}
		if a != nil && k.group == "" {
			k.rule, k.codes = a.Rule, a.Codes
			if k.rule == "longest" && (k.code == "" || k.code != a.Codes[0]) && k.kind != "adjective" && !slices.Contains(a.Codes, k.code) {
				k.rule, k.codes = "", nil
			}
		}
		if k.cases == "" {
			k.cases = caseOf(k.text, k.kind)
		}
		if k.rule == "capitals" {
			k.cases = "all"
		}
		k.marks = k.rule == "marks"
		t.add(k)
		if k.kind != "adjective" && k.kind != "abbreviation" && k.rule != "never" {
			for _, form := range bends(k.text, k.lang) {
				b := k
				b.text, b.bent = form, true
				t.add(b)
			}
		}
	}
	for _, p := range r.ref.Participants {
		for _, lang := range Languages {
			if n := p.Names[lang]; n != "" {
				put(known{code: p.Code, text: n, lang: lang, kind: "name"})
			}
			if n := p.Formal[lang]; n != "" {
				put(known{code: p.Code, text: n, lang: lang, kind: "formal"})
			}
		}
		if p.Alpha3 != "" || p.UserAssigned != "" && p.Kind != Organization {
			t.add(known{code: p.Code, text: p.Code, kind: "code", cases: "all"})
		}
		for _, a := range p.Aliases {
			put(known{code: p.Code, text: a.Text, lang: a.Lang, kind: a.Kind, from: a.From, to: a.To})
		}
	}
	for i := range r.ref.Ambiguous {
		a := &r.ref.Ambiguous[i]
		k := known{text: a.Text, kind: "ambiguous", rule: a.Rule, codes: a.Codes}
		if a.Rule != "never" {
			k.code = a.Codes[0]
		}
		put(k)
	}
	for _, g := range r.ref.Groups {
		for _, lang := range Languages {
			if n := g.Names[lang]; n != "" {
				put(known{group: g.Code, text: n, lang: lang, kind: "name"})
			}
		}
		for _, a := range g.Aliases {
			put(known{group: g.Code, text: a.Text, lang: a.Lang, kind: a.Kind})
		}
	}
	t.finish()
	r.tree = t
}

func firstLetter(s string) (rune, int) {
	for i, r := range s {
		if unicode.IsLetter(r) {
			return r, i
		}
	}
	return 0, -1
}

func cased(r rune) bool { return unicode.IsUpper(r) || unicode.IsLower(r) || unicode.IsTitle(r) }

// bends are the grammatical forms of a Russian or Ukrainian name that its declension gives. Each word is declined with the first one or left
// as it is: "Республики Беларусь", "Российской Федерации".
func bends(name, lang string) []string {
	words := strings.Fields(name)
	if lang == "de" {
		return germanBends(words)
	}
	if lang != "ru" && lang != "uk" {
		return nil
	}
	if len(words) == 0 || len(words) > 8 {
		return nil
	}
	seen := map[string]bool{name: true}
	var out []string
	for grammatical := range 5 {
		for upTo := 1; upTo <= len(words); upTo++ {
			form := slices.Clone(words)
			for i := range upTo {
				form[i] = decline(words[i], grammatical)
			}
			if s := strings.Join(form, " "); !seen[s] {
				seen[s] = true
				out = append(out, s)
			}
		}
	}
	return out
}

// germanBends are the other cases of a German name: those of its adjectives and of plural names. A genitive s is taken off when reading.
func germanBends(words []string) []string {
	var out []string
	if len(words) > 1 {
		for _, ending := range []string{"n", "r"} {
			form := slices.Clone(words)
			changed := false
			for i, w := range words[:len(words)-1] {
				stem, ok := strings.CutSuffix(w, "es")
				if !ok {
					if stem, ok = strings.CutSuffix(w, "er"); !ok {
						stem, ok = strings.CutSuffix(w, "e")
					}
				}
				if ok && len(stem) > 3 {
					form[i], changed = stem+"e"+ending, true
				}
			}
			if changed {
				out = append(out, strings.Join(form, " "))
			}
		}
	}
	if n := len(words) - 1; n >= 0 && strings.HasSuffix(words[n], "e") && len(words[n]) > 5 {
		out = append(out, strings.Join(append(slices.Clone(words[:n]), words[n]+"n"), " "))
	}
	return out
}

// declensions: endings and what becomes of them in the genitive, dative, accusative, instrumental and prepositional.
var declensions = []struct {
	ending string
	cases  [5]string
}{
	{"ия", [5]string{"ии", "ии", "ию", "ией", "ии"}},
	{"ая", [5]string{"ой", "ой", "ую", "ой", "ой"}},
	{"яя", [5]string{"ей", "ей", "юю", "ей", "ей"}},
	{"ое", [5]string{"ого", "ому", "ое", "ым", "ом"}},
	{"ские", [5]string{"ских", "ским", "ские", "скими", "ских"}},
	{"ие", [5]string{"их", "им", "ие", "ими", "их"}},
	{"ые", [5]string{"ых", "ым", "ые", "ыми", "ых"}},
	{"ый", [5]string{"ого", "ому", "ый", "ым", "ом"}},
	{"ство", [5]string{"ства", "ству", "ство", "ством", "стве"}},
	{"во", [5]string{"ва", "ву", "во", "вом", "ве"}},
	{"ство", [5]string{"ства", "ству", "ство", "ством", "стве"}},
	{"ты", [5]string{"тов", "там", "ты", "тами", "тах"}},
	{"ова", [5]string{"овов", "овам", "ова", "овами", "овах"}},
	{"ды", [5]string{"дов", "дам", "ды", "дами", "дах"}},
	{"ны", [5]string{"н", "нам", "ны", "нами", "нах"}},
	{"вы", [5]string{"в", "вам", "вы", "вами", "вах"}},
	{"я", [5]string{"и", "е", "ю", "ей", "е"}},
	{"ка", [5]string{"ки", "ке", "ку", "кой", "ке"}},
	{"га", [5]string{"ги", "ге", "гу", "гой", "ге"}},
	{"ша", [5]string{"ши", "ше", "шу", "шей", "ше"}},
	{"а", [5]string{"ы", "е", "у", "ой", "е"}},
	{"ь", [5]string{"и", "и", "ь", "ью", "и"}},
	{"й", [5]string{"я", "ю", "й", "ем", "е"}},
	{"ец", [5]string{"ца", "цу", "ец", "цом", "це"}},
}

func decline(w string, grammatical int) string {
	for _, d := range declensions {
		if stem, ok := strings.CutSuffix(w, d.ending); ok && stem != "" {
			return stem + d.cases[grammatical]
		}
	}
	last := []rune(w)
	if r := last[len(last)-1]; strings.ContainsRune("бвгджзклмнпрстфхцчшщ", r) {
		return w + [5]string{"а", "у", "", "ом", "е"}[grammatical]
	}
	return w
}
