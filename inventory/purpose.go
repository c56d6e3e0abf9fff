package inventory

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
)

// PurposeUse is what a kabupaten/kota, with its service points and teams, used of the KTP-el blank for one purpose in a
// month, less what was reversed.
type PurposeUse struct {
	RegionID int       `db:"region_id"`
	Month    time.Time `db:"month"` // its first day
	Purpose  Purpose   `db:"purpose"`
	Used     int64     `db:"used"`
}

// UseByPurpose lists use by region, month and purpose from a day on until before another. It loads all of the nation.
func (l *Ledger) UseByPurpose(ctx context.Context, who access.Actor, from, until time.Time) (uses []PurposeUse, err error) {
	if err := who.May(access.ReadStock); err != nil {
		return nil, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &uses, `
			WITH top AS MATERIALIZED (
				SELECT r.id, t.id AS region_id
				FROM regions_today r
				JOIN regions_today t ON t.level = 2 AND t.code = left(r.code, 5)
				WHERE r.level >= 2
			), used AS (
				SELECT m.region_id, date_trunc('month', m.business_date)::date AS month, l.purpose, sum(l.pieces) AS used
				FROM moves m
				JOIN move_lines l ON l.region_id = m.region_id AND l.move_id = m.id
				JOIN items i ON i.id = l.item_id AND i.kind = 'ktp'
				WHERE m.kind = 'use' AND m.business_date >= $1::date AND m.business_date < $2::date AND l.purpose IS NOT NULL
				  AND NOT EXISTS (SELECT FROM moves r WHERE r.region_id = m.region_id AND r.reverses = m.id)
				GROUP BY 1, 2, 3
			)
			SELECT t.region_id, u.month, u.purpose, sum(u.used)::bigint AS used
			FROM used u
			JOIN top t ON t.id = u.region_id
			GROUP BY 1, 2, 3
			ORDER BY 1, 2, 3`, from, until)
	})
	if err != nil {
		return nil, fmt.Errorf("read use by purpose: %w", err)
	}
	return uses, nil
}

// WeekdayUse is how much the nation used on the days of the week, Monday first: the mean over days that were no holiday,
// and how many such days there were.
type WeekdayUse struct {
	Weekday int     `db:"weekday"` // 1 for Monday
	Mean    float64 `db:"mean"`
	Days    int     `db:"days"`
}

// UseByWeekday says how use falls on the days of the week, from a day on until before another.
func (l *Ledger) UseByWeekday(ctx context.Context, who access.Actor, from, until time.Time) (week []WeekdayUse, err error) {
	if err := who.May(access.ReadStock); err != nil {
		return nil, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &week, `
			WITH used AS (
				SELECT f.day, -sum(f.pieces) AS used
				FROM flows f
				JOIN items i ON i.id = f.item_id AND i.kind = 'ktp'
				WHERE f.kind = 'use' AND f.day >= $1::date AND f.day < $2::date
				GROUP BY f.day
			)
			SELECT extract(isodow FROM d.day)::int AS weekday, avg(coalesce(u.used, 0))::float8 AS mean, count(*)::int AS days
			FROM generate_series($1::date, $2::date - 1, interval '1 day') d (day)
			LEFT JOIN used u ON u.day = d.day::date
			WHERE NOT EXISTS (SELECT FROM holidays h WHERE h.day = d.day::date)
			GROUP BY 1
			ORDER BY 1`, from, until)
	})
	if err != nil {
		return nil, fmt.Errorf("read use by day of the week: %w", err)
	}
	return week, nil
}
