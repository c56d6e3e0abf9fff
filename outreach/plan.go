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

// NewPlan is what a person chooses of a plan; the rest is found.
type NewPlan struct {
	Region    string     `json:"region" maxLength:"13" example:"82.71" doc:"official code of the regency"`
	Name      string     `json:"name,omitempty" maxLength:"200"`
	From      string     `json:"from" format:"date" doc:"first day"`
	Days      int        `json:"days" minimum:"1" maximum:"31"`
	Teams     []int64    `json:"teams,omitempty" maxItems:"100" doc:"empty for all active teams of the regency"`
	Sites     []int64    `json:"sites,omitempty" maxItems:"5000" doc:"empty for all active sites of the regency"`
	Kinds     []SiteKind `json:"kinds,omitempty" maxItems:"20" doc:"empty for all kinds"`
	Mandatory []int64    `json:"mandatory,omitempty" maxItems:"500" doc:"sites that outweigh all others together"`
	Losses    []TeamOff  `json:"losses,omitempty" maxItems:"500" doc:"days on which a team cannot go out"`
	Fair      bool       `json:"fair,omitempty" doc:"teams should work alike"`
	Alike     bool       `json:"alike,omitempty" doc:"all people count alike; otherwise those at sites of vulnerable people count for two or three"`
	Seed      uint64     `json:"seed,omitempty" maximum:"1000000000" doc:"another one searches another way; the same one finds the same plan"`
	Seconds   int        `json:"seconds,omitempty" minimum:"1" maximum:"30" default:"5" doc:"search no longer than this"`
	Synthetic bool       `json:"-"`
}

// Plan is some days of visits.
type Plan struct {
	ID          int64       `json:"id" db:"id"`
	Region      string      `json:"region" db:"region"`
	RegionID    int         `json:"-" db:"region_id"`
	Zone        region.Zone `json:"zone" db:"zone" enum:"WIB,WITA,WIT"`
	Name        string      `json:"name" db:"name"`
	State       string      `json:"state" db:"state" enum:"proposed,published,done,cancelled"`
	From        string      `json:"from" db:"first_day" format:"date"`
	Days        int         `json:"days" db:"days"`
	Asked       NewPlan     `json:"asked" db:"-"`
	Outcome     Outcome     `json:"outcome" db:"-"`
	Visits      []Visit     `json:"visits" db:"-" doc:"empty in lists"`
	Omitted     []Omitted   `json:"omitted" db:"-" doc:"every site left out, and why; empty in lists"`
	CreatedAt   time.Time   `json:"created_at" db:"created_at"`
	CreatedBy   string      `json:"created_by" db:"created_by"`
	PublishedAt *time.Time  `json:"published_at" db:"published_at"`
	Synthetic   bool        `json:"synthetic" db:"synthetic"`
	Version     int64       `json:"version" db:"version"`

	AskedDoc   document[NewPlan]   `json:"-" db:"asked"`
	OutcomeDoc document[Outcome]   `json:"-" db:"outcome"`
	OmittedDoc document[[]Omitted] `json:"-" db:"omitted"`
}

// CurrentVersion is the version that a change must name.
func (p Plan) CurrentVersion() int64 { return p.Version }

