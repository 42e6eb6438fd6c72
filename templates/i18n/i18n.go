// Package i18n says the register's words in the six languages of the United Nations.
//
// Messages stand in one catalogue a language (en.json, fr.json …), read by go-i18n: a flat JSON object from key to text,
// or to an object of CLDR plural forms. A text holds placeholders as {{.Name}}. English is the reference: every other
// catalogue has its keys, forms and placeholders, and a test says so. What no translator should have to know, how dates,
// numbers and lists are written, stands in Go tables (calendar.go, number.go).
//
// Texts are plain, not HTML: whoever shows them escapes them. In a right-to-left catalogue, a translator may put the
// isolates U+2068 and U+2069 around a placeholder that can hold left-to-right words.
package i18n

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed *.json
var files embed.FS

// Language is one language the register speaks.
type Language struct {
	Code string // BCP 47, as in addresses and lang attributes: "fr"
	Name string // in the language itself: "Français"
	Dir  string // direction of writing, as in dir attributes: "ltr" or "rtl"
}

// reference is the language that the other catalogues are translated from and fall back to.
const reference = "en"

// six holds the languages of the United Nations in the order the register names them. It is never written to.
var six = [...]Language{
	{"en", "English", "ltr"},
	{"fr", "Français", "ltr"},
	{"es", "Español", "ltr"},
	{"ar", "العربية", "rtl"},
	{"zh", "中文", "ltr"},
	{"ru", "Русский", "ltr"},
}

// All lists the six languages of the United Nations, whether this build has their catalogue or not. The slice is the
// caller's own.
func All() []Language { return slices.Clone(six[:]) }

// Languages lists the languages with a catalogue in this build, in the order en fr es ar zh ru. The slice is the
// caller's own.
func Languages() []Language {
	all := printers()
	out := make([]Language, 0, len(six))
	for _, l := range six {
		if all[l.Code] != nil {
			out = append(out, l)
		}
	}
	return out
}

// Printer says everything in one language. It never changes, and any number of goroutines may share it.
type Printer struct {
	language Language
	style    *style              // dates, numbers, lists
	messages map[string]*message // this language's catalogue by key
	english  *Printer            // asked for what this catalogue lacks; nil in English itself
	plural   *plural             // number → form
	slow     *i18n.Localizer     // executes texts with more than placeholders in them
}

// For is the printer of a language, by its exact code ("fr"; not "FR" or "fr-CA"); false when this build has no
// catalogue for it.
func For(code string) (*Printer, bool) {
	p := printers()[code]
	return p, p != nil
}

// Lang is the code of the printer's language, "fr".
func (p *Printer) Lang() string { return p.language.Code }

// Dir is the direction of the printer's language, "ltr" or "rtl".
func (p *Printer) Dir() string { return p.language.Dir }

// printers reads the embedded catalogues, once, at the first call. A catalogue that go-i18n cannot read panics: it is
// part of the program, and the tests read it too.
var printers = sync.OnceValue(func() map[string]*Printer {
	catalogues := map[string][]byte{}
	for _, l := range six {
		if b, err := files.ReadFile(l.Code + ".json"); err == nil {
			catalogues[l.Code] = b
		}
	}
	ps, err := load(catalogues)
	if err != nil {
		panic("i18n: " + err.Error())
	}
	for code := range ps {
		if catalogues[code] == nil {
			delete(ps, code)
		}
	}
	return ps
})

// load makes the printers of all six languages from the JSON of some catalogues, by language code. A language without a
// catalogue speaks English with its own dates, numbers and lists.
func load(catalogues map[string][]byte) (map[string]*Printer, error) {
	bundle := i18n.NewBundle(language.MustParse(reference))
	forms := newForms()
	ps := make(map[string]*Printer, len(six))
	for _, l := range six {
		parsed, err := bundle.ParseMessageBytes(language.MustParse(l.Code), catalogues[l.Code], json.Unmarshal)
		if err != nil {
			return nil, fmt.Errorf("%s.json: %w", l.Code, err)
		}
		p := &Printer{
			language: l,
			style:    styles[l.Code],
			messages: make(map[string]*message, len(parsed)),
			english:  ps[reference],
			plural:   newPlural(forms, l.Code),
		}
		for _, m := range parsed {
			p.messages[m.ID] = compile(m)
		}
		ps[l.Code] = p
	}
	// A localizer reads its bundle, so none is made before the bundle is complete.
	for code, p := range ps {
		p.slow = i18n.NewLocalizer(bundle, code)
	}
	return ps, nil
}

// form is a CLDR plural form.
type form uint8

const (
	other form = iota // also the only form of a message without plural
	zero
	one
	two
	few
	many
	forms // how many there are
)

// formID is the key of the one message of the bundle that newForms makes.
const formID = "form"

// newForms is a bundle whose only message, in every language, says its own plural form as a digit. Asking it is the way
// to go-i18n's plural rules, which are otherwise internal; x/text's are older and lack French and Spanish "many".
func newForms() *i18n.Bundle {
	b := i18n.NewBundle(language.MustParse(reference))
	say := func(f form) string { return strconv.Itoa(int(f)) }
	for _, l := range six {
		b.MustAddMessages(language.MustParse(l.Code), &i18n.Message{
			ID: formID, Zero: say(zero), One: say(one), Two: say(two), Few: say(few), Many: say(many), Other: say(other),
		})
	}
	return b
}

// plural knows the plural forms of one language.
type plural struct {
	small [128]form // answers for the counts that pages mostly show
	rules *i18n.Localizer
}

func newPlural(b *i18n.Bundle, code string) *plural {
	p := &plural{rules: i18n.NewLocalizer(b, code)}
	for n := range p.small {
		p.small[n] = p.ask(int64(n))
	}
	return p
}

// form is the plural form that n takes; a negative number takes that of its absolute value.
func (p *plural) form(n int64) form {
	if 0 <= n && n < int64(len(p.small)) {
		return p.small[n]
	}
	return p.ask(n)
}

func (p *plural) ask(n int64) form {
	s, err := p.rules.Localize(&i18n.LocalizeConfig{MessageID: formID, PluralCount: n})
	if err != nil || len(s) != 1 || s[0]-'0' >= byte(forms) {
		return other
	}
	return form(s[0] - '0')
}
