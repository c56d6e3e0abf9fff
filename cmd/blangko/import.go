package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"blangko/internal/sheet"
)

// errBadRows makes the command fail when a row was not taken, so that a script notices.
var errBadRows = errors.New("some rows were not taken")

func importCommand(c *config) *cobra.Command {
	var o sheet.Options
	var username string
	cmd := &cobra.Command{
		Use:   "import KIND FILE",
		Short: "Take in a CSV or XLSX file; - reads standard input",
		Long: `Takes in a file of a kind; one that does not exist is answered with those that do. Good rows go in as one transaction, or none with --strict when one is bad; each wrong
cell is printed as row, cell, column, code and value, and the command then ends with an error. --dry-run tells what would be done.`,
		Args: cobra.ExactArgs(2),
		RunE: onDatabase(c, func(cmd *cobra.Command, d *database, args []string) (err error) {
			s, err := newSystem(d, time.Now)
			if err != nil {
				return err
			}
			who, err := as(cmd.Context(), d, username)
			if err != nil {
				return err
			}
			var from io.Reader = cmd.InOrStdin()
			if args[1] != "-" {
				f, err := os.Open(args[1])
				if err != nil {
					return err
				}
				defer func() { err = errors.Join(err, f.Close()) }()
				from = f
			}
			o.Progress = progress("rows")
			report, err := s.imports.Import(cmd.Context(), who, args[0], filepath.Base(args[1]), from, o)
			if err != nil {
				return err
			}
			return printReport(cmd.OutOrStdout(), report)
		}),
	}
	cmd.Flags().BoolVar(&o.Strict, "strict", false, "all rows or none")
	cmd.Flags().BoolVar(&o.DryRun, "dry-run", false, "only tell what would be done")
	cmd.Flags().StringVar(&username, "as", "", "user on whose behalf; the system when not given")
	return dataFlag(cmd, c)
}

func printReport(w io.Writer, r sheet.Report) error {
	for _, e := range r.Errors {
		if _, err := fmt.Fprintf(w, "row %d\t%s\t%s\t%s\t%s\n", e.Row, e.Cell, e.Column, e.Code, e.Value); err != nil {
			return err
		}
	}
	state := r.State
	if r.DryRun {
		state = "dry run"
	}
	if _, err := fmt.Fprintf(w, "%s: %d rows, %d taken, %d unchanged, %d bad\n", state, r.Rows, r.Taken, r.Unchanged, r.Bad); err != nil {
		return err
	}
	if r.Bad > 0 {
		return errBadRows
	}
	return nil
}
