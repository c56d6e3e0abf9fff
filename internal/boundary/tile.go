package boundary

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// Shape is the border of a region as it is drawn.
type Shape struct {
	RegionID int    `db:"id"`
	Today    int    `db:"today"` // the region that stands for it: its own id, or its heir's
	Code     string `db:"code"`
	Name     string `db:"name"`
	Level    region.Level
	Lon, Lat float64 // a point in it where people live
	Border   []byte  `db:"shape"`
}

// Coarsest is the zoom below which nothing is drawn, and Finest the one from which all is drawn as it came.
const (
	Coarsest = 0
	Finest   = 22
)

// TileOf checks the numbers of a tile.
func TileOf(z, x, y int) (maptile.Tile, error) {
	if z < Coarsest || z > Finest || x < 0 || y < 0 || x >= 1<<z || y >= 1<<z {
		return maptile.Tile{}, ErrTile.With("z", z, "x", x, "y", y)
	}
	return maptile.New(uint32(x), uint32(y), maptile.Zoom(z)), nil
}

// margin is how much wider than the tile its shapes are cut, as a share of it, so that their edges are not drawn.
const margin = 1.0 / 64

// drawnFor is the zoom whose shapes a tile of that zoom shows.
func drawnFor(zoom int) int { return min(max(zoom, firstZoom), lastZoom) }

const meeting = `
	SELECT t.id, coalesce(r.heir_id, r.id) AS today, t.code, t.name, t.level, t.lon, t.lat, s.shape
	FROM boundary_shapes s
	JOIN regions r ON r.id = s.region_id
	JOIN regions_today t ON t.id = s.region_id
	WHERE s.current AND s.level = $1 AND s.zoom = $2 AND s.bounds && $3::box`

// Tile draws the borders of one level that meet a tile, as a Mapbox vector tile. Its layers are named after the level
// and, for labels, after the level with "-label"; each feature has the properties code and name, and the region's own id.
// Borders are public: everybody may ask. No border there is an empty tile.
func (a *Atlas) Tile(ctx context.Context, layer string, tile maptile.Tile) (content []byte, err error) {
	var level region.Level
	if err := level.UnmarshalText([]byte(layer)); err != nil || level == region.Nation {
		return nil, ErrLayer.With("layer", layer, "known", []string{"province", "regency", "district", "village"})
	}
	var met []Shape
	err = postgres.Read(ctx, a.db, access.System, func(tx *sqlx.Tx) error {
		stmt, err := a.db.Prepared(ctx, tx, meeting)
		if err != nil {
			return err
		}
		return stmt.SelectContext(ctx, &met, int(level), drawnFor(int(tile.Z)), box(tile.Bound(margin)))
	})
	if err != nil {
		return nil, fmt.Errorf("read the borders of a tile: %w", err)
	}
	return Draw(layer, tile, met, nil)
}

// meetingOrAt is meeting, and the points of regions that no border was imported of. Where none was imported of the whole level,
// no point is looked after. OFFSET 0 keeps the look to one for each point: the planner thinks of one point, and would read
// every border for each of thousands.
const meetingOrAt = meeting + `
	UNION ALL
	SELECT r.id, r.id, v.code, v.name, v.level, r.lon, r.lat, NULL
	FROM regions r
	JOIN region_versions v ON v.region_id = r.id AND v.valid_to IS NULL
	WHERE r.level = $1 AND r.heir_id IS NULL AND r.lon BETWEEN $4 AND $5 AND r.lat BETWEEN $6 AND $7
	  AND (NOT EXISTS (SELECT FROM boundary_shapes WHERE current AND level = $1 AND zoom = $2)
	    OR NOT EXISTS (SELECT FROM boundary_shapes s WHERE s.region_id = r.id AND s.zoom = $2 AND s.current OFFSET 0))`

// Meeting returns the regions of a level that a tile shows, in the transaction of whoever asks: those whose border meets
// it, and those without a border whose point lies in it.
func Meeting(ctx context.Context, db *postgres.DB, tx *sqlx.Tx, level region.Level, tile maptile.Tile) (met []Shape, err error) {
	stmt, err := db.Prepared(ctx, tx, meetingOrAt)
	if err != nil {
		return nil, err
	}
	in := tile.Bound(margin)
	rows, err := stmt.QueryContext(ctx, int(level), drawnFor(int(tile.Z)), box(in), in.Left(), in.Right(), in.Bottom(), in.Top())
	if err != nil {
		return nil, fmt.Errorf("read the regions of a tile: %w", err)
	}
	defer rows.Close()
	met = make([]Shape, 0, 512)
	for rows.Next() {
		var s Shape // scanned by hand: there are thousands in a tile of the nation
		if err := rows.Scan(&s.RegionID, &s.Today, &s.Code, &s.Name, &s.Level, &s.Lon, &s.Lat, &s.Border); err != nil {
			return nil, fmt.Errorf("read the regions of a tile: %w", err)
		}
		met = append(met, s)
	}
	return met, rows.Err()
}

