package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"cosignatory/store"
	"cosignatory/store/register"
)

// What may happen to a server, with real processes and real files. After each fault the register verifies, and every
// publication that was acknowledged is there. COSIGNATORY_FAULTS says how many rounds of each; “make faults” runs 200.

// rounds is how often each fault happens.
func rounds(t *testing.T) int {
	t.Helper()
	if n, err := strconv.Atoi(os.Getenv("COSIGNATORY_FAULTS")); err == nil && n > 0 {
		return n
	}
	if testing.Short() {
		return 1
	}
	return 2
}

// The child of these tests publishes changes of one declaration, one after the other, until it is refused or killed.
const (
	childPath  = "COSIGNATORY_TEST_CHILD_PATH"
	childSlug  = "COSIGNATORY_TEST_CHILD_SLUG"
	childLimit = "COSIGNATORY_TEST_CHILD_LIMIT" // bytes that a file may have
	childDir   = "COSIGNATORY_TEST_CHILD_DIR"   // where it writes backups, instead of publishing
)

func publishForever(path, slug string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	defer s.Close()
	if limit, err := strconv.ParseUint(os.Getenv(childLimit), 10, 64); err == nil {
		// The kernel refuses to let a file grow, as it does on a full disk; the signal that it sends as well is not for us.
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
			return err
		}
	}
	if dir := os.Getenv(childDir); dir != "" {
		b, err := s.PlanBackups(store.BackupPlan{Dir: dir, Every: time.Hour, Keep: 3})
		for err == nil {
			if err = b.Make(ctx); err == nil {
				fmt.Println("backup", b.State().Path)
			}
		}
		return err
	}
	for i := 0; ; i++ {
		v, err := s.At(ctx, 0)
		if err != nil {
			return err
		}
		e, err := v.Declaration(ctx, slug)
		if err != nil {
			return err
		}
		d := e.Declaration
		d.PresentedBy = fmt.Sprint(os.Getpid(), ".", i)
		made, err := s.Publish(ctx, store.Publication{Declaration: &d, ID: e.ID, Base: v.Revision, Reason: strings.Repeat("Made up for a test. ", 1+i%40), ReasonLang: "en", Role: "publisher"})
		var overtaken *store.Conflict
		if errors.As(err, &overtaken) || errors.Is(err, store.ErrLocked) {
			continue
		}
		if err != nil {
			return err
		}
		fmt.Println("published", made[0].Number, made[0].Hash)
	}
}

// TestPublishForever is the child; alone it does nothing.
func TestPublishForever(t *testing.T) {
	path := os.Getenv(childPath)
	if path == "" {
		return
	}
	fmt.Println("refused", publishForever(path, os.Getenv(childSlug)))
}

// child is a process that publishes.
type child struct {
	t            *testing.T
	cmd          *exec.Cmd
	lines        *bufio.Scanner
	acknowledged map[int]string // hashes by revision
	last         int
	backups      []string
	refused      string // why it ended by itself
}

const aSlug, otherSlug = "tech-trafficking-2025", "safe-schools-2015"

func publishing(t *testing.T, path, slug string, env ...string) *child {
	t.Helper()
	c := &child{t: t, cmd: exec.Command(os.Args[0], "-test.run=^TestPublishForever$"), acknowledged: map[int]string{}}
	c.cmd.Env = append(append(os.Environ(), childPath+"="+path, childSlug+"="+slug), env...)
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.lines = bufio.NewScanner(out)
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.cmd.Process.Kill() })
	return c
}

// read takes one line of the child; false when it has ended.
func (c *child) read() bool {
	if !c.lines.Scan() {
		return false
	}
	kind, rest, _ := strings.Cut(c.lines.Text(), " ")
	switch kind {
	case "published":
		var n int
		var hash string
		if _, err := fmt.Sscan(rest, &n, &hash); err != nil {
			return true // cut off by the kill
		}
		c.acknowledged[n], c.last = hash, n
	case "backup":
		c.backups = append(c.backups, rest)
	case "refused":
		c.refused = rest
	}
	return true
}

// some waits until the child has published n times more.
func (c *child) some(n int) {
	c.t.Helper()
	for want := len(c.acknowledged) + n; len(c.acknowledged) < want; {
		if !c.read() {
			c.t.Fatalf("the child ended: %s", c.refused)
		}
	}
}

// end reads what the child still says, and waits for it.
func (c *child) end() {
	for c.read() {
	}
	c.cmd.Wait()
}

func (c *child) kill() {
	c.cmd.Process.Kill()
	c.end()
}

