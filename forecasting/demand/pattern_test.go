package demand_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"blangko/forecasting/demand"
)

func TestPooledSeasonsAreNearerTheTruth(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(6, 6))
	truth := []float64{.8, .9, 1, 1, 1, 1.1, 1.5, 1.1, .9, .9, .9, .9}
	var own []demand.Pattern
	var variance []float64
	for range 40 {
		y := make([]float64, 36)
		for t := range y {
			y[t] = 200 * truth[t%12] * (1 + .15*rng.NormFloat64())
		}
		p, v := demand.Season(demand.Series{Values: y, Season: 12})
		own, variance = append(own, p), append(variance, v)
	}
	own, variance = append(own, nil), append(variance, 0)
	pooled := demand.PoolSeasons(own, variance)
	miss := func(p demand.Pattern) (sum float64) {
		for j := range p {
			sum += (p[j] - truth[j]) * (p[j] - truth[j])
		}
		return sum
	}
	before, after := 0.0, 0.0
	for i := range own[:40] {
		before, after = before+miss(own[i]), after+miss(pooled[i])
	}
	if after > before/3 {
		t.Errorf("squared error %.3f of own patterns, %.3f of pooled ones", before, after)
	}
	if miss(pooled[40]) > miss(own[0]) {
		t.Error("a place without history did not get the mean pattern")
	}
	if demand.PoolSeasons([]demand.Pattern{nil}, []float64{0}) != nil {
		t.Error("a pattern from nothing")
	}
}

func TestPatternIsUsedWhereHistoryIsTooShort(t *testing.T) {
	t.Parallel()
	pattern := demand.Pattern{.8, .9, 1, 1, 1, 1.1, 1.5, 1.1, .9, .9, .9, .9}
	y := make([]float64, 15)
	for t := range y {
		y[t] = 400 * pattern[t%12] * (1 + .01*float64(t%3-1))
	}
	f, err := demand.Best(demand.Series{Values: y, Season: 12, Pattern: pattern}, 6, demand.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	// Month 15+3 is a July.
	if math.Abs(f.Mean[3]-600) > 25 || math.Abs(f.Mean[0]-400) > 20 {
		t.Errorf("July %.0f and April %.0f, want about 600 and 400", f.Mean[3], f.Mean[0])
	}
	sound(t, f, 6, false)
}

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
