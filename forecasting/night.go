package forecasting

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
	"blangko/inventory"
	"blangko/notice"
)

// Report is what a nightly run did.
type Report struct {
	Run     int64          `json:"run"`
	AsOf    string         `json:"as_of"`
	Regions int            `json:"regions" doc:"forecast"`
	Failed  []Failure      `json:"failed" doc:"regions that could not be forecast; what was foreseen for them before still stands"`
	Alerts  notice.Settled `json:"alerts"`

	Load, Decide, Save time.Duration `json:"-"` // how long each part took
}

// Failure is a region that a run could not forecast.
type Failure struct {
	RegionID int    `json:"-"`
	Region   string `json:"region"`
	Code     string `json:"code"`
	Detail   string `json:"detail"`
}

// Nightly loads what is known of every kabupaten/kota, foresees each, and saves forecasts, needs and alerts in one
// transaction. A region that cannot be forecast is reported and the others go on. Run again on the same day it says
// the same, in place of what it said before.
func (f *Forecaster) Nightly(ctx context.Context, who access.Actor, progress func(done, total int)) (Report, error) {
	if err := who.May(access.RunForecasts); err != nil {
		return Report{}, err
	}
	started, clock := f.now(), time.Now()
	date := region.Today(region.WIB, started)
	known, err := f.load(ctx, who, date)
	if err != nil {
		return Report{}, err
	}
	loaded := time.Now()
	v, err := decide(known, date, progress)
	if err != nil {
		return Report{}, err
	}
	if err := ctx.Err(); err != nil {
		return Report{}, err
	}
	decided := time.Now()
	due, err := f.loadDue(ctx, who, date)
	if err != nil {
		return Report{}, err
	}
	report := Report{AsOf: date.Format(time.DateOnly), Failed: []Failure{}}
	err = postgres.Write(ctx, f.db, who, func(tx *sqlx.Tx) error {
		report.Regions, report.Failed = 0, report.Failed[:0]
		if err := scoreMonths(ctx, tx, v, date); err != nil {
			return err
		}
		if err := f.scoreOutlooks(ctx, tx, due.outlooks, due.days, byRegion(known.Leads, func(l inventory.LeadTime) int { return l.RegionID }), date); err != nil {
			return err
		}
		if err := closeDecisions(ctx, tx, due.decisions, due.days, date); err != nil {
			return err
		}
		if err := journal(ctx, tx, due.decided); err != nil {
			return err
		}
		return f.save(ctx, tx, who, v, started, &report)
	})
	if err != nil {
		return Report{}, err
	}
	for _, failure := range report.Failed {
		slog.WarnContext(ctx, "region not forecast", "region", failure.Region, "code", failure.Code, "detail", failure.Detail)
	}
	report.Load, report.Decide, report.Save = loaded.Sub(clock), decided.Sub(loaded), time.Since(decided)
	return report, nil
}

// save writes what a run foresaw, and settles the alerts.
func (f *Forecaster) save(ctx context.Context, tx *sqlx.Tx, who access.Actor, v *view, started time.Time, report *Report) error {
	date := v.day.date
	var needs []inventory.Need
	var signals []notice.Signal
	lately := byRegion(v.known.Lately, func(d inventory.DayOfUse) int { return d.RegionID })
	for _, o := range v.outlooks {
		if o.err != nil {
			report.Failed = append(report.Failed, failureOf(o))
			continue
		}
		needs = append(needs, o.need)
		// An office that has not begun to post is not out of blanks.
		if !o.place.silent {
			signals = append(signals, o.signal())
			signals = append(signals, dataHealth(o, lately[o.place.position.RegionID], v.common.calendar, date)...)
		}
	}
	report.Regions = len(needs)
	facts, err := json.Marshal(keptRun{Calibration: v.widths})
	if err != nil {
		return fmt.Errorf("encode the run: %w", err)
	}
	err = tx.GetContext(ctx, &report.Run, `
		INSERT INTO forecast_runs (as_of, started_at, finished_at, regions, failed, paths, facts)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		RETURNING id`, date, started, f.now(), report.Regions, len(report.Failed), paths, string(facts))
	if err != nil {
		return fmt.Errorf("note the run: %w", err)
	}
	if err := saveFailures(ctx, tx, report.Run, report.Failed); err != nil {
		return err
	}
	if err := saveForecasts(ctx, tx, report.Run, v); err != nil {
		return err
	}
	if err := saveOutlooks(ctx, tx, report.Run, v.outlooks, date); err != nil {
		return err
	}
	if err := inventory.SetNeeds(ctx, tx, needs...); err != nil {
		return err
	}
	records, err := loadRecords(ctx, tx, date)
	if err != nil {
		return err
	}
	signals = append(signals, modelHealth(v.places, records, v.nation())...)
	report.Alerts, err = f.alerts.Settle(ctx, tx, who, signals)
	return err
}

