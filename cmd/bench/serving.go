package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// connections is how many readers ask at once where rates are measured.
const connections = 64

// contender is a server of its own process.
type contender struct {
	name, host string
	process    *exec.Cmd
	pids       []string // of it and its workers, once they were looked for
}

// stop ends a server as an operator would.
func (c *contender) stop() {
	if c == nil || c.process == nil {
		return
	}
	c.process.Process.Signal(syscall.SIGTERM)
	c.process.Wait()
}

// listening waits until a server answers.
func (c *contender) listening(ctx context.Context) error {
	for deadline := time.Now().Add(20 * time.Second); ; {
		conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", c.host)
		if err == nil {
			return conn.Close()
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s does not listen on %s: %w", c.name, c.host, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// cosignatory starts the program itself, its log going to a file, and waits until it listens.
func (b *bench) cosignatory(ctx context.Context, db, folder string) (*contender, error) {
	c, err := b.begun(db, folder)
	if err != nil {
		return nil, err
	}
	return c, c.listening(ctx)
}

// begun starts the program.
func (b *bench) begun(db, folder string) (*contender, error) {
	host, err := freePort()
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(folder, "cosignatory.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	c := &contender{name: "cosignatory", host: host, process: exec.Command(b.built(), "serve", "--db", db, "--addr", host, "--base-url", baseURL)}
	c.process.Stderr = log
	c.process.Env = append(os.Environ(), "TMPDIR="+folder)
	return c, c.process.Start()
}

// nginx starts nginx on a folder of files: one worker for each core, files sent by the system, its log going to a file as
// the other's does. It is nil where there is none.
func nginx(ctx context.Context, folder string) (*contender, error) {
	program := nginxProgram()
	if program == "" {
		return nil, nil
	}
	host, err := freePort()
	if err != nil {
		return nil, err
	}
	var user string
	if os.Geteuid() == 0 {
		user = "user root;\n"
	}
	config := user + `worker_processes auto;
daemon off;
pid nginx.pid;
error_log nginx-error.log;
events { worker_connections 1024; }
http {
  sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_timeout 60; keepalive_requests 100000000;
  open_file_cache max=100 inactive=60s; default_type text/html; access_log nginx.log;
  client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
  server { listen ` + host + `; root ` + filepath.Join(folder, "files") + `; }
}
`
	file := filepath.Join(folder, "nginx.conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return nil, err
	}
	c := &contender{name: "nginx", host: host, process: exec.Command(program, "-p", folder, "-c", file)}
	c.process.Stderr = os.Stderr
	if err := c.process.Start(); err != nil {
		return nil, err
	}
	return c, c.listening(ctx)
}

// nginxProgram is where nginx is, empty where it is not.
func nginxProgram() string {
	if program, err := exec.LookPath("nginx"); err == nil {
		return program
	}
	if program := "/usr/sbin/nginx"; executable(program) {
		return program
	}
	return ""
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&0o111 != 0
}

// bare starts this program as the least that net/http can do: one handler that writes bytes from memory.
func bare(ctx context.Context, folder string) (*contender, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	host, err := freePort()
	if err != nil {
		return nil, err
	}
	c := &contender{name: "a bare net/http handler", host: host, process: exec.Command(self, "bare", host, filepath.Join(folder, "files"))}
	c.process.Stderr = os.Stderr
	if err := c.process.Start(); err != nil {
		return nil, err
	}
	return c, c.listening(ctx)
}

// serveBare is what bare runs.
func serveBare(host, folder string) error {
	files := map[string][]byte{}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Size() > 1<<20 {
			continue
		}
		b, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			return err
		}
		files["/"+e.Name()] = b
	}
	same := http.Header{} // what the program says besides: the security of pages, their tags, whose the request is
	for line := range strings.Lines(string(files["/headers"])) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			same.Add(name, value)
		}
	}
	return http.ListenAndServe(host, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := files[r.URL.Path]
		h := w.Header()
		if r.URL.RawQuery == "headers" {
			for name, value := range same {
				h[name] = value
			}
		}
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Length", strconv.Itoa(len(b)))
		w.Write(b)
	}))
}

