package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/mattn/go-sqlite3"
)

// Backup writes a consistent copy of the register to a new file, while it is being served and changed. The file appears
// whole, checked and synced, or not at all; one that exists is not overwritten. It is its owner's alone to read, whoever may
// read the register. progress, if any, is told how far the copying is, then how far the checking.
func (s *Store) Backup(ctx context.Context, path string, progress func(done, of int)) error {
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("%s exists already: choose another name, or remove it first", path)
	}
	return s.copyTo(ctx, path, progress, func(copied *Store, ctx context.Context) error { return copied.Sound(ctx, progress) })
}

// copyTo replaces path by a copy of the register that has passed a check. progress, if any, is told the pages copied and all.
func (s *Store) copyTo(ctx context.Context, path string, progress func(done, of int), check func(*Store, context.Context) error) error {
	// SQLite would find out too, but only after it has filled the disk, and somebody may be publishing onto it.
	if err := room(s.path, path); err != nil {
		return err
	}
	part := path + ".part"
	os.Remove(part)
	defer os.Remove(part)
	// Before SQLite makes it, so that nobody else may read it from the first byte on.
	made, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_EXCL, ownerOnly) // #nosec G304 -- beside a file that the operator names
	if err != nil {
		return fmt.Errorf("%s: %w", path, &sentenced{ErrNoFile, err})
	}
	made.Close()
	if err := s.copyPages(ctx, part, progress); err != nil {
		return fmt.Errorf("%s: %w", path, plain(err))
	}
	if info, err := os.Stat(s.path); err == nil {
		if err := giveTo(part, info); err != nil {
			return err
		}
	}
	if err := syncFile(part); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	copied, _, err := openAny(ctx, part, nil)
	if err != nil {
		return err
	}
	err = check(copied, ctx)
	copied.Close()
	for _, side := range []string{"-wal", "-shm"} {
		os.Remove(part + side)
	}
	if err != nil {
		return fmt.Errorf("the copy did not pass its check: %w", err)
	}
	return replace(part, path)
}

// pagesAtOnce is how many pages are copied between two looks at whether the copy is still wanted: 16 MiB.
const pagesAtOnce = 4096

// copyPages copies the file page by page into a new one, as one revision has it: those who publish meanwhile neither wait nor
// are in it. It takes some two thirds of the time of VACUUM INTO, which writes every row anew.
func (s *Store) copyPages(ctx context.Context, path string, progress func(done, of int)) (err error) {
	db, err := pool(dsn(s.path, s.read), 1)
	if err != nil {
		return err
	}
	defer db.Close()
	from, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer from.Close()
	// A copy that lets others in between its steps begins anew whenever they write; one that holds a snapshot does not.
	if _, err := from.ExecContext(ctx, "BEGIN"); err != nil {
		return err
	}
	defer from.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	var tables int
	if err := from.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return err
	}
	// It is synced at the end, once; until then it is nobody's.
	made, err := pool(dsn(path, "_journal_mode=OFF&_synchronous=OFF"), 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, made.Close()) }()
	to, err := made.Conn(ctx)
	if err != nil {
		return err
	}
	defer to.Close()
	err = to.Raw(func(to any) error {
		return from.Raw(func(from any) error {
			b, err := to.(*sqlite3.SQLiteConn).Backup("main", from.(*sqlite3.SQLiteConn), "main")
			if err != nil {
				return err
			}
			for done := false; !done && err == nil; {
				if done, err = b.Step(pagesAtOnce); err == nil {
					err = ctx.Err()
				}
				if progress != nil {
					progress(b.PageCount()-b.Remaining(), b.PageCount())
				}
			}
			return errors.Join(err, b.Finish())
		})
	})
	if err != nil {
		return err
	}
	// A file that says it has a write-ahead log cannot be read where nothing may be written beside it.
	_, err = to.ExecContext(ctx, "PRAGMA journal_mode = DELETE")
	return err
}

