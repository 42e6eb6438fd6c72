package register_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	. "cosignatory/store/register"
)

func FuzzDate(f *testing.F) {
	for _, s := range []string{"", "2023", "2023-06", "2023-06-01", "0000-00-00", "2025-13-40", "2024-02-29", "1000-01-01", "9999-12-31", "２０２３", " 2023"} {
		f.Add(s, "2023-06")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, err := ParseDate(a)
		if err != nil {
			if x != (Date{}) {
				t.Errorf("%q is refused and %s all the same", a, x)
			}
			return
		}
		if x.String() != a {
			t.Errorf("%q is written %q", a, x)
		}
		text, _ := x.MarshalText()
		var again Date
		if err := again.UnmarshalText(text); err != nil || again != x {
			t.Errorf("%q comes back as %q, %v", a, again, err)
		}
		if x.First() > x.Last() || x.Known() && (x.First().Date().Precision() != ByDay || x.Last().Date().Precision() != ByDay) {
			t.Errorf("%q lasts from %d to %d", a, x.First(), x.Last())
		}
		if x.Known() && (!strings.HasPrefix(x.First().String(), a) || !strings.HasPrefix(x.Last().String(), a) || strings.HasPrefix((x.Last()+1).String(), a) ||
			strings.HasPrefix((x.First()-1).String(), a)) {
			t.Errorf("%q is not from %s to %s", a, x.First(), x.Last())
		}
		y, err := ParseDate(b)
		if err != nil {
			return
		}
		if x.Compare(x) != 0 || sign(x.Compare(y)) != -sign(y.Compare(x)) || (x.Compare(y) == 0) != (x == y) {
			t.Errorf("%q and %q compare as %d and %d", a, b, x.Compare(y), y.Compare(x))
		}
		if x.Precision() == ByDay && y.Precision() == ByDay && sign(x.Compare(y)) != strings.Compare(a, b) {
			t.Errorf("%q and %q are not in the order of their texts", a, b)
		}
		if !y.Known() && x.Known() && x.Compare(y) >= 0 {
			t.Errorf("%q does not come before the unknown date", a)
		}
	})
}

func sign(n int) int { return max(-1, min(1, n)) }

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Côte d’Ivoire", "STRAẞE", "İstanbul ı", "الأردن ة ى", "Kosovo*¹", "한국", "ไทย", "\xff\xfe", "e\u0301", "ﬀ", "Ǆ", "ϴ", "a\u034fb", "\u1e9e", "  x  ", "Ꭰ", "Ⅷ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		x := Fold(s)
		if y := Fold(x); y != x {
			t.Errorf("%q folds to %q and that to %q", s, x, y)
		}
		if !utf8.ValidString(x) {
			t.Errorf("%q folds to %q, no UTF-8", s, x)
		}
		if x != strings.Join(strings.Fields(x), " ") {
			t.Errorf("%q folds to %q with blanks", s, x)
		}
		if utf8.ValidString(s) && Fold(" "+s+"* ") != x {
			t.Errorf("%q folds to %q, and to %q with a mark", s, x, Fold(" "+s+"* "))
		}
		c := CleanText(s)
		if CleanText(c) != c || !utf8.ValidString(c) {
			t.Errorf("%q is cleaned to %q and that to %q", s, c, CleanText(c))
		}
	})
}

