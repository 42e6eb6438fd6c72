package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
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

// asProgram has the test binary run a command, as the program would: its arguments, a line each.
const asProgram = "COSIGNATORY_TEST_ARGUMENTS"

// TestAsProgram is no test but the program, for the commands of the README.
func TestAsProgram(t *testing.T) {
	args, ok := os.LookupEnv(asProgram)
	if !ok {
		t.Skip("for TestReadmeOperates")
	}
	os.Unsetenv(asProgram)
	if code := Main(context.Background(), strings.Split(args, "\n"), os.Stdout, os.Stderr); code != done {
		os.Exit(code)
	}
}

// What the README says of moving, upgrading and going back is done here word for word, with a folder in the place of
// /var/lib/cosignatory and without systemd: each time the register is the same afterwards.
func TestReadmeOperates(t *testing.T) {
	program(t, "", "unzip")
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := func(title string) []string {
		t.Helper()
		_, chapter, ok := strings.Cut(string(readme), "\n### "+title+"\n")
		chapter, _, _ = strings.Cut(chapter, "\n##")
		var all []string
		for _, m := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(chapter, -1) {
			all = append(all, m[1])
		}
		if !ok || len(all) == 0 {
			t.Fatalf("the README has no commands for %s", title)
		}
		return all
	}
	install, moving, grades := blocks("Install"), blocks("Moving to another machine"), blocks("Upgrade, downgrade")
	if len(install) != 2 || len(moving) != 2 || len(grades) != 2 {
		t.Fatalf("%d, %d and %d blocks of commands, want two each", len(install), len(moving), len(grades))
	}
	carried, bin := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		"cosignatory": asProgram + "=\"$(printf '%s\\n' \"$@\")\" exec '" + os.Args[0] + "' '-test.run=^TestAsProgram$'",
		"runuser":     `[ "$1 $2 $3" = "-u cosignatory --" ]; shift 3; exec "$@"`,
		"systemctl":   `exit 0`,
		"scp":         `exec cp "$1" "${2#new.example.org:}"`,
		"install":     `[ "$1 $2 $3 $4" = "-o cosignatory -g cosignatory" ] || exit 0; shift 4; exec /usr/bin/install "$@"`,
	} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/bash\nset -e\n"+text+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	shell := func(folder, commands string) {
		t.Helper()
		commands = strings.NewReplacer("/var/lib/cosignatory", folder, "/root/", carried+"/", "before-migration-N", "before-migration-9").Replace(commands)
		c := exec.Command("bash", "-euc", commands)
		c.Dir = folder
		c.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s\n%s", err, commands, out)
		}
	}
	before, after := t.TempDir(), t.TempDir()
	register := func(folder string) string { return filepath.Join(folder, "cosignatory.db") }
	same := func(db, other, says string) {
		t.Helper()
		if code, out, errs := run("verify", "--without-files", "--db", db, "--against", other); code != done || !strings.Contains(out, says) {
			t.Errorf("%s%s", out, errs)
		}
	}
	for _, folder := range []string{before, after} {
		if code, _, errs := run("seed", "--db", register(folder)); code != done {
			t.Fatal(errs)
		}
	}
	presented(t, register(before), "Somebody who moves")
	shell(before, install[1]+moving[0])
	shell(after, install[1]+moving[1])
	same(register(after), register(before), "the same, up to revision 28")

	// What the newer program copied before it changed the file; then it published.
	shell(after, install[1]+grades[0])
	if code, _, errs := run("backup", "--db", register(after), register(after)+".before-migration-9"); code != done {
		t.Fatal(errs)
	}
	presented(t, register(after), "Somebody after the upgrade")
	shell(after, install[1]+grades[1])
	same(register(after), register(after)+".before-migration-9", "the same up to revision 28")
	same(register(after), register(after)+".before-restore-2", "the same, up to revision 29")
}
