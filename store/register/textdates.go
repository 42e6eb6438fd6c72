package register

import "strings"

// monthNames are the months as texts write them, folded: full and short names, in the cases that dates stand in.
var monthNames = func() map[string]int8 {
	m := map[string]int8{}
	for _, months := range []string{
		"january february march april may june july august september october november december",
		"jan feb mar apr may jun jul aug sep oct nov dec",
		"janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
		"janv fevr mars avr mai juin juil aout sept oct nov dec",
		"enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
		"ene feb mar abr may jun jul ago setiembre oct nov dic",
		"janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro",
		"jan fev mar abr mai jun jul ago set out nov dez",
		"januar februar marz april mai juni juli august september oktober november dezember",
		"janner feber maerz april mai juni juli aug sept okt nov dez",
		"gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
		"januari februari maart april mei juni juli augustus september oktober november december",
		"января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
		"январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
		"янв февр мар апр мая июн июл авг сент окт нояб дек",
		"січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
		"يناير فبراير مارس ابريل مايو يونيو يوليو اغسطس سبتمبر اكتوبر نوفمبر ديسمبر",
		"كانون_الثاني شباط اذار نيسان ايار حزيران تموز اب ايلول تشرين_الاول تشرين_الثاني كانون_الاول",
		"يناير فبراير مارس ابريل مايو يونيه يوليه اغسطس سبتمبر اكتوبر نوفمبر ديسمبر",
		"جانفي فيفري مارس افريل ماي جوان جويليه اوت سبتمبر اكتوبر نوفمبر ديسمبر",
		"ocak subat mart nisan mayis haziran temmuz agustos eylul ekim kasim aralik",
		"stycznia lutego marca kwietnia maja czerwca lipca sierpnia wrzesnia pazdziernika listopada grudnia",
		"januari februari maret april mei juni juli agustus september oktober november desember",
		"ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
		"ledna unora brezna dubna kvetna cervna cervence srpna zari rijna listopadu prosince",
		"januari februari mars april maj juni juli augusti september oktober november december",
	} {
		for i, name := range strings.Fields(months) {
			name = strings.ReplaceAll(name, "_", " ")
			if _, ok := m[name]; !ok {
				m[name] = int8(i + 1)
			}
		}
	}
	return m
}()

// month is the month that a piece names, 0 where it names none, with the number of pieces it takes.
func month(ps []piece, i int) (int8, int) {
	if i >= len(ps) || ps[i].kind != word {
		return 0, 0
	}
	if i+1 < len(ps) && ps[i+1].kind == word {
		if m := monthNames[ps[i].text+" "+ps[i+1].text]; m > 0 {
			return m, 2
		}
	}
	return monthNames[ps[i].text], 1
}

// otherName is the piece after the other name of a month, i where there is none: the United Nations' Arabic texts write
// حزيران/يونيه, others one name in brackets after the other.
func otherName(ps []piece, i int, m int8) int {
	if !isMark(ps, i, slash+open) {
		return i
	}
	m2, size := month(ps, i+1)
	if m2 != m {
		return i
	}
	if i += 1 + size; isMark(ps, i, closing) {
		i++
	}
	return i
}

func numeral(ps []piece, i, low, high int) (int, bool) {
	if i >= len(ps) || ps[i].kind != number || len(ps[i].text) > 4 {
		return 0, false
	}
	n, ok := digits(ps[i].text)
	return n, ok && n >= low && n <= high
}

func isMark(ps []piece, i int, marks string) bool {
	return i >= 0 && i < len(ps) && ps[i].kind == mark && strings.Contains(marks, ps[i].text)
}

// asDate is a date where there is such a day.
func asDate(y, m, d int) (Date, bool) {
	if y < 1000 || y > 9999 || m < 1 || m > 12 || d < 1 || d > daysIn(y, m) {
		return Date{}, false
	}
	return Date{int16(y), int8(m), int8(d)}, true
}

const years, yearsEnd = 1800, 2199

