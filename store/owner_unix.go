//go:build unix

package store

import (
	"fmt"
	"os"
	"syscall"
)

// giveTo gives a file the owner and group of another one or of a folder, as far as this account may: what root restores is the
// account's whose register it is, which could not open it otherwise.
func giveTo(path string, like os.FileInfo) error {
	of, ok := like.Sys().(*syscall.Stat_t)
	if !ok || os.Getuid() != 0 {
		return nil
	}
	if err := os.Chown(path, int(of.Uid), int(of.Gid)); err != nil {
		return fmt.Errorf("%s cannot be given to the owner of the register: %w", path, err)
	}
	return nil
}

// ownerOf is the number of the account that owns a file or folder.
func ownerOf(info os.FileInfo) (account int, ok bool) {
	of, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int(of.Uid), true
}
