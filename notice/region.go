package notice

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/region"
)

// MoveRegion takes the alerts' part in a split or merge. The alerts of a region that goes on stay with it until the next
// night looks again; those of one that has merged are closed, for its heir has its own.
func (a *Alerts) MoveRegion(ctx context.Context, tx *sqlx.Tx, who access.Actor, c region.Change) ([]region.Moved, error) {
	if c.Splits() {
		var open int64
		if err := tx.GetContext(ctx, &open, `SELECT count(*) FROM alerts WHERE region_id = $1 AND state <> 'closed'`, c.From.ID); err != nil {
			return nil, fmt.Errorf("count alerts: %w", err)
		}
		return []region.Moved{{What: "alert", How: "stays", From: c.From.Code, To: c.From.Code, Count: open}}, nil
	}
	result, err := tx.ExecContext(ctx, `
		WITH closed AS (
			UPDATE alerts
			SET state = 'closed', closed_at = $2, closed_by = $3, version = version + 1
			WHERE region_id = $1 AND state <> 'closed'
			RETURNING region_id, id, level, probability)
		INSERT INTO alert_events (region_id, alert_id, event, level, probability, at, actor, note)
		SELECT region_id, id, 'closed', level, probability, $2, $3, $4
		FROM closed`, c.From.ID, c.Now, who.Name, "bergabung ke "+c.Into.Code)
	if err != nil {
		return nil, fmt.Errorf("close alerts: %w", err)
	}
	closed, err := result.RowsAffected()
	return []region.Moved{{What: "alert", How: "closed", From: c.From.Code, To: c.Into.Code, Count: closed}}, err
}
