package register

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// findGroups tells names that mean the members of a group: "GCC member states", "the EU and its 27 Member States", "Benelux".
func (x *reading) findGroups() {
	for n := range x.names {
		o := &x.names[n]
		if o.group == "" {
			continue
		}
		g, ok := x.groupAt(n)
		if ok {
			g.code, g.name = o.group, n
			x.groups = append(x.groups, g)
			if !g.keeps {
				o.code, o.codes = "", nil
			}
			for m := range x.names {
				// The Gulf Cooperation Council (GCC) member states
				if m != n && x.names[m].from >= g.from && x.names[m].to <= g.to {
					x.names[m].unmatched = true
				}
			}
			for j := g.from; j < g.to; j++ {
				if x.nameAt[j] < 0 {
					x.nameAt[j] = n
				}
			}
			continue
		}
		if o.code == "" {
			// The bare name of a group that is no organisation.
			switch o.best.kind {
			case "name", "short", "formal", "abbreviation":
				x.groups = append(x.groups, group{from: o.from, to: o.to, code: o.group, name: n})
			default:
				o.unmatched = true // "Nordic" and nothing after it
			}
			continue
		}
		o.group = ""
	}
}

func (x *reading) groupAt(n int) (group, bool) {
	o := &x.names[n]
	g := group{from: o.from, to: o.to}
	i := o.to
	// (GCC)
	if isMark(x.ps, i, open) && i+2 < len(x.ps) && isMark(x.ps, i+2, closing) {
		i += 3
	}
	if i < len(x.ps) && x.ps[i].before == apostrophe && x.ps[i].text == "s" {
		i++
	}
	j := i
	its := false
	for j < len(x.ps) && j-i < 6 && x.ps[j].before <= line && x.nameAt[j] < 0 {
		p := &x.ps[j]
		if p.cues&members != 0 && !(p.cues&leaders != 0 && p.cues&states == 0) || p.script == arabic && strings.HasPrefix(p.text, "ودول") {
			to := j + 1
			for to < len(x.ps) && x.ps[to].cues&members != 0 && x.ps[to].before <= line && x.nameAt[to] < 0 {
				to++
			}
			g.to = to
			g.keeps = its && o.code != ""
			for g.from > 0 && x.ps[g.from-1].cues&small != 0 && x.ps[g.from-1].kind == word && silent[x.ps[g.from-1].text] {
				g.from--
			}
			return g, true
		}
		if p.script == arabic && p.prefix("و") {
			its = true
		}
		switch {
		case p.kind == number, p.kind == word && numberWords[p.text] > 0, p.kind == sign && strings.Contains(hanDigits+"十", p.text):
		case p.cues&joining != 0, possessives[p.text], p.text == "及" || p.text == "其" || p.text == "和" || p.text == "与" || p.text == "个" || p.text == "の":
			its = its || p.cues&joining != 0 || p.text == "及" || p.text == "其"
			if p.cues&joining != 0 && j+1 < len(x.ps) && !possessives[x.ps[j+1].text] && x.ps[j+1].kind != number && x.ps[j+1].kind != sign && !x.ps[j+1].prefix("و") {
				j = len(x.ps) // "the EU and states …": another item
			}
		default:
			j = len(x.ps)
		}
		if j < len(x.ps) {
			j++
		}
	}
	// member states of the …
	k := o.from - 1
	for k >= 0 && o.from-k <= 4 && x.ps[k].kind == word && x.ps[k].cues&small != 0 && x.ps[k].cues&members == 0 && x.nameAt[k] < 0 {
		k--
	}
	if k >= 0 && x.ps[k].cues&members != 0 && x.nameAt[k] < 0 && x.ps[k+1].before <= line && !(x.ps[k].cues&leaders != 0 && x.ps[k].cues&states == 0) {
		if k == o.from-1 && x.ps[k].script == latin && x.ps[k].text == "member" {
			return g, false
		}
		for k > 0 && x.ps[k-1].cues&members != 0 && x.ps[k].before <= line && x.nameAt[k-1] < 0 {
			k--
		}
		// "the 27 member states of": the number is the group's
		for k > 0 && x.ps[k].before <= line && x.nameAt[k-1] < 0 && (x.ps[k-1].kind == number || numberWords[x.ps[k-1].text] > 0 || silent[x.ps[k-1].text]) {
			k--
		}
		g.from = k
		return g, true
	}
	// Leaders of the Group of Seven (G7): the bracket belongs to the name.
	return g, false
}

func (p *piece) prefix(s string) bool { return p.kind == word && strings.HasPrefix(p.text, s) }

var possessives = set("its their all ses leurs leur tous sus todos seus suas ihre ihren ihrer deren alle suoi его ее их все zijn hun onun")

// link chains names that stand beside each other into lists.
func (x *reading) link() {
	x.lines()
	chain := -1
	last := -1
	for n := range x.names {
		o := &x.names[n]
		if x.out(o) {
			continue
		}
		if o.list != -1 { // of a list of lines, or beside its names
			chain, last = -1, -1
			continue
		}
		if last >= 0 && chain >= 0 && x.beside(&x.names[last], o) {
			x.join(chain, n)
			last = n
			continue
		}
		x.lists = append(x.lists, list{from: o.from, to: o.to})
		chain = len(x.lists) - 1
		x.join(chain, n)
		last = n
	}
}

