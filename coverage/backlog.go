package coverage

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
)

// Backlog is how many recorded people of a kabupaten/kota waited for a card on a day (print-ready records, PRR).
type Backlog struct {
	RegionID   int       `db:"region_id"`
	Day        time.Time `db:"as_of"`
	PrintReady int64     `db:"print_ready"`
}

// Backlogs lists what is known of print-ready records since a day, by region and day; of several figures of a day the
// last recorded counts.
func (r *Register) Backlogs(ctx context.Context, who access.Actor, since time.Time) (backlogs []Backlog, err error) {
	if err := who.May(access.ReadCoverage); err != nil {
		return nil, err
	}
	err = postgres.Read(ctx, r.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &backlogs, `
			SELECT DISTINCT ON (f.region_id, f.as_of) f.region_id, f.as_of, f.print_ready
			FROM figures f
			JOIN regions g ON g.id = f.region_id AND g.level = 2
			WHERE f.print_ready IS NOT NULL AND f.status <> 'draft' AND f.precision = 'day' AND f.people_group = '' AND f.as_of >= $1::date
			ORDER BY f.region_id, f.as_of, f.id DESC`, since)
	})
	if err != nil {
		return nil, fmt.Errorf("read print-ready records: %w", err)
	}
	return backlogs, nil
}

// Latest gives the last version of the last population release of every kabupaten/kota in reach, by region.
func (r *Register) Latest(ctx context.Context, who access.Actor) (latest map[int]Population, err error) {
	if err := who.May(access.ReadCoverage); err != nil {
		return nil, err
	}
	err = postgres.Read(ctx, r.db, who, func(tx *sqlx.Tx) error {
		var regencies []int64
		if err := tx.SelectContext(ctx, &regencies, `SELECT id FROM regions WHERE level = 2`); err != nil {
			return fmt.Errorf("read regencies: %w", err)
		}
		latest, err = latestPopulations(ctx, tx, regencies)
		return err
	})
	return latest, err
}
