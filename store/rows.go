package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"cosignatory/store/register"
)

// forever is the rev_to of a row that stands.
const forever = 2147483647

// table describes a versioned table: its key, which names a row for as long as it lives, and its other columns. Every
// table has rev_from and rev_to besides. The order of tables and columns is the order of the lines that are hashed, so
// neither may change; new tables and columns go last.
type table struct {
	name    string
	key     []string
	columns []string
}

var declarationTables = []table{
	{"declaration", []string{"id"}, []string{"slug", "kind", "adopted", "presented", "published", "opened", "closed",
		"presented_by", "presenter_delegation", "presenter_counted", "open", "list_complete", "merged_into"}},
	{"title", []string{"declaration", "lang"}, []string{"position", "title", "standing", "source", "note"}},
	{"text", []string{"declaration", "lang"}, []string{"position", "event", "place", "summary", "notes"}},
	{"sponsor", []string{"declaration", "position"}, []string{"participant"}},
	{"subject", []string{"declaration", "position"}, []string{"topic"}},
	{"stated", []string{"declaration", "position"}, []string{"number", "counts", "date", "source", "note"}},
	{"link", []string{"declaration", "position"}, []string{"kind", "target", "note"}},
	{"source", []string{"declaration", "source"}, []string{"position", "publisher", "title", "url", "lang", "kind", "published",
		"read_on", "supports"}},
	{"action", []string{"declaration", "participant", "id"}, []string{"position", "via_group", "action", "capacity",
		"capacity_as_printed", "name_as_printed", "printed_position", "date", "public_date", "reason", "joining_not_recorded",
		"source", "also_sources", "place_in_source", "note"}},
	{"dispute", []string{"declaration", "position"}, []string{"participant", "claim", "source"}},
}

var referenceTables = []table{
	{"participant", []string{"code"}, []string{"kind", "iso2", "iso3", "user_assigned_code", "m49", "regional_group", "region",
		"subregion", "un_admission", "valid_from", "valid_to", "note"}},
	{"participant_name", []string{"participant", "lang"}, []string{"name", "formal"}},
	{"alias", []string{"participant", "position"}, []string{"alias", "lang", "kind", "valid_from", "valid_to"}},
	{"successor", []string{"participant", "successor"}, []string{"since"}},
	{"grouping", []string{"code"}, []string{"position", "kind", "note"}},
	{"group_name", []string{"grouping", "lang"}, []string{"name"}},
	{"membership", []string{"grouping", "position"}, []string{"participant", "since", "until"}},
	{"topic_name", []string{"topic", "lang"}, []string{"name"}},
	{"group_alias", []string{"grouping", "position"}, []string{"alias", "lang", "kind"}},
	{"ambiguous", []string{"position"}, []string{"alias", "codes", "rule", "note"}},
}

// row is one row of a table: key and columns in the table's order, each an int64 or a string.
type row struct {
	table  int // index in the list of tables it is of
	values []any
}

// text is the row as one line of JSON, without its table: what is compared and hashed.
func (r row) text() string { return string(appendValues(nil, r.values)) }

func (r row) key(tables []table) string {
	b := make([]byte, 0, 48)
	b = append(b, byte(r.table))
	for _, v := range r.values[:len(tables[r.table].key)] {
		switch x := v.(type) {
		case int64:
			b = strconv.AppendInt(b, x, 10)
		case string:
			b = append(b, x...)
		default:
			b = fmt.Append(b, x)
		}
		b = append(b, fieldMark...)
	}
	return string(b)
}

