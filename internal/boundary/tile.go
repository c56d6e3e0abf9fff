package boundary

import (
	"context"
	"fmt"
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
	SELECT t.id, t.code, t.name, t.level, t.lon, t.lat, s.shape
	FROM boundary_shapes s
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

// meetingOrAt is meeting, and the points of regions that no border was imported of.
const meetingOrAt = meeting + `
	UNION ALL
	SELECT t.id, t.code, t.name, t.level, t.lon, t.lat, NULL
	FROM regions_today t
	WHERE t.level = $1 AND point(t.lon, t.lat) <@ $3::box
	  AND NOT EXISTS (SELECT FROM boundary_shapes s WHERE s.current AND s.level = $1 AND s.zoom = $2 AND s.region_id = t.id)`

// Meeting returns the regions of a level that a tile shows, in the transaction of whoever asks: those whose border meets
// it, and those without a border whose point lies in it.
func Meeting(ctx context.Context, db *postgres.DB, tx *sqlx.Tx, level region.Level, tile maptile.Tile) (met []Shape, err error) {
	stmt, err := db.Prepared(ctx, tx, meetingOrAt)
	if err != nil {
		return nil, err
	}
	if err := stmt.SelectContext(ctx, &met, int(level), drawnFor(int(tile.Z)), box(tile.Bound(margin))); err != nil {
		return nil, fmt.Errorf("read the regions of a tile: %w", err)
	}
	return met, nil
}

// Draw writes shapes as a vector tile, each with the properties that more gives beside its code and name. A label has them
// only where there is no border to have them.
func Draw(layer string, tile maptile.Tile, shapes []Shape, more func(Shape) map[string]any) ([]byte, error) {
	areas, labels := geojson.NewFeatureCollection(), geojson.NewFeatureCollection()
	for _, s := range shapes {
		label := geojson.Properties{"code": s.Code, "name": s.Name}
		said := label
		if more != nil {
			said = geojson.Properties(more(s))
			said["code"], said["name"] = s.Code, s.Name
		}
		if s.Border != nil {
			border, err := wkb.Unmarshal(s.Border)
			if err != nil {
				return nil, fmt.Errorf("decode the border of %s: %w", s.Code, err)
			}
			areas.Append(feature(s, border, said))
		} else {
			label = said
		}
		if point := (orb.Point{s.Lon, s.Lat}); s.Level <= region.Village && tile.Bound().Contains(point) {
			labels.Append(feature(s, point, label))
		}
	}
	layers := mvt.Layers{mvt.NewLayer(layer, areas), mvt.NewLayer(layer+"-label", labels)}
	for _, l := range layers {
		l.Version = 2
	}
	layers.Clip(tile.Bound(margin))
	layers.ProjectToTile(tile)
	layers.RemoveEmpty(1, 1)
	for _, f := range areas.Features {
		clockwise(f.Geometry)
	}
	return mvt.Marshal(layers)
}

func feature(s Shape, g orb.Geometry, said geojson.Properties) *geojson.Feature {
	f := geojson.NewFeature(g)
	f.ID, f.Properties = s.RegionID, said
	return f
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
