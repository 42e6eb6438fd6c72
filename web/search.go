package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
)

// What a search shows at most besides declarations: names of each kind, notes under a declaration, bytes of a summary.
const (
	namesShown   = 6
	notesShown   = 2
	excerptBytes = 220
)

func showSearch(r *request) error {
	typed := visible(r.query["q"])
	x, err := r.view.Index(r.ctx, r.day)
	if err != nil {
		return err
	}
	heading := r.p.T("search.title")
	if typed != "" {
		heading = r.p.T("search.title_for", "Query", shorten(typed))
	}
	v := pages.Search{Page: r.base(ui.Plain(heading), ""), Typed: r.query["q"]}
	v.Query, v.Description = shorten(typed), r.p.T("search.lead")
	if r.overlong {
		v.Problems = []ui.Problem{{Field: "find-big", Message: r.p.T("search.too_long", "Most", maxValue)}}
		h := r.c.Response().Header()
		h.Del("ETag")
		h.Set("Cache-Control", noStore)
		return write(r.c, http.StatusBadRequest, v.Show())
	}
	number, err := r.pageNumber()
	if err != nil {
		return err
	}
	if typed == "" && r.query["q"] == "" {
		return r.show(v.Show())
	}
	understood, q := r.question(x, typed)
	plain := q != understood
	if q.Blank {
		message := r.p.T("search.too_short")
		if len(register.Words(typed)) > 0 {
			message = r.p.T("search.too_little", "Query", shorten(typed))
		}
		v.Problems = []ui.Problem{{Field: "find-big", Message: message}}
		v.Try = r.elsewhere(x)
		return r.show(v.Show())
	}
	found := x.Search(q, r.lang, skipTo(number), pageSize)
	if v.Pager, err = r.pager(number, found.Total); err != nil {
		return err
	}
	v.Total = found.Total
	// Words that are no name may still be a part of somebody (Scotland): who is meant is asked, though nothing else was understood.
	asked := slices.ContainsFunc(understood.Terms, func(t register.Term) bool { return len(t.Others) > 0 })
	if understood.Sense || asked && !plain {
		if plain {
			v.SenseURL = r.here("plain", "", "page", "")
		} else {
			v.PlainURL = r.here("plain", "1", "page", "")
			r.understood(&v, understood)
		}
	}
	r.remarks(&v, found, q)
	entries, err := r.entriesOf(found.Hits)
	if err != nil {
		return err
	}
	var names []store.NameHit
	if number == 1 {
		names = r.shownNames(&v, found)
	}
	for _, h := range found.Hits {
		for len(names) > 0 && names[0].Tier >= h.Tier {
			v.Hits = append(v.Hits, r.nameHit(x, names[0], found))
			names = names[1:]
		}
		if e := entries[h.ID]; e != nil {
			v.Hits = append(v.Hits, r.declarationHit(x, e, h, found))
		}
	}
	for _, n := range names {
		v.Hits = append(v.Hits, r.nameHit(x, n, found))
	}
	if len(v.Hits) == 0 {
		v.Try = r.elsewhere(x)
	}
	return r.show(v.Show())
}

// question is what was typed as it is understood, and as it is to be answered: taken as plain words where the address asks for that.
func (r *request) question(x *store.Index, typed string) (understood, q *register.Question) {
	understood = r.view.Ref.Ask(typed, x.Known)
	if r.query["plain"] == "1" {
		return understood, register.Plainly(typed)
	}
	return understood, understood
}

// visible is a text without the characters that only turn round the order of what stands beside them.
func visible(s string) string {
	return strings.Map(func(c rune) rune {
		if c == 0x61C || c == 0x200E || c == 0x200F || 0x202A <= c && c <= 0x202E || 0x2066 <= c && c <= 0x2069 {
			return -1
		}
		return c
	}, s)
}

