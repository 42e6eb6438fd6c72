package web

import (
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"cosignatory/store"
	"cosignatory/templates/i18n"
	"cosignatory/templates/staff"
	"cosignatory/templates/ui"
	"cosignatory/web/auth"
)

// entryRoutes are the addresses that nobody has to be signed in for.
var entryRoutes = []staffRoute{
	{"GET", "/sign-in", "", showSignIn},
	{"POST", "/sign-in", "", signIn},
	{"GET", "/second-factor", "", showSecondFactor},
	{"POST", "/second-factor", "", secondFactor},
	{"POST", "/sign-out", "", signOut},
	{"GET", "/signed-out", "", showSignedOut},
	{"GET", "/set-up/:token", "", showSetUp},
	{"POST", "/set-up/:token", "", setUp},
	{"GET", "/invitation/:token", "", showInvitation},
	{"POST", "/invitation/:token", "", acceptInvitation},
	{"GET", "/reset/:token", "", showReset},
	{"POST", "/reset/:token", "", acceptReset},
}

// entryNames are what their paths begin with: the sign-in never leads on to one of them.
var entryNames = []string{"sign-in", "second-factor", "sign-out", "signed-out", "set-up", "invitation", "reset"}

// OneTimeLifetime is how long a one-time address works.
const OneTimeLifetime = 24 * time.Hour

// OneTimePath is the path of a one-time address.
func OneTimePath(lang string, purpose store.Purpose, token string) string {
	name := map[store.Purpose]string{store.Setup: "set-up", store.Invitation: "invitation", store.Reset: "reset"}[purpose]
	return address(lang, "/staff/"+name+"/"+token, "", nil)
}

// entry is an entry of the account log about this request.
func (r *staffRequest) entry(subject, what, detail string) store.Logged {
	l := store.Logged{Subject: subject, What: what, Detail: detail, Address: r.c.RealIP()}
	if r.account != nil {
		l.Actor = r.account.Login
	}
	return l
}

// keepInLanguages keeps what a page carries along when it is read in another language.
func (r *staffRequest) keepInLanguages(v *staff.Page, q url.Values) {
	if len(q) > 0 {
		for i := range v.Languages {
			v.Languages[i].URL = address(v.Languages[i].Code, r.path, "", nil) + "?" + q.Encode()
		}
	}
}

// goingOn is where somebody goes after signing in.
func (r *staffRequest) goingOn(a *store.Account, next string) error {
	if next = ownPath(next); next != "" && next != "/staff" {
		return r.see(next)
	}
	lang := r.lang
	if _, ok := i18n.For(a.Lang); ok {
		lang = a.Lang
	}
	return r.seeIn(lang, "/staff")
}

// signInPage says how the session before ended: expired is 1, or sent where a form was sent that was not taken; else it says nothing.
func (r *staffRequest) signInPage(next, expired string) staff.SignIn {
	title := "staff.title.sign_in"
	q := url.Values{}
	ended := map[string]string{"1": "ended", "sent": "not_taken"}[expired]
	if ended != "" {
		title = "staff.title.expired"
		q.Set("expired", expired)
	}
	if next = ownPath(next); next != "" {
		q.Set("next", next)
	}
	v := staff.SignIn{Page: r.staffPage(r.p.T(title)), Action: r.staffURL("sign-in"), Next: next, Ended: ended}
	r.keepInLanguages(&v.Page, q)
	return v
}

func showSignIn(r *staffRequest) error {
	if r.account != nil {
		return r.goingOn(r.account, r.query["next"])
	}
	return r.showAs(http.StatusOK, r.signInPage(r.query["next"], r.query["expired"]).Show())
}

