package register_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	. "cosignatory/store/register"
)

func TestD1_HistoryIsAListOfDatedActions(t *testing.T) {
	for _, c := range []struct {
		name    string
		actions []string
		days    []string
	}{
		{"signed", []string{"KOR signed 2023-05-01"}, []string{"2023-04-30 not_yet", "2023-05-01 in_effect", "2099-01-01 in_effect"}},
		{"leave and rejoin", []string{"USA signed 2020-10-22", "USA withdrew 2021-01-28", "USA rejoined 2025-01-24"}, []string{"2020-10-21 not_yet",
			"2020-10-22 in_effect", "2021-01-27 in_effect", "2021-01-28 left", "2025-01-23 left", "2025-01-24 in_effect"}},
		{"join and leave on one day", []string{"KOR joined 2023-05-01", "KOR withdrew 2023-05-01"},
			[]string{"2023-04-30 not_yet", "2023-05-01 left", "2023-05-02 left"}},
		{"leave and rejoin on one day", []string{"KOR signed 2023-05-01", "KOR withdrew 2023-06-01", "KOR rejoined 2023-06-01"},
			[]string{"2023-05-31 in_effect", "2023-06-01 in_effect"}},
		{"rejoin twice", []string{"KOR signed 2023-01-01", "KOR withdrew 2023-02-01", "KOR rejoined 2023-03-01", "KOR withdrew 2023-04-01",
			"KOR rejoined 2023-05-01"}, []string{"2023-01-31 in_effect", "2023-02-01 left", "2023-03-01 in_effect", "2023-04-01 left", "2023-05-01 in_effect"}},
		{"joining not recorded", []string{"KOR withdrew 2023-05-01 nojoin"},
			[]string{"2022-12-31 not_yet", "2023-01-01 unsettled", "2023-04-30 unsettled", "2023-05-01 left"}},
		{"joining not recorded, back again", []string{"KOR withdrew 2023-05-01 nojoin", "KOR rejoined 2023-06-01"},
			[]string{"2022-12-31 not_yet", "2023-04-30 unsettled", "2023-05-31 left", "2023-06-01 in_effect"}},
		{"rejoining not recorded", []string{"KOR signed 2023-01-01", "KOR withdrew 2023-02-01", "KOR withdrew 2023-04-01 nojoin"},
			[]string{"2023-01-31 in_effect", "2023-02-01 unsettled", "2023-03-31 unsettled", "2023-04-01 left"}},
		{"one participant's history is not another's", []string{"KOR signed 2023-01-01", "JPN signed 2023-01-01", "JPN withdrew 2023-02-01"},
			[]string{"2023-03-01 in_effect"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			adopted := "2023-01-01"
			if strings.HasPrefix(c.actions[0], "USA") {
				adopted = "2020-10-22"
			}
			d := declared(adopted, c.actions...)
			stands(t, d, c.actions[0][:3], c.days...)
			wantProblems(t, d)
		})
	}
	t.Run("arrival and departure are named", func(t *testing.T) {
		l := line(declared("2020-10-22", "USA signed 2020-10-22", "USA withdrew 2021-01-28", "USA rejoined 2025-01-24"), "USA")
		for _, c := range [][3]string{{"2020-12-01", "2020-10-22", ""}, {"2022-01-01", "2020-10-22", "2021-01-28"}, {"2025-02-01", "2025-01-24", ""}} {
			s := l.On(day(c[0]))
			if s.Since().String() != c[1] || s.Until().String() != c[2] {
				t.Errorf("on %s since %s until %s, want %s and %s", c[0], s.Since(), s.Until(), c[1], c[2])
			}
		}
		if s := l.On(day("2019-01-01")); s.Arrival == nil || s.Since().String() != "2020-10-22" || s.Departure != nil {
			t.Errorf("before the signature: %+v, want the arrival to come", s)
		}
	})
	t.Run("a change of capacity is no arrival", func(t *testing.T) {
		for _, c := range []struct {
			actions  []string
			on, want string // since, capacity, date of the newest action
		}{
			{[]string{"DEU signed 2024-01-01", "DEU joined 2024-02-01 as=co-sponsor"}, "2024-01-15", "2024-01-01 signatory 2024-01-01"},
			{[]string{"DEU signed 2024-01-01", "DEU joined 2024-02-01 as=co-sponsor"}, "2024-02-01", "2024-01-01 co-sponsor 2024-02-01"},
			{[]string{"ITA signed 2021-03-01 as=co-sponsor", "ITA joined 2022"}, "2022-01-01", "2021-03-01 co-sponsor 2021-03-01"},
			{[]string{"ITA signed 2021-03-01 as=co-sponsor", "ITA joined 2022"}, "2022-12-31", "2021-03-01 signatory 2022"},
			{[]string{"ITA signed 2021-03-01", "ITA withdrew 2022-01-01", "ITA rejoined 2023-01-01", "ITA joined 2024-01-01 as=co-sponsor"}, "2024-06-01", "2023-01-01 co-sponsor 2024-01-01"},
			{[]string{"ITA aligned 2021-03-01", "ITA joined 2022-01-01", "ITA joined 2023-01-01 as=co-sponsor"}, "2024-06-01", "2022-01-01 co-sponsor 2023-01-01"},
			{[]string{"ITA aligned 2021-03-01", "ITA joined 2022-01-01 as=supporter"}, "2024-06-01", "2021-03-01 supporter 2022-01-01"},
			{[]string{"ITA signed 2021-03-01", "ITA joined 2022-01-01 as=co-sponsor", "ITA withdrew 2023-01-01"}, "2024-06-01", "2021-03-01 co-sponsor 2022-01-01"},
		} {
			d := declared("2021-03-01", c.actions...)
			if c.actions[0][:3] == "DEU" {
				d = declared("2024-01-01", c.actions...)
			}
			wantProblems(t, d)
			s := line(d, c.actions[0][:3]).On(day(c.on))
			equal(t, fmt.Sprint(c.actions, " on ", c.on), fmt.Sprint(s.Since(), " ", s.Capacity, " ", s.Newest.Action.Date), c.want)
		}
	})
	t.Run("refused", func(t *testing.T) {
		for _, c := range []struct {
			actions []string
			want    string
		}{
			{[]string{"KOR withdrew 2023-05-01"}, "actions[0].action departure_without_joining"},
			{[]string{"KOR signed 2023-05-01", "KOR withdrew 2023-06-01", "KOR withdrew 2023-07-01"}, "actions[2].action departure_without_joining"},
			{[]string{"KOR rejoined 2023-05-01"}, "actions[0].action rejoined_without_departure"},
			{[]string{"KOR signed 2023-05-01", "KOR joined 2023-06-01"}, "actions[1].action already_on_list"},
			{[]string{"KOR signed 2023-05-01", "KOR withdrew 2023-06-01", "KOR signed 2023-07-01"}, "actions[2].action back_without_rejoining"},
			{[]string{"KOR signed 2023-05-01", "KOR withdrew 2023-04-01"}, "actions[1].date out_of_order"},
			{[]string{"KOR signed 2023-06-01", "KOR withdrew 2023", "KOR rejoined 2023-02-01"}, "actions[2].date out_of_order"},
			{[]string{"KOR joined 2023-05-01 nojoin"}, "actions[0].joining_not_recorded not_a_departure"},
			{[]string{"@EU withdrew 2023-05-01"}, "actions[0].action departure_without_joining"},
			{[]string{"KOR signed 2022-12-31"}, "actions[0].date before_declaration"},
		} {
			wantProblems(t, declared("2023-01-01", c.actions...), c.want)
		}
	})
	t.Run("a departure of one does not serve another", func(t *testing.T) {
		wantProblems(t, declared("2023-01-01", "KOR signed 2023-01-01", "JPN withdrew 2023-02-01"), "actions[1].action departure_without_joining")
	})
	t.Run("names gathered before the reading", func(t *testing.T) {
		d := declared("2023-03-01", "KOR signed 2023-02-01")
		d.Opened = MustDate("2023-01-15")
		wantProblems(t, d)
		stands(t, d, "KOR", "2023-01-31 not_yet", "2023-02-01 in_effect")
	})
}

