package web

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
	"cosignatory/web/export"
)

// offersShown is how many declarations a form suggests: the newest. Others are typed.
const offersShown = 200

// comparison is what an address asks to be compared.
type comparison struct {
	keys         []string // slugs or codes, as they are now
	participants bool
	only         int      // place of the one that rows are to be on, on none of the others; -1 for all rows
	members      []string // of the group that rows are restricted to; nil for everybody
	result       *store.Compared
}

// everyRow asks for all rows of a comparison.
const everyRow = -1

// comparison reads what is to be compared. With fewer than two nothing is, and result is nil.
func (r *request) comparison(x *store.Index) (*comparison, error) {
	c := &comparison{only: everyRow, participants: r.query["p"] != ""}
	if r.query["d"] != "" && c.participants {
		return nil, bad("error.compare_both").accepting("accepted.compare")
	}
	name := "d"
	if c.participants {
		name = "p"
	}
	for typed := range strings.SplitSeq(r.query[name], between) {
		if typed == "" {
			continue
		}
		key, err := r.compared(x, typed, c.participants)
		if err != nil {
			return nil, err
		}
		if slices.Contains(c.keys, key) {
			return nil, bad("error.compare_twice", "Value", shorten(typed)).accepting("accepted.compare")
		}
		c.keys = append(c.keys, key)
	}
	if len(c.keys) > 0 {
		// The names typed lead to the codes: links and files name these.
		r.query[name] = strings.Join(c.keys, between)
	}
	if typed := r.query["only"]; typed != "" {
		if c.only = slices.Index(c.keys, typed); c.only < 0 {
			return nil, bad("error.compare_only", "Value", shorten(typed)).oneOf(r.keyOptions(x, c))
		}
	}
	if code := r.query["group"]; code != "" {
		if err := r.knownGroup(code); err != nil {
			return nil, err
		}
		if c.participants {
			return nil, bad("error.compare_group").accepting("accepted.compare")
		}
		c.members = r.view.Ref.Group(code).On(r.day)
		r.view.Ref.SortCodes(c.members, r.lang)
		if c.members == nil {
			c.members = []string{}
		}
	}
	if t := r.query["table"]; t != "" && t != "pairs" {
		return nil, r.badValue("table", t).oneOf([]ui.Option{{Value: "pairs", Label: r.p.T("parameter.table")}})
	}
	switch {
	case len(c.keys) < 2:
	case c.participants:
		c.result = x.CompareParticipants(c.keys, c.only)
		slices.SortStableFunc(c.result.Rows, func(a, b store.ComparedRow) int { return cmp.Compare(a.Part, b.Part) })
	default:
		c.result = x.CompareDeclarations(c.keys, c.members, c.only)
		slices.SortStableFunc(c.result.Rows, func(a, b store.ComparedRow) int {
			return cmp.Or(cmp.Compare(a.Part, b.Part), cmp.Compare(r.rank(a.Code), r.rank(b.Code)))
		})
	}
	return c, nil
}

// compared is the slug or code of what was typed. A retired slug leads to the one that answers for it; a participant's short
// name, in any language, to its code.
func (r *request) compared(x *store.Index, typed string, participant bool) (string, error) {
	if participant {
		if r.view.Ref.Participant(typed) != nil {
			return typed, nil
		}
		sought := register.Fold(typed)
		for _, q := range r.view.Ref.Participants {
			for _, name := range q.Names {
				if sought != "" && register.Fold(name) == sought {
					return q.Code, nil
				}
			}
		}
		return "", bad("error.participant_unknown", "Value", shorten(typed)).accepting("accepted.participant").
			or(r.p.T("onward.participants"), r.now("/participants"))
	}
	if _, ok := x.BySlug(typed); ok {
		return typed, nil
	}
	e, err := r.view.Declaration(r.ctx, typed)
	var moved *store.Moved
	switch {
	case err == nil:
		return e.Slug, nil
	case errors.As(err, &moved):
		if _, ok := x.BySlug(moved.Slug); ok {
			return moved.Slug, nil
		}
	case !errors.Is(err, store.ErrNotFound):
		return "", err
	}
	return "", bad("error.declaration_unknown", "Value", shorten(typed)).accepting("accepted.declaration").
		or(r.p.T("onward.declarations"), r.now("/declarations"))
}

func (r *request) keyOptions(x *store.Index, c *comparison) []ui.Option {
	var list []ui.Option
	for _, key := range c.keys {
		label := r.view.Ref.Name(key, r.lang)
		if !c.participants {
			label = r.titleOption(x, key)
		}
		list = append(list, ui.Option{Value: key, Label: label})
	}
	return list
}

// titleOption is the title of a declaration where no mark-up can stand: one in another language than the page says which (D21).
func (r *request) titleOption(x *store.Index, slug string) string {
	t := r.titled(x.Titled(slug, r.lang))
	if t.Mark == "" {
		return t.S
	}
	return r.p.T("missing.but", "Who", t.S, "Words", t.Mark)
}

