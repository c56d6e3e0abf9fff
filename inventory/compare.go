package inventory

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"

	"blangko/internal/access"
	"blangko/inventory/fairshare"
)

// claims are the lines of a run as the pure division takes them. A region with a grant of its own left takes no part.
func (a Allocation) claims() []fairshare.Claim {
	claims := make([]fairshare.Claim, len(a.Lines))
	none := int64(0)
	for i, line := range a.Lines {
		claims[i] = line.claim()
		if line.Granted > 0 {
			claims[i].Floor, claims[i].Cap = 0, &none
		}
	}
	return claims
}

func (l AllocationLine) claim() fairshare.Claim {
	c := fairshare.Claim{Request: l.Request, Stock: l.Usable + l.InTransit, DailyNeed: exact(l.DailyNeed), Weight: exact(l.Weight), Floor: l.Floor, Cap: l.Cap}
	if l.SD != nil {
		c.SD = exact(*l.SD)
	}
	return c
}

// exact is the decimal number that is written, so that 0.1 is a tenth.
func exact(x float64) *big.Rat {
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(x, 'g', 12, 64))
	if !ok {
		return new(big.Rat)
	}
	return r
}

// Comparison is what each rule would give on the snapshot of a run.
type Comparison struct {
	Allocation int64          `json:"allocation"`
	Rules      []RuleOutcome  `json:"rules"`
	Lines      []ComparedLine `json:"lines"`
}

// RuleOutcome sums up one rule.
type RuleOutcome struct {
	Rule       fairshare.Rule `json:"rule"`
	Given      int64          `json:"given"`
	Left       int64          `json:"left" doc:"what caps and boxes leave over"`
	MinDays    *float64       `json:"min_days_of_cover" doc:"with grants, as the figures below"`
	P10Days    *float64       `json:"p10_days_of_cover" doc:"nine in ten regions have at least so many"`
	Fill       *float64       `json:"fill" doc:"part of all that was asked for"`
	Gaining    int            `json:"gaining" doc:"regions that get more than under the run's rule"`
	Losing     int            `json:"losing"`
	Impossible string         `json:"impossible,omitempty" doc:"why the rule cannot be applied"`
}

// ComparedLine is what each rule gives one region.
type ComparedLine struct {
	Region string                   `json:"region"`
	Name   string                   `json:"name"`
	Given  map[fairshare.Rule]int64 `json:"given"`
	Change map[fairshare.Rule]int64 `json:"change" doc:"against the run's own rule: above 0 the region gains, below it loses"`
}

// CompareAllocation divides the snapshot of a run by every rule.
func (l *Ledger) CompareAllocation(ctx context.Context, who access.Actor, id int64) (Comparison, error) {
	a, err := l.Allocation(ctx, who, id)
	if err != nil {
		return Comparison{}, err
	}
	if a.State == AllocationDraft {
		return Comparison{}, ErrAllocationState.With("allocation", id, "state", a.State, "wanted", AllocationComputed)
	}
	return a.compare()
}

func (a Allocation) compare() (Comparison, error) {
	c := Comparison{Allocation: a.ID, Lines: make([]ComparedLine, len(a.Lines))}
	for i, line := range a.Lines {
		c.Lines[i] = ComparedLine{Region: line.Region, Name: line.Name, Given: map[fairshare.Rule]int64{}, Change: map[fairshare.Rule]int64{}}
	}
	claims := a.claims()
	base, err := fairshare.Divide(a.terms(), claims)
	if err != nil {
		return c, a.impossible(err)
	}
	for _, rule := range fairshare.Rules() {
		terms := a.terms()
		terms.Rule = rule
		result, err := fairshare.Divide(terms, claims)
		if err != nil {
			c.Rules = append(c.Rules, RuleOutcome{Rule: rule, Impossible: err.Error()})
			continue
		}
		s := fairshare.Summarize(claims, a.withGrants(result))
		out := RuleOutcome{Rule: rule, Given: a.Available - s.Left, Left: s.Left, MinDays: s.MinDays, P10Days: s.P10Days, Fill: s.Fill}
		for i, change := range fairshare.Changes(base, result) {
			c.Lines[i].Given[rule], c.Lines[i].Change[rule] = result.Lines[i].Given, change
			switch {
			case change > 0:
				out.Gaining++
			case change < 0:
				out.Losing++
			}
		}
		c.Rules = append(c.Rules, out)
	}
	return c, nil
}

// withGrants is what the regions have after a division: what it gives them, and their grants, which no rule changes.
func (a Allocation) withGrants(r fairshare.Result) fairshare.Result {
	r.Lines = slices.Clone(r.Lines)
	for i, line := range a.Lines {
		r.Lines[i].Given += line.Granted
	}
	return r
}

func jsonText(v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("encode: %w", err)
	}
	return string(text), nil
}
