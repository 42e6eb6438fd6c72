// Package form turns what staff type into declarations and back. What was typed is kept as it was, however wrong: a Form
// holds texts, and says of each what is the matter with it. It brings together what several people typed at once. It knows no
// HTTP beyond the values of a form.
package form

import (
	"crypto/rand"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"cosignatory/store/register"
)

// Form is a declaration as typed, with the reason of the change: single fields by name and rows by list. Names are the paths
// that register.Problem uses, but for dates, which are typed in three parts: adopted.day, adopted.month, adopted.year. A row
// of actions that has a group and no participant among its fields is a group line.
type Form struct {
	Fields map[string]string              `json:"fields"`
	Rows   map[string][]map[string]string `json:"rows"`
}

// MaxRows is how many rows of one list a form takes; more is refused before anything is kept.
const MaxRows = register.MaxRows

// single are the single fields, and lists the lists with the fields of their rows, in the order of the form; dates are the
// fields typed in three parts.
var (
	single = []string{"kind", "slug", "adopted", "presented", "published", "opened", "closed", "presented_by", "presenter_delegation", "presenter_counted",
		"open", "list_complete", "topics", "merged_into", "reason", "reason_lang"}
	order = []string{"sources", "titles", "texts", "sponsors", "stated", "actions", "links", "disputes"}
	lists = map[string][]string{
		"titles":   {"lang", "text", "standing", "source", "note"},
		"texts":    {"lang", "event", "place", "summary", "notes"},
		"sponsors": {"code"},
		"stated":   {"count", "counts", "date", "source", "note"},
		"links":    {"kind", "target", "note"},
		"sources":  {"key", "publisher", "title", "url", "lang", "kind", "published", "read_on", "supports"},
		"actions": {"id", "participant", "group", "action", "capacity", "date", "source", "reason", "joining_not_recorded", "name_as_printed", "printed_position",
			"capacity_as_printed", "public_date", "place_in_source", "also_sources", "note"},
		"disputes": {"participant", "claim", "source"},
	}
	dates      = []string{"adopted", "presented", "published", "opened", "closed", "date", "public_date", "read_on", "un_admission", "valid_from", "valid_to", "from", "to"}
	claimShape = regexp.MustCompile(`^claim\[(\d{1,2})\]\.(lang|text)$`)
)

// chosen are fields that a fresh row has filled in: a row with nothing else is empty.
var chosen = []string{"lang", "standing", "counts", "kind", "action", "capacity", "id"}

// copied are fields that a fresh line of the participations takes over from the line before.
var copied = []string{"source", "date.day", "date.month", "date.year"}

// parts are the names of the inputs of a field.
func parts(field string) []string {
	if slices.Contains(dates, field) {
		return []string{field + ".day", field + ".month", field + ".year"}
	}
	return []string{field}
}

// known says that a list has an input of that name in its rows.
func known(list, input string) bool {
	if list == "disputes" && claimShape.MatchString(input) {
		return true
	}
	for _, f := range lists[list] {
		if slices.Contains(parts(f), input) && input != "claim" {
			return true
		}
	}
	return false
}

func newForm() *Form {
	return &Form{Fields: map[string]string{}, Rows: map[string][]map[string]string{}}
}

// Copy is the form, apart from it.
func (f *Form) Copy() *Form {
	c := newForm()
	maps.Copy(c.Fields, f.Fields)
	for list, rows := range f.Rows {
		for _, row := range rows {
			c.Rows[list] = append(c.Rows[list], maps.Clone(row))
		}
	}
	return c
}

// text is a typed text as forms hold it: line breaks as \n, and no bytes that are no text.
func text(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n"), "\r", "\n")
}

