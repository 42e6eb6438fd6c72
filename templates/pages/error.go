package pages

import "cosignatory/templates/ui"

// Error is the page of everything that is not as asked for: what happened, what is accepted, where to go on.
type Error struct {
	Page
	Status   int
	Sentence string      // what is wrong, with what was typed: error.as_of …
	Accepted string      // what would be right, as a sentence; it stands above Values and leads to them
	Values   []ui.Option // accepted values: what to type, and what it means
	Links    []ui.Link   // onward
	Request  string      // id of the request, for a report; empty leaves it out
	Form     *ErrorForm
}

// ErrorForm offers what was typed for mending. Fields are text fields, named as the parameters.
type ErrorForm struct {
	Action string
	Fields []ErrorField
	Hidden []ui.Hidden
}

// ErrorField is one field with what was typed; Wrong is the sentence that says why it was not taken, empty where it was.
type ErrorField struct {
	Name, Label, Value, Wrong string
}
