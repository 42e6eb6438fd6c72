package i18n

import (
	"strconv"
	"strings"
	"time"

	"cosignatory/store/register"
)

// calendar is how a language writes dates. A pattern's letters stand for: D day, M the month after a day, L the month on
// its own, S the short month, N and m the number of the month with two digits and without, d the day with two digits, Y
// year, T the time of day; everything else for itself.
type calendar struct {
	months [12]string // after a day, in the case that takes: "24 ноября"
	alone  [12]string // without a day: "ноябрь"
	short  [12]string // in tables
	first  string     // the first day of a month, where it is not "1"

	date, month, year                []piece // at day, month and year precision
	shortDate, shortMonth, shortYear []piece
	instant                          []piece
	clock                            string // between hours and minutes
}

// unknownDate is the message for a date of which nothing is known.
const unknownDate = "date.unknown"

// Date writes a date out, as precisely as it is known: "24 November 2025", "November 2025", "2025". The unknown date is
// the message date.unknown.
func (p *Printer) Date(d register.Date) string {
	c := &p.style.calendar
	return p.date(d, c.date, c.month, c.year)
}

// ShortDate writes a date for tables, with short months where the language has them: "24 Nov 2025", "24.11.2025". The
// unknown date is the message date.unknown.
func (p *Printer) ShortDate(d register.Date) string {
	c := &p.style.calendar
	return p.date(d, c.shortDate, c.shortMonth, c.shortYear)
}

func (p *Printer) date(d register.Date, day, month, year []piece) string {
	if !d.Known() {
		return p.T(unknownDate)
	}
	pattern := day
	switch {
	case d.Month < 1 || d.Month > 12: // also a month that no date has: the year is the part that can be said
		pattern = year
	case d.Day < 1:
		pattern = month
	}
	return p.style.write(pattern, d, time.Time{})
}

// DateTime writes an instant of the register's own clock in UTC, to the minute: "23 November 2026, 20:20 UTC". The zero
// time is the message date.unknown.
func (p *Printer) DateTime(t time.Time) string {
	if t.IsZero() {
		return p.T(unknownDate)
	}
	t = t.UTC()
	d := register.Date{Year: int16(t.Year()), Month: int8(t.Month()), Day: int8(t.Day())}
	return p.style.write(p.style.instant, d, t)
}

func (c *calendar) write(pattern []piece, d register.Date, t time.Time) string {
	var room [96]byte
	b := room[:0]
	for _, f := range pattern {
		switch f.field {
		case 0:
			b = append(b, f.literal...)
		case 'D':
			if d.Day == 1 && c.first != "" {
				b = append(b, c.first...)
			} else {
				b = strconv.AppendInt(b, int64(d.Day), 10)
			}
		case 'd':
			b = append(b, byte('0'+d.Day/10%10), byte('0'+d.Day%10))
		case 'M':
			b = append(b, c.months[d.Month-1]...)
		case 'L':
			b = append(b, c.alone[d.Month-1]...)
		case 'S':
			b = append(b, c.short[d.Month-1]...)
		case 'N':
			b = append(b, byte('0'+d.Month/10), byte('0'+d.Month%10))
		case 'm':
			b = strconv.AppendInt(b, int64(d.Month), 10)
		case 'Y':
			b = strconv.AppendInt(b, int64(d.Year), 10)
		case 'T':
			h, m := t.Hour(), t.Minute()
			b = append(b, byte('0'+h/10), byte('0'+h%10))
			b = append(b, c.clock...)
			b = append(b, byte('0'+m/10), byte('0'+m%10))
		}
	}
	return string(b)
}

// piece is one part of a pattern: a field, or, with field 0, a literal.
type piece struct {
	field   byte
	literal string
}

// pattern takes a pattern apart: fields stand between angle brackets, "<D> de <M> de <Y>".
func pattern(s string) []piece {
	var out []piece
	for s != "" {
		literal, rest, found := strings.Cut(s, "<")
		if literal != "" {
			out = append(out, piece{literal: literal})
		}
		if !found {
			break
		}
		out = append(out, piece{field: rest[0]})
		s = rest[2:]
	}
	return out
}

// The six calendars. They are never written to.
var (
	english = calendar{
		months: englishMonths, alone: englishMonths,
		short: [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
		date:  pattern("<D> <M> <Y>"), month: pattern("<L> <Y>"), year: pattern("<Y>"),
		shortDate: pattern("<D> <S> <Y>"), shortMonth: pattern("<S> <Y>"), shortYear: pattern("<Y>"),
		instant: pattern("<D> <M> <Y>, <T> UTC"), clock: ":",
	}
	french = calendar{
		months: frenchMonths, alone: frenchMonths,
		short: [12]string{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."},
		first: "1er",
		date:  pattern("<D> <M> <Y>"), month: pattern("<L> <Y>"), year: pattern("<Y>"),
		shortDate: pattern("<D> <S> <Y>"), shortMonth: pattern("<S> <Y>"), shortYear: pattern("<Y>"),
		instant: pattern("<D> <M> <Y> à <T> UTC"), clock: noBreak + "h" + noBreak,
	}
	spanish = calendar{
		months: spanishMonths, alone: spanishMonths,
		short: [12]string{"ene.", "feb.", "mar.", "abr.", "may.", "jun.", "jul.", "ago.", "sept.", "oct.", "nov.", "dic."},
		date:  pattern("<D> de <M> de <Y>"), month: pattern("<L> de <Y>"), year: pattern("<Y>"),
		shortDate: pattern("<D> <S> <Y>"), shortMonth: pattern("<S> <Y>"), shortYear: pattern("<Y>"),
		instant: pattern("<D> de <M> de <Y>, <T> UTC"), clock: ":",
	}
	// Both names of each month, as the United Nations print them: the Levant's and the Nile's.
	arabic = calendar{
		months: arabicMonths, alone: arabicMonths, short: arabicMonths,
		date: pattern("<D> <M> <Y>"), month: pattern("<L> <Y>"), year: pattern("<Y>"),
		shortDate: pattern("<D> <S> <Y>"), shortMonth: pattern("<S> <Y>"), shortYear: pattern("<Y>"),
		instant: pattern("<D> <M> <Y>، <T> بالتوقيت العالمي المنسق"), clock: ":",
	}
	chinese = calendar{
		date: pattern("<Y>年<m>月<D>日"), month: pattern("<Y>年<m>月"), year: pattern("<Y>年"),
		shortDate: pattern("<Y>年<m>月<D>日"), shortMonth: pattern("<Y>年<m>月"), shortYear: pattern("<Y>年"),
		instant: pattern("<Y>年<m>月<D>日 <T> UTC"), clock: ":",
	}
	russian = calendar{
		months: [12]string{"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"},
		alone:  [12]string{"январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"},
		date:   pattern("<D> <M> <Y> года"), month: pattern("<L> <Y> года"), year: pattern("<Y> год"),
		shortDate: pattern("<d>.<N>.<Y>"), shortMonth: pattern("<N>.<Y>"), shortYear: pattern("<Y>"),
		instant: pattern("<D> <M> <Y> года, <T> UTC"), clock: ":",
	}

	englishMonths = [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
	frenchMonths  = [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}
	spanishMonths = [12]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"}
	arabicMonths  = [12]string{
		"كانون الثاني/يناير", "شباط/فبراير", "آذار/مارس", "نيسان/أبريل", "أيار/مايو", "حزيران/يونيه",
		"تموز/يوليه", "آب/أغسطس", "أيلول/سبتمبر", "تشرين الأول/أكتوبر", "تشرين الثاني/نوفمبر", "كانون الأول/ديسمبر",
	}
)