// Parse reads the values of a sent form. Rows in which nothing was typed are left out and the rest numbered afresh, so
// that a problem's path names the row as it is shown again. It refuses only what is no form of ours: too many rows.
func Parse(values url.Values) (*Form, []register.Problem) {
	f := newForm()
	for _, field := range single {
		for _, name := range parts(field) {
			if v := values.Get(name); v != "" {
				f.Fields[name] = text(v)
			}
		}
	}
	if len(values["topics"]) > 1 {
		f.Fields["topics"] = text(strings.Join(values["topics"], "|"))
	}
	for _, t := range []string{"presenter_counted", "open", "list_complete"} {
		if f.Fields[t] == "" {
			f.Fields[t] = string(register.NotRecorded)
		}
	}
	numbered := map[string]map[int]map[string]string{}
	for name, all := range values {
		list, rest, ok := strings.Cut(name, "[")
		if !ok || lists[list] == nil || len(all) == 0 {
			continue
		}
		number, field, ok := strings.Cut(rest, "]")
		n, err := strconv.Atoi(number)
		if !ok || err != nil || n < 0 {
			continue
		}
		field = strings.TrimPrefix(field, ".")
		if field == "" {
			field = "code"
		}
		if !known(list, field) {
			continue
		}
		if numbered[list] == nil {
			numbered[list] = map[int]map[string]string{}
		}
		if numbered[list][n] == nil {
			numbered[list][n] = map[string]string{}
		}
		if v := text(strings.Join(all, "|")); v != "" || field == "participant" || field == "group" || claimShape.MatchString(field) {
			numbered[list][n][field] = v
		}
	}
	var problems []register.Problem
	for _, list := range order {
		rows := numbered[list]
		if len(rows) > MaxRows {
			problems = append(problems, register.Problem{Field: list, Key: "too_many_rows", Args: map[string]any{"Count": len(rows), "Max": MaxRows}})
		}
		for _, n := range slices.Sorted(maps.Keys(rows)) {
			f.Rows[list] = append(f.Rows[list], rows[n])
		}
	}
	return f.Compact(), problems
}

// Compact leaves out the rows in which nothing was typed. It returns f.
func (f *Form) Compact() *Form {
	for list, rows := range f.Rows {
		var kept []map[string]string
		for i, row := range rows {
			var before map[string]string
			if i > 0 {
				before = rows[i-1]
			}
			if !empty(list, row, before) {
				kept = append(kept, row)
			}
		}
		if f.Rows[list] = kept; kept == nil {
			delete(f.Rows, list)
		}
	}
	return f
}

func empty(list string, row, before map[string]string) bool {
	for field, v := range row {
		switch {
		case strings.TrimSpace(v) == "", slices.Contains(chosen, field), claimShape.MatchString(field) && strings.HasSuffix(field, "lang"):
		case list == "actions" && before != nil && slices.Contains(copied, field) && before[field] == v:
		default:
			return false
		}
	}
	return row["id"] == ""
}

// Of is the form that shows a declaration.
func Of(d *register.Declaration) *Form {
	f := newForm()
	set := func(row map[string]string, pairs ...string) map[string]string {
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i+1] != "" {
				row[pairs[i]] = pairs[i+1]
			}
		}
		return row
	}
	tristate := func(t register.Tristate) string {
		if t == "" {
			t = register.NotRecorded
		}
		return string(t)
	}
	set(f.Fields, "slug", d.Slug, "kind", string(d.Kind), "presented_by", d.PresentedBy, "presenter_delegation", d.PresenterDelegation, "presenter_counted",
		tristate(d.PresenterCounted), "open", tristate(d.Open), "list_complete", tristate(d.ListComplete), "topics", strings.Join(d.Topics, "|"),
		"merged_into", d.MergedInto)
	date := func(row map[string]string, name string, d register.Date) {
		number := func(n int) string {
			if n == 0 {
				return ""
			}
			return strconv.Itoa(n)
		}
		set(row, name+".day", number(int(d.Day)), name+".month", number(int(d.Month)), name+".year", number(int(d.Year)))
	}
	for name, x := range map[string]register.Date{"adopted": d.Adopted, "presented": d.Presented, "published": d.Published, "opened": d.Opened, "closed": d.Closed} {
		date(f.Fields, name, x)
	}
	add := func(list string, pairs ...string) map[string]string {
		row := set(map[string]string{}, pairs...)
		f.Rows[list] = append(f.Rows[list], row)
		return row
	}
	for _, t := range d.Titles {
		add("titles", "lang", t.Lang, "text", t.Text, "standing", string(t.Standing), "source", t.Source, "note", t.Note)
	}
	for _, t := range d.Texts {
		add("texts", "lang", t.Lang, "event", t.Event, "place", t.Place, "summary", t.Summary, "notes", t.Notes)
	}
	for _, code := range d.Sponsors {
		add("sponsors", "code", code)
	}
	for _, s := range d.Stated {
		count := ""
		if s.Count != 0 {
			count = strconv.Itoa(s.Count)
		}
		date(add("stated", "count", count, "counts", s.Counts, "source", s.Source, "note", s.Note), "date", s.Date)
	}
	for _, l := range d.Links {
		add("links", "kind", string(l.Kind), "target", l.Target, "note", l.Note)
	}
	for _, s := range d.Sources {
		row := add("sources", "key", s.Key, "publisher", s.Publisher, "title", s.Title, "url", s.URL, "lang", s.Lang, "kind", string(s.Kind), "supports", s.Supports)
		date(row, "published", s.Published)
		date(row, "read_on", s.ReadOn)
	}
	for _, a := range d.Actions {
		row := add("actions", "action", string(a.Kind), "capacity", string(a.Capacity), "capacity_as_printed", a.CapacityAsPrinted, "name_as_printed",
			a.NameAsPrinted, "reason", string(a.Reason), "source", a.Source, "also_sources", strings.Join(a.AlsoSources, "|"), "place_in_source",
			a.PlaceInSource, "note", a.Note)
		if a.Participant != "" || a.Group == "" {
			row["participant"] = a.Participant
		}
		if a.Group != "" {
			row["group"] = a.Group
		}
		if a.ID != 0 {
			row["id"] = strconv.FormatInt(a.ID, 10)
		}
		if a.PrintedPosition != 0 {
			row["printed_position"] = strconv.Itoa(a.PrintedPosition)
		}
		if a.JoiningNotRecorded {
			row["joining_not_recorded"] = "yes"
		}
		date(row, "date", a.Date)
		date(row, "public_date", a.PublicDate)
	}
	for _, x := range d.Disputes {
		row := add("disputes", "participant", x.Participant, "source", x.Source)
		for i, p := range x.Claim {
			set(row, claim(i, "lang"), p.Lang, claim(i, "text"), p.Text)
		}
	}
	return f
}

