package i18n

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template"
)

// formNames lists the forms that CLDR gives a language.
var formNames = map[string][]string{
	"en": {"one", "other"},
	"fr": {"one", "many", "other"},
	"es": {"one", "many", "other"},
	"ar": {"zero", "one", "two", "few", "many", "other"},
	"zh": {"other"},
	"ru": {"one", "few", "many", "other"},
}

// single lists the forms that stand for one number alone, so that the text may write it out ("one state", "دولتان").
// Russian "one" is also 21 and French "one" also 0: they have to print Count.
var single = map[string][]string{"en": {"one"}, "es": {"one"}, "ar": {"zero", "one", "two"}}

// entry is one message as its file has it.
type entry struct {
	plural bool              // written as an object of forms
	forms  map[string]string // by the file's own names; a bare text is "other"
}

// read parses a catalogue strictly: flat, no key twice, only texts and objects of forms.
func read(b []byte) (map[string]entry, error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("no object (%v)", err)
	}
	out := map[string]entry{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, err
		}
		key := t.(string)
		if _, twice := out[key]; twice {
			return nil, fmt.Errorf("%s stands twice", key)
		}
		t, err = dec.Token()
		if err != nil {
			return nil, err
		}
		e := entry{forms: map[string]string{}}
		switch v := t.(type) {
		case string:
			e.forms["other"] = v
		case json.Delim:
			if v != '{' {
				return nil, fmt.Errorf("%s is a list", key)
			}
			e.plural = true
			for dec.More() {
				t, err := dec.Token()
				if err != nil {
					return nil, err
				}
				form := t.(string)
				if _, twice := e.forms[form]; twice {
					return nil, fmt.Errorf("%s has %q twice", key, form)
				}
				var text string
				if err := dec.Decode(&text); err != nil {
					return nil, fmt.Errorf("%s: %w", key, err)
				}
				if form != "description" { // a word to translators
					e.forms[form] = text
				}
			}
			if _, err := dec.Token(); err != nil {
				return nil, err
			}
		default:
			return nil, fmt.Errorf("%s is %v", key, v)
		}
		out[key] = e
	}
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	return out, nil
}

// placeholders are the names that a text fills in, sorted.
func placeholders(text string) []string {
	names := map[string]bool{}
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		names[m[1]] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// all are the placeholders of all forms, sorted.
func (e entry) all() []string {
	return placeholders(strings.Join(slices.Collect(maps.Values(e.forms)), "\n"))
}

// faults says what is wrong with one language's catalogue, beside English.
func faults(lang string, cat, en map[string]entry) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for key := range en {
		if _, ok := cat[key]; !ok {
			say("%s is missing", key)
		}
	}
	for key, e := range cat {
		ref, ok := en[key]
		if !ok {
			say("%s is not in en.json", key)
			continue
		}
		for form, text := range e.forms {
			if strings.TrimSpace(text) == "" {
				say("%s (%s) is empty", key, form)
			}
			if _, err := template.New("").Parse(text); err != nil {
				say("%s (%s): %v", key, form, err)
			}
			if !slices.Contains(formNames[lang], form) {
				say("%s has a form %q, which %s has not", key, form, lang)
			}
		}
		if e.plural || ref.plural {
			for _, form := range formNames[lang] {
				if _, ok := e.forms[form]; !ok {
					say("%s lacks the form %q", key, form)
				}
			}
			if want := ref.all(); !slices.Contains(want, count) {
				say("%s has plural forms, but no {{.Count}}", key)
			}
		}
		for form, text := range e.forms {
			got, want := placeholders(text), ref.all()
			if slices.Contains(single[lang], form) && !slices.Contains(got, count) {
				want = slices.DeleteFunc(want, func(s string) bool { return s == count })
			}
			if !slices.Equal(got, want) {
				say("%s (%s) fills in %v, want %v", key, form, got, want)
			}
		}
	}
	slices.Sort(out)
	return out
}

