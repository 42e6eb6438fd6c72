package web

import (
	"bytes"
	"context"
	"io"
	"slices"
	"sort"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
	"cosignatory/web/export"
)

// The orders of the list of participants, as addresses name them; the first is the one unless asked.
var participantOrders = []string{"name", "region", "declarations"}

// participantFilters are the parameters that choose participants.
var participantFilters = []string{"q", "group", "kind"}

// listed are the participants that the filters of the address choose, in the order asked for.
func (r *request) listed(x *store.Index) (list []*register.Participant, order string, err error) {
	order = r.query["sort"]
	if order == "" {
		order = participantOrders[0]
	}
	if !slices.Contains(participantOrders, order) {
		var options []ui.Option
		for _, o := range participantOrders {
			options = append(options, ui.Option{Value: o, Label: r.p.T("order." + o)})
		}
		return nil, "", bad("error.sort", "Value", shorten(order)).oneOf(options)
	}
	kind := register.ParticipantKind(r.query["kind"])
	if kind != "" && !slices.Contains(register.ParticipantKinds, kind) {
		var options []ui.Option
		for _, k := range register.ParticipantKinds {
			options = append(options, ui.Option{Value: string(k), Label: r.p.T("participant_kinds." + string(k))})
		}
		return nil, "", r.badValue("kind", string(kind)).oneOf(options)
	}
	if err := r.knownGroup(r.query["group"]); err != nil {
		return nil, "", err
	}
	var members map[string]bool
	if g := r.view.Ref.Group(r.query["group"]); g != nil {
		members = map[string]bool{}
		for _, code := range g.On(r.day) {
			members[code] = true
		}
	}
	words := strings.Fields(register.Fold(r.query["q"]))
	if r.query["q"] == "" || len(words) > 0 {
		for _, p := range r.view.Ref.Participants {
			if (kind == "" || p.Kind == kind) && (members == nil || members[p.Code]) && (len(words) == 0 || called(p, words)) {
				list = append(list, p)
			}
		}
	}
	rank := map[string]int{}
	for _, p := range list {
		rank[p.Code] = r.rank(p.Code)
	}
	sort.Slice(list, func(i, j int) bool { return rank[list[i].Code] < rank[list[j].Code] })
	switch order {
	case "region":
		sort.SliceStable(list, func(i, j int) bool { return regionPlace(list[i]) < regionPlace(list[j]) })
	case "declarations":
		sort.SliceStable(list, func(i, j int) bool { return x.Participant(list[i].Code).On > x.Participant(list[j].Code).On })
	}
	return list, order, nil
}

// called says that a participant has a name, in any language and at any time, in which all the words begin a word, or that code.
func called(p *register.Participant, words []string) bool {
	has := func(name string) bool {
		name = register.Fold(name)
		for _, w := range words {
			if !register.Begins(name, w) {
				return false
			}
		}
		return true
	}
	for _, n := range p.Names {
		if has(n) {
			return true
		}
	}
	for _, n := range p.Formal {
		if has(n) {
			return true
		}
	}
	for i := range p.Aliases {
		if a := &p.Aliases[i]; a.Kind != "adjective" && a.Kind != "abbreviation" && has(a.Text) {
			return true
		} else if register.Fold(a.Text) == strings.Join(words, " ") {
			return true
		}
	}
	for _, code := range []string{p.Code, p.Alpha2, p.Alpha3, p.UserAssigned, p.M49} {
		if code != "" && len(words) == 1 && strings.ToLower(code) == words[0] {
			return true
		}
	}
	return false
}

// regionPlace is the place of a participant's section in a list by region.
func regionPlace(p *register.Participant) int {
	if i := slices.Index(register.RegionalGroups, p.RegionalGroup); i >= 0 && (p.Kind == register.Member || p.Kind == register.Observer) {
		return i
	}
	return len(register.RegionalGroups) + slices.Index(register.ParticipantKinds, p.Kind)
}

func showParticipants(r *request) error {
	x, err := r.view.Index(r.ctx, r.day)
	if err != nil {
		return err
	}
	list, order, err := r.listed(x)
	if err != nil {
		return err
	}
	v := pages.Participants{Page: r.base(ui.Plain(r.p.T("participants.title")), "/participants"), Total: len(list)}
	v.Description = r.p.T("participants.lead")
	c := r.choices()
	v.Filter = pages.ParticipantFilter{Filter: pages.Filter{Action: address(r.lang, r.path, "", nil), Q: r.query["q"], Hidden: r.hidden("sort", "as_of", "revision")},
		Groups: c.groups, Kinds: c.participantKinds, Group: r.query["group"], Kind: r.query["kind"]}
	if v.Filter.Active = r.active(participantFilters, r.filterValue); len(v.Filter.Active) > 0 {
		v.Filter.ClearURL = r.without(participantFilters)
	}
	for _, o := range participantOrders[:2] {
		value := o
		if o == participantOrders[0] {
			value = ""
		}
		v.Orders = append(v.Orders, ui.Link{Text: r.p.T("order." + o), URL: r.here("sort", value), Current: o == order})
	}
	v.ByName, v.ByDeclarations = ui.Head{URL: r.here("sort", "")}, ui.Head{URL: r.here("sort", "declarations")}
	switch order {
	case "name":
		v.ByName.Order = ui.Ascending
	case "declarations":
		v.ByDeclarations.Order = ui.Descending
	}
	v.Sections = r.participantSections(x, list, order)
	for _, s := range v.Sections {
		if s.ID != "" {
			v.Letters = append(v.Letters, ui.Link{Text: s.Heading, URL: "#" + s.ID})
		}
	}
	if len(v.Letters) < 2 {
		v.Letters = nil
	}
	v.Foot = r.foot(v.Title)
	v.CompareURL = r.to("/compare")
	return r.show(v.Show())
}

