package register

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// This file reads the items of a list that are no names on record: misspelt ones, broken ones, unknown ones.

// nearest looks for the name that the pieces from..to-1 could be a misspelling of.
func (x *reading) nearest(from, to int) (Find, bool) {
	for from < to && (x.ps[from].kind != word || x.ps[from].cues&(small|title) != 0 && x.ps[from].cues&formal == 0) {
		from++
	}
	for to > from && x.ps[to-1].kind != word {
		to--
	}
	if from >= to || to-from > 8 {
		return Find{}, false
	}
	var b strings.Builder
	for i := from; i < to; i++ {
		if x.ps[i].kind == note || x.ps[i].kind == mark && x.ps[i].text != open && x.ps[i].text != closing && x.ps[i].text != comma {
			return Find{}, false
		}
		if x.ps[i].kind == word {
			b.WriteString(x.ps[i].text)
		}
	}
	word := b.String()
	printed := x.text[x.ps[from].start:x.ps[to-1].end]
	f := Find{Span: Span{x.ps[from].start, x.ps[to-1].end, printed}}
	if names, ok := x.tree.flat[word]; ok {
		k := &x.tree.names[names[0]]
		if k.code != "" && k.rule != "ask" {
			f.Participant, f.Certainty, f.Reason, f.Known, f.Candidates = k.code, Likely, "broken", k.text, []string{k.code}
			if to-from == 1 {
				f.Reason = "folded" // small letters
			}
			return f, true
		}
	}
	like, ok := x.likes[word]
	if !ok && len(x.likes) < mostLikes {
		like = x.likest(word)
		x.likes[word] = like
	}
	if len(like.Candidates) == 0 {
		return f, false
	}
	like.Span, like.Candidates = f.Span, slices.Clone(like.Candidates)
	return like, true
}

// mostLikes bounds how many different unknown items of one text are compared with every name on record.
const mostLikes = 400

// likest is the find for a word that is like names on record, without its place; without candidates where it is like none.
func (x *reading) likest(word string) (f Find) {
	r := []rune(word)
	limit := 0
	switch n := len(r); {
	case n < 4:
		return Find{}
	case n <= 6:
		limit = 1
	case n <= 9:
		limit = 2
	default:
		limit = 3
	}
	best := limit + 1
	var found []*known
	for n := len(r) - limit; n <= len(r)+limit; n++ {
		for i := range x.tree.sizes[n] {
			c := &x.tree.sizes[n][i]
			if len(c.text) < 4 || scriptOf(c.text[0]) != scriptOf(r[0]) {
				continue
			}
			d := distance(r, c.text, best)
			if d > best || d > limit {
				continue
			}
			// Long words may differ more, and short ones have to begin alike.
			if d >= 2 && (c.text[0] != r[0] || len(c.text) < 7) || d >= 3 && len(c.text) < 12 {
				continue
			}
			if d < best {
				best, found = d, found[:0]
			}
			for _, k := range c.names {
				found = append(found, &x.tree.names[k])
			}
		}
	}
	for _, k := range found {
		if k.code != "" && !slices.Contains(f.Candidates, k.code) && !x.ended(k.code) {
			f.Candidates = append(f.Candidates, k.code)
			if f.Known == "" {
				f.Known = k.text
			}
		}
	}
	if len(f.Candidates) == 0 {
		return Find{}
	}
	f.Distance = best
	if len(f.Candidates) > 1 {
		f.Certainty, f.Reason, f.Known = Ask, "several", ""
		return f
	}
	f.Participant, f.Certainty, f.Reason = f.Candidates[0], Likely, "misspelling"
	return f
}

// distance is how many letters have to be added, left out, changed or swapped to make one word of the other, any number
// above limit where there are more.
func distance(a, b []rune, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	var before, last, now [64]int
	if len(b) >= len(now) {
		return limit + 1
	}
	for j := range len(b) + 1 {
		last[j] = j // #nosec G602 -- b is shorter than the array
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1) // #nosec G602 -- b is shorter than the array, and j is above 1
			}
			least = min(least, now[j])
		}
		if least > limit {
			return limit + 1
		}
		before, last = last, now
	}
	return last[len(b)]
}

// item is a piece of a list that is no known name.
type item struct{ from, to, list int }

