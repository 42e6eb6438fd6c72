package intake

import (
	"cmp"
	"encoding/xml"
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// The reader of .xlsx is our own rather than excelize's: that one gives the cells of a stream without their style and
// formula, so that neither dates nor formulas can be told, keeps all parts in memory, and takes a part that breaks off for
// its end. Excelize writes the files of the tests.

// workbook is what is known of a workbook before its sheets are read.
type workbook struct {
	packed *packed
	t      *tableReader
	is1904 bool
	styles []numberFormat // by index of style
	refs   []sharedRef
	remark sheetRemarks
}

// sharedRef is a cell whose text stands in the part of shared texts.
type sharedRef struct{ sheet, row, column, index, line int32 }

// sheetRemarks are counts of what is remarked once for all sheets, with the first place.
type sheetRemarks struct {
	formulas, uncalculated, errors        int
	formulaAt, uncalculatedAt, errorAt    string
	merged, hiddenRows, hiddenColumns     int
	mergedAt, hiddenRowAt, hiddenColumnAt string
}

func count(n *int, first *string, at string) {
	if *n++; *n == 1 {
		*first = at
	}
}

type sheetEntry struct {
	name, id string
	hidden   bool
}

// pending stands in a cell until its shared text is known: it is not empty, and no cell of a file can be it.
const pending = "\x00"

func readXLSX(p *packed, got *Brought) (*Table, *Refusal) {
	w := &workbook{packed: p, t: newTableReader(got)}
	entries, r := w.readWorkbook(p.main)
	if r != nil {
		return nil, r
	}
	folder := path.Dir(p.main)
	targets, r := p.relations(folder+"/_rels/"+path.Base(p.main)+".rels", folder)
	if r != nil {
		return nil, r
	}
	if targets == nil {
		return nil, refuse("damaged")
	}
	styles, shared := folder+"/styles.xml", folder+"/sharedStrings.xml"
	for _, t := range targets {
		switch t.kind {
		case "styles":
			styles = t.target
		case "sharedStrings":
			shared = t.target
		}
	}
	if r := w.readStyles(styles); r != nil {
		return nil, r
	}
	for _, e := range entries {
		t, ok := targets[e.id]
		if !ok || t.kind != "worksheet" {
			continue // a sheet that is a chart or a dialogue
		}
		if r := w.readSheet(e, t.target); r != nil {
			return nil, r
		}
	}
	if r := w.readShared(shared); r != nil {
		return nil, r
	}
	table, r := w.t.finish()
	if r != nil {
		return nil, r
	}
	m := &w.remark
	for _, c := range []struct {
		key string
		n   int
		at  string
	}{
		{"formulas", m.formulas, m.formulaAt}, {"uncalculated", m.uncalculated, m.uncalculatedAt}, {"cell_errors", m.errors, m.errorAt},
		{"merged", m.merged, m.mergedAt}, {"hidden_rows", m.hiddenRows, m.hiddenRowAt}, {"hidden_columns", m.hiddenColumns, m.hiddenColumnAt},
	} {
		if c.n > 0 {
			got.remark(c.key, "Count", c.n, "Cell", c.at)
		}
	}
	return table, nil
}

func (w *workbook) readWorkbook(name string) ([]sheetEntry, *Refusal) {
	x, r := w.packed.part(name)
	if r != nil {
		return nil, r
	}
	if x == nil {
		return nil, refuse("damaged")
	}
	var entries []sheetEntry
	r = x.each(func(t xml.Token) *Refusal {
		e, ok := t.(xml.StartElement)
		if !ok {
			return nil
		}
		switch e.Name.Local {
		case "workbookPr":
			w.is1904 = truth(attribute(e, "date1904"))
		case "sheet":
			if len(entries) == MaxSheets {
				return refuse("sheets", "Max", MaxSheets)
			}
			id := ""
			for _, a := range e.Attr {
				if a.Name.Local == "id" && a.Name.Space != "" {
					id = a.Value
				}
			}
			state := attribute(e, "state")
			entries = append(entries, sheetEntry{attribute(e, "name"), id, state == "hidden" || state == "veryHidden"})
		}
		return nil
	})
	return entries, r
}

// numberFormat is what a cell's number is shown as.
type numberFormat struct {
	year, month, day, clock, seconds bool
	percent                          bool
	decimals                         int // of a percentage
	zeros                            int // digits that a whole number has at least: 004
}

// builtin are the formats of dates and times that files refer to by number alone, with the East Asian ones.
var builtin = map[int]string{9: "0%", 10: "0.00%", 14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm", 19: "h:mm:ss", 20: "h:mm", 21: "h:mm:ss",
	22: "m/d/yy h:mm", 27: "y/m/d", 28: "y/m/d", 29: "y/m/d", 30: "y/m/d", 31: "y/m/d", 32: "h:mm", 33: "h:mm:ss", 34: "y/m/d", 35: "y/m/d", 36: "y/m/d",
	45: "mm:ss", 46: "h:mm:ss", 47: "mm:ss", 50: "y/m/d", 51: "y/m/d", 52: "y/m", 53: "y/m/d", 54: "y/m/d", 55: "y/m", 56: "y/m/d", 57: "y/m/d", 58: "y/m/d"}

var (
	// What stands in a format to be shown as it is: quoted, escaped, in brackets (colours, languages), fillers.
	literal = regexp.MustCompile(`"[^"]*"|\\.|\[[^\]]*\]|_.|\*.`)
	elapsed = regexp.MustCompile(`(?i)\[(h+|m+|s+)\]`)
	zeros   = regexp.MustCompile(`^0{2,20}$`)
)

func parseFormat(code string) numberFormat {
	code, _, _ = strings.Cut(code, ";") // of numbers that are not negative
	if len(code) > 255 || strings.EqualFold(code, "general") {
		return numberFormat{}
	}
	code = elapsed.ReplaceAllString(code, "h")
	code = strings.ToLower(literal.ReplaceAllString(code, ""))
	if zeros.MatchString(code) {
		return numberFormat{zeros: len(code)}
	}
	if strings.Contains(code, "%") {
		f := numberFormat{percent: true}
		if _, after, ok := strings.Cut(code, "."); ok {
			f.decimals = min(strings.Count(after, "0"), 10)
		}
		return f
	}
	if strings.ContainsAny(code, "0#?") && !strings.ContainsAny(code, "yd") {
		// Tenths of seconds aside, digits are of numbers.
		if !strings.ContainsAny(code, "hs") {
			return numberFormat{}
		}
	}
	f := numberFormat{
		year: strings.ContainsAny(code, "ye"), day: strings.Contains(code, "d"),
		clock: strings.ContainsAny(code, "hs"), seconds: strings.Contains(code, "s"),
	}
	if strings.Contains(code, "e+") || strings.Contains(code, "e-") {
		return numberFormat{}
	}
	// The m is of months but next to hours and seconds.
	f.month = strings.Contains(code, "m") && (!f.clock || f.year || f.day)
	return f
}

func (f numberFormat) dated() bool { return f.year || f.month || f.day || f.clock }

func (w *workbook) readStyles(name string) *Refusal {
	x, r := w.packed.part(name)
	if r != nil || x == nil {
		return r
	}
	own, parsed := map[int]string{}, map[int]numberFormat{}
	cells := false
	return x.each(func(t xml.Token) *Refusal {
		switch e := t.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "numFmt":
				if id, err := strconv.Atoi(attribute(e, "numFmtId")); err == nil && len(own) < maxParts {
					own[id] = attribute(e, "formatCode")
				}
			case "cellXfs":
				cells = true
			case "xf":
				// Excel itself allows 64,000.
				if !cells || len(w.styles) >= 1<<16 {
					return nil
				}
				id, _ := strconv.Atoi(attribute(e, "numFmtId"))
				format, ok := parsed[id]
				if !ok {
					code, ok := own[id]
					if !ok {
						code = builtin[id]
					}
					format = parseFormat(code)
					parsed[id] = format
				}
				w.styles = append(w.styles, format)
			}
		case xml.EndElement:
			if e.Name.Local == "cellXfs" {
				cells = false
			}
		}
		return nil
	})
}

