package demand

import (
	"fmt"
	"math"
	"sort"
)

// Seasonal ARIMA (Box & Jenkins 1976, ch. 9) by conditional sum of squares:
//
//	(1-Phi B^m)(1-phi1 B-phi2 B^2)(w - c) = (1+th1 B+th2 B^2)(1+Th B^m) a
//
// where w is the series, or its logarithm, differenced d times at lag 1 and D
// times at lag m, and what lies before the first period is taken as zero. The
// orders of differencing follow Hyndman & Khandakar (2008, §3.1): D by the
// strength of the season, d by a KPSS test.

// arimaOrder names a model; at most two ordinary and one seasonal lag a side.
type arimaOrder struct {
	p, q, sp, sq int
	constant     bool
}

func (o arimaOrder) parameters() int {
	k := o.p + o.q + o.sp + o.sq
	if o.constant {
		k++
	}
	return k
}

// arimaCoefficients are the values of the polynomials above.
type arimaCoefficients struct {
	phi, theta [2]float64
	sphi, stha float64
	c          float64
}

// arimaFit is a fitted model, ready to forecast.
type arimaFit struct {
	order  arimaOrder
	co     arimaCoefficients
	m      int
	d, ds  int
	log    bool
	sigma  float64
	aicc   float64
	series []float64 // the (logged) series
	w      []float64 // differenced, without the constant
	a      []float64 // innovations
}

// arimaFitter holds one differenced series and the workspace of the search.
type arimaFitter struct {
	m, d, ds   int
	log        bool
	series     []float64
	kind       []obs // of the differenced periods
	w          []float64
	mean, size float64 // mean and standard deviation of w
	seen       int
	jacobian   float64
	weight     []float64
	order      arimaOrder
	u, v, x, y []float64
	a          []float64
	g1, g2     []float64
	search     minimiser
}

func newARIMAFitter(p *prepared, series []float64, log bool, d, ds int) *arimaFitter {
	f := &arimaFitter{m: p.season, d: d, ds: ds, log: log, series: series}
	w := series
	if ds > 0 {
		w = differences(w, p.season)
	}
	if d > 0 {
		w = differences(w, 1)
	}
	f.w = append([]float64(nil), w...)
	f.kind = p.kind[len(p.kind)-len(w):]
	for t, v := range w {
		f.mean += v / float64(len(w))
		if f.kind[t] != seen {
			continue
		}
		f.seen++
		if log {
			f.jacobian += series[len(series)-len(w)+t]
		}
	}
	for _, v := range w {
		f.size += (v - f.mean) * (v - f.mean) / float64(len(w))
	}
	f.size = math.Sqrt(f.size) + 1e-12
	f.weight = weights(f.kind, p.season)
	for _, b := range []*[]float64{&f.u, &f.v, &f.x, &f.y, &f.a, &f.g1, &f.g2} {
		*b = make([]float64, len(w))
	}
	return f
}

// differences at one lag.
func differences(v []float64, lag int) []float64 {
	out := make([]float64, max(0, len(v)-lag))
	for t := range out {
		out[t] = v[t+lag] - v[t]
	}
	return out
}

// pair turns two free numbers into a stationary (or invertible) lag-2
// polynomial by its partial autocorrelations (Monahan 1984).
func pair(x []float64, order int) (c [2]float64) {
	if order > 0 {
		c[0] = math.Tanh(x[0])
	}
	if order > 1 {
		c[1] = math.Tanh(x[1])
		c[0] *= 1 - c[1]
	}
	return c
}

// pairSlope carries a gradient back through pair.
func pairSlope(x []float64, order int, d [2]float64, g []float64) {
	if order == 0 {
		return
	}
	r := math.Tanh(x[0])
	s := 0.0
	if order > 1 {
		s = math.Tanh(x[1])
		g[1] = (d[1] - d[0]*r) * (1 - s*s)
	}
	g[0] = d[0] * (1 - s) * (1 - r*r)
}

func (f *arimaFitter) decode(x []float64) (co arimaCoefficients) {
	o := f.order
	co.phi = pair(x, o.p)
	x = x[o.p:]
	co.theta = pair(x, o.q)
	x = x[o.q:]
	if o.sp > 0 {
		co.sphi = math.Tanh(x[0])
		x = x[1:]
	}
	if o.sq > 0 {
		co.stha = math.Tanh(x[0])
		x = x[1:]
	}
	if o.constant {
		co.c = f.mean + f.size*x[0]
	}
	return co
}

