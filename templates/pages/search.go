package pages

import "cosignatory/templates/ui"

// Search is what a search finds.
type Search struct {
	Page
	Typed      string    // what stands in the field
	Understood []ui.Link // as what the question was read: each a chip that leads to the question without it
	PlainURL   string    // the search for the words as they are typed; empty where that is this page
	SenseURL   string    // back from that to what the words name; empty where that is this page
	FilterURL  string    // the list of declarations filtered by the same; empty where no filters say it
	Choices    []Choice
	Remarks    []string // how the answer differs from the question, in whole sentences
	Hits       []SearchHit
	Total      int // declarations found
	// Longer lists of names: all participants with these words in a name.
	ParticipantsTotal int
	ParticipantsURL   string
	Pager             ui.Pager
	Problems          []ui.Problem
	Try               []ui.Link // where to go on where nothing was found
}

// Choice is a name that can mean several: a sentence, and the question with each of them in its place.
type Choice struct {
	Sentence string
	Links    []ui.Link
}

// SearchHit is one thing found: a declaration, participant, group or topic.
type SearchHit struct {
	Kind  string // in words
	Title ui.Marked
	URL   string
	Work  bool   // a declaration: set as titles are
	Code  string // of a participant or group; empty for others
	Facts []string
	Notes []SearchNote
}

// SearchNote is a line under a hit: where else it has what was sought, or by which name it was found.
type SearchNote struct {
	Label  string // with its colon
	Text   ui.Marked
	After  string // said behind the text
	Before bool   // cut off before and after it
	Behind bool
}

func (v Search) empty() bool { return len(v.Hits) == 0 }
