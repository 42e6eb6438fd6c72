package staff

import "cosignatory/templates/ui"

// Own is the own account. Three forms: what is shown of me (posts do=profile: name, lang, public_name=yes), the password
// (do=password: current, password, password_again), and the way to the second factor.
type Own struct {
	Page
	Action string
	Login  string
	Name   string // as typed
	Role   string // in words
	Lang   string // code; Page.Languages are the choices
	// PublicName says that the name is shown with the revisions that this account publishes.
	PublicName  bool
	MinPassword int

	Factor         bool // the second factor is on
	FactorURL      string
	FactorRequired bool   // an administrator made it compulsory: it cannot be removed
	RemoveAction   string // posts: password. Empty where it cannot be removed
	CodesLeft      int    // recovery codes not used yet
	NewCodesAction string // posts: password; leads to RecoveryCodes

	Sessions []Session
}

// Session is one place where the account is signed in. Its form posts do=revoke and session;
// do=revoke_others ends all but the current one.
type Session struct {
	ID      string
	Device  string // in words: "Firefox on Linux"; what the browser says of itself
	Address string // where from
	Since   string // in words
	Seen    string // last seen, in words
	Current bool
}

// FactorSetUp shows the secret of a new second factor. Posts: password, code, secret.
type FactorSetUp struct {
	Page
	Action   string
	Secret   string // as the authenticator takes it, without blanks; shown in groups of four
	URI      string // otpauth://
	QR       QR
	Code     string // as typed
	Required bool   // the account cannot be used without
	BackURL  string // empty where it is required
}

// QR is a code drawn as one path of squares, each one unit wide, over Size units a side, without its quiet zone.
type QR struct {
	Path string
	Size int
}

// RecoveryCodes shows the recovery codes, once.
type RecoveryCodes struct {
	Page
	Codes []string
	OnURL string // on to the account or the desk
}

// groups cuts a secret into groups of four, for reading aloud and typing.
func (v FactorSetUp) groups() []string {
	var list []string
	for s := v.Secret; s != ""; {
		n := min(4, len(s))
		list, s = append(list, s[:n]), s[n:]
	}
	return list
}

// box is the view of the code with its quiet zone of four units.
func (q QR) box() string {
	n := itoa(q.Size + 8)
	return "-4 -4 " + n + " " + n
}

// ownLanguages are the languages of the register, each in its own name.
func ownLanguages(v Page) *options {
	var list []ui.Option
	for _, l := range v.Languages {
		list = append(list, ui.Option{Value: l.Code, Label: l.Name})
	}
	return newOptions(list)
}
