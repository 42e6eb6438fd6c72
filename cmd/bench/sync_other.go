//go:build !linux

package main

import "os"

// synced puts what was written to a file on the disk.
func synced(f *os.File) error { return f.Sync() }
