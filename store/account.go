package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"cosignatory/store/register"
)

// Role is what an account may do; each may do what the ones before it may.
type Role string

// The roles.
const (
	Reader        Role = "reader"        // sees drafts
	Editor        Role = "editor"        // writes drafts
	Publisher     Role = "publisher"     // publishes
	Administrator Role = "administrator" // keeps accounts and settings
)

// Roles lists the roles, the least first.
var Roles = []Role{Reader, Editor, Publisher, Administrator}

// Rank is the place of a role among Roles, -1 for none.
func (r Role) Rank() int {
	for i, x := range Roles {
		if x == r {
			return i
		}
	}
	return -1
}

// Account is one member of staff.
type Account struct {
	ID       int64
	Login    string // what is typed to sign in; small letters
	Name     string
	ShowName bool // the public may read the name beside revisions
	Role     Role
	Disabled bool
	Lang     string
	// Password is the argon2id text of the password, empty until one is chosen; Secret the base32 secret of the second
	// factor, empty without one; Step the last step of it that was used.
	Password, Secret string
	Step             int64
	Created, Changed time.Time
}

// Logged is an entry of the account log: who did what to whom, from where. It is apart from the revisions and only grows.
type Logged struct {
	At             time.Time
	Actor, Subject string // logins; empty: nobody who is signed in, or nobody on the list
	What, Detail   string // what happened, in the words of the program; see package web
	Address        string // where from; kept nowhere else but with a session
}

// CommandLine is the actor of what is done by a command on the server itself.
const CommandLine = "-"

// ErrLoginTaken: another account has that login.
var ErrLoginTaken = errors.New("store: login taken")

// ErrNameTaken: another account has that name, or one that is compared as the same. Steps of drafts and revisions bear the name.
var ErrNameTaken = errors.New("store: name taken")

// ErrLastAdministrator: the change would leave nobody who can keep accounts.
var ErrLastAdministrator = errors.New("store: the last administrator")

const accountColumns = "id, login, name, show_name, role, disabled, lang, password, totp_secret, totp_step, created_at, changed_at"

