package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"cosignatory/store"
	"cosignatory/store/register"
)

// The publications that are measured, each on another declaration.
var publications = []struct {
	what   string
	change func(n int, d *register.Declaration) (replaces bool)
}{
	{"somebody left", func(_ int, d *register.Declaration) bool {
		last := d.Actions[len(d.Actions)-1]
		d.Actions = append(d.Actions, register.Action{Participant: last.Participant, Kind: register.Withdrew, Capacity: last.Capacity,
			Date: register.MustDate(day), Reason: "withdrew_by_notice", Source: d.Sources[0].Key})
		return true
	}},
	{"another title and date", func(n int, d *register.Declaration) bool {
		d.Titles = slices.Clone(d.Titles)
		d.Titles[0].Text = fmt.Sprintf("Corrected declaration %05d", n)
		d.Adopted = (d.Adopted.First() - 1).Date()
		return true
	}},
	{"a new declaration, dated among the others", func(n int, d *register.Declaration) bool {
		d.Slug = fmt.Sprintf("published-%05d-%d", n, time.Now().UnixNano()%1_000_000)
		d.Actions, d.Sources = slices.Clone(d.Actions), slices.Clone(d.Sources)
		for i := range d.Sources {
			d.Sources[i].Key = fmt.Sprintf("%s-%d", d.Slug, i)
		}
		d.Stated = slices.Clone(d.Stated)
		for i := range d.Stated {
			d.Stated[i].Source = d.Sources[0].Key
		}
		for i := range d.Actions {
			d.Actions[i].ID, d.Actions[i].Source, d.Actions[i].AlsoSources = 0, d.Sources[0].Key, nil
		}
		return false
	}},
}

// publish publishes what a change makes of the n-th declaration of a made-up register: its next revision, or where that does not
// replace it another declaration.
func publish(ctx context.Context, s *store.Store, n int, change func(n int, d *register.Declaration) (replaces bool)) error {
	v, err := s.AtDesk(ctx, 0)
	if err != nil {
		return err
	}
	e, err := v.Declaration(ctx, fmt.Sprintf("madeup-%05d", n))
	if err != nil {
		return err
	}
	d, p := e.Declaration, store.Publication{Reason: "Made up for measuring", ReasonLang: "en", Role: "madeup"}
	p.Declaration = &d
	if change(n, &d) {
		p.ID, p.Base = e.ID, v.Revision
	}
	_, err = s.Publish(ctx, p)
	return err
}

// indexing measures what a publication costs before a search or a list can be answered: the index brought up to date.
func (b *bench) indexing(ctx context.Context, large string) error {
	file, remove, err := b.copied(ctx, large)
	if err != nil {
		return err
	}
	defer remove()
	s, err := store.Open(ctx, file)
	if err != nil {
		return err
	}
	defer s.Close()
	today := register.Today(time.Now())
	index := func(s *store.Store) (wall, spent float64, err error) {
		begin, before := time.Now(), processor()
		v, err := s.At(ctx, 0)
		if err == nil {
			_, err = v.Index(ctx, today)
		}
		return time.Since(begin).Seconds(), processor() - before, err
	}
	whole, wholeSpent, err := index(s)
	if err != nil {
		return err
	}
	n := 0
	for _, p := range publications {
		var walls, spents []float64
		for range 4 * b.runs {
			n++
			if err := publish(ctx, s, n, p.change); err != nil {
				return err
			}
			wall, spent, err := index(s)
			if err != nil {
				return err
			}
			walls, spents = append(walls, wall), append(spents, spent)
		}
		b.note("Index brought up to date after a publication (%s): %s, processor %s; the slowest of %d %s. Made of the whole register: %s, processor %s.",
			p.what, seconds(median(walls)), seconds(median(spents)), len(walls), seconds(slices.Max(walls)), seconds(whole), seconds(wholeSpent))
	}
	return nil
}
