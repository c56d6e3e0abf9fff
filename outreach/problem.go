package outreach

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"

	"blangko/outreach/road"
	"blangko/outreach/route"
)

const (
	secondsPerDay = 86_400
	setup         = 30 * 60 // seconds to set up and pack
	// pointsPerPerson is what a person of weight 1 is worth. An hour on the road costs 3,600 points, so as much as 3.6
	// people.
	pointsPerPerson = 1_000
	travelPrice     = 1
	fairnessPrice   = 500
)

// draft is everything that the visits of some days depend on, as values.
type draft struct {
	first   time.Time // midnight UTC of the first business date
	days    int
	teams   []Team
	off     map[teamDay]bool  // days that a team is taken or has off
	begun   map[teamDay]int64 // the second of a day that is under way from which the team may still be planned
	stands  map[teamDay]stand // and where it is then, when it is not at its depot
	stops   []stop
	islands map[int64]Island
	fair    bool
	alike   bool

	kept    bool      // visits stay where they are, but for what a person changes
	routes  []teamDay // of the problem, by index
	jobs    []job
	omitted []Omitted // left out before the search began
	way     ways
	gaps    map[string]int64 // people without a recording, by district
}

type teamDay struct{ team, day int } // index in teams, day from the first

// stand is where a team is in the middle of its day: at its last visit that is not planned anew.
type stand struct {
	visit     Visit
	island    int64
	travelled int64 // seconds, so far
	worked    int64 // seconds, from leaving the depot until it may be planned
	cards     int64 // that its visits so far take from its bag
	point     int   // of the table of travel times
}

// stop is a site that may be visited.
type stop struct {
	Site
	demand    Demand
	mandatory bool
	fixed     []fixed     // visits that a person has settled, for replanning
	wish      *Shift      // where a person wants a new visit
	others    []time.Time // days of its visits by other plans, and of those made by this one
	there     []int       // shares of it that the plan has
}

// omit says that the whole stop is left out.
func (s *stop) omit(reason string) Omitted {
	return Omitted{Site: s.ID, Name: s.Name, Kind: s.Kind, Expected: Count{People: int64(s.demand.Expected)}, Reason: reason}
}

// fixed is a visit of the plan that is planned anew: kept where it is when pinned, paid for when published and moved.
type fixed struct {
	visit     Visit
	pinned    bool
	published bool
	begun     bool   // by a team that is lost, so that another visit stands in for it
	target    *Shift // where a person wants it, nil for where it is
}

// job is a share of a stop.
type job struct {
	stop          int
	share, shares int
	expected      int
	cards         int
	visit         *Visit // the visit that it was so far, nil for a new one
	insteadOf     *Visit // the visit under way for which it stands in
}

// people the team serves in an hour at a place of that kind.
func (t Team) perHour(f kindFacts) float64 { return max(0.5, float64(t.Sets*t.Pace)*f.pace) }

func (t Team) service(f kindFacts, people int) int64 {
	return setup + int64(math.Ceil(float64(people)*3600/t.perHour(f)))
}

// problem writes the draft as a routing problem. Times are seconds from midnight of the first day.
func (d *draft) problem(ctx context.Context, roads road.Roads) (*route.Problem, error) {
	p := &route.Problem{TravelPrice: travelPrice}
	if d.fair {
		p.FairnessPrice = fairnessPrice
	}
	d.jobs, d.routes, d.omitted = nil, nil, nil
	way, err := d.ways(ctx, roads)
	if err != nil {
		return nil, err
	}
	d.way = way
	p.Matrices = []route.Matrix{way.matrix}
	d.addRoutes(p)
	for i := range d.stops {
		d.addJobs(p, i, way)
	}
	return p, nil
}