// signIn answers every failure with the same words after the same work, whether there is such an account or not.
func signIn(r *staffRequest) error {
	f, err := r.form()
	if err != nil {
		return err
	}
	login, password, next := store.Login(f.Get("login")), f.Get("password"), f.Get("next")
	wrong := func(status int, what string) error {
		v := r.signInPage(next, "")
		if validText(login) {
			v.Login = shorten(login)
		}
		v.Problems = []ui.Problem{{Field: "login", Message: staff.Wrong(r.p, what)}}
		return r.showAs(status, v.Show())
	}
	attempt, err := auth.Guard{Store: r.s.Store}.Password(r.ctx, login, r.c.RealIP())
	if err != nil {
		return err
	}
	if attempt.Wait > 0 {
		r.retryAfter(attempt.Wait)
		return wrong(http.StatusTooManyRequests, "slow")
	}
	a, err := r.s.Store.AccountByLogin(r.ctx, login)
	if errors.Is(err, store.ErrNotFound) {
		a, err = &store.Account{Disabled: true}, nil
	}
	if err != nil {
		return err
	}
	ok, err := r.s.Passwords.Check(r.ctx, password, a.Password)
	if err != nil {
		return err
	}
	if !ok || a.Disabled {
		// A login that nobody has may be a password typed in the wrong field: it is not kept.
		log := []store.Logged{r.entry(a.Login, "failed", "")}
		if attempt.Slowed {
			log = append(log, r.entry(a.Login, "slowed", ""))
		}
		if err := r.s.Store.Log(r.ctx, log...); err != nil {
			return err
		}
		return wrong(http.StatusUnprocessableEntity, "sign_in")
	}
	if err := attempt.Succeeded(r.ctx); err != nil {
		return err
	}
	return r.proved(a, next)
}

func (r *staffRequest) retryAfter(wait time.Duration) {
	r.c.Response().Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
}

// proved goes on once the password, or a one-time address in its place, was right: to the second factor, or to work.
func (r *staffRequest) proved(a *store.Account, next string) error {
	if a.Secret == "" {
		return r.complete(a, store.SignedIn, next)
	}
	if err := r.begin(a, false); err != nil {
		return err
	}
	to := "/staff/second-factor"
	if next = ownPath(next); next != "" {
		to += "?" + url.Values{"next": {next}}.Encode()
	}
	return r.see(to)
}

// complete signs somebody in.
func (r *staffRequest) complete(a *store.Account, what, next string) error {
	if err := r.begin(a, true); err != nil {
		return err
	}
	if err := r.s.Store.Log(r.ctx, r.entry(a.Login, what, "")); err != nil {
		return err
	}
	return r.goingOn(a, next)
}

func (r *staffRequest) secondFactorPage(next string) staff.SecondFactor {
	v := staff.SecondFactor{Page: r.staffPage(r.p.T("staff.title.second_factor")), Action: r.staffURL("second-factor"), Next: ownPath(next), CancelURL: r.staffURL("sign-in")}
	if v.Next != "" {
		r.keepInLanguages(&v.Page, url.Values{"next": {v.Next}})
	}
	return v
}

func showSecondFactor(r *staffRequest) error {
	if a, err := r.pending(); err != nil || a == nil {
		return errors.Join(err, r.see("/staff/sign-in"))
	}
	return r.showAs(http.StatusOK, r.secondFactorPage(r.query["next"]).Show())
}

func secondFactor(r *staffRequest) error {
	f, err := r.form()
	if err != nil {
		return err
	}
	a, err := r.pending()
	if err != nil {
		return err
	}
	if a == nil {
		to := "/staff/sign-in"
		if next := ownPath(f.Get("next")); next != "" {
			to += "?" + url.Values{"next": {next}}.Encode()
		}
		return r.see(to)
	}
	wrong := func(status int, what string) error {
		v := r.secondFactorPage(f.Get("next"))
		v.Problems = []ui.Problem{{Field: "code", Message: staff.Wrong(r.p, what)}}
		return r.showAs(status, v.Show())
	}
	attempt, err := auth.Guard{Store: r.s.Store}.Factor(r.ctx, a.Login, r.c.RealIP())
	if err != nil {
		return err
	}
	if attempt.Wait > 0 {
		r.retryAfter(attempt.Wait)
		return wrong(http.StatusTooManyRequests, "slow")
	}
	ok, how := false, store.SignedIn
	if step := auth.Step(f.Get("code"), a.Secret, r.s.Now()); step > 0 {
		ok, err = r.s.Store.UseStep(r.ctx, a.ID, step)
	} else if code := auth.RecoveryCode(f.Get("code")); code != "" {
		how = store.SignedInRecovery
		ok, err = r.s.Store.UseRecoveryCode(r.ctx, a.ID, code)
	}
	if err != nil {
		return err
	}
	if !ok {
		log := []store.Logged{r.entry(a.Login, "failed_factor", "")}
		if attempt.Slowed {
			log = append(log, r.entry(a.Login, "slowed", ""))
		}
		if err := r.s.Store.Log(r.ctx, log...); err != nil {
			return err
		}
		return wrong(http.StatusUnprocessableEntity, "code")
	}
	if err := attempt.Succeeded(r.ctx); err != nil {
		return err
	}
	return r.complete(a, how, f.Get("next"))
}

