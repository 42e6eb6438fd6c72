package pages

import "cosignatory/templates/ui"

// Front is the first page: what this is, a large search field, what is new, the register in numbers, topics.
type Front struct {
	Page
	Newest          []Change         // five
	Declarations    []DeclarationRow // of the year
	Year            string           // "2025"; the newest year that has any
	DeclarationsURL string
	YearURL         string   // all of that year
	Numbers         []Number // five
	Topics          []Topic
	AllTopics       ui.Link // where they are not all of them
	ChangesURL      string
}

// Number is one of the register's numbers, with what it counts: "25 declarations", number.declarations and so on.
type Number struct {
	Label string
	URL   string
}

// Topic is a topic with the number of its declarations.
type Topic struct {
	Name ui.Text
	URL  string
	N    int
}
