// Package pages holds the public pages: for each a view model in plain Go and the template that shows it. Handlers fill the
// models with localised strings and finished addresses; templates look up only the words that never change.
package pages

import (
	"github.com/a-h/templ"

	"cosignatory/templates/i18n"
	"cosignatory/templates/ui"
)

// Page is what every page carries, whatever it is about. Every model embeds it.
type Page struct {
	P *i18n.Printer // the reader's language; never nil

	Title       string // of the document, without the register's name; empty on the front page
	TitleLang   string // language of Title where it is not the page's own
	Description string // one sentence for search engines and previews; empty leaves it out
	Canonical   string // absolute address of this page, empty on error pages
	Alternates  []ui.Alternate
	Languages   []ui.Language // the language switch: this page and its filters in each language
	NoIndex     bool          // search engines are asked to pass by: old revisions, errors, searches

	HomeURL   string
	Nav       []ui.Link // declarations, participants, groups, changes, data, about; the current one marked
	SearchURL string    // where the search field of the header leads; empty leaves the field out
	Query     string    // what it holds

	SuggestURL string // what suggests while one types in it

	Revision    int    // the revision that the page was made from; 0 only where none could be read
	RevisionURL string // the page of that revision among the changes
	PublishedAt string // when it was published, in words
	AsOf        string // the day whose state is shown, in words; empty where a page has none
	AsOfISO     string // the same as YYYY-MM-DD
	Head        string // hash of that revision, in hexadecimal; empty leaves it out
	DataURL     string
	AboutURL    string
	Address     string // absolute address that gives this very page again, revision included: for paper and citations
	Feed        string // Atom feed of this page; empty leaves it out
	Calendar    string // iCalendar file of this page's dates; empty leaves it out
	Linked      string // JSON-LD for search engines, escaped for a script element; empty leaves it out

	// Watch is set on pages that can be watched: what has changed since a revision that the address remembers.
	Watch *Watch

	// Past is set when the reader looks at another day or revision than the current one.
	Past *Past

	CSS, PrintCSS, JS, Icon string // addresses of the assets; an empty one is left out
	Print                   bool   // ?print=1: shown as it will be on paper
}

// Past says that a page shows an earlier state of the register, and leads to the current one.
type Past struct {
	Sentence string // "You are reading the list as it stood on 16 June 2024."
	URL      string // the same page now
}

// documentTitle is what a window or a bookmark is called.
func (v Page) documentTitle() string {
	if v.Title == "" {
		return v.P.T("site.title")
	}
	return v.P.T("site.page_title", "Title", v.Title)
}

// printMedia applies the style of paper to the screen when asked for.
func (v Page) printMedia() string {
	if v.Print {
		return "all"
	}
	return "print"
}

// stand says the day and the revision of a page, for the foot of paper.
func (v Page) stand() string {
	switch {
	case v.Revision == 0:
		return ""
	case v.AsOf == "":
		return v.P.T("running.revision", "Revision", v.Revision)
	}
	return v.P.T("running.as_of", "AsOf", v.AsOf, "Revision", v.Revision)
}

// caption ends the caption of a table: the day and the revision it holds for.
func (v Page) caption(count string) string {
	switch {
	case v.Revision == 0:
		return count
	case v.AsOf == "":
		return v.P.T("table.caption_revision", "What", count, "Revision", v.Revision)
	}
	return v.P.T("table.caption", "What", count, "AsOf", v.AsOf, "Revision", v.Revision)
}

// current marks the link of the page that the reader is on.
func current(l ui.Link) templ.Attributes {
	if l.Current {
		return templ.Attributes{"aria-current": "page"}
	}
	return nil
}

// up is a link to the page above.
func up(text, url string) ui.TextLink { return ui.TextLink{Text: ui.Plain(text), URL: url} }

// tongueOf gives an element the language of its words, where it is not the page's own.
func tongueOf(lang string) templ.Attributes {
	if lang == "" {
		return nil
	}
	return templ.Attributes{"lang": lang}
}

// identified gives an element its fragment, where it has one.
func identified(id string) templ.Attributes {
	if id == "" {
		return nil
	}
	return templ.Attributes{"id": id}
}

// withoutSearch leaves the search field of the header out, for pages with a larger one of their own.
func (v Page) withoutSearch() Page {
	v.SearchURL = ""
	return v
}
