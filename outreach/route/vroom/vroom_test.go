package vroom_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"blangko/outreach/route"
	"blangko/outreach/route/vroom"
)

// Three places on a line and a depot at 0; the answer is known by hand.
const line = `{
	"vehicles": [{"id": 7, "start_index": 0, "end_index": 0, "capacity": [5], "skills": [1, 2], "time_window": [100, 2000], "description": "team A"}],
	"jobs": [
		{"id": 11, "location_index": 1, "service": 60, "delivery": [2], "priority": 3, "time_windows": [[300, 400]]},
		{"id": 12, "location_index": 2, "service": 30, "delivery": [3], "skills": [2], "location": [127.4, 0.8]},
		{"id": 13, "location_index": 3, "delivery": [4], "description": "too much"}],
	"matrices": {"car": {"durations": [[0,100,200,300],[100,0,100,200],[200,100,0,100],[300,200,100,0]]}}
}`

func ExampleSolve() {
	answer, err := vroom.Solve(context.Background(), []byte(line), route.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var plan struct {
		Summary struct {
			Cost, Priority, Unassigned int
		}
		Routes []struct {
			Steps []struct {
				Type              string
				ID, Arrival, Load any
			}
		}
	}
	if err := json.Unmarshal(answer, &plan); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(plan.Summary)
	for _, s := range plan.Routes[0].Steps {
		fmt.Println(s.Type, s.ID, s.Arrival, s.Load)
	}
	// Output:
	// {400 3 1}
	// start <nil> 200 [5]
	// job 11 300 [3]
	// job 12 460 [0]
	// end <nil> 690 [0]
}

// Every input that cannot be solved as it stands is an error that names the field.
func TestBadInputNamesTheField(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"nothing":                   {line, "", "not JSON"},
		"no JSON":                   {line, "{\"vehicles\": [", "not JSON, at byte"},
		"not an object":             {line, "[1]", "must be a JSON object"},
		"shipments":                 {`"jobs"`, `"shipments": [], "jobs"`, "shipments is not supported"},
		"an unknown field":          {`"id": 7`, `"id": 7, "colour": 1`, "vehicles[0].colour is not supported"},
		"costs of a vehicle":        {`"id": 7`, `"id": 7, "costs": {"fixed": 3}`, "vehicles[0].costs is not supported"},
		"steps of a vehicle":        {`"id": 7`, `"id": 7, "steps": []`, "vehicles[0].steps is not supported"},
		"setup":                     {`"id": 11`, `"id": 11, "setup": 5`, "jobs[0].setup is not supported"},
		"distances":                 {`"durations"`, `"distances": [], "durations"`, "matrices.car.distances is not supported"},
		"no vehicles":               {`"vehicles": [{"id": 7, "start_index": 0, "end_index": 0, "capacity": [5], "skills": [1, 2], "time_window": [100, 2000], "description": "team A"}]`, `"vehicles": []`, "vehicles is missing or empty"},
		"no matrices":               {`"matrices"`, `"vehicles2"`, "vehicles2 is not supported"},
		"no profile":                {`"id": 7`, `"id": 7, "profile": "boat"`, `vehicles[0].profile is "boat"`},
		"no depot":                  {`"start_index": 0, "end_index": 0, `, ``, "vehicles[0].start_index and end_index are both missing"},
		"an id missing":             {`"id": 12, `, ``, "jobs[1].id is missing"},
		"an id twice":               {`"id": 12`, `"id": 11`, "jobs[1].id is 11, as another job's"},
		"an id in words":            {`"id": 12`, `"id": "twelve"`, "jobs[1].id must be a whole number"},
		"no location":               {`"location_index": 1, `, ``, "jobs[0].location_index is missing"},
		"a location beyond":         {`"location_index": 3`, `"location_index": 4`, "jobs[2].location_index is 4, but the matrix has rows 0 to 3"},
		"a window shut before open": {`[300, 400]`, `[400, 300]`, "jobs[0].time_windows[0] closes at 300 before it opens at 400"},
		"a window of one end":       {`[300, 400]`, `[300]`, "jobs[0].time_windows[0] must be [start, end]"},
		"a priority too high":       {`"priority": 3`, `"priority": 101`, "jobs[0].priority must be within 0 and 100"},
		"a service below zero":      {`"service": 60`, `"service": -60`, "jobs[0].service must be within"},
		"half a second":             {`"service": 60`, `"service": 0.5`, "jobs[0].service must be a whole number"},
		"two dimensions":            {`"delivery": [3]`, `"delivery": [3, 1]`, "jobs[1].delivery has 2 dimensions where others have 1"},
		"no capacity":               {`"capacity": [5], `, ``, "vehicles[0].capacity is missing"},
		"a row too short":           {`[100,0,100,200]`, `[100,0,100]`, "matrices.car.durations[1] has 3 entries, but there are 4 rows"},
		"a duration below zero":     {`[100,0,100,200]`, `[100,0,-100,200]`, "matrices.car.durations[1][2] must be a whole number"},
		"half a duration":           {`[100,0,100,200]`, `[100,0,1.5,200]`, "matrices.car.durations[1][2] must be a whole number"},
		"an endless duration":       {`[100,0,100,200]`, `[100,0,99999999999,200]`, "matrices.car.durations[1][2] must be within"},
		"a duration of nothing":     {`[100,0,100,200]`, `[100,0,null,200]`, "matrices.car.durations[1][2] must be a whole number"},
		"coordinates of one":        {`[127.4, 0.8]`, `[127.4]`, "jobs[1].location must be [longitude, latitude]"},
		"a break that never opens":  {`"id": 7`, `"id": 7, "breaks": [{"id": 1, "time_windows": [[5, 1]]}]`, "vehicles[0].breaks[0].time_windows[0] closes"},
		"a break with a load":       {`"id": 7`, `"id": 7, "breaks": [{"id": 1, "max_load": [1]}]`, "vehicles[0].breaks[0].max_load is not supported"},
	} {
		t.Run(name, func(t *testing.T) {
			input := strings.Replace(line, c.old, c.new, 1)
			if input == line {
				t.Fatal("the case changes nothing")
			}
			answer, err := vroom.Solve(context.Background(), []byte(input), route.Options{})
			if err == nil {
				t.Fatalf("no error: %s", answer)
			}
			var told struct {
				Code  int
				Error string
			}
			if json.Unmarshal(answer, &told) != nil || told.Code != vroom.Input || !strings.Contains(told.Error, c.want) {
				t.Errorf("answer %s, want code 2 and %q", answer, c.want)
			}
		})
	}
}

