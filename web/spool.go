package web

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// What the spool may hold.
const (
	spoolInMemory = 1 << 20 // bytes of a file that are held in memory before it goes to disk; most files fit
	spoolMost     = 4 << 30 // bytes on disk, where the configuration says nothing else
	spoolFiles    = 256     // files on disk
	spoolTrouble  = 10 * time.Second
)

// spool holds the files that are being made and, on disk, the large ones that are. Each is made once for an address and a
// revision, at the speed of the register, and read by whoever asks for it at their own speed: a slow reader holds nothing
// up, and a hundred readers cost one making. Nobody finds a file by its name in the folder: the table leads to it, and only
// to what is whole or still being made.
type spool struct {
	parent string // the folder's folder
	most   int64
	begun  atomic.Int64 // makings, for whoever watches the server
	shared atomic.Int64 // times that somebody got what was made, or being made, for another

	mu      sync.Mutex
	folder  string   // of this process alone, made when it is first needed
	lock    *os.File // held while the process lives, so that others know the folder is in use
	closed  bool
	used    int64 // bytes on disk: those being written and those dropped but still read among them
	table   map[string]*made
	idle    list.List // of whole files, the one that was asked for longest ago first
	trouble time.Time // when writing last failed
}

func newSpool(parent string, most int64) *spool {
	if most == 0 {
		most = spoolMost
	}
	clearSpools(parent)
	return &spool{parent: parent, most: most, table: map[string]*made{}}
}

// made is one file, whole or being made.
type made struct {
	in     *spool
	key    string
	cancel context.CancelFunc
	over   chan struct{} // closed when nothing is made any more

	// Under the spool's lock.
	readers int
	dropped bool          // no longer in the table: gone with its last reader
	place   *list.Element // in idle
	onDisk  int64

	answer *kept // of a small file, once it is whole: its readers are given that
	large  bool  // it goes to disk whatever its size

	mu      sync.Mutex
	changed sync.Cond
	memory  []byte
	disk    *os.File // once it is longer than memory: all of it
	size    int64
	ended   bool
	err     error
}

// maker writes a file. What it is given to write to is the file, so that it can say what becomes of it once it is whole.
type maker func(*made) error

// join is the file of a key, for one reader more, who must leave it. Where there is none it begins to be made: began says
// so. begin gets a context that ends when nobody waits any more, and returns what makes the file, or nil where it finds that
// none need be made: then there is no file.
func (s *spool) join(key string, begin func(context.Context) maker) (m *made, began bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m = s.table[key]; m != nil {
		m.readers++
		s.shared.Add(1)
		if m.place != nil {
			s.idle.MoveToBack(m.place)
		}
		return m, false
	}
	ctx, cancel := context.WithCancel(context.Background())
	f := begin(ctx)
	if f == nil {
		cancel()
		return nil, false
	}
	m = &made{in: s, key: key, cancel: cancel, over: make(chan struct{}), readers: 1}
	m.changed.L = &m.mu
	s.table[key] = m
	s.begun.Add(1)
	go m.make(ctx, f)
	return m, true
}

func (m *made) make(ctx context.Context, f maker) {
	var err error
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
		if err == nil {
			err = ctx.Err() // whoever was asked to stop may have stopped without a word
		}
		m.cancel()
		m.end(err)
		close(m.over)
	}()
	err = f(m)
}

// Write is the maker's.
func (m *made) Write(b []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ended {
		return 0, m.gone()
	}
	if m.disk == nil && !m.large && len(m.memory)+len(b) <= spoolInMemory {
		m.memory = append(m.memory, b...)
	} else if err := m.spill(b); err != nil {
		// The maker may say it in words of its own: what failed is the spool.
		m.ended, m.err = true, &problem{status: http.StatusServiceUnavailable, key: "error.unavailable", cause: fmt.Errorf("spool: %w", err)}
		m.changed.Broadcast()
		return 0, m.err
	}
	m.size += int64(len(b))
	m.changed.Broadcast()
	return len(b), nil
}

