package store

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"sync"
	"unicode/utf8"

	"cosignatory/store/register"
)

// terms finds the texts that have a word: by the word itself, its beginning, a part of it, or one written almost like it.
// Every distinct word is kept once, in order, with its places. Of signs written without blanks it keeps each two that
// follow each other, and each one. It is read-only and safe for concurrent use.
type terms struct {
	all    string  // every word after a blank, in order
	starts []int32 // where each stands in all
	from   []int32 // where the places of each begin in posts, and where those of the last one end
	posts  []uint32
	bytes  [256]int32 // how often each byte stands in the words

	mu    sync.Mutex
	pairs map[[2]rune][]int32 // see byPairs
	many  map[int][]fieldSet  // see byField
}

// fieldSet is the texts that have a word in the same fields.
type fieldSet struct {
	where Field
	set   bitset
}

// A word has many places where it has manyPlaces and stands in one of manyShare texts.
var manyPlaces = 1024

const manyShare = 8

// byField is the texts that have a word, by the fields that have it: made when it is first asked for. It is for words with
// many places, of which there are few.
func (t *terms) byField(i int) []fieldSet {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := t.many[i]
	if list != nil {
		return list
	}
	places := t.places(i)
	for _, p := range places {
		k := slices.IndexFunc(list, func(f fieldSet) bool { return f.where == Field(p) })
		if k < 0 {
			k = len(list)
			list = append(list, fieldSet{Field(p), newBitset(int(places[len(places)-1]>>placeBits) + 1)})
		}
		list[k].set.add(int(p >> placeBits))
	}
	if t.many == nil {
		t.many = map[int][]fieldSet{}
	}
	t.many[i] = list
	return list
}

// A place is the number of a text and, in its lowest eight bits, the fields that have the word.
const (
	placeBits = 8
	mostTexts = 1 << (32 - placeBits)
)

// gathered are words with their places, in the order of those, before they are made ready to be asked.
type gathered map[string][]uint32

// add adds words of a field of the text with a number; numbers come in ascending order.
func (g gathered) add(text string, number int, field uint8) {
	if text == "" {
		return
	}
	ws := register.Words(text)
	for i, w := range ws {
		g.put(w.Text, number, field)
		if i+1 == len(ws) {
			break
		}
		switch next := ws[i+1]; {
		case w.Sign && next.Sign && w.End == next.Start, register.Hyphened(text, w, next):
			g.put(w.Text+next.Text, number, field)
		}
	}
}

// addFolded adds the words of a folded text as they are: a folded text has nothing but words and blanks, so what is sought,
// a word itself, can only stand within one of them.
func (g gathered) addFolded(text string, number int) {
	for word := range strings.FieldsSeq(text) {
		g.put(word, number, 1)
	}
}

func (g gathered) put(word string, number int, field uint8) {
	if number >= mostTexts {
		return
	}
	places := g[word]
	if n := len(places); n > 0 && places[n-1]>>placeBits == uint32(number) {
		places[n-1] |= uint32(field)
		return
	}
	if places == nil {
		word = strings.Clone(word) // not the whole text that it is cut from
	}
	g[word] = append(places, uint32(number)<<placeBits|uint32(field))
}

// ready makes the words ready to be asked.
func (g gathered) ready() *terms { return new(terms).with(nil, nil, g) }

