package route

import "slices"

// Stops other than jobs.
const (
	atStart = -1
	atEnd   = -2
	onBreak = -3 // and below: −3 − index of the break
)

// stop is one entry of a tour: its start, a job, a break or its end.
//
// dep is the earliest time the team is free to go on, late the latest arrival that keeps the rest of the tour
// feasible (Savelsbergh 1992, forward time slack). With both, an insertion is tested in constant time.
type stop struct {
	dep  int64
	late int64
	loc  int32 // of a break: where the team was last
	leg  int32 // travel from the last place to this one, 0 for a break
	job  int32
}

// pause is what a stop of a tour with breaks needs besides. A break may fall anywhere on the way, so the team arrives
// at a place d seconds after the last one at max(dep, base+d): base is when it left there, later by every pause since.
// Leaving at t for that place keeps the rest feasible if t+d <= late and t <= due.
type pause struct {
	base int64
	due  int64
	next int32 // location of the next place
	leg  int32 // travel to it from the last place
}

// tour is the day of one team while it is searched.
type tour struct {
	route   int32
	kind    int32
	version uint32 // unlike that of any other state of any tour of the chain
	visits  int
	travel  int64
	service int64
	stops   []stop
	pauses  []pause // beside stops, where the route has breaks
	load    []int64 // by dimension: sum of deliveries and pickups; where both occur, the legs below
	before  []int64 // [stop*dims+d]: highest load on the legs up to and with the one that leaves the stop
	after   []int64 // [stop*dims+d]: highest load on that leg and those behind it
}

// clear makes t the empty tour of a route: its breaks in order and no visit.
func (m *model) clear(t *tour, route int32) {
	k := &m.kinds[m.kindOf[route]]
	t.route, t.kind = route, m.kindOf[route]
	t.stops = append(t.stops[:0], stop{loc: k.start, job: atStart})
	for b := range k.breaks {
		t.stops = append(t.stops, stop{job: onBreak - int32(b)})
	}
	t.stops = append(t.stops, stop{loc: k.end, job: atEnd})
}

func (t *tour) copyFrom(o *tour) {
	t.route, t.kind, t.version, t.visits, t.travel, t.service = o.route, o.kind, o.version, o.visits, o.travel, o.service
	t.stops = append(t.stops[:0], o.stops...)
	t.pauses = append(t.pauses[:0], o.pauses...)
	t.load = append(t.load[:0], o.load...)
	t.before = append(t.before[:0], o.before...)
	t.after = append(t.after[:0], o.after...)
}

// settle works out the whole schedule of t and reports whether it holds. An empty tour costs nothing and always holds.
func (m *model) settle(t *tour) bool {
	k := &m.kinds[t.kind]
	carried, ok := m.carry(t), m.forward(t, k)
	t.backward(m, k)
	if t.visits == 0 {
		t.travel = 0
		return true
	}
	return carried && ok && t.travel <= k.maxTravel && t.visits <= k.maxJobs && (k.maxWork == far || m.shortest(t) <= k.maxWork)
}

// interrupts reports whether break b may interrupt a visit that starts then and would be left at free, but for it: it
// starts while the visit goes on, and the rest of the visit still fits its window. A break that starts later than the
// visit ends needs no leave.
func (m *model) interrupts(b *Break, s *slot, start, free int64) bool {
	if !b.Inside || len(b.Windows) == 0 || start > b.Windows[0].Close || free < b.Windows[0].Open {
		return false
	}
	return !s.within || free+b.Duration <= m.closes(s, start)+s.service
}

// closes is the last time at which the service may start in the window that holds start. (A pinned hour bounds the start
// alone, and shortens it here too.)
func (m *model) closes(s *slot, start int64) int64 {
	if s.lo < s.hi {
		return closeOf(m.spans[s.lo:s.hi], start)
	}
	return s.close
}

// visit is the slot of the job at stop i, nil where there is none.
func (m *model) visit(t *tour, i int) *slot {
	if job := t.stops[i].job; job >= 0 {
		return &m.slots[int(t.kind)*m.jobs+int(job)]
	}
	return nil
}

