package main

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// required are the requirements of levels 1 and 2 of the standard, by section: what is missing between the numbers was deleted from
// it, or is of level 3.
var required = map[string]string{
	"1.1": "1-7", "1.2": "1-4", "1.4": "1 4 5", "1.5": "1-4", "1.6": "1-4", "1.7": "1-2", "1.8": "1-2", "1.9": "1-2", "1.10": "1", "1.11": "1-2", "1.12": "2", "1.14": "1-6",
	"2.1": "1-12", "2.2": "1-3", "2.3": "1-3", "2.4": "1-5", "2.5": "1-7", "2.6": "1-3", "2.7": "1-6", "2.8": "1-7", "2.9": "1-3", "2.10": "1-4",
	"3.1": "1", "3.2": "1-4", "3.3": "1-4", "3.4": "1-5", "3.5": "1-3", "3.7": "1",
	"4.1": "1-3 5", "4.2": "1-2", "4.3": "1-3",
	"5.1": "1-5", "5.2": "1-8", "5.3": "1-10", "5.4": "1-3", "5.5": "1-4",
	"6.1": "1-3", "6.2": "1-6", "6.3": "1-2", "6.4": "1-2",
	"7.1": "1-4", "7.2": "1-2", "7.3": "1 3 4", "7.4": "1-3",
	"8.1": "1-4", "8.2": "1-3", "8.3": "1-8",
	"9.1": "1-3", "9.2": "1-4",
	"10.2": "1-2", "10.3": "1-3",
	"11.1": "1-8",
	"12.1": "1-3", "12.2": "1", "12.3": "1-6", "12.4": "1-2", "12.5": "1-2", "12.6": "1",
	"13.1": "1 3-5", "13.2": "1-3 5 6", "13.3": "1-2", "13.4": "1-2",
	"14.1": "1-4", "14.2": "1-6", "14.3": "2 3", "14.4": "1-7", "14.5": "1-4",
}

// TestSecurityTable: every requirement of the standard has a row, and every row of the table in .github/SECURITY.md says how it is met and names tests that there are, or gives a
// reason.
func TestSecurityTable(t *testing.T) {
	b, err := os.ReadFile("../../.github/SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(b), "## OWASP ASVS")
	if !ok {
		t.Fatal("there is no table")
	}
	tests := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	if err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		for _, m := range declared.FindAllSubmatch(b, -1) {
			tests[string(m[1])] = true
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("^`Test\\w+`(, `Test\\w+`)*$")
	reason := regexp.MustCompile(`^(not applicable because|open because|by review:) \S.{8,}`)
	rows, seen, answered := 0, map[string]bool{}, map[string]int{}
	for line := range strings.SplitSeq(table, "\n") {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| ---") || strings.HasPrefix(line, "| ASVS") {
			continue
		}
		rows++
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		if len(cells) != 4 {
			t.Errorf("%d cells: %s", len(cells), line)
			continue
		}
		for _, c := range cells {
			if strings.TrimSpace(c) == "" {
				t.Errorf("an empty cell: %s", line)
			}
		}
		if seen[cells[0]] {
			t.Errorf("%s stands twice", cells[0])
		}
		seen[cells[0]] = true
		for _, n := range numbers(cells[0]) {
			if answered[n]++; answered[n] > 1 {
				t.Errorf("%s is answered twice", n)
			}
		}
		switch {
		case named.MatchString(cells[3]):
			for _, name := range strings.Split(strings.ReplaceAll(cells[3], "`", ""), ", ") {
				if !tests[name] {
					t.Errorf("%s: there is no test %s", cells[0], name)
				}
			}
		case !reason.MatchString(cells[3]):
			t.Errorf("%s: neither tests nor a reason: %s", cells[0], cells[3])
		}
	}
	if rows < 180 {
		t.Errorf("only %d rows", rows)
	}
	for section, which := range required {
		for part := range strings.FieldsSeq(which) {
			first, last, _ := strings.Cut(part, "-")
			for _, n := range numbers(section + "." + first + "–" + section + "." + cmp.Or(last, first)) {
				if answered[n] == 0 {
					t.Errorf("%s has no row", n)
				}
				delete(answered, n)
			}
		}
	}
	for n := range answered {
		t.Errorf("%s is no requirement of levels 1 and 2", n)
	}
}

// numbers are the requirements that the first cell of a row names: one, or those from one to another of a section. Rows that are
// about none name none.
func numbers(cell string) (all []string) {
	first, last, several := strings.Cut(cell, "–")
	if !several {
		last = first
	}
	i, j := strings.LastIndexByte(first, '.'), strings.LastIndexByte(last, '.')
	if i < 0 || j < 0 || first[:i] != last[:j] {
		return nil
	}
	from, err1 := strconv.Atoi(first[i+1:])
	to, err2 := strconv.Atoi(last[j+1:])
	if err1 != nil || err2 != nil {
		return nil
	}
	for n := from; n <= to; n++ {
		all = append(all, first[:i+1]+strconv.Itoa(n))
	}
	return all
}
