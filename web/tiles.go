package web

import (
	"slices"
	"strings"

	"cosignatory/store/register"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
)

// placing is where a participant stands on a declaration's list on the day shown.
type placing struct {
	mark  register.Mark
	line  *register.Timeline // nil where it is only implied, or nowhere
	state register.State
	group string // by which it stands there, where no source names it on the list (D6)

	beside register.Capacity // in which a source names it all the same; empty where none does
}

// positions are where everybody stands that a source names, by name or through a group, by code.
func (s *sheet) positions() map[string]placing {
	if s.where != nil {
		return s.where
	}
	s.where = make(map[string]placing, len(s.lines))
	for i := range s.lines {
		t := &s.lines[i]
		if t.Participant == "" {
			continue
		}
		x := placing{line: t, state: t.On(s.day)}
		switch {
		case x.state.Aside():
			x.mark = register.MarkBeside
		case x.state.Status == register.InEffect:
			x.mark = register.MarkOn
		case x.state.Status == register.Unsettled:
			x.mark = register.MarkMayBe
		case x.state.WentOff != nil:
			x.mark = register.MarkLeft
		}
		s.where[t.Participant] = x
	}
	for _, m := range register.Implied(s.lines, s.view.Ref, s.day) {
		// Whoever is named too stands there by name, and whoever went off the list by name went off it. Whoever is named beside
		// the list only is implied, as every count and file has it (D4, D6).
		if x := s.where[m.Participant]; x.line == nil || !x.state.Named() {
			implied := placing{mark: register.MarkGroup, line: x.line, state: m.State, group: m.Group}
			if m.State.Status == register.Unsettled {
				implied.mark = register.MarkMayBe
			}
			if x.mark == register.MarkBeside {
				implied.beside = x.state.Capacity
			}
			s.where[m.Participant] = implied
		}
	}
	return s.where
}

// positionWords says where somebody stands, without a name: “in effect since 22 October 2020”, “not on the list” (D7).
func (s *sheet) positionWords(x placing) string {
	p := s.p
	if x.group != "" {
		words := p.T("position.through", "Group", s.view.Ref.GroupName(x.group, s.lang))
		if x.mark == register.MarkMayBe {
			words = p.T("missing.but", "Who", words, "Words", s.unsettledStatus(x.state))
		}
		if x.beside != "" {
			words = p.T("missing.but", "Who", words, "Words", p.T("position.beside", "Capacity", p.T("capacity."+string(x.beside))))
		}
		return words
	}
	switch x.mark {
	case register.MarkOn:
		if d := x.state.Since(); d.Known() {
			return p.T("position.since", "Date", p.Date(d))
		}
		return p.T("position.undated")
	case register.MarkMayBe:
		return s.unsettledStatus(x.state)
	case register.MarkLeft:
		return s.status(x.state)
	case register.MarkBeside:
		return p.T("position.beside", "Capacity", p.T("capacity."+string(x.state.Capacity)))
	}
	return p.T("mark.none")
}

// tileMap is the world as tiles. Every UN member and observer state that there was on the day has one; others where they
// stand on the list, or beside it, or have left it.
func (s *sheet) tileMap() pages.TileMap {
	var m pages.TileMap
	where := s.positions()
	var missing []string // of the region, codes
	finish := func() {
		if len(m.Regions) == 0 {
			return
		}
		s.view.Ref.SortCodes(missing, s.lang)
		r := &m.Regions[len(m.Regions)-1]
		for _, code := range missing {
			r.NotOn = append(r.NotOn, s.view.Ref.Name(code, s.lang))
		}
		missing = nil
	}
	for _, at := range pages.TileGrid() {
		if len(m.Regions) == 0 || m.Regions[len(m.Regions)-1].Code != at.Region {
			finish()
			m.Regions = append(m.Regions, pages.TileRegion{Code: at.Region, Name: s.p.T("m49_region." + at.Region)})
		}
		q, x := s.view.Ref.Participant(at.Code), where[at.Code]
		if q == nil {
			continue
		}
		state := q.Kind == register.Member || q.Kind == register.Observer
		if x.mark == register.NoMark && (!state || q.ValidFrom.Known() && q.ValidFrom.First() > s.day || q.ValidTo.Known() && q.ValidTo.Last() < s.day) {
			continue
		}
		r := &m.Regions[len(m.Regions)-1]
		t := s.tile(q, x)
		t.Column, t.Row = at.Column, at.Row
		r.Tiles = append(r.Tiles, t)
		if state {
			*r.Count(x.mark)++
			if x.mark == register.NoMark {
				missing = append(missing, q.Code)
			}
		}
	}
	finish()
	var others []string
	for code, x := range where {
		if !pages.OnTileGrid(code) && x.mark != register.NoMark {
			others = append(others, code)
		}
	}
	s.view.Ref.SortCodes(others, s.lang)
	for _, code := range others {
		q := s.view.Ref.Participant(code)
		if q == nil {
			continue
		}
		m.Others = append(m.Others, s.tile(q, where[code]))
	}
	drawn := map[register.Mark]bool{register.MarkOn: true, register.NoMark: true}
	for _, r := range m.Regions {
		for _, t := range r.Tiles {
			drawn[t.Mark] = true
		}
	}
	for _, t := range m.Others {
		drawn[t.Mark] = true
	}
	for _, mark := range []register.Mark{register.MarkOn, register.MarkMayBe, register.MarkLeft, register.MarkBeside, register.MarkGroup, register.NoMark} {
		if drawn[mark] {
			m.Key = append(m.Key, mark)
		}
	}
	return m
}