func (x *reading) join(l, n int) {
	o := &x.names[n]
	o.list = l
	c := &x.lists[l]
	c.names = append(c.names, n)
	from, to := o.from, o.to
	for i := range x.groups {
		if x.groups[i].name == n {
			from, to = min(from, x.groups[i].from), max(to, x.groups[i].to)
		}
	}
	if len(c.names) == 1 {
		c.from = from
	}
	c.from, c.to = min(c.from, from), max(c.to, to)
	o.place = len(c.names)
}

// out says that a name is in no list, wherever it stands.
func (x *reading) out(o *name) bool {
	return o.unmatched || o.owner || o.attached && !o.whole && !x.listTail(o) || o.best.kind == "adjective" && !x.amongAdjectives(o) || o.oblique
}

// listTail says that a Chinese name ends a list whose noun comes later: 澳大利亚、新西兰主管海事的部长.
func (x *reading) listTail(o *name) bool {
	if x.ps[o.from].kind != sign || o.from == 0 || !x.delimits(o.from-1) {
		return false
	}
	for i := o.to; i < len(x.ps) && i < o.to+10; i++ {
		if x.ps[i].kind == mark {
			return false
		}
		if x.ps[i].cues&(leaders|signing|issuing) != 0 {
			return true
		}
	}
	return false
}

// amongAdjectives says that an adjective stands where lists of states have them: "the French, German and Italian governments",
// "las Repúblicas Italiana, de Argentina …".
func (x *reading) amongAdjectives(o *name) bool {
	for i := o.from - 1; i >= 0 && o.from-i < 3; i-- {
		if x.ps[i].cues&formal != 0 && x.ps[i].kind == word && (strings.HasPrefix(x.ps[i].text, "republi") || strings.HasPrefix(x.ps[i].text, "gobierno")) {
			return true
		}
		if x.ps[i].cues&small == 0 {
			break
		}
	}
	// adjectives up to a noun for those who speak for states
	for i := o.to; i < len(x.ps) && i < o.to+24; i++ {
		p := &x.ps[i]
		if n := x.nameAt[i]; n >= 0 {
			if x.names[n].best.kind != "adjective" {
				return false
			}
			continue
		}
		if p.cues&leaders != 0 {
			return true
		}
		if p.kind == mark && p.text == comma || p.cues&(joining|small|title) != 0 && p.kind == word {
			continue
		}
		return false
	}
	return false
}

// delimits says that a piece parts the items of a list.
func (x *reading) delimits(i int) bool {
	p := &x.ps[i]
	if p.kind == mark {
		switch p.text {
		case comma, semicolon, bullet, slash, pipe, "+", dash:
			return true
		}
		return false
	}
	return p.cues&joining != 0 && !(p.kind == word && p.script == latin && len(p.text) == 1 && p.capital)
}

// beside says that two names in the order of the text are items of one list.
func (x *reading) beside(a, b *name) bool {
	from, to := a.to, b.from
	for _, g := range x.groups {
		if &x.names[g.name] == a {
			from = max(from, g.to)
		}
		if &x.names[g.name] == b {
			to = min(to, g.from)
		}
	}
	if from > to {
		return true
	}
	if a.inBrackets && b.inBrackets && isMark(x.ps, from, closing) && isMark(x.ps, to-1, open) && to-from < 14 {
		// Person (State), Person (State)
		for i := from + 1; i < to-1; i++ {
			p := &x.ps[i]
			if p.before == paragraph || p.kind == word && cased([]rune(p.text)[0]) && !p.capital && p.cues&(small|title|joining) == 0 || p.kind == mark && p.text == stop && x.ends(i) {
				return false
			}
		}
		return true
	}
	delimited := b.prefix || a.suffix == "와" || a.suffix == "과" || a.suffix == "및" || a.suffix == "이나"
	dated, words, nominal, depth, breaks := false, 0, 0, 0, 0
	pureGap := from == to
	for i := from; i < to; i++ {
		p := &x.ps[i]
		switch {
		case p.before == paragraph:
			return false
		case p.before == wide:
			delimited = true
		case p.before == line:
			breaks++
		}
		switch {
		case x.dateOf[i] >= 0:
			dated = true
		case i == from && p.before == apostrophe && a.best.lang == "tr":
		case p.kind == note:
		case p.kind == mark && p.text == open:
			depth++
		case p.kind == mark && p.text == closing:
			depth--
		case depth > 0:
			if p.cues&behalf != 0 {
				continue
			}
			if words++; words > 25 || p.kind == mark && p.text == stop && i+1 < to && x.ps[i+1].before >= blank && x.ps[i+1].capital {
				return false
			}
		case p.kind == mark && p.text == quote:
		case p.kind == mark && p.text == colon:
			return false
		case p.kind == mark && p.text == stop:
			enumerator := i > 0 && x.ps[i-1].kind == number && p.before == glued && (i < 2 || x.ps[i-1].before >= blank)
			if !enumerator && (x.ends(i) || !dated) {
				return false
			}
		case x.delimits(i):
			delimited = true
			nominal = 0
		case p.kind == number:
			if i+1 < len(x.ps) && x.ps[i+1].cues&(states|others|parties) != 0 || len(p.text) > 3 && !dated {
				return false
			}
			if p.before >= line || p.before == wide {
				delimited = true
			}
		case p.kind == mark:
			if p.text != "%" && !dated {
				return false
			}
		case x.nameAt[i] >= 0 && x.names[x.nameAt[i]].best.kind != "adjective":
			nominal++
		case p.script == arabic && p.cues&^(joining|formal|small|states|members) == 0 && delimited && nominal < 6:
			nominal++
		case p.kind == sign || p.script == hangul || p.script == hiragana || p.script == kana:
			if p.cues&(joining|small) == 0 && !(p.cues&others != 0) {
				return false
			}
			if p.cues&joining != 0 {
				delimited = true
			}
		case p.cues&(behalf|we|heading) != 0 && p.cues&small == 0:
			return false
		case p.cues&small != 0:
		case (p.capital || p.cues&title != 0 || p.kind == word && len(p.text) == 1 || p.cues&formal != 0) && (delimited || dated || p.before >= line):
			if nominal++; nominal > 22 {
				return false
			}
		case p.cues&leaders != 0 && delimited:
			nominal++
		case dated:
			if words++; words > 4 || p.cues&(signing|issuing|pact|between|saying) != 0 && !p.capital {
				return false
			}
		case p.cues&(saying|signing|issuing|hostile|turning|negation|exception) != 0:
			return false
		default:
			return false
		}
	}
	if depth > 0 {
		return false // the second stands in a bracket after the first
	}
	if b.from < len(x.ps) {
		switch g := x.ps[to].before; {
		case g == paragraph:
			return false
		case g == wide:
			delimited = true
		case g == line:
			breaks++
		}
	}
	if delimited || dated {
		return true
	}
	// Nothing but a blank or a line break between whole names: columns, lines, lost commas.
	return pureGap && (breaks > 0 || a.best.kind != "adjective" && b.best.kind != "adjective")
}

