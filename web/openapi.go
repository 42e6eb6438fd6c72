package web

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"cosignatory/store/register"
	"cosignatory/templates/i18n"
	"cosignatory/web/export"
)

// openAPI is the description of the API that is served. It is made from the operations and the shapes of their answers; a test
// fails when they and this file part, and writes it anew with -update.
//
//go:embed openapi.yaml
var openAPI []byte

// openAPIJSON is the same as JSON.
var openAPIJSON = sync.OnceValue(func() []byte {
	b, err := json.Marshal(describe())
	if err != nil {
		panic(err) // it is made of texts and numbers
	}
	return append(b, '\n')
})

// tree is a JSON object whose members keep their order.
type tree []member

type member struct {
	name  string
	value any // tree, []any, string, int or bool
}

// MarshalJSON writes the members in their order.
func (o tree) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, name...), ':'), value...)
	}
	return append(b, '}'), nil
}

// plainYAML is what needs no quotation marks, whatever version of YAML reads it.
var plainYAML = regexp.MustCompile(`^[$A-Za-z_][A-Za-z0-9_-]*(/[A-Za-z0-9_+-]+)?$`)

var wordsOfYAML = []string{"y", "yes", "n", "no", "true", "false", "on", "off", "null"}

func yamlText(s string) string {
	if plainYAML.MatchString(s) && !slices.Contains(wordsOfYAML, strings.ToLower(s)) {
		return s
	}
	b, err := encode(s)
	if err != nil {
		panic(err)
	}
	return strings.TrimSpace(string(b))
}

// appendYAML appends a value in the block style, each line behind so many blanks.
func appendYAML(b []byte, v any, blanks int) []byte {
	indent := strings.Repeat(" ", blanks)
	switch v := v.(type) {
	case tree:
		for _, m := range v {
			b = append(b, indent+yamlText(m.name)+":"...)
			b = appendBelow(b, m.value, blanks+2)
		}
	case []any:
		for _, x := range v {
			switch x.(type) {
			case tree, []any:
				at := len(b)
				b = appendYAML(b, x, blanks+2)
				copy(b[at+blanks:], "- ")
			default:
				b = append(b, indent+"-"...)
				b = appendBelow(b, x, 0)
			}
		}
	}
	return b
}

func appendBelow(b []byte, v any, blanks int) []byte {
	switch v := v.(type) {
	case tree:
		if len(v) == 0 {
			return append(b, " {}\n"...)
		}
		return appendYAML(append(b, '\n'), v, blanks)
	case []any:
		if len(v) == 0 {
			return append(b, " []\n"...)
		}
		return appendYAML(append(b, '\n'), v, blanks)
	case string:
		return append(b, " "+yamlText(v)+"\n"...)
	}
	if v == nil {
		return append(b, " null\n"...)
	}
	return append(b, fmt.Sprintf(" %v\n", v)...)
}

// enums are the lists of words that members of answers and parameters can have.
var enums = map[string][]string{
	"languages": register.Languages, "declaration_kinds": wordsOf(register.Kinds), "participant_kinds": wordsOf(register.ParticipantKinds),
	"precisions": wordsOf([]register.Precision{register.ByDay, register.ByMonth, register.ByYear, register.Unknown}),
	"tristates":  wordsOf([]register.Tristate{register.Yes, register.No, register.NotRecorded}), "regional_groups": register.RegionalGroups,
	"standings": wordsOf([]register.Standing{register.Authentic, register.Official, register.Unofficial}), "source_kinds": wordsOf(register.SourceKinds),
	"stated_counts": {register.StatesOnly, register.AllParticipants}, "actions": wordsOf(register.ActionKinds), "capacities": wordsOf(register.Capacities),
	"reasons": wordsOf(register.Reasons), "link_kinds": wordsOf(register.LinkKinds), "statuses": wordsOf(statuses), "bases": {"named", "implied_by_group"},
	"subjects": {register.OfDeclaration, register.OfReference}, "participant_orders": participantOrders,
	"whats": {register.Created, register.Retired, register.FieldChanged, register.ActionAdded, register.ActionCorrected, register.ActionRemoved, register.SourceAdded,
		register.SourceRemoved, register.SourceChanged, register.ParticipantsSet, register.GroupsSet, register.TopicsSet, register.WordsSet, "order"},
	"yes_no_figures": {"0", "1"}, "implied": {"implied"},
}