func (d *draft) addRoutes(p *route.Problem) {
	for i, t := range d.teams {
		closes, _ := clock(t.Closes)
		for day := range d.days {
			at := teamDay{i, day}
			if d.off[at] {
				continue
			}
			opens, _ := clock(t.Opens)
			opens = max(opens, d.begun[at])
			base := int64(day) * secondsPerDay
			r := route.Route{Team: i, Day: day, Start: i, End: i, Shift: route.Window{Open: base + opens, Close: base + closes},
				MaxTravel: int64(t.MaxTravel) * 60, MaxWork: int64(t.Work) * 60, Class: i,
				Capacity: []int64{mostOf(t.Blanks), mostOf(t.Ribbons * cardsPerRibbon)}}
			if s, ok := d.stands[at]; ok {
				r.Start, r.MaxTravel, r.MaxWork = s.point, left(r.MaxTravel, s.travelled), left(r.MaxWork, s.worked)
				for k := range r.Capacity {
					r.Capacity[k] = max(0, r.Capacity[k]-s.cards)
				}
			}
			for k, need := range Access {
				if slices.Contains(t.Equipment, need) {
					r.Skills = append(r.Skills, k)
				}
			}
			if t.Island != nil {
				r.Skills = append(r.Skills, d.staySkill(*t.Island))
			}
			if from, latest := t.pause(opens); from <= latest {
				r.Breaks = []route.Break{{Duration: int64(t.Break) * 60, Inside: true, Windows: []route.Window{{Open: base + from, Close: base + latest}}}}
			}
			p.Routes = append(p.Routes, r)
			d.routes = append(d.routes, at)
		}
	}
}

// left is what is left of a limit, where there is one; 0 is none.
func left(limit, used int64) int64 {
	if limit == 0 {
		return 0
	}
	return max(1, limit-used)
}

// What a visit takes from the team's bag, by dimension of the routing problem; a ribbon is counted in cards.
var carried = []string{"blanks", "ribbon"}

const cardsPerRibbon = 500

// mostOf is a limit of the routing problem; 0 is none.
func mostOf(limit int) int64 { return int64(or(limit, math.MaxInt32)) }

// pause is when the team's break may start on a day that opens then, in seconds from midnight: so that it lies between
// breakAfter and breakBefore, or begins at breakAfter when it is longer. A team that is off at that time has none, and
// from is behind latest.
func (t Team) pause(opens int64) (from, latest int64) {
	closes, _ := clock(t.Closes)
	length := int64(t.Break) * 60
	if length == 0 {
		return 0, -1
	}
	return max(opens, breakAfter), min(max(breakAfter, breakBefore-length), closes-length)
}

// staySkill is the skill of staying on an island.
func (d *draft) staySkill(island int64) int { return len(Access) + int(island) }

// addJobs divides a stop into shares of a team-day at most and gives each its windows.
func (d *draft) addJobs(p *route.Problem, i int, way ways) {
	s := &d.stops[i]
	open, closed := d.openings(i, way)
	if closed != "" {
		d.omitted = append(d.omitted, s.omit(closed))
		return
	}
	jobs := d.divide(i, way, open)
	d.leave(s, jobs)
	for k, j := range jobs {
		rj := route.Job{Location: len(d.teams) + i, Windows: d.windows(s, j, open), Within: true, Mandatory: s.mandatory,
			Prize: int64(j.expected) * d.weight(s.facts()) * pointsPerPerson / 10, Delivery: []int64{int64(j.cards), int64(j.cards)}}
		if len(rj.Windows) == 0 { // to the router that is any time
			o := s.omit(string(route.TooSoon))
			o.Expected.People = int64(j.expected)
			d.omitted = append(d.omitted, o)
			continue
		}
		if len(jobs) > 1 {
			rj.Site, rj.Gap = i+1, s.Gap
		}
		for _, t := range d.teams {
			rj.Service = append(rj.Service, t.service(s.facts(), j.expected))
		}
		for k, need := range Access {
			if slices.Contains(s.Access, need) {
				rj.Skills = append(rj.Skills, k)
			}
		}
		if d.staysOn(s.island()) {
			rj.Skills = append(rj.Skills, d.staySkill(s.island()))
		}
		d.fix(&rj, s, k)
		p.Jobs = append(p.Jobs, rj)
		d.jobs = append(d.jobs, j)
	}
}