// claim is the name of an input of a dispute's claim in one language.
func claim(i int, part string) string { return fmt.Sprintf("claim[%d].%s", i, part) }

// Claims is how many languages the claim of a dispute is typed in.
func Claims(row map[string]string) int {
	n := 0
	for name := range row {
		if m := claimShape.FindStringSubmatch(name); m != nil {
			if i, _ := strconv.Atoi(m[1]); i >= n {
				n = i + 1
			}
		}
	}
	return n
}

// Declaration is the declaration that was typed, and what cannot be read of it. Participants may be typed by code or by
// any name that only one of them has. What is readable but against the rules is for Validate.
func (f *Form) Declaration(ref *register.Reference) (*register.Declaration, []register.Problem) {
	r := &reading{Names: NewNames(ref)}
	trimmed := func(s string) string { return strings.TrimSpace(s) }
	d := &register.Declaration{Slug: trimmed(f.Fields["slug"]), Kind: register.Kind(f.Fields["kind"]), PresentedBy: f.Fields["presented_by"],
		PresenterDelegation: r.participant("presenter_delegation", f.Fields["presenter_delegation"]), PresenterCounted: register.Tristate(f.Fields["presenter_counted"]),
		Open: register.Tristate(f.Fields["open"]), ListComplete: register.Tristate(f.Fields["list_complete"]), Topics: list(f.Fields["topics"]),
		MergedInto: trimmed(f.Fields["merged_into"])}
	for _, x := range []struct {
		name string
		to   *register.Date
	}{{"adopted", &d.Adopted}, {"presented", &d.Presented}, {"published", &d.Published}, {"opened", &d.Opened}, {"closed", &d.Closed}} {
		*x.to = r.date(x.name, x.name, f.Fields)
	}
	for _, row := range f.Rows["titles"] {
		d.Titles = append(d.Titles, register.Title{Lang: row["lang"], Text: row["text"], Standing: register.Standing(row["standing"]), Source: row["source"], Note: row["note"]})
	}
	for _, row := range f.Rows["texts"] {
		d.Texts = append(d.Texts, register.Text{Lang: row["lang"], Event: row["event"], Place: row["place"], Summary: row["summary"], Notes: row["notes"]})
	}
	for i, row := range f.Rows["sponsors"] {
		d.Sponsors = append(d.Sponsors, r.participant(fmt.Sprintf("sponsors[%d]", i), row["code"]))
	}
	for i, row := range f.Rows["stated"] {
		at := fmt.Sprintf("stated[%d]", i)
		d.Stated = append(d.Stated, register.Stated{Count: r.number(at+".count", row["count"]), Counts: row["counts"], Date: r.date(at+".date", "date", row),
			Source: row["source"], Note: row["note"]})
	}
	for _, row := range f.Rows["links"] {
		d.Links = append(d.Links, register.Link{Kind: register.LinkKind(row["kind"]), Target: trimmed(row["target"]), Note: row["note"]})
	}
	for i, row := range f.Rows["sources"] {
		at := fmt.Sprintf("sources[%d]", i)
		d.Sources = append(d.Sources, register.Source{Key: trimmed(row["key"]), Publisher: row["publisher"], Title: row["title"], URL: trimmed(row["url"]),
			Lang: row["lang"], Kind: register.SourceKind(row["kind"]), Published: r.date(at+".published", "published", row), ReadOn: r.date(at+".read_on", "read_on", row),
			Supports: row["supports"]})
	}
	for i, row := range f.Rows["actions"] {
		at := fmt.Sprintf("actions[%d]", i)
		id, _ := strconv.ParseInt(row["id"], 10, 64)
		d.Actions = append(d.Actions, register.Action{ID: max(id, 0), Participant: r.participant(at+".participant", row["participant"]), Group: trimmed(row["group"]),
			Kind: register.ActionKind(row["action"]), Capacity: register.Capacity(row["capacity"]), CapacityAsPrinted: row["capacity_as_printed"],
			NameAsPrinted: row["name_as_printed"], PrintedPosition: r.number(at+".printed_position", row["printed_position"]), Date: r.date(at+".date", "date", row),
			PublicDate: r.date(at+".public_date", "public_date", row), Reason: register.Reason(row["reason"]), JoiningNotRecorded: row["joining_not_recorded"] == "yes",
			Source: row["source"], AlsoSources: list(row["also_sources"]), PlaceInSource: row["place_in_source"], Note: row["note"]})
	}
	for i, row := range f.Rows["disputes"] {
		x := register.Dispute{Participant: r.participant(fmt.Sprintf("disputes[%d].participant", i), row["participant"]), Source: row["source"]}
		for j := range Claims(row) {
			p := register.Phrase{Lang: row[claim(j, "lang")], Text: row[claim(j, "text")]}
			if trimmed(p.Text) != "" {
				x.Claim = append(x.Claim, p)
			}
		}
		d.Disputes = append(d.Disputes, x)
	}
	return d, r.problems
}

