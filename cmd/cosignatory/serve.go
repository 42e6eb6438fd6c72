package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"cosignatory/seed"
	"cosignatory/store"
	"cosignatory/web"
	"cosignatory/web/auth"
)

// serveOptions are the flags of serve.
type serveOptions struct {
	db, addr, base string
	metricsAddr    string
	slow           time.Duration
	backups        store.BackupPlan
	readOnly       bool
	source         string
}

func serveCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve the register over HTTP",
		Long: `Serve the register over HTTP. A database that does not exist yet is made and gets the shipped register.
On SIGTERM what is running is finished first.

With --read-only a copy is served: one that Litestream or a restore brings up to date, also while it is served. Nothing is
written, there is no staff and no address for setting up.`,
		Args: noArguments,
	}
	var o serveOptions
	f := c.Flags()
	f.StringVar(&o.db, "db", "cosignatory.db", "the database file")
	f.StringVar(&o.addr, "addr", "127.0.0.1:8080", "address to listen on; port 0 takes a free one")
	f.StringVar(&o.base, "base-url", "", "where readers find the register, as in https://register.example.org (default http://ADDR)")
	f.StringVar(&o.metricsAddr, "metrics-addr", "", "address to give numbers for Prometheus on, as in 127.0.0.1:9100; none where empty")
	f.DurationVar(&o.slow, "slow", time.Second, "a request that takes this long is logged as slow; 0 logs none")
	f.StringVar(&o.backups.Dir, "backup-dir", "", "folder to keep backups in, each checked after it is written; none are made where empty")
	f.DurationVar(&o.backups.Every, "backup-every", 24*time.Hour, "time between two backups")
	f.IntVar(&o.backups.Keep, "backup-keep", 14, "how many backups are kept")
	f.BoolVar(&o.readOnly, "read-only", false, "serve a copy, and write nothing")
	f.StringVar(&o.source, "source", "", "with --read-only: address of the register that this is a copy of; /healthz then says how far behind it is")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := o.check(); err != nil {
			return err
		}
		err := serve(c.Context(), o, c.OutOrStdout(), c.ErrOrStderr())
		if ended := c.Context().Err(); ended != nil && errors.Is(err, ended) {
			return nil // it was ended while it began
		}
		return err
	}
	return c
}

func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return wrong("“%s” takes no argument %q", c.Name(), args[0])
	}
	return nil
}

func (o *serveOptions) check() error {
	switch {
	case o.readOnly && o.backups.Dir != "":
		return wrong("--read-only writes nothing: backups are made where the register is kept, without --read-only")
	case !o.readOnly && o.source != "":
		return wrong("--source says what a copy is a copy of: it goes with --read-only")
	case o.backups.Keep < 1:
		return wrong("--backup-keep has to be 1 or more")
	case o.backups.Every < time.Minute:
		return wrong("--backup-every has to be a minute (1m) or more")
	case o.slow < 0:
		return wrong("--slow is a time as in 500ms or 2s; 0 logs nothing as slow")
	}
	if o.metricsAddr != "" {
		if err := checkAddress("--metrics-addr", o.metricsAddr); err != nil {
			return err
		}
	}
	return checkAddress("--addr", o.addr)
}

// checkAddress refuses what cannot be an address to listen on. Whether one that can be is this machine's, and free, is found out
// by listening.
func checkAddress(flag, addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err == nil {
		_, err = net.LookupPort("tcp", port)
	}
	if err != nil || strings.ContainsAny(host, " \t\r\n/") {
		return wrong("%s is %q: it has to be a host and a port from 0 to 65535 with a colon between them, as in 127.0.0.1:8080", flag, addr)
	}
	return nil
}

func serve(ctx context.Context, o serveOptions, out, errs io.Writer) error {
	log, end := serverLog(errs)
	defer end()
	config := web.Config{Log: log, Slow: o.slow, ReadOnly: o.readOnly}
	// Two more threads than cores: those that make files give way, and pages need others to come before them.
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 2)
	var err error
	if o.source != "" {
		if config.Source, err = web.NewSource(o.source); err != nil {
			return wrong("%v", err)
		}
	}
	// What runs beside the server ends with it.
	beside, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	// Whether it can be served is found out before the file is touched: another server, of an older version perhaps, may be
	// running on it.
	l, err := listen(o.addr, "--addr")
	if err != nil {
		return err
	}
	defer l.Close()
	if o.base == "" {
		o.base = "http://" + l.Addr().String()
	}
	config.BaseURL = o.base
	if err := web.CheckBaseURL(o.base); err != nil {
		return wrong("%v", err)
	}
	var metrics net.Listener
	if o.metricsAddr != "" {
		if metrics, err = listen(o.metricsAddr, "--metrics-addr"); err != nil {
			return err
		}
		defer metrics.Close()
	}
	if !o.readOnly {
		if config.Store, err = openToServe(ctx, o.db, out); err != nil {
			return err
		}
		defer config.Store.Close()
	}
	if metrics != nil {
		config.Metrics = web.NewMetrics()
		running.Go(func() {
			if err := config.Metrics.Serve(beside, metrics, config.Log); err != nil {
				config.Log.ErrorContext(beside, "metrics failed", "error", err)
			}
		})
		fmt.Fprintf(out, "Numbers for Prometheus are at http://%s/metrics\n", metrics.Addr())
	}
	if config.Source != nil {
		running.Go(func() { config.Source.Run(beside) })
	}
	if o.readOnly {
		return serveCopy(ctx, o, l, config, out)
	}
	if o.backups.Dir != "" {
		if config.Backups, err = config.Store.PlanBackups(o.backups); err != nil {
			return err
		}
		running.Go(func() { config.Backups.Run(beside, func(s store.BackupState) { logBackup(config.Log, s) }) })
	}
	server, err := web.New(config)
	if err != nil {
		return wrong("%v", err)
	}
	logBeginning(log, o.db)
	fmt.Fprintf(out, "Cosignatory is serving %s on http://%s\n", o.db, l.Addr())
	if err := offerSetUp(ctx, config.Store, strings.TrimSuffix(o.base, "/"), out); err != nil {
		return err
	}
	err = server.Serve(ctx, l)
	// Backups read the store: they end before it is closed.
	stop()
	running.Wait()
	return err
}

