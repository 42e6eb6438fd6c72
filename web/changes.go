package web

import (
	"context"
	"io"
	"maps"
	"slices"
	"strings"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
	"cosignatory/web/export"
)

// sentencesShown is how many differences of one revision a list tells one by one; the page of the revision has them all.
const sentencesShown = 6

func showChanges(r *request) error {
	r.timeless = true
	number, err := r.pageNumber()
	if err != nil {
		return err
	}
	pager, err := r.pager(number, r.view.Revision)
	if err != nil {
		return err
	}
	revisions, err := r.view.Changes(r.ctx, skipTo(number), pageSize)
	if err != nil {
		return err
	}
	v := pages.Changes{Page: r.base(ui.Plain(r.p.T("changes.title")), "/changes"), Total: r.view.Revision, Pager: pager}
	v.Description = r.p.T("changes.lead")
	if v.Rows, err = r.changes(revisions); err != nil {
		return err
	}
	v.Foot = r.foot(v.Title)
	return r.show(v.Show())
}

func fileChanges(r *request) error {
	if _, err := r.pageNumber(); err != nil {
		return err
	}
	return r.send("changes", false, func(ctx context.Context, w io.Writer, o export.Options) error {
		return export.WriteChanges(ctx, w, o, 0)
	})
}

// revisionURL is the page of a revision: in the history of its declaration, or for reference data among all changes.
func (r *request) revisionURL(x *register.Revision) string {
	if x.Subject == register.OfDeclaration {
		return r.now(historyPath(x.Declaration) + "/" + itoa(x.Number))
	}
	return r.now("/changes", "revision", itoa(x.Number))
}

// changes are revisions as lists show them, each with the title that its declaration has in the view.
func (r *request) changes(revisions []register.Revision) ([]pages.Change, error) {
	var slugs []string
	for _, rev := range revisions {
		if rev.Declaration != "" && !slices.Contains(slugs, rev.Declaration) {
			slugs = append(slugs, rev.Declaration)
		}
	}
	heads, err := r.headsBySlug(slugs)
	if err != nil {
		return nil, err
	}
	titles := map[string]ui.Text{}
	for slug, e := range heads {
		t := e.TitleIn(r.lang)
		titles[slug] = r.titled(t)
	}
	list := make([]pages.Change, len(revisions))
	for i := range revisions {
		if list[i], err = r.change(&revisions[i], sentencesShown); err != nil {
			return nil, err
		}
		if rev := &revisions[i]; rev.Subject == register.OfDeclaration {
			// A slug that is no longer in use redirects to the one that is.
			list[i].Declaration, list[i].DeclarationURL = titles[rev.Declaration], r.to(declarationPath(rev.Declaration))
			if list[i].Declaration.Empty() {
				list[i].Declaration = ui.Plain(rev.Declaration)
			}
		}
	}
	return list, nil
}

// headsBySlug are the heads of declarations by a slug that they have or once had; unknown slugs are left out.
func (r *request) headsBySlug(slugs []string) (map[string]*store.Entry, error) {
	return r.heads(slugs, r.view.IDs)
}

// heads are the heads of the declarations that of finds for slugs.
func (r *request) heads(slugs []string, of func(context.Context, []string) (map[string]int64, error)) (map[string]*store.Entry, error) {
	if len(slugs) == 0 {
		return nil, nil
	}
	ids, err := of(r.ctx, slugs)
	if err != nil {
		return nil, err
	}
	heads, err := r.view.Heads(r.ctx, slices.Collect(maps.Values(ids)))
	if err != nil {
		return nil, err
	}
	found := make(map[string]*store.Entry, len(ids))
	for slug, id := range ids {
		for _, e := range heads {
			if e.ID == id {
				found[slug] = e
			}
		}
	}
	return found, nil
}

// change is a revision in words: at most some of its differences, the rest counted.
func (r *request) change(x *register.Revision, most int) (pages.Change, error) {
	at := x.PublishedAt.UTC()
	c := pages.Change{Revision: x.Number, URL: r.revisionURL(x), At: r.p.Date(register.Today(at).Date()), AtTime: at.Format("15:04") + " UTC",
		AtISO: at.Format("2006-01-02T15:04:05Z"), Why: r.text(x.Reason, x.ReasonLang), Who: r.role(x)}
	told := x.Changes
	if len(told) > most+1 {
		told = told[:most]
	}
	t, err := r.telling(x.Number, told)
	if err != nil {
		return c, err
	}
	for i := range told {
		c.What = append(c.What, t.sentence(&told[i]))
	}
	if n := len(x.Changes) - len(told); n > 0 {
		c.What = append(c.What, r.p.T("change.more", "Count", n))
	}
	return c, nil
}

// role is who published a revision: what the author is to the register, never more of a person than the account allows.
func (r *request) role(x *register.Revision) string {
	key := "role." + x.AuthorRole
	if !r.p.Has(key) {
		key = "role.staff"
	}
	if x.AuthorName != "" {
		return r.p.T("role_named", "Name", x.AuthorName, "Role", r.p.T(key))
	}
	return r.p.T(key)
}

// who is a participant or a group by name.
func (r *request) who(participant, group string) string {
	if participant != "" {
		return r.view.Ref.Name(participant, r.lang)
	}
	return r.view.Ref.GroupName(group, r.lang)
}

// field is what a field of a declaration or an action is called; title.fr is the title in French.
func (r *request) field(name string) string {
	if base, lang, ok := strings.Cut(name, "."); ok {
		if key := "field." + base + "_in"; r.p.Has(key) {
			return r.p.T(key, "Language", r.language(lang))
		}
		name = base
	}
	return r.p.T("field." + name)
}

// value is what a field holds, in words.
func (r *request) value(field, v string) string {
	if v == "" {
		return ""
	}
	p := r.p
	list := func(say func(string) string) string {
		parts := strings.Split(v, "|")
		for i := range parts {
			parts[i] = say(parts[i])
		}
		return p.List(parts)
	}
	worded := func(key string) string {
		if p.Has(key) {
			return p.T(key)
		}
		return v
	}
	switch field {
	case "kind":
		return worded("kind." + v)
	case "adopted", "presented", "published", "opened", "closed", "date", "public_date":
		if d, err := register.ParseDate(v); err == nil {
			return p.Date(d)
		}
	case "sponsors", "presenter_delegation", "participant":
		return list(func(code string) string { return r.view.Ref.Name(code, r.lang) })
	case "group":
		return r.who("", v)
	case "topics":
		return list(func(code string) string { return r.topic(code).S })
	case "presenter_counted", "open", "list_complete", "joining_not_recorded":
		return worded("tristate." + v)
	case "action":
		return worded("action." + v)
	case "capacity":
		return worded("capacity." + v)
	case "reason":
		return worded("reason." + v)
	}
	return v
}