// serving measures P2, P4 and P5 on running programs.
func (b *bench) serving(ctx context.Context, large string) error {
	folder, err := os.MkdirTemp(b.dir, "serving-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	files := filepath.Join(folder, "files")
	if err := os.Mkdir(files, 0o755); err != nil {
		return err
	}
	ours, err := b.cosignatory(ctx, large, folder)
	defer ours.stop()
	if err != nil {
		return err
	}
	const page, file = "/en/declarations/madeup-00100?as_of=" + day, "/data/signatories.csv?as_of=" + day
	gzip := []string{"Accept-Encoding", "gzip"}
	save := func(name string, q question) error {
		f, err := os.Create(filepath.Join(files, name))
		if err != nil {
			return err
		}
		defer f.Close()
		if _, err := once(ctx, ours.host, q, f); err != nil {
			return err
		}
		return f.Close()
	}
	begin := time.Now()
	if err := save("signatories.csv", question{path: file, status: 200}); err != nil {
		return err
	}
	b.note("The first asker of signatories.csv had all of it in %s, while it was made.", seconds(time.Since(begin).Seconds()))
	if err := errors.Join(save("signatories.csv.gz", question{file, gzip, 200}), save("page.html", question{path: page, status: 200}),
		save("page.html.gz", question{page, gzip, 200})); err != nil {
		return err
	}
	if err := saveHeaders(ctx, "http://"+ours.host+page, filepath.Join(files, "headers")); err != nil {
		return err
	}
	static, err := nginx(ctx, folder)
	defer static.stop()
	if err != nil {
		return err
	}
	if static == nil {
		for _, n := range []string{"P2", "P5", beyondNginx} {
			b.missing(n, "there is no nginx here")
		}
	}
	handler, err := bare(ctx, folder)
	defer handler.stop()
	if err != nil {
		return err
	}
	if err := b.sameFile(ctx, ours, static, question{path: file, status: 200}, question{file, gzip, 200}); err != nil {
		return err
	}
	if err := b.cachedPage(ctx, ours, static, handler, page); err != nil {
		return err
	}
	return b.beside(ctx, ours, page)
}

// saveHeaders writes the headers of a compressed page to a file.
func saveHeaders(ctx context.Context, address, file string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept-Encoding", "gzip")
	a, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	a.Body.Close()
	a.Header.Del("Content-Length")
	a.Header.Del("Date")
	var b bytes.Buffer
	if err := a.Header.Write(&b); err != nil {
		return err
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}

// once is one question on a connection of its own.
func once(ctx context.Context, host string, q question, w io.Writer) (reply, error) {
	c, err := dial(ctx, host)
	if err != nil {
		return reply{}, err
	}
	defer c.Close()
	a, err := c.ask(q.bytes(host), w)
	if err == nil && a.status != q.status {
		err = fmt.Errorf("%s answers %d, not %d", q.path, a.status, q.status)
	}
	return a, err
}

// sameFile measures P2: a file that was made before, against nginx sending it.
func (b *bench) sameFile(ctx context.Context, ours, static *contender, plain, compressed question) error {
	if static == nil {
		return nil
	}
	times := map[string][]float64{}
	for range b.runs {
		for _, x := range []struct {
			name, host string
			question
		}{{"ours", ours.host, plain}, {"nginx", static.host, question{path: "/signatories.csv", status: 200}}, {"gzip", ours.host, compressed},
			{"nginx gzip", static.host, question{path: "/signatories.csv.gz", status: 200}}} {
			begin := time.Now()
			if _, err := once(ctx, x.host, x.question, nil); err != nil {
				return err
			}
			times[x.name] = append(times[x.name], time.Since(begin).Seconds())
		}
	}
	sent, packed := median(times["nginx"]), median(times["nginx gzip"])
	b.line("P2", "signatories.csv at the same revision again, of nginx sending it", median(times["ours"])/sent, 1.5, seconds(median(times["ours"])), seconds(sent))
	b.line("P2", "the same compressed, of nginx sending it as it is", median(times["gzip"])/sent, 0.2, seconds(median(times["gzip"])), seconds(sent))
	b.note("Compressed, signatories.csv takes %.2f × nginx's time for the compressed file.", median(times["gzip"])/packed)
	return nil
}

// cachedPage measures P5: rates with the same bytes.
func (b *bench) cachedPage(ctx context.Context, ours, static, handler *contender, page string) error {
	gzip := []string{"Accept-Encoding", "gzip"}
	first, err := once(ctx, ours.host, question{page, gzip, 200}, io.Discard)
	if err != nil {
		return err
	}
	type asked struct {
		what string
		*contender
		question
	}
	all := []asked{
		{"ours gzip", ours, question{page, gzip, 200}},
		{"bare gzip", handler, question{path: "/page.html.gz", status: 200}},
		{"headers", handler, question{path: "/page.html.gz?headers", status: 200}},
		{"ours", ours, question{path: page, status: 200}},
		{"bare", handler, question{path: "/page.html", status: 200}},
		{"ours 304", ours, question{page, append([]string{"If-None-Match", first.etag}, gzip...), 304}},
	}
	if static != nil {
		tagged, err := once(ctx, static.host, question{path: "/page.html", status: 200}, io.Discard)
		if err != nil {
			return err
		}
		all = append(all, asked{"nginx gzip", static, question{path: "/page.html.gz", status: 200}},
			asked{"nginx", static, question{path: "/page.html", status: 200}},
			asked{"nginx 304", static, question{"/page.html", []string{"If-None-Match", tagged.etag}, 304}})
	}
	// Short rounds in turn: what else the machine does falls on all of them.
	rates, costs, last := map[string][]float64{}, map[string][]float64{}, map[string]measured{}
	for i := range 5*b.runs + 1 {
		for _, x := range all {
			before := x.spent()
			m, err := load(ctx, x.host, connections, 200*time.Millisecond, func(int) question { return x.question })
			if err != nil {
				return fmt.Errorf("%s: %w", x.name, err)
			}
			if i > 0 { // the first round warms up
				rates[x.what], last[x.what] = append(rates[x.what], m.rate), m
				costs[x.what] = append(costs[x.what], (x.spent()-before)/float64(len(m.all)))
			}
		}
	}
	line := func(what, mine, theirs string, share float64) {
		x, y := median(rates[mine]), median(rates[theirs])
		if y == 0 {
			return
		}
		b.least("P5", what+": our rate, of its", x/y, share, fmt.Sprintf("%.0f/s", x), fmt.Sprintf("%.0f/s", y))
		if strings.HasPrefix(what, "cached") && strings.HasPrefix(theirs, "nginx") {
			b.least(beyondNginx, what+": our rate, of its", x/y, 0.6, fmt.Sprintf("%.0f/s", x), fmt.Sprintf("%.0f/s", y))
		}
		b.note("%s: processor time of an answer %s, of ours %s.", what, seconds(median(costs[theirs])), seconds(median(costs[mine])))
	}
	for _, form := range []struct{ end, what string }{{" gzip", "cached page, compressed"}, {"", "cached page"}} {
		what := fmt.Sprintf("%s (%.1f kB)", form.what, float64(last["ours"+form.end].bytes)/1000)
		line(what+", nginx", "ours"+form.end, "nginx"+form.end, 0.45)
		line(what+", bare net/http", "ours"+form.end, "bare"+form.end, 0.85)
	}
	line("304, nginx", "ours 304", "nginx 304", 0.5)
	x, y := median(rates["ours gzip"]), median(rates["headers"])
	b.note("A bare handler that sends the same headers as well, %d bytes of body: %.0f/s, of which ours is %.0f %%; processor time of an answer %s.",
		last["headers"].bytes, y, 100*x/y, seconds(median(costs["headers"])))
	m := last["ours gzip"]
	b.note("Cached page, compressed, on %d connections: half within %s, 99 of 100 within %s.", connections, seconds(m.p50.Seconds()), seconds(m.p99.Seconds()))
	return nil
}

// spent is the processor time of a server so far, its workers' with it, in seconds; 0 where the system does not say.
func (c *contender) spent() float64 {
	if c.pids == nil {
		own := strconv.Itoa(c.process.Process.Pid)
		c.pids = []string{own}
		stats, _ := filepath.Glob("/proc/[0-9]*/stat")
		for _, stat := range stats {
			if b, err := os.ReadFile(stat); err == nil {
				if fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:])); len(fields) > 1 && fields[1] == own {
					c.pids = append(c.pids, filepath.Base(filepath.Dir(stat)))
				}
			}
		}
	}
	total := 0.0
	for _, pid := range c.pids {
		// In nanoseconds, of all threads; stat's ticks are too coarse.
		threads, _ := filepath.Glob("/proc/" + pid + "/task/*/schedstat")
		for _, thread := range threads {
			if b, err := os.ReadFile(thread); err == nil {
				ran, _, _ := strings.Cut(string(b), " ")
				n, _ := strconv.ParseFloat(ran, 64)
				total += n / 1e9
			}
		}
	}
	return total
}

