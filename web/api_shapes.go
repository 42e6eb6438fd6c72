package web

import (
	"encoding/json"
	"time"

	"cosignatory/store/register"
)

// The shapes of the API's answers. Members are called as the columns of the files where they mean the same, and every member is
// always there: null where nothing is recorded. Their meaning is that of the dictionary of files ("dictionary.<name>", or what the
// tag dict names), or stands in the tag doc; the tag enum names a list of words in openapi.go.

// text is a text that is null where it is empty.
type text string

// MarshalJSON writes null for the empty text.
func (t text) MarshalJSON() ([]byte, error) {
	if t == "" {
		return []byte("null"), nil
	}
	if !plainJSON(string(t)) {
		return encode(string(t))
	}
	b := make([]byte, 0, len(t)+2)
	return append(append(append(b, '"'), t...), '"'), nil
}

// plainJSON says that a text stands in JSON as it is: an answer has hundreds, and few have anything to escape.
func plainJSON(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			return false
		}
	}
	return true
}

// when is a partial date as it is recorded, 2023, 2023-06 or 2023-06-01, null for the unknown one (D11).
type when string

// MarshalJSON writes null for the unknown date.
func (w when) MarshalJSON() ([]byte, error) { return text(w).MarshalJSON() }

func whenOf(d register.Date) when { return when(d.String()) }

// position is a number from 1 on, null for 0.
type position int

// MarshalJSON writes null for 0.
func (p position) MarshalJSON() ([]byte, error) {
	if p == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(int(p))
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }

type apiIndex struct {
	Name          string         `json:"name" doc:"Name of the register."`
	Documentation string         `json:"documentation" format:"uri" doc:"The guide to the API."`
	Description   string         `json:"description" format:"uri" doc:"This description, as OpenAPI."`
	Data          string         `json:"data_files" format:"uri" doc:"The whole register as files, with their dictionary."`
	Languages     []string       `json:"languages" doc:"What lang may be."`
	Operations    []apiOperation `json:"operations" doc:"Every question that the API answers."`
}

type apiOperation struct {
	ID         string   `json:"id" doc:"Name of the operation in the description."`
	What       string   `json:"what" doc:"What it answers."`
	Template   string   `json:"template" doc:"Its address, with names in braces to be replaced."`
	Parameters []string `json:"parameters" doc:"The parameters that it takes."`
	Example    string   `json:"example" format:"uri" doc:"An address to try."`
}

// apiDeclarationRow is a declaration in a list: a row of declarations.csv.
type apiDeclarationRow struct {
	Declaration         string   `json:"declaration"`
	Title               string   `json:"title"`
	TitleLanguage       text     `json:"title_language"`
	Kind                string   `json:"kind" dict:"declarations.kind" enum:"declaration_kinds"`
	Date                when     `json:"date" dict:"declarations.date"`
	DatePrecision       string   `json:"date_precision" enum:"precisions"`
	Event               text     `json:"event"`
	Place               text     `json:"place"`
	Sponsors            []string `json:"sponsors"`
	PresentedBy         text     `json:"presented_by"`
	PresenterDelegation text     `json:"presenter_delegation"`
	Stated              position `json:"stated_count"`
	Named               int      `json:"named_count"`
	InEffect            int      `json:"in_effect_count"`
	Unsettled           int      `json:"unsettled_count"`
	NotNamed            int      `json:"not_named_count" doc:"How many of the stated number no source on record names, be it through a group; 0 where no number is stated."`
	InEffectByKind      apiKinds `json:"in_effect_by_kind" doc:"The participants on the list on the day, by kind."`
	Open                text     `json:"open" enum:"tristates"`
	Topics              []string `json:"topics"`
	Summary             text     `json:"summary"`
	URL                 string   `json:"url" format:"uri"`
	Self                string   `json:"self" format:"uri" doc:"Address of the whole record in the API."`
}

// apiKinds is a number split by kind (D4).
type apiKinds struct {
	Members       int `json:"member" doc:"Member states of the United Nations."`
	Observers     int `json:"observer" doc:"Observer states."`
	Others        int `json:"other" doc:"Other entities, former states too."`
	Organizations int `json:"organization" doc:"Organisations."`
}