// letters stand for declarations, whose titles are too long for the head of a column.
var letters = [mostCompared]string{"A", "B", "C", "D", "E", "F"}

func showCompare(r *request) error {
	x, err := r.view.Index(r.ctx, r.day)
	if err != nil {
		return err
	}
	c, err := r.comparison(x)
	if err != nil {
		return err
	}
	number, err := r.pageNumber()
	if err != nil {
		return err
	}
	section := "/declarations"
	if c.participants {
		section = "/participants"
	}
	p := r.p
	v := pages.Compare{Page: r.base(ui.Plain(p.T("compare.title")), section), OfParticipants: c.participants, OneMore: len(c.keys) == 1}
	v.Description = p.T("compare.lead")
	if v.Sides, err = r.sides(x, c); err != nil {
		return err
	}
	r.compareForms(&v, x, c)
	if c.result == nil {
		return r.show(v.Show())
	}
	v.AsOfForm = r.asOfForm("d", "p", "group", "only")
	if code := r.query["group"]; code != "" {
		name := r.view.Ref.Group(code).Name(r.lang)
		v.Among = p.T("compare.among", "Group", name, "N", p.Number(len(c.members)))
		v.Active = append(v.Active, ui.Link{Text: p.T("filter.is_group", "Value", name), URL: r.here("group", "", "page", "")})
	}
	if c.only >= 0 {
		v.Active = append(v.Active, ui.Link{Text: r.onlyWords(v.Sides, c.only, c.participants), URL: r.here("only", "", "page", "")})
	}
	v.ClearURL = r.here("group", "", "only", "", "page", "")
	if len(v.Active) == 0 {
		v.ClearURL = ""
	}
	for _, o := range c.result.Overlaps {
		v.Pairs = append(v.Pairs, pages.ComparePair{A: o.A, B: o.B, Both: o.Both, OnlyA: o.OnlyA(), OnlyB: o.OnlyB(),
			Jaccard: p.Decimal(o.Jaccard(), 2), Bar: pages.BarOf(o.Jaccard())})
	}
	if c.participants && c.only < 0 {
		v.None = p.T("compare.none_of", "Count", c.result.None)
	}
	v.Total = len(c.result.Rows)
	rows := c.result.Rows
	if c.participants {
		if v.Pager, err = r.pager(number, v.Total); err != nil {
			return err
		}
		from := min(skipTo(number), len(rows))
		rows = rows[from:min(from+pageSize, len(rows))]
	}
	if v.Parts, err = r.compareParts(c, rows); err != nil {
		return err
	}
	v.Foot = r.foot(v.Title)
	v.PairsFoot = ui.TableFoot{Formats: tableFormats(r.pairsURL)}
	v.Columns = r.columnsOf(comparedFile(c.participants))
	return r.show(v.Show())
}

func (r *request) pairsURL(format string) string {
	return address(r.lang, r.path, format, r.query.with("revision", itoa(r.view.Revision), "as_of", r.day.String(), "print", "", "page", "", "only", "", "since", "", "table", "pairs"))
}

// onlyWords says “on A, not on B”, or of participants, with whom declarations are, “with A, without B”.
func (r *request) onlyWords(sides []pages.CompareSide, only int, participants bool) string {
	label := func(i int) string {
		if sides[i].Letter != "" {
			return sides[i].Letter
		}
		return sides[i].Name.S
	}
	two, more := "compare.only", "compare.only_of"
	if participants {
		two, more = "compare.only_with", "compare.only_of_with"
	}
	if len(sides) == 2 {
		return r.p.T(two, "A", label(only), "B", label(1-only))
	}
	return r.p.T(more, "A", label(only))
}

// sides are those compared, with what stands on each.
func (r *request) sides(x *store.Index, c *comparison) ([]pages.CompareSide, error) {
	var list []pages.CompareSide
	p := r.p
	if c.participants {
		for _, code := range c.keys {
			q := r.view.Ref.Participant(code)
			s := x.Participant(code)
			side := pages.CompareSide{Name: ui.Plain(q.Name(r.lang)), URL: r.to(participantPath(code)), Note: r.region(q), Numbers: []string{p.T("participant.on", "Count", s.On)}}
			if s.Unsettled > 0 {
				side.Numbers = append(side.Numbers, p.T("counts.unsettled", "Count", s.Unsettled))
			}
			list = append(list, side)
		}
	} else {
		var rows []*store.Row
		for _, slug := range c.keys {
			row, _ := x.BySlug(slug)
			rows = append(rows, row)
		}
		shown, err := r.declarationRows(rows)
		if err != nil {
			return nil, err
		}
		for i, d := range shown {
			side := pages.CompareSide{Letter: letters[i], Name: d.Title, URL: d.URL, Note: d.Date, Numbers: []string{p.T("counts.in_effect", "Count", d.InEffect)}}
			if d.Unsettled > 0 {
				side.Numbers = append(side.Numbers, p.T("counts.unsettled", "Count", d.Unsettled))
			}
			side.MissingURL = r.to(declarationPath(rows[i].Slug), "missing", r.query["group"]) + "#not-on-list"
			list = append(list, side)
		}
	}
	if c.result != nil {
		for i := range list {
			list[i].Only = ui.Link{Text: r.onlyWords(list, i, c.participants), URL: r.here("only", c.keys[i], "page", "") + "#rows", Current: i == c.only}
		}
	}
	return list, nil
}