// openings are the hours of a stop on each day, those of its boats included, or why there are none.
func (d *draft) openings(i int, way ways) (open [][]span, closed string) {
	s := &d.stops[i]
	open, closed = make([][]span, d.days), "closed"
	some := false
	for day := range d.days {
		date := d.first.AddDate(0, 0, day)
		if len(s.fixed) == 0 && s.tooSoon(date) {
			closed = string(route.TooSoon)
			continue
		}
		open[day] = openOn(s.Openings, date)
		if crossing, ok := d.islands[s.island()]; ok && !d.staysOn(s.island()) && len(open[day]) > 0 {
			closed = "no-boat-in-time"
			open[day] = overlap(open[day], way.access(crossing, i, openOn(crossing.Openings, date)))
		}
		some = some || len(open[day]) > 0
	}
	if some {
		closed = ""
	}
	return open, closed
}

// windows are the hours in which a share may be served. A visit that is settled may stay where it is, and move to no day
// too near to another.
func (d *draft) windows(s *stop, j job, open [][]span) (windows []route.Window) {
	for day, spans := range open {
		date := d.first.AddDate(0, 0, day)
		if s.tooSoon(date) && (j.visit == nil || j.visit.Day != date.Format(time.DateOnly)) {
			continue
		}
		for _, w := range spans {
			from, to := int64(day)*secondsPerDay+w.from, int64(day)*secondsPerDay+w.to
			if n := len(windows); n > 0 && from <= windows[n-1].Close { // open all night
				windows[n-1].Close = to
				continue
			}
			windows = append(windows, route.Window{Open: from, Close: to})
		}
	}
	return windows
}

// weight of a person of such a site, in tenths.
func (d *draft) weight(f kindFacts) int64 {
	if d.alike {
		return 10
	}
	return f.weight
}

// tooSoon reports whether the site asks for more days between that day and a visit that this plan cannot move.
func (s *stop) tooSoon(date time.Time) bool {
	return slices.ContainsFunc(s.others, func(other time.Time) bool {
		return math.Abs(date.Sub(other).Hours()/24) < float64(s.Gap)
	})
}

// fix ties a share to the visit that a person settled, while its team and day are still there.
func (d *draft) fix(rj *route.Job, s *stop, k int) {
	var f fixed
	var team int64
	var day string
	switch {
	case s.wish != nil:
		f.pinned, team, day = true, s.wish.Team, s.wish.Day
	case k >= len(s.fixed):
		return
	default:
		f = s.fixed[k]
		team, day = f.visit.Team, f.visit.Day
		if f.target != nil {
			team, day = f.target.Team, f.target.Day
		}
	}
	for r, at := range d.routes {
		if d.teams[at.team].ID != team || d.first.AddDate(0, 0, at.day).Format(time.DateOnly) != day {
			continue
		}
		switch {
		case f.pinned:
			rj.Pin = &route.Pin{Route: r}
		case f.published:
			rj.Published = &route.Published{Route: r, MovePrice: movePrice, DropPrice: dropPrice}
		}
		return
	}
	if f.published {
		// Its own team-day is gone. It goes before what was never announced, but moves nobody else.
		rj.Prize += movePrice / 2
	}
}

// What it costs to move a published visit, or to leave it out: more than the people of any other visit are worth, so
// that the fewest are touched.
const (
	movePrice = 20_000 * pointsPerPerson
	dropPrice = 40_000 * pointsPerPerson
)

// divide gives the visits that a stop takes: those of the plan that is planned anew as they are, else shares of a
// team-day at most.
func (d *draft) divide(i int, way ways, open [][]span) []job {
	s := &d.stops[i]
	var jobs []job
	for k := range s.fixed {
		v := &s.fixed[k].visit
		j := job{stop: i, share: v.Share, shares: v.Shares, expected: int(v.Expected.People), cards: int(v.Cards.People), visit: v}
		if s.fixed[k].begun {
			j.visit, j.insteadOf = nil, v
		}
		jobs = append(jobs, j)
	}
	if len(jobs) > 0 {
		return append(jobs, d.missing(i)...)
	}
	n := d.shares(i, way, open)
	now := min(n, max(1, len(d.routes))) // there are no more team-days
	if s.wish != nil {
		now = 1 // a person asks for one visit
	}
	for k := range now {
		jobs = append(jobs, job{stop: i, share: k + 1, shares: n, expected: part(s.demand.Expected, k, n), cards: part(s.demand.Cards, k, n)})
	}
	return jobs
}

