package demand

import "math"

// Exponential smoothing in state-space form, after Hyndman, Koehler, Ord &
// Snyder (2008), Forecasting with Exponential Smoothing, ch. 2-7. One step
// with q = l + phi b, and f = q | q + s | q s by kind of season:
//
//	l' = q + alpha e/w      w = 1 | 1 | s
//	b' = phi b + beta e/w
//	s' = s + gamma e/v      v = 1 | 1 | q
//
// where e = y - f. The path of the states is the same for additive and
// multiplicative errors; only the likelihood and the futures differ. Of the
// forms the fifteen admissible ones are used: no multiplicative trend, and a
// multiplicative season only with multiplicative errors.

type trendKind int

const (
	noTrend trendKind = iota
	linearTrend
	dampedTrend
)

type seasonKind int

const (
	noSeason seasonKind = iota
	additiveSeason
	multiplicativeSeason
)

// etsForm names one of the fifteen models.
type etsForm struct {
	scaled bool // multiplicative errors
	trend  trendKind
	season seasonKind
}

func (f etsForm) String() string {
	e := "A"
	if f.scaled {
		e = "M"
	}
	return "ETS(" + e + "," + [...]string{"N", "A", "Ad"}[f.trend] + "," + [...]string{"N", "A", "M"}[f.season] + ")"
}

// parameters counts what the search is free to choose: smoothing parameters and start states.
func (f etsForm) parameters(m int) int {
	k := 2
	if f.trend != noTrend {
		k += 2
	}
	if f.trend == dampedTrend {
		k++
	}
	if f.season != noSeason {
		k += m
	}
	return k
}

// etsForms lists the admissible forms for a series.
func etsForms(positive, seasonal bool) []etsForm {
	var forms []etsForm
	for _, relative := range []bool{false, true} {
		for trend := noTrend; trend <= dampedTrend; trend++ {
			for season := noSeason; season <= multiplicativeSeason; season++ {
				if relative && !positive || season == multiplicativeSeason && !relative || season != noSeason && !seasonal {
					continue
				}
				forms = append(forms, etsForm{relative, trend, season})
			}
		}
	}
	return forms
}

// etsStart holds start values shared by all forms of one series, from a
// classical decomposition and a line through its first cycles.
type etsStart struct {
	level, slope float64
	plain        [2]float64 // level and slope when there is no season
	additive     []float64
	ratio        []float64
	unit         float64 // mean absolute difference: the size of a typical move
}

// etsFit is one model fitted to one series.
type etsFit struct {
	form                    etsForm
	m                       int
	alpha, beta, gamma, phi float64
	level, slope            float64   // states after the last period
	seasons                 []float64 // the next m periods' seasons, next first
	sigma                   float64   // standard deviation of e, or of e/f when errors are relative
	aicc                    float64
}

// etsFitter fits forms to one series and keeps the workspace of the search.
type etsFitter struct {
	y          []float64
	kind       []obs
	m          int
	n          int // periods that enter the likelihood
	start      etsStart
	form       etsForm
	sigma      float64 // for censored periods
	uncensored bool
	weight     []float64
	search     minimiser
	x, best    []float64

	// One pass of the recursion, kept for the way back.
	l, b, s0, q, f, e, s []float64
	ds                   []float64
}

// etsParams are the values behind one point of the search space.
type etsParams struct{ alpha, beta, gamma, phi, level, slope float64 }

