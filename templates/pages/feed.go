package pages

import (
	"cosignatory/templates/i18n"
	"cosignatory/templates/ui"
)

// FeedEntry is the content of an entry of a feed: what a revision changed and why, without anything of a page around it. All
// addresses are absolute; those of Change are not shown.
type FeedEntry struct {
	P              *i18n.Printer
	Declaration    ui.Text
	DeclarationURL string
	Change         Change
	Counts         []string // whole sentences: counts that the revision changed, old and new
	RevisionURL    string   // the page that tells the same
	AtRevisionURL  string   // the declaration at that revision; empty where it is retired, or where there is none
}
