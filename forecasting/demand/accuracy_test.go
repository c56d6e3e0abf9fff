package demand_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"blangko/forecasting/demand"
)

func TestMeasuresOfAKnownCase(t *testing.T) {
	t.Parallel()
	scale, root := demand.Scales([]float64{1, 3, 2, 6}, 2)
	if scale != 2 || math.Abs(root-math.Sqrt((4+1+16)/3.)) > 1e-12 {
		t.Errorf("scales %v, %v", scale, root)
	}
	a := demand.Measure([]demand.Scored{{
		Actual: []float64{10, math.NaN(), 20}, Mean: []float64{8, 1, 23},
		Lo80: []float64{9, 0, 19}, Hi80: []float64{11, 0, 21}, Lo95: []float64{5, 0, 21}, Hi95: []float64{12, 0, 24},
		Scale: 2, RootScale: 1,
	}})
	want := demand.Accuracy{
		Cases: 1, WAPE: 5. / 30, MASE: 5. / 2 / 2, RMSSE: math.Sqrt(13. / 2), Bias: -.5 / 2,
		Pinball90:  (2*.1*1 + 2*.1*1) / 2 / 2,
		Pinball975: (2*.025*2 + 2*.025*4) / 2 / 2,
		MSIS95:     (7 + 3 + 40*1) / 2. / 2,
		Coverage80: 1, Coverage95: .5,
	}
	if !cmp.Equal(a, want, cmpopts.EquateApprox(0, 1e-9)) {
		t.Errorf("got %+v\nwant %+v", a, want)
	}
}

func TestReliabilityOfHonestAndDishonestStatements(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 1))
	stated, doubled, happened := make([]float64, 20_000), make([]float64, 20_000), make([]bool, 20_000)
	for i := range stated {
		stated[i] = rng.Float64() / 2
		doubled[i] = 2 * stated[i]
		happened[i] = rng.Float64() < stated[i]
	}
	_, honest := demand.Reliability(stated, happened, 10)
	bins, dishonest := demand.Reliability(doubled, happened, 10)
	if honest > .02 || dishonest < .2 {
		t.Errorf("calibration error %v and %v", honest, dishonest)
	}
	if b := bins[9]; math.Abs(b.Stated-.95) > .01 || math.Abs(b.Happened-.475) > .05 {
		t.Errorf("top bin %+v", b)
	}
	if demand.Brier(stated, happened) >= demand.Brier(doubled, happened) {
		t.Error("the honest statements have the worse Brier score")
	}
	if got := demand.Brier([]float64{.5, .5}, []bool{true, false}); got != .25 {
		t.Errorf("Brier of 1/2 is %v", got)
	}
}

func TestBacktestUsesOnlyThePast(t *testing.T) {
	t.Parallel()
	y := monthly(48, 6)
	s := demand.Series{Values: y, Season: 12}
	opt := demand.Options{Paths: 200, Seed: 3}
	record, err := demand.Backtest(s, 3, 4, opt)
	if err != nil {
		t.Fatal(err)
	}
	if len(record) != 4 || record[0].At != 44 || record[3].At != 47 {
		t.Fatalf("origins %+v", record)
	}
	f, err := demand.Best(demand.Series{Values: y[:45], Season: 12}, 3, opt)
	if err != nil {
		t.Fatal(err)
	}
	if got := record[1].Forecast; got.Mean[2] != f.Mean[2] || got.Draws[2][7] != f.Draws[2][7] {
		t.Errorf("the forecast of origin 45 is %v, from its past alone %v", got.Mean, f.Mean)
	}
	if a := record[3].Scored.Actual; a[0] != y[47] || !math.IsNaN(a[1]) {
		t.Errorf("actuals of the last origin: %v", a)
	}
	var cases []demand.Scored
	for _, o := range record {
		cases = append(cases, o.Scored)
	}
	if a := demand.Measure(cases); a.Cases != 4 || a.MASE > 1 || a.WAPE > .1 {
		t.Errorf("accuracy %+v", a)
	}
	if short, err := demand.Backtest(demand.Series{Values: y[:20], Season: 12}, 3, 12, opt); err != nil || len(short) != 0 {
		t.Errorf("twenty months gave %d origins, %v", len(short), err)
	}
}

// Futures drawn half as wide as they ought to be are stretched to twice their width.
func TestCalibrationWidensWhatIsTooNarrow(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(8, 8))
	narrow := func() demand.Forecast {
		draws := make([][]float64, 3)
		for h := range draws {
			draws[h] = make([]float64, 200)
			for i := range draws[h] {
				draws[h][i] = 1000 + 5*rng.NormFloat64()
			}
		}
		return demand.FromDraws("narrow", draws)
	}
	var record []demand.Origin
	for range 400 {
		actual := []float64{1000 + 9*rng.NormFloat64(), 1000 + 9*rng.NormFloat64(), 1000 + 9*rng.NormFloat64()}
		record = append(record, demand.Origin{Forecast: narrow(), Scored: demand.Scored{Actual: actual}})
	}
	c := demand.Calibrate(record, 3, .9)
	for k := range 3 {
		if math.Abs(c.Upper[k]-1.8) > .25 || math.Abs(c.Lower[k]-1.8) > .25 {
			t.Errorf("%d months: factors %.2f and %.2f, want about 1.8", k+1, c.Lower[k], c.Upper[k])
		}
	}
	before := narrow()
	after := c.Apply(before)
	for k := 1; k <= 3; k++ {
		a, b := before.Cumulative(k), after.Cumulative(k)
		if ratio := (b[190] - b[10]) / (a[190] - a[10]); math.Abs(ratio-1.8) > .25 {
			t.Errorf("%d months: sums are %.2f times as wide, want about 1.8", k, ratio)
		}
	}
	if few := demand.Calibrate(record[:100], 3, .9); few.Upper[0] != 1 {
		t.Errorf("a factor of %v from a hundred errors", few.Upper[0])
	}
}
