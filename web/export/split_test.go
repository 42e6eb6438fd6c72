package export

import (
	"context"
	"io"

	"cosignatory/store"
)

// WriteRows writes n rows of a text as a spreadsheet, for tests: a table that is longer than a sheet, a text that is longer
// than a cell.
func WriteRows(w io.Writer, v *store.View, n int, text string) error {
	o := Options{View: v, Format: XLSX}
	f, err := begin(context.Background(), w, "addresses", columns["addresses"], o)
	if err != nil {
		return err
	}
	return f.simple(func(p *pen) error {
		for range n {
			p.begin()
			p.put(text)
			p.put("")
			if err := p.done(); err != nil {
				return err
			}
		}
		return nil
	})
}
