package outreach

import (
	"context"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/paulmach/orb"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// NewTeam is what is said of a team.
type NewTeam struct {
	Region    string   `json:"region" maxLength:"13" doc:"official code of the regency"`
	Name      string   `json:"name" minLength:"1" maxLength:"200"`
	DepotLon  *float64 `json:"depot_lon,omitempty" doc:"where its days start and end; a team without a depot is refused at planning"`
	DepotLat  *float64 `json:"depot_lat,omitempty"`
	Island    int64    `json:"island,omitempty" doc:"id of the island where it stays, when it does"`
	Members   int      `json:"members" minimum:"1" maximum:"100"`
	Sets      int      `json:"sets" minimum:"1" maximum:"50" doc:"enrolment sets"`
	Pace      int      `json:"pace,omitempty" minimum:"1" maximum:"60" default:"10" doc:"people that a set serves in an hour"`
	Opens     string   `json:"shift_opens,omitempty" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" default:"07:30"`
	Closes    string   `json:"shift_closes,omitempty" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" default:"16:00"`
	Weekdays  []int    `json:"weekdays,omitempty" maxItems:"7" doc:"1 Monday to 7 Sunday; empty for Monday to Friday"`
	Break     int      `json:"break_minutes,omitempty" minimum:"0" maximum:"180" doc:"taken between 11:30 and 13:30"`
	MaxTravel int      `json:"travel_minutes,omitempty" minimum:"0" maximum:"1440" doc:"on the road a day at most; 0 for no limit"`
	Work      int      `json:"work_minutes,omitempty" minimum:"0" maximum:"1440" doc:"from leaving the depot to being back, at most; 0 for no limit but the shift"`
	Ribbons   int      `json:"ribbons,omitempty" minimum:"0" maximum:"1000" doc:"carried a day, 500 cards each; 0 for no limit"`
	Blanks    int      `json:"blanks,omitempty" minimum:"0" maximum:"100000" doc:"carried a day at most; 0 for no limit"`
	Equipment []string `json:"equipment,omitempty" maxItems:"10" doc:"what sites may ask for: stairs, wheelchair, boat, permit, generator, satellite, female-officer"`
	Status    string   `json:"status,omitempty" enum:"active,closed" default:"active"`
	Synthetic bool     `json:"-"`
}

// Team is who goes out.
type Team struct {
	ID        int64          `json:"id" db:"id"`
	Region    string         `json:"region" db:"region"`
	RegionID  int            `json:"-" db:"region_id"`
	Name      string         `json:"name" db:"name"`
	DepotLon  *float64       `json:"depot_lon" db:"depot_lon"`
	DepotLat  *float64       `json:"depot_lat" db:"depot_lat"`
	Island    *int64         `json:"island" db:"island_id"`
	Members   int            `json:"members" db:"members"`
	Sets      int            `json:"sets" db:"sets"`
	Pace      int            `json:"pace" db:"pace"`
	Opens     string         `json:"shift_opens" db:"shift_opens"`
	Closes    string         `json:"shift_closes" db:"shift_closes"`
	Weekdays  pq.Int64Array  `json:"weekdays" db:"weekdays"`
	Break     int            `json:"break_minutes" db:"break_minutes"`
	MaxTravel int            `json:"travel_minutes" db:"travel_minutes"`
	Work      int            `json:"work_minutes" db:"work_minutes"`
	Blanks    int            `json:"blanks" db:"blanks"`
	Ribbons   int            `json:"ribbons" db:"ribbons"`
	Equipment pq.StringArray `json:"equipment" db:"equipment"`
	Place     *int           `json:"place" db:"place_id" doc:"id of the place where the blanks in its hands are booked"`
	Status    string         `json:"status" db:"status" enum:"active,closed"`
	Synthetic bool           `json:"synthetic" db:"synthetic"`
	Version   int64          `json:"version" db:"version"`
}

// CurrentVersion is the version that a change must name.
func (t Team) CurrentVersion() int64 { return t.Version }

func (t Team) depot() orb.Point { return orb.Point{*t.DepotLon, *t.DepotLat} }

const selectTeams = `
	SELECT t.id, t.region_id, r.code AS region, t.name, t.depot_lon, t.depot_lat, t.island_id, t.members, t.sets, t.pace, t.shift_opens,
		t.shift_closes, t.weekdays, t.break_minutes, t.travel_minutes, t.work_minutes, t.blanks, t.ribbons, t.equipment, t.place_id, t.status, t.synthetic, t.version
	FROM teams t
	JOIN regions_today r ON r.id = t.region_id`

// Teams lists the teams in reach in order of id.
func (d *Desk) Teams(ctx context.Context, who access.Actor, code string, paging postgres.Paging) (page postgres.Page[Team], err error) {
	if err := who.May(access.ReadOutreach); err != nil {
		return page, err
	}
	type byID struct {
		Team int64 `json:"team"`
	}
	var after byID
	limit, err := paging.Resume(&after)
	if err != nil {
		return page, err
	}
	var rows []Team
	err = postgres.Read(ctx, d.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &rows, selectTeams+`
			WHERE t.id > $1 AND ($2 = '' OR r.code = $2 OR r.code LIKE $2 || '.%')
			ORDER BY t.id
			LIMIT $3`, after.Team, code, limit)
	})
	if err != nil {
		return page, fmt.Errorf("list teams: %w", err)
	}
	return postgres.NewPage(paging, rows, func(t Team) byID { return byID{t.ID} })
}

