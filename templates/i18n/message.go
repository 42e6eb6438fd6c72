package i18n

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// count is the name of the argument that selects the plural form.
const count = "Count"

// placeholder is what the fast path can fill in; anything else between braces goes to go-i18n's templates.
var placeholder = regexp.MustCompile(`{{\s*\.([A-Za-z_][A-Za-z0-9_]*)\s*}}`)

// message is one message of a catalogue, by plural form; the forms it lacks are empty.
type message struct{ texts [forms]text }

// text is one form of a message, taken apart for filling in. The parts alternate: literal, name, literal, name, literal.
type text struct {
	source string
	parts  []string // nil when the source has no placeholder
	slow   bool     // holds more than placeholders: go-i18n executes it
}

func compile(m *i18n.Message) *message {
	var c message
	for f, source := range [forms]string{other: m.Other, zero: m.Zero, one: m.One, two: m.Two, few: m.Few, many: m.Many} {
		c.texts[f] = cut(source, m.LeftDelim != "" || m.RightDelim != "")
	}
	return &c
}

func cut(source string, slow bool) text {
	t := text{source: source, slow: slow}
	at := 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(source, -1) {
		t.parts = append(t.parts, source[at:m[0]], source[m[2]:m[3]])
		at = m[1]
	}
	if t.parts != nil {
		t.parts = append(t.parts, source[at:])
	}
	if strings.Contains(placeholder.ReplaceAllString(source, ""), "{{") {
		t.slow = true
	}
	return t
}

// T says the message of a key. The arguments are pairs of a placeholder's name and its value:
//
//	p.T("counts.stated", "Count", 44, "Name", "X")
//
// Count, a whole number of any integer type, selects the plural form by the language's CLDR rule and is printed as
// Number prints it. All other values are printed as they are (a year or a revision is no quantity); pass p.Number(n),
// p.Date(d) or p.List(names) for what has a local form. A placeholder without a value stays visible as {{.Name}}; a
// value without a placeholder is ignored.
//
// A form that the catalogue lacks falls back to "other", a message to the English one, and in the very worst to the key
// itself: T never panics, and is empty only for the empty key.
func (p *Printer) T(key string, args ...any) string {
	for ; p != nil; p = p.english {
		if m := p.messages[key]; m != nil {
			if s := p.say(key, m, args); s != "" {
				return s
			}
		}
	}
	return key
}

// Has says whether T finds a message for the key, in this language or in English, rather than falling back to the key.
func (p *Printer) Has(key string) bool {
	for ; p != nil; p = p.english {
		if m := p.messages[key]; m != nil {
			for i := range m.texts {
				if m.texts[i].source != "" {
					return true
				}
			}
		}
	}
	return false
}

// say fills a message in; the empty string says that it has no text for these arguments.
func (p *Printer) say(key string, m *message, args []any) string {
	f, n, counted := other, int64(0), false
	for i := 0; i+1 < len(args); i += 2 {
		if name, _ := args[i].(string); name == count {
			if n, counted = whole(args[i+1]); counted {
				f = p.plural.form(n)
			}
			break
		}
	}
	t := &m.texts[f]
	if t.source == "" {
		f = other
		t = &m.texts[f]
	}
	switch {
	case t.slow:
		return p.execute(key, args, n, counted)
	case t.parts == nil:
		return t.source
	}
	var room [256]byte
	b := room[:0]
	for i, part := range t.parts {
		if i%2 == 0 {
			b = append(b, part...)
		} else if part == count && counted {
			b = p.style.appendNumber(b, n)
		} else {
			b = appendArg(b, args, part)
		}
	}
	return string(b)
}

// execute has go-i18n fill in a message with conditions or the like in it.
func (p *Printer) execute(key string, args []any, n int64, counted bool) string {
	data := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		if name, ok := args[i].(string); ok {
			if _, taken := data[name]; !taken {
				data[name] = args[i+1]
			}
		}
	}
	c := &i18n.LocalizeConfig{MessageID: key, TemplateData: data}
	if counted {
		data[count] = string(p.style.appendNumber(nil, n))
		c.PluralCount = n
	}
	// An error beside a text means that the text is the form "other" or the English one, as T promises.
	s, _ := p.slow.Localize(c)
	return s
}

// appendArg appends the value of the first argument of that name, or the placeholder itself.
func appendArg(b []byte, args []any, name string) []byte {
	for i := 0; i+1 < len(args); i += 2 {
		if n, ok := args[i].(string); !ok || n != name {
			continue
		}
		switch v := args[i+1].(type) {
		case string:
			return append(b, v...)
		case int:
			return strconv.AppendInt(b, int64(v), 10)
		default:
			return fmt.Append(b, v)
		}
	}
	b = append(b, "{{."...)
	b = append(b, name...)
	return append(b, "}}"...)
}

// whole is the value of an integer of any type.
func whole(v any) (int64, bool) {
	if n, ok := v.(int); ok {
		return int64(n), true
	}
	switch r := reflect.ValueOf(v); {
	case !r.IsValid():
	case r.CanInt():
		return r.Int(), true
	case r.CanUint():
		return int64(min(r.Uint(), 1<<63-1)), true
	}
	return 0, false
}
