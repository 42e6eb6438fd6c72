package pages

import "cosignatory/templates/ui"

// Watch is how a page can be watched without an account: what its reader has seen is remembered in its address.
type Watch struct {
	Since       *Since // nil where the address remembers nothing
	Action      string
	Hidden      []ui.Hidden
	Typed       string // the revision or the day asked about
	RememberURL string // this page, which then says what has changed since now
}

// Since is what was published after a revision and concerns the page, up to the revision that the page shows.
type Since struct {
	Sentence string   // how much, and since when
	Sums     []string // counts that differ, of the page of one declaration
	Joined, Left,
	Corrected []ui.Link // of the page of one declaration
	Changes  []Change // newest first; only so many
	More     ui.Link  // a page with all of them, or with all changes; without an address where these are all
	ClearURL string
}
