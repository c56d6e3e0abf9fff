package forecasting

import (
	"math"
	"math/rand/v2"

	"blangko/forecasting/demand"
)

// common is what all regions share, as known at each of the origins of the back-test and today.
type common struct {
	calendar *calendar
	signs    map[window]map[month][events]float64
	at       map[month]season // the season learned from months before the key
	planned  []float64        // of each day ahead, which part of usual visits stands in plans (toldOf)
}

// learnCommon fits the shared season for every month from the first to be forecast in the back-test to today, with the
// windows of events that explain best what was known then.
func learnCommon(places []*place, c *calendar, now month) *common {
	k := &common{calendar: c, signs: map[window]map[month][events]float64{}, at: map[month]season{}}
	first := now
	for _, p := range places {
		if len(p.months) > 0 {
			first = min(first, p.first)
		}
	}
	for _, w := range windows {
		k.signs[w] = map[month][events]float64{}
		for m := first - 1; m <= now+lookAhead/28+1; m++ {
			k.signs[w][m] = c.signs(m, w)
		}
	}
	for m := now - origins; m <= now; m++ {
		k.at[m] = k.learnSeason(meanLogs(places, first, m), first)
	}
	return k
}

// meanLogs is the mean logarithm of demand against its own level over the places, month by month before m; NaN where no
// place is known.
func meanLogs(places []*place, first, m month) []float64 {
	n := max(0, int(m-first))
	logs, count := make([]float64, n), make([]int, n)
	for _, p := range places {
		if !p.normal() {
			continue
		}
		until := max(0, min(len(p.months), int(m-p.first)))
		level, ok := p.level(until)
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
		logs[t] /= float64(count[t])
	}
	return logs
}

// learnSeason takes the window with the least misfit.
func (k *common) learnSeason(logs []float64, first month) (best season) {
	least := math.Inf(1)
	for _, w := range windows {
		signs := make([][events]float64, len(logs))
		for t := range logs {
			signs[t] = k.signs[w][first+month(t)]
		}
		if s, misfit := fitSeason(logs, signs, first); misfit < least-1e-9 {
			best, least = s, misfit
			best.window = w
		}
	}
	return best
}

// factor is how much busier than usual a working day of the month is, as seen at an origin.
func (k *common) factor(origin, m month) float64 {
	s := k.at[origin]
	return s.factor(m, k.signs[s.window][m])
}

// method forecasts the months after the first n of a place, in demand of ordinary months.
type method struct {
	name     string
	forecast func(p *place, k *common, n, horizon int, opt demand.Options) (demand.Forecast, error)
}

// methods are the candidates of the back-test; the first is taken where nothing can be tested.
var methods = []method{
	{"cohorts and calendar", withCohorts},
	{"calendar and combination", withCalendar},
	{"combination", alone},
	{"seasonal naive", lastYear},
}

// yardstick is the method that the others are compared with.
const yardstick = 1

func alone(p *place, _ *common, n, horizon int, opt demand.Options) (demand.Forecast, error) {
	return freedFrom(p, n, horizon, opt, func(month) float64 { return 1 })
}

// withCalendar takes the shared season off, forecasts what is left, and puts the season of the months to come on.
func withCalendar(p *place, k *common, n, horizon int, opt demand.Options) (demand.Forecast, error) {
	origin := p.first + month(n)
	return freedFrom(p, n, horizon, opt, func(m month) float64 {
		if !p.normal() {
			return 1
		}
		return k.factor(origin, m)
	})
}

// withCohorts takes off what birthdays, early recordings and the digital identity explain besides: what is forecast is
// the ratio of demand to what these and the calendar expect.
func withCohorts(p *place, k *common, n, horizon int, opt demand.Options) (demand.Forecast, error) {
	origin := p.first + month(n)
	return freedFrom(p, n, horizon, opt, func(m month) float64 {
		if !p.normal() {
			return p.drivers.factor(m)
		}
		return p.drivers.factor(m) * k.factor(origin, m)
	})
}

// freedFrom forecasts the history divided by a factor of each month, and multiplies by that of the months to come.
func freedFrom(p *place, n, horizon int, opt demand.Options, factor func(m month) float64) (demand.Forecast, error) {
	f, err := demand.Best(p.series(n, factor), horizon, opt)
	if err != nil {
		return f, err
	}
	by := make([]float64, horizon)
	for h := range by {
		by[h] = factor(p.first + month(n+h))
	}
	return f.Scaled(by), nil
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

// choose picks, for each place, the method with the least error against the yardstick, its own record shrunk towards that
// of all places: a dozen errors are too few to tell good methods apart.
func choose(records [][]tested) []int {
	all, cases := make([]float64, len(methods)), make([]float64, len(methods))
	for _, record := range records {
		for j := range methods {
			if d, n, ok := against(record, j); ok {
				all[j], cases[j] = all[j]+d*n, cases[j]+n
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
			score := all[j] / cases[j]
			d, n, tested := against(record, j)
			if tested {
				score = (n*d + borrowed*score) / (n + borrowed)
			} else if methods[j].name == "seasonal naive" {
				continue // there may be no last year
			}
			if score < best-1e-12 {
				best, chosen[i] = score, j
			}
		}
	}
	return chosen
}

// against is how much more a method erred than the yardstick on the same months.
func against(record []tested, j int) (more, cases float64, ok bool) {
	if len(record) != len(methods) || record[j].cases == 0 || record[j].cases != record[yardstick].cases {
		return 0, 0, false
	}
	return record[j].err - record[yardstick].err, float64(record[j].cases), true
}
