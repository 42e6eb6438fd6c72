package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// bulkRows is how many rows one statement inserts where there are that many: a statement costs crossings to SQLite, and so
// does every value; more rows would take more variables than SQLite allows for the widest table.
const bulkRows = 48

// bulk inserts row versions into tables, many with one statement, in the order in which they come. Rows stay in memory
// until there are enough of them, or flush is called: whoever reads or ends rows flushes first. It bypasses database/sql,
// whose share of an insert is greater than SQLite's.
type bulk struct {
	conn   *sql.Conn
	queues map[string]*queue
}

type queue struct {
	table   string
	columns []string
	args    []driver.NamedValue   // of rows, column by column
	filled  uint64                // columns of which a row has something other than an empty text or 0
	made    map[uint64]*statement // by the columns that are filled
}

// statement inserts rows whose other columns are all empty: most of an action's are, and every value that is not handed over
// is a crossing less.
type statement struct {
	few, many driver.StmtExecContext
	args      []driver.NamedValue
}

// maxStatements bounds how many statements a queue keeps; beyond that the one for all columns serves.
const maxStatements = 24

// inserting is a bulk on a connection that is within a transaction.
func inserting(conn *sql.Conn) *bulk { return &bulk{conn: conn, queues: map[string]*queue{}} }

func (b *bulk) queue(name string, columns ...string) *queue {
	q := b.queues[name]
	if q == nil {
		q = &queue{table: name, columns: columns, made: map[uint64]*statement{}}
		b.queues[name] = q
	}
	return q
}

// row adds a row that a revision begins.
func (b *bulk) row(t *table, revision int, values []any) error {
	q := b.queues[t.name]
	if q == nil {
		q = b.queue(t.name, append([]string{"rev_from", "rev_to"}, append(slices.Clone(t.key), t.columns...)...)...)
	}
	return b.add(q, int64(revision), int64(forever), values)
}

// add adds a row of which the first two values are apart from the others.
func (b *bulk) add(q *queue, first, second any, values []any) error {
	q.args = append(q.args, driver.NamedValue{Value: first}, driver.NamedValue{Value: second})
	q.filled |= 3
	for i, v := range values {
		switch x := v.(type) {
		case string:
			if x != "" {
				q.filled |= 1 << (i + 2)
			}
		case int64:
			if x != 0 {
				q.filled |= 1 << (i + 2)
			}
		default:
			q.filled |= 1 << (i + 2)
		}
		q.args = append(q.args, driver.NamedValue{Value: v})
	}
	if len(q.args) < bulkRows*len(q.columns) {
		return nil
	}
	return b.send(q)
}

// flush writes what is in memory.
func (b *bulk) flush() error {
	for _, q := range b.queues {
		if err := b.send(q); err != nil {
			return err
		}
	}
	return nil
}

func (b *bulk) send(q *queue) error {
	if len(q.args) == 0 {
		return nil
	}
	all := uint64(1)<<len(q.columns) - 1
	s := q.made[q.filled]
	if s == nil && len(q.made) >= maxStatements {
		q.filled = all
		s = q.made[all]
	}
	if s == nil {
		s = &statement{}
		q.made[q.filled] = s
	}
	values := make([]string, len(q.columns))
	for i := range values {
		values[i] = "?"
		if q.filled>>i&1 == 0 {
			values[i] = "''"
			if _, ok := q.args[i].Value.(int64); ok {
				values[i] = "0"
			}
		}
	}
	err := b.conn.Raw(func(c any) error {
		prepare := func(to *driver.StmtExecContext, rows int) error {
			if *to != nil {
				return nil
			}
			one := "(" + strings.Join(values, ", ") + ")"
			x, err := c.(driver.ConnPrepareContext).PrepareContext(context.Background(), "INSERT INTO "+q.table+" ("+strings.Join(q.columns, ", ")+") VALUES "+
				strings.Repeat(one+", ", rows-1)+one)
			if err != nil {
				return err
			}
			*to = x.(driver.StmtExecContext)
			return nil
		}
		// A context that can be cancelled costs a goroutine a statement; whoever calls looks at it between revisions.
		ctx := context.Background()
		s.args = s.args[:0]
		give := func(rows []driver.NamedValue) {
			for i := range rows {
				if q.filled>>(i%len(q.columns))&1 == 1 {
					s.args = append(s.args, driver.NamedValue{Ordinal: len(s.args) + 1, Value: rows[i].Value})
				}
			}
		}
		if len(q.args) == bulkRows*len(q.columns) {
			if err := prepare(&s.many, bulkRows); err != nil {
				return err
			}
			give(q.args)
			_, err := s.many.ExecContext(ctx, s.args)
			return err
		}
		if err := prepare(&s.few, 1); err != nil {
			return err
		}
		for from := 0; from < len(q.args); from += len(q.columns) {
			s.args = s.args[:0]
			give(q.args[from : from+len(q.columns)])
			if _, err := s.few.ExecContext(ctx, s.args); err != nil {
				return err
			}
		}
		return nil
	})
	clear(q.args)
	clear(s.args)
	q.args, q.filled = q.args[:0], 0
	return err
}

// close gives back the statements. What is still in memory is not written.
func (b *bulk) close() error {
	var errs []error
	err := b.conn.Raw(func(any) error {
		for _, q := range b.queues {
			for _, s := range q.made {
				for _, x := range []driver.StmtExecContext{s.few, s.many} {
					if c, ok := x.(driver.Stmt); ok {
						errs = append(errs, c.Close())
					}
				}
			}
		}
		return nil
	})
	b.queues = map[string]*queue{}
	return errors.Join(append(errs, err)...)
}

// revision adds a row of the table of revisions.
func (b *bulk) revision(p *past) error {
	q := b.queue("revision", "number", "published_at", "subject", "declaration_id", "declaration", "changes", "summary", "reason",
		"reason_lang", "author_role", "author_name", "previous_hash", "hash", "change")
	return b.add(q, int64(p.Number), p.at, []any{p.Subject, p.declaration, p.Declaration, p.changes, p.summary, p.Reason, p.ReasonLang,
		p.AuthorRole, p.AuthorName, p.PreviousHash, p.Hash, p.change})
}

// end ends a row that stands: at a revision, and only where it reads exactly so.
func (b *bulk) end(ctx context.Context, t *table, revision int, values []any) (int64, error) {
	where := strings.Join(append(slices.Clone(t.key), t.columns...), " = ? AND ")
	args := append([]any{int64(revision)}, values...)
	r, err := b.conn.ExecContext(ctx, "UPDATE "+t.name+" SET rev_to = ? WHERE "+where+" = ? AND rev_to = ?", append(args, int64(forever))...) // #nosec G202 -- names of tables and columns are from a list in this package
	if err != nil {
		return 0, err
	}
	n, err := r.RowsAffected()
	if err == nil && n > 1 {
		err = fmt.Errorf("%d rows of %s stand with one key: %w", n, t.name, ErrDamaged)
	}
	return n, err
}
