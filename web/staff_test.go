package web

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"
	"github.com/pquerna/otp/totp"

	"cosignatory/store"
	"cosignatory/web/auth"
)

// Every address of staff is asked for by every role and by nobody.
func TestEveryStaffRouteWithEveryRole(t *testing.T) {
	o := newOffice(t)
	for _, role := range store.Roles {
		o.account(t, string(role), role)
	}
	own := map[string]bool{}
	for _, r := range append(append([]staffRoute{}, entryRoutes...), accountRoutes...) {
		own[r.method+r.pattern] = true
	}
	fill := strings.NewReplacer(":token", "abc", ":id", "2", ":slug", "tech-trafficking-2025", ":number", "1")
	codes := map[string]string{"participants": "KOR", "groups": "ASEAN", "topics": "human-rights"}
	seen := map[string]bool{}
	for _, role := range append([]store.Role{""}, store.Roles...) {
		t.Run("role "+string(role), func(t *testing.T) {
			v := o.visitor(t)
			for _, r := range staffRoutes() {
				if key := string(role) + r.method + r.pattern; seen[key] {
					t.Errorf("%s %s stands twice", r.method, r.pattern)
				} else {
					seen[key] = true
				}
				if r.needs != "" && r.needs.Rank() < 0 {
					t.Errorf("%s %s needs an unknown role %q", r.method, r.pattern, r.needs)
				}
				if role != "" && !v.inside() {
					v.signIn(string(role), testPassword)
				}
				path := fill.Replace(r.pattern)
				for kind, code := range codes {
					path = strings.Replace(path, kind+"/:code", kind+"/"+code, 1)
				}
				a := v.do(r.method, "/en/staff"+path, "")
				if a.StatusCode >= 500 {
					t.Errorf("%s %s answers %d: %.300s", r.method, r.pattern, a.StatusCode, a.text)
					continue
				}
				if !slices.Equal(a.Header.Values("Cache-Control"), []string{"no-store"}) || a.Header.Get("X-Robots-Tag") != "noindex" {
					t.Errorf("%s %s may be kept: %q, %q", r.method, r.pattern, a.Header.Values("Cache-Control"), a.Header.Get("X-Robots-Tag"))
				}
				toSignIn := a.StatusCode == http.StatusSeeOther && strings.HasPrefix(a.Header.Get("Location"), "/en/staff/sign-in")
				switch {
				case r.needs != "" && role == "":
					if !toSignIn {
						t.Errorf("%s %s by nobody: %d, want the sign-in", r.method, r.pattern, a.StatusCode)
					}
				case r.needs != "" && role.Rank() < r.needs.Rank():
					if a.StatusCode != http.StatusForbidden || !strings.Contains(a.text, "This is open to: ") || !strings.Contains(a.text, string(r.needs)) {
						t.Errorf("%s %s by a %s: %d, want 403 that says which role can: %.300s", r.method, r.pattern, role, a.StatusCode, a.text)
					}
				default:
					if a.StatusCode == http.StatusForbidden || toSignIn && !strings.HasSuffix(r.pattern, "/second-factor") {
						t.Errorf("%s %s by a %s: %d %s", r.method, r.pattern, role, a.StatusCode, a.Header.Get("Location"))
					}
					if own[r.method+r.pattern] {
						want := "200 303"
						switch {
						case strings.Contains(r.pattern, ":token"):
							want = "410"
						case r.method == "POST":
							want = "200 303 400 422"
						}
						if !strings.Contains(want, fmt.Sprint(a.StatusCode)) {
							t.Errorf("%s %s by a %s: %d, want one of %s", r.method, r.pattern, role, a.StatusCode, want)
						}
					}
				}
			}
		})
	}
	nobody := &store.Account{Role: store.Administrator, Disabled: true}
	server, _ := New(Config{Store: o.store, BaseURL: testBase})
	for _, role := range append([]store.Role{"owner"}, store.Roles...) {
		if server.may(nobody, role) || server.may(nil, role) {
			t.Errorf("nobody, or a disabled account, may what needs a %s", role)
		}
	}
	if server.may(&store.Account{Role: "owner"}, store.Reader) {
		t.Error("an unknown role may something")
	}
}

func (o *office) oneTime(t *testing.T, purpose store.Purpose, account int64) string {
	t.Helper()
	token := auth.Token()
	if err := o.store.KeepOneTime(context.Background(), token, purpose, account, o.now().Add(OneTimeLifetime)); err != nil {
		t.Fatal(err)
	}
	return OneTimePath("en", purpose, token)
}

func TestSetUpWorksOnce(t *testing.T) {
	o := newOffice(t)
	path := o.oneTime(t, store.Setup, 0)
	v := o.visitor(t)
	a := v.get(path)
	a.is(t, 200)
	if a.Header.Get("Referrer-Policy") != "same-origin" {
		t.Error("the address of the set-up is passed on to other sites")
	}
	bad := v.post(path, "login", "X", "name", " ", "password", "short", "password_again", "short")
	bad.is(t, 422)
	bad.says(t, "3 to 40 small letters", "Enter a name", "at least 12 characters")
	v.post(path, "login", "chief", "name", "Chief", "password", "passwordpassword", "password_again", "passwordpassword").is(t, 422)
	v.post(path, "login", "chief", "name", "Chief", "password", testPassword, "password_again", testPassword+"!").is(t, 422)

	form := func(login string) []string {
		return []string{"login", login, "name", "The Chief", "password", testPassword, "password_again", testPassword}
	}
	var wg sync.WaitGroup
	statuses := make([]int, 8)
	for i := range statuses {
		w := o.visitor(t)
		wg.Go(func() { statuses[i] = w.post(path, form(fmt.Sprintf("chief-%d", i))...).StatusCode })
	}
	wg.Wait()
	made := 0
	for _, s := range statuses {
		if s == 303 {
			made++
		} else if s != 410 {
			t.Errorf("a second use of the set-up address: %d", s)
		}
	}
	if n, _ := o.store.CountAccounts(context.Background()); made != 1 || n != 1 {
		t.Fatalf("%d set-ups at once succeeded and made %d accounts", made, n)
	}
	v.get(path).is(t, 410)
	v.post(path, form("second")...).is(t, 410)
	// A set-up address that is still open is of no use once there is an administrator.
	v.get(o.oneTime(t, store.Setup, 0)).is(t, 410)
	v.post(o.oneTime(t, store.Setup, 0), form("second")...).is(t, 410)
}

// TestSetUpBesideOthers: an account that is no administrator does not shut the first administrator out.
func TestSetUpBesideOthers(t *testing.T) {
	o := newOffice(t)
	path := o.oneTime(t, store.Setup, 0)
	if err := o.store.SaveAccount(context.Background(), &store.Account{Login: "eva", Name: "Eva", Role: store.Editor}); err != nil {
		t.Fatal(err)
	}
	v := o.visitor(t)
	v.get(path).is(t, 200)
	form := []string{"login", "eva", "name", "The Chief", "password", testPassword, "password_again", testPassword}
	taken := v.post(path, form...)
	taken.is(t, 422)
	taken.says(t, "There is an account with this login.")
	form[1] = "chief"
	v.post(path, form...).is(t, 303)
	v.get(path).is(t, 410)
}

