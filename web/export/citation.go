package export

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"cosignatory/store/register"
)

// The formats of citations.
const (
	BibTeX  Format = "bib"
	RIS     Format = "ris"
	CSLJSON Format = "csl" // CSL-JSON, an array of one item
	CFF     Format = "cff" // CITATION.cff: of data as a whole, not of a view
)

// Citations are the formats in which every view can be cited.
func Citations() []Format { return []Format{BibTeX, RIS, CSLJSON} }

// Author is whom citations name: the register itself, a corporate author.
const Author = "Cosignatory"

// Citation is a reference to the register, a release or a view of it. Its files depend on what it says alone: they bear no day
// of access, since what they refer to does not change (D26).
type Citation struct {
	Key     string    // ASCII letters, digits, hyphens and points, the same for the same view
	Title   string    // of what is cited
	Within  string    // the work that it is a part of, empty where the register as a whole is cited
	Version string    // 27, or the name of a release
	Note    string    // the version and the day in words
	Issued  time.Time // when the version was published
	URL     string    // absolute, with the revision and the day
	Lang    string    // of the words above
	Hash    string    // of the revision; empty leaves it out
	SHA256  string    // of the whole register as a package; empty leaves it out
}

// Write gives the citation as a file in one of Citations or CFF, and false for another format.
func (c Citation) Write(f Format) (text string, ok bool) {
	for _, s := range []*string{&c.Title, &c.Within, &c.Version, &c.Note} {
		*s = oneLine(*s)
	}
	switch f {
	case BibTeX:
		return c.bibTeX(), true
	case RIS:
		return c.ris(), true
	case CSLJSON:
		return c.csl(), true
	case CFF:
		return c.cff(), true
	}
	return "", false
}

// oneLine makes a text fit for a line of a file: blanks are made one, and the marks that keep the directions of scripts apart
// on a page, which other programs show as boxes, are left out.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= '\u2066' && r <= '\u2069' || r == '\u200e' || r == '\u200f' {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// laTeX writes what TeX would read as a command so that it prints as it stands. Braces become commands: BibTeX counts them
// even behind a backslash.
var laTeX = strings.NewReplacer(`\`, `\textbackslash{}`, `{`, `\textbraceleft{}`, `}`, `\textbraceright{}`, `~`, `\textasciitilde{}`,
	`^`, `\textasciicircum{}`, `&`, `\&`, `%`, `\%`, `$`, `\$`, `#`, `\#`, `_`, `\_`)

var (
	months = [...]string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}
	// babel are the languages as LaTeX calls them.
	babel = map[string]string{"en": "english", "fr": "french", "es": "spanish", "ar": "arabic", "zh": "chinese", "ru": "russian"}
)

// bibTeX is an entry that BibTeX and biblatex read, in UTF-8. Braces within braces keep a title's capitals and an author's
// name whole. The address is left as it is: both read the field as an address.
func (c *Citation) bibTeX() string {
	var b strings.Builder
	fmt.Fprintf(&b, "@misc{%s,\n  author       = {{%s}},\n  title        = {{%s}},\n", c.Key, Author, laTeX.Replace(c.Title))
	if c.Within != "" {
		fmt.Fprintf(&b, "  howpublished = {%s},\n", laTeX.Replace(c.Within))
	}
	at := c.Issued.UTC()
	fmt.Fprintf(&b, "  year         = {%d},\n  month        = %s,\n  note         = {%s},\n  url          = {%s},\n", at.Year(), months[at.Month()-1], laTeX.Replace(c.Note), c.URL)
	if l := babel[c.Lang]; l != "" {
		fmt.Fprintf(&b, "  langid       = {%s},\n", l)
	}
	b.WriteString("}\n")
	return b.String()
}

// ris is a record of RIS, in UTF-8 with CRLF.
func (c *Citation) ris() string {
	var b strings.Builder
	for _, line := range [][2]string{{"TY", "DATA"}, {"ID", c.Key}, {"AU", Author}, {"TI", c.Title}, {"T2", c.Within}, {"PY", c.Issued.UTC().Format("2006")},
		{"DA", c.Issued.UTC().Format("2006/01/02/")}, {"PB", Author}, {"ET", c.Version}, {"N1", c.Note}, {"UR", c.URL}, {"LA", c.Lang}} {
		if line[1] != "" {
			b.WriteString(line[0] + "  - " + line[1] + "\r\n")
		}
	}
	b.WriteString("ER  - \r\n")
	return b.String()
}

// csl is CSL-JSON (https://github.com/citation-style-language/schema), an array of one item.
func (c *Citation) csl() string {
	type name struct {
		Literal string `json:"literal"`
	}
	type date struct {
		Parts [][3]int `json:"date-parts"`
	}
	at := c.Issued.UTC()
	item := struct {
		ID        string `json:"id"`
		Type      string `json:"type"`
		Title     string `json:"title"`
		Container string `json:"container-title,omitempty"`
		Author    []name `json:"author"`
		Publisher string `json:"publisher"`
		Issued    date   `json:"issued"`
		Version   string `json:"version"`
		Note      string `json:"note,omitempty"`
		URL       string `json:"URL"`
		Language  string `json:"language"`
	}{c.Key, "dataset", c.Title, c.Within, []name{{Author}}, Author, date{[][3]int{{at.Year(), int(at.Month()), at.Day()}}}, c.Version, c.Note, c.URL, c.Lang}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode([]any{item}); err != nil {
		panic(err) // nothing in it can fail
	}
	return b.String()
}

// cff is CITATION.cff 1.2.0 (https://citation-file-format.github.io/). Texts are written as JSON strings, which YAML reads.
func (c *Citation) cff() string {
	var b strings.Builder
	line := func(key, value string) {
		if value != "" {
			b.Write(append(appendJSON([]byte(key+": "), value), '\n'))
		}
	}
	b.WriteString("cff-version: 1.2.0\nmessage: Please cite the version that you used.\ntype: dataset\n")
	line("title", c.Title)
	line("authors:\n  - name", Author)
	line("version", c.Version)
	line("commit", c.Hash)
	line("date-released", c.Issued.UTC().Format("2006-01-02"))
	line("license", Licence)
	line("url", c.URL)
	if c.SHA256 != "" {
		line("identifiers:\n  - type: other\n    value", "sha256:"+c.SHA256)
		line("    description", "SHA-256 of register.zip")
	}
	return b.String()
}

// registerCitation is that of the register as a package holds it.
func registerCitation(o Options, head *register.Revision) Citation {
	return Citation{Title: registerTitle, Version: fmt.Sprint(o.View.Revision), Issued: head.PublishedAt, URL: address(o), Lang: "en", Hash: head.Hash}
}
