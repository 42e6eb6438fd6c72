package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"cosignatory/store"
	"cosignatory/templates/staff"
	"cosignatory/templates/ui"
	"cosignatory/web/auth"
)

func (r *staffRequest) accountURL(id int64) string {
	return r.staffURL("accounts", strconv.FormatInt(id, 10))
}

func (r *staffRequest) accountRow(a *store.Account, last map[string]time.Time) staff.AccountRow {
	row := staff.AccountRow{URL: r.accountURL(a.ID), Login: a.Login, Name: a.Name, Role: staff.RoleName(r.p, string(a.Role)), State: "active", Factor: a.Secret != "",
		Me: a.ID == r.account.ID}
	switch {
	case a.Disabled:
		row.State = "disabled"
	case a.Password == "":
		row.State = "invited"
	}
	if at, ok := last[a.Login]; ok {
		row.LastSeen = r.p.DateTime(at)
	}
	return row
}

func (r *staffRequest) accountsPage() (*staff.Accounts, error) {
	all, err := r.s.Store.Accounts(r.ctx)
	if err != nil {
		return nil, err
	}
	last, err := r.s.Store.LastSignedIn(r.ctx)
	if err != nil {
		return nil, err
	}
	v := &staff.Accounts{Page: r.staffPage(r.p.T("staff.title.accounts")), Action: r.staffURL("accounts"), Role: string(store.Editor)}
	v.Bar.Current = "accounts"
	for _, a := range all {
		v.Rows = append(v.Rows, r.accountRow(a, last))
	}
	return v, nil
}

func showAccounts(r *staffRequest) error {
	v, err := r.accountsPage()
	if err != nil {
		return err
	}
	return r.showAs(http.StatusOK, v.Show())
}

func addAccount(r *staffRequest) error {
	f, err := r.form()
	if err != nil {
		return err
	}
	var problems []ui.Problem
	login, role := store.Login(f.Get("login")), store.Role(f.Get("role"))
	if !auth.ValidLogin(login) {
		problems = append(problems, ui.Problem{Field: "login", Message: staff.Wrong(r.p, "login_shape")})
	}
	name, wrong := r.newName(f.Get("name"))
	problems = append(problems, wrong...)
	if role.Rank() < 0 {
		problems = append(problems, ui.Problem{Field: "role", Message: staff.Wrong(r.p, "role_missing")})
	}
	a := &store.Account{Login: login, Name: name, Role: role, Lang: r.lang}
	if len(problems) == 0 {
		err := r.s.Store.SaveAccount(r.ctx, a, r.entry(login, "invited", LogDetail("Role", string(role))))
		if errors.Is(err, store.ErrLoginTaken) {
			problems = append(problems, ui.Problem{Field: "login", Message: staff.Wrong(r.p, "login_taken")})
		}
		if errors.Is(err, store.ErrNameTaken) {
			problems = append(problems, ui.Problem{Field: "name", Message: staff.Wrong(r.p, "name_taken")})
		}
		if err != nil && len(problems) == 0 {
			return err
		}
	}
	if len(problems) > 0 {
		v, err := r.accountsPage()
		if err != nil {
			return err
		}
		v.Login, v.Name, v.Role, v.Problems = f.Get("login"), f.Get("name"), string(role), problems
		return r.showAs(http.StatusUnprocessableEntity, v.Show())
	}
	return r.handOver(a, store.Invitation, staff.Notice(r.p, "account_added"))
}

// handOver makes a one-time address and shows it, once, on the page of its account.
func (r *staffRequest) handOver(a *store.Account, purpose store.Purpose, notice string, log ...store.Logged) error {
	token := auth.Token()
	until := r.s.Now().Add(OneTimeLifetime)
	if err := r.s.Store.KeepOneTime(r.ctx, token, purpose, a.ID, until, log...); err != nil {
		return err
	}
	v, err := r.accountPage(a)
	if err != nil {
		return err
	}
	v.OneTime = &staff.OneTime{Reset: purpose == store.Reset, URL: r.s.BaseURL + OneTimePath(r.lang, purpose, token), Until: r.p.DateTime(until), Name: a.Name}
	v.Notice, v.Taken = notice, true
	return r.showAs(http.StatusOK, v.Show())
}

// newestEntries is how many lines of the account log the page of an account shows.
const newestEntries = 10

