// Package store keeps the register in one SQLite file: opening, migrations, publishing, reading at any revision, the
// in-memory index, verification and backup. It is the only package with SQL and the driver. It speaks in values of
// package register.
package store

import (
	"context"
	"database/sql"
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/mattn/go-sqlite3"
	"github.com/pressly/goose/v3"
)

// The errors that callers tell apart. Each wraps what the driver said.
var (
	// ErrNotFound: no such declaration at that revision.
	ErrNotFound = errors.New("store: not found")
	// ErrFuture: the revision asked for has not been published.
	ErrFuture = errors.New("store: revision not published yet")
	// ErrUnchanged: a publication that would change nothing; no revision is made.
	ErrUnchanged = errors.New("store: nothing changed")
	// ErrSlugTaken: another declaration has, or once had, that slug.
	ErrSlugTaken = errors.New("store: slug taken")

	ErrOlder      = errors.New("the file was written by an older version of the program: start “cosignatory serve” once, which brings it up to date")
	ErrOlderInUse = errors.New("the file was written by an older version of the program, which has it open: stop the server first, then start this version")
	ErrNewer      = errors.New("the file was written by a newer version of the program: update the program, or open a backup made by this one")
	ErrNoFile     = errors.New("the file cannot be opened: check the path, and that its folder exists and may be read and written")
	ErrNotOurs    = errors.New("the file is not a Cosignatory database: check the path, or restore a backup")
	ErrReadOnly   = errors.New("the file or its disk is read-only: make it writable, or copy it to a disk that is")
	ErrLocked     = errors.New("another program is holding the file locked: wait until it is done, or stop it")
	ErrFull       = errors.New("the disk is full: nothing was changed; make room and try again")
	ErrDamaged    = errors.New("the file is damaged: restore the newest backup")
	ErrDisk       = errors.New("the disk did not take or give what was asked of it: nothing was changed; look at the disk, and at how large a file may become")
	ErrReplaced   = errors.New("the file was moved, removed or replaced while the program had it open: nothing was changed; start the program again")
	ErrReaders    = errors.New("the file is register.sqlite, which readers download: it holds the tables of one revision, without those before; take register.zip, which “verify --against” and “import” read")
	ErrFollows    = errors.New("the file is a copy that Litestream brings up to date: serve it with --read-only, or stop Litestream and remove FILE-txid beside it to make it a register of its own")
)

// Conflict says that somebody published a change of the same declaration after the draft was begun. Nothing was written.
type Conflict struct {
	Base, Current int // revisions
}

func (e *Conflict) Error() string {
	return fmt.Sprintf("store: begun from revision %d, but revision %d changed it since", e.Base, e.Current)
}

// applicationID marks a database file as Cosignatory's ("CoSg").
const applicationID = 0x436f5367

// How many connections read at once: for readers as many as there are cores, for more of them would take from whoever edits, who
// has others, and from each other.
var (
	readers = max(2, runtime.NumCPU())
	editors = 2
)

// statementsKept is how many prepared statements a connection keeps: to understand the text of a short question takes SQLite
// longer than to answer it, and the texts are always the same few.
const statementsKept = "&_stmt_cache_size=64"

//go:embed migrations/*.sql
var migrations embed.FS

