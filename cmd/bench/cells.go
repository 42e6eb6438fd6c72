package main

import (
	"bufio"
	"encoding/csv"
	"io"
	"os/exec"
)

// cells reads the CSV that a running program writes.
type cells struct {
	in *csv.Reader
	c  *exec.Cmd
}

func newCells(out io.Reader, c *exec.Cmd) *cells {
	x := &cells{csv.NewReader(bufio.NewReaderSize(out, 1<<20)), c}
	x.in.ReuseRecord = true
	return x
}

func (x *cells) next() ([]string, error) { return x.in.Read() }

// stop waits for the program, which has written all or is not wanted any more.
func (x *cells) stop() {
	x.c.Process.Kill()
	x.c.Wait()
}
