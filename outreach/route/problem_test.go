package route_test

import (
	"context"
	"math"
	"testing"

	"pgregory.net/rapid"

	"blangko/outreach/route"
)

// anyProblem draws small problems with everything a problem may hold at once: windows, breaks, both kinds of load,
// skills, pins, promises, sites with gaps, unreachable pairs and travel times that are not metric.
func anyProblem(t *rapid.T) *route.Problem {
	between := func(low, high int, name string) int { return rapid.IntRange(low, high).Draw(t, name) }
	often := func(name string) bool { return rapid.IntRange(0, 3).Draw(t, name) == 0 }
	p := &route.Problem{}
	if often("travel price") {
		p.TravelPrice = int64(between(1, 3, "price"))
	}
	if often("fairness price") {
		p.FairnessPrice = int64(between(1, 50, "fairness"))
	}
	size := between(1, 12, "locations")
	for range between(1, 2, "matrices") {
		p.Matrices = append(p.Matrices, anyMatrix(t, size))
	}
	dims := between(0, 2, "dimensions")
	amounts := func(name string, most int) []int64 {
		var a []int64
		for range dims {
			a = append(a, int64(between(0, most, name)))
		}
		return a
	}
	windows := func(name string, most int) []route.Window {
		var w []route.Window
		at := int64(0)
		for range between(0, most, name) {
			at += int64(between(1, 4000, "open"))
			end := at + int64(between(0, 3000, "width"))
			w = append(w, route.Window{Open: at, Close: end})
			at = end
		}
		return w
	}
	routes := between(1, 4, "routes")
	for r := range routes {
		open := int64(between(0, 5000, "shift"))
		one := route.Route{Team: r % 2, Day: r / 2, Matrix: between(0, len(p.Matrices)-1, "matrix"),
			Start: between(-1, size-1, "start"), End: between(-1, size-1, "end"),
			Shift: route.Window{Open: open, Close: open + int64(between(0, 12000, "hours"))}, Capacity: amounts("capacity", 9),
			Class: between(0, 1, "class")}
		if often("work") {
			one.MaxWork = int64(between(1, 9000, "most work"))
		}
		if often("travel") {
			one.MaxTravel = int64(between(1, 4000, "most travel"))
		}
		if often("visits") {
			one.MaxJobs = between(1, 3, "most visits")
		}
		for range between(0, 2, "skills") {
			one.Skills = append(one.Skills, between(1, 3, "skill"))
		}
		if often("breaks") {
			for range between(1, 2, "breaks") {
				one.Breaks = append(one.Breaks, route.Break{Windows: windows("break", 2), Duration: int64(between(0, 1500, "pause"))})
			}
		}
		p.Routes = append(p.Routes, one)
	}
	for range between(0, 14, "jobs") {
		j := route.Job{Location: between(0, size-1, "location"), Windows: windows("windows", 3), Prize: int64(between(0, 60, "prize")),
			Mandatory: often("mandatory"), Site: between(0, 3, "site"), Gap: between(0, 2, "gap")}
		j.Service = []int64{int64(between(-1, 1500, "service")), int64(between(0, 1500, "service"))}
		if often("delivers") {
			j.Delivery = amounts("delivery", 5)
		}
		if often("picks up") {
			j.Pickup = amounts("pickup", 5)
		}
		if often("skilled") {
			j.Skills = []int{between(1, 3, "needs")}
		}
		if often("pinned") {
			j.Pin = &route.Pin{Route: between(0, routes-1, "pin")}
			if often("hour") {
				j.Pin.Window = route.Window{Open: int64(between(0, 9000, "from")), Close: 9000}
			}
		} else if often("published") {
			j.Published = &route.Published{Route: between(0, routes-1, "promise"),
				MovePrice: int64(between(0, 50, "move")), DropPrice: int64(between(0, 50, "drop"))}
		}
		p.Jobs = append(p.Jobs, j)
	}
	return p
}

func anyMatrix(t *rapid.T, size int) route.Matrix {
	m := route.Matrix{Size: size, Seconds: make([]int32, size*size)}
	metric := rapid.Bool().Draw(t, "metric")
	x := make([]float64, 2*size)
	for i := range x {
		x[i] = float64(rapid.IntRange(0, 2000).Draw(t, "coordinate"))
	}
	for i := range m.Seconds {
		a, b := i/size, i%size
		switch {
		case metric:
			m.Seconds[i] = int32(math.Hypot(x[2*a]-x[2*b], x[2*a+1]-x[2*b+1]))
		case a != b && rapid.IntRange(0, 9).Draw(t, "no way") == 0:
			m.Seconds[i] = route.Unreachable
		default:
			m.Seconds[i] = int32(rapid.IntRange(0, 2500).Draw(t, "seconds"))
		}
	}
	return m
}

// Whatever the problem, the plan holds by the word of Check, which shares no code with the solver.
func TestEveryPlanPassesCheck(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyProblem(t)
		plan, err := route.Solve(context.Background(), p, route.Options{Seed: rapid.Uint64().Draw(t, "seed"), Iterations: 200})
		if err != nil {
			t.Fatal(err)
		}
		if err := route.Check(p, &plan); err != nil {
			t.Fatal(err)
		}
	})
}
