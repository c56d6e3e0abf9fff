package demand

import "math"

// Rare demand: many periods without any. The level is the mean of four methods
// that each see the zeros differently, all with a fixed, slow smoothing
// parameter because so little data cannot choose one; the spread is that of
// the data around the level.

// rareInterval is the mean distance between demands from which a series counts
// as rare (Syntetos, Boylan & Croston 2005).
const rareInterval = 1.32

// isRare tells whether the intermittent family suits the series. A series with
// a strong season is not rare: it has a quiet time of the year.
func isRare(p *prepared) bool {
	demands := 0
	for t, y := range p.y {
		if p.kind[t] == seen && y != 0 {
			demands++
		}
	}
	if p.anyBelow || p.known > p.observed || float64(p.observed) <= rareInterval*float64(demands) {
		return false
	}
	return !p.seasonal || seasonStrength(p) < 0.64
}

// rareLevel is the expected demand a period.
func rareLevel(y []float64) float64 {
	return (croston(y, true) + tsb(y) + adida(y) + exponential(y)) / 4
}

// rareAlpha is the smoothing parameter of the intermittent methods, the middle
// of the range of .05 to .2 that Syntetos & Boylan (2005, §4) recommend.
var rareAlpha = 0.1

// exponential is simple exponential smoothing from the mean of the first half.
func exponential(y []float64) float64 {
	l := start(y)
	for _, v := range y {
		l += rareAlpha * (v - l)
	}
	return l
}

// start is the level from which the smoothing of y sets out.
func start(y []float64) float64 {
	sum := 0.0
	n := (len(y) + 1) / 2
	for _, v := range y[:n] {
		sum += v
	}
	return sum / float64(n)
}

// croston smooths sizes and intervals apart (Croston 1972); corrected applies
// the factor of Syntetos & Boylan (2005), which removes most of its bias.
func croston(y []float64, corrected bool) float64 {
	size, interval, gap, any := 0.0, 0.0, 1.0, false
	for _, v := range y {
		switch {
		case v == 0:
			gap++
			continue
		case !any:
			size, interval, any = v, meanInterval(y), true
		default:
			size += rareAlpha * (v - size)
			interval += rareAlpha * (gap - interval)
		}
		gap = 1
	}
	if !any {
		return 0
	}
	if corrected {
		return (1 - rareAlpha/2) * size / interval
	}
	return size / interval
}

// meanInterval is the number of periods per demand.
func meanInterval(y []float64) float64 {
	n := 0
	for _, v := range y {
		if v != 0 {
			n++
		}
	}
	return float64(len(y)) / float64(max(1, n))
}

// tsb smooths the probability of a demand every period, so that it fades when
// demand stops (Teunter, Syntetos & Babai 2011).
func tsb(y []float64) float64 {
	probability, size, any := 1/meanInterval(y), 0.0, false
	for _, v := range y {
		if v == 0 {
			probability -= rareAlpha * probability
			continue
		}
		probability += rareAlpha * (1 - probability)
		if !any {
			size, any = v, true
		}
		size += rareAlpha * (v - size)
	}
	return probability * size
}

// adida smooths sums over the mean interval, counted from the end
// (Nikolopoulos, Syntetos, Boylan, Petropoulos & Assimakopoulos 2011).
func adida(y []float64) float64 {
	width := int(math.Round(meanInterval(y)))
	buckets := len(y) / max(1, width)
	if buckets < 2 {
		return exponential(y)
	}
	sums := make([]float64, buckets)
	skip := len(y) - buckets*width
	for i := range sums {
		for _, v := range y[skip+i*width : skip+(i+1)*width] {
			sums[i] += v
		}
	}
	return exponential(sums) / float64(width)
}

// rareModel draws demands that are independent but for their common, uncertain level.
type rareModel struct {
	mean    float64
	shared  float64 // share of the variance that all periods have in common
	inverse func(p float64) float64
}

