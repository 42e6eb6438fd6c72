package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cosignatory/store/register"
)

// DraftState is how far a draft has come.
type DraftState string

// The states of a draft. Published and discarded ones are kept, and change no more.
const (
	Drafting  DraftState = "draft"
	InReview  DraftState = "in_review"
	Scheduled DraftState = "scheduled"
	Published DraftState = "published"
	Discarded DraftState = "discarded"
)

// Closed says that a draft changes no more.
func (s DraftState) Closed() bool { return s == Published || s == Discarded }

// Draft is a whole declaration that the public does not see. It need not be valid until it is published.
type Draft struct {
	ID            int64
	DeclarationID int64 // 0 for a declaration that is new
	Base          int   // the revision it was begun from
	State         DraftState
	Author        string // login
	AuthorID      int64
	Document      register.Declaration
	// Typed is what was typed, in a form of the caller's own, so that nothing unreadable is lost; empty where Document says all.
	Typed              string
	Reason, ReasonLang string
	PublishAt          time.Time // of a scheduled draft
	Steps              []Step    // what happened to it, oldest first
	// Version counts what happens to the draft. Whoever changes it says which version was looked at: an older one is a
	// *DraftConflict.
	Version          int
	Overtaken        int // the newest revision that changed the declaration after Base, 0 for none
	Created, Changed time.Time
}

// Step is something that happened to a draft, with what was remarked. Staff alone see it.
type Step struct {
	At       time.Time `json:"at"`
	By       int64     `json:"by,omitempty"` // account
	Who      string    `json:"who,omitempty"`
	What     string    `json:"what"`
	Text     string    `json:"text,omitempty"`
	Revision int       `json:"revision,omitempty"`
	For      time.Time `json:"for,omitzero"`      // of scheduling: the time of publication
	Version  int       `json:"version,omitempty"` // of the draft after it; 0 where an older program wrote the step
}

// What happens to drafts. NotPublished is a scheduled publication that failed: its text is one of the words of PublishDue.
const (
	Begun        = "begun"
	Saved        = "saved"
	Merged       = "merged"
	Reviewed     = "reviewed"
	SentBack     = "sent_back"
	Withdrawn    = "withdrawn"
	ScheduledFor = "scheduled"
	Unscheduled  = "unscheduled"
	PublishedAs  = "published"
	ThrownAway   = "discarded"
	Remarked     = "remarked"
	NotPublished = "not_published"
)

// Last is the newest of some kinds of step, nil where there is none.
func (d *Draft) Last(what ...string) *Step {
	for i := len(d.Steps) - 1; i >= 0; i-- {
		if slices.Contains(what, d.Steps[i].What) {
			return &d.Steps[i]
		}
	}
	return nil
}

// Since are the steps that made the draft another than it was at a version, oldest first; a remark does not. Where the step is
// not known, as an older program wrote it, it is the last one.
func (d *Draft) Since(version int) []Step {
	var since []Step
	for _, s := range d.Steps {
		if s.What == Remarked {
			continue
		}
		if s.Version > version {
			since = append(since, s)
		}
	}
	for i := len(d.Steps) - 1; i >= 0 && len(since) == 0; i-- {
		if d.Steps[i].What != Remarked {
			since = append(since, d.Steps[i])
		}
	}
	return since
}

// WrittenBy says that an account began the draft or ever wrote in it, its reason included, whoever wrote after it: somebody
// who wrote none of it has to publish it. A remark is no writing. Steps are never dropped, so every writer is among them.
func (d *Draft) WrittenBy(account int64) bool {
	return account != 0 && (d.AuthorID == account || slices.ContainsFunc(d.Steps, func(s Step) bool {
		return s.By == account && (s.What == Begun || s.What == Saved || s.What == Merged)
	}))
}

var (
	// ErrDraftClosed says that a draft was published or discarded: it changes no more.
	ErrDraftClosed = errors.New("store: draft is closed")
	// ErrDraftState says that a draft is in no state for what was asked: only one in review is sent back.
	ErrDraftState = errors.New("store: draft is in another state")
	// ErrScheduled says that a draft is scheduled, and that who would write in it may not take that back.
	ErrScheduled = errors.New("store: draft is scheduled")
	// ErrOwnDraft says that an account may not publish what it wrote itself: the setting OnePersonOffice allows it.
	ErrOwnDraft = errors.New("store: own draft")
	// ErrRole says that the account may not publish, or no longer.
	ErrRole = errors.New("store: role does not publish")
)

// OnePersonOffice is the setting that lets an account publish its own drafts, where it is “yes”. The role in the revision
// then ends in “_alone”.
const OnePersonOffice = "one_person_office"