func list(s string) []string {
	var all []string
	for _, x := range strings.FieldsFunc(s, func(r rune) bool { return r == '|' || r == ',' }) {
		if x = strings.TrimSpace(x); x != "" {
			all = append(all, x)
		}
	}
	return all
}

// Names finds participants by what was typed. It is not safe for concurrent use.
type Names struct {
	ref   *register.Reference
	codes map[string][]string // by folded name, made when it is first asked for
}

// NewNames finds the participants of a reference.
func NewNames(ref *register.Reference) *Names { return &Names{ref: ref} }

// Find is who was typed: a code, a name in any language, or both as in “Viet Nam (VNM)”. There is one code where it is clear
// who is meant, several where it is not, none where the register knows nobody of that name.
func (n *Names) Find(typed string) []string {
	typed = strings.TrimSpace(typed)
	if open := strings.LastIndexByte(typed, '('); open >= 0 && strings.HasSuffix(typed, ")") {
		if code := strings.TrimSpace(typed[open+1 : len(typed)-1]); n.ref.Participant(code) != nil {
			return []string{code}
		}
	}
	for _, code := range []string{typed, strings.ToUpper(typed)} {
		if n.ref.Participant(code) != nil {
			return []string{code}
		}
	}
	if n.codes == nil {
		n.codes = map[string][]string{}
		add := func(name, code string) {
			if k := register.Fold(name); k != "" && !slices.Contains(n.codes[k], code) {
				n.codes[k] = append(n.codes[k], code)
			}
		}
		for _, p := range n.ref.Participants {
			for _, name := range p.Names {
				add(name, p.Code)
			}
			for _, name := range p.Formal {
				add(name, p.Code)
			}
			for _, a := range p.Aliases {
				if a.Kind != "adjective" && a.Kind != "misspelling" {
					add(a.Text, p.Code)
				}
			}
		}
	}
	return n.codes[register.Fold(typed)]
}

// reading collects what cannot be read.
type reading struct {
	*Names
	problems []register.Problem
}

