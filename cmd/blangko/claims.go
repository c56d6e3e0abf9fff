package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/big"
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
		cells := claimCells{row: row, columns: columns, record: record}
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

// claimCells are the cells of one row and the first thing found wrong with them.
type claimCells struct {
	row     int
	columns []string
	record  []string
	err     error
}

// text is a cell without the spaces around it; empty when the column is not there.
func (c *claimCells) text(column string) string {
	if i := slices.Index(c.columns, column); i >= 0 {
		return strings.TrimSpace(c.record[i])
	}
	return ""
}

func (c *claimCells) claim() (string, fairshare.Claim, error) {
	region := strings.Clone(c.text("region")) // not the memory of the whole row
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
			c.fail("in_transit", fmt.Errorf("%q and %q on hand are too many together", c.text("in_transit"), c.text("on_hand")))
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
	text := c.text(column)
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
	text := c.text(column)
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

// wholeNumber may end in .0, as spreadsheet libraries write a column of whole numbers that has empty cells.
func wholeNumber(text string) (int64, error) {
	n, err := strconv.ParseInt(strings.TrimSuffix(text, ".0"), 10, 64)
	if errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("%q is too large", text)
	}
	if err != nil {
		return 0, fmt.Errorf("%q is not a whole number", text)
	}
	return n, nil
}

// exactNumber is the number that the text says, not a float near it. Only digits, sign, point and a short exponent
// pass: what else big.Rat reads (1/3, 0x1p-2) is no number to a person, and a long exponent would fill the memory.
func exactNumber(text string) (*big.Rat, error) {
	if strings.Trim(text, "0123456789+-.eE") != "" {
		return nil, fmt.Errorf("%q is not a number such as 12.5", text)
	}
	if at := strings.LastIndexAny(text, "eE"); len(text) > 30 || at >= 0 && len(text)-at > 4 {
		return nil, fmt.Errorf("%q has too many digits", text)
	}
	n, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil, fmt.Errorf("%q is not a number such as 12.5", text)
	}
	if n.Cmp(largestNumber) > 0 || n.Denom().BitLen() > 128 {
		return nil, fmt.Errorf("%q has too many digits", text)
	}
	return n, nil
}

// largestNumber is far above any need, weight or deviation of a place.
var largestNumber = new(big.Rat).SetInt64(1e15)
