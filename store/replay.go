package store

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cosignatory/store/register"
)

// Replayed says what Replay did, or would do.
type Replayed struct {
	From, To     int // revisions of the register before and after
	Declarations int // that came new
	Changed      int // declarations of before that a revision changed
	Rows         int // row versions that the new revisions began
	Older        bool
	Last         int    // the newest revision of the history
	LastHash     string // and its hash
}

// ReplayOptions are how a history is replayed.
type ReplayOptions struct {
	DryRun bool
	// Progress, if any, is told the last revision that was made again, now and then.
	Progress func(done int)
	// Done, if any, is called when everything is written and before it is kept; an error of it undoes all.
	Done func(Replayed) error
}

// Replay makes the revisions of a history again, with their numbers, times, reasons and hashes: all of them in an empty
// register, those that are new in one whose own revisions are the first of the history. Every hash is computed anew, every
// row is checked, and in the end every declaration that came or changed must keep every rule. It is one transaction: all or,
// after an error, nothing. The error is *Unsound where the history does not hold, *Diverged where it is another register's.
// A history that ends before the register does, and is the same up to there, changes nothing and is Older.
//
// Besides Publish it is the only code that writes rows of the register: what it writes was published elsewhere.
func (s *Store) Replay(ctx context.Context, history io.Reader, o ReplayOptions) (Replayed, error) {
	if s.writer == nil {
		return Replayed{}, ErrReadOnly
	}
	s.publishing.Lock()
	defer s.publishing.Unlock()
	if s.Replaced() {
		return Replayed{}, ErrReplaced
	}
	began := time.Now()
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return Replayed{}, plain(err)
	}
	defer conn.Close()
	// More memory while it lasts: what does not fit is written twice.
	restore, err := importing(ctx, conn)
	if err != nil {
		return Replayed{}, plain(err)
	}
	defer restore()
	// Whoever asks may go away at any time. The transaction must not end by itself then: the next statement would stand alone.
	within := context.WithoutCancel(ctx)
	tx, err := conn.BeginTx(within, nil)
	if err != nil {
		return Replayed{}, plain(err)
	}
	defer tx.Rollback()
	r := &replayer{ctx: within, asked: ctx, conn: conn, bulk: inserting(conn), slugs: map[string]int64{}, again: map[int64]bool{}, known: map[int64]bool{}}
	defer r.bulk.close()
	if err := r.all(history, o.Progress); err != nil {
		return Replayed{}, plain(err)
	}
	if o.Done != nil {
		if err := o.Done(r.done); err != nil {
			return Replayed{}, err
		}
	}
	if o.DryRun || r.done.From == r.done.To {
		return r.done, nil
	}
	if err := r.bulk.close(); err != nil {
		return Replayed{}, plain(err)
	}
	err = tx.Commit()
	s.written()
	if err != nil {
		return r.done, plain(err)
	}
	s.tell(ctx, Committed{From: r.done.From + 1, To: r.done.To, Took: time.Since(began)})
	return r.done, nil
}

// importCache is how much memory SQLite has for pages while it imports, in KiB.
const importCache = 48 << 10

// importing gives the writer more memory, until what it returns is called.
func importing(ctx context.Context, conn *sql.Conn) (restore func(), err error) {
	var before int64
	if err := conn.QueryRowContext(ctx, "PRAGMA cache_size").Scan(&before); err != nil {
		return nil, err
	}
	_, err = conn.ExecContext(ctx, fmt.Sprintf("PRAGMA cache_size = -%d", importCache))
	return func() {
		// The connection serves on even where whoever asked has gone.
		conn.ExecContext(context.WithoutCancel(ctx), fmt.Sprintf("PRAGMA cache_size = %d", before))
	}, err
}

// replayer is one replay in work.
type replayer struct {
	ctx   context.Context // of statements: it does not end before they do
	asked context.Context // of whoever asked
	conn  *sql.Conn
	bulk  *bulk
	done  Replayed

	last      *past // the newest revision so far: number and hash
	ref       *register.Reference
	shared    atomic.Pointer[register.Reference] // the same, for those who read ahead
	fresh     []int64                            // numbers of new actions
	reference bool                               // a revision of this history changed the reference data when there were declarations
	slugs     map[string]int64                   // whose slug it is or was
	ids       int64                              // the greatest number of a declaration
	before    int64                              // the same before the replay
	actions   int64                              // the greatest number of an action
	known     map[int64]bool                     // declarations that an earlier revision has, of this history or of the register
	again     map[int64]bool                     // declarations that have to be looked at in the end
}

