package store

import (
	"cmp"
	"math/bits"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"cosignatory/store/register"
)

// Field is where in a declaration something was found; fields are added up.
type Field uint8

// The fields of a declaration that are searched. Sponsors are those who lead it and the delegation it was read out for.
const (
	InTitle Field = 1 << iota
	InPresenter
	InEvent
	InPlace
	InSummary
	InSlug
	InTopic
	InSponsor
)

// fieldScores are what a word found in a field is worth, by the number of the field's bit.
var fieldScores = [8]int32{60, 40, 35, 35, 12, 20, 30, 30}

// worths are what a word found in fields is worth: as in the best of them.
var worths = func() (list [256]int32) {
	for where := range list {
		for f := uint8(where); f != 0; f &= f - 1 {
			list[where] = max(list[where], fieldScores[bits.TrailingZeros8(f)])
		}
	}
	return list
}()

// Tier says how well something was found: the higher, the better. Order in a search is by tier first.
type Tier uint8

// The tiers, from words that are only written alike up to the very name or title.
const (
	Alike     Tier = iota // with typing errors
	Elsewhere             // in other fields than title or name
	Beginning             // as the beginning of words of a title or name
	InName                // as words of a title or name
	Phrase                // together, in this order, in a title; at the beginning of a name
	Entire                // the whole title, name or code
)

// Reading says as what a question was answered.
type Reading uint8

// The readings, in the order in which they are tried: as it is understood, as words that all stand in a declaration, as
// words of which some do. Nothing was found by any.
const (
	AsUnderstood Reading = iota
	AsWords
	AsSomeWords
	AsNothing
)

// Found is what a search finds.
type Found struct {
	Question *register.Question // as it was answered
	Reading  Reading
	Sought   []register.Sought // what to mark in the texts found
	Alike    []string          // words that stand nowhere as they were typed, and for which words written almost like them were taken
	Names    []NameHit         // participants, groups and topics, the best first
	Hits     []Hit             // declarations, the best first: those asked for
	Total    int               // all declarations found
}

// Hit is a declaration found.
type Hit struct {
	*Row
	Tier  Tier
	Where Field // of all words together
}

// NameHit is a participant, group or topic that was found by a name or code.
type NameHit struct {
	Kind  register.TermKind // ParticipantTerm, GroupTerm or TopicTerm
	Code  string
	Tier  Tier
	Text  string // the name by which it was found
	Lang  string // of that name
	Sort  string // of name: code, short, formal, former, variant, abbreviation, adjective, misspelling
	Whole bool   // it is understood to be meant, or all of the question is its name
}

// names are the names of one reference, searchable.
type names struct {
	terms *terms
	list  []name
	made  sync.Once
}

type name struct {
	kind             register.TermKind
	code, text, lang string
	sort             string
	words            int
}

var sortRanks = map[string]int{"code": 0, "short": 1, "formal": 2, "abbreviation": 3, "former": 4, "variant": 5, "adjective": 6, "misspelling": 7}

// names are those of a reference, made when they are first asked for and kept with it.
func (s *Store) names(ref *reference) *names {
	s.mu.Lock()
	n := s.searched[ref]
	if n == nil {
		if len(s.searched) >= 8 || s.searched == nil {
			s.searched = map[*reference]*names{}
		}
		n = &names{}
		s.searched[ref] = n
	}
	s.mu.Unlock()
	n.made.Do(func() { n.fill(ref) })
	return n
}

