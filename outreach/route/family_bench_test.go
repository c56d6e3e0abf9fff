package route_test

import (
	"math"
	"testing"

	"blangko/outreach/route"
)

// BenchmarkFamilies plans problems of other shapes than the public instances that parameters were chosen on: long days
// with wide windows, days of clustered places with long services (as Cordeau's), few teams among many places, and all
// places to be served by many teams. It tells how far three seeds fall short of the best of them and of a search of
// 200,000 steps, in percent of the points, or of travel where all are served.
func BenchmarkFamilies(b *testing.B) {
	for _, f := range []struct {
		name          string
		places, teams int
		day, width    int64
		service       int64
		all           bool
	}{
		{"long day", 100, 2, 10_000, 2_400, 100, false},
		{"clusters, narrow", 144, 4, 10_000, 1_300, 130, false},
		{"clusters, wide", 96, 2, 10_000, 2_700, 130, false},
		{"few teams", 400, 4, 2_300, 300, 100, false},
		{"small", 25, 3, 2_300, 300, 100, false},
		{"all served", 100, 25, 4_000, 600, 100, true},
	} {
		b.Run(f.name, func(b *testing.B) {
			p := family(f.places, f.teams, f.day, f.width, f.service, f.all)
			for b.Loop() {
				values := []float64{worthOf(solve(b, p, route.Options{Seed: 99, Iterations: 200_000}), f.all)}
				best := values[0]
				for seed := range 3 {
					v := worthOf(solve(b, p, route.Options{Seed: uint64(seed) + 1}), f.all)
					values, best = append(values, v), max(best, v)
				}
				sum := 0.0
				for _, v := range values[1:] {
					sum += 100 * (best - v) / math.Abs(best)
				}
				b.ReportMetric(sum/3, "gap-%")
			}
		})
	}
}

// worthOf is larger for a better plan: points, or travel below zero where all are served.
func worthOf(p route.Plan, all bool) float64 {
	if all {
		return -float64(p.Value.Travel) - 1e9*float64(p.Value.Missing)
	}
	return float64(p.Value.Prize)
}

// family is a problem drawn by a generator of its own, the same on every machine.
func family(places, teams int, day, width, service int64, all bool) *route.Problem {
	state := uint64(places*1000 + teams)
	unit := func() float64 {
		state = state*6364136223846793005 + 1442695040888963407
		return float64(state>>33) / (1 << 31)
	}
	x, y := []float64{500}, []float64{500}
	for i := 1; i <= places; i++ {
		cluster, far, turn := float64(i%6), 300*unit()*unit(), 6.28*unit()
		x = append(x, 500+380*math.Cos(cluster)+far*math.Cos(turn))
		y = append(y, 500+380*math.Sin(cluster)+far*math.Sin(turn))
	}
	m := route.Matrix{Size: places + 1}
	for i := range x {
		for j := range x {
			m.Seconds = append(m.Seconds, int32(math.Hypot(x[i]-x[j], y[i]-y[j])))
		}
	}
	p := &route.Problem{Matrices: []route.Matrix{m}}
	for t := range teams {
		p.Routes = append(p.Routes, route.Route{Team: t, Shift: route.Window{Close: day}, Capacity: []int64{200}})
	}
	for i := 1; i <= places; i++ {
		way := int64(m.Seconds[i])
		stay := 1 + int64(2*unit()*float64(service))
		open := way + int64(unit()*float64(day-2*way-stay))
		j := route.Job{Location: i, Service: []int64{stay}, Prize: 1 + int64(25*unit()), Mandatory: all,
			Windows: []route.Window{{Open: open, Close: min(open+width, day-way-stay)}}}
		if all {
			j.Prize, j.Delivery = 0, []int64{1 + int64(24*unit())}
		}
		p.Jobs = append(p.Jobs, j)
	}
	return p
}
