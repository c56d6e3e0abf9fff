package demand

import "math"

// Pattern is a season shared by many places: how much busier than usual each
// period of the year is, as a ratio with mean 1. Below about four years of
// history a place cannot tell its own season from chance, and borrows.
type Pattern []float64

// Season estimates the ratios of one series, starting with the season of its
// first period, and the variance of their errors. It returns nil when fewer
// than two years are known or a value is not positive.
func Season(s Series) (Pattern, float64) {
	if s.check(1) != nil {
		return nil, 0
	}
	p := s.prepare()
	if !p.seasonal || !p.positive || len(p.y) != len(s.Values) {
		return nil, 0
	}
	m := p.season
	var sum, n float64
	for t := m / 2; t+m/2 < len(p.y); t++ {
		if trend := centred(p.y, t, m); trend > 0 {
			d := p.y[t]/trend - p.start.ratio[t%m]
			sum += d * d
			n++
		}
	}
	cycles := n / float64(m)
	// Ratios were fitted to the same errors: m of n are not free.
	return p.start.ratio, sum / math.Max(1, n-float64(m)) / math.Max(1, cycles)
}

// PoolSeasons shrinks each pattern towards their mean: by w = tau^2/(tau^2 +
// se^2) a place keeps its own, tau^2 being how much true patterns differ and
// se^2 how badly its own is known (James & Stein 1961; Efron & Morris 1975).
// Patterns start with the same season of the year. A nil pattern becomes the
// mean. It returns the patterns in the same order, and nil if none was given.
func PoolSeasons(own []Pattern, variance []float64) []Pattern {
	group := meanPattern(own)
	if group == nil {
		return nil
	}
	tau := between(own, variance, group)
	out := make([]Pattern, len(own))
	for i, p := range own {
		out[i] = append(Pattern(nil), group...)
		if p == nil || tau+variance[i] == 0 {
			continue
		}
		w := tau / (tau + variance[i])
		for j := range out[i] {
			out[i][j] += w * (p[j] - group[j])
		}
	}
	return out
}

func meanPattern(own []Pattern) Pattern {
	var group Pattern
	n := 0.0
	for _, p := range own {
		if p == nil {
			continue
		}
		if group == nil {
			group = make(Pattern, len(p))
		}
		for j := range p {
			group[j] += p[j]
		}
		n++
	}
	for j := range group {
		group[j] /= n
	}
	return group
}

// between is the variance of true patterns by the method of moments, at least 0.
func between(own []Pattern, variance []float64, group Pattern) float64 {
	sum, noise, n := 0.0, 0.0, 0.0
	for i, p := range own {
		if p == nil {
			continue
		}
		for j := range p {
			sum += (p[j] - group[j]) * (p[j] - group[j]) / float64(len(p))
		}
		noise += variance[i]
		n++
	}
	if n < 2 {
		return 0
	}
	return math.Max(0, sum/(n-1)-noise/n)
}

// withPattern forecasts s freed from a known season and puts the season back.
func withPattern(s Series, horizon int, opt Options) (Forecast, error) {
	pattern, m := s.Pattern, len(s.Pattern)
	free := s
	free.Pattern, free.Season = nil, 1
	free.Values = make([]float64, len(s.Values))
	for t, v := range s.Values {
		free.Values[t] = v / pattern[t%m]
	}
	f, err := Best(free, horizon, opt)
	if err != nil {
		return Forecast{}, err
	}
	for h := range f.Mean {
		ratio := pattern[(len(s.Values)+h)%m]
		f.Mean[h] *= ratio
		for i := range f.Draws[h] {
			f.Draws[h][i] *= ratio
			f.sorted[h][i] *= ratio
		}
	}
	return f, nil
}
