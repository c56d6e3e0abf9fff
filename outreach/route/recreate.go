package route

import (
	"math"
	"slices"
)

// Shares of the orders in which absent jobs are tried: random, prize, near the start, prize by closeness to the two
// and the five nearest places, width, opening and closing of the windows, far from the start.
var orderShares = [...]int{4, 4, 1, 1, 1, 1, 1, 1, 1, 20}

// orders lists the jobs by every order but the random one. The lists are static, so a step sorts nothing.
func (m *model) orders() [][]int32 {
	if m.jobs == 0 || len(m.kindOf) == 0 {
		return nil
	}
	k := &m.kinds[0]
	by := make([][]float64, len(orderShares)-2)
	for o := range by {
		by[o] = make([]float64, m.jobs)
	}
	for j := range m.jobs {
		job := &m.p.Jobs[j]
		s := &m.slots[j]
		at := job.Location
		away := float64(m.roads[k.roads].from[int(k.start)*m.size+at])
		size := float64(s.service)
		for d, v := range job.Delivery {
			size += 1e6 * float64(v) / max(1, float64(k.capacity[d]))
		}
		for d, v := range job.Pickup {
			size += 1e6 * float64(v) / max(1, float64(k.capacity[d]))
		}
		by[0][j] = -float64(m.prize[j])*1e3 - size/1e3
		by[1][j] = away
		by[2][j] = -m.density(j, 2)
		by[3][j] = -m.density(j, 5)
		by[4][j] = float64(s.close - s.open)
		by[5][j] = float64(s.open)
		by[6][j] = float64(s.close)
		by[7][j] = -away
	}
	orders := make([][]int32, len(by))
	for o, key := range by {
		orders[o] = make([]int32, m.jobs)
		for j := range orders[o] {
			orders[o][j] = int32(j)
		}
		slices.SortStableFunc(orders[o], func(a, b int32) int {
			switch {
			case key[a] < key[b]:
				return -1
			case key[a] > key[b]:
				return 1
			}
			return 0
		})
	}
	return orders
}

// density is the prize of j by the mean way to its n nearest places and its service.
func (m *model) density(j, n int) float64 {
	at, way := m.p.Jobs[j].Location, 0.0
	near := m.near[j][1:min(n+1, len(m.near[j]))]
	for _, k := range near {
		way += float64(m.roads[0].from[at*m.size+m.p.Jobs[k].Location])
	}
	return float64(m.prize[j]) / (way/float64(max(1, len(near))) + float64(max(0, m.slots[j].service)) + 1)
}

// recreate puts absent jobs back, one after the other, each where it costs least.
func (c *chain) recreate(spent float64) {
	for _, job := range c.line() {
		route, at, cost := c.cheapest(job)
		if route < 0 || !c.worthwhile(job, cost, spent) {
			continue
		}
		c.place(job, route, at)
	}
}

// place inserts job before stop at of route.
func (c *chain) place(job, route int32, at int32) {
	t := &c.next.tours[route]
	c.touch(route)
	before := t.travel
	c.m.insert(t, job, int(at))
	c.work += 3 * int64(len(t.stops))
	c.next.travel += t.travel - before
	c.next.enter(c.m, job, route)
}

// worthwhile declines a job that costs more points than it brings, the more firmly the later. Without a price on
// travel or on moving every job is worth its way.
func (c *chain) worthwhile(job int32, cost int64, spent float64) bool {
	if c.m.p.Jobs[job].Mandatory || c.perLoss > 1 && cost < c.perLoss {
		return true
	}
	loss := float64(cost/c.perLoss-c.m.prize[job]) / c.m.scale
	return loss < 0 || loss < -math.Log(c.rnd.unit())*geometric(prizeHot, prizeCold, spent)
}

// line is the order in which the absent jobs are tried this time: mandatory ones before the others.
func (c *chain) line() []int32 {
	c.absent = c.absent[:0]
	where := c.next.where
	shares := orderShares[:]
	if c.cur.served == c.m.jobs {
		shares = shares[:len(shares)-1] // all have room, so worth decides nothing
	}
	total := 0
	for _, share := range shares {
		total += share
	}
	pick, order := c.rnd.below(total), 0
	for pick >= shares[order] {
		pick -= shares[order]
		order++
	}
	c.crowd()
	if order == len(orderShares)-1 {
		c.byWorth()
	} else if order == 0 {
		for j := range where {
			if c.waits(int32(j)) {
				c.absent = append(c.absent, int32(j))
			}
		}
		c.rnd.shuffle(c.absent)
	} else {
		for _, j := range c.orders[order-1] {
			if c.waits(j) {
				c.absent = append(c.absent, j)
			}
		}
		c.stir()
	}
	if c.next.missing > 0 {
		c.mandatoryFirst()
	}
	return c.absent
}

