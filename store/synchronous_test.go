package store

import (
	"context"
	"path/filepath"
	"testing"
)

// TestSynchronous: the writer waits for the disk at every commit, which a publication that is acknowledged depends on.
func TestSynchronous(t *testing.T) {
	s, err := Open(context.Background(), filepath.Join(t.TempDir(), "register.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var synchronous int
	var journal string
	if err := s.writer.QueryRow("PRAGMA synchronous").Scan(&synchronous); err != nil {
		t.Fatal(err)
	}
	if err := s.writer.QueryRow("PRAGMA journal_mode").Scan(&journal); err != nil {
		t.Fatal(err)
	}
	if synchronous != 2 || journal != "wal" { // 2 is FULL
		t.Errorf("synchronous is %d, the journal %s", synchronous, journal)
	}
}
