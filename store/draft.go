package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
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

// Draft is a whole declaration that the public does not see. It need not be valid until it is published.
type Draft struct {
	ID            int64
	DeclarationID int64 // 0 for a declaration that is new
	Base          int   // the revision it was begun from
	State         DraftState
	Author        string
	Reason        string
	Document      register.Declaration
	Created       time.Time
	Changed       time.Time
}

// ErrDraftClosed says that a draft was published or discarded: it changes no more.
var ErrDraftClosed = errors.New("store: draft is closed")

// SaveDraft keeps a draft: a new one for an ID of 0, which is filled in. Nothing is validated, so that no work is lost.
func (s *Store) SaveDraft(ctx context.Context, d *Draft) error {
	if s.writer == nil {
		return ErrReadOnly
	}
	document, err := json.Marshal(&d.Document)
	if err != nil {
		return err
	}
	now := s.now().UTC().Truncate(time.Second)
	if d.ID == 0 {
		d.State, d.Created, d.Changed = Drafting, now, now
		return plain(s.writer.QueryRowContext(ctx, `INSERT INTO draft (declaration_id, base_revision, state, author, document, reason, created_at, changed_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, d.DeclarationID, d.Base, d.State, d.Author, string(document), d.Reason,
			now.Format(time.RFC3339), now.Format(time.RFC3339)).Scan(&d.ID))
	}
	r, err := s.writer.ExecContext(ctx, `UPDATE draft SET state = ?, base_revision = ?, document = ?, reason = ?, changed_at = ?
		WHERE id = ? AND state NOT IN ('published', 'discarded')`, d.State, d.Base, string(document), d.Reason, now.Format(time.RFC3339), d.ID)
	if err != nil {
		return plain(err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fmt.Errorf("%w: %d", ErrDraftClosed, d.ID))
	}
	d.Changed = now
	return nil
}

// Draft is the draft with that number, ErrNotFound where there is none.
func (s *Store) Draft(ctx context.Context, id int64) (*Draft, error) {
	return draftOf(ctx, s.reader, id)
}

func draftOf(ctx context.Context, q queryer, id int64) (*Draft, error) {
	d := &Draft{ID: id}
	var document, created, changed string
	err := q.QueryRowContext(ctx, "SELECT declaration_id, base_revision, state, author, document, reason, created_at, changed_at FROM draft WHERE id = ?", id).
		Scan(&d.DeclarationID, &d.Base, (*string)(&d.State), &d.Author, &document, &d.Reason, &created, &changed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err == nil {
		err = json.Unmarshal([]byte(document), &d.Document)
	}
	if err == nil {
		d.Created, err = time.Parse(time.RFC3339, created)
	}
	if err == nil {
		d.Changed, err = time.Parse(time.RFC3339, changed)
	}
	return d, plain(err)
}

// PublishDraft publishes a draft as Publish does, and closes it in the same transaction.
func (s *Store) PublishDraft(ctx context.Context, id int64, role, name string) (*register.Revision, error) {
	d, err := s.Draft(ctx, id)
	if err != nil {
		return nil, err
	}
	if d.State == Published || d.State == Discarded {
		return nil, fmt.Errorf("%w: %d", ErrDraftClosed, id)
	}
	made, err := s.publishAll(ctx, []Publication{{Declaration: &d.Document, ID: d.DeclarationID, Base: d.Base, Reason: d.Reason, ReasonLang: "en",
		Role: role, Name: name}}, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE draft SET state = 'published', changed_at = ? WHERE id = ?", s.now().UTC().Format(time.RFC3339), id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &made[0], nil
}
