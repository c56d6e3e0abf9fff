package forecasting

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"time"

	"blangko/forecasting/demand"
	"blangko/inventory"
	"blangko/notice"
)

// outlook is what a run says of one place, or why it cannot.
type outlook struct {
	place    *place
	method   string
	demand   demand.Forecast // pieces a month, from the current one on
	shelf    demand.Outlook
	need     inventory.Need
	upTo     float64
	incoming int64
	err      error
}

// decide foresees every place. It touches nothing outside and gives the same for the same places and day.
func decide(places []*place, c *calendar, date time.Time, report func(done int)) ([]outlook, calibrations) {
	day := today{date, monthOf(date)}
	k := learnCommon(places, c, day.month)
	out := make([]outlook, len(places))
	records := make([][]tested, len(places))
	each(len(places), func(i int) {
		out[i].place = places[i]
		out[i].err = guarded(func() (err error) {
			records[i], err = testAll(places[i], k, day)
			return err
		})
	})
	chosen := choose(records)
	widths := calibrate(places, records, chosen)
	days := daysAhead(c, date)
	var mu sync.Mutex
	ready := 0
	each(len(places), func(i int) {
		if out[i].err == nil {
			out[i].err = guarded(func() error {
				return out[i].foresee(k, methods[chosen[i]], widths[volumeClass(places[i])], day, days)
			})
		}
		mu.Lock()
		defer mu.Unlock()
		ready++
		report(ready)
	})
	return out, widths
}

