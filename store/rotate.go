package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// BackupPlan says where backups go, how often one is made, and how many are kept.
type BackupPlan struct {
	Dir   string
	Every time.Duration
	Keep  int // at least 1
}

// A backup that did not succeed is tried again after this long, or sooner where backups are more frequent.
const backupRetry = 5 * time.Minute

// A part of a backup that is this old was left behind by a program that was killed.
const backupAbandoned = 24 * time.Hour

// ErrBackupFolder: there is nowhere to write backups to. The error says which folder, and why.
var ErrBackupFolder = errors.New("the folder for backups is gone or cannot be written to: make it again, or give the program the right to write to it")

// folderError is ErrBackupFolder of one folder.
type folderError struct {
	folder string
	cause  error
}

func (e *folderError) Error() string {
	return fmt.Sprintf("the folder for backups %s is gone or cannot be written to: %v", e.folder, e.cause)
}

func (e *folderError) Unwrap() []error { return []error{ErrBackupFolder, e.cause} }

// BackupState is what is known of the backups of a plan.
type BackupState struct {
	// Last is when the newest backup that passed its check was begun, Revision the newest revision in it, Path its file, Kept
	// how many there are. Last is zero where there is none.
	Last     time.Time
	Revision int
	Path     string
	Kept     int
	// Failed is the error of the newest attempt, nil where it succeeded; FailedAt is when that was.
	Failed   error
	FailedAt time.Time
}

// Backups makes backups by a plan. It is safe for concurrent use.
type Backups struct {
	store *Store
	plan  BackupPlan

	mu    sync.Mutex
	state BackupState
}

// PlanBackups is for backups of this register. It makes the folder where there is none, and takes stock of what is in it.
func (s *Store) PlanBackups(plan BackupPlan) (*Backups, error) {
	if plan.Keep < 1 || plan.Every <= 0 {
		return nil, fmt.Errorf("at least one backup has to be kept, and the time between two be longer than nothing")
	}
	dir, err := filepath.Abs(plan.Dir)
	if err != nil {
		return nil, err
	}
	plan.Dir = dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the folder for backups cannot be made: %w", err)
	}
	b := &Backups{store: s, plan: plan}
	kept, err := b.kept()
	if err != nil {
		return nil, fmt.Errorf("the folder for backups cannot be read: %w", err)
	}
	b.state.Kept = len(kept)
	b.newest(kept)
	return b, nil
}

// newest takes the newest of the backups in the folder for the last. They were checked when they were written; a name is given
// only after that.
func (b *Backups) newest(kept []keptBackup) {
	var last keptBackup
	if n := len(kept); n > 0 {
		last = kept[n-1]
	}
	b.state.Last, b.state.Revision, b.state.Path = last.at, last.revision, last.path
}

// unusable says why nothing can be written into the folder; nil where that is not the reason why a backup failed. A folder
// that is gone is not made again: a disk that is not mounted would have its backups written to another one.
func (b *Backups) unusable() error {
	f, err := os.CreateTemp(b.plan.Dir, ".backup-*")
	if err == nil {
		f.Close()
		os.Remove(f.Name())
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, syscall.ENOTDIR) && !errors.Is(err, syscall.EROFS) {
		return nil
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // the path is that of a file of a moment
	}
	return &folderError{b.plan.Dir, err}
}

// State is what is known of the backups now.
func (b *Backups) State() BackupState {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state
}

// Next is when the next backup is due.
func (b *Backups) Next() time.Time {
	s := b.State()
	next := s.Last.Add(b.plan.Every)
	if again := s.FailedAt.Add(min(backupRetry, b.plan.Every)); s.Failed != nil && again.After(next) {
		next = again
	}
	return next
}

// Run makes a backup whenever one is due, until the context ends, and tells of each.
func (b *Backups) Run(ctx context.Context, told func(BackupState)) {
	for {
		// A clock that was set back by a year would make the next one due in a year.
		wait := min(time.Until(b.Next()), b.plan.Every)
		t := time.NewTimer(max(wait, 0))
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-t.C:
		}
		b.Make(ctx)
		if ctx.Err() == nil {
			told(b.State())
		}
	}
}

