package web

import (
	"cmp"
	"errors"
	"slices"
	"strconv"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/ui"
)

func (q *question) index() (*store.Index, error) { return q.view.Index(q.ctx, q.day) }

func answerDeclarations(q *question) (reply, error) {
	f, err := q.filter()
	if err != nil {
		return reply{}, err
	}
	by, err := q.sorting()
	if err != nil {
		return reply{}, err
	}
	x, err := q.index()
	if err != nil {
		return reply{}, err
	}
	rows, total := x.Find(f, by, q.lang, int(q.at), q.limit)
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	heads, err := q.view.Heads(q.ctx, ids)
	if err != nil {
		return reply{}, err
	}
	byID := make(map[int64]*store.Entry, len(heads))
	for _, e := range heads {
		byID[e.ID] = e
	}
	list := some[apiDeclarationRow](len(rows))
	for _, row := range rows {
		if e := byID[row.ID]; e != nil {
			list = append(list, q.declarationRow(e, row))
		}
	}
	a := reply{data: list, total: total}
	if end := q.at + int64(len(rows)); len(rows) > 0 && end < int64(total) {
		a.next = end
	}
	return a, nil
}

func (q *question) declarationRow(e *store.Entry, row *store.Row) apiDeclarationRow {
	title, words, date := e.TitleIn(q.lang), e.TextIn(q.lang), e.Date()
	return apiDeclarationRow{Declaration: e.Slug, Title: title.Text, TitleLanguage: text(title.Lang), Kind: string(e.Kind), Date: whenOf(date),
		DatePrecision: string(date.Precision()), Event: text(words.Event), Place: text(words.Place), Sponsors: listOf(e.Sponsors), PresentedBy: text(e.PresentedBy),
		PresenterDelegation: text(e.PresenterDelegation), Stated: position(row.Stated), Named: row.Named, InEffect: row.InEffect, Unsettled: row.Unsettled,
		NotNamed: row.NotNamed, InEffectByKind: apiKinds{row.InEffectMembers, row.InEffectObservers, row.InEffectOthers, row.InEffectOrgs},
		Open: text(e.Open), Topics: listOf(e.Topics), Summary: text(words.Summary), URL: q.pageURL(declarationPath(e.Slug)), Self: q.self(declarationPath(e.Slug))}
}

// listOf is a list of texts, never null.
func listOf(list []string) []string { return append([]string{}, list...) }

func splitOf(s register.Split) apiSplit {
	x := apiSplit{Total: s.Total, ByKind: apiKinds{s.Members, s.Observers, s.Others + s.Unrecognised, s.Orgs}, Groups: []apiRegion{}}
	for _, g := range append(slices.Clone(register.RegionalGroups), "") {
		if n := s.ByGroup[g]; n > 0 {
			x.Groups = append(x.Groups, apiRegion{text(g), n})
		}
	}
	return x
}

func statedOf(s *register.Stated) apiStated {
	return apiStated{s.Count, s.Counts, whenOf(s.Date), string(s.Date.Precision()), text(s.Source), text(s.Note)}
}

