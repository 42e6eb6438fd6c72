package export

import (
	"context"
	"fmt"
	"io"

	"cosignatory/store"
	"cosignatory/store/register"
)

func errUnknownParticipant(code, slug string) error {
	return fmt.Errorf("participant %s of %s is not in the reference data: %w", code, slug, store.ErrDamaged)
}

// statuses are the cells of a matrix, by the byte that stands for each.
var statuses = [...]register.Status{"", register.InEffect, register.Left, register.Unsettled, register.NotYet}

// writeMatrix keeps a byte a cell: whole is every declaration instead of ids.
func writeMatrix(ctx context.Context, w io.Writer, o Options, ids []int64, whole bool, codes []string) error {
	all := chosen(ids, "")
	if whole {
		last, err := o.View.LastID(ctx)
		if err != nil {
			return err
		}
		all = spans(last)
	}
	ref := o.View.Ref
	var slugs []string
	var cells [][]byte // by declaration, then by the participant's index
	var folder register.Folder
	mark := func(column []byte, code, slug string, s register.Status) error {
		i := ref.Index(code)
		if i < 0 {
			return errUnknownParticipant(code, slug)
		}
		for n, status := range statuses {
			if status == s {
				column[i] = byte(n)
			}
		}
		return nil
	}
	connection, err := o.View.Connect(ctx)
	if err != nil {
		return err
	}
	defer connection.Close()
	for i := range all.n {
		err := all.read(ctx, connection, i, store.Sources|store.Actions, o.IncludeImplied, func(e *store.Entry) error {
			column := make([]byte, len(ref.Participants))
			lines := folder.Fold(&e.Declaration)
			if o.IncludeImplied {
				for _, m := range register.Implied(lines, ref, o.Day) {
					if err := mark(column, m.Participant, e.Slug, m.State.Status); err != nil {
						return err
					}
				}
			}
			for i := range lines {
				t := &lines[i]
				if t.Participant == "" {
					continue
				}
				// A group may have brought whoever is named only later, or beside the list.
				state := t.On(o.Day)
				if i := ref.Index(t.Participant); i >= 0 && column[i] != 0 && !state.Named() {
					continue
				}
				if err := mark(column, t.Participant, e.Slug, state.Status); err != nil {
					return err
				}
			}
			slugs, cells = append(slugs, e.Slug), append(cells, column)
			return nil
		})
		if err != nil {
			return err
		}
	}
	head := Columns("matrix")
	for _, slug := range slugs {
		head = append(head, MatrixColumn(slug))
	}
	x, err := begin(ctx, w, "matrix", head, o)
	if err != nil {
		return err
	}
	return x.simple(func(p *pen) error {
		for _, q := range x.participants(codes) {
			i := ref.Index(q.Code)
			p.begin()
			p.put(q.Code)
			p.put(q.Name(x.Lang))
			for _, column := range cells {
				p.token(string(statuses[column[i]]))
			}
			if err := p.done(); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
}
