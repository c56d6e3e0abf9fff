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

// Birthdays is how many turn 17 in a region in a month, as the last release that speaks of it says.
type Birthdays struct {
	RegionID int       `db:"region_id"`
	Month    time.Time `db:"month"` // its first day
	People   int64     `db:"people"`
}

// Birthdays lists the 17th birthdays of every kabupaten/kota in reach that any release speaks of since a day.
func (r *Register) Birthdays(ctx context.Context, who access.Actor, since time.Time) (birthdays []Birthdays, err error) {
	if err := who.May(access.ReadCoverage); err != nil {
		return nil, err
	}
	err = postgres.Read(ctx, r.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &birthdays, `
			SELECT DISTINCT ON (p.region_id, month) p.region_id, (date_trunc('month', p.as_of + 1) + (t.i - 1) * interval '1 month')::date AS month, t.people
			FROM populations p
			JOIN regions g ON g.id = p.region_id AND g.level = 2
			CROSS JOIN LATERAL unnest(p.turning_17) WITH ORDINALITY t (people, i)
			WHERE p.as_of >= $1::date - 366
			ORDER BY p.region_id, month, p.as_of DESC, p.version DESC`, since)
	})
	if err != nil {
		return nil, fmt.Errorf("read 17th birthdays: %w", err)
	}
	return birthdays, nil
}

// Share is what part of the people of a region has a document on a day.
type Share struct {
	RegionID int       `db:"region_id"`
	Day      time.Time `db:"as_of"`
	Share    float64   `db:"share"` // 0 to 1
}

// DigitalIDs lists what part of the eligible has activated the digital identity (IKD), by region and day: of every
// kabupaten/kota and province in reach, and of the nation, as figures since a day say.
func (r *Register) DigitalIDs(ctx context.Context, who access.Actor, since time.Time) (shares []Share, err error) {
	if err := who.May(access.ReadCoverage); err != nil {
		return nil, err
	}
	err = postgres.Read(ctx, r.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &shares, `
			SELECT DISTINCT ON (f.region_id, f.as_of) f.region_id, f.as_of,
			       least(1, coalesce(f.have::float8 / nullif(f.people, 0), f.percent::float8 / 100)) AS share
			FROM figures f
			JOIN regions g ON g.id = f.region_id AND g.level <= 2
			WHERE f.subject = 'digital-id' AND f.status <> 'draft' AND f.people_group = '' AND f.as_of >= $1::date
			  AND coalesce(f.have::float8 / nullif(f.people, 0), f.percent::float8 / 100) IS NOT NULL
			ORDER BY f.region_id, f.as_of, f.id DESC`, since)
	})
	if err != nil {
		return nil, fmt.Errorf("read shares of the digital identity: %w", err)
	}
	return shares, nil
}
