package demand_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"blangko/forecasting/demand"
)

// steadyDays are days of one period with equal shares.
func steadyDays(n int) []demand.Day {
	days := make([]demand.Day, n)
	for i := range days {
		days[i].Share = 1 / float64(n)
	}
	return days
}

func normalDraws(mean, sd float64, periods, paths int) demand.Forecast {
	rng := rand.New(rand.NewPCG(9, 9))
	draws := make([][]float64, periods)
	for h := range draws {
		draws[h] = make([]float64, paths)
		for i := range draws[h] {
			draws[h][i] = mean + sd*rng.NormFloat64()
		}
	}
	return demand.FromDraws("normal", draws)
}

func TestStockRunsOutWhenArithmeticSaysSo(t *testing.T) {
	t.Parallel()
	certain := demand.FromDraws("certain", [][]float64{{300, 300, 300, 300}}) // 10 a day for 30 days
	on := func(day int) []float64 { lead := make([]float64, day+1); lead[day] = 1; return lead }
	for name, c := range map[string]struct {
		supply     demand.Supply
		first      int
		short      float64
		personDays float64
	}{
		"more than enough":         {demand.Supply{OnHand: 500}, 30, 0, 0},
		"exactly enough":           {demand.Supply{OnHand: 300}, 30, 0, 0},
		"for ten days":             {demand.Supply{OnHand: 100}, 10, 200, 10 * 20 * 21 / 2},
		"a backlog is served":      {demand.Supply{OnHand: 100, Waiting: 40}, 6, 240, 10 * 24 * 25 / 2},
		"help on day 12":           {demand.Supply{OnHand: 100, Arrivals: []demand.Arrival{{Quantity: 1000, Lead: on(12)}}}, 10, 0, 10 + 20},
		"help that is lost":        {demand.Supply{OnHand: 290, Arrivals: []demand.Arrival{{Quantity: 1000, Lead: on(12), Lost: 1}}}, 29, 10, 10},
		"help out for 12 days":     {demand.Supply{Arrivals: []demand.Arrival{{Quantity: 1000, Lead: on(12), Age: 12}}}, 30, 0, 0},
		"help leaves in two days":  {demand.Supply{Arrivals: []demand.Arrival{{Quantity: 1000, Lead: on(1), Age: -2}}}, 0, 0, 10 + 20 + 30},
		"help that is late":        {demand.Supply{OnHand: 100, Arrivals: []demand.Arrival{{Quantity: 1000, Lead: on(9), Age: 4, Late: 7}}}, 10, 0, 10 + 20},
		"help long overdue":        {demand.Supply{Arrivals: []demand.Arrival{{Quantity: 1000, Lead: on(3), Age: 9}}}, 0, 0, 10},
		"nothing at all":           {demand.Supply{}, 0, 300, 10 * 30 * 31 / 2},
		"help beyond what is seen": {demand.Supply{OnHand: 295, Arrivals: []demand.Arrival{{Quantity: 5, Lead: on(40)}}}, 29, 5, 5},
	} {
		got, err := certain.Shortage(steadyDays(30), c.supply, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got.P10 != c.first || got.P90 != c.first || math.Abs(got.Short-c.short) > 1e-6 || math.Abs(got.PersonDays-c.personDays) > 1e-6 {
			t.Errorf("%s: day %d-%d, short %v, person-days %v; want %d, %v, %v", name, got.P10, got.P90, got.Short, got.PersonDays, c.first, c.short, c.personDays)
		}
		if c.first < 30 && (got.RunOut[c.first] != 1 || c.first > 0 && got.RunOut[c.first-1] != 0) {
			t.Errorf("%s: probabilities %v", name, got.RunOut)
		}
	}
}

func TestRunOutAgreesWithTheNormalFormula(t *testing.T) {
	t.Parallel()
	const paths = 40_000
	f := normalDraws(1000, 150, 1, paths)
	for _, stock := range []float64{800, 1000, 1200} {
		got, err := f.Shortage(steadyDays(30), demand.Supply{OnHand: stock}, 1)
		if err != nil {
			t.Fatal(err)
		}
		p, short := demand.NormalShortage(1000, 150, stock)
		// Four standard errors of a share and of a mean over the paths.
		if tolerance := 4 * math.Sqrt(p*(1-p)/paths); math.Abs(got.RunOut[29]-p) > tolerance {
			t.Errorf("stock %v: P(run out) = %.4f, want %.4f within %.4f", stock, got.RunOut[29], p, tolerance)
		}
		if math.Abs(got.Short-short) > 4*150/math.Sqrt(paths) {
			t.Errorf("stock %v: short %.2f, want %.2f", stock, got.Short, short)
		}
	}
}

// Demand until a shipment of random lead time arrives has the textbook mean and variance.
func TestOrderUpToAgreesWithLeadTimeDemand(t *testing.T) {
	t.Parallel()
	mean, variance := demand.LeadDemand(40, 100, 9, 4)
	if mean != 360 || variance != 9*100+1600*4 {
		t.Fatalf("mean %v, variance %v", mean, variance)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	sums := make([]float64, 20_000)
	for i := range sums {
		lead := 9 + 2*float64(2*rng.IntN(2)-1) // 7 or 11 days: mean 9, variance 4
		sums[i] = 40*lead + 10*math.Sqrt(lead)*rng.NormFloat64()
	}
	f := demand.FromDraws("", [][]float64{sums})
	got := math.Sqrt(variance)
	var square float64
	for _, v := range f.Cumulative(1) {
		square += (v - 360) * (v - 360)
	}
	if sd := math.Sqrt(square / 20_000); math.Abs(sd-got) > 1 {
		t.Errorf("standard deviation %.2f, want %.2f", sd, got)
	}
	if up := demand.OrderUpTo(f.Cumulative(1), 1, 1); math.Abs(up-360) > 10 {
		t.Errorf("order up to %.1f with equal costs, want about the median, 360", up)
	}
	if low, high := demand.OrderUpTo(f.Cumulative(1), 1, 9), demand.OrderUpTo(f.Cumulative(1), 9, 1); low >= high {
		t.Errorf("a dearer shortage lowers the stock: %v, %v", low, high)
	}
}

func TestMoreStockNeverRunsOutSooner(t *testing.T) {
	t.Parallel()
	f := normalDraws(600, 200, 2, 500)
	days := append(steadyDays(30), steadyDays(30)...)
	for i := 30; i < 60; i++ {
		days[i].Period = 1
	}
	lead := []float64{0, 0, .1, .2, .3, .2, .1, .1}
	last := demand.Outlook{PersonDays: math.Inf(1)}
	for stock := 0.0; stock < 1500; stock += 100 {
		supply := demand.Supply{OnHand: stock, Arrivals: []demand.Arrival{{Quantity: 300, Lead: lead, Lost: .05}}}
		got, err := f.Shortage(days, supply, 7)
		if err != nil {
			t.Fatal(err)
		}
		if got.P10 < last.P10 || got.PersonDays > last.PersonDays || got.P10 > got.P50 || got.P50 > got.P90 {
			t.Errorf("stock %v: %+v after %+v", stock, got, last)
		}
		last = got
	}
}

func TestDaysOutsideTheForecastAreRefused(t *testing.T) {
	t.Parallel()
	f := normalDraws(10, 1, 1, 10)
	for _, d := range []demand.Day{{Period: 1, Share: .1}, {Period: -1}, {Share: -1}, {Share: math.NaN()}} {
		if _, err := f.Shortage([]demand.Day{d}, demand.Supply{}, 1); !errors.Is(err, demand.ErrDays) {
			t.Errorf("%+v: error %v", d, err)
		}
	}
}

// With an order that takes a random time, the shelf runs out with the chance that the demand of the days until then exceeds
// the stock: the sum over lead times of the closed form for each, and the same from simulated days.
func TestShortageUnderARandomLeadTimeMatchesTheCompoundForm(t *testing.T) {
	t.Parallel()
	const mean, sd, horizon = 40.0, 12.0, 40
	f := normalDraws(mean, sd, horizon, 20_000) // a period is a day
	days := make([]demand.Day, horizon)
	for i := range days {
		days[i] = demand.Day{Period: i, Share: 1}
	}
	lead := make([]float64, 25)
	leadMean, leadSquare := 0.0, 0.0
	for l, p := range map[int]float64{8: .2, 12: .4, 16: .3, 24: .1} {
		lead[l] = p
		leadMean, leadSquare = leadMean+p*float64(l), leadSquare+p*float64(l*l)
	}
	for _, stock := range []float64{350, 500, 640, 900} {
		want := 0.0
		for l, p := range lead {
			if p > 0 {
				chance, _ := demand.NormalShortage(mean*float64(l), sd*math.Sqrt(float64(l)), stock)
				want += p * chance
			}
		}
		got, err := f.Shortage(days, demand.Supply{OnHand: stock, Arrivals: []demand.Arrival{{Quantity: 1e6, Lead: lead}}}, 3)
		if err != nil {
			t.Fatal(err)
		}
		if p := got.RunOut[horizon-1]; math.Abs(p-want) > 0.012 {
			t.Errorf("stock %g runs out with %.4f, in closed form %.4f", stock, p, want)
		}
		if got.Short != 0 {
			t.Errorf("stock %g: %g owed after all has come", stock, got.Short)
		}
	}
	// The first two moments of the compound (Silver, Pyke & Thomas 2017, eq. 6.46) against the mixture.
	m, v := demand.LeadDemand(mean, sd*sd, leadMean, leadSquare-leadMean*leadMean)
	square := 0.0
	for l, p := range lead {
		square += p * (sd*sd*float64(l) + mean*mean*float64(l*l))
	}
	if math.Abs(m-mean*leadMean) > 1e-9 || math.Abs(v-(square-m*m)) > 1e-6 {
		t.Errorf("moments %.2f and %.2f, want %.2f and %.2f", m, v, mean*leadMean, square-m*m)
	}
}

func ExampleForecast_Shortage() {
	f := demand.FromDraws("two futures", [][]float64{{300, 600}})
	days := make([]demand.Day, 30)
	for i := range days {
		days[i] = demand.Day{Period: 0, Share: 1. / 30}
	}
	o, err := f.Shortage(days, demand.Supply{OnHand: 400}, 1)
	if err != nil {
		panic(err)
	}
	fmt.Printf("runs out this month with probability %.0f %%, in the worse case on day %d; %.0f blanks short on average\n", 100*o.RunOut[29], o.P10+1, o.Short)
	// Output: runs out this month with probability 50 %, in the worse case on day 21; 100 blanks short on average
}

func BenchmarkShortage(b *testing.B) {
	f := normalDraws(600, 200, 6, 2000)
	days := make([]demand.Day, 180)
	for i := range days {
		days[i] = demand.Day{Period: i / 30, Share: 1. / 30}
	}
	supply := demand.Supply{OnHand: 700, Arrivals: []demand.Arrival{{Quantity: 500, Lead: []float64{0, .2, .3, .5}}}}
	for b.Loop() {
		if _, err := f.Shortage(days, supply, 1); err != nil {
			b.Fatal(err)
		}
	}
}

// The longer nothing comes, the likelier that nothing will: against the closed form and against the futures.
func TestWhatIsOverdueMayNeverCome(t *testing.T) {
	t.Parallel()
	lead := []float64{0, .1, .2, .3, .2, .1, .1} // not come before day 0 to 7: 1, 1, .9, .7, .4, .2, .1, 0
	f := demand.FromDraws("none", [][]float64{make([]float64, 20_000)})
	days := make([]demand.Day, 30)
	days[29].Share = 1
	for age, still := range []float64{1, 1, .9, .7, .4, .2, .1, 0} {
		const lost = 0.05
		want := lost / (lost + (1-lost)*still)
		never := demand.Never(lost, lead, age)
		if math.Abs(never-want) > 1e-12 {
			t.Errorf("after %d days it never comes with %.4f, want %.4f", age, never, want)
		}
		a := demand.Arrival{Quantity: 10, Lead: lead, Age: age, Lost: never}
		o, err := f.Shortage(days, demand.Supply{Arrivals: []demand.Arrival{a}, Watch: 30}, 5)
		if err != nil {
			t.Fatal(err)
		}
		if got := 1 - o.Stock[29].Mean/10; math.Abs(got-want) > 0.015 {
			t.Errorf("after %d days it never comes in %.4f of futures, want %.4f", age, got, want)
		}
	}
	for _, c := range []struct {
		lost float64
		lead []float64
		age  int
		want float64
	}{
		{.05, lead, -3, .05},
		{.05, []float64{0, .2}, 1, .05}, // chances that do not sum to one
		{0, lead, 50, 0},
		{1e-9, lead, 50, 1},
		{.3, nil, 4, .3},
	} {
		if got := demand.Never(c.lost, c.lead, c.age); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%+v: never comes with %.4f", c, got)
		}
	}
}

func ExampleNever() {
	lead := []float64{0, 0, .2, .3, .3, .2} // two to five days
	for _, age := range []int{0, 3, 5, 6} {
		fmt.Printf("not there after %d days: lost with %.0f %%\n", age, 100*demand.Never(.02, lead, age))
	}
	// Output:
	// not there after 0 days: lost with 2 %
	// not there after 3 days: lost with 2 %
	// not there after 5 days: lost with 9 %
	// not there after 6 days: lost with 100 %
}
