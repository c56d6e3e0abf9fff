package forecasting_test

import (
	"math"
	"testing"
	"time"

	"blangko/forecasting"
)

// scored is a forecast of the table beside what came.
type scored struct {
	mean, actual, scale, naive float64
	within95                   bool
}

// scores reads the forecasts of a region that were made in the month before theirs.
func (b *bench) scores(t *testing.T, code string) (all []scored) {
	t.Helper()
	rows, err := b.admin.QueryContext(t.Context(), `
		SELECT f.mean, f.actual, coalesce(f.scale, 'NaN'), coalesce(f.naive, 'NaN'), f.actual BETWEEN f.p025 AND f.p975
		FROM forecasts f JOIN regions_today r ON r.id = f.region_id
		WHERE r.code = $1 AND f.scored_on IS NOT NULL AND date_trunc('month', f.as_of) + interval '1 month' = f.month
		ORDER BY f.month`, code)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var s scored
		if err := rows.Scan(&s.mean, &s.actual, &s.scale, &s.naive, &s.within95); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

// Two kecamatan of Medan print cards of their own. When October and November close, their forecasts are held against what they
// used, those of the city, the province and the nation against the sums, and what accuracy says is what comes out by hand.
func TestKecamatanAreScoredAndAddUp(t *testing.T) {
	t.Parallel()
	b := open(t, night(2026, time.September, 2), nil)
	b.exec(t, `DELETE FROM populations p USING regions_today r WHERE r.id = p.region_id AND r.level = 2 AND NOT `+twoOffices) // nobody else is forecast
	b.history(t, twoOffices, "2023-09-01", "2026-12-02", 50)
	// 30 and 12 a weekday, by month a little more: 32 and 14 in October, 33 and 15 in November.
	b.exec(t, `INSERT INTO places (region_id, kind, name, opened_on) SELECT id, 'service', 'UPT ' || name, '2023-09-01' FROM regions_today WHERE code IN ('12.71.01', '12.71.02')`)
	b.exec(t, `
		INSERT INTO flows (region_id, place_id, item_id, day, kind, pieces)
		SELECT p.region_id, p.id, 1, d::date, k.kind::move_kind, CASE k.kind WHEN 'use' THEN -1 ELSE 1 END
		       * (CASE r.code WHEN '12.71.01' THEN 30 ELSE 12 END + extract(month FROM d)::int % 4)
		FROM places p
		JOIN regions_today r ON r.id = p.region_id
		CROSS JOIN generate_series(date '2023-09-01', date '2026-12-01', interval '1 day') d
		CROSS JOIN (VALUES ('use'), ('receipt')) k (kind)
		WHERE p.kind = 'service' AND extract(isodow FROM d) < 6`)
	b.exec(t, `
		INSERT INTO flows (region_id, place_id, item_id, day, kind, pieces)
		SELECT region_id, id, 1, '2023-09-01', 'opening', 500 FROM places WHERE kind = 'service'`)
	b.exec(t, `CREATE TABLE later AS SELECT * FROM flows WHERE day >= '2026-09-02'`)
	b.exec(t, `DELETE FROM flows WHERE day >= '2026-09-02'`)
	b.stock(t, twoOffices, 50_000)
	for _, month := range []time.Month{time.September, time.October, time.November, time.December} {
		b.now = night(2026, month, 2)
		b.exec(t, `INSERT INTO flows SELECT * FROM later WHERE day < $1 AND day >= coalesce((SELECT max(day) + 1 FROM flows WHERE day >= '2026-09-02'), '2026-09-02')`, b.now.Format(time.DateOnly))
		b.run(t)
	}
	used := func(code string) (months [2]float64) {
		for k, month := range []string{"2026-10-01", "2026-11-01"} {
			err := b.admin.QueryRowContext(t.Context(), `
				SELECT -sum(f.pieces) FROM flows f JOIN regions_today r ON r.id = f.region_id
				WHERE f.kind = 'use' AND (r.code = $1 OR r.code LIKE $1 || '.%' OR $1 = '00') AND date_trunc('month', f.day) = $2::date`, code, month).Scan(&months[k])
			if err != nil {
				t.Fatal(err)
			}
		}
		return months
	}
	if got := used("12.71.01"); got != [2]float64{32 * 22, 33 * 21} {
		t.Fatalf("used in 12.71.01: %v, want 22 weekdays of 32 and 21 of 33", got)
	}
	accuracy := func(level, code string) forecasting.Accuracy {
		r, err := b.Accuracy(t.Context(), planner, forecasting.AccuracyFilter{Level: level, Region: code, Lead: 1, From: "2026-10-01", To: "2026-11-01"})
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range r.Items {
			if one.Region == code {
				return one
			}
		}
		t.Fatalf("no record of %s among %+v", code, r.Items)
		return forecasting.Accuracy{}
	}
	means := map[string][2]float64{}
	for code, level := range map[string]string{"12.71.01": "district", "12.71.02": "district", "12.71": "regency", "82.71": "regency", "12": "province", "82": "province", "00": "nation"} {
		all, came := b.scores(t, code), used(code)
		if len(all) < 2 {
			t.Fatalf("%s: %d forecasts were scored, want October and November", code, len(all))
		}
		all = all[len(all)-2:]
		var wrong, demand, bias, scaled, naive, covered float64
		for k, s := range all {
			if math.Abs(s.actual-came[k]) > 1e-6 {
				t.Errorf("%s: came %.1f, used %.1f", code, s.actual, came[k])
			}
			wrong, demand, bias = wrong+math.Abs(s.actual-s.mean), demand+s.actual, bias+s.actual-s.mean
			scaled, naive = scaled+math.Abs(s.actual-s.mean)/s.scale/2, naive+math.Abs(s.actual-s.naive)
			if s.within95 {
				covered += 0.5
			}
			m := means[code]
			m[k] = s.mean
			means[code] = m
		}
		a := accuracy(level, code)
		if a.Cases != 2 || a.Hidden != 0 || a.WAPE == nil || a.WAPENaive == nil || a.MASE == nil || a.Bias == nil || a.Coverage95 == nil {
			t.Fatalf("%s: %+v", code, a)
		}
		for what, pair := range map[string][2]float64{"WAPE": {*a.WAPE, wrong / demand}, "bias": {*a.Bias, bias / demand}, "MASE": {*a.MASE, scaled},
			"WAPE of naive": {*a.WAPENaive, naive / demand}, "coverage": {*a.Coverage95, covered}} {
			if math.Abs(pair[0]-pair[1]) > 1e-9 {
				t.Errorf("%s: %s %.6f, by hand %.6f", code, what, pair[0], pair[1])
			}
		}
		if *a.WAPE > 0.1 {
			t.Errorf("%s: steady demand is foreseen with errors of %.0f %%", code, 100**a.WAPE)
		}
	}
	for k := range 2 {
		if below := means["12.71.01"][k] + means["12.71.02"][k]; below >= means["12.71"][k] {
			t.Errorf("two kecamatan are foreseen to need %.1f, the city with its office %.1f", below, means["12.71"][k])
		}
		for _, sum := range [][]string{{"12", "12.71"}, {"82", "82.71"}, {"00", "12", "82"}} {
			total := 0.0
			for _, part := range sum[1:] {
				total += means[part][k]
			}
			if math.Abs(means[sum[0]][k]-total) > 1e-6*total {
				t.Errorf("%s is foreseen to need %.3f, its parts %.3f", sum[0], means[sum[0]][k], total)
			}
		}
	}
	// A kecamatan has no shelf of its own that runs out: run-outs are of the city.
	if a := accuracy("district", "12.71.01"); a.Stated != 0 || a.Brier != nil {
		t.Errorf("run-outs of a kecamatan: %+v", a)
	}
}