func TestOneTimeAddressesExpire(t *testing.T) {
	o := newOffice(t)
	path := o.oneTime(t, store.Setup, 0)
	v := o.visitor(t)
	o.wait(24*time.Hour - time.Second)
	v.get(path).is(t, 200)
	o.wait(time.Second)
	v.get(path).is(t, 410)
	v.post(path, "login", "chief", "name", "Chief", "password", testPassword, "password_again", testPassword).is(t, 410)
}

// handedOver is the one-time address that a page shows.
func (a *answer) handedOver(t *testing.T) string {
	t.Helper()
	m := regexp.MustCompile(`http://register\.example\.org(/en/staff/(?:invitation|reset)/[A-Za-z0-9_-]{43})<`).FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("no one-time address is shown: %.500s", a.text)
	}
	return m[1]
}

func TestInvitationAndReset(t *testing.T) {
	o := newOffice(t)
	o.account(t, "chief", store.Administrator)
	chief := o.signedIn(t, "chief")
	a := chief.post("/en/staff/accounts", "login", "Anna", "name", " Anna   Li ", "role", "editor")
	a.is(t, 200)
	invitation := a.handedOver(t)
	chief.post("/en/staff/accounts", "login", "anna", "name", "Other", "role", "editor").is(t, 422)
	chief.post("/en/staff/accounts", "login", "a", "name", "", "role", "king").is(t, 422)
	ctx := context.Background()
	anna, err := o.store.AccountByLogin(ctx, "anna")
	if err != nil || anna.Name != "Anna Li" || anna.Role != store.Editor {
		t.Fatal(anna, err)
	}
	target := fmt.Sprintf("/en/staff/accounts/%d", anna.ID)

	// A new invitation ends the one before.
	second := chief.post(target, "do", "invite").handedOver(t)
	v := o.visitor(t)
	v.get(invitation).is(t, 410)
	v.get(second).says(t, "Anna Li, you have been invited as editor")
	v.post(second, "password", testPassword, "password_again", testPassword).leadsTo(t, "/en/staff")
	if !v.inside() {
		t.Error("whoever accepts an invitation is not signed in")
	}
	v.post(second, "password", testPassword, "password_again", testPassword).is(t, 410)

	// A reset: the old password works until it is used, then nothing of the old is left.
	old := o.signedIn(t, "anna")
	reset := chief.post(target, "do", "reset").handedOver(t)
	if !old.inside() {
		t.Error("giving out a reset signs out")
	}
	w := o.visitor(t)
	w.post(reset, "password", testPassword+" twice", "password_again", testPassword+" twice").is(t, 303)
	if old.inside() || v.inside() || !w.inside() {
		t.Error("after a reset the old sessions live on, or the new one does not")
	}
	o.visitor(t).post("/en/staff/sign-in", "login", "anna", "password", testPassword).is(t, 422)
	w.post(reset, "password", testPassword, "password_again", testPassword).is(t, 410)

	// A disabled account's address is dead.
	reset = chief.post(target, "do", "reset").handedOver(t)
	chief.post(target, "do", "disable").leadsTo(t, target)
	if w.inside() {
		t.Error("a disabled account is still signed in")
	}
	o.visitor(t).post(reset, "password", testPassword, "password_again", testPassword).is(t, 410)
	chief.post(target, "do", "enable").leadsTo(t, target)
	o.visitor(t).post(reset, "password", testPassword, "password_again", testPassword).is(t, 410)

	// A reset does not get around the second factor.
	secret := o.factor(t, "anna")
	reset = chief.post(target, "do", "reset").handedOver(t)
	x := o.visitor(t)
	x.post(reset, "password", testPassword, "password_again", testPassword).leadsTo(t, "/en/staff/second-factor")
	if x.inside() {
		t.Error("a reset signs in without the second factor")
	}
	x.post("/en/staff/second-factor", "code", o.code(t, secret)).leadsTo(t, "/en/staff")
}

// factor gives an account a second factor.
func (o *office) factor(t *testing.T, login string) (secret string) {
	t.Helper()
	secret, _, err := auth.NewSecret(login)
	if err != nil {
		t.Fatal(err)
	}
	a, err := o.store.AccountByLogin(context.Background(), login)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.store.ChangeAccount(context.Background(), a.ID, func(a *store.Account) error { a.Secret = secret; return nil }); err != nil {
		t.Fatal(err)
	}
	return secret
}

func (o *office) code(t *testing.T, secret string) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, o.now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// Nothing that an answer says tells whether there is such an account.
func TestNoHintWhetherAnAccountExists(t *testing.T) {
	o := newOffice(t)
	o.account(t, "real", store.Editor)
	gone := o.account(t, "gone", store.Editor)
	ctx := context.Background()
	if _, err := o.store.ChangeAccount(ctx, gone.ID, func(a *store.Account) error { a.Disabled = true; return nil }); err != nil {
		t.Fatal(err)
	}
	if err := o.store.SaveAccount(ctx, &store.Account{Login: "late", Name: "Late", Role: store.Editor, Lang: "en"}); err != nil {
		t.Fatal(err)
	}
	o.account(t, "twos", store.Editor)
	o.factor(t, "twos")
	want := ""
	for _, c := range [][2]string{{"none", "wrong password here"}, {"real", "wrong password here"}, {"gone", "wrong password here"}, {"gone", testPassword}, {"late", ""},
		{"late", testPassword}, {"twos", "wrong password here"}, {"real", strings.Repeat("x", 100_000)}, {"none", testPassword}, {"Rea ", testPassword}} {
		v := o.visitor(t)
		v.address = "203.0.113." + c[0][:1]
		a := v.post("/en/staff/sign-in", "login", c[0], "password", c[1])
		a.is(t, 422)
		body := strings.ReplaceAll(a.body, `value="`+store.Login(c[0])+`"`, `value=""`)
		if want == "" {
			want = body
		}
		if body != want {
			t.Errorf("the answer to %v differs from the others", c)
		}
		if len(a.Cookies()) > 0 {
			t.Errorf("a failure sets a cookie")
		}
	}
	// Nor does slowing.
	o.account(t, "slow", store.Editor)
	v := o.visitor(t)
	for _, login := range []string{"slow", "nobody"} { // nothing was tried on either before
		var statuses []int
		for range 8 {
			statuses = append(statuses, v.post("/en/staff/sign-in", "login", login, "password", "wrong password here").StatusCode)
		}
		if fmt.Sprint(statuses) != "[422 422 422 422 422 429 429 429]" {
			t.Errorf("%s: %v", login, statuses)
		}
	}
}

