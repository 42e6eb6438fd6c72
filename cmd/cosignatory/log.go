package main

import (
	"bytes"
	"io"
	"log/slog"
	"sync"
	"time"
)

// How long the lines about answered requests may wait, and how many bytes of them.
const (
	logDelay = 200 * time.Millisecond
	logMost  = 32 << 10
)

// serverLog is the log of a running server: JSON, a line each. Lines about answered requests are written together, since one
// write for each costs a tenth of a page from memory; any other line, and so any error, is written at once, with those
// before it. end writes what is left.
func serverLog(w io.Writer) (log *slog.Logger, end func()) {
	g := &gathered{w: w}
	return slog.New(slog.NewJSONHandler(g, nil)), g.flush
}

type gathered struct {
	w     io.Writer
	mu    sync.Mutex
	lines []byte
	due   *time.Timer
	armed bool
}

var aboutRequest = []byte(`"level":"INFO","msg":"request",`)

// Write takes one line.
func (g *gathered) Write(line []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lines = append(g.lines, line...)
	if len(g.lines) >= logMost || !bytes.Contains(line[:min(len(line), 120)], aboutRequest) {
		return len(line), g.write()
	}
	if !g.armed {
		g.armed = true
		if g.due == nil {
			g.due = time.AfterFunc(logDelay, g.flush)
		} else {
			g.due.Reset(logDelay)
		}
	}
	return len(line), nil
}

func (g *gathered) flush() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.armed = false
	g.write()
}

func (g *gathered) write() error {
	if len(g.lines) == 0 {
		return nil
	}
	_, err := g.w.Write(g.lines)
	g.lines = g.lines[:0]
	return err
}