// lines finds lists that have one name at the head of each line, whatever else the lines say.
func (x *reading) lines() {
	type row struct {
		from, to int // pieces
		head     int // name at its head, -1 none
		item     bool
		gap      bool // an empty line before it
		empty    bool // dates, numbers and marks alone
		person   bool // the name ends a line about a person
	}
	var rows []row
	for i := 0; i < len(x.ps); {
		j := i + 1
		for j < len(x.ps) && x.ps[j].before < line {
			j++
		}
		r := row{from: i, to: j, head: -1, gap: x.ps[i].before == paragraph && i > 0}
		k := i
		for k < j && (x.ps[k].kind == note || x.ps[k].kind == mark && x.ps[k].text != open || x.ps[k].kind == number && len(x.ps[k].text) <= 3 || x.dateOf[k] >= 0 ||
			x.ps[k].kind == mark && x.ps[k].text == open && k+2 < j || x.ps[k].kind == word && x.roman(k, j) || x.ps[k].cues&small != 0 && x.nameAt[k] < 0 && x.ps[k].script != arabic) {
			k++
		}
		if k < j && x.nameAt[k] >= 0 {
			n := x.nameAt[k]
			o := &x.names[n]
			if o.from <= k && !o.owner && o.best.kind != "adjective" && !o.unmatched {
				end := o.to
				for _, g := range x.groups {
					if g.name == n {
						end = max(end, g.to)
					}
				}
				for end < j && x.ps[end].kind == note {
					end++
				}
				r.head = n
				// What follows the name has to look like another column.
				r.item = end >= j || x.ps[end].before == wide || x.ps[end].kind == mark && x.ps[end].text != stop && (x.ps[end].text != comma || end+1 >= j || x.nameAt[end+1] < 0) ||
					x.dateOf[end] >= 0 || x.ps[end].kind == number || x.ps[end].kind == mark && end+1 >= j
				if o.attached && end < j || isMark(x.ps, end, colon) && end+1 < j && x.ps[end+1].kind == word && x.dateOf[end+1] < 0 {
					r.item = false
				}
			}
		}
		if k == j {
			r.empty = true
			for m := i; m < j; m++ {
				r.empty = r.empty && x.ps[m].kind != sign && (x.ps[m].kind != word || x.dateOf[m] >= 0 || x.roman(m, j))
			}
		}
		if r.head < 0 {
			r.head = x.ofPerson(i, j)
			r.item = r.head >= 0
			r.person = r.item
		}
		rows = append(rows, r)
		i = j
	}
	for i := 0; i < len(rows); {
		if !rows[i].item {
			i++
			continue
		}
		j, heads, lastItem, misses, persons := i+1, 1, i, 0, 0
		empty := 0
		for ; j < len(rows); j++ {
			r := rows[j]
			if r.gap {
				empty++
			}
			switch {
			case r.item:
				heads++
				if r.person {
					persons++
				}
				lastItem, misses = j, 0
			case r.empty:
			case r.to-r.from <= 8 && !strings.ContainsAny(x.text[x.ps[r.from].start:x.ps[r.to-1].end], ".:;!?。：") && misses < 3:
				misses++
			default:
				goto done
			}
			if misses > 2 {
				break
			}
		}
	done:
		j = lastItem + 1
		blanks := 0
		for _, r := range rows[i:j] {
			if r.empty {
				blanks++
			}
		}
		if heads >= 3 && heads*2 > j-i-blanks && (persons*2 >= heads || !x.wrapped(rows[i].from, rows[lastItem].to)) {
			x.lists = append(x.lists, list{from: rows[i].from, to: rows[lastItem].to, lines: true})
			l := len(x.lists) - 1
			for _, r := range rows[i:j] {
				if r.item {
					x.join(l, r.head)
					if r.person {
						for n := r.head - 1; n >= 0 && x.names[n].from >= r.from; n-- {
							x.names[n].list = -2
						}
						continue
					}
					// Further names in the line stand in another column, but for columns of names.
					prev := r.head
					for n := r.head + 1; n < len(x.names) && x.names[n].from < r.to; n++ {
						if o := &x.names[n]; !x.out(o) && x.beside(&x.names[prev], o) && x.pure(x.names[prev].to, o.from) {
							x.join(l, n)
							prev = n
						} else {
							o.list = -2
						}
					}
				}
			}
			x.lists[l].from, x.lists[l].to = rows[i].from, max(x.lists[l].to, rows[lastItem].from)
		}
		i = max(j, i+1)
	}
}

