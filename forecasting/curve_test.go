package forecasting_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"blangko/forecasting"
	"blangko/internal/region"
)

func TestTheShelfIsToldDayByDay(t *testing.T) {
	t.Parallel()
	b := open(t, night(2026, time.November, 2), nil)
	b.history(t, twoOffices, "2024-11-01", "2026-11-02", 50)
	b.stock(t, twoOffices, 900) // some 18 working days
	b.shipment(t, "82.71", 5000, "2026-10-30")
	if _, err := b.Shelf(t.Context(), planner, "82.71"); !errors.Is(err, forecasting.ErrNotYet) {
		t.Errorf("before the first night: %v", err)
	}
	b.run(t)
	b.run(t) // the second of a day takes the place of the first
	for _, code := range []string{"82.71", "12.71"} {
		s, err := b.Shelf(t.Context(), planner, code)
		if err != nil {
			t.Fatal(err)
		}
		n := b.need(t, code)
		if len(s.Curve) != 120 || s.AsOf != "2026-11-02" || s.Curve[0].Day != s.AsOf || s.OnHand != 900 || s.OrderUpTo < n.Mean {
			t.Fatalf("shelf of %s: %+v", code, s)
		}
		if at := s.Curve[s.HorizonDays-1].RunOut; math.Abs(at-n.RunOut) > 1e-4 || s.RunOut != n.RunOut {
			t.Errorf("%s runs out with %.3f by the need and %.3f by the curve", code, n.RunOut, at)
		}
		if day := n.RunOutP50; (day == nil) != (s.DaysP50 == nil) || day != nil && s.Curve[*s.DaysP50].Day != *day {
			t.Errorf("%s lasts %v days in half of all futures, by the need until %v", code, s.DaysP50, day)
		}
		for i, d := range s.Curve {
			if i > 0 && d.RunOut < s.Curve[i-1].RunOut {
				t.Errorf("%s, %s: the chance of having run out falls", code, d.Day)
			}
			if (d.Mean != nil) != (i < 45) {
				t.Fatalf("%s, %s: mean %v", code, d.Day, d.Mean)
			}
			if d.Mean != nil && !(0 <= *d.P10 && *d.P10 <= *d.P90 && *d.Mean <= 5900) {
				t.Errorf("%s, %s: shelf %+v", code, d.Day, d)
			}
		}
	}
	with, err := b.Shelf(t.Context(), ternate, "82.71")
	if err != nil || *with.Curve[20].Mean < 3000 {
		t.Errorf("three weeks on, with 5,000 arrived: %+v, %v", with.Curve[20], err)
	}
	if _, err := b.Shelf(t.Context(), medan, "82.71"); !errors.Is(err, region.ErrUnknown) {
		t.Errorf("out of reach: %v", err)
	}
}
