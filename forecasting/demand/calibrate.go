package demand

import "math"

// hindcastErrors compares what the members, with their parameters as they are,
// would have said in the past with what came. It returns, by horizon, the mean
// squared error in units of the forecast's own spread, and how many errors
// entered.
func (f *Forecast) hindcastErrors(members []member, p *prepared) (square, count []float64) {
	horizon := len(f.Mean)
	square, count = make([]float64, horizon), make([]float64, horizon)
	n := len(p.y)
	first := max(n/2, min(n-1, 2*p.season), 4)
	relative := 0.0
	for _, m := range members {
		if m.relative() {
			relative += m.share
		}
	}
	const most = 30
	step := max(1, (n-first+most-1)/most)
	one, sum := make([]float64, horizon), make([]float64, horizon)
	for t := n - 1; t >= first; t -= step {
		h := min(horizon, n-t)
		clear(sum)
		for _, m := range members {
			m.hindcast(t, one[:h])
			for i, v := range one[:h] {
				sum[i] += m.share * v
			}
		}
		for i := range h {
			if p.kind[t+i] != seen {
				continue
			}
			spread := (f.Quantile(i, 0.9) - f.Quantile(i, 0.1)) / 2.563
			e := p.y[t+i] - sum[i]
			if relative > 0.5 && sum[i] > 0 {
				e *= math.Min(4, math.Max(0.25, f.Mean[i]/sum[i]))
			}
			if spread > 0 {
				square[i] += (e / spread) * (e / spread)
				count[i]++
			}
		}
	}
	return square, count
}
