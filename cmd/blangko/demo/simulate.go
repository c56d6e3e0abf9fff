package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"blangko/internal/region"
)

// run is a simulation under way.
type run struct {
	p     Parameters
	w     *World
	days  []day
	rng   *rand.Rand // the nation's
	daily int        // first day that is posted by itself

	place     map[placeKey]int
	nation    *store
	stores    []*store
	counters  []*counter
	points    map[*buyer][]*counter // service points that an office supplies
	buyers    []*buyer
	buyerAt   map[int]*buyer // by place
	storeAt   map[int]*store
	counterAt map[int]*counter

	truth     map[int]*[]Truth
	driven    map[int]*driven // by kabupaten/kota
	prepare   map[int][]int   // day → requests
	dispatch  map[int][]int   // day → shipments
	arrive    map[int][]int
	answer    map[int][]int // day → discrepancies
	reportDay [2][]bool     // whether a weekly report falls on the day; second for offices that open on Saturday
}

type placeKey struct {
	region int
	kind   string
}

// Simulate makes the world of the parameters for the regions among facts whose code begins with one of only (all, when
// only is empty), ending with the day end. It is a pure function: the same arguments make the same world.
func Simulate(p Parameters, facts []region.Fact, end time.Time, only ...string) *World {
	start := end.AddDate(-p.Years, 0, 1)
	n := int(end.Sub(start).Hours()/24) + 1
	r := &run{p: p, w: &World{Start: start, End: end, Truth: map[int][]Truth{}},
		days: calendar(start, n, p.Demand), rng: p.chance(0), daily: n - p.DailyFor,
		place: map[placeKey]int{}, points: map[*buyer][]*counter{}, buyerAt: map[int]*buyer{}, storeAt: map[int]*store{}, counterAt: map[int]*counter{},
		truth: map[int]*[]Truth{}, prepare: map[int][]int{}, dispatch: map[int][]int{}, arrive: map[int][]int{}, answer: map[int][]int{}}
	r.reportDay = [2][]bool{r.weekEnds(false), r.weekEnds(true)}
	r.settle(facts, only)
	r.drive()
	r.open()
	for t := range r.days {
		r.deliver(t)
		r.send(t)
		r.receive(t)
		r.replenish(t)
		r.decide(t)
		r.print(t)
		r.closeMonth(t)
		r.settleDiscrepancies(t)
	}
	r.figures(facts)
	for id, months := range r.truth {
		r.w.Truth[id] = *months
	}
	return r.w
}

// chance is a stream of its own for each region.
func (p Parameters) chance(region int) *rand.Rand {
	return rand.New(rand.NewPCG(p.Seed, uint64(region)))
}

func within(code string, only []string) bool {
	return len(only) == 0 || slices.ContainsFunc(only, func(o string) bool {
		return code == o || strings.HasPrefix(code, o+".")
	})
}

// settle makes the places and who works in them.
func (r *run) settle(facts []region.Fact, only []string) {
	rates := r.rates(facts)
	names := map[int]string{}
	ids := map[string]int{}
	for _, f := range facts {
		names[f.ID], ids[f.Code] = f.Name, f.ID
	}
	nationID := ids[region.Root]
	r.nation = &store{shelf: shelf{place: r.at(nationID, "national")}}
	r.stores, r.storeAt[r.nation.place] = append(r.stores, r.nation), r.nation
	r.at(nationID, "supplier")
	provinces := map[string]*store{}
	for _, f := range facts {
		if f.Level != region.Province || !slices.Contains(r.p.Supply.ByProvince, f.Code) {
			continue
		}
		s := &store{shelf: shelf{place: r.at(f.ID, "province")}}
		provinces[f.Code] = s
		r.stores, r.storeAt[s.place] = append(r.stores, s), s
	}
	for _, f := range facts {
		if f.Level == region.Regency && within(f.Code, only) {
			r.office(f, rates[f.ID], provinces[f.Parent()], facts)
		}
	}
	for _, f := range facts {
		if s := provinces[f.Code]; s != nil && s.daily > 0 {
			r.buys(&buyer{shelf: &s.shelf, region: f.ID, code: f.Code, from: r.nation, daily: s.daily, rng: r.p.chance(f.ID)})
		}
	}
}

// rates are cards a year that people of each kabupaten/kota come for.
func (r *run) rates(facts []region.Fact) map[int]float64 {
	rates, sum := map[int]float64{}, 0.0
	for _, f := range facts {
		if f.Level != region.Regency {
			continue
		}
		median := r.p.Demand.RateRegency
		if f.Kind == "city" {
			median = r.p.Demand.RateCity
		}
		if f.Code[0] == '9' {
			median *= r.p.Demand.RatePapua
		}
		spread := r.p.chance(f.ID).NormFloat64() * r.p.Demand.RateSpread
		rates[f.ID] = float64(f.People()) * median * math.Exp(spread)
		sum += rates[f.ID]
	}
	for id := range rates {
		rates[id] *= r.p.Demand.NationYear / sum
	}
	return rates
}

