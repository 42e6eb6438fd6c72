package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/html"

	"cosignatory/store"
	"cosignatory/store/register"
)

// What attackers try. These tests ask the real server, over real connections; each row of the table in .github/SECURITY.md
// names the tests that hold it.

// hostile are values that mean something to a database, a browser, a template, a spreadsheet, a file system or a header.
var hostile = []string{
	`zq' OR '1'='1' -- `,
	`zq") UNION SELECT password, secret FROM account; DROP TABLE declaration; --`,
	`<script>alert("zq")</script>`,
	`"'><img src=zq onerror=alert(1)>`,
	`{{7919*7907}}${7919*7907}<%= 7919*7907 %>#{7919*7907}`,
	`../../../../../etc/passwd`,
	"zq\r\nSet-Cookie: stolen=1\r\n\r\n<b>zq</b>",
	`javascript:alert("zq")//`,
	`=HYPERLINK("https://evil.example/zq";"zq")`,
	"zq\x00\u202e\xff",
	`-1`, `99999999999999999999999`, `%s%n%252e%252e`,
}

// tells are what an answer must never hold: words of the parts behind it, and what the hostile values would become.
var tells = regexp.MustCompile(`(?i)<script>alert|<img src=zq|<b>zq</b>|62615533|root:.*:0:0|sql logic|sqlite|syntax error|no such (table|column)|panic:|goroutine|\.go:\d|argon2id|stolen=1`)

// harmless checks an answer to something hostile.
func (a *answer) harmless(t *testing.T, target string) {
	t.Helper()
	switch a.StatusCode {
	case 200, 302, 308, 400, 404, 406, 410, 414, 422:
	default:
		t.Errorf("%s answers %d", target, a.StatusCode)
	}
	if len(a.Header["Set-Cookie"]) > 0 {
		t.Errorf("%s sets a cookie", target)
	}
	if to := a.Header.Get("Location"); to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n<>\"")) {
		t.Errorf("%s leads to %q", target, to)
	}
	kind := a.Header.Get("Content-Type")
	if a.body != "" && (a.Header.Get("X-Content-Type-Options") != "nosniff" || a.Header.Get("Content-Security-Policy") != contentSecurity) {
		t.Errorf("%s has no guarding headers: %v", target, a.Header)
	}
	switch {
	case a.doc != nil:
		a.noScripts(t, target)
		if m := tells.FindString(a.body); m != "" && !strings.Contains(a.text, m) {
			t.Errorf("%s answers with %q", target, m)
		}
	case strings.Contains(kind, "json"):
		if !json.Valid([]byte(a.body)) {
			t.Errorf("%s answers with JSON that is none: %.200s", target, a.body)
		}
	case a.StatusCode == 200 && a.body != "" && tells.MatchString(a.body):
		t.Errorf("%s answers with %q", target, tells.FindString(a.body))
	}
}

// noScripts checks that a page has no script but the register's own files, no handler in an attribute, and no address that
// would run something.
func (a *answer) noScripts(t *testing.T, target string) {
	t.Helper()
	for d := range a.doc.Descendants() {
		if d.Type != html.ElementNode {
			continue
		}
		switch d.Data {
		case "script":
			linked := attr(d, "type") == "application/ld+json"
			if !linked && (!strings.HasPrefix(attr(d, "src"), "/assets/") || d.FirstChild != nil) {
				t.Errorf("%s has a script of its own", target)
			}
			if linked && !json.Valid([]byte(d.FirstChild.Data)) {
				t.Errorf("%s: linked data that is no JSON", target)
			}
		case "iframe", "object", "embed", "base", "style":
			t.Errorf("%s has an element %s", target, d.Data)
		case "img":
			if attr(d, "src") == "zq" {
				t.Errorf("%s has the attacker's picture", target)
			}
		}
		for _, at := range d.Attr {
			value := strings.ToLower(strings.TrimLeftFunc(at.Val, func(r rune) bool { return r <= ' ' }))
			switch {
			case strings.HasPrefix(at.Key, "on"), at.Key == "srcdoc", at.Key == "style":
				t.Errorf("%s: %s has an attribute %s", target, d.Data, at.Key)
			case (at.Key == "href" || at.Key == "src" || at.Key == "action" || at.Key == "formaction" || at.Key == "xlink:href") &&
				(strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "data:") || strings.HasPrefix(value, "vbscript:") || strings.HasPrefix(value, "//")):
				t.Errorf("%s: %s leads to %q", target, d.Data, at.Val)
			}
		}
	}
}

// places are the parts of a path that stand for something, with values that are on the register.
var places = strings.NewReplacer(":slug", "tech-trafficking-2025", ":code", "KOR", ":number", "3", ":name", "2026.1")

