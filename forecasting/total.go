package forecasting

import (
	"context"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// Total is the demand of all regions under one in a month, as the last run foresees it. The mean is the sum of the
// means. So are the quantiles, as if every region missed to the same side at once: the truth lies between these bounds
// at least as often as they say, for errors of regions partly cancel out.
type Total struct {
	Month   string  `json:"month" db:"month" format:"date" doc:"its first day"`
	AsOf    string  `json:"as_of" db:"as_of" format:"date" doc:"of the oldest forecast in the sum"`
	Regions int     `json:"regions" db:"regions" doc:"how many the sum holds"`
	Mean    float64 `json:"mean" db:"mean" doc:"pieces"`
	P025    float64 `json:"p025" db:"p025"`
	P10     float64 `json:"p10" db:"p10"`
	P50     float64 `json:"p50" db:"p50"`
	P90     float64 `json:"p90" db:"p90"`
	P975    float64 `json:"p975" db:"p975"`
}

// Totals adds up what the last run of each region under one foresees of the KTP-el blank, by month.
func (f *Forecaster) Totals(ctx context.Context, who access.Actor, code string) (page postgres.Page[Total], err error) {
	if err := who.May(access.ReadForecasts); err != nil {
		return page, err
	}
	page.Items = []Total{}
	err = postgres.Read(ctx, f.db, who, func(tx *sqlx.Tx) error {
		if _, err := region.ByCode(ctx, tx, code, region.Today(region.WIB, f.now())); err != nil {
			return err
		}
		return tx.SelectContext(ctx, &page.Items, `
			SELECT s.month::text, min(s.as_of)::text AS as_of, count(*) AS regions, sum(s.mean) AS mean,
			       sum(s.p025) AS p025, sum(s.p10) AS p10, sum(s.p50) AS p50, sum(s.p90) AS p90, sum(s.p975) AS p975
			FROM regions_today r
			JOIN items i ON i.kind = 'ktp'
			JOIN needs n ON n.region_id = r.id AND n.item_id = i.id
			JOIN forecasts s ON s.region_id = r.id AND s.item_id = i.id AND s.as_of = n.as_of
			WHERE r.level = 2 AND ($1 = '00' OR r.code = $1 OR r.code LIKE $1 || '.%')
			GROUP BY s.month
			ORDER BY s.month`, code)
	})
	return page, err
}
