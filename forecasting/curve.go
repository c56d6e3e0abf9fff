package forecasting

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// Shelf is how the stock of a region is foreseen to last, as the last night saw it.
type Shelf struct {
	Region      string     `json:"region" db:"region"`
	Name        string     `json:"name" db:"name"`
	Item        string     `json:"item" db:"item"`
	AsOf        string     `json:"as_of" db:"as_of" format:"date"`
	OnHand      int64      `json:"on_hand" db:"on_hand" doc:"usable pieces on that day"`
	Incoming    int64      `json:"incoming" db:"incoming" doc:"under way or approved"`
	HorizonDays int        `json:"horizon_days" db:"horizon_days" doc:"days until a new order has come, nine times in ten"`
	RunOut      float64    `json:"run_out" db:"run_out" doc:"probability that within them somebody has to wait"`
	Short       float64    `json:"short" db:"short" doc:"blanks owed at the end of the curve, expected"`
	PersonDays  float64    `json:"person_days" db:"person_days" doc:"days that people wait until then, expected"`
	OrderUpTo   float64    `json:"order_up_to" db:"order_up_to" doc:"stock to aim for: one more blank costs as much as it saves"`
	DaysP10     *int       `json:"days_p10" db:"days_p10" doc:"the shelf lasts no longer in one future of ten; null when beyond the curve"`
	DaysP50     *int       `json:"days_p50" db:"days_p50" doc:"in every second"`
	DaysP90     *int       `json:"days_p90" db:"days_p90" doc:"in nine of ten"`
	Curve       []ShelfDay `json:"curve" db:"-" doc:"day by day from as_of on"`
}

// ShelfDay is the end of one day; what lies on the shelf is told of the first 45 days.
type ShelfDay struct {
	Day    string   `json:"day" format:"date"`
	RunOut float64  `json:"run_out" doc:"probability that by then somebody has had to wait"`
	P10    *float64 `json:"p10" doc:"pieces on the shelf: less in one future of ten"`
	Mean   *float64 `json:"mean"`
	P90    *float64 `json:"p90"`
}

// Shelf reads how the stock of a kabupaten/kota is foreseen to last.
func (f *Forecaster) Shelf(ctx context.Context, who access.Actor, code string) (Shelf, error) {
	if err := who.May(access.ReadForecasts); err != nil {
		return Shelf{}, err
	}
	var row struct {
		Shelf
		Chances pq.Float64Array `db:"chances"`
		P10     pq.Float64Array `db:"p10"`
		Mean    pq.Float64Array `db:"mean"`
		P90     pq.Float64Array `db:"p90"`
	}
	err := postgres.Read(ctx, f.db, who, func(tx *sqlx.Tx) error {
		where, err := region.ByCode(ctx, tx, code, region.Today(region.WIB, f.now()))
		if err != nil {
			return err
		}
		return tx.GetContext(ctx, &row, `
			SELECT r.code AS region, r.name, i.code AS item, o.as_of::text, o.on_hand, o.incoming, o.horizon_days, o.run_out, o.short, o.person_days, o.order_up_to,
			       c.days_p10, c.days_p50, c.days_p90, c.run_out AS chances, c.p10, c.mean, c.p90
			FROM outlook_curves c
			JOIN outlooks o USING (region_id, item_id, as_of)
			JOIN items i ON i.id = c.item_id AND i.code = '`+item+`'
			JOIN regions_today r ON r.id = c.region_id
			WHERE c.region_id = $1`, where.ID)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Shelf{}, ErrNotYet.With("region", code)
	}
	if err != nil {
		return Shelf{}, err
	}
	first, err := time.Parse(time.DateOnly, row.AsOf)
	if err != nil {
		return Shelf{}, fmt.Errorf("read the day of an outlook: %w", err)
	}
	s := row.Shelf
	s.Curve = make([]ShelfDay, len(row.Chances))
	for t, p := range row.Chances {
		s.Curve[t] = ShelfDay{Day: first.AddDate(0, 0, t).Format(time.DateOnly), RunOut: p}
		if t < len(row.Mean) {
			s.Curve[t].P10, s.Curve[t].Mean, s.Curve[t].P90 = &row.P10[t], &row.Mean[t], &row.P90[t]
		}
	}
	return s, nil
}

// saveCurves keeps how each shelf empties, in place of what the night before said.
func saveCurves(ctx context.Context, tx *sqlx.Tx, run int64, outlooks []*outlook, date time.Time) error {
	type row struct {
		RegionID int       `json:"region_id"`
		AsOf     string    `json:"as_of"`
		RunOut   []float64 `json:"run_out"`
		P10      []float64 `json:"p10"`
		Mean     []float64 `json:"mean"`
		P90      []float64 `json:"p90"`
		DaysP10  *int      `json:"days_p10"`
		DaysP50  *int      `json:"days_p50"`
		DaysP90  *int      `json:"days_p90"`
	}
	rows := []row{}
	for _, o := range outlooks {
		if o.err != nil || o.place.silent {
			continue
		}
		within := func(days int) *int {
			if days >= len(o.shelf.RunOut) {
				return nil
			}
			return &days
		}
		r := row{RegionID: o.place.position.RegionID, AsOf: date.Format(time.DateOnly), RunOut: rounded(o.shelf.RunOut, 1e4),
			DaysP10: within(o.shelf.P10), DaysP50: within(o.shelf.P50), DaysP90: within(o.shelf.P90)}
		for _, l := range o.shelf.Stock {
			r.P10, r.Mean, r.P90 = append(r.P10, l.P10), append(r.Mean, l.Mean), append(r.P90, l.P90)
		}
		r.P10, r.Mean, r.P90 = rounded(r.P10, 10), rounded(r.Mean, 10), rounded(r.P90, 10)
		rows = append(rows, r)
	}
	return insert(ctx, tx, `
		INSERT INTO outlook_curves (region_id, item_id, as_of, run_id, run_out, p10, mean, p90, days_p10, days_p50, days_p90)
		SELECT r.region_id, i.id, r.as_of, $2, r.run_out, r.p10, r.mean, r.p90, r.days_p10, r.days_p50, r.days_p90
		FROM json_populate_recordset(NULL::outlook_curves, $1::json) r
		JOIN items i ON i.code = '`+item+`'
		ON CONFLICT (region_id, item_id) DO UPDATE SET
			as_of = excluded.as_of, run_id = excluded.run_id, run_out = excluded.run_out, p10 = excluded.p10, mean = excluded.mean, p90 = excluded.p90,
			days_p10 = excluded.days_p10, days_p50 = excluded.days_p50, days_p90 = excluded.days_p90`, run, rows)
}

// rounded keeps so many parts of one: what is beyond is chance.
func rounded(values []float64, parts float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = math.Round(v*parts) / parts
	}
	return out
}
