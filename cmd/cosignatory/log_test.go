package main

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"
)

// written is what a log was written to, and how often.
type written struct {
	mu     sync.Mutex
	b      bytes.Buffer
	writes int
	some   chan struct{}
}

func (w *written) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writes++
	select {
	case w.some <- struct{}{}:
	default:
	}
	return w.b.Write(b)
}

func (w *written) lines() (lines []string, writes int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Split(strings.TrimSuffix(w.b.String(), "\n"), "\n"), w.writes
}

// TestLog: lines about requests are written together and soon; any other line at once, with those before it.
func TestLog(t *testing.T) {
	w := &written{some: make(chan struct{}, 1)}
	log, end := serverLog(w)
	for range 3 {
		log.Info("request", "uri", "/en/")
	}
	log.Error("request failed", "error", "it broke")
	if lines, writes := w.lines(); len(lines) != 4 || writes != 1 || !strings.Contains(lines[3], "it broke") {
		t.Errorf("%d writes: %q", writes, lines)
	}
	<-w.some
	log.Info("request", "uri", "/fr/")
	select {
	case <-w.some: // by itself
	case <-time.After(10 * time.Second):
		t.Error("a line waits for ever")
	}
	log.Info("request", "uri", "/es/")
	end()
	if lines, _ := w.lines(); len(lines) != 6 || !strings.Contains(lines[5], "/es/") {
		t.Errorf("%q", lines)
	}
}
