package ui

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// Options is the list of choices of a select, written once and shown many times: a list of all participants would
// otherwise be most of the work of a page. It is immutable and safe to share.
type Options struct {
	html   string
	at     map[string]int // where " selected" goes, by value
	labels map[string]string
}

// NewOptions prepares a list of choices. Values must differ; of two equal ones the first can be selected.
func NewOptions(list []Option) *Options {
	o := &Options{at: make(map[string]int, len(list)), labels: make(map[string]string, len(list))}
	var b strings.Builder
	for _, it := range list {
		b.WriteString(`<option value="`)
		b.WriteString(templ.EscapeString(it.Value))
		b.WriteByte('"')
		if _, twice := o.at[it.Value]; !twice {
			o.at[it.Value] = b.Len()
			o.labels[it.Value] = it.Label
		}
		b.WriteByte('>')
		b.WriteString(templ.EscapeString(it.Label))
		b.WriteString("</option>")
	}
	o.html = b.String()
	return o
}

// Label is the words of a choice, empty for an unknown value.
func (o *Options) Label(value string) string {
	if o == nil {
		return ""
	}
	return o.labels[value]
}

// Has says whether a value is one of the choices.
func (o *Options) Has(value string) bool {
	if o == nil {
		return false
	}
	_, ok := o.at[value]
	return ok
}

// with writes the choices with one of them selected; an unknown value selects none.
func (o *Options) with(selected string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		if o == nil {
			return nil
		}
		i, ok := o.at[selected]
		if !ok {
			_, err := io.WriteString(w, o.html)
			return err
		}
		for _, s := range [...]string{o.html[:i], " selected", o.html[i:]} {
			if _, err := io.WriteString(w, s); err != nil {
				return err
			}
		}
		return nil
	})
}