// ofPerson is the name that ends a line about a person: "H.E. Ms. A. B., Minister for Foreign Affairs of Latvia"; -1 where the line is no
// such one.
func (x *reading) ofPerson(from, to int) int {
	end := to
	for end > from && (x.ps[end-1].kind == mark || x.ps[end-1].kind == note) {
		end--
	}
	if end-from < 3 || end-from > 40 || x.nameAt[end-1] < 0 {
		return -1
	}
	n := x.nameAt[end-1]
	o := &x.names[n]
	if o.to != end && o.to != to || o.owner || o.best.kind == "adjective" || o.unmatched {
		return -1
	}
	titles := 0
	for i := from; i < o.from; i++ {
		p := &x.ps[i]
		if p.cues&(title|leaders) != 0 && x.nameAt[i] < 0 {
			titles++
		}
		if x.ends(i) || p.cues&(signing|saying|hostile|negation) != 0 && p.cues&title == 0 && !p.capital && x.nameAt[i] < 0 && p.kind == word {
			return -1
		}
	}
	if before := &x.ps[o.from-1]; titles == 0 || before.kind != mark && before.cues&(small|formal|title) == 0 {
		return -1
	}
	return n
}

// pure says that there is nothing between two pieces but marks and blanks.
func (x *reading) pure(from, to int) bool {
	for i := from; i < to; i++ {
		if p := &x.ps[i]; p.kind == word && p.cues&(joining|small) == 0 || p.kind == sign && p.cues&joining == 0 || p.kind == mark && (p.text == open || p.text == dash || p.text == colon) {
			return false
		}
	}
	return true
}

// roman says that a word at the head of a line numbers it: ii), (c).
func (x *reading) roman(k, end int) bool {
	t := x.ps[k].text
	if len(t) > 5 || k+1 >= end || x.ps[k+1].kind != mark || x.ps[k+1].text != closing && x.ps[k+1].text != stop {
		return false
	}
	return len(t) == 1 || strings.Trim(t, "ivxlc") == ""
}

// wrapped says that lines are those of running text, with a comma or a conjunction at the end of most.
func (x *reading) wrapped(from, to int) bool {
	ends, lines, inner, names := 0, 0, 0, 0
	for n := range x.names {
		if o := &x.names[n]; o.from >= from && o.to <= to && o.best.kind != "adjective" {
			names++
		}
	}
	for i := from + 1; i < to; i++ {
		if x.ps[i].before >= line {
			lines++
			if p := &x.ps[i-1]; p.kind == mark && p.text == comma || p.cues&(joining|small) != 0 && p.kind == word {
				ends++
			}
		} else if x.ps[i-1].kind == mark && x.ps[i-1].text == comma {
			inner++
		}
	}
	return lines > 0 && (ends*2 > lines && inner > lines || inner >= lines && names > lines+lines/2+1)
}

// --- What a list is.

// judge decides what those on a list are said to have done.
func (x *reading) judge(l *list) {
	first := &x.names[l.names[0]]
	n := len(l.names)
	for _, i := range l.names {
		for _, g := range x.groups {
			if g.name == i && g.keeps {
				n++
			}
		}
	}
	lb, rb := x.sentence(l.from, l.to)
	left := x.lookLeft(lb, l.from)
	right := x.lookRight(l.to, rb)
	heading, hasHeading := x.headingOf(l, lb)
	anywhere := x.anywhere(l.from-130, l.from, signing|issuing) || x.anywhere(0, x.firstLine(), signing|issuing)
	label := hasHeading && heading.words <= 4
	inSentence := x.anywhere(lb, rb, signing) || hasHeading && heading.signs
	bare := x.bare(lb, l, rb)
	l.verdict = asked
	named := hasHeading && (heading.signs || heading.issues || heading.heads)
	l.headed = bare && (n >= 5 || named) || l.lines || named
	l.strong = bare && (n >= 5 || named) || l.lines || left.signs && left.near || right.signs && right.near && !left.placed && !left.hostile && !left.verbs || named || left.we || left.issues && left.near && n >= 5 || left.leaders && n >= 5
	l.evidence = x.anywhere(lb, rb, signing|behalf) || left.counted || right.issues || left.issues
	switch {
	case left.denied || right.denied || hasHeading && heading.denied || left.refused && right.signs:
		l.verdict = denied
	case hasHeading && heading.planned:
	case n == 1 && left.presents && !bare:
		l.verdict = asked
		first.presenter = true
	case hasHeading && heading.hostile && (bare || l.lines), x.titleHostile(l.from) && !left.signs && !right.signs && !(hasHeading && (heading.signs || heading.issues)):
		l.verdict = spokenOf
	case bare && hasHeading && (heading.signs || heading.issues || heading.heads):
		l.verdict = signed
	case bare && hasHeading && heading.words > 0:
		if anywhere && (label || heading.counts || n >= 5) && !(heading.words > 4 && !heading.counts) || heading.neutral {
			l.verdict = signed
		}
	case bare && (n >= 2 || len(x.ps) <= 12):
		l.verdict = signed
	case l.lines && n >= 3 && !(hasHeading && heading.words > 0 && !heading.signs && !heading.issues && !heading.heads && !anywhere):
		l.verdict = signed
	case left.hostile:
		if l.verdict = spokenOf; n >= 4 && inSentence && right.signs {
			l.verdict = asked
		}
	case n >= 2 && (left.signs && (!left.placed || n >= 5) || left.issues && !left.placed || left.we):
		l.verdict = signed
	case n >= 2 && right.signs, n >= 2 && right.issues && !left.placed:
		l.verdict = signed
	case n == 1 && left.counted && (inSentence || right.signs || right.issues):
		l.verdict = signed // "58 states and the European Union have joined"
	case n >= 3 && left.leaders && right.says && (n >= 4 || anywhere):
		l.verdict = signed
	case n >= 3 && right.says && anywhere && !left.placed && (left.leaders || left.empty) && !left.verbs:
		if n >= 4 || left.leaders {
			l.verdict = signed
		}
	case n >= 3 && (left.heads || left.numbered) && !left.placed && (inSentence || x.anywhere(x.paragraph(lb), lb, signing|issuing)):
		l.verdict = signed
	case n >= 5 && inSentence && !left.placed:
		l.verdict = signed
	case n >= 3 && hasHeading && heading.words > 0 && (label || heading.counts) && anywhere && !left.placed && !left.hostile, n >= 5 && (label || left.counts || heading.counts) && left.heads && isMark(x.ps, l.from-1, colon) && anywhere && !left.placed:
		l.verdict = signed
	case n == 1 && left.we && first.group != "" && first.code == "":
		l.verdict = signed // "We, the members of …"
	case n == 1 && (left.signs || right.signs) && x.andOthers(first.to):
		l.verdict = signed // names one of those who did
	case n == 1 && (left.signs || right.signs || left.issues && left.near || right.issues && right.near || first.presenter || left.leaders && right.says):
		l.verdict = asked
	case n == 1:
		l.verdict = spokenOf
	}
}