func TestGuessingIsSlowedAndTheOwnerNotLockedOut(t *testing.T) {
	o := newOffice(t)
	o.account(t, "anna", store.Editor)
	owner := o.visitor(t)
	owner.address = "198.51.100.7"
	owner.signIn("anna", testPassword)
	owner.post("/en/staff/sign-out").leadsTo(t, "/en/staff/signed-out")

	// A burst at once is counted before any of it is checked.
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := map[int]int{}
	for i := range 60 {
		w := o.visitor(t)
		w.address = fmt.Sprintf("203.0.113.%d", i)
		wg.Go(func() {
			s := w.post("/en/staff/sign-in", "login", "anna", "password", "wrong password here").StatusCode
			mu.Lock()
			got[s]++
			mu.Unlock()
		})
	}
	wg.Wait()
	if got[422] != 5 || got[429] != 55 {
		t.Errorf("60 guesses at once: %v, want 5 of them checked", got)
	}
	guesser := o.visitor(t)
	guesser.address = "203.0.113.99"
	slow := guesser.post("/en/staff/sign-in", "login", "anna", "password", testPassword)
	slow.is(t, 429)
	slow.says(t, "Too many attempts")
	if slow.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	// The owner comes in from where they were before, at once, and from elsewhere after two minutes at most.
	owner.signIn("anna", testPassword)
	for range 30 {
		o.wait(2 * time.Minute)
		guesser.post("/en/staff/sign-in", "login", "anna", "password", "wrong password here")
	}
	away := o.visitor(t)
	away.address = "192.0.2.1"
	o.wait(2 * time.Minute)
	away.signIn("anna", testPassword)

	// One address that tries many accounts is slowed too, and more.
	many := o.visitor(t)
	many.address = "203.0.113.200"
	for i := range 20 {
		many.post("/en/staff/sign-in", "login", fmt.Sprintf("user%d", i), "password", "wrong password here").is(t, 422)
	}
	many.post("/en/staff/sign-in", "login", "another", "password", "wrong password here").is(t, 429)
	// A client may not choose its address: only a proxy on this machine is believed, and only about the last step.
	many.address = "1.2.3.4, 203.0.113.200"
	many.post("/en/staff/sign-in", "login", "another", "password", "wrong password here").is(t, 429)
	many.address = "::ffff:203.0.113.200"
	many.post("/en/staff/sign-in", "login", "another", "password", "wrong password here").is(t, 429)
	// All addresses of one network of version 6 are one.
	for i := range 20 {
		many.address = fmt.Sprintf("2001:db8:1:2::%x", i+1)
		many.post("/en/staff/sign-in", "login", fmt.Sprintf("person%d", i), "password", "wrong password here").is(t, 422)
	}
	many.address = "2001:db8:1:2:ffff::1"
	many.post("/en/staff/sign-in", "login", "yet-another", "password", "wrong password here").is(t, 429)
	many.address = "2001:db8:1:3::1"
	many.post("/en/staff/sign-in", "login", "yet-another", "password", "wrong password here").is(t, 422)
}

