package boundary

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// Boundary tells of a border that is kept.
type Boundary struct {
	Region    string       `json:"region" db:"code"`
	Name      string       `json:"name" db:"name"`
	Level     region.Level `json:"level" db:"level" enum:"nation,province,regency,district,village"`
	Points    int          `json:"points" db:"points"`
	Import    int64        `json:"import" db:"import_id" doc:"the import it came with"`
	ChangedAt time.Time    `json:"changed_at" db:"changed_at"`
}

// Filter chooses borders; the zero filter takes all in reach.
type Filter struct {
	Region string        // code; with everything below it
	Level  *region.Level // of one level
	postgres.Paging
}

// Boundaries lists the borders that are kept of regions in reach, by code.
func (a *Atlas) Boundaries(ctx context.Context, who access.Actor, f Filter) (page postgres.Page[Boundary], err error) {
	if err := who.May(access.ReadRegions); err != nil {
		return page, err
	}
	type byCode struct {
		Code string `json:"border"`
	}
	var after byCode
	limit, err := f.Resume(&after)
	if err != nil {
		return page, err
	}
	err = postgres.Read(ctx, a.db, who, func(tx *sqlx.Tx) error {
		if err := a.known(ctx, tx, f.Region); err != nil {
			return err
		}
		var found []Boundary
		err := tx.SelectContext(ctx, &found, `
			SELECT t.code, t.name, t.level, b.points, b.import_id, b.changed_at
			FROM boundaries b
			JOIN regions_today t ON t.id = b.region_id
			WHERE b.current
			  AND t.level <= 4
			  AND t.code > $1
			  AND ($2 IN ('', '00') OR t.code = $2 OR t.code LIKE $2 || '.%')
			  AND ($3::smallint IS NULL OR t.level = $3)
			ORDER BY t.code
			LIMIT $4`, after.Code, f.Region, f.Level, limit)
		if err != nil {
			return fmt.Errorf("read boundaries: %w", err)
		}
		page, err = postgres.NewPage(f.Paging, found, func(b Boundary) byCode { return byCode{b.Region} })
		return err
	})
	return page, err
}

func (a *Atlas) known(ctx context.Context, tx *sqlx.Tx, code string) error {
	if code == "" {
		return nil
	}
	_, err := region.ByCode(ctx, tx, code, region.Today(region.WIB, a.now()))
	return err
}

// GeoJSON gives the borders of a level under a region as they are drawn at a zoom. A region of which no border was
// imported is a point.
func (a *Atlas) GeoJSON(ctx context.Context, who access.Actor, code string, level region.Level, zoom int) (c Map, err error) {
	if err := who.May(access.ReadRegions); err != nil {
		return c, err
	}
	err = postgres.Read(ctx, a.db, who, func(tx *sqlx.Tx) error {
		if err := a.known(ctx, tx, code); err != nil {
			return err
		}
		var codes []string
		err := tx.SelectContext(ctx, &codes, `
			SELECT code
			FROM regions_today
			WHERE level = $1 AND ($2 IN ('', '00') OR code = $2 OR code LIKE $2 || '.%')`, int(level), code)
		if err != nil {
			return fmt.Errorf("read regions: %w", err)
		}
		shapes, err := Shapes(ctx, tx, codes, zoom)
		if err != nil {
			return err
		}
		c, err = Collect(shapes, func(s Shape) map[string]any { return map[string]any{"code": s.Code, "name": s.Name} })
		return err
	})
	return c, err
}
