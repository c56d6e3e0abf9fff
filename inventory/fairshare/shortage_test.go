package fairshare_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"blangko/inventory/fairshare"
)

// Poisson demand is divided to the last blank as walking box by box does with chances of 600 bits: also where stock is so
// far below demand that every chance of running short is 1 to sixteen digits, and so far above that it is 0.
func TestShortageIsTheWalk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scale := rapid.SampledFrom([]int64{3, 40, 150}).Draw(t, "scale")
		terms := fairshare.Terms{
			Available: rapid.Int64Range(0, scale).Draw(t, "available"),
			Rule:      fairshare.Shortage,
			Box:       rapid.SampledFrom([]int64{1, 1, 7, 25}).Draw(t, "box"),
			Days:      2,
		}
		claims := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) fairshare.Claim {
			c := fairshare.Claim{
				Stock:     rapid.Int64Range(0, scale*2).Draw(t, "stock"),
				DailyNeed: big.NewRat(rapid.Int64Range(1, scale*10).Draw(t, "need"), 10),
			}
			if rapid.Bool().Draw(t, "weighted") {
				c.Weight = big.NewRat(rapid.Int64Range(1, 30).Draw(t, "weight"), 10)
			}
			if rapid.Bool().Draw(t, "capped") {
				c.Cap = blanks(rapid.Int64Range(0, scale/2+1).Draw(t, "cap"))
			}
			return c
		}), 1, 4).Draw(t, "claims")
		got, err := fairshare.Divide(terms, claims)
		if err != nil {
			t.Fatal(err)
		}
		if want := walkPoisson(terms, claims); !slices.Equal(given(got), want) {
			t.Fatalf("gave %v, the walk gives %v", given(got), want)
		}
	})
}

func walkPoisson(t fairshare.Terms, claims []fairshare.Claim) []int64 {
	given := make([]int64, len(claims))
	tails := make([]func(int64) *big.Float, len(claims))
	for i, c := range claims {
		tails[i] = poissonTail(new(big.Rat).Mul(c.DailyNeed, big.NewRat(t.Days, 1)), c.Stock+t.Available+t.Box)
	}
	gain := func(i int) *big.Float {
		sum := precise()
		for u := range t.Box {
			sum.Add(sum, tails[i](claims[i].Stock+given[i]+u))
		}
		if claims[i].Weight != nil {
			sum.Mul(sum, precise().SetRat(claims[i].Weight))
		}
		return sum
	}
	for left := t.Available; left >= t.Box; left -= t.Box {
		best, most := -1, precise()
		for i, c := range claims {
			if c.Cap != nil && given[i]+t.Box > *c.Cap {
				continue
			}
			if g := gain(i); best < 0 || g.Cmp(most) > 0 {
				best, most = i, g
			}
		}
		if best < 0 {
			break
		}
		given[best] += t.Box
	}
	return given
}

func precise() *big.Float { return new(big.Float).SetPrec(600) }

// poissonTail gives P(D > y) for y up to top, from the sum of the terms above y.
func poissonTail(mean *big.Rat, top int64) func(int64) *big.Float {
	m, _ := mean.Float64()
	λ := precise().SetRat(mean)
	term, sum := precise().SetInt64(1), precise()
	var terms []*big.Float
	for k := int64(1); k < top+int64(m)+200; k++ {
		terms = append(terms, term)
		sum.Add(sum, term)
		term = precise().Quo(precise().Mul(term, λ), precise().SetInt64(k))
	}
	tails := make([]*big.Float, len(terms)) // P(D ≥ k)
	tail := precise()
	for k := len(terms) - 1; k >= 0; k-- {
		tail = precise().Add(tail, precise().Quo(terms[k], sum)) // sum is e^λ
		tails[k] = tail
	}
	return func(y int64) *big.Float { return tails[y+1] }
}

// On every small case the expected shortage is the least there is, found by trying all ways to divide.
func TestShortageIsTheLeast(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		claims := make([]fairshare.Claim, 1+rng.IntN(4))
		for i := range claims {
			claims[i] = fairshare.Claim{Stock: rng.Int64N(5), DailyNeed: big.NewRat(rng.Int64N(30), 10), Cap: blanks(rng.Int64N(13))}
			if rng.IntN(2) == 0 {
				claims[i].Weight = big.NewRat(1+rng.Int64N(20), 10)
			}
			if rng.IntN(2) == 0 {
				claims[i].SD = big.NewRat(rng.Int64N(50), 10)
			}
		}
		terms := fairshare.Terms{Available: rng.Int64N(13), Rule: fairshare.Shortage, Box: 1 + rng.Int64N(3), Days: 3}
		got, err := fairshare.Divide(terms, claims)
		if err != nil {
			t.Fatal(err)
		}
		least := math.Inf(1)
		divisions(terms, claims, nil, terms.Available, func(x []int64) { least = min(least, shortageOf(claims, terms.Days, x)) })
		if s := shortageOf(claims, terms.Days, given(got)); s > least+1e-7 {
			t.Errorf("%v gives a shortage of %v, the least is %v, for %+v", given(got), s, least, claims)
		}
	}
}

// divisions visits every way to give whole boxes under the caps.
func divisions(t fairshare.Terms, claims []fairshare.Claim, x []int64, left int64, visit func([]int64)) {
	if len(x) == len(claims) {
		visit(x)
		return
	}
	for give := int64(0); give <= min(left, *claims[len(x)].Cap); give += t.Box {
		divisions(t, claims, append(slices.Clip(x), give), left-give, visit)
	}
}

