package export

import (
	"context"
	"io"
	"slices"

	"cosignatory/store"
	"cosignatory/store/register"
)

// The files of the questions that analysts ask. They are answers to an address, no tables of the register: no package holds
// them. Comparisons have one more column for each of those compared, named by its slug or code: a mark.
var questions = map[string][]Column{
	"compared_participants": define("questions", "participant code, participant_name text, regional_group choice, part choice, on_count number, as_of day, revision number"),
	"compared_declarations": define("questions", "declaration code, declaration_title text, declaration_date date, part choice, on_count number, as_of day, revision number"),
	"overlaps": define("questions", "first code, first_name text, second code, second_name text, first_count number, second_count number, common_count number, "+
		"first_only_count number, second_only_count number, jaccard decimal, as_of day, revision number"),
	"together": define("questions", "participant code, participant_name text, other code, other_name text, other_regional_group choice, common_count number, "+
		"participant_count number, other_count number, unsettled_count number, base_count number, share decimal, lift decimal, as_of day, revision number"),
	"pairs": define("questions", "participant code, participant_name text, other code, other_name text, common_count number, participant_count number, "+
		"other_count number, base_count number, jaccard decimal, lift decimal, as_of day, revision number"),
	"led": define("questions", "participant code, participant_name text, other code, other_name text, other_regional_group choice, led_count number, "+
		"common_count number, unsettled_count number, share decimal, as_of day, revision number"),
	"signing": define("questions", "group code, declaration code, declaration_title text, declaration_date date, member_count number, on_count number, "+
		"unsettled_count number, implied_count number, share decimal, as_of day, revision number, group_name text, declaration_date_precision choice"),
	"growth": define("questions", "declaration code, date day, change choice, participant code, participant_name text, counted_from choice, in_effect_count number, "+
		"unsettled_count number, as_of day, revision number"),
	"missing": define("questions", "declaration code, declaration_title text, declaration_date date, group code, group_name text, participant code, participant_name text, "+
		"formal_name text, formal_name_language choice, participant_kind choice, iso3 code, m49 code, user_assigned_code code, regional_group choice, mark choice, "+
		"as_of day, revision number, declaration_date_precision choice"),
	"without": define("questions", "participant code, participant_name text, group code, declaration code, declaration_title text, declaration_date date, "+
		"member_count number, members_on_count number, mark choice, as_of day, revision number, group_name text, declaration_date_precision choice"),
	"releases":      define("questions", "release code, revision number, released_at time, bytes number, sha256 code, revision_hash code, register_address address"),
	"release_files": define("questions", "release code, revision number, file code, row_count number, bytes number, sha256 code, file_address address"),
}

// atEnd are columns that came after those of the compared.
var atEnd = map[string][]Column{"compared_declarations": define("questions", "declaration_date_precision choice")}

// QuestionNames are the files of questions in the order of the data page.
func QuestionNames() []string {
	return []string{"compared_declarations", "compared_participants", "overlaps", "together", "pairs", "led", "signing", "growth", "missing", "without", "releases", "release_files"}
}

// QuestionColumns are the columns of a file of questions, nil for a name that is none: compared_participants,
// compared_declarations, overlaps, together, pairs, led, signing, growth, missing, without, and of releases: releases, release_files.
// Those at the end of comparisons come after those of the compared.
func QuestionColumns(name string) []Column { return slices.Concat(questions[name], atEnd[name]) }

// answer writes a file of questions: rows calls f between begin and done.
func answer(ctx context.Context, w io.Writer, name string, o Options, more []string, rows func(x *file, p *pen) error) error {
	head := slices.Clone(questions[name])
	for _, m := range more {
		head = append(head, Column{m, "choice", "dictionary.mark", choices["mark"]})
	}
	head = append(head, atEnd[name]...)
	x, err := begin(ctx, w, name, head, o)
	if err != nil {
		return err
	}
	return x.simple(func(p *pen) error {
		if err := rows(x, p); err != nil {
			return err
		}
		return ctx.Err()
	})
}

