package forecasting

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/inventory"
)

// scoredMonths is how far back a month is still looked up for forecasts that were not scored when it closed.
const scoredMonths = 24

// scoreMonths writes what came beside the forecasts of months that have closed: the demand, or nothing where empty
// shelves hid it. Of a province and the nation it is known where all but a trace of it is (told).
func scoreMonths(ctx context.Context, tx *sqlx.Tx, v *view, date time.Time) error {
	type row struct {
		RegionID int      `json:"region_id"`
		Month    string   `json:"month"`
		Actual   *float64 `json:"actual"`
	}
	rows := []row{}
	first, last := monthOf(date)-scoredMonths, monthOf(date)
	for m := first; m < last; m++ {
		day := m.first().Format(time.DateOnly)
		add := func(id int, actual *float64) { rows = append(rows, row{id, day, actual}) }
		for _, places := range [][]*place{v.places, v.printing} {
			for _, p := range places {
				if actual, closed := p.came(m); closed {
					add(p.position.RegionID, actual)
				}
			}
		}
		for _, s := range v.above {
			if s.place == nil {
				continue
			}
			if actual, closed := s.place.came(m); closed {
				add(s.region.ID, actual)
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

// came is the demand of a month that has closed, nil where empty shelves hid it.
func (p *place) came(m month) (actual *float64, closed bool) {
	t := int(m - p.first)
	if p.guessed || t < 0 || t >= len(p.months) {
		return nil, false
	}
	if p.months[t].exposure == 1 {
		actual = &p.months[t].demand
	}
	return actual, true
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

// ranOut says whether the shelf would have run empty within the horizon without the deliveries that were neither under
// way nor approved when the outlook was made: an order placed afterwards, perhaps because of it, does not make it wrong.
func (o past) ranOut(days []inventory.DayOfUse, supplies []inventory.LeadTime) bool {
	end := o.AsOf.AddDate(0, 0, o.HorizonDays)
	left := o.OnHand
	came := map[time.Time]int64{}
	for _, s := range supplies {
		if s.DispatchedOn.Before(o.AsOf) || s.DecidedOn != nil && s.DecidedOn.Before(o.AsOf) {
			came[s.ReceivedOn.UTC()] += s.Pieces
		}
	}
	for _, d := range days {
		day := d.Day.UTC()
		if day.Before(o.AsOf) || !day.Before(end) {
			continue
		}
		left += came[day] - d.Used
		if d.Closing <= 0 || d.Used > 0 && left <= 0 {
			return true
		}
	}
	// It may have been empty all along, with nothing to post.
	return o.OnHand <= 0 && left <= 0
}

// scoreOutlooks writes whether it came as foreseen.
func (f *Forecaster) scoreOutlooks(ctx context.Context, tx *sqlx.Tx, outlooks []past, days map[int][]inventory.DayOfUse, supplies map[int][]inventory.LeadTime, date time.Time) error {
	type row struct {
		RegionID int    `json:"region_id"`
		AsOf     string `json:"as_of"`
		Happened bool   `json:"happened"`
	}
	rows := make([]row, len(outlooks))
	for i, o := range outlooks {
		o.AsOf = o.AsOf.UTC()
		rows[i] = row{o.RegionID, o.AsOf.Format(time.DateOnly), o.ranOut(days[o.RegionID], supplies[o.RegionID])}
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

// due is what a night has to close: outlooks and decisions whose time has passed, with what was used since, and what was
// decided lately.
type due struct {
	outlooks  []past
	decisions []openDecision
	days      map[int][]inventory.DayOfUse
	decided   []inventory.Decided
}

func (f *Forecaster) loadDue(ctx context.Context, who access.Actor, date time.Time) (d due, err error) {
	d.days = map[int][]inventory.DayOfUse{}
	err = postgres.Read(ctx, f.db, who, func(tx *sqlx.Tx) (err error) {
		if d.outlooks, err = f.loadPast(ctx, tx, date); err != nil {
			return err
		}
		d.decisions, err = openDecisions(ctx, tx, date)
		return err
	})
	if err != nil {
		return d, err
	}
	if d.decided, err = f.ledger.DecidedSince(ctx, who, date.AddDate(0, 0, -journalDays)); err != nil {
		return d, err
	}
	first := date
	for _, o := range d.outlooks {
		if o.AsOf.Before(first) {
			first = o.AsOf
		}
	}
	for _, o := range d.decisions {
		if o.Day.Before(first) {
			first = o.Day
		}
	}
	if first.Equal(date) {
		return d, nil
	}
	days, err := f.ledger.UseByDay(ctx, who, first, date)
	for _, day := range days {
		d.days[day.RegionID] = append(d.days[day.RegionID], day)
	}
	return d, err
}
