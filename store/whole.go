package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cosignatory/store/register"
)

// A whole declaration comes with one question: each of its tables as one text, whose rows and fields are parted as those of
// actionsSQL are. SQLite needs a moment to begin a question and database/sql another, whatever is asked.
var wholeSQL = func() string {
	var b strings.Builder
	for i, t := range declarationTables {
		columns := append(slices.Clone(t.key), t.columns...)
		if i > 0 {
			b.WriteString(" UNION ALL ")
		}
		fmt.Fprintf(&b, "SELECT %d, group_concat(concat_ws(char(31), %s), char(30)) FROM %s WHERE %s = ?1 AND rev_from <= ?2 AND ?2 < rev_to",
			i, strings.Join(columns[min(i, 1):], ", "), t.name, t.key[0])
	}
	fmt.Fprintf(&b, " UNION ALL SELECT %d, concat_ws(char(31), min(number), max(number), count(*)) FROM revision WHERE declaration_id = ?1 AND number <= ?2",
		len(declarationTables))
	return b.String()
}()

// fields takes the text of a row apart; false where there are more or fewer.
func fields(line string, into []string) bool {
	for j := range into {
		i := strings.IndexByte(line, fieldMark[0])
		if (i < 0) != (j == len(into)-1) {
			return false
		}
		if i < 0 {
			i = len(line)
		}
		into[j], line = line[:i], line[min(i+1, len(line)):]
	}
	return true
}

// wholeTexts are the texts of the tables, empty where there is no row.
func wholeTexts(ctx context.Context, q queryer, id int64, revision int) ([]string, error) {
	rows, err := q.QueryContext(ctx, wholeSQL, id, revision)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	texts := make([]string, len(declarationTables)+1)
	for rows.Next() {
		var table int
		var text *string // NULL where there is no row
		if err := rows.Scan(&table, &text); err != nil {
			return nil, err
		}
		if text != nil {
			texts[table] = *text
		}
	}
	return texts, rows.Err()
}

// wholeRows are the rows of a declaration as rowsAt gives them, in no certain order within a table.
func wholeRows(ctx context.Context, q queryer, id int64, revision int) ([]row, error) {
	texts, err := wholeTexts(ctx, q, id, revision)
	if err != nil {
		return nil, err
	}
	var all []row
	for i, t := range declarationTables {
		if texts[i] == "" {
			continue
		}
		columns := append(slices.Clone(t.key), t.columns...)
		f := make([]string, len(columns)-min(i, 1))
		for line := range strings.SplitSeq(texts[i], rowMark) {
			if !fields(line, f) {
				return nil, fmt.Errorf("%s of declaration %d: %q: %w", t.name, id, line, ErrDamaged)
			}
			r := row{i, make([]any, 0, len(columns))}
			if i > 0 {
				r.values = append(r.values, id)
			}
			for j, x := range f {
				if !wholeNumbers[columns[j+min(i, 1)]] {
					r.values = append(r.values, x)
					continue
				}
				n, err := strconv.ParseInt(x, 10, 64)
				if err != nil {
					return nil, fmt.Errorf("%s of declaration %d: %w: %w", t.name, id, err, ErrDamaged)
				}
				r.values = append(r.values, n)
			}
			all = append(all, r)
		}
	}
	return all, nil
}

// wholeNumbers are the columns of a declaration's tables that are no texts.
var wholeNumbers = map[string]bool{"id": true, "position": true, "number": true, "printed_position": true, "joining_not_recorded": true}

