package intake

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"cosignatory/store/register"
)

var (
	topicShape = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
)

// referenceEdit is the reference data that a package makes of the register's own. Participants, groups and topics are never
// removed; the lists below them (aliases, members …) are replaced, owner by owner, where the package is a whole one.
type referenceEdit struct {
	*importer
	people   map[string]*register.Participant
	order    []*register.Participant
	groups   map[string]*register.Group
	sets     []*register.Group
	topics   map[string]*register.Topic
	subjects []*register.Topic
	words    []register.Ambiguous
	summary  *Summary
	before   *register.Reference
}

func names(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return maps.Clone(m)
}

// reference reads the files of reference data. It gives nil where there are none.
func (x *importer) reference(summary *Summary) *register.Reference {
	any := false
	for _, name := range []string{"participants", "aliases", "successors", "groups", "group_members", "group_aliases", "topics", "ambiguous"} {
		any = any || x.tables[name] != nil
	}
	if !any {
		return nil
	}
	e := &referenceEdit{importer: x, people: map[string]*register.Participant{}, groups: map[string]*register.Group{}, topics: map[string]*register.Topic{},
		words: slices.Clone(x.ref.Ambiguous), summary: summary, before: x.ref}
	for _, p := range x.ref.Participants {
		q := *p
		q.Names, q.Formal, q.Aliases, q.Successors = names(p.Names), names(p.Formal), slices.Clone(p.Aliases), slices.Clone(p.Successors)
		e.people[q.Code], e.order = &q, append(e.order, &q)
	}
	for _, g := range x.ref.Groups {
		h := *g
		h.Names, h.Members, h.Aliases = names(g.Names), slices.Clone(g.Members), slices.Clone(g.Aliases)
		e.groups[h.Code], e.sets = &h, append(e.sets, &h)
	}
	for _, t := range x.ref.Topics {
		u := *t
		u.Names = names(t.Names)
		e.topics[u.Code], e.subjects = &u, append(e.subjects, &u)
	}
	e.participants()
	e.aliases()
	e.successors()
	e.groupRows()
	e.members()
	e.groupAliases()
	e.topicRows()
	e.ambiguous()
	return register.NewReference(e.order, e.sets, e.subjects, e.words)
}

// referenceRules tells what the reference data breaks.
func (x *importer) referenceRules(ref *register.Reference) {
	for _, problem := range ref.Validate(x.view.Ref) {
		at, column := x.locateReference(problem.Field)
		x.rule(at, column, problem)
	}
}

var referencePath = regexp.MustCompile(`^([a-z]+)(\[.*?\])?(?:\.(aliases|successors|members)(\[\d+\])?)?(?:\.(.+))?$`)

// locateReference finds the cell that a rule's problem with reference data is about; without a line where it was on record before.
func (x *importer) locateReference(field string) (place, string) {
	m := referencePath.FindStringSubmatch(field)
	if m == nil {
		return place{file: x.referenceFile()}, ""
	}
	list, row, column := m[1], m[1]+m[2], m[5]
	if m[3] != "" {
		row += "." + m[3] + m[4]
		list = map[string]string{"participants.aliases": "aliases", "participants.successors": "successors", "groups.members": "group_members",
			"groups.aliases": "group_aliases"}[list+"."+m[3]]
	}
	at := place{file: list + ".csv", line: x.lines[row]}
	if t := x.tables[list]; t != nil {
		at.file = t.name
	}
	names, lang, dotted := strings.Cut(column, ".")
	switch {
	case at.line == 0:
		return at, ""
	case dotted:
		column = strings.TrimSuffix(names, "s") + "_" + lang
	case list == "aliases" || list == "group_aliases":
		column = map[string]string{"text": "alias", "lang": "language", "kind": "kind"}[column]
	case list == "ambiguous" && column == "codes":
		column = "participants"
	case column == "code":
		column = map[string]string{"participants": "participant", "successors": "successor", "groups": "group", "group_members": "participant", "topics": "topic"}[list]
	}
	return at, column
}