// with is t where the places of some texts, now, stand in the stead of those that they had before. t stays as it is, and is
// the answer where both are the same.
func (t *terms) with(texts bitset, before, now gathered) *terms {
	var words []string
	for word, places := range now {
		if !slices.Equal(places, before[word]) {
			words = append(words, word)
		}
	}
	for word := range before {
		if now[word] == nil {
			words = append(words, word)
		}
	}
	if len(words) == 0 && t.from != nil {
		return t
	}
	slices.Sort(words)
	letters, places := len(t.all), len(t.posts)
	for _, word := range words {
		letters, places = letters+len(word)+1, places+len(now[word])
	}
	n := &terms{bytes: t.bytes, starts: make([]int32, 0, len(t.starts)+len(words)), from: make([]int32, 0, len(t.starts)+len(words)+1), posts: make([]uint32, 0, places)}
	var all strings.Builder
	all.Grow(letters)
	next := 0 // the first word of t that is not taken over yet
	take := func(to int) {
		if next >= to {
			return
		}
		end := len(t.all)
		if to < len(t.starts) {
			end = int(t.starts[to]) - 1
		}
		letters, places := int32(all.Len())-(t.starts[next]-1), int32(len(n.posts))-t.from[next]
		all.WriteString(t.all[t.starts[next]-1 : end])
		n.posts = append(n.posts, t.posts[t.from[next]:t.from[to]]...)
		for ; next < to; next++ {
			n.starts, n.from = append(n.starts, t.starts[next]+letters), append(n.from, t.from[next]+places)
		}
	}
	var gone []int32  // words of t that no text has any more
	var come []string // words that none had
	for _, word := range words {
		at := sort.Search(len(t.starts)-next, func(i int) bool { return t.word(next+i) >= word }) + next
		take(at)
		var old []uint32
		was := at < len(t.starts) && t.word(at) == word
		if was {
			old, next = t.places(at), at+1
		}
		from, added := len(n.posts), now[word]
		for _, p := range old {
			if texts.has(int(p >> placeBits)) {
				continue
			}
			for len(added) > 0 && added[0] < p {
				n.posts, added = append(n.posts, added[0]), added[1:]
			}
			n.posts = append(n.posts, p)
		}
		if n.posts = append(n.posts, added...); len(n.posts) == from {
			if was {
				gone = append(gone, int32(at))
			}
			continue
		}
		if !was {
			come = append(come, word)
		}
		all.WriteByte(' ')
		n.starts, n.from = append(n.starts, int32(all.Len())), append(n.from, int32(from))
		all.WriteString(word)
	}
	take(len(t.starts))
	n.from = append(n.from, int32(len(n.posts)))
	n.all = all.String()
	for _, i := range gone {
		n.countBytes(t.word(int(i)), -1)
	}
	for _, word := range come {
		n.countBytes(word, 1)
	}
	n.takePairs(t, gone, come)
	return n
}

func (t *terms) countBytes(word string, sign int32) {
	for k := range len(word) {
		t.bytes[word[k]] += sign
	}
}

func (t *terms) word(i int) string {
	if i+1 == len(t.starts) {
		return t.all[t.starts[i]:]
	}
	return t.all[t.starts[i] : t.starts[i+1]-1]
}

func (t *terms) places(i int) []uint32 { return t.posts[t.from[i]:t.from[i+1]] }

// exactly is the number of a word, -1 where there is none.
func (t *terms) exactly(word string) int {
	i := sort.Search(len(t.starts), func(i int) bool { return t.word(i) >= word })
	if i < len(t.starts) && t.word(i) == word {
		return i
	}
	return -1
}

// beginning are the words that begin with one, itself among them: from, and the first that does not.
func (t *terms) beginning(with string) (from, to int) {
	from = sort.Search(len(t.starts), func(i int) bool { return t.word(i) >= with })
	to = from + sort.Search(len(t.starts)-from, func(i int) bool { return !strings.HasPrefix(t.word(from+i), with) })
	return from, to
}

// inflected are the words that have another ending than one, itself left out.
func (t *terms) inflected(word string) (list []int) {
	stem := register.Stem(word)
	if stem == "" {
		return nil
	}
	from, to := t.beginning(stem)
	for i := from; i < to; i++ {
		if w := t.word(i); w != word && utf8.RuneCountInString(w[len(stem):]) <= 3 {
			list = append(list, i)
		}
	}
	return list
}

// within are the words in which another stands.
func (t *terms) within(sought string) (list []int) {
	t.eachWithin(sought, 0, len(t.starts), func(i int) bool { list = append(list, i); return true })
	return list
}

// eachWithin are the words from one to before another in which a sought one stands, in order, until f says no. It looks for
// the byte of the sought word that the words have most seldom.
func (t *terms) eachWithin(sought string, from, to int, f func(i int) bool) {
	if sought == "" || from >= to {
		return
	}
	rarest := 0
	for k := range len(sought) {
		if t.bytes[sought[k]] < t.bytes[sought[rarest]] {
			rarest = k
		}
	}
	if t.bytes[sought[rarest]] == 0 {
		return
	}
	end := len(t.all)
	if to < len(t.starts) {
		end = int(t.starts[to]) - 1
	}
	all := t.all[:end]
	for at := int(t.starts[from]) + rarest; at < end; {
		next := strings.IndexByte(all[at:], sought[rarest])
		if next < 0 {
			return
		}
		at += next
		if !strings.HasPrefix(all[at-rarest:], sought) {
			at++
			continue
		}
		for step := 1; ; step *= 2 { // mostly it is one of the next words
			if from+step >= to || int(t.starts[from+step]) > at {
				from += sort.Search(min(step, to-from), func(i int) bool { return int(t.starts[from+i]) > at }) - 1
				break
			}
		}
		if !f(from) {
			return
		}
		if from++; from >= to {
			return
		}
		at = int(t.starts[from]) + rarest
	}
}

