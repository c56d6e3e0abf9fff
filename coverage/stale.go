package coverage

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// Review opens a finding about the last figure of every series of a region of today that nothing newer followed for as
// long as a setting says, and closes it where that is no longer so. It returns how many were opened and closed.
func (r *Register) Review(ctx context.Context, who access.Actor) (opened, closed int64, err error) {
	if err := who.May(access.RecordFigures); err != nil {
		return 0, 0, err
	}
	today := region.Today(region.WIB, r.now())
	err = postgres.Write(ctx, r.db, who, func(tx *sqlx.Tx) error {
		days, err := staleDays.Read(ctx, tx)
		if err != nil {
			return err
		}
		// The facts hold no day of today: a finding that somebody has acknowledged stays so.
		result, err := tx.ExecContext(ctx, `
			INSERT INTO findings (region_id, figure_id, rule, facts, found_at)
			SELECT region_id, id, 'stale', jsonb_build_object('as_of', as_of, 'days', $2::int), $3
			FROM (
				SELECT DISTINCT ON (f.region_id, f.subject, f.scope, f.people_group) f.region_id, f.id, f.last,
					left(f.as_of::text, CASE f.precision WHEN 'year' THEN 4 WHEN 'month' THEN 7 ELSE 10 END) AS as_of
				FROM (SELECT g.*, `+lastDay("g")+` AS last FROM figures g WHERE g.status <> 'draft') f
				JOIN regions_today t ON t.id = f.region_id AND t.level <= 4
				ORDER BY f.region_id, f.subject, f.scope, f.people_group, f.last DESC, f.id DESC) f
			WHERE last < $1::date - $2::int
			ORDER BY id
			ON CONFLICT ON CONSTRAINT findings_once DO UPDATE
			SET facts = excluded.facts, state = 'open', settled_by = NULL, settled_at = NULL, reason = '', found_at = excluded.found_at,
				version = findings.version + 1
			WHERE findings.state = 'corrected'`, today, days, r.now())
		if err != nil {
			return fmt.Errorf("find what is stale: %w", err)
		}
		if opened, err = result.RowsAffected(); err != nil {
			return err
		}
		result, err = tx.ExecContext(ctx, `
			UPDATE findings d
			SET state = 'corrected', settled_by = $3, settled_at = $4, version = d.version + 1
			FROM figures f
			WHERE d.rule = 'stale' AND d.state <> 'corrected' AND f.region_id = d.region_id AND f.id = d.figure_id
			  AND (`+lastDay("f")+` >= $1::date - $2::int OR `+followed+`)`, today, days, who.Name, r.now())
		if err != nil {
			return fmt.Errorf("close what is stale no more: %w", err)
		}
		closed, err = result.RowsAffected()
		return err
	})
	return opened, closed, err
}

// followed holds of a figure f after which a newer one of its series was reported.
var followed = `EXISTS (
	SELECT FROM figures n
	WHERE n.region_id = f.region_id AND n.subject = f.subject AND n.scope = f.scope AND n.people_group = f.people_group
	  AND n.status <> 'draft' AND (` + lastDay("n") + `, n.id) > (` + lastDay("f") + `, f.id))`

// refresh closes the stale findings of figures of these regions that something newer has followed.
func refresh(ctx context.Context, tx *sqlx.Tx, who access.Actor, now time.Time, regions []int64) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE findings d
		SET state = 'corrected', settled_by = $2, settled_at = $3, version = d.version + 1
		FROM figures f
		WHERE d.rule = 'stale' AND d.state <> 'corrected' AND d.region_id = ANY ($1) AND f.region_id = d.region_id AND f.id = d.figure_id
		  AND `+followed, pq.Array(regions), who.Name, now)
	if err != nil {
		return fmt.Errorf("close what is stale no more: %w", err)
	}
	return nil
}
