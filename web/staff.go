package web

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/i18n"
	"cosignatory/templates/staff"
	"cosignatory/templates/ui"
)

// The limits of a form of staff: a declaration of ten thousand participations is read, to be told that it is too long.
const (
	MaxForm       = 8 << 20 // bytes of a form
	maxFormFields = 400_000
)

// staffRoute is one address of staff below /{lang}/staff: who may ask for it, and what answers.
type staffRoute struct {
	method, pattern string     // pattern begins with a slash; empty is /{lang}/staff itself
	needs           store.Role // "" = nobody signed in needed
	handler         func(*staffRequest) error
}

// staffRoutes are all addresses of staff. An address not listed here does not exist.
func staffRoutes() []staffRoute {
	return slices.Concat(entryRoutes, accountRoutes, draftRoutes, bringRoutes)
}

// staffRequest is a question of a member of staff: its filters are as typed, and it reads the register as it is now.
type staffRequest struct {
	*request
	account *store.Account // nil when nobody is signed in
	session *session
	route   staffRoute
}

// staffPath says that a path is below /{lang}/staff.
func staffPath(path string) bool {
	_, rest, ok := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return ok && (rest == "staff" || strings.HasPrefix(rest, "staff/"))
}

func (s *Server) staffHandlers() {
	s.staff = staffRoutes()
	for _, r := range s.staff {
		h := func(c echo.Context) error { return s.answerStaff(c, r) }
		s.echo.Add(r.method, "/:lang/staff"+r.pattern, h)
		if r.method == http.MethodGet {
			s.echo.HEAD("/:lang/staff"+r.pattern, h)
		}
	}
}

// may is the one place where permission is decided: whether an account may use what needs a role.
func (s *Server) may(account *store.Account, needs store.Role) bool {
	if needs == "" {
		return true
	}
	return account != nil && !account.Disabled && needs.Rank() >= 0 && account.Role.Rank() >= needs.Rank()
}

// withoutFactor are the addresses that an account which still lacks its compulsory second factor may use.
var withoutFactor = []string{"/account/factor", "/sign-out"}

// answerStaff finds who asks, decides whether they may, and answers.
func (s *Server) answerStaff(c echo.Context, to staffRoute) error {
	h := c.Response().Header()
	h.Set("Cache-Control", noStore)
	h.Set("X-Robots-Tag", "noindex")
	if format, _ := c.Get(extension).(string); format != "" {
		return unknown("error.page_unknown")
	}
	r, err := s.parseStaff(c, to)
	if err != nil {
		return err
	}
	h.Set("Content-Language", r.lang)
	if err := s.cross.Check(c.Request()); err != nil {
		r.logRefusal("another site")
		v := staff.Refused{Page: r.staffPage(r.p.T("staff.title.cross_site")), CrossSite: true, DeskURL: r.staffURL()}
		return r.showAs(http.StatusForbidden, v.Show())
	}
	if err := r.load(); err != nil {
		return err
	}
	if id, ok := c.Get(requestID).(string); ok {
		r.ctx = context.WithValue(r.ctx, idKey{}, id)
	}
	if r.account != nil {
		r.ctx = store.By(r.ctx, r.account.Login)
	}
	switch {
	case to.needs == "":
	case r.account == nil:
		return r.askToSignIn()
	case !s.may(r.account, to.needs):
		return r.refuse(to.needs)
	case r.account.Secret == "" && !slices.Contains(withoutFactor, to.pattern):
		required, err := s.factorRequired(r.ctx)
		if err != nil {
			return err
		}
		if required {
			return r.see("/staff/account/factor")
		}
	}
	return to.handler(r)
}

// settingFactor is the setting that makes the second factor compulsory; it is "yes" or empty.
const settingFactor = "second_factor_required"

func (s *Server) factorRequired(ctx context.Context) (bool, error) {
	v, err := s.Store.Setting(ctx, settingFactor)
	return v == "yes", err
}

