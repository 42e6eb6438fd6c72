package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"cosignatory/store/register"
)

// Concern is what a reader follows: one of its fields is set, or none for everything.
type Concern struct {
	Declaration  int64
	Declarations []int64  // several; an empty list that is not nil is none at all
	Participants []string // several codes; what concerns any of them
	Participant  string   // a code: what is recorded of it on lists, its leading, reading out, and its own entry
	Topic        string   // a code: everything about the declarations that have it
	Group        string   // a code: its lines on lists, its own entry, and what is recorded of its members of the day of publication
}

// followed are the codes whose rows make a revision concern a reader, each with the days between which it counts.
type followed [3]string

// concernSQL says whether a revision touched a row of the participants or the group followed. A row that did not stand
// before, or no longer stands, was touched; so was one that only moved, which is left to touches. It asks one revision at a
// time, newest first, for rows that lie together: a reader who asks for few is answered without a look at the rest.
const concernSQL = `WITH m(code, since, until) AS MATERIALIZED (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?1))
	SELECT ` + revisionColumns + ` FROM revision r WHERE number BETWEEN ?2 AND ?3 AND (r.subject = 'declaration' AND (
		EXISTS (SELECT 1 FROM m CROSS JOIN action a ON a.declaration = r.declaration_id AND a.participant = m.code
			WHERE m.since <= substr(r.published_at, 1, 10) AND substr(r.published_at, 1, 10) <= m.until
			AND (r.number IN (a.rev_from, a.rev_to) OR a.rev_from <= r.number AND r.number <= a.rev_to AND instr(r.changes, '"what":"retired"') > 0))
		OR EXISTS (SELECT 1 FROM sponsor s JOIN m ON m.code = s.participant WHERE s.declaration = r.declaration_id AND r.number IN (s.rev_from, s.rev_to)
			AND m.since <= substr(r.published_at, 1, 10) AND substr(r.published_at, 1, 10) <= m.until)
		OR EXISTS (SELECT 1 FROM declaration d JOIN m ON m.code = d.presenter_delegation WHERE d.id = r.declaration_id AND r.number IN (d.rev_from, d.rev_to)
			AND m.since <= substr(r.published_at, 1, 10) AND substr(r.published_at, 1, 10) <= m.until)
		OR EXISTS (SELECT 1 FROM dispute x JOIN m ON m.code = x.participant WHERE x.declaration = r.declaration_id AND r.number IN (x.rev_from, x.rev_to)
			AND m.since <= substr(r.published_at, 1, 10) AND substr(r.published_at, 1, 10) <= m.until)
		OR EXISTS (SELECT 1 FROM json_each(?6) g CROSS JOIN action a ON a.declaration = r.declaration_id AND a.participant = '' AND a.via_group = g.value
			AND (r.number IN (a.rev_from, a.rev_to) OR a.rev_from <= r.number AND r.number <= a.rev_to AND instr(r.changes, '"what":"retired"') > 0))
	) OR r.subject = 'reference' AND (?4 <> '' AND (
		EXISTS (SELECT 1 FROM participant p WHERE p.code = ?4 AND r.number IN (p.rev_from, p.rev_to))
		OR EXISTS (SELECT 1 FROM participant_name p WHERE p.participant = ?4 AND r.number IN (p.rev_from, p.rev_to))
		OR EXISTS (SELECT 1 FROM successor s WHERE ?4 IN (s.participant, s.successor) AND r.number IN (s.rev_from, s.rev_to))
		OR EXISTS (SELECT 1 FROM membership b WHERE b.participant = ?4 AND r.number IN (b.rev_from, b.rev_to) AND NOT EXISTS (SELECT 1 FROM membership o
			WHERE o.grouping = b.grouping AND (o.participant, o.since, o.until) = (b.participant, b.since, b.until)
			AND CASE WHEN r.number = b.rev_from THEN o.rev_to ELSE o.rev_from END = r.number))
	) OR ?5 <> '' AND (
		EXISTS (SELECT 1 FROM group_name g WHERE g.grouping = ?5 AND r.number IN (g.rev_from, g.rev_to))
		OR EXISTS (SELECT 1 FROM membership b WHERE b.grouping = ?5 AND r.number IN (b.rev_from, b.rev_to))
	)))`

