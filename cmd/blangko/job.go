package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

func jobCommand(c *config) *cobra.Command {
	cmd := &cobra.Command{Use: "job", Short: "Jobs that the server runs by the clock"}
	cmd.AddCommand(dataFlag(&cobra.Command{
		Use:   "run NAME",
		Short: "Run a job now, as the clock would",
		Args:  cobra.ExactArgs(1),
		RunE: onDatabase(c, func(cmd *cobra.Command, d *database, args []string) error {
			s, err := newSystem(d, time.Now)
			if err != nil {
				return err
			}
			began := time.Now()
			if err := s.schedule.Run(cmd.Context(), args[0]); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s done in %v\n", args[0], time.Since(began).Round(time.Millisecond))
			return nil
		}),
	}, c))
	return cmd
}
