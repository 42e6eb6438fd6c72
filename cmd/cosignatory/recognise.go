package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"cosignatory/seed"
	"cosignatory/store/register"
	"cosignatory/templates/i18n"
	"cosignatory/web/intake"
)

// recognised is what "cosignatory recognise" prints: the recognition, and the numbers alone under the name that scripts use.
type recognised struct {
	Stated []int `json:"stated"`
	*register.Recognition
}

func recogniseCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "recognise [FILE]",
		Short: "Read a text and print who stands in it as signatory, as JSON",
		Long: "Read a text (standard input without FILE) and print as JSON what stands in it: stated (numbers of states it claims), finds\n" +
			"(text, start and end in bytes, participant, certainty certain, likely, ask or unknown, reason, candidates), groups (text, group,\n" +
			"members on the date), mentions (named in another role) and dates. Nothing is recorded.\n" +
			"Names are those of the database; without one, those that are shipped.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return wrong("“recognise” takes one file, or reads standard input")
			}
			return nil
		},
	}
	db := databaseFlag(c)
	date := c.Flags().String("date", "", "the day of the text, YYYY-MM-DD: names and members of groups are those of that day")
	c.RunE = func(c *cobra.Command, args []string) error {
		on, err := register.ParseDate(*date)
		if err != nil {
			return wrong("--date %q is no date: write it as YYYY-MM-DD, YYYY-MM or YYYY", *date)
		}
		name, in := "", c.InOrStdin()
		if len(args) == 1 && args[0] != "-" {
			f, err := os.Open(args[0])
			if err != nil {
				return fmt.Errorf("cannot read %s: check the path", args[0])
			}
			defer f.Close()
			name, in = args[0], f
		}
		b, err := io.ReadAll(io.LimitReader(in, intake.MaxUpload+1))
		if errors.Is(err, syscall.EISDIR) {
			return fmt.Errorf("cannot read %s: it is a folder. Give the path of a file", args[0])
		}
		if err != nil {
			return err
		}
		text, err := brought(name, b)
		if err != nil {
			return err
		}
		ref, err := reference(c, *db)
		if err != nil {
			return err
		}
		r := recognised{Recognition: register.NewRecogniser(ref).Read(text, on), Stated: []int{}}
		for _, n := range r.Recognition.Stated {
			r.Stated = append(r.Stated, n.Count)
		}
		out := json.NewEncoder(c.OutOrStdout())
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		return out.Encode(r)
	}
	return c
}

// brought is the text of a file. A plain text stays as it is, so that the places of finds are bytes of the file; other kinds are
// made a text.
func brought(name string, b []byte) (string, error) {
	if utf8.Valid(b) && !bytes.ContainsRune(b, 0) && len(b) <= register.MaxRead {
		switch strings.ToLower(filepath.Ext(name)) {
		case ".html", ".htm", ".xhtml":
		default:
			return string(b), nil
		}
	}
	got, err := intake.Open(name, b)
	if err != nil {
		return "", refused(name, err)
	}
	if got.Table == nil {
		return got.Text, nil
	}
	// The cells of a table, a row a line.
	var text strings.Builder
	for _, sheet := range got.Table.Sheets {
		for _, row := range sheet.Rows {
			text.WriteString(strings.Join(row, "\t") + "\n")
		}
	}
	if text.Len() > register.MaxRead {
		return "", fmt.Errorf("%s holds %d bytes of text, more than the %d that are read at once: take the list of signatories alone", name, text.Len(), register.MaxRead)
	}
	return text.String(), nil
}

// refused says in English why a file is not read.
func refused(name string, err error) error {
	var r *intake.Refusal
	if !errors.As(err, &r) {
		return err
	}
	p, _ := i18n.For("en")
	if name == "" {
		name = "standard input"
	}
	return fmt.Errorf("cannot read %s: %s", name, r.Sentence(p))
}

// reference is the reference data of a database, the shipped one where there is no database.
func reference(c *cobra.Command, db string) (*register.Reference, error) {
	if _, err := os.Stat(db); os.IsNotExist(err) && !c.Flags().Changed("db") {
		return seed.Reference()
	}
	s, err := existing(c.Context(), db)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	v, err := s.At(c.Context(), 0)
	if err != nil {
		return nil, err
	}
	if v.Revision == 0 {
		return seed.Reference()
	}
	return v.Ref, nil
}
