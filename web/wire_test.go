package web

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestWire: what is kept is the same on the server's own connections, where it goes out at once, as where net/http writes each
// of its headers: its status, each header once, its bytes; one after the other on a connection, and several asked for together.
func TestWire(t *testing.T) {
	address := listening(t)
	plain := newSite(t) // on connections of another listener
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Minute))
	in := bufio.NewReader(c)
	type asked struct{ method, target, headers string }
	read := func(x asked) (status int, h http.Header, body string) {
		t.Helper()
		a, err := http.ReadResponse(in, &http.Request{Method: x.method})
		if err != nil {
			t.Fatalf("%v: %v", x, err)
		}
		b, err := io.ReadAll(a.Body)
		if err != nil {
			t.Fatalf("%v: %v", x, err)
		}
		for name, values := range a.Header {
			if len(values) > 1 {
				t.Errorf("%v: %s is there %d times", x, name, len(values))
			}
		}
		if a.Header.Get("Date") == "" || a.Header.Get("X-Request-Id") == "" || a.Close {
			t.Errorf("%v: %v, closed %v", x, a.Header, a.Close)
		}
		a.Header.Del("Date")
		a.Header.Del("X-Request-Id")
		return a.StatusCode, a.Header, string(b)
	}
	var together strings.Builder
	var all []asked
	var want, requests []string
	for _, target := range []string{"/en/", "/ar/declarations/tech-trafficking-2025", "/en/declarations?topic=education", "/data/groups.csv", "/en/suggest.json?q=kor", "/feeds/changes.atom", "/robots.txt",
		"/en/declarations/tech-trafficking-2025?revision=27", "/en/nothing"} {
		for _, encoding := range []string{identity, "gzip"} {
			for range 2 {
				plain.ask(t, "GET", target, "Accept-Encoding", encoding)
				x := asked{"GET", target, "Accept-Encoding: " + encoding + "\r\n"}
				fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n", target, x.headers)
				read(x)
			}
			tag := plain.ask(t, "GET", target, "Accept-Encoding", encoding).Header.Get("ETag")
			for _, x := range []asked{{"GET", target, "Accept-Encoding: " + encoding + "\r\n"}, {"HEAD", target, "Accept-Encoding: " + encoding + "\r\n"},
				{"GET", target, "Accept-Encoding: " + encoding + "\r\nIf-None-Match: " + cmp.Or(tag, "none") + "\r\n"}, {"GET", target, "Accept-Encoding: " + encoding + "\r\nRange: bytes=0-9\r\n"}} {
				headers := []string{}
				for line := range strings.SplitSeq(strings.TrimSpace(x.headers), "\r\n") {
					name, value, _ := strings.Cut(line, ": ")
					headers = append(headers, name, value)
				}
				w := plain.ask(t, x.method, x.target, headers...)
				w.Header.Del("Date")
				w.Header.Del("X-Request-Id")
				text := fmt.Sprintf("%s %s: %d %v %s", x.method, x.target, w.StatusCode, w.Header, w.body)
				if target == "/en/nothing" { // an error says its number
					text = fmt.Sprint(w.StatusCode)
				}
				request := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\n%s\r\n", x.method, x.target, x.headers)
				together.WriteString(request)
				all, want = append(all, x), append(want, text)
				requests = append(requests, request)
			}
		}
	}
	said := func(x asked) string {
		status, h, body := read(x)
		if x.target == "/en/nothing" {
			return fmt.Sprint(status)
		}
		return fmt.Sprintf("%s %s: %d %v %s", x.method, x.target, status, h, body)
	}
	for i, x := range all {
		io.WriteString(c, requests[i])
		if got := said(x); got != want[i] {
			t.Errorf("%v is\n%.900s\nnot\n%.900s", x, got, want[i])
		}
	}
	go io.WriteString(c, together.String())
	for i, x := range all {
		if got := said(x); got != want[i] {
			t.Errorf("asked for with others %v is\n%.900s\nnot\n%.900s", x, got, want[i])
		}
	}
	// Whoever asks for the end of the connection is told so; an older client expects it.
	for _, request := range []string{"GET /en/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET /en/ HTTP/1.0\r\n\r\n"} {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		c.SetDeadline(time.Now().Add(time.Minute))
		io.WriteString(c, request)
		b, err := io.ReadAll(c)
		c.Close()
		head, body, _ := strings.Cut(string(b), "\r\n\r\n")
		if err != nil || !strings.HasPrefix(head, "HTTP/1.") || strings.Contains(request, "close") && !strings.Contains(head, "\r\nConnection: close") || !strings.Contains(head, "\r\nContent-Security-Policy: ") || !strings.HasSuffix(strings.TrimSpace(body), "</html>") {
			t.Errorf("%q answers %.900s, %v", request, head, err)
		}
	}
}
