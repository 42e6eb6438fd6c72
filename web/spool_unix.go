//go:build unix

package web

import (
	"os"
	"path/filepath"
	"syscall"
)

const lockName = "in-use"

// holdFolder marks a folder as in use until the process ends, however it ends.
func holdFolder(folder string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(folder, lockName), os.O_CREATE|os.O_RDWR, 0o600) // #nosec G304 -- a folder of the spool
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// abandoned says that no living process uses a folder. One without a mark is another's that is only now being made.
func abandoned(folder string) bool {
	f, err := os.OpenFile(filepath.Join(folder, lockName), os.O_RDWR, 0) // #nosec G304 -- a folder of the spool
	if err != nil {
		return false
	}
	defer f.Close()
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}