// fitRare fits the level and a count distribution around it.
func fitRare(p *prepared) *rareModel {
	var y []float64
	whole := true
	for t, v := range p.y {
		if p.kind[t] == seen {
			y = append(y, v)
			whole = whole && v == math.Round(v)
		}
	}
	n := float64(len(y))
	mean := rareLevel(y)
	square := 0.0
	for _, v := range y {
		square += (v - mean) * (v - mean)
	}
	variance := square / n
	if mean == 0 { // never a demand: the mean of a Poisson rate under Jeffreys' prior
		mean = 0.5 / n
		variance = mean * (1 + 1/n)
	}
	level := rareAlpha / (2 - rareAlpha)
	m := &rareModel{mean: mean, shared: level / (1 + level)}
	variance *= 1 + level
	if whole {
		m.inverse = countQuantile(mean, variance)
	} else {
		m.inverse = hurdleQuantile(y, mean, variance)
	}
	return m
}

func (m *rareModel) point(out []float64) {
	for h := range out {
		out[h] = m.mean
	}
}

func (m *rareModel) hindcast(_ int, out []float64) { m.point(out) }
func (m *rareModel) relative() bool                { return false }

func (m *rareModel) simulate(z, out [][]float64) {
	// The last row of shocks, which no other use has yet, is the common part.
	common := z[len(z)-1]
	a, b := math.Sqrt(m.shared), math.Sqrt(1-m.shared)
	for h, column := range out {
		for i := range column {
			shock := z[h][i]
			if h < len(out)-1 {
				shock = b*shock + a*common[i]
			}
			column[i] = m.inverse(normalCDF(shock))
		}
	}
}

// countQuantile inverts the negative binomial distribution with this mean and
// variance, or the Poisson one where the variance is not above the mean.
func countQuantile(mean, variance float64) func(float64) float64 {
	if mean > 1e5 { // beyond this a table of counts is as fine as a gamma curve
		return gammaQuantile(mean, variance)
	}
	log := -mean // log P(0), and then the ratio of neighbouring probabilities
	ratio := func(k float64) float64 { return mean / k }
	if variance > mean*(1+1e-9) {
		r := mean * mean / (variance - mean)
		q := 1 - mean/variance
		log = r * math.Log(mean/variance)
		ratio = func(k float64) float64 { return (k - 1 + r) / k * q }
	}
	if log < -600 {
		return gammaQuantile(mean, math.Max(mean, variance))
	}
	pmf := math.Exp(log)
	cdf := []float64{pmf}
	for k := 1.0; cdf[len(cdf)-1] < 1-1e-9 && len(cdf) < 200_000; k++ {
		pmf *= ratio(k)
		cdf = append(cdf, cdf[len(cdf)-1]+pmf)
	}
	return func(p float64) float64 {
		lo, hi := 0, len(cdf)-1
		for lo < hi {
			if mid := (lo + hi) / 2; cdf[mid] < p {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		return float64(lo)
	}
}

// gammaQuantile inverts a gamma distribution with this mean and variance by
// the cube-root transformation of Wilson & Hilferty (1931).
func gammaQuantile(mean, variance float64) func(float64) float64 {
	shape := mean * mean / math.Max(variance, 1e-12*mean*mean)
	c := 1 / (9 * shape)
	return func(p float64) float64 {
		root := 1 - c + normalQuantile(math.Min(1-1e-12, math.Max(1e-12, p)))*math.Sqrt(c)
		return mean * math.Pow(math.Max(0, root), 3)
	}
}

// hurdleQuantile is for rare demand that does not come in whole numbers: no
// demand with the frequency of zeros, else a gamma size.
func hurdleQuantile(y []float64, mean, variance float64) func(float64) float64 {
	some := math.Min(1, 1/meanInterval(y))
	size := mean / some
	// variance = some (spread + size^2) - mean^2
	spread := math.Max((variance+mean*mean)/some-size*size, 1e-6*size*size)
	positive := gammaQuantile(size, spread)
	return func(p float64) float64 {
		if p <= 1-some {
			return 0
		}
		return positive((p - 1 + some) / some)
	}
}
