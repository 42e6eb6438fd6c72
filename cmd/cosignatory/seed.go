package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"cosignatory/seed"
	"cosignatory/store"
)

func seedCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "seed",
		Short: "Load or update the shipped reference data and declarations; twice is as once",
		Args:  noArguments,
	}
	db := databaseFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		s, err := store.Open(c.Context(), *db)
		if err != nil {
			return err
		}
		defer s.Close()
		r, err := seed.Load(c.Context(), s)
		if err != nil {
			return err
		}
		out := c.OutOrStdout()
		fmt.Fprintf(out, "%d revisions published, %d declarations stood already as shipped.\n", r.Published, r.Unchanged)
		for _, slug := range r.Kept {
			fmt.Fprintf(out, "Left as it is, because it was changed here since: %s\n", slug)
		}
		return nil
	}
	return c
}
