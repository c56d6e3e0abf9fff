package forecasting

import (
	"context"
	"encoding/json"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// Forecast is the demand of a region in a month as foreseen on a day.
type Forecast struct {
	Region     string          `json:"region" db:"region"`
	Name       string          `json:"name" db:"name"`
	Level      region.Level    `json:"level" db:"level"`
	Item       string          `json:"item" db:"item"`
	Month      string          `json:"month" db:"month" format:"date" doc:"its first day"`
	AsOf       string          `json:"as_of" db:"as_of" format:"date"`
	Run        int64           `json:"run" db:"run_id"`
	Method     string          `json:"method" db:"method"`
	Mean       float64         `json:"mean" db:"mean" doc:"pieces"`
	P025       float64         `json:"p025" db:"p025"`
	P10        float64         `json:"p10" db:"p10"`
	P50        float64         `json:"p50" db:"p50"`
	P90        float64         `json:"p90" db:"p90"`
	P975       float64         `json:"p975" db:"p975"`
	Naive      *float64        `json:"naive" db:"naive" doc:"what the same month a year before says"`
	Average    *float64        `json:"average" db:"average" doc:"what the mean of the last three months says"`
	Components json.RawMessage `json:"components" db:"components" doc:"what it is made of"`
	Actual     *float64        `json:"actual" db:"actual" doc:"demand that came; null while it is not known"`
}

// Filter narrows a list of forecasts; the zero filter takes what the last run of each region says of every month.
type Filter struct {
	Region string        // code; with everything below it
	Level  *region.Level // of one level; nil for kabupaten/kota alone, unless a kecamatan is asked for
	Month  string        // first day of one month
	AsOf   string        // as foreseen on that day
	postgres.Paging
}

// Forecasts lists forecasts of regions in reach by code and month.
func (f *Forecaster) Forecasts(ctx context.Context, who access.Actor, filter Filter) (page postgres.Page[Forecast], err error) {
	if err := who.May(access.ReadForecasts); err != nil {
		return page, err
	}
	type byMonth struct {
		Code  string `json:"code"`
		Month string `json:"month"`
	}
	after := byMonth{Month: "0001-01-01"}
	limit, err := filter.Resume(&after)
	if err != nil {
		return page, err
	}
	found := []Forecast{}
	level := region.Regency
	switch {
	case filter.Level != nil:
		level = *filter.Level
	case len(filter.Region) > 5:
		level = region.District
	}
	err = postgres.Read(ctx, f.db, who, func(tx *sqlx.Tx) error {
		if filter.Region != "" {
			if _, err := region.ByCode(ctx, tx, filter.Region, region.Today(region.WIB, f.now())); err != nil {
				return err
			}
		}
		return tx.SelectContext(ctx, &found, `
			SELECT r.code AS region, r.name, r.level, i.code AS item, s.month::text, s.as_of::text, s.run_id, s.method, s.mean, s.p025, s.p10, s.p50, s.p90, s.p975,
			       s.naive, s.average, s.components, s.actual
			FROM regions_today r
			JOIN forecasts s ON s.region_id = r.id
			JOIN items i ON i.id = s.item_id
			WHERE (r.code, s.month) > ($1, $2::date)
			  AND ($3 IN ('', '00') OR r.code = $3 OR r.code LIKE $3 || '.%')
			  AND ($4 = '' OR s.month = nullif($4, '')::date)
			  AND s.as_of = CASE WHEN $5 <> '' THEN nullif($5, '')::date
			                     WHEN $4 <> '' THEN (SELECT max(l.as_of) FROM forecasts l WHERE l.region_id = r.id AND l.item_id = s.item_id AND l.month = s.month)
			                     ELSE (SELECT max(l.as_of) FROM forecasts l WHERE l.region_id = r.id AND l.item_id = s.item_id) END
			  AND r.level = $7
			ORDER BY r.code, s.month
			LIMIT $6`, after.Code, after.Month, filter.Region, filter.Month, filter.AsOf, limit, level)
	})
	if err != nil {
		return page, err
	}
	return postgres.NewPage(filter.Paging, found, func(s Forecast) byMonth { return byMonth{s.Region, s.Month} })
}

// Made reports whether there is a forecast at all.
func (f *Forecaster) Made(ctx context.Context, who access.Actor) (made bool, err error) {
	if err := who.May(access.ReadForecasts); err != nil {
		return false, err
	}
	err = postgres.Read(ctx, f.db, who, func(tx *sqlx.Tx) error {
		return tx.GetContext(ctx, &made, `SELECT EXISTS (SELECT FROM forecast_runs)`)
	})
	return made, err
}
