package register_test

import (
	"slices"
	"testing"

	. "cosignatory/store/register"
)

// names is a recognition of participants; one written with | between codes is a find that nobody has decided.
func names(codes ...string) *Recognition {
	rec := &Recognition{}
	for _, code := range codes {
		f := Find{Participant: code, Certainty: Certain}
		if len(code) > 3 {
			f = Find{Certainty: Ask, Reason: "ambiguous", Candidates: []string{code[:3], code[4:]}}
		}
		rec.Finds = append(rec.Finds, f)
	}
	return rec
}

func besides(places []Place) (list []BesideRecord) {
	for _, p := range places {
		list = append(list, p.Beside)
	}
	return list
}

func missing(c Comparison) (list []string) {
	for _, a := range c.Missing {
		list = append(list, a.Participant+a.Group)
	}
	return list
}

func wantBesides(t *testing.T, c Comparison, want ...BesideRecord) {
	t.Helper()
	if got := besides(c.Finds); !slices.Equal(got, want) {
		t.Errorf("the finds are %v, want %v", got, want)
	}
}

func wantMissing(t *testing.T, c Comparison, want ...string) {
	t.Helper()
	if got := missing(c); !slices.Equal(got, want) {
		t.Errorf("missing are %v, want %v", got, want)
	}
}

// D1: whoever left and is named again is asked about; whoever came back is on the list.
func TestD1_AgainstLeftAndRejoined(t *testing.T) {
	d := declared("2020-10-22", "USA signed 2020-10-22", "USA withdrew 2021-01-28", "USA rejoined 2025-01-24", "BRA signed 2020-10-22", "BRA withdrew 2023-01-17", "HUN signed 2020-10-22")
	rec := names("USA", "BRA", "HUN", "PRY")
	c := Against(d, shipped(), rec, day("2026-01-01"))
	wantBesides(t, c, IsOnList, HadLeft, IsOnList, IsNew)
	equal(t, "new", c.New, 1)
	equal(t, "on the list", c.OnList, 2)
	equal(t, "left", c.Left, 1)
	equal(t, "the last arrival of the USA", c.Finds[0].Last.Kind, Rejoined)
	equal(t, "the departure of Brazil", c.Finds[1].State.Until(), MustDate("2023-01-17"))
	wantMissing(t, c)
	// A list of a day before the departure names Brazil rightly.
	wantBesides(t, Against(d, shipped(), rec, day("2022-01-01")), IsOnList, IsOnList, IsOnList, IsNew)
	// What the record dates after the day is no second joining.
	wantBesides(t, Against(declared("2020-10-22", "FRA joined 2024-05-01"), shipped(), names("FRA"), day("2023-01-01")), IsOnList)
}

// D2: a name that a later text lacks is asked about, never dropped; those beside the list are not expected on it (D4).
func TestD2_AgainstMissing(t *testing.T) {
	d := declared("2024-06-16", "IRQ signed 2024-06-16", "FRA signed 2024-06-16", "JOR signed 2024-06-16", "RWA signed 2024-06-16", "RWA withdrew 2024-06-17",
		"JPN aligned 2024-06-16", "KOR endorsed 2024-06-16 as=supporter", "CHL joined 2024-07")
	wantMissing(t, Against(d, shipped(), names("FRA"), day("2024-06-17")), "IRQ", "JOR")
	// An unsettled one is on record too.
	wantMissing(t, Against(d, shipped(), names("FRA", "IRQ", "JOR"), day("2024-07-10")), "CHL")
	wantMissing(t, Against(d, shipped(), names(), day("2020-01-01")))
	// A find that may mean one of two leaves neither of them missing.
	congo := declared("2024-06-16", "COG signed 2024-06-16", "COD signed 2024-06-16", "FRA signed 2024-06-16")
	c := Against(congo, shipped(), names("COG|COD"), day("2025-01-01"))
	wantBesides(t, c, IsNew)
	equal(t, "new before anybody decided", c.New, 0)
	wantMissing(t, c, "FRA")
	wantMissing(t, Against(congo, shipped(), names("COG"), day("2025-01-01")), "COD", "FRA")
}

// D3: a participant counts once however often a text names it.
func TestD3_AgainstTwice(t *testing.T) {
	d := declared("2025-11-24", "AUS signed 2025-11-24")
	c := Against(d, shipped(), names("AUS", "KOR", "AUS", "KOR", "KOR"), day("2025-11-24"))
	wantBesides(t, c, IsOnList, IsNew, NamedTwice, NamedTwice, NamedTwice)
	equal(t, "new", c.New, 1)
	equal(t, "twice", c.Twice, 3)
}

// D6: a group is one line; whoever the text names only through a group is not missing, and a line of its own stays one.
func TestD6_AgainstGroups(t *testing.T) {
	d := declared("2021-03-01", "@EU signed 2021-03-01", "FRA signed 2021-03-01", "JPN signed 2021-03-01")
	eu := shipped().Group("EU").On(day("2021-03-01"))
	rec := names("JPN")
	rec.Groups = []FoundGroup{{Group: "EU", Members: eu}, {Group: "ASEAN", Members: []string{"THA"}}, {Group: "EU", Members: eu}}
	c := Against(d, shipped(), rec, day("2021-03-01"))
	if got := besides(c.Groups); !slices.Equal(got, []BesideRecord{IsOnList, IsNew, NamedTwice}) {
		t.Errorf("the groups are %v", got)
	}
	wantMissing(t, c)
	wantMissing(t, Against(d, shipped(), names("JPN"), day("2021-03-01")), "EU", "FRA")
	wantMissing(t, Against(d, shipped(), names(append([]string{"JPN"}, eu...)...), day("2021-03-01")))
}

// D14: comparing changes nothing of what was printed and where.
func TestD14_AgainstLeavesThePrintedNames(t *testing.T) {
	d := declared("2025-11-24", "AUS signed 2025-11-24")
	rec := names("AUS")
	rec.Finds[0].Span, rec.Finds[0].Position = Span{4, 13, "AUSTRALIA"}, 1
	before := rec.Finds[0].Span
	Against(d, shipped(), rec, day("2025-11-24"))
	equal(t, "the printed name", rec.Finds[0].Span, before)
	equal(t, "its place", rec.Finds[0].Position, 1)
}
