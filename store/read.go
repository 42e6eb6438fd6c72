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

// View is the register at one revision. What it shows never changes: any number of queries agree with each other and
// with every later query at the same revision.
type View struct {
	Revision int
	Ref      *register.Reference

	store  *Store
	reader *sql.DB // by which it asks
}

// Head is the number of the newest revision, 0 for an empty register. It is read from the file, so that what another
// process published is seen at once.
func (s *Store) Head(ctx context.Context) (int, error) { return head(ctx, s.reader) }

func head(ctx context.Context, q queryer) (int, error) {
	var n int
	err := q.QueryRowContext(ctx, "SELECT coalesce(max(number), 0) FROM revision").Scan(&n)
	return n, plain(err)
}

// now is what all pages of one revision ask for first: the revision itself, and which one last changed the reference data. It
// never changes, so the newest that was asked for is kept.
type now struct {
	revision  int
	reference *register.Reference
	published register.Revision
}

func (s *Store) look(ctx context.Context) (*seen, error) {
	ticket := s.tickets.Add(1)
	x := &seen{ticket: ticket}
	if err := s.reader.QueryRowContext(ctx, "SELECT coalesce(max(number), 0), (SELECT count(*) FROM release) FROM revision").Scan(&x.head, &x.releases); err != nil {
		return nil, plain(err)
	}
	x.at = time.Now()
	s.learn(x)
	return x, nil
}

// HeadAge is how old what Newest says may be where another process publishes.
const HeadAge = 25 * time.Millisecond

// Newest is Head without a question to the file for each call: what this Store publishes is seen at once, what another
// process publishes within HeadAge, and likewise how many releases there are. It is for whoever asks thousands of times a
// second.
func (s *Store) Newest(ctx context.Context) (revision, releases int, err error) {
	if x := s.seen.Load(); x != nil && x.head >= 0 {
		age := time.Since(x.at)
		if age < HeadAge {
			return x.head, x.releases, nil
		}
		if age < 2*HeadAge && !s.looking.TryLock() {
			return x.head, x.releases, nil // somebody is looking
		} else if age >= 2*HeadAge {
			s.looking.Lock()
		}
	} else {
		s.looking.Lock()
	}
	// One looks for all who wait: where all are late, each by itself would make all later.
	defer s.looking.Unlock()
	if x := s.seen.Load(); x != nil && x.head >= 0 && time.Since(x.at) < HeadAge {
		return x.head, x.releases, nil
	}
	x, err := s.look(ctx)
	if err != nil {
		return 0, 0, err
	}
	return x.head, x.releases, nil
}

// seen is what Head last said: a head below 0 stands for “not any more”.
type seen struct {
	ticket         uint64 // later questions have higher ones
	head, releases int
	at             time.Time
}

// learn keeps an answer unless that of a later question is known.
func (s *Store) learn(x *seen) {
	for {
		old := s.seen.Load()
		if old != nil && old.ticket > x.ticket || s.seen.CompareAndSwap(old, x) {
			return
		}
	}
}

// written forgets what Newest says: this Store has committed something. An answer that is under way comes too late.
func (s *Store) written() { s.learn(&seen{ticket: s.tickets.Add(1), head: -1}) }

// At is the register at a revision, the newest one for 0. A revision that is not published yet is ErrFuture.
func (s *Store) At(ctx context.Context, revision int) (*View, error) {
	return s.at(ctx, s.reader, revision)
}

// AtDesk is At for whoever edits: its questions go by connections of their own, and never stand in line behind those of
// readers.
func (s *Store) AtDesk(ctx context.Context, revision int) (*View, error) {
	return s.at(ctx, s.desk, revision)
}

func (s *Store) at(ctx context.Context, reader *sql.DB, revision int) (*View, error) {
	kept := s.newestAsked.Load()
	if kept != nil && revision == kept.revision {
		return &View{Revision: revision, Ref: kept.reference, store: s, reader: reader}, nil
	}
	head, err := head(ctx, reader)
	if err != nil {
		return nil, err
	}
	if revision > head || revision < 0 {
		return nil, fmt.Errorf("%w: %d of %d", ErrFuture, revision, head)
	}
	if revision == 0 {
		revision = head
	}
	if kept != nil && revision == kept.revision {
		return &View{Revision: revision, Ref: kept.reference, store: s, reader: reader}, nil
	}
	ref, err := s.reference(ctx, reader, revision)
	if err != nil {
		return nil, plain(err)
	}
	return &View{Revision: revision, Ref: ref, store: s, reader: reader}, nil
}

// reference data is read once for each revision that changed it.
type reference = register.Reference

func (s *Store) reference(ctx context.Context, q queryer, revision int) (*register.Reference, error) {
	var changed int
	err := q.QueryRowContext(ctx, "SELECT coalesce(max(number), 0) FROM revision WHERE subject = 'reference' AND number <= ?", revision).Scan(&changed)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	ref := s.references[changed]
	s.mu.Unlock()
	if ref != nil {
		return ref, nil
	}
	rows, err := rowsAt(ctx, q, referenceTables, 0, changed)
	if err != nil {
		return nil, err
	}
	if ref, err = referenceOf(rows); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.references) >= 8 {
		clear(s.references)
	}
	s.references[changed] = ref
	return ref, nil
}

// Entry is a declaration as the register holds it: with its number, the revisions that first and last touched it by the
// view's revision, and how many did.
type Entry struct {
	ID                 int64
	First, Last, Count int
	register.Declaration
}

