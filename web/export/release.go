package export

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"

	"cosignatory/store"
	"cosignatory/store/register"
)

// frozen is a file that a release freezes.
type frozen struct {
	name   string
	format Format
}

func (f frozen) file() string { return f.name + "." + string(f.format) }

// freezable are the files that a release freezes: what is no table in every format it has, every table as CSV.
func freezable() []frozen {
	var all []frozen
	for _, name := range []string{Register, History} {
		for _, format := range FormatsOf(name) {
			all = append(all, frozen{name, format})
		}
	}
	for _, name := range Names() {
		all = append(all, frozen{name, CSV})
	}
	return all
}

// releaseOptions are those of the files of a release: what an address gives that names the revision, and the day on which it
// was published, and no more.
func releaseOptions(ctx context.Context, v *store.View, address string) (Options, error) {
	day, err := DayOf(ctx, v)
	return Options{View: v, Day: day, Lang: register.Languages[0], BaseURL: address}, err
}

// Freeze makes every file that a release of the view's revision freezes and says what came out: the same as
// /data/FILE?as_of=DAY&revision=N gives at an address of the register, where DAY is that of the publication. Nothing is kept
// of the files: memory is that of the largest. progress, if any, is told how many files of how many are done.
func Freeze(ctx context.Context, v *store.View, address string, progress func(done, of int)) ([]store.ReleaseFile, error) {
	o, err := releaseOptions(ctx, v, address)
	if err != nil {
		return nil, err
	}
	files := freezable()
	all := make([]store.ReleaseFile, 0, len(files))
	for i, f := range files {
		if progress != nil {
			progress(i, len(files))
		}
		made, err := freeze(ctx, f, o)
		if err != nil {
			return nil, err
		}
		all = append(all, made)
	}
	return all, nil
}

func freeze(ctx context.Context, f frozen, o Options) (store.ReleaseFile, error) {
	o.Format = f.format
	w := &weighed{sum: sha256.New()}
	if err := Write(ctx, w, f.name, o); err != nil {
		return store.ReleaseFile{}, err
	}
	made := store.ReleaseFile{Name: f.file(), Bytes: w.bytes, Rows: -1, SHA256: hex.EncodeToString(w.sum.Sum(nil))}
	if f.format == CSV {
		made.Rows = w.rows - 1
	}
	return made, nil
}

// weighed takes the sum of what is written, and counts its bytes and, as of CSV, its rows.
type weighed struct {
	sum    hash.Hash
	bytes  int64
	rows   int
	quoted bool // within quotation marks: a line break there ends no row
}

func (w *weighed) Write(b []byte) (int, error) {
	w.sum.Write(b)
	w.bytes += int64(len(b))
	for _, c := range b {
		switch {
		case c == '"':
			w.quoted = !w.quoted
		case c == '\n' && !w.quoted:
			w.rows++
		}
	}
	return len(b), nil
}

// Unfrozen says that a file of a release does not come out any more as it was frozen.
type Unfrozen struct{ What string }

func (e *Unfrozen) Error() string { return e.What }

// CheckRelease makes the files of a release again and holds them against what it froze. Whoever calls it has verified the
// store: what differs then is the program. The error is *Unfrozen where one differs.
func CheckRelease(ctx context.Context, s *store.Store, r *store.Release, progress func(done, of int)) error {
	v, err := s.At(ctx, r.Revision)
	if err != nil {
		return err
	}
	o, err := releaseOptions(ctx, v, r.Address)
	if err != nil {
		return err
	}
	for i, f := range r.Files {
		if progress != nil {
			progress(i, len(r.Files))
		}
		name, format, _ := strings.Cut(f.Name, ".")
		if !slices.Contains(FormatsOf(name), Format(format)) {
			return &Unfrozen{fmt.Sprintf("Release %s has a file %s, which this program does not make: use the program that made the release", r.Name, f.Name)}
		}
		made, err := freeze(ctx, frozen{name, Format(format)}, o)
		if err != nil {
			return err
		}
		if made != f {
			return &Unfrozen{fmt.Sprintf("The file %s of release %s no longer comes out as it was frozen: its SHA-256 is %s (%d bytes), frozen was %s (%d bytes). "+
				"Every row of revision %d is as it was published, so this program writes the file otherwise: use the program that made the release",
				f.Name, r.Name, made.SHA256, made.Bytes, f.SHA256, f.Bytes, r.Revision)}
		}
	}
	return nil
}

// WriteReleases writes releases as a table in the order given, the files of each told by that of register.zip.
func WriteReleases(ctx context.Context, w io.Writer, o Options, all []*store.Release) error {
	return answer(ctx, w, "releases", o, nil, func(_ *file, p *pen) error {
		for _, r := range all {
			p.begin()
			p.token(r.Name)
			p.number(int64(r.Revision))
			p.token(r.ReleasedAt.UTC().Format("2006-01-02T15:04:05Z"))
			zip := store.ReleaseFile{}
			if f := r.File(Register + "." + string(Zip)); f != nil {
				zip = *f
			}
			p.number(zip.Bytes)
			p.token(zip.SHA256)
			p.token(r.RevisionHash)
			p.put(r.Address)
			if err := p.done(); err != nil {
				return err
			}
		}
		return nil
	})
}

// WriteReleaseFiles writes the files of a release as a table; url says where each is found.
func WriteReleaseFiles(ctx context.Context, w io.Writer, o Options, r *store.Release, url func(*store.ReleaseFile) string) error {
	return answer(ctx, w, "release_files", o, nil, func(_ *file, p *pen) error {
		for i := range r.Files {
			f := &r.Files[i]
			p.begin()
			p.token(r.Name)
			p.number(int64(r.Revision))
			p.token(f.Name)
			if f.Rows < 0 {
				p.token("")
			} else {
				p.number(int64(f.Rows))
			}
			p.number(f.Bytes)
			p.token(f.SHA256)
			p.put(url(f))
			if err := p.done(); err != nil {
				return err
			}
		}
		return nil
	})
}