// An action that is none of those that there are, or nobody's, says nothing against those that follow.
func TestD1_NoProblemsThatFollowAnUnknownAction(t *testing.T) {
	d := declared("2020-01-01", "FRA signed 2020", "FRA leaves 2021 why=withdrew_by_notice", "FRA rejoined 2022", "DEU signed 2020", "DEU signed 2020")
	d.Actions[3].Participant, d.Actions[4].Participant = "", ""
	wantProblems(t, d, "actions[1].action not_in_list", "actions[3].participant participant_missing", "actions[4].participant participant_missing")
}

func TestD2_NothingIsDeletedFromView(t *testing.T) {
	d := declared("2023-01-01", "KOR signed 2023-01-01", "JPN signed 2023-01-01", "JPN withdrew 2023-02-01 why=dropped_unexplained")
	c := d.Tally(shipped(), day("2023-03-01"))
	equal(t, "named", c.Named.Total, 2)
	equal(t, "left", c.Left.Total, 1)
	equal(t, "in effect", c.InEffect.Total, 1)
	equal(t, "ever", c.Ever.Total, 2)
	s := line(d, "JPN").On(day("2023-03-01"))
	if s.Departure == nil || s.Departure.Action.Reason != "dropped_unexplained" || s.Departure.Action.Source == "" {
		t.Error("who left is not told with reason and source")
	}
	for _, reason := range []Reason{"withdrew_by_notice", "withdrawal_reported", "dropped_unexplained", "listed_in_error_participant",
		"listed_in_error_sponsor", "entity_ceased"} {
		if !slices.Contains(Reasons, reason) {
			t.Errorf("the reason %s is missing", reason)
		}
	}
	d.Actions[2].Reason = ""
	wantProblems(t, d, "actions[2].reason reason_missing")
	d.Actions[2].Reason = "no_idea"
	wantProblems(t, d, "actions[2].reason not_in_list")
	d.Actions[2].Reason, d.Actions[2].Source = "dropped_unexplained", ""
	wantProblems(t, d, "actions[2].source source_missing")
	d.Actions[2].Source, d.Actions[0].Reason = "s", "dropped_unexplained"
	wantProblems(t, d, "actions[0].reason reason_without_departure")

	t.Run("a mistake of the register is mended in sight", func(t *testing.T) {
		before := declared("2023-01-01", "KOR signed 2023-01-01", "JPN signed 2023-01-01")
		after := declared("2023-01-01", "KOR signed 2023-01-01")
		changes := Diff(before, after)
		if len(changes) != 1 || changes[0].What != ActionRemoved || changes[0].Participant != "JPN" {
			t.Errorf("taking a name out is told as %+v", changes)
		}
		equal(t, "summary", Summary(changes, shipped()), "correction: Japan signed recorded by mistake")
		after.Actions[0].Date = MustDate("2023-01-02")
		after.Actions = append(after.Actions, before.Actions[1])
		equal(t, "summary", Summary(Diff(before, after), shipped()), "correction: Republic of Korea, date")
		departure := declared("2023-01-01", "KOR signed 2023-01-01", "JPN signed 2023-01-01", "JPN withdrew 2023-02-01")
		departure.Actions[2].ID = 0 // as in a draft
		equal(t, "summary", Summary(Diff(before, departure), shipped()), "Japan withdrew 2023-02-01")
	})
}

