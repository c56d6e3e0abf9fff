package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"blangko/internal/access"
)

func ledgerCommand(c *config) *cobra.Command {
	var checkpoint, key string
	cmd := &cobra.Command{Use: "ledger", Short: "The ledger of blanks"}
	verify := dataFlag(&cobra.Command{
		Use:   "verify",
		Short: "Check every link, move, balance, daily flow, box, document's history, lot and checkpoint; name what was edited",
		Args:  cobra.NoArgs,
		RunE: onDatabase(c, func(cmd *cobra.Command, d *database, _ []string) error {
			bar := progress("verify")
			v, err := d.ledger(time.Now).Verify(cmd.Context(), bar)
			if err != nil {
				return err
			}
			if checkpoint != "" {
				point, trusted, err := readCheckpoint(checkpoint, key)
				if err != nil {
					return err
				}
				since, err := d.ledger(time.Now).VerifyCheckpoint(cmd.Context(), access.System, point, trusted)
				if err != nil {
					return err
				}
				v.Breaches = append(v.Breaches, since...)
			}
			kept, checkpoints, err := d.keptCheckpoints(cmd.Context())
			if err != nil {
				return err
			}
			v.Breaches = append(v.Breaches, kept...)
			for _, b := range v.Breaches {
				fmt.Fprintln(cmd.OutOrStdout(), b)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d places, %d moves, %d entries, %d boxes, %d links of custody, %d steps of documents, %d checkpoints\n",
				v.Places, v.Moves, v.Entries, v.Boxes, v.Links, v.Steps, checkpoints)
			if len(v.Breaches) > 0 {
				return errors.New("the ledger does not agree with itself; see the lines above, and restore from a backup or have an auditor look")
			}
			fmt.Fprintln(cmd.OutOrStdout(), "the ledger agrees with itself")
			return nil
		}),
	}, c)
	verify.Flags().StringVar(&checkpoint, "checkpoint", "", "checkpoint taken earlier: what was the newest link then must still stand")
	verify.Flags().StringVar(&key, "key", "", "key that signed the checkpoint; its public half will do")
	cmd.AddCommand(verify, checkpointCommand(c))
	return cmd
}
