package vroom

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"blangko/outreach/route"
)

// input is a problem with what the answer repeats of it.
type input struct {
	problem  route.Problem
	vehicles []vehicle
	jobs     []job
	amounts  int // dimensions of capacity, delivery and pickup; 0 where none is given
}

type vehicle struct {
	id          int64
	description string
	start, end  []float64
	breaks      []pause
}

type pause struct {
	id          int64
	description string
}

type job struct {
	id          int64
	description string
	location    []float64
	priority    int64
}

func decode(data []byte) (*input, error) {
	if len(data) > MaxBytes {
		return nil, wrong("", "the problem is longer than %d bytes: divide it by area", MaxBytes)
	}
	if err := json.Unmarshal(data, new(json.RawMessage)); err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			return nil, wrong("", "the problem is not JSON, at byte %d: %v", syntax.Offset, syntax)
		}
		return nil, wrong("", "the problem is not JSON: %v", err)
	}
	top := newObject("", data)
	if top.err != nil {
		return nil, wrong("", "the problem must be a JSON object with vehicles, jobs and matrices")
	}
	matrices, vehicles, jobs := top.fields["matrices"], top.list("vehicles"), top.list("jobs")
	delete(top.fields, "matrices")
	if err := top.done(); err != nil {
		return nil, err
	}
	switch {
	case len(vehicles) == 0:
		return nil, wrong("vehicles", "is missing or empty: give at least one")
	case len(vehicles) > route.MaxRoutes:
		return nil, wrong("vehicles", "holds %d, more than the %d of one problem", len(vehicles), route.MaxRoutes)
	case len(jobs) > route.MaxJobs:
		return nil, wrong("jobs", "holds %d, more than the %d of one problem: divide it by area", len(jobs), route.MaxJobs)
	case matrices == nil:
		return nil, wrong("matrices", "is missing: give the durations of each profile, for no roads are looked up here")
	}
	in := &input{}
	profiles, err := in.readMatrices(matrices)
	if err != nil {
		return nil, err
	}
	for i, raw := range vehicles {
		if err := in.readVehicle(fmt.Sprintf("vehicles[%d]", i), raw, profiles); err != nil {
			return nil, err
		}
	}
	size := route.MaxLocations
	for _, r := range in.problem.Routes {
		size = min(size, in.problem.Matrices[r.Matrix].Size)
	}
	for i, raw := range jobs {
		if err := in.readJob(fmt.Sprintf("jobs[%d]", i), raw, size, int64(len(jobs))); err != nil {
			return nil, err
		}
	}
	return in, in.checkAmounts()
}

// readMatrices reads the durations of every profile and returns their indexes by name.
func (in *input) readMatrices(raw []byte) (map[string]int, error) {
	all := newObject("matrices", raw)
	if all.err != nil {
		return nil, all.err
	}
	names := make([]string, 0, len(all.fields))
	for name := range all.fields {
		names = append(names, name)
	}
	slices.Sort(names)
	profiles := map[string]int{}
	for _, name := range names {
		path := "matrices." + name
		one := newObject(path, all.fields[name])
		durations, ok := one.take("durations")
		if err := one.done(); err != nil {
			return nil, err
		}
		if !ok {
			return nil, wrong(path+".durations", "is missing")
		}
		m, err := readMatrix(path+".durations", durations)
		if err != nil {
			return nil, err
		}
		profiles[name] = len(in.problem.Matrices)
		in.problem.Matrices = append(in.problem.Matrices, m)
	}
	return profiles, nil
}

// maxDuration keeps a leg apart from route.Unreachable.
const maxDuration = int64(1)<<31 - 2

func readMatrix(path string, raw []byte) (route.Matrix, error) {
	var rows []json.RawMessage
	if err := json.Unmarshal(raw, &rows); err != nil || len(rows) == 0 {
		return route.Matrix{}, wrong(path, "must be an array of rows")
	}
	if len(rows) > route.MaxLocations {
		return route.Matrix{}, wrong(path, "has %d rows, more than the %d of one problem", len(rows), route.MaxLocations)
	}
	m := route.Matrix{Size: len(rows), Seconds: make([]int32, 0, len(rows)*len(rows))}
	for i, row := range rows {
		before := len(m.Seconds)
		var err error
		if m.Seconds, err = appendRow(m.Seconds, row); err != nil {
			return m, wrong(fmt.Sprintf("%s[%d][%d]", path, i, len(m.Seconds)-before), "%v", err)
		}
		if got := len(m.Seconds) - before; got != m.Size {
			return m, wrong(fmt.Sprintf("%s[%d]", path, i), "has %d entries, but there are %d rows", got, m.Size)
		}
	}
	return m, nil
}

// appendRow reads a row of valid JSON. It is a loop of its own because a matrix is most of a problem.
func appendRow(to []int32, row []byte) ([]int32, error) {
	if len(row) == 0 || row[0] != '[' {
		return to, errors.New("must be an array of whole numbers")
	}
	for i := 1; i < len(row); {
		switch b := row[i]; {
		case b == ' ' || b == '\n' || b == '\t' || b == '\r' || b == ',' || b == ']':
			i++
		case b >= '0' && b <= '9':
			v := int64(0)
			for ; i < len(row) && row[i] >= '0' && row[i] <= '9'; i++ {
				if v = v*10 + int64(row[i]-'0'); v > maxDuration {
					return to, fmt.Errorf("must be within 0 and %d", maxDuration)
				}
			}
			if b := row[i]; b == '.' || b == 'e' || b == 'E' {
				return to, errors.New("must be a whole number")
			}
			to = append(to, int32(v))
		default:
			return to, fmt.Errorf("must be a whole number within 0 and %d", maxDuration)
		}
	}
	return to, nil
}

