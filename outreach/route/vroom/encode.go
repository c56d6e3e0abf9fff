package vroom

import "blangko/outreach/route"

type solution struct {
	Code       int          `json:"code"`
	Summary    summary      `json:"summary"`
	Unassigned []unassigned `json:"unassigned"`
	Routes     []tour       `json:"routes"`
}

type totals struct {
	Cost       int64      `json:"cost"`
	Delivery   []int64    `json:"delivery,omitempty"`
	Pickup     []int64    `json:"pickup,omitempty"`
	Setup      int64      `json:"setup"`
	Service    int64      `json:"service"`
	Duration   int64      `json:"duration"`
	Waiting    int64      `json:"waiting_time"`
	Priority   int64      `json:"priority"`
	Violations []struct{} `json:"violations"`
}

type summary struct {
	Routes     int `json:"routes"`
	Unassigned int `json:"unassigned"`
	totals
}

type unassigned struct {
	ID            int64     `json:"id"`
	Type          string    `json:"type"`
	Description   string    `json:"description,omitempty"`
	Location      []float64 `json:"location,omitempty"`
	LocationIndex int       `json:"location_index"`
}

type tour struct {
	Vehicle     int64  `json:"vehicle"`
	Description string `json:"description,omitempty"`
	totals
	Steps []step `json:"steps"`
}

type step struct {
	Type          string     `json:"type"`
	ID            *int64     `json:"id,omitempty"`
	Description   string     `json:"description,omitempty"`
	Location      []float64  `json:"location,omitempty"`
	LocationIndex *int       `json:"location_index,omitempty"`
	Setup         int64      `json:"setup"`
	Service       int64      `json:"service"`
	Waiting       int64      `json:"waiting_time"`
	Load          []int64    `json:"load,omitempty"`
	Arrival       int64      `json:"arrival"`
	Duration      int64      `json:"duration"`
	Violations    []struct{} `json:"violations"`
}

var none = []struct{}{}

func (in *input) solution(plan *route.Plan) *solution {
	s := &solution{Code: OK, Unassigned: []unassigned{}, Routes: []tour{}}
	s.Summary.totals = in.newTotals()
	for i := range plan.Tours {
		t := in.tour(&plan.Tours[i])
		s.Summary.add(&t.totals)
		s.Routes = append(s.Routes, t)
	}
	for _, j := range plan.Absent {
		job := &in.jobs[j]
		s.Unassigned = append(s.Unassigned, unassigned{ID: job.id, Type: "job", Description: job.description,
			Location: job.location, LocationIndex: in.problem.Jobs[j].Location})
	}
	s.Summary.Routes, s.Summary.Unassigned = len(s.Routes), len(s.Unassigned)
	return s
}

func (in *input) newTotals() totals {
	return totals{Delivery: make([]int64, in.amounts), Pickup: make([]int64, in.amounts), Violations: none}
}

func (t *totals) add(o *totals) {
	t.Cost += o.Cost
	t.Service += o.Service
	t.Duration += o.Duration
	t.Waiting += o.Waiting
	t.Priority += o.Priority
	addTo(t.Delivery, o.Delivery, 1)
	addTo(t.Pickup, o.Pickup, 1)
}

func addTo(to, amount []int64, times int64) {
	for d, v := range amount {
		to[d] += times * v
	}
}

func (in *input) tour(t *route.Tour) tour {
	v, r := &in.vehicles[t.Route], &in.problem.Routes[t.Route]
	out := tour{Vehicle: v.id, Description: v.description, totals: in.newTotals()}
	load := make([]int64, in.amounts)
	for _, s := range t.Steps {
		if s.Job >= 0 {
			addTo(load, in.problem.Jobs[s.Job].Delivery, 1)
		}
	}
	if r.Start != route.Anywhere {
		out.Steps = append(out.Steps, step{Type: "start", Location: v.start, LocationIndex: &r.Start, Load: copyOf(load),
			Arrival: t.Depart, Violations: none})
	}
	for _, s := range t.Steps {
		out.Duration += s.Travel
		next := step{Type: "break", Service: s.Leave - s.Start, Waiting: s.Start - s.Arrive, Arrival: s.Arrive,
			Duration: out.Duration, Violations: none}
		if s.Job >= 0 {
			job, asked := &in.jobs[s.Job], &in.problem.Jobs[s.Job]
			next.Type, next.ID, next.Description, next.Location = "job", &job.id, job.description, job.location
			next.LocationIndex = &asked.Location
			addTo(load, asked.Delivery, -1)
			addTo(load, asked.Pickup, 1)
			addTo(out.Delivery, asked.Delivery, 1)
			addTo(out.Pickup, asked.Pickup, 1)
			out.Priority += job.priority
		} else {
			next.ID, next.Description = &v.breaks[s.Break].id, v.breaks[s.Break].description
		}
		next.Load = copyOf(load)
		out.Service += next.Service
		out.Waiting += next.Waiting
		out.Steps = append(out.Steps, next)
	}
	out.Duration, out.Cost = t.Travel, t.Travel
	if r.End != route.Anywhere {
		out.Steps = append(out.Steps, step{Type: "end", Location: v.end, LocationIndex: &r.End, Load: copyOf(load),
			Arrival: t.Return, Duration: t.Travel, Violations: none})
	}
	return out
}

func copyOf(load []int64) []int64 { return append([]int64(nil), load...) }
