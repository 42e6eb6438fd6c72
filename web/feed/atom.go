// Package feed writes what readers follow the register by: Atom feeds (RFC 4287, paged as RFC 5005 says) and iCalendar files
// (RFC 5545). It knows no HTTP and asks nothing of the register: whoever calls it hands over finished words and addresses.
//
// The bytes are a function of what is handed over alone. Nothing is taken from the clock of the machine.
package feed

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"io"
	"strings"
	"time"
)

// The media types of what this package writes.
const (
	AtomType     = "application/atom+xml; charset=utf-8"
	CalendarType = "text/calendar; charset=utf-8"
)

// UUID is the UUID (RFC 9562, version 8) of a name that has several parts: the same for the same parts, for ever and
// wherever the register is served from. Feeds and entries are urn:uuid: with it; events of a calendar have it as UID.
func UUID(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x1f")))
	b := sum[:16]
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	s := hex.EncodeToString(b)
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// Atom is one page of a feed. Addresses are absolute; an empty one is left out.
type Atom struct {
	ID                    string // a URN that never changes
	Lang                  string // of all words that do not say otherwise
	Title, Subtitle       string
	Author, AuthorURL     string
	Rights                string
	Generator             string
	Self, Alternate       string
	First, Next, Previous string // pages of the feed: next is older, previous is newer (RFC 5005)
	Updated               time.Time
	Entries               []Entry
}

// Entry is one entry of a feed. It is published once and never updated: what is corrected later is an entry of its own.
type Entry struct {
	ID         string
	Title      string
	Link       string // the page that tells the same
	Published  time.Time
	Categories []string // what happened, in words that programs can rely on: created, withdrew, correction …
	Content    string   // HTML
}

// xmlNamespace is what the prefix xml stands for in every document.
const xmlNamespace = "http://www.w3.org/XML/1998/namespace"

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomText struct {
	Type string `xml:"type,attr,omitempty"`
	Text string `xml:",chardata"`
}

type atomPerson struct {
	Name string `xml:"name"`
	URI  string `xml:"uri,omitempty"`
}

type atomCategory struct {
	Term string `xml:"term,attr"`
}

type atomEntry struct {
	ID         string         `xml:"id"`
	Title      string         `xml:"title"`
	Published  string         `xml:"published"`
	Updated    string         `xml:"updated"`
	Links      []atomLink     `xml:"link"`
	Categories []atomCategory `xml:"category"`
	Content    atomText       `xml:"content"`
}

type atomFeed struct {
	XMLName   xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang      xml.Attr    `xml:",any,attr"`
	ID        string      `xml:"id"`
	Title     string      `xml:"title"`
	Subtitle  string      `xml:"subtitle,omitempty"`
	Updated   string      `xml:"updated"`
	Author    atomPerson  `xml:"author"`
	Links     []atomLink  `xml:"link"`
	Rights    string      `xml:"rights,omitempty"`
	Generator string      `xml:"generator,omitempty"`
	Entries   []atomEntry `xml:"entry"`
}

// Write writes the feed. Characters that XML cannot hold, whatever text they come in, are written as U+FFFD.
func (f *Atom) Write(w io.Writer) error {
	x := atomFeed{Lang: xml.Attr{Name: xml.Name{Space: xmlNamespace, Local: "lang"}, Value: f.Lang}, ID: f.ID, Title: f.Title, Subtitle: f.Subtitle,
		Updated: stamp(f.Updated), Author: atomPerson{f.Author, f.AuthorURL}, Rights: f.Rights, Generator: f.Generator}
	link := func(rel, kind, address string) {
		if address != "" {
			x.Links = append(x.Links, atomLink{rel, kind, address})
		}
	}
	link("self", "application/atom+xml", f.Self)
	link("alternate", "text/html", f.Alternate)
	link("first", "application/atom+xml", f.First)
	link("previous", "application/atom+xml", f.Previous)
	link("next", "application/atom+xml", f.Next)
	for _, e := range f.Entries {
		at := stamp(e.Published)
		a := atomEntry{ID: e.ID, Title: e.Title, Published: at, Updated: at, Links: []atomLink{{"alternate", "text/html", e.Link}}, Content: atomText{"html", e.Content}}
		for _, term := range e.Categories {
			a.Categories = append(a.Categories, atomCategory{term})
		}
		x.Entries = append(x.Entries, a)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", " ")
	if err := e.Encode(x); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
