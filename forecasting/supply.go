package forecasting

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"blangko/forecasting/demand"
	"blangko/inventory"
)

// pool is blanks of which the places within a scope may be given: what a store holds or gets, or what a contract owes on a day.
type pool struct {
	scope string // code of a region, with everything below it; 00 for all
	after int    // days until they are there
	held  float64
}

// part is pieces that can leave a store after so many days.
type part struct {
	pieces float64
	after  int
}

// pools are what there is to give, the nearest first: what is there before what comes, the grant of a region before what may
// go anywhere. Nil when the national store has posted nothing: then what is approved is taken to be there, and nothing is
// said of more.
//
// A contract brings all it owes on the day that it is due, delayed by so many days. One that is past its day is taken to come
// as late again as it is late already (Gott 1993: the median of what is to come is what has passed); one without a day not
// at all.
func pools(s inventory.Supply, date time.Time, delay int) (all []pool) {
	if !slices.ContainsFunc(s.Held, func(h inventory.Held) bool { return h.Region == "00" && h.Earmark == "" }) {
		return nil
	}
	for _, h := range s.Held {
		all = append(all, pool{scope: cmp.Or(h.Earmark, h.Region), held: float64(h.Pieces)})
	}
	for _, c := range s.Coming {
		after := 1
		if c.ExpectedOn != nil {
			after = max(1, daysBetween(date, c.ExpectedOn.UTC()))
		}
		all = append(all, pool{scope: cmp.Or(c.Earmark, c.Region), after: after, held: float64(c.Pieces)})
	}
	for _, o := range s.Owed {
		if o.DueOn != nil {
			days := daysBetween(date, o.DueOn.UTC())
			if days <= 0 {
				days = max(1, -days)
			}
			all = append(all, pool{scope: cmp.Or(o.Earmark, "00"), after: days + delay, held: float64(o.Pieces)})
		}
	}
	slices.SortStableFunc(all, func(a, b pool) int {
		wide := func(scope string) int {
			if scope == "00" {
				return 0
			}
			return len(scope)
		}
		return cmp.Or(a.after-b.after, wide(b.scope)-wide(a.scope), strings.Compare(a.scope, b.scope))
	})
	return all
}

func (p pool) covers(code string) bool {
	return p.scope == "00" || code == p.scope || strings.HasPrefix(code, p.scope+".")
}

// back says when what is promised to places can leave a store. All that a pool may serve get the same part of what they are
// promised; what a nearer pool leaves open is for the next. It returns what is left in the pools, and how many pieces nothing
// stands behind: they do not come. Without pools all leaves at once.
func back(places []*place, promised []float64, from []pool) (parts [][]part, left []pool, open float64) {
	parts = make([][]part, len(places))
	wants := slices.Clone(promised)
	if from == nil {
		for i, w := range wants {
			if w > 0 {
				parts[i] = []part{{w, 0}}
			}
		}
		return parts, nil, 0
	}
	left = slices.Clone(from)
	for k := range left {
		l, all := &left[k], 0.0
		for i, p := range places {
			if l.covers(p.position.Region) {
				all += wants[i]
			}
		}
		share := math.Min(1, l.held/math.Max(all, 1e-9))
		for i, p := range places {
			if given := wants[i] * share; given > 0 && l.covers(p.position.Region) {
				parts[i] = append(parts[i], part{given, l.after})
				wants[i] -= given
			}
		}
		l.held = math.Max(0, l.held-all*share)
	}
	for _, w := range wants {
		open += w
	}
	return parts, left, open
}

// arrivals of what is promised: it leaves a store when it is there, and then takes as long as what is decided takes. What is
// there already may be delayed; what waits for a contract is with it.
func (p *place) arrivals(parts []part, delay int) (all []demand.Arrival) {
	for _, one := range parts {
		a := demand.Arrival{Quantity: one.pieces, Lead: p.waits.decided, Age: -one.after, Lost: p.waits.lost}
		if one.after == 0 {
			a.Late = delay
		}
		all = append(all, a)
	}
	return all
}

// packed is what lies packed for a place: it leaves at once, whatever else its sender has.
func (p *place) packed() []part {
	if p.position.Packed == 0 {
		return nil
	}
	return []part{{float64(p.position.Packed), 0}}
}

// onOrder is what was approved for each place and is not packed yet.
func onOrder(places []*place) []float64 {
	out := make([]float64, len(places))
	for i, p := range places {
		out[i] = float64(p.position.OnOrder - p.position.Packed)
	}
	return out
}

// StoreOutlook is how the national store would fare if offices kept as much on their shelves as they have.
type StoreOutlook struct {
	Held        int64    `json:"held" doc:"usable pieces of the national store that may go anywhere, less what the scenario gives"`
	Contracted  int64    `json:"contracted" doc:"pieces that contracts owe and that come within 120 days"`
	DaysOfCover *float64 `json:"days_of_cover" doc:"held, over the mean daily need of the nation; null when that is 0"`
	RunOut      float64  `json:"run_out" doc:"probability that what is held and what comes is used up within 120 days"`
	RunOutP50   *string  `json:"run_out_p50" format:"date" doc:"day by which it is as likely used up as not; null when beyond 120 days"`
	Short       float64  `json:"short" doc:"pieces wanted beyond what is held and comes, after 120 days, expected"`
}

// store plays the national store through with the demand of the nation.
func (v *view) store(outlooks []*outlook, from []pool, given float64) (StoreOutlook, error) {
	days := daysAhead(v.common.calendar, v.day.date)
	u, need := upper{}, 0.0
	for _, o := range outlooks {
		if o.err == nil {
			u.members = append(u.members, o)
			need += o.need.DailyMean
		}
	}
	var supply demand.Supply
	var s StoreOutlook
	for _, p := range from {
		switch {
		case p.scope != "00":
		case p.after == 0:
			supply.OnHand += p.held
		default:
			supply.Arrivals = append(supply.Arrivals, demand.Arrival{Quantity: p.held, Lead: []float64{1}, Age: -p.after})
			if p.after < len(days) {
				s.Contracted += int64(p.held)
			}
		}
	}
	supply.OnHand = math.Max(0, supply.OnHand-given)
	s.Held = int64(supply.OnHand)
	if need > 0 {
		cover := supply.OnHand / need
		s.DaysOfCover = &cover
	}
	if len(u.members) == 0 {
		return s, nil
	}
	shelf, err := u.sum(days[len(days)-1].Period+1).Shortage(days, supply, seed("00", v.day.date.Format(time.DateOnly)))
	if err != nil {
		return s, err
	}
	s.RunOut, s.RunOutP50, s.Short = shelf.RunOut[len(days)-1], dayAfter(v.day.date, shelf.P50, len(days)), math.Round(shelf.Short)
	return s, nil
}

func piecesOf(parts []part) (pieces float64) {
	for _, p := range parts {
		pieces += p.pieces
	}
	return pieces
}
