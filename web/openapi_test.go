package web

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"cosignatory/store/register"
)

var update = flag.Bool("update", false, "write web/openapi.yaml anew")

// The description that is served is the one that the operations and the shapes of their answers make.
func TestOpenAPIFile(t *testing.T) {
	made := openAPIYAML()
	if *update {
		if err := os.WriteFile("openapi.yaml", made, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(made, openAPI) {
		t.Error("openapi.yaml is not what the code makes: go test ./web -run TestOpenAPIFile -update")
	}
}

// Every member of every answer is explained.
func TestOpenAPIExplainsEveryMember(t *testing.T) {
	var look func(where string, v any)
	look = func(where string, v any) {
		switch v := v.(type) {
		case tree:
			for _, m := range v {
				if m.name == "properties" {
					for _, p := range m.value.(tree) {
						if words := textIn(p.value.(tree), "description"); words == "" && p.name != "data" {
							t.Errorf("%s: %s has no description", where, p.name)
						}
					}
				}
				look(where+"/"+m.name, m.value)
			}
		case []any:
			for _, x := range v {
				look(where, x)
			}
		case string:
			if strings.HasSuffix(where, "/description") && (emptyKey.MatchString(v) || v == "") || strings.HasSuffix(where, "/summary") && emptyKey.MatchString(v) {
				t.Errorf("%s: %q in place of words", where, v)
			}
		}
	}
	look("", describe())
}

func textIn(o tree, name string) string {
	for _, m := range o {
		if m.name == name {
			s, _ := m.value.(string)
			return s
		}
	}
	return ""
}

// described is a validator of the description as it is served.
func described(t *testing.T, s *site) validator.Validator {
	t.Helper()
	a := s.ask(t, "GET", "/api/v1/openapi.yaml")
	if a.StatusCode != 200 || a.Header.Get("Content-Type") != "application/yaml; charset=utf-8" {
		t.Fatalf("openapi.yaml: %d %s", a.StatusCode, a.Header.Get("Content-Type"))
	}
	d, err := libopenapi.NewDocument([]byte(a.body))
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(d)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return v
}

func TestOpenAPIIsValid(t *testing.T) {
	s := newSite(t)
	if ok, errs := described(t, s).ValidateDocument(); !ok {
		for _, e := range errs {
			t.Errorf("%s: %s", e.Message, e.Reason)
			for _, x := range e.SchemaValidationErrors {
				t.Errorf("  %s %s", x.FieldPath, x.Reason)
			}
		}
	}
	var asJSON, asYAML any
	if err := json.Unmarshal([]byte(s.ask(t, "GET", "/api/v1/openapi.json").body), &asJSON); err != nil {
		t.Fatal(err)
	}
	d, err := libopenapi.NewDocument(openAPI)
	if err != nil {
		t.Fatal(err)
	}
	var decoded any
	if err := d.GetSpecInfo().RootNode.Decode(&decoded); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(decoded)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &asYAML); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(asJSON, asYAML) {
		t.Error("openapi.json and openapi.yaml are not the same")
	}
}

// apiAddresses are questions of every operation, with answers and with errors.
var apiAddresses = []string{
	"/", "/?lang=ar", "/declarations", "/declarations?limit=3&sort=title&lang=zh", "/declarations?sponsor=KOR&topic=human-rights", "/declarations?from=2023&to=2024-06&open=yes&kind=pledge",
	"/declarations?q=zzzz", "/declarations?group=ASEAN&as_of=2024-06-17&revision=12&lang=fr", "/declarations/tech-trafficking-2025", "/declarations/peace-framework-ukraine-2024?lang=ru",
	"/declarations/geneva-consensus-2020", "/declarations/military-ai-2023?as_of=2023-11-05", "/declarations/artemis-accords-2020?revision=27",
	"/declarations/tech-trafficking-2025/signatories", "/declarations/peace-framework-ukraine-2024/signatories?status=left&include=implied", "/declarations/arbitrary-detention-2021/signatories?include=implied",
	"/declarations/tech-trafficking-2025/history", "/participants", "/participants?group=EU&kind=member&sort=declarations&q=re", "/participants/KOR", "/participants/CSK?lang=es", "/participants/XKX",
	"/participants/TUR", "/participants/USA/declarations?limit=2", "/participants/SSD/declarations", "/groups", "/groups/EU?as_of=2020-01-31", "/topics?lang=fr", "/revisions?limit=2", "/revisions/27?lang=ar",
	"/changes", "/changes?since=25&history=1", "/changes?since=27",
	// Errors.
	"/declarations?topic=nix", "/declarations?nix=1", "/declarations?limit=0", "/declarations?page=abc", "/declarations/nix", "/declarations/nix/signatories", "/declarations/tech-trafficking-2025/signatories?status=gone",
	"/declarations/nix/history", "/participants?kind=letter", "/participants/QQQ", "/participants/QQQ/declarations", "/groups/NIX", "/groups?as_of=x", "/topics?revision=99", "/revisions?lang=xx",
	"/revisions/99", "/changes?since=28", "/?revision=0",
}

func TestOpenAPIDescribesTheAnswers(t *testing.T) {
	s := newSite(t)
	v := described(t, s)
	met := map[string]map[int]bool{}
	for _, target := range apiAddresses {
		req, err := http.NewRequest("GET", s.URL+apiRoot+target, nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if r.StatusCode >= 500 {
			t.Errorf("%s answers %d", target, r.StatusCode)
		}
		r.Body = io.NopCloser(bytes.NewReader(b))
		if ok, errs := v.ValidateHttpResponse(req, r); !ok {
			for _, e := range errs {
				t.Errorf("%s: %s: %s", target, e.Message, e.Reason)
				for _, x := range e.SchemaValidationErrors {
					t.Errorf("  %s %s", x.FieldPath, x.Reason)
				}
			}
		}
		if r.StatusCode == 200 {
			if ok, errs := v.ValidateHttpRequestSync(req); !ok {
				for _, e := range errs {
					t.Errorf("the description refuses %s: %s: %s", target, e.Message, e.Reason)
				}
			}
		}
		for _, op := range apiOperations() {
			if fits(op.pattern, strings.SplitN(target, "?", 2)[0]) {
				if met[op.id] == nil {
					met[op.id] = map[int]bool{}
				}
				met[op.id][r.StatusCode/100] = true
			}
		}
	}
	for _, op := range apiOperations() {
		if !met[op.id][2] || !met[op.id][4] {
			t.Errorf("%s was not asked for an answer and an error: %v", op.id, met[op.id])
		}
	}
}

func fits(pattern, path string) bool {
	a, b := strings.Split(pattern, "/"), strings.Split(path, "/")
	for i := range a {
		if len(a) != len(b) || !strings.HasPrefix(a[i], ":") && a[i] != b[i] {
			return false
		}
	}
	return true
}

// The examples of the guide and the index can be followed.
func TestAPIExamples(t *testing.T) {
	s := newSite(t)
	for _, op := range apiOperations() {
		if a := s.ask(t, "GET", apiRoot+op.example); a.StatusCode != 200 {
			t.Errorf("%s: %d %s", op.example, a.StatusCode, a.body)
		}
	}
	guide := s.page(t, "/en/api")
	for _, k := range problemKinds {
		if !strings.Contains(guide.body, `id="`+k.kind+`"`) {
			t.Errorf("the guide does not explain %s", k.kind)
		}
	}
}

// A client generated from the description reads the register: TypeScript that the compiler accepts, run by Node.
func TestGeneratedClient(t *testing.T) {
	tools := os.Getenv("COSIGNATORY_OPENAPI")
	_, err := exec.LookPath("node")
	if tools == "" || err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("COSIGNATORY_OPENAPI does not name a folder with openapi-typescript, openapi-fetch and typescript, or node is missing")
		}
		t.Skip("COSIGNATORY_OPENAPI does not name a folder with openapi-typescript, openapi-fetch and typescript, or node is missing")
	}
	s := newSite(t)
	dir := t.TempDir()
	run := func(name string, args ...string) string {
		t.Helper()
		c := exec.Command(name, args...)
		c.Dir = dir
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %v: %v\n%s", name, args, err, out)
		}
		return string(out)
	}
	if err := os.Symlink(filepath.Join(tools, "node_modules"), filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"package.json": `{"type":"module"}`, "openapi.yaml": s.ask(t, "GET", "/api/v1/openapi.yaml").body, "client.ts": clientTS} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run("node", "node_modules/openapi-typescript/bin/cli.js", "openapi.yaml", "-o", "schema.d.ts")
	run("node", "node_modules/typescript/bin/tsc", "--strict", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom,dom.iterable", "client.ts")
	out := run("node", "client.js", s.URL+apiRoot)
	var got struct {
		Declarations, Signatories, InEffect int
		Left                                []string
		Refused                             string
		Accepted                            int
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got.Declarations != 25 || got.Signatories != 12 || got.InEffect != 12 || len(got.Left) == 0 || !strings.HasSuffix(got.Refused, "/en/api#invalid-parameter") || got.Accepted != len(register.Kinds) {
		t.Errorf("%+v", got)
	}
}

const clientTS = `import createClient from "openapi-fetch";
import type { paths, components } from "./schema.js";

declare const process: { argv: string[] };
const [root] = process.argv.slice(2) as [string];
const client = createClient<paths>({ baseUrl: root });

// Every page of a list, by the token in the address of the next one.
const declarations: components["schemas"]["DeclarationRow"][] = [];
let page: string | undefined;
do {
  const { data, error } = await client.GET("/declarations", { params: { query: { limit: 7, sort: "title", lang: "fr", ...(page ? { page } : {}) } } });
  if (error) throw new Error(error.detail);
  declarations.push(...data.data);
  page = data.next ? (new URL(data.next).searchParams.get("page") ?? undefined) : undefined;
} while (page);

const one = await client.GET("/declarations/{slug}", { params: { path: { slug: "tech-trafficking-2025" } } });
if (!one.data) throw new Error("no declaration");
const inEffect: number = one.data.data.counts.in_effect.total;
const signatories = await client.GET("/declarations/{slug}/signatories", { params: { path: { slug: "tech-trafficking-2025" }, query: { status: "in_effect" } } });
const left = await client.GET("/declarations/{slug}/signatories", { params: { path: { slug: "peace-framework-ukraine-2024" }, query: { status: "left" } } });
const refused = await client.GET("/declarations", { params: { query: { kind: "nix" as "letter" } } });
if (!signatories.data || !left.data || !refused.error) throw new Error("an answer is missing");
console.log(JSON.stringify({ declarations: declarations.length, signatories: signatories.data.total, inEffect,
  left: left.data.data.map((s) => s.participant), refused: refused.error.type, accepted: refused.error.accepted?.length ?? 0 }));
`
