package inventory

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
)

// DayOfUse is what a kabupaten/kota used of the KTP-el blank on a business date, and how it ended the day. Days without
// a posting have no row.
type DayOfUse struct {
	RegionID int       `db:"region_id"`
	Day      time.Time `db:"day"`
	Used     int64     `db:"used"`    // as MonthUse counts
	Other    int64     `db:"other"`   // change of usable pieces by every other kind of move: what came in less what went on
	Closing  int64     `db:"closing"` // usable pieces at the end of the day
}

// UseByDay lists, by region and day, what was used from a day on until before another. It loads all of the nation.
func (l *Ledger) UseByDay(ctx context.Context, who access.Actor, from, until time.Time) (days []DayOfUse, err error) {
	if err := who.May(access.ReadStock); err != nil {
		return nil, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &days, `
			WITH top AS MATERIALIZED (
				SELECT r.id, t.id AS region_id
				FROM regions_today r
				JOIN regions_today t ON t.level = 2 AND t.code = left(r.code, 5)
				WHERE r.level >= 2
			), change AS (
				SELECT t.region_id, greatest(f.day, $1::date - 1) AS day, sum(f.pieces) AS pieces, coalesce(-sum(f.pieces) FILTER (WHERE f.kind = 'use'), 0) AS used
				FROM flows_inherited f
				JOIN top t ON t.id = f.region_id
				JOIN items i ON i.id = f.item_id AND i.kind = 'ktp'
				WHERE f.day < $2::date
				GROUP BY 1, 2
			), closing AS (
				SELECT region_id, day, used::bigint, (pieces + used)::bigint AS other, (sum(pieces) OVER (PARTITION BY region_id ORDER BY day))::bigint AS closing
				FROM change
			)
			SELECT region_id, day, used, other, closing
			FROM closing
			WHERE day >= $1::date
			ORDER BY 1, 2`, from, until)
	})
	if err != nil {
		return nil, fmt.Errorf("read use by day: %w", err)
	}
	return days, nil
}