func TestD3_FourCountsNeverBlended(t *testing.T) {
	ref := shipped()
	// The statement of 24 November 2025: 44 stated, 12 named.
	twelve := []string{"KOR endorsed 2025-11-24 as=sponsor"}
	for _, code := range []string{"JPN", "KHM", "THA", "VNM", "IDN", "MYS", "PHL", "SGP", "AUS", "BRA", "CRI"} {
		twelve = append(twelve, code+" endorsed 2025-11-24")
	}
	state := func(d *Declaration, count int, counts, date string) {
		d.Stated = append(d.Stated, Stated{Count: count, Counts: counts, Date: MustDate(date), Source: "s"})
	}
	t.Run("44 stated, 12 named, 32 not named", func(t *testing.T) {
		d := declared("2025-11-24", twelve...)
		state(d, 44, StatesOnly, "2025-11-24")
		for _, on := range []string{"2025-11-24", "2026-11-23"} {
			c := d.Tally(ref, day(on))
			if got := fmt.Sprint(c.Stated.Count, c.Named.Total, c.InEffect.Total, c.NotNamed); got != "44 12 12 32" {
				t.Errorf("on %s: stated, named, in effect, not named are %s", on, got)
			}
		}
		if c := d.Tally(ref, day("2025-11-23")); c.Named.Total != 0 || c.NotYet.Total != 12 || c.Stated != nil || c.NotNamed != 0 {
			t.Errorf("the day before: %+v", c)
		}
	})
	t.Run("who left is named", func(t *testing.T) {
		d := declared("2023-01-01", "KOR signed 2023-01-01", "JPN signed 2023-01-01", "THA signed 2023-01-01", "JPN withdrew 2023-02-01", "THA withdrew 2023-02-01")
		state(d, 3, StatesOnly, "2023-01-01")
		c := d.Tally(ref, day("2023-03-01"))
		if got := fmt.Sprint(c.Stated.Count, c.Named.Total, c.InEffect.Total, c.Left.Total, c.NotNamed); got != "3 3 1 2 0" {
			t.Errorf("stated, named, in effect, left, not named are %s", got)
		}
		d.Stated[0].Date = Date{}
		equal(t, "not named of an undated number", d.Tally(ref, day("2023-03-01")).NotNamed, 0)
		d.Stated[0].Count = 5
		equal(t, "not named of an undated number", d.Tally(ref, day("2023-03-01")).NotNamed, 2)
	})
	t.Run("who joined later fills no gap", func(t *testing.T) {
		d := declared("2023-01-01", "KOR signed 2023-01-01", "JPN joined 2023-02-01", "THA joined - src=later:2023-03-01")
		state(d, 5, StatesOnly, "2023-01-01")
		// Thailand came some day until March: it may be one of the five.
		equal(t, "not named", d.Tally(ref, day("2023-04-01")).NotNamed, 3)
		equal(t, "not named, on the day", d.Tally(ref, day("2023-01-01")).NotNamed, 3)
	})
	t.Run("a new number after a departure", func(t *testing.T) {
		d := declared("2023-01-01", "KOR signed 2023-01-01", "JPN signed 2023-01-01", "JPN withdrew 2023-02-01")
		state(d, 4, StatesOnly, "2023-01-01")
		state(d, 3, StatesOnly, "2023-02-01")
		for on, want := range map[string]string{"2023-01-31": "4 2", "2023-02-01": "3 2", "2024-01-01": "3 2"} {
			c := d.Tally(ref, day(on))
			equal(t, "stated and not named on "+on, fmt.Sprint(c.Stated.Count, " ", c.NotNamed), want)
		}
	})
	t.Run("never below nothing", func(t *testing.T) {
		d := declared("2023-01-01", "KOR signed 2023-01-01", "JPN signed 2023-01-01")
		state(d, 1, StatesOnly, "2023-01-01")
		equal(t, "not named", d.Tally(ref, day("2023-01-01")).NotNamed, 0)
	})
	t.Run("states and participants", func(t *testing.T) {
		d := declared("2023-01-01", "KOR signed 2023-01-01", "EUE signed 2023-01-01")
		state(d, 3, StatesOnly, "2023-01-01")
		equal(t, "states not named", d.Tally(ref, day("2023-01-01")).NotNamed, 2)
		d.Stated[0].Counts = AllParticipants
		equal(t, "participants not named", d.Tally(ref, day("2023-01-01")).NotNamed, 1)
	})
	t.Run("without a name it is an entry all the same", func(t *testing.T) {
		d := declared("2023-01-01")
		state(d, 44, StatesOnly, "2023-01-01")
		wantProblems(t, d)
		c := d.Tally(ref, day("2023-01-01"))
		equal(t, "not named", c.NotNamed, 44)
		equal(t, "named", c.Named.Total, 0)
	})
	t.Run("the newest number by a day", func(t *testing.T) {
		d := declared("2023-01-01")
		state(d, 7, StatesOnly, "")
		for _, on := range []string{"2020-01-01", "2030-01-01"} {
			equal(t, "stated on "+on, d.StatedOn(day(on)).Count, 7)
		}
		state(d, 10, StatesOnly, "2023-01-01")
		state(d, 11, StatesOnly, "2023-01-01")
		state(d, 20, StatesOnly, "2024-06")
		state(d, 5, StatesOnly, "2023-05-05")
		for on, want := range map[string]int{"2022-12-31": 7, "2023-01-01": 11, "2023-05-05": 5, "2024-05-31": 5, "2024-06-30": 20} {
			equal(t, "stated on "+on, d.StatedOn(day(on)).Count, want)
		}
		if new(Declaration).StatedOn(LastDay) != nil {
			t.Error("nobody states a number, and there is one")
		}
	})
	t.Run("who stands beside the list now was on it", func(t *testing.T) {
		d := declared("2021-03-01", "FRA signed 2021-03-01", "ITA signed 2021-03-01", "DEU signed 2021-03-01", "DEU aligned 2022-01-01")
		wantProblems(t, d)
		for on, want := range map[string]string{"2021-12-31": "3 3 0 3 0", "2022-01-01": "3 2 1 3 1"} {
			c := d.Tally(ref, day(on))
			equal(t, "named, in effect, left, ever, aligned on "+on, fmt.Sprint(c.Named.Total, c.InEffect.Total, c.Left.Total, c.Ever.Total, c.Aligned.Total), want)
		}
		for _, c := range []struct {
			name, on, want string // named, in effect, unsettled, left, ever, beside
			actions        []string
		}{
			{"back beside the list", "2024-01-01", "1 0 0 1 1 1", []string{"DEU signed 2021-03-01", "DEU withdrew 2022-01-01", "DEU rejoined 2023-01-01 as=supporter"}},
			{"and gone from beside it", "2024-01-01", "1 0 0 1 1 0", []string{"DEU signed 2021-03-01", "DEU aligned 2022-01-01", "DEU withdrew 2023-01-01 as=aligned"}},
			{"and on it again", "2024-01-01", "1 1 0 0 1 0", []string{"DEU signed 2021-03-01", "DEU aligned 2022-01-01", "DEU joined 2023-01-01"}},
			{"on one day", "2021-03-01", "1 0 0 1 1 1", []string{"DEU signed 2021-03-01", "DEU aligned 2021-03-01"}},
			{"perhaps", "2022-02-02", "1 0 1 0 1 0", []string{"DEU signed 2021-03-01", "DEU aligned 2022"}},
			{"never on it", "2024-01-01", "0 0 0 0 0 0", []string{"DEU aligned 2021-03-01", "DEU withdrew 2022-01-01 as=aligned"}},
		} {
			d := declared("2021-03-01", c.actions...)
			wantProblems(t, d)
			n := d.Tally(ref, day(c.on))
			equal(t, c.name, fmt.Sprint(n.Named.Total, n.InEffect.Total, n.Unsettled.Total, n.Left.Total, n.Ever.Total, n.Aligned.Total+n.Supporters.Total), c.want)
		}
		s := line(d, "DEU").On(day("2022-06-01"))
		equal(t, "on the list, and off it", s.CameOn.Action.Date.String()+" "+s.WentOff.Action.Date.String(), "2021-03-01 2022-01-01")
		equal(t, "beside it since", fmt.Sprint(s.Since(), " ", s.Capacity, " ", s.Status), "2022-01-01 aligned in_effect")
		// A group that it belongs to implies it no more than another who left (D6).
		d = declared("2021-03-01", "@EU signed 2021-03-01", "DEU signed 2021-03-01", "DEU aligned 2022-01-01")
		c := d.Tally(ref, day("2022-06-01"))
		equal(t, "named, implied, ever", fmt.Sprint(c.Named.Total, c.Implied.Total, c.Ever.Total), "1 26 27")
		// While it may have moved, it is told as on the list, since when it came, until when it may have gone.
		s = line(declared("2021-03-01", "DEU signed 2021-03-01", "DEU aligned 2022"), "DEU").On(day("2022-06-01"))
		equal(t, "perhaps moved", fmt.Sprint(s.Status, " ", s.Capacity, " ", s.Since(), " ", s.Until()), "unsettled signatory 2021-03-01 2022")
	})
	t.Run("a number has a source and a measure", func(t *testing.T) {
		d := declared("2023-01-01")
		state(d, 0, "countries", "2023-01-01")
		d.Stated[0].Source = ""
		wantProblems(t, d, "stated[0].count stated_out_of_range", "stated[0].counts not_in_list", "stated[0].source source_missing")
	})
	t.Run("new declaration in one line", func(t *testing.T) {
		d := declared("2025-11-24", twelve...)
		state(d, 44, StatesOnly, "2025-11-24")
		equal(t, "summary", Summary(Diff(nil, d), ref), "new declaration, 12 named of 44 stated")
	})
}