// TestHostileParameters: every parameter of every page, file, feed and operation of the API takes anything; so does every part
// of a path that stands for something.
func TestHostileParameters(t *testing.T) {
	s := newSite(t)
	asked := 0
	ask := func(target string) {
		asked++
		s.ask(t, "GET", target).harmless(t, target)
	}
	try := func(base string, names []string, values ...string) {
		for _, name := range names {
			for _, value := range values {
				ask(base + "?" + url.QueryEscape(name) + "=" + url.QueryEscape(value))
			}
		}
		for _, name := range hostile[:5] { // as the name
			ask(base + "?" + url.QueryEscape(name) + "=1")
		}
	}
	inPath := func(pattern, suffix string) {
		parts := strings.Split(pattern, "/")
		for i, part := range parts {
			if !strings.HasPrefix(part, ":") {
				continue
			}
			for _, value := range hostile {
				filled := slices.Clone(parts)
				filled[i] = url.PathEscape(value)
				ask(places.Replace(strings.Join(filled, "/")) + suffix)
			}
		}
	}
	for _, r := range publicRoutes {
		path := "/en" + places.Replace(r.pattern)
		if strings.HasPrefix(r.pattern, "/groups/") {
			path = "/en" + strings.Replace(r.pattern, ":code", "ASEAN", 1)
		}
		if r.page != nil {
			try(path, append(slices.Clone(r.params), clocks...), hostile...)
			inPath("/en"+r.pattern, "")
		}
		if formats := r.formats(); len(formats) > 0 {
			suffix := "." + string(formats[0])
			try(path+suffix, append(slices.Clone(r.params), fileOptions...), hostile[:7]...)
			inPath("/en"+r.pattern, suffix)
		}
	}
	for _, op := range apiOperations() {
		path := apiRoot + places.Replace(op.pattern)
		if strings.HasPrefix(op.pattern, "/groups/") {
			path = apiRoot + "/groups/ASEAN"
		}
		try(path, op.accepted(), hostile[:10]...)
		inPath(apiRoot+op.pattern, "")
	}
	for _, f := range feedRoutes {
		path := "/feeds" + places.Replace(f.pattern)
		try(path+"."+f.formats[0], []string{"lang", "revision", "before"}, hostile...)
		inPath("/feeds"+f.pattern, "."+f.formats[0])
	}
	try("/data/declarations.csv", append([]string{"lang"}, fileOptions...), hostile...)
	for _, value := range hostile {
		v := url.PathEscape(value)
		for _, target := range []string{"/" + v, "/" + v + "/", "/en/" + v, "/data/" + v, "/data/" + v + ".csv", "/assets/" + v, "/sitemap-" + v, "/en/declarations." + v, "/api/" + v, "/" + v + "/declarations"} {
			ask(target)
		}
	}
	if asked < 3000 {
		t.Errorf("only %d questions", asked)
	}
}

// TestHostileHeaders: headers of a request are read for what they are meant for, and come back in no answer.
func TestHostileHeaders(t *testing.T) {
	s := newSite(t)
	for _, target := range []string{"/", "/en/", "/en/declarations", "/en/search?q=korea", "/en/nothing", "/api/v1/declarations?limit=1", "/en/declarations.csv", "/data/nothing.csv", "/healthz", "/en/staff/sign-in", "/xx/"} {
		for _, name := range []string{"User-Agent", "Referer", "Accept", "Accept-Language", "Accept-Encoding", "Origin", "Cookie", "X-Request-Id", "If-None-Match", "If-Modified-Since",
			"Range", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Original-Url", "X-Rewrite-Url", "X-Http-Method-Override", "Sec-Fetch-Site", "Authorization"} {
			for _, value := range []string{`<script>alert("zq")</script>`, `zq' OR '1'='1`, "cosignatory=" + strings.Repeat("A", 5000), "https://evil.example/zq", "zq,;=\"\t\xff"} {
				a := s.ask(t, "GET", target, name, value)
				if a.StatusCode >= 500 {
					t.Errorf("%s with %s: %.30q answers %d", target, name, value, a.StatusCode)
				}
				if strings.Contains(a.body, "zq") || strings.Contains(a.body, "evil.example") {
					t.Errorf("%s repeats its header %s", target, name)
				}
				for h, values := range a.Header {
					if joined := strings.Join(values, " "); strings.Contains(joined, "zq") || strings.Contains(joined, "evil.example") {
						t.Errorf("%s repeats its header %s in %s", target, name, h)
					}
				}
				if target == "/en/nothing" && a.doc != nil {
					a.noScripts(t, target)
				}
			}
		}
	}
}

// TestHostilePaths: dots, encoded slashes and doubled ones lead out of nothing, to no other host, and to nothing of staff.
func TestHostilePaths(t *testing.T) {
	s := newSite(t)
	for _, target := range []string{
		"/assets/../../../../etc/passwd", "/assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2f..%2f..%2fetc%2fpasswd", "/assets/..%5c..%5cetc%5cpasswd", "/assets/app.css%00.js",
		"/data/..%2fregister.db", "/data/../register.db", "/data/%2e%2e%2fregister.sqlite", "/data/register.db", "/data/.csv", "/data/declarations.csv/", "/data/declarations.csv/../x",
		"/en/%2e%2e/staff", "/en/x/../staff/account", "/en%2fstaff", "/en/staff%2faccount", "/en//staff", "//en/staff", "/en/./staff/account", "/en/staff;x=1/account", "/en/STAFF", "/EN/staff",
		"/en/staff.csv", "/en/staff/account.json", "/en/staff/drafts%2f1", "/en/declarations/..%2f..%2fstaff", "/api/v1/../../en/staff", "/api/v1/%2e%2e/staff", "/feeds/../en/staff.atom",
		"//evil.example/", "//evil.example", "/%2f%2fevil.example/", "/%5cevil.example/", "/\\evil.example/", "/en/%2f%2fevil.example/", "//evil.example/%2e%2e/", "///evil.example//", "/.evil.example/",
		"/en/https:%2f%2fevil.example/", "/@evil.example/", "/en/declarations/https://evil.example/", "/%09//evil.example/", "/%0d%0aSet-Cookie:%20stolen=1/", "/en/%0d%0aLocation:%20https://evil.example/",
	} {
		a := s.ask(t, "GET", target)
		a.harmless(t, target)
		if a.StatusCode == 200 && !strings.HasPrefix(target, "/data/declarations") {
			t.Errorf("%s answers 200: %.200s", target, a.text)
		}
		if strings.Contains(a.body, "root:") || strings.HasPrefix(a.body, "SQLite format") {
			t.Errorf("%s gives a file away", target)
		}
		if to := a.Header.Get("Location"); to != "" {
			u, err := (&url.URL{Scheme: "https", Host: "register.example.org", Path: "/"}).Parse(to)
			if err != nil || u.Host != "register.example.org" {
				t.Errorf("%s leads away, to %q", target, to)
			}
		}
	}
	// One thing has one address however its letters are encoded, whether it is kept or not.
	for _, x := range [][2]string{{"/en/declarations/tech-trafficking-2025", "/en/declarations/tech%2Dtrafficking%2d2025"}, {"/en/participants/KOR", "/%65n/p%61rticipants/%4BOR"}, {"/en/declarations/tech-trafficking-2025/history", "/en/declarations/tech%2Dtrafficking-2025/hist%6Fry"}} {
		cold := s.ask(t, "GET", x[1])
		plain := s.ask(t, "GET", x[0])
		warm := s.ask(t, "GET", x[1])
		if cold.StatusCode != 200 || warm.StatusCode != 200 || cold.body != plain.body || warm.body != plain.body {
			t.Errorf("%s answers %d, then %d; %s %d", x[1], cold.StatusCode, warm.StatusCode, x[0], plain.StatusCode)
		}
	}
	// An encoded slash is no slash, whether what it would lead to is kept or not.
	for _, x := range [][2]string{{"/en/declarations/tech-trafficking-2025/history", "/en/declarations/tech-trafficking-2025%2Fhistory"}, {"/en/declarations/tech-trafficking-2025/history.csv", "/en/declarations/tech-trafficking-2025%2Fhistory.csv"}} {
		cold := s.ask(t, "GET", x[1])
		s.ask(t, "GET", x[0])
		warm := s.ask(t, "GET", x[1])
		if cold.StatusCode != 404 || warm.StatusCode != 404 {
			t.Errorf("%s answers %d, then %d", x[1], cold.StatusCode, warm.StatusCode)
		}
	}
}

