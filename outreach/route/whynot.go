package route

import (
	"context"
	"slices"
)

// Cause says why a job is not on a route.
type Cause string

// The causes, in the order in which they are looked for: the first that holds is the route's.
const (
	Pinned     Cause = "pinned"       // it is pinned to another route
	NoSkill    Cause = "no-skill"     // the team lacks the skill Skill, or cannot serve there at all (Skill −1)
	Closed     Cause = "closed"       // none of its windows meets the shift
	NoWay      Cause = "no-way"       // there is no way there and back
	OutOfReach Cause = "out-of-reach" // there, service and back take Seconds more than the day of the team
	OffHours   Cause = "off-hours"    // even alone, service does not fit its windows
	TooLarge   Cause = "too-large"    // it needs Short more of dimension Dimension than the team can carry
	TooSoon    Cause = "too-soon"     // its site has a visit too few days away
	Short      Cause = "short"        // beside the day's visits, Short of dimension Dimension are missing
	Competes   Cause = "competes"     // it would displace Displaced, worth Loss
	NotWorth   Cause = "not-worth"    // it fits, but would cost Loss in travel and fairness, no less than its Gain
	Full       Cause = "full"         // only by displacing three visits or more, or pinned ones
)

// Reason is why a job is not on one route. Loss is in points; Gain is what the job would bring there.
type Reason struct {
	Route     int
	Cause     Cause
	Skill     int
	Seconds   int64
	Dimension int
	Short     int64
	Displaced []int
	Gain      int64
	Loss      int64
}

// WhyNot explains one job that a plan leaves out.
type WhyNot struct {
	Job     int
	Nearest Reason   // the route that comes nearest to taking it
	Routes  []Reason // every route, in the problem's order
}

// rank orders causes by how near the route comes to taking the job.
var rank = map[Cause]int{Pinned: 0, NoSkill: 1, Closed: 2, TooLarge: 3, NoWay: 4, OutOfReach: 5, OffHours: 6, TooSoon: 7,
	Full: 8, Short: 9, Competes: 10, NotWorth: 11}

// Explain gives the reasons for every job that the plan leaves out, computed from the plan itself: what is said to be
// displaced would make room, and what is said to be short is short beside the visits of that plan. The plan must pass
// Check; errors are those of Validate and Check, and of ctx where that ends.
func Explain(ctx context.Context, p *Problem, plan *Plan) ([]WhyNot, error) {
	if err := Check(p, plan); err != nil {
		return nil, err
	}
	m := newModel(p)
	s := m.restore(plan)
	var f finder
	whys := make([]WhyNot, 0, len(plan.Absent))
	for _, j := range plan.Absent {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		why := WhyNot{Job: j, Nearest: Reason{Route: -1}}
		for r := range s.tours {
			reason := m.reason(&f, s, int32(j), r)
			why.Routes = append(why.Routes, reason)
			if why.Nearest.Route < 0 || nearer(&reason, &why.Nearest) {
				why.Nearest = reason
			}
		}
		whys = append(whys, why)
	}
	return whys, nil
}

// nearer reports whether a comes nearer to taking the job than b.
func nearer(a, b *Reason) bool {
	if x, y := rank[a.Cause], rank[b.Cause]; x != y {
		return x > y
	}
	if x, y := a.Loss-a.Gain, b.Loss-b.Gain; x != y {
		return x < y
	}
	return a.Short+a.Seconds < b.Short+b.Seconds
}

// restore is the state that a plan was written from.
func (m *model) restore(plan *Plan) *state {
	s := m.newState()
	for _, tour := range plan.Tours {
		t := &s.tours[tour.Route]
		end := t.stops[len(t.stops)-1]
		t.stops = t.stops[:1]
		for _, step := range tour.Steps {
			one := stop{job: onBreak - int32(step.Break)}
			if step.Job >= 0 {
				one = stop{job: int32(step.Job), loc: int32(m.p.Jobs[step.Job].Location)}
				s.enter(m, one.job, t.route)
			}
			t.stops = append(t.stops, one)
		}
		t.stops = append(t.stops, end)
		m.settle(t)
		s.travel += t.travel
	}
	s.total(m)
	return s
}

// reason finds why job is not on the route: first what no plan could change, then what this plan takes.
func (m *model) reason(f *finder, s *state, job int32, r int) Reason {
	j, route := &m.p.Jobs[job], &m.p.Routes[r]
	why := Reason{Route: r, Skill: -1, Gain: m.prize[job] - m.movePrice(job, int32(r))}
	slot := &m.slots[int(m.kindOf[r])*m.jobs+int(job)]
	switch {
	case j.Pin != nil && j.Pin.Route != r:
		why.Cause = Pinned
	case service(j, route.Class) < 0 || !able(route, j):
		why.Cause = NoSkill
		for _, skill := range j.Skills {
			if why.Skill < 0 && !slices.Contains(route.Skills, skill) {
				why.Skill = skill
			}
		}
	case !carries(route, j):
		why.Cause = TooLarge
		why.Dimension, why.Short = m.short(make([]int64, m.dims), j, int32(r))
	case !slot.ok && j.Within && (len(j.Windows) == 0 || len(clip(j.Windows, route.Shift)) > 0):
		why.Cause = OffHours
	case !slot.ok:
		why.Cause = Closed
	case m.alone(f, job, r, &why):
	case !m.apart(s, job, int32(r)):
		why.Cause = TooSoon
	default:
		m.displace(f, s, job, r, &why)
	}
	return why
}