func TestD4_CountsAreSplitByKind(t *testing.T) {
	ref := shipped()
	var actions []string
	for _, p := range ref.Participants {
		if p.Kind == Member && len(actions) < 58 {
			actions = append(actions, p.Code+" endorsed 2021-02-15 as=endorser")
		}
	}
	actions = append(actions, "EUE endorsed 2021-02-15 as=endorser")
	t.Run("58 states and the European Union", func(t *testing.T) {
		s := declared("2021-02-15", actions...).Tally(ref, day("2021-02-15")).InEffect
		if s.Members != 58 || s.Orgs != 1 || s.Total != 59 || s.States() != 58 || s.Observers != 0 || s.Others != 0 || s.Unrecognised != 0 {
			t.Errorf("in effect: %+v", s)
		}
	})
	t.Run("every kind by itself", func(t *testing.T) {
		s := declared("2023-01-01", "KOR signed 2023-01-01", "VAT signed 2023-01-01", "PSE signed 2023-01-01", "XKX signed 2023-01-01", "COK signed 2023-01-01",
			"TWN signed 2023-01-01", "EUE signed 2023-01-01", "ZZ9 signed 2023-01-01").Tally(ref, day("2023-01-01")).InEffect
		if s.Members != 1 || s.Observers != 2 || s.Others != 3 || s.Orgs != 1 || s.Unrecognised != 1 || s.Total != 8 {
			t.Errorf("in effect: %+v", s)
		}
	})
	t.Run("beside the list", func(t *testing.T) {
		d := declared("2023-01-01", "KOR signed 2023-01-01", "JPN aligned 2023-01-01", "THA endorsed 2023-01-01 as=supporter", "IDN aligned 2023-01-01", "IDN withdrew 2023-02-01 as=aligned")
		d.Stated = []Stated{{Count: 3, Counts: StatesOnly, Date: MustDate("2023-01-01"), Source: "s"}}
		wantProblems(t, d)
		c := d.Tally(ref, day("2023-03-01"))
		if got := fmt.Sprint(c.Named.Total, c.InEffect.Total, c.Ever.Total, c.Left.Total, c.Aligned.Total, c.Supporters.Total, c.NotNamed); got != "1 1 1 0 1 1 2" {
			t.Errorf("named, in effect, ever, left, aligned, supporters, not named are %s", got)
		}
		for _, code := range []string{"JPN", "THA"} {
			if line(d, code).On(day("2023-03-01")).Counted() {
				t.Errorf("%s is counted", code)
			}
		}
		for _, capacity := range Capacities {
			equal(t, string(capacity)+" counted", capacity.Counted(), capacity != Aligned && capacity != Supporter)
		}
	})
	t.Run("from beside the list onto it", func(t *testing.T) {
		d := declared("2023-01-01", "KOR aligned 2023-01-01", "KOR joined 2023-03")
		wantProblems(t, d)
		for on, want := range map[string]string{"2023-02-28": "1 0 0", "2023-03-01": "0 0 1", "2023-03-30": "0 0 1", "2023-03-31": "0 1 0"} {
			c := d.Tally(ref, day(on))
			equal(t, "aligned, in effect, unsettled on "+on, fmt.Sprint(c.Aligned.Total, c.InEffect.Total, c.Unsettled.Total), want)
		}
	})
	t.Run("from the list to beside it", func(t *testing.T) {
		d := declared("2023-01-01", "KOR signed 2023-01-01", "KOR aligned 2023-03")
		for on, want := range map[string]string{"2023-02-28": "0 1 0", "2023-03-01": "0 0 1", "2023-03-30": "0 0 1", "2023-03-31": "1 0 0"} {
			c := d.Tally(ref, day(on))
			equal(t, "aligned, in effect, unsettled on "+on, fmt.Sprint(c.Aligned.Total, c.InEffect.Total, c.Unsettled.Total), want)
		}
	})
	t.Run("who aligns itself is no signatory", func(t *testing.T) {
		wantProblems(t, declared("2023-01-01", "KOR aligned 2023-01-01 as=signatory"), "actions[0].capacity aligned_capacity")
	})
}

