package staff

import (
	"cosignatory/templates/i18n"
	"cosignatory/templates/ui"
)

// Accounts lists the accounts, for an administrator, with the form that adds one. Posts: login, name, role.
type Accounts struct {
	Page
	Rows   []AccountRow
	Action string // adds one
	Login  string // as typed
	Name   string
	Role   string // code, as in Roles
}

// AccountRow is one account in the list.
type AccountRow struct {
	URL      string
	Login    string
	Name     string
	Role     string // in words
	State    string // active, invited, disabled
	Factor   bool   // the second factor is on
	LastSeen string // in words; empty: never
	Me       bool
}

// Account is one account, for an administrator. Its forms post to Action: do=role (role), do=disable, do=enable, do=reset,
// do=invite (a new invitation), do=remove_factor.
type Account struct {
	Page
	AccountRow
	AccountsURL string
	Action      string
	RoleCode    string
	Created     string // in words
	// LastAdministrator: it can be neither disabled nor given another role.
	LastAdministrator bool
	// OneTime is the address to hand over, shown once, right after it was made.
	OneTime *OneTime
	Entries []LogEntry // the newest about this account
	LogURL  string     // all of them
}

// OneTime is an address that works once, to be handed over by hand.
type OneTime struct {
	Reset bool   // of a reset; else an invitation
	URL   string // absolute
	Until string // in words
	Name  string // whose
}

// Settings are the rules of the office. Posts: second_factor=yes, one_person=yes.
type Settings struct {
	Page
	Action       string
	SecondFactor bool // compulsory for everybody
	OnePerson    bool // the author may publish the own draft, and the revision says so
	Without      int  // accounts that have no second factor yet
}

// Log is the account log: append only, newest first.
type Log struct {
	Page
	Rows  []LogEntry
	Total int
	Pager ui.Pager
	Foot  ui.TableFoot
}

// LogEntry is one line of the account log.
type LogEntry struct {
	At      string // day and time with its zone, in words
	AtISO   string
	What    string  // a sentence: "Role changed from editor to publisher."
	Who     string  // who did it; empty: nobody signed in
	Account ui.Link // whom it concerns
	Address string  // where from
	Failure bool
}

func onOff(p *i18n.Printer, on bool) string {
	if on {
		return p.T("staff.factor.on")
	}
	return p.T("staff.factor.off")
}

func never(p *i18n.Printer, seen string) string {
	if seen == "" {
		return p.T("staff.accounts.never")
	}
	return seen
}
