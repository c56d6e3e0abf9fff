package forecasting_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"blangko/coverage"
	"blangko/forecasting"
	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/postgres/pgtest"
	"blangko/inventory"
	"blangko/notice"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var (
	planner = access.Actor{ID: 1, Name: "planner", Role: access.Planner, Reach: "00"}
	medan   = access.Actor{ID: 4, Name: "officer.12.71", Role: access.Officer, Reach: "12.71"}
	ternate = access.Actor{ID: 5, Name: "officer.82.71", Role: access.Officer, Reach: "82.71"}
)

// bench is a nation with a history and a clock that the test moves.
type bench struct {
	db     *postgres.DB
	admin  *sql.DB
	now    time.Time
	ledger *inventory.Ledger
	alerts *notice.Alerts
	*forecasting.Forecaster
}

// night is half past one in Jakarta.
func night(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 1, 30, 0, 0, time.FixedZone("WIB", 7*3600))
}

func open(t testing.TB, now time.Time, visits forecasting.Visits) *bench {
	t.Helper()
	db, adminURL := pgtest.NewWithOwner(t)
	admin, err := sql.Open("postgres", adminURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { admin.Close() })
	b := &bench{db: db, admin: admin, now: now}
	clock := func() time.Time { return b.now }
	b.ledger, b.alerts = inventory.NewLedger(db, clock), notice.NewAlerts(db, clock)
	b.Forecaster = forecasting.New(db, b.ledger, coverage.NewRegister(db, clock), b.alerts, visits, clock)
	return b
}

func (b *bench) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	if _, err := b.admin.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%v\n%s", err, query)
	}
}

// offices is a condition on regions: all kabupaten/kota, or those of these codes.
const (
	allOffices = `r.level = 2`
	twoOffices = `r.code IN ('12.71', '82.71')`
)

// history writes flows straight into the table, as if the offices that meet the condition had used per pieces a working
// day since a day, with a rise in June and July, and had been brought what they used. The shelf never runs empty.
func (b *bench) history(t testing.TB, offices, since, until string, per int) {
	t.Helper()
	b.exec(t, fmt.Sprintf(`
		INSERT INTO flows (region_id, place_id, item_id, day, kind, pieces)
		SELECT p.region_id, p.id, 1, d::date, k.kind::move_kind,
		       CASE k.kind WHEN 'use' THEN -1 ELSE 1 END * greatest(0, round($3 * (1 + 0.5 * (extract(month FROM d) IN (6, 7))::int) * (1 + 0.1 * sin(extract(doy FROM d) * 7 + p.region_id))))::bigint
		FROM places p
		JOIN regions_today r ON r.id = p.region_id AND %s
		CROSS JOIN generate_series($1::date, $2::date - 1, interval '1 day') d
		CROSS JOIN (VALUES ('use'), ('receipt')) k (kind)
		WHERE p.kind = 'regency' AND extract(isodow FROM d) < 6`, offices), since, until, per)
	b.exec(t, fmt.Sprintf(`
		INSERT INTO flows (region_id, place_id, item_id, day, kind, pieces)
		SELECT p.region_id, p.id, 1, $1::date, 'opening', 1000
		FROM places p JOIN regions_today r ON r.id = p.region_id AND %s
		WHERE p.kind = 'regency'`, offices), since)
}

// stock sets what the offices that meet the condition hold.
func (b *bench) stock(t testing.TB, offices string, pieces int64) {
	t.Helper()
	b.exec(t, fmt.Sprintf(`
		INSERT INTO balances (region_id, place_id, item_id, condition, lot_id, pieces, outside)
		SELECT p.region_id, p.id, 1, 'usable', 1, $1, false
		FROM places p JOIN regions_today r ON r.id = p.region_id AND %s
		WHERE p.kind = 'regency'
		ON CONFLICT (region_id, place_id, item_id, condition, lot_id) DO UPDATE SET pieces = excluded.pieces`, offices), pieces)
}

