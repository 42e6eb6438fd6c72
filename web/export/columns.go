package export

import (
	"strings"

	"cosignatory/store/register"
)

// Column is one column of a file. The files and the dictionary of the data page both come from these definitions.
type Column struct {
	Name string
	// Type says what the cells hold: text, code, date (as precise as known), day (a whole date), time, number, decimal,
	// choice, yes_no, address or list (of codes or names, parted by “|”). Only text is somebody's free words: only it is kept from
	// running in a spreadsheet (D23). The message "column_type.<Type>" says it in words.
	Type string
	// MeaningKey is the key of the message that explains the column.
	MeaningKey string
	// Values are all that the cells may hold besides nothing, nil where that is free.
	Values []string
}

// define makes the columns of a file from their names and types.
func define(file, list string) []Column {
	var all []Column
	for _, c := range strings.Split(list, ", ") {
		name, kind, _ := strings.Cut(c, " ")
		key := "dictionary." + name
		if special[file+"."+name] {
			key = "dictionary." + file + "." + name
		}
		values := choices[file+"."+name]
		if of := strings.TrimSuffix(name, "_precision"); of != name {
			if values = precisions; !ownPrecision[name] {
				key = "dictionary.precision"
			}
		}
		if values == nil && kind == "choice" {
			values = choices[name]
		}
		if kind == "yes_no" {
			values = []string{"yes", "no"}
		}
		all = append(all, Column{name, kind, key, values})
	}
	return all
}

// MatrixColumn is the column of a declaration in the matrix, named by its slug.
func MatrixColumn(slug string) Column {
	return Column{slug, "choice", "dictionary.status", choices["status"]}
}

// order is every file of the whole register in the order of the data page.
var order = []string{"declarations", "signatories", "actions", "sources", "participants", "groups", "group_members", "revisions", "matrix",
	"titles", "texts", "stated", "links", "disputes", "retired", "addresses", "aliases", "successors", "topics", "group_aliases", "ambiguous"}

// Names are the files of the whole register.
func Names() []string { return append([]string(nil), order...) }

// Columns are the columns of a file in their order, nil for a name that is no file. New ones go last (D22). The matrix has
// one more for each declaration, named by its slug, of type choice.
func Columns(name string) []Column { return append([]Column(nil), columns[name]...) }

var columns = map[string][]Column{
	"declarations": define("declarations", "declaration code, title text, title_language code, kind choice, date date, date_precision choice, "+
		"event text, place text, sponsors list, presented_by text, presenter_delegation code, stated_count number, named_count number, "+
		"in_effect_count number, unsettled_count number, open choice, topics list, summary text, url address, as_of day, revision number, "+
		"adopted date, presented date, published date, opened date, closed date, presenter_counted choice, list_complete choice, "+
		"adopted_precision choice, presented_precision choice, published_precision choice, opened_precision choice, closed_precision choice, "+
		"sponsor_names list, presenter_delegation_name text, topic_names list"),
	"signatories": define("signatories", "declaration code, declaration_title text, declaration_date date, participant code, participant_name text, "+
		"participant_kind choice, iso3 code, m49 code, user_assigned_code code, regional_group choice, name_as_printed text, "+
		"printed_position number, capacity choice, capacity_as_printed text, basis choice, status choice, since date, since_precision choice, "+
		"until date, until_precision choice, departure_reason choice, disputed yes_no, source code, source_url address, as_of day, revision number, "+
		"declaration_date_precision choice"),
	"actions": define("actions", "action_id number, declaration code, participant code, participant_name text, action choice, capacity choice, date date, "+
		"date_precision choice, public_date date, reason choice, via_group code, name_as_printed text, source code, note text, revision number, "+
		"capacity_as_printed text, printed_position number, also_sources list, place_in_source text, joining_not_recorded yes_no, "+
		"public_date_precision choice, via_group_name text"),
	"sources": define("sources", "source code, declaration code, publisher text, title text, url address, language code, kind choice, "+
		"published date, read_on date, supports text, published_precision choice, read_on_precision choice"),
	"participants": define("participants", "participant code, name text, kind choice, iso2 code, iso3 code, m49 code, user_assigned_code code, "+
		"regional_group choice, un_admission date, valid_from date, valid_to date, name_en text, name_fr text, name_es text, name_ar text, "+
		"name_zh text, name_ru text, formal_en text, formal_fr text, formal_es text, formal_ar text, formal_zh text, formal_ru text, "+
		"region text, subregion text, note text, un_admission_precision choice, valid_from_precision choice, valid_to_precision choice"),
	"groups": define("groups", "group code, name text, kind choice, name_en text, name_fr text, name_es text, name_ar text, name_zh text, "+
		"name_ru text, note text"),
	"group_members": define("group_members", "group code, participant code, from date, to date, group_name text, participant_name text, "+
		"from_precision choice, to_precision choice"),
	"revisions": define("revisions", "revision number, published_at time, declaration code, summary text, reason text, previous_hash code, "+
		"hash code"),
	"matrix":        define("matrix", "participant code, participant_name text"),
	"titles":        define("titles", "declaration code, position number, language code, title text, standing choice, source code, note text"),
	"texts":         define("texts", "declaration code, position number, language code, event text, place text, summary text, notes text"),
	"stated":        define("stated", "declaration code, position number, number number, counts choice, date date, source code, note text, date_precision choice"),
	"links":         define("links", "declaration code, kind choice, target code, note text"),
	"disputes":      define("disputes", "declaration code, position number, participant code, language code, claim text, source code, participant_name text"),
	"retired":       define("retired", "declaration code, merged_into code, title text, title_language code, kind choice, date date, record text, date_precision choice"),
	"addresses":     define("addresses", "declaration code, leads_to code"),
	"aliases":       define("aliases", "participant code, alias text, language code, kind choice, valid_from date, valid_to date, participant_name text, valid_from_precision choice, valid_to_precision choice"),
	"successors":    define("successors", "participant code, successor code, from date, participant_name text, successor_name text, from_precision choice"),
	"topics":        define("topics", "topic code, name text, name_en text, name_fr text, name_es text, name_ar text, name_zh text, name_ru text"),
	"group_aliases": define("group_aliases", "group code, alias text, language code, kind choice, group_name text"),
	"ambiguous":     define("ambiguous", "alias text, participants list, rule choice, note text, participant_names list"),
}

