package forecasting

import (
	"math"
	"testing"

	"blangko/forecasting/demand"
	"blangko/inventory"
)

// month30 is a month of thirty days alike, of which ten people a day are certain.
func month30() (demand.Forecast, []demand.Day) {
	days := make([]demand.Day, 30)
	for t := range days {
		days[t].Share = 1.0 / 30
	}
	return demand.FromDraws("certain", [][]float64{{300, 300}}), days
}

// A tenth of ten a day comes at visits as a rule. What is planned stands in its place until its day, by as much as it takes; where
// plans tell all, no other visit will be.
func TestPlannedVisitsStandInPlaceOfUsualOnes(t *testing.T) {
	t.Parallel()
	const usual = 0.1
	for name, c := range map[string]struct {
		visits map[int][]float64
		told   []float64
		want   func(day int) float64 // what is left of the ten
	}{
		"no visit and nothing told": {nil, nil, func(int) float64 { return 10 }},
		"five of ten usual ones":    {map[int][]float64{9: {5, 5}}, nil, func(d int) float64 { return map[bool]float64{true: 9.5, false: 10}[d <= 9] }},
		"more than usual":           {map[int][]float64{9: {40, 60}}, nil, func(d int) float64 { return map[bool]float64{true: 9, false: 10}[d <= 9] }},
		"two, the last decides":     {map[int][]float64{4: {6, 6}, 19: {4, 4}}, nil, func(d int) float64 { return map[bool]float64{true: 9.5, false: 10}[d <= 19] }},
		"nothing where plans tell all of twenty days": {nil, append(make([]float64, 0), 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1),
			func(d int) float64 { return map[bool]float64{true: 9, false: 10}[d < 20] }},
		"half told, and one that is more": {map[int][]float64{1: {30, 30}}, []float64{.5, .5, .5, .5}, func(d int) float64 {
			return map[bool]float64{true: 9, false: map[bool]float64{true: 9.5, false: 10}[d < 4]}[d <= 1]
		}},
	} {
		f, days := month30()
		by, left := taken{draws: c.visits}.beside(f, days, []float64{usual}, c.told)
		sum := 0.0
		for d := range days {
			got := f.Mean[0] * by[0] * left[d].Share
			if sum += c.want(d); math.Abs(got-c.want(d)) > 1e-9 {
				t.Errorf("%s: %.3f are left on day %d, want %g", name, got, d, c.want(d))
				break
			}
		}
		if math.Abs(f.Mean[0]*by[0]-sum) > 1e-9 {
			t.Errorf("%s: %.3f are left of the month, the days sum to %g", name, f.Mean[0]*by[0], sum)
		}
		if days[0].Share != 1.0/30 {
			t.Errorf("%s: the days that were given are changed", name)
		}
	}
	f, days := month30()
	if by, left := (taken{draws: map[int][]float64{3: {50, 50}}}).beside(f, days, []float64{0}, []float64{1, 1}); by[0] != 1 || left[3] != days[3] {
		t.Error("where no visit is usual, none is stood in for")
	}
}

// Two offices are used to one visitor a day each. One has a visit in the first week: half of fourteen stand in plans.
func TestHowFarPlansTellAll(t *testing.T) {
	t.Parallel()
	date := on(2026, 11, 2)
	f, days := month30()
	out := func(visits ...Visit) *outlook {
		p := office(1, "12.71")
		p.visits, p.drivers.shares = visits, map[inventory.Purpose]float64{"outreach": 0.1}
		return &outlook{place: p, base: f}
	}
	told := toldOf([]*outlook{out(Visit{Day: date.AddDate(0, 0, 3), Blanks: 10, Held: 0.7}, Visit{Day: date.AddDate(0, 0, 15), Blanks: 400, Held: 1},
		Visit{Day: date.AddDate(0, 0, -1), Blanks: 400, Held: 1}, Visit{Day: date.AddDate(0, 0, 99), Blanks: 400, Held: 1}), out()}, days, date)
	for day, want := range map[int]float64{0: .5, 6: .5, 7: 0, 13: 0, 14: 1, 20: 1, 21: 0, 29: 0} {
		if math.Abs(told[day]-want) > 1e-9 {
			t.Errorf("on day %d plans tell %.3f of visits, want %g", day, told[day], want)
		}
	}
	if told := toldOf([]*outlook{{place: office(1, "12.71"), base: f}}, days, date); told[0] != 0 {
		t.Errorf("where no visit is usual plans tell %g of them", told[0])
	}
}
