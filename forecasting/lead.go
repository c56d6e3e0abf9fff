package forecasting

import (
	"time"

	"blangko/inventory"
)

// leadDays is the longest lead time that is told apart, in days.
const leadDays = 90

// waits are the times that a delivery takes, as chances of each number of days.
type waits struct {
	transit []float64 // from dispatch to shelf
	decided []float64 // from approval to shelf
	asked   []float64 // from asking to shelf
}

// Assumptions that hold where nothing has been received yet: days on the road by zone (no source gives a table; from
// reports of single shipments), and days at a desk. Each counts as strength records.
var roadDays = map[string][2]int{"WIB": {1, 6}, "WITA": {3, 10}, "WIT": {5, 14}}

const (
	deskDays = 10 // from asking to approval and dispatch: 2 to this
	packDays = 5  // from approval to dispatch: 1 to this
	strength = 5.0
)

// uniform gives the days from least to most the same chance.
func uniform(least, most int) []float64 {
	p := make([]float64, leadDays)
	for k := least; k <= most; k++ {
		p[k] = 1 / float64(most-least+1)
	}
	return p
}

// span is one wait: so many days, or at least so many when it is not over.
type span struct {
	days int
	open bool
}

// learn updates a belief by waits, some of which are not over: the product-limit estimate with a prior that counts as
// strength records (Kaplan & Meier 1958; Susarla & Van Ryzin 1976).
func learn(prior []float64, spans []span) []float64 {
	ended, begun := make([]float64, leadDays), make([]float64, leadDays+1)
	for _, s := range spans {
		d := min(max(0, s.days), leadDays-1)
		if s.open {
			// It may still come today: it has been seen not to come on the days before.
			begun[d]--
		} else {
			ended[d]++
			begun[d+1]--
		}
		begun[0]++
	}
	out := make([]float64, leadDays)
	alive, left, tail := 1.0, 0.0, 1.0
	for k := range leadDays {
		left += begun[k]
		n := left + strength*tail
		hazard := 1.0
		if n > 1e-12 && k < leadDays-1 {
			hazard = min(1, (ended[k]+strength*prior[k])/n)
		}
		out[k] = alive * hazard
		alive -= out[k]
		tail = max(0, tail-prior[k])
	}
	return out
}

// sum is the distribution of the sum of two independent waits.
func sum(a, b []float64) []float64 {
	out := make([]float64, leadDays)
	for i, p := range a {
		if p == 0 {
			continue
		}
		for j, q := range b {
			out[min(i+j, leadDays-1)] += p * q
		}
	}
	return out
}

// quantile is the first day by which a wait is over with probability p.
func waitQuantile(wait []float64, p float64) int {
	sum := 0.0
	for k, v := range wait {
		if sum += v; sum >= p-1e-9 {
			return k
		}
	}
	return leadDays - 1
}

// learnWaits learns the waits of every region from what has arrived and what is under way: the zone's first, then
// the province's, then its own, each the prior of the next.
func learnWaits(regions []*place, times []inventory.LeadTime, today time.Time) {
	type spans struct{ transit, desk, pack []span }
	byRegion, byProvince, byZone := map[int]*spans{}, map[string]*spans{}, map[string]*spans{}
	groups := func(p *place) [3]*spans {
		return [3]*spans{at(byZone, p.position.Zone), at(byProvince, p.position.Region[:2]), at(byRegion, p.position.RegionID)}
	}
	where := map[int]*place{}
	for _, p := range regions {
		where[p.position.RegionID] = p
		for _, in := range p.position.Incoming {
			for _, g := range groups(p) {
				g.transit = append(g.transit, span{daysBetween(in.DispatchedOn, today), true})
			}
		}
	}
	for _, t := range times {
		p, ok := where[t.RegionID]
		if !ok {
			continue
		}
		for _, g := range groups(p) {
			g.transit = append(g.transit, span{days: daysBetween(t.DispatchedOn, t.ReceivedOn)})
			if t.AskedOn != nil && !t.Emergency {
				g.desk = append(g.desk, span{days: daysBetween(*t.AskedOn, t.DispatchedOn)})
			}
			if t.DecidedOn != nil {
				g.pack = append(g.pack, span{days: daysBetween(*t.DecidedOn, t.DispatchedOn)})
			}
		}
	}
	kept := map[any]waits{}
	learned := func(key any, prior waits, s *spans) waits {
		w, ok := kept[key]
		if !ok {
			w = waits{transit: learn(prior.transit, s.transit), asked: learn(prior.asked, s.desk), decided: learn(prior.decided, s.pack)}
			kept[key] = w
		}
		return w
	}
	for _, p := range regions {
		road := roadDays[p.position.Zone]
		g := groups(p)
		w := waits{transit: uniform(road[0], road[1]), asked: uniform(2, deskDays), decided: uniform(1, packDays)}
		w = learned("zone "+p.position.Zone, w, g[0])
		w = learned("province "+p.position.Region[:2], w, g[1])
		w = learned(p.position.RegionID, w, g[2])
		p.waits = waits{transit: w.transit, decided: sum(w.decided, w.transit), asked: sum(w.asked, w.transit)}
	}
}

// at returns the value of a key, made when it is not there.
func at[K comparable, V any](m map[K]*V, k K) *V {
	v, ok := m[k]
	if !ok {
		v = new(V)
		m[k] = v
	}
	return v
}
