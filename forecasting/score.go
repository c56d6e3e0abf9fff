package forecasting

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/inventory"
)

// scoredMonths is how far back a month is still looked up for forecasts that were not scored when it closed.
const scoredMonths = 24

// scoreMonths writes what came beside the forecasts of months that have closed: the demand, or nothing where empty
// shelves hid it.
func scoreMonths(ctx context.Context, tx *sqlx.Tx, places []*place, date time.Time) error {
	type row struct {
		RegionID int      `json:"region_id"`
		Month    string   `json:"month"`
		Actual   *float64 `json:"actual"`
	}
	rows := []row{}
	for _, p := range places {
		for t := max(0, len(p.months)-scoredMonths); t < len(p.months); t++ {
			m, k := p.first+month(t), p.months[t]
			r := row{p.position.RegionID, m.first().Format(time.DateOnly), nil}
			if k.exposure == 1 {
				r.Actual = &k.demand
			}
			if m < monthOf(date) && !p.guessed {
				rows = append(rows, r)
			}
		}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("encode what came: %w", err)
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE forecasts f
		SET actual = r.actual, scored_on = $2
		FROM json_populate_recordset(NULL::forecasts, $1::json) r
		WHERE f.region_id = r.region_id AND f.month = r.month AND f.scored_on IS NULL AND f.month < date_trunc('month', $2::date)`, string(text), date)
	if err != nil {
		return fmt.Errorf("score forecasts: %w", err)
	}
	return nil
}

// past is an outlook whose horizon has passed.
type past struct {
	RegionID    int       `db:"region_id"`
	AsOf        time.Time `db:"as_of"`
	OnHand      int64     `db:"on_hand"`
	Incoming    int64     `db:"incoming"`
	HorizonDays int       `db:"horizon_days"`
}

// loadPast reads the outlooks to be scored and what was used since the first of them.
func (f *Forecaster) loadPast(ctx context.Context, tx *sqlx.Tx, date time.Time) (outlooks []past, err error) {
	err = tx.SelectContext(ctx, &outlooks, `
		SELECT region_id, as_of, on_hand, incoming, horizon_days
		FROM outlooks
		WHERE scored_on IS NULL AND as_of + horizon_days <= $1::date
		ORDER BY region_id, as_of`, date)
	if err != nil {
		return nil, fmt.Errorf("read outlooks to score: %w", err)
	}
	return outlooks, nil
}

// ranOut says whether the shelf would have run empty within the horizon without the deliveries that were not yet under
// way when the outlook was made: an order placed afterwards, perhaps because of it, does not make it wrong.
func (o past) ranOut(days []inventory.DayOfUse) bool {
	end := o.AsOf.AddDate(0, 0, o.HorizonDays)
	left, came := o.OnHand, int64(0)
	for _, d := range days {
		day := d.Day.UTC()
		if day.Before(o.AsOf) || !day.Before(end) {
			continue
		}
		left -= d.Used
		came += d.Other
		if d.Closing <= 0 || d.Used > 0 && left+min(max(0, came), o.Incoming) <= 0 {
			return true
		}
	}
	// It may have been empty all along, with nothing to post.
	return o.OnHand <= 0 && left+came <= 0
}

// scoreOutlooks writes whether it came as foreseen.
func (f *Forecaster) scoreOutlooks(ctx context.Context, tx *sqlx.Tx, outlooks []past, days map[int][]inventory.DayOfUse, date time.Time) error {
	type row struct {
		RegionID int    `json:"region_id"`
		AsOf     string `json:"as_of"`
		Happened bool   `json:"happened"`
	}
	rows := make([]row, len(outlooks))
	for i, o := range outlooks {
		o.AsOf = o.AsOf.UTC()
		rows[i] = row{o.RegionID, o.AsOf.Format(time.DateOnly), o.ranOut(days[o.RegionID])}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("encode what came: %w", err)
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE outlooks o
		SET happened = r.happened, scored_on = $2
		FROM json_populate_recordset(NULL::outlooks, $1::json) r
		WHERE o.region_id = r.region_id AND o.as_of = r.as_of AND o.scored_on IS NULL`, string(text), date)
	if err != nil {
		return fmt.Errorf("score outlooks: %w", err)
	}
	return nil
}

// daysSince loads what was used by day since the first of the outlooks, by region.
func (f *Forecaster) daysSince(ctx context.Context, who access.Actor, outlooks []past, date time.Time) (map[int][]inventory.DayOfUse, error) {
	by := map[int][]inventory.DayOfUse{}
	if len(outlooks) == 0 {
		return by, nil
	}
	first := date
	for _, o := range outlooks {
		if o.AsOf.Before(first) {
			first = o.AsOf
		}
	}
	days, err := f.ledger.UseByDay(ctx, who, first, date)
	if err != nil {
		return nil, err
	}
	for _, d := range days {
		by[d.RegionID] = append(by[d.RegionID], d)
	}
	return by, nil
}
