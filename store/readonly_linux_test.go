package store_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"cosignatory/store"
)

// disk is a folder on a disk that can be made read-only, as one is by the system when it fails.
type disk struct {
	t      *testing.T
	folder string
	root   bool // the rights of files do not bind root: a real disk does
}

func newDisk(t *testing.T) *disk {
	t.Helper()
	d := &disk{t, t.TempDir(), os.Getuid() == 0}
	if d.root {
		if err := syscall.Mount("tmpfs", d.folder, "tmpfs", 0, ""); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("root without the right to mount: %v", err)
			}
			t.Skipf("root without the right to mount: %v", err)
		}
		t.Cleanup(func() { syscall.Unmount(d.folder, 0) })
	} else {
		t.Cleanup(func() { os.Chmod(d.folder, 0o700) })
	}
	return d
}

// readOnly makes the disk one that nothing can be written to, or gives it back.
func (d *disk) readOnly(yes bool) {
	d.t.Helper()
	if d.root {
		flags := uintptr(syscall.MS_REMOUNT)
		if yes {
			flags |= syscall.MS_RDONLY
		}
		if err := syscall.Mount("", d.folder, "", flags, ""); err != nil {
			d.t.Fatal(err)
		}
		return
	}
	folder, file := os.FileMode(0o700), os.FileMode(0o600)
	if yes {
		folder, file = 0o500, 0o400
	}
	files, err := os.ReadDir(d.folder)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, f := range files {
		if err := os.Chmod(filepath.Join(d.folder, f.Name()), file); err != nil {
			d.t.Fatal(err)
		}
	}
	if err := os.Chmod(d.folder, folder); err != nil {
		d.t.Fatal(err)
	}
}

// put copies a register onto the disk.
func (d *disk) put(from string) string {
	d.t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		d.t.Fatal(err)
	}
	path := filepath.Join(d.folder, "register.db")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		d.t.Fatal(err)
	}
	return path
}

// A register on a read-only disk can be read, verified and exported; opening it to write says so in one sentence.
func TestReadOnlyDisk(t *testing.T) {
	d := newDisk(t)
	path := d.put(copied(t))
	d.readOnly(true)
	ctx := context.Background()
	for _, p := range []string{path, filepath.Join(d.folder, "new.db")} {
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
	if err := s.Backup(ctx, filepath.Join(t.TempDir(), "copy.db"), nil); err != nil {
		t.Error(err)
	}
}

// TestFaultDiskTurnsReadOnly: a server dies and its disk can only be read from then on, with what was published last still in the
// log beside the file. All that was acknowledged can be read and backed up; opened to write, it says what to do; once the disk
// takes writes again, the register goes on.
func TestFaultDiskTurnsReadOnly(t *testing.T) {
	ctx := context.Background()
	d := newDisk(t)
	path := d.put(copied(t))
	logs := 0
	for range rounds(t) {
		c := publishing(t, path, aSlug)
		c.some(1 + rand.IntN(30))
		c.kill()
		d.readOnly(true)
		if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
			logs++
		}
		if s, err := store.Open(ctx, path); !errors.Is(err, store.ErrReadOnly) {
			t.Fatalf("opened to write: %v, %v", s, err)
		} else {
			sentence(t, err)
		}
		s, err := store.OpenExisting(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		acknowledged(t, s, c)
		saved := filepath.Join(t.TempDir(), "saved.db")
		if err := errors.Join(s.Backup(ctx, saved, nil), s.Close()); err != nil {
			t.Fatal(err)
		}
		// A backup has the rights of the register.
		if err := os.Chmod(saved, 0o600); err != nil {
			t.Fatal(err)
		}
		holds(t, saved, c)
		os.Remove(saved)
		d.readOnly(false)
		holds(t, path, c)
	}
	if logs == 0 {
		t.Error("no server left a log behind: the test does not see what it is for")
	}
}