func TestSessions(t *testing.T) {
	o := newOffice(t)
	o.account(t, "anna", store.Editor)
	// Fixation: a token from before sign-in is not the one after it.
	v := o.visitor(t)
	u, _ := url.Parse(o.URL)
	v.client.Jar.SetCookies(u, []*http.Cookie{{Name: "cosignatory", Value: "known-to-an-attacker", Path: "/"}})
	v.signIn("anna", testPassword)
	first := v.token()
	if first == "known-to-an-attacker" || len(first) < 40 {
		t.Fatalf("the token after sign-in is %q", first)
	}
	unkept := func(a *answer) {
		t.Helper()
		if got := a.Header.Values("Cache-Control"); !slices.Equal(got, []string{"no-store"}) {
			t.Errorf("%s %s may be kept: %q", a.Request.Method, a.Request.URL.Path, got)
		}
	}
	unkept(v.post("/en/staff/sign-in", "login", "anna", "password", testPassword))
	if v.token() == first {
		t.Error("a second sign-in keeps the token")
	}
	unkept(v.get("/en/staff/account"))
	thief := o.visitor(t)
	thief.client.Jar.SetCookies(u, []*http.Cookie{{Name: "cosignatory", Value: first, Path: "/"}})
	if thief.inside() {
		t.Error("the token from before still works")
	}
	thief.client.Jar.SetCookies(u, []*http.Cookie{{Name: "cosignatory", Value: v.token(), Path: "/"}})
	if !thief.inside() {
		t.Fatal("a copied token should work until sign-out")
	}
	out := v.post("/en/staff/sign-out")
	out.leadsTo(t, "/en/staff/signed-out")
	unkept(out)
	unkept(v.get("/en/staff/signed-out"))
	if c := out.Cookies(); len(c) != 1 || c[0].Name != "cosignatory" || c[0].Value != "" || c[0].MaxAge >= 0 && !c[0].Expires.Before(time.Now()) {
		t.Errorf("sign-out leaves the cookie: %v", c)
	}
	if thief.inside() || v.inside() || v.token() != "" {
		t.Error("a session lives on after sign-out")
	}

	// The tokens of the file open nothing.
	a := o.signedIn(t, "anna")
	raw, err := sql.Open("sqlite3", o.path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	var hash, address, agent string
	if err := raw.QueryRow("SELECT hash, address, agent FROM session WHERE account > 0").Scan(&hash, &address, &agent); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(hash, a.token()) || address != "127.0.0.1" {
		t.Error(hash, address)
	}

	// The list, ending one, ending the others.
	b, c := o.signedIn(t, "anna"), o.signedIn(t, "anna")
	page := a.get("/en/staff/account")
	page.says(t, "You are signed in in 3 places", "Firefox on Linux", "127.0.0.1", "this one")
	a.post("/en/staff/account", "do", "revoke", "session", store.SessionHash(b.token())).leadsTo(t, "/en/staff/account")
	a.get("/en/staff/account").says(t, "That session has ended")
	a.get("/en/staff/account").saysNot(t, "That session has ended")
	if b.inside() || !c.inside() || !a.inside() {
		t.Error("revoking one session")
	}
	// Nobody ends the sessions of others.
	o.account(t, "bob", store.Reader)
	bob := o.signedIn(t, "bob")
	bob.post("/en/staff/account", "do", "revoke", "session", store.SessionHash(c.token()))
	if !c.inside() {
		t.Error("a session was ended by somebody else")
	}
	a.post("/en/staff/account", "do", "revoke_others").leadsTo(t, "/en/staff/account")
	if c.inside() || !a.inside() || !bob.inside() {
		t.Error("revoking the others")
	}

	// Idle for two hours, or twelve hours old.
	o.wait(2 * time.Hour)
	if a.inside() {
		t.Error("an idle session lives on")
	}
	a.get("/en/staff/account").leadsTo(t, "/en/staff/sign-in?expired=1&next=%2Fstaff%2Faccount")
	d := o.signedIn(t, "anna")
	for range 11 {
		o.wait(time.Hour)
		if !d.inside() {
			t.Fatal("a session in use ended")
		}
	}
	o.wait(time.Hour)
	if d.inside() {
		t.Error("a session lives longer than twelve hours")
	}
}

// A request under way when its session ends does not bring it back.
func TestAnEndedSessionStaysEnded(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	x := o.store.Sessions(sessionLifetime, sessionIdle)
	owner := &store.Owner{Account: 1}
	during := store.WithOwner(ctx, owner)
	if err := x.CommitCtx(during, "token", []byte("data"), time.Time{}); err != nil {
		t.Fatal(err)
	}
	owner.Known = "token"
	if err := x.DeleteCtx(ctx, "token"); err != nil {
		t.Fatal(err)
	}
	if err := x.CommitCtx(during, "token", []byte("more"), time.Time{}); err != nil {
		t.Fatal(err)
	}
	if err := x.Touch(during, "token"); err != nil {
		t.Fatal(err)
	}
	if _, found, err := x.FindCtx(ctx, "token"); found || err != nil {
		t.Error("the session came back", err)
	}
}

func TestSignedOutEverywhere(t *testing.T) {
	o := newOffice(t)
	o.account(t, "chief", store.Administrator)
	anna := o.account(t, "anna", store.Editor)
	chief := o.signedIn(t, "chief")
	target := fmt.Sprintf("/en/staff/accounts/%d", anna.ID)

	a, b := o.signedIn(t, "anna"), o.signedIn(t, "anna")
	chief.post(target, "do", "role", "role", "publisher").leadsTo(t, target)
	if a.inside() || b.inside() {
		t.Error("signed in after a change of role")
	}
	a, b = o.signedIn(t, "anna"), o.signedIn(t, "anna")
	token := a.token()
	a.post("/en/staff/account", "do", "password", "current", "not it at all", "password", testPassword+" 2", "password_again", testPassword+" 2").is(t, 422)
	if !b.inside() {
		t.Error("a refused change of password signs out")
	}
	same := a.post("/en/staff/account", "do", "password", "current", testPassword, "password", testPassword, "password_again", testPassword)
	same.is(t, 422)
	same.says(t, "This is the password that you have now. Choose another.")
	if !b.inside() {
		t.Error("a change to the same password signs out")
	}
	a.post("/en/staff/account", "do", "password", "current", testPassword, "password", testPassword+" 2", "password_again", testPassword+" 2").leadsTo(t, "/en/staff/account")
	if b.inside() || !a.inside() || a.token() == token {
		t.Error("after a change of password the others are signed in, or the own session has its old token")
	}
	o.visitor(t).post("/en/staff/sign-in", "login", "anna", "password", testPassword).is(t, 422)
	c := o.visitor(t)
	c.signIn("anna", testPassword+" 2")
	chief.post(target, "do", "disable").leadsTo(t, target)
	if a.inside() || c.inside() {
		t.Error("signed in after being disabled")
	}
	c.post("/en/staff/sign-in", "login", "anna", "password", testPassword+" 2").is(t, 422)

	// The last administrator stays one; somebody only invited does not count.
	if err := o.store.SaveAccount(context.Background(), &store.Account{Login: "late", Name: "Late", Role: store.Administrator, Lang: "en"}); err != nil {
		t.Fatal(err)
	}
	me, _ := o.store.AccountByLogin(context.Background(), "chief")
	mine := fmt.Sprintf("/en/staff/accounts/%d", me.ID)
	chief.get(mine).says(t, "This is the last administrator")
	for _, do := range [][]string{{"do", "disable"}, {"do", "role", "role", "reader"}} {
		r := chief.post(mine, do...)
		r.is(t, 422)
		r.says(t, "This is the last administrator")
	}
	o.account(t, "deputy", store.Administrator)
	chief.post(mine, "do", "role", "role", "reader").leadsTo(t, mine)
	if chief.inside() {
		t.Error("signed in after one's own change of role")
	}
}

func TestSecondFactor(t *testing.T) {
	o := newOffice(t)
	o.account(t, "anna", store.Editor)
	v := o.signedIn(t, "anna")
	other := o.signedIn(t, "anna")
	page := v.get("/en/staff/account/factor")
	page.is(t, 200)
	m := regexp.MustCompile(`name="secret" value="([A-Z2-7]{32})"`).FindStringSubmatch(page.body)
	if m == nil || !strings.Contains(page.body, "otpauth://totp/") || !strings.Contains(page.body, `class="qr"`) {
		t.Fatal("no secret, address or code is shown")
	}
	secret := m[1]
	wrong := v.post("/en/staff/account/factor", "secret", secret, "password", testPassword, "code", "000000")
	wrong.is(t, 422)
	if !strings.Contains(wrong.body, secret) {
		t.Error("after a wrong code the secret is another")
	}
	token := v.token()
	done := v.post("/en/staff/account/factor", "secret", secret, "password", testPassword, "code", o.code(t, secret))
	done.is(t, 200)
	codes := regexp.MustCompile(`[a-z2-7]{4}(?:-[a-z2-7]{4}){3}`).FindAllString(done.body, -1)
	if len(codes) != 10 {
		t.Fatalf("%d recovery codes", len(codes))
	}
	if other.inside() || !v.inside() || v.token() == token {
		t.Error("turning the second factor on leaves other sessions, or keeps the token")
	}
	v.get("/en/staff/account").says(t, "10 recovery codes are left")

	// The code that was used for turning it on is spent.
	w := o.visitor(t)
	first := w.post("/en/staff/sign-in", "login", "anna", "password", testPassword, "next", "/staff/account")
	first.leadsTo(t, "/en/staff/second-factor?next=%2Fstaff%2Faccount")
	if w.inside() {
		t.Fatal("signed in by the password alone")
	}
	pending := w.token()
	w.get("/en/staff/second-factor").is(t, 200)
	w.post("/en/staff/second-factor", "code", o.code(t, secret)).is(t, 422)
	o.wait(30 * time.Second)
	code := o.code(t, secret)
	w.post("/en/staff/second-factor", "code", code[:3]+" "+code[3:], "next", "/staff/account").leadsTo(t, "/en/staff/account")
	if !w.inside() || w.token() == pending {
		t.Error("the token is the same after the second factor")
	}
	// Replayed.
	x := o.visitor(t)
	x.signIn("anna", testPassword)
	x.post("/en/staff/second-factor", "code", code).is(t, 422)
	// A recovery code, however it is typed, works once.
	x.post("/en/staff/second-factor", "code", strings.ToUpper(strings.ReplaceAll(codes[3], "-", " "))).leadsTo(t, "/en/staff")
	y := o.visitor(t)
	y.signIn("anna", testPassword)
	y.post("/en/staff/second-factor", "code", codes[3]).is(t, 422)
	y.post("/en/staff/second-factor", "code", codes[4]).leadsTo(t, "/en/staff")
	y.get("/en/staff/account").says(t, "8 recovery codes are left")

	// The password is asked for before anything is changed.
	y.post("/en/staff/account/factor/codes", "password", "not the password").is(t, 422)
	y.post("/en/staff/account/factor/codes", "password", testPassword).is(t, 200)
	z := o.visitor(t)
	z.signIn("anna", testPassword)
	z.post("/en/staff/second-factor", "code", codes[5]).is(t, 422)

	// The wait for the code ends after ten minutes, and with a change of password.
	o.wait(11 * time.Minute)
	z.post("/en/staff/second-factor", "code", o.code(t, secret)).leadsTo(t, "/en/staff/sign-in")
	z.signIn("anna", testPassword)
	y.post("/en/staff/account", "do", "password", "current", testPassword, "password", testPassword+" 2", "password_again", testPassword+" 2").is(t, 303)
	z.post("/en/staff/second-factor", "code", o.code(t, secret)).leadsTo(t, "/en/staff/sign-in")

	y.post("/en/staff/account/factor/remove", "password", "not the password").is(t, 422)
	o.wait(time.Minute)
	elsewhere := o.visitor(t)
	elsewhere.signIn("anna", testPassword+" 2")
	elsewhere.post("/en/staff/second-factor", "code", o.code(t, secret)).leadsTo(t, "/en/staff")
	y.post("/en/staff/account/factor/remove", "password", testPassword+" 2").leadsTo(t, "/en/staff/account")
	if elsewhere.inside() || !y.inside() {
		t.Error("removing the second factor leaves other sessions, or ends the own one")
	}
	y.get("/en/staff/account").says(t, "Signing in asks for the password only")

	// Guessing codes is slowed.
	o.factor(t, "anna")
	g := o.visitor(t)
	g.address = "203.0.113.9"
	g.signIn("anna", testPassword+" 2")
	for range 5 {
		g.post("/en/staff/second-factor", "code", "123456").is(t, 422)
	}
	g.post("/en/staff/second-factor", "code", "123456").is(t, 429)
}

// TestFactorAsksForPassword: a stolen session ties the account to no authenticator: without the password, or with a wrong one, a right
// code changes nothing and ends no session, guesses of it are slowed, and the page says what is wrong in its reader's language
// and keeps what may be kept.
func TestFactorAsksForPassword(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	before := o.account(t, "anna", store.Editor)
	owner, thief := o.signedIn(t, "anna"), o.visitor(t)
	u, _ := url.Parse(o.URL)
	thief.client.Jar.SetCookies(u, []*http.Cookie{{Name: "cosignatory", Value: owner.token(), Path: "/"}})
	thief.address = "203.0.113.9"
	secret, _, err := auth.NewSecret("anna")
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range [][]string{{}, {"password", ""}, {"password", "a wrong one, typed"}} {
		a := thief.post("/fr/staff/account/factor", append([]string{"secret", secret, "code", o.code(t, secret)}, form...)...)
		a.is(t, 422)
		a.says(t, "Ce n’est pas votre mot de passe.")
		if !strings.Contains(a.body, `value="`+secret+`"`) || !strings.Contains(a.body, `value="`+o.code(t, secret)+`"`) || strings.Contains(a.body, "a wrong one, typed") {
			t.Errorf("%v: the secret or the code is lost, or the password is shown", form)
		}
		if label := regexp.MustCompile(`<label for="password">([^<]*)</label>\s*<input type="password" id="password" name="password" value=""`).FindStringSubmatch(a.body); label == nil ||
			label[1] != "Votre mot de passe actuel" {
			t.Errorf("%v: the field has the label %q", form, label)
		}
	}
	both := thief.post("/en/staff/account/factor", "secret", secret, "code", "000000", "password", "wrong")
	both.is(t, 422)
	both.says(t, "This is not your password.", "This code is not right")
	thief.post("/en/staff/account/factor", "secret", secret, "code", o.code(t, secret), "password", "wrong").is(t, 422)
	slow := thief.post("/en/staff/account/factor", "secret", secret, "code", o.code(t, secret), "password", testPassword)
	slow.is(t, 429)
	slow.says(t, "Too many attempts")
	if slow.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	after, err := o.store.Account(ctx, before.ID)
	if err != nil || after.Secret != "" || after.Step != 0 || after.Password != before.Password {
		t.Errorf("the account has changed: %+v (%v)", after, err)
	}
	if left, err := o.store.RecoveryCodesLeft(ctx, before.ID); left != 0 || err != nil {
		t.Errorf("%d recovery codes were made (%v)", left, err)
	}
	if !owner.inside() {
		t.Error("the owner is signed out")
	}
	if entries, _, err := o.store.AccountLog(ctx, "anna", 0, 1); err != nil || len(entries) != 1 || entries[0].What != "failed" || entries[0].Address != "203.0.113.9" {
		t.Errorf("the log says %+v (%v)", entries, err)
	}
	owner.post("/en/staff/account/factor", "secret", secret, "code", o.code(t, secret), "password", testPassword).is(t, 200)
	if thief.inside() || !owner.inside() {
		t.Error("after the owner has turned it on, the thief is inside or the owner is not")
	}
}

// TestAdministratorTakesFactorAway: an administrator takes the second factor of somebody who has lost it away by the form, which ends
// their sessions and recovery codes and is logged by name; nobody of a lower role does, and no administrator their own without the
// password.
func TestAdministratorTakesFactorAway(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	chief, anna := o.account(t, "chief", store.Administrator), o.account(t, "anna", store.Editor)
	o.account(t, "pub", store.Publisher)
	secret := o.factor(t, "anna")
	if err := o.store.SetRecoveryCodes(ctx, anna.ID, auth.RecoveryCodes()); err != nil {
		t.Fatal(err)
	}
	v, pending := o.signedIn(t, "anna"), o.signedIn(t, "anna")
	v.post("/en/staff/second-factor", "code", o.code(t, secret)).leadsTo(t, "/en/staff")
	target := fmt.Sprintf("/en/staff/accounts/%d", anna.ID)
	factor := func(a *store.Account) string {
		t.Helper()
		a, err := o.store.Account(ctx, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		return a.Secret
	}
	o.signedIn(t, "pub").post(target, "do", "remove_factor").is(t, 403)
	if !v.inside() || factor(anna) != secret {
		t.Error("a publisher took a factor away")
	}
	w := o.signedIn(t, "chief")
	w.post(target, "do", "remove_factor").leadsTo(t, target)
	w.get(target).says(t, "Second factor removed.")
	if left, err := o.store.RecoveryCodesLeft(ctx, anna.ID); factor(anna) != "" || left != 0 || err != nil {
		t.Errorf("the factor is there still, or %d recovery codes (%v)", left, err)
	}
	if v.inside() {
		t.Error("who lost the factor is signed in still")
	}
	o.wait(time.Minute)
	pending.post("/en/staff/second-factor", "code", o.code(t, secret)).leadsTo(t, "/en/staff/sign-in")
	if entries, _, err := o.store.AccountLog(ctx, "anna", 0, 1); err != nil || len(entries) != 1 || entries[0].What != "factor_off" || entries[0].Actor != "chief" {
		t.Errorf("the log says %+v (%v)", entries, err)
	}
	v.signIn("anna", testPassword)
	if !v.inside() {
		t.Error("the password alone does not sign in")
	}

	own := o.factor(t, "chief")
	w.signIn("chief", testPassword)
	w.post("/en/staff/second-factor", "code", o.code(t, own)).leadsTo(t, "/en/staff")
	w.post(fmt.Sprintf("/en/staff/accounts/%d", chief.ID), "do", "remove_factor").leadsTo(t, "/en/staff/account")
	if factor(chief) != own {
		t.Error("an administrator's own factor was taken away without the password")
	}
}

func TestCompulsorySecondFactor(t *testing.T) {
	o := newOffice(t)
	o.account(t, "chief", store.Administrator)
	o.account(t, "anna", store.Editor)
	anna := o.signedIn(t, "anna")
	chief := o.signedIn(t, "chief")
	chief.post("/en/staff/settings", "second_factor", "yes", "one_person", "yes").leadsTo(t, "/en/staff/settings")
	if v, _ := o.store.Setting(context.Background(), store.OnePersonOffice); v != "yes" {
		t.Error("the setting was not kept")
	}
	for _, v := range []*visitor{anna, chief} {
		for _, path := range []string{"/en/staff", "/en/staff/account", "/en/staff/reference"} {
			v.get(path).leadsTo(t, "/en/staff/account/factor")
		}
		v.post("/en/staff/account", "do", "profile", "name", "X", "lang", "en").leadsTo(t, "/en/staff/account/factor")
	}
	page := anna.get("/en/staff/account/factor")
	page.says(t, "compulsory")
	secret := regexp.MustCompile(`name="secret" value="([A-Z2-7]{32})"`).FindStringSubmatch(page.body)[1]
	anna.post("/en/staff/account/factor", "secret", secret, "code", o.code(t, secret)).is(t, 422)
	anna.post("/en/staff/account/factor", "secret", secret, "password", testPassword, "code", o.code(t, secret)).is(t, 200)
	anna.get("/en/staff/account").is(t, 200)
	anna.post("/en/staff/account/factor/remove", "password", testPassword).leadsTo(t, "/en/staff/account")
	if a, _ := o.store.AccountByLogin(context.Background(), "anna"); a.Secret == "" {
		t.Error("a compulsory second factor was removed by its owner")
	}
	anna.post("/en/staff/sign-out").leadsTo(t, "/en/staff/signed-out")
}

func TestCrossSitePostsAreRefused(t *testing.T) {
	o := newOffice(t)
	o.account(t, "chief", store.Administrator)
	v := o.signedIn(t, "chief")
	plain := v.headers
	for _, h := range []map[string]string{{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}} {
		v.headers = h
		for _, r := range staffRoutes() {
			if r.method != "POST" {
				continue
			}
			path := regexp.MustCompile(`:\w+`).ReplaceAllString(r.pattern, "1")
			a := v.do("POST", "/en/staff"+path, "login=x")
			if a.StatusCode != 403 || !strings.Contains(a.text, "another site") || len(a.Cookies()) > 0 {
				t.Errorf("%v POST %s: %d %.200s", h, r.pattern, a.StatusCode, a.text)
			}
		}
	}
	v.headers = plain
	if !v.inside() {
		t.Error("a post from another site signed out")
	}
	for _, h := range []map[string]string{{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://register.example.org"}, {"Origin": o.URL}} {
		v.headers = h
		v.post("/en/staff/account", "do", "profile", "name", "Chief", "lang", "en").is(t, 303)
	}
	// Only staff may post at all.
	for _, path := range []string{"/en/", "/en/declarations", "/en/staffing", "/data/actions.csv"} {
		v.do("POST", path, "").is(t, 405)
	}
	v.do("PUT", "/en/staff/account", "").is(t, 405)
}

func TestNoOpenRedirect(t *testing.T) {
	for next, want := range map[string]string{
		"/staff":                              "/staff",
		"/staff/drafts/3?a=b%20c":             "/staff/drafts/3?a=b%20c",
		"/staff/account":                      "/staff/account",
		"//evil.example/staff":                "",
		"https://evil.example/staff":          "",
		"/staff/../../evil":                   "",
		"/staff/%2e%2e/x":                     "",
		"/staff//evil.example":                "",
		"/staff\\evil":                        "",
		"/staffx":                             "",
		"/declarations":                       "",
		"staff/account":                       "",
		"javascript:alert(1)":                 "",
		"/staff/sign-in":                      "",
		"/staff/sign-in?next=/staff":          "",
		"/staff/second-factor":                "",
		"/staff/set-up/x":                     "",
		"/staff/account\r\nX: y":              "",
		"/staff/" + strings.Repeat("x", 2000): "",
		"":                                    "",
	} {
		if got := ownPath(next); got != want {
			t.Errorf("%q leads on to %q, want %q", next, got, want)
		}
	}
	o := newOffice(t)
	o.account(t, "anna", store.Editor)
	for _, next := range []string{"//evil.example", "https://evil.example/staff", "/staff/..//evil.example"} {
		v := o.visitor(t)
		page := v.get("/en/staff/sign-in?next=" + url.QueryEscape(next))
		page.is(t, 200)
		if strings.Contains(page.body, "evil") {
			t.Errorf("the sign-in page carries %q along", next)
		}
		v.post("/en/staff/sign-in", "login", "anna", "password", testPassword, "next", next).leadsTo(t, "/en/staff")
	}
	v := o.visitor(t)
	v.get("/fr/staff/account?x=1").leadsTo(t, "/fr/staff/sign-in?next=%2Fstaff%2Faccount%3Fx%3D1")
	v.post("/fr/staff/sign-in", "login", "anna", "password", testPassword, "next", "/staff/account?x=1").leadsTo(t, "/fr/staff/account?x=1")
	v.get("/fr/staff/sign-in").leadsTo(t, "/en/staff") // to the language of the account
}

// A post after the session has ended leads to the sign-in, and from there back to the page it came from.
func TestExpiredWhileTyping(t *testing.T) {
	o := newOffice(t)
	o.account(t, "anna", store.Editor)
	v := o.signedIn(t, "anna")
	o.wait(3 * time.Hour)
	v.headers["Referer"] = "http://register.example.org/fr/staff/drafts/7?focus=x"
	v.post("/fr/staff/drafts/7", "title", "typed").leadsTo(t, "/fr/staff/sign-in?expired=sent&next=%2Fstaff%2Fdrafts%2F7%3Ffocus%3Dx")
	// Only the script of the page knows of a copy: without it none is promised.
	v.get("/fr/staff/sign-in?expired=sent&next=%2Fstaff%2Fdrafts%2F7").says(t, "ce que vous avez envoyé n’a pas été enregistré")
	ended := v.get("/en/staff/sign-in?expired=1&next=%2Fstaff%2Fdrafts%2F7")
	ended.says(t, "Your session has ended. Sign in to go on.")
	ended.saysNot(t, "the browser kept a copy")
	v.headers["Referer"] = "http://evil.example/fr/staff/drafts/7"
	v.post("/fr/staff/drafts/7", "title", "typed").leadsTo(t, "/fr/staff/sign-in?expired=sent")
	v.headers["Accept"] = "application/json"
	v.post("/fr/staff/drafts/7/keep", "title", "typed").is(t, 401)
}

func TestPublicPagesKnowNoSessions(t *testing.T) {
	o := newOffice(t)
	o.account(t, "anna", store.Editor)
	v := o.signedIn(t, "anna")
	for _, path := range []string{"/", "/en/", "/en/declarations", "/en/declarations/tech-trafficking-2025", "/en/declarations.csv", "/data/actions.csv", "/healthz", "/robots.txt", "/en/nothing", "/fr/search?q=x"} {
		for _, w := range []*visitor{v, o.visitor(t)} {
			a := w.get(path)
			if len(a.Header.Values("Set-Cookie")) > 0 || strings.Contains(a.Header.Get("Vary"), "Cookie") || strings.Contains(a.body, "Anna Test") {
				t.Errorf("%s knows who is signed in: %v", path, a.Header)
			}
		}
	}
	o.wait(3 * time.Hour)
	if a := v.get("/en/staff/sign-in"); len(a.Header.Values("Set-Cookie")) > 0 {
		t.Error("the sign-in page sets a cookie before anybody signs in")
	}
}

func TestCookieOverHTTPS(t *testing.T) {
	o := newOfficeAt(t, "https://register.example.org")
	o.account(t, "anna", store.Editor)
	a := o.visitor(t).post("/en/staff/sign-in", "login", "anna", "password", testPassword)
	a.is(t, 303)
	c := a.Cookies()
	if len(c) != 1 || c[0].Name != "__Host-cosignatory" || !c[0].Secure || !c[0].HttpOnly || c[0].SameSite != http.SameSiteLaxMode || c[0].Path != "/" || c[0].Domain != "" {
		t.Fatalf("%+v", c)
	}
	if a.Header.Get("Cache-Control") != "no-store" || len(a.Header.Values("Cache-Control")) != 1 {
		t.Error(a.Header.Values("Cache-Control"))
	}
	v := o.visitor(t)
	v.headers["Cookie"] = c[0].Name + "=" + c[0].Value
	if !v.inside() {
		t.Error("the cookie does not sign in")
	}
	v.headers["Cookie"] = "cosignatory=" + c[0].Value
	if v.inside() {
		t.Error("a cookie without the prefix signs in")
	}
}

func TestForms(t *testing.T) {
	o := newOffice(t)
	o.account(t, "anna", store.Editor)
	v := o.signedIn(t, "anna")
	big := v.do("POST", "/en/staff/account", "do=profile&name="+strings.Repeat("x", MaxForm))
	big.is(t, 413)
	big.says(t, "eight megabytes")
	v.do("POST", "/en/staff/account", strings.Repeat("a=&", maxFormFields+1)).is(t, 413)
	v.do("POST", "/en/staff/account", "do=profile&name=%ff%fe").is(t, 400)
	v.do("POST", "/en/staff/account", "do=profile&name=%zz").is(t, 400)
	v.post("/en/staff/account", "do", "dance").is(t, 400)
	v.headers["Content-Type"] = "application/json"
	v.do("POST", "/en/staff/account", "{}").is(t, 400)
	delete(v.headers, "Content-Type")
	for name, want := range map[string]string{"": "Enter a name", strings.Repeat("ü", 101): "too long", "An\u202ena": "invisible", "An\x00na": "invisible"} {
		a := v.post("/en/staff/account", "do", "profile", "name", name, "lang", "en")
		a.is(t, 422)
		a.says(t, want)
	}
	v.post("/en/staff/account", "do", "profile", "name", "Anna", "lang", "xx").is(t, 422)
	v.post("/en/staff/account", "do", "profile", "name", "<b>Änna</b>", "lang", "fr", "public_name", "yes").leadsTo(t, "/fr/staff/account")
	a := v.get("/fr/staff/account")
	if strings.Contains(a.body, "<b>Änna") || !strings.Contains(a.text, "<b>Änna</b>") {
		t.Error("a name is not escaped")
	}
	got, _ := o.store.AccountByLogin(context.Background(), "anna")
	if !got.ShowName || got.Lang != "fr" {
		t.Errorf("%+v", got)
	}
	v.get("/en/staff/account.csv").is(t, 404)
	v.get("/en/staff/nothing").is(t, 404)
	v.get("/xx/staff/account").is(t, 404)
}

func TestAccountLog(t *testing.T) {
	o := newOffice(t)
	o.account(t, "chief", store.Administrator)
	anna := o.account(t, "anna", store.Editor)
	v := o.visitor(t)
	v.address = "203.0.113.5"
	v.post("/en/staff/sign-in", "login", "anna", "password", "wrong password here").is(t, 422)
	v.post("/en/staff/sign-in", "login", "my secret password", "password", "x").is(t, 422)
	v.signIn("anna", testPassword)
	chief := o.signedIn(t, "chief")
	chief.post(fmt.Sprintf("/en/staff/accounts/%d", anna.ID), "do", "role", "role", "publisher")
	chief.post("/en/staff/settings", "one_person", "yes")
	page := chief.get("/en/staff/log")
	page.is(t, 200)
	page.says(t, "Sign-in failed: wrong login or password.", "a login that nobody has", "203.0.113.5", "Role changed from editor to publisher.", "Settings changed: One person may write and publish: on.", "Signed in.")
	page.saysNot(t, "my secret password")
	chief.get("/en/staff/log?account=anna").saysNot(t, "Settings changed")
	chief.get("/en/staff/log?page=9").is(t, 404)
	chief.get(fmt.Sprintf("/en/staff/accounts/%d", anna.ID)).says(t, "Role changed from editor to publisher.")
	for range 60 {
		if err := o.store.Log(context.Background(), store.Logged{Subject: "anna", What: "exported"}); err != nil {
			t.Fatal(err)
		}
	}
	chief.get("/en/staff/log?account=anna&page=2").is(t, 200)

	raw, err := sql.Open("sqlite3", o.path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	for _, q := range []string{"UPDATE account_log SET what = 'nothing'", "DELETE FROM account_log", "DELETE FROM account_log WHERE id = 1", "INSERT OR REPLACE INTO account_log SELECT 1, at, actor, subject, 'nothing', detail, address FROM account_log WHERE id = 2"} {
		if _, err := raw.Exec(q); err == nil {
			t.Errorf("the account log let %q through", q)
		}
	}
}

// TestNamesAreTold: a change of name is in the account log with both names, and nobody takes a name that is another account's but for
// capitals, accents, blanks or dots: neither by the own account nor by that of somebody new.
func TestNamesAreTold(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	o.account(t, "chief", store.Administrator)
	o.account(t, "anna", store.Publisher)
	eve := o.account(t, "eve", store.Editor)
	gone := o.account(t, "gone", store.Publisher)
	if _, err := o.store.ChangeAccount(ctx, gone.ID, func(a *store.Account) error { a.Disabled = true; return nil }); err != nil {
		t.Fatal(err)
	}
	v, chief := o.signedIn(t, "eve"), o.signedIn(t, "chief")
	for _, name := range []string{"Anna Test", "ANNA  test", "Ánna Tëst.", "Ａｎｎａ Test", "Gone Test"} {
		a := v.post("/en/staff/account", "do", "profile", "name", name, "lang", "en", "public_name", "yes")
		a.is(t, 422)
		a.says(t, "Another account has this name")
		if !strings.Contains(a.body, `value="`+name+`"`) {
			t.Errorf("%q: what was typed is lost", name)
		}
		a = chief.post("/en/staff/accounts", "login", "new", "name", name, "role", "editor")
		a.is(t, 422)
		a.says(t, "Another account has this name")
		if _, err := o.store.AccountByLogin(ctx, "new"); err == nil {
			t.Fatalf("an account was added by the name of %q", name)
		}
	}
	chief.post("/en/staff/accounts", "login", "anna", "name", "anna test", "role", "editor").says(t, "There is an account with this login", "Another account has this name")
	v.post("/fr/staff/account", "do", "profile", "name", "Anna Test", "lang", "fr").says(t, "Un autre compte porte déjà ce nom")
	if now, err := o.store.Account(ctx, eve.ID); err != nil || now.Name != "Eve Test" || now.ShowName {
		t.Errorf("%+v (%v)", now, err)
	}
	if entries, _, err := o.store.AccountLog(ctx, "eve", 0, 9); err != nil || len(entries) != 1 || entries[0].What != store.SignedIn {
		t.Errorf("refusals left %+v in the log (%v)", entries, err)
	}
	// The own name in other letters is no other account's, and a save that changes no name is not a change of it.
	v.post("/en/staff/account", "do", "profile", "name", "EVE Test", "lang", "en", "public_name", "yes").leadsTo(t, "/en/staff/account")
	v.post("/en/staff/account", "do", "profile", "name", "EVE Test", "lang", "en", "public_name", "yes").leadsTo(t, "/en/staff/account")
	v.post("/en/staff/account", "do", "profile", "name", "Eve <i>Li</i>", "lang", "en", "public_name", "yes").leadsTo(t, "/en/staff/account")
	entries, _, err := o.store.AccountLog(ctx, "eve", 0, 9)
	var got []string
	for _, l := range entries {
		got = append(got, l.Actor+" "+l.What)
	}
	if want := []string{"eve name", "eve public_name_on", "eve name", "eve signed_in"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("the log has %q, want %q (%v)", got, want, err)
	}
	page := chief.get("/en/staff/log?account=eve")
	page.says(t, "Name changed from “Eve Test” to “EVE Test”.", "Name changed from “EVE Test” to “Eve <i>Li</i>”.")
	if strings.Contains(page.body, "<i>Li") {
		t.Error("a name is not escaped in the log")
	}
}

// What one person changes does not undo what another changed meanwhile.
func TestChangesOfOneAccountDoNotUndoEachOther(t *testing.T) {
	o := newOffice(t)
	anna := o.account(t, "anna", store.Editor)
	ctx := context.Background()
	if _, err := o.store.ChangeAccount(ctx, anna.ID, func(a *store.Account) error { a.Disabled = true; return nil }); err != nil {
		t.Fatal(err)
	}
	a, err := o.store.ChangeAccount(ctx, anna.ID, func(a *store.Account) error { a.Name = "Anna B"; return nil })
	if err != nil || !a.Disabled {
		t.Error("a change of name enabled the account", err)
	}
}

// Tokens of one-time addresses do not reach the log of requests.
func TestTokensAreNotLogged(t *testing.T) {
	o := newOffice(t)
	var log bytes.Buffer
	server, err := New(Config{Store: o.store, BaseURL: testBase, Now: o.now, Log: slog.New(slog.NewJSONHandler(&log, nil)), Passwords: cheap})
	if err != nil {
		t.Fatal(err)
	}
	for p, name := range map[store.Purpose]string{store.Setup: "set-up", store.Invitation: "invitation", store.Reset: "reset"} {
		plain := OneTimePath("en", p, "s3cret-token")
		first := fmt.Sprintf("%%%x", name[0])
		for _, path := range []string{plain, plain + "/", plain + ".x", plain + "?again=1", "/en/staff/" + first + name[1:] + "/s3cret-token", "/en/%73taff/" + name + "/s3cret-token",
			"/en/%73%74aff/" + first + name[1:] + "/s3cret-token/", "/en%2Fstaff%2F" + name + "%2Fs3cret-token", "/en/staff//" + name + "/s3cret-token", "/en/staff/./" + name + "/s3cret-token"} {
			for _, from := range []string{"same-origin", "cross-site"} { // what comes from another site is in the log of refusals too
				for _, method := range []string{"GET", "POST"} {
					log.Reset()
					req := httptest.NewRequest(method, path, nil)
					req.Header.Set("Sec-Fetch-Site", from)
					server.ServeHTTP(httptest.NewRecorder(), req)
					if strings.Contains(log.String(), "s3cret") || !strings.Contains(log.String(), `/staff/`+name+`/…"`) {
						t.Errorf("%s %s from %s: %s", method, path, from, log.String())
					}
				}
			}
		}
	}
	// A token that works is not in the log whatever way its address is written.
	log.Reset()
	path := o.oneTime(t, store.Reset, o.account(t, "anna", store.Editor).ID)
	token := path[strings.LastIndex(path, "/")+1:]
	shown := httptest.NewRecorder()
	server.ServeHTTP(shown, httptest.NewRequest("GET", strings.Replace(path, "/reset/", "/%72eset/", 1), nil))
	if shown.Code != 200 || strings.Contains(log.String(), token) {
		t.Error(shown.Code, log.String())
	}
}

// TestRefusalsAreLogged: whoever is refused something is named in the log, with what it was and which role it needs; so is a form
// that comes from another site.
func TestRefusalsAreLogged(t *testing.T) {
	o := newOffice(t)
	var mu sync.Mutex
	var log bytes.Buffer
	o.server().Log = slog.New(slog.NewJSONHandler(writerFunc(func(b []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return log.Write(b)
	}), nil))
	o.account(t, "anna", store.Reader)
	v := o.visitor(t)
	v.signIn("anna", testPassword)
	v.get("/en/staff/accounts").is(t, 403)
	v.post("/en/staff/settings", "required", "yes").is(t, 403)
	req, err := http.NewRequest("POST", o.URL+"/en/staff/account?x=1", strings.NewReader("do=revoke_others"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	a, err := v.client.Do(req)
	if err != nil || a.StatusCode != 403 {
		t.Fatalf("a form of another site: %v, %v", a, err)
	}
	a.Body.Close()
	mu.Lock()
	defer mu.Unlock()
	var got []string
	for line := range strings.Lines(log.String()) {
		var l struct{ Level, Msg, Account, Role, Method, URI, Why, ID string }
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		if l.Msg == "refused" {
			if l.Level != "WARN" || l.ID == "" {
				t.Errorf("%+v", l)
			}
			got = append(got, strings.Join([]string{l.Account, l.Role, l.Method, l.URI, l.Why}, " "))
		}
	}
	want := []string{"anna reader GET /en/staff/accounts needs administrator", "anna reader POST /en/staff/settings needs administrator", "  POST /en/staff/account?x=1 another site"}
	if !slices.Equal(got, want) {
		t.Errorf("the log says %q, want %q", got, want)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }
