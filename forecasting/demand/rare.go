package demand

import "math"

// Rare demand: many periods without any, or so few blanks a period over so
// short a time that neither trend nor season can be told from chance. The
// level is an average of four methods that see the zeros differently, all
// with one fixed, slow smoothing parameter because so little data cannot
// choose one; the spread is that of the data around the level.

const (
	// rareInterval is the mean distance between demands from which a series
	// counts as rare (Syntetos, Boylan & Croston 2005).
	rareInterval = 1.32
	// fewBlanks a period, over less than fewCycles years, are treated alike.
	fewBlanks, fewCycles = 20, 3
	// rareAlpha is the smoothing parameter of the intermittent methods, within
	// the range of .05 to .2 that Syntetos & Boylan (2005, §4) recommend.
	rareAlpha = 0.15
)

// isRare tells whether the intermittent family suits the series. A series with
// a strong season is not rare: it has a quiet time of the year.
func isRare(p *prepared) bool {
	if p.anyBelow || p.known > p.observed {
		return false
	}
	demands, sum, whole := 0.0, 0.0, true
	for t, y := range p.y {
		if p.kind[t] == seen && y != 0 {
			demands++
			sum += y
			whole = whole && y == math.Round(y)
		}
	}
	n := float64(p.observed)
	if n > rareInterval*demands {
		return !p.seasonal || seasonStrength(p) < 0.64
	}
	return whole && sum < fewBlanks*n && p.observed < fewCycles*p.season
}

// rareLevel is the expected demand a period: half the interval view, corrected
// for its bias, and half the mean of the three that smooth every period.
func rareLevel(y []float64) float64 {
	return croston(y)/2 + (tsb(y)+adida(y)+exponential(y))/6
}

// exponential is simple exponential smoothing, set out from the mean.
func exponential(y []float64) float64 {
	l := average(y)
	for _, v := range y {
		l += rareAlpha * (v - l)
	}
	return l
}

// average of y.
func average(y []float64) float64 {
	sum := 0.0
	for _, v := range y {
		sum += v
	}
	return sum / float64(len(y))
}

// croston smooths sizes and intervals apart (Croston 1972) and multiplies by
// the factor of Syntetos & Boylan (2005, eq. 5), which removes most of the bias
// of their ratio.
func croston(y []float64) float64 {
	size, interval, gap := meanSize(y), meanInterval(y), 1.0
	for _, v := range y {
		if v == 0 {
			gap++
			continue
		}
		size += rareAlpha * (v - size)
		interval += rareAlpha * (gap - interval)
		gap = 1
	}
	return (1 - rareAlpha/2) * size / interval
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

// meanSize is the mean of what is not zero.
func meanSize(y []float64) float64 { return average(y) * meanInterval(y) }

// tsb smooths the probability of a demand every period, so that it fades when
// demand stops (Teunter, Syntetos & Babai 2011).
func tsb(y []float64) float64 {
	probability, size := 1/meanInterval(y), meanSize(y)
	for _, v := range y {
		if v == 0 {
			probability -= rareAlpha * probability
			continue
		}
		probability += rareAlpha * (1 - probability)
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
	name    string
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
	m := &rareModel{name: "rare", mean: mean, shared: level / (1 + level)}
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

func (m *rareModel) String() string { return m.name }

func (m *rareModel) simulate(z, out [][]float64) {
	common := z[len(out)]
	a, b := math.Sqrt(m.shared), math.Sqrt(1-m.shared)
	for h, column := range out {
		for i := range column {
			column[i] = m.inverse(normalCDF(b*z[h][i] + a*common[i]))
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
