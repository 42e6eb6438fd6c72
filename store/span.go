package store

import (
	"context"

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
// of the register. As a view never changes, several spans may be read side by side; each holds one of the two connections
// kept for exports until it returns.
func (v *View) Span(ctx context.Context, from, to int64, parts Part, f func(*Entry) error) error {
	return plain(v.walk(ctx, parts, between{from, to}, func(e *Entry) error {
		if e.MergedInto != "" {
			return nil
		}
		return f(e)
	}))
}

// Some are the living declarations among ids, in that order: parts of them and, where a participant is given, only that
// participant's actions. It holds them all in memory: ask for a few hundred at a time.
func (v *View) Some(ctx context.Context, ids []int64, parts Part, participant string) ([]*Entry, error) {
	var tables []string
	for i := range children {
		if parts&(1<<i) != 0 && !(participant != "" && children[i].table == "action") {
			tables = append(tables, children[i].table)
		}
	}
	all, err := v.chosen(ctx, v.store.export, ids, tables, participant)
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
