package replay

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"time"

	"blangko/cmd/blangko/demo"
	"blangko/coverage"
	"blangko/forecasting"
	"blangko/inventory/fairshare"
)

// Policies are the rules under which a year is replayed.
var Policies = []string{"flat quotas of 500", "proportional to requests", "run out together", "least expected shortage"}

const (
	flat = iota
	proportional
	together
	shortage
)

// The scarce year: every other week a tranche is divided; all of them together cover supplied of what people will come
// for, unevenly, and twice nothing comes for four weeks.
const (
	yearDays     = 364
	reviewDays   = 14
	supplied     = 0.95
	unevenness   = 0.35
	droughts     = 2
	droughtLasts = 2    // tranches
	asksFor      = 42.0 // days of use that an office asks for
	asksRoughly  = 0.25 // spread of what it thinks it uses
	reordersAt   = 24.0 // days of use left, about ten beside the lead time
	lot          = 500.0
	looksBack    = 90 // days of use that it goes by
	coverDays    = 28 // days over which the shortage is to be least: until the next tranche has arrived
)

// Year is what became of a year under one policy.
type Year struct {
	PersonDays float64 // people waiting at the end of a day, summed over days
	StockOut   float64 // days on which an office could not serve all, summed over offices
	Fairness   float64 // 90 % over 10 % quantile of offices by mean days of cover
}

// play is a year under way.
type play struct {
	*nation
	policy        int
	seed          uint64
	start         int
	used, closing [][]int64
	wanted        [][]int64 // by office and day of the year
	stock         []int64
	waiting       []int64
	coming        [][]int64 // by office and day of the year, beyond its end too
	waited        [][]int64 // at the end of each day
	roads         [][]int   // days that past supplies were under way
	base          forecasting.Known
	outlooks      []forecasting.Outlook
	kept          *forecasting.Kept
	month         time.Month
	tested        int
}

func (n *nation) newPlay(policy int, seed uint64) *play {
	p := &play{nation: n, policy: policy, seed: seed, start: len(n.used[0]) - yearDays}
	p.base = n.known(p.start)
	for i := range n.facts {
		p.used, p.closing = append(p.used, slices.Clone(n.used[i])), append(p.closing, slices.Clone(n.closing[i]))
		p.wanted = append(p.wanted, n.wants(i, p.start))
		p.stock, p.waiting = append(p.stock, n.closing[i][p.start-1]), append(p.waiting, 0)
		p.coming, p.waited = append(p.coming, make([]int64, yearDays+120)), append(p.waited, make([]int64, yearDays))
		p.roads = append(p.roads, nil)
	}
	for _, s := range n.world.Shipments {
		i, ok := n.supplied(s)
		if !ok || s.Dispatched < 0 || s.Received < 0 || s.Dispatched >= p.start {
			continue
		}
		if s.Received < p.start {
			p.roads[i] = append(p.roads[i], s.Received-s.Dispatched)
		} else {
			p.coming[i][min(s.Received-p.start, yearDays)] += sum(s.Pieces[:])
		}
	}
	return p
}

// wants is what people come for each day, from a day on: the month's demand spread over its business days.
func (n *nation) wants(i, start int) []int64 {
	truth := n.world.Truth[n.facts[i].ID]
	index := func(d time.Time) int {
		return (d.Year()-n.world.Start.Year())*12 + int(d.Month()-n.world.Start.Month())
	}
	days := map[int]float64{}
	for d := range n.used[i] {
		if n.open(d) {
			days[index(n.world.Date(d))]++
		}
	}
	out, owed := make([]int64, yearDays), 0.0
	for t := range out {
		if m := index(n.world.Date(start + t)); n.open(start+t) && m < len(truth) {
			owed += float64(truth[m].Demand) / days[m]
		}
		out[t] = int64(owed)
		owed -= float64(out[t])
	}
	return out
}

// run plays the year.
func (p *play) run(ctx context.Context) (y Year, err error) {
	tranches := p.tranches()
	left := int64(0)
	cover, count := make([]float64, len(p.facts)), 0.0
	for t := range yearDays {
		if err := ctx.Err(); err != nil {
			return y, err
		}
		if t%reviewDays == 0 {
			left += tranches[t/reviewDays]
			given, err := p.divide(t, left)
			if err != nil {
				return y, err
			}
			for i, g := range given {
				left -= g
				p.coming[i][t+p.road(i, t)] += g
			}
			count++
		}
		for i := range p.facts {
			p.stock[i] += p.coming[i][t]
			served := min(p.stock[i], p.waiting[i]+p.wanted[i][t])
			p.waiting[i] += p.wanted[i][t] - served
			p.stock[i] -= served
			p.used[i][p.start+t], p.closing[i][p.start+t], p.waited[i][t] = served, p.stock[i], p.waiting[i]
			y.PersonDays += float64(p.waiting[i])
			if p.waiting[i] > 0 && p.open(p.start+t) {
				y.StockOut++
			}
			if t%reviewDays == 0 {
				cover[i] += float64(p.stock[i]) / p.daily(i)
			}
		}
	}
	slices.Sort(cover)
	y.Fairness = cover[len(cover)*9/10] / math.Max(cover[len(cover)/10], 1e-9)
	return y, nil
}

