package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/pquerna/otp/totp"

	"cosignatory/store"
	"cosignatory/web/auth"
)

var cheap = auth.Passwords{Params: &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}}

// TestGuessesInAnHour: whoever tries one account from one strange address, from ever other ones, or from where its owner signs in,
// whenever they may, tries fewer than a hundred passwords in an hour.
func TestGuessesInAnHour(t *testing.T) {
	ctx := context.Background()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	s, err := store.Open(ctx, filepath.Join(t.TempDir(), "register.db"), store.WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const known = "198.51.100.7"
	if err := s.Log(ctx, store.Logged{Actor: "anna", Subject: "anna", What: store.SignedIn, Address: known}); err != nil {
		t.Fatal(err)
	}
	g := auth.Guard{Store: s}
	total := 0
	for name, from := range map[string]func(int) string{
		"a strange address": func(int) string { return "203.0.113.1" },
		"ever other ones":   func(i int) string { return fmt.Sprintf("2001:db8:0:%x::1", i) },
		"the owner's place": func(int) string { return known },
	} {
		begin, guesses := now, 0
		for i := 0; now.Sub(begin) < time.Hour; i++ {
			a, err := g.Password(ctx, "anna", from(i))
			if err != nil {
				t.Fatal(err)
			}
			if a.Wait == 0 {
				guesses++
				continue
			}
			if a.Wait > 15*time.Minute {
				t.Fatalf("%s: a wait of %v", name, a.Wait)
			}
			now = now.Add(a.Wait)
		}
		if guesses < 10 || guesses >= 100 {
			t.Errorf("from %s: %d passwords in an hour", name, guesses)
		}
		total += guesses
		now = now.Add(25 * time.Hour)
	}
	if total < 60 {
		t.Errorf("only %d in all", total)
	}
}

// TestNetwork: what limits count an address as.
func TestNetwork(t *testing.T) {
	for address, want := range map[string]string{
		"203.0.113.7":          "203.0.113.7/32",
		"::ffff:203.0.113.7":   "203.0.113.7/32",
		"2001:db8:1:2::":       "2001:db8:1:2::/64",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"2001:db8:1:3:3:4:5:6": "2001:db8:1:3::/64",
		"fe80::1%eth0":         "fe80::/64",
	} {
		if got := auth.Network(netip.MustParseAddr(address)).String(); got != want {
			t.Errorf("%s counts as %s, want %s", address, got, want)
		}
	}
}

// TestNobodyCostsAsMuch: a password is worked on as much for a login that nobody has as for one that somebody has, however it
// ends, so that the time of an answer does not tell which it was. What argon2 works on is memory, which can be counted.
func TestNobodyCostsAsMuch(t *testing.T) {
	ctx := context.Background()
	const memory = 8 << 10 // KiB
	p := auth.Passwords{Params: &argon2id.Params{Memory: memory, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}}
	const right = "a long walk by the river"
	hash, err := p.Hash(ctx, "anna", right)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ password, hash string }{"right": {right, hash}, "wrong": {"another walk by the river", hash}, "far too long": {strings.Repeat("x", 10_000), hash},
		"nobody's": {right, ""}, "nobody's and empty": {"", ""}} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		ok, err := p.Check(ctx, c.password, c.hash)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used < memory<<10 || used > 2*memory<<10 {
			t.Errorf("%s: %d KiB were worked on, want about %d", name, used>>10, memory)
		}
		if err != nil || ok != (name == "right") {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
	}
}

func TestPasswords(t *testing.T) {
	ctx := context.Background()
	for password, want := range map[string]error{
		"":                           auth.ErrShort,
		"elevenchars":                auth.ErrShort,
		"éééééééééé1":                auth.ErrShort, // characters, not bytes
		strings.Repeat("ab3 x!", 22): auth.ErrLong,
		"a           b":              auth.ErrShort, // blanks alone make nothing longer
		"aaaaaaaaaaaa":               auth.ErrCommon,
		"abcabcabcabc":               auth.ErrCommon,
		"Password1234":               auth.ErrCommon,
		"passwordpassword":           auth.ErrCommon,
		"anna-anna-anna":             auth.ErrCommon,
		"Cosignatory26!":             auth.ErrCommon,
		"a long walk by the river":   nil,
		"日本語のとても長い合言葉です": nil,
		"x7!kQ2#mN9$p":                    nil,
		strings.Repeat("river walk ", 11): nil,
	} {
		hash, err := cheap.Hash(ctx, "anna", password)
		if !errors.Is(err, want) || (err == nil) != (want == nil) {
			t.Errorf("%q: %v, want %v", password, err, want)
		}
		if err != nil {
			continue
		}
		if ok, err := cheap.Check(ctx, password, hash); !ok || err != nil {
			t.Errorf("%q does not fit its own hash: %v", password, err)
		}
		if ok, _ := cheap.Check(ctx, password+"x", hash); ok {
			t.Errorf("another password fits the hash of %q", password)
		}
	}
	// An accent typed as one sign or as two is the same.
	hash, err := cheap.Hash(ctx, "anna", "un \u00e9t\u00e9 tr\u00e8s long")
	if err != nil {
		t.Fatal(err)
	}
	if ok, _ := cheap.Check(ctx, "un e\u0301te\u0301 tre\u0300s long", hash); !ok {
		t.Error("a password typed on another keyboard does not fit")
	}
	for _, password := range []string{"", "anything at all"} {
		if ok, err := cheap.Check(ctx, password, ""); ok || err != nil {
			t.Errorf("no hash: %v %v", ok, err)
		}
	}
}

