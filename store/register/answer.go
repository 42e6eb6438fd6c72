package register

import (
	"slices"
	"sort"
	"strings"
)

// span is the piece of the text from one piece up to another.
func (x *reading) span(from, to int) Span {
	s := Span{Start: x.ps[from].start, End: x.ps[to-1].end}
	s.Text = x.text[s.Start:s.End]
	return s
}

// find says who a name is and how sure that is, as if it stood in a list of those who signed.
func (x *reading) find(o *name) Find {
	k := o.best
	at := x.span(o.from, o.to)
	if o.prefix {
		// "And" is glued to the front of Arabic names and no part of them (D14).
		if rest, ok := strings.CutPrefix(at.Text, "و"); ok {
			at.Start, at.Text = at.End-len(rest), rest
		}
	}
	f := Find{Span: at, Participant: o.code, Candidates: slices.Clone(o.codes), Note: o.notes}
	if f.Candidates == nil {
		f.Candidates = []string{}
	}
	if o.code != "" && (len(f.Candidates) == 0 || f.Candidates[0] != o.code) {
		f.Candidates = append([]string{o.code}, slices.DeleteFunc(f.Candidates, func(c string) bool { return c == o.code })...)
	}
	say := func(c Certainty, reason string) Find {
		f.Certainty, f.Reason = c, reason
		if c == Ask && reason == "ambiguous" {
			f.Participant = ""
		}
		return f
	}
	printed := x.printed(o.from, o.to)
	if o.whole || o.to-o.from != k.pieces {
		printed = k.text
	}
	odd, broken := false, false
	for i := o.from; i < o.to; i++ {
		odd = odd || x.ps[i].odd
		broken = broken || i > o.from && x.ps[i].before == glued && x.ps[i].kind == word && x.ps[i-1].kind == word && x.ps[i].capital && !x.ps[i-1].capitals && x.ps[i-1].capital
	}
	today := ""
	if p := x.ref.Participant(o.code); p != nil {
		today = p.Name("en")
		if n := p.Names[k.lang]; n != "" {
			today = n
		}
	}
	switch {
	case k.rule == "never":
		f.Candidates, f.Participant = []string{}, ""
		return say(Unmatched, "no_code")
	case k.kind == "adjective":
		f.Known = today
		return say(Ask, "adjective")
	case o.code == "":
		return say(Unmatched, "no_name")
	case x.body(o.code):
		return say(Ask, "organization")
	case x.territory(o.code):
		f.Known = today
		return say(Ask, "part")
	case x.ended(o.code):
		for _, s := range x.ref.Participant(o.code).Successors {
			if !slices.Contains(f.Candidates, s.Code) {
				f.Candidates = append(f.Candidates, s.Code)
			}
		}
		return say(Ask, "not_then")
	case !x.begun(o.code):
		return say(Ask, "not_then")
	case k.rule == "ask" && len(k.codes) == 1:
		f.Known = today
		return say(Ask, "part")
	case k.rule == "pair":
		return say(Ask, "ambiguous") // beside decides
	case len(f.Candidates) > 1:
		return say(Ask, "ambiguous")
	case odd:
		f.Known = k.text
		return say(Likely, "look_alike")
	case broken && !exact(strings.ReplaceAll(printed, " ", ""), strings.ReplaceAll(k.text, " ", "")) || broken && strings.Contains(k.text, " "):
		f.Known = k.text
		return say(Likely, "broken")
	case k.kind == "misspelling":
		f.Known = today
		return say(Likely, "misspelling")
	case o.former:
		f.Known = today
		return say(Likely, "former_name")
	case x.ps[o.from].kind == sign && o.to-o.from == 1:
		f.Known = today
		return say(Likely, "short_form")
	case !k.bent && x.ps[o.from].script != arabic && o.suffix == "" && !exact(printed, k.text) && !capitalsOnly(printed) && folded(printed, k.text):
		f.Known = k.text
		return say(Likely, "folded")
	}
	switch k.kind {
	case "name", "formal", "short":
		return say(Certain, "official_name")
	case "abbreviation", "code":
		return say(Certain, "abbreviation")
	}
	return say(Certain, "known_name")
}

