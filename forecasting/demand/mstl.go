package demand

import (
	"math"
	"slices"
)

// MSTL splits y into a trend and one seasonal component for each of the
// periods (such as 7 and 365), the rest being noise: seasonal-trend
// decomposition by LOESS, season by season, shortest first, twice over
// (Bandara, Hyndman & Bergmeir 2021; Cleveland, Cleveland, McRae & Terpenning
// 1990). Periods of which y does not hold two cycles are left at zero. y must
// hold no NaN.
func MSTL(y []float64, periods []int) (trend []float64, seasons [][]float64) {
	n := len(y)
	trend = make([]float64, n)
	seasons = matrix(len(periods), n)
	rest := append([]float64(nil), y...)
	fitted := false
	for range 2 {
		for k, m := range periods {
			if m < 2 || n < 2*m {
				continue
			}
			for t := range rest {
				rest[t] += seasons[k][t]
			}
			stl(rest, m, 7+4*(k+1), seasons[k], trend)
			fitted = true
			for t := range rest {
				rest[t] -= seasons[k][t]
			}
		}
	}
	if !fitted {
		loess(y, odd(float64(n)/2), trend, 1)
	}
	return trend, seasons
}

// stl is the inner loop of STL, run twice without robustness weights; window
// is the span of the seasonal smoother in cycles.
func stl(y []float64, m, window int, season, trend []float64) {
	n := len(y)
	trendSpan := odd(1.5 * float64(m) / (1 - 1.5/float64(window)))
	work, cycle, low := make([]float64, n), make([]float64, n+2*m), make([]float64, n)
	clear(trend)
	for range 2 {
		for t := range work {
			work[t] = y[t] - trend[t]
		}
		smoothCycles(work, m, window, cycle)
		pass := average3(cycle, m)
		loess(pass, odd(float64(m)), low, 1)
		for t := range season {
			season[t] = cycle[m+t] - low[t]
			work[t] = y[t] - season[t]
		}
		loess(work, trendSpan, trend, 1)
	}
}

// odd is the smallest odd whole number not below v, at least 3.
func odd(v float64) int {
	k := int(math.Ceil(v))
	if k%2 == 0 {
		k++
	}
	return max(3, k)
}

// smoothCycles smooths the values of each season over the cycles and extends
// them by one cycle at both ends.
func smoothCycles(y []float64, m, window int, out []float64) {
	for j := range m {
		var v []float64
		for t := j; t < len(y); t += m {
			v = append(v, y[t])
		}
		for i := -1; i <= len(v); i++ {
			if at := (i+1)*m + j; at < len(out) {
				out[at] = loessAt(v, float64(i), window)
			}
		}
	}
}

// average3 runs moving averages of m, m and 3: 2m values shorter than v.
func average3(v []float64, m int) []float64 {
	return moving(moving(moving(v, m), m), 3)
}

func moving(v []float64, m int) []float64 {
	out := make([]float64, len(v)-m+1)
	sum := 0.0
	for t, x := range v {
		sum += x
		if t >= m {
			sum -= v[t-m]
		}
		if t >= m-1 {
			out[t-m+1] = sum / float64(m)
		}
	}
	return out
}

// loess smooths y at every step-th point and draws straight lines between.
func loess(y []float64, span int, out []float64, step int) {
	if span > 60 {
		step = span / 20
	}
	n := len(out)
	last := 0
	for t := 0; ; t = min(t+step, n-1) {
		out[t] = loessAt(y, float64(t), span)
		for i := last + 1; i < t; i++ {
			w := float64(i-last) / float64(t-last)
			out[i] = (1-w)*out[last] + w*out[t]
		}
		last = t
		if t == n-1 {
			return
		}
	}
}

// loessAt is the local linear fit of y at x with tricube weights over the span
// nearest points (Cleveland 1979).
func loessAt(y []float64, x float64, span int) float64 {
	n := len(y)
	lo := int(x) - span/2
	lo = max(0, min(lo, n-span))
	hi := min(n, lo+span)
	reach := math.Max(x-float64(lo), float64(hi-1)-x)
	if span > n {
		reach += float64(span-n) / 2
	}
	reach = math.Max(reach, 1)
	var sw, swx, swy, swxx, swxy float64
	for i := lo; i < hi; i++ {
		d := float64(i) - x
		u := math.Abs(d) / reach
		if u > 0.999 {
			continue
		}
		w := 1.0
		if u > 0.001 {
			w = 1 - u*u*u
			w *= w * w
		}
		sw, swx, swy = sw+w, swx+w*d, swy+w*y[i]
		swxx, swxy = swxx+w*d*d, swxy+w*d*y[i]
	}
	if sw == 0 {
		return y[max(0, min(n-1, int(x)))]
	}
	mean, centre := swy/sw, swx/sw
	if spread := swxx/sw - centre*centre; spread > 1e-9*reach*reach {
		return mean - centre*(swxy/sw-centre*mean)/spread
	}
	return mean
}

// Daily forecasts a series with several seasons, such as 7 and 365 days: MSTL
// takes the seasons off, the rest is forecast like any series without a
// season, and the last cycle of each season is repeated (Hyndman &
// Athanasopoulos, 3rd ed., §12.1). A season of which the series does not hold
// two cycles is left out; where one short season is left, or demand is rare,
// it is forecast as Best forecasts it. Errors are those of Best; ErrShape also
// when a period is below 1.
func Daily(s Series, periods []int, horizon int, opt Options) (Forecast, error) {
	if err := s.check(horizon); err != nil {
		return Forecast{}, err
	}
	if slices.ContainsFunc(periods, func(m int) bool { return m < 1 }) {
		return Forecast{}, ErrShape
	}
	s.Season = 1
	if len(periods) > 0 && slices.Min(periods) <= longestSeason {
		s.Season = slices.Min(periods)
	}
	periods = s.held(periods)
	if one := s.prepare(); len(periods) == 0 || len(periods) == 1 && periods[0] == s.Season || isRare(&one) {
		return Best(s, horizon, opt)
	}
	p := s.prepare()
	_, seasons := MSTL(p.y, periods)
	n, skip := len(p.y), len(s.Values)-len(p.y)
	free := s.until(len(s.Values))
	free.Season = 1
	free.Values = append([]float64(nil), s.Values...)
	below := p.anyBelow
	for t := range n {
		for k := range periods {
			free.Values[skip+t] -= seasons[k][t] * s.exposed(skip+t)
		}
	}
	f, err := Best(free, horizon, opt)
	if err != nil {
		return Forecast{}, err
	}
	for h := range f.Mean {
		add := 0.0
		for k, m := range periods {
			if m >= 2 && n >= 2*m {
				add += seasons[k][n-m+h%m]
			}
		}
		f.Mean[h] += add
		for i := range f.Draws[h] {
			f.Draws[h][i] += add
			f.sorted[h][i] += add
		}
	}
	if !below {
		f.clip()
	}
	return f, nil
}

// held are those periods of which the series holds two cycles, the shortest
// first, each once.
func (s Series) held(periods []int) (held []int) {
	n := len(s.Values)
	for n > 0 && math.IsNaN(s.Values[len(s.Values)-n]) {
		n--
	}
	for _, m := range periods {
		if m > 1 && m <= n/2 {
			held = append(held, m)
		}
	}
	slices.Sort(held)
	return slices.Compact(held)
}

// exposed is the exposure of period t.
func (s Series) exposed(t int) float64 {
	if s.Exposure == nil {
		return 1
	}
	return s.Exposure[t]
}