// happened makes the actions of one participant out of bytes, four to each: any order, any dates.
func happened(data []byte) *Declaration {
	next := func() int {
		if len(data) == 0 {
			return 0
		}
		b := data[0]
		data = data[1:]
		return int(b)
	}
	dates := []string{"", "2023-02-01", "2023-02", "2023", "2022-12-31", "2023-02-10"}
	d := declared(dates[next()%len(dates)], "KOR signed - src=a", "KOR signed - src=b:2023-02-03", "KOR signed - src=c:2023-03", "KOR signed - src=d:2021", "KOR signed - src=e:2023")
	d.Actions = nil
	for len(data) >= 4 && len(d.Actions) < 12 {
		a := Action{ID: int64(len(d.Actions) + 1), Participant: "KOR", Kind: ActionKinds[next()%len(ActionKinds)], Capacity: []Capacity{Signatory, Signatory, Aligned}[next()%3]}
		switch when, how := next(), next(); how % 8 {
		case 0:
			a.Date = MustDate(fmt.Sprintf("2023-%02d", 1+when%3))
		case 1:
			a.Date = MustDate("2023")
		case 2, 3:
			a.Source = d.Sources[when%len(d.Sources)].Key
		default:
			a.Date = (day("2023-01-25") + Day(when%45)).Date()
		}
		d.Actions = append(d.Actions, a)
	}
	return d
}

// worlds is what every way in which the actions can have happened says of a day: each on a day within its own, none before
// the one it follows. It is nil where there is no such way. The outcomes are told by how many had happened by then.
func worlds(actions []Action, within [][2]Day, began, day Day) map[string]bool {
	outcomes := map[string]bool{}
	for k := 0; k <= len(actions); k++ {
		// Exactly k had happened: is there a way? Taking each as early as it can be finds one if there is.
		at, possible := FirstDay, true
		for i, w := range within {
			first, last := max(at, w[0]), w[1]
			if i < k {
				last = min(last, day)
			} else {
				first = max(first, day+1)
			}
			if first > last {
				possible = false
				break
			}
			at = first
		}
		if !possible {
			continue
		}
		leavesNext := k < len(actions) && actions[k].Kind.Departure()
		switch {
		case k == 0 && leavesNext && day >= began, k > 0 && actions[k-1].Kind.Departure() && leavesNext:
			outcomes["nobody knows"] = true // it came without a record of it
		case k == 0:
			outcomes[string(NotYet)] = true
		case actions[k-1].Kind.Departure():
			outcomes[string(Left)] = true
		default:
			outcomes[fmt.Sprint(InEffect, actions[k-1].Capacity.Counted())] = true
		}
	}
	return outcomes
}