// weigh judges lists again in the light of each other: where the text has a list of those who signed, a few names elsewhere have to be
// said to have signed in so many words.
func (x *reading) weigh() {
	for i := 1; i < len(x.lists); i++ {
		if a, b := &x.lists[i-1], &x.lists[i]; a.verdict == signed && b.verdict == asked && x.continues(a, b) {
			b.verdict, b.strong, b.headed = signed, a.strong, true
		}
	}
	most := 0
	for i := range x.lists {
		if l := &x.lists[i]; l.verdict == signed && l.strong {
			most = max(most, len(l.names))
		}
	}
	for i := range x.lists {
		l := &x.lists[i]
		if most < 5 || len(l.names) == most || l.headed || l.verdict == denied || l.verdict == spokenOf {
			continue
		}
		switch few := len(l.names) < 5; {
		case l.verdict == signed && few && l.strong:
			l.verdict = asked // joined later, or signed another text
		case l.verdict == signed && few || l.verdict == asked && !l.evidence:
			l.verdict = spokenOf
		}
	}
}

// continues says that a list goes on in another after the end of a page: the first ends with a comma, the second begins a line, and
// between them stand the page's head and foot alone.
func (x *reading) continues(a, b *list) bool {
	if a.to >= b.from || b.from-a.to > 40 || x.ps[b.from].before < line || !x.delimits(a.to) || a.to+1 >= len(x.ps) || x.ps[a.to+1].before < line {
		return false
	}
	for i := a.to; i < b.from; i++ {
		if x.ends(i) || x.nameAt[i] >= 0 || x.ps[i].kind == word && x.ps[i].cues&(signing|saying|hostile|negation) != 0 && !x.ps[i].capital {
			return false
		}
	}
	return true
}

// seen is what one side of a list says of it.
type seen struct {
	signs, issues, we, leaders, heads, counts, says, hostile, placed, denied, presents, counted, numbered, planned, refused, neutral, empty, near, verbs bool
	words                                                                                                                                                int
}

// sentence are the bounds of the sentence that pieces stand in.
func (x *reading) sentence(from, to int) (int, int) {
	lb := from
	for lb > 0 && from-lb < 400 {
		if x.ps[lb].before == paragraph || x.ends(lb-1) {
			break
		}
		// A heading above a list of lines.
		if x.ps[lb].before == line && x.ps[lb-1].kind == mark && x.ps[lb-1].text == colon && lb == from {
			break
		}
		lb--
	}
	rb := to
	for rb < len(x.ps) && rb-to < 400 && x.ps[rb].before != paragraph {
		if x.ends(rb) {
			break
		}
		rb++
	}
	return lb, rb
}

// paragraph is where the paragraph of a piece begins.
func (x *reading) paragraph(i int) int {
	for i > 0 && x.ps[min(i, len(x.ps)-1)].before != paragraph {
		i--
	}
	return i
}

// ends says that a piece ends a sentence.
func (x *reading) ends(i int) bool {
	p := &x.ps[i]
	if p.kind != mark || p.text != stop {
		return false
	}
	if i+1 >= len(x.ps) {
		return true
	}
	if i > 0 && x.ps[i-1].kind == number && p.before == glued && (i < 2 || x.ps[i-1].before >= line) {
		return false // 1. Albania
	}
	next := &x.ps[i+1]
	if x.text[p.start] == '.' {
		if x.dateOf[i] >= 0 || next.before == glued {
			return false
		}
		if next.kind == word && !next.capital && cased([]rune(next.text)[0]) {
			return false
		}
	}
	return true
}

func (x *reading) anywhere(from, to int, c cue) bool {
	for i := max(from, 0); i < min(to, len(x.ps)); i++ {
		if x.ps[i].cues&c != 0 && x.nameAt[i] < 0 {
			return true
		}
	}
	return false
}

