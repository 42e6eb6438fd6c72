//go:build !linux

package main

import (
	"context"
	"fmt"
	"io"
	"os"
)

// askUnseen reads a line from a terminal. This system's cannot be told here to show nothing: it says so first.
func askUnseen(_ context.Context, in *os.File, out io.Writer, question string) (string, error) {
	fmt.Fprintln(out, "What you type will be seen. To avoid that, give the password on standard input.")
	fmt.Fprint(out, question)
	return line(in)
}