// WriteCompared writes the rows of a comparison: participants on the declarations keys, or declarations by the participants
// keys.
func WriteCompared(ctx context.Context, w io.Writer, o Options, x *store.Index, keys []string, c *store.Compared, participants bool) error {
	name := "compared_participants"
	if participants {
		name = "compared_declarations"
	}
	return answer(ctx, w, name, o, keys, func(f *file, p *pen) error {
		for i := range c.Rows {
			r := &c.Rows[i]
			p.begin()
			if r.Row != nil {
				p.put(r.Row.Slug)
				p.put(x.Title(r.Row.Slug, f.Lang))
				p.date(r.Row.Date)
			} else {
				p.put(r.Code)
				p.put(f.View.Ref.Name(r.Code, f.Lang))
				p.put(f.regionalGroup(r.Code))
			}
			on := 0
			for _, m := range r.Marks {
				if m == register.MarkOn {
					on++
				}
			}
			p.token(r.Part.String())
			p.number(int64(on))
			f.clocks(&p.row)
			for _, m := range r.Marks {
				p.token(m.String())
			}
			if r.Row != nil {
				p.precision(r.Row.Date)
			}
			if err := p.done(); err != nil {
				return err
			}
		}
		return nil
	})
}

// regionalGroup is the UN regional group of a participant, empty for none.
func (x *file) regionalGroup(code string) string {
	if q := x.View.Ref.Participant(code); q != nil {
		return q.RegionalGroup
	}
	return ""
}

// WriteOverlaps writes what each two of a comparison share.
func WriteOverlaps(ctx context.Context, w io.Writer, o Options, x *store.Index, keys []string, c *store.Compared, participants bool) error {
	return answer(ctx, w, "overlaps", o, nil, func(f *file, p *pen) error {
		name := func(key string) string {
			if participants {
				return f.View.Ref.Name(key, f.Lang)
			}
			return x.Title(key, f.Lang)
		}
		for _, l := range c.Overlaps {
			p.begin()
			for _, k := range []int{l.A, l.B} {
				p.put(keys[k])
				p.put(name(keys[k]))
			}
			for _, n := range []int{l.Overlap.A, l.Overlap.B, l.Both, l.OnlyA(), l.OnlyB()} {
				p.number(int64(n))
			}
			p.decimal(l.Jaccard())
			f.clocks(&p.row)
			if err := p.done(); err != nil {
				return err
			}
		}
		return nil
	})
}

// WriteTogether writes with whom a participant stands on lists, in the order given.
func WriteTogether(ctx context.Context, w io.Writer, o Options, code string, all []store.Companion, base store.Base) error {
	return answer(ctx, w, "together", o, nil, func(f *file, p *pen) error {
		for _, c := range all {
			f.companion(p, code, c.Code)
			for _, n := range []int{c.Both, base.Own, c.B, c.Unsettled, base.Declarations} {
				p.number(int64(n))
			}
			p.decimal(c.Share)
			p.decimal(c.Lift)
			f.clocks(&p.row)
			if err := p.done(); err != nil {
				return err
			}
		}
		return nil
	})
}

// WriteLed writes whom a participant brings to the lists of what it leads, in the order given.
func WriteLed(ctx context.Context, w io.Writer, o Options, code string, all []store.Companion, base store.Base) error {
	return answer(ctx, w, "led", o, nil, func(f *file, p *pen) error {
		for _, c := range all {
			f.companion(p, code, c.Code)
			for _, n := range []int{base.Own, c.Both, c.Unsettled} {
				p.number(int64(n))
			}
			p.decimal(c.Share)
			f.clocks(&p.row)
			if err := p.done(); err != nil {
				return err
			}
		}
		return nil
	})
}