// negates says that a piece denies: "no" does before a verb, and is a column's head elsewhere.
func (x *reading) negates(i int) bool {
	p := &x.ps[i]
	if p.cues&negation == 0 {
		return false
	}
	if p.text == "no" {
		return i+1 < len(x.ps) && x.ps[i+1].before <= line && x.ps[i+1].before != wide && x.ps[i+1].kind == word && !strings.HasPrefix(x.text[p.end:], ".")
	}
	return true
}

// lookLeft reads what stands before a list in its sentence, from the list backwards.
func (x *reading) lookLeft(lb, from int) seen {
	s := seen{empty: true}
	distance, clause := 0, true
	var negated, signs bool
	decided := false
	direct := true // nothing but articles so far
	aside := 0     // words since that say nothing
	depth := 0
	for i := from - 1; i >= lb; i-- {
		p := &x.ps[i]
		if p.kind == mark && p.text == closing {
			depth++
		}
		if p.kind == mark && p.text == open && depth > 0 {
			depth--
		}
		if depth > 0 {
			continue
		}
		if (p.kind == mark && p.text == semicolon || p.cues&turning != 0 && p.kind == word) && p.cues&exception == 0 && x.nameAt[i] < 0 {
			clause = false
		}
		if !clause {
			break // another clause
		}
		if x.nameAt[i] >= 0 {
			distance++
			aside++
			direct = false
			continue
		}
		if p.kind == mark || p.kind == note {
			if p.text == colon && i == from-1 {
				s.heads = true
			}
			continue
		}
		s.words++
		if p.kind == number || p.kind == word && numberWords[p.text] > 0 {
			if i+1 < len(x.ps) && x.ps[i+1].cues&(states|parties) != 0 {
				s.counts, s.numbered = true, true
				j := i - 1
				for j >= lb && x.ps[j].cues&(loose|small)&^0 != 0 && x.ps[j].cues&placing == 0 {
					j--
				}
				if j >= lb && x.ps[j].cues&placing != 0 && x.ps[j].cues&(heading|behalf) == 0 && !decided {
					s.placed = true
				}
				if i+2 < from && from-i <= 6 && x.between(i+2, from) {
					s.counted = true
				}
			}
			continue
		}
		c := p.cues
		if c == 0 {
			if !p.capital {
				s.empty = false
			}
			distance++
			aside++
			direct = false
			continue
		}
		if clause {
			if x.negates(i) {
				negated = true
				s.refused = s.refused || distance <= 3 && !signs
			}
			signs = signs || c&(signing|issuing) != 0
		}
		if c&exception != 0 && distance <= 2 && !decided {
			s.denied = true
		}
		if c&small != 0 && c&^(small|placing|joining|others|between|heading|issuing|we|saying|members|loose) == 0 && !(c&heading != 0 && p.text != "by" && p.text != "par" && p.text != "por" && p.text != "von" && p.text != "da") {
			if (direct || (s.counts || s.heads) && !decided && aside == 0) && c&placing != 0 && !silent[p.text] && !free[p.text] {
				s.placed = true
			}
			if c&heading != 0 && !free[p.text] {
				s.heads = true
			}
			continue
		}
		direct = false
		if decided {
			continue
		}
		near := distance <= 12
		switch {
		case c&presenting != 0 && c&(signing|heading) == 0 && near && distance <= 6:
			s.presents = true
			if c&issuing != 0 {
				s.issues, s.near = true, true
			}
			decided = true
		case c&signing != 0 && near:
			s.signs, s.near, decided = true, distance <= 4, true
		case c&behalf != 0 && distance <= 4:
			s.signs, decided = true, true
		case (c&we != 0 && p.kind != sign || p.text == "们") && distance == 0:
			s.we, decided = true, true
		case c&hostile != 0 && c&leaders == 0 && (c&issuing == 0 || c&saying != 0 && distance == 0) && distance <= 4 && (!s.leaders || distance <= 2) && !s.heads:
			s.hostile, decided = true, true
		case c&leaders != 0 && distance <= 8:
			s.leaders = true
			if c&issuing != 0 {
				s.issues = true
			}
		case c&pact != 0 && x.anywhere(i, from, between):
			s.signs, decided = true, true
		case c&issuing != 0 && distance <= 6:
			s.issues, s.near = true, distance <= 2
		case c&(heading|including) != 0 && distance <= 4 && !free[p.text]:
			s.heads = true
			aside = 0
		case c&(states|members) != 0:
			s.counts = true
			aside = 0
		case c&saying != 0:
			s.verbs = true
			distance++
		default:
			distance++
		}
	}
	if negated && signs && !s.denied {
		s.denied = x.deniedLeft(lb, from)
	}
	return s
}

// free are prepositions before those who sign: by, of, from, between.
var free = set("by of from to par de del du des d por do da dos von der di aus от из со с من between entre by den dem")

// between says that pieces are nothing but marks, articles and "and".
func (x *reading) between(from, to int) bool {
	for i := from; i < to; i++ {
		if p := &x.ps[i]; p.kind == word && p.cues&(joining|small|members|states) == 0 || p.kind == sign && p.cues&(joining|states) == 0 {
			return false
		}
	}
	return true
}

