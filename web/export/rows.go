package export

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strings"

	"cosignatory/store"
	"cosignatory/store/register"
)

// kind is a file whose rows are made of one declaration after the other.
type kind struct {
	parts store.Part
	// prepare is called once a file; what it returns is called once a worker and gives what writes a declaration's rows.
	prepare func(x *file) func() func(p *pen, e *store.Entry) error
}

var kinds = map[string]kind{
	"declarations": {store.Titles | store.Texts | store.Sponsors | store.Topics | store.StatedCounts | store.Sources | store.Actions, declarationRows},
	"signatories":  {store.Titles | store.Sources | store.Disputes | store.Actions, signatoryRows},
	"actions":      {store.Actions, actionRows},
	"sources":      {store.Sources, sourceRows},
	"titles":       {store.Titles, titleRows},
	"texts":        {store.Texts, textRows},
	"stated":       {store.StatedCounts, statedRows},
	"links":        {store.Links, linkRows},
	"disputes":     {store.Disputes, disputeRows},
}

// portions cuts declarations into the parts of a file: few of them first, so that the first bytes come at once.
type portions struct {
	n           int
	participant string
	read        func(ctx context.Context, r *store.Connection, i int, parts store.Part, implied bool, f func(*store.Entry) error) error
}

// spans are all declarations, numbered from 1 to last.
func spans(last int64) portions {
	starts := []int64{1}
	for size := int64(8); starts[len(starts)-1]+size <= last; size = min(4*size, 128) {
		starts = append(starts, starts[len(starts)-1]+size)
	}
	return portions{n: len(starts), read: func(ctx context.Context, r *store.Connection, i int, parts store.Part, _ bool, f func(*store.Entry) error) error {
		to := last
		if i+1 < len(starts) {
			to = starts[i+1] - 1
		}
		return r.Span(ctx, starts[i], to, parts, f)
	}}
}

// chosen are declarations in a given order and, where one is given, only a participant's actions in them.
func chosen(ids []int64, participant string) portions {
	var some [][]int64
	for size := 8; len(ids) > 0; size = min(4*size, 128) {
		n := min(size, len(ids))
		some, ids = append(some, ids[:n]), ids[n:]
	}
	return portions{n: len(some), participant: participant,
		read: func(ctx context.Context, r *store.Connection, i int, parts store.Part, implied bool, f func(*store.Entry) error) error {
			entries, err := r.Some(ctx, some[i], parts, participant, implied)
			if err != nil {
				return err
			}
			for _, e := range entries {
				if err := f(e); err != nil {
					return err
				}
			}
			return nil
		}}
}

func (x *file) declarations(ctx context.Context, k kind, all portions) error {
	x.only = all.participant
	prepared := k.prepare(x)
	return x.parallel(ctx, all.n, func() maker {
		rows := prepared()
		return func(ctx context.Context, r *store.Connection, i int, p *pen) error {
			return all.read(ctx, r, i, k.parts, x.IncludeImplied, func(e *store.Entry) error { return rows(p, e) })
		}
	})
}

// clocks are the two columns that say what a row holds for.
func (x *file) clocks(r *row) {
	r.date(x.Day.Date())
	r.number(int64(x.View.Revision))
}

func declarationRows(x *file) func() func(*pen, *store.Entry) error {
	base := x.BaseURL + "/" + x.Lang + "/declarations/"
	return func() func(*pen, *store.Entry) error {
		return func(p *pen, e *store.Entry) error {
			c := e.Tally(x.View.Ref, x.Day)
			title, text, stated := e.TitleIn(x.Lang), e.TextIn(x.Lang), 0
			if c.Stated != nil {
				stated = c.Stated.Count
			}
			p.begin()
			p.put(e.Slug)
			p.put(title.Text)
			p.put(title.Lang)
			p.put(string(e.Kind))
			p.dated(e.Date())
			p.put(text.Event)
			p.put(text.Place)
			p.put(strings.Join(e.Sponsors, "|"))
			p.put(e.PresentedBy)
			p.put(e.PresenterDelegation)
			p.position(stated)
			p.number(int64(c.Named.Total))
			p.number(int64(c.InEffect.Total))
			p.number(int64(c.Unsettled.Total))
			p.put(string(e.Open))
			p.put(strings.Join(e.Topics, "|"))
			p.put(text.Summary)
			p.put(base + e.Slug)
			x.clocks(&p.row)
			p.date(e.Adopted)
			p.date(e.Presented)
			p.date(e.Published)
			p.date(e.Opened)
			p.date(e.Closed)
			p.put(string(e.PresenterCounted))
			p.put(string(e.ListComplete))
			for _, d := range []register.Date{e.Adopted, e.Presented, e.Published, e.Opened, e.Closed} {
				p.ifAny(d)
			}
			x.names(p, e.Sponsors)
			x.name(p, e.PresenterDelegation)
			p.put(strings.Join(x.topics(e.Topics), "|"))
			return p.done()
		}
	}
}

