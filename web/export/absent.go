package export

import (
	"context"
	"io"

	"cosignatory/store"
	"cosignatory/store/register"
)

// Absent is a member of a group that is not on a list. Mark says what else is on record of it: nothing, unsettled, left, beside
// the list.
type Absent struct {
	Participant string
	Mark        register.Mark
}

// WriteMissing writes the members of a group that are not on the list of a declaration, in the order given: for whoever wants to
// write to them. That they are not on it is all that it says (D7).
func WriteMissing(ctx context.Context, w io.Writer, o Options, e *store.Entry, g *register.Group, all []Absent) error {
	return answer(ctx, w, "missing", o, nil, func(f *file, p *pen) error {
		title := e.TitleIn(f.Lang).Text
		for _, a := range all {
			p.begin()
			p.put(e.Slug)
			p.put(title)
			p.date(e.Date())
			p.put(g.Code)
			p.put(g.Name(f.Lang))
			f.person(p, a.Participant)
			p.token(a.Mark.String())
			f.clocks(&p.row)
			p.precision(e.Date())
			if err := p.done(); err != nil {
				return err
			}
		}
		return nil
	})
}

// person writes a participant with its formal name: in the language of the file or, where that has none, in English.
func (x *file) person(p *pen, code string) {
	var none register.Participant
	q := x.View.Ref.Participant(code)
	if q == nil {
		q = &none
	}
	formal, lang := q.Formal[x.Lang], x.Lang
	if formal == "" {
		formal, lang = q.Formal["en"], "en"
	}
	if formal == "" {
		lang = ""
	}
	p.put(code)
	p.put(x.View.Ref.Name(code, x.Lang))
	p.put(formal)
	p.token(lang)
	p.token(string(q.Kind))
	p.token(q.Alpha3)
	p.token(q.M49)
	p.token(q.UserAssigned)
	p.token(q.RegionalGroup)
}

// WriteWithout writes the declarations on which members of a group stand and a participant does not, in the order given.
func WriteWithout(ctx context.Context, w io.Writer, o Options, x *store.Index, participant, group string, all []store.WithoutRow) error {
	return answer(ctx, w, "without", o, nil, func(f *file, p *pen) error {
		for _, r := range all {
			p.begin()
			p.put(participant)
			p.put(f.View.Ref.Name(participant, f.Lang))
			p.put(group)
			p.put(r.Slug)
			p.put(x.Title(r.Slug, f.Lang))
			p.date(r.Date)
			p.number(int64(r.Of))
			p.number(int64(r.On))
			p.token(r.Mark.String())
			f.clocks(&p.row)
			p.put(f.View.Ref.GroupName(group, f.Lang))
			p.precision(r.Date)
			if err := p.done(); err != nil {
				return err
			}
		}
		return nil
	})
}