func (n *names) fill(ref *register.Reference) {
	never := map[string]bool{}
	for _, a := range ref.Ambiguous {
		never[a.Text] = a.Rule == "never"
	}
	type key struct{ code, text, lang string }
	seen := map[key]bool{}
	words := gathered{}
	var code string
	var kind register.TermKind
	put := func(text, lang, sort string) {
		k := key{code, text, lang}
		if text == "" || seen[k] || never[text] && sort != "code" {
			return
		}
		seen[k] = true
		words.add(text, len(n.list), 1)
		n.list = append(n.list, name{kind, code, text, lang, sort, strings.Count(text, " ") + 1})
	}
	all := func(names map[string]string, sort string) {
		for _, lang := range register.Languages {
			put(names[lang], lang, sort)
		}
	}
	for _, p := range ref.Participants {
		code, kind = p.Code, register.ParticipantTerm
		for _, c := range []string{p.Code, p.Alpha3, p.UserAssigned, p.Alpha2, p.M49} {
			put(c, "", "code")
		}
		all(p.Names, "short")
		all(p.Formal, "formal")
		for _, a := range p.Aliases {
			put(a.Text, a.Lang, a.Kind)
		}
	}
	for _, g := range ref.Groups {
		code, kind = g.Code, register.GroupTerm
		put(g.Code, "", "code")
		all(g.Names, "short")
		for _, a := range g.Aliases {
			put(a.Text, a.Lang, a.Kind)
		}
	}
	for _, t := range ref.Topics {
		code, kind = t.Code, register.TopicTerm
		all(t.Names, "short")
		put(strings.ReplaceAll(t.Code, "-", " "), "", "code")
	}
	n.terms = words.ready()
}

// find are the participants, groups and topics of which one name has all the words, the best first. last says that the last
// word may be the beginning of one.
func (n *names) find(ref *register.Reference, words []register.Word, lang string) (hits []NameHit) {
	if len(words) == 0 {
		return nil
	}
	type state struct {
		count int
		tier  Tier
	}
	now := map[uint32]state{}
	for k, w := range sought(words) {
		tiers := map[uint32]Tier{}
		take := func(i int, tier Tier) {
			for _, p := range n.terms.places(i) {
				place := p >> placeBits
				if t, ok := tiers[place]; (!ok || t < tier) && (k == 0 || now[place].count == k) && (tier == InName || n.list[place].sort != "code") {
					tiers[place] = tier
				}
			}
		}
		exact := n.terms.exactly(w.Text)
		if exact >= 0 {
			take(exact, InName)
		}
		if utf8.RuneCountInString(w.Text) > 1 || w.Sign {
			from, to := n.terms.beginning(w.Text)
			for i := from; i < to; i++ {
				if i != exact {
					take(i, Beginning)
				}
			}
		}
		for _, i := range n.terms.inflected(w.Text) {
			take(i, Elsewhere)
		}
		if len(tiers) == 0 && !w.Sign {
			for _, i := range n.terms.near(w.Text) {
				take(i, Alike)
			}
		}
		if len(tiers) == 0 {
			return nil
		}
		for place, tier := range tiers {
			s := now[place]
			if k == 0 {
				s.tier = tier
			}
			now[place] = state{k + 1, min(s.tier, tier)}
		}
	}
	need := len(sought(words))
	typed := register.WordsKey(words)
	type key struct {
		kind register.TermKind
		code string
	}
	best := map[key]int32{}
	begins := map[*name]bool{}
	better := func(a, b *name, ta, tb Tier) bool {
		if ta != tb {
			return ta > tb
		}
		if begins[a] != begins[b] {
			return begins[a]
		}
		if (a.lang == lang) != (b.lang == lang) {
			return a.lang == lang
		}
		if x, y := sortRanks[a.sort], sortRanks[b.sort]; x != y {
			return x < y
		}
		if a.words != b.words {
			return a.words < b.words
		}
		return a.text+a.lang < b.text+b.lang
	}
	tiers := map[int32]Tier{}
	for place, s := range now {
		if s.count != need {
			continue
		}
		x := &n.list[place]
		tier := s.tier
		own := register.WordsKey(register.Words(x.text))
		begins[x] = strings.HasPrefix(own, typed)
		if tier == InName {
			switch {
			case own == typed && x.sort != "adjective":
				tier = Entire
			case x.sort == "code":
				continue
			case strings.HasPrefix(own, typed+" "):
				tier = Phrase
			}
		}
		if x.sort == "adjective" && tier > Alike {
			tier--
		}
		i := int32(place)
		tiers[i] = tier
		k := key{x.kind, x.code}
		if old, ok := best[k]; !ok || better(x, &n.list[old], tier, tiers[old]) {
			best[k] = i
		}
	}
	for _, i := range best {
		x := &n.list[i]
		hits = append(hits, NameHit{Kind: x.kind, Code: x.code, Tier: tiers[i], Text: x.text, Lang: x.lang, Sort: x.sort, Whole: tiers[i] == Entire})
	}
	order := map[register.TermKind]int{register.ParticipantTerm: 0, register.GroupTerm: 1, register.TopicTerm: 2}
	rank := func(h *NameHit) int {
		if i := ref.Index(h.Code); h.Kind == register.ParticipantTerm && i >= 0 {
			return ref.Rank(i, lang)
		}
		return 0
	}
	slices.SortFunc(hits, func(a, b NameHit) int {
		if a.Tier != b.Tier {
			return int(b.Tier) - int(a.Tier)
		}
		// Organisations are met as groups first: their members are what is asked about.
		if c := order[a.Kind] + organized(ref, a) - order[b.Kind] - organized(ref, b); c != 0 {
			return c
		}
		if c := sortRanks[a.Sort] - sortRanks[b.Sort]; c != 0 && (a.Tier == Entire) {
			return c
		}
		if c := rank(&a) - rank(&b); c != 0 {
			return c
		}
		return strings.Compare(a.Code, b.Code)
	})
	return hits
}

