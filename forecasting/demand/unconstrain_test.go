package demand_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"blangko/forecasting/demand"
)

// directly sums d P(d) / sum P(d) from the bound on.
func directly(pmf func(d int) float64, bound int) float64 {
	sum, moment := 0.0, 0.0
	for d := bound; d < bound+5000; d++ {
		p := pmf(d)
		sum += p
		moment += p * float64(d)
	}
	return moment / sum
}

func TestExpectedDemandAboveABound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		mean, variance float64
		bound          int
	}{{3, 3, 5}, {3, 3, 1}, {40, 40, 70}, {3, 9, 5}, {20, 100, 15}, {.2, .2, 4}, {5, 50, 30}} {
		pmf := func(d int) float64 {
			g, _ := math.Lgamma(float64(d) + 1)
			return math.Exp(float64(d)*math.Log(c.mean) - c.mean - g)
		}
		if c.variance > c.mean {
			r := c.mean * c.mean / (c.variance - c.mean)
			pmf = func(d int) float64 {
				a, _ := math.Lgamma(float64(d) + r)
				b, _ := math.Lgamma(float64(d) + 1)
				g, _ := math.Lgamma(r)
				return math.Exp(a - b - g + r*math.Log(c.mean/c.variance) + float64(d)*math.Log(1-c.mean/c.variance))
			}
		}
		if got, want := demand.CountAbove(c.mean, c.variance, c.bound), directly(pmf, c.bound); math.Abs(got-want) > 1e-6*want {
			t.Errorf("%+v: %v, want %v", c, got, want)
		}
	}
	if got := demand.CountAbove(7, 7, 0); got != 7 {
		t.Errorf("a bound of zero changes the mean to %v", got)
	}
	// E[Z | Z >= 0] = sqrt(2/pi).
	if got := demand.NormalAbove(0, 1, 0); math.Abs(got-math.Sqrt(2/math.Pi)) > 1e-12 {
		t.Errorf("normal: %v", got)
	}
	if got := demand.NormalAbove(0, 1, 50); got < 50 || got > 50.03 {
		t.Errorf("normal far out: %v", got)
	}
}

func TestUnconstrainedMeanFindsWhatEmptyShelvesHid(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(2, 2))
	values, empty := make([]float64, 4000), make([]bool, 4000)
	recorded := 0.0
	for i := range values {
		values[i] = 500 + 80*rng.NormFloat64()
		if values[i] > 520 {
			values[i], empty[i] = 520, true
		}
		recorded += values[i] / 4000
	}
	mean, sd := demand.UnconstrainedMean(values, empty)
	if math.Abs(mean-500) > 6 || math.Abs(sd-80) > 6 {
		t.Errorf("mean %.1f, sd %.1f, want 500 and 80; recorded was %.1f", mean, sd, recorded)
	}
}

func ExampleAsked() {
	// 120 cards were printed while the backlog grew from 30 to 80 and 5 gave up.
	fmt.Println(demand.Asked(120, 30, 80, 5))
	// Output: 175
}