// apiSplit is a number split by kind and, of members and observers, by regional group.
type apiSplit struct {
	Total  int         `json:"total" doc:"All of them."`
	ByKind apiKinds    `json:"by_kind" doc:"The same by kind of participant."`
	Groups []apiRegion `json:"by_regional_group" doc:"Members and observers by UN regional group, those of none last; groups with nobody are left out."`
}

type apiRegion struct {
	Group text `json:"regional_group" enum:"regional_groups"`
	Count int  `json:"count" doc:"How many."`
}

// apiCounts are the numbers of a declaration on the day, never blended (D3).
type apiCounts struct {
	Stated     *apiStated `json:"stated" doc:"The newest number claimed by the day, null where nobody claims one."`
	Named      apiSplit   `json:"named" dict:"named_count"`
	InEffect   apiSplit   `json:"in_effect" dict:"in_effect_count"`
	Unsettled  apiSplit   `json:"unsettled" dict:"unsettled_count"`
	Left       apiSplit   `json:"left" doc:"Participants that are no longer on the list by the day: they have left it, or stand beside it now."`
	NotYet     apiSplit   `json:"not_yet" doc:"Participants that come later than the day."`
	Ever       apiSplit   `json:"ever" doc:"Named, and those that came, or may have come, only through a group."`
	Implied    apiSplit   `json:"implied" doc:"Participants that stand on the list only through a group that a source names."`
	Supporters apiSplit   `json:"supporters" doc:"Supporters. They stand beside the list and are in none of the other numbers, unless they stood on it before: then in named, left and ever too."`
	Aligned    apiSplit   `json:"aligned" doc:"Aligned participants. They stand beside the list and are in none of the other numbers, unless they stood on it before: then in named, left and ever too."`
	NotNamed   int        `json:"not_named" doc:"How many of the stated number no source on record names, be it through a group; 0 where no number is stated."`

	ImpliedUnsettled apiSplit `json:"implied_unsettled" doc:"Participants of which the dates on record do not tell whether they stand on the list only through a group."`
}

type apiStated struct {
	Number        int    `json:"number"`
	Counts        string `json:"counts" enum:"stated_counts"`
	Date          when   `json:"date" dict:"stated.date"`
	DatePrecision string `json:"date_precision" enum:"precisions"`
	Source        text   `json:"source"`
	Note          text   `json:"note"`
}

// apiDeclaration is a declaration, whole but for the list of who stands on it, which is an address of its own.
type apiDeclaration struct {
	apiDeclarationRow
	Adopted          when         `json:"adopted"`
	Presented        when         `json:"presented"`
	Published        when         `json:"published"`
	Opened           when         `json:"opened"`
	Closed           when         `json:"closed"`
	PresenterCounted text         `json:"presenter_counted" enum:"tristates"`
	ListComplete     text         `json:"list_complete" enum:"tristates"`
	Counts           apiCounts    `json:"counts" doc:"The numbers of the day, never blended, each by kind."`
	Titles           []apiTitle   `json:"titles" doc:"Titles in all languages on record."`
	Texts            []apiText    `json:"texts" doc:"What the register says in its own words, by language; the first is the language it was written in."`
	Stated           []apiStated  `json:"stated" doc:"Every number that a source states."`
	Sources          []apiSource  `json:"sources" doc:"The texts that were read."`
	Actions          []apiAction  `json:"actions" doc:"Everything that happened, in the order of the record: statuses are derived from it."`
	Links            []apiLink    `json:"links" doc:"Other declarations that it names."`
	LinkedFrom       []apiLinked  `json:"linked_from" doc:"Other declarations that name it."`
	Disputes         []apiDispute `json:"disputes" doc:"Where sources conflict: what another source says instead."`
	FirstRevision    int          `json:"first_revision" doc:"The revision that brought it onto the register."`
	LastRevision     int          `json:"last_revision" doc:"The newest revision that changed it, by the revision of this answer."`
	Signatories      string       `json:"signatories" format:"uri" doc:"Address of the list of who stands on it."`
	History          string       `json:"history" format:"uri" doc:"Address of its revisions."`
}

type apiTitle struct {
	Language string `json:"language"`
	Title    string `json:"title" dict:"titles.title"`
	Standing string `json:"standing" enum:"standings"`
	Source   text   `json:"source"`
	Note     text   `json:"note"`
}

