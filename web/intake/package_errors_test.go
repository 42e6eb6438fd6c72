package intake_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
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

// folder is a folder of files, in turn name and text.
func folder(t testing.TB, pairs ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(pairs); i += 2 {
		write(t, filepath.Join(dir, pairs[i]), pairs[i+1])
	}
	return dir
}

func refused(t *testing.T, s *store.Store, path, want string) {
	t.Helper()
	before := head(t, s)
	r, err := bring(t, s, path, intake.Options{})
	if err == nil {
		t.Fatalf("it was imported: %+v", r)
	}
	if got := said(err); got != want {
		t.Errorf("it says\n%s\nwant\n%s", got, want)
	}
	if now := head(t, s); now != before {
		t.Errorf("%d revisions, want %d", now, before)
	}
}

// Everything that is wrong is told at once, by file, line and column, with what to write instead.
func TestAllProblemsAtOnce(t *testing.T) {
	refused(t, loaded(t), folder(t,
		"declarations.csv", "declaration,kind,date,topics,sponsors\r\n"+
			"new-2026,treaty,2026-13-01,human-rights|gardening,KOR\r\n"+
			"Bad Slug,letter,2026,,XXX\r\n"+
			"new-2026,letter,2026,,\r\n"+
			"short-2026,letter\r\n",
		"titles.csv", "declaration,language,title,standing\r\nnew-2026,en,A title,good\r\nnobody-2026,en,A title,official\r\n",
		"sources.csv", "source,declaration,publisher,title,url,kind,published\r\nnew-a,new-2026,UN,Text,ftp://x,official,24/11/2025\r\ntip-sbs1,new-2026,UN,Text,https://x.org,official,\r\n",
		"actions.csv", "declaration,participant,action,capacity,source,printed_position,joining_not_recorded\r\n"+
			"new-2026,FRA,signed,signatory,new-a,one,\r\n"+
			"new-2026,XQQ,signed,signatory,,,perhaps\r\n"+
			"new-2026,DEU,withdrew,signatory,new-b,2,\r\n"),
		`declarations.csv line 2, date: “2026-13-01” is no date. Write YYYY-MM-DD, YYYY-MM or YYYY, or leave it empty.
declarations.csv line 2, kind: “treaty” is not one of: joint-statement, joint-declaration, political-declaration, pledge, call-to-action, communique, accords, letter.
declarations.csv line 2, topics: The register has no topic gardening.
declarations.csv line 3, declaration: An address has small letters, figures and single hyphens: Bad Slug has not.
declarations.csv line 3, sponsors: The register knows nobody called “XXX”. Try the code, or the official name.
declarations.csv line 4, declaration: new-2026 stands twice in this file. Leave one row.
declarations.csv line 5: The row has 2 cells, the header 5. A comma within a cell needs quotation marks around the cell.
titles.csv line 2, standing: “good” is not one of: authentic, official, unofficial.
titles.csv line 3, declaration: declarations.csv does not list nobody-2026, and the register does not have it. Add a row there.
sources.csv line 2, published: “24/11/2025” is no date. Write YYYY-MM-DD, YYYY-MM or YYYY, or leave it empty.
sources.csv line 2, url: Enter the whole address, beginning with https:// or http://.
sources.csv line 3, source: Another declaration has a source with the key tip-sbs1.
actions.csv line 2, printed_position: “one” is no whole number. Write figures only.
actions.csv line 3, joining_not_recorded: “perhaps” is neither yes nor no.
actions.csv line 3, participant: The register knows nobody called “XQQ”. Try the code, or the official name.
actions.csv line 3, source: Write the key of the source that says so.
actions.csv line 4, action: DEU leaves, but no row says that it had joined. Add that row before, or write yes in joining_not_recorded.
actions.csv line 4, reason: Choose why it left.
actions.csv line 4, source: This declaration has no source new-b. Add it to sources.csv, or write the key of another.`)
	// The date that follows from others, each way in which they do not go together; where one cannot be read that is all.
	refused(t, loaded(t), folder(t,
		"declarations.csv", "declaration,kind,date,adopted,published\r\n"+
			"one-2026,letter,,2026-03,\r\n"+
			"two-2026,letter,2026-03,,\r\n"+
			"three-2026,letter,2026-03,,2026-04\r\n"+
			"four-2026,letter,2026-13,2026-03,\r\n"+
			"five-2026,letter,2026-03,2026-13,\r\n",
		"titles.csv", "declaration,language,title,standing\r\n"+
			"one-2026,en,A title,official\r\ntwo-2026,en,A title,official\r\nthree-2026,en,A title,official\r\nfour-2026,en,A title,official\r\nfive-2026,en,A title,official\r\n"),
		`declarations.csv line 2, date: This cell is empty, but 2026-03 follows from adopted, presented, published and opened. Write that here, or change those.
declarations.csv line 3, date: 2026-03 stands here, but adopted, presented, published and opened have no date that it could follow from. Write it in one of those.
declarations.csv line 4, date: 2026-03 differs from 2026-04, which follows from adopted, presented, published and opened. Change those.
declarations.csv line 5, date: “2026-13” is no date. Write YYYY-MM-DD, YYYY-MM or YYYY, or leave it empty.
declarations.csv line 6, adopted: “2026-13” is no date. Write YYYY-MM-DD, YYYY-MM or YYYY, or leave it empty.`)
	// Where every cell can be read, all that the rules say.
	refused(t, loaded(t), folder(t,
		"declarations.csv", "declaration,kind,date,topics,sponsors\r\n"+
			"new-2026,treaty,2026,human-rights|gardening,KOR\r\n"+
			"Bad Slug,letter,2026,,XXX\r\n",
		"titles.csv", "declaration,language,title,standing\r\nnew-2026,en,A title,good\r\n",
		"sources.csv", "source,declaration,publisher,title,url,kind,published\r\nnew-a,new-2026,UN,Text,ftp://x,official,\r\ntip-sbs1,new-2026,UN,Text,https://x.org,official,\r\n",
		"links.csv", "declaration,kind,target\r\nnew-2026,follows,nowhere-2020\r\n",
		"actions.csv", "declaration,participant,action,capacity,source\r\n"+
			"new-2026,FRA,signed,signatory,new-a\r\n"+
			"new-2026,XQQ,signed,signatory,\r\n"+
			"new-2026,DEU,withdrew,signatory,new-b\r\n"),
		`declarations.csv line 2, kind: “treaty” is not one of: joint-statement, joint-declaration, political-declaration, pledge, call-to-action, communique, accords, letter.
declarations.csv line 2, topics: The register has no topic gardening.
declarations.csv line 3, declaration: An address has small letters, figures and single hyphens: Bad Slug has not.
declarations.csv line 3, sponsors: The register knows nobody called “XXX”. Try the code, or the official name.
declarations.csv line 3, title: Enter a title.
titles.csv line 2, standing: “good” is not one of: authentic, official, unofficial.
sources.csv line 2, url: Enter the whole address, beginning with https:// or http://.
sources.csv line 3, source: Another declaration has a source with the key tip-sbs1.
links.csv line 2, target: No declaration is called nowhere-2020.
actions.csv line 3, participant: The register knows nobody called “XQQ”. Try the code, or the official name.
actions.csv line 3, source: Write the key of the source that says so.
actions.csv line 4, action: DEU leaves, but no row says that it had joined. Add that row before, or write yes in joining_not_recorded.
actions.csv line 4, reason: Choose why it left.
actions.csv line 4, source: This declaration has no source new-b. Add it to sources.csv, or write the key of another.`)
	refused(t, loaded(t), folder(t, "participants.csv", "participant,kind,name_en\r\n!,member,X\r\nQQQ,planet,\r\n",
		"aliases.csv", "participant,alias,language,kind\r\nZZZ,Z,en,short\r\nFRA,,en,short\r\nFRA,Gaul,en,ancient\r\n",
		"group_members.csv", "group,participant,from,to\r\nNONE,FRA,,\r\nEU,FRA,2020,2019\r\n"),
		`participants.csv line 2, participant: “!” is no code: letters and figures, hyphens between them.
participants.csv line 3, kind: “planet” is not one of: member, observer, other, organization.
participants.csv line 3, name_en: This may not be empty.
aliases.csv line 2, participant: The register knows nobody called “ZZZ”. Try the code, or the official name.
aliases.csv line 3, alias: This may not be empty.
aliases.csv line 4, kind: “ancient” is not one of: former, short, formal, variant, abbreviation, adjective, misspelling.
group_members.csv line 2, group: The register has no group NONE.
group_members.csv line 3, to: It ends before it begins.`)
	refused(t, loaded(t), folder(t, "aliases.csv", "participant,alias,language,kind\r\nKOR,Xkor,\"=HYPERLINK(\"\"http://x/\"\")\",variant\r\n"),
		"aliases.csv line 2, language: “=HYPERLINK(\"http://x/\")” is no language code.")
}

