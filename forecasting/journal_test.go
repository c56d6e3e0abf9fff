package forecasting_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"blangko/forecasting"
	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
	"blangko/notice"
)

func TestTheJournalKeepsWhatWasSaidDecidedAndCame(t *testing.T) {
	t.Parallel()
	b := open(t, night(2026, time.September, 1), nil)
	b.history(t, twoOffices, "2024-09-01", "2026-11-02", 50)
	b.exec(t, `CREATE TABLE later AS SELECT * FROM flows WHERE day >= '2026-09-01'`)
	b.exec(t, `DELETE FROM flows WHERE day >= '2026-09-01'`)
	b.stock(t, twoOffices, 260)
	b.run(t)
	noted, err := b.Decide(t.Context(), ternate, forecasting.NewDecision{Region: "82.71", Text: "mencetak yang mendesak saja"})
	if err != nil {
		t.Fatal(err)
	}
	var said struct {
		OnHand int64   `json:"on_hand"`
		RunOut float64 `json:"run_out"`
	}
	if err := json.Unmarshal(noted.Said, &said); err != nil || said.OnHand != 260 || said.RunOut < 0.5 || *noted.ForecastOn != "2026-09-01" {
		t.Errorf("said %s on %v (%v)", noted.Said, noted.ForecastOn, err)
	}
	if string(noted.Happened) != "null" {
		t.Errorf("happened %s before it could", noted.Happened)
	}
	b.exec(t, `
		INSERT INTO requests (region_id, place_id, item_id, document, state, asked, approved, declined, suggested, reason, created_by, submitted_at, decided_at, decided_by)
		SELECT p.region_id, p.id, 1, 'PM-7', 'approved', 3000, 2000, 1000, 2500, 'backlog', 'officer', '2026-09-01 09:00+07', '2026-09-02 09:00+07', 'planner'
		FROM places p JOIN regions_today r ON r.id = p.region_id AND r.code = '82.71' WHERE p.kind = 'regency'`)
	b.exec(t, `INSERT INTO flows SELECT * FROM later`)
	b.now = night(2026, time.November, 2)
	b.run(t)
	b.run(t) // the same night again writes nothing twice
	page, err := b.Decisions(t.Context(), planner, "82.71", postgres.Paging{})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]forecasting.Decision{}
	for _, d := range page.Items {
		kinds[d.Kind] = d
	}
	if len(page.Items) != 1 { // the request is older than the nightly look back of 45 days
		t.Errorf("%d lines in the journal, want the note: %+v", len(page.Items), page.Items)
	}
	var came struct {
		Used   int64 `json:"used"`
		RanOut *bool `json:"ran_out"`
	}
	if err := json.Unmarshal(kinds["note"].Happened, &came); err != nil || came.Used == 0 || came.RanOut == nil || *came.RanOut {
		t.Errorf("happened %s (%v)", kinds["note"].Happened, err)
	}
	b.exec(t, `UPDATE requests SET decided_at = '2026-10-20 09:00+07'`)
	b.run(t)
	if page, err = b.Decisions(t.Context(), planner, "", postgres.Paging{}); err != nil || len(page.Items) != 2 {
		t.Fatalf("%d lines, %v", len(page.Items), err)
	}
	var decided struct{ Asked, Suggested, Given int64 }
	d := page.Items[0]
	if err := json.Unmarshal(d.Decided, &decided); err != nil || d.Kind != "request" || d.Source != "PM-7" || decided.Asked != 3000 || decided.Given != 2000 || decided.Suggested != 2500 {
		t.Errorf("the request in the journal: %+v, %s (%v)", d, d.Decided, err)
	}
}

