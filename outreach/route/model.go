package route

import (
	"fmt"
	"math"
	"slices"
)

// model is a problem laid out for the search: flat arrays, windows clipped by shift, one slot per job and kind of route.
type model struct {
	p      *Problem
	jobs   int
	size   int     // locations, one more than the largest matrix: the last one is Anywhere, at no distance from all
	roads  []roads // by matrix
	kinds  []kind
	kindOf []int32 // kind of each route
	twin   []int32 // first route that cannot be told from this one while both are empty
	slots  []slot  // [kind*jobs+job]
	spans  []Window
	pinned []bool
	home   []int32 // route where a published job stands, −1 for none
	dims   int
	mixed  bool // deliveries and pickups: the load must hold on every leg
	gaps   bool // some site asks for days between its visits
	site   [][]int32
	team   []int32 // dense index of the team of each route
	teams  int
	prize  []int64 // what a served job adds: prize, price of dropping it
	scale  float64 // median prize
	leg    float64 // mean travel between near neighbours
	near   [][]int32
}

// roads holds one matrix both ways, so that the legs from and to one place each lie in one row.
type roads struct{ from, to []int32 }

// kind is what routes that differ only in team and day have in common.
type kind struct {
	start, end int32
	shift      Window
	roads      int
	maxWork    int64
	maxTravel  int64
	maxJobs    int
	capacity   []int64
	breaks     []Break
	inside     bool // some break may interrupt a visit
}

// slot is what a route knows of a job.
type slot struct {
	open, close int64
	service     int64
	lo, hi      int32 // windows in spans, where there are several
	ok          bool
	within      bool // a window is shorter by the service than what holds all of it
}

const far = math.MaxInt64 / 4

func newModel(p *Problem) *model {
	m := &model{p: p, jobs: len(p.Jobs)}
	for i := range p.Matrices {
		m.size = max(m.size, p.Matrices[i].Size+1)
	}
	for i := range p.Matrices {
		m.roads = append(m.roads, m.newRoads(&p.Matrices[i]))
	}
	m.readLoads()
	m.readRoutes()
	m.readJobs()
	m.readSlots()
	m.readNear()
	return m
}

func (m *model) newRoads(matrix *Matrix) roads {
	n, l := matrix.Size, m.size
	r := roads{from: make([]int32, l*l)}
	symmetric := true
	for i := range n {
		copy(r.from[i*l:i*l+n], matrix.Seconds[i*n:i*n+n])
		for j := range i {
			symmetric = symmetric && matrix.Seconds[i*n+j] == matrix.Seconds[j*n+i]
		}
	}
	if symmetric {
		r.to = r.from
		return r
	}
	r.to = make([]int32, l*l)
	for i := range l {
		for j := range l {
			r.to[j*l+i] = r.from[i*l+j]
		}
	}
	return r
}

func (m *model) readLoads() {
	delivers, picks := false, false
	for i := range m.p.Jobs {
		j := &m.p.Jobs[i]
		m.dims = max(m.dims, len(j.Delivery), len(j.Pickup))
		delivers = delivers || slices.ContainsFunc(j.Delivery, positive)
		picks = picks || slices.ContainsFunc(j.Pickup, positive)
		m.gaps = m.gaps || j.Site > 0 && j.Gap > 0
	}
	m.mixed = delivers && picks
}

func positive(v int64) bool { return v > 0 }