// elsewhere is where to go on from a search that found nothing.
func (r *request) elsewhere(x *store.Index) []ui.Link {
	links := []ui.Link{{Text: r.p.T("onward.declarations"), URL: r.to("/declarations")}, {Text: r.p.T("onward.participants"), URL: r.to("/participants")},
		{Text: r.p.T("onward.groups"), URL: r.to("/groups")}}
	for i, f := range x.Topics() {
		if i == 6 {
			break
		}
		links = append(links, ui.Link{Text: r.topic(f.Value).S, URL: r.to("/declarations", "topic", f.Value)})
	}
	return links
}

// understood says as what the question was read, each part a link to the question without it, and offers what else a name
// can mean.
func (r *request) understood(v *pages.Search, q *register.Question) {
	ref := r.view.Ref
	again := func(typed string) string {
		if typed == "" {
			return r.here("q", "", "page", "")
		}
		return r.here("q", typed, "page", "")
	}
	filters := params{}
	fits := true
	filter := func(name, value string) {
		if filters[name] != "" {
			fits = false
		}
		filters[name] = value
	}
	for i := range q.Terms {
		t := &q.Terms[i]
		typed := q.Typed[t.Start:t.End]
		var said string
		switch t.Kind {
		case register.ParticipantTerm:
			var all []string
			for _, code := range t.Participants {
				all = append(all, ref.Name(code, r.lang))
			}
			said = r.p.T("search.is_participant", "Value", strings.Join(all, " / "))
			fits = fits && !t.Open()
			filter("signatory", t.Participants[0])
		case register.GroupTerm:
			said = r.p.T("search.is_group", "Value", ref.Group(t.Group).Name(r.lang))
			filter("group", t.Group)
		case register.TopicTerm:
			said = r.p.T("search.is_topic", "Value", r.topic(t.Topic).S)
			filter("topic", t.Topic)
		case register.TimeTerm:
			said = r.p.T("search.is_time", "Value", r.span(t.From, t.To))
			if t.From.Known() {
				filter("from", t.From.String())
			}
			if t.To.Known() {
				filter("to", t.To.String())
			}
		default:
			said = r.p.T("search.is_word", "Value", typed)
			if filters["q"] != "" {
				typed = filters["q"] + " " + typed
				filters["q"] = ""
			}
			filter("q", typed)
		}
		v.Understood = append(v.Understood, ui.Link{Text: said, URL: again(q.Without(i))})
		choices := t.Others
		sentence := r.p.T("search.like_names", "Name", q.Typed[t.Start:t.End])
		if t.Open() {
			choices, sentence = t.Participants, r.p.T("search.which", "Name", q.Typed[t.Start:t.End])
		}
		if t.Kind == register.WordTerm {
			sentence = r.p.T("search.perhaps", "Name", q.Typed[t.Start:t.End])
		}
		if len(choices) == 0 || t.Kind != register.ParticipantTerm && t.Kind != register.WordTerm {
			continue
		}
		c := pages.Choice{Sentence: sentence}
		choices = slices.Clone(choices)
		ref.SortCodes(choices, r.lang)
		for _, code := range choices {
			c.Links = append(c.Links, ui.Link{Text: ref.Name(code, r.lang), URL: again(q.With(i, code))})
		}
		v.Choices = append(v.Choices, c)
	}
	if fits {
		for name, value := range r.set {
			filters[name] = value
		}
		v.FilterURL = address(r.lang, "/declarations", "", filters)
	}
}

// span is a time in words: a date, or from one to another.
func (r *request) span(from, to register.Date) string {
	switch {
	case !to.Known():
		return r.p.T("search.time_since", "From", r.p.Date(from))
	case !from.Known():
		return r.p.T("search.time_until", "To", r.p.Date(to))
	case from == to:
		return r.p.Date(from)
	}
	return r.p.T("search.time_span", "From", r.p.Date(from), "To", r.p.Date(to))
}

// remarks say how the answer differs from the question.
func (r *request) remarks(v *pages.Search, f *store.Found, asked *register.Question) {
	switch f.Reading {
	case store.AsWords:
		v.Remarks = append(v.Remarks, r.p.T("search.as_words"))
	case store.AsSomeWords:
		v.Remarks = append(v.Remarks, r.p.T("search.as_some"))
	}
	if len(f.Alike) > 0 {
		v.Remarks = append(v.Remarks, r.p.T("search.alike", "Words", strings.Join(f.Alike, " ")))
	}
}

