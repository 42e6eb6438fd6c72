package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http/httptest"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"cosignatory/store/register"
)

// selfJoin counts, for one participant or all, with whom it stands on lists: what SQL has to do without an index of sets.
// For made-up registers a status needs no fold: everybody acts once, dated.
const selfJoin = `.mode csv
SELECT a.participant, b.participant, count(*) FROM action a JOIN action b ON b.declaration = a.declaration AND b.participant {than} a.participant
WHERE a.rev_to > {revision} AND b.rev_to > {revision} AND a.date <= '{day}' AND b.date <= '{day}' AND a.capacity NOT IN ('supporter', 'aligned')
AND b.capacity NOT IN ('supporter', 'aligned') {who} GROUP BY 1, 2 ORDER BY 1, 2;
`

// questions measures P8: one participant with all others and the table of all participants with all, as pages and files of
// the small register and the large one, and the two against the self-join of the sqlite3 command line.
func (b *bench) questions(ctx context.Context, smallFile, largeFile string) error {
	on := register.MustDate(day).First()
	small, err := b.open(ctx, smallFile, on)
	if err != nil {
		return err
	}
	defer small.store.Close()
	large, err := b.open(ctx, largeFile, on)
	if err != nil {
		return err
	}
	defer large.store.Close()
	who := busiest(large)
	for _, q := range []struct{ what, address string }{
		{"one participant with all others, page", "/en/participants/" + who + "/together?as_of=" + day},
		{"all participants with all, file", "/en/participants/together.csv?as_of=" + day},
	} {
		x, y := &request{handler: small.handler, address: q.address}, &request{handler: large.handler, address: q.address}
		ours, theirs, err := b.inTurn(y, x)
		if err != nil {
			return err
		}
		b.line("P8", fmt.Sprintf("%s at %d, of the same at %d (%.0f and %.0f kB)", q.what, b.large, b.small, float64(y.size)/1000, float64(x.size)/1000),
			ours/theirs, 2, seconds(ours), seconds(theirs))
	}
	joins := []struct {
		what, than, only string
		limit            float64 // seconds, of the index alone
		ask              func() (int, error)
	}{
		{"one participant with all others", "<>", "AND a.participant = '" + who + "'", 0.002, func() (int, error) {
			all, _ := large.index.Together(who)
			n := 0
			for _, c := range all {
				n += c.Both
			}
			return n, nil
		}},
		{"all participants with all", ">", "", 0.05, func() (int, error) {
			n := 0
			_, err := large.index.Pairs(func(_, _ string, o register.Overlap) error { n += o.Both; return nil })
			return n, err
		}},
	}
	if _, err := exec.LookPath("sqlite3"); err != nil {
		b.missing("P8", "there is no sqlite3 command line here, so no self-join")
		joins = nil
	}
	for _, q := range joins {
		sql := strings.NewReplacer("{than}", q.than, "{who}", q.only, "{day}", day, "{revision}", strconv.Itoa(large.view.Revision)).Replace(selfJoin)
		begin := time.Now()
		c := exec.CommandContext(ctx, "sqlite3", "-readonly", largeFile)
		c.Stdin = strings.NewReader(sql)
		out, err := c.Output()
		if err != nil {
			return fmt.Errorf("sqlite3: %w", err)
		}
		theirs := time.Since(begin).Seconds()
		rows, err := csv.NewReader(strings.NewReader(string(out))).ReadAll()
		if err != nil {
			return err
		}
		want, got := 0, 0
		for _, row := range rows {
			n, err := strconv.Atoi(row[2])
			if err != nil {
				return err
			}
			want += n
		}
		ours, err := cost(func() error {
			var err error
			got, err = q.ask()
			return err
		})
		if err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("%s: %d in common in the index, %d by SQL", q.what, got, want)
		}
		b.line("P8", q.what+", 300 × the index's time of the SQL self-join's", 300*ours/theirs, 1, seconds(ours), seconds(theirs))
		b.line("P8", q.what+fmt.Sprintf(", of %g ms", q.limit*1000), ours/q.limit, 1, seconds(ours), "")
	}
	// What a page of the matrix costs does not grow with the register.
	x, y := &request{handler: small.handler, address: "/en/matrix?order=similarity"}, &request{handler: large.handler, address: "/en/matrix?order=similarity"}
	ours, theirs, err := b.inTurn(y, x)
	if err != nil {
		return err
	}
	b.line("P8", fmt.Sprintf("matrix, by similarity, at %d, of the same at %d (%.0f and %.0f kB)", b.large, b.small, float64(y.size)/1000, float64(x.size)/1000),
		ours/theirs, 2, seconds(ours), seconds(theirs))
	// And a comparison of six participants is bounded, whatever they signed.
	w := httptest.NewRecorder()
	codes := make([]string, 0, 6)
	for _, q := range large.view.Ref.Participants[:6] {
		codes = append(codes, "p="+q.Code)
	}
	begin := time.Now()
	large.handler.ServeHTTP(w, httptest.NewRequest("GET", "/en/compare?"+strings.Join(codes, "&"), nil))
	b.note("Six participants compared at %d declarations: %s, status %d.", b.large, seconds(time.Since(begin).Seconds()), w.Code)
	return nil
}
