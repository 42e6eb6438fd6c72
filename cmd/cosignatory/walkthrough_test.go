package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// What the README says of three figures is what its own commands give, from a register that has gone on since (D26).
func TestReadmeFiguresAreReproduced(t *testing.T) {
	const python = "/usr/bin/python3" // Debian's, for which it has pandas
	if err := exec.Command(python, "-c", "import pandas").Run(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("pandas is not installed: the figures of the README cannot be reproduced")
		}
		t.Skip("pandas is not installed: install it (Debian: apt-get install python3-pandas) to reproduce the figures of the README")
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, chapter, ok := strings.Cut(string(readme), "\n## A figure, reproduced\n")
	chapter, _, _ = strings.Cut(chapter, "\n## ")
	block := func(language string) string {
		m := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindStringSubmatch(chapter)
		if !ok || m == nil {
			t.Fatalf("the README has no commands in %s", language)
		}
		return m[1]
	}
	commands, program := block("sh"), block("python")
	var want []string
	for _, m := range regexp.MustCompile(`(?m)^# → (.*)$`).FindAllStringSubmatch(program, -1) {
		want = append(want, m[1])
	}
	if len(want) < 3 {
		t.Fatalf("the README promises %d figures, want three", len(want))
	}
	base, db := serving(t)
	publish(t, db)
	folder := t.TempDir()
	for _, c := range []*exec.Cmd{
		exec.Command("bash", "-euc", strings.Replace(commands, "http://127.0.0.1:8080", base, 1)),
		exec.Command(python, "-c", program),
	} {
		c.Dir = folder
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if c.Path == python && strings.TrimSpace(string(out)) != strings.Join(want, "\n") {
			t.Errorf("the README promises\n%s\nand its commands give\n%s", strings.Join(want, "\n"), out)
		}
	}
}
