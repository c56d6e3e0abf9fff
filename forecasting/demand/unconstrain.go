package demand

import "math"

// Asked is the demand of a period where the backlog is recorded: what was
// printed, plus the growth of the print-ready backlog, plus what was cancelled
// while waiting. It is exact whatever the shelf held; only people who went
// away unrecorded are missing from it.
func Asked(printed, backlogBefore, backlogAfter, cancelled float64) float64 {
	return max(0, printed+backlogAfter-backlogBefore+cancelled)
}

// NormalAbove is E[D | D >= bound] for normal demand (Tobin 1958).
func NormalAbove(mean, sd, bound float64) float64 {
	if sd <= 0 {
		return math.Max(mean, bound)
	}
	return mean + sd*hazard((bound-mean)/sd)
}

// PoissonAbove is E[D | D >= bound] for Poisson demand, the rate times
// P(D >= bound-1)/P(D >= bound) (Conrad 1976).
func PoissonAbove(rate float64, bound int) float64 {
	if bound <= 0 || rate <= 0 {
		return math.Max(rate, float64(bound))
	}
	// P(D >= bound-1)/P(D >= bound) = 1 + 1/(1 + rest), rest being the tail
	// above bound over the probability at bound, all relative to that at bound-1.
	ratio := rate / float64(bound) // P(bound)/P(bound-1)
	tail, term := 0.0, ratio
	for k := bound + 1; term > 1e-16*tail || tail == 0; k++ {
		tail += term
		term *= rate / float64(k)
		if k > bound+1_000_000 {
			break
		}
	}
	return rate * (1 + 1/tail)
}

// CountAbove is E[D | D >= bound] for negative binomial demand with this mean
// and variance, or Poisson demand where the variance is not above the mean.
func CountAbove(mean, variance float64, bound int) float64 {
	if variance <= mean*(1+1e-9) {
		return PoissonAbove(mean, bound)
	}
	if bound <= 0 || mean <= 0 {
		return math.Max(mean, float64(bound))
	}
	r := mean * mean / (variance - mean)
	q := 1 - mean/variance
	// Probabilities relative to that of the bound, until the tail is spent.
	weight, sum, moment := 1.0, 0.0, 0.0
	for d := float64(bound); weight > 1e-12*sum || sum == 0; d++ {
		sum += weight
		moment += weight * d
		weight *= (d + r) / (d + 1) * q
		if d > float64(bound)+1e7 {
			break
		}
	}
	return moment / sum
}

// UnconstrainedMean estimates the mean and standard deviation of normal demand
// from independent periods of which some ended with an empty shelf, where
// demand was at least the value (expectation-maximisation; Talluri & van Ryzin
// 2004, §9.4.2). It returns what is recorded when all periods were censored.
func UnconstrainedMean(values []float64, empty []bool) (mean, sd float64) {
	n, open := float64(len(values)), 0
	for i, v := range values {
		mean += v / n
		if !empty[i] {
			open++
		}
	}
	for _, v := range values {
		sd += (v - mean) * (v - mean) / n
	}
	sd = math.Sqrt(sd)
	if open == 0 {
		return mean, sd
	}
	for range 500 {
		first, second := 0.0, 0.0
		for i, v := range values {
			if !empty[i] || sd == 0 {
				first, second = first+v, second+v*v
				continue
			}
			// E[X | X >= v] and E[X^2 | X >= v] = mean^2 + sd^2 + sd (v + mean) h.
			h := hazard((v - mean) / sd)
			first += mean + sd*h
			second += mean*mean + sd*sd + sd*(v+mean)*h
		}
		next := first / n
		spread := math.Sqrt(math.Max(0, second/n-next*next))
		done := math.Abs(next-mean)+math.Abs(spread-sd) < 1e-10*(1+math.Abs(mean))
		if mean, sd = next, spread; done {
			break
		}
	}
	return mean, sd
}