// catalogues reads the catalogues of this build, by language.
func catalogues(t *testing.T) map[string]map[string]entry {
	t.Helper()
	names, err := filepath.Glob("*.json")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]entry{}
	for _, name := range names {
		lang := strings.TrimSuffix(name, ".json")
		if formNames[lang] == nil {
			t.Errorf("%s is the catalogue of no language of the register", name)
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		cat, err := read(b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[lang] = cat
	}
	if len(out[reference]) == 0 {
		t.Fatal("no English")
	}
	return out
}

func TestCatalogues(t *testing.T) {
	cats := catalogues(t)
	for lang, cat := range cats {
		for _, f := range faults(lang, cat, cats[reference]) {
			t.Errorf("%s.json: %s", lang, f)
		}
		// And go-i18n reads the same out of it.
		p, ok := For(lang)
		if !ok {
			t.Errorf("For(%q) has no printer", lang)
			continue
		}
		for key, e := range cat {
			for f, name := range map[form]string{other: "other", zero: "zero", one: "one", two: "two", few: "few", many: "many"} {
				if m := p.messages[key]; m == nil || m.texts[f].source != e.forms[name] {
					t.Errorf("%s: %s (%s) is not what %s.json says", lang, key, name, lang)
				}
			}
		}
		if len(p.messages) != len(cat) {
			t.Errorf("%s: %d messages from %d keys", lang, len(p.messages), len(cat))
		}
	}
}

// TestFaults shows that every rule of TestCatalogues can fail.
func TestFaults(t *testing.T) {
	en := `{"a": "A {{.X}}", "n": {"one": "{{.Count}} x of {{.Of}}", "other": "{{.Count}} xs of {{.Of}}"}}`
	for _, test := range []struct{ lang, cat, want string }{
		{"fr", `{"a": "{{.X}} a", "n": {"one": "{{.Count}} {{.Of}}", "many": "{{.Count}} {{.Of}}", "other": "{{.Of}} {{.Count}}"}}`, ""},
		{"ar", `{"a": "{{.X}}", "n": {"zero": "{{.Of}}", "one": "{{.Of}}", "two": "{{.Of}}", "few": "{{.Count}}{{.Of}}", "many": "{{.Count}}{{.Of}}", "other": "{{.Count}}{{.Of}}"}}`, ""},
		{"zh", `{"a": "{{.X}}", "n": "{{.Count}} {{.Of}}"}`, ""},
		{"zh", `{"a": "{{.X}}"}`, "n is missing"},
		{"zh", `{"a": "{{.X}}", "n": "{{.Count}} {{.Of}}", "z": "z"}`, "z is not in en.json"},
		{"zh", `{"a": " ", "n": "{{.Count}} {{.Of}}"}`, "a (other) is empty"},
		{"zh", `{"a": "{{.Y}}", "n": "{{.Count}} {{.Of}}"}`, "a (other) fills in [Y], want [X]"},
		{"zh", `{"a": "{{.X}", "n": "{{.Count}} {{.Of}}"}`, "a (other): template"},
		{"zh", `{"a": "{{.X}}", "n": {"one": "{{.Count}} {{.Of}}", "other": "{{.Count}} {{.Of}}"}}`, `n has a form "one"`},
		{"en", `{"a": "{{.X}}", "n": {"one": "x", "other": "{{.Count}} {{.Of}}"}}`, "n (one) fills in [], want [Of]"},
		{"fr", `{"a": "{{.X}}", "n": {"one": "{{.Of}}", "many": "{{.Count}} {{.Of}}", "other": "{{.Of}} {{.Count}}"}}`, "n (one) fills in [Of], want [Count Of]"},
		{"fr", `{"a": "{{.X}}", "n": {"one": "{{.Count}} {{.Of}}", "other": "{{.Of}} {{.Count}}"}}`, `n lacks the form "many"`},
		{"ru", `{"a": "{{.X}}", "n": "{{.Of}} {{.Count}}"}`, `n lacks the form "few"`},
		{"en", `{"a": {"one": "{{.X}}", "other": "{{.X}}"}, "n": {"one": "{{.Of}}", "other": "{{.Of}} {{.Count}}"}}`, "a has plural forms, but no {{.Count}}"},
	} {
		ref, err := read([]byte(en))
		if err != nil {
			t.Fatal(err)
		}
		cat, err := read([]byte(test.cat))
		if err != nil {
			t.Fatal(err)
		}
		got := faults(test.lang, cat, ref)
		if test.want == "" && len(got) != 0 || test.want != "" && !strings.Contains(strings.Join(got, "\n"), test.want) {
			t.Errorf("%s %s: %q, want %q", test.lang, test.cat, got, test.want)
		}
	}
	for _, bad := range []string{`{"a": "x", "a": "y"}`, `{"a": {"one": "x", "one": "y"}}`, `{"a": {"b": {"c": "d"}}}`, `{"a": 1}`, `{"a": ["x"]}`, `[]`, `{"a": "x"`} {
		if _, err := read([]byte(bad)); err == nil {
			t.Errorf("%s is read", bad)
		}
	}
}

// call is one T("…") in a source.
type call struct {
	at     string
	key    string // a literal key, or the literal that a made-up key begins with
	prefix bool
	names  []string // the arguments' names
	open   bool     // the arguments are not all written out: names says only some
}

// source is what the sources say about keys.
type source struct {
	calls    []call
	literals map[string]bool // every string literal
}

// templCall finds calls of T in templ sources, which no Go parser reads.
var templCall = regexp.MustCompile(`\bT\(`)

// quoted finds string literals in templ sources.
var quoted = regexp.MustCompile("\"(?:[^\"\\\\\n]|\\\\.)*\"")

// goFile reads a Go source: its syntax, so that comments do not count.
func (s *source) goFile(name string, b []byte) error {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, b, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	imports := map[*ast.BasicLit]bool{}
	for _, i := range f.Imports {
		imports[i.Path] = true
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING && !imports[l] {
			if text, err := strconv.Unquote(l.Value); err == nil {
				s.literals[text] = true
			}
		}
		if c, ok := n.(*ast.CallExpr); ok {
			s.call(fset.Position(c.Pos()).String(), c)
		}
		return true
	})
	return nil
}

