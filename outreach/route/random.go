package route

import "math/bits"

// random is splitmix64 (Steele, Lea and Flood 2014): small, quick, and the same on every machine.
type random struct{ state uint64 }

func (r *random) next() uint64 {
	r.state += 0x9e3779b97f4a7c15
	z := r.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below is a whole number in [0, n).
func (r *random) below(n int) int {
	hi, _ := bits.Mul64(r.next(), uint64(n))
	return int(hi)
}

// unit is a number in (0, 1].
func (r *random) unit() float64 { return float64(r.next()>>11+1) / (1 << 53) }

// chance is true once in n on average.
func (r *random) chance(n int) bool { return r.below(n) == 0 }

func (r *random) shuffle(list []int32) {
	for i := len(list) - 1; i > 0; i-- {
		j := r.below(i + 1)
		list[i], list[j] = list[j], list[i]
	}
}