// TestCacheIsNotPoisoned: whatever the headers of the first who asks, the next gets what a fresh server gives.
func TestCacheIsNotPoisoned(t *testing.T) {
	targets := []string{"/en/", "/en/declarations", "/ar/declarations/tech-trafficking-2025", "/en/search?q=korea", "/en/suggest.json?q=kor", "/en/declarations.csv", "/en/declarations.json",
		"/feeds/changes.atom", "/robots.txt", "/api/v1/declarations?limit=2", "/en/declarations?as_of=2025-13-40", "/en/nothing", "/en/declarations/tech-trafficking-2025?revision=27"}
	strip := func(h http.Header) http.Header {
		h = h.Clone()
		// A file that is still being made when it is first asked for has no length yet, and no parts.
		for _, name := range []string{"Date", "X-Request-Id", "Content-Length", "Accept-Ranges"} {
			h.Del(name)
		}
		return h
	}
	want := map[string]*answer{}
	fresh := newSite(t)
	for _, x := range targets {
		want[x] = fresh.ask(t, "GET", x, "Accept-Encoding", "identity")
	}
	numbered := regexp.MustCompile(`"(request|instance)":"[^"]*"|[0-9a-f]{16}`) // of an error: the number of the request
	for _, headers := range [][]string{
		{"X-Forwarded-Host", "evil.example"}, {"Forwarded", "host=evil.example;proto=ftp"}, {"X-Forwarded-Proto", "gopher", "X-Forwarded-Prefix", "/evil", "X-Forwarded-Port", "666"}, {"Host", "evil.example"},
		{"X-Original-Url", "/en/staff", "X-Rewrite-Url", "/en/staff"}, {"X-Http-Method-Override", "POST", "X-Http-Method", "DELETE"},
		{"Accept-Language", "ar", "Accept", "application/json"}, {"Cookie", "cosignatory=evil; lang=ar; theme=<script>"}, {"Origin", "https://evil.example", "Referer", "https://evil.example/"},
		{"Range", "bytes=0-9"}, {"If-None-Match", "*"}, {"If-Match", `"evil"`, "If-Range", `"evil"`}, {"Accept-Encoding", "gzip"}, {"Accept-Encoding", "gzip;q=0, br, evil"}, {"X-Request-Id", "evil-evil-evil-evil"},
		{"Cache-Control", "no-store", "Pragma", "no-cache"}, {"Connection", "close, X-Forwarded-Host"}, {"Authorization", "Bearer evil"}, {"User-Agent", "<script>evil</script>"},
	} {
		s := newSite(t)
		for _, x := range targets {
			s.askAs(t, x, headers...)
			for range 2 {
				got := s.ask(t, "GET", x, "Accept-Encoding", "identity")
				w := want[x]
				if got.StatusCode != w.StatusCode || numbered.ReplaceAllString(got.body, "") != numbered.ReplaceAllString(w.body, "") || !maps.EqualFunc(strip(got.Header), strip(w.Header), slices.Equal) {
					t.Errorf("%s after %q: %d, want %d; %v, want %v", x, headers, got.StatusCode, w.StatusCode, strip(got.Header), strip(w.Header))
				}
				if strings.Contains(got.body, "evil") {
					t.Errorf("%s after %q: what the first sent is in the answer to the next", x, headers)
				}
			}
		}
	}
}

// askAs asks with headers, that of the host among them.
func (s *site) askAs(t *testing.T, target string, headers ...string) {
	t.Helper()
	req, err := http.NewRequest("GET", s.URL+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	r, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, r.Body)
	r.Body.Close()
}