// Store is an open register. It is safe for concurrent use.
type Store struct {
	path   string
	read   string  // the options of a connection that reads
	writer *sql.DB // one connection; nil when opened to read only
	reader *sql.DB
	desk   *sql.DB // of sessions, drafts and AtDesk: who edits is not kept waiting by who reads
	export *sql.DB // a pool of its own, so that long exports never keep pages waiting

	publishing sync.Mutex
	pack       deflater // of who holds publishing
	forgetful  bool     // see WithNothingKept
	uncopied   bool     // a migration makes no copy first
	now        func() time.Time
	opened     os.FileInfo // the file that was opened
	fixed      bool        // as one that nobody changes
	tidies     bool        // see tidy
	published  func(context.Context, Committed)

	seen    atomic.Pointer[seen] // the newest revision as last asked for
	tickets atomic.Uint64
	looking sync.Mutex

	newestAsked atomic.Pointer[now] // see At and RevisionOf

	mu         sync.Mutex
	references map[int]*reference    // by the revision that last changed the reference data
	searched   map[*reference]*names // the names of references, for searches
	indexes    []*base               // the newest use last
	basing     map[int]*making[*base]
	heads      map[*entry]*Entry // see Heads
	built      atomic.Int64      // how often all of the register was read for an index
	// Of those who make indexes: of the whole register, of older revisions, of a day.
	indexing, indexingOld, indexingDay sync.Mutex
}

// Option changes how a store is opened.
type Option func(*Store)

// WithClock gives the store another clock than the machine's; publications bear its time.
func WithClock(now func() time.Time) Option { return func(s *Store) { s.now = now } }

// WithNothingKept has a store answer every question with SQL, by prepared statements, and keep nothing of the answers: what
// its questions cost through database/sql alone, which measurements compare with.
func WithNothingKept() Option { return func(s *Store) { s.forgetful = true } }

// Open opens the register in a file, makes the file if there is none and brings its schema up to this program's; before
// a migration of a file that holds revisions it is copied to FILE.before-migration-N. It returns one of the errors above.
func Open(ctx context.Context, path string, options ...Option) (*Store, error) {
	if litestreamed(path) {
		return nil, fmt.Errorf("%s: %w", path, ErrFollows)
	}
	// Before it gets a write-ahead log, which would change it.
	if head, ok := header(path); ok {
		switch binary.BigEndian.Uint32(head[68:]) {
		case applicationID:
		case copyID:
			return nil, fmt.Errorf("%s: %w", path, ErrReaders)
		default:
			if others(ctx, path) != nil {
				return nil, fmt.Errorf("%s: %w", path, ErrNotOurs)
			}
		}
	}
	s, err := open(path, true, options)
	if err != nil {
		return nil, plain(err)
	}
	if err := s.migrate(ctx); err != nil {
		s.Close()
		return nil, fmt.Errorf("%s: %w", path, plain(err))
	}
	if s.opened, err = os.Stat(s.path); err != nil {
		s.Close()
		return nil, fmt.Errorf("%s: %w", path, ErrNoFile)
	}
	return s, nil
}

// OpenExisting opens a register that must be there already, of this program's schema, without changing the file: for
// commands that only read, and for serving a copy. An older file is ErrOlder.
func OpenExisting(ctx context.Context, path string, options ...Option) (*Store, error) {
	s, version, err := openAny(ctx, path, options)
	if err == nil && version < newest() {
		s.Close()
		return nil, fmt.Errorf("%s: %w", path, ErrOlder)
	}
	return s, err
}

// openAny opens a register of this program's schema or an older one without changing the file. Of an older one only what
// every schema has may be asked.
func openAny(ctx context.Context, path string, options []Option) (*Store, int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", path, ErrNoFile)
	}
	s, err := open(path, false, options)
	if err != nil {
		return nil, 0, plain(err)
	}
	s.opened = info
	version, err := s.check(ctx, s.reader)
	if err == nil && version == 0 {
		err = ErrNotOurs
	}
	if err != nil {
		s.Close()
		return nil, 0, fmt.Errorf("%s: %w", path, plain(err))
	}
	return s, version, nil
}

