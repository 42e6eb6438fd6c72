package register

// Tristate is an answer that may be missing: yes, no or unknown. The empty text is read as unknown.
type Tristate string

// The three answers.
const (
	Yes         Tristate = "yes"
	No          Tristate = "no"
	NotRecorded Tristate = "unknown"
)

// Kind is the form of a declaration.
type Kind string

// Kinds lists every kind of declaration, in the order in which forms and filters offer them.
var Kinds = []Kind{"joint-statement", "joint-declaration", "political-declaration", "pledge", "call-to-action",
	"communique", "accords", "letter"}

// Standing is what a title in one language is worth (D21).
type Standing string

// The standings of a title.
const (
	Authentic  Standing = "authentic"
	Official   Standing = "official"   // an official translation
	Unofficial Standing = "unofficial" // the press's or the register's own
)

// Capacity is what a list makes of a name; the source's own word is kept beside it.
type Capacity string

// The capacities. Sponsor, co-sponsor, signatory and endorser stand on the list; a supporter and an aligned participant
// stand beside it and are never added to the signatories (D4).
const (
	Sponsor   Capacity = "sponsor"
	CoSponsor Capacity = "co-sponsor"
	Signatory Capacity = "signatory"
	Endorser  Capacity = "endorser"
	Supporter Capacity = "supporter"
	Aligned   Capacity = "aligned"
)

// Capacities lists every capacity in the order in which forms offer them.
var Capacities = []Capacity{Sponsor, CoSponsor, Signatory, Endorser, Supporter, Aligned}

// Counted says whether a capacity is counted among the signatories.
func (c Capacity) Counted() bool { return c != Supporter && c != Aligned }

// ActionKind is what happened.
type ActionKind string

// The actions.
const (
	Signed        ActionKind = "signed"
	Endorsed      ActionKind = "endorsed"
	Joined        ActionKind = "joined" // after the adoption
	AlignedItself ActionKind = "aligned"
	Withdrew      ActionKind = "withdrew"
	Rejoined      ActionKind = "rejoined"
)

// ActionKinds lists every action in the order in which forms offer them.
var ActionKinds = []ActionKind{Signed, Endorsed, Joined, AlignedItself, Withdrew, Rejoined}

// Founding says that the action belongs to the declaration's own day: undated, it counts from that day (D11).
func (k ActionKind) Founding() bool { return k == Signed || k == Endorsed || k == AlignedItself }

// Departure says that the action takes a participant off the list.
func (k ActionKind) Departure() bool { return k == Withdrew }

// Reason is why a participant is no longer on a list (D2).
type Reason string

// Reasons lists every reason of a departure: the participant gave notice; others report it; the name vanished and nobody
// said why; the participant, or the sponsor, says that it never should have been there; whoever keeps the list struck it
// and said why; the entity ceased to exist.
var Reasons = []Reason{"withdrew_by_notice", "withdrawal_reported", "dropped_unexplained", "listed_in_error_participant",
	"listed_in_error_sponsor", "removed_by_keeper", "entity_ceased"}

// SourceKind is the weight of a source: issued by a participant, sponsor or organiser; a copy of such a text by others;
// press; other.
type SourceKind string

// SourceKinds lists the kinds of source, the weightiest first.
var SourceKinds = []SourceKind{"official", "copy", "press", "other"}

// LinkKind says how one declaration stands to another (D9).
type LinkKind string

// LinkKinds lists the kinds of link.
var LinkKinds = []LinkKind{"responds_to", "follows", "supersedes", "related"}

// Declaration is one joint declaration as one revision of the register knows it: a whole document. Drafts are such
// documents, publishing compares two of them, files and pages are made from them.
type Declaration struct {
	Slug      string `json:"slug"`
	Kind      Kind   `json:"kind"`
	Adopted   Date   `json:"adopted,omitzero"`
	Presented Date   `json:"presented,omitzero"`
	Published Date   `json:"published,omitzero"`
	Opened    Date   `json:"opened,omitzero"`
	Closed    Date   `json:"closed,omitzero"`

	// Sponsors are the codes of the sponsoring delegations, the lead first.
	Sponsors []string `json:"sponsors,omitempty"`
	// PresentedBy is the person who read it out, with the office held; PresenterDelegation the code of the delegation
	// spoken for; PresenterCounted whether a source counts it among the signatories (D5), see CountedOf.
	PresentedBy         string   `json:"presented_by,omitempty"`
	PresenterDelegation string   `json:"presenter_delegation,omitempty"`
	PresenterCounted    Tristate `json:"presenter_counted,omitempty"`

	Open         Tristate `json:"open,omitempty"`          // may others still join?
	ListComplete Tristate `json:"list_complete,omitempty"` // does the record name everybody the source lists?
	Topics       []string `json:"topics,omitempty"`        // codes of topics

	Titles   []Title   `json:"titles,omitempty"`
	Texts    []Text    `json:"texts,omitempty"`
	Stated   []Stated  `json:"stated,omitempty"`
	Links    []Link    `json:"links,omitempty"`
	Sources  []Source  `json:"sources,omitempty"`
	Actions  []Action  `json:"actions,omitempty"` // of one participant in the order in which they happened
	Disputes []Dispute `json:"disputes,omitempty"`

	// MergedInto is the slug that answers for a retired declaration; empty for a living one. A retired slug redirects.
	MergedInto string `json:"merged_into,omitempty"`
}

// Title is a title in one language, with its standing (D21) and, where there is something to say of it, a note.
type Title struct {
	Lang     string   `json:"lang"`
	Text     string   `json:"text"`
	Standing Standing `json:"standing"`
	Source   string   `json:"source,omitempty"`
	Note     string   `json:"note,omitempty"`
}

