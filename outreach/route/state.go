package route

import "math"

// state is a whole plan while it is searched.
type state struct {
	tours   []tour
	where   []int32 // route of each job, −1 where absent
	service []int64 // seconds by team
	worth
}

// worth adds up what a state is worth.
type worth struct {
	served  int
	missing int
	prize   int64
	moved   int64 // prices of moved visits
	unfair  int64
	travel  int64
	gain    int64 // prize − moved − unfair − travel price
}

func (w *worth) better(o *worth) bool {
	if w.missing != o.missing {
		return w.missing < o.missing
	}
	if w.gain != o.gain {
		return w.gain > o.gain
	}
	return w.travel < o.travel
}

func (m *model) newState() *state {
	s := &state{tours: make([]tour, len(m.kindOf)), where: make([]int32, m.jobs), service: make([]int64, m.teams)}
	for j := range s.where {
		s.where[j] = -1
		if m.p.Jobs[j].Mandatory {
			s.missing++
		}
	}
	for r := range s.tours {
		m.clear(&s.tours[r], int32(r))
		m.settle(&s.tours[r])
	}
	return s
}

func (s *state) copyFrom(o *state) {
	for r := range s.tours {
		if s.tours[r].version != o.tours[r].version {
			s.tours[r].copyFrom(&o.tours[r])
		}
	}
	copy(s.where, o.where)
	copy(s.service, o.service)
	s.worth = o.worth
}

// enter and leave keep the books of a job that comes to a route or goes from it; the tours' travel is added by total.
func (s *state) enter(m *model, job, route int32) {
	s.where[job] = route
	s.served++
	s.prize += m.prize[job]
	s.service[m.team[route]] += m.slots[int(m.kindOf[route])*m.jobs+int(job)].service
	s.moved += m.movePrice(job, route)
	if m.p.Jobs[job].Mandatory {
		s.missing--
	}
}

func (s *state) leave(m *model, job, route int32) {
	s.where[job] = -1
	s.served--
	s.prize -= m.prize[job]
	s.service[m.team[route]] -= m.slots[int(m.kindOf[route])*m.jobs+int(job)].service
	s.moved -= m.movePrice(job, route)
	if m.p.Jobs[job].Mandatory {
		s.missing++
	}
}

// total works out the gain from the books.
func (s *state) total(m *model) {
	s.unfair = 0
	if m.p.FairnessPrice > 0 {
		s.unfair = unfair(m.p.FairnessPrice, s.service)
	}
	s.gain = s.prize - s.moved - s.unfair - m.p.TravelPrice*s.travel
}

// movePrice is what serving a published job on that route costs.
func (m *model) movePrice(job, route int32) int64 {
	if h := m.home[job]; h < 0 || h == route {
		return 0
	}
	return m.p.Jobs[job].Published.MovePrice
}

// unfair is the price of the teams' square deviations, in hours, from their mean service time.
func unfair(price int64, service []int64) int64 {
	mean := 0.0
	for _, s := range service {
		mean += float64(s)
	}
	mean /= float64(len(service))
	sum := 0.0
	for _, s := range service {
		hours := (float64(s) - mean) / 3600
		sum += hours * hours
	}
	return int64(math.Round(min(float64(price)*sum, 1<<55)))
}

// apart reports whether job on route keeps the days that its site asks for between visits.
func (m *model) apart(s *state, job, route int32) bool {
	j := &m.p.Jobs[job]
	for _, other := range m.site[job] {
		at := s.where[other]
		if other == job || at < 0 {
			continue
		}
		if gap := max(j.Gap, m.p.Jobs[other].Gap); abs(m.p.Routes[at].Day-m.p.Routes[route].Day) < gap {
			return false
		}
	}
	return true
}

func abs(v int) int {
	if v < 0 {
		return -v
	}
	return v
}
