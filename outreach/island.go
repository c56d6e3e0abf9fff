package outreach

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/paulmach/orb"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// NewIsland is what is said of an island, entered by hand: maps know neither boats nor their hours.
type NewIsland struct {
	Region     string    `json:"region" maxLength:"13" doc:"official code of the regency, or of the kecamatan that is the island: then all its sites lie on it that name no other"`
	Name       string    `json:"name" minLength:"1" maxLength:"200"`
	PortLon    float64   `json:"port_lon" doc:"where the boat leaves on this side"`
	PortLat    float64   `json:"port_lat"`
	LandingLon float64   `json:"landing_lon" doc:"where it lands on the island"`
	LandingLat float64   `json:"landing_lat"`
	Crossing   int       `json:"crossing_minutes" minimum:"1" maximum:"10080" doc:"one way, with boarding"`
	Openings   []Opening `json:"openings" minItems:"1" maxItems:"100" doc:"from the first boat out to the last boat back, as left from either side"`
	Note       string    `json:"note,omitempty" maxLength:"500"`
}

// Island is a place behind a crossing.
type Island struct {
	ID       int64  `json:"id" db:"id"`
	RegionID int    `json:"-" db:"region_id"`
	Version  int64  `json:"version" db:"version"`
	Region   string `json:"region" db:"region"`
	NewIsland
	OpenDoc document[[]Opening] `json:"-" db:"openings"`
}

// CurrentVersion is the version that a change must name.
func (i Island) CurrentVersion() int64 { return i.Version }

func (i Island) port() orb.Point    { return orb.Point{i.PortLon, i.PortLat} }
func (i Island) landing() orb.Point { return orb.Point{i.LandingLon, i.LandingLat} }

func (n NewIsland) check() error {
	var wrong fault.Fields
	checkPoint(&n.PortLon, &n.PortLat, "body.port", &wrong)
	checkPoint(&n.LandingLon, &n.LandingLat, "body.landing", &wrong)
	checkOpenings(n.Openings, "body.openings", &wrong)
	return wrong.Err()
}

const selectIslands = `
	SELECT i.id, i.region_id, r.code AS region, i.name, i.port_lon AS portlon, i.port_lat AS portlat, i.landing_lon AS landinglon,
		i.landing_lat AS landinglat, i.crossing_minutes AS crossing, i.openings, i.note, i.version
	FROM islands i
	JOIN regions_today r ON r.id = i.region_id`

func readIslands(ctx context.Context, tx *sqlx.Tx, where string, args ...any) ([]Island, error) {
	found := []Island{}
	if err := tx.SelectContext(ctx, &found, selectIslands+where, args...); err != nil {
		return nil, fmt.Errorf("read islands: %w", err)
	}
	for i := range found {
		found[i].Openings = found[i].OpenDoc.V
		found[i].NewIsland.Region = found[i].Region
	}
	return found, nil
}

// Islands lists the islands in reach by name.
func (d *Desk) Islands(ctx context.Context, who access.Actor) (page postgres.Page[Island], err error) {
	if err := who.May(access.ReadOutreach); err != nil {
		return page, err
	}
	err = postgres.Read(ctx, d.db, who, func(tx *sqlx.Tx) error {
		page.Items, err = readIslands(ctx, tx, ` ORDER BY r.code, i.name`)
		return err
	})
	return page, err
}

// AddIsland enters an island.
func (d *Desk) AddIsland(ctx context.Context, who access.Actor, n NewIsland) (Island, error) {
	return d.saveIsland(ctx, who, 0, 0, n)
}

// ChangeIsland replaces what is said of an island.
func (d *Desk) ChangeIsland(ctx context.Context, who access.Actor, id, version int64, n NewIsland) (Island, error) {
	return d.saveIsland(ctx, who, id, version, n)
}

func (d *Desk) saveIsland(ctx context.Context, who access.Actor, id, version int64, n NewIsland) (Island, error) {
	if err := who.May(access.ManageSites); err != nil {
		return Island{}, err
	}
	if err := n.check(); err != nil {
		return Island{}, err
	}
	return postgres.Once(ctx, d.db, who, func(tx *sqlx.Tx) (Island, error) {
		where, err := d.regionOf(ctx, tx, n.Region)
		if err != nil {
			return Island{}, err
		}
		var was any
		if id != 0 {
			found, err := readIslands(ctx, tx, ` WHERE i.id = $1 FOR UPDATE OF i`, id)
			if err != nil {
				return Island{}, err
			}
			if len(found) == 0 {
				return Island{}, ErrIslandUnknown.With("island", id)
			}
			if err := postgres.CheckVersion(version, found[0].Version); err != nil {
				return Island{}, err
			}
			was = found[0]
			_, err = tx.ExecContext(ctx, `
				UPDATE islands
				SET region_id = $2, name = $3, port_lon = $4, port_lat = $5, landing_lon = $6, landing_lat = $7, crossing_minutes = $8,
					openings = $9, note = $10, version = version + 1
				WHERE id = $1`, id, where.ID, n.Name, n.PortLon, n.PortLat, n.LandingLon, n.LandingLat, n.Crossing, document[[]Opening]{n.Openings}, n.Note)
			if err != nil {
				return Island{}, islandFault(err, n)
			}
		} else if err := tx.GetContext(ctx, &id, `
				INSERT INTO islands (region_id, name, port_lon, port_lat, landing_lon, landing_lat, crossing_minutes, openings, note)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
				RETURNING id`, where.ID, n.Name, n.PortLon, n.PortLat, n.LandingLon, n.LandingLat, n.Crossing, document[[]Opening]{n.Openings}, n.Note); err != nil {
			return Island{}, islandFault(err, n)
		}
		found, err := readIslands(ctx, tx, ` WHERE i.id = $1`, id)
		if err != nil {
			return Island{}, err
		}
		return found[0], postgres.Audit(ctx, tx, who, where.ID, "islands.save", "island", id, was, found[0])
	})
}

func islandFault(err error, n NewIsland) error {
	if postgres.Violates(err, "islands_name_unique") {
		return ErrNameTaken.With("name", n.Name)
	}
	return fmt.Errorf("save island: %w", err)
}

// islandInReach returns ErrIslandUnknown unless the island of that id is in reach; 0 is no island.
func islandInReach(ctx context.Context, tx *sqlx.Tx, id int64) error {
	if id == 0 {
		return nil
	}
	var found []int64
	if err := tx.SelectContext(ctx, &found, `SELECT id FROM islands WHERE id = $1`, id); err != nil {
		return fmt.Errorf("look for island %d: %w", id, err)
	}
	if len(found) == 0 {
		return ErrIslandUnknown.With("island", id)
	}
	return nil
}