func wordsOf[T ~string](list []T) []string {
	var words []string
	for _, w := range list {
		words = append(words, string(w))
	}
	return words
}

func anyOf(words []string, besides ...any) []any {
	var list []any
	for _, w := range words {
		list = append(list, w)
	}
	return append(list, besides...)
}

const partialDate = `^\d{4}(-\d{2}(-\d{2})?)?$`

// describer makes the description.
type describer struct {
	p       *i18n.Printer
	schemas tree
}

// ref is a reference to the schema of a struct, which it makes where it is new.
func (d *describer) ref(t reflect.Type) string {
	name := strings.TrimPrefix(t.Name(), "api")
	ref := "#/components/schemas/" + name
	if !slices.ContainsFunc(d.schemas, func(m member) bool { return m.name == name }) {
		d.schemas = append(d.schemas, member{name, nil})
		at := len(d.schemas) - 1
		d.schemas[at].value = d.structure(t)
	}
	return ref
}

func (d *describer) structure(t reflect.Type) tree {
	properties, required := tree{}, []any{}
	var walk func(reflect.Type)
	walk = func(t reflect.Type) {
		for i := range t.NumField() {
			f := t.Field(i)
			if f.Anonymous {
				walk(f.Type)
				continue
			}
			name, more, _ := strings.Cut(f.Tag.Get("json"), ",")
			properties = append(properties, member{name, d.field(name, f)})
			if more != "omitempty" {
				required = append(required, name)
			}
		}
	}
	walk(t)
	return tree{{"type", "object"}, {"required", required}, {"properties", properties}}
}

// meaning is what a member means: its tag, or what the dictionary of files says.
func (d *describer) meaning(name string, f reflect.StructField) string {
	words := f.Tag.Get("doc")
	key := f.Tag.Get("dict")
	if key == "" {
		key = name
	}
	if (words == "" || f.Tag.Get("dict") != "") && d.p.Has("dictionary."+key) {
		words = strings.TrimSpace(d.p.T("dictionary."+key) + " " + words)
	}
	return words
}

func (d *describer) field(name string, f reflect.StructField) tree {
	o := d.schema(f.Type, f.Tag)
	if words := d.meaning(name, f); words != "" {
		o = append(o, member{"description", words})
	}
	return o
}

func (d *describer) schema(t reflect.Type, tag reflect.StructTag) tree {
	words := enums[tag.Get("enum")]
	with := func(o tree, null bool) tree {
		if tag.Get("enum") != "" {
			list := anyOf(words)
			if null {
				list = append(list, nil)
			}
			o = append(o, member{"enum", list})
		}
		if format := tag.Get("format"); format != "" {
			o = append(o, member{"format", format})
		}
		return o
	}
	null := func(kind string) member { return member{"type", []any{kind, "null"}} }
	switch t {
	case reflect.TypeFor[text]():
		return with(tree{null("string")}, true)
	case reflect.TypeFor[when]():
		return tree{null("string"), {"pattern", partialDate}}
	case reflect.TypeFor[position]():
		return tree{null("integer"), {"minimum", 1}}
	}
	switch t.Kind() {
	case reflect.String:
		return with(tree{{"type", "string"}}, false)
	case reflect.Int, reflect.Int64:
		return tree{{"type", "integer"}, {"minimum", 0}}
	case reflect.Bool:
		return tree{{"type", "boolean"}}
	case reflect.Slice:
		return tree{{"type", "array"}, {"items", d.schema(t.Elem(), "")}}
	case reflect.Struct:
		return tree{{"$ref", d.ref(t)}}
	case reflect.Pointer:
		return tree{{"anyOf", []any{tree{{"$ref", d.ref(t.Elem())}}, tree{{"type", "null"}}}}}
	}
	panic("web: the API has no schema for " + t.String())
}