// What only follows from a cell or a row that cannot be read is not told: mended, it would be gone.
func TestNoProblemsThatFollow(t *testing.T) {
	const declarations = "declaration,kind,adopted,published,title\r\nnew-2026,letter,%s,2026-05,A letter\r\n"
	const sources = "source,declaration,publisher,title,url,kind\r\nnew-a,new-2026,UN,Text,https://example.org/,official\r\n"
	const actions = "declaration,participant,action,capacity,date,reason,source,joining_not_recorded\r\n"
	for _, c := range []struct{ adopted, sources, actions, want string }{
		{"2026-o3", sources, "new-2026,FRA,signed,signatory,2026-03,,new-a,\r\n",
			"declarations.csv line 2, adopted: “2026-o3” is no date. Write YYYY-MM-DD, YYYY-MM or YYYY, or leave it empty."},
		{"2026-03", sources + "new-b,new-2026,UN\r\n", "new-2026,FRA,signed,signatory,2026-03,,new-b,\r\nnew-2026,QQQ,signed,signatory,2026-03,,new-a,\r\n",
			"sources.csv line 3: The row has 3 cells, the header 6. A comma within a cell needs quotation marks around the cell.\n" +
				"actions.csv line 3, participant: The register knows nobody called “QQQ”. Try the code, or the official name."},
		{"2026-03", sources, "new-2026,FRA,signed,signatory\r\nnew-2026,FRA,withdrew,signatory,2026-06,withdrew_by_notice,new-a,\r\nnew-2026,DEU,signed,boss,2026-03,,new-a,\r\n",
			"actions.csv line 2: The row has 4 cells, the header 8. A comma within a cell needs quotation marks around the cell.\n" +
				"actions.csv line 4, capacity: “boss” is not one of: sponsor, co-sponsor, signatory, endorser, supporter, aligned."},
		{"2026-03", sources, "new-2026,FRA,withdrew,signatory,2026-06,withdrew_by_notice,new-a,maybe\r\nnew-2026,DEU,withdraws,signatory,2026-03,withdrew_by_notice,new-a,\r\n" +
			"new-2026,DEU,rejoined,signatory,2026-04,,new-a,\r\n",
			"actions.csv line 2, joining_not_recorded: “maybe” is neither yes nor no.\n" +
				"actions.csv line 3, action: “withdraws” is not one of: signed, endorsed, joined, aligned, withdrew, rejoined."},
	} {
		refused(t, loaded(t), folder(t, "declarations.csv", strings.Replace(declarations, "%s", c.adopted, 1), "sources.csv", c.sources, "actions.csv", actions+c.actions), c.want)
	}
}