// body says that a code is an organisation other than the European Union, which signs beside its members: texts often name others
// for their members, as hosts or in titles.
func (x *reading) body(code string) bool {
	p := x.ref.Participant(code)
	return p != nil && p.Kind == Organization && code != "EUE"
}

// territory says that a code is a part of a state that seldom signs of its own.
func (x *reading) territory(code string) bool {
	p := x.ref.Participant(code)
	if p == nil || p.Kind != Other || p.ValidTo.Known() {
		return false
	}
	note := strings.ToLower(p.Note[:min(len(p.Note), 60)])
	return slices.ContainsFunc([]string{"territory", "autonomous region", "department of", "collectivity", "special administrative"},
		func(s string) bool { return strings.Contains(note, s) })
}

// folded says that accents or signs are missing or too many: two texts differ in more than articles, prepositions and brackets.
func folded(printed, recorded string) bool {
	drop := func(s string) string {
		ps := pieces(s)
		var b strings.Builder
		for i := range ps {
			if p := &ps[i]; p.kind == word && p.cues == 0 && (silent[p.text] || isJoint(key(p))) || p.kind == mark {
				continue
			}
			b.WriteString(strings.ToLower(typed(s[ps[i].start:ps[i].end])))
		}
		return b.String()
	}
	return drop(printed) != drop(recorded)
}