func answerDeclaration(q *question) (reply, error) {
	e, err := q.entry()
	if err != nil {
		return reply{}, err
	}
	c := e.Tally(q.view.Ref, q.day)
	row := store.Row{Named: c.Named.Total, InEffect: c.InEffect.Total, Unsettled: c.Unsettled.Total, NotNamed: c.NotNamed, InEffectMembers: c.InEffect.Members,
		InEffectObservers: c.InEffect.Observers, InEffectOthers: c.InEffect.Others + c.InEffect.Unrecognised, InEffectOrgs: c.InEffect.Orgs}
	counts := apiCounts{Named: splitOf(c.Named), InEffect: splitOf(c.InEffect), Unsettled: splitOf(c.Unsettled), Left: splitOf(c.Left), NotYet: splitOf(c.NotYet),
		Ever: splitOf(c.Ever), Implied: splitOf(c.Implied), ImpliedUnsettled: splitOf(c.ImpliedUnsettled), Supporters: splitOf(c.Supporters), Aligned: splitOf(c.Aligned), NotNamed: c.NotNamed}
	if c.Stated != nil {
		row.Stated = c.Stated.Count
		stated := statedOf(c.Stated)
		counts.Stated = &stated
	}
	d := apiDeclaration{apiDeclarationRow: q.declarationRow(e, &row), Adopted: whenOf(e.Adopted), Presented: whenOf(e.Presented), Published: whenOf(e.Published),
		Opened: whenOf(e.Opened), Closed: whenOf(e.Closed), PresenterCounted: text(e.PresenterCounted), ListComplete: text(e.ListComplete), Counts: counts,
		Titles: []apiTitle{}, Texts: []apiText{}, Stated: []apiStated{}, Sources: []apiSource{}, Actions: []apiAction{}, Links: []apiLink{}, LinkedFrom: []apiLinked{},
		Disputes: []apiDispute{}, FirstRevision: e.First, LastRevision: e.Last,
		Signatories: q.self(declarationPath(e.Slug) + "/signatories"), History: q.self(historyPath(e.Slug))}
	for _, t := range e.Titles {
		d.Titles = append(d.Titles, apiTitle{t.Lang, t.Text, string(t.Standing), text(t.Source), text(t.Note)})
	}
	for _, t := range e.Texts {
		d.Texts = append(d.Texts, apiText{t.Lang, text(t.Event), text(t.Place), text(t.Summary), text(t.Notes)})
	}
	for i := range e.Stated {
		d.Stated = append(d.Stated, statedOf(&e.Stated[i]))
	}
	for _, s := range e.Sources {
		d.Sources = append(d.Sources, apiSource{s.Key, s.Publisher, s.Title, text(s.URL), text(s.Lang), string(s.Kind), whenOf(s.Published), whenOf(s.ReadOn), text(s.Supports)})
	}
	for i := range e.Actions {
		d.Actions = append(d.Actions, q.action(&e.Actions[i]))
	}
	for _, l := range e.Links {
		d.Links = append(d.Links, apiLink{string(l.Kind), l.Target, text(l.Note), q.self(declarationPath(l.Target))})
	}
	back, err := q.view.LinksTo(q.ctx, e.ID)
	if err != nil {
		return reply{}, err
	}
	for _, l := range back {
		d.LinkedFrom = append(d.LinkedFrom, apiLinked{l.From, string(l.Kind), text(l.Note), q.self(declarationPath(l.From))})
	}
	for _, x := range e.Disputes {
		one := apiDispute{Participant: text(x.Participant), Claim: []apiPhrase{}, Source: text(x.Source)}
		for _, p := range x.Claim {
			one.Claim = append(one.Claim, apiPhrase{p.Lang, p.Text})
		}
		d.Disputes = append(d.Disputes, one)
	}
	return reply{data: d}, nil
}

func (q *question) action(a *register.Action) apiAction {
	x := apiAction{ActionID: a.ID, Participant: text(a.Participant), Action: string(a.Kind), Capacity: string(a.Capacity), Date: whenOf(a.Date),
		DatePrecision: string(a.Date.Precision()), PublicDate: whenOf(a.PublicDate), Reason: text(a.Reason), ViaGroup: text(a.Group), NameAsPrinted: text(a.NameAsPrinted),
		Source: text(a.Source), Note: text(a.Note), CapacityAsPrinted: text(a.CapacityAsPrinted), PrintedPosition: position(a.PrintedPosition),
		AlsoSources: listOf(a.AlsoSources), PlaceInSource: text(a.PlaceInSource), JoiningNotRecorded: a.JoiningNotRecorded}
	if a.Participant != "" {
		x.ParticipantName = text(q.view.Ref.Name(a.Participant, q.lang))
	}
	return x
}

// statuses are what a status can be, as files print them.
var statuses = []register.Status{register.InEffect, register.Left, register.Unsettled, register.NotYet}

func answerSignatories(q *question) (reply, error) {
	status := register.Status(q.query["status"])
	if status != "" && !slices.Contains(statuses, status) {
		var options []ui.Option
		for _, s := range statuses {
			options = append(options, option(string(s)))
		}
		return reply{}, q.badValue("status", string(status)).oneOf(options).at("status")
	}
	e, err := q.entry()
	if err != nil {
		return reply{}, err
	}
	all := q.signatories(e, q.query["include"] == "implied")
	if status != "" {
		all = slices.DeleteFunc(all, func(s apiSignatory) bool { return s.Status != string(status) })
	}
	rows, next := pageOf(q, all)
	return reply{rows, len(all), next}, nil
}

// signatories are the rows of a declaration, as its file has them, in the alphabetical order of the language (D15).
func (q *question) signatories(e *store.Entry, implied bool) []apiSignatory {
	list := some[apiSignatory](0)
	lines := e.Timelines()
	named := map[string]bool{}
	for i := range lines {
		if t := &lines[i]; t.Participant != "" {
			state := t.On(q.day)
			named[t.Participant] = state.Named()
			list = append(list, q.signatory(e, t.Participant, t, state, "named"))
		}
	}
	if implied {
		for _, m := range register.Implied(lines, q.view.Ref, q.day) {
			if !named[m.Participant] {
				list = append(list, q.signatory(e, m.Participant, m.Line, m.State, "implied_by_group"))
			}
		}
	}
	slices.SortStableFunc(list, func(a, b apiSignatory) int { return cmp.Compare(q.rank(a.Participant), q.rank(b.Participant)) })
	return list
}

