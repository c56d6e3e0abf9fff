// Package demand foresees how many blanks a place will be asked for, and how
// likely its shelf is to run empty.
//
// It is pure: values in, values out, the same answer for the same seed. A
// forecast is a distribution, never a single number: it comes as a mean, as
// quantiles of each period, and as whole futures whose periods hang together,
// so that any sum over a lead time has its own honest quantiles. Months with
// an empty shelf are understood as demand that was not seen, not as no demand.
package demand

import (
	"math"
	"sort"
)

// Forecast is the distribution of the next periods of one series.
type Forecast struct {
	// Method says how the forecast was made, in a few words.
	Method string
	// Mean is the point forecast of each period.
	Mean []float64
	// Draws are futures: Draws[h][i] is period h+1 of future i.
	Draws [][]float64

	sorted [][]float64
}

// Options say how a forecast is to be made. The zero value is usable.
type Options struct {
	// Paths is the number of futures; 0 means 2000.
	Paths int
	// Seed makes the futures reproducible.
	Seed uint64
}

// Best forecasts the next horizon periods with the method that suits the
// series: a combination of exponential smoothing, theta and ARIMA models for
// steady demand, the intermittent family for rare demand, and the average when
// almost nothing is known. Seasons longer than 60 periods are left to Daily. If no known value is
// negative, no forecast is.
//
// It returns ErrEmpty, ErrInfinite, ErrHorizon or ErrShape when the series or
// the horizon cannot be used, and never a NaN.
func Best(s Series, horizon int, opt Options) (Forecast, error) {
	if err := s.check(horizon); err != nil {
		return Forecast{}, err
	}
	if opt.Paths <= 0 {
		opt.Paths = 2000
	}
	if s.Season > longestSeason {
		return Daily(s, []int{s.Season}, horizon, opt)
	}
	p := s.prepare()
	if p.known == 0 {
		return Forecast{}, ErrEmpty
	}
	members := p.members()
	f := combine(members, horizon, opt.Paths, opt.Seed)
	if !p.anyBelow {
		f.clip()
	}
	return f, nil
}

// members chooses the models for a series.
func (p *prepared) members() []member {
	if isRare(p) {
		return []member{{fitRare(p), 1}}
	}
	if all := steady(p); len(all) > 0 {
		return all
	}
	return []member{{fitFew(p), 1}}
}

// steady are the members for demand in most periods: exponential smoothing and
// ARIMA models, each by their Akaike weights (Kolassa 2011, Combining
// exponential smoothing forecasts using Akaike weights), and the theta model,
// a third each; below three seasons the seasonal naive method beside them.
// Theta and ARIMA see periods that were not observed as the best exponential
// smoothing model expects them. There are none when too few periods are known.
func steady(p *prepared) []member {
	w := newETSFitter(*p)
	smoothing := weighed(w, p)
	if len(smoothing) == 0 {
		return nil
	}
	if p.observed < len(p.y) {
		p.y = w.complete(smoothing[0].model.(*etsFit).form, etsSteps)
	}
	theta := fitTheta(p)
	return withNaive(p, pool(smoothing, []member{{&theta, 1}}, fitARIMA(p, arimaMembers)))
}

// pool gives every family that has a model the same share.
func pool(families ...[]member) []member {
	var all []member
	n := 0.0
	for _, f := range families {
		all = append(all, f...)
		if len(f) > 0 {
			n++
		}
	}
	for i := range all {
		all[i].share /= n
	}
	return all
}

const (
	etsSteps     = 60   // iterations of a fit
	etsMembers   = 5    // forms kept at most
	arimaMembers = 4    // orders kept at most
	leastWeight  = 0.05 // relative to the best form
)

// weighed fits all admissible forms and keeps the best, the best first.
func weighed(w *etsFitter, p *prepared) []member {
	var fits []etsFit
	for _, form := range etsForms(p.positive, p.seasonal) {
		fit := w.fitCensored(form, etsSteps)
		if !math.IsInf(fit.aicc, 1) {
			fits = append(fits, fit)
		}
	}
	sort.SliceStable(fits, func(i, j int) bool { return fits[i].aicc < fits[j].aicc })
	return shares(len(fits), etsMembers, func(i int) (model, float64) { return &fits[i], fits[i].aicc })
}

// shares weighs the best of n models, sorted by AICc, by their Akaike weights.
func shares(n, most int, of func(i int) (model, float64)) []member {
	var members []member
	var best, total float64
	for i := range min(n, most) {
		m, aicc := of(i)
		if i == 0 {
			best = aicc
		}
		weight := math.Exp((best - aicc) / 2)
		if weight < leastWeight {
			break
		}
		members = append(members, member{m, weight})
		total += weight
	}
	for i := range members {
		members[i].share /= total
	}
	return members
}

// clip raises everything below zero to zero.
func (f *Forecast) clip() {
	raise := func(v []float64) {
		for i := range v {
			v[i] = max(0, v[i])
		}
	}
	raise(f.Mean)
	for h := range f.Draws {
		raise(f.Draws[h])
		raise(f.sorted[h])
	}
}

// FromDraws makes a forecast of futures that were drawn or changed elsewhere,
// draws[h][i] being period h of future i. It keeps draws.
func FromDraws(method string, draws [][]float64) Forecast {
	f := Forecast{Method: method, Mean: make([]float64, len(draws)), Draws: draws, sorted: make([][]float64, len(draws))}
	for h, column := range draws {
		f.Mean[h] = average(column)
		f.sorted[h] = append([]float64(nil), column...)
		sort.Float64s(f.sorted[h])
	}
	return f
}

// Scaled multiplies each period by a factor that is not negative; the mean is that of the futures.
func (f Forecast) Scaled(by []float64) Forecast {
	horizon, paths := len(f.Draws), len(f.Draws[0])
	out := Forecast{Method: f.Method, Mean: make([]float64, horizon), Draws: matrix(horizon, paths), sorted: matrix(horizon, paths)}
	for h, b := range by {
		for i, v := range f.Draws[h] {
			out.Draws[h][i] = v * b
		}
		out.Mean[h] = average(out.Draws[h])
		for i, v := range f.sorted[h] {
			out.sorted[h][i] = v * b
		}
	}
	return out
}

// After leaves out the first periods.
func (f Forecast) After(periods int) Forecast {
	return Forecast{Method: f.Method, Mean: f.Mean[periods:], Draws: f.Draws[periods:], sorted: f.sorted[periods:]}
}

// Quantile is the value that period h, counted from 0, stays below with
// probability p (0 to 1), by linear interpolation between futures.
func (f Forecast) Quantile(h int, p float64) float64 { return quantile(f.sorted[h], p) }

// quantile of ascending values (Hyndman & Fan 1996, definition 5).
func quantile(sorted []float64, p float64) float64 {
	n := len(sorted)
	at := p*float64(n) - 0.5
	i := int(math.Floor(at))
	switch {
	case i < 0:
		return sorted[0]
	case i >= n-1:
		return sorted[n-1]
	}
	w := at - float64(i)
	return (1-w)*sorted[i] + w*sorted[i+1]
}

// Cumulative is the sum of the first periods of every future, ascending.
func (f Forecast) Cumulative(periods int) []float64 {
	sums := make([]float64, len(f.Draws[0]))
	for _, column := range f.Draws[:periods] {
		for i, v := range column {
			sums[i] += v
		}
	}
	sort.Float64s(sums)
	return sums
}