func organized(ref *register.Reference, h NameHit) int {
	if h.Kind == register.ParticipantTerm {
		if p := ref.Participant(h.Code); p != nil && p.Kind == register.Organization {
			return 2
		}
	}
	return 0
}

// sought are words as they are looked up: of signs that follow each other each two, a single one by itself.
func sought(words []register.Word) []register.Word {
	list := make([]register.Word, 0, len(words))
	for i, w := range words {
		follows := i > 0 && w.Sign && words[i-1].Sign && words[i-1].End == w.Start
		next := i+1 < len(words) && w.Sign && words[i+1].Sign && words[i+1].Start == w.End
		switch {
		case next:
			list = append(list, register.Word{Text: w.Text + words[i+1].Text, Start: w.Start, End: words[i+1].End, Sign: true})
		case !follows && !(w.Little() && len(words) > 1):
			list = append(list, w)
		}
	}
	if len(list) == 0 {
		return words
	}
	return list
}

// Known says whether a word, folded, stands in a text of some declaration.
func (x *Index) Known(word string) bool { return x.base.texts.exactly(word) >= 0 }

// The most declarations that are put in order by their whole titles after all others.
const reranked = 100

// Search answers a question in a reader's language: as understood; where no declaration answers to that, as words; where none
// has them all, as some of them. It gives the declarations from skip on, at most limit.
func (x *Index) Search(q *register.Question, lang string, skip, limit int) *Found {
	f := &Found{Question: q, Reading: AsNothing}
	if q.Blank {
		return f
	}
	var all []register.Word
	timed := false
	for _, t := range q.Terms {
		if t.Kind == register.TimeTerm {
			timed = true
		} else {
			all = append(all, t.Words...)
		}
	}
	if !timed || len(all) == 0 {
		all = register.Words(q.Typed)
	}
	f.Names = x.base.names().find(x.base.ref, all, lang)
	if timed {
		for i := range f.Names {
			f.Names[i].Tier = Alike // a name answers to no time: declarations go first
		}
	}
	x.meant(f, q, len(q.Terms) == 1)
	s := x.searching(lang)
	defer s.put()
	for reading := AsUnderstood; reading < AsNothing; reading++ {
		asked := q
		need := 0
		switch {
		case reading == AsWords && !q.Sense:
			continue
		case reading == AsWords:
			asked = register.Plainly(q.Typed)
			need = len(asked.Terms)
		case reading == AsSomeWords:
			if len(f.Names) > 0 && f.Names[0].Tier > Elsewhere {
				continue // a name has all the words: no need of declarations with some
			}
			if asked = apart(q); len(asked.Terms) < 2 {
				continue
			}
			need = max(1, len(asked.Terms)/2)
			x.meant(f, q, true)
		default:
			need = len(asked.Terms)
		}
		s.ask(asked.Terms, need == len(asked.Terms))
		if hits, total := s.order(asked, need, skip, limit); total > 0 {
			f.Hits, f.Total, f.Reading, f.Question, f.Sought, f.Alike = hits, total, reading, asked, s.sought, s.alike
			return f
		}
	}
	if f.Sought == nil {
		for _, w := range all {
			f.Sought = append(f.Sought, register.Sought{Word: w, Beginning: true})
		}
	}
	switch {
	case len(f.Names) > 0 && len(q.Terms) > 1 && f.Names[0].Whole:
		f.Reading = AsSomeWords
	case len(f.Names) > 0:
		f.Reading = AsUnderstood
	}
	return f
}

