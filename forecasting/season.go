package forecasting

import "math"

// season is what all regions have in common: how much busier each month of the year is than another, and what Ramadan,
// Lebaran and elections do, as logarithms. One region of three years cannot tell its season from chance; five hundred
// together can.
type season struct {
	months [12]float64
	events [events]float64
	window window
}

// Prior beliefs of the regression, as standard deviations of logarithms: a month departs from the year by a fifth, an
// event by a third; the mean of many regions is noisy by a few parts in a hundred.
const (
	monthSD  = 0.2
	eventSD  = 0.3
	seasonSD = 0.03
	trendSD  = 1.0
)

// fitSeason regresses the mean logarithm of demand a working day over the regions on month and events, with a level
// and a trend of no interest (Bayesian linear regression; Gelman et al. 2013, §14.8). logs[m] is NaN where no region
// is known. The months are shifted to mean 0. The second result is how ill it fits: the squared errors and departures
// from the prior, each by its variance, and the logarithm of the determinant (minus twice the log evidence of the data,
// but for a constant), by which windows of events are compared.
func fitSeason(logs []float64, signs [][events]float64, first month) (s season, misfit float64) {
	const k = 2 + 12 + events
	var xx [k][k]float64
	var xy [k]float64
	prior := [k]float64{0: 0, 1: 1 / (trendSD * trendSD)}
	for j := range 12 {
		prior[2+j] = 1 / (monthSD * monthSD)
	}
	for j := range events {
		prior[14+j] = 1 / (eventSD * eventSD)
	}
	for t, y := range logs {
		if math.IsNaN(y) {
			continue
		}
		x := [k]float64{0: 1, 1: float64(t) / 12}
		x[2+(first+month(t)).season()] = 1
		for j, s := range signs[t] {
			x[14+j] = s
		}
		for i := range k {
			for j := range k {
				xx[i][j] += x[i] * x[j] / (seasonSD * seasonSD)
			}
			xy[i] += x[i] * y / (seasonSD * seasonSD)
		}
	}
	for i := range k {
		xx[i][i] += prior[i] + 1e-9
	}
	b := solve(xx[:], xy[:])
	mean := 0.0
	for j := range 12 {
		mean += b[2+j] / 12
	}
	for j := range 12 {
		s.months[j] = b[2+j] - mean
	}
	copy(s.events[:], b[14:])
	// By completing the square, b minimises y'y/sd^2 - b'xy; y'y is the same for every window.
	for i := range k {
		misfit += 2*math.Log(xx[i][i]) - b[i]*xy[i] // the diagonal holds the roots of the decomposition
	}
	return s, misfit
}

// factor is how much busier than usual a working day of the month is.
func (s season) factor(m month, signs [events]float64) float64 {
	sum := s.months[m.season()]
	for j, v := range signs {
		sum += s.events[j] * v
	}
	return math.Exp(sum)
}

// solve solves a symmetric positive definite system by Cholesky decomposition, in place.
func solve[R ~[17]float64](a []R, b []float64) []float64 {
	n := len(b)
	for i := range n {
		for j := range i + 1 {
			sum := a[i][j]
			for k := range j {
				sum -= a[i][k] * a[j][k]
			}
			if i == j {
				a[i][i] = math.Sqrt(sum)
			} else {
				a[i][j] = sum / a[j][j]
			}
		}
	}
	x := append([]float64(nil), b...)
	for i := range n {
		for k := range i {
			x[i] -= a[i][k] * x[k]
		}
		x[i] /= a[i][i]
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			x[i] -= a[k][i] * x[k]
		}
		x[i] /= a[i][i]
	}
	return x
}