func TestD5_ThePresenterIsNoSignatory(t *testing.T) {
	d := declared("2023-01-01", "JPN signed 2023-01-01")
	d.PresentedBy, d.PresenterDelegation, d.Sponsors, d.PresenterCounted = "The Permanent Representative", "KOR", []string{"KOR"}, Yes
	wantProblems(t, d)
	c := d.Tally(shipped(), day("2023-01-01"))
	equal(t, "in effect", c.InEffect.Total, 1)
	equal(t, "status of the presenter", line(d, "KOR").On(day("2023-01-01")).Status, NotYet)
	for _, answer := range []Tristate{Yes, No, NotRecorded} {
		d.PresenterCounted = answer
		wantProblems(t, d)
	}
	d.PresenterCounted = "perhaps"
	wantProblems(t, d, "presenter_counted not_in_list")
	d.PresenterCounted = ""
	d.Clean()
	equal(t, "an answer left out", d.PresenterCounted, NotRecorded)
	d.PresenterDelegation, d.Sponsors = "ZZ9", []string{"KOR", "KOR"}
	wantProblems(t, d, "sponsors[1] sponsor_twice", "presenter_delegation participant_unknown")
}

func TestD6_GroupsAreNotExploded(t *testing.T) {
	ref := shipped()
	for date, want := range map[string]int{"2020-01-31": 28, "2020-02-01": 27, "2013-06-30": 27, "2013-07-01": 28} {
		d := declared(date, "@EU signed "+date)
		wantProblems(t, d)
		for _, on := range []string{date, "2025-01-01"} {
			c := d.Tally(ref, day(on))
			if c.Implied.Total != want || c.Implied.Members != want || c.Named.Total != 0 || c.InEffect.Total != 0 || c.Ever.Total != want {
				t.Errorf("signed by the EU on %s, on %s: %d implied, want %d; %+v", date, on, c.Implied.Total, want, c)
			}
		}
		if len(d.Timelines()) != 1 {
			t.Error("the group line was exploded")
		}
	}
	t.Run("named and implied counts once", func(t *testing.T) {
		d := declared("2023-01-01", "@EU signed 2023-01-01", "FRA signed 2023-01-01", "EUE signed 2023-01-01", "KOR signed 2023-01-01")
		d.Stated = []Stated{{Count: 30, Counts: StatesOnly, Source: "s", Date: MustDate("2023-01-01")}}
		c := d.Tally(ref, day("2023-01-01"))
		if got := fmt.Sprint(c.InEffect.Total, c.Implied.Total, c.Ever.Total, c.NotNamed); got != "3 26 29 2" {
			t.Errorf("in effect, implied, ever, not named are %s", got)
		}
		implied := Implied(d.Timelines(), ref, day("2023-01-01"))
		if len(implied) != 27 || implied[0].Group != "EU" || implied[0].Line.Group != "EU" || implied[0].State.Status != InEffect {
			t.Errorf("implied: %d", len(implied))
		}
	})
	t.Run("two groups", func(t *testing.T) {
		d := declared("2023-01-01", "@EU signed 2023-01-01", "@BENELUX signed 2023-01-01", "@NB8 joined 2023-02-01")
		equal(t, "implied", d.Tally(ref, day("2023-01-01")).Implied.Total, 27)
		equal(t, "implied with Iceland and Norway", d.Tally(ref, day("2023-02-01")).Implied.Total, 29)
	})
	t.Run("the group leaves", func(t *testing.T) {
		d := declared("2019-01-01", "@EU signed 2019-01-01", "@EU withdrew 2021-01-01", "@EU rejoined 2022-01-01")
		wantProblems(t, d)
		for on, want := range map[string]string{"2018-12-31": "0 0", "2020-06-01": "28 28", "2021-06-01": "0 28", "2022-06-01": "27 27"} {
			c := d.Tally(ref, day(on))
			equal(t, "implied and ever on "+on, fmt.Sprint(c.Implied.Total, c.Ever.Total), want)
		}
	})
	t.Run("nobody knows when", func(t *testing.T) {
		d := declared("", "@EU joined -")
		for on, want := range map[string]int{"2020-01-31": 28, "2020-02-01": 27} {
			c := d.Tally(ref, day(on))
			equal(t, "implied, and unsettled, on "+on, fmt.Sprint(c.Implied.Total, c.ImpliedUnsettled.Total), fmt.Sprint(0, want))
		}
	})
	t.Run("a year leaves open who was a member", func(t *testing.T) {
		d := declared("2020", "@EU signed 2020", "FRA signed 2020")
		for on, want := range map[string]string{"2019-12-31": "0 0 0", "2020-06-01": "0 27 28", "2020-12-31": "26 1 28", "2024-01-01": "26 1 28"} {
			c := d.Tally(ref, day(on))
			equal(t, "implied, unsettled and ever on "+on, fmt.Sprint(c.Implied.Total, c.ImpliedUnsettled.Total, c.Ever.Total), want)
		}
		for _, m := range Implied(d.Timelines(), ref, day("2024-01-01")) {
			if want := m.Participant == "GBR"; want != (m.State.Status == Unsettled) {
				t.Errorf("%s is %s", m.Participant, m.State.Status)
			}
		}
		c := declared("2021", "@EU signed 2021").Tally(ref, day("2024-01-01"))
		equal(t, "the same members all the year", fmt.Sprint(c.Implied.Total, c.ImpliedUnsettled.Total), "27 0")
		// Another group that settles it, whatever the order of the lines.
		for _, actions := range [][]string{{"@EU signed 2020", "@G7 signed 2020"}, {"@G7 signed 2020", "@EU signed 2020"}} {
			c := declared("2020", actions...).Tally(ref, day("2024-01-01"))
			equal(t, "a member of the other for sure", c.ImpliedUnsettled.Total, 0)
		}
	})
	t.Run("a membership that ends in some year", func(t *testing.T) {
		g := &Group{Code: "MADE", Members: []Membership{{Code: "GBR", To: MustDate("2020")}, {Code: "FRA", From: MustDate("2020-06")}, {Code: "DEU"},
			{Code: "ITA", To: MustDate("2020-05-31")}, {Code: "ITA", From: MustDate("2020-06-01")}, {Code: "ESP", To: MustDate("2020-05-01")}, {Code: "ESP", From: MustDate("2020-06-01")}}}
		var people []*Participant
		for _, code := range strings.Fields("GBR FRA DEU ITA ESP") {
			people = append(people, &Participant{Code: code, Kind: Member})
		}
		ref := NewReference(people, []*Group{g}, nil, nil)
		for _, c := range [][2]string{{"2019-06-01", "GBR DEU ITA ESP"}, {"2020-06-01", "GBR? FRA? DEU ITA ESP"}, {"2020-06-30", "GBR? FRA DEU ITA ESP"}, {"2020-12-31", "GBR? FRA DEU ITA ESP"},
			{"2021-01-01", "FRA DEU ITA ESP"}, {"2020-05", "GBR? DEU ITA ESP?"}, {"2020", "GBR? FRA? DEU ITA ESP?"}} {
			var got []string
			for _, m := range Implied(declared(c[0], "@MADE signed "+c[0]).Timelines(), ref, day("2024-01-01")) {
				if m.State.Status == Unsettled {
					m.Participant += "?"
				}
				got = append(got, m.Participant)
			}
			equal(t, "implied by an action of "+c[0], strings.Join(got, " "), c[1])
		}
	})
	t.Run("a group beside the list implies nobody on it", func(t *testing.T) {
		equal(t, "implied", declared("2023-01-01", "@EU aligned 2023-01-01").Tally(ref, day("2023-01-01")).Implied.Total, 0)
	})
	t.Run("refused", func(t *testing.T) {
		wantProblems(t, declared("2023-01-01", "@ATLANTIS signed 2023-01-01"), "actions[0].group group_unknown")
		d := declared("2023-01-01", "@EU signed 2023-01-01", "KOR signed 2023-01-01")
		d.Actions[0].Participant, d.Actions[1].Participant = "FRA", ""
		wantProblems(t, d, "actions[0].group participant_and_group", "actions[1].participant participant_missing")
	})
}

