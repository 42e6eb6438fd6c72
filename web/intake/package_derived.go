package intake

import (
	"slices"
	"strconv"
	"strings"

	"cosignatory/store/register"
)

// derivedColumns are the columns of declarations.csv that repeat what another table of the package says: where that table is
// there, it counts, and these may not say anything else. Whoever changed a title here would be told that nothing had changed.
var derivedColumns = []struct {
	column, table string
	says          func(*register.Declaration) []string
}{
	{"title", "titles", func(d *register.Declaration) (all []string) {
		for _, t := range d.Titles {
			all = append(all, t.Text)
		}
		return all
	}},
	{"event", "texts", textsOf(func(t *register.Text) string { return t.Event })},
	{"place", "texts", textsOf(func(t *register.Text) string { return t.Place })},
	{"summary", "texts", textsOf(func(t *register.Text) string { return t.Summary })},
	{"stated_count", "stated", func(d *register.Declaration) (all []string) {
		all = append(all, "") // on a day before the first, none is stated
		for _, s := range d.Stated {
			all = append(all, strconv.Itoa(s.Count))
		}
		return all
	}},
}

func textsOf(field func(*register.Text) string) func(*register.Declaration) []string {
	return func(d *register.Declaration) (all []string) {
		for i := range d.Texts {
			all = append(all, field(&d.Texts[i]))
		}
		return all
	}
}

// derivedCell is a cell of such a column, kept until the other table has been read.
type derivedCell struct {
	e     *edit
	which int // of derivedColumns
	at    place
	value string
}

// repeats keeps the cells of a row of declarations.csv that another table says too.
func (x *importer) repeats(s *sheetReader, e *edit) {
	for i, c := range derivedColumns {
		if x.tables[c.table] != nil && s.has(c.column) {
			x.derived = append(x.derived, derivedCell{e, i, place{s.file, s.line}, s.cell(c.column)})
		}
	}
}

// contradictions tells the cells of declarations.csv that say neither what the package's other tables do, in any language, nor
// what the register did before: that one was left as it stood while the other table was mended.
func (x *importer) contradictions() {
	for _, cell := range x.derived {
		c := derivedColumns[cell.which]
		says := c.says(&cell.e.Declaration)
		if cell.e.entry != nil {
			says = append(says, c.says(&cell.e.entry.Declaration)...)
		}
		value := register.CleanText(cell.value)
		if cell.e.refuse || x.unread[x.tables[c.table].name] || x.unsure(cell.at, c.column) || value == "" && len(says) == 0 || slices.ContainsFunc(says, func(s string) bool { return register.CleanText(s) == value }) {
			continue
		}
		x.add(cell.at.file, cell.at.line, c.column, "column_derived", "Value", excerpt(strings.TrimSpace(cell.value)), "File", x.tables[c.table].name)
	}
}
