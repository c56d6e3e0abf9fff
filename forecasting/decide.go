package forecasting

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
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
	base     demand.Forecast // what would be asked for with every class served and no visit, pieces a month
	demand   demand.Forecast // pieces a month, from the current one on, visits and circulars counted
	parts    []parts         // what the mean of each month is made of
	shelf    demand.Outlook
	need     inventory.Need
	upTo     float64
	watch    int // days of which the shelf is told
	incoming int64
	coming   float64     // of that what is expected to come
	branch   []*below    // what lies below it, each by itself
	kept     []float64   // part of each month of base that circulars and visits leave
	visiting [][]float64 // what planned visits take, by month and future; nil without any
	below    []summed    // what lies below it, as it adds up to demand
	err      error
}

// view is what a run foresees of the nation.
type view struct {
	day      today
	known    Known
	places   []*place
	common   *common
	widths   calibrations
	outlooks []*outlook
	above    []summed // nation and provinces
	printing []*place // kecamatan with a service point
}

// nation is the region of the nation, 0 when it was not loaded.
func (v *view) nation() int {
	for _, r := range v.known.Regions {
		if r.Code == "00" {
			return r.ID
		}
	}
	return 0
}

// prepare puts together what is known of the places, and what they have in common.
func prepare(known Known, date time.Time) *view {
	c := newCalendar(known.Holidays, known.Week)
	places := known.places(c, date)
	v := &view{day: today{date, monthOf(date)}, known: known, places: places, outlooks: make([]*outlook, len(places))}
	v.common = learnCommon(places, c, v.day.month)
	for i, p := range places {
		v.outlooks[i] = &outlook{place: p}
	}
	return v
}

// test chooses for each place the method that would have done best lately, and learns how wide forecasts should be.
func (v *view) test(done func()) (chosen []method) {
	records := make([][]tested, len(v.places))
	each(len(v.places), func(i int) {
		o := v.outlooks[i]
		o.err = guarded(func() (err error) {
			records[i], err = testAll(o.place, v.common, v.day)
			return err
		})
		done()
	})
	best := choose(records)
	v.widths = calibrate(v.places, records, best)
	for _, j := range best {
		chosen = append(chosen, methods[j])
	}
	return chosen
}

// foresee forecasts every place, makes the levels agree, and plays the shelves through.
func (v *view) foresee(chosen []method, done func()) error {
	days := daysAhead(v.common.calendar, v.day.date)
	each(len(v.places), func(i int) {
		if o := v.outlooks[i]; o.err == nil {
			o.err = guarded(func() error {
				return o.foresee(v.common, chosen[i], v.widths[volumeClass(o.place)], v.day, days)
			})
		}
	})
	if err := v.agree(days); err != nil {
		return err
	}
	v.common.planned = toldOf(v.outlooks, days, v.day.date)
	each(len(v.places), func(i int) {
		if o := v.outlooks[i]; o.err == nil {
			o.err = guarded(func() error { return o.play(v.common, days, v.day) })
			o.branch, o.visiting = nil, nil // nobody asks again
		}
		done()
	})
	v.addUp(days)
	return nil
}

// decide foresees every place. It touches nothing outside and gives the same for the same knowledge and day. A place that
// cannot be forecast has its error; the others go on.
func decide(known Known, date time.Time, report func(done, total int)) (*view, error) {
	v := prepare(known, date)
	for _, o := range v.outlooks {
		o.watch = shelfDays
	}
	var mu sync.Mutex
	ready := 0
	step := func() {
		mu.Lock()
		defer mu.Unlock()
		ready++
		report(ready, 2*len(v.places))
	}
	return v, v.foresee(v.test(step), step)
}

// agree makes the levels of the hierarchy agree.
func (v *view) agree(days []demand.Day) error {
	horizon := days[len(days)-1].Period + 1
	// An office that has not begun to post is guessed by its people: nothing to reconcile, only to be counted.
	good := slices.DeleteFunc(slices.Clone(v.outlooks), func(o *outlook) bool { return o.err != nil || o.place.silent })
	above := v.known.uppers(good)
	branches := v.known.branches(v.places, v.common.calendar)
	var all []*below
	for _, p := range v.places {
		all = append(all, branches[p]...)
	}
	for _, b := range all {
		if b.region.ID != 0 {
			v.printing = append(v.printing, b.place)
		}
	}
	errs := make([]error, len(all)+len(above))
	each(len(all)+len(above), func(i int) {
		errs[i] = guarded(func() error {
			if i < len(above) {
				return above[i].foresee(v.common, v.day, horizon)
			}
			return all[i-len(above)].foresee(v.common, v.day, horizon)
		})
	})
	for i, err := range errs[:len(above)] {
		if err != nil {
			above[i].demand = above[i].sum(horizon)
		}
	}
	for p, parts := range branches {
		if slices.ContainsFunc(parts, func(b *below) bool { return b.demand.Draws == nil }) {
			delete(branches, p) // a kecamatan that cannot be forecast is part of its kabupaten/kota
		}
	}
	if err := reconcile(good, above, branches); err != nil {
		return err
	}
	for _, o := range v.outlooks {
		o.base, o.branch = o.demand, branches[o.place]
	}
	v.above = make([]summed, len(above))
	for i, u := range above {
		v.above[i] = summed{region: u.region, method: u.demand.Method}
	}
	return nil
}