// result brings together what was found.
func (x *reading) result() *Recognition {
	r := &Recognition{Stated: x.stated(), Finds: []Find{}, Groups: []FoundGroup{}, Mentions: []Mention{}, Dates: []FoundDate{}}
	positive := false
	for i := range x.lists {
		positive = positive || x.lists[i].verdict == signed
	}
	type place struct {
		find   Find
		rank   int // the better place of a participant wins
		name   int
		denied bool
	}
	var places []place
	datesUsed := map[int]bool{}
	number := 0
	for l := range x.lists {
		c := &x.lists[l]
		if c.verdict == signed || len(c.names) > 1 && (c.verdict == denied || c.verdict == asked) {
			number++
			c.number = number
		}
		items := []item{}
		if c.verdict == signed || c.verdict == asked && len(c.names) > 2 {
			items = x.unknowns(l)
		}
		for _, n := range c.names {
			o := &x.names[n]
			if o.group != "" && o.code == "" {
				continue
			}
			f := x.find(o)
			rank := 0
			verdict := c.verdict
			if verdict == signed && (x.deniedBeside(o) || c.lines && x.deniedInLine(o)) {
				verdict = denied
			}
			switch verdict {
			case signed:
				rank = 100
				if len(c.names) > 1 {
					rank += 10
				}
				if o.presenter && f.Certainty != Unmatched {
					f.Certainty, f.Reason = Ask, "presenter"
					rank = 60
				}
			case denied:
				rank = 50
				if f.Certainty != Unmatched {
					f.Certainty, f.Reason = Ask, "negated"
				}
			case asked:
				rank = 40
				if f.Certainty == Certain || f.Certainty == Likely {
					f.Certainty, f.Reason = Ask, "prose"
					if o.presenter {
						f.Reason = "presenter"
						rank = 60
					}
				}
				if f.Certainty == Unmatched {
					rank = 5
				}
			default:
				rank = 10
				if f.Certainty == Unmatched {
					rank = 0
				}
			}
			if c.number > 0 {
				f.List, f.Position = c.number, o.place
				f.Position += sort.Search(len(items), func(i int) bool { return items[i].from >= o.from })
			}
			x.datesBeside(o, c, &f, datesUsed)
			if c.lines && len(f.Dates) > 1 && f.Certainty != Unmatched && x.departures(c) {
				f.Certainty, f.Reason = Ask, "negated"
			}
			places = append(places, place{find: f, rank: rank, name: n, denied: verdict == denied})
		}
		for i, it := range items {
			f, ok := x.nearest(it.from, it.to)
			if !ok {
				s := x.span(it.from, it.to)
				f = Find{Span: s, Certainty: Unmatched, Reason: "no_name", Candidates: []string{}}
				if c.verdict != signed {
					continue
				}
			} else if c.verdict != signed {
				f.Certainty, f.Reason = Ask, "prose"
			}
			f.List = c.number
			f.Position = i + 1 + sort.Search(len(c.names), func(i int) bool { return x.names[c.names[i]].from >= it.from })
			for j := it.to; j < len(x.ps) && x.ps[j].kind == note; j++ {
				f.Note = strings.TrimSpace(f.Note + " " + x.text[x.ps[j].start:x.ps[j].end])
			}
			places = append(places, place{find: f, rank: 90, name: -1})
		}
		if c.verdict == signed && len(c.names) > 1 {
			for _, f := range x.edges(l) {
				f.List = c.number
				f.Position = len(c.names) + len(items) + 1
				if f.Start < x.ps[c.from].start {
					f.Position = 1
				}
				places = append(places, place{find: f, rank: 90, name: -1})
			}
		}
	}
	// In a table of dates, who has none may not have signed.
	dated, all := map[int]int{}, map[int]int{}
	for i := range places {
		if f := &places[i].find; f.List > 0 {
			all[f.List]++
			if len(f.Dates) > 0 {
				dated[f.List]++
			}
		}
	}
	for i := range places {
		if f := &places[i].find; f.List > 0 && f.Certainty == Certain && len(f.Dates) == 0 && dated[f.List] >= 3 && dated[f.List]*10 >= all[f.List]*6 &&
			places[i].name >= 0 && x.lists[x.names[places[i].name].list].lines {
			f.Certainty, f.Reason = Ask, "undated"
		}
	}
	// Names outside of lists.
	for n := range x.names {
		o := &x.names[n]
		if o.list >= 0 || o.unmatched || o.code == "" || o.group != "" && o.code == "" {
			continue
		}
		places = append(places, place{find: x.find(o), rank: 1, name: n})
	}
	// One find a participant: its best place; the others are repeats.
	best := map[string]int{}
	for i := range places {
		p := &places[i]
		if code := p.find.Participant; code != "" {
			if j, ok := best[code]; !ok || p.rank > places[j].rank || p.rank == places[j].rank && certaintyRank(p.find.Certainty) < certaintyRank(places[j].find.Certainty) {
				best[code] = i
			}
		}
	}
	named := map[string]bool{}
	for code, i := range best {
		if places[i].rank >= 90 {
			named[code] = true
		}
	}
	var finds []Find
	for i := range places {
		p := places[i]
		code := p.find.Participant
		f := p.find
		// Congo, where the other one is named too.
		if f.Reason == "ambiguous" && p.name >= 0 && x.names[p.name].best.rule == "pair" && p.rank >= 90 {
			k := x.names[p.name].best
			for _, c := range k.codes[1:] {
				if named[c] && !named[k.codes[0]] {
					f.Certainty, f.Reason, f.Participant = Certain, "named_beside", k.codes[0]
				}
			}
		}
		if code != "" {
			j := best[code]
			if i != j {
				continue
			}
			for m := range places {
				if m == i || places[m].find.Participant != code {
					continue
				}
				f.Repeats = append(f.Repeats, places[m].find.Span)
				if places[m].rank >= 90 && p.rank >= 90 && places[m].find.List == f.List {
					f.Twice = true
				}
				if len(f.Dates) == 0 && places[m].rank >= 40 {
					f.Dates = places[m].find.Dates
				}
				if places[m].denied && p.rank >= 90 {
					f.Certainty, f.Reason = Ask, "conflicting"
				}
			}
			if f.Twice && x.sameBracket(f) {
				f.Twice = false
			}
		}
		switch {
		case p.rank >= 40:
			if f.Reason == "ambiguous" && p.rank < 90 && positive && !slices.ContainsFunc(f.Candidates, func(c string) bool { return !named[c] }) {
				continue
			}
			finds = append(finds, f)
		case p.rank == 10 || p.rank == 1 || p.rank == 5:
			if c := code; c != "" {
				r.Mentions = append(r.Mentions, Mention{Span: f.Span, Participant: c})
				for _, s := range f.Repeats {
					r.Mentions = append(r.Mentions, Mention{Span: s, Participant: c})
				}
			} else if len(f.Candidates) > 0 && p.rank > 0 {
				r.Mentions = append(r.Mentions, Mention{Span: f.Span, Participant: f.Candidates[0]})
			}
		}
	}
	// An adjective or a single mention is asked about where the text names nobody otherwise.
	sort.SliceStable(finds, func(i, j int) bool { return finds[i].Start < finds[j].Start })
	sort.SliceStable(r.Mentions, func(i, j int) bool { return r.Mentions[i].Start < r.Mentions[j].Start })
	for i := range finds {
		sort.Slice(finds[i].Repeats, func(a, b int) bool { return finds[i].Repeats[a].Start < finds[i].Repeats[b].Start })
	}
	r.Finds = append(r.Finds, finds...)
	seenGroup := map[string]int{}
	for _, g := range x.groups {
		o := &x.names[g.name]
		v := undecided
		var c *list
		if o.list >= 0 {
			c = &x.lists[o.list]
			v = c.verdict
		}
		if (v == spokenOf || v == undecided) && g.to-g.from == o.to-o.from {
			continue // the bare name, in another role
		}
		f := FoundGroup{Span: x.span(g.from, g.to), Group: g.code, Members: x.membersOf(g.code), Certainty: Ask}
		if v == signed {
			f.Certainty = Certain
		}
		if c != nil && c.number > 0 {
			f.List, f.Position = c.number, o.place
		}
		for _, m := range f.Members {
			if named[m] {
				f.Named = append(f.Named, m)
			}
		}
		if j, ok := seenGroup[g.code]; ok {
			if certaintyRank(f.Certainty) < certaintyRank(r.Groups[j].Certainty) {
				r.Groups[j] = f
			}
			continue
		}
		seenGroup[g.code] = len(r.Groups)
		r.Groups = append(r.Groups, f)
	}
	for i, d := range x.dates {
		if !datesUsed[i] {
			r.Dates = append(r.Dates, d)
		}
	}
	return r
}

