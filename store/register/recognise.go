package register

// Certainty says how sure recognition is of a find. Only certain finds are pre-ticked; nothing fuzzy is ever certain.
type Certainty string

// The certainties: an exact known name in a list of those who signed; one nearly so (former name, marks missing,
// misspelling); a person has to decide; it stands in a list like a name and is none we know.
const (
	Certain   Certainty = "certain"
	Likely    Certainty = "likely"
	Ask       Certainty = "ask"
	Unmatched Certainty = "unknown"
)

// Certainties lists them, the surest first.
var Certainties = []Certainty{Certain, Likely, Ask, Unmatched}

// FindReasons are the reasons of finds, the text of Find.Reason, with the certainty that they go with.
var FindReasons = map[string]Certainty{
	"official_name": Certain, // the official short or formal name, in a list
	"known_name":    Certain, // another name that texts use, in a list
	"abbreviation":  Certain, // in capitals, in a list
	"named_beside":  Certain, // of two with that name, the other is named beside it in another way

	"former_name": Likely, // it was the official one until a day
	"folded":      Likely, // accents, marks or signs differ
	"misspelling": Likely, // Distance letters differ, or a misspelling on record
	"look_alike":  Likely, // letters of another script, or invisible ones
	"broken":      Likely, // blanks missing or too many, as in bad PDFs
	"short_form":  Likely, // signs of one letter or two, as 美英法三国

	"ambiguous":    Ask, // several participants have that name
	"adjective":    Ask, // "Italian" among republics
	"prose":        Ask, // named in a sentence that may not be about signing
	"negated":      Ask, // "did not sign", "except"
	"presenter":    Ask, // spoke on behalf of others: may or may not be one of them (D5)
	"part":         Ask, // a part of a participant, or loosely used for it
	"not_then":     Ask, // did not exist on that day under that name
	"conflicting":  Ask, // the text says both: signed, and not
	"undated":      Ask, // the others in the table have a date, this one has none
	"organization": Ask, // the organisation or its members?
	"several":      Ask, // several are equally near to what is written

	"no_name": Unmatched, // looks like a name in a list
	"no_code": Unmatched, // a name on record that stands for no participant
}

// Span is a piece of the text that was read: bytes from Start up to End.
type Span struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	Text  string `json:"text"`
}

// Find is one participant named in a text, or what looks like one. A participant named several times is one find, at its
// best place; the other places are Repeats.
type Find struct {
	Span
	// Participant is the code, empty where several are possible or none is known; Candidates are all that it can mean,
	// the likeliest first.
	Participant string    `json:"participant"`
	Certainty   Certainty `json:"certainty"`
	Reason      string    `json:"reason"` // one of FindReasons
	Candidates  []string  `json:"candidates"`
	// Known is the name on record that was read, where the text has it otherwise; Distance how many letters differ.
	Known    string `json:"known,omitempty"`
	Distance int    `json:"distance,omitempty"`
	// List is the number of the list it stands in, from 1, and Position its place there, from 1; 0 outside of lists.
	List     int `json:"list,omitempty"`
	Position int `json:"position,omitempty"`
	// Note are the footnote marks after the name (D16): kept, and no part of the name.
	Note string `json:"note,omitempty"`
	// Dates stand beside the name, in the order of the text.
	Dates []FoundDate `json:"dates,omitempty"`
	// Repeats are further places where the participant is named; Twice says that one list names it twice.
	Repeats []Span `json:"repeats,omitempty"`
	Twice   bool   `json:"twice,omitempty"`
}

// FoundDate is a date in a text. Where the order of day and month cannot be told, Other is the second reading.
type FoundDate struct {
	Span
	Date  Date `json:"date,omitzero"`
	Other Date `json:"other,omitzero"`
}

// FoundGroup is a phrase that stands for the members of a group (D6). Named are those of its members that the text names
// as well.
type FoundGroup struct {
	Span
	Group     string    `json:"group"`
	Members   []string  `json:"members"` // on the day of the text
	Named     []string  `json:"named,omitempty"`
	Certainty Certainty `json:"certainty"` // certain in a list, ask elsewhere
	List      int       `json:"list,omitempty"`
	Position  int       `json:"position,omitempty"`
}

// FoundNumber is a number of states or participants that the text claims (D3).
type FoundNumber struct {
	Span
	Count  int    `json:"count"`
	Counts string `json:"counts"` // StatesOnly or AllParticipants
	// Loose says "more than", "at least", "about"; Others that it counts those besides the one named ("and 43 others").
	Loose  bool `json:"loose,omitempty"`
	Others bool `json:"others,omitempty"`
}

// Mention is a participant named in another role than that of a signatory: "the war in Ukraine", "Cambodian compounds".
// It is shown and not asked about.
type Mention struct {
	Span
	Participant string `json:"participant"`
}

// Recognition is what stands in a text. Everything is in the order of the text.
type Recognition struct {
	Stated   []FoundNumber `json:"stated_in_text"`
	Finds    []Find        `json:"finds"`
	Groups   []FoundGroup  `json:"groups"`
	Mentions []Mention     `json:"mentions"`
	Dates    []FoundDate   `json:"dates"` // of the text, not beside names
}

// MaxRead is how many bytes of text are read at once: what is longer is no list of signatories.
const MaxRead = 1 << 20
