package form

import (
	"slices"
	"strconv"
	"strings"

	"cosignatory/store/register"
)

// Side is one of the versions that meet in a clash.
type Side string

// The sides of a clash.
const (
	Yours  Side = "yours"
	Theirs Side = "theirs"
	Base   Side = "base"
)

// Value is what a field holds: its inputs by name, a date three of them. For a whole row it is all of its inputs. A nil value
// is a row that is not there.
type Value map[string]string

// Clash is a field that two people changed in different ways since the same base, or a row that one changed and the other
// took out.
type Clash struct {
	List               string // empty for a single field
	Field              string // empty for a whole row
	Row                map[string]string
	Base, Mine, Theirs Value

	at int // the row among those of the merger
}

// Taken is a change that only one of the two made: it was taken over.
type Taken struct {
	List, Field   string
	Row           map[string]string
	Before, After Value
	Mine          bool // else theirs
}

// Merger brings two changes of the same base together, input by input: what only one of them changed is taken from that one;
// where both changed the same field differently it is a clash, to be chosen. Nothing of either is lost: what the merged form
// does not hold stands in the clashes.
type Merger struct {
	Clashes []Clash
	Taken   []Taken

	shape  shape
	merged *Form
	rows   map[string][]map[string]string // nil where mine took a row out that theirs changed
}

// shape is what a form asks: its single fields, and its lists with the fields of their rows.
type shape struct {
	single, order []string
	lists         map[string][]string
}

// referenceShape is that of the forms of reference data: participants, groups and topics share it.
var referenceShape = func() shape {
	s := shape{single: []string{"kind", "iso2", "iso3", "m49", "user_assigned_code", "regional_group", "un_admission", "valid_from", "valid_to", "note"},
		order: []string{"aliases", "successors", "members"}, lists: map[string][]string{"aliases": {"text", "lang", "kind", "from", "to"}, "successors": {"code", "from"},
			"members": {"code", "from", "to"}}}
	for _, lang := range register.Languages {
		s.single = append(s.single, "names."+lang, "formal."+lang)
	}
	return s
}()

// Merge brings mine and theirs together, both changes of base.
func Merge(base, mine, theirs *Form) *Merger {
	return merge(shape{single, order, lists}, base, mine, theirs)
}

// MergeReference is Merge for an entry of reference data.
func MergeReference(base, mine, theirs *Form) *Merger {
	return merge(referenceShape, base, mine, theirs)
}

func merge(s shape, base, mine, theirs *Form) *Merger {
	m := &Merger{shape: s, merged: newForm(), rows: map[string][]map[string]string{}}
	for _, field := range s.single {
		value := m.field("", field, nil, 0, part(base.Fields, field), part(mine.Fields, field), part(theirs.Fields, field))
		for name, v := range value {
			m.merged.Fields[name] = v
		}
	}
	for _, list := range s.order {
		m.list(list, base.Rows[list], mine.Rows[list], theirs.Rows[list])
	}
	return m
}

// part is the value of one field of a row.
func part(row map[string]string, field string) Value {
	v := Value{}
	if field == "claim" {
		for i := range Claims(row) {
			for _, p := range []string{"lang", "text"} {
				v[claim(i, p)] = row[claim(i, p)]
			}
		}
		return v
	}
	for _, name := range parts(field) {
		if s, ok := row[name]; ok {
			v[name] = s
		}
	}
	return v
}

// Same says that two values mean the same: blanks at the ends of texts and inputs left empty make no difference.
func (v Value) Same(w Value) bool {
	if (v == nil) != (w == nil) {
		return false
	}
	for name, s := range v {
		if strings.TrimSpace(s) != strings.TrimSpace(w[name]) {
			return false
		}
	}
	for name, s := range w {
		if _, ok := v[name]; !ok && strings.TrimSpace(s) != "" {
			return false
		}
	}
	return true
}

// field is the three-way rule for one field.
func (m *Merger) field(list, field string, row map[string]string, at int, base, mine, theirs Value) Value {
	if field == "id" { // given by the register, changed by nobody
		if len(theirs) > 0 {
			return theirs
		}
		return mine
	}
	byMine, byTheirs := !mine.Same(base), !theirs.Same(base)
	switch {
	case byMine && byTheirs && !mine.Same(theirs):
		m.Clashes = append(m.Clashes, Clash{List: list, Field: field, Row: row, Base: base, Mine: mine, Theirs: theirs, at: at})
	case byMine && !byTheirs:
		m.Taken = append(m.Taken, Taken{list, field, row, base, mine, true})
	case byTheirs && !byMine:
		m.Taken = append(m.Taken, Taken{list, field, row, base, theirs, false})
		return theirs
	}
	return mine
}

// key names a row among those of its list, whatever is said of it.
func key(list string, row map[string]string, numbered map[string]bool) string {
	get := func(names ...string) string {
		var all []string
		for _, n := range names {
			all = append(all, strings.TrimSpace(row[n]))
		}
		return strings.Join(all, "\x1f")
	}
	switch list {
	case "titles", "texts":
		return get("lang")
	case "sponsors", "successors", "members":
		return get("code")
	case "aliases":
		return get("text", "lang")
	case "stated":
		return get("source", "counts")
	case "links":
		return get("target")
	case "sources":
		if k := get("key"); k != "" {
			return "key " + k
		}
		return "new " + get("publisher", "url")
	case "actions":
		// A number that the base has not was given since: the line is known by what it says.
		if id := get("id"); id != "" && numbered[id] {
			return "id " + id
		}
		return "new " + get("participant", "group", "action")
	}
	return get("participant", "source")
}

