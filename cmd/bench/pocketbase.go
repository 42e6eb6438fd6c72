package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// PocketBase is another program that serves tables of an SQLite file, written in Go as this one. Its list API is asked for the
// same rows. Version 0.39.0 is the newest that Go 1.26 builds:
//
//	GOBIN=FOLDER go install github.com/pocketbase/pocketbase/examples/base@v0.39.0
//
// POCKETBASE names the command; it is no part of this module.

// pocketbaseProgram is where PocketBase's command is, empty where it is not.
func pocketbaseProgram() string {
	for _, name := range []string{os.Getenv("POCKETBASE"), "pocketbase"} {
		if name == "" {
			continue
		}
		if program, err := exec.LookPath(name); err == nil {
			return program
		}
	}
	return ""
}

// The tables that are filled with the rows of the register: what a list of declarations shows, and what stands in signatories.csv.
var pocketbaseTables = []struct {
	name    string
	fields  []string
	indexed []string
	rows    string // of the register in the schema r
}{
	{"declarations", []string{"declaration", "title", "kind", "date", "sponsor", "topic", "event", "place"}, []string{"declaration", "date"},
		`SELECT d.slug, t.title, d.kind, CASE WHEN d.adopted <> '' THEN d.adopted WHEN d.presented <> '' THEN d.presented WHEN d.published <> '' THEN d.published ELSE d.opened END,
  (SELECT participant FROM r.sponsor s WHERE s.declaration = d.id AND s.rev_to > {revision} ORDER BY position LIMIT 1),
  (SELECT topic FROM r.subject s WHERE s.declaration = d.id AND s.rev_to > {revision} ORDER BY position LIMIT 1), x.event, x.place
FROM r.declaration d JOIN r.title t ON t.declaration = d.id AND t.lang = 'en' AND t.rev_to > {revision}
JOIN r.text x ON x.declaration = d.id AND x.lang = 'en' AND x.rev_to > {revision}
WHERE d.rev_to > {revision} AND d.merged_into = ''`},
	{"signatories", []string{"declaration", "participant", "name", "name_as_printed", "capacity", "action", "date", "source"}, []string{"declaration", "participant"},
		`SELECT d.slug, a.participant, n.name, a.name_as_printed, a.capacity, a.action, a.date, a.source
FROM r.declaration d JOIN r.action a ON a.declaration = d.id AND a.rev_to > {revision}
JOIN r.participant_name n ON n.participant = a.participant AND n.lang = 'en' AND n.rev_to > {revision}
WHERE d.rev_to > {revision} AND d.merged_into = ''`},
}

