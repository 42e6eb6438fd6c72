package pages

import "strings"

// API is the guide for those who write programs: every question with its parameters and an example, and what holds for all.
type API struct {
	Page
	DataURL        string
	RootURL        string // absolute address of the index
	DescriptionURL string // of the description, as OpenAPI
	Calls          []Call // first steps, with programs
	Mirror         string // the address that a mirror begins with
	Operations     []Operation
	Every          []Parameter // of every question
	EveryList      []Parameter // of every list besides
	DefaultLimit   int         // rows of a page unless asked
	MaxLimit       int         // rows of a page at most
	Problems       []Problem
}

// Operation is a question of the API.
type Operation struct {
	ID         string
	What       string
	Template   string // its path, with names in braces
	Parameters []Parameter
	Example    string // a path with parameters
	ExampleURL string
}

// Parameter is one parameter in words.
type Parameter struct {
	Name    string
	Meaning string
	Values  []string // the values it may have, as written; none when free
}

// Problem is a kind of problem that the API tells of. Its name is a fragment of the guide.
type Problem struct {
	Kind    string
	Status  int // 0 for any
	Meaning string
}

// parts cuts an address after what parts it.
func parts(address string) []string {
	var list []string
	for address != "" {
		at := strings.IndexAny(address[1:], "/?&{") + 1
		if at == 0 {
			at = len(address)
		}
		list, address = append(list, address[:at]), address[at:]
	}
	return list
}
