// Package web is the register over HTTP: routes in one list, handlers that parse, ask and show, errors, headers and
// caching. It is the only package that knows echo.
package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"cosignatory/store"
	"cosignatory/web/auth"
)

// The limits of what the server accepts. A page needs far less of each.
const (
	MaxQuery     = 8 << 10 // bytes of a query string
	MaxPath      = 1 << 10 // bytes of a path
	MaxBody      = 1 << 20 // bytes of a request's body
	maxHeader    = 1 << 20 // bytes of all headers: a longer query than MaxQuery still gets a page that says so
	readTimeout  = 30 * time.Second
	idleTimeout  = 2 * time.Minute
	writeTimeout = 15 * time.Minute // a slow client may take that long for the largest file
	stopTimeout  = 20 * time.Second // what runs may take that long to finish when the server stops
)

// Config is what a server needs.
type Config struct {
	Store *store.Store
	// BaseURL is where readers find the register, without a slash at the end: https://register.example.org. Citations,
	// canonical links and files carry it.
	BaseURL string
	Log     *slog.Logger
	// Now is the clock that says which day today is; time.Now where nil.
	Now func() time.Time
	// Passwords says what a password costs to hash; the zero value is what production takes.
	Passwords auth.Passwords
	// Spool is the folder for files that are being sent; the system's temporary folder where empty. The server makes a folder
	// of its own in it and removes that in the end.
	Spool string
	// Metrics counts what is asked and published; nil counts nothing.
	Metrics *Metrics
	// Slow is how long a request may take before it is logged as slow; 0 logs none as slow.
	Slow time.Duration
	// Backups are made of the register beside serving it; nil where none are. Serve does not run them: it says how they stand.
	Backups *store.Backups
	// ReadOnly serves a copy: nothing is written, there is no staff. Source, if any, is the register that it is a copy of.
	ReadOnly bool
	Source   *Source
	// SpoolBytes is how much of them may be on disk; 0 for 4 GiB.
	SpoolBytes int64
	// CacheBytes is how much of answers may be kept in memory; 0 for 64 MiB, below 0 for none.
	CacheBytes int64
}

// Server serves one register.
type Server struct {
	Config
	echo    *echo.Echo
	assets  *assets
	place   string        // the beginning of a sum of BaseURL: what ETags say of it
	exports chan struct{} // as many files as are made at once
	briefs  chan struct{} // as many of those that are soon made
	// As many files as are compressed at once: never those that wait to be made.
	compressing chan struct{}
	answers     *answers
	spool       *spool
	choices     choicesCache
	crowd       crowd
	newest      atomic.Pointer[newest]
	press       *press
	// Of staff only: their addresses, their sessions, and what refuses posts from other sites.
	staff    []staffRoute
	sessions *scs.SessionManager
	cross    *http.CrossOriginProtection
	// What the pages of staff have made once for a revision: the lists that forms offer, and what the record lacks.
	staffOffers offers
	staffGaps   gapsCache
	recognisers recogniserCache
	shelf       shelf // of files that were tried and may be imported
	file        fileState
}

// CheckBaseURL says what is wrong with an address under which readers find the register, if anything is.
func CheckBaseURL(base string) error {
	if u, err := url.Parse(base); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return errors.New("the base address must begin with http:// or https:// and name a host, as in https://register.example.org")
	}
	return nil
}

// New makes a server of a configuration.
func New(c Config) (*Server, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Spool == "" {
		c.Spool = os.TempDir()
	}
	c.BaseURL = strings.TrimSuffix(c.BaseURL, "/")
	if err := CheckBaseURL(c.BaseURL); err != nil {
		return nil, err
	}
	a, err := loadAssets()
	if err != nil {
		return nil, err
	}
	base := sha256.Sum256([]byte(c.BaseURL))
	s := &Server{Config: c, echo: echo.New(), assets: a, place: hex.EncodeToString(base[:4]), exports: make(chan struct{}, 2), briefs: make(chan struct{}, 4), compressing: make(chan struct{}, 2),
		answers: newAnswers(c.CacheBytes), spool: newSpool(c.Spool, c.SpoolBytes), press: newPress()}
	e := s.echo
	e.HideBanner, e.HidePort = true, true
	// echo otherwise believes any X-Forwarded-For: only a proxy on the same machine is believed.
	e.IPExtractor = echo.ExtractIPFromXFFHeader(echo.TrustLoopback(true), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false))
	e.HTTPErrorHandler = s.fail
	e.Pre(s.observe, s.headers, s.recovered, s.open, s.orderly, s.sane)
	e.Use(middleware.BodyLimitWithConfig(middleware.BodyLimitConfig{Limit: "1M", Skipper: func(c echo.Context) bool { return staffPath(c.Request().URL.Path) }}))
	s.sessions = newSessions(c.Store, strings.HasPrefix(c.BaseURL, "https://"))
	s.cross = http.NewCrossOriginProtection()
	if err := s.cross.AddTrustedOrigin(origin(c.BaseURL)); err != nil {
		return nil, err
	}
	s.routes()
	c.Store.OnPublish(s.publication)
	if c.Metrics != nil {
		c.Metrics.of.Store(s)
	}
	return s, nil
}

// origin is the scheme and the host of an address.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.quick(w, r) {
		s.echo.ServeHTTP(w, r)
	}
}

// Close removes what the server holds on disk. Serve does it in its end.
func (s *Server) Close() error {
	s.press.close()
	return s.spool.close()
}

