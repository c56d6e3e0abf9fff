package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
	"golang.org/x/term"

	"blangko/forecasting/demand"
)

// forecastOptions are the flags of `blangko forecast`.
type forecastOptions struct {
	input, output string
	freq          string
	season        string
	horizon       int
	level         string
	seed          uint64
}

func forecastCommand() *cobra.Command {
	var o forecastOptions
	cmd := &cobra.Command{
		Use:   "forecast",
		Short: "Forecast series from a CSV file; needs no database",
		Long: `Reads unique_id,ds,y and writes unique_id,ds,mean,lo-80,hi-80,lo-95,hi-95, one row a series and future period.

Rows of series may interleave and dates may come in any order; a series' forecast depends on no other series.
An empty y, NaN, NA or a skipped period is missing and is not taken for zero. Anything else that cannot be used
(dates off the calendar of --freq or on a coarser one, a period given twice, an infinite value, no value at all)
stops the command with an error that names the series and the row, and no output is written.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.run(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.input, "input", "-", "CSV file to read, - for standard input")
	f.StringVar(&o.output, "output", "-", "CSV file to write, - for standard output")
	f.StringVar(&o.freq, "freq", "MS", "step between periods: D, W, MS, QS or YS")
	f.StringVar(&o.season, "season", "", "periods after which the pattern repeats, or several such as 7,365; 1 for none (default by --freq: D 7,365, W 52, MS 12, QS 4, YS 1)")
	f.IntVar(&o.horizon, "horizon", 12, "periods to forecast")
	f.StringVar(&o.level, "level", "80,95", "prediction intervals in percent")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the simulated futures")
	return cmd
}

func (o forecastOptions) run(ctx context.Context, stdin io.Reader, stdout io.Writer) error {
	freq, err := parseFrequency(o.freq)
	if err != nil {
		return err
	}
	levels, err := parseLevels(o.level)
	if err != nil {
		return err
	}
	if o.horizon < 1 || o.horizon > demand.MaxHorizon {
		return fmt.Errorf("--horizon %d: must be between 1 and %d", o.horizon, demand.MaxHorizon)
	}
	seasons, err := parseSeasons(cmp.Or(o.season, freq.seasons()))
	if err != nil {
		return err
	}
	all, err := o.read(stdin, freq)
	if err != nil {
		return err
	}
	return writeWhole(o.output, stdout, func(w *bufio.Writer) error {
		return o.forecastAll(ctx, w, all, freq, seasons, levels)
	})
}

func (o forecastOptions) read(stdin io.Reader, freq frequency) ([]timeSeries, error) {
	if o.input == "-" {
		return readSeries(stdin, freq)
	}
	f, err := os.Open(o.input)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all, err := readSeries(f, freq)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.input, err)
	}
	return all, nil
}

// forecastAll forecasts block by block, the series of a block in parallel, and
// writes them in the order in which they first appeared.
func (o forecastOptions) forecastAll(ctx context.Context, w *bufio.Writer, all []timeSeries, freq frequency, seasons []int, levels []string) error {
	if _, err := w.WriteString(forecastHeader(levels)); err != nil {
		return err
	}
	bar := progressBar(len(all))
	const block = 256
	rows := make([][]byte, block)
	for from := 0; from < len(all); from += block {
		some := all[from:min(len(all), from+block)]
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(runtime.GOMAXPROCS(0))
		for i := range some {
			g.Go(func() (err error) {
				if err := ctx.Err(); err != nil {
					return err
				}
				rows[i], err = o.forecastOne(rows[i][:0], some[i], freq, seasons, levels)
				return err
			})
		}
		if err := g.Wait(); err != nil {
			return err
		}
		for i := range some {
			if _, err := w.Write(rows[i]); err != nil {
				return err
			}
		}
		if err := bar.Add(len(some)); err != nil {
			return err
		}
	}
	return bar.Finish()
}

// forecastOne appends the rows of one series.
func (o forecastOptions) forecastOne(row []byte, s timeSeries, freq frequency, seasons []int, levels []string) ([]byte, error) {
	f, err := forecastSeasons(demand.Series{Values: s.values}, seasons, o.horizon, demand.Options{Paths: 1000, Seed: o.seed})
	if err != nil {
		return nil, fmt.Errorf("series %q: %w", s.id, err)
	}
	number := func(v float64) {
		row = append(row, ',')
		row = strconv.AppendFloat(row, v, 'g', 10, 64)
	}
	for h := range o.horizon {
		row = append(row, quoted(s.id)...)
		row = append(row, ',')
		row = append(row, freq.date(s.first+int64(len(s.values)+h)*freq.step)...)
		number(f.Mean[h])
		for _, level := range levels {
			p, err := strconv.ParseFloat(level, 64)
			if err != nil {
				return nil, err
			}
			number(f.Quantile(h, 0.5-p/200))
			number(f.Quantile(h, 0.5+p/200))
		}
		row = append(row, '\n')
	}
	return row, nil
}

func forecastSeasons(s demand.Series, seasons []int, horizon int, opt demand.Options) (demand.Forecast, error) {
	if len(seasons) == 1 {
		s.Season = seasons[0]
		return demand.Best(s, horizon, opt)
	}
	return demand.Daily(s, seasons, horizon, opt)
}

// quoted is a CSV field (RFC 4180).
func quoted(field string) string {
	if strings.ContainsAny(field, ",\"\r\n") || strings.TrimSpace(field) != field {
		return `"` + strings.ReplaceAll(field, `"`, `""`) + `"`
	}
	return field
}

