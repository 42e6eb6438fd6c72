package export

import (
	"context"
	"io"
	"strconv"
	"time"

	"cosignatory/templates/i18n"
)

// JSON documents: what the file is, then its columns, then its rows, each an object. A column that has no value in a row is null.
// Keys are only ever added.

// documentHead is what stands before the rows of a table.
func documentHead(ctx context.Context, name string, columns []Column, o Options) ([]byte, error) {
	b := []byte{'{'}
	if !o.within {
		a, err := o.about(ctx, name)
		if err != nil {
			return nil, err
		}
		b = appendKey(b, "file", name)
		b = append(b, `,"revision":`...)
		b = strconv.AppendInt(b, int64(o.View.Revision), 10)
		b = append(b, ',')
		b = appendKey(b, "as_of", o.Day.String())
		b = append(b, ',')
		b = appendKey(b, "language", o.Lang)
		b = append(b, `,"filtered":`...)
		b = strconv.AppendBool(b, o.Filtered)
		b = append(b, ',')
		b = appendKey(b, "licence", Licence)
		b = append(b, ',')
		b = appendKey(b, "disclaimer", Disclaimer)
		b = append(b, `,"filters":{`...)
		for i, f := range o.Filters {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendJSON(b, f.Name), ':')
			b = appendList(b, f.Values)
		}
		b = append(b, `},`...)
		b = a.appendKeys(b)
		b = append(b, ',')
	}
	if row := i18n.Plain("file." + name); row != "" {
		b = appendKey(b, "one_row_is", row)
		b = append(b, ',')
	}
	b = append(b, `"columns":[`...)
	for i, c := range columns {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(b, c.Name)
	}
	b = append(b, `],"types":{`...)
	for i, c := range columns {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendKey(b, c.Name, c.Type)
	}
	return append(b, `},"rows":[`...), nil
}

// appendKeys appends where a document is from.
func (a about) appendKeys(b []byte) []byte {
	b = appendKey(b, "revision_hash", a.head.Hash)
	b = append(b, ',')
	b = appendKey(b, "published_at", a.head.PublishedAt.UTC().Format(time.RFC3339))
	b = append(b, ',')
	b = appendKey(b, "address", a.address)
	b = append(b, ',')
	return appendKey(b, "dictionary", a.dictionary())
}

func appendKey(b []byte, key, value string) []byte {
	return appendJSON(append(appendJSON(b, key), ':'), value)
}

func appendList(b []byte, values []string) []byte {
	b = append(b, '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(b, v)
	}
	return append(b, ']')
}

// DocumentNames are the files that a document and a database of the whole register hold: all but the matrix, which is the
// signatories again, turned, with a column for each declaration.
func DocumentNames() []string {
	var names []string
	for _, name := range order {
		if name != "matrix" {
			names = append(names, name)
		}
	}
	return names
}

// WriteDocument writes the whole register as one JSON document: what it is, and under "files" each of DocumentNames with
// its columns and rows. Memory does not grow with the register.
func WriteDocument(ctx context.Context, w io.Writer, o Options) error {
	o = o.whole()
	o.Format, o.Raw, o.BOM, o.IncludeImplied, o.Filtered = JSON, false, false, false, false
	a, err := o.about(ctx, Register)
	if err != nil {
		return err
	}
	b := appendKey([]byte{'{'}, "title", registerTitle)
	b = append(b, `,"revision":`...)
	b = strconv.AppendInt(b, int64(o.View.Revision), 10)
	b = append(b, ',')
	b = appendKey(b, "as_of", o.Day.String())
	b = append(b, ',')
	b = appendKey(b, "language", o.Lang)
	b = append(b, ',')
	b = appendKey(b, "licence", Licence)
	b = append(b, ',')
	b = appendKey(b, "disclaimer", Disclaimer)
	b = append(b, ',')
	b = a.appendKeys(b)
	b = append(b, `,"files":{`...)
	o.within = true
	names := DocumentNames()
	for i, name := range names {
		o.step(i, len(names))
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '\n'), appendJSON(nil, name)...), ':')
		if _, err := w.Write(b); err != nil {
			return err
		}
		b = b[:0]
		if err := Write(ctx, w, name, o); err != nil {
			return err
		}
	}
	_, err = io.WriteString(w, "\n}}\n")
	return err
}

// step tells how far a file of the whole register is.
func (o Options) step(done, of int) {
	if o.Step != nil {
		o.Step(done, of)
	}
}
