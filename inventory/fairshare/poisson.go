package fairshare

import "math"

// poissonMost is the largest mean for which the sums of a Poisson demand are taken; above it, where a term is a thousandth
// of a hundredth of the standard deviation, its normal limit stands in.
const poissonMost = 1e8

// poisson is a demand of independent single blanks.
type poisson struct{ mean, logMean float64 }

// worth sums P(D = k) times the blanks of the box that k needs, or leaves, whichever is the smaller; the other is the
// rest of the box. So both are right in proportion, however near to 0 or 1 the chance is.
func (p poisson) worth(y uint64, box float64) (needed, spare float64) {
	from := float64(y)
	if from+box/2 < p.mean {
		spare = p.spare(from+box, box) - math.Log(box)
		return math.Log1p(-math.Exp(spare)), spare
	}
	needed = p.needed(from, box) - math.Log(box)
	return needed, math.Log1p(-math.Exp(needed))
}

// needed is log Σ_{k>y} P(D = k) min(k − y, box), summed outwards from its most likely term.
func (p poisson) needed(y, box float64) float64 {
	mode := max(y+1, math.Floor(p.mean))
	sum := 0.0
	for k, term := mode, 1.0; term*box > negligible*sum; k++ {
		sum += term * min(k-y, box)
		term *= p.mean / (k + 1)
	}
	for k, term := mode-1, mode/p.mean; k > y && term*box > negligible*sum; k-- {
		sum += term * min(k-y, box)
		term *= k / p.mean
	}
	return p.log(mode) + math.Log(sum)
}

// spare is log Σ_{k<end} P(D = k) min(end − k, box), where the box ends before blank number end.
func (p poisson) spare(end, box float64) float64 {
	mode := min(end-1, math.Floor(p.mean))
	sum, inverse := 0.0, 1/p.mean
	for k, term := mode, 1.0; k >= 0 && term*box > negligible*sum; k-- {
		sum += term * min(end-k, box)
		term *= k * inverse
	}
	for k, term := mode+1, p.mean/(mode+1); k < end && term*box > negligible*sum; k++ {
		sum += term * min(end-k, box)
		term *= p.mean / (k + 1)
	}
	return p.log(mode) + math.Log(sum)
}

// negligible ends a sum: a standard deviation of 1e4 more such terms, for the largest mean, is still below the last bits.
const negligible = 1e-19

// log is the logarithm of P(D = k).
func (p poisson) log(k float64) float64 {
	factorial, _ := math.Lgamma(k + 1)
	return k*p.logMean - p.mean - factorial
}
