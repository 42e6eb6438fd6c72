package store

import (
	"context"
	"time"

	"cosignatory/store/register"
)

// Committed is what a publication that has been committed tells whoever watches.
type Committed struct {
	Revisions []register.Revision // those that Publish made; none where a history was replayed
	From, To  int                 // the first and the last revision
	Took      time.Duration
	By        string // the login of the account that published; empty where a program did, or none is known
	// ClockBehind is by how much the machine's clock was behind the revision before; 0 where it was not. The revisions then
	// bear that revision's time: the register's time never runs backwards.
	ClockBehind time.Duration
}

// OnPublish sets what is told of every publication of this Store, after it is committed and before whoever asked for it is
// answered. It is set once, before the Store is shared.
func (s *Store) OnPublish(told func(context.Context, Committed)) { s.published = told }

// By says which account publishes, by its login, to what is told of it. It changes nothing of what is published.
func By(ctx context.Context, login string) context.Context {
	return context.WithValue(ctx, byKey{}, login)
}

type byKey struct{}

func (s *Store) tell(ctx context.Context, p Committed) {
	if s.published != nil {
		p.By, _ = ctx.Value(byKey{}).(string)
		s.published(context.WithoutCancel(ctx), p)
	}
}
