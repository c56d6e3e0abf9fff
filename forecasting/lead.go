package forecasting

import (
	"math"
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
	lost    float64   // chance that what is dispatched never comes
	coming  []way     // of each shipment under way; what is lost of it as things stand
}

// way is what is known of one route: how long it takes, how long before that it is decided and packed, and which part of
// what is sent along it never comes.
type way struct {
	transit, desk, pack []float64
	lost                float64
}

// Assumptions that hold where nothing has been received yet: days on the road by zone (no source gives a table; from
// reports of single shipments), and days at a desk. Each counts as strength records.
var roadDays = map[string][2]int{"WIB": {1, 6}, "WITA": {3, 10}, "WIT": {5, 14}}

const (
	deskDays = 10 // from asking to approval and dispatch: 2 to this
	packDays = 5  // from approval to dispatch: 1 to this
	strength = 5.0

	// Of what is dispatched, the part that never comes: no source counts it; one in two hundred is assumed, and counts as
	// lostStrength shipments.
	assumedLost  = 0.005
	lostStrength = 100.0
)

// uniform gives the days from least to most the same chance.
func uniform(least, most int) []float64 {
	p := make([]float64, leadDays)
	for k := least; k <= most; k++ {
		p[k] = 1 / float64(most-least+1)
	}
	return p
}

// roadTail is the part of waits on the road that are assumed to take longer than that, half as many every tailDays.
const (
	roadTail = 0.05
	tailDays = 10.0
)

// road is the assumption of a zone.
func road(zone string) []float64 {
	least, most := roadDays[zone][0], roadDays[zone][1]
	p, rest := uniform(least, most), 0.0
	for k := most + 1; k < leadDays; k++ {
		rest += math.Exp2(-float64(k-most) / tailDays)
	}
	for k := range p {
		p[k] *= 1 - roadTail
		if k > most {
			p[k] = roadTail / rest * math.Exp2(-float64(k-most)/tailDays)
		}
	}
	return p
}

// ended counts waits that are over by their days.
type ended [leadDays]float64

func (e *ended) add(days int) { e[inLead(days)]++ }

func inLead(days int) int { return min(max(0, days), leadDays-1) }

// open is a wait that is not over, and the chance that it never will be.
type open struct {
	days  int
	never float64
}

// learn updates a belief by waits, some of which are not over: the product-limit estimate with a prior that counts as
// strength records (Kaplan & Meier 1958; Susarla & Van Ryzin 1976). One that may never end counts by the chance that it will.
func learn(prior []float64, over *ended, under []*open, strength float64) []float64 {
	var gone [leadDays + 1]float64 // of those under way, seen until the day before
	left, alive, tail := 0.0, 1.0, 1.0
	for _, n := range over {
		left += n
	}
	for _, o := range under {
		// It may still come today: it has been seen not to come on the days before.
		gone[inLead(o.days)] += 1 - o.never
		left += 1 - o.never
	}
	out := make([]float64, leadDays)
	for k := range leadDays {
		left -= gone[k]
		n := left + strength*tail
		hazard := 1.0
		if n > 1e-12 && k < leadDays-1 {
			hazard = max(0, min(1, (over[k]+strength*prior[k])/n))
		}
		out[k] = alive * hazard
		alive -= out[k]
		left -= over[k]
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

// learnWaits learns the waits of every region from what has arrived, what is under way and what never came (road.go).
func learnWaits(regions []*place, times []inventory.LeadTime, fates []inventory.Fate, today time.Time) {
	n := network{seen: map[string]*seen{}}
	where := map[int]*place{}
	under := make([][]*open, len(regions))
	for i, p := range regions {
		where[p.position.RegionID] = p
		for _, in := range p.position.Incoming {
			o := &open{days: daysBetween(in.DispatchedOn.UTC(), today)}
			under[i] = append(under[i], o)
			n.note(route{p, in.From, in.Sender}, func(g *seen) { g.under = append(g.under, o) })
		}
	}
	for _, t := range times {
		if p, ok := where[t.RegionID]; ok {
			n.note(route{p, t.From, t.Sender}, func(g *seen) {
				g.arrived++
				g.transit.add(daysBetween(t.DispatchedOn, t.ReceivedOn))
				if t.AskedOn != nil && !t.Emergency {
					g.desk.add(daysBetween(*t.AskedOn, t.DispatchedOn))
				}
				if t.DecidedOn != nil {
					g.pack.add(daysBetween(*t.DecidedOn, t.DispatchedOn))
				}
			})
		}
	}
	for _, f := range fates {
		if p, ok := where[f.RegionID]; ok && f.Pieces > 0 {
			part := float64(f.Lost) / float64(f.Pieces)
			n.note(route{p, f.From, f.Sender}, func(g *seen) { g.lost, g.gone = append(g.lost, part), g.gone+part })
		}
	}
	n.weigh()
	n.doubt(regions, under)
	for i, p := range regions {
		w := n.way(route{to: p})
		p.waits = waits{transit: w.transit, lost: w.lost, decided: sum(w.pack, w.transit), asked: sum(w.desk, w.transit)}
		for k, in := range p.position.Incoming {
			w := n.way(route{p, in.From, in.Sender})
			w.lost = under[i][k].never
			p.waits.coming = append(p.waits.coming, w)
		}
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
