package register

import (
	"maps"
	"slices"
	"strings"
)

// NamesOf are the names by which recognition finds a participant in a text, official ones first, without adjectives and
// misspellings: those may be anybody's.
func NamesOf(p *Participant) []string {
	var list []string
	for _, m := range []map[string]string{p.Names, p.Formal} {
		for _, lang := range slices.Sorted(maps.Keys(m)) {
			list = append(list, m[lang])
		}
	}
	for _, a := range p.Aliases {
		if a.Kind != "adjective" && a.Kind != "misspelling" {
			list = append(list, a.Text)
		}
	}
	return list
}

// NameKey is what recognition compares names by: two names with one key are the same name in a text.
func NameKey(name string) string {
	var words []string
	joint := false
	for i, ps := 0, pieces(name); i < len(ps); i++ {
		p := &ps[i]
		if p.kind == mark || p.kind == note || len(words) == 0 && i < len(ps)-1 && p.kind == word && leading[p.text] {
			continue
		}
		w := key(p)
		if joint && silent[w] {
			continue
		}
		joint = isJoint(w)
		words = append(words, w)
	}
	return strings.Join(words, " ")
}