// Outcome is what a whole plan is worth, visits made included and those missed or cancelled left out, and how it was found.
type Outcome struct {
	Visits          int       `json:"visits"`
	TeamDays        int       `json:"team_days" doc:"on which a team goes out"`
	Expected        int       `json:"expected" doc:"people to be recorded"`
	Vulnerable      int       `json:"vulnerable" doc:"of them at sites of vulnerable people"`
	PerTeamDay      float64   `json:"per_team_day" doc:"people a team-day"`
	Weighted        float64   `json:"weighted" doc:"people to be recorded, those at sites of vulnerable people counted for two or three: what a plan looks for unless all count alike"`
	VulnerableShare float64   `json:"vulnerable_share" doc:"of the people to be recorded"`
	Travel          int64     `json:"travel_seconds"`
	Metres          int64     `json:"travel_metres" doc:"from the depots and back, crossings included"`
	KmPerPerson     float64   `json:"km_per_person"`
	Moved           int       `json:"moved" doc:"visits announced or agreed with their site that another team or day took over, since the plan was made"`
	Dropped         int       `json:"dropped" doc:"visits announced or agreed with their site that were taken off, since the plan was made"`
	Blanks          Blanks    `json:"blanks"`
	Nearest         Yardstick `json:"nearest_first" doc:"the same days by hand, as they stood when the plan was made: each team goes on to the nearest place it can serve in time"`
	TravelTimes     string    `json:"travel_times" doc:"what they were made of: great-circle, roads, osrm"`
	Iterations      int       `json:"iterations"`
	Search          int       `json:"search_version" doc:"of the search that found it: under another one the same seed may find another plan; 0 where it was not noted"`
	Cut             bool      `json:"cut" doc:"the search ended before its budget did; planning again longer may find more"`
}

// Blanks is what the visits of a plan need and got.
type Blanks struct {
	Needed     int64 `json:"needed"`
	Available  int64 `json:"available" doc:"usable at the office when the plan was saved"`
	Reserved   int64 `json:"reserved"`
	Short      int64 `json:"short" doc:"needed and not there: this many cards are recorded now and printed later"`
	Visits     int   `json:"visits" doc:"that need blanks"`
	RecordOnly int   `json:"record_only" doc:"visits among them that go without, as few as can be"`
}

// Yardstick is what the same days bring when they are planned by a simple rule.
type Yardstick struct {
	Visits        int     `json:"visits"`
	Expected      int     `json:"expected"`
	TeamDays      int     `json:"team_days"`
	PerTeamDay    float64 `json:"per_team_day"`
	KmPerPerson   float64 `json:"km_per_person"`
	Ratio         float64 `json:"ratio" doc:"people a team-day of the plan to those of the rule; 0 when the rule reaches nobody"`
	Weighted      float64 `json:"weighted"`
	WeightedRatio float64 `json:"weighted_ratio" doc:"the same of the weighted people"`
}

// Omitted is a site left out, and why: of all days and teams, the one that comes nearest to taking it.
type Omitted struct {
	Site      int64    `json:"site"`
	Name      string   `json:"name"`
	Kind      SiteKind `json:"kind"`
	Expected  Count    `json:"expected" doc:"people left out"`
	Partly    bool     `json:"partly,omitempty" doc:"other shares of the site are on the plan"`
	Reason    string   `json:"reason" enum:"no-point,no-heads,nobody-left,planned-already,site-closed,closed,no-boat-in-time,off-hours,no-skill,no-way,out-of-reach,too-large,too-soon,more-days,short,competes,not-worth,full,pinned,dropped,called-off,team-off"`
	Team      int64    `json:"team,omitempty"`
	Day       string   `json:"day,omitempty"`
	Skill     string   `json:"skill,omitempty" enum:"stairs,wheelchair,boat,permit,generator,satellite,female-officer,stays-on-island" doc:"what no team can do"`
	Minutes   int64    `json:"minutes,omitempty" doc:"out-of-reach: the way there and back is this much too long for a shift"`
	Short     int64    `json:"short,omitempty" doc:"cards that the team's bag is short by"`
	Of        string   `json:"of,omitempty" enum:"blanks,ribbon" doc:"what they are short of"`
	Displaces []string `json:"displaces,omitempty" doc:"competes: the visits that would have to go"`
	Gain      int64    `json:"gain,omitempty" doc:"weighted people it would bring there"`
	Loss      int64    `json:"loss,omitempty" doc:"weighted people that would be lost"`
	Announced bool     `json:"announced,omitempty" doc:"among the visits that would have to go are announced ones, which a plan does not give up for more people"`
}

