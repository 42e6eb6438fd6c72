package export_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cosignatory/web/export"
)

func packed(t testing.TB, o export.Options) (whole []byte, files map[string][]byte, names []string) {
	t.Helper()
	whole = made(t, func(w io.Writer) error { return export.WritePackage(context.Background(), w, o) })
	z, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	files = map[string][]byte{}
	for _, f := range z.File {
		if !f.Modified.Equal(published) {
			t.Errorf("%s is of %s", f.Name, f.Modified)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
		names = append(names, f.Name)
	}
	return whole, files, names
}

func TestPackage(t *testing.T) {
	o := options(t, loaded(t), "")
	whole, files, names := packed(t, o)
	again, _, _ := packed(t, o)
	if !bytes.Equal(whole, again) {
		t.Error("the same revision gives other bytes")
	}
	want := []string{"README.md", "LICENSE.txt", "CITATION.cff", "CHANGELOG.md"}
	for _, name := range export.Names() {
		want = append(want, name+".csv")
	}
	if want = append(want, "history.jsonl", "datapackage.json", "SHA256SUMS"); !slices.Equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
	sums := ""
	for _, name := range names[:len(names)-1] {
		sums += fmt.Sprintf("%x  %s\n", sha256.Sum256(files[name]), name)
	}
	if string(files["SHA256SUMS"]) != sums {
		t.Errorf("SHA256SUMS is not of the files before it:\n%s", files["SHA256SUMS"])
	}
	var d struct {
		Schema    string `json:"$schema"`
		Version   string
		Created   string
		Resources []struct {
			Name, Path, Hash string
			Bytes            int
			Schema           struct {
				Fields     []struct{ Name, Description string }
				PrimaryKey []string
			}
		}
	}
	if err := json.Unmarshal(files["datapackage.json"], &d); err != nil {
		t.Fatal(err)
	}
	if d.Schema != "https://datapackage.org/profiles/2.0/datapackage.json" || d.Version != "27" || d.Created != "2026-11-23T09:30:00Z" || len(d.Resources) != len(export.Names())+1 {
		t.Errorf("%+v", d)
	}
	changes := string(files["CHANGELOG.md"])
	if !strings.HasPrefix(changes, "# What changed, revision by revision\n\n## 27 · 2026-11-23T09:30:00Z · ") || strings.Count(changes, "\n## ") != 27 || !strings.Contains(changes, "\n## 1 · ") {
		t.Errorf("CHANGELOG.md:\n%s", changes[:min(len(changes), 500)])
	}
	o.Raw = true
	for _, r := range d.Resources {
		b := files[r.Path]
		sum := sha256.Sum256(b)
		if r.Hash != "sha256:"+hex.EncodeToString(sum[:]) || r.Bytes != len(b) {
			t.Errorf("%s: %s and %d bytes are not of the file", r.Path, r.Hash, r.Bytes)
		}
		if r.Name == export.History {
			continue
		}
		if !bytes.Equal(b, made(t, func(w io.Writer) error { return export.Write(context.Background(), w, r.Name, o) })) {
			t.Errorf("%s is not the raw file", r.Path)
		}
		for i, c := range export.Columns(r.Name) {
			if r.Schema.Fields[i].Name != c.Name || r.Schema.Fields[i].Description == "" {
				t.Errorf("%s: %+v", r.Name, r.Schema.Fields[i])
			}
		}
		rows := records(t, b)
		seen := map[string]bool{}
		for _, row := range rows {
			key := ""
			for _, k := range r.Schema.PrimaryKey {
				key += row[k] + "\x1f"
			}
			if key != "" && seen[key] {
				t.Errorf("%s: the key %q stands twice", r.Name, key)
			}
			seen[key] = true
		}
	}
}

// The README's few lines of Python check the chain, and find what was altered.
func TestPackageIsCheckedWithoutThisProgram(t *testing.T) {
	python, err := exec.LookPath("python3")
	needs(t, err == nil, "python3")
	_, files, _ := packed(t, hostile(t, loaded(t)))
	var script []string
	for _, line := range strings.Split(string(files["README.md"]), "\n") {
		if code, ok := strings.CutPrefix(line, "    "); ok && !strings.HasPrefix(code, "cosignatory ") {
			script = append(script, code)
		}
	}
	dir := t.TempDir()
	check := func(history []byte) error {
		if err := os.WriteFile(filepath.Join(dir, "history.jsonl"), history, 0o600); err != nil {
			t.Fatal(err)
		}
		c := exec.Command(python, "-c", strings.Join(script, "\n")+"\nprint(r['revision'])")
		c.Dir = dir
		out, err := c.CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		if string(out) != "28\n" {
			return fmt.Errorf("%s", out)
		}
		return nil
	}
	if err := check(files["history.jsonl"]); err != nil {
		t.Error(err)
	}
	if err := check(bytes.Replace(files["history.jsonl"], []byte("캄보디아"), []byte("Elbonia"), 1)); err == nil || !strings.Contains(err.Error(), "AssertionError: 1") {
		t.Errorf("an altered name: %v", err)
	}
}

func TestPackageToADiskThatIsFull(t *testing.T) {
	o := options(t, loaded(t), "")
	for left := 0; left < 400_000; left += 40_000 {
		full := io.ErrShortWrite
		if err := export.WritePackage(context.Background(), &limited{left: left, err: full}, o); err == nil {
			t.Errorf("%d bytes of room: no error", left)
		}
	}
}
