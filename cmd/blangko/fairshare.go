package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"blangko/inventory"
	"blangko/inventory/fairshare"
)

// fairshareOptions are the flags of `blangko fairshare`; the numbers stay text until parsed, so that 010 is ten.
type fairshareOptions struct {
	input, output        string
	rule                 string
	available, box, days string
}

func fairshareCommand() *cobra.Command {
	var o fairshareOptions
	cmd := &cobra.Command{
		Use:   "fairshare --available Q --rule together|proportional|gains|losses|shortage",
		Short: "Divide scarce blanks among places from a CSV file; needs no database",
		Long: `Reads region,request,on_hand,in_transit,daily_need,weight,floor,cap and, if there, sd, in any order, and writes
region,given,days_of_cover,fill,why in the order of the rows.

Every place gets its floor; then the next blank or box goes to the place with the lowest level, ties in file order.
The rule says what the level is:
  together      days of cover: (on_hand + in_transit + given) / (weight x daily_need)
  proportional  part of the request: given / (weight x request)
  gains         blanks given: given / weight
  losses        the largest loss first: weight x (request - given)
  shortage      the largest saving first: weight x the expected shortage over --days that the next blank or box saves

in_transit counts as stock. An empty cap is the request; an empty request is a push, which only a cap limits and whose
daily_need over --days stands where a rule looks at the request. Empty in_transit and floor are 0, an empty weight is 1.
sd is the standard deviation of the demand over --days, normally distributed; an empty sd makes that demand Poisson.
Caps round down to boxes, floors up. A place without a level (no need, no request or weight 0) comes after all others.
days_of_cover is empty without a daily_need, fill without a request. What caps or boxes leave over is told on standard
error. Input that cannot be used is an error that names the row, the column and the value, and nothing is written.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.run(cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.available, "available", "", "blanks to divide")
	f.StringVar(&o.rule, "rule", "", "together, proportional, gains, losses or shortage")
	f.StringVar(&o.box, "box", "1", "blanks in a box; only whole boxes are given")
	f.StringVar(&o.days, "days", "30", "days whose demand counts for shortage and for a push")
	f.StringVar(&o.input, "input", "-", "CSV file to read, - for standard input")
	f.StringVar(&o.output, "output", "-", "CSV file to write, - for standard output")
	return cmd
}

func (o fairshareOptions) run(stdin io.Reader, stdout, stderr io.Writer) error {
	terms, err := o.terms()
	if err != nil {
		return err
	}
	table, err := o.read(stdin)
	if err != nil {
		return err
	}
	result, err := fairshare.Divide(terms, table.claims)
	if err != nil {
		return table.explain(err, terms)
	}
	err = writeWhole(o.output, stdout, func(w *bufio.Writer) error {
		return writeShares(w, terms, table, result)
	})
	if err != nil || result.Left == 0 {
		return err
	}
	cause := "every place is at its cap or request"
	if !result.Full {
		cause = fmt.Sprintf("less than a box of %d", terms.Box)
	}
	_, err = fmt.Fprintf(stderr, "blangko: %d of %d blanks left over: %s\n", result.Left, terms.Available, cause)
	return err
}

func (o fairshareOptions) terms() (fairshare.Terms, error) {
	t := fairshare.Terms{Rule: fairshare.Rule(o.rule)}
	for _, f := range []struct {
		flag, text string
		value      *int64
		least      int64
	}{{"available", o.available, &t.Available, 0}, {"box", o.box, &t.Box, 1}, {"days", o.days, &t.Days, 1}} {
		n, err := wholeNumber(f.text)
		if err == nil && n < f.least {
			err = fmt.Errorf("%q is below %d", f.text, f.least)
		}
		if err != nil {
			return t, fmt.Errorf("--%s: %w", f.flag, err)
		}
		*f.value = n
	}
	var names []string
	for _, rule := range fairshare.Rules() {
		if rule == t.Rule {
			return t, nil
		}
		names = append(names, string(rule))
	}
	return t, fmt.Errorf("--rule: %q is none of %s", o.rule, strings.Join(names, ", "))
}

func (o fairshareOptions) read(stdin io.Reader) (claimTable, error) {
	if o.input == "-" {
		return readClaims(stdin)
	}
	f, err := os.Open(o.input)
	if err != nil {
		return claimTable{}, err
	}
	defer f.Close()
	table, err := readClaims(f)
	if err != nil {
		return table, fmt.Errorf("%s: %w", o.input, err)
	}
	return table, nil
}

// explain names the row of an error of Divide, as the error of a cell does.
func (t claimTable) explain(err error, terms fairshare.Terms) error {
	var e *fairshare.Error
	if !errors.As(err, &e) {
		return err
	}
	boxes := ""
	if terms.Box > 1 {
		boxes = fmt.Sprintf(" in whole boxes of %d", terms.Box)
	}
	switch e.Code {
	case fairshare.FloorAboveCap:
		limit := "cap"
		if t.claims[e.Claim].Cap == nil {
			limit = "request"
		}
		return fmt.Errorf("row %d, column floor: %q is above the %s of %s%s", t.rows[e.Claim], e.Value, limit, e.Limit, boxes)
	case fairshare.FloorsAboveAvailable:
		return fmt.Errorf("column floor: the floors add up to %s%s, above the %s available", e.Value, boxes, e.Limit)
	}
	return err
}

func writeShares(w io.Writer, terms fairshare.Terms, table claimTable, result fairshare.Result) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"region", "given", "days_of_cover", "fill", "why"}); err != nil {
		return err
	}
	why := inventory.Why(terms, table.claims, result)
	for i, line := range result.Lines {
		claim := table.claims[i]
		row := []string{
			table.regions[i],
			strconv.FormatInt(line.Given, 10),
			decimalText(claim.DaysOfCover(line.Given), 4),
			decimalText(claim.Fill(line.Given), 4),
			why[i],
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// decimalText is r to at most that many places, or nothing for nil.
func decimalText(r *big.Rat, places int) string {
	if r == nil {
		return ""
	}
	return trimZeros(r.FloatString(places))
}

// trimZeros takes the zeros off the end of a text with a decimal point.
func trimZeros(text string) string {
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}