func (r *staffRequest) accountPage(a *store.Account) (*staff.Account, error) {
	all, err := r.s.Store.Accounts(r.ctx)
	if err != nil {
		return nil, err
	}
	last, err := r.s.Store.LastSignedIn(r.ctx)
	if err != nil {
		return nil, err
	}
	entries, _, err := r.s.Store.AccountLog(r.ctx, a.Login, 0, newestEntries)
	if err != nil {
		return nil, err
	}
	v := &staff.Account{Page: r.staffPage(a.Name), AccountRow: r.accountRow(a, last), AccountsURL: r.staffURL("accounts"), Action: r.accountURL(a.ID),
		RoleCode: string(a.Role), Created: r.p.DateTime(a.Created), LastAdministrator: store.LastAdministrator(a, all),
		LogURL: r.staffURL("log") + "?account=" + url.QueryEscape(a.Login)}
	for i := range v.Languages { // this page may be the answer to a form of another one
		v.Languages[i].URL = address(v.Languages[i].Code, "/staff/accounts/"+strconv.FormatInt(a.ID, 10), "", nil)
	}
	v.Bar.Current = "accounts"
	v.Entries = r.logEntries(entries, all)
	return v, nil
}

// asked is the account that the address names.
func (r *staffRequest) asked() (*store.Account, error) {
	id, err := strconv.ParseInt(r.c.Param("id"), 10, 64)
	if err != nil || id < 1 {
		return nil, store.ErrNotFound
	}
	return r.s.Store.Account(r.ctx, id)
}

func showAccount(r *staffRequest) error {
	a, err := r.asked()
	if err != nil {
		return err
	}
	v, err := r.accountPage(a)
	if err != nil {
		return err
	}
	return r.showAs(http.StatusOK, v.Show())
}

func changeAccount(r *staffRequest) error {
	f, err := r.form()
	if err != nil {
		return err
	}
	a, err := r.asked()
	if err != nil {
		return err
	}
	path := "/staff/accounts/" + strconv.FormatInt(a.ID, 10)
	wrong := func(field, what string) error {
		v, err := r.accountPage(a)
		if err != nil {
			return err
		}
		v.RoleCode = f.Get("role")
		v.Problems = []ui.Problem{{Field: field, Message: staff.Wrong(r.p, what)}}
		return r.showAs(http.StatusUnprocessableEntity, v.Show())
	}
	var change func(*store.Account)
	var notice string
	log := r.entry(a.Login, "", "")
	switch f.Get("do") {
	case "role":
		role := store.Role(f.Get("role"))
		if role.Rank() < 0 {
			return wrong("role", "role_missing")
		}
		if role == a.Role {
			return r.see(path)
		}
		log.What, log.Detail = "role", LogDetail("Before", string(a.Role), "After", string(role))
		change, notice = func(a *store.Account) { a.Role = role }, "role_changed"
	case "disable":
		log.What = "disabled"
		change, notice = func(a *store.Account) { a.Disabled = true }, "disabled"
	case "enable":
		log.What = "enabled"
		change, notice = func(a *store.Account) { a.Disabled = false }, "enabled"
	case "remove_factor":
		if a.ID == r.account.ID {
			return r.see("/staff/account") // where the password is asked for
		}
		log.What = "factor_off"
		change, notice = func(a *store.Account) { a.Secret, a.Step = "", 0 }, "factor_removed"
	case "reset":
		if a.Disabled || a.Password == "" {
			return r.see(path)
		}
		log.What = "reset_given"
		return r.handOver(a, store.Reset, "", log)
	case "invite":
		if a.Disabled || a.Password != "" {
			return r.see(path)
		}
		log.What, log.Detail = "invited", LogDetail("Role", string(a.Role))
		return r.handOver(a, store.Invitation, "", log)
	default:
		return bad("error.encoding")
	}
	_, err = r.s.Store.ChangeAccount(r.ctx, a.ID, func(a *store.Account) error { change(a); return nil }, log)
	if errors.Is(err, store.ErrLastAdministrator) {
		return wrong("role", "last_administrator")
	}
	if err != nil {
		return err
	}
	return r.seeSaying(path, staff.Notice(r.p, notice))
}

