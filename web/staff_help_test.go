package web

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"golang.org/x/net/html"

	"cosignatory/store"
	"cosignatory/web/auth"
)

// cheap passwords keep tests quick.
var cheap = auth.Passwords{Params: &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}}

const testPassword = "a long walk by the river"

// office is a site with staff, and a clock that tests move.
type office struct {
	*site
	clock atomic.Int64
}

func (o *office) now() time.Time { return time.Unix(o.clock.Load(), 0).UTC() }

func (o *office) wait(d time.Duration) { o.clock.Add(int64(d / time.Second)) }

func newOffice(t *testing.T) *office { return newOfficeAt(t, "http://register.example.org") }

func newOfficeAt(t *testing.T, base string) *office {
	t.Helper()
	from, err := template()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "register.db")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	o := &office{}
	o.clock.Store(testNow.Unix())
	s, err := store.Open(context.Background(), path, store.WithClock(o.now))
	if err != nil {
		t.Fatal(err)
	}
	server, err := New(Config{Store: s, BaseURL: base, Now: o.now, Spool: t.TempDir(), Passwords: cheap})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(server)
	t.Cleanup(func() { h.Close(); s.Close() })
	o.site = &site{h, s, path}
	return o
}

// account adds an account whose password is testPassword.
func (o *office) account(t *testing.T, login string, role store.Role) *store.Account {
	t.Helper()
	hash, err := cheap.Hash(context.Background(), login, testPassword)
	if err != nil {
		t.Fatal(err)
	}
	a := &store.Account{Login: login, Name: strings.ToUpper(login[:1]) + login[1:] + " Test", Role: role, Lang: "en", Password: hash}
	if err := o.store.SaveAccount(context.Background(), a); err != nil {
		t.Fatal(err)
	}
	return a
}

// visitor is one browser.
type visitor struct {
	o       *office
	t       *testing.T
	client  *http.Client
	address string // where from; empty: this machine
	headers map[string]string
}

func (o *office) visitor(t *testing.T) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{o: o, t: t, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		headers: map[string]string{"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}}
}

// signedIn is a browser in which an account is signed in.
func (o *office) signedIn(t *testing.T, login string) *visitor {
	t.Helper()
	v := o.visitor(t)
	v.signIn(login, testPassword)
	return v
}

func (v *visitor) do(method, target, body string) *answer {
	v.t.Helper()
	req, err := http.NewRequest(method, v.o.URL+target, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	if method == "POST" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range v.headers {
		req.Header.Set(name, value)
	}
	if v.address != "" {
		req.Header.Set("X-Forwarded-For", v.address)
	}
	r, err := v.client.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	a := &answer{Response: r, body: string(b)}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") && len(b) > 0 {
		if a.doc, err = html.Parse(strings.NewReader(a.body)); err != nil {
			v.t.Fatal(err)
		}
		a.text = textOf(a.doc)
	}
	return a
}

func (v *visitor) get(target string) *answer { v.t.Helper(); return v.do("GET", target, "") }

// post sends a form of name and value pairs.
func (v *visitor) post(target string, pairs ...string) *answer {
	v.t.Helper()
	f := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return v.do("POST", target, f.Encode())
}

func (v *visitor) signIn(login, password string) {
	v.t.Helper()
	if a := v.post("/en/staff/sign-in", "login", login, "password", password); a.StatusCode != http.StatusSeeOther {
		v.t.Fatalf("%s signs in: %d %.300s", login, a.StatusCode, a.text)
	}
}

// inside says whether the browser is signed in.
func (v *visitor) inside() bool {
	v.t.Helper()
	return v.get("/en/staff/account").StatusCode == http.StatusOK
}

// token is the session's cookie.
func (v *visitor) token() string {
	u, _ := url.Parse(v.o.URL)
	for _, c := range v.client.Jar.Cookies(u) {
		if c.Name == "cosignatory" {
			return c.Value
		}
	}
	return ""
}

func (a *answer) is(t *testing.T, status int) {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("%s %s answers %d, want %d: %.400s", a.Request.Method, a.Request.URL.RequestURI(), a.StatusCode, status, a.text)
	}
}

func (a *answer) leadsTo(t *testing.T, location string) {
	t.Helper()
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != location {
		t.Fatalf("%s %s answers %d to %q, want 303 to %q: %.300s", a.Request.Method, a.Request.URL.RequestURI(), a.StatusCode, a.Header.Get("Location"), location, a.text)
	}
}