func FuzzTimeline(f *testing.F) {
	for _, s := range []string{"", "\x01\x00\x00\x05\x04\x04\x00\x10\x04", "\x02\x04\x00\x01\x00", "\x01\x02\x00\x00\x02\x04\x00\x09\x05", "\x03\x00\x00\x00\x02\x04\x00\x00\x01\x05\x00\x00\x00",
		"\x01\x02\x00\x02\x00\x04\x00\x01\x00\x05\x00\x02\x00", "\x01\x04\x00\x01\x00\x04\x00\x09\x04", "\x00\x02\x00\x00\x02", "\x01\x03\x02\x05\x04\x02\x00\x01\x00", "\x05\x02\x00\x04\x02\x04\x00\x01\x01"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d := happened(data)
		l := line(d, "KOR")
		m := l.Moments
		t.Cleanup(func() {
			for i := range m {
				if a := m[i].Action; t.Failed() {
					t.Logf("%s as %s on %q by %s: %s to %s, %d", a.Kind, a.Capacity, a.Date, a.Source, m[i].First, m[i].Last, m[i].Rests)
				}
			}
		})
		began := d.Date().First()
		days := []Day{FirstDay, FirstDay + 1, LastDay - 1, LastDay}
		for x := day("2022-12-28"); x <= day("2023-04-05"); x++ {
			days = append(days, x)
		}
		for i := range m {
			days = append(days, m[i].First-1, m[i].First, m[i].Last-1, m[i].Last)
			if m[i].First > m[i].Last || i > 0 && (m[i].First < m[i-1].First || m[i].Last < m[i-1].Last) {
				t.Fatalf("action %d lies from %d to %d", i, m[i].First, m[i].Last)
			}
		}
		// What the oracle knows: actions with a date of their own, undated ones that rest on the declaration's or on nothing.
		within, exact := make([][2]Day, len(m)), true
		for i := range m {
			a := m[i].Action
			switch {
			case a.Date.Known():
				within[i] = [2]Day{a.Date.First(), a.Date.Last()}
			case a.Kind.Founding() && d.Date().Known():
				within[i] = [2]Day{d.Date().First(), d.Date().Last()}
			case d.Source(a.Source).Published.Known():
				exact = false
			default:
				within[i] = [2]Day{began, LastDay}
			}
		}
		slices.Sort(days)
		for _, x := range slices.Compact(days) {
			s := l.On(x)
			if exact && x < LastDay {
				if outcomes := worlds(d.Actions, within, began, x); len(outcomes) > 0 {
					want := string(Unsettled)
					if len(outcomes) == 1 {
						for o := range outcomes {
							want = strings.TrimSuffix(strings.TrimSuffix(o, "true"), "false")
						}
					}
					if want == "nobody knows" {
						want = string(Unsettled)
					}
					if string(s.Status) != want {
						t.Fatalf("on %s (%d) it is %s, all the worlds say %v\n%+v\n%+v", x, x, s.Status, outcomes, d.Date(), d.Actions)
					}
				}
			}
			if len(m) == 0 {
				if s.Status != NotYet {
					t.Fatalf("nothing happened and it is %s", s.Status)
				}
				continue
			}
			if x < m[0].First && s.Status != NotYet && !m[0].Action.Kind.Departure() {
				t.Fatalf("before the first day it can have come it is %s", s.Status)
			}
			if x < began && x < m[0].First && s.Status != NotYet {
				t.Fatalf("before the declaration it is %s", s.Status)
			}
			if last := m[len(m)-1].Last; x >= last && last < LastDay && s.Status == Unsettled {
				t.Fatalf("on %s it is unsettled, after all is settled", x)
			}
			if s.Status == Unsettled {
				if x < s.From || x > s.To || s.From > FirstDay && l.On(s.From-1).Status == Unsettled || s.To < LastDay && l.On(s.To+1).Status == Unsettled ||
					l.On(s.From).Status != Unsettled || s.To < LastDay && l.On(s.To).Status != Unsettled {
					t.Fatalf("on %d it is unsettled from %d to %d", x, s.From, s.To)
				}
			} else if s.From != 0 || s.To != 0 {
				t.Fatalf("it is %s and has bounds", s.Status)
			}
			switch {
			case s.Status == InEffect && (s.Arrival == nil || s.Departure != nil), s.Status == Left && s.Departure == nil:
				t.Fatalf("it is %s, arrived by %v, left by %v", s.Status, s.Arrival, s.Departure)
			case s.Counted() && !MayHaveStood(m, x) && x >= began && x < LastDay:
				t.Fatalf("on %s it is %s and cannot have stood on the list", x, s.Status)
			case (s.Status == NotYet) == l.Ever(x):
				t.Fatalf("on %s it is %s and ever %v", x, s.Status, l.Ever(x))
			}
			c := d.Tally(shipped(), x)
			if got := c.InEffect.Total + c.Unsettled.Total + c.Left.Total; got != c.Named.Total || got > 1 || c.NotYet.Total+max(got, c.Aligned.Total+c.Supporters.Total) > 1 ||
				c.Aligned.Total+c.Supporters.Total+c.InEffect.Total+c.Unsettled.Total > 1 || c.Ever.Total != c.Named.Total {
				t.Fatalf("on %s the counts are %+v", x, c)
			}
			switch {
			case (s.Arrival == nil) != (s.Newest == nil) || s.Arrival != nil && s.Arrival.Action.Capacity.Counted() != s.Newest.Action.Capacity.Counted():
				t.Fatalf("on %s it came by %v and its newest action is %v", x, s.Arrival, s.Newest)
			case s.WentOff == nil && s.CameOn != nil, s.WentOff != nil && (s.WentOff.Last > x || s.Counted() || !s.Named()):
				t.Fatalf("on %s it is %s, came on by %v and went off by %v", x, s.Status, s.CameOn, s.WentOff)
			case s.Status == InEffect && (s.Arrival.Last > x || s.Newest.Last > x):
				t.Fatalf("on %s it is in effect by what may come only later", x)
			}
		}
	})
}

