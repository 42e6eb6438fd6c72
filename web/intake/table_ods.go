package intake

import (
	"encoding/xml"
	"strconv"
)

// readODS reads an OpenDocument workbook. Cells and rows that are written once for many are repeated only where they have
// something in them, and no further than the limits.
func readODS(p *packed, got *Brought) (*Table, *Refusal) {
	x, r := p.part("content.xml")
	if r != nil {
		return nil, r
	}
	if x == nil {
		return nil, refuse("damaged")
	}
	type cell struct {
		column, times int
		text          string
	}
	t := newTableReader(got)
	var (
		cells                            []cell
		row, rows, column, times         int
		kind, value, formulaAt, mergedAt string
		formulas, merged                 int
		text                             *lineWriter
		depth                            int // of tables: one within a cell is text
		hidden                           = map[string]bool{}
		style                            string
	)
	repeated := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return 1
		}
		return min(n, 1<<20)
	}
	r = x.each(func(tok xml.Token) *Refusal {
		switch e := tok.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "tracked-changes", "annotation", "forms", "shapes", "note-body", "named-expressions", "content-validations":
				return x.skip()
			case "style":
				style = attribute(e, "name")
			case "table-properties":
				if attribute(e, "display") == "false" && len(hidden) < maxParts {
					hidden[style] = true
				}
			case "table":
				if depth++; depth == 1 {
					row = 0
					if r := t.sheet(attribute(e, "name")); r != nil {
						return r
					}
					t.current().Hidden = hidden[attribute(e, "style-name")]
				}
			case "table-row":
				if depth == 1 {
					rows, column, cells = repeated(attribute(e, "number-rows-repeated")), 0, cells[:0]
				}
			case "table-cell", "covered-table-cell":
				if depth != 1 {
					return nil
				}
				times = repeated(attribute(e, "number-columns-repeated"))
				kind, value = attribute(e, "value-type"), ""
				text = &lineWriter{}
				at := func() string { return t.current().Name + "!" + cellName(column, row+1) }
				switch kind {
				case "date":
					value = isoText(attribute(e, "date-value"))
				case "float":
					value = (&workbook{}).number(attribute(e, "value"), 0)
				}
				if attribute(e, "formula") != "" {
					count(&formulas, &formulaAt, at())
				}
				if repeated(attribute(e, "number-columns-spanned")) > 1 || repeated(attribute(e, "number-rows-spanned")) > 1 {
					count(&merged, &mergedAt, at())
				}
			case "line-break", "s", "tab":
				if text != nil {
					text.space = true
				}
			}
		case xml.CharData:
			if text != nil && text.b.Len() <= 2*MaxCell {
				text.words(string(e))
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "p":
				if text != nil {
					text.space = true
				}
			case "table-cell", "covered-table-cell":
				if depth != 1 || text == nil {
					return nil
				}
				shown := text.String()
				// A number is what is shown where that is a code with leading zeros, and else what is stored: 100000, not 1E+05.
				if value != "" && !(kind == "float" && len(shown) > 1 && shown[0] == '0') {
					shown = value
				}
				if shown != "" {
					if column+times > MaxColumns {
						return refuse("columns", "Max", MaxColumns, "Cell", cellName(column+times-1, row+1))
					}
					cells = append(cells, cell{column, times, shown})
				}
				column, text = min(column+times, 1<<24), nil
			case "table-row":
				if depth != 1 {
					return nil
				}
				if len(cells) > 0 {
					for n := range rows {
						t.row(row + n + 1)
						for _, c := range cells {
							for i := range c.times {
								if r := t.cell(c.column+i, c.text); r != nil {
									return r
								}
							}
						}
						if r := t.endRow(); r != nil {
							return r
						}
					}
				}
				row, cells = min(row+rows, 1<<30), cells[:0]
			case "table":
				depth = max(0, depth-1)
			}
		}
		return nil
	})
	if r != nil {
		return nil, r
	}
	table, r := t.finish()
	if r != nil {
		return nil, r
	}
	if formulas > 0 {
		got.remark("formulas", "Count", formulas, "Cell", formulaAt)
	}
	if merged > 0 {
		got.remark("merged", "Count", merged, "Cell", mergedAt)
	}
	return table, nil
}