// parseStaff reads a request of staff: unlike a reader's it may have any parameters, and always reads the register of now.
func (s *Server) parseStaff(c echo.Context, to staffRoute) (*staffRequest, error) {
	lang := c.Param("lang")
	_, path, _ := strings.Cut(strings.TrimPrefix(c.Request().URL.Path, "/"), "/")
	r := &request{s: s, c: c, ctx: c.Request().Context(), lang: lang, path: "/" + path, query: params{}, set: params{}, timeless: true}
	var ok bool
	if r.p, ok = i18n.For(lang); !ok {
		return nil, noSuchLanguage(c, lang)
	}
	values, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return nil, bad("error.encoding")
	}
	for name, all := range values {
		v := strings.TrimSpace(all[0])
		if !validText(name) || !validText(v) {
			return nil, bad("error.encoding")
		}
		if v != "" {
			r.query[name] = v
		}
	}
	if r.view, err = s.Store.AtDesk(r.ctx, 0); err != nil {
		return nil, err
	}
	if r.view.Revision == 0 {
		return nil, &problem{status: http.StatusServiceUnavailable, key: "error.unavailable"}
	}
	if r.published, err = r.view.RevisionOf(r.ctx, r.view.Revision); err != nil {
		return nil, err
	}
	r.current = register.Today(s.Now())
	r.day = r.current
	return &staffRequest{request: r, route: to}, nil
}

// staffPage is what every page of staff carries: the bar of who is signed in, and the notice of what was just done.
func (r *staffRequest) staffPage(title string) staff.Page {
	v := staff.Page{Page: r.base(ui.Plain(title), ""), StaffCSS: r.s.assets.byName["staff.css"], StaffJS: r.s.assets.byName["staff.js"]}
	v.NoIndex, v.Canonical, v.Alternates = true, "", nil
	v.Posted = r.c.Request().Method == http.MethodPost
	if a := r.account; a != nil {
		v.Account = a.Login
		offer := func(parts ...string) string {
			pattern := ""
			if len(parts) > 0 {
				pattern = "/" + strings.Join(parts, "/")
			}
			for _, x := range r.s.staff {
				if x.method == http.MethodGet && x.pattern == pattern && r.s.may(a, x.needs) {
					return r.staffURL(parts...)
				}
			}
			return ""
		}
		v.Bar = &staff.Bar{Name: a.Name, Role: staff.RoleName(r.p, string(a.Role)), DeskURL: offer(), BringURL: offer("bring"), ReferenceURL: offer("reference"),
			AccountsURL: offer("accounts"), SettingsURL: offer("settings"), LogURL: offer("log"), OwnURL: offer("account"), SignOutURL: r.staffURL("sign-out")}
		v.Notice = r.takeNotice()
		v.Taken = v.Notice != "" // every form that is taken leads to a page that says so
	}
	return v
}

// staffURL is an address of staff in the language of the request: its parts below /{lang}/staff.
func (r *staffRequest) staffURL(parts ...string) string {
	return address(r.lang, "/"+strings.Join(append([]string{"staff"}, parts...), "/"), "", nil)
}

// see leads on to a path below the language, as /staff/account.
func (r *staffRequest) see(path string) error { return r.seeIn(r.lang, path) }

func (r *staffRequest) seeIn(lang, path string) error {
	return r.c.Redirect(http.StatusSeeOther, "/"+lang+path)
}

// seeSaying leads on, to a page that says what was done: notice is a finished sentence, as of staff.Notice.
func (r *staffRequest) seeSaying(path, notice string) error {
	r.keepNotice(notice)
	return r.see(path)
}

// showAs writes a page with a status.
func (r *staffRequest) showAs(status int, c templ.Component) error { return write(r.c, status, c) }

// wantsJSON says that the script of a page asks, not the browser for a page.
func (r *staffRequest) wantsJSON() bool {
	return strings.Contains(r.c.Request().Header.Get("Accept"), "application/json")
}

// form reads a form that was sent: no more than MaxForm bytes, all of it UTF-8. Of somebody who is not signed in it reads far
// less.
func (r *staffRequest) form() (url.Values, error) {
	most, tooLarge := int64(MaxForm), formTooLarge
	if r.account == nil { // what strangers send takes little memory
		most, tooLarge = MaxBody, func() error { return &problem{status: http.StatusRequestEntityTooLarge, key: "error.too_large"} }
	}
	req := r.c.Request()
	if t, _, err := mime.ParseMediaType(req.Header.Get("Content-Type")); err != nil || t != "application/x-www-form-urlencoded" {
		return nil, bad("error.encoding")
	}
	b, err := io.ReadAll(http.MaxBytesReader(r.c.Response(), req.Body, most))
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return nil, tooLarge()
	}
	if err != nil {
		return nil, bad("error.encoding")
	}
	// Not url.ParseQuery: it gives up at ten thousand fields, and a long list is to be told how long it may be.
	values, fields := url.Values{}, 0
	for pair := range strings.SplitSeq(string(b), "&") {
		if pair == "" {
			continue
		}
		if fields++; fields > maxFormFields {
			return nil, tooLarge()
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err1 := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil || !utf8.ValidString(name) || !utf8.ValidString(value) {
			return nil, bad("error.encoding")
		}
		values[name] = append(values[name], value)
	}
	return values, nil
}

