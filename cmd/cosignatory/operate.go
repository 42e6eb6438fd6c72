package main

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"cosignatory/web"
)

// Files for operators, printed by print-config and litestream-config. They are tested with the programs that read them.
//
//go:embed operate/*
var operateFiles embed.FS

// printable are the files that print-config prints, by their names.
var printable = []struct{ name, file, what string }{
	{"systemd", "cosignatory.service", "unit of systemd that runs the server, shut off from the rest of the machine"},
	{"systemd-copy", "copy.service", "unit of systemd that serves a copy for reading on another machine"},
	{"nginx", "nginx.conf", "nginx in front: TLS, and one cache for all readers"},
	{"unavailable", "", "page that nginx shows while the program is away, in all languages"},
	{"container", "Containerfile", "image of the program and nothing else, for podman or docker"},
	{"litestream-unit", "litestream.service", "unit of systemd that runs Litestream beside the server"},
	{"follow", "follow.service", "unit of systemd that keeps a copy for reading up to date, by Litestream"},
	{"alerts", "prometheus-rules.yml", "rules for Prometheus: what somebody should be woken for"},
}

func printConfigCommand() *cobra.Command {
	var names []string
	long := "Print a file for operating the register, to be adapted: it says in its first lines where it goes.\n\n"
	for _, p := range printable {
		names = append(names, p.name)
		long += fmt.Sprintf("  %-15s %s\n", p.name, p.what)
	}
	long += fmt.Sprintf("  %-15s see “cosignatory litestream-config”", "litestream")
	return &cobra.Command{
		Use:       "print-config NAME",
		Short:     "Print a file for systemd, nginx, a container or Prometheus",
		Long:      long,
		ValidArgs: names,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return wrong("“print-config” takes one name: %s", strings.Join(names, ", "))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if args[0] == "unavailable" {
				return web.WriteUnavailable(c.Context(), c.OutOrStdout())
			}
			for _, p := range printable {
				if p.name == args[0] {
					return printOperate(c.OutOrStdout(), p.file)
				}
			}
			return wrong("there is no file called %q; there are %s, and litestream-config", args[0], strings.Join(names, ", "))
		},
	}
}

func printOperate(w io.Writer, file string, replace ...string) error {
	b, err := operateFiles.ReadFile("operate/" + file)
	if err != nil {
		return err
	}
	// What shuts a unit off from the rest of the machine is the same in all of them.
	shutOff, err := operateFiles.ReadFile("operate/shut-off.conf")
	if err != nil {
		return err
	}
	replace = append(replace, "\nSHUT OFF\n", "\n"+string(shutOff))
	_, err = strings.NewReplacer(replace...).WriteString(w, string(b))
	return err
}

func litestreamConfigCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "litestream-config",
		Short: "Print the configuration by which Litestream keeps a replica of the register",
		Long: `Print the configuration by which Litestream keeps a replica of the register, from which any second of the last days can
be restored, and which copies for reading can follow.

The replica is a folder on another disk (file:///mnt/other/cosignatory) or whatever else Litestream writes to: s3://, gs://,
abs://, sftp:// and others, whose keys it takes from its own variables.`,
		Args: noArguments,
	}
	db := databaseFlag(c)
	replica := c.Flags().String("replica", "", "address of the replica, as in s3://bucket/cosignatory or file:///mnt/other/cosignatory")
	c.RunE = func(c *cobra.Command, _ []string) error {
		scheme, rest, ok := strings.Cut(*replica, "://")
		if !ok || scheme == "" || rest == "" || strings.ContainsAny(*replica, " \t\r\n\"'#") {
			return wrong("--replica says where the replica is, as in s3://bucket/cosignatory or file:///mnt/other/cosignatory")
		}
		path, err := filepath.Abs(*db)
		if err != nil {
			return err
		}
		quoted, err := json.Marshal(path) // a JSON text is a YAML text
		if err != nil {
			return err
		}
		return printOperate(c.OutOrStdout(), "litestream.yml", "path: DATABASE", "path: "+string(quoted), "DATABASE", path, "REPLICA", *replica)
	}
	return c
}

func healthCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "health",
		Short: "Ask a running server whether it can answer: exit status 0 or 1",
		Args:  noArguments,
	}
	addr := c.Flags().String("addr", "127.0.0.1:8080", "address that the server listens on")
	c.RunE = func(c *cobra.Command, _ []string) error {
		said, err := askHealth(c.Context(), *addr)
		if err != nil {
			return err
		}
		_, err = io.WriteString(c.OutOrStdout(), said)
		return err
	}
	return c
}

// healthWithin is how long a healthy server may take to say so.
const healthWithin = 5 * time.Second

func askHealth(ctx context.Context, addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", wrong("--addr is the address that the server listens on, as in 127.0.0.1:8080")
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1" // it listens on all of them
	}
	ctx, cancel := context.WithTimeout(ctx, healthWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/healthz", nil)
	if err != nil {
		return "", wrong("--addr is the address that the server listens on, as in 127.0.0.1:8080")
	}
	r, err := http.DefaultClient.Do(req)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return "", fmt.Errorf("nothing answers on %s: is the server running? Start it, or give --addr the address that it listens on", addr)
	}
	if err != nil {
		return "", fmt.Errorf("nothing answers on %s: is the server running? %w", addr, errors.Unwrap(err))
	}
	defer r.Body.Close()
	b, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
	if err == nil && r.StatusCode != http.StatusOK {
		err = fmt.Errorf("the server cannot answer (%d): %s", r.StatusCode, strings.TrimSpace(string(b)))
	}
	return string(b), err
}