// deniedLeft says that a negation before a list is that of its verb: within the clause, the negation next to the verb of signing.
func (x *reading) deniedLeft(lb, from int) bool {
	for i := from - 1; i >= lb && from-i < 40; i-- {
		if x.ps[i].cues&turning != 0 && x.ps[i].kind == word && x.ps[i].cues&exception == 0 || x.ps[i].text == semicolon {
			return false
		}
		if !x.negates(i) || x.nameAt[i] >= 0 {
			continue
		}
		if x.ps[i].cues&signing != 0 {
			return true
		}
		for j := i - 4; j <= i+5; j++ {
			if j >= lb && j < from && j != i && x.ps[j].cues&(signing|issuing) != 0 && x.nameAt[j] < 0 {
				return true
			}
		}
	}
	return false
}

// lookRight reads what stands after a list in its sentence.
func (x *reading) lookRight(to, rb int) seen {
	var s seen
	distance, depth, pending := 0, 0, false
	for i := to; i < rb && i < to+14; i++ {
		if p := &x.ps[i]; p.cues&turning != 0 && p.kind == word || p.kind == mark && p.text == semicolon || x.nameAt[i] >= 0 && i > to+4 {
			break
		}
		if x.negates(i) && x.ps[i].kind == word && x.anywhere(i, min(i+5, rb), signing) && !x.anywhere(to, i, signing) {
			s.denied = true
			return s
		}
	}
	for i := to; i < rb && (distance < 24 || distance < 40 && x.ps[i].kind == sign); i++ {
		p := &x.ps[i]
		if p.kind == mark {
			switch p.text {
			case open:
				depth++
			case closing:
				depth--
			case colon, semicolon:
				return s
			}
			continue
		}
		if depth > 0 || p.kind == note || x.dateOf[i] >= 0 {
			continue
		}
		s.words++
		if x.nameAt[i] >= 0 {
			distance++
			if distance > 2 && !s.leaders {
				return s
			}
			continue
		}
		c := p.cues
		pending = pending || c&planned != 0
		if c&turning != 0 && p.kind == word || c&behalf != 0 && p.kind == word {
			return s
		}
		if (x.negates(i) || c&exception != 0 && p.kind == sign) && distance <= 6 {
			if p.kind == sign && c&exception != 0 && (p.text == "以" || p.text == "之" || p.text == "外") {
				for j := to - 1; j >= 0 && to-j < 200; j-- {
					if x.ps[j].text == "除" {
						s.denied = true
						return s
					}
				}
				continue
			}
			if c&signing != 0 {
				s.denied = true
				return s
			}
			for j := i - 3; j <= i+6 && j < rb; j++ {
				if j >= to && x.ps[j].cues&signing != 0 && j != i {
					s.denied = true
					return s
				}
			}
			if c&(negation) != 0 && p.kind == word && (strings.HasPrefix(p.text, "abst") || strings.HasPrefix(p.text, "absen") || strings.HasPrefix(p.text, "refus") || strings.HasPrefix(p.text, "declin") || strings.HasPrefix(p.text, "ausent") || strings.HasPrefix(p.text, "воздерж") || strings.HasPrefix(p.text, "отсутств") || strings.HasPrefix(p.text, "отказ") || strings.HasPrefix(p.text, "امتنع") || strings.HasPrefix(p.text, "رفض") || p.text == "withdrew" || strings.HasPrefix(p.text, "missing")) {
				s.denied = true
				return s
			}
			if p.kind == sign && (p.text == "缺" || p.text == "弃" || p.text == "拒") {
				s.denied = true
				return s
			}
			return s
		}
		switch {
		case c&signing != 0 && participles[p.text] && i > 0 && isMark(x.ps, i-1, comma):
			return s // "the Convention of Sweden and Norway, signed in 1934"
		case c&signing != 0:
			s.signs, s.near = !pending, distance <= 3
			return s
		case c&issuing != 0 && (distance <= 10 || distance <= 24 && p.kind == sign):
			s.issues, s.near = true, distance <= 4
			if c&saying != 0 {
				s.says = true
			}
			if !(p.kind == sign) {
				// "released the following joint statement", "made"; a statement is also welcomed
				return s
			}
		case c&saying != 0:
			s.says = true
		case c&leaders != 0:
			s.leaders = true
		case c&(small|joining|members|states|others) != 0 || p.kind == number:
		default:
			distance++
		}
	}
	return s
}

var participles = set("signed signe signee signes signees firmado firmada firmados firmadas assinado assinada assinados firmato firmata unterzeichnet unterzeichnete подписанный подписанная подписанное подписанного подписанной endorsed adopted adopte adoptee")

// headingOf is what stands above a list that begins its paragraph or line: a line that ends with a colon, or a short one.
func (x *reading) headingOf(l *list, lb int) (seen, bool) {
	var s seen
	i := l.from - 1
	for i >= lb && (x.ps[i].kind == number || x.ps[i].kind == note || x.ps[i].kind == mark && x.ps[i].text != colon) && x.ps[i+1].before < paragraph && x.ps[i].before < line {
		i--
	}
	if i >= lb && !(x.ps[i].kind == mark && x.ps[i].text == colon) && x.ps[i+1].before < line {
		return s, false // words stand before it in its line
	}
	if i < 0 {
		return s, false
	}
	end := i + 1
	start := i
	for start > 0 && end-start < 60 && x.ps[start].before < line {
		start--
	}
	colonAt := x.ps[i].kind == mark && x.ps[i].text == colon
	if !colonAt && (end-start > 16 || x.ends(i)) {
		return s, false
	}
	if colonAt {
		// A sentence that leads to the list may be broken over lines.
		for start > 0 && end-start < 80 && x.ps[start].before == line && !x.ends(start-1) {
			start--
			for start > 0 && x.ps[start].before < line {
				start--
			}
		}
		for j := end - 2; j > start; j-- {
			if x.ends(j) {
				start = j + 1
				break
			}
		}
	}
	negated := false
	for j := start; j < end; j++ {
		p := &x.ps[j]
		if p.kind != word && p.kind != sign || x.inBrackets(j) {
			continue
		}
		s.words++
		c := p.cues
		if x.nameAt[j] >= 0 {
			continue
		}
		s.signs = s.signs || c&signing != 0
		s.issues = s.issues || c&(issuing|we|behalf) != 0
		s.heads = s.heads || c&(leaders|parties) != 0
		s.counts = s.counts || c&(members|states|heading) != 0
		s.hostile = s.hostile || c&hostile != 0
		s.planned = s.planned || c&planned != 0
		negated = negated || x.negates(j) || c&exception != 0
	}
	if negated {
		s.denied = true
	}
	if s.signs || s.issues {
		s.hostile = false
	}
	s.neutral = s.words <= 3 && !s.counts && !colonAt
	return s, true
}

