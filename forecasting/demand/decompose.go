package demand

import "math"

// classical returns the m seasonal indices of y by classical decomposition
// (Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed.,
// §3.4): deviations from a centred moving average of one cycle, averaged by
// season. ratio asks for multiplicative indices with mean 1, otherwise they
// are additive with mean 0. y must hold at least two cycles.
func classical(y []float64, m int, ratio bool) []float64 {
	index, count := make([]float64, m), make([]float64, m)
	for t := m / 2; t+m/2 < len(y); t++ {
		trend := centred(y, t, m)
		v := y[t] - trend
		if ratio {
			if trend <= 0 {
				continue
			}
			v = y[t] / trend
		}
		index[t%m] += v
		count[t%m]++
	}
	mean := 0.0
	for j := range index {
		switch {
		case count[j] > 0:
			index[j] /= count[j]
		case ratio:
			index[j] = 1
		}
		mean += index[j] / float64(m)
	}
	for j := range index {
		if !ratio {
			index[j] -= mean
		} else if mean > 0 {
			index[j] /= mean
		}
	}
	return index
}

// centred is the centred moving average over one cycle of m around t.
func centred(y []float64, t, m int) float64 {
	sum := 0.0
	if m%2 == 1 {
		for i := t - m/2; i <= t+m/2; i++ {
			sum += y[i]
		}
		return sum / float64(m)
	}
	for i := t - m/2 + 1; i < t+m/2; i++ {
		sum += y[i]
	}
	return (sum + (y[t-m/2]+y[t+m/2])/2) / float64(m)
}

// hasSeason tests the autocorrelation of y at lag m against zero at 90 %
// (Fiorucci et al. 2016, §3.1).
func hasSeason(y []float64, m int) bool {
	n := len(y)
	mean := 0.0
	for _, v := range y {
		mean += v / float64(n)
	}
	c0 := 0.0
	for _, v := range y {
		c0 += (v - mean) * (v - mean)
	}
	if c0 == 0 {
		return false
	}
	r := func(k int) float64 {
		sum := 0.0
		for t := k; t < n; t++ {
			sum += (y[t] - mean) * (y[t-k] - mean)
		}
		return sum / c0
	}
	squares := 0.0
	for k := 1; k < m; k++ {
		v := r(k)
		squares += v * v
	}
	return math.Abs(r(m)) > 1.645*math.Sqrt((1+2*squares)/float64(n))
}
