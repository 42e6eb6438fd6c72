package web

import (
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// searched is one line of testdata/searches.tsv.
type searched struct {
	line              int
	lang, query, want string
}

func searches(t *testing.T) (list []searched) {
	t.Helper()
	b, err := os.ReadFile("testdata/searches.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(b), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		columns := strings.Split(line, "\t")
		if len(columns) < 3 {
			t.Fatalf("line %d has %d columns", i+1, len(columns))
		}
		list = append(list, searched{i + 1, columns[0], columns[1], columns[2]})
	}
	return list
}

var hitLinks = regexp.MustCompile(`(?s)<h3[^>]*>\s*<a href="/../([^"]*)"`)

// firstOf are what the first things found lead to: participants/KOR, topics/human-rights, declarations/….
func firstOf(page string, n int) (list []string) {
	for _, m := range hitLinks.FindAllStringSubmatch(page, n) {
		list = append(list, strings.Replace(m[1], "declarations?topic=", "topics/", 1))
	}
	return list
}

// answers says whether what is wanted stands among the first found.
func answers(want string, first []string) bool {
	for either := range strings.SplitSeq(want, "|") {
		all := true
		for each := range strings.SplitSeq(either, "+") {
			all = all && slices.Contains(first, each)
		}
		if all {
			return true
		}
	}
	return false
}

// Of what readers type, at least 98 in 100 find what they should among the first three.
func TestSearchFinds(t *testing.T) {
	s := newSite(t)
	list := searches(t)
	missed := 0
	for _, c := range list {
		a := s.page(t, "/"+c.lang+"/search?q="+url.QueryEscape(c.query))
		if first := firstOf(a.body, 3); !answers(c.want, first) {
			missed++
			t.Logf("line %d: %q in %s finds %v, not %s", c.line, c.query, c.lang, first, c.want)
		}
	}
	t.Logf("%d of %d found among the first three", len(list)-missed, len(list))
	if len(list) < 60 || missed*50 > len(list) {
		t.Errorf("%d of %d searches do not find what they should among the first three", missed, len(list))
	}
}
