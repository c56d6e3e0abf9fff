package forecasting

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/forecasting/demand"
	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
	"blangko/inventory"
)

// Scenario is a what-if: how the shelves would fare if this came. Nothing of it is kept.
type Scenario struct {
	Region      string    `json:"region,omitempty" maxLength:"13" doc:"official code; with everything below it. All in reach when absent"`
	DelayDays   int       `json:"delay_days,omitempty" minimum:"0" maximum:"90" doc:"what is under way or approved comes so many days later, and so does what contracts owe the national store"`
	Procurement int       `json:"procurement_delay_days,omitempty" minimum:"0" maximum:"365" doc:"what contracts owe the national store comes so many days later; what is under way does not"`
	Tranche     int64     `json:"tranche,omitempty" minimum:"0" maximum:"100000000" doc:"pieces given out now among these regions so that they run out together"`
	Allocations []GivenTo `json:"allocations,omitempty" maxItems:"1000" doc:"pieces given to single regions now"`
	SwitchedOff []Class   `json:"switched_off,omitempty" maxItems:"6" doc:"classes of service that are not printed" enum:"first-time,moved,marital,damaged,lost,data-change"`
}

// GivenTo is pieces for one region.
type GivenTo struct {
	Region string `json:"region" maxLength:"13"`
	Pieces int64  `json:"pieces" minimum:"1" maximum:"100000000"`
}

// Class is why people come for a card.
type Class string

func (c Class) known() bool { return slices.Contains(classes, c) }

var classes = []Class{"first-time", "moved", "marital", "damaged", "lost", "data-change"}

// ShelfOutlook is how a region's stock would fare.
type ShelfOutlook struct {
	DaysOfCover *float64 `json:"days_of_cover" doc:"usable pieces and what is given, over the mean daily need; null when that is 0"`
	RunOut      float64  `json:"run_out" doc:"probability of an empty shelf before a new delivery can arrive"`
	RunOutP50   *string  `json:"run_out_p50" doc:"day by which the shelf is as likely empty as not; null when beyond 120 days"`
	Short       float64  `json:"short" doc:"blanks owed after 120 days, expected"`
	PersonDays  float64  `json:"person_days" doc:"days that people wait within 120 days, expected"`
}

// WhatIfRegion is a region before and after.
type WhatIfRegion struct {
	Region string       `json:"region"`
	Name   string       `json:"name"`
	Given  int64        `json:"given" doc:"pieces of the tranche and the allocations"`
	Before ShelfOutlook `json:"before"`
	After  ShelfOutlook `json:"after"`
}

// WhatIf is the answer to a what-if.
type WhatIf struct {
	AsOf        string             `json:"as_of"`
	Items       []WhatIfRegion     `json:"items"`
	Before      WhatIfTotals       `json:"before"`
	After       WhatIfTotals       `json:"after"`
	Store       *WhatIfStore       `json:"store" doc:"the national store; null for those who do not see its contracts, and while it has posted nothing"`
	Assumptions map[string]float64 `json:"assumptions" doc:"shares of demand of the classes that are switched off, as posted by purpose lately"`
}

// WhatIfStore is the national store before and after, and how many pieces that were approved or given nothing held or contracted
// stands behind: they are not counted on.
type WhatIfStore struct {
	Before   StoreOutlook `json:"before"`
	After    StoreOutlook `json:"after"`
	Unbacked int64        `json:"unbacked" doc:"pieces approved, or given by the scenario, that neither stores hold nor contracts bring on a day: they are not counted on"`
}

// WhatIfTotals are sums over the regions.
type WhatIfTotals struct {
	Short      float64 `json:"short"`
	PersonDays float64 `json:"person_days"`
	RunOuts    float64 `json:"run_outs" doc:"regions expected to run out before a new delivery can arrive"`
}

func (t *WhatIfTotals) add(s ShelfOutlook) {
	t.Short += s.Short
	t.PersonDays += s.PersonDays
	t.RunOuts += s.RunOut
}

func (s Scenario) check() error {
	var wrong fault.Fields
	if s.DelayDays < 0 || s.DelayDays > 90 {
		wrong.Add("body.delay_days", "out-of-range", s.DelayDays, "least", 0, "most", 90)
	}
	if s.Procurement < 0 || s.Procurement > 365 {
		wrong.Add("body.procurement_delay_days", "out-of-range", s.Procurement, "least", 0, "most", 365)
	}
	if s.Tranche < 0 {
		wrong.Add("body.tranche", "out-of-range", s.Tranche, "least", 0)
	}
	for i, a := range s.Allocations {
		if a.Pieces < 1 {
			wrong.Add(fmt.Sprintf("body.allocations[%d].pieces", i), "out-of-range", a.Pieces, "least", 1)
		}
	}
	for i, class := range s.SwitchedOff {
		if !class.known() || slices.Contains(s.SwitchedOff[:i], class) {
			wrong.Add(fmt.Sprintf("body.switched_off[%d]", i), "class-unknown", class)
		}
	}
	return wrong.Err()
}

