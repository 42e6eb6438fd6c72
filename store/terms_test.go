package store

import (
	"math/rand/v2"
	"strings"
	"testing"

	"cosignatory/store/register"
)

// The words say what reading every text would say.
func TestWords(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	syllables := []string{"ma", "de", "up", "te", "declara", "tion", "打击", "人口", "贩运", "é", "12", "3"}
	word := func() string {
		var b strings.Builder
		for range 1 + r.IntN(3) {
			b.WriteString(syllables[r.IntN(len(syllables))])
		}
		return b.String()
	}
	for _, n := range []int{0, 1, 63, 64, 65, 200} {
		all := newBitset(n)
		for i := range n {
			all.add(i)
		}
		words := gathered{}
		texts := make([]string, n)
		for i := range texts {
			for range r.IntN(12) {
				texts[i] += word() + []string{" ", "\n"}[r.IntN(2)]
			}
			texts[i] = register.Fold(texts[i])
			words.addFolded(texts[i], i)
		}
		w := words.ready()
		for range 200 {
			sought := register.Fold(word())
			got := w.containing(sought, all, n)
			for i, text := range texts {
				if got.has(i) != strings.Contains(text, sought) {
					t.Fatalf("%q in %q: %v", sought, text, got.has(i))
				}
			}
			if got.count() > n {
				t.Fatalf("%d of %d", got.count(), n)
			}
		}
	}
}
