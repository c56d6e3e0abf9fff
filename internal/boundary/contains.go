package boundary

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/planar"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// Around names the regions of a level whose border goes around a point, as a rule one; none when no border is known
// there. It says nothing of the sea: a border may run along the shore or far out.
func (a *Atlas) Around(ctx context.Context, level region.Level, point orb.Point) (codes []string, err error) {
	err = postgres.Read(ctx, a.db, access.System, func(tx *sqlx.Tx) error {
		codes, err = around(ctx, tx, level, point)
		return err
	})
	return codes, err
}

func around(ctx context.Context, tx *sqlx.Tx, level region.Level, point orb.Point) ([]string, error) {
	var met []Shape
	if err := tx.SelectContext(ctx, &met, meeting+` ORDER BY t.code`, int(level), lastZoom, box(point.Bound())); err != nil {
		return nil, fmt.Errorf("read the borders around a point: %w", err)
	}
	codes := []string{}
	for _, s := range met {
		g, err := wkb.Unmarshal(s.Border)
		if err != nil {
			return nil, fmt.Errorf("decode the border of %s: %w", s.Code, err)
		}
		if shape, ok := g.(orb.MultiPolygon); ok && planar.MultiPolygonContains(shape, point) {
			codes = append(codes, s.Code)
		}
	}
	return codes, nil
}