// apiPage is what an answer that lists tells besides.
type apiPage struct {
	Total int  `json:"total" doc:"How many rows there are on all pages together."`
	Limit int  `json:"limit" doc:"How many rows a page has at most."`
	Next  text `json:"next" format:"uri" doc:"Address of the next page, null on the last. It keeps to the revision and the day of this answer, whatever is published meanwhile. It is in the header Link as well."`
}

// answerOf is a reference to the schema of an operation's answer.
func (d *describer) answerOf(op *operation) string {
	t := reflect.TypeOf(op.answer)
	name := strings.TrimPrefix(t.Name(), "api") + "Answer"
	if op.list {
		name = strings.TrimSuffix(strings.TrimPrefix(t.Name(), "api"), "Row") + "List"
	}
	ref := "#/components/schemas/" + name
	if slices.ContainsFunc(d.schemas, func(m member) bool { return m.name == name }) {
		return ref
	}
	head := d.structure(reflect.TypeFor[apiHead]())
	data := tree{{"$ref", d.ref(t)}}
	if op.list {
		more := d.structure(reflect.TypeFor[apiPage]())
		head[1].value = append(head[1].value.([]any), more[1].value.([]any)...)
		head[2].value = append(head[2].value.(tree), more[2].value.(tree)...)
		data = tree{{"type", "array"}, {"items", data}}
	}
	head[1].value = append(head[1].value.([]any), "data")
	head[2].value = append(head[2].value.(tree), member{"data", data})
	d.schemas = append(d.schemas, member{name, head})
	return ref
}

func typed(kind string, more ...member) tree { return append(tree{{"type", kind}}, more...) }

func oneOf(words []string) tree { return tree{{"type", "string"}, {"enum", anyOf(words)}} }

// parameterShapes are the schemas of parameters and of names in paths; one of an operation alone stands under its id, a dot and
// the name. What is not listed is a text.
var parameterShapes = map[string]tree{
	"as_of": typed("string", member{"format", "date"}), "revision": typed("integer", member{"minimum", 1}), "lang": append(oneOf(register.Languages), member{"default", "en"}),
	"limit": typed("integer", member{"minimum", 1}, member{"maximum", maxLimit}, member{"default", defaultLimit}),
	"since": typed("integer", member{"minimum", 0}, member{"default", 0}), "number": typed("integer", member{"minimum", 1}),
	"history": oneOf(enums["yes_no_figures"]), "include": oneOf(enums["implied"]), "status": oneOf(enums["statuses"]), "open": oneOf(enums["tristates"]),
	"from": typed("string", member{"pattern", partialDate}), "to": typed("string", member{"pattern", partialDate}),
	"listDeclarations.kind": oneOf(enums["declaration_kinds"]), "listParticipants.kind": oneOf(enums["participant_kinds"]),
	"listDeclarations.sort": append(oneOf(sortsBothWays()), member{"default", "-date"}), "listParticipants.sort": append(oneOf(participantOrders), member{"default", participantOrders[0]}),
}

func sortsBothWays() []string {
	var list []string
	for _, k := range register.SortKeys {
		list = append(list, k, "-"+k)
	}
	return list
}

// parameterWords is the message that says what a parameter of an operation is.
func parameterWords(p *i18n.Printer, op *operation, name string) string {
	for _, key := range []string{op.id + "." + name, name} {
		if key = "api_parameter." + key; p.Has(key) {
			return p.T(key)
		}
	}
	if key := "parameter." + name; p.Has(key) {
		return p.T(key)
	}
	return p.T("filter." + name)
}

func (d *describer) parameter(op *operation, name, in string) tree {
	shape, ok := parameterShapes[op.id+"."+name]
	if !ok {
		if shape, ok = parameterShapes[name]; !ok {
			shape = typed("string", member{"maxLength", maxValue})
		}
	}
	o := tree{{"name", name}, {"in", in}}
	if in == "path" {
		o = append(o, member{"required", true})
	}
	return append(o, member{"description", parameterWords(d.p, op, name)}, member{"schema", shape})
}