// Try plays the shelves through as they are and as they would be, under the same chance, so that what differs is the
// scenario's doing. It reads and keeps nothing.
func (f *Forecaster) Try(ctx context.Context, who access.Actor, s Scenario) (WhatIf, error) {
	if err := who.May(access.TryScenarios); err != nil {
		return WhatIf{}, err
	}
	if err := s.check(); err != nil {
		return WhatIf{}, err
	}
	date := region.Today(region.WIB, f.now())
	if s.Region != "" {
		err := postgres.Read(ctx, f.db, who, func(tx *sqlx.Tx) error {
			_, err := region.ByCode(ctx, tx, s.Region, date)
			return err
		})
		if err != nil {
			return WhatIf{}, err
		}
	}
	// What all regions have in common is learned from all of them; only what is in reach is told.
	known, err := f.load(ctx, access.System, date)
	if err != nil {
		return WhatIf{}, err
	}
	reach, err := f.ledger.Positions(ctx, who)
	if err != nil {
		return WhatIf{}, err
	}
	inReach := map[string]bool{}
	for _, p := range reach {
		inReach[p.Region] = s.Region == "" || s.Region == "00" || p.Region == s.Region || strings.HasPrefix(p.Region, s.Region+".")
	}
	given := map[string]int64{}
	for i, a := range s.Allocations {
		if !inReach[a.Region] {
			return WhatIf{}, region.ErrUnknown.With("code", a.Region, "location", fmt.Sprintf("body.allocations[%d].region", i))
		}
		given[a.Region] += a.Pieces
	}
	kept, err := f.kept(ctx)
	if err != nil {
		return WhatIf{}, err
	}
	v := prepare(known, date)
	v.widths = kept.Calibration
	chosen := make([]method, len(v.places))
	for i, p := range v.places {
		chosen[i] = kept.method(p)
	}
	if err := v.foresee(chosen, func() {}); err != nil {
		return WhatIf{}, err
	}
	for i, a := range s.Allocations {
		at := slices.IndexFunc(v.outlooks, func(o *outlook) bool { return o.place.position.Region == a.Region })
		if at < 0 || v.outlooks[at].err != nil {
			return WhatIf{}, fault.ErrInvalid.At(fmt.Sprintf("body.allocations[%d].region", i), "not-foreseen", a.Region)
		}
	}
	before := slices.DeleteFunc(slices.Clone(v.outlooks), func(o *outlook) bool {
		code := o.place.position.Region
		return o.err != nil || !inReach[code] || o.place.silent && given[code] == 0
	})
	for i, n := range together(before, s.Tranche) {
		given[before[i].place.position.Region] += n
	}
	supply := s.supply(v, given)
	after := make([]*outlook, len(before))
	each(len(before), func(i int) { after[i] = s.change(v, before[i], supply) })
	for _, o := range after {
		if o.err != nil {
			return WhatIf{}, fmt.Errorf("try a scenario in %s: %w", o.place.position.Region, o.err)
		}
	}
	answer := s.compare(before, after, given, date)
	if supply.pools != nil && who.May(access.ReadProcurements) == nil {
		if answer.Store, err = supply.stores(v, after); err != nil {
			return WhatIf{}, err
		}
	}
	return answer, nil
}

// supplied is what stores and contracts make of what is approved and given.
type supplied struct {
	pools, delayed []pool // as they are, and as they would be
	ordered, extra map[*place][]part
	given          float64
	unbacked       float64
}

// supply backs what is approved and then what is given by what stores hold and contracts bring under the scenario.
func (s Scenario) supply(v *view, given map[string]int64) supplied {
	out := supplied{pools: pools(v.known.Supply, v.day.date, 0), delayed: pools(v.known.Supply, v.day.date, s.DelayDays+s.Procurement),
		ordered: map[*place][]part{}, extra: map[*place][]part{}}
	gifts := make([]float64, len(v.places))
	for i, p := range v.places {
		gifts[i] = float64(given[p.position.Region])
	}
	ordered, left, open := back(v.places, onOrder(v.places), out.delayed)
	extra, kept, more := back(v.places, gifts, left)
	out.unbacked = open + more
	for i, p := range v.places {
		out.ordered[p], out.extra[p] = append(p.packed(), ordered[i]...), extra[i]
	}
	for i := range left {
		if left[i].scope == "00" && left[i].after == 0 {
			out.given += left[i].held - kept[i].held
		}
	}
	return out
}

// stores is the national store before and after.
func (s supplied) stores(v *view, after []*outlook) (*WhatIfStore, error) {
	changed := map[int]*outlook{}
	for _, o := range after {
		changed[o.place.position.RegionID] = o
	}
	all := slices.Clone(v.outlooks)
	for i, o := range all {
		if c, ok := changed[o.place.position.RegionID]; ok {
			all[i] = c
		}
	}
	w := WhatIfStore{Unbacked: int64(math.Round(s.unbacked))}
	var err error
	if w.Before, err = v.store(v.outlooks, s.pools, 0); err != nil {
		return nil, fmt.Errorf("foresee the national store: %w", err)
	}
	if w.After, err = v.store(all, s.delayed, s.given); err != nil {
		return nil, fmt.Errorf("foresee the national store: %w", err)
	}
	return &w, nil
}