// Serve answers requests on a listener until the context ends, then finishes what is running.
func (s *Server) Serve(ctx context.Context, l net.Listener) error { return s.serve(ctx, l, s) }

// serve is Serve with a handler in the server's place.
func (s *Server) serve(ctx context.Context, l net.Listener, handler http.Handler) error {
	door := &doorkeeper{most: mostConnections}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, ErrorLog: quiet(s.Log), ConnState: door.state, ConnContext: withWire,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) }}
	defer s.Close()
	done := make(chan error, 1)
	go func() { done <- server.Serve(wires{l}) }()
	due, end := context.WithCancel(ctx)
	defer end()
	published := make(chan struct{})
	go func() {
		defer close(published)
		if !s.ReadOnly {
			s.publishDue(due)
		}
	}()
	defer func() { end(); <-published }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		return server.Close()
	}
	return nil
}

// observe gives each request an id and logs it when it is answered.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if renewal(c.Request()) {
			return next(c) // nobody has asked for it
		}
		begin := time.Now()
		id := identify(c.Request())
		c.Set(requestID, id)
		s.Metrics.begin()
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		method, uri := c.Request().Method, loggedURI(c.Request().URL) // as they were asked for: what answers may change the address
		if err := next(c); err != nil {
			c.Error(err)
		}
		s.observed(c.Request().Context(), id, c.Path(), method, uri, c.Response().Status, c.Response().Size, time.Since(begin))
		return nil
	}
}

// identify is the id of a request: the one that it came with, or a new one.
func identify(r *http.Request) string {
	if given := r.Header[echo.HeaderXRequestID]; len(given) > 0 && plainID(given[0]) {
		return given[0]
	}
	var b [8]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// observed logs a request that is answered. Query strings are logged, since they hold filters and nothing personal;
// addresses of readers are not.
// pattern is that of the route, by which requests are counted.
func (s *Server) observed(ctx context.Context, id, pattern, method, uri string, status int, size int64, took time.Duration) {
	s.Metrics.answered(pattern, method, status, took)
	level, message := slog.LevelInfo, "request"
	if s.Slow > 0 && took >= s.Slow {
		level, message = slog.LevelWarn, "slow request"
	}
	if status >= 500 {
		level = slog.LevelError
	}
	log := s.Log.Handler()
	if !log.Enabled(ctx, level) {
		return
	}
	if len(uri) > 500 {
		uri = uri[:500] + "…"
	}
	// Past the Logger, which would look up the line of this file each time.
	line := slog.NewRecord(time.Now(), level, message, 0)
	line.AddAttrs(slog.String("id", id), slog.String("method", method), slog.String("uri", uri), slog.Int("status", status),
		slog.Int64("bytes", size), slog.Duration("took", took.Round(time.Microsecond)))
	log.Handle(ctx, line)
}

const requestID = "request_id"

// loggedURI is the address of a request as logs have it, without the token of a one-time address: logs are read by more people
// than that is meant for. It is looked for in the decoded path, as routes are: /staff/%72eset/ is /staff/reset/ too.
func loggedURI(u *url.URL) string {
	if !strings.Contains(u.Path, "staff") {
		return u.RequestURI()
	}
	plain := path.Clean(u.Path) // a slash too many finds no page, but the token behind it is as good
	for _, name := range []string{"set-up", "invitation", "reset"} {
		if before, _, ok := strings.Cut(plain, "/staff/"+name+"/"); ok {
			return (&url.URL{Path: before + "/staff/" + name + "/"}).EscapedPath() + "…"
		}
	}
	return u.RequestURI()
}

// plainID says that a request id given from outside can be logged and sent back as it is.
func plainID(id string) bool {
	if len(id) < 8 || len(id) > 64 {
		return false
	}
	for i := 0; i < len(id); i++ {
		if b := id[i]; (b < '0' || b > '9') && (b < 'a' || b > 'z') && (b < 'A' || b > 'Z') && b != '-' {
			return false
		}
	}
	return true
}

// contentSecurity allows the register's own style and script files and nothing else: no inline code, no other host.
const contentSecurity = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (s *Server) headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", contentSecurity)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		if strings.HasPrefix(s.BaseURL, "https://") {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		return next(c)
	}
}

// recovered turns a panic into an error page and a line in the log. The one panic that means something to net/http, a file
// that broke off, goes through.
func (s *Server) recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if r := recover(); r != nil {
				if r == http.ErrAbortHandler {
					panic(r)
				}
				err = panicked(r)
			}
		}()
		return next(c)
	}
}

// sane refuses what no page is addressed by, before anything is looked up: overlong addresses, bytes that are no UTF-8,
// methods that change things.
func (s *Server) sane(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		switch {
		case s.ReadOnly && staffPath(r.URL.Path):
			return &problem{status: http.StatusForbidden, key: "error.read_only"}
		case len(r.URL.RawQuery) > MaxQuery || len(r.URL.Path) > MaxPath:
			return &problem{status: http.StatusRequestURITooLong, key: "error.too_long"}
		case !validText(r.URL.Path):
			return &problem{status: http.StatusBadRequest, key: "error.encoding"}
		case r.Method == http.MethodPost && staffPath(r.URL.Path):
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			c.Response().Header().Set("Allow", "GET, HEAD")
			return &problem{status: http.StatusMethodNotAllowed, key: "error.method"}
		}
		return next(c)
	}
}
