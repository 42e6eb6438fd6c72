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
// whole, checked and synced, or not at all; one that exists is not overwritten.
func (s *Store) Backup(ctx context.Context, path string) error {
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("%s exists already: choose another name, or remove it first", path)
	}
	return s.copyTo(ctx, path, (*Store).Sound)
}

// copyTo replaces path by a copy of the register that has passed a check.
func (s *Store) copyTo(ctx context.Context, path string, check func(*Store, context.Context) error) error {
	// SQLite would find out too, but only after it has filled the disk, and somebody may be publishing onto it.
	if err := room(s.path, path); err != nil {
		return err
	}
	part := path + ".part"
	os.Remove(part)
	defer os.Remove(part)
	if err := s.copyPages(ctx, part); err != nil {
		return fmt.Errorf("%s: %w", path, plain(err))
	}
	// Passwords and sessions are in it: nobody may read the copy who may not read the register.
	if info, err := os.Stat(s.path); err == nil {
		if err := os.Chmod(part, info.Mode().Perm()); err != nil {
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
func (s *Store) copyPages(ctx context.Context, path string) (err error) {
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
// FILE.before-restore (-2, -3 …). A register that a running server holds is refused.
func Restore(ctx context.Context, backup, path string) error {
	from, err := OpenExisting(ctx, backup)
	if err != nil {
		return err
	}
	defer from.Close()
	if err := from.Verify(ctx, nil); err != nil {
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
	if err := from.copyTo(ctx, fresh, (*Store).integrity); err != nil {
		return err
	}
	if _, err := os.Stat(path); err == nil {
		if err := release(ctx, path); err != nil {
			return err
		}
		if err := replace(path, free(path+".before-restore")); err != nil {
			return err
		}
	}
	return replace(fresh, path)
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
	// An exclusive lock can be had only when nobody has the file open: in WAL mode each open connection holds a shared one.
	db, err := pool(dsn(path, "_locking_mode=EXCLUSIVE&_busy_timeout=1000&_txlock=exclusive"), 1)
	if err != nil {
		return plain(err)
	}
	_, err = db.ExecContext(ctx, "BEGIN EXCLUSIVE; COMMIT; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE")
	db.Close()
	err = plain(err)
	if errors.Is(err, ErrLocked) {
		return fmt.Errorf("%s is in use: stop the server first, then restore", path)
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