func signOut(r *staffRequest) error {
	if r.account != nil {
		if err := r.s.Store.Log(r.ctx, r.entry(r.account.Login, "signed_out", "")); err != nil {
			return err
		}
	}
	if err := r.end(); err != nil {
		return err
	}
	return r.see("/staff/signed-out")
}

func showSignedOut(r *staffRequest) error {
	return r.showAs(http.StatusOK, staff.SignedOut{Page: r.staffPage(r.p.T("staff.title.signed_out")), SignInURL: r.staffURL("sign-in")}.Show())
}

// oneTime is the account that the one-time address of the request is for, 0 for the first set-up.
func (r *staffRequest) oneTime(purpose store.Purpose) (int64, error) {
	r.c.Response().Header().Set("Referrer-Policy", "same-origin") // with no-referrer, browsers post without an origin
	return r.s.Store.OneTime(r.ctx, r.c.Param("token"), purpose)
}

// spent answers where a one-time address does not work, for whatever reason.
func (r *staffRequest) spent(err error) error {
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	v := staff.SpentAddress{Page: r.staffPage(r.p.T("staff.title.spent")), SignInURL: r.staffURL("sign-in")}
	return r.showAs(http.StatusGone, v.Show())
}

// newPassword hashes a password that was typed twice, or says what is wrong with it.
func (r *staffRequest) newPassword(login string, f url.Values) (hash string, problems []ui.Problem, err error) {
	hash, err = r.s.Passwords.Hash(r.ctx, login, f.Get("password"))
	what := ""
	switch {
	case errors.Is(err, auth.ErrShort):
		what = "password_short"
	case errors.Is(err, auth.ErrLong):
		what = "password_long"
	case errors.Is(err, auth.ErrCommon):
		what = "password_common"
	case err != nil:
		return "", nil, err
	case f.Get("password") != f.Get("password_again"):
		return "", []ui.Problem{{Field: "password_again", Message: staff.Wrong(r.p, "password_again")}}, nil
	default:
		return hash, nil, nil
	}
	return "", []ui.Problem{{Field: "password", Message: staff.Wrong(r.p, what, "Count", auth.MinPassword)}}, nil
}

// newName is a name as it is kept, or what is wrong with it.
func (r *staffRequest) newName(typed string) (string, []ui.Problem) {
	name, err := auth.Name(typed)
	message := ""
	switch {
	case err == nil:
		return name, nil
	case errors.Is(err, auth.ErrNameLong):
		message = staff.Wrong(r.p, "name_long")
	case errors.Is(err, auth.ErrNameUnclean):
		message = r.p.T("staff.problem.text_unclean")
	default:
		message = staff.Wrong(r.p, "name_missing")
	}
	return name, []ui.Problem{{Field: "name", Message: message}}
}

func (r *staffRequest) setUpPage() staff.SetUp {
	return staff.SetUp{Page: r.staffPage(r.p.T("staff.title.set_up")), Action: r.staffURL("set-up", r.c.Param("token")), MinPassword: auth.MinPassword}
}

func showSetUp(r *staffRequest) error {
	if _, err := r.oneTime(store.Setup); err != nil {
		return r.spent(err)
	}
	return r.showAs(http.StatusOK, r.setUpPage().Show())
}