// listening is a server as the program runs it, with its limits of time and size, and the address it listens on.
func listening(t *testing.T) string {
	t.Helper()
	s := newSite(t)
	server, err := New(Config{Store: s.store, BaseURL: testBase, Now: func() time.Time { return testNow }, Spool: t.TempDir(), Passwords: cheap})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- server.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// raw sends bytes over one connection and reads what comes back: it waits long for as many answers as there should be, and a
// moment for more.
func raw(t *testing.T, address, text string, answers int) (statuses []int, bodies []string) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	go io.WriteString(c, text)
	in := bufio.NewReader(c)
	for {
		patience := time.Minute
		if len(statuses) >= answers {
			patience = 200 * time.Millisecond
		}
		c.SetReadDeadline(time.Now().Add(patience))
		r, err := http.ReadResponse(in, nil)
		if err != nil {
			return statuses, bodies
		}
		b, _ := io.ReadAll(r.Body)
		statuses, bodies = append(statuses, r.StatusCode), append(bodies, string(b))
	}
}

// TestRequestSmuggling: a request ends where it says, or it is refused; nothing within its body is answered as another one.
func TestRequestSmuggling(t *testing.T) {
	address := listening(t)
	const inner = "GET /en/staff/sign-in HTTP/1.1\r\nHost: x\r\n\r\n"
	chunk := func(s string) string { return fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(s), s) }
	length := "Content-Length: " + strconv.Itoa(len(inner)) + "\r\n"
	for _, x := range []struct {
		name, text string
		want       []int
	}{
		{"a body of GET", "GET /en/about HTTP/1.1\r\nHost: x\r\n" + length + "\r\n" + inner, []int{200}},
		{"a body in chunks", "GET /en/about HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(inner), []int{200}},
		{"two lengths", "GET /en/about HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n" + length + "\r\n" + inner, []int{400}},
		{"a length of two values", "GET /en/about HTTP/1.1\r\nHost: x\r\nContent-Length: 0, 44\r\n\r\n" + inner, []int{400}},
		{"a signed length", "GET /en/about HTTP/1.1\r\nHost: x\r\nContent-Length: +0\r\n\r\n" + inner, []int{400}},
		{"a negative length", "GET /en/about HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n" + inner, []int{400}},
		{"a length in hexadecimal", "GET /en/about HTTP/1.1\r\nHost: x\r\nContent-Length: 0x0\r\n\r\n" + inner, []int{400}},
		{"chunks of another name", "POST /en/staff/sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n" + chunk(inner), []int{501}},
		{"chunks twice", "POST /en/staff/sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + chunk(inner), []int{501}},
		{"a blank before the colon", "GET /en/about HTTP/1.1\r\nHost: x\r\nContent-Length : 44\r\n\r\n" + inner, []int{400}},
		{"a size of chunks that is none", "POST /en/staff/sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + inner, []int{400}},
		{"no host", "GET /en/about HTTP/1.1\r\n\r\n", []int{400}},
		{"two hosts", "GET /en/about HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", []int{400}},
		{"a line feed in a header", "GET /en/about HTTP/1.1\r\nHost: x\r\nX-A: b\rSet-Cookie: stolen=1\r\n\r\n", []int{400}},
		{"no protocol", "GET /en/about\r\n\r\n", []int{400}},
		{"another protocol", "GET /en/about HTTP/7.3\r\nHost: x\r\n\r\n", []int{505}},
		{"a proxy's method", "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n", []int{405}},
		{"a method that repeats", "TRACE /en/about HTTP/1.1\r\nHost: x\r\nCookie: secret=1\r\n\r\n", []int{405}},
		{"the change of protocol", "GET /en/about HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n", []int{200}},
		{"HTTP/2 without TLS", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", []int{405}},
	} {
		got, bodies := raw(t, address, x.text, len(x.want))
		if !slices.Equal(got, x.want) {
			t.Errorf("%s: %v, want %v", x.name, got, x.want)
		}
		if all := strings.Join(bodies, ""); strings.Contains(all, "name=\"password\"") || strings.Contains(all, "secret=1") {
			t.Errorf("%s: what was within the request was answered", x.name)
		}
	}
	// A length and chunks: the chunks count (RFC 9112, 6.3), and the connection stays open. Whichever of the two a proxy in front
	// believes, what it takes for the body of one request is not answered as another: the request that follows is the next one, and
	// there is no third.
	const after = "GET /en/follows HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
	for _, x := range []struct {
		name, length, body string
	}{
		{"a length of nothing and chunks that hold a request", "0", chunk(inner)},
		{"a length up to a request within the chunks", "4", chunk(inner)},
		{"a length of all, and chunks", strconv.Itoa(len(chunk(inner))), chunk(inner)},
		{"a length past the end, and chunks", "500", "0\r\n\r\n"},
	} {
		got, bodies := raw(t, address, "POST /en/about HTTP/1.1\r\nHost: x\r\nContent-Length: "+x.length+"\r\nTransfer-Encoding: chunked\r\n\r\n"+x.body+after, 3)
		if !slices.Equal(got, []int{405, 404}) || strings.Contains(strings.Join(bodies, ""), "name=\"password\"") {
			t.Errorf("%s: %v, want one answer and that of the request that follows", x.name, got)
		}
	}
	// Plain requests one after the other are each answered.
	if got, _ := raw(t, address, strings.Repeat("GET /en/about HTTP/1.1\r\nHost: x\r\n\r\n", 3), 3); !slices.Equal(got, []int{200, 200, 200}) {
		t.Errorf("three requests: %v", got)
	}
}

// TestOversizedRequests: what is too large is refused before it takes memory.
func TestOversizedRequests(t *testing.T) {
	address := listening(t)
	for _, x := range []struct {
		name, text string
		want       int
	}{
		{"a long address", "GET /en/" + strings.Repeat("a", 2*MaxPath) + " HTTP/1.1\r\nHost: x\r\n\r\n", 414},
		{"a long query", "GET /en/search?q=" + strings.Repeat("a", 2*MaxQuery) + " HTTP/1.1\r\nHost: x\r\n\r\n", 414},
		{"many parameters", "GET /en/declarations?" + strings.Repeat("a&", MaxQuery) + " HTTP/1.1\r\nHost: x\r\n\r\n", 414},
		{"large headers", "GET /en/about HTTP/1.1\r\nHost: x\r\nX-A: " + strings.Repeat("a", 2*maxHeader) + "\r\n\r\n", 431},
		{"many headers", "GET /en/about HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X-A: a\r\n", 300_000) + "\r\n", 431},
		{"a large body where none is read", "POST /en/declarations HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\n\r\n" + strings.Repeat("a", 1<<20), 405},
		{"a large form before signing in", "POST /en/staff/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " + strconv.Itoa(MaxForm) + "\r\n\r\nlogin=" +
			strings.Repeat("a", MaxForm-6), 413},
		{"a form of many fields before signing in", "POST /en/staff/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 200000\r\n\r\n" + strings.Repeat("a&", 100_000), 422},
		{"a form for staff alone", "POST /en/staff/drafts/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 999999999\r\n\r\na=" + strings.Repeat("a", 1<<10), 303},
	} {
		got, _ := raw(t, address, x.text, 1)
		if len(got) == 0 || got[0] != x.want {
			t.Errorf("%s: %v, want %d", x.name, got, x.want)
		}
	}
}

// TestSlowRequests: who sends a request a letter at a time, or never its end, is let go.
func TestSlowRequests(t *testing.T) {
	t.Parallel()
	address := listening(t)
	for _, x := range []struct {
		name, text string
		within     time.Duration
	}{
		{"headers without an end", "GET /en/about HTTP/1.1\r\nHost: x\r\nX-A: ", 15 * time.Second},
		{"a form without an end", "POST /en/staff/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nlogin=a", readTimeout + 10*time.Second},
		{"nothing at all", "", readTimeout + 10*time.Second},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			c, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if _, err := io.WriteString(c, x.text); err != nil {
				t.Fatal(err)
			}
			c.SetReadDeadline(time.Now().Add(x.within))
			if _, err := io.Copy(io.Discard, c); err != nil {
				t.Errorf("the server still waits after %s: %v", x.within, err)
			}
		})
	}
}