// key reads the cell that names a row's owner.
func (e *referenceEdit) key(s *sheetReader, column string) string {
	c := s.cell(column)
	if c == "" {
		s.wrong(column, "missing")
	}
	return c
}

// row keeps where an element of a list stands in its file.
func (e *referenceEdit) row(s *sheetReader, list string, i int) {
	e.lines[list+"["+strconv.Itoa(i)+"]"] = s.line
}

// once says that a key stands for the first time in its file.
func once(s *sheetReader, seen map[string]bool, column, key string) bool {
	if seen[key] {
		s.wrong(column, "twice", "Value", excerpt(key))
		return false
	}
	seen[key] = true
	return true
}

func (s *sheetReader) names(to map[string]string, prefix string) {
	for _, lang := range register.Languages {
		column := prefix + lang
		if !s.has(column) {
			continue
		}
		if c := s.cell(column); c != "" {
			to[lang] = c
		} else {
			delete(to, lang)
		}
	}
}

func (s *sheetReader) oneOf(column, value string, list []string) {
	if !slices.Contains(list, value) {
		s.wrong(column, "choice", "Value", excerpt(value), "Choices", joinWords(list))
	}
}

func (e *referenceEdit) participants() {
	s := e.sheet("participants")
	if s == nil {
		return
	}
	defer s.close()
	seen := map[string]bool{}
	for s.row() {
		code := e.key(s, "participant")
		if code == "" || !once(s, seen, "participant", code) {
			continue
		}
		p := e.people[code]
		if p == nil {
			if !register.ValidCode(code, 20) {
				s.wrong("participant", "code_shape", "Value", excerpt(code))
				continue
			}
			p = &register.Participant{Code: code, Names: map[string]string{}, Formal: map[string]string{}}
			e.people[code], e.order = p, append(e.order, p)
			e.summary.Participants.New++
		}
		e.lines["participants["+code+"]"] = s.line
		for column, to := range map[string]*string{"iso2": &p.Alpha2, "iso3": &p.Alpha3, "m49": &p.M49, "user_assigned_code": &p.UserAssigned,
			"regional_group": &p.RegionalGroup, "kind": (*string)(&p.Kind), "region": &p.Region, "subregion": &p.Subregion, "note": &p.Note} {
			if s.has(column) {
				*to = s.cell(column)
			}
		}
		s.oneOf("kind", string(p.Kind), wordsOf(register.ParticipantKinds))
		for column, to := range map[string]*register.Date{"un_admission": &p.Admitted, "valid_from": &p.ValidFrom, "valid_to": &p.ValidTo} {
			if s.has(column) {
				*to = s.date(column)
			}
		}
		s.names(p.Names, "name_")
		s.names(p.Formal, "formal_")
		if p.Names["en"] == "" {
			if c := s.cell("name"); !s.has("name_en") && c != "" {
				p.Names["en"] = c
			} else {
				s.wrong("name_en", "missing")
			}
		}
	}
}

// owner finds the participant of a row.
func (e *referenceEdit) owner(s *sheetReader) *register.Participant {
	code := e.key(s, "participant")
	p := e.people[code]
	if p == nil && code != "" {
		s.wrong("participant", "participant_unknown", "Code", excerpt(code))
	}
	return p
}

func (e *referenceEdit) aliases() {
	s := e.sheet("aliases")
	if s == nil {
		return
	}
	defer s.close()
	fresh := map[string]bool{}
	for s.row() {
		p := e.owner(s)
		if p == nil {
			continue
		}
		if e.whole && !fresh[p.Code] {
			p.Aliases, fresh[p.Code] = nil, true
		}
		a, ok := e.alias(s)
		if !ok {
			continue
		}
		if s.has("valid_from") {
			a.From = s.date("valid_from")
		}
		if s.has("valid_to") {
			a.To = s.date("valid_to")
		}
		// Without a whole package a row says something of the alias that is there already, as far as there is one.
		if i := slices.IndexFunc(p.Aliases, func(b register.Alias) bool { return b.Text == a.Text && b.Lang == a.Lang && b.Kind == a.Kind }); i >= 0 && !e.whole && !e.empty {
			p.Aliases[i] = a
			e.row(s, "participants["+p.Code+"].aliases", i)
			continue
		}
		e.row(s, "participants["+p.Code+"].aliases", len(p.Aliases))
		p.Aliases = append(p.Aliases, a)
	}
}

