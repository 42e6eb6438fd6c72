package main

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"cosignatory/store"
	"cosignatory/web/export"
)

func releaseCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "release NAME",
		Short: "Give a revision a name for citation, and freeze the checksums of its files",
		Long: `Give a revision a name for citation, and freeze the checksums of its files. NAME is the year, a point and a number: 2026.1. A release is
never changed or taken back, and each names a later revision than the one before.

The SHA-256 of every file is printed as “sha256sum” prints it. The files are those that the server gives for the revision as of the
day of its publication, in English. They carry the address of the register: --base-url has to be the one that readers use. A mirror
that gives the same name to the same revision with the --base-url of the original freezes the same checksums.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return wrong("“release” takes a name, as in “cosignatory release 2026.1”")
			}
			if _, _, err := store.ParseReleaseName(args[0]); err != nil {
				return wrong("%v", err)
			}
			return nil
		},
	}
	db := databaseFlag(c)
	revision := c.Flags().Int("revision", 0, "the revision to name (default: the newest)")
	base := c.Flags().String("base-url", "", "where readers find the register, as in https://register.example.org: the files' addresses begin with it (needed)")
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx := c.Context()
		if *base == "" {
			return wrong("“release” needs --base-url: the address under which readers find the register, as in https://register.example.org. It stands in the files, and is frozen with them")
		}
		address := strings.TrimRight(*base, "/")
		if u, err := url.Parse(address); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return wrong("--base-url %q is no address: it begins with http:// or https:// and names a host, as in https://register.example.org", *base)
		}
		if err := checkRevision(c, *revision); err != nil {
			return err
		}
		s, err := writing(ctx, *db)
		if err != nil {
			return err
		}
		defer s.Close()
		v, err := s.At(ctx, *revision)
		if errors.Is(err, store.ErrFuture) {
			head, _ := s.Head(ctx)
			return wrong("revision %d is not published: the newest is %d", *revision, head)
		}
		if err != nil {
			return err
		}
		if v.Revision == 0 {
			return errors.New("the register is empty: there is no revision to release (“cosignatory seed” loads the shipped one)")
		}
		// Whether it can be released is found out before the work, and again when it is written.
		if err := s.Releasable(ctx, args[0], v.Revision); err != nil {
			return err
		}
		step, end := progress(c.ErrOrStderr(), "Making the files")
		files, err := export.Freeze(ctx, v, address, step)
		end()
		if err != nil {
			return err
		}
		r, err := s.AddRelease(ctx, args[0], v.Revision, address, files)
		if err != nil {
			return err
		}
		for _, f := range r.Files {
			fmt.Fprintf(c.OutOrStdout(), "%s  %s\n", f.SHA256, f.Name)
		}
		fmt.Fprintf(c.ErrOrStderr(), "Release %s names revision %d, hash %s. Its page is %s/en/releases/%s\n", r.Name, r.Revision, r.RevisionHash, r.Address, r.Name)
		return nil
	}
	return c
}

func releasesCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "releases",
		Short: "List the releases: name, revision, day, SHA-256 of register.zip",
		Args:  noArguments,
	}
	db := databaseFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		s, err := existing(c.Context(), *db)
		if err != nil {
			return err
		}
		defer s.Close()
		all, err := s.Releases(c.Context())
		if err != nil {
			return err
		}
		if len(all) == 0 {
			fmt.Fprintln(c.ErrOrStderr(), "No release yet: “cosignatory release NAME” makes one.")
			return nil
		}
		w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
		for _, r := range all {
			sum := "-"
			if f := r.File(export.Register + "." + string(export.Zip)); f != nil {
				sum = f.SHA256
			}
			fmt.Fprintf(w, "%s\t%d\t%s\t%s\n", r.Name, r.Revision, r.ReleasedAt.UTC().Format("2006-01-02"), sum)
		}
		return w.Flush()
	}
	return c
}
