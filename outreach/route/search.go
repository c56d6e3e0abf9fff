package route

import "math"

// chain is one search: slack induction by string removals (Christiaens and Vanden Berghe 2020) under simulated
// annealing, with places that may stay absent.
type chain struct {
	m       *model
	rnd     random
	cur     *state
	next    *state
	best    *state
	touched []int32 // routes of next that differ from cur
	dirty   []bool
	cells   []cell // [job*routes+route]
	clock   uint32
	orders  [][]int32
	absent  []int32
	keys    []key
	seed    int      // the job around which this step ruins
	close   []uint32 // by job: the last step in which it was near the ruin, if that counted
	round   uint32
	oneIn   int      // of the other absent jobs, one in so many is tried
	seen    []uint32 // by twin: the evaluation that met an empty one
	stamp   uint32
	perLeg  int64 // weight of a second of travel in the cost of an insertion
	perLoss int64 // weight of a point there
	work    int64 // stops looked at: the measure of the budget, since it is the same on every machine
	steps   int
	pool    *pool // nil where tours are not packed anew
}

// cell remembers the best insertion of a job into two states of a route: that of cur and that of next.
type cell struct {
	version [2]uint32
	at      [2]int32
	cost    [2]int64
}

const never = int64(math.MaxInt64)

func newChain(m *model, seed uint64) *chain {
	c := &chain{m: m, rnd: random{seed}, cur: m.newState(), next: m.newState(), best: m.newState(),
		dirty: make([]bool, len(m.kindOf)), seen: make([]uint32, len(m.kindOf)),
		close: make([]uint32, m.jobs), cells: make([]cell, m.jobs*len(m.kindOf)), perLeg: 1, perLoss: 1 << 20}
	if m.p.TravelPrice > 0 {
		c.perLeg, c.perLoss = m.p.TravelPrice, 1
	}
	c.orders, c.pool = m.orders(), newPool(m)
	for r := range c.cur.tours {
		c.clock++
		c.cur.tours[r].version, c.next.tours[r].version, c.best.tours[r].version = c.clock, c.clock, c.clock
	}
	return c
}

// touch marks that route of next as unlike cur's, and as a state not seen before.
func (c *chain) touch(route int32) {
	if !c.dirty[route] {
		c.dirty[route] = true
		c.touched = append(c.touched, route)
	}
	c.clock++
	c.next.tours[route].version = c.clock
}

// keep makes next the current state; drop makes it the current state's copy again.
func (c *chain) keep() {
	for _, r := range c.touched {
		c.cur.tours[r].copyFrom(&c.next.tours[r])
		c.dirty[r] = false
	}
	c.touched = c.touched[:0]
	copy(c.cur.where, c.next.where)
	copy(c.cur.service, c.next.service)
	c.cur.worth = c.next.worth
}

func (c *chain) drop() {
	for _, r := range c.touched {
		c.next.tours[r].copyFrom(&c.cur.tours[r])
		c.dirty[r] = false
	}
	c.touched = c.touched[:0]
	copy(c.next.where, c.cur.where)
	copy(c.next.service, c.cur.service)
	c.next.worth = c.cur.worth
}

// step ruins and recreates once. spent is the share of the budget that is used, in [0, 1].
func (c *chain) step(spent float64) {
	c.steps++
	c.work += 150 + 2*int64(c.m.jobs) // what a step costs besides: its order, its draws, its books
	c.ruin()
	c.recreate(spent)
	c.next.total(c.m)
	if !c.accept(spent) {
		c.drop()
		return
	}
	if c.pool != nil && spent > poolFrom && c.next.served < c.m.jobs {
		for _, r := range c.touched {
			c.pool.add(c.m, &c.next.tours[r])
		}
	}
	c.keep()
	if c.cur.better(&c.best.worth) {
		c.best.copyFrom(c.cur)
	}
}

// poolFrom is the share of the budget before which tours are too poor to remember.
const poolFrom = 0.3

// Temperatures fall geometrically over the budget: in median prizes while places are left out, in mean legs once
// every place is served and only travel is left to save.
const (
	prizeHot, prizeCold = 0.6, 0.04
	legHot, legCold     = 3.0, 0.1
	// legPrize is the share of a median prize that a mean leg weighs while places are left out: a shorter tour is
	// worth something, for the next place may fit into it.
	legPrize = 0.005
)

func geometric(hot, cold, spent float64) float64 { return hot * math.Pow(cold/hot, spent) }

func (c *chain) accept(spent float64) bool {
	a, b := &c.next.worth, &c.cur.worth
	if a.missing != b.missing {
		return a.missing < b.missing
	}
	if a.served == c.m.jobs && b.served < c.m.jobs && a.gain >= b.gain {
		return true
	}
	if b.served == c.m.jobs && a.served < c.m.jobs && a.gain <= b.gain {
		return false
	}
	gain := float64(a.gain-b.gain) / c.m.scale
	legs := float64(b.travel-a.travel) / c.m.leg
	luck := -math.Log(c.rnd.unit())
	if a.served == c.m.jobs && b.served == c.m.jobs {
		if gain != 0 {
			legs += gain / legPrize
		}
		return legs > -luck*geometric(legHot, legCold, spent)
	}
	if c.m.p.TravelPrice == 0 {
		gain += legPrize * legs
	}
	return gain > -luck*geometric(prizeHot, prizeCold, spent)
}
