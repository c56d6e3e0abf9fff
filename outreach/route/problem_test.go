package route_test

import (
	"context"
	"math"
	"slices"
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
		for range between(0, 3, "skills") {
			one.Skills = append(one.Skills, between(1, 3, "skill"))
		}
		if often("breaks") {
			for range between(1, 2, "breaks") {
				b := route.Break{Windows: windows("break", 2), Duration: int64(between(0, 1500, "pause"))}
				b.Inside = len(b.Windows) < 2 && rapid.Bool().Draw(t, "inside")
				one.Breaks = append(one.Breaks, b)
			}
		}
		p.Routes = append(p.Routes, one)
	}
	for range between(0, 14, "jobs") {
		j := route.Job{Location: between(0, size-1, "location"), Windows: windows("windows", 2), Prize: int64(between(0, 60, "prize")),
			Within: often("within"), Mandatory: often("mandatory"), Site: between(0, 9, "site"), Gap: between(0, 2, "gap")}
		j.Service = []int64{int64(between(0, 900, "service")), int64(between(-1, 900, "service"))}
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

// A plan made by hand holds as well, and is never worth more mandatory visits than there are.
func TestNearestPassesCheck(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyProblem(t)
		plan, err := route.Nearest(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := route.Check(p, &plan); err != nil {
			t.Fatal(err)
		}
	})
}

// What a reason says is true of the plan: where it names visits to displace, the plan without them and with the job
// passes Check.
func TestReasonsAreTrue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyProblem(t)
		plan, err := route.Solve(context.Background(), p, route.Options{Iterations: rapid.SampledFrom([]int{1, 100}).Draw(t, "iterations")})
		if err != nil {
			t.Fatal(err)
		}
		whys, err := route.Explain(context.Background(), p, &plan)
		if err != nil {
			t.Fatal(err)
		}
		if len(whys) != len(plan.Absent) {
			t.Fatalf("%d reasons for %d absent jobs", len(whys), len(plan.Absent))
		}
		for _, why := range whys {
			if len(why.Routes) != len(p.Routes) {
				t.Fatalf("job %d: %d reasons for %d routes", why.Job, len(why.Routes), len(p.Routes))
			}
			for _, r := range why.Routes {
				checkReason(t, p, &plan, why.Job, r)
			}
		}
	})
}

// checkReason asks the solver whether a reason is true: what is said to be impossible for that route stays impossible
// with nothing else on it; what only competes fits once the visits that it names are gone; what is short is short by
// that much.
func checkReason(t *rapid.T, p *route.Problem, plan *route.Plan, job int, r route.Reason) {
	q := &route.Problem{Matrices: p.Matrices, Routes: []route.Route{p.Routes[r.Route]}}
	possible := false
	switch r.Cause {
	case route.Competes, route.NotWorth:
		if r.Cause == route.NotWorth && r.Gain > r.Loss {
			t.Fatalf("job %d fits into route %d, brings %d and costs %d", job, r.Route, r.Gain, r.Loss)
		}
		possible = true
		for _, j := range servedOn(plan, r.Route) {
			if !slices.Contains(r.Displaced, j) {
				q.Jobs = append(q.Jobs, alone(p.Jobs[j]))
			}
		}
	case route.Short:
		checkShort(t, p, plan, job, r)
		return
	case route.TooSoon:
		checkTooSoon(t, p, plan, job, r.Route)
		return
	case route.Pinned:
		if p.Jobs[job].Pin == nil || p.Jobs[job].Pin.Route == r.Route {
			t.Fatalf("job %d is not pinned away from route %d", job, r.Route)
		}
		return
	case route.Full: // checked below by what was tried: one and two visits do not make room
		for _, j := range servedOn(plan, r.Route) {
			q.Jobs = append(q.Jobs, alone(p.Jobs[j]))
		}
		q.Jobs = append(q.Jobs, alone(p.Jobs[job]))
		if again := mustSolve(t, q); again.Value.Missing == 0 && len(q.Routes[0].Breaks) < 2 && slices.IsSorted(visitsInTurn(&again, len(q.Jobs)-1)) {
			t.Fatalf("job %d fits into route %d beside all its visits in their order", job, r.Route)
		}
		return
	}
	q.Jobs = append(q.Jobs, alone(p.Jobs[job]))
	again := mustSolve(t, q)
	if possible && again.Value.Missing > 0 {
		t.Fatalf("job %d does not fit into route %d without %v: %+v", job, r.Route, r.Displaced, again.Value)
	}
	if !possible && again.Value.Missing == 0 {
		t.Fatalf("job %d fits into route %d alone, though the reason is %s", job, r.Route, r.Cause)
	}
}

// visitsInTurn are the jobs of a plan of one route in the order in which they are visited, without one.
func visitsInTurn(plan *route.Plan, but int) (jobs []int) {
	for _, s := range plan.Tours[0].Steps {
		if s.Job >= 0 && s.Job != but {
			jobs = append(jobs, s.Job)
		}
	}
	return jobs
}

