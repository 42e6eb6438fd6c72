package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"

	"cosignatory/seed"
	"cosignatory/store/register"
)

// pasted is a text with what a careful reader records of it.
type pasted struct {
	file, text string

	Lang           string   `json:"lang"`
	Form           string   `json:"form"`
	Date           string   `json:"date"`
	List           *bool    `json:"list"` // false: the signatories stand in running prose
	Signatories    []string `json:"signatories"`
	NotSignatories []string `json:"not_signatories"`
	Ask            []string `json:"ask"`       // strings that a person has to be asked about
	Ambiguous      []string `json:"ambiguous"` // the same
	Unknown        []string `json:"unknown"`
	Stated         []int    `json:"stated"`
	StatedCount    *int     `json:"stated_count"`
	Groups         []struct {
		Phrase    string   `json:"phrase"`
		Members   []string `json:"members"`
		Expansion []string `json:"expansion"`
	} `json:"groups"`
}

// readPasted reads the texts of a folder: NNN-name.txt with NNN-name.json beside it.
func readPasted(dir string) ([]pasted, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	var all []pasted
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		p := pasted{file: strings.TrimSuffix(filepath.Base(f), ".json")}
		if err := json.Unmarshal(b, &p); err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
		text, err := os.ReadFile(strings.TrimSuffix(f, ".json") + ".txt")
		if err != nil {
			return nil, err
		}
		p.text = string(text)
		all = append(all, p)
	}
	return all, nil
}

// score is how well texts were read.
type score struct {
	texts, named, ticked, wrong, offered, asked, needless int
	lists, listsTicked                                    int // named in lists, and those of them that were ticked
	stated, statedFound, groups, groupsFound              int
	bytes                                                 int
	time                                                  time.Duration
}

func (s *score) add(t score) {
	s.texts += t.texts
	s.named += t.named
	s.ticked += t.ticked
	s.wrong += t.wrong
	s.offered += t.offered
	s.asked += t.asked
	s.needless += t.needless
	s.lists += t.lists
	s.listsTicked += t.listsTicked
	s.stated += t.stated
	s.statedFound += t.statedFound
	s.groups += t.groups
	s.groupsFound += t.groupsFound
	s.bytes += t.bytes
	s.time += t.time
}

// read reads one text and compares. What went wrong goes to out, a line each.
func (p *pasted) read(r *register.Recogniser, ref *register.Reference, out io.Writer) score {
	date, err := register.ParseDate(p.Date)
	if err != nil {
		date = register.Date{}
	}
	begun := time.Now()
	got := r.Read(p.text, date)
	s := score{texts: 1, bytes: len(p.text), time: time.Since(begun), named: len(p.Signatories)}
	list := p.List == nil || *p.List
	if list {
		s.lists = len(p.Signatories)
	}
	fair := append(slices.Clone(p.Ask), p.Ambiguous...)
	var members []string
	for _, g := range p.Groups {
		members = append(append(members, g.Members...), g.Expansion...)
	}
	say := func(format string, args ...any) { fmt.Fprintf(out, "  %s: %s\n", p.file, fmt.Sprintf(format, args...)) }
	offered := map[string]bool{}
	for _, f := range got.Finds {
		is := slices.Contains(p.Signatories, f.Participant) && f.Participant != ""
		asked := f.Certainty == register.Ask
		switch {
		case f.Certainty == register.Certain && is:
			s.ticked++
			if list {
				s.listsTicked++
			}
			offered[f.Participant] = true
		case f.Certainty == register.Certain && ended(ref, f.Participant):
			// The answers beside other people's texts know no codes of states that are no more.
		case f.Certainty == register.Certain:
			s.wrong++
			say("WRONG %q ticked as %s (%s)", f.Text, f.Participant, f.Reason)
		case f.Certainty == register.Likely && is, asked && is:
			offered[f.Participant] = true
			say("not ticked %q %s (%s %s)", f.Text, f.Participant, f.Certainty, f.Reason)
		}
		if f.Participant == "" {
			for _, c := range f.Candidates {
				if slices.Contains(p.Signatories, c) {
					is = true
					offered[c] = true
				}
			}
			if is {
				say("not ticked %q %v (%s %s)", f.Text, f.Candidates, f.Certainty, f.Reason)
			}
		}
		if asked {
			s.asked++
		}
		if !is && (asked || f.Certainty == register.Likely || f.Certainty == register.Unmatched) {
			wanted := slices.ContainsFunc(append(fair, p.Unknown...), func(a string) bool { return strings.Contains(a, f.Text) || strings.Contains(f.Text, a) }) || f.Reason == "negated" || f.Reason == "presenter" || slices.Contains(members, f.Participant)
			if !wanted {
				s.needless++
				say("needless %q %s %v (%s %s)", f.Text, f.Participant, f.Candidates, f.Certainty, f.Reason)
			}
		}
	}
	for _, code := range p.Signatories {
		if offered[code] {
			s.offered++
		} else {
			say("MISSED %s", code)
		}
	}
	wanted := slices.Clone(p.Stated)
	if p.StatedCount != nil {
		wanted = append(wanted, *p.StatedCount)
	}
	for _, n := range wanted {
		s.stated++
		if slices.ContainsFunc(got.Stated, func(f register.FoundNumber) bool { return f.Count == n }) {
			s.statedFound++
		} else {
			say("number %d not found among %v", n, got.Stated)
		}
	}
	for _, g := range p.Groups {
		s.groups++
		want := append(slices.Clone(g.Members), g.Expansion...)
		sort.Strings(want)
		if slices.ContainsFunc(got.Groups, func(f register.FoundGroup) bool {
			have := slices.Clone(f.Members)
			sort.Strings(have)
			return slices.Equal(have, want)
		}) {
			s.groupsFound++
		} else {
			say("group %q not found", g.Phrase)
		}
	}
	return s
}

