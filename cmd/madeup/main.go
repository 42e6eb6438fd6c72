// Command madeup fills a database with made-up declarations, for measuring. It writes through the same publishing path
// as everything else, and its slugs, titles and sources say plainly that they are made up. The same options always give
// the same register, down to the hashes.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sort"
	"time"

	"cosignatory/seed"
	"cosignatory/store"
	"cosignatory/store/register"
)

// batch is how many declarations one transaction publishes.
const batch = 500

func main() {
	file := flag.String("o", "madeup.db", "the database to write; it must not exist yet")
	declarations := flag.Int("declarations", 20_000, "how many declarations")
	each := flag.Int("each", 50, "how many participants on each")
	random := flag.Uint64("seed", 1, "another number makes another register")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := fill(context.Background(), *file, *declarations, *each, *random, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "madeup:", err)
		os.Exit(1)
	}
}

// fill makes the database. Lines about its progress go to progress.
func fill(ctx context.Context, file string, declarations, each int, random uint64, progress io.Writer) error {
	if _, err := os.Stat(file); err == nil {
		return fmt.Errorf("%s is there already: choose another name or remove it", file)
	}
	ref, err := seed.Reference()
	if err != nil {
		return err
	}
	m, err := newMaker(ref, each, random)
	if err != nil {
		return err
	}
	// The clock is part of what is hashed: a fixed one, an hour a transaction, keeps the register the same.
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s, err := store.Open(ctx, file, store.WithClock(func() time.Time { return at }))
	if err != nil {
		return err
	}
	defer s.Close()
	if _, err := s.Publish(ctx, store.Publication{Reference: ref, Reason: "Reference data as shipped", ReasonLang: "en", Role: "madeup"}); err != nil {
		return err
	}
	began := time.Now()
	for done := 0; done < declarations; {
		at = at.Add(time.Hour)
		publications := make([]store.Publication, 0, batch)
		for len(publications) < min(batch, declarations-done) {
			publications = append(publications, store.Publication{Declaration: m.declaration(done + len(publications) + 1),
				Reason: "Made up for measuring", ReasonLang: "en", Role: "madeup"})
		}
		if _, err := s.Publish(ctx, publications...); err != nil {
			return err
		}
		done += len(publications)
		if done%5_000 == 0 || done == declarations {
			fmt.Fprintf(progress, "%d of %d declarations, %.0f s\n", done, declarations, time.Since(began).Seconds())
		}
	}
	return nil
}

// maker makes declarations up.
type maker struct {
	ref    *register.Reference
	each   int
	rand   *rand.Rand
	states []*register.Participant // of today
	rank   map[string]int
	leads  []string // those that lead, few as in life
}

func newMaker(ref *register.Reference, each int, random uint64) (*maker, error) {
	m := &maker{ref: ref, each: each, rand: rand.New(rand.NewPCG(random, 0x636f5367)), rank: map[string]int{}}
	for i, p := range ref.Participants {
		if !p.ValidTo.Known() && (p.Kind == register.Member || p.Kind == register.Observer) {
			m.states = append(m.states, p)
			m.rank[p.Code] = ref.Rank(i, "en")
		}
	}
	if each < 1 || each > len(m.states) {
		return nil, fmt.Errorf("-each must lie between 1 and %d", len(m.states))
	}
	if len(ref.Topics) == 0 {
		return nil, errors.New("the reference data has no topics")
	}
	for i := 0; i < len(m.states); i += 5 {
		m.leads = append(m.leads, m.states[i].Code)
	}
	return m, nil
}

// declaration is the n-th made-up declaration. One participation has one dated action; some 4 in 100 joined later, and
// a name in ten is printed in another form than the official one, a few of them with a comma.
func (m *maker) declaration(n int) *register.Declaration {
	r := m.rand
	slug := fmt.Sprintf("madeup-%05d", n)
	adopted := register.DayOf(2005, 1, 1) + register.Day(r.IntN(20*365))
	lead := m.leads[r.IntN(len(m.leads))]
	d := &register.Declaration{Slug: slug, Kind: register.Kinds[r.IntN(len(register.Kinds))], Adopted: adopted.Date(),
		Sponsors: []string{lead}, Open: []register.Tristate{register.Yes, register.No, register.NotRecorded}[r.IntN(3)],
		ListComplete: register.Yes, Topics: []string{m.ref.Topics[r.IntN(len(m.ref.Topics))].Code},
		Titles: []register.Title{{Lang: "en", Text: fmt.Sprintf("Made-up declaration %05d", n), Standing: register.Unofficial}},
		Texts: []register.Text{{Lang: "en", Event: fmt.Sprintf("Made-up meeting %d", r.IntN(400)), Place: "Made-up place, nowhere",
			Summary: "Made up for measuring: it has no content and nobody signed it."}},
		Sources: []register.Source{
			{Key: slug + "-a", Publisher: "Made-up publisher", Title: "Made-up source", URL: "https://example.org/" + slug + "/a", Lang: "en",
				Kind: "official", Published: adopted.Date(), ReadOn: register.DayOf(2025, 12, 31).Date(), Supports: "names"},
			{Key: slug + "-b", Publisher: "Made-up newspaper", Title: "Made-up report", URL: "https://example.org/" + slug + "/b", Lang: "fr",
				Kind: "press", Published: (adopted + 2).Date(), ReadOn: register.DayOf(2025, 12, 31).Date(), Supports: "names"},
		}}
	if n%3 == 0 {
		d.Titles = append(d.Titles, register.Title{Lang: "fr", Text: fmt.Sprintf("Déclaration inventée %05d", n), Standing: register.Unofficial})
	}
	d.Stated = []register.Stated{{Count: m.each + r.IntN(5), Counts: register.StatesOnly, Date: adopted.Date(), Source: slug + "-a"}}
	chosen := r.Perm(len(m.states))[:m.each]
	list := make([]*register.Participant, 0, m.each)
	for _, i := range chosen {
		list = append(list, m.states[i])
	}
	// Printed lists are in alphabetical order, the lead first.
	sort.Slice(list, func(i, j int) bool {
		if (list[i].Code == lead) != (list[j].Code == lead) {
			return list[i].Code == lead
		}
		return m.rank[list[i].Code] < m.rank[list[j].Code]
	})
	for i, p := range list {
		a := register.Action{Participant: p.Code, Kind: register.Endorsed, Capacity: register.Endorser, Date: d.Adopted,
			NameAsPrinted: p.Name("en"), PrintedPosition: i + 1, Source: slug + "-a"}
		switch x := r.IntN(100); {
		case p.Code == lead:
			a.Capacity, a.CapacityAsPrinted = register.Sponsor, "led by"
		case x < 4:
			a.Kind, a.Date, a.Source = register.Joined, (adopted + 10 + register.Day(r.IntN(900))).Date(), slug+"-b"
			a.PrintedPosition = 0
		case x < 10:
			a.NameAsPrinted = p.Name("fr")
			a.Source = slug + "-b"
		case x < 14:
			a.NameAsPrinted = p.Name("en") + ", made up"
		}
		d.Actions = append(d.Actions, a)
	}
	return d
}
