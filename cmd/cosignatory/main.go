// Command cosignatory serves and keeps the register of joint declarations.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cosignatory/store"
)

// Exit statuses.
const (
	done   = 0
	failed = 1
	usage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	code := Main(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// Main runs one command and returns its exit status. Tests call it as the shell does.
func Main(ctx context.Context, args []string, out, errs io.Writer) int {
	return mainWith(ctx, args, os.Stdin, out, errs)
}

func mainWith(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	root := &cobra.Command{
		Use:           "cosignatory",
		Short:         "The register of joint declarations: who signed, since when, who left, and how we know",
		SilenceErrors: true, SilenceUsage: true,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	root.AddCommand(commands()...)
	var parsed bool
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error {
		if err := fromEnvironment(c.Flags()); err != nil {
			return err
		}
		parsed = true
		return nil
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		var invalid *pflag.InvalidValueError
		if errors.As(err, &invalid) {
			return noValue("--"+invalid.GetFlag().Name, invalid.GetValue(), invalid.GetFlag(), errors.Unwrap(invalid))
		}
		return err
	})
	err := root.ExecuteContext(ctx)
	if err == nil {
		return done
	}
	fmt.Fprintf(errs, "cosignatory: %v\n", err)
	var wrong *usageError
	if !parsed || errors.As(err, &wrong) {
		fmt.Fprintln(errs, "Run “cosignatory help” for the commands, “cosignatory help COMMAND” for one of them.")
		return usage
	}
	return failed
}

func commands() []*cobra.Command {
	return []*cobra.Command{serveCommand(), seedCommand(), exportCommand(), backupCommand(), restoreCommand(), verifyCommand(), userCommand(),
		importCommand(), recogniseCommand(), releaseCommand(), releasesCommand(), litestreamConfigCommand(), printConfigCommand(), healthCommand()}
}

// usageError is an argument that a command cannot use: exit status 2.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func wrong(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// fromEnvironment gives flags that were not given the value of their variable: --base-url is COSIGNATORY_BASE_URL. A flag
// goes before a variable, a variable before the default.
func fromEnvironment(flags *pflag.FlagSet) error {
	var failed error
	flags.VisitAll(func(f *pflag.Flag) {
		name := variable(f.Name)
		value, ok := os.LookupEnv(name)
		if !ok || f.Changed || f.Name == "help" {
			return
		}
		if err := flags.Set(f.Name, value); err != nil {
			failed = noValue("the variable "+name, value, f, err)
		}
	})
	return failed
}

// noValue says what the value of a flag has to be. where is where it was given, cause why it is none.
func noValue(where, value string, f *pflag.Flag, cause error) error {
	switch f.Value.Type() {
	case "bool":
		return wrong("%s is %q: it has to be true or false", where, value)
	case "duration":
		return wrong("%s is %q: it has to be a time, as in 24h or 90s", where, value)
	case "int":
		return wrong("%s is %q: it has to be a whole number", where, value)
	}
	return wrong("%s is %q: %v", where, value, cause)
}

const variables = "COSIGNATORY_"

// variable is the variable of a flag.
func variable(flag string) string {
	return variables + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// unknownVariables are the variables that look like options and are none of any command, in alphabetical order.
func unknownVariables() []string {
	known := map[string]bool{}
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) { known[variable(f.Name)] = true })
		for _, below := range c.Commands() {
			visit(below)
		}
	}
	for _, c := range commands() {
		visit(c)
	}
	var unknown []string
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, variables) && !known[name] {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}

func databaseFlag(c *cobra.Command) *string {
	return c.Flags().String("db", "cosignatory.db", "the database file")
}

// existing opens a register for a command that only reads it.
func existing(ctx context.Context, path string) (*store.Store, error) {
	if err := there(path); err != nil {
		return nil, err
	}
	return store.OpenExisting(ctx, path)
}

// writing opens a register that must be there already for a command that writes to it. One of an older version is left as it
// is: an old server may be running on it.
func writing(ctx context.Context, path string) (*store.Store, error) {
	if err := there(path); err != nil {
		return nil, err
	}
	s, err := store.OpenExisting(ctx, path)
	if err != nil {
		return nil, err
	}
	s.Close()
	return store.Open(ctx, path)
}

// there says so where there is no register. Whoever mistyped a path is not helped by a new register there, so the command that
// would make one is not given with it.
func there(path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no register at %s: check --db (“cosignatory seed” or “cosignatory serve” makes a new one)", path)
	} else if err != nil {
		return fmt.Errorf("%s: %w", path, store.ErrNoFile)
	}
	return nil
}

// terminal says that progress can be shown on a stream.
func terminal(w any) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// progress shows how far long work is, on a terminal; elsewhere it is silent.
func progress(w io.Writer, what string) (step func(done, of int), end func()) {
	if !terminal(w) {
		return func(int, int) {}, func() {}
	}
	last := -1
	return func(done, of int) {
			if percent := done * 100 / max(of, 1); percent != last {
				last = percent
				fmt.Fprintf(w, "\r%s %d %%", what, percent)
			}
		}, func() {
			if last >= 0 {
				fmt.Fprint(w, "\r\033[K")
			}
		}
}
