package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Session is one place where an account is signed in.
type Session struct {
	Hash               string // names the session without being able to open it
	Agent              string // the browser's own words
	Address            string // where it was begun from
	Created, Seen, End time.Time
}

// Sessions keeps sessions in the register's file, by the hash of their token. It has the methods that the session library
// asks of a store; those without a context are never called by it.
type Sessions struct {
	s              *Store
	lifetime, idle time.Duration
}

// Sessions is the store of sessions that last for lifetime at most, and end when they are not used for idle.
func (s *Store) Sessions(lifetime, idle time.Duration) *Sessions { return &Sessions{s, lifetime, idle} }

// Owner says whose a session is. A session that is committed under a context of WithOwner is kept with it.
type Owner struct {
	// Known is the token of a session that was there when the request began: should it have ended since, a commit does not
	// bring it back.
	Known          string
	Account        int64
	Agent, Address string
}

type ownerKey struct{}

// WithOwner gives the owner to the commits under a context; it may be changed until then.
func WithOwner(ctx context.Context, o *Owner) context.Context {
	return context.WithValue(ctx, ownerKey{}, o)
}

// FindCtx is the data of a session that has not expired.
func (x *Sessions) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = x.s.desk.QueryRowContext(ctx, "SELECT data FROM session WHERE hash = ? AND expires_at > ?", hashToken(token),
		x.s.now().UTC().Format(time.RFC3339)).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, plain(err)
}

// CommitCtx keeps the data of a session. When it ends is for the store's clock to say, not for the one given.
func (x *Sessions) CommitCtx(ctx context.Context, token string, data []byte, _ time.Time) error {
	owner, _ := ctx.Value(ownerKey{}).(*Owner)
	if owner == nil {
		owner = &Owner{}
	}
	now := x.s.now().UTC()
	at := now.Format(time.RFC3339)
	return x.s.write(ctx, func(tx *sql.Tx) error {
		if token == owner.Known {
			_, err := tx.ExecContext(ctx, "UPDATE session SET data = ? WHERE hash = ? AND expires_at > ?", data, hashToken(token), at)
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM session WHERE expires_at <= ?", at); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO session (hash, account, data, agent, address, created_at, seen_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			hashToken(token), owner.Account, data, owner.Agent, owner.Address, at, at, now.Add(min(x.idle, x.lifetime)).Format(time.RFC3339))
		return err
	})
}

// touched is how long a session's last use may lie back before it is written down again: a page costs no write.
const touched = time.Minute

// Touch says that a session is in use.
func (x *Sessions) Touch(ctx context.Context, token string) error {
	var at [2]string
	err := x.s.desk.QueryRowContext(ctx, "SELECT created_at, seen_at FROM session WHERE hash = ?", hashToken(token)).Scan(&at[0], &at[1])
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return plain(err)
	}
	created, err := time.Parse(time.RFC3339, at[0])
	if err != nil {
		return err
	}
	seen, err := time.Parse(time.RFC3339, at[1])
	now := x.s.now().UTC()
	if err != nil || now.Sub(seen) < touched {
		return err
	}
	end := now.Add(x.idle)
	if last := created.Add(x.lifetime); end.After(last) {
		end = last
	}
	return x.s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE session SET seen_at = ?, expires_at = ? WHERE hash = ?", now.Format(time.RFC3339), end.Format(time.RFC3339), hashToken(token))
		return err
	})
}

// DeleteCtx ends a session.
func (x *Sessions) DeleteCtx(ctx context.Context, token string) error {
	return x.s.EndSession(ctx, 0, hashToken(token))
}

// Find, Commit and Delete are the same without a context.
func (x *Sessions) Find(token string) ([]byte, bool, error) {
	return x.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (x *Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return x.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (x *Sessions) Delete(token string) error { return x.DeleteCtx(context.Background(), token) }

// Signed is the sessions of an account that have not expired, the last used first.
func (s *Store) Signed(ctx context.Context, account int64) ([]Session, error) {
	rows, err := s.desk.QueryContext(ctx, "SELECT hash, agent, address, created_at, seen_at, expires_at FROM session WHERE account = ? AND expires_at > ? ORDER BY seen_at DESC",
		account, s.now().UTC().Format(time.RFC3339))
	if err != nil {
		return nil, plain(err)
	}
	defer rows.Close()
	var all []Session
	for rows.Next() {
		var x Session
		var at [3]string
		if err := rows.Scan(&x.Hash, &x.Agent, &x.Address, &at[0], &at[1], &at[2]); err != nil {
			return nil, plain(err)
		}
		for i, to := range []*time.Time{&x.Created, &x.Seen, &x.End} {
			if *to, err = time.Parse(time.RFC3339, at[i]); err != nil {
				return nil, err
			}
		}
		all = append(all, x)
	}
	return all, plain(rows.Err())
}

// SessionHash names the session of a token, as in Session.
func SessionHash(token string) string { return hashToken(token) }

// EndSession ends one session of an account, or of any for 0, and logs it if it was there.
func (s *Store) EndSession(ctx context.Context, account int64, hash string, log ...Logged) error {
	return s.endSessions(ctx, log, "DELETE FROM session WHERE hash = ? AND (account = ? OR ? = 0)", hash, account, account)
}

// EndSessions ends all sessions of an account but one, and logs it if there were any.
func (s *Store) EndSessions(ctx context.Context, account int64, but string, log ...Logged) error {
	return s.endSessions(ctx, log, "DELETE FROM session WHERE account = ? AND hash <> ?", account, but)
}

func (s *Store) endSessions(ctx context.Context, log []Logged, query string, args ...any) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, query, args...)
		if err != nil {
			return err
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return s.logAll(ctx, tx, log)
	})
}