// signatory is one row: what is printed is that of the newest action; the source is the one that the status follows (D19). A test holds
// it to the rows of the file.
func (q *question) signatory(e *store.Entry, code string, t *register.Timeline, state register.State, basis string) apiSignatory {
	printed := t.Moments[0].Action
	switch {
	case state.Newest != nil:
		printed = state.Newest.Action
	case state.Departure != nil:
		printed = state.Departure.Action
	}
	s := apiSignatory{Declaration: e.Slug, DeclarationTitle: e.TitleIn(q.lang).Text, DeclarationDate: whenOf(e.Date()), Participant: code,
		NameAsPrinted: text(printed.NameAsPrinted), PrintedPosition: position(printed.PrintedPosition), Capacity: string(state.Capacity),
		CapacityAsPrinted: text(printed.CapacityAsPrinted), Basis: basis, Status: string(state.Status), Since: whenOf(state.Since()),
		SincePrecision: string(state.Since().Precision()), Source: text(printed.Source)}
	if p := q.view.Ref.Participant(code); p != nil {
		s.ParticipantName, s.ParticipantKind, s.ISO3, s.M49 = p.Name(q.lang), string(p.Kind), text(p.Alpha3), text(p.M49)
		s.UserAssignedCode, s.RegionalGroup = text(p.UserAssigned), text(p.RegionalGroup)
	}
	if left := state.Departure; left != nil {
		s.Until, s.UntilPrecision, s.DepartureReason = whenOf(state.Until()), text(state.Until().Precision()), text(left.Action.Reason)
		if state.Status == register.Left {
			s.Source = text(left.Action.Source)
		}
	}
	if x := e.Source(string(s.Source)); x != nil {
		s.SourceURL = text(x.URL)
	}
	s.Disputed = slices.ContainsFunc(e.Disputes, func(x register.Dispute) bool { return x.Participant == code })
	return s
}

func answerParticipants(q *question) (reply, error) {
	x, err := q.index()
	if err != nil {
		return reply{}, err
	}
	all, _, err := q.listed(x)
	if err != nil {
		return reply{}, err
	}
	page, next := pageOf(q, all)
	rows := some[apiParticipantRow](len(page))
	for _, p := range page {
		rows = append(rows, q.participantRow(x, p))
	}
	return reply{rows, len(all), next}, nil
}

func (q *question) participantRow(x *store.Index, p *register.Participant) apiParticipantRow {
	return apiParticipantRow{Participant: p.Code, Name: p.Name(q.lang), Kind: string(p.Kind), ISO2: text(p.Alpha2), ISO3: text(p.Alpha3), M49: text(p.M49),
		UserAssignedCode: text(p.UserAssigned), RegionalGroup: text(p.RegionalGroup), Admission: whenOf(p.Admitted), ValidFrom: whenOf(p.ValidFrom),
		ValidTo: whenOf(p.ValidTo), InEffect: x.Participant(p.Code).On, URL: q.pageURL(participantPath(p.Code)), Self: q.self(participantPath(p.Code))}
}

func answerParticipant(q *question) (reply, error) {
	p, err := q.subject()
	if err != nil {
		return reply{}, err
	}
	x, err := q.index()
	if err != nil {
		return reply{}, err
	}
	n := x.Participant(p.Code)
	a := apiParticipant{apiParticipantRow: q.participantRow(x, p), Names: namesOf(p.Names), FormalNames: namesOf(p.Formal), FormerNames: []apiFormerName{},
		Region: text(p.Region), Subregion: text(p.Subregion), Note: text(p.Note), Standing: apiStanding{n.On, n.Unsettled, n.Left, n.Beside, n.Led, n.Presented, n.NotYet},
		Groups: []apiMembership{}, Successors: []apiSuccession{}, Predecessors: []apiSuccession{}, Declarations: q.self(participantPath(p.Code) + "/declarations")}
	for _, alias := range p.Aliases {
		if alias.Kind == "former" {
			a.FormerNames = append(a.FormerNames, apiFormerName{alias.Text, alias.Lang, whenOf(alias.From), whenOf(alias.To)})
		}
	}
	for _, g := range q.view.Ref.Groups {
		for _, m := range g.Members {
			if m.Code == p.Code {
				a.Groups = append(a.Groups, apiMembership{g.Code, g.Name(q.lang), whenOf(m.From), whenOf(m.To), m.On(q.day), q.self(groupPath(g.Code))})
			}
		}
	}
	for _, s := range p.Successors {
		a.Successors = append(a.Successors, apiSuccession{s.Code, q.view.Ref.Name(s.Code, q.lang), whenOf(s.From)})
	}
	for _, other := range q.view.Ref.Participants {
		for _, s := range other.Successors {
			if s.Code == p.Code {
				a.Predecessors = append(a.Predecessors, apiSuccession{other.Code, other.Name(q.lang), whenOf(s.From)})
			}
		}
	}
	return reply{data: a}, nil
}