func showSettings(r *staffRequest) error {
	all, err := r.s.Store.Accounts(r.ctx)
	if err != nil {
		return err
	}
	v := staff.Settings{Page: r.staffPage(r.p.T("staff.title.settings")), Action: r.staffURL("settings")}
	v.Bar.Current = "settings"
	for _, a := range all {
		if !a.Disabled && a.Secret == "" {
			v.Without++
		}
	}
	if v.SecondFactor, err = r.s.factorRequired(r.ctx); err != nil {
		return err
	}
	alone, err := r.s.Store.Setting(r.ctx, store.OnePersonOffice)
	if err != nil {
		return err
	}
	v.OnePerson = alone == "yes"
	return r.showAs(http.StatusOK, v.Show())
}

func changeSettings(r *staffRequest) error {
	f, err := r.form()
	if err != nil {
		return err
	}
	for _, x := range []struct{ setting, field string }{{settingFactor, "second_factor"}, {store.OnePersonOffice, "one_person"}} {
		was, err := r.s.Store.Setting(r.ctx, x.setting)
		if err != nil {
			return err
		}
		value := ""
		if f.Get(x.field) == "yes" {
			value = "yes"
		}
		if value == was {
			continue
		}
		if err := r.s.Store.SetSetting(r.ctx, x.setting, value, r.entry("", "settings", LogDetail("Setting", x.field, "Value", value))); err != nil {
			return err
		}
	}
	return r.seeSaying("/staff/settings", staff.Notice(r.p, "settings_changed"))
}

// LogDetail is what an entry of the account log says besides what happened: name and value pairs.
func LogDetail(pairs ...string) string {
	m := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // a map of texts
	}
	return string(b)
}

// failures are the entries of the account log that somebody should look at.
var failures = []string{"failed", "failed_factor", "slowed"}

func (r *staffRequest) logEntries(list []store.Logged, accounts []*store.Account) []staff.LogEntry {
	byLogin := map[string]*store.Account{}
	for _, a := range accounts {
		byLogin[a.Login] = a
	}
	out := make([]staff.LogEntry, 0, len(list))
	for _, l := range list {
		e := staff.LogEntry{At: r.p.DateTime(l.At), AtISO: l.At.Format(time.RFC3339), Who: l.Actor, Address: l.Address, Failure: slices.Contains(failures, l.What)}
		if l.Actor == store.CommandLine {
			e.Who = r.p.T("staff.log.command_line")
		}
		switch a := byLogin[l.Subject]; {
		case a != nil:
			e.Account = ui.Link{Text: a.Login, URL: r.accountURL(a.ID)}
		case l.Subject != "":
			e.Account = ui.Link{Text: l.Subject}
		case e.Failure:
			e.Account = ui.Link{Text: r.p.T("staff.log.unknown")}
		default:
			e.Account = ui.Link{Text: "–"}
		}
		e.What = r.logged(l)
		out = append(out, e)
	}
	return out
}

// logged is an entry of the account log in words.
func (r *staffRequest) logged(l store.Logged) string {
	if !r.p.Has("staff.logged." + l.What) {
		return l.What // of a later version
	}
	d := map[string]string{}
	if l.Detail != "" {
		if err := json.Unmarshal([]byte(l.Detail), &d); err != nil {
			return l.What + " " + l.Detail
		}
	}
	switch l.What {
	case "invited", "added":
		return staff.Logged(r.p, l.What, "Role", staff.RoleName(r.p, d["Role"]))
	case "role":
		return staff.Logged(r.p, l.What, "Before", staff.RoleName(r.p, d["Before"]), "After", staff.RoleName(r.p, d["After"]))
	case "name":
		return staff.Logged(r.p, l.What, "Before", d["Before"], "After", d["After"])
	case "settings":
		state := r.p.T("staff.factor.off")
		if d["Value"] == "yes" {
			state = r.p.T("staff.factor.on")
		}
		return staff.Logged(r.p, l.What, "What", r.p.T("staff.log.setting", "Setting", r.p.T("staff.settings."+d["Setting"]), "State", state))
	}
	return staff.Logged(r.p, l.What)
}

func showAccountLog(r *staffRequest) error {
	number, err := r.pageNumber()
	if err != nil {
		return err
	}
	list, total, err := r.s.Store.AccountLog(r.ctx, r.query["account"], skipTo(number), pageSize)
	if err != nil {
		return err
	}
	all, err := r.s.Store.Accounts(r.ctx)
	if err != nil {
		return err
	}
	v := staff.Log{Page: r.staffPage(r.p.T("staff.title.log")), Total: total, Rows: r.logEntries(list, all)}
	v.Bar.Current = "log"
	if v.Pager, err = r.pager(number, total); err != nil {
		return err
	}
	return r.showAs(http.StatusOK, v.Show())
}