// Make makes one backup now: consistent, also while somebody publishes; written under another name, synced, checked (the
// file and the chain), and only then given its name. Then the oldest beyond the number to keep are removed: never before
// the new one is good, and never that one. The error is in the State as well.
func (b *Backups) Make(ctx context.Context) error {
	at := b.store.now().UTC().Truncate(time.Second)
	path, revision, err := b.write(ctx, at)
	kept, listErr := b.kept()
	if err == nil {
		err = listErr
	}
	if errors.Is(listErr, fs.ErrNotExist) {
		listErr = nil // a folder that is gone keeps none
	}
	if err == nil {
		kept, err = b.rotate(kept, path)
	} else if folder := b.unusable(); folder != nil && !errors.Is(err, ErrReplaced) {
		err = folder // SQLite says that a file cannot be opened, but not that it is not the register
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if listErr == nil {
		b.state.Kept = len(kept)
	}
	switch {
	case path != "":
		b.state.Last, b.state.Revision, b.state.Path = at, revision, path
	case listErr == nil && !slices.ContainsFunc(kept, func(k keptBackup) bool { return k.path == b.state.Path }):
		// The newest was taken away: an older one is the newest now, or there is none.
		b.newest(kept)
	}
	b.state.Failed, b.state.FailedAt = err, time.Time{}
	if err != nil {
		b.state.FailedAt = at
	}
	return err
}

// write makes the file of one backup. Its path is empty where there is none that is good.
func (b *Backups) write(ctx context.Context, at time.Time) (path string, revision int, err error) {
	if b.store.Replaced() {
		return "", 0, ErrReplaced
	}
	part := filepath.Join(b.plan.Dir, fmt.Sprintf(".backup-%d", os.Getpid()))
	defer os.Remove(part)
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", 0, err
	}
	err = b.store.copyTo(ctx, part, nil, func(copied *Store, ctx context.Context) (err error) {
		if revision, err = copied.Head(ctx); err != nil {
			return err
		}
		return copied.Sound(ctx, nil)
	})
	if err != nil {
		return "", 0, err
	}
	to := free(filepath.Join(b.plan.Dir, fmt.Sprintf("cosignatory-%s-r%d.db", at.Format(backupTime), revision)))
	if err := replace(part, to); err != nil {
		return "", 0, err
	}
	return to, revision, nil
}

const backupTime = "20060102T150405Z"

var backupName = regexp.MustCompile(`^cosignatory-(\d{8}T\d{6}Z)-r(\d+)(?:\.db|\.db-\d+)$`)

// keptBackup is one backup in the folder.
type keptBackup struct {
	path     string
	at       time.Time
	revision int
}

// kept are the backups in the folder, the oldest first. What has another name is not this program's to count or remove.
func (b *Backups) kept() ([]keptBackup, error) {
	entries, err := os.ReadDir(b.plan.Dir)
	if err != nil {
		return nil, err
	}
	var all []keptBackup
	for _, e := range entries {
		m := backupName.FindStringSubmatch(e.Name())
		if m == nil || !e.Type().IsRegular() {
			continue
		}
		at, err := time.Parse(backupTime, m[1])
		if err != nil {
			continue
		}
		n, err := strconv.Atoi(m[2])
		if err != nil {
			continue
		}
		all = append(all, keptBackup{filepath.Join(b.plan.Dir, e.Name()), at, n})
	}
	slices.SortFunc(all, func(x, y keptBackup) int {
		if c := x.at.Compare(y.at); c != 0 {
			return c
		}
		return x.revision - y.revision
	})
	return all, nil
}

// rotate removes the oldest backups beyond the number to keep, whatever the clock says of fresh: that one stays.
func (b *Backups) rotate(kept []keptBackup, fresh string) ([]keptBackup, error) {
	var errs []error
	for i := 0; len(kept) > b.plan.Keep && i < len(kept); {
		if kept[i].path == fresh {
			i++
			continue
		}
		if err := os.Remove(kept[i].path); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, fmt.Errorf("an old backup cannot be removed: %w", err))
			i++
			continue
		}
		kept = slices.Delete(kept, i, i+1)
	}
	parts, _ := filepath.Glob(filepath.Join(b.plan.Dir, ".backup-*"))
	for _, part := range parts {
		if info, err := os.Stat(part); err == nil && b.store.now().Sub(info.ModTime()) > backupAbandoned {
			os.Remove(part)
		}
	}
	if err := syncFile(b.plan.Dir); err != nil {
		errs = append(errs, err)
	}
	return kept, errors.Join(errs...)
}