func (e *referenceEdit) alias(s *sheetReader) (register.Alias, bool) {
	a := register.Alias{Text: s.cell("alias"), Lang: s.cell("language"), Kind: s.cell("kind")}
	if a.Kind == "" && !s.has("kind") {
		a.Kind = "variant"
	}
	if a.Text == "" {
		s.wrong("alias", "missing")
		return a, false
	}
	if a.Lang == "" {
		s.wrong("language", "missing")
	}
	s.oneOf("kind", a.Kind, register.AliasKinds)
	return a, true
}

func (e *referenceEdit) successors() {
	s := e.sheet("successors")
	if s == nil {
		return
	}
	defer s.close()
	fresh := map[string]bool{}
	for s.row() {
		p, to := e.owner(s), e.key(s, "successor")
		if p == nil || to == "" {
			continue
		}
		if e.people[to] == nil {
			s.wrong("successor", "participant_unknown", "Code", excerpt(to))
			continue
		}
		if e.whole && !fresh[p.Code] {
			p.Successors, fresh[p.Code] = nil, true
		}
		x := register.Successor{Code: to, From: s.date("from")}
		if i := slices.IndexFunc(p.Successors, func(y register.Successor) bool { return y.Code == to }); i >= 0 {
			p.Successors[i] = x
			e.row(s, "participants["+p.Code+"].successors", i)
			continue
		}
		e.row(s, "participants["+p.Code+"].successors", len(p.Successors))
		p.Successors = append(p.Successors, x)
	}
}

func (e *referenceEdit) groupRows() {
	s := e.sheet("groups")
	if s == nil {
		return
	}
	defer s.close()
	seen := map[string]bool{}
	for s.row() {
		code := e.key(s, "group")
		if code == "" || !once(s, seen, "group", code) {
			continue
		}
		g := e.groups[code]
		if g == nil {
			if !register.ValidCode(code, 40) {
				s.wrong("group", "code_shape", "Value", excerpt(code))
				continue
			}
			g = &register.Group{Code: code, Names: map[string]string{}}
			e.groups[code], e.sets = g, append(e.sets, g)
			e.summary.Groups.New++
		}
		e.lines["groups["+code+"]"] = s.line
		if s.has("kind") {
			g.Kind = s.cell("kind")
		}
		if g.Kind == "" {
			s.wrong("kind", "missing")
		}
		if s.has("note") {
			g.Note = s.cell("note")
		}
		s.names(g.Names, "name_")
		if g.Names["en"] == "" {
			if c := s.cell("name"); !s.has("name_en") && c != "" {
				g.Names["en"] = c
			} else {
				s.wrong("name_en", "missing")
			}
		}
	}
}

func (e *referenceEdit) set(s *sheetReader) *register.Group {
	code := e.key(s, "group")
	g := e.groups[code]
	if g == nil && code != "" {
		s.wrong("group", "group_unknown", "Group", excerpt(code))
	}
	return g
}