// forward fills in the earliest times.
func (m *model) forward(t *tour, k *kind) bool {
	from, l := m.roads[k.roads].from, m.size
	t.visits, t.travel, t.service = 0, 0, 0
	t.stops[0].dep = k.shift.Open
	paused := len(k.breaks) > 0
	if paused {
		t.pauses = append(t.pauses[:0], make([]pause, len(t.stops))...)
		t.pauses[0].base = k.shift.Open
	}
	ok := true
	free, base, loc := k.shift.Open, k.shift.Open, t.stops[0].loc
	for i := 1; i < len(t.stops); i++ {
		s := &t.stops[i]
		if s.job <= onBreak {
			b := &k.breaks[onBreak-s.job]
			start := firstBreak(b.Windows, free)
			if start == far && b.Inside {
				if v := m.visit(t, i-1); v != nil && m.interrupts(b, v, free-v.service, free) {
					start = free
				}
			}
			ok = ok && start < far
			s.loc, s.leg = loc, 0
			free, base = min(start, far)+b.Duration, base+b.Duration
		} else {
			s.leg = from[int(loc)*l+int(s.loc)]
			ok = ok && s.leg != Unreachable
			t.travel += int64(s.leg)
			arrive := max(free, base+int64(s.leg))
			if s.job >= 0 {
				slot := &m.slots[int(t.kind)*m.jobs+int(s.job)]
				start := m.first(slot, arrive)
				ok = ok && start < far
				arrive = start + slot.service
				t.visits++
				t.service += slot.service
			} else {
				ok = ok && arrive <= k.shift.Close
			}
			free, base, loc = arrive, arrive, s.loc
		}
		s.dep = free
		if paused {
			t.pauses[i].base = base
		}
	}
	return ok
}

// backward fills in the latest times.
func (t *tour) backward(m *model, k *kind) {
	end := len(t.stops) - 1
	t.stops[end].late = k.shift.Close
	if len(k.breaks) > 0 {
		t.backwardPaused(m, k)
		return
	}
	late, leg := k.shift.Close, int64(t.stops[end].leg)
	for i := end - 1; i > 0; i-- {
		s := &t.stops[i]
		slot := &m.slots[int(t.kind)*m.jobs+int(s.job)]
		s.late = m.last(slot, late-leg-slot.service)
		late, leg = s.late, int64(s.leg)
	}
	t.stops[0].late = late - leg
}

func (t *tour) backwardPaused(m *model, k *kind) {
	end := len(t.stops) - 1
	next := pause{due: k.shift.Close, next: t.stops[end].loc, leg: t.stops[end].leg}
	late := k.shift.Close
	t.pauses[end].due, t.pauses[end].next, t.pauses[end].leg = next.due, next.next, next.leg
	inside := int64(-far) // latest start of a visit right before stop i+1, a break, that it interrupts
	for i := end - 1; i >= 0; i-- {
		s, p := &t.stops[i], &t.pauses[i]
		switch {
		case s.job <= onBreak:
			b := &k.breaks[onBreak-s.job]
			late -= b.Duration
			if v := m.visit(t, i-1); v != nil && b.Inside {
				inside = m.lastInside(b, v, min(late-int64(next.leg), next.due-b.Duration)-v.service)
			}
			next.due = lastBreak(b.Windows, next.due-b.Duration)
		case s.job >= 0:
			slot := &m.slots[int(t.kind)*m.jobs+int(s.job)]
			late = max(inside, m.last(slot, min(late-int64(next.leg), next.due)-slot.service))
			next, inside = pause{due: late, next: s.loc, leg: s.leg}, -far
		default:
			late = min(late-int64(next.leg), next.due)
		}
		s.late, p.due, p.next, p.leg = late, next.due, next.next, next.leg
	}
}

// lastInside is the last time at or before t at which a visit may start that break b interrupts, −far if none.
func (m *model) lastInside(b *Break, s *slot, t int64) int64 {
	if len(b.Windows) == 0 {
		return -far
	}
	t = min(t, b.Windows[0].Close)
	more := int64(0)
	if s.within {
		more = b.Duration
	}
	windows := []Window{{s.open, s.close}}
	if s.lo < s.hi {
		windows = m.spans[s.lo:s.hi]
	}
	for i := len(windows) - 1; i >= 0; i-- {
		if start := min(t, windows[i].Close-more); start >= windows[i].Open && start+s.service >= b.Windows[0].Open {
			return start
		}
	}
	return -far
}

// carry fills in the loads and reports whether the route can carry them.
func (m *model) carry(t *tour) bool {
	if m.dims == 0 {
		return true
	}
	d := m.dims
	t.load = append(t.load[:0], make([]int64, d)...)
	capacity := m.kinds[t.kind].capacity
	ok := true
	if !m.mixed {
		for _, s := range t.stops {
			if s.job >= 0 {
				j := &m.p.Jobs[s.job]
				addLoad(t.load, j.Delivery, 1)
				addLoad(t.load, j.Pickup, 1)
			}
		}
		for i, v := range t.load {
			ok = ok && v <= capacity[i]
		}
		return ok
	}
	n := len(t.stops)
	t.before = append(t.before[:0], make([]int64, n*d)...)
	t.after = append(t.after[:0], make([]int64, n*d)...)
	for _, s := range t.stops {
		if s.job >= 0 {
			addLoad(t.load, m.p.Jobs[s.job].Delivery, 1)
		}
	}
	for i, s := range t.stops {
		if s.job >= 0 {
			addLoad(t.load, m.p.Jobs[s.job].Delivery, -1)
			addLoad(t.load, m.p.Jobs[s.job].Pickup, 1)
		}
		copy(t.before[i*d:], t.load)
		copy(t.after[i*d:], t.load)
		for x, v := range t.load {
			ok = ok && v <= capacity[x]
		}
	}
	for i := d; i < n*d; i++ {
		t.before[i] = max(t.before[i], t.before[i-d])
	}
	for i := (n-1)*d - 1; i >= 0; i-- {
		t.after[i] = max(t.after[i], t.after[i+d])
	}
	return ok
}