// dateAt reads a date that begins with piece i: the pieces it takes, 0 where there is none. A date by month alone is read, a
// year alone is not: it could be any number.
func dateAt(text string, ps []piece, i int) (d FoundDate, n int) {
	done := func(date Date, to int) (FoundDate, int) {
		f := FoundDate{Date: date}
		f.Start, f.End = ps[i].start, ps[to-1].end
		f.Text = text[f.Start:f.End]
		return f, to - i
	}
	skip := func(j int) int { // of, de, year marks between day, month and year
		for j < len(ps) && ps[j].before < paragraph && (isMark(ps, j, ",.") && ps[j].before == glued || ps[j].kind == word && dateWords[ps[j].text]) {
			j++
		}
		return j
	}
	p := &ps[i]
	if p.kind == word && (p.text == "ngay") { // ngày 12 tháng 3 năm 2024
		if f, n := dateAt(text, ps, i+1); n > 0 && i+1 < len(ps) {
			f.Start = p.start
			f.Text = text[f.Start:f.End]
			return f, n + 1
		}
	}
	if p.kind == sign {
		if f, n := hanDate(ps, i); n > 0 {
			return done(f, i+n)
		}
	}
	if p.kind == number {
		// 2024年3月12日, 2024년 3월 12일
		if y, ok := numeral(ps, i, years, yearsEnd); ok && i+2 < len(ps) && (ps[i+1].text == "年" || ps[i+1].text == "년") {
			if m, ok := numeral(ps, i+2, 1, 12); ok && i+3 < len(ps) && (ps[i+3].text == "月" || ps[i+3].text == "월") {
				if dd, ok := numeral(ps, i+4, 1, 31); ok && i+5 < len(ps) && (ps[i+5].text == "日" || strings.HasPrefix(ps[i+5].text, "일") || ps[i+5].text == "号") {
					if date, ok := asDate(y, m, dd); ok {
						return done(date, i+6)
					}
				}
				return done(Date{Year: int16(y), Month: int8(m)}, i+4)
			}
		}
		// 2024-03-12, 2024/3/12, 2024.3.12
		if y, ok := numeral(ps, i, years, yearsEnd); ok {
			if j := parted(ps, i); j > 0 {
				if m, ok := numeral(ps, j, 1, 12); ok {
					if k := parted(ps, j); k > 0 {
						if dd, ok := numeral(ps, k, 1, 31); ok {
							if date, ok := asDate(y, m, dd); ok {
								return done(date, k+1)
							}
						}
					} else if len(ps[j].text) == 2 && isMark(ps, i+1, dash) {
						return done(Date{Year: int16(y), Month: int8(m)}, j+1)
					}
				}
			}
		}
		// 12.3.2024, 12/3/2024, 12-03-2024
		if a, ok := numeral(ps, i, 1, 31); ok && len(p.text) <= 2 {
			if j := parted(ps, i); j > 0 {
				if b, ok := numeral(ps, j, 1, 31); ok && len(ps[j].text) <= 2 {
					if k := parted(ps, j); k > 0 && ps[k].before <= blank {
						if y, ok := numeral(ps, k, years, yearsEnd); ok && len(ps[k].text) == 4 {
							dayFirst, one := asDate(y, b, a)
							monthFirst, two := asDate(y, a, b)
							f, n := done(dayFirst, k+1)
							switch {
							case one && two && a != b && !isMark(ps, i+1, stop):
								f.Other = monthFirst // 03/04/2024; points part day, month and year in that order
							case !one && two:
								f.Date = monthFirst
							case !one:
								return FoundDate{}, 0
							}
							return f, n
						}
					}
				}
				// 12-Mar-2024
				if m, size := month(ps, j); m > 0 {
					if k := parted(ps, j+size-1); k > 0 {
						if y, ok := numeral(ps, k, years, yearsEnd); ok {
							if date, ok := asDate(y, int(m), a); ok {
								return done(date, k+1)
							}
						}
					}
				}
			}
			// 12 March 2024, 12th of March 2024, 1er juin 2024, 28. September 2006, 12 de marzo de 2024, ٢٤ نوفمبر/تشرين الثاني ٢٠٢٥
			j := i + 1
			if j < len(ps) && ps[j].kind == word && ps[j].before == glued && ordinals[ps[j].text] {
				j++
			}
			if isMark(ps, j, stop) && ps[j].before == glued {
				j++
			}
			j = skip(j)
			if j < len(ps) && ps[j].before < paragraph {
				if m, size := month(ps, j); m > 0 {
					k := otherName(ps, j+size, m)
					if isMark(ps, k, stop) && ps[k].before == glued {
						k++
					}
					k = skip(k)
					if y, ok := numeral(ps, k, years, yearsEnd); ok && len(ps[k].text) == 4 && ps[k].before < paragraph {
						if date, ok := asDate(y, int(m), a); ok {
							return done(date, k+1)
						}
					}
				}
				// 12 tháng 3 năm 2024, 12 tháng 3, 2024
				if ps[j].text == "thang" {
					if m, ok := numeral(ps, j+1, 1, 12); ok {
						k := skip(j + 2)
						if isMark(ps, k, slash) {
							k++
						}
						if y, ok := numeral(ps, k, years, yearsEnd); ok {
							if date, ok := asDate(y, m, a); ok {
								return done(date, k+1)
							}
						}
					}
				}
			}
		}
	}
	if m, size := month(ps, i); m > 0 && (p.capital || p.script != latin) {
		j := otherName(ps, i+size, m)
		if isMark(ps, j, stop) && ps[j].before == glued {
			j++
		}
		// March 12, 2024
		if a, ok := numeral(ps, j, 1, 31); ok && len(ps[j].text) <= 2 && ps[j].before < paragraph {
			k := j + 1
			if k < len(ps) && ps[k].kind == word && ps[k].before == glued && ordinals[ps[k].text] {
				k++
			}
			k = skip(k)
			if y, ok := numeral(ps, k, years, yearsEnd); ok && ps[k].before < paragraph {
				if date, ok := asDate(y, int(m), a); ok {
					return done(date, k+1)
				}
			}
		}
		// March 2024, mars 2024
		if k := skip(j); k < len(ps) {
			if y, ok := numeral(ps, k, years, yearsEnd); ok && len(ps[k].text) == 4 && ps[k].before <= line {
				return done(Date{Year: int16(y), Month: m}, k+1)
			}
		}
	} else if m > 0 {
		if k := skip(i + size); k < len(ps) {
			if y, ok := numeral(ps, k, years, yearsEnd); ok && len(ps[k].text) == 4 && ps[k].before <= blank {
				return done(Date{Year: int16(y), Month: m}, k+1)
			}
		}
	}
	return FoundDate{}, 0
}

