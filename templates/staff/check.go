package staff

import (
	"strings"

	"cosignatory/templates/i18n"
	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
)

// Check is the last look before a draft goes on: the difference to what the public sees, the counts, the reason, problems.
// It posts to Action: do = review, publish, schedule (publish_at.day, publish_at.month, publish_at.year, publish_at.time),
// unschedule, send_back (remark), withdraw, discard, reopen; and version. Page.Problems lead to the form: their
// addresses are made with FormURL.
type Check struct {
	Page
	Draft
	Action  string
	Version string

	Joined, Left, Corrected []ui.Link
	Order                   bool   // nothing but the order of entries differs
	Retires                 string // a sentence: which other entry answers for this one, which is retired; empty for none
	Differences             []pages.Difference
	Sum                     Sum
	Bench                   ui.Bench
	Reason                  ui.Text // what the public will read; empty is a problem
	Warnings                []ui.Problem

	// What the reader may do now. A role that may not is told Why.
	CanReview, CanPublish, CanSchedule, CanUnschedule, CanSendBack, CanWithdraw, CanDiscard bool
	Why                                                                                     string // a sentence; empty for none
	// OnePerson says that the author publishes the own draft, which the revision will say.
	OnePerson bool
	// Confirm asks to confirm what the warnings say, in words, before publishing (posts confirm = yes); empty asks nothing.
	Confirm   string
	PublishAt Date   // as typed
	Time      string // of day, UTC, as typed
	Typed     string // the remark as typed
}

// Sum is the participants in effect before and after: previous + joined − left = new, beside what is stated.
type Sum struct {
	Previous, Joined, Left int
	Corrected              int // by how much corrections of the register's own mistakes change the sum
	New                    int
	Unsettled, Opened      int // those that may be in effect: all, and those of them that are not so on the public list
	Stated                 int // 0: no number is stated
	StatesOnly             bool
	Named, NotNamed        int // of what is counted: named by a source, and stated but not named
}

// publish says what the button will do: "Publish: 3 joined, 1 left, 44 stated".
func (v Check) publish() string {
	var parts []string
	if n := v.Sum.Joined; n > 0 {
		parts = append(parts, v.P.T("staff.check.n_joined", "Count", n))
	}
	if n := v.Sum.Left; n > 0 {
		parts = append(parts, v.P.T("staff.check.n_left", "Count", n))
	}
	if n := len(v.Corrected); n > 0 {
		parts = append(parts, v.P.T("staff.check.n_corrected", "Count", n))
	}
	if n := v.Sum.Opened; n > 0 {
		parts = append(parts, v.P.T("counts.unsettled", "Count", n))
	}
	switch {
	case v.Retires != "":
		return v.P.T("staff.check.publish", "What", join(append([]string{v.P.T("staff.what.retired")}, parts...)))
	case len(parts) == 0 && v.Order:
		parts = append(parts, v.P.T("staff.what.order"))
	case len(parts) == 0:
		parts = append(parts, v.P.T("staff.check.n_differences", "Count", len(v.Differences)))
	}
	if v.Sum.Stated > 0 {
		parts = append(parts, v.P.T("counts.stated", "Count", v.Sum.Stated))
	}
	return v.P.T("staff.check.publish", "What", join(parts))
}

// stated compares the number stated with those named: as the public page does where some are not, and always of what is counted.
func (s Sum) stated(p *i18n.Printer) string {
	stated, named, missing := "counts.stated", "counts.named", "counts.not_named"
	if s.StatesOnly {
		stated, named, missing = "counts.stated_states", "counts.named_states", "counts.not_named_states"
	}
	switch {
	case s.Stated == 0:
		return p.T("staff.sum.none_stated")
	case s.NotNamed > 0:
		return strings.Join([]string{p.T(stated, "Count", s.Stated), p.T(named, "Count", s.Named), p.T(missing, "Count", s.NotNamed)}, " · ")
	case s.Named > s.Stated:
		return p.T("staff.sum.more", "Count", s.Stated, "Difference", p.Number(s.Named-s.Stated))
	}
	return p.T("staff.sum.equal", "Count", s.Stated)
}

