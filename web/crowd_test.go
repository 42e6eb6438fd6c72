package web

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestCrowd: one address that asks for more at once than its share is told so, in its reader's language, while others are answered;
// what asks more than all may is told that the register is busy, while staff, what is kept and /healthz are still answered. When
// the crowd has gone all is as before.
func TestCrowd(t *testing.T) {
	s := newSite(t)
	server := s.server()
	server.crowd.most, server.crowd.mostOfOne = 5, 3
	const one, two, three = "203.0.113.1", "203.0.113.2", "2001:db8::3"
	from := func(address, target string) *answer { return s.ask(t, "GET", target, "X-Forwarded-For", address) }
	s.page(t, "/en/declarations") // is kept
	inside := func(n int) func() bool {
		return func() bool {
			server.crowd.mu.Lock()
			defer server.crowd.mu.Unlock()
			return server.crowd.readers == n
		}
	}
	until(t, "an empty hall", inside(0))
	for range cap(server.exports) { // files wait for a place to be made in
		server.exports <- struct{}{}
	}
	var waiting sync.WaitGroup
	held := func(address string, n int) {
		for i := range n {
			waiting.Go(func() {
				if a := from(address, fmt.Sprintf("/fr/declarations.csv?as_of=2020-01-%02d", i+1)); a.StatusCode != 200 || !strings.HasPrefix(a.body, "declaration,") {
					t.Errorf("who waited gets %d: %.40q", a.StatusCode, a.body)
				}
			})
		}
	}
	held(one, 3)
	until(t, "three who wait", inside(3))
	a := from(one, "/fr/participants")
	if a.StatusCode != 429 || a.Header.Get("Retry-After") != "5" || a.Header.Get("Cache-Control") != noStore || a.Header.Get("Content-Security-Policy") != contentSecurity {
		t.Errorf("one more of an address: %d, %v", a.StatusCode, a.Header)
	}
	if !strings.Contains(a.text, "Trop de demandes") && !strings.Contains(a.text, "Trop de requêtes") {
		t.Errorf("in French it says %.300s", a.text)
	}
	a = from(one, "/api/v1/declarations?limit=1")
	var told struct{ Type string }
	if err := json.Unmarshal([]byte(a.body), &told); a.StatusCode != 429 || err != nil || !strings.HasSuffix(told.Type, "#too-many-requests") {
		t.Errorf("a program is told %d: %.200s", a.StatusCode, a.body)
	}
	for target, address := range map[string]string{"/fr/participants": two, "/healthz": one, "/en/declarations": one, "/en/participants": ""} {
		if a := from(address, target); a.StatusCode != 200 {
			t.Errorf("%s from %q answers %d", target, address, a.StatusCode)
		}
	}
	until(t, "three who wait", inside(3))
	held(two, 2)
	until(t, "five who wait", inside(5))
	a = from(three, "/ar/groups")
	if a.StatusCode != 503 || a.Header.Get("Retry-After") != "5" || a.Header.Get("Cache-Control") != noStore || a.Header.Get("Content-Language") != "ar" {
		t.Errorf("one more of all: %d, %v", a.StatusCode, a.Header)
	}
	for _, target := range []string{"/en/staff/sign-in", "/healthz", "/en/declarations"} {
		if a := from(three, target); a.StatusCode != 200 {
			t.Errorf("while all places are taken %s answers %d", target, a.StatusCode)
		}
	}
	for range cap(server.exports) {
		<-server.exports
	}
	waiting.Wait()
	until(t, "an empty hall", inside(0))
	if len(server.crowd.of) != 0 {
		t.Errorf("still counted: %v", server.crowd.of)
	}
	if a := from(one, "/fr/groups"); a.StatusCode != 200 {
		t.Errorf("afterwards one is answered %d", a.StatusCode)
	}
	// All addresses of one network of version 6 are one.
	server.crowd.of = map[string]int{"2001:db8::/64": 3}
	if a := from("2001:db8::ffff", "/fr/groups?as_of=2020-01-01"); a.StatusCode != 429 {
		t.Errorf("a neighbour of version 6 is answered %d", a.StatusCode)
	}
	if a := from("2001:db8:0:1::1", "/fr/groups?as_of=2020-01-01"); a.StatusCode != 200 {
		t.Errorf("another network is answered %d", a.StatusCode)
	}
	server.crowd.of = nil
}

// TestCrowdOfForms: who sends forms to staff's addresses without ever ending one does not keep staff out.
func TestCrowdOfForms(t *testing.T) {
	s := newSite(t)
	server := s.server()
	address := strings.TrimPrefix(s.URL, "http://")
	for range staffAtOnce / 4 {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		io.WriteString(c, "POST /en/staff/sign-in HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 20\r\n\r\nlogin=a")
	}
	until(t, "all forms begun", func() bool {
		server.crowd.mu.Lock()
		defer server.crowd.mu.Unlock()
		return server.crowd.own == staffAtOnce/4
	})
	if a := s.ask(t, "GET", "/en/staff/sign-in", "X-Forwarded-For", "203.0.113.1"); a.StatusCode != 429 {
		t.Errorf("the same address is answered %d", a.StatusCode)
	}
	for target, from := range map[string]string{"/en/staff/sign-in": "203.0.113.2", "/en/groups": "203.0.113.1"} {
		if a := s.ask(t, "GET", target, "X-Forwarded-For", from); a.StatusCode != 200 {
			t.Errorf("%s from %s answers %d", target, from, a.StatusCode)
		}
	}
}

// fromAfar is a listener whose connections come from other machines, as far as their address tells, from one after the other: this
// one's own are let in without end.
type fromAfar struct {
	net.Listener
	addresses []string
	n         int
}

func (l *fromAfar) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.n++
	return farConn{c, net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(l.addresses[l.n%len(l.addresses)]), 4711))}, nil
}

type farConn struct {
	net.Conn
	from net.Addr
}

func (c farConn) RemoteAddr() net.Addr { return c.from }

// TestDoorkeeper: one address, or one network of version 6, has only so many connections; those beyond are closed, and there is
// room again when one ends.
func TestDoorkeeper(t *testing.T) {
	for name, addresses := range map[string][]string{
		"one address":              {"203.0.113.7"},
		"one address in two forms": {"203.0.113.7", "::ffff:203.0.113.7"},
		"one network":              {"2001:db8:0:7::1", "2001:db8:0:7:ffff::2", "2001:db8:0:7::3%eth0"},
	} {
		t.Run(name, func(t *testing.T) { testDoorkeeper(t, addresses) })
	}
}

func testDoorkeeper(t *testing.T, addresses []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &doorkeeper{most: 2}
	server := &http.Server{ConnState: d.state, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "in") }), ReadHeaderTimeout: time.Minute}
	go server.Serve(&fromAfar{Listener: l, addresses: addresses})
	defer server.Close()
	enter := func() (net.Conn, bool) {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			return nil, false
		}
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		c.SetReadDeadline(time.Now().Add(time.Minute))
		r, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			c.Close()
			return nil, false
		}
		return c, r.StatusCode == 200
	}
	first, ok1 := enter()
	second, ok2 := enter()
	if !ok1 || !ok2 {
		t.Fatal("not even the first two came in")
	}
	defer second.Close()
	if c, ok := enter(); ok {
		c.Close()
		t.Error("a third came in")
	}
	first.Close()
	until(t, "room again", func() bool {
		c, ok := enter()
		if ok {
			c.Close()
		}
		return ok
	})
}