type apiText struct {
	Language string `json:"language"`
	Event    text   `json:"event"`
	Place    text   `json:"place"`
	Summary  text   `json:"summary"`
	Notes    text   `json:"notes"`
}

type apiSource struct {
	Source    string `json:"source"`
	Publisher string `json:"publisher"`
	Title     string `json:"title" dict:"sources.title"`
	URL       text   `json:"url" dict:"sources.url"`
	Language  text   `json:"language"`
	Kind      string `json:"kind" dict:"sources.kind" enum:"source_kinds"`
	Published when   `json:"published"`
	ReadOn    when   `json:"read_on"`
	Supports  text   `json:"supports"`
}

type apiAction struct {
	ActionID           int64    `json:"action_id"`
	Participant        text     `json:"participant"`
	ParticipantName    text     `json:"participant_name"`
	Action             string   `json:"action" enum:"actions"`
	Capacity           string   `json:"capacity" enum:"capacities"`
	Date               when     `json:"date" dict:"actions.date"`
	DatePrecision      string   `json:"date_precision" enum:"precisions"`
	PublicDate         when     `json:"public_date"`
	Reason             text     `json:"reason" dict:"actions.reason" enum:"reasons"`
	ViaGroup           text     `json:"via_group"`
	NameAsPrinted      text     `json:"name_as_printed"`
	Source             text     `json:"source"`
	Note               text     `json:"note"`
	CapacityAsPrinted  text     `json:"capacity_as_printed"`
	PrintedPosition    position `json:"printed_position"`
	AlsoSources        []string `json:"also_sources"`
	PlaceInSource      text     `json:"place_in_source"`
	JoiningNotRecorded bool     `json:"joining_not_recorded"`
}

type apiLink struct {
	Kind   string `json:"kind" dict:"links.kind" enum:"link_kinds"`
	Target string `json:"target"`
	Note   text   `json:"note"`
	Self   string `json:"self" format:"uri" doc:"Address of the other declaration in the API."`
}

type apiLinked struct {
	Declaration string `json:"declaration" doc:"The other declaration."`
	Kind        string `json:"kind" doc:"How the other declaration stands to this one." enum:"link_kinds"`
	Note        text   `json:"note"`
	Self        string `json:"self" format:"uri" doc:"Address of the other declaration in the API."`
}

type apiDispute struct {
	Participant text        `json:"participant" dict:"disputes.participant"`
	Claim       []apiPhrase `json:"claim"`
	Source      text        `json:"source"`
}

type apiPhrase struct {
	Language string `json:"language"`
	Text     string `json:"text" doc:"The sentence in that language."`
}

// apiSignatory is a participant on a declaration: a row of signatories.csv.
type apiSignatory struct {
	Declaration       string   `json:"declaration"`
	DeclarationTitle  string   `json:"declaration_title"`
	DeclarationDate   when     `json:"declaration_date"`
	Participant       string   `json:"participant"`
	ParticipantName   string   `json:"participant_name"`
	ParticipantKind   string   `json:"participant_kind" enum:"participant_kinds"`
	ISO3              text     `json:"iso3"`
	M49               text     `json:"m49"`
	UserAssignedCode  text     `json:"user_assigned_code"`
	RegionalGroup     text     `json:"regional_group" enum:"regional_groups"`
	NameAsPrinted     text     `json:"name_as_printed"`
	PrintedPosition   position `json:"printed_position"`
	Capacity          string   `json:"capacity" enum:"capacities"`
	CapacityAsPrinted text     `json:"capacity_as_printed"`
	Basis             string   `json:"basis" enum:"bases"`
	Status            string   `json:"status" enum:"statuses"`
	Since             when     `json:"since"`
	SincePrecision    string   `json:"since_precision" enum:"precisions"`
	Until             when     `json:"until"`
	UntilPrecision    text     `json:"until_precision" enum:"precisions"`
	DepartureReason   text     `json:"departure_reason" enum:"reasons"`
	Disputed          bool     `json:"disputed"`
	Source            text     `json:"source"`
	SourceURL         text     `json:"source_url"`
}

