package store

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"cosignatory/store/register"
)

// Broken says what verification found: a sentence with the row, and what to do, where that is not to restore a backup.
type Broken struct{ What, Do string }

func (e *Broken) Error() string {
	return e.What + ". " + cmp.Or(e.Do, "Restore the newest backup that passes “cosignatory verify”.")
}

func broken(format string, args ...any) error { return &Broken{What: fmt.Sprintf(format, args...)} }

// integrity is SQLite's own check of the file.
func (s *Store) integrity(ctx context.Context) error {
	rows, err := s.export.QueryContext(ctx, "PRAGMA integrity_check(1)")
	if err != nil {
		return plain(err)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return plain(err)
		}
		if line != "ok" {
			// SQLite begins with a heading on a line of its own.
			line = strings.Join(strings.Fields(strings.TrimPrefix(line, "*** in database main ***")), " ")
			return broken("The database file is damaged: %s", line)
		}
	}
	return plain(rows.Err())
}

// Sound checks the file and the chain of revisions, which takes a small part of the time of Verify: it says that a copy is
// whole. The error is *Broken where something does not hold. progress, if any, is told the revision done and the newest.
func (s *Store) Sound(ctx context.Context, progress func(done, of int)) error {
	head, err := s.Head(ctx)
	if err != nil {
		return err
	}
	file := make(chan error, 1)
	go func() { file <- s.integrity(ctx) }()
	chain := s.eachLinked(ctx, head, func(r *stored, _ []byte) error {
		if progress != nil {
			progress(r.Number, head)
		}
		return ctx.Err()
	})
	// What is wrong with the file is why the chain does not hold, if both are said to be wrong.
	return cmp.Or(<-file, chain)
}

// SoundOlder is Sound of a file of an older schema, which is not changed: what can be checked of one before it is brought up to
// date. It says how many revisions the file has and the hash of the last.
func SoundOlder(ctx context.Context, path string) (revisions int, hash string, err error) {
	s, _, err := openAny(ctx, path, nil)
	if err != nil {
		return 0, "", err
	}
	defer s.Close()
	if err := s.Sound(ctx, nil); err != nil {
		return 0, "", err
	}
	if revisions, err = s.Head(ctx); err == nil {
		hash, err = s.hashOf(ctx, revisions)
	}
	return revisions, hash, err
}

// Verify checks the whole register in bounded memory: the file, the chain of revisions, every row version against the
// change that its revision published, the releases, and every rule of the domain on what stands today. progress, if any, is told the
// revision done and the newest. The error is *Broken where something does not hold. What is published meanwhile is left
// for the next time.
func (s *Store) Verify(ctx context.Context, progress func(done, of int)) error {
	return s.verify(ctx, progress, s.verifyRows, s.verifyReleases, s.verifyRules)
}

// Faithful is Verify without the rules of the domain: that the file holds what its revisions published, and nothing else. A copy
// of an older state may well break a rule that a later revision put right.
func (s *Store) Faithful(ctx context.Context, progress func(done, of int)) error {
	return s.verify(ctx, progress, s.verifyRows, s.verifyReleases)
}

func (s *Store) verify(ctx context.Context, progress func(done, of int), checks ...func(context.Context, *View, func(int, int)) error) error {
	if err := s.integrity(ctx); err != nil {
		return err
	}
	v, err := s.At(ctx, 0)
	if err != nil {
		return err
	}
	for _, check := range checks {
		if err := check(ctx, v, progress); err != nil {
			return plain(err)
		}
	}
	return nil
}