func answerParticipations(q *question) (reply, error) {
	p, err := q.subject()
	if err != nil {
		return reply{}, err
	}
	x, err := q.index()
	if err != nil {
		return reply{}, err
	}
	implied := q.query["include"] == "implied"
	rows, total := x.OfParticipant(p.Code, implied, int(q.at), q.limit)
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	entries, err := q.view.Participations(q.ctx, p.Code, implied, ids)
	if err != nil {
		return reply{}, err
	}
	list := some[apiParticipation](len(entries))
	for _, e := range entries {
		one := apiParticipation{Declaration: e.Slug, DeclarationTitle: e.TitleIn(q.lang).Text, Kind: string(e.Kind), Date: whenOf(e.Date()),
			DatePrecision: string(e.Date().Precision()), Led: slices.Contains(e.Sponsors, p.Code), Presented: e.PresenterDelegation == p.Code,
			URL: q.pageURL(declarationPath(e.Slug)), Self: q.self(declarationPath(e.Slug))}
		for _, s := range q.signatories(e, implied) {
			switch {
			case s.Participant != p.Code: // another one of the group
			case s.Basis == "named":
				one.Participation = &s
			default:
				one.Implied = &s
			}
		}
		list = append(list, one)
	}
	a := reply{data: list, total: total}
	if end := q.at + int64(len(rows)); len(rows) > 0 && end < int64(total) {
		a.next = end
	}
	return a, nil
}

func (q *question) groupOf(g *register.Group) apiGroupRow {
	return apiGroupRow{g.Code, g.Name(q.lang), g.Kind, len(g.On(q.day)), q.pageURL(groupPath(g.Code)), q.self(groupPath(g.Code))}
}

func answerGroups(q *question) (reply, error) {
	page, next := pageOf(q, q.view.Ref.Groups)
	rows := some[apiGroupRow](len(page))
	for _, g := range page {
		rows = append(rows, q.groupOf(g))
	}
	return reply{rows, len(q.view.Ref.Groups), next}, nil
}

func answerGroup(q *question) (reply, error) {
	g, err := q.named()
	if err != nil {
		return reply{}, err
	}
	a := apiGroup{apiGroupRow: q.groupOf(g), Names: namesOf(g.Names), Note: text(g.Note), Memberships: some[apiMember](len(g.Members))}
	for _, m := range g.Members {
		a.Memberships = append(a.Memberships, apiMember{m.Code, q.view.Ref.Name(m.Code, q.lang), whenOf(m.From), whenOf(m.To), m.On(q.day)})
	}
	slices.SortStableFunc(a.Memberships, func(x, y apiMember) int { return cmp.Compare(q.rank(x.Participant), q.rank(y.Participant)) })
	return reply{data: a}, nil
}

func answerTopics(q *question) (reply, error) {
	x, err := q.index()
	if err != nil {
		return reply{}, err
	}
	counts := map[string]int{}
	for _, f := range x.Topics() {
		counts[f.Value] = f.Count
	}
	page, next := pageOf(q, q.view.Ref.Topics)
	rows := some[apiTopic](len(page))
	for _, t := range page {
		rows = append(rows, apiTopic{t.Code, t.Name(q.lang), namesOf(t.Names), counts[t.Code],
			q.s.BaseURL + address("", apiRoot+"/declarations", "", q.inLanguage(q.set).with("topic", t.Code))})
	}
	return reply{rows, len(q.view.Ref.Topics), next}, nil
}