// small is all of a file that never went to disk. It is the maker's, at its end.
func (m *made) small() (body []byte, small bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clip(m.memory), m.disk == nil && !m.large
}

// spill writes to disk, first what was in memory.
func (m *made) spill(b []byte) error {
	if m.disk == nil {
		f, err := m.in.create()
		if err != nil {
			return err
		}
		m.disk = f
		if err := m.append(m.memory, 0); err != nil {
			return err
		}
		m.memory = nil
	}
	return m.append(b, m.size)
}

func (m *made) append(b []byte, at int64) error {
	if err := m.in.reserve(m, int64(len(b))); err != nil {
		return err
	}
	_, err := m.disk.WriteAt(b, at)
	if err != nil && m.in.makeRoom() {
		_, err = m.disk.WriteAt(b, at) // the disk was full, and now is less so
	}
	if err != nil {
		m.in.mu.Lock()
		m.in.trouble = time.Now()
		m.in.mu.Unlock()
	}
	return err
}

func (m *made) gone() error {
	if m.err != nil {
		return m.err
	}
	return io.ErrClosedPipe
}

// end says that nothing more comes; the first word counts. A file that is not whole leaves the table before anybody can
// take it for one that is.
func (m *made) end(err error) {
	m.mu.Lock()
	if !m.ended {
		m.ended, m.err = true, err
	}
	failed, large := m.err != nil, m.disk != nil
	m.mu.Unlock()
	s := m.in
	s.mu.Lock()
	if failed || !large {
		s.drop(m) // small ones are kept among the answers
	} else if !m.dropped {
		m.place = s.idle.PushBack(m)
		for s.idle.Len() > spoolFiles && s.evict() {
		}
	}
	s.mu.Unlock()
	m.mu.Lock()
	m.changed.Broadcast()
	m.mu.Unlock()
}

// wait waits until at least n bytes are there, or all are, or the context ends.
func (m *made) wait(ctx context.Context, n int64) (size int64, done bool, err error) {
	stop := context.AfterFunc(ctx, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.changed.Broadcast()
	})
	defer stop()
	m.mu.Lock()
	defer m.mu.Unlock()
	for m.size < n && !m.ended {
		if err := ctx.Err(); err != nil {
			return m.size, false, err
		}
		m.changed.Wait()
	}
	return m.size, m.ended, m.err
}

// errReader is an error of writing to a reader, who has most likely gone.
var errReader = errors.New("the reader has gone")

// copyTo sends everything, waiting for what is not made yet. caughtUp is called when there is nothing to send for the first
// time.
func (m *made) copyTo(ctx context.Context, w io.Writer, caughtUp func()) error {
	var sent int64
	buffer := make([]byte, 128<<10)
	for {
		size, done, err := m.wait(ctx, sent+1)
		if err != nil {
			return err
		}
		for sent < size {
			n, err := m.readAt(buffer[:min(int64(len(buffer)), size-sent)], sent)
			if n == 0 {
				return err
			}
			if _, err := w.Write(buffer[:n]); err != nil {
				return fmt.Errorf("%w: %w", errReader, err)
			}
			sent += int64(n)
		}
		if done {
			return nil
		}
		if caughtUp != nil {
			caughtUp()
			caughtUp = nil
		}
	}
}

func (m *made) readAt(b []byte, at int64) (int, error) {
	m.mu.Lock()
	disk := m.disk
	if disk == nil {
		n := copy(b, m.memory[at:])
		m.mu.Unlock()
		return n, nil
	}
	m.mu.Unlock()
	return disk.ReadAt(b, at)
}

// open is the whole file for one reader: it is on disk. A handle of its own lets the system send it.
func (m *made) open() (*os.File, error) { return os.Open(m.disk.Name()) }

// leave is the reader's last word. A making that nobody waits for stops.
func (m *made) leave() {
	s := m.in
	s.mu.Lock()
	defer s.mu.Unlock()
	m.readers--
	if m.readers > 0 {
		return
	}
	select {
	case <-m.over:
		if m.dropped {
			s.remove(m)
		}
	default:
		s.drop(m)
		m.cancel()
		go func() {
			<-m.over
			s.mu.Lock()
			defer s.mu.Unlock()
			s.remove(m)
		}()
	}
}