// shipment puts blanks on their way from the national store.
func (b *bench) shipment(t testing.TB, to string, pieces int, dispatched string) {
	t.Helper()
	b.exec(t, `
		INSERT INTO shipments (region_id, sender_region_id, sender_place_id, receiver_place_id, document, mode, state, prepared_by, dispatched_on, expected_on)
		SELECT p.region_id, n.region_id, n.id, p.id, 'SJ-1', 'courier', 'dispatched', 'store', $2::date, $2::date + 10
		FROM places p JOIN regions_today r ON r.id = p.region_id AND r.code = $1, places n
		WHERE p.kind = 'regency' AND n.kind = 'national'`, to, dispatched)
	b.exec(t, `
		INSERT INTO shipment_lines (region_id, sender_region_id, shipment_id, line, item_id, lot_id, pieces)
		SELECT region_id, sender_region_id, id, 1, 1, 1, $1 FROM shipments s
		WHERE NOT EXISTS (SELECT FROM shipment_lines l WHERE l.region_id = s.region_id AND l.shipment_id = s.id)`, pieces)
}

func (b *bench) run(t testing.TB) forecasting.Report {
	t.Helper()
	r, err := b.Nightly(t.Context(), access.System, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (b *bench) need(t testing.TB, code string) inventory.Need {
	t.Helper()
	needs, err := b.ledger.Needs(t.Context(), planner, code)
	if err != nil {
		t.Fatal(err)
	}
	if len(needs) != 1 {
		t.Fatalf("%d needs of %s, want 1", len(needs), code)
	}
	return needs[0]
}

func (b *bench) alert(t testing.TB, code string) *notice.Alert {
	t.Helper()
	page, err := b.alerts.List(t.Context(), planner, notice.Filter{Region: code, Cause: forecasting.RunOut})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Items) == 0 {
		return nil
	}
	if len(page.Items) > 1 {
		t.Fatalf("%d alerts of one cause in %s", len(page.Items), code)
	}
	return &page.Items[0]
}

// open lists the alerts of one cause that are not closed, by region.
func (b *bench) open(t testing.TB, cause string) map[string]notice.Alert {
	t.Helper()
	page, err := b.alerts.List(t.Context(), planner, notice.Filter{Cause: cause, Paging: postgres.Paging{Limit: postgres.LargestLimit}})
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]notice.Alert{}
	for _, a := range page.Items {
		by[a.Region] = a
	}
	return by
}

func TestARegionThatCannotBeForecastIsReportedAndTheOthersGoOn(t *testing.T) {
	t.Parallel()
	b := open(t, night(2026, time.November, 2), nil)
	b.history(t, `r.code = '12.71'`, "2026-01-01", "2026-11-02", 50)
	// Nothing posted, and nobody known to live there.
	b.exec(t, `DELETE FROM populations p USING regions_today r WHERE r.id = p.region_id AND r.code = '82.71'`)
	r := b.run(t)
	if len(r.Failed) != 1 || r.Failed[0].Region != "82.71" || r.Failed[0].Code != "forecast-without-history" {
		t.Fatalf("failed: %+v, want 82.71 alone", r.Failed)
	}
	if r.Regions != 513 {
		t.Errorf("%d regions forecast, want the other 513", r.Regions)
	}
	var kept string
	if err := b.admin.QueryRow(`SELECT g.code FROM forecast_failures f JOIN regions_today g ON g.id = f.region_id`).Scan(&kept); err != nil || kept != "82.71" {
		t.Errorf("the failure is kept of %q (%v)", kept, err)
	}
	if b.need(t, "12.71").DailyMean < 20 {
		t.Error("the other region has no need")
	}
}

func TestANightForeseesWhatWillBeNeededAndWhenItRunsOut(t *testing.T) {
	t.Parallel()
	b := open(t, night(2026, time.November, 2), nil)
	b.history(t, twoOffices, "2023-11-01", "2026-11-02", 50)
	b.stock(t, `r.code = '12.71'`, 100_000)
	b.stock(t, `r.code = '82.71'`, 260) // about five working days
	r := b.run(t)
	if r.Regions != 514 || len(r.Failed) != 0 {
		t.Errorf("%d regions forecast, %d not; those that have posted nothing are forecast by their people", r.Regions, len(r.Failed))
	}
	if open := b.open(t, forecasting.RunOut); len(open) != 1 {
		t.Errorf("%d alerts of run-out opened, want that of the scarce region alone", len(open))
	}
	full, scarce := b.need(t, "12.71"), b.need(t, "82.71")
	// 50 a working day, 21 of 30 days of November.
	if full.DailyMean < 30 || full.DailyMean > 40 {
		t.Errorf("daily mean %.1f, want about 35", full.DailyMean)
	}
	if full.RunOut > 0.01 || full.RunOutP50 != nil {
		t.Errorf("a shelf of 100,000 runs out with %.2f by %v", full.RunOut, full.RunOutP50)
	}
	if scarce.RunOut < 0.9 || scarce.RunOutP50 == nil {
		t.Fatalf("a shelf of five working days runs out with %.2f, want nearly 1", scarce.RunOut)
	}
	if *scarce.RunOutP50 < "2026-11-06" || *scarce.RunOutP50 > "2026-11-12" {
		t.Errorf("runs out about %s, want a week from 2 November", *scarce.RunOutP50)
	}
	if a := b.alert(t, "82.71"); a == nil || a.Level != notice.Critical || a.Probability != scarce.RunOut {
		t.Errorf("alert of the scarce region: %+v", a)
	}
	if a := b.alert(t, "12.71"); a != nil {
		t.Errorf("alert of the full region: %+v", a)
	}
}

