package route

import (
	"cmp"
	"slices"
)

// pool remembers good tours of states that the search passed through, to pack anew: the best plan out of whole tours
// is often better than the best plan met (Hu and Lim 2014, I3CH). It serves problems of few routes, where places
// compete; with many routes, packing is a hard problem of its own.
type pool struct {
	columns []column
	known   map[uint64]int32 // by the set of jobs and the kind of route
	keys    []uint64         // one random word per job; a set's is their sum
	stops   []int32          // the jobs and breaks of all columns, one after the other
}

// column is one tour of the pool.
type column struct {
	twin   int32
	lo, hi int32 // its stops
	travel int64
	value  float64 // gain, less a tie-break of travel
	spare  float64 // value beyond what its jobs are worth at their prices
}

const (
	maxPooledRoutes = 8
	maxPooledStops  = 120_000
)

func newPool(m *model) *pool {
	if n := len(m.kindOf); n < 2 || n > maxPooledRoutes || m.gaps || m.p.FairnessPrice > 0 {
		return nil
	}
	p := &pool{known: map[uint64]int32{}, keys: make([]uint64, m.jobs)}
	rnd := random{uint64(m.jobs)}
	for j := range p.keys {
		p.keys[j] = rnd.next()
	}
	return p
}

// add remembers a tour, or a shorter way through a set of jobs that it knows.
func (p *pool) add(m *model, t *tour) {
	twin := m.twin[t.route]
	key := uint64(twin)
	for i := 1; i < len(t.stops)-1; i++ {
		if j := t.stops[i].job; j >= 0 {
			key += p.keys[j]
		}
	}
	at, ok := p.known[key]
	switch {
	case t.visits == 0 || ok && p.columns[at].travel <= t.travel:
		return
	case !ok && len(p.stops) > maxPooledStops:
		return
	case !ok:
		at = int32(len(p.columns))
		p.known[key] = at
		p.columns = append(p.columns, column{twin: twin, lo: int32(len(p.stops)), hi: int32(len(p.stops) + len(t.stops) - 2)})
		p.stops = append(p.stops, make([]int32, len(t.stops)-2)...)
	}
	c := &p.columns[at]
	c.travel = t.travel
	for i := range p.stops[c.lo:c.hi] {
		p.stops[int(c.lo)+i] = t.stops[i+1].job
	}
}

// packing looks for the best disjoint tours, one a route.
type packing struct {
	m      *model
	pool   *pool
	best   float64 // value to beat
	price  []float64
	byTwin [][]int32 // columns worth looking at, most spare first
	routes []int32   // routes ordered by twin
	after  []float64 // most that the routes from here on can spare
	used   []bool
	chosen []int32
	answer []int32
	tried  int
}

// maxPacked bounds the columns that are tried; beyond it the packing is given up where it is.
const maxPacked = 300_000

// pack returns the columns of a plan worth more than best, nil if there is none to be found.
func (p *pool) pack(m *model, best *worth) []int32 {
	k := &packing{m: m, pool: p, price: make([]float64, m.jobs), used: make([]bool, m.jobs), byTwin: make([][]int32, len(m.kindOf))}
	k.weigh(best)
	for r := range m.kindOf {
		k.routes = append(k.routes, int32(r))
	}
	slices.SortStableFunc(k.routes, func(a, b int32) int { return cmp.Compare(m.twin[a], m.twin[b]) })
	total := k.prices()
	if !k.sift(total) {
		return nil
	}
	sum := 0.0
	for _, price := range k.price {
		sum += price
	}
	k.choose(0, 0, sum)
	return k.answer
}

// weigh values every column and the plan to beat. Mandatory jobs outweigh all optional ones.
func (k *packing) weigh(best *worth) {
	m, must, way := k.m, 1.0, 1.0
	for j := range m.jobs {
		must += float64(m.prize[j])
	}
	for _, c := range k.pool.columns {
		way = max(way, float64(c.travel))
	}
	tie := 0.5 / (way * float64(len(m.kindOf)))
	for i := range k.pool.columns {
		c := &k.pool.columns[i]
		c.value = -(tie + float64(m.p.TravelPrice)) * float64(c.travel)
		for _, j := range k.pool.stops[c.lo:c.hi] {
			if j < 0 {
				continue
			}
			c.value += float64(m.prize[j] - m.movePrice(j, c.twin))
			if m.p.Jobs[j].Mandatory {
				c.value += must
			}
		}
	}
	mandatory := 0
	for j := range m.jobs {
		if m.p.Jobs[j].Mandatory {
			mandatory++
		}
	}
	k.best = float64(best.gain) - tie*float64(best.travel) + must*float64(mandatory-best.missing)
}

