package demand

import "math"

// Origin is one forecast of the past: made after the first At periods, beside
// what came.
type Origin struct {
	At       int
	Forecast Forecast
	Scored   Scored
}

// Backtest forecasts the last origins of s as they would have been forecast
// then, each from its own past only, every model being fitted again
// (rolling origin; Tashman 2000). Origins lie one period apart, the last of
// them one period before the end; there are fewer when fewer than two seasons,
// or four periods, would be left to learn from. Actual values of periods
// without full exposure are unknown, and so is what lies beyond the end.
func Backtest(s Series, horizon, origins int, opt Options) ([]Origin, error) {
	if err := s.check(horizon); err != nil {
		return nil, err
	}
	n := len(s.Values)
	first := max(n-origins, 2*s.Season, 4)
	var out []Origin
	for at := first; at < n; at++ {
		past := s.until(at)
		f, err := Best(past, horizon, opt)
		if err == ErrEmpty {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, Origin{At: at, Forecast: f, Scored: f.score(past, s.actual(at, horizon))})
	}
	return out, nil
}

// until is what was known after the first n periods.
func (s Series) until(n int) Series {
	s.Values = s.Values[:n]
	if s.Exposure != nil {
		s.Exposure = s.Exposure[:n]
	}
	if s.Censored != nil {
		s.Censored = s.Censored[:n]
	}
	return s
}

// actual is the demand of the horizon periods from at, NaN where it was not fully seen.
func (s Series) actual(at, horizon int) []float64 {
	out := make([]float64, horizon)
	for h := range out {
		out[h] = math.NaN()
		if at+h >= len(s.Values) {
			continue
		}
		if v, kind := s.at(at + h); kind == seen {
			out[h] = v
		}
	}
	return out
}

// score puts a forecast beside what came.
func (f Forecast) score(past Series, actual []float64) Scored {
	sc := Scored{Actual: actual, Mean: f.Mean}
	sc.Scale, sc.RootScale = Scales(past.Values, past.Season)
	for h := range actual {
		sc.Lo80 = append(sc.Lo80, f.Quantile(h, 0.1))
		sc.Hi80 = append(sc.Hi80, f.Quantile(h, 0.9))
		sc.Lo95 = append(sc.Lo95, f.Quantile(h, 0.025))
		sc.Hi95 = append(sc.Hi95, f.Quantile(h, 0.975))
	}
	return sc
}
