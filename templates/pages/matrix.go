package pages

import (
	"strconv"

	"cosignatory/store/register"
	"cosignatory/templates/ui"
)

// Matrix is participants × declarations: all rows, and as many columns as a page holds.
type Matrix struct {
	Page
	Filter   DeclarationFilter
	Orders   []ui.Link
	Similar  bool
	Shown    string // a sentence: what is shown, and that the file has all
	Columns  []MatrixColumn
	Sections []MatrixSection
	Total    int // declarations
	Pager    ui.Pager
	AsOfForm AsOfForm
	Foot     ui.TableFoot
}

// MatrixColumn is a declaration.
type MatrixColumn struct {
	Title ui.Text
	URL   string
	Year  string
}

// MatrixSection is the participants of a regional group, or all.
type MatrixSection struct {
	Heading string
	Rows    []MatrixRow
}

// MatrixRow is a participant.
type MatrixRow struct {
	Name, URL string
	Marks     []register.Mark
}

func (v Matrix) width() string { return strconv.Itoa(len(v.Columns)) }

// marksShown are those that the key explains.
var marksShown = []register.Mark{register.MarkOn, register.MarkMayBe, register.MarkLeft, register.MarkBeside, register.MarkGroup}
