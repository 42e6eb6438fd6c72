package web

import (
	"context"
	"io"
	"slices"
	"strings"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
	"cosignatory/web/export"
)

// subject is the participant that the address names.
func (r *request) subject() (*register.Participant, error) {
	code := r.c.Param("code")
	if p := r.view.Ref.Participant(code); p != nil {
		return p, nil
	}
	return nil, r.perhaps(unknown("error.participant_unknown", "Value", shorten(code)), code, func(code string) string { return r.to(participantPath(code)) })
}

// perhaps leads from a participant that is none to those that are called so.
func (r *request) perhaps(p *problem, typed string, to func(code string) string) *problem {
	p = p.accepting("accepted.participant")
	for i, q := range r.calledAs(typed) {
		if i == onListShown {
			break
		}
		p = p.or(q.Name(r.lang), to(q.Code))
	}
	return p.or(r.p.T("onward.participants"), r.now("/participants"))
}

func showParticipant(r *request) error {
	q, err := r.subject()
	if err != nil {
		return err
	}
	x, err := r.view.Index(r.ctx, r.day)
	if err != nil {
		return err
	}
	number, err := r.pageNumber()
	if err != nil {
		return err
	}
	group, err := r.ownGroup(q, r.query["without"])
	if err != nil {
		return err
	}
	rows, total := x.OfParticipant(q.Code, false, skipTo(number), pageSize)
	pager, err := r.pager(number, total)
	if err != nil {
		return err
	}
	p := r.p
	name := q.Name(r.lang)
	v := pages.Participant{Page: r.base(ui.Plain(name), "/participants"), ParticipantsURL: r.to("/participants"), Name: name, Formal: q.Formal[r.lang],
		Kind: p.T("participant_kind." + string(q.Kind)), Region: r.region(q), Note: r.text(q.Note, "en"), Total: total, Pager: pager}
	if v.Formal == name {
		v.Formal = ""
	}
	n := x.Participant(q.Code)
	v.On, v.Led, v.Left, v.Unsettled, v.Presented, v.Beside, v.NotYet = n.On, n.Led, n.Left, n.Unsettled, n.Presented, n.Beside, n.NotYet
	v.Years = r.years(x, q)
	if v.Through, err = r.through(x, q.Code); err != nil {
		return err
	}
	if v.Without, err = r.withoutIt(x, q, group); err != nil {
		return err
	}
	v.Description = p.T("participant.described", "Name", name, "On", p.T("participant.on", "Count", n.On))
	for _, lang := range register.Languages {
		if s := q.Names[lang]; s != "" {
			t := r.text(s, lang)
			t.Lang = lang
			v.Names = append(v.Names, t)
		}
	}
	v.FormerNames = r.formerNames(q)
	if q.Admitted.Known() {
		v.Admission = p.Date(q.Admitted)
	}
	switch {
	case q.ValidFrom.Known() && q.ValidTo.Known():
		v.Existed = p.T("participant.existed_between", "From", p.Date(q.ValidFrom), "To", p.Date(q.ValidTo))
	case q.ValidTo.Known():
		v.Existed = p.T("participant.existed_until", "To", p.Date(q.ValidTo))
	case q.ValidFrom.Known() && q.Kind != register.Other: // since when one exists that is no member is not the register's to say
		v.Existed = p.T("participant.existed_from", "From", p.Date(q.ValidFrom))
	}
	iso3 := "participant.code_iso3"
	if q.ValidTo.Known() {
		iso3 = "participant.code_iso3_former"
	}
	for _, c := range []struct{ label, value string }{
		{p.T(iso3), q.Alpha3}, {p.T("participant.code_iso2"), q.Alpha2}, {p.T("participant.code_m49"), q.M49},
		{p.T("participant.code_user_assigned"), q.UserAssigned}, {p.T("participant.code_register"), q.Code},
	} {
		if c.value != "" {
			v.Codes = append(v.Codes, ui.Fact{Label: c.label, Value: ui.Plain(c.value)})
		}
	}
	v.Groups = r.memberships(q.Code)
	for _, s := range q.Successors {
		v.Successors = append(v.Successors, r.succession(s.Code, s.From))
	}
	for _, other := range r.view.Ref.Participants {
		for _, s := range other.Successors {
			if s.Code == q.Code {
				v.Predecessors = append(v.Predecessors, r.succession(other.Code, s.From))
			}
		}
	}
	if v.Rows, err = r.participations(q.Code, rows); err != nil {
		return err
	}
	v.Foot = r.foot(name)
	v.AsOfForm = r.asOfForm("without")
	if v.Together, err = r.withMost(x, q); err != nil {
		return err
	}
	v.TogetherURL = r.to(togetherPath(q.Code))
	if n.Led > 0 {
		v.LedURL = r.to(ledPath(q.Code))
	}
	return r.show(v.Show())
}

