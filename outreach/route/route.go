// Package route plans outreach visits: which places are visited, by which team, on which day and in which order.
//
// A Problem is values in and a Plan is values out. Every plan that Solve returns passes Check, which is written apart
// from the solver and re-adds every leg. The same problem, seed and budget give the same plan on any number of
// threads. A plan leaves no place out without a reason, computed from that plan (see WhyNot).
//
// The problem is the team orienteering problem with time windows over several days (Vansteenwegen and others 2009);
// with every place mandatory it becomes the vehicle routing problem with time windows. The search is slack induction
// by string removals (Christiaens and Vanden Berghe 2020).
package route

// Unreachable is the travel time between two locations that no team can travel.
const Unreachable = int32(1<<31 - 1)

// Anywhere stands for a route's missing start or end: the route then begins at its first visit, or ends at its last.
const Anywhere = -1

// Limits of one problem. Larger ones are refused by Validate: plan them by area instead.
const (
	MaxJobs      = 5_000
	MaxRoutes    = 1_000
	MaxLocations = 5_001
)

// Problem is everything that a plan depends on. Times are whole seconds from any common origin, so that day two at
// eight o'clock is 86,400 + 28,800, or a Unix time. Prizes and prices are whole points of the caller's choosing.
type Problem struct {
	Matrices []Matrix // travel times; a route names one by its index
	Routes   []Route  // a team on a day
	Jobs     []Job    // places to visit, or shares of a place too large for one team-day

	// TravelPrice is the points that a second of travel costs. At 0 travel only decides between plans of equal gain.
	TravelPrice int64
	// FairnessPrice is the points that a square hour of deviation from the teams' mean service time costs, summed over
	// the teams. At 0 teams may work unevenly.
	FairnessPrice int64
}

// Matrix holds travel seconds between locations: from i to j at Seconds[i*Size+j], Unreachable where there is no way.
// It need be neither symmetric nor metric.
type Matrix struct {
	Size    int
	Seconds []int32
}

// Window is a span of time, both ends included.
type Window struct{ Open, Close int64 }

// Route is one team on one day.
type Route struct {
	Team, Day  int     // whose, and which day; days order the gaps between visits to one site
	Matrix     int     // index of the travel times
	Start, End int     // locations; Anywhere for none
	Shift      Window  // the team leaves its start no earlier than Open and is at its end no later than Close
	MaxWork    int64   // seconds from leaving the start to reaching the end, breaks included; 0 for no limit
	MaxTravel  int64   // seconds of travel; 0 for no limit
	MaxJobs    int     // visits; 0 for no limit
	Capacity   []int64 // what the team can carry, by dimension (blanks, ribbons …); a missing dimension has no limit
	Skills     []int   // what the team can do and has with it
	Class      int     // throughput class: which of a job's service times holds
	Breaks     []Break // taken on a day with visits, in this order, anywhere on the way
}

// Break is a pause that starts within one of its windows.
type Break struct {
	Windows  []Window // of the start, in order of time; empty for any time of the shift
	Duration int64    // seconds
	Inside   bool     // may interrupt the visit before it, which goes on when it is over; with one window at most
}

// Job is a visit to be made at most once.
type Job struct {
	Location  int
	Windows   []Window // of the start of service, in order of time and apart; empty for any time
	Within    bool     // the windows bound the whole of the service, not its start alone
	Service   []int64  // seconds by throughput class; one value holds for every class, none is 0 seconds; below 0 means that class cannot
	Prize     int64    // points for the visit: people reached, weighted
	Mandatory bool     // outweighs every optional job together
	Delivery  []int64  // used up at the place, so loaded at the start, by dimension
	Pickup    []int64  // taken along from the place to the end, by dimension
	Skills    []int    // all needed

	// Site is the same positive number for jobs of one place, 0 for a place with one job. Jobs of one site stand Gap
	// days apart at least: 0 allows two teams at once, 1 forbids two visits a day.
	Site, Gap int

	Pin       *Pin       // the visit is fixed to a route
	Published *Published // the visit was announced
}

// Pin fixes a job to a route. The zero Window leaves the hour free.
type Pin struct {
	Route  int
	Window Window
}

// Published prices the breaking of a promise: serving the job on another route, or not at all.
type Published struct {
	Route                int
	MovePrice, DropPrice int64
}