// unknowns are the items of a list that are no names on record: between two marks or on a line of its own, short and with a
// capital letter where the script has them.
func (x *reading) unknowns(l int) []item {
	c := &x.lists[l]
	var out []item
	add := func(from, to int) {
		for from < to && (x.ps[from].kind != word && x.ps[from].kind != sign || x.ps[from].cues&joining != 0 && x.ps[from].kind == word) {
			from++
		}
		for to > from && (x.ps[to-1].kind != word && x.ps[to-1].kind != sign && !(x.ps[to-1].kind == mark && x.ps[to-1].text == closing)) {
			to--
		}
		for from < to && x.ps[from].kind == word && silent[x.ps[from].text] && from+1 < to {
			from++
		}
		if from >= to || to-from > 7 {
			return
		}
		letters := 0
		for i := from; i < to; i++ {
			p := &x.ps[i]
			if x.nameAt[i] >= 0 || x.dateOf[i] >= 0 || p.kind == note || p.kind == number && !p.capital || p.cues&(signing|issuing|saying|behalf|hostile|negation|exception|others|turning) != 0 && p.kind == word && !p.capital {
				return
			}
			if p.cues&title != 0 && p.cues&formal == 0 {
				return
			}
			if from+1 == to && len(x.tree.flat[p.text]) > 0 {
				continue
			}
			if p.kind == word && p.script != arabic && p.script != hangul && cased(firstRune(p.text)) && !p.capital && p.cues&(small|joining|formal) == 0 {
				return
			}
			letters += utf8.RuneCountInString(p.text)
		}
		first := &x.ps[from]
		if letters < 3 || letters > 60 || first.kind == word && cased(firstRune(first.text)) && !first.capital && !x.quiet && !(from+1 == to && len(x.tree.flat[first.text]) > 0) || first.cues&(members|states|leaders) != 0 && first.cues&formal == 0 {
			return
		}
		out = append(out, item{from: from, to: to, list: l})
	}
	for i := 0; i+1 < len(c.names); i++ {
		a, b := &x.names[c.names[i]], &x.names[c.names[i+1]]
		x.split(a.to, b.from, c.lines || x.marker(c.names[i]).text != "" && x.marker(c.names[i+1]).text != "", add)
	}
	// Before the first and after the last, only what is like a known name, or is counted on by the list's own numbers or dashes.
	if n := len(c.names); n > 1 {
		for at, next := x.marker(c.names[0]), x.marker(c.names[1]); at.goesOn(next); {
			from := at.at - 1
			for from > 0 && x.ps[from].before < line {
				from--
			}
			before := x.markerAt(from)
			if at.at == 0 || !before.goesOn(at) || x.ps[at.at].before >= paragraph && x.ps[next.at].before < paragraph {
				break
			}
			add(before.at, at.at)
			at, next = before, at
		}
		for before, last := x.marker(c.names[n-2]), x.marker(c.names[n-1]); before.goesOn(last); {
			from := last.at + 1
			for from < len(x.ps) && x.ps[from].before < line {
				from++
			}
			next := x.markerAt(from)
			if !last.goesOn(next) || x.ps[from].before >= paragraph && x.ps[last.at].before < paragraph {
				break
			}
			to := from + 1
			for to < len(x.ps) && x.ps[to].before < line {
				to++
			}
			add(from, to)
			before, last = last, next
		}
	}
	return out
}

// marker is what a line of a list begins with: a dash, a bullet, or a number and a mark. Its text is empty where it is none.
type marker struct {
	at     int
	text   string
	number int // 0 for none
}

// goesOn says that a marker is that of the next item.
func (m marker) goesOn(next marker) bool {
	return m.text != "" && m.text == next.text && (m.number == 0) == (next.number == 0) && (m.number == 0 || next.number == m.number+1)
}

// markerAt is the marker with which a line begins.
func (x *reading) markerAt(i int) marker {
	if i < 0 || i >= len(x.ps) || i > 0 && x.ps[i].before < line {
		return marker{}
	}
	switch p := &x.ps[i]; p.kind {
	case mark:
		if p.text == dash || p.text == bullet {
			return marker{at: i, text: p.text}
		}
	case number:
		if i+1 == len(x.ps) || x.ps[i+1].kind != mark || x.ps[i+1].before >= line || x.ps[i+1].text != stop && x.ps[i+1].text != closing {
			break
		}
		if n, err := strconv.Atoi(p.text); err == nil && n > 0 {
			return marker{at: i, text: x.ps[i+1].text, number: n}
		}
	}
	return marker{}
}