// deniedBeside says that a name is taken back beside it: "Angola (did not sign)", or by a date in a column of departures.
func (x *reading) deniedBeside(o *name) bool {
	if isMark(x.ps, o.to, open) {
		for i := o.to + 1; i < len(x.ps) && i < o.to+12 && !isMark(x.ps, i, closing); i++ {
			if x.negates(i) && x.ps[i].cues&exception == 0 {
				return true
			}
		}
	}
	return false
}

// deniedInLine says that a cell beside a name says no.
func (x *reading) deniedInLine(o *name) bool {
	for i := o.to; i < len(x.ps) && (i == o.to || x.ps[i].before < line); i++ {
		p := &x.ps[i]
		alone := (p.before == wide || i > 0 && x.ps[i-1].kind == mark) && (i+1 >= len(x.ps) || x.ps[i+1].before >= wide || x.ps[i+1].kind == mark)
		if alone && p.before < line && denials[p.text] {
			return true
		}
	}
	return false
}

var denials = set("no n non nein nao nej нет لا 否 not declined absent pending")

// departures says that the line above a table has a column for those who left.
func (x *reading) departures(c *list) bool {
	for i := c.from - 1; i >= 0 && c.from-i < 16; i-- {
		if left[x.ps[i].text] {
			return true
		}
		if x.ps[i].before >= line {
			return false
		}
	}
	return false
}

var left = set("left withdrew withdrawn withdrawal departure departed denounced denunciation retire retrait denonciation sortie retiro salida denuncia kundigung austritt saida вышел вышли выход денонсация выбыл انسحاب الانسحاب 退出 脱退 탈퇴")

func certaintyRank(c Certainty) int { return slices.Index(Certainties, c) }