// verifyRows holds the chain together and every row version against it.
func (s *Store) verifyRows(ctx context.Context, v *View, progress func(done, of int)) error {
	begun, ended := map[string]int64{}, map[string]int64{} // rows, by table
	err := s.eachLinked(ctx, v.Revision, func(r *stored, lines []byte) error {
		if err := s.compare(ctx, r, lines, begun, ended); err != nil {
			return err
		}
		if progress != nil {
			progress(r.Number, v.Revision)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, tables := range [][]table{declarationTables, referenceTables} {
		for _, t := range tables {
			if err := s.strays(ctx, t, "rev_from", fmt.Sprint("t.rev_from <= ", v.Revision), begun[t.name]); err != nil {
				return err
			}
			if err := s.strays(ctx, t, "rev_to", fmt.Sprint("t.rev_to <= ", v.Revision), ended[t.name]); err != nil {
				return err
			}
			// One statement sees one state of the file: rows of revisions that are published meanwhile have theirs.
			const none = "(t.rev_from > (SELECT max(number) FROM revision) OR t.rev_to > (SELECT max(number) FROM revision) AND t.rev_to <> "
			if err := s.strays(ctx, t, "rev_from", none+fmt.Sprint(forever, ")"), 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// verifyRules holds what stands against the rules of the domain.
func (s *Store) verifyRules(ctx context.Context, v *View, _ func(done, of int)) error {
	// Where declarations that were retired lead. Programs up to now published circles too.
	const mend = "Go back to its last revision before that in a draft, and publish it."
	var retired []string
	err := each(ctx, s.export, func(rows *sql.Rows) error {
		var slug string
		err := rows.Scan(&slug)
		retired = append(retired, slug)
		return err
	}, "SELECT slug FROM declaration WHERE merged_into <> '' AND rev_from <= ? AND ? < rev_to ORDER BY id", v.Revision, v.Revision)
	if err != nil {
		return err
	}
	for _, slug := range retired {
		way, circle, err := wayOf(ctx, s.export, slug, v.Revision)
		if errors.Is(err, ErrNotFound) {
			return &Broken{fmt.Sprintf("Declaration %s was retired into one that is not on the register", slug), mend}
		}
		if err != nil {
			return err
		}
		if circle {
			var names []string
			for _, x := range way {
				names = append(names, x.slug)
			}
			return &Broken{fmt.Sprintf("Declaration %s was retired in a circle, so that none of them answers for the others: %s", slug, strings.Join(names, " → ")), mend}
		}
	}
	return v.Each(ctx, func(e *Entry) error {
		if problems := e.Validate(v.Ref); len(problems) > 0 {
			return broken("Declaration %s (number %d) breaks a rule: %v", e.Slug, e.ID, &register.Invalid{Problems: problems})
		}
		return nil
	})
}

// eachLinked calls f with the revisions up to head and their lines, the oldest first, each once its hash is found right and
// to follow the one before. The lines stand until the next call.
func (s *Store) eachLinked(ctx context.Context, head int, f func(r *stored, lines []byte) error) error {
	previous, last := "", 0
	var unpack inflater
	err := s.eachStored(ctx, head, func(r *stored) error {
		if r.Number != last+1 {
			return broken("Revision %d is missing", last+1)
		}
		lines, err := unpack.all(r.change)
		if err != nil {
			return broken("The recorded change of revision %d cannot be read: %v", r.Number, err)
		}
		if r.PreviousHash != previous {
			return broken("Revision %d does not follow revision %d: its previous hash is %s, that revision's hash is %s", r.Number, last, r.PreviousHash, previous)
		}
		if h := revisionHash(&r.Revision, r.declaration, r.summary, lines); h != r.Hash {
			return broken("Revision %d was altered: its hash is recorded as %s, but its content gives %s", r.Number, r.Hash, h)
		}
		previous, last = r.Hash, r.Number
		return f(r, lines)
	})
	if err == nil && last < head {
		err = broken("Revision %d is missing", last+1)
	}
	return plain(err)
}

type stored struct {
	register.Revision
	declaration int64
	summary     string
	change      []byte
}

func (s *Store) eachStored(ctx context.Context, head int, f func(*stored) error) error {
	conn, err := s.export.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	rows, err := conn.QueryContext(ctx, "SELECT declaration_id, summary, change, "+revisionColumns+" FROM revision WHERE number <= ? ORDER BY number", head)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r stored
		r.Revision, err = scanRevision(prefixed{rows, []any{&r.declaration, &r.summary, &r.change}})
		if err != nil {
			return broken("A revision cannot be read: %v", err)
		}
		if err := f(&r); err != nil {
			return err
		}
	}
	return rows.Err()
}

// compare holds the rows that a revision began and ended against the lines it published.
func (s *Store) compare(ctx context.Context, r *stored, lines []byte, begunRows, endedRows map[string]int64) error {
	tables := declarationTables
	if r.Subject == register.OfReference {
		tables = referenceTables
	}
	begun, err := selectRows(ctx, s.reader, tables, r.declaration, "rev_from = ?", []any{r.Number})
	if err != nil {
		return err
	}
	ended, err := selectRows(ctx, s.reader, tables, r.declaration, "rev_to = ?", []any{r.Number})
	if err != nil {
		return err
	}
	for _, row := range begun {
		begunRows[tables[row.table].name]++
	}
	for _, row := range ended {
		endedRows[tables[row.table].name]++
	}
	found := changeLines(tables, ended, begun)
	if bytes.Equal(found, lines) {
		return nil
	}
	published := strings.Split(string(lines), "\n")
	stored := strings.Split(string(found), "\n")
	known := make(map[string]bool, len(published))
	for _, l := range published {
		known[l] = true
	}
	for _, l := range stored {
		if !known[l] {
			delete(known, l)
			return broken("A row of revision %d (%s) is not what was published. It reads %s%s", r.Number, subject(r), l, nearest(l, published))
		}
	}
	have := make(map[string]bool, len(stored))
	for _, l := range stored {
		have[l] = true
	}
	for _, l := range published {
		if !have[l] {
			return broken("A row of revision %d (%s) is missing. Published was %s", r.Number, subject(r), l)
		}
	}
	return broken("The rows of revision %d (%s) are not what was published", r.Number, subject(r))
}

func subject(r *stored) string {
	if r.Declaration != "" {
		return "declaration " + r.Declaration
	}
	return "reference data"
}

// nearest is what was published in the place of a line: the line with the same sign, table and key, if there is one.
func nearest(line string, published []string) string {
	best, length := "", 0
	for _, l := range published {
		n := 0
		for n < len(l) && n < len(line) && l[n] == line[n] {
			n++
		}
		if n > length {
			best, length = l, n
		}
	}
	if best == "" {
		return ""
	}
	return ", published was " + best
}

// strays finds rows that no revision began, or ended: column is rev_from or rev_to, which chooses the rows that count.
func (s *Store) strays(ctx context.Context, t table, column, which string, published int64) error {
	var n int64
	if err := s.reader.QueryRowContext(ctx, "SELECT count(*) FROM "+t.name+" t WHERE "+which).Scan(&n); err != nil {
		return plain(err)
	}
	if n == published {
		return nil
	}
	condition := "r.subject = 'reference'"
	if t.key[0] == "id" || t.key[0] == "declaration" {
		condition = "r.declaration_id = t." + t.key[0]
	}
	key := strings.Join(t.key, " || ' ' || t.")
	var row string
	err := s.reader.QueryRowContext(ctx, "SELECT t."+key+" FROM "+t.name+" t WHERE "+which+
		" AND NOT EXISTS (SELECT 1 FROM revision r WHERE r.number = t."+column+" AND "+condition+") LIMIT 1").Scan(&row)
	if err != nil {
		row = "unknown"
	}
	return broken("The table %s has %d rows with a %s of their own, but the revisions published %d; one that none of them published: %s",
		t.name, n, column, published, row)
}