// pocketbase measures P14.
func (b *bench) pocketbase(ctx context.Context, large string) error {
	b.note("Datasette (P14) comes from the Python package index, which a benchmark does not fetch from: it was not compared with.")
	b.missing("P14", "Datasette, which is neither in Debian nor a Go module")
	program := pocketbaseProgram()
	if program == "" {
		b.missing("P14", "PocketBase: no command in POCKETBASE, none called pocketbase")
		return nil
	}
	if _, err := exec.LookPath("sqlite3"); err != nil {
		b.missing("P14", "PocketBase: there is no sqlite3 command line here to fill its tables with")
		return nil
	}
	folder, err := os.MkdirTemp(b.dir, "pocketbase-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	revision, err := newest(ctx, large)
	if err != nil {
		return err
	}
	if err := b.fillPocketbase(ctx, program, folder, large, revision); err != nil {
		return err
	}
	theirs, err := startPocketbase(ctx, program, folder)
	defer theirs.stop()
	if err != nil {
		return err
	}
	ours, err := b.cosignatory(ctx, large, folder)
	defer ours.stop()
	if err != nil {
		return err
	}
	const each = "participants"
	s, err := http.Get("http://" + ours.host + "/api/v1/" + each + "?limit=500")
	if err != nil {
		return err
	}
	var participants struct {
		Data []struct{ Participant string }
	}
	err = json.NewDecoder(s.Body).Decode(&participants)
	s.Body.Close()
	if err != nil {
		return err
	}
	// Only those that stand on more than a page.
	var who []string
	for _, p := range participants.Data {
		n, err := pocketbaseTotal(ctx, theirs.host, "/api/collections/signatories/records?perPage=1&filter="+url.QueryEscape("participant='"+p.Participant+"'"))
		if err != nil {
			return err
		}
		if n > 100 || n > b.large/8 {
			who = append(who, p.Participant)
		}
	}
	if len(who) == 0 {
		return errors.New("no participant stands on more than a page of declarations")
	}
	if n, err := pocketbaseTotal(ctx, theirs.host, "/api/collections/signatories/records?perPage=1"); err != nil || n != b.large*b.each {
		return errors.Join(err, fmt.Errorf("PocketBase has %d signatories, the register %d", n, b.large*b.each))
	}
	// No page is asked for twice before it has gone from memory: what is compared is the making.
	languages := []string{"en", "fr", "es", "ar", "zh", "ru"}
	var asked atomic.Int64
	slug := func(n int) string { return fmt.Sprintf("madeup-%05d", 1+n*31%b.large) }
	pages := max(1, b.large/50)
	for _, x := range []struct {
		what         string
		ours, theirs func(n int) string
	}{
		{"list of 50 declarations",
			func(n int) string {
				return fmt.Sprintf("/%s/declarations?page=%d&sort=%s", languages[n/pages%6], 1+n%pages, []string{"-date", "date"}[n/pages/6%2])
			},
			func(n int) string {
				return fmt.Sprintf("/api/collections/declarations/records?perPage=50&page=%d&sort=-date", 1+n%pages)
			}},
		{"signatories of a declaration, from our API",
			func(n int) string {
				return fmt.Sprintf("/api/v1/declarations/%s/signatories?limit=200&lang=%s", slug(n), languages[n/b.large%6])
			},
			func(n int) string {
				return "/api/collections/signatories/records?perPage=200&filter=" + url.QueryEscape("declaration='"+slug(n)+"'")
			}},
		{"a declaration with its signatories",
			func(n int) string { return fmt.Sprintf("/%s/declarations/%s", languages[n/b.large%6], slug(n)) },
			func(n int) string {
				return "/api/collections/signatories/records?perPage=200&filter=" + url.QueryEscape("declaration='"+slug(n)+"'")
			}},
		{"list of declarations filtered by a participant",
			func(n int) string {
				return fmt.Sprintf("/%s/declarations?signatory=%s&page=%d", languages[n/len(who)/2%6], who[n%len(who)], 1+n/len(who)%2)
			},
			func(n int) string {
				return fmt.Sprintf("/api/collections/signatories/records?perPage=50&page=%d&sort=-date&filter=%s", 1+n/len(who)%2, url.QueryEscape("participant='"+who[n%len(who)]+"'"))
			}},
	} {
		rates, sizes := map[string][]float64{}, map[string]int64{}
		for i := range 2*b.runs + 1 {
			for _, y := range []struct {
				name, host string
				address    func(int) string
			}{{"ours", ours.host, x.ours}, {"theirs", theirs.host, x.theirs}} {
				m, err := load(ctx, y.host, 4, time.Second/2, func(int) question { return question{path: y.address(int(asked.Add(1))), status: 200} })
				if err != nil {
					return fmt.Errorf("%s: %w", y.name, err)
				}
				if i > 0 { // the first round warms up
					rates[y.name], sizes[y.name] = append(rates[y.name], m.rate), m.bytes
				}
			}
		}
		x1, x2 := median(rates["ours"]), median(rates["theirs"])
		b.least("P14", fmt.Sprintf("%s: our rate (%.0f kB), of PocketBase's list API (%.0f kB)", x.what, float64(sizes["ours"])/1000, float64(sizes["theirs"])/1000),
			x1/x2, 5, fmt.Sprintf("%.0f/s", x1), fmt.Sprintf("%.0f/s", x2))
	}
	return nil
}

// pocketbaseTotal is how many records PocketBase says there are.
func pocketbaseTotal(ctx context.Context, host, path string) (int, error) {
	var body bytes.Buffer
	if _, err := once(ctx, host, question{path: path, status: 200}, &body); err != nil {
		return 0, err
	}
	var said struct{ TotalItems int }
	return said.TotalItems, json.Unmarshal(body.Bytes(), &said)
}

// startPocketbase starts PocketBase on a folder.
func startPocketbase(ctx context.Context, program, folder string) (*contender, error) {
	host, err := freePort()
	if err != nil {
		return nil, err
	}
	c := &contender{name: "PocketBase", host: host, process: exec.Command(program, "serve", "--http", host, "--dir", filepath.Join(folder, "data"), "--automigrate=false")}
	c.process.Dir = folder
	if err := c.process.Start(); err != nil {
		return nil, err
	}
	return c, c.listening(ctx)
}

// fillPocketbase makes its tables by its own API, which everybody may read, and fills them with the rows of a register.
func (b *bench) fillPocketbase(ctx context.Context, program, folder, large string, revision int) error {
	data := filepath.Join(folder, "data")
	// Of a server on this machine, that lives as long as this function.
	const account, password = "bench@example.org", "only for this run"
	c := exec.CommandContext(ctx, program, "superuser", "upsert", account, password, "--dir", data)
	c.Dir = folder
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("PocketBase: %w: %s", err, out)
	}
	server, err := startPocketbase(ctx, program, folder)
	defer server.stop()
	if err != nil {
		return err
	}
	token := ""
	post := func(path string, body, into any) error {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+server.host+path, bytes.NewReader(text))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", token)
		r, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer r.Body.Close()
		var said bytes.Buffer
		if _, err := said.ReadFrom(r.Body); err != nil {
			return err
		}
		if r.StatusCode != http.StatusOK {
			return fmt.Errorf("PocketBase answers %s with %d: %s", path, r.StatusCode, said.Bytes())
		}
		return json.Unmarshal(said.Bytes(), into)
	}
	var signed struct{ Token string }
	if err := post("/api/collections/_superusers/auth-with-password", map[string]string{"identity": account, "password": password}, &signed); err != nil {
		return err
	}
	token = signed.Token
	var sql strings.Builder
	fmt.Fprintf(&sql, "ATTACH '%s' AS r;\nBEGIN;\n", strings.ReplaceAll(large, "'", "''"))
	for _, t := range pocketbaseTables {
		var fields []map[string]any
		for _, name := range t.fields {
			fields = append(fields, map[string]any{"name": name, "type": "text"})
		}
		var indexes []string
		for _, name := range t.indexed {
			indexes = append(indexes, fmt.Sprintf("CREATE INDEX `%s_%s` ON `%s` (`%s`)", t.name, name, t.name, name))
		}
		var made map[string]any
		if err := post("/api/collections", map[string]any{"name": t.name, "type": "base", "fields": fields, "indexes": indexes, "listRule": "", "viewRule": ""}, &made); err != nil {
			return err
		}
		rows := strings.ReplaceAll(t.rows, "{revision}", fmt.Sprint(revision))
		fmt.Fprintf(&sql, "INSERT INTO %s (id, %s) SELECT printf('%%015d', row_number() OVER ()), * FROM (%s);\n", t.name, strings.Join(t.fields, ", "), rows)
	}
	sql.WriteString("COMMIT;\nANALYZE main;\n")
	server.stop()
	server.process = nil
	_, _, err = run(ctx, strings.NewReader(sql.String()), "sqlite3", "-batch", "-bail", "-init", os.DevNull, filepath.Join(data, "data.db"))
	return err
}