// Moved says that a slug is retired, renamed or not given yet; Slug answers for it at the revision asked about.
type Moved struct{ Slug string }

func (e *Moved) Error() string { return "store: moved to " + e.Slug }

// Circle says that a slug is of a declaration that was retired into another which leads back to it, as a register of an older
// version may have it: none of them answers. It is an ErrNotFound.
type Circle struct{ Slug string }

func (e *Circle) Error() string { return "store: retired in a circle: " + e.Slug }
func (e *Circle) Unwrap() error { return ErrNotFound }

// Declaration is the declaration at an address: ErrNotFound where there is none at this revision, *Moved where another
// address answers for it, *Circle where none does.
func (v *View) Declaration(ctx context.Context, slug string) (*Entry, error) {
	id, err := v.resolve(ctx, slug)
	if err != nil {
		return nil, err
	}
	return v.ByID(ctx, id)
}

func (v *View) resolve(ctx context.Context, slug string) (int64, error) {
	way, circle, err := wayOf(ctx, v.reader, slug, v.Revision)
	if err != nil {
		return 0, plain(err)
	}
	last := &way[len(way)-1]
	switch {
	case circle:
		return 0, &Circle{slug}
	case last.slug != slug:
		return 0, &Moved{last.slug}
	}
	return last.id, nil
}

// stop is a declaration on the way from a slug to the declaration that answers for it.
type stop struct {
	id         int64
	slug, into string
}

// wayOf are the declarations to which a slug leads at a revision: the one that has it, had it before or has it later, the one
// into which that was retired, and so on to the living one; or, in a circle, to the last that was not met before. ErrNotFound where there is
// none or the way ends nowhere.
func wayOf(ctx context.Context, q queryer, slug string, revision int) (way []stop, circle bool, err error) {
	for {
		s := stop{slug: slug}
		err := q.QueryRowContext(ctx, "SELECT id, merged_into FROM declaration WHERE slug = ? AND rev_from <= ? AND ? < rev_to",
			slug, revision, revision).Scan(&s.id, &s.into)
		if errors.Is(err, sql.ErrNoRows) {
			// The slug may be an older one of a declaration that stood under another then, or one that it got later.
			err = q.QueryRowContext(ctx, `SELECT d.id, d.slug, d.merged_into FROM declaration o JOIN declaration d ON d.id = o.id AND d.rev_from <= ? AND ? < d.rev_to
				WHERE o.slug = ? ORDER BY o.rev_from > ? LIMIT 1`, revision, revision, slug, revision).Scan(&s.id, &s.slug, &s.into)
		}
		if errors.Is(err, sql.ErrNoRows) {
			err = ErrNotFound
		}
		if err != nil {
			return nil, false, err
		}
		if slices.ContainsFunc(way, func(before stop) bool { return before.id == s.id }) {
			return way, true, nil
		}
		if way = append(way, s); s.into == "" {
			return way, false, nil
		}
		slug = s.into
	}
}

// ByID is the declaration with that number.
func (v *View) ByID(ctx context.Context, id int64) (*Entry, error) {
	conn, err := v.reader.Conn(ctx)
	if err != nil {
		return nil, plain(err)
	}
	defer conn.Close()
	// It takes far less than a millisecond: to watch over a question that may be given up takes longer than to answer it.
	found, err := v.whole(context.WithoutCancel(ctx), conn, id)
	if err == nil && found == nil {
		err = ErrNotFound
	}
	return found, plain(err)
}

// Each calls f with every living declaration in the order in which they came onto the register, in constant memory. An
// error of f ends it and is returned. The entry's First and Last are not filled.
func (v *View) Each(ctx context.Context, f func(*Entry) error) error { return v.each(ctx, false, f) }

