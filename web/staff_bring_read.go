package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cosignatory/store/register"
	"cosignatory/templates/staff"
	"cosignatory/web/form"
	"cosignatory/web/intake"
)

// listed is what was read in a text or a table, with what was decided of it, beside the record.
type listed struct {
	text     string
	rec      register.Recognition
	rows     map[int]*tableRow // of a table, by where the find starts
	items    []*listItem       // of the finds
	mentions []*listItem
	groups   []*listGroup
	stated   []*listNumber
	missing  []*listAbsence
	compared register.Comparison

	ambiguous int // dates that can be read in two ways
	example   register.FoundDate
	several   int // names with several dates
	onList    int
}

// tableRow is what a row of a table says beside the name.
type tableRow struct {
	capacity  register.Capacity // empty for that of the list
	asPrinted string
	notADate  string
	notSigned string // the key of the words for a state in which nobody is on the list
	of        string // the other declaration that the row is of, by its address
}

// notSigned are the states of the register's own files, in its columns status, action and basis, of rows that are no signatures:
// who left, who is not on the list yet, and who is only a member of a group that is (D6).
var notSigned = map[string]string{"left": "status.left_plain", "not_yet": "status.not_yet", string(register.Withdrew): "action.withdrew",
	"implied_by_group": "staff.bring.implied"}

// listItem is a find, or a mention that may be taken for one, and what was decided of it.
type listItem struct {
	register.Find
	mention bool
	name    string // of its fields
	code    string // whom it stands for; empty for nobody yet
	seen    bool   // somebody has decided about it
	take    bool
	chosen  string // of the candidates
	other   string // as typed
	dates   []register.Date
	vague   bool   // a date beside it waits for the order of day and month
	date    string // chosen: YYYY-MM-DD, "list", or empty
	place   register.Place
	row     *tableRow
}

// definite says that the find has one participant: it is ticked or not, where the others are chosen for.
func (x *listItem) definite() bool { return x.Participant != "" }

type listGroup struct {
	register.FoundGroup
	name  string
	take  bool
	place register.Place
}

type listNumber struct {
	register.FoundNumber
	name, count, counts string
	take, already       bool
}

type listAbsence struct {
	register.Absence
	name, value string
}

// day is the one that the record is looked at on.
func (b *bringing) day() register.Day {
	if b.on.Known() {
		return b.on.Last()
	}
	return b.current
}

// read recognises what was brought and looks up what was decided of it. It is nil where there is too much of it: that is
// noted as a problem.
func (b *bringing) read() (*listed, error) {
	l := &listed{}
	if b.table != nil {
		if b.readTable(l); l.rows == nil {
			return nil, nil
		}
	} else {
		l.text = b.v("text")
		l.rec = *b.s.recogniser(b.view.Ref).Read(l.text, b.on)
	}
	if n := len(l.rec.Finds) + len(l.rec.Mentions) + len(l.rec.Groups); n > maxFinds {
		b.wrong("text", "finds", "N", b.p.Number(n), "Max", b.p.Number(maxFinds))
		return nil, nil
	}
	b.decided(l)
	return l, nil
}

// was are the decisions that were sent, by where their finds stood and by their texts.
type was struct {
	b      *bringing
	prefix string
	text   map[int]string
	starts map[string][]int
	used   map[int]bool
}

// before gathers the decisions whose fields begin with a prefix.
func (b *bringing) before(prefix string) *was {
	w := &was{b, prefix, map[int]string{}, map[string][]int{}, map[int]bool{}}
	for name, all := range b.values {
		rest, ok := strings.CutPrefix(name, prefix)
		if !ok {
			continue
		}
		number, ok := strings.CutSuffix(rest, ".text")
		start, err := strconv.Atoi(number)
		if !ok || err != nil {
			continue
		}
		text := normal(all[0])
		w.text[start] = text
		w.starts[text] = append(w.starts[text], start)
	}
	return w
}

