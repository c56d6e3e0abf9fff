package route

import "slices"

// Parameters of the ruin, as in Christiaens and Vanden Berghe 2020, section 5.
const (
	meanRemoved = 10.0 // jobs removed a step
	maxString   = 10.0 // longest string
	splitShare  = 0.5  // of the strings that keep a substring in their middle
	splitGrow   = 0.01
)

// ruin removes a string of visits from each of a few routes that pass near a random place.
func (c *chain) ruin() {
	m, s := c.m, c.next
	used := 0
	for r := range s.tours {
		if s.tours[r].visits > 0 {
			used++
		}
	}
	if used == 0 {
		return
	}
	longest := min(maxString, max(1, float64(s.served)/float64(used)))
	strings := int(c.rnd.unit()*(4*meanRemoved/(1+longest)-1)) + 1
	c.seed = c.rnd.below(m.jobs)
	for _, job := range m.near[c.seed] {
		route := s.where[job]
		if route < 0 || c.dirty[route] {
			continue
		}
		t := &s.tours[route]
		most := min(float64(t.visits), longest)
		c.removeString(t, job, int(c.rnd.unit()*most-1e-9)+1)
		if strings--; strings == 0 {
			return
		}
	}
}

// removeString removes length visits around job from t, or, as a split string, length visits out of a longer string
// that keeps some in its middle. Pinned visits stay. A tour that would not hold without them (travel times need not
// be metric) stays as it is.
func (c *chain) removeString(t *tour, job int32, length int) {
	m := c.m
	kept := 0
	if length > 1 && length < t.visits && c.rnd.unit() < splitShare {
		kept = 1
		for length+kept < t.visits && c.rnd.unit() < splitGrow {
			kept++
		}
	}
	// Count by visits, for breaks are no part of a string.
	place, n := 0, 0
	for i := range t.stops {
		if t.stops[i].job == job {
			place = n
		}
		if t.stops[i].job >= 0 {
			n++
		}
	}
	span := length + kept
	low, high := max(0, place-span+1), min(place, n-span)
	first := low + c.rnd.below(high-low+1)
	hole := span // visits of the string before the kept substring
	if kept > 0 {
		hole = c.rnd.below(length + 1)
	}
	route := t.route
	c.touch(route)
	n = 0
	stops := t.stops[:0]
	for _, s := range t.stops {
		if s.job >= 0 {
			at := n - first
			n++
			if at >= 0 && at < span && (at < hole || at >= hole+kept) && !m.pinned[s.job] {
				continue
			}
		}
		stops = append(stops, s)
	}
	t.stops = stops
	if len(m.kinds[t.kind].breaks) > 0 {
		c.moveBreak(t)
	}
	before := &c.cur.tours[route]
	if !m.settle(t) {
		t.copyFrom(before)
		return
	}
	for _, s := range before.stops {
		if s.job >= 0 {
			c.next.leave(m, s.job, route)
		}
	}
	for _, s := range t.stops {
		if s.job >= 0 {
			c.next.enter(m, s.job, route)
		}
	}
	c.next.travel += t.travel - before.travel
}

// moveBreak takes one break of t to another place between its neighbouring breaks, if t holds with it there.
func (c *chain) moveBreak(t *tour) {
	n := len(c.m.kinds[t.kind].breaks)
	b := onBreak - int32(c.rnd.below(n))
	at := slices.IndexFunc(t.stops, func(s stop) bool { return s.job == b })
	low, high := between(t.stops, at)
	to := low + c.rnd.below(high-low+1)
	shift(t.stops, at, to)
	if !c.m.settle(t) {
		shift(t.stops, to, at)
	}
}

// between are the first and last index at which the break at that index may stand: behind the break before it, before the
// next one.
func between(stops []stop, at int) (low, high int) {
	low, high = 1, len(stops)-2
	for i, s := range stops {
		switch {
		case s.job > onBreak || i == at:
		case i < at:
			low = i + 1
		case high == len(stops)-2:
			high = i - 1
		}
	}
	return low, high
}

// shift moves the stop at from to the index to.
func shift(stops []stop, from, to int) {
	s := stops[from]
	if from < to {
		copy(stops[from:to], stops[from+1:to+1])
	} else {
		copy(stops[to+1:from+1], stops[to:from])
	}
	stops[to] = s
}