// A problem names the column that its file has, whichever table the rules think of.
func TestColumnsOfProblems(t *testing.T) {
	s := loaded(t)
	one := func(name, text string) string { return write(t, filepath.Join(t.TempDir(), name), text) }
	const head = "declaration,participant,capacity,basis,status,since,until,departure_reason,disputed,source\r\n"
	refused(t, s, one("signatories.csv", head+
		"tech-trafficking-2025,FRA,signatory,named,left,2025-11-24,2026-01-05,angry,no,tip-sbs1\r\n"+
		"tech-trafficking-2025,DEU,signatory,named,left,2025-11-24,2025-11-01,withdrew_by_notice,no,tip-sbs1\r\n"+
		"tech-trafficking-2025,ITA,boss,guess,in_effect,2020-01-01,,,perhaps,tip-none\r\n"+
		"tech-trafficking-2025,ESP,signatory,named,left,2025-11-24,2026-01-05,,no,tip-sbs1\r\n"+
		"tech-trafficking-2025,QQQ,signatory,named,gone,2025-11-24,,,no,\r\n"),
		`signatories.csv line 2, departure_reason: “angry” is not one of: withdrew_by_notice, withdrawal_reported, dropped_unexplained, listed_in_error_participant, listed_in_error_sponsor, removed_by_keeper, entity_ceased.
signatories.csv line 3, until: 2025-11-01 is before the declaration began, 2025-11-24.
signatories.csv line 3, until: 2025-11-01 is before 2025-11-24, the date of the line before it.
signatories.csv line 4, basis: “guess” is not one of: named, implied_by_group.
signatories.csv line 4, capacity: “boss” is not one of: sponsor, co-sponsor, signatory, endorser, supporter, aligned.
signatories.csv line 4, disputed: “perhaps” is neither yes nor no.
signatories.csv line 4, since: 2020-01-01 is before the declaration began, 2025-11-24.
signatories.csv line 4, source: This declaration has no source tip-none. Add it to sources.csv, or write the key of another.
signatories.csv line 5, departure_reason: Choose why it left.
signatories.csv line 6, participant: The register knows nobody called “QQQ”. Try the code, or the official name.
signatories.csv line 6, source: Write the key of the source that says so.
signatories.csv line 6, status: “gone” is not one of: in_effect, left, unsettled, not_yet.`)
	refused(t, s, one("actions.csv", "declaration,participant,action,capacity,date,source\r\ntech-trafficking-2025,FRA,signed,boss,2025-11-24,tip-sbs1\r\n"),
		"actions.csv line 2, capacity: “boss” is not one of: sponsor, co-sponsor, signatory, endorser, supporter, aligned.")
	refused(t, s, one("declarations.csv", "declaration,kind,date,title,title_language\r\nnew-2026,letter,,A letter,English\r\n"),
		`declarations.csv line 2, date: Enter at least one date, or a participation.
declarations.csv line 2, title_language: “English” is no language code.`)
	refused(t, s, one("disputes.csv", "declaration,position,language,claim\r\ntech-trafficking-2025,7,en,A claim\r\ntech-trafficking-2025,7,Deutsch,Ein Satz\r\ntech-trafficking-2025,7,fr,\r\n"),
		`disputes.csv line 3, language: “Deutsch” is no language code.
disputes.csv line 4, claim: This may not be empty.`)
	// What was on record before has no cell here: the row that names the declaration is told.
	refused(t, s, one("declarations.csv", "declaration,adopted,presented,published,opened\r\ngeneva-consensus-2020,2020-10-23,,,\r\n"),
		"declarations.csv line 2, declaration: 2020-10-22 is before the declaration began, 2020-10-23.")
}

// Codes are what ISO and the United Nations give, each to one participant at a time, and are refused by line and column.
func TestD13_CodesThatCannotBe(t *testing.T) {
	const head = "participant,kind,name_en,iso2,iso3,m49,regional_group,valid_from,valid_to\r\n"
	s := loaded(t)
	refused(t, s, folder(t, "participants.csv", head+
		"QQA,other,A,AFG,zz,4,Mars,,\r\n"+
		"QQB,other,B,,JPN,392,,,\r\n"+
		"QQC,other,C,QC,QQC,,,2001-02-03,2001-02\r\n"+
		"QQD,other,D,QC,QQD,,,2001-02-04,2001-02-02\r\n"),
		`participants.csv line 2, iso2: “AFG” is no alpha-2 code. Such a code is two capital letters.
participants.csv line 2, iso3: “zz” is no alpha-3 code. Such a code is three capital letters.
participants.csv line 2, m49: “4” is no M49 code. Such a code is three figures with their zeros, as 004.
participants.csv line 2, regional_group: “Mars” is not one of: African, Asia-Pacific, Eastern European, GRULAC, WEOG.
participants.csv line 3, iso3: Another participant, JPN, has the code JPN at the same time.
participants.csv line 3, m49: Another participant, JPN, has the code 392 at the same time.
participants.csv line 5, valid_to: It ends before it begins.`)
	// Whoever came after an ended state may have its code.
	if r := brought(t, s, folder(t, "participants.csv", head+"QQA,other,A,,,890,,1992-04-27,\r\nQQB,other,B,QB,QQB,,,,2000-01-01\r\nQQC,other,C,QB,QQB,,,2000-01-01,\r\n")); r.Participants.New != 3 {
		t.Errorf("%+v", r)
	}
	refused(t, s, folder(t, "participants.csv", head+"QQC,other,C,QB,QQB,,,1999-12-30,\r\n"), `participants.csv line 2, iso2: Another participant, QQB, has the code QB at the same time.
participants.csv line 2, iso3: Another participant, QQB, has the code QQB at the same time.`)
}

