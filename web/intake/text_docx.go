package intake

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// readDOCX is the text of a word-processor document as it is printed without its headers: paragraphs and rows of tables on
// lines of their own, cells apart by tabs, marks of foot- and endnotes as [1]. Deleted text of tracked changes and hidden
// text are left out, and said to be.
func readDOCX(p *packed, got *Brought) (string, *Refusal) {
	x, r := p.part(p.main)
	if r != nil {
		return "", r
	}
	if x == nil {
		return "", refuse("damaged")
	}
	w := &lineWriter{}
	notes, cells, tables, changes, hidden := 0, 0, 0, 0, 0
	var run strings.Builder
	inText, up, vanished, inRun, pictures := false, false, false, false, false
	flush := func() {
		switch {
		case run.Len() == 0:
		case vanished:
			hidden++
		case up:
			w.spaced(raised(run.String(), w.last()))
		default:
			w.spaced(run.String())
		}
		run.Reset()
	}
	r = x.each(func(t xml.Token) *Refusal {
		switch e := t.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "Fallback": // the same again, for older programs
				return x.skip()
			case "drawing", "pict":
				pictures = true
			case "del", "moveFrom":
				changes++
				return x.skip()
			case "ins", "moveTo":
				changes++
			case "r":
				if e.Name.Space == "w" || !inRun {
					flush()
					inRun, up, vanished = true, false, false
				}
			case "vertAlign":
				up = attribute(e, "val") == "superscript"
			case "vanish":
				if v := attribute(e, "val"); inRun && (v == "" || truth(v)) {
					vanished = true
				}
			case "t":
				inText = true
			case "tab":
				// The same name is a stop of the ruler in the settings of a paragraph, which have a position.
				if attribute(e, "pos") == "" {
					flush()
					w.tab()
				}
			case "br", "cr":
				flush()
				if tables > 0 {
					w.space = true
				} else {
					w.newline()
				}
			case "noBreakHyphen":
				run.WriteString("-")
			case "footnoteReference", "endnoteReference":
				flush()
				if !vanished {
					notes++
					w.spaced("[" + strconv.Itoa(notes) + "]")
				}
			case "tbl":
				tables++
				if tables == 1 {
					w.line()
				}
			case "tr":
				if tables == 1 {
					cells = 0
					w.line()
				}
			case "tc":
				if tables == 1 {
					if cells > 0 {
						w.tab()
					}
					cells++
				} else {
					w.space = true
				}
			}
		case xml.CharData:
			if inText {
				run.Write(e)
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "t":
				inText = false
			case "r":
				flush()
				inRun = false
			case "p":
				flush()
				if tables > 0 {
					w.space = true // a cell stays on the line of its row
				} else {
					w.newline()
				}
			case "tr":
				if tables == 1 {
					w.line()
				}
			case "tbl":
				tables = max(0, tables-1)
			}
		}
		if w.b.Len() > 2*MaxText {
			return refuse("text_long", "Size", (w.b.Len()+megabyte-1)/megabyte, "Max", MaxText/megabyte)
		}
		return nil
	})
	if r != nil {
		return "", r
	}
	text, r := clean(w.String())
	if r != nil {
		return "", r
	}
	if strings.TrimFunc(text, blank) == "" && pictures {
		return "", refuse("picture_inside")
	}
	if changes > 0 {
		got.remark("tracked", "Count", changes)
	}
	if hidden > 0 {
		got.remark("hidden_text", "Count", hidden)
	}
	return strings.Trim(text, "\n"), nil
}

// spaced writes words with their blanks as they are, but for what falls on the ends of cells.
func (w *lineWriter) spaced(s string) {
	for _, r := range s {
		switch r {
		case '\n', '\r', '\t':
			w.space = true
		default:
			w.rune(r)
		}
	}
}

// readODT is readDOCX for OpenDocument texts.
func readODT(p *packed) (string, *Refusal) {
	x, r := p.part("content.xml")
	if r != nil {
		return "", r
	}
	if x == nil {
		return "", refuse("damaged")
	}
	w := &lineWriter{}
	tables, cells, paragraphs, citation := 0, 0, 0, false
	var mark strings.Builder
	r = x.each(func(t xml.Token) *Refusal {
		switch e := t.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "tracked-changes", "annotation", "note-body", "forms", "automatic-styles", "font-face-decls", "scripts":
				return x.skip()
			case "p", "h":
				paragraphs++
			case "note-citation":
				citation = true
				mark.Reset()
			case "tab":
				w.tab()
			case "line-break":
				if tables > 0 {
					w.space = true
				} else {
					w.newline()
				}
			case "s":
				w.space = true
			case "table":
				if tables++; tables == 1 {
					w.line()
				}
			case "table-row":
				if tables == 1 {
					cells = 0
					w.line()
				}
			case "table-cell", "covered-table-cell":
				if tables == 1 {
					if cells > 0 {
						w.tab()
					}
					cells++
				}
			}
		case xml.CharData:
			if citation {
				mark.Write(e)
			} else if paragraphs > 0 {
				w.words(string(e))
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "note-citation":
				citation = false
				w.words("[" + strings.Trim(strings.TrimFunc(mark.String(), blank), "[]") + "]")
			case "p", "h":
				paragraphs = max(0, paragraphs-1)
				if tables > 0 {
					w.space = true
				} else {
					w.newline()
				}
			case "table-row":
				if tables == 1 {
					w.line()
				}
			case "table":
				tables = max(0, tables-1)
			}
		}
		if w.b.Len() > 2*MaxText {
			return refuse("text_long", "Size", (w.b.Len()+megabyte-1)/megabyte, "Max", MaxText/megabyte)
		}
		return nil
	})
	if r != nil {
		return "", r
	}
	text, r := clean(w.String())
	return strings.Trim(text, "\n"), r
}