// of are the fields of the decision about a piece of text: the one at its place, else the only one about that text, whose
// place has moved since. Nobody has decided yet where ok is false.
func (w *was) of(x register.Span) (get func(field string) string, ok bool) {
	at := -1
	if w.text[x.Start] == x.Text && !w.used[x.Start] {
		if _, there := w.text[x.Start]; there {
			at = x.Start
		}
	}
	if at < 0 {
		if starts := w.starts[x.Text]; len(starts) == 1 && !w.used[starts[0]] {
			at = starts[0]
		}
	}
	if at < 0 {
		return func(string) string { return "" }, false
	}
	w.used[at] = true
	return func(field string) string { return w.b.v(w.prefix + strconv.Itoa(at) + "." + field) }, true
}

// decided looks up the decisions, and compares with the record.
func (b *bringing) decided(l *listed) {
	names := form.NewNames(b.view.Ref)
	order := b.v("order")
	before := b.before("f.")
	take := func(f register.Find, was *was, prefix string) *listItem {
		x := &listItem{Find: f, name: prefix + strconv.Itoa(f.Start), code: f.Participant, row: l.rows[f.Start]}
		get, seen := was.of(f.Span)
		x.seen = seen
		if x.row == nil {
			x.row = &tableRow{}
		}
		x.other = strings.TrimSpace(get("other"))
		if c := get("who"); slices.Contains(f.Candidates, c) && !x.definite() {
			x.chosen, x.code = c, c
		}
		if x.other != "" {
			x.code = ""
			if codes := names.Find(x.other); len(codes) == 1 {
				x.code, x.chosen = codes[0], ""
				if x.definite() && x.code == x.Participant {
					x.other = ""
				}
			}
		}
		x.take = get("take") == "yes"
		if !x.definite() {
			x.take = x.code != "" || x.other != ""
		}
		if !seen {
			x.take = f.Certainty == register.Certain && x.definite() && !f.Twice && x.row.notSigned == "" && x.row.of == ""
		}
		b.dated(l, x, order, get("date"))
		return x
	}
	for _, f := range l.rec.Finds {
		x := take(f, before, "f.")
		l.items = append(l.items, x)
	}
	mentioned := b.before("t.")
	for _, m := range l.rec.Mentions {
		x := take(register.Find{Span: m.Span, Participant: m.Participant, Certainty: register.Ask, Reason: "mention"}, mentioned, "t.")
		x.mention = true
		l.mentions = append(l.mentions, x)
	}
	// Whoever is chosen is compared, mentions among them where they are taken for signatures.
	rec := l.rec
	rec.Finds = nil
	compared := slices.Clone(l.items)
	for _, x := range l.mentions {
		if x.take {
			compared = append(compared, x)
		}
	}
	for _, x := range compared {
		f := x.Find
		if f.Participant = x.code; x.code != "" {
			f.Candidates = nil
		}
		rec.Finds = append(rec.Finds, f)
	}
	l.compared = register.Against(b.document, b.view.Ref, &rec, b.day())
	for i, x := range compared {
		x.place = l.compared.Finds[i]
		// Whoever had left is asked about, and nobody stands twice: neither is ticked before somebody has looked.
		if p := x.place.Beside; (p == register.HadLeft || p == register.NamedTwice) && !x.seen && x.definite() {
			x.take = false
		}
		if x.place.Beside == register.IsOnList {
			l.onList++
		}
	}
	before = b.before("g.")
	for i, g := range l.rec.Groups {
		x := &listGroup{FoundGroup: g, name: "g." + strconv.Itoa(g.Start), place: l.compared.Groups[i]}
		get, seen := before.of(g.Span)
		if x.take = get("take") == "yes"; !seen {
			x.take = g.Certainty == register.Certain && x.place.Beside != register.NamedTwice && x.place.Beside != register.HadLeft
		}
		if x.place.Beside == register.IsOnList {
			l.onList++
		}
		l.groups = append(l.groups, x)
	}
	before = b.before("n.")
	said := map[register.FoundNumber]bool{}
	for _, n := range l.rec.Stated {
		same := n
		same.Span = register.Span{}
		if said[same] {
			continue // said again, in another language
		}
		said[same] = true
		x := &listNumber{FoundNumber: n, name: "n." + strconv.Itoa(n.Start), count: strconv.Itoa(n.Count), counts: n.Counts}
		if n.Others {
			x.count = strconv.Itoa(n.Count + 1) // those others and the one named (D5)
		}
		x.already = slices.ContainsFunc(b.document.Stated, func(s register.Stated) bool { return strconv.Itoa(s.Count) == x.count && s.Counts == n.Counts })
		get, seen := before.of(n.Span)
		if seen {
			x.take, x.count, x.counts = get("take") == "yes", get("count"), get("counts")
		} else {
			x.take = !n.Loose && !n.Others && !x.already
		}
		l.stated = append(l.stated, x)
	}
	for _, a := range l.compared.Missing {
		x := &listAbsence{Absence: a, name: "absent." + a.Participant}
		if a.Group != "" {
			x.name = "absent.group." + a.Group
		}
		if v := b.v(x.name); v == "note" || v == "withdrew" {
			x.value = v
		}
		l.missing = append(l.missing, x)
	}
}

