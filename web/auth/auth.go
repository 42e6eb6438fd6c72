// Package auth knows how staff prove who they are: passwords, second factors, one-time tokens, and how guessing is slowed.
// It knows no HTTP.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"cosignatory/store"
)

// The bounds of a password, in characters. Length is what makes one hard to guess; there are no other rules.
const (
	MinPassword = 12
	MaxPassword = 128
	longestOld  = 200 // what a password could have when the bound was another
)

// A password outside those bounds, or one that guessers try first.
var (
	ErrShort  = errors.New("auth: password too short")
	ErrLong   = errors.New("auth: password too long")
	ErrCommon = errors.New("auth: password too common")
)

// Cost is what a hash costs: about 50 ms and 64 MiB. Hashing at most two at a time bounds the memory.
var Cost = argon2id.Params{Memory: 64 * 1024, Iterations: 2, Parallelism: 2, SaltLength: 16, KeyLength: 32}

var hashing = make(chan struct{}, 2)

// Passwords hashes and checks passwords. Its zero value costs what Cost says; only tests make it cheaper.
type Passwords struct {
	Params *argon2id.Params
}

func (p Passwords) params() *argon2id.Params {
	if p.Params == nil {
		return &Cost
	}
	return p.Params
}

// Hash is what is kept of a password of a login.
func (p Passwords) Hash(ctx context.Context, login, password string) (string, error) {
	password = norm.NFC.String(password) // keyboards differ in how they write an accent
	switch {
	case utf8.RuneCountInString(strings.Join(strings.Fields(password), " ")) < MinPassword: // blanks alone make nothing longer
		return "", ErrShort
	case utf8.RuneCountInString(password) > MaxPassword:
		return "", ErrLong
	case common(login, password):
		return "", ErrCommon
	}
	select {
	case hashing <- struct{}{}:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	defer func() { <-hashing }()
	return argon2id.CreateHash(password, p.params())
}

// common refuses one short run over and over, and the words that guessers begin with and little besides.
func common(login, password string) bool {
	p := strings.ToLower(password)
	for n := 1; n <= 4; n++ {
		if run := strings.Repeat(p[:n], len(p)/n+1); len(p) > n && run[:len(p)] == p {
			return true
		}
	}
	rest := p
	for _, word := range []string{login, "correcthorsebatterystaple", "password", "passwort", "motdepasse", "cosignatory", "administrator", "123456789", "qwertyuiop",
		"azertyuiop", "qwertzuiop", "abcdefghij", "letmein", "iloveyou", "welcome"} {
		if word != "" {
			rest = strings.ReplaceAll(rest, word, "")
		}
	}
	return len(rest) < 6 && len(rest) < len(p)
}

// dummy is a hash that no password has, at the cost of the others: an account that does not exist takes as long as one that
// does.
func (p Passwords) dummy() string {
	c := p.params()
	random := func(n uint32) string {
		b := make([]byte, n)
		if _, err := rand.Read(b); err != nil {
			panic(err)
		}
		return base64.RawStdEncoding.EncodeToString(b)
	}
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.Memory, c.Iterations, c.Parallelism, random(c.SaltLength), random(c.KeyLength))
}