func integer(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// declarationRows are the rows of a declaration, whose actions have their ids.
func declarationRows(id int64, d *register.Declaration) []row {
	var rows []row
	add := func(table int, values ...any) { rows = append(rows, row{table, values}) }
	add(0, id, d.Slug, string(d.Kind), d.Adopted.String(), d.Presented.String(), d.Published.String(), d.Opened.String(),
		d.Closed.String(), d.PresentedBy, d.PresenterDelegation, string(d.PresenterCounted), string(d.Open),
		string(d.ListComplete), d.MergedInto)
	for i, t := range d.Titles {
		add(1, id, t.Lang, int64(i), t.Text, string(t.Standing), t.Source, t.Note)
	}
	for i, t := range d.Texts {
		add(2, id, t.Lang, int64(i), t.Event, t.Place, t.Summary, t.Notes)
	}
	for i, code := range d.Sponsors {
		add(3, id, int64(i), code)
	}
	for i, topic := range d.Topics {
		add(4, id, int64(i), topic)
	}
	for i, s := range d.Stated {
		add(5, id, int64(i), int64(s.Count), s.Counts, s.Date.String(), s.Source, s.Note)
	}
	for i, l := range d.Links {
		add(6, id, int64(i), string(l.Kind), l.Target, l.Note)
	}
	for i, s := range d.Sources {
		add(7, id, s.Key, int64(i), s.Publisher, s.Title, s.URL, s.Lang, string(s.Kind), s.Published.String(), s.ReadOn.String(), s.Supports)
	}
	for i, a := range d.Actions {
		add(8, id, a.Participant, a.ID, int64(i), a.Group, string(a.Kind), string(a.Capacity), a.CapacityAsPrinted, a.NameAsPrinted,
			int64(a.PrintedPosition), a.Date.String(), a.PublicDate.String(), string(a.Reason), integer(a.JoiningNotRecorded),
			a.Source, strings.Join(a.AlsoSources, "|"), a.PlaceInSource, a.Note)
	}
	for i, x := range d.Disputes {
		claim, err := json.Marshal(x.Claim)
		if err != nil {
			panic(err)
		}
		add(9, id, int64(i), x.Participant, string(claim), x.Source)
	}
	return rows
}

// referenceRows are the rows of the reference data.
func referenceRows(r *register.Reference) []row {
	var rows []row
	add := func(table int, values ...any) { rows = append(rows, row{table, values}) }
	for _, p := range r.Participants {
		add(0, p.Code, string(p.Kind), p.Alpha2, p.Alpha3, p.UserAssigned, p.M49, p.RegionalGroup, p.Region, p.Subregion,
			p.Admitted.String(), p.ValidFrom.String(), p.ValidTo.String(), p.Note)
		for _, lang := range langs(p.Names, p.Formal) {
			add(1, p.Code, lang, p.Names[lang], p.Formal[lang])
		}
		for i, a := range p.Aliases {
			add(2, p.Code, int64(i), a.Text, a.Lang, a.Kind, a.From.String(), a.To.String())
		}
		for _, s := range p.Successors {
			add(3, p.Code, s.Code, s.From.String())
		}
	}
	for i, g := range r.Groups {
		add(4, g.Code, int64(i), g.Kind, g.Note)
		for _, lang := range langs(g.Names) {
			add(5, g.Code, lang, g.Names[lang])
		}
		for j, m := range g.Members {
			add(6, g.Code, int64(j), m.Code, m.From.String(), m.To.String())
		}
	}
	for _, t := range r.Topics {
		for _, lang := range langs(t.Names) {
			add(7, t.Code, lang, t.Names[lang])
		}
	}
	for _, g := range r.Groups {
		for i, a := range g.Aliases {
			add(8, g.Code, int64(i), a.Text, a.Lang, a.Kind)
		}
	}
	for i, a := range r.Ambiguous {
		add(9, int64(i), a.Text, strings.Join(a.Codes, "|"), a.Rule, a.Note)
	}
	return rows
}

func langs(maps ...map[string]string) []string {
	var all []string
	for _, m := range maps {
		for lang, text := range m {
			if text != "" && !slices.Contains(all, lang) {
				all = append(all, lang)
			}
		}
	}
	sort.Strings(all)
	return all
}

// queryer is what *sql.DB, *sql.Tx and *sql.Conn have in common: read helpers serve all.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// rowsAt reads the rows of tables that stand at a revision, in the order of tables and keys. A declaration of 0 reads
// reference tables.
func rowsAt(ctx context.Context, q queryer, tables []table, declaration int64, revision int) ([]row, error) {
	where, args := "rev_from <= ? AND ? < rev_to", []any{revision, revision}
	return selectRows(ctx, q, tables, declaration, where, args)
}

func selectRows(ctx context.Context, q queryer, tables []table, declaration int64, where string, args []any) ([]row, error) {
	var all []row
	for i, t := range tables {
		condition, values := where, args
		if declaration != 0 {
			condition, values = t.key[0]+" = ? AND "+where, append([]any{declaration}, args...)
		}
		columns := strings.Join(append(slices.Clone(t.key), t.columns...), ", ")
		n := len(t.key) + len(t.columns)
		rows, err := q.QueryContext(ctx, "SELECT "+columns+" FROM "+t.name+" WHERE "+condition+" ORDER BY "+strings.Join(t.key, ", "), values...)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			r := row{i, make([]any, n)}
			into := make([]any, n)
			for j := range into {
				into[j] = &r.values[j]
			}
			if err := rows.Scan(into...); err != nil {
				rows.Close()
				return nil, err
			}
			all = append(all, r)
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
		rows.Close()
	}
	return all, nil
}