func (m *model) readRoutes() {
	p := m.p
	named := make(map[int]bool) // routes that some job names
	for i := range p.Jobs {
		if pin := p.Jobs[i].Pin; pin != nil {
			named[pin.Route] = true
		}
		if pub := p.Jobs[i].Published; pub != nil {
			named[pub.Route] = true
		}
	}
	kinds, twins, teams := map[string]int32{}, map[string]int32{}, map[int]int32{}
	for i := range p.Routes {
		r := &p.Routes[i]
		key := fmt.Sprint(r.Matrix, r.Start, r.End, r.Shift, r.MaxWork, r.MaxTravel, r.MaxJobs, r.Capacity, r.Skills, r.Class, r.Breaks)
		k, ok := kinds[key]
		if !ok {
			k = int32(len(m.kinds))
			kinds[key] = k
			m.kinds = append(m.kinds, m.newKind(r))
		}
		m.kindOf = append(m.kindOf, k)
		if p.FairnessPrice > 0 {
			key += fmt.Sprint("|", r.Team)
		}
		if m.gaps {
			key += fmt.Sprint("/", r.Day)
		}
		if named[i] {
			key += fmt.Sprint("#", i)
		}
		if _, ok := twins[key]; !ok {
			twins[key] = int32(i)
		}
		m.twin = append(m.twin, twins[key])
		if _, ok := teams[r.Team]; !ok {
			teams[r.Team] = int32(len(teams))
		}
		m.team = append(m.team, teams[r.Team])
	}
	m.teams = len(teams)
}

func (m *model) newKind(r *Route) kind {
	k := kind{start: int32(r.Start), end: int32(r.End), shift: r.Shift, roads: r.Matrix,
		maxWork: r.MaxWork, maxTravel: r.MaxTravel, maxJobs: r.MaxJobs}
	if r.Start == Anywhere {
		k.start = int32(m.size - 1)
	}
	if r.End == Anywhere {
		k.end = int32(m.size - 1)
	}
	if k.maxTravel == 0 {
		k.maxTravel = far
	}
	if k.maxWork == 0 || k.maxWork >= r.Shift.Close-r.Shift.Open {
		k.maxWork = far
	}
	if k.maxJobs == 0 {
		k.maxJobs = math.MaxInt
	}
	for d := range m.dims {
		if d < len(r.Capacity) {
			k.capacity = append(k.capacity, r.Capacity[d])
		} else {
			k.capacity = append(k.capacity, far)
		}
	}
	for _, b := range r.Breaks {
		if len(b.Windows) == 0 {
			b.Windows = []Window{r.Shift}
		}
		k.breaks = append(k.breaks, Break{Duration: b.Duration, Windows: clip(b.Windows, r.Shift), Inside: b.Inside && b.Duration > 0})
		k.inside = k.inside || b.Inside && b.Duration > 0
	}
	return k
}

// clip keeps what of the windows lies within the span.
func clip(windows []Window, span Window) []Window {
	var kept []Window
	for _, w := range windows {
		w.Open, w.Close = max(w.Open, span.Open), min(w.Close, span.Close)
		if w.Open <= w.Close {
			kept = append(kept, w)
		}
	}
	return kept
}

func (m *model) readJobs() {
	p := m.p
	sites := map[int][]int32{}
	var prizes []int64
	for i := range p.Jobs {
		j := &p.Jobs[i]
		prize, home := j.Prize, int32(-1)
		if j.Published != nil {
			prize += j.Published.DropPrice
			home = int32(j.Published.Route)
		}
		prizes = append(prizes, prize)
		m.prize = append(m.prize, prize)
		m.home = append(m.home, home)
		m.pinned = append(m.pinned, j.Pin != nil)
		if j.Site > 0 {
			sites[j.Site] = append(sites[j.Site], int32(i))
		}
	}
	m.site = make([][]int32, len(p.Jobs))
	for i := range p.Jobs {
		if s := sites[p.Jobs[i].Site]; p.Jobs[i].Site > 0 && len(s) > 1 {
			m.site[i] = s
		}
	}
	m.scale = 1
	if len(prizes) > 0 {
		slices.Sort(prizes)
		m.scale = max(1, float64(prizes[len(prizes)/2]))
	}
}

func (m *model) readSlots() {
	m.slots = make([]slot, len(m.kinds)*m.jobs)
	done := make([]bool, len(m.kinds))
	for r, k := range m.kindOf {
		if done[k] {
			continue
		}
		done[k] = true
		for j := range m.jobs {
			m.slots[int(k)*m.jobs+j] = m.newSlot(&m.p.Routes[r], &m.p.Jobs[j])
		}
	}
}

