package demand

import (
	"math"
	"sort"
)

// Calibration stretches cumulative demand around its median so that stated
// quantiles of sums over a lead time come true as often as they say: split
// conformal prediction on scaled errors, for each side and number of periods
// (Vovk, Gammerman & Shafer 2005, ch. 2). One is made for many places of one
// volume class together, from their back-tests.
type Calibration struct {
	// Lower and Upper are factors by number of periods less one; 1 changes nothing.
	Lower, Upper []float64
}

// leastErrors is the number of errors below which no factor is estimated.
const leastErrors = 200

// Calibrate learns the factors for sums over 1 to periods periods such that a
// share p of errors (above 1/2, say .9) lies within the stated p-quantile on
// either side. With fewer than 200 errors for a sum its factors are 1; they
// are kept between 1/2 and 2.
func Calibrate(record []Origin, periods int, p float64) Calibration {
	c := Calibration{Lower: make([]float64, periods), Upper: make([]float64, periods)}
	for k := range periods {
		var above, below []float64
		for _, o := range record {
			a, b, ok := o.ratios(k+1, p)
			if ok {
				above, below = append(above, a), append(below, b)
			}
		}
		c.Upper[k], c.Lower[k] = factor(above, p), factor(below, p)
	}
	return c
}

// ratios are the error of a sum over its distance from median to the upper and
// to the lower quantile.
func (o Origin) ratios(periods int, p float64) (above, below float64, ok bool) {
	if periods > len(o.Scored.Actual) {
		return 0, 0, false
	}
	actual := 0.0
	for _, y := range o.Scored.Actual[:periods] {
		actual += y
	}
	sums := o.Forecast.Cumulative(periods)
	middle, hi, lo := quantile(sums, 0.5), quantile(sums, p), quantile(sums, 1-p)
	if math.IsNaN(actual) || hi <= middle || lo >= middle {
		return 0, 0, false
	}
	return (actual - middle) / (hi - middle), (middle - actual) / (middle - lo), true
}

// factor is the conformal quantile, with the correction for a finite sample.
func factor(ratios []float64, p float64) float64 {
	n := len(ratios)
	if n < leastErrors {
		return 1
	}
	sort.Float64s(ratios)
	k := min(n-1, int(math.Ceil(float64(n+1)*p))-1)
	return math.Max(0.5, math.Min(2, ratios[k]))
}

// Apply returns the forecast with its futures stretched so that sums over the
// first periods have the calibrated spread: each step of a future moves by the
// growth of the correction of its running sum. Nothing falls below zero where
// nothing did before.
func (c Calibration) Apply(f Forecast) Forecast {
	horizon, paths := len(f.Draws), len(f.Draws[0])
	out := Forecast{Method: f.Method, Mean: f.Mean, Draws: matrix(horizon, paths), sorted: matrix(horizon, paths)}
	sum, before := make([]float64, paths), make([]float64, paths)
	for h := range horizon {
		k := min(h, len(c.Upper)-1)
		middle := quantile(f.Cumulative(h+1), 0.5)
		lowest := f.sorted[h][0]
		for i, v := range f.Draws[h] {
			sum[i] += v
			stretch := c.Upper[k]
			if sum[i] < middle {
				stretch = c.Lower[k]
			}
			move := (stretch - 1) * (sum[i] - middle)
			out.Draws[h][i] = v + move - before[i]
			if lowest >= 0 {
				out.Draws[h][i] = max(0, out.Draws[h][i])
			}
			before[i] = move
		}
		copy(out.sorted[h], out.Draws[h])
		sort.Float64s(out.sorted[h])
	}
	return out
}
