package pages

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"cosignatory/templates/i18n"
	"cosignatory/templates/ui"
)

// sheetNames is the greatest number of names that a briefing sheet sets in columns, one below the other: with them it fits on
// one page. A longer list is a table whose head repeats on every page.
const sheetNames = 100

// sheet is the briefing sheet of a declaration: what a delegate needs on one page of paper. It stands hidden in the page, and
// the style of paper shows it in place of all else.
type sheet struct {
	Rows      []Signatory
	Marks     []string   // a row each: which of the footnotes hangs on it; empty where none does
	Footnotes []footnote // in the order of the names
	Unsettled []unsettledNames
	Since     string // the day since which all of them are on the list; empty where they differ
	Undated   bool   // of none of them a day is recorded
	Capacity  string // the capacity that most of them have
	Dates     []DateFact
	OpenWords string
}

// footnote is what hangs on one name of the list or on several: what sources say against each other about them, and the note on
// their participation. Said beside each name it would make of the list a text that nobody can read down.
type footnote struct {
	Mark     string
	Disputed []Claim
	Remark   ui.Text
}

// unsettledNames are participants of whom the very same is to be said.
type unsettledNames struct {
	Unsettled
	Names []string
	Rare  []string
}

// same is a key that two rows share when the same is said of them.
func same(disputed []Claim, remarks ...ui.Text) string {
	if len(disputed) == 0 && !slices.ContainsFunc(remarks, func(t ui.Text) bool { return !t.Empty() }) {
		return ""
	}
	return fmt.Sprint(disputed, remarks)
}

// evidenceOf are the sources of several things that happened, each once.
func evidenceOf(acts []Act) []SourceRef {
	var list []SourceRef
	for _, a := range acts {
		for _, ref := range a.Evidence {
			if !slices.Contains(list, ref) {
				list = append(list, ref)
			}
		}
	}
	return list
}

// remarksOf are the notes on several things that happened.
func remarksOf(acts []Act) []ui.Text {
	list := make([]ui.Text, len(acts))
	for i, a := range acts {
		list[i] = a.Remark
	}
	return list
}

// abjad is the order of letters in which Arabic counts notes.
var abjad = strings.Fields("أ ب ج د هـ و ز ح ط ي ك ل م ن س ع ف ص ق ر ش ت ث خ ذ ض ظ غ")

// letterOf is the letter of footnote i, from 0 on: letters, for figures are sources, and no asterisk, which names bring with them
// (D16). After the last letter they are doubled.
func letterOf(lang string, i int) string {
	if lang == "ar" { // in brackets, lest it is joined to the name
		return "(" + strings.Repeat(abjad[i%len(abjad)], 1+i/len(abjad)) + ")"
	}
	return strings.Repeat(string(rune('a'+i%26)), 1+i/26)
}

// sheetOf picks what the sheet shows, in the order in which the page shows it.
func (v Declaration) sheetOf() sheet {
	s := sheet{Dates: v.Dates, OpenWords: v.Open}
	for _, section := range v.Signatories.Sections {
		s.Rows = append(s.Rows, section.Rows...)
	}
	count, marks := map[string]int{}, map[string]string{}
	for i, r := range s.Rows {
		said := same(r.Disputed, r.Remark)
		if said != "" && marks[said] == "" {
			marks[said] = letterOf(v.P.Lang(), len(s.Footnotes))
			s.Footnotes = append(s.Footnotes, footnote{marks[said], r.Disputed, r.Remark})
		}
		s.Marks = append(s.Marks, marks[said])
		if count[r.Capacity]++; count[r.Capacity] > count[s.Capacity] {
			s.Capacity = r.Capacity
		}
		if i == 0 {
			s.Since, s.Undated = r.Since, true
		}
		s.Undated = s.Undated && r.Since == ""
		if r.Since != s.Since || r.SinceNote != "" {
			s.Since = ""
		}
	}
	if len(s.Rows) > sheetNames {
		s.Capacity = "" // the table says it of each
	}
	places := map[string]int{}
	for _, r := range v.Unsettled {
		r.Status = "" // the words say it
		rare := s.rare(r.Signatory)
		said := fmt.Sprint(r.Words, rare, evidenceOf(r.Acts), same(r.Disputed, remarksOf(r.Acts)...))
		at, there := places[said]
		if !there {
			at = len(s.Unsettled)
			places[said] = at
			s.Unsettled = append(s.Unsettled, unsettledNames{Unsettled: r, Rare: rare})
		}
		s.Unsettled[at].Names = append(s.Unsettled[at].Names, r.Name)
	}
	return s
}

// key is the sentence above the names: what the brackets mean, and what is not repeated at every name.
func (s sheet) key(p *i18n.Printer) string {
	words := []string{p.T("sheet.brackets")}
	if s.Since != "" {
		words = append(words, p.T("sheet.all_since", "Date", s.Since))
	}
	if s.Undated {
		words = append(words, p.T("sheet.all_undated"))
	}
	if s.Capacity != "" {
		words = append(words, p.T("sheet.capacity", "Capacity", s.Capacity))
	}
	if len(s.Footnotes) > 0 {
		words = append(words, p.T("sheet.letters"))
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

// unended is a text without its full stop, for where more follows on the line.
func unended(t ui.Text) ui.Text {
	t.S = strings.TrimRight(t.S, ".。")
	return t
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

// orUnknown is a day in words, or that none is recorded.
func orUnknown(p *i18n.Printer, day string) string { return cmp.Or(day, p.T("date.unknown")) }

// short is an address as it is read from paper and typed: without what every browser adds.
func short(url string) string {
	url = strings.TrimPrefix(strings.TrimPrefix(url, "https://"), "http://")
	return strings.TrimSuffix(strings.TrimPrefix(url, "www."), "/")
}

// broken is an address as HTML that may be broken behind a stroke and its like, and that is copied whole.
func broken(url string) string {
	var b strings.Builder
	from := 0
	for i, c := range []byte(url) {
		if at := i + 1; strings.IndexByte("/-_?&=", c) >= 0 && at < len(url) && url[at] != '/' {
			b.WriteString(templ.EscapeString(url[from:at]) + "<wbr>")
			from = at
		}
	}
	return b.String() + templ.EscapeString(url[from:])
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
