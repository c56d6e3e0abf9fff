package demand

import "math"

// Scored is one past forecast beside what came: values of the same periods,
// and the size of an error that a naive forecast of the history makes.
type Scored struct {
	Actual, Mean           []float64
	Lo80, Hi80, Lo95, Hi95 []float64
	// Scale is the mean absolute seasonal difference of the history, and
	// RootScale the root mean square of its differences; see Scales.
	Scale, RootScale float64
}

// Scales are the two denominators of scaled errors: the mean absolute
// difference at lag season, or at lag 1 where the history is not longer than a
// season (Hyndman & Koehler 2006), and the root mean square difference at lag 1
// (M5). Unknown values are skipped.
func Scales(history []float64, season int) (scale, rootScale float64) {
	if season < 1 || len(history) <= season {
		season = 1
	}
	var n, m float64
	for t := season; t < len(history); t++ {
		if d := history[t] - history[t-season]; !math.IsNaN(d) {
			scale += math.Abs(d)
			n++
		}
	}
	for t := 1; t < len(history); t++ {
		if d := history[t] - history[t-1]; !math.IsNaN(d) {
			rootScale += d * d
			m++
		}
	}
	return scale / math.Max(1, n), math.Sqrt(rootScale / math.Max(1, m))
}

// Accuracy sums up past forecasts. Scaled measures leave out cases whose scale is 0.
type Accuracy struct {
	Cases int
	// WAPE is the sum of absolute errors as a share of the sum of demand.
	WAPE float64
	// MASE and RMSSE compare with a naive forecast: below 1 is better than it.
	MASE, RMSSE float64
	// Bias is the mean scaled error; above 0 forecasts were too low.
	Bias float64
	// Pinball90 and Pinball975 judge the upper quantiles, and MSIS95 the 95 %
	// interval (Gneiting & Raftery 2007), scaled; smaller is better.
	Pinball90, Pinball975, MSIS95 float64
	// Coverage80 and Coverage95 are the shares of actuals within the intervals.
	Coverage80, Coverage95 float64
}

// Measure averages over cases the mean over periods. Periods whose actual is
// unknown are skipped.
func Measure(cases []Scored) Accuracy {
	var a Accuracy
	var errs, total, scaled, rooted float64
	for _, c := range cases {
		one, abs, sum, n := c.measure()
		if n == 0 {
			continue
		}
		a.Cases++
		errs, total = errs+abs, total+sum
		a.Coverage80 += one.Coverage80
		a.Coverage95 += one.Coverage95
		if c.RootScale > 0 {
			rooted++
			a.RMSSE += one.RMSSE / c.RootScale
		}
		if c.Scale > 0 {
			scaled++
			a.MASE += one.MASE / c.Scale
			a.Bias += one.Bias / c.Scale
			a.Pinball90 += one.Pinball90 / c.Scale
			a.Pinball975 += one.Pinball975 / c.Scale
			a.MSIS95 += one.MSIS95 / c.Scale
		}
	}
	over := func(v *float64, n float64) { *v /= math.Max(1, n) }
	over(&a.Coverage80, float64(a.Cases))
	over(&a.Coverage95, float64(a.Cases))
	over(&a.RMSSE, rooted)
	for _, v := range []*float64{&a.MASE, &a.Bias, &a.Pinball90, &a.Pinball975, &a.MSIS95} {
		over(v, scaled)
	}
	if total > 0 {
		a.WAPE = errs / total
	}
	return a
}

// measure is the accuracy of one case before scaling.
func (c Scored) measure() (a Accuracy, abs, sum, n float64) {
	for h, y := range c.Actual {
		if math.IsNaN(y) {
			continue
		}
		n++
		e := y - c.Mean[h]
		abs += math.Abs(e)
		sum += math.Abs(y)
		a.RMSSE += e * e
		a.Bias += e
		a.Pinball90 += Pinball(y, c.Hi80[h], 0.9)
		a.Pinball975 += Pinball(y, c.Hi95[h], 0.975)
		a.MSIS95 += c.Hi95[h] - c.Lo95[h] + 40*math.Max(0, c.Lo95[h]-y) + 40*math.Max(0, y-c.Hi95[h])
		if c.Lo80[h] <= y && y <= c.Hi80[h] {
			a.Coverage80++
		}
		if c.Lo95[h] <= y && y <= c.Hi95[h] {
			a.Coverage95++
		}
	}
	if n == 0 {
		return a, 0, 0, 0
	}
	a.MASE = abs / n
	a.RMSSE = math.Sqrt(a.RMSSE / n)
	for _, v := range []*float64{&a.Bias, &a.Pinball90, &a.Pinball975, &a.MSIS95, &a.Coverage80, &a.Coverage95} {
		*v /= n
	}
	return a, abs, sum, n
}

// Pinball is twice the quantile loss of q as a forecast of the p-quantile of y
// (Koenker & Bassett 1978); at p = 1/2 it is the absolute error.
func Pinball(y, q, p float64) float64 {
	if y >= q {
		return 2 * p * (y - q)
	}
	return 2 * (1 - p) * (q - y)
}

// Brier is the mean squared difference between stated probabilities and what
// happened (Brier 1950): 0 is perfect, saying 1/2 always gives 1/4.
func Brier(stated []float64, happened []bool) float64 {
	sum := 0.0
	for i, p := range stated {
		o := 0.0
		if happened[i] {
			o = 1
		}
		sum += (p - o) * (p - o)
	}
	return sum / math.Max(1, float64(len(stated)))
}

// Bin is one bar of a reliability diagram.
type Bin struct {
	Cases            int
	Stated, Happened float64 // mean probability stated, share that happened
}

// Reliability sorts statements into equal bins of probability and says how
// often what they were about happened. The second result is the expected
// calibration error, the mean distance between the two weighted by cases.
func Reliability(stated []float64, happened []bool, bins int) ([]Bin, float64) {
	out := make([]Bin, bins)
	for i, p := range stated {
		b := &out[min(bins-1, max(0, int(p*float64(bins))))]
		b.Cases++
		b.Stated += p
		if happened[i] {
			b.Happened++
		}
	}
	ece := 0.0
	for i := range out {
		b := &out[i]
		if b.Cases == 0 {
			continue
		}
		ece += math.Abs(b.Stated-b.Happened) / float64(len(stated))
		b.Stated /= float64(b.Cases)
		b.Happened /= float64(b.Cases)
	}
	return out, ece
}