// nasty is in every text of what TestHostileTexts publishes.
const nasty = `zq</script></title></textarea>--><script>alert("zq")</script><img src=zq onerror=alert(1)>"'&amp;]]>{{7919*7907}}`

// TestHostileTexts: texts on the record that would run in a browser stand in every page, file, feed, calendar and answer of the
// API as the texts they are.
func TestHostileTexts(t *testing.T) {
	s := newSite(t)
	d := madeUp(register.Action{Participant: "KOR", Kind: register.Signed, NameAsPrinted: nasty, CapacityAsPrinted: nasty, PlaceInSource: nasty, Note: nasty, Date: register.MustDate("2019-03-01")},
		register.Action{Participant: "FRA", Kind: register.Signed, Date: register.MustDate("2019-03-01")},
		register.Action{Participant: "FRA", Kind: register.Withdrew, Reason: "withdrew_by_notice", Date: register.MustDate("2020-03-01"), Note: nasty, NameAsPrinted: nasty})
	d.Sponsors, d.PresentedBy, d.PresenterDelegation = []string{"KOR"}, nasty, "KOR"
	d.Titles = []register.Title{{Lang: "en", Text: "T " + nasty, Standing: register.Authentic, Note: nasty}, {Lang: "vi", Text: "V " + nasty, Standing: register.Authentic}}
	d.Texts = []register.Text{{Lang: "en", Event: nasty, Place: nasty, Summary: nasty, Notes: nasty}}
	d.Stated = []register.Stated{{Count: 3, Counts: "states", Source: "test-source", Note: nasty}}
	d.Links = []register.Link{{Kind: "follows", Target: "tech-trafficking-2025", Note: nasty}}
	d.Topics = []string{"human-rights"}
	d.Sources[0].Publisher, d.Sources[0].Title, d.Sources[0].Supports = nasty, nasty, nasty
	d.Sources[0].URL = `https://example.org/?a="><script>alert("zq")</script>`
	d.Disputes = []register.Dispute{{Participant: "KOR", Claim: []register.Phrase{{Lang: "en", Text: nasty}}, Source: "test-source"}}
	if _, err := s.store.Publish(t.Context(), store.Publication{Declaration: d, Reason: nasty, ReasonLang: "en", Role: "editor"}); err != nil {
		t.Fatal(err)
	}
	// Names of the reference data, by the forms of staff; and an address that would run.
	b := s.as(t, "pub", store.Publisher)
	b.open("/en/staff/reference/topics/human-rights")
	b.press("save", "names.en", nasty, "reason", nasty).says(t, "Published as revision")
	b.noneRuns(t)
	b.open("/en/staff/reference/participants/new")
	b.press("save", "code", "TST", "names.en", nasty, "names.fr", nasty, "kind", "organization", "reason", nasty)
	b.status(200)
	b.noneRuns(t)
	wrong := *d
	wrong.Slug = "made-up-2020"
	for _, address := range []string{"javascript:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example/", "file:///etc/passwd", "https:evil", "JaVaScRiPt://x/%0aalert(1)"} {
		wrong.Sources = slices.Clone(d.Sources)
		wrong.Sources[0].URL = address
		if _, err := s.store.Publish(t.Context(), store.Publication{Declaration: &wrong, Reason: "R", ReasonLang: "en", Role: "editor"}); err == nil {
			t.Errorf("a source at %q is published", address)
		}
	}
	// The same address in a draft: pages of staff make no link of it.
	at := b.start("made-up-2019")
	_, page := b.filled("save")
	b.press("save", "sources[0].url", "javascript:alert(1)", "titles[0].text", nasty, "reason", nasty)
	for _, x := range []string{at, at + "/check", at + "/history", "/en/staff", "/en/staff/reference", "/en/staff/reference/topics", "/en/staff/reference/participants", "/en/staff/declarations/made-up-2019", "/en/staff/bring"} {
		b.send("GET", x, nil)
		b.noneRuns(t)
	}
	if len(page) == 0 {
		t.Error("the draft has no form")
	}

	p := "/declarations/made-up-2019"
	targets := []string{"/feeds/changes.atom", "/feeds/calendar.ics", "/feeds/declarations/made-up-2019.atom", "/feeds/declarations/made-up-2019.ics", "/feeds/participants/KOR.atom", "/feeds/topics/human-rights.atom",
		"/sitemap.xml", "/data/register.json", "/en/suggest.json?q=zq", "/en/suggest.json?q=script", "/en" + p + ".bib", "/en" + p + ".ris"}
	for _, lang := range []string{"en", "ar"} {
		for _, x := range []string{"/", "/declarations", "/declarations?q=zq", "/declarations?topic=human-rights", p, p + "?participant=KOR&missing=ASEAN", p + "?print=1", p + "?order=printed", p + "/history", p + "/growth", "/participants", "/participants/KOR",
			"/participants/TST", "/participants/KOR/together", "/participants/KOR/led", "/groups/ASEAN", "/groups/ASEAN/signing", "/matrix", "/compare?d=made-up-2019&d=tech-trafficking-2025",
			"/compare?p=KOR&p=TST", "/search?q=zq", "/search?q=script+alert", "/changes", "/changes?since=20", "/?since=20", p + "?since=27", "/data", "/about", p + "/history/28", "/api"} {
			targets = append(targets, "/"+lang+x)
		}
	}
	for _, op := range apiOperations() {
		targets = append(targets, apiRoot+strings.NewReplacer(":slug", "made-up-2019", ":code", "KOR", ":number", "28").Replace(op.pattern))
	}
	found := 0
	for _, x := range targets {
		a := s.ask(t, "GET", x)
		if a.StatusCode != 200 && !strings.Contains(x, "/groups/KOR") && !strings.HasSuffix(x, ".bib") && !strings.HasSuffix(x, ".ris") {
			t.Errorf("%s answers %d", x, a.StatusCode)
			continue
		}
		if strings.Contains(a.body, "zq") {
			found++
		}
		a.harmlessTexts(t, x)
	}
	if found < 60 {
		t.Errorf("only %d of %d answers hold the texts", found, len(targets))
	}
}

