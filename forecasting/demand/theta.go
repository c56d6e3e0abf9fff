package demand

import "math"

// thetaFit is a dynamic optimised theta model on the seasonally adjusted
// series (Fiorucci, Pellegrini, Louzada, Petropoulos & Koehler 2016,
// Models for optimising the theta method, eq. 8-13):
//
//	mu = l + w [(1-a)^t A + (1-(1-a)^(t+1))/a B]     w = 1 - 1/theta
//	l' = a y + (1-a) l
//
// A and B are the running least-squares line through the data so far. For a
// given a, mu is linear in the start level and in w, so both come from a 2 x 2
// least-squares problem and the search has one dimension.
type thetaFit struct {
	a, w, start float64
	level       float64
	mean, slope float64 // running mean and slope after n periods
	n           int
	sigma       float64
	season      []float64 // the next periods' indices, next first; nil for none
	ratio       bool
}

// thetaFitter holds the data-only part of the recursion.
type thetaFitter struct {
	y      []float64
	kind   []obs
	a, b   []float64 // line after t periods
	weight []float64
	means  []float64
}

// fitTheta fits the model to a prepared series.
func fitTheta(p *prepared) thetaFit {
	var fit thetaFit
	y := p.y
	if p.seasonal && hasSeason(p.y, p.season) {
		y = fit.adjust(p)
	}
	f := thetaFitter{y: y, kind: p.kind, weight: weights(p.kind, p.season)}
	f.lines()
	best := math.Inf(1)
	try := func(a float64) float64 {
		l, w, sse := f.solve(a)
		if sse < best {
			best, fit.a, fit.w, fit.start = sse, a, w, l
		}
		return sse
	}
	grid := [...]float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99}
	for _, a := range grid {
		try(a)
	}
	golden(try, math.Max(0.1, fit.a-0.1), math.Min(0.99, fit.a+0.1), 8)
	fit.finish(&f)
	return fit
}

// golden searches [lo, hi] for a minimum of f with n evaluations.
func golden(f func(float64) float64, lo, hi float64, n int) {
	const r = 0.6180339887498949
	c, d := hi-r*(hi-lo), lo+r*(hi-lo)
	fc, fd := f(c), f(d)
	for range n - 2 {
		if fc < fd {
			hi, d, fd = d, c, fc
			c = hi - r*(hi-lo)
			fc = f(c)
		} else {
			lo, c, fc = c, d, fd
			d = lo + r*(hi-lo)
			fd = f(d)
		}
	}
}

// adjust removes the season: by ratios, or by differences where a ratio would
// be next to zero or the data are not positive.
func (fit *thetaFit) adjust(p *prepared) []float64 {
	index := p.start.additive
	fit.ratio = p.positive
	if fit.ratio {
		index = p.start.ratio
		for _, v := range index {
			fit.ratio = fit.ratio && v > 0.01
		}
		if !fit.ratio {
			index = p.start.additive
		}
	}
	n, m := len(p.y), p.season
	y := make([]float64, n)
	for t, v := range p.y {
		if fit.ratio {
			y[t] = v / index[t%m]
		} else {
			y[t] = v - index[t%m]
		}
	}
	fit.season = make([]float64, m)
	for j := range fit.season {
		fit.season[j] = index[(n+j)%m]
	}
	return y
}

// lines precomputes the running regression (Fiorucci et al. 2016, eq. 11-13).
func (f *thetaFitter) lines() {
	n := len(f.y)
	f.a, f.b, f.means = make([]float64, n+1), make([]float64, n+1), make([]float64, n+1)
	for t := 1; t <= n; t++ {
		f.means[t], f.b[t] = nextLine(f.means[t-1], f.b[t-1], t, f.y[t-1])
		f.a[t] = f.means[t] - f.b[t]*float64(t+1)/2
	}
}

// nextLine is the running mean and slope after the t-th value y.
func nextLine(mean, slope float64, t int, y float64) (float64, float64) {
	n := float64(t)
	if t > 1 {
		slope = ((n-2)*slope + 6*(y-mean)/n) / (n + 1)
	}
	return mean + (y-mean)/n, slope
}

