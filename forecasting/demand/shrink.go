package demand

import "math"

// Shrink moves each estimate towards the mean of its group by how badly it is known: by w = tau^2/(tau^2 + variance) an
// estimate keeps its own, tau^2 being how much the true values differ, by the method of moments, and the mean weighed
// alike (James & Stein 1961; DerSimonian & Laird 1986; Efron & Morris 1975). An estimate that is NaN becomes the mean,
// and so do all when fewer than two are known; the second result is the mean, NaN when none is known.
func Shrink(estimates, variances []float64) (shrunk []float64, mean float64) {
	var sum, weight, square, n float64
	for i, e := range estimates {
		if !math.IsNaN(e) {
			w := 1 / math.Max(variances[i], 1e-12)
			sum, weight, square, n = sum+w*e, weight+w, square+w*w, n+1
		}
	}
	shrunk = make([]float64, len(estimates))
	if n == 0 {
		for i := range shrunk {
			shrunk[i] = math.NaN()
		}
		return shrunk, math.NaN()
	}
	mean = sum / weight
	spread := 0.0
	for i, e := range estimates {
		if !math.IsNaN(e) {
			spread += (e - mean) * (e - mean) / math.Max(variances[i], 1e-12)
		}
	}
	tau := math.Max(0, (spread-(n-1))/math.Max(1e-300, weight-square/weight))
	if n < 2 {
		tau = 0
	}
	sum, weight = 0, 0
	for i, e := range estimates {
		if !math.IsNaN(e) {
			w := 1 / (tau + math.Max(variances[i], 1e-12))
			sum, weight = sum+w*e, weight+w
		}
	}
	mean = sum / weight
	for i, e := range estimates {
		shrunk[i] = mean
		if !math.IsNaN(e) {
			shrunk[i] += tau / (tau + math.Max(variances[i], 1e-12)) * (e - mean)
		}
	}
	return shrunk, mean
}
