package main

import (
	"encoding/json"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// The house: which room may import which. A room that is not listed here does not exist.
var house = map[string][]string{
	"store/register":  {},
	"store":           {"store/register"},
	"seed":            {"store", "store/register"},
	"templates/i18n":  {"store/register"},
	"templates/ui":    {"store/register", "templates/i18n"},
	"templates/pages": {"store/register", "templates/i18n", "templates/ui"},
	"templates/staff": {"store/register", "templates/i18n", "templates/ui", "templates/pages"},
	"web/export":      {"store", "store/register", "templates/i18n"},
	"web/auth":        {"store"},
	"web/feed":        {"store/register"},
	"web/form":        {"store/register"},
	"web/intake":      {"store", "store/register", "templates/i18n", "web/export"},
	"web":             {"store", "store/register", "templates/i18n", "templates/ui", "templates/pages", "templates/staff", "web/export", "web/auth", "web/feed", "web/form", "web/intake"},
	"cmd/cosignatory": {"*"},
	"cmd/madeup":      {"*"},
	"cmd/bench":       {"*"},
	"cmd/soak":        {"*"},
}

// Modules that only one room may know.
var only = map[string]string{
	"github.com/mattn/go-sqlite3":   "store",
	"github.com/pressly/goose/v3":   "store",
	"database/sql":                  "store",
	"github.com/labstack/echo/v4":   "web",
	"github.com/spf13/cobra":        "cmd/cosignatory",
	"github.com/nicksnyder/go-i18n": "templates/i18n",
	"github.com/prometheus":         "web",
}

func TestHouse(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "cosignatory/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	seen := map[string]bool{}
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		room := strings.TrimPrefix(p.ImportPath, "cosignatory/")
		seen[room] = true
		may, ok := house[room]
		if !ok {
			t.Errorf("the room %s is not in the plan of the house", room)
			continue
		}
		for _, i := range p.Imports {
			if to, own := strings.CutPrefix(i, "cosignatory/"); own && !allowed(may, to) {
				t.Errorf("%s imports %s: the arrow runs the wrong way", room, to)
			}
			for module, owner := range only {
				if (i == module || strings.HasPrefix(i, module+"/")) && room != owner && !strings.HasPrefix(room, "cmd/") {
					t.Errorf("%s imports %s, which only %s may know", room, i, owner)
				}
			}
		}
	}
	for room := range house {
		if !seen[room] {
			t.Errorf("the room %s of the plan is empty", room)
		}
	}
}

func allowed(may []string, to string) bool {
	for _, m := range may {
		if m == "*" || m == to {
			return true
		}
	}
	return false
}
