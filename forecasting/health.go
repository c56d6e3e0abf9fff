package forecasting

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/inventory"
	"blangko/notice"
)

// Causes of alerts about the forecast itself and what it is made from.
const (
	DataStale    = "data-stale"    // an office posts nothing
	DataUnused   = "data-unused"   // blanks lie there and nothing is used
	DataMismatch = "data-mismatch" // the sum of what was posted is not what is held
	ModelDrift   = "model-drift"   // forecasts of a region are wrong to one side
	ModelWidth   = "model-width"   // too many or too few regions above their 90 % quantile
)

// When data and models are not well. Business days without a posting; Brown's tracking signal, the sum of errors over
// their mean size (Brown 1959; Trigg 1964), with as many months as make it mean something; and the share of regions above
// the 90 % quantile of their last month, which for 514 lies within these bounds 999 times in a thousand.
const (
	staleWatch, staleWarning = 5, 10
	unusedDays               = 10
	driftAbove               = 4.0
	driftMonths, driftLeast  = 12, 6
	widthLow, widthHigh      = 0.05, 0.16
	widthRegions             = 100
)

// record is how the forecasts of a region made in the month before did lately.
type record struct {
	RegionID int     `db:"region_id"`
	Sum      float64 `db:"sum"`  // of errors
	Size     float64 `db:"size"` // mean absolute error
	Months   int     `db:"months"`
	Above    *bool   `db:"above"` // whether the last month lay above its 90 % quantile
}

func loadRecords(ctx context.Context, tx *sqlx.Tx, date time.Time) (records []record, err error) {
	err = tx.SelectContext(ctx, &records, `
		WITH one AS (
			SELECT DISTINCT ON (f.region_id, f.month) f.region_id, f.month, f.mean, f.p90, f.actual
			FROM forecasts f
			JOIN regions g ON g.id = f.region_id AND g.level = 2
			WHERE f.scored_on IS NOT NULL AND f.as_of < f.month AND f.month >= date_trunc('month', $1::date) - make_interval(months => $2)
			ORDER BY f.region_id, f.month, f.as_of DESC
		)
		SELECT region_id, coalesce(sum(actual - mean), 0) AS sum, coalesce(avg(abs(actual - mean)), 0) AS size, count(actual)::int AS months,
		       bool_or(actual > p90) FILTER (WHERE actual IS NOT NULL AND month = date_trunc('month', $1::date) - interval '1 month') AS above
		FROM one
		GROUP BY region_id
		ORDER BY region_id`, date, driftMonths)
	if err != nil {
		return nil, fmt.Errorf("read how forecasts did: %w", err)
	}
	return records, nil
}

// modelHealth says of every region whether its forecasts err to one side, and of the nation whether they are too narrow
// or too wide.
func modelHealth(places []*place, records []record, nation int) []notice.Signal {
	by := map[int]record{}
	above, known := 0, 0
	for _, r := range records {
		by[r.RegionID] = r
		if r.Above != nil {
			known++
			if *r.Above {
				above++
			}
		}
	}
	var signals []notice.Signal
	for _, p := range places {
		r := by[p.position.RegionID]
		s := notice.Signal{RegionID: p.position.RegionID, Cause: ModelDrift, Facts: map[string]any{"months": r.Months, "sum_of_errors": r.Sum, "mean_error": r.Size}}
		if signal := r.Sum / r.Size; r.Months >= driftLeast && r.Size > 0 && (signal > driftAbove || signal < -driftAbove) {
			s.AtLeast = notice.Watch
			if signal > 0 { // forecasts too low empty shelves
				s.AtLeast = notice.Warning
			}
		}
		signals = append(signals, s)
	}
	width := notice.Signal{RegionID: nation, Cause: ModelWidth, Facts: map[string]any{"regions": known, "above_p90": above}}
	if share := float64(above) / float64(max(1, known)); known >= widthRegions && (share < widthLow || share > widthHigh) {
		width.AtLeast = notice.Warning
	}
	if nation != 0 {
		signals = append(signals, width)
	}
	return signals
}

// dataHealth says of every region that has begun to post whether it still does, whether blanks lie unused, and whether
// what was posted sums to what is held.
func dataHealth(o *outlook, days []inventory.DayOfUse, c *calendar, date time.Time) []notice.Signal {
	p := o.place
	if p.silent {
		return nil
	}
	quiet, unused := stillDays(days, c, date)
	stale := notice.Signal{RegionID: p.position.RegionID, Cause: DataStale, Facts: map[string]any{"business_days": quiet}}
	switch {
	case quiet > staleWarning:
		stale.AtLeast = notice.Warning
	case quiet > staleWatch:
		stale.AtLeast = notice.Watch
	}
	idle := notice.Signal{RegionID: p.position.RegionID, Cause: DataUnused, Facts: map[string]any{"business_days": unused, "usable": p.position.Usable}}
	if unused > unusedDays && quiet <= staleWatch && p.position.Usable > 0 && o.need.DailyMean > 1 {
		idle.AtLeast = notice.Watch
	}
	signals := []notice.Signal{stale, idle}
	if n := len(days); n > 0 {
		held := days[n-1].Closing
		off := notice.Signal{RegionID: p.position.RegionID, Cause: DataMismatch, Facts: map[string]any{"posted": held, "held": p.position.Usable}}
		if held != p.position.Usable {
			off.AtLeast = notice.Warning
		}
		signals = append(signals, off)
	}
	return signals
}

// stillDays counts, back from yesterday, the business days since anything was posted, and since anything was used.
func stillDays(days []inventory.DayOfUse, c *calendar, date time.Time) (quiet, unused int) {
	posted, used := date.AddDate(0, 0, -latelyDays), date.AddDate(0, 0, -latelyDays)
	for _, d := range days {
		if on := d.Day.UTC(); on.Before(date) {
			posted = on
			if d.Used > 0 {
				used = on
			}
		}
	}
	for d := date.AddDate(0, 0, -1); d.After(used); d = d.AddDate(0, 0, -1) {
		if c.open(d) {
			unused++
			if d.After(posted) {
				quiet++
			}
		}
	}
	return quiet, unused
}