func TestTheSeasonIsForeseen(t *testing.T) {
	t.Parallel()
	b := open(t, night(2026, time.May, 4), nil)
	b.history(t, twoOffices, "2023-05-01", "2026-05-04", 50)
	b.run(t)
	page, err := b.Forecasts(t.Context(), medan, forecasting.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	means := map[string]float64{}
	for _, f := range page.Items {
		if f.Region != "12.71" {
			t.Errorf("the officer of 12.71 sees a forecast of %s", f.Region)
		}
		means[f.Month] = f.Mean
		if !(f.P025 <= f.P10 && f.P10 <= f.P50 && f.P50 <= f.P90 && f.P90 <= f.P975) {
			t.Errorf("quantiles of %s are out of order: %+v", f.Month, f)
		}
	}
	if ratio := means["2026-07-01"] / means["2026-05-01"]; math.Abs(ratio-1.5*23/21) > 0.25 {
		t.Errorf("July over May is %.2f, want about %.2f: %v", ratio, 1.5*23/21, means)
	}
}

func TestTheSameNightSaysTheSame(t *testing.T) {
	t.Parallel()
	b := open(t, night(2026, time.November, 2), nil)
	b.history(t, twoOffices, "2025-01-01", "2026-11-02", 20)
	b.stock(t, twoOffices, 400)
	b.run(t)
	first := b.need(t, "82.71")
	b.run(t)
	if second := b.need(t, "82.71"); !reflect.DeepEqual(first, second) {
		t.Errorf("run twice:\n%+v\n%+v", first, second)
	}
}

func TestAMonthOfEmptyShelvesIsNotForecastAsZero(t *testing.T) {
	t.Parallel()
	b := open(t, night(2026, time.November, 2), nil)
	b.history(t, `r.code = '12.71'`, "2024-11-01", "2026-11-02", 50)
	b.history(t, `r.code = '82.71'`, "2024-11-01", "2026-11-02", 50)
	// Ternate was empty from 1 to 24 September: nothing used, and nothing there.
	b.exec(t, `DELETE FROM flows f USING regions_today r WHERE r.id = f.region_id AND r.code = '82.71' AND day BETWEEN '2026-09-01' AND '2026-09-24'`)
	b.exec(t, `
		INSERT INTO flows (region_id, place_id, item_id, day, kind, pieces)
		SELECT p.region_id, p.id, 1, d::date, 'transfer', CASE WHEN d::date = '2026-09-01' THEN -1000 ELSE 1000 END
		FROM places p JOIN regions_today r ON r.id = p.region_id AND r.code = '82.71'
		CROSS JOIN (VALUES (date '2026-09-01'), (date '2026-09-25')) v (d)
		WHERE p.kind = 'regency'`)
	b.run(t)
	a, c := b.need(t, "12.71"), b.need(t, "82.71")
	if c.DailyMean < 0.85*a.DailyMean {
		t.Errorf("daily mean %.1f after a month of empty shelves, want about %.1f as without", c.DailyMean, a.DailyMean)
	}
}

func TestOneMonthOfHistoryIsForecastWithAWideSpread(t *testing.T) {
	t.Parallel()
	b := open(t, night(2026, time.November, 2), nil)
	b.history(t, twoOffices, "2026-10-01", "2026-11-01", 50)
	b.run(t)
	n := b.need(t, "82.71")
	if n.Method != "average" {
		t.Errorf("method %q, want the average of what is known", n.Method)
	}
	if n.SD < 0.2*n.Mean {
		t.Errorf("spread %.0f around %.0f: one month is taken for certainty", n.SD, n.Mean)
	}
}

func TestARegionInItsFirstWeekIsForecastFromItsDays(t *testing.T) {
	t.Parallel()
	b := open(t, night(2026, time.November, 10), nil)
	b.history(t, `r.code = '82.71'`, "2026-11-02", "2026-11-10", 50)
	b.stock(t, `r.code = '82.71'`, 100)
	b.run(t)
	if n := b.need(t, "82.71"); n.DailyMean < 25 || n.DailyMean > 45 || n.RunOut < 0.9 {
		t.Errorf("need after a week of 50 a working day: %+v", n)
	}
}

func TestAnAlertClosesWhenBlanksHaveCome(t *testing.T) {
	t.Parallel()
	b := open(t, night(2026, time.November, 2), nil)
	b.history(t, twoOffices, "2024-11-01", "2026-11-02", 50)
	b.stock(t, `r.code = '12.71'`, 100_000)
	b.stock(t, `r.code = '82.71'`, 100)
	b.run(t)
	a := b.alert(t, "82.71")
	if a == nil {
		t.Fatal("no alert of an almost empty shelf")
	}
	if _, err := b.alerts.Acknowledge(t.Context(), medan, a.ID, a.Version, notice.Seen{}); !errors.Is(err, notice.ErrUnknown) {
		t.Errorf("an officer out of reach acknowledges: %v", err)
	}
	seen, err := b.alerts.Acknowledge(t.Context(), ternate, a.ID, a.Version, notice.Seen{Note: "sudah diminta"})
	if err != nil || seen.State != notice.Acknowledged {
		t.Fatalf("acknowledge: %+v, %v", seen, err)
	}
	b.stock(t, `r.code = '82.71'`, 50_000)
	for day := 3; day <= 4; day++ {
		b.now = night(2026, time.November, day)
		b.run(t)
		if open := b.alert(t, "82.71") != nil; open != (day == 3) {
			t.Errorf("on %d November open is %v: an alert closes after the second calm night", day, open)
		}
	}
}

func TestWhatIsUnderWayIsCounted(t *testing.T) {
	t.Parallel()
	b := open(t, night(2026, time.November, 2), nil)
	b.history(t, twoOffices, "2024-11-01", "2026-11-02", 50)
	b.stock(t, twoOffices, 900) // some 18 working days
	b.shipment(t, "82.71", 5000, "2026-10-30")
	b.run(t)
	with, without := b.need(t, "82.71"), b.need(t, "12.71")
	if with.RunOutP50 != nil && without.RunOutP50 != nil && *with.RunOutP50 <= *without.RunOutP50 {
		t.Errorf("with 5,000 under way the shelf lasts until %s, without until %s", *with.RunOutP50, *without.RunOutP50)
	}
	if with.RunOut > 0.1 {
		t.Errorf("run-out %.2f though 5,000 arrive within days", with.RunOut)
	}
}

// What left three days ago is waited for; what left ten weeks ago, where others take days, has most likely gone astray.
func TestWhatIsLongOverdueIsNotCountedOn(t *testing.T) {
	t.Parallel()
	b := open(t, night(2026, time.November, 2), nil)
	b.history(t, twoOffices, "2024-11-01", "2026-11-02", 50)
	b.stock(t, twoOffices, 300)
	for k := range 30 { // others came after four days
		b.shipment(t, "82.71", 100, time.Date(2026, time.May, 1+k, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
	}
	b.exec(t, `UPDATE shipments SET state = 'received', received_on = dispatched_on + 4`)
	b.exec(t, `UPDATE shipment_lines SET good = pieces`)
	b.shipment(t, "82.71", 5000, "2026-10-30")
	b.run(t)
	fresh := b.need(t, "82.71").RunOut
	b.exec(t, `UPDATE shipments SET dispatched_on = '2026-08-20', expected_on = '2026-08-24' WHERE state = 'dispatched'`)
	b.run(t)
	if overdue := b.need(t, "82.71").RunOut; fresh > 0.1 || overdue < fresh+0.3 {
		t.Errorf("run-out %.2f with a shipment that left three days ago, %.2f with one that left ten weeks ago", fresh, overdue)
	}
}

func TestPlannedVisitsTakeBlanks(t *testing.T) {
	t.Parallel()
	var id int
	visits := func(held float64) forecasting.Visits {
		return func(_ context.Context, from, _ time.Time) ([]forecasting.Visit, error) {
			return []forecasting.Visit{{RegionID: id, Day: from.AddDate(0, 0, 2), Blanks: 400, Held: held}}, nil
		}
	}
	outlook := func(v forecasting.Visits) inventory.Need {
		b := open(t, night(2026, time.November, 2), v)
		if err := b.admin.QueryRow(`SELECT id FROM regions_today WHERE code = '82.71'`).Scan(&id); err != nil {
			t.Fatal(err)
		}
		b.history(t, twoOffices, "2024-11-01", "2026-11-02", 10)
		b.stock(t, twoOffices, 350)
		b.run(t)
		return b.need(t, "82.71")
	}
	without, with := outlook(nil), outlook(visits(1))
	if with.PlannedVisits != 400 || without.PlannedVisits != 0 {
		t.Errorf("planned visits %d and %d, want 400 and 0", with.PlannedVisits, without.PlannedVisits)
	}
	if with.RunOut < 0.95 || with.RunOut <= without.RunOut {
		t.Errorf("run-out %.2f with a visit that takes more than there is, %.2f without", with.RunOut, without.RunOut)
	}
}

// BenchmarkNightly is the whole nation with three years of daily use: load, decide, save.
func BenchmarkNightly(b *testing.B) {
	n := open(b, night(2026, time.November, 2), nil)
	n.history(b, allOffices, "2023-11-01", "2026-11-02", 60)
	n.stock(b, allOffices, 700)
	n.exec(b, `ANALYZE flows`)
	var load, decide, save float64
	for b.Loop() {
		r := n.run(b)
		if r.Regions != 514 {
			b.Fatalf("%d regions, want 514", r.Regions)
		}
		load, decide, save = load+r.Load.Seconds(), decide+r.Decide.Seconds(), save+r.Save.Seconds()
	}
	b.ReportMetric(load/float64(b.N), "s-load")
	b.ReportMetric(decide/float64(b.N), "s-decide")
	b.ReportMetric(save/float64(b.N), "s-save")
	b.ReportMetric(cpuSeconds(b)/float64(b.N), "cpu-s")
	b.ReportMetric(peakMB(b), "MB-RSS")
}

// BenchmarkNightlyKecamatan is the nation with a service point in every kecamatan, three years of weekly use each: every
// level is forecast and made to agree, load and save included.
func BenchmarkNightlyKecamatan(b *testing.B) {
	n := open(b, night(2026, time.November, 2), nil)
	n.history(b, allOffices, "2023-11-01", "2026-11-02", 20)
	n.stock(b, allOffices, 700)
	n.exec(b, `INSERT INTO places (region_id, kind, name, opened_on) SELECT id, 'service', 'UPT ' || name, '2023-11-01' FROM regions_today WHERE level = 3`)
	n.exec(b, `
		INSERT INTO flows (region_id, place_id, item_id, day, kind, pieces)
		SELECT p.region_id, p.id, 1, d::date, k.kind::move_kind, CASE k.kind WHEN 'use' THEN -1 ELSE 1 END * (20 + (p.id * 7 + extract(week FROM d)::int * 3) % 40)
			+ CASE WHEN k.kind = 'receipt' AND d = '2023-11-01' THEN 500 ELSE 0 END -- a shelf that is never empty, so that use is demand
		FROM places p
		CROSS JOIN generate_series(date '2023-11-01', date '2026-11-01', interval '7 days') d
		CROSS JOIN (VALUES ('use'), ('receipt')) k (kind)
		WHERE p.kind = 'service'`)
	n.exec(b, `ANALYZE flows`)
	debug.SetMemoryLimit(400 << 20) // as the server does
	for b.Loop() {
		n.run(b)
	}
	var rows int
	if err := n.admin.QueryRow(`SELECT count(DISTINCT f.region_id) FROM forecasts f JOIN regions r ON r.id = f.region_id AND r.level = 3`).Scan(&rows); err != nil || rows < 7000 {
		b.Fatalf("%d kecamatan foreseen (%v)", rows, err)
	}
	b.ReportMetric(peakMB(b), "MB-RSS")
	b.ReportMetric(cpuSeconds(b)/float64(b.N), "cpu-s")
}

// peakMB is the most memory that the process held at any time.
func peakMB(b *testing.B) (kB float64) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscan(rest, &kB); err != nil {
		b.Fatal(err)
	}
	return kB / 1024
}

func cpuSeconds(b *testing.B) float64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9
}