// daily is what people come for on a mean day of the year.
func (p *play) daily(i int) float64 { return math.Max(1e-9, float64(sum(p.wanted[i]))/yearDays) }

// tranches are the same for every policy.
func (p *play) tranches() []int64 {
	rng := rand.New(rand.NewPCG(p.seed, 1))
	n := yearDays / reviewDays
	weight, all := make([]float64, n), 0.0
	for k := range weight {
		weight[k] = math.Exp(unevenness * rng.NormFloat64())
	}
	for range droughts {
		first := 1 + rng.IntN(n-droughtLasts-1)
		for k := range droughtLasts {
			weight[first+k] = 0
		}
	}
	total := 0.0
	for _, w := range weight {
		all += w
	}
	for i := range p.facts {
		total += float64(sum(p.wanted[i]))
	}
	out := make([]int64, n)
	for k, w := range weight {
		out[k] = int64(supplied * total * w / all)
	}
	return out
}

// road is how long what is given on a day is under way, the same for every policy: a day to pack, and as long as one of
// the past supplies took.
func (p *play) road(i, t int) int {
	rng := rand.New(rand.NewPCG(p.seed, uint64(1000+t)<<32|uint64(i)))
	if len(p.roads[i]) == 0 {
		return 1 + 3 + rng.IntN(5)
	}
	return min(100, 1+p.roads[i][rng.IntN(len(p.roads[i]))])
}

// pipeline is what has been given and has not come.
func (p *play) pipeline(i, t int) (all int64) { return sum(p.coming[i][t:]) }

// divide says who gets how much of a quantity.
func (p *play) divide(t int, available int64) ([]int64, error) {
	given := make([]int64, len(p.facts))
	switch p.policy {
	case flat:
		for i := range given {
			given[i] = min(500, available/int64(len(given)))
		}
		return given, nil
	case proportional:
		asked, all := p.requests(t), 0.0
		for _, a := range asked {
			all += a
		}
		for i, a := range asked {
			given[i] = int64(math.Min(1, float64(available)/math.Max(all, 1)) * a)
		}
		return given, nil
	}
	if err := p.foresee(t); err != nil {
		return nil, err
	}
	rule := fairshare.Together
	if p.policy == shortage {
		rule = fairshare.Shortage
	}
	claims := make([]fairshare.Claim, len(p.facts))
	for i, o := range p.outlooks {
		have := p.stock[i] + p.pipeline(i, t)
		need := o.Need.DailyMean
		// Nobody gets more than the days that offices ask for and a margin of one spread: the rest waits in the store, where it can still go anywhere.
		most := max(0, int64(math.Ceil(asksFor*need+o.Need.SD*math.Sqrt(asksFor/float64(max(1, o.Need.HorizonDays)))))+p.waiting[i]-have)
		if rule == fairshare.Together {
			have = max(0, have-p.waiting[i]) // those who wait are served first
		} else {
			need += float64(p.waiting[i]) / coverDays
		}
		sd := o.Need.SD * math.Sqrt(coverDays/float64(max(1, o.Need.HorizonDays)))
		claims[i] = fairshare.Claim{Stock: have, DailyNeed: new(big.Rat).SetFloat64(need), SD: new(big.Rat).SetFloat64(sd), Cap: &most}
	}
	result, err := fairshare.Divide(fairshare.Terms{Rule: rule, Available: available, Box: 1, Days: coverDays}, claims)
	if err != nil {
		return nil, err
	}
	for i, l := range result.Lines {
		given[i] = l.Given
	}
	return given, nil
}

// requests are what offices ask for, in lots, when little is left: by their use of late, those who wait, and what they have.
func (p *play) requests(t int) []float64 {
	asked := make([]float64, len(p.facts))
	for i := range asked {
		rng := rand.New(rand.NewPCG(p.seed, uint64(2000+t)<<32|uint64(i)))
		day := p.start + t
		use := float64(sum(p.used[i][max(0, day-looksBack):day])) / looksBack
		have := float64(p.stock[i] + p.pipeline(i, t) - p.waiting[i])
		if have > reordersAt*use {
			continue
		}
		asked[i] = lot * math.Ceil(math.Max(0, asksFor*use*math.Exp(asksRoughly*rng.NormFloat64())-have)/lot)
	}
	return asked
}

