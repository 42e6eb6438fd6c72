package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"cosignatory/store"
	"cosignatory/web/auth"
)

func runWith(in string, args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = mainWith(context.Background(), args, strings.NewReader(in), &o, &e)
	return code, o.String(), e.String()
}

func TestUserCommand(t *testing.T) {
	db := filepath.Join(t.TempDir(), "register.db")
	const password = "a long walk by the river"
	// Where there is no register, none is made: whoever mistypes the path would hand over an address that leads nowhere.
	if code, _, errs := run("user", "add", "anna", "--db", db); code != failed || !strings.Contains(errs, "cosignatory seed") {
		t.Errorf("without a register: %d %s", code, errs)
	}
	if _, err := os.Stat(db); err == nil {
		t.Error("a register was made")
	}
	if code, _, errs := runWith("", "user", "list", "--db", db); code != failed || !strings.Contains(errs, "cosignatory seed") {
		t.Errorf("without a register: %d %s", code, errs)
	}
	if code, _, errs := run("seed", "--db", db); code != done {
		t.Fatal(errs)
	}
	for _, c := range []struct {
		in   string
		args []string
		want int
		says string
	}{
		{password + "\n", []string{"add", "chief", "--role", "administrator", "--name", "The Chief", "--ask-password"}, done, "chief is now administrator"},
		{"", []string{"add", "other", "--name", "the  CHIEF"}, failed, "another account has the name"},
		{"", []string{"add", "anna", "--base-url", "https://register.example.org/", "--lang", "fr"}, done, "https://register.example.org/fr/staff/invitation/"},
		{"", []string{"add", "anna"}, failed, "already: choose another login, or give that one a new address by “cosignatory user reset-password anna”"},
		{"", []string{"add", "A na"}, usage, "no login"},
		{"", []string{"add", "bob", "--role", "king"}, usage, "reader, editor, publisher, administrator"},
		{"", []string{"add", "bob", "--lang", "xx"}, usage, `no language "xx": choose one of en, fr, es, ar, zh, ru`},
		{"", []string{"add", "bob", "--ask-password", password}, usage, "takes one login"},
		{"short\n", []string{"add", "bob", "--ask-password"}, failed, "at least 12 characters"},
		{"", []string{"add", "bob", "--ask-password"}, failed, "no password on standard input: give it there as one line, or run the command on a terminal"},
		{"", []string{"list"}, done, "anna   editor         invited"},
		{"", []string{"list", "--json"}, done, `"login": "chief"`},
		{"", []string{"role", "anna", "publisher"}, done, "anna is now publisher"},
		{"", []string{"role", "anna"}, usage, "a login and a role"},
		{"", []string{"role", "anna", "king"}, usage, "no role"},
		{"", []string{"role", "nobody", "reader"}, failed, "no account"},
		{"", []string{"disable", "chief"}, failed, "last administrator"},
		{"", []string{"role", "chief", "reader"}, failed, "last administrator"},
		{"", []string{"reset-password", "anna"}, done, "/fr/staff/invitation/"},
		{password + " 2", []string{"reset-password", "anna", "--ask-password"}, done, "new password"},
		{"", []string{"reset-password", "anna"}, done, "/fr/staff/reset/"},
		{"", []string{"disable", "anna"}, done, "anna is disabled"},
		{"", []string{"reset-password", "anna"}, failed, "user enable anna"},
		{"", []string{"enable", "anna"}, done, "anna is enabled"},
		{"", []string{"remove-factor", "anna"}, done, "no second factor"},
		{"", []string{}, usage, "reset-password"},
	} {
		args := append([]string{"user"}, c.args...)
		if len(c.args) > 0 {
			args = append(args, "--db", db)
		}
		code, out, errs := runWith(c.in, args...)
		if code != c.want || !strings.Contains(out+errs, c.says) {
			t.Errorf("%v: %d, want %d and %q; said %q %q", c.args, code, c.want, c.says, out, errs)
		}
		if strings.Contains(out+errs, password) && c.want == done {
			t.Errorf("%v prints the password", c.args)
		}
	}
}