// noneRuns checks the page that a member of staff is at.
func (b *browser) noneRuns(t *testing.T) {
	t.Helper()
	if b.at.doc == nil {
		t.Errorf("%s is no page: %d", b.at.Request.URL, b.at.StatusCode)
		return
	}
	b.at.noScripts(t, b.at.Request.URL.Path)
}

// harmlessTexts checks an answer that holds the texts of TestHostileTexts, by the rules of its own form.
func (a *answer) harmlessTexts(t *testing.T, target string) {
	t.Helper()
	kind, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
	switch {
	case a.doc != nil:
		a.noScripts(t, target)
		if strings.Contains(a.body, "62615533") {
			t.Errorf("%s reckons", target)
		}
	case strings.Contains(kind, "xml"):
		dec := xml.NewDecoder(strings.NewReader(a.body))
		for {
			token, err := dec.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Errorf("%s is no XML: %v", target, err)
				break
			}
			if e, ok := token.(xml.StartElement); ok && (e.Name.Local == "script" || e.Name.Local == "img") {
				t.Errorf("%s has an element %s", target, e.Name.Local)
			}
			// What readers of feeds take for HTML is HTML without scripts.
			if e, ok := token.(xml.StartElement); ok && slices.ContainsFunc(e.Attr, func(at xml.Attr) bool { return at.Name.Local == "type" && at.Value == "html" }) {
				var text string
				if err := dec.DecodeElement(&text, &e); err != nil {
					t.Errorf("%s: %v", target, err)
					break
				}
				doc, err := html.Parse(strings.NewReader(text))
				if err != nil {
					t.Fatal(err)
				}
				(&answer{doc: doc}).noScripts(t, target)
			}
		}
	case strings.Contains(kind, "json"):
		if !json.Valid([]byte(a.body)) {
			t.Errorf("%s is no JSON", target)
		}
	case strings.Contains(kind, "calendar"):
		for _, line := range strings.Split(a.body, "\r\n") {
			if strings.ContainsAny(line, "\r\n") || strings.HasPrefix(line, "<") || strings.HasPrefix(line, "zq") {
				t.Errorf("%s has a line that is none: %q", target, line)
			}
		}
	}
	if a.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s may be taken for another type", target)
	}
}