func (r *replayer) all(history io.Reader, progress func(int)) error {
	r.last = &past{}
	own, err := r.begin()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(r.asked)
	batches, wait := read(ctx, history, &r.shared)
	defer wait()
	defer cancel()
	n := 0
	for b := range batches {
		for _, p := range b.revisions {
			n++
			if p.err != nil {
				return p.err
			}
			if p.PreviousHash != r.last.Hash {
				return p.wrong("history_chain", "Recorded", p.PreviousHash, "Found", r.last.Hash)
			}
			if n <= r.done.From {
				if p.Hash != own[n] {
					return &Diverged{n, own[n], p.Hash}
				}
			} else if err := r.revision(p); err != nil {
				return err
			}
			r.last = p
			if progress != nil && n%50 == 0 {
				progress(n)
			}
		}
		if b.err != nil {
			return b.err
		}
	}
	if err := r.asked.Err(); err != nil {
		return err
	}
	if n == 0 {
		return &Unsound{Line: 1, Revision: 1, Key: "history_empty"}
	}
	r.done.Last, r.done.LastHash = n, r.last.Hash
	if r.done.To = max(r.done.From, n); n < r.done.From {
		r.done.Older = true
		return nil
	}
	if r.done.To == r.done.From {
		return nil
	}
	if err := r.bulk.flush(); err != nil {
		return err
	}
	return r.end()
}

// begin reads what the register has: hashes by revision, slugs, numbers.
func (r *replayer) begin() (hashes []string, err error) {
	hashes = []string{""}
	err = each(r.ctx, r.conn, func(rows *sql.Rows) error {
		var hash string
		err := rows.Scan(&hash)
		hashes = append(hashes, hash)
		return err
	}, "SELECT hash FROM revision ORDER BY number")
	if err != nil {
		return nil, err
	}
	r.done.From = len(hashes) - 1
	err = each(r.ctx, r.conn, func(rows *sql.Rows) error {
		var slug string
		var id int64
		err := rows.Scan(&slug, &id)
		r.slugs[slug], r.known[id], r.ids = id, true, max(r.ids, id)
		return err
	}, "SELECT slug, id FROM declaration")
	if err != nil {
		return nil, err
	}
	r.before = r.ids
	if err := r.conn.QueryRowContext(r.ctx, "SELECT coalesce(max(id), 0) FROM action").Scan(&r.actions); err != nil {
		return nil, err
	}
	rows, err := rowsAt(r.ctx, r.conn, referenceTables, 0, r.done.From)
	if err != nil {
		return nil, err
	}
	r.ref, err = referenceOf(rows)
	r.shared.Store(r.ref)
	return hashes, err
}

