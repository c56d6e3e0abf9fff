package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"blangko/inventory/fairshare"
)

// A claimTable is the input of `blangko fairshare`: what each region claims, and the row of the file it stands in.
type claimTable struct {
	regions []string
	rows    []int
	claims  []fairshare.Claim
}

var claimColumns = []string{"region", "request", "on_hand", "in_transit", "daily_need", "weight", "floor", "cap", "sd"}

// readClaims reads a whole table or names the first thing wrong with it. The header is row 1.
func readClaims(r io.Reader) (claimTable, error) {
	var t claimTable
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	in.ReuseRecord = true
	header, err := in.Read()
	if errors.Is(err, io.EOF) {
		return t, errors.New("the input is empty: want a header with " + strings.Join(claimColumns[:8], ","))
	}
	if err != nil {
		return t, rowError(err)
	}
	columns, err := parseHeader(header)
	if err != nil {
		return t, err
	}
	seen := map[string]int{}
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return t, rowError(err)
		}
		row, _ := in.FieldPos(0)
		if len(record) != len(columns) {
			return t, fmt.Errorf("row %d: %d cells, but the header has %d columns", row, len(record), len(columns))
		}
		cells := claimCells{row: row, text: map[string]string{}}
		for i, name := range columns {
			cells.text[name] = strings.TrimSpace(record[i])
		}
		region, claim, err := cells.claim()
		if err != nil {
			return t, err
		}
		if first, ok := seen[region]; ok {
			return t, fmt.Errorf("row %d, column region: %q is already in row %d", row, region, first)
		}
		seen[region] = row
		t.regions, t.rows, t.claims = append(t.regions, region), append(t.rows, row), append(t.claims, claim)
	}
	if len(t.claims) == 0 {
		return t, errors.New("the input has a header but no rows")
	}
	return t, nil
}

// rowError names the row of what is no CSV.
func rowError(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return fmt.Errorf("row %d: %w", parse.StartLine, parse.Err)
	}
	return err
}

// parseHeader returns the columns in their order, each known, none twice, none but sd missing.
func parseHeader(header []string) ([]string, error) {
	var columns []string
	for i, name := range header {
		if i == 0 {
			name = strings.TrimPrefix(name, "\ufeff")
		}
		name = strings.TrimSpace(name)
		switch {
		case !utf8.ValidString(name) || strings.ContainsRune(name, 0):
			return nil, fmt.Errorf("row 1: %q is not UTF-8 text: save the table as CSV UTF-8", name)
		case len(header) == 1 && strings.ContainsAny(name, ";\t"):
			return nil, fmt.Errorf("row 1: %q: want commas between the columns and points in decimals", name)
		case !slices.Contains(claimColumns, name):
			return nil, fmt.Errorf("row 1: unknown column %q: want %s and, if you like, sd", name, strings.Join(claimColumns[:8], ","))
		case slices.Contains(columns, name):
			return nil, fmt.Errorf("row 1: column %q is there twice", name)
		}
		columns = append(columns, name)
	}
	for _, name := range claimColumns[:8] {
		if !slices.Contains(columns, name) {
			return nil, fmt.Errorf("row 1: column %q is missing", name)
		}
	}
	return columns, nil
}

// claimCells are the cells of one row. After the first error the rest are not looked at.
type claimCells struct {
	row  int
	text map[string]string
	err  error
}

func (c *claimCells) claim() (string, fairshare.Claim, error) {
	region := c.text["region"]
	switch {
	case region == "":
		c.fail("region", errors.New("is empty"))
	case !utf8.ValidString(region):
		c.fail("region", fmt.Errorf("%q is not UTF-8 text", region))
	}
	claim := fairshare.Claim{
		Request:   c.blanks("request"),
		Cap:       c.blanks("cap"),
		DailyNeed: c.decimal("daily_need"),
		Weight:    c.decimal("weight"),
		SD:        c.decimal("sd"),
	}
	if floor := c.blanks("floor"); floor != nil {
		claim.Floor = *floor
	}
	onHand, inTransit := c.blanks("on_hand"), c.blanks("in_transit")
	if onHand != nil {
		claim.Stock = *onHand
	} else {
		c.fail("on_hand", errors.New(`"" is not known: write 0 for none`))
	}
	if claim.DailyNeed == nil {
		c.fail("daily_need", errors.New(`"" is not known: write 0 for none`))
	}
	if inTransit != nil {
		claim.Stock += *inTransit
		if claim.Stock < 0 { // both are at least 0
			c.fail("in_transit", fmt.Errorf("%q and %q on hand are too many together", c.text["in_transit"], c.text["on_hand"]))
		}
	}
	return region, claim, c.err
}

func (c *claimCells) fail(column string, err error) {
	if c.err == nil {
		c.err = fmt.Errorf("row %d, column %s: %w", c.row, column, err)
	}
}

// blanks is a count of blanks, nil when the cell is empty.
func (c *claimCells) blanks(column string) *int64 {
	text := c.text[column]
	if text == "" {
		return nil
	}
	n, err := wholeNumber(text)
	if err == nil && n < 0 {
		err = fmt.Errorf("%q is negative", text)
	}
	if err != nil {
		c.fail(column, err)
		return nil
	}
	return &n
}

// decimal is an exact number, nil when the cell is empty or the column is not there.
func (c *claimCells) decimal(column string) *big.Rat {
	text := c.text[column]
	if text == "" {
		return nil
	}
	n, err := exactNumber(text)
	if err == nil && n.Sign() < 0 {
		err = fmt.Errorf("%q is negative", text)
	}
	if err != nil {
		c.fail(column, err)
		return nil
	}
	return n
}

// A whole number may end in .0, as spreadsheet libraries write a column of whole numbers that has empty cells.
var wholePattern = regexp.MustCompile(`^([+-]?[0-9]+)(\.0)?$`)

func wholeNumber(text string) (int64, error) {
	parts := wholePattern.FindStringSubmatch(text)
	if parts == nil {
		return 0, fmt.Errorf("%q is not a whole number", text)
	}
	n, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is too large", text)
	}
	return n, nil
}

// The exponent has two digits, so that no cell can ask for a number that fills the memory.
var exactPattern = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?$`)

// exactNumber is the number that the text says, not a float near it.
func exactNumber(text string) (*big.Rat, error) {
	if !exactPattern.MatchString(text) {
		return nil, fmt.Errorf("%q is not a number such as 12.5", text)
	}
	n, ok := new(big.Rat).SetString(text)
	if !ok || len(text) > 30 || new(big.Rat).Abs(n).Cmp(largestNumber) > 0 || len(n.Denom().Bits()) > 2 {
		return nil, fmt.Errorf("%q has too many digits", text)
	}
	return n, nil
}

// largestNumber is far above any need, weight or deviation of a place.
var largestNumber = new(big.Rat).SetInt64(1e15)

// weighted tells whether any place counts for more or less than one.
func (t claimTable) weighted() bool {
	one := big.NewRat(1, 1)
	return slices.ContainsFunc(t.claims, func(c fairshare.Claim) bool { return c.Weight != nil && c.Weight.Cmp(one) != 0 })
}