const selectPlans = `
	SELECT p.id, r.code AS region, p.region_id, r.zone, p.name, p.state, p.first_day::text AS first_day, p.days, p.asked, p.outcome, p.omitted,
		p.created_at, p.created_by, p.published_at, p.synthetic, p.version
	FROM plans p
	JOIN regions_today r ON r.id = p.region_id`

// PlanFilter narrows a list of plans.
type PlanFilter struct {
	Region string
	State  string
	postgres.Paging
}

// Plans lists the plans in reach, the newest first, without their visits.
func (d *Desk) Plans(ctx context.Context, who access.Actor, f PlanFilter) (page postgres.Page[Plan], err error) {
	if err := who.May(access.ReadOutreach); err != nil {
		return page, err
	}
	type byNewest struct {
		Before int64 `json:"before"`
	}
	var after byNewest
	limit, err := f.Resume(&after)
	if err != nil {
		return page, err
	}
	var rows []Plan
	err = postgres.Read(ctx, d.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &rows, selectPlans+`
			WHERE ($1 = 0 OR p.id < $1)
			  AND ($2 = '' OR r.code = $2 OR r.code LIKE $2 || '.%')
			  AND ($3 = '' OR p.state = $3)
			ORDER BY p.id DESC
			LIMIT $4`, after.Before, f.Region, f.State, limit)
	})
	if err != nil {
		return page, fmt.Errorf("list plans: %w", err)
	}
	for i := range rows {
		rows[i].Asked, rows[i].Outcome = rows[i].AskedDoc.V, rows[i].OutcomeDoc.V
		rows[i].Visits, rows[i].Omitted = []Visit{}, []Omitted{}
	}
	return postgres.NewPage(f.Paging, rows, func(p Plan) byNewest { return byNewest{p.ID} })
}

// Plan returns one plan with its visits in order of day, team and hour.
func (d *Desk) Plan(ctx context.Context, who access.Actor, id int64) (p Plan, err error) {
	if err := who.May(access.ReadOutreach); err != nil {
		return p, err
	}
	err = postgres.Read(ctx, d.db, who, func(tx *sqlx.Tx) error {
		p, err = planByID(ctx, tx, id)
		return err
	})
	p.veil(who)
	return p, err
}

func (p *Plan) veil(who access.Actor) {
	if o := &p.Outcome; !sees(who) && o.Vulnerable > 0 && o.Vulnerable < smallest {
		o.Vulnerable = smallest
		o.VulnerableShare = min(1, float64(smallest)/float64(max(1, o.Expected)))
	}
	for i := range p.Visits {
		p.Visits[i].veil(who)
	}
	for i := range p.Omitted {
		if kinds[p.Omitted[i].Kind].vulnerable {
			p.Omitted[i].Expected.veil(who)
		}
	}
}

func planByID(ctx context.Context, tx *sqlx.Tx, id int64) (p Plan, err error) {
	if err := tx.GetContext(ctx, &p, selectPlans+` WHERE p.id = $1`, id); err != nil {
		return p, postgres.NotFound(err, ErrPlanUnknown.With("plan", id))
	}
	p.Asked, p.Outcome, p.Omitted, p.Visits = p.AskedDoc.V, p.OutcomeDoc.V, orEmpty(p.OmittedDoc.V), []Visit{}
	err = tx.SelectContext(ctx, &p.Visits, selectVisits+` WHERE v.plan_id = $1 ORDER BY v.day, v.team_id, v.starts_at, v.id`, id)
	if err != nil {
		return p, fmt.Errorf("read visits of plan %d: %w", id, err)
	}
	return p, nil
}

func lockPlan(ctx context.Context, tx *sqlx.Tx, id int64) (p Plan, err error) {
	if _, err := tx.ExecContext(ctx, `SELECT 1 FROM plans WHERE id = $1 FOR UPDATE`, id); err != nil {
		return p, fmt.Errorf("lock plan %d: %w", id, err)
	}
	return planByID(ctx, tx, id)
}