func describe() tree {
	p, _ := i18n.For("en")
	d := &describer{p: p}
	paths := tree{}
	var tags []any
	operations := apiOperations()
	for i := range operations {
		op := &operations[i]
		tag, _, _ := strings.Cut(strings.TrimPrefix(op.pattern, "/"), "/")
		if tag == "" {
			tag = "index"
		}
		if !slices.ContainsFunc(tags, func(t any) bool { return t.(tree)[0].value == tag }) {
			tags = append(tags, tree{{"name", tag}})
		}
		var list []any
		for _, name := range op.placeholders() {
			list = append(list, d.parameter(op, name, "path"))
		}
		for _, name := range op.accepted() {
			if slices.Contains(apiParams, name) || slices.Contains(pageParams, name) {
				list = append(list, tree{{"$ref", "#/components/parameters/" + name}})
			} else {
				list = append(list, d.parameter(op, name, "query"))
			}
		}
		answers := tree{{"200", tree{{"description", p.T("api_operation." + op.id)}, {"headers", tree{
			{"ETag", tree{{"$ref", "#/components/headers/ETag"}}}, {"Link", tree{{"$ref", "#/components/headers/Link"}}},
			{"Cache-Control", tree{{"$ref", "#/components/headers/Cache-Control"}}}, {"X-Request-Id", tree{{"$ref", "#/components/headers/X-Request-Id"}}}}},
			{"content", tree{{"application/json", tree{{"schema", tree{{"$ref", d.answerOf(op)}}}}}}}}},
			{"304", tree{{"description", "Nothing has changed since the answer whose ETag was sent as If-None-Match."}}}}
		if strings.Contains(op.pattern, ":slug") {
			answers = append(answers, member{"308", tree{{"description", "The declaration has another address now, named in the header Location: addresses lead on for ever."}}})
		}
		problems := []string{"400"}
		if len(op.placeholders()) > 0 {
			problems = append(problems, "404")
		}
		for _, status := range append(problems, "406", "default") {
			answers = append(answers, member{status, tree{{"$ref", "#/components/responses/Problem"}}})
		}
		paths = append(paths, member{op.template(), tree{{"get", tree{{"operationId", op.id}, {"tags", []any{tag}}, {"summary", p.T("api_operation." + op.id)},
			{"parameters", list}, {"responses", answers}}}}})
	}
	shared := tree{}
	for _, name := range append(slices.Clone(apiParams), pageParams...) {
		shared = append(shared, member{name, d.parameter(&operations[0], name, "query")})
	}
	problem := d.ref(reflect.TypeFor[apiProblem]())
	header := func(words string) tree {
		return tree{{"description", words}, {"schema", tree{{"type", "string"}}}}
	}
	return tree{
		{"openapi", "3.1.1"},
		{"info", tree{{"title", "Cosignatory"}, {"summary", "The register of joint declarations: who signed, since when, who left, and how it is known."},
			{"description", strings.Join([]string{p.T("api.lead"), p.T("api.clocks_words"), p.T("api.paging_words", "Default", defaultLimit, "Max", maxLimit), p.T("api.errors_words"),
				p.T("api.caching_words"), p.T("api.growth_words"), export.Disclaimer}, "\n\n")},
			{"version", "1"}, {"license", tree{{"name", export.Licence}, {"identifier", export.Licence}}}}},
		{"servers", []any{tree{{"url", apiRoot}, {"description", "The register that this description was read from."}}}},
		{"security", []any{}},
		{"tags", tags},
		{"paths", paths},
		{"components", tree{
			{"parameters", shared},
			{"headers", tree{{"ETag", header("Names the answer, for If-None-Match.")}, {"Link", header("The next page (next), this description (service-desc), the guide (service-doc) and the licence (license).")},
				{"Cache-Control", header("Answers of an address that names a revision never change; others are asked for again.")},
				{"X-Request-Id", header("Number of the request.")}}},
			{"responses", tree{{"Problem", tree{{"description", "What is wrong, and what would be right (RFC 9457)."},
				{"content", tree{{"application/problem+json", tree{{"schema", tree{{"$ref", problem}}}}}}}}}}},
			{"schemas", d.schemas},
		}},
	}
}

// openAPIYAML is the description as the file has it.
func openAPIYAML() []byte {
	return appendYAML([]byte("# Made from web/api.go and web/api_shapes.go: go test ./web -run TestOpenAPIFile -update\n"), describe(), 0)
}
