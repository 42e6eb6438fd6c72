package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// onTerminal runs a command whose standard error is a terminal, and returns what that shows.
func onTerminal(t *testing.T, args ...string) (code int, out, shown string) {
	t.Helper()
	keeper, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("this machine has no terminals to open: ", err)
		}
		t.Skip("this machine has no terminals to open: ", err)
	}
	defer keeper.Close()
	fd := int(keeper.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	read := make(chan string, 1)
	go func() {
		var all bytes.Buffer
		b := make([]byte, 4096)
		for {
			n, err := keeper.Read(b)
			all.Write(b[:n])
			if err != nil { // EIO: the other side is closed
				read <- all.String()
				return
			}
		}
	}()
	var o bytes.Buffer
	code = Main(context.Background(), args, &o, tty)
	tty.Close()
	return code, o.String(), <-read
}

// TestProgressOfCopies: long work shows on a terminal how far it is, and leaves nothing of that behind.
func TestProgressOfCopies(t *testing.T) {
	db, folder := seeded(t), t.TempDir()
	backup := filepath.Join(folder, "b.db")
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"verify", "--db", db}, "Checking 100 %"},
		{[]string{"backup", "--db", db, backup}, "Copying and checking 100 %"},
		{[]string{"restore", "--db", filepath.Join(folder, "new.db"), backup}, "Checking and copying 100 %"},
	} {
		code, _, shown := onTerminal(t, c.args...)
		if code != done || !strings.Contains(shown, c.says) || !strings.HasSuffix(shown, "\r\033[K") {
			t.Errorf("%v: %d, shows %q", c.args, code, shown)
		}
		if code == done && c.args[0] == "backup" {
			if _, _, errs := run("backup", "--db", db, filepath.Join(folder, "quiet.db")); errs != "" {
				t.Errorf("without a terminal it shows %q", errs)
			}
		}
	}
}
