package demand_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"blangko/forecasting/demand"
)

func TestMSTLFindsBothSeasons(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(6, 6))
	n := 3 * 365
	y, week, year := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range y {
		week[i] = []float64{10, 10, 10, 10, -10, -5, -25}[i%7]
		year[i] = 20 * math.Sin(2*math.Pi*float64(i)/365)
		y[i] = 100 + .02*float64(i) + week[i] + year[i] + rng.NormFloat64()
	}
	trend, seasons := demand.MSTL(y, []int{7, 365})
	var w, s, tr float64
	for i := range y {
		w = math.Max(w, math.Abs(seasons[0][i]-week[i]))
		s += math.Abs(seasons[1][i]-year[i]) / float64(n)
		tr += math.Abs(trend[i]-100-.02*float64(i)) / float64(n)
	}
	if w > 3 || s > 1.5 || tr > 1.5 {
		t.Errorf("worst day of a week off by %.2f; yearly season off by %.2f, trend by %.2f on average", w, s, tr)
	}
	f, err := demand.Daily(demand.Series{Values: y}, []int{7, 365}, 30, demand.Options{Paths: 200, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	off := 0.0
	for h := range f.Mean {
		i := n + h
		want := 100 + .02*float64(i) + []float64{10, 10, 10, 10, -10, -5, -25}[i%7] + 20*math.Sin(2*math.Pi*float64(i)/365)
		off += math.Abs(f.Mean[h]-want) / 30
	}
	if off > 3 {
		t.Errorf("daily forecasts are off by %.2f on average", off)
	}
	sound(t, f, 30, false)
}
