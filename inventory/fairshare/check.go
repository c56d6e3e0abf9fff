package fairshare

import (
	"fmt"
	"math/big"
)

// A Code says what is wrong with terms or claims.
type Code string

// The codes of an Error.
const (
	UnknownRule          Code = "unknown-rule"           // Terms.Rule is none of Rules
	TooSmall             Code = "too-small"              // Field is below Limit
	FloorAboveCap        Code = "floor-above-cap"        // in whole boxes; Limit is the cap, or the request that stands for it
	FloorsAboveAvailable Code = "floors-above-available" // Value is the sum of the floors, rounded up to boxes
)

// An Error is why a division is impossible, as facts for whoever words it.
type Error struct {
	Code  Code
	Claim int    // index of the claim, or -1 when it is the terms
	Field string // available, rule, box, days, request, stock, daily_need, sd, weight, floor or cap
	Value string
	Limit string
}

func (e *Error) Error() string {
	where := "fairshare: " + e.Field
	if e.Claim >= 0 {
		where = fmt.Sprintf("fairshare: claim %d: %s", e.Claim, e.Field)
	}
	if e.Code == UnknownRule {
		return fmt.Sprintf("%s: no rule %q", where, e.Value)
	}
	return fmt.Sprintf("%s: %s: %s against %s", where, e.Code, e.Value, e.Limit)
}

// A bound is the room of one line, in boxes.
type bound struct {
	least, most int64
	limited     bool // a cap or request sets most, not merely what is available
}

// check refuses what cannot be divided, and turns floors and caps into whole boxes.
func check(t Terms, claims []Claim) ([]bound, error) {
	switch {
	case !known(t.Rule):
		return nil, &Error{UnknownRule, -1, "rule", string(t.Rule), ""}
	case t.Available < 0:
		return nil, &Error{TooSmall, -1, "available", fmt.Sprint(t.Available), "0"}
	case t.Box < 1:
		return nil, &Error{TooSmall, -1, "box", fmt.Sprint(t.Box), "1"}
	case t.Days < 1:
		return nil, &Error{TooSmall, -1, "days", fmt.Sprint(t.Days), "1"}
	}
	bounds := make([]bound, len(claims))
	floors := new(big.Int)
	for i, c := range claims {
		if field, value := c.negative(); field != "" {
			return nil, &Error{TooSmall, i, field, value, "0"}
		}
		b, err := c.bound(i, t)
		if err != nil {
			return nil, err
		}
		bounds[i] = b
		floors.Add(floors, big.NewInt(b.least))
	}
	if floors.Cmp(big.NewInt(t.Available/t.Box)) > 0 {
		sum := floors.Mul(floors, big.NewInt(t.Box))
		return nil, &Error{FloorsAboveAvailable, -1, "floor", sum.String(), fmt.Sprint(t.Available)}
	}
	return bounds, nil
}

// negative names the first field that is below zero, and its value.
func (c Claim) negative() (field, value string) {
	switch {
	case c.Request != nil && *c.Request < 0:
		return "request", fmt.Sprint(*c.Request)
	case c.Stock < 0:
		return "stock", fmt.Sprint(c.Stock)
	case c.DailyNeed != nil && c.DailyNeed.Sign() < 0:
		return "daily_need", c.DailyNeed.RatString()
	case c.SD != nil && c.SD.Sign() < 0:
		return "sd", c.SD.RatString()
	case c.Weight != nil && c.Weight.Sign() < 0:
		return "weight", c.Weight.RatString()
	case c.Floor < 0:
		return "floor", fmt.Sprint(c.Floor)
	case c.Cap != nil && *c.Cap < 0:
		return "cap", fmt.Sprint(*c.Cap)
	}
	return "", ""
}

func (c Claim) bound(i int, t Terms) (bound, error) {
	b := bound{least: c.Floor / t.Box, most: t.Available / t.Box}
	if c.Floor%t.Box > 0 {
		b.least++
	}
	limit := c.Cap
	if limit == nil {
		limit = c.Request
	}
	if limit == nil {
		return b, nil
	}
	if b.least > *limit/t.Box {
		return b, &Error{FloorAboveCap, i, "floor", fmt.Sprint(c.Floor), fmt.Sprint(*limit)}
	}
	// A floor that is more than is available stays above most here; the sum of the floors tells.
	if *limit/t.Box <= b.most {
		b.most, b.limited = *limit/t.Box, true
	}
	return b, nil
}
