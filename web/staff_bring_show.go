package web

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cosignatory/store/register"
	"cosignatory/templates/staff"
	"cosignatory/templates/ui"
)

// sentences are the remarks on what was read.
func (b *bringing) sentences() []string {
	var list []string
	for i := range b.remarks {
		list = append(list, b.remarks[i].Sentence(b.p))
	}
	return list
}

// showColumns asks what the columns of the table hold. fresh says that nobody has chosen yet, or only the sheet.
func (b *bringing) showColumns(status int, fresh bool) error {
	s, number := b.sheet()
	width := 0
	for _, row := range s.Rows {
		width = max(width, len(row))
	}
	roles := b.roles(s)
	header := b.v("header") == "yes"
	if fresh {
		b.guess(s)
		roles, header = s.Columns, s.Header >= 0
	}
	v := staff.BringColumns{Page: b.page("bring_columns"), Draft: b.head(), Action: b.staffURL("bring"), Remarks: b.sentences(),
		Sheet: strconv.Itoa(number), Header: header, Hidden: append(b.kept(append(slices.Clone(listQuestions), "table", "table_name")...), b.decisions()...)}
	if len(b.table.Sheets) > 1 {
		for i, x := range b.table.Sheets {
			name := x.Name
			if x.Hidden {
				name = b.p.T("staff.bring.hidden_sheet", "Name", name)
			}
			v.Sheets = append(v.Sheets, ui.Option{Value: strconv.Itoa(i), Label: name})
		}
	}
	first := 0
	if header {
		first = max(0, s.Header)
	}
	v.Total = len(s.Rows)
	if header {
		v.Total = max(0, len(s.Rows)-first-1)
	}
	shown := first
	if header {
		shown++
	}
	v.Rows = s.Rows[min(shown, len(s.Rows)):min(len(s.Rows), shown+previewed)]
	for i := range width {
		c := staff.BringColumn{Name: columnName(i), Label: b.p.T("staff.bring.column", "N", b.p.Number(i+1))}
		if header && first < len(s.Rows) && i < len(s.Rows[first]) && s.Rows[first][i] != "" {
			c.Label = shorten(s.Rows[first][i])
		}
		if i < len(roles) {
			c.Value = string(roles[i])
		}
		v.Columns = append(v.Columns, c)
	}
	v.Problems = b.problems
	return b.showAs(status, v.Show())
}

// show shows what was read beside the text.
func (b *bringing) show(status int, l *listed) error {
	v := staff.BringReview{Page: b.page("bring_review"), Draft: b.head(), Action: b.staffURL("bring"), OpenDraft: b.openDraft(),
		Remarks: b.sentences(), FromTable: b.table != nil, Which: b.v("which"), Several: l.several, Also: b.v("also") == "yes", OnList: l.onList, Adopted: b.v("adopted")}
	var err error
	if v.Fields, err = b.fields(); err != nil {
		return err
	}
	v.Of, v.OfURL = b.of()
	carried := []string{"table", "table_name", "sheet", "header", "version"}
	if b.table != nil {
		s, _ := b.sheet()
		for i := range b.roles(s) {
			carried = append(carried, columnName(i))
		}
	}
	if l.onList == 0 {
		carried = append(carried, "also")
	}
	v.Hidden = b.kept(carried...)
	v.Source = b.sourceSays()
	if l.ambiguous > 0 {
		dayFirst, monthFirst := readings(l.example)
		v.Order = &staff.BringOrder{Example: l.example.Text, DM: b.p.Date(dayFirst), MD: b.p.Date(monthFirst), Value: b.v("order"), HowMany: l.ambiguous}
	}
	for _, x := range l.items {
		v.Items = append(v.Items, b.item(l, x))
		switch x.Certainty {
		case register.Certain:
			v.Certain++
		case register.Likely:
			v.Likely++
		case register.Ask:
			v.Ask++
		default:
			v.Unknown++
		}
	}
	for _, x := range l.mentions {
		v.Mentions = append(v.Mentions, b.item(l, x))
	}
	for _, g := range l.groups {
		v.Groups = append(v.Groups, b.group(g))
	}
	for _, m := range l.missing {
		x := staff.BringMissing{Name: m.name, Value: m.value, Who: b.who(m.Participant, m.Group)}
		if since := m.State.Since(); since.Known() {
			x.Since = b.p.T("staff.bring.since", "Date", b.p.Date(since))
		}
		v.Missing = append(v.Missing, x)
	}
	slices.SortStableFunc(v.Missing, func(x, y staff.BringMissing) int { return b.rank(x.Name) - b.rank(y.Name) })
	for _, n := range l.stated {
		v.Stated = append(v.Stated, staff.BringStated{Name: n.name, ID: fmt.Sprintf("number-%d", n.Start), MarkURL: fmt.Sprintf("#at-%d", n.Start), Printed: n.Text,
			Count: n.count, Counts: n.counts, Take: n.take, Loose: n.Loose, Others: n.Others, Already: n.already})
	}
	if !b.document.Date().Known() {
		v.Declared = b.declarable(l)
	}
	v.Sum = b.sum(l)
	var orgs []string
	for _, x := range b.view.Ref.Participants {
		v.People = append(v.People, ui.Option{Value: staff.PrintParticipant(b.view.Ref, x.Code, b.lang)})
		if x.Kind == register.Organization {
			orgs = append(orgs, x.Code)
		}
	}
	v.Orgs = strings.Join(orgs, " ")
	v.Pieces = b.pieces(l)
	v.Problems = b.problems
	return b.showAs(status, v.Show())
}