// whole reads one whole declaration with its revisions, nil where there is none with that number.
func (v *View) whole(ctx context.Context, q queryer, id int64) (*Entry, error) {
	texts, err := wholeTexts(ctx, q, id, v.Revision)
	if err != nil || texts[0] == "" {
		return nil, err
	}
	e := &Entry{}
	for table, text := range texts {
		if text == "" {
			continue
		}
		if err := e.take(table, text, id); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// placed is what a row says, with its place in its list.
type placed[T any] struct {
	at    int
	value T
}

// listOf is the rows of a text in the order of their places. Each is taken apart into n fields, of which the one at is its
// place.
func listOf[T any](text string, n, at int, of func(f []string) (T, error)) ([]T, error) {
	var room [17]string
	list := make([]placed[T], 0, strings.Count(text, rowMark)+1)
	for line := range strings.SplitSeq(text, rowMark) {
		f := room[:n]
		if !fields(line, f) {
			return nil, fmt.Errorf("%q: %w", line, ErrDamaged)
		}
		place, ok := atoi(f[at])
		if !ok {
			return nil, fmt.Errorf("%q: %w", line, ErrDamaged)
		}
		value, err := of(f)
		if err != nil {
			return nil, err
		}
		list = append(list, placed[T]{place, value})
	}
	slices.SortStableFunc(list, func(a, b placed[T]) int { return cmp.Compare(a.at, b.at) })
	all := make([]T, len(list))
	for i := range list {
		all[i] = list[i].value
	}
	return all, nil
}

// take fills in what the text of a table says.
func (e *Entry) take(table int, text string, id int64) (err error) {
	switch table {
	case 0:
		var f [14]string
		if !fields(text, f[:]) {
			return fmt.Errorf("declaration %d: %q: %w", id, text, ErrDamaged)
		}
		e.ID = id
		e.Slug, e.Kind, e.PresentedBy, e.PresenterDelegation, e.PresenterCounted = f[1], register.Kind(f[2]), f[8], f[9], register.Tristate(f[10])
		e.Open, e.ListComplete, e.MergedInto = register.Tristate(f[11]), register.Tristate(f[12]), f[13]
		for i, to := range []*register.Date{&e.Adopted, &e.Presented, &e.Published, &e.Opened, &e.Closed} {
			if *to, err = parse(f[3+i], "date", id); err != nil { // #nosec G602 -- five dates, from the fourth field of fourteen
				return err
			}
		}
	case 1:
		e.Titles, err = listOf(text, 6, 1, func(f []string) (register.Title, error) {
			return register.Title{Lang: f[0], Text: f[2], Standing: register.Standing(f[3]), Source: f[4], Note: f[5]}, nil
		})
	case 2:
		e.Texts, err = listOf(text, 6, 1, func(f []string) (register.Text, error) {
			return register.Text{Lang: f[0], Event: f[2], Place: f[3], Summary: f[4], Notes: f[5]}, nil
		})
	case 3:
		e.Sponsors, err = listOf(text, 2, 0, func(f []string) (string, error) { return f[1], nil })
	case 4:
		e.Topics, err = listOf(text, 2, 0, func(f []string) (string, error) { return f[1], nil })
	case 5:
		e.Stated, err = listOf(text, 6, 0, func(f []string) (register.Stated, error) {
			n, ok := atoi(f[1])
			if !ok {
				return register.Stated{}, fmt.Errorf("stated of declaration %d: %q: %w", id, f[1], ErrDamaged)
			}
			date, err := parse(f[3], "stated", id)
			return register.Stated{Count: n, Counts: f[2], Date: date, Source: f[4], Note: f[5]}, err
		})
	case 6:
		e.Links, err = listOf(text, 4, 0, func(f []string) (register.Link, error) {
			return register.Link{Kind: register.LinkKind(f[1]), Target: f[2], Note: f[3]}, nil
		})
	case 7:
		e.Sources, err = listOf(text, 10, 1, func(f []string) (register.Source, error) {
			s := register.Source{Key: f[0], Publisher: f[2], Title: f[3], URL: f[4], Lang: f[5], Kind: register.SourceKind(f[6]), Supports: f[9]}
			var err error
			if s.Published, err = parse(f[7], "source", id); err == nil {
				s.ReadOn, err = parse(f[8], "source", id)
			}
			return s, err
		})
	case 8:
		e.Actions, err = parseActions(text, id)
	case 9:
		e.Disputes, err = listOf(text, 4, 0, func(f []string) (register.Dispute, error) {
			x := register.Dispute{Participant: f[1], Source: f[3]}
			err := json.Unmarshal([]byte(f[2]), &x.Claim)
			if err != nil {
				err = fmt.Errorf("dispute of declaration %d: %w: %w", id, err, ErrDamaged)
			}
			return x, err
		})
	case len(declarationTables):
		var f [3]string
		if !fields(text, f[:]) {
			return nil // a count alone: of the rows before this revision there is none
		}
		e.First, _ = atoi(f[0])
		e.Last, _ = atoi(f[1])
		e.Count, _ = atoi(f[2])
	}
	return err
}
