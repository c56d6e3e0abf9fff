package forecasting_test

import (
	"math"
	"testing"
	"time"

	"blangko/forecasting"
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
	if a.Cases != 2 {
		t.Errorf("%d cases, want October of two regions", a.Cases)
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
