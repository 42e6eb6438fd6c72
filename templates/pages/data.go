package pages

import (
	"strings"

	"cosignatory/templates/i18n"
	"cosignatory/templates/ui"
)

// printer shortens the signatures of small templates.
type printer = *i18n.Printer

// Data is the page of downloads: files, their dictionary, how to read them, licence, citation, the two clocks.
type Data struct {
	Page
	Files      []DataFile
	Calls      []Call
	Citation   string
	LicenceURL string
	ExampleURL string // absolute address of one file, used in the examples
	BOMURL     string // the same with ?bom=1
	AsOfURL    string // an example with as_of
	RevURL     string // an example with revision
	APIURL     string // of the guide to the API
}

// DataFile is one file for download.
type DataFile struct {
	Name    string // signatories.csv
	URL     string
	Row     string // what one row is; a sentence
	Rows    int    // 0 leaves it out
	Wide    int    // columns besides those of Columns: one a declaration in the matrix
	Formats []ui.Format
	Columns []Column
}

// Column is a line of the dictionary.
type Column struct {
	Name    string
	Type    string // in words: text, code, date, number, address, yes or no
	Meaning string // a sentence
	Values  string // the values it may have, as written in the file; empty when free
}

// Call is one line that reads a file with a program. Code is never translated.
type Call struct {
	Program string // "pandas (Python)"
	Code    string
	Note    string // a sentence; empty leaves it out
}

// About says what the register is and is not, and how it counts. Its text is in the catalogue; only addresses are filled in.
type About struct {
	Page
	ChangesURL      string
	DeclarationsURL string
	Keeper          string // who keeps this copy; empty leaves the sentence out
	Contact         string // address of a page or a mailto: address; empty leaves it out
	Version         string // of the program
	SourceURL       string // of the program; empty leaves it out
}

// fragment is where the dictionary of a file stands on the page.
func (f DataFile) fragment() string {
	name, _, _ := strings.Cut(f.Name, ".")
	return "file-" + name
}

// columnTypes says how the columns of all files are to be read: as text, unless it is said here.
var columnTypes = map[string]string{
	"declaration": "code", "participant": "code", "source": "code", "group": "code", "action_id": "number", "iso2": "code",
	"iso3": "code", "m49": "code", "user_assigned_code": "code", "previous_hash": "code", "hash": "code", "title_language": "code",
	"language": "code", "via_group": "code", "presenter_delegation": "code",
	"date": "date", "declaration_date": "date", "since": "date", "until": "date", "public_date": "date", "published": "date",
	"read_on": "date", "as_of": "date", "un_admission": "date", "valid_from": "date", "valid_to": "date", "from": "date", "to": "date",
	"published_at": "time",
	"stated_count": "number", "named_count": "number", "in_effect_count": "number", "unsettled_count": "number", "revision": "number",
	"printed_position": "number", "disputed": "yes_no", "url": "address", "source_url": "address", "sponsors": "list", "topics": "list",
	"kind": "choice", "date_precision": "choice", "since_precision": "choice", "until_precision": "choice", "status": "choice",
	"basis": "choice", "capacity": "choice", "action": "choice", "departure_reason": "choice", "reason": "text",
	"participant_kind": "choice", "regional_group": "choice", "open": "choice",
	"adopted": "date", "presented": "date", "opened": "date", "closed": "date", "presenter_counted": "choice", "list_complete": "choice",
	"also_sources": "list", "joining_not_recorded": "yes_no", "position": "number", "number": "number", "standing": "choice", "counts": "choice",
	"target": "code", "merged_into": "code", "leads_to": "code", "successor": "code", "topic": "code", "participants": "list", "rule": "choice",
}

// columnValues are the values of the columns that have few, as files write them.
var columnValues = map[string]string{
	"date_precision": precisions, "since_precision": precisions, "until_precision": precisions,
	"status":           "in_effect · left · unsettled · not_yet",
	"basis":            "named · implied_by_group",
	"capacity":         "sponsor · co-sponsor · signatory · endorser · supporter · aligned",
	"action":           "signed · endorsed · joined · aligned · withdrew · rejoined",
	"departure_reason": departures,
	"actions.reason":   departures,
	"participant_kind": "member · observer · other · organization", "participants.kind": "member · observer · other · organization",
	"declarations.kind": forms,
	"sources.kind":      "official · copy · press · other",
	"regional_group":    "African · Asia-Pacific · Eastern European · GRULAC · WEOG",
	"open":              tristate, "presenter_counted": tristate, "list_complete": tristate,
	"disputed": "yes · no", "joining_not_recorded": "yes · no",
	"standing": "authentic · official · unofficial", "counts": "states · participants",
	"links.kind":   "responds_to · follows · supersedes · related",
	"retired.kind": forms,
	"rule":         "ask · pair · longest · capital · capitals · marks · never",
}

const (
	precisions = "day · month · year · unknown"
	tristate   = "yes · no · unknown"
	forms      = "joint-statement · joint-declaration · political-declaration · pledge · call-to-action · communique · accords · letter"
	departures = "withdrew_by_notice · withdrawal_reported · dropped_unexplained · listed_in_error_participant · " +
		"listed_in_error_sponsor · removed_by_keeper · entity_ceased"
)

// Dictionary explains the columns of a file (named without extension), in the reader's language. A column that the
// catalogue does not know keeps its name alone.
func Dictionary(p *i18n.Printer, file string, columns []string) []Column {
	list := make([]Column, 0, len(columns))
	for _, name := range columns {
		c := Column{Name: name}
		kind := columnTypes[name]
		if kind == "" || file == "actions" && name == "reason" {
			kind = "text"
		}
		c.Type = p.T("column_type." + kind)
		if key := "dictionary." + file + "." + name; p.Has(key) {
			c.Meaning = p.T(key)
		} else if key := "dictionary." + name; p.Has(key) {
			c.Meaning = p.T(key)
		}
		if c.Values = columnValues[file+"."+name]; c.Values == "" && kind == "choice" || kind == "yes_no" {
			c.Values = columnValues[name]
		}
		list = append(list, c)
	}
	return list
}

// Calls are the lines that read a file without damage: url is that of a file, bom the same with a byte order mark.
func Calls(p *i18n.Printer, url, bom string) []Call {
	return []Call{
		{"Python, pandas", `pd.read_csv("` + url + `", dtype=str, keep_default_na=False)`, p.T("call.pandas")},
		{"R, readr", `read_csv("` + url + `", col_types = cols(.default = "c"), na = character())`, p.T("call.r")},
		{"LibreOffice Calc", "", p.T("call.libreoffice")},
		{"Excel", bom, p.T("call.excel")},
	}
}
