package web

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"cosignatory/store/register"
	"cosignatory/templates/i18n"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
	"cosignatory/web/export"
)

// licenceURL is where the licence of the data is found.
const licenceURL = "https://creativecommons.org/publicdomain/zero/1.0/"

// wholePath is the path of a file of the whole register, without its extension.
func wholePath(name string) string { return "/data/" + name }

func showData(r *request) error {
	r.timeless = true
	x, err := r.view.Index(r.ctx, r.day)
	if err != nil {
		return err
	}
	t := x.Totals()
	rows := map[string]int{"declarations": t.Declarations, "sources": t.Sources, "participants": len(r.view.Ref.Participants),
		"signatories": t.Participations, "actions": t.Actions, "groups": len(r.view.Ref.Groups), "revisions": t.Revisions, "matrix": len(r.view.Ref.Participants)}
	for _, g := range r.view.Ref.Groups {
		rows["group_members"] += len(g.Members)
		rows["group_aliases"] += len(g.Aliases)
	}
	for _, q := range r.view.Ref.Participants {
		rows["aliases"] += len(q.Aliases)
		rows["successors"] += len(q.Successors)
	}
	rows["topics"], rows["ambiguous"] = len(r.view.Ref.Topics), len(r.view.Ref.Ambiguous)
	n, err := r.view.Count(r.ctx)
	if err != nil {
		return err
	}
	rows["titles"], rows["texts"], rows["stated"], rows["links"], rows["disputes"] = n.Titles, n.Texts, n.Stated, n.Links, n.Disputes
	rows["retired"], rows["addresses"] = n.Retired, n.Addresses
	v := pages.Data{Page: r.base(ui.Plain(r.p.T("data.title")), "/data"), LicenceURL: licenceURL}
	v.Description = r.p.T("data.lead")
	lang := r.lang
	if lang == i18n.Languages()[0].Code {
		lang = ""
	}
	file := func(name, format string, pairs ...string) string {
		return address("", wholePath(name), format, r.set.with("lang", lang).with(pairs...))
	}
	for _, name := range []string{export.Register, export.History} {
		format := string(export.FormatsOf(name)[0])
		f := pages.DataFile{Name: name + "." + format, URL: file(name, format), Row: r.p.T("file." + name)}
		if name == export.History {
			f.Rows = r.view.Revision
		}
		for _, x := range export.FormatsOf(name) {
			f.Formats = append(f.Formats, ui.Format{Name: string(x), URL: file(name, string(x))})
		}
		v.Files = append(v.Files, f)
	}
	for _, name := range export.Names() {
		f := pages.DataFile{Name: name + ".csv", URL: file(name, "csv"), Row: r.p.T("file." + name), Rows: rows[name]}
		if name == "matrix" {
			f.Wide = t.Declarations
		}
		for _, format := range export.Formats() {
			f.Formats = append(f.Formats, ui.Format{Name: string(format), URL: file(name, string(format))})
		}
		f.Columns = dictionary(r.p, export.Columns(name))
		v.Files = append(v.Files, f)
	}
	for _, name := range export.QuestionNames() {
		v.Answers = append(v.Answers, pages.DataFile{Name: name, Row: r.p.T("file." + name), Columns: dictionary(r.p, export.QuestionColumns(name))})
	}
	whole := func(pairs ...string) string { return r.s.BaseURL + file("signatories", "csv", pairs...) }
	day := r.published.PublishedAt.UTC().Format("2006-01-02")
	v.AsOfURL, v.RevURL = whole("as_of", day), whole("revision", itoa(r.view.Revision))
	v.Calls = pages.Calls(r.p, whole(), r.s.BaseURL+file("signatories", "xlsx"))
	v.Citation = r.p.T("citation.register", "Revision", r.view.Revision, "Published", v.PublishedAt, "Address", r.s.BaseURL+address(r.lang, "/data", "", params{"revision": itoa(r.view.Revision)}))
	v.ReleasesURL, v.APIURL = r.now("/releases"), r.to("/api")
	r.citeRegister(&v)
	if v.Linked, err = r.linkedRegister(v.Files); err != nil {
		return err
	}
	return r.show(v.Show())
}

// dictionary explains the columns of a file, by the definitions that the file is written with.
func dictionary(p *i18n.Printer, columns []export.Column) []pages.Column {
	list := make([]pages.Defined, 0, len(columns))
	for _, c := range columns {
		list = append(list, pages.Defined{Name: c.Name, Type: c.Type, MeaningKey: c.MeaningKey, Values: c.Values})
	}
	return pages.Dictionary(p, list)
}

// wholeFile sends a file of the whole register: /data/signatories.csv. It has no page and so no language in its address: lang=
// asks for one.
func (s *Server) wholeFile(c echo.Context) error {
	name := c.Param("file")
	format, _ := c.Get(extension).(string)
	lang := i18n.Languages()[0].Code
	if asked := c.QueryParam("lang"); asked != "" {
		if lang = asked; !slices.Contains(register.Languages, asked) {
			p := bad("error.language_unknown", "Value", shorten(strings.ToValidUTF8(asked, "?"))).accepting("accepted.languages")
			p.values = languageOptions(i18n.All())
			return p
		}
	}
	formats := export.FormatsOf(name)
	if formats == nil {
		p := unknown("error.file_unknown", "Value", shorten(name)).accepting("accepted.values")
		for _, n := range append([]string{export.Register, export.History}, export.Names()...) {
			for _, f := range export.FormatsOf(n) {
				p.values = append(p.values, ui.Option{Value: n + "." + string(f)})
			}
		}
		return p
	}
	if !slices.Contains(formats, export.Format(format)) {
		p := unknown("error.format_unknown", "Value", shorten(format)).accepting("accepted.formats")
		for _, f := range formats {
			p.values = append(p.values, ui.Option{Value: string(f)})
		}
		return p
	}
	r, err := s.parse(c, lang, wholePath(name), format, []string{"lang"})
	if err != nil {
		return err
	}
	// What is no table is whole as it is: it takes the clocks and the language only.
	for _, option := range []string{"include", "bom", "raw"} {
		if export.Columns(name) != nil || r.query[option] == "" {
			continue
		}
		p := bad("error.filter_unknown", "Name", option).accepting("accepted.filters")
		for _, n := range []string{"lang", "as_of", "revision"} {
			p.values = append(p.values, ui.Option{Value: n, Label: r.parameter(n)})
		}
		return p
	}
	return r.send(name, false, func(ctx context.Context, w io.Writer, o export.Options) error {
		return export.Write(ctx, w, name, o)
	})
}

// plainAnswer writes a short answer that is no page.
func plainAnswer(c echo.Context, status int, contentType, body string) error {
	h := c.Response().Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", itoa(len(body)))
	c.Response().WriteHeader(status)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	_, err := io.WriteString(c.Response(), body)
	return err
}
