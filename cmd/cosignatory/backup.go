package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"cosignatory/store"
	"cosignatory/web/export"
)

func oneFile(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return wrong("“%s” takes one file, as in “cosignatory %s FILE”", c.Name(), c.Name())
	}
	return nil
}

func backupCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write a consistent copy of the register, also while it is being served",
		Args:  oneFile,
	}
	db := databaseFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		s, err := existing(c.Context(), *db)
		if err != nil {
			return err
		}
		defer s.Close()
		if err := s.Backup(c.Context(), args[0]); err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.OutOrStdout(), "%s holds a checked copy of %s.\n", args[0], *db)
		return err
	}
	return c
}

func restoreCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "Put a backup in the place of the register, after checking all of it",
		Long: "Put a backup in the place of the register, after checking all of it. What was there is kept as\n" +
			"DATABASE.before-restore. Stop the server first.",
		Args: oneFile,
	}
	db := databaseFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := store.Restore(c.Context(), args[0], *db); err != nil {
			return err
		}
		_, err := fmt.Fprintf(c.OutOrStdout(), "%s is now what %s holds.\n", *db, args[0])
		return err
	}
	return c
}

func verifyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "verify",
		Short: "Check the file, the chain of revisions, every published row, every rule of the domain and every release",
		Long: "Check the file, the chain of revisions, every published row, every rule of the domain and every release. Of each release all files\n" +
			"are made again and held against the checksums that it froze, in the memory of one file; --without-files leaves that out.",
		Args: noArguments,
	}
	db := databaseFlag(c)
	without := c.Flags().Bool("without-files", false, "do not make the files of releases again: the rest is checked all the same")
	c.RunE = func(c *cobra.Command, _ []string) error {
		s, err := existing(c.Context(), *db)
		if err != nil {
			return err
		}
		defer s.Close()
		step, end := progress(c.ErrOrStderr(), "Checking")
		err = s.Verify(c.Context(), step)
		end()
		if err != nil {
			return err
		}
		all, err := s.Releases(c.Context())
		if err != nil {
			return err
		}
		for _, r := range all {
			if *without {
				break
			}
			step, end := progress(c.ErrOrStderr(), "Making the files of "+r.Name+" again")
			err := export.CheckRelease(c.Context(), s, r, step)
			end()
			if err != nil {
				return err
			}
		}
		v, err := s.At(c.Context(), 0)
		if err != nil {
			return err
		}
		head := "the register is empty"
		if v.Revision > 0 {
			r, err := v.RevisionOf(c.Context(), v.Revision)
			if err != nil {
				return err
			}
			head = fmt.Sprintf("%d revisions, hash %s", r.Number, r.Hash)
			if len(all) > 0 {
				head += ", newest release " + all[0].Name
			}
		}
		_, err = fmt.Fprintf(c.OutOrStdout(), "%s holds together: %s.\n", *db, head)
		return err
	}
	return c
}