func setUp(r *staffRequest) error {
	if _, err := r.oneTime(store.Setup); err != nil {
		return r.spent(err)
	}
	f, err := r.form()
	if err != nil {
		return err
	}
	v := r.setUpPage()
	v.Login, v.Name = store.Login(f.Get("login")), f.Get("name")
	if !auth.ValidLogin(v.Login) {
		v.Problems = append(v.Problems, ui.Problem{Field: "login", Message: staff.Wrong(r.p, "login_shape")})
	}
	name, problems := r.newName(v.Name)
	v.Problems = append(v.Problems, problems...)
	hash, problems, err := r.newPassword(v.Login, f)
	if err != nil {
		return err
	}
	if v.Problems = append(v.Problems, problems...); len(v.Problems) > 0 {
		return r.showAs(http.StatusUnprocessableEntity, v.Show())
	}
	a, err := r.s.Store.TakeOneTime(r.ctx, r.c.Param("token"), store.Setup, func(a *store.Account) error {
		*a = store.Account{Login: v.Login, Name: name, Role: store.Administrator, Lang: r.lang, Password: hash}
		return nil
	}, func(a *store.Account) store.Logged { return r.entry(a.Login, "set_up", "") })
	if errors.Is(err, store.ErrLoginTaken) {
		v.Problems = append(v.Problems, ui.Problem{Field: "login", Message: staff.Wrong(r.p, "login_taken")})
		return r.showAs(http.StatusUnprocessableEntity, v.Show())
	}
	if err != nil {
		return r.spent(err)
	}
	return r.proved(a, "")
}

func showInvitation(r *staffRequest) error   { return showAccept(r, store.Invitation) }
func acceptInvitation(r *staffRequest) error { return accept(r, store.Invitation) }
func showReset(r *staffRequest) error        { return showAccept(r, store.Reset) }
func acceptReset(r *staffRequest) error      { return accept(r, store.Reset) }

func (r *staffRequest) acceptPage(purpose store.Purpose) (*staff.Accept, error) {
	id, err := r.oneTime(purpose)
	if err != nil {
		return nil, err
	}
	a, err := r.s.Store.Account(r.ctx, id)
	if err != nil {
		return nil, err
	}
	if a.Disabled {
		return nil, store.ErrNotFound
	}
	title, name := "staff.title.invitation", "invitation"
	if purpose == store.Reset {
		title, name = "staff.title.reset", "reset"
	}
	return &staff.Accept{Page: r.staffPage(r.p.T(title)), Action: r.staffURL(name, r.c.Param("token")), Reset: purpose == store.Reset,
		Login: a.Login, Name: a.Name, Role: staff.RoleName(r.p, string(a.Role)), MinPassword: auth.MinPassword}, nil
}

func showAccept(r *staffRequest, purpose store.Purpose) error {
	v, err := r.acceptPage(purpose)
	if err != nil {
		return r.spent(err)
	}
	return r.showAs(http.StatusOK, v.Show())
}

func accept(r *staffRequest, purpose store.Purpose) error {
	v, err := r.acceptPage(purpose)
	if err != nil {
		return r.spent(err)
	}
	f, err := r.form()
	if err != nil {
		return err
	}
	hash, problems, err := r.newPassword(v.Login, f)
	if err != nil {
		return err
	}
	if v.Problems = problems; len(problems) > 0 {
		return r.showAs(http.StatusUnprocessableEntity, v.Show())
	}
	r.account = nil // whoever was signed in here before: it is the address that says who this is
	a, err := r.s.Store.TakeOneTime(r.ctx, r.c.Param("token"), purpose, func(a *store.Account) error {
		a.Password = hash
		if purpose == store.Invitation {
			a.Lang = r.lang
		}
		return nil
	}, func(a *store.Account) store.Logged {
		if purpose == store.Reset {
			return r.entry(a.Login, "password", "")
		}
		return r.entry(a.Login, "accepted", "")
	})
	if err != nil {
		return r.spent(err)
	}
	return r.proved(a, "")
}