func actionRows(x *file) func() func(*pen, *store.Entry) error {
	return func() func(*pen, *store.Entry) error {
		return func(p *pen, e *store.Entry) error {
			for i := range e.Actions {
				a := &e.Actions[i]
				p.begin()
				p.number(a.ID)
				p.put(e.Slug)
				p.put(a.Participant)
				x.name(p, a.Participant)
				p.put(string(a.Kind))
				p.put(string(a.Capacity))
				p.dated(a.Date)
				p.date(a.PublicDate)
				p.put(string(a.Reason))
				p.put(a.Group)
				p.put(a.NameAsPrinted)
				p.put(a.Source)
				p.put(a.Note)
				p.number(int64(x.View.Revision))
				p.put(a.CapacityAsPrinted)
				p.position(a.PrintedPosition)
				p.put(strings.Join(a.AlsoSources, "|"))
				p.put(a.PlaceInSource)
				p.yesNo(a.JoiningNotRecorded)
				p.ifAny(a.PublicDate)
				p.put(x.View.Ref.GroupName(a.Group, x.Lang))
				if err := p.done(); err != nil {
					return err
				}
			}
			return nil
		}
	}
}

func sourceRows(*file) func() func(*pen, *store.Entry) error {
	return func() func(*pen, *store.Entry) error {
		return func(p *pen, e *store.Entry) error {
			for i := range e.Sources {
				s := &e.Sources[i]
				p.begin()
				p.put(s.Key)
				p.put(e.Slug)
				p.put(s.Publisher)
				p.put(s.Title)
				p.put(s.URL)
				p.put(s.Lang)
				p.put(string(s.Kind))
				p.date(s.Published)
				p.date(s.ReadOn)
				p.put(s.Supports)
				p.precision(s.Published)
				p.precision(s.ReadOn)
				if err := p.done(); err != nil {
					return err
				}
			}
			return nil
		}
	}
}

// Where the ready cells of signatories stand: those of the participant, those of the source, the two clocks with
// what came after them and is the declaration's.
const (
	participantAt, participantCells = 3, 7
	sourceAt, sourceCells           = 22, 2
	clocksAt, clocksCells           = 24, 2
	endAt, endCells                 = clocksAt, clocksCells + 1
)

// signatoryRows writes who stands where: of each declaration the participants that a source names, by code, whatever
// their status on the day, and with IncludeImplied those that only a group brings (D6). It says since when they stand there; what is
// printed is that of the newest action, which gives the capacity; the source is the one that the status follows (D19): of the
// departure for who has left, else of that action.
func signatoryRows(x *file) func() func(*pen, *store.Entry) error {
	ref := x.View.Ref
	people := make(map[string][]byte, len(ref.Participants))
	cells := func(code string, q *register.Participant) []byte {
		return x.layout.piece(participantAt, func(r *row) {
			r.put(code)
			r.put(q.Name(x.Lang))
			r.put(string(q.Kind))
			r.put(q.Alpha3)
			r.put(q.M49)
			r.put(q.UserAssigned)
			r.put(q.RegionalGroup)
		})
	}
	for _, q := range ref.Participants {
		people[q.Code] = cells(q.Code, q)
	}
	clocks := x.layout.piece(clocksAt, x.clocks)
	return func() func(*pen, *store.Entry) error {
		s := &signatories{file: x, people: people, clocks: clocks}
		return s.of
	}
}

// signatories is one worker at that file. Its buffers serve one declaration after the other.
type signatories struct {
	*file
	people map[string][]byte
	clocks []byte
	folder register.Folder
	rows   []signatory

	declaration []byte // ready cells of the declaration, with which a row begins
	end         []byte // and with which it ends, the clocks before them
	sources     []byte // ready cells of its sources, one after the other
	ends        []int  // where those of each source end
}

// signatory is one row.
type signatory struct {
	participant string
	implied     bool
	line        *register.Timeline
	state       register.State
}