// shownNames are the participants, groups and topics that the page shows, some of each kind, and where the others are.
func (r *request) shownNames(v *pages.Search, f *store.Found) (shown []store.NameHit) {
	count := map[register.TermKind]int{}
	for _, h := range f.Names {
		if count[h.Kind]++; count[h.Kind] <= namesShown {
			shown = append(shown, h)
		}
	}
	if n := count[register.ParticipantTerm]; n > namesShown {
		v.ParticipantsTotal, v.ParticipantsURL = n, r.to("/participants", "q", visible(r.query["q"]))
	}
	return shown
}

func (r *request) entriesOf(hits []store.Hit) (map[int64]*store.Entry, error) {
	ids := make([]int64, len(hits))
	for i, h := range hits {
		ids[i] = h.ID
	}
	heads, err := r.view.Heads(r.ctx, ids)
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]*store.Entry, len(heads))
	for _, e := range heads {
		byID[e.ID] = e
	}
	return byID, nil
}

func (r *request) nameHit(x *store.Index, h store.NameHit, f *store.Found) pages.SearchHit {
	ref := r.view.Ref
	var v pages.SearchHit
	title := ui.Plain(h.Code)
	switch h.Kind {
	case register.ParticipantTerm:
		p := ref.Participant(h.Code)
		title = ui.Plain(p.Name(r.lang))
		row := r.participantRow(x, p)
		v = pages.SearchHit{Kind: r.p.T("search.kind_participant"), Code: row.ISO3, URL: row.URL}
		v.Facts = append(v.Facts, row.Kind)
		if p.RegionalGroup != "" {
			v.Facts = append(v.Facts, row.Region)
		}
		if row.Ended != "" {
			v.Facts = append(v.Facts, row.Ended)
		}
		if row.Declarations > 0 {
			v.Facts = append(v.Facts, r.p.T("search.on_lists", "Count", row.Declarations))
		}
	case register.GroupTerm:
		row := r.groupRow(ref.Group(h.Code))
		title = ui.Plain(row.Name)
		v = pages.SearchHit{Kind: r.p.T("search.kind_group"), Code: row.Code, URL: row.URL, Facts: []string{r.p.T("search.members", "Count", row.Members)}}
	default:
		title = r.topic(h.Code)
		v = pages.SearchHit{Kind: r.p.T("search.kind_topic"), URL: r.to("/declarations", "topic", h.Code),
			Facts: []string{r.p.T("declarations.count", "Count", x.Count(register.Filter{Topic: h.Code}))}}
	}
	marks := register.Marks(title.S, f.Sought)
	v.Title = ui.Mark(title, marks)
	if h.Text != "" && len(marks) == 0 && register.Fold(h.Text) != register.Fold(title.S) && h.Sort != "code" {
		note := pages.SearchNote{Label: r.p.T("search.through"), Text: ui.Mark(r.text(h.Text, h.Lang), register.Marks(h.Text, f.Sought))}
		if key := "language." + h.Lang; h.Lang != r.lang && h.Lang != "" && r.p.Has(key) {
			note.After = r.p.T("search.through_language", "Language", r.p.T(key))
		}
		v.Notes = append(v.Notes, note)
	}
	return v
}