// TestUserRemoveFactor: the command takes a second factor away, with its recovery codes and the sessions of its account, and the log
// says that it was done on the server itself.
func TestUserRemoveFactor(t *testing.T) {
	ctx := context.Background()
	db := filepath.Join(t.TempDir(), "register.db")
	s, err := store.Open(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, login := range []string{"anna", "bob"} {
		a := &store.Account{Login: login, Name: "Name of " + login, Role: store.Editor, Lang: "en", Password: "none", Secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", Step: 7}
		if err := s.SaveAccount(ctx, a); err != nil {
			t.Fatal(err)
		}
		if err := s.SetRecoveryCodes(ctx, a.ID, auth.RecoveryCodes()); err != nil {
			t.Fatal(err)
		}
		if err := s.Sessions(time.Hour, time.Hour).CommitCtx(store.WithOwner(ctx, &store.Owner{Account: a.ID}), "token of "+login, []byte("data"), time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	if code, out, errs := run("user", "remove-factor", "anna", "--db", db); code != done {
		t.Fatalf("%d %s %s", code, out, errs)
	}
	for login, there := range map[string]bool{"anna": false, "bob": true} {
		a, err := s.AccountByLogin(ctx, login)
		if err != nil {
			t.Fatal(err)
		}
		codes, err1 := s.RecoveryCodesLeft(ctx, a.ID)
		sessions, err2 := s.Signed(ctx, a.ID)
		if err1 != nil || err2 != nil || (a.Secret != "") != there || (a.Step != 0) != there || (codes > 0) != there || (len(sessions) > 0) != there {
			t.Errorf("%s afterwards: secret %q, step %d, %d codes, %d sessions (%v, %v)", login, a.Secret, a.Step, codes, len(sessions), err1, err2)
		}
	}
	if entries, _, err := s.AccountLog(ctx, "anna", 0, 1); err != nil || len(entries) != 1 || entries[0].What != "factor_off" || entries[0].Actor != store.CommandLine {
		t.Errorf("the log says %+v (%v)", entries, err)
	}
}

// serve prints the address that makes the first administrator, and only while there is no account.
func TestServeOffersTheSetUp(t *testing.T) {
	db := filepath.Join(t.TempDir(), "register.db")
	start := func() (base, setUp string, stop func()) {
		ctx, cancel := context.WithCancel(context.Background())
		out, in := io.Pipe()
		ended := make(chan int, 1)
		go func() {
			ended <- Main(ctx, []string{"serve", "--db", db, "--addr", "127.0.0.1:0"}, in, io.Discard)
			in.Close()
		}()
		lines := make(chan string, 20)
		go func() {
			for s := bufio.NewScanner(out); s.Scan(); {
				lines <- s.Text()
			}
		}()
		stop = func() { cancel(); <-ended }
		patience := 30 * time.Second
		for {
			select {
			case l := <-lines:
				if _, address, ok := strings.Cut(l, " on http://"); ok {
					base, patience = "http://"+address, time.Second // the set-up follows at once
				}
				if _, address, ok := strings.Cut(l, "No account yet. Set up the first administrator within 24 hours: "); ok {
					return base, address, stop
				}
			case <-time.After(patience):
				return base, "", stop
			}
		}
	}
	_, first, stop := start()
	stop()
	base, setUp, stop := start()
	if !regexp.MustCompile(`^`+regexp.QuoteMeta(base)+`/en/staff/set-up/[A-Za-z0-9_-]{43}$`).MatchString(setUp) || setUp == first {
		t.Fatalf("serve prints %q after %q", setUp, first)
	}
	first = base + strings.TrimPrefix(first, first[:strings.Index(first, "/en/")])
	if status, _, _ := get(t, first); status != http.StatusGone {
		t.Errorf("the set-up address of the last start answers %d", status)
	}
	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Jar: jar}
	r, err := browser.PostForm(setUp, url.Values{"login": {"chief"}, "name": {"The Chief"}, "password": {"a long walk by the river"}, "password_again": {"a long walk by the river"}})
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(r.Body)
	r.Body.Close()
	if r.StatusCode != 200 || r.Request.URL.Path != "/en/staff" || !strings.Contains(string(body), "The Chief") {
		t.Errorf("the set-up leads to %s: %d", r.Request.URL, r.StatusCode)
	}
	if status, _, _ := get(t, setUp); status != http.StatusGone {
		t.Errorf("the set-up address answers %d after its use", status)
	}
	stop()
	if _, again, stop := start(); again != "" {
		t.Errorf("with an account, serve prints %q", again)
		stop()
	} else {
		stop()
	}
}
