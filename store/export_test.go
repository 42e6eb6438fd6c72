package store

import (
	"context"
	"database/sql"
	"time"

	"cosignatory/store/register"
)

// Afresh is the index of a view made of the whole register, whatever is kept.
func Afresh(ctx context.Context, v *View, day register.Day) (*Index, error) {
	b, err := v.buildBase(ctx)
	if err != nil {
		return nil, err
	}
	return b.on(day), nil
}

// Built is how often a store has read all of the register for an index.
func Built(s *Store) int64 { return s.built.Load() }

// HeadsKept is how many declarations a store keeps for lists, in all their states together.
func HeadsKept(s *Store) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.heads)
}

// EachWhole is Each with the retired declarations.
func EachWhole(ctx context.Context, v *View, f func(*Entry) error) error { return v.each(ctx, true, f) }

// KeepClasses has searches keep at most so many classes apart, and sets of words that have so many places, until it is undone.
func KeepClasses(n, places int) (undo func()) {
	before, placesBefore := mostClasses, manyPlaces
	mostClasses, manyPlaces = n, places
	return func() { mostClasses, manyPlaces = before, placesBefore }
}

// TakeReaders takes all connections that readers' questions go by, as long questions would, until they are given back.
func TakeReaders(ctx context.Context, s *Store) (giveBack func(), err error) {
	var taken []*sql.Conn
	giveBack = func() {
		for _, c := range taken {
			c.Close()
		}
	}
	for range readers {
		c, err := s.reader.Conn(ctx)
		if err != nil {
			giveBack()
			return nil, err
		}
		taken = append(taken, c)
	}
	return giveBack, nil
}

// PublishUnchecked publishes as programs did that did not look at what declarations are retired into.
func PublishUnchecked(ctx context.Context, s *Store, p Publication) error {
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	w := &publisher{ctx: ctx, tx: tx, now: s.now().UTC().Truncate(time.Second), bulk: inserting(conn), pack: &s.pack,
		counters: map[string]int64{}, slugs: map[string]int64{}, sources: map[string]int64{}}
	defer w.bulk.close()
	if err := w.begin(s, 1); err != nil {
		return err
	}
	if _, err := w.publish(&p); err != nil {
		return err
	}
	if err := w.end(); err != nil {
		return err
	}
	defer s.written()
	return tx.Commit()
}
