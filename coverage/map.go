package coverage

import (
	"context"
	"slices"

	"github.com/jmoiron/sqlx"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"

	"blangko/internal/access"
	"blangko/internal/boundary"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// GapMap is GeoJSON (RFC 7946) of a list of gaps, with the sums of the list.
type GapMap struct {
	Type     string       `json:"type" enum:"FeatureCollection"`
	Features []GapFeature `json:"features" doc:"by code"`
	Subject  Subject      `json:"subject"`
	Scope    string       `json:"scope"`
	Totals   GapTotals    `json:"totals"`
}

// GapFeature is a region on the map with its gap.
type GapFeature struct {
	Type       string `json:"type" enum:"Feature"`
	ID         int    `json:"id"`
	Geometry   any    `json:"geometry" doc:"a Polygon or MultiPolygon; a Point where no border was imported"`
	Properties Gap    `json:"properties"`
}

// mostMapped bounds a map: every kecamatan of the nation, and no more.
const mostMapped = 10_000

// GapMap draws the regions of a list of gaps, as finely as a map of that zoom shows them. It tells what the list tells and
// hides what it hides.
func (r *Register) GapMap(ctx context.Context, who access.Actor, f GapFilter, zoom int) (m GapMap, err error) {
	if err := who.May(access.ReadCoverage); err != nil {
		return m, err
	}
	f.Sort = ByRegion
	err = postgres.Read(ctx, r.db, who, func(tx *sqlx.Tx) error {
		gaps, totals, err := r.gaps(ctx, tx, who, &f, nil)
		if err != nil {
			return err
		}
		if len(gaps) > mostMapped {
			return ErrMapTooLarge.With("regions", len(gaps), "most", mostMapped)
		}
		gaps = inOrder(gaps, f.Sort)
		if err := dress(ctx, tx, gaps); err != nil {
			return err
		}
		m = GapMap{Type: "FeatureCollection", Features: make([]GapFeature, 0, len(gaps)), Subject: f.Subject, Scope: f.Scope, Totals: totals}
		codes := make([]string, len(gaps))
		for i, g := range gaps {
			codes[i] = g.Region
		}
		shapes, err := boundary.Shapes(ctx, tx, codes, zoom)
		if err != nil {
			return err
		}
		for _, g := range gaps {
			drawn, err := shapes[g.Region].Geometry()
			if err != nil {
				return err
			}
			m.Features = append(m.Features, GapFeature{Type: "Feature", ID: shapes[g.Region].RegionID, Geometry: geojson.NewGeometry(drawn), Properties: g})
		}
		return nil
	})
	return m, err
}

// leastZoom is from where on the regions of a level can be told apart: some hundreds on a tile, at most some thousands.
var leastZoom = map[region.Level]maptile.Zoom{region.District: 5, region.Village: 9}

// GapTile draws the gaps of a level as a Mapbox vector tile: the borders in a layer named after the level, the points of
// all its regions in the level with "-label", which is where those without a border are found. Only regions in reach are
// drawn. The properties are code and name and, where they are known, the numbers of the gap under their names in the list;
// a hidden small count is NAME_below. Below its least zoom a level has no regions on a tile: they would lie on one another.
func (r *Register) GapTile(ctx context.Context, who access.Actor, f GapFilter, tile maptile.Tile) ([]byte, error) {
	if err := who.May(access.ReadCoverage); err != nil {
		return nil, err
	}
	if tile.Z < leastZoom[f.Level] {
		return boundary.Draw(f.Level.String(), tile, nil, nil)
	}
	var met []boundary.Shape
	said := map[int]*Gap{} // by the region of today: the border may be of one that has merged
	err := postgres.Read(ctx, r.db, who, func(tx *sqlx.Tx) (err error) {
		if met, err = boundary.Meeting(ctx, r.db, tx, f.Level, tile); err != nil {
			return err
		}
		met = slices.DeleteFunc(met, func(s boundary.Shape) bool { return f.Region != "" && !region.Under(s.Code, f.Region) })
		regions := &only{}
		for _, s := range met {
			if _, twice := said[s.Today]; !twice {
				said[s.Today] = nil
				regions.ids, regions.codes = append(regions.ids, int64(s.Today)), append(regions.codes, s.Code)
			}
		}
		gaps, _, err := r.gaps(ctx, tx, who, &f, regions)
		if err != nil {
			return err
		}
		for i := range gaps {
			said[gaps[i].regionID] = &gaps[i]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return boundary.Draw(f.Level.String(), tile, met, func(s boundary.Shape, to *boundary.Layer) { said[s.Today].say(to) })
}

// say writes the numbers of a gap as a vector tile can hold them.
func (g *Gap) say(to *boundary.Layer) {
	to.Text("basis", string(g.Basis))
	to.Count("since", g.Since)
	count := func(name string, n *int64) {
		switch {
		case n != nil:
			to.Count(name, *n)
		case g.hidden.isSmall(name):
			to.Count(name+"_below", smallest)
		}
	}
	part := func(name string, p *float64) {
		if p != nil {
			to.Number(name, *p)
		}
	}
	count("people", g.People)
	count("have", g.Have)
	count("lack", g.Lack)
	count("remaining", g.Remaining)
	part("percent", g.Percent)
	part("percent_live", g.Live)
	part("target", g.Target)
	part("achievement", g.Achievement)
	if said := g.said(); said != nil {
		to.Text("as_of", *said)
	}
	if g.Turning != nil {
		to.Count("turning_17", g.Turning.People)
	}
}
