package web

import (
	"strconv"

	"cosignatory/store/register"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
)

// What the front page shows of each kind.
const (
	frontChanges      = 5
	frontDeclarations = 10
	frontTopics       = 24
)

func showFront(r *request) error {
	x, err := r.view.Index(r.ctx, r.day)
	if err != nil {
		return err
	}
	v := pages.Front{Page: r.base(ui.Text{}, ""), DeclarationsURL: r.to("/declarations"), ChangesURL: r.to("/changes")}
	v.Description = r.p.T("front.lead")
	v.Linked = r.linkedSite()
	newest, err := r.view.Changes(r.ctx, 0, frontChanges)
	if err != nil {
		return err
	}
	if v.Newest, err = r.changes(newest); err != nil {
		return err
	}
	if rows, _ := x.Find(register.Filter{}, register.Sort{By: "date", Descending: true}, r.lang, 0, 1); len(rows) > 0 && rows[0].Date.Known() {
		year := register.Date{Year: rows[0].Date.Year}
		rows, total := x.Find(register.Filter{From: year, To: year}, register.Sort{By: "date", Descending: true}, r.lang, 0, frontDeclarations)
		v.Year = strconv.Itoa(int(year.Year))
		if v.Declarations, err = r.declarationRows(rows); err != nil {
			return err
		}
		if total > len(rows) {
			v.YearURL = r.to("/declarations", "from", v.Year, "to", v.Year)
		}
	}
	t := x.Totals()
	for _, n := range []struct {
		words, url string
	}{
		{r.p.T("number.declarations", "Count", t.Declarations), r.to("/declarations")},
		{r.p.T("number.participants", "Count", t.Participants), r.to("/participants", "sort", "declarations")},
		{r.p.T("number.participations", "Count", t.Signatures), r.to("/data") + "#file-signatories"},
		{r.p.T("number.sources", "Count", t.Sources), r.to("/data") + "#file-sources"},
		{r.p.T("number.revisions", "Count", t.Revisions), r.to("/changes")},
	} {
		v.Numbers = append(v.Numbers, pages.Number{Label: n.words, URL: n.url})
	}
	topics := x.Topics()
	if len(topics) > frontTopics {
		v.AllTopics = ui.Link{Text: r.p.T("front.all_topics", "Count", len(topics)), URL: r.to("/declarations")}
		topics = topics[:frontTopics]
	}
	for _, f := range topics {
		v.Topics = append(v.Topics, pages.Topic{Name: r.topic(f.Value), URL: r.to("/declarations", "topic", f.Value), N: f.Count})
	}
	return r.show(v.Show())
}

// topic is the name of a topic in the reader's language, else in English and marked as such.
func (r *request) topic(code string) ui.Text {
	t := r.view.Ref.Topic(code)
	switch {
	case t == nil:
		return ui.Plain(code)
	case t.Names[r.lang] == "" && t.Names["en"] != "":
		return r.text(t.Names["en"], "en")
	}
	return ui.Plain(t.Name(r.lang))
}
