package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"cosignatory/store/register"
)

// Copy is a SQLite file for readers in the making: tables of what is public, filled row by row from the register's own
// files, so that nothing else can get into it. The same calls give the same bytes.
type Copy struct {
	db      *sql.DB
	conn    *sql.Conn
	insert  *sql.Stmt
	indexes []string
	columns int
}

// copyID marks such a file ("CoSc"); it is not the mark of a register, so that no command takes one for the other: see ErrReaders.
const copyID = 0x436f5363

// The kinds of a column.
const (
	CopyText    = "TEXT"
	CopyInteger = "INTEGER"
)

// CopyTable describes a table: its columns, its primary key, where its columns lead, and the columns that get an index.
type CopyTable struct {
	Name    string
	Columns []CopyColumn
	Key     []string
	Foreign []CopyForeign
	Indexes []string
}

// CopyColumn is a column of a table: CopyText or CopyInteger. What has no value is NULL.
type CopyColumn struct{ Name, Kind string }

// CopyForeign says that a column leads to a column of another table, which is a key.
type CopyForeign struct{ Column, Table, To string }

// NewCopy begins a file that must not exist yet.
func NewCopy(ctx context.Context, path string) (*Copy, error) {
	// Nobody reads the file before it is whole, and a half one is thrown away: it needs no journal and no syncs.
	db, err := pool(dsn(path, "mode=rwc&_journal_mode=OFF&_synchronous=OFF&_locking_mode=EXCLUSIVE&_foreign_keys=off&_cache_size=-16384"), 1)
	if err != nil {
		return nil, plain(err)
	}
	c := &Copy{db: db}
	if c.conn, err = db.Conn(ctx); err != nil {
		db.Close()
		return nil, plain(err)
	}
	if err := c.do(ctx, "PRAGMA page_size = 4096", "PRAGMA encoding = 'UTF-8'", fmt.Sprintf("PRAGMA application_id = %d", copyID), "BEGIN EXCLUSIVE"); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func (c *Copy) do(ctx context.Context, statements ...string) error {
	for _, s := range statements {
		if _, err := c.conn.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, plain(err))
		}
	}
	return nil
}

func identifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func identifiers(names []string) string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = identifier(n)
	}
	return strings.Join(all, ", ")
}

// Table makes a table; the rows that follow are its own.
func (c *Copy) Table(ctx context.Context, t CopyTable) error {
	c.endRows()
	var parts, names, marks []string
	for _, col := range t.Columns {
		parts = append(parts, "    "+identifier(col.Name)+" "+col.Kind)
		names, marks = append(names, col.Name), append(marks, "?")
	}
	for i, k := range t.Key {
		for j, col := range t.Columns {
			if col.Name != k {
				continue
			}
			parts[j] += " NOT NULL"
			if i == 0 && len(t.Key) == 1 {
				parts[j] += " PRIMARY KEY"
			}
		}
	}
	if len(t.Key) > 1 {
		parts = append(parts, "    PRIMARY KEY ("+identifiers(t.Key)+")")
	}
	for _, f := range t.Foreign {
		parts = append(parts, fmt.Sprintf("    FOREIGN KEY (%s) REFERENCES %s (%s)", identifier(f.Column), identifier(f.Table), identifier(f.To)))
	}
	for _, i := range t.Indexes {
		c.indexes = append(c.indexes, fmt.Sprintf("CREATE INDEX %s ON %s (%s)", identifier(t.Name+"_by_"+i), identifier(t.Name), identifier(i)))
	}
	if err := c.do(ctx, fmt.Sprintf("CREATE TABLE %s (\n%s\n) STRICT", identifier(t.Name), strings.Join(parts, ",\n"))); err != nil {
		return err
	}
	var err error
	c.columns = len(names)
	c.insert, err = c.conn.PrepareContext(ctx, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", identifier(t.Name), identifiers(names), strings.Join(marks, ", ")))
	return plain(err)
}

// Row adds a row to the table that was made last: nil, an int64 or a string for each column.
func (c *Copy) Row(ctx context.Context, values []any) error {
	if len(values) != c.columns {
		return fmt.Errorf("store: %d values for %d columns", len(values), c.columns)
	}
	_, err := c.insert.ExecContext(ctx, values...)
	return plain(err)
}

func (c *Copy) endRows() {
	if c.insert != nil {
		c.insert.Close()
		c.insert = nil
	}
}

// copyViews join what readers would join first. Lists in a cell are parted by “|”.
var copyViews = []string{
	`CREATE VIEW signatories_in_effect AS
SELECT * FROM signatories
WHERE status = 'in_effect' AND basis = 'named' AND capacity NOT IN (` + besideList() + `)`,
	`CREATE VIEW status AS
SELECT s.declaration, s.declaration_title, s.declaration_date, s.participant, s.participant_name, s.capacity, s.status, s.since, s.until,
    s.departure_reason, s.disputed, s.name_as_printed, q.publisher AS source_publisher, q.title AS source_title, s.source_url, s.as_of
FROM signatories s LEFT JOIN sources q ON q.source = s.source`,
	`CREATE VIEW declaration_sponsors AS
SELECT d.declaration, j.key + 1 AS position, j.value AS participant, p.name AS participant_name
FROM declarations d, json_each('["' || replace(d.sponsors, '|', '","') || '"]') j LEFT JOIN participants p ON p.participant = j.value
WHERE d.sponsors IS NOT NULL`,
	`CREATE VIEW declaration_topics AS
SELECT d.declaration, j.key + 1 AS position, j.value AS topic, t.name AS topic_name
FROM declarations d, json_each('["' || replace(d.topics, '|', '","') || '"]') j LEFT JOIN topics t ON t.topic = j.value
WHERE d.topics IS NOT NULL`,
	`CREATE VIEW members AS
SELECT m."group", g.name AS group_name, m.participant, p.name AS participant_name, m."from", m."to"
FROM group_members m JOIN groups g ON g."group" = m."group" JOIN participants p ON p.participant = m.participant`,
}

// besideList are the capacities that no count counts, as SQL.
func besideList() string {
	var all []string
	for _, c := range register.Capacities {
		if !c.Counted() {
			all = append(all, "'"+string(c)+"'")
		}
	}
	return strings.Join(all, ", ")
}

// Finish adds indexes and views, marks the file with the revision that it holds, and closes it.
func (c *Copy) Finish(ctx context.Context, revision int) error {
	c.endRows()
	err := c.do(ctx, c.indexes...)
	if err == nil {
		err = c.do(ctx, copyViews...)
	}
	if err == nil {
		err = c.do(ctx, fmt.Sprintf("PRAGMA user_version = %d", revision), "COMMIT")
	}
	return errors.Join(err, c.Close())
}

// Close gives the file up; after Finish it does nothing.
func (c *Copy) Close() error {
	if c.db == nil {
		return nil
	}
	c.endRows()
	err := errors.Join(c.conn.Close(), c.db.Close())
	c.db = nil
	return plain(err)
}
