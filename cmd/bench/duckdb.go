package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// duckdbScript runs statements in one database file and says how many rows the last one gave.
const duckdbScript = `
const {DuckDBInstance} = require(process.argv[1] + "/@duckdb/node-api");
(async () => {
  const c = await (await DuckDBInstance.create(process.argv[2])).connect();
  for (const q of process.argv.slice(3)) await c.run(q);
})().catch((e) => { console.error(e); process.exit(1); });
`

// duckdbTables are the files that the rows of signatories are joined from.
var duckdbTables = []string{"declarations", "actions", "participants", "sources"}

// duckdbRows gives the rows of signatories.csv from the register's other files, as rowsSQL does from its database.
const duckdbRows = `COPY (SELECT d.declaration, d.title AS declaration_title, d.date AS declaration_date, a.participant, p.name AS participant_name,
  p.kind AS participant_kind, p.iso3, p.m49, p.user_assigned_code, p.regional_group, a.name_as_printed, a.printed_position, a.capacity,
  a.capacity_as_printed, 'named' AS basis, CASE WHEN a.date <= '{day}' THEN 'in_effect' ELSE 'not_yet' END AS status, a.date AS since,
  a.date_precision AS since_precision, '' AS until, '' AS until_precision, '' AS departure_reason, 'no' AS disputed, a.source,
  s.url AS source_url, d.as_of, d.revision, d.date_precision AS declaration_date_precision
FROM actions a JOIN declarations d USING (declaration) JOIN participants p USING (participant) JOIN sources s ON s.source = a.source
ORDER BY d.declaration, a.participant) TO '/dev/null' (HEADER, DELIMITER ',')`

// duckdb measures DuckDB with the same rows in tables of its own, nil where npm's @duckdb/node-api is not there:
// COSIGNATORY_NODE_MODULES names the folder that it is in. Its process includes the start of node.
func (b *bench) duckdb(ctx context.Context, large string) (took []float64, err error) {
	modules := os.Getenv("COSIGNATORY_NODE_MODULES")
	node, missing := exec.LookPath("node")
	if _, err := os.Stat(filepath.Join(modules, "@duckdb", "node-api")); modules == "" || err != nil || missing != nil || len(b.program) < 3 {
		b.note("There is no DuckDB here (npm's @duckdb/node-api in the folder that COSIGNATORY_NODE_MODULES names): P1 was not compared with it.")
		return nil, nil
	}
	folder, err := os.MkdirTemp(b.dir, "duckdb-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	database := filepath.Join(folder, "register.duckdb")
	load := []string{node, "-e", duckdbScript, modules, database}
	for _, name := range duckdbTables {
		file := filepath.Join(folder, name+".csv")
		c := exec.CommandContext(ctx, b.program[0], "export", name, "--raw", "--as-of", day, "--base-url", baseURL, "--db", large, "-o", file)
		if out, err := c.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%w: %s", err, bytes.TrimSpace(out))
		}
		load = append(load, fmt.Sprintf("CREATE TABLE %s AS SELECT * FROM read_csv('%s', all_varchar = true, quote = '\"', escape = '\"')", name, file))
	}
	if _, _, err := run(ctx, nil, load...); err != nil {
		return nil, err
	}
	rows := strings.ReplaceAll(duckdbRows, "{day}", day)
	for range b.runs {
		t, _, err := run(ctx, nil, node, "-e", duckdbScript, modules, database, rows)
		if err != nil {
			return nil, err
		}
		took = append(took, t)
	}
	return took, nil
}

// spreadsheets measures XLSX of a million rows: memory beside that of a hundredth of them, time beside CSV.
func (b *bench) spreadsheets(ctx context.Context, small, large string, csv float64) error {
	if len(b.program) < 3 {
		b.note("XLSX was not measured: the command line does not build here.")
		return nil
	}
	command := func(db string) []string {
		return append(slices.Insert(slices.Clone(b.program), 3, "--format", "xlsx"), db)
	}
	_, base, err := run(ctx, nil, command(small)...)
	if err != nil {
		return err
	}
	var took []float64
	var memory int64
	for range min(b.runs, 3) {
		t, peak, err := run(ctx, nil, command(large)...)
		if err != nil {
			return err
		}
		took, memory = append(took, t), max(memory, peak)
	}
	b.line("P3", fmt.Sprintf("peak resident memory of XLSX, %d rows, of that of %d rows", b.large*b.each, b.small*b.each), float64(memory)/float64(base), 1.5,
		fmt.Sprintf("%.0f MiB", float64(memory)/(1<<20)), fmt.Sprintf("%.0f MiB", float64(base)/(1<<20)))
	b.note("XLSX of %d rows takes %s, %.1f times signatories.csv.", b.large*b.each, seconds(median(took)), median(took)/csv)
	return nil
}
