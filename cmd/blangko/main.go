// Command blangko tracks identity-card blanks from the national store to every counter, foresees shortages,
// divides scarce stock fairly and plans outreach visits. See `blangko help`.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := root().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "blangko:", err)
		os.Exit(1)
	}
}

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "blangko",
		Short:         "Identity-card blanks: stock, shortage, fair shares and outreach visits",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	cmd.AddCommand(forecastCommand())
	cmd.AddCommand(routeCommand())
	cmd.AddCommand(fairshareCommand())
	return cmd
}