// marker is that of the line on which a name stands alone behind it.
func (x *reading) marker(name int) marker {
	// Only articles, the mark and the number stand before it: a line of a thousand names is not walked through for each of them.
	i := x.names[name].from
	from := i
	for from > 0 && x.ps[from].before < line {
		if p := &x.ps[from-1]; p.kind == word && !silent[p.text] || p.kind == sign || i-from > 4 {
			return marker{}
		}
		from--
	}
	m := x.markerAt(from)
	if m.number > 0 {
		from++
	}
	for from++; from < i; from++ {
		if !(x.ps[from].kind == word && silent[x.ps[from].text]) {
			return marker{}
		}
	}
	return m
}

// split hands on what stands between two marks of a list.
func (x *reading) split(from, to int, lines bool, f func(from, to int)) {
	begin := -1
	depth := 0
	for i := from; i <= to; i++ {
		if i < to && x.ps[i].kind == mark {
			switch x.ps[i].text {
			case open:
				depth++
			case closing:
				depth--
			}
		}
		if depth > 0 && i < to {
			continue
		}
		cut := i == to || x.delimits(i) && x.ps[i].kind == mark && x.ps[i].text != dash || x.ps[i].cues&joining != 0 && x.ps[i].kind == word || x.ps[i].before == wide || x.ps[i].before >= line && lines
		if !cut {
			continue
		}
		if begin >= 0 && begin < i {
			last := i == to
			if !last || x.ps[to].before >= wide {
				// An item of a list of lines begins its line, or follows the bullet or number that does.
				bulleted := begin > from && x.ps[begin-1].kind == mark && x.markerAt(begin-1).text != ""
				if !lines || x.ps[begin].before >= line || bulleted {
					f(begin, i)
				}
			}
		}
		begin = i
		if i < to && x.ps[i].kind == mark || i < to && x.ps[i].cues&joining != 0 && x.ps[i].kind == word {
			begin = i + 1
			if lines && !(begin < to && x.ps[begin].before >= line) && x.ps[i].before < line {
				begin = -1
			}
		}
		if begin < 0 && i < to && x.ps[i].before >= line {
			begin = i
		}
	}
}

// edges looks for misspelt names directly before the first and after the last name of a list.
func (x *reading) edges(l int) []Find {
	c := &x.lists[l]
	var out []Find
	first, last := &x.names[c.names[0]], &x.names[c.names[len(c.names)-1]]
	// …, Vietnm. / … and Vietnm
	i := last.to
	for i < len(x.ps) && x.ps[i].kind == note {
		i++
	}
	delimited := false
	for i < len(x.ps) && i < last.to+4 && x.delimits(i) {
		delimited = true
		i++
	}
	for i < len(x.ps) && x.ps[i].kind == word && silent[x.ps[i].text] {
		i++
	}
	if delimited && i < len(x.ps) && x.ps[i].before < paragraph && x.ps[i].capital && x.nameAt[i] < 0 {
		for n := min(4, len(x.ps)-i); n >= 1; n-- {
			if i+n < len(x.ps) && x.ps[i+n].before <= blank && x.ps[i+n].kind == word && x.ps[i+n].capital {
				continue
			}
			if f, ok := x.nearest(i, i+n); ok && f.Distance <= 2 && f.Start == x.ps[i].start {
				out = append(out, f)
				break
			}
		}
	}
	i = first.from - 1
	for i >= 0 && x.ps[i].kind == word && silent[x.ps[i].text] {
		i--
	}
	delimited = false
	for i >= 0 && first.from-i < 5 && x.delimits(i) {
		delimited = true
		i--
	}
	if delimited && i >= 0 && x.nameAt[i] < 0 && x.ps[i].kind == word && x.ps[i].capital {
		for n := 3; n >= 1; n-- {
			if i-n+1 < 0 || !x.ps[i-n+1].capital {
				continue
			}
			if f, ok := x.nearest(i-n+1, i+1); ok && f.Distance <= 2 && f.Start == x.ps[i-n+1].start {
				out = append([]Find{f}, out...)
				break
			}
		}
	}
	return out
}
