package route

// Plan is what a solver proposes. Routes stand in the problem's order and only where there is a visit.
type Plan struct {
	Tours  []Tour
	Absent []int // jobs left out, in the problem's order
	Value  Value
	Search Search // how the plan was found
}

// Tour is the day of one team. It leaves as late as the same hour of return allows.
type Tour struct {
	Route          int
	Depart, Return int64
	Travel         int64 // seconds on the way
	Steps          []Step
}

// Step is a visit or a break. Start − Arrive is waiting; Leave − Start is service or pause. A break may fall anywhere
// on the way to the next visit: Travel then says how much of that way came before it. One that interrupts a visit stands
// behind it and starts before it is left; the visit's Leave − Start is then service and pause.
type Step struct {
	Job    int   // index of the job, −1 for a break
	Break  int   // index of the route's break, −1 for a job
	Travel int64 // seconds on the way since the previous step
	Arrive int64
	Start  int64
	Leave  int64
}

// Value is what a plan is worth. Plans compare by Missing, fewer first; then by Gain, more first; then by Travel, less first.
type Value struct {
	Missing int   // mandatory jobs left out
	Gain    int64 // prizes − prices of moved and dropped visits − fairness price − travel price
	Served  int
	Prize   int64 // points of the visits
	Moved   int   // published visits that are served on another route
	Dropped int   // published visits that are left out
	Travel  int64 // seconds over all routes
}

// Better reports whether v is worth more than w.
func (v Value) Better(w Value) bool {
	if v.Missing != w.Missing {
		return v.Missing < w.Missing
	}
	if v.Gain != w.Gain {
		return v.Gain > w.Gain
	}
	return v.Travel < w.Travel
}

// Search tells how a plan was found.
type Search struct {
	Iterations int  // over all chains
	Cut        bool // the context ended before the budget did
}
