package export

import (
	"context"
	"encoding/json"
	"strings"

	"cosignatory/store"
	"cosignatory/store/register"
)

// Rows of what a declaration has besides its actions and sources. position counts from 1 within the declaration.

func titleRows(*file) func() func(*pen, *store.Entry) error {
	return rowsOf(func(e *store.Entry) int { return len(e.Titles) }, func(p *pen, e *store.Entry, i int) {
		t := &e.Titles[i]
		p.put(e.Slug)
		p.position(i + 1)
		p.put(t.Lang)
		p.put(t.Text)
		p.put(string(t.Standing))
		p.put(t.Source)
		p.put(t.Note)
	})
}

func textRows(*file) func() func(*pen, *store.Entry) error {
	return rowsOf(func(e *store.Entry) int { return len(e.Texts) }, func(p *pen, e *store.Entry, i int) {
		t := &e.Texts[i]
		p.put(e.Slug)
		p.position(i + 1)
		p.put(t.Lang)
		p.put(t.Event)
		p.put(t.Place)
		p.put(t.Summary)
		p.put(t.Notes)
	})
}

func statedRows(*file) func() func(*pen, *store.Entry) error {
	return rowsOf(func(e *store.Entry) int { return len(e.Stated) }, func(p *pen, e *store.Entry, i int) {
		s := &e.Stated[i]
		p.put(e.Slug)
		p.position(i + 1)
		p.number(int64(s.Count))
		p.put(s.Counts)
		p.date(s.Date)
		p.put(s.Source)
		p.put(s.Note)
		p.precision(s.Date)
	})
}

func linkRows(*file) func() func(*pen, *store.Entry) error {
	return rowsOf(func(e *store.Entry) int { return len(e.Links) }, func(p *pen, e *store.Entry, i int) {
		l := &e.Links[i]
		p.put(e.Slug)
		p.put(string(l.Kind))
		p.put(l.Target)
		p.put(l.Note)
	})
}

// disputeRows writes a row a phrase: the rows of one dispute have one position.
func disputeRows(f *file) func() func(*pen, *store.Entry) error {
	return func() func(*pen, *store.Entry) error {
		return func(p *pen, e *store.Entry) error {
			for i := range e.Disputes {
				x := &e.Disputes[i]
				for _, phrase := range x.Claim {
					p.begin()
					p.put(e.Slug)
					p.position(i + 1)
					p.put(x.Participant)
					p.put(phrase.Lang)
					p.put(phrase.Text)
					p.put(x.Source)
					f.name(p, x.Participant)
					if err := p.done(); err != nil {
						return err
					}
				}
			}
			return nil
		}
	}
}

// rowsOf writes count rows of a declaration.
func rowsOf(count func(*store.Entry) int, row func(p *pen, e *store.Entry, i int)) func() func(*pen, *store.Entry) error {
	return func() func(*pen, *store.Entry) error {
		return func(p *pen, e *store.Entry) error {
			for i := range count(e) {
				p.begin()
				row(p, e, i)
				if err := p.done(); err != nil {
					return err
				}
			}
			return nil
		}
	}
}

// records are the files whose rows do not come declaration by declaration.
var records = map[string]func(ctx context.Context, x *file, p *pen) error{
	"retired":   writeRetired,
	"addresses": writeAddresses,
	"aliases": func(_ context.Context, x *file, p *pen) error {
		for _, q := range x.View.Ref.Participants {
			for _, a := range q.Aliases {
				p.begin()
				p.put(q.Code)
				p.put(a.Text)
				p.put(a.Lang)
				p.put(a.Kind)
				p.date(a.From)
				p.date(a.To)
				x.name(p, q.Code)
				p.ifAny(a.From)
				p.ifAny(a.To)
				if err := p.done(); err != nil {
					return err
				}
			}
		}
		return nil
	},
	"successors": func(_ context.Context, x *file, p *pen) error {
		for _, q := range x.View.Ref.Participants {
			for _, s := range q.Successors {
				p.begin()
				p.put(q.Code)
				p.put(s.Code)
				p.date(s.From)
				x.name(p, q.Code)
				x.name(p, s.Code)
				p.precision(s.From)
				if err := p.done(); err != nil {
					return err
				}
			}
		}
		return nil
	},
	"topics": func(_ context.Context, x *file, p *pen) error {
		for _, t := range x.View.Ref.Topics {
			p.begin()
			p.put(t.Code)
			p.put(t.Name(x.Lang))
			for _, lang := range register.Languages {
				p.put(t.Names[lang])
			}
			if err := p.done(); err != nil {
				return err
			}
		}
		return nil
	},
	"group_aliases": func(_ context.Context, x *file, p *pen) error {
		for _, g := range x.View.Ref.Groups {
			for _, a := range g.Aliases {
				p.begin()
				p.put(g.Code)
				p.put(a.Text)
				p.put(a.Lang)
				p.put(a.Kind)
				p.put(g.Name(x.Lang))
				if err := p.done(); err != nil {
					return err
				}
			}
		}
		return nil
	},
	"ambiguous": func(_ context.Context, x *file, p *pen) error {
		for _, a := range x.View.Ref.Ambiguous {
			p.begin()
			p.put(a.Text)
			p.put(strings.Join(a.Codes, "|"))
			p.put(a.Rule)
			p.put(a.Note)
			x.names(p, a.Codes)
			if err := p.done(); err != nil {
				return err
			}
		}
		return nil
	},
}

// writeRetired writes the declarations that another one answers for. Their signatures count nowhere, so they stand in no
// other file; the last cell is the whole record, as JSON, from which import makes it again.
func writeRetired(ctx context.Context, x *file, p *pen) error {
	return x.View.Retired(ctx, func(e *store.Entry) error {
		title := e.TitleIn(x.Lang)
		record, err := json.Marshal(&e.Declaration)
		if err != nil {
			return err
		}
		p.begin()
		p.put(e.Slug)
		p.put(e.MergedInto)
		p.put(title.Text)
		p.put(title.Lang)
		p.put(string(e.Kind))
		p.date(e.Date())
		p.put(string(record))
		p.precision(e.Date())
		return p.done()
	})
}

func writeAddresses(ctx context.Context, x *file, p *pen) error {
	all, err := x.View.Addresses(ctx)
	if err != nil {
		return err
	}
	for _, a := range all {
		p.begin()
		p.put(a.Slug)
		p.put(a.Now)
		if err := p.done(); err != nil {
			return err
		}
	}
	return nil
}