// apart makes a term of each word that is understood as no more, and of each two signs.
func apart(q *register.Question) *register.Question {
	r := &register.Question{Typed: q.Typed}
	for _, t := range q.Terms {
		if t.Kind != register.WordTerm {
			r.Terms = append(r.Terms, t)
			continue
		}
		for _, w := range sought(t.Words) {
			r.Terms = append(r.Terms, register.Term{Kind: register.WordTerm, Start: w.Start, End: w.End, Words: []register.Word{w}})
		}
	}
	return r
}

// meant puts those that the question is understood to name before the others found by name.
func (x *Index) meant(f *Found, q *register.Question, wanted bool) {
	if !wanted {
		return
	}
	var first []NameHit
	put := func(kind register.TermKind, code string, t *register.Term) {
		h := NameHit{Kind: kind, Code: code, Tier: Entire, Whole: true, Text: q.Typed[t.Start:t.End]}
		for i, old := range f.Names {
			if old.Kind == kind && old.Code == code {
				h.Text, h.Lang, h.Sort = old.Text, old.Lang, old.Sort
				f.Names = slices.Delete(f.Names, i, i+1)
				break
			}
		}
		first = append(first, h)
	}
	for i := range q.Terms {
		t := &q.Terms[i]
		if t.Kind == register.GroupTerm {
			put(register.GroupTerm, t.Group, t)
		}
		for _, code := range t.Participants {
			put(register.ParticipantTerm, code, t)
		}
		if t.Kind != register.GroupTerm && t.Group != "" {
			put(register.GroupTerm, t.Group, t)
		}
		if t.Topic != "" {
			put(register.TopicTerm, t.Topic, t)
		}
	}
	f.Names = append(first, f.Names...)
}

// searching is the memory of one search: what is asked for goes from level to level.
type searching struct {
	x    *Index
	lang string

	tallied struct{ word, words, term, total tallies }
	classed struct{ word, words, term, total classes }
	byClass bool // the answer stands in the classes, else in the tallies

	word, words, term tallying           // those of the one or the other
	lookups           map[string]*lookup // of words, across the readings of one question
	sought            []register.Sought
	alike             []string
}

var searchings = sync.Pool{New: func() any { return new(searching) }}

func (x *Index) searching(lang string) *searching {
	s := searchings.Get().(*searching)
	s.x, s.lang = x, lang
	n := len(x.rows)
	for _, t := range []*tallies{&s.tallied.word, &s.tallied.words, &s.tallied.term, &s.tallied.total} {
		t.room(n)
	}
	for _, c := range []*classes{&s.classed.word, &s.classed.words, &s.classed.term, &s.classed.total} {
		*c = classes{n: n}
	}
	return s
}

func (s *searching) put() {
	s.x, s.lookups, s.sought, s.alike = nil, nil, nil, nil
	for _, c := range []*classes{&s.classed.word, &s.classed.words, &s.classed.term, &s.classed.total} {
		c.begin(nil)
	}
	searchings.Put(s)
}

// ask asks for terms: for all of them together, or for any. All are met class by class where that is possible.
func (s *searching) ask(list []register.Term, all bool) {
	c, t := &s.classed, &s.tallied
	if s.byClass = all; all {
		s.word, s.words, s.term = &c.word, &c.words, &c.term
		s.askFor(list, true, &c.total)
		s.byClass = !c.total.over
	}
	if !s.byClass {
		s.word, s.words, s.term = &t.word, &t.words, &t.term
		s.askFor(list, all, &t.total)
	}
}

