package forecasting

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

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

// beside takes off the other demand what usual visits would have taken: the history holds those of the past, and planned
// ones stand in their place. Up to the last planned visit they stand in place of as much as they take, and on each day of
// as much as plans tell all of by then; never of more than the usual part. It returns what is left of each month, and the
// days with what is left on each.
func (v taken) beside(f demand.Forecast, days []demand.Day, usual []float64, told []float64) ([]float64, []demand.Day) {
	by, out := make([]float64, len(f.Mean)), slices.Clone(days)
	for h := range by {
		by[h] = 1
	}
	if slices.Max(usual) <= 0 {
		return by, out
	}
	last, own, taken, sum := -1, 0.0, 0.0, 0.0
	for t, d := range days {
		sum += usual[d.Period] * f.Mean[d.Period] * d.Share
		if column, ok := v.draws[t]; ok {
			taken += average(column)
			last, own = t, math.Min(1, taken/math.Max(sum, 1e-9))
		}
	}
	for t, d := range days {
		part := 0.0
		if t < len(told) {
			part = told[t]
		}
		if t <= last {
			part = math.Max(part, own)
		}
		out[t].Share *= 1 - usual[d.Period]*part
		by[d.Period] -= usual[d.Period] * part * d.Share
	}
	for t, d := range days {
		if by[d.Period] > 0 {
			out[t].Share /= by[d.Period]
		}
	}
	return by, out
}

// toldOf is of each day ahead which part of the visits that are usual all over the nation stands in plans, week by week. As
// far as plans tell all, an office without a visit in them will have none; where they tell of few, the others are yet to come.
func toldOf(outlooks []*outlook, days []demand.Day, date time.Time) []float64 {
	const week = 7
	planned, usual := make([]float64, len(days)/week+1), make([]float64, len(days)/week+1)
	for _, o := range outlooks {
		if o.err != nil {
			continue
		}
		for _, visit := range o.place.visits {
			if t := daysBetween(date, visit.Day.UTC()); t >= 0 && t < len(days) {
				planned[t/week] += visit.Blanks * visit.Held
			}
		}
		for t, d := range days {
			usual[t/week] += o.place.drivers.shares["outreach"] * o.base.Mean[d.Period] * d.Share
		}
	}
	told := make([]float64, len(days))
	for t := range told {
		if u := usual[t/week]; u > 0 {
			told[t] = math.Min(1, planned[t/week]/u)
		}
	}
	return told
}

func average(values []float64) (mean float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	return mean
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