func addLoad(to, load []int64, times int64) {
	for d, v := range load {
		to[d] += times * v
	}
}

// holds reports whether job fits beside what t carries, wherever it is inserted (or, with mixed loads, could be).
func (m *model) holds(t *tour, job int32) bool {
	if m.dims == 0 || m.mixed {
		return true
	}
	j, capacity := &m.p.Jobs[job], m.kinds[t.kind].capacity
	for d, v := range j.Delivery {
		if t.load[d]+v > capacity[d] {
			return false
		}
	}
	for d, v := range j.Pickup {
		if t.load[d]+v > capacity[d] {
			return false
		}
	}
	return true
}

// holdsAt is holds for mixed loads: job is inserted before stop i.
func (m *model) holdsAt(t *tour, job int32, i int) bool {
	j, capacity, at := &m.p.Jobs[job], m.kinds[t.kind].capacity, (i-1)*m.dims
	for d, v := range j.Delivery {
		if t.before[at+d]+v > capacity[d] {
			return false
		}
	}
	for d, v := range j.Pickup {
		if t.after[at+d]+v > capacity[d] {
			return false
		}
	}
	return true
}

// insert puts job before stop i and settles t.
func (m *model) insert(t *tour, job int32, i int) bool {
	t.stops = slices.Insert(t.stops, i, stop{loc: int32(m.p.Jobs[job].Location), job: job})
	return m.settle(t)
}

// shortest is the least time from leaving the start to reaching the end over every departure. For a choice of windows
// the end comes later only when the departure is later than the slack; so the choices are tried in order of departure.
func (m *model) shortest(t *tour) int64 {
	best := int64(far)
	for depart := m.kinds[t.kind].shift.Open; ; {
		leave, end, next := m.compact(t, depart)
		if end >= far {
			return best
		}
		best, depart = min(best, end-leave), next
	}
}

// compact runs t with every start as early as a departure at or after depart allows. It returns the latest departure
// that comes home at the same time, that time, and the first departure at which some start would fall in a later
// window. The end is far when t cannot be run.
//
// Leaving d seconds later moves a time of the tour by max(0, d−idle), idle being the waiting before it. So it is enough
// to carry a time and its idle through the stops, and slack, the largest d that keeps every start in its window.
func (m *model) compact(t *tour, depart int64) (leave, end, next int64) {
	k := &m.kinds[t.kind]
	free, base := depart, depart
	freeIdle, baseIdle, slack := int64(0), int64(0), int64(far)
	for i := 1; i < len(t.stops); i++ {
		s := &t.stops[i]
		if s.job <= onBreak {
			b := &k.breaks[onBreak-s.job]
			start := firstBreak(b.Windows, free)
			if v := m.visit(t, i-1); start >= far && v != nil && m.interrupts(b, v, free-v.service, free) {
				begun := free - v.service
				slack = min(slack, b.Windows[0].Close-begun+freeIdle)
				if v.within {
					slack = min(slack, m.closes(v, begun)+v.service-free-b.Duration+freeIdle)
				}
				free, base = free+b.Duration, base+b.Duration
				continue
			}
			if start >= far {
				return 0, far, 0
			}
			freeIdle += start - free
			slack = min(slack, closeOf(b.Windows, start)-start+freeIdle)
			free, base = start+b.Duration, base+b.Duration
			continue
		}
		arrive := max(free, base+int64(s.leg))
		idle := min(freeIdle+arrive-free, baseIdle+arrive-base-int64(s.leg))
		start, last, stay := arrive, k.shift.Close, int64(0)
		if s.job >= 0 {
			slot := &m.slots[int(t.kind)*m.jobs+int(s.job)]
			start, last, stay = m.first(slot, arrive), slot.close, slot.service
			if start < far && slot.lo < slot.hi {
				last = closeOf(m.spans[slot.lo:slot.hi], start)
			}
		}
		if start > last {
			return 0, far, 0
		}
		idle += start - arrive
		slack = min(slack, last-start+idle)
		free, base = start+stay, start+stay
		freeIdle, baseIdle = idle, idle
	}
	return depart + min(slack, freeIdle), free, depart + slack + 1
}

// closeOf is the end of the window that holds t.
func closeOf(windows []Window, t int64) int64 {
	for _, w := range windows {
		if t <= w.Close {
			return w.Close
		}
	}
	return t
}
