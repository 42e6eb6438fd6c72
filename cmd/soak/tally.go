package main

import (
	"fmt"
	"os"
	"sync"
	"time"
)

// tally counts what was answered, by kind, and keeps the faults.
type tally struct {
	mu    sync.Mutex
	kinds map[string]*counted
	order []string
	wrong int
	first []string // of the faults
	late  int      // questions that were left out, since as many as may wait already did
}

type counted struct {
	statuses map[int]int
	took     []time.Duration
}

func (t *tally) answered(kind string, status int, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.kinds == nil {
		t.kinds = map[string]*counted{}
	}
	k := t.kinds[kind]
	if k == nil {
		k = &counted{statuses: map[int]int{}}
		t.kinds[kind] = k
		t.order = append(t.order, kind)
	}
	k.statuses[status]++
	k.took = append(k.took, took)
}

// fault keeps what went wrong; the first of them are also said at once.
func (t *tally) fault(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wrong++
	if len(t.first) < 40 {
		line := fmt.Sprintf(format, args...)
		t.first = append(t.first, line)
		fmt.Fprintln(os.Stderr, "fault:", line)
	}
}

func (t *tally) faults() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.wrong
}