// holds says that a register verifies, and that all that was acknowledged is in it.
func holds(t *testing.T, path string, children ...*child) {
	t.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	acknowledged(t, s, children...)
}

// acknowledged says that an open register verifies and has all that was acknowledged.
func acknowledged(t *testing.T, s *store.Store, children ...*child) {
	t.Helper()
	ctx := context.Background()
	if err := s.Verify(ctx, nil); err != nil {
		t.Fatal(err)
	}
	v := at(t, s, 0)
	for _, c := range children {
		for n, hash := range c.acknowledged {
			if r, err := v.RevisionOf(ctx, n); err != nil || r.Hash != hash {
				t.Fatalf("revision %d was acknowledged with hash %s: it has %s, %v", n, hash, r.Hash, err)
			}
		}
	}
}

// sentence says that an error is for people: one line, no words of the driver first.
func sentence(t *testing.T, err error) {
	t.Helper()
	if text := err.Error(); strings.Contains(text, "\n") || strings.Contains(text, "sqlite") || !strings.Contains(text, ":") {
		t.Errorf("not a sentence that says what to do: %q", text)
	}
}

// TestFaultFullDisk: a file may grow no further. The publication that does not fit is refused with a sentence, those before it
// are kept, and with room again the register goes on.
func TestFaultFullDisk(t *testing.T) {
	path := copied(t)
	total := 0
	for range rounds(t) {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		c := publishing(t, path, aSlug, fmt.Sprint(childLimit, "=", min(info.Size(), 300<<10)+rand.Int64N(200<<10)))
		c.end()
		if !strings.Contains(c.refused, "nothing was changed") || strings.Contains(c.refused, "sqlite") {
			t.Fatalf("the child ended with %q", c.refused)
		}
		total += len(c.acknowledged)
		holds(t, path, c)
		c = publishing(t, path, aSlug)
		c.some(1)
		c.kill()
		holds(t, path, c)
	}
	t.Logf("%d publications before the disk was full", total)
}

// TestFaultTornCopy: a file copied by other means while somebody publishes, or cut off, opens as an earlier state of the same
// register or is refused with a sentence. It is never taken for something else.
func TestFaultTornCopy(t *testing.T) {
	ctx := context.Background()
	path := copied(t)
	c := publishing(t, path, aSlug)
	c.some(3)
	torn, whole := 0, 0
	s := opened(t, path)
	for i := range rounds(t) {
		c.some(1)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		switch i % 3 {
		case 1:
			b = b[:rand.IntN(len(b))]
		case 2:
			// A part of it is of another time, as a slow copy makes it.
			c.some(5)
			later, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if n := rand.IntN(min(len(b), len(later))) &^ 4095; n > 0 {
				b = append(b[:n:n], later[n:]...)
			}
		}
		copy := filepath.Join(t.TempDir(), "copy.db")
		if err := os.WriteFile(copy, b, 0o600); err != nil {
			t.Fatal(err)
		}
		x, err := store.OpenExisting(ctx, copy)
		if err == nil {
			err = x.Verify(ctx, nil)
			x.Close()
		}
		if err != nil {
			torn++
			sentence(t, err)
			continue
		}
		whole++
		if a, err := at(t, s, 0).CompareDatabase(ctx, copy); err != nil || a.Difference != "" {
			t.Fatalf("a copy that verifies is another register: %+v %v", a, err)
		}
	}
	c.kill()
	holds(t, path, c)
	t.Logf("%d copies refused, %d whole", torn, whole)
}

// TestFaultTwoServers: two programs publish into one file. Each waits for the other, and nothing of either is lost.
func TestFaultTwoServers(t *testing.T) {
	path := copied(t)
	total := 0
	for range rounds(t) {
		a, b := publishing(t, path, aSlug), publishing(t, path, otherSlug)
		a.some(1)
		b.some(1)
		a.some(rand.IntN(10))
		b.kill()
		a.kill()
		for n := range a.acknowledged {
			if b.acknowledged[n] != "" {
				t.Fatalf("revision %d was acknowledged to both", n)
			}
		}
		total += len(a.acknowledged) + len(b.acknowledged)
		holds(t, path, a, b)
	}
	t.Logf("%d publications of two programs at once", total)
}

