package coverage

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// TrendPoint is one figure of a trend.
type TrendPoint struct {
	AsOf    string          `json:"as_of"`
	Period  *string         `json:"period"`
	People  *int64          `json:"people"`
	Have    *int64          `json:"have"`
	Percent *float64        `json:"percent"`
	Change  *CoverageChange `json:"change" doc:"against the point before; null for the first, and where counts are missing"`

	last time.Time
}

// CoverageChange splits a change of coverage, in points of percent, into what more (or fewer) people with the document did and
// what another denominator did. The two add up to the whole: each is weighed with the mean of the other over both
// points (Das Gupta, 1993, Standardization and Decomposition of Rates, chapter 2, for a ratio of two factors).
type CoverageChange struct {
	Points      float64 `json:"points"`
	People      float64 `json:"people" doc:"points that came from people who got the document"`
	Denominator float64 `json:"denominator" doc:"points that came from a larger or smaller denominator; a cleaned release can make coverage fall"`
	Releases    bool    `json:"releases_differ" doc:"the two figures name different population releases"`
}

// Trend is the history of one region and where it leads.
type Trend struct {
	Region     string       `json:"region"`
	Name       string       `json:"name"`
	Subject    Subject      `json:"subject"`
	Scope      string       `json:"scope"`
	Points     []TrendPoint `json:"points"`
	Target     *float64     `json:"target" doc:"percent of the people, for this year"`
	Pace       *float64     `json:"pace" doc:"points of percent a year, by least squares over the points of the last three years; null with fewer than two"`
	Reaches    *string      `json:"reaches" doc:"day on which the target is reached at that pace; null when it is not, or within a hundred years is not"`
	Reached    bool         `json:"reached" doc:"the last point is at the target or above"`
	Missing    *int64       `json:"missing" doc:"people still to be served to be at the target, less those whom visits served since"`
	PerVisit   *float64     `json:"per_visit" doc:"people a visit serves: what was handed in, or the mean of this region's own visits"`
	VisitsLeft *int64       `json:"visits_left" doc:"visits that would take it to the target"`
}

// paceOver is how far back the pace looks: an older history says little of the present one.
const paceOver = 3 * 365

// Split explains a change of coverage between two points that say both counts.
func Split(before, after TrendPoint) *CoverageChange {
	if before.People == nil || after.People == nil || before.Have == nil || after.Have == nil || *before.People <= 0 || *after.People <= 0 {
		return nil
	}
	h0, h1 := float64(*before.Have), float64(*after.Have)
	inv0, inv1 := 1/float64(*before.People), 1/float64(*after.People)
	people := 100 * (h1 - h0) * (inv0 + inv1) / 2
	denominator := 100 * (inv1 - inv0) * (h0 + h1) / 2
	c := CoverageChange{Points: round2(people + denominator), People: round2(people), Denominator: round2(denominator)}
	c.Releases = before.Period != nil && after.Period != nil && *before.Period != *after.Period
	return &c
}

func round2(x float64) float64 { return math.Round(x*100) / 100 }

// Pace is the slope of coverage in points a year over the last years of the history, by least squares; ok is false
// with fewer than two days.
func Pace(points []TrendPoint) (slope float64, ok bool) {
	var days, values []float64
	for _, p := range points {
		if p.Percent != nil && points[len(points)-1].last.Sub(p.last) <= paceOver*24*time.Hour {
			days, values = append(days, p.last.Sub(points[0].last).Hours()/24), append(values, *p.Percent)
		}
	}
	if len(days) < 2 {
		return 0, false
	}
	var meanDay, meanValue, cov, spread float64
	for i := range days {
		meanDay += days[i] / float64(len(days))
		meanValue += values[i] / float64(len(days))
	}
	for i := range days {
		cov += (days[i] - meanDay) * (values[i] - meanValue)
		spread += (days[i] - meanDay) * (days[i] - meanDay)
	}
	if spread == 0 {
		return 0, false
	}
	return 365 * cov / spread, true
}