// apiParticipation is a declaration as it concerns a participant.
type apiParticipation struct {
	Declaration      string        `json:"declaration"`
	DeclarationTitle string        `json:"declaration_title"`
	Kind             string        `json:"kind" dict:"declarations.kind" enum:"declaration_kinds"`
	Date             when          `json:"date" dict:"declarations.date"`
	DatePrecision    string        `json:"date_precision" enum:"precisions"`
	Led              bool          `json:"led" doc:"Whether the participant is among the delegations that lead it."`
	Presented        bool          `json:"presented" doc:"Whether it was read out for the participant’s delegation."`
	Participation    *apiSignatory `json:"participation" doc:"Where the participant stands on it, null where no source names it on the list."`
	URL              string        `json:"url" format:"uri"`
	Self             string        `json:"self" format:"uri" doc:"Address of the declaration in the API."`
	Implied          *apiSignatory `json:"implied" doc:"Where it stands through a group only, where include=implied asks for that; null where no group brings it."`
}

// apiParticipantRow is a participant in a list.
type apiParticipantRow struct {
	Participant      string `json:"participant"`
	Name             string `json:"name"`
	Kind             string `json:"kind" dict:"participants.kind" enum:"participant_kinds"`
	ISO2             text   `json:"iso2"`
	ISO3             text   `json:"iso3"`
	M49              text   `json:"m49"`
	UserAssignedCode text   `json:"user_assigned_code"`
	RegionalGroup    text   `json:"regional_group" enum:"regional_groups"`
	Admission        when   `json:"un_admission"`
	ValidFrom        when   `json:"valid_from"`
	ValidTo          when   `json:"valid_to"`
	InEffect         int    `json:"in_effect_count" doc:"Declarations on whose list it stands on the day."`
	URL              string `json:"url" format:"uri"`
	Self             string `json:"self" format:"uri" doc:"Address of the whole record in the API."`
}

// apiParticipant is a participant, whole.
type apiParticipant struct {
	apiParticipantRow
	Names        apiNames        `json:"names" doc:"Official short names by language."`
	FormalNames  apiNames        `json:"formal_names" doc:"Formal names by language."`
	FormerNames  []apiFormerName `json:"former_names" doc:"Short names that were official before, in all languages on record."`
	Region       text            `json:"region"`
	Subregion    text            `json:"subregion"`
	Note         text            `json:"note"`
	Standing     apiStanding     `json:"standing" doc:"The participant in numbers of declarations on the day."`
	Groups       []apiMembership `json:"groups" doc:"The groups of which it is or was a member."`
	Successors   []apiSuccession `json:"successors" doc:"The states that followed it. A successor is no signatory unless it said so."`
	Predecessors []apiSuccession `json:"predecessors" doc:"The states that it followed."`
	Declarations string          `json:"declarations" format:"uri" doc:"Address of the declarations that concern it."`
}

type apiNames struct {
	EN text `json:"en" doc:"In English."`
	FR text `json:"fr" doc:"In French."`
	ES text `json:"es" doc:"In Spanish."`
	AR text `json:"ar" doc:"In Arabic."`
	ZH text `json:"zh" doc:"In Chinese."`
	RU text `json:"ru" doc:"In Russian."`
}

func namesOf(m map[string]string) apiNames {
	return apiNames{text(m["en"]), text(m["fr"]), text(m["es"]), text(m["ar"]), text(m["zh"]), text(m["ru"])}
}

type apiFormerName struct {
	Name     string `json:"name" doc:"The name."`
	Language string `json:"language"`
	From     when   `json:"from" dict:"aliases.valid_from"`
	To       when   `json:"to" dict:"aliases.valid_to"`
}

type apiStanding struct {
	InEffect  int `json:"in_effect" doc:"Lists on which it stands."`
	Unsettled int `json:"unsettled" doc:"Lists on which it may stand: dates on record leave it open."`
	Left      int `json:"left" doc:"Lists that it has left."`
	Beside    int `json:"beside" doc:"Lists beside which it stands as a supporter or aligned."`
	Led       int `json:"led" doc:"Declarations that it leads, alone or with others."`
	Presented int `json:"presented" doc:"Declarations that were read out for its delegation."`
	NotYet    int `json:"not_yet" doc:"Lists that it comes onto only after the day."`
}