func (m *model) newSlot(r *Route, j *Job) slot {
	s := slot{service: service(j, r.Class), within: j.Within}
	windows := []Window{r.Shift}
	if len(j.Windows) > 0 {
		windows = clip(j.Windows, r.Shift)
	}
	if j.Within {
		for i := range windows {
			windows[i].Close -= s.service
		}
	}
	span := r.Shift
	if j.Pin != nil && j.Pin.Window != (Window{}) {
		span = j.Pin.Window
	}
	windows = clip(windows, span)
	if len(windows) == 0 || s.service < 0 || !able(r, j) || !carries(r, j) {
		return s
	}
	s.open, s.close, s.ok = windows[0].Open, windows[len(windows)-1].Close, true
	if len(windows) > 1 {
		s.lo = int32(len(m.spans))
		m.spans = append(m.spans, windows...)
		s.hi = int32(len(m.spans))
	}
	return s
}

// service is how long a team of the class needs at the job, below 0 where it cannot.
func service(j *Job, class int) int64 {
	switch len(j.Service) {
	case 0:
		return 0
	case 1:
		return j.Service[0]
	}
	return j.Service[class]
}

// able reports whether the route has every skill of the job.
func able(r *Route, j *Job) bool {
	for _, s := range j.Skills {
		if !slices.Contains(r.Skills, s) {
			return false
		}
	}
	return true
}

// carries reports whether the route could hold the job's load if it did nothing else.
func carries(r *Route, j *Job) bool {
	for d, c := range r.Capacity {
		if d < len(j.Delivery) && j.Delivery[d] > c || d < len(j.Pickup) && j.Pickup[d] > c {
			return false
		}
	}
	return true
}

// maxNear bounds the neighbours that are kept of a job: enough for any ruin, and 3,000 sites stay small.
const maxNear = 256

// readNear lists every job's neighbours by mean travel both ways, itself first.
func (m *model) readNear() {
	if m.jobs == 0 || len(m.roads) == 0 {
		return
	}
	m.near = make([][]int32, m.jobs)
	others := make([]uint64, m.jobs) // travel both ways, then the job: sorted as one number
	legs, count := 0.0, 0
	for j := range m.jobs {
		at := m.p.Jobs[j].Location
		from, to := m.roads[0].from[at*m.size:], m.roads[0].to[at*m.size:]
		for k := range m.jobs {
			there := m.p.Jobs[k].Location
			others[k] = (uint64(from[there])+uint64(to[there])+1)<<16 | uint64(k)
		}
		others[j] = uint64(j)
		slices.Sort(others)
		m.near[j] = make([]int32, min(m.jobs, maxNear))
		for k := range m.near[j] {
			m.near[j][k] = int32(others[k] & 0xffff)
		}
		for k := 1; k < min(6, m.jobs); k++ {
			if away := others[k] >> 16; away < uint64(Unreachable) {
				legs, count = legs+float64(away)/2, count+1
			}
		}
	}
	m.leg = max(1, legs/float64(max(1, count)))
}

func cmpInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// first is the first time at or after t at which the slot's service may start, far if none.
func (m *model) first(s *slot, t int64) int64 {
	if t <= s.open {
		return s.open
	}
	if t > s.close {
		return far
	}
	for _, w := range m.spans[s.lo:s.hi] {
		if t <= w.Close {
			return max(t, w.Open)
		}
	}
	return t
}

// last is the last time at or before t at which the slot's service may start, −far if none.
func (m *model) last(s *slot, t int64) int64 {
	if t >= s.close {
		return s.close
	}
	if t < s.open {
		return -far
	}
	for i := s.hi - 1; i >= s.lo; i-- {
		if w := m.spans[i]; t >= w.Open {
			return min(t, w.Close)
		}
	}
	return t
}

// firstBreak and lastBreak are the same for breaks, over windows in order.
func firstBreak(windows []Window, t int64) int64 {
	for _, w := range windows {
		if t <= w.Close {
			return max(t, w.Open)
		}
	}
	return far
}

func lastBreak(windows []Window, t int64) int64 {
	for i := len(windows) - 1; i >= 0; i-- {
		if w := windows[i]; t >= w.Open {
			return min(t, w.Close)
		}
	}
	return -far
}