func (r *reading) add(field, key string, args map[string]any) {
	r.problems = append(r.problems, register.Problem{Field: field, Key: key, Args: args})
}

// participant is the code of what was typed. What fits nobody is kept as it is, for Validate to refuse.
func (r *reading) participant(field, typed string) string {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return ""
	}
	codes := r.Find(typed)
	switch len(codes) {
	case 1:
		return codes[0]
	case 0:
		return typed
	}
	names := make([]string, len(codes))
	for i, c := range codes {
		names[i] = r.ref.Name(c, "en") + " (" + c + ")"
	}
	r.add(field, "participant_ambiguous", map[string]any{"Code": typed, "Candidates": strings.Join(names, ", ")})
	return typed
}

func (r *reading) number(field, typed string) int {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return 0
	}
	n, err := strconv.Atoi(asciiDigits(typed))
	if err != nil {
		r.add(field, "number_shape", map[string]any{"Value": typed})
	}
	return n
}

// date reads a date typed in parts: a year, or a month and a year, or all three.
func (r *reading) date(field, name string, row map[string]string) register.Date {
	d, key, typed := ReadDate(row[name+".day"], row[name+".month"], row[name+".year"])
	if key != "" {
		r.add(field, key, map[string]any{"Value": typed})
	}
	return d
}

// ReadDate reads a date typed in parts. Where it is none, key is that of the problem and typed what was typed.
func ReadDate(day, month, year string) (d register.Date, key, typed string) {
	part := func(p string) string { return asciiDigits(strings.TrimSpace(p)) }
	day, month, year = part(day), part(month), part(year)
	if day+month+year == "" {
		return d, "", ""
	}
	typed = strings.Join(strings.Fields(day+" "+month+" "+year), " ")
	if len(year) != 4 {
		return d, "date_year", typed
	}
	if day != "" && month == "" {
		return d, "date_month", typed
	}
	s := year
	for _, p := range []string{month, day} {
		if p != "" {
			if len(p) == 1 {
				p = "0" + p
			}
			s += "-" + p
		}
	}
	d, err := register.ParseDate(s)
	if err != nil {
		return register.Date{}, "date_shape", typed
	}
	return d, "", typed
}

// asciiDigits writes the digits of any script as 0 to 9.
func asciiDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) && r > '9' {
			for _, zero := range []rune{'٠', '۰', '０', '०'} {
				if r >= zero && r <= zero+9 {
					return '0' + r - zero
				}
			}
		}
		return r
	}, s)
}

// Settle writes participants as their codes where it is clear who is meant, and gives sources that have a publisher the key
// that rows cite them by.
func (f *Form) Settle(ref *register.Reference) {
	n := NewNames(ref)
	settle := func(row map[string]string, field string) {
		if typed := row[field]; typed != "" {
			if codes := n.Find(typed); len(codes) == 1 {
				row[field] = codes[0]
			}
		}
	}
	settle(f.Fields, "presenter_delegation")
	for list, field := range map[string]string{"sponsors": "code", "actions": "participant", "disputes": "participant"} {
		for _, row := range f.Rows[list] {
			settle(row, field)
		}
	}
	for _, row := range f.Rows["sources"] {
		if strings.TrimSpace(row["key"]) == "" && strings.TrimSpace(row["publisher"]) != "" {
			row["key"] = ascii(row["publisher"], 40) + "-" + strings.ToLower(rand.Text()[:5])
		}
	}
}

// ascii is a text as small letters, digits and hyphens, cut at a word to at most some bytes; “source” for none.
func ascii(s string, most int) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(register.Fold(s), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
		if b.Len() > 0 && b.Len()+1+len(word) > most {
			break
		}
		if b.Len() > 0 {
			b.WriteByte('-')
		}
		b.WriteString(word[:min(len(word), most)])
	}
	if b.Len() == 0 {
		return "source"
	}
	return b.String()
}