// special are the columns that mean something else in one file than in the others.
var special = map[string]bool{
	"declarations.kind": true, "sources.kind": true, "participants.kind": true, "groups.kind": true, "declarations.date": true,
	"actions.date": true, "revisions.summary": true, "sources.url": true, "revisions.revision": true, "actions.reason": true, "sources.title": true,
	"titles.title": true, "links.kind": true, "aliases.kind": true, "aliases.valid_from": true, "aliases.valid_to": true, "successors.from": true,
	"stated.date": true, "disputes.participant": true, "retired.declaration": true, "addresses.declaration": true,
	"questions.date": true, "questions.in_effect_count": true, "questions.unsettled_count": true,
}

// ownPrecision are the precisions that stand beside their date, and say so. Every other one names its date by its own name.
var ownPrecision = map[string]bool{"date_precision": true, "since_precision": true, "until_precision": true}

// words are values as files print them, without the empty one.
func words[T interface{ String() string }](list []T) []string {
	var all []string
	for _, x := range list {
		if s := x.String(); s != "" {
			all = append(all, s)
		}
	}
	return all
}

func texts[T ~string](list []T) []string {
	all := make([]string, len(list))
	for i, x := range list {
		all[i] = string(x)
	}
	return all
}

var precisions, tristates = []string{"day", "month", "year", "unknown"}, []string{"yes", "no", "unknown"}

// choices are the values of the columns whose values the register fixes, by column or by file and column. Groups and aliases
// have kinds that reference data may add to.
var choices = map[string][]string{"status": {"in_effect", "left", "unsettled", "not_yet"}, "basis": {"named", "implied_by_group"}, "capacity": texts(register.Capacities),
	"action": texts(register.ActionKinds), "departure_reason": texts(register.Reasons), "actions.reason": texts(register.Reasons),
	"participant_kind": texts(register.ParticipantKinds), "participants.kind": texts(register.ParticipantKinds), "declarations.kind": texts(register.Kinds),
	"retired.kind": texts(register.Kinds), "sources.kind": texts(register.SourceKinds), "links.kind": texts(register.LinkKinds), "open": tristates,
	"presenter_counted": tristates, "list_complete": tristates, "standing": {"authentic", "official", "unofficial"},
	"counts": {register.StatesOnly, register.AllParticipants}, "rule": register.AmbiguousRules,
	"regional_group": register.RegionalGroups, "other_regional_group": register.RegionalGroups, "part": words([]register.Part{register.OnAll, register.OnSome, register.NotSure, register.ByGroup, register.OnNone, register.OnlyHere}), "mark": words([]register.Mark{register.MarkOn, register.MarkMayBe, register.MarkLeft, register.MarkBeside, register.MarkGroup}),
	"change": {"joined", "left", "unsettled"}, "counted_from": countedFrom[:]}