func (x *file) companion(p *pen, code, other string) {
	p.begin()
	p.put(code)
	p.put(x.View.Ref.Name(code, x.Lang))
	p.put(other)
	p.put(x.View.Ref.Name(other, x.Lang))
	p.put(x.regionalGroup(other))
}

// WritePairs writes every two participants that stand on a list together, the first code before the second.
func WritePairs(ctx context.Context, w io.Writer, o Options, x *store.Index) error {
	return answer(ctx, w, "pairs", o, nil, func(f *file, p *pen) error {
		base := int64(x.Base())
		_, err := x.Pairs(func(a, b string, l register.Overlap) error {
			p.begin()
			p.put(a)
			p.put(f.View.Ref.Name(a, f.Lang))
			p.put(b)
			p.put(f.View.Ref.Name(b, f.Lang))
			p.number(int64(l.Both))
			p.number(int64(l.A))
			p.number(int64(l.B))
			p.number(base)
			p.decimal(l.Jaccard())
			p.decimal(l.Lift(int(base)))
			f.clocks(&p.row)
			return p.done()
		})
		return err
	})
}

// WriteSigning writes how a group signs: a row for each declaration on which a member stands or may stand.
func WriteSigning(ctx context.Context, w io.Writer, o Options, x *store.Index, group string, s *store.Signing) error {
	return answer(ctx, w, "signing", o, nil, func(f *file, p *pen) error {
		for _, r := range s.Rows {
			p.begin()
			p.put(group)
			p.put(r.Slug)
			p.put(x.Title(r.Slug, f.Lang))
			p.date(r.Date)
			for _, n := range []int{r.Of, r.On, r.Unsettled, r.Implied} {
				p.number(int64(n))
			}
			p.decimal(r.Part())
			f.clocks(&p.row)
			p.put(f.View.Ref.GroupName(group, f.Lang))
			p.precision(r.Date)
			if err := p.done(); err != nil {
				return err
			}
		}
		return nil
	})
}

// countedFrom are the words for what the date of a joining or a departure rests on.
var countedFrom = [...]string{register.Recorded: "recorded", register.FromDeclaration: "declaration_date", register.FromSource: "source_date", register.Nowhere: "nowhere"}

// WriteGrowth writes how the list of a declaration grew: a row for each participant and day on which it is settled to have
// joined or left, or begins to be unsettled. The numbers are those at the end of the day.
func WriteGrowth(ctx context.Context, w io.Writer, o Options, slug string, steps []register.Step, undated []register.Undated) error {
	return answer(ctx, w, "growth", o, nil, func(f *file, p *pen) error {
		rests := map[string]register.Assumption{}
		type departure struct {
			code string
			on   register.Day
		}
		left := map[departure]register.Assumption{} // recorded where it is none of these
		leaving := map[departure]register.Assumption{}
		for _, u := range undated {
			if u.Left != 0 {
				left[departure{u.Participant, u.Left}], leaving[departure{u.Participant, u.On}] = u.Rests, u.Rests
			} else {
				rests[u.Participant] = u.Rests
			}
		}
		for _, s := range steps {
			for _, part := range []struct {
				change string
				codes  []string
			}{{"joined", s.Joined}, {"left", s.Left}, {"unsettled", s.Opened}} {
				for _, code := range part.codes {
					from := ""
					if part.change == "left" {
						delete(rests, code) // whoever comes back later comes back on a date of its own
						from = countedFrom[left[departure{code, s.Day}]]
					} else if on, is := leaving[departure{code, s.Day}]; is && part.change == "unsettled" {
						from = countedFrom[on] // it is the departure that is open
					} else {
						from = countedFrom[rests[code]]
					}
					p.begin()
					p.put(slug)
					p.date(s.Day.Date())
					p.token(part.change)
					p.put(code)
					p.put(f.View.Ref.Name(code, f.Lang))
					p.token(from)
					p.number(int64(s.InEffect))
					p.number(int64(s.Unsettled))
					f.clocks(&p.row)
					if err := p.done(); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
}
