//go:build !linux

package export

// GiveWay lets the goroutine that calls it work when nothing else wants the processor, until it ends. This system has no
// priorities of threads that a program may set for itself: nothing changes.
func GiveWay() {}
