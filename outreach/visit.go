package outreach

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// VisitState is how far a visit has come.
type VisitState string

// The states of a visit.
const (
	Proposed  VisitState = "proposed"
	Confirmed VisitState = "confirmed" // the site has agreed
	UnderWay  VisitState = "under-way"
	Done      VisitState = "done"
	Partial   VisitState = "partial" // a result, but not all that was planned
	Missed    VisitState = "missed"
	Cancelled VisitState = "cancelled"
)

// Visit is a team at a site on a day.
type Visit struct {
	ID         int64       `json:"id" db:"id"`
	Plan       int64       `json:"plan" db:"plan_id"`
	Region     string      `json:"region" db:"region" doc:"whose teams go; empty when out of reach"`
	RegionID   int         `json:"-" db:"region_id"`
	Site       int64       `json:"site" db:"site_id"`
	SiteName   string      `json:"site_name" db:"site_name"`
	SiteKind   SiteKind    `json:"site_kind" db:"site_kind"`
	SiteRegion int         `json:"-" db:"site_region_id"`
	Lon        *float64    `json:"lon" db:"lon"`
	Lat        *float64    `json:"lat" db:"lat"`
	Team       int64       `json:"team" db:"team_id"`
	TeamName   string      `json:"team_name" db:"team_name"`
	Day        string      `json:"day" db:"day" format:"date"`
	Starts     time.Time   `json:"starts_at" db:"starts_at"`
	Ends       time.Time   `json:"ends_at" db:"ends_at"`
	Zone       region.Zone `json:"zone" db:"zone" enum:"WIB,WITA,WIT"`
	Travel     int         `json:"travel_seconds" db:"travel_seconds" doc:"on the way from the place before"`
	Home       int64       `json:"-" db:"home_seconds"`
	Metres     int64       `json:"-" db:"travel_metres"`
	Share      int         `json:"share" db:"share" doc:"which part of a site too large for one visit"`
	Shares     int         `json:"shares" db:"shares"`
	State      VisitState  `json:"state" db:"state" enum:"proposed,confirmed,under-way,done,partial,missed,cancelled"`
	Expected   Count       `json:"expected" db:"expected" doc:"people to be recorded"`
	Cards      Count       `json:"cards" db:"cards" doc:"blanks their cards need"`
	Blanks     int64       `json:"blanks" db:"blanks" doc:"set aside for it; where the cards are hidden, up to the next 5"`
	RecordOnly bool        `json:"record_only" db:"record_only" doc:"there were not blanks enough, or a person chose so"`
	Without    bool        `json:"-" db:"goes_without"`
	Handed     *int64      `json:"handed" db:"handed" doc:"blanks that the office says it gave to the team; of a visit that is off, those the team has still to bring back"`
	HandedBy   string      `json:"handed_by" db:"handed_by"`
	HandedByID *int64      `json:"-" db:"handed_by_id"`
	EndedByID  *int64      `json:"-" db:"ended_by_id"`
	Hold       *int64      `json:"-" db:"hold_id"`
	Pinned     bool        `json:"pinned" db:"pinned" doc:"a new plan leaves it where it is"`
	Published  bool        `json:"published" db:"published"`
	Moved      bool        `json:"-" db:"moved"`
	Reason     string      `json:"reason" db:"reason"`
	Synthetic  bool        `json:"synthetic" db:"synthetic"`
	Version    int64       `json:"version" db:"version"`
}

// off reports whether a visit came to nothing.
func (v Visit) off() bool { return v.State == Missed || v.State == Cancelled }

// leaves is when its team sets out for it.
func (v Visit) leaves() time.Time { return v.Starts.Add(-time.Duration(v.Travel) * time.Second) }

// CurrentVersion is the version that a change must name.
func (v Visit) CurrentVersion() int64 { return v.Version }

// veil hides small counts of vulnerable people from who.
func (v *Visit) veil(who access.Actor) {
	if kinds[v.SiteKind].vulnerable {
		v.Expected.veil(who)
		v.Cards.veil(who)
		if v.Cards.Hidden {
			v.Blanks = coarse(v.Blanks)
			if v.Handed != nil {
				handed := coarse(*v.Handed)
				v.Handed = &handed
			}
		}
	}
}

