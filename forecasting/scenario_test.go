package forecasting_test

import (
	"errors"
	"math"
	"reflect"
	"testing"
	"time"

	"blangko/forecasting"
	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/region"
)

func TestAWhatIfComparesWithoutKeepingAnything(t *testing.T) {
	t.Parallel()
	b := open(t, night(2026, time.November, 2), nil)
	b.history(t, twoOffices, "2024-11-01", "2026-11-02", 50)
	b.stock(t, `r.code = '12.71'`, 2000)
	b.stock(t, `r.code = '82.71'`, 300)
	b.run(t)
	need := b.need(t, "82.71")
	try := func(s forecasting.Scenario) map[string]forecasting.WhatIfRegion {
		t.Helper()
		c, err := b.Try(t.Context(), planner, s)
		if err != nil {
			t.Fatal(err)
		}
		by := map[string]forecasting.WhatIfRegion{}
		for _, one := range c.Items {
			by[one.Region] = one
		}
		return by
	}
	same := try(forecasting.Scenario{Region: "82.71"})["82.71"]
	if same.Before != same.After && (same.Before.RunOut != same.After.RunOut || same.Before.PersonDays != same.After.PersonDays) {
		t.Errorf("nothing changed and yet: %+v", same)
	}
	if same.Before.RunOut != need.RunOut {
		t.Errorf("before is %.3f, the night said %.3f", same.Before.RunOut, need.RunOut)
	}
	given := try(forecasting.Scenario{Region: "82.71", Allocations: []forecasting.GivenTo{{Region: "82.71", Pieces: 10_000}}})["82.71"]
	if given.After.PersonDays >= given.Before.PersonDays/2 || *given.After.DaysOfCover <= *given.Before.DaysOfCover {
		t.Errorf("10,000 pieces change too little: %+v", given)
	}
	off := try(forecasting.Scenario{Region: "82.71", SwitchedOff: []forecasting.Class{"damaged", "lost"}})["82.71"]
	if off.After.Short >= off.Before.Short {
		t.Errorf("half of the demand switched off, and short by %.0f instead of %.0f", off.After.Short, off.Before.Short)
	}
	both := try(forecasting.Scenario{Tranche: 6000})
	if a, c := both["12.71"], both["82.71"]; c.Given <= a.Given {
		t.Errorf("of a tranche the fuller shelf gets %d, the emptier %d", a.Given, c.Given)
	}
	total := int64(0)
	for _, one := range both {
		total += one.Given
	}
	if total != 6000 {
		t.Errorf("%d of 6,000 given out", total)
	}
	if again := b.need(t, "82.71"); again.RunOut != need.RunOut {
		t.Error("a what-if changed the need")
	}
}

func TestADelayIsFelt(t *testing.T) {
	t.Parallel()
	b := open(t, night(2026, time.November, 2), nil)
	b.history(t, twoOffices, "2024-11-01", "2026-11-02", 50)
	b.stock(t, twoOffices, 500)
	b.shipment(t, "82.71", 5000, "2026-10-31")
	b.run(t)
	c, err := b.Try(t.Context(), ternate, forecasting.Scenario{DelayDays: 30})
	if err != nil || len(c.Items) != 1 {
		t.Fatalf("%+v, %v", c, err)
	}
	if one := c.Items[0]; one.After.PersonDays <= one.Before.PersonDays || one.After.RunOut <= one.Before.RunOut {
		t.Errorf("30 days of delay make no difference: %+v", one)
	}
}

func TestWhatAWhatIfRefuses(t *testing.T) {
	t.Parallel()
	b := open(t, night(2026, time.November, 2), nil)
	for name, s := range map[string]forecasting.Scenario{
		"a negative tranche": {Tranche: -1},
		"an unknown class":   {SwitchedOff: []forecasting.Class{"renamed"}},
		"a class twice":      {SwitchedOff: []forecasting.Class{"lost", "lost"}},
		"nothing given":      {Allocations: []forecasting.GivenTo{{Region: "82.71"}}},
		"an endless delay":   {DelayDays: 1000},
		"a time machine":     {DelayDays: -1},
		"a printer's year":   {Procurement: 366},
	} {
		if _, err := b.Try(t.Context(), planner, s); !errors.Is(err, fault.ErrInvalid) {
			t.Errorf("%s: %v, want a fault", name, err)
		}
	}
	if _, err := b.Try(t.Context(), medan, forecasting.Scenario{Allocations: []forecasting.GivenTo{{Region: "82.71", Pieces: 1}}}); !errors.Is(err, region.ErrUnknown) {
		t.Errorf("a region out of reach: %v", err)
	}
}

// holds sets what the national store holds, contract writes one down that owes pieces, approve approves what is not sent yet.
func (b *bench) holds(t testing.TB, pieces int64) {
	t.Helper()
	b.exec(t, `
		INSERT INTO balances (region_id, place_id, item_id, condition, lot_id, pieces, outside)
		SELECT region_id, id, 1, 'usable', 1, $1, false FROM places WHERE kind = 'national'
		ON CONFLICT (region_id, place_id, item_id, condition, lot_id) DO UPDATE SET pieces = excluded.pieces`, pieces)
}

