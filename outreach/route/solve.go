package route

import (
	"context"
	"math"
	"slices"
	"sync"
)

// Version changes whenever the same problem, seed and budget may give another plan than before. It is kept with a plan,
// so that one can tell whether it can be made again.
const Version = 3

// Options of a search. The zero value is a good one.
type Options struct {
	Seed       uint64
	Iterations int                  // ruin-and-recreate steps of each chain; 0 for a budget by problem size
	Chains     int                  // searches side by side that learn from each other; 0 for one
	Threads    int                  // how many chains run at once; it never changes the plan. 0 for one
	Progress   func(Value, float64) // told the best value so far and the share of the budget that is spent
}

// rounds is how often the chains meet, and how often Progress is called.
const rounds = 20

// The pools of tours are packed anew from that round on, and every so many rounds; the last time at the end.
const packFrom, packEvery = 11, 3

// Solve plans the problem. The same problem, options and binary give the same plan, whatever Threads, unless ctx ends
// before the budget does: then the plan is the best so far, and Search.Cut is set. Errors wrap ErrInvalid.
func Solve(ctx context.Context, p *Problem, o Options) (Plan, error) {
	if err := p.Validate(); err != nil {
		return Plan{}, err
	}
	if o.Iterations < 0 || o.Chains < 0 || o.Threads < 0 {
		return Plan{}, invalid("Iterations, Chains or Threads below 0")
	}
	m := newModel(p)
	chains := make([]*chain, max(1, o.Chains))
	for i := range chains {
		chains[i] = newChain(m, (&random{o.Seed + uint64(i)}).next())
	}
	inParallel(chains, o.Threads, (*chain).begin)
	budget := budget{steps: o.Iterations, work: m.work()}
	for round := 1; round <= rounds && m.jobs > 0 && len(m.kindOf) > 0 && ctx.Err() == nil; round++ {
		inParallel(chains, o.Threads, func(c *chain) {
			c.run(ctx, budget, float64(round)/rounds)
			if round >= packFrom && (rounds-round)%packEvery == 0 {
				c.repack()
			}
		})
		best := meet(chains)
		if o.Progress != nil {
			o.Progress(m.value(best), float64(round)/rounds)
		}
	}
	best := meet(chains)
	m.fill(ctx, best)
	found := Search{Cut: ctx.Err() != nil}
	for _, c := range chains {
		found.Iterations += c.steps
	}
	return m.plan(best, found), nil
}

// lastLook bounds the stops that fill looks at once ctx has ended: about half a second.
const lastLook = 2_000_000

// fill adds what still fits as it is and is worth its way, the most valuable first: a search that was cut short, or has
// too many places to try them all, may have overlooked it. It ends with ctx, but has a last look where that has ended.
func (m *model) fill(ctx context.Context, s *state) {
	left, cut := lastLook, ctx.Err() != nil
	var absent []int32
	for j, at := range s.where {
		if at < 0 {
			absent = append(absent, int32(j))
		}
	}
	slices.SortStableFunc(absent, func(a, b int32) int {
		x, y := m.p.Jobs[a].Mandatory, m.p.Jobs[b].Mandatory
		switch {
		case x && !y:
			return -1
		case y && !x:
			return 1
		}
		return cmpInt(m.prize[b], m.prize[a])
	})
	var f finder
	var best tour
	for _, j := range absent {
		if cut && left < 0 || !cut && ctx.Err() != nil {
			return
		}
		loss := never
		for r := range s.tours {
			left -= len(s.tours[r].stops)
			if with, l := m.loss(&f, s, j, int32(r)); l < loss {
				best.copyFrom(with)
				loss = l
			}
		}
		if loss == never || !m.p.Jobs[j].Mandatory && m.prize[j] <= loss {
			continue
		}
		t := &s.tours[best.route]
		s.travel += best.travel - t.travel
		t.copyFrom(&best)
		s.enter(m, j, best.route)
		s.total(m)
	}
}

// loss is the points that job costs on the route, and the route with it where that is least; never where it does not fit.
func (m *model) loss(f *finder, s *state, job, route int32) (with *tour, loss int64) {
	t := &s.tours[route]
	pin := m.p.Jobs[job].Pin
	if pin != nil && pin.Route != int(route) || !m.slots[int(t.kind)*m.jobs+int(job)].ok || !m.apart(s, job, route) {
		return nil, never
	}
	with, ok := f.room(m, t, job)
	if !ok {
		return nil, never
	}
	return with, m.movePrice(job, route) + m.extra(s, job, with)
}

