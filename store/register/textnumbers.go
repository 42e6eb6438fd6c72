package register

import (
	"strings"
	"sync"
)

// numberWords leads from the folded words of a number, 3 to 199, to the number.
var numberWords = sync.OnceValue(func() map[string]int {
	m := map[string]int{}
	put := func(n int, words ...string) {
		for _, w := range words {
			ps := pieces(w)
			var parts []string
			for i := range ps {
				if ps[i].kind == word {
					parts = append(parts, ps[i].text)
				}
			}
			if s := strings.Join(parts, " "); n >= 3 && s != "" {
				if _, ok := m[s]; !ok {
					m[s] = n
				}
			}
		}
	}
	list := func(s string) []string { return strings.Fields(s) }
	add := func(below, tens []string, hundred string, between func(tens, unit string, n int) []string, hundreds func(rest string) []string) {
		two := map[int][]string{}
		for i, w := range below {
			two[i+1] = strings.Split(strings.ReplaceAll(w, "_", " "), "/")
		}
		for i, ten := range tens {
			n := (i + 2) * 10
			if ten == "-" {
				continue
			}
			for _, t := range strings.Split(strings.ReplaceAll(ten, "_", " "), "/") {
				two[n] = append(two[n], t)
				for u := 1; u <= 9; u++ {
					for _, unit := range two[u] {
						two[n+u] = append(two[n+u], between(t, unit, n)...)
					}
				}
			}
		}
		for n, words := range two {
			put(n, words...)
			for _, w := range words {
				put(100+n, hundreds(w)...)
			}
		}
		put(100, strings.Split(strings.ReplaceAll(hundred, "_", " "), "/")...)
	}
	add(list("one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"),
		list("twenty thirty forty/fourty fifty sixty seventy eighty ninety"), "one_hundred/a_hundred/hundred",
		func(t, u string, _ int) []string { return []string{t + " " + u} },
		func(r string) []string {
			return []string{"one hundred and " + r, "one hundred " + r, "a hundred and " + r, "hundred and " + r}
		})
	french := list("un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix_sept dix_huit dix_neuf")
	add(french, list("vingt trente quarante cinquante soixante septante quatre_vingt/quatre_vingts/huitante/octante nonante"), "cent",
		func(t, u string, _ int) []string { return []string{t + " " + u, t + " et " + u} },
		func(r string) []string { return []string{"cent " + r} })
	for i, w := range french[9:] { // soixante-dix, quatre-vingt-dix-sept
		w = strings.ReplaceAll(w, "_", " ")
		put(70+i, "soixante "+w, "soixante et "+w)
		put(90+i, "quatre vingt "+w)
		put(170+i, "cent soixante "+w, "cent soixante et "+w)
		put(190+i, "cent quatre vingt "+w)
	}
	add(list("un/uno/una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve"),
		list("veinte/veinti treinta cuarenta cincuenta sesenta setenta ochenta noventa"), "cien",
		func(t, u string, n int) []string {
			if n == 20 {
				return []string{"veinti" + u}
			}
			return []string{t + " y " + u}
		}, func(r string) []string { return []string{"ciento " + r} })
	add(list("um/uma dois/duas tres quatro cinco seis sete oito nove dez onze doze treze catorze/quatorze quinze dezesseis/dezasseis dezessete/dezassete dezoito dezenove/dezanove"),
		list("vinte trinta quarenta cinquenta sessenta setenta oitenta noventa"), "cem",
		func(t, u string, _ int) []string { return []string{t + " e " + u} }, func(r string) []string { return []string{"cento e " + r} })
	add(list("ein zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn sechzehn siebzehn achtzehn neunzehn"),
		list("zwanzig dreissig vierzig funfzig sechzig siebzig achtzig neunzig"), "hundert/einhundert",
		func(t, u string, _ int) []string { return []string{u + "und" + t} },
		func(r string) []string { return []string{"hundert" + r, "einhundert" + r} })
	add(list("uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici diciassette diciotto diciannove"),
		list("venti trenta quaranta cinquanta sessanta settanta ottanta novanta"), "cento",
		func(t, u string, _ int) []string { return []string{t + u, t[:len(t)-1] + u} }, func(r string) []string { return []string{"cento" + r} })
	add(list("один/одна/одного две/два/двух/двумя три/трех/тремя четыре/четырех/четырьмя пять/пяти/пятью шесть/шести/шестью семь/семи/семью восемь/восьми/восемью девять/девяти/девятью десять/десяти одиннадцать/одиннадцати двенадцать/двенадцати тринадцать/тринадцати четырнадцать/четырнадцати пятнадцать/пятнадцати шестнадцать/шестнадцати семнадцать/семнадцати восемнадцать/восемнадцати девятнадцать/девятнадцати"),
		list("двадцать/двадцати тридцать/тридцати сорок/сорока пятьдесят/пятидесяти шестьдесят/шестидесяти семьдесят/семидесяти восемьдесят/восьмидесяти девяносто/девяноста"), "сто/ста",
		func(t, u string, _ int) []string { return []string{t + " " + u} }, func(r string) []string { return []string{"сто " + r, "ста " + r} })
	add(list("واحد/احدي اثنان/اثنتان/اثنين/اثنتين ثلاث/ثلاثه/ثلاثا اربع/اربعه/اربعا خمس/خمسه/خمسا ست/سته/ستا سبع/سبعه/سبعا ثماني/ثمانيه/ثمان/ثمانيا تسع/تسعه/تسعا عشر/عشره احد_عشر/احدي_عشره اثنا_عشر/اثنتا_عشره/اثني_عشر/اثنتي_عشره ثلاثه_عشر/ثلاث_عشره اربعه_عشر/اربع_عشره خمسه_عشر/خمس_عشره سته_عشر/ست_عشره سبعه_عشر/سبع_عشره ثمانيه_عشر/ثماني_عشره تسعه_عشر/تسع_عشره"),
		list("عشرون/عشرين ثلاثون/ثلاثين اربعون/اربعين خمسون/خمسين ستون/ستين سبعون/سبعين ثمانون/ثمانين تسعون/تسعين"), "مايه/مئه/مائه/ماءه",
		func(t, u string, _ int) []string { return []string{u + " و" + t} }, func(r string) []string { return []string{"مئه و" + r, "مايه و" + r} })
	return m
})

