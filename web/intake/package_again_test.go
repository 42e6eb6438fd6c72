package intake_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/web/export"
	"cosignatory/web/intake"
)

// numbered are the actions of all declarations, retired ones too, by their ids.
func numbered(t testing.TB, s *store.Store) map[int64]string {
	t.Helper()
	v, err := s.At(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	all := map[int64]string{}
	take := func(e *store.Entry) error {
		for _, a := range e.Actions {
			all[a.ID] = fmt.Sprint(e.ID, " ", a.Participant, a.Group, " ", a.Kind, " ", a.Date)
		}
		return nil
	}
	if err := v.Each(context.Background(), take); err != nil {
		t.Fatal(err)
	}
	if err := v.Retired(context.Background(), take); err != nil {
		t.Fatal(err)
	}
	return all
}

func leadsTo(t testing.TB, s *store.Store, was, now string) {
	t.Helper()
	v, err := s.At(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	var moved *store.Moved
	if _, err := v.Declaration(context.Background(), was); !errors.As(err, &moved) || moved.Slug != now {
		t.Errorf("%s leads to %v, want %s", was, err, now)
	}
}

// The files of a register in which declarations were renamed, corrected and retired come in once: each action gets its id
// once and keeps it, and the same files again change nothing.
func TestTheSameFilesAgain(t *testing.T) {
	from := edited(t)
	change(t, from, "xinjiang-hong-kong-2020", func(d *register.Declaration) { d.Slug = "xinjiang-2020" })
	change(t, from, "safe-schools-2015", func(d *register.Declaration) { d.Slug = "schools" })
	change(t, from, "schools", func(d *register.Declaration) { d.Slug = "safe-schools-2015" }) // and back again
	pack := files(t, from, 0)["register.zip"]
	for name, without := range map[string][]string{"with the descriptor": {"history.jsonl"}, "tables alone": {"history.jsonl", "datapackage.json"}} {
		for into, to := range map[string]*store.Store{"an empty register": empty(t), "the shipped register": loaded(t)} {
			t.Run(name+" into "+into, func(t *testing.T) {
				before, dir := numbered(t, to), unpacked(t, pack, without...)
				r := brought(t, to, dir)
				if len(before) > 0 && r.Groups.Changed+r.Participants.Changed+r.Words.Changed > 0 {
					t.Errorf("reference data that was the same already: %+v", r)
				}
				ids, last := numbered(t, to), head(t, to)
				if len(before) == 0 && slices.Max(slices.Collect(maps.Keys(ids))) != int64(len(ids)) {
					t.Errorf("%d actions, numbered up to %d", len(ids), slices.Max(slices.Collect(maps.Keys(ids))))
				}
				for id, was := range before {
					if now, ok := ids[id]; ok && now != was {
						t.Errorf("action %d was %s, is %s", id, was, now)
					}
				}
				for _, was := range []string{"artemis-accords-2020", "artemis-2020"} {
					leadsTo(t, to, was, "artemis-accords")
				}
				leadsTo(t, to, "schools", "safe-schools-2015")
				leadsTo(t, to, "xinjiang-2022", "xinjiang-2020")
				for range 2 {
					if r := brought(t, to, dir); !r.Same {
						t.Errorf("again: %+v", r)
					}
				}
				if now := numbered(t, to); head(t, to) != last || !maps.Equal(now, ids) {
					t.Errorf("it changed: revision %d after %d", head(t, to), last)
				}
				if r := brought(t, to, unpacked(t, files(t, to, 0)["register.zip"], "history.jsonl")); !r.Same {
					t.Errorf("its own files: %+v", r)
				}
				if err := to.Verify(context.Background(), nil); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// Ids of actions that another register gave are no ids here, whether they are another declaration's, nobody's, or this
// declaration's by accident.
func TestIDsOfAnotherRegister(t *testing.T) {
	const head = "action_id,declaration,participant,action,capacity,date,via_group,source,note,reason\r\n"
	for name, ids := range map[string][4]int{"another declaration's": {1, 2, 3, 4}, "nobody's": {9001, 9002, 9003, 9004}, "in another order": {}} {
		t.Run(name, func(t *testing.T) {
			s := loaded(t)
			next := len(numbered(t, s)) + 1
			if name == "in another order" {
				ids = [4]int{next + 3, next + 2, next + 1, next}
			}
			pack := func(note string) string {
				return folder(t, "declarations.csv", "declaration,kind,date\r\nnew-2026,letter,2026-01\r\n",
					"titles.csv", "declaration,language,title,standing\r\nnew-2026,en,A letter,official\r\n",
					"sources.csv", "source,declaration,publisher,title,url,kind\r\nnew-a,new-2026,UN,Text,https://example.org/,official\r\n",
					"actions.csv", head+fmt.Sprintf("%d,new-2026,KOR,signed,signatory,2026-01,,new-a,%s,\r\n%d,new-2026,FRA,signed,signatory,2026-01,,new-a,,\r\n"+
						"%d,new-2026,FRA,withdrew,signatory,2026-02,,new-a,,withdrew_by_notice\r\n%d,new-2026,,aligned,aligned,2026-01,EU,new-a,,\r\n", ids[0], note, ids[1], ids[2], ids[3]))
			}
			dir := pack("")
			if r := brought(t, s, dir); r.New != 1 {
				t.Errorf("%+v", r)
			}
			given := numbered(t, s)
			if r := brought(t, s, dir); !r.Same {
				t.Errorf("again: %+v", r)
			}
			// Corrected there, it is corrected here.
			if r := brought(t, s, pack("Explained")); r.Changed != 1 {
				t.Errorf("%+v", r)
			}
			if now := numbered(t, s); !maps.Equal(now, given) {
				t.Errorf("%v, want %v", now, given)
			}
		})
	}
}

// A list of signatories of an earlier day says nothing that the register does not know: who left by then has left, also where it
// has come back since.
func TestD1_SignatoriesOfAnEarlierDay(t *testing.T) {
	s := loaded(t)
	change(t, s, "tech-trafficking-2025", func(d *register.Declaration) { // back and away once more, without a date
		for _, a := range []register.Action{{Kind: register.Withdrew, Date: register.MustDate("2026-01"), Reason: "withdrew_by_notice"}, {Kind: register.Rejoined, Date: register.MustDate("2026-03-02")},
			{Kind: register.Withdrew, Reason: "withdrew_by_notice"}, {Kind: register.Rejoined}} {
			a.Participant, a.Capacity, a.Source = "THA", register.Signatory, "tip-sbs1"
			d.Actions = append(d.Actions, a)
		}
	})
	v, err := s.At(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, day := range []string{"2019-01-01", "2021-01-27", "2021-01-28", "2024-06-16", "2026-02-15", "2026-03-02", "2026-11-24"} {
		var b bytes.Buffer
		if err := export.Write(t.Context(), &b, "signatories", export.Options{View: v, BaseURL: "https://example.org", Day: register.MustDate(day).First(), AsOfGiven: true, IncludeImplied: true}); err != nil {
			t.Fatal(err)
		}
		if r := brought(t, s, write(t, filepath.Join(t.TempDir(), "signatories.csv"), b.String())); !r.Same {
			t.Errorf("the list of %s changes the register: %+v", day, r)
		}
	}
	// A departure of which nothing is known is one.
	const head = "declaration,participant,status,since,until,departure_reason,source\r\n"
	one := func(row string) string { return write(t, filepath.Join(t.TempDir(), "signatories.csv"), head+row) }
	if r := brought(t, s, one("future-of-internet-2022,USA,left,2022-04-28,2026-05,withdrew_by_notice,dfi-wh\r\n")); r.Changed != 1 {
		t.Errorf("%+v", r)
	}
	refused(t, s, one("geneva-consensus-2020,USA,left,2020-10-22,2022-03,withdrew_by_notice,gcd-parentpower\r\n"),
		"signatories.csv line 2, until: 2022-03 is before 2025-01-24, the date of the line before it.")
}

// An address that a declaration had elsewhere leads to it here; one that cannot is told beside everything else.
func TestAddressesAlone(t *testing.T) {
	const head = "declaration,leads_to\r\n"
	s := loaded(t)
	before := numbered(t, s)
	dir := folder(t, "addresses.csv", head+"old-name-2026,safe-schools-2015\r\nolder-name-2026,safe-schools-2015\r\n")
	trial, err := bring(t, s, dir, intake.Options{DryRun: true})
	if err != nil {
		t.Fatal(said(err))
	}
	r := brought(t, s, dir)
	if trial.DryRun = false; r != trial || r.Changed != 1 || r.To != 30 {
		t.Errorf("%+v, tried %+v", r, trial)
	}
	leadsTo(t, s, "old-name-2026", "safe-schools-2015")
	leadsTo(t, s, "older-name-2026", "safe-schools-2015")
	if r := brought(t, s, dir); !r.Same {
		t.Errorf("again: %+v", r)
	}
	// It goes over nothing that staff wrote.
	change(t, s, "safe-schools-2015", func(d *register.Declaration) { d.Texts[0].Notes = "Looked at again" })
	one := write(t, filepath.Join(t.TempDir(), "addresses.csv"), head+"oldest-name-2026,safe-schools-2015\r\n")
	if r := brought(t, s, one); r.Changed != 1 || r.To != 33 {
		t.Errorf("%+v", r)
	}
	// Of its own address it makes a former one.
	renaming := folder(t, "addresses.csv", head+"artemis-accords-2020,artemis\r\nartemis-first,artemis\r\n")
	if r := brought(t, s, renaming); r.Changed != 1 || r.To != 35 {
		t.Errorf("%+v", r)
	}
	leadsTo(t, s, "artemis-accords-2020", "artemis")
	leadsTo(t, s, "artemis-first", "artemis")
	if r := brought(t, s, renaming); !r.Same {
		t.Errorf("again: %+v", r)
	}
	// What was retired leads on already.
	change(t, s, "xinjiang-2022", func(d *register.Declaration) { d.MergedInto = "xinjiang-hong-kong-2020" })
	if r := brought(t, s, folder(t, "addresses.csv", head+"xinjiang-2022,xinjiang-hong-kong-2020\r\n")); !r.Same {
		t.Errorf("%+v", r)
	}
	if now := numbered(t, s); !maps.Equal(now, before) {
		t.Errorf("%v, want %v", now, before)
	}
	if err := s.Verify(context.Background(), nil); err != nil {
		t.Error(err)
	}
	refused(t, s, folder(t, "addresses.csv", head+
		"x-2026,nowhere-2026\r\n"+
		"tech-trafficking-2025,safe-schools-2015\r\n"+
		"old-name-2026,artemis\r\n"+
		"y-2026,artemis-first\r\n"+
		"z-2026,tech-trafficking-2025\r\n"+
		"geneva-consensus-2020,new-geneva\r\n"+
		"artemis,new-geneva\r\n",
		"titles.csv", "declaration,language,title\r\nz-2026,en,A title\r\ntech-trafficking-2025,en,\r\ngeneva-consensus-2020,en,A title\r\n",
		"stated.csv", "declaration,number\r\ntech-trafficking-2025,many\r\n"),
		`addresses.csv line 2, leads_to: The register has no declaration nowhere-2026. Bring it in declarations.csv, with its kind.
addresses.csv line 3, declaration: tech-trafficking-2025 is an address of the declaration tech-trafficking-2025: it cannot lead to safe-schools-2015 as well. Remove this row or correct it.
addresses.csv line 4, declaration: old-name-2026 is an address of the declaration safe-schools-2015: it cannot lead to artemis as well. Remove this row or correct it.
addresses.csv line 5, leads_to: artemis-first leads to artemis now. Write that instead.
addresses.csv line 7, declaration: geneva-consensus-2020 is an address of the declaration geneva-consensus-2020: it cannot lead to new-geneva as well. Remove this row or correct it.
addresses.csv line 8, declaration: artemis is an address of the declaration artemis: it cannot lead to new-geneva as well. Remove this row or correct it.
titles.csv line 2, declaration: The register has no declaration z-2026. Bring it in declarations.csv, with its kind.
titles.csv line 3, title: This may not be empty.
stated.csv line 2, number: “many” is no whole number. Write figures only.
stated.csv line 2, source: Write the key of the source that says so.`)
}

// A file saved on Windows ends the lines within its cells in CRLF too.
func TestLinesWithinCells(t *testing.T) {
	s := loaded(t)
	change(t, s, "safe-schools-2015", func(d *register.Declaration) { d.Texts[0].Notes = "One\nTwo \n\nThree" })
	dir := unpacked(t, files(t, s, 0)["register.zip"], "history.jsonl")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if path := filepath.Join(dir, e.Name()); strings.HasSuffix(path, ".csv") {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			write(t, path, strings.ReplaceAll(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n", "\r\n"))
		}
	}
	if r := brought(t, s, dir); !r.Same {
		t.Errorf("%+v", r)
	}
	brought(t, s, folder(t, "texts.csv", "declaration,language,notes\ntech-trafficking-2025,en,\"a\r\nb\rc\n\rd\"\n"))
	v, err := s.At(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	e, err := v.Declaration(context.Background(), "tech-trafficking-2025")
	if err != nil {
		t.Fatal(err)
	}
	if got := e.TextIn("en").Notes; got != "a\nb c\n d" {
		t.Errorf("%q", got)
	}
}