// templFile reads a templ source: string literals outside of // comments, and the calls of T as Go expressions.
func (s *source) templFile(name string, b []byte) error {
	lines := strings.Split(string(b), "\n")
	for i, line := range lines {
		if strings.HasPrefix(strings.TrimSpace(line), "//") {
			lines[i] = ""
		}
	}
	text := strings.Join(lines, "\n")
	for _, q := range quoted.FindAllString(text, -1) {
		if l, err := strconv.Unquote(q); err == nil {
			s.literals[l] = true
		}
	}
	for _, at := range templCall.FindAllStringIndex(text, -1) {
		where := fmt.Sprintf("%s:%d", name, 1+strings.Count(text[:at[0]], "\n"))
		e, err := parser.ParseExpr(balanced(text[at[0]:]))
		if err != nil {
			return fmt.Errorf("%s: cannot read this T(: %v", where, err)
		}
		if c, ok := e.(*ast.CallExpr); ok {
			s.call(where, c)
		}
	}
	return nil
}

// balanced is the text up to the parenthesis that closes its first one.
func balanced(text string) string {
	var sc scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(text))
	sc.Init(file, []byte(text), func(token.Position, string) {}, 0)
	for depth := 0; ; {
		pos, tok, _ := sc.Scan()
		switch tok {
		case token.LPAREN:
			depth++
		case token.RPAREN:
			if depth--; depth == 0 {
				return text[:file.Offset(pos)+1]
			}
		case token.EOF:
			return text
		}
	}
}

// call records a call of T whose key begins with a literal.
func (s *source) call(at string, c *ast.CallExpr) {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		if f.Name != "T" {
			return
		}
	case *ast.SelectorExpr:
		if f.Sel.Name != "T" {
			return
		}
	default:
		return
	}
	if len(c.Args) == 0 {
		return
	}
	found := call{at: at, open: c.Ellipsis.IsValid()}
	key := c.Args[0]
	for {
		if sum, ok := key.(*ast.BinaryExpr); ok && sum.Op == token.ADD {
			key, found.prefix = sum.X, true
			continue
		}
		break
	}
	literal := func(e ast.Expr) (string, bool) {
		l, ok := e.(*ast.BasicLit)
		if !ok || l.Kind != token.STRING {
			return "", false
		}
		text, err := strconv.Unquote(l.Value)
		return text, err == nil
	}
	var ok bool
	if found.key, ok = literal(key); !ok {
		return
	}
	args := c.Args[1:]
	if found.open && len(args) > 0 {
		args = args[:len(args)-1]
	}
	for i := 0; i < len(args); i += 2 {
		name, ok := literal(args[i])
		if !ok {
			found.open = true
			break
		}
		if i+1 == len(args) && !found.open {
			name += " (no value)"
		}
		found.names = append(found.names, name)
	}
	s.calls = append(s.calls, found)
}

// used says whether a source writes the key, or a beginning of it that ends in a dot.
func (s *source) used(key string) bool {
	if s.literals[key] {
		return true
	}
	for i := 1; i < len(key); i++ {
		if key[i-1] == '.' && s.literals[key[:i]] {
			return true
		}
	}
	return false
}