func open(path string, write bool, options []Option) (*Store, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s: %w", path, ErrNoFile)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, ErrNoFile)
	}
	s := &Store{path: abs, now: time.Now, references: map[int]*reference{}}
	for _, o := range options {
		o(s)
	}
	fixed := !writable(abs)
	if write && fixed {
		return nil, fmt.Errorf("%s: %w", path, notOurs(abs))
	}
	read := "mode=ro&_query_only=true&_busy_timeout=5000"
	if wal, err := os.Stat(abs + "-wal"); fixed && walMode(abs) && (err != nil || wal.Size() == 0) {
		// Nobody can write to it: SQLite need not make the files by which readers and writers agree. A file that is not in WAL
		// mode needs none of them, and somebody else may be bringing it up to date.
		read += "&immutable=1"
		s.fixed = true
	}
	s.read = read
	s.tidies = !write && !fixed && walMode(abs) && !besides(abs) && !litestreamed(abs)
	idle := readers
	if !write && litestreamed(abs) {
		// Litestream writes into the file under SQLite's locks, but does not always tell connections that pages they remember have
		// changed. So none is kept between two questions; and a connection to a file in WAL mode would keep Litestream out.
		idle = 0
		if !fixed {
			if err := rollback(abs); err != nil {
				return nil, err
			}
		}
	}
	if write {
		// Whoever made it alone may read it (ownerOnly). Where this fails SQLite says why.
		if f, err := os.OpenFile(abs, os.O_RDWR|os.O_CREATE, ownerOnly); err == nil { // #nosec G304 -- the register, which the operator names
			f.Close()
		}
		s.writer, err = writerOf(abs)
	}
	if err == nil {
		// 8 MB of cache a reader: the rows of a page lie scattered in a large register, and the default of 2 MB does not keep
		// the way to them.
		s.reader, err = pool(dsn(abs, read+"&_cache_size=-8192"+statementsKept), readers)
	}
	if err == nil {
		s.desk, err = pool(dsn(abs, read+statementsKept), editors)
	}
	if err == nil {
		s.export, err = pool(dsn(abs, read), 2)
	}
	if err == nil {
		s.reader.SetMaxIdleConns(idle)
		s.desk.SetMaxIdleConns(min(idle, editors))
		s.export.SetMaxIdleConns(min(idle, 2))
	}
	return s, err
}

// LogKept is how long, in bytes, the write-ahead log stays beside the file once what is in it has been moved into the file.
// While somebody reads one state for long, everything published meanwhile has to wait in the log; SQLite begins it anew
// afterwards, but by itself never makes it shorter. It moves what is in it after about 4 MB; what is kept beyond that
// saves making the file longer again with each publication.
const LogKept = 8 << 20

// writing is the driver of the connection that publishes: PRAGMA journal_size_limit cannot be asked for in an address, and
// counts for one connection only.
const writing = "sqlite3 that publishes"

func init() {
	sql.Register(writing, &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
		_, err := c.Exec(fmt.Sprintf("PRAGMA journal_size_limit = %d", LogKept), nil)
		return err
	}})
}

func writerOf(path string) (*sql.DB, error) {
	return poolOf(writing, dsn(path, "_txlock=immediate&_journal_mode=WAL&_synchronous=FULL&_foreign_keys=on&_busy_timeout=5000"+statementsKept), 1)
}

// litestreamed says that Litestream brings a file up to date: it keeps beside it how far it is.
func litestreamed(path string) bool {
	_, err := os.Stat(path + "-txid")
	return err == nil
}

// rollback makes a file one without a write-ahead log, as Litestream itself does with the first change that it writes into it.
func rollback(path string) error {
	if !walMode(path) {
		return nil
	}
	db, err := pool(dsn(path, "mode=rw&_busy_timeout=5000"), 1)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec("PRAGMA journal_mode = DELETE")
	return err
}

// besides says that one of the files of a write-ahead log stands beside a database.
func besides(path string) bool {
	for _, side := range []string{"-wal", "-shm"} {
		if _, err := os.Lstat(path + side); err == nil {
			return true
		}
	}
	return false
}

