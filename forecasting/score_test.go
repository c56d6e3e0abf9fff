package forecasting_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"blangko/forecasting"
	"blangko/internal/access"
	"blangko/internal/fault"
)

func TestForecastsAreScoredWhenTheirMonthCloses(t *testing.T) {
	t.Parallel()
	b := open(t, night(2026, time.September, 2), nil)
	b.history(t, twoOffices, "2023-09-01", "2026-12-02", 50)
	// The ledger of the night of 2 September ends there; later postings come later.
	b.exec(t, `CREATE TABLE later AS SELECT * FROM flows WHERE day >= '2026-09-02'`)
	b.exec(t, `DELETE FROM flows WHERE day >= '2026-09-02'`)
	b.stock(t, `r.code = '12.71'`, 50_000)
	b.stock(t, `r.code = '82.71'`, 120) // runs out within days, were it not for what is brought each day
	b.run(t)
	record := func() forecasting.TrackRecord {
		r, err := b.Accuracy(t.Context(), planner, forecasting.AccuracyFilter{Level: "nation", Lead: 1})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := record(); len(r.Items) != 0 {
		t.Errorf("scored before anything closed: %+v", r)
	}
	b.exec(t, `INSERT INTO flows SELECT * FROM later WHERE day < '2026-11-03'`)
	b.now = night(2026, time.November, 3)
	b.run(t)
	r := record()
	if len(r.Items) != 1 {
		t.Fatalf("record of the nation: %+v", r)
	}
	a := r.Items[0]
	if a.Cases != 1 {
		t.Errorf("%d cases, want October, told by the regencies that post", a.Cases)
	}
	if a.WAPE == nil || *a.WAPE > 0.1 || a.WAPENaive == nil || a.WAPEAverage == nil || a.MASE == nil || math.Abs(*a.Bias) > 0.1 {
		t.Errorf("a steady demand is foreseen badly: %+v", a)
	}
	if a.Stated != 2 || a.Happened != 1 || a.Brier == nil || *a.Brier > 0.05 {
		t.Errorf("of two shelves one would have run out without later orders: %+v", a)
	}
	if r.CalibrationError == nil || *r.CalibrationError > 0.2 {
		t.Errorf("calibration error %v", r.CalibrationError)
	}
	if own, err := b.Accuracy(t.Context(), medan, forecasting.AccuracyFilter{Level: "regency", Lead: 1}); err != nil || len(own.Items) != 1 || own.Items[0].Region != "12.71" {
		t.Errorf("what the officer of 12.71 sees: %+v, %v", own, err)
	}
}

// Each level is judged by its own forecasts, and a question about one region is answered of that region alone.
func TestEveryLevelIsJudgedByItsOwnForecast(t *testing.T) {
	t.Parallel()
	b := open(t, night(2026, time.September, 2), nil)
	b.exec(t, `DELETE FROM populations p USING regions_today r WHERE r.id = p.region_id AND r.level = 2 AND NOT `+twoOffices) // nobody else is forecast
	b.history(t, twoOffices, "2023-09-01", "2026-12-02", 50)
	b.exec(t, `CREATE TABLE later AS SELECT * FROM flows WHERE day >= '2026-09-02'`)
	b.exec(t, `DELETE FROM flows WHERE day >= '2026-09-02'`)
	b.stock(t, `r.code = '12.71'`, 50_000)
	b.stock(t, `r.code = '82.71'`, 120)
	b.run(t)
	b.exec(t, `INSERT INTO flows SELECT * FROM later WHERE day < '2026-11-03'`)
	// Medan needed half as much again as ever before: its own interval and its province's miss it, Ternate's does not.
	b.exec(t, `UPDATE flows f SET pieces = pieces * 3 / 2 FROM regions_today r WHERE r.id = f.region_id AND r.code = '12.71' AND day >= '2026-10-01'`)
	b.now = night(2026, time.November, 3)
	b.run(t)
	for _, c := range []struct {
		who              access.Actor
		level, region    string
		want             string
		stated, happened int
		covered          float64
	}{
		{planner, "", "", "00", 2, 1, 0},
		{planner, "nation", "00", "00", 2, 1, 0},
		{planner, "province", "82", "82", 1, 1, 1},
		{planner, "province", "12", "12", 1, 0, 0},
		{planner, "", "12.71", "12.71", 1, 0, 0},
		{planner, "regency", "82", "82.71", 1, 1, 1},
		{medan, "", "", "12.71", 1, 0, 0},
		{planner, "nation", "12.71", "", 0, 0, 0},
		{medan, "nation", "", "", 0, 0, 0},
	} {
		r, err := b.Accuracy(t.Context(), c.who, forecasting.AccuracyFilter{Level: c.level, Region: c.region, Lead: 1})
		if err != nil {
			t.Fatal(err)
		}
		if c.want == "" {
			if len(r.Items) != 0 {
				t.Errorf("%s, level %q, region %q: %+v, want nothing", c.who.Name, c.level, c.region, r.Items)
			}
			continue
		}
		if len(r.Items) != 1 || r.Items[0].Region != c.want {
			t.Errorf("%s, level %q, region %q: %+v, want %s alone", c.who.Name, c.level, c.region, r.Items, c.want)
			continue
		}
		a := r.Items[0]
		if a.Cases != 1 || a.Stated != c.stated || a.Happened != c.happened || a.Coverage95 == nil || *a.Coverage95 != c.covered {
			t.Errorf("%s, level %q, region %q: %+v, want %d of %d run out and covered %g", c.who.Name, c.level, c.region, a, c.happened, c.stated, c.covered)
		}
		if a.WAPENaive == nil || a.WAPEAverage == nil || a.MASE == nil {
			t.Errorf("%s is not held against a yardstick: %+v", c.want, a)
		}
	}
	if _, err := b.Accuracy(t.Context(), planner, forecasting.AccuracyFilter{Level: "village"}); !errors.Is(err, fault.ErrInvalid) {
		t.Errorf("level village: %v", err)
	}
}