func (e *referenceEdit) members() {
	s := e.sheet("group_members")
	if s == nil {
		return
	}
	defer s.close()
	fresh := map[string]bool{}
	taken := map[string][]int{} // by group: the memberships on record that rows stand for
	for s.row() {
		g, p := e.set(s), e.owner(s)
		if g == nil || p == nil {
			continue
		}
		if e.whole && !fresh[g.Code] {
			g.Members, fresh[g.Code] = nil, true
		}
		m := register.Membership{Code: p.Code, From: s.date("from"), To: s.date("to")}
		if m.From.Known() && m.To.Known() && m.To.Last() < m.From.First() {
			s.wrong("to", "ends_before_begins")
		}
		if !e.whole && !e.empty {
			// Who left and came back has two memberships. A beginning that is not known may be any, but no other row's.
			i := slices.IndexFunc(g.Members, func(n register.Membership) bool { return n.Code == m.Code && n.From == m.From })
			for j := 0; i < 0 && j < len(g.Members); j++ {
				if n := g.Members[j]; n.Code == m.Code && (!n.From.Known() || !m.From.Known()) && !slices.Contains(taken[g.Code], j) {
					i = j
				}
			}
			if i >= 0 {
				g.Members[i], taken[g.Code] = m, append(taken[g.Code], i)
				e.row(s, "groups["+g.Code+"].members", i)
				continue
			}
			taken[g.Code] = append(taken[g.Code], len(g.Members))
		}
		e.row(s, "groups["+g.Code+"].members", len(g.Members))
		g.Members = append(g.Members, m)
	}
}

func (e *referenceEdit) groupAliases() {
	s := e.sheet("group_aliases")
	if s == nil {
		return
	}
	defer s.close()
	fresh := map[string]bool{}
	for s.row() {
		g := e.set(s)
		if g == nil {
			continue
		}
		if e.whole && !fresh[g.Code] {
			g.Aliases, fresh[g.Code] = nil, true
		}
		a, ok := e.alias(s)
		if !ok {
			continue
		}
		if i := slices.IndexFunc(g.Aliases, func(b register.Alias) bool { return b.Text == a.Text && b.Lang == a.Lang }); i >= 0 && !e.whole && !e.empty {
			g.Aliases[i] = a
			e.row(s, "groups["+g.Code+"].aliases", i)
			continue
		}
		e.row(s, "groups["+g.Code+"].aliases", len(g.Aliases))
		g.Aliases = append(g.Aliases, a)
	}
}

func (e *referenceEdit) topicRows() {
	s := e.sheet("topics")
	if s == nil {
		return
	}
	defer s.close()
	seen := map[string]bool{}
	for s.row() {
		code := e.key(s, "topic")
		if code == "" || !once(s, seen, "topic", code) {
			continue
		}
		t := e.topics[code]
		if t == nil {
			if !topicShape.MatchString(code) || len(code) > 60 {
				s.wrong("topic", "code_shape", "Value", excerpt(code))
				continue
			}
			t = &register.Topic{Code: code, Names: map[string]string{}}
			e.topics[code], e.subjects = t, append(e.subjects, t)
			e.summary.Topics.New++
		}
		e.lines["topics["+code+"]"] = s.line
		s.names(t.Names, "name_")
		if t.Names["en"] == "" {
			if c := s.cell("name"); !s.has("name_en") && c != "" {
				t.Names["en"] = c
			} else {
				s.wrong("name_en", "missing")
			}
		}
	}
}

func (e *referenceEdit) ambiguous() {
	s := e.sheet("ambiguous")
	if s == nil {
		return
	}
	defer s.close()
	if e.whole {
		e.words = nil
	}
	for s.row() {
		a := register.Ambiguous{Text: e.key(s, "alias"), Codes: s.list("participants"), Rule: s.cell("rule"), Note: s.cell("note")}
		if a.Text == "" {
			continue
		}
		s.oneOf("rule", a.Rule, register.AmbiguousRules)
		if len(a.Codes) == 0 {
			s.wrong("participants", "missing")
		}
		for _, code := range a.Codes {
			if e.people[code] == nil {
				s.wrong("participants", "participant_unknown", "Code", excerpt(code))
			}
		}
		if i := slices.IndexFunc(e.words, func(b register.Ambiguous) bool { return b.Text == a.Text }); i >= 0 && !e.whole && !e.empty {
			e.words[i] = a
			e.row(s, "ambiguous", i)
			continue
		}
		e.row(s, "ambiguous", len(e.words))
		e.words = append(e.words, a)
	}
}

func wordsOf[T ~string](list []T) []string {
	all := make([]string, len(list))
	for i, x := range list {
		all[i] = string(x)
	}
	return all
}
