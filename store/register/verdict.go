package register

import "strings"

// This file decides what a list of names is: of those who signed, of those who did not, or of something else. It looks at the words
// before and after the list in its sentence, at its heading, and at the other lists of the text.

// judge decides what those on a list are said to have done.
func (x *reading) judge(l *list) {
	first := &x.names[l.names[0]]
	n := len(l.names)
	for _, i := range l.names {
		if g := x.groupOf(&x.names[i]); g != nil && g.keeps {
			n++
		}
	}
	lb, rb := x.sentence(l.from, l.to)
	left := x.lookLeft(lb, l.from)
	right := x.lookRight(l.to, rb)
	heading, hasHeading := x.headingOf(l, lb)
	anywhere := x.anywhere(l.from-130, l.from, signing|issuing) || x.anywhere(0, x.firstLine(), signing|issuing)
	label := hasHeading && (heading.words <= 4 || heading.columns && heading.words <= 16)
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
	case hasHeading && heading.planned, left.planned && !right.signs:
	case left.attends && !left.issues && !right.signs && !right.issues, hasHeading && heading.attends && !heading.issues && !right.signs && !right.issues:
		// Was there: whether it signed is another question.
	case n == 1 && left.presents && !bare:
		l.verdict = asked
		first.presenter = true
	case hasHeading && heading.hostile && (bare || l.lines), x.titleHostile(l.from) && !left.signs && !right.signs && !(hasHeading && (heading.signs || heading.issues)):
		l.verdict = spokenOf
	case bare && hasHeading && (heading.signs || heading.issues || heading.heads):
		l.verdict = signed
	case bare && hasHeading && heading.words > 0:
		if anywhere && (label || heading.counts || n >= 5) && (label || heading.counts) || heading.neutral {
			l.verdict = signed
		}
	case bare && (n >= 2 || len(x.ps) <= 12):
		l.verdict = signed
	case bare && n >= 10 && anywhere && !heading.hostile:
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
	case n >= 8 && left.leaders && !left.placed && !left.hostile && !left.verbs:
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
	signs, issues, we, leaders, heads, counts, says, hostile, placed, denied, presents, counted, numbered, planned, attends, refused, columns, neutral, empty, near, verbs bool
	words                                                                                                                                                                  int
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
	for n := 0; i > 0 && n < 1000 && x.ps[min(i, len(x.ps)-1)].before != paragraph; n++ {
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
		if next.kind == word && !next.capital && cased(firstRune(next.text)) {
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
	if p.text == "n" {
		return i+1 < len(x.ps) && x.ps[i+1].before == apostrophe // n’ont pas; and no "n.º"
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
		if p.kind == number || p.kind == word && numberWords()[p.text] > 0 {
			if i+1 < len(x.ps) && x.ps[i+1].cues&(states|parties) != 0 {
				s.counts, s.numbered = true, true
				j := i - 1
				for j >= lb && x.ps[j].cues&(loose|small) != 0 && x.ps[j].cues&placing == 0 {
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
			s.planned = s.planned || c&planned != 0 && distance <= 12
			s.attends = s.attends || c&attending != 0 && distance <= 8
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
var free = set("by of from to par de del du des d por do da dos von der di aus от из من between entre by den dem")

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
	if to < rb && x.ps[to].before >= line && x.ps[to].capital {
		return s // another line, which begins anew
	}
	for i := to; i < rb && i < to+14; i++ {
		if p := &x.ps[i]; p.cues&turning != 0 && p.kind == word || p.kind == mark && p.text == semicolon || x.nameAt[i] >= 0 && i > to+4 {
			break
		}
		if x.ps[i].cues&signing != 0 && x.ps[i].kind == word && i+1 < rb && (x.negates(i+1) || i+2 < rb && x.negates(i+2) && x.ps[i+2].before <= blank) && x.nameAt[i+1] < 0 {
			s.denied = true // "schlossen sich nicht an", "присоединяться не стали"
			return s
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
		s.columns = s.columns || j > start && (p.before == wide || p.text == pipe)
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
		s.attends = s.attends || c&attending != 0
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
			if x.ps[l.from].before >= line && brokenBetween(x.ps, i, l.from) {
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

// brokenBetween says that a line ends between two pieces.
func brokenBetween(ps []piece, from, to int) bool {
	for i := from + 1; i <= to; i++ {
		if ps[i].before >= line {
			return true
		}
	}
	return false
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
		case p.kind == number || p.kind == word && numberWords()[p.text] > 0:
			counted = true
		case p.cues&others != 0:
			return joined && counted
		}
	}
	return false
}
