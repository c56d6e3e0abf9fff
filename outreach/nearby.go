package outreach

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"

	"blangko/internal/access"
	"blangko/internal/postgres"
)

// SiteClusters gives the active sites of a region as GeoJSON for a map of that zoom (that of web maps: 0 the world, 18 a
// street): sites that would lie within 64 points of the screen of each other are one feature with their number.
func (d *Desk) SiteClusters(ctx context.Context, who access.Actor, code string, kind SiteKind, zoom int) (fc FeatureCollection, err error) {
	if err := who.May(access.ReadOutreach); err != nil {
		return fc, err
	}
	fc = FeatureCollection{Type: "FeatureCollection", Features: []Feature{}}
	// A tile is 256 points wide, so a quarter of one is 64. Near the equator a degree is as long both ways.
	cell := 360 / math.Exp2(float64(zoom)) / 4
	var rows []struct {
		X, Y     int64
		Sites    int
		Lon, Lat float64
		Site     int64
		Name     string
		Kinds    int
		Kind     SiteKind
	}
	err = postgres.Read(ctx, d.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &rows, `
			SELECT floor(s.lon / $3)::bigint AS x, floor(s.lat / $3)::bigint AS y, count(*) AS sites, avg(s.lon) AS lon, avg(s.lat) AS lat,
				min(s.id) AS site, min(s.name) AS name, count(DISTINCT s.kind) AS kinds, min(s.kind) AS kind
			FROM sites s
			JOIN regions_today r ON r.id = s.region_id
			WHERE s.status = 'active' AND s.lon IS NOT NULL
			  AND ($1 = '' OR r.code = $1 OR r.code LIKE $1 || '.%')
			  AND ($2 = '' OR s.kind = $2)
			GROUP BY 1, 2
			ORDER BY 1, 2
			LIMIT $4`, code, string(kind), cell, mostOnMap)
	})
	if err != nil {
		return fc, fmt.Errorf("cluster sites: %w", err)
	}
	for _, c := range rows {
		facts := map[string]any{"sites": c.Sites}
		if c.Kinds == 1 {
			facts["kind"] = c.Kind
		}
		if c.Sites == 1 {
			facts["site"], facts["name"] = c.Site, c.Name
		}
		fc.Features = append(fc.Features, Feature{Type: "Feature", ID: fmt.Sprintf("cluster-%d-%d-%d", zoom, c.X, c.Y), Geometry: pointOn(c.Lon, c.Lat), Properties: facts})
	}
	return fc, nil
}

// Duplicate is two sites that may be one.
type Duplicate struct {
	Site      int64    `json:"site"`
	Name      string   `json:"name"`
	Kind      SiteKind `json:"kind"`
	Other     int64    `json:"other"`
	OtherName string   `json:"other_name"`
	OtherKind SiteKind `json:"other_kind"`
	Metres    int64    `json:"metres"`
	Likeness  float64  `json:"likeness" doc:"of the names: pairs of letters that both have, of all they have; 1 is the same"`
}

// How near and how alike two sites are that may be one: the same name within 2 km, or much the same within 200 m.
const (
	duplicateMetres = 2_000.0
	besideMetres    = 200.0
	alike           = 0.8
)

// Duplicates lists pairs of active sites that may be one, by name and distance, the likeliest first; not those whose later
// site a person found to be no duplicate.
func (d *Desk) Duplicates(ctx context.Context, who access.Actor, code string) (page postgres.Page[Duplicate], err error) {
	if err := who.May(access.ReadOutreach); err != nil {
		return page, err
	}
	var rows []namedPoint
	err = postgres.Read(ctx, d.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &rows, `
			SELECT s.id, s.name, s.kind, s.lon, s.lat, '`+NearDuplicate+`' = ANY (s.checked) AS apart
			FROM sites s
			JOIN regions_today r ON r.id = s.region_id
			WHERE s.status = 'active' AND s.lon IS NOT NULL
			  AND ($1 = '' OR r.code = $1 OR r.code LIKE $1 || '.%')
			ORDER BY s.id`, code)
	})
	if err != nil {
		return page, fmt.Errorf("look for duplicates: %w", err)
	}
	page.Items = findDuplicates(rows)
	page.Items = page.Items[:min(len(page.Items), 1000)]
	return page, nil
}

type namedPoint struct {
	ID       int64
	Name     string
	Kind     SiteKind
	Lon, Lat float64
	Apart    bool // no duplicate of what was there before
}

func findDuplicates(sites []namedPoint) []Duplicate {
	pairs, cells := []Duplicate{}, map[[2]int][]namedPoint{}
	for _, s := range sites {
		x, y := int(math.Floor(s.Lon/nearDegrees)), int(math.Floor(s.Lat/nearDegrees))
		for dx := -1; dx <= 1; dx++ {
			for dy := -1; dy <= 1; dy++ {
				for _, o := range cells[[2]int{x + dx, y + dy}] {
					metres := geo.DistanceHaversine(orb.Point{s.Lon, s.Lat}, orb.Point{o.Lon, o.Lat})
					if metres > duplicateMetres || s.Apart {
						continue
					}
					like := likeness(o.Name, s.Name)
					if like == 1 || like >= alike && metres <= besideMetres {
						pairs = append(pairs, Duplicate{Site: o.ID, Name: o.Name, Kind: o.Kind, Other: s.ID, OtherName: s.Name, OtherKind: s.Kind,
							Metres: int64(math.Round(metres)), Likeness: math.Round(like*100) / 100})
					}
				}
			}
		}
		cells[[2]int{x, y}] = append(cells[[2]int{x, y}], s)
	}
	slices.SortFunc(pairs, func(a, b Duplicate) int {
		return cmp.Or(cmp.Compare(b.Likeness, a.Likeness), cmp.Compare(a.Metres, b.Metres), cmp.Compare(a.Site, b.Site), cmp.Compare(a.Other, b.Other))
	})
	return pairs
}

// likeness compares two names by the pairs of letters they share (Dice 1945), case, signs and long forms aside. Names
// with different numbers in them are not alike: SMAN 1 is not SMAN 2.
func likeness(a, b string) float64 {
	a, b = plainName(a), plainName(b)
	switch {
	case a == "" || b == "":
		return 0
	case a == b:
		return 1
	case digits(a) != digits(b) || len(a) < 2 || len(b) < 2:
		return 0
	}
	pairs := map[string]int{}
	for i := range len(a) - 1 {
		pairs[a[i:i+2]]++
	}
	shared := 0
	for i := range len(b) - 1 {
		if pairs[b[i:i+2]] > 0 {
			pairs[b[i:i+2]]--
			shared++
		}
	}
	return min(0.99, 2*float64(shared)/float64(len(a)+len(b)-2))
}

func digits(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, name)
}
