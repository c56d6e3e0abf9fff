package forecasting

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"blangko/forecasting/demand"
	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// Accuracy is how the forecasts of a region did against what came. Of a province or the nation the sums are judged, and
// the intervals of its regencies.
type Accuracy struct {
	Region      string   `json:"region" db:"region"`
	Name        string   `json:"name" db:"name"`
	Cases       int      `json:"cases" db:"cases" doc:"months and nights that were scored"`
	Hidden      int      `json:"hidden" db:"hidden" doc:"that could not be, since empty shelves hid the demand"`
	WAPE        *float64 `json:"wape" db:"wape" doc:"sum of absolute errors over the sum of demand"`
	WAPENaive   *float64 `json:"wape_naive" db:"wape_naive" doc:"of the same month a year before"`
	WAPEAverage *float64 `json:"wape_average" db:"wape_average" doc:"of the mean of the last three months"`
	MASE        *float64 `json:"mase" db:"mase" doc:"mean absolute error over that of seasonal naive in the history; below 1 is better"`
	Bias        *float64 `json:"bias" db:"bias" doc:"sum of errors over the sum of demand; above 0 forecasts were too low"`
	Coverage80  *float64 `json:"coverage_80" db:"coverage_80" doc:"share of months within the 80 % interval"`
	Coverage95  *float64 `json:"coverage_95" db:"coverage_95" doc:"share of months within the 95 % interval"`
	Stated      int      `json:"stated" db:"stated" doc:"run-out probabilities whose horizon has passed"`
	Happened    int      `json:"happened" db:"happened" doc:"of them, where the shelf ran empty, or would have without later orders"`
	Brier       *float64 `json:"brier" db:"brier" doc:"mean squared difference between stated probability and what came; 0 is perfect"`
}

// TrackRecord is the accuracy by region, and how reliable stated probabilities are in all of them together.
type TrackRecord struct {
	postgres.Page[Accuracy]
	Reliability      []Reliability `json:"reliability"`
	CalibrationError *float64      `json:"calibration_error" doc:"mean distance between stated and happened (expected calibration error); null before anything was scored"`
}

// Reliability is one bar: of the run-outs stated with about this probability, so many happened.
type Reliability struct {
	Cases    int     `json:"cases"`
	Stated   float64 `json:"stated"`
	Happened float64 `json:"happened"`
}

// AccuracyFilter says of what the accuracy is asked.
type AccuracyFilter struct {
	Level  string // nation, province or regency
	Region string // code; with everything below it
	Lead   int    // months between the forecast and its month: 0 in the month itself
	From   string // first month, its first day
	To     string // last month, its first day
	postgres.Paging
}

var codeLengths = map[string]int{"nation": 0, "province": 2, "regency": 5}

// Accuracy says how forecasts and stated probabilities did, by region in order of code.
func (f *Forecaster) Accuracy(ctx context.Context, who access.Actor, filter AccuracyFilter) (record TrackRecord, err error) {
	if err := who.May(access.ReadForecasts); err != nil {
		return record, err
	}
	length, ok := codeLengths[filter.Level]
	if !ok {
		return record, fault.ErrInvalid.At("query.level", "level-unknown", filter.Level)
	}
	type byCode struct {
		Code string `json:"code"`
	}
	var after byCode
	limit, err := filter.Resume(&after)
	if err != nil {
		return record, err
	}
	found := []Accuracy{}
	var stated []struct {
		RunOut   float64 `db:"run_out"`
		Happened bool    `db:"happened"`
	}
	err = postgres.Read(ctx, f.db, who, func(tx *sqlx.Tx) error {
		if filter.Region != "" {
			if _, err := region.ByCode(ctx, tx, filter.Region, region.Today(region.WIB, f.now())); err != nil {
				return err
			}
		}
		err := tx.SelectContext(ctx, &stated, `
			SELECT o.run_out, o.happened
			FROM outlooks o
			JOIN regions_today r ON r.id = o.region_id
			WHERE o.happened IS NOT NULL AND ($1 IN ('', '00') OR r.code = $1 OR r.code LIKE $1 || '.%')
			  AND ($2 = '' OR o.as_of >= nullif($2, '')::date) AND ($3 = '' OR o.as_of < nullif($3, '')::date + interval '1 month')`,
			filter.Region, filter.From, filter.To)
		if err != nil {
			return fmt.Errorf("read stated probabilities: %w", err)
		}
		return tx.SelectContext(ctx, &found, accuracy, length, filter.Region, filter.Lead, filter.From, filter.To, after.Code, limit)
	})
	if err != nil {
		return record, err
	}
	record.Reliability = []Reliability{}
	if len(stated) > 0 {
		says, came := make([]float64, len(stated)), make([]bool, len(stated))
		for i, s := range stated {
			says[i], came[i] = s.RunOut, s.Happened
		}
		bins, e := demand.Reliability(says, came, 10)
		for _, b := range bins {
			if b.Cases > 0 {
				record.Reliability = append(record.Reliability, Reliability(b))
			}
		}
		record.CalibrationError = &e
	}
	record.Page, err = postgres.NewPage(filter.Paging, found, func(a Accuracy) byCode { return byCode{a.Region} })
	return record, err
}