// The names of site and team are those in reach; an office of one kecamatan sees its visits without the team's region.
const selectVisits = `
	SELECT v.id, v.plan_id, coalesce(r.code, '') AS region, v.region_id, v.site_id, coalesce(s.name, '') AS site_name,
		coalesce(s.kind, 'other') AS site_kind, v.site_region_id, s.lon, s.lat, v.team_id, coalesce(t.name, '') AS team_name, v.day::text AS day,
		v.starts_at, v.ends_at, z.zone, v.travel_seconds, v.home_seconds, v.travel_metres, v.share, v.shares, v.state, v.expected, v.cards, v.blanks, v.record_only, v.goes_without, v.handed,
		v.handed_by, v.handed_by_id, v.ended_by_id, v.hold_id, v.pinned, v.published, v.moved, v.reason, v.synthetic, v.version
	FROM visits v
	JOIN regions z ON z.id = v.region_id
	LEFT JOIN regions_today r ON r.id = v.region_id
	LEFT JOIN sites s ON s.id = v.site_id
	LEFT JOIN teams t ON t.id = v.team_id`

// VisitFilter narrows a list of visits; the zero filter takes all in reach.
type VisitFilter struct {
	Region string
	Plan   int64
	Team   int64
	Site   int64
	State  VisitState
	From   string
	Until  string
	postgres.Paging
}

// Visits lists the visits in reach by day and hour.
func (d *Desk) Visits(ctx context.Context, who access.Actor, f VisitFilter) (page postgres.Page[Visit], err error) {
	if err := who.May(access.ReadOutreach); err != nil {
		return page, err
	}
	type byHour struct {
		Starts time.Time `json:"starts"`
		Visit  int64     `json:"visit"`
	}
	var after byHour
	limit, err := f.Resume(&after)
	if err != nil {
		return page, err
	}
	var rows []Visit
	err = postgres.Read(ctx, d.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &rows, selectVisits+`
			WHERE (v.starts_at, v.id) > ($1, $2)
			  AND ($3 = '' OR r.code = $3 OR r.code LIKE $3 || '.%')
			  AND ($4 = 0 OR v.plan_id = $4)
			  AND ($5 = 0 OR v.team_id = $5)
			  AND ($6 = 0 OR v.site_id = $6)
			  AND ($7 = '' OR v.state = $7)
			  AND ($8 = '' OR v.day >= nullif($8, '')::date)
			  AND ($9 = '' OR v.day <= nullif($9, '')::date)
			ORDER BY v.starts_at, v.id
			LIMIT $10`, after.Starts, after.Visit, f.Region, f.Plan, f.Team, f.Site, string(f.State), f.From, f.Until, limit)
	})
	if err != nil {
		return page, fmt.Errorf("list visits: %w", err)
	}
	for i := range rows {
		rows[i].veil(who)
	}
	return postgres.NewPage(f.Paging, rows, func(v Visit) byHour { return byHour{v.Starts, v.ID} })
}

// Visit returns one visit.
func (d *Desk) Visit(ctx context.Context, who access.Actor, id int64) (v Visit, err error) {
	if err := who.May(access.ReadOutreach); err != nil {
		return v, err
	}
	err = postgres.Read(ctx, d.db, who, func(tx *sqlx.Tx) error {
		v, err = visitByID(ctx, tx, id)
		return err
	})
	v.veil(who)
	return v, err
}

func visitByID(ctx context.Context, tx *sqlx.Tx, id int64) (v Visit, err error) {
	err = tx.GetContext(ctx, &v, selectVisits+` WHERE v.id = $1`, id)
	return v, postgres.NotFound(err, ErrVisitUnknown.With("visit", id))
}

// lockVisit reads a visit for change.
func lockVisit(ctx context.Context, tx *sqlx.Tx, id int64) (v Visit, err error) {
	if _, err := tx.ExecContext(ctx, `SELECT 1 FROM visits WHERE id = $1 FOR UPDATE`, id); err != nil {
		return v, fmt.Errorf("lock visit %d: %w", id, err)
	}
	return visitByID(ctx, tx, id)
}
