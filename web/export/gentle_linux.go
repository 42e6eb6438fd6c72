package export

import (
	"runtime"
	"syscall"
)

// gentleNice is how far behind others a gentle thread stands, of 19.
const gentleNice = 5

// GiveWay lets the goroutine that calls it work when nothing else wants the processor, until it ends: a server makes files so
// that pages do not wait for them. Its thread ends with it. Where the system does not allow it, nothing changes.
func GiveWay() {
	runtime.LockOSThread() // and never unlocked: no other goroutine comes upon a thread that stands behind
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), gentleNice)
}