func newETSFitter(p prepared) *etsFitter {
	n, m := len(p.y), p.season
	w := &etsFitter{y: p.y, kind: p.kind, m: m, n: p.observed, start: p.start}
	w.weight = weights(p.kind, p.season)
	w.uncensored = p.known == p.observed
	for _, v := range []*[]float64{&w.l, &w.b, &w.s0, &w.q, &w.f, &w.e} {
		*v = make([]float64, n+1)
	}
	w.s, w.ds = make([]float64, m+n), make([]float64, m+n)
	w.x, w.best = make([]float64, m+5), make([]float64, m+5)
	return w
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
func logit(p float64) float64    { return math.Log(p / (1 - p)) }

const (
	alphaLow, alphaHigh = 1e-4, 0.9999
	phiLow, phiHigh     = 0.80, 0.98
)

// decode turns a point of the search space into parameters and start seasons.
func (w *etsFitter) decode(x []float64) etsParams {
	a := etsParams{alpha: alphaLow + (alphaHigh-alphaLow)*logistic(x[0]), phi: 1}
	u, st := w.start.unit, &w.start
	i := 2
	if w.form.season == noSeason {
		a.level = st.plain[0] + u*x[1]
	} else {
		a.level = st.level + u*x[1]
	}
	switch w.form.trend {
	case noTrend:
		a.phi = 0
	default:
		a.beta = a.alpha * logistic(x[i])
		a.slope = st.slope
		if w.form.season == noSeason {
			a.slope = st.plain[1]
		}
		a.slope += 0.1 * u * x[i+1]
		i += 2
		if w.form.trend == dampedTrend {
			a.phi = phiLow + (phiHigh-phiLow)*logistic(x[i])
			i++
		}
	}
	if w.form.season == noSeason {
		return a
	}
	a.gamma = (1 - a.alpha) * logistic(x[i])
	i++
	base, size := st.additive, u
	if w.form.season == multiplicativeSeason {
		base, size = st.ratio, u/st.level
	}
	// m free offsets around their own mean: one of them is redundant, which
	// the search does not mind, and the seasons stay normalised.
	free := x[i : i+w.m-1]
	sum := 0.0
	for _, v := range free {
		sum += v
	}
	mean := sum / float64(w.m)
	for j := range w.m {
		v := -mean
		if j < w.m-1 {
			v += free[j]
		}
		w.s[j] = base[j] + size*v
	}
	return a
}

// value runs the recursion and returns the criterion of Hyndman et al. (2008,
// eq. 5.3): n log(sum e^2) + 2 sum log|f| for relative errors, the squares
// being weighed by how recent they are.
func (w *etsFitter) forward(a etsParams) (sum, logs float64) {
	l, b := a.level, a.slope
	product := 1.0 // of f, whose logarithm is only taken before it overflows
	for t, y := range w.y {
		q := l + a.phi*b
		f, wt, v, s := q, 1.0, 1.0, 0.0
		switch w.form.season {
		case additiveSeason:
			s = w.s[t]
			f += s
		case multiplicativeSeason:
			s = w.s[t]
			f, wt, v = q*s, s, q
			if q <= 0 || s <= 0 {
				return math.Inf(1), 0
			}
		}
		if w.form.scaled && f <= 1e-8*w.start.unit {
			return math.Inf(1), 0
		}
		e := y - f
		switch {
		case w.kind[t] != seen:
			e = w.unseen(t, f, &logs)
		case w.form.scaled:
			sum += w.weight[t] * (e / f) * (e / f)
			if product *= f; product > 1e100 || product < 1e-100 {
				logs += math.Log(product)
				product = 1
			}
		default:
			sum += w.weight[t] * e * e
		}
		w.l[t], w.b[t], w.q[t], w.f[t], w.e[t] = l, b, q, f, e
		l = q + a.alpha*e/wt
		b = a.phi*b + a.beta*e/wt
		if w.form.season != noSeason {
			w.s[t+w.m] = s + a.gamma*e/v
		}
	}
	w.l[len(w.y)], w.b[len(w.y)] = l, b
	return sum, logs + math.Log(product)
}

// unseen is the innovation of a period that was not observed: nothing when it
// is missing, the mean of what exceeds the bound when it is censored, in which
// case minus its log probability is added to logs.
func (w *etsFitter) unseen(t int, f float64, logs *float64) float64 {
	if w.kind[t] == missing || w.sigma <= 0 {
		return 0
	}
	sd := w.spread(f)
	z := (w.y[t] - f) / sd
	*logs -= logTail(z)
	return sd * hazard(z)
}

// spread is the standard deviation of an error around f.
func (w *etsFitter) spread(f float64) float64 {
	if w.form.scaled {
		return w.sigma * math.Abs(f)
	}
	return w.sigma
}

// logTail is log P(Z > z).
func logTail(z float64) float64 {
	if z > 30 {
		return -z*z/2 - math.Log(z*math.Sqrt(2*math.Pi))
	}
	return math.Log(normalCDF(-z))
}

// evaluate is the criterion and its gradient by the adjoint of the recursion:
// one pass forward, one pass back, whatever the number of parameters.
func (w *etsFitter) evaluate(x, g []float64) float64 {
	a := w.decode(x)
	sum, logs := w.forward(a)
	if math.IsInf(sum, 1) || math.IsNaN(sum) {
		return math.Inf(1)
	}
	n := float64(w.n)
	floor := 1e-12 * w.start.unit * w.start.unit
	if w.form.scaled {
		floor = 1e-14
	}
	sum += floor
	value := n*math.Log(sum) + 2*logs
	d := w.backward(a, 2*n/sum)
	w.chain(x, g, a, d)
	return value + w.penalty(x, g)
}

// backward is the adjoint pass. scale is d(criterion)/d(sum)/2.
func (w *etsFitter) backward(a etsParams, scale float64) etsParams {
	var d etsParams
	var dl, db float64
	clear(w.ds)
	for t := len(w.y) - 1; t >= 0; t-- {
		e, f, q := w.e[t], w.f[t], w.q[t]
		wt, v, s, dsNext := 1.0, 1.0, 0.0, 0.0
		if w.form.season != noSeason {
			s, dsNext = w.s[t], w.ds[t+w.m]
			if w.form.season == multiplicativeSeason {
				wt, v = s, q
			}
		}
		pull := (dl*a.alpha+db*a.beta)/wt + dsNext*a.gamma/v // d criterion / d e, through the states
		df := 0.0
		switch {
		case w.kind[t] == missing || w.kind[t] == censored && w.sigma <= 0:
		case w.kind[t] == censored:
			df = w.unseenSlope(t, f, pull)
		case w.form.scaled:
			df = -pull - scale*w.weight[t]*e*(e+f)/(f*f*f) + 2/f
		default:
			df = -pull - scale*w.weight[t]*e
		}
		d.alpha += dl * e / wt
		d.beta += db * e / wt
		dq, ds := df+dl, df+dsNext
		if w.form.season != noSeason {
			d.gamma += dsNext * e / v
			if w.form.season == multiplicativeSeason {
				dq = df*s + dl - dsNext*a.gamma*e/(q*q)
				ds = df*q + dsNext - (dl*a.alpha+db*a.beta)*e/(s*s)
			}
			w.ds[t] += ds
		}
		d.phi += (db + dq) * w.b[t]
		db = a.phi * (db + dq)
		dl = dq
	}
	d.level, d.slope = dl, db
	return d
}

// unseenSlope is d(criterion)/df of a censored period.
func (w *etsFitter) unseenSlope(t int, f, pull float64) float64 {
	sd := w.spread(f)
	z := (w.y[t] - f) / sd
	h := hazard(z)
	dz, dsd := -1/sd, 0.0
	if w.form.scaled {
		dz, dsd = -w.y[t]/(sd*f), sd/f
	}
	return pull*(sd*h*(h-z)*dz+dsd*h) + 2*h*dz
}

// chain carries the gradient from the parameters to the search space.
func (w *etsFitter) chain(x, g []float64, a, d etsParams) {
	u := w.start.unit
	dAlpha := d.alpha
	g[1] = u * d.level
	i := 2
	if w.form.trend != noTrend {
		b := logistic(x[i])
		dAlpha += d.beta * b
		g[i] = d.beta * a.alpha * b * (1 - b)
		g[i+1] = 0.1 * u * d.slope
		i += 2
		if w.form.trend == dampedTrend {
			p := logistic(x[i])
			g[i] = d.phi * (phiHigh - phiLow) * p * (1 - p)
			i++
		}
	}
	if w.form.season != noSeason {
		c := logistic(x[i])
		dAlpha -= d.gamma * c
		g[i] = d.gamma * (1 - a.alpha) * c * (1 - c)
		i++
		size := u
		if w.form.season == multiplicativeSeason {
			size = u / w.start.level
		}
		mean := 0.0
		for _, v := range w.ds[:w.m] {
			mean += v
		}
		mean /= float64(w.m)
		for j := range w.m - 1 {
			g[i+j] = size * (w.ds[j] - mean)
		}
	}
	l := logistic(x[0])
	g[0] = dAlpha * (alphaHigh - alphaLow) * l * (1 - l)
}

// penalty is a weak prior, as minus twice a log density. It keeps the logits
// from running to infinity, where the gradient vanishes, and says that slopes
// seldom change quickly: short series cannot tell, and a slope that follows
// the noise is the dearest mistake at long horizons.
func (w *etsFitter) penalty(x, g []float64) float64 {
	sum := 0.0
	prior := func(i int, mean, precision float64) {
		d := x[i] - mean
		sum += precision * d * d
		g[i] += 2 * precision * d
	}
	prior(0, 0, weakPrior)
	i := 2
	if w.form.trend != noTrend {
		prior(2, logit(betaStart), slopePrior)
		prior(3, 0, 1)
		i += 2
		if w.form.trend == dampedTrend {
			prior(4, 0, weakPrior)
			i++
		}
	}
	if w.form.season != noSeason {
		prior(i, logit(gammaStart), weakPrior)
	}
	return sum
}

const (
	betaStart  = 0.1     // of alpha
	gammaStart = 0.05    // of 1 - alpha
	weakPrior  = 1. / 16 // a standard deviation of 2.8 logits
	slopePrior = 5. / 16
)

// fit searches one form from a fixed start and returns its criterion (AICc),
// +Inf when the series is too short for it or it breaks down.
func (w *etsFitter) fit(form etsForm, steps int) etsFit {
	w.form = form
	k := form.parameters(w.m)
	free := k + 1
	fit := etsFit{form: form, m: w.m, aicc: math.Inf(1)}
	if w.n <= free+1 {
		return fit
	}
	x := w.x[:k]
	w.begin(x)
	value := w.search.run(w.evaluate, x, steps, 1e-3)
	if math.IsInf(value, 1) {
		return fit
	}
	return w.finish(x, fit, free)
}

// fitCensored is fit with censored periods: by expectation and maximisation, the
// spread of the errors being estimated from what was seen and, given the
// bound, from what was not (Dempster, Laird & Rubin 1977, §4.2; Tobin 1958).
func (w *etsFitter) fitCensored(form etsForm, steps int) etsFit {
	w.sigma = 0
	fit := w.fit(form, steps)
	for range 6 {
		if w.uncensored || math.IsInf(fit.aicc, 1) {
			break
		}
		w.sigma = w.spreadOfAll(fit.sigma)
		fit = w.fit(form, steps)
		fit.sigma = math.Max(fit.sigma, w.sigma)
	}
	w.sigma = 0
	return fit
}

// spreadOfAll is the standard deviation of the errors of the last pass over
// seen and censored periods, given the one before.
func (w *etsFitter) spreadOfAll(sigma float64) float64 {
	w.sigma = sigma
	sum, count := 0.0, 0.0
	for t, kind := range w.kind {
		unit := 1.0
		if w.form.scaled {
			unit = math.Abs(w.f[t])
		}
		switch kind {
		case seen:
			sum += w.weight[t] * w.e[t] * w.e[t] / (unit * unit)
		case censored:
			z := (w.y[t] - w.f[t]) / (sigma * unit)
			sum += sigma * sigma * (1 + z*hazard(z))
		default:
			continue
		}
		count++
	}
	return math.Sqrt(sum / math.Max(1, count))
}

// complete fills what was not seen with what the form expects there.
func (w *etsFitter) complete(form etsForm, steps int) []float64 {
	w.fitCensored(form, steps)
	y := append([]float64(nil), w.y...)
	for t, kind := range w.kind {
		if kind != seen {
			y[t] = w.f[t] + w.e[t]
		}
	}
	return y
}

// begin sets the start of the search, with the better of a slow and a fast level.
func (w *etsFitter) begin(x []float64) {
	clear(x)
	i := 2
	if w.form.trend != noTrend {
		x[2] = logit(betaStart)
		i += 2
		if w.form.trend == dampedTrend {
			x[4] = logit(0.7)
			i++
		}
	}
	if w.form.season != noSeason {
		x[i] = logit(gammaStart)
	}
	slow, fast := logit(0.1), logit(0.5)
	x[0] = fast
	vf, _ := w.forward(w.decode(x))
	x[0] = slow
	vs, _ := w.forward(w.decode(x))
	if vf < vs {
		x[0] = fast
	}
}

func (w *etsFitter) finish(x []float64, fit etsFit, free int) etsFit {
	a := w.decode(x)
	sum, logs := w.forward(a)
	n, k := float64(w.n), float64(free)
	if math.IsInf(sum, 1) || math.IsNaN(sum) {
		return fit
	}
	fit.alpha, fit.beta, fit.gamma, fit.phi = a.alpha, a.beta, a.gamma, a.phi
	fit.level, fit.slope = w.l[len(w.y)], w.b[len(w.y)]
	if fit.form.season != noSeason {
		fit.seasons = append([]float64(nil), w.s[len(w.y):len(w.y)+w.m]...)
	}
	fit.sigma = math.Sqrt(sum / math.Max(1, n-k+1))
	fit.aicc = n*math.Log(sum+1e-300) + 2*logs + 2*k + 2*k*(k+1)/(n-k-1)
	return fit
}

// point writes the point forecast: the recursion without errors.
func (f *etsFit) point(out []float64) {
	l, b := f.level, f.slope
	for h := range out {
		l += f.phi * b
		b *= f.phi
		switch f.form.season {
		case noSeason:
			out[h] = l
		case additiveSeason:
			out[h] = l + f.seasons[h%f.m]
		default:
			out[h] = l * f.seasons[h%f.m]
		}
	}
}

func (f *etsFit) String() string { return f.form.String() }

// simulate writes one future a column of out, out[h][i], driven by the
// standard normal shocks z of the same shape.
func (f *etsFit) simulate(z, out [][]float64) {
	season := make([]float64, f.m)
	for i := range out[0] {
		l, b := f.level, f.slope
		copy(season, f.seasons)
		for h := range out {
			q := l + f.phi*b
			v, wt, div := q, 1.0, 1.0
			j := h % f.m
			switch f.form.season {
			case additiveSeason:
				v += season[j]
			case multiplicativeSeason:
				v *= season[j]
				wt, div = season[j], q
			}
			e := f.sigma * z[h][i]
			if f.form.scaled {
				e *= v
			}
			out[h][i] = v + e
			l = q + f.alpha*e/wt
			b = f.phi*b + f.beta*e/wt
			if f.form.season != noSeason {
				season[j] += f.gamma * e / div
			}
		}
	}
}
