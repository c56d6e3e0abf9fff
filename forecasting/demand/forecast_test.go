package demand_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"blangko/forecasting/demand"
)

// monthly is a made-up district: a level, a slow rise, a busy July and noise.
func monthly(n int, seed uint64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 7))
	y := make([]float64, n)
	for t := range y {
		y[t] = 1000 + 5*float64(t) + 30*rng.NormFloat64()
		if t%12 == 6 {
			y[t] += 400
		}
	}
	return y
}

// sound fails unless the forecast is finite, ordered and, where it must be, not negative.
func sound(t *testing.T, f demand.Forecast, horizon int, negative bool) {
	t.Helper()
	if len(f.Mean) != horizon || len(f.Draws) != horizon {
		t.Fatalf("%d means and %d months of draws, want %d", len(f.Mean), len(f.Draws), horizon)
	}
	for h := range horizon {
		values := []float64{f.Mean[h]}
		last := math.Inf(-1)
		for _, p := range []float64{.025, .1, .5, .9, .975} {
			q := f.Quantile(h, p)
			if q < last {
				t.Errorf("month %d: quantile %v is %v, below the one before, %v", h, p, q, last)
			}
			last = q
			values = append(values, q)
		}
		for _, v := range append(values, f.Draws[h]...) {
			if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 && !negative {
				t.Fatalf("month %d holds %v", h, v)
			}
		}
	}
}

func TestOddSeriesAreForecast(t *testing.T) {
	nan := math.NaN()
	rare := make([]float64, 40)
	rare[7], rare[20], rare[33] = 3, 1, 2
	gaps := monthly(48, 1)
	for t := 3; t < 48; t += 4 {
		gaps[t] = nan
	}
	constant := make([]float64, 36)
	for t := range constant {
		constant[t] = 250
	}
	jump := append(make([]float64, 35), 1e9)
	below := monthly(40, 2)
	below[5] = -200
	for name, c := range map[string]demand.Series{
		"one value":               {Values: []float64{12}, Season: 12},
		"two values":              {Values: []float64{12, 15}, Season: 12},
		"one value among unknown": {Values: []float64{nan, nan, 5, nan}, Season: 12},
		"one zero":                {Values: []float64{0}, Season: 12},
		"all zeros":               {Values: make([]float64, 36), Season: 12},
		"constant":                {Values: constant, Season: 12},
		"rare":                    {Values: rare, Season: 12},
		"gaps":                    {Values: gaps, Season: 12},
		"one huge value":          {Values: jump, Season: 12},
		"a negative value":        {Values: below, Season: 12},
		"tiny values":             {Values: []float64{1e-300, 2e-300, 1e-300, 3e-300, 1e-300, 2e-300}, Season: 1},
		"huge values":             {Values: []float64{1e149, 2e149, 1e149, 3e149, 1e149, 2e149}, Season: 1},
		"no season":               {Values: monthly(50, 3)},
		"season of seven":         {Values: monthly(60, 3), Season: 7},
		"all censored":            {Values: monthly(3, 1), Censored: []bool{true, true, true}, Season: 12},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, horizon := range []int{1, 18, 120} {
				f, err := demand.Best(c, horizon, demand.Options{Paths: 200, Seed: 1})
				if err != nil {
					t.Fatal(err)
				}
				sound(t, f, horizon, name == "a negative value")
			}
		})
	}
}

func TestUnusableSeriesAreRefused(t *testing.T) {
	good := demand.Series{Values: monthly(36, 1), Season: 12}
	for name, c := range map[string]struct {
		series  demand.Series
		horizon int
		want    error
	}{
		"no values":           {demand.Series{}, 3, demand.ErrEmpty},
		"only unknown":        {demand.Series{Values: []float64{math.NaN()}}, 3, demand.ErrEmpty},
		"never any stock":     {demand.Series{Values: []float64{3, 4}, Exposure: []float64{0, .1}}, 3, demand.ErrEmpty},
		"infinite":            {demand.Series{Values: []float64{1, math.Inf(1)}}, 3, demand.ErrInfinite},
		"no horizon":          {good, 0, demand.ErrHorizon},
		"a horizon too far":   {good, demand.MaxHorizon + 1, demand.ErrHorizon},
		"exposure above one":  {demand.Series{Values: []float64{1}, Exposure: []float64{2}}, 3, demand.ErrShape},
		"exposure too short":  {demand.Series{Values: []float64{1, 2}, Exposure: []float64{1}}, 3, demand.ErrShape},
		"a negative season":   {demand.Series{Values: []float64{1, 2}, Season: -1}, 3, demand.ErrShape},
		"censored too long":   {demand.Series{Values: []float64{1}, Censored: make([]bool, 2)}, 3, demand.ErrShape},
		"exposure not number": {demand.Series{Values: []float64{1}, Exposure: []float64{math.NaN()}}, 3, demand.ErrShape},
	} {
		if _, err := demand.Best(c.series, c.horizon, demand.Options{}); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", name, err, c.want)
		}
	}
}