// foresee forecasts anew when a month has closed; by which method and how widely is tested anew every quarter.
func (p *play) foresee(t int) (err error) {
	day := p.start + t
	date := p.world.Date(day)
	if p.outlooks != nil && date.Month() == p.month {
		return nil
	}
	k := p.base
	// The year spreads what people want over its days, what they want at visits with it: nobody tells of their days.
	k.Circulars, k.Visits = p.circulars(day), nil
	k.Uses, k.Positions, k.Backlogs = nil, slices.Clone(p.base.Positions), slices.Clone(p.base.Backlogs)
	for i, f := range p.facts {
		k.Uses = append(k.Uses, p.months(i, p.used[i], p.closing[i], day)...)
		k.Positions[i].Usable, k.Positions[i].OnOrder, k.Positions[i].Incoming = p.stock[i], 0, nil
		for d := range t { // at the end of every month that has closed since
			if on := p.world.Date(p.start + d); on.AddDate(0, 0, 1).Day() == 1 {
				k.Backlogs = append(k.Backlogs, coverage.Backlog{RegionID: f.ID, Day: on, PrintReady: p.waited[i][d]})
			}
		}
	}
	slices.SortStableFunc(k.Backlogs, func(a, b coverage.Backlog) int {
		if a.RegionID != b.RegionID {
			return a.RegionID - b.RegionID
		}
		return a.Day.Compare(b.Day)
	})
	if p.kept == nil || p.tested >= 3 {
		p.kept, p.tested = nil, 0
	}
	p.outlooks, p.kept, err = forecasting.Foresee(k, date, p.kept)
	p.month, p.tested = date.Month(), p.tested+1
	for i, o := range p.outlooks {
		if o.Err != nil {
			return fmt.Errorf("foresee %s on %s: %w", p.facts[i].Code, date.Format(time.DateOnly), o.Err)
		}
	}
	return err
}

// Outcome is what became of the years of several nations under each policy.
type Outcome [][]Year // by policy and seed

// Replay plays the scarce year of each nation under every policy, with the same demand, supply, roads and chance.
func Replay(ctx context.Context, o Options, progress func(done, total int)) (Outcome, error) {
	out := make(Outcome, len(Policies))
	end := time.Date(2025, time.December, 31, 0, 0, 0, 0, time.UTC)
	for seed := range o.Seeds {
		n := newNation(demo.Judged(uint64(2000+seed)), end, o.Only)
		for policy := range Policies {
			y, err := n.newPlay(policy, uint64(seed)).run(ctx)
			if err != nil {
				return nil, err
			}
			out[policy] = append(out[policy], y)
			progress(seed*len(Policies)+policy+1, o.Seeds*len(Policies))
		}
	}
	return out, nil
}

// Against is the mean of the relative differences in a measure between two policies, nation by nation, with half of its
// 95 % interval (Student's t).
func (o Outcome) Against(policy, other int, measure func(Year) float64) (mean, half float64) {
	var differences []float64
	for s := range o[policy] {
		differences = append(differences, measure(o[policy][s])/measure(o[other][s])-1)
	}
	return interval(differences)
}

// interval is a mean and half of its 95 % interval.
func interval(values []float64) (mean, half float64) {
	n := float64(len(values))
	for _, v := range values {
		mean += v / n
	}
	square := 0.0
	for _, v := range values {
		square += (v - mean) * (v - mean)
	}
	return mean, student(len(values)-1) * math.Sqrt(square/math.Max(1, n-1)/n)
}

// student is the 97.5 % quantile of Student's t by its expansion around the normal (Abramowitz & Stegun 1964, 26.7.5),
// right to a hundredth from four degrees of freedom on.
func student(degrees int) float64 {
	const z = 1.959964
	v := math.Max(1, float64(degrees))
	return z + (z*z*z+z)/(4*v) + (5*math.Pow(z, 5)+16*z*z*z+3*z)/(96*v*v) + (3*math.Pow(z, 7)+19*math.Pow(z, 5)+17*z*z*z-15*z)/(384*v*v*v)
}

// Measures of a year, and their names.
var Measures = []struct {
	Name string
	Of   func(Year) float64
}{
	{"person-days of waiting, thousands", func(y Year) float64 { return y.PersonDays / 1000 }},
	{"stock-out days of offices", func(y Year) float64 { return y.StockOut }},
	{"P90/P10 of cover", func(y Year) float64 { return y.Fairness }},
}

// Print writes the outcome as a table: means over nations with their 95 % intervals, and differences from requests.
func (o Outcome) Print(w io.Writer) error {
	text := fmt.Sprintf("%-26s", "")
	for _, m := range Measures {
		text += fmt.Sprintf(" %36s", m.Name)
	}
	text += "\n"
	for p, name := range Policies {
		text += fmt.Sprintf("%-26s", name)
		for _, m := range Measures {
			values := []float64{}
			for _, y := range o[p] {
				values = append(values, m.Of(y))
			}
			mean, half := interval(values)
			text += fmt.Sprintf(" %36s", fmt.Sprintf("%.5g ± %.2g", mean, half))
		}
		text += "\n"
	}
	text += fmt.Sprintf("\nagainst %s, nation by nation\n", Policies[proportional])
	for p, name := range Policies {
		if p == proportional {
			continue
		}
		text += fmt.Sprintf("%-26s", name)
		for _, m := range Measures {
			mean, half := o.Against(p, proportional, m.Of)
			text += fmt.Sprintf(" %36s", fmt.Sprintf("%+.1f %% ± %.1f", 100*mean, 100*half))
		}
		text += "\n"
	}
	_, err := io.WriteString(w, text)
	return err
}