// tidy takes away what reading made beside a file that had nothing beside it: a connection that only reads leaves that behind.
// SQLite itself does so, when a connection that could write is the last one to be closed; where another program has opened
// the file meanwhile, that one needs them. A log that has something in it is somebody's, and stays.
func (s *Store) tidy() {
	if log, err := os.Stat(s.path + "-wal"); !s.tidies || s.Replaced() || err != nil || log.Size() > 0 {
		return
	}
	db, err := pool(dsn(s.path, "mode=rw"), 1)
	if err != nil {
		return
	}
	defer db.Close()
	var tables int
	_ = db.QueryRow("SELECT count(*) FROM sqlite_schema").Scan(&tables) // what cannot be tidied is none the worse for it
}

// writable says that a file, or where there is none its folder, can be written to as far as its disk and rights go.
func writable(path string) bool {
	f, err := os.OpenFile(path, os.O_RDWR, 0) // #nosec G304 -- the register, which the operator names
	if errors.Is(err, fs.ErrNotExist) {
		f, err = os.CreateTemp(filepath.Dir(path), ".cosignatory-*")
		if err == nil {
			os.Remove(f.Name())
		}
	}
	if err != nil {
		return !errors.Is(err, syscall.EROFS) && !errors.Is(err, fs.ErrPermission)
	}
	f.Close()
	return true
}

// walMode says that the header of a database file asks for a write-ahead log.
func walMode(path string) bool {
	head, ok := header(path)
	return ok && head[18] == 2
}

// header is that of a database file; false where there is none.
func header(path string) (head [100]byte, ok bool) {
	f, err := os.Open(path) // #nosec G304 -- the register, which the operator names
	if err != nil {
		return head, false
	}
	defer f.Close()
	_, err = io.ReadFull(f, head[:])
	return head, err == nil
}

// Replaced says that the file which was opened is no longer the one at its path: what is written to it would be lost with
// the last program that has it open, and what is read is no longer what the path names. A file that was opened as one that
// nobody changes is replaced when it is changed.
func (s *Store) Replaced() bool {
	if s.opened == nil {
		return false
	}
	now, err := os.Stat(s.path)
	return err != nil || !os.SameFile(now, s.opened) || s.fixed && (!now.ModTime().Equal(s.opened.ModTime()) || now.Size() != s.opened.Size())
}

// ownerOnly are the rights to a file that holds a register: passwords, secrets of second factors, sessions and drafts are in it.
// SQLite gives the files beside it the same.
const ownerOnly = 0o600

// notOurs says why a file cannot be written to: it belongs to another account, or cannot be written to by anybody.
func notOurs(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return ErrReadOnly
	}
	of, ok := ownerOf(info)
	if me := os.Getuid(); ok && of != me {
		return &sentenced{fmt.Errorf("the file belongs to the account %s, and the program runs as %s, which may not write to it: run it as %[1]s, or give the file away (chown %[2]s FILE)",
			account(of), account(me)), ErrReadOnly}
	}
	return ErrReadOnly
}

// account is the name of an account of the machine, else its number.
func account(id int) string {
	number := strconv.Itoa(id)
	if u, err := user.LookupId(number); err == nil {
		return u.Username
	}
	return number
}

// OthersMay says what rights to a register those have who are neither its owner nor of its group, where there are any.
// An operator may have let a group read it on purpose.
func OthersMay(path string) (rights fs.FileMode, any bool) {
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS == "windows" { // there the bits of a mode say nothing of others
		return 0, false
	}
	return info.Mode().Perm(), info.Mode().Perm()&0o007 != 0
}

func dsn(path, options string) string {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: options}
	return u.String()
}

func pool(dsn string, connections int) (*sql.DB, error) { return poolOf("sqlite3", dsn, connections) }

func poolOf(driver, dsn string, connections int) (*sql.DB, error) {
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// Path is the absolute path of the file.
func (s *Store) Path() string { return s.path }

// Close closes the file; what runs is finished first.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.reader, s.desk, s.export, s.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	s.tidy()
	return errors.Join(errs...)
}

