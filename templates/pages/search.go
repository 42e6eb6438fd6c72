package pages

import "cosignatory/templates/ui"

// Search is what the search field finds.
type Search struct {
	Page
	Declarations      []DeclarationRow
	DeclarationsTotal int
	DeclarationsURL   string // the list of declarations filtered by the same words
	Participants      []ParticipantRow
	ParticipantsTotal int
	ParticipantsURL   string
	Groups            []GroupRow
	Pager             ui.Pager
	Problems          []ui.Problem
}

func (v Search) empty() bool {
	return len(v.Declarations)+len(v.Participants)+len(v.Groups) == 0
}
