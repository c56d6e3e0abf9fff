package route

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Violation is one way in which a plan breaks its problem.
type Violation struct {
	Tour int // index in Plan.Tours, −1 for the plan as a whole
	Step int // index in the tour's steps, −1 for the tour as a whole
	Text string
}

func (v Violation) String() string {
	switch {
	case v.Tour < 0:
		return v.Text
	case v.Step < 0:
		return fmt.Sprintf("tour %d: %s", v.Tour, v.Text)
	}
	return fmt.Sprintf("tour %d, step %d: %s", v.Tour, v.Step, v.Text)
}

// Violations is every way in which a plan breaks its problem, as an error.
type Violations []Violation

func (v Violations) Error() string {
	lines := make([]string, len(v))
	for i := range v {
		lines[i] = v[i].String()
	}
	return "the plan does not hold: " + strings.Join(lines, "; ")
}

// Check re-adds every leg of a plan and returns nil if it holds, else Violations, or the error of Validate. It is
// written apart from the solver and shares no code with it but Validate and the types, so that one may judge the other.
func Check(p *Problem, plan *Plan) error {
	if err := p.Validate(); err != nil {
		return err
	}
	c := checker{p: p, on: make([]int, len(p.Jobs))}
	for j := range c.on {
		c.on[j] = -1
	}
	for i := range plan.Tours {
		c.tour(i, &plan.Tours[i], plan.Tours[:i])
	}
	c.absences(plan)
	c.sites()
	c.value(plan)
	if len(c.found) > 0 {
		return c.found
	}
	return nil
}

type checker struct {
	p      *Problem
	on     []int // route that each job is on, −1 for none
	travel int64
	found  Violations
}

func (c *checker) bad(tour, step int, format string, args ...any) {
	c.found = append(c.found, Violation{tour, step, fmt.Sprintf(format, args...)})
}

// leg is the travel between two locations, false where there is no way.
func leg(m *Matrix, from, to int) (int64, bool) {
	if from == Anywhere || to == Anywhere {
		return 0, true
	}
	s := m.Seconds[from*m.Size+to]
	return int64(s), s != Unreachable
}

// inside reports whether one of the windows holds all those times.
func inside(windows []Window, times ...int64) bool {
	if len(windows) == 0 {
		return true
	}
	return slices.ContainsFunc(windows, func(w Window) bool { return w.Open <= slices.Min(times) && slices.Max(times) <= w.Close })
}

func (c *checker) tour(i int, t *Tour, earlier []Tour) {
	if t.Route < 0 || t.Route >= len(c.p.Routes) {
		c.bad(i, -1, "route %d does not exist", t.Route)
		return
	}
	if len(earlier) > 0 && earlier[len(earlier)-1].Route >= t.Route {
		c.bad(i, -1, "route %d is not behind route %d", t.Route, earlier[len(earlier)-1].Route)
	}
	r := &c.p.Routes[t.Route]
	c.visits(i, t, r)
	c.hours(i, t, r)
	c.breaks(i, t, r)
	c.loads(i, t, r)
	c.ways(i, t, r)
	if t.Depart < r.Shift.Open || t.Return > r.Shift.Close {
		c.bad(i, -1, "from %d to %d is beyond the shift from %d to %d", t.Depart, t.Return, r.Shift.Open, r.Shift.Close)
	}
	if work := t.Return - t.Depart; r.MaxWork > 0 && work > r.MaxWork {
		c.bad(i, -1, "%d seconds of work exceed %d", work, r.MaxWork)
	}
	if r.MaxTravel > 0 && t.Travel > r.MaxTravel {
		c.bad(i, -1, "%d seconds of travel exceed %d", t.Travel, r.MaxTravel)
	}
}

