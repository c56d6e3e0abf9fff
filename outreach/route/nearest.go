package route

import "slices"

// Nearest plans by hand, as a yardstick for Solve. The rule: day by day and team by team, the team leaves its start
// and goes on to the place nearest by travel time, of those not yet visited, that it can serve and still be at its end
// in time; when there is none, its day is over. Prizes and prices play no part. The plan passes Check.
func Nearest(p *Problem) (Plan, error) {
	if err := p.Validate(); err != nil {
		return Plan{}, err
	}
	m := newModel(p)
	s := m.newState()
	order := make([]int, len(p.Routes))
	for r := range order {
		order[r] = r
	}
	slices.SortStableFunc(order, func(a, b int) int { return p.Routes[a].Day - p.Routes[b].Day })
	for _, r := range order {
		for m.goOn(s, int32(r)) {
		}
		s.travel += s.tours[r].travel
	}
	s.total(m)
	return m.plan(s, Search{}), nil
}

// goOn adds the nearest place to the end of the route's day, and reports whether there was one.
func (m *model) goOn(s *state, route int32) bool {
	t := &s.tours[route]
	last := len(t.stops) - 2
	for last > 0 && t.stops[last].job < 0 {
		last--
	}
	row := m.roads[m.kinds[t.kind].roads].from[int(t.stops[last].loc)*m.size:]
	var open []int32
	for j := range int32(m.jobs) {
		pin := m.p.Jobs[j].Pin
		if s.where[j] < 0 && m.slots[int(t.kind)*m.jobs+int(j)].ok && (pin == nil || pin.Route == int(route)) && m.apart(s, j, route) {
			open = append(open, j)
		}
	}
	slices.SortStableFunc(open, func(a, b int32) int {
		return cmpInt(int64(row[m.p.Jobs[a].Location]), int64(row[m.p.Jobs[b].Location]))
	})
	var trial tour
	for _, j := range open {
		for i := last + 1; i < len(t.stops); i++ { // before the breaks still to come, else after the first of them, and so on
			trial.copyFrom(t)
			if m.insert(&trial, j, i) {
				t.copyFrom(&trial)
				s.enter(m, j, route)
				return true
			}
		}
	}
	return false
}
