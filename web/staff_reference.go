package web

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/staff"
	"cosignatory/templates/ui"
	"cosignatory/web/form"
)

// fresh is what addresses call a participant, group or topic that is to be added.
const fresh = "new"

func showReference(r *staffRequest) error {
	ref := r.view.Ref
	v := staff.Reference{Page: r.staffPage(staff.Title(r.p, "reference")), ParticipantsURL: r.staffURL("reference", "participants"),
		GroupsURL: r.staffURL("reference", "groups"), TopicsURL: r.staffURL("reference", "topics"), Participants: len(ref.Participants), Groups: len(ref.Groups),
		Topics: len(ref.Topics)}
	return r.showAs(http.StatusOK, v.Show())
}

func (r *staffRequest) referenceList(what string) staff.ReferenceList {
	v := staff.ReferenceList{Page: r.staffPage(staff.Title(r.p, what)), What: what, UpURL: r.staffURL("reference")}
	if r.may(store.Publisher) {
		v.NewURL = r.staffURL("reference", what, fresh)
	}
	return v
}

func listParticipants(r *staffRequest) error {
	v := r.referenceList("participants")
	var codes []string
	for _, p := range r.view.Ref.Participants {
		codes = append(codes, p.Code)
	}
	r.view.Ref.SortCodes(codes, r.lang)
	for _, code := range codes {
		p := r.view.Ref.Participant(code)
		row := staff.ReferenceRow{Code: code, Name: p.Name(r.lang), Kind: r.p.T("participant_kind." + string(p.Kind)), URL: r.staffURL("reference", "participants", code)}
		if p.ValidTo.Known() {
			row.Note = r.p.T("staff.suggest.until", "Date", r.p.Date(p.ValidTo))
		}
		v.Rows = append(v.Rows, row)
	}
	return r.showAs(http.StatusOK, v.Show())
}

func listGroups(r *staffRequest) error {
	v := r.referenceList("groups")
	for _, g := range r.view.Ref.Groups {
		v.Rows = append(v.Rows, staff.ReferenceRow{Code: g.Code, Name: g.Name(r.lang), Kind: r.worded("group_kind_one."+g.Kind, g.Kind),
			Note: r.p.T("staff.reference.members_today", "Count", len(g.On(r.current))), URL: r.staffURL("reference", "groups", g.Code)})
	}
	return r.showAs(http.StatusOK, v.Show())
}

func listTopics(r *staffRequest) error {
	v := r.referenceList("topics")
	for _, t := range r.view.Ref.Topics {
		v.Rows = append(v.Rows, staff.ReferenceRow{Code: t.Code, Name: t.Name(r.lang), URL: r.staffURL("reference", "topics", t.Code)})
	}
	return r.showAs(http.StatusOK, v.Show())
}

// edit is a change of reference data that somebody writes: what was typed, and what is wrong with it.
type edit struct {
	*staffRequest
	what     string // participants, groups, topics
	code     string // empty for a new one
	values   url.Values
	problems []ui.Problem
	tooMany  bool // a list has more rows than a form takes
	changed  *staff.Overlap
	asked    []ui.Option // what has to be confirmed before it is published
	ticked   []string    // what of it was
	found    *form.Names // who was typed, looked up in one table for all rows
}

