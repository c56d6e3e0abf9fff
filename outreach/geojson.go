package outreach

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
)

// FeatureCollection is GeoJSON (RFC 7946).
type FeatureCollection struct {
	Type     string    `json:"type" enum:"FeatureCollection"`
	Features []Feature `json:"features"`
}

// Feature is one thing on a map.
type Feature struct {
	Type       string         `json:"type" enum:"Feature"`
	ID         string         `json:"id"`
	Geometry   Geometry       `json:"geometry"`
	Properties map[string]any `json:"properties"`
}

// Geometry is a point, or a line through points; coordinates are longitude and latitude.
type Geometry struct {
	Type        string `json:"type" enum:"Point,LineString"`
	Coordinates any    `json:"coordinates" doc:"[lon, lat], or a list of them"`
}

func pointOn(lon, lat float64) Geometry {
	return Geometry{Type: "Point", Coordinates: [2]float64{lon, lat}}
}

// mostOnMap is how many sites one map holds.
const mostOnMap = 20_000

// SiteMap gives the active sites of a region, or of the actor's whole reach, as GeoJSON. Beyond mostOnMap it gives the
// first by id; a region narrows it.
func (d *Desk) SiteMap(ctx context.Context, who access.Actor, code string, kind SiteKind) (fc FeatureCollection, err error) {
	if err := who.May(access.ReadOutreach); err != nil {
		return fc, err
	}
	fc = FeatureCollection{Type: "FeatureCollection", Features: []Feature{}}
	var rows []Site
	err = postgres.Read(ctx, d.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &rows, selectSites+fromSites+`
			WHERE s.status = 'active' AND s.lon IS NOT NULL
			  AND ($1 = '' OR r.code = $1 OR r.code LIKE $1 || '.%')
			  AND ($2 = '' OR s.kind = $2)
			ORDER BY s.id
			LIMIT $3`, code, string(kind), mostOnMap)
	})
	if err != nil {
		return fc, fmt.Errorf("read sites for the map: %w", err)
	}
	for _, s := range rows {
		s.finish(who)
		fc.Features = append(fc.Features, Feature{Type: "Feature", ID: fmt.Sprintf("site-%d", s.ID), Geometry: pointOn(*s.Lon, *s.Lat),
			Properties: map[string]any{"site": s.ID, "name": s.Name, "kind": s.Kind, "region": s.Region, "flags": []string(s.Flags), "heads": s.Heads}})
	}
	return fc, nil
}

// PlanMap gives a plan as GeoJSON: a line for each team's day from its depot and back, and a point for each visit in
// its order.
func (d *Desk) PlanMap(ctx context.Context, who access.Actor, id int64) (fc FeatureCollection, err error) {
	p, err := d.Plan(ctx, who, id)
	if err != nil {
		return fc, err
	}
	teams, err := d.teamsOf(ctx, who, p)
	if err != nil {
		return fc, err
	}
	fc = FeatureCollection{Type: "FeatureCollection", Features: []Feature{}}
	for _, day := range p.teamDays() {
		t := teams[day[0].Team]
		line := [][2]float64{}
		if t.DepotLon != nil {
			line = append(line, t.depot())
		}
		for order, v := range day {
			if v.Lon == nil {
				continue
			}
			line = append(line, [2]float64{*v.Lon, *v.Lat})
			fc.Features = append(fc.Features, Feature{Type: "Feature", ID: fmt.Sprintf("visit-%d", v.ID), Geometry: pointOn(*v.Lon, *v.Lat),
				Properties: map[string]any{"visit": v.ID, "site": v.Site, "name": v.SiteName, "kind": v.SiteKind, "team": v.Team, "team_name": v.TeamName,
					"day": v.Day, "order": order + 1, "starts_at": v.Starts, "ends_at": v.Ends, "state": v.State, "expected": v.Expected, "blanks": v.Blanks}})
		}
		if t.DepotLon != nil {
			line = append(line, t.depot())
		}
		if len(line) < 2 {
			continue
		}
		fc.Features = append(fc.Features, Feature{Type: "Feature", ID: fmt.Sprintf("team-%d-%s", t.ID, day[0].Day),
			Geometry:   Geometry{Type: "LineString", Coordinates: line},
			Properties: map[string]any{"team": t.ID, "team_name": t.Name, "day": day[0].Day, "visits": len(day)}})
	}
	return fc, nil
}

// teamDays groups the visits that take place by team and day; they stand in that order.
func (p Plan) teamDays() [][]Visit {
	var days [][]Visit
	for _, v := range p.Visits {
		if v.State == Cancelled || v.State == Missed {
			continue
		}
		if n := len(days); n > 0 && days[n-1][0].Team == v.Team && days[n-1][0].Day == v.Day {
			days[n-1] = append(days[n-1], v)
			continue
		}
		days = append(days, []Visit{v})
	}
	return days
}

// teamsOf reads the teams that go out on a plan.
func (d *Desk) teamsOf(ctx context.Context, who access.Actor, p Plan) (map[int64]Team, error) {
	teams := map[int64]Team{}
	for _, v := range p.Visits {
		if _, ok := teams[v.Team]; ok {
			continue
		}
		t, err := d.Team(ctx, who, v.Team)
		if err != nil {
			return nil, err
		}
		teams[v.Team] = t
	}
	return teams, nil
}