// What production takes, and that a check without an account costs as much as one with.
func TestCost(t *testing.T) {
	if c := auth.Cost; c.Memory < 19*1024 || c.Memory*c.Iterations < 2*19*1024 || c.SaltLength < 16 || c.KeyLength < 32 {
		t.Errorf("too cheap: %+v", c)
	}
	ctx := context.Background()
	var p auth.Passwords
	hash, err := p.Hash(ctx, "anna", "a long walk by the river")
	if err != nil {
		t.Fatal(err)
	}
	if params, _, _, err := argon2id.DecodeHash(hash); err != nil || params.Memory != auth.Cost.Memory || params.Iterations != auth.Cost.Iterations {
		t.Errorf("%+v %v", params, err)
	}
	took := func(hash string) time.Duration {
		best := time.Hour
		for range 5 {
			begin := time.Now()
			if ok, err := p.Check(ctx, "some other password", hash); ok || err != nil {
				t.Fatal(ok, err)
			}
			best = min(best, time.Since(begin))
		}
		return best
	}
	if with, without := took(hash), took(""); without < with/2 || with < without/2 {
		t.Errorf("a check takes %v with an account and %v without", with, without)
	}
}

func TestSecondFactor(t *testing.T) {
	secret, address, err := auth.NewSecret("anna")
	if err != nil || !strings.HasPrefix(address, "otpauth://totp/Cosignatory:anna?") {
		t.Fatal(address, err)
	}
	if again, ok := auth.SecretAddress("anna", secret); !ok || !strings.Contains(again, "secret="+secret) {
		t.Error(again, ok)
	}
	for _, bad := range []string{"", "ABC", "not base32 at all!", strings.Repeat("A", 200)} {
		if _, ok := auth.SecretAddress("anna", bad); ok {
			t.Errorf("%q passes for a secret", bad)
		}
	}
	now := time.Unix(1_800_000_015, 0)
	for off, want := range map[time.Duration]bool{0: true, -30 * time.Second: true, 30 * time.Second: true, 60 * time.Second: false, -60 * time.Second: false} {
		code, err := totp.GenerateCode(secret, now.Add(off))
		if err != nil {
			t.Fatal(err)
		}
		step := auth.Step(code, secret, now)
		if (step > 0) != want || want && step != now.Add(off).Unix()/30 {
			t.Errorf("a code of %v from now: step %d", off, step)
		}
	}
	for _, code := range []string{"", "12345", "1234567", "abcdef", "000000 000000"} {
		if auth.Step(code, secret, now) != 0 {
			t.Errorf("%q passes for a code", code)
		}
	}
	seen := map[string]bool{}
	for _, c := range auth.RecoveryCodes() {
		if len(c) != 19 || seen[c] || auth.RecoveryCode(" "+strings.ToUpper(strings.ReplaceAll(c, "-", " "))) != c {
			t.Errorf("recovery code %q", c)
		}
		seen[c] = true
	}
}

func TestLoginsAndNames(t *testing.T) {
	for login, want := range map[string]bool{"ann": true, "anna.li-2": true, "an": false, "2ann": false, "Anna": false, "an na": false, "ann\x00": false, "ännä": false,
		strings.Repeat("a", 40): true, strings.Repeat("a", 41): false, "": false} {
		if auth.ValidLogin(login) != want {
			t.Errorf("%q: %v", login, !want)
		}
	}
	for typed, want := range map[string]string{" Anna \t Li ": "Anna Li", "李安娜": "李安娜", "": "", "  ": "", "An\u202ena": "", "An\u0000na": "", "A\u200bnna": ""} {
		name, err := auth.Name(typed)
		if want != "" && (name != want || err != nil) || want == "" && err == nil {
			t.Errorf("%q: %q %v", typed, name, err)
		}
	}
}
