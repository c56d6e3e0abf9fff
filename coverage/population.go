package coverage

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/privacy"
	"blangko/internal/region"
)

// Shares of all people, for releases that do not say how many are eligible. They are assumptions: 73.5 % is the share of
// the id-card eligible in the nation's DKB of semester 2 of 2025 (211,826,747 of 288,315,089). The others are taken to
// be those under 17, as many in each year of age; children of 0 to 17 are then eighteen such years.
const (
	EligibleShare = 0.735
	yearOfAge     = (1 - EligibleShare) / 17
	ChildrenShare = 18 * yearOfAge
)

// Population is the people of a region in one release.
type Population struct {
	RegionID  int       `json:"-" db:"region_id"`
	Region    string    `json:"region" db:"region"`
	Name      string    `json:"name" db:"name"`
	Period    string    `json:"period" db:"period" doc:"release (DKB), such as 2024-S2"`
	Version   int64     `json:"version" db:"version" doc:"a corrected release is a new version; the earlier ones are kept"`
	AsOf      time.Time `json:"-" db:"as_of"`
	Day       string    `json:"as_of" db:"-"`
	People    int64     `json:"people" db:"people"`
	Male      *int64    `json:"male" db:"male"`
	Female    *int64    `json:"female" db:"female"`
	Eligible  *int64    `json:"eligible" db:"eligible" doc:"wajib KTP, as released; null when the release does not say"`
	Children  *int64    `json:"children" db:"children" doc:"of 0 to 17 years, as released"`
	Turning17 []int64   `json:"turning_17" db:"-" doc:"in each of the twelve months after the release; empty when it does not say"`
	Source    string    `json:"source" db:"source"`
	Note      string    `json:"note" db:"note"`
	Synthetic bool      `json:"synthetic" db:"synthetic"`

	Months pq.Int64Array `json:"-" db:"turning_17"`
}

// Estimate is a number of people that may be an estimate.
type Estimate struct {
	People    int64 `json:"people"`
	Estimated bool  `json:"estimated" doc:"taken from a share of all people, not released"`
}

// OfAge is how many are eligible for an id card: as released, or EligibleShare of all people.
func (p Population) OfAge() Estimate { return p.orShare(p.Eligible, EligibleShare) }

// OfChildren is how many are 0 to 17 years old: as released, or ChildrenShare of all people.
func (p Population) OfChildren() Estimate { return p.orShare(p.Children, ChildrenShare) }

// TurnIn is how many turn 17 in a month: as released, or a twelfth of a year of age where the release says nothing of
// that month.
func (p Population) TurnIn(month time.Time) Estimate {
	after := p.AsOf.AddDate(0, 0, 1)
	if i := (month.Year()-after.Year())*12 + int(month.Month()-after.Month()); i >= 0 && i < len(p.Turning17) {
		return Estimate{People: p.Turning17[i]}
	}
	return p.orShare(nil, yearOfAge/12)
}

// turning tells the 17th birthdays of the twelve months from that of a day on.
func (p Population) turning(from time.Time) *Turning {
	t := Turning{From: from.Format("2006-01"), Months: make([]int64, 12)}
	first := region.Date(from.Year(), from.Month(), 1)
	for i := range t.Months {
		e := p.TurnIn(first.AddDate(0, i, 0))
		t.Months[i] = e.People
		t.People += e.People
		t.Estimated = t.Estimated || e.Estimated
	}
	return &t
}

// plus adds up two regions of the same twelve months; nil is nothing known.
func (t *Turning) plus(u *Turning) *Turning {
	switch {
	case u == nil:
		return t
	case t == nil:
		t = &Turning{From: u.From, Months: make([]int64, len(u.Months))}
	}
	t.People += u.People
	t.Estimated = t.Estimated || u.Estimated
	for i, n := range u.Months {
		t.Months[i] += n
	}
	return t
}

func (p Population) orShare(said *int64, share float64) Estimate {
	if said != nil {
		return Estimate{People: *said}
	}
	return Estimate{People: int64(math.Round(float64(p.People) * share)), Estimated: true}
}

// against is the people a subject's figures are counted against today.
func (p Population) against(s Subject) Estimate {
	if s.ofChildren() {
		return p.OfChildren()
	}
	return p.OfAge()
}