// SuggestSlug fills in an empty slug from the English title, else the first, and the year. taken says which are not free.
func (f *Form) SuggestSlug(taken func(slug string) bool) {
	if strings.TrimSpace(f.Fields["slug"]) != "" || len(f.Rows["titles"]) == 0 {
		return
	}
	title := f.Rows["titles"][0]["text"]
	for _, row := range f.Rows["titles"] {
		if row["lang"] == "en" {
			title = row["text"]
			break
		}
	}
	if strings.TrimSpace(title) == "" {
		return
	}
	slug := ascii(title, 60)
	if slug == "source" {
		slug = "declaration"
	}
	for _, d := range []string{"adopted", "presented", "published", "opened"} {
		if year := asciiDigits(strings.TrimSpace(f.Fields[d+".year"])); len(year) == 4 {
			if !strings.HasSuffix(slug, "-"+year) {
				slug += "-" + year
			}
			break
		}
	}
	if !register.ValidSlug(slug) {
		return
	}
	try := slug
	for n := 2; taken(try); n++ {
		try = slug + "-" + strconv.Itoa(n)
	}
	f.Fields["slug"] = try
}

// fresh is a row as the form offers it.
func fresh(list string, before map[string]string) map[string]string {
	switch list {
	case "titles":
		return map[string]string{"standing": string(register.Unofficial)}
	case "stated":
		return map[string]string{"counts": register.StatesOnly}
	case "links":
		return map[string]string{"kind": "related"}
	case "disputes":
		return map[string]string{claim(0, "lang"): "", claim(0, "text"): ""}
	case "actions", "groups":
		row := map[string]string{"action": string(register.Signed), "capacity": string(register.Signatory)}
		for _, field := range append([]string{"action", "capacity"}, copied...) {
			if v := before[field]; v != "" && (field != "action" || v != string(register.Withdrew)) {
				row[field] = v
			}
		}
		if list == "groups" {
			row["group"] = ""
		} else {
			row["participant"] = ""
		}
		return row
	}
	return map[string]string{}
}

// Do changes the rows as a button of the form asks: add:actions, add5:actions, add:groups, remove:actions[3], up:actions[3],
// down:actions[3], add:disputes[0].claim, remove:disputes[0].claim[1]. It says whether the command is one, and where the focus
// goes.
func (f *Form) Do(command string) (focus string, ok bool) {
	verb, rest, ok := strings.Cut(command, ":")
	if !ok {
		return "", false
	}
	name, number, at := strings.Cut(rest, "[")
	if !at {
		n := map[string]int{"add": 1, "add5": 5}[verb]
		list := name
		if name == "groups" {
			list = "actions"
		}
		if n == 0 || lists[list] == nil {
			return "", false
		}
		first := len(f.Rows[list])
		for range n {
			var before map[string]string
			if k := len(f.Rows[list]); k > 0 {
				before = f.Rows[list][k-1]
			}
			f.Rows[list] = append(f.Rows[list], fresh(name, before))
		}
		return fmt.Sprintf("%s[%d]", list, first), true
	}
	number, inner, _ := strings.Cut(number, "]")
	rows := f.Rows[name]
	i, err := strconv.Atoi(number)
	if lists[name] == nil || err != nil || i < 0 || i >= len(rows) {
		return "", false
	}
	if inner != "" {
		if name != "disputes" {
			return "", false
		}
		n := Claims(rows[i])
		switch {
		case verb == "add" && inner == ".claim":
			rows[i][claim(n, "lang")], rows[i][claim(n, "text")] = "", ""
		case verb == "remove" && n > 1 && inner == fmt.Sprintf(".claim[%d]", n-1):
			delete(rows[i], claim(n-1, "lang"))
			delete(rows[i], claim(n-1, "text"))
		default:
			return "", false
		}
		return fmt.Sprintf("disputes[%d]", i), true
	}
	switch verb {
	case "remove":
		f.Rows[name] = slices.Delete(rows, i, i+1)
		i = min(i, len(rows)-2)
	case "up", "down":
		j := i - 1
		if verb == "down" {
			j = i + 1
		}
		if j >= 0 && j < len(rows) {
			rows[i], rows[j] = rows[j], rows[i]
			i = j
		}
	default:
		return "", false
	}
	if i < 0 {
		return name, true
	}
	return fmt.Sprintf("%s[%d]", name, i), true
}

// Dirty says what is wrong with the signs of a typed text: text_unclean for control characters and the like, text_direction
// for those that turn the direction of writing; empty for none.
func Dirty(s string) string {
	if !utf8.ValidString(s) {
		return "text_unclean"
	}
	for _, r := range s {
		switch {
		case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			return "text_direction"
		case r == '\n', r == '\t', r == '\r':
		case unicode.IsControl(r), r == unicode.ReplacementChar, r == 0xFEFF, r == 0x2028, r == 0x2029:
			return "text_unclean"
		}
	}
	return ""
}