// office opens that of a kabupaten/kota, and in Medan the service points of the kecamatan.
func (r *run) office(f region.Fact, yearly float64, province *store, facts []region.Fact) {
	rng := r.p.chance(1_000_000 + f.ID)
	shares := r.p.Demand.Shares
	switch {
	case f.Code[0] == '9':
		shares = r.p.Demand.SharesPapua
	case f.Kind == "city":
		shares = r.p.Demand.SharesCity
	}
	sum := 0.0
	for _, s := range shares {
		sum += s
	}
	for i := range shares {
		shares[i] /= sum
	}
	public := r.at(f.ID, "public")
	r.at(f.ID, "lost")
	r.at(f.ID, "destroyed")
	saturday := rng.Float64() < r.p.Demand.SaturdayOffices
	months := make([]Truth, r.w.month(len(r.days)-1)+1)
	r.truth[f.ID] = &months
	add := func(place int, yearly float64) *counter {
		c := &counter{shelf: shelf{place: place}, regency: f.ID, public: public, saturday: saturday, shares: shares,
			rng: r.p.chance(2_000_000 + r.w.Places[place].RegionID)}
		c.mean = yearly / r.ordinaryDays(c)
		r.counters, r.counterAt[place] = append(r.counters, c), c
		return c
	}
	var points []region.Fact
	if f.Code == servicePointsOf {
		for _, d := range facts {
			if d.Level == region.District && d.Parent() == f.Code {
				points = append(points, d)
			}
		}
	}
	own := 1.0
	if len(points) > 0 {
		own = 0.2
	}
	office := add(r.at(f.ID, "regency"), yearly*own)
	b := &buyer{shelf: &office.shelf, region: f.ID, code: f.Code, from: province, daily: yearly / 365, rng: rng}
	if province == nil {
		b.from = r.nation
	}
	weights, total := make([]float64, len(points)), 0.0
	for i := range points {
		weights[i] = math.Exp(0.4 * rng.NormFloat64())
		total += weights[i]
	}
	for i, d := range points {
		place := r.at(d.ID, "service")
		r.w.Places[place].New, r.w.Places[place].Name = true, "Layanan Kecamatan "+d.Name
		b.elsewhere = append(b.elsewhere, add(place, yearly*(1-own)*weights[i]/total))
	}
	b.from.daily += b.daily
	if b.from != r.nation {
		r.nation.daily += b.daily
	}
	r.buys(b)
}

// servicePointsOf is the kabupaten/kota whose kecamatan all have a service point.
const servicePointsOf = "12.71"

func (r *run) buys(b *buyer) {
	b.road = r.p.Supply.roadTo(b.code)
	spread := func() float64 { return 1 + r.p.Supply.OrderNoise*(2*b.rng.Float64()-1) }
	b.below, b.forDays, b.fill = r.p.Supply.ReviewDays*spread(), r.p.Supply.OrderDays*spread(), 1
	r.buyers, r.buyerAt[b.place] = append(r.buyers, b), b
}

// ordinaryDays is how many ordinary working days the last year of the calendar is worth.
func (r *run) ordinaryDays(c *counter) (sum float64) {
	for _, d := range r.days[len(r.days)-365:] {
		for i, share := range c.shares {
			sum += c.open(d) * share * d.factor[i]
		}
	}
	return sum
}

// at returns the number of a place, new to the world when it is the first time.
func (r *run) at(regionID int, kind string) int {
	key := placeKey{regionID, kind}
	if n, ok := r.place[key]; ok {
		return n
	}
	r.place[key] = len(r.w.Places)
	r.w.Places = append(r.w.Places, Place{RegionID: regionID, Kind: kind})
	return r.place[key]
}

// weekEnds says on which days a week's (or a month's last) report falls due.
func (r *run) weekEnds(saturday bool) []bool {
	due := make([]bool, len(r.days))
	c := &counter{saturday: saturday}
	next := -1 // next open day
	for t := len(r.days) - 1; t >= 0; t-- {
		if c.open(r.days[t]) == 0 {
			continue
		}
		due[t] = next < 0 || next >= r.daily || monday(r.days[t].date) != monday(r.days[next].date) || r.days[t].date.Month() != r.days[next].date.Month()
		next = t
	}
	return due
}

// monday is the first day of the week of a date.
func monday(date time.Time) time.Time {
	return date.AddDate(0, 0, -(int(date.Weekday())+6)%7)
}

// workday is the n-th day after t on which offices are open; beyond the world Saturdays and Sundays alone are closed.
func (r *run) workday(t, n int) int {
	for n > 0 {
		t++
		if r.isOpen(t) {
			n--
		}
	}
	return t
}

func (r *run) isOpen(t int) bool {
	if t < len(r.days) {
		return r.days[t].open > 0
	}
	weekday := r.w.Date(t).Weekday()
	return weekday != time.Saturday && weekday != time.Sunday
}

// post writes a move and returns its number, from 1.
func (r *run) post(kind, document string, t int, lines ...Line) int {
	r.w.Moves = append(r.w.Moves, Move{Kind: kind, Document: document, Day: t, First: len(r.w.Lines), Count: len(lines)})
	r.w.Lines = append(r.w.Lines, lines...)
	return len(r.w.Moves)
}

// blanks are the lines that take pieces from one account to another, a line per lot.
func blanks(pieces [lots]int64, from int, fromIn int8, to int, toIn int8, purpose int8) (lines []Line) {
	for lot, n := range pieces {
		if n > 0 {
			lines = append(lines, Line{From: int32(from), To: int32(to), Item: blank, Lot: int8(lot + 1), FromIn: fromIn, ToIn: toIn, Purpose: purpose, Pieces: n})
		}
	}
	return lines
}

// document is the number of a paper, which says that it is made up.
func document(kind string, number int) string { return fmt.Sprintf("SIM-%s/%06d", kind, number) }