func (r *request) declarationHit(x *store.Index, e *store.Entry, h store.Hit, f *store.Found) pages.SearchHit {
	t := e.TitleIn(r.lang)
	marks := register.Marks(t.Text, f.Sought)
	v := pages.SearchHit{Kind: r.p.T("kind." + string(e.Kind)), Work: true, URL: r.to(declarationPath(e.Slug)), Title: ui.Mark(r.titled(t), marks)}
	if h.Date.Known() {
		v.Facts = append(v.Facts, r.p.Date(h.Date))
	}
	if len(e.Sponsors) > 0 {
		var names []string
		for _, code := range e.Sponsors {
			names = append(names, r.view.Ref.Name(code, r.lang))
		}
		v.Facts = append(v.Facts, r.p.T("filter.is_sponsor", "Value", strings.Join(names, r.p.T("search.comma"))))
	}
	if h.Stated > 0 {
		v.Facts = append(v.Facts, r.p.T("counts.stated", "Count", h.Stated))
	}
	v.Facts = append(v.Facts, r.p.T("counts.in_effect", "Count", h.InEffect))
	v.Notes = r.stands(x, h, f.Question)
	before := len(v.Notes)
	if !slices.ContainsFunc(f.Sought, func(s register.Sought) bool { return len(register.Marks(t.Text, []register.Sought{s})) == 0 }) {
		return v // the title says all of it
	}
	note := func(label, text, lang string) bool {
		k := register.Marks(text, f.Sought)
		if len(k) == 0 || len(v.Notes) >= before+notesShown {
			return false
		}
		from, to := register.Excerpt(text, k, excerptBytes)
		for i := range k {
			k[i][0], k[i][1] = k[i][0]-from, k[i][1]-from
		}
		v.Notes = append(v.Notes, pages.SearchNote{Label: label, Text: ui.Mark(r.text(text[from:to], lang), k), Before: from > 0, Behind: to < len(text)})
		return true
	}
	if h.Where&store.InTitle != 0 && len(marks) == 0 {
		for _, other := range e.Titles {
			if note(r.p.T("search.in_title"), other.Text, other.Lang) {
				break
			}
		}
	}
	if h.Where&store.InPresenter != 0 {
		note(r.p.T("search.in_presenter"), e.PresentedBy, "en")
	}
	if h.Where&store.InTopic != 0 {
		r.noteTopics(e, note)
	}
	texts := inOrder(e.Texts, r.lang)
	for _, field := range []struct {
		where store.Field
		label string
		of    func(t *register.Text) string
	}{
		{store.InEvent, r.p.T("search.in_event"), func(t *register.Text) string { return t.Event }},
		{store.InPlace, r.p.T("search.in_place"), func(t *register.Text) string { return t.Place }},
		{store.InSummary, r.p.T("search.in_summary"), func(t *register.Text) string { return t.Summary }},
	} {
		if h.Where&field.where == 0 || field.where == store.InSummary && (len(marks) > 0 || len(v.Notes) > before) {
			continue
		}
		for _, t := range texts {
			if note(field.label, field.of(t), t.Lang) {
				break
			}
		}
	}
	return v
}

// noteTopics says by which topics a declaration was found: in the reader's language where the word stands in that.
func (r *request) noteTopics(e *store.Entry, note func(label, text, lang string) bool) {
	for _, code := range e.Topics {
		topic := r.view.Ref.Topic(code)
		if topic == nil {
			continue
		}
		for _, lang := range append([]string{r.lang}, register.Languages...) {
			if note(r.p.T("search.in_topic"), topic.Names[lang], lang) {
				break
			}
		}
	}
}

// inOrder are the texts of a declaration, the reader's language first.
func inOrder(texts []register.Text, lang string) []*register.Text {
	list := make([]*register.Text, 0, len(texts))
	for i := range texts {
		if texts[i].Lang == lang {
			list = slices.Insert(list, 0, &texts[i])
		} else {
			list = append(list, &texts[i])
		}
	}
	return list
}

// stands says how the participants that a question names stand to a declaration.
func (r *request) stands(x *store.Index, h store.Hit, q *register.Question) (notes []pages.SearchNote) {
	for _, t := range q.Terms {
		for _, code := range t.Participants {
			if t.Kind != register.ParticipantTerm {
				continue
			}
			var how []string
			for _, s := range x.Stands(h.Row, code) {
				switch s {
				case store.Leads:
					how = append(how, r.p.T("search.how_led"))
				case store.Presents:
					how = append(how, r.p.T("search.how_presented"))
				case store.OnList:
					how = append(how, r.p.T("status.in_effect"))
				case store.MayBeOnList:
					how = append(how, r.p.T("status.unsettled_plain"))
				case store.HasLeft:
					how = append(how, r.p.T("status.left_plain"))
				case store.BesideList:
					how = append(how, r.p.T("search.how_beside"))
				}
			}
			if len(how) > 0 {
				notes = append(notes, pages.SearchNote{Label: r.p.T("search.stands", "Name", r.view.Ref.Name(code, r.lang)), Text: ui.Mark(ui.Plain(strings.Join(how, r.p.T("search.comma"))), nil)})
			}
		}
	}
	return notes
}

