package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// importSQL is what the import is compared with: the four tables that hold the rows are read by .import, and a join resolves
// what they name into one final table with its indexes. It keeps no revisions and checks no rule.
const importSQL = `.mode csv
.import '{dir}/actions.csv' actions_read
.import '{dir}/sources.csv' sources_read
.import '{dir}/declarations.csv' declarations_read
.import '{dir}/participants.csv' participants_read
CREATE TABLE participant (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL);
INSERT INTO participant (code, name) SELECT participant, name FROM participants_read;
CREATE TABLE declaration (id INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE, title TEXT NOT NULL, kind TEXT NOT NULL, date TEXT NOT NULL);
INSERT INTO declaration (slug, title, kind, date) SELECT declaration, title, kind, date FROM declarations_read;
CREATE TABLE source (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, declaration INTEGER NOT NULL, publisher TEXT, title TEXT, url TEXT, language TEXT, kind TEXT,
  published TEXT, read_on TEXT, supports TEXT);
INSERT INTO source (key, declaration, publisher, title, url, language, kind, published, read_on, supports)
  SELECT s.source, d.id, s.publisher, s.title, s.url, s.language, s.kind, s.published, s.read_on, s.supports FROM sources_read s JOIN declaration d ON d.slug = s.declaration;
CREATE TABLE action (id INTEGER PRIMARY KEY, declaration INTEGER NOT NULL, participant INTEGER NOT NULL, action TEXT, capacity TEXT, date TEXT, public_date TEXT,
  reason TEXT, via_group TEXT, name_as_printed TEXT, source INTEGER NOT NULL, note TEXT, capacity_as_printed TEXT, printed_position TEXT, also_sources TEXT,
  place_in_source TEXT, joining_not_recorded TEXT);
INSERT INTO action SELECT a.action_id, d.id, p.id, a.action, a.capacity, a.date, a.public_date, a.reason, a.via_group, a.name_as_printed, s.id, a.note,
  a.capacity_as_printed, a.printed_position, a.also_sources, a.place_in_source, a.joining_not_recorded
  FROM actions_read a JOIN declaration d ON d.slug = a.declaration JOIN participant p ON p.code = a.participant JOIN source s ON s.key = a.source;
CREATE INDEX action_declaration ON action (declaration, participant);
CREATE INDEX action_participant ON action (participant, declaration);
SELECT count(*) FROM action;
`

// imports measures P11: the package of the large register into an empty one, with its revisions and, beside it, from the
// tables alone.
func (b *bench) imports(ctx context.Context, large string) error {
	if _, err := exec.LookPath("sqlite3"); err != nil {
		b.missing("P11", "there is no sqlite3 command line here")
		return nil
	}
	built := b.built()
	work, err := os.MkdirTemp(b.dir, "import-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	pack := filepath.Join(work, "register.zip")
	took, memory, err := run(ctx, nil, built, "export", "--db", large, "-o", pack, "register")
	if err != nil {
		return err
	}
	b.note("“cosignatory export register” took %s with a peak of %.0f MiB of resident memory.", seconds(took), float64(memory)/(1<<20))
	whole, tables := filepath.Join(work, "whole"), filepath.Join(work, "tables")
	if err := errors.Join(unpack(pack, whole), unpack(pack, tables)); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(tables, "history.jsonl")); err != nil {
		return err
	}
	var theirs []float64
	ours, peaks := map[string][]float64{}, map[string]int64{}
	for i := range b.runs {
		for _, from := range []string{whole, tables, pack} {
			if i > 0 && from != whole {
				continue // these are only told of
			}
			took, peak, err := run(ctx, nil, built, "import", "--db", filepath.Join(work, "new.db"), from)
			if err != nil {
				return err
			}
			if err := gone(filepath.Join(work, "new.db")); err != nil {
				return err
			}
			ours[from], peaks[from] = append(ours[from], took), max(peaks[from], peak)
		}
		took, _, err := run(ctx, strings.NewReader(strings.ReplaceAll(importSQL, "{dir}", whole)), "sqlite3", "-batch", "-bail", "-init", os.DevNull, filepath.Join(work, "theirs.db"))
		if err != nil {
			return err
		}
		if err := gone(filepath.Join(work, "theirs.db")); err != nil {
			return err
		}
		theirs = append(theirs, took)
	}
	n, t := b.large*b.each, median(theirs)
	b.line("P11", fmt.Sprintf("import of %d rows with their %d revisions, of .import and join", n, b.large+1), median(ours[whole])/t, 1, seconds(median(ours[whole])), seconds(t))
	b.note("The same import from the zip itself: %s, %.2f of .import and join; from the CSV tables alone, which makes a new revision of each declaration: %s, %.2f. Peaks of resident memory: %.0f, %.0f and %.0f MiB.",
		seconds(median(ours[pack])), median(ours[pack])/t, seconds(median(ours[tables])), median(ours[tables])/t,
		float64(peaks[whole])/(1<<20), float64(peaks[pack])/(1<<20), float64(peaks[tables])/(1<<20))
	return nil
}

func gone(file string) error {
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(file + end); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// unpack writes the files of a package that this program made into a new folder.
func unpack(pack, folder string) error {
	z, err := zip.OpenReader(pack)
	if err != nil {
		return err
	}
	defer z.Close()
	if err := os.Mkdir(folder, 0o755); err != nil {
		return err
	}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			return err
		}
		out, err := os.Create(filepath.Join(folder, filepath.Base(f.Name)))
		if err == nil {
			_, err = io.Copy(out, in)
			err = errors.Join(err, out.Close())
		}
		if err = errors.Join(err, in.Close()); err != nil {
			return err
		}
	}
	return nil
}