// addUp sums what was foreseen of the places, visits and circulars counted, over provinces and the nation.
func (v *view) addUp(days []demand.Day) {
	horizon := days[len(days)-1].Period + 1
	for i := range v.above {
		s := &v.above[i]
		u := upper{region: s.region}
		for _, o := range v.outlooks {
			code := o.place.position.Region
			if o.err == nil && (s.region.Code == "00" || strings.HasPrefix(code, s.region.Code+".")) {
				u.members = append(u.members, o)
			}
		}
		if len(u.members) == 0 {
			continue
		}
		s.place = u.past(v.day.month)
		f := u.sum(horizon)
		for h, column := range f.Draws {
			s.keep(column)
			s.parts = append(s.parts, sumOfParts(u.members, h))
		}
	}
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
	if !p.known() {
		return nil, ErrNoHistory.With("region", p.position.Region)
	}
	// The history of a place that has stopped posting does not reach today; then it is forecast from where it ends.
	if p.first+month(len(p.months)) != day.month {
		return nil, nil
	}
	record := make([]tested, len(methods))
	for j, m := range methods {
		if j < yardstick && !p.drivers.driven() {
			continue // it comes to the same
		}
		var err error
		if record[j], err = m.test(p, k, seed(p.position.Region, day.month.String())); err != nil {
			return nil, err
		}
	}
	if !p.drivers.driven() {
		record[0] = record[yardstick]
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

// foresee makes the forecast of a place.
func (o *outlook) foresee(k *common, m method, c demand.Calibration, day today, days []demand.Day) error {
	p := o.place
	// The history may end before the last month.
	gap := int(day.month-p.first) - len(p.months)
	horizon := days[len(days)-1].Period + 1
	opt := demand.Options{Paths: paths, Seed: o.seed(day.date)}
	if gap > 0 {
		m = methods[2]
	}
	if p.silent {
		opt.Paths = testPaths // a guess needs no fine tails
	}
	f, err := m.forecast(p, k, len(p.months), gap+horizon, opt)
	if err != nil {
		return err
	}
	o.method = m.name
	if len(p.months) < 13 {
		o.method = f.Method
	}
	f = f.After(gap)
	f.Method = o.method
	o.demand = c.Apply(f.Scaled(p.works(k.calendar, day.month, horizon)))
	o.base = o.demand
	return nil
}

// seed is the chance of the place on a day.
func (o *outlook) seed(date time.Time) uint64 {
	return seed(o.place.position.Region, date.Format(time.DateOnly))
}

// play runs the shelf through all futures and derives the need. What circulars switch off is left out, and what planned
// visits take is added on their days.
func (o *outlook) play(k *common, days []demand.Day, day today) error {
	p := o.place
	seed := o.seed(day.date)
	supply := demand.Supply{OnHand: float64(p.position.Usable), Waiting: float64(p.owed), Watch: o.watch}
	o.incoming, o.coming = p.position.OnOrder, piecesOf(p.ordered)
	for k, in := range p.position.Incoming {
		way := p.waits.coming[k]
		supply.Arrivals = append(supply.Arrivals, demand.Arrival{Quantity: float64(in.Pieces), Lead: way.transit,
			Age: inLead(daysBetween(in.DispatchedOn.UTC(), day.date)), Lost: way.lost, Late: p.delay})
		o.incoming += in.Pieces
		o.coming += float64(in.Pieces) * (1 - way.lost)
	}
	supply.Arrivals = append(supply.Arrivals, p.arrivals(p.ordered, p.delay)...)
	supply.Arrivals = append(supply.Arrivals, p.arrivals(p.extra, 0)...)
	ordinary, days := o.switched(k.calendar, days, day)
	visits := p.takes(days, day, len(ordinary.Draws[0]), seed)
	supply.OnHand += math.Min(float64(p.position.Reserved), visits.planned) // what is set aside at the office is for them
	usual := make([]float64, len(ordinary.Mean))                            // part of what circulars leave
	for h := range usual {
		usual[h] = math.Min(1, p.drivers.shares["outreach"]/math.Max(p.drivers.left(day.month+month(h), k.calendar), 1e-9))
	}
	beside, days := visits.beside(ordinary, days, usual, k.planned)
	ordinary = ordinary.Scaled(beside)
	o.demand = visits.added(ordinary, days)
	o.kept, o.visiting = beside, visits.byMonth(days)
	for h := range o.kept {
		o.kept[h] *= p.drivers.left(day.month+month(h), k.calendar)
	}
	if err := o.follow(); err != nil {
		return err
	}
	o.parts = o.explain(k, visits, ordinary, day)
	var err error
	if o.shelf, err = visits.shortage(ordinary, days, supply, seed); err != nil {
		return err
	}
	o.need = p.need(ordinary, days, o, day.date)
	o.need.PlannedVisits = int64(math.Ceil(visits.planned))
	return nil
}

// switched takes off what circulars switch off, in the months and on their days.
func (o *outlook) switched(c *calendar, days []demand.Day, day today) (demand.Forecast, []demand.Day) {
	d := &o.place.drivers
	if len(d.circulars) == 0 {
		return o.base, days
	}
	left := make([]float64, len(o.base.Draws))
	for h := range left {
		left[h] = d.left(day.month+month(h), c)
	}
	out := slices.Clone(days)
	for t := range out {
		if l := left[out[t].Period]; l > 0 {
			out[t].Share *= (1 - d.off(day.date.AddDate(0, 0, t))) / l
		}
	}
	return o.base.Scaled(left), out
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
// take, and nothing is under way that may come, it is critical as soon as there is an alert at all.
func (o *outlook) signal() notice.Signal {
	n := o.need
	s := notice.Signal{RegionID: n.RegionID, Cause: RunOut, Probability: n.RunOut, Facts: map[string]any{
		"on_hand": o.place.position.Usable, "incoming": o.incoming, "daily_mean": math.Round(n.DailyMean*10) / 10, "lead_p90": n.LeadP90,
		"run_out_p50": n.RunOutP50, "short": math.Round(o.shelf.Short)}}
	s.Urgent = o.coming < 0.5 && float64(o.shelf.P10) < n.LeadP50
	return s
}
