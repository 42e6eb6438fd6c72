package store

import (
	"slices"
	"sort"
	"strings"
)

// words finds the declarations whose folded texts contain a word, also within a longer one, without reading the texts
// again: every distinct word is kept once, with the places of the declarations that have it. A folded text has nothing
// but words and blanks, so what is sought, a word itself, can only stand within one of them.
type words struct {
	found map[string][]int32 // while texts are added: places by word, ascending

	all    string  // every word after a blank, in order
	starts []int32 // where each stands in all
	few    [][]int32
	many   []bitset // instead of few for words that very many have
}

// add adds the folded text of the declaration at a place; places come in ascending order.
func (w *words) add(text string, place int) {
	if w.found == nil {
		w.found = map[string][]int32{}
	}
	for word := range strings.FieldsSeq(text) {
		places := w.found[word]
		if n := len(places); n == 0 {
			w.found[strings.Clone(word)] = []int32{int32(place)}
		} else if places[n-1] != int32(place) {
			w.found[word] = append(places, int32(place))
		}
	}
}

// done makes the words ready to be asked, once all n declarations are added.
func (w *words) done(n int) {
	list := make([]string, 0, len(w.found))
	for word := range w.found {
		list = append(list, word)
	}
	slices.Sort(list)
	var all strings.Builder
	w.starts, w.few, w.many = make([]int32, len(list)), make([][]int32, len(list)), make([]bitset, len(list))
	for i, word := range list {
		all.WriteByte(' ')
		w.starts[i] = int32(all.Len())
		all.WriteString(word)
		if places := w.found[word]; len(places) <= n/32 {
			w.few[i] = slices.Clip(places)
		} else {
			w.many[i] = newBitset(n)
			for _, place := range places {
				w.many[i].add(int(place))
			}
		}
	}
	w.all, w.found = all.String(), nil
}

// containing is the declarations, of n, that have a word in which the sought one stands.
func (w *words) containing(sought string, n int) bitset {
	set := newBitset(n)
	for from := 0; from < len(w.all); {
		at := strings.Index(w.all[from:], sought)
		if at < 0 {
			break
		}
		at += from
		i := sort.Search(len(w.starts), func(i int) bool { return int(w.starts[i]) > at }) - 1
		for _, place := range w.few[i] {
			set.add(int(place))
		}
		set.or(w.many[i])
		if i+1 == len(w.starts) {
			break
		}
		from = int(w.starts[i+1])
	}
	return set
}