// participantSections parts a list by initials or by regional groups.
func (r *request) participantSections(x *store.Index, list []*register.Participant, order string) []pages.ParticipantSection {
	var sections []pages.ParticipantSection
	at := map[string]int{}
	last := -1
	for _, p := range list {
		heading := ""
		switch order {
		case "name":
			heading = initial(p.Name(r.lang), r.lang)
		case "region":
			heading = r.sectionOf(p)
		}
		i, ok := at[heading]
		switch {
		case !ok:
			i = len(sections)
			at[heading] = i
			s := pages.ParticipantSection{Heading: heading}
			if heading != "" {
				s.ID = "part-" + itoa(i+1)
			}
			sections = append(sections, s)
		case order == "name" && i != last:
			i = last // an initial out of its place stays where the language puts the name
		}
		last = i
		sections[i].Rows = append(sections[i].Rows, r.participantRow(x, p))
	}
	return sections
}

func (r *request) sectionOf(p *register.Participant) string {
	if i := regionPlace(p); i < len(register.RegionalGroups) {
		return r.p.T("regional_group." + register.RegionalGroups[i])
	}
	switch p.Kind {
	case register.Member, register.Observer:
		return r.p.T("regional_group.none")
	}
	return r.p.T("participant_kinds." + string(p.Kind))
}

// soundsFrom are, after each initial of pinyin, the first character that is read with it in the order of Chinese dictionaries.
var soundsFrom = strings.Fields("A 阿 B 八 C 嚓 D 哒 E 婀 F 发 G 嘎 H 哈 J 丌 K 咔 L 垃 M 妈 N 拿 O 噢 P 妑 Q 七 R 呥 S 仨 T 他 W 挖 X 夕 Y 丫 Z 匝")

// initials tells the initial of the sound under which Chinese names stand in their order (D15).
type initials struct {
	sync.Mutex
	order *register.Collator
	from  [][]byte // keys of the characters of soundsFrom
}

var pinyin initials

func (x *initials) of(name string) string {
	x.Lock()
	defer x.Unlock()
	if x.order == nil {
		x.order = register.NewCollator("zh")
		for i := 1; i < len(soundsFrom); i += 2 {
			x.from = append(x.from, x.order.Key(soundsFrom[i]))
		}
	}
	key := x.order.Key(name)
	at := sort.Search(len(x.from), func(i int) bool { return bytes.Compare(x.from[i], key) > 0 })
	if at == 0 {
		return ""
	}
	return soundsFrom[2*(at-1)]
}

// initial is the letter under which a name stands, empty in scripts that have none.
func initial(name, lang string) string {
	if lang == "ar" {
		name = strings.TrimPrefix(name, "ال")
	}
	if c, _ := utf8.DecodeRuneInString(name); lang == "zh" && unicode.Is(unicode.Han, c) {
		return pinyin.of(name)
	}
	c, _ := utf8.DecodeRuneInString(register.Fold(name))
	if c == utf8.RuneError || !unicode.IsLetter(c) || unicode.Is(unicode.Han, c) {
		return ""
	}
	return strings.ToUpper(string(c))
}

func (r *request) participantRow(x *store.Index, p *register.Participant) pages.ParticipantRow {
	row := pages.ParticipantRow{Code: p.Code, Name: p.Name(r.lang), URL: r.to(participantPath(p.Code)), Kind: r.p.T("participant_kind." + string(p.Kind)),
		Region: r.region(p), ISO3: p.Alpha3, Declarations: x.Participant(p.Code).On}
	if row.ISO3 == "" {
		row.ISO3 = p.UserAssigned
	}
	if p.ValidTo.Known() {
		row.Ended = r.p.T("participants.ended", "Date", r.p.Date(register.Date{Year: p.ValidTo.Year}))
	}
	return row
}

func fileParticipants(r *request) error {
	x, err := r.view.Index(r.ctx, r.day)
	if err != nil {
		return err
	}
	list, _, err := r.listed(x)
	if err != nil {
		return err
	}
	codes := make([]string, len(list))
	for i, p := range list {
		codes[i] = p.Code
	}
	filtered := r.query["q"] != "" || r.query["group"] != "" || r.query["kind"] != ""
	return r.send("participants", filtered, func(ctx context.Context, w io.Writer, o export.Options) error {
		return export.WriteParticipants(ctx, w, o, codes)
	})
}
