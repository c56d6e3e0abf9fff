package demo

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"blangko/internal/region"
)

// Drivers are reasons for demand that offices know of beforehand. The demo has none of them beside its calendar; the nations on
// which forecasts are judged have all.
type Drivers struct {
	Birthdays float64    // sigma of the log-normal number of 17th birthdays of a month
	Lag       [3]float64 // part of first cards that are asked for so many months after the birthday
	Digital   [2]float64 // share with a digital identity at the beginning and at the end, along a logistic curve
	Saved     float64    // part of later cards that a person with one no longer asks for
	Visits    float64    // planned a kabupaten/kota and month
	Heads     float64    // at a visit, in people on a mean working day
	Turnout   [2]float64 // part of the heads of a kabupaten/kota's visits that get a card
	Spread    float64    // sigma of the log-normal turnout of one visit
	Held      float64    // part of planned visits
	Announced int        // days that a visit or a circular is known before its day
	Circulars []Switched
}

// Switched is a circular: a class that no office serves from a day until before another, in days before the end.
type Switched struct {
	Class       string
	From, Until int
}

// Birthdays are the people of a kabupaten/kota who turn seventeen, by month; First is before the world begins.
type Birthdays struct {
	RegionID int
	First    time.Time
	People   []int64
}

// DigitalID is what part of a kabupaten/kota had a digital identity on a day.
type DigitalID struct {
	RegionID int
	Day      int
	Share    float64
}

// Visit is one that was planned for a day, and what came of it.
type Visit struct {
	RegionID int
	Day      int
	Heads    int64
	Held     bool
	People   int64 // who got a card or wait for it, in truth
}

// driven is what drives the demand of one kabupaten/kota.
type driven struct {
	first  []float64 // by month of the world: first cards against the usual
	later  []float64 // by day: what the digital identity leaves of the others
	visits map[int]int64
}

// drive draws what drives demand, after the offices are open. It uses chance of its own, so that nothing else changes.
func (r *run) drive() {
	d := r.p.Drivers
	r.driven = map[int]*driven{}
	if d.Birthdays == 0 {
		return
	}
	months, last := r.w.month(len(r.days)-1)+1, len(r.days)-1
	for _, c := range r.counters {
		if r.driven[c.regency] != nil {
			continue // a service point shares what drives its kabupaten/kota
		}
		rng := r.p.chance(5_000_000 + c.regency)
		daily := 0.0
		for _, o := range r.counters {
			if o.regency == c.regency {
				daily += o.mean
			}
		}
		one := &driven{visits: map[int]int64{}}
		one.first = r.born(c, daily, months, rng)
		r.digital(c, one, rng)
		turnout := between(rng, d.Turnout)
		for t := range r.days {
			if r.isOpen(t) && rng.Float64() < d.Visits/21 {
				v := Visit{RegionID: c.regency, Day: t, Heads: int64(1 + d.Heads*daily*(0.5+rng.Float64())), Held: rng.Float64() < d.Held}
				people := int64(float64(v.Heads) * turnout * math.Exp(d.Spread*rng.NormFloat64()-d.Spread*d.Spread/2))
				if v.Held {
					v.People = people
					one.visits[t] += people
				}
				r.w.Visits = append(r.w.Visits, v)
			}
		}
		r.driven[c.regency] = one
	}
	slices.SortStableFunc(r.w.Visits, func(a, b Visit) int { return cmp.Compare(a.Day, b.Day) })
	for _, s := range d.Circulars {
		r.w.Circulars = append(r.w.Circulars, Switched{s.Class, last - s.From, last - s.Until})
	}
}

// born draws the 17th birthdays of a kabupaten/kota, as the register of people has known them all along, and returns by how
// much first cards are more than usual in each month.
func (r *run) born(c *counter, daily float64, months int, rng *rand.Rand) []float64 {
	const ahead, before = 12, 3
	d := r.p.Drivers
	usual := daily * 21 * c.shares[firstTime]
	b := Birthdays{RegionID: c.regency, First: region.Date(r.w.Start.Year(), r.w.Start.Month()-before, 1)}
	for range before + months + ahead {
		b.People = append(b.People, int64(math.Round(usual*math.Exp(d.Birthdays*rng.NormFloat64()-d.Birthdays*d.Birthdays/2))))
	}
	r.w.Birthdays = append(r.w.Birthdays, b)
	first := make([]float64, months)
	for m := range first {
		for k, part := range d.Lag {
			first[m] += part * float64(b.People[m+before-k]) / math.Max(usual, 1)
		}
	}
	return first
}

// digital lets the digital identity spread, and a figure tell of it every quarter.
func (r *run) digital(c *counter, one *driven, rng *rand.Rand) {
	d := r.p.Drivers
	logit := func(q float64) float64 { return math.Log(q / (1 - q)) }
	shift, last := 0.3*rng.NormFloat64(), len(r.days)-1
	for t := range r.days {
		x := logit(d.Digital[0]) + (logit(d.Digital[1])-logit(d.Digital[0]))*float64(t)/float64(last) + shift
		share := 1 / (1 + math.Exp(-x))
		one.later = append(one.later, 1-d.Saved*share)
		if t%91 == 90 {
			r.w.DigitalIDs = append(r.w.DigitalIDs, DigitalID{c.regency, t, share})
		}
	}
}

// today is a day at a counter with what drives its demand.
func (r *run) today(c *counter, d day, t int) day {
	one := r.driven[c.regency]
	if one == nil {
		return d
	}
	for i := range d.factor {
		if cause(i) == firstTime {
			d.factor[i] *= one.first[r.w.month(t)]
		} else {
			d.factor[i] *= one.later[t]
		}
		for _, s := range r.w.Circulars {
			if s.Class == purposes[i] && t >= s.From && t < s.Until {
				d.factor[i] = 0
			}
		}
	}
	return d
}

// visited are the people whom a visit of the day records, at the office of the kabupaten/kota: they get first cards.
func (r *run) visited(c *counter, t int) int64 {
	one := r.driven[c.regency]
	if one == nil || r.buyerAt[c.place] == nil {
		return 0
	}
	return one.visits[t]
}