func (r *staffRequest) edit(what string) (*edit, error) {
	e := &edit{staffRequest: r, what: what, code: r.c.Param("code")}
	if e.code == fresh {
		e.code = ""
		if !r.may(store.Publisher) {
			return nil, store.ErrNotFound
		}
	} else if e.of(r.view.Ref) == nil {
		return nil, store.ErrNotFound
	}
	if r.c.Request().Method == http.MethodPost {
		var err error
		if e.values, err = r.form(); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// of is the participant, group or topic, nil where there is none.
func (e *edit) of(ref *register.Reference) any {
	switch e.what {
	case "participants":
		if p := ref.Participant(e.code); p != nil {
			return p
		}
	case "groups":
		if g := ref.Group(e.code); g != nil {
			return g
		}
	case "topics":
		if t := ref.Topic(e.code); t != nil {
			return t
		}
	}
	return nil
}

func (e *edit) wrong(field, key string, args ...any) {
	e.problems = append(e.problems, ui.Problem{Field: field, Message: e.p.T(key, args...)})
}

// get is a typed text as it would be published; one with signs that do not belong there is a problem.
func (e *edit) get(name string) string {
	v := e.values.Get(name)
	if key := form.Dirty(v); key != "" {
		e.wrong(name, "staff.problem."+key)
	}
	return register.CleanText(v)
}

func (e *edit) date(name string) register.Date {
	d, key, typed := form.ReadDate(e.values.Get(name+".day"), e.values.Get(name+".month"), e.values.Get(name+".year"))
	if key != "" {
		e.wrong(name, "staff.problem."+key, "Value", typed)
	}
	return d
}

func (e *edit) dateFields(name string) staff.Date {
	return staff.Date{Year: e.values.Get(name + ".year"), Month: e.values.Get(name + ".month"), Day: e.values.Get(name + ".day")}
}

// names are names by language under a prefix.
func (e *edit) names(prefix string) map[string]string {
	m := map[string]string{}
	for _, lang := range register.Languages {
		if v := e.get(prefix + "." + lang); v != "" {
			m[lang] = v
		}
	}
	return m
}

func (e *edit) typedNames(prefix string) map[string]string {
	m := map[string]string{}
	for _, lang := range register.Languages {
		m[lang] = e.values.Get(prefix + "." + lang)
	}
	return m
}

// rowField takes the name of an input of a row apart: aliases[3].text.
func rowField(name string) (list string, row int, field string, ok bool) {
	list, rest, ok := strings.Cut(name, "[")
	number, field, closed := strings.Cut(rest, "].")
	row, err := strconv.Atoi(number)
	return list, row, field, ok && closed && field != "" && err == nil && strconv.Itoa(row) == number && row >= 0
}

// fieldsOf are the inputs of a list by the numbers of their rows: of those rows that something was typed in, but for what a fresh
// row has chosen already. A form has hundreds of thousands of inputs at most: they are gone through once for each list.
func (e *edit) fieldsOf(list string) map[int]url.Values {
	rows, typed := map[int]url.Values{}, map[int]bool{}
	for name, v := range e.values {
		of, row, field, ok := rowField(name)
		if !ok || of != list {
			continue
		}
		if rows[row] == nil {
			rows[row] = url.Values{}
		}
		rows[row][field] = v
		typed[row] = typed[row] || field != "lang" && field != "kind" && strings.TrimSpace(strings.Join(v, "")) != ""
	}
	maps.DeleteFunc(rows, func(row int, _ url.Values) bool { return !typed[row] })
	return rows
}

// rows are the numbers of the rows of a list that something was typed in.
func (e *edit) rows(list string) []int { return slices.Sorted(maps.Keys(e.fieldsOf(list))) }

// renumber gives the rows of a list the numbers from 0 on, without those that were taken out, and makes room for those that
// a button adds. More rows than form.MaxRows are refused.
func (e *edit) renumber(list string) (blank int) {
	do := e.values.Get("do")
	rows := e.fieldsOf(list)
	maps.DeleteFunc(e.values, func(name string, _ []string) bool {
		of, _, _, ok := rowField(name)
		return ok && of == list
	})
	if number, ok := strings.CutPrefix(do, "remove:"+list+"["); ok {
		if at, err := strconv.Atoi(strings.TrimSuffix(number, "]")); err == nil {
			delete(rows, at)
		}
	}
	if len(rows) > form.MaxRows {
		e.wrong(list, "staff.problem.too_many_rows", "Count", len(rows), "Max", e.p.Number(form.MaxRows))
		e.tooMany = true
		return 0
	}
	for n, i := range slices.Sorted(maps.Keys(rows)) {
		for field, v := range rows[i] {
			e.values[rowPath(list, n)+"."+field] = v
		}
	}
	switch do {
	case "add:" + list:
		return 1
	case "add5:" + list:
		return 5
	}
	return 0
}

// rowPath is the path of a row.
func rowPath(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

// saves says that the button publishes; any other only changes the rows of the form.
func (e *edit) saves() bool { do := e.values.Get("do"); return do == "" || do == "save" }

// change is what every form of reference data carries.
func (e *edit) change() staff.ReferenceChange {
	c := staff.ReferenceChange{ListURL: e.staffURL("reference", e.what), New: e.code == "", Version: strconv.Itoa(e.view.Revision), ReasonLang: e.lang}
	if e.may(store.Publisher) {
		code := e.code
		if code == "" {
			code = fresh
		}
		c.Action = e.staffURL("reference", e.what, code)
	}
	if e.values != nil {
		c.Reason, c.ReasonLang = e.values.Get("reason"), e.values.Get("reason_lang")
		c.Version = e.values.Get("version")
	}
	c.Changed, c.Confirm, c.Confirmed = e.changed, e.asked, e.ticked
	return c
}

func (e *edit) known(list []string, field, value string) {
	if !slices.Contains(list, value) {
		e.wrong(field, "staff.problem.choose")
	}
}

var (
	participantCode = regexp.MustCompile(`^[A-Z][A-Z0-9]{2}$`)
	groupCode       = regexp.MustCompile(`^[A-Z][A-Z0-9-]{0,19}$`)
)

// newCode is the code of something that is added.
func (e *edit) newCode(shape *regexp.Regexp) {
	if e.code != "" {
		return
	}
	e.code = e.get("code")
	switch {
	case !shape.MatchString(e.code):
		e.wrong("code", "staff.wrong.code_shape")
	case e.of(e.view.Ref) != nil:
		e.wrong("code", "staff.wrong.code_taken")
	}
}

// publish publishes the reference data with one part of it changed. again shows the form with what is wrong.
//
// entry is what was typed. Where the entry was changed since it was read, both changes are brought together and shown first.
func (e *edit) publish(entry any, put func(ref *register.Reference) *register.Reference, isNew bool, again func(status int) error) error {
	reason := e.get("reason")
	if reason == "" {
		e.wrong("reason", "staff.wrong.reason_missing")
	}
	lang := e.values.Get("reason_lang")
	if !slices.Contains(register.Languages, lang) {
		lang = e.lang
	}
	if len(e.problems) > 0 {
		e.against(put(e.view.Ref).Validate(e.view.Ref))
		if isNew {
			e.code = ""
		}
		return again(http.StatusUnprocessableEntity)
	}
	for range 5 {
		view, err := e.s.Store.AtDesk(e.ctx, 0)
		if err != nil {
			return err
		}
		// Whoever changed this very thing since it was read is not overwritten unseen.
		if read := atLeast(e.values.Get("version")); read > 0 && read < view.Revision {
			then, err := e.s.Store.AtDesk(e.ctx, read)
			if err != nil {
				return err
			}
			was, _ := json.Marshal(e.of(then.Ref))
			is, _ := json.Marshal(e.of(view.Ref))
			if string(was) != string(is) {
				if isNew {
					e.wrong("code", "staff.wrong.code_taken")
					e.code = ""
					return again(http.StatusUnprocessableEntity)
				}
				if err := e.overtaken(then, view, entry); err != nil {
					return err
				}
				return again(http.StatusConflict)
			}
		}
		p := store.Publication{Reason: reason, ReasonLang: lang, Role: string(e.account.Role)}
		if e.account.ShowName {
			p.Name = e.account.Name
		}
		made, err := e.s.Store.PublishReference(e.ctx, put(view.Ref), view.Revision, p)
		var conflict *store.Conflict
		var invalid *register.Invalid
		switch {
		case errors.As(err, &invalid):
			e.against(invalid.Problems)
			if isNew {
				e.code = ""
			}
			return again(http.StatusUnprocessableEntity)
		case errors.As(err, &conflict):
			continue // something else of the reference data: once more on top of it
		case errors.Is(err, store.ErrUnchanged):
			e.wrong("", "staff.problem.nothing_changed")
			return again(http.StatusUnprocessableEntity)
		case err != nil:
			return err
		}
		return e.seeSaying("/staff/reference/"+e.what, staff.Notice(e.p, "published", "Revision", made.Number))
	}
	return store.ErrLocked
}

// against tells what rules find wrong, in fields of which nothing was told yet.
func (e *edit) against(problems []register.Problem) {
	told := map[string]bool{}
	for _, p := range e.problems {
		told[p.Field] = true
	}
	for _, x := range problems {
		if _, field, _ := strings.Cut(x.Field, "]."); !told[field] {
			e.problems = append(e.problems, ui.Problem{Field: field, Message: staff.Rule(e.p, e.view.Ref, x)})
		}
	}
}

func showParticipantForm(r *staffRequest) error {
	e, err := r.edit("participants")
	if err != nil {
		return err
	}
	return e.participantForm(http.StatusOK, 0, 0)
}

// participantForm shows the form: as typed, else as it is on record.
func (e *edit) participantForm(status, moreAliases, moreSuccessors int) error {
	v := staff.ParticipantForm{ReferenceChange: e.change(), Code: e.code, SuggestURL: e.staffURL("suggest")}
	v.Page = e.staffPage(staff.Title(e.p, "participant_new"))
	if e.code != "" {
		v.Page = e.staffPage(e.view.Ref.Name(e.code, e.lang))
		v.PublicURL = e.now(participantPath(e.code))
	}
	v.Page.Problems = e.problems
	e.withoutLanguages(&v.Page)
	if e.values == nil {
		p := e.view.Ref.Participant(e.code)
		if p == nil {
			p = &register.Participant{Kind: register.Organization}
		}
		v.Kind, v.Names, v.ISO2, v.ISO3, v.M49, v.UserAssigned = string(p.Kind), staff.NamesOf(p.Names, p.Formal), p.Alpha2, p.Alpha3, p.M49, p.UserAssigned
		v.RegionalGroup, v.Admitted, v.ValidFrom, v.ValidTo, v.Note = p.RegionalGroup, staff.DateFields(p.Admitted), staff.DateFields(p.ValidFrom),
			staff.DateFields(p.ValidTo), p.Note
		for _, a := range p.Aliases {
			v.Aliases = append(v.Aliases, staff.AliasFields{Text: a.Text, Lang: a.Lang, Kind: a.Kind, From: staff.DateFields(a.From), To: staff.DateFields(a.To)})
		}
		for _, s := range p.Successors {
			v.Successors = append(v.Successors, staff.SuccessorFields{Code: staff.PrintParticipant(e.view.Ref, s.Code, e.lang), From: staff.DateFields(s.From)})
		}
	} else {
		get := e.values.Get
		v.Kind, v.ISO2, v.ISO3, v.M49, v.UserAssigned = get("kind"), get("iso2"), get("iso3"), get("m49"), get("user_assigned_code")
		v.Names, v.Renamed, v.RenamedOn = staff.NamesOf(e.typedNames("names"), e.typedNames("formal")), staff.NamesOf(e.typedNames("renamed.names"), nil),
			e.dateFields("renamed.on")
		v.RegionalGroup, v.Note = get("regional_group"), get("note")
		v.Admitted, v.ValidFrom, v.ValidTo = e.dateFields("un_admission"), e.dateFields("valid_from"), e.dateFields("valid_to")
		if e.code == "" {
			v.Code = get("code")
		}
		for _, i := range e.rows("aliases") {
			f := rowPath("aliases", i)
			v.Aliases = append(v.Aliases, staff.AliasFields{Text: get(f + ".text"), Lang: get(f + ".lang"), Kind: get(f + ".kind"), From: e.dateFields(f + ".from"),
				To: e.dateFields(f + ".to")})
		}
		for _, i := range e.rows("successors") {
			f := rowPath("successors", i)
			v.Successors = append(v.Successors, staff.SuccessorFields{Code: get(f + ".code"), From: e.dateFields(f + ".from")})
		}
	}
	for range moreAliases {
		v.Aliases = append(v.Aliases, staff.AliasFields{Lang: e.lang, Kind: "variant"})
	}
	for range moreSuccessors {
		v.Successors = append(v.Successors, staff.SuccessorFields{})
	}
	return e.showAs(status, v.Show())
}

func saveParticipant(r *staffRequest) error {
	e, err := r.edit("participants")
	if err != nil {
		return err
	}
	aliases, successors := e.renumber("aliases"), e.renumber("successors")
	again := func(status int) error { return e.participantForm(status, 0, 0) }
	if e.tooMany { // the form as it is on record: thousands of rows are not sent back
		e.values = nil
		return again(http.StatusUnprocessableEntity)
	}
	if !e.saves() {
		return e.participantForm(http.StatusOK, aliases, successors)
	}
	isNew := e.code == ""
	e.newCode(participantCode)
	p := &register.Participant{Code: e.code, Kind: register.ParticipantKind(e.get("kind")), Names: e.names("names"), Formal: e.names("formal"), Alpha2: e.get("iso2"),
		Alpha3: e.get("iso3"), M49: e.get("m49"), UserAssigned: e.get("user_assigned_code"), RegionalGroup: e.get("regional_group"), Admitted: e.date("un_admission"),
		ValidFrom: e.date("valid_from"), ValidTo: e.date("valid_to"), Note: e.get("note")}
	if !slices.Contains(register.ParticipantKinds, p.Kind) {
		e.wrong("kind", "staff.problem.choose")
	}
	if p.Names["en"] == "" {
		e.wrong("names.en", "staff.wrong.name_en_missing")
	}
	if p.UserAssigned != "" && !participantCode.MatchString(p.UserAssigned) {
		e.wrong("user_assigned_code", "staff.wrong.code_shape")
	}
	for _, i := range e.rows("aliases") {
		f := rowPath("aliases", i)
		a := register.Alias{Text: e.get(f + ".text"), Lang: e.get(f + ".lang"), Kind: e.get(f + ".kind"), From: e.date(f + ".from"), To: e.date(f + ".to")}
		if a.Text == "" {
			e.wrong(f+".text", "staff.problem.text_missing")
		}
		e.known(register.AliasKinds, f+".kind", a.Kind)
		if a.Lang == "" {
			e.wrong(f+".lang", "staff.problem.language_missing")
		}
		p.Aliases = append(p.Aliases, a)
	}
	for _, i := range e.rows("successors") {
		f := rowPath("successors", i)
		code := e.participant(f + ".code")
		p.Successors = append(p.Successors, register.Successor{Code: code, From: e.date(f + ".from")})
	}
	e.rename(p)
	e.namesakes(p)
	return e.publish(p, func(ref *register.Reference) *register.Reference {
		if old := ref.Participant(p.Code); old != nil {
			p.Region, p.Subregion = old.Region, old.Subregion // not asked by the form
		}
		list := slices.DeleteFunc(slices.Clone(ref.Participants), func(x *register.Participant) bool { return x.Code == p.Code })
		return register.NewReference(append(list, p), slices.Clone(ref.Groups), slices.Clone(ref.Topics), ref.Ambiguous)
	}, isNew, again)
}

// rename gives a participant new names from a day on: those it had are kept as former ones until then (D14).
func (e *edit) rename(p *register.Participant) {
	on, names := e.date("renamed.on"), e.names("renamed.names")
	maps.DeleteFunc(names, func(lang, name string) bool { return p.Names[lang] == name })
	switch {
	case len(names) == 0 && on.Known():
		e.wrong("renamed.names.en", "staff.problem.text_missing")
	case len(names) > 0 && on.Precision() != register.ByDay:
		e.wrong("renamed.on", "staff.problem.renamed_when")
	default:
		for _, lang := range register.Languages {
			if names[lang] == "" {
				continue
			}
			if old := p.Names[lang]; old != "" {
				p.Aliases = append(p.Aliases, register.Alias{Text: old, Lang: lang, Kind: "former", To: on})
			}
			p.Names[lang] = names[lang]
		}
	}
}

// participant is the code of who was typed.
func (e *edit) participant(field string) string {
	typed := e.get(field)
	if e.found == nil {
		e.found = form.NewNames(e.view.Ref)
	}
	codes := e.found.Find(typed)
	switch {
	case typed == "":
		e.wrong(field, "staff.problem.participant_missing")
	case len(codes) == 0:
		e.wrong(field, "staff.problem.participant_unknown", "Code", shorten(typed))
	case len(codes) > 1:
		e.wrong(field, "staff.problem.participant_ambiguous", "Code", shorten(typed), "Candidates", strings.Join(codes, ", "))
	default:
		return codes[0]
	}
	return typed
}

func showGroupForm(r *staffRequest) error {
	e, err := r.edit("groups")
	if err != nil {
		return err
	}
	return e.groupForm(http.StatusOK, 0)
}

func (e *edit) groupForm(status, more int) error {
	v := staff.GroupForm{ReferenceChange: e.change(), Code: e.code, SuggestURL: e.staffURL("suggest")}
	v.Page = e.staffPage(staff.Title(e.p, "group_new"))
	g := e.view.Ref.Group(e.code)
	if g != nil {
		v.Page = e.staffPage(g.Name(e.lang))
		v.PublicURL = e.now(groupPath(g.Code))
	}
	v.Page.Problems = e.problems
	e.withoutLanguages(&v.Page)
	if e.values == nil {
		if g == nil {
			g = &register.Group{Kind: "political"}
		}
		v.Kind, v.Names, v.Note = g.Kind, staff.NamesOf(g.Names, nil), g.Note
		for _, m := range g.Members {
			v.Members = append(v.Members, staff.MemberFields{Code: staff.PrintParticipant(e.view.Ref, m.Code, e.lang), From: staff.DateFields(m.From), To: staff.DateFields(m.To)})
		}
	} else {
		v.Kind, v.Names, v.Note = e.values.Get("kind"), staff.NamesOf(e.typedNames("names"), nil), e.values.Get("note")
		if e.code == "" {
			v.Code = e.values.Get("code")
		}
		for _, i := range e.rows("members") {
			f := rowPath("members", i)
			v.Members = append(v.Members, staff.MemberFields{Code: e.values.Get(f + ".code"), From: e.dateFields(f + ".from"), To: e.dateFields(f + ".to")})
		}
	}
	for range more {
		v.Members = append(v.Members, staff.MemberFields{})
	}
	return e.showAs(status, v.Show())
}

func saveGroup(r *staffRequest) error {
	e, err := r.edit("groups")
	if err != nil {
		return err
	}
	more := e.renumber("members")
	if e.tooMany {
		e.values = nil
		return e.groupForm(http.StatusUnprocessableEntity, 0)
	}
	if !e.saves() {
		return e.groupForm(http.StatusOK, more)
	}
	isNew := e.code == ""
	e.newCode(groupCode)
	g := &register.Group{Code: e.code, Kind: e.get("kind"), Names: e.names("names"), Note: e.get("note")}
	e.known(groupKinds, "kind", g.Kind)
	if g.Names["en"] == "" {
		e.wrong("names.en", "staff.wrong.name_en_missing")
	}
	type beginning struct {
		code string
		from register.Date
	}
	begun := map[beginning]bool{}
	for _, i := range e.rows("members") {
		f := rowPath("members", i)
		m := register.Membership{Code: e.participant(f + ".code"), From: e.date(f + ".from"), To: e.date(f + ".to")}
		if m.From.Known() && m.To.Known() && m.To.Last() < m.From.First() {
			e.wrong(f+".to", "staff.problem.ends_before_begins")
		}
		if begin := (beginning{m.Code, m.From}); begun[begin] {
			e.wrong(f+".code", "staff.problem.member_twice")
		} else {
			begun[begin] = true
		}
		g.Members = append(g.Members, m)
	}
	return e.publish(g, func(ref *register.Reference) *register.Reference {
		groups := slices.Clone(ref.Groups)
		if i := slices.IndexFunc(groups, func(x *register.Group) bool { return x.Code == g.Code }); i >= 0 {
			g.Aliases = groups[i].Aliases
			groups[i] = g
		} else {
			groups = append(groups, g)
		}
		return register.NewReference(slices.Clone(ref.Participants), groups, slices.Clone(ref.Topics), ref.Ambiguous)
	}, isNew, func(status int) error { return e.groupForm(status, 0) })
}

func showTopicForm(r *staffRequest) error {
	e, err := r.edit("topics")
	if err != nil {
		return err
	}
	return e.showAs(http.StatusOK, e.topicForm())
}

func (e *edit) topicForm() templ.Component {
	v := staff.TopicForm{ReferenceChange: e.change(), Code: e.code}
	v.Page = e.staffPage(staff.Title(e.p, "topic_new"))
	t := e.view.Ref.Topic(e.code)
	if t != nil {
		v.Page = e.staffPage(t.Name(e.lang))
		v.PublicURL = e.now("/declarations", "topic", t.Code)
		v.Names = staff.NamesOf(t.Names, nil)
	}
	v.Page.Problems = e.problems
	e.withoutLanguages(&v.Page)
	if e.values != nil {
		v.Names = staff.NamesOf(e.typedNames("names"), nil)
		if e.code == "" {
			v.Code = e.values.Get("code")
		}
	}
	return v.Show()
}

func saveTopic(r *staffRequest) error {
	e, err := r.edit("topics")
	if err != nil {
		return err
	}
	if !e.saves() { // a kept copy is put back: it is shown, and published only when asked
		return e.showAs(http.StatusOK, e.topicForm())
	}
	isNew := e.code == ""
	e.newCode(regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`))
	t := &register.Topic{Code: e.code, Names: e.names("names")}
	if t.Code == fresh {
		e.wrong("code", "staff.wrong.code_shape")
	}
	if t.Names["en"] == "" {
		e.wrong("names.en", "staff.wrong.name_en_missing")
	}
	return e.publish(t, func(ref *register.Reference) *register.Reference {
		topics := slices.DeleteFunc(slices.Clone(ref.Topics), func(x *register.Topic) bool { return x.Code == t.Code })
		return register.NewReference(slices.Clone(ref.Participants), slices.Clone(ref.Groups), append(topics, t), ref.Ambiguous)
	}, isNew, func(status int) error { return e.showAs(status, e.topicForm()) })
}