// readSheet reads the rows of a sheet as they stand in the file; what the sheet says of its size is not believed.
func (w *workbook) readSheet(entry sheetEntry, name string) *Refusal {
	x, r := w.packed.part(name)
	if r != nil {
		return r
	}
	if x == nil {
		return refuse("damaged")
	}
	if r := w.t.sheet(entry.name); r != nil {
		return r
	}
	sheet := len(w.t.table.Sheets) - 1
	w.t.current().Hidden = entry.hidden
	place := func(cell string) string { return entry.name + "!" + cell }
	var c struct {
		kind            string
		style           int
		formula, stored bool
	}
	row, column := 0, -1
	hiddenRow := false
	var hiddenColumns [][2]int
	var text richText
	inCell, reading := false, false
	widest := 0
	r = x.each(func(t xml.Token) *Refusal {
		switch e := t.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "col":
				if truth(attribute(e, "hidden")) && len(hiddenColumns) < MaxColumns {
					from, _ := strconv.Atoi(attribute(e, "min"))
					to, _ := strconv.Atoi(attribute(e, "max"))
					hiddenColumns = append(hiddenColumns, [2]int{from, to})
				}
			case "row":
				row++
				if n, err := strconv.Atoi(attribute(e, "r")); err == nil && n > 0 && n <= 1<<30 {
					row = n
				}
				column, hiddenRow = -1, truth(attribute(e, "hidden"))
				w.t.row(row)
			case "c":
				inCell, reading = true, false
				column++
				if n, ok := columnOf(attribute(e, "r")); ok {
					column = n
				}
				style, _ := strconv.Atoi(attribute(e, "s"))
				c.kind, c.style, c.formula, c.stored = attribute(e, "t"), style, false, false
				text.reset()
			case "f":
				c.formula = inCell
			case "v":
				reading, c.stored = inCell, true
			case "is":
				c.stored = true
			case "mergeCell":
				from, _, _ := strings.Cut(attribute(e, "ref"), ":")
				count(&w.remark.merged, &w.remark.mergedAt, place(from))
			default:
				if inCell {
					return text.start(x, e)
				}
			}
		case xml.CharData:
			if reading {
				text.add(e)
			} else if inCell {
				text.chars(e)
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "v":
				reading = false
			case "c":
				inCell = false
				value := text.String()
				at := cellName(column, row)
				if c.formula {
					if !c.stored || value == "" && c.kind != "str" {
						count(&w.remark.uncalculated, &w.remark.uncalculatedAt, place(at))
					} else {
						count(&w.remark.formulas, &w.remark.formulaAt, place(at))
					}
				}
				if value == "" {
					return nil
				}
				switch c.kind {
				case "s":
					index, err := strconv.Atoi(strings.TrimSpace(value))
					if err != nil || index < 0 || index > math.MaxInt32 {
						return refuse("damaged")
					}
					w.refs = append(w.refs, sharedRef{int32(sheet), int32(len(w.t.current().Rows)), int32(column), int32(index), int32(row)}) // #nosec G109 G115 -- index is checked above, the others count what has been read, or are bounded where they are
					return w.t.put(column, pending)
				case "e":
					count(&w.remark.errors, &w.remark.errorAt, place(at))
				case "b":
					if value = "FALSE"; truth(text.String()) {
						value = "TRUE"
					}
				case "d":
					value = isoText(value)
				case "str", "inlineStr":
					value = unescape(value)
				default:
					value = w.number(value, c.style)
				}
				return w.t.cell(column, value)
			case "row":
				if w.t.filled {
					widest = max(widest, len(w.t.now))
					if hiddenRow {
						count(&w.remark.hiddenRows, &w.remark.hiddenRowAt, place(strconv.Itoa(row)))
					}
				}
				return w.t.endRow()
			default:
				if inCell {
					text.end(e)
				}
			}
		}
		return nil
	})
	for _, h := range hiddenColumns {
		for n := max(1, h[0]); n <= min(h[1], widest); n++ {
			count(&w.remark.hiddenColumns, &w.remark.hiddenColumnAt, place(strings.TrimRight(cellName(n-1, 0), "0")))
		}
	}
	return r
}