// drop takes a file out of the table.
func (s *spool) drop(m *made) {
	if m.dropped {
		return
	}
	m.dropped = true
	delete(s.table, m.key)
	if m.place != nil {
		s.idle.Remove(m.place)
		m.place = nil
		if m.readers == 0 {
			s.remove(m)
		}
	}
}

// remove gives back the disk of a file that nobody reads.
func (s *spool) remove(m *made) {
	if m.disk != nil && m.readers == 0 && m.onDisk >= 0 {
		m.disk.Close()
		os.Remove(m.disk.Name())
		s.used -= m.onDisk
		m.onDisk = -1
	}
}

// evict drops the file that was asked for longest ago and that nobody reads. It says whether there was one.
func (s *spool) evict() bool {
	for e := s.idle.Front(); e != nil; e = e.Next() {
		if m := e.Value.(*made); m.readers == 0 {
			s.drop(m)
			return true
		}
	}
	return false
}

// superseded drops the files of an address that hold for an older revision.
func (s *spool) superseded(address, key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for e := s.idle.Front(); e != nil; {
		m := e.Value.(*made)
		e = e.Next()
		if strings.HasPrefix(m.key, address+"\n") && !strings.HasPrefix(m.key, key) {
			s.drop(m)
		}
	}
}

var errSpoolFull = errors.New("as many bytes as may be are in files that are being sent")

// reserve counts bytes that a file will take, and makes room for them.
func (s *spool) reserve(m *made, n int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.used+n > s.most {
		if !s.evict() {
			s.trouble = time.Now()
			return errSpoolFull
		}
	}
	s.used += n
	m.onDisk += n
	return nil
}

// holding is how many whole files are on disk, and the bytes on disk: those being written and those dropped but still read
// among them.
func (s *spool) holding() (n int, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.idle.Len(), s.used
}

// makeRoom drops all that nobody reads, and says whether there was anything.
func (s *spool) makeRoom() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	some := false
	for s.evict() {
		some = true
	}
	return some
}

// troubled says that writing failed a moment ago: files are then sent only once they are whole, so that whoever asks gets an
// error page and not half a file.
func (s *spool) troubled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Since(s.trouble) < spoolTrouble
}

// spoolFolder is how the folders of spools are called.
const spoolFolder = "cosignatory-spool-"

// create makes an empty file in the folder, and the folder where there is none yet.
func (s *spool) create() (*os.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, os.ErrClosed
	}
	if s.folder == "" {
		folder, err := os.MkdirTemp(s.parent, spoolFolder)
		if err != nil {
			s.trouble = time.Now()
			return nil, err
		}
		if s.lock, err = holdFolder(folder); err != nil {
			os.Remove(folder)
			return nil, err
		}
		s.folder = folder
	}
	f, err := os.CreateTemp(s.folder, "*.file")
	if err != nil {
		s.trouble = time.Now()
	}
	return f, err
}

// clearSpools removes the folders of processes that have ended without doing it.
func clearSpools(parent string) {
	folders, err := filepath.Glob(filepath.Join(parent, spoolFolder+"*"))
	if err != nil {
		return
	}
	for _, folder := range folders {
		if abandoned(folder) {
			os.RemoveAll(folder)
		}
	}
}

// close stops what is being made and removes the folder.
func (s *spool) close() error {
	s.mu.Lock()
	var making []*made
	for _, m := range s.table {
		if m.place == nil {
			making = append(making, m)
		}
	}
	s.closed = true
	s.mu.Unlock()
	for _, m := range making {
		m.cancel()
		<-m.over
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.evict() {
	}
	if s.folder == "" {
		return nil
	}
	err := os.RemoveAll(s.folder)
	if s.lock != nil {
		s.lock.Close()
	}
	s.folder = ""
	return err
}