func TestMoreProblemsThanAnybodyReads(t *testing.T) {
	var b strings.Builder
	b.WriteString("declaration,kind,date,title\r\n")
	for i := range 300 {
		fmt.Fprintf(&b, "x-%d,letter,soon,A letter\r\n", i)
	}
	_, err := bring(t, empty(t), folder(t, "declarations.csv", b.String()), intake.Options{})
	var problems *intake.Problems
	if !errors.As(err, &problems) || len(problems.Problems) != intake.MaxProblems || problems.More != 100 {
		t.Errorf("%v", err)
	}
}

func TestFilesThatAreNoTables(t *testing.T) {
	s := loaded(t)
	for name, c := range map[string]struct{ text, want string }{
		"empty":             {"", "actions.csv: This file is empty. It needs a header row."},
		"UTF-16":            {"\xff\xfed\x00e\x00c\x00l\x00", "actions.csv: This file is in UTF-16. Save it as CSV in UTF-8."},
		"UTF-16 unmarked":   {"d\x00e\x00c\x00l\x00a\x00r\x00a\x00t\x00", "actions.csv: This file is in UTF-16. Save it as CSV in UTF-8."},
		"binary":            {"GIF89a\x00\x00\x01", "actions.csv: This is no text. Save it as CSV in UTF-8."},
		"a PDF":             {"%PDF-1.7\n", "actions.csv: This is no text. Save it as CSV in UTF-8."},
		"Windows-1252":      {"declaration,action,name_as_printed\ntech-trafficking-2025,signed,C\xf4te\n", "actions.csv line 2, name_as_printed: This is no UTF-8, perhaps Windows-1252. Save the file as CSV in UTF-8."},
		"semicolons":        {"declaration;action;source\na;b;c\n", "actions.csv line 1: Cells are parted by semicolons or tabs. Save the file with commas."},
		"a quotation mark":  {"declaration,action\n\n\"a,b\n", "actions.csv line 3: A quotation mark is opened in this row and never closed."},
		"a stray mark":      {"declaration,action\na,b\"c\n", "actions.csv line 2: A quotation mark stands within a cell. Put the cell in quotation marks and double the one inside."},
		"behind a mark":     {"declaration,action\n\"a\"b,c\n", "actions.csv line 2: Something stands behind the closing quotation mark of a cell. Double a quotation mark that is part of the text."},
		"a long cell":       {"declaration,action\n\"" + strings.Repeat("x", 1<<20+1) + "\",c\n", "actions.csv line 2: A cell may have at most 1 MiB. Perhaps a quotation mark is not closed."},
		"a column twice":    {"declaration,action,action\n", "actions.csv line 1, action: This column stands twice. Leave one."},
		"a column missing":  {"declaration,participant\n", "actions.csv line 1, action: The file needs this column."},
		"a column too many": {"declaration,action,colour\n", "actions.csv line 1, colour: The file has no such column. The columns are: action_id, declaration, participant, participant_name, action, capacity, date, date_precision, public_date, reason, via_group, name_as_printed, source, note, revision, capacity_as_printed, printed_position, also_sources, place_in_source, joining_not_recorded, public_date_precision, via_group_name."},
	} {
		t.Run(name, func(t *testing.T) { refused(t, s, folder(t, "actions.csv", c.text), c.want) })
	}
	refused(t, s, write(t, filepath.Join(t.TempDir(), "my.csv"), "declaration,colour\r\na,b\r\n"), "my.csv line 1: The header is that of no file of the register. Closest is declarations.csv: missing –; not known colour. "+
		"The files are: participants.csv, aliases.csv, successors.csv, groups.csv, group_members.csv, group_aliases.csv, topics.csv, ambiguous.csv, addresses.csv, declarations.csv, "+
		"titles.csv, texts.csv, sources.csv, stated.csv, links.csv, actions.csv, signatories.csv, disputes.csv, retired.csv.")
	refused(t, s, write(t, filepath.Join(t.TempDir(), "m.csv"), "participant,participant_name,tech-trafficking-2025\r\n"), "m.csv: This file is worked out of others and is not imported. Import actions.csv instead.")
	none := folder(t)
	refused(t, s, none, filepath.Base(none)+": There is no file of the register here. There may be: "+known+".")
}