const selectPopulations = `
	SELECT p.region_id, e.code AS region, e.name, p.period, p.version, p.as_of, p.people, p.male, p.female, p.eligible,
		p.children, p.turning_17, p.source, p.note, p.synthetic
	FROM populations p
	JOIN regions_ever e ON e.id = p.region_id`

func selectedPopulations(ctx context.Context, tx *sqlx.Tx, where string, args ...any) ([]Population, error) {
	found := []Population{}
	if err := tx.SelectContext(ctx, &found, selectPopulations+where, args...); err != nil {
		return nil, fmt.Errorf("read populations: %w", err)
	}
	for i := range found {
		p := &found[i]
		p.Day, p.Turning17 = p.AsOf.Format(time.DateOnly), []int64(p.Months)
	}
	return found, nil
}

// latestPopulations gives the last version of the last release of each region that has one.
func latestPopulations(ctx context.Context, tx *sqlx.Tx, regions []int64) (map[int]Population, error) {
	found, err := selectedPopulations(ctx, tx, `
		WHERE p.region_id = ANY ($1)
		  AND NOT EXISTS (SELECT FROM populations q
			WHERE q.region_id = p.region_id AND (q.as_of, q.version) > (p.as_of, p.version))`, pq.Array(regions))
	if err != nil {
		return nil, err
	}
	latest := make(map[int]Population, len(found))
	for _, p := range found {
		latest[p.RegionID] = p
	}
	return latest, nil
}

// PopulationFilter narrows a list of populations; the zero filter takes the last release of every region in reach.
type PopulationFilter struct {
	Region string // code; with everything below it
	Level  *region.Level
	Period string // one release, its last version
	All    bool   // every release and every version of them
	postgres.Paging
}

// Populations lists populations by code, the newest release and version first.
func (r *Register) Populations(ctx context.Context, who access.Actor, f PopulationFilter) (page postgres.Page[Population], err error) {
	if err := who.May(access.ReadCoverage); err != nil {
		return page, err
	}
	type byRelease struct {
		Code    string `json:"code"`
		Period  string `json:"period"`
		Version int64  `json:"version"`
	}
	var after byRelease
	limit, err := f.Resume(&after)
	if err != nil {
		return page, err
	}
	err = postgres.Read(ctx, r.db, who, func(tx *sqlx.Tx) error {
		if err := known(ctx, tx, f.Region, r.now()); err != nil {
			return err
		}
		found, err := selectedPopulations(ctx, tx, `
			WHERE (e.code > $1 OR e.code = $1 AND (p.period, p.version) < ($2, $3))
			  AND ($4 IN ('', '00') OR e.code = $4 OR e.code LIKE $4 || '.%')
			  AND ($5::smallint IS NULL OR e.level = $5)
			  AND ($6 = '' OR p.period = $6)
			  AND ($7 OR NOT EXISTS (SELECT FROM populations q
				WHERE q.region_id = p.region_id AND ($6 = '' OR q.period = $6) AND (q.as_of, q.version) > (p.as_of, p.version)))
			ORDER BY e.code, p.period DESC, p.version DESC
			LIMIT $8`, after.Code, after.Period, after.Version, f.Region, f.Level, f.Period, f.All, limit)
		if err != nil {
			return err
		}
		page, err = postgres.NewPage(f.Paging, found, func(p Population) byRelease { return byRelease{p.Region, p.Period, p.Version} })
		return err
	})
	return page, err
}

// NewPopulation is one region of a release as it is handed in.
type NewPopulation struct {
	Region    string  `json:"region"`
	Period    string  `json:"period" example:"2025-S1"`
	People    int64   `json:"people" minimum:"0"`
	Male      *int64  `json:"male,omitempty" minimum:"0"`
	Female    *int64  `json:"female,omitempty" minimum:"0"`
	Eligible  *int64  `json:"eligible,omitempty" minimum:"0"`
	Children  *int64  `json:"children,omitempty" minimum:"0"`
	Turning17 []int64 `json:"turning_17,omitempty" doc:"twelve numbers: who turn 17 in each month after the release"`
	Source    string  `json:"source" maxLength:"500"`
	Note      string  `json:"note,omitempty" maxLength:"1000"`
	Synthetic bool    `json:"-"`
}

