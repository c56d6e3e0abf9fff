package coverage

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/privacy"
	"blangko/internal/region"
)

// Target is the coverage that a region shall have reached by the end of a year. Coverage (cakupan) is a share of the
// people, achievement (capaian) a share of the target: the two are never mixed.
type Target struct {
	Region  string  `json:"region" db:"region" doc:"a region without a target of its own has that of the nearest region above"`
	Subject Subject `json:"subject" db:"subject" enum:"recording,card,birth-certificate,child-card,digital-id"`
	Year    int     `json:"year" db:"year" minimum:"2010" maximum:"2100"`
	Percent float64 `json:"percent" db:"percent" minimum:"0" maximum:"100" doc:"of the people"`
	Source  string  `json:"source" db:"source" maxLength:"500" doc:"the decree that sets it"`
}

// Targets lists the targets that were set for regions in reach, by subject, year and region.
func (r *Register) Targets(ctx context.Context, who access.Actor) (page postgres.Page[Target], err error) {
	if err := who.May(access.ReadCoverage); err != nil {
		return page, err
	}
	page.Items = []Target{}
	err = postgres.Read(ctx, r.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &page.Items, `
			SELECT e.code AS region, t.subject, t.year, t.percent, t.source
			FROM targets t
			JOIN regions_today e ON e.id = t.region_id AND e.level <= 4
			ORDER BY t.subject, t.year, e.code`)
	})
	if err != nil {
		return page, fmt.Errorf("read targets: %w", err)
	}
	return page, nil
}

// SetTarget sets or replaces a target; the trail keeps what it was.
func (r *Register) SetTarget(ctx context.Context, who access.Actor, n Target) (Target, error) {
	if err := who.May(access.SetTargets); err != nil {
		return n, err
	}
	var wrong fault.Fields
	if !slices.Contains(Subjects, n.Subject) {
		wrong.Add("body.subject", "subject-unknown", n.Subject, "known", Subjects)
	}
	if n.Year < 2010 || n.Year > 2100 {
		wrong.Add("body.year", "out-of-range", n.Year, "least", 2010, "most", 2100)
	}
	if !(n.Percent >= 0 && n.Percent <= 100) {
		wrong.Add("body.percent", "out-of-range", n.Percent, "least", 0, "most", 100)
	}
	if len(n.Source) > 500 || privacy.Identifies(n.Source) {
		wrong.Add("body.source", "too-long", nil, "most", 500)
	}
	if err := wrong.Err(); err != nil {
		return n, err
	}
	return postgres.Once(ctx, r.db, who, func(tx *sqlx.Tx) (Target, error) {
		where, err := region.ByCode(ctx, tx, n.Region, region.Today(region.WIB, r.now()))
		if err != nil {
			return n, err
		}
		var before []Target
		err = tx.SelectContext(ctx, &before, `
			SELECT $2 AS region, subject, year, percent, source
			FROM targets
			WHERE region_id = $1 AND subject = $3 AND year = $4`, where.ID, n.Region, n.Subject, n.Year)
		if err != nil {
			return n, fmt.Errorf("read target: %w", err)
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO targets (region_id, subject, year, percent, source)
			VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (region_id, subject, year) DO UPDATE
			SET percent = excluded.percent, source = excluded.source, version = targets.version + 1`,
			where.ID, n.Subject, n.Year, n.Percent, n.Source)
		if err != nil {
			return n, fmt.Errorf("set target: %w", err)
		}
		var was any
		if len(before) > 0 {
			was = before[0]
		}
		return n, postgres.Audit(ctx, tx, who, where.ID, "set", "target", fmt.Sprint(n.Subject, " ", n.Year), was, n)
	})
}

// goals finds the target of a region.
type goals map[string][]goal // code → targets of its own

type goal struct {
	Code    string
	Year    int
	Percent float64
}

func loadGoals(ctx context.Context, tx *sqlx.Tx, subject Subject) (goals, error) {
	var set []goal
	if err := tx.SelectContext(ctx, &set, `SELECT code, year, percent FROM targets_set($1)`, subject); err != nil {
		return nil, fmt.Errorf("read targets: %w", err)
	}
	by := goals{}
	for _, g := range set {
		by[g.Code] = append(by[g.Code], g)
	}
	return by, nil
}

// of returns the target of a region in a year: its own or the nearest one's above, of that year or the last year before
// that has one.
func (by goals) of(code string, year int) *float64 {
	for _, c := range append([]string{code}, region.Ancestors(code)...) {
		var last *goal
		for i, g := range by[c] {
			if g.Year <= year && (last == nil || g.Year > last.Year) {
				last = &by[c][i]
			}
		}
		if last != nil {
			return &last.Percent
		}
	}
	return nil
}

// achievement is the share of the target that coverage has reached, in percent.
func achievement(coverage, target *float64) *float64 {
	if coverage == nil || target == nil || *target == 0 {
		return nil
	}
	a := math.Round(10_000*(*coverage)/(*target)) / 100
	return &a
}
