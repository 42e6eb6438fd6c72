package register

import (
	"errors"
	"time"
)

// ErrDate says that a text is no date of the register: YYYY, YYYY-MM or YYYY-MM-DD of the proleptic Gregorian calendar,
// years 1000 to 9999.
var ErrDate = errors.New("register: not a date")

// Precision says how much of a date is known. Its texts are what files print in their *_precision columns.
type Precision string

// The precisions of a date, from best to none.
const (
	ByDay   Precision = "day"
	ByMonth Precision = "month"
	ByYear  Precision = "year"
	Unknown Precision = "unknown"
)

// Day is one calendar day, counted from 1970-01-01 as 0. It has no time zone: D10 forbids shifting a local date.
type Day int32

// The ends of time: a day before all days and one after all. Actions that nobody can date reach from one to the other.
const (
	FirstDay Day = -1 << 30
	LastDay  Day = 1 << 30
)

// DayOf is the day of a calendar date; month and day out of range are normalised as time.Date does.
func DayOf(year, month, day int) Day {
	return Day(time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// Today is the calendar day at an instant, in UTC: the register's own clock, never used to shift a recorded date.
func Today(now time.Time) Day { return Day(now.UTC().Unix() / 86400) }

// Date is the exact date of a day. The two ends of time, and any day outside the years of the register, give the unknown
// date.
func (d Day) Date() Date {
	t := time.Unix(int64(d)*86400, 0).UTC()
	if t.Year() < 1000 || t.Year() > 9999 {
		return Date{}
	}
	return Date{Year: int16(t.Year()), Month: int8(t.Month()), Day: int8(t.Day())}
}

// String is the day as YYYY-MM-DD, empty for the ends of time.
func (d Day) String() string { return d.Date().String() }

// Date is a partial date (D11): a year, a month or a day, or nothing known at all. The zero value is the unknown date.
// Month and Day are 0 where they are not known; a day is never known without its month.
type Date struct {
	Year  int16
	Month int8
	Day   int8
}

// ParseDate reads YYYY, YYYY-MM or YYYY-MM-DD; the empty text is the unknown date. Anything else (0000-00-00, 2025-13-40,
// blanks, other digits than ASCII) is ErrDate.
func ParseDate(s string) (Date, error) {
	if s == "" {
		return Date{}, nil
	}
	if len(s) != 4 && len(s) != 7 && len(s) != 10 {
		return Date{}, ErrDate
	}
	year, ok := digits(s[:4])
	if !ok || year < 1000 {
		return Date{}, ErrDate
	}
	d := Date{Year: int16(year)}
	if len(s) == 4 {
		return d, nil
	}
	month, ok := digits(s[5:7])
	if !ok || s[4] != '-' || month < 1 || month > 12 {
		return Date{}, ErrDate
	}
	d.Month = int8(month)
	if len(s) == 7 {
		return d, nil
	}
	day, ok := digits(s[8:])
	if !ok || s[7] != '-' || day < 1 || day > daysIn(year, month) {
		return Date{}, ErrDate
	}
	d.Day = int8(day)
	return d, nil
}

// MustDate is ParseDate for dates that a program itself writes down; it panics at anything else.
func MustDate(s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		panic("register: MustDate(" + s + ")")
	}
	return d
}

func digits(s string) (int, bool) {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// Known says whether anything of the date is known.
func (d Date) Known() bool { return d.Year != 0 }

// Precision says how much of the date is known.
func (d Date) Precision() Precision {
	switch {
	case d.Year == 0:
		return Unknown
	case d.Month == 0:
		return ByYear
	case d.Day == 0:
		return ByMonth
	}
	return ByDay
}

// String writes the date as it was read: 2023, 2023-06, 2023-06-01, or nothing.
func (d Date) String() string { return string(d.Append(nil)) }

// Append appends the text of the date to b.
func (d Date) Append(b []byte) []byte {
	if d.Year == 0 {
		return b
	}
	y := int(d.Year)
	b = append(b, byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10))
	if d.Month == 0 {
		return b
	}
	b = append(b, '-', byte('0'+d.Month/10), byte('0'+d.Month%10))
	if d.Day == 0 {
		return b
	}
	return append(b, '-', byte('0'+d.Day/10), byte('0'+d.Day%10))
}

// First is the first day that the date can mean; FirstDay when unknown.
func (d Date) First() Day {
	switch d.Precision() {
	case Unknown:
		return FirstDay
	case ByYear:
		return DayOf(int(d.Year), 1, 1)
	case ByMonth:
		return DayOf(int(d.Year), int(d.Month), 1)
	}
	return DayOf(int(d.Year), int(d.Month), int(d.Day))
}

// Last is the last day that the date can mean; LastDay when unknown. From that day on the date is settled (D11).
func (d Date) Last() Day {
	switch d.Precision() {
	case Unknown:
		return LastDay
	case ByYear:
		return DayOf(int(d.Year), 12, 31)
	case ByMonth:
		return DayOf(int(d.Year), int(d.Month), daysIn(int(d.Year), int(d.Month)))
	}
	return d.First()
}

// Compare orders dates by the first day they can mean, then by the last; the unknown date sorts last (D11).
func (d Date) Compare(e Date) int {
	switch {
	case d == e:
		return 0
	case !d.Known():
		return 1
	case !e.Known():
		return -1
	case d.First() != e.First():
		return int(d.First() - e.First())
	}
	return int(d.Last() - e.Last())
}

// MarshalText writes the date as String does.
func (d Date) MarshalText() ([]byte, error) { return d.Append(nil), nil }

// UnmarshalText reads what ParseDate reads.
func (d *Date) UnmarshalText(b []byte) error {
	p, err := ParseDate(string(b))
	if err == nil {
		*d = p
	}
	return err
}