// newest is the number of the newest migration of this program.
func newest() int64 {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil || len(files) == 0 {
		panic("store: no migrations embedded")
	}
	n, err := strconv.ParseInt(filepath.Base(files[len(files)-1])[:5], 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

// check says which schema a file has: 0 for an empty one. A file of another program is ErrNotOurs, one of a newer
// version ErrNewer.
func (s *Store) check(ctx context.Context, db *sql.DB) (int64, error) {
	var id, tables int64
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return 0, err
	}
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return 0, err
	}
	if tables == 0 && (id == 0 || id == applicationID) {
		return 0, nil // new, or left by a program that was killed before it had made anything
	}
	if id == copyID {
		return 0, ErrReaders
	}
	if id != applicationID {
		return 0, ErrNotOurs
	}
	var version int64
	if err := db.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version").Scan(&version); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrNotOurs, err)
	}
	if version > newest() {
		return version, ErrNewer
	}
	return version, nil
}

func (s *Store) migrate(ctx context.Context) error {
	version, err := s.check(ctx, s.writer)
	if err != nil || version == newest() {
		return err
	}
	if version > 0 {
		// An older server that runs on the file would go on writing into what it does not know.
		if err := s.alone(ctx); err != nil {
			return err
		}
		// What this program cannot read yet, SQLite can check.
		if !s.uncopied {
			if err := s.copyTo(ctx, fmt.Sprintf("%s.before-migration-%d", s.path, newest()), nil, (*Store).integrity); err != nil {
				return err
			}
		}
	} else if _, err := s.writer.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
		return err
	}
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, s.writer, folder, goose.WithVerbose(false))
	if err != nil {
		return err
	}
	// A schema that has been begun is brought to its end, also where the program is told to stop.
	_, err = p.Up(context.WithoutCancel(ctx))
	return err
}

// alone makes sure that nobody else has the file open, before its schema is changed.
func (s *Store) alone(ctx context.Context) error {
	// Its own connection would be in the way.
	if err := s.writer.Close(); err != nil {
		return err
	}
	err := exclusive(ctx, s.path, "")
	if errors.Is(plain(err), ErrLocked) {
		err = ErrOlderInUse
	}
	var again error
	s.writer, again = writerOf(s.path)
	return errors.Join(err, again)
}

// exclusive runs statements on a file that nobody else has open: in WAL mode each open connection holds a shared lock, beside which
// an exclusive one cannot be had.
func exclusive(ctx context.Context, path, then string) error {
	db, err := pool(dsn(path, "_locking_mode=EXCLUSIVE&_busy_timeout=1000&_txlock=exclusive"), 1)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, "BEGIN EXCLUSIVE; COMMIT; "+then)
	return err
}

// Settle moves what was written from the log beside the file into the file itself: who takes the file alone, without its log, then
// has what there was. It is for moments at which nobody publishes; readers keep nothing from being moved but what they read.
func (s *Store) Settle(ctx context.Context) error {
	_, err := s.writer.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return plain(err)
}

// plain turns what the driver says into one of the package's sentences, keeping the original for the log.
func plain(err error) error {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return err
	}
	for code, sentence := range map[sqlite3.ErrNo]error{
		sqlite3.ErrNotADB: ErrNotOurs, sqlite3.ErrCantOpen: ErrNoFile, sqlite3.ErrReadonly: ErrReadOnly,
		sqlite3.ErrBusy: ErrLocked, sqlite3.ErrLocked: ErrLocked, sqlite3.ErrFull: ErrFull, sqlite3.ErrCorrupt: ErrDamaged,
		sqlite3.ErrPerm: ErrNoFile, sqlite3.ErrIoErr: ErrDisk,
	} {
		if e.Code == code {
			return &sentenced{sentence, err}
		}
	}
	return err
}

// sentenced shows the sentence and keeps the driver's error within.
type sentenced struct{ sentence, cause error }

func (e *sentenced) Error() string   { return e.sentence.Error() }
func (e *sentenced) Unwrap() []error { return []error{e.sentence, e.cause} }
