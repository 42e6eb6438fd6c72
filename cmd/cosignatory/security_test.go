package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSecurityTable: every row of the table in .github/SECURITY.md says how it is met and names tests that there are, or gives a
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
	rows, seen := 0, map[string]bool{}
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
	if rows < 150 {
		t.Errorf("only %d rows", rows)
	}
}
