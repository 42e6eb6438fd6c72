package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/web/export"
)

func exportCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "export NAME",
		Short: "Write a file of the register, the same bytes as over HTTP",
		Long: "Write a file of the register, the same bytes as over HTTP. NAME is one of " + strings.Join(export.Names(), ", ") + ",\n" +
			"“register” for all of them in one: a package, which “cosignatory import” reads (--format zip), a database (--format sqlite)\n" +
			"or one document (--format json); or “history” for the chain of revisions (--format jsonl).\n" +
			"Without --revision it is the newest one; without --as-of the day is the one on which that revision was published.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || export.FormatsOf(args[0]) == nil {
				return wrong("“export” takes the name of a file: %s, %s, %s", export.Register, export.History, strings.Join(export.Names(), ", "))
			}
			return nil
		},
	}
	db := databaseFlag(c)
	asOf := c.Flags().String("as-of", "", "the day whose state is written, YYYY-MM-DD")
	revision := c.Flags().Int("revision", 0, "the revision of the register (default: the newest)")
	lang := c.Flags().String("lang", "en", "language of names and titles: "+strings.Join(register.Languages, ", "))
	format := c.Flags().String("format", "", "csv (the default), xlsx or json; zip (the default), sqlite or json for register, jsonl for history")
	output := c.Flags().StringP("output", "o", "", "the file to write (default: standard output)")
	base := c.Flags().String("base-url", "http://127.0.0.1:8080", "where readers find the register: the file's addresses begin with it")
	bom := c.Flags().Bool("bom", false, "CSV: begin with a byte order mark, for Excel")
	raw := c.Flags().Bool("raw", false, "CSV: leave text as it is, even where a spreadsheet would run it")
	implied := c.Flags().Bool("include-implied", false, "add those that stand on a list through a group only")
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx := c.Context()
		o := export.Options{Lang: *lang, Format: export.Format(*format), BaseURL: *base, BOM: *bom, Raw: *raw, IncludeImplied: *implied}
		if !slices.Contains(register.Languages, o.Lang) {
			return wrong("no language %q: choose one of %s", o.Lang, strings.Join(register.Languages, ", "))
		}
		formats := export.FormatsOf(args[0])
		if o.Format == "" {
			o.Format = formats[0]
		}
		if !slices.Contains(formats, o.Format) {
			var names []string
			for _, f := range formats {
				names = append(names, string(f))
			}
			last := len(names) - 1
			choice := strings.Join(names[:last], ", ")
			if choice != "" {
				choice += " or "
			}
			return wrong("%s cannot be had as %q: choose %s", args[0], *format, choice+names[last])
		}
		if o.Format != export.CSV && (o.BOM || o.Raw) {
			return wrong("--bom and --raw are for CSV: %s as %s takes neither", args[0], o.Format)
		}
		if export.Columns(args[0]) == nil && o.IncludeImplied {
			return wrong("--include-implied is for tables: %s does not take it", args[0])
		}
		if *asOf != "" {
			d, err := register.ParseDate(*asOf)
			if err != nil || d.Precision() != register.ByDay {
				return wrong("--as-of %q is no day: write it as YYYY-MM-DD", *asOf)
			}
			o.Day, o.AsOfGiven = d.First(), true
		}
		if err := checkRevision(c, *revision); err != nil {
			return err
		}
		s, err := existing(ctx, *db)
		if err != nil {
			return err
		}
		defer s.Close()
		if o.View, err = s.At(ctx, *revision); err != nil {
			if errors.Is(err, store.ErrFuture) {
				head, _ := s.Head(ctx)
				return wrong("revision %d is not published: the newest is %d", *revision, head)
			}
			return err
		}
		if *asOf == "" {
			if o.Day, err = export.DayOf(ctx, o.View); err != nil {
				return err
			}
		}
		shown, end := &counted{}, func() {}
		if terminal(c.ErrOrStderr()) && (*output != "" || !terminal(c.OutOrStdout())) {
			shown.to = c.ErrOrStderr()
			o.Step = shown.step
			end = func() { fmt.Fprint(shown.to, "\r\033[K") }
		}
		write := func(ctx context.Context, w io.Writer) error { return export.Write(ctx, w, args[0], o) }
		if *output == "" {
			shown.w = c.OutOrStdout()
			out := bufio.NewWriterSize(shown, 1<<16)
			err := write(ctx, out)
			end()
			if err != nil {
				return err
			}
			return out.Flush()
		}
		err = whole(*output, func(w io.Writer) error {
			shown.w = w
			return write(ctx, shown)
		})
		end()
		if err != nil {
			return err
		}
		fmt.Fprintf(c.ErrOrStderr(), "%s: revision %d, as of %s, %d bytes\n", *output, o.View.Revision, o.Day, shown.n)
		return nil
	}
	return c
}

// checkRevision refuses a --revision that no revision can have. The 0 by which the store is asked for the newest one is what
// stands in the flag where it was not given, never what somebody means by it.
func checkRevision(c *cobra.Command, revision int) error {
	if c.Flags().Changed("revision") && revision < 1 {
		return wrong("there is no revision %d: they are numbered from 1 on. Leave --revision out for the newest", revision)
	}
	return nil
}

// whole writes a file that appears whole or not at all. A link is followed; what is no plain file (a pipe, a device) is
// written to as it is, never replaced.
func whole(path string, write func(io.Writer) error) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("cannot write %s: it is a folder. Add the name of a file, as in %s", path, filepath.Join(path, "register.csv"))
	} else if err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0) // #nosec G304 -- named on the command line
		if err != nil {
			return fmt.Errorf("cannot write %s: %w", path, err)
		}
		return errors.Join(write(f), f.Close())
	}
	folder := filepath.Dir(path)
	f, err := os.CreateTemp(folder, ".cosignatory-*")
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot write %s: the folder %s does not exist. Make it first, or choose another one", path, folder)
	}
	if err != nil {
		var of *fs.PathError // of a file beside it, whose name would tell nobody anything
		if errors.As(err, &of) {
			err = of.Err
		}
		return fmt.Errorf("cannot write %s: no file can be made in the folder %s (%w). Choose another one", path, folder, err)
	}
	defer os.Remove(f.Name())
	out := bufio.NewWriterSize(f, 1<<18)
	err = write(out)
	if err == nil {
		err = out.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Chmod(f.Name(), 0o644) // #nosec G302 -- what is exported is public, and others serve it
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return err
}

// counted counts what is written and, on a terminal, shows it: the parts of a whole register, and how much is written.
type counted struct {
	w     io.Writer
	to    io.Writer
	n     int64
	shown int64
	part  string
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	if c.to != nil && c.n-c.shown > 4<<20 {
		c.shown = c.n
		c.say()
	}
	return n, err
}

// step says which part of how many is begun.
func (c *counted) step(done, of int) {
	c.part = fmt.Sprintf("Part %d of %d. ", done+1, of)
	c.say()
}

func (c *counted) say() {
	fmt.Fprintf(c.to, "\r\033[K%sWritten %d MB", c.part, c.n>>20)
}