// hanDate reads 二〇二四年十月十日.
func hanDate(ps []piece, i int) (Date, int) {
	year, j := 0, i
	for ; j < len(ps) && j < i+4 && ps[j].kind == sign; j++ {
		k := strings.Index(hanDigits, ps[j].text)
		if k < 0 && ps[j].text == "零" {
			k = 0
		}
		if k < 0 {
			return Date{}, 0
		}
		year = year*10 + k/3
	}
	if j != i+4 || year < years || year > yearsEnd || j >= len(ps) || ps[j].text != "年" {
		return Date{}, 0
	}
	m, n := hanNumber(ps, j+1)
	if at := j + 1 + n; n > 0 && at < len(ps) && ps[at].text == "月" && m >= 1 && m <= 12 {
		if d, n := hanNumber(ps, at+1); n > 0 && at+1+n < len(ps) && ps[at+1+n].text == "日" {
			if date, ok := asDate(year, m, d); ok {
				return date, at + 2 + n - i
			}
		}
		return Date{Year: int16(year), Month: int8(m)}, at + 1 - i
	}
	return Date{}, 0
}

var (
	dateWords = set("of de del du d den the nam năm")
	ordinals  = set("st nd rd th er re e eme o a ª º го е")
)

// parted is the piece after a point, slash or hyphen that follows piece i without a blank, 0 where there is none.
func parted(ps []piece, i int) int {
	if i+1 < len(ps) && ps[i+1].before == hyphen {
		return i + 1
	}
	if i+2 < len(ps) && isMark(ps, i+1, stop+slash+dash) && ps[i+1].before == glued && ps[i+2].before <= blank {
		return i + 2
	}
	return 0
}

// ReadDate reads a text that is a date as people write it in the languages of the register's names: "12 March 2024",
// "12.3.2024", "2024年3月12日", "12 марта 2024 г.", "March 2024", "2024". Where day and month can be told in two ways, Other is
// the second. False where the text is no date.
func ReadDate(text string) (FoundDate, bool) {
	ps := pieces(text)
	rest := func(n int) bool { // nothing but "г.", a full stop or a weekday is left
		for ; n < len(ps); n++ {
			if !(ps[n].kind == mark && ps[n].text == stop) && !(ps[n].kind == word && (ps[n].text == "г" || ps[n].text == "года" || ps[n].text == "م")) {
				return false
			}
		}
		return true
	}
	for i := range min(len(ps), 4) {
		if d, n := dateAt(text, ps, i); n > 0 && rest(i+n) {
			for j := range i {
				if ps[j].kind == number {
					return FoundDate{}, false
				}
			}
			return d, true
		}
	}
	if len(ps) == 1 {
		if y, ok := numeral(ps, 0, years, yearsEnd); ok {
			return FoundDate{Span: Span{ps[0].start, ps[0].end, text[ps[0].start:ps[0].end]}, Date: Date{Year: int16(y)}}, true
		}
	}
	return FoundDate{}, false
}
