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
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "blangko:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	c, err := readConfig()
	if err != nil {
		return err
	}
	cmd := root(&c)
	cmd.SetArgs(args)
	return cmd.ExecuteContext(ctx)
}

func root(c *config) *cobra.Command {
	cmd := &cobra.Command{
		Use:           "blangko",
		Short:         "Identity-card blanks: stock, shortage, fair shares and outreach visits",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	cmd.AddCommand(
		serveCommand(c),
		ledgerCommand(c),
		jobCommand(c),
		importCommand(c),
		exportCommand(c),
		tokenCommand(c),
		backupCommand(c),
		restoreCommand(c),
		doctorCommand(c),
		openAPICommand(),
		forecastCommand(),
		routeCommand(),
		fairshareCommand(),
		outcomeCommand(),
		calibrationCommand(),
	)
	return cmd
}
