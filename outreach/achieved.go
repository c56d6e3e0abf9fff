package outreach

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
)

// Achieved is what visits of some days brought, for a region and a kind of site.
type Achieved struct {
	Region     string   `json:"region" db:"region" doc:"whose teams went"`
	Kind       SiteKind `json:"kind" db:"kind"`
	Visits     int64    `json:"visits" db:"visits" doc:"planned, those cancelled left out"`
	Done       int64    `json:"done" db:"done" doc:"with a result, whole or in part"`
	Missed     int64    `json:"missed" db:"missed"`
	TeamDays   int64    `json:"team_days" db:"team_days" doc:"on which a team had a result here; a day may count for two kinds"`
	Expected   int64    `json:"expected" db:"expected" doc:"people that the visits were to record"`
	Recorded   Count    `json:"recorded" db:"recorded"`
	Printed    Count    `json:"printed" db:"printed"`
	Akta       Count    `json:"akta" db:"akta"`
	PerTeamDay *float64 `json:"per_team_day" db:"-" doc:"people recorded a team-day; null without one, or when the count is hidden"`
	OfPlanned  *float64 `json:"of_planned" db:"-" doc:"people recorded to those expected of the visits made"`
	Travel     int64    `json:"travel_seconds" db:"travel" doc:"on the way to the visits made"`
	Vulnerable bool     `json:"vulnerable" db:"-" doc:"a kind of vulnerable people"`

	ExpectedMade int64 `json:"-" db:"expected_made"`
}

// Achieved tells what the visits from one day to another brought, by region and kind of site.
func (d *Desk) Achieved(ctx context.Context, who access.Actor, code, from, until string) (page postgres.Page[Achieved], err error) {
	if err := who.May(access.ReadOutreach); err != nil {
		return page, err
	}
	page.Items = []Achieved{}
	err = postgres.Read(ctx, d.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &page.Items, `
			SELECT r.code AS region, s.kind, count(*) FILTER (WHERE v.state <> 'cancelled') AS visits, count(k.id) AS done,
				count(*) FILTER (WHERE v.state = 'missed') AS missed,
				count(DISTINCT (v.team_id, v.day)) FILTER (WHERE k.id IS NOT NULL) AS team_days,
				coalesce(sum(v.expected) FILTER (WHERE v.state <> 'cancelled'), 0)::bigint AS expected,
				coalesce(sum(v.expected) FILTER (WHERE k.id IS NOT NULL), 0)::bigint AS expected_made,
				coalesce(sum((k.counts->>'recorded')::bigint), 0)::bigint AS recorded, coalesce(sum((k.counts->>'printed')::bigint), 0)::bigint AS printed,
				coalesce(sum((k.counts->>'akta')::bigint), 0)::bigint AS akta,
				coalesce(sum(v.travel_seconds) FILTER (WHERE k.id IS NOT NULL), 0)::bigint AS travel
			FROM visits v
			JOIN regions_today r ON r.id = v.region_id
			JOIN sites s ON s.id = v.site_id
			LEFT JOIN visit_results k ON k.region_id = v.region_id AND k.visit_id = v.id AND k.standing = 'kept'
			WHERE ($1 = '' OR r.code = $1 OR r.code LIKE $1 || '.%')
			  AND ($2 = '' OR v.day >= nullif($2, '')::date)
			  AND ($3 = '' OR v.day <= nullif($3, '')::date)
			GROUP BY r.code, s.kind
			ORDER BY r.code, s.kind
			LIMIT 10000`, code, from, until)
	})
	if err != nil {
		return page, fmt.Errorf("read what visits achieved: %w", err)
	}
	for i := range page.Items {
		page.Items[i].finish(who)
	}
	return page, nil
}

func (a *Achieved) finish(who access.Actor) {
	a.Vulnerable = kinds[a.Kind].vulnerable
	if a.Vulnerable {
		for _, c := range []*Count{&a.Recorded, &a.Printed, &a.Akta} {
			c.veil(who)
		}
	}
	if a.Recorded.Hidden {
		return
	}
	ratio := func(by int64) *float64 {
		if by == 0 {
			return nil
		}
		r := float64(a.Recorded.People) / float64(by)
		return &r
	}
	a.PerTeamDay, a.OfPlanned = ratio(a.TeamDays), ratio(a.ExpectedMade)
}