// askFor asks for terms. Where all are needed the rarest comes first, so that the others are tallied for few declarations, and
// none is looked for once nothing is left.
func (s *searching) askFor(list []register.Term, all bool, total tallying) {
	total.begin(nil)
	s.sought, s.alike = nil, nil
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	if all && len(list) > 1 {
		rarestFirst(order, func(i int) int { return s.frequency(&list[i], i+1 == len(list)) })
	}
	sought := make([][]register.Sought, len(list))
	for k, i := range order {
		var among tallying
		if all && k > 0 {
			among = total
		}
		s.sought = nil
		s.ofTerm(&list[i], i+1 == len(list), among)
		sought[i] = s.sought
		if !all {
			s.tallied.total.join(&s.tallied.term)
			continue
		}
		if total.meet(s.term, k == 0); total.none() {
			return
		}
	}
	s.sought = slices.Concat(sought...)
	for _, w := range s.sought {
		if len(w.Near) > 0 {
			s.alike = append(s.alike, w.Text)
		}
	}
}

// rarestFirst puts numbers in the order of frequencies.
func rarestFirst(order []int, frequency func(i int) int) {
	frequencies := make([]int, len(order))
	for i := range frequencies {
		frequencies[i] = frequency(i)
	}
	slices.SortStableFunc(order, func(a, b int) int { return frequencies[a] - frequencies[b] })
}

// frequency is about how many declarations have a term.
func (s *searching) frequency(t *register.Term, last bool) int {
	x, b := s.x, s.x.base
	n := 0
	switch t.Kind {
	case register.TimeTerm:
		return b.dated(t.From, t.To).count()
	case register.WordTerm:
		n = len(x.rows)
		looked := sought(t.Words)
		for k, w := range looked {
			n = min(n, s.wordFrequency(w, last && k+1 == len(looked)))
		}
		return n
	}
	for _, code := range t.Participants {
		if i := b.ref.Index(code); i >= 0 {
			n += x.inEffect[i].count()
		}
	}
	if t.Group != "" {
		n += len(x.rows) / 2
	}
	return n + b.topic[t.Topic].count()
}

// wordFrequency is about how many declarations have a word.
func (s *searching) wordFrequency(w register.Word, last bool) int {
	l := s.lookup(w, last)
	n := 0
	for _, i := range l.topics {
		n += s.x.base.topic[i].count()
	}
	t := s.x.base.texts
	if l.to > l.from {
		return n + int(t.from[l.to]-t.from[l.from])
	}
	if l.exact >= 0 {
		n += len(t.places(l.exact))
	}
	return n
}

// ofTerm tallies the declarations that have a term, among others or, where that is nil, all.
func (s *searching) ofTerm(t *register.Term, last bool, among tallying) {
	x, b := s.x, s.x.base
	s.term.begin(among)
	switch t.Kind {
	case register.TimeTerm:
		s.term.set(b.dated(t.From, t.To), 10, Entire, 0)
		return
	case register.WordTerm:
		s.ofWords(t.Words, last, among)
		return
	}
	for _, code := range t.Participants {
		s.term.set(b.sponsor[code], 90, InName, InSponsor)
		s.term.set(b.presents[code], 90, InName, InSponsor)
		if i := b.ref.Index(code); i >= 0 {
			for _, set := range []bitset{x.inEffect[i], x.unsettled[i], x.left[i], x.beside[i]} {
				s.term.set(set, 60, InName, 0)
			}
		}
	}
	if t.Group != "" {
		s.term.set(x.ofGroup(t.Group), 20, InName, 0)
	}
	if t.Topic != "" {
		s.term.set(b.topic[t.Topic], 70, InName, InTopic)
	}
	s.ofWords(t.Words, false, among)
}

// ofWords tallies the declarations that have all of some words.
func (s *searching) ofWords(list []register.Word, last bool, among tallying) {
	looked := sought(list)
	if len(looked) == 1 {
		s.sought = append(s.sought, s.ofWord(looked[0], last, s.term))
		return
	}
	order := make([]int, len(looked))
	for i := range order {
		order[i] = i
	}
	rarestFirst(order, func(i int) int { return s.wordFrequency(looked[i], last && i+1 == len(looked)) })
	found := make([]register.Sought, len(looked))
	s.words.begin(nil)
	for k, i := range order {
		s.word.begin(among)
		found[i] = s.ofWord(looked[i], last && i+1 == len(looked), s.word)
		s.words.meet(s.word, k == 0)
		among = s.words
	}
	s.term.ways(s.words)
	s.sought = append(s.sought, found...)
}