// Too many jobs for one problem are refused before anything is laid out for them.
func TestTenThousandJobsAreRefused(t *testing.T) {
	var jobs bytes.Buffer
	for i := range 10_000 {
		fmt.Fprintf(&jobs, `,{"id": %d, "location_index": 1}`, i)
	}
	input := `{"vehicles": [{"id": 1, "start_index": 0}], "jobs": [` + jobs.String()[1:] + `], "matrices": {"car": {"durations": [[0,1],[1,0]]}}}`
	_, err := vroom.Solve(context.Background(), []byte(input), route.Options{})
	if wrong, ok := errors.AsType[*vroom.InputError](err); !ok || wrong.Field != "jobs" {
		t.Errorf("err = %v", err)
	}
}

// A break is taken once, within its window, on the way if there is a way, and moves nothing that need not move.
func TestBreaksAreTakenOnTheWay(t *testing.T) {
	input := `{"vehicles": [{"id": 1, "start_index": 0, "end_index": 0, "time_window": [0, 1000],
			"breaks": [{"id": 5, "service": 50, "time_windows": [[150, 160]]}]}],
		"jobs": [{"id": 2, "location_index": 1, "time_windows": [[300, 300]]}],
		"matrices": {"car": {"durations": [[0,240],[240,0]]}}}`
	answer, err := vroom.Solve(context.Background(), []byte(input), route.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var plan struct {
		Routes []struct {
			Steps []struct {
				Type                       string
				Arrival, Duration, Service int
				WaitingTime                int `json:"waiting_time"`
			}
		}
	}
	if err := json.Unmarshal(answer, &plan); err != nil {
		t.Fatal(err)
	}
	// Leave at 10, drive 140 or more, pause 50 from 150, drive the rest, arrive at 300 sharp.
	got := fmt.Sprint(plan.Routes[0].Steps)
	if want := "[{start 10 0 0 0} {break 150 140 50 0} {job 300 240 0 0} {end 540 480 0 0}]"; got != want {
		t.Errorf("steps %s, want %s", got, want)
	}
}

// problem is a town of so many places, some with windows, and teams that cannot serve them all.
func problem(places, teams int) []byte {
	type object = map[string]any
	var vehicles, jobs []object
	for v := range teams {
		vehicles = append(vehicles, object{"id": v + 1, "start_index": 0, "end_index": 0, "time_window": []int{0, 2000}})
	}
	durations := make([][]int, places+1)
	at := func(i int) (x, y int) { return i * 7919 % 401, i * 104729 % 397 }
	for i := range durations {
		for j := range durations {
			a, b := at(i)
			c, d := at(j)
			durations[i] = append(durations[i], max(a-c, c-a)+max(b-d, d-b))
		}
	}
	for i := 1; i <= places; i++ {
		job := object{"id": i, "location_index": i, "service": 40, "priority": i * 31 % 50}
		if i%2 == 0 {
			job["time_windows"] = [][]int{{i * 13 % 900, i*13%900 + 300}}
		}
		jobs = append(jobs, job)
	}
	input, err := json.Marshal(object{"vehicles": vehicles, "jobs": jobs, "matrices": object{"car": object{"durations": durations}}})
	if err != nil {
		panic(err)
	}
	return input
}

// The same seed and iterations give the same answer, byte for byte, on any number of threads.
func TestAnswerDoesNotDependOnThreads(t *testing.T) {
	input := problem(60, 3)
	for _, chains := range []int{1, 3} {
		var first []byte
		for _, threads := range []int{1, 2, 8} {
			answer, err := vroom.Solve(context.Background(), input, route.Options{Seed: 5, Iterations: 400, Chains: chains, Threads: threads})
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = answer
			}
			if !bytes.Equal(answer, first) {
				t.Errorf("%d chains on %d threads answer otherwise than on one", chains, threads)
			}
		}
	}
}

func FuzzSolve(f *testing.F) {
	f.Add([]byte(line))
	f.Add([]byte(`{"vehicles": [{"id": 1, "end_index": 0, "breaks": [{"id": 1, "service": 3}]}], "jobs": [{"id": 1, "location_index": 0, "pickup": [1]}], "matrices": {"car": {"durations": [[0]]}}}`))
	f.Add(problem(5, 2))
	f.Fuzz(func(t *testing.T, input []byte) {
		answer, err := vroom.Solve(context.Background(), input, route.Options{Iterations: 20})
		var told struct{ Code int }
		if json.Unmarshal(answer, &told) != nil || (err != nil) != (told.Code != vroom.OK) {
			t.Fatalf("answer %s with error %v", answer, err)
		}
		// Solve checks its own plan: a fault there is the solver's.
		if told.Code == vroom.Internal {
			t.Fatal(err)
		}
	})
}

func BenchmarkSolve100x4(b *testing.B) {
	input := problem(100, 4)
	for b.Loop() {
		if _, err := vroom.Solve(context.Background(), input, route.Options{Iterations: 1000}); err != nil {
			b.Fatal(err)
		}
	}
}