// extra is what a route with job adds to the prices of travel and unfairness.
func (m *model) extra(s *state, job int32, with *tour) int64 {
	price := m.p.TravelPrice * (with.travel - s.tours[with.route].travel)
	if m.p.FairnessPrice > 0 {
		price += m.unfairer(s, job, with.route)
	}
	return price
}

// inParallel runs do on every chain, a few at once. Chains share only the model, which no one changes.
func inParallel(chains []*chain, threads int, do func(*chain)) {
	if threads <= 1 || len(chains) == 1 {
		for _, c := range chains {
			do(c)
		}
		return
	}
	var wait sync.WaitGroup
	slots := make(chan struct{}, threads)
	for _, c := range chains {
		slots <- struct{}{}
		wait.Go(func() {
			do(c)
			<-slots
		})
	}
	wait.Wait()
}

// meet finds the best state of all chains, the first among equals, and lets the chain that is worst off go on from it.
func meet(chains []*chain) *state {
	best, worst := chains[0], chains[0]
	for _, c := range chains[1:] {
		if c.best.better(&best.best.worth) {
			best = c
		}
		if worst.cur.better(&c.cur.worth) {
			worst = c
		}
	}
	if worst != best {
		worst.adopt(best.best)
	}
	return best.best
}

// adopt goes on from another chain's state. Its tours get versions of this chain.
func (c *chain) adopt(s *state) {
	for r := range c.next.tours {
		c.next.tours[r].copyFrom(&s.tours[r])
		c.touch(int32(r))
	}
	copy(c.next.where, s.where)
	copy(c.next.service, s.service)
	c.next.worth = s.worth
	c.keep()
	if c.cur.better(&c.best.worth) {
		c.best.copyFrom(c.cur)
	}
}

// budget bounds a chain by steps or, where there are none, by work: both are the same on every machine.
type budget struct {
	steps int
	work  int64
}

func (b budget) spent(c *chain) float64 {
	if b.steps > 0 {
		return float64(c.steps) / float64(b.steps)
	}
	return float64(c.work) / float64(b.work)
}

// work is the default budget of a chain by problem size: in proportion to the jobs, and with few routes above a hundred
// jobs to their power of 1.5, for there each step moves a smaller part of the plan; more where there are many routes to
// choose from; and bounded. 100 jobs and 4 routes take about a second of one processor.
func (m *model) work() int64 {
	jobs, routes := len(m.p.Jobs), len(m.kindOf)
	perJob := 1_400_000.0
	if routes <= maxPooledRoutes {
		perJob *= math.Sqrt(max(1, float64(jobs)/100))
	}
	return min(int64(perJob)*int64(jobs)*int64(14+max(0, routes-4))/14, maxWork)
}

const maxWork = 1_200_000_000

// run searches until that share of the budget is spent or ctx ends.
func (c *chain) run(ctx context.Context, b budget, until float64) {
	for spent := b.spent(c); spent < until; spent = b.spent(c) {
		if c.steps&63 == 0 && ctx.Err() != nil {
			return
		}
		c.step(spent)
	}
}

// begin makes the first plan: pinned visits, then published ones where they were announced, then the rest by prize
// and closeness, each where it costs least.
func (c *chain) begin() {
	m := c.m
	if m.jobs == 0 || len(m.kindOf) == 0 {
		return
	}
	line := slices.Clone(c.orders[3])
	rank := func(j int32) int {
		switch job := &m.p.Jobs[j]; {
		case job.Pin != nil:
			return 0
		case job.Published != nil:
			return 1
		case job.Mandatory:
			return 2
		}
		return 3
	}
	slices.SortStableFunc(line, func(a, b int32) int { return rank(a) - rank(b) })
	for _, j := range line {
		if home := m.home[j]; home >= 0 && m.p.Jobs[j].Pin == nil && c.placeAtHome(j, home) {
			continue
		}
		if route, at, cost := c.cheapest(j); route >= 0 && c.worthwhile(j, cost, 1) {
			c.place(j, route, at)
		}
	}
	c.next.total(m)
	c.keep()
	c.best.copyFrom(c.cur)
}

// placeAtHome puts a published job on the route where it was announced, if it fits there.
func (c *chain) placeAtHome(job, home int32) bool {
	m, t := c.m, &c.next.tours[home]
	if !m.slots[int(t.kind)*m.jobs+int(job)].ok || !m.apart(c.next, job, home) {
		return false
	}
	delta, at := c.insertion(job, t)
	if delta == never {
		return false
	}
	c.place(job, home, at)
	return true
}