// lead derives from the points, the target and the visits where the trend leads.
func (t *Trend) lead(since int64) {
	slope, ok := Pace(t.Points)
	if ok {
		pace := round2(slope)
		t.Pace = &pace
	}
	if len(t.Points) == 0 || t.Target == nil {
		return
	}
	last := t.Points[len(t.Points)-1]
	if last.Percent == nil {
		return
	}
	t.Reached = *last.Percent >= *t.Target
	if years := (*t.Target - *last.Percent) / slope; !t.Reached && ok && slope > 0 && years < 100 {
		day := last.last.AddDate(0, 0, int(math.Ceil(years*365))).Format(time.DateOnly)
		t.Reaches = &day
	}
	if last.People == nil {
		return
	}
	// Rounded first: 64.000000001 people are 64.
	missing := max(0, int64(math.Ceil(math.Round(float64(*last.People)*(*t.Target-*last.Percent)*1e4)/1e6))-since)
	t.Missing = &missing
	if t.PerVisit != nil && *t.PerVisit > 0 {
		visits := int64(math.Ceil(float64(missing) / *t.PerVisit))
		t.VisitsLeft = &visits
	}
}

// Trend tells the history of a region's coverage, how much of each change came from people and how much from the
// denominator, and when the target is reached at the present pace. perVisit is how many people a visit serves; 0 takes
// the mean of the region's own visits.
func (r *Register) Trend(ctx context.Context, who access.Actor, code string, subject Subject, scope string, perVisit float64) (t Trend, err error) {
	if err := who.May(access.ReadCoverage); err != nil {
		return t, err
	}
	if !slices.Contains(Subjects, subject) {
		return t, ErrSubject.With("subject", subject, "known", Subjects)
	}
	if scope == "" {
		scope = scopeOf[subject]
	}
	t = Trend{Subject: subject, Scope: scope, Points: []TrendPoint{}}
	err = postgres.Read(ctx, r.db, who, func(tx *sqlx.Tx) error {
		where, err := region.ByCode(ctx, tx, code, region.Today(region.WIB, r.now()))
		if err != nil {
			return err
		}
		t.Region, t.Name = where.Code, where.Name
		by, err := loadGoals(ctx, tx, subject)
		if err != nil {
			return err
		}
		t.Target = by.of(code, r.now().Year())
		figures, err := selectedFigures(ctx, tx, `
			WHERE f.region_id = $1 AND f.subject = $2 AND f.scope = $3 AND f.people_group = '' AND f.status <> 'draft'
			ORDER BY f.as_of, f.precision DESC, f.id`, where.ID, subject, scope)
		if err != nil {
			return err
		}
		t.Points = pointsOf(figures)
		since, mean, err := yieldsOf(ctx, tx, code, subject, t.Points)
		if err != nil {
			return err
		}
		if perVisit <= 0 {
			perVisit = mean
		}
		if perVisit > 0 {
			t.PerVisit = &perVisit
		}
		t.lead(since)
		return nil
	})
	return t, err
}

// pointsOf makes one point a date, of the last figure of that date.
func pointsOf(figures []Figure) []TrendPoint {
	points := []TrendPoint{}
	for _, f := range figures {
		p := TrendPoint{AsOf: f.AsOf, Period: f.Period, People: f.People, Have: f.Have, last: f.Last()}
		if p.Have == nil && f.People != nil && f.Lack != nil {
			have := *f.People - *f.Lack
			p.Have = &have
		}
		if c, ok := f.coverage(); ok {
			c = round2(c)
			p.Percent = &c
		}
		if n := len(points); n > 0 && points[n-1].last.Equal(p.last) {
			points[n-1] = p
			continue
		}
		points = append(points, p)
	}
	slices.SortStableFunc(points, func(a, b TrendPoint) int { return a.last.Compare(b.last) })
	for i := 1; i < len(points); i++ {
		points[i].Change = Split(points[i-1], points[i])
	}
	return points
}

// yieldsOf sums what visits in the region served after the last point, and the mean of all its visits.
func yieldsOf(ctx context.Context, tx *sqlx.Tx, code string, subject Subject, points []TrendPoint) (since int64, mean float64, err error) {
	after := region.Beginning
	if len(points) > 0 {
		after = points[len(points)-1].last
	}
	var sums struct {
		Since int64
		Mean  float64
	}
	err = tx.GetContext(ctx, &sums, `
		SELECT coalesce(sum(y.people) FILTER (WHERE y.day > $3), 0)::bigint AS since, coalesce(avg(y.people), 0)::float8 AS mean
		FROM visit_yields y
		JOIN regions_today e ON e.id = y.region_id
		WHERE y.subject = $1 AND ($2 = '00' OR e.code = $2 OR e.code LIKE $2 || '.%')`, subject, code, after)
	return sums.Since, sums.Mean, err
}