// prices sets a price on every job by subgradient steps on the Lagrangian dual of the packing, so that few columns have
// anything to spare, and returns the bound on the value of every plan.
func (k *packing) prices() float64 {
	for j := range k.price {
		k.price[j] = float64(k.m.prize[j]) / 2
	}
	bestBound, bestPrice := 1e300, slices.Clone(k.price)
	count := make([]float64, len(k.price))
	pace, stale := 1.0, 0
	for range 150 {
		bound := k.bound()
		if bound < bestBound-1e-6 {
			bestBound, stale = bound, 0
			copy(bestPrice, k.price)
		} else if stale++; stale == 8 {
			pace, stale = pace/2, 0
			copy(k.price, bestPrice)
			k.bound()
		}
		if bestBound <= k.best {
			break
		}
		for j := range count {
			count[j] = 1
		}
		for x, r := range k.routes {
			list := k.byTwin[k.m.twin[r]]
			rank := x
			for rank > 0 && k.m.twin[k.routes[rank-1]] == k.m.twin[r] {
				rank--
			}
			if rank = x - rank; rank < len(list) && k.pool.columns[list[rank]].spare > 0 {
				for _, j := range k.jobs(list[rank]) {
					if j >= 0 {
						count[j]--
					}
				}
			}
		}
		norm := 0.0
		for _, g := range count {
			norm += g * g
		}
		if norm == 0 {
			break
		}
		step := pace * (bound - k.best) / norm
		for j := range k.price {
			k.price[j] = max(0, k.price[j]-step*count[j])
		}
	}
	copy(k.price, bestPrice)
	return k.bound()
}

func (k *packing) jobs(column int32) []int32 {
	c := &k.pool.columns[column]
	return k.pool.stops[c.lo:c.hi]
}

// bound works out what every column can spare at the prices, keeps the best of each twin in byTwin, and returns the
// bound: all prices and what the best columns spare.
func (k *packing) bound() float64 {
	total := 0.0
	for _, p := range k.price {
		total += p
	}
	for t := range k.byTwin {
		k.byTwin[t] = k.byTwin[t][:0]
	}
	for i := range k.pool.columns {
		c := &k.pool.columns[i]
		c.spare = c.value
		for _, j := range k.pool.stops[c.lo:c.hi] {
			if j >= 0 {
				c.spare -= k.price[j]
			}
		}
		k.offer(int32(i))
	}
	for _, list := range k.byTwin {
		for _, i := range list {
			total += max(0, k.pool.columns[i].spare)
		}
	}
	return total
}

// offer keeps column in its twin's list if it is among the best that the twin's routes can use.
func (k *packing) offer(column int32) {
	c := &k.pool.columns[column]
	list, routes := k.byTwin[c.twin], 0
	for _, r := range k.routes {
		if k.m.twin[r] == c.twin {
			routes++
		}
	}
	at := len(list)
	for at > 0 && k.pool.columns[list[at-1]].spare < c.spare {
		at--
	}
	if at == routes {
		return
	}
	list = slices.Insert(list, at, column)
	k.byTwin[c.twin] = list[:min(len(list), routes)]
}