// visits checks each visit by itself: known, once, on a route that may and can, at an hour that suits.
func (c *checker) visits(i int, t *Tour, r *Route) {
	count := 0
	for k, s := range t.Steps {
		if s.Job < 0 {
			continue
		}
		if s.Job >= len(c.p.Jobs) || s.Break >= 0 {
			c.bad(i, k, "job %d does not exist or is a break as well", s.Job)
			continue
		}
		count++
		j := &c.p.Jobs[s.Job]
		if c.on[s.Job] >= 0 {
			c.bad(i, k, "job %d is also on route %d", s.Job, c.on[s.Job])
		}
		c.on[s.Job] = t.Route
		if !inside(j.Windows, s.Start) {
			c.bad(i, k, "job %d starts at %d, outside its windows", s.Job, s.Start)
		} else if j.Within && !inside(j.Windows, s.Start, s.Leave) {
			c.bad(i, k, "job %d is served from %d to %d, beyond its window", s.Job, s.Start, s.Leave)
		}
		if !inside([]Window{r.Shift}, s.Start) {
			c.bad(i, k, "job %d starts at %d, outside the shift", s.Job, s.Start)
		}
		if j.Pin != nil && (j.Pin.Route != t.Route || j.Pin.Window != (Window{}) && !inside([]Window{j.Pin.Window}, s.Start)) {
			c.bad(i, k, "job %d is pinned to route %d and not kept there", s.Job, j.Pin.Route)
		}
		for _, skill := range j.Skills {
			if !slices.Contains(r.Skills, skill) {
				c.bad(i, k, "job %d needs skill %d", s.Job, skill)
			}
		}
		needs := int64(0)
		if len(j.Service) > 1 {
			needs = j.Service[r.Class]
		} else if len(j.Service) == 1 {
			needs = j.Service[0]
		}
		if needs < 0 {
			c.bad(i, k, "job %d cannot be served by class %d", s.Job, r.Class)
		} else if took := s.Leave - s.Start - interruption(t, k); took != needs {
			c.bad(i, k, "job %d takes %d seconds, not %d", s.Job, took, needs)
		}
	}
	if count == 0 {
		c.bad(i, -1, "there is no visit")
	}
	if r.MaxJobs > 0 && count > r.MaxJobs {
		c.bad(i, -1, "%d visits exceed %d", count, r.MaxJobs)
	}
}

// interruption is how long the visit of step k is interrupted by the break behind it.
func interruption(t *Tour, k int) int64 {
	if k+1 < len(t.Steps) && t.Steps[k+1].Job < 0 && t.Steps[k+1].Start < t.Steps[k].Leave {
		return t.Steps[k+1].Leave - t.Steps[k+1].Start
	}
	return 0
}

// hours checks that the clock runs forward and that travel fills the time that it is said to fill.
func (c *checker) hours(i int, t *Tour, r *Route) {
	clock := t.Depart
	for k, s := range t.Steps {
		if k > 0 && interruption(t, k-1) > 0 {
			visit, allowed := t.Steps[k-1], s.Break >= 0 && s.Break < len(r.Breaks) && r.Breaks[s.Break].Inside
			if !allowed || visit.Job < 0 || s.Travel != 0 || s.Arrive != s.Start || s.Start < visit.Start || s.Leave > visit.Leave {
				c.bad(i, k, "from %d to %d it interrupts what lasts from %d to %d", s.Start, s.Leave, visit.Start, visit.Leave)
			}
			continue
		}
		if s.Travel < 0 || s.Arrive != clock+s.Travel || s.Start < s.Arrive || s.Leave < s.Start {
			c.bad(i, k, "leaves at %d, %d seconds of travel, then %d, %d, %d", clock, s.Travel, s.Arrive, s.Start, s.Leave)
		}
		clock = s.Leave
	}
	if t.Return < clock {
		c.bad(i, -1, "returns at %d, before it leaves its last place at %d", t.Return, clock)
	}
}

// ways adds up the travel between places; the part of a way before a break counts with the part behind it.
func (c *checker) ways(i int, t *Tour, r *Route) {
	m := &c.p.Matrices[r.Matrix]
	at, driven, total, clock := r.Start, int64(0), int64(0), t.Depart
	for k, s := range t.Steps {
		driven += s.Travel
		clock = max(clock, s.Leave)
		if s.Job < 0 || s.Job >= len(c.p.Jobs) {
			continue
		}
		way, ok := leg(m, at, c.p.Jobs[s.Job].Location)
		if !ok {
			c.bad(i, k, "there is no way from %d to %d", at, c.p.Jobs[s.Job].Location)
		}
		if driven != way {
			c.bad(i, k, "the way from %d takes %d seconds, not %d", at, way, driven)
		}
		at, driven, total = c.p.Jobs[s.Job].Location, 0, total+way
	}
	way, ok := leg(m, at, r.End)
	if !ok {
		c.bad(i, -1, "there is no way from %d to the end %d", at, r.End)
	}
	if driven > way || t.Return != clock+way-driven {
		c.bad(i, -1, "returns at %d, though %d seconds are left to travel at %d", t.Return, way-driven, clock)
	}
	total += way
	if t.Travel != total {
		c.bad(i, -1, "the ways add up to %d seconds, not %d", total, t.Travel)
	}
	c.travel += total
}

// breaks checks that every break of the route is taken once, in order, in its windows and in full.
func (c *checker) breaks(i int, t *Tour, r *Route) {
	taken := 0
	for k, s := range t.Steps {
		if s.Job >= 0 {
			continue
		}
		if s.Break != taken || s.Break >= len(r.Breaks) {
			c.bad(i, k, "break %d where break %d is due", s.Break, taken)
			continue
		}
		taken++
		b := &r.Breaks[s.Break]
		if !inside(b.Windows, s.Start) || !inside([]Window{r.Shift}, s.Start) {
			c.bad(i, k, "break %d starts at %d, outside its windows or the shift", s.Break, s.Start)
		}
		if s.Leave-s.Start != b.Duration {
			c.bad(i, k, "break %d takes %d seconds, not %d", s.Break, s.Leave-s.Start, b.Duration)
		}
	}
	if taken != len(r.Breaks) {
		c.bad(i, -1, "%d of %d breaks are taken", taken, len(r.Breaks))
	}
}