// TestScriptsShowTexts: the register's own scripts put what the server answers into pages as texts, never as elements.
func TestScriptsShowTexts(t *testing.T) {
	files, err := filepath.Glob("assets/*.js")
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if m := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|document\.write|setHTML|DOMParser|\beval\(|new Function|setTimeout\(\s*["']|postMessage|localStorage\.setItem\([^)]*password`).FindString(string(b)); m != "" {
			t.Errorf("%s uses %s", file, m)
		}
	}
}

// TestNoDraftLeaksByNewWays: what is in a draft is in no answer of the API, of the search, of the suggestions, of what has
// changed since, of releases, of copies for readers or in the numbers for operators; and no header or error tells that there is
// a draft. TestNoDraftLeaks does the same for pages, files and feeds.
func TestNoDraftLeaksByNewWays(t *testing.T) {
	s := newSite(t)
	const marker = "zanzimarkerbar"
	metrics := NewMetrics()
	server := s.server()
	server.Metrics = metrics
	metrics.of.Store(server)
	s.released(t, "2026.1", 20)
	var targets []string
	for _, x := range apiAddresses {
		targets = append(targets, apiRoot+x)
	}
	for _, lang := range []string{"en", "zh"} {
		for _, x := range []string{"/?since=20", "/changes?since=1", "/declarations?since=20", "/declarations?since=2026-11-01", "/declarations/tech-trafficking-2025?since=3", "/participants/KOR?since=20", "/participants/KOR?without=EU",
			"/groups/EU?since=20", "/releases", "/releases/2026.1", "/declarations/tech-trafficking-2025/growth", "/participants/KOR/together", "/participants/KOR/led", "/groups/EU/signing",
			"/declarations/tech-trafficking-2025?missing=EU", "/declarations/tech-trafficking-2025/missing.csv?group=EU", "/participants/KOR/without.csv?group=EU", "/declarations/tech-trafficking-2025.bib",
			"/search?q=zanzi", "/search?q=trafficking", "/suggest.json?q=zanzi", "/suggest.json?q=traff", "/participants/together.csv", "/releases.csv"} {
			targets = append(targets, "/"+lang+x)
		}
	}
	targets = append(targets, "/data/register.sqlite", "/data/register.json", "/data/history.jsonl", "/data/titles.csv", "/data/texts.csv", "/data/disputes.csv", "/data/stated.csv", "/data/links.csv", "/data/topics.csv", "/healthz", "/sitemap.xml", "/en/nothing")
	type told struct {
		status int
		header string
		body   string
	}
	numbered := regexp.MustCompile(`"(request|instance)":"[^"]*"`)
	look := func(x string) told {
		a := s.ask(t, "GET", x, "Accept-Encoding", "identity")
		for _, name := range []string{"Date", "X-Request-Id", "Content-Length", "Accept-Ranges"} { // as in TestCacheIsNotPoisoned
			a.Header.Del(name)
		}
		return told{a.StatusCode, fmt.Sprint(a.Header), numbered.ReplaceAllString(a.body, "")}
	}
	before := map[string]told{}
	for _, x := range targets {
		before[x] = look(x)
	}
	b := s.as(t, "ed", store.Editor)
	b.start("tech-trafficking-2025")
	b.press("review", "reason", marker, "presented_by", marker, "titles[0].text", marker+" changed")
	b.open("/en/staff")
	b.press("Start a new declaration")
	b.press("save", append(slices.Clone(five), "titles[0].text", marker, "slug", marker, "reason", marker)...)
	server.answers.mu.Lock()
	clear(server.answers.byName) // what is kept would say what was said before
	server.answers.mu.Unlock()
	for _, x := range targets {
		is := look(x)
		if was := before[x]; is != was {
			t.Errorf("%s answers otherwise since there is a draft: %d %s, before %d %s", x, is.status, is.header, was.status, was.header)
		}
		if strings.Contains(strings.ToLower(is.body+is.header), marker) {
			t.Errorf("%s shows a draft", x)
		}
		if strings.Contains(is.header, "Last-Modified") {
			t.Errorf("%s says when something changed by another clock than that of revisions", x)
		}
	}
	// What is only in a draft is as unknown as what never was; the answers differ in the name alone, of which the ETag of a page has
	// a sum at its end.
	summed := regexp.MustCompile(`(Etag:\["[^"]*)-[0-9a-z]+"`)
	for _, x := range []string{"/en/declarations/%s", "/en/declarations/%s.csv", "/en/declarations/%s/history", "/en/declarations/%s?revision=27", "/en/compare?d=%s&d=safe-schools-2015", "/feeds/declarations/%s.atom", apiRoot + "/declarations/%s",
		apiRoot + "/declarations/%s/signatories", apiRoot + "/declarations?q=%s", "/en/search?q=%s", "/en/suggest.json?q=%s", "/en/declarations?q=%s", "/en/declarations.csv?q=%s"} {
		of := func(name string) string {
			a := look(fmt.Sprintf(x, name))
			return strings.ReplaceAll(fmt.Sprint(a.status, summed.ReplaceAllString(a.header, `$1"`), a.body), name, "NAME")
		}
		if draft, never := of(marker), of("yanzimarkerbar"); draft != never {
			t.Errorf("%s tells that there is a draft:\n%.600s\n%.600s", x, draft, never)
		}
	}
	// Nor do addresses of staff tell nobody which drafts there are.
	for _, x := range []string{"/en/staff/drafts/%s", "/en/staff/drafts/%s/check", "/en/staff/drafts/%s/history"} {
		there, not := s.ask(t, "GET", fmt.Sprintf(x, "1")), s.ask(t, "GET", fmt.Sprintf(x, "9"))
		if there.StatusCode != not.StatusCode || strings.ReplaceAll(there.Header.Get("Location"), "1", "9") != strings.ReplaceAll(not.Header.Get("Location"), "1", "9") || there.body != not.body {
			t.Errorf("%s tells nobody which drafts there are: %d %d", x, there.StatusCode, not.StatusCode)
		}
	}
	r, err := http.NewRequest("GET", "/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	var w recorded
	metrics.ServeHTTP(&w, r)
	if strings.Contains(w.String(), marker) || strings.Contains(w.String(), "draft") && strings.Contains(w.String(), "zanzi") || !strings.Contains(w.String(), "cosignatory_revision 27") {
		t.Errorf("the numbers for operators tell of a draft, or nothing: %.300s", w.String())
	}
}

// recorded is an answer in memory.
type recorded struct {
	bytes.Buffer
	header http.Header
}

func (w *recorded) Header() http.Header {
	if w.header == nil {
		w.header = http.Header{}
	}
	return w.header
}
func (w *recorded) WriteHeader(int) {}

// TestMadeUpPageTokens: who makes up a page token, which has no secret in it, gets what an address gives, and no more work.
func TestMadeUpPageTokens(t *testing.T) {
	s := newSite(t)
	v := s.view(t)
	x, err := v.RevisionOf(t.Context(), v.Revision)
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range apiOperations() {
		if !op.list {
			continue
		}
		path := apiRoot + strings.NewReplacer(":slug", "tech-trafficking-2025", ":code", "KOR").Replace(op.pattern)
		for _, at := range []int64{1, 26, 27, 28, 1 << 20, 1 << 40} {
			for _, day := range []string{"1900-01-01", "2100-12-31", "2026-11-23"} {
				token := pageToken{v.Revision, register.MustDate(day).First(), at}
				sealed := token.seal(x.Hash + "\x00" + path + "\x00en")
				a := s.ask(t, "GET", path+"?limit=500&page="+sealed)
				if a.StatusCode != 200 && a.StatusCode != 400 {
					t.Errorf("%s at %d on %s answers %d", path, at, day, a.StatusCode)
				}
				if a.StatusCode != 200 {
					continue
				}
				var got struct {
					Total int
					Data  []json.RawMessage
				}
				if err := json.Unmarshal([]byte(a.body), &got); err != nil || len(got.Data) > 500 || len(got.Data) > got.Total {
					t.Errorf("%s at %d on %s: %d rows of %d, %v", path, at, day, len(got.Data), got.Total, err)
				}
			}
		}
	}
}

// TestAnswersTellNoVersion: no header names the program or a version; answers say their type and its letters; only public
// answers are open to the pages of other sites.
func TestAnswersTellNoVersion(t *testing.T) {
	s := newSite(t)
	for target, open := range map[string]bool{"/en/": false, "/en/nothing": false, "/en/staff/sign-in": false, "/healthz": false, "/en/declarations.csv": true, "/data/register.json": true, "/api/v1/declarations?limit=1": true, "/api/v1/nothing": true} {
		a := s.ask(t, "GET", target, "Origin", "https://evil.example")
		for _, name := range []string{"Server", "X-Powered-By", "Via", "X-Aspnet-Version", "Access-Control-Allow-Credentials"} {
			if a.Header.Get(name) != "" {
				t.Errorf("%s: %s: %s", target, name, a.Header.Get(name))
			}
		}
		if kind := a.Header.Get("Content-Type"); !strings.Contains(strings.ToLower(kind), "charset=utf-8") && !strings.Contains(kind, "json") {
			t.Errorf("%s is of type %q", target, kind)
		}
		if got := a.Header.Get("Access-Control-Allow-Origin"); open && got != "*" || !open && got != "" {
			t.Errorf("%s is open to %q", target, got)
		}
		for name, want := range map[string]string{"X-Frame-Options": "DENY", "Strict-Transport-Security": "max-age=31536000", "Cross-Origin-Opener-Policy": "same-origin"} {
			if a.Header.Get(name) != want {
				t.Errorf("%s: %s: %q", target, name, a.Header.Get(name))
			}
		}
		if a.Header.Get("Referrer-Policy") == "" || a.Header.Get("Permissions-Policy") == "" {
			t.Errorf("%s: %v", target, a.Header)
		}
	}
}

// TestHalfAnswers: who asks and says that nothing more will come gets the answer or an error, never an empty one that says all
// is well.
func TestHalfAnswers(t *testing.T) {
	address := listening(t)
	for _, x := range []string{"GET /en/declarations?as_of=2020-01-%02d HTTP/1.1\r\nHost: x\r\n\r\n", "GET /en/declarations.csv?as_of=2020-02-%02d HTTP/1.1\r\nHost: x\r\n\r\n", "GET /api/v1/declarations?as_of=2020-03-%02d HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST /en/staff/sign-in?%d HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 20\r\n\r\nlogin=a&password=bcd"} {
		for i := range 8 {
			c, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(c, fmt.Sprintf(x, i+1))
			c.(*net.TCPConn).CloseWrite()
			c.SetReadDeadline(time.Now().Add(time.Minute))
			r, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err == nil {
				b, _ := io.ReadAll(r.Body)
				if r.StatusCode == 200 && len(b) == 0 {
					t.Errorf("%.40q answers 200 with nothing", x)
				}
			}
			c.Close()
		}
	}
}

// TestSourcesAreNeverFetched: whatever address a source has, the program only shows it: nothing that readers or staff do has it
// asked for.
func TestSourcesAreNeverFetched(t *testing.T) {
	var asked atomic.Int64
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer target.Close()
	s := newSite(t)
	d := madeUp(register.Action{Participant: "FRA", Kind: register.Signed})
	d.Sources[0].URL = target.URL + "/source"
	s.add(t, d)
	for _, path := range []string{"/en/declarations/made-up-2019", "/en/participants/FRA", "/en/search?q=" + url.QueryEscape(d.Sources[0].URL), "/en/changes", "/data/sources.csv", "/data/signatories.xlsx",
		"/api/v1/declarations/made-up-2019", "/feeds/changes.atom", "/sitemap.xml"} {
		if a := s.ask(t, "GET", path); a.StatusCode >= 500 {
			t.Errorf("%s: %d", path, a.StatusCode)
		}
	}
	b := s.as(t, "pub", store.Publisher)
	at := b.start("made-up-2019")
	for _, path := range []string{at, at + "/check", "/en/staff"} {
		b.open(path).says(t, "Made-up Statement")
	}
	if a := b.send("POST", "/en/staff/bring", url.Values{"do": {"text"}, "to": {"new"}, "text": {"France signed. " + d.Sources[0].URL}}); a.StatusCode >= 500 {
		t.Errorf("bringing a text: %d", a.StatusCode)
	}
	if err := s.store.Verify(t.Context(), nil); err != nil {
		t.Error(err)
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("the address of a source was asked for %d times", n)
	}
}
