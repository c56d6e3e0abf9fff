package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"blangko/internal/access"
	"blangko/inventory"
)

func ledgerCommand(c *config) *cobra.Command {
	var checkpoint, key string
	cmd := &cobra.Command{Use: "ledger", Short: "The ledger of blanks"}
	verify := dataFlag(&cobra.Command{
		Use:   "verify",
		Short: "Check every link, move, balance and daily flow; name what was edited",
		Args:  cobra.NoArgs,
		RunE: onDatabase(c, func(cmd *cobra.Command, d *database, _ []string) error {
			bar := progress("verify")
			v, err := inventory.NewLedger(d.DB, time.Now).Verify(cmd.Context(), bar)
			if err != nil {
				return err
			}
			if checkpoint != "" {
				point, trusted, err := readCheckpoint(checkpoint, key)
				if err != nil {
					return err
				}
				since, err := inventory.NewLedger(d.DB, time.Now).VerifyCheckpoint(cmd.Context(), access.System, point, trusted)
				if err != nil {
					return err
				}
				v.Breaches = append(v.Breaches, since...)
			}
			for _, b := range v.Breaches {
				fmt.Fprintln(cmd.OutOrStdout(), b)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d places, %d moves, %d entries\n", v.Places, v.Moves, v.Entries)
			if len(v.Breaches) > 0 {
				return errors.New("the ledger does not agree with itself; see the lines above, and restore from a backup or have an auditor look")
			}
			fmt.Fprintln(cmd.OutOrStdout(), "the ledger agrees with itself")
			return nil
		}),
	}, c)
	verify.Flags().StringVar(&checkpoint, "checkpoint", "", "checkpoint taken earlier: what was the newest link then must still stand")
	verify.Flags().StringVar(&key, "key", "", "key that signed the checkpoint")
	cmd.AddCommand(verify, checkpointCommand(c))
	return cmd
}