// DraftConflict says that a draft is another than the one that was looked at: Newer is what it is now. Nothing was written.
type DraftConflict struct{ Newer *Draft }

func (e *DraftConflict) Error() string {
	return fmt.Sprintf("store: draft %d is at version %d by now", e.Newer.ID, e.Newer.Version)
}

// versionsKept is how many of the last versions of a draft are kept for bringing late writers together with it.
const versionsKept = 300

// publishes says that an account publishes, and so takes a schedule back; nobody does not.
func (a *Account) publishes() bool {
	return a != nil && !a.Disabled && a.Role.Rank() >= Publisher.Rank()
}

// SaveDraft keeps what somebody wrote in a draft: in a new one for an ID of 0, which is filled in. Nothing is validated, so
// that no work is lost. A draft that is no longer at d.Version is a *DraftConflict. Writing in one that was in review or
// scheduled takes it back; in a scheduled one only who publishes may, for others it is ErrScheduled. What changes nothing
// makes no version.
func (s *Store) SaveDraft(ctx context.Context, d *Draft, by *Account) error {
	if s.writer == nil {
		return ErrReadOnly
	}
	document, err := json.Marshal(&d.Document)
	if err != nil {
		return err
	}
	if d.ReasonLang == "" {
		d.ReasonLang = "en"
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		now := s.now().UTC().Truncate(time.Second)
		if d.ID == 0 {
			d.State, d.Created, d.Changed, d.Version, d.Author, d.AuthorID = Drafting, now, now, 1, by.Login, by.ID
			d.Steps = []Step{{At: now, By: by.ID, Who: by.Name, What: Begun, Revision: d.Base, Version: 1}}
			err := tx.QueryRowContext(ctx, `INSERT INTO draft (declaration_id, base_revision, state, author, author_id, document, typed, reason, reason_lang,
				remarks, version, created_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?) RETURNING id`, d.DeclarationID, d.Base, d.State,
				d.Author, d.AuthorID, string(document), d.Typed, d.Reason, d.ReasonLang, stepsText(d.Steps), now.Format(time.RFC3339),
				now.Format(time.RFC3339)).Scan(&d.ID)
			if err != nil {
				return err
			}
			return keepVersion(ctx, tx, d, document)
		}
		old, err := draftOf(ctx, tx, d.ID)
		if err != nil {
			return err
		}
		if old.State.Closed() {
			return fmt.Errorf("%w: %d", ErrDraftClosed, d.ID)
		}
		if old.Version != d.Version {
			return &DraftConflict{old}
		}
		before, err := json.Marshal(&old.Document)
		if err != nil {
			return err
		}
		if string(before) == string(document) && old.Typed == d.Typed && old.Reason == d.Reason && old.ReasonLang == d.ReasonLang && old.Base == d.Base {
			*d = *old
			return nil
		}
		n := *old
		n.DeclarationID, n.Document, n.Typed, n.Reason, n.ReasonLang, n.Base = d.DeclarationID, d.Document, d.Typed, d.Reason, d.ReasonLang, d.Base
		switch n.State {
		case InReview:
			n.Steps = append(n.Steps, Step{At: now, By: by.ID, Who: by.Name, What: Withdrawn, Version: old.Version + 1})
		case Scheduled:
			if !by.publishes() {
				return fmt.Errorf("%w: %d", ErrScheduled, d.ID)
			}
			n.Steps = append(n.Steps, Step{At: now, By: by.ID, Who: by.Name, What: Unscheduled, Version: old.Version + 1})
		}
		n.State, n.PublishAt, n.Changed, n.Version = Drafting, time.Time{}, now, old.Version+1
		step := Step{At: now, By: by.ID, Who: by.Name, What: Saved, Version: n.Version}
		if n.Base != old.Base {
			step.What, step.Revision = Merged, n.Base
		}
		if last := len(n.Steps) - 1; step.What == Saved && last >= 0 && n.Steps[last].What == Saved && n.Steps[last].By == by.ID {
			n.Steps = append(slices.Clone(n.Steps[:last]), step) // a form that is kept every few seconds is one step
		} else {
			n.Steps = append(n.Steps, step)
		}
		if err := putDraft(ctx, tx, &n, string(document)); err != nil {
			return err
		}
		if err := keepVersion(ctx, tx, &n, document); err != nil {
			return err
		}
		*d = n
		return nil
	})
}