// keyed are rows by their keys, in their order.
type keyed struct {
	order []string
	rows  map[string]map[string]string
}

func index(list string, rows []map[string]string, numbered map[string]bool) keyed {
	x := keyed{rows: map[string]map[string]string{}}
	alike := map[string]int{}
	for _, row := range rows {
		k := key(list, row, numbered)
		if alike[k]++; alike[k] > 1 {
			k += "\x1f+" + strconv.Itoa(alike[k]) // rows alike, as a draft may have them, stay apart
		}
		for x.rows[k] != nil {
			k += "\x1f+" // and from one whose texts happen to read like that
		}
		x.rows[k] = row
		x.order = append(x.order, k)
	}
	return x
}

// inOrder says that the rows two versions have in common stand in the same order in both.
func inOrder(a, b keyed) bool {
	var x, y []string
	for _, k := range a.order {
		if b.rows[k] != nil {
			x = append(x, k)
		}
	}
	for _, k := range b.order {
		if a.rows[k] != nil {
			y = append(y, k)
		}
	}
	return slices.Equal(x, y)
}

// together is an order of all rows: those of first as they stand, those that only second has after the one they follow there.
func together(first, second keyed) []string {
	// What follows each row of first: those that only second has, in its order. They are gathered by the row of first that they
	// come after, -1 before all.
	place := map[string]int{}
	for i, k := range first.order {
		place[k] = i
	}
	after, at := map[int][]string{}, -1
	for _, k := range second.order {
		if i, ok := place[k]; ok {
			at = i
			continue
		}
		after[at] = append(after[at], k)
	}
	all := slices.Clone(after[-1])
	for i, k := range first.order {
		all = append(append(all, k), after[i]...)
	}
	return all
}

// list merges lists whose rows have keys.
func (m *Merger) list(list string, base, mine, theirs []map[string]string) {
	numbered := map[string]bool{}
	for _, row := range base {
		numbered[strings.TrimSpace(row["id"])] = true
	}
	b, x, y := index(list, base, numbered), index(list, mine, numbered), index(list, theirs, numbered)
	all := together(y, x)
	if inOrder(b, y) {
		all = together(x, y)
	}
	for _, k := range all {
		was, mine, theirs := b.rows[k], x.rows[k], y.rows[k]
		at := len(m.rows[list])
		var merged map[string]string
		switch {
		case mine != nil && theirs != nil:
			merged = map[string]string{}
			for _, field := range m.shape.lists[list] {
				for name, v := range m.field(list, field, mine, at, part(was, field), part(mine, field), part(theirs, field)) {
					merged[name] = v
				}
			}
		case mine == nil && theirs == nil:
			continue
		case was == nil:
			merged = mine
			if mine == nil {
				merged = theirs
			}
			m.Taken = append(m.Taken, Taken{list, "", merged, nil, merged, mine != nil})
		case mine == nil && Value(theirs).Same(was):
			m.Taken = append(m.Taken, Taken{list, "", was, was, nil, true})
			continue
		case theirs == nil && Value(mine).Same(was):
			m.Taken = append(m.Taken, Taken{list, "", was, was, nil, false})
			continue
		default: // one took out what the other changed
			m.Clashes = append(m.Clashes, Clash{List: list, Row: was, Base: was, Mine: mine, Theirs: theirs, at: at})
			merged = mine
		}
		m.rows[list] = append(m.rows[list], merged)
	}
}

// Path is the path of a clash in the merged form with yours chosen: that of its list where yours took the row out.
func (m *Merger) Path(c Clash) string {
	if c.List == "" {
		return c.Field
	}
	if c.Field == "" && c.Mine == nil {
		return c.List
	}
	at := 0
	for _, row := range m.rows[c.List][:c.at] {
		if row != nil {
			at++
		}
	}
	path := c.List + "[" + strconv.Itoa(at) + "]"
	if c.Field != "" {
		path += "." + c.Field
	}
	return path
}

// With is the merged form with a side chosen for each clash; yours where none is.
func (m *Merger) With(chosen []Side) *Form {
	f := m.merged.Copy()
	rows := map[string][]map[string]string{}
	for list, all := range m.rows {
		for _, row := range all {
			var c map[string]string
			if row != nil {
				c = make(map[string]string, len(row))
				for name, v := range row {
					c[name] = v
				}
			}
			rows[list] = append(rows[list], c)
		}
	}
	for i, c := range m.Clashes {
		side := Yours
		if i < len(chosen) && chosen[i] != "" {
			side = chosen[i]
		}
		value := map[Side]Value{Yours: c.Mine, Theirs: c.Theirs, Base: c.Base}[side]
		if c.List != "" && c.Field == "" {
			rows[c.List][c.at] = value
			continue
		}
		row := f.Fields
		if c.List != "" {
			row = rows[c.List][c.at]
		}
		for _, v := range []Value{c.Base, c.Mine, c.Theirs} {
			for name := range v {
				delete(row, name)
			}
		}
		for name, v := range value {
			row[name] = v
		}
	}
	for _, list := range m.shape.order {
		for _, row := range rows[list] {
			if row != nil {
				f.Rows[list] = append(f.Rows[list], row)
			}
		}
	}
	return f
}

// SameReference says that two versions of an entry of reference data say the same.
func SameReference(a, b *Form) bool {
	for _, field := range referenceShape.single {
		if !part(a.Fields, field).Same(part(b.Fields, field)) {
			return false
		}
	}
	for _, list := range referenceShape.order {
		if !slices.EqualFunc(a.Rows[list], b.Rows[list], func(x, y map[string]string) bool { return Value(x).Same(y) }) {
			return false
		}
	}
	return true
}
