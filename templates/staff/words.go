package staff

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"cosignatory/store/register"
	"cosignatory/templates/i18n"
	"cosignatory/templates/ui"
)

// Roles are the roles of an account, the one that may least first; each may what those before it may.
var Roles = []string{"reader", "editor", "publisher", "administrator"}

// RoleName is a role in words.
func RoleName(p *i18n.Printer, role string) string { return p.T("staff.role." + role) }

// Notice says what was just done: signed_out, saved (At), reviewed, sent_back, withdrawn, scheduled (At), unscheduled,
// published (Revision), discarded, begun, retired, password_changed, profile_changed, factor_on, factor_off, revoked,
// account_added, role_changed, disabled, enabled, factor_removed, settings_changed, remark_added, merged.
func Notice(p *i18n.Printer, what string, args ...any) string {
	return p.T("staff.notice."+what, args...)
}

// Wrong is the message of a field of an account: see the keys staff.wrong. in the catalogue.
func Wrong(p *i18n.Printer, what string, args ...any) string {
	return p.T("staff.wrong."+what, args...)
}

// Logged is a line of the account log: see the keys staff.logged. in the catalogue.
func Logged(p *i18n.Printer, what string, args ...any) string {
	return p.T("staff.logged."+what, args...)
}

// Event is a step of a draft: begun (Revision), begun_new, saved, reviewed, sent_back, withdrawn, scheduled (At),
// unscheduled, published (Revision), discarded, merged, remarked.
func Event(p *i18n.Printer, what string, args ...any) string {
	return p.T("staff.event."+what, args...)
}

// Why says why somebody may not publish: role, author (author_due where the time came), state, problems, conflict, remark.
func Why(p *i18n.Printer, what string, args ...any) string {
	return p.T("staff.why."+what, args...)
}

// What is a draft or a change in one line: new_declaration, nothing, and n_joined, n_left, n_corrected, n_named,
// n_differences (Count).
func What(p *i18n.Printer, what string, args ...any) string {
	if strings.HasPrefix(what, "n_") {
		return p.T("staff.check."+what, args...)
	}
	return p.T("staff.what."+what, args...)
}

// Gap is what a declaration lacks, in one line: count (Stated, Named), weak, undated, unread (Count).
func Gap(p *i18n.Printer, what string, args ...any) string {
	return p.T("staff.gap_words."+what, args...)
}

// Problems are the problems of a draft in words, each with the id of the field to mend, in the order of the form. ref
// names participants.
func Problems(p *i18n.Printer, ref *register.Reference, list []register.Problem) []ui.Problem {
	out := make([]ui.Problem, 0, len(list))
	for _, x := range list {
		out = append(out, ui.Problem{Field: fieldID(x.Field), Message: problem(p, ref, x)})
	}
	slices.SortStableFunc(out, func(a, b ui.Problem) int { return place(a.Field).compare(place(b.Field)) })
	return out
}

// spot is where a field stands in the form.
type spot struct{ question, row int }

func (a spot) compare(b spot) int {
	return cmp.Or(cmp.Compare(a.question, b.question), cmp.Compare(a.row, b.row))
}

// inOrder are the first parts of the paths of fields, in the order of the form.
var inOrder = []string{"sources", "titles", "kind", "slug", "adopted", "presented", "published", "opened", "closed", "texts", "sponsors", "presented_by",
	"presenter_delegation", "presenter_counted", "stated", "change", "actions", "open", "list_complete", "topics", "links", "disputes", "reason", "reason_lang"}

func place(path string) spot {
	s := spot{question: len(inOrder)}
	name := path
	if i := strings.IndexAny(path, "[."); i >= 0 {
		name = path[:i]
	}
	if i := slices.Index(inOrder, name); i >= 0 {
		s.question = i
	}
	if m := rowPath.FindStringSubmatch(path); m != nil {
		s.row, _ = strconv.Atoi(m[2])
	}
	return s
}

// Rule says a rule that is broken to whoever edits.
func Rule(p *i18n.Printer, ref *register.Reference, x register.Problem) string {
	return problem(p, ref, x)
}

func problem(p *i18n.Printer, ref *register.Reference, x register.Problem) string {
	args := make([]any, 0, 2*len(x.Args))
	for name, v := range x.Args {
		switch name {
		case "Who":
			if code, ok := strings.CutPrefix(fmt.Sprint(v), "group "); ok {
				if g := ref.Group(code); g != nil {
					v = g.Name(p.Lang())
				}
			} else {
				v = ref.Name(fmt.Sprint(v), p.Lang())
			}
		case "Date", "Before", "Declaration", "Opened", "Closed":
			if d, err := register.ParseDate(fmt.Sprint(v)); err == nil {
				v = p.Date(d)
			}
		case "Max":
			if n, ok := v.(int); ok {
				v = p.Number(n)
			}
		}
		args = append(args, name, v)
	}
	key := "staff.problem." + x.Key
	if x.Key == "not_in_list" && fmt.Sprint(x.Args["Value"]) == "" {
		key = "staff.problem.choose"
	}
	if !p.Has(key) {
		key = "staff.problem.other"
	}
	return p.T(key, args...)
}

var listed = regexp.MustCompile(`^(topics|.*\.also_sources)\[\d+\]$`)

// fieldID is the id of the input that a path of register.Problem is about: topics and further sources are one field each.
func fieldID(path string) string {
	if m := listed.FindStringSubmatch(path); m != nil {
		return m[1]
	}
	return path
}

var rowPath = regexp.MustCompile(`^([a-z_]+)\[(\d+)\]`)

// located is a problem as the summary says it, with the row it is in.
func located(p *i18n.Printer, x ui.Problem) string {
	if w := where(p, x.Field); w != "" {
		return p.T("staff.problem_at", "Where", w, "What", x.Message)
	}
	return x.Message
}

// where says in the summary which row and field a problem is about, empty for what needs no saying.
func where(p *i18n.Printer, path string) string {
	if m := rowPath.FindStringSubmatch(path); m != nil {
		n, _ := strconv.Atoi(m[2])
		if key := "staff.at." + m[1]; p.Has(key) {
			return p.T(key, "N", n+1)
		}
		return ""
	}
	// Fields of one kind beside each other, whose problems read alike.
	if key, ok := codeLabels[path]; ok {
		return p.T(key)
	}
	if key := "field." + path; p.Has(key) {
		return p.T(key)
	}
	return ""
}

// codeLabels are what the codes of a participant are called.
var codeLabels = map[string]string{"iso2": "participant.code_iso2", "iso3": "participant.code_iso3", "m49": "participant.code_m49",
	"user_assigned_code": "participant.code_user_assigned"}

// join sets parts of a line beside each other as a list of figures, not as a sentence.
func join(parts []string) string { return strings.Join(parts, ", ") }

func itoa(n int) string { return strconv.Itoa(n) }

// row is the path of a row.
func row(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

// Title is the title of a page: sign_in, expired, second_factor, set_up, invitation, reset, spent, signed_out, own, factor,
// codes, accounts, settings, log, desk, declaration_new, check, draft, revisions, retire, conflict, reference,
// participants, groups, topics, participant_new, group_new, topic_new, refused, cross_site.
func Title(p *i18n.Printer, page string) string { return p.T("staff.title." + page) }