func TestWhoNotesADecision(t *testing.T) {
	t.Parallel()
	b := open(t, night(2026, time.September, 1), nil)
	for text, want := range map[string]error{"": fault.ErrInvalid, " ": fault.ErrInvalid, strings.Repeat("a", 501): fault.ErrInvalid, "12710102" + "03040005": fault.ErrInvalid} {
		if _, err := b.Decide(t.Context(), planner, forecasting.NewDecision{Region: "82.71", Text: text}); !errors.Is(err, want) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
	if _, err := b.Decide(t.Context(), medan, forecasting.NewDecision{Region: "82.71", Text: "tunggu"}); !errors.Is(err, region.ErrUnknown) {
		t.Errorf("of elsewhere: %v", err)
	}
	auditor := access.Actor{ID: 9, Name: "auditor", Role: access.Auditor, Reach: "00"}
	if _, err := b.Decide(t.Context(), auditor, forecasting.NewDecision{Region: "82.71", Text: "tunggu"}); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("the auditor: %v", err)
	}
}

func TestDataThatIsNotWellRaisesAlerts(t *testing.T) {
	t.Parallel()
	b := open(t, night(2026, time.November, 2), nil)
	b.history(t, `r.code = '12.71'`, "2025-11-01", "2026-11-02", 50) // posts daily and holds 1,000
	b.history(t, `r.code = '82.71'`, "2025-11-01", "2026-10-05", 50) // silent for a month
	b.history(t, `r.code = '82.72'`, "2025-11-01", "2026-10-05", 50) // only receives
	b.exec(t, `
		INSERT INTO flows (region_id, place_id, item_id, day, kind, pieces)
		SELECT p.region_id, p.id, 1, '2026-10-30', 'receipt', 500 FROM places p JOIN regions_today r ON r.id = p.region_id AND r.code = '82.72' WHERE p.kind = 'regency'`)
	b.stock(t, `r.code = '12.71'`, 1000)
	b.stock(t, `r.code = '82.71'`, 1000)
	b.stock(t, `r.code = '82.72'`, 1400) // a hundred less than was posted
	b.run(t)
	for cause, want := range map[string]string{forecasting.DataStale: "82.71", forecasting.DataUnused: "82.72", forecasting.DataMismatch: "82.72"} {
		open := b.open(t, cause)
		if _, ok := open[want]; !ok || len(open) != 1 {
			t.Errorf("%s: %v, want %s alone", cause, open, want)
		}
	}
	b.exec(t, `UPDATE balances SET pieces = 1500 WHERE pieces = 1400`)
	for range 2 {
		b.now = b.now.AddDate(0, 0, 1)
		b.run(t)
	}
	if open := b.open(t, forecasting.DataMismatch); len(open) != 0 {
		t.Errorf("the mismatch is mended and the alert still open: %v", open)
	}
}

func TestForecastsThatErrToOneSideRaiseAnAlert(t *testing.T) {
	t.Parallel()
	b := open(t, night(2026, time.November, 2), nil)
	b.history(t, twoOffices, "2025-11-01", "2026-11-02", 50)
	// Of the last eight months all came higher than was foreseen in 82.71, and now higher, now lower in 12.71.
	b.exec(t, `
		WITH run AS (INSERT INTO forecast_runs (as_of, started_at, finished_at, regions, failed, paths) VALUES ('2026-01-01', now(), now(), 1, 0, 1) RETURNING id)
		INSERT INTO forecasts (region_id, item_id, month, as_of, run_id, method, mean, p025, p10, p50, p90, p975, actual, scored_on)
		SELECT r.id, 1, m.month::date, m.month::date - 10, run.id, 'test', 100, 50, 80, 100, 120, 150,
		       100 + 30 * CASE WHEN r.code = '82.71' OR extract(month FROM m.month)::int % 2 = 0 THEN 1 ELSE -1 END, m.month::date + 40
		FROM run, regions_today r, generate_series(timestamp '2026-03-01', timestamp '2026-10-01', interval '1 month') m (month)
		WHERE r.code IN ('12.71', '82.71')`)
	b.run(t)
	open := b.open(t, forecasting.ModelDrift)
	if a, ok := open["82.71"]; !ok || a.Level != notice.Warning || len(open) != 1 {
		t.Errorf("drift: %+v, want a warning of 82.71 alone", open)
	}
}
