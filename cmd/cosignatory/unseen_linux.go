package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// askUnseen reads a line from a terminal that shows nothing of it.
func askUnseen(ctx context.Context, in *os.File, out io.Writer, question string) (string, error) {
	fd := int(in.Fd())
	shown, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return line(in) // a device that is no terminal, as /dev/null
	}
	unseen := *shown
	unseen.Lflag &^= unix.ECHO
	unseen.Lflag |= unix.ICANON | unix.ISIG
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, &unseen); err != nil {
		return "", err
	}
	defer func() {
		unix.IoctlSetTermios(fd, unix.TCSETS, shown)
		fmt.Fprintln(out)
	}()
	fmt.Fprint(out, question)
	type answer struct {
		typed string
		err   error
	}
	typed := make(chan answer, 1)
	go func() {
		s, err := line(in)
		typed <- answer{s, err}
	}()
	select {
	case a := <-typed:
		return a.typed, a.err
	case <-ctx.Done(): // interrupted: the terminal shows again what is typed
		return "", errors.New("interrupted: nothing was changed")
	}
}