// tile is the square of a participant.
func (s *sheet) tile(q *register.Participant, x placing) pages.Tile {
	code := q.Code
	for _, c := range []string{q.UserAssigned, q.Alpha3} {
		if c != "" {
			code = c
		}
	}
	return pages.Tile{Code: code, URL: s.to(participantPath(q.Code)), Mark: x.mark,
		Words: s.p.T("map.tile", "Name", q.Name(s.lang), "Code", code, "Words", s.positionWords(x))}
}

// onList answers whether somebody is on the list: whoever is called as typed, in any language and at any time, or has that
// code. Names that are exactly that come first.
func (s *sheet) onList() pages.OnList {
	v := pages.OnList{Action: address(s.request.lang, s.path, "", nil), Typed: s.query["participant"], Hidden: s.hidden("order", "missing", "since", "as_of", "revision")}
	if v.Typed == "" {
		return v
	}
	v.Asked = true
	found := s.calledAs(v.Typed)
	for i, q := range found {
		if i == onListShown {
			v.More = len(found) - i
			break
		}
		v.Answers = append(v.Answers, s.onListAnswer(q))
	}
	return v
}

// onListShown is how many participants one question is answered for.
const onListShown = 6

// calledAs are the participants that are called as typed: the one with that code, or those that a question in the search would be
// taken to mean (both Congos for “Congo”), else everybody whose names hold the words.
func (r *request) calledAs(typed string) []*register.Participant {
	folded := register.Fold(typed)
	words := strings.Fields(folded)
	if len(words) == 0 {
		return nil
	}
	var meant, held []*register.Participant
	if q := r.view.Ref.Ask(typed, func(string) bool { return false }); len(q.Terms) == 1 {
		for _, code := range q.Terms[0].Participants {
			meant = append(meant, r.view.Ref.Participant(code))
		}
	}
	for _, q := range r.view.Ref.Participants {
		codes := []string{q.Code, q.Alpha3, q.Alpha2, q.UserAssigned}
		if slices.ContainsFunc(codes, func(c string) bool { return c != "" && register.Fold(c) == folded }) {
			return []*register.Participant{q}
		}
		if len(meant) == 0 && called(q, words) {
			held = append(held, q)
		}
	}
	list := append(meant, held...) // one of them is empty
	slices.SortStableFunc(list, func(a, b *register.Participant) int { return r.rank(a.Code) - r.rank(b.Code) })
	return list
}

func (s *sheet) onListAnswer(q *register.Participant) pages.OnListAnswer {
	p, x := s.p, s.positions()[q.Code]
	a := pages.OnListAnswer{Name: q.Name(s.lang), URL: s.to(participantPath(q.Code)), Mark: x.mark}
	var m *register.Moment
	switch x.mark {
	case register.MarkOn:
		m = x.state.Newest
		capacity := p.T("capacity." + string(x.state.Capacity))
		if d := x.state.Since(); d.Known() {
			a.Words = p.T("on_list.since", "Date", p.Date(d), "Capacity", capacity)
		} else {
			a.Words = p.T("on_list.undated", "Capacity", capacity)
		}
		_, _, note := s.when(x.state.Arrival)
		if note = sentences(note, s.changed(x.state)); note != "" {
			a.Notes = append(a.Notes, pages.Note{Text: ui.Plain(note)})
		}
	case register.MarkLeft:
		m = x.state.Departure
		a.Words = p.T("on_list.left", "Words", s.status(x.state))
		if _, _, note := s.when(m); note != "" {
			a.Notes = append(a.Notes, pages.Note{Text: ui.Plain(note)})
		}
	case register.MarkMayBe:
		if m = openAction(x.state, s.day); m == nil {
			m = x.state.Newest
		}
		a.Words = p.T("on_list.unsettled", "Words", s.positionWords(x))
	case register.MarkBeside:
		m = x.state.Newest
		a.Words = p.T("on_list.beside", "Capacity", p.T("capacity."+string(x.state.Capacity)))
		if note := s.changed(x.state); note != "" {
			a.Notes = append(a.Notes, pages.Note{Text: ui.Plain(note)})
		}
	case register.MarkGroup:
		m = x.state.Newest
		a.Words = p.T("on_list.through", "Group", s.view.Ref.GroupName(x.group, s.lang))
		if x.beside != "" { // a source does name it
			a.Words = p.T("on_list.unsettled", "Words", s.positionWords(x))
		}
	default:
		a.Words = p.T("on_list.no", "Date", p.Date(s.day.Date()))
	}
	a.Evidence = s.evidenceOf(m)
	if m == x.state.Newest {
		a.Evidence = s.evidenceOf(m, x.state.Arrival)
	}
	for _, c := range s.disputed(q.Code) {
		a.Notes = append(a.Notes, pages.Note{Before: p.T("evidence.disputed") + " ", Text: c.Words})
	}
	if slices.Contains(s.Sponsors, q.Code) {
		a.Notes = append(a.Notes, pages.Note{Text: ui.Plain(p.T("on_list.leads"))})
	}
	if s.PresenterDelegation == q.Code {
		a.Notes = append(a.Notes, pages.Note{Text: ui.Plain(p.T("on_list.reads"))})
	}
	for _, n := range q.Successors {
		// A successor is no signatory unless it said so (D17).
		a.Notes = append(a.Notes, pages.Note{Text: ui.Plain(p.T("on_list.succeeded", "Name", s.view.Ref.Name(n.Code, s.lang), "Words", s.positionWords(s.positions()[n.Code])))})
	}
	return a
}