// zipped is a zip of files, in turn name and text.
func zipped(t testing.TB, pairs ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		f, err := z.Create(pairs[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, pairs[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const topic = "topic,name_en\r\ngardens,gardens\r\n"

func TestZips(t *testing.T) {
	s := loaded(t)
	var many []string
	for i := range 65 {
		many = append(many, fmt.Sprint(i, ".csv"), "x")
	}
	bomb := zipped(t, "topics.csv", topic+strings.Repeat("\r\n", 40<<20))
	lying := bytes.Clone(zipped(t, "topics.csv", topic+strings.Repeat("x,y\r\n", 1000)))
	at := bytes.LastIndex(lying, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(lying[at+24:], 40)
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"a path out":    {zipped(t, "../topics.csv", topic), "x.zip: The zip holds “../topics.csv”. Its files must stand side by side, in no other folder."},
		"a root":        {zipped(t, "/topics.csv", topic), "x.zip: The zip holds “/topics.csv”. Its files must stand side by side, in no other folder."},
		"a drive":       {zipped(t, "C:\\topics.csv", topic), "x.zip: The zip holds “C:\\topics.csv”. Its files must stand side by side, in no other folder."},
		"two folders":   {zipped(t, "a/topics.csv", topic, "b/topics.csv", topic), "x.zip: The zip holds “a/topics.csv”. Its files must stand side by side, in no other folder.\nx.zip: The zip holds “b/topics.csv”. Its files must stand side by side, in no other folder."},
		"twice":         {zipped(t, "topics.csv", topic, "topics.csv", topic), "topics.csv: This file is there twice. Leave one."},
		"many":          {zipped(t, many...), "x.zip: A package may have at most 64 files."},
		"a bomb":        {bomb, "x.zip: Unpacked, this zip is more than 200 times as large: it is not opened."},
		"a lie":         {lying, "topics.csv: This file cannot be read to its end: it is damaged. Get it again."},
		"half":          {zipped(t, "topics.csv", topic)[:60], "x.zip: This zip is damaged or broken off. Get it again."},
		"a spreadsheet": {zipped(t, "xl/workbook.xml", "<x/>"), "x.zip: There is no file of the register here. There may be: " + known + "."},
		"nothing":       {zipped(t), "x.zip: There is no file of the register here. There may be: " + known + "."},
		"for people":    {zipped(t, "README.md", "x"), "x.zip: There is no file of the register here. There may be: " + known + "."},
		"no descriptor": {zipped(t, "topics.csv", topic, "datapackage.json", "[]"), "datapackage.json: This is no Data Package descriptor. Get it again, or remove it."},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, s, write(t, filepath.Join(t.TempDir(), "x.zip"), string(c.b)), c.want)
		})
	}
	// A folder that was zipped as a whole, with what systems put beside it, is fine.
	r := brought(t, s, write(t, filepath.Join(t.TempDir(), "x.zip"), string(zipped(t, "register/topics.csv", topic, "register/.DS_Store", "x", "__MACOSX/register/._topics.csv", "x"))))
	if r.Topics.New != 1 || r.To != 28 {
		t.Errorf("%+v", r)
	}
}

const known = "participants.csv, aliases.csv, successors.csv, groups.csv, group_members.csv, group_aliases.csv, topics.csv, ambiguous.csv, addresses.csv, declarations.csv, " +
	"titles.csv, texts.csv, sources.csv, stated.csv, links.csv, actions.csv, signatories.csv, disputes.csv, retired.csv, history.jsonl, datapackage.json"

func TestFolders(t *testing.T) {
	s := loaded(t)
	outside := write(t, filepath.Join(t.TempDir(), "topics.csv"), topic)
	dir := folder(t)
	if err := os.Symlink(outside, filepath.Join(dir, "topics.csv")); err != nil {
		t.Fatal(err)
	}
	refused(t, s, dir, "topics.csv: This is no plain file, or a link that leads out of the folder. Put the file itself there.")
	dir = folder(t, "topics.csv", topic)
	if err := os.Mkdir(filepath.Join(dir, "older"), 0o700); err != nil {
		t.Fatal(err)
	}
	if r := brought(t, s, dir); r.Topics.New != 1 {
		t.Errorf("%+v", r)
	}
	refused(t, s, filepath.Join(dir, "none.zip"), filepath.Join(dir, "none.zip")+": There is no such file or folder, or it cannot be read.")
	refused(t, s, folder(t, "signed.csv", "x"), "signed.csv: A package has no such file. The files are: "+known+".")
}

// A later version of the program may put more into a package: what is not for this one is passed over, also as a file that the
// descriptor lists, and is still held against its checksum. A misspelt name is told.
func TestFilesOfLaterVersions(t *testing.T) {
	pack := files(t, edited(t), 0)["register.zip"]
	dir := unpacked(t, pack)
	descriptor, err := os.ReadFile(filepath.Join(dir, "datapackage.json"))
	if err != nil {
		t.Fatal(err)
	}
	const text = "vote,for\r\n1,2\r\n"
	list := func(dir, hash string) {
		t.Helper()
		said := strings.Replace(string(descriptor), `"resources": [`, `"resources": [{"name": "votes", "path": "votes.csv", "hash": "sha256:`+hash+`"}, `, 1)
		if said == string(descriptor) {
			t.Fatal("the descriptor lists no resources")
		}
		write(t, filepath.Join(dir, "datapackage.json"), said)
	}
	write(t, filepath.Join(dir, "votes.csv"), text)
	write(t, filepath.Join(dir, "NEWS.md"), "x")
	write(t, filepath.Join(dir, "shapes.parquet"), "x")
	refused(t, empty(t), dir, "votes.csv: A package has no such file. The files are: "+known+".")
	list(dir, fmt.Sprintf("%x", sha256.Sum256([]byte(text))))
	s := empty(t)
	if r := brought(t, s, dir); !r.History || r.To != head(t, s) {
		t.Errorf("%+v", r)
	}
	write(t, filepath.Join(dir, "votes.csv"), strings.Replace(text, "2", "3", 1))
	if _, err := bring(t, empty(t), dir, intake.Options{}); err == nil || !strings.HasPrefix(said(err), "votes.csv: This file was changed: its SHA-256 is ") {
		t.Errorf("%v", err)
	}
	// The tables without their history, too; in a zip as in a folder.
	write(t, filepath.Join(dir, "votes.csv"), text)
	var pairs []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if b, err := os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		} else if e.Name() != "history.jsonl" {
			pairs = append(pairs, e.Name(), string(b))
		}
	}
	brought(t, s, write(t, filepath.Join(t.TempDir(), "x.zip"), string(zipped(t, pairs...))))
	refused(t, s, write(t, filepath.Join(t.TempDir(), "x.zip"), string(zipped(t, append(pairs, "history2.JSONL", "x")...))), "history2.JSONL: A package has no such file. The files are: "+known+".")
	refused(t, s, write(t, filepath.Join(t.TempDir(), "x.zip"), string(zipped(t, append(pairs, "votes.csv", "x")...))), "votes.csv: This file is there twice. Leave one.")
}