// compareForms are the two forms: that of the kind compared holds what was chosen.
func (r *request) compareForms(v *pages.Compare, x *store.Index, c *comparison) {
	values := func(mine bool) []string {
		list := make([]string, mostCompared)
		if mine {
			copy(list, c.keys)
		}
		return list
	}
	action := address(r.lang, r.path, "", nil)
	choosing := len(c.keys) < 2
	v.Declarations = pages.CompareForm{Action: action, Name: "d", Values: values(!c.participants), Groups: r.choices().groups, Group: r.query["group"],
		Hidden: r.hidden("as_of", "revision"), Open: choosing && !c.participants}
	v.Participants = pages.CompareForm{Action: action, Name: "p", Values: values(c.participants), Hidden: r.hidden("as_of", "revision"),
		Open: choosing && (c.participants || len(c.keys) == 0)}
	newest, _ := x.Find(register.Filter{}, register.Sort{By: "date", Descending: true}, r.lang, 0, offersShown)
	for _, row := range newest {
		v.Declarations.Offers = append(v.Declarations.Offers, ui.Option{Value: row.Slug, Label: r.titleOption(x, row.Slug)})
	}
	codes := make([]string, 0, len(r.view.Ref.Participants))
	for _, q := range r.view.Ref.Participants {
		codes = append(codes, q.Code)
	}
	v.Participants.Offers = r.nameOptions(codes)
}

// compareParts are the rows, parted. A heading says how many stand in the whole part, whatever the page shows of it.
func (r *request) compareParts(c *comparison, rows []store.ComparedRow) ([]pages.ComparePart, error) {
	sizes := map[register.Part]int{}
	for i := range c.result.Rows {
		sizes[c.result.Rows[i].Part]++
	}
	titles := map[string]pages.DeclarationRow{}
	if c.participants {
		some := make([]*store.Row, len(rows))
		for i := range rows {
			some[i] = rows[i].Row
		}
		shown, err := r.declarationRows(some)
		if err != nil {
			return nil, err
		}
		for i, d := range shown {
			titles[some[i].Slug] = d
		}
	}
	heading := "part."
	if c.participants {
		heading = "part_with."
	}
	var parts []pages.ComparePart
	for i := range rows {
		row := &rows[i]
		if i == 0 || rows[i-1].Part != row.Part {
			parts = append(parts, pages.ComparePart{Heading: r.p.T(heading+row.Part.String(), "N", r.p.Number(sizes[row.Part]))})
		}
		part := &parts[len(parts)-1]
		if c.participants {
			d := titles[row.Row.Slug]
			part.Rows = append(part.Rows, pages.CompareRow{Name: d.Title, URL: d.URL, Note: d.Date, NoteISO: d.DateISO, Marks: row.Marks})
			continue
		}
		q := r.view.Ref.Participant(row.Code)
		part.Rows = append(part.Rows, pages.CompareRow{Name: ui.Plain(r.view.Ref.Name(row.Code, r.lang)), URL: r.to(participantPath(row.Code)),
			Note: r.region(q), Marks: row.Marks})
	}
	return parts, nil
}

func comparedFile(participants bool) string {
	if participants {
		return "compared_declarations"
	}
	return "compared_participants"
}

// columnsOf explains the columns of a file of questions.
func (r *request) columnsOf(name string) []pages.Column {
	return dictionary(r.p, export.QuestionColumns(name))
}

func fileCompare(r *request) error {
	x, err := r.view.Index(r.ctx, r.day)
	if err != nil {
		return err
	}
	c, err := r.comparison(x)
	if err != nil {
		return err
	}
	if c.result == nil {
		return bad("error.compare_few").accepting("accepted.compare")
	}
	if _, err := r.pageNumber(); err != nil {
		return err
	}
	if r.query["table"] == "pairs" {
		return r.send("compare-pairs", c.members != nil, func(ctx context.Context, w io.Writer, o export.Options) error {
			return export.WriteOverlaps(ctx, w, o, x, c.keys, c.result, c.participants)
		})
	}
	return r.send("compare", c.members != nil || c.only >= 0, func(ctx context.Context, w io.Writer, o export.Options) error {
		return export.WriteCompared(ctx, w, o, x, c.keys, c.result, c.participants)
	})
}
