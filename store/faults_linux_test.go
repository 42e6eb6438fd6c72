package store_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFaultFullDiskMounted is TestFaultFullDisk with a disk that is full indeed, where the test may mount one.
func TestFaultFullDiskMounted(t *testing.T) {
	if os.Getuid() != 0 {
		t.Log("a small disk can be mounted by root only: TestFaultFullDisk stands for it")
		return
	}
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=4m"); err != nil {
		t.Logf("root without the right to mount: %v; TestFaultFullDisk stands for it", err)
		return
	}
	t.Cleanup(func() { syscall.Unmount(disk, syscall.MNT_DETACH) })
	b, err := os.ReadFile(copied(t))
	if err != nil {
		t.Fatal(err)
	}
	path, filler := filepath.Join(disk, "register.db"), filepath.Join(disk, "filler")
	total := 0
	for range rounds(t) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		var free syscall.Statfs_t
		if err := syscall.Statfs(disk, &free); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filler, make([]byte, int64(free.Bavail)*int64(free.Bsize)-(100<<10)-rand.Int64N(400<<10)), 0o600); err != nil {
			t.Fatal(err)
		}
		c := publishing(t, path, aSlug)
		c.end()
		if !strings.Contains(c.refused, "the disk is full") && !strings.Contains(c.refused, "the disk did not take") {
			t.Fatalf("the child ended with %q", c.refused)
		}
		total += len(c.acknowledged)
		if err := os.Remove(filler); err != nil {
			t.Fatal(err)
		}
		holds(t, path, c)
		c = publishing(t, path, aSlug)
		c.some(1)
		c.kill()
		holds(t, path, c)
		for _, side := range []string{"", "-wal", "-shm"} {
			os.Remove(path + side)
		}
	}
	t.Logf("%d publications before the disk was full", total)
}