// The oracle above takes a short way; here every world is gone through.
func TestWorldsOneByOne(t *testing.T) {
	for _, actions := range [][]string{
		{"KOR joined 2023-02", "KOR withdrew 2023-02"},
		{"KOR joined 2023-02", "KOR withdrew 2023-02-14", "KOR rejoined 2023-02"},
		{"KOR joined 2023-02-10", "KOR withdrew 2023-02", "KOR rejoined 2023-02-20"},
		{"KOR withdrew 2023-02 nojoin", "KOR rejoined 2023-02"},
		{"KOR aligned 2023-02-02", "KOR joined 2023-02", "KOR withdrew 2023-02"},
	} {
		d := declared("2023-02-01", actions...)
		for x := day("2023-01-30"); x < day("2023-03-03"); x++ {
			outcomes := map[string]bool{}
			var each func(i int, at Day, done int)
			each = func(i int, at Day, done int) {
				if i < len(d.Actions) {
					for on := max(at, d.Actions[i].Date.First()); on <= d.Actions[i].Date.Last(); on++ {
						n := done
						if on <= x {
							n++
						}
						each(i+1, on, n)
					}
					return
				}
				switch {
				case done == 0 && d.Actions[0].Kind.Departure() && x >= day("2023-02-01"):
					outcomes[""], outcomes["?"] = true, true
				case done == 0:
					outcomes[string(NotYet)] = true
				case d.Actions[done-1].Kind.Departure():
					outcomes[string(Left)] = true
				default:
					outcomes[fmt.Sprint(InEffect, d.Actions[done-1].Capacity.Counted())] = true
				}
			}
			each(0, FirstDay, 0)
			got := line(d, "KOR").On(x).Status
			if settled := len(outcomes) == 1; settled != (got != Unsettled) {
				t.Errorf("%v on %s: %s, the worlds say %v", actions, x, got, outcomes)
			}
			for o := range outcomes {
				if len(outcomes) == 1 && !strings.HasPrefix(o, string(got)) {
					t.Errorf("%v on %s: %s, the worlds say %s", actions, x, got, o)
				}
			}
		}
	}
}

// filler sets every field of a value out of bytes.
type filler struct {
	data []byte
	full bool // nothing is left empty
	n    int
}

func (f *filler) next() int {
	f.n++
	if f.full {
		return f.n
	}
	if len(f.data) == 0 {
		return 0
	}
	b := f.data[0]
	f.data = f.data[1:]
	return int(b)
}

var vocabulary = []string{"", "en", "s", "KOR", "made-up", "https://example.org/x", "e\u0301", "e\x00\u0301", " x ", "a\nb", "\xff", "\u2028", "TÜRKIYE*", "states", "yes", "=1+1", "Å", "\ufeffx",
	"signed", "withdrew", "signatory", "withdrew_by_notice", "official", "joint-statement", "related", "EU", "human-rights", "authentic", "aligned", "unknown", "\u0340", "\u202e"}

func (f *filler) fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if f.full {
			v.SetString(fmt.Sprint("text ", f.next()))
		} else if i := f.next(); i < 224 {
			v.SetString(vocabulary[i%len(vocabulary)])
		} else {
			n := min(i-224, len(f.data))
			v.SetString(string(f.data[:n]))
			f.data = f.data[n:]
		}
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(f.next()))
	case reflect.Bool:
		v.SetBool(f.full || f.next()%2 == 1)
	case reflect.Slice:
		n := 1
		if !f.full {
			n = f.next() % 4
		}
		if n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
		}
		for i := range n {
			f.fill(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[Date]() {
			n := f.next()
			switch x := (day("2020-01-01") + Day(n*7)).Date(); {
			case f.full || n%5 > 2:
				v.Set(reflect.ValueOf(x))
			case n%5 == 1:
				v.Set(reflect.ValueOf(Date{Year: x.Year}))
			case n%5 == 2:
				v.Set(reflect.ValueOf(Date{Year: x.Year, Month: x.Month}))
			}
			return
		}
		for i := range v.NumField() {
			f.fill(v.Field(i))
		}
	default:
		panic("no filling for " + v.Type().String())
	}
}

