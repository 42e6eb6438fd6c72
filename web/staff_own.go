package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/boombuler/barcode/qr"

	"cosignatory/store"
	"cosignatory/templates/i18n"
	"cosignatory/templates/staff"
	"cosignatory/templates/ui"
	"cosignatory/web/auth"
)

// accountRoutes are the addresses of one's own account and, for administrators, of all accounts.
var accountRoutes = []staffRoute{
	{"GET", "/account", store.Reader, showOwn},
	{"POST", "/account", store.Reader, changeOwn},
	{"GET", "/account/factor", store.Reader, showFactor},
	{"POST", "/account/factor", store.Reader, turnFactorOn},
	{"POST", "/account/factor/remove", store.Reader, removeOwnFactor},
	{"POST", "/account/factor/codes", store.Reader, newCodes},
	{"GET", "/accounts", store.Administrator, showAccounts},
	{"POST", "/accounts", store.Administrator, addAccount},
	{"GET", "/accounts/:id", store.Administrator, showAccount},
	{"POST", "/accounts/:id", store.Administrator, changeAccount},
	{"GET", "/settings", store.Administrator, showSettings},
	{"POST", "/settings", store.Administrator, changeSettings},
	{"GET", "/log", store.Administrator, showAccountLog},
}

func (r *staffRequest) ownPage() (*staff.Own, error) {
	a := r.account
	required, err := r.s.factorRequired(r.ctx)
	if err != nil {
		return nil, err
	}
	left, err := r.s.Store.RecoveryCodesLeft(r.ctx, a.ID)
	if err != nil {
		return nil, err
	}
	sessions, err := r.s.Store.Signed(r.ctx, a.ID)
	if err != nil {
		return nil, err
	}
	v := &staff.Own{Page: r.staffPage(r.p.T("staff.title.own")), Action: r.staffURL("account"), Login: a.Login, Name: a.Name,
		Role: staff.RoleName(r.p, string(a.Role)), Lang: a.Lang, PublicName: a.ShowName, MinPassword: auth.MinPassword,
		Factor: a.Secret != "", FactorRequired: required, CodesLeft: left}
	v.Bar.Current = "own"
	if a.Secret == "" {
		v.FactorURL = r.staffURL("account", "factor")
	} else {
		v.NewCodesAction = r.staffURL("account", "factor", "codes")
		if !required {
			v.RemoveAction = r.staffURL("account", "factor", "remove")
		}
	}
	own := store.SessionHash(r.session.token)
	for _, x := range sessions {
		s := staff.Session{ID: x.Hash, Device: r.device(x.Agent), Address: x.Address, Since: r.p.DateTime(x.Created), Seen: r.p.DateTime(x.Seen), Current: x.Hash == own}
		if s.Current {
			v.Sessions = append([]staff.Session{s}, v.Sessions...)
		} else {
			v.Sessions = append(v.Sessions, s)
		}
	}
	return v, nil
}

// device says in words what a browser says of itself.
func (r *staffRequest) device(agent string) string {
	find := func(names ...[2]string) string {
		for _, n := range names {
			if strings.Contains(agent, n[0]) {
				return n[1]
			}
		}
		return ""
	}
	browser := find([2]string{"Edg", "Edge"}, [2]string{"OPR/", "Opera"}, [2]string{"SamsungBrowser", "Samsung Internet"}, [2]string{"Firefox", "Firefox"}, [2]string{"FxiOS", "Firefox"},
		[2]string{"Chrom", "Chrome"}, [2]string{"CriOS", "Chrome"}, [2]string{"Safari", "Safari"}, [2]string{"curl", "curl"})
	system := find([2]string{"Android", "Android"}, [2]string{"iPhone", "iPhone"}, [2]string{"iPad", "iPad"}, [2]string{"Windows", "Windows"}, [2]string{"CrOS", "ChromeOS"},
		[2]string{"Mac OS", "macOS"}, [2]string{"Linux", "Linux"})
	switch {
	case browser != "" && system != "":
		return r.p.T("staff.sessions.on", "Browser", browser, "System", system)
	case browser+system != "":
		return browser + system
	}
	return r.p.T("staff.sessions.unknown")
}

func showOwn(r *staffRequest) error {
	v, err := r.ownPage()
	if err != nil {
		return err
	}
	return r.showAs(http.StatusOK, v.Show())
}

// wrongOwn shows the own account again, with what is wrong.
func (r *staffRequest) wrongOwn(status int, fill func(*staff.Own), problems ...ui.Problem) error {
	v, err := r.ownPage()
	if err != nil {
		return err
	}
	if fill != nil {
		fill(v)
	}
	v.Problems = problems
	return r.showAs(status, v.Show())
}

// confirmed says whether the own password was typed; where it was not, the own account has been shown, which says so.
func (r *staffRequest) confirmed(typed, field string) (ok bool, err error) {
	return r.confirmedOr(typed, func(status int, why string) error {
		return r.wrongOwn(status, nil, ui.Problem{Field: field, Message: why})
	})
}