// shares is into how many visits a stop is divided: each fits what the ablest team can do there in a day, so that a team
// may stay the whole of it.
func (d *draft) shares(i int, way ways, open [][]span) int {
	s := &d.stops[i]
	most := 0.0
	for k, t := range d.teams {
		there, back := way.matrix.Seconds[k*way.matrix.Size+len(d.teams)+i], way.matrix.Seconds[(len(d.teams)+i)*way.matrix.Size+k]
		people := float64(t.longestStay(open, int64(there), int64(back))-setup) / 3600 * t.perHour(s.facts())
		if s.demand.Cards > 0 {
			cards := float64(min(mostOf(t.Blanks), mostOf(t.Ribbons*cardsPerRibbon)))
			people = min(people, cards*float64(s.demand.Expected)/float64(s.demand.Cards))
		}
		most = max(most, people)
	}
	if most < 1 {
		return 1 // no team can serve anybody there, and the plan says why
	}
	return max(1, (s.demand.Expected+int(most)-1)/int(most))
}

// missing are the shares of a large site of which the plan has others, when its days are planned anew: they were taken off, or
// there was no room for them. They share the people that are left.
func (d *draft) missing(i int) (jobs []job) {
	s := &d.stops[i]
	if d.kept {
		return nil
	}
	v := &s.fixed[0].visit
	people, cards := s.demand.Expected, s.demand.Cards
	for _, f := range s.fixed {
		people, cards = people-int(f.visit.Expected.People), cards-int(f.visit.Cards.People)
	}
	var free []int
	for share := 1; share <= v.Shares; share++ {
		if !slices.Contains(s.there, share) {
			free = append(free, share)
		}
	}
	for k, share := range free {
		if expected := part(max(0, people), k, len(free)); expected > 0 {
			jobs = append(jobs, job{stop: i, share: share, shares: v.Shares, expected: expected, cards: part(max(0, cards), k, len(free))})
		}
	}
	return jobs
}

// leave notes the people of a stop for whom there are not team-days enough.
func (d *draft) leave(s *stop, jobs []job) {
	left := s.demand.Expected
	for _, j := range jobs {
		left -= j.expected
	}
	if left > 0 && len(s.fixed) == 0 && s.wish == nil {
		o := s.omit("more-days")
		o.Expected.People, o.Partly = int64(left), true
		d.omitted = append(d.omitted, o)
	}
}

// longestStay is how many seconds the team can serve in one visit to a place that is open in those spans of some days, so
// far away: before its break, after it, or around it.
func (t Team) longestStay(open [][]span, there, back int64) (longest int64) {
	opens, _ := clock(t.Opens)
	closes, _ := clock(t.Closes)
	soonest, latest := t.pause(opens)
	length := int64(t.Break) * 60
	if soonest > latest {
		length = 0
	}
	for _, day := range open {
		for _, w := range day {
			from, to := max(w.from, opens+there), min(w.to, closes-back)
			if length == 0 {
				longest = max(longest, to-from)
				continue
			}
			before := min(w.to, closes-back-length, latest) - from
			longest = max(longest, before, to-max(from, soonest+length))
			if from <= latest && soonest <= to-length {
				longest = max(longest, to-from-length)
			}
		}
	}
	if t.Work > 0 {
		longest = min(longest, int64(t.Work)*60-there-back-length)
	}
	return longest
}

// The hours in which breaks are taken, in seconds from midnight.
const (
	breakAfter  = 11*3600 + 1800
	breakBefore = 13*3600 + 1800
)

// part is the k-th of n parts of a whole, which differ by one at most.
func part(whole, k, n int) int { return (whole + n - 1 - k) / n }

func (s Site) island() int64 {
	if s.Island == nil {
		return 0
	}
	return *s.Island
}

// staysOn reports whether a team of the draft stays on the island; its sites are then that team's.
func (d *draft) staysOn(island int64) bool {
	return island != 0 && slices.ContainsFunc(d.teams, func(t Team) bool { return t.Island != nil && *t.Island == island })
}