func FuzzValidate(f *testing.F) {
	f.Add([]byte(""))
	f.Add([]byte("\x04\x17\x0b\x00\x00\x00\x00\x01\x03\x05\x03\x0e\x1d\x1d\x01\x1a"))
	f.Add([]byte(strings.Repeat("\x07\x03\x08\x02", 60)))
	f.Add([]byte(strings.Repeat("\x02\x06\x0b\x01\x12\x14\xe9xyz\xcc\x81\x00", 30)))
	f.Fuzz(func(t *testing.T, data []byte) {
		var d Declaration
		(&filler{data: data}).fill(reflect.ValueOf(&d).Elem())
		_ = (&Invalid{d.Validate(shipped())}).Error()
		d.Clean()
		clean := clone(t, &d)
		d.Clean()
		if a, b := encode(t, clean), encode(t, &d); a != b && valid(reflect.ValueOf(d)) {
			t.Fatalf("cleaned twice is not as once:\n%s\n%s", a, b)
		}
		for _, p := range d.Validate(shipped()) {
			if p.Key == "text_unclean" {
				t.Fatalf("%s is not clean after cleaning", p.Field)
			}
			if p.Field == "" || p.Key == "" {
				t.Fatalf("a problem without field or key: %+v", p)
			}
		}
		if again := clone(t, &d); !reflect.DeepEqual(&d, again) && valid(reflect.ValueOf(d)) {
			t.Fatalf("through JSON it is another:\n%+v\n%+v", &d, again)
		}
		lines := d.Timelines()
		d.Tally(shipped(), day("2023-01-01"))
		slices.SortStableFunc(lines, func(a, b Timeline) int {
			if c := strings.Compare(a.Participant, b.Participant); c != 0 {
				return c
			}
			return strings.Compare(a.Group, b.Group)
		})
		if folded := new(Folder).Fold(&d); len(folded) != len(lines) || len(lines) > 0 && !reflect.DeepEqual(folded, lines) {
			t.Fatalf("two ways to fold differ:\n%+v\n%+v", lines, folded)
		}
		for i := range d.Actions {
			d.Actions[i].ID = int64(i + 1)
		}
		if changes := Diff(&d, &d); len(changes) != 0 {
			t.Fatalf("it differs from itself: %+v", changes)
		}
		if changes := Diff(&d, clone(t, &d)); len(changes) != 0 && valid(reflect.ValueOf(d)) {
			t.Fatalf("it differs from its copy: %+v", changes)
		}
		Summary(Diff(&Declaration{}, &d), shipped())
		Summary(Diff(&d, &Declaration{}), shipped())
		Summary(Diff(nil, &d), shipped())
	})
}

// valid says that every text is UTF-8, which JSON needs: lists of fixed words are not cleaned but refused.
func valid(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		return utf8.ValidString(v.String())
	case reflect.Slice:
		for i := range v.Len() {
			if !valid(v.Index(i)) {
				return false
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if !valid(v.Field(i)) {
				return false
			}
		}
	}
	return true
}

