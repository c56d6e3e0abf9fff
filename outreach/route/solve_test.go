package route_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"blangko/outreach/route"
)

func solve(t testing.TB, p *route.Problem, o route.Options) route.Plan {
	t.Helper()
	plan, err := route.Solve(context.Background(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := route.Check(p, &plan); err != nil {
		t.Fatal(err)
	}
	return plan
}

func ExampleSolve() {
	p := route.Problem{
		// Minutes by boat and road between the office, a school, a home for the elderly and an island, in seconds.
		Matrices: []route.Matrix{{Size: 4, Seconds: []int32{
			0, 600, 900, 5400,
			600, 0, 400, 5400,
			900, 400, 0, 5400,
			5400, 5400, 5400, 0,
		}}},
		// One team, eight to two, with 150 blanks.
		Routes: []route.Route{{Shift: route.Window{Open: 8 * 3600, Close: 14 * 3600}, Capacity: []int64{150}}},
		Jobs: []route.Job{
			{Location: 1, Service: []int64{7200}, Prize: 90, Delivery: []int64{90}, Windows: []route.Window{{Open: 8 * 3600, Close: 9 * 3600}}},
			{Location: 2, Service: []int64{3600}, Prize: 40, Delivery: []int64{40}},
			{Location: 3, Service: []int64{5400}, Prize: 60, Delivery: []int64{60}},
		},
	}
	plan, err := route.Solve(context.Background(), &p, route.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range plan.Tours[0].Steps {
		fmt.Printf("job %d from %d to %d\n", s.Job, s.Start, s.Leave)
	}
	whys, err := route.Explain(context.Background(), &p, &plan)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, w := range whys {
		fmt.Printf("job %d: %s %d, would displace %v worth %d\n", w.Job, w.Nearest.Cause, w.Nearest.Short, w.Nearest.Displaced, w.Nearest.Loss)
	}
	// Output:
	// job 0 from 29400 to 36600
	// job 1 from 37000 to 40600
	// job 2: short 40, would displace [0] worth 90
}

// Nearest takes the nearest place first and so misses the school that closes early.
func ExampleNearest() {
	p := route.Problem{
		Matrices: []route.Matrix{{Size: 3, Seconds: []int32{0, 100, 200, 100, 0, 150, 200, 150, 0}}},
		Routes:   []route.Route{{Shift: route.Window{Close: 2000}}},
		Jobs: []route.Job{
			{Location: 1, Service: []int64{500}, Prize: 1},
			{Location: 2, Service: []int64{500}, Prize: 1, Windows: []route.Window{{Open: 0, Close: 300}}},
		},
	}
	plan, err := route.Nearest(&p)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(plan.Value.Served, plan.Absent)
	// Output: 1 [1]
}

// The best plan of these small cases is known by hand.
func TestSmallPlans(t *testing.T) {
	square := route.Matrix{Size: 3, Seconds: []int32{0, 100, 100, 100, 0, 50, 100, 50, 0}}
	day := route.Window{Open: 0, Close: 1000}
	for name, c := range map[string]struct {
		p      route.Problem
		served []int
	}{
		"nothing to visit":       {route.Problem{Matrices: []route.Matrix{square}, Routes: []route.Route{{Shift: day}}}, nil},
		"no team":                {route.Problem{Matrices: []route.Matrix{square}, Jobs: []route.Job{{Location: 1}}}, nil},
		"all fit":                {route.Problem{Matrices: []route.Matrix{square}, Routes: []route.Route{{Shift: day}}, Jobs: []route.Job{{Location: 1, Prize: 1}, {Location: 2, Prize: 1}}}, []int{0, 1}},
		"the larger prize":       {route.Problem{Matrices: []route.Matrix{square}, Routes: []route.Route{{Shift: day, MaxJobs: 1}}, Jobs: []route.Job{{Location: 1, Prize: 1}, {Location: 2, Prize: 2}}}, []int{1}},
		"mandatory before prize": {route.Problem{Matrices: []route.Matrix{square}, Routes: []route.Route{{Shift: day, MaxJobs: 1}}, Jobs: []route.Job{{Location: 1, Mandatory: true}, {Location: 2, Prize: 9}}}, []int{0}},
		"pinned before prize":    {route.Problem{Matrices: []route.Matrix{square}, Routes: []route.Route{{Shift: day, MaxJobs: 1}}, Jobs: []route.Job{{Location: 1, Pin: &route.Pin{}}, {Location: 2, Prize: 9}}}, []int{0}},
		"not worth its way":      {route.Problem{Matrices: []route.Matrix{square}, Routes: []route.Route{{Shift: day}}, TravelPrice: 1, Jobs: []route.Job{{Location: 1, Prize: 199}, {Location: 2, Prize: 1}}}, nil},
		"worth it together":      {route.Problem{Matrices: []route.Matrix{square}, Routes: []route.Route{{Shift: day}}, TravelPrice: 1, Jobs: []route.Job{{Location: 1, Prize: 199}, {Location: 2, Prize: 199}}}, []int{0, 1}},
		"not twice a day":        {route.Problem{Matrices: []route.Matrix{square}, Routes: []route.Route{{Shift: day}}, Jobs: []route.Job{{Location: 1, Prize: 1, Site: 4, Gap: 1}, {Location: 1, Prize: 2, Site: 4, Gap: 1}}}, []int{1}},
		"a team that cannot":     {route.Problem{Matrices: []route.Matrix{square}, Routes: []route.Route{{Shift: day, Class: 1}}, Jobs: []route.Job{{Location: 1, Prize: 1, Service: []int64{10, -1}}, {Location: 2, Prize: 1, Service: []int64{-1, 10}}}}, []int{1}},
		"a day too long":         {route.Problem{Matrices: []route.Matrix{square}, Routes: []route.Route{{Shift: day, MaxWork: 240}}, Jobs: []route.Job{{Location: 1, Prize: 1, Windows: []route.Window{{Open: 500, Close: 600}}}, {Location: 2, Prize: 1}}}, []int{0}},
		"two loads on one way":   {route.Problem{Matrices: []route.Matrix{square}, Routes: []route.Route{{Shift: day, Capacity: []int64{5}}}, Jobs: []route.Job{{Location: 1, Prize: 1, Delivery: []int64{5}}, {Location: 2, Prize: 1, Pickup: []int64{5}}}}, []int{0, 1}},
		"within its window":      {route.Problem{Matrices: []route.Matrix{square}, Routes: []route.Route{{Shift: day, Class: 1}}, Jobs: []route.Job{{Location: 1, Prize: 1, Within: true, Service: []int64{50, 200}, Windows: []route.Window{{Open: 0, Close: 300}}}, {Location: 2, Prize: 1, Within: true, Service: []int64{50, 200}, Windows: []route.Window{{Open: 600, Close: 790}}}}}, []int{0}},
		"a break within":         {route.Problem{Matrices: []route.Matrix{square}, Routes: []route.Route{{Shift: day, Breaks: []route.Break{{Windows: []route.Window{{Open: 400, Close: 500}}, Duration: 100, Inside: true}}}}, Jobs: []route.Job{{Location: 1, Prize: 1, Within: true, Service: []int64{700}, Windows: []route.Window{{Open: 0, Close: 900}}}}}, []int{0}},
		"a break between":        {route.Problem{Matrices: []route.Matrix{square}, Routes: []route.Route{{Shift: day, Breaks: []route.Break{{Windows: []route.Window{{Open: 400, Close: 500}}, Duration: 100}}}}, Jobs: []route.Job{{Location: 1, Prize: 1, Within: true, Service: []int64{700}, Windows: []route.Window{{Open: 0, Close: 900}}}}}, nil},
		"no room for the rest":   {route.Problem{Matrices: []route.Matrix{square}, Routes: []route.Route{{Shift: day, Breaks: []route.Break{{Windows: []route.Window{{Open: 400, Close: 500}}, Duration: 100, Inside: true}}}}, Jobs: []route.Job{{Location: 1, Prize: 1, Within: true, Service: []int64{700}, Windows: []route.Window{{Open: 0, Close: 899}}}}}, nil},
		"the quicker team":       {route.Problem{Matrices: []route.Matrix{square}, Routes: []route.Route{{Shift: day, Class: 1}, {Shift: day}}, Jobs: []route.Job{{Location: 1, Prize: 1, Within: true, Service: []int64{50, 200}, Windows: []route.Window{{Open: 500, Close: 600}}}}}, []int{0}},
		"no bridge":              {route.Problem{Matrices: []route.Matrix{{Size: 2, Seconds: []int32{0, route.Unreachable, 5, 0}}}, Routes: []route.Route{{Shift: day}}, Jobs: []route.Job{{Location: 1, Prize: 1}}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			plan := solve(t, &c.p, route.Options{Iterations: 300})
			var served []int
			for j := range c.p.Jobs {
				if !slices.Contains(plan.Absent, j) {
					served = append(served, j)
				}
			}
			if name == "a day too long" { // either one: both do not fit a day of 240 seconds
				if len(served) != 1 {
					t.Errorf("served %v", served)
				}
				return
			}
			if !slices.Equal(served, c.served) {
				t.Errorf("served %v, want %v", served, c.served)
			}
		})
	}
}

// The same seed and steps give the same plan on any number of threads.
func TestPlanDoesNotDependOnThreads(t *testing.T) {
	p := town(60, 4)
	for _, chains := range []int{1, 4} {
		first := solve(t, p, route.Options{Seed: 3, Chains: chains, Iterations: 300, Threads: 1})
		for _, threads := range []int{2, 4, 9} {
			again := solve(t, p, route.Options{Seed: 3, Chains: chains, Iterations: 300, Threads: threads})
			if !reflect.DeepEqual(first, again) {
				t.Errorf("%d chains on %d threads: %+v, on one %+v", chains, threads, again.Value, first.Value)
			}
		}
	}
}

// When a team is lost on the second of three days, only its visits move: the rest were published and stay.
func TestReplanMovesOnlyWhatItMust(t *testing.T) {
	p := town(30, 1)
	for day := range 3 {
		r := p.Routes[0]
		r.Day = day
		r.Shift = route.Window{Open: int64(day)*86_400 + 28_800, Close: int64(day)*86_400 + 57_600}
		p.Routes = append(p.Routes, r)
	}
	p.Routes = p.Routes[1:]
	for j := range p.Jobs {
		p.Jobs[j].Windows = nil
	}
	plan := solve(t, p, route.Options{Iterations: 2000})
	lost := 0
	for _, tour := range plan.Tours {
		for _, s := range tour.Steps {
			p.Jobs[s.Job].Published = &route.Published{Route: tour.Route, MovePrice: 1000, DropPrice: 1000}
			if tour.Route == 1 {
				lost++
			}
		}
	}
	p.Routes[1].Shift.Close = p.Routes[1].Shift.Open
	again := solve(t, p, route.Options{Seed: 9, Iterations: 2000})
	if got := again.Value.Moved + again.Value.Dropped; got != lost {
		t.Errorf("%d published visits moved or dropped, %d had to be", got, lost)
	}
}

// A price on unfairness evens out the teams' hours.
func TestFairness(t *testing.T) {
	p := town(8, 2)
	spread := func(plan route.Plan) int64 {
		var hours [2]int64
		for _, tour := range plan.Tours {
			for _, s := range tour.Steps {
				hours[p.Routes[tour.Route].Team] += s.Leave - s.Start
			}
		}
		return max(hours[0]-hours[1], hours[1]-hours[0])
	}
	without := spread(solve(t, p, route.Options{Iterations: 1000}))
	p.FairnessPrice = 1000
	if with := spread(solve(t, p, route.Options{Iterations: 1000})); with > 1200 || with > without {
		t.Errorf("the teams' hours differ by %d seconds, %d without a price", with, without)
	}
}

// A context that ends gives the best plan so far, soon, and says so.
func TestCancel(t *testing.T) {
	p := town(100, 4)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	told := 0
	plan, err := route.Solve(ctx, p, route.Options{Iterations: 20_000, Progress: func(v route.Value, spent float64) {
		if told++; v.Served == 0 || spent != float64(told)/20 {
			t.Errorf("told %+v at %v", v, spent)
		}
		if told == 3 {
			cancel()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := route.Check(p, &plan); err != nil {
		t.Fatal(err)
	}
	if !plan.Search.Cut || told != 3 || plan.Search.Iterations != 3000 {
		t.Errorf("told %d times, %+v", told, plan.Search)
	}
}

// Whatever the time given, the plan is sound; with none at all there is the first plan.
func TestFirstPlanNeedsNoTime(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p := town(40, 3)
	plan, err := route.Solve(ctx, p, route.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := route.Check(p, &plan); err != nil {
		t.Fatal(err)
	}
	if !plan.Search.Cut || plan.Value.Served == 0 {
		t.Errorf("%+v, %+v", plan.Search, plan.Value)
	}
}

func TestBadProblems(t *testing.T) {
	good := func() *route.Problem { return town(3, 1) }
	for name, c := range map[string]struct {
		spoil func(*route.Problem)
		want  string
	}{
		"too many jobs":       {func(p *route.Problem) { p.Jobs = make([]route.Job, 10_000) }, "10000 jobs are more than"},
		"too many routes":     {func(p *route.Problem) { p.Routes = make([]route.Route, 2_000) }, "2000 routes are more than"},
		"a small matrix":      {func(p *route.Problem) { p.Matrices[0].Seconds = p.Matrices[0].Seconds[1:] }, "Matrices[0] has 15 entries, not 4 x 4"},
		"a negative leg":      {func(p *route.Problem) { p.Matrices[0].Seconds[1] = -1 }, "-1 seconds from 0 to 1"},
		"no such matrix":      {func(p *route.Problem) { p.Routes[0].Matrix = 1 }, "Routes[0].Matrix 1 does not exist"},
		"no such depot":       {func(p *route.Problem) { p.Routes[0].Start = 4 }, "Routes[0].Start 4"},
		"a shift backwards":   {func(p *route.Problem) { p.Routes[0].Shift = route.Window{Open: 2, Close: 1} }, "Routes[0].Shift closes at 1 before it opens at 2"},
		"windows that meet":   {func(p *route.Problem) { p.Jobs[0].Windows = []route.Window{{Open: 0, Close: 5}, {Open: 5, Close: 9}} }, "Jobs[0].Windows are not in order"},
		"no such place":       {func(p *route.Problem) { p.Jobs[2].Location = 9 }, "Jobs[2].Location 9"},
		"no such pin":         {func(p *route.Problem) { p.Jobs[0].Pin = &route.Pin{Route: 1} }, "Jobs[0].Pin.Route 1"},
		"no such promise":     {func(p *route.Problem) { p.Jobs[0].Published = &route.Published{Route: -1} }, "Jobs[0].Published.Route -1"},
		"a negative load":     {func(p *route.Problem) { p.Jobs[0].Delivery[0] = -3 }, "Jobs[0].Delivery holds -3"},
		"loads of no one":     {func(p *route.Problem) { p.Jobs[0].Delivery = []int64{1, 2} }, "Jobs[0] carries 2 dimensions"},
		"a negative prize":    {func(p *route.Problem) { p.Jobs[0].Prize = -1 }, "Jobs[0].Prize -1"},
		"no service of class": {func(p *route.Problem) { p.Routes[0].Class = 2; p.Jobs[1].Service = []int64{1, 2} }, "Jobs[1].Service has no value for the class 2"},
		"a price too high":    {func(p *route.Problem) { p.TravelPrice = math.MaxInt64 }, "TravelPrice"},
	} {
		t.Run(name, func(t *testing.T) {
			p := good()
			c.spoil(p)
			_, err := route.Solve(context.Background(), p, route.Options{})
			if !errors.Is(err, route.ErrInvalid) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func FuzzSolve(f *testing.F) {
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) {
		p := anyProblem(t)
		plan, err := route.Solve(context.Background(), p, route.Options{Iterations: 50})
		if err != nil {
			t.Fatal(err)
		}
		if err := route.Check(p, &plan); err != nil {
			t.Fatal(err)
		}
	}))
}

// A week of ten teams and 300 places: the first plan.
func BenchmarkFirstPlan300x50(b *testing.B) {
	p := week(300, 10, 5)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for b.Loop() {
		began := time.Now()
		plan, err := route.Solve(ctx, p, route.Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(plan.Value.Prize), "points")
		bar(b, "the first plan of 300 places and 50 routes", time.Since(began).Seconds(), 0.5, "s")
	}
}

// bar tells whether what was measured keeps within its bar, and fails the benchmark where it does not.
func bar(b *testing.B, what string, got, most float64, unit string) {
	b.Helper()
	if got > most {
		b.Errorf("FAIL %s: %.3g %s, bar %.3g", what, got, unit, most)
		return
	}
	b.Logf("PASS %s: %.3g %s, bar %.3g", what, got, unit, most)
}

// A week of ten teams and 300 places, ten seconds on two threads, beside the plan made by hand.
func BenchmarkWeek300x50(b *testing.B) {
	p := week(300, 10, 5)
	hand, err := route.Nearest(p)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		plan, err := route.Solve(ctx, p, route.Options{Chains: 2, Threads: 2})
		cancel()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(plan.Value.Prize), "points")
		b.ReportMetric(float64(plan.Value.Prize)/float64(hand.Value.Prize), "x-by-hand")
		b.ReportMetric(float64(plan.Search.Iterations), "steps")
	}
}

// A regency's 3,000 places, near each other so that all compete for the same days: what the first plan with its last look,
// the search and the reasons take. B/op is all memory that they ever take.
func BenchmarkRegency3000x50(b *testing.B) {
	p := week(3000, 10, 5)
	for i := range p.Matrices[0].Seconds {
		p.Matrices[0].Seconds[i] /= 10
	}
	for j := range p.Jobs {
		p.Jobs[j].Service, p.Jobs[j].Windows = []int64{3_000}, nil
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	b.ReportAllocs()
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		if _, err := route.Solve(ended, p, route.Options{}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(began).Seconds(), "first-plan-s")
		plan := solve(b, p, route.Options{Iterations: 500})
		began = time.Now()
		if _, err := route.Explain(context.Background(), p, &plan); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(began).Seconds(), "reasons-s")
		runtime.ReadMemStats(&after)
		bar(b, "first plan, search and reasons of 3,000 places and 50 routes", float64(after.TotalAlloc-before.TotalAlloc)/1e6, 500, "MB")
	}
}

// Reasons take a while for many places: whoever does not wait for them is not kept.
func TestReasonsEndWithTheirContext(t *testing.T) {
	p := week(40, 1, 1)
	plan := solve(t, p, route.Options{Iterations: 10})
	if len(plan.Absent) == 0 {
		t.Fatal("nothing is left out")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := route.Explain(ctx, p, &plan); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want that the context has ended", err)
	}
}

// week is a town of places for teams over days, each day a shift from eight to four.
func week(places, teams, days int) *route.Problem {
	p := town(places, teams)
	one := p.Routes
	p.Routes = nil
	for day := range days {
		for _, r := range one {
			from := int64(day) * 86_400
			r.Day, r.Shift = day, route.Window{Open: from + 28_800, Close: from + 57_600}
			p.Routes = append(p.Routes, r)
		}
	}
	for j := range p.Jobs {
		var windows []route.Window
		for day := range days {
			for _, w := range p.Jobs[j].Windows {
				windows = append(windows, route.Window{Open: w.Open + int64(day)*86_400, Close: w.Close + int64(day)*86_400})
			}
		}
		p.Jobs[j].Windows = windows
	}
	return p
}