// cut is the day of a release: 30 June or 31 December (UU 24/2013).
func cut(period string) (time.Time, bool) {
	if !periodForm.MatchString(period) {
		return time.Time{}, false
	}
	year, err := time.Parse("2006", period[:4])
	if err != nil {
		return time.Time{}, false
	}
	if period[5:] == "S1" {
		return region.Date(year.Year(), time.June, 30), true
	}
	return region.Date(year.Year(), time.December, 31), true
}

func (n NewPopulation) check(now time.Time, wrong *fault.Fields) (asOf time.Time) {
	asOf, ok := cut(n.Period)
	switch {
	case !ok:
		wrong.Add("body.period", "not-a-release", n.Period, "form", "2024-S1 or 2024-S2")
	case asOf.After(region.Today(region.WIT, now)):
		wrong.Add("body.period", "in-the-future", n.Period)
	}
	for _, c := range []count{{"people", &n.People}, {"male", n.Male}, {"female", n.Female}, {"eligible", n.Eligible}, {"children", n.Children}} {
		switch {
		case c.value == nil:
		case *c.value < 0 || *c.value > most:
			wrong.Add("body."+c.name, "out-of-range", *c.value, "least", 0, "most", int64(most))
		case *c.value > n.People:
			wrong.Add("body."+c.name, "above-people", *c.value, "people", n.People)
		}
	}
	if n.Male != nil && n.Female != nil && *n.Male+*n.Female != n.People {
		wrong.Add("body.people", "sexes-do-not-add-up", n.People, "male", *n.Male, "female", *n.Female)
	}
	if len(n.Turning17) != 0 && len(n.Turning17) != 12 {
		wrong.Add("body.turning_17", "not-twelve-months", len(n.Turning17))
	}
	for _, m := range n.Turning17 {
		if m < 0 {
			wrong.Add("body.turning_17", "negative", m)
		}
	}
	if n.Source == "" || len(n.Source) > 500 || privacy.Identifies(n.Source) {
		wrong.Add("body.source", "missing-or-too-long", nil, "most", 500)
	}
	if len(n.Note) > 1000 || privacy.Identifies(n.Note) {
		wrong.Add("body.note", "too-long", nil, "most", 1000)
	}
	return asOf
}

// RecordPopulation keeps a region's part of a release; when the release is known already, as its next version. Unlike
// figures, a release that does not add up is refused: it is the measure of everything else.
func (r *Register) RecordPopulation(ctx context.Context, who access.Actor, n NewPopulation) (Population, error) {
	if err := who.May(access.RecordPopulations); err != nil {
		return Population{}, err
	}
	var wrong fault.Fields
	asOf := n.check(r.now(), &wrong)
	if err := wrong.Err(); err != nil {
		return Population{}, err
	}
	return postgres.Once(ctx, r.db, who, func(tx *sqlx.Tx) (Population, error) {
		where, err := region.ByCode(ctx, tx, n.Region, region.Today(region.WIB, r.now()))
		if err != nil {
			return Population{}, err
		}
		if err := insertPopulation(ctx, tx, who, where.ID, asOf, n, nil); err != nil {
			return Population{}, err
		}
		found, err := selectedPopulations(ctx, tx, `
			WHERE p.region_id = $1 AND p.period = $2
			ORDER BY p.version DESC
			LIMIT 1`, where.ID, n.Period)
		if err != nil {
			return Population{}, err
		}
		return found[0], nil
	})
}

func insertPopulation(ctx context.Context, tx *sqlx.Tx, who access.Actor, regionID int, asOf time.Time, n NewPopulation, importID *int64) error {
	var months any
	if len(n.Turning17) > 0 {
		months = pq.Array(n.Turning17)
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO populations (region_id, period, version, as_of, people, male, female, eligible, children, turning_17,
			source, note, synthetic, import_id, recorded_by)
		SELECT $1, $2, coalesce(max(version), 0) + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14
		FROM populations
		WHERE region_id = $1 AND period = $2`,
		regionID, n.Period, asOf, n.People, n.Male, n.Female, n.Eligible, n.Children, months, n.Source, n.Note, n.Synthetic, importID, who.Name)
	if err != nil {
		return fmt.Errorf("record population: %w", err)
	}
	return nil
}