// lookup is what a word is looked up as.
type lookup struct {
	exact            int // of the texts' words; -1 for none
	from, to         int // the words that begin with it
	topics, sponsors []string
	whole            map[string]bool
	inner, near      []int // the words in which it stands, those almost like it
	within, alike    bool  // whether inner and near have been looked for
	nearNames        []int
}

// lookup looks a word up as it is and as a beginning.
func (s *searching) lookup(w register.Word, last bool) *lookup {
	key := w.Text
	if last {
		key += " " // two letters are a beginning at the end of a question alone
	}
	if l := s.lookups[key]; l != nil {
		return l
	}
	t := s.x.base.texts
	l := &lookup{exact: t.exactly(w.Text)}
	l.topics, l.sponsors, l.whole = s.x.named(w)
	if length := utf8.RuneCountInString(w.Text); !w.Sign && (length > 2 || last && length > 1) {
		l.from, l.to = t.beginning(w.Text)
	}
	if s.lookups == nil {
		s.lookups = map[string]*lookup{}
	}
	s.lookups[key] = l
	return l
}

// ofWord tallies the declarations that have a word: as it is, as a beginning, and where it stands nowhere, within words, and at
// last as a word that is written almost like it.
func (s *searching) ofWord(w register.Word, last bool, into tallying) register.Sought {
	b := s.x.base
	t := b.texts
	found := register.Sought{Word: w}
	any := false
	// posts adds words with equally many places.
	posts := func(from, to int, of int32, exact bool) {
		n := len(t.places(from))
		any = any || n > 0
		into.words(t, from, to, manner{of: of, more: 4 * int32(bits.Len(uint(b.count/max(1, n)))), exact: exact})
	}
	l := s.lookup(w, last)
	if l.exact >= 0 {
		posts(l.exact, l.exact+1, 4, true)
	}
	for _, code := range l.topics {
		if set := b.topic[code]; set != nil {
			any = true
			score := fieldScores[6]
			if l.whole[code] {
				score *= 2
			}
			into.set(set, score, Elsewhere, InTopic)
		}
	}
	for _, code := range l.sponsors {
		for _, set := range []bitset{b.sponsor[code], b.presents[code]} {
			if set != nil {
				any = true
				into.set(set, fieldScores[7], Elsewhere, InSponsor)
			}
		}
	}
	if l.to-l.from > 1 || l.to > l.from && l.exact < 0 {
		found.Beginning = true
	}
	for i := l.from; i < l.to; {
		next := i + 1
		if i != l.exact {
			for n := len(t.places(i)); next < l.to && next != l.exact && len(t.places(next)) == n; {
				next++
			}
			posts(i, next, 2, false)
		}
		i = next
	}
	if !any && !w.Sign && utf8.RuneCountInString(w.Text) > 2 {
		if !l.within {
			l.inner, l.within = t.within(w.Text), true
		}
		for _, i := range l.inner {
			found.Within = true
			posts(i, i+1, 1, false)
		}
	}
	if !any && !w.Sign {
		n := b.names()
		if !l.alike {
			l.near, l.nearNames, l.alike = t.near(w.Text), n.terms.near(w.Text), true
		}
		for _, i := range l.near {
			found.Near = append(found.Near, t.word(i))
			into.words(t, i, i+1, manner{of: 1, more: 1, alike: true})
		}
		for _, i := range l.nearNames {
			taken := false
			for _, p := range n.terms.places(i) {
				x := &n.list[p>>placeBits]
				var sets []bitset
				switch {
				case x.kind == register.TopicTerm:
					sets = []bitset{b.topic[x.code]}
				case x.kind == register.ParticipantTerm && x.sort != "adjective" && x.words == 1:
					sets = []bitset{b.sponsor[x.code], b.presents[x.code]}
				}
				for _, set := range sets {
					taken = taken || set != nil
					into.set(set, 5, Alike, 0)
				}
			}
			if taken {
				found.Near = append(found.Near, n.terms.word(i))
			}
		}
	}
	return found
}

// mostNamed is how many participants can be meant by a word of their names: republics are too many.
const mostNamed = 8