// openToServe opens the register, and loads what is shipped into an empty one.
func openToServe(ctx context.Context, db string, out io.Writer) (*store.Store, error) {
	s, err := store.Open(ctx, db)
	if err != nil {
		return nil, err
	}
	head, err := s.Head(ctx)
	if err == nil && head == 0 {
		var r seed.Result
		if r, err = seed.Load(ctx, s); err != nil {
			err = fmt.Errorf("the shipped register could not be loaded: %w", err)
		} else {
			fmt.Fprintf(out, "%s is new: the shipped register was loaded as %d revisions.\n", db, r.Published)
			err = s.Settle(ctx)
		}
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// serveCopy serves a file that others write to or put in its place.
func serveCopy(ctx context.Context, o serveOptions, l net.Listener, config web.Config, out io.Writer) error {
	told := false
	return web.Follow(ctx, l, func(ctx context.Context) (*web.Server, error) {
		s, err := store.OpenExisting(ctx, o.db)
		if errors.Is(err, store.ErrOlder) {
			err = fmt.Errorf("%s: the copy is of an older version of the program: bring the register up to date first, or serve the copy with that version", o.db)
		}
		if err != nil {
			return nil, err
		}
		config := config
		config.Store = s
		server, err := web.New(config)
		if err != nil {
			s.Close()
			return nil, wrong("%v", err)
		}
		if !told {
			told = true
			logBeginning(config.Log, o.db)
			fmt.Fprintf(out, "Cosignatory is serving the copy %s, read-only, on http://%s\n", o.db, l.Addr())
		}
		return server, nil
	})
}

// logBeginning warns of what is noticed too late otherwise: a file that others may read, and variables that look like options
// and are none.
func logBeginning(log *slog.Logger, db string) {
	if mode, ok := store.OthersMay(db); ok {
		log.Warn("others on this machine may read or write the database, which holds drafts, passwords (hashed) and secrets of second factors",
			"file", db, "mode", fmt.Sprintf("%04o", mode), "do", fmt.Sprintf("chmod 600 %[1]s %[1]s-wal %[1]s-shm (640 where its group is to read it)", db))
	}
	for _, name := range unknownVariables() {
		log.Warn("no option has this variable: is it misspelt?", "variable", name)
	}
}

func listen(addr, flag string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		var unknown *net.DNSError
		switch {
		case errors.Is(err, syscall.EADDRINUSE):
			return nil, fmt.Errorf("cannot listen on %s: another program is using the port. Choose another one with %s", addr, flag)
		case errors.Is(err, syscall.EACCES):
			return nil, fmt.Errorf("cannot listen on %s: ports below 1024 are not for every user. Choose a higher one with %s, behind a web server such as nginx", addr, flag)
		case errors.Is(err, syscall.EADDRNOTAVAIL), errors.As(err, &unknown):
			return nil, fmt.Errorf("cannot listen on %s: this machine has no such address. Give %s one that it has, as in 127.0.0.1:8080", addr, flag)
		}
		return nil, fmt.Errorf("cannot listen on %s: %w. Give %s a host and a port of this machine, as in 127.0.0.1:8080", addr, err, flag)
	}
	return l, nil
}

// logBackup says how a backup went.
func logBackup(log *slog.Logger, s store.BackupState) {
	if s.Failed != nil {
		message := "backup failed; those before are kept"
		if s.Kept == 0 {
			message = "backup failed; there is none"
		}
		log.Error(message, "error", s.Failed, "kept", s.Kept)
		return
	}
	log.Info("backup", "file", s.Path, "revision", s.Revision, "kept", s.Kept)
}

// offerSetUp prints the address by which the first administrator is made, where there is none yet.
func offerSetUp(ctx context.Context, s *store.Store, base string, out io.Writer) error {
	administrators, err := s.CountAdministrators(ctx)
	if err != nil || administrators > 0 {
		return err
	}
	accounts, err := s.CountAccounts(ctx)
	if err != nil {
		return err
	}
	token := auth.Token()
	if err := s.KeepOneTime(ctx, token, store.Setup, 0, time.Now().Add(web.OneTimeLifetime)); err != nil {
		return err
	}
	what := "No account yet"
	if accounts > 0 {
		what = "No administrator yet"
	}
	fmt.Fprintf(out, "%s. Set up the first administrator within 24 hours: %s%s\n", what, base, web.OneTimePath("en", store.Setup, token))
	return nil
}
