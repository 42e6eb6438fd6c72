package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"cosignatory/store"
)

// A register on a read-only disk can be read, verified and exported; opening it to write says so in one sentence.
func TestReadOnlyDisk(t *testing.T) {
	folder := t.TempDir()
	b, err := os.ReadFile(copied(t))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "register.db")
	if os.Getuid() == 0 {
		// The rights of files do not bind root: a real disk does.
		if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, ""); err != nil {
			t.Skipf("root without the right to mount: %v", err)
		}
		t.Cleanup(func() { syscall.Unmount(folder, 0) })
	}
	if err := os.WriteFile(path, b, 0o400); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		if err := syscall.Mount("", folder, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
			t.Fatal(err)
		}
	} else if err := os.Chmod(folder, 0o500); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	for _, p := range []string{path, filepath.Join(folder, "new.db")} {
		s, err := store.Open(ctx, p)
		if s != nil {
			s.Close()
		}
		if !errors.Is(err, store.ErrReadOnly) || strings.Contains(err.Error(), "\n") {
			t.Errorf("opening %s to write: %v", p, err)
		}
	}
	s, err := store.OpenExisting(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Verify(ctx, nil); err != nil {
		t.Error(err)
	}
	if err := s.Backup(ctx, filepath.Join(t.TempDir(), "copy.db")); err != nil {
		t.Error(err)
	}
}
