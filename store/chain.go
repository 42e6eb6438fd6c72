package store

import (
	"context"

	"cosignatory/store/register"
)

// Summarised is a revision with the English line in which files tell what changed.
type Summarised struct {
	register.Revision
	Summary string
}

// Following are the revisions after one, oldest first, at most limit of them, up to the view's.
func (v *View) Following(ctx context.Context, after, limit int) ([]Summarised, error) {
	return v.published(ctx, "number > ? AND number <= ? ORDER BY number LIMIT ?", after, v.Revision, limit)
}

// Preceding are the revisions before one, newest first, at most limit of them, up to the view's: of one declaration where id
// is not 0.
func (v *View) Preceding(ctx context.Context, id int64, before, limit int) ([]Summarised, error) {
	before = min(before, v.Revision+1)
	if id != 0 {
		return v.published(ctx, "declaration_id = ? AND number < ? ORDER BY number DESC LIMIT ?", id, before, limit)
	}
	return v.published(ctx, "number < ? ORDER BY number DESC LIMIT ?", before, limit)
}

// CountHistory is how many revisions of a declaration there are by the view's.
func (v *View) CountHistory(ctx context.Context, id int64) (int, error) {
	var n int
	err := v.reader.QueryRowContext(ctx, "SELECT count(*) FROM revision WHERE declaration_id = ? AND number <= ?", id, v.Revision).Scan(&n)
	return n, plain(err)
}

func (v *View) published(ctx context.Context, where string, args ...any) ([]Summarised, error) {
	rows, err := v.reader.QueryContext(ctx, "SELECT summary, "+revisionColumns+" FROM revision WHERE "+where, args...) // #nosec G202 -- conditions are from this package, values are arguments
	if err != nil {
		return nil, plain(err)
	}
	defer rows.Close()
	var all []Summarised
	for rows.Next() {
		var p Summarised
		if p.Revision, err = scanRevision(prefixed{rows, []any{&p.Summary}}); err != nil {
			return nil, plain(err)
		}
		all = append(all, p)
	}
	return all, plain(rows.Err())
}