// change is the outlook of a place under the scenario.
func (s Scenario) change(v *view, o *outlook, supply supplied) *outlook {
	p := *o.place
	p.delay, p.ordered, p.extra = s.DelayDays, supply.ordered[o.place], supply.extra[o.place]
	if len(s.SwitchedOff) > 0 {
		p.drivers.circulars = append(slices.Clone(p.drivers.circulars), Circular{Region: "00", Classes: s.SwitchedOff, From: v.day.date.Format(time.DateOnly)})
	}
	changed := &outlook{place: &p, method: o.method, base: o.base}
	changed.err = guarded(func() error { return changed.play(v.common, daysAhead(v.common.calendar, v.day.date), v.day) })
	return changed
}

func (s Scenario) compare(before, after []*outlook, given map[string]int64, date time.Time) WhatIf {
	answer := WhatIf{AsOf: date.Format(time.DateOnly), Items: []WhatIfRegion{}, Assumptions: map[string]float64{}}
	for i := range before {
		p := before[i].place.position
		one := WhatIfRegion{Region: p.Region, Name: p.Name, Given: given[p.Region], Before: before[i].told(0), After: after[i].told(piecesOf(after[i].place.extra))}
		answer.Before.add(one.Before)
		answer.After.add(one.After)
		answer.Items = append(answer.Items, one)
	}
	for _, class := range s.SwitchedOff {
		switched, all := 0.0, 0.0
		for _, o := range before {
			switched += o.base.Mean[0] * o.place.drivers.shares[inventory.Purpose(class)]
			all += o.base.Mean[0]
		}
		answer.Assumptions[string(class)] = switched / math.Max(all, 1e-9)
	}
	return answer
}

// told is the outlook with what is given and what stands behind that.
func (o *outlook) told(given float64) ShelfOutlook {
	s := ShelfOutlook{RunOut: o.need.RunOut, RunOutP50: o.need.RunOutP50, Short: math.Round(o.shelf.Short*10) / 10, PersonDays: math.Round(o.shelf.PersonDays)}
	if o.need.DailyMean > 0 {
		cover := (float64(o.place.position.Usable) + given) / o.need.DailyMean
		s.DaysOfCover = &cover
	}
	return s
}

// together divides pieces so that all last equally long, what is under way counted: the level to which stocks over
// daily need are filled (reference formula B, water-filling). The last pieces go to those filled least.
func together(outlooks []*outlook, pieces int64) []int64 {
	n := len(outlooks)
	out := make([]int64, n)
	if pieces == 0 || n == 0 {
		return out
	}
	have, daily, order := make([]float64, n), make([]float64, n), make([]int, 0, n)
	for i, o := range outlooks {
		have[i], daily[i] = float64(o.place.position.Usable)+o.coming, o.need.DailyMean
		if daily[i] > 0 {
			order = append(order, i)
		}
	}
	sort.SliceStable(order, func(a, b int) bool { return have[order[a]]/daily[order[a]] < have[order[b]]/daily[order[b]] })
	stock, need, level := float64(pieces), 0.0, 0.0
	for k, i := range order {
		stock, need = stock+have[i], need+daily[i]
		level = stock / need
		if k+1 == len(order) || level <= have[order[k+1]]/daily[order[k+1]] {
			break
		}
	}
	left := pieces
	for _, i := range order {
		out[i] = min(left, int64(max(0, level*daily[i]-have[i])))
		left -= out[i]
	}
	for k := 0; left > 0 && len(order) > 0; k++ {
		out[order[k%len(order)]]++
		left--
	}
	return out
}

// keptRun is what the last run chose.
type keptRun struct {
	Calibration calibrations `json:"calibration"`
	methods     map[int]string
}

func (r keptRun) method(p *place) method {
	for _, m := range methods {
		if r.methods[p.position.RegionID] == m.name {
			return m
		}
	}
	return methods[0]
}

// kept reads the methods and calibrations of the last run; without one nothing is calibrated.
func (f *Forecaster) kept(ctx context.Context) (run keptRun, err error) {
	run.methods = map[int]string{}
	for class := range run.Calibration {
		run.Calibration[class] = demand.Calibrate(nil, testMonths, 0.9)
	}
	err = postgres.Read(ctx, f.db, access.System, func(tx *sqlx.Tx) error {
		var facts []string
		if err := tx.SelectContext(ctx, &facts, `SELECT facts::text FROM forecast_runs WHERE regions > 0 ORDER BY id DESC LIMIT 1`); err != nil {
			return fmt.Errorf("read the last run: %w", err)
		}
		for _, text := range facts {
			if err := json.Unmarshal([]byte(text), &run); err != nil {
				return fmt.Errorf("decode the last run: %w", err)
			}
		}
		var chosen []struct {
			RegionID int    `db:"region_id"`
			Method   string `db:"method"`
		}
		err := tx.SelectContext(ctx, &chosen, `SELECT n.region_id, n.method FROM needs n JOIN items i ON i.id = n.item_id AND i.code = '`+item+`'`)
		for _, c := range chosen {
			run.methods[c.RegionID] = c.Method
		}
		return err
	})
	return run, err
}