// Check says whether a password is the one that a hash was made of. An empty hash costs as much and fits nothing.
func (p Passwords) Check(ctx context.Context, password, hash string) (bool, error) {
	password = norm.NFC.String(password)
	if utf8.RuneCountInString(password) > longestOld {
		password = ""
	}
	given := hash != ""
	if !given {
		hash = p.dummy()
	}
	select {
	case hashing <- struct{}{}:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	defer func() { <-hashing }()
	ok, err := argon2id.ComparePasswordAndHash(password, hash)
	return ok && given, err
}

// Token is a token for addresses and sessions: 256 bits.
func Token() string {
	var b [32]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic(err) // the system has no randomness: nothing here is safe
	}
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// NewSecret is a fresh secret for a second factor, and its address for an authenticator.
func NewSecret(login string) (secret, address string, err error) {
	k, err := totp.Generate(totp.GenerateOpts{Issuer: "Cosignatory", AccountName: login})
	if err != nil {
		return "", "", err
	}
	return k.Secret(), k.URL(), nil
}

// SecretAddress is the address for an authenticator of a secret that NewSecret made.
func SecretAddress(login, secret string) (address string, ok bool) {
	b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil || len(b) < 20 || len(b) > 64 {
		return "", false
	}
	k, err := totp.Generate(totp.GenerateOpts{Issuer: "Cosignatory", AccountName: login, Secret: b})
	if err != nil {
		return "", false
	}
	return k.URL(), true
}

const period = 30 // seconds

// Step is the step at which a six-digit code is right: the current one, or one to either side for clocks that differ; 0 for
// a wrong code.
func Step(code, secret string, now time.Time) int64 {
	code = strings.Join(strings.Fields(code), "")
	for _, off := range []int64{0, -1, 1} {
		step := now.Unix()/period + off
		want, err := totp.GenerateCodeCustom(secret, time.Unix(step*period, 0), totp.ValidateOpts{Period: period, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && len(code) == len(want) && subtle.ConstantTimeCompare([]byte(code), []byte(want)) == 1 {
			return step
		}
	}
	return 0
}

// RecoveryCodes are ten codes to be used once each, in place of a second factor that is lost.
func RecoveryCodes() []string {
	codes := make([]string, 10)
	for i := range codes {
		var b [10]byte
		if _, err := rand.Read(b[:]); err != nil {
			panic(err)
		}
		c := strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
		codes[i] = c[:4] + "-" + c[4:8] + "-" + c[8:12] + "-" + c[12:]
	}
	return codes
}

// RecoveryCode is a code as it is kept, however it was typed.
func RecoveryCode(typed string) string {
	c := strings.ToLower(strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, typed))
	if len(c) != 16 {
		return ""
	}
	return c[:4] + "-" + c[4:8] + "-" + c[8:12] + "-" + c[12:]
}

// Network is what limits count an address as: itself, or for one of version 6 the 64 bits that name its network, since whoever has
// one of those has 2^64 of them. An address of version 4 written in version 6 is one of version 4.
func Network(ip netip.Addr) netip.Prefix {
	ip = ip.Unmap().WithZone("")
	bits := ip.BitLen()
	if ip.Is6() {
		bits = 64
	}
	return netip.PrefixFrom(ip, bits).Masked()
}

// Guard slows guessing, by account and by the network that it comes from (see Network), to fewer than a hundred passwords in an
// hour for one account. Nobody is locked out: an attempt on an account waits for two minutes at most, and from an address that has
// signed in to it before (that very one, not its network), its owner does not wait for the failures of others.
type Guard struct {
	Store *store.Store
}

// Attempt is one attempt to sign in, counted as failed until it has succeeded.
type Attempt struct {
	// Wait is how long to wait before an attempt is made; 0 where this one may be.
	Wait time.Duration
	// Slowed says that after this one, should it fail, the next has to wait for the first time.
	Slowed bool

	store         *store.Store
	forget, spare []string
}

// How much is free, and the longest wait.
const (
	freeOfAccount, mostOfAccount = 5, 2 * time.Minute
	freeOfFactor, mostOfFactor   = 5, 2 * time.Minute // whoever comes that far knows the password
	freeOfOwner, mostOfOwner     = 10, 2 * time.Minute
	freeOfAddress, mostOfAddress = 20, 15 * time.Minute
)

// Password begins an attempt with a password, Factor one with a second factor.
func (g Guard) Password(ctx context.Context, login, address string) (*Attempt, error) {
	return g.attempt(ctx, "account ", login, address, freeOfAccount, mostOfAccount)
}

// Factor begins an attempt with a code of the second factor.
func (g Guard) Factor(ctx context.Context, login, address string) (*Attempt, error) {
	return g.attempt(ctx, "factor ", login, address, freeOfFactor, mostOfFactor)
}

func (g Guard) attempt(ctx context.Context, kind, login, address string, free int, most time.Duration) (*Attempt, error) {
	login = store.Login(login)
	if !ValidLogin(login) {
		login = "" // no account has it, and what is typed for it is not to be kept
	}
	known, err := g.Store.SignedInFrom(ctx, login, address)
	if err != nil {
		return nil, err
	}
	a := &Attempt{store: g.Store}
	var limits []store.Limit
	if known {
		limits = []store.Limit{{Key: kind + login + " " + address, Free: freeOfOwner, Most: mostOfOwner}}
		a.forget = []string{limits[0].Key}
	} else {
		from := address
		if ip, err := netip.ParseAddr(address); err == nil {
			from = Network(ip).String()
		}
		limits = []store.Limit{{Key: kind + login, Free: free, Most: most}, {Key: "address " + from, Free: freeOfAddress, Most: mostOfAddress}}
		a.forget, a.spare = []string{limits[0].Key}, []string{limits[1].Key}
	}
	wait, failures, err := g.Store.Attempt(ctx, limits...)
	if err != nil {
		return nil, err
	}
	a.Wait = wait
	for i, n := range failures {
		a.Slowed = a.Slowed || wait == 0 && n == limits[i].Free
	}
	return a, nil
}

// Succeeded forgets the failures of the account; the address keeps its own, or one good account would free a guesser.
func (a *Attempt) Succeeded(ctx context.Context) error {
	return a.store.Forgive(ctx, a.forget, a.spare)
}

// ValidLogin says that a login has the form of one: 3 to 40 small letters, figures, dots and hyphens, beginning with a letter.
func ValidLogin(login string) bool {
	if len(login) < 3 || len(login) > 40 || login[0] < 'a' || login[0] > 'z' {
		return false
	}
	for i := 1; i < len(login); i++ {
		if b := login[i]; (b < 'a' || b > 'z') && (b < '0' || b > '9') && b != '.' && b != '-' {
			return false
		}
	}
	return true
}

// MaxName is the longest name of an account, in characters.
const MaxName = 100

// What is wrong with the name of an account.
var (
	ErrNameMissing = errors.New("auth: name missing")
	ErrNameLong    = errors.New("auth: name too long")
	ErrNameUnclean = errors.New("auth: name with control characters")
)

// Name is the name of an account as it is kept: blanks made one, nothing invisible in it.
func Name(typed string) (string, error) {
	name := norm.NFC.String(strings.Join(strings.Fields(typed), " "))
	switch {
	case name == "":
		return name, ErrNameMissing
	case utf8.RuneCountInString(name) > MaxName:
		return name, ErrNameLong
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool {
		return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) && r != 0x200c && r != 0x200d
	}):
		return name, ErrNameUnclean
	}
	return name, nil
}