// Text is what the register says in its own words, in one language (D20). The first of a declaration is the one it was
// written in. Notes are known gaps and conflicts, shown to the reader.
type Text struct {
	Lang    string `json:"lang"`
	Event   string `json:"event,omitempty"`
	Place   string `json:"place,omitempty"`
	Summary string `json:"summary,omitempty"`
	Notes   string `json:"notes,omitempty"`
}

// Stated is a number that the text or its sponsor claims (D3), with what it counts, the day it is said of and its source.
type Stated struct {
	Count  int    `json:"count"`
	Counts string `json:"counts"` // "states" or "participants"
	Date   Date   `json:"date,omitzero"`
	Source string `json:"source"`
	Note   string `json:"note,omitempty"`
}

// StatesOnly and AllParticipants are what a stated number counts.
const (
	StatesOnly      = "states"
	AllParticipants = "participants"
)

// Link leads to another declaration (D9).
type Link struct {
	Kind   LinkKind `json:"kind"`
	Target string   `json:"target"` // slug
	Note   string   `json:"note,omitempty"`
}

// Source is a text that was read (D19). Key is unique within the register, Supports says what it gives evidence of.
type Source struct {
	Key       string     `json:"key"`
	Publisher string     `json:"publisher"`
	Title     string     `json:"title"`
	URL       string     `json:"url"`
	Lang      string     `json:"lang,omitempty"`
	Kind      SourceKind `json:"kind"`
	Published Date       `json:"published,omitzero"`
	ReadOn    Date       `json:"read_on,omitzero"`
	Supports  string     `json:"supports,omitempty"`
}

// Action is one dated thing that happened to one participant on one declaration (D1). A group line (D6) has a group and
// no participant; its members are worked out for the action's date.
type Action struct {
	// ID is given by the register when the action is first published and stays with it; 0 in a draft that adds it.
	ID          int64      `json:"id,omitempty"`
	Participant string     `json:"participant,omitempty"` // code, empty on a group line
	Group       string     `json:"group,omitempty"`       // code of the group, empty but on a group line
	Kind        ActionKind `json:"action"`
	Capacity    Capacity   `json:"capacity"`
	// CapacityAsPrinted and NameAsPrinted are the source's own words, never mended (D14); PrintedPosition is the place in
	// the printed list, from 1, 0 where it is not known.
	CapacityAsPrinted string `json:"capacity_as_printed,omitempty"`
	NameAsPrinted     string `json:"name_as_printed,omitempty"`
	PrintedPosition   int    `json:"printed_position,omitempty"`
	Date              Date   `json:"date,omitzero"`        // took effect (D12)
	PublicDate        Date   `json:"public_date,omitzero"` // became public, where different
	Reason            Reason `json:"reason,omitempty"`     // of a departure
	// JoiningNotRecorded says of a departure that no source tells when the participant had joined (D1).
	JoiningNotRecorded bool     `json:"joining_not_recorded,omitempty"`
	Source             string   `json:"source"`                 // key of the source it follows
	AlsoSources        []string `json:"also_sources,omitempty"` // keys of others that say the same
	PlaceInSource      string   `json:"place_in_source,omitempty"`
	Note               string   `json:"note,omitempty"` // an explanation or reservation changes no class (D8)
}

// Dispute is a conflict between sources (D19): what another source claims instead of what is recorded. Participant is
// empty where it concerns the declaration as a whole.
type Dispute struct {
	Participant string   `json:"participant,omitempty"`
	Claim       []Phrase `json:"claim"`
	Source      string   `json:"source,omitempty"`
}

// Phrase is one sentence in one language.
type Phrase struct {
	Lang string `json:"lang"`
	Text string `json:"text"`
}

// Date is the declaration's date: the first known of adopted, presented, published and opened.
func (d *Declaration) Date() Date {
	for _, x := range []Date{d.Adopted, d.Presented, d.Published, d.Opened} {
		if x.Known() {
			return x
		}
	}
	return Date{}
}

// CountedOf are the delegations of which PresenterCounted speaks: the presenter's, and where none is recorded those that lead.
func (d *Declaration) CountedOf() []string {
	if d.PresenterDelegation != "" {
		return []string{d.PresenterDelegation}
	}
	return d.Sponsors
}

// Source is the declaration's source with that key, nil where it has none.
func (d *Declaration) Source(key string) *Source {
	for i := range d.Sources {
		if d.Sources[i].Key == key {
			return &d.Sources[i]
		}
	}
	return nil
}

// TitleIn is the title for a reader of lang: the one in that language, else an authentic one, else the first.
func (d *Declaration) TitleIn(lang string) Title {
	best := -1
	for i, t := range d.Titles {
		if t.Lang == lang {
			return t
		}
		if best < 0 || t.Standing == Authentic && d.Titles[best].Standing != Authentic {
			best = i
		}
	}
	if best < 0 {
		return Title{Text: d.Slug, Standing: Unofficial}
	}
	return d.Titles[best]
}

// TextIn is the register's own words for a reader of lang, else in the language they were written in.
func (d *Declaration) TextIn(lang string) Text {
	for _, t := range d.Texts {
		if t.Lang == lang {
			return t
		}
	}
	if len(d.Texts) > 0 {
		return d.Texts[0]
	}
	return Text{}
}

// In is the sentence for a reader of lang, else the first.
func In(phrases []Phrase, lang string) Phrase {
	for _, p := range phrases {
		if p.Lang == lang {
			return p
		}
	}
	if len(phrases) > 0 {
		return phrases[0]
	}
	return Phrase{}
}