func putDraft(ctx context.Context, tx *sql.Tx, d *Draft, document string) error {
	at := ""
	if !d.PublishAt.IsZero() {
		at = d.PublishAt.UTC().Format(time.RFC3339)
	}
	_, err := tx.ExecContext(ctx, `UPDATE draft SET declaration_id = ?, base_revision = ?, state = ?, document = ?, typed = ?, reason = ?, reason_lang = ?,
		publish_at = ?, remarks = ?, version = ?, changed_at = ? WHERE id = ?`, d.DeclarationID, d.Base, d.State, document, d.Typed, d.Reason, d.ReasonLang, at,
		stepsText(d.Steps), d.Version, d.Changed.UTC().Format(time.RFC3339), d.ID)
	return err
}

func stepsText(steps []Step) string {
	b, err := json.Marshal(steps)
	if err != nil {
		panic(err) // times of four-digit years and texts always marshal
	}
	return string(b)
}

// written is what draft_version holds.
type written struct {
	Typed    string          `json:"typed,omitempty"`
	Document json.RawMessage `json:"document"`
}

func keepVersion(ctx context.Context, tx *sql.Tx, d *Draft, document []byte) error {
	b, err := json.Marshal(written{d.Typed, document})
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO draft_version (draft, version, content) VALUES (?, ?, ?)", d.ID, d.Version, deflate(b)); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM draft_version WHERE draft = ? AND version <= ?", d.ID, d.Version-versionsKept)
	return err
}

// DraftVersion is what a draft said at one of its versions: the newest kept up to that one. ErrNotFound where none is kept.
func (s *Store) DraftVersion(ctx context.Context, id int64, number int) (typed string, document *register.Declaration, err error) {
	var content []byte
	err = s.desk.QueryRowContext(ctx, "SELECT content FROM draft_version WHERE draft = ? AND version <= ? ORDER BY version DESC LIMIT 1", id, number).Scan(&content)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil, ErrNotFound
	}
	if err != nil {
		return "", nil, plain(err)
	}
	b, err := inflate(content)
	if err != nil {
		return "", nil, fmt.Errorf("draft %d: %w: %w", id, err, ErrDamaged)
	}
	var v written
	document = &register.Declaration{}
	if err := json.Unmarshal(b, &v); err != nil {
		return "", nil, fmt.Errorf("draft %d: %w: %w", id, err, ErrDamaged)
	}
	if err := json.Unmarshal(v.Document, document); err != nil {
		return "", nil, fmt.Errorf("draft %d: %w: %w", id, err, ErrDamaged)
	}
	return v.Typed, document, nil
}

const draftColumns = `id, declaration_id, base_revision, state, author, author_id, document, typed, reason, reason_lang, publish_at, remarks, version, created_at,
	changed_at, coalesce((SELECT max(number) FROM revision r WHERE draft.declaration_id <> 0 AND r.declaration_id = draft.declaration_id
	AND r.number > draft.base_revision AND draft.state NOT IN ('published', 'discarded')), 0)`

func scanDraft(row interface{ Scan(...any) error }) (*Draft, error) {
	var d Draft
	var document, at, steps, created, changed string
	err := row.Scan(&d.ID, &d.DeclarationID, &d.Base, (*string)(&d.State), &d.Author, &d.AuthorID, &document, &d.Typed, &d.Reason, &d.ReasonLang, &at, &steps,
		&d.Version, &created, &changed, &d.Overtaken)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, plain(err)
	}
	for _, x := range []struct {
		text string
		to   *time.Time
	}{{at, &d.PublishAt}, {created, &d.Created}, {changed, &d.Changed}} {
		if x.text == "" {
			continue
		}
		if *x.to, err = time.Parse(time.RFC3339, x.text); err != nil {
			return nil, fmt.Errorf("draft %d: %w: %w", d.ID, err, ErrDamaged)
		}
	}
	if err := errors.Join(json.Unmarshal([]byte(document), &d.Document), json.Unmarshal([]byte(steps), &d.Steps)); err != nil {
		return nil, fmt.Errorf("draft %d: %w: %w", d.ID, err, ErrDamaged)
	}
	return &d, nil
}

// Draft is the draft with that number, ErrNotFound where there is none.
func (s *Store) Draft(ctx context.Context, id int64) (*Draft, error) {
	return draftOf(ctx, s.desk, id)
}

func draftOf(ctx context.Context, q queryer, id int64) (*Draft, error) {
	return scanDraft(q.QueryRowContext(ctx, "SELECT "+draftColumns+" FROM draft WHERE id = ?", id))
}

// DraftFilter chooses drafts; the zero value chooses all that are open.
type DraftFilter struct {
	State         DraftState
	AuthorID      int64
	DeclarationID int64
}

