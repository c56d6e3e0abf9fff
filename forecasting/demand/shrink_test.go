package demand_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"blangko/forecasting/demand"
)

func TestShrunkEstimatesAreNearerTheTruth(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var own, shrunkError float64
	for range 50 {
		truth, estimate, variance := make([]float64, 20), make([]float64, 20), make([]float64, 20)
		for i := range truth {
			truth[i] = 0.2 + 0.03*rng.NormFloat64()
			sd := 0.01 + 0.1*rng.Float64()
			estimate[i], variance[i] = truth[i]+sd*rng.NormFloat64(), sd*sd
		}
		shrunk, _ := demand.Shrink(estimate, variance)
		for i := range truth {
			own += (estimate[i] - truth[i]) * (estimate[i] - truth[i])
			shrunkError += (shrunk[i] - truth[i]) * (shrunk[i] - truth[i])
		}
	}
	if shrunkError > own/2 {
		t.Errorf("squared error %.4f after shrinking, %.4f before: want less than half", shrunkError, own)
	}
}

func TestWhatIsWellKnownKeepsItsOwnAndWhatIsUnknownBorrows(t *testing.T) {
	shrunk, mean := demand.Shrink([]float64{0.1, 0.3, math.NaN()}, []float64{1e-9, 1e-9, 0})
	if math.Abs(shrunk[0]-0.1) > 1e-6 || math.Abs(shrunk[1]-0.3) > 1e-6 || shrunk[2] != mean || math.Abs(mean-0.2) > 1e-6 {
		t.Errorf("shrunk to %v around %v", shrunk, mean)
	}
	if shrunk, mean := demand.Shrink([]float64{math.NaN()}, []float64{0}); !math.IsNaN(mean) || !math.IsNaN(shrunk[0]) {
		t.Errorf("of nothing: %v, %v", shrunk, mean)
	}
}
