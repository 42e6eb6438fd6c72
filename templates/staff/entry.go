package staff

// SignIn asks for login and password. Posts: login, password, next.
type SignIn struct {
	Page
	Action string
	Login  string // as typed
	Next   string // path to go on to; carried along in a hidden field, empty leaves it out
	// Ended says that the session ended before its owner ended it: ended where nothing was sent, not_taken where a form was.
	// Whether the browser kept a copy of what was typed only the script knows; it says so in place of that.
	Ended string
	// SignedOut says that the session was just ended by its owner.
	SignedOut bool
}

// SecondFactor asks for a code of the authenticator, or a recovery code. Posts: code, next.
type SecondFactor struct {
	Page
	Action    string
	Next      string
	CancelURL string // back to the sign-in
}

// SetUp makes the first administrator. Posts: login, name, password, password_again.
type SetUp struct {
	Page
	Action      string
	Login, Name string // as typed
	MinPassword int    // characters
}

// Accept takes an invitation, or a reset of the password, by its one-time address. Posts: password, password_again.
type Accept struct {
	Page
	Action      string
	Reset       bool // a reset, not an invitation
	Login       string
	Name        string
	Role        string // in words; empty leaves it out
	MinPassword int
}

// SpentAddress says that a one-time address was used, is too old, or never was one.
type SpentAddress struct {
	Page
	SignInURL string
}

// SignedOut says that the session was ended.
type SignedOut struct {
	Page
	SignInURL string
}

// Refused is the page of 403: what is not open to the role, and which roles may. A post from another site gets it too.
type Refused struct {
	Page
	Role  string   // the reader's, in words; empty: nobody is signed in
	Roles []string // those that may, in words
	// CrossSite says that the request came from another site: nothing was done.
	CrossSite bool
	// Sentence adds what the rule was, where it is not the role: "You wrote in this draft: a publisher who did not publishes it."
	Sentence  string
	DeskURL   string
	SignInURL string // set where nobody is signed in
	Request   string // id of the request; empty leaves it out
}