// suggestionsShown is how many suggestions are made at most.
const suggestionsShown = 8

// suggestion is one thing that a reader may mean. Note is the name by which it was found, where that is another than Text, the
// language of a title that is in another than the page (D21), or what of a declaration answers where its title does not.
type suggestion struct {
	Kind string `json:"kind"` // in words
	Text string `json:"text"`
	Lang string `json:"lang,omitempty"` // of Text, where it is not the page's
	Note string `json:"note,omitempty"`
	URL  string `json:"url"`
}

// answering is why a declaration is suggested whose title does not say it: who read it out, where it was made. It is empty where the
// place that says it is in another language than the page.
func (r *request) answering(x *store.Index, e *store.Entry, h store.Hit, f *store.Found) string {
	notes := r.declarationHit(x, e, h, f).Notes
	if len(notes) == 0 || notes[0].Text.Lang != "" {
		return ""
	}
	text := notes[0].Label + " "
	if notes[0].Before {
		text += "… "
	}
	for _, piece := range notes[0].Text.Pieces {
		text += piece.S
	}
	if notes[0].Behind {
		text += " …"
	}
	return text
}

// fileSuggest suggests what the beginning of a question may lead to. Its answer says too how many there are, in words.
func fileSuggest(r *request) error {
	if r.format != "json" {
		return unknown("error.page_unknown")
	}
	if r.caching(true) {
		return r.c.NoContent(http.StatusNotModified)
	}
	answer := struct {
		Said  string       `json:"said"`
		Items []suggestion `json:"items"`
	}{Items: []suggestion{}}
	x, err := r.view.Index(r.ctx, r.day)
	if err != nil {
		return err
	}
	q := r.view.Ref.Ask(visible(r.query["q"]), x.Known)
	if !q.Blank {
		found := x.Search(q, r.lang, 0, suggestionsShown)
		names := found.Names
		put := func(h store.NameHit) {
			v := r.nameHit(x, h, found)
			s := suggestion{Kind: v.Kind, URL: v.URL, Lang: v.Title.Lang}
			for _, piece := range v.Title.Pieces {
				s.Text += piece.S
			}
			if len(v.Notes) > 0 {
				s.Note = h.Text
			}
			answer.Items = append(answer.Items, s)
		}
		declarations := found.Hits
		if found.Reading == store.AsSomeWords {
			declarations = nil
		}
		entries, err := r.entriesOf(declarations)
		if err != nil {
			return err
		}
		for _, h := range declarations {
			for len(names) > 0 && len(answer.Items) < suggestionsShown && (names[0].Tier >= h.Tier) && len(answer.Items) < suggestionsShown-2 {
				put(names[0])
				names = names[1:]
			}
			if len(answer.Items) < suggestionsShown {
				t := r.titled(x.Titled(h.Slug, r.lang))
				one := suggestion{Kind: r.p.T("search.kind_declaration"), Text: t.S, Lang: t.Lang, Note: t.Mark, URL: r.to(declarationPath(h.Slug))}
				if e := entries[h.ID]; e != nil && one.Note == "" {
					one.Note = r.answering(x, e, h, found)
				}
				answer.Items = append(answer.Items, one)
			}
		}
		for _, h := range names {
			if len(answer.Items) < suggestionsShown {
				put(h)
			}
		}
	}
	answer.Said = r.p.T("search.suggested", "Count", len(answer.Items))
	b, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	return r.c.Blob(http.StatusOK, "application/json", b)
}