func (r *request) succession(code string, from register.Date) pages.Succession {
	l := r.participant(code)
	s := pages.Succession{Name: l.Text, URL: l.URL}
	if from.Known() {
		s.When = r.p.T("participant.succession_from", "From", r.p.Date(from))
	}
	return s
}

// formerNames are the names that were official in the reader's language, in English where it has none; the newest first. Of
// several with one time the first is the official one, and the others are how texts wrote it.
func (r *request) formerNames(q *register.Participant) []pages.FormerName {
	var former []register.Alias
	for _, lang := range []string{r.lang, "en"} {
		for _, a := range q.Aliases {
			sameTime := func(b register.Alias) bool { return b.From == a.From && b.To == a.To }
			if a.Kind == "former" && a.Lang == lang && !slices.ContainsFunc(former, sameTime) {
				former = append(former, a)
			}
		}
		if len(former) > 0 {
			break
		}
	}
	slices.SortStableFunc(former, func(a, b register.Alias) int { return b.To.Compare(a.To) })
	var list []pages.FormerName
	for _, a := range former {
		to := a.To // the day on which the next name began, as notes have it too
		n := pages.FormerName{Text: r.text(a.Text, a.Lang)}
		switch {
		case a.From.Known() && to.Known():
			n.When = r.p.T("participant.name_between", "From", r.p.Date(a.From), "To", r.p.Date(to))
		case to.Known():
			n.When = r.p.T("participant.name_until", "To", r.p.Date(to))
		}
		list = append(list, n)
	}
	return list
}

// memberships are the groups of a participant: those of the day shown first, in alphabetical order.
func (r *request) memberships(code string) []pages.MembershipRow {
	var options []ui.Option
	for _, g := range r.view.Ref.Groups {
		if slices.ContainsFunc(g.Members, func(m register.Membership) bool { return m.Code == code }) {
			options = append(options, ui.Option{Value: g.Code, Label: g.Name(r.lang)})
		}
	}
	r.alphabetical(options)
	var now, then []pages.MembershipRow
	for _, o := range options {
		g := r.view.Ref.Group(o.Value)
		in := slices.Contains(g.On(r.day), code)
		row := pages.MembershipRow{Name: o.Label, URL: r.to(groupPath(g.Code)), Now: in}
		for _, m := range g.Members {
			if m.Code == code {
				row.When = r.membership(m)
			}
		}
		if in {
			now = append(now, row)
		} else {
			then = append(then, row)
		}
	}
	return append(now, then...)
}

func (r *request) membership(m register.Membership) string {
	switch {
	case m.From.Known() && m.To.Known():
		return r.p.T("participant.member_between", "From", r.p.Date(m.From), "To", r.p.Date(m.To))
	case m.To.Known():
		return r.p.T("participant.member_until", "To", r.p.Date(m.To))
	case m.From.Known():
		return r.p.T("participant.member_since", "From", r.p.Date(m.From))
	}
	return ""
}