// rank is the place of somebody missing in the alphabetical order of the reader's language.
func (b *bringing) rank(name string) int {
	i := b.view.Ref.Index(strings.TrimPrefix(name, "absent."))
	if i < 0 {
		return 1 << 20
	}
	return b.view.Ref.Rank(i, b.lang)
}

// of is the title of what the list belongs to, with its public page.
func (b *bringing) of() (title ui.Text, address string) {
	switch {
	case b.work != nil:
		return b.titleOf(b.work.form), b.draftURL(b.work.draft.ID)
	case b.entry != nil:
		t := b.entry.TitleIn(b.lang)
		return b.request.text(t.Text, t.Lang), b.now(declarationPath(b.entry.Slug))
	}
	return b.request.text(register.CleanText(b.v("title")), b.v("title_lang")), ""
}

// sourceSays is the source that will be cited, in one line.
func (b *bringing) sourceSays() string {
	if s := b.document.Source(b.v("source")); s != nil {
		return s.Publisher + ": " + s.Title
	}
	return register.CleanText(b.v("source.publisher")) + ": " + register.CleanText(b.v("source.title"))
}

// declarable are the dates of the text, for a declaration that has none yet.
func (b *bringing) declarable(l *listed) []ui.Option {
	var list []ui.Option
	seen := map[register.Date]bool{}
	for _, d := range l.rec.Dates {
		for _, x := range []register.Date{d.Date, d.Other} {
			if x.Known() && !seen[x] && len(list) < maxFinds { // a text may be nothing but dates
				seen[x] = true
				list = append(list, ui.Option{Value: x.String(), Label: b.p.Date(x)})
			}
		}
	}
	return list
}

// kind is the certainty of a find as pages call it.
func (x *listItem) kind() string {
	if x.mention {
		return "mention"
	}
	return string(x.Certainty)
}

// because says why a find is what it is, with the name on record that was read.
func (b *bringing) because(x *listItem) string {
	parts := []string{b.p.T("recognise.reason." + x.Reason)}
	if x.Known != "" && x.Known != x.Text {
		parts = append(parts, b.p.T("recognise.known", "Known", x.Known))
	}
	if x.Distance > 0 {
		parts = append(parts, b.p.T("recognise.distance", "Count", x.Distance))
	}
	return strings.Join(parts, " · ")
}

// besideSays is what somebody named is to the record, in words.
func (b *bringing) besideSays(p register.Place) string {
	switch p.Beside {
	case register.HadLeft:
		if until := p.State.Until(); until.Known() && until.Precision() != register.ByDay {
			return b.p.T("staff.bring.beside.left_in", "Date", b.p.Date(until))
		} else if until.Known() {
			return b.p.T("staff.bring.beside.left_on", "Date", b.p.Date(until))
		}
	case register.IsOnList:
		if !p.State.Capacity.Counted() && register.Capacity(b.v("capacity")).Counted() {
			return b.p.T("staff.bring.beside.not_counted")
		}
		if since := p.State.Since(); since.Known() {
			return b.p.T("staff.bring.beside.on_list_since", "Date", b.p.Date(since))
		}
	case "":
		return ""
	}
	return b.p.T("staff.bring.beside." + string(p.Beside))
}

