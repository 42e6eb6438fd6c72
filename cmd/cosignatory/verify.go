package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"cosignatory/store"
	"cosignatory/web/export"
)

func verifyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "verify",
		Short: "Check the file, the chain of revisions, every published row, every rule of the domain and every release",
		Long: `Check the file, the chain of revisions, every published row, every rule of the domain and every release, in bounded memory,
also while the register is being served. Of each release all files are made again and held against the checksums that it
froze, in the memory of one file; --without-files leaves that out.

With --against, a copy that was downloaded or kept is compared with the register, and the first difference is named:
revisions.csv, history.jsonl, register.zip (its tables as well, for their own day and revision) or the folder that it was
unpacked into, or another database file (its rows as well, each with what its revisions published). What could not be compared
is said. A copy that is older is the same up to its last revision. One that goes on beyond the register is a difference: the
register is then an older state, or was cut short.`,
		Args: noArguments,
	}
	db := databaseFlag(c)
	without := c.Flags().Bool("without-files", false, "do not make the files of releases again: the rest is checked all the same")
	against := c.Flags().String("against", "", "a copy to compare with: revisions.csv, history.jsonl, register.zip, a folder, or a database file")
	c.RunE = func(c *cobra.Command, _ []string) error {
		ctx := c.Context()
		s, err := existing(ctx, *db)
		if errors.Is(err, store.ErrOlder) && *against == "" {
			revisions, hash, err := store.SoundOlder(ctx, *db)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s was written by an older version of the program. Its file and its chain hold together: %d revisions, hash %s. The rest is checked once it is brought up to date: “cosignatory restore” does so with a backup, “cosignatory serve” with the register.\n",
				*db, revisions, hash)
			return err
		}
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
		all, err := s.Releases(ctx)
		if err != nil {
			return err
		}
		if !*without {
			for _, r := range all {
				step, end := progress(c.ErrOrStderr(), "Making the files of "+r.Name+" again")
				err := export.CheckRelease(ctx, s, r, step)
				end()
				if err != nil {
					return err
				}
			}
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
			if len(all) > 0 {
				head += ", newest release " + all[0].Name
			}
		}
		if _, err := fmt.Fprintf(c.OutOrStdout(), "%s holds together: %s.\n", *db, head); err != nil || *against == "" {
			return err
		}
		said, err := compareWith(ctx, s, v, *against, func(copied *store.Store) error {
			step, end := progress(c.ErrOrStderr(), "Checking the copy")
			err := copied.Faithful(ctx, step)
			end()
			if err != nil || *without {
				return err
			}
			theirs, err := copied.Releases(ctx)
			if err != nil {
				return err
			}
			for _, r := range theirs {
				if slices.ContainsFunc(all, func(own *store.Release) bool { return own.Hash == r.Hash }) {
					continue // the register's own, whose files were made above
				}
				step, end := progress(c.ErrOrStderr(), "Making the files of the copy’s "+r.Name+" again")
				err := export.CheckRelease(ctx, copied, r, step)
				end()
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.OutOrStdout(), "%s: %s\n", *against, said)
		return err
	}
	return c
}
