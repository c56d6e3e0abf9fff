package demand

import (
	"math"
	"math/rand/v2"
	"strings"
)

// model is a fitted method: it knows its point forecast and can draw futures.
type model interface {
	// point writes the forecast of the next len(out) periods.
	point(out []float64)
	// simulate writes futures, out[h][i] being future i at step h, driven by
	// the standard normal shocks z of the same shape and one row more, for
	// chance that all steps of a future have in common.
	simulate(z, out [][]float64)
	// String names the model as textbooks do.
	String() string
}

// member is a model with its share in a combination. Shares sum to one.
type member struct {
	model
	share float64
}

// combine averages the quantile functions of the members, share by share
// (Lichtendahl, Grushka-Cockayne & Winkler 2013, Is it better to average
// probabilities or quantiles?), and keeps paths: futures of all members are
// pooled by share, and each is moved, month by month, to the value that its
// rank has in the averaged quantile function. So the months of a future hang
// together as in the models, and each month has the combined distribution.
func combine(members []member, horizon, paths int, seed uint64) Forecast {
	f := Forecast{Mean: make([]float64, horizon), Draws: matrix(horizon, paths), sorted: matrix(horizon, paths)}
	f.Method = names(members)
	z, sim := shocks(horizon+1, paths, seed), matrix(horizon, paths)
	owner := owners(members, paths)
	point, apart := make([]float64, horizon), make([]float64, horizon)
	var r ranker
	for k, m := range members {
		m.point(point)
		m.simulate(z, sim)
		for h, column := range sim {
			f.Mean[h] += m.share * point[h]
			apart[h] += m.share * point[h] * point[h]
			for i, v := range column {
				if !(math.Abs(v) < 1e200) { // a path that blew up stays where the forecast is
					column[i] = point[h]
				}
				if owner[i] == k {
					f.Draws[h][i] = column[i]
				}
			}
			for rank, key := range r.order(column) {
				f.sorted[h][rank] += m.share * column[uint32(key)]
			}
		}
	}
	for h, column := range f.Draws {
		insertion(f.sorted[h])
		f.widen(h, apart[h]-f.Mean[h]*f.Mean[h])
		f.place(&r, h, column)
	}
	return f
}

// names lists the members, the first of a family first.
func names(members []member) string {
	all := make([]string, len(members))
	for i, m := range members {
		all[i] = m.String()
	}
	return strings.Join(all, " + ")
}

// disagreement is how much of the variance between the members' point
// forecasts is added to the variance of the combination. All of it would be
// right if the members were the only possible ones and erred independently of
// the noise; the value stands between that and none, where back-tests of
// monthly series neither lacked nor exceeded coverage.
const disagreement = 0.5

// widen stretches step h around its median for the variance between members.
func (f *Forecast) widen(h int, between float64) {
	q := f.sorted[h]
	middle := quantile(q, 0.5)
	spread := (quantile(q, 0.9) - quantile(q, 0.1)) / (2 * 1.2816)
	if !(between > 0) || !(spread > 0) {
		return
	}
	k := math.Sqrt(1 + disagreement*between/(spread*spread))
	for i, v := range q {
		q[i] = middle + k*(v-middle)
	}
}

// place moves the pooled draws of step h to the quantiles of their ranks.
func (f *Forecast) place(r *ranker, h int, pooled []float64) {
	for rank, key := range r.order(pooled) {
		pooled[uint32(key)] = f.sorted[h][rank]
	}
}

// insertion sorts values that are nearly in order already.
func insertion(v []float64) {
	for i := 1; i < len(v); i++ {
		for j := i; j > 0 && v[j] < v[j-1]; j-- {
			v[j], v[j-1] = v[j-1], v[j]
		}
	}
}

// owners deals the paths out to the members in proportion to their shares,
// evenly spread (a golden-ratio sequence), the same way every time.
func owners(members []member, paths int) []int {
	owner := make([]int, paths)
	for i := range owner {
		_, u := math.Modf((float64(i) + 0.5) * 0.6180339887498949)
		k := 0
		for u -= members[k].share; u > 0 && k < len(members)-1; u -= members[k].share {
			k++
		}
		owner[i] = k
	}
	return owner
}

// shocks are standard normal numbers, the second half of the paths mirroring
// the first so that the futures centre on the forecast.
func shocks(rows, paths int, seed uint64) [][]float64 {
	rng := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))
	z := matrix(rows, paths)
	half := (paths + 1) / 2
	for h := range z {
		for i := range half {
			v := rng.NormFloat64()
			z[h][i] = v
			if half+i < paths {
				z[h][half+i] = -v
			}
		}
	}
	return z
}

// matrix is rows x columns of zeros in one block.
func matrix(rows, columns int) [][]float64 {
	block := make([]float64, rows*columns)
	m := make([][]float64, rows)
	for i := range m {
		m[i] = block[i*columns : (i+1)*columns : (i+1)*columns]
	}
	return m
}