// ways are the travel times between depots, stops and where teams stand, crossings included.
type ways struct {
	matrix        route.Matrix
	table         road.Table
	islands       map[int64]Island
	on            []int64 // island of each depot, stop and stand, 0 for none
	port, landing map[int64]int
	toSite        []int64 // from the landing to a stop, in seconds; 0 off the islands
}

// access is when people may be served at a stop on an island, given when boats go: after the first boat out has
// landed and the team has come to the place, and so that it is back at the landing for the last boat.
func (w ways) access(island Island, stop int, boats []span) []span {
	var open []span
	for _, b := range boats {
		s := span{b.from + int64(island.Crossing)*60 + w.toSite[stop], b.to - w.toSite[stop]}
		if s.from < s.to {
			open = append(open, s)
		}
	}
	return open
}

func (d *draft) ways(ctx context.Context, roads road.Roads) (w ways, err error) {
	w.islands, w.port, w.landing = d.islands, map[int64]int{}, map[int64]int{}
	points := make([]orb.Point, 0, len(d.teams)+len(d.stops))
	for _, t := range d.teams {
		points, w.on = append(points, t.depot()), append(w.on, deref(t.Island))
	}
	for _, s := range d.stops {
		p, _ := s.point()
		points, w.on = append(points, p), append(w.on, s.island())
	}
	for _, at := range slices.SortedFunc(maps.Keys(d.stands), func(a, b teamDay) int { return a.team - b.team }) {
		s := d.stands[at]
		s.point = len(points)
		d.stands[at] = s
		points, w.on = append(points, orb.Point{*s.visit.Lon, *s.visit.Lat}), append(w.on, s.island)
	}
	n := len(points)
	for _, id := range slices.Sorted(maps.Keys(d.islands)) {
		w.port[id], w.landing[id] = len(points), len(points)+1
		points = append(points, d.islands[id].port(), d.islands[id].landing())
	}
	if w.table, err = roads.Table(ctx, points); err != nil {
		return w, fmt.Errorf("travel times: %w", err)
	}
	w.matrix = route.Matrix{Size: n, Seconds: make([]int32, n*n)}
	for i := range n {
		for j := range n {
			w.matrix.Seconds[i*n+j] = w.seconds(i, j)
		}
	}
	w.toSite = make([]int64, len(d.stops))
	for i, s := range d.stops {
		if id := s.island(); id != 0 {
			w.toSite[i] = int64(w.table.At(w.landing[id], len(d.teams)+i))
		}
	}
	return w, nil
}

// legs is the way from i to j over land, as pairs of points of the table, and the islands whose crossings lie between.
func (w *ways) legs(i, j int) (land [][2]int, sea []int64) {
	a, b := w.on[i], w.on[j]
	switch {
	case a == b:
		return [][2]int{{i, j}}, nil
	case a == 0:
		return [][2]int{{i, w.port[b]}, {w.landing[b], j}}, []int64{b}
	case b == 0:
		return [][2]int{{i, w.landing[a]}, {w.port[a], j}}, []int64{a}
	}
	return [][2]int{{i, w.landing[a]}, {w.port[a], w.port[b]}, {w.landing[b], j}}, []int64{a, b}
}

// seconds adds the legs from i to j; one that cannot be travelled makes the whole way so.
func (w *ways) seconds(i, j int) int32 {
	if w.on[i] == w.on[j] {
		return w.table.At(i, j)
	}
	land, sea := w.legs(i, j)
	total := int64(0)
	for _, id := range sea {
		total += int64(w.islands[id].Crossing) * 60
	}
	for _, l := range land {
		s := w.table.At(l[0], l[1])
		if s == road.Unreachable {
			return route.Unreachable
		}
		total += int64(s)
	}
	return int32(min(total, int64(route.Unreachable-1)))
}

// metres is the length of the way from i to j, over land and straight over the sea.
func (w *ways) metres(i, j int) int64 {
	land, sea := w.legs(i, j)
	total := int64(0)
	for _, l := range land {
		total += int64(w.table.Metres[l[0]*w.table.Size+l[1]])
	}
	for _, id := range sea {
		total += int64(geo.DistanceHaversine(w.islands[id].port(), w.islands[id].landing()))
	}
	return total
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