func mustSolve(t *rapid.T, q *route.Problem) route.Plan {
	plan, err := route.Solve(context.Background(), q, route.Options{Iterations: 2000})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// servedOn are the jobs of a route in a plan.
func servedOn(plan *route.Plan, r int) (jobs []int) {
	for _, tour := range plan.Tours {
		if tour.Route != r {
			continue
		}
		for _, s := range tour.Steps {
			if s.Job >= 0 {
				jobs = append(jobs, s.Job)
			}
		}
	}
	return jobs
}

// checkShort adds up what the route carries of the dimension: with the job it is more than it can, by what is told.
func checkShort(t *rapid.T, p *route.Problem, plan *route.Plan, job int, r route.Reason) {
	load := int64(0)
	for _, j := range append(servedOn(plan, r.Route), job) {
		if r.Dimension < len(p.Jobs[j].Delivery) {
			load += p.Jobs[j].Delivery[r.Dimension]
		}
		if r.Dimension < len(p.Jobs[j].Pickup) {
			load += p.Jobs[j].Pickup[r.Dimension]
		}
	}
	if over := load - p.Routes[r.Route].Capacity[r.Dimension]; over != r.Short || over <= 0 {
		t.Fatalf("job %d, route %d: short by %d of dimension %d, not %d", job, r.Route, over, r.Dimension, r.Short)
	}
}

// checkTooSoon looks for the other visit to the site.
func checkTooSoon(t *rapid.T, p *route.Problem, plan *route.Plan, job, r int) {
	for other := range p.Routes {
		for _, j := range servedOn(plan, other) {
			days := p.Routes[other].Day - p.Routes[r].Day
			if p.Jobs[j].Site == p.Jobs[job].Site && max(days, -days) < max(p.Jobs[j].Gap, p.Jobs[job].Gap) {
				return
			}
		}
	}
	t.Fatalf("job %d, route %d: no visit to site %d is too near", job, r, p.Jobs[job].Site)
}

// alone is the job without ties to other routes and jobs, as a must.
func alone(j route.Job) route.Job {
	j.Mandatory, j.Site, j.Gap, j.Published = true, 0, 0, nil
	if j.Pin != nil {
		j.Pin = &route.Pin{Window: j.Pin.Window}
	}
	return j
}

// A plan changed by hand does not pass.
func TestCheckSeesWhatIsWrong(t *testing.T) {
	p := town(12, 2)
	for name, spoil := range map[string]func(*route.Plan){
		"a visit twice":          func(p *route.Plan) { p.Tours[0].Steps = append(p.Tours[0].Steps, p.Tours[0].Steps[0]) },
		"a visit lost":           func(p *route.Plan) { p.Tours[0].Steps = p.Tours[0].Steps[1:] },
		"two visits swapped":     func(p *route.Plan) { s := p.Tours[0].Steps; s[0].Job, s[1].Job = s[1].Job, s[0].Job },
		"an early start":         func(p *route.Plan) { p.Tours[0].Depart-- },
		"a late return":          func(p *route.Plan) { p.Tours[0].Return++ },
		"a shorter way":          func(p *route.Plan) { p.Tours[0].Steps[1].Travel-- },
		"a shorter service":      func(p *route.Plan) { p.Tours[0].Steps[0].Leave-- },
		"another team":           func(p *route.Plan) { p.Tours[0].Route = 1 },
		"an absence not told":    func(p *route.Plan) { p.Absent = append(p.Absent, 0) },
		"a gain made up":         func(p *route.Plan) { p.Value.Gain++ },
		"a route of no problem":  func(p *route.Plan) { p.Tours[0].Route = 99 },
		"a job of no problem":    func(p *route.Plan) { p.Tours[0].Steps[0].Job = 99 },
		"a break of no problem":  func(p *route.Plan) { p.Tours[0].Steps[0].Job = -1 },
		"a tour without a visit": func(p *route.Plan) { p.Tours[0].Steps = nil },
	} {
		t.Run(name, func(t *testing.T) {
			plan, err := route.Solve(context.Background(), p, route.Options{Iterations: 100})
			if err != nil {
				t.Fatal(err)
			}
			if err := route.Check(p, &plan); err != nil {
				t.Fatal(err)
			}
			spoil(&plan)
			if err := route.Check(p, &plan); err == nil {
				t.Error("Check passes it")
			}
		})
	}
}

// Service that outlasts a window which bounds all of it is seen.
func TestCheckSeesServiceBeyondItsWindow(t *testing.T) {
	p := &route.Problem{Matrices: []route.Matrix{{Size: 2, Seconds: []int32{0, 100, 100, 0}}}, Routes: []route.Route{{Shift: route.Window{Close: 1000}}},
		Jobs: []route.Job{{Location: 1, Service: []int64{50}, Windows: []route.Window{{Open: 0, Close: 120}}}}}
	plan := solve(t, p, route.Options{Iterations: 10})
	p.Jobs[0].Within = true
	if err := route.Check(p, &plan); err == nil {
		t.Error("from 100 to 150 passes within 0 and 120")
	}
}

// town is a problem on a spiral of places around one depot, with a day's shift and windows in mornings and afternoons.
func town(places, teams int) *route.Problem {
	m := route.Matrix{Size: places + 1}
	x, y := make([]float64, places+1), make([]float64, places+1)
	for i := 1; i <= places; i++ {
		far, turn := 300+40*float64(i), 2.4*float64(i)
		x[i], y[i] = far*math.Cos(turn), far*math.Sin(turn)
	}
	for i := range x {
		for j := range x {
			m.Seconds = append(m.Seconds, int32(math.Hypot(x[i]-x[j], y[i]-y[j])))
		}
	}
	p := &route.Problem{Matrices: []route.Matrix{m}}
	for t := range teams {
		p.Routes = append(p.Routes, route.Route{Team: t, Shift: route.Window{Open: 28_800, Close: 57_600}, Capacity: []int64{400}})
	}
	for i := 1; i <= places; i++ {
		j := route.Job{Location: i, Service: []int64{int64(1800 + 300*(i%5))}, Prize: int64(20 + 7*i%60), Delivery: []int64{int64(20 + 7*i%60)}}
		if i%3 == 0 {
			j.Windows = []route.Window{{Open: 28_800, Close: 39_600}, {Open: 46_800, Close: 54_000}}
		}
		p.Jobs = append(p.Jobs, j)
	}
	return p
}
