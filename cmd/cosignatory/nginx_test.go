package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// inFront starts nginx with the configuration that print-config prints, without TLS and on a free port, before a server. It
// returns the address of nginx and the folder of its cache.
func inFront(t *testing.T, backend string) (address, cache string) {
	t.Helper()
	nginx := program(t, "", "nginx", "/usr/sbin/nginx")
	folder := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	front := l.Addr().String()
	l.Close()
	_, config, _ := run("print-config", "nginx")
	for _, x := range []struct{ what, with string }{
		{`(?m)^    listen (?:\[::\]:)?80;\n`, ""}, // of the redirection to https, which is left out with the next
		{`server \{\n    server_name register.example.org;\n    access_log off;\n    error_log /var/log/nginx/error.log emerg;\n    return [^\n]*\n\}\n`, ""},
		{`listen 443 ssl http2;`, "listen " + front + ";"},
		{`(?m)^    listen \[::\]:443.*\n`, ""},
		{`(?m)^    ssl_certificate.*\n`, ""},
		{`127\.0\.0\.1:8080`, strings.TrimPrefix(backend, "http://")},
		{`/var/cache/nginx/cosignatory`, folder + "/cache"},
		{`/var/www/cosignatory`, folder},
		{`/var/log/nginx`, folder},
	} {
		re := regexp.MustCompile(x.what)
		if !re.MatchString(config) {
			t.Fatalf("the configuration has no %s", x.what)
		}
		config = re.ReplaceAllString(config, x.with)
	}
	_, page, _ := run("print-config", "unavailable")
	whole := fmt.Sprintf("daemon off; worker_processes 1; pid %s/pid; error_log %s/error.log;\nevents {}\nhttp {\n"+
		"client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;\n%[3]s}\n", folder, folder, config)
	if os.Getuid() == 0 {
		whole = "user root;\n" + whole // its cache is in the test's folder
	}
	for name, text := range map[string]string{"nginx.conf": whole, "unavailable.html": page} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	log := &logged{}
	c := exec.Command(nginx, "-c", filepath.Join(folder, "nginx.conf"), "-p", folder)
	c.Stdout, c.Stderr = log, log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Signal(os.Interrupt); c.Wait() })
	eventually(t, "nginx answers", func() bool {
		conn, err := net.Dial("tcp", front)
		if err == nil {
			conn.Close()
		} else if log.String() != "" {
			t.Fatal(log.String())
		}
		return err == nil
	})
	return "http://" + front, folder + "/cache"
}

