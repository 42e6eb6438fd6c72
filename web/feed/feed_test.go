package feed

import (
	"encoding/xml"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"cosignatory/store/register"
)

var when = time.Date(2026, 11, 23, 12, 0, 0, 0, time.FixedZone("", 3600))

func TestUUID(t *testing.T) {
	a := UUID("x", "entry", "en")
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(a) {
		t.Errorf("%s is no UUID of version 8", a)
	}
	// Whoever follows the register knows its entries by these: they may never come out differently.
	if a != "f724a46b-d8c0-8667-83a4-19332045d508" {
		t.Errorf("the identity of an entry has become %s", a)
	}
	if a == UUID("x", "entry", "fr") || a == UUID("xentry", "en") {
		t.Error("different parts give the same UUID")
	}
}

// TestAtomNastyTexts: whatever a text holds, the feed stays XML and the text stays itself as far as XML can hold it.
func TestAtomNastyTexts(t *testing.T) {
	nasty := "a\x00b\x1bc\x0bd \ufffe <b>&amp;</b> ]]> \xff \u2028 “é” 日本"
	f := Atom{ID: "urn:uuid:1", Lang: "fr", Title: nasty, Subtitle: nasty, Author: nasty, AuthorURL: "https://example.org/", Rights: nasty, Generator: nasty,
		Self: "https://example.org/x?a=1&b=2", Alternate: "https://example.org/", Updated: when,
		Entries: []Entry{{ID: "urn:uuid:2", Title: nasty, Link: "https://example.org/?q=\"<>", Published: when, Categories: []string{"created"}, Content: "<p>" + nasty + "</p>"}}}
	var b strings.Builder
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(strings.NewReader(b.String()))
	depth := 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, b.String())
		}
		switch token.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	if depth != 0 || !utf8.ValidString(b.String()) || strings.ContainsAny(b.String(), "\x00\x1b\x0b") {
		t.Errorf("no clean XML: %q", b.String())
	}
	var back struct {
		Lang  string `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
		Entry struct {
			Title   string `xml:"title"`
			Updated string `xml:"updated"`
			Link    struct {
				Href string `xml:"href,attr"`
			} `xml:"link"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal([]byte(b.String()), &back); err != nil {
		t.Fatal(err)
	}
	if back.Lang != "fr" || !strings.HasSuffix(back.Entry.Title, " \u2028 “é” 日本") || !strings.Contains(back.Entry.Title, "<b>&amp;</b> ]]>") {
		t.Errorf("%+v", back)
	}
	if back.Entry.Updated != "2026-11-23T11:00:00Z" {
		t.Errorf("updated %s", back.Entry.Updated)
	}
}

func TestCalendarLines(t *testing.T) {
	var b strings.Builder
	c := NewCalendar(&b, Head{Name: "Dates; of, all\\", Description: strings.Repeat("Дни, ", 60), URL: "https://example.org/", Lang: "ru"})
	nasty := "one,\r\ntwo;\nthree\\ \x00\x1b" + strings.Repeat("日本", 60) + "\xff"
	for range 2 {
		if err := c.Add(Event{UID: "1", Day: register.MustDate("2024-02-29").First(), Summary: nasty, Description: nasty, Location: nasty, URL: "https://example.org/x", Changed: when, Sequence: 3}); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	out := b.String()
	if strings.Contains(strings.ReplaceAll(out, "\r\n", ""), "\n") || strings.Contains(strings.ReplaceAll(out, "\r\n", ""), "\r") || !strings.HasSuffix(out, "END:VCALENDAR\r\n") {
		t.Error("lines do not end in CRLF")
	}
	for _, l := range strings.Split(out, "\r\n") {
		if len(l) > 75 || !utf8.ValidString(l) || strings.ContainsAny(l, "\x00\x1b") {
			t.Errorf("%d octets: %q", len(l), l)
		}
	}
	unfolded := strings.ReplaceAll(out, "\r\n ", "")
	want := `SUMMARY:one\,\ntwo\;\nthree\\ ` + strings.Repeat("日本", 60) + "\ufffd\r\n"
	if strings.Count(unfolded, want) != 2 {
		t.Errorf("a text does not come back:\n%s", unfolded)
	}
	for _, l := range []string{"DTSTART;VALUE=DATE:20240229\r\n", "DTSTAMP:20261123T110000Z\r\n", `NAME:Dates\; of\, all\\` + "\r\n"} {
		if !strings.Contains(unfolded, l) {
			t.Errorf("no %q", l)
		}
	}
}

// failing takes a few bytes and no more.
type failing int

func (f *failing) Write(b []byte) (int, error) {
	if *f -= failing(len(b)); *f < 0 {
		return 0, io.ErrShortWrite
	}
	return len(b), nil
}

func TestErrorsAreToldOn(t *testing.T) {
	f := failing(100)
	if err := (&Atom{Title: strings.Repeat("x", 5000)}).Write(&f); err == nil {
		t.Error("a feed that was not written is one")
	}
	f = failing(100)
	c := NewCalendar(&f, Head{Name: strings.Repeat("x", 40<<10)})
	if c.Add(Event{}) == nil || c.Close() == nil {
		t.Error("a calendar that was not written is one")
	}
}