const longestNumber = 7 // words

// numberAt reads a number that begins with piece i: its value and the pieces it takes, 0 where there is none.
func numberAt(ps []piece, i int) (n, size int) {
	p := &ps[i]
	switch p.kind {
	case number:
		if len(p.text) > 3 {
			return 0, 0
		}
		v, ok := digits(p.text)
		if !ok || isMark(ps, i+1, stop+comma) && i+2 < len(ps) && ps[i+1].before == glued && ps[i+2].before == glued && ps[i+2].kind == number {
			return 0, 0
		}
		return v, 1
	case sign:
		v, size := hanNumber(ps, i)
		if v >= 3 {
			return v, size
		}
		return 0, 0
	}
	var b strings.Builder
	for j := i; j < len(ps) && j < i+longestNumber; j++ {
		if ps[j].kind != word || j > i && ps[j].before > line {
			break
		}
		if j > i {
			b.WriteByte(' ')
		}
		b.WriteString(ps[j].text)
		if v := numberWords()[b.String()]; v > 0 {
			n, size = v, j-i+1
		}
	}
	if size == 0 && p.script == arabic {
		for _, v := range append(arabicFronts(p.text), arabicKey(p.text)) {
			if v := numberWords()[v]; v > 0 {
				return v, 1
			}
		}
	}
	return n, size
}

const hanDigits = "〇一二三四五六七八九"

// mostHanSigns is more signs than any number up to 999 has. Without an end each sign of a text of digits would be read with all
// that follow it.
const mostHanSigns = 16

// hanNumber reads a number of Chinese signs up to 999.
func hanNumber(ps []piece, i int) (n, size int) {
	total, digit, seen := 0, -1, false
	j := i
	for ; j < len(ps) && ps[j].kind == sign && (j == i || ps[j].before <= glued); j++ {
		if j-i == mostHanSigns {
			return 0, 0
		}
		s := ps[j].text
		switch {
		case s == "两":
			digit = 2
		case s == "十":
			total += 10 * max(1, digit)
			digit = -1
		case s == "百":
			total += 100 * max(1, digit)
			digit = -1
		case s == "零":
			digit = -1
		default:
			k := strings.Index(hanDigits, s)
			if k < 0 || len(s) != 3 {
				goto end
			}
			digit = k / 3
		}
		seen = true
	}
end:
	if !seen {
		return 0, 0
	}
	if digit > 0 {
		total += digit
	}
	return total, j - i
}
