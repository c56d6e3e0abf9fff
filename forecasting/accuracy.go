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

// Accuracy is how the forecasts of a region did against what came. A province and the nation are judged by their own
// forecast; where empty shelves hid too much of a month, by the sum of those regencies whose demand is known, and their
// interval is not judged. Run-outs are of regencies.
type Accuracy struct {
	Region      string   `json:"region" db:"region"`
	Name        string   `json:"name" db:"name"`
	Cases       int      `json:"cases" db:"cases" doc:"forecasts of a month that were scored"`
	Hidden      int      `json:"hidden" db:"hidden" doc:"that could not be, since empty shelves hid the demand"`
	WAPE        *float64 `json:"wape" db:"wape" doc:"sum of absolute errors over the sum of demand"`
	WAPENaive   *float64 `json:"wape_naive" db:"wape_naive" doc:"of the same month a year before"`
	WAPEAverage *float64 `json:"wape_average" db:"wape_average" doc:"of the mean of the last three months"`
	MASE        *float64 `json:"mase" db:"mase" doc:"mean absolute error over that of seasonal naive in the history; below 1 is better"`
	Bias        *float64 `json:"bias" db:"bias" doc:"sum of errors over the sum of demand; above 0 forecasts were too low"`
	Coverage80  *float64 `json:"coverage_80" db:"coverage_80" doc:"share of months within the 80 % interval; of a province or the nation, of its own"`
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
	Level  string // nation, province, regency or district; that of the region, or else of the actor's reach, when empty
	Region string // code; with everything below it
	Lead   int    // months between the forecast and its month: 0 in the month itself
	From   string // first month, its first day
	To     string // last month, its first day
	postgres.Paging
}

func (f AccuracyFilter) level(who access.Actor) (level region.Level, err error) {
	if f.Level != "" {
		if err := level.UnmarshalText([]byte(f.Level)); err != nil || level > region.District {
			return level, fault.ErrInvalid.At("query.level", "level-unknown", f.Level)
		}
		return level, nil
	}
	code := f.Region
	if code == "" {
		code = who.Reach
	}
	if of, err := region.LevelOf(code); err == nil {
		level = min(of, region.District)
	}
	return level, nil
}

// Accuracy says how forecasts and stated probabilities did, by region in order of code.
func (f *Forecaster) Accuracy(ctx context.Context, who access.Actor, filter AccuracyFilter) (record TrackRecord, err error) {
	if err := who.May(access.ReadForecasts); err != nil {
		return record, err
	}
	level, err := filter.level(who)
	if err != nil {
		return record, err
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
		return tx.SelectContext(ctx, &found, accuracy, level, filter.Region, filter.Lead, filter.From, filter.To, after.Code, limit)
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
		SELECT CASE $1::int WHEN 0 THEN '00' WHEN 1 THEN left(r.code, 2) ELSE r.code END AS code, r.level, s.month, s.as_of, s.mean, s.naive, s.average,
		       s.scale, s.actual, s.actual BETWEEN s.p10 AND s.p90 AS within80, s.actual BETWEEN s.p025 AND s.p975 AS within95
		FROM forecasts s
		JOIN regions_today r ON r.id = s.region_id AND (r.level = $1 OR r.level = 2 AND $1 < 2)
		WHERE s.scored_on IS NOT NULL
		  AND (extract(year FROM s.month) * 12 + extract(month FROM s.month)) - (extract(year FROM s.as_of) * 12 + extract(month FROM s.as_of)) = $3::int
		  AND ($4 = '' OR s.month >= nullif($4, '')::date) AND ($5 = '' OR s.month <= nullif($5, '')::date)
	), together AS (
		SELECT code, month, as_of, sum(mean) AS mean, sum(actual) AS actual,
		       CASE WHEN bool_and(naive IS NOT NULL) THEN sum(naive) END AS naive, CASE WHEN bool_and(average IS NOT NULL) THEN sum(average) END AS average,
		       avg(abs(actual - mean) / scale) AS scaled
		FROM one
		WHERE level = 2 AND $1 < 2 AND actual IS NOT NULL
		GROUP BY code, month, as_of
	), scored AS (
		SELECT code, coalesce(o.actual, t.actual) AS actual,
		       CASE WHEN o.actual IS NULL THEN t.mean ELSE o.mean END AS mean,
		       CASE WHEN o.actual IS NULL THEN t.naive ELSE o.naive END AS naive,
		       CASE WHEN o.actual IS NULL THEN t.average ELSE o.average END AS average,
		       CASE WHEN o.actual IS NULL THEN t.scaled ELSE abs(o.actual - o.mean) / o.scale END AS scaled,
		       o.within80, o.within95
		FROM one o
		LEFT JOIN together t USING (code, month, as_of)
		WHERE o.level = $1
	), forecast AS (
		SELECT code, count(actual)::int AS cases, (count(*) - count(actual))::int AS hidden,
		       sum(abs(actual - mean)) / nullif(sum(actual), 0) AS wape,
		       sum(abs(actual - naive)) / nullif(sum(actual) FILTER (WHERE naive IS NOT NULL), 0) AS wape_naive,
		       sum(abs(actual - average)) / nullif(sum(actual) FILTER (WHERE average IS NOT NULL), 0) AS wape_average,
		       avg(scaled) AS mase, sum(actual - mean) / nullif(sum(actual), 0) AS bias,
		       avg(within80::int)::float8 AS coverage_80, avg(within95::int)::float8 AS coverage_95
		FROM scored
		GROUP BY code
	), shelf AS (
		SELECT CASE $1::int WHEN 0 THEN '00' WHEN 1 THEN left(r.code, 2) ELSE r.code END AS code, count(*)::int AS stated,
		       count(*) FILTER (WHERE o.happened)::int AS happened, avg((o.run_out - o.happened::int) ^ 2) AS brier
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
	WHERE r.level = $1 AND (f.code IS NOT NULL OR s.code IS NOT NULL AND EXISTS (SELECT FROM forecasts w WHERE w.region_id = r.id))
	  AND ($2 IN ('', '00') OR r.code = $2 OR r.code LIKE $2 || '.%')
	  AND r.code > $6
	ORDER BY r.code
	LIMIT $7`
