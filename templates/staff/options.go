package staff

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"

	"cosignatory/templates/ui"
)

// options is a list of choices, written once and shown in every row of the form. Other than ui.Options it keeps a value
// that is not in the list: a form must never change what nobody touched. It is immutable.
type options struct {
	html string
	at   map[string]int // where " selected" goes, by value
	none bool           // the first choice is empty
}

func newOptions(list []ui.Option) *options {
	o := &options{at: make(map[string]int, len(list)), none: len(list) > 0 && list[0].Value == ""}
	var b strings.Builder
	for _, x := range list {
		b.WriteString(`<option value="`)
		b.WriteString(templ.EscapeString(x.Value))
		b.WriteByte('"')
		if _, twice := o.at[x.Value]; !twice {
			o.at[x.Value] = b.Len()
		}
		b.WriteByte('>')
		b.WriteString(templ.EscapeString(x.Label))
		b.WriteString("</option>")
	}
	o.html = b.String()
	return o
}

// with writes the choices with one of them selected.
func (o *options) with(selected string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		if o == nil {
			return nil
		}
		at, ok := o.at[selected]
		var parts [3]string
		switch {
		case ok:
			parts = [3]string{o.html[:at], " selected", o.html[at:]}
		case selected == "":
			parts[0] = `<option value="" selected>–</option>`
			parts[1] = o.html
		default:
			v := templ.EscapeString(selected)
			parts[0] = `<option value="` + v + `" selected>` + v + `</option>`
			parts[1] = o.html
		}
		for _, s := range parts {
			if _, err := io.WriteString(w, s); err != nil {
				return err
			}
		}
		return nil
	})
}

// sourceOptions are the sources of the form itself: a row cites one by its key. A source without a key cannot be cited
// until the register or the script has given it one.
func sourceOptions(list []SourceFields, none string) *options {
	o := []ui.Option{{Label: none}}
	for _, s := range list {
		if s.Key != "" {
			o = append(o, ui.Option{Value: s.Key, Label: s.label()})
		}
	}
	return newOptions(o)
}

// label names a source in a list that is narrow: publisher and day, or its key where it has no publisher yet.
func (s SourceFields) label() string {
	t := s.Publisher
	if t == "" {
		return s.Key
	}
	if r := []rune(t); len(r) > 36 {
		t = string(r[:35]) + "…"
	}
	if s.Published.Year != "" {
		t += ", " + strings.Trim(s.Published.Year+"-"+s.Published.Month+"-"+s.Published.Day, "-")
	}
	return t
}
