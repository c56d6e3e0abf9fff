package demand

import (
	"fmt"
	"math"
)

// seasonalNaive repeats the last year (Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., §5.2),
// with the mean growth from year to year as far as it is known. It is the floor that other methods must beat, and all
// that can see a season before two or three whole years are there.
type seasonalNaive struct {
	last      []float64 // the last cycle, oldest first
	drift, sd float64   // growth from cycle to cycle, and the error of it
}

// fitNaive needs more than one cycle.
func fitNaive(p *prepared) *seasonalNaive {
	m, n := p.season, len(p.y)
	s := &seasonalNaive{last: p.y[n-m:]}
	var sum, square, count float64
	for t := m; t < n; t++ {
		if p.kind[t] == seen && p.kind[t-m] == seen {
			d := p.y[t] - p.y[t-m]
			sum, square, count = sum+d, square+d*d, count+1
		}
	}
	if count == 0 {
		return s
	}
	// The growth counts by how much of a cycle it was seen in; the errors as if one more had been the spread of the year.
	s.drift = sum / (count + float64(m))
	s.sd = math.Sqrt((square + spread(s.last)) / (count + 1) * (1 + 1/count))
	return s
}

// spread is the mean squared distance from the mean.
func spread(y []float64) float64 {
	mean, sum := average(y), 0.0
	for _, v := range y {
		sum += (v - mean) * (v - mean) / float64(len(y))
	}
	return sum
}

func (s *seasonalNaive) String() string { return fmt.Sprintf("SNaive[%d]", len(s.last)) }

func (s *seasonalNaive) point(out []float64) {
	m := len(s.last)
	for h := range out {
		out[h] = s.last[h%m] + s.drift*float64(1+h/m)
	}
}

func (s *seasonalNaive) simulate(z, out [][]float64) {
	m := len(s.last)
	for h := range out {
		for i := range out[h] {
			before := s.last[h%m]
			if h >= m {
				before = out[h-m][i]
			}
			out[h][i] = before + s.drift + s.sd*z[h][i]
		}
	}
}

// withNaive gives the seasonal naive method a share while a series is too short for models to carry its season: by the
// squared errors of repeating the last year against those of repeating its mean, with one more error of the spread of the
// year on either side.
func withNaive(p *prepared, members []member) []member {
	m, n := p.season, len(p.y)
	if m < 2 || n <= m+1 || n >= 3*m {
		return members
	}
	var flat, naive, sum float64
	for _, v := range p.y[:m] {
		sum += v
	}
	for t := m; t < n; t++ {
		if p.kind[t] == seen && p.kind[t-m] == seen {
			flat += (p.y[t] - sum/float64(m)) * (p.y[t] - sum/float64(m))
			naive += (p.y[t] - p.y[t-m]) * (p.y[t] - p.y[t-m])
		}
		sum += p.y[t] - p.y[t-m]
	}
	if flat == 0 {
		return members
	}
	prior := spread(p.y[n-m:])
	share := (flat + prior) / (flat + naive + 2*prior)
	for i := range members {
		members[i].share *= 1 - share
	}
	return append(members, member{fitNaive(p), share})
}
