package demand_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
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

// What cannot hold a season, or is rare, is forecast as Best would; what is no season is refused.
func TestDailyFallsBackAndRefuses(t *testing.T) {
	t.Parallel()
	opt := demand.Options{Paths: 100, Seed: 1}
	days := func(n int, of func(i int) float64) (s demand.Series) {
		for i := range n {
			s.Values = append(s.Values, of(i))
		}
		return s
	}
	steady := func(i int) float64 { return 50 + 10*float64(i%7) }
	rare := func(i int) float64 { return float64((i * i % 41) / 39) }
	for name, c := range map[string]struct {
		series  demand.Series
		periods []int
		season  int
	}{
		"a year and a bit":      {days(500, steady), []int{7, 365}, 7},
		"ten days":              {days(10, steady), []int{365, 7}, 7},
		"one day":               {days(1, steady), []int{7, 365}, 7},
		"no season":             {days(50, steady), nil, 1},
		"none":                  {days(50, steady), []int{1}, 1},
		"the same twice":        {days(50, steady), []int{7, 7}, 7},
		"three years of rarity": {days(1000, rare), []int{7, 365}, 7},
	} {
		got, err := demand.Daily(c.series, c.periods, 20, opt)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		c.series.Season = c.season
		want, err := demand.Best(c.series, 20, opt)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Mean, want.Mean) {
			t.Errorf("%s: %v, Best says %v", name, got.Mean, want.Mean)
		}
		sound(t, got, 20, false)
	}
	for name, periods := range map[string][]int{"zero": {7, 0}, "negative": {-7}} {
		if _, err := demand.Daily(days(50, steady), periods, 20, opt); !errors.Is(err, demand.ErrShape) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := demand.Daily(demand.Series{}, []int{7, 365}, 20, opt); !errors.Is(err, demand.ErrEmpty) {
		t.Errorf("nothing: %v", err)
	}
}

// Whatever the days, the seasons and what is unknown, a forecast is finite and in order.
func FuzzDaily(f *testing.F) {
	f.Add(uint16(800), uint16(7), uint16(365), uint64(1), uint8(30))
	f.Add(uint16(40), uint16(7), uint16(2), uint64(2), uint8(200))
	f.Add(uint16(3), uint16(1), uint16(1), uint64(3), uint8(0))
	f.Fuzz(func(t *testing.T, n, one, two uint16, seed uint64, unknown uint8) {
		rng := rand.New(rand.NewPCG(seed, 1))
		s := demand.Series{Values: make([]float64, n%900)}
		for i := range s.Values {
			s.Values[i] = math.Exp(3 * rng.NormFloat64())
			if rng.IntN(255) < int(unknown) {
				s.Values[i] = []float64{0, math.NaN()}[rng.IntN(2)]
			}
		}
		got, err := demand.Daily(s, []int{int(one % 500), int(two % 500)}, 15, demand.Options{Paths: 50, Seed: seed})
		if err == nil {
			sound(t, got, 15, false)
		}
	})
}
