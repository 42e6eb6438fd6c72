package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"cosignatory/store"
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
		step, end := progress(c.ErrOrStderr(), "Copying and checking")
		err = s.Backup(c.Context(), args[0], step)
		end()
		if err != nil {
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
			"DATABASE.before-restore. Stop the server and Litestream first, and start both afterwards.\n\n" +
			"Never put a backup there by cp or mv: what lies in DATABASE-wal beside it would be written over it.",
		Args: oneFile,
	}
	db := databaseFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		step, end := progress(c.ErrOrStderr(), "Checking and copying")
		err := store.Restore(c.Context(), args[0], *db, step)
		end()
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.OutOrStdout(), "%s is now what %s holds.\n", *db, args[0])
		return err
	}
	return c
}