// Drafts are the drafts that pass, the one that changed last first. Closed ones are only found by their state.
func (s *Store) Drafts(ctx context.Context, f DraftFilter) ([]*Draft, error) {
	where, args := []string{"state NOT IN ('published', 'discarded')"}, []any{}
	if f.State != "" {
		where, args = []string{"state = ?"}, []any{f.State}
	}
	if f.AuthorID != 0 {
		where, args = append(where, "author_id = ?"), append(args, f.AuthorID)
	}
	if f.DeclarationID != 0 {
		where, args = append(where, "declaration_id = ?"), append(args, f.DeclarationID)
	}
	rows, err := s.desk.QueryContext(ctx, "SELECT "+draftColumns+" FROM draft WHERE "+strings.Join(where, " AND ")+" ORDER BY changed_at DESC, id DESC", args...) // #nosec G202 -- conditions are from here, values are arguments
	if err != nil {
		return nil, plain(err)
	}
	defer rows.Close()
	var all []*Draft
	for rows.Next() {
		d, err := scanDraft(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, plain(rows.Err())
}

// move is what a step needs and does.
type move struct {
	from []DraftState
	to   DraftState
}

var moves = map[string]move{
	Reviewed:     {[]DraftState{Drafting}, InReview},
	SentBack:     {[]DraftState{InReview, Scheduled}, Drafting},
	Withdrawn:    {[]DraftState{InReview}, Drafting},
	ScheduledFor: {[]DraftState{Drafting, InReview}, Scheduled},
	Unscheduled:  {[]DraftState{Scheduled}, InReview},
	ThrownAway:   {[]DraftState{Drafting, InReview, Scheduled}, Discarded},
	NotPublished: {[]DraftState{Scheduled}, InReview},
}

// MoveDraft takes a draft from one state to the next: step.What is Reviewed, SentBack, Withdrawn, ScheduledFor (with For),
// Unscheduled, ThrownAway or Remarked, which changes no state. It returns the draft as it is then. A draft that is no longer
// at the version is a *DraftConflict; 0 takes any. Scheduling follows the rules of PublishDraft.
func (s *Store) MoveDraft(ctx context.Context, id int64, version int, by *Account, step Step) (*Draft, error) {
	var d *Draft
	alone, err := s.Setting(ctx, OnePersonOffice)
	if err != nil {
		return nil, err
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		var err error
		if d, err = draftOf(ctx, tx, id); err != nil {
			return err
		}
		if version != 0 && d.Version != version {
			return &DraftConflict{d}
		}
		step.At = s.now().UTC().Truncate(time.Second)
		if by != nil {
			step.By, step.Who = by.ID, by.Name
		}
		step.Text = register.CleanText(step.Text)
		if step.What == ScheduledFor {
			if err := mayPublish(d, by, alone); err != nil {
				return err
			}
		}
		if step.What != Remarked {
			m, ok := moves[step.What]
			switch {
			case d.State.Closed():
				return fmt.Errorf("%w: %d", ErrDraftClosed, id)
			case !ok || !slices.Contains(m.from, d.State):
				return fmt.Errorf("%w: %s is %s", ErrDraftState, step.What, d.State)
			}
			d.State, d.PublishAt = m.to, step.For
			d.Version++
		}
		step.Version = d.Version
		d.Steps = append(d.Steps, step)
		d.Changed = step.At
		document, err := json.Marshal(&d.Document)
		if err != nil {
			return err
		}
		if err := putDraft(ctx, tx, d, string(document)); err != nil {
			return err
		}
		return keepVersion(ctx, tx, d, document)
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

// mayPublish is the rule of who publishes what: a publisher, and none who wrote in it but in an office of one.
func mayPublish(d *Draft, by *Account, alone string) error {
	if !by.publishes() {
		return ErrRole
	}
	if d.WrittenBy(by.ID) && alone != "yes" {
		return ErrOwnDraft
	}
	return nil
}

// PublishDraft publishes a draft as Publish does, and closes it in the same transaction. The account is the one who
// publishes: the revision bears its role and, if it allows that, its name. A draft that is no longer at the version is a
// *DraftConflict; 0 takes any.
func (s *Store) PublishDraft(ctx context.Context, id int64, version int, by *Account) (*register.Revision, error) {
	d, err := s.Draft(ctx, id)
	if err != nil {
		return nil, err
	}
	alone, err := s.Setting(ctx, OnePersonOffice)
	if err != nil {
		return nil, err
	}
	switch {
	case d.State.Closed():
		return nil, fmt.Errorf("%w: %d", ErrDraftClosed, id)
	case version != 0 && version != d.Version:
		return nil, &DraftConflict{d}
	}
	if err := mayPublish(d, by, alone); err != nil {
		return nil, err
	}
	p := Publication{Declaration: &d.Document, ID: d.DeclarationID, Base: d.Base, Reason: d.Reason, ReasonLang: d.ReasonLang, Role: string(by.Role)}
	if d.WrittenBy(by.ID) {
		p.Role += "_alone"
	}
	if by.ShowName {
		p.Name = register.CleanText(by.Name)
	}
	made, err := s.publishAll(By(ctx, by.Login), []Publication{p}, func(tx *sql.Tx) error {
		now, err := draftOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if now.Version != d.Version {
			return &DraftConflict{now}
		}
		var revision int
		if err := tx.QueryRowContext(ctx, "SELECT number, declaration_id FROM revision ORDER BY number DESC LIMIT 1").Scan(&revision, &now.DeclarationID); err != nil {
			return err
		}
		now.State, now.PublishAt, now.Changed = Published, time.Time{}, s.now().UTC().Truncate(time.Second)
		now.Version++
		now.Steps = append(now.Steps, Step{At: now.Changed, By: by.ID, Who: by.Name, What: PublishedAs, Revision: revision, Version: now.Version})
		document, err := json.Marshal(&now.Document)
		if err != nil {
			return err
		}
		return putDraft(ctx, tx, now, string(document))
	})
	if err != nil {
		return nil, err
	}
	return &made[0], nil
}

// PublishDue publishes the scheduled drafts whose time has come, each by the one who scheduled it. One that cannot be
// published goes back to review with a step NotPublished whose text is conflict, problems, address, nothing, author or role;
// one that only the file keeps from it waits for the next call.
func (s *Store) PublishDue(ctx context.Context) (made []register.Revision, err error) {
	if s.writer == nil {
		return nil, ErrReadOnly
	}
	rows, err := s.desk.QueryContext(ctx, "SELECT id, version FROM draft WHERE state = 'scheduled' AND publish_at <= ? ORDER BY publish_at, id",
		s.now().UTC().Format(time.RFC3339))
	if err != nil {
		return nil, plain(err)
	}
	type due struct {
		id      int64
		version int
	}
	var list []due
	for rows.Next() {
		var x due
		if err := rows.Scan(&x.id, &x.version); err != nil {
			rows.Close()
			return nil, plain(err)
		}
		list = append(list, x)
	}
	rows.Close()
	if err := rows.Err(); err != nil {
		return nil, plain(err)
	}
	for _, x := range list {
		d, err := s.Draft(ctx, x.id)
		if err != nil {
			return made, err
		}
		var by *Account
		if step := d.Last(ScheduledFor); step != nil {
			if by, err = s.Account(ctx, step.By); err != nil && !errors.Is(err, ErrNotFound) {
				return made, err
			}
		}
		r, err := s.PublishDraft(ctx, x.id, x.version, by)
		if err == nil {
			made = append(made, *r)
			continue
		}
		var stale *DraftConflict
		var overtaken *Conflict
		var invalid *register.Invalid
		why := ""
		switch {
		case errors.As(err, &stale), errors.Is(err, ErrDraftClosed):
			continue // somebody was quicker
		case errors.As(err, &overtaken):
			why = "conflict"
		case errors.As(err, &invalid):
			why = "problems"
		case errors.Is(err, ErrSlugTaken):
			why = "address"
		case errors.Is(err, ErrUnchanged):
			why = "nothing"
		case errors.Is(err, ErrOwnDraft):
			why = "author"
		case errors.Is(err, ErrRole):
			why = "role"
		default:
			return made, err
		}
		if _, err := s.MoveDraft(ctx, x.id, x.version, nil, Step{What: NotPublished, Text: why}); err != nil && !errors.As(err, &stale) {
			return made, err
		}
	}
	return made, nil
}

// PublishReference publishes changed reference data if nobody has changed it since base, the revision that it was read at;
// else the error is a *Conflict and nothing is written.
func (s *Store) PublishReference(ctx context.Context, ref *register.Reference, base int, p Publication) (*register.Revision, error) {
	p.Declaration, p.Reference = nil, ref
	made, err := s.publishAll(ctx, []Publication{p}, func(tx *sql.Tx) error {
		var changed int
		err := tx.QueryRowContext(ctx, `SELECT coalesce(max(number), 0) FROM revision WHERE subject = 'reference'
			AND number < (SELECT max(number) FROM revision)`).Scan(&changed)
		if err == nil && changed > base {
			err = &Conflict{Base: base, Current: changed}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &made[0], nil
}