const accuracy = `
	WITH one AS (
		SELECT CASE $1::int WHEN 0 THEN '00' ELSE left(r.code, $1) END AS code, s.month, s.as_of, s.mean, s.naive, s.average, s.scale, s.actual,
		       s.actual BETWEEN s.p10 AND s.p90 AS within80, s.actual BETWEEN s.p025 AND s.p975 AS within95
		FROM forecasts s
		JOIN regions_today r ON r.id = s.region_id AND r.level = 2
		WHERE s.scored_on IS NOT NULL
		  AND ($2 IN ('', '00') OR r.code = $2 OR r.code LIKE $2 || '.%')
		  AND (extract(year FROM s.month) * 12 + extract(month FROM s.month)) - (extract(year FROM s.as_of) * 12 + extract(month FROM s.as_of)) = $3::int
		  AND ($4 = '' OR s.month >= nullif($4, '')::date) AND ($5 = '' OR s.month <= nullif($5, '')::date)
	), together AS (
		SELECT code, month, as_of, sum(mean) FILTER (WHERE actual IS NOT NULL) AS mean, sum(actual) AS actual,
		       sum(naive) FILTER (WHERE actual IS NOT NULL) AS naive, bool_and(naive IS NOT NULL) FILTER (WHERE actual IS NOT NULL) AS with_naive,
		       sum(average) FILTER (WHERE actual IS NOT NULL) AS average, bool_and(average IS NOT NULL) FILTER (WHERE actual IS NOT NULL) AS with_average,
		       sum(abs(actual - mean) / scale) AS scaled, count(*) FILTER (WHERE actual IS NOT NULL AND scale IS NOT NULL) AS with_scale,
		       count(actual) AS known, count(*) - count(actual) AS hidden,
		       count(*) FILTER (WHERE within80) AS within80, count(*) FILTER (WHERE within95) AS within95
		FROM one
		GROUP BY code, month, as_of
	), forecast AS (
		SELECT code, sum(known)::int AS cases, sum(hidden)::int AS hidden,
		       sum(abs(actual - mean)) / nullif(sum(actual), 0) AS wape,
		       sum(abs(actual - naive)) FILTER (WHERE with_naive) / nullif(sum(actual) FILTER (WHERE with_naive), 0) AS wape_naive,
		       sum(abs(actual - average)) FILTER (WHERE with_average) / nullif(sum(actual) FILTER (WHERE with_average), 0) AS wape_average,
		       sum(scaled) / nullif(sum(with_scale), 0)::float8 AS mase, sum(actual - mean) / nullif(sum(actual), 0) AS bias,
		       sum(within80)::float8 / nullif(sum(known), 0)::float8 AS coverage_80, sum(within95)::float8 / nullif(sum(known), 0)::float8 AS coverage_95
		FROM together
		GROUP BY code
	), shelf AS (
		SELECT CASE $1::int WHEN 0 THEN '00' ELSE left(r.code, $1) END AS code, count(*)::int AS stated, count(*) FILTER (WHERE o.happened)::int AS happened,
		       avg((o.run_out - o.happened::int) ^ 2) AS brier
		FROM outlooks o
		JOIN regions_today r ON r.id = o.region_id
		WHERE o.happened IS NOT NULL
		  AND ($4 = '' OR o.as_of >= nullif($4, '')::date) AND ($5 = '' OR o.as_of < nullif($5, '')::date + interval '1 month')
		GROUP BY 1
	)
	SELECT r.code AS region, r.name, coalesce(f.cases, 0) AS cases, coalesce(f.hidden, 0) AS hidden, f.wape, f.wape_naive, f.wape_average, f.mase, f.bias,
	       f.coverage_80, f.coverage_95, coalesce(s.stated, 0) AS stated, coalesce(s.happened, 0) AS happened, s.brier
	FROM regions_today r
	LEFT JOIN forecast f ON f.code = r.code
	LEFT JOIN shelf s ON s.code = r.code
	WHERE r.level <= 4 AND (f.code IS NOT NULL OR s.code IS NOT NULL)
	  AND ($2 IN ('', '00') OR r.code = $2 OR r.code LIKE $2 || '.%' OR $2 LIKE r.code || '.%' OR r.code = '00')
	  AND r.code > $6
	ORDER BY r.code
	LIMIT $7`