func (q *question) revisionOf(x *store.Summarised) (apiRevision, error) {
	t, err := q.telling(x.Number, x.Changes)
	if err != nil {
		return apiRevision{}, err
	}
	r := apiRevision{Revision: x.Number, PublishedAt: instant(x.PublishedAt), Subject: x.Subject, Declaration: text(x.Declaration), Summary: x.Summary,
		Reason: text(x.Reason), ReasonLang: text(x.ReasonLang), AuthorRole: x.AuthorRole, AuthorName: text(x.AuthorName), PreviousHash: text(x.PreviousHash), Hash: x.Hash,
		Changes: some[apiChange](len(x.Changes)), URL: q.s.BaseURL + q.revisionURL(&x.Revision)}
	for i := range x.Changes {
		c := &x.Changes[i]
		one := apiChange{What: c.What, Text: t.sentence(c), Field: text(c.Field), Participant: text(c.Participant), Group: text(c.Group), Action: text(c.Action),
			Date: whenOf(c.Date), Before: text(c.Before), After: text(c.After), Count: position(c.Count), Stated: position(c.Stated)}
		if c.Participant != "" {
			one.ParticipantName = text(q.view.Ref.Name(c.Participant, q.lang))
		}
		if c.What == register.ActionAdded || c.What == register.ActionRemoved {
			one.DatePrecision = text(c.Date.Precision())
		}
		r.Changes = append(r.Changes, one)
	}
	return r, nil
}

// revisionsOf are revisions as the API tells them, and where those before them begin.
func (q *question) revisionsOf(list []store.Summarised) ([]apiRevision, error) {
	rows := some[apiRevision](len(list))
	for i := range list {
		row, err := q.revisionOf(&list[i])
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// preceding answers revisions, newest first, of one declaration where id is not 0.
func (q *question) preceding(id int64, total int) (reply, error) {
	before := q.view.Revision + 1
	if q.at > 0 {
		before = int(min(q.at, int64(before)))
	}
	list, err := q.view.Preceding(q.ctx, id, before, q.limit+1)
	if err != nil {
		return reply{}, err
	}
	a := reply{total: total}
	if len(list) > q.limit {
		list = list[:q.limit]
		a.next = int64(list[len(list)-1].Number)
	}
	if a.data, err = q.revisionsOf(list); err != nil {
		return a, err
	}
	return a, nil
}

func answerHistory(q *question) (reply, error) {
	e, err := q.entry()
	if err != nil {
		return reply{}, err
	}
	total, err := q.view.CountHistory(q.ctx, e.ID)
	if err != nil {
		return reply{}, err
	}
	return q.preceding(e.ID, total)
}

func answerRevisions(q *question) (reply, error) { return q.preceding(0, q.view.Revision) }

func answerRevision(q *question) (reply, error) {
	typed := q.c.Param("number")
	number, err := strconv.Atoi(typed)
	if err != nil || number < 1 || itoa(number) != typed || number > q.view.Revision {
		return reply{}, unknown("error.revision", "Value", shorten(typed)).accepting("accepted.revision", "Newest", q.view.Revision)
	}
	list, err := q.view.Following(q.ctx, number-1, 1)
	if err != nil {
		return reply{}, err
	}
	if len(list) == 0 {
		return reply{}, store.ErrNotFound
	}
	data, err := q.revisionOf(&list[0])
	return reply{data: data}, err
}

// answerChanges are the revisions after one, oldest first, so that a mirror can follow. With history=1 each brings its line of
// the history, from which the same register can be made; then a page ends early where the lines are long.
func answerChanges(q *question) (reply, error) {
	since := 0
	if typed, ok := q.query["since"]; ok {
		n, err := strconv.Atoi(typed)
		if err != nil || n < 0 || itoa(n) != typed {
			return reply{}, bad("error.changes_since", "Value", shorten(typed)).accepting("accepted.changes_since", "Newest", q.view.Revision).at("since")
		}
		if n > q.view.Revision {
			return reply{}, bad("error.changes_since_future", "Value", typed, "Newest", q.view.Revision).accepting("accepted.changes_since", "Newest", q.view.Revision).at("since")
		}
		since = n
	}
	after := max(int64(since), q.at)
	if after > int64(q.view.Revision) {
		return reply{}, wrongToken()
	}
	var lines [][]byte
	limit := q.limit
	if q.query["history"] == "1" {
		var err error
		if lines, err = q.view.HistoryLines(q.ctx, int(after), limit, maxLines); err != nil {
			return reply{}, err
		}
		limit = len(lines)
	}
	list, err := q.view.Following(q.ctx, int(after), limit)
	if err != nil {
		return reply{}, err
	}
	rows, err := q.revisionsOf(list)
	if err != nil {
		return reply{}, err
	}
	if lines != nil && len(lines) != len(rows) {
		return reply{}, errors.New("web: a revision without its line of history")
	}
	for i := range lines {
		rows[i].HistoryLine = text(lines[i][:len(lines[i])-1])
	}
	a := reply{data: rows, total: q.view.Revision - since}
	if n := len(list); n > 0 && list[n-1].Number < q.view.Revision {
		a.next = int64(list[n-1].Number)
	}
	return a, nil
}
