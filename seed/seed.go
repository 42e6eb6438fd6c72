// Package seed holds the shipped register, as CSV files that anybody can read and mend, and loads it through the same
// publishing path as every other change. The data is CC0-1.0; see README.md beside it.
package seed

import (
	"bytes"
	"context"
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"cosignatory/store"
	"cosignatory/store/register"
)

//go:embed *.csv
var files embed.FS

// Role is the author's role in the revisions that loading makes.
const Role = "seed"

// Result says what a load did.
type Result struct {
	Published int      // revisions made
	Unchanged int      // declarations that stood already as shipped
	Kept      []string // slugs that staff have changed since: their version was left as it is
}

// Load brings the shipped register into a store: all of it or, after an error, nothing. Twice is as once. A declaration
// that anybody else has published a change of is left alone.
func Load(ctx context.Context, s *store.Store) (Result, error) {
	var result Result
	ref, err := Reference()
	if err != nil {
		return result, err
	}
	declarations, err := Declarations()
	if err != nil {
		return result, err
	}
	v, err := s.At(ctx, 0)
	if err != nil {
		return result, err
	}
	var publications []store.Publication
	mine, err := v.LastRole(ctx, 0)
	if err != nil {
		return result, err
	}
	if v.Revision == 0 || mine == Role {
		// Participants and names first, then groups and topics: a revision each, so that each can be cited.
		if v.Revision == 0 {
			publications = append(publications, store.Publication{Reference: register.NewReference(slices.Clone(ref.Participants), nil, nil, nil),
				Reason: "Participants and their names, as compiled for the register", ReasonLang: "en", Role: Role})
		}
		publications = append(publications, store.Publication{Reference: ref, Reason: "Reference data as shipped: participants, names, groups and topics",
			ReasonLang: "en", Role: Role})
	} else {
		result.Kept = append(result.Kept, "reference data")
	}
	for _, d := range declarations {
		p := store.Publication{Declaration: d, Reason: "Shipped with the register, from the sources cited", ReasonLang: "en", Role: Role, Base: v.Revision}
		e, err := v.Declaration(ctx, d.Slug)
		var moved *store.Moved
		var circle *store.Circle
		switch {
		case errors.As(err, &moved), errors.As(err, &circle):
			result.Kept = append(result.Kept, d.Slug)
			continue
		case errors.Is(err, store.ErrNotFound):
		case err != nil:
			return result, err
		default:
			role, err := v.LastRole(ctx, e.ID)
			if err != nil {
				return result, err
			}
			if role != Role {
				result.Kept = append(result.Kept, d.Slug)
				continue
			}
			p.ID, p.Reason = e.ID, "Mended in the shipped data; see the notes on it"
			keepIDs(d, &e.Declaration)
		}
		publications = append(publications, p)
	}
	made, err := s.Publish(ctx, publications...)
	if err != nil && !errors.Is(err, store.ErrUnchanged) {
		return result, err
	}
	result.Published = len(made)
	for _, p := range publications {
		if p.Declaration != nil && !slices.ContainsFunc(made, func(r register.Revision) bool { return r.Declaration == p.Declaration.Slug }) {
			result.Unchanged++
		}
	}
	return result, nil
}

// keepIDs gives the actions of a shipped declaration the numbers that the register gave them before: the same participant
// and kind of action, in order.
func keepIDs(d, old *register.Declaration) {
	ids := map[string][]int64{}
	key := func(a *register.Action) string { return a.Participant + " " + a.Group + " " + string(a.Kind) }
	for i := range old.Actions {
		a := &old.Actions[i]
		ids[key(a)] = append(ids[key(a)], a.ID)
	}
	for i := range d.Actions {
		a := &d.Actions[i]
		if free := ids[key(a)]; len(free) > 0 {
			a.ID, ids[key(a)] = free[0], free[1:]
		}
	}
}

// record is one row of a file, by column name.
type record struct {
	file   string
	line   int
	fields map[string]string
	errs   *[]error
}

func (r record) fail(column, format string, args ...any) {
	*r.errs = append(*r.errs, fmt.Errorf("seed/%s line %d, %s: %s", r.file, r.line, column, fmt.Sprintf(format, args...)))
}

func (r record) date(column string) register.Date {
	d, err := register.ParseDate(r.fields[column])
	if err != nil {
		r.fail(column, "%q is no date (YYYY, YYYY-MM or YYYY-MM-DD)", r.fields[column])
	}
	return d
}

func (r record) number(column string) int {
	if r.fields[column] == "" {
		return 0
	}
	n, err := strconv.Atoi(r.fields[column])
	if err != nil {
		r.fail(column, "%q is no number", r.fields[column])
	}
	return n
}

func (r record) list(column string) []string {
	if r.fields[column] == "" {
		return nil
	}
	return strings.Split(r.fields[column], "|")
}