func ended(ref *register.Reference, code string) bool {
	p := ref.Participant(code)
	return p != nil && p.ValidTo.Known()
}

// recognition reads the texts of folders and prints how well, by language and by form.
func recognition(dirs []string, out, details io.Writer) (score, error) {
	ref, err := seed.Reference()
	if err != nil {
		return score{}, err
	}
	r := register.NewRecogniser(ref)
	var all score
	byLang := map[string]*score{}
	for _, dir := range dirs {
		texts, err := readPasted(dir)
		if err != nil {
			return all, err
		}
		for i := range texts {
			p := &texts[i]
			s := p.read(r, ref, details)
			all.add(s)
			kind := p.Lang + ", list"
			if p.List != nil && !*p.List {
				kind = p.Lang + ", prose"
			}
			if byLang[kind] == nil {
				byLang[kind] = &score{}
			}
			byLang[kind].add(s)
		}
	}
	fmt.Fprintln(out, "| texts | number | named | wrongly ticked, per thousand ticked | offered | ticked | asked, a text | needless questions, a name | numbers | groups |")
	fmt.Fprintln(out, "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
	line := func(what string, s *score) {
		percent := func(a, b int) string {
			if b == 0 {
				return "–"
			}
			return fmt.Sprintf("%.1f %%", 100*float64(a)/float64(b))
		}
		each := func(a, b int) string {
			if b == 0 {
				return fmt.Sprint(a)
			}
			return fmt.Sprintf("%.2f", float64(a)/float64(b))
		}
		perThousand := 0.0
		if s.ticked+s.wrong > 0 {
			perThousand = 1000 * float64(s.wrong) / float64(s.ticked+s.wrong)
		}
		fmt.Fprintf(out, "| %s | %d | %d | %.1f (%d) | %s | %s | %s | %s | %d/%d | %d/%d |\n", what, s.texts, s.named, perThousand, s.wrong, percent(s.offered, s.named), percent(s.ticked, s.named),
			each(s.asked, s.texts), each(s.needless, s.named), s.statedFound, s.stated, s.groupsFound, s.groups)
	}
	var kinds []string
	for k := range byLang {
		kinds = append(kinds, k)
	}
	sort.Strings(kinds)
	for _, k := range kinds {
		line(k, byLang[k])
	}
	line("**all**", &all)
	fmt.Fprintf(out, "\nIn lists %d of %d named were ticked. %d bytes were read in %v: 10,000 bytes in %.2f ms.\n", all.listsTicked, all.lists, all.bytes, all.time.Round(time.Microsecond),
		float64(all.time.Microseconds())/1000*10_000/float64(max(1, all.bytes)))
	return all, nil
}

// ownTexts are the texts written for the project, otherTexts other people's where they lie beside it.
const (
	ownTexts   = "store/register/testdata/recognise"
	otherTexts = "../shared/examples/paste"
)

// recognitions adds the tables of recognition to the report: the project's own texts, and the examples where they are. Run from the
// project's folder; elsewhere there are no texts, and the report says so.
func (b *bench) recognitions() error {
	for _, set := range []struct{ name, dir string }{{"texts written for the project", ownTexts}, {"other people's texts", otherTexts}} {
		if _, err := os.Stat(set.dir); err != nil {
			b.note("Recognition: %s are not here (%s).", set.name, set.dir)
			continue
		}
		var table strings.Builder
		s, err := recognition([]string{set.dir}, &table, io.Discard)
		if err != nil {
			return err
		}
		b.tables = append(b.tables, "Recognition, "+set.name+": aims are no wrong tick, 98 % offered, 90 % ticked in lists, at most 0.10 needless questions a name, 10 ms.\n\n"+table.String())
		if set.dir == ownTexts && (s.wrong > 0 || s.offered*100 < s.named*98 || s.listsTicked*100 < s.lists*90 || s.needless*10 > s.named) {
			b.unread++
		}
	}
	return nil
}
