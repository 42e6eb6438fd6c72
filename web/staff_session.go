package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"cosignatory/store"
)

// How long a session lasts: at most, without being used, and between the password and the second factor.
const (
	sessionLifetime = 12 * time.Hour
	sessionIdle     = 2 * time.Hour
	pendingLifetime = 10 * time.Minute
)

// newSessions keeps sessions in the register's file. Only the addresses of staff ever load one; the store decides when
// they end, by its own clock.
func newSessions(st *store.Store, secure bool) *scs.SessionManager {
	m := scs.New()
	m.Store = st.Sessions(sessionLifetime, sessionIdle)
	m.Lifetime = sessionLifetime
	m.Cookie.Name = "cosignatory"
	if secure {
		m.Cookie.Name = "__Host-cosignatory" // browsers take it over https only, for this host and all its paths
	}
	m.Cookie.Secure, m.Cookie.HttpOnly, m.Cookie.SameSite, m.Cookie.Path, m.Cookie.Persist = secure, true, http.SameSiteLaxMode, "/", false
	return m
}

// The values of a session.
const (
	keyAccount = "account" // whose it is, once sign-in is complete
	keyPending = "pending" // whose password was right, before the second factor
	keyAt      = "at"      // when that was, in seconds
	keyStamp   = "stamp"   // of the account as it was
	keyNotice  = "notice"  // what the next page says was done
)

// session is the session that a request came with.
type session struct {
	token string
	owner *store.Owner
	lost  bool // there was a cookie, but its session has ended
}

// stamp changes with whatever ends the sessions of an account, so that none lives on by chance.
func stamp(a *store.Account) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{a.Password, a.Secret, string(a.Role)}, "\n")))
	return hex.EncodeToString(sum[:12])
}

// load finds the session of a request, and who is signed in by it.
func (r *staffRequest) load() error {
	m, req := r.s.sessions, r.c.Request()
	x := &session{owner: &store.Owner{}}
	r.session = x
	if cookie, err := req.Cookie(m.Cookie.Name); err == nil {
		x.token = cookie.Value
	}
	ctx, err := m.Load(store.WithOwner(r.ctx, x.owner), x.token)
	if err != nil {
		return err
	}
	r.ctx = ctx
	r.c.SetRequest(req.WithContext(ctx))
	if x.token == "" {
		return nil
	}
	if m.Token(ctx) == "" {
		x.lost = true
		return nil
	}
	x.owner.Known = x.token
	id := m.GetInt64(ctx, keyAccount)
	if id == 0 {
		return nil
	}
	a, err := r.s.Store.Account(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		a, err = nil, nil
	}
	if err != nil {
		return err
	}
	if a == nil || a.Disabled || m.GetString(ctx, keyStamp) != stamp(a) {
		x.lost = true
		return nil
	}
	r.account = a
	return r.s.Store.Sessions(sessionLifetime, sessionIdle).Touch(ctx, x.token)
}

// begin starts a session under a new token: of an account that is signed in, or of one whose second factor is still to come.
func (r *staffRequest) begin(a *store.Account, complete bool) error {
	m := r.s.sessions
	if err := m.Clear(r.ctx); err != nil {
		return err
	}
	if err := m.RenewToken(r.ctx); err != nil {
		return err
	}
	m.Put(r.ctx, keyStamp, stamp(a))
	if complete {
		m.Put(r.ctx, keyAccount, a.ID)
		req := r.c.Request()
		r.session.owner.Account, r.session.owner.Agent, r.session.owner.Address = a.ID, shorten200(req.UserAgent()), r.c.RealIP()
		r.account = a
	} else {
		m.Put(r.ctx, keyPending, a.ID)
		m.Put(r.ctx, keyAt, r.s.Now().Unix())
	}
	return r.keepSession()
}

// keepSession writes the session and its cookie. It has to come before anything is answered.
func (r *staffRequest) keepSession() error {
	m := r.s.sessions
	token, expiry, err := m.Commit(r.ctx)
	if err != nil {
		return err
	}
	if token != r.session.token {
		r.session.token, r.session.owner.Known = token, token
		m.WriteSessionCookie(r.ctx, r.c.Response(), token, expiry)
		r.c.Response().Header().Set("Cache-Control", noStore) // the library adds one of its own
	}
	return nil
}

// end ends the session.
func (r *staffRequest) end() error {
	m := r.s.sessions
	if r.session.token == "" {
		return nil
	}
	if err := m.Destroy(r.ctx); err != nil {
		return err
	}
	r.account = nil
	m.WriteSessionCookie(r.ctx, r.c.Response(), "", time.Time{})
	r.c.Response().Header().Set("Cache-Control", noStore)
	return nil
}

// pending is the account whose password was right a while ago and whose second factor is asked for; nil for none.
func (r *staffRequest) pending() (*store.Account, error) {
	m := r.s.sessions
	id := m.GetInt64(r.ctx, keyPending)
	if id == 0 || r.s.Now().Unix()-m.GetInt64(r.ctx, keyAt) > int64(pendingLifetime/time.Second) {
		return nil, nil
	}
	a, err := r.s.Store.Account(r.ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil || a.Disabled || m.GetString(r.ctx, keyStamp) != stamp(a) {
		return nil, err
	}
	return a, nil
}

// keepNotice keeps what the next page is to say.
func (r *staffRequest) keepNotice(notice string) {
	if notice == "" || r.account == nil {
		return
	}
	r.s.sessions.Put(r.ctx, keyNotice, notice)
	if err := r.keepSession(); err != nil {
		r.s.Log.WarnContext(r.ctx, "notice not kept", "error", err)
	}
}

// takeNotice is what the page is to say, once.
func (r *staffRequest) takeNotice() string {
	m := r.s.sessions
	notice := m.GetString(r.ctx, keyNotice)
	if notice == "" || r.c.Request().Method == http.MethodHead {
		return ""
	}
	m.Remove(r.ctx, keyNotice)
	if err := r.keepSession(); err != nil && !errors.Is(err, context.Canceled) {
		r.s.Log.WarnContext(r.ctx, "notice not taken", "error", err)
	}
	return notice
}

// shorten200 keeps what a browser says of itself short.
func shorten200(s string) string {
	s = strings.ToValidUTF8(s, "")
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "")
	}
	return s
}
