package demand

import "math"

// normalPDF is the density of the standard normal distribution.
func normalPDF(z float64) float64 { return math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) }

// normalCDF is P(Z <= z) of the standard normal distribution.
func normalCDF(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// normalQuantile is the z with P(Z <= z) = p, for 0 < p < 1.
func normalQuantile(p float64) float64 { return -math.Sqrt2 * math.Erfcinv(2*p) }

// hazard is E[Z | Z >= z], the inverse Mills ratio. Beyond 30 it is replaced
// by the first terms of its asymptotic series, where the tail underflows.
func hazard(z float64) float64 {
	if z > 30 {
		return z + 1/z
	}
	return normalPDF(z) / normalCDF(-z)
}
