package web

import (
	"cosignatory/templates/i18n"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
)

// componentsPath is the page of components, for whoever goes on with the design: no page of the register leads to it.
const componentsPath = "/components"

func showComponents(r *request) error {
	r.timeless = true
	p := r.p
	v := pages.Components{Page: r.base(ui.Plain(p.T("components.title")), ""), Example: r.to(componentsPath),
		Today: p.Date(r.current.Date()), TodayISO: r.current.String()}
	v.NoIndex = true
	v.Scripts = v.Languages
	v.Options = ui.NewOptions(languageOptions(i18n.Languages()))
	v.Foot = ui.TableFoot{Formats: []ui.Format{{Name: "print", URL: r.here("print", "1")}},
		Citation: p.T("citation.changes", "Title", p.T("components.title"), "Revision", r.view.Revision, "Address", r.s.BaseURL+r.fixed(""))}
	v.Pager = ui.Pager{First: 51, Last: 100, Total: 132, Page: 2, Pages: 3, FirstURL: v.Example, PrevURL: v.Example, NextURL: v.Example, LastURL: v.Example}
	v.Problems = []ui.Problem{{Field: "sample-wrong", Message: p.T("error.as_of", "Value", "31.2.")}}
	return r.show(v.Show())
}
