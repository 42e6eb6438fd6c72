package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The load generator: connections that are kept open, one request after the other on each, with as little work as possible,
// since it shares the machine with what it measures. It knows the part of HTTP/1.1 that servers under measurement speak.

// question is one request as it is sent.
type question struct {
	path    string
	headers []string // name, value, name, value …
	status  int      // the only one that counts
}

func (q question) bytes(host string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "GET %s HTTP/1.1\r\nHost: %s\r\n", q.path, host)
	for i := 0; i+1 < len(q.headers); i += 2 {
		fmt.Fprintf(&b, "%s: %s\r\n", q.headers[i], q.headers[i+1])
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

// connection is one client.
type connection struct {
	net.Conn
	in *bufio.Reader
}

func dial(ctx context.Context, host string) (*connection, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, err
	}
	return &connection{c, bufio.NewReaderSize(c, 64<<10)}, nil
}

// reply is what a server said.
type reply struct {
	status int
	etag   string
	bytes  int64 // of the body
}

// ask sends a request and reads the whole answer into w, which may be nil.
func (c *connection) ask(request []byte, w io.Writer) (a reply, err error) {
	if _, err := c.Write(request); err != nil {
		return a, err
	}
	length, chunked := int64(-1), false
	for first := true; ; first = false {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return a, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if first {
			if len(line) < 12 {
				return a, fmt.Errorf("no status line: %q", line)
			}
			if a.status, err = strconv.Atoi(string(line[9:12])); err != nil {
				return a, err
			}
			continue
		}
		if len(line) == 0 {
			break
		}
		switch name, value, _ := bytes.Cut(line, []byte(":")); {
		case len(name) == 14 && bytes.EqualFold(name, []byte("content-length")):
			if length, err = strconv.ParseInt(string(bytes.TrimSpace(value)), 10, 64); err != nil {
				return a, err
			}
		case len(name) == 17 && bytes.EqualFold(name, []byte("transfer-encoding")):
			chunked = true
		case len(name) == 4 && w != nil && bytes.EqualFold(name, []byte("etag")):
			a.etag = string(bytes.TrimSpace(value))
		}
	}
	switch {
	case a.status == 304 || a.status == 204:
		return a, nil
	case chunked:
		a.bytes, err = c.chunks(w)
		return a, err
	case length < 0:
		return a, errors.New("an answer without a length")
	case w == nil:
		n, err := c.in.Discard(int(length))
		a.bytes = int64(n)
		return a, err
	}
	a.bytes, err = io.CopyN(w, c.in, length)
	return a, err
}

// chunks reads a body that comes in pieces.
func (c *connection) chunks(w io.Writer) (n int64, err error) {
	if w == nil {
		w = io.Discard
	}
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			return n, err
		}
		size, err := strconv.ParseInt(strings.TrimSpace(line), 16, 64)
		if err != nil {
			return n, err
		}
		if size > 0 {
			m, err := io.CopyN(w, c.in, size)
			if n += m; err != nil {
				return n, err
			}
		}
		if _, err := c.in.Discard(2); err != nil {
			return n, err
		}
		if size == 0 {
			return n, nil
		}
	}
}

// measured is what a load found.
type measured struct {
	rate     float64         // answers a second
	p50, p99 time.Duration   // of an answer
	all      []time.Duration // sorted
	bytes    int64           // of the last body
}

// load asks questions on so many connections for a time; next gives the nth, whose path says all that differs.
func load(ctx context.Context, host string, connections int, took time.Duration, next func(i int) question) (measured, error) {
	begin := time.Now()
	return asking(ctx, host, connections, next, func(int, int) (from time.Time, more bool) { return from, time.Since(begin) < took })
}

// steady is load at a pace of its own, each connection asking once in a while, whatever the server does. What an answer took
// counts from when its question was due: readers who have to wait behind others wait too.
func steady(ctx context.Context, host string, connections int, took, pause time.Duration, next func(i int) question) (measured, error) {
	begin := time.Now()
	return asking(ctx, host, connections, next, func(connection, nth int) (time.Time, bool) {
		due := begin.Add(pause*time.Duration(connection)/time.Duration(connections) + pause*time.Duration(nth))
		if due.Sub(begin) >= took {
			return due, false
		}
		time.Sleep(time.Until(due))
		return due, true
	})
}

// asking asks on so many connections at once. turn comes back when a connection's nth question is to be asked, with the time from
// which its answer counts, zero for that of asking it; or without more, when the connection has asked enough.
func asking(ctx context.Context, host string, connections int, next func(i int) question, turn func(connection, nth int) (from time.Time, more bool)) (m measured, err error) {
	type result struct {
		all   []time.Duration
		bytes int64
		err   error
	}
	results := make([]result, connections)
	var running sync.WaitGroup
	var asked atomic.Int64
	begin := time.Now()
	for i := range results {
		running.Go(func() {
			r := &results[i]
			var c *connection
			if c, r.err = dial(ctx, host); r.err != nil {
				return
			}
			defer c.Close()
			var path string
			var request []byte
			for nth := 0; ; nth++ {
				from, more := turn(i, nth)
				if !more {
					return
				}
				q := next(int(asked.Add(1)))
				if q.path != path {
					path, request = q.path, q.bytes(host)
				}
				if from.IsZero() {
					from = time.Now()
				}
				a, err := c.ask(request, nil)
				if err == nil && a.status != q.status {
					err = fmt.Errorf("%s answers %d, not %d", q.path, a.status, q.status)
				}
				if err != nil {
					r.err = err
					return
				}
				r.all, r.bytes = append(r.all, time.Since(from)), a.bytes
			}
		})
	}
	running.Wait()
	elapsed := time.Since(begin).Seconds()
	for _, r := range results {
		if r.err != nil {
			return m, r.err
		}
		m.all = append(m.all, r.all...)
		m.bytes = max(m.bytes, r.bytes)
	}
	if len(m.all) == 0 {
		return m, errors.New("no answer in the time given")
	}
	slices.Sort(m.all)
	m.rate = float64(len(m.all)) / elapsed
	m.p50, m.p99 = percentile(m.all, 50), percentile(m.all, 99)
	return m, nil
}

// percentile is of sorted times.
func percentile(all []time.Duration, p int) time.Duration {
	return all[min(len(all)-1, len(all)*p/100)]
}
