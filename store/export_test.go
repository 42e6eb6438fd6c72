package store

import (
	"context"
	"database/sql"

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