func forecastHeader(levels []string) string {
	header := "unique_id,ds,mean"
	for _, l := range levels {
		header += ",lo-" + l + ",hi-" + l
	}
	return header + "\n"
}

// parseLevels keeps the levels as they were written, for the column names.
func parseLevels(list string) ([]string, error) {
	var levels []string
	for field := range strings.SplitSeq(list, ",") {
		field = strings.TrimSpace(field)
		p, err := strconv.ParseFloat(field, 64)
		if err != nil || !(p > 0 && p < 100) {
			return nil, fmt.Errorf("--level %q: must be a percentage between 0 and 100", field)
		}
		if slices.Contains(levels, field) {
			return nil, fmt.Errorf("--level %s: given twice", field)
		}
		levels = append(levels, field)
	}
	return levels, nil
}

// parseSeasons reads one season or several.
func parseSeasons(list string) (seasons []int, err error) {
	for field := range strings.SplitSeq(list, ",") {
		field = strings.TrimSpace(field)
		m, err := strconv.Atoi(field)
		if err != nil || m < 1 || m > maxSeason {
			return nil, fmt.Errorf("--season %q: must be a whole number between 1 and %d, or several such as 7,365", field, maxSeason)
		}
		if slices.Contains(seasons, m) {
			return nil, fmt.Errorf("--season %d: given twice", m)
		}
		seasons = append(seasons, m)
	}
	if len(seasons) > 1 && slices.Contains(seasons, 1) {
		return nil, fmt.Errorf("--season 1: means none and stands alone, not in %s", list)
	}
	return seasons, nil
}

// progressBar shows on a terminal how far the work is, and elsewhere nothing.
func progressBar(n int) *progressbar.ProgressBar {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return progressbar.DefaultSilent(int64(n))
	}
	return progressbar.NewOptions(n, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription("forecasting"),
		progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
}

// writeWhole lets write fill the file at path, which appears whole or not at
// all: it is written beside its place and then renamed. What is not a regular
// file, such as a pipe, is written directly.
func writeWhole(path string, stdout io.Writer, write func(*bufio.Writer) error) (err error) {
	if path == "-" {
		return writeTo(stdout, write)
	}
	mode := fs.FileMode(0o644)
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(writeTo(f, write), f.Close())
	case err == nil:
		mode = info.Mode().Perm()
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	if err := errors.Join(writeTo(f, write), f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), path)
}

func writeTo(w io.Writer, write func(*bufio.Writer) error) error {
	b := bufio.NewWriterSize(w, 1<<16)
	if err := write(b); err != nil {
		return err
	}
	return b.Flush()
}