// Draw writes shapes as a vector tile, each with the properties that more gives beside its code and name. A label has them
// only where there is no border to have them.
func Draw(layer string, tile maptile.Tile, shapes []Shape, more func(Shape, *Layer)) ([]byte, error) {
	bordered := 0
	for _, s := range shapes {
		if s.Border != nil {
			bordered++
		}
	}
	areas, labels := newLayer(layer, bordered), newLayer(layer+"-label", len(shapes))
	say := func(to *Layer, s Shape, all bool) {
		to.Own("code", s.Code)
		to.Own("name", s.Name)
		if all && more != nil {
			more(s, to)
		}
	}
	within, corner := tile.Bound(), orb.Point{float64(tile.X), float64(tile.Y)}
	for _, s := range shapes {
		if s.Border != nil {
			border, err := cut(s, tile)
			if err != nil {
				return nil, err
			}
			if border != nil {
				say(areas, s, true)
				areas.end(s.RegionID, border)
			}
		}
		if point := (orb.Point{s.Lon, s.Lat}); s.Level <= region.Village && within.Contains(point) {
			at := maptile.Fraction(point, tile.Z)
			say(labels, s, s.Border == nil)
			labels.end(s.RegionID, orb.Point{math.Floor((at[0] - corner[0]) * extent), math.Floor((at[1] - corner[1]) * extent)})
		}
	}
	return labels.appendTo(areas.appendTo(nil)), nil
}

// cut is what a tile shows of a border, in the steps of the tile; nil where that is nothing.
func cut(s Shape, tile maptile.Tile) (orb.Geometry, error) {
	border, err := wkb.Unmarshal(s.Border)
	if err != nil {
		return nil, fmt.Errorf("decode the border of %s: %w", s.Code, err)
	}
	l := mvt.Layer{Extent: extent, Features: []*geojson.Feature{geojson.NewFeature(border)}}
	l.Clip(tile.Bound(margin))
	l.ProjectToTile(tile)
	l.RemoveEmpty(1, 1)
	if len(l.Features) == 0 {
		return nil, nil
	}
	clockwise(l.Features[0].Geometry)
	return l.Features[0].Geometry, nil
}

// clockwise turns the rings as vector tiles have them: outer ones with the clock as seen on the screen.
func clockwise(g orb.Geometry) {
	turn := func(p orb.Polygon) {
		for i, ring := range p {
			// On a screen y runs down, so an area above zero runs with the clock.
			if len(ring) > 3 && (ring.Orientation() == orb.CCW) != (i == 0) {
				ring.Reverse()
			}
		}
	}
	switch shape := g.(type) {
	case orb.Polygon:
		turn(shape)
	case orb.MultiPolygon:
		for _, p := range shape {
			turn(p)
		}
	}
}

// Shapes returns how regions are drawn at a zoom, in the transaction of whoever asks; a region without a border comes
// without one, at its point.
func Shapes(ctx context.Context, tx *sqlx.Tx, codes []string, zoom int) (map[string]Shape, error) {
	var found []Shape
	err := tx.SelectContext(ctx, &found, `
		SELECT t.id, t.code, t.name, t.level, t.lon, t.lat, s.shape
		FROM regions_today t
		LEFT JOIN boundary_shapes s ON s.region_id = t.id AND s.current AND s.zoom = $2
		WHERE t.code = ANY ($1)`, pq.Array(codes), drawnFor(zoom))
	if err != nil {
		return nil, fmt.Errorf("read borders: %w", err)
	}
	by := make(map[string]Shape, len(found))
	for _, s := range found {
		if s.Level <= region.Village { // not one that has merged into the region of that code
			by[s.Code] = s
		}
	}
	return by, nil
}

// Geometry is the border as GeoJSON has it, or the region's point where no border was imported.
func (s Shape) Geometry() (orb.Geometry, error) {
	if s.Border == nil {
		return orb.Point{s.Lon, s.Lat}, nil
	}
	g, err := wkb.Unmarshal(s.Border)
	if err != nil {
		return nil, fmt.Errorf("decode the border of %s: %w", s.Code, err)
	}
	if shape, ok := g.(orb.MultiPolygon); ok && len(shape) == 1 {
		return shape[0], nil
	}
	return g, nil
}

// Map is GeoJSON (RFC 7946), longitude before latitude.
type Map struct {
	Type     string   `json:"type" enum:"FeatureCollection"`
	Features []Mapped `json:"features"`
}

// Mapped is a region with what is said of it.
type Mapped struct {
	Type       string         `json:"type" enum:"Feature"`
	ID         int            `json:"id"`
	Geometry   any            `json:"geometry" doc:"a Polygon or MultiPolygon; a Point where no border was imported"`
	Properties map[string]any `json:"properties"`
}

// Collect makes GeoJSON of shapes in order of code.
func Collect(shapes map[string]Shape, say func(Shape) map[string]any) (Map, error) {
	c := Map{Type: "FeatureCollection", Features: []Mapped{}}
	codes := make([]string, 0, len(shapes))
	for code := range shapes {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for _, code := range codes {
		s := shapes[code]
		g, err := s.Geometry()
		if err != nil {
			return c, err
		}
		c.Features = append(c.Features, Mapped{Type: "Feature", ID: s.RegionID, Geometry: geojson.NewGeometry(g), Properties: say(s)})
	}
	return c, nil
}
