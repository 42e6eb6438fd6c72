package pages

import (
	"strconv"

	"cosignatory/templates/ui"
)

// Releases is the list of all releases.
type Releases struct {
	Page
	Rows    []ReleaseRow // newest first
	Foot    ui.TableFoot
	Columns []Column
	DataURL string
}

// ReleaseRow is one release in the list.
type ReleaseRow struct {
	Name, URL             string
	Revision              int
	RevisionURL           string
	Released, ReleasedISO string
	Declarations          int
	SHA256                string // of register.zip; empty where the release has none
}

// Release is the page of one release: how to cite it, its files, what is new in it.
type Release struct {
	Page
	ReleasesURL             string
	Name                    string
	ReleasedOn, ReleasedISO string
	RevisionHash            string
	Hash, PreviousHash      string // of the release itself and of the one before, empty for the first
	Citation                string
	Cites                   []CitedAs
	Files                   []FrozenFile
	DayOfFiles              string // the day of the statuses and counts in the files, in words
	Elsewhere               string // the address that the files carry, where it is not this server's; else empty
	Before                  ui.Link
	Summary                 string // a sentence on what happened since the release before
	Parts                   []ReleasePart
	Pager                   ui.Pager
	Foot                    ui.TableFoot // under the files
	Columns                 []Column
}

// CitedAs is a citation in one format. Name is bib, ris, csl or cff: its label is looked up as format.Name.
type CitedAs struct {
	Name, URL, Text string
}

// FrozenFile is a file as a release froze it. Numbers are in words.
type FrozenFile struct {
	Name, URL string
	Rows, Was string // now and in the release before; empty for what is no table, or where there was none
	Bytes     string
	SHA256    string
}

// ReleasePart is the declarations that have one fate in common.
type ReleasePart struct {
	Caption        string
	Counts, Before bool // the table has a column of those in effect, and one of those before
	Rows           []ReleaseChange
}

// ReleaseChange is what became of one declaration since the release before.
type ReleaseChange struct {
	Title         ui.Text
	URL           string
	Was, Now      string // in effect on the day of the release; empty where it does not apply
	Revisions     []ReleaseRevision
	More, MoreURL string // of revisions that are not told one by one; empty where all are
}

// ReleaseRevision is one revision in a line.
type ReleaseRevision struct {
	Number int
	URL    string
	What   string
	Why    ui.Text
}

// command makes a file of the release again, byte for byte, where the register is served from another address.
func (v Release) command() string {
	return "cosignatory export --revision " + strconv.Itoa(v.Revision) + " --base-url " + v.Elsewhere + " --format zip -o register.zip register"
}
