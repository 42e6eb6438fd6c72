package web

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
)

// wire is a connection on which an answer from memory goes out at once. net/http writes an answer in pieces, the first of 4 KiB
// with its headers, and puts those in order anew each time: together a third of what such an answer costs. Between hold and
// release the first piece waits for the second, and lines of headers that are always the same are put into it as they are. All
// else of the connection, files that the system sends by itself among it, is as it was.
//
// net/http writes to a connection from one goroutine, that of the handler, so nothing here is locked.
type wire struct {
	*net.TCPConn
	lines  []byte  // of headers, for the next head; not nil from hold to that
	held   *[]byte // nil, or what waits
	pieces [2][]byte
	both   net.Buffers
}

type wireKey struct{}

// wires makes wires of the connections that a listener accepts.
type wires struct{ net.Listener }

// Accept waits for the next connection.
func (l wires) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if t, ok := c.(*net.TCPConn); ok && err == nil {
		return &wire{TCPConn: t}, nil
	}
	return c, err
}

// withWire lets handlers find the connection that they answer on. It is net/http's ConnContext.
func withWire(ctx context.Context, c net.Conn) context.Context {
	if x, ok := c.(*wire); ok {
		return context.WithValue(ctx, wireKey{}, x)
	}
	return ctx
}

// wireOf is the wire on which a request is answered, nil where it is another connection.
func wireOf(r *http.Request) *wire {
	x, _ := r.Context().Value(wireKey{}).(*wire)
	return x
}

// pieces of 4 KiB, which is net/http's buffer, with what is put into them.
var heldBuffers = sync.Pool{New: func() any { b := make([]byte, 0, 6<<10); return &b }}

// hold lets the answer that is written next wait until there is more of it, with more lines of headers in its head.
func (c *wire) hold(lines []byte) { c.lines = lines }

// release sends what waits. It comes after all of an answer was written. Where it fails the connection ends, since net/http takes
// what waited for sent.
func (c *wire) release() {
	c.lines = nil
	if c.held != nil {
		if _, err := c.TCPConn.Write(*c.held); err != nil {
			c.Close()
		}
		c.let()
	}
}

func (c *wire) let() {
	*c.held = (*c.held)[:0]
	heldBuffers.Put(c.held)
	c.held = nil
}

// Write sends bytes, or holds them.
func (c *wire) Write(b []byte) (int, error) {
	switch {
	case c.lines != nil:
		// The first piece of an answer: its status line, and the headers.
		end := bytes.IndexByte(b, '\n') + 1
		c.held = heldBuffers.Get().(*[]byte)
		*c.held = append(append(append(*c.held, b[:end]...), c.lines...), b[end:]...)
		c.lines = nil
		return len(b), nil
	case c.held != nil:
		c.pieces = [2][]byte{*c.held, b}
		c.both = c.pieces[:]
		_, err := c.both.WriteTo(c.TCPConn)
		c.pieces, c.both = [2][]byte{}, nil
		c.let()
		if err != nil {
			return 0, err
		}
		return len(b), nil
	}
	return c.TCPConn.Write(b)
}

// ReadFrom sends what a reader has; a file is sent by the system.
func (c *wire) ReadFrom(r io.Reader) (int64, error) {
	c.release()
	return c.TCPConn.ReadFrom(r)
}