// TestFaultBackup: backups made while somebody publishes are whole and hold all that was acknowledged before they began; a
// program that is killed while it makes one leaves no file that could be taken for one.
func TestFaultBackup(t *testing.T) {
	ctx := context.Background()
	path, dir := copied(t), filepath.Join(t.TempDir(), "backups")
	c := publishing(t, path, aSlug)
	c.some(1)
	for range rounds(t) {
		s, err := store.Open(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		b, err := s.PlanBackups(store.BackupPlan{Dir: dir, Every: time.Hour, Keep: 2})
		if err != nil {
			t.Fatal(err)
		}
		c.some(1)
		before := c.last
		if err := b.Make(ctx); err != nil {
			t.Fatal(err)
		}
		s.Close()
		state := b.State()
		if state.Revision < before || state.Kept > 2 {
			t.Fatalf("revision %d was acknowledged, the backup has %d; %d are kept", before, state.Revision, state.Kept)
		}
		copy, err := store.OpenExisting(ctx, state.Path)
		if err != nil {
			t.Fatal(err)
		}
		if err := copy.Verify(ctx, nil); err != nil {
			t.Fatal(err)
		}
		if r, err := at(t, copy, before).RevisionOf(ctx, before); err != nil || r.Hash != c.acknowledged[before] {
			t.Fatalf("revision %d in the backup: %v %v", before, r.Hash, err)
		}
		copy.Close()

		k := publishing(t, path, aSlug, childDir+"="+dir)
		for len(k.backups) == 0 && k.read() {
		}
		timer := time.AfterFunc(time.Duration(rand.Int64N(int64(100*time.Millisecond))), func() { k.cmd.Process.Kill() })
		k.end()
		timer.Stop()
		if k.refused != "" {
			t.Fatal(k.refused)
		}
		files, err := filepath.Glob(filepath.Join(dir, "cosignatory-*.db*"))
		if err != nil || len(files) == 0 {
			t.Fatal("no backup is left", err)
		}
		for _, f := range files {
			x, err := store.OpenExisting(ctx, f)
			if err != nil {
				t.Fatal(err)
			}
			if err := x.Sound(ctx, nil); err != nil {
				t.Fatal(err)
			}
			x.Close()
		}
	}
	c.kill()
	holds(t, path, c)
}

// TestFaultRestoreOverRunning: what a running program holds is not restored over, and loses nothing by the attempt.
func TestFaultRestoreOverRunning(t *testing.T) {
	ctx := context.Background()
	path, backup := copied(t), filepath.Join(t.TempDir(), "backup.db")
	s := opened(t, path)
	if err := s.Backup(ctx, backup, nil); err != nil {
		t.Fatal(err)
	}
	s.Close()
	for i := range rounds(t) {
		// A refusal takes seconds, in which thousands of revisions are published: with all of them, each round would take longer.
		if i%2 == 0 {
			os.Remove(path)
			path = copied(t)
		}
		c := publishing(t, path, aSlug)
		c.some(1)
		if err := store.Restore(ctx, backup, path, nil); err == nil || !strings.Contains(err.Error(), "stop the server first") {
			t.Fatalf("restored over a running server: %v", err)
		}
		c.some(1)
		c.kill()
		holds(t, path, c)
	}
	// Once it has ended, it can be restored, and what was there is kept.
	if err := store.Restore(ctx, backup, path, nil); err != nil {
		t.Fatal(err)
	}
	holds(t, path)
	holds(t, path+".before-restore")
}

// TestFaultClockSetBack: however the clock jumps, the time of revisions never runs backwards.
func TestFaultClockSetBack(t *testing.T) {
	ctx := context.Background()
	now := time.Now()
	s := opened(t, copied(t), store.WithClock(func() time.Time { return now }))
	var told store.Committed
	s.OnPublish(func(_ context.Context, p store.Committed) { told = p })
	last := time.Time{}
	for i := range rounds(t) * 3 {
		now = now.Add(time.Duration(rand.Int64N(int64(2000*time.Hour)) - int64(1200*time.Hour)))
		if i == 0 {
			now = now.AddDate(-3, 0, 0)
		}
		r := change(t, s, aSlug, "Made up for a test", func(d *register.Declaration) { d.PresentedBy = fmt.Sprint("At ", i) })
		if r.PublishedAt.Before(last) {
			t.Fatalf("revision %d is of %v, the one before of %v", r.Number, r.PublishedAt, last)
		}
		if behind := r.PublishedAt.After(now); behind != (told.ClockBehind > 0) || told.To != r.Number {
			t.Fatalf("revision %d of %v at %v: told %+v", r.Number, r.PublishedAt, now, told)
		}
		last = r.PublishedAt
	}
	if err := s.Verify(ctx, nil); err != nil {
		t.Fatal(err)
	}
}
