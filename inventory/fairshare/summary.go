package fairshare

import (
	"math/big"
	"slices"
)

// A Summary is what planners compare between rules.
type Summary struct {
	Given   int64    // blanks given in all
	Left    int64    // blanks that nobody got
	MinDays *float64 // fewest days of cover of any place with a daily need; nil when there is none
	P10Days *float64 // days of cover that nine in ten such places reach or exceed (nearest rank)
	Fill    *float64 // part of all that was asked for that those who asked get; nil when nobody asked
}

// Summarize sums up a result of Divide over the same claims.
func Summarize(claims []Claim, r Result) Summary {
	s := Summary{Left: r.Left}
	var days []float64
	asked, filled := new(big.Int), new(big.Int)
	for i, c := range claims {
		given := r.Lines[i].Given
		s.Given += given
		if d := c.DaysOfCover(given); d != nil {
			f, _ := d.Float64()
			days = append(days, f)
		}
		if c.Request != nil {
			asked.Add(asked, big.NewInt(*c.Request))
			filled.Add(filled, big.NewInt(given))
		}
	}
	if len(days) > 0 {
		slices.Sort(days)
		s.MinDays, s.P10Days = &days[0], &days[(len(days)+9)/10-1]
	}
	if asked.Sign() > 0 {
		fill, _ := new(big.Rat).SetFrac(filled, asked).Float64()
		s.Fill = &fill
	}
	return s
}

// Changes tells what each line gets more under r than under base, in blanks: above zero it gains, below it loses.
// Both are results of Divide over the same claims.
func Changes(base, r Result) []int64 {
	changes := make([]int64, len(r.Lines))
	for i := range changes {
		changes[i] = r.Lines[i].Given - base.Lines[i].Given
	}
	return changes
}