// bare says that a list is a sentence or paragraph of its own.
func (x *reading) bare(lb int, l *list, rb int) bool {
	for i := lb; i < l.from; i++ {
		p := &x.ps[i]
		if p.kind == word && p.cues&small == 0 && !x.roman(i, l.from) && x.dateOf[i] < 0 || p.kind == sign {
			if x.ps[l.from].before >= line && lineOf(x.ps, i) != lineOf(x.ps, l.from) {
				continue // a heading without a full stop
			}
			return false
		}
	}
	rest := 0
	for i := l.to; i < rb; i++ {
		p := &x.ps[i]
		if p.before >= line {
			break
		}
		if (p.kind == word || p.kind == sign) && x.dateOf[i] < 0 && x.nameAt[i] < 0 && p.cues&(joining|small) == 0 {
			rest++
		}
	}
	return rest == 0
}

func lineOf(ps []piece, i int) int {
	n := 0
	for j := 1; j <= i; j++ {
		if ps[j].before >= line {
			n++
		}
	}
	return n
}

// firstLine is where the first line of the text ends.
func (x *reading) firstLine() int {
	end := 1
	for end < len(x.ps) && end < 40 && x.ps[end].before < line {
		end++
	}
	return min(end, len(x.ps))
}

// titleHostile says that the first line of the text names another matter: imports, victims, sanctions.
func (x *reading) titleHostile(before int) bool {
	end := 1
	for end < len(x.ps) && end < 24 && x.ps[end].before < line {
		end++
	}
	return end < before && x.anywhere(0, end, hostile) && !x.anywhere(0, end, signing|issuing)
}

// andOthers says that "and 43 others" follows.
func (x *reading) andOthers(i int) bool {
	joined, counted := false, false
	for j := i; j < len(x.ps) && j < i+7; j++ {
		p := &x.ps[j]
		switch {
		case p.cues&joining != 0 && !joined:
			joined = true
		case p.kind == number || p.kind == word && numberWords[p.text] > 0:
			counted = true
		case p.cues&others != 0:
			return joined && counted
		}
	}
	return false
}

// --- Misspelt and unknown items.

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
	latinOnly := true
	for i := from; i < to; i++ {
		if x.ps[i].kind == note || x.ps[i].kind == mark && x.ps[i].text != open && x.ps[i].text != closing && x.ps[i].text != comma {
			return Find{}, false
		}
		if x.ps[i].kind == word {
			b.WriteString(x.ps[i].text)
			latinOnly = latinOnly && x.ps[i].script == latin
		}
	}
	word := b.String()
	printed := x.text[x.ps[from].start:x.ps[to-1].end]
	f := Find{Span: Span{x.ps[from].start, x.ps[to-1].end, printed}}
	if names, ok := x.tree.flat[word]; ok {
		k := &x.tree.names[names[0]]
		if k.code != "" && k.rule != "ask" {
			f.Participant, f.Certainty, f.Reason, f.Known, f.Candidates = k.code, Likely, "broken", k.text, []string{k.code}
			return f, true
		}
	}
	r := []rune(word)
	limit := 0
	switch n := len(r); {
	case n < 4:
		return f, false
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
		return f, false
	}
	f.Distance = best
	if len(f.Candidates) > 1 {
		f.Certainty, f.Reason, f.Known = Ask, "several", ""
		return f, true
	}
	f.Participant, f.Certainty, f.Reason = f.Candidates[0], Likely, "misspelling"
	return f, true
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
		last[j] = j
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
				now[j] = min(now[j], before[j-2]+1)
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
type item struct{ from, to, list, place int }

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
			if p.kind == word && p.script != arabic && p.script != hangul && cased([]rune(p.text)[0]) && !p.capital && p.cues&(small|joining|formal) == 0 {
				return
			}
			letters += utf8.RuneCountInString(p.text)
		}
		first := &x.ps[from]
		if letters < 3 || letters > 60 || first.kind == word && cased([]rune(first.text)[0]) && !first.capital && !x.quiet || first.cues&(members|states|leaders) != 0 && first.cues&formal == 0 {
			return
		}
		out = append(out, item{from: from, to: to, list: l})
	}
	for i := 0; i+1 < len(c.names); i++ {
		a, b := &x.names[c.names[i]], &x.names[c.names[i+1]]
		x.split(a.to, b.from, c.lines, add)
	}
	// Before the first and after the last, only what is like a known name.
	return out
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
				if !lines || x.ps[begin].before >= line {
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

// isUpperWord is for texts without small letters.
func isUpperWord(s string) bool {
	return strings.ContainsFunc(s, unicode.IsUpper) && !strings.ContainsFunc(s, unicode.IsLower)
}
