package route

import (
	"errors"
	"fmt"
	"slices"
)

// ErrInvalid is wrapped by every error of Validate.
var ErrInvalid = errors.New("invalid routing problem")

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrInvalid}, args...)...)
}

// The bounds keep every sum of the search well inside 64 bits.
const (
	maxTime   = int64(1) << 40
	maxPoints = int64(1) << 40
	maxLoad   = int64(1) << 50
)

// Validate reports the first thing in the problem that no plan can be made of, naming the field: indexes out of
// range, matrices of the wrong size, windows that close before they open, negative amounts, and problems above the
// limits. A problem that is merely impossible, such as a job that no team can reach, is valid: WhyNot explains it.
func (p *Problem) Validate() error {
	if len(p.Jobs) > MaxJobs {
		return invalid("%d jobs are more than the %d of one problem; divide it by area", len(p.Jobs), MaxJobs)
	}
	if len(p.Routes) > MaxRoutes {
		return invalid("%d routes are more than the %d of one problem; divide it by team or week", len(p.Routes), MaxRoutes)
	}
	if p.TravelPrice < 0 || p.TravelPrice > 1<<16 {
		return invalid("TravelPrice %d is not within 0 and %d", p.TravelPrice, 1<<16)
	}
	if p.FairnessPrice < 0 || p.FairnessPrice > 1<<30 {
		return invalid("FairnessPrice %d is not within 0 and %d", p.FairnessPrice, 1<<30)
	}
	for i := range p.Matrices {
		if err := p.Matrices[i].validate(i); err != nil {
			return err
		}
	}
	dims := 0
	for i := range p.Routes {
		if err := p.validRoute(i); err != nil {
			return err
		}
		dims = max(dims, len(p.Routes[i].Capacity))
	}
	for i := range p.Jobs {
		if err := p.validJob(i); err != nil {
			return err
		}
		if n := max(len(p.Jobs[i].Delivery), len(p.Jobs[i].Pickup)); len(p.Routes) > 0 && n > dims {
			return invalid("Jobs[%d] carries %d dimensions, no route has a Capacity of more than %d", i, n, dims)
		}
	}
	return nil
}

func (m *Matrix) validate(i int) error {
	if m.Size < 1 || m.Size > MaxLocations {
		return invalid("Matrices[%d].Size %d is not within 1 and %d", i, m.Size, MaxLocations)
	}
	if len(m.Seconds) != m.Size*m.Size {
		return invalid("Matrices[%d] has %d entries, not %d x %d", i, len(m.Seconds), m.Size, m.Size)
	}
	for k, s := range m.Seconds {
		if s < 0 {
			return invalid("Matrices[%d] has %d seconds from %d to %d", i, s, k/m.Size, k%m.Size)
		}
	}
	return nil
}

func (p *Problem) validRoute(i int) error {
	r := &p.Routes[i]
	if r.Matrix < 0 || r.Matrix >= len(p.Matrices) {
		return invalid("Routes[%d].Matrix %d does not exist", i, r.Matrix)
	}
	size := p.Matrices[r.Matrix].Size
	if r.Start < Anywhere || r.Start >= size {
		return invalid("Routes[%d].Start %d is not a location of its matrix", i, r.Start)
	}
	if r.End < Anywhere || r.End >= size {
		return invalid("Routes[%d].End %d is not a location of its matrix", i, r.End)
	}
	if err := validWindows([]Window{r.Shift}, "Routes[%d].Shift", i); err != nil {
		return err
	}
	if r.MaxWork < 0 || r.MaxTravel < 0 || r.MaxJobs < 0 || r.Class < 0 {
		return invalid("Routes[%d] has a negative MaxWork, MaxTravel, MaxJobs or Class", i)
	}
	if err := validLoad(r.Capacity, "Routes[%d].Capacity", i); err != nil {
		return err
	}
	for b := range r.Breaks {
		if r.Breaks[b].Duration < 0 || r.Breaks[b].Duration > maxTime {
			return invalid("Routes[%d].Breaks[%d].Duration is %d", i, b, r.Breaks[b].Duration)
		}
		if err := validWindows(r.Breaks[b].Windows, "Routes[%d].Breaks[%d].Windows", i, b); err != nil {
			return err
		}
		if r.Breaks[b].Inside && len(r.Breaks[b].Windows) > 1 {
			return invalid("Routes[%d].Breaks[%d] is Inside and has more than one window", i, b)
		}
	}
	return nil
}

func (p *Problem) validJob(i int) error {
	j := &p.Jobs[i]
	for r := range p.Routes {
		if m := p.Routes[r].Matrix; j.Location < 0 || j.Location >= p.Matrices[m].Size {
			return invalid("Jobs[%d].Location %d is not a location of Matrices[%d]", i, j.Location, m)
		}
		if c := p.Routes[r].Class; len(j.Service) > 1 && c >= len(j.Service) {
			return invalid("Jobs[%d].Service has no value for the class %d of Routes[%d]", i, c, r)
		}
	}
	if slices.ContainsFunc(j.Service, func(s int64) bool { return s > maxTime }) {
		return invalid("Jobs[%d].Service is longer than %d seconds", i, maxTime)
	}
	if j.Prize < 0 || j.Prize > maxPoints {
		return invalid("Jobs[%d].Prize %d is not within 0 and %d", i, j.Prize, maxPoints)
	}
	if j.Site < 0 || j.Gap < 0 {
		return invalid("Jobs[%d] has a negative Site or Gap", i)
	}
	if err := validLoad(j.Delivery, "Jobs[%d].Delivery", i); err != nil {
		return err
	}
	if err := validLoad(j.Pickup, "Jobs[%d].Pickup", i); err != nil {
		return err
	}
	if j.Pin != nil {
		if j.Pin.Route < 0 || j.Pin.Route >= len(p.Routes) {
			return invalid("Jobs[%d].Pin.Route %d does not exist", i, j.Pin.Route)
		}
		if err := validWindows([]Window{j.Pin.Window}, "Jobs[%d].Pin.Window", i); err != nil {
			return err
		}
	}
	if b := j.Published; b != nil {
		if b.Route < 0 || b.Route >= len(p.Routes) {
			return invalid("Jobs[%d].Published.Route %d does not exist", i, b.Route)
		}
		if b.MovePrice < 0 || b.MovePrice > maxPoints || b.DropPrice < 0 || b.DropPrice > maxPoints {
			return invalid("Jobs[%d].Published has a price that is not within 0 and %d", i, maxPoints)
		}
	}
	return validWindows(j.Windows, "Jobs[%d].Windows", i)
}

// validWindows reports windows that close before they open, overlap, or are out of order.
func validWindows(windows []Window, field string, args ...any) error {
	for i, w := range windows {
		at := fmt.Sprintf(field, args...)
		if w.Open > w.Close {
			return invalid("%s closes at %d before it opens at %d", at, w.Close, w.Open)
		}
		if w.Open < -maxTime || w.Close > maxTime {
			return invalid("%s is beyond ±%d seconds", at, maxTime)
		}
		if i > 0 && w.Open <= windows[i-1].Close {
			return invalid("%s are not in order of time and apart: %d to %d, then %d to %d",
				at, windows[i-1].Open, windows[i-1].Close, w.Open, w.Close)
		}
	}
	return nil
}

func validLoad(load []int64, field string, i int) error {
	for _, v := range load {
		if v < 0 || v > maxLoad {
			return invalid(field+" holds %d", i, v)
		}
	}
	return nil
}
