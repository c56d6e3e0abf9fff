package main

import (
	"github.com/spf13/cobra"

	"blangko/cmd/blangko/replay"
)

// outcomeCommand and calibrationCommand judge forecasts and rules on synthetic nations; `make outcome` runs the first.
func outcomeCommand() *cobra.Command {
	var o replay.Options
	cmd := &cobra.Command{
		Use:   "outcome",
		Short: "Replay a scarce simulated year under four rules of division; needs no database",
		Long: `Simulates synthetic nations, takes their last year again with too few blanks, and divides them every other week: in flat
quotas of 500, proportional to requests, so that all run out together, and for the least expected shortage, the last two
with the forecast. Demand, supply, roads and chance are the same under each rule. Prints means with 95 % intervals.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			outcome, err := replay.Replay(cmd.Context(), o, progress("replaying"))
			if err != nil {
				return err
			}
			return outcome.Print(cmd.OutOrStdout())
		},
	}
	cmd.Flags().IntVar(&o.Seeds, "seeds", 20, "nations, at least 2")
	cmd.Flags().StringSliceVar(&o.Only, "only", nil, "codes of regions; all when absent")
	return cmd
}

func calibrationCommand() *cobra.Command {
	var o replay.Options
	cmd := &cobra.Command{
		Use:   "calibration",
		Short: "Compare stated run-out probabilities with what came on synthetic nations; needs no database",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			record, err := replay.Calibrate(cmd.Context(), o, progress("foreseeing"))
			if err != nil {
				return err
			}
			return record.Print(cmd.OutOrStdout())
		},
	}
	cmd.Flags().IntVar(&o.Seeds, "seeds", 20, "nations")
	cmd.Flags().StringSliceVar(&o.Only, "only", nil, "codes of regions; all when absent")
	cmd.Flags().IntSliceVar(&o.Days, "days", []int{150, 115, 80, 45}, "days before the end on which it is foreseen")
	return cmd
}
