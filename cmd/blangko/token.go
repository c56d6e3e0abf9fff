package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"blangko/internal/account"
)

func tokenCommand(c *config) *cobra.Command {
	cmd := &cobra.Command{Use: "token", Short: "Bearer tokens of programs"}
	var username, name string
	var days int
	add := &cobra.Command{
		Use:   "add --user NAME --name WHAT-FOR",
		Short: "Make a token and print its secret, once",
		Args:  cobra.NoArgs,
		RunE: onDatabase(c, func(cmd *cobra.Command, d *database, _ []string) error {
			if username == "" {
				return errors.New("name the user the program acts as: --user officer.12.71")
			}
			who, err := as(cmd.Context(), d, username)
			if err != nil {
				return err
			}
			token, err := account.New(d.DB, time.Now).AddToken(cmd.Context(), who, account.NewToken{Name: name, Days: days})
			if err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), token.Secret)
			return nil
		}),
	}
	add.Flags().StringVar(&username, "user", "", "user the program acts as")
	add.Flags().StringVar(&name, "name", "command line", "what the token is for")
	add.Flags().IntVar(&days, "days", 0, "days until it expires, 1 to 366 (90 when not given)")
	cmd.AddCommand(dataFlag(add, c))
	return cmd
}