// topicSQL: a declaration had the topic before or after the revision, or the topic's own entry was changed.
const topicSQL = `SELECT ` + revisionColumns + ` FROM revision r WHERE number BETWEEN ?2 AND ?3 AND (r.subject = 'declaration' AND EXISTS (
		SELECT 1 FROM subject s WHERE s.declaration = r.declaration_id AND s.topic = ?1 AND s.rev_from <= r.number AND r.number <= s.rev_to)
	OR r.subject = 'reference' AND EXISTS (SELECT 1 FROM topic_name t WHERE t.topic = ?1 AND r.number IN (t.rev_from, t.rev_to)))`

// Concerning are the revisions numbered from from to to that concern a reader, at most limit of them: the newest of them,
// newest first, or with oldest the oldest, oldest first. to is bounded by the view's revision.
func (v *View) Concerning(ctx context.Context, c Concern, from, to, limit int, oldest bool) ([]register.Revision, error) {
	if c.Participants != nil {
		return v.concerningAny(ctx, c.Participants, from, to, limit, oldest)
	}
	to = min(to, v.Revision)
	order := " ORDER BY number DESC"
	if oldest {
		order = " ORDER BY number"
	}
	var query string
	var args []any
	var touched func(*register.Revision) bool
	switch {
	case c.Declaration != 0:
		query, args = "SELECT "+revisionColumns+" FROM revision WHERE declaration_id = ? AND number BETWEEN ? AND ?", []any{c.Declaration, from, to}
	case c.Declarations != nil:
		list, err := json.Marshal(c.Declarations)
		if err != nil {
			return nil, err
		}
		query, args = "SELECT "+revisionColumns+" FROM revision WHERE declaration_id IN (SELECT value FROM json_each(?)) AND number BETWEEN ? AND ?", []any{string(list), from, to}
	case c.Topic != "":
		query, args = topicSQL, []any{c.Topic, from, to}
	case c.Participant != "" || c.Group != "":
		people := []followed{}
		if c.Participant != "" {
			people = append(people, followed{c.Participant, "", "9999-12-31"})
		} else if g := v.Ref.Group(c.Group); g != nil {
			for _, m := range g.Members {
				until := m.To.Last().String()
				if !m.To.Known() || until == "" {
					until = "9999-12-31"
				}
				people = append(people, followed{m.Code, m.From.First().String(), until})
			}
		}
		list, err := json.Marshal(people)
		if err != nil {
			return nil, err
		}
		groups, err := json.Marshal(v.through(c))
		if err != nil {
			return nil, err
		}
		query, args = concernSQL, []any{string(list), from, to, c.Participant, c.Group, string(groups)}
		touched = func(r *register.Revision) bool { return touches(r, people, v.throughGroup(c)) }
	default:
		query, args = "SELECT "+revisionColumns+" FROM revision WHERE number BETWEEN ? AND ?", []any{from, to}
	}
	rows, err := v.reader.QueryContext(ctx, query+order, args...)
	if err != nil {
		return nil, plain(err)
	}
	defer rows.Close()
	var all []register.Revision
	for len(all) < limit && rows.Next() {
		r, err := scanRevision(rows)
		if err != nil {
			return nil, plain(err)
		}
		if touched == nil || touched(&r) {
			all = append(all, r)
		}
	}
	return all, plain(rows.Err())
}

// concerningAny are the revisions that concern any of several participants, as Concerning gives them.
func (v *View) concerningAny(ctx context.Context, codes []string, from, to, limit int, oldest bool) ([]register.Revision, error) {
	var all []register.Revision
	for _, code := range codes {
		one, err := v.Concerning(ctx, Concern{Participant: code}, from, to, limit, oldest)
		if err != nil {
			return nil, err
		}
		all = append(all, one...)
	}
	slices.SortFunc(all, func(a, b register.Revision) int {
		if oldest {
			return a.Number - b.Number
		}
		return b.Number - a.Number
	})
	all = slices.CompactFunc(all, func(a, b register.Revision) bool { return a.Number == b.Number })
	return all[:min(limit, len(all))], nil
}

