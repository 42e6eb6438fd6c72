package pages

import "cosignatory/templates/ui"

// Declarations is the list of declarations, filtered, sorted and paged.
type Declarations struct {
	Page
	Filter DeclarationFilter
	Rows   []DeclarationRow
	Total  int // of all pages
	ByDate,
	ByTitle,
	ByStated,
	ByNamed,
	ByInEffect ui.Head
	Pager ui.Pager
	Foot  ui.TableFoot
	// The same declarations as a matrix, and the page that compares some.
	MatrixURL, CompareURL string
}

// DeclarationFilter is the form above the list. The option lists begin with the empty value ("any"); Selected… are values.
type DeclarationFilter struct {
	Filter
	Topics, Kinds, Sponsors, Signatories, Groups *ui.Options
	Topic, Kind, Sponsor, Signatory, Group       string
	Event                                        string
	From, To                                     string // YYYY, YYYY-MM or YYYY-MM-DD, as typed
	Open                                         *ui.Options
	OpenValue                                    string // yes, no, unknown or empty
	Narrow                                       []Narrow
}

// Narrow are values of one filter, with the number of declarations by each: links to the list narrowed by them.
type Narrow struct {
	Label string
	Links []Topic
}