func TestD7_AbsenceIsNotOnTheList(t *testing.T) {
	d := declared("2023-01-01", "KOR signed 2023-01-01")
	c := d.Tally(shipped(), day("2023-01-01"))
	if c.InEffect.Total+c.Left.Total+c.NotYet.Total+c.Unsettled.Total+c.Aligned.Total+c.Supporters.Total != 1 {
		t.Errorf("somebody not on the list is counted: %+v", c)
	}
	for _, kind := range ActionKinds {
		if strings.Contains(string(kind), "refus") || strings.Contains(string(kind), "abst") {
			t.Errorf("%s is an action", kind)
		}
	}
	d.Actions[0].Kind = "abstained"
	wantProblems(t, d, "actions[0].action not_in_list")
}

func TestD8_ANoteChangesNoClass(t *testing.T) {
	d := declared("2023-01-01", "KOR signed 2023-01-01")
	plain := d.Tally(shipped(), day("2023-01-01"))
	d.Actions[0].Note = "Dissociates itself from paragraph 4."
	wantProblems(t, d)
	noted := d.Tally(shipped(), day("2023-01-01"))
	equal(t, "in effect", noted.InEffect.Total, plain.InEffect.Total)
	equal(t, "status", line(d, "KOR").On(day("2023-01-01")).Status, InEffect)
}

