package store

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// room refuses to copy a register to a disk that it would fill. What stands free has to take the copy and leave a tenth of
// it: the register itself may be on that disk, and grow.
func room(from, to string) error {
	var size int64
	for _, path := range []string{from, from + "-wal"} {
		if info, err := os.Stat(path); err == nil {
			size += info.Size()
		}
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(to), &disk); err != nil {
		return nil // whoever writes will be told why that does not go
	}
	free := int64(disk.Bavail) * int64(disk.Bsize)
	if need := size + size/10; free < need {
		return fmt.Errorf("%s: %w (%d MB are free, the copy takes up to %d MB)", to, ErrFull, free>>20, need>>20+1)
	}
	return nil
}
