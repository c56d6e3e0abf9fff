// Package boundary keeps what the map gets from outside, villages and the borders of regions, and draws it.
//
// Borders come as GeoJSON or TopoJSON keyed by official codes; the product brings none. They are drawn
// coarser for each zoom of a map along shared lines, so that neighbours still touch, and served as vector tiles. A
// border is a line on a map, not a legal one, and nothing is refused because a point lies outside of it.
package boundary

import (
	"time"

	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// Faults of a file of borders as a whole, and of what is asked of the map.
var (
	ErrNotBorders = fault.New(fault.Invalid, "file-not-borders")   // reason: what cannot be read, and where
	ErrManyPoints = fault.New(fault.Invalid, "too-many-points")    // most
	ErrTile       = fault.New(fault.Invalid, "tile-unknown")       // z, x, y
	ErrLayer      = fault.New(fault.Invalid, "tile-layer-unknown") // layer, known
)

// Atlas keeps borders.
type Atlas struct {
	db  *postgres.DB
	now func() time.Time
}

// NewAtlas returns the atlas in db; now tells the instant of what is recorded.
func NewAtlas(db *postgres.DB, now func() time.Time) *Atlas {
	return &Atlas{db: db, now: now}
}