func TestD9_SisterDeclarationsAreLinkedNeverMerged(t *testing.T) {
	d := declared("2023-01-01", "KOR signed 2023-01-01")
	for _, kind := range []LinkKind{"responds_to", "follows", "supersedes", "related"} {
		d.Links = append(d.Links, Link{Kind: kind, Target: "another-one"})
	}
	wantProblems(t, d)
	equal(t, "in effect", d.Tally(shipped(), day("2023-01-01")).InEffect.Total, 1)
	d.Links = []Link{{Kind: "swallows", Target: "another-one"}, {Kind: "related", Target: "made-up"}, {Kind: "related", Target: "no slug"}}
	wantProblems(t, d, "links[0].kind not_in_list", "links[1].target link_to_itself", "links[2].target slug_shape")
	d.Links, d.MergedInto = nil, "made-up"
	wantProblems(t, d, "merged_into link_to_itself")
}

// TestD6_D11_MembershipOnADay: the first and the last day of a membership count. On the days that a partial date can mean it may
// hold, and nobody knows whether it does.
func TestD6_D11_MembershipOnADay(t *testing.T) {
	union := Membership{Code: "GBR", From: MustDate("1973-01-01"), To: MustDate("2020-01-31")}
	for day, want := range map[string]bool{"1972-12-31": false, "1973-01-01": true, "2020-01-31": true, "2020-02-01": false} {
		if union.On(MustDate(day).First()) != want {
			t.Errorf("on %s: want %v", day, want)
		}
	}
	partial := Membership{From: MustDate("2001"), To: MustDate("2003-05")}
	for day, want := range map[string]bool{"2000-12-31": false, "2001-01-01": true, "2003-05-31": true, "2003-06-01": false} {
		if partial.On(MustDate(day).First()) != want {
			t.Errorf("partial, on %s: want %v", day, want)
		}
	}
	for day, want := range map[string]bool{"2001-01-01": false, "2001-12-30": false, "2001-12-31": true, "2003-05-01": true, "2003-05-02": false, "2003-05-31": false} {
		g := Group{Members: []Membership{partial}}
		if m := g.Between(MustDate(day).First(), MustDate(day).First()); len(m) != 1 || m[0].Throughout != want {
			t.Errorf("for sure on %s: %v, want %v", day, m, want)
		}
	}
	if !(Membership{}).On(MustDate("1945-10-24").First()) {
		t.Error("without dates it holds on every day")
	}
}
