package demand

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The oil production of Saudi Arabia, 1996-2013, in millions of tonnes, with
// the estimates of Hyndman & Athanasopoulos (2nd ed., §7.1): alpha .834, start
// level 446.6, forecast 542.68. The weak prior of this package draws alpha a
// little towards 1/2.
func TestSimpleSmoothingAgreesWithTheTextbook(t *testing.T) {
	t.Parallel()
	y := []float64{445.36, 453.20, 454.41, 422.38, 456.04, 440.39, 425.19, 486.21, 500.43, 521.28, 508.95, 488.89, 509.87, 456.72, 473.82, 525.95, 549.83, 542.34}
	p := Series{Values: y}.prepare()
	w := newETSFitter(p)
	for t := range w.weight { // the textbook weighs all years alike
		w.weight[t] = 1
	}
	fit := w.fit(etsForm{}, 100)
	if math.Abs(fit.alpha-.834) > .05 || math.Abs(w.l[0]-446.6) > 1 {
		t.Errorf("alpha %.4f, start level %.2f, want .834 and 446.6", fit.alpha, w.l[0])
	}
	out := make([]float64, 2)
	fit.point(out)
	if math.Abs(out[0]-542.68) > .5 || out[0] != out[1] {
		t.Errorf("forecast %v, want 542.68 for ever", out)
	}
}

// gap is the largest relative difference between a gradient and finite differences.
func gap(f objective, x []float64) float64 {
	g, scratch := make([]float64, len(x)), make([]float64, len(x))
	f(x, g)
	worst := 0.0
	for i := range x {
		const h = 1e-6
		at := x[i]
		x[i] = at + h
		up := f(x, scratch)
		x[i] = at - h
		down := f(x, scratch)
		x[i] = at
		slope := (up - down) / (2 * h)
		worst = math.Max(worst, math.Abs(slope-g[i])/(1+math.Abs(slope)))
	}
	return worst
}

// wavy is a positive seasonal series with a gap and two censored months.
func wavy() prepared {
	rng := rand.New(rand.NewPCG(5, 1))
	y, cut := make([]float64, 60), make([]bool, 60)
	for t := range y {
		y[t] = (100 + float64(t)) * (1 + .3*math.Sin(float64(t)*math.Pi/6)) * (1 + .05*rng.NormFloat64())
	}
	y[20] = math.NaN()
	cut[30], cut[45] = true, true
	return Series{Values: y, Censored: cut, Season: 12}.prepare()
}

func TestSmoothingGradientIsThatOfTheCriterion(t *testing.T) {
	t.Parallel()
	w := newETSFitter(wavy())
	for _, form := range etsForms(true, true) {
		w.form, w.sigma = form, w.start.unit
		if form.scaled {
			w.sigma = .1
		}
		x := make([]float64, form.parameters(12))
		for i := range x {
			x[i] = .3 * math.Sin(1.7*float64(i))
		}
		x[0] = -1
		if worst := gap(w.evaluate, x); worst > 1e-5 {
			t.Errorf("%v: off by %v", form, worst)
		}
	}
}

func TestARIMAGradientIsThatOfTheCriterion(t *testing.T) {
	t.Parallel()
	p := wavy()
	for _, d := range []int{0, 1} {
		f := newARIMAFitter(&p, p.y, false, d, 1)
		for _, order := range []arimaOrder{{2, 2, 1, 1, true}, {1, 0, 0, 1, true}, {0, 2, 1, 0, false}, {1, 2, 0, 0, true}} {
			f.order = order
			x := make([]float64, order.parameters())
			for i := range x {
				x[i] = .3 * math.Sin(1.7*float64(i)+1)
			}
			if worst := gap(f.evaluate, x); worst > 1e-5 {
				t.Errorf("d %d, %+v: off by %v", d, order, worst)
			}
		}
	}
}

func TestARIMAFindsAnAutoregression(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 5))
	y := make([]float64, 600)
	for t := 1; t < len(y); t++ {
		y[t] = .7*y[t-1] + rng.NormFloat64()
	}
	for t := range y {
		y[t] += 500
	}
	p := Series{Values: y}.prepare()
	f := newARIMAFitter(&p, p.y, false, 0, 0)
	for t := range f.weight {
		f.weight[t] = 1
	}
	fit := f.fit(arimaOrder{p: 1, constant: true}, 60)
	// Four standard errors of the coefficient: 4 sqrt((1-.49)/600).
	if math.Abs(fit.co.phi[0]-.7) > .12 || math.Abs(fit.co.c-500) > 1 || math.Abs(fit.sigma-1) > .12 {
		t.Errorf("phi %.3f, mean %.2f, sigma %.3f, want .7, 500 and 1", fit.co.phi[0], fit.co.c, fit.sigma)
	}
	out := make([]float64, 200)
	fit.point(out)
	if math.Abs(out[199]-fit.co.c) > 1e-3 {
		t.Errorf("the far forecast is %v, not the mean %v", out[199], fit.co.c)
	}
}

