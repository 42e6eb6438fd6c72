package web

import (
	"context"
	"io"
	"net/http"
	"strings"

	"cosignatory/store/register"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
	"cosignatory/web/export"
)

// missingPath is the file of those of a group that are not on a list.
func missingPath(slug string) string { return declarationPath(slug) + "/missing" }

// absent are the members that a group has on the day and that are not on the list, in alphabetical order, and how many are on
// it, by name or through a group. Those with register.MarkMayBe may be on it (D11) and are in neither number.
func (s *sheet) absent(g *register.Group) (all []export.Absent, on, of int) {
	codes := g.On(s.day)
	s.view.Ref.SortCodes(codes, s.lang)
	where := s.positions()
	for _, code := range codes {
		switch m := where[code].mark; m {
		case register.MarkOn, register.MarkGroup:
			on++
		default:
			all = append(all, export.Absent{Participant: code, Mark: m})
		}
	}
	return all, on, len(codes)
}

// missing says which members of a group are not on the list: no more than that (D7).
func (s *sheet) missing() pages.Missing {
	v := pages.Missing{Action: address(s.request.lang, s.path, "", nil), Groups: s.choices().missing, Group: s.query["missing"],
		Hidden: s.hidden("participant", "order", "since", "as_of", "revision")}
	g := s.view.Ref.Group(v.Group)
	if g == nil {
		return v
	}
	all, on, of := s.absent(g)
	res := &pages.MissingResult{Group: g.Name(s.lang), GroupURL: s.to(groupPath(g.Code)), MembersOn: s.p.Date(s.day.Date()), On: on, Of: of}
	var names []string
	for _, a := range all {
		if a.Mark == register.MarkMayBe {
			l := s.participant(a.Participant)
			l.Text = s.p.T("missing.but", "Who", l.Text, "Words", s.positionWords(s.positions()[a.Participant]))
			res.MayBe = append(res.MayBe, l)
			continue
		}
		l, name := s.participant(a.Participant), s.formally(a.Participant)
		if a.Mark != register.NoMark {
			words := s.positionWords(s.positions()[a.Participant])
			l.Text = s.p.T("missing.but", "Who", l.Text, "Words", words)
			name += " [" + words + "]"
		}
		res.NotOn, names = append(res.NotOn, l), append(names, name)
	}
	if len(names) > 0 {
		res.Outreach = s.outreach(g, names)
	}
	if len(all) > 0 {
		for _, format := range export.Formats() {
			res.Foot.Formats = append(res.Foot.Formats, ui.Format{Name: string(format), URL: address(s.request.lang, missingPath(s.Slug), string(format),
				params{"group": g.Code, "revision": itoa(s.view.Revision), "as_of": s.day.String()})})
		}
	}
	v.Result = res
	return v
}

// formally is the official short name of a participant with its formal name, where the reader's language has one and it says
// more.
func (s *sheet) formally(code string) string {
	name := s.view.Ref.Name(code, s.lang)
	if q := s.view.Ref.Participant(code); q != nil && q.Formal[s.lang] != "" && q.Formal[s.lang] != name {
		return s.p.T("outreach.name", "Name", name, "Formal", q.Formal[s.lang])
	}
	return name
}

// outreach is a text to copy: who is not on the list, on what day, by what revision, where to look, and what it does not say.
func (s *sheet) outreach(g *register.Group, names []string) string {
	p, title := s.p, s.TitleIn(s.lang).Text
	if d := s.Date(); d.Known() {
		title = p.T("outreach.title", "Title", title, "Date", p.Date(d))
	}
	lines := []string{title, p.T("outreach.not_on", "Group", g.Name(s.lang), "Date", p.Date(s.day.Date()), "Revision", s.view.Revision), ""}
	lines = append(lines, names...)
	return strings.Join(append(lines, "", p.T("missing.neutral"), s.s.BaseURL+address(s.request.lang, declarationPath(s.Slug), "",
		params{"missing": g.Code, "revision": itoa(s.view.Revision), "as_of": s.day.String()})), "\n")
}

// askedGroup is the group that a file needs to be told.
func (r *request) askedGroup() (*register.Group, error) {
	code := r.query["group"]
	if err := r.knownGroup(code); err != nil {
		return nil, err
	}
	if code == "" {
		return nil, bad("error.group_needed").accepting("accepted.group").or(r.p.T("onward.groups"), r.now("/groups"))
	}
	return r.view.Ref.Group(code), nil
}

// showMissing leads to the page that shows what the file holds.
func showMissing(r *request) error {
	e, err := r.entry()
	if err != nil {
		return err
	}
	if err := r.knownGroup(r.query["group"]); err != nil {
		return err
	}
	return r.c.Redirect(http.StatusFound, r.to(declarationPath(e.Slug), "missing", r.query["group"])+"#not-on-list")
}

func fileMissing(r *request) error {
	e, err := r.entry()
	if err != nil {
		return err
	}
	g, err := r.askedGroup()
	if err != nil {
		return err
	}
	all, _, _ := r.sheet(e).absent(g)
	return r.send(e.Slug+"-not-on-list-"+g.Code, false, func(ctx context.Context, w io.Writer, o export.Options) error {
		return export.WriteMissing(ctx, w, o, e, g, all)
	})
}