// sift fills byTwin with every column that a better plan could hold, and after with the bounds of choose.
func (k *packing) sift(total float64) bool {
	if total <= k.best {
		return false
	}
	top := slices.Clone(k.byTwin)
	for t := range top {
		top[t] = slices.Clone(top[t])
	}
	for t := range k.byTwin {
		if len(top[t]) == 0 {
			continue
		}
		least := k.pool.columns[top[t][len(top[t])-1]].spare
		k.byTwin[t] = k.byTwin[t][:0]
		for i := range k.pool.columns {
			if c := &k.pool.columns[i]; c.twin == int32(t) && total-max(0, least)+c.spare > k.best {
				k.byTwin[t] = append(k.byTwin[t], int32(i))
			}
		}
		slices.SortStableFunc(k.byTwin[t], func(a, b int32) int {
			return cmp.Compare(k.pool.columns[b].spare, k.pool.columns[a].spare)
		})
	}
	k.after = make([]float64, len(k.routes)+1)
	for x := len(k.routes) - 1; x >= 0; x-- {
		k.after[x] = k.after[x+1]
		if list := k.byTwin[k.m.twin[k.routes[x]]]; len(list) > 0 {
			k.after[x] += max(0, k.pool.columns[list[0]].spare)
		}
	}
	return true
}

// choose tries every column for the route at x, from index from of its twin's list, then for those behind. bound is
// the prices of all jobs and the spare of what is chosen, with the most that the routes from x on can spare.
func (k *packing) choose(x, from int, bound float64) {
	if x == len(k.routes) {
		k.settle()
		return
	}
	twin := k.m.twin[k.routes[x]]
	if x > 0 && k.m.twin[k.routes[x-1]] != twin {
		from = 0
	}
	same := 1
	for x+same < len(k.routes) && k.m.twin[k.routes[x+same]] == twin {
		same++
	}
	list := k.byTwin[twin]
	for i := from; i < len(list); i++ {
		c := &k.pool.columns[list[i]]
		if bound+float64(same)*max(0, c.spare)+k.after[x+same] <= k.best {
			break
		}
		if k.tried++; k.tried > maxPacked {
			return
		}
		if k.clash(list[i]) {
			continue
		}
		k.mark(list[i], true)
		k.chosen = append(k.chosen, list[i])
		k.choose(x+1, i+1, bound+c.spare)
		k.chosen = k.chosen[:len(k.chosen)-1]
		k.mark(list[i], false)
	}
	if bound+k.after[x+same] > k.best {
		k.choose(x+same, 0, bound) // the other routes of this twin stay at home
	}
}

func (k *packing) clash(column int32) bool {
	return slices.ContainsFunc(k.jobs(column), func(j int32) bool { return j >= 0 && k.used[j] })
}

func (k *packing) mark(column int32, used bool) {
	for _, j := range k.jobs(column) {
		if j >= 0 {
			k.used[j] = used
		}
	}
}

// settle keeps what is chosen if it is the best so far.
func (k *packing) settle() {
	value := 0.0
	for _, i := range k.chosen {
		value += k.pool.columns[i].value
	}
	if value > k.best+1e-9 {
		k.best = value
		k.answer = slices.Clone(k.chosen)
	}
}

// repack makes the best packing of the pool the current state, if it is better than the best one.
func (c *chain) repack() {
	if c.pool == nil || c.best.served == c.m.jobs {
		return
	}
	answer := c.pool.pack(c.m, &c.best.worth)
	if answer == nil {
		return
	}
	m, s := c.m, c.next
	for r := range s.tours {
		t := &s.tours[r]
		for _, stop := range t.stops {
			if stop.job >= 0 {
				s.leave(m, stop.job, int32(r))
			}
		}
		m.clear(t, int32(r))
		m.settle(t)
		c.touch(int32(r))
	}
	s.travel = 0
	for _, i := range answer {
		r := int(c.pool.columns[i].twin)
		for m.twin[r] != c.pool.columns[i].twin || s.tours[r].visits > 0 {
			r++
		}
		t := &s.tours[r]
		t.stops = append(t.stops[:1], make([]stop, 0, 16)...)
		for _, j := range c.pool.stops[c.pool.columns[i].lo:c.pool.columns[i].hi] {
			one := stop{job: j}
			if j >= 0 {
				one.loc = int32(m.p.Jobs[j].Location)
				s.enter(m, j, int32(r))
			}
			t.stops = append(t.stops, one)
		}
		t.stops = append(t.stops, stop{loc: m.kinds[t.kind].end, job: atEnd})
		m.settle(t)
		s.travel += t.travel
	}
	s.total(m)
	c.keep()
	if c.cur.better(&c.best.worth) {
		c.best.copyFrom(c.cur)
	}
}
