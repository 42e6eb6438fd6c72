package store_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"cosignatory/store"
)

// A copy for readers has the same bytes each time, is no register, and holds what was put in.
func TestCopy(t *testing.T) {
	ctx := context.Background()
	folder := t.TempDir()
	make := func(name string) []byte {
		path := filepath.Join(folder, name)
		c, err := store.NewCopy(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for _, x := range []store.CopyTable{
			{Name: "signatories", Columns: columns("declaration", "declaration_title", "declaration_date", "participant", "participant_name", "capacity", "basis", "status",
				"since", "until", "departure_reason", "disputed", "name_as_printed", "source", "source_url", "as_of"), Key: []string{"declaration", "participant"},
				Foreign: []store.CopyForeign{{Column: "source", Table: "sources", To: "source"}}, Indexes: []string{"participant"}},
			{Name: "sources", Columns: columns("source", "publisher", "title"), Key: []string{"source"}},
			{Name: "declarations", Columns: columns("declaration", "sponsors", "topics")},
			{Name: "participants", Columns: columns("participant", "name")}, {Name: "topics", Columns: columns("topic", "name")},
			{Name: "groups", Columns: columns("group", "name")}, {Name: "group_members", Columns: columns("group", "participant", "from", "to")},
			{Name: "about", Columns: append(columns("name"), store.CopyColumn{Name: "value", Kind: store.CopyInteger})},
		} {
			if err := c.Table(ctx, x); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.Row(ctx, []any{"a \"quoted\" name", int64(5)}); err != nil {
			t.Fatal(err)
		}
		if err := c.Row(ctx, []any{"too short"}); err == nil {
			t.Error("a row of another width is taken")
		}
		if err := c.Row(ctx, []any{nil, "no number"}); err == nil {
			t.Error("a text is taken for a number: the table is not strict")
		}
		if err := c.Finish(ctx, 27); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if !bytes.Equal(make("a"), make("b")) {
		t.Error("the same rows give other bytes")
	}
	if _, err := store.OpenExisting(ctx, filepath.Join(folder, "a")); !errors.Is(err, store.ErrReaders) {
		t.Errorf("a copy is taken for a register: %v", err)
	}
	if _, err := store.NewCopy(ctx, filepath.Join(folder, "none", "c")); !errors.Is(err, store.ErrNoFile) {
		t.Errorf("in a folder that is not there: %v", err)
	}
	if _, err := os.Stat(filepath.Join(folder, "a-journal")); err == nil {
		t.Error("a journal is left behind")
	}
}

func columns(names ...string) (all []store.CopyColumn) {
	for _, n := range names {
		all = append(all, store.CopyColumn{Name: n, Kind: store.CopyText})
	}
	return all
}