func (b *bringing) item(l *listed, x *listItem) staff.BringItem {
	v := staff.BringItem{Name: x.name, ID: x.id(), MarkURL: fmt.Sprintf("#at-%d", x.Start), Printed: x.Text, Kind: x.kind(), Why: b.because(x), Definite: x.definite(),
		Take: x.take, Code: x.code, Chosen: x.chosen, Other: x.other, Beside: string(x.place.Beside), Date: x.date, Repeats: len(x.Repeats),
		NotADate: x.row.notADate}
	v.KindSays = b.p.T("staff.bring.certainty." + v.Kind)
	if x.code != "" {
		v.Who = b.view.Ref.Name(x.code, b.lang)
		v.BesideSays = b.besideSays(x.place)
	} else if x.definite() {
		v.Who, v.Code = b.view.Ref.Name(x.Participant, b.lang), x.Participant
	}
	if !x.definite() {
		for _, c := range x.Candidates {
			v.Candidates = append(v.Candidates, ui.Option{Value: c, Label: b.view.Ref.Name(c, b.lang)})
		}
	}
	if x.Note != "" {
		key := "staff.bring.mark"
		if b.table != nil {
			key = "staff.bring.row_note"
		}
		v.Note = b.p.T(key, "Mark", x.Note)
	}
	if x.List > 0 && x.Position > 0 {
		v.Position = b.p.T("staff.bring.position", "N", b.p.Number(x.Position))
	}
	switch {
	case x.row.of != "":
		v.NotSigned = b.p.T("column.declaration") + " " + x.row.of
	case x.row.notSigned != "":
		v.NotSigned = b.p.T(x.row.notSigned)
	}
	if x.row.asPrinted != "" {
		c := register.Capacity(b.v("capacity"))
		if x.row.capacity != "" {
			c = x.row.capacity
		}
		v.Capacity = b.p.T("staff.bring.as_capacity", "Capacity", b.p.T("capacity."+string(c)), "Printed", x.row.asPrinted)
	}
	if len(x.dates) > 0 {
		if len(x.dates) > 1 && x.date == "" {
			v.Dates = append(v.Dates, ui.Option{Label: b.p.T("staff.form.choose")})
		}
		for _, d := range x.dates {
			v.Dates = append(v.Dates, ui.Option{Value: d.String(), Label: b.p.Date(d)})
		}
		v.Dates = append(v.Dates, ui.Option{Value: "list", Label: b.p.T("staff.bring.as_list")})
	}
	return v
}

func (b *bringing) group(g *listGroup) staff.BringGroup {
	v := staff.BringGroup{Name: g.name, ID: fmt.Sprintf("find-%d", g.Start), MarkURL: fmt.Sprintf("#at-%d", g.Start), Printed: g.Text, Kind: string(g.Certainty),
		KindSays: b.p.T("staff.bring.certainty." + string(g.Certainty)), Take: g.take, Group: b.who("", g.Group), BesideSays: b.besideSays(g.place),
		Members: len(g.Members), Codes: strings.Join(g.Members, " "), On: b.p.Date(b.day().Date())}
	members := slices.Clone(g.Members)
	b.view.Ref.SortCodes(members, b.lang)
	for _, code := range members {
		name := b.view.Ref.Name(code, b.lang)
		if slices.Contains(g.Named, code) {
			v.Named = append(v.Named, name)
		} else {
			v.Implied = append(v.Implied, name)
		}
	}
	return v
}

// pieces takes the text apart where something was recognised. Of what overlaps, the longer one that begins first is shown.
func (b *bringing) pieces(l *listed) []staff.Piece {
	type mark struct {
		register.Span
		kind, id, url, says string
	}
	var marks []mark
	for _, x := range slices.Concat(l.items, l.mentions) {
		says := b.p.T("staff.bring.certainty." + x.kind())
		if x.code != "" {
			says += ": " + b.view.Ref.Name(x.code, b.lang)
		}
		marks = append(marks, mark{x.Span, x.kind(), fmt.Sprintf("at-%d", x.Start), "#" + x.id(), says})
		for _, r := range x.Repeats {
			marks = append(marks, mark{r, "repeat", fmt.Sprintf("at-%d", r.Start), "#" + x.id(), b.p.T("staff.bring.certainty.repeat")})
		}
	}
	for _, g := range l.groups {
		marks = append(marks, mark{g.Span, "group", fmt.Sprintf("at-%d", g.Start), fmt.Sprintf("#find-%d", g.Start), b.who("", g.Group)})
	}
	for _, n := range l.stated {
		marks = append(marks, mark{n.Span, "number", fmt.Sprintf("at-%d", n.Start), fmt.Sprintf("#number-%d", n.Start), b.p.T("staff.bring.certainty.number")})
	}
	dates := slices.Clone(l.rec.Dates)
	for _, x := range l.items {
		dates = append(dates, x.Dates...)
	}
	if b.table == nil { // the dates of a table's rows stand in cells of their own
		for _, d := range dates {
			marks = append(marks, mark{d.Span, "date-in", fmt.Sprintf("on-%d", d.Start), "", b.p.Date(d.Date)})
		}
	}
	slices.SortStableFunc(marks, func(x, y mark) int { return cmp.Or(x.Start-y.Start, y.End-x.End) })
	var list []staff.Piece
	at := 0
	for _, m := range marks {
		if m.Start < at || m.End <= m.Start || m.End > len(l.text) {
			continue
		}
		if m.Start > at {
			list = append(list, staff.Piece{Text: l.text[at:m.Start]})
		}
		list = append(list, staff.Piece{Text: l.text[m.Start:m.End], Kind: m.kind, ID: m.id, URL: m.url, Says: m.says})
		at = m.End
	}
	if at < len(l.text) {
		list = append(list, staff.Piece{Text: l.text[at:]})
	}
	return list
}

// again shows the review once more, with what keeps the list from being accepted.
func (b *bringing) again(l *listed) error { return b.show(http.StatusUnprocessableEntity, l) }
