package fairshare_test

import (
	"math/big"
	"slices"
	"testing"

	"blangko/inventory/fairshare"
)

// TestEverySmallDivisionIsTheOnlyFairOne takes every division among three places of small whole numbers under the four exact rules.
// Of all that could be given, tried one by one, exactly one is fair, and Divide gives that. Nothing here walks: fair says of a finished
// division, by cross-multiplied whole numbers, that no box could go to somebody who stands lower.
func TestEverySmallDivisionIsTheOnlyFairOne(t *testing.T) {
	t.Parallel()
	places := map[fairshare.Rule][]fairshare.Claim{}
	for stock := range int64(3) {
		for need := range int64(3) {
			for _, request := range []*int64{nil, blanks(2)} {
				places[fairshare.Together] = append(places[fairshare.Together], fairshare.Claim{Stock: stock, DailyNeed: big.NewRat(need, 1), Request: request})
			}
		}
	}
	for _, rule := range []fairshare.Rule{fairshare.Proportional, fairshare.Gains, fairshare.Losses} {
		for _, request := range []*int64{nil, blanks(0), blanks(1), blanks(2), blanks(4)} {
			for _, bounds := range []fairshare.Claim{{}, {Floor: 1}, {Cap: blanks(1)}} {
				bounds.Request, bounds.DailyNeed = request, big.NewRat(1, 1)
				places[rule] = append(places[rule], bounds)
			}
		}
	}
	for rule, kinds := range places {
		t.Run(string(rule), func(t *testing.T) {
			t.Parallel()
			for _, first := range kinds {
				for _, weight := range []int64{1, 2} {
					first.Weight = big.NewRat(weight, 1)
					for _, second := range kinds {
						for _, third := range kinds {
							for _, box := range []int64{1, 2} {
								for available := range int64(6) {
									holdsFor(t, fairshare.Terms{Available: available, Rule: rule, Box: box, Days: 2}, []fairshare.Claim{first, second, third})
								}
							}
						}
					}
				}
			}
		})
	}
}

func holdsFor(t *testing.T, terms fairshare.Terms, claims []fairshare.Claim) {
	got, err := fairshare.Divide(terms, claims)
	var fairOnes [][]int64
	for a := int64(0); a <= terms.Available; a += terms.Box {
		for b := int64(0); a+b <= terms.Available; b += terms.Box {
			for c := int64(0); a+b+c <= terms.Available; c += terms.Box {
				if x := []int64{a, b, c}; fair(terms, claims, x) {
					fairOnes = append(fairOnes, x)
				}
			}
		}
	}
	switch {
	case err != nil && len(fairOnes) > 0:
		t.Fatalf("%+v of %+v is refused: %v, though %v is fair", terms, claims, err, fairOnes)
	case err == nil && (len(fairOnes) != 1 || !slices.Equal(given(got), fairOnes[0])):
		t.Fatalf("%+v of %+v gives %v, fair are %v", terms, claims, given(got), fairOnes)
	}
}

// fair says that a division keeps to floors and caps, leaves no box that somebody could take, and that whoever got a box in its turn
// stood, before it, no higher than anybody who could still take one; of equals the first in the file.
func fair(terms fairshare.Terms, claims []fairshare.Claim, x []int64) bool {
	left := terms.Available
	roomy := func(i int) bool {
		limit := limitOf(claims[i])
		return limit == nil || x[i]+terms.Box <= *limit
	}
	for i, c := range claims {
		left -= x[i]
		if limit := limitOf(c); x[i] < c.Floor || limit != nil && x[i] > *limit {
			return false
		}
	}
	for i := range claims {
		if left >= terms.Box && roomy(i) {
			return false
		}
		if x[i]-terms.Box < claims[i].Floor { // its last box was its floor's
			continue
		}
		for j := range claims {
			if i == j || !roomy(j) {
				continue
			}
			before, stands := standing(terms, claims[i], x[i]-terms.Box), standing(terms, claims[j], x[j])
			order := before.compare(stands)
			if order > 0 || order == 0 && i > j {
				return false
			}
		}
	}
	return true
}

// fraction is a level; over nothing is above all others.
type fraction struct{ over, under int64 }

func (a fraction) compare(b fraction) int {
	switch {
	case a.under == 0 && b.under == 0:
		return 0
	case a.under == 0:
		return 1
	case b.under == 0:
		return -1
	}
	return big.NewInt(a.over * b.under).Cmp(big.NewInt(b.over * a.under))
}

// standing is the level of a place that has been given so much: days of cover, part of what was asked, blanks given, or blanks too few.
func standing(terms fairshare.Terms, c fairshare.Claim, given int64) fraction {
	weight := int64(1)
	if c.Weight != nil {
		weight = c.Weight.Num().Int64()
	}
	need := c.DailyNeed.Num().Int64()
	asked := need * terms.Days
	if c.Request != nil {
		asked = *c.Request
	}
	switch terms.Rule {
	case fairshare.Together:
		return fraction{c.Stock + given, need * weight}
	case fairshare.Proportional:
		return fraction{given, asked * weight}
	case fairshare.Gains:
		return fraction{given, weight}
	}
	return fraction{(given - asked) * weight, 1} // the largest loss comes first
}