func TestForecastIsTheSameForTheSameSeed(t *testing.T) {
	s := demand.Series{Values: monthly(48, 5), Season: 12}
	draw := func(seed uint64) float64 {
		f, err := demand.Best(s, 6, demand.Options{Paths: 100, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		return f.Draws[5][17]
	}
	if a, b := draw(1), draw(1); a != b {
		t.Errorf("same seed: %v and %v", a, b)
	}
	if a, b := draw(1), draw(2); a == b {
		t.Errorf("different seeds: both %v", a)
	}
}

func TestSeasonAndTrendAreFound(t *testing.T) {
	f, err := demand.Best(demand.Series{Values: monthly(60, 5), Season: 12}, 12, demand.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	// The next July is month 60+6: 1000 + 5*66 + 400, give or take four standard errors of the fit.
	if want := 1730.0; math.Abs(f.Mean[6]-want) > 80 {
		t.Errorf("July = %.0f, want about %.0f", f.Mean[6], want)
	}
	if want := 1325.0; math.Abs(f.Mean[5]-want) > 80 {
		t.Errorf("June = %.0f, want about %.0f", f.Mean[5], want)
	}
}

// Twenty empty days a month must not teach the model that nobody came.
func TestEmptyShelfIsNotForecastAsZero(t *testing.T) {
	y := monthly(48, 5)
	full, err := demand.Best(demand.Series{Values: y, Season: 12}, 3, demand.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	exposure := make([]float64, 48)
	for i := range exposure {
		exposure[i] = 1
	}
	for i := 44; i < 48; i++ {
		exposure[i] = 1.0 / 3
		y[i] = math.Round(y[i] / 3)
	}
	y[47], exposure[47] = 0, 0
	got, err := demand.Best(demand.Series{Values: y, Exposure: exposure, Season: 12}, 3, demand.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for h := range got.Mean {
		if ratio := got.Mean[h] / full.Mean[h]; ratio < 0.9 || ratio > 1.1 {
			t.Errorf("month %d: %.0f of %.0f", h, got.Mean[h], full.Mean[h])
		}
	}
	naive, err := demand.Best(demand.Series{Values: y, Season: 12}, 3, demand.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if naive.Mean[0] > 0.7*full.Mean[0] {
		t.Errorf("without exposure the forecast is %.0f of %.0f: the test would not notice", naive.Mean[0], full.Mean[0])
	}
}

func TestCensoredMonthsRaiseTheForecast(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	y, cut := make([]float64, 60), make([]bool, 60)
	for i := range y {
		y[i] = 100 + 20*rng.NormFloat64()
		if y[i] > 105 {
			y[i], cut[i] = 105, true
		}
	}
	raw, err := demand.Best(demand.Series{Values: y}, 1, demand.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := demand.Best(demand.Series{Values: y, Censored: cut}, 1, demand.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(got.Mean[0]-100) > 6 || raw.Mean[0] > 96 {
		t.Errorf("censored %.1f, raw %.1f; the truth is 100", got.Mean[0], raw.Mean[0])
	}
}

func ExampleBest() {
	history := demand.Series{Values: []float64{98, 102, 100, 101, 99, 100, 100, 103, 97, 100}, Season: 12}
	f, err := demand.Best(history, 2, demand.Options{Seed: 1})
	if err != nil {
		panic(err)
	}
	twoMonths := f.Cumulative(2)
	fmt.Printf("next month %.0f, at most %.0f nine times in ten; two months at most %.0f\n",
		f.Mean[0], f.Quantile(0, .9), twoMonths[len(twoMonths)*9/10])
	// Output: next month 100, at most 102 nine times in ten; two months at most 203
}

func FuzzBest(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4}, uint8(3), uint8(12))
	f.Add([]byte{20, 37, 52, 69, 84, 101, 116, 133, 245, 229, 213, 7}, uint8(200), uint8(4))
	f.Fuzz(func(t *testing.T, data []byte, horizon, season uint8) {
		if len(data) == 0 || len(data) > 200 {
			return
		}
		s := demand.Series{Season: int(season), Values: make([]float64, len(data)), Exposure: make([]float64, len(data)), Censored: make([]bool, len(data))}
		negative := false
		for i, b := range data {
			s.Values[i] = math.Pow(float64(b%32), float64(b/64))
			s.Exposure[i] = 1
			switch b % 16 {
			case 0:
				s.Values[i] = 0
			case 1:
				s.Values[i] = math.NaN()
			case 2:
				s.Censored[i] = true
			case 3:
				s.Exposure[i] = float64(b) / 255
			case 4:
				s.Values[i] = -s.Values[i]
			case 5:
				s.Values[i] *= math.Pow(10, float64(b/2)) // up to 1e127
			}
			negative = negative || s.Values[i] < 0
		}
		got, err := demand.Best(s, int(horizon)+1, demand.Options{Paths: 50})
		if errors.Is(err, demand.ErrEmpty) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		sound(t, got, int(horizon)+1, negative)
	})
}

func BenchmarkBest(b *testing.B) {
	for _, n := range []int{36, 60, 300} {
		s := demand.Series{Values: monthly(n, 1), Season: 12}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if _, err := demand.Best(s, 12, demand.Options{Seed: 1}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
