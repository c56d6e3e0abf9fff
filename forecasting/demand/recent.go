package demand

import "math"

// recent is the root mean square of errors added from the last backwards, of
// which older ones count less: how noisy a series is changes over the years,
// and the coming months are as noisy as the recent ones.
type recent struct{ sum, weight, now float64 }

// halfLife is the number of periods over which an error loses half its weight.
const halfLife = 36.0

var fade = math.Pow(0.5, 1/halfLife)

func (r *recent) add(e float64, kind obs) {
	if r.now == 0 {
		r.now = 1
	}
	if kind == seen {
		r.sum += r.now * e * e
		r.weight += r.now
	}
	r.now *= fade
}

func (r *recent) sd() float64 {
	if r.weight == 0 {
		return 0
	}
	return math.Sqrt(r.sum / r.weight)
}
