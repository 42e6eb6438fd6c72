package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"cosignatory/store/register"
)

// Release is a revision with a name for citation: 2026.1. It freezes what the files of the register were at that revision, and is
// never changed. Releases follow each other as revisions do: each names a later revision than the one before, and its hash
// covers the hash of the one before.
//
// The hash is the hexadecimal SHA-256 of one JSON array without blanks: ["cosignatory release 1", name, revision, hash of the
// revision, time of the release, address, hash of the release before, [[file, bytes, rows, SHA-256] …]].
type Release struct {
	Name         string
	Revision     int
	RevisionHash string
	ReleasedAt   time.Time // in UTC, whole seconds
	Address      string    // of the register when it was released, without a slash at the end: its files carry it
	Files        []ReleaseFile
	PreviousHash string // of the release before, empty for the first
	Hash         string
}

// ReleaseFile is a file of the register as it was when it was released.
type ReleaseFile struct {
	Name   string // with its extension: signatories.csv
	Bytes  int64
	Rows   int    // without the head; -1 for what is no table
	SHA256 string // hexadecimal
}

// File is a frozen file by its name, nil where the release has none of that name.
func (r *Release) File(name string) *ReleaseFile {
	if i := slices.IndexFunc(r.Files, func(f ReleaseFile) bool { return f.Name == name }); i >= 0 {
		return &r.Files[i]
	}
	return nil
}

// Unreleasable says why a release cannot be made, in sentences that say what would be right. Nothing was written.
type Unreleasable struct{ What string }

func (e *Unreleasable) Error() string { return e.What }

func unreleasable(format string, args ...any) error {
	return &Unreleasable{fmt.Sprintf(format, args...)}
}

var releaseName = regexp.MustCompile(`^([1-9][0-9]{3})\.([1-9][0-9]{0,2})$`)

// ParseReleaseName reads the name of a release: the year in four digits, a point, and a number of one to three digits that
// does not begin with 0, as in 2026.1 or 2026.12. Anything else is *Unreleasable.
func ParseReleaseName(name string) (year, number int, err error) {
	m := releaseName.FindStringSubmatch(name)
	if m == nil {
		return 0, 0, unreleasable("%q is no name for a release: write the year, a point and a number from 1 to 999, as in 2026.1", name)
	}
	year, _ = strconv.Atoi(m[1])
	number, _ = strconv.Atoi(m[2])
	return year, number, nil
}

// hash is what Hash must be.
func (r *Release) hash() string {
	files := make([][4]any, len(r.Files))
	for i, f := range r.Files {
		files[i] = [4]any{f.Name, f.Bytes, f.Rows, f.SHA256}
	}
	text, err := json.Marshal([]any{"cosignatory release 1", r.Name, r.Revision, r.RevisionHash, r.ReleasedAt.UTC().Format(time.RFC3339), r.Address, r.PreviousHash, files})
	if err != nil {
		panic(err) // nothing in it can fail
	}
	return hexSum(text)
}

// Releasable says whether a revision can be released under a name now: before the work of making its files. The error is
// *Unreleasable where it cannot.
func (s *Store) Releasable(ctx context.Context, name string, revision int) error {
	_, err := s.releasable(ctx, s.reader, name, revision)
	return plain(err)
}

// releasable is the release that would be made, without its files.
func (s *Store) releasable(ctx context.Context, q queryer, name string, revision int) (*Release, error) {
	year, number, err := ParseReleaseName(name)
	if err != nil {
		return nil, err
	}
	r := &Release{Name: name, Revision: revision, ReleasedAt: s.now().UTC().Truncate(time.Second)}
	var at string
	err = q.QueryRowContext(ctx, "SELECT hash, published_at FROM revision WHERE number = ?", revision).Scan(&r.RevisionHash, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, unreleasable("Revision %d is not published: release one that is", revision)
	}
	if err != nil {
		return nil, err
	}
	published, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return nil, fmt.Errorf("revision %d: %w: %w", revision, err, ErrDamaged)
	}
	if first, last := published.UTC().Year(), max(published.UTC().Year(), r.ReleasedAt.Year()); year < first || year > last {
		years := fmt.Sprint(first)
		if last > first {
			years = fmt.Sprintf("one of the years %d to %d", first, last)
		}
		return nil, unreleasable("%s cannot be the name of revision %d, published in %d: begin the name with %s", name, revision, first, years)
	}
	var last string
	var of int
	err = q.QueryRowContext(ctx, "SELECT name, revision, hash FROM release ORDER BY revision DESC LIMIT 1").Scan(&last, &of, &r.PreviousHash)
	if errors.Is(err, sql.ErrNoRows) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	var taken int
	if err := q.QueryRowContext(ctx, "SELECT coalesce(max(revision), 0) FROM release WHERE name = ?", name).Scan(&taken); err != nil {
		return nil, err
	}
	lastYear, lastNumber, err := ParseReleaseName(last)
	switch {
	case err != nil:
		return nil, err
	case taken == revision:
		return nil, unreleasable("Release %s is made already, of revision %d: a release is never changed. “cosignatory releases” shows it", name, revision)
	case taken > 0:
		return nil, unreleasable("%s is the name of revision %d already, for ever: choose another name", name, taken)
	case revision <= of:
		return nil, unreleasable("Release %s names revision %d: a new release names a later revision", last, of)
	case year < lastYear || year == lastYear && number < lastNumber:
		return nil, unreleasable("The newest release is %s: the next is called %d.%d, or later", last, lastYear, lastNumber+1)
	}
	return r, nil
}