// Restore puts a backup in the place of a register, after checking all of it; the register that was there is kept as
// FILE.before-restore (-2, -3 …). A register that a running server holds is refused. Those who might read the register that was
// there may read the new one; what is kept is its owner's alone. progress, if any, is told how far the checking is, then how far
// the copying.
func Restore(ctx context.Context, backup, path string, progress func(done, of int)) error {
	from, version, err := openAny(ctx, backup, nil)
	if err != nil {
		return err
	}
	defer from.Close()
	// One of an older schema is checked as far as that goes, and wholly once it has been brought up to date.
	older := version < newest()
	check := from.Verify
	if older {
		check = from.Sound
	}
	if err := check(ctx, progress); err != nil {
		return fmt.Errorf("%s: %w", backup, err)
	}
	if litestreamed(path) {
		return fmt.Errorf("%s: %w", path, ErrFollows)
	}
	if err := others(ctx, path); err != nil {
		return err
	}
	if same, err := sameFile(backup, path); err != nil || same {
		return errors.Join(err, fmt.Errorf("%s is the register itself: choose a backup of it", backup))
	}
	// The copy is whole, checked and on the disk before what is there is touched: a full disk costs nothing.
	fresh := path + ".restoring"
	defer os.Remove(fresh)
	if err := from.copyTo(ctx, fresh, progress, (*Store).integrity); err != nil {
		return err
	}
	if older {
		if err := bringUp(ctx, fresh, progress); err != nil {
			return fmt.Errorf("%s: %w", backup, err)
		}
	}
	was, err := os.Stat(path)
	if err != nil {
		if folder, err := os.Stat(filepath.Dir(path)); err == nil {
			if err := giveTo(fresh, folder); err != nil {
				return err
			}
		}
		return replace(fresh, path)
	}
	if err := giveTo(fresh, was); err != nil {
		return err
	}
	if err := release(ctx, path); err != nil {
		return err
	}
	if err := os.Chmod(fresh, was.Mode().Perm()); err != nil {
		return err
	}
	kept := free(path + ".before-restore")
	if err := replace(path, kept); err != nil {
		return err
	}
	if err := replace(fresh, path); err != nil {
		return err
	}
	if rights := was.Mode().Perm(); rights&0o077 != 0 {
		return os.Chmod(kept, rights&^0o077)
	}
	return nil
}

// bringUp brings a copy of an older register up to date and checks all of it. Nobody else has the file, and the backup is there
// still: no further copy is made.
func bringUp(ctx context.Context, path string, progress func(done, of int)) error {
	s, err := Open(ctx, path, func(s *Store) { s.uncopied = true })
	if err != nil {
		return err
	}
	if err := errors.Join(s.Verify(ctx, progress), s.Close()); err != nil {
		return err
	}
	if err := release(ctx, path); err != nil {
		return err
	}
	return syncFile(path)
}

// others refuses a database of another program. A register that is damaged, or no longer known for a database at all, is what
// one restores over, and so is an empty file.
func others(ctx context.Context, path string) error {
	if _, err := os.Stat(path); err != nil {
		return nil
	}
	s, err := open(path, false, nil)
	if err != nil {
		return plain(err)
	}
	defer s.Close()
	var id, tables int64
	err = s.reader.QueryRowContext(ctx, "SELECT (SELECT application_id FROM pragma_application_id), count(*) FROM sqlite_schema").Scan(&id, &tables)
	switch {
	case err != nil, id == applicationID, id == 0 && tables == 0:
		return nil // whether it can be read is for release to find out
	case id == copyID:
		return fmt.Errorf("%s: %w", path, ErrReaders)
	}
	return fmt.Errorf("%s is the database of another program: check --db; nothing was changed", path)
}

// sameFile says that two paths lead to one file.
func sameFile(a, b string) (bool, error) {
	x, err := os.Stat(a)
	if err != nil {
		return false, fmt.Errorf("%s: %w", a, ErrNoFile)
	}
	y, err := os.Stat(b)
	if err != nil {
		return false, nil
	}
	return os.SameFile(x, y), nil
}

// release makes sure that nobody has a register open and that its one file holds all of it.
func release(ctx context.Context, path string) error {
	err := plain(exclusive(ctx, path, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE"))
	if errors.Is(err, ErrLocked) {
		return fmt.Errorf("%s is in use: stop the server first, and Litestream if it runs, then restore", path)
	}
	// A damaged register is what one restores over; anything else is in the way.
	if err != nil && !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNotOurs) {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, side := range []string{"-wal", "-shm"} {
		os.Remove(path + side)
	}
	return nil
}

// free is a path at which there is nothing: the one given, or that with -2, -3 … at its end.
func free(path string) string {
	for n := 2; ; n++ {
		if _, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) {
			return path
		}
		path = fmt.Sprintf("%s-%d", strings.TrimSuffix(path, fmt.Sprintf("-%d", n-1)), n)
	}
}

// replace renames a synced file over another and syncs the folder, so that a crash leaves one or the other.
func replace(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncFile(filepath.Dir(to))
}

func syncFile(path string) error {
	f, err := os.Open(path) // #nosec G304 -- of the register and its folder, which the operator names
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
