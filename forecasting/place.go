package forecasting

import (
	"math"
	"time"

	"blangko/coverage"
	"blangko/forecasting/demand"
	"blangko/inventory"
)

// place is what is known of one kabupaten/kota on the day of a run.
type place struct {
	position   inventory.Position
	population *coverage.Population
	waiting    int64 // print-ready records by the last figure
	owed       int64 // of them, more than usual
	waits      waits
	ordered    []part // what was approved for it, by when it can leave a store
	visits     []Visit
	drivers    drivers
	silent     bool // has posted nothing so far
	guessed    bool // its history is a guess

	// Of a what-if alone.
	delay int    // days that everything under way or approved comes later
	extra []part // what is given besides

	// By month from first on; nothing when the region has posted nothing.
	first    month
	months   []monthKnown
	values   []float64 // demand of ordinary months, NaN where unknown
	exposure []float64 // share of working days with stock
}

// monthKnown is what happened in one month.
type monthKnown struct {
	used     float64
	demand   float64 // used, or by the backlog identity where that is known
	exposure float64 // share of business days with stock; 1 where the demand is known whatever the shelf held
	work     float64 // working days, Fridays and holidays weighed
}

// smallMonth is the demand below which a month is not put on ordinary working days: what is counted in single cards
// must stay whole for the methods of rare demand.
const smallMonth = 30

// remember takes the months of a region from what was used and what waited at their ends.
func (p *place) remember(uses []inventory.MonthUse, waiting map[month]int64, c *calendar) {
	if len(uses) == 0 {
		return
	}
	p.first = monthOf(uses[0].Month)
	for i, u := range uses {
		k := monthKnown{used: float64(max(0, u.Used)), work: c.workIn(p.first + month(i))}
		if i == 0 && u.BusinessDays > 0 {
			k.work *= min(1, float64(u.BusinessDays)/float64(max(1, c.businessDays(p.first))))
		}
		if u.BusinessDays > 0 {
			k.exposure = 1 - float64(min(u.StockoutDays, u.BusinessDays))/float64(u.BusinessDays)
		}
		k.demand = k.used
		p.months = append(p.months, k)
	}
	p.uncover(waiting)
	total, known := 0.0, 0
	for _, k := range p.months {
		if k.exposure > 0 {
			total, known = total+k.demand, known+1
		}
	}
	normal := known > 0 && total/float64(known) >= smallMonth
	for i := range p.months {
		k := &p.months[i]
		if !normal {
			k.work = ordinary
		}
		v := k.demand * ordinary / max(k.work, friday)
		if k.exposure == 0 {
			v = math.NaN()
		}
		p.values = append(p.values, v)
		p.exposure = append(p.exposure, k.exposure)
	}
}

// uncover puts demand in the place of use where the backlog is known at both ends. A month whose shelf was never empty is
// told by the identity alone: printed plus what the backlog grew by. Where the shelf was empty the identity misses those
// who were never written down or went away, and use by exposure counts twice those who came back; so that month is taken
// together with those after it in which the backlog is served, and the truth halfway between the two. Nothing is said
// of a stretch in which the shelf was hardly ever full.
func (p *place) uncover(waiting map[month]int64) {
	const late = 0.05 // of a mean month: so much more than before still waits to be served
	mean := 0.0
	for _, k := range p.months {
		mean += k.used / float64(len(p.months))
	}
	for i := 0; i < len(p.months); i++ {
		first, ok := waiting[p.first+month(i)-1]
		if _, known := waiting[p.first+month(i)]; !ok || !known {
			continue
		}
		end := i + 1
		if p.months[i].exposure < 1 {
			for end < len(p.months) && float64(waiting[p.first+month(end)-1]-first) > late*mean {
				if _, known := waiting[p.first+month(end)]; !known {
					break
				}
				end++
			}
		}
		stretch(p.months[i:end], float64(first), float64(waiting[p.first+month(end)-1]))
		i = end - 1
	}
}

