package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/web/export"
)

// ImportRole is the author's role in the revisions that importing by CSV makes.
const ImportRole = "import"

// Options are how a package is imported.
type Options struct {
	DryRun bool
	// Reason is what the public reads of what comes by CSV, in Lang; both are the package's own where it brings its history.
	Reason, Lang string
	Role, Name   string // the author; Role is ImportRole where empty
	// Progress, if any, is told how far long work is, now and then: of 0 is not known.
	Progress func(done, of int)
}

// Summary says what an import did, or with DryRun would do.
type Summary struct {
	DryRun  bool
	History bool // revisions were made again as they were published; else there are new ones
	Older   bool // the register has all revisions of the package, and more
	Same    bool // nothing had to be done

	From, To                int // revisions of the register before and after
	New, Changed, Unchanged int // declarations
	Participants, Groups    Tally
	Topics, Words           Tally
}

// Tally counts entries of the reference data.
type Tally struct{ New, Changed int }

// Import brings a package into a register, all of it or, after an error, nothing. With its history it makes the revisions
// again; without, what differs from the register becomes new revisions by the ordinary way of publishing, one a declaration.
// The error is *Problems for everything that the package's maker can mend.
func (p *Package) Import(ctx context.Context, s *store.Store, o Options) (Summary, error) {
	if o.Role == "" {
		o.Role = ImportRole
	}
	if o.Lang == "" {
		o.Lang = "en"
	}
	if p.History() {
		return p.replay(ctx, s, o)
	}
	return p.publish(ctx, s, o)
}

// replay makes the package's revisions again. The hashes of the other files are computed at the same time.
func (p *Package) replay(ctx context.Context, s *store.Store, o Options) (Summary, error) {
	sound := make(chan error, 1)
	go func() { sound <- p.altered() }()
	checked := false
	files := func() error {
		if checked {
			return nil
		}
		checked = true
		return <-sound
	}
	f := p.files[export.HistoryFile]
	in, err := f.open()
	if err != nil {
		return Summary{}, errors.Join(one(f.name, 0, "", "unreadable"), files())
	}
	defer in.Close()
	of, last := 0, ""
	if p.descriptor != nil {
		of, last = p.descriptor.Cosignatory.Revision, p.descriptor.Cosignatory.Hash
	}
	done, err := s.Replay(ctx, plainErrors{in, f.name}, store.ReplayOptions{DryRun: o.DryRun,
		Progress: func(n int) {
			if o.Progress != nil {
				o.Progress(n, of)
			}
		},
		Done: func(r store.Replayed) error {
			if err := files(); err != nil {
				return err
			}
			if p.descriptor != nil && (r.Last != of || r.LastHash != last) {
				return one(export.DescriptorFile, 0, "", "descriptor_differs", "Recorded", of, "Found", r.Last)
			}
			return nil
		}})
	// Files that were altered say more than what follows from it.
	if altered := files(); altered != nil {
		return Summary{}, altered
	}
	var unsound *store.Unsound
	var diverged *store.Diverged
	switch {
	case errors.As(err, &unsound):
		return Summary{}, p.unsound(unsound)
	case errors.As(err, &diverged):
		return Summary{}, one(f.name, diverged.Revision, "", "history_diverged", "Revision", diverged.Revision, "Ours", short(diverged.Ours), "Theirs", short(diverged.Theirs))
	case err != nil:
		return Summary{}, err
	}
	return Summary{DryRun: o.DryRun, History: true, Older: done.Older, Same: done.From == done.To, From: done.From, To: done.To,
		New: done.Declarations, Changed: done.Changed}, nil
}

// unsound says what the store found wrong with a history.
func (p *Package) unsound(e *store.Unsound) *Problems {
	c := &collector{}
	if problems, ok := e.Args["Problems"].([]register.Problem); ok {
		for _, x := range problems {
			c.add(export.HistoryFile, e.Line, "", "history_rule", "Slug", e.Args["Slug"], "Field", x.Field, "Rule", x.Key)
			c.found[len(c.found)-1].Args["Problem"] = x
		}
		return c.err()
	}
	key, what := e.Key, ""
	var args []any
	for _, k := range slices.Sorted(maps.Keys(e.Args)) {
		v := e.Args[k]
		if s, ok := v.(string); ok {
			v = excerpt(s)
		}
		what += fmt.Sprintf(" %s=%v", k, v)
		args = append(args, k, v)
	}
	if !slices.Contains(toldHistory, key) {
		key, args = "history_forged", []any{"What", strings.TrimPrefix(key, "history_") + what}
	}
	c.add(export.HistoryFile, e.Line, "", key, append(args, "Revision", e.Revision)...)
	return c.err()
}

// toldHistory are the problems of a history that have sentences of their own. All others are told by one: hashes are right,
// so whoever wrote them did it on purpose.
var toldHistory = []string{"history_shape", "history_number", "history_chain", "history_hash", "history_empty"}

// plainErrors turns what a damaged zip says into a problem of the file.
type plainErrors struct {
	io.Reader
	name string
}

func (r plainErrors) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	if err != nil && err != io.EOF {
		err = one(r.name, 0, "", "unreadable")
	}
	return n, err
}
