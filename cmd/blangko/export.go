package main

import (
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"blangko/api"
)

func exportCommand(c *config) *cobra.Command {
	var format, output, username string
	cmd := &cobra.Command{
		Use:   "export KIND [FILTER=VALUE ...]",
		Short: "Give a table out as CSV or XLSX; without a KIND, list them",
		Long: `Gives out a list of the API, all of it: the same rows, totals and hidden cells as the screen. KIND is its path with dots for slashes (stock,
gaps, places.12.card.rows), the filters are its query: blangko export gaps level=district region=12.71 --format xlsx --output gaps.xlsx`,
		RunE: onDatabase(c, func(cmd *cobra.Command, d *database, args []string) error {
			s, err := newSystem(d, time.Now)
			if err != nil {
				return err
			}
			who, err := as(cmd.Context(), d, username)
			if err != nil {
				return err
			}
			server, err := api.New(s.domains(), api.Options{Version: version})
			if err != nil {
				return err
			}
			if len(args) == 0 {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), strings.Join(server.Tables(), "\n"))
				return err
			}
			query := url.Values{}
			for _, filter := range args[1:] {
				name, value, ok := strings.Cut(filter, "=")
				if !ok {
					return fmt.Errorf("%q is no filter: write NAME=VALUE", filter)
				}
				query.Add(name, value)
			}
			content, _, err := server.Export(cmd.Context(), who, args[0]+"."+format, query)
			if err != nil {
				return err
			}
			if output == "-" {
				_, err = cmd.OutOrStdout().Write(content)
				return err
			}
			return os.WriteFile(output, content, 0o644)
		}),
	}
	cmd.Flags().StringVar(&format, "format", "csv", "csv or xlsx")
	cmd.Flags().StringVarP(&output, "output", "o", "-", "file to write; - is standard output")
	cmd.Flags().StringVar(&username, "as", "", "user on whose behalf; the system when not given")
	return dataFlag(cmd, c)
}