// Without errors a seasonal random walk with drift goes on for ever.
func TestARIMAIntegratesWhatItDifferenced(t *testing.T) {
	t.Parallel()
	y := make([]float64, 60)
	for t := range y {
		y[t] = 100 + 2*float64(t) + 10*math.Sin(float64(t)*math.Pi/6)
	}
	p := Series{Values: y, Season: 12}.prepare()
	f := newARIMAFitter(&p, p.y, false, 1, 1)
	fit := f.fit(arimaOrder{}, 10)
	out := make([]float64, 30)
	fit.point(out)
	for h, got := range out {
		if want := 100 + 2*float64(60+h) + 10*math.Sin(float64(60+h)*math.Pi/6); math.Abs(got-want) > 1e-6 {
			t.Fatalf("step %d: %v, want %v", h+1, got, want)
		}
	}
}

// The spread of simulated futures is the one that the model implies:
// sigma^2 (1 + (h-1) alpha^2) for simple smoothing (Hyndman et al. 2008, table 6.1).
func TestSimulatedSpreadAgreesWithTheFormula(t *testing.T) {
	t.Parallel()
	fit := etsFit{form: etsForm{}, m: 1, alpha: .5, level: 100, sigma: 10}
	const paths = 20_000
	out := matrix(6, paths)
	fit.simulate(shocks(7, paths, 1), out)
	for h, column := range out {
		sum := 0.0
		for _, v := range column {
			sum += (v - 100) * (v - 100)
		}
		got, want := math.Sqrt(sum/paths), 10*math.Sqrt(1+.25*float64(h))
		if math.Abs(got-want) > 4*want/math.Sqrt(2*paths) {
			t.Errorf("step %d: standard deviation %.3f, want %.3f", h+1, got, want)
		}
	}
}

func TestThetaContinuesAStraightLine(t *testing.T) {
	t.Parallel()
	y := make([]float64, 40)
	for t := range y {
		y[t] = 50 + 3*float64(t)
	}
	p := Series{Values: y}.prepare()
	fit := fitTheta(&p)
	out := make([]float64, 5)
	fit.point(out)
	for h, got := range out {
		if want := 50 + 3*float64(40+h); math.Abs(got-want) > 1 {
			t.Errorf("step %d: %v, want %v", h+1, got, want)
		}
	}
}

func TestCountQuantiles(t *testing.T) {
	t.Parallel()
	// Tables of the Poisson distribution with mean 3: P(X <= 3) = .647, P(X <= 6) = .966, P(X <= 7) = .988.
	poisson := countQuantile(3, 3)
	for p, want := range map[float64]float64{.04: 0, .5: 3, .64: 3, .65: 4, .96: 6, .97: 7} {
		if got := poisson(p); got != want {
			t.Errorf("Poisson(3) at %v: %v, want %v", p, got, want)
		}
	}
	// A geometric distribution: mean 1, variance 2, P(X <= k) = 1 - 1/2^(k+1).
	geometric := countQuantile(1, 2)
	for p, want := range map[float64]float64{.49: 0, .51: 1, .76: 2, .96: 4} {
		if got := geometric(p); got != want {
			t.Errorf("geometric at %v: %v, want %v", p, got, want)
		}
	}
	// Chi-squared with 10 degrees of freedom, table value at .95: 18.307.
	if got := gammaQuantile(10, 20)(.95); math.Abs(got-18.307) > .05 {
		t.Errorf("gamma: %v, want 18.307", got)
	}
}

func TestRareMethodsOfAKnownCase(t *testing.T) {
	t.Parallel()
	y := []float64{0, 0, 6, 0, 0, 6, 0, 0, 6}
	// Equal sizes and intervals leave sizes and intervals where they start.
	if got, want := croston(y), (1-rareAlpha/2)*6./3; math.Abs(got-want) > 1e-12 {
		t.Errorf("Croston %v, want %v", got, want)
	}
	if got := adida(y); math.Abs(got-2) > 1e-12 {
		t.Errorf("ADIDA %v, want 2", got)
	}
	busy, idle := tsb(y), tsb(append(append([]float64(nil), y...), 0, 0, 0, 0, 0, 0))
	if idle >= busy {
		t.Errorf("TSB does not fade: %v after %v", idle, busy)
	}
}

func TestRankerSorts(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(2, 3))
	var r ranker
	for range 50 {
		v := make([]float64, 1+rng.IntN(300))
		for i := range v {
			v[i] = (rng.Float64() - .4) * math.Pow(10, float64(rng.IntN(12)-4))
		}
		seen := make([]bool, len(v))
		last := math.Inf(-1)
		for _, key := range r.order(v) {
			i := uint32(key)
			if seen[i] || v[i] < last-1e-6*math.Abs(last) {
				t.Fatalf("%v after %v", v[i], last)
			}
			seen[i], last = true, v[i]
		}
	}
}
