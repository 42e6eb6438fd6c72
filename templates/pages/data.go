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
	Files      []DataFile // all that can be had at one address
	Calls      []Call
	Citation   string
	Cites      []ui.Format // files of the citation
	LicenceURL string
	Answers    []DataFile // the files of the questions, which have no one address
	AsOfURL    string     // an example with as_of
	RevURL     string     // an example with revision

	ReleasesURL string
	APIURL      string // of the guide to the API
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
	ReleasesURL     string
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

// Defined is a column as the files define it: the dictionary says in words what they hold.
type Defined struct {
	Name       string
	Type       string   // text, code, date …: the message "column_type.<Type>"
	MeaningKey string   // of a message
	Values     []string // all that it may hold, nil where that is free
}

// Dictionary explains the columns of a file in the reader's language.
func Dictionary(p *i18n.Printer, columns []Defined) []Column {
	list := make([]Column, 0, len(columns))
	for _, c := range columns {
		list = append(list, Column{Name: c.Name, Type: p.T("column_type." + c.Type), Meaning: p.T(c.MeaningKey), Values: strings.Join(c.Values, " · ")})
	}
	return list
}

// Calls are the lines that read the files without damage. csv and xlsx are addresses of one table.
func Calls(p *i18n.Printer, csv, xlsx string) []Call {
	return []Call{
		{"Excel", xlsx, p.T("call.excel")},
		{"LibreOffice Calc", xlsx, p.T("call.libreoffice")},
		{"Python, pandas: CSV", PandasCSV(csv), p.T("call.pandas")},
		{"Python, pandas: Excel", PandasXLSX(xlsx), p.T("call.pandas_excel")},
		{"R, readr", RCSV(csv), p.T("call.r")},
		{"DuckDB", DuckDBCSV(csv), p.T("call.duckdb")},
		{"sqlite3", SQLite("register.sqlite"), p.T("call.sqlite")},
	}
}

// The calls themselves, of a file's address or name. Tests read every file with them.

// PandasCSV reads a CSV file with pandas, which is called pd.
func PandasCSV(file string) string {
	return `pd.read_csv("` + file + `", dtype=str, keep_default_na=False)`
}

// PandasXLSX reads a spreadsheet with pandas.
func PandasXLSX(file string) string {
	return `pd.read_excel("` + file + `", keep_default_na=False)`
}

// RCSV reads a CSV file with R's readr.
func RCSV(file string) string {
	return `read_csv("` + file + `", col_types = cols(.default = "c"), na = character())`
}

// DuckDBCSV reads a CSV file with DuckDB.
func DuckDBCSV(file string) string {
	return `SELECT * FROM read_csv('` + file + `', header = true, all_varchar = true)`
}

// SQLite asks the database with the command line of SQLite.
func SQLite(file string) string {
	return `sqlite3 ` + file + ` "SELECT * FROM signatories_in_effect"`
}