// named are the topics and participants that have a word in a name, and which of the topics are all of that word.
func (x *Index) named(w register.Word) (topics, participants []string, whole map[string]bool) {
	n := x.base.names()
	whole = map[string]bool{}
	for _, i := range n.terms.inflected(w.Text) {
		for _, p := range n.terms.places(i) {
			if nm := &n.list[p>>placeBits]; nm.kind == register.TopicTerm && !slices.Contains(topics, nm.code) {
				topics = append(topics, nm.code)
			}
		}
	}
	i := n.terms.exactly(w.Text)
	if i < 0 {
		return topics, nil, whole
	}
	for _, p := range n.terms.places(i) {
		nm := &n.list[p>>placeBits]
		switch {
		case nm.kind == register.TopicTerm:
			if !slices.Contains(topics, nm.code) {
				topics = append(topics, nm.code)
			}
			if nm.words == 1 && nm.sort != "code" {
				whole[nm.code] = true
			}
		case nm.kind == register.ParticipantTerm && nm.sort != "adjective":
			if len(participants) == 0 || participants[len(participants)-1] != nm.code {
				participants = append(participants, nm.code)
			}
		}
	}
	if len(participants) > mostNamed {
		participants = nil
	}
	return topics, participants, whole
}

// ofGroup is the declarations on which a member of a group stands or may stand.
func (x *Index) ofGroup(code string) bitset {
	any := newBitset(len(x.rows))
	if g := x.base.ref.Group(code); g != nil {
		for _, member := range g.On(x.Day) {
			if i := x.base.ref.Index(member); i >= 0 {
				any.or(x.inEffect[i])
				any.or(x.unsettled[i])
			}
		}
	}
	return any
}

// having is the declarations that have a word in a text, in the name of a topic or of who leads, whole or within another.
func (x *Index) having(w register.Word) bitset {
	set := x.base.texts.containing(w.Text, x.base.living, x.base.count)
	topics, sponsors, _ := x.named(w)
	for _, code := range topics {
		set.or(x.base.topic[code])
	}
	for _, code := range sponsors {
		set.or(x.base.sponsor[code])
		set.or(x.base.presents[code])
	}
	return set
}

// dated is the declarations whose date can be a day from the first that one date can mean to the last that another can; an
// unknown date is no bound, and what has none is not among them.
func (b *base) dated(from, to register.Date) bitset {
	first, last := register.FirstDay, register.LastDay-1
	if from.Known() {
		first = from.First()
	}
	if to.Known() {
		last = to.Last()
	}
	set := newBitset(len(b.entries))
	for name, year := range b.year {
		y, _ := strconv.Atoi(name)
		begin, end := register.DayOf(y, 1, 1), register.DayOf(y, 12, 31)
		switch {
		case end < first || begin > last:
		case begin >= first && end <= last:
			set.or(year)
		default:
			year.each(func(i int) bool {
				if e := b.entries[i]; e.last >= first && e.first <= last {
					set.add(i)
				}
				return true
			})
		}
	}
	return set
}

// recency is each declaration's rank by date, the newest highest, the undated lowest, and the declaration at each rank.
func (b *base) recency() (rank, at []int32) {
	b.recent.once.Do(func() {
		n := len(b.byDate)
		b.recent.rank, b.recent.at = make([]int32, len(b.entries)), make([]int32, n)
		undated := 0
		for undated < n && !b.entries[b.byDate[n-1-undated]].date.Known() {
			undated++
		}
		for place, i := range b.byDate {
			r := int32(place + undated)
			if place >= n-undated {
				r = int32(n - 1 - place)
			}
			b.recent.rank[i], b.recent.at[r] = r, i
		}
	})
	return b.recent.rank, b.recent.at
}

