package route

// plan writes a state out.
func (m *model) plan(s *state, search Search) Plan {
	plan := Plan{Search: search, Value: m.value(s)}
	for r := range s.tours {
		if t := &s.tours[r]; t.visits > 0 {
			plan.Tours = append(plan.Tours, m.tour(t))
		}
	}
	for j, at := range s.where {
		if at < 0 {
			plan.Absent = append(plan.Absent, j)
		}
	}
	return plan
}

// value counts what the books of the search leave out. There a served job brings the price of dropping it; here a
// dropped one costs it.
func (m *model) value(s *state) Value {
	v := Value{Missing: s.missing, Gain: s.gain, Served: s.served, Travel: s.travel}
	for j, at := range s.where {
		job := &m.p.Jobs[j]
		if at >= 0 {
			v.Prize += job.Prize
		}
		if job.Published == nil {
			continue
		}
		v.Gain -= job.Published.DropPrice
		switch at {
		case -1:
			v.Dropped++
		case m.home[j]:
		default:
			v.Moved++
		}
	}
	return v
}

// tour gives the hours of t for the earliest return that keeps to the longest day, leaving as late as that allows.
func (m *model) tour(t *tour) Tour {
	k := &m.kinds[t.kind]
	leave, end, next := m.compact(t, k.shift.Open)
	for end-leave > k.maxWork {
		leave, end, next = m.compact(t, next)
	}
	out := Tour{Route: int(t.route), Depart: leave, Return: end, Travel: t.travel}
	free, driven := leave, int64(0)
	for i := 1; i < len(t.stops)-1; i++ {
		s := &t.stops[i]
		step := Step{Job: -1, Break: -1}
		if s.job <= onBreak {
			step.Break = int(onBreak - s.job)
			b := &k.breaks[step.Break]
			step.Start = firstBreak(b.Windows, free)
			if step.Start == far { // it interrupts the visit before it
				visit := &out.Steps[len(out.Steps)-1]
				step.Start = max(visit.Start, b.Windows[0].Open)
				step.Arrive, step.Leave = step.Start, step.Start+b.Duration
				visit.Leave += b.Duration
				free = visit.Leave
				out.Steps = append(out.Steps, step)
				continue
			}
			step.Travel = min(step.Start-free, int64(t.pauses[i].leg)-driven)
			step.Arrive = free + step.Travel
			step.Leave = step.Start + b.Duration
			driven += step.Travel
		} else {
			slot := &m.slots[int(t.kind)*m.jobs+int(s.job)]
			step.Job = int(s.job)
			step.Travel = int64(s.leg) - driven
			step.Arrive = free + step.Travel
			step.Start = m.first(slot, step.Arrive)
			step.Leave = step.Start + slot.service
			driven = 0
		}
		free = step.Leave
		out.Steps = append(out.Steps, step)
	}
	return out
}