// Whoever changes a file beside its history is told which, and what to do.
func TestFilesBesideTheirHistory(t *testing.T) {
	from := edited(t)
	pack := files(t, from, 0)["register.zip"]
	dir := unpacked(t, pack)
	b, err := os.ReadFile(filepath.Join(dir, "actions.csv"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "actions.csv"), strings.Replace(string(b), "Thailand", "Elbonia", 1))
	s := empty(t)
	_, err = bring(t, s, dir, intake.Options{})
	if err == nil || !strings.HasPrefix(said(err), "actions.csv: This file was changed: its SHA-256 is ") || !strings.HasSuffix(said(err), "remove history.jsonl.") {
		t.Errorf("%v", said(err))
	}
	dir = unpacked(t, pack, "titles.csv")
	refused(t, s, dir, "titles.csv: datapackage.json lists this file, but it is not there. Get the package again or, to import the files as they are, remove history.jsonl.")
	// A history alone is enough; a tampered one names the revision.
	dir = unpacked(t, pack, "datapackage.json")
	b, err = os.ReadFile(filepath.Join(dir, "history.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "history.jsonl"), strings.Replace(string(b), `"reason":"Staff"`, `"reason":"Nobody"`, 1))
	if _, err = bring(t, s, dir, intake.Options{}); err == nil || !strings.HasPrefix(said(err), "history.jsonl line 28: Revision 28 was altered: its hash is recorded as ") {
		t.Errorf("%v", said(err))
	}
	if head(t, s) != 0 {
		t.Error("something was kept")
	}
	// Into another register: refused, with the first revision that differs.
	other := loaded(t)
	change(t, other, "safe-schools-2015", func(d *register.Declaration) { d.Open = register.No })
	if _, err = bring(t, other, unpacked(t, pack), intake.Options{}); err == nil || !strings.HasPrefix(said(err), "history.jsonl line 28: This is another register’s history: revision 28 has the hash ") {
		t.Errorf("%v", said(err))
	}
}

// What staff changed is never overwritten.
func TestStaffChangesStand(t *testing.T) {
	s := loaded(t)
	pack := files(t, s, 0)["register.zip"]
	change(t, s, "safe-schools-2015", func(d *register.Declaration) { d.Texts[0].Notes = "Looked at again" })
	dir := unpacked(t, pack, "history.jsonl")
	refused(t, s, dir, "declarations.csv line "+lineWith(t, dir, "declarations.csv", "safe-schools-2015")+", declaration: Staff changed safe-schools-2015 in revision 28, after revision 27 that these rows carry. Export again and make your changes there.")
	// Exported again, the same file may be changed.
	dir = unpacked(t, files(t, s, 0)["register.zip"], "history.jsonl")
	b, err := os.ReadFile(filepath.Join(dir, "texts.csv"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "texts.csv"), strings.Replace(string(b), "Looked at again", "Looked at twice", 1))
	if r := brought(t, s, dir); r.Changed != 1 || r.Unchanged != 24 || r.To != 29 {
		t.Errorf("%+v", r)
	}
	// The reference data too.
	v, err := s.At(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	ref := register.NewReference(v.Ref.Participants, v.Ref.Groups, append(v.Ref.Topics[:len(v.Ref.Topics):len(v.Ref.Topics)], &register.Topic{Code: "gardens", Names: map[string]string{"en": "gardens"}}), v.Ref.Ambiguous)
	if _, err := s.Publish(context.Background(), store.Publication{Reference: ref, Reason: "x", ReasonLang: "en", Role: "publisher"}); err != nil {
		t.Fatal(err)
	}
	refused(t, s, folder(t, "topics.csv", "topic,name_en\r\ngardens,Gardens\r\n"), "topics.csv: Staff changed the reference data in revision 30, after revision 0 that the package is of. Export again and make your changes there.")
}

func lineWith(t *testing.T, dir, file, what string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	before, _, ok := strings.Cut(string(b), "\n"+what)
	if !ok {
		t.Fatalf("%s does not hold %s", file, what)
	}
	return fmt.Sprint(strings.Count(before, "\n") + 2)
}

// Without a whole package rows only add or correct; what a file does not say stays.
// What declarations.csv only repeats counts nowhere: where it says anything else than the table that counts, that is told, and
// never passed over as a register that is the same.
func TestRepeatedColumnsMayNotContradict(t *testing.T) {
	s := loaded(t)
	tables := files(t, s, 0)
	now := func() *register.Declaration {
		t.Helper()
		v, err := s.At(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		e, err := v.Declaration(t.Context(), "tech-trafficking-2025")
		if err != nil {
			t.Fatal(err)
		}
		return &e.Declaration
	}
	was := now().Titles[0].Text
	mended := func(dir string, name, column, value string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		rows := parse(t, string(b))
		for _, r := range rows[1:] {
			if r[slices.Index(rows[0], "declaration")] == "tech-trafficking-2025" {
				r[slices.Index(rows[0], column)] = value
				break
			}
		}
		var out strings.Builder
		w := csv.NewWriter(&out)
		if err := w.WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		write(t, path, out.String())
		return dir
	}
	for _, c := range [][3]string{{"title", "Another title", "titles.csv"}, {"event", "Another event", "texts.csv"}, {"place", "Elsewhere", "texts.csv"},
		{"summary", "Something else", "texts.csv"}, {"stated_count", "7", "stated.csv"}} {
		dir := mended(unpacked(t, tables["register.zip"], "history.jsonl"), "declarations.csv", c[0], c[1])
		_, err := bring(t, s, dir, intake.Options{})
		if got, want := said(err), c[0]+": “"+c[1]+"” differs from what "+c[2]+" says"; !strings.Contains(got, "declarations.csv line ") || !strings.Contains(got, want) || strings.Count(got, "\n") > 0 {
			t.Errorf("%s: %s", c[0], got)
		}
	}
	// The table that counts is mended, with the other left as it was and with both alike.
	dir := mended(unpacked(t, tables["register.zip"], "history.jsonl"), "titles.csv", "title", "Another title")
	if r := brought(t, s, dir); r.Changed != 1 || now().Titles[0].Text != "Another title" {
		t.Errorf("%+v", r)
	}
	change(t, s, "tech-trafficking-2025", func(d *register.Declaration) { d.Titles[0].Text = was })
	dir = mended(mended(unpacked(t, files(t, s, 0)["register.zip"], "history.jsonl"), "titles.csv", "title", "Yet another"), "declarations.csv", "title", "Yet another")
	if r := brought(t, s, dir); r.Changed != 1 || now().Titles[0].Text != "Yet another" {
		t.Errorf("%+v", r)
	}
	// Without that table the column counts.
	dir = mended(unpacked(t, files(t, s, 0)["register.zip"], "history.jsonl", "titles.csv"), "declarations.csv", "title", "A fourth")
	if r := brought(t, s, dir); r.Changed != 1 || !slices.ContainsFunc(now().Titles, func(x register.Title) bool { return x.Text == "A fourth" }) {
		t.Errorf("%+v", r)
	}
}

// What a name or a precision says is worked out: files of before these columns come in as they did, and a change of such a cell
// changes nothing (D22).
func TestD22_FilesWithoutTheColumnsThatCameLater(t *testing.T) {
	s := edited(t)
	want := files(t, s, 0)
	workedOut := func(column string) bool {
		return strings.HasSuffix(column, "_precision") || slices.Contains([]string{"participant_name", "group_name", "via_group_name", "successor_name", "sponsor_names",
			"presenter_delegation_name", "topic_names", "participant_names"}, column)
	}
	// remade is the package with every such cell as f makes it, or for nil without such columns.
	remade := func(f func(cell string) string) string {
		dir, n := unpacked(t, want["register.zip"], "history.jsonl"), 0
		for _, name := range export.Names() {
			if name == "matrix" || name == "revisions" {
				continue
			}
			path := filepath.Join(dir, name+".csv")
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			w := csv.NewWriter(&out)
			rows := parse(t, string(b))
			for i, row := range rows {
				var cells []string
				for j, cell := range row {
					switch {
					case !workedOut(rows[0][j]), i == 0 && f != nil:
						cells = append(cells, cell)
					case f != nil:
						cells = append(cells, f(cell))
						n++
					}
				}
				if err := w.Write(cells); err != nil {
					t.Fatal(err)
				}
			}
			w.Flush()
			write(t, path, out.String())
		}
		if f != nil && n < 1000 {
			t.Errorf("%d cells were changed", n)
		}
		return dir
	}
	for what, dir := range map[string]string{"of before": remade(nil), "changed": remade(func(cell string) string { return "=" + cell + "|x" }), "emptied": remade(func(string) string { return "" })} {
		if r := brought(t, s, dir); !r.Same {
			t.Errorf("%s, again: %+v", what, r)
		}
		to := empty(t)
		brought(t, to, dir)
		sameTables(t, what, files(t, to, 0), want)
	}
	// A file alone is known by what it has.
	single := write(t, filepath.Join(t.TempDir(), "mine.csv"), "group,participant,from,to\r\nASEAN,THA,1967-08-08,\r\n")
	with := write(t, filepath.Join(t.TempDir(), "mine.csv"), "group,participant,from,to,group_name,participant_name,from_precision,to_precision\r\nASEAN,THA,1967-08-08,,x,y,day,\r\n")
	for _, path := range []string{single, with} {
		if r := brought(t, s, path); !r.Same {
			t.Errorf("%+v", r)
		}
	}
}

func TestRowsOnlyAdd(t *testing.T) {
	s := loaded(t)
	one := func(name, text string) intake.Summary {
		t.Helper()
		return brought(t, s, write(t, filepath.Join(t.TempDir(), name), text))
	}
	actions := func() []register.Action {
		v, err := s.At(context.Background(), 0)
		if err != nil {
			t.Fatal(err)
		}
		e, err := v.Declaration(context.Background(), "tech-trafficking-2025")
		if err != nil {
			t.Fatal(err)
		}
		return e.Actions
	}
	before := actions()
	// A file with a byte order mark, line feeds and a spreadsheet's apostrophe; known by its header.
	text := "\ufeffdeclaration,participant,action,capacity,date,source,name_as_printed\ntech-trafficking-2025,FRA,endorsed,endorser,2025-11-24,tip-sbs1,'=France\n"
	if r := one("new.csv", text); r.Changed != 1 || r.To != 28 {
		t.Errorf("%+v", r)
	}
	now := actions()
	if len(now) != len(before)+1 || now[len(now)-1].NameAsPrinted != "=France" || now[0].Note != before[0].Note {
		t.Errorf("%+v", now[len(now)-1])
	}
	if r := one("new.csv", text); !r.Same {
		t.Errorf("the same file again: %+v", r)
	}
	// An action is corrected by its number.
	if r := one("new.csv", fmt.Sprintf("action_id,declaration,participant,action,note\n%d,tech-trafficking-2025,KOR,endorsed,Mended\n", now[0].ID)); r.Changed != 1 {
		t.Errorf("%+v", r)
	}
	if x := actions()[0]; x.Note != "Mended" || x.Source != before[0].Source || x.ID != before[0].ID {
		t.Errorf("%+v", x)
	}
	// A list of signatories brings those that are not recorded.
	r := one("cosignatory-signatories-2026-01-01-r5.csv", "declaration,participant,capacity,status,since,until,departure_reason,source,basis\n"+
		"tech-trafficking-2025,FRA,endorser,in_effect,2025-11-24,,,tip-sbs1,named\n"+
		"tech-trafficking-2025,ITA,signatory,left,2025-11-24,2026-02,withdrew_by_notice,tip-sbs1,named\n"+
		"tech-trafficking-2025,ESP,signatory,in_effect,2026-01-05,,,tip-sbs1,named\n"+
		"tech-trafficking-2025,DEU,signatory,in_effect,2025-11-24,,,tip-sbs1,implied_by_group\n")
	now = actions()[len(before)+1:]
	var got []string
	for _, a := range now {
		got = append(got, a.Participant+" "+string(a.Kind)+" "+a.Date.String())
	}
	if want := "ITA signed 2025-11-24, ITA withdrew 2026-02, ESP joined 2026-01-05"; strings.Join(got, ", ") != want || r.Changed != 1 {
		t.Errorf("%v, want %s", got, want)
	}
	// A declaration in one file.
	if r := one("d.csv", "declaration,kind,date,title,title_language,summary,open\nnew-2026,letter,2026-02,\"A, letter\",en,About,no\n"); r.New != 1 {
		t.Errorf("%+v", r)
	}
	if err := s.Verify(context.Background(), nil); err != nil {
		t.Error(err)
	}
}

func TestDryRunWritesNothing(t *testing.T) {
	from := edited(t)
	pack := files(t, from, 0)["register.zip"]
	for name, dir := range map[string]string{"history": unpacked(t, pack), "tables": unpacked(t, pack, "history.jsonl")} {
		for into, s := range map[string]*store.Store{"an empty register": empty(t), "the shipped register": loaded(t)} {
			if name == "history" && into == "the shipped register" {
				// It is the same register, at revision 27.
				into = "a mirror"
			}
			before, err := os.ReadFile(s.Path())
			if err != nil {
				t.Fatal(err)
			}
			trial, err := bring(t, s, dir, intake.Options{DryRun: true})
			if err != nil {
				t.Fatal(said(err))
			}
			after, err := os.ReadFile(s.Path())
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(before, after) || !trial.DryRun {
				t.Errorf("%s into %s: a trial changed the file", name, into)
			}
			done := brought(t, s, dir)
			trial.DryRun = false
			if done != trial {
				t.Errorf("%s into %s: the trial said %+v, it did %+v", name, into, trial, done)
			}
		}
	}
}

func FuzzPackage(f *testing.F) {
	f.Add("actions.csv", []byte("declaration,participant,action,capacity,source\r\ntech-trafficking-2025,FRA,endorsed,endorser,tip-sbs1\r\n"))
	f.Add("declarations.csv", []byte("declaration,kind,date\r\na,letter,2020\r\n"))
	f.Add("topics.csv", []byte(topic))
	f.Add("x.zip", zipped(f, "topics.csv", topic))
	f.Add("retired.csv", []byte("declaration,merged_into,record\r\na,b,\"{\"\"slug\"\":\"\"a\"\",\"\"kind\"\":\"\"letter\"\",\"\"merged_into\"\":\"\"b\"\"}\"\r\n"))
	f.Add("participants.csv", []byte("\"\n"))
	f.Add("x.zip", zipped(f, "history.jsonl", "{}", "datapackage.json", "{}"))
	b, err := shipped()
	if err != nil {
		f.Fatal(err)
	}
	path := filepath.Join(f.TempDir(), "register.db")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		f.Fatal(err)
	}
	s := opened(f, path)
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		p, err := intake.ReadPackage(bytes.NewReader(b), int64(len(b)), filepath.Base(name))
		if err == nil {
			_, err = p.Import(context.Background(), s, intake.Options{DryRun: true})
		}
		var problems *intake.Problems
		if err != nil && (!errors.As(err, &problems) || len(problems.Problems) == 0) {
			t.Errorf("%v", err)
		}
		if err != nil {
			said(err)
		}
		if n := head(t, s); n != 27 {
			t.Errorf("%d revisions", n)
		}
	})
}
