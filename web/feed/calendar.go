package feed

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"cosignatory/store/register"
)

// Calendar writes an iCalendar file, one event after the other, in constant memory. It is no file before Close.
type Calendar struct {
	w      *bufio.Writer
	events int
}

// Head is what a calendar says of itself.
type Head struct {
	Name, Description string
	URL               string // the page that tells the same
	Lang              string // of all words
}

// Event is something that fills a day. A month or a year is no event: callers leave it out.
type Event struct {
	UID         string
	Day         register.Day
	Summary     string
	Description string
	Location    string // empty leaves it out
	URL         string
	Changed     time.Time // when the register last changed what the event is about
	Sequence    int       // grows with every change: the number of that revision
}

// NewCalendar writes the head of a calendar to w.
func NewCalendar(w io.Writer, h Head) *Calendar {
	c := &Calendar{w: bufio.NewWriterSize(w, 32<<10)}
	c.line("BEGIN", "VCALENDAR")
	c.line("VERSION", "2.0")
	c.line("PRODID", "-//Cosignatory//Register of joint declarations//"+strings.ToUpper(h.Lang))
	c.line("CALSCALE", "GREGORIAN")
	// NAME and REFRESH-INTERVAL are RFC 7986; the names with an X are what programs read that are older.
	c.text("NAME", h.Name)
	c.text("X-WR-CALNAME", h.Name)
	c.text("DESCRIPTION", h.Description)
	c.text("X-WR-CALDESC", h.Description)
	if h.URL != "" {
		c.line("URL", h.URL)
	}
	c.line("REFRESH-INTERVAL;VALUE=DURATION", "P1D")
	c.line("X-PUBLISHED-TTL", "P1D")
	return c
}

// Add writes an event.
func (c *Calendar) Add(e Event) error {
	c.events++
	changed := e.Changed.UTC().Format("20060102T150405Z")
	c.line("BEGIN", "VEVENT")
	c.line("UID", e.UID)
	c.line("DTSTAMP", changed)
	c.line("LAST-MODIFIED", changed)
	c.line("SEQUENCE", strconv.Itoa(e.Sequence))
	c.line("DTSTART;VALUE=DATE", strings.ReplaceAll(e.Day.String(), "-", ""))
	c.text("SUMMARY", e.Summary)
	if e.Description != "" {
		c.text("DESCRIPTION", e.Description)
	}
	if e.Location != "" {
		c.text("LOCATION", e.Location)
	}
	if e.URL != "" {
		c.line("URL", e.URL)
	}
	// What the register remembers keeps nobody busy.
	c.line("TRANSP", "TRANSPARENT")
	c.line("END", "VEVENT")
	_, err := c.w.Write(nil) // bufio keeps the first error
	return err
}

// Close writes the end. A calendar without events names a time zone instead, for the standard asks that it hold something.
func (c *Calendar) Close() error {
	if c.events == 0 {
		for _, l := range [][2]string{{"BEGIN", "VTIMEZONE"}, {"TZID", "UTC"}, {"BEGIN", "STANDARD"}, {"DTSTART", "19700101T000000"},
			{"TZOFFSETFROM", "+0000"}, {"TZOFFSETTO", "+0000"}, {"END", "STANDARD"}, {"END", "VTIMEZONE"}} {
			c.line(l[0], l[1])
		}
	}
	c.line("END", "VCALENDAR")
	return c.w.Flush()
}

var escaping = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`)

// text writes a property that holds words.
func (c *Calendar) text(name, words string) {
	c.line(name, escaping.Replace(words))
}

// fold is how many octets a line may have, its end not counted.
const fold = 75

// line writes a property whose value is written already. Control characters, which no line may hold, are left out; a line
// that is too long goes on in the next, cut between characters.
func (c *Calendar) line(name, value string) {
	rest := name + ":" + strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(value, "\ufffd"))
	for room := fold; len(rest) > room; room = fold - 1 {
		cut := room
		for !utf8.RuneStart(rest[cut]) {
			cut--
		}
		c.w.WriteString(rest[:cut])
		c.w.WriteString("\r\n ")
		rest = rest[cut:]
	}
	c.w.WriteString(rest)
	c.w.WriteString("\r\n")
}