// sameBracket says that a name is repeated only as its own abbreviation: "the Republic of Korea (ROK)".
func (x *reading) sameBracket(f Find) bool {
	for _, s := range f.Repeats {
		if s.Start < f.End || s.Start-f.End > 4 || !strings.ContainsAny(x.text[f.End:s.Start], "([（") {
			return false
		}
	}
	return true
}

// membersOf are the members of a group on the day of the text; without a day those of today, which are those whose time has not ended.
func (x *reading) membersOf(code string) []string {
	g := x.ref.Group(code)
	members := []string{}
	if g == nil {
		return members
	}
	if x.on.Known() {
		return append(members, g.On(x.on.First())...)
	}
	for _, m := range g.Members {
		if !m.To.Known() {
			members = append(members, m.Code)
		}
	}
	return members
}

// datesBeside gives a name the dates that stand beside it: after it, up to the next name or the end of its line; where the first date of a list
// stands before its first name, those before.
func (x *reading) datesBeside(o *name, c *list, f *Find, used map[int]bool) {
	if c.verdict == spokenOf {
		return
	}
	take := func(from, to int, maxWords int) {
		words := 0
		seen := -1
		for i := from; i < to; i++ {
			if i < 0 || i >= len(x.ps) {
				continue
			}
			if d := x.dateOf[i]; d >= 0 {
				if d != seen {
					f.Dates = append(f.Dates, x.dates[d])
					used[d] = true
					seen = d
				}
				continue
			}
			if x.nameAt[i] >= 0 || x.ends(i) && words > 0 {
				return
			}
			if x.ps[i].kind == word || x.ps[i].kind == sign {
				if words++; words > maxWords {
					return
				}
			}
		}
	}
	end := len(x.ps)
	at := o.place - 1
	if at+1 < len(c.names) {
		end = x.names[c.names[at+1]].from
	}
	if c.lines {
		// The line of the name.
		from, to := o.from, o.to
		for from > 0 && x.ps[from].before < line {
			from--
		}
		for to < len(x.ps) && x.ps[to].before < line {
			to++
		}
		take(o.to, min(to, end), 20)
		if len(f.Dates) == 0 {
			take(from, o.from, 6)
		}
		return
	}
	if len(c.names) == 1 && c.verdict != signed {
		return
	}
	if at == len(c.names)-1 {
		end = min(end, o.to+14)
		if !x.datedBetween(c) {
			// Only a date in brackets belongs to the last name.
			if !isMark(x.ps, o.to, open) {
				return
			}
			for j := o.to; j < end; j++ {
				if isMark(x.ps, j, closing) {
					end = j
				}
			}
		}
	}
	take(o.to, end, 6)
}

// datedBetween says that dates stand between the names of a list.
func (x *reading) datedBetween(c *list) bool {
	for i := 0; i+1 < len(c.names); i++ {
		for j := x.names[c.names[i]].to; j < x.names[c.names[i+1]].from; j++ {
			if x.dateOf[j] >= 0 {
				return true
			}
		}
	}
	return false
}

// mostParticipants bounds numbers that are taken for one of states or participants.
const mostParticipants = 400

