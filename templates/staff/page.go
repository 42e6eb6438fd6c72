// Package staff holds the pages of those who keep the register: for each a view model in plain Go and the template that
// shows it. As in the public pages, handlers fill the models with localised strings and finished addresses; a template
// looks up only the words that never change. Everything works without script: staff.js only makes it quicker.
package staff

import (
	"strings"

	"github.com/a-h/templ"

	"cosignatory/templates/i18n"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
)

// Page is what every staff page carries. Every model embeds it. Of the public page it uses P, Title, Languages, HomeURL,
// Nav, CSS, Icon and JS; search engines are always asked to pass by.
type Page struct {
	pages.Page
	StaffCSS, StaffJS string // addresses of staff.css and staff.js

	Bar *Bar // who is signed in; nil: nobody

	// Account is the login of who is signed in: copies of what was typed, which the browser keeps, are offered to nobody else.
	Account string
	// Posted says that the page answers a form: what was typed stands in it, and no copy has to be put back.
	Posted bool
	// Taken says that the page follows a form that the register took: the copy of what was sent is not needed any more. Without it
	// the browser could not tell that from a page that merely came next, after a sending that failed.
	Taken bool

	// Notice says what was just done: "Saved at 14:05." It is spoken. Empty leaves it out.
	Notice string
	// Problems are what is wrong in the form of the page: they stand first, have the focus, and each leads to its field.
	Problems []ui.Problem
}

// Bar says who is signed in and leads around. An empty address leaves its link out: what a role may not, it is not offered.
type Bar struct {
	Name string
	Role string // in words, of Roles
	// Current is the section that the page belongs to: desk, bring, reference, accounts, settings, log, own; empty for none.
	Current      string
	DeskURL      string
	BringURL     string // where lists of signatories are brought in
	ReferenceURL string
	AccountsURL  string
	SettingsURL  string
	LogURL       string
	OwnURL       string // the own account
	SignOutURL   string // a form posts to it
}

// kept are the words that the script needs to offer a copy of what was typed, as data attributes of the page.
func (v Page) kept() templ.Attributes {
	if v.Account == "" {
		return nil
	}
	a := templ.Attributes{"data-account": v.Account, "data-posted": v.Posted, "data-taken": v.Taken}
	for _, k := range [...]string{"restore", "restore-do", "restore-no", "restore-file"} {
		a["data-say-"+k] = v.P.T("staff.script." + k)
	}
	return a
}

// keeps makes a form one that the browser keeps a copy of. Pages that ask one thing step by step share a name. A page that an
// answer to a form only shows is shown again by sending the whole copy with do = again; an empty one fills in the fields.
func keeps(name, again string) templ.Attributes {
	a := templ.Attributes{"data-keep": name}
	if again != "" {
		a["data-keep-again"] = again
	}
	return a
}

// links are the entries of the bar that the role may see.
func (b Bar) links(p *i18n.Printer) []ui.Link {
	var list []ui.Link
	for _, l := range [...]struct{ section, url string }{{"desk", b.DeskURL}, {"bring", b.BringURL}, {"reference", b.ReferenceURL},
		{"accounts", b.AccountsURL}, {"settings", b.SettingsURL}, {"log", b.LogURL}} {
		if l.url != "" {
			list = append(list, ui.Link{Text: p.T("staff.bar." + l.section), URL: l.url, Current: l.section == b.Current})
		}
	}
	return list
}

// documentTitle is what a window is called: a page with problems says so first, which is what is read out first.
func (v Page) documentTitle() string {
	t := v.P.T("staff.page_title", "Title", v.Title)
	if len(v.Problems) > 0 {
		return v.P.T("staff.page_title_wrong", "Title", t)
	}
	return t
}

// wrong finds the message of a field.
type wrong map[string]string

// wrongs gathers the messages by field; of two about one field the first is shown beside it, both in the summary.
func (v Page) wrongs() wrong {
	w := make(wrong, len(v.Problems))
	for _, x := range v.Problems {
		if _, twice := w[x.Field]; !twice && x.Field != "" {
			w[x.Field] = x.Message
		}
	}
	return w
}

// under says whether any field below a path, as actions[3], is wrong.
func (w wrong) under(path string) bool {
	for f := range w {
		if strings.HasPrefix(f, path) && (len(f) == len(path) || f[len(path)] == '.' || f[len(path)] == '[') {
			return true
		}
	}
	return false
}

// anchor is the address of a field on its page.
func anchor(id string) string {
	return "#" + strings.NewReplacer("[", "%5B", "]", "%5D").Replace(id)
}

// Date is a partial date by its parts, as typed: a year alone and a month with its year are dates too, and what is no
// number stays as it is.
type Date struct {
	Year, Month, Day string
}

func (d Date) empty() bool { return d == Date{} }

// In is one field for a short text; its id is its name.
type In struct {
	Name, Label string
	Value       string
	Hint        string // a sentence under the label; empty leaves it out
	Type        string // text where empty
	Auto        string // autocomplete; empty leaves it out
	Size        string // width in characters; empty: as wide as its place
	Mode        string // inputmode; empty leaves it out
	Show        string // of a password: what offers to show it, where scripts run; empty offers nothing
	Wrong       string // why it was not taken
	Code        bool   // codes and addresses: left to right, no spelling help
	Focus       bool
	Disabled    bool
}

func (f In) attributes() templ.Attributes {
	a := described(f.Name, f.Hint != "", f.Wrong)
	set := func(name, value string) {
		if value != "" {
			a[name] = value
		}
	}
	set("autocomplete", f.Auto)
	set("size", f.Size)
	set("inputmode", f.Mode)
	set("data-show", f.Show)
	if f.Code {
		a["dir"], a["spellcheck"], a["autocapitalize"] = "ltr", "false", "off"
	}
	if f.Focus {
		a["autofocus"] = true
	}
	if f.Disabled {
		a["disabled"] = true
	}
	return a
}

func (f In) kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

// described marks a field that was not taken and points to its hint and to the sentence that says why.
func described(name string, hint bool, wrong string) templ.Attributes {
	a := templ.Attributes{}
	var by []string
	if hint {
		by = append(by, name+"-hint")
	}
	if wrong != "" {
		by = append(by, name+"-wrong")
		a["aria-invalid"] = "true"
	}
	if len(by) > 0 {
		a["aria-describedby"] = strings.Join(by, " ")
	}
	return a
}

// currentPage marks the link of the section that the reader is in.
func currentPage(l ui.Link) templ.Attributes {
	if l.Current {
		return templ.Attributes{"aria-current": "page"}
	}
	return nil
}

// first is the message of the first of some fields that has one.
func (w wrong) first(names ...string) string {
	for _, n := range names {
		if m := w[n]; m != "" {
			return m
		}
	}
	return ""
}

// currentLanguage marks the language of the page.
func currentLanguage(l ui.Language) templ.Attributes {
	if l.Current {
		return templ.Attributes{"aria-current": "true"}
	}
	return nil
}

func langOr(lang, or string) string {
	if lang == "" {
		return or
	}
	return lang
}

// up is a link to the page above.
func up(text, url string) ui.TextLink { return ui.TextLink{Text: ui.Plain(text), URL: url} }

// referenceURL is where the reference data begin, empty where nobody is signed in.
func (v Page) referenceURL() string {
	if v.Bar == nil {
		return ""
	}
	return v.Bar.ReferenceURL
}
