package forecasting

import (
	"maps"
	"slices"
	"strconv"

	"blangko/forecasting/demand"
	"blangko/inventory"
)

// route is where a shipment goes and where from.
type route struct {
	to     *place
	from   inventory.PlaceKind // "" for all senders together
	sender int                 // place
}

// depths are how many levels of groups there are: the zone of the receiver; what one kind of sender sends within it, to one
// province, to one kabupaten/kota; the route itself.
const depths = 5

// level is a group of routes.
type level struct {
	depth int
	key   string
}

// levels are the groups that a route belongs to, from the widest to its own, each the prior of the next.
func (r route) levels() []level {
	zone, code := r.to.position.Zone, r.to.position.Region
	if r.from == "" {
		return []level{{0, zone}, {2, code[:2]}, {3, code}}
	}
	kind := " " + string(r.from)
	return []level{{0, zone}, {1, zone + kind}, {2, code[:2] + kind}, {3, code + kind}, {4, code + kind + " " + strconv.Itoa(r.sender)}}
}

// seen is what was seen of the shipments of a group.
type seen struct {
	depth               int
	parent              string
	arrived             int
	transit, desk, pack ended
	under               []*open
	lost                []float64 // of each shipment that has ended, the part that never came
	gone                float64   // their sum
}

// days are the waits on the road that are over, one by one.
func (s *seen) days() (days []float64) {
	for k, n := range s.transit {
		for range int(n) {
			days = append(days, float64(k))
		}
	}
	return days
}

// network is what was seen of all routes, by group, and what is made of it.
type network struct {
	seen   map[string]*seen
	waits  [depths]float64 // how many records the group above counts as, for how long it takes
	losses [depths]float64 // likewise for how often it never comes
	known  map[string]way
}

// note tells every group of a route, and those of all senders together, what was seen.
func (n *network) note(r route, note func(*seen)) {
	tell := func(levels []level, from int) {
		for k := from; k < len(levels); k++ {
			s := at(n.seen, levels[k].key)
			if s.depth = levels[k].depth; k > 0 {
				s.parent = levels[k-1].key
			}
			note(s)
		}
	}
	tell(r.levels(), 0)
	if r.from != "" {
		tell(route{to: r.to}.levels(), 1)
	}
}

// weigh learns from what was seen how much a group counts against the one it is part of.
func (n *network) weigh() {
	var days, lost [depths]map[string][][]float64
	for d := range depths {
		days[d], lost[d] = map[string][][]float64{}, map[string][][]float64{}
	}
	keys := slices.Sorted(maps.Keys(n.seen)) // in order, so that sums come out the same every time
	for _, key := range keys {
		s := n.seen[key]
		days[s.depth][s.parent] = append(days[s.depth][s.parent], s.days())
		lost[s.depth][s.parent] = append(lost[s.depth][s.parent], s.lost)
	}
	for d := range depths {
		n.waits[d], n.losses[d] = strength, lostStrength
		if d > 1 {
			n.waits[d], n.losses[d] = credibility(days[d], strength), credibility(lost[d], lostStrength)
		}
	}
}

// credibility is how many records of its own a group needs to count as much as the group that it is part of: the variance
// within groups over that between those of one family, by the method of moments (Bühlmann & Straub 1970; for groups within
// groups Jewell 1975). It stays between a fifth and four times of what holds where nothing can be told.
func credibility(families map[string][][]float64, otherwise float64) float64 {
	var within, freedom, between, groups, weight float64
	for _, name := range slices.Sorted(maps.Keys(families)) {
		all, count, squares, members := 0.0, 0.0, 0.0, 0.0
		for _, values := range families[name] {
			for _, v := range values {
				all += v
			}
			if n := float64(len(values)); n > 0 {
				count, squares, members = count+n, squares+n*n, members+1
			}
		}
		if count == 0 {
			continue
		}
		for _, values := range families[name] {
			n, mean := float64(len(values)), 0.0
			if n == 0 {
				continue
			}
			for _, v := range values {
				mean += v / n
			}
			for _, v := range values {
				within += (v - mean) * (v - mean)
			}
			freedom += n - 1
			between += n * (mean - all/count) * (mean - all/count)
		}
		groups += members - 1
		weight += count - squares/count
	}
	if groups < 2 || freedom < 10 || weight <= 0 {
		return otherwise
	}
	within /= freedom
	spread := (between - groups*within) / weight
	if spread <= 0 {
		return 4 * otherwise
	}
	return max(otherwise/5, min(4*otherwise, within/spread))
}

// way is what is known of a route. Where nothing that kind of sender sent has come anywhere in the zone yet, what a neighbour
// lends for one, it is what is known of all senders together.
func (n *network) way(r route) way {
	if kind := n.seen[r.to.position.Zone+" "+string(r.from)]; r.from != "" && (kind == nil || kind.arrived == 0) {
		r.from = ""
	}
	w := way{transit: road(r.to.position.Zone), desk: uniform(2, deskDays), pack: uniform(1, packDays), lost: assumedLost}
	for _, l := range r.levels() {
		known, ok := n.known[l.key]
		if !ok {
			known = w
			if s := n.seen[l.key]; s != nil {
				known = n.learned(w, s)
			}
			n.known[l.key] = known
		}
		w = known
	}
	return w
}

// learned is a belief updated by what was seen of a group. Of how often it never comes, which is rare, zone, province and
// route tell alone: what is much the same would count again and again.
func (n *network) learned(w way, s *seen) way {
	out := way{transit: learn(w.transit, &s.transit, s.under, n.waits[s.depth]), desk: learn(w.desk, &s.desk, nil, strength),
		pack: learn(w.pack, &s.pack, nil, strength), lost: w.lost}
	if s.depth%2 == 0 {
		out.lost = (n.losses[s.depth]*w.lost + s.gone) / (n.losses[s.depth] + float64(len(s.lost)))
	}
	return out
}

// doubt finds how likely it is of each shipment under way that it never comes, by what is known of all others, and lets it
// count for how long routes take as far as it will come: expectation and maximisation in turn (Sy & Taylor 2000; Peng &
// Dear 2000). Many that are late together are taken for late, one alone for lost.
func (n *network) doubt(places []*place, under [][]*open) {
	const rounds = 3
	for range rounds {
		for i, p := range places {
			for k, in := range p.position.Incoming {
				o := under[i][k]
				o.never = 1 // left out
				n.known = map[string]way{}
				w := n.way(route{p, in.From, in.Sender})
				o.never = demand.Never(w.lost, w.transit, inLead(o.days))
			}
		}
	}
	n.known = map[string]way{}
}
