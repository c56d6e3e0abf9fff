package main

import (
	"context"
	"errors"
	"io"
	"runtime"

	"github.com/spf13/cobra"

	"blangko/outreach/route"
	"blangko/outreach/route/vroom"
)

func routeCommand() *cobra.Command {
	o := route.Options{Threads: runtime.GOMAXPROCS(0)}
	cmd := &cobra.Command{
		Use:   "route",
		Short: "Plan visits from a problem in VROOM's JSON; needs no database",
		Long: `Reads a problem in VROOM's JSON on standard input (vehicles, jobs, matrices with durations) and writes a
solution in VROOM's JSON on standard output. The objective is VROOM's: the sum of the priorities of the jobs served,
then their number, then travel. A field that is not supported is an error that names it. An error is written to
standard output as {"code","error"} and ends the command with status 1.

The same problem, seed and iterations give the same answer on any number of threads.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runRoute(cmd.Context(), o, cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.Uint64Var(&o.Seed, "seed", 1, "seed of the search")
	f.IntVar(&o.Iterations, "iterations", 0, "steps of the search; 0 for a budget by problem size")
	f.IntVar(&o.Threads, "threads", o.Threads, "threads at most; the answer does not depend on them")
	return cmd
}

func runRoute(ctx context.Context, o route.Options, in io.Reader, out io.Writer) error {
	problem, err := io.ReadAll(io.LimitReader(in, vroom.MaxBytes+1))
	if err != nil {
		return err
	}
	answer, failure := vroom.Solve(ctx, problem, o)
	_, err = out.Write(append(answer, '\n'))
	return errors.Join(failure, err)
}