// each is Each, and with retired also of the retired declarations.
func (v *View) each(ctx context.Context, retired bool, f func(*Entry) error) error {
	// The next entries are read while f is at work on those before.
	ctx, cancel := context.WithCancel(ctx)
	batches, failed := make(chan []*Entry, 1), error(nil)
	go func() {
		defer close(batches)
		var batch []*Entry
		hand := func() error {
			select {
			case batches <- batch:
				batch = nil
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		var r *Connection
		if r, failed = v.Connect(ctx); failed != nil {
			return
		}
		defer r.Close()
		failed = r.walk(ctx, Whole, between{}, func(e *Entry) error {
			if e.MergedInto != "" && !retired {
				return nil
			}
			if batch = append(batch, e); len(batch) < 64 {
				return nil
			}
			return hand()
		})
		if failed == nil {
			failed = hand()
		}
	}()
	// However this ends, the connection is free again when it returns.
	defer func() {
		cancel()
		for range batches {
		}
	}()
	for batch := range batches {
		for _, e := range batch {
			if err := f(e); err != nil {
				return err
			}
		}
	}
	return plain(failed)
}

// The actions of a declaration come as one text: a row that crosses from SQLite costs far more than the bytes in it.
// Fields and rows are parted by control characters, which no published text has (register.CleanText).
const (
	fieldMark = "\x1f"
	rowMark   = "\x1e"
)

const actionsSQL = `SELECT declaration, group_concat(concat_ws(char(31), participant, id, position, via_group, action, capacity,
	capacity_as_printed, name_as_printed, printed_position, date, public_date, reason, joining_not_recorded, source, also_sources,
	place_in_source, note), char(30)) FROM action WHERE %s rev_from <= ? AND ? < rev_to GROUP BY declaration ORDER BY declaration`

const mainSQL = `SELECT id, slug, kind, adopted, presented, published, opened, closed, presented_by, presenter_delegation,
	presenter_counted, open, list_complete, merged_into FROM declaration WHERE `

// between bounds the numbers of declarations; the zero value bounds nothing.
type between struct{ from, to int64 }

// walk reads declarations: one cursor a table, each in the order of declarations, side by side.
func (c *Connection) walk(ctx context.Context, parts Part, within between, f func(*Entry) error) error {
	v, conn := c.view, c.conn
	args, only, mine := []any{v.Revision, v.Revision}, "", ""
	if within != (between{}) {
		args = []any{within.from, within.to, v.Revision, v.Revision}
		only, mine = "declaration BETWEEN ? AND ? AND ", "id BETWEEN ? AND ? AND "
	}
	rows, err := conn.QueryContext(ctx, mainSQL+mine+"rev_from <= ? AND ? < rev_to ORDER BY id", args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	cursors := make([]*cursor, 0, len(children))
	for i := range children {
		if parts&(1<<i) == 0 {
			continue
		}
		r, err := conn.QueryContext(ctx, children[i].query(only), args...)
		if err != nil {
			return err
		}
		defer r.Close()
		cursors = append(cursors, &cursor{rows: r, child: &children[i]})
	}
	for rows.Next() {
		e, err := scanEntry(rows)
		if err != nil {
			return err
		}
		for _, c := range cursors {
			if err := c.upTo(e); err != nil {
				return err
			}
		}
		if err := f(e); err != nil {
			return err
		}
	}
	return rows.Err()
}

// cursor holds back the row that it read too far: it belongs to a later declaration.
type cursor struct {
	rows  *sql.Rows
	child *child
	held  *Entry // what the held row fills, nil for none
	id    int64
	done  bool
}

// upTo adds to e the rows that are its own.
func (c *cursor) upTo(e *Entry) error {
	for {
		if c.held != nil {
			if c.id > e.ID {
				return nil
			}
			if c.id == e.ID {
				c.child.move(e, c.held)
			}
			c.held = nil
		}
		if c.done || !c.rows.Next() {
			c.done = true
			return c.rows.Err()
		}
		target := e
		id, err := c.child.scan(c.rows, func(id int64) *Entry {
			if id != e.ID {
				target = &Entry{}
			}
			return target
		})
		if err != nil {
			return err
		}
		if target != e {
			c.held, c.id = target, id
		}
	}
}

// child reads one table of a declaration's rows.
type child struct {
	table string
	sql   string // with %s for a condition that ends in AND
	scan  func(rows *sql.Rows, of func(id int64) *Entry) (int64, error)
	move  func(to, from *Entry)
}

func (c *child) query(only string) string { return fmt.Sprintf(c.sql, only) }

func scanEntry(rows *sql.Rows) (*Entry, error) {
	var e Entry
	var dates [5]string
	err := rows.Scan(&e.ID, &e.Slug, (*string)(&e.Kind), &dates[0], &dates[1], &dates[2], &dates[3], &dates[4], &e.PresentedBy,
		&e.PresenterDelegation, (*string)(&e.PresenterCounted), (*string)(&e.Open), (*string)(&e.ListComplete), &e.MergedInto)
	if err != nil {
		return nil, err
	}
	for i, to := range []*register.Date{&e.Adopted, &e.Presented, &e.Published, &e.Opened, &e.Closed} {
		if *to, err = register.ParseDate(dates[i]); err != nil {
			return nil, fmt.Errorf("declaration %d: %q: %w: %w", e.ID, dates[i], err, ErrDamaged)
		}
	}
	return &e, nil
}

func parse(text, where string, id int64) (register.Date, error) {
	d, err := register.ParseDate(text)
	if err != nil {
		return d, fmt.Errorf("%s of declaration %d: %q: %w: %w", where, id, text, err, ErrDamaged)
	}
	return d, nil
}

const stands = "rev_from <= ? AND ? < rev_to ORDER BY declaration, position"

var children = []child{
	{"title", "SELECT declaration, lang, title, standing, source, note FROM title WHERE %s" + stands,
		func(rows *sql.Rows, of func(int64) *Entry) (id int64, err error) {
			var t register.Title
			if err = rows.Scan(&id, &t.Lang, &t.Text, (*string)(&t.Standing), &t.Source, &t.Note); err == nil {
				e := of(id)
				e.Titles = append(e.Titles, t)
			}
			return id, err
		}, func(to, from *Entry) { to.Titles = append(to.Titles, from.Titles...) }},
	{"text", "SELECT declaration, lang, event, place, summary, notes FROM text WHERE %s" + stands,
		func(rows *sql.Rows, of func(int64) *Entry) (id int64, err error) {
			var t register.Text
			if err = rows.Scan(&id, &t.Lang, &t.Event, &t.Place, &t.Summary, &t.Notes); err == nil {
				e := of(id)
				e.Texts = append(e.Texts, t)
			}
			return id, err
		}, func(to, from *Entry) { to.Texts = append(to.Texts, from.Texts...) }},
	{"sponsor", "SELECT declaration, participant FROM sponsor WHERE %s" + stands,
		func(rows *sql.Rows, of func(int64) *Entry) (id int64, err error) {
			var code string
			if err = rows.Scan(&id, &code); err == nil {
				e := of(id)
				e.Sponsors = append(e.Sponsors, code)
			}
			return id, err
		}, func(to, from *Entry) { to.Sponsors = append(to.Sponsors, from.Sponsors...) }},
	{"subject", "SELECT declaration, topic FROM subject WHERE %s" + stands,
		func(rows *sql.Rows, of func(int64) *Entry) (id int64, err error) {
			var topic string
			if err = rows.Scan(&id, &topic); err == nil {
				e := of(id)
				e.Topics = append(e.Topics, topic)
			}
			return id, err
		}, func(to, from *Entry) { to.Topics = append(to.Topics, from.Topics...) }},
	{"stated", "SELECT declaration, number, counts, date, source, note FROM stated WHERE %s" + stands,
		func(rows *sql.Rows, of func(int64) *Entry) (id int64, err error) {
			var s register.Stated
			var date string
			if err = rows.Scan(&id, &s.Count, &s.Counts, &date, &s.Source, &s.Note); err == nil {
				s.Date, err = parse(date, "stated", id)
				e := of(id)
				e.Stated = append(e.Stated, s)
			}
			return id, err
		}, func(to, from *Entry) { to.Stated = append(to.Stated, from.Stated...) }},
	{"link", "SELECT declaration, kind, target, note FROM link WHERE %s" + stands,
		func(rows *sql.Rows, of func(int64) *Entry) (id int64, err error) {
			var l register.Link
			if err = rows.Scan(&id, (*string)(&l.Kind), &l.Target, &l.Note); err == nil {
				e := of(id)
				e.Links = append(e.Links, l)
			}
			return id, err
		}, func(to, from *Entry) { to.Links = append(to.Links, from.Links...) }},
	{"source", "SELECT declaration, source, publisher, title, url, lang, kind, published, read_on, supports FROM source WHERE %s" + stands,
		func(rows *sql.Rows, of func(int64) *Entry) (id int64, err error) {
			var s register.Source
			var published, read string
			if err = rows.Scan(&id, &s.Key, &s.Publisher, &s.Title, &s.URL, &s.Lang, (*string)(&s.Kind), &published, &read, &s.Supports); err == nil {
				if s.Published, err = parse(published, "source", id); err == nil {
					s.ReadOn, err = parse(read, "source", id)
				}
				e := of(id)
				e.Sources = append(e.Sources, s)
			}
			return id, err
		}, func(to, from *Entry) { to.Sources = append(to.Sources, from.Sources...) }},
	{"dispute", "SELECT declaration, participant, claim, source FROM dispute WHERE %s" + stands,
		func(rows *sql.Rows, of func(int64) *Entry) (id int64, err error) {
			var x register.Dispute
			var claim []byte
			if err = rows.Scan(&id, &x.Participant, &claim, &x.Source); err == nil {
				if err = json.Unmarshal(claim, &x.Claim); err != nil {
					err = fmt.Errorf("dispute of declaration %d: %w: %w", id, err, ErrDamaged)
				}
				e := of(id)
				e.Disputes = append(e.Disputes, x)
			}
			return id, err
		}, func(to, from *Entry) { to.Disputes = append(to.Disputes, from.Disputes...) }},
	{"action", actionsSQL,
		func(rows *sql.Rows, of func(int64) *Entry) (id int64, err error) {
			var text string
			if err = rows.Scan(&id, &text); err == nil {
				e := of(id)
				e.Actions, err = parseActions(text, id)
			}
			return id, err
		}, func(to, from *Entry) { to.Actions = from.Actions }},
}

// parseActions takes the text of actionsSQL apart; the actions come in their recorded order.
func parseActions(text string, id int64) ([]register.Action, error) {
	n := strings.Count(text, rowMark) + 1
	ordered := make([]register.Action, n)
	var few [128]bool
	taken := few[:]
	if n > len(few) {
		taken = make([]bool, n)
	}
	damaged := func(what string) error {
		return fmt.Errorf("action of declaration %d: %q: %w", id, what, ErrDamaged)
	}
	var f [17]string
	for range ordered {
		line := text
		if i := strings.IndexByte(text, rowMark[0]); i >= 0 {
			line, text = text[:i], text[i+1:]
		}
		rest := line
		for j := range f {
			i := strings.IndexByte(rest, fieldMark[0])
			if (i < 0) != (j == len(f)-1) {
				return nil, damaged(line)
			}
			if i < 0 {
				i = len(rest)
			}
			f[j], rest = rest[:i], rest[min(i+1, len(rest)):]
		}
		number, ok1 := atoi(f[1])
		position, ok2 := atoi(f[2])
		printed, ok3 := atoi(f[8])
		date, err1 := register.ParseDate(f[9])
		public, err2 := register.ParseDate(f[10])
		if !ok1 || !ok2 || !ok3 || err1 != nil || err2 != nil || position >= n || taken[position] {
			return nil, damaged(line)
		}
		taken[position] = true
		a := &ordered[position]
		*a = register.Action{Participant: f[0], ID: int64(number), Group: f[3], Kind: register.ActionKind(f[4]), Capacity: register.Capacity(f[5]),
			CapacityAsPrinted: f[6], NameAsPrinted: f[7], PrintedPosition: printed, Date: date, PublicDate: public, Reason: register.Reason(f[11]),
			JoiningNotRecorded: f[12] == "1", Source: f[13], PlaceInSource: f[15], Note: f[16]}
		if f[14] != "" {
			a.AlsoSources = strings.Split(f[14], "|")
		}
	}
	return ordered, nil
}

func atoi(s string) (int, bool) {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, s != ""
}

// declarationOf makes a declaration of its rows, given in the order of tables.
func declarationOf(rows []row) (*register.Declaration, error) {
	d := &register.Declaration{}
	var id int64
	date := func(x any) register.Date {
		v, _ := register.ParseDate(x.(string))
		return v
	}
	place := map[int]map[int64]row{}
	for _, r := range rows {
		v := r.values
		if r.table == 0 {
			id = v[0].(int64)
			*d = register.Declaration{Slug: v[1].(string), Kind: register.Kind(v[2].(string)), Adopted: date(v[3]), Presented: date(v[4]),
				Published: date(v[5]), Opened: date(v[6]), Closed: date(v[7]), PresentedBy: v[8].(string), PresenterDelegation: v[9].(string),
				PresenterCounted: register.Tristate(v[10].(string)), Open: register.Tristate(v[11].(string)),
				ListComplete: register.Tristate(v[12].(string)), MergedInto: v[13].(string)}
			continue
		}
		if place[r.table] == nil {
			place[r.table] = map[int64]row{}
		}
		at := 1 // the column of the position
		switch r.table {
		case 1, 2, 7:
			at = 2
		case 8:
			at = 3
		}
		place[r.table][v[at].(int64)] = r
	}
	for t := 1; t < len(declarationTables); t++ {
		for i := range int64(len(place[t])) {
			r, ok := place[t][i]
			if !ok {
				return nil, fmt.Errorf("%s of declaration %d has no row at %d: %w", declarationTables[t].name, id, i, ErrDamaged)
			}
			v := r.values
			s := func(i int) string { return v[i].(string) }
			switch t {
			case 1:
				d.Titles = append(d.Titles, register.Title{Lang: s(1), Text: s(3), Standing: register.Standing(s(4)), Source: s(5), Note: s(6)})
			case 2:
				d.Texts = append(d.Texts, register.Text{Lang: s(1), Event: s(3), Place: s(4), Summary: s(5), Notes: s(6)})
			case 3:
				d.Sponsors = append(d.Sponsors, s(2))
			case 4:
				d.Topics = append(d.Topics, s(2))
			case 5:
				d.Stated = append(d.Stated, register.Stated{Count: int(v[2].(int64)), Counts: s(3), Date: date(v[4]), Source: s(5), Note: s(6)})
			case 6:
				d.Links = append(d.Links, register.Link{Kind: register.LinkKind(s(2)), Target: s(3), Note: s(4)})
			case 7:
				d.Sources = append(d.Sources, register.Source{Key: s(1), Publisher: s(3), Title: s(4), URL: s(5), Lang: s(6),
					Kind: register.SourceKind(s(7)), Published: date(v[8]), ReadOn: date(v[9]), Supports: s(10)})
			case 8:
				a := register.Action{Participant: s(1), ID: v[2].(int64), Group: s(4), Kind: register.ActionKind(s(5)),
					Capacity: register.Capacity(s(6)), CapacityAsPrinted: s(7), NameAsPrinted: s(8), PrintedPosition: int(v[9].(int64)),
					Date: date(v[10]), PublicDate: date(v[11]), Reason: register.Reason(s(12)), JoiningNotRecorded: v[13].(int64) == 1,
					Source: s(14), PlaceInSource: s(16), Note: s(17)}
				if s(15) != "" {
					a.AlsoSources = strings.Split(s(15), "|")
				}
				d.Actions = append(d.Actions, a)
			case 9:
				x := register.Dispute{Participant: s(2), Source: s(4)}
				if err := json.Unmarshal([]byte(s(3)), &x.Claim); err != nil {
					return nil, fmt.Errorf("dispute of declaration %d: %w: %w", id, err, ErrDamaged)
				}
				d.Disputes = append(d.Disputes, x)
			}
		}
	}
	return d, nil
}

// referenceOf makes the reference data of its rows, given in the order of tables and keys.
func referenceOf(rows []row) (*register.Reference, error) {
	participants := map[string]*register.Participant{}
	groups := map[string]*register.Group{}
	topics := map[string]*register.Topic{}
	var people []*register.Participant
	var sets []*register.Group
	var subjects []*register.Topic
	var words []register.Ambiguous
	var failed error
	date := func(x any) register.Date {
		d, err := register.ParseDate(x.(string))
		if err != nil {
			failed = fmt.Errorf("reference data: %q: %w: %w", x, err, ErrDamaged)
		}
		return d
	}
	for _, r := range rows {
		v := r.values
		s := func(i int) string { return v[i].(string) }
		var p *register.Participant
		if r.table >= 1 && r.table <= 3 {
			if p = participants[s(0)]; p == nil {
				return nil, fmt.Errorf("%s of unknown participant %s: %w", referenceTables[r.table].name, s(0), ErrDamaged)
			}
		}
		var g *register.Group
		if r.table == 5 || r.table == 6 || r.table == 8 {
			if g = groups[s(0)]; g == nil {
				return nil, fmt.Errorf("%s of unknown group %s: %w", referenceTables[r.table].name, s(0), ErrDamaged)
			}
		}
		switch r.table {
		case 0:
			p := &register.Participant{Code: s(0), Kind: register.ParticipantKind(s(1)), Alpha2: s(2), Alpha3: s(3), UserAssigned: s(4), M49: s(5),
				RegionalGroup: s(6), Region: s(7), Subregion: s(8), Admitted: date(v[9]), ValidFrom: date(v[10]), ValidTo: date(v[11]), Note: s(12),
				Names: map[string]string{}, Formal: map[string]string{}}
			participants[p.Code] = p
			people = append(people, p)
		case 1:
			if s(2) != "" {
				p.Names[s(1)] = s(2)
			}
			if s(3) != "" {
				p.Formal[s(1)] = s(3)
			}
		case 2:
			p.Aliases = append(p.Aliases, register.Alias{Text: s(2), Lang: s(3), Kind: s(4), From: date(v[5]), To: date(v[6])})
		case 3:
			p.Successors = append(p.Successors, register.Successor{Code: s(1), From: date(v[2])})
		case 4:
			g := &register.Group{Code: s(0), Kind: s(2), Note: s(3), Names: map[string]string{}}
			groups[g.Code] = g
			for int64(len(sets)) <= v[1].(int64) {
				sets = append(sets, nil)
			}
			sets[v[1].(int64)] = g
		case 5:
			g.Names[s(1)] = s(2)
		case 6:
			g.Members = append(g.Members, register.Membership{Code: s(2), From: date(v[3]), To: date(v[4])})
		case 7:
			t := topics[s(0)]
			if t == nil {
				t = &register.Topic{Code: s(0), Names: map[string]string{}}
				topics[t.Code] = t
				subjects = append(subjects, t)
			}
			t.Names[s(1)] = s(2)
		case 8:
			g.Aliases = append(g.Aliases, register.Alias{Text: s(2), Lang: s(3), Kind: s(4)})
		case 9:
			words = append(words, register.Ambiguous{Text: s(1), Codes: strings.Split(s(2), "|"), Rule: s(3), Note: s(4)})
		}
	}
	for _, g := range sets {
		if g == nil {
			return nil, fmt.Errorf("groups have gaps in their order: %w", ErrDamaged)
		}
	}
	if failed != nil {
		return nil, failed
	}
	return register.NewReference(people, sets, subjects, words), nil
}

const revisionColumns = `number, published_at, subject, declaration, changes, reason, reason_lang, author_role, author_name, previous_hash, hash`

func scanRevision(rows interface{ Scan(...any) error }) (r register.Revision, err error) {
	var at string
	var changes []byte
	err = rows.Scan(&r.Number, &at, &r.Subject, &r.Declaration, &changes, &r.Reason, &r.ReasonLang, &r.AuthorRole, &r.AuthorName, &r.PreviousHash, &r.Hash)
	if err != nil {
		return r, err
	}
	if r.PublishedAt, err = time.Parse(time.RFC3339, at); err != nil {
		return r, fmt.Errorf("revision %d: %w: %w", r.Number, err, ErrDamaged)
	}
	if err = json.Unmarshal(changes, &r.Changes); err != nil {
		err = fmt.Errorf("revision %d: %w: %w", r.Number, err, ErrDamaged)
	}
	return r, err
}

func (v *View) revisions(ctx context.Context, where string, args ...any) ([]register.Revision, error) {
	rows, err := v.reader.QueryContext(ctx, "SELECT "+revisionColumns+" FROM revision WHERE "+where, args...) // #nosec G202 -- conditions are from this package, values are arguments
	if err != nil {
		return nil, plain(err)
	}
	defer rows.Close()
	var all []register.Revision
	for rows.Next() {
		r, err := scanRevision(rows)
		if err != nil {
			return nil, plain(err)
		}
		all = append(all, r)
	}
	return all, plain(rows.Err())
}

// Changes are revisions up to the view's, newest first: at most limit of them, after leaving out skip.
func (v *View) Changes(ctx context.Context, skip, limit int) ([]register.Revision, error) {
	return v.revisions(ctx, "number <= ? ORDER BY number DESC LIMIT ?", v.Revision-skip, limit)
}

// History is the revisions of one declaration up to the view's, newest first.
func (v *View) History(ctx context.Context, id int64) ([]register.Revision, error) {
	return v.revisions(ctx, "declaration_id = ? AND number <= ? ORDER BY number DESC", id, v.Revision)
}

// RevisionOf is one revision, ErrNotFound where there is none by the view's.
func (v *View) RevisionOf(ctx context.Context, number int) (*register.Revision, error) {
	kept := v.store.newestAsked.Load()
	if kept != nil && kept.revision == number && number <= v.Revision {
		r := kept.published
		r.Changes = slices.Clone(r.Changes)
		return &r, nil
	}
	found, err := v.revisions(ctx, "number = ? AND number <= ?", number, v.Revision)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, ErrNotFound
	}
	if number == v.Revision && (kept == nil || kept.revision < number) && !v.store.forgetful {
		own := found[0]
		own.Changes = slices.Clone(own.Changes)
		v.store.newestAsked.Store(&now{number, v.Ref, own})
	}
	return &found[0], nil
}

// EachRevision calls f with every revision up to the view's and its English summary, oldest first, in constant memory.
func (v *View) EachRevision(ctx context.Context, f func(r *register.Revision, summary string) error) error {
	return v.eachRevision(ctx, "number <= ? ORDER BY number", []any{v.Revision}, f)
}

func (v *View) eachRevision(ctx context.Context, where string, args []any, f func(r *register.Revision, summary string) error) error {
	rows, err := v.store.export.QueryContext(ctx, "SELECT summary, "+revisionColumns+" FROM revision WHERE "+where, args...) // #nosec G202 -- conditions are from this package, values are arguments
	if err != nil {
		return plain(err)
	}
	defer rows.Close()
	for rows.Next() {
		var summary string
		r, err := scanRevision(prefixed{rows, []any{&summary}})
		if err != nil {
			return plain(err)
		}
		if err := f(&r, summary); err != nil {
			return err
		}
	}
	return plain(rows.Err())
}

// prefixed scans the columns that stand before those of a revision, then the revision's.
type prefixed struct {
	rows  *sql.Rows
	first []any
}

func (p prefixed) Scan(into ...any) error { return p.rows.Scan(append(p.first, into...)...) }

// Heads are chosen declarations without their sources, actions, stated counts and disputes, in the order of ids: what a
// list shows. They are shared: nobody changes them.
func (v *View) Heads(ctx context.Context, ids []int64) ([]*Entry, error) {
	read := func(ids []int64) ([]*Entry, error) {
		return v.chosen(ctx, v.reader, ids, []string{"title", "text", "sponsor", "subject"}, "", false)
	}
	b := v.store.keptBase(v.Revision)
	if b == nil || v.store.forgetful {
		return read(ids)
	}
	// The index has one entry for each state of a declaration: what was read for it holds at every revision that has it too.
	states := make([]*entry, len(ids))
	found := make(map[int64]*Entry, len(ids))
	var missing []int64
	v.store.mu.Lock()
	for k, id := range ids {
		states[k] = b.entry(id)
		if e := v.store.heads[states[k]]; e != nil {
			found[id] = e
		} else {
			missing = append(missing, id)
		}
	}
	v.store.mu.Unlock()
	if len(missing) > 0 {
		list, err := read(missing)
		if err != nil {
			return nil, err
		}
		for _, e := range list {
			found[e.ID] = e
		}
	}
	var all []*Entry
	v.store.mu.Lock()
	defer v.store.mu.Unlock()
	if v.store.heads == nil {
		v.store.heads = map[*entry]*Entry{}
	}
	if len(missing) > 0 && len(v.store.heads)+len(missing) > headsKept {
		n := headsKept / 4 // any of them make room
		maps.DeleteFunc(v.store.heads, func(*entry, *Entry) bool { n--; return n >= 0 })
	}
	for k, id := range ids {
		e := found[id]
		if e != nil {
			all = append(all, e)
		}
		if e != nil && states[k] != nil && (v.store.heads[states[k]] != nil || len(v.store.heads) < headsKept) {
			v.store.heads[states[k]] = e
		}
	}
	return all, nil
}

// headsKept is how many of them are kept.
const headsKept = 10_000

// Participations are chosen declarations, in the order of ids, with the sources and disputes of each and only one
// participant's actions, with groups those of groups too: folding them gives their timelines.
func (v *View) Participations(ctx context.Context, participant string, groups bool, ids []int64) ([]*Entry, error) {
	return v.chosen(ctx, v.reader, ids, []string{"title", "text", "sponsor", "subject", "source", "dispute"}, participant, groups)
}

func (v *View) chosen(ctx context.Context, q queryer, ids []int64, tables []string, participant string, groups bool) ([]*Entry, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	found := make(map[int64]*Entry, len(ids))
	args := []any{string(list), v.Revision, v.Revision}
	rows, err := q.QueryContext(ctx, mainSQL+"id IN (SELECT value FROM json_each(?)) AND rev_from <= ? AND ? < rev_to", args...)
	if err != nil {
		return nil, plain(err)
	}
	defer rows.Close()
	for rows.Next() {
		e, err := scanEntry(rows)
		if err != nil {
			return nil, plain(err)
		}
		found[e.ID] = e
	}
	if err := rows.Err(); err != nil {
		return nil, plain(err)
	}
	for i := range children {
		c := &children[i]
		if !slices.Contains(tables, c.table) {
			continue
		}
		if err := c.fill(ctx, q, "declaration IN (SELECT value FROM json_each(?)) AND ", args, found); err != nil {
			return nil, plain(err)
		}
	}
	if participant != "" {
		// Positions are those of the whole list; only these rows are read, so they are put in order by them.
		group := participant
		if groups {
			group = "" // the lines of groups have no participant
		}
		rows, err := q.QueryContext(ctx, `SELECT declaration, concat_ws(char(31), participant, id, row_number() OVER (PARTITION BY declaration ORDER BY position) - 1,
			via_group, action, capacity, capacity_as_printed, name_as_printed, printed_position, date, public_date, reason, joining_not_recorded, source,
			also_sources, place_in_source, note) FROM action WHERE declaration IN (SELECT value FROM json_each(?)) AND participant IN (?, ?)
			AND rev_from <= ? AND ? < rev_to ORDER BY declaration, position`, string(list), participant, group, v.Revision, v.Revision)
		if err != nil {
			return nil, plain(err)
		}
		defer rows.Close()
		texts := map[int64][]string{}
		for rows.Next() {
			var id int64
			var text string
			if err := rows.Scan(&id, &text); err != nil {
				return nil, plain(err)
			}
			texts[id] = append(texts[id], text)
		}
		if err := rows.Err(); err != nil {
			return nil, plain(err)
		}
		for id, lines := range texts {
			if e := found[id]; e != nil {
				if e.Actions, err = parseActions(strings.Join(lines, rowMark), id); err != nil {
					return nil, err
				}
			}
		}
	}
	var all []*Entry
	for _, id := range ids {
		if e := found[id]; e != nil {
			all = append(all, e)
		}
	}
	return all, nil
}

// fill reads a child table's rows of several declarations.
func (c *child) fill(ctx context.Context, q queryer, only string, args []any, found map[int64]*Entry) error {
	rows, err := q.QueryContext(ctx, c.query(only), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if _, err := c.scan(rows, func(id int64) *Entry {
			if e := found[id]; e != nil {
				return e
			}
			return &Entry{}
		}); err != nil {
			return err
		}
	}
	return rows.Err()
}

// LastRole is the role of the author of the newest revision of a declaration, or of the reference data for 0; empty where
// there is none.
func (v *View) LastRole(ctx context.Context, id int64) (string, error) {
	subject := register.OfDeclaration
	if id == 0 {
		subject = register.OfReference
	}
	var role string
	err := v.reader.QueryRowContext(ctx, "SELECT author_role FROM revision WHERE subject = ? AND declaration_id = ? AND number <= ? ORDER BY number DESC LIMIT 1",
		subject, id, v.Revision).Scan(&role)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return role, plain(err)
}

// Backlink is a link that another declaration has to one.
type Backlink struct {
	From string // slug
	Kind register.LinkKind
	Note string
}

const (
	// linksToSQL begins with the declaration ?2 and those that were retired into one of these: every address that they have or had
	// by revision ?1 leads to it. An address is of one declaration for ever.
	linksToSQL = `WITH RECURSIVE led(id) AS (
		SELECT ?2
		UNION
		SELECT d.id FROM led JOIN declaration o ON o.id = led.id AND o.rev_from <= ?1
			JOIN declaration d ON d.merged_into = o.slug AND d.merged_into <> '' AND d.rev_from <= ?1 AND ?1 < d.rev_to)
		SELECT d.slug, l.kind, l.note FROM link l JOIN declaration d ON d.id = l.declaration AND d.rev_from <= ?1 AND ?1 < d.rev_to AND d.merged_into = ''
		WHERE l.target IN (SELECT o.slug FROM led JOIN declaration o ON o.id = led.id AND o.rev_from <= ?1)
			AND l.declaration <> ?2 AND l.rev_from <= ?1 AND ?1 < l.rev_to
		ORDER BY l.declaration, l.position`
	// answeringSQL goes the other way from addresses: to the one that has each, or had it once, the one into which that was
	// retired, and so on.
	answeringSQL = `WITH RECURSIVE leads(address, id) AS (
		SELECT o.slug, o.id FROM declaration o WHERE o.slug IN (SELECT value FROM json_each(?2)) AND o.rev_from <= ?1
		UNION
		SELECT l.address, o.id FROM leads l JOIN declaration d ON d.id = l.id AND d.rev_from <= ?1 AND ?1 < d.rev_to
			JOIN declaration o ON o.slug = d.merged_into AND o.rev_from <= ?1 WHERE d.merged_into <> '')
		SELECT l.address, l.id FROM leads l
		JOIN declaration d ON d.id = l.id AND d.rev_from <= ?1 AND ?1 < d.rev_to AND d.merged_into = ''`
)

// LinksTo are the links of other living declarations that lead to a declaration, by an address that it has or had, or of one that
// was retired into it, in the order in which those came onto the register.
func (v *View) LinksTo(ctx context.Context, id int64) ([]Backlink, error) {
	rows, err := v.reader.QueryContext(ctx, linksToSQL, v.Revision, id)
	if err != nil {
		return nil, plain(err)
	}
	defer rows.Close()
	var all []Backlink
	for rows.Next() {
		var b Backlink
		if err := rows.Scan(&b.From, (*string)(&b.Kind), &b.Note); err != nil {
			return nil, plain(err)
		}
		all = append(all, b)
	}
	return all, plain(rows.Err())
}

// Answering are the numbers of the living declarations that answer for some addresses by the view's revision: through renames and
// mergers. Addresses for which none does are left out.
func (v *View) Answering(ctx context.Context, slugs []string) (map[string]int64, error) {
	return v.numbers(ctx, answeringSQL, slugs)
}

// IDs are the numbers of the declarations that have, or once had, each of some slugs by the view's revision, merged ones
// included. Slugs that none had are left out.
func (v *View) IDs(ctx context.Context, slugs []string) (map[string]int64, error) {
	return v.numbers(ctx, `SELECT slug, id FROM declaration WHERE slug IN (SELECT value FROM json_each(?2)) AND rev_from <= ?1
		ORDER BY rev_from`, slugs)
}

func (v *View) numbers(ctx context.Context, query string, slugs []string) (map[string]int64, error) {
	list, err := json.Marshal(slugs)
	if err != nil {
		return nil, err
	}
	rows, err := v.reader.QueryContext(ctx, query, v.Revision, string(list))
	if err != nil {
		return nil, plain(err)
	}
	defer rows.Close()
	ids := map[string]int64{}
	for rows.Next() {
		var slug string
		var id int64
		if err := rows.Scan(&slug, &id); err != nil {
			return nil, plain(err)
		}
		ids[slug] = id
	}
	return ids, plain(rows.Err())
}