// forward filters w into innovations and returns their sum of squares.
func (f *arimaFitter) forward(co *arimaCoefficients) float64 {
	for t, w := range f.w {
		f.u[t] = w - co.c
	}
	seasonalFilter(f.v, f.u, f.u, co.sphi, f.m)
	ordinaryFilter(f.x, f.v, f.v, co.phi)
	ordinaryFilter(f.y, f.x, f.y, co.theta)
	seasonalFilter(f.a, f.y, f.a, co.stha, f.m)
	sum := 0.0
	for t, a := range f.a {
		if f.kind[t] == seen {
			sum += f.weight[t] * a * a
		}
	}
	return sum
}

// seasonalFilter sets out = in - c past, past being taken m periods before.
func seasonalFilter(out, in, past []float64, c float64, m int) {
	if c == 0 {
		copy(out, in)
		return
	}
	copy(out, in[:min(m, len(in))])
	for t := m; t < len(in); t++ {
		out[t] = in[t] - c*past[t-m]
	}
}

// ordinaryFilter sets out = in - c0 past(1) - c1 past(2).
func ordinaryFilter(out, in, past []float64, c [2]float64) {
	if c[0] == 0 && c[1] == 0 {
		copy(out, in)
		return
	}
	out[0] = in[0]
	out[1] = in[1] - c[0]*past[0]
	for t := 2; t < len(in); t++ {
		out[t] = in[t] - c[0]*past[t-1] - c[1]*past[t-2]
	}
}

// seasonalAdjoint runs a seasonal filter backwards in time: out = in - c past,
// past being taken m periods later.
func seasonalAdjoint(out, in, past []float64, c float64, m int) {
	n := len(in)
	if c == 0 {
		copy(out, in)
		return
	}
	copy(out[max(0, n-m):], in[max(0, n-m):])
	for t := n - m - 1; t >= 0; t-- {
		out[t] = in[t] - c*past[t+m]
	}
}

// ordinaryAdjoint runs an ordinary filter backwards in time.
func ordinaryAdjoint(out, in, past []float64, c [2]float64) {
	n := len(in)
	if c[0] == 0 && c[1] == 0 {
		copy(out, in)
		return
	}
	out[n-1] = in[n-1]
	out[n-2] = in[n-2] - c[0]*past[n-1]
	for t := n - 3; t >= 0; t-- {
		out[t] = in[t] - c[0]*past[t+1] - c[1]*past[t+2]
	}
}

// lagged is the sum of g[t] v[t-lag].
func lagged(g, v []float64, lag int) float64 {
	sum := 0.0
	if lag >= len(g) {
		return 0
	}
	for t, x := range g[lag:] {
		sum += x * v[t]
	}
	return sum
}

// evaluate is n log(sum of squares) and its gradient by the adjoint filters:
// each filter run backwards in time carries the derivative through itself.
func (f *arimaFitter) evaluate(x, g []float64) float64 {
	co := f.decode(x)
	sum := f.forward(&co) + 1e-12*f.size*f.size
	scale := 2 * float64(f.seen) / sum
	for t, a := range f.a {
		f.g1[t] = 0
		if f.kind[t] == seen {
			f.g1[t] = scale * f.weight[t] * a
		}
	}
	var d arimaCoefficients
	o := f.order
	seasonalAdjoint(f.g2, f.g1, f.g2, co.stha, f.m)
	if o.sq > 0 {
		d.stha = -lagged(f.g2, f.a, f.m)
	}
	ordinaryAdjoint(f.g1, f.g2, f.g1, co.theta)
	for i := range o.q {
		d.theta[i] = -lagged(f.g1, f.y, i+1)
	}
	ordinaryAdjoint(f.g2, f.g1, f.g1, co.phi)
	for i := range o.p {
		d.phi[i] = -lagged(f.g1, f.v, i+1)
	}
	if o.sp > 0 {
		d.sphi = -lagged(f.g2, f.u, f.m)
	}
	if o.constant {
		seasonalAdjoint(f.g1, f.g2, f.g2, co.sphi, f.m)
		for _, v := range f.g1 {
			d.c -= v
		}
	}
	f.chain(x, g, d)
	value := float64(f.seen) * math.Log(sum)
	for i := range x {
		value += x[i] * x[i] / 16
		g[i] += x[i] / 8
	}
	return value
}

func (f *arimaFitter) chain(x, g []float64, d arimaCoefficients) {
	o := f.order
	pairSlope(x, o.p, d.phi, g)
	x, g = x[o.p:], g[o.p:]
	pairSlope(x, o.q, d.theta, g)
	x, g = x[o.q:], g[o.q:]
	slope := func(d float64) {
		r := math.Tanh(x[0])
		g[0] = d * (1 - r*r)
		x, g = x[1:], g[1:]
	}
	if o.sp > 0 {
		slope(d.sphi)
	}
	if o.sq > 0 {
		slope(d.stha)
	}
	if o.constant {
		g[0] = d.c * f.size
	}
}

