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
// follow each other, and each one. It is read-only once done and safe for concurrent use.
type terms struct {
	found map[string][]uint32 // while texts are added

	all    string  // every word after a blank, in order
	starts []int32 // where each stands in all
	from   []int32 // where the places of each begin in posts, and where those of the last one end
	posts  []uint32

	once  sync.Once
	pairs map[[2]rune][]int32 // words of letters by two letters that follow each other in them; 0 stands before and after
}

// A place is the number of a text and, in its lowest eight bits, the fields that have the word.
const (
	placeBits = 8
	mostTexts = 1 << (32 - placeBits)
)

// add adds words of a field of the text with a number; numbers come in ascending order.
func (t *terms) add(text string, number int, field uint8) {
	if text == "" || number >= mostTexts {
		return
	}
	if t.found == nil {
		t.found = map[string][]uint32{}
	}
	ws := register.Words(text)
	for i, w := range ws {
		t.put(w.Text, number, field)
		if i+1 == len(ws) {
			break
		}
		switch next := ws[i+1]; {
		case w.Sign && next.Sign && w.End == next.Start, register.Hyphened(text, w, next):
			t.put(w.Text+next.Text, number, field)
		}
	}
}

func (t *terms) put(word string, number int, field uint8) {
	places := t.found[word]
	if n := len(places); n > 0 && places[n-1]>>placeBits == uint32(number) {
		places[n-1] |= uint32(field)
		return
	}
	t.found[word] = append(places, uint32(number)<<placeBits|uint32(field))
}

// done makes the words ready to be asked.
func (t *terms) done() {
	list := make([]string, 0, len(t.found))
	size, places := 0, 0
	for word, p := range t.found {
		list = append(list, word)
		size, places = size+len(word)+1, places+len(p)
	}
	slices.Sort(list)
	var all strings.Builder
	all.Grow(size)
	t.starts, t.from, t.posts = make([]int32, len(list)), make([]int32, len(list)+1), make([]uint32, 0, places)
	for i, word := range list {
		all.WriteByte(' ')
		t.starts[i], t.from[i] = int32(all.Len()), int32(len(t.posts))
		all.WriteString(word)
		t.posts = append(t.posts, t.found[word]...)
	}
	t.from[len(list)] = int32(len(t.posts))
	t.all, t.found = all.String(), nil
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
	for from := 0; from < len(t.all); {
		at := strings.Index(t.all[from:], sought)
		if at < 0 {
			break
		}
		at += from
		i := sort.Search(len(t.starts), func(i int) bool { return int(t.starts[i]) > at }) - 1
		list = append(list, i)
		if i+1 == len(t.starts) {
			break
		}
		from = int(t.starts[i+1])
	}
	return list
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
	t.once.Do(t.makePairs)
	length := utf8.RuneCountInString(word)
	counts := make([]uint8, len(t.starts))
	need := uint8(max(1, length+1-3*limit))
	eachPair(word, func(p [2]rune) {
		for _, i := range t.pairs[p] {
			counts[i]++
		}
	})
	type candidate struct{ i, errors int }
	var found []candidate
	for i, n := range counts {
		if n < need {
			continue
		}
		if d := register.Near(word, t.word(int(i)), limit); d > 0 {
			found = append(found, candidate{int(i), d})
		}
	}
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

func (t *terms) makePairs() {
	t.pairs = map[[2]rune][]int32{}
	for i := range t.starts {
		w := t.word(i)
		if n := utf8.RuneCountInString(w); n < 3 || n > 42 || strings.ContainsAny(w, "0123456789") {
			continue
		}
		eachPair(w, func(p [2]rune) {
			if list := t.pairs[p]; len(list) == 0 || list[len(list)-1] != int32(i) {
				t.pairs[p] = append(list, int32(i))
			}
		})
	}
}

func eachPair(word string, f func([2]rune)) {
	var last rune
	for _, r := range word {
		f([2]rune{last, r})
		last = r
	}
	f([2]rune{last, 0})
}

// containing is the texts, of n, that have a word in which the sought one stands: all of its signs, where it is of signs.
func (t *terms) containing(sought string, n int) bitset {
	set := newBitset(n)
	for _, i := range t.within(sought) {
		for _, p := range t.places(i) {
			set.add(int(p >> placeBits))
		}
	}
	return set
}