// TestNginx: the shared cache answers for the program, sees a publication within a second or two, keeps permalinks for ever
// and never keeps a page of staff.
func TestNginx(t *testing.T) {
	// The test has no certificate: that TLS is asked for, and which, is read.
	_, config, _ := run("print-config", "nginx")
	if got := regexp.MustCompile(`(?m)^\s*ssl_protocols\s[^;]*;`).FindAllString(config, -1); len(got) != 1 || strings.Join(strings.Fields(got[0]), " ") != "ssl_protocols TLSv1.2 TLSv1.3;" {
		t.Errorf("the configuration speaks %q, want TLS 1.2 and 1.3 alone", got)
	}
	if !regexp.MustCompile(`server \{\n    listen 80;\n    listen \[::\]:80;\n    server_name [^;\n]+;\n    access_log off;\n    error_log [^;\n]+ emerg;\n    return 308 https://[^;\n]+;\n\}`).MatchString(config) || strings.Count(config, "listen 443 ssl") != 1 ||
		len(regexp.MustCompile(`(?m)^\s*listen .*;`).FindAllString(config, -1)) != 4 {
		t.Error("the configuration does more on port 80 than lead to https, or keeps addresses of readers")
	}
	db := seeded(t)
	base, _, log, stop := servingOn(t, db, "--base-url", "https://register.example.org")
	front, cache := inFront(t, base)
	ask := func(path string, header ...string) (*http.Response, string) {
		t.Helper()
		req, err := http.NewRequest(http.MethodGet, front+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", "identity")
		for i := 0; i+1 < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		r, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r, string(b)
	}
	const page = "/en/declarations/tech-trafficking-2025"
	seen := func() int {
		return strings.Count(log.String(), `"msg":"request"`) + strings.Count(log.String(), `"msg":"slow request"`)
	}

	// A request with a length and chunks is refused in front, with what it smuggles.
	c, err := net.Dial("tcp", strings.TrimPrefix(front, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	const inner = "GET /en/staff/sign-in HTTP/1.1\r\nHost: register.example.org\r\n\r\n"
	fmt.Fprintf(c, "POST /en/about HTTP/1.1\r\nHost: register.example.org\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(inner), inner)
	c.SetReadDeadline(time.Now().Add(time.Minute))
	answered, err := io.ReadAll(c)
	if n := strings.Count(string(answered), "HTTP/1.1 "); err != nil || n != 1 || !strings.HasPrefix(string(answered), "HTTP/1.1 400 ") {
		t.Errorf("a length and chunks: %d answers, %v: %.300s", n, err, answered)
	}

	// A thousand readers of one page within a few seconds cost the program a few questions.
	ask(page)
	before, hits := seen(), 0
	const readers = 1000
	for range readers {
		r, body := ask(page)
		if r.StatusCode != http.StatusOK || !strings.Contains(body, "Revision 27") && !strings.Contains(body, "revision 27") {
			t.Fatalf("%d", r.StatusCode)
		}
		switch r.Header.Get("X-Cache") {
		case "HIT", "STALE", "UPDATING", "REVALIDATED":
			hits++
		}
	}
	asked := seen() - before
	t.Logf("%d of %d answers came from the cache; the program was asked %d times", hits, readers, asked)
	if hits < readers*98/100 || asked > readers/20 {
		t.Errorf("the cache does not help")
	}
	// What readers' browsers are told is the program's own.
	r, _ := ask(page)
	if cc := r.Header.Get("Cache-Control"); !strings.Contains(cc, "must-revalidate") || r.Header.Get("ETag") == "" {
		t.Errorf("Cache-Control %q, ETag %q", cc, r.Header.Get("ETag"))
	}
	if again, _ := ask(page, "If-None-Match", r.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
		t.Errorf("the page that the reader has: %d", again.StatusCode)
	}
	// Browsers of today get what is compressed, each from the cache.
	const encodings = "gzip, deflate, br, zstd"
	ask(page, "Accept-Encoding", encodings)
	if r, _ := ask(page, "Accept-Encoding", encodings); r.Header.Get("Content-Encoding") != "gzip" || r.Header.Get("X-Cache") == "MISS" {
		t.Errorf("a browser gets encoding %q, cache %s", r.Header.Get("Content-Encoding"), r.Header.Get("X-Cache"))
	}
	// What is not there is told each reader in the form that it asks for.
	const nowhere = "/en/declarations/nonsuch.csv?revision=3"
	if r, _ := ask(nowhere, "Accept", "application/json"); r.StatusCode != http.StatusNotFound || !strings.Contains(r.Header.Get("Content-Type"), "json") {
		t.Errorf("a program that asks for what is not there: %d %s", r.StatusCode, r.Header.Get("Content-Type"))
	}
	if r, _ := ask(nowhere, "Accept", "text/html"); !strings.Contains(r.Header.Get("Content-Type"), "html") {
		t.Errorf("a browser that asks for it then gets %s", r.Header.Get("Content-Type"))
	}
	// Its own questions are answered by 304 while nothing is published.
	eventually(t, "the cache asks again, and is told that nothing has changed", func() bool {
		ask(page)
		return strings.Contains(log.String(), `"uri":"`+page+`","status":304`)
	})

	// Permalinks are kept for ever: also the program's end does not matter to them.
	pinned := page + "?revision=27"
	first, was := ask(pinned)
	if second, _ := ask(pinned); second.Header.Get("X-Cache") != "HIT" || !strings.Contains(first.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("a permalink: %s, %s", second.Header.Get("X-Cache"), first.Header.Get("Cache-Control"))
	}

	// A publication is seen within moments.
	published := time.Now()
	presented(t, db, "Somebody else")
	eventually(t, "the cache shows what was published", func() bool {
		_, body := ask(page)
		return strings.Contains(body, "Somebody else")
	})
	t.Logf("a publication was seen through the cache after %v", time.Since(published).Round(time.Millisecond))
	if _, body := ask(pinned); body != was {
		t.Error("the permalink has changed")
	}

	// Staff: never kept, whoever asks.
	for range 3 {
		r, _ := ask("/en/staff/sign-in")
		if r.StatusCode != http.StatusOK || r.Header.Get("X-Cache") != "" || r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("staff: %d, %q, %q", r.StatusCode, r.Header.Get("X-Cache"), r.Header.Get("Cache-Control"))
		}
	}
	kept, err := exec.Command("grep", "-rl", "/staff/", cache).Output()
	if err == nil && len(kept) > 0 {
		t.Errorf("pages of staff are in the cache: %s", kept)
	}
	// Each reader gets the language asked for, and errors are not kept as pages.
	if r, _ := ask("/", "Accept-Language", "fr"); r.Header.Get("Location") == "" || !strings.HasSuffix(r.Header.Get("Location"), "/fr/") {
		t.Errorf("%s", r.Header.Get("Location"))
	}
	if r, _ := ask("/", "Accept-Language", "ar"); !strings.HasSuffix(r.Header.Get("Location"), "/ar/") {
		t.Errorf("%s", r.Header.Get("Location"))
	}
	if r, _ := ask("/en/nothing/there"); r.StatusCode != http.StatusNotFound {
		t.Errorf("%d", r.StatusCode)
	}

	// What nginx refuses is refused without a line about who asked.
	req, err := http.NewRequest(http.MethodPost, front+"/en/staff/sign-in", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = 17 << 20
	if r, err := http.DefaultTransport.RoundTrip(req); err == nil {
		r.Body.Close()
		if r.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("a file that is too large: %d", r.StatusCode)
		}
	}
	defer func() {
		b, err := os.ReadFile(filepath.Join(filepath.Dir(cache), "error.log"))
		if err != nil || strings.Contains(string(b), "client:") {
			t.Errorf("the log of nginx has the addresses of readers: %v %s", err, b)
		}
	}()

	// The program is away: what is kept goes on, what is not gets one page in all languages.
	stop()
	if r, body := ask(page); r.StatusCode != http.StatusOK || !strings.Contains(body, "Somebody else") {
		t.Errorf("with the program away: %d", r.StatusCode)
	}
	if r, body := ask(pinned); r.StatusCode != http.StatusOK || body != was {
		t.Errorf("a permalink with the program away: %d", r.StatusCode)
	}
	for _, x := range []string{"/fr/participants", "/en/staff/sign-in", "/en/participants?revision=3"} {
		r, body := ask(x)
		if r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" || !strings.Contains(body, "The register cannot answer at the moment") || !strings.Contains(body, `lang="ru"`) {
			t.Errorf("%s with the program away: %d %s", x, r.StatusCode, r.Header)
		}
	}
}