// through are the groups whose lines on lists concern a reader: the group followed, or those that the participant followed is or
// was a member of, since it stands on a list through them (D6).
func (v *View) through(c Concern) []string {
	if c.Group != "" {
		return []string{c.Group}
	}
	codes := []string{}
	for _, g := range v.Ref.Groups {
		if slices.ContainsFunc(g.Members, func(m register.Membership) bool { return m.Code == c.Participant }) {
			codes = append(codes, g.Code)
		}
	}
	return codes
}

// throughGroup says whether a line of a group on a day concerns a reader: of the group followed always, of a group of the
// participant followed where it was a member on that day.
func (v *View) throughGroup(c Concern) func(group string, day register.Day) bool {
	return func(group string, day register.Day) bool {
		if group == "" || c.Group != "" {
			return group != "" && group == c.Group
		}
		g := v.Ref.Group(group)
		return g != nil && slices.Contains(g.On(day), c.Participant)
	}
}

// touches says whether the changes of a revision whose rows were touched are about those followed: a row that only changed
// its place is not. A line of a group counts by the members of its own day, of the day of publication where that is not told.
func touches(r *register.Revision, people []followed, through func(group string, day register.Day) bool) bool {
	if r.Subject == register.OfReference {
		return true
	}
	day := r.PublishedAt.UTC().Format("2006-01-02")
	one := func(code string) bool {
		return code != "" && slices.ContainsFunc(people, func(f followed) bool { return f[0] == code && f[1] <= day && day <= f[2] })
	}
	return slices.ContainsFunc(r.Changes, func(c register.Change) bool {
		on := register.Today(r.PublishedAt)
		if c.Date.Known() {
			on = c.Date.First()
		}
		switch {
		case c.What == register.Created, c.What == register.Retired, one(c.Participant), through(c.Group, on):
			return true
		case c.Field == "participant" || c.Field == "presenter_delegation":
			return one(c.Before) || one(c.After)
		case c.Field == "group":
			return through(c.Before, on) || through(c.After, on)
		case c.Field == "sponsors":
			before, after := strings.Split(c.Before, "|"), strings.Split(c.After, "|")
			return slices.ContainsFunc(before, func(code string) bool { return one(code) && !slices.Contains(after, code) }) ||
				slices.ContainsFunc(after, func(code string) bool { return one(code) && !slices.Contains(before, code) })
		case c.Field == "disputes":
			before, _, _ := strings.Cut(c.Before, " ")
			after, _, _ := strings.Cut(c.After, " ")
			return one(before) || one(after)
		}
		return false
	})
}

// Before is the newest revision, up to the view's, that was published before a day began in UTC; 0 where there is none.
func (v *View) Before(ctx context.Context, day register.Day) (int, error) {
	var n int
	err := v.reader.QueryRowContext(ctx, "SELECT number FROM revision WHERE number <= ? AND substr(published_at, 1, 10) < ? ORDER BY number DESC LIMIT 1",
		v.Revision, day.String()).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, plain(err)
}

// Touch is the newest revision of something and when it was published, RFC 3339 in UTC.
type Touch struct {
	Revision int
	At       string
}

// LastTouched are the newest revisions by the view's of all declarations that were ever on the register, by number, and
// under 0 that of the reference data.
func (v *View) LastTouched(ctx context.Context) (map[int64]Touch, error) {
	rows, err := v.store.export.QueryContext(ctx, "SELECT declaration_id, max(number), published_at FROM revision WHERE number <= ? GROUP BY declaration_id", v.Revision)
	if err != nil {
		return nil, plain(err)
	}
	defer rows.Close()
	all := map[int64]Touch{}
	for rows.Next() {
		var id int64
		var t Touch
		if err := rows.Scan(&id, &t.Revision, &t.At); err != nil {
			return nil, plain(err)
		}
		all[id] = t
	}
	return all, plain(rows.Err())
}