// fit searches one order; its AICc is +Inf when the series is too short.
func (f *arimaFitter) fit(order arimaOrder, steps int) arimaFit {
	f.order = order
	k := order.parameters()
	free := k + 1
	fit := arimaFit{order: order, m: f.m, d: f.d, ds: f.ds, log: f.log, series: f.series, aicc: math.Inf(1)}
	if f.seen <= free+2 {
		return fit
	}
	var space [7]float64
	x := space[:k]
	i := order.p + order.q
	for range order.sp {
		x[i], i = 0.3, i+1
	}
	for range order.sq {
		x[i], i = -0.5, i+1
	}
	if k > 0 {
		f.search.run(f.evaluate, x, steps, 1e-3)
	}
	fit.co = f.decode(x)
	sum := f.forward(&fit.co)
	if math.IsNaN(sum) || math.IsInf(sum, 0) {
		return fit
	}
	n, kf := float64(f.seen), float64(free)
	fit.sigma = math.Sqrt(sum / math.Max(1, n-kf+1))
	fit.aicc = n*math.Log(sum+1e-300) + 2*f.jacobian + 2*kf + 2*kf*(kf+1)/(n-kf-1)
	fit.w = append([]float64(nil), f.u...)
	fit.a = append([]float64(nil), f.a...)
	return fit
}

// lags expands the product of polynomials: coefficient i multiplies lag i+1.
func lags(m int, ordinary [2]float64, seasonal float64) []float64 {
	c := make([]float64, m+3)
	c[1], c[2] = ordinary[0], ordinary[1]
	c[m] += seasonal
	c[m+1] -= ordinary[0] * seasonal
	c[m+2] -= ordinary[1] * seasonal
	return c[1:]
}

// autoregression is the expanded left side, and moving the right.
func (f *arimaFit) autoregression() []float64 { return lags(f.m, f.co.phi, f.co.sphi) }
func (f *arimaFit) moving() []float64 {
	c := lags(f.m, [2]float64{-f.co.theta[0], -f.co.theta[1]}, -f.co.stha)
	for i := range c {
		c[i] = -c[i]
	}
	return c
}

// path continues the differenced series with the given innovations and
// integrates it; out has the length of the horizon.
func (f *arimaFit) path(innovation, out []float64) {
	n, ar, ma := len(f.w), f.autoregression(), f.moving()
	w := make([]float64, len(out))
	old := func(past, future []float64, t int) float64 {
		switch {
		case t >= n:
			return future[t-n]
		case t >= 0:
			return past[t]
		}
		return 0
	}
	for h := range out {
		v := innovation[h]
		for i := range ar {
			v += ar[i]*old(f.w, w, n+h-1-i) + ma[i]*old(f.a, innovation, n+h-1-i)
		}
		w[h] = v
	}
	for h := range w {
		out[h] = w[h] + f.co.c
	}
	f.integrate(out)
}

// integrate undoes the differencing in place.
func (f *arimaFit) integrate(out []float64) {
	if f.d > 0 {
		base := f.series
		if f.ds > 0 {
			base = differences(base, f.m)
		}
		last := base[len(base)-1]
		for h := range out {
			last += out[h]
			out[h] = last
		}
	}
	if f.ds > 0 {
		for h := range out {
			if h < f.m {
				out[h] += f.series[len(f.series)-f.m+h]
			} else {
				out[h] += out[h-f.m]
			}
		}
	}
}

// point writes the point forecast: the median where the model is in logarithms.
func (f *arimaFit) point(out []float64) {
	f.path(make([]float64, len(out)), out)
	if f.log {
		for h := range out {
			out[h] = math.Exp(out[h])
		}
	}
}

func (f *arimaFit) String() string {
	o, log := f.order, ""
	if f.log {
		log = "log "
	}
	return fmt.Sprintf("%sARIMA(%d,%d,%d)(%d,%d,%d)", log, o.p, f.d, o.q, o.sp, f.ds, o.sq)
}

// simulate writes futures; the model being linear, each is the point forecast
// plus a moving average of its shocks.
func (f *arimaFit) simulate(z, out [][]float64) {
	horizon := len(out)
	base, psi, innovation := make([]float64, horizon), make([]float64, horizon), make([]float64, horizon)
	f.path(innovation, base)
	innovation[0] = f.sigma
	f.path(innovation, psi)
	for h := range psi {
		psi[h] -= base[h]
	}
	for h, column := range out {
		for i := range column {
			column[i] = base[h]
		}
		for j := 0; j <= h; j++ {
			w := psi[h-j]
			for i, shock := range z[j] {
				column[i] += w * shock
			}
		}
		if f.log {
			for i, v := range column {
				column[i] = math.Exp(v)
			}
		}
	}
}