func failureOf(o *outlook) Failure {
	failure := Failure{RegionID: o.place.position.RegionID, Region: o.place.position.Region, Code: "not-forecastable", Detail: o.err.Error()}
	if known, ok := fault.As(o.err); ok {
		failure.Code = known.Code
	}
	return failure
}

// insert adds rows given as JSON to a table with the columns of the query.
func insert(ctx context.Context, tx *sqlx.Tx, query string, run int64, rows any) error {
	text, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("encode what was foreseen: %w", err)
	}
	if _, err := tx.ExecContext(ctx, query, string(text), run); err != nil {
		return fmt.Errorf("save what was foreseen: %w", err)
	}
	return nil
}

func saveFailures(ctx context.Context, tx *sqlx.Tx, run int64, failures []Failure) error {
	type row struct {
		RegionID int    `json:"region_id"`
		Code     string `json:"code"`
		Detail   string `json:"detail"`
	}
	rows := []row{}
	for _, f := range failures {
		rows = append(rows, row{f.RegionID, f.Code, f.Detail})
	}
	return insert(ctx, tx, `
		INSERT INTO forecast_failures (region_id, run_id, code, detail)
		SELECT region_id, $2, code, detail
		FROM json_populate_recordset(NULL::forecast_failures, $1::json)`, run, rows)
}

// forecastRow is a row of the table of forecasts.
type forecastRow struct {
	RegionID   int      `json:"region_id"`
	Month      string   `json:"month"`
	AsOf       string   `json:"as_of"`
	Method     string   `json:"method"`
	Mean       float64  `json:"mean"`
	P025       float64  `json:"p025"`
	P10        float64  `json:"p10"`
	P50        float64  `json:"p50"`
	P90        float64  `json:"p90"`
	P975       float64  `json:"p975"`
	Naive      *float64 `json:"naive"`
	Average    *float64 `json:"average"`
	Scale      *float64 `json:"scale"`
	Components any      `json:"components"`
}

// rows are the forecasts of all levels.
func (v *view) rows() []forecastRow {
	rows := []forecastRow{}
	add := func(id, h int, p *place, method string, mean float64, q [5]float64, components any) {
		m := v.day.month + month(h)
		r := forecastRow{RegionID: id, Month: m.first().Format(time.DateOnly), AsOf: v.day.date.Format(time.DateOnly), Method: method,
			Mean: max(0, mean), P025: q[0], P10: q[1], P50: q[2], P90: q[3], P975: q[4], Components: components}
		if p != nil {
			r.Naive, r.Average = p.baselines(m)
			r.Scale = p.scale()
		}
		rows = append(rows, r)
	}
	nothing := map[string]any{} // of a kecamatan no driver is known
	for _, s := range v.above {
		for h, mean := range s.mean {
			add(s.region.ID, h, s.place, s.method, mean, s.at[h], s.parts[h])
		}
	}
	for _, o := range v.outlooks {
		if o.err != nil {
			continue
		}
		for h, mean := range o.demand.Mean {
			var q [5]float64
			for i, p := range levels {
				q[i] = o.demand.Quantile(h, p)
			}
			add(o.place.position.RegionID, h, o.place, o.method, mean, q, o.parts[h])
		}
		for _, s := range o.below {
			for h, mean := range s.mean {
				if s.region.ID != 0 {
					add(s.region.ID, h, s.place, s.method, mean, s.at[h], nothing)
				}
			}
		}
	}
	return rows
}