func each(ctx context.Context, q queryer, f func(*sql.Rows) error, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// revision makes one revision again.
func (r *replayer) revision(p *past) error {
	tables, _ := tablesOf(p.Subject)
	fresh := p.declaration > 0 && !r.known[p.declaration]
	if fresh && p.declaration != r.ids+1 {
		return p.wrong("history_id", "Found", p.declaration, "Expected", r.ids+1)
	}
	if err := r.numbers(p); err != nil {
		return err
	}
	if fresh && len(p.ended) > 0 {
		return p.wrong("history_row_missing", "Row", p.ended[0].text())
	}
	if !fresh {
		// Rows that end must stand as they are told; rows that begin must have no other of their key beside them.
		if err := r.bulk.flush(); err != nil {
			return err
		}
		for i := range p.ended {
			x := &p.ended[i]
			n, err := r.bulk.end(r.ctx, &tables[x.table], p.Number, x.values)
			if err != nil {
				return err
			}
			if n == 0 {
				return p.wrong("history_row_missing", "Row", x.text())
			}
		}
		for i := range p.begun {
			if p.declaration == 0 && len(r.ref.Participants)+len(r.ref.Groups)+len(r.ref.Topics)+len(r.ref.Ambiguous) == 0 {
				break // there is nothing yet beside which they could stand
			}
			x := &p.begun[i]
			t := &tables[x.table]
			var n int
			err := r.conn.QueryRowContext(r.ctx, "SELECT count(*) FROM "+t.name+" WHERE "+strings.Join(t.key, " = ? AND ")+" = ? AND rev_to = ?",
				append(slices.Clone(x.values[:len(t.key)]), int64(forever))...).Scan(&n)
			if err != nil {
				return err
			}
			if n > 0 {
				return p.wrong("history_row_twice", "Row", x.text())
			}
		}
	}
	for i := range p.begun {
		if err := r.bulk.row(&tables[p.begun[i].table], p.Number, p.begun[i].values); err != nil {
			return err
		}
	}
	r.done.Rows += len(p.begun)
	if err := r.bulk.revision(p); err != nil {
		return err
	}
	if fresh {
		return r.state(p, p.state, p.stateErr, true)
	}
	if err := r.bulk.flush(); err != nil {
		return err
	}
	state, err := rowsAt(r.ctx, r.conn, tables, p.declaration, p.Number)
	if err != nil {
		return err
	}
	if p.declaration == 0 {
		ref, err := referenceOf(state)
		if err != nil {
			return p.wrong("history_state", "Reason", reason(err))
		}
		r.ref = ref
		r.shared.Store(ref)
		r.reference = r.reference || len(r.known) > 0
		return nil
	}
	d, err := declarationOf(state)
	return r.state(p, d, err, false)
}

// twice says that two rows that one revision begins have one key.
func twice(tables []table, rows []row) bool {
	type key struct {
		table   int
		a, b, c any
	}
	seen := make(map[key]bool, len(rows))
	for i := range rows {
		k := key{table: rows[i].table}
		for j, v := range rows[i].values[:len(tables[k.table].key)] {
			switch j {
			case 0:
				k.a = v
			case 1:
				k.b = v
			default:
				k.c = v
			}
		}
		if seen[k] {
			return true
		}
		seen[k] = true
	}
	return false
}

// numbers looks at the numbers of actions: a new one is greater than all before, an older one goes on from a row that ends.
func (r *replayer) numbers(p *past) error {
	if p.declaration == 0 {
		return nil
	}
	greatest := r.actions
	of := func(x *row) int64 {
		if declarationTables[x.table].name != "action" {
			return 0
		}
		return x.values[2].(int64)
	}
	var ended, older map[int64]bool
	for i := range p.ended {
		if id := of(&p.ended[i]); id > 0 {
			if ended == nil {
				ended = map[int64]bool{}
			}
			ended[id] = true
		}
	}
	for i := range p.begun {
		id := of(&p.begun[i])
		if id == 0 && declarationTables[p.begun[i].table].name != "action" {
			continue
		}
		if id > greatest {
			// New ones are told apart below: they come by participant, not in their order.
			r.actions = max(r.actions, id)
			r.fresh = append(r.fresh, id)
			continue
		}
		if !ended[id] || older[id] {
			return p.wrong("history_action_id", "Found", id)
		}
		if older == nil {
			older = map[int64]bool{}
		}
		older[id] = true
	}
	slices.Sort(r.fresh)
	for i, id := range r.fresh {
		if i > 0 && id == r.fresh[i-1] {
			return p.wrong("history_action_id", "Found", id)
		}
	}
	r.fresh = r.fresh[:0]
	return nil
}

// state looks at what a revision makes of a declaration.
func (r *replayer) state(p *past, d *register.Declaration, err error, fresh bool) error {
	if err != nil {
		return p.wrong("history_state", "Reason", reason(err))
	}
	if d.Slug != p.Declaration || d.Slug == "" {
		return p.wrong("history_slug", "Found", d.Slug, "Expected", p.Declaration)
	}
	if of, ok := r.slugs[d.Slug]; ok && of != p.declaration {
		return p.wrong("history_slug_taken", "Slug", d.Slug)
	}
	r.slugs[strings.Clone(d.Slug)] = p.declaration // a text of a line keeps the whole line in memory
	if fresh {
		r.ids = p.declaration
		r.done.Declarations++
		r.known[p.declaration] = true
		if p.checked == r.ref && p.sound || p.checked != r.ref && len(d.Validate(r.ref)) == 0 {
			return nil
		}
	} else if p.declaration <= r.before && !r.again[p.declaration] {
		r.done.Changed++
	}
	// It may be mended by a later revision, or the rules may have been wider then: what counts is how it stands in the end.
	r.again[p.declaration] = true
	return nil
}

func reason(err error) string {
	return strings.TrimSuffix(err.Error(), ": "+ErrDamaged.Error())
}

// end looks at what stands now: declarations that were not found sound when they came, sources, links; and sets the numbers
// that were given.
func (r *replayer) end() error {
	last := r.last
	check := func(id int64) error {
		rows, err := rowsAt(r.ctx, r.conn, declarationTables, id, last.Number)
		if err != nil {
			return err
		}
		d, err := declarationOf(rows)
		if err != nil {
			return err
		}
		if problems := d.Validate(r.ref); len(problems) > 0 {
			return last.wrong("history_rule", "Slug", d.Slug, "Problems", problems)
		}
		return nil
	}
	if r.reference {
		r.again = r.known
	}
	ids := make([]int64, 0, len(r.again))
	for id := range r.again {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if err := check(id); err != nil {
			return err
		}
	}
	var text string
	err := r.conn.QueryRowContext(r.ctx, "SELECT source FROM source WHERE rev_to = ? GROUP BY source HAVING count(*) > 1 LIMIT 1", forever).Scan(&text)
	if err == nil {
		return last.wrong("history_source_twice", "Source", text)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	err = r.conn.QueryRowContext(r.ctx, "SELECT target FROM link WHERE rev_to = ? AND target NOT IN (SELECT slug FROM declaration) LIMIT 1", forever).Scan(&text)
	if err == nil {
		return last.wrong("history_link", "Target", text)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	_, err = r.conn.ExecContext(r.ctx, "UPDATE counter SET value = max(value, CASE name WHEN 'action' THEN ? ELSE ? END) WHERE name IN ('action', 'declaration')", r.actions, r.ids)
	return err
}

// batch is some revisions of a history in their order, and the error that ended it.
type batch struct {
	revisions []*past
	err       error
}

// maxLine is how long a line of history may be: the largest change with its circumstances.
const maxLine = maxChange + 1<<20

// read reads a history on goroutines of its own: one takes it apart into lines, two read those, and what they give comes in
// order. wait returns when they have ended; cancel the context first.
func read(ctx context.Context, history io.Reader, ref *atomic.Pointer[register.Reference]) (batches <-chan batch, wait func()) {
	type job struct {
		first int
		lines []string
		err   error
		out   chan batch
	}
	const most = 64 << 10 // bytes of lines that are handed on together
	ordered, jobs, out := make(chan *job, 8), make(chan *job, 8), make(chan batch)
	var running sync.WaitGroup
	running.Go(func() {
		defer close(ordered)
		defer close(jobs)
		in := bufio.NewReaderSize(history, 1<<18)
		n, j := 0, &job{first: 1, out: make(chan batch, 1)}
		hand := func() bool {
			for _, to := range []chan *job{ordered, jobs} {
				select {
				case to <- j:
				case <-ctx.Done():
					return false
				}
			}
			j = &job{first: n + 1, out: make(chan batch, 1)}
			return true
		}
		size := 0
		for {
			line, err := readLine(in)
			if err == nil || err == io.EOF && line != "" {
				n++
				j.lines = append(j.lines, line)
				if size += len(line); size > most {
					size = 0
					if !hand() {
						return
					}
				}
			}
			if err != nil {
				if err != io.EOF {
					if errors.Is(err, errLong) {
						err = &Unsound{Line: n + 1, Revision: n + 1, Key: "history_line_long", Args: map[string]any{"Max": maxLine >> 20}}
					}
					j.err = err
				}
				hand()
				return
			}
		}
	})
	for range 2 {
		running.Go(func() {
			w := pastWorker{ref: ref}
			for j := range jobs {
				b := batch{err: j.err}
				for i, line := range j.lines {
					if ctx.Err() != nil {
						break
					}
					p := parsePast(line, j.first+i, &w)
					b.revisions = append(b.revisions, p)
					if p.err != nil {
						break
					}
				}
				j.out <- b
			}
		})
	}
	running.Go(func() {
		defer close(out)
		for j := range ordered {
			select {
			case b := <-j.out:
				select {
				case out <- b:
				case <-ctx.Done():
					return
				}
			case <-ctx.Done():
				return
			}
		}
	})
	return out, running.Wait
}

var errLong = errors.New("store: line too long")

// readLine reads one line without its end. A last line may have none.
func readLine(in *bufio.Reader) (string, error) {
	var line []byte
	for {
		piece, err := in.ReadSlice('\n')
		if len(line)+len(piece) > maxLine {
			return "", errLong
		}
		if err == nil && line == nil {
			return string(piece[:len(piece)-1]), nil
		}
		line = append(line, piece...)
		switch {
		case err == nil:
			return string(line[:len(line)-1]), nil
		case errors.Is(err, bufio.ErrBufferFull):
		default:
			return string(line), err
		}
	}
}