func (s *signatories) of(p *pen, e *store.Entry) error {
	r := row{layout: s.layout, b: s.declaration[:0]}
	r.put(e.Slug)
	r.put(e.TitleIn(s.Lang).Text)
	r.date(e.Date())
	s.declaration = r.b
	r = row{layout: s.layout, b: s.end[:0], n: endAt}
	r.ready(s.clocks, clocksCells)
	r.precision(e.Date())
	s.end = r.b
	r = row{layout: s.layout, b: s.sources[:0]}
	s.ends = s.ends[:0]
	for i := range e.Sources {
		r.n = sourceAt
		r.put(e.Sources[i].Key)
		r.put(e.Sources[i].URL)
		s.ends = append(s.ends, len(r.b))
	}
	s.sources = r.b
	s.choose(e)
	for i := range s.rows {
		if err := s.write(p, e, &s.rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// choose finds the rows of a declaration, and orders them as the options want.
func (s *signatories) choose(e *store.Entry) {
	s.find(e)
	if s.Order == nil {
		return
	}
	recorded := make(map[string]int, len(s.rows))
	for i := len(e.Actions) - 1; i >= 0; i-- {
		recorded[e.Actions[i].Participant] = i
	}
	placed := func(x signatory) Placed {
		at, named := recorded[x.participant]
		if !named {
			at = len(e.Actions) // through a group alone
		}
		return Placed{x.participant, x.printed().PrintedPosition, at}
	}
	slices.SortStableFunc(s.rows, func(a, b signatory) int { return s.Order(placed(a), placed(b)) })
}

// find finds the rows of a declaration, by code.
func (s *signatories) find(e *store.Entry) {
	s.rows = s.rows[:0]
	lines := s.folder.Fold(&e.Declaration)
	grouped := false
	for i := range lines {
		t := &lines[i]
		grouped = grouped || t.Group != ""
		if t.Group == "" && (s.only == "" || s.only == t.Participant) {
			s.rows = append(s.rows, signatory{t.Participant, false, t, t.On(s.Day)})
		}
	}
	if !grouped || !s.IncludeImplied {
		return
	}
	named := map[string]bool{}
	for i := range s.rows {
		named[s.rows[i].participant] = s.rows[i].state.Named()
	}
	for _, m := range register.Implied(lines, s.View.Ref, s.Day) {
		if !named[m.Participant] && (s.only == "" || s.only == m.Participant) {
			s.rows = append(s.rows, signatory{m.Participant, true, m.Line, m.State})
		}
	}
	slices.SortStableFunc(s.rows, func(a, b signatory) int { return cmp.Compare(a.participant, b.participant) })
}

// printed is the action of which a row says what is printed. Where neither an arrival nor a departure is reached on the day,
// the first thing to come names the participant.
func (x *signatory) printed() *register.Action {
	switch {
	case x.state.Newest != nil:
		return x.state.Newest.Action
	case x.state.Departure != nil:
		return x.state.Departure.Action
	}
	return x.line.Moments[0].Action
}

func (s *signatories) write(p *pen, e *store.Entry, x *signatory) error {
	printed := x.printed()
	follows, reason := printed.Source, ""
	if left := x.state.Departure; left != nil {
		reason = string(left.Action.Reason)
		if x.state.Status == register.Left {
			follows = left.Action.Source
		}
	}
	p.begin()
	p.ready(s.declaration, participantAt)
	person, ok := s.people[x.participant]
	if !ok {
		// Publishing refuses codes that the reference data does not have.
		return errUnknownParticipant(x.participant, e.Slug)
	}
	p.ready(person, participantCells)
	p.put(printed.NameAsPrinted)
	p.position(printed.PrintedPosition)
	p.token(string(x.state.Capacity))
	p.put(printed.CapacityAsPrinted)
	if x.implied {
		p.token("implied_by_group")
	} else {
		p.token("named")
	}
	p.token(string(x.state.Status))
	p.dated(x.state.Since())
	if x.state.Departure != nil {
		p.dated(x.state.Until())
	} else {
		p.token("")
		p.token("")
	}
	p.token(reason)
	p.token(disputed(e, x.participant))
	p.ready(s.source(e, follows), sourceCells)
	p.ready(s.end, endCells)
	return p.done()
}

// source is the ready cells of the source with that key.
func (s *signatories) source(e *store.Entry, key string) []byte {
	from := 0
	for i := range e.Sources {
		if e.Sources[i].Key == key {
			return s.sources[from:s.ends[i]]
		}
		from = s.ends[i]
	}
	return s.layout.piece(sourceAt, func(r *row) { r.put(key); r.put("") })
}

func disputed(e *store.Entry, participant string) string {
	for i := range e.Disputes {
		if e.Disputes[i].Participant == participant {
			return "yes"
		}
	}
	return "no"
}

// WriteParticipants writes participants: those of codes in their order, all of them by code for nil.
func WriteParticipants(ctx context.Context, w io.Writer, o Options, codes []string) error {
	x, err := begin(ctx, w, "participants", columns["participants"], o)
	if err != nil {
		return err
	}
	return x.simple(func(p *pen) error {
		for _, q := range x.participants(codes) {
			p.begin()
			p.put(q.Code)
			p.put(q.Name(x.Lang))
			p.put(string(q.Kind))
			p.put(q.Alpha2)
			p.put(q.Alpha3)
			p.put(q.M49)
			p.put(q.UserAssigned)
			p.put(q.RegionalGroup)
			p.date(q.Admitted)
			p.date(q.ValidFrom)
			p.date(q.ValidTo)
			for _, names := range []map[string]string{q.Names, q.Formal} {
				for _, lang := range register.Languages {
					p.put(names[lang])
				}
			}
			p.put(q.Region)
			p.put(q.Subregion)
			p.put(q.Note)
			p.ifAny(q.Admitted)
			p.ifAny(q.ValidFrom)
			p.ifAny(q.ValidTo)
			if err := p.done(); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
}

func (x *file) participants(codes []string) []*register.Participant {
	if codes == nil {
		return x.View.Ref.Participants
	}
	var all []*register.Participant
	for _, code := range codes {
		if q := x.View.Ref.Participant(code); q != nil {
			all = append(all, q)
		}
	}
	return all
}

// name adds the name of a participant in the language of the file, nothing for no code.
func (x *file) name(p *pen, code string) {
	if code != "" {
		code = x.View.Ref.Name(code, x.Lang)
	}
	p.put(code)
}

// names adds those of a list, in the order of its codes.
func (x *file) names(p *pen, codes []string) {
	names := make([]string, len(codes))
	for i, code := range codes {
		names[i] = x.View.Ref.Name(code, x.Lang)
	}
	p.put(strings.Join(names, "|"))
}

// topics are the names of topics; the code itself where the register does not know it.
func (x *file) topics(codes []string) []string {
	names := slices.Clone(codes)
	for i, code := range codes {
		if t := x.View.Ref.Topic(code); t != nil {
			names[i] = t.Name(x.Lang)
		}
	}
	return names
}

func (x *file) groups(codes []string) []*register.Group {
	if codes == nil {
		return x.View.Ref.Groups
	}
	var all []*register.Group
	for _, code := range codes {
		if g := x.View.Ref.Group(code); g != nil {
			all = append(all, g)
		}
	}
	return all
}

// WriteGroups writes groups: those of codes in their order, all of them in the order of the record for nil.
func WriteGroups(ctx context.Context, w io.Writer, o Options, codes []string) error {
	x, err := begin(ctx, w, "groups", columns["groups"], o)
	if err != nil {
		return err
	}
	return x.simple(func(p *pen) error {
		for _, g := range x.groups(codes) {
			p.begin()
			p.put(g.Code)
			p.put(g.Name(x.Lang))
			p.put(g.Kind)
			for _, lang := range register.Languages {
				p.put(g.Names[lang])
			}
			p.put(g.Note)
			if err := p.done(); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
}

// WriteMembers writes the members that a group has on the day, as its page shows them: the file of all memberships, past ones
// too, is group_members.
func WriteMembers(ctx context.Context, w io.Writer, o Options, g *register.Group) error {
	return writeMemberships(ctx, w, o, []*register.Group{g}, func(g *register.Group) []register.Membership { return g.MembershipsOn(o.Day) })
}

func writeMemberships(ctx context.Context, w io.Writer, o Options, groups []*register.Group, of func(*register.Group) []register.Membership) error {
	x, err := begin(ctx, w, "group_members", columns["group_members"], o)
	if err != nil {
		return err
	}
	return x.simple(func(p *pen) error {
		for _, g := range groups {
			for _, m := range of(g) {
				p.begin()
				p.put(g.Code)
				p.put(m.Code)
				p.date(m.From)
				p.date(m.To)
				p.put(g.Name(x.Lang))
				x.name(p, m.Code)
				p.ifAny(m.From)
				p.ifAny(m.To)
				if err := p.done(); err != nil {
					return err
				}
			}
		}
		return ctx.Err()
	})
}

func writeRevisions(ctx context.Context, w io.Writer, o Options, each func(context.Context, func(*register.Revision, string) error) error) error {
	x, err := begin(ctx, w, "revisions", columns["revisions"], o)
	if err != nil {
		return err
	}
	return x.simple(func(p *pen) error {
		return each(ctx, func(r *register.Revision, summary string) error {
			p.begin()
			p.number(int64(r.Number))
			p.time(r.PublishedAt)
			p.put(r.Declaration)
			p.put(summary)
			p.put(r.Reason)
			p.put(r.PreviousHash)
			p.put(r.Hash)
			return p.done()
		})
	})
}
