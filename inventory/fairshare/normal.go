package fairshare

import (
	"math"
	"math/big"
)

// normal is a demand of which only mean and standard deviation are known. Demand below nothing is no shortage.
type normal struct {
	base *big.Int // whole part of the mean, kept apart so that y − mean is rounded once
	rest float64
	sd   float64
}

func newNormal(mean *big.Rat, sd float64) normal {
	base := new(big.Int).Quo(mean.Num(), mean.Denom())
	rest, _ := new(big.Rat).Sub(mean, new(big.Rat).SetInt(base)).Float64()
	return normal{base, rest, sd}
}

// worth integrates P(D > t) over the box, or P(D ≤ t), whichever is the smaller; the other is the rest of the box.
func (n normal) worth(y uint64, box float64) (needed, spare float64) {
	over := new(big.Int).SetUint64(y)
	from, _ := over.Sub(over, n.base).Float64()
	z, width := (from-n.rest)/n.sd, box/n.sd
	if z+width/2 < 0 {
		spare = logTail(-z-width, width)
		return math.Log1p(-math.Exp(spare)), spare
	}
	needed = logTail(z, width)
	return needed, math.Log1p(-math.Exp(needed))
}

// logTail is the logarithm of the mean of Q(t) = P(Z > t) over z ≤ t ≤ z + width, for a standard normal Z and
// z + width/2 ≥ 0. A narrow range is integrated, a wide one is the difference of two losses.
func logTail(z, width float64) float64 {
	if width*(1+math.Abs(z)) > 1 {
		from, to := logLoss(z), logLoss(z+width)
		return from + math.Log(-math.Expm1(to-from)) - math.Log(width)
	}
	middle, sum := logQ(z+width/2), 0.0
	for _, g := range gauss {
		sum += g.weight * (math.Exp(logQ(z+width/2*(1-g.node))-middle) + math.Exp(logQ(z+width/2*(1+g.node))-middle))
	}
	return middle + math.Log(sum/2)
}

// gauss is the Gauss-Legendre rule of 8 points, one side (Abramowitz & Stegun 1964, table 25.4).
var gauss = [...]struct{ node, weight float64 }{
	{0.1834346424956498, 0.3626837833783620},
	{0.5255324099163290, 0.3137066458778873},
	{0.7966664774136267, 0.2223810344533745},
	{0.9602898564975363, 0.1012285362903763},
}

// far is where the asymptotic series of Q and of the loss are good to the last bits.
const far = 12

// logQ is log P(Z > z).
func logQ(z float64) float64 {
	if z < far {
		return math.Log(math.Erfc(z/math.Sqrt2) / 2)
	}
	return logDensity(z) - math.Log(z) + math.Log(asymptotic(z, 1))
}

// logLoss is log E[(Z − z)⁺], the standard loss φ(z) − z·Q(z).
func logLoss(z float64) float64 {
	if z < far {
		return math.Log(math.Exp(logDensity(z)) - z*math.Erfc(z/math.Sqrt2)/2)
	}
	return logDensity(z) - 2*math.Log(z) + math.Log(asymptotic(z, 3))
}

func logDensity(z float64) float64 { return -z*z/2 - math.Log(2*math.Pi)/2 }

// asymptotic is 1 − k/z² + k(k+2)/z⁴ − …, to its smallest term (Abramowitz & Stegun 1964, 26.2.12).
// From k = 1 it gives z·Q(z)/φ(z); from k = 3, z²·loss(z)/φ(z).
func asymptotic(z, k float64) float64 {
	sum, term := 1.0, 1.0
	for math.Abs(term) > 1e-17 && k < z*z {
		term *= -k / (z * z)
		sum += term
		k += 2
	}
	return sum
}
