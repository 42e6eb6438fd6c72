package main

import (
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"cosignatory/store"
)

// The same options give the same register, down to the newest hash; it passes verification and says that it is made up.
func TestMadeUp(t *testing.T) {
	ctx := context.Background()
	hash := func(random uint64) string {
		file := filepath.Join(t.TempDir(), "m.db")
		if err := fill(ctx, file, 40, 20, random, io.Discard); err != nil {
			t.Fatal(err)
		}
		if err := fill(ctx, file, 40, 20, random, io.Discard); err == nil {
			t.Error("a file that is there is written over")
		}
		s, err := store.OpenExisting(ctx, file)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.Verify(ctx, nil); err != nil {
			t.Error(err)
		}
		v, err := s.At(ctx, 0)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		if err := v.Each(ctx, func(e *store.Entry) error {
			n += len(e.Actions)
			if !strings.HasPrefix(e.Slug, "madeup-") || !strings.HasPrefix(e.TitleIn("en").Text, "Made-up declaration ") ||
				!strings.HasPrefix(e.Sources[0].Title, "Made-up ") {
				t.Errorf("%s does not say that it is made up", e.Slug)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if n != 40*20 {
			t.Errorf("%d actions", n)
		}
		r, err := v.RevisionOf(ctx, v.Revision)
		if err != nil {
			t.Fatal(err)
		}
		return r.Hash
	}
	if a, b, c := hash(1), hash(1), hash(2); a != b || a == c {
		t.Errorf("hashes %s, %s and, of another seed, %s", a, b, c)
	}
}