func scanAccount(row interface{ Scan(...any) error }) (*Account, error) {
	var a Account
	var created, changed string
	err := row.Scan(&a.ID, &a.Login, &a.Name, &a.ShowName, (*string)(&a.Role), &a.Disabled, &a.Lang, &a.Password, &a.Secret, &a.Step, &created, &changed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err == nil {
		a.Created, err = time.Parse(time.RFC3339, created)
	}
	if err == nil {
		a.Changed, err = time.Parse(time.RFC3339, changed)
	}
	return &a, plain(err)
}

// Accounts are all accounts by login.
func (s *Store) Accounts(ctx context.Context) ([]*Account, error) {
	rows, err := s.desk.QueryContext(ctx, "SELECT "+accountColumns+" FROM account ORDER BY login")
	if err != nil {
		return nil, plain(err)
	}
	defer rows.Close()
	var all []*Account
	for rows.Next() {
		a, err := scanAccount(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, plain(rows.Err())
}

// Account is the account with that number, AccountByLogin the one with that login; ErrNotFound where there is none.
func (s *Store) Account(ctx context.Context, id int64) (*Account, error) {
	return scanAccount(s.desk.QueryRowContext(ctx, "SELECT "+accountColumns+" FROM account WHERE id = ?", id))
}

// AccountByLogin finds an account by what is typed to sign in.
func (s *Store) AccountByLogin(ctx context.Context, login string) (*Account, error) {
	return scanAccount(s.desk.QueryRowContext(ctx, "SELECT "+accountColumns+" FROM account WHERE login = ?", Login(login)))
}

// Login is a login as it is kept: without blanks at the ends, in small letters.
func Login(typed string) string { return strings.ToLower(strings.TrimSpace(typed)) }

// SaveAccount adds a new account, whose ID it fills in (ErrLoginTaken, ErrNameTaken or both where another has those), or keeps a changed one as ChangeAccount does.
func (s *Store) SaveAccount(ctx context.Context, a *Account, log ...Logged) error {
	if a.ID != 0 {
		changed, err := s.ChangeAccount(ctx, a.ID, func(old *Account) error { *old = *a; return nil }, log...)
		if err == nil {
			*a = *changed
		}
		return err
	}
	return s.write(ctx, func(tx *sql.Tx) error { return s.addAccount(ctx, tx, a, log...) })
}

func (s *Store) addAccount(ctx context.Context, tx *sql.Tx, a *Account, log ...Logged) error {
	if a.Role.Rank() < 0 {
		return fmt.Errorf("store: no role %q", a.Role)
	}
	now := s.now().UTC().Truncate(time.Second)
	a.Login, a.Created, a.Changed = Login(a.Login), now, now
	var taken int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM account WHERE login = ?", a.Login).Scan(&taken); err != nil {
		return err
	}
	var wrong []error
	if taken > 0 {
		wrong = append(wrong, ErrLoginTaken)
	}
	free, err := nameFree(ctx, tx, a)
	if err != nil {
		return err
	}
	if !free {
		wrong = append(wrong, ErrNameTaken)
	}
	if len(wrong) > 0 {
		return errors.Join(wrong...)
	}
	err = tx.QueryRowContext(ctx, `INSERT INTO account (login, name, show_name, role, disabled, lang, password, totp_secret, totp_step, created_at, changed_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, a.Login, a.Name, a.ShowName, a.Role, a.Disabled, a.Lang, a.Password, a.Secret, a.Step,
		now.Format(time.RFC3339), now.Format(time.RFC3339)).Scan(&a.ID)
	if err != nil {
		return err
	}
	return s.logAll(ctx, tx, log)
}

// nameFree says that no other account has the name of one, disabled ones included: what they did still bears it. Names are compared
// folded, so that capitals, accents, blanks and dots do not make another; one that has nothing but marks is compared as it is.
func nameFree(ctx context.Context, tx *sql.Tx, a *Account) (bool, error) {
	compared := func(name string) string { return cmp.Or(register.Fold(name), name) }
	free := true
	err := each(ctx, tx, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		free = free && compared(name) != compared(a.Name)
		return err
	}, "SELECT name FROM account WHERE id <> ?", a.ID)
	return free && err == nil, err
}

// ChangeAccount changes an account as it is at that moment: what somebody else changed meanwhile stays. A change of
// password, role or second factor, and disabling, sign the account out everywhere; without a second factor there are no
// recovery codes, and a disabled account has no one-time addresses. A login never changes; a new name is ErrNameTaken where another
// account has it.
func (s *Store) ChangeAccount(ctx context.Context, id int64, change func(*Account) error, log ...Logged) (a *Account, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		a, err = s.changeAccount(ctx, tx, id, change, log...)
		return err
	})
	return a, err
}

func (s *Store) changeAccount(ctx context.Context, tx *sql.Tx, id int64, change func(*Account) error, log ...Logged) (*Account, error) {
	old, err := scanAccount(tx.QueryRowContext(ctx, "SELECT "+accountColumns+" FROM account WHERE id = ?", id))
	if err != nil {
		return nil, err
	}
	changed := *old
	a := &changed
	if err := change(a); err != nil {
		return nil, err
	}
	if a.Role.Rank() < 0 {
		return nil, fmt.Errorf("store: no role %q", a.Role)
	}
	if a.Name != old.Name {
		if free, err := nameFree(ctx, tx, &Account{ID: old.ID, Name: a.Name}); err != nil {
			return nil, err
		} else if !free {
			return nil, ErrNameTaken
		}
	}
	a.ID, a.Login, a.Created, a.Changed = old.ID, old.Login, old.Created, s.now().UTC().Truncate(time.Second)
	if _, err := tx.ExecContext(ctx, `UPDATE account SET name = ?, show_name = ?, role = ?, disabled = ?, lang = ?, password = ?,
		totp_secret = ?, totp_step = ?, changed_at = ? WHERE id = ?`, a.Name, a.ShowName, a.Role, a.Disabled, a.Lang, a.Password, a.Secret,
		a.Step, a.Changed.Format(time.RFC3339), a.ID); err != nil {
		return nil, err
	}
	if keeps(old) && !keeps(a) {
		// Whoever was only invited cannot keep accounts yet.
		var left int
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM account WHERE role = 'administrator' AND disabled = 0 AND password <> ''").Scan(&left); err != nil {
			return nil, err
		}
		if left == 0 {
			return nil, ErrLastAdministrator
		}
	}
	if old.Password != a.Password || old.Role != a.Role || old.Secret != a.Secret || a.Disabled {
		if _, err := tx.ExecContext(ctx, "DELETE FROM session WHERE account = ?", a.ID); err != nil {
			return nil, err
		}
	}
	if a.Secret == "" {
		if _, err := tx.ExecContext(ctx, "DELETE FROM recovery_code WHERE account = ?", a.ID); err != nil {
			return nil, err
		}
	}
	if a.Disabled || old.Password != a.Password {
		if _, err := tx.ExecContext(ctx, "DELETE FROM one_time WHERE account = ?", a.ID); err != nil {
			return nil, err
		}
	}
	return a, s.logAll(ctx, tx, log)
}

// keeps says that an account can keep accounts.
func keeps(a *Account) bool { return a.Role == Administrator && !a.Disabled && a.Password != "" }

// LastAdministrator says that an account is the only one that can keep accounts.
func LastAdministrator(a *Account, all []*Account) bool {
	for _, x := range all {
		if x.ID != a.ID && keeps(x) {
			return false
		}
	}
	return keeps(a)
}

// UseStep takes a step of the second factor, once: false where that step or a later one has been used.
func (s *Store) UseStep(ctx context.Context, account, step int64) (bool, error) {
	if s.writer == nil {
		return false, ErrReadOnly
	}
	r, err := s.writer.ExecContext(ctx, "UPDATE account SET totp_step = ? WHERE id = ? AND totp_step < ?", step, account, step)
	if err != nil {
		return false, plain(err)
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

// SetRecoveryCodes replaces an account's recovery codes; UseRecoveryCode takes one, once.
func (s *Store) SetRecoveryCodes(ctx context.Context, account int64, codes []string, log ...Logged) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM recovery_code WHERE account = ?", account); err != nil {
			return err
		}
		for _, code := range codes {
			if _, err := tx.ExecContext(ctx, "INSERT INTO recovery_code (account, hash) VALUES (?, ?)", account, hashToken(code)); err != nil {
				return err
			}
		}
		return s.logAll(ctx, tx, log)
	})
}

// UseRecoveryCode takes a recovery code of an account: true once for each.
func (s *Store) UseRecoveryCode(ctx context.Context, account int64, code string) (bool, error) {
	if s.writer == nil {
		return false, ErrReadOnly
	}
	r, err := s.writer.ExecContext(ctx, "DELETE FROM recovery_code WHERE account = ? AND hash = ?", account, hashToken(code))
	if err != nil {
		return false, plain(err)
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

// Purpose is what a one-time address is for.
type Purpose string

// The purposes of one-time addresses.
const (
	Setup      Purpose = "setup"
	Invitation Purpose = "invitation"
	Reset      Purpose = "reset"
)

// KeepOneTime keeps a one-time token by its hash until it is used or has expired; earlier ones of the same purpose and
// account end.
func (s *Store) KeepOneTime(ctx context.Context, token string, purpose Purpose, account int64, expires time.Time, log ...Logged) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		of := sql.NullInt64{Int64: account, Valid: account != 0}
		if _, err := tx.ExecContext(ctx, "DELETE FROM one_time WHERE purpose = ? AND account IS ?", purpose, of); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO one_time (hash, purpose, account, expires_at) VALUES (?, ?, ?, ?)", hashToken(token), purpose, of,
			expires.UTC().Format(time.RFC3339))
		if err != nil {
			return err
		}
		return s.logAll(ctx, tx, log)
	})
}

// OneTime is the account that an unused, unexpired one-time token is for, 0 for the first set-up; ErrNotFound otherwise, and of the
// first set-up where there is an administrator.
func (s *Store) OneTime(ctx context.Context, token string, purpose Purpose) (account int64, err error) {
	err = s.desk.QueryRowContext(ctx, "SELECT coalesce(account, 0) FROM one_time WHERE hash = ? AND purpose = ? AND expires_at > ?", hashToken(token),
		purpose, s.now().UTC().Format(time.RFC3339)).Scan(&account)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, ErrNotFound
	}
	if err == nil && purpose == Setup {
		if n, err := administrators(ctx, s.desk); err != nil || n > 0 {
			return 0, cmp.Or(plain(err), ErrNotFound)
		}
	}
	return account, plain(err)
}

// TakeOneTime uses up a one-time token and changes the account that it is for, both or neither. For the first set-up there is
// none yet: the account that change fills in is added. ErrNotFound where the token was used, has expired or never was, where
// its account is disabled, and where the first set-up finds an administrator already there.
func (s *Store) TakeOneTime(ctx context.Context, token string, purpose Purpose, change func(*Account) error, log func(*Account) Logged) (a *Account, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		var id int64
		err := tx.QueryRowContext(ctx, "DELETE FROM one_time WHERE hash = ? AND purpose = ? AND expires_at > ? RETURNING coalesce(account, 0)", hashToken(token), purpose,
			s.now().UTC().Format(time.RFC3339)).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		if purpose != Setup {
			a, err = s.changeAccount(ctx, tx, id, func(a *Account) error {
				if a.Disabled {
					return ErrNotFound
				}
				return change(a)
			})
			if err != nil {
				return err
			}
			return s.logIn(ctx, tx, log(a))
		}
		if n, err := administrators(ctx, tx); err != nil || n > 0 {
			return cmp.Or(err, ErrNotFound)
		}
		a = &Account{}
		if err := change(a); err != nil {
			return err
		}
		return s.addAccount(ctx, tx, a, log(a))
	})
	return a, err
}

// administrators is how many accounts may do everything, invited and disabled ones included: from the first on, they let others in.
func administrators(ctx context.Context, q queryer) (n int, err error) {
	err = q.QueryRowContext(ctx, "SELECT count(*) FROM account WHERE role = ?", Administrator).Scan(&n)
	return n, err
}

// CountAdministrators is how many administrators there are, invited and disabled ones included.
func (s *Store) CountAdministrators(ctx context.Context) (int, error) {
	n, err := administrators(ctx, s.desk)
	return n, plain(err)
}

// CountAccounts is how many accounts there are.
func (s *Store) CountAccounts(ctx context.Context) (n int, err error) {
	err = s.desk.QueryRowContext(ctx, "SELECT count(*) FROM account").Scan(&n)
	return n, plain(err)
}

// RecoveryCodesLeft is how many recovery codes of an account have not been used.
func (s *Store) RecoveryCodesLeft(ctx context.Context, account int64) (n int, err error) {
	err = s.desk.QueryRowContext(ctx, "SELECT count(*) FROM recovery_code WHERE account = ?", account).Scan(&n)
	return n, plain(err)
}

// hashToken is what is kept of a token: tokens are long and random, so a plain hash is enough.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Log adds to the account log.
func (s *Store) Log(ctx context.Context, entries ...Logged) error {
	return s.write(ctx, func(tx *sql.Tx) error { return s.logAll(ctx, tx, entries) })
}

func (s *Store) logIn(ctx context.Context, tx *sql.Tx, l Logged) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO account_log (at, actor, subject, what, detail, address) VALUES (?, ?, ?, ?, ?, ?)",
		s.now().UTC().Format(time.RFC3339), l.Actor, l.Subject, l.What, l.Detail, l.Address)
	return err
}

func (s *Store) logAll(ctx context.Context, tx *sql.Tx, all []Logged) error {
	for _, l := range all {
		if l == (Logged{}) {
			continue
		}
		if err := s.logIn(ctx, tx, l); err != nil {
			return err
		}
	}
	return nil
}

// AccountLog is the newest entries of the account log, newest first, and how many there are: about one login, or all for
// an empty one.
func (s *Store) AccountLog(ctx context.Context, subject string, skip, limit int) (all []Logged, total int, err error) {
	where, args := "", []any{}
	if subject != "" {
		where, args = " WHERE subject = ?", []any{subject}
	}
	if err := s.desk.QueryRowContext(ctx, "SELECT count(*) FROM account_log"+where, args...).Scan(&total); err != nil {
		return nil, 0, plain(err)
	}
	rows, err := s.desk.QueryContext(ctx, "SELECT at, actor, subject, what, detail, address FROM account_log"+where+" ORDER BY id DESC LIMIT ? OFFSET ?", // #nosec G202 -- conditions are from here, values are arguments
		append(args, limit, skip)...)
	if err != nil {
		return nil, 0, plain(err)
	}
	defer rows.Close()
	for rows.Next() {
		var l Logged
		var at string
		if err := rows.Scan(&at, &l.Actor, &l.Subject, &l.What, &l.Detail, &l.Address); err != nil {
			return nil, 0, plain(err)
		}
		if l.At, err = time.Parse(time.RFC3339, at); err != nil {
			return nil, 0, err
		}
		all = append(all, l)
	}
	return all, total, plain(rows.Err())
}

// What the account log calls a sign-in: by the authenticator or password alone, or with a recovery code.
const (
	SignedIn         = "signed_in"
	SignedInRecovery = "recovery_code"
)

// LastSignedIn is when each login signed in last.
func (s *Store) LastSignedIn(ctx context.Context) (map[string]time.Time, error) {
	rows, err := s.desk.QueryContext(ctx, "SELECT subject, max(at) FROM account_log WHERE what IN ('signed_in', 'recovery_code') GROUP BY subject")
	if err != nil {
		return nil, plain(err)
	}
	defer rows.Close()
	last := map[string]time.Time{}
	for rows.Next() {
		var login, at string
		if err := rows.Scan(&login, &at); err != nil {
			return nil, plain(err)
		}
		if last[login], err = time.Parse(time.RFC3339, at); err != nil {
			return nil, err
		}
	}
	return last, plain(rows.Err())
}

// Limit slows what is tried too often under a key: after Free failures each attempt waits twice as long as the one before,
// from a second up to Most.
type Limit struct {
	Key  string
	Free int
	Most time.Duration
}

// Attempt counts an attempt under the keys of limits, as a failure until Forgive says otherwise: two at once cannot both
// pass before either is counted. It counts nothing where one has to wait still. failures are those now counted under each
// key, this one among them; those under a key that was not tried for a day are forgotten.
func (s *Store) Attempt(ctx context.Context, limits ...Limit) (wait time.Duration, failures []int, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		now := s.now().UTC()
		if _, err := tx.ExecContext(ctx, "DELETE FROM attempt WHERE last_at < ?", now.Add(-24*time.Hour).Format(time.RFC3339)); err != nil {
			return err
		}
		for _, l := range limits {
			n, last, err := attempts(ctx, tx, l.Key)
			if err != nil {
				return err
			}
			failures = append(failures, n+1)
			if n >= l.Free {
				wait = max(wait, min(time.Second<<min(n-l.Free, 20), l.Most)-now.Sub(last))
			}
		}
		if wait > 0 {
			return nil
		}
		for _, l := range limits {
			if _, err := tx.ExecContext(ctx, "INSERT INTO attempt (key, failures, last_at) VALUES (?, 1, ?) ON CONFLICT (key) DO UPDATE SET failures = failures + 1, last_at = excluded.last_at",
				l.Key, now.Format(time.RFC3339Nano)); err != nil {
				return err
			}
		}
		return nil
	})
	return max(wait, 0), failures, err
}

func attempts(ctx context.Context, tx *sql.Tx, key string) (failures int, last time.Time, err error) {
	var at string
	err = tx.QueryRowContext(ctx, "SELECT failures, last_at FROM attempt WHERE key = ?", key).Scan(&failures, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, time.Time{}, nil
	}
	if err == nil {
		last, err = time.Parse(time.RFC3339Nano, at)
	}
	return failures, last, err
}

// Forgive takes back what Attempt counted for an attempt that succeeded: all failures under the keys of forget, one under
// those of spare.
func (s *Store) Forgive(ctx context.Context, forget, spare []string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		for _, key := range forget {
			if _, err := tx.ExecContext(ctx, "DELETE FROM attempt WHERE key = ?", key); err != nil {
				return err
			}
		}
		for _, key := range spare {
			if _, err := tx.ExecContext(ctx, "UPDATE attempt SET failures = failures - 1 WHERE key = ? AND failures > 0", key); err != nil {
				return err
			}
		}
		return nil
	})
}

// SignedInFrom says that a login has signed in from an address before.
func (s *Store) SignedInFrom(ctx context.Context, login, address string) (known bool, err error) {
	err = s.desk.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM account_log WHERE what IN ('signed_in', 'recovery_code') AND subject = ? AND address = ?)",
		login, address).Scan(&known)
	return known, plain(err)
}

// Setting is a setting's value, empty where it was never set; SetSetting sets it.
func (s *Store) Setting(ctx context.Context, name string) (value string, err error) {
	err = s.desk.QueryRowContext(ctx, "SELECT value FROM setting WHERE name = ?", name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, plain(err)
}

// SetSetting sets a setting and logs it.
func (s *Store) SetSetting(ctx context.Context, name, value string, log ...Logged) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value); err != nil {
			return err
		}
		return s.logAll(ctx, tx, log)
	})
}

// write runs one transaction of the writer.
func (s *Store) write(ctx context.Context, f func(tx *sql.Tx) error) error {
	if s.writer == nil {
		return ErrReadOnly
	}
	if s.Replaced() {
		return ErrReplaced
	}
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return plain(err)
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return plain(err)
	}
	return plain(tx.Commit())
}