func (b *bench) contract(t testing.TB, pieces int64, due string) {
	t.Helper()
	b.exec(t, `
		INSERT INTO procurements (region_id, document, supplier, item_id, lot_id, pieces, signed_on, due_on, created_by)
		SELECT region_id, 'KTR-1', 'Percetakan', 1, 1, $1, '2026-09-01', $2, 'planner' FROM places WHERE kind = 'national'`, pieces, due)
}

func (b *bench) approve(t testing.TB, office string, pieces int64) {
	t.Helper()
	b.exec(t, `
		INSERT INTO requests (region_id, place_id, item_id, document, state, asked, approved, created_by, submitted_at, decided_at)
		SELECT p.region_id, p.id, 1, 'PM-1', 'approved', $2, $2, 'officer', '2026-10-30', '2026-11-01'
		FROM places p JOIN regions_today r ON r.id = p.region_id AND r.code = $1
		WHERE p.kind = 'regency'`, office, pieces)
}

// A printer is late: the national store empties sooner, and an office whose approval waits for the contract is empty for longer; one
// whose approval the store can serve feels nothing.
func TestALatePrinterIsFeltWhereTheContractIsWaitedFor(t *testing.T) {
	t.Parallel()
	b := open(t, night(2026, time.November, 2), nil)
	b.history(t, twoOffices, "2024-11-01", "2026-11-02", 50)
	b.stock(t, twoOffices, 500) // ten working days
	b.approve(t, "82.71", 3000)
	b.contract(t, 900_000, "2026-11-22")
	try := func(who access.Actor, s forecasting.Scenario) (forecasting.WhatIf, forecasting.WhatIfRegion) {
		t.Helper()
		c, err := b.Try(t.Context(), who, s)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range c.Items {
			if one.Region == "82.71" {
				return c, one
			}
		}
		t.Fatal("82.71 is not told of")
		return c, forecasting.WhatIfRegion{}
	}
	late := forecasting.Scenario{Procurement: 40}
	if c, one := try(planner, late); c.Store != nil || !reflect.DeepEqual(one.Before, one.After) {
		t.Errorf("a national store that has posted nothing is told of: %+v, %+v", c.Store, one)
	}
	b.holds(t, 0)
	c, waits := try(planner, late)
	if waits.After.PersonDays < waits.Before.PersonDays+1000 {
		t.Errorf("40 days of delay of what an approval waits for make little difference: %+v", waits)
	}
	if s := c.Store; s == nil || s.Before.Held != 0 || s.Before.Contracted != 900_000 || s.After.Short < s.Before.Short || s.Unbacked != 0 {
		t.Errorf("the national store: %+v", s)
	}
	b.holds(t, 400_000)
	c, served := try(planner, late)
	if !reflect.DeepEqual(served.Before, served.After) {
		t.Errorf("what the store can serve does not wait for the contract: %+v", served)
	}
	if served.Before.PersonDays >= waits.Before.PersonDays {
		t.Errorf("an approval that waits for a contract costs %.0f person-days, one that does not %.0f", waits.Before.PersonDays, served.Before.PersonDays)
	}
	s := c.Store
	if s == nil || s.Before.Held != 400_000 || s.Before.DaysOfCover == nil || s.Before.RunOutP50 != nil && s.After.RunOutP50 != nil && *s.After.RunOutP50 > *s.Before.RunOutP50 {
		t.Fatalf("the national store: %+v", s)
	}
	// Nobody but the two of the history and guesses by people needs anything: the closed form of the cover is stock over need.
	needs, err := b.ledger.Needs(t.Context(), planner, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(needs) != 0 {
		t.Errorf("a what-if kept %d needs", len(needs))
	}
	b.run(t)
	daily := 0.0
	if needs, err = b.ledger.Needs(t.Context(), planner, ""); err != nil {
		t.Fatal(err)
	}
	for _, n := range needs {
		daily += n.DailyMean
	}
	if got := *s.Before.DaysOfCover; math.Abs(got-400_000/daily) > 0.01*got {
		t.Errorf("%.1f days of cover, want 400,000 over %.0f a day", got, daily)
	}
	// A tranche beyond what is held waits for the contract, and without one is not counted on.
	given := forecasting.Scenario{Allocations: []forecasting.GivenTo{{Region: "82.71", Pieces: 500_000}}}
	if c, _ := try(planner, given); c.Store.After.Held != 3000 || c.Store.Unbacked != 0 { // those that are approved
		t.Errorf("after half a million was given: %+v", c.Store)
	}
	b.exec(t, `DELETE FROM procurements`)
	if c, _ := try(planner, given); c.Store.Unbacked != 103_000 || c.Store.Before.Contracted != 0 {
		t.Errorf("without a contract %d pieces stand on nothing, want 103,000", c.Store.Unbacked)
	}
	if c, _ := try(ternate, late); c.Store != nil {
		t.Errorf("an officer sees the national store: %+v", c.Store)
	}
}
