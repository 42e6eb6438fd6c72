package pages

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"cosignatory/store/register"
	"cosignatory/templates/ui"
)

// TileMap is the world as tiles: one square a state with its code, placed roughly where it lies, in the regions of the M49
// list. Small states are as large as great ones, no border is drawn, and what a tile says is never said by colour alone:
// every tile is a link whose name says it in words, and the table beside it says the same.
type TileMap struct {
	Regions []TileRegion
	Others  []Tile // who stands on or beside the list and has no place on the map
	Key     []register.Mark
}

// TileRegion is a block of the map.
type TileRegion struct {
	Code  string // of the M49 list: Africa, Americas, Asia, Europe, Oceania
	Name  string
	Tiles []Tile // row by row
	// Numbers of UN members and observer states of the region.
	On, MayBe, Left, Beside, Group, None int
	NotOn                                []string // names of those in None, in alphabetical order
}

// Of is the number of UN members and observer states of the region.
func (r TileRegion) Of() int { return r.On + r.MayBe + r.Left + r.Beside + r.Group + r.None }

// Tile is one square.
type Tile struct {
	Code        string // as it is printed on the tile
	URL         string
	Words       string // "KEN, Kenya: in effect since 22 October 2020"
	Mark        register.Mark
	Column, Row int // of its region's grid, from 1; 0 where it has no place
}

// TilePlace is where a participant lies on the map.
type TilePlace struct {
	Region      string // of the M49 list
	Code        string // the register's own
	Column, Row int    // from 1
}

// tileRegions draw the regions, north above and west on the left, in the order in which they are read. The layout is the
// register's own: who borders on whom gives way to everybody having a square. Nobody has a square by right of standing
// here: what is neither UN member nor observer state is drawn only where it stands on the list.
var tileRegions = []struct{ code, grid string }{
	{"Americas", `
		... CAN ... ... ... ... ... ...
		... USA ... ... ... ... ... ...
		MEX ... ... CUB BHS ... ... ...
		... BLZ ... JAM HTI DOM KNA ATG
		GTM HND ... ... ... ... DMA ...
		SLV NIC ... ... ... VCT LCA BRB
		... CRI PAN ... ... GRD TTO ...
		... ... COL VEN GUY SUR ... ...
		... ECU PER BRA ... ... ... ...
		... ... BOL PRY ... ... ... ...
		... CHL ARG URY ... ... ... ...`},
	{"Europe", `
		ISL ... ... ... NOR SWE FIN ... ...
		... ... ... ... ... ... ... EST RUS
		IRL GBR ... ... DNK ... ... LVA ...
		... ... ... NLD DEU POL ... LTU BLR
		... ... BEL LUX ... CZE SVK ... UKR
		... ... FRA CHE LIE AUT HUN ROU MDA
		... AND MCO ITA SMR SVN HRV SRB BGR
		PRT ESP ... ... VAT ... BIH XKX MKD
		... ... ... MLT ... ... MNE ALB GRC`},
	{"Africa", `
		... ... MAR DZA ... TUN LBY EGY ... ... ...
		CPV MRT MLI ... NER ... TCD SDN ERI DJI ...
		SEN GMB BFA TGO BEN NGA CMR CAF SSD ETH SOM
		GNB GIN CIV GHA ... STP GNQ ... UGA KEN ...
		... SLE LBR ... ... GAB COG COD RWA TZA SYC
		... ... ... ... ... ... AGO ... BDI MWI COM
		... ... ... ... ... NAM ZMB ZWE MOZ MDG MUS
		... ... ... ... ... ... BWA ZAF SWZ ... ...
		... ... ... ... ... ... ... LSO ... ... ...`},
	{"Asia", `
		... ... GEO ... ... KAZ KGZ MNG ... PRK ...
		... TUR ARM AZE TKM UZB TJK CHN ... KOR JPN
		CYP LBN SYR IRQ IRN AFG PAK NPL BTN ... TWN
		... ISR JOR KWT ... ... IND BGD MMR LAO VNM
		... PSE SAU BHR QAT ... LKA ... THA KHM PHL
		... ... YEM OMN ARE ... MDV ... MYS BRN ...
		... ... ... ... ... ... ... ... SGP IDN TLS`},
	{"Oceania", `
		PLW FSM MHL ... ... ...
		PNG NRU KIR TUV ... ...
		... SLB ... WSM ... ...
		AUS VUT FJI TON NIU COK
		... ... NZL ... ... ...`},
}