// confirmedOr is confirmed for a form on another page: wrong shows it again and says why. A stolen session is no place to guess
// the password.
func (r *staffRequest) confirmedOr(typed string, wrong func(status int, why string) error) (ok bool, err error) {
	attempt, err := auth.Guard{Store: r.s.Store}.Password(r.ctx, r.account.Login, r.c.RealIP())
	if err != nil {
		return false, err
	}
	if attempt.Wait > 0 {
		r.retryAfter(attempt.Wait)
		return false, wrong(http.StatusTooManyRequests, staff.Wrong(r.p, "slow"))
	}
	if ok, err = r.s.Passwords.Check(r.ctx, typed, r.account.Password); err != nil {
		return false, err
	}
	if ok {
		return true, attempt.Succeeded(r.ctx)
	}
	if err := r.s.Store.Log(r.ctx, r.entry(r.account.Login, "failed", "")); err != nil {
		return false, err
	}
	return false, wrong(http.StatusUnprocessableEntity, staff.Wrong(r.p, "password"))
}

func changeOwn(r *staffRequest) error {
	f, err := r.form()
	if err != nil {
		return err
	}
	switch f.Get("do") {
	case "profile":
		return changeProfile(r, f)
	case "password":
		return changePassword(r, f)
	case "revoke":
		if err := r.s.Store.EndSession(r.ctx, r.account.ID, f.Get("session"), r.entry(r.account.Login, "revoked", "")); err != nil {
			return err
		}
		return r.seeSaying("/staff/account", staff.Notice(r.p, "revoked"))
	case "revoke_others":
		if err := r.s.Store.EndSessions(r.ctx, r.account.ID, store.SessionHash(r.session.token), r.entry(r.account.Login, "revoked", "")); err != nil {
			return err
		}
		return r.seeSaying("/staff/account", staff.Notice(r.p, "revoked_others"))
	}
	return bad("error.encoding")
}

func changeProfile(r *staffRequest, f url.Values) error {
	name, problems := r.newName(f.Get("name"))
	lang, public := f.Get("lang"), f.Get("public_name") == "yes"
	if _, ok := i18n.For(lang); !ok {
		problems = append(problems, ui.Problem{Field: "lang", Message: r.p.T("staff.problem.language_missing")})
	}
	wrong := func(problems ...ui.Problem) error {
		return r.wrongOwn(http.StatusUnprocessableEntity, func(v *staff.Own) { v.Name, v.PublicName = f.Get("name"), public }, problems...)
	}
	if len(problems) > 0 {
		return wrong(problems...)
	}
	var log []store.Logged
	if name != r.account.Name {
		log = append(log, r.entry(r.account.Login, "name", LogDetail("Before", r.account.Name, "After", name)))
	}
	if public != r.account.ShowName {
		what := "public_name_off"
		if public {
			what = "public_name_on"
		}
		log = append(log, r.entry(r.account.Login, what, ""))
	}
	was := r.account.Name
	_, err := r.s.Store.ChangeAccount(r.ctx, r.account.ID, func(a *store.Account) error {
		if a.Name != was {
			return errChanged // since this request began: the log would say a name that it was not
		}
		a.Name, a.Lang, a.ShowName = name, lang, public
		return nil
	}, log...)
	switch {
	case errors.Is(err, store.ErrNameTaken):
		return wrong(ui.Problem{Field: "name", Message: staff.Wrong(r.p, "name_taken")})
	case errors.Is(err, errChanged):
		return bad("error.unavailable")
	case err != nil:
		return err
	}
	p, _ := i18n.For(lang)
	r.keepNotice(staff.Notice(p, "profile_changed"))
	return r.seeIn(lang, "/staff/account")
}

func changePassword(r *staffRequest, f url.Values) error {
	if ok, err := r.confirmed(f.Get("current"), "current"); !ok {
		return err
	}
	hash, problems, err := r.newPassword(r.account.Login, f)
	if err != nil {
		return err
	}
	if len(problems) == 0 && f.Get("password") == f.Get("current") {
		problems = []ui.Problem{{Field: "password", Message: staff.Wrong(r.p, "password_same")}}
	}
	if len(problems) > 0 {
		return r.wrongOwn(http.StatusUnprocessableEntity, nil, problems...)
	}
	if err := r.changeAccess(func(a *store.Account) { a.Password = hash }, "password"); err != nil {
		return err
	}
	return r.seeSaying("/staff/account", staff.Notice(r.p, "password_changed"))
}

// changeAccess changes how the account signs in, which ends all its sessions, and goes on in a new one.
func (r *staffRequest) changeAccess(change func(*store.Account), what string) error {
	was := stamp(r.account)
	a, err := r.s.Store.ChangeAccount(r.ctx, r.account.ID, func(a *store.Account) error {
		if stamp(a) != was || a.Disabled {
			return errChanged // since this request began: it was signed out
		}
		change(a)
		return nil
	}, r.entry(r.account.Login, what, ""))
	if errors.Is(err, errChanged) {
		return bad("error.unavailable")
	}
	if err != nil {
		return err
	}
	return r.begin(a, true)
}

