package demand

import "math"

// fitFew is the fallback when fewer periods are known than any model has
// parameters: the average of what is known, as the level for all time to come.
// Its spread is that of the data together with one imagined observation half
// the average away, so that a single month is never taken for certainty.
func fitFew(p *prepared) *rareModel {
	var y []float64
	for t, v := range p.y {
		if p.kind[t] != missing {
			y = append(y, v)
		}
	}
	n, mean := float64(len(y)), average(y)
	square := mean * mean / 4
	for _, v := range y {
		square += (v - mean) * (v - mean)
	}
	variance := square / n * (1 + 1/n)
	m := &rareModel{name: "average", mean: mean, shared: 1 / (n + 1)}
	switch {
	case p.anyBelow:
		sd := math.Sqrt(variance)
		m.inverse = func(u float64) float64 {
			return mean + sd*normalQuantile(math.Min(1-1e-12, math.Max(1e-12, u)))
		}
	case mean == 0:
		m.inverse = func(float64) float64 { return 0 }
	default:
		m.inverse = gammaQuantile(mean, variance)
	}
	return m
}