// columnOf is the column of a cell's name, from 0.
func columnOf(cell string) (int, bool) {
	n := 0
	for i := range len(cell) {
		switch c := cell[i] &^ 0x20; {
		case c >= 'A' && c <= 'Z' && i < 3:
			n = n*26 + int(c-'A') + 1
		default:
			return n - 1, n > 0
		}
	}
	return 0, false
}

// number shows a stored number as its format does, as far as that bears on names, codes and dates.
func (w *workbook) number(value string, style int) string {
	value = strings.TrimSpace(value)
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
		return value
	}
	var f numberFormat
	if style >= 0 && style < len(w.styles) {
		f = w.styles[style]
	}
	switch {
	case f.dated():
		if s, ok := w.date(n, f); ok {
			return s
		}
	case f.percent:
		return strconv.FormatFloat(n*100, 'f', f.decimals, 64) + "%"
	case f.zeros > 0 && n >= 0 && n == math.Trunc(n) && n < 1e15:
		s := strconv.FormatFloat(n, 'f', 0, 64)
		return strings.Repeat("0", max(0, f.zeros-len(s))) + s
	}
	// Programs keep fifteen digits; what is beyond them is an artefact of binary fractions.
	if rounded, err := strconv.ParseFloat(strconv.FormatFloat(n, 'g', 15, 64), 64); err == nil {
		n = rounded
	}
	if n != 0 && (math.Abs(n) >= 1e21 || math.Abs(n) < 1e-9) {
		return value
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// date is a day number of the workbook's calendar as ISO text, as exact as its format shows it. Day 60 of the calendar of
// 1900 is a 29 February that there never was.
func (w *workbook) date(n float64, f numberFormat) (string, bool) {
	if n < 0 || n >= 2_958_466 {
		return "", false
	}
	day := math.Floor(n)
	seconds := math.Round((n - day) * 86400)
	if seconds == 86400 {
		day, seconds = day+1, 0
	}
	clock := time.Unix(int64(seconds), 0).UTC().Format("15:04")
	if int(seconds)%60 != 0 || f.seconds {
		clock = time.Unix(int64(seconds), 0).UTC().Format("15:04:05")
	}
	if !f.year && !f.month && !f.day {
		if day >= 1 {
			return "", false // hours past a day are no time of day
		}
		return clock, true
	}
	var d time.Time
	switch {
	case w.is1904:
		d = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case day < 1 || day == 60:
		return "", false
	case day < 60:
		d = time.Date(1899, 12, 31, 0, 0, 0, 0, time.UTC)
	default:
		d = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	}
	d = d.AddDate(0, 0, int(day))
	switch {
	case f.year && !f.month && !f.day:
		return d.Format("2006"), true
	case f.year && !f.day:
		return d.Format("2006-01"), true
	case f.clock && seconds != 0:
		return d.Format("2006-01-02 ") + clock, true
	}
	return d.Format("2006-01-02"), true
}

// isoText is a date stored as ISO 8601 text, without a time of midnight.
func isoText(s string) string {
	s = strings.TrimSuffix(s, "Z")
	day, clock, ok := strings.Cut(s, "T")
	if !ok || strings.Trim(clock, "0:.") == "" {
		return day
	}
	clock, _, _ = strings.Cut(clock, ".")
	return day + " " + strings.TrimSuffix(clock, ":00")
}

// readShared reads the shared texts that cells refer to, and no others.
func (w *workbook) readShared(name string) *Refusal {
	if len(w.refs) == 0 {
		return nil
	}
	x, r := w.packed.part(name)
	if r != nil {
		return r
	}
	if x == nil {
		return refuse("damaged")
	}
	refs := w.refs
	slices.SortStableFunc(refs, func(a, b sharedRef) int { return cmp.Compare(a.index, b.index) })
	index := int32(-1)
	var text richText
	r = x.each(func(t xml.Token) *Refusal {
		switch e := t.(type) {
		case xml.StartElement:
			if e.Name.Local == "si" {
				index++
				text.reset()
				if len(refs) == 0 || refs[0].index > index {
					return x.skip()
				}
				return nil
			}
			return text.start(x, e)
		case xml.CharData:
			text.chars(e)
		case xml.EndElement:
			if e.Name.Local != "si" {
				text.end(e)
				return nil
			}
			shown := unescape(text.String())
			for ; len(refs) > 0 && refs[0].index == index; refs = refs[1:] {
				s, r := w.t.text(shown, int(refs[0].column), int(refs[0].line))
				if r != nil {
					return r
				}
				w.t.table.Sheets[refs[0].sheet].Rows[refs[0].row][refs[0].column] = s
			}
		}
		return nil
	})
	if r == nil && len(refs) > 0 {
		return refuse("damaged")
	}
	return r
}

// richText gathers the text of a cell out of its runs. Readings beside Chinese and Japanese characters are left out, and
// raised runs become footnote marks.
type richText struct {
	b      strings.Builder
	run    strings.Builder
	last   rune
	inText bool
	inRun  bool
	raised bool
}

func (t *richText) reset() {
	t.b.Reset()
	t.run.Reset()
	t.inText, t.inRun, t.raised, t.last = false, false, false, ' '
}

func (t *richText) String() string { return t.b.String() }

// add takes at most what a cell needs to be found too long.
func (t *richText) add(s []byte) {
	if room := 2*MaxCell + 1 - t.b.Len(); len(s) > room {
		s = s[:max(0, room)]
	}
	t.b.Write(s)
	for _, r := range string(s[max(0, len(s)-4):]) {
		t.last = r
	}
}

func (t *richText) start(x *part, e xml.StartElement) *Refusal {
	switch e.Name.Local {
	case "rPh":
		return x.skip()
	case "r":
		t.inRun, t.raised = true, false
		t.run.Reset()
	case "vertAlign":
		t.raised = t.inRun && attribute(e, "val") == "superscript"
	case "t":
		t.inText = true
	}
	return nil
}

func (t *richText) chars(s []byte) {
	switch {
	case !t.inText:
	case t.raised:
		if t.run.Len() < 100 {
			t.run.Write(s[:min(len(s), 100)])
			return
		}
	default:
		t.add(s)
	}
}

func (t *richText) end(e xml.EndElement) {
	switch e.Name.Local {
	case "t":
		t.inText = false
	case "r":
		if t.raised {
			t.add([]byte(raised(t.run.String(), t.last)))
		}
		t.inRun, t.raised = false, false
	}
}

// escaped are the characters that XML cannot hold, as the format writes them.
var escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	return escaped.ReplaceAllStringFunc(s, func(m string) string {
		n, _ := strconv.ParseUint(m[2:6], 16, 16)
		if n == 0 || utf16.IsSurrogate(rune(n)) {
			return ""
		}
		return string(rune(n))
	})
}
