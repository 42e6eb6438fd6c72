package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"cosignatory/store/register"
)

// Publication is one change to publish: a declaration's new state, or the reference data's.
type Publication struct {
	// Declaration is the whole new state; ID is the declaration it replaces, 0 for a new one. Base is the revision its
	// draft was begun from: a change of the same declaration since is a *Conflict.
	Declaration *register.Declaration
	ID          int64
	Base        int
	// Former are addresses that the declaration had in another register and never here, the oldest first: it is published
	// under each in turn, a revision each, and then under its own, so that they lead on here too.
	Former []string
	// Reference is the whole new reference data, where Declaration is nil.
	Reference *register.Reference

	// Reason is what the public reads, in ReasonLang. Role is the author's; Name only where the account allows it.
	Reason, ReasonLang, Role, Name string
}

// Publish makes one revision of each publication, in one transaction: all or none. It is the only code that writes rows
// of the register. A publication that changes nothing makes no revision; if none does, the error is ErrUnchanged. A draft
// that breaks a rule is *register.Invalid with every problem; nothing is written then, nor after any other error.
func (s *Store) Publish(ctx context.Context, publications ...Publication) ([]register.Revision, error) {
	return s.publishAll(ctx, publications, nil)
}

// errTried undoes a publication that was only tried.
var errTried = errors.New("store: tried")

// TryPublish is Publish that leaves nothing: it says what Publish would make, or what would keep it from it.
func (s *Store) TryPublish(ctx context.Context, publications ...Publication) (made []register.Revision, err error) {
	made, err = s.publishAll(ctx, publications, func(*sql.Tx) error { return errTried })
	if errors.Is(err, errTried) {
		err = nil
	}
	return made, err
}