// order gives the declarations that have at least so many of the terms, in order.
func (s *searching) order(q *register.Question, need, skip, limit int) (hits []Hit, total int) {
	rank, at := s.x.base.recency()
	most := skip + limit
	if most < reranked {
		most = reranked
	}
	var top []uint64
	if s.byClass {
		top, total = s.classed.total.best(len(q.Terms), most, rank, at)
	} else {
		all := &s.tallied.total
		for k := len(all.list) - 1; k >= 0; k-- { // those that came last are mostly the newest: fewer are put in and out again
			i := all.list[k]
			if t := &all.of[i]; int(t.count) >= need {
				total++
				top = keep(top, orderKey(int(t.count), t.tier, t.score, rank[i]), most)
			}
		}
		slices.SortFunc(top, func(a, b uint64) int { return cmp.Compare(b, a) })
	}
	words := register.Words(q.Typed)
	typed := " " + register.WordsKey(words) + " "
	inTitles := !slices.ContainsFunc(words, func(w register.Word) bool { return !s.x.Known(w.Text) })
	for k := range min(len(top), reranked) {
		i := at[top[k]&(1<<28-1)]
		if t := s.title(q.Typed, typed, i, inTitles && tierOf(top[k]) >= InName); t > 0 {
			top[k] = top[k]&^(0xF<<52) | uint64(t)<<52
		}
	}
	sort.Slice(top[:min(len(top), reranked)], func(a, b int) bool { return top[a] > top[b] })
	for _, key := range top[min(skip, len(top)):min(skip+limit, len(top))] {
		i := at[key&(1<<28-1)]
		h := Hit{Row: s.x.rows[i], Tier: tierOf(key)}
		if s.byClass {
			h.Where = s.classed.total.where(i)
		} else {
			h.Where = s.tallied.total.of[i].where
		}
		hits = append(hits, h)
	}
	return hits, total
}

// orderKey is the number that orders declarations found: by terms found, tier, score, recency; the last tells which it is.
func orderKey(count int, tier Tier, score, rank int32) uint64 {
	return uint64(min(count, 255))<<56 | uint64(tier)<<52 | uint64(min(score, 1<<24-1))<<28 | uint64(rank)
}

func tierOf(key uint64) Tier { return Tier(key >> 52 & 0xF) }

// keep keeps the greatest numbers, at most most of them, as a heap with the least on top.
func keep(heap []uint64, key uint64, most int) []uint64 {
	if len(heap) < most {
		heap = append(heap, key)
		for i := len(heap) - 1; i > 0; {
			up := (i - 1) / 2
			if heap[up] <= heap[i] {
				break
			}
			heap[up], heap[i] = heap[i], heap[up]
			i = up
		}
		return heap
	}
	if key <= heap[0] {
		return heap
	}
	heap[0] = key
	for i := 0; ; {
		down := 2*i + 1
		if down >= len(heap) {
			break
		}
		if down+1 < len(heap) && heap[down+1] < heap[down] {
			down++
		}
		if heap[i] <= heap[down] {
			break
		}
		heap[i], heap[down] = heap[down], heap[i]
		i = down
	}
	return heap
}

// title says how well a whole title or slug answers to all that was asked, whose words are typed between blanks: Phrase, Entire or
// more, else 0. may says that each of the words may be one of a title.
func (s *searching) title(asked, typed string, i int32, may bool) Tier {
	e := s.x.base.entries[i]
	if strings.EqualFold(strings.TrimSpace(asked), e.slug) {
		return Entire + 1
	}
	if !may {
		return 0
	}
	best := Tier(0)
	for _, title := range e.title {
		own := " " + register.WordsKey(register.Words(title.text)) + " "
		switch {
		case own == typed:
			return Entire
		case strings.Contains(own, typed):
			best = Phrase
		}
	}
	return best
}

// Stand is how a participant stands to a declaration.
type Stand uint8

// The ways in which a participant stands to a declaration; several may hold.
const (
	Leads       Stand = iota
	Presents          // it was read out for this delegation
	OnList            // in a counted capacity, as all below but the last
	MayBeOnList       // unsettled (D11)
	HasLeft
	BesideList // as supporter or aligned
)

// Stands is how a participant stands to a declaration on the day.
func (x *Index) Stands(r *Row, code string) (list []Stand) {
	at, ok := x.base.bySlug.at(r.Slug)
	i := x.base.ref.Index(code)
	if !ok || i < 0 {
		return nil
	}
	for s, set := range []bitset{x.base.sponsor[code], x.base.presents[code], x.inEffect[i], x.unsettled[i], x.left[i], x.beside[i]} {
		if set.has(at) {
			list = append(list, Stand(s))
		}
	}
	return list
}

// Count is how many declarations a filter chooses.
func (x *Index) Count(f register.Filter) int { return x.choose(f).count() }
