package pages

import (
	"strings"
	"unicode/utf8"

	"cosignatory/templates/i18n"
	"cosignatory/templates/ui"
)

// sheetNames is the greatest number of names that a briefing sheet sets in columns, one below the other: with them it fits on
// one page. A longer list is a table whose head repeats on every page.
const sheetNames = 60

// sheet is the briefing sheet of a declaration: what a delegate needs on one page of paper. It stands hidden in the page, and
// the style of paper shows it in place of all else.
type sheet struct {
	Rows      []Signatory
	Since     string // the day since which all of them are on the list; empty where they differ
	Capacity  string // the capacity that most of them have
	Dates     []DateFact
	OpenWords string
	Notes     []ui.Text // what is not known, as far as there is room for it
}

// A sheet has room for so many characters of what is not known, less what each name takes away of it. The first note always
// stands; what finds no room is told by its number.
const (
	noteRoom     = 1600
	noteRoomName = 30
)

// sheetOf picks what the sheet shows, in the order in which the page shows it.
func (v Declaration) sheetOf() sheet {
	s := sheet{Dates: v.Dates, OpenWords: v.Open}
	for _, section := range v.Signatories.Sections {
		s.Rows = append(s.Rows, section.Rows...)
	}
	count := map[string]int{}
	for i, r := range s.Rows {
		if count[r.Capacity]++; count[r.Capacity] > count[s.Capacity] {
			s.Capacity = r.Capacity
		}
		if i == 0 {
			s.Since = r.Since
		}
		if r.Since != s.Since || r.SinceNote != "" {
			s.Since = ""
		}
	}
	room := max(0, noteRoom-noteRoomName*len(s.Rows))
	if len(s.Rows) > sheetNames {
		room = noteRoom
	}
	for i, n := range v.NotKnown {
		if room -= utf8.RuneCountInString(n.S); i > 0 && room < 0 {
			break
		}
		s.Notes = append(s.Notes, n)
	}
	return s
}

// key is the sentence above the names: what the brackets mean, and what is not repeated at every name.
func (s sheet) key(p *i18n.Printer) string {
	words := []string{p.T("sheet.brackets")}
	if s.Since != "" {
		words = append(words, p.T("sheet.all_since", "Date", s.Since))
	}
	if s.Capacity != "" && len(s.Rows) <= sheetNames {
		words = append(words, p.T("sheet.capacity", "Capacity", s.Capacity))
	}
	return strings.Join(words, " ")
}

// rare is the capacity and the status of a row, as far as they are not what most rows have.
func (s sheet) rare(r Signatory) []string {
	var list []string
	for _, x := range []string{r.Kind, r.Capacity, r.Status} {
		if x != "" && x != s.Capacity {
			list = append(list, x)
		}
	}
	return list
}

// numbers are sources as a sheet refers to them: by their numbers in its list.
func numbers(p *i18n.Printer, refs []SourceRef) string {
	var list []string
	for _, r := range refs {
		if r.Number > 0 {
			list = append(list, p.Number(r.Number))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// unlinked leaves the addresses out of links: paper cannot follow them.
func unlinked(links []ui.Link) []ui.Link {
	list := make([]ui.Link, len(links))
	for i, l := range links {
		list[i].Text = l.Text
	}
	return list
}

// sinceOrUnknown is the day since which a participant is on the list, or that none is recorded.
func sinceOrUnknown(p *i18n.Printer, r Signatory) string {
	if r.Since == "" {
		return p.T("date.unknown")
	}
	return r.Since
}

// short is an address as it is read from paper and typed: without what every browser adds.
func short(url string) string {
	url = strings.TrimPrefix(strings.TrimPrefix(url, "https://"), "http://")
	return strings.TrimSuffix(strings.TrimPrefix(url, "www."), "/")
}

// companionsOnSheet is how many of those who sign with a participant its sheet names.
const companionsOnSheet = 5

// companions names who signs with the participant most, each with the number of lists in common.
func (v Participant) companions() string {
	var list []string
	for _, r := range v.Together.Rows[:min(companionsOnSheet, len(v.Together.Rows))] {
		list = append(list, v.P.T("sheet.companion", "Name", r.Name, "Common", v.P.Number(r.Common)))
	}
	return strings.Join(list, " · ")
}

// groups names the groups that the participant belongs to on the day shown.
func (v Participant) groups() []ui.Link {
	var list []ui.Link
	for _, g := range v.Groups {
		if g.Now {
			list = append(list, ui.Link{Text: g.Name})
		}
	}
	return list
}