// fitARIMA returns the best models of one series by their Akaike weights, the
// best first; none when it is too short.
func fitARIMA(p *prepared, most int) []member {
	d, ds := differencing(p)
	if len(p.y)-d-ds*p.season < 8 {
		return nil
	}
	f := newARIMAFitter(p, p.y, false, d, ds)
	probe := arimaOrder{p: 1, q: 1, sq: ds}
	if p.positive {
		series := make([]float64, len(p.y))
		for t, v := range p.y {
			series[t] = math.Log(v)
		}
		logged := newARIMAFitter(p, series, true, d, ds)
		if logged.fit(probe, arimaSteps).aicc < f.fit(probe, arimaSteps).aicc {
			f = logged
		}
	}
	fits := f.explore(p.seasonal)
	sort.SliceStable(fits, func(i, j int) bool { return fits[i].aicc < fits[j].aicc })
	return shares(len(fits), most, func(i int) (model, float64) { return &fits[i], fits[i].aicc })
}

const arimaSteps = 30

// explore fits the orders worth trying: first the seasonal lags and the
// constant beside one ordinary lag a side, then the ordinary lags beside the
// best of those.
func (f *arimaFitter) explore(seasonal bool) []arimaFit {
	var fits []arimaFit
	best := 0
	try := func(order arimaOrder) {
		for i := range fits {
			if fits[i].order == order {
				return
			}
		}
		fit := f.fit(order, arimaSteps)
		if math.IsInf(fit.aicc, 1) {
			return
		}
		fits = append(fits, fit)
		if fit.aicc < fits[best].aicc {
			best = len(fits) - 1
		}
	}
	lags := [][2]int{{0, 0}}
	if seasonal {
		lags = [][2]int{{0, 1}, {1, 0}, {0, 0}, {1, 1}}
	}
	for _, s := range lags {
		try(arimaOrder{1, 1, s[0], s[1], f.d+f.ds == 0})
	}
	if len(fits) == 0 {
		try(arimaOrder{constant: f.d+f.ds == 0})
		return fits
	}
	if f.d+f.ds == 1 {
		order := fits[best].order
		order.constant = true
		try(order)
	}
	for _, q := range [][2]int{{0, 0}, {1, 0}, {0, 1}, {2, 0}, {0, 2}, {2, 1}, {1, 2}} {
		order := fits[best].order
		order.p, order.q = q[0], q[1]
		try(order)
	}
	if f.d+f.ds == 1 {
		order := fits[best].order
		order.constant = !order.constant
		try(order)
	}
	return fits
}

// differencing chooses d and D.
func differencing(p *prepared) (d, ds int) {
	y := p.y
	if p.seasonal && seasonStrength(p) > 0.64 {
		ds = 1
		y = differences(y, p.season)
	}
	if kpss(y) > 0.463 { // the 5 % point for a level
		d = 1
	}
	return d, ds
}

// seasonStrength is 1 - Var(remainder)/Var(season + remainder), at least 0
// (Wang, Smith & Hyndman 2006, §3).
func seasonStrength(p *prepared) float64 {
	m := p.season
	var rest, both, sr, sb, n float64
	for t := m / 2; t+m/2 < len(p.y); t++ {
		b := p.y[t] - centred(p.y, t, m)
		r := b - p.start.additive[t%m]
		n++
		sb, both = sb+b, both+b*b
		sr, rest = sr+r, rest+r*r
	}
	if n < 2 || both-sb*sb/n <= 0 {
		return 0
	}
	return math.Max(0, 1-(rest-sr*sr/n)/(both-sb*sb/n))
}

// kpss is the statistic of Kwiatkowski, Phillips, Schmidt & Shin (1992, eq.
// 13) for stationarity around a level.
func kpss(y []float64) float64 {
	n := len(y)
	mean := 0.0
	for _, v := range y {
		mean += v / float64(n)
	}
	sum, squares := 0.0, 0.0
	long := 0.0
	for _, v := range y {
		sum += v - mean
		squares += sum * sum
		long += (v - mean) * (v - mean)
	}
	lag := int(4 * math.Pow(float64(n)/100, 0.25))
	for s := 1; s <= lag && s < n; s++ {
		c := 0.0
		for t := s; t < n; t++ {
			c += (y[t] - mean) * (y[t-s] - mean)
		}
		long += 2 * c * (1 - float64(s)/float64(lag+1))
	}
	if long <= 0 {
		return 0
	}
	return squares / (float64(n) * long)
}
