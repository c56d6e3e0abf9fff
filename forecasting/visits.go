package forecasting

import (
	"math"
	"math/rand/v2"

	"blangko/forecasting/demand"
)

// taken is what planned visits take, day by day and future by future.
type taken struct {
	planned float64           // blanks expected
	means   []float64         // of them in each month
	draws   map[int][]float64 // by day from today, only where there is a visit
}

// visitSpread is how far what a visit takes strays from what is expected, beside chance: head counts and turnout are
// rough.
const visitSpread = 0.3

// takes draws what the planned visits take. A visit is held or not; one that is held takes a number around what is
// expected.
func (p *place) takes(days []demand.Day, day today, paths int, seed uint64) taken {
	v := taken{means: make([]float64, days[len(days)-1].Period+1), draws: map[int][]float64{}}
	rng := rand.New(rand.NewPCG(seed, 7))
	for _, visit := range p.visits {
		t := daysBetween(day.date, visit.Day.UTC())
		if t < 0 || t >= len(days) {
			continue
		}
		v.planned += visit.Blanks * visit.Held
		if v.draws[t] == nil {
			v.draws[t] = make([]float64, paths)
		}
		sd := math.Sqrt(math.Max(0, visit.Blanks) + visitSpread*visitSpread*visit.Blanks*visit.Blanks)
		for i := range v.draws[t] {
			held, z := rng.Float64() < visit.Held, rng.NormFloat64()
			if held {
				v.draws[t][i] += math.Max(0, visit.Blanks+z*sd)
			}
		}
	}
	for t := range days { // in order of days, so that sums come out the same every time
		for _, x := range v.draws[t] {
			v.means[days[t].Period] += x / float64(paths)
		}
	}
	return v
}

// beside is by how much the other demand of each month shrinks: the history holds what visits of the past took, and a
// planned visit stands in place of as much of it.
func (v taken) beside(f demand.Forecast, usual float64) []float64 {
	by := make([]float64, len(f.Mean))
	for h, mean := range f.Mean {
		by[h] = 1
		if mean > 0 {
			by[h] -= math.Min(usual, v.means[h]/mean)
		}
	}
	return by
}

// byMonth is what the visits take by month and future, nil without any.
func (v taken) byMonth(days []demand.Day) (months [][]float64) {
	if len(v.draws) == 0 {
		return nil
	}
	months = make([][]float64, len(v.means))
	for t := range days {
		for i, x := range v.draws[t] {
			h := days[t].Period
			if months[h] == nil {
				months[h] = make([]float64, len(v.draws[t]))
			}
			months[h][i] += x
		}
	}
	return months
}

// added is the forecast with the visits in their months.
func (v taken) added(f demand.Forecast, days []demand.Day) demand.Forecast {
	if len(v.draws) == 0 {
		return f
	}
	by := make([]float64, len(f.Draws))
	for h := range by {
		by[h] = 1
	}
	with := f.Scaled(by)
	for h, month := range v.byMonth(days) {
		for i, x := range month {
			with.Draws[h][i] += x
		}
	}
	return demand.FromDraws(f.Method, with.Draws)
}

// shortage plays the shelf through with the visits on their days.
func (v taken) shortage(f demand.Forecast, days []demand.Day, supply demand.Supply, seed uint64) (demand.Outlook, error) {
	if len(v.draws) == 0 {
		return f.Shortage(days, supply, seed)
	}
	draws, each := make([][]float64, len(days)), make([]demand.Day, len(days))
	for t, d := range days {
		each[t] = demand.Day{Period: t, Share: 1}
		draws[t] = make([]float64, len(f.Draws[0]))
		for i, x := range f.Draws[d.Period] {
			draws[t][i] = x * d.Share
		}
		for i, x := range v.draws[t] {
			draws[t][i] += x
		}
	}
	return demand.Forecast{Method: f.Method, Draws: draws}.Shortage(each, supply, seed)
}