// TileGrid is the place of everybody on the map, region by region, row by row.
func TileGrid() []TilePlace { return tileGrid }

var tileGrid = func() []TilePlace {
	var all []TilePlace
	for _, r := range tileRegions {
		for row, line := range strings.Split(strings.TrimSpace(r.grid), "\n") {
			for column, code := range strings.Fields(line) {
				if code != "..." {
					all = append(all, TilePlace{r.code, code, column + 1, row + 1})
				}
			}
		}
	}
	return all
}()

// OnTileGrid says that a participant has a place on the map.
func OnTileGrid(code string) bool { return onTileGrid[code] }

var onTileGrid = func() map[string]bool {
	all := make(map[string]bool, len(tileGrid))
	for _, at := range tileGrid {
		all[at.Code] = true
	}
	return all
}()

// cell is the classes that put a tile into its place: the page's own style sheet is the only one that may be used.
func (t Tile) cell() string { return "c" + strconv.Itoa(t.Column) + " r" + strconv.Itoa(t.Row) }

// tiles are squares, each a link in its place. There are two hundred on a page: they are written by hand, at a tenth of what it
// costs to make a component of each.
func tiles(list []Tile) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		b := make([]byte, 0, 256*len(list))
		for i := range list {
			t := &list[i]
			b = append(b, "<li"...)
			if t.Column > 0 {
				b = append(b, ` class="`...)
				b = append(b, t.cell()...)
				b = append(b, '"')
			}
			b = append(b, "><a"...)
			if t.Mark != register.NoMark {
				b = append(b, ` class="`...)
				b = append(b, tileClass(t.Mark)...)
				b = append(b, '"')
			}
			words := templ.EscapeString(t.Words)
			b = append(b, ` href="`...)
			b = append(b, templ.EscapeString(string(templ.URL(t.URL)))...)
			b = append(b, `" title="`...)
			b = append(b, words...)
			b = append(b, `" aria-label="`...)
			b = append(b, words...)
			b = append(b, `">`...)
			b = append(b, templ.EscapeString(t.Code)...)
			b = append(b, "</a></li>"...)
		}
		_, err := w.Write(b)
		return err
	})
}

// tileClass draws a mark as the bench does: filled, cornered, barred, framed, underlined or hollow.
func tileClass(m register.Mark) string {
	return [...]string{register.NoMark: "", register.MarkOn: "on", register.MarkMayBe: "may", register.MarkLeft: "gone",
		register.MarkBeside: "by", register.MarkGroup: "via"}[m]
}

// tileSum is the sum of the regions, for the last row of the table.
func (m TileMap) tileSum() TileRegion {
	var s TileRegion
	for i := range m.Regions {
		for mark := register.NoMark; mark <= register.MarkGroup; mark++ {
			*s.Count(mark) += *m.Regions[i].Count(mark)
		}
	}
	return s
}

// OnList answers whether somebody is on a list: one sentence each for those whom the words asked for fit.
type OnList struct {
	Action  string
	Hidden  []ui.Hidden
	Typed   string
	Asked   bool
	Answers []OnListAnswer
	More    int // how many more fit
}

// OnListAnswer is one participant's.
type OnListAnswer struct {
	Name, URL string
	Mark      register.Mark
	Words     string // a sentence without the name: "on the list since 24 November 2025, as signatory"
	Evidence  []SourceRef
	Notes     []Note // sentences: leads the declaration, the date is not recorded …
}

// absent says that one of the answers is that somebody is not on the list: what that means is then told once (D7).
func (a OnList) absent() bool {
	return slices.ContainsFunc(a.Answers, func(x OnListAnswer) bool { return x.Mark == register.NoMark })
}

// number is how many of the region have a mark.
func (r TileRegion) number(m register.Mark) int { return *r.Count(m) }

// Count is the number of the region that belongs to a mark.
func (r *TileRegion) Count(m register.Mark) *int {
	return [...]*int{register.NoMark: &r.None, register.MarkOn: &r.On, register.MarkMayBe: &r.MayBe, register.MarkLeft: &r.Left,
		register.MarkBeside: &r.Beside, register.MarkGroup: &r.Group}[m]
}