// stated are the numbers of states or participants that the text claims.
func (x *reading) stated() []FoundNumber {
	out := []FoundNumber{}
	for i := 0; i < len(x.ps); i++ {
		if x.dateOf[i] >= 0 || x.nameAt[i] >= 0 {
			continue
		}
		n, size := numberAt(x.ps, i)
		if p := &x.ps[i]; p.kind == note && i > 0 && x.ps[i-1].cues&parties != 0 {
			// Signatories (44)
			if n, ok := digits(p.text); ok && p.text != "" && n > 2 {
				out = append(out, FoundNumber{Span: x.span(i, i+1), Count: n, Counts: AllParticipants})
			}
			continue
		}
		if size == 0 || n < 2 || n > mostParticipants || n < 3 && x.ps[i].kind != number {
			continue
		}
		if i > 0 && (x.ps[i].before == glued && (isMark(x.ps, i-1, stop+comma+slash) && i > 1 && x.ps[i-2].kind == number) || x.ps[i].before == hyphen && x.ps[i-1].kind == number) {
			continue
		}
		f := FoundNumber{Count: n, Counts: StatesOnly}
		to := i + size
		found := false
		words := 0
		plus := false
		for j := to; j < len(x.ps) && words < 4 && x.ps[j].before <= line; j++ {
			p := &x.ps[j]
			if x.dateOf[j] >= 0 || p.kind == mark && p.text != open && p.text != closing && p.text != "+" || p.kind == number {
				break
			}
			if p.text == "+" {
				plus = true
				continue
			}
			if p.text == "%" {
				break
			}
			if x.nameAt[j] >= 0 && x.names[x.nameAt[j]].best.kind != "adjective" {
				break
			}
			if p.cues&(states|parties) != 0 {
				if p.kind == sign && p.text == "国" && j+1 < len(x.ps) && (x.ps[j+1].text == "人" || x.ps[j+1].text == "际" || x.ps[j+1].text == "内") {
					break
				}
				if p.cues&states == 0 || p.cues&parties != 0 && p.cues&states == 0 {
					f.Counts = AllParticipants
				}
				found = true
				to = j + 1
				for to < len(x.ps) && x.ps[to].cues&(states|parties) != 0 && x.ps[to].before <= blank && x.ps[to].kind == p.kind {
					if x.ps[to].cues&states == 0 {
						f.Counts = AllParticipants
					}
					to++
				}
				break
			}
			if p.cues&others != 0 {
				f.Others = true
			}
			if p.cues&(signing|issuing|saying|placing|joining) != 0 && p.cues&others == 0 && p.kind == word {
				if f.Others {
					found, to = true, j
				}
				break
			}
			if p.kind == sign && p.text != "个" && p.text != "個" && p.text != "多" && p.text != "余" && p.text != "か" && p.text != "ヶ" && p.cues&others == 0 {
				break
			}
			words++
			if f.Others && (j+1 >= len(x.ps) || x.ps[j+1].kind == mark) {
				found, to = true, j+1
				break
			}
		}
		if !found {
			// Signatories (44): …; signatories: 44
			j := i - 1
			bracket := isMark(x.ps, j, open+colon)
			if bracket && j > 0 && (x.ps[j-1].cues&parties != 0 || x.ps[j-1].cues&states != 0 && x.anywhere(max(0, j-6), j, signing|heading)) && (i+size >= len(x.ps) || x.ps[i+size].kind == mark || x.ps[i+size].before >= line) &&
				(isMark(x.ps, j, open) && isMark(x.ps, i+size, closing) || isMark(x.ps, j, colon) && x.ps[i].before <= blank && (i+size >= len(x.ps) || x.ps[i+size].before >= line)) {
				found = true
				if x.ps[j-1].cues&states == 0 {
					f.Counts = AllParticipants
				}
			}
		}
		if !found || x.inGroup(i, to) {
			continue
		}
		// "and 43 others"
		for j := max(0, i-1); j < min(len(x.ps), to+1); j++ {
			if x.ps[j].cues&others != 0 && x.nameAt[j] < 0 {
				f.Others = true
			}
		}
		for j := max(0, i-4); j < i; j++ {
			if x.ps[j].cues&loose != 0 && x.ps[j].cues&heading == 0 {
				f.Loose = true
			}
		}
		for j := i + size; j < to; j++ {
			if x.ps[j].text == "多" || x.ps[j].text == "余" {
				f.Loose = true
			}
		}
		f.Loose = f.Loose || plus
		f.Span = x.span(i, to)
		out = append(out, f)
		i = to - 1
	}
	return out
}

// inGroup says that a number belongs to a phrase for a group: "its 27 member states".
func (x *reading) inGroup(from, to int) bool {
	i := sort.Search(len(x.groups), func(i int) bool { return x.groups[i].to > from })
	return i < len(x.groups) && x.groups[i].from < to
}
