package web

import (
	"slices"

	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
)

// showAPI is the guide for those who write programs, made from the same list as the routes.
func showAPI(r *request) error {
	r.timeless = true
	root := r.s.BaseURL + apiRoot
	v := pages.API{Page: r.base(ui.Plain(r.p.T("api.title")), "/data"), DataURL: r.to("/data"), RootURL: root + "/", DescriptionURL: root + "/openapi.yaml",
		Mirror: root + "/changes?since=0&history=1", DefaultLimit: defaultLimit, MaxLimit: maxLimit}
	v.Description = r.p.T("api.lead")
	first := root + "/declarations?sponsor=KOR"
	v.Calls = []pages.Call{
		{Program: "curl", Code: `curl "` + first + `"`},
		{Program: "Python, requests", Code: "import requests\n\nurl, rows = \"" + first + "\", []\nwhile url:\n    answer = requests.get(url).json()\n    rows += answer[\"data\"]\n" +
			"    url = answer[\"next\"]\nprint(len(rows), answer[\"address\"])"},
	}
	operations := apiOperations()
	for i := range operations {
		op := &operations[i]
		o := pages.Operation{ID: op.id, What: r.p.T("api_operation." + op.id), Template: op.template(), Example: op.example, ExampleURL: apiRoot + op.example}
		o.Parameters = r.apiParameters(op, append(op.placeholders(), op.params...))
		v.Operations = append(v.Operations, o)
	}
	v.Every, v.EveryList = r.apiParameters(&operations[0], apiParams), r.apiParameters(&operations[0], pageParams)
	for _, k := range problemKinds {
		v.Problems = append(v.Problems, pages.Problem{Kind: k.kind, Status: k.status, Meaning: r.p.T("api_problem." + k.kind)})
	}
	return r.show(v.Show())
}

// apiParameters are parameters of an operation in words, with the values of those that have few.
func (r *request) apiParameters(op *operation, names []string) []pages.Parameter {
	var list []pages.Parameter
	for _, name := range names {
		x := pages.Parameter{Name: name, Meaning: parameterWords(r.p, op, name)}
		shape, ok := parameterShapes[op.id+"."+name]
		if !ok {
			shape = parameterShapes[name]
		}
		if i := slices.IndexFunc(shape, func(m member) bool { return m.name == "enum" }); i >= 0 {
			for _, w := range shape[i].value.([]any) {
				x.Values = append(x.Values, w.(string))
			}
		}
		list = append(list, x)
	}
	return list
}
