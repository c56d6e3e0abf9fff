package outreach

import (
	"context"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"

	"blangko/coverage"
	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// Achieved is what visits of some days brought, for a region and a kind of site.
type Achieved struct {
	Region      string   `json:"region" db:"region" doc:"whose teams went"`
	Kind        SiteKind `json:"kind" db:"kind"`
	Visits      int64    `json:"visits" db:"visits" doc:"planned, those cancelled left out"`
	Done        int64    `json:"done" db:"done" doc:"with a result, whole or in part"`
	Missed      int64    `json:"missed" db:"missed"`
	TeamDays    int64    `json:"team_days" db:"team_days" doc:"on which a team had a result here; a day may count for two kinds"`
	Expected    int64    `json:"expected" db:"expected" doc:"people that the visits were to record"`
	Recorded    Count    `json:"recorded" db:"recorded"`
	Printed     Count    `json:"printed" db:"printed"`
	Akta        Count    `json:"akta" db:"akta"`
	PerTeamDay  *float64 `json:"per_team_day" db:"-" doc:"people recorded a team-day; null without one, or when the count is hidden"`
	OfPlanned   *float64 `json:"of_planned" db:"-" doc:"people recorded to those expected of the visits made"`
	Travel      int64    `json:"travel_seconds" db:"travel" doc:"on the way to the visits made"`
	Metres      int64    `json:"travel_metres" db:"metres" doc:"to the visits made, and home"`
	KmPerPerson *float64 `json:"km_per_person" db:"-" doc:"of those recorded"`
	Sessions    int64    `json:"sessions" db:"sessions" doc:"explanations given beside the recording (sosialisasi)"`
	Audience    int64    `json:"audience" db:"audience" doc:"people who heard them"`
	Vulnerable  bool     `json:"vulnerable" db:"-" doc:"a kind of vulnerable people"`

	ExpectedMade int64 `json:"-" db:"expected_made"`

	// visits that recorded, printed or certified fewer than smallest
	SmallRecorded int64 `json:"-" db:"small_recorded"`
	SmallPrinted  int64 `json:"-" db:"small_printed"`
	SmallAkta     int64 `json:"-" db:"small_akta"`
}

// Achieved tells what the visits from one day to another brought, by region and kind of site.
func (d *Desk) Achieved(ctx context.Context, who access.Actor, code, from, until string) (page postgres.Page[Achieved], err error) {
	if err := who.May(access.ReadOutreach); err != nil {
		return page, err
	}
	err = postgres.Read(ctx, d.db, who, func(tx *sqlx.Tx) error {
		page.Items, err = readAchieved(ctx, tx, code, from, until)
		return err
	})
	if err != nil {
		return page, err
	}
	for i := range page.Items {
		page.Items[i].finish(who)
	}
	return page, nil
}

func readAchieved(ctx context.Context, tx *sqlx.Tx, code, from, until string) ([]Achieved, error) {
	rows := []Achieved{}
	err := tx.SelectContext(ctx, &rows, `
		SELECT r.code AS region, s.kind, count(*) FILTER (WHERE v.state <> 'cancelled') AS visits, count(k.id) AS done,
			count(*) FILTER (WHERE v.state = 'missed') AS missed,
			count(DISTINCT (v.team_id, v.day)) FILTER (WHERE k.id IS NOT NULL) AS team_days,
			coalesce(sum(v.expected) FILTER (WHERE v.state <> 'cancelled'), 0)::bigint AS expected,
			coalesce(sum(v.expected) FILTER (WHERE k.id IS NOT NULL), 0)::bigint AS expected_made,
			coalesce(sum((k.counts->>'recorded')::bigint), 0)::bigint AS recorded, coalesce(sum((k.counts->>'printed')::bigint), 0)::bigint AS printed,
			coalesce(sum((k.counts->>'akta')::bigint), 0)::bigint AS akta,
			count(*) FILTER (WHERE (k.counts->>'recorded')::bigint BETWEEN 1 AND $4::int - 1) AS small_recorded,
			count(*) FILTER (WHERE (k.counts->>'printed')::bigint BETWEEN 1 AND $4::int - 1) AS small_printed,
			count(*) FILTER (WHERE (k.counts->>'akta')::bigint BETWEEN 1 AND $4::int - 1) AS small_akta,
			coalesce(sum(v.travel_seconds) FILTER (WHERE k.id IS NOT NULL), 0)::bigint AS travel,
			coalesce(sum(v.travel_metres) FILTER (WHERE k.id IS NOT NULL), 0)::bigint AS metres,
			count(*) FILTER (WHERE jsonb_typeof(k.counts->'session') = 'object') AS sessions,
			coalesce(sum((k.counts->'session'->>'audience')::bigint), 0)::bigint AS audience
		FROM visits v
		JOIN regions_today r ON r.id = v.region_id
		JOIN sites s ON s.id = v.site_id
		LEFT JOIN visit_results k ON k.region_id = v.region_id AND k.visit_id = v.id AND k.standing = 'kept'
		WHERE ($1 IN ('', '00') OR r.code = $1 OR r.code LIKE $1 || '.%')
		  AND ($2 = '' OR v.day >= nullif($2, '')::date)
		  AND ($3 = '' OR v.day <= nullif($3, '')::date)
		GROUP BY r.code, s.kind
		ORDER BY r.code, s.kind
		LIMIT 10000`, code, from, until, smallest)
	if err != nil {
		return nil, fmt.Errorf("read what visits achieved: %w", err)
	}
	return rows, nil
}

func (a *Achieved) finish(who access.Actor) {
	a.Vulnerable = kinds[a.Kind].vulnerable
	if a.Vulnerable {
		a.Recorded.veilSum(who, a.SmallRecorded)
		a.Printed.veilSum(who, a.SmallPrinted)
		a.Akta.veilSum(who, a.SmallAkta)
	}
	if a.Recorded.Hidden {
		return
	}
	recorded := float64(a.Recorded.People)
	a.PerTeamDay, a.OfPlanned = ratio(recorded, float64(a.TeamDays)), ratio(recorded, float64(a.ExpectedMade))
	a.KmPerPerson = ratio(float64(a.Metres)/1000, recorded)
}

// ratio is nil where there is nothing to divide by.
func ratio(a, b float64) *float64 {
	if b == 0 {
		return nil
	}
	r := a / b
	return &r
}

// Achievement is what the visits of some days brought all together, beside what there was to bring and what the same
// days would have brought planned by hand.
type Achievement struct {
	Region      string   `json:"region"`
	Visits      int64    `json:"visits" doc:"planned, those cancelled left out"`
	Done        int64    `json:"done"`
	Missed      int64    `json:"missed"`
	TeamDays    int64    `json:"team_days" doc:"on which a team had a result"`
	Expected    int64    `json:"expected" doc:"people that the visits were to record"`
	Recorded    Count    `json:"recorded"`
	PerTeamDay  *float64 `json:"per_team_day" doc:"people recorded a team-day; null, as the ratios below, without one or when the count is hidden"`
	OfPlanned   *float64 `json:"of_planned" doc:"people recorded to those expected of the visits made"`
	Metres      int64    `json:"travel_metres"`
	KmPerPerson *float64 `json:"km_per_person" doc:"of those recorded"`
	Vulnerable  Count    `json:"vulnerable" doc:"of those recorded, at sites of vulnerable people"`
	Share       *float64 `json:"vulnerable_share"`
	Gap         *int64   `json:"gap" doc:"people of the region still without a recording by the latest figures, less what visits brought since; null when no figure says"`
	OfGap       *float64 `json:"of_gap" doc:"coverage gained: those recorded, to them and the gap that is left"`
	Sessions    int64    `json:"sessions"`
	Audience    int64    `json:"audience"`

	Nearest struct {
		Rule       string   `json:"rule" enum:"nearest-first"`
		Plans      int64    `json:"plans" doc:"that begin in these days and were not cancelled"`
		PerTeamDay *float64 `json:"per_team_day" doc:"people expected a team-day when each team goes on to the nearest place it can serve in time"`
		Planned    *float64 `json:"planned_ratio" doc:"people expected a team-day of the plans, to that"`
		Achieved   *float64 `json:"achieved_ratio" doc:"people recorded a team-day, to that"`
	} `json:"nearest_first"`
}

// AchievedInAll sums what visits brought in a region and below. Where the few vulnerable people of another office must be
// hidden, so is the sum that would tell them.
func (d *Desk) AchievedInAll(ctx context.Context, who access.Actor, code, from, until string) (a Achievement, err error) {
	if err := who.May(access.ReadOutreach); err != nil {
		return a, err
	}
	var rows []Achieved
	var plans []document[Outcome]
	err = postgres.Read(ctx, d.db, who, func(tx *sqlx.Tx) error {
		where, err := region.ByCode(ctx, tx, code, region.Today(region.WIB, d.now()))
		if err != nil {
			return err
		}
		a.Region = where.Code
		if rows, err = readAchieved(ctx, tx, code, from, until); err != nil {
			return err
		}
		err = tx.GetContext(ctx, &a.TeamDays, `
			SELECT count(DISTINCT (v.team_id, v.day))
			FROM visits v
			JOIN regions_today r ON r.id = v.region_id
			JOIN visit_results k ON k.region_id = v.region_id AND k.visit_id = v.id AND k.standing = 'kept'
			WHERE ($1 = '00' OR r.code = $1 OR r.code LIKE $1 || '.%')
			  AND ($2 = '' OR v.day >= nullif($2, '')::date)
			  AND ($3 = '' OR v.day <= nullif($3, '')::date)`, code, from, until)
		if err != nil {
			return fmt.Errorf("count team-days: %w", err)
		}
		err = tx.SelectContext(ctx, &plans, `
			SELECT p.outcome
			FROM plans p
			JOIN regions_today r ON r.id = p.region_id
			WHERE ($1 = '00' OR r.code = $1 OR r.code LIKE $1 || '.%') AND p.state <> 'cancelled'
			  AND ($2 = '' OR p.first_day >= nullif($2, '')::date)
			  AND ($3 = '' OR p.first_day <= nullif($3, '')::date)`, code, from, until)
		if err != nil {
			return fmt.Errorf("read outcomes of plans: %w", err)
		}
		return nil
	})
	if err != nil {
		return a, err
	}
	made, small := a.add(rows)
	if err := d.gapOf(ctx, &a); err != nil {
		return a, err
	}
	a.finish(who, made, small, plans)
	return a, nil
}

// add sums rows, and returns the people expected of the visits made, and at how many sites of vulnerable people so few
// were recorded that their number is hidden.
func (a *Achievement) add(rows []Achieved) (made float64, small int64) {
	for i := range rows {
		r := &rows[i]
		a.Visits, a.Done, a.Missed, a.Expected = a.Visits+r.Visits, a.Done+r.Done, a.Missed+r.Missed, a.Expected+r.Expected
		a.Recorded.People += r.Recorded.People
		if kinds[r.Kind].vulnerable {
			a.Vulnerable.People += r.Recorded.People
			small += r.SmallRecorded
		}
		a.Metres, a.Sessions, a.Audience = a.Metres+r.Metres, a.Sessions+r.Sessions, a.Audience+r.Audience
		made += float64(r.ExpectedMade)
	}
	return made, small
}

// gapOf asks coverage how many people of the region are still without a recording.
func (d *Desk) gapOf(ctx context.Context, a *Achievement) error {
	level := region.Regency
	if strings.Count(a.Region, ".") == 2 {
		level = region.District
	}
	page, err := d.gaps.Gaps(ctx, access.System, coverage.GapFilter{Subject: coverage.Recording, Level: level, Region: a.Region, Paging: postgres.Paging{Limit: 1}})
	if err != nil {
		return fmt.Errorf("read gap of %s: %w", a.Region, err)
	}
	if page.Totals.Reported > 0 {
		a.Gap = &page.Totals.Remaining
	}
	return nil
}

// finish works out the ratios of what may be shown.
func (a *Achievement) finish(who access.Actor, made float64, small int64, plans []document[Outcome]) {
	a.Nearest.Rule, a.Nearest.Plans = "nearest-first", int64(len(plans))
	var people, days, byHand, daysByHand float64
	for _, p := range plans {
		people, days = people+float64(p.V.Expected), days+float64(p.V.TeamDays)
		byHand, daysByHand = byHand+float64(p.V.Nearest.Expected), daysByHand+float64(p.V.Nearest.TeamDays)
	}
	a.Nearest.PerTeamDay = ratio(byHand, daysByHand)
	if a.Nearest.PerTeamDay != nil && days > 0 {
		a.Nearest.Planned = ratio(people/days, *a.Nearest.PerTeamDay)
	}
	if a.Vulnerable.veilSum(who, small); a.Vulnerable.Hidden {
		a.Recorded.Hidden = true
		return
	}
	recorded := float64(a.Recorded.People)
	a.PerTeamDay, a.OfPlanned = ratio(recorded, float64(a.TeamDays)), ratio(recorded, made)
	a.KmPerPerson, a.Share = ratio(float64(a.Metres)/1000, recorded), ratio(float64(a.Vulnerable.People), recorded)
	if a.Gap != nil {
		a.OfGap = ratio(recorded, recorded+float64(*a.Gap))
	}
	if a.Nearest.PerTeamDay != nil && a.PerTeamDay != nil {
		a.Nearest.Achieved = ratio(*a.PerTeamDay, *a.Nearest.PerTeamDay)
	}
}