// fewAbsent is how many absent jobs are tried every time. Of more, only those near the ruin, where there is room now, and
// about crowdSample others.
const fewAbsent, crowdSample = 160, 40

// crowd prepares waits for this step.
func (c *chain) crowd() {
	c.oneIn = 1
	absent := c.m.jobs - c.next.served
	if absent <= fewAbsent {
		return
	}
	c.oneIn = max(1, absent/crowdSample)
	c.round++
	for _, j := range c.m.near[c.seed] {
		c.close[j] = c.round
	}
}

// waits reports whether job is absent and tried in this step.
func (c *chain) waits(job int32) bool {
	if c.next.where[job] >= 0 {
		return false
	}
	return c.oneIn == 1 || c.close[job] == c.round || c.cur.where[job] >= 0 || c.m.p.Jobs[job].Mandatory || c.rnd.chance(c.oneIn)
}

// stir puts a little noise in a static order: three in ten jobs change places with one up to four ranks behind.
func (c *chain) stir() {
	for i := 0; i+1 < len(c.absent); i++ {
		if bits := c.rnd.next(); bits&0xff < 77 {
			j := min(len(c.absent)-1, i+1+int(bits>>8&3))
			c.absent[i], c.absent[j] = c.absent[j], c.absent[i]
		}
	}
}

// byWorth orders the absent jobs by what they bring for the time that they take where they now cost least: the detour
// and the service (after Vansteenwegen and others 2009, section 3.1). Jobs that fit nowhere now are left out, for they will not fit later.
func (c *chain) byWorth() {
	c.keys = c.keys[:0]
	square := c.rnd.chance(2)
	for j := range c.next.where {
		if !c.waits(int32(j)) {
			continue
		}
		route, _, cost := c.cheapest(int32(j))
		if route < 0 {
			continue
		}
		prize := float64(c.m.prize[j])
		if square {
			prize *= prize
		}
		time := float64(cost)/float64(c.perLeg) + float64(c.m.slots[int(c.m.kindOf[route])*c.m.jobs+j].service)
		noise := 0.7 + 0.6*c.rnd.unit()
		c.keys = append(c.keys, key{int32(j), noise * prize / max(1, time)})
	}
	slices.SortFunc(c.keys, func(a, b key) int {
		switch {
		case a.worth > b.worth:
			return -1
		case a.worth < b.worth:
			return 1
		}
		return int(a.job - b.job)
	})
	for _, k := range c.keys {
		c.absent = append(c.absent, k.job)
	}
}

type key struct {
	job   int32
	worth float64
}

func (c *chain) mandatoryFirst() {
	slices.SortStableFunc(c.absent, func(a, b int32) int {
		x, y := c.m.p.Jobs[a].Mandatory, c.m.p.Jobs[b].Mandatory
		switch {
		case x == y:
			return 0
		case x:
			return -1
		}
		return 1
	})
}

// cheapest finds the route and stop where job costs least, −1 where it fits nowhere.
func (c *chain) cheapest(job int32) (route, at int32, cost int64) {
	m, s := c.m, c.next
	c.stamp++
	c.work += int64(len(s.tours)) / 2
	route, cost = -1, never
	pin := m.p.Jobs[job].Pin
	cells := c.cells[int(job)*len(s.tours) : (int(job)+1)*len(s.tours)]
	for r := range s.tours {
		t := &s.tours[r]
		if !m.slots[int(t.kind)*m.jobs+int(job)].ok || pin != nil && pin.Route != r {
			continue
		}
		if t.visits == 0 {
			if twin := m.twin[r]; c.seen[twin] == c.stamp {
				continue
			} else {
				c.seen[twin] = c.stamp
			}
		}
		if m.gaps && m.site[job] != nil && !m.apart(s, job, int32(r)) {
			continue
		}
		price, i := c.priced(&cells[r], job, t)
		if price != never && m.p.FairnessPrice > 0 {
			price += c.perLoss * m.unfairer(s, job, int32(r))
		}
		if price < cost {
			route, at, cost = int32(r), i, price
		}
	}
	return route, at, cost
}

// unfairer is how much the fairness price rises with job on route.
func (m *model) unfairer(s *state, job, route int32) int64 {
	now := unfair(m.p.FairnessPrice, s.service)
	add, team := m.slots[int(m.kindOf[route])*m.jobs+int(job)].service, m.team[route]
	s.service[team] += add
	then := unfair(m.p.FairnessPrice, s.service)
	s.service[team] -= add
	return then - now
}

