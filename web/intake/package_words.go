package intake

import (
	"cosignatory/store/register"
	"cosignatory/templates/i18n"
)

// Sentence says a refusal or a remark to a reader.
func (r *Refusal) Sentence(p *i18n.Printer) string {
	args := make([]any, 0, 2*len(r.Args))
	for name, v := range r.Args {
		if n, ok := v.(int); ok && name != "Count" {
			v = p.Number(n)
		}
		args = append(args, name, v)
	}
	return p.T("intake.refused."+r.Key, args...)
}

// Sentence says a problem to a reader: where it is, what is wrong, what to write instead.
func Sentence(p *i18n.Printer, x Problem) string {
	where := x.File
	switch {
	case x.Line > 0 && x.Column != "":
		where = p.T("import.where.cell", "File", x.File, "Line", x.Line, "Column", x.Column)
	case x.Line > 0:
		where = p.T("import.where.line", "File", x.File, "Line", x.Line)
	case x.Column != "":
		where = p.T("import.where.column", "File", x.File, "Column", x.Column)
	}
	return p.T("import.where.problem", "Where", where, "Problem", What(p, x))
}

// What says what is wrong, without where.
func What(p *i18n.Printer, x Problem) string {
	var args []any
	for k, v := range x.Args {
		if inner, ok := v.(register.Problem); ok { // the rule that a declaration of a history breaks
			v = What(p, Problem{Key: inner.Key, Args: inner.Args})
		}
		args = append(args, k, v)
	}
	for _, prefix := range []string{"import.problem.", "staff.problem."} {
		if p.Has(prefix + x.Key) {
			return p.T(prefix+x.Key, args...)
		}
	}
	return p.T("import.problem.other", "Key", x.Key)
}

// Sentences say what an import did, or would do, to a reader.
func (s Summary) Sentences(p *i18n.Printer) []string {
	switch {
	case s.Older:
		return []string{p.T("import.older", "Revision", s.From)}
	case s.Same:
		return []string{p.T("import.same", "Revision", s.From)}
	}
	var lines []string
	if s.DryRun {
		lines = append(lines, p.T("import.dry_run"))
	}
	if s.History {
		lines = append(lines, p.T("import.replayed", "Count", s.To-s.From, "From", s.From+1, "To", s.To))
	} else {
		lines = append(lines, p.T("import.published", "Count", s.To-s.From, "To", s.To))
	}
	lines = append(lines, p.T("import.declarations", "New", s.New, "Changed", s.Changed, "Unchanged", s.Unchanged))
	for _, x := range []struct {
		key string
		t   Tally
	}{{"participants", s.Participants}, {"groups", s.Groups}, {"topics", s.Topics}, {"words", s.Words}} {
		if x.t != (Tally{}) {
			lines = append(lines, p.T("import."+x.key, "New", x.t.New, "Changed", x.t.Changed))
		}
	}
	return lines
}
