package intake

import (
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// markupStart is how much of a text is looked at to tell whether it is a page's source.
const markupStart = 4096

var (
	pageTag = regexp.MustCompile(`(?i)^\s*(<!--[^>]*-->\s*)*(<\?xml[^>]*\?>\s*)?(<!--[^>]*-->\s*)*<(!doctype html|html|head|body|table|div|p|ul|ol|li|h[1-6]|section|article|main|span|meta|style|tbody|tr|td|dl|center|font|pre|blockquote)\b[^<>]*>`)
	// Tags in the midst of what was copied: two of them that end something.
	endTag      = regexp.MustCompile(`(?i)</(p|div|li|ul|ol|td|tr|table|span|a|b|i|strong|em|h[1-6]|sup|pre)>|<br\s*/?>`)
	svgTag      = regexp.MustCompile(`(?i)^\s*(<\?xml[^>]*\?>\s*)?(<!--[^>]*-->\s*)*(<!doctype svg[^>]*>\s*)?<svg[\s>]`)
	workbookTag = regexp.MustCompile(`(?i)^\s*(<\?[^>]*\?>\s*)*<(\w+:)?workbook[\s>]`)
)

// markup tells whether a text is the source of something: "html", "svg", a "workbook" in Excel's old XML, or none of them.
func markup(text string) string {
	head := text[:min(len(text), markupStart)]
	switch {
	case svgTag.MatchString(head):
		return "svg"
	case workbookTag.MatchString(head):
		return "workbook"
	case pageTag.MatchString(head), len(endTag.FindAllStringIndex(head, 2)) == 2:
		return "html"
	}
	return ""
}

// dropped are elements whose content is not shown as text. Those that the tokenizer reads raw end at their end tag.
var dropped = map[atom.Atom]bool{
	atom.Script: true, atom.Style: true, atom.Title: true, atom.Template: true, atom.Iframe: true, atom.Noembed: true,
	atom.Noframes: true, atom.Svg: true, atom.Math: true, atom.Textarea: true, atom.Select: true, atom.Noscript: true,
}

// breaks are elements that begin and end a line.
var breaks = map[atom.Atom]bool{
	atom.P: true, atom.Div: true, atom.Li: true, atom.Ul: true, atom.Ol: true, atom.Dl: true, atom.Dt: true, atom.Dd: true,
	atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Table: true, atom.Tr: true,
	atom.Caption: true, atom.Thead: true, atom.Tbody: true, atom.Tfoot: true, atom.Blockquote: true, atom.Pre: true, atom.Section: true,
	atom.Article: true, atom.Header: true, atom.Footer: true, atom.Main: true, atom.Nav: true, atom.Aside: true, atom.Form: true,
	atom.Fieldset: true, atom.Figure: true, atom.Figcaption: true, atom.Address: true, atom.Hr: true, atom.Br: true, atom.Body: true,
	atom.Html: true, atom.Option: true, atom.Details: true, atom.Summary: true, atom.Center: true,
}

// page walks through the source of a page and says what a reader of it sees, piece by piece.
type page struct {
	z       *html.Tokenizer
	skip    atom.Atom // the dropped element that we are in
	depth   int       // of elements of its name in it
	pre     int
	sup     bool
	mark    strings.Builder // the text of the <sup>
	words   func(s string, pre bool)
	element func(a atom.Atom, start bool, attr func(name string) string)
}

func (p *page) walk(source string, mark func(s string)) *Refusal {
	p.z = html.NewTokenizer(strings.NewReader(source))
	for {
		kind := p.z.Next()
		switch kind {
		case html.ErrorToken:
			if p.sup {
				mark(p.mark.String())
			}
			if p.z.Err() != io.EOF {
				return refuse("damaged")
			}
			return nil
		case html.TextToken:
			if p.skip != 0 {
				continue
			}
			text := string(p.z.Text())
			if p.sup {
				p.mark.WriteString(text)
			} else {
				p.words(text, p.pre > 0)
			}
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			name, more := p.z.TagName()
			a := atom.Lookup(name)
			start := kind != html.EndTagToken
			if p.skip != 0 {
				if a == p.skip && kind == html.StartTagToken {
					p.depth++
				} else if a == p.skip && kind == html.EndTagToken {
					if p.depth--; p.depth == 0 {
						p.skip = 0
					}
				}
				continue
			}
			if dropped[a] {
				// An element that is closed at once has nothing in it, but a script closes only with its end tag.
				if kind == html.StartTagToken || kind == html.SelfClosingTagToken && a != atom.Svg && a != atom.Math {
					p.skip, p.depth = a, 1
				}
				continue
			}
			var attrs []html.Attribute
			for more {
				var key, value []byte
				key, value, more = p.z.TagAttr()
				if len(attrs) < 100 {
					attrs = append(attrs, html.Attribute{Key: string(key), Val: string(value)})
				}
			}
			attr := func(name string) string {
				for _, at := range attrs {
					if at.Key == name {
						return at.Val
					}
				}
				return ""
			}
			switch a {
			case atom.Pre:
				if start {
					p.pre++
				} else if p.pre > 0 {
					p.pre--
				}
			case atom.Sup:
				if p.sup {
					mark(p.mark.String())
					p.mark.Reset()
				}
				p.sup = start
				continue
			}
			if p.sup && breaks[a] {
				// A raised text that was never closed ends with its line.
				mark(p.mark.String())
				p.mark.Reset()
				p.sup = false
			}
			p.element(a, start, attr)
		}
	}
}

// htmlText is what a reader of the page would copy from it: blocks, lines and rows of tables on lines of their own, cells
// apart by tabs, raised footnote marks in brackets. Nothing is fetched or run.
func htmlText(source string) (string, *Refusal) {
	w := &lineWriter{}
	cells := 0
	p := &page{words: func(s string, pre bool) {
		if pre {
			w.verbatim(s)
		} else {
			w.words(s)
		}
	}, element: func(a atom.Atom, start bool, _ func(string) string) {
		switch {
		case a == atom.Td || a == atom.Th:
			if start {
				if cells > 0 {
					w.tab()
				}
				cells++
			}
		case a == atom.Tr:
			cells = 0
			w.line()
		case a == atom.Br && cells > 0, breaks[a] && cells > 0 && a != atom.Table:
			// A cell stays on the line of its row.
			w.space = true
		case breaks[a]:
			if a == atom.Table {
				cells = 0
			}
			if a == atom.Br {
				w.newline()
			} else {
				w.line()
			}
		}
	}}
	if r := p.walk(source, func(s string) { w.words(raised(s, w.last())) }); r != nil {
		return "", r
	}
	text, r := clean(w.String())
	if r != nil {
		return "", r
	}
	return strings.Trim(text, "\n"), nil
}

// lineWriter writes words with single spaces between them, and no spaces at the ends of lines.
type lineWriter struct {
	b     strings.Builder
	space bool // a blank is due before the next word
	end   rune // the last rune written
}

func (w *lineWriter) String() string { return w.b.String() }

// last is the rune before the next one, a space where a word has ended.
func (w *lineWriter) last() rune {
	if w.space || w.end == 0 {
		return ' '
	}
	return w.end
}

func (w *lineWriter) words(s string) {
	for _, r := range s {
		if r == ' ' || r == '\n' || r == '\t' || r == '\r' || r == '\f' {
			w.space = true
			continue
		}
		w.rune(r)
	}
}

func (w *lineWriter) rune(r rune) {
	if w.space && w.end != 0 && w.end != '\n' && w.end != '\t' {
		w.b.WriteByte(' ')
	}
	w.space = false
	w.b.WriteRune(r)
	w.end = r
}

func (w *lineWriter) verbatim(s string) {
	for _, r := range s {
		switch r {
		case '\r':
		case '\n':
			w.newline()
		case '\t':
			w.tab()
		default:
			w.rune(r)
		}
	}
}

// line ends a line that has something in it.
func (w *lineWriter) line() {
	if w.end != 0 && w.end != '\n' {
		w.newline()
	}
	w.space = false
}

func (w *lineWriter) newline() {
	w.space = false
	w.b.WriteByte('\n')
	w.end = '\n'
}

func (w *lineWriter) tab() {
	w.space = false
	w.b.WriteByte('\t')
	w.end = '\t'
}

// raised is a raised text as it stands in a line: a footnote mark in brackets, and anything else (the th of 12th, the 2 of
// km²) as plain text. Before is the rune that it follows.
func raised(s string, before rune) string {
	mark := strings.TrimFunc(s, blank)
	if mark == "" {
		return s
	}
	if n := utf8.RuneCountInString(mark); n > 6 || strings.HasPrefix(mark, "[") || strings.HasPrefix(mark, "(") {
		return s
	}
	digits, signs, others := 0, 0, 0
	for _, r := range mark {
		switch {
		case unicode.IsDigit(r):
			digits++
		case strings.ContainsRune("*†‡§¶#", r):
			signs++
		case strings.ContainsRune(", ;)", r):
		default:
			others++
		}
	}
	// A single letter is a mark after a word, and an ending after a number, a capital or an n: 1e, XXe, no.
	letter := others == 1 && digits+signs == 0 && utf8.RuneCountInString(mark) == 1 &&
		(unicode.IsLower(before) && before != 'n' || before == ')' || unicode.Is(unicode.Han, before) || unicode.Is(unicode.Arabic, before))
	if others == 0 && digits+signs > 0 || letter {
		return "[" + strings.TrimRight(mark, ")") + "]"
	}
	return s
}

// htmlTable reads the tables of a page, each as a sheet: what programs save as .xls is often the source of a page. A cell
// that spans several is in the first of them.
func htmlTable(source string, got *Brought) (*Table, *Refusal) {
	t := newTableReader(got)
	var cell *lineWriter
	var hanging [MaxColumns]int // rows that a cell above still covers, by column
	var refused *Refusal
	var row []string
	var spans [][2]int // the columns and rows of each cell of the row
	inTable, rowNumber := 0, 0
	endCell := func() {
		if cell != nil {
			row = append(row, cell.String())
			cell = nil
		}
	}
	endRow := func() {
		endCell()
		if row == nil || refused != nil {
			return
		}
		rowNumber++
		column := 0
		t.row(rowNumber)
		for i, text := range row {
			for column < MaxColumns && hanging[column] > 0 {
				hanging[column]--
				column++
			}
			if r := t.cell(column, text); r != nil {
				refused = r
				return
			}
			for range spans[i][0] {
				if column < MaxColumns {
					hanging[column] = spans[i][1] - 1
				}
				column++
			}
		}
		for ; column < MaxColumns; column++ {
			hanging[column] = max(0, hanging[column]-1)
		}
		if r := t.endRow(); r != nil {
			refused = r
		}
		row, spans = nil, nil
	}
	span := func(s string, most int) int {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || n < 1 {
			return 1
		}
		return min(n, most)
	}
	p := &page{words: func(s string, pre bool) {
		if cell != nil {
			cell.words(s)
		}
	}, element: func(a atom.Atom, start bool, attr func(string) string) {
		switch {
		case refused != nil:
		case a == atom.Table && start:
			if inTable++; inTable == 1 {
				refused = t.sheet("")
				rowNumber, hanging = 0, [MaxColumns]int{}
			}
		case a == atom.Table:
			if inTable == 1 {
				endRow()
			}
			inTable = max(0, inTable-1)
		case inTable > 1:
			// A table in a cell is text of that cell.
			if cell != nil && (breaks[a] || a == atom.Td || a == atom.Th) {
				cell.space = true
			}
		case inTable == 0:
		case a == atom.Tr:
			endRow()
		case a == atom.Td || a == atom.Th:
			endCell()
			if start {
				if len(row) > MaxColumns {
					return
				}
				cell = &lineWriter{}
				spans = append(spans, [2]int{span(attr("colspan"), MaxColumns), span(attr("rowspan"), MaxRows)})
			}
		case breaks[a] && cell != nil:
			cell.space = true
		}
	}}
	r := p.walk(source, func(s string) {
		if cell != nil {
			cell.words(raised(s, cell.last()))
		}
	})
	if r != nil {
		return nil, r
	}
	if inTable > 0 {
		endRow()
	}
	if refused != nil {
		return nil, refused
	}
	return t.finish()
}
