package outreach

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/region"
)

// MoveRegion takes outreach's part in a split or merge: none of its rows changes. Sites go with their kecamatan; teams
// and what they have planned stay with the office that sends them, also to sites that go over, and both see the visit.
// After a merge the heir's officers have all of them.
func (d *Desk) MoveRegion(ctx context.Context, tx *sqlx.Tx, _ access.Actor, c region.Change) ([]region.Moved, error) {
	var found []struct {
		What           string
		Here, GoneOver int64
	}
	// The tree is today's already: what went over stands under the new code.
	err := tx.SelectContext(ctx, &found, `
		SELECT 'site' AS what, count(*) FILTER (WHERE s.region_id = $1) AS here,
			count(*) FILTER (WHERE s.region_id <> $1 AND r.code LIKE $2 || '.%') AS goneover
		FROM sites s
		JOIN regions_today r ON r.id = s.region_id
		UNION ALL
		SELECT 'team', count(*), 0
		FROM teams
		WHERE region_id = $1 AND status = 'active'
		UNION ALL
		SELECT 'visit', count(*), 0
		FROM visits
		WHERE region_id = $1 AND state IN ('proposed', 'confirmed', 'under-way')`, c.From.ID, c.Into.Code)
	if err != nil {
		return nil, fmt.Errorf("count sites, teams and visits: %w", err)
	}
	var moved []region.Moved
	for _, f := range found {
		if f.Here > 0 {
			moved = append(moved, region.Moved{What: f.What, How: "stays", From: c.From.Code, To: c.From.Code, Count: f.Here})
		}
		if f.GoneOver > 0 && c.Splits() {
			moved = append(moved, region.Moved{What: f.What, How: "moved", From: c.From.Code, To: c.Into.Code, Count: f.GoneOver})
		}
	}
	return moved, nil
}