// Team returns one team.
func (d *Desk) Team(ctx context.Context, who access.Actor, id int64) (t Team, err error) {
	if err := who.May(access.ReadOutreach); err != nil {
		return t, err
	}
	err = postgres.Read(ctx, d.db, who, func(tx *sqlx.Tx) error {
		t, err = teamByID(ctx, tx, id)
		return err
	})
	return t, err
}

func teamByID(ctx context.Context, tx *sqlx.Tx, id int64) (t Team, err error) {
	err = tx.GetContext(ctx, &t, selectTeams+` WHERE t.id = $1`, id)
	return t, postgres.NotFound(err, ErrTeamUnknown.With("team", id))
}

// whole fills in what was left out and notes what cannot be right.
func (n *NewTeam) whole() error {
	n.Pace, n.Opens, n.Closes, n.Status = or(n.Pace, 10), or(n.Opens, "07:30"), or(n.Closes, "16:00"), or(n.Status, "active")
	if len(n.Weekdays) == 0 {
		n.Weekdays = []int{1, 2, 3, 4, 5}
	}
	var wrong fault.Fields
	checkPoint(n.DepotLon, n.DepotLat, "body.depot", &wrong)
	checkOpenings([]Opening{{Weekdays: n.Weekdays, Opens: n.Opens, Closes: n.Closes}}, "body.shift", &wrong)
	if n.Sets < 1 {
		wrong.Add("body.sets", "too-small", n.Sets, "least", 1)
	}
	if n.Pace < 1 {
		wrong.Add("body.pace", "too-small", n.Pace, "least", 1)
	}
	for i, e := range n.Equipment {
		if !slices.Contains(Access, e) {
			wrong.Add(fmt.Sprintf("body.equipment[%d]", i), "not-in-list", e, "list", Access)
		}
	}
	return wrong.Err()
}

