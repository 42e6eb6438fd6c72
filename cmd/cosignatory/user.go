package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"cosignatory/store"
	"cosignatory/templates/i18n"
	"cosignatory/web"
	"cosignatory/web/auth"
)

// roleNames are the roles as they are typed.
func roleNames() string {
	var names []string
	for _, r := range store.Roles {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

func userCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "user",
		Short: "Keep the accounts of those who keep the register",
		Long: "Keep the accounts of those who keep the register. Roles: " + roleNames() + ".\n" +
			"A password is read from the terminal, or from standard input, and never from an argument.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return wrong("“user” takes what to do: add, list, role, disable, enable, reset-password or remove-factor")
		},
	}
	c.AddCommand(userAdd(), userList(), userRole(), userDisable(), userEnable(), userReset(), userRemoveFactor())
	return c
}

func userNamed(ctx context.Context, s *store.Store, login string) (*store.Account, error) {
	a, err := s.AccountByLogin(ctx, login)
	if errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("no account %q: “cosignatory user list” shows all of them", store.Login(login))
	}
	return a, err
}

func oneLogin(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return wrong("“user %s” takes one login, as in “cosignatory user %s anna”", c.Name(), c.Name())
	}
	return nil
}

// byCommand is an entry of the account log about what a command did.
func byCommand(login, what string, details ...string) store.Logged {
	l := store.Logged{Actor: store.CommandLine, Subject: login, What: what}
	if len(details) > 0 {
		l.Detail = web.LogDetail(details...)
	}
	return l
}

func userAdd() *cobra.Command {
	c := &cobra.Command{
		Use:   "add LOGIN",
		Short: "Add an account; prints the one-time address to hand over, unless a password is given",
		Args:  oneLogin,
	}
	db := databaseFlag(c)
	name := c.Flags().String("name", "", "the name that colleagues see (default: the login)")
	role := c.Flags().String("role", string(store.Editor), "one of "+roleNames())
	lang := c.Flags().String("lang", "en", "language of the staff side")
	base := c.Flags().String("base-url", "http://127.0.0.1:8080", "where staff find the register: the one-time address begins with it")
	ask := c.Flags().Bool("ask-password", false, "ask for a password, instead of an address by which one is chosen")
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx := c.Context()
		a := &store.Account{Login: store.Login(args[0]), Role: store.Role(*role), Lang: *lang}
		if !auth.ValidLogin(a.Login) {
			return wrong("%q is no login: 3 to 40 small letters, figures, dots and hyphens, beginning with a letter", args[0])
		}
		if a.Role.Rank() < 0 {
			return wrong("no role %q: choose one of %s", *role, roleNames())
		}
		if _, ok := i18n.For(*lang); !ok {
			var choice []string
			for _, l := range i18n.Languages() {
				choice = append(choice, l.Code)
			}
			return wrong("no language %q: choose one of %s", *lang, strings.Join(choice, ", "))
		}
		if *name == "" {
			*name = a.Login
		}
		var err error
		if a.Name, err = auth.Name(*name); err != nil {
			return wrong("%q is no name: it has 1 to %d characters, none of them invisible", *name, auth.MaxName)
		}
		what := "invited"
		if *ask {
			what = "added"
			if a.Password, err = newPassword(c, a.Login); err != nil {
				return err
			}
		}
		s, err := writing(ctx, *db)
		if err != nil {
			return err
		}
		defer s.Close()
		err = s.SaveAccount(ctx, a, byCommand(a.Login, what, "Role", string(a.Role)))
		if errors.Is(err, store.ErrLoginTaken) {
			return fmt.Errorf("there is an account %q already: choose another login, or give that one a new address by “cosignatory user reset-password %s”", a.Login, a.Login)
		}
		if errors.Is(err, store.ErrNameTaken) {
			return fmt.Errorf("another account has the name %q, or one that differs only in capitals, accents or punctuation: choose one by --name", a.Name)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(c.OutOrStdout(), "%s is now %s of the register.\n", a.Login, a.Role)
		if *ask {
			return nil
		}
		return printOneTime(c, s, a, store.Invitation, *base)
	}
	return c
}