// dated works out the dates beside a name, and which of them was chosen.
func (b *bringing) dated(l *listed, x *listItem, order, chosen string) {
	seen := map[register.Date]bool{} // a line may be nothing but dates
	for _, d := range x.Dates {
		date := d.Date
		if d.Other.Known() {
			if l.ambiguous++; l.ambiguous == 1 {
				l.example = d
			}
			dayFirst, monthFirst := readings(d)
			switch order {
			case "dm":
				date = dayFirst
			case "md":
				date = monthFirst
			default:
				x.vague = true
				continue
			}
		}
		if date.Known() && !seen[date] {
			seen[date] = true
			x.dates = append(x.dates, date)
		}
	}
	several := len(x.dates) > 1
	if several {
		l.several++
	}
	switch {
	case chosen == "list", slices.ContainsFunc(x.dates, func(d register.Date) bool { return d.String() == chosen }):
		x.date = chosen
	case len(x.dates) == 1:
		x.date = x.dates[0].String()
	case several && b.v("which") == "first":
		x.date = x.dates[0].String()
	case several && b.v("which") == "last":
		x.date = x.dates[len(x.dates)-1].String()
	}
}

// readings are both readings of a date whose order nobody can tell: by the number that is printed first.
func readings(d register.FoundDate) (dayFirst, monthFirst register.Date) {
	first := 0
	for _, word := range strings.FieldsFunc(d.Text, func(r rune) bool { return r < '0' || r > '9' }) {
		first, _ = strconv.Atoi(word)
		break
	}
	if int(d.Date.Day) == first {
		return d.Date, d.Other
	}
	return d.Other, d.Date
}

// Tables --------------------------------------------------------------------------------------------------------------

// sheet is the sheet of the table that was chosen, the first that is not hidden where none was.
func (b *bringing) sheet() (*intake.Sheet, int) {
	n, err := strconv.Atoi(b.v("sheet"))
	if err != nil || n < 0 || n >= len(b.table.Sheets) {
		if n = slices.IndexFunc(b.table.Sheets, func(s intake.Sheet) bool { return !s.Hidden && len(s.Rows) > 0 }); n < 0 {
			n = 0
		}
	}
	return &b.table.Sheets[n], n
}

func columnName(i int) string { return "col." + strconv.Itoa(i) }

// roles are what was chosen of each column.
func (b *bringing) roles(s *intake.Sheet) []intake.Role {
	width := 0
	for _, row := range s.Rows {
		width = max(width, len(row))
	}
	roles := make([]intake.Role, width)
	for i := range roles {
		if role := b.v(columnName(i)); slices.Contains(staff.ColumnRoles, role) {
			roles[i] = intake.Role(role)
		}
	}
	return roles
}

