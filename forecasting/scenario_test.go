package forecasting_test

import (
	"errors"
	"testing"
	"time"

	"blangko/forecasting"
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
	} {
		if _, err := b.Try(t.Context(), planner, s); !errors.Is(err, fault.ErrInvalid) {
			t.Errorf("%s: %v, want a fault", name, err)
		}
	}
	if _, err := b.Try(t.Context(), medan, forecasting.Scenario{Allocations: []forecasting.GivenTo{{Region: "82.71", Pieces: 1}}}); !errors.Is(err, region.ErrUnknown) {
		t.Errorf("a region out of reach: %v", err)
	}
}