func saveForecasts(ctx context.Context, tx *sqlx.Tx, run int64, v *view) error {
	return insert(ctx, tx, `
		INSERT INTO forecasts (region_id, item_id, month, as_of, run_id, method, mean, p025, p10, p50, p90, p975, naive, average, scale, components)
		SELECT r.region_id, i.id, r.month, r.as_of, $2, r.method, r.mean, r.p025, r.p10, r.p50, r.p90, r.p975, r.naive, r.average, r.scale, r.components
		FROM json_populate_recordset(NULL::forecasts, $1::json) r
		JOIN items i ON i.code = '`+item+`'
		ON CONFLICT (region_id, item_id, month, as_of) DO UPDATE SET
			run_id = excluded.run_id, method = excluded.method, mean = excluded.mean, p025 = excluded.p025, p10 = excluded.p10, p50 = excluded.p50,
			p90 = excluded.p90, p975 = excluded.p975, naive = excluded.naive, average = excluded.average, scale = excluded.scale,
			components = excluded.components`, run, v.rows())
}

func saveOutlooks(ctx context.Context, tx *sqlx.Tx, run int64, outlooks []*outlook, date time.Time) error {
	type row struct {
		RegionID    int     `json:"region_id"`
		AsOf        string  `json:"as_of"`
		OnHand      int64   `json:"on_hand"`
		Incoming    int64   `json:"incoming"`
		HorizonDays int     `json:"horizon_days"`
		RunOut      float64 `json:"run_out"`
		Short       float64 `json:"short"`
		PersonDays  float64 `json:"person_days"`
		OrderUpTo   float64 `json:"order_up_to"`
	}
	rows := []row{}
	for _, o := range outlooks {
		if o.err == nil && !o.place.silent {
			rows = append(rows, row{o.place.position.RegionID, date.Format(time.DateOnly), o.place.position.Usable, o.incoming,
				max(1, int(o.need.LeadP90)), o.need.RunOut, o.shelf.Short, o.shelf.PersonDays, o.upTo})
		}
	}
	err := insert(ctx, tx, `
		INSERT INTO outlooks (region_id, item_id, as_of, run_id, on_hand, incoming, horizon_days, run_out, short, person_days, order_up_to)
		SELECT r.region_id, i.id, r.as_of, $2, r.on_hand, r.incoming, r.horizon_days, r.run_out, r.short, r.person_days, r.order_up_to
		FROM json_populate_recordset(NULL::outlooks, $1::json) r
		JOIN items i ON i.code = '`+item+`'
		ON CONFLICT (region_id, item_id, as_of) DO UPDATE SET
			run_id = excluded.run_id, on_hand = excluded.on_hand, incoming = excluded.incoming, horizon_days = excluded.horizon_days,
			run_out = excluded.run_out, short = excluded.short, person_days = excluded.person_days, order_up_to = excluded.order_up_to`, run, rows)
	if err != nil {
		return err
	}
	return saveCurves(ctx, tx, run, outlooks, date)
}

// errNothing is returned by the job when there is no region at all.
var errNothing = errors.New("there is no region to forecast")

// Job is Nightly as the schedule runs it.
func (f *Forecaster) Job(ctx context.Context, progress func(done, total int)) (string, error) {
	r, err := f.Nightly(ctx, access.System, progress)
	if err != nil {
		return "", err
	}
	if r.Regions+len(r.Failed) == 0 {
		return "", errNothing
	}
	return fmt.Sprintf("%d regions forecast, %d not; alerts: %d opened, %d raised, %d lowered, %d closed; load %.1f s, decide %.1f s, save %.1f s",
		r.Regions, len(r.Failed), r.Alerts.Opened, r.Alerts.Raised, r.Alerts.Lowered, r.Alerts.Closed,
		r.Load.Seconds(), r.Decide.Seconds(), r.Save.Seconds()), nil
}