// shortageOf is the weighted expected shortage, by plain sums and by steps of a thousandth for a normal demand.
func shortageOf(claims []fairshare.Claim, days int64, x []int64) float64 {
	total := 0.0
	for i, c := range claims {
		need, _ := c.DailyNeed.Float64()
		mean, held, weight, short := need*float64(days), float64(c.Stock+x[i]), 1.0, 0.0
		if c.Weight != nil {
			weight, _ = c.Weight.Float64()
		}
		switch {
		case c.SD != nil && c.SD.Sign() == 0 || mean == 0:
			short = max(0, mean-held)
		case c.SD != nil:
			sd, _ := c.SD.Float64()
			for z := (held - mean) / sd; z < 12; z += 0.001 {
				z := z + 0.0005
				short += (mean + sd*z - held) * math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) * 0.001
			}
		default:
			term := math.Exp(-mean)
			for k := 0.0; k < 100; k++ {
				short += max(0, k-held) * term
				term *= mean / (k + 1)
			}
		}
		total += weight * short
	}
	return total
}

// Two places alike share alike, whatever they are short of: no chance is rounded to 1 or to 0.
func TestShortageSharesAlike(t *testing.T) {
	for _, c := range []struct {
		name      string
		available int64
		claim     fairshare.Claim
	}{
		{"far below a Poisson demand", 100, fairshare.Claim{DailyNeed: big.NewRat(2000, 1)}},
		{"far above a Poisson demand", 10000, fairshare.Claim{DailyNeed: big.NewRat(1, 10)}},
		{"far below a normal demand", 100, fairshare.Claim{DailyNeed: big.NewRat(2000, 1), SD: big.NewRat(5, 1)}},
		{"far above a normal demand", 100000, fairshare.Claim{DailyNeed: big.NewRat(1, 1), SD: big.NewRat(20, 1)}},
		{"a Poisson demand of a hundred million", 5e7, fairshare.Claim{DailyNeed: big.NewRat(3333333, 1)}},
		{"beyond the Poisson's limit", 4e10, fairshare.Claim{DailyNeed: big.NewRat(1e9, 1)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := fairshare.Divide(fairshare.Terms{Available: c.available + 1, Rule: fairshare.Shortage, Box: 1, Days: 30},
				[]fairshare.Claim{c.claim, c.claim})
			if want := []int64{c.available/2 + 1, c.available / 2}; err != nil || !slices.Equal(given(got), want) {
				t.Errorf("gave %v, %v, want %v", given(got), err, want)
			}
		})
	}
}

// With the standard deviation of the Poisson, a normal demand is divided nearly as the Poisson is.
func TestShortageOfNormalIsNearPoisson(t *testing.T) {
	divide := func(sd func(mean int64) *big.Rat) []int64 {
		var claims []fairshare.Claim
		for _, mean := range []int64{900, 2500, 6400} {
			claims = append(claims, fairshare.Claim{Stock: mean / 2, DailyNeed: big.NewRat(mean, 30), SD: sd(mean)})
		}
		got, err := fairshare.Divide(fairshare.Terms{Available: 5000, Rule: fairshare.Shortage, Box: 1, Days: 30}, claims)
		if err != nil {
			t.Fatal(err)
		}
		return given(got)
	}
	poisson := divide(func(int64) *big.Rat { return nil })
	normal := divide(func(mean int64) *big.Rat { return big.NewRat(int64(math.Sqrt(float64(mean))), 1) })
	for i := range poisson {
		if d := poisson[i] - normal[i]; max(d, -d) > 3 {
			t.Errorf("Poisson %v, normal %v", poisson, normal)
		}
	}
}

// places is the division that must take less than a tenth of a second: 7,285 kecamatan, a million blanks.
func places() []fairshare.Claim {
	rng := rand.New(rand.NewPCG(7285, 1))
	claims := make([]fairshare.Claim, 7285)
	for i := range claims {
		need := math.Exp(rng.NormFloat64()*0.9 + 1.6) // 5 a day in the middle, 30 days about 1.6 million in all
		claims[i] = fairshare.Claim{
			Request:   blanks(int64(need * 30 * (0.7 + rng.Float64()))),
			Stock:     int64(need * 20 * rng.Float64()),
			DailyNeed: big.NewRat(int64(need*1000)+1, 1000),
			Weight:    big.NewRat(10+rng.Int64N(5), 10),
		}
	}
	return claims
}

func BenchmarkDivide(b *testing.B) {
	asked, pushed, fine := places(), places(), places()
	for i := range pushed {
		pushed[i].Request = nil
		fine[i].DailyNeed.SetFloat64(math.Sqrt(float64(i + 1))) // sixteen digits behind the point
	}
	for _, rule := range fairshare.Rules() {
		for _, c := range []struct {
			name   string
			claims []fairshare.Claim
			box    int64
		}{{"asked", asked, 1}, {"asked", asked, 50}, {"pushed", pushed, 1}, {"digits", fine, 1}} {
			b.Run(fmt.Sprintf("%s/%s/box=%d", rule, c.name, c.box), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := fairshare.Divide(fairshare.Terms{Available: 1e6, Rule: rule, Box: c.box, Days: 30}, c.claims); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