// publishAll is Publish with something more to write in the same transaction.
func (s *Store) publishAll(ctx context.Context, publications []Publication, besides func(tx *sql.Tx) error) ([]register.Revision, error) {
	if s.writer == nil {
		return nil, ErrReadOnly
	}
	s.publishing.Lock()
	defer s.publishing.Unlock()
	if s.Replaced() {
		return nil, ErrReplaced
	}
	began := time.Now()
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return nil, plain(err)
	}
	defer conn.Close()
	if len(publications) > fewPublications {
		restore, err := importing(ctx, conn)
		if err != nil {
			return nil, plain(err)
		}
		defer restore()
	}
	// Whoever asks may go away at any time. The transaction must not end by itself then: the next statement would stand alone.
	within := context.WithoutCancel(ctx)
	tx, err := conn.BeginTx(within, nil)
	if err != nil {
		return nil, plain(err)
	}
	defer tx.Rollback()
	w := &publisher{ctx: within, tx: tx, now: s.now().UTC().Truncate(time.Second), bulk: inserting(conn), pack: &s.pack,
		counters: map[string]int64{}, slugs: map[string]int64{}, sources: map[string]int64{}}
	defer w.bulk.close()
	if err := w.begin(s, len(publications)); err != nil {
		return nil, plain(err)
	}
	var made []register.Revision
	for i := range publications {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p := publications[i]
		for _, slug := range p.Former {
			d, step := *p.Declaration, p
			d.Slug, step.Declaration = slug, &d
			r, err := w.publish(&step)
			if err != nil {
				return nil, plain(err)
			}
			made = append(made, *r)
			// What was recorded goes on, with the ids that its actions were given.
			d = *w.declaration
			d.Slug = p.Declaration.Slug
			p.Declaration, p.ID, p.Base = &d, w.id, r.Number
		}
		r, err := w.publish(&p)
		if errors.Is(err, ErrUnchanged) {
			continue
		}
		if err != nil {
			return nil, plain(err)
		}
		made = append(made, *r)
	}
	if len(made) == 0 {
		return nil, ErrUnchanged
	}
	if err := w.end(); err != nil {
		return nil, plain(err)
	}
	if err := w.checkLinks(); err != nil {
		return nil, plain(err)
	}
	if err := w.checkMerged(); err != nil {
		return nil, plain(err)
	}
	if besides != nil {
		if err := besides(tx); err != nil {
			if errors.Is(err, errTried) {
				return made, err
			}
			return nil, plain(err)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	err = tx.Commit()
	s.written()
	if err != nil {
		return nil, plain(err)
	}
	s.tell(ctx, Committed{Revisions: made, From: made[0].Number, To: made[len(made)-1].Number, Took: time.Since(began), ClockBehind: w.behind})
	return made, nil
}

// publisher is one transaction of publications. now is fixed for all of them, and never before the time of the newest
// revision: as of a revision's day must not run backwards because a clock did. behind is by how much it would have.
type publisher struct {
	behind time.Duration

	ctx   context.Context // of statements: it does not end before they do
	tx    *sql.Tx
	bulk  *bulk
	now   time.Time
	ref   *register.Reference
	head  *register.Revision // number and hash of the newest revision; nil before it is read
	links map[string]string  // target slug by the slug that first links to it
	pack  *deflater

	merged map[int64]string // target slug by the number of the declaration that this transaction retires into it

	id          int64                 // of the declaration that was published last
	declaration *register.Declaration // that one, as it was recorded
	counters    map[string]int64      // as they stand now, once they are read
	// Whose slugs and keys of sources are: those of this transaction or, with everything, those of the whole register.
	slugs, sources map[string]int64
	everything     bool
}

// fewPublications is how many publications ask the database one by one what they need to know; for more all of it is read.
const fewPublications = 100

// begin reads what publications need to know.
func (w *publisher) begin(s *Store, publications int) error {
	w.head = &register.Revision{}
	var at string
	err := w.tx.QueryRowContext(w.ctx, "SELECT number, hash, published_at FROM revision ORDER BY number DESC LIMIT 1").Scan(&w.head.Number, &w.head.Hash, &at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if err == nil {
		last, err := time.Parse(time.RFC3339, at)
		if err != nil {
			return fmt.Errorf("the time of revision %d: %w", w.head.Number, errors.Join(err, ErrDamaged))
		}
		if last.After(w.now) {
			w.behind, w.now = last.Sub(w.now), last
		}
	}
	// Nobody else writes while this transaction lasts, so what it reads here is what everybody reads, and may be shared.
	if w.ref, err = s.reference(w.ctx, w.tx, w.head.Number); err != nil || publications <= fewPublications {
		return err
	}
	w.everything = true
	into := func(all map[string]int64) func(*sql.Rows) error {
		return func(rows *sql.Rows) error {
			var key string
			var id int64
			err := rows.Scan(&key, &id)
			all[key] = id
			return err
		}
	}
	if err := each(w.ctx, w.tx, into(w.slugs), "SELECT slug, id FROM declaration"); err != nil {
		return err
	}
	return each(w.ctx, w.tx, into(w.sources), "SELECT source, declaration FROM source WHERE rev_to = ?", forever)
}

// end writes what is still in memory.
func (w *publisher) end() error {
	if err := w.bulk.flush(); err != nil {
		return err
	}
	for name, value := range w.counters {
		if _, err := w.tx.ExecContext(w.ctx, "UPDATE counter SET value = ? WHERE name = ?", value, name); err != nil {
			return err
		}
	}
	return w.bulk.close()
}

func (w *publisher) publish(p *Publication) (*register.Revision, error) {
	r := &register.Revision{Number: w.head.Number + 1, PublishedAt: w.now, Reason: register.CleanText(p.Reason), ReasonLang: p.ReasonLang,
		AuthorRole: p.Role, AuthorName: p.Name, PreviousHash: w.head.Hash}
	var problems []register.Problem
	if r.Reason == "" {
		problems = append(problems, register.Problem{Field: "reason", Key: "reason_for_revision_missing"})
	}
	tables, id := referenceTables, int64(0)
	var before, after []row
	var err error
	if p.Declaration == nil {
		r.Subject = register.OfReference
		if err := w.bulk.flush(); err != nil {
			return nil, err
		}
		if before, err = rowsAt(w.ctx, w.tx, tables, 0, w.head.Number); err != nil {
			return nil, err
		}
		after = referenceRows(p.Reference)
		r.Changes = referenceChanges(before, after)
		if len(r.Changes) == 0 {
			return nil, ErrUnchanged
		}
		if problems = append(problems, p.Reference.Validate(w.ref)...); len(problems) > 0 {
			return nil, &register.Invalid{Problems: problems}
		}
		w.ref = p.Reference
	} else {
		tables, r.Subject, id = declarationTables, register.OfDeclaration, p.ID
		d := *p.Declaration
		d.Actions = append([]register.Action(nil), d.Actions...)
		d.Clean()
		r.Declaration = d.Slug
		var old *register.Declaration
		if id != 0 {
			if old, before, err = w.current(id, p.Base); err != nil {
				return nil, err
			}
		} else if id, err = w.next("declaration", 1); err != nil {
			return nil, err
		}
		problems = append(problems, d.Validate(w.ref)...)
		if len(problems) > 0 {
			return nil, &register.Invalid{Problems: problems}
		}
		if err := w.slugFree(d.Slug, id); err != nil {
			return nil, err
		}
		if taken, err := w.sourcesTaken(&d, id); err != nil {
			return nil, err
		} else if len(taken) > 0 {
			return nil, &register.Invalid{Problems: taken}
		}
		if err := w.number(&d, before); err != nil {
			return nil, err
		}
		for _, l := range d.Links {
			if w.links == nil {
				w.links = map[string]string{}
			}
			w.links[l.Target] = d.Slug
		}
		switch {
		case d.MergedInto == "":
			delete(w.merged, id)
		case old == nil || old.MergedInto != d.MergedInto:
			if w.merged == nil {
				w.merged = map[int64]string{}
			}
			w.merged[id] = d.MergedInto
		}
		w.declaration = &d
		after = declarationRows(id, &d)
		r.Changes = register.Diff(old, &d)
	}
	ended, begun := difference(tables, before, after)
	if len(ended)+len(begun) == 0 {
		return nil, ErrUnchanged
	}
	if err := w.write(tables, r.Number, ended, begun); err != nil {
		return nil, err
	}
	lines := changeLines(tables, ended, begun)
	summary := register.Summary(r.Changes, w.ref)
	r.Hash = revisionHash(r, id, summary, lines)
	changes, err := json.Marshal(r.Changes)
	if err != nil {
		return nil, err
	}
	err = w.bulk.revision(&past{Revision: *r, at: r.PublishedAt.Format(time.RFC3339), declaration: id, changes: string(changes), summary: summary,
		change: w.pack.all(lines)})
	if err != nil {
		return nil, err
	}
	w.head, w.id = r, id
	return r, nil
}

// current is the newest published state of a declaration, with its rows, if no revision has changed it since base.
func (w *publisher) current(id int64, base int) (*register.Declaration, []row, error) {
	if err := w.bulk.flush(); err != nil {
		return nil, nil, err
	}
	var last int
	err := w.tx.QueryRowContext(w.ctx, "SELECT coalesce(max(number), 0) FROM revision WHERE declaration_id = ?", id).Scan(&last)
	if err != nil {
		return nil, nil, err
	}
	if last == 0 {
		return nil, nil, ErrNotFound
	}
	if last > base {
		return nil, nil, &Conflict{Base: base, Current: last}
	}
	rows, err := wholeRows(w.ctx, w.tx, id, w.head.Number)
	if err != nil {
		return nil, nil, err
	}
	d, err := declarationOf(rows)
	return d, rows, err
}

// next takes n numbers of a counter and returns the first. end keeps it.
func (w *publisher) next(counter string, n int) (int64, error) {
	last, ok := w.counters[counter]
	if !ok {
		if err := w.tx.QueryRowContext(w.ctx, "SELECT value FROM counter WHERE name = ?", counter).Scan(&last); err != nil {
			return 0, err
		}
	}
	w.counters[counter] = last + int64(n)
	return last + 1, nil
}

// number gives new actions their ids. An id that is not one of this declaration's own is not believed.
func (w *publisher) number(d *register.Declaration, before []row) error {
	own := map[int64]bool{}
	for _, r := range before {
		if r.table == 8 {
			own[r.values[2].(int64)] = true
		}
	}
	n := 0
	for i := range d.Actions {
		a := &d.Actions[i]
		if !own[a.ID] {
			a.ID = 0
			n++
		}
		delete(own, a.ID) // a second row with the same id becomes a new one
	}
	if n == 0 {
		return nil
	}
	id, err := w.next("action", n)
	if err != nil {
		return err
	}
	for i := range d.Actions {
		if a := &d.Actions[i]; a.ID == 0 {
			a.ID = id
			id++
		}
	}
	return nil
}

// slugFree refuses a slug that another declaration has or ever had: its addresses answer for ever.
func (w *publisher) slugFree(slug string, id int64) error {
	of, n := w.slugs[slug], 0
	if of != 0 && of != id {
		n = 1
	} else if !w.everything {
		if err := w.tx.QueryRowContext(w.ctx, "SELECT count(*) FROM declaration WHERE slug = ? AND id <> ?", slug, id).Scan(&n); err != nil {
			return err
		}
	}
	if n > 0 {
		return fmt.Errorf("%w: %s", ErrSlugTaken, slug)
	}
	w.slugs[slug] = id
	return nil
}

// sourcesTaken refuses keys of sources that another declaration uses: files name a source by its key alone.
func (w *publisher) sourcesTaken(d *register.Declaration, id int64) ([]register.Problem, error) {
	var problems []register.Problem
	for i, s := range d.Sources {
		of, n := w.sources[s.Key], 0
		if of != 0 && of != id {
			n = 1
		} else if !w.everything {
			if err := w.tx.QueryRowContext(w.ctx, "SELECT count(*) FROM source WHERE source = ? AND declaration <> ? AND rev_to = ?", s.Key, id, forever).Scan(&n); err != nil {
				return nil, err
			}
		}
		if n > 0 {
			problems = append(problems, register.Problem{Field: fmt.Sprintf("sources[%d].key", i), Key: "source_key_taken", Args: map[string]any{"Source": s.Key}})
		}
		w.sources[s.Key] = id
	}
	return problems, nil
}

// checkLinks refuses links to declarations that the register does not have, once all of a batch are written.
func (w *publisher) checkLinks() error {
	var problems []register.Problem
	for target, slug := range w.links {
		var n int
		if err := w.tx.QueryRowContext(w.ctx, "SELECT count(*) FROM declaration WHERE slug = ?", target).Scan(&n); err != nil {
			return err
		}
		if n == 0 {
			problems = append(problems, register.Problem{Field: "links", Key: "link_unknown",
				Args: map[string]any{"Slug": slug, "Target": target}})
		}
	}
	if len(problems) > 0 {
		return &register.Invalid{Problems: problems}
	}
	return nil
}

// checkMerged refuses to retire a declaration into one that does not answer itself, once all of a batch are written: into one
// that was retired before, or that leads back. A batch may retire one into another that it retires too, as the files of a
// register do in which that happened one after the other.
func (w *publisher) checkMerged() error {
	var problems []register.Problem
	for _, id := range slices.Sorted(maps.Keys(w.merged)) {
		target := w.merged[id]
		way, circle, err := wayOf(w.ctx, w.tx, target, w.head.Number)
		if errors.Is(err, ErrNotFound) {
			problems = append(problems, register.Problem{Field: "merged_into", Key: "link_unknown", Args: map[string]any{"Target": target}})
			continue
		}
		if err != nil {
			return err
		}
		_, together := w.merged[way[0].id]
		switch {
		case way[0].id == id: // by an address that it had
			problems = append(problems, register.Problem{Field: "merged_into", Key: "link_to_itself"})
		case circle, way[0].into != "" && !together:
			problems = append(problems, register.Problem{Field: "merged_into", Key: "target_retired",
				Args: map[string]any{"Target": target, "Now": way[len(way)-1].slug}})
		}
	}
	if len(problems) > 0 {
		return &register.Invalid{Problems: problems}
	}
	return nil
}

// difference is what turns the rows before into the rows after: those that end and those that begin.
func difference(tables []table, before, after []row) (ended, begun []row) {
	if len(before) == 0 {
		return nil, after
	}
	old := make(map[string]row, len(before))
	for _, r := range before {
		old[r.key(tables)] = r
	}
	for _, r := range after {
		k := r.key(tables)
		if o, ok := old[k]; ok {
			delete(old, k)
			if slices.Equal(o.values, r.values) || o.text() == r.text() {
				continue
			}
			ended = append(ended, o)
		}
		begun = append(begun, r)
	}
	for _, r := range old {
		ended = append(ended, r)
	}
	return ended, begun
}

func (w *publisher) write(tables []table, revision int, ended, begun []row) error {
	for _, r := range ended {
		t := tables[r.table]
		where := strings.Join(t.key, " = ? AND ") + " = ?"
		args := append([]any{revision}, r.values[:len(t.key)]...)
		args = append(args, forever)
		result, err := w.tx.ExecContext(w.ctx, "UPDATE "+t.name+" SET rev_to = ? WHERE "+where+" AND rev_to = ?", args...) // #nosec G202 -- names of tables and columns are from a list in this package
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 {
			return fmt.Errorf("store: row %v of %s ended %d times: %w", r.values[:len(t.key)], t.name, n, errors.Join(err, ErrDamaged))
		}
		if t.name == "source" {
			delete(w.sources, r.values[1].(string))
		}
	}
	for i := range begun {
		if err := w.bulk.row(&tables[begun[i].table], revision, begun[i].values); err != nil {
			return err
		}
	}
	return nil
}

// referenceChanges counts what differs, by participants, groups and topics.
func referenceChanges(before, after []row) []register.Change {
	ended, begun := difference(referenceTables, before, after)
	changed := map[string]map[any]bool{}
	for _, r := range append(ended, begun...) {
		what := referenceKinds[r.table]
		if changed[what] == nil {
			changed[what] = map[any]bool{}
		}
		changed[what][r.values[0]] = true
	}
	var changes []register.Change
	for _, what := range []string{register.ParticipantsSet, register.GroupsSet, register.TopicsSet, register.WordsSet} {
		if n := len(changed[what]); n > 0 {
			changes = append(changes, register.Change{What: what, Count: n})
		}
	}
	return changes
}