// priced is insertion by way of the cell.
func (c *chain) priced(cell *cell, job int32, t *tour) (cost int64, at int32) {
	if cell.version[0] == t.version {
		return cell.cost[0], cell.at[0]
	}
	if cell.version[1] == t.version {
		return cell.cost[1], cell.at[1]
	}
	delta, at := c.insertion(job, t)
	cost = never
	if delta != never {
		cost = c.perLeg*delta + c.perLoss*c.m.movePrice(job, t.route)
	}
	half := 0 // overwrite what is not the current state's
	if cell.version[0] == c.cur.tours[t.route].version {
		half = 1
	}
	cell.version[half], cell.cost[half], cell.at[half] = t.version, cost, at
	return cost, at
}

// insertion finds the stop of t before which job adds the least travel. Now and then it blinks: it overlooks a place.
func (c *chain) insertion(job int32, t *tour) (delta int64, at int32) {
	m := c.m
	k := &m.kinds[t.kind]
	if t.visits >= k.maxJobs || !m.holds(t, job) {
		return never, 0
	}
	c.work += int64(len(t.stops)) + 4
	if len(t.pauses) > 0 {
		return c.insertionPaused(job, t)
	}
	slot := &m.slots[int(t.kind)*m.jobs+int(job)]
	loc := m.p.Jobs[job].Location
	from := m.roads[k.roads].from[loc*m.size : (loc+1)*m.size]
	to := m.roads[k.roads].to[loc*m.size : (loc+1)*m.size]
	open, closes, stay, several := slot.open, slot.close, slot.service, slot.lo < slot.hi
	best := min(never, k.maxTravel-t.travel+1)
	soonest, used := open+stay, t.visits > 0
	stops := t.stops
	// Places that come too early or too late for the job's windows lie at both ends of the tour.
	i := 1
	for i < len(stops) && stops[i].late < soonest {
		i++
	}
	for ; i < len(stops); i++ {
		p := &stops[i-1]
		if p.dep > closes {
			break
		}
		there := to[p.loc]
		start := p.dep + int64(there)
		if start > closes {
			continue
		}
		q := &stops[i]
		start = max(start, open)
		if several {
			start = m.first(slot, start)
		}
		on := from[q.loc]
		if start+stay+int64(on) > q.late {
			continue
		}
		add := int64(there) + int64(on)
		if used {
			add -= int64(q.leg)
		}
		if add < best && there != Unreachable && on != Unreachable && !c.rnd.chance(blink) &&
			(!m.mixed || m.holdsAt(t, job, i)) && (k.maxWork == far || m.shortDay(t, job, i)) {
			best, at = add, int32(i)
		}
	}
	if at == 0 {
		return never, 0
	}
	return best, at
}

// blink is one in how many places is overlooked (Christiaens and Vanden Berghe 2020, section 4.2).
const blink = 100

// insertionPaused is insertion into a tour with breaks.
func (c *chain) insertionPaused(job int32, t *tour) (delta int64, at int32) {
	m := c.m
	k := &m.kinds[t.kind]
	slot := &m.slots[int(t.kind)*m.jobs+int(job)]
	loc := m.p.Jobs[job].Location
	from := m.roads[k.roads].from[loc*m.size : (loc+1)*m.size]
	to := m.roads[k.roads].to[loc*m.size : (loc+1)*m.size]
	best := min(never, k.maxTravel-t.travel+1)
	for i := 1; i < len(t.stops); i++ {
		p, q := &t.stops[i-1], &t.stops[i]
		next := &t.pauses[i]
		there, on := to[p.loc], from[next.next]
		add := int64(there) + int64(on)
		if t.visits > 0 {
			add -= int64(next.leg)
		}
		if add >= best || there == Unreachable || on == Unreachable {
			continue
		}
		start := m.first(slot, max(p.dep, t.pauses[i-1].base+int64(there)))
		if start >= far {
			continue
		}
		leave := start + slot.service
		if k.inside && q.job <= onBreak {
			c.work += int64(len(t.stops))
		}
		fits, inside := leave+int64(on) <= q.late && leave <= next.due, k.inside && q.job <= onBreak
		if (fits || inside) && !c.rnd.chance(blink) && (!m.mixed || m.holdsAt(t, job, i)) &&
			(fits && k.maxWork == far || m.shortDay(t, job, i)) { // a break that interrupts the job is tried out
			best, at = add, int32(i)
		}
	}
	if at == 0 {
		return never, 0
	}
	return best, at
}

// shortDay reports whether t stays within its longest day with job before stop i.
func (m *model) shortDay(t *tour, job int32, i int) bool {
	var trial tour
	trial.copyFrom(t)
	return m.insert(&trial, job, i)
}
