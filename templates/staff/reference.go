package staff

import (
	"slices"

	"cosignatory/store/register"
	"cosignatory/templates/i18n"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
)

// Reference leads to the reference data.
type Reference struct {
	Page
	ParticipantsURL, GroupsURL, TopicsURL string
	Participants, Groups, Topics          int
}

// ReferenceList is the list of participants, groups or topics. What is participants, groups or topics.
type ReferenceList struct {
	Page
	What   string
	UpURL  string
	NewURL string // empty where the role may not
	Rows   []ReferenceRow
}

// ReferenceRow is one of them.
type ReferenceRow struct {
	Code string
	Name string
	Kind string // in words; empty leaves it out
	Note string // in words: until 31 December 1992; 27 members today
	URL  string // its form
}

// Names are the names in the six languages, in their order: names.en, names.fr … and formal.en … for participants.
type Names [6]struct{ Name, Formal string }

// NamesOf are names by language.
func NamesOf(names, formal map[string]string) Names {
	var n Names
	for i, lang := range register.Languages {
		n[i].Name, n[i].Formal = names[lang], formal[lang]
	}
	return n
}

// ReferenceChange is what every change of reference data says: why, and when it was read last. Posts: reason,
// reason_lang, version.
type ReferenceChange struct {
	Action             string // empty where the role may only read
	ListURL            string
	New                bool
	Version            string
	Reason, ReasonLang string
	// Changed is what others published meanwhile; nil: nothing.
	Changed *Overlap
	// Confirm is what has to be confirmed before it is published, posted as confirm_name; Confirmed are the values ticked already.
	Confirm   []ui.Option
	Confirmed []string
}

// Overlap is an entry that was changed while somebody wrote: what was taken over, and what both changed, with theirs beside it.
type Overlap struct {
	Revision ui.Link
	Taken    []pages.Difference
	Clashes  []Clash // Name is the field of the form
}

// ParticipantForm is a participant. Posts: code (only of a new one), kind, names.en …, formal.en …, iso2, iso3, m49,
// user_assigned_code, regional_group, un_admission.*, valid_from.*, valid_to.*, aliases[0].text, .lang, .kind, .from.*, .to.*,
// successors[0].code, .from.*, note; of a renaming: renamed.on.* and renamed.names.en …; do = save, add:aliases,
// remove:aliases[0], add:successors, remove:successors[0].
type ParticipantForm struct {
	Page
	ReferenceChange
	Code, Kind                    string
	Names                         Names
	ISO2, ISO3, M49, UserAssigned string
	RegionalGroup                 string
	Admitted, ValidFrom, ValidTo  Date
	Aliases                       []AliasFields
	Successors                    []SuccessorFields
	Note                          string
	RenamedOn                     Date
	Renamed                       Names // the new names, of a renaming
	PublicURL                     string
	SuggestURL                    string
}

// AliasFields is another name, with the time in which it was official.
type AliasFields struct {
	Text, Lang, Kind string
	From, To         Date
}

// SuccessorFields is a state that followed.
type SuccessorFields struct {
	Code string // as PrintParticipant writes it
	From Date
}

// GroupForm is a group with its members. Posts: code, kind, names.en …, note, members[0].code, .from.*, .to.*; do = save,
// add:members, add5:members, remove:members[0].
type GroupForm struct {
	Page
	ReferenceChange
	Code, Kind string
	Names      Names
	Note       string
	Members    []MemberFields
	PublicURL  string
	SuggestURL string
}

// MemberFields is a membership.
type MemberFields struct {
	Code     string // as PrintParticipant writes it
	From, To Date
}

// TopicForm is a topic. Posts: code (only of a new one), names.en ….
type TopicForm struct {
	Page
	ReferenceChange
	Code      string
	Names     Names
	PublicURL string
}

func (c ReferenceChange) confirmed(value string) bool { return slices.Contains(c.Confirmed, value) }

// aliasKinds are what another name can be.
var aliasKinds = []string{"former", "short", "formal", "variant", "abbreviation", "adjective", "misspelling"}

// groupKinds are what a group can be.
var groupKinds = []string{"un-regional", "regional-org", "political", "economic"}

// reasonLangs are the languages that a reason can be written in.
func reasonLangs(p *i18n.Printer) *options { return prepared(p, "language.", register.Languages, "") }

// six are the languages of the names, in their order.
var six = register.Languages

func dirOf(lang string) string {
	if lang == "ar" {
		return "rtl"
	}
	return "ltr"
}

func participantKinds(p *i18n.Printer) *options {
	return prepared(p, "participant_kind.", register.ParticipantKinds, "")
}

func regionalOptions(p *i18n.Printer) *options {
	return prepared(p, "regional_group.", register.RegionalGroups, p.T("regional_group.none"))
}

func (v ReferenceList) caption() string {
	n := len(v.Rows)
	switch v.What {
	case "groups":
		return v.P.T("groups.count", "Count", n)
	case "topics":
		return v.P.T("staff.topics.count", "Count", n)
	}
	return v.P.T("participants.count", "Count", n)
}
