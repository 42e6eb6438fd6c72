package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// Scripts read the numbers, the finds with their places and the groups; nothing is recorded, and no database is needed.
func TestRecogniseCommand(t *testing.T) {
	text := "Signed by Albania, Belguim and the EU and its member states, on behalf of 44 countries.\n"
	t.Chdir(t.TempDir())
	status, out, errs := runWith(text, "recognise", "--date", "2025-11-24")
	if status != done {
		t.Fatalf("status %d: %s", status, errs)
	}
	var got struct {
		Stated []int
		Finds  []struct {
			Text, Participant, Certainty, Reason string
			Start, End                           int
			Candidates                           []string
		}
		Groups []struct {
			Text, Group string
			Members     []string
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	var finds []string
	for _, f := range got.Finds {
		if text[f.Start:f.End] != f.Text {
			t.Errorf("%q is not what stands at %d", f.Text, f.Start)
		}
		finds = append(finds, f.Participant+" "+f.Certainty)
	}
	if s := strings.Join(finds, ", "); s != "ALB certain, BEL likely, EUE certain" || len(got.Stated) != 1 || got.Stated[0] != 44 {
		t.Errorf("finds %s, numbers %v", s, got.Stated)
	}
	if len(got.Groups) != 1 || got.Groups[0].Group != "EU" || len(got.Groups[0].Members) != 27 {
		t.Errorf("groups %v", got.Groups)
	}
	for _, c := range []struct {
		args   []string
		in     string
		status int
		says   string
	}{
		{[]string{"recognise"}, "\x89PNG\r\n\x1a\n\x00", failed, "This is a picture"},
		{[]string{"recognise", "--date", "24/11/2025"}, "", usage, "write it as YYYY-MM-DD"},
		{[]string{"recognise", filepath.Join("no", "file")}, "", failed, "check the path"},
		{[]string{"recognise", "."}, "", failed, "cosignatory: cannot read .: it is a folder. Give the path of a file\n"},
		{[]string{"recognise", "a", "b"}, "", usage, "takes one file"},
	} {
		if status, _, errs := runWith(c.in, c.args...); status != c.status || !strings.Contains(errs, c.says) {
			t.Errorf("%v: status %d, %s", c.args, status, errs)
		}
	}
}