func encode(t *testing.T, d *Declaration) string {
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func clone(t *testing.T, d *Declaration) *Declaration {
	var c Declaration
	if err := json.Unmarshal([]byte(encode(t, d)), &c); err != nil {
		t.Fatal(err)
	}
	return &c
}

// A new field of a declaration cannot be forgotten: every one that changes is mentioned.
func TestDiffMentionsEveryField(t *testing.T) {
	var d Declaration
	(&filler{full: true}).fill(reflect.ValueOf(&d).Elem())
	if changes := Diff(&d, clone(t, &d)); len(changes) != 0 {
		t.Fatalf("it differs from its copy: %+v", changes)
	}
	// Only the order of the phrases and of whole rows has no words of its own.
	plain := map[string]bool{"Disputes.Claim.Lang": true}
	fields := 0
	var walk func(path string, at func(*Declaration) reflect.Value)
	walk = func(path string, at func(*Declaration) reflect.Value) {
		v := at(&d)
		switch {
		case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[Date]():
			for i := range v.NumField() {
				walk(strings.TrimPrefix(path+"."+v.Type().Field(i).Name, "."), func(d *Declaration) reflect.Value { return at(d).Field(i) })
			}
			return
		case v.Kind() == reflect.Slice:
			walk(path, func(d *Declaration) reflect.Value { return at(d).Index(0) })
			empty := clone(t, &d)
			at(empty).SetZero()
			if len(Diff(&d, empty)) == 0 || len(Diff(empty, &d)) == 0 {
				t.Errorf("%s taken out or put in is not mentioned", path)
			}
			return
		}
		fields++
		changed := clone(t, &d)
		switch x := at(changed); x.Kind() {
		case reflect.String:
			x.SetString(x.String() + " changed")
		case reflect.Bool:
			x.SetBool(!x.Bool())
		case reflect.Int, reflect.Int64:
			x.SetInt(x.Int() + 1000)
		default:
			x.Set(reflect.ValueOf(MustDate("1999-12")))
		}
		for _, pair := range [][2]*Declaration{{&d, changed}, {changed, &d}} {
			changes := Diff(pair[0], pair[1])
			said := false
			for _, c := range changes {
				said = said || c.Before != c.After || c.What == ActionAdded || c.What == SourceAdded
			}
			if !said && !(plain[path] && len(changes) > 0) {
				t.Errorf("a change of %s is not mentioned: %+v", path, changes)
			}
			if Summary(changes, shipped()) == "" {
				t.Errorf("a change of %s has no summary", path)
			}
		}
	}
	walk("", func(d *Declaration) reflect.Value { return reflect.ValueOf(d).Elem() })
	if fields < 60 {
		t.Errorf("%d fields were changed", fields)
	}
}

func TestDiffOfRowsThatAreAlike(t *testing.T) {
	d := declared("2023-01-01", "KOR signed 2023-01-01", "JPN signed 2023-01-01")
	d.Stated = []Stated{{Count: 11, Counts: StatesOnly, Source: "s"}, {Count: 15, Counts: StatesOnly, Source: "s"}}
	d.Links = []Link{{Kind: "responds_to", Target: "x"}, {Kind: "follows", Target: "x"}}
	if changes := Diff(d, clone(t, d)); len(changes) != 0 {
		t.Errorf("it differs from its copy: %+v", changes)
	}
	less := clone(t, d)
	less.Stated, less.Links = less.Stated[:1], less.Links[:1]
	if changes := Diff(d, less); len(changes) != 2 || changes[0].Before != "15 states · s" || changes[1].Before != "follows · x" {
		t.Errorf("taking the second out is told as %+v", changes)
	}
	turned := clone(t, d)
	slices.Reverse(turned.Actions)
	equal(t, "another order", Summary(Diff(d, turned), shipped()), "order changed")
	many := declared("2023-01-01", "KOR signed 2023-01-01", "JPN signed 2023-01-01", "THA signed 2023-01-01", "VNM joined 2023-01-02", "FRA joined -")
	equal(t, "the summary of many", Summary(Diff(declared("2023-01-01"), many), shipped()),
		"Republic of Korea signed 2023-01-01; Japan signed 2023-01-01; Thailand signed 2023-01-01; and 2 more changes")
	d.MergedInto = "another-one"
	equal(t, "retired", Summary(Diff(many, func() *Declaration { c := clone(t, many); c.MergedInto = "another-one"; return c }()), shipped()), "retired in favour of another-one")
	equal(t, "living again", Summary(Diff(d, func() *Declaration { c := clone(t, d); c.MergedInto = ""; return c }()), shipped()), "merged_into changed")
}