// printOneTime makes a one-time address and prints it.
func printOneTime(c *cobra.Command, s *store.Store, a *store.Account, purpose store.Purpose, base string, log ...store.Logged) error {
	token := auth.Token()
	if err := s.KeepOneTime(c.Context(), token, purpose, a.ID, time.Now().Add(web.OneTimeLifetime), log...); err != nil {
		return err
	}
	fmt.Fprintf(c.OutOrStdout(), "Hand this address over to %s. It works once, within 24 hours:\n%s%s\n", a.Name, strings.TrimSuffix(base, "/"),
		web.OneTimePath(a.Lang, purpose, token))
	return nil
}

func userList() *cobra.Command {
	c := &cobra.Command{
		Use:   "list",
		Short: "List the accounts",
		Args:  noArguments,
	}
	db := databaseFlag(c)
	asJSON := c.Flags().Bool("json", false, "as JSON")
	c.RunE = func(c *cobra.Command, _ []string) error {
		s, err := writing(c.Context(), *db)
		if err != nil {
			return err
		}
		defer s.Close()
		all, err := s.Accounts(c.Context())
		if err != nil {
			return err
		}
		if err := s.Log(c.Context(), byCommand("", "exported")); err != nil {
			return err
		}
		type row struct {
			Login        string `json:"login"`
			Name         string `json:"name"`
			Role         string `json:"role"`
			State        string `json:"state"`
			SecondFactor bool   `json:"second_factor"`
		}
		rows := []row{}
		for _, a := range all {
			state := "active"
			switch {
			case a.Disabled:
				state = "disabled"
			case a.Password == "":
				state = "invited"
			}
			rows = append(rows, row{a.Login, a.Name, string(a.Role), state, a.Secret != ""})
		}
		if *asJSON {
			e := json.NewEncoder(c.OutOrStdout())
			e.SetIndent("", "  ")
			return e.Encode(rows)
		}
		w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "LOGIN\tROLE\tSTATE\tSECOND FACTOR\tNAME")
		for _, r := range rows {
			factor := "off"
			if r.SecondFactor {
				factor = "on"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.Login, r.Role, r.State, factor, r.Name)
		}
		return w.Flush()
	}
	return c
}

// changing is a command that changes one account.
func changing(use, short string, args cobra.PositionalArgs, change func(a *store.Account, args []string) (log store.Logged, said string, err error)) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: args}
	db := databaseFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		s, err := writing(c.Context(), *db)
		if err != nil {
			return err
		}
		defer s.Close()
		a, err := userNamed(c.Context(), s, args[0])
		if err != nil {
			return err
		}
		log, said, err := change(a, args)
		if err != nil {
			return err
		}
		_, err = s.ChangeAccount(c.Context(), a.ID, func(a *store.Account) error {
			_, _, err := change(a, args)
			return err
		}, log)
		if errors.Is(err, store.ErrLastAdministrator) {
			return fmt.Errorf("%s is the last administrator: name another one first (“cosignatory user role LOGIN administrator”)", a.Login)
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(c.OutOrStdout(), said)
		return nil
	}
	return c
}

func userRole() *cobra.Command {
	return changing("role LOGIN ROLE", "Give an account another role, and sign it out everywhere", func(_ *cobra.Command, args []string) error {
		if len(args) != 2 {
			return wrong("“user role” takes a login and a role, as in “cosignatory user role anna publisher”")
		}
		if store.Role(args[1]).Rank() < 0 {
			return wrong("no role %q: choose one of %s", args[1], roleNames())
		}
		return nil
	}, func(a *store.Account, args []string) (store.Logged, string, error) {
		before := a.Role
		a.Role = store.Role(args[1])
		return byCommand(a.Login, "role", "Before", string(before), "After", args[1]), a.Login + " is now " + args[1] + ".", nil
	})
}

func userDisable() *cobra.Command {
	return changing("disable LOGIN", "Disable an account, and sign it out everywhere", oneLogin, func(a *store.Account, _ []string) (store.Logged, string, error) {
		a.Disabled = true
		return byCommand(a.Login, "disabled"), a.Login + " is disabled.", nil
	})
}

