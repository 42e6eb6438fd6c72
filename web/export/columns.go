package export

// Column is one column of a file. The files and the dictionary of the data page both come from these definitions.
type Column struct {
	Name string
	// Type says what the cells hold: text, code, date, time, number, choice, yes_no, address or list (of codes, parted by
	// “|”). Only text is somebody's free words: only it is kept from running in a spreadsheet (D23). The message
	// "column_type.<Type>" says it in words.
	Type string
	// MeaningKey is the key of the message that explains the column.
	MeaningKey string
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
		"in_effect_count number, unsettled_count number, open choice, topics list, summary text, url address, as_of date, revision number, "+
		"adopted date, presented date, published date, opened date, closed date, presenter_counted choice, list_complete choice"),
	"signatories": define("signatories", "declaration code, declaration_title text, declaration_date date, participant code, participant_name text, "+
		"participant_kind choice, iso3 code, m49 code, user_assigned_code code, regional_group choice, name_as_printed text, "+
		"printed_position number, capacity choice, capacity_as_printed text, basis choice, status choice, since date, since_precision choice, "+
		"until date, until_precision choice, departure_reason choice, disputed yes_no, source code, source_url address, as_of date, revision number"),
	"actions": define("actions", "action_id number, declaration code, participant code, participant_name text, action choice, capacity choice, date date, "+
		"date_precision choice, public_date date, reason choice, via_group code, name_as_printed text, source code, note text, revision number, "+
		"capacity_as_printed text, printed_position number, also_sources list, place_in_source text, joining_not_recorded yes_no"),
	"sources": define("sources", "source code, declaration code, publisher text, title text, url address, language code, kind choice, "+
		"published date, read_on date, supports text"),
	"participants": define("participants", "participant code, name text, kind choice, iso2 code, iso3 code, m49 code, user_assigned_code code, "+
		"regional_group choice, un_admission date, valid_from date, valid_to date, name_en text, name_fr text, name_es text, name_ar text, "+
		"name_zh text, name_ru text, formal_en text, formal_fr text, formal_es text, formal_ar text, formal_zh text, formal_ru text, "+
		"region text, subregion text, note text"),
	"groups": define("groups", "group code, name text, kind choice, name_en text, name_fr text, name_es text, name_ar text, name_zh text, "+
		"name_ru text, note text"),
	"group_members": define("group_members", "group code, participant code, from date, to date"),
	"revisions": define("revisions", "revision number, published_at time, declaration code, summary text, reason text, previous_hash code, "+
		"hash code"),
	"matrix":        define("matrix", "participant code, participant_name text"),
	"titles":        define("titles", "declaration code, position number, language code, title text, standing choice, source code, note text"),
	"texts":         define("texts", "declaration code, position number, language code, event text, place text, summary text, notes text"),
	"stated":        define("stated", "declaration code, position number, number number, counts choice, date date, source code, note text"),
	"links":         define("links", "declaration code, kind choice, target code, note text"),
	"disputes":      define("disputes", "declaration code, position number, participant code, language code, claim text, source code"),
	"retired":       define("retired", "declaration code, merged_into code, title text, title_language code, kind choice, date date, record text"),
	"addresses":     define("addresses", "declaration code, leads_to code"),
	"aliases":       define("aliases", "participant code, alias text, language code, kind choice, valid_from date, valid_to date"),
	"successors":    define("successors", "participant code, successor code, from date"),
	"topics":        define("topics", "topic code, name text, name_en text, name_fr text, name_es text, name_ar text, name_zh text, name_ru text"),
	"group_aliases": define("group_aliases", "group code, alias text, language code, kind choice"),
	"ambiguous":     define("ambiguous", "alias text, participants list, rule choice, note text"),
}

// special are the columns that mean something else in one file than in the others.
var special = map[string]bool{
	"declarations.kind": true, "sources.kind": true, "participants.kind": true, "groups.kind": true, "declarations.date": true,
	"actions.date": true, "revisions.summary": true, "sources.url": true, "revisions.revision": true, "actions.reason": true, "sources.title": true,
	"titles.title": true, "links.kind": true, "aliases.kind": true, "aliases.valid_from": true, "aliases.valid_to": true, "successors.from": true,
	"stated.date": true, "disputes.participant": true, "retired.declaration": true, "addresses.declaration": true,
	"questions.date": true, "questions.in_effect_count": true, "questions.unsettled_count": true,
}