// mostNear is how many words almost like one are taken at most.
const mostNear = 8

// near are the words that are written almost like one: those with the fewest errors, at most mostNear of them. Only words
// are compared that have enough pairs of letters in common: each error breaks up to three.
func (t *terms) near(word string) (list []int) {
	limit := register.Errors(word)
	if limit == 0 {
		return nil
	}
	pairs := t.byPairs()
	length := utf8.RuneCountInString(word)
	counts := make([]uint8, len(t.starts))
	need := uint8(min(max(1, length+1-3*limit), 255))
	type candidate struct{ i, errors int }
	var found []candidate
	eachPair(word, func(p [2]rune) {
		for _, i := range pairs[p] {
			if counts[i] == need {
				continue
			}
			if counts[i]++; counts[i] == need {
				if d := register.Near(word, t.word(int(i)), limit); d > 0 {
					found = append(found, candidate{int(i), d})
				}
			}
		}
	})
	slices.SortFunc(found, func(a, b candidate) int {
		if a.errors != b.errors {
			return a.errors - b.errors
		}
		if c := cmp.Compare(len(t.places(b.i)), len(t.places(a.i))); c != 0 {
			return c
		}
		return a.i - b.i
	})
	for _, c := range found {
		if c.errors > found[0].errors || len(list) == mostNear {
			break
		}
		list = append(list, c.i)
	}
	return list
}

// byPairs are the words of letters by two letters that follow each other in them, 0 stands before and after: made when they
// are first asked for.
func (t *terms) byPairs() map[[2]rune][]int32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pairs == nil {
		t.pairs = map[[2]rune][]int32{}
		for i := range t.starts {
			addPairs(t.pairs, t.word(i), int32(i))
		}
	}
	return t.pairs
}

// takePairs takes over the pairs of the terms that t was made from, where those have been made; gone are the words that t no
// longer has, by their numbers there, come those that are new.
func (t *terms) takePairs(from *terms, gone []int32, come []string) {
	from.mu.Lock()
	old := from.pairs
	from.mu.Unlock()
	if len(gone)+len(come) == 0 {
		t.pairs = old
	}
	if t.pairs != nil || old == nil {
		return
	}
	numbers := make([]int32, len(from.starts)) // those of t; -1 for none
	added := make([]int32, len(come))
	for k, word := range come {
		added[k] = int32(t.exactly(word))
	}
	number, g, a := int32(0), 0, 0
	for i := range numbers {
		if g < len(gone) && gone[g] == int32(i) {
			numbers[i] = -1
			g++
			continue
		}
		for a < len(added) && added[a] == number {
			number++
			a++
		}
		numbers[i] = number
		number++
	}
	t.pairs = make(map[[2]rune][]int32, len(old))
	for pair, list := range old {
		now := make([]int32, 0, len(list)+1)
		for _, i := range list {
			if numbers[i] >= 0 {
				now = append(now, numbers[i])
			}
		}
		t.pairs[pair] = now
	}
	for k, word := range come {
		addPairs(t.pairs, word, added[k])
	}
}

func addPairs(pairs map[[2]rune][]int32, word string, i int32) {
	if n := utf8.RuneCountInString(word); n < 3 || n > 42 || strings.ContainsAny(word, "0123456789") {
		return
	}
	eachPair(word, func(p [2]rune) {
		if list := pairs[p]; len(list) == 0 || list[len(list)-1] != i {
			pairs[p] = append(list, i)
		}
	})
}

func eachPair(word string, f func([2]rune)) {
	var last rune
	for _, r := range word {
		f([2]rune{last, r})
		last = r
	}
	f([2]rune{last, 0})
}

// containing is the texts that have a word in which the sought one stands: all of its signs, where it is of signs. No more is
// looked for once these are all texts, the set that is given with its number.
func (t *terms) containing(sought string, texts bitset, all int) bitset {
	set := make(bitset, len(texts))
	n := 0
	add := func(i int) bool {
		for _, p := range t.places(i) {
			if place := int(p >> placeBits); !set.has(place) {
				set.add(place)
				n++
			}
		}
		return n < all
	}
	from, to := t.beginning(sought)
	for i := from; i < to; i++ {
		if !add(i) {
			return set
		}
	}
	t.eachWithin(sought, 0, from, add)
	if n < all {
		t.eachWithin(sought, to, len(t.starts), add)
	}
	return set
}