// each calls do for 0 to n-1 on all processors.
func each(n int, do func(i int)) {
	next := make(chan int)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

// guarded turns a panic over one place, which is a bug, into an error of that place: the others shall go on.
func guarded(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return do()
}

func testAll(p *place, k *common, day today) ([]tested, error) {
	if len(p.months) == 0 {
		return nil, ErrNoHistory.With("region", p.position.Region)
	}
	// The history of a place that has stopped posting does not reach today; then it is forecast from where it ends.
	if p.first+month(len(p.months)) != day.month {
		return nil, nil
	}
	var record []tested
	for _, m := range methods {
		t, err := m.test(p, k, seed(p.position.Region, day.month.String()))
		if err != nil {
			return nil, err
		}
		record = append(record, t)
	}
	return record, nil
}

const volumeClasses = 3

// calibrations are how wide forecasts of each volume class should be.
type calibrations [volumeClasses]demand.Calibration

// volumeClass is by demand a month: errors of the small are of another kind than those of the large.
func volumeClass(p *place) int {
	sum, n := 0.0, 0.0
	for _, k := range p.months[max(0, len(p.months)-12):] {
		sum, n = sum+k.demand, n+1
	}
	switch mean := sum / max(1, n); {
	case mean < 1500:
		return 0
	case mean < 4000:
		return 1
	}
	return 2
}

// calibrate learns, for each volume class, how wide the chosen methods should have been.
func calibrate(places []*place, records [][]tested, chosen []int) (c calibrations) {
	var past [volumeClasses][]demand.Origin
	for i, record := range records {
		if len(record) > 0 {
			class := volumeClass(places[i])
			past[class] = append(past[class], record[chosen[i]].origins...)
		}
	}
	for class := range c {
		c[class] = demand.Calibrate(past[class], testMonths, 0.9)
	}
	return c
}

// daysAhead are the days that are played through, from today on.
func daysAhead(c *calendar, date time.Time) []demand.Day {
	days := make([]demand.Day, lookAhead)
	now, work := monthOf(date), map[month]float64{}
	for t := range days {
		d := date.AddDate(0, 0, t)
		m := monthOf(d)
		if work[m] == 0 {
			work[m] = c.workIn(m)
		}
		days[t] = demand.Day{Period: int(m - now), Share: c.work(d) / work[m]}
	}
	return days
}

// foresee makes the forecast of a place and plays its shelf through.
func (o *outlook) foresee(k *common, m method, c demand.Calibration, day today, days []demand.Day) error {
	p := o.place
	// The history may end before the last month.
	gap := int(day.month-p.first) - len(p.months)
	horizon := days[len(days)-1].Period + 1
	opt := demand.Options{Paths: paths, Seed: o.seed(day.date)}
	if gap > 0 {
		m = methods[1]
	}
	if p.silent {
		opt.Paths = testPaths // a guess needs no fine tails
	}
	f, err := m.forecast(p, k, len(p.months), gap+horizon, opt)
	if err != nil {
		return err
	}
	method := m.name
	if len(p.months) < 13 {
		method = f.Method
	}
	f = demand.FromDraws(method, f.Draws[gap:])
	by := make([]float64, horizon)
	for h := range by {
		by[h] = 1
		if p.normal() {
			by[h] = k.calendar.workIn(day.month+month(h)) / ordinary
		}
	}
	o.method, o.demand = method, c.Apply(scaled(f, by))
	return o.play(o.demand, days, day, opt.Seed)
}

// seed is the chance of the place on a day.
func (o *outlook) seed(date time.Time) uint64 {
	return seed(o.place.position.Region, date.Format(time.DateOnly))
}

// play runs the shelf through all futures and derives the need.
func (o *outlook) play(f demand.Forecast, days []demand.Day, day today, seed uint64) error {
	p := o.place
	supply := demand.Supply{OnHand: float64(p.position.Usable), Waiting: float64(p.waiting)}
	for _, in := range p.position.Incoming {
		supply.Arrivals = append(supply.Arrivals, demand.Arrival{Quantity: float64(in.Pieces), Lead: p.waits.transit,
			Age: daysBetween(in.DispatchedOn.UTC(), day.date) - p.delay})
		o.incoming += in.Pieces
	}
	if p.position.OnOrder > 0 {
		supply.Arrivals = append(supply.Arrivals, demand.Arrival{Quantity: float64(p.position.OnOrder), Lead: p.waits.decided, Age: -p.delay})
		o.incoming += p.position.OnOrder
	}
	supply.Arrivals = append(supply.Arrivals, p.extra...)
	planned := 0.0
	visited, visitDays := f, days
	if len(p.visits) > 0 {
		for _, v := range p.visits {
			planned += v.Blanks * v.Held
		}
		// What is set aside at the office is set aside for them.
		supply.OnHand += min(float64(p.position.Reserved), planned)
		visited, visitDays = withVisits(f, days, p.visits, day.date, seed)
	}
	var err error
	if o.shelf, err = visited.Shortage(visitDays, supply, seed); err != nil {
		return err
	}
	o.need = p.need(f, days, o, day.date)
	o.need.PlannedVisits = int64(math.Ceil(planned))
	return nil
}

// withVisits adds what planned visits take to the days they are on: a forecast by day instead of by month. A visit is
// held or not; one that is held takes a Poisson-like number around what is expected.
func withVisits(f demand.Forecast, days []demand.Day, visits []Visit, date time.Time, seed uint64) (demand.Forecast, []demand.Day) {
	n := len(f.Draws[0])
	draws, each := make([][]float64, len(days)), make([]demand.Day, len(days))
	for t, d := range days {
		each[t] = demand.Day{Period: t, Share: 1}
		draws[t] = make([]float64, n)
		for i, v := range f.Draws[d.Period] {
			draws[t][i] = v * d.Share
		}
	}
	rng := rand.New(rand.NewPCG(seed, 7))
	for _, v := range visits {
		t := daysBetween(date, v.Day.UTC())
		for i := range n {
			held, z := rng.Float64() < v.Held, rng.NormFloat64()
			if held && t >= 0 && t < len(draws) {
				draws[t][i] += max(0, v.Blanks+z*math.Sqrt(max(0, v.Blanks)))
			}
		}
	}
	return demand.Forecast{Method: f.Method, Draws: draws}, each
}

// need derives what other domains read.
func (p *place) need(f demand.Forecast, days []demand.Day, o *outlook, date time.Time) inventory.Need {
	leadP50, leadP90 := waitQuantile(p.waits.asked, 0.5), waitQuantile(p.waits.asked, 0.9)
	horizon := min(len(days), leadP90+reviewDays)
	sums := overDays(f, days[:horizon])
	mean, square := 0.0, 0.0
	for _, v := range sums {
		mean += v / float64(len(sums))
		square += v * v / float64(len(sums))
	}
	at := func(q float64) float64 { return sums[min(len(sums)-1, int(q*float64(len(sums))))] }
	month := 0.0
	for _, d := range days[:30] {
		month += d.Share * f.Mean[d.Period]
	}
	o.upTo = demand.OrderUpTo(sums, 9, 1)
	lead := min(max(1, leadP90), len(days))
	return inventory.Need{
		RegionID: p.position.RegionID, Region: p.position.Region, Item: item, AsOf: date.Format(time.DateOnly), Method: o.method,
		DailyMean: month / 30, HorizonDays: horizon, Mean: mean, SD: math.Sqrt(max(0, square-mean*mean)),
		P10: at(0.1), P50: at(0.5), P80: at(0.8), P90: at(0.9), P95: at(0.95), PrintReady: p.waiting,
		LeadP50: float64(leadP50), LeadP90: float64(leadP90), RunOut: o.shelf.RunOut[lead-1],
		RunOutP10: dayAfter(date, o.shelf.P10, len(days)), RunOutP50: dayAfter(date, o.shelf.P50, len(days)), RunOutP90: dayAfter(date, o.shelf.P90, len(days)),
	}
}

// overDays is the demand of some days in every future, ascending.
func overDays(f demand.Forecast, days []demand.Day) []float64 {
	share := make([]float64, len(f.Draws))
	for _, d := range days {
		share[d.Period] += d.Share
	}
	sums := make([]float64, len(f.Draws[0]))
	for h, column := range f.Draws {
		if share[h] == 0 {
			continue
		}
		for i, v := range column {
			sums[i] += share[h] * v
		}
	}
	slices.Sort(sums)
	return sums
}

// dayAfter is the date so many days on, nil when it lies beyond what was played through.
func dayAfter(date time.Time, days, most int) *string {
	if days >= most {
		return nil
	}
	text := date.AddDate(0, 0, days).Format(time.DateOnly)
	return &text
}

// signal is what the alert of a place is settled by. When one future in ten ends sooner than half of all deliveries
// take, and nothing is under way, it is critical whatever the probability.
func (o *outlook) signal() notice.Signal {
	n := o.need
	s := notice.Signal{RegionID: n.RegionID, Cause: RunOut, Probability: n.RunOut, Facts: map[string]any{
		"on_hand": o.place.position.Usable, "incoming": o.incoming, "daily_mean": math.Round(n.DailyMean*10) / 10, "lead_p90": n.LeadP90,
		"run_out_p50": n.RunOutP50, "short": math.Round(o.shelf.Short)}}
	if o.incoming == 0 && float64(o.shelf.P10) < n.LeadP50 && n.RunOut > notice.WatchAbove {
		s.AtLeast = notice.Critical
	}
	return s
}