func userEnable() *cobra.Command {
	return changing("enable LOGIN", "Enable a disabled account", oneLogin, func(a *store.Account, _ []string) (store.Logged, string, error) {
		a.Disabled = false
		return byCommand(a.Login, "enabled"), a.Login + " is enabled.", nil
	})
}

func userRemoveFactor() *cobra.Command {
	return changing("remove-factor LOGIN", "Remove the second factor of an account whose owner has lost it", oneLogin, func(a *store.Account, _ []string) (store.Logged, string, error) {
		a.Secret, a.Step = "", 0
		return byCommand(a.Login, "factor_off"), a.Login + " has no second factor.", nil
	})
}

func userReset() *cobra.Command {
	c := &cobra.Command{
		Use:   "reset-password LOGIN",
		Short: "Print a one-time address by which a new password is chosen, or set one",
		Args:  oneLogin,
	}
	db := databaseFlag(c)
	base := c.Flags().String("base-url", "http://127.0.0.1:8080", "where staff find the register: the one-time address begins with it")
	ask := c.Flags().Bool("ask-password", false, "ask for the new password, instead of an address by which one is chosen")
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx := c.Context()
		s, err := writing(ctx, *db)
		if err != nil {
			return err
		}
		defer s.Close()
		a, err := userNamed(ctx, s, args[0])
		if err != nil {
			return err
		}
		if !*ask {
			if a.Disabled {
				return fmt.Errorf("%s is disabled: “cosignatory user enable %s” comes first", a.Login, a.Login)
			}
			if a.Password == "" { // never accepted: what is missing is an invitation
				return printOneTime(c, s, a, store.Invitation, *base, byCommand(a.Login, "invited", "Role", string(a.Role)))
			}
			return printOneTime(c, s, a, store.Reset, *base, byCommand(a.Login, "reset_given"))
		}
		hash, err := newPassword(c, a.Login)
		if err != nil {
			return err
		}
		if _, err := s.ChangeAccount(ctx, a.ID, func(a *store.Account) error { a.Password = hash; return nil }, byCommand(a.Login, "password")); err != nil {
			return err
		}
		fmt.Fprintf(c.OutOrStdout(), "%s has a new password, and is signed out everywhere.\n", a.Login)
		return nil
	}
	return c
}

// newPassword asks for a password: twice and unseen on a terminal, as one line of standard input elsewhere.
func newPassword(c *cobra.Command, login string) (hash string, err error) {
	in := c.InOrStdin()
	var typed string
	if f, ok := in.(*os.File); ok && terminal(f) {
		var again string
		if typed, err = askUnseen(c.Context(), f, c.ErrOrStderr(), "New password: "); err != nil {
			return "", err
		}
		if again, err = askUnseen(c.Context(), f, c.ErrOrStderr(), "The same again: "); err != nil {
			return "", err
		}
		if typed != again {
			return "", errors.New("the two passwords differ: nothing was changed")
		}
	} else if typed, err = line(in); err != nil {
		return "", err
	}
	hash, err = auth.Passwords{}.Hash(c.Context(), login, typed)
	switch {
	case errors.Is(err, auth.ErrShort):
		return "", fmt.Errorf("the password needs at least %d characters: nothing was changed", auth.MinPassword)
	case errors.Is(err, auth.ErrLong):
		return "", fmt.Errorf("the password has more than %d characters: nothing was changed", auth.MaxPassword)
	case errors.Is(err, auth.ErrCommon):
		return "", errors.New("this password is on lists of guessed ones: choose another. Nothing was changed")
	}
	return hash, err
}

// line reads the first line of a stream, as far as a password may be long.
func line(in io.Reader) (string, error) {
	s, err := bufio.NewReader(io.LimitReader(in, 4*auth.MaxPassword+2)).ReadString('\n')
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if s = strings.TrimRight(s, "\r\n"); s == "" && err == nil {
		err = errors.New("no password on standard input: give it there as one line, or run the command on a terminal, which asks for it. Nothing was changed")
	}
	return s, err
}
