// Command soak holds a real server under mixed load for an hour: readers in six languages, searches, exports, slow and broken
// clients, programs, and editors who publish through the forms of staff, with backups beside. In the end it says whether
// anything went wrong, whether memory, goroutines, files or disk grew, and whether every publication that was acknowledged is
// there and the register verifies. “make soak” runs it; CI runs ten minutes of it beside the tests.
//
//	go run ./cmd/soak [-time 1h] [-rate 40] [-publish 1s] [-declarations 2000] [-each 50]
//
// It makes a register of made-up declarations in a folder of its own, builds the program and starts it. The load is paced, so
// that it says the same on a slow machine as on a fast one: nothing here judges speed. Exit status 0 where all held, else 1.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() {
	s := &soak{}
	flag.DurationVar(&s.took, "time", time.Hour, "how long")
	flag.Float64Var(&s.rate, "rate", 40, "questions of readers and programs a second; large exports, slow and broken clients and staff come on top")
	flag.DurationVar(&s.publish, "publish", time.Second, "time between two publications")
	flag.IntVar(&s.declarations, "declarations", 2000, "declarations of the made-up register")
	flag.IntVar(&s.each, "each", 50, "participants on each")
	parent := flag.String("dir", os.TempDir(), "folder in which it makes one of its own, removed in the end")
	flag.Parse()
	if flag.NArg() > 0 || s.took < 8*sampleEvery || s.rate <= 0 || s.publish <= 0 || s.declarations < 100 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	err := s.run(ctx, *parent)
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

// soak is one run.
type soak struct {
	took               time.Duration
	rate               float64
	publish            time.Duration
	declarations, each int

	folder  string // everything is in it
	program string
	base    string // http://host
	metrics string // the address of the numbers
	server  *exec.Cmd

	world world
	tally tally
	watch watch
	log   logged

	mu           sync.Mutex
	acknowledged []published
}

// published is a publication that the server said it had made.
type published struct {
	revision     int
	slug, reason string
}

// file is a path in the folder of the run.
func (s *soak) file(name string) string { return filepath.Join(s.folder, name) }

func (s *soak) run(ctx context.Context, parent string) error {
	var err error
	if s.folder, err = os.MkdirTemp(parent, "cosignatory-soak-"); err != nil {
		return err
	}
	defer os.RemoveAll(s.folder)
	if err := s.prepare(ctx); err != nil {
		return err
	}
	if err := s.start(); err != nil {
		return err
	}
	defer s.server.Process.Kill() // where it has not ended as it should
	if err := s.world.look(ctx, s); err != nil {
		return err
	}
	begin := time.Now()
	within, end := context.WithTimeout(ctx, s.took)
	defer end()
	var running sync.WaitGroup
	running.Go(func() { s.sample(within) })
	running.Go(func() { s.readers(within) })
	running.Go(func() { s.exports(within) })
	s.staff(within, &running)
	running.Wait()
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	took := time.Since(begin)
	s.after(context.WithoutCancel(ctx))
	s.report(os.Stdout, took)
	if n := s.tally.faults(); n > 0 {
		return fmt.Errorf("%d faults", n)
	}
	return nil
}

// The accounts of staff. The password is of this run's own register, which is removed in the end.
const (
	editors  = 2
	password = "a long walk along the river"
)

// prepare builds the program, makes the register and its accounts.
func (s *soak) prepare(ctx context.Context) error {
	s.program = s.file("cosignatory")
	maker := s.file("madeup")
	for program, from := range map[string]string{s.program: "./cmd/cosignatory", maker: "./cmd/madeup"} {
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, from).CombinedOutput(); err != nil {
			return fmt.Errorf("go build %s: %w: %s (run it in the module's folder)", from, err, out)
		}
	}
	for _, folder := range []string{"spool", "backups"} {
		if err := os.Mkdir(s.file(folder), 0o755); err != nil {
			return err
		}
	}
	do := func(in string, command ...string) error {
		c := exec.CommandContext(ctx, command[0], command[1:]...)
		c.Stdin = strings.NewReader(in)
		if out, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", strings.Join(command, " "), err, out)
		}
		return nil
	}
	db := s.file("register.db")
	if err := do("", maker, "-o", db, "-declarations", fmt.Sprint(s.declarations), "-each", fmt.Sprint(s.each)); err != nil {
		return err
	}
	for i := range editors {
		for _, role := range []string{"editor", "publisher"} {
			if err := do(password+"\n", s.program, "user", "add", "--db", db, "--role", role, "--ask-password", fmt.Sprintf("%s-%d", role, i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// backupsKept is how many backups the server keeps.
const backupsKept = 3

// start starts the server and waits until it answers.
func (s *soak) start() error {
	var free [2]string
	var held [2]net.Listener
	for i := range free {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		held[i], free[i] = l, l.Addr().String()
	}
	for _, l := range held {
		l.Close()
	}
	s.base, s.metrics = "http://"+free[0], "http://"+free[1]+"/metrics"
	s.server = exec.Command(s.program, "serve", "--db", s.file("register.db"), "--addr", free[0], "--metrics-addr", free[1], "--slow", "0",
		"--backup-dir", s.file("backups"), "--backup-every", "1m", "--backup-keep", fmt.Sprint(backupsKept))
	// Without the variables of whoever runs this: they would change what is measured, or be warned of.
	s.server.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "COSIGNATORY_") }), "TMPDIR="+s.file("spool"))
	errs, err := s.server.StderrPipe()
	if err != nil {
		return err
	}
	out, err := s.server.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.server.Start(); err != nil {
		return err
	}
	go io.Copy(io.Discard, out)
	s.log.ended = make(chan struct{})
	go s.log.read(errs)
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		r, err := http.Get(s.base + "/healthz")
		if err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return nil
			}
			err = fmt.Errorf("/healthz answers %d", r.StatusCode)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the server does not answer: %w; its log: %s", err, strings.Join(s.log.lines(), "\n"))
		}
	}
}

// logged counts the lines of the server's log by level and keeps those that tell of something wrong.
type logged struct {
	mu     sync.Mutex
	counts map[string]int
	wrong  []string
	ended  chan struct{}
}

func (l *logged) read(r io.Reader) {
	defer close(l.ended)
	l.counts = map[string]int{}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var x struct{ Level string }
		if err := json.Unmarshal(lines.Bytes(), &x); err != nil {
			x.Level = "no JSON" // a crash of the runtime, for one
		}
		l.mu.Lock()
		l.counts[x.Level]++
		if x.Level != "INFO" && len(l.wrong) < 50 {
			l.wrong = append(l.wrong, lines.Text())
		}
		l.mu.Unlock()
	}
}

func (l *logged) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.wrong...)
}

func (l *logged) count(level string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts[level]
}