// read reads a shipped file; columns must all be there.
func read(name string, errs *[]error, columns ...string) []record {
	b, err := files.ReadFile(name)
	if err != nil {
		*errs = append(*errs, err)
		return nil
	}
	in := csv.NewReader(bytes.NewReader(b))
	head, err := in.Read()
	if err != nil {
		*errs = append(*errs, fmt.Errorf("seed/%s: %w", name, err))
		return nil
	}
	for _, c := range columns {
		if !slices.Contains(head, c) {
			*errs = append(*errs, fmt.Errorf("seed/%s: no column %s", name, c))
		}
	}
	var all []record
	for {
		row, err := in.Read()
		if err == io.EOF {
			return all
		}
		if err != nil {
			*errs = append(*errs, fmt.Errorf("seed/%s: %w", name, err))
			return nil
		}
		line, _ := in.FieldPos(0)
		r := record{name, line, make(map[string]string, len(head)), errs}
		for i, c := range head {
			r.fields[c] = row[i]
		}
		all = append(all, r)
	}
}

// Reference is the shipped reference data.
func Reference() (*register.Reference, error) {
	var errs []error
	byCode := map[string]*register.Participant{}
	var people []*register.Participant
	for _, r := range read("participants.csv", &errs, "code", "kind", "name_en", "formal_en") {
		f := r.fields
		p := &register.Participant{Code: f["code"], Kind: register.ParticipantKind(f["kind"]), Alpha2: f["alpha2"], M49: f["m49"],
			RegionalGroup: f["regional_group"], Region: f["m49_region"], Subregion: f["m49_subregion"], Admitted: r.date("un_admission"),
			ValidFrom: r.date("valid_from"), ValidTo: r.date("valid_to"), Note: f["notes"], Names: map[string]string{}, Formal: map[string]string{}}
		for _, lang := range register.Languages {
			if n := f["name_"+lang]; n != "" {
				p.Names[lang] = n
			}
			if n := f["formal_"+lang]; n != "" {
				p.Formal[lang] = n
			}
		}
		// D13: the register's code is ISO 3166-1 alpha-3 for states and territories; what begins with X is user-assigned, and
		// organisations have no ISO code of their own.
		switch {
		case p.Kind == register.Organization:
		case strings.HasPrefix(p.Code, "X"):
			p.UserAssigned, p.Alpha2 = p.Code, ""
		default:
			p.Alpha3 = p.Code
		}
		if byCode[p.Code] != nil {
			r.fail("code", "%s stands twice", p.Code)
		}
		byCode[p.Code] = p
		people = append(people, p)
	}
	for _, r := range read("aliases.csv", &errs, "code", "alias", "lang", "kind", "valid_from", "valid_to") {
		f := r.fields
		p := byCode[f["code"]]
		if p == nil {
			r.fail("code", "%s is no participant", f["code"])
			continue
		}
		p.Aliases = append(p.Aliases, register.Alias{Text: f["alias"], Lang: f["lang"], Kind: f["kind"], From: r.date("valid_from"), To: r.date("valid_to")})
	}
	for _, r := range read("successors.csv", &errs, "predecessor", "successor", "from") {
		f := r.fields
		p := byCode[f["predecessor"]]
		if p == nil || byCode[f["successor"]] == nil {
			r.fail("predecessor", "%s or %s is no participant", f["predecessor"], f["successor"])
			continue
		}
		p.Successors = append(p.Successors, register.Successor{Code: f["successor"], From: r.date("from")})
	}
	groups := map[string]*register.Group{}
	var sets []*register.Group
	for _, r := range read("groups.csv", &errs, "group_code", "name_en", "name_fr", "kind", "notes") {
		f := r.fields
		g := &register.Group{Code: f["group_code"], Kind: f["kind"], Note: f["notes"], Names: map[string]string{}}
		for _, lang := range register.Languages {
			if n := f["name_"+lang]; n != "" {
				g.Names[lang] = n
			}
		}
		groups[g.Code] = g
		sets = append(sets, g)
	}
	for _, r := range read("group_members.csv", &errs, "group_code", "code", "from", "to") {
		f := r.fields
		g := groups[f["group_code"]]
		if g == nil || byCode[f["code"]] == nil {
			r.fail("code", "%s or %s is not known", f["group_code"], f["code"])
			continue
		}
		g.Members = append(g.Members, register.Membership{Code: f["code"], From: r.date("from"), To: r.date("to")})
	}
	for _, r := range read("group_aliases.csv", &errs, "group_code", "alias", "lang", "kind") {
		f := r.fields
		g := groups[f["group_code"]]
		if g == nil {
			r.fail("group_code", "%s is no group", f["group_code"])
			continue
		}
		g.Aliases = append(g.Aliases, register.Alias{Text: f["alias"], Lang: f["lang"], Kind: f["kind"]})
	}
	var words []register.Ambiguous
	for _, r := range read("ambiguous.csv", &errs, "alias", "codes", "rule", "note") {
		a := register.Ambiguous{Text: r.fields["alias"], Codes: r.list("codes"), Rule: r.fields["rule"], Note: r.fields["note"]}
		if !slices.Contains(register.AmbiguousRules, a.Rule) {
			r.fail("rule", "%q is no rule: %s", a.Rule, strings.Join(register.AmbiguousRules, ", "))
		}
		for _, code := range a.Codes {
			if byCode[code] == nil {
				r.fail("codes", "%s is no participant", code)
			}
		}
		words = append(words, a)
	}
	var topics []*register.Topic
	for _, r := range read("topics.csv", &errs, "topic", "name_en", "name_fr") {
		t := &register.Topic{Code: r.fields["topic"], Names: map[string]string{}}
		for _, lang := range register.Languages {
			if n := r.fields["name_"+lang]; n != "" {
				t.Names[lang] = n
			}
		}
		topics = append(topics, t)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return register.NewReference(people, sets, topics, words), nil
}

// Declarations are the shipped declarations in the order of the file.
func Declarations() ([]*register.Declaration, error) {
	var errs []error
	bySlug := map[string]*register.Declaration{}
	var all []*register.Declaration
	of := func(r record) *register.Declaration {
		d := bySlug[r.fields["declaration"]]
		if d == nil {
			r.fail("declaration", "%s is no declaration", r.fields["declaration"])
			return &register.Declaration{}
		}
		return d
	}
	for _, r := range read("declarations.csv", &errs, "declaration", "kind", "date", "presented", "published", "opened", "closed", "sponsors",
		"presented_by", "presenter_delegation", "presenter_counted", "open", "list_complete", "topics") {
		f := r.fields
		d := &register.Declaration{Slug: f["declaration"], Kind: register.Kind(f["kind"]), Adopted: r.date("date"), Presented: r.date("presented"),
			Published: r.date("published"), Opened: r.date("opened"), Closed: r.date("closed"), Sponsors: r.list("sponsors"),
			PresentedBy: f["presented_by"], PresenterDelegation: f["presenter_delegation"], PresenterCounted: register.Tristate(f["presenter_counted"]),
			Open: register.Tristate(f["open"]), ListComplete: register.Tristate(f["list_complete"]), Topics: r.list("topics")}
		if bySlug[d.Slug] != nil {
			r.fail("declaration", "%s stands twice", d.Slug)
		}
		bySlug[d.Slug] = d
		all = append(all, d)
	}
	for _, r := range read("titles.csv", &errs, "declaration", "language", "title", "standing", "note") {
		d, f := of(r), r.fields
		d.Titles = append(d.Titles, register.Title{Lang: f["language"], Text: f["title"], Standing: register.Standing(f["standing"]), Source: f["source"], Note: f["note"]})
	}
	for _, r := range read("texts.csv", &errs, "declaration", "language", "event", "place", "summary", "notes") {
		d, f := of(r), r.fields
		d.Texts = append(d.Texts, register.Text{Lang: f["language"], Event: f["event"], Place: f["place"], Summary: f["summary"], Notes: f["notes"]})
	}
	for _, r := range read("stated.csv", &errs, "declaration", "count", "counts", "date", "source", "note") {
		d, f := of(r), r.fields
		d.Stated = append(d.Stated, register.Stated{Count: r.number("count"), Counts: f["counts"], Date: r.date("date"), Source: f["source"], Note: f["note"]})
	}
	for _, r := range read("links.csv", &errs, "declaration", "kind", "target", "note") {
		d, f := of(r), r.fields
		d.Links = append(d.Links, register.Link{Kind: register.LinkKind(f["kind"]), Target: f["target"], Note: f["note"]})
	}
	for _, r := range read("sources.csv", &errs, "source", "declaration", "publisher", "title", "url", "language", "kind", "published", "read_on", "supports") {
		d, f := of(r), r.fields
		d.Sources = append(d.Sources, register.Source{Key: f["source"], Publisher: f["publisher"], Title: f["title"], URL: f["url"], Lang: f["language"],
			Kind: register.SourceKind(f["kind"]), Published: r.date("published"), ReadOn: r.date("read_on"), Supports: f["supports"]})
	}
	for _, r := range read("actions.csv", &errs, "declaration", "participant", "action", "capacity", "capacity_as_printed", "date", "public_date",
		"reason", "via_group", "name_as_printed", "printed_position", "source", "also_sources", "place_in_source", "note") {
		d, f := of(r), r.fields
		d.Actions = append(d.Actions, register.Action{Participant: f["participant"], Group: f["via_group"], Kind: register.ActionKind(f["action"]),
			Capacity: register.Capacity(f["capacity"]), CapacityAsPrinted: f["capacity_as_printed"], Date: r.date("date"), PublicDate: r.date("public_date"),
			Reason: register.Reason(f["reason"]), NameAsPrinted: f["name_as_printed"], PrintedPosition: r.number("printed_position"),
			Source: f["source"], AlsoSources: r.list("also_sources"), PlaceInSource: f["place_in_source"], Note: f["note"]})
	}
	for _, r := range read("disputes.csv", &errs, "declaration", "participant", "claim", "claim_fr", "source") {
		d, f := of(r), r.fields
		x := register.Dispute{Participant: f["participant"], Source: f["source"], Claim: []register.Phrase{{Lang: "en", Text: f["claim"]}}}
		if f["claim_fr"] != "" {
			x.Claim = append(x.Claim, register.Phrase{Lang: "fr", Text: f["claim_fr"]})
		}
		d.Disputes = append(d.Disputes, x)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return all, nil
}