type apiMembership struct {
	Group  string `json:"group"`
	Name   string `json:"name" doc:"Name of the group."`
	From   when   `json:"from"`
	To     when   `json:"to"`
	Member bool   `json:"member" doc:"Whether it is a member on the day."`
	Self   string `json:"self" format:"uri" doc:"Address of the group in the API."`
}

type apiSuccession struct {
	Participant string `json:"participant"`
	Name        string `json:"name" doc:"Official short name."`
	From        when   `json:"from" dict:"successors.from"`
}

// apiGroupRow is a group in a list.
type apiGroupRow struct {
	Group   string `json:"group"`
	Name    string `json:"name" doc:"Name of the group."`
	Kind    string `json:"kind" dict:"groups.kind" doc:"un-regional, regional-org, political or economic; others may follow."`
	Members int    `json:"member_count" doc:"How many are members on the day."`
	URL     string `json:"url" format:"uri"`
	Self    string `json:"self" format:"uri" doc:"Address of the whole record in the API."`
}

// apiGroup is a group with everybody who is or was a member.
type apiGroup struct {
	apiGroupRow
	Names       apiNames    `json:"names" doc:"Names by language."`
	Note        text        `json:"note"`
	Memberships []apiMember `json:"memberships" doc:"Memberships, past ones too, by the names of the members."`
}

type apiMember struct {
	Participant     string `json:"participant"`
	ParticipantName string `json:"participant_name"`
	From            when   `json:"from"`
	To              when   `json:"to"`
	Member          bool   `json:"member" doc:"Whether it is a member on the day."`
}

type apiTopic struct {
	Topic        string   `json:"topic"`
	Name         string   `json:"name" doc:"Name of the topic."`
	Names        apiNames `json:"names" doc:"Names by language."`
	Count        int      `json:"declaration_count" doc:"How many declarations have it."`
	Declarations string   `json:"declarations" format:"uri" doc:"Address of those declarations in the API."`
}

// apiRevision is a published change: a row of revisions.csv with what it changed.
type apiRevision struct {
	Revision     int         `json:"revision" dict:"revisions.revision"`
	PublishedAt  string      `json:"published_at" format:"date-time"`
	Subject      string      `json:"subject" enum:"subjects" doc:"What changed: a declaration, or reference data (participants, groups, topics)."`
	Declaration  text        `json:"declaration" doc:"The declaration that changed, by the name that it had in addresses then; null for reference data."`
	Summary      string      `json:"summary" doc:"What changed, in one line of English."`
	Reason       text        `json:"reason"`
	ReasonLang   text        `json:"reason_language" doc:"Language of the reason, as BCP 47."`
	AuthorRole   string      `json:"author_role" doc:"What whoever published it is to the register."`
	AuthorName   text        `json:"author_name" doc:"Who published it, where that may be told."`
	PreviousHash text        `json:"previous_hash"`
	Hash         string      `json:"hash"`
	Changes      []apiChange `json:"changes" doc:"The differences, one by one."`
	HistoryLine  text        `json:"history_line" doc:"The revision’s line of history.jsonl, without its line feed, byte for byte; null unless history=1 asks for it. cosignatory import makes the same register of these lines."`
	URL          string      `json:"url" format:"uri"`
}

type apiChange struct {
	What            string   `json:"what" enum:"whats" doc:"The kind of difference. An action that is added is something that happened; one that is corrected or removed was the register’s own mistake."`
	Text            string   `json:"text" doc:"The difference in words, in the language asked for."`
	Field           text     `json:"field" doc:"The field that changed, or the key of the source; title.fr is the title in French."`
	Participant     text     `json:"participant"`
	ParticipantName text     `json:"participant_name"`
	Group           text     `json:"group"`
	Action          text     `json:"action" enum:"actions"`
	Date            when     `json:"date" dict:"actions.date"`
	DatePrecision   text     `json:"date_precision" enum:"precisions"`
	Before          text     `json:"before" doc:"What stood in the field before."`
	After           text     `json:"after" doc:"What stands in it now; of a retired declaration the one that answers for it."`
	Count           position `json:"count" doc:"Of a new declaration how many are named, of reference data how many entries changed."`
	Stated          position `json:"stated" doc:"Of a new declaration the number stated."`
}