// AddRelease makes a release of a revision with the files that the caller has made of it at an address, in one transaction.
// The error is *Unreleasable where the name or the revision cannot be used.
func (s *Store) AddRelease(ctx context.Context, name string, revision int, address string, files []ReleaseFile) (*Release, error) {
	if len(files) == 0 {
		return nil, errors.New("store: a release without files")
	}
	var made *Release
	err := s.write(ctx, func(tx *sql.Tx) error {
		r, err := s.releasable(ctx, tx, name, revision)
		if err != nil {
			return err
		}
		r.Address, r.Files = address, slices.Clone(files)
		r.Hash = r.hash()
		for i, f := range r.Files {
			if _, err := tx.ExecContext(ctx, "INSERT INTO release_file (release, position, file, bytes, row_count, sha256) VALUES (?, ?, ?, ?, ?, ?)",
				r.Name, i, f.Name, f.Bytes, f.Rows, f.SHA256); err != nil {
				return err
			}
		}
		made = r
		_, err = tx.ExecContext(ctx, "INSERT INTO release (name, revision, revision_hash, released_at, address, previous_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
			r.Name, r.Revision, r.RevisionHash, r.ReleasedAt.Format(time.RFC3339), r.Address, r.PreviousHash, r.Hash)
		return err
	})
	s.written()
	if err != nil {
		return nil, err
	}
	return made, nil
}

const releaseColumns = "name, revision, revision_hash, released_at, address, previous_hash, hash"

// Releases are all releases with their files, the newest first.
func (s *Store) Releases(ctx context.Context) ([]*Release, error) {
	return s.releases(ctx, "1 ORDER BY revision DESC")
}

// Release is the release of a name and, where there is one, the release before it. ErrNotFound: there is none of that name.
func (s *Store) Release(ctx context.Context, name string) (found, before *Release, err error) {
	two, err := s.releases(ctx, "revision <= (SELECT revision FROM release WHERE name = ?) ORDER BY revision DESC LIMIT 2", name)
	switch {
	case err != nil:
		return nil, nil, err
	case len(two) == 0:
		return nil, nil, ErrNotFound
	case len(two) == 2:
		before = two[1]
	}
	return two[0], before, nil
}

func (s *Store) releases(ctx context.Context, where string, args ...any) ([]*Release, error) {
	var all []*Release
	err := each(ctx, s.reader, func(rows *sql.Rows) error {
		r := &Release{}
		var at string
		if err := rows.Scan(&r.Name, &r.Revision, &r.RevisionHash, &at, &r.Address, &r.PreviousHash, &r.Hash); err != nil {
			return err
		}
		var err error
		if r.ReleasedAt, err = time.Parse(time.RFC3339, at); err != nil {
			return fmt.Errorf("release %s: %w: %w", r.Name, err, ErrDamaged)
		}
		all = append(all, r)
		return nil
	}, "SELECT "+releaseColumns+" FROM release WHERE "+where, args...)
	if err != nil {
		return nil, plain(err)
	}
	for _, r := range all {
		err := each(ctx, s.reader, func(rows *sql.Rows) error {
			var f ReleaseFile
			err := rows.Scan(&f.Name, &f.Bytes, &f.Rows, &f.SHA256)
			r.Files = append(r.Files, f)
			return err
		}, "SELECT file, bytes, row_count, sha256 FROM release_file WHERE release = ? ORDER BY position", r.Name)
		if err != nil {
			return nil, plain(err)
		}
	}
	return all, nil
}