// solve finds the best start level and weight for a, and their squared error
// over the observed periods from the third on.
func (f *thetaFitter) solve(a float64) (level, weight, sse float64) {
	var hh, hg, gg, hz, gz, zz float64
	l, power := 0.0, 1.0
	for t, y := range f.y {
		// mu_t = l + power*start + w*g, with t periods behind us.
		g := power*f.a[t] + (1-power*(1-a))/a*f.b[t]
		if t >= 2 && f.kind[t] == seen {
			z := y - l
			v := f.weight[t]
			hh += v * power * power
			hg += v * power * g
			gg += v * g * g
			hz += v * power * z
			gz += v * g * z
			zz += v * z * z
		}
		l = a*y + (1-a)*l
		power *= 1 - a
	}
	sumOfSquares := func(s, w float64) float64 {
		return zz - 2*s*hz - 2*w*gz + s*s*hh + 2*s*w*hg + w*w*gg
	}
	if det := hh*gg - hg*hg; det > 1e-9*hh*gg {
		level, weight = (hz*gg-gz*hg)/det, (gz*hh-hz*hg)/det
	}
	weight = math.Max(0, math.Min(1, weight))
	if hh > 0 {
		level = (hz - weight*hg) / hh
	}
	return level, weight, sumOfSquares(level, weight)
}

// finish runs the model through the data for its last states and its error.
func (fit *thetaFit) finish(f *thetaFitter) {
	l, power, sum, count := fit.start, 1.0, 0.0, 0.0
	for t, y := range f.y {
		g := power*f.a[t] + (1-power*(1-fit.a))/fit.a*f.b[t]
		if e := y - l - fit.w*g; t >= 2 && f.kind[t] == seen {
			sum += f.weight[t] * e * e
			count++
		}
		l = fit.a*y + (1-fit.a)*l
		power *= 1 - fit.a
	}
	fit.level, fit.n = l, len(f.y)
	fit.mean, fit.slope = f.means[fit.n], f.b[fit.n]
	fit.sigma = math.Sqrt(sum / math.Max(1, count-3))
}

// future runs one path; shock returns the error of step h.
func (fit *thetaFit) future(h int, l, mean, slope, power float64) (mu, nextPower float64) {
	line := mean - slope*float64(fit.n+h+1)/2
	return l + fit.w*(power*line+(1-power*(1-fit.a))/fit.a*slope), power * (1 - fit.a)
}

// point writes the mean forecast.
func (fit *thetaFit) point(out []float64) {
	l, mean, slope, power := fit.level, fit.mean, fit.slope, math.Pow(1-fit.a, float64(fit.n))
	for h := range out {
		mu, next := fit.future(h, l, mean, slope, power)
		l = fit.a*mu + (1-fit.a)*l
		mean, slope = nextLine(mean, slope, fit.n+h+1, mu)
		power = next
		out[h] = fit.reseason(h, mu)
	}
}

func (fit *thetaFit) String() string { return "theta" }

// simulate writes one future a column of out, driven by the standard normal
// shocks z of the same shape.
func (fit *thetaFit) simulate(z, out [][]float64) {
	start := math.Pow(1-fit.a, float64(fit.n))
	for i := range out[0] {
		l, mean, slope, power := fit.level, fit.mean, fit.slope, start
		for h := range out {
			mu, next := fit.future(h, l, mean, slope, power)
			y := mu + fit.sigma*z[h][i]
			l = fit.a*y + (1-fit.a)*l
			mean, slope = nextLine(mean, slope, fit.n+h+1, y)
			power = next
			out[h][i] = fit.reseason(h, y)
		}
	}
}

func (fit *thetaFit) reseason(h int, y float64) float64 {
	switch {
	case fit.season == nil:
		return y
	case fit.ratio:
		return y * fit.season[h%len(fit.season)]
	}
	return y + fit.season[h%len(fit.season)]
}