// short is the dimension in which load and the job's own exceed the route's capacity most, and by how much.
func (m *model) short(load []int64, j *Job, route int32) (dimension int, short int64) {
	for d, most := range m.kinds[m.kindOf[route]].capacity {
		need := int64(0)
		if d < len(j.Delivery) {
			need = j.Delivery[d]
		}
		if d < len(j.Pickup) {
			need = max(need, j.Pickup[d])
		}
		if over := load[d] + need - most; need > 0 && over > short {
			dimension, short = d, over
		}
	}
	return dimension, short
}

// alone reports whether job cannot be the only visit of the route, and why.
func (m *model) alone(f *finder, job int32, r int, why *Reason) bool {
	var t tour
	m.clear(&t, int32(r))
	if _, ok := f.room(m, &t, job); ok {
		return false
	}
	k := &m.kinds[m.kindOf[r]]
	loc := m.p.Jobs[job].Location
	there, back := m.roads[k.roads].from[int(k.start)*m.size+loc], m.roads[k.roads].from[loc*m.size+int(k.end)]
	if there == Unreachable || back == Unreachable {
		why.Cause = NoWay
		return true
	}
	travel := int64(there) + int64(back)
	needs := travel + m.slots[int(m.kindOf[r])*m.jobs+int(job)].service
	for _, b := range k.breaks {
		needs += b.Duration
	}
	day := min(k.shift.Close-k.shift.Open, k.maxWork)
	if over := max(needs-day, travel-k.maxTravel); over > 0 {
		why.Cause, why.Seconds = OutOfReach, over
	} else {
		why.Cause = OffHours
	}
	return true
}

// finder looks for room; its tours are used again and again.
type finder struct{ best, trial, moved tour }

// room is t with job where it adds least travel, its breaks where they are or, if that fails, one of them elsewhere; ok is
// false when there is no room. The answer holds until the finder is asked again.
func (f *finder) room(m *model, t *tour, job int32) (best *tour, ok bool) {
	if !m.settle(t) {
		return nil, false
	}
	try := func(t *tour) {
		for i := 1; i < len(t.stops); i++ {
			f.trial.copyFrom(t)
			if m.insert(&f.trial, job, i) && (!ok || f.trial.travel < f.best.travel) {
				f.best.copyFrom(&f.trial)
				ok = true
			}
		}
	}
	try(t)
	for at := 1; at < len(t.stops)-1 && !ok; at++ {
		if t.stops[at].job > onBreak {
			continue
		}
		low, high := between(t.stops, at)
		for to := low; to <= high; to++ {
			f.moved.copyFrom(t)
			shift(f.moved.stops, at, to)
			try(&f.moved)
		}
	}
	return &f.best, ok
}

// maxEjected bounds the visits among which pairs are tried.
const maxEjected = 24

// displace finds the visits, one or two, that cost least to leave out so that job fits. With none needed, the job fits
// and is left out because it costs more than it brings.
func (m *model) displace(f *finder, s *state, job int32, r int, why *Reason) {
	t := &s.tours[r]
	if with, ok := f.room(m, t, job); ok {
		why.Cause, why.Loss = NotWorth, m.extra(s, job, with)
		return
	}
	why.Cause, why.Loss = Full, 0
	var visits []int32
	for _, stop := range t.stops {
		if stop.job >= 0 && !m.pinned[stop.job] && (!m.p.Jobs[stop.job].Mandatory || m.p.Jobs[job].Mandatory) {
			visits = append(visits, stop.job)
		}
	}
	slices.SortStableFunc(visits, func(a, b int32) int { return cmpInt(m.prize[a], m.prize[b]) })
	best := never
	var without tour
	for i, a := range visits {
		if m.prize[a] < best && f.fitsWithout(m, &without, t, job, a, a) {
			best, why.Displaced = m.prize[a], []int{int(a)}
		}
		for _, b := range visits[:min(i, maxEjected)] {
			if loss := m.prize[a] + m.prize[b]; loss < best && f.fitsWithout(m, &without, t, job, a, b) {
				best, why.Displaced = loss, []int{int(b), int(a)}
			}
		}
	}
	if why.Displaced != nil {
		why.Cause, why.Loss = Competes, best
	}
	if m.dims > 0 && !m.mixed {
		if d, short := m.short(t.load, &m.p.Jobs[job], int32(r)); short > 0 {
			why.Cause, why.Dimension, why.Short = Short, d, short
		}
	}
}

// fitsWithout reports whether job fits into t once a and b are gone.
func (f *finder) fitsWithout(m *model, without, t *tour, job, a, b int32) bool {
	without.copyFrom(t)
	without.stops = slices.DeleteFunc(without.stops, func(s stop) bool { return s.job == a || s.job == b })
	_, ok := f.room(m, without, job)
	return ok
}