// corrected is what corrections do to the sum, with its sign.
func (s Sum) corrected(p *i18n.Printer) string {
	if s.Corrected < 0 {
		return "− " + p.Number(-s.Corrected)
	}
	return "+ " + p.Number(s.Corrected)
}

// withoutProblems leaves the summary to the page itself: its entries lead to the form.
func (v Check) withoutProblems() Page {
	page := v.Page
	page.Problems, page.Notice = nil, ""
	return page
}

// DraftHistory is what happened to a draft, with the remarks; newest first. Posts: remark, to Action.
type DraftHistory struct {
	Page
	Draft
	Action string // adds a remark; empty where the role may not
	Typed  string // the remark as typed
	Events []DraftEvent
}

// DraftEvent is a step of a draft.
type DraftEvent struct {
	At, ISO string
	Who     string // the name as it was then
	Login   string // of that account, which never changes
	What    string // in words: begun, sent to review, sent back, scheduled …
	Remark  ui.Text
}

// Revisions lists the revisions of one declaration for staff: compare any two, start a draft from any.
type Revisions struct {
	Page
	Declaration ui.Text
	PublicURL   string
	Rows        []RevisionRow // newest first
	// CompareAction is where the comparison leads (GET: from, to).
	CompareAction string
	From, To      int     // as chosen
	RetireURL     string  // empty where the role may not
	BringURL      string  // where a list of its signatories is brought in; empty where the role may not
	Draft         ui.Link // a draft that is open; zero for none
}

// RevisionRow is one revision.
type RevisionRow struct {
	Revision int
	URL      string // public page of the revision
	At, ISO  string
	Who      string // role and, for staff, the name
	Why      ui.Text
	What     []string
	// StartAction starts a draft from this revision: the undo of all that came after. Empty where the role may not.
	StartAction string
	Current     bool
}

// Compare is the difference between two revisions of one declaration.
type Compare struct {
	Page
	Declaration   ui.Text
	RevisionsURL  string
	From, To      RevisionRow
	Differences   []pages.Difference
	CompareAction string
}

// Retire retires a declaration in favour of another, whose address answers for it. Posts: target, reason, reason_lang.
type Retire struct {
	Page
	Declaration        ui.Text
	RevisionsURL       string
	Action             string
	Target             string // slug, as typed
	Reason, ReasonLang string
}

// Conflict is the page of 409: the draft is not what it was when the form was made, or a publication overtook it. What is
// unrelated was merged by itself; the rest is chosen. Posts to Action: do=take, the choice of each clash under its Name
// (yours, theirs, base), Hidden, and version.
type Conflict struct {
	Page
	Draft
	Action    string
	Published bool         // a publication overtook the draft; else something happened to the same draft
	Who       string       // whose version the other one is
	At        string       // of a publication: since when, in words
	Since     []DraftEvent // else: what happened to the draft since the form was made, oldest first
	Undoes    string       // a sentence: what going on takes the draft back from; empty for nothing
	Refused   string       // a sentence: why the reader may not go on; empty where they may
	Clashes   []Clash
	Merged    []Merged
	Hidden    []ui.Hidden // what was typed, so that nothing is lost
	Version   string
}

// take is what the button does: to the one who goes on, and to the draft.
func (v Conflict) take() string {
	if v.Undoes != "" {
		return v.P.T("staff.conflict.take_back")
	}
	return v.P.T("staff.conflict.take")
}

// Clash is a field that both changed, in different ways.
type Clash struct {
	Name                string  // of the radio buttons
	About               ui.Text // participant, source or title; empty: the declaration itself
	Field               string  // in words
	Base, Yours, Theirs ui.Text // empty: nothing is recorded
	Choice              string  // yours, theirs, base; empty: not chosen yet
}

// Merged is a field that only one of the two changed: it was taken over.
type Merged struct {
	pages.Difference
	Yours bool // else theirs
}

// isFrom marks the older of the two revisions to compare: as chosen, else the one before the newest.
func (v Revisions) isFrom(i int) bool {
	if v.From > 0 {
		return v.Rows[i].Revision == v.From
	}
	return i == 1
}

func (v Revisions) isTo(i int) bool {
	if v.To > 0 {
		return v.Rows[i].Revision == v.To
	}
	return i == 0
}