// stretch is the demand of months that are taken together, by their working days.
func stretch(months []monthKnown, before, after float64) {
	const enough = 0.25 // below it exposure says too little
	used, work, open := 0.0, 0.0, 0.0
	for _, k := range months {
		used, work, open = used+k.used, work+k.work, open+k.work*k.exposure
	}
	asked := demand.Asked(used, before, after)
	if open < work {
		if open < enough*work {
			for i := range months {
				months[i].exposure = 0
			}
			return
		}
		if halfway := (asked + used*work/open) / 2; halfway > asked {
			asked = halfway
			if len(months) == 1 && asked > used { // told as what was seen of it
				months[0].exposure = used / asked
				return
			}
		}
	}
	for i := range months {
		k := &months[i]
		k.demand, k.exposure = asked*k.work/work, 1
	}
}

// normal reports whether months were put on ordinary working days.
func (p *place) normal() bool { return len(p.months) > 0 && p.months[len(p.months)-1].work != ordinary }

// series is the history until before the n-th month, divided by what all regions have in common.
func (p *place) series(n int, common func(m month) float64) demand.Series {
	s := demand.Series{Values: make([]float64, n), Exposure: p.exposure[:n], Season: 12}
	for t := range n {
		s.Values[t] = p.values[t] / common(p.first+month(t))
	}
	return s
}

// level is the mean logarithm of known demand, for comparing months across regions.
func (p *place) level(n int) (mean float64, ok bool) {
	count := 0
	for t := range n {
		if p.clear(t) {
			mean += math.Log(p.values[t])
			count++
		}
	}
	return mean / float64(max(1, count)), count >= 6
}

// clear reports whether the demand of month t was seen nearly whole.
func (p *place) clear(t int) bool { return p.exposure[t] >= 0.9 && p.values[t] > 0 }

// known reports whether the demand of any month is.
func (p *place) known() bool {
	for _, k := range p.months {
		if _, ok := k.whole(); ok {
			return true
		}
	}
	return false
}

// perPerson is the yearly use of an average person, for regions that have posted nothing yet: 22 million of 284
// million (domain notes, 1.1).
const perPerson = 0.08

// guess makes a history of one month for a region without one: what it used in the current month so far, or what its
// people would use.
func (p *place) guess(current month, used, worked float64) bool {
	value := 0.0
	switch {
	case worked > 0 && used > 0:
		value = used * ordinary / worked
	case p.population != nil && p.population.People > 0:
		p.silent = p.position.Usable == 0
		value = float64(p.population.People) * perPerson / 12
	default:
		return false
	}
	p.guessed = true
	p.first = current - 1
	p.months = []monthKnown{{used: value, demand: value, exposure: 1, work: ordinary}}
	p.values, p.exposure = []float64{value}, []float64{1}
	return true
}

// whole is the demand of a month as far as it can be told: what was seen, over the part of it that was. Below a quarter
// nothing can be told.
func (k monthKnown) whole() (pieces float64, known bool) {
	if k.exposure < 0.25 {
		return 0, false
	}
	return k.demand / k.exposure, true
}

// baselines are what the two simplest methods say of a month from the same demand as the forecast: the same month of the
// last year in which it is known, and the mean of the last three months that are. Nil where the history does not reach.
func (p *place) baselines(m month) (naive, average *float64) {
	n := len(p.months)
	for t := int(m-p.first) - 12; t >= 0 && naive == nil; t -= 12 {
		if t < n {
			if v, known := p.months[t].whole(); known {
				naive = &v
			}
		}
	}
	sum, found := 0.0, 0
	for t := n - 1; t >= 0 && found < 3; t-- {
		if v, known := p.months[t].whole(); known {
			sum, found = sum+v, found+1
		}
	}
	if found == 3 {
		sum /= 3
		average = &sum
	}
	return naive, average
}

// scale is the mean absolute seasonal difference of the history in pieces, nil when it is unknown or 0.
func (p *place) scale() *float64 {
	values := make([]float64, len(p.months))
	for t, k := range p.months {
		values[t] = k.demand
		if k.exposure < 1 {
			values[t] = math.NaN()
		}
	}
	s, _ := demand.Scales(values, 12)
	if !(s > 0) {
		return nil
	}
	return &s
}

// today is the business date of a run.
type today struct {
	date  time.Time
	month month
}
