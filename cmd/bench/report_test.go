package main

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
)

// The report has a row for every promise: held only where all that was measured of it holds, and with a word why where nothing was.
func TestReport(t *testing.T) {
	b := &bench{small: 1, large: 2, each: 3, runs: 1}
	b.line("P1", "far below", 0.2, 0.6, "2 s", "10 s")
	b.line("P7", "near", 1.4, 1.5, "1", "1")
	b.line("P7", "beyond", 1.6, 1.5, "1", "1")
	b.least("P5", "above", 0.9, 0.45, "9/s", "10/s")
	b.least("P10", "below", 0.3, 0.4, "3/s", "10/s")
	b.least("P14", "above too", 6, 5, "6/s", "1/s")
	b.missing("P14", "another program, which is not here")
	b.missing("P11", "no command line")
	head, rest, ok := strings.Cut(b.report(), "\n## All measurements\n")
	if !ok {
		t.Fatal("the report has no list of all measurements")
	}
	for promise, want := range map[string]string{
		"P1": `0\.20: far below \| ≤ 0\.60 \| held \|  \|`, "P7": `1\.60: beyond \| ≤ 1\.50 \| \*\*not held\*\* \| to be found out`,
		"P5": `0\.90: above \| ≥ 0\.45 \| held`, "P10": `0\.30: below \| ≥ 0\.40 \| \*\*not held\*\*`, "P11": `not measured \| no command line`,
		"P14": `6\.00: above too \| ≥ 5\.00 \| held \| not measured: another program`, "P2": `not measured \| not part of this run`, beyondBusy: `not measured`,
	} {
		if !regexp.MustCompile(`(?m)^\| ` + promise + ` \| .*` + want).MatchString(head) {
			t.Errorf("%s: no row with %s in\n%s", promise, want, head)
		}
	}
	for _, p := range promises {
		if n := strings.Count(head, "| "+p.number+" |"); n != 1 {
			t.Errorf("%s has %d rows", p.number, n)
		}
	}
	if n := strings.Count(rest, "| P7 |"); n != 2 {
		t.Errorf("%d measurements of P7, want both", n)
	}
	if n := b.broken(); n != 2 {
		t.Errorf("%d promises do not hold, want P7 and P10", n)
	}
	measured := map[string]bool{}
	for _, p := range parts {
		for _, n := range p.promises {
			measured[n] = true
		}
	}
	for _, p := range promises {
		if !measured[p.number] {
			t.Errorf("no part measures %s", p.number)
		}
	}
}

// A part that fails leaves its promises unmeasured with the reason, and the parts after it are measured all the same.
func TestAPartThatFailsIsSaid(t *testing.T) {
	was := parts
	defer func() { parts = was }()
	after := false
	parts = []part{
		{"first", []string{"P1"}, func(context.Context, *bench, string, string) error { return errors.New("the disk is full") }},
		{"second", []string{"P2"}, func(context.Context, *bench, string, string) error { after = true; return nil }},
	}
	b := &bench{}
	if err := b.measure(context.Background(), nil, "", ""); err == nil || !after {
		t.Errorf("the error is %v; the part after was measured: %v", err, after)
	}
	if !strings.Contains(b.report(), "not measured | the part “first” failed: the disk is full") {
		t.Error("the report does not say why P1 was not measured")
	}
}
