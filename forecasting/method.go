package forecasting

import (
	"math"
	"math/rand/v2"

	"blangko/forecasting/demand"
)

// common is what all regions share, as known at each of the origins of the back-test and today.
type common struct {
	calendar *calendar
	signs    map[month][events]float64
	at       map[month]season // the season learned from months before the key
}

// learnCommon fits the shared season for every month from the first to be forecast in the back-test to today.
func learnCommon(places []*place, c *calendar, now month) *common {
	k := &common{calendar: c, signs: map[month][events]float64{}, at: map[month]season{}}
	first := now
	for _, p := range places {
		if len(p.months) > 0 {
			first = min(first, p.first)
		}
	}
	for m := first - 1; m <= now+lookAhead/28+1; m++ {
		k.signs[m] = c.signs(m)
	}
	for m := now - origins; m <= now; m++ {
		n := max(0, int(m-first))
		logs, signs := make([]float64, n), make([][events]float64, n)
		count := make([]int, n)
		for _, p := range places {
			if !p.normal() {
				continue
			}
			until := min(len(p.months), int(m-p.first))
			level, ok := p.level(max(0, until))
			if !ok {
				continue
			}
			for t := range until {
				if p.clear(t) {
					logs[int(p.first-first)+t] += math.Log(p.values[t]) - level
					count[int(p.first-first)+t]++
				}
			}
		}
		for t := range logs {
			logs[t] /= float64(count[t]) // NaN where none is known
			signs[t] = k.signs[first+month(t)]
		}
		k.at[m] = fitSeason(logs, signs, first)
	}
	return k
}

// method forecasts the months after the first n of a place, in demand of ordinary months.
type method struct {
	name     string
	forecast func(p *place, k *common, n, horizon int, opt demand.Options) (demand.Forecast, error)
}

// methods are the candidates of the back-test; the first is taken where nothing can be tested.
var methods = []method{
	{"calendar and combination", withCalendar},
	{"combination", alone},
	{"seasonal naive", lastYear},
}

func alone(p *place, _ *common, n, horizon int, opt demand.Options) (demand.Forecast, error) {
	return demand.Best(p.series(n, func(month) float64 { return 1 }), horizon, opt)
}

// withCalendar takes the shared season off, forecasts what is left, and puts the season of the months to come on.
func withCalendar(p *place, k *common, n, horizon int, opt demand.Options) (demand.Forecast, error) {
	origin := p.first + month(n)
	shared := k.at[origin]
	factor := func(m month) float64 {
		if !p.normal() {
			return 1
		}
		return shared.factor(m, k.signs[m])
	}
	f, err := demand.Best(p.series(n, factor), horizon, opt)
	if err != nil {
		return f, err
	}
	by := make([]float64, horizon)
	for h := range by {
		by[h] = factor(origin + month(h))
	}
	return scaled(f, by), nil
}

// lastYear repeats the months of a year ago, with the spread of the differences between years.
func lastYear(p *place, _ *common, n, horizon int, opt demand.Options) (demand.Forecast, error) {
	known := func(t int) bool { return t >= 0 && t < n && p.exposure[t] >= 0.25 && !math.IsNaN(p.values[t]) }
	full := func(t int) float64 { return p.values[t] / p.exposure[t] }
	var square, count, sum, seen float64
	for t := range n {
		if !known(t) {
			continue
		}
		sum, seen = sum+full(t), seen+1
		if known(t - 12) {
			square += (full(t) - full(t-12)) * (full(t) - full(t-12))
			count++
		}
	}
	if count < 6 {
		return demand.Forecast{}, demand.ErrEmpty
	}
	sd, rng := math.Sqrt(square/count), rand.New(rand.NewPCG(opt.Seed, 12))
	draws := make([][]float64, horizon)
	for h := range draws {
		mean := sum / seen
		if t := n + h - 12*(1+h/12); known(t) {
			mean = full(t)
		}
		draws[h] = make([]float64, opt.Paths)
		for i := range draws[h] {
			draws[h][i] = max(0, mean+sd*rng.NormFloat64())
		}
	}
	return demand.FromDraws("seasonal naive", draws), nil
}

// scaled multiplies each period of a forecast.
func scaled(f demand.Forecast, by []float64) demand.Forecast {
	draws := make([][]float64, len(f.Draws))
	for h, column := range f.Draws {
		draws[h] = make([]float64, len(column))
		for i, v := range column {
			draws[h][i] = v * by[h]
		}
	}
	return demand.FromDraws(f.Method, draws)
}

// tested is how a method did on the past of a place.
type tested struct {
	origins []demand.Origin
	err     float64 // mean absolute scaled error
	cases   int
}

// test forecasts the last months of a place from what was known before each.
func (m method) test(p *place, k *common, seed uint64) (t tested, err error) {
	n := len(p.months)
	sum := 0.0
	for at := max(n-origins, 13); at < n; at++ {
		f, err := m.forecast(p, k, at, testMonths, demand.Options{Paths: testPaths, Seed: seed})
		if err != nil {
			continue
		}
		past := p.series(at, func(month) float64 { return 1 })
		scored := demand.Scored{Mean: f.Mean, Actual: make([]float64, testMonths)}
		scored.Scale, scored.RootScale = demand.Scales(past.Values, 12)
		for h := range testMonths {
			scored.Actual[h] = math.NaN()
			if at+h < n && p.exposure[at+h] == 1 {
				scored.Actual[h] = p.values[at+h]
			}
			if e := math.Abs(scored.Actual[h]-f.Mean[h]) / scored.Scale; !math.IsNaN(e) && !math.IsInf(e, 0) {
				sum += e
				t.cases++
			}
		}
		t.origins = append(t.origins, demand.Origin{At: at, Forecast: f, Scored: scored})
	}
	t.err = sum / float64(max(1, t.cases))
	return t, nil
}

// borrowed is how many cases of its own a place needs before its back-test counts as much as that of all places.
const borrowed = 12

// choose picks, for each place, the method with the least error, its own record shrunk towards that of all places: a
// dozen errors are too few to tell good methods apart.
func choose(records [][]tested) []int {
	all, cases := make([]float64, len(methods)), make([]float64, len(methods))
	for _, record := range records {
		if fair(record) {
			for j, t := range record {
				all[j] += t.err * float64(t.cases)
				cases[j] += float64(t.cases)
			}
		}
	}
	chosen := make([]int, len(records))
	for i, record := range records {
		best := math.Inf(1)
		for j := range methods {
			if cases[j] == 0 {
				continue
			}
			score, n := all[j]/cases[j], 0.0
			if fair(record) {
				n = float64(record[j].cases)
				score = (n*record[j].err + borrowed*score) / (n + borrowed)
			}
			if score < best-1e-12 {
				best, chosen[i] = score, j
			}
		}
		if !fair(record) && methods[chosen[i]].name == "seasonal naive" {
			chosen[i] = 0 // there may be no last year
		}
	}
	return chosen
}

// fair reports whether every method was tested on the same months.
func fair(record []tested) bool {
	for _, t := range record {
		if t.cases == 0 || t.cases != record[0].cases {
			return false
		}
	}
	return len(record) == len(methods)
}
