package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cosignatory/seed"
	"cosignatory/store"
	"cosignatory/web"
	"cosignatory/web/auth"
)

func serveCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve the register over HTTP",
		Long: "Serve the register over HTTP. A database that does not exist yet is made and gets the shipped register.\n" +
			"On SIGTERM what is running is finished first.",
		Args: noArguments,
	}
	db := databaseFlag(c)
	addr := c.Flags().String("addr", "127.0.0.1:8080", "address to listen on; port 0 takes a free one")
	base := c.Flags().String("base-url", "", "where readers find the register, as in https://register.example.org (default http://ADDR)")
	c.RunE = func(c *cobra.Command, _ []string) error {
		return serve(c.Context(), *db, *addr, *base, c.OutOrStdout(), c.ErrOrStderr())
	}
	return c
}

func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return wrong("“%s” takes no argument %q", c.Name(), args[0])
	}
	return nil
}

func serve(ctx context.Context, db, addr, base string, out, errs io.Writer) error {
	s, err := store.Open(ctx, db)
	if err != nil {
		return err
	}
	defer s.Close()
	head, err := s.Head(ctx)
	if err != nil {
		return err
	}
	if head == 0 {
		r, err := seed.Load(ctx, s)
		if err != nil {
			return fmt.Errorf("the shipped register could not be loaded: %w", err)
		}
		fmt.Fprintf(out, "%s is new: the shipped register was loaded as %d revisions.\n", db, r.Published)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w. Is another program using the port? Choose another one with --addr", addr, err)
	}
	defer l.Close()
	if base == "" {
		base = "http://" + l.Addr().String()
	}
	log, end := serverLog(errs)
	defer end()
	server, err := web.New(web.Config{Store: s, BaseURL: base, Log: log})
	if err != nil {
		return wrong("%v", err)
	}
	// Two more threads than cores: those that make files give way, and pages need others to come before them.
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 2)
	fmt.Fprintf(out, "Cosignatory is serving %s on http://%s\n", db, l.Addr())
	if err := offerSetUp(ctx, s, strings.TrimSuffix(base, "/"), out); err != nil {
		return err
	}
	return server.Serve(ctx, l)
}

// offerSetUp prints the address by which the first administrator is made, where there is no account yet.
func offerSetUp(ctx context.Context, s *store.Store, base string, out io.Writer) error {
	accounts, err := s.CountAccounts(ctx)
	if err != nil || accounts > 0 {
		return err
	}
	token := auth.Token()
	if err := s.KeepOneTime(ctx, token, store.Setup, 0, time.Now().Add(web.OneTimeLifetime)); err != nil {
		return err
	}
	fmt.Fprintf(out, "No account yet. Set up the first administrator within 24 hours: %s%s\n", base, web.OneTimePath("en", store.Setup, token))
	return nil
}
