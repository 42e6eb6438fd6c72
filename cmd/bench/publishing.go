package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
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

// publish publishes a change made of the n-th declaration of a made-up register.
func publish(ctx context.Context, s *store.Store, kind, n int) error {
	v, err := s.At(ctx, 0)
	if err != nil {
		return err
	}
	e, err := v.Declaration(ctx, fmt.Sprintf("madeup-%05d", n))
	if err != nil {
		return err
	}
	d, p := e.Declaration, store.Publication{Reason: "Made up for measuring", ReasonLang: "en", Role: "madeup"}
	p.Declaration = &d
	if publications[kind].change(n, &d) {
		p.ID, p.Base = e.ID, v.Revision
	}
	_, err = s.Publish(ctx, p)
	return err
}

// publishing measures what a publication costs those who read: the index brought up to date, and the pages while somebody
// publishes every second.
func (b *bench) publishing(ctx context.Context, large string) error {
	folder, err := os.MkdirTemp(b.dir, "publishing-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "register.db")
	if err := copyFile(large, file); err != nil {
		return err
	}
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
	for kind, p := range publications {
		var walls, spents []float64
		for range 4 * b.runs {
			n++
			if err := publish(ctx, s, kind, n); err != nil {
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
	return b.beingPublished(ctx, s, file, folder, &n)
}

// beingPublished measures pages on many connections, alone and while another process than the server publishes every second.
func (b *bench) beingPublished(ctx context.Context, s *store.Store, file, folder string, n *int) error {
	ours, err := b.cosignatory(ctx, file, folder)
	defer ours.stop()
	if err != nil {
		return err
	}
	v, err := s.At(ctx, 0)
	if err != nil {
		return err
	}
	var paths []string
	for i, p := range v.Ref.Participants {
		if p.Kind == register.Member && i%4 == 0 {
			paths = append(paths, "/en/participants/"+p.Code, "/en/declarations?signatory="+p.Code, "/en/declarations?sponsor="+p.Code+"&sort=in_effect")
		}
	}
	for i := range 100 {
		paths = append(paths, fmt.Sprintf("/en/declarations/madeup-%05d", 10_000+i))
	}
	for _, q := range searches {
		paths = append(paths, "/en/search?q="+url.QueryEscape(q.query))
	}
	for _, t := range v.Ref.Topics {
		paths = append(paths, "/en/declarations?topic="+t.Code, "/fr/declarations?sort=title&topic="+t.Code)
	}
	paths = append(paths, "/en/", "/en/declarations", "/en/declarations?sort=stated", "/en/groups/EU")
	next := func(i int) question { return question{path: paths[i*7919%len(paths)], status: 200} }
	const long = 10 * time.Second
	if _, err := load(ctx, ours.host, connections, 3*time.Second, next); err != nil { // warms up
		return err
	}
	alone, err := load(ctx, ours.host, connections, long, next)
	if err != nil {
		return err
	}
	over, end := context.WithTimeout(ctx, long)
	defer end()
	var failed error
	var publisher sync.WaitGroup
	made := 0
	publisher.Go(func() {
		every := time.NewTicker(time.Second)
		defer every.Stop()
		for {
			select {
			case <-over.Done():
				return
			case <-every.C:
				*n++
				if failed = publish(ctx, s, made%len(publications), *n); failed != nil {
					return
				}
				made++
			}
		}
	})
	before := ours.spent()
	beside, err := load(ctx, ours.host, connections, long, next)
	publisher.Wait()
	if err != nil || failed != nil {
		return fmt.Errorf("while publishing: %w, %w", err, failed)
	}
	b.note("%d pages of every sort on %d connections: half within %s, 99 of 100 within %s, %.0f a second; with %d publications in %s: half within %s, 99 of 100 within %s, the slowest %s, %.0f a second, processor %.0f %%. The load generator shares the machine's cores.",
		len(paths), connections, seconds(alone.p50.Seconds()), seconds(alone.p99.Seconds()), alone.rate, made, long, seconds(beside.p50.Seconds()),
		seconds(beside.p99.Seconds()), seconds(beside.all[len(beside.all)-1].Seconds()), beside.rate, 100*(ours.spent()-before)/long.Seconds())
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
