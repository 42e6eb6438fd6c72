package web

import (
	"slices"
	"sort"
	"strings"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
)

// participantsFound is how many participants a search shows; the list of participants has them all.
const participantsFound = 20

func showSearch(r *request) error {
	typed := r.query["q"]
	words := strings.Fields(register.Fold(typed))
	x, err := r.view.Index(r.ctx, r.day)
	if err != nil {
		return err
	}
	heading := r.p.T("search.title")
	if typed != "" {
		heading = r.p.T("search.title_for", "Query", typed)
	}
	number, err := r.pageNumber()
	if err != nil {
		return err
	}
	var rows []*store.Row
	var total int
	if len(words) > 0 {
		rows, total = x.Find(register.Filter{Query: typed}, register.Sort{By: "date", Descending: true}, r.lang, skipTo(number), pageSize)
	}
	pager, err := r.pager(number, total)
	if err != nil {
		return err
	}
	v := pages.Search{Page: r.base(ui.Plain(heading), ""), DeclarationsTotal: total, Pager: pager}
	v.NoIndex, v.Query = true, typed
	if len(words) == 0 {
		if typed != "" {
			v.Problems = []ui.Problem{{Field: "find-big", Message: r.p.T("search.too_short")}}
		}
		return r.show(v.Show())
	}
	if total > 0 {
		if v.Declarations, err = r.declarationRows(rows); err != nil {
			return err
		}
		v.DeclarationsURL = r.to("/declarations", "q", typed)
	}
	if number > 1 {
		return r.show(v.Show()) // participants and groups stand on the first page
	}
	var found []*register.Participant
	for _, p := range r.view.Ref.Participants {
		if called(p, words) {
			found = append(found, p)
		}
	}
	// Those whose name begins with the words come first, then in alphabetical order.
	whole := strings.Join(words, " ")
	begins := map[string]bool{}
	for _, p := range found {
		for _, n := range p.Names {
			if strings.HasPrefix(register.Fold(n), whole) {
				begins[p.Code] = true
			}
		}
	}
	sort.Slice(found, func(i, j int) bool {
		a, b := found[i].Code, found[j].Code
		if begins[a] != begins[b] {
			return begins[a]
		}
		return r.rank(a) < r.rank(b)
	})
	v.ParticipantsTotal, v.ParticipantsURL = len(found), r.to("/participants", "q", typed)
	for _, p := range found[:min(len(found), participantsFound)] {
		v.Participants = append(v.Participants, r.participantRow(x, p))
	}
	for _, g := range r.view.Ref.Groups {
		if strings.ToLower(g.Code) == whole || slices.ContainsFunc(register.Languages, func(lang string) bool {
			name := register.Fold(g.Names[lang])
			return name != "" && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(name, w) })
		}) {
			v.Groups = append(v.Groups, r.groupRow(g))
		}
	}
	return r.show(v.Show())
}
