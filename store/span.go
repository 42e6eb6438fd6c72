package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"cosignatory/store/register"
)

// Part is a part of declarations that a reader asks for; what it leaves out is not read and stays empty.
type Part uint16

// The parts of a declaration, in the order of children. Its own row, with slug, kind and dates, is always read. Whoever
// folds actions needs Sources too: an undated joining counts from its source's date.
const (
	Titles Part = 1 << iota
	Texts
	Sponsors
	Topics
	StatedCounts
	Links
	Sources
	Disputes
	Actions

	Whole = 1<<iota - 1
)

// LastID is the greatest number that a declaration had by the view's revision, 0 where there is none. Numbers are given
// from 1 on without large gaps.
func (v *View) LastID(ctx context.Context) (int64, error) {
	var id int64
	err := v.store.export.QueryRowContext(ctx, `SELECT coalesce((SELECT id FROM declaration WHERE rev_from <= ? ORDER BY id DESC LIMIT 1), 0)`,
		v.Revision).Scan(&id)
	return id, plain(err)
}

// Span calls f with the living declarations numbered from from to to, in that order, in constant memory: Each for a part
// of the register. It holds one of the two connections kept for exports until it returns.
func (v *View) Span(ctx context.Context, from, to int64, parts Part, f func(*Entry) error) error {
	r, err := v.Connect(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	return r.Span(ctx, from, to, parts, f)
}

// Connection is one of the two connections kept for exports, held until it is closed. As a view never changes, several parts of it
// may be read side by side. Who hands parts on in their order takes a part only with a Connection in hand: with one taken first, all
// connections may be held by parts that wait for an earlier one to be handed on, while that one waits for a connection.
type Connection struct {
	view *View
	conn *sql.Conn
}

// Connect waits until one of the connections is free.
func (v *View) Connect(ctx context.Context) (*Connection, error) {
	conn, err := v.store.export.Conn(ctx)
	if err != nil {
		return nil, plain(err)
	}
	return &Connection{v, conn}, nil
}

// Close gives the connection back.
func (r *Connection) Close() error { return r.conn.Close() }

// Span is the view's Span.
func (r *Connection) Span(ctx context.Context, from, to int64, parts Part, f func(*Entry) error) error {
	return plain(r.walk(ctx, parts, between{from, to}, func(e *Entry) error {
		if e.MergedInto != "" {
			return nil
		}
		return f(e)
	}))
}

// Some are the living declarations among ids, in that order: parts of them and, where a participant is given, only that
// participant's actions, with groups those of groups too. It holds them all in memory: ask for a few hundred at a time.
func (r *Connection) Some(ctx context.Context, ids []int64, parts Part, participant string, groups bool) ([]*Entry, error) {
	var tables []string
	for i := range children {
		if parts&(1<<i) != 0 && !(participant != "" && children[i].table == "action") {
			tables = append(tables, children[i].table)
		}
	}
	all, err := r.view.chosen(ctx, r.conn, ids, tables, participant, groups)
	living := all[:0]
	for _, e := range all {
		if e.MergedInto == "" {
			living = append(living, e)
		}
	}
	return living, err
}

// EachChange calls f with the revisions up to the view's and their English summaries, newest first; with those of one
// declaration where id is not 0.
func (v *View) EachChange(ctx context.Context, id int64, f func(r *register.Revision, summary string) error) error {
	where, args := "number <= ? ORDER BY number DESC", []any{v.Revision}
	if id != 0 {
		where, args = "declaration_id = ? AND "+where, []any{id, v.Revision}
	}
	return v.eachRevision(ctx, where, args, f)
}

// Retired calls f with the declarations that another one answers for, whole, in the order in which they came onto the
// register. They are few.
func (v *View) Retired(ctx context.Context, f func(*Entry) error) error {
	var ids []int64
	err := each(ctx, v.store.export, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, "SELECT id FROM declaration WHERE merged_into <> '' AND rev_from <= ? AND ? < rev_to ORDER BY id", v.Revision, v.Revision)
	if err != nil {
		return plain(err)
	}
	for _, id := range ids {
		e, err := v.whole(ctx, v.store.export, id)
		if err == nil && e == nil {
			err = ErrNotFound
		}
		if err != nil {
			return plain(err)
		}
		if err := f(e); err != nil {
			return err
		}
	}
	return nil
}

// Address is an address that a declaration had before, and the slug that it has now.
type Address struct{ Slug, Now string }

// Addresses are the addresses that declarations, retired ones too, had before: those of one in the order in which it had
// them. They lead on for ever.
func (v *View) Addresses(ctx context.Context) ([]Address, error) {
	var all []Address
	err := each(ctx, v.store.export, func(rows *sql.Rows) error {
		var a Address
		err := rows.Scan(&a.Slug, &a.Now)
		all = append(all, a)
		return err
	}, `SELECT o.slug, d.slug FROM declaration o JOIN declaration d ON d.id = o.id AND d.rev_from <= ?1 AND ?1 < d.rev_to
		WHERE o.rev_from <= ?1 AND o.slug <> d.slug GROUP BY d.id, o.slug ORDER BY d.id, min(o.rev_from)`, v.Revision)
	return all, plain(err)
}

// Counts are how many rows of some tables of living declarations stand: titles, texts, stated numbers, links and phrases of
// disputes, retired declarations and former addresses.
type Counts struct{ Titles, Texts, Stated, Links, Disputes, Retired, Addresses int }

// Count counts what the index does not.
func (v *View) Count(ctx context.Context) (Counts, error) {
	var c Counts
	living := func(what, table string) string {
		return "(SELECT " + what + " FROM " + table + " t JOIN declaration d ON d.id = t.declaration AND d.rev_from <= ?1 AND ?1 < d.rev_to AND d.merged_into = '' WHERE t.rev_from <= ?1 AND ?1 < t.rev_to)"
	}
	err := v.reader.QueryRowContext(ctx, "SELECT "+living("count(*)", "title")+", "+living("count(*)", "text")+", "+living("count(*)", "stated")+", "+
		living("count(*)", "link")+", "+living("coalesce(sum(json_array_length(t.claim)), 0)", "dispute")+
		", (SELECT count(*) FROM declaration WHERE merged_into <> '' AND rev_from <= ?1 AND ?1 < rev_to)", v.Revision).
		Scan(&c.Titles, &c.Texts, &c.Stated, &c.Links, &c.Disputes, &c.Retired)
	if err != nil {
		return c, plain(err)
	}
	addresses, err := v.Addresses(ctx)
	c.Addresses = len(addresses)
	return c, err
}

// SourceOwner is the slug of the declaration that a source belongs to today, empty where no declaration has one of that key.
func (v *View) SourceOwner(ctx context.Context, key string) (string, error) {
	var slug string
	err := v.reader.QueryRowContext(ctx, `SELECT d.slug FROM source s JOIN declaration d ON d.id = s.declaration AND d.rev_from <= ?1 AND ?1 < d.rev_to
		WHERE s.source = ?2 AND s.rev_from <= ?1 AND ?1 < s.rev_to`, v.Revision, key).Scan(&slug)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return slug, plain(err)
}

// ChangedBy is the newest revision of a declaration, or of the reference data for 0, that none of some roles made; 0 where
// they made all.
func (v *View) ChangedBy(ctx context.Context, id int64, but []string) (int, error) {
	subject := register.OfDeclaration
	if id == 0 {
		subject = register.OfReference
	}
	list, err := json.Marshal(but)
	if err != nil {
		return 0, err
	}
	var n int
	err = v.reader.QueryRowContext(ctx, `SELECT coalesce(max(number), 0) FROM revision WHERE subject = ? AND declaration_id = ? AND number <= ?
		AND author_role NOT IN (SELECT value FROM json_each(?))`, subject, id, v.Revision, string(list)).Scan(&n)
	return n, plain(err)
}
