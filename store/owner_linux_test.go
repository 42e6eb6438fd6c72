package store_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"cosignatory/store"
)

// TestRestoredByRoot: what root backs up and restores is still the account's whose register it is.
func TestRestoredByRoot(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root gives files away")
	}
	const nobody = 65534
	ctx := context.Background()
	path := copied(t)
	for _, f := range []string{filepath.Dir(path), path} {
		if err := os.Chown(f, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	owner := func(path string) uint32 {
		t.Helper()
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Sys().(*syscall.Stat_t).Uid
	}
	s, err := store.OpenExisting(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(t.TempDir(), "backup.db")
	if err := errors.Join(s.Backup(ctx, backup, nil), s.Close()); err != nil {
		t.Fatal(err)
	}
	if owner(backup) != nobody {
		t.Errorf("the backup belongs to %d", owner(backup))
	}
	if err := store.Restore(ctx, backup, path, nil); err != nil {
		t.Fatal(err)
	}
	if owner(path) != nobody {
		t.Errorf("the restored register belongs to %d", owner(path))
	}
	fresh := filepath.Join(filepath.Dir(path), "fresh.db")
	if err := store.Restore(ctx, backup, fresh, nil); err != nil {
		t.Fatal(err)
	}
	if owner(fresh) != nobody {
		t.Errorf("restored where there was none, it belongs to %d", owner(fresh))
	}
}

// otherAccount is set in the child of TestFileOfAnotherAccount.
const otherAccount = "COSIGNATORY_TEST_OTHER_ACCOUNT"

// TestFileOfAnotherAccount: whoever may not write to a register is told whose it is and what to do.
func TestFileOfAnotherAccount(t *testing.T) {
	if path := os.Getenv(otherAccount); path != "" {
		_, err := store.Open(context.Background(), path)
		if err == nil || !errors.Is(err, store.ErrReadOnly) {
			t.Fatalf("%v", err)
		}
		t.Log("said:", err)
		return
	}
	if os.Getuid() != 0 {
		t.Skip("only root becomes another account")
	}
	// The folders of a test are root's alone.
	folder, err := os.MkdirTemp("", "cosignatory-test-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	b, err := os.ReadFile(copied(t))
	if err != nil {
		t.Fatal(err)
	}
	path, program := filepath.Join(folder, "register.db"), filepath.Join(folder, "program")
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Chmod(folder, 0o755), os.WriteFile(path, b, 0o600), os.WriteFile(program, self, 0o755)); err != nil {
		t.Fatal(err)
	}
	child := exec.Command(program, "-test.run=^TestFileOfAnotherAccount$", "-test.v")
	child.Dir, child.Env = folder, append(os.Environ(), otherAccount+"="+path)
	child.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := child.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "belongs to the account root, and the program runs as nobody") || !strings.Contains(string(out), "chown nobody FILE") {
		t.Errorf("%v: %s", err, out)
	}
}
