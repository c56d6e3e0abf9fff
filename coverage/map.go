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

// GapTile draws the gaps of a level as a Mapbox vector tile: the borders in a layer named after the level, the points of
// all its regions in the level with "-label", which is where those without a border are found. Only regions in reach are
// drawn. The properties are code and name and, where they are known, the numbers of the gap under their names in the list;
// a hidden small count is NAME_below.
func (r *Register) GapTile(ctx context.Context, who access.Actor, f GapFilter, tile maptile.Tile) ([]byte, error) {
	if err := who.May(access.ReadCoverage); err != nil {
		return nil, err
	}
	var met []boundary.Shape
	said := map[string]Gap{}
	err := postgres.Read(ctx, r.db, who, func(tx *sqlx.Tx) (err error) {
		if met, err = boundary.Meeting(ctx, r.db, tx, f.Level, tile); err != nil {
			return err
		}
		codes := make([]string, len(met))
		for i, s := range met {
			codes[i] = s.Code // that of the heir, where the border is of a region that has merged
		}
		gaps, _, err := r.gaps(ctx, tx, who, &f, codes)
		if err != nil {
			return err
		}
		for _, g := range gaps {
			said[g.Region] = g
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	met = slices.DeleteFunc(met, func(s boundary.Shape) bool {
		_, ok := said[s.Code]
		return !ok || f.Region != "" && !region.Under(s.Code, f.Region)
	})
	return boundary.Draw(f.Level.String(), tile, met, func(s boundary.Shape) map[string]any { return said[s.Code].properties() })
}

// properties are the numbers of a gap as a vector tile can hold them.
func (g Gap) properties() map[string]any {
	all := map[string]any{"basis": string(g.Basis), "since": g.Since}
	count := func(name string, n *int64) {
		switch {
		case n != nil:
			all[name] = *n
		case g.hidden.isSmall(name):
			all[name+"_below"] = int64(smallest)
		}
	}
	part := func(name string, p *float64) {
		if p != nil {
			all[name] = *p
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
		all["as_of"] = *said
	}
	if g.Turning != nil {
		all["turning_17"] = g.Turning.People
	}
	return all
}