// faults says where sources and the English catalogue disagree.
func (s *source) faults(en map[string]entry) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for key := range en {
		if !s.used(key) {
			say("%s is used by no source", key)
		}
	}
	for _, c := range s.calls {
		if c.prefix {
			if !strings.HasSuffix(c.key, ".") {
				say("%s: the literal beginning %q of a key does not end in a dot", c.at, c.key)
			} else if !slices.ContainsFunc(slices.Collect(maps.Keys(en)), func(k string) bool { return strings.HasPrefix(k, c.key) }) {
				say("%s: no key begins with %q", c.at, c.key)
			}
			continue
		}
		e, ok := en[c.key]
		if !ok {
			say("%s: %q is in no catalogue", c.at, c.key)
			continue
		}
		for _, name := range e.all() {
			if !c.open && !slices.Contains(c.names, name) {
				say("%s: %s wants {{.%s}}", c.at, c.key, name)
			}
		}
		for _, name := range c.names {
			if !slices.Contains(e.all(), name) {
				say("%s: %s has no {{.%s}}", c.at, c.key, name)
			}
		}
	}
	slices.Sort(out)
	return out
}

// sources reads all Go and templ sources under a folder, except tests and what templ generates.
func sources(dir string) (*source, error) {
	s := &source{literals: map[string]bool{}}
	return s, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if path != dir && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		read := s.templFile
		switch {
		case strings.HasSuffix(name, "_templ.go"), strings.HasSuffix(name, "_test.go"):
			return nil
		case strings.HasSuffix(name, ".go"):
			read = s.goFile
		case !strings.HasSuffix(name, ".templ"):
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return read(path, b)
	})
}

func TestSources(t *testing.T) {
	s, err := sources("../..")
	if err != nil {
		t.Fatal(err)
	}
	if !s.literals[unknownDate] {
		t.Fatal("the sources were not found")
	}
	for _, f := range s.faults(catalogues(t)[reference]) {
		t.Error(f)
	}
}

// TestSourceFaults shows that every rule of TestSources can fail, in Go and in templ.
func TestSourceFaults(t *testing.T) {
	en, err := read([]byte(`{"a": "A", "kind.x": "X", "n": {"one": "{{.Count}} of {{.Of}}", "other": "{{.Count}} of {{.Of}}"}}`))
	if err != nil {
		t.Fatal(err)
	}
	const fine = `p.T("a"), p.T("kind." + k), p.T("n", "Count", f(1, ")"), "Of", x)`
	for _, test := range []struct{ code, want string }{
		{fine, ""},
		{`"a", "kind.", p.T("n", args...)`, ""},
		{`p.T(key), "a", p.T("kind." + k + ".y"), p.T("n", name, 1)`, ""},
		{`p.T("a"), p.T("n", "Count", 1, "Of", x)`, "kind.x is used by no source"},
		{`p.T("kind." + k), p.T("n", "Count", 1, "Of", x)`, "a is used by no source"},
		{fine + `, p.T("b")`, `"b" is in no catalogue`},
		{fine + `, p.T("a" + k)`, `the literal beginning "a" of a key does not end in a dot`},
		{fine + `, p.T("sort." + k)`, `no key begins with "sort."`},
		{fine + `, p.T("n", "Count", 1)`, "n wants {{.Of}}"},
		{fine + `, p.T("n", "Count", 1, "Of")`, "n wants {{.Of}}"},
		{fine + `, p.T("n", "Count", 1, "Of", 2, "For", 3)`, "n has no {{.For}}"},
	} {
		for kind, read := range map[string]func(*source) error{
			"Go": func(s *source) error {
				return s.goFile("x.go", []byte("package x\n\n// T(\"comment\")\nvar _ = []any{\n"+test.code+",\n}\n"))
			},
			"templ": func(s *source) error {
				return s.templFile("x.templ", []byte("package x\n\n// T(\"comment\")\ntempl X() {\n\t<p class=\"p\">{ join("+test.code+") } it's \"so\n</p>\n}\n"))
			},
		} {
			s := &source{literals: map[string]bool{}}
			if err := read(s); err != nil {
				t.Errorf("%s %s: %v", kind, test.code, err)
				continue
			}
			got := strings.Join(s.faults(en), "\n")
			if test.want == "" && got != "" || !strings.Contains(got, test.want) {
				t.Errorf("%s %s:\n got %q\nwant %q", kind, test.code, got, test.want)
			}
		}
	}
}
