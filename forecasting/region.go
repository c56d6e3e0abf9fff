package forecasting

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/region"
)

// MoveRegion takes forecasting's part in a split or merge: what was foreseen of months still to come is shared or added
// up, so that it is held against what comes; what was said of a shelf that has changed is taken back, and said anew by
// the next night. Months that are scored stay as they were seen. The past of each part is inventory's to share.
func (f *Forecaster) MoveRegion(ctx context.Context, tx *sqlx.Tx, _ access.Actor, c region.Change) ([]region.Moved, error) {
	share, how := shareForecasts, "shared"
	if !c.Splits() {
		share, how = addForecasts, "added"
	}
	var count int64
	for _, text := range share {
		result, err := tx.ExecContext(ctx, text, c.From.ID, c.Into.ID, c.Share)
		if err != nil {
			return nil, fmt.Errorf("share forecasts: %w", err)
		}
		if count, err = result.RowsAffected(); err != nil {
			return nil, err
		}
	}
	result, err := tx.ExecContext(ctx, `
		DELETE FROM outlooks
		WHERE region_id IN ($1, $2) AND happened IS NULL`, c.From.ID, c.Into.ID)
	if err != nil {
		return nil, fmt.Errorf("take back outlooks: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM outlook_curves WHERE region_id IN ($1, $2)`, c.From.ID, c.Into.ID); err != nil {
		return nil, fmt.Errorf("take back curves: %w", err)
	}
	dropped, err := result.RowsAffected()
	if err != nil {
		return nil, err
	}
	drivers, err := moveDrivers(ctx, tx, c)
	if err != nil {
		return nil, err
	}
	return append(drivers, []region.Moved{{What: "forecast", How: how, From: c.From.Code, To: c.Into.Code, Count: count},
		{What: "outlook", How: "closed", From: c.From.Code, To: c.Into.Code, Count: dropped}}...), nil
}

// moveDrivers shares or adds up those recorded at sixteen who turn seventeen from the month of the change on, whole people,
// and lets circulars in force hold for both parts of a split. Those of a region that has merged end with it.
func moveDrivers(ctx context.Context, tx *sqlx.Tx, c region.Change) (moved []region.Moved, err error) {
	month := region.Date(c.Effective.Year(), c.Effective.Month(), 1)
	share, how := []string{`
		INSERT INTO early_recordings (region_id, month, people, note, recorded_by, recorded_at)
		SELECT $2::int, month, round(people * $3::float8), note, recorded_by, recorded_at
		FROM early_recordings
		WHERE region_id = $1::int AND month >= $4::date`, `
		UPDATE early_recordings
		SET people = people - round(people * $3::float8)
		WHERE region_id = $1::int AND $2::int IS NOT NULL AND month >= $4::date`}, "shared"
	hold, still := `
		INSERT INTO circulars (region_id, document, classes, from_day, until_day, recorded_by, recorded_at)
		SELECT $2::int, document, classes, greatest(from_day, $3::date), until_day, recorded_by, recorded_at
		FROM circulars
		WHERE region_id = $1::int AND (until_day IS NULL OR until_day > $3::date)`, "added"
	if !c.Splits() {
		share, how = []string{`
		INSERT INTO early_recordings AS n (region_id, month, people, note, recorded_by, recorded_at)
		SELECT $2::int, month, people, note, recorded_by, recorded_at
		FROM early_recordings
		WHERE region_id = $1::int AND month >= $4::date AND $3::float8 >= 0
		ON CONFLICT (region_id, month) DO UPDATE SET people = n.people + excluded.people`, `
		DELETE FROM early_recordings
		WHERE region_id = $1::int AND month >= $4::date AND $2::int IS NOT NULL AND $3::float8 >= 0`}, "added"
		hold, still = `
		UPDATE circulars
		SET until_day = greatest($3::date, from_day + 1), version = version + 1
		WHERE region_id = $1::int AND $2::int IS NOT NULL AND (until_day IS NULL OR until_day > $3::date)`, "closed"
	}
	var count int64
	for _, text := range share {
		result, err := tx.ExecContext(ctx, text, c.From.ID, c.Into.ID, c.Share, month)
		if err != nil {
			return nil, fmt.Errorf("share early recordings: %w", err)
		}
		if count, err = result.RowsAffected(); err != nil {
			return nil, err
		}
	}
	if count > 0 {
		moved = append(moved, region.Moved{What: "early-recording", How: how, From: c.From.Code, To: c.Into.Code, Count: count})
	}
	result, err := tx.ExecContext(ctx, hold, c.From.ID, c.Into.ID, c.Effective)
	if err != nil {
		return nil, fmt.Errorf("let circulars hold: %w", err)
	}
	if count, err = result.RowsAffected(); err == nil && count > 0 {
		moved = append(moved, region.Moved{What: "circular", How: still, From: c.From.Code, To: c.Into.Code, Count: count})
	}
	return moved, err
}

var shareForecasts = []string{`
	INSERT INTO forecasts (region_id, item_id, month, as_of, run_id, method, mean, p025, p10, p50, p90, p975, naive, average, scale)
	SELECT $2::int, item_id, month, as_of, run_id, method, mean * $3::float8, p025 * $3, p10 * $3, p50 * $3, p90 * $3, p975 * $3, naive * $3, average * $3, scale * $3
	FROM forecasts
	WHERE region_id = $1::int AND scored_on IS NULL`, `
	UPDATE forecasts
	SET mean = mean * (1 - $3::float8), p025 = p025 * (1 - $3), p10 = p10 * (1 - $3), p50 = p50 * (1 - $3), p90 = p90 * (1 - $3), p975 = p975 * (1 - $3),
		naive = naive * (1 - $3), average = average * (1 - $3), scale = scale * (1 - $3)
	WHERE region_id = $1::int AND $2::int IS NOT NULL AND scored_on IS NULL`}

var addForecasts = []string{`
	UPDATE forecasts n
	SET mean = n.mean + o.mean, p025 = n.p025 + o.p025, p10 = n.p10 + o.p10, p50 = n.p50 + o.p50, p90 = n.p90 + o.p90, p975 = n.p975 + o.p975,
		naive = n.naive + o.naive, average = n.average + o.average, scale = n.scale + o.scale
	FROM forecasts o
	WHERE o.region_id = $1::int AND n.region_id = $2::int AND (o.item_id, o.month, o.as_of) = (n.item_id, n.month, n.as_of)
	  AND o.scored_on IS NULL AND n.scored_on IS NULL AND $3::float8 >= 0`, `
	DELETE FROM forecasts
	WHERE region_id = $1::int AND $2::int IS NOT NULL AND scored_on IS NULL AND $3::float8 >= 0`}
