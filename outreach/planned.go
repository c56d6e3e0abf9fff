package outreach

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
)

// Ahead is a visit to come, as the forecast of blanks needs it.
type Ahead struct {
	RegionID int       `db:"region_id"` // the kabupaten/kota of the plan
	Day      time.Time `db:"day"`
	Cards    float64   `db:"cards"` // expected to be printed, if it is held
	Held     float64   `db:"held"`  // chance that it is held
}

// Ahead lists the visits of published and proposed plans from a day on until before another. The chance that a visit is
// held is the share of the region's past visits that were, shrunk towards nine of ten as if twenty more had been seen.
// The cards are those planned times the region's yield, blanks used over cards planned in past visits, shrunk towards
// one as if two hundred more had been planned and printed.
func (d *Desk) Ahead(ctx context.Context, who access.Actor, from, until time.Time) (visits []Ahead, err error) {
	if err := who.May(access.ReadOutreach); err != nil {
		return nil, err
	}
	err = postgres.Read(ctx, d.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &visits, `
			WITH kept AS (
				SELECT v.region_id, count(*) FILTER (WHERE v.state IN ('done', 'partial')) AS held,
				       count(*) FILTER (WHERE v.state IN ('done', 'partial', 'missed', 'cancelled')) AS due,
				       sum(v.cards) FILTER (WHERE s.id IS NOT NULL) AS planned, sum((s.counts->>'blanks_used')::bigint) AS used
				FROM visits v
				LEFT JOIN visit_results s ON s.region_id = v.region_id AND s.visit_id = v.id AND s.standing = 'kept' AND v.cards > 0 AND NOT v.record_only
				WHERE v.day < $1::date
				GROUP BY v.region_id
			)
			SELECT t.id AS region_id, v.day, (v.cards * (coalesce(k.used, 0) + 200.0) / (coalesce(k.planned, 0) + 200.0))::float8 AS cards, ((coalesce(k.held, 0) + 18.0) / (coalesce(k.due, 0) + 20.0))::float8 AS held
			FROM visits v
			JOIN regions_today r ON r.id = v.region_id
			JOIN regions_today t ON t.level = 2 AND t.code = left(r.code, 5)
			LEFT JOIN kept k ON k.region_id = v.region_id
			WHERE v.state IN ('proposed', 'confirmed') AND NOT v.record_only AND v.cards > 0 AND v.day >= $1::date AND v.day < $2::date
			ORDER BY t.id, v.day, v.id`, from, until)
	})
	if err != nil {
		return nil, fmt.Errorf("read visits to come: %w", err)
	}
	return visits, nil
}
