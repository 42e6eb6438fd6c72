package register

// Filter chooses declarations. The zero value chooses all. Codes are known to the reference; who reads a filter from
// outside checks that first.
type Filter struct {
	Query     string // words that title, event, place, summary or presenter contain, folded
	Topic     string
	Kind      Kind
	Sponsor   string // participant that leads
	Signatory string // participant on the list on the day asked for
	Group     string // a group of which at least one member is on the list
	Event     string // words of the event, folded
	From, To  Date   // the declaration's date lies, or may lie, between them
	Open      Tristate
}

// Empty says that the filter chooses every declaration.
func (f Filter) Empty() bool { return f == Filter{} }

// Sort is an order of declarations; Descending turns it round. Undated declarations come last either way (D11).
type Sort struct {
	By         string // date, title, sponsor, stated, named, in_effect
	Descending bool
}

// SortKeys lists what declarations can be sorted by.
var SortKeys = []string{"date", "title", "stated", "named", "in_effect"}