// ReleaseOf is the name of the release of a revision, empty where it is none.
func (s *Store) ReleaseOf(ctx context.Context, revision int) (name string, err error) {
	err = s.reader.QueryRowContext(ctx, "SELECT name FROM release WHERE revision = ?", revision).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return name, plain(err)
}

// NewestRelease is the name of the newest release, empty where there is none: it changes with every release.
func (s *Store) NewestRelease(ctx context.Context) (name string, err error) {
	err = s.reader.QueryRowContext(ctx, "SELECT name FROM release ORDER BY revision DESC LIMIT 1").Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return name, plain(err)
}

// verifyReleases holds the releases against the chain of revisions and against their own. Whether their files still come out
// is for those to say who make files.
func (s *Store) verifyReleases(ctx context.Context, _ *View, _ func(done, of int)) error {
	all, err := s.releases(ctx, "1 ORDER BY revision")
	if err != nil {
		return err
	}
	previous := ""
	for _, r := range all {
		if _, _, err := ParseReleaseName(r.Name); err != nil {
			return broken("A release is called %q, which is no name for one", r.Name)
		}
		var hash string
		err := s.reader.QueryRowContext(ctx, "SELECT hash FROM revision WHERE number = ?", r.Revision).Scan(&hash)
		if errors.Is(err, sql.ErrNoRows) {
			return broken("Release %s names revision %d, which does not exist", r.Name, r.Revision)
		}
		if err != nil {
			return plain(err)
		}
		if hash != r.RevisionHash {
			return broken("Release %s names revision %d with the hash %s, but that revision has %s", r.Name, r.Revision, r.RevisionHash, hash)
		}
		if r.PreviousHash != previous {
			return broken("Release %s does not follow the one before: its previous hash is recorded as %q, that release's hash is %q", r.Name, r.PreviousHash, previous)
		}
		if h := r.hash(); h != r.Hash {
			return broken("Release %s was altered: its hash is recorded as %s, but its content gives %s", r.Name, r.Hash, h)
		}
		previous = r.Hash
	}
	var stray string
	err = s.reader.QueryRowContext(ctx, "SELECT release FROM release_file WHERE release NOT IN (SELECT name FROM release) LIMIT 1").Scan(&stray)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return plain(err)
	}
	return broken("There are files of a release %s, but no such release", stray)
}

// Fate is what became of a declaration between two revisions.
type Fate int

// The fates, in the order in which they are told.
const (
	Added   Fate = iota // was not on the register before
	Changed             // is on the register before and after
	Retired             // another one answers for it since
	Data                // the reference data: of no declaration
)

// Fated is a declaration that revisions are about, or with the number 0 the reference data.
type Fated struct {
	ID        int64
	Fate      Fate
	Revisions int // how many are about it
	Last      int // the newest of them
}

// Since is what became of all that the revisions after a revision, up to the view's, are about: by fate, what changed last
// first.
func (v *View) Since(ctx context.Context, revision int) ([]Fated, error) {
	const living = "EXISTS (SELECT 1 FROM declaration d WHERE d.id = r.declaration_id AND d.merged_into = '' AND d.rev_from <= %[1]s AND %[1]s < d.rev_to)"
	var all []Fated
	err := each(ctx, v.reader, func(rows *sql.Rows) error {
		var f Fated
		var subject string
		var before, after bool
		if err := rows.Scan(&f.ID, &subject, &f.Revisions, &f.Last, &before, &after); err != nil {
			return err
		}
		switch {
		case subject == register.OfReference:
			f.Fate = Data
		case !after:
			f.Fate = Retired
		case before:
			f.Fate = Changed
		}
		all = append(all, f)
		return nil
	}, "SELECT r.declaration_id, r.subject, count(*), max(r.number), "+fmt.Sprintf(living, "?1")+", "+fmt.Sprintf(living, "?2")+
		" FROM revision r WHERE r.number > ?1 AND r.number <= ?2 GROUP BY r.subject, r.declaration_id", revision, v.Revision)
	if err != nil {
		return nil, plain(err)
	}
	slices.SortFunc(all, func(a, b Fated) int {
		if a.Fate != b.Fate {
			return int(a.Fate) - int(b.Fate)
		}
		return b.Last - a.Last
	})
	return all, nil
}

// OfReference are revisions of the reference data from a number on, up to the view's: the newest of them, at most limit,
// newest first.
func (v *View) OfReference(ctx context.Context, from, limit int) ([]register.Revision, error) {
	return v.revisions(ctx, "subject = 'reference' AND number BETWEEN ? AND ? ORDER BY number DESC LIMIT ?", from, v.Revision, limit)
}
