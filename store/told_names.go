package store

import (
	"context"
	"database/sql"
	"encoding/json"

	"cosignatory/store/register"
)

// SourcesNamed are the sources with some keys as they stand at the view's revision or, where they no longer do, as they stood
// last. A change names a source by its key alone, that of a source that was taken out too.
func (v *View) SourcesNamed(ctx context.Context, keys []string) (map[string]register.Source, error) {
	list, err := json.Marshal(keys)
	if err != nil {
		return nil, err
	}
	found := map[string]register.Source{}
	err = each(ctx, v.reader, func(rows *sql.Rows) error {
		var s register.Source
		err := rows.Scan(&s.Key, &s.Publisher, &s.Title, &s.URL)
		found[s.Key] = s
		return err
	}, `SELECT source, publisher, title, url FROM source WHERE source IN (SELECT value FROM json_each(?)) AND rev_from <= ? ORDER BY rev_from`, string(list), v.Revision)
	return found, plain(err)
}

// ReferenceChanged are the codes of the participants, groups or topics, as register.ParticipantsSet and the like say, that a
// revision of the reference data changed. The revision itself holds only how many.
func (v *View) ReferenceChanged(ctx context.Context, number int, what string) ([]string, error) {
	var query string
	var args []any
	for i, t := range referenceTables {
		if referenceKinds[i] != what {
			continue
		}
		for _, end := range []string{"rev_from", "rev_to"} {
			if query != "" {
				query += " UNION "
			}
			query += "SELECT " + t.key[0] + " FROM " + t.name + " WHERE " + end + " = ?"
			args = append(args, number)
		}
	}
	var codes []string
	if query == "" || number > v.Revision {
		return nil, nil
	}
	err := each(ctx, v.reader, func(rows *sql.Rows) error {
		var code string
		err := rows.Scan(&code)
		codes = append(codes, code)
		return err
	}, query+" ORDER BY 1", args...)
	return codes, plain(err)
}

// referenceKinds are what a change in each of the referenceTables is called.
var referenceKinds = [...]string{register.ParticipantsSet, register.ParticipantsSet, register.ParticipantsSet, register.ParticipantsSet, register.GroupsSet, register.GroupsSet,
	register.GroupsSet, register.TopicsSet, register.GroupsSet, register.WordsSet}
