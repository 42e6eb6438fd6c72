package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"cosignatory/store"
	"cosignatory/templates/i18n"
	"cosignatory/web/intake"
)

func importCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "import PATH",
		Short: "Bring in a package: a folder, a zip or one CSV file, all of it or nothing",
		Long: `Bring in a package of the files that “cosignatory export” writes: a folder, a zip or one CSV file. All of it or, when
anything is wrong, nothing; then every problem is told with file, line and column.

With history.jsonl, as in register.zip, the revisions of the register that wrote it are made again, with their numbers,
times and hashes: all of them in an empty register, those that came since in a copy of it. The other files are checked
against datapackage.json.

Without history.jsonl the CSV files are read, and what differs from the register becomes new revisions, one a declaration.
Declarations are known by their slug, actions by action_id or, where another register gave that, by what the row says. An
address in addresses.csv leads to its declaration from then on. With datapackage.json a file holds all rows of the
declarations listed: a row that is gone is a correction. Without it, and for one file alone, rows only add or correct; columns
that a file does not have keep what is on record. What staff changed after the revision that the rows carry is never overwritten. Names,
counts, precisions and addresses of pages are worked out: their columns are not read, nor are matrix.csv and revisions.csv,
nor signatories.csv beside actions.csv.

Other files are passed over, but a .csv or .jsonl that datapackage.json does not list is told: its name may be misspelt.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return wrong("“import” takes one folder, zip or CSV file, as in “cosignatory import register.zip”")
			}
			return nil
		},
	}
	db := databaseFlag(c)
	dry := c.Flags().Bool("dry-run", false, "look at everything and say what it would do, but change nothing")
	why := c.Flags().String("reason", "", "what the public reads as the reason of the revisions that CSV files make (default: “"+intake.DefaultReason+"”)")
	lang := c.Flags().String("reason-lang", "en", "language of that reason")
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx := c.Context()
		p, err := intake.OpenPackage(args[0])
		if err != nil {
			return told(err)
		}
		defer p.Close()
		path := *db
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) && *dry {
			// A trial run leaves nothing behind, so it does not make the file either.
			folder, err := os.MkdirTemp("", "cosignatory-import-")
			if err != nil {
				return err
			}
			defer os.RemoveAll(folder)
			path = filepath.Join(folder, "trial.db")
		}
		s, err := store.Open(ctx, path)
		if err != nil {
			return err
		}
		defer s.Close()
		if p.History() {
			// Rows pass through in their millions and are forgotten at once: collecting them less often costs little memory
			// and saves a tenth of the time.
			defer debug.SetGCPercent(debug.SetGCPercent(300))
		}
		step, end := progress(c.ErrOrStderr(), "Importing")
		summary, err := p.Import(ctx, s, intake.Options{DryRun: *dry, Reason: *why, Lang: *lang, Progress: step})
		end()
		if err != nil {
			return told(err)
		}
		return sum(c.OutOrStdout(), summary)
	}
	return c
}

// told says the problems of a package in English, a line each.
func told(err error) error {
	var problems *intake.Problems
	if !errors.As(err, &problems) {
		return err
	}
	english, _ := i18n.For("en")
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", english.T("import.refused", "Count", len(problems.Problems)+problems.More))
	for _, p := range problems.Problems {
		fmt.Fprintf(&b, "%s\n", intake.Sentence(english, p))
	}
	if problems.More > 0 {
		fmt.Fprintf(&b, "%s\n", english.T("import.more", "Count", problems.More))
	}
	return errors.New(strings.TrimSuffix(b.String(), "\n"))
}

// sum says what an import did.
func sum(w io.Writer, s intake.Summary) error {
	english, _ := i18n.For("en")
	for _, line := range s.Sentences(english) {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}