// loads follows the load of each dimension from the start to the end.
func (c *checker) loads(i int, t *Tour, r *Route) {
	amount := func(list []int64, d int) int64 {
		if d < len(list) {
			return list[d]
		}
		return 0
	}
	for d, most := range r.Capacity {
		load := int64(0)
		for _, s := range t.Steps {
			if s.Job >= 0 && s.Job < len(c.p.Jobs) {
				load += amount(c.p.Jobs[s.Job].Delivery, d)
			}
		}
		if load > most {
			c.bad(i, -1, "load %d of dimension %d exceeds %d at the start", load, d, most)
		}
		for k, s := range t.Steps {
			if s.Job >= 0 && s.Job < len(c.p.Jobs) {
				load += amount(c.p.Jobs[s.Job].Pickup, d) - amount(c.p.Jobs[s.Job].Delivery, d)
			}
			if load > most {
				c.bad(i, k, "load %d of dimension %d exceeds %d", load, d, most)
			}
		}
	}
}

// absences checks that the jobs left out are exactly those on no tour.
func (c *checker) absences(plan *Plan) {
	var out []int
	for j, at := range c.on {
		if at < 0 {
			out = append(out, j)
		}
	}
	if !slices.Equal(out, plan.Absent) {
		c.bad(-1, -1, "absent are %v, not %v", out, plan.Absent)
	}
}

// sites checks the days between visits to one site.
func (c *checker) sites() {
	bySite := map[int][]int{}
	for j := range c.p.Jobs {
		if s := c.p.Jobs[j].Site; s > 0 && c.on[j] >= 0 {
			bySite[s] = append(bySite[s], j)
		}
	}
	for _, site := range slices.Sorted(maps.Keys(bySite)) {
		jobs := bySite[site]
		for x, a := range jobs {
			for _, b := range jobs[:x] {
				days := c.p.Routes[c.on[a]].Day - c.p.Routes[c.on[b]].Day
				if gap := max(c.p.Jobs[a].Gap, c.p.Jobs[b].Gap); max(days, -days) < gap {
					c.bad(-1, -1, "site %d: jobs %d and %d are %d days apart, not %d", site, b, a, max(days, -days), gap)
				}
			}
		}
	}
}

// value works out anew what the plan is worth.
func (c *checker) value(plan *Plan) {
	v := Value{Travel: c.travel}
	price, teams := int64(0), map[int]float64{}
	for i := range c.p.Routes {
		teams[c.p.Routes[i].Team] = 0
	}
	for j := range c.p.Jobs {
		job, at := &c.p.Jobs[j], c.on[j]
		if at < 0 && job.Mandatory {
			v.Missing++
		}
		if at >= 0 {
			v.Served++
			v.Prize += job.Prize
		}
		if b := job.Published; b != nil && at < 0 {
			v.Dropped++
			price += b.DropPrice
		} else if b != nil && at != b.Route {
			v.Moved++
			price += b.MovePrice
		}
	}
	for _, t := range plan.Tours {
		for k, s := range t.Steps {
			if s.Job >= 0 && t.Route >= 0 && t.Route < len(c.p.Routes) {
				teams[c.p.Routes[t.Route].Team] += float64(s.Leave-s.Start-interruption(&t, k)) / 3600
			}
		}
	}
	v.Gain = v.Prize - price - c.p.TravelPrice*v.Travel
	// The fairness price is a sum of squares in floating point; it may round to either side of a half.
	unfair := c.deviation(teams) * float64(c.p.FairnessPrice)
	if d := float64(v.Gain) - unfair - float64(plan.Value.Gain); max(d, -d) > 0.501+1e-9*unfair {
		c.bad(-1, -1, "the gain is %d less a fairness price of %.0f, not %d", v.Gain, unfair, plan.Value.Gain)
	}
	v.Gain = plan.Value.Gain
	if v != plan.Value {
		c.bad(-1, -1, "the value is %+v, not %+v", v, plan.Value)
	}
}

// deviation is the sum of the teams' square deviations from their mean hours.
func (c *checker) deviation(teams map[int]float64) float64 {
	sum, squares := 0.0, 0.0
	for _, h := range teams {
		sum += h
	}
	for _, h := range teams {
		squares += (h - sum/float64(len(teams))) * (h - sum/float64(len(teams)))
	}
	return squares
}
