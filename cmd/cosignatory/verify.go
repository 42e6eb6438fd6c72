package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func verifyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "verify",
		Short: "Check the file, the chain of revisions, every published row and every rule of the domain",
		Long: `Check the file, the chain of revisions, every published row and every rule of the domain, in bounded memory, also while
the register is being served.

With --against, a copy that was downloaded or kept is compared with the register, and the first difference is named:
revisions.csv, history.jsonl, register.zip (its tables as well, for their own day and revision) or the folder that it was
unpacked into, or another database file. A copy that is older is the same up to its last revision. One that goes on beyond
the register is a difference: the register is then an older state, or was cut short.`,
		Args: noArguments,
	}
	db := databaseFlag(c)
	against := c.Flags().String("against", "", "a copy to compare with: revisions.csv, history.jsonl, register.zip, a folder, or a database file")
	c.RunE = func(c *cobra.Command, _ []string) error {
		ctx := c.Context()
		s, err := existing(ctx, *db)
		if err != nil {
			return err
		}
		defer s.Close()
		step, end := progress(c.ErrOrStderr(), "Checking")
		err = s.Verify(ctx, step)
		end()
		if err != nil {
			return err
		}
		v, err := s.At(ctx, 0)
		if err != nil {
			return err
		}
		head := "the register is empty"
		if v.Revision > 0 {
			r, err := v.RevisionOf(ctx, v.Revision)
			if err != nil {
				return err
			}
			head = fmt.Sprintf("%d revisions, hash %s", r.Number, r.Hash)
		}
		if _, err := fmt.Fprintf(c.OutOrStdout(), "%s holds together: %s.\n", *db, head); err != nil || *against == "" {
			return err
		}
		said, err := compareWith(ctx, s, v, *against)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.OutOrStdout(), "%s: %s\n", *against, said)
		return err
	}
	return c
}
