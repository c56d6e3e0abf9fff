// Package fairshare divides a scarce quantity of blanks among the places that need them.
//
// Every rule is the same walk: each place first gets its floor, then the next box goes to the place with the lowest
// level, ties in the order of the claims, until the blanks or the room under the caps run out. What differs is the level:
//
//	together      days until the place runs out    (stock + given) / (weight × daily need)
//	proportional  fraction of the request met      given / (weight × request)
//	gains         blanks gained                    given / weight
//	losses        blanks lost, largest loss first  weight × (request − given)
//	shortage      shortage saved, largest first    weight × (E[D−y]⁺ − E[D−y−box]⁺), y = stock + given
//
// The promise: the answer is that walk to the last blank, however fast it is found; all of the blanks are given unless caps
// or boxes stop it; and because a longer walk only adds steps, one more blank never takes one away from anybody.
// The first four rules are decided in exact rational arithmetic; the last by the marginal gains of Fox (1966).
package fairshare

import (
	"math/big"
	"slices"
)

// A Rule says which place gets the next box.
type Rule string

// The rules. Together fills as water does, to equal days of cover. Proportional, gains and losses are the equitable
// rationing methods of Moulin (2000, "Priority rules and other inequitable rationing methods", Econometrica 68).
// Shortage makes the weighted expected shortage least (Ibaraki & Katoh 1988, "Resource allocation problems", ch. 4).
const (
	Together     Rule = "together"
	Proportional Rule = "proportional"
	Gains        Rule = "gains"
	Losses       Rule = "losses"
	Shortage     Rule = "shortage"
)

// Rules lists every rule, the customary one first.
func Rules() []Rule { return []Rule{Together, Proportional, Gains, Losses, Shortage} }

// Terms are what holds for a whole division.
type Terms struct {
	Available int64 // blanks to divide, ≥ 0
	Rule      Rule
	Box       int64 // blanks in a box, ≥ 1; everything given is a multiple of it
	Days      int64 // ≥ 1; the days whose demand Shortage looks at, and whose need stands in for the request of a push
}

// A Claim is one place's side of a division. Rationals are exact, so that 0.1 is a tenth.
type Claim struct {
	Request   *int64   // blanks asked for; nil is a push: nobody asked, so no request limits what is given
	Stock     int64    // blanks on hand and in transit
	DailyNeed *big.Rat // blanks a day; nil is none
	SD        *big.Rat // standard deviation of the demand over Terms.Days, in blanks; nil makes that demand Poisson
	Weight    *big.Rat // 2 counts twice; 0 is served after all others; nil is 1
	Floor     int64    // blanks given whatever the rule says, rounded up to boxes
	Cap       *int64   // blanks never exceeded, rounded down to boxes; nil is the request
}

// A Reason is what decided a line.
type Reason string

// The reasons. A line Levelled got boxes in its turn. Waiting and Floored lines stood at a level that the blanks did not
// reach; the latter got their floor. Unmeasured lines have no level (no need, no request or no weight) and come last.
const (
	Levelled   Reason = "level"
	Waiting    Reason = "waiting"
	Floored    Reason = "floor"
	Capped     Reason = "cap"
	Satisfied  Reason = "request"
	Unmeasured Reason = "unmeasured"
)

// A Line is what one claim got.
type Line struct {
	Given  int64    // blanks
	Level  *float64 // where the rule's level stands after that, for show only; nil when the line has none
	Reason Reason
}

// A Result is a division: a line for each claim, in their order.
type Result struct {
	Lines []Line
	Left  int64    // blanks that nobody got
	Full  bool     // every line is at its cap: that is why blanks are left; otherwise what is left is less than a box
	Level *float64 // the level at which the next box would be given; nil when no measured line has room
}

// Divide divides t.Available among the claims. The error, an *Error, names the claim and the field that make the
// division impossible. Time is O(n log n log(boxes/n)), whatever the size of the quantities.
func Divide(t Terms, claims []Claim) (Result, error) {
	bounds, err := check(t, claims)
	if err != nil {
		return Result{}, err
	}
	var o order
	if t.Rule == Shortage {
		o = newExpected(t, claims)
	} else {
		o = newLinear(t, claims)
	}
	boxes := spread(t.Available/t.Box, bounds, o)
	return report(t, claims, bounds, boxes, o), nil
}

// report words the outcome of the walk, asking the order once more for the level of every line.
func report(t Terms, claims []Claim, bounds []bound, boxes []int64, o order) Result {
	r := Result{Lines: make([]Line, len(claims)), Left: t.Available, Full: true}
	next := -1
	for i, x := range boxes {
		o.at(i, x)
		line := Line{Given: x * t.Box, Reason: reason(claims[i], bounds[i], x)}
		if level, ok := o.level(i); ok {
			line.Level = &level
		} else if line.Reason != Capped && line.Reason != Satisfied {
			line.Reason = Unmeasured
		}
		r.Lines[i] = line
		r.Left -= line.Given
		if x < bounds[i].most || !bounds[i].limited {
			r.Full = false
			if next < 0 || o.before(i, next) {
				next = i
			}
		}
	}
	if next >= 0 {
		r.Level = r.Lines[next].Level
	}
	return r
}

func reason(c Claim, b bound, x int64) Reason {
	switch {
	case x == b.most && b.limited && c.Cap == nil:
		return Satisfied
	case x == b.most && b.limited:
		return Capped
	case x > b.least:
		return Levelled
	case x > 0:
		return Floored
	default:
		return Waiting
	}
}

// DaysOfCover is how long the stock and what is given last, in days; nil without a daily need.
func (c Claim) DaysOfCover(given int64) *big.Rat {
	if c.DailyNeed == nil || c.DailyNeed.Sign() == 0 {
		return nil
	}
	held := new(big.Int).Add(big.NewInt(c.Stock), big.NewInt(given))
	days := new(big.Rat).SetInt(held)
	return days.Quo(days, c.DailyNeed)
}

// Fill is the part of the request that is given; nil without a request, or when it is for nothing.
func (c Claim) Fill(given int64) *big.Rat {
	if c.Request == nil || *c.Request == 0 {
		return nil
	}
	return big.NewRat(given, *c.Request)
}

// asks is the request, or for a push what the place needs over the days.
func (c Claim) asks(days int64) *big.Rat {
	if c.Request != nil {
		return new(big.Rat).SetInt64(*c.Request)
	}
	return c.demand(days)
}

// demand is the mean demand over the days, in blanks.
func (c Claim) demand(days int64) *big.Rat {
	if c.DailyNeed == nil {
		return zero
	}
	mean := new(big.Rat).SetInt64(days)
	return mean.Mul(mean, c.DailyNeed)
}

func (c Claim) weight() *big.Rat {
	if c.Weight == nil {
		return one
	}
	return c.Weight
}

// weighted is r times the weight.
func (c Claim) weighted(r *big.Rat) *big.Rat {
	if c.Weight == nil {
		return r
	}
	return new(big.Rat).Mul(r, c.Weight)
}

func known(r Rule) bool { return slices.Contains(Rules(), r) }