// AddTeam enters a team and opens the place where its blanks are booked.
func (d *Desk) AddTeam(ctx context.Context, who access.Actor, n NewTeam) (Team, error) {
	if err := who.May(access.ManageTeams); err != nil {
		return Team{}, err
	}
	if err := n.whole(); err != nil {
		return Team{}, err
	}
	return postgres.Once(ctx, d.db, who, func(tx *sqlx.Tx) (t Team, err error) {
		where, err := d.teamRegion(ctx, tx, n)
		if err != nil {
			return t, err
		}
		place, err := d.openPlace(ctx, tx, who, where.ID, n.Name)
		if err != nil {
			return t, err
		}
		var id int64
		err = tx.GetContext(ctx, &id, `
			INSERT INTO teams (region_id, name, depot_lon, depot_lat, island_id, members, sets, pace, shift_opens, shift_closes, weekdays,
				break_minutes, travel_minutes, blanks, equipment, status, place_id, work_minutes, ribbons, synthetic)
			VALUES ($1, $2, $3, $4, nullif($5, 0), $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
			RETURNING id`,
			where.ID, n.Name, n.DepotLon, n.DepotLat, n.Island, n.Members, n.Sets, n.Pace, n.Opens, n.Closes, pq.Array(n.Weekdays),
			n.Break, n.MaxTravel, n.Blanks, pq.Array(orEmpty(n.Equipment)), n.Status, place, n.Work, n.Ribbons, n.Synthetic)
		if err != nil {
			return t, teamFault(err, n)
		}
		if t, err = teamByID(ctx, tx, id); err != nil {
			return t, err
		}
		return t, postgres.Audit(ctx, tx, who, t.RegionID, "teams.add", "team", id, nil, t)
	})
}

// ChangeTeam replaces what is said of a team. It stays in its region, where its blanks are.
func (d *Desk) ChangeTeam(ctx context.Context, who access.Actor, id, version int64, n NewTeam) (Team, error) {
	if err := who.May(access.ManageTeams); err != nil {
		return Team{}, err
	}
	if err := n.whole(); err != nil {
		return Team{}, err
	}
	return postgres.Once(ctx, d.db, who, func(tx *sqlx.Tx) (t Team, err error) {
		if _, err := tx.ExecContext(ctx, `SELECT 1 FROM teams WHERE id = $1 FOR UPDATE`, id); err != nil {
			return t, fmt.Errorf("lock team %d: %w", id, err)
		}
		was, err := teamByID(ctx, tx, id)
		if err != nil {
			return t, err
		}
		if err := postgres.CheckVersion(version, was.Version); err != nil {
			return t, err
		}
		if n.Region != was.Region {
			return t, fault.ErrInvalid.At("body.region", "team-stays-in-its-region", n.Region, "region", was.Region)
		}
		if _, err := d.teamRegion(ctx, tx, n); err != nil {
			return t, err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE teams
			SET name = $2, depot_lon = $3, depot_lat = $4, island_id = nullif($5, 0), members = $6, sets = $7, pace = $8, shift_opens = $9,
				shift_closes = $10, weekdays = $11, break_minutes = $12, travel_minutes = $13, blanks = $14, equipment = $15, status = $16,
				work_minutes = $17, ribbons = $18, version = version + 1
			WHERE id = $1`,
			id, n.Name, n.DepotLon, n.DepotLat, n.Island, n.Members, n.Sets, n.Pace, n.Opens, n.Closes, pq.Array(n.Weekdays),
			n.Break, n.MaxTravel, n.Blanks, pq.Array(orEmpty(n.Equipment)), n.Status, n.Work, n.Ribbons)
		if err != nil {
			return t, teamFault(err, n)
		}
		if t, err = teamByID(ctx, tx, id); err != nil {
			return t, err
		}
		return t, postgres.Audit(ctx, tx, who, t.RegionID, "teams.change", "team", id, was, t)
	})
}

func (d *Desk) teamRegion(ctx context.Context, tx *sqlx.Tx, n NewTeam) (region.Region, error) {
	where, err := d.regionOf(ctx, tx, n.Region)
	if err == nil {
		err = where.Expect(region.Regency)
	}
	if err == nil {
		err = islandInReach(ctx, tx, n.Island)
	}
	return where, err
}

func teamFault(err error, n NewTeam) error {
	if postgres.Violates(err, "teams_name_unique") {
		return ErrNameTaken.With("name", n.Name)
	}
	return fmt.Errorf("save team: %w", err)
}

// openPlace opens the place where the blanks in a team's hands are booked.
func (d *Desk) openPlace(ctx context.Context, tx *sqlx.Tx, who access.Actor, regionID int, name string) (int, error) {
	place, err := d.ledger.OpenTeamPlace(ctx, tx, who, regionID, "Tim "+name, region.Today(region.WIB, d.now()))
	return place.ID, err
}