const maxID = math.MaxInt64

func (in *input) readVehicle(path string, raw []byte, profiles map[string]int) error {
	o := newObject(path, raw)
	v := vehicle{id: o.id(), description: o.text("description"), start: o.point("start"), end: o.point("end")}
	profile := o.text("profile")
	if profile == "" {
		profile = "car"
	}
	matrix, ok := profiles[profile]
	if !ok {
		o.fail("profile", "is %q, but matrices has no such profile", profile)
		return o.err
	}
	size := in.problem.Matrices[matrix].Size
	r := route.Route{
		Team: len(in.vehicles), Matrix: matrix, Start: o.index("start_index", size), End: o.index("end_index", size),
		Capacity: o.wholes("capacity", 0, 1<<50), Skills: o.skills(), Shift: route.Window{Close: 2 * maxTime},
		MaxJobs: int(o.whole("max_tasks", 1, 1<<31, 0)), MaxTravel: o.whole("max_travel_time", 1, maxTime, 0),
	}
	if w, ok := o.window("time_window"); ok {
		r.Shift = w
	}
	if r.Start < 0 && r.End < 0 {
		o.fail("start_index", "and end_index are both missing: give at least one")
	}
	for i, raw := range o.list("breaks") {
		b := newObject(fmt.Sprintf("%s.breaks[%d]", path, i), raw)
		v.breaks = append(v.breaks, pause{id: b.id(), description: b.text("description")})
		r.Breaks = append(r.Breaks, route.Break{Windows: b.windows("time_windows"), Duration: b.whole("service", 0, maxTime, 0)})
		if err := b.done(); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(in.vehicles, func(o vehicle) bool { return o.id == v.id }) {
		o.fail("id", "is %d, as another vehicle's", v.id)
	}
	in.vehicles = append(in.vehicles, v)
	in.problem.Routes = append(in.problem.Routes, r)
	return o.done()
}

func (o *object) id() int64 {
	if _, ok := o.fields["id"]; !ok {
		o.fail("id", "is missing")
	}
	return o.whole("id", 0, maxID, 0)
}

func (o *object) skills() []int {
	var skills []int
	for _, s := range o.wholes("skills", 0, 1<<31) {
		skills = append(skills, int(s))
	}
	slices.Sort(skills)
	return slices.Compact(skills)
}

// readJob weighs a job so that a point of priority is more than all the jobs there are, and a job more than any travel.
func (in *input) readJob(path string, raw []byte, size int, jobs int64) error {
	o := newObject(path, raw)
	j := job{id: o.id(), description: o.text("description"), location: o.point("location"), priority: o.whole("priority", 0, 100, 0)}
	at := o.index("location_index", size)
	if at < 0 {
		o.fail("location_index", "is missing: matrices need the row of every job")
	}
	in.jobs = append(in.jobs, j)
	in.problem.Jobs = append(in.problem.Jobs, route.Job{
		Location: at, Windows: o.windows("time_windows"), Service: []int64{o.whole("service", 0, maxTime, 0)},
		Delivery: o.wholes("delivery", 0, 1<<50), Pickup: o.wholes("pickup", 0, 1<<50), Skills: o.skills(),
		Prize: j.priority*(jobs+1) + 1,
	})
	if o.whole("setup", 0, maxTime, 0) != 0 {
		o.fail("setup", "is not supported above 0: add it to service")
	}
	return o.done()
}

// checkAmounts asks for one number of dimensions wherever amounts are given, and for a capacity of every vehicle then.
// It also asks for distinct job ids.
func (in *input) checkAmounts() error {
	seen := make(map[int64]bool, len(in.jobs))
	for i := range in.jobs {
		if seen[in.jobs[i].id] {
			return wrong(fmt.Sprintf("jobs[%d].id", i), "is %d, as another job's", in.jobs[i].id)
		}
		seen[in.jobs[i].id] = true
	}
	same := func(field string, amount []int64) error {
		if len(amount) == 0 {
			return nil
		}
		if in.amounts == 0 {
			in.amounts = len(amount)
		}
		if len(amount) != in.amounts {
			return wrong(field, "has %d dimensions where others have %d", len(amount), in.amounts)
		}
		return nil
	}
	for i, r := range in.problem.Routes {
		if err := same(fmt.Sprintf("vehicles[%d].capacity", i), r.Capacity); err != nil {
			return err
		}
	}
	for i, j := range in.problem.Jobs {
		if err := same(fmt.Sprintf("jobs[%d].delivery", i), j.Delivery); err != nil {
			return err
		}
		if err := same(fmt.Sprintf("jobs[%d].pickup", i), j.Pickup); err != nil {
			return err
		}
	}
	for i, r := range in.problem.Routes {
		if len(r.Capacity) != in.amounts {
			return wrong(fmt.Sprintf("vehicles[%d].capacity", i), "is missing where others have amounts")
		}
	}
	return nil
}