func formTooLarge() error {
	return &problem{status: http.StatusRequestEntityTooLarge, key: "error.form_too_large"}
}

// logRefusal notes whom something was refused, and why: somebody who tries what they may not is to be found.
func (r *staffRequest) logRefusal(why string) {
	login := ""
	if r.account != nil {
		login = r.account.Login
	}
	uri := loggedURI(r.c.Request().URL)
	if len(uri) > 500 {
		uri = uri[:500] + "…"
	}
	r.s.Log.WarnContext(r.ctx, "refused", "id", r.c.Get(requestID), "account", login, "role", r.accountRole(), "method", r.c.Request().Method, "uri", uri, "why", why)
}

// accountRole is that of who is signed in; empty for nobody.
func (r *staffRequest) accountRole() store.Role {
	if r.account == nil {
		return ""
	}
	return r.account.Role
}

// refuse is the page of what a role does not include, and which roles do.
func (r *staffRequest) refuse(needs store.Role) error { return r.refuseSaying(needs, "") }

// refuseSaying adds what the rule was, where it is not the role.
func (r *staffRequest) refuseSaying(needs store.Role, sentence string) error {
	r.logRefusal("needs " + string(needs))
	if r.wantsJSON() {
		return r.c.JSON(http.StatusForbidden, map[string]string{"error": "forbidden"})
	}
	v := staff.Refused{Page: r.staffPage(r.p.T("staff.title.refused")), Sentence: sentence, DeskURL: r.staffURL()}
	if r.account != nil {
		v.Role = staff.RoleName(r.p, string(r.account.Role))
	}
	for _, role := range store.Roles {
		if sentence == "" && role.Rank() >= needs.Rank() {
			v.Roles = append(v.Roles, staff.RoleName(r.p, string(role)))
		}
	}
	return r.showAs(http.StatusForbidden, v.Show())
}

// askToSignIn leads to the sign-in, and from there back to where somebody was.
func (r *staffRequest) askToSignIn() error {
	if r.wantsJSON() {
		return r.c.JSON(http.StatusUnauthorized, map[string]string{"error": "signed out"})
	}
	req := r.c.Request()
	q := url.Values{}
	next := r.path
	if req.URL.RawQuery != "" {
		next += "?" + req.URL.RawQuery
	}
	if req.Method == http.MethodPost {
		// What was posted is not taken; the browser may have a copy of it, which the page it came from offers.
		q.Set("expired", "sent")
		next = ownPath(r.came())
	} else if r.session.lost {
		q.Set("expired", "1")
	}
	if next = ownPath(next); next != "" && next != "/staff" {
		q.Set("next", next)
	}
	to := "/staff/sign-in"
	if len(q) > 0 {
		to += "?" + q.Encode()
	}
	return r.see(to)
}

// came is the path below the language of the page of staff that a form was sent from; empty where it is not known.
func (r *staffRequest) came() string {
	u, err := url.Parse(r.c.Request().Referer())
	base, _ := url.Parse(r.s.BaseURL)
	if err != nil || u.Host != r.c.Request().Host && u.Host != base.Host || !staffPath(u.Path) {
		return ""
	}
	_, rest, _ := strings.Cut(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	if u.RawQuery != "" {
		rest += "?" + u.RawQuery
	}
	return "/" + rest
}

// ownPath is a path below the language that the sign-in may lead on to: of staff, on this server, and not the sign-in
// itself. Anything else is empty.
func ownPath(path string) string {
	if !validText(path) || len(path) > MaxPath || strings.ContainsAny(path, "\\") {
		return ""
	}
	u, err := url.Parse(path)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" || u.Fragment != "" {
		return ""
	}
	rest, ok := strings.CutPrefix(u.Path, "/staff")
	if !ok || rest != "" && rest[0] != '/' || strings.Contains(u.Path, "//") || strings.Contains(u.Path, "/..") {
		return ""
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	if slices.Contains(entryNames, first) {
		return ""
	}
	return u.String()
}
