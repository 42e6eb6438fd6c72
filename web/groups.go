package web

import (
	"cmp"
	"context"
	"io"
	"slices"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
	"cosignatory/web/export"
)

// groupKinds are the kinds of groups in the order in which lists name them.
var groupKinds = []string{"un-regional", "regional-org", "political", "economic"}

func (r *request) groupRow(g *register.Group) pages.GroupRow {
	return pages.GroupRow{Code: g.Code, Name: g.Name(r.lang), URL: r.to(groupPath(g.Code)), Members: len(g.On(r.day))}
}

func showGroups(r *request) error {
	v := pages.Groups{Page: r.base(ui.Plain(r.p.T("groups.title")), "/groups"), Total: len(r.view.Ref.Groups)}
	v.Description = r.p.T("groups.lead")
	kinds := slices.Clone(groupKinds)
	for _, g := range r.view.Ref.Groups {
		if !slices.Contains(kinds, g.Kind) {
			kinds = append(kinds, g.Kind)
		}
	}
	for _, kind := range kinds {
		var options []ui.Option
		for _, g := range r.view.Ref.Groups {
			if g.Kind == kind {
				options = append(options, ui.Option{Value: g.Code, Label: g.Name(r.lang)})
			}
		}
		if len(options) == 0 {
			continue
		}
		r.alphabetical(options)
		s := pages.GroupSection{Heading: r.p.T("group_kind." + kind)}
		for _, o := range options {
			s.Rows = append(s.Rows, r.groupRow(r.view.Ref.Group(o.Value)))
		}
		v.Sections = append(v.Sections, s)
	}
	v.Foot = r.foot(v.Title)
	return r.show(v.Show())
}

func fileGroups(r *request) error {
	return r.send("groups", false, func(ctx context.Context, w io.Writer, o export.Options) error {
		return export.WriteGroups(ctx, w, o, nil)
	})
}

// set is the group that the address names.
func (r *request) named() (*register.Group, error) {
	code := r.c.Param("code")
	if g := r.view.Ref.Group(code); g != nil {
		return g, nil
	}
	return nil, unknown("error.group_unknown", "Value", shorten(code)).accepting("accepted.group").or(r.p.T("onward.groups"), r.now("/groups"))
}

func showGroup(r *request) error {
	g, err := r.named()
	if err != nil {
		return err
	}
	x, err := r.view.Index(r.ctx, r.day)
	if err != nil {
		return err
	}
	name := g.Name(r.lang)
	v := pages.Group{Page: r.base(ui.Plain(name), "/groups"), GroupsURL: r.to("/groups"), Code: g.Code, Name: name,
		Kind: r.p.T("group_kind_one." + g.Kind), Note: r.text(g.Note, "en"), AsOfForm: r.asOfForm(), Foot: r.foot(name),
		AllURL: address("", wholePath("group_members"), string(export.CSV), r.set.with("revision", itoa(r.view.Revision), "as_of", r.day.String()))}
	members, now := slices.Clone(g.Members), g.MembershipsOn(r.day)
	slices.SortStableFunc(members, func(a, b register.Membership) int { return cmp.Compare(r.rank(a.Code), r.rank(b.Code)) })
	for _, m := range members {
		if row := r.member(x, m); slices.Contains(now, m) {
			v.Members = append(v.Members, row)
		} else {
			v.Former = append(v.Former, row)
		}
	}
	if v.Signs, err = r.signs(x, g, 0, declarationsShown); err != nil {
		return err
	}
	if v.Signs.Total > 0 {
		v.Signs.AllURL = r.to(signingPath(g.Code))
	}
	return r.show(v.Show())
}

func (r *request) member(x *store.Index, m register.Membership) pages.GroupMember {
	q := r.view.Ref.Participant(m.Code)
	l := r.participant(m.Code)
	v := pages.GroupMember{Name: l.Text, URL: l.URL, Code: m.Code, Region: r.region(q), Declarations: x.Participant(m.Code).On}
	if q != nil && q.Kind != register.Member {
		v.Kind = r.p.T("participant_kind." + string(q.Kind))
	}
	if m.From.Known() {
		v.From, v.FromISO = r.p.ShortDate(m.From), m.From.String()
	}
	if m.To.Known() {
		v.To, v.ToISO = r.p.ShortDate(m.To), m.To.String()
	}
	return v
}

func fileGroup(r *request) error {
	g, err := r.named()
	if err != nil {
		return err
	}
	return r.send(g.Code, true, func(ctx context.Context, w io.Writer, o export.Options) error {
		// The day chooses the rows, whether the address names it or not.
		o.Filters = []export.Filter{{Name: "as_of", Values: []string{r.day.String()}}}
		return export.WriteMembers(ctx, w, o, g)
	})
}
