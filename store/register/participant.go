package register

import (
	"bytes"
	"slices"
	"sort"
	"strings"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// Languages are the six languages of the United Nations, in the order in which the register names them.
var Languages = []string{"en", "fr", "es", "ar", "zh", "ru"}

// ParticipantKind says what a participant is today.
type ParticipantKind string

// The kinds of participant (D4). Other entities are neither members nor observers: Cook Islands, Kosovo, former states.
const (
	Member       ParticipantKind = "member"
	Observer     ParticipantKind = "observer"
	Other        ParticipantKind = "other"
	Organization ParticipantKind = "organization"
)

// ParticipantKinds lists the kinds in the order in which counts name them.
var ParticipantKinds = []ParticipantKind{Member, Observer, Other, Organization}

// RegionalGroups are the five regional groups of the United Nations (D18), in the order in which lists and counts name them.
var RegionalGroups = []string{"African", "Asia-Pacific", "Eastern European", "GRULAC", "WEOG"}

// Participant is whoever can be on a list. Code is the register's own key (D13); Alpha2, Alpha3 and M49 are attributes
// and texts: "NA" is Namibia's alpha-2 and "004" keeps its zeros.
type Participant struct {
	Code         string          `json:"code"`
	Kind         ParticipantKind `json:"kind"`
	Alpha2       string          `json:"iso2,omitempty"`
	Alpha3       string          `json:"iso3,omitempty"`
	UserAssigned string          `json:"user_assigned_code,omitempty"` // where ISO has none
	M49          string          `json:"m49,omitempty"`
	// RegionalGroup is the UN regional group, empty where there is none: "no group" is said, not guessed (D18).
	RegionalGroup string            `json:"regional_group,omitempty"`
	Region        string            `json:"m49_region,omitempty"`
	Subregion     string            `json:"m49_subregion,omitempty"`
	Admitted      Date              `json:"un_admission,omitzero"`
	ValidFrom     Date              `json:"valid_from,omitzero"`
	ValidTo       Date              `json:"valid_to,omitzero"`      // the last day of an ended state
	Names         map[string]string `json:"names"`                  // official short names by language
	Formal        map[string]string `json:"formal_names,omitempty"` // formal names by language
	Successors    []Successor       `json:"successors,omitempty"`   // of an ended state (D17)
	Aliases       []Alias           `json:"aliases,omitempty"`      // every other way in which texts name it
	Note          string            `json:"note,omitempty"`         // in English
}

// Successor is a state that followed an ended one, from a day on. It is no signatory unless it said so (D17).
type Successor struct {
	Code string `json:"code"`
	From Date   `json:"from,omitzero"`
}

// Alias is a name in a text. Kind is short, formal, former, variant, abbreviation, adjective or misspelling; From and To
// bound the time in which it was the official one, To being the day the next one began.
type Alias struct {
	Text string `json:"text"`
	Lang string `json:"lang"`
	Kind string `json:"kind"`
	From Date   `json:"from,omitzero"`
	To   Date   `json:"to,omitzero"`
}

// Name is the official short name in a language, English where the language has none, the code where there is no name.
func (p *Participant) Name(lang string) string {
	if n := p.Names[lang]; n != "" {
		return n
	}
	if n := p.Names["en"]; n != "" {
		return n
	}
	return p.Code
}

// NameOn is the short name that was official on a day, in that language: "Turkey" before 1 June 2022 (D14). The unknown
// date gives today's name.
func (p *Participant) NameOn(lang string, date Date) string {
	if date.Known() {
		day := date.First()
		for _, a := range p.Aliases {
			if a.Kind == "former" && a.Lang == lang && a.To.Known() && day < a.To.First() &&
				(!a.From.Known() || a.From.First() <= day) {
				return a.Text
			}
		}
	}
	return p.Name(lang)
}

// alongside says that two participants are sure to have been there at the same time. Where no beginning is recorded, an ended
// state may have been followed by the other: it was there before its last day, and more is not known.
func (p *Participant) alongside(o *Participant) bool {
	first, other := p, o // by which ends first, or neither
	if o.ValidTo.Compare(p.ValidTo) < 0 {
		first, other = o, p
	}
	return first.ValidTo == other.ValidTo || other.ValidFrom.Known() && other.ValidFrom.Last() < first.ValidTo.First()
}

// Group is a set of participants with dates: a UN regional group, an organisation's members, a caucus.
type Group struct {
	Code    string            `json:"code"`
	Kind    string            `json:"kind"` // un-regional, regional-org, political, economic
	Names   map[string]string `json:"names"`
	Note    string            `json:"note,omitempty"`
	Members []Membership      `json:"members,omitempty"`
	Aliases []Alias           `json:"aliases,omitempty"` // every other way in which texts name it, undated
}

// Ambiguous is a name that texts use for more than one participant, or that is a common word besides: it is never taken
// without its Rule.
type Ambiguous struct {
	Text  string   `json:"text"`
	Codes []string `json:"codes"` // participants it can mean, the likeliest first
	Rule  string   `json:"rule"`  // one of AmbiguousRules
	Note  string   `json:"note,omitempty"`
}

// AmbiguousRules say what recognition makes of an ambiguous name:
//
//	ask       a person has to choose among the codes
//	pair      the first code where another of the codes is named beside it in another way, else a person has to choose
//	longest   a plain name of the first code; its danger is only that it is part of longer names, or like another name
//	capital   a name only where it begins with a capital letter: it is a common word besides
//	capitals  a name only as a whole word in capital letters
//	marks     a name only with its accents and tone marks: without them it is a common word
//	never     no name of a participant, though texts list it: it is shown and never proposed
var AmbiguousRules = []string{"ask", "pair", "longest", "capital", "capitals", "marks", "never"}

// Membership is a participant's time in a group. To is the day on which it ended; unknown while it lasts.
type Membership struct {
	Code string `json:"code"`
	From Date   `json:"from,omitzero"`
	To   Date   `json:"to,omitzero"`
}

// On says that the membership holds, or may hold, on a day: its first and its last day count (D6), and of a partial date every
// day that it can mean.
func (m Membership) On(day Day) bool { return m.mayHold(day, day) }

// mayHold says that the membership holds, or may hold, on some day from first to last.
func (m Membership) mayHold(first, last Day) bool {
	return (!m.From.Known() || m.From.First() <= last) && (!m.To.Known() || first <= m.To.Last())
}

// holds are the days on which the membership surely holds: from the last day on which it can have begun to the first on which it
// can have ended (D11). There may be none.
func (m Membership) holds() (from, to Day) {
	from, to = FirstDay, LastDay
	if m.From.Known() {
		from = m.From.Last()
	}
	if m.To.Known() {
		to = m.To.First()
	}
	return from, to
}

// overlaps says that two memberships hold at the same time, whatever day their partial dates mean. The day on which one ends
// may be the one on which the other begins.
func (m Membership) overlaps(n Membership) bool {
	from, to := m.holds()
	begins, ends := n.holds()
	return max(from, begins) < min(to, ends)
}

// Name is the group's name in a language, else in English, else its code.
func (g *Group) Name(lang string) string {
	if n := g.Names[lang]; n != "" {
		return n
	}
	if n := g.Names["en"]; n != "" {
		return n
	}
	return g.Code
}

// On lists the codes of the members on a day, in the order of the record, each once. The day on which a membership ended still counts:
// the European Union had 28 members until 31 January 2020 (D6).
func (g *Group) On(day Day) []string {
	var codes []string
	for _, m := range g.Members {
		// Who left and came back on one day has two memberships on it.
		if m.On(day) && !slices.Contains(codes, m.Code) {
			codes = append(codes, m.Code)
		}
	}
	return codes
}

// MembershipsOn are the memberships that make the members of a day, in the order of the record, one a member: where one ends on
// the day on which the next begins, the next.
func (g *Group) MembershipsOn(day Day) []Membership {
	var all []Membership
	for i, m := range g.Members {
		if m.On(day) && !slices.ContainsFunc(g.Members[i+1:], func(n Membership) bool { return n.Code == m.Code && n.On(day) }) {
			all = append(all, m)
		}
	}
	return all
}

// MemberBetween is who was, or may have been, a member on some day of several. Throughout says that it surely was on each of
// them.
type MemberBetween struct {
	Code       string
	Throughout bool
}

// Between lists who was, or may have been, a member on any day from first to last, in the order of the record, each once.
func (g *Group) Between(first, last Day) []MemberBetween {
	list := make([]MemberBetween, 0, len(g.Members))
	for _, m := range g.Members {
		if !m.mayHold(first, last) {
			continue
		}
		from, to := m.holds()
		whole := from <= first && last <= to
		if at := slices.IndexFunc(list, func(x MemberBetween) bool { return x.Code == m.Code }); at < 0 {
			list = append(list, MemberBetween{m.Code, whole})
		} else if !list[at].Throughout {
			list[at].Throughout = whole || g.covers(m.Code, first, last)
		}
	}
	return list
}

// covers says that one membership after the other made somebody a member on every day from first to last.
func (g *Group) covers(code string, first, last Day) bool {
	for again := true; again && first <= last; {
		again = false
		for _, m := range g.Members {
			if from, to := m.holds(); m.Code == code && from <= first && first <= to {
				first, again = to+1, true
			}
		}
	}
	return first > last
}

// Topic is a subject of declarations with its names by language.
type Topic struct {
	Code  string            `json:"code"`
	Names map[string]string `json:"names"`
}

// Name is the topic's name in a language, else in English, else its code.
func (t *Topic) Name(lang string) string {
	if n := t.Names[lang]; n != "" {
		return n
	}
	if n := t.Names["en"]; n != "" {
		return n
	}
	return t.Code
}

// Reference is the reference data of one revision: who can be on a list, groups and topics. It is read-only once made.
type Reference struct {
	Participants []*Participant // by code
	Groups       []*Group       // in the order of the record
	Topics       []*Topic       // by code
	Ambiguous    []Ambiguous    // in the order of the record

	participants map[string]*Participant
	indexes      map[string]int // of participants, by code
	groups       map[string]*Group
	topics       map[string]*Topic
	ranks        map[string][]int // by language: place in that language's order, by index in Participants

	meaning struct { // what names in a question can mean, made when one is first asked
		once sync.Once
		made *meanings
	}
}

// NewReference makes the look-ups and the orders of names in the six languages. It sorts what it is given.
func NewReference(participants []*Participant, groups []*Group, topics []*Topic, ambiguous []Ambiguous) *Reference {
	r := &Reference{Participants: participants, Groups: groups, Topics: topics, Ambiguous: ambiguous,
		participants: map[string]*Participant{}, indexes: make(map[string]int, len(participants)), groups: map[string]*Group{}, topics: map[string]*Topic{}, ranks: map[string][]int{}}
	sort.Slice(participants, func(i, j int) bool { return participants[i].Code < participants[j].Code })
	sort.Slice(topics, func(i, j int) bool { return topics[i].Code < topics[j].Code })
	for i, p := range participants {
		r.participants[p.Code], r.indexes[p.Code] = p, i
	}
	for _, g := range groups {
		r.groups[g.Code] = g
	}
	for _, t := range topics {
		r.topics[t.Code] = t
	}
	for _, lang := range Languages {
		order := make([]int, len(participants))
		keys := make([][]byte, len(participants))
		c := NewCollator(lang)
		for i, p := range participants {
			order[i], keys[i] = i, c.Key(p.Name(lang))
		}
		sort.SliceStable(order, func(i, j int) bool { return bytes.Compare(keys[order[i]], keys[order[j]]) < 0 })
		rank := make([]int, len(order))
		for place, i := range order {
			rank[i] = place
		}
		r.ranks[lang] = rank
	}
	return r
}

// Participant is the participant with that code, nil where there is none.
func (r *Reference) Participant(code string) *Participant { return r.participants[code] }

// Group is the group with that code, nil where there is none.
func (r *Reference) Group(code string) *Group { return r.groups[code] }

// Topic is the topic with that code, nil where there is none.
func (r *Reference) Topic(code string) *Topic { return r.topics[code] }

// Name is the official short name of a participant in a language; the code itself where the register does not know it.
func (r *Reference) Name(code, lang string) string {
	if p := r.participants[code]; p != nil {
		return p.Name(lang)
	}
	return code
}

// GroupName is the name of a group in a language; the code itself where the register does not know it.
func (r *Reference) GroupName(code, lang string) string {
	if g := r.groups[code]; g != nil {
		return g.Name(lang)
	}
	return code
}

// Index is the place of a participant in Participants, -1 where the register does not know the code.
func (r *Reference) Index(code string) int {
	if i, ok := r.indexes[code]; ok {
		return i
	}
	return -1
}

// Rank is the place of a participant, by its index, in the alphabetical order of a language (D15).
func (r *Reference) Rank(index int, lang string) int {
	ranks := r.ranks[lang]
	if ranks == nil {
		ranks = r.ranks["en"]
	}
	return ranks[index]
}

// SortCodes orders codes as readers of the language expect their names (D15); unknown codes come last.
func (r *Reference) SortCodes(codes []string, lang string) {
	type placed struct {
		code  string
		place int
	}
	list := make([]placed, len(codes))
	for i, code := range codes {
		list[i] = placed{code, len(r.Participants)}
		if at := r.Index(code); at >= 0 {
			list[i].place = r.Rank(at, lang)
		}
	}
	slices.SortStableFunc(list, func(a, b placed) int { return a.place - b.place })
	for i := range list {
		codes[i] = list[i].code
	}
}

// Collator gives sort keys of names in one language, a leading article ignored (D15). It is not safe for concurrent use.
type Collator struct {
	c    *collate.Collator
	buf  collate.Buffer
	lang string
}

// NewCollator makes a collator of one of the register's languages.
func NewCollator(lang string) *Collator {
	return &Collator{c: collate.New(language.Make(lang), collate.Loose, collate.Numeric), lang: lang}
}

var articles = map[string][]string{
	"en": {"the "},
	"fr": {"la ", "le ", "les ", "l’", "l'"},
	"es": {"el ", "la ", "los ", "las "},
	"ar": {"ال"},
}

// Arabic orders every alif alike, with hamza or without. Peru's first sign is read bi, not mi as in other words.
var sounds = map[string]*strings.Replacer{
	"ar": strings.NewReplacer("أ", "ا", "إ", "ا", "آ", "ا", "ٱ", "ا"),
	"zh": strings.NewReplacer("秘鲁", "必鲁"),
}

// Key is the sort key of a name: keys compare bytewise as the language orders the names.
func (c *Collator) Key(name string) []byte {
	lower := strings.ToLower(name)
	for _, a := range articles[c.lang] {
		// The article of El Salvador is part of its name: in Spanish too it stands among the E.
		if strings.HasPrefix(lower, a) && !strings.HasPrefix(lower, "el salvador") {
			name = name[len(a):]
			break
		}
	}
	sound := name
	if r := sounds[c.lang]; r != nil {
		sound = r.Replace(name)
	}
	c.buf.Reset()
	key := c.c.KeyFromString(&c.buf, sound)
	// Names that differ only in accents or case keep one order, whatever the order they came in.
	return append(append(bytes.Clone(key), 0), name...)
}