// columnsWrong notes what is wrong with the choice of columns.
func (b *bringing) columnsWrong() {
	s, _ := b.sheet()
	roles := b.roles(s)
	count := map[intake.Role]int{}
	for _, role := range roles {
		count[role]++
	}
	if count[intake.Name]+count[intake.Code]+count[intake.Group] == 0 {
		b.wrong("columns", "column_name")
	}
	for _, role := range staff.ColumnRoles {
		if r := intake.Role(role); r != intake.NoRole && r != intake.Note && r != intake.State && count[r] > 1 {
			b.wrong("columns", "column_twice", "Role", b.p.T("staff.bring.role."+role))
		}
	}
	if len(s.Rows) > maxFinds+1 {
		b.wrong("columns", "rows", "Max", b.p.Number(maxFinds))
	}
}

// guess fills in what the columns of a sheet likely hold.
func (b *bringing) guess(s *intake.Sheet) {
	r := b.s.recogniser(b.view.Ref)
	intake.Guess(s, func(cell string) bool {
		f := r.One(cell, b.on)
		return f.Certainty == register.Certain || f.Certainty == register.Likely
	})
}

// readTable makes a text of the rows of a table, one line a row, and finds in it of the cells with names.
func (b *bringing) readTable(l *listed) {
	b.columnsWrong()
	s, _ := b.sheet()
	if b.isWrong("columns") {
		return
	}
	l.rows = map[int]*tableRow{}
	rows := s.Rows
	if b.v("header") == "yes" {
		rows = rows[min(len(rows), max(0, s.Header)+1):]
	}
	roles := b.roles(s)
	codes := b.codes()
	slug, ofDeclarations := "", s.OfDeclarations()
	if b.work != nil {
		slug = b.work.draft.Document.Slug
	} else if b.entry != nil {
		slug = b.entry.Slug
	}
	r := b.s.recogniser(b.view.Ref)
	var text strings.Builder
	l.rec = register.Recognition{}
	for i, row := range rows {
		at := map[intake.Role]int{} // where the cell of a role begins in the text
		cells := map[intake.Role]string{}
		var notes []string
		state, begun := "", false
		for j, cell := range row {
			role := intake.NoRole
			if j < len(roles) {
				role = roles[j]
			}
			if cell = strings.TrimSpace(cell); cell == "" || role == intake.NoRole {
				continue
			}
			if role == intake.Note {
				notes = append(notes, cell)
			}
			if key := notSigned[cell]; role == intake.State && key != "" {
				state = key
			}
			if begun {
				text.WriteString(" · ")
			}
			begun = true
			at[role], cells[role] = text.Len(), cell
			text.WriteString(cell)
		}
		if !begun {
			continue
		}
		text.WriteByte('\n')
		of := ""
		if ofDeclarations >= 0 && ofDeclarations < len(row) && row[ofDeclarations] != slug {
			of = row[ofDeclarations]
		}
		b.readRow(l, r, i, at, cells, notes, state, of, codes)
	}
	l.text = text.String()
	// What was carried is as printed; the text is only how it is shown.
}

