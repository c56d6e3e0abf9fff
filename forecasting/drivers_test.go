package forecasting_test

import (
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"

	"blangko/forecasting"
	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// made is what the mean of a month is said to be made of.
type made struct {
	Purposes      map[string]float64 `json:"purposes"`
	EarlyRecorded float64            `json:"early_recorded"`
	DigitalID     float64            `json:"digital_id"`
	SwitchedOff   float64            `json:"switched_off"`
	Visits        float64            `json:"visits"`
	BesideVisits  float64            `json:"beside_visits"`
	Calendar      map[string]float64 `json:"calendar"`
	ServicePoints float64            `json:"service_points"`
}

func (m made) sum() float64 {
	sum := m.EarlyRecorded + m.DigitalID + m.SwitchedOff + m.Visits + m.BesideVisits
	for _, v := range m.Purposes {
		sum += v
	}
	return sum
}

// foreseen are the forecasts of one region by month, with what they are made of.
func (b *bench) foreseen(t testing.TB, level region.Level, code string) (means map[string]float64, parts map[string]made) {
	t.Helper()
	page, err := b.Forecasts(t.Context(), planner, forecasting.Filter{Region: code, Level: &level, Paging: postgres.Paging{Limit: postgres.LargestLimit}})
	if err != nil {
		t.Fatal(err)
	}
	means, parts = map[string]float64{}, map[string]made{}
	for _, f := range page.Items {
		if f.Region != code {
			continue
		}
		var m made
		if err := json.Unmarshal(f.Components, &m); err != nil {
			t.Fatal(err)
		}
		means[f.Month], parts[f.Month] = f.Mean, m
	}
	return means, parts
}

func TestEveryDriverIsShownAndTheySumToTheMean(t *testing.T) {
	t.Parallel()
	b := open(t, night(2026, time.November, 2), nil)
	b.history(t, twoOffices, "2023-11-01", "2026-11-02", 50)
	// 40 turn 17 in each month of the release, 200 in January.
	b.exec(t, `
		INSERT INTO populations (region_id, period, as_of, people, turning_17, source, recorded_by)
		SELECT id, '2025-S2', date '2025-12-31', 200000, ARRAY[40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40], 'test', 'test' FROM regions_today WHERE code = '82.71'
		UNION ALL
		SELECT id, '2026-S1', date '2026-06-30', 200000, ARRAY[40, 40, 40, 40, 40, 40, 400, 40, 40, 40, 40, 40], 'test', 'test' FROM regions_today WHERE code = '82.71'`)
	b.exec(t, `
		INSERT INTO figures (region_id, subject, scope, as_of, precision, era, people, have, source, status, recorded_id, recorded_by, recorded_at, submitted_at)
		SELECT r.id, 'digital-id', 'wajib_ktp', d.day, 'day', 38, 1000, d.have, 'test', 'submitted', 1, 'test', now(), now()
		FROM regions_today r, (VALUES (date '2025-10-31', 100), (date '2026-10-31', 200)) d (day, have)
		WHERE r.code = '82.71'`)
	b.run(t)
	before, parts := b.foreseen(t, region.Regency, "82.71")
	check := func(means map[string]float64, parts map[string]made) {
		t.Helper()
		if len(means) == 0 {
			t.Fatal("nothing foreseen")
		}
		for month, mean := range means {
			if d := parts[month].sum() - mean; math.Abs(d) > 1e-6*mean {
				t.Errorf("%s: the parts sum to %.2f, the mean is %.2f: %+v", month, parts[month].sum(), mean, parts[month])
			}
		}
	}
	check(before, parts)
	jan := parts["2027-01-01"]
	if jan.Calendar["birthdays"] < 2 || parts["2026-12-01"].Calendar["birthdays"] > 1.01 {
		t.Errorf("ten times as many birthdays in January bring %.2f of the usual first cards, in December %.2f", jan.Calendar["birthdays"], parts["2026-12-01"].Calendar["birthdays"])
	}
	if jan.DigitalID >= 0 {
		t.Errorf("a fifth has a digital identity and yet it saves %.1f", jan.DigitalID)
	}

	// A third of those birthdays were recorded at school; damaged cards are not replaced for two months.
	if _, err := b.RecordEarly(t.Context(), ternate, forecasting.EarlyRecording{Region: "82.71", Month: "2027-01-01", People: 130}); err != nil {
		t.Fatal(err)
	}
	c, err := b.WriteCircular(t.Context(), planner, forecasting.NewCircular{Region: "82", Document: "SE-1", Classes: []forecasting.Class{"damaged", "lost"}, From: "2026-12-01"})
	if err != nil {
		t.Fatal(err)
	}
	if c, err = b.EndCircular(t.Context(), planner, c.ID, c.Version, forecasting.EndCircular{Until: "2027-02-01"}); err != nil || *c.Until != "2027-02-01" {
		t.Fatalf("%+v, %v", c, err)
	}
	b.run(t)
	after, parts := b.foreseen(t, region.Regency, "82.71")
	check(after, parts)
	if parts["2027-01-01"].EarlyRecorded <= 0 || parts["2026-12-01"].EarlyRecorded != 0 {
		t.Errorf("early recordings: %+v", parts)
	}
	// 38 and 13 of a hundred cards are damaged and lost.
	if share := -parts["2026-12-01"].SwitchedOff / before["2026-12-01"]; math.Abs(share-0.51) > 0.02 {
		t.Errorf("circular takes %.2f of December, want .51", share)
	}
	if parts["2026-11-01"].SwitchedOff != 0 || parts["2027-02-01"].SwitchedOff != 0 {
		t.Errorf("switched off beyond the circular: %+v", parts)
	}
	if other, _ := b.foreseen(t, region.Regency, "12.71"); other["2026-12-01"] < 800 {
		t.Errorf("12.71 foresees %.0f in December: a circular of 82 is not for it", other["2026-12-01"])
	}
}

func TestDriversRefuseWhatCannotBe(t *testing.T) {
	t.Parallel()
	b := open(t, night(2026, time.November, 2), nil)
	damaged := []forecasting.Class{"damaged"}
	for name, c := range map[string]forecasting.NewCircular{
		"no document":         {Region: "00", Classes: damaged, From: "2026-12-01"},
		"no class":            {Region: "00", Document: "SE", From: "2026-12-01"},
		"an unknown class":    {Region: "00", Document: "SE", Classes: []forecasting.Class{"spoiled"}, From: "2026-12-01"},
		"a class twice":       {Region: "00", Document: "SE", Classes: []forecasting.Class{"lost", "lost"}, From: "2026-12-01"},
		"no such day":         {Region: "00", Document: "SE", Classes: damaged, From: "2026-02-30"},
		"an end before start": {Region: "00", Document: "SE", Classes: damaged, From: "2026-12-01", Until: "2026-12-01"},
		"sixteen digits":      {Region: "00", Document: "1271 0102 " + "0304 0005", Classes: damaged, From: "2026-12-01"},
	} {
		if _, err := b.WriteCircular(t.Context(), planner, c); !errors.Is(err, fault.ErrInvalid) && !errors.Is(err, forecasting.ErrCircularEnded) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ours := forecasting.NewCircular{Region: "00", Document: "SE-2", Classes: damaged, From: "2026-12-01"}
	c, err := b.WriteCircular(t.Context(), planner, ours)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.WriteCircular(t.Context(), planner, ours); !errors.Is(err, forecasting.ErrCircular) {
		t.Errorf("written twice: %v", err)
	}
	if _, err := b.WriteCircular(t.Context(), ternate, ours); !errors.Is(err, region.ErrUnknown) && !errors.Is(err, access.ErrForbidden) {
		t.Errorf("an officer writes one for the nation: %v", err)
	}
	if page, err := b.Circulars(t.Context(), ternate, postgres.Paging{}); err != nil || len(page.Items) != 1 {
		t.Errorf("an officer sees %v of the nation, %v", page.Items, err)
	}
	if _, err := b.EndCircular(t.Context(), ternate, c.ID, c.Version, forecasting.EndCircular{Until: "2027-01-01"}); !errors.Is(err, forecasting.ErrNoCircular) {
		t.Errorf("an officer ends it: %v", err)
	}
	if _, err := b.EndCircular(t.Context(), planner, c.ID, c.Version+1, forecasting.EndCircular{Until: "2027-01-01"}); !errors.Is(err, postgres.ErrStale) {
		t.Errorf("ended by a version that is not: %v", err)
	}
	for name, e := range map[string]forecasting.EarlyRecording{
		"a day within a month": {Region: "82.71", Month: "2027-01-15", People: 1},
		"fewer than none":      {Region: "82.71", Month: "2027-01-01", People: -1},
		"more than live there": {Region: "82.71", Month: "2027-01-01", People: 1 << 40},
	} {
		if _, err := b.RecordEarly(t.Context(), planner, e); !errors.Is(err, fault.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := b.RecordEarly(t.Context(), medan, forecasting.EarlyRecording{Region: "82.71", Month: "2027-01-01", People: 1}); !errors.Is(err, region.ErrUnknown) {
		t.Errorf("an officer of elsewhere: %v", err)
	}
}

func TestTheLevelsOfTheHierarchyAgree(t *testing.T) {
	t.Parallel()
	b := open(t, night(2026, time.November, 2), nil)
	b.history(t, `r.code LIKE '82.%' AND r.level = 2`, "2024-11-01", "2026-11-02", 40)
	// Two kecamatan of Ternate print, each in its own rhythm.
	b.exec(t, `
		INSERT INTO places (region_id, kind, name, opened_on)
		SELECT id, 'service', 'UPT ' || name, '2024-11-01' FROM (SELECT * FROM regions_today WHERE code LIKE '82.71.%' AND level = 3 ORDER BY code LIMIT 2) r`)
	b.exec(t, `
		INSERT INTO flows (region_id, place_id, item_id, day, kind, pieces)
		SELECT p.region_id, p.id, 1, d::date, k.kind::move_kind, CASE k.kind WHEN 'use' THEN -1 ELSE 1 END * (10 + p.id % 7)
		FROM places p
		JOIN regions_today r ON r.id = p.region_id AND r.code LIKE '82.71.%'
		CROSS JOIN generate_series(date '2024-11-01', date '2026-11-01', interval '1 day') d
		CROSS JOIN (VALUES ('use'), ('receipt')) k (kind)
		WHERE p.kind = 'service' AND extract(isodow FROM d) < 6`)
	b.exec(t, `
		INSERT INTO flows (region_id, place_id, item_id, day, kind, pieces)
		SELECT p.region_id, p.id, 1, '2024-11-01', 'opening', 1000 FROM places p JOIN regions_today r ON r.id = p.region_id AND r.code LIKE '82.71.%' WHERE p.kind = 'service'`)
	b.run(t)
	all := func(level region.Level) map[string]map[string]forecasting.Forecast {
		by, next := map[string]map[string]forecasting.Forecast{}, ""
		for {
			page, err := b.Forecasts(t.Context(), planner, forecasting.Filter{Level: &level, Paging: postgres.Paging{Limit: postgres.LargestLimit, Cursor: next}})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range page.Items {
				if by[f.Month] == nil {
					by[f.Month] = map[string]forecasting.Forecast{}
				}
				by[f.Month][f.Region] = f
			}
			if next = page.Next; next == "" {
				return by
			}
		}
	}
	nation, provinces, regencies, kecamatan := all(region.Nation), all(region.Province), all(region.Regency), all(region.District)
	for month := range regencies {
		whole, north := 0.0, 0.0
		for code, f := range regencies[month] {
			whole += f.Mean
			if code[:2] == "82" {
				north += f.Mean
			}
		}
		if d := nation[month]["00"].Mean - whole; math.Abs(d) > 1e-6*whole {
			t.Errorf("%s: the nation is %.2f, its kabupaten/kota %.2f", month, nation[month]["00"].Mean, whole)
		}
		if d := provinces[month]["82"].Mean - north; math.Abs(d) > 1e-6*north {
			t.Errorf("%s: the province is %.2f, its kabupaten/kota %.2f", month, provinces[month]["82"].Mean, north)
		}
		if n := len(kecamatan[month]); n != 2 {
			t.Fatalf("%s: %d kecamatan foreseen, want the two that print", month, n)
		}
		printed := 0.0
		for _, f := range kecamatan[month] {
			printed += f.Mean
		}
		var m made
		if err := json.Unmarshal(regencies[month]["82.71"].Components, &m); err != nil {
			t.Fatal(err)
		}
		if math.Abs(m.ServicePoints-printed) > 1e-6*printed || printed < 300 || printed > 0.7*regencies[month]["82.71"].Mean {
			t.Errorf("%s: kecamatan %.1f, told %.1f, of %.1f", month, printed, m.ServicePoints, regencies[month]["82.71"].Mean)
		}
	}
}