// The slow readers of P4.
const (
	slowReaders = 20
	slowRate    = 1 << 20 // bytes a second of each
)

// beside measures P4: what pages take while files are made, and while slow readers fetch them.
func (b *bench) beside(ctx context.Context, ours *contender, page string) error {
	// Pages that were not asked for before: each declaration is asked for once.
	var next atomic.Int64
	next.Store(200)
	fresh := func(int) question {
		return question{path: fmt.Sprintf("/en/declarations/madeup-%05d", 1+next.Add(1)%int64(b.large)), status: 200}
	}
	const window = 500 * time.Millisecond
	var idle, busy []time.Duration
	exports := 0
	for i := range 3 * b.runs {
		m, err := load(ctx, ours.host, 1, window, fresh)
		if err != nil {
			return err
		}
		idle = append(idle, m.all...)
		within, end := context.WithCancel(ctx)
		var export sync.WaitGroup
		var failed error
		export.Go(func() {
			for n := 0; within.Err() == nil; n++ {
				// A day for which the file was not made before.
				q := question{path: fmt.Sprintf("/data/signatories.csv?as_of=%d-%02d-%02d", 2010+i%15, 1+n%12, 1+i), status: 200}
				if _, err := interrupted(within, ours.host, q); err != nil {
					failed = err
					return
				}
				exports++
			}
		})
		m, err = load(ctx, ours.host, 1, window, fresh)
		end()
		export.Wait()
		if err := errors.Join(err, failed); err != nil {
			return err
		}
		busy = append(busy, m.all...)
	}
	p99 := func(all []time.Duration) float64 {
		slices.Sort(all)
		return percentile(all, 99).Seconds()
	}
	b.line("P4", fmt.Sprintf("uncached pages while one export runs, 99th percentile, of idle (%d exports were whole)", exports), p99(busy)/p99(idle), 3, seconds(p99(busy)), seconds(p99(idle)))

	// Slow readers, of whom one asked first: the others join.
	var quiet, slowed []float64
	var calm, crowded []time.Duration
	for range 3 * b.runs {
		for _, crowd := range []bool{false, true} {
			within, end := context.WithCancel(ctx)
			var readers sync.WaitGroup
			reading := make(chan error, slowReaders)
			if crowd {
				for range slowReaders {
					readers.Go(func() { slow(within, ours.host, "/data/signatories.csv?as_of="+day, reading) })
				}
				for range slowReaders {
					if err := <-reading; err != nil {
						end()
						readers.Wait()
						return err
					}
				}
			}
			cached, err := load(ctx, ours.host, connections, 200*time.Millisecond, func(int) question { return question{page, []string{"Accept-Encoding", "gzip"}, 200} })
			uncached, err2 := load(ctx, ours.host, 1, 200*time.Millisecond, fresh)
			end()
			readers.Wait()
			if err := errors.Join(err, err2); err != nil {
				return err
			}
			if crowd {
				slowed, crowded = append(slowed, cached.rate), append(crowded, uncached.all...)
			} else {
				quiet, calm = append(quiet, cached.rate), append(calm, uncached.all...)
			}
		}
	}
	b.least("P4", fmt.Sprintf("cached pages: rate with %d readers at 1 MB/s, of that when idle", slowReaders), median(slowed)/median(quiet), 0.9,
		fmt.Sprintf("%.0f/s", median(slowed)), fmt.Sprintf("%.0f/s", median(quiet)))
	b.line("P4", fmt.Sprintf("uncached pages with %d such readers, 99th percentile, of idle", slowReaders), p99(crowded)/p99(calm), 3, seconds(p99(crowded)), seconds(p99(calm)))
	if memory, err := resident(ours.process.Process.Pid); err == nil {
		b.note("The server's resident memory at most, with its index, its cache and all of these exports: %.0f MiB.", memory)
	}
	return nil
}

