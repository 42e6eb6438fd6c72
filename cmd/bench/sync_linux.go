package main

import (
	"os"
	"syscall"
)

// synced puts what was written to a file on the disk, without its times, as SQLite does.
func synced(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }
