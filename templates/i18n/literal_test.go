package i18n

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"
)

// spoken are attributes whose values are read to readers.
var spoken = []string{"alt", "title", "placeholder", "aria-label", "aria-description", "aria-roledescription", "label"}

// shown are the fields of view models that readers see as words.
var shown = []string{"Text", "Label", "Sentence", "Title", "S", "Caption", "Message", "Words", "Heading", "Lead", "Explain", "Empty", "Hint", "Description", "Note", "Wrong", "Accepted"}

// wordless are literals that readers may see in every language: marks, codes, units of a program, the register's name.
var wordless = map[string]bool{"Cosignatory": true, "CSV": true, "JSON": true, "Excel": true, "R": true, "Python": true, "SQL": true, "DuckDB": true, "URL": true, "JavaScript": true,
	"SHA-256": true, "UTF-8": true, "M49": true, "x-default": true}

// words says that a text holds a word of some language.
func words(text string) bool {
	text = strings.TrimSpace(text)
	letters := 0
	for _, r := range text {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	address := strings.HasPrefix(text, "/") && !strings.Contains(text, " ")
	return letters > 1 && !address && !wordless[text]
}

// literal is the value of a string literal, or of a sum that has one with words in it.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, err := strconv.Unquote(e.Value)
			return text, err == nil
		}
	case *ast.BinaryExpr:
		if text, ok := literal(e.X); ok && words(text) {
			return text, true
		}
		return literal(e.Y)
	case *ast.ParenExpr:
		return literal(e.X)
	}
	return "", false
}

// literals are the words for readers that a Go source holds itself: in what templ made of a template, in the fields of view
// models, in ui.Plain.
func literals(name string, source any) ([]string, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var out []string
	say := func(n ast.Node, text string) { out = append(out, fmt.Sprintf("%s: %q", fset.Position(n.Pos()), text)) }
	var page strings.Builder // the literal parts of all templates of the file, in their order
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			called, _ := n.Fun.(*ast.SelectorExpr)
			if called == nil || len(n.Args) == 0 {
				return true
			}
			text, ok := literal(n.Args[len(n.Args)-1])
			switch called.Sel.Name {
			case "WriteString":
				if room, _ := called.X.(*ast.Ident); ok && room != nil && room.Name == "templruntime" {
					page.WriteString(text)
				}
			case "JoinStringErrs", "Plain":
				if ok && words(text) {
					say(n, text)
				}
			}
		case *ast.KeyValueExpr:
			if key, _ := n.Key.(*ast.Ident); key != nil && slices.Contains(shown, key.Name) {
				if text, ok := literal(n.Value); ok && words(text) {
					say(n, text)
				}
			}
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				if field, _ := l.(*ast.SelectorExpr); field != nil && i < len(n.Rhs) && slices.Contains(shown, field.Sel.Name) {
					if text, ok := literal(n.Rhs[i]); ok && words(text) {
						say(n, text)
					}
				}
			}
		}
		return true
	})
	z := html.NewTokenizer(strings.NewReader(page.String()))
	code := 0 // depth in elements that hold what is typed, not read
	for z.Next() != html.ErrorToken {
		t := z.Token()
		typed := t.Data == "code" || t.Data == "pre" || t.Data == "script" || t.Data == "style"
		switch t.Type {
		case html.StartTagToken:
			if typed {
				code++
			}
			for _, a := range t.Attr {
				if slices.Contains(spoken, a.Key) && words(a.Val) {
					out = append(out, fmt.Sprintf("%s: %s=%q", name, a.Key, a.Val))
				}
			}
		case html.EndTagToken:
			if typed {
				code--
			}
		case html.TextToken:
			if code <= 0 && words(t.Data) {
				out = append(out, fmt.Sprintf("%s: %q", name, strings.TrimSpace(t.Data)))
			}
		}
	}
	return out, nil
}

// Words for readers stand in the catalogues and nowhere else: not in templates, not in view models, not in handlers.
func TestNoWordsOutsideTheCatalogues(t *testing.T) {
	files := 0
	for _, dir := range []string{"..", "../../web"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && d.Name() == "export" {
				return filepath.SkipDir // files are the same in every language
			}
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			files++
			found, err := literals(path, nil)
			for _, x := range found {
				t.Errorf("words outside the catalogues: %s", x)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 50 {
		t.Errorf("only %d files were read", files)
	}
}

// TestLiterals shows that every rule of TestNoWordsOutsideTheCatalogues can fail.
func TestLiterals(t *testing.T) {
	for _, test := range []struct{ code, want string }{
		{`templruntime.WriteString(b, 1, "<p class=\"quiet\">")`, ""},
		{`templruntime.WriteString(b, 1, "<p>Signed by</p>")`, "Signed by"},
		{`templruntime.WriteString(b, 1, "<p>· – ×</p><code>pd.read_csv</code>")`, ""},
		{`templruntime.WriteString(b, 1, "<input placeholder=\"Find\">")`, "Find"},
		{`templruntime.WriteString(b, 1, "<a href=\""); templruntime.WriteString(b, 2, "\">ليس هنا</a>")`, "ليس هنا"},
		{`templ.JoinStringErrs(p.T("a.key"))`, ""},
		{`templ.JoinStringErrs(" · " + name)`, ""},
		{`templ.JoinStringErrs(name + " and others")`, "and others"},
		{`f(ui.Plain("Not found"))`, "Not found"},
		{`f(ui.Link{Text: "Home", URL: "/x"})`, "Home"},
		{`v.Title = "Names"`, "Names"},
		{`v.Title = p.T("names.title")`, ""},
		{`fmt.Errorf("no such row")`, ""},
	} {
		got, err := literals("x.go", "package x\nfunc x() {\n"+test.code+"\n}\n")
		if err != nil {
			t.Fatal(err)
		}
		said := strings.Join(got, "\n")
		if test.want == "" && said != "" || !strings.Contains(said, test.want) {
			t.Errorf("%s: got %q, want %q", test.code, said, test.want)
		}
	}
}
