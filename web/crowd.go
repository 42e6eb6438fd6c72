package web

import (
	"net"
	"net/http"
	"net/netip"
	"sync"

	"github.com/labstack/echo/v4"

	"cosignatory/web/auth"
)

// How much is answered at once. A page takes milliseconds, so that more than this at once is a flood, or many slow readers of
// large files; without an end to it, each would wait for all others, and memory would be the end.
const (
	mostAtOnce      = 1024 // requests of all readers
	mostOfOneAtOnce = 128  // requests of one address, see auth.Network: a whole office may stand behind one
	staffAtOnce     = 64   // requests of staff, whatever readers do
	mostConnections = 512  // of one address: a proxy on this machine has as many as it likes
)

// crowd counts what is being answered. Its zero value has the limits above.
type crowd struct {
	most, mostOfOne int // below 1 for those above

	mu           sync.Mutex
	readers, own int // requests of readers, of staff
	of           map[string]int
}

// enter counts a request of an address, which is empty where it is not known whose it is. leave is nil where the request is one
// too many: alone says that it is so for this address, not for all.
func (c *crowd) enter(address string, staff bool) (leave func(), alone bool) {
	most, mostOfOne := mostAtOnce, mostOfOneAtOnce
	if c.most > 0 {
		most = c.most
	}
	if c.mostOfOne > 0 {
		mostOfOne = c.mostOfOne
	}
	all := &c.readers
	if staff {
		// No one address takes all places of staff, by forms of which it never sends the end.
		all, most, mostOfOne = &c.own, staffAtOnce, min(mostOfOne, staffAtOnce/4)
		if address != "" {
			address = "staff " + address
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case address != "" && c.of[address] >= mostOfOne:
		return nil, true
	case *all >= most:
		return nil, false
	}
	*all++
	if address != "" {
		if c.of == nil {
			c.of = map[string]int{}
		}
		c.of[address]++
	}
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		*all--
		if address != "" {
			if c.of[address]--; c.of[address] == 0 {
				delete(c.of, address)
			}
		}
	}, false
}

// orderly refuses what is asked beyond the limits of crowd. What is kept is answered before this, for it costs nothing; so is
// whether the register is well, which has to be known above all while it is not.
func (s *Server) orderly(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		path := c.Request().URL.Path
		if path == "/healthz" || renewal(c.Request()) {
			return next(c)
		}
		address := c.RealIP()
		if ip, err := netip.ParseAddr(address); err != nil || ip.IsLoopback() {
			address = "" // a proxy that does not say for whom it asks, or the operator
		} else {
			address = auth.Network(ip).String()
		}
		leave, alone := s.crowd.enter(address, staffPath(path))
		switch {
		case leave != nil:
			defer leave()
			return next(c)
		case alone:
			return &problem{status: http.StatusTooManyRequests, key: "error.too_many"}
		}
		return &problem{status: http.StatusServiceUnavailable, key: "error.unavailable"}
	}
}

// doorkeeper closes at once what one address connects to beyond most: those who connect and say nothing would take up what the
// system allows the program to have open.
type doorkeeper struct {
	most int

	mu sync.Mutex
	of map[netip.Prefix]int
}

// state is called by net/http whenever a connection begins, ends, or changes otherwise.
func (d *doorkeeper) state(c net.Conn, now http.ConnState) {
	switch now {
	case http.StateActive, http.StateIdle: // twice for each request: nothing is counted
		return
	}
	from, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil || from.Addr().IsLoopback() {
		return
	}
	of := auth.Network(from.Addr())
	d.mu.Lock()
	defer d.mu.Unlock()
	switch now {
	case http.StateNew:
		if d.of == nil {
			d.of = map[netip.Prefix]int{}
		}
		if d.of[of]++; d.of[of] > d.most {
			_ = c.Close() // net/http finds it closed, and says so here
		}
	case http.StateClosed, http.StateHijacked:
		if d.of[of]--; d.of[of] == 0 {
			delete(d.of, of)
		}
	}
}