// participations are declarations as a participant's page shows them: with where it stands on each.
func (r *request) participations(code string, rows []*store.Row) ([]pages.ParticipationRow, error) {
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	entries, err := r.view.Participations(r.ctx, code, false, ids)
	if err != nil {
		return nil, err
	}
	name := r.view.Ref.Name(code, r.lang)
	list := make([]pages.ParticipationRow, 0, len(entries))
	for _, e := range entries {
		s := r.sheet(e)
		s.prefix = r.to(declarationPath(e.Slug))
		t := e.TitleIn(r.lang)
		v := pages.ParticipationRow{Declaration: r.titled(t), URL: s.prefix, Kind: r.p.T("kind." + string(e.Kind)),
			Date: r.p.ShortDate(e.Date()), DateISO: e.Date().String()}
		var roles []string
		if len(s.lines) > 0 {
			state := s.lines[0].On(r.day)
			v.Status = s.status(state)
			m := standing{line: &s.lines[0], state: state}.telling()
			if state.Status != register.NotYet {
				if state.Arrival != nil {
					v.Since, v.SinceISO, v.SinceNote = s.when(state.Arrival)
					v.SinceNote = sentences(v.SinceNote, s.changed(state))
				} else {
					v.SinceNote = r.p.T("since_note.joining_not_recorded")
				}
			}
			if first := s.lines[0].Moments[0].Action; state.Arrival != nil && state.Arrival.Action.Kind == register.Rejoined && first.Date.Known() && !first.Kind.Departure() {
				v.SinceNote = sentences(v.SinceNote, r.p.T("since_note.rejoined", "Date", r.p.Date(first.Date)))
			}
			roles = append(roles, r.p.T("capacity."+string(state.Capacity)))
			v.Uncounted = !state.Capacity.Counted()
			v.Printed = s.printed(m.Action.NameAsPrinted, name, m.Action.Source)
			v.Evidence = s.evidenceOf(m, state.Arrival)
			v.Disputed = len(s.disputed(code)) > 0
		} else {
			v.Status = r.p.T("status.no_signature")
		}
		if slices.Contains(e.Sponsors, code) && (len(s.lines) == 0 || s.lines[0].On(r.day).Capacity != register.Sponsor) {
			roles = append(roles, r.p.T("participation.led"))
		}
		if e.PresenterDelegation == code {
			roles = append(roles, r.p.T("participation.presented"))
		}
		v.Capacity = strings.Join(roles, r.p.T("search.comma"))
		list = append(list, v)
	}
	return list, nil
}

// status is where a participation stands on the day, in words.
func (s *sheet) status(state register.State) string {
	p := s.p
	switch state.Status {
	case register.InEffect:
		if state.Arrival.Action.Kind == register.Rejoined {
			return p.T("status.rejoined")
		}
		return p.T("status.in_effect")
	case register.Left:
		a := state.Departure.Action
		switch {
		case a.Reason == "":
			return p.T("status.left_plain")
		case a.Date.Known():
			return p.T("status.left", "Date", p.Date(a.Date), "Reason", s.reason(a.Reason))
		}
		return p.T("status.left_undated", "Reason", s.reason(a.Reason))
	case register.Unsettled:
		return s.unsettledStatus(state)
	}
	return p.T("status.not_yet")
}

func fileParticipant(r *request) error {
	q, err := r.subject()
	if err != nil {
		return err
	}
	x, err := r.view.Index(r.ctx, r.day)
	if err != nil {
		return err
	}
	if _, err := r.pageNumber(); err != nil {
		return err
	}
	rows, _ := x.OfParticipant(q.Code, r.query["include"] == "implied", 0, 0)
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	return r.send(q.Code, false, func(ctx context.Context, w io.Writer, o export.Options) error {
		return export.WriteSignatories(ctx, w, o, ids, q.Code)
	})
}