var errChanged = errors.New("web: the account has changed meanwhile")

func (r *staffRequest) factorPage(secret, uri string) (staff.FactorSetUp, error) {
	v := staff.FactorSetUp{Page: r.staffPage(r.p.T("staff.title.factor")), Action: r.staffURL("account", "factor"), Secret: secret, URI: uri, QR: drawQR(uri)}
	v.Bar.Current = "own"
	required, err := r.s.factorRequired(r.ctx)
	if v.Required = required; !required {
		v.BackURL = r.staffURL("account")
	}
	return v, err
}

func showFactor(r *staffRequest) error {
	if r.account.Secret != "" {
		return r.see("/staff/account")
	}
	secret, uri, err := auth.NewSecret(r.account.Login)
	if err != nil {
		return err
	}
	v, err := r.factorPage(secret, uri)
	if err != nil {
		return err
	}
	return r.showAs(http.StatusOK, v.Show())
}

// turnFactorOn asks for the password too, as removing does: whoever holds a stolen session alone would otherwise tie the account to
// an authenticator of their own, which ends the owner's sessions and leaves the owner no way in.
func turnFactorOn(r *staffRequest) error {
	f, err := r.form()
	if err != nil {
		return err
	}
	if r.account.Secret != "" {
		return r.see("/staff/account")
	}
	secret := f.Get("secret")
	uri, ok := auth.SecretAddress(r.account.Login, secret)
	if !ok {
		return r.see("/staff/account/factor")
	}
	step := auth.Step(f.Get("code"), secret, r.s.Now())
	wrong := func(status int, problems ...ui.Problem) error {
		v, err := r.factorPage(secret, uri)
		if err != nil {
			return err
		}
		if step == 0 {
			problems = append(problems, ui.Problem{Field: "code", Message: staff.Wrong(r.p, "code")})
		}
		v.Code, v.Problems = f.Get("code"), problems
		return r.showAs(status, v.Show())
	}
	if ok, err := r.confirmedOr(f.Get("password"), func(status int, why string) error {
		return wrong(status, ui.Problem{Field: "password", Message: why})
	}); !ok {
		return err
	}
	if step == 0 {
		return wrong(http.StatusUnprocessableEntity)
	}
	if err := r.changeAccess(func(a *store.Account) { a.Secret, a.Step = secret, step }, "factor_on"); err != nil {
		return err
	}
	return r.showCodes(staff.Notice(r.p, "factor_on"))
}

// showCodes makes new recovery codes and shows them, once.
func (r *staffRequest) showCodes(notice string, log ...store.Logged) error {
	codes := auth.RecoveryCodes()
	if err := r.s.Store.SetRecoveryCodes(r.ctx, r.account.ID, codes, log...); err != nil {
		return err
	}
	v := staff.RecoveryCodes{Page: r.staffPage(r.p.T("staff.title.codes")), Codes: codes, OnURL: r.staffURL("account")}
	v.Bar.Current, v.Notice = "own", notice
	return r.showAs(http.StatusOK, v.Show())
}

func newCodes(r *staffRequest) error {
	f, err := r.form()
	if err != nil {
		return err
	}
	if r.account.Secret == "" {
		return r.see("/staff/account")
	}
	if ok, err := r.confirmed(f.Get("password"), "codes.password"); !ok {
		return err
	}
	return r.showCodes("", r.entry(r.account.Login, "codes", ""))
}

func removeOwnFactor(r *staffRequest) error {
	f, err := r.form()
	if err != nil {
		return err
	}
	required, err := r.s.factorRequired(r.ctx)
	if err != nil {
		return err
	}
	if r.account.Secret == "" || required {
		return r.see("/staff/account")
	}
	if ok, err := r.confirmed(f.Get("password"), "factor.password"); !ok {
		return err
	}
	if err := r.changeAccess(func(a *store.Account) { a.Secret, a.Step = "", 0 }, "factor_off"); err != nil {
		return err
	}
	return r.seeSaying("/staff/account", staff.Notice(r.p, "factor_off"))
}

// drawQR draws a text as a QR code; a text too long for one is not drawn.
func drawQR(text string) staff.QR {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return staff.QR{}
	}
	size := code.Bounds().Dx()
	dark := func(x, y int) bool {
		c, _, _, _ := code.At(x, y).RGBA()
		return c == 0
	}
	var b strings.Builder
	for y := range size {
		for x := 0; x < size; x++ {
			from := x
			for x < size && dark(x, y) {
				x++
			}
			if n := strconv.Itoa(x - from); x > from {
				b.WriteString("M" + strconv.Itoa(from) + " " + strconv.Itoa(y) + "h" + n + "v1h-" + n + "z")
			}
		}
	}
	return staff.QR{Path: b.String(), Size: size}
}