// readRow is the find, or the group, of one row.
func (b *bringing) readRow(l *listed, r *register.Recogniser, i int, at map[intake.Role]int, cells map[intake.Role]string, notes []string, state, of string, codes map[string]string) {
	role := intake.Name
	if cells[role] == "" {
		role = intake.Code
	}
	if cells[role] == "" {
		role = intake.Group
	}
	cell := cells[role]
	if cell == "" {
		return
	}
	span := func(f register.Span) register.Span {
		return register.Span{Start: f.Start + at[role], End: f.End + at[role], Text: f.Text}
	}
	position := i + 1
	if n, err := strconv.Atoi(strings.Trim(cells[intake.Position], ".) ")); err == nil && n > 0 && n <= register.MaxRows {
		position = n
	}
	f := r.One(cell, b.on)
	if role == intake.Group || f.Certainty == register.Unmatched {
		for _, g := range r.Read(cell, b.on).Groups {
			g.Span, g.Certainty, g.Position = span(g.Span), register.Certain, position
			l.rec.Groups = append(l.rec.Groups, g)
			return
		}
		if g := b.view.Ref.Group(strings.ToUpper(cell)); g != nil {
			l.rec.Groups = append(l.rec.Groups, register.FoundGroup{Span: span(register.Span{End: len(cell), Text: cell}), Group: g.Code, Members: g.On(b.day()),
				Certainty: register.Certain, Position: position})
			return
		}
	}
	if code := codes[strings.ToUpper(cells[intake.Code])]; code != "" {
		switch {
		case role == intake.Code || f.Participant == code:
			f.Participant, f.Certainty, f.Reason = code, register.Certain, "abbreviation"
			if role == intake.Name {
				f.Reason = "known_name"
			}
		case f.Participant == "":
			f.Participant, f.Certainty, f.Reason = code, register.Likely, "folded"
		default: // the code says one, the name another
			f.Candidates, f.Participant, f.Certainty, f.Reason = []string{f.Participant, code}, "", register.Ask, "several"
		}
	}
	f.Span = span(f.Span)
	f.List, f.Position = 1, position
	if len(notes) > 0 {
		f.Note = strings.TrimSpace(f.Note + " " + strings.Join(notes, " "))
	}
	row := &tableRow{notSigned: state, of: of}
	if typed := cells[intake.Date]; typed != "" {
		if d, ok := register.ReadDate(typed); ok {
			f.Dates = []register.FoundDate{d}
		} else {
			row.notADate = typed
		}
	}
	if typed := cells[intake.Capacity]; typed != "" {
		row.asPrinted = typed
		row.capacity = b.capacity(typed)
	}
	l.rec.Finds = append(l.rec.Finds, f)
	l.rows[f.Start] = row
}

// codes are the participants by every code that a table may give them.
func (b *bringing) codes() map[string]string {
	codes := map[string]string{}
	for _, p := range b.view.Ref.Participants {
		for _, c := range []string{p.UserAssigned, p.M49, p.Alpha3, p.Alpha2, p.Code} {
			if c != "" {
				codes[c] = p.Code
			}
		}
	}
	return codes
}

// capacity is the one whose word, in the reader's language or as the files of the register have it, was printed; empty where
// there is none.
func (b *bringing) capacity(typed string) register.Capacity {
	folded := register.Fold(typed)
	for _, c := range register.Capacities {
		if folded == register.Fold(string(c)) || folded == register.Fold(b.p.T("capacity."+string(c))) {
			return c
		}
	}
	return ""
}

// sum is the number stated beside those that are ticked: participants by name, and the members of groups, each once.
func (b *bringing) sum(l *listed) (s staff.BringSum) {
	for _, x := range l.stated {
		if n, err := strconv.Atoi(x.count); err == nil && (x.take || s.Stated == 0 && !x.Loose) {
			s.Stated, s.StatesOnly = n, x.counts == register.StatesOnly
			if x.take {
				break
			}
		}
	}
	if on := b.document.StatedOn(b.day()); s.Stated == 0 && on != nil {
		s.Stated, s.StatesOnly = on.Count, on.Counts == register.StatesOnly
	}
	seen := map[string]bool{}
	add := func(code string) {
		p := b.view.Ref.Participant(code)
		if p == nil || seen[code] || s.StatesOnly && p.Kind == register.Organization {
			return
		}
		seen[code] = true
		s.Ticked++
	}
	for _, x := range slices.Concat(l.items, l.mentions) {
		if x.take && x.code != "" {
			add(x.code)
		}
	}
	for _, g := range l.groups {
		if g.take {
			for _, code := range g.Members {
				add(code)
			}
		}
	}
	s.NotNamed = max(0, s.Stated-s.Ticked)
	return s
}

func (x *listItem) id() string { return fmt.Sprintf("find-%d", x.Start) }