// interrupted is once, but the end of the context in the middle of an answer is no error.
func interrupted(ctx context.Context, host string, q question) (reply, error) {
	c, err := dial(ctx, host)
	if err != nil {
		if ctx.Err() != nil {
			return reply{}, nil
		}
		return reply{}, err
	}
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	defer c.Close()
	a, err := c.ask(q.bytes(host), nil)
	if ctx.Err() != nil {
		return a, nil
	}
	if err == nil && a.status != q.status {
		err = fmt.Errorf("%s answers %d, not %d", q.path, a.status, q.status)
	}
	return a, err
}

// slow reads a file at a slow rate until the context ends. It reports when the first of it has come.
func slow(ctx context.Context, host, path string, reading chan<- error) {
	c, err := dial(ctx, host)
	if err != nil {
		reading <- err
		return
	}
	defer c.Close()
	if t, ok := c.Conn.(*net.TCPConn); ok {
		t.SetReadBuffer(64 << 10)
	}
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	if _, err := c.Write(question{path: path}.bytes(host)); err != nil {
		reading <- err
		return
	}
	const piece = 64 << 10
	buffer := make([]byte, piece)
	tick := time.NewTicker(time.Second * piece / slowRate)
	defer tick.Stop()
	for first := true; ; first = false {
		_, err := io.ReadFull(c.in, buffer)
		if first {
			if err == nil && !bytes.HasPrefix(buffer, []byte("HTTP/1.1 200")) {
				err = fmt.Errorf("%s answers %.30q", path, buffer)
			}
			reading <- err
		}
		if err != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// resident is the most memory that a process has had, in MiB.
func resident(pid int) (float64, error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kb, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			return kb / 1024, err
		}
	}
	return 0, errors.New("not said")
}
