// Package web is the register over HTTP: routes in one list, handlers that parse, ask and show, errors, headers and
// caching. It is the only package that knows echo.
package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
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
	// Spool is the folder for files that are being sent; the system's temporary folder where empty.
	Spool string
}

// Server serves one register.
type Server struct {
	Config
	echo    *echo.Echo
	assets  *assets
	exports chan struct{} // as many files as are made at once
	choices choicesCache
	// Of staff only: their addresses, their sessions, and what refuses posts from other sites.
	staff    []staffRoute
	sessions *scs.SessionManager
	cross    *http.CrossOriginProtection
	// What the pages of staff have made once for a revision: the lists that forms offer, and what the record lacks.
	staffOffers offers
	staffGaps   gapsCache
	recognisers recogniserCache
	shelf       shelf // of files that were tried and may be imported
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
	if u, err := url.Parse(c.BaseURL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("the base address must begin with http:// or https:// and name a host, as in https://register.example.org")
	}
	a, err := loadAssets()
	if err != nil {
		return nil, err
	}
	s := &Server{Config: c, echo: echo.New(), assets: a, exports: make(chan struct{}, 2)}
	e := s.echo
	e.HideBanner, e.HidePort = true, true
	// echo otherwise believes any X-Forwarded-For: only a proxy on the same machine is believed.
	e.IPExtractor = echo.ExtractIPFromXFFHeader(echo.TrustLoopback(true), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false))
	e.HTTPErrorHandler = s.fail
	e.Pre(s.observe, s.headers, s.recovered, s.open, s.sane)
	e.Use(middleware.BodyLimitWithConfig(middleware.BodyLimitConfig{Limit: "1M", Skipper: func(c echo.Context) bool { return staffPath(c.Request().URL.Path) }}))
	s.sessions = newSessions(c.Store, strings.HasPrefix(c.BaseURL, "https://"))
	s.cross = http.NewCrossOriginProtection()
	if err := s.cross.AddTrustedOrigin(origin(c.BaseURL)); err != nil {
		return nil, err
	}
	s.routes()
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
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }

// Serve answers requests on a listener until the context ends, then finishes what is running.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelWarn),
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) }}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	due, end := context.WithCancel(ctx)
	defer end()
	published := make(chan struct{})
	go func() { defer close(published); s.publishDue(due) }()
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

// observe gives each request an id and logs it when it is answered. Query strings are logged, since they hold filters and
// nothing personal; addresses of readers are not.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		begin := time.Now()
		id := c.Request().Header.Get(echo.HeaderXRequestID)
		if !plainID(id) {
			var b [8]byte
			if _, err := rand.Read(b[:]); err != nil {
				return err
			}
			id = hex.EncodeToString(b[:])
		}
		c.Set(requestID, id)
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		method, uri := c.Request().Method, c.Request().URL.RequestURI()
		if err := next(c); err != nil {
			c.Error(err)
		}
		if staffPath(c.Request().URL.Path) || staffPath(uri) {
			uri = withoutToken(uri)
		}
		if len(uri) > 500 {
			uri = uri[:500] + "…"
		}
		level := slog.LevelInfo
		if c.Response().Status >= 500 {
			level = slog.LevelError
		}
		s.Log.Log(c.Request().Context(), level, "request", "id", id, "method", method, "uri", uri, "status", c.Response().Status,
			"bytes", c.Response().Size, "took", time.Since(begin).Round(time.Microsecond))
		return nil
	}
}

const requestID = "request_id"

// withoutToken leaves the token out of a one-time address: logs are read by more people than it is meant for.
func withoutToken(uri string) string {
	for _, name := range []string{"/set-up/", "/invitation/", "/reset/"} {
		if i := strings.Index(uri, "/staff"+name); i >= 0 {
			return uri[:i+len("/staff"+name)] + "…"
		}
	}
	return uri
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
