package register

import "strings"

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
			o.phrase = len(x.groups)
			if !g.keeps {
				o.code, o.codes = "", nil
			}
			for m := n + 1; m < len(x.names) && x.names[m].to <= g.to; m++ {
				x.names[m].unmatched = true // the Gulf Cooperation Council (GCC) member states
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
				o.phrase = len(x.groups)
			default:
				o.unmatched = true // "Nordic" and nothing after it
			}
			continue
		}
		o.group = ""
	}
}

// groupOf is the phrase for members that a name is part of, nil where it is in none.
func (x *reading) groupOf(o *name) *group {
	if o.phrase == 0 {
		return nil
	}
	return &x.groups[o.phrase-1]
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
		case p.kind == number, p.kind == word && numberWords()[p.text] > 0, p.kind == sign && strings.Contains(hanDigits+"十", p.text):
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
		for k > 0 && x.ps[k].before <= line && x.nameAt[k-1] < 0 && (x.ps[k-1].kind == number || numberWords()[x.ps[k-1].text] > 0 || silent[x.ps[k-1].text]) {
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
	if g := x.groupOf(o); g != nil {
		from, to = min(from, g.from), max(to, g.to)
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
	if g := x.groupOf(a); g != nil {
		from = max(from, g.to)
	}
	if g := x.groupOf(b); g != nil {
		to = min(to, g.from)
	}
	if from > to {
		return true
	}
	if a.inBrackets && b.inBrackets && isMark(x.ps, from, closing) && isMark(x.ps, to-1, open) && to-from < 14 {
		// Person (State), Person (State)
		for i := from + 1; i < to-1; i++ {
			p := &x.ps[i]
			if p.before == paragraph || p.kind == word && cased(firstRune(p.text)) && !p.capital && p.cues&(small|title|joining) == 0 || p.kind == mark && p.text == stop && x.ends(i) {
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
		case delimited && nominal == 0 && len(x.tree.flat[p.text]) > 0:
			nominal++ // a name without its capital letter
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
			x.ps[k].kind == mark && x.ps[k].text == open && k+2 < j || x.ps[k].kind == word && (x.roman(k, j) || x.ps[k].capitals && x.nameAt[k] < 0 && x.codes(k)) || x.ps[k].cues&small != 0 && x.nameAt[k] < 0 && x.ps[k].script != arabic) {
			k++
		}
		if k < j && x.nameAt[k] >= 0 {
			n := x.nameAt[k]
			o := &x.names[n]
			if o.from <= k && !o.owner && o.best.kind != "adjective" && !o.unmatched {
				end := o.to
				if g := x.groupOf(o); g != nil {
					end = max(end, g.to)
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
