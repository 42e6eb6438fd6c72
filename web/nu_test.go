package web

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"cosignatory/store"
	"cosignatory/templates/i18n"
)

// Every page of readers and of staff, in every language, is valid HTML to the Nu HTML checker. COSIGNATORY_VNU is the path of its
// vnu.jar (npm: vnu-jar), which wants Java; CI sets it.
func TestNuHTMLChecker(t *testing.T) {
	jar := os.Getenv("COSIGNATORY_VNU")
	if jar == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("COSIGNATORY_VNU is not set: pages cannot be checked with the Nu HTML checker")
		}
		t.Skip("COSIGNATORY_VNU does not name the vnu.jar of the Nu HTML checker (npm: vnu-jar)")
	}
	s := newSite(t)
	staff := s.as(t, "pub", store.Publisher)
	draft := strings.TrimPrefix(staff.start("tech-trafficking-2025"), "/en/staff")
	staffPages := []string{"", draft, draft + "/check", draft + "/history", "/declarations/tech-trafficking-2025", "/declarations/tech-trafficking-2025/retire",
		"/reference", "/reference/participants", "/reference/participants/NLD", "/reference/groups/EU", "/reference/topics", "/account", "/sign-in", "/bring"}
	questions := []string{"/compare", "/compare?d=geneva-consensus-2020&d=tech-trafficking-2025&group=ASEAN", "/compare?p=KOR&p=JPN&p=FRA", "/matrix?order=similarity",
		"/declarations/geneva-consensus-2020/growth", "/participants/KOR/together", "/participants/KOR/led", "/groups/EU/signing", componentsPath}
	folder := t.TempDir()
	of := map[string]string{} // address of a page by the name of its file
	keep := func(address string, a *answer) {
		if a.doc == nil {
			t.Errorf("%s is no page: %d", address, a.StatusCode)
			return
		}
		name := fmt.Sprintf("%04d.html", len(of))
		of[name] = address
		if err := os.WriteFile(filepath.Join(folder, name), []byte(a.body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, l := range i18n.Languages() {
		for _, path := range append(questions, publicPages...) {
			keep("/"+l.Code+path, s.ask(t, "GET", "/"+l.Code+path))
		}
		for _, path := range staffPages {
			keep("/"+l.Code+"/staff"+path, staff.get("/"+l.Code+"/staff"+path))
		}
	}
	check := exec.Command("java", "-jar", jar, "--exit-zero-always", "--format", "gnu", folder)
	var said, failed bytes.Buffer
	check.Stdout, check.Stderr = &failed, &said // it speaks on standard error
	if err := check.Run(); err != nil {
		t.Fatalf("java -jar %s: %v\n%s%s", jar, err, failed.String(), said.String())
	}
	for line := range strings.Lines(said.String()) {
		if !strings.Contains(line, ": error: ") && !strings.Contains(line, ": fatal: ") {
			continue // hints and matters of taste
		}
		_, line, _ = strings.Cut(line, folder+"/")
		name, rest, _ := strings.Cut(line, "\":")
		t.Errorf("%s: %s", of[name], strings.TrimSpace(rest))
	}
	if len(of) < 6*50 {
		t.Errorf("only %d pages were checked", len(of))
	}
}
